//! The ports of one run, made from the settings: which model, which tools, which limits.

use std::rc::Rc;

use leptos::prelude::*;

use super::Controller;
use super::inquiries::Inquiries;
use crate::agent::command::Commands;
use crate::agent::latency::ToolLatencies;
use crate::agent::limits::Limits;
use crate::agent::ports::{ChatModel, Clock, Ports, ToolHost};
use crate::diagnose::Endpoint;
use crate::http::wire_log::{LoggedHttp, WireLog};
use crate::llm::{ChatClient, Surroundings};
use crate::mcp::McpClient;
use crate::settings::{LlmSettings, ServerSettings};
use crate::web::clock::{BrowserClock, BrowserRandom};
use crate::web::fetch::BrowserHttp;

/// Everything a run needs from outside, owned.
pub(super) struct World {
    /// The limits the run obeys.
    pub(super) limits: Limits,
    model: Option<ChatClient>,
    tools: Rc<dyn ToolHost>,
    commands: Commands,
    inquiries: Inquiries,
    latencies: ToolLatencies,
    clock: BrowserClock,
}

impl World {
    /// The world as the settings describe it now; sessions of earlier runs are used again where they still fit. Nothing
    /// on a page that is going away.
    pub(super) fn of(controller: Controller) -> Option<Self> {
        let (limits, llm) =
            controller.settings.try_with_untracked(|settings| (Limits::from(settings.limits), settings.llm.clone()))?;
        let (orders, commands) = Commands::channel();
        let (clock, inquiries) = controller.run.try_update_value(|run| {
            run.orders = Some(orders);
            (run.clock, run.inquiries.clone())
        })?;
        let latencies = controller.kept().latencies.borrow().clone();
        let model = llm.map(|llm| chat_model(llm, &limits));
        Some(Self { limits, model, tools: controller.tools(), commands, inquiries, latencies, clock })
    }

    /// The ports.
    pub(super) fn ports(&self) -> Ports<'_> {
        Ports {
            model: self.model.as_ref().map(|model| model as &dyn ChatModel),
            tools: &*self.tools,
            commands: &self.commands,
            person: &self.inquiries,
            clock: &self.clock,
            random: &BrowserRandom,
            latencies: &self.latencies,
        }
    }
}

/// The chat client for these settings.
pub(crate) fn chat_model(llm: LlmSettings, limits: &Limits) -> ChatClient {
    let surroundings =
        Surroundings { http: Rc::new(BrowserHttp::new(Endpoint::Llm)), clock: clock(), random: Rc::new(BrowserRandom) };
    ChatClient::new(llm, surroundings, limits.model)
}

/// The client for this server.
pub(crate) fn server_client(server: ServerSettings, limits: &Limits) -> McpClient {
    McpClient::new(server, Rc::new(BrowserHttp::new(Endpoint::Mcp)), clock(), limits)
}

/// The same, with its messages written down.
pub(super) fn logged_server_client(server: ServerSettings, limits: &Limits, log: &Rc<WireLog>) -> McpClient {
    let http = LoggedHttp::new(Rc::new(BrowserHttp::new(Endpoint::Mcp)), Rc::clone(log), clock());
    McpClient::new(server, Rc::new(http), clock(), limits)
}

fn clock() -> Rc<dyn Clock> {
    Rc::new(BrowserClock)
}
