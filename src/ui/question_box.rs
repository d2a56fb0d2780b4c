//! The question box: one text field, Ask, Stop while a run goes on, and whether the plan is to be seen before it runs.
//! Enter asks, Shift+Enter makes a new line. It knows nothing of what a run does.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;

use crate::agent::limits::PlanReview;
use crate::ui::controller::Controller;
use crate::ui::icon;

/// What is typed, and the field it is typed into; examples fill it, "Try again" reads it.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    /// The text.
    pub(crate) text: RwSignal<String>,
    field: NodeRef<html::Textarea>,
}

impl Draft {
    /// Nothing typed.
    pub(crate) fn new() -> Self {
        Self { text: RwSignal::new(String::new()), field: NodeRef::new() }
    }

    /// Puts `text` into the box and the cursor behind it.
    pub(crate) fn fill(self, text: &str) {
        self.text.set(text.to_owned());
        self.focus();
    }

    /// Marks all of it, so that what is typed next takes its place.
    fn mark(self) {
        if let Some(field) = self.field.get_untracked() {
            field.select();
        }
    }

    /// Moves the focus into the box.
    pub(crate) fn focus(self) {
        if let Some(field) = self.field.get_untracked() {
            // A field that cannot take the focus is not on the page.
            let _ = field.focus();
        }
    }
}

/// The box. Takes the focus when the page opens.
#[component]
pub(crate) fn QuestionBox() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let draft = expect_context::<Draft>();
    let problem = RwSignal::new(None::<&'static str>);
    Effect::new(move || {
        if draft.field.get().is_some() {
            draft.focus();
        }
    });
    // A long question takes one line once it is asked, and its room again when it is edited.
    let edited = Memo::new(move |_| {
        controller.session.with(|session| {
            draft.text.with(|text| session.as_ref().is_none_or(|session| text.trim() != session.question))
        })
    });
    // Whether the field has just got the focus: then a click marks a question that was asked, as in an address bar, for the
    // next one takes its place.
    let entered = StoredValue::new(false);
    let reviewed = Memo::new(move |_| !controller.settings.with(|settings| settings.limits.review.is_skip()));
    let ask = move || {
        let question = draft.text.with_untracked(|text| text.trim().to_owned());
        if question.is_empty() {
            problem.set(Some("Type a question first."));
            draft.focus();
        } else {
            problem.set(None);
            controller.submit(question);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            ask();
            draft.mark();
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        ask();
    };

    view! {
        <form class="question-box" on:submit=on_submit data-problem=move || problem.get().is_some().to_string() data-edited=move || edited.get().to_string()>
            <label class="visually-hidden" for="question">{"Question"}</label>
            <textarea
                class="question-box__field"
                id="question"
                name="question"
                rows="1"
                placeholder="Ask something your tools can find out"
                autocomplete="off"
                aria-describedby="question-hint"
                aria-invalid=move || problem.get().map(|_| "true")
                node_ref=draft.field
                prop:value=move || draft.text.get()
                on:input=move |event| {
                    problem.set(None);
                    draft.text.set(event_target_value(&event));
                    controller.warm();
                }
                on:keydown=on_key
                on:focus=move |_| entered.set_value(true)
                on:click=move |_| {
                    if entered.get_value() && !edited.get_untracked() {
                        draft.mark();
                    }
                    entered.set_value(false);
                }
            ></textarea>
            <p class="question-box__hint" id="question-hint">
                {move || problem.get().unwrap_or("Enter asks, Shift + Enter makes a new line, Esc stops.")}
            </p>
            <div class="question-box__buttons">
                <button
                    class="button button--stop"
                    type="button"
                    data-running=move || controller.alive.get().to_string()
                    on:click=move |_| controller.stop()
                >
                    {icon::square()}
                    <span class="question-box__label">{"Stop"}</span>
                </button>
                <button class="button button--primary" type="submit">
                    {icon::arrow_up()}
                    <span class="question-box__label">{"Ask"}</span>
                </button>
            </div>
            <label class="question-box__review">
                <input
                    type="checkbox"
                    prop:checked=move || reviewed.get()
                    on:change=move |event| {
                        controller.set_review(if event_target_checked(&event) { PlanReview::First } else { PlanReview::Skip });
                    }
                />
                {"Review the plan first"}
            </label>
        </form>
    }
}
