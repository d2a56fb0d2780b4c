//! Whole runs of the agent against a scripted world: a model that says what the test says, tools that answer when the test
//! lets them, a person who speaks when told to, a clock moved by hand.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "agent/again.rs"]
mod again;
#[path = "agent/approval.rs"]
mod approval;
#[path = "agent/changes.rs"]
mod changes;
#[path = "agent/context.rs"]
mod context;
#[path = "agent/conversation.rs"]
mod conversation;
#[path = "agent/dependencies.rs"]
mod dependencies;
#[path = "agent/hand.rs"]
mod hand;
#[path = "agent/inquiries.rs"]
mod inquiries;
#[path = "agent/model.rs"]
mod model;
#[path = "agent/names.rs"]
mod names;
#[path = "agent/pace.rs"]
mod pace;
#[path = "agent/plans.rs"]
mod plans;
#[path = "agent/promises.rs"]
mod promises;
#[path = "agent/prompts.rs"]
mod prompts;
#[cfg(not(target_arch = "wasm32"))]
#[path = "agent/properties.rs"]
mod properties;
#[path = "agent/resume.rs"]
mod resume;
#[path = "agent/review.rs"]
mod review;
#[path = "agent/rounds.rs"]
mod rounds;
#[path = "agent/run.rs"]
mod run;
#[path = "support/agent.rs"]
mod support;
#[path = "agent/time.rs"]
mod time;
#[path = "agent/twice.rs"]
mod twice;

use support::{ScriptedTools, search_tool, write_tool};

/// Two tools that only read.
fn one_server() -> ScriptedTools {
    ScriptedTools::new(vec![search_tool("news", "search"), search_tool("news", "profile")])
}

/// One tool that only reads and one that may change something.
fn reader_and_writer() -> ScriptedTools {
    ScriptedTools::new(vec![search_tool("news", "search"), write_tool("news", "post")])
}
