//! What the person does with a server by hand: connect, ask again, disconnect, call a tool, read a resource, accept a changed
//! tool. Nothing of it belongs to a run; what a server asks meanwhile is shown where the person is.

use std::rc::Rc;

use futures::FutureExt as _;
use futures::future::{AbortHandle, Aborted, LocalBoxFuture, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Connected;
use crate::agent::inquiry::{Inquiry, Reply};
use crate::agent::ports::{Listener, Person as _, Progress, ToolError};
use crate::agent::task::{Arguments, ToolOutput};
use crate::session::InquiryView;
use crate::ui::controller::inquiries::Inquiries;
use crate::ui::controller::{Controller, Source};

/// Who hears of requests made by hand.
pub(crate) struct ByHand {
    server: String,
    inquiries: Inquiries,
    asked: RwSignal<Vec<InquiryView>>,
    progress: Option<RwSignal<Option<Progress>>>,
}

impl Listener for ByHand {
    fn progress(&self, progress: Progress) {
        if let Some(told) = self.progress {
            told.try_set(Some(progress));
        }
    }

    fn ask(&self, inquiry: Inquiry) -> LocalBoxFuture<'_, Reply> {
        async move {
            let (inquiry_id, reply) = self.inquiries.inquire();
            let view = InquiryView { inquiry_id, server: self.server.clone(), task: None, inquiry };
            self.asked.try_update(|asked| asked.push(view));
            let _open = Open { asked: self.asked, inquiry_id };
            reply.await
        }
        .boxed_local()
    }
}

/// An inquiry on the screen; taken off when it is dropped.
struct Open {
    asked: RwSignal<Vec<InquiryView>>,
    inquiry_id: u32,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.asked.try_update(|asked| asked.retain(|open| open.inquiry_id != self.inquiry_id));
    }
}

impl Controller {
    /// The server of this name, as the settings describe it now.
    pub(crate) fn server(self, name: &str) -> Option<Rc<Connected>> {
        // Makes the clients for the settings of now.
        let _ = self.tools();
        self.kept().servers.borrow().find(name)
    }

    /// A listener for requests to this server; what it asks is put into `asked`.
    pub(crate) fn by_hand(
        self,
        server: &str,
        asked: RwSignal<Vec<InquiryView>>,
        progress: Option<RwSignal<Option<Progress>>>,
    ) -> ByHand {
        let inquiries = self.run.with_value(|run| run.inquiries.clone());
        ByHand { server: server.to_owned(), inquiries, asked, progress }
    }

    /// Asks a server for its tools; a list in memory does not count. The handle gives up on it.
    pub(crate) fn connect(self, name: &str, listener: ByHand) -> Option<AbortHandle> {
        let server = self.server(name)?;
        let idle = Rc::clone(&self.kept().idle);
        let (connecting, handle) = abortable(async move {
            server.client().forget_tools();
            // How it went is noted where it is shown.
            let _ = server.list_tools(&listener).await;
            idle.met(&server);
        });
        spawn_local(async move {
            let _: Result<(), Aborted> = connecting.await;
        });
        Some(handle)
    }

    /// Ends a server's session.
    pub(crate) fn disconnect(self, name: &str) {
        self.kept().servers.borrow_mut().disconnect(name);
    }

    /// Calls a tool, also one that is switched off: the person wants it.
    pub(crate) async fn call_by_hand(
        self,
        server: &str,
        tool: &str,
        arguments: &Arguments,
        listener: ByHand,
    ) -> Result<ToolOutput, ToolError> {
        let connected = self.server(server).ok_or_else(|| ToolError::UnknownServer(server.to_owned()))?;
        connected.client().call_tool(tool, arguments, &listener).await
    }

    /// The name of a server that this result's resources can be read from; `None` where it is not configured any more, or
    /// the result is a run file's, which may name anything.
    pub(crate) fn reader_of(self, server: &str) -> Option<String> {
        let is_live = self.source.with_untracked(|source| *source == Source::Live);
        let is_configured =
            || self.settings.with_untracked(|settings| settings.servers.iter().any(|it| it.name == server));
        (is_live && is_configured()).then(|| server.to_owned())
    }

    /// Reads a resource; whoever calls this has the person's word for it.
    pub(crate) async fn read_resource(
        self,
        server: &str,
        uri: &str,
        listener: ByHand,
    ) -> Result<ToolOutput, ToolError> {
        let connected = self.server(server).ok_or_else(|| ToolError::UnknownServer(server.to_owned()))?;
        connected.client().read_resource(uri, &listener).await
    }

    /// Ends the sessions of all servers: the page is going away.
    pub(crate) fn end_sessions(self) {
        for server in self.kept().servers.borrow().all() {
            server.client().end_session();
        }
    }

    /// The person takes a tool as it is now. What was allowed to the old one is not allowed to the new one.
    pub(crate) fn accept_tool(self, server: &str, tool: &str) {
        let Some(connected) = self.server(server) else { return };
        connected.accept(tool);
        self.adjust(|settings| {
            for settings in settings.servers.iter_mut().filter(|it| it.name == server) {
                settings.allowed_tools.remove(tool);
            }
        });
    }
}
