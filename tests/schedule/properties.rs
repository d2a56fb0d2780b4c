//! What must hold for every plan, whatever becomes of its calls and whatever the person does: hundreds of thousands of
//! scripts, each from a few numbers that shrink to the simplest script that fails.

use proptest::collection::vec;
use proptest::prelude::*;

use super::script::Terrain;
use super::world::World;

fn cases(number: u32) -> ProptestConfig {
    // A failing case is printed whole and becomes a test of its own; no file of seeds is needed.
    ProptestConfig { cases: number, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(70_000))]

    #[test]
    fn every_task_ends_once_and_no_limit_is_broken(numbers in vec(any::<u64>(), 1..40)) {
        World::new(&numbers, Terrain::Rough).play();
    }

    #[test]
    fn the_same_holds_for_other_plans(numbers in vec(any::<u64>(), 1..40)) {
        World::new(&numbers, Terrain::Rough).play();
    }

    #[test]
    fn when_everything_is_ended_at_any_moment_nothing_is_left(numbers in vec(any::<u64>(), 1..40), steps in 0_usize..60) {
        World::new(&numbers, Terrain::Rough).play_and_cut(steps);
    }
}

proptest! {
    #![proptest_config(cases(30_000))]

    /// Graham's bound for list scheduling: with m places and no other limit, no order of starting is worse than the work
    /// spread over the places plus what the longest chain of dependencies adds to it.
    #[test]
    fn no_plan_takes_longer_than_list_scheduling_allows(numbers in vec(any::<u64>(), 1..30)) {
        let world = World::new(&numbers, Terrain::Plain).play();
        let bound = world.list_scheduling_bound();
        prop_assert!(world.now <= bound + 1e-6, "{} ms instead of {bound} at most", world.now);
    }
}
