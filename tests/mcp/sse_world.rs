//! A server of HTTP+SSE (2024-11-05) to test against: a stream that stays open, an address for messages it names there.

use crate::http::{Answer, LiveBody, ManualClock, ScriptedHttp};
use crate::world::{arguments, event, settings_for};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{Progress, ToolError};
use fanout::agent::task::ToolOutput;
use fanout::http::{HttpRequest, Method};
use fanout::mcp::McpClient;
use fanout::settings::{ServerProtocol, ServerSettings};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

pub(crate) const SSE_URL: &str = "https://tools.example/sse";

/// The stream of the session opened last.
pub(crate) struct Stream {
    clock: Rc<ManualClock>,
    live: RefCell<LiveBody>,
}

impl Stream {
    pub(crate) fn send(&self, text: impl AsRef<[u8]>) {
        self.send_after(Duration::ZERO, text);
    }

    pub(crate) fn send_after(&self, pause: Duration, text: impl AsRef<[u8]>) {
        self.live.borrow().send_at(self.clock.elapsed() + pause, text);
    }

    pub(crate) fn end_after(&self, pause: Duration) {
        self.live.borrow().end_at(self.clock.elapsed() + pause);
    }

    pub(crate) fn break_after(&self, pause: Duration) {
        self.live.borrow().break_at(self.clock.elapsed() + pause);
    }

    /// The result of a request, after a pause.
    pub(crate) fn answer_after(&self, pause: Duration, request: &Value, result: &Value) {
        self.send_after(pause, event(json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })));
    }
}

/// A server that opens sessions at `/messages?session=1`, `2`, …; what else it is sent the test's function answers.
pub(crate) fn sse_server(
    clock: &Rc<ManualClock>,
    answer: impl Fn(&HttpRequest, &Value, &Stream) -> Answer + 'static,
) -> Rc<ScriptedHttp> {
    let sessions = Cell::new(0);
    let stream = Stream { clock: Rc::clone(clock), live: RefCell::default() };
    ScriptedHttp::new(clock, move |request| {
        if request.method == Method::Get {
            sessions.set(sessions.get() + 1);
            stream.live.take();
            let endpoint = format!("event: endpoint\ndata: /messages?session={}\n\n", sessions.get());
            return Answer::sse(endpoint).live(&stream.live.borrow());
        }
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        match body["method"].as_str() {
            Some("initialize") => {
                let info = json!({ "name": "demo", "version": "1.2" });
                let result = json!({ "protocolVersion": "2024-11-05", "capabilities": {}, "serverInfo": info });
                stream.answer_after(Duration::ZERO, &body, &result);
                Answer::status(202)
            }
            Some("notifications/initialized") => Answer::status(202),
            _ => answer(request, &body, &stream),
        }
    })
}

pub(crate) fn sse_settings() -> ServerSettings {
    ServerSettings { url: SSE_URL.to_owned(), ..settings_for(ServerProtocol::HttpSse) }
}

pub(crate) fn sse_client(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpClient {
    McpClient::new(sse_settings(), Rc::clone(http) as _, Rc::clone(clock) as _, &Limits::default())
}

/// Method, URL and the JSON-RPC method of every request.
pub(crate) fn sent(http: &ScriptedHttp) -> Vec<(Method, String, String)> {
    let requests = http.requests.borrow();
    let method = |body: &Option<String>| {
        let body: Value = serde_json::from_str(body.as_deref().unwrap_or("{}")).unwrap();
        body["method"].as_str().unwrap_or_default().to_owned()
    };
    requests.iter().map(|request| (request.method, request.url.clone(), method(&request.body))).collect()
}

/// How many streams were asked for.
pub(crate) fn streams(http: &ScriptedHttp) -> usize {
    http.requests.borrow().iter().filter(|request| request.method == Method::Get).count()
}

/// Calls `search` with `{"query":"x"}` on a fresh client of this server.
pub(crate) fn sse_call(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> Result<ToolOutput, ToolError> {
    clock.run(sse_client(clock, http).call_tool("search", &arguments(), &unheard))
}

pub(crate) fn unheard(_: Progress) {}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
