//! The scheduler by itself: each of its rules by an example, and what must hold for plans and outcomes of every kind.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::float_cmp, reason = "times in these tests are exact")]

#[cfg(not(target_arch = "wasm32"))]
#[path = "schedule/choices.rs"]
mod choices;
#[cfg(not(target_arch = "wasm32"))]
#[path = "schedule/known.rs"]
mod known;
#[cfg(not(target_arch = "wasm32"))]
#[path = "schedule/oracle.rs"]
mod oracle;
#[cfg(not(target_arch = "wasm32"))]
#[path = "schedule/properties.rs"]
mod properties;
#[cfg(not(target_arch = "wasm32"))]
#[path = "schedule/rules.rs"]
mod rules;
#[cfg(not(target_arch = "wasm32"))]
#[path = "schedule/script.rs"]
mod script;
#[cfg(not(target_arch = "wasm32"))]
#[path = "schedule/world.rs"]
mod world;

#[path = "schedule/breaking.rs"]
mod breaking;
#[path = "schedule/failing.rs"]
mod failing;
#[path = "schedule/hand.rs"]
mod hand;
#[path = "schedule/person.rs"]
mod person;
#[path = "schedule/retrying.rs"]
mod retrying;
#[path = "schedule/starting.rs"]
mod starting;
