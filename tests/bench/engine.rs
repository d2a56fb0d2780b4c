//! What the schedule costs a task, natively: adding it, preparing it, starting it and taking its end, from ten tasks to a
//! hundred thousand. `cargo bench --no-default-features` prints the table; it judges nothing.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::time::{Duration, Instant};

use fanout::agent::ports::ServerLimits;
use fanout::agent::schedule::{Action, Admission, CallKey, Gate, Hold, Repeat, Reuse, Schedule};
use fanout::agent::task::{Arguments, Priority, RunIf, Task};

/// A way in which tasks depend on each other.
type Shape = fn(u32) -> Vec<u32>;

const SHAPES: [(&str, Shape); 3] = [
    ("independent", |_| Vec::new()),
    ("on an earlier one", |id| if id > 10 { vec![id - 10] } else { Vec::new() }),
    ("one chain", |id| if id > 1 { vec![id - 1] } else { Vec::new() }),
];

fn main() {
    println!("microseconds a task, best of several runs; six calls at a time");
    println!("{:>8}  {}", "tasks", SHAPES.map(|(name, _)| format!("{name:>18}")).join("  "));
    for tasks in [10, 100, 1_000, 10_000, 100_000] {
        let cells = SHAPES.map(|(_, shape)| {
            let runs = (100_000 / tasks).clamp(3, 1_000);
            let best = (0..runs).map(|_| run(tasks, shape)).min().unwrap_or_default();
            format!("{:>18.2}", best.as_secs_f64() * 1e6 / f64::from(tasks))
        });
        println!("{tasks:>8}  {}", cells.join("  "));
    }
}

/// Plays a plan without failures; the answer is the time the schedule took for it.
fn run(number: u32, shape: Shape) -> Duration {
    let tasks: Vec<Task> = (1..=number).map(|id| task(id, shape(id))).collect();
    let began = Instant::now();
    let mut schedule = Schedule::new(Hold::Nothing);
    let limits = ServerLimits { origin: "o".to_owned(), connections: 6, max_in_flight: 6, rate: None };
    schedule.set_limits("s", limits);
    for task in &tasks {
        schedule.add(task, admission(), 0.0);
    }
    schedule.plan_ended(0.0);
    let mut now = 0.0;
    let mut in_flight = std::collections::VecDeque::new();
    loop {
        let actions = schedule.next_actions(now);
        let quiet = actions.is_empty();
        for action in actions {
            match action {
                Action::Prepare(id) => schedule.prepared(id, Some(CallKey(id.to_string())), now),
                Action::Start { id, .. } => in_flight.push_back(id),
                _ => {}
            }
        }
        if quiet {
            let Some(id) = in_flight.pop_front() else { break };
            now += 1.0;
            schedule.call_completed(id, now);
        }
    }
    assert!(schedule.is_finished(), "a bench of something that does not work measures nothing");
    began.elapsed()
}

fn admission() -> Admission {
    Admission { gate: Gate::Open, repeat: Repeat::Safe, needs_result: Vec::new(), reuse: Reuse::ReadOnly }
}

fn task(id: u32, depends_on: Vec<u32>) -> Task {
    let priority = [Priority::Normal, Priority::High, Priority::Low][id as usize % 3];
    let (server, tool_name, tool_arguments) = ("s".to_owned(), "t".to_owned(), Arguments::new());
    Task { id, server, tool_name, tool_arguments, depends_on, run_if: RunIf::Completed, priority, reason: None }
}
