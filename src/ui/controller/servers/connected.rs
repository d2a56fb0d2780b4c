//! One server: its client, the log of its messages, and how the last contact with it went. It shows nothing.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::kept_pins::KeptPins;
use crate::agent::ports::{Listener, ServerTools, ToolError};
use crate::diagnose::server::diagnose_server;
use crate::http::wire_log::{Blot, WireLog};
use crate::mcp::McpClient;
use crate::settings::ServerSettings;
use crate::web::page;

/// How the last contact with a server went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Contact {
    /// Nobody asked it anything yet.
    #[default]
    NotAsked,
    /// It is being asked.
    Connecting,
    /// It told its tools.
    Ready,
    /// It did not; the text is the diagnosis.
    Failed(String),
}

/// See the module.
pub(crate) struct Connected {
    settings: ServerSettings,
    client: Rc<McpClient>,
    log: Rc<WireLog>,
    pins: Rc<KeptPins>,
    contact: RefCell<Contact>,
    changes: Cell<u64>,
}

impl Connected {
    /// A server nobody has asked yet.
    pub(super) fn new(settings: ServerSettings, client: McpClient, log: Rc<WireLog>, pins: Rc<KeptPins>) -> Self {
        let client = Rc::new(client);
        Self { settings, client, log, pins, contact: RefCell::default(), changes: Cell::new(0) }
    }

    /// The settings it was made from; what needs approval and which tools are used may have changed since.
    pub(crate) fn settings(&self) -> &ServerSettings {
        &self.settings
    }

    /// Its client.
    pub(crate) fn client(&self) -> &Rc<McpClient> {
        &self.client
    }

    /// What was seen of its tools before.
    pub(crate) fn pins(&self) -> &Rc<KeptPins> {
        &self.pins
    }

    /// What went over the wire.
    pub(crate) fn log(&self) -> &Rc<WireLog> {
        &self.log
    }

    /// What of that is not to be shown.
    pub(crate) fn blot(&self) -> Blot {
        Blot::of(&self.settings)
    }

    /// Changes whenever there may be something new to show.
    pub(crate) fn revision(&self) -> (u64, u64) {
        (self.changes.get(), self.log.revision())
    }

    /// How the last contact went. A server that was got ready while somebody typed has been asked, too.
    pub(crate) fn contact(&self) -> Contact {
        match &*self.contact.borrow() {
            Contact::NotAsked if self.client.last_listed().is_some() => Contact::Ready,
            contact => contact.clone(),
        }
    }

    /// Asks for its tools and notes how that went.
    pub(super) async fn list_tools(&self, listener: &dyn Listener) -> Result<ServerTools, ToolError> {
        let mut asking = Asking { server: self, before: Some(self.contact()) };
        self.note(Contact::Connecting);
        let listed = self.client.list_tools(listener).await;
        if listed.is_ok() {
            self.pins.meet(&self.client.definitions()).await;
        }
        asking.before = None;
        self.note(match &listed {
            Ok(_) => Contact::Ready,
            Err(error) => Contact::Failed(self.diagnosis(error)),
        });
        listed.map_err(|error| match error {
            ToolError::Network(_) | ToolError::Blocked(_) | ToolError::UnknownServer(_) => error,
            error => ToolError::Protocol { message: self.diagnosis(&error), raw: None },
        })
    }

    /// Why it told no tools, and what to do.
    fn diagnosis(&self, error: &ToolError) -> String {
        diagnose_server(error, &self.settings, &page::origin()).to_string()
    }

    /// The person takes a tool as it is now.
    pub(super) fn accept(&self, tool: &str) {
        if let Some(definition) = self.client.definitions().get(tool) {
            self.pins.accept(tool, definition);
            self.changes.set(self.changes.get().wrapping_add(1));
        }
    }

    fn note(&self, contact: Contact) {
        *self.contact.borrow_mut() = contact;
        self.changes.set(self.changes.get().wrapping_add(1));
    }
}

/// Puts back what was known before, where nobody waited for the answer.
struct Asking<'a> {
    server: &'a Connected,
    /// `None` once there is an answer.
    before: Option<Contact>,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            self.server.note(if before == Contact::Connecting { Contact::NotAsked } else { before });
        }
    }
}
