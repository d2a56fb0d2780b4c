//! What servers ask the person while a run goes on, one card a question; nothing while none does. The run waits meanwhile,
//! and its time stands still where nothing else goes on.

mod card;
mod form_body;
mod page_body;

use leptos::prelude::*;

use crate::agent::inquiry::Reply;
use crate::session::step::count;
use crate::session::{InquiryView, Session};
use crate::ui::controller::Controller;
use crate::ui::question_box::Draft;
use crate::ui::{frame, icon};
use crate::web::page;
pub(crate) use card::InquiryCard;

/// Questions shown at once; the next ones come when these are answered.
const SHOWN: usize = 20;

/// All questions that are open.
#[component]
pub(crate) fn InquiryPanel() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let draft = expect_context::<Draft>();
    let open = Memo::new(move |_| {
        if !controller.alive.get() {
            return Vec::new();
        }
        controller.session.with(|session| session.as_ref().map(ids).unwrap_or_default())
    });
    let any = Memo::new(move |_| open.with(|open| !open.is_empty()));
    let title = move || match open.with(Vec::len) {
        1 => "A question for you".to_owned(),
        n => format!("{} for you", count(n, "question")),
    };
    let more = move || {
        let more = open.with(Vec::len).saturating_sub(SHOWN);
        (more > 0).then(|| view! { <p class="inquiry-panel__note">{format!("{more} more follow after these.")}</p> })
    };
    // The focus moves to the first question there is, unless the person is busy elsewhere.
    Effect::new(move |before: Option<Option<u32>>| {
        let first = open.with(|open| open.first().copied());
        let was_none = before.flatten().is_none();
        if let Some(first) = first.filter(|_| was_none) {
            frame::soon(move || {
                let asked = controller.session.with_untracked(|session| {
                    draft.text.with_untracked(|text| session.as_ref().is_some_and(|it| it.question == text.trim()))
                });
                // Who has just asked still has the cursor behind the question.
                let field = if asked { "question" } else { "" };
                if !page::is_busy_elsewhere_than(field) {
                    page::focus_id(&card_id(first));
                }
            });
        }
        first
    });
    view! {
        <section class="inquiry-panel" aria-label="Questions of servers" hidden=move || !any.get()>
            <div role="alert">
                <Show when=move || any.get()>
                    <h2 class="inquiry-panel__title">{icon::question()} {title}</h2>
                </Show>
            </div>
            <For
                each=move || open.with(|open| open.iter().take(SHOWN).copied().collect::<Vec<_>>())
                key=|inquiry_id| *inquiry_id
                let:inquiry_id
            >
                <OpenInquiry inquiry_id/>
            </For>
            {more}
        </section>
    }
}

/// One of them; answering it moves the focus on.
#[component]
fn OpenInquiry(
    /// Which.
    inquiry_id: u32,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let inquiry = controller.session.with_untracked(|session| find(session.as_ref()?, inquiry_id).cloned())?;
    let task = inquiry.task;
    let tool = task.and_then(|id| controller.read_task(id, |view| view.task.tool_name.clone()));
    let answer = Callback::new(move |reply: Reply| {
        controller.answer_inquiry(inquiry_id, reply);
        frame::soon(move || {
            // The card with the focus is gone.
            let next = controller.session.with_untracked(|session| {
                let others = session.iter().flat_map(|session| &session.inquiries);
                others.map(|open| open.inquiry_id).find(|other| *other != inquiry_id)
            });
            match (next, task) {
                (Some(next), _) => page::focus_id(&card_id(next)),
                (None, Some(task)) => page::focus_id(&format!("task-{task}")),
                (None, None) => page::focus_id("main"),
            }
        });
    });
    Some(view! { <InquiryCard inquiry tool answer/> })
}

/// The id of a question's card.
fn card_id(inquiry_id: u32) -> String {
    format!("inquiry-{inquiry_id}")
}

fn ids(session: &Session) -> Vec<u32> {
    session.inquiries.iter().map(|open| open.inquiry_id).collect()
}

fn find(session: &Session, inquiry_id: u32) -> Option<&InquiryView> {
    session.inquiries.iter().find(|open| open.inquiry_id == inquiry_id)
}
