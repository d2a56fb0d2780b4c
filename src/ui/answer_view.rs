//! The answer as it is written: settled blocks are built once, only the tail is built again, once a frame. Never a live
//! region; the status line says when it is ready.

use std::collections::HashMap;

use leptos::prelude::*;
use serde_json::Value;

use crate::agent::event::Mode;
use crate::markdown::{Block, StreamingMarkdown};
use crate::session::{Phase, Session};
use crate::ui::controller::Controller;
use crate::ui::copy_button::CopyButton;
use crate::ui::markdown_view::{self, Surroundings};
use crate::ui::results_focus::ResultsFocus;
use crate::ui::unwritten_answer::UnwrittenAnswer;

/// Blocks that are named for good, and those that may still change.
#[derive(Clone, Default, PartialEq)]
struct Parsed {
    settled: Vec<(u32, usize)>,
    tail: Vec<Block>,
}

/// The answer, or why there is none yet.
#[component]
pub(crate) fn AnswerView() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let focus = expect_context::<ResultsFocus>();
    let with = move |read: fn(&Session) -> bool| controller.session.with(|session| session.as_ref().is_some_and(read));
    let writing = Memo::new(move |_| with(|session| session.phase == Phase::Synthesizing));
    let empty = Memo::new(move |_| with(|session| session.answer.is_empty()));
    let failed = Memo::new(move |_| with(|session| session.synthesis_error.is_some()));
    let basic = Memo::new(move |_| with(|session| session.mode == Mode::Basic));
    let waiting_text = Memo::new(move |_| {
        controller.session.with(|session| session.as_ref().map_or("", |session| waiting_text(session)))
    });

    let markdown = StoredValue::new_local(StreamingMarkdown::new());
    let settled = StoredValue::new_local(HashMap::<(u32, usize), Block>::new());
    let parsed = Memo::new(move |_| {
        controller.session.with(|session| {
            let Some(session) = session.as_ref().filter(|session| !session.answer.is_empty()) else {
                return Parsed::default();
            };
            let cite = |id| session.task(id).is_some();
            let update = markdown.try_update_value(|markdown| {
                let update = markdown.update(&session.answer, &cite);
                let keys: Vec<_> = (0..update.settled.len()).map(|index| (update.generation, index)).collect();
                settled.update_value(|settled| {
                    for (key, block) in keys.iter().zip(update.settled) {
                        settled.entry(*key).or_insert_with(|| block.clone());
                    }
                });
                Parsed { settled: keys, tail: update.tail }
            });
            update.unwrap_or_default()
        })
    });
    let seen = StoredValue::new_local(HashMap::<String, bool>::new());
    let around = Surroundings {
        knows: Callback::new(move |url: String| {
            if let Some(known) = seen.with_value(|seen| seen.get(&url).copied()) {
                return known;
            }
            let known = controller.session.with_untracked(|session| session.as_ref().is_some_and(|it| knows(it, &url)));
            seen.update_value(|seen| {
                seen.insert(url, known);
            });
            known
        }),
        cite: Callback::new(move |id| focus.show(id)),
    };
    let answer =
        move || controller.session.with_untracked(|it| it.as_ref().map(|it| it.answer.clone()).unwrap_or_default());

    view! {
        <section class="answer-view" id="answer" tabindex="-1" aria-label="Answer" aria-busy=move || writing.get().to_string() data-empty=move || empty.get().to_string()>
            <header class="answer-view__head">
                <h2 class="answer-view__title">{"Answer"}</h2>
                <Show when=move || basic.get()>
                    <span class="badge">{"Basic mode: no language model"}</span>
                </Show>
                <Show when=move || !empty.get() && !writing.get()>
                    <CopyButton text=Callback::new(move |()| answer()) label="Copy the answer"/>
                </Show>
            </header>
            <Show when=move || empty.get() && !failed.get()>
                <p class="answer-view__waiting">{move || waiting_text.get()}</p>
            </Show>
            <div class="prose" data-writing=move || writing.get().to_string()>
                <For each=move || parsed.get().settled key=|key| *key let:key>
                    {settled.with_value(|settled| settled.get(&key).map(|block| markdown_view::block(block, around)))}
                </For>
                {move || parsed.with(|parsed| markdown_view::blocks(&parsed.tail, around))}
            </div>
            <Show when=move || failed.get()>
                <UnwrittenAnswer around/>
            </Show>
        </section>
    }
}

fn waiting_text(session: &Session) -> &'static str {
    match session.phase {
        Phase::Discovering | Phase::Planning | Phase::Executing => "Written here as soon as the last task has ended.",
        Phase::Synthesizing => "The first words are on their way.",
        Phase::Done => "There was nothing to say.",
        Phase::Failed => "There is none; see above for the reasons.",
        Phase::Stopped => "You stopped this run before an answer was written. What arrived is kept with the tasks.",
    }
}

/// Whether `url` stands in the question or in any text of any result.
fn knows(session: &Session, url: &str) -> bool {
    session.question.contains(url)
        || session
            .tasks
            .iter()
            .filter_map(|view| view.outcome.as_ref()?.output())
            .any(|output| holds(&output.result, url))
}

fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(fields) => fields.iter().any(|(key, item)| key.contains(text) || holds(item, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
