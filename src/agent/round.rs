//! Plan and execute, together: each task starts while the plan still streams. The first plan answers the question from
//! nothing; a further one looks for what the writer missed, and as its words come after reading results, it may use
//! read-only tools only and nothing of it runs before the person has seen it.

use std::pin::pin;

use futures::channel::mpsc;
use futures::future::{Either, select};

use super::Emit;
use super::conversation::Question;
use super::discover::Catalog;
use super::error::AgentError;
use super::event::AgentEvent;
use super::execute::{Cause, Executed, Opening, RunTerms, Seed, execute};
use super::limits::{Limits, PlanReview};
use super::plan::{Brief, Plan, plan};
use super::ports::{Ask, Ports};
use super::schedule::Hold;
use super::task::{Outcome, TaskResult, Tool};

/// What a round brought.
#[derive(Debug)]
pub(super) enum Round {
    /// Results, and why there are no more.
    Executed(Executed),
    /// The planner answered by itself.
    Answered,
}

/// Plans from nothing and runs the plan.
pub(super) async fn first_round(
    ports: Ports<'_>,
    catalog: &Catalog,
    question: &Question,
    limits: &Limits,
    terms: &mut RunTerms,
    emit: Emit<'_>,
) -> Result<Round, AgentError> {
    let hold = match limits.review {
        PlanReview::First => Hold::Everything,
        PlanReview::Skip => Hold::Nothing,
    };
    let opening = Opening { earlier: Vec::new(), hold };
    plan_and_execute(ports, (catalog, catalog), Brief::Question(question), opening, limits, terms, emit).await
}

/// Plans what is missing and runs that beside the results that are there. A plan that fails takes nothing from those.
pub(super) async fn further_round(
    ports: Ports<'_>,
    catalog: &Catalog,
    (question, missing): (&Question, &str),
    results: Vec<TaskResult>,
    limits: &Limits,
    terms: &mut RunTerms,
    emit: Emit<'_>,
) -> Executed {
    let may_be_offered =
        |tool: &Tool| tool.annotations.read_only && ports.tools.ask(&tool.server, &tool.name) != Ask::Always;
    let offered = catalog.filtered(may_be_offered);
    let brief = Brief::Missing { question, done: &results, missing };
    let earlier = results.iter().cloned().map(Seed::Ended).collect();
    let opening = Opening { earlier, hold: Hold::Everything };
    match plan_and_execute(ports, (&offered, catalog), brief, opening, limits, terms, emit).await {
        Ok(Round::Executed(executed)) => executed,
        Ok(Round::Answered) => Executed { results, cause: Cause::Finished },
        Err(error) => {
            emit(AgentEvent::PlanProblem { problem: error.to_string(), raw: String::new() });
            Executed { results, cause: Cause::Finished }
        }
    }
}

/// The planner hands each task on the moment its JSON object closes; `execute` starts it while the plan streams on. Ends
/// when all tasks have, or when nobody wants to wait any longer: then the planner is dropped as well.
async fn plan_and_execute(
    ports: Ports<'_>,
    (offered, catalog): (&Catalog, &Catalog),
    brief: Brief<'_>,
    opening: Opening,
    limits: &Limits,
    terms: &mut RunTerms,
    emit: Emit<'_>,
) -> Result<Round, AgentError> {
    let (sender, tasks) = mpsc::unbounded();
    let before = opening.earlier.len();
    let planning = pin!(plan(ports, brief, offered, limits, sender, emit));
    let executing = pin!(execute(ports, catalog, opening, tasks, terms, emit));
    let executed = match select(planning, executing).await {
        Either::Left((planned, executing)) => match planned? {
            Plan::Answered => return Ok(Round::Answered),
            Plan::Tasks => executing.await,
        },
        Either::Right((executed, planning)) => {
            if executed.cause == Cause::Finished {
                if planning.await? == Plan::Answered {
                    return Ok(Round::Answered);
                }
            } else {
                emit(AgentEvent::PlanFinished { tasks: executed.results.len() - before });
            }
            executed
        }
    };
    Ok(Round::Executed(executed))
}

/// Whether there is something to answer from. An empty plan is no failure, for the model may know the answer.
pub(super) fn some_result(executed: &Executed, terms: &RunTerms) -> Result<(), AgentError> {
    let Executed { results, cause } = executed;
    if results.iter().any(|result| matches!(result.outcome, Outcome::Completed { .. })) {
        return Ok(());
    }
    match cause {
        Cause::AnswerRequested => Err(AgentError::NothingYet),
        Cause::OutOfTime if results.is_empty() => Err(AgentError::OutOfTime(terms.time_in_words())),
        Cause::Finished if results.is_empty() => Ok(()),
        Cause::Finished | Cause::OutOfTime => {
            let why = |result: &TaskResult| {
                let why = result.outcome.problem().unwrap_or_default();
                format!("task {} ({}): {why}", result.task.id, result.task.tool_name)
            };
            Err(AgentError::AllTasksFailed(results.iter().map(why).collect()))
        }
    }
}
