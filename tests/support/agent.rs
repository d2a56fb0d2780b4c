//! The world in which the agent is tested: a model that says what the test says, tools that answer when the test lets
//! them, a log that keeps every event. Nothing here sleeps or knows a real clock.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a broken test world should stop the test")]

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use fanout::agent::command::{Command, Commands};
use fanout::agent::discover::Catalog;
use fanout::agent::event::{AgentEvent, Millis, Stage, TimedEvent};
use fanout::agent::latency::ToolLatencies;
use fanout::agent::limits::Limits;
use fanout::agent::ports::{
    Ask, ChatError, ChatModel, ChatRequest, Clock, Delta, Finish, Ports, Progress, Random, ServerLimits, ServerTools,
    ToolCall, ToolError, ToolHost,
};
use fanout::agent::task::{Arguments, Outcome, TaskResult, Tool, ToolAnnotations, ToolOutput};
use fanout::agent::{Again, Earlier};
use fanout::session::Session;
use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::channel::mpsc;
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

/// A task of a plan, as a model writes it.
pub fn call(id: u32, tool: &str, query: &str) -> Value {
    json!({ "id": id, "tool_name": tool, "tool_arguments": { "query": query } })
}

/// A task with more to it: `extra`'s fields are added.
pub fn call_with(id: u32, tool: &str, query: &str, extra: Value) -> Value {
    let mut task = call(id, tool, query);
    let Value::Object(extra) = extra else { panic!("extra fields are an object") };
    task.as_object_mut().unwrap().extend(extra);
    task
}

/// Arguments of the tools here.
pub fn query(text: &str) -> Arguments {
    let Value::Object(arguments) = json!({ "query": text }) else { unreachable!() };
    arguments
}

