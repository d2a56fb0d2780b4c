//! The clients of the configured servers. A client outlives changes of the settings that do not concern it, so that its
//! session is not opened anew; whether a call needs approval is looked up in the settings themselves, so that "always
//! allow" ends no session.

use std::rc::Rc;

use futures::future::LocalBoxFuture;

use super::world::server_client;
use crate::agent::limits::Limits;
use crate::agent::ports::{Ask, Listener, ServerLimits, ServerTools, ToolCall, ToolError, ToolHost};
use crate::agent::task::ToolOutput;
use crate::basic::host::SampleHost;
use crate::mcp::{McpClient, McpHost};
use crate::settings::ServerSettings;
use crate::web::connections::connections;

/// The clients of the settings used last.
#[derive(Default)]
pub(super) struct Servers {
    settings: Vec<ServerSettings>,
    limits: Option<Limits>,
    clients: Vec<Rc<McpClient>>,
    host: Option<Rc<dyn ToolHost>>,
}

impl Servers {
    /// The tools of these servers: the same host as before where nothing changed, else one that shares the clients which
    /// still fit.
    pub(super) fn host(&mut self, settings: &[ServerSettings], limits: &Limits) -> Rc<dyn ToolHost> {
        let same_limits = self.limits.is_some_and(|used| reads_alike(&used, limits));
        if let Some(host) = self.host.as_ref().filter(|_| same_limits && self.settings == settings) {
            return Rc::clone(host);
        }
        let kept = if same_limits { std::mem::take(&mut self.clients) } else { Vec::new() };
        let client = |server: &ServerSettings| {
            let fits = kept.iter().find(|client| connects_alike(client.settings(), server));
            fits.map_or_else(|| Rc::new(server_client(server.clone(), limits)), Rc::clone)
        };
        self.clients = settings.iter().map(client).collect();
        let host: Rc<dyn ToolHost> = if settings.is_empty() {
            Rc::new(SampleHost::new())
        } else {
            let host = McpHost::new(self.clients.iter().cloned()).with_connections(Rc::new(connections));
            Rc::new(ConfiguredHost { settings: settings.to_vec(), host })
        };
        self.settings = settings.to_vec();
        self.limits = Some(*limits);
        self.host = Some(Rc::clone(&host));
        host
    }
}

/// Whether a client made under `one` serves under `other` as well.
fn reads_alike(one: &Limits, other: &Limits) -> bool {
    one.tool == other.tool && one.max_in_flight == other.max_in_flight
}

/// Whether a client made for `one` serves `other` as well: they differ in what needs approval at most.
fn connects_alike(one: &ServerSettings, other: &ServerSettings) -> bool {
    let without_approval = |server: &ServerSettings| ServerSettings {
        ask: Ask::default(),
        allowed_tools: std::collections::BTreeSet::new(),
        ..server.clone()
    };
    without_approval(one) == without_approval(other)
}

/// The servers' host, approval asked as these settings say and not as those the clients were made from.
struct ConfiguredHost {
    settings: Vec<ServerSettings>,
    host: McpHost,
}

impl ToolHost for ConfiguredHost {
    fn servers(&self) -> Vec<String> {
        self.host.servers()
    }

    fn list_tools<'a>(
        &'a self,
        server: &'a str,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>> {
        self.host.list_tools(server, listener)
    }

    fn ask(&self, server: &str, tool: &str) -> Ask {
        match self.settings.iter().find(|settings| settings.name == server) {
            Some(settings) if settings.allowed_tools.contains(tool) => Ask::Never,
            Some(settings) => settings.ask,
            // Nothing can be sent to a server that is not there, and that is said at once.
            None => Ask::Never,
        }
    }

    fn limits(&self, server: &str) -> ServerLimits {
        self.host.limits(server)
    }

    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        self.host.call_tool(call, listener)
    }

    fn warm(&self) -> LocalBoxFuture<'_, ()> {
        self.host.warm()
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn server(name: &str) -> ServerSettings {
        ServerSettings {
            name: name.to_owned(),
            url: format!("https://{name}.example/mcp"),
            ..ServerSettings::default()
        }
    }

    #[wasm_bindgen_test]
    fn only_the_client_of_a_server_that_changed_is_made_anew() {
        let limits = Limits::default();
        let mut servers = Servers::default();
        let first = servers.host(&[server("a"), server("b")], &limits);
        let clients = servers.clients.clone();
        assert!(Rc::ptr_eq(&first, &servers.host(&[server("a"), server("b")], &limits)), "nothing changed");

        let allowed = ServerSettings { allowed_tools: ["write".to_owned()].into(), ..server("a") };
        let moved = ServerSettings { url: "https://elsewhere.example/mcp".to_owned(), ..server("b") };
        let second = servers.host(&[allowed, moved], &limits);
        assert_eq!((first.ask("a", "write"), second.ask("a", "write")), (Ask::Writes, Ask::Never));
        let same: Vec<bool> = clients.iter().zip(&servers.clients).map(|(old, new)| Rc::ptr_eq(old, new)).collect();
        assert_eq!(same, [true, false]);
    }

    #[wasm_bindgen_test]
    fn the_run_limits_alone_make_no_client_anew() {
        let mut servers = Servers::default();
        let first = servers.host(&[server("a")], &Limits::default());
        let reviewed = Limits { rounds: 2, ..Limits::default() };
        assert!(Rc::ptr_eq(&first, &servers.host(&[server("a")], &reviewed)));
        let slower = Limits { max_in_flight: Some(1), ..Limits::default() };
        assert!(!Rc::ptr_eq(&first, &servers.host(&[server("a")], &slower)));
    }
}
