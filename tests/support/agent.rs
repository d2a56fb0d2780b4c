//! The world in which the agent is tested: a model that says what the test says, tools that answer when the test lets
//! them, a log that keeps every event. Nothing here sleeps or knows a real clock.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a broken test world should stop the test")]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use fanout::agent::event::{AgentEvent, Millis, Stage, TimedEvent};
use fanout::agent::limits::Limits;
use fanout::agent::ports::{
    Approvals, Ask, ChatError, ChatModel, ChatRequest, Clock, Delta, Finish, Ports, Progress, ServerTools, ToolCall,
    ToolError, ToolHost,
};
use fanout::agent::task::{Tool, ToolAnnotations, ToolOutput};
use fanout::session::Session;
use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::channel::{mpsc, oneshot};
use futures::executor::LocalPool;
use futures::future::LocalBoxFuture;
use futures::stream::LocalBoxStream;
use futures::task::LocalSpawnExt as _;
use serde_json::{Value, json};

/// A read-only tool with one required string parameter `query` and an optional integer `size`.
pub fn search_tool(server: &str, name: &str) -> Tool {
    Tool {
        server: server.to_owned(),
        name: name.to_owned(),
        title: None,
        description: "Searches.".to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": { "query": { "type": "string" }, "size": { "type": "integer", "minimum": 1 } },
            "required": ["query"],
            "additionalProperties": false
        }),
        annotations: ToolAnnotations { read_only: true, idempotent: true },
    }
}

/// The same, but it may write.
pub fn write_tool(server: &str, name: &str) -> Tool {
    Tool { annotations: ToolAnnotations::default(), ..search_tool(server, name) }
}

/// A result with this structured content.
pub fn output(structured: Value) -> ToolOutput {
    ToolOutput {
        result: json!({ "content": [{ "type": "text", "text": structured.to_string() }], "structuredContent": structured }),
        raw: None,
    }
}

type Replies = RefCell<VecDeque<mpsc::UnboundedReceiver<Result<Delta, ChatError>>>>;

/// A model whose replies are channels the test feeds.
#[derive(Default)]
pub struct ScriptedModel {
    replies: Replies,
    pub requests: RefCell<Vec<ChatRequest>>,
}

/// Feeds one reply.
pub struct Reply(mpsc::UnboundedSender<Result<Delta, ChatError>>);

impl Reply {
    pub fn text(&self, text: &str) {
        let _ = self.0.unbounded_send(Ok(Delta::Text(text.to_owned())));
    }
    pub fn delta(&self, delta: Delta) {
        let _ = self.0.unbounded_send(Ok(delta));
    }
    pub fn fail(self, error: ChatError) {
        let _ = self.0.unbounded_send(Err(error));
    }
    pub fn end(self) {
        let _ = self.0.unbounded_send(Ok(Delta::Finish(Finish::Stop)));
    }
    pub fn is_aborted(&self) -> bool {
        self.0.is_closed()
    }
}

impl ScriptedModel {
    /// The next reply, to be fed while the run goes on.
    pub fn expect(&self) -> Reply {
        let (sender, receiver) = mpsc::unbounded();
        self.replies.borrow_mut().push_back(receiver);
        Reply(sender)
    }
    /// The next reply, complete.
    pub fn says(&self, text: &str) {
        let reply = self.expect();
        reply.text(text);
        reply.end();
    }
}

impl ChatModel for ScriptedModel {
    fn name(&self) -> String {
        "scripted".to_owned()
    }
    fn stream(&self, request: ChatRequest) -> LocalBoxStream<'_, Result<Delta, ChatError>> {
        self.requests.borrow_mut().push(request);
        self.replies
            .borrow_mut()
            .pop_front()
            .unwrap_or_else(|| panic!("the run made one model call more than the test foresaw"))
            .boxed_local()
    }
}

/// Tools that answer when told to.
#[derive(Default)]
pub struct ScriptedTools {
    pub servers: Vec<(String, Result<Vec<Tool>, ToolError>)>,
    pub ask: Ask,
    pub max_in_flight: Option<usize>,
    pub waiting: RefCell<HashMap<u32, oneshot::Sender<Result<ToolOutput, ToolError>>>>,
    pub called: RefCell<Vec<ToolCall>>,
    pub aborted: Rc<RefCell<BTreeSet<u32>>>,
}

impl ScriptedTools {
    pub fn new(tools: Vec<Tool>) -> Self {
        let mut host = Self::default();
        for tool in tools {
            match host.servers.iter_mut().find(|(name, _)| *name == tool.server) {
                Some((_, Ok(list))) => list.push(tool),
                _ => host.servers.push((tool.server.clone(), Ok(vec![tool]))),
            }
        }
        host
    }
    /// Lets task `id`'s call end.
    pub fn answer(&self, id: u32, with: Result<ToolOutput, ToolError>) {
        let sender = self.waiting.borrow_mut().remove(&id);
        let _ = sender.unwrap_or_else(|| panic!("task {id} has no call in flight")).send(with);
    }
    /// Ids of the calls in flight, sorted.
    pub fn in_flight(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.waiting.borrow().keys().copied().collect();
        ids.retain(|id| !self.aborted.borrow().contains(id));
        ids.sort_unstable();
        ids
    }
}

struct AbortMark(u32, Rc<RefCell<BTreeSet<u32>>>, Rc<Cell<bool>>);
impl Drop for AbortMark {
    fn drop(&mut self) {
        if !self.2.get() {
            self.1.borrow_mut().insert(self.0);
        }
    }
}

