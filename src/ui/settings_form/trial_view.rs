//! What came of a connection test, in words; and what the server asks before it can be tested, such as a sign-in.

use leptos::prelude::*;

use super::connection::{Asked, Trial};
use crate::agent::inquiry::Reply;
use crate::session::InquiryView;
use crate::ui::controller::Controller;
use crate::ui::fixes::Fixes;
use crate::ui::icon;
use crate::ui::inquiry_panel::InquiryCard;
use crate::ui::sign_in_card::UnsavedSettings;

/// The result; nothing before a test.
#[component]
pub(super) fn TrialView(
    /// The test.
    trial: RwSignal<Trial>,
    /// What the other side asks, where it may ask.
    #[prop(optional, into)]
    asked: Option<Asked>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    provide_context(UnsavedSettings);
    let is_asking = move || asked.is_some_and(|asked| asked.with(|asked| !asked.is_empty()));
    let question = move |inquiry: InquiryView| {
        let inquiry_id = inquiry.inquiry_id;
        let answer = Callback::new(move |reply: Reply| controller.answer_inquiry(inquiry_id, reply));
        view! { <InquiryCard inquiry tool=None answer/> }
    };
    let words = move || {
        trial.with(|trial| match trial {
            Trial::None => None,
            Trial::UnderWay if is_asking() => Some((
                "wait",
                icon::question().into_any(),
                "The server wants something of you first".to_owned().into_any(),
            )),
            Trial::UnderWay => Some(("wait", icon::spinner().into_any(), "Connecting".to_owned().into_any())),
            Trial::Preparing(words) => Some(("wait", icon::spinner().into_any(), words.clone().into_any())),
            Trial::Works { about, .. } => Some(("good", icon::check().into_any(), about.clone().into_any())),
            Trial::Fails(error) => {
                Some(("bad", icon::cross().into_any(), view! { <Fixes text=error.clone()/> }.into_any()))
            }
        })
    };
    view! {
        <div class="trial" aria-live="polite">
            {move || words().map(|(tone, mark, what)| view! { <div class="trial__words" data-tone=tone>{mark} <div>{what}</div></div> })}
        </div>
        <For
            each=move || asked.map(|asked| asked.get()).unwrap_or_default()
            key=|open| open.inquiry_id
            children=question
        />
    }
}
