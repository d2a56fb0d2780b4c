//! What the person does with a server by hand: connect, ask again, disconnect, look at it. Nothing of it belongs to a run.

use std::rc::Rc;

use leptos::task::spawn_local;

use super::Connected;
use crate::agent::ports::Progress;
use crate::ui::controller::Controller;

impl Controller {
    /// The server of this name, as the settings describe it now.
    pub(crate) fn server(self, name: &str) -> Option<Rc<Connected>> {
        // Makes the clients for the settings of now.
        let _ = self.tools();
        self.kept().servers.borrow().find(name)
    }

    /// Asks a server for its tools; a list in memory does not count.
    pub(crate) fn connect(self, name: &str) {
        let Some(server) = self.server(name) else { return };
        spawn_local(async move {
            server.client().forget_tools();
            // How it went is noted where it is shown.
            let _ = server.list_tools(&|_: Progress| {}).await;
        });
    }

    /// Ends a server's session.
    pub(crate) fn disconnect(self, name: &str) {
        self.kept().servers.borrow_mut().disconnect(name);
    }
}
