//! The scheduler by itself: what must hold for plans and outcomes of every kind.

use fanout::agent::schedule::{Action, Admission, End, Gate, Hold, Repeat, Reuse, Schedule};
use fanout::agent::task::{Arguments, Priority, RunIf, Task};

fn task(id: u32, depends_on: Vec<u32>) -> Task {
    let (server, tool_name, tool_arguments) = ("s".to_owned(), "t".to_owned(), Arguments::new());
    let (run_if, priority, reason) = (RunIf::Completed, Priority::Normal, None);
    Task { id, server, tool_name, tool_arguments, depends_on, run_if, priority, reason }
}

#[test]
fn a_dependent_starts_when_its_dependency_has_completed() {
    let admission =
        || Admission { gate: Gate::Open, repeat: Repeat::Safe, needs_result: Vec::new(), reuse: Reuse::ReadOnly };
    let mut schedule = Schedule::new(Hold::Nothing);
    schedule.add(&task(1, Vec::new()), admission(), 0.0);
    schedule.add(&task(2, vec![1]), admission(), 0.0);
    assert_eq!(schedule.next_actions(0.0)[0], Action::Prepare(1));
    schedule.prepared(1, None, 0.0);
    assert_eq!(schedule.next_actions(0.0), [Action::Start { id: 1, attempt: 1 }]);
    schedule.ended(1, End::Completed, 1.0);
    assert_eq!(schedule.next_actions(1.0), [Action::Prepare(2)]);
}
