//! Fanout: a search agent that lives wholly in a browser tab.
//!
//! ```text
//! question ─▶ discover ─▶ plan (LLM call 1, streamed) ─┬▶ execute ALL tasks in parallel ─▶ synthesize (LLM call 2, streamed) ─▶ answer
//!             tools of     each task starts the moment ┘   ordered results, failures are       cites task results [1] [2]
//!             all servers  its JSON object is complete     data, partial results are kept
//!                          every transition is an AgentEvent ─▶ journal ─▶ Session (pure fold) ─▶ view
//! ```
//!
//! Invariants, which every module keeps:
//!
//! 1. One log is the truth: screen, export and replay are folds over the same [`journal`].
//! 2. The agent knows nothing of the browser: it sees the world through [`agent::ports`]. `web_sys` appears only under
//!    `web`, Leptos only under `ui`; the cargo feature `browser` gates both.
//! 3. A part's failure is data: `execute` returns one result per task; only when all failed does the run fail.
//! 4. Drop is cancel: dropping a future aborts its request. There are no cancellation flags.
//! 5. Plan, then execute, is the security model: the planner never sees results, the writer gets no tools.
//! 6. Everything is bounded, by the named constants of [`agent::limits`].
//!
//! Modules in reading order: the story first, then its state, the clients, Basic mode, settings, the browser, the page.

pub mod agent;
pub mod session;

pub mod journal;

pub mod http;
pub mod json;
pub mod llm;
pub mod mcp;
pub mod sse;

pub mod basic;

pub mod markdown;
pub mod settings;

pub mod diagnose;

#[cfg(feature = "browser")]
pub mod ui;
#[cfg(feature = "browser")]
pub mod web;
