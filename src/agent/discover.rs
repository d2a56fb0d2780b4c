//! Stage one: asks all servers for their tools at once. A dead server is reported and the rest used; only when none
//! answers does the run end here.

mod person_time;

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::join_all;

use super::Emit;
use super::asking::Asking;
use super::error::AgentError;
use super::event::AgentEvent;
use super::execute::RunTerms;
use super::ports::Ports;
use super::task::Tool;
use person_time::PersonTime;

/// The tools of one run, pinned: servers in the person's order, each server's tools by name, so that the planner's
/// prompt is the same text every time and providers can cache it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    tools: Vec<Arc<Tool>>,
    /// Places in `tools`, by name: looked up for every task.
    by_name: HashMap<String, Vec<usize>>,
}

/// Discovers the tools of all servers in parallel. The run's time stands still while every server that has not answered
/// waits for the person.
pub async fn discover(ports: Ports<'_>, terms: &mut RunTerms, emit: Emit<'_>) -> Result<Catalog, AgentError> {
    let servers = ports.tools.servers();
    let person_time = PersonTime::new(ports.clock, servers.len());
    let asked = servers.iter().map(|server| async {
        let server = server.as_str();
        emit(AgentEvent::ServerConnecting { server: server.to_owned() });
        let tell = |wait| person_time.note(wait);
        let listener = Asking { person: ports.person, emit, server, task: None, waits: &tell };
        let listed = ports.tools.list_tools(server, &listener).await;
        person_time.one_answered();
        match listed {
            Ok(listed) => {
                let tools: Vec<Arc<Tool>> = listed.tools.into_iter().map(Arc::new).collect();
                emit(AgentEvent::ServerReady { server: server.to_owned(), tools: tools.clone(), notes: listed.notes });
                Ok(tools)
            }
            Err(error) => {
                let error = error.to_string();
                emit(AgentEvent::ServerFailed { server: server.to_owned(), error: error.clone() });
                Err(format!("{server}: {error}"))
            }
        }
    });
    let answers = join_all(asked).await;
    terms.stood_still(person_time.total());
    if !answers.is_empty() && answers.iter().all(Result::is_err) {
        return Err(AgentError::NoServer(answers.into_iter().filter_map(Result::err).collect()));
    }
    Ok(Catalog::new(answers.into_iter().flatten().flatten().collect()))
}

impl Catalog {
    /// A catalog of these tools, given in the servers' order.
    pub fn new(mut tools: Vec<Arc<Tool>>) -> Self {
        let mut order: Vec<String> = Vec::new();
        for tool in &tools {
            if !order.contains(&tool.server) {
                order.push(tool.server.clone());
            }
        }
        let rank = |server: &str| order.iter().position(|name| name == server);
        tools.sort_by(|a, b| (rank(&a.server), &a.name).cmp(&(rank(&b.server), &b.name)));
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, tool) in tools.iter().enumerate() {
            by_name.entry(tool.name.clone()).or_default().push(index);
        }
        Self { tools, by_name }
    }

    /// The tools that satisfy `test`, as a catalog of their own.
    #[must_use]
    pub fn filtered(&self, test: impl Fn(&Tool) -> bool) -> Self {
        Self::new(self.tools.iter().filter(|tool| test(tool)).cloned().collect())
    }

    /// All tools, in the order of the prompt.
    pub fn tools(&self) -> &[Arc<Tool>] {
        &self.tools
    }

    /// The tool of this name on this server.
    pub fn get(&self, server: &str, name: &str) -> Option<&Arc<Tool>> {
        self.named(name).find(|tool| tool.server == server)
    }

    /// What the planner calls a tool: its name, with the server in front where two servers offer the same name.
    pub fn prompt_name(&self, tool: &Tool) -> String {
        if self.named(&tool.name).count() > 1 { format!("{}/{}", tool.server, tool.name) } else { tool.name.clone() }
    }

    /// The tool a planner means by `name`, or a sentence that says why there is none.
    pub fn find(&self, name: &str) -> Result<&Arc<Tool>, String> {
        let by = |test: &dyn Fn(&Tool) -> bool| self.tools.iter().find(|tool| test(tool));
        let qualified = |tool: &Tool| {
            ["/", ".", "__", ":", "·"].iter().any(|mark| {
                name.strip_prefix(&tool.server).and_then(|rest| rest.strip_prefix(mark)) == Some(&tool.name)
            })
        };
        self.named(name)
            .next()
            .or_else(|| by(&qualified))
            .or_else(|| by(&|tool| tool.name.eq_ignore_ascii_case(name)))
            .ok_or_else(|| self.unknown(name))
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Arc<Tool>> {
        self.by_name.get(name).into_iter().flatten().map(|index| &self.tools[*index])
    }

    fn unknown(&self, name: &str) -> String {
        if self.tools.is_empty() {
            return format!("no server offers a tool named \u{201c}{name}\u{201d}: there are no enabled tools at all");
        }
        let names: Vec<String> = self.tools.iter().take(8).map(|tool| self.prompt_name(tool)).collect();
        let more = if self.tools.len() > names.len() { ", \u{2026}" } else { "" };
        format!("no enabled tool is named \u{201c}{name}\u{201d}; there are {}{more}", names.join(", "))
    }
}
