//! A plan without a language model: tools are scored by the words they share with the question, their arguments filled
//! by schema, and the best calls taken. The same question and tools always give the same plan. It plans no call that
//! needs another's result.

use std::sync::Arc;

use super::fill::{Filling, Missing, fill};
use super::mark;
use super::parameter::{Role, parameters};
use super::question::{Kind, Question};
use super::score::{Effect, Fit, fits};
use super::words::{is_reading, name_words, stem, synonyms};
use crate::agent::task::{Priority, RunIf, Task, Tool};

/// Calls planned at most, however much is asked for.
const MAX_PLANNED: usize = 8;
/// Calls planned when the question asks for one thing.
const USUALLY_PLANNED: usize = 3;
/// Tools scoring below this share of the best one are left out.
const CLOSE_TO_BEST: f64 = 0.55;
/// Left-out tools the reasoning names; the rest are counted.
const MAX_NAMED: usize = 8;

/// A plan made without a language model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BasicPlan {
    /// Why the plan is as it is, sentence by sentence.
    pub reasoning: Vec<String>,
    /// The calls to make; may be empty.
    pub tasks: Vec<Task>,
}

/// A tool that could be called.
struct Candidate<'a> {
    tool: &'a Tool,
    filling: Filling,
    score: f64,
}

/// Plans the calls for a question.
pub fn plan(question: &str, tools: &[Arc<Tool>]) -> BasicPlan {
    let question = Question::read(question);
    let mut reasoning = vec!["No language model: tools are chosen by keywords.".to_owned()];
    if tools.is_empty() {
        reasoning
            .push("No server offers a tool, so nothing can be asked. Add a server or check its connection.".to_owned());
        return BasicPlan { reasoning, tasks: Vec::new() };
    }
    let about_tools = about_tools(&question, tools);
    let mut candidates = Vec::new();
    let mut left_out = Vec::new();
    for (tool, fit) in tools.iter().zip(fits(&question, tools)) {
        match consider(&question, tool, fit, &about_tools) {
            Ok(candidate) => candidates.push(candidate),
            Err(why) => left_out.push(format!("{} is left out: {why}.", tool.name)),
        }
    }
    leave_out_covered(&mut candidates, &mut left_out);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let chosen = choose(candidates, &mut left_out);
    let searching = chosen.iter().find(|(candidate, _)| !candidate.filling.keywords.is_empty());
    if let Some((candidate, _)) = searching {
        reasoning.push(format!("The question\u{2019}s keywords: {}.", candidate.filling.keywords.join(", ")));
    }
    reasoning.extend(chosen.iter().map(|(candidate, calls)| told(candidate, calls.len())));
    let more = left_out.len().saturating_sub(MAX_NAMED);
    reasoning.extend(left_out.into_iter().take(MAX_NAMED));
    if more > 0 {
        reasoning.push(format!("{more} more tools do not fit the question."));
    }
    let tasks = tasks(chosen);
    if tasks.is_empty() {
        reasoning.push(
            "So there is nothing to call. Name what to look for, or a user, an address or a number, or set up a \
             language model, which can plan freely."
                .to_owned(),
        );
    }
    BasicPlan { reasoning, tasks }
}

/// Whether the tool may be called, and how well it fits.
fn consider<'a>(
    question: &Question,
    tool: &'a Tool,
    fit: Fit,
    about_tools: &[String],
) -> Result<Candidate<'a>, String> {
    if fit.effect == Effect::MayChange && !fit.named {
        return Err("it is not known to only read, and the question does not name it".to_owned());
    }
    let filling = fill(question, tool, about_tools).map_err(|Missing(why)| why)?;
    let told = filling.marked > 0 && (fit.shared_words > 0 || filling.users > 0 || filling.addresses > 0);
    if !(filling.searches || fit.named || told || fit.shared_words >= 2) {
        return Err("it shares too few words with the question".to_owned());
    }
    let kept = match fit.effect {
        Effect::Reads => 1.0,
        Effect::SeemsToRead => 0.9,
        Effect::MayChange => 0.6,
    };
    #[expect(clippy::cast_precision_loss, reason = "a handful of values")]
    let score = kept * (fit.score + filling.marked as f64 + if filling.searches { 0.5 } else { 0.0 });
    Ok(Candidate { tool, filling, score })
}

