//! The scheduler by itself: random plans and random outcomes, and what must hold for every one of them.

use std::collections::{BTreeMap, BTreeSet};

use fanout::agent::schedule::{Action, End, Gate, Schedule};
use fanout::agent::task::{Arguments, Priority, Task};

/// A small generator (`SplitMix64`, Steele et al. 2014): the tests need variety and repeatability, nothing else.
struct Random(u64);
impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap_or(0)
    }
}

fn task(id: u32, server: &str, depends_on: Vec<u32>, priority: Priority) -> Task {
    let (server, tool_name) = (server.to_owned(), "t".to_owned());
    Task { id, server, tool_name, tool_arguments: Arguments::new(), depends_on, priority, reason: None }
}

/// Plays one random plan to its end and checks every promise on the way.
fn play(seed: u64) {
    let mut random = Random(seed);
    let limit = 1 + random.next(4);
    let total = 1 + random.next(30);
    let mut schedule = Schedule::new();
    let mut depends: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut ended: BTreeMap<u32, End> = BTreeMap::new();
    let (mut running, mut asking): (Vec<(u32, &str)>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut servers: BTreeMap<u32, &str> = BTreeMap::new();
    let mut added = 0;
    loop {
        loop {
            let actions = schedule.next_actions(&|_| limit);
            if actions.is_empty() {
                break;
            }
            for action in actions {
                match action {
                    Action::Prepare(id) => {
                        assert!(
                            depends[&id].iter().all(|other| ended.get(other) == Some(&End::Completed)),
                            "seed {seed}: {id}"
                        );
                        if random.next(12) == 0 {
                            assert_eq!(ended.insert(id, End::Unusable), None, "seed {seed}");
                            schedule.ended(id, End::Unusable);
                        } else {
                            schedule.prepared(id);
                        }
                    }
                    Action::Ask(id) => asking.push(id),
                    Action::Start(id) => {
                        running.push((id, servers[&id]));
                        let on_server = running.iter().filter(|(_, server)| *server == servers[&id]).count();
                        assert!(on_server <= limit, "seed {seed}: {on_server} calls at once");
                    }
                    Action::Wait(..) => {}
                    Action::Skip(id, because) => {
                        assert_eq!(ended.get(&because), Some(&End::Unusable), "seed {seed}");
                        assert_eq!(ended.insert(id, End::Unusable), None, "seed {seed}: {id} ended twice");
                    }
                }
            }
        }
        if schedule.is_finished() {
            break;
        }
        // Something must be possible: a task to add, a call to end, a question to answer. Otherwise a wake-up was lost.
        let choices = [usize::from(added <= total), usize::from(!running.is_empty()), usize::from(!asking.is_empty())];
        assert!(choices.iter().sum::<usize>() > 0, "seed {seed}: nothing left to do and not finished");
        match random.next(3) {
            0 if added < total => {
                added += 1;
                let id = u32::try_from(added).unwrap_or(0);
                let needs: BTreeSet<u32> = (0..random.next(3))
                    .map(|_| 1 + u32::try_from(random.next(added)).unwrap_or(0))
                    .filter(|other| *other < id)
                    .collect();
                let server = ["a", "b"][random.next(2)];
                let priority = [Priority::High, Priority::Normal, Priority::Low][random.next(3)];
                let new = task(id, server, needs.iter().copied().collect(), priority);
                depends.insert(id, new.depends_on.clone());
                servers.insert(id, server);
                if random.next(10) == 0 {
                    ended.insert(id, End::Unusable);
                    schedule.add_refused(&new);
                } else {
                    schedule.add(&new, if random.next(4) == 0 { Gate::Approval } else { Gate::Open });
                }
            }
            0 if added == total => {
                added += 1;
                schedule.plan_ended();
            }
            1 if !running.is_empty() => {
                let (id, _) = running.swap_remove(random.next(running.len()));
                let end = if random.next(5) == 0 { End::Unusable } else { End::Completed };
                assert_eq!(ended.insert(id, end), None, "seed {seed}: {id} ended twice");
                schedule.ended(id, end);
            }
            2 if !asking.is_empty() => schedule.approved(asking.swap_remove(random.next(asking.len()))),
            _ => {}
        }
    }
    assert_eq!(ended.len(), total, "seed {seed}: every task ends exactly once");
    assert!(running.is_empty() && asking.is_empty(), "seed {seed}: nothing is left in flight");
}

#[test]
fn every_task_of_every_random_plan_ends_exactly_once_and_in_order() {
    (0..20_000).for_each(play);
}

#[test]
fn among_what_may_start_high_goes_before_normal_before_low_then_plan_order() {
    let mut schedule = Schedule::new();
    let priorities = [Priority::Low, Priority::Normal, Priority::High, Priority::High, Priority::Normal];
    for (id, priority) in (1..).zip(priorities) {
        schedule.add(&task(id, "a", vec![], priority), Gate::Open);
        schedule.next_actions(&|_| 1);
        schedule.prepared(id);
    }
    // The first to become ready found the connection free; the others queue behind it.
    schedule.ended(1, End::Completed);
    let mut order: Vec<u32> = Vec::new();
    loop {
        let started: Vec<u32> = schedule
            .next_actions(&|_| 1)
            .iter()
            .filter_map(|action| if let Action::Start(id) = action { Some(*id) } else { None })
            .collect();
        if started.is_empty() {
            break;
        }
        assert_eq!(started.len(), 1);
        order.extend(&started);
        schedule.ended(started[0], End::Completed);
    }
    assert_eq!(order, [3, 4, 2, 5]);
}
