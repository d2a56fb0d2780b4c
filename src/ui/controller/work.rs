//! What a run does: the agent at work for the controller. Apart from the controller, because it brings the agent and all
//! clients with it, which the first screen does without.

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::Controller;
use super::world::World;
use crate::agent;
use crate::agent::task::TaskResult;

/// Something to do.
pub(crate) enum Work {
    /// Answer this question.
    Ask(String),
    /// Write the answer to this question again, from these results.
    WriteAgain(String, Vec<TaskResult>),
}

/// Does it. Dropping the future stops everything.
pub(crate) fn work(controller: Controller, what: Work) -> LocalBoxFuture<'static, ()> {
    async move {
        let Some(world) = controller.world(World::of) else { return };
        let emit = move |event| controller.record(event);
        match what {
            Work::Ask(question) => agent::run(world.ports(), &question, &world.limits, &emit).await,
            Work::WriteAgain(question, results) => {
                agent::write_again(world.ports(), &question, &results, &emit).await;
            }
        }
    }
    .boxed_local()
}