/// Leaves out tools that would only list what another tool of the same server searches by the question's keywords, or knows
/// by a name the question holds.
fn leave_out_covered(candidates: &mut Vec<Candidate<'_>>, left_out: &mut Vec<String>) {
    let nouns = |tool: &Tool| -> Vec<String> {
        name_words(&tool.name).iter().filter(|word| !is_reading(word)).map(|word| stem(word)).collect()
    };
    let telling: Vec<(String, Vec<String>)> = candidates
        .iter()
        .filter(|candidate| !candidate.filling.keywords.is_empty() || candidate.filling.marked > 0)
        .map(|candidate| {
            let names = nouns(candidate.tool).iter().flat_map(|noun| synonyms(noun)).collect();
            (candidate.tool.server.clone(), names)
        })
        .collect();
    candidates.retain(|candidate| {
        let (tool, filling) = (candidate.tool, &candidate.filling);
        let covered = !filling.searches
            && filling.marked == 0
            && !nouns(tool).is_empty()
            && parameters(&tool.input_schema).iter().all(|parameter| !parameter.required)
            && telling
                .iter()
                .any(|(server, names)| *server == tool.server && nouns(tool).iter().all(|noun| names.contains(noun)));
        if covered {
            left_out.push(format!("{} is left out: another tool finds among what it lists.", tool.name));
        }
        !covered
    });
}

/// Takes the calls that matter most from the best tools, then the next ones, up to the number the question deserves.
fn choose<'a>(candidates: Vec<Candidate<'a>>, left_out: &mut Vec<String>) -> Vec<(Candidate<'a>, Vec<usize>)> {
    let best = candidates.first().map_or(0.0, |candidate| candidate.score);
    // "What did alice say about databases?" is about her, and about databases.
    let about_user = candidates.first().is_some_and(|c| c.filling.users > 0 && !c.filling.searches);
    let mut beside = usize::from(about_user);
    let mut chosen: Vec<(Candidate<'_>, Vec<usize>)> = Vec::new();
    for candidate in candidates {
        let close = candidate.score >= best * CLOSE_TO_BEST;
        let more = candidate.filling.searches && about_user;
        let kept = if more { !candidate.filling.keywords.is_empty() && std::mem::take(&mut beside) > 0 } else { close };
        if kept {
            chosen.push((candidate, Vec::new()));
        } else {
            left_out.push(format!("{} is left out: other tools fit the question better.", candidate.tool.name));
        }
    }
    let asked = |searching: bool| {
        chosen.iter().filter(move |(c, _)| c.filling.searches == searching).map(|(c, _)| c.filling.asked_for)
    };
    let most = (asked(false).sum::<usize>() + asked(true).max().unwrap_or(0)).clamp(USUALLY_PLANNED, MAX_PLANNED);
    let rounds = chosen.iter().map(|(c, _)| c.filling.calls.len()).max().unwrap_or(0);
    let mut taken = 0;
    for round in 0..rounds {
        for (candidate, calls) in &mut chosen {
            if taken < most && round < candidate.filling.calls.len() {
                calls.push(round);
                taken += 1;
            }
        }
    }
    let (kept, dropped): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|(_, calls)| !calls.is_empty());
    left_out.extend(
        dropped.iter().map(|(c, _)| format!("{} is left out: other tools fit the question better.", c.tool.name)),
    );
    kept
}

fn tasks(chosen: Vec<(Candidate<'_>, Vec<usize>)>) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    for (candidate, calls) in chosen {
        for call in calls {
            let (arguments, why) = candidate.filling.calls[call].clone();
            let tool = candidate.tool;
            let same = |t: &Task| t.server == tool.server && t.tool_name == tool.name && t.tool_arguments == arguments;
            let Ok(id) = u32::try_from(tasks.len() + 1) else { break };
            if !tasks.iter().any(same) {
                tasks.push(Task {
                    id,
                    server: tool.server.clone(),
                    tool_name: tool.name.clone(),
                    tool_arguments: arguments,
                    depends_on: Vec::new(),
                    run_if: RunIf::Completed,
                    priority: Priority::Normal,
                    reason: Some(if why.is_empty() { "the question names it".to_owned() } else { why }),
                });
            }
        }
    }
    tasks
}

/// Words that say which tool is meant rather than what to search for: those of tools about users, beside a user's name;
/// files' names, where a tool reads files.
fn about_tools(question: &Question, tools: &[Arc<Tool>]) -> Vec<String> {
    let needs = |tool: &Tool, role: Role| parameters(&tool.input_schema).iter().any(|p| p.required && p.role == role);
    let mut words = Vec::new();
    if !mark::users(question).is_empty() {
        let about_users = tools.iter().filter(|tool| needs(tool, Role::User));
        words.extend(about_users.flat_map(|tool| name_words(&tool.name)).map(|word| stem(&word)));
    }
    if tools.iter().any(|tool| needs(tool, Role::Path)) {
        let files = question.tokens.iter().filter(|token| token.kind == Kind::Path);
        words.extend(files.map(|token| stem(&token.lower)));
    }
    words
}

fn told(candidate: &Candidate<'_>, calls: usize) -> String {
    let why = if candidate.filling.searches {
        "it searches, and the question has keywords"
    } else {
        "the question names what it needs"
    };
    let count = if calls == 1 { "one call".to_owned() } else { format!("{calls} calls at once") };
    format!("{} ({}): {count}, because {why}.", candidate.tool.name, candidate.tool.server)
}
