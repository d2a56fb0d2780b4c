//! What works with no key and no server: sample data behind a tool host, a planner that goes by keywords, and a writer
//! that quotes. Nothing here guesses, invents or imitates a language model, and everything is deterministic.

pub mod host;
pub mod planner;
pub mod readable;
pub mod writer;
