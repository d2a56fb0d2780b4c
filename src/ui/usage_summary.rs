//! What the model calls of a run took: tokens, time, cost; in a line, and call by call on demand. It is there once the run
//! has ended and stands below the answer, so that it moves nothing.

use leptos::prelude::*;

use crate::agent::context::grouped;
use crate::agent::event::Stage;
use crate::session::step::usage_in_words;
use crate::session::timings::seconds;
use crate::session::{ModelCall, Session};
use crate::settings::{Cost, ModelPrice, cost};
use crate::ui::controller::Controller;
use crate::ui::icon;

/// The summary; nothing without a model and while the run goes on.
#[component]
pub(crate) fn UsageSummary() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let told = Memo::new(move |_| {
        controller.settings.with(|settings| {
            let session = controller.session.read();
            session
                .as_ref()
                // Without an answer the thinking steps tell what each call took.
                .filter(|it| !it.phase.is_running() && !it.calls.is_empty() && !it.answer.is_empty())
                .map(|it| Told::of(it, &settings.prices))
        })
    });
    view! { {move || told.get().map(summary)} }
}

/// What there is to say.
#[derive(Clone, PartialEq)]
struct Told {
    facts: Vec<String>,
    rows: Vec<Row>,
}

/// One call, or all of them, in words.
#[derive(Clone, PartialEq)]
struct Row {
    what: String,
    model: String,
    read: String,
    cached: String,
    written: String,
    thoughts: String,
    first: String,
    rate: String,
    cost: String,
}

impl Told {
    fn of(session: &Session, prices: &[ModelPrice]) -> Self {
        let costs: Vec<Option<Cost>> = session.calls.iter().map(|call| cost_of(call, prices)).collect();
        let mut facts: Vec<String> = usage_in_words(&session.usage).into_iter().collect();
        facts.extend(total(&costs));
        let answer = session.calls.iter().rev().find(|call| call.stage == Stage::Synthesis);
        if let Some(first) = answer.and_then(ModelCall::time_to_first_token) {
            facts.push(format!("the answer\u{2019}s first token after {}", seconds(first)));
        }
        if let Some(rate) = answer.and_then(ModelCall::tokens_per_second) {
            facts.push(format!("about {rate:.0} tokens/s"));
        }
        Self { facts, rows: session.calls.iter().zip(costs).map(|(call, cost)| row(call, cost.as_ref())).collect() }
    }
}

fn cost_of(call: &ModelCall, prices: &[ModelPrice]) -> Option<Cost> {
    cost(prices, &call.model, call.usage.as_ref()?)
}

/// What the run cost, with the day of the oldest price; calls without a price are named.
fn total(costs: &[Option<Cost>]) -> Option<String> {
    let known: Vec<&Cost> = costs.iter().flatten().collect();
    if known.is_empty() {
        return None;
    }
    let amount = dollars(known.iter().fold(0.0, |sum, cost| sum + cost.amount()));
    let oldest = known.iter().filter_map(|cost| match cost {
        Cost::Estimated(_, day) => Some(day.as_str()),
        Cost::Reported(_) => None,
    });
    let how = oldest.min().map_or("as reported".to_owned(), |day| format!("estimated, prices of {day}"));
    let rest = match costs.len() - known.len() {
        0 => String::new(),
        1 => " and 1 call without a price".to_owned(),
        more => format!(" and {more} calls without a price"),
    };
    Some(format!("{amount} ({how}){rest}"))
}

/// With as many digits as mean something.
fn dollars(amount: f64) -> String {
    if amount >= 1.0 {
        format!("${amount:.2}")
    } else if amount >= 0.000_05 || amount <= 0.0 {
        format!("${amount:.4}")
    } else {
        "less than $0.0001".to_owned()
    }
}

fn row(call: &ModelCall, cost: Option<&Cost>) -> Row {
    let usage = call.usage.unwrap_or_default();
    let unknown = || "\u{2013}".to_owned();
    let count = |tokens: Option<u64>| tokens.map_or_else(unknown, grouped);
    Row {
        what: match call.stage {
            Stage::Plan => "Plan".to_owned(),
            Stage::Synthesis => "Answer".to_owned(),
        },
        model: call.model.clone(),
        read: count(usage.prompt_tokens),
        cached: count(usage.cached_tokens),
        written: count(usage.completion_tokens),
        thoughts: count(usage.reasoning_tokens),
        first: call.time_to_first_token().map_or_else(unknown, seconds),
        rate: call.tokens_per_second().map_or_else(unknown, |rate| format!("{rate:.0}")),
        cost: cost.map_or_else(unknown, |cost| dollars(cost.amount())),
    }
}

fn summary(Told { facts, rows }: Told) -> impl IntoView {
    let fact = |fact: String| view! { <span class="usage-summary__fact">{fact}</span> };
    let row = |row: Row| {
        let numbers = [row.read, row.cached, row.written, row.thoughts, row.first, row.rate, row.cost];
        view! {
            <tr>
                <th scope="row">{row.what}</th>
                <td class="usage-summary__model">{row.model}</td>
                {numbers.map(|number| view! { <td class="usage-summary__number">{number}</td> }).into_iter().collect_view()}
            </tr>
        }
    };
    let heads = ["Read", "of it cached", "Written", "of it thoughts", "First token", "Tokens/s", "Cost"];
    view! {
        <section class="usage-summary" aria-label="Usage and cost">
            <p class="usage-summary__facts">{facts.into_iter().map(fact).collect_view()}</p>
            <details class="usage-summary__calls">
                <summary class="usage-summary__summary">{icon::chevron()} {"Model calls"}</summary>
                <div class="usage-summary__scroll" role="region" aria-label="Model calls" tabindex="0">
                    <table class="usage-summary__table">
                        <thead>
                            <tr>
                                <th scope="col">{"Call"}</th>
                                <th scope="col">{"Model"}</th>
                                {heads.map(|head| view! { <th class="usage-summary__number" scope="col">{head}</th> }).into_iter().collect_view()}
                            </tr>
                        </thead>
                        <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
                <p class="usage-summary__note">
                    {"Tokens as the provider reported them; a dash where it did not. Tokens a second are estimated from the \
                      text. Prices are entered in the settings."}
                </p>
            </details>
        </section>
    }
}
