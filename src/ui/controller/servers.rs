//! The clients of the configured servers, each with a log of its messages and how the last contact went. A client outlives
//! changes of the settings that do not concern it, so that its session is not opened anew; whether a call needs approval,
//! and which tools are used, is looked up in the settings themselves, so that neither ends a session.

mod by_hand;
mod configured_host;
mod connected;
mod idle;
mod kept_pins;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::world::logged_server_client;
use crate::agent::limits::Limits;
use crate::agent::ports::{Ask, ToolHost};
use crate::basic::host::SampleHost;
use crate::http::wire_log::WireLog;
use crate::mcp::McpHost;
use crate::oauth::Grants;
use crate::settings::ServerSettings;
use crate::web::connections::connections;
use configured_host::ConfiguredHost;
pub(crate) use connected::{Connected, Contact};
pub(super) use idle::Idle;
use kept_pins::PinBook;

/// The clients of the settings used last.
#[derive(Default)]
pub(super) struct Servers {
    settings: Vec<ServerSettings>,
    limits: Option<Limits>,
    connected: Vec<Rc<Connected>>,
    host: Option<Rc<dyn ToolHost>>,
    pins: PinBook,
    /// What sign-ins brought.
    grants: Grants,
    idle: Rc<Idle>,
}

impl Servers {
    /// No servers yet.
    pub(super) fn new(grants: Grants, idle: Rc<Idle>) -> Self {
        Self { grants, idle, ..Self::default() }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Rc<Connected>> {
        self.connected.clone()
    }

    /// The tools of these servers: the same host as before where nothing changed, else one that shares the clients which
    /// still fit.
    pub(super) fn host(&mut self, settings: &[ServerSettings], limits: &Limits) -> Rc<dyn ToolHost> {
        let same_limits = self.limits.is_some_and(|used| reads_alike(&used, limits));
        if let Some(host) = self.host.as_ref().filter(|_| same_limits && self.settings == settings) {
            return Rc::clone(host);
        }
        let kept = std::mem::take(&mut self.connected);
        let connect = |server: &ServerSettings| {
            let fits = kept.iter().find(|kept| connects_alike(kept.settings(), server));
            match fits {
                Some(fits) if same_limits => Rc::clone(fits),
                // A log goes on only under the same headers: their values are what must not be shown of it.
                fits => self.connected_to(server, limits, fits.map(|fits| Rc::clone(fits.log())).unwrap_or_default()),
            }
        };
        let connected: Vec<Rc<Connected>> = settings.iter().map(connect).collect();
        let is_kept = |old: &&Rc<Connected>| connected.iter().any(|new| Rc::ptr_eq(old, new));
        kept.iter().filter(|old| !is_kept(old)).for_each(|old| self.idle.leave(old.client()));
        self.connected = connected;
        self.settings = settings.to_vec();
        self.limits = Some(*limits);
        self.new_host()
    }

    /// The server of this name, as it was made from the settings used last.
    pub(super) fn find(&self, name: &str) -> Option<Rc<Connected>> {
        self.connected.iter().find(|server| server.settings().name == name).cloned()
    }

    /// Ends a server's session, once the calls in flight are over; its log stays.
    pub(super) fn disconnect(&mut self, name: &str) {
        let Some(limits) = self.limits else { return };
        if let Some(place) = self.settings.iter().position(|settings| settings.name == name) {
            let log = Rc::clone(self.connected[place].log());
            self.idle.leave(self.connected[place].client());
            self.connected[place] = self.connected_to(&self.settings[place], &limits, log);
        }
        self.new_host();
    }

    fn connected_to(&self, server: &ServerSettings, limits: &Limits, log: Rc<WireLog>) -> Rc<Connected> {
        let client = logged_server_client(server.clone(), limits, &log, self.grants.clone());
        Rc::clone(&self.idle).introduce(&client);
        Rc::new(Connected::new(server.clone(), client, log, self.pins.of(server)))
    }

    fn new_host(&mut self) -> Rc<dyn ToolHost> {
        let host: Rc<dyn ToolHost> = if self.settings.is_empty() {
            Rc::new(SampleHost::new())
        } else {
            let clients = self.connected.iter().map(|server| Rc::clone(server.client()));
            let host =
                McpHost::new(clients).with_settings(self.settings.clone()).with_connections(Rc::new(connections));
            Rc::new(ConfiguredHost { connected: self.connected.clone(), host })
        };
        self.host = Some(Rc::clone(&host));
        host
    }
}

/// Whether a client made under `one` serves under `other` as well.
fn reads_alike(one: &Limits, other: &Limits) -> bool {
    one.tool == other.tool && one.max_in_flight == other.max_in_flight
}

/// Whether a client made for `one` serves `other` as well: they differ in what needs approval, or is used, at most.
fn connects_alike(one: &ServerSettings, other: &ServerSettings) -> bool {
    let connection = |server: &ServerSettings| ServerSettings {
        ask: Ask::default(),
        allowed_tools: BTreeSet::new(),
        disabled_tools: BTreeSet::new(),
        ..server.clone()
    };
    connection(one) == connection(other)
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
        let before = servers.connected.clone();
        assert!(Rc::ptr_eq(&first, &servers.host(&[server("a"), server("b")], &limits)), "nothing changed");

        let allowed = ServerSettings {
            allowed_tools: ["write".to_owned()].into(),
            disabled_tools: ["read".to_owned()].into(),
            ..server("a")
        };
        let moved = ServerSettings { url: "https://elsewhere.example/mcp".to_owned(), ..server("b") };
        let second = servers.host(&[allowed, moved], &limits);
        assert_eq!((first.ask("a", "write"), second.ask("a", "write")), (Ask::Writes, Ask::Never));
        let same: Vec<bool> = before.iter().zip(&servers.connected).map(|(old, new)| Rc::ptr_eq(old, new)).collect();
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

    #[wasm_bindgen_test]
    fn a_disconnected_server_has_a_new_client_and_its_old_log() {
        let mut servers = Servers::default();
        servers.host(&[server("a"), server("b")], &Limits::default());
        let before = servers.connected.clone();
        servers.disconnect("a");
        let client = |at: usize| Rc::ptr_eq(before[at].client(), servers.connected[at].client());
        let log = |at: usize| Rc::ptr_eq(before[at].log(), servers.connected[at].log());
        assert_eq!([(client(0), log(0)), (client(1), log(1))], [(false, true), (true, true)]);
    }
}
