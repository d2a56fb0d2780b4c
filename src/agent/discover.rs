//! Stage one: asks all servers for their tools at once. A dead server is reported and the rest used; only when none
//! answers does the run end here.

mod person_time;
mod tool_names;

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
    /// The servers' names, those included that offer nothing now: their tools' names stay theirs.
    servers: Vec<String>,
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
    Ok(Catalog::new(answers.into_iter().flatten().flatten().collect()).with_servers(servers))
}

impl Catalog {
    /// A catalog of these tools, given in the servers' order.
    pub fn new(mut tools: Vec<Arc<Tool>>) -> Self {
        let mut servers: Vec<String> = Vec::new();
        for tool in &tools {
            if !servers.contains(&tool.server) {
                servers.push(tool.server.clone());
            }
        }
        let rank = |server: &str| servers.iter().position(|name| name == server);
        tools.sort_by(|a, b| (rank(&a.server), &a.name).cmp(&(rank(&b.server), &b.name)));
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, tool) in tools.iter().enumerate() {
            by_name.entry(tool.name.clone()).or_default().push(index);
        }
        Self { servers, tools, by_name }
    }

    /// The same catalog, told of all configured servers.
    #[must_use]
    pub fn with_servers(self, servers: Vec<String>) -> Self {
        Self { servers, ..self }
    }

    /// The tools that satisfy `test`, as a catalog of their own.
    #[must_use]
    pub fn filtered(&self, test: impl Fn(&Tool) -> bool) -> Self {
        let tools = self.tools.iter().filter(|tool| test(tool)).cloned().collect();
        Self::new(tools).with_servers(self.servers.clone())
    }

    /// All tools, in the order of the prompt.
    pub fn tools(&self) -> &[Arc<Tool>] {
        &self.tools
    }

    /// The tool of this name on this server.
    pub fn get(&self, server: &str, name: &str) -> Option<&Arc<Tool>> {
        self.named(name).find(|tool| tool.server == server)
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Arc<Tool>> {
        self.by_name.get(name).into_iter().flatten().map(|index| &self.tools[*index])
    }
}
