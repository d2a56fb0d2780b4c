//! The ports of one run, made from the settings: which model, which tools, which limits.

use std::rc::Rc;

use super::Run;
use crate::agent::command::Commands;
use crate::agent::latency::ToolLatencies;
use crate::agent::limits::Limits;
use crate::agent::ports::{ChatModel, Clock, Ports, ToolHost};
use crate::basic::host::SampleHost;
use crate::diagnose::Endpoint;
use crate::llm::OpenAiChat;
use crate::mcp::{McpClient, McpHost};
use crate::settings::{LlmSettings, ServerSettings, Settings};
use crate::web::clock::{BrowserClock, BrowserRandom};
use crate::web::fetch::BrowserHttp;

/// Everything a run needs from outside, owned.
pub(super) struct World {
    /// The limits the run obeys.
    pub(super) limits: Limits,
    model: Option<OpenAiChat>,
    tools: Rc<dyn ToolHost>,
    commands: Commands,
    latencies: ToolLatencies,
    clock: BrowserClock,
}

impl World {
    /// The world as `settings` describe it; connections of earlier runs are used again while they still fit.
    pub(super) fn of(settings: &Settings, run: &mut Run) -> Self {
        let limits = Limits::from(settings.limits);
        let (orders, commands) = Commands::channel();
        run.orders = Some(orders);
        let tools = match &run.tools {
            Some((of, tools)) if of == settings => Rc::clone(tools),
            _ => {
                let tools = tool_host(settings, &limits);
                run.tools = Some((settings.clone(), Rc::clone(&tools)));
                tools
            }
        };
        Self {
            limits,
            model: settings.llm.clone().map(|llm| chat_model(llm, &limits)),
            tools,
            commands,
            latencies: ToolLatencies::default(),
            clock: run.clock,
        }
    }

    /// The ports.
    pub(super) fn ports(&self) -> Ports<'_> {
        Ports {
            model: self.model.as_ref().map(|model| model as &dyn ChatModel),
            tools: &*self.tools,
            commands: &self.commands,
            clock: &self.clock,
            random: &BrowserRandom,
            latencies: &self.latencies,
        }
    }
}

/// The chat client for these settings.
pub(crate) fn chat_model(llm: LlmSettings, limits: &Limits) -> OpenAiChat {
    OpenAiChat::new(llm, Rc::new(BrowserHttp::new(Endpoint::Llm)), clock(), limits.model)
}

/// The client for this server.
pub(crate) fn server_client(server: ServerSettings, limits: &Limits) -> McpClient {
    McpClient::new(server, Rc::new(BrowserHttp::new(Endpoint::Mcp)), clock(), limits)
}

fn tool_host(settings: &Settings, limits: &Limits) -> Rc<dyn ToolHost> {
    if settings.servers.is_empty() {
        return Rc::new(SampleHost::new());
    }
    Rc::new(McpHost::new(settings.servers.iter().map(|server| server_client(server.clone(), limits))))
}

fn clock() -> Rc<dyn Clock> {
    Rc::new(BrowserClock)
}