impl ToolHost for ScriptedTools {
    fn servers(&self) -> Vec<String> {
        self.servers.iter().map(|(name, _)| name.clone()).collect()
    }
    fn list_tools<'a>(&'a self, server: &'a str) -> LocalBoxFuture<'a, Result<ServerTools, ToolError>> {
        let (_, listed) = self.servers.iter().find(|(name, _)| name == server).unwrap();
        let listed = listed.clone().map(|tools| ServerTools { tools, notes: Vec::new() });
        async move { listed }.boxed_local()
    }
    fn ask(&self, _server: &str) -> Ask {
        self.ask
    }
    fn max_in_flight(&self, _server: &str) -> usize {
        self.max_in_flight.unwrap_or(usize::MAX)
    }
    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        _progress: &'a dyn Fn(Progress),
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().insert(call.task_id, sender);
        self.called.borrow_mut().push(call.clone());
        let ended = Rc::new(Cell::new(false));
        let mark = AbortMark(call.task_id, Rc::clone(&self.aborted), Rc::clone(&ended));
        async move {
            let _mark = mark;
            let answer = receiver.await.unwrap();
            ended.set(true);
            answer
        }
        .boxed_local()
    }
}

/// A person who approves when told to.
#[derive(Default)]
pub struct Person {
    asked: RefCell<HashMap<u32, oneshot::Sender<()>>>,
}

impl Person {
    pub fn approve(&self, id: u32) {
        let _ =
            self.asked.borrow_mut().remove(&id).unwrap_or_else(|| panic!("task {id} asks for no approval")).send(());
    }
}

impl Approvals for Person {
    fn approved(&self, task_id: u32) -> LocalBoxFuture<'_, ()> {
        let (sender, receiver) = oneshot::channel();
        self.asked.borrow_mut().insert(task_id, sender);
        async move {
            if receiver.await.is_err() {
                futures::future::pending::<()>().await;
            }
        }
        .boxed_local()
    }
}

/// A clock that stands still: the engine itself has no deadlines.
pub struct NoClock;
impl Clock for NoClock {
    fn now(&self) -> Millis {
        0.0
    }
    fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'_, ()> {
        futures::future::pending().boxed_local()
    }
}

/// One run under the test's control.
pub struct World {
    pool: RefCell<LocalPool>,
    pub model: Option<Rc<ScriptedModel>>,
    pub tools: Rc<ScriptedTools>,
    pub person: Rc<Person>,
    pub events: Rc<RefCell<Vec<AgentEvent>>>,
    run: RefCell<Option<futures::future::AbortHandle>>,
}

impl World {
    pub fn with_model(tools: ScriptedTools) -> Self {
        Self { model: Some(Rc::default()), ..Self::without_model(tools) }
    }
    pub fn without_model(tools: ScriptedTools) -> Self {
        Self {
            pool: RefCell::new(LocalPool::new()),
            model: None,
            tools: Rc::new(tools),
            person: Rc::default(),
            events: Rc::default(),
            run: RefCell::default(),
        }
    }
    pub fn model(&self) -> &ScriptedModel {
        self.model.as_ref().unwrap()
    }
    /// Asks, and lets the run go as far as it can.
    pub fn ask(&self, question: &str) {
        self.ask_within(question, Limits::default());
    }
    pub fn ask_within(&self, question: &str, limits: Limits) {
        let (model, tools, person, events, question) =
            (self.model.clone(), self.tools.clone(), self.person.clone(), self.events.clone(), question.to_owned());
        let run = async move {
            let ports = Ports {
                model: model.as_deref().map(|model| model as &dyn ChatModel),
                tools: &*tools,
                approvals: &*person,
                clock: &NoClock,
            };
            fanout::agent::run(ports, &question, &limits, &|event| events.borrow_mut().push(event)).await;
        };
        let (run, handle) = futures::future::abortable(run);
        *self.run.borrow_mut() = Some(handle);
        self.pool
            .borrow()
            .spawner()
            .spawn_local(async move {
                let _ = run.await;
            })
            .unwrap();
        self.go_on();
    }
    /// Lets the run go as far as it can.
    pub fn go_on(&self) {
        self.pool.borrow_mut().run_until_stalled();
    }
    /// Drops the run.
    pub fn stop(&self) {
        self.run.borrow().as_ref().unwrap().abort();
        self.go_on();
    }
    /// Lets a call end and the run go on.
    pub fn answer(&self, id: u32, with: Result<ToolOutput, ToolError>) {
        self.tools.answer(id, with);
        self.go_on();
    }
    /// The screen's state now.
    pub fn session(&self) -> Session {
        let events = self.events.borrow();
        let timed: Vec<TimedEvent> = (0_u32..)
            .zip(events.iter())
            .map(|(at, event)| TimedEvent { at_ms: f64::from(at), event: event.clone() })
            .collect();
        Session::replay(&timed)
    }
    /// Every task's id, state word and problem, in plan order.
    pub fn tasks(&self) -> Vec<(u32, &'static str, Option<String>)> {
        let problem = |view: &fanout::session::TaskView| {
            view.outcome.as_ref().and_then(|outcome| outcome.problem()).map(str::to_owned)
        };
        self.session().tasks.iter().map(|view| (view.task.id, view.state.word(), problem(view))).collect()
    }
    pub fn arguments_of(&self, id: u32) -> Value {
        let called = self.tools.called.borrow();
        Value::Object(called.iter().find(|call| call.task_id == id).unwrap().arguments.clone())
    }
    /// The last model request's user text.
    pub fn last_prompt(&self) -> String {
        self.model().requests.borrow().last().unwrap().messages.last().unwrap().text.clone()
    }
    pub fn stages(&self) -> Vec<Stage> {
        self.model().requests.borrow().iter().map(|request| request.stage).collect()
    }
}
