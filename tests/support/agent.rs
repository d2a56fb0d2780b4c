//! The world in which the agent is tested: a model that says what the test says, tools that answer when the test lets
//! them, a log that keeps every event. Nothing here sleeps or knows a real clock.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a broken test world should stop the test")]

#[path = "agent/clock.rs"]
mod clock;
#[path = "agent/model.rs"]
mod model;
#[path = "agent/person.rs"]
mod person;
#[path = "agent/tools.rs"]
mod tools;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use fanout::agent::command::{Command, Commands};
use fanout::agent::conversation::Question;
use fanout::agent::discover::Catalog;
use fanout::agent::event::{AgentEvent, Stage, TimedEvent};
use fanout::agent::latency::ToolLatencies;
use fanout::agent::limits::Limits;
use fanout::agent::ports::{ChatModel, Clock as _, Ports, ToolError};
use fanout::agent::resume::BrokenOff;
use fanout::agent::task::{Arguments, Outcome, TaskResult, Tool, ToolAnnotations, ToolOutput};
use fanout::agent::{Again, Earlier};
use fanout::session::Session;
use futures::channel::mpsc;
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt as _;
use serde_json::{Value, json};

pub use clock::{Dice, ManualClock};
pub use model::{Reply, ScriptedModel};
pub use person::ScriptedPerson;
pub use tools::{ScriptedTools, at_once};

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
        output_schema: None,
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

/// One run under the test's control.
pub struct World {
    pool: RefCell<LocalPool>,
    pub model: Option<Rc<ScriptedModel>>,
    pub tools: Rc<ScriptedTools>,
    pub clock: Rc<ManualClock>,
    pub dice: Rc<Dice>,
    pub latencies: Rc<RefCell<ToolLatencies>>,
    pub person: Rc<ScriptedPerson>,
    pub events: Rc<RefCell<Vec<TimedEvent>>>,
    orders: RefCell<Option<mpsc::UnboundedSender<Command>>>,
    run: RefCell<Option<futures::future::AbortHandle>>,
}

/// What the agent is to do.
enum Job {
    Ask(Question, Limits),
    RunAgain(Question, Earlier, Vec<Again>, Limits),
    WriteAgain(Question, Vec<TaskResult>),
    ContinueAnswer(Question, Vec<TaskResult>, String),
    Resume(Question, BrokenOff, Limits),
    EndBrokenOff(BrokenOff),
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
            person: Rc::default(),
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
        self.ask_all(Question::from(question), limits);
    }
    /// Asks a question within all that it is asked within.
    pub fn ask_all(&self, question: Question, limits: Limits) {
        self.start(Job::Ask(question, limits));
    }
    /// The run that ended goes on: these tasks run again.
    pub fn run_again(&self, again: Vec<Again>) {
        let session = self.session();
        let earlier = Earlier { catalog: self.catalog(), results: results_of(&session) };
        self.start(Job::RunAgain(session.asked(), earlier, again, Limits::default()));
    }
    /// The page goes away in the middle of the run and comes back: the run goes on where its log shows it to be.
    pub fn resume(&self) {
        let broken_off = self.break_off();
        self.start(Job::Resume(self.session().asked(), broken_off, Limits::default()));
    }
    /// The same, and the run does not go on.
    pub fn end_broken_off(&self) {
        let broken_off = self.break_off();
        self.start(Job::EndBrokenOff(broken_off));
    }
    /// A page that goes away says no last word.
    fn break_off(&self) -> BrokenOff {
        let events = self.events.borrow().clone();
        self.stop();
        *self.events.borrow_mut() = events;
        self.session().broken_off(&self.events.borrow(), self.catalog())
    }
    fn catalog(&self) -> Catalog {
        Catalog::new(
            self.tools
                .servers
                .iter()
                .flat_map(|(_, tools)| tools.clone().unwrap_or_default())
                .map(Into::into)
                .collect(),
        )
    }
    /// The run that ended has its answer written again.
    pub fn write_again(&self) {
        let session = self.session();
        self.start(Job::WriteAgain(session.asked(), results_of(&session)));
    }
    /// The run that ended has its answer continued where it broke off.
    pub fn continue_answer(&self) {
        let session = self.session();
        self.start(Job::ContinueAnswer(session.asked(), results_of(&session), session.answer.clone()));
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
        let person = Rc::clone(&self.person);
        let (orders, commands) = Commands::channel();
        *self.orders.borrow_mut() = Some(orders);
        let run = async move {
            let ports = Ports {
                model: model.as_deref().map(|model| model as &dyn ChatModel),
                tools: &*tools,
                commands: &commands,
                person: &*person,
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
                Job::Resume(question, broken_off, limits) => {
                    fanout::agent::resume(ports, &question, broken_off, &limits, &emit).await;
                }
                Job::EndBrokenOff(broken_off) => fanout::agent::end_broken_off(ports, broken_off, &emit),
                Job::WriteAgain(question, results) => {
                    fanout::agent::write_again(ports, &question, &results, &emit).await;
                }
                Job::ContinueAnswer(question, results, kept) => {
                    fanout::agent::continue_answer(ports, &question, &results, &kept, &emit).await;
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
        | AgentEvent::TaskNoted { id, .. }
        | AgentEvent::TaskFinished { id, .. } => Some(*id),
        _ => None,
    }
}