/// A result that says this.
#[allow(clippy::unnecessary_wraps, reason = "in the form in which a call ends")]
pub fn found(what: &str) -> Result<ToolOutput, ToolError> {
    Ok(output(json!({ "found": what })))
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
    /// The next reply is a complete plan of these tasks.
    pub fn plans(&self, tasks: &Value) {
        self.says(&json!({ "tasks": tasks }).to_string());
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
    /// Servers asked about otherwise than by `ask`.
    pub ask_of: HashMap<String, Ask>,
    pub max_in_flight: Option<usize>,
    /// Servers limited otherwise than by `max_in_flight`.
    pub limits_of: RefCell<HashMap<String, ServerLimits>>,
    pub calls: RefCell<Vec<ScriptedCall>>,
}

/// A call that was made.
pub struct ScriptedCall {
    call: ToolCall,
    says: mpsc::UnboundedSender<Said>,
    state: Rc<Cell<CallState>>,
}

enum Said {
    Progress(Progress),
    End(Result<ToolOutput, ToolError>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CallState {
    InFlight,
    Ended,
    Dropped,
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
    fn say(&self, id: u32, what: Said) {
        let calls = self.calls.borrow();
        let of_task = |call: &&ScriptedCall| call.call.task_id == id && call.state.get() == CallState::InFlight;
        let call = calls.iter().find(of_task).unwrap_or_else(|| panic!("task {id} has no call in flight"));
        let _ = call.says.unbounded_send(what);
    }
    /// Lets task `id`'s call end.
    pub fn answer(&self, id: u32, with: Result<ToolOutput, ToolError>) {
        self.say(id, Said::End(with));
    }
    /// Lets task `id`'s call tell how far it is.
    pub fn progress(&self, id: u32, progress: Progress) {
        self.say(id, Said::Progress(progress));
    }
    fn ids(&self, state: CallState) -> Vec<u32> {
        let calls = self.calls.borrow();
        let mut ids: Vec<u32> =
            calls.iter().filter(|call| call.state.get() == state).map(|call| call.call.task_id).collect();
        ids.sort_unstable();
        ids
    }
    /// Ids of the tasks whose call is in flight, sorted.
    pub fn in_flight(&self) -> Vec<u32> {
        self.ids(CallState::InFlight)
    }
    /// Ids of the tasks whose call was dropped, sorted.
    pub fn dropped(&self) -> Vec<u32> {
        self.ids(CallState::Dropped)
    }
    /// Every call made, oldest first.
    pub fn called(&self) -> Vec<ToolCall> {
        self.calls.borrow().iter().map(|call| call.call.clone()).collect()
    }
    /// The tasks of every call made, oldest first.
    pub fn order(&self) -> Vec<u32> {
        self.calls.borrow().iter().map(|call| call.call.task_id).collect()
    }
}

struct DropMark(Rc<Cell<CallState>>);
impl Drop for DropMark {
    fn drop(&mut self) {
        if self.0.get() == CallState::InFlight {
            self.0.set(CallState::Dropped);
        }
    }
}

/// What a server of an origin of its own may be sent: this many calls at once.
pub fn at_once(server: &str, calls: usize) -> ServerLimits {
    ServerLimits { origin: server.to_owned(), connections: calls, max_in_flight: calls, rate: None }
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
    fn ask(&self, server: &str, _tool: &str) -> Ask {
        self.ask_of.get(server).copied().unwrap_or(self.ask)
    }
    fn limits(&self, server: &str) -> ServerLimits {
        let scripted = self.limits_of.borrow().get(server).cloned();
        scripted.unwrap_or_else(|| at_once(server, self.max_in_flight.unwrap_or(1_000_000)))
    }
    fn call_tool<'a>(
        &'a self,
        call: &'a ToolCall,
        progress: &'a dyn Fn(Progress),
    ) -> LocalBoxFuture<'a, Result<ToolOutput, ToolError>> {
        let (says, mut said) = mpsc::unbounded();
        let state = Rc::new(Cell::new(CallState::InFlight));
        self.calls.borrow_mut().push(ScriptedCall { call: call.clone(), says, state: Rc::clone(&state) });
        let mark = DropMark(state);
        async move {
            loop {
                match said.next().await.unwrap() {
                    Said::Progress(how_far) => progress(how_far),
                    Said::End(answer) => {
                        mark.0.set(CallState::Ended);
                        return answer;
                    }
                }
            }
        }
        .boxed_local()
    }
}

/// A clock that stands still until the test moves it.
#[derive(Default)]
pub struct ManualClock {
    now: Cell<Duration>,
    sleepers: RefCell<Vec<(Duration, Waker)>>,
    /// How many timers were set.
    pub timers: Cell<usize>,
}

impl ManualClock {
    fn advance(&self, by: Duration) {
        self.now.set(self.now.get() + by);
        let (due, later): (Vec<(Duration, Waker)>, Vec<_>) =
            self.sleepers.take().into_iter().partition(|(at, _)| *at <= self.now.get());
        *self.sleepers.borrow_mut() = later;
        for (_, waker) in due {
            waker.wake();
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        self.now.get().as_secs_f64() * 1_000.0
    }
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        self.timers.set(self.timers.get() + 1);
        let until = self.now.get().saturating_add(duration);
        poll_fn(move |context| {
            if self.now.get() >= until {
                return Poll::Ready(());
            }
            self.sleepers.borrow_mut().push((until, context.waker().clone()));
            Poll::Pending
        })
        .boxed_local()
    }
}

/// Chance that falls as the test says.
pub struct Dice(pub Cell<f64>);
impl Random for Dice {
    fn fraction(&self) -> f64 {
        self.0.get()
    }
}

/// One run under the test's control.
pub struct World {
    pool: RefCell<LocalPool>,
    pub model: Option<Rc<ScriptedModel>>,
    pub tools: Rc<ScriptedTools>,
    pub clock: Rc<ManualClock>,
    pub dice: Rc<Dice>,
    pub latencies: Rc<RefCell<ToolLatencies>>,
    pub events: Rc<RefCell<Vec<TimedEvent>>>,
    orders: RefCell<Option<mpsc::UnboundedSender<Command>>>,
    run: RefCell<Option<futures::future::AbortHandle>>,
}

/// What the agent is to do.
enum Job {
    Ask(String, Limits),
    RunAgain(String, Earlier, Vec<Again>, Limits),
    WriteAgain(String, Vec<TaskResult>),
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
            clock: Rc::default(),
            dice: Rc::new(Dice(Cell::new(0.5))),
            latencies: Rc::default(),
            events: Rc::default(),
            orders: RefCell::default(),
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
        self.start(Job::Ask(question.to_owned(), limits));
    }
    /// The run that ended goes on: these tasks run again.
    pub fn run_again(&self, again: Vec<Again>) {
        let session = self.session();
        let catalog = Catalog::new(
            self.tools
                .servers
                .iter()
                .flat_map(|(_, tools)| tools.clone().unwrap_or_default())
                .map(Into::into)
                .collect(),
        );
        let earlier = Earlier { catalog, results: results_of(&session) };
        self.start(Job::RunAgain(session.question, earlier, again, Limits::default()));
    }
    /// The run that ended has its answer written again.
    pub fn write_again(&self) {
        let session = self.session();
        self.start(Job::WriteAgain(session.question.clone(), results_of(&session)));
    }
    fn start(&self, job: Job) {
        let (model, tools, clock, dice, events) = (
            self.model.clone(),
            Rc::clone(&self.tools),
            Rc::clone(&self.clock),
            Rc::clone(&self.dice),
            Rc::clone(&self.events),
        );
        let latencies = self.latencies.borrow().clone();
        let (orders, commands) = Commands::channel();
        *self.orders.borrow_mut() = Some(orders);
        let run = async move {
            let ports = Ports {
                model: model.as_deref().map(|model| model as &dyn ChatModel),
                tools: &*tools,
                commands: &commands,
                clock: &*clock,
                random: &*dice,
                latencies: &latencies,
            };
            let emit = |event| events.borrow_mut().push(TimedEvent { at_ms: clock.now(), event });
            match job {
                Job::Ask(question, limits) => fanout::agent::run(ports, &question, &limits, &emit).await,
                Job::RunAgain(question, earlier, again, limits) => {
                    fanout::agent::run_again(ports, &question, earlier, &again, &limits, &emit).await;
                }
                Job::WriteAgain(question, results) => {
                    fanout::agent::write_again(ports, &question, &results, &emit).await;
                }
            }
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
    /// Lets time pass, and the run go on.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.go_on();
    }
    /// The person says something, and the run goes on.
    pub fn say(&self, command: Command) {
        // A run that has ended listens no more.
        let _ = self.orders.borrow().as_ref().unwrap().unbounded_send(command);
        self.go_on();
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
        Session::replay(self.events.borrow().iter())
    }
    /// Everything that happened, without the times.
    pub fn log(&self) -> Vec<AgentEvent> {
        self.events.borrow().iter().map(|timed| timed.event.clone()).collect()
    }
    /// What happened to this task, oldest first.
    pub fn log_of(&self, id: u32) -> Vec<AgentEvent> {
        self.log().into_iter().filter(|event| task_of(event) == Some(id)).collect()
    }
    /// How the run ended.
    pub fn ending(&self) -> (fanout::agent::event::Ending, Option<String>) {
        match self.log().last().unwrap() {
            AgentEvent::RunFinished { ending, error } => (*ending, error.clone()),
            other => panic!("the run has not ended: {other:?}"),
        }
    }
    /// Every task's id, state word and problem, in plan order.
    pub fn tasks(&self) -> Vec<(u32, &'static str, Option<String>)> {
        let problem = |view: &fanout::session::TaskView| {
            view.outcome.as_ref().and_then(|outcome| outcome.problem()).map(str::to_owned)
        };
        self.session().tasks.iter().map(|view| (view.task.id, view.state.word(), problem(view))).collect()
    }
    /// Every task's state word, in plan order.
    pub fn states(&self) -> Vec<&'static str> {
        self.session().tasks.iter().map(|view| view.state.word()).collect()
    }
    /// The arguments of the task's latest call.
    pub fn arguments_of(&self, id: u32) -> Value {
        let called = self.tools.called();
        Value::Object(called.iter().rfind(|call| call.task_id == id).unwrap().arguments.clone())
    }
    /// The last model request's user text.
    pub fn last_prompt(&self) -> String {
        self.model().requests.borrow().last().unwrap().messages.last().unwrap().text.clone()
    }
    pub fn stages(&self) -> Vec<Stage> {
        self.model().requests.borrow().iter().map(|request| request.stage).collect()
    }
}

/// How each task of a session ended, in plan order.
pub fn results_of(session: &Session) -> Vec<TaskResult> {
    let result = |view: &fanout::session::TaskView| TaskResult {
        task: view.task.clone(),
        outcome: view.outcome.clone().unwrap_or(Outcome::Cancelled),
    };
    session.tasks.iter().map(result).collect()
}

/// The task an event is about.
fn task_of(event: &AgentEvent) -> Option<u32> {
    match event {
        AgentEvent::TaskPlanned { task } => Some(task.id),
        AgentEvent::TaskResolved { id, .. }
        | AgentEvent::TaskWaiting { id, .. }
        | AgentEvent::TaskApproved { id }
        | AgentEvent::TaskStarted { id, .. }
        | AgentEvent::TaskRetrying { id, .. }
        | AgentEvent::TaskMerged { id, .. }
        | AgentEvent::TaskEdited { id, .. }
        | AgentEvent::TaskMoved { id, .. }
        | AgentEvent::TaskRequeued { id }
        | AgentEvent::TaskProgress { id, .. }
        | AgentEvent::TaskFinished { id, .. } => Some(*id),
        _ => None,
    }
}
