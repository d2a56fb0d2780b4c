//! One labelled field of the settings, with its hint and, beside it in words, what is wrong with it.

use leptos::prelude::*;

use super::draft::Draft;

/// What a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// A web address.
    Url,
    /// A secret: hidden, and never filled in by the browser or the page.
    Secret,
    /// A whole number.
    Number,
    /// A number that need not be whole.
    Decimal,
}

/// A label, an input, a hint, a problem.
#[component]
pub(super) fn Field(
    /// All fields, for the problems.
    draft: Draft,
    /// The input's id; problems are kept under it.
    #[prop(into)]
    id: String,
    /// The label.
    label: &'static str,
    /// What it takes.
    kind: Kind,
    /// Where the text lives.
    value: RwSignal<String>,
    /// What stands in the empty field.
    #[prop(into)]
    placeholder: Signal<String>,
    /// What helps to fill it in.
    #[prop(into)]
    hint: Signal<String>,
    /// The id of a list of what it may hold.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let described_by = hint_id.clone();
    let key = StoredValue::new(id.clone());
    let problem = Memo::new(move |_| draft.problems.with(|all| key.with_value(|key| all.get(key).cloned())));
    let clear = move || {
        if problem.get_untracked().is_some() {
            draft.problems.update(|all| {
                key.with_value(|key| all.remove(key));
            });
        }
    };
    view! {
        <div class="field" data-problem=move || problem.get().is_some().to_string()>
            <label class="field__label" for=id.clone()>{label}</label>
            <input
                class="field__input"
                id=id
                type=if kind == Kind::Secret { "password" } else { "text" }
                inputmode=match kind {
                    Kind::Text | Kind::Secret => "text",
                    Kind::Url => "url",
                    Kind::Number => "numeric",
                    Kind::Decimal => "decimal",
                }
                list=list
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=move || placeholder.get()
                aria-describedby=described_by
                aria-invalid=move || problem.get().map(|_| "true")
                prop:value=move || value.get()
                on:input=move |event| {
                    clear();
                    value.set(event_target_value(&event));
                }
            />
            <p class="field__hint" id=hint_id>{move || problem.get().unwrap_or_else(|| hint.get())}</p>
        </div>
    }
}
