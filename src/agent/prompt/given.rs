//! Which results the writer is given, each once: tasks that asked the same share what came.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::agent::task::{Outcome, Task, TaskResult, ToolOutput};

/// What a result's frame holds.
pub(super) enum Given<'a> {
    Output(&'a ToolOutput),
    /// What this task's result was.
    Same(u32),
    Nothing,
}

impl<'a> Given<'a> {
    pub(super) fn of(TaskResult { task, outcome }: &'a TaskResult, told: &mut Told<'a>) -> Self {
        let Outcome::Completed { output } = outcome else { return Self::Nothing };
        told.before(task, output).map_or(Self::Output(output), Self::Same)
    }

    pub(super) fn output(&self) -> Option<&'a ToolOutput> {
        match self {
            Self::Output(output) => Some(output),
            Self::Same(_) | Self::Nothing => None,
        }
    }
}

/// Which results were given already, so that one call's result is not given twice.
#[derive(Default)]
pub(super) struct Told<'a> {
    by_output: HashMap<*const ToolOutput, u32>,
    by_call: HashMap<(&'a str, &'a str, String), (u32, &'a Arc<ToolOutput>)>,
}

impl<'a> Told<'a> {
    /// The task whose result, of the same call, this is too; else it is remembered as this task's.
    fn before(&mut self, task: &'a Task, output: &'a Arc<ToolOutput>) -> Option<u32> {
        if let Some(same) = self.by_output.get(&Arc::as_ptr(output)) {
            return Some(*same);
        }
        // In a run read from a file, each task has an output of its own.
        let call =
            (task.server.as_str(), task.tool_name.as_str(), Value::Object(task.tool_arguments.clone()).to_string());
        if let Some((same, _)) = self.by_call.get(&call).filter(|(_, other)| *other == output) {
            return Some(*same);
        }
        self.by_output.insert(Arc::as_ptr(output), task.id);
        self.by_call.insert(call, (task.id, output));
        None
    }
}
