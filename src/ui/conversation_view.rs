//! The run on the screen among the other turns of its conversation: each a question that opens to its answer, and, where the
//! run is here, a way to see it again with all its steps. Built anew for each run.

mod turn_row;

use leptos::prelude::*;

use crate::session::Session;
use crate::session::step::count;
use crate::session::timings::seconds;
use crate::ui::controller::Controller;
use crate::ui::controller::conversation::OtherTurn;
use crate::ui::icon;
use crate::ui::question_box::Draft;
use crate::ui::run_view::RunView;
use turn_row::TurnRow;

/// Earlier turns that stand there as they are; still earlier ones open together, so that the run is not far down.
const RECENT: usize = 3;

/// The conversation.
#[component]
pub(crate) fn ConversationView() -> impl IntoView {
    let controller = expect_context::<Controller>();
    let draft = expect_context::<Draft>();
    let (mut earlier, later) = controller.other_turns(facts);
    let recent = earlier.split_off(earlier.len().saturating_sub(RECENT));
    let older = (!earlier.is_empty()).then(|| {
        view! {
            <details class="conversation-view__older">
                <summary>{icon::chevron()} {count(earlier.len(), "older turn")}</summary>
                {turns(earlier)}
            </details>
        }
    });
    let earlier = (!recent.is_empty()).then(|| {
        view! { <section class="conversation-view__turns" aria-label="Earlier in this conversation">{older} {turns(recent)}</section> }
    });
    let later = (!later.is_empty()).then(|| {
        view! { <section class="conversation-view__turns" aria-label="Later in this conversation">{turns(later)}</section> }
    });
    let basic = Memo::new(move |_| controller.settings.with(|settings| settings.llm.is_none()));
    let says = move || {
        if basic.get() {
            "Basic mode takes each question by itself."
        } else {
            "The next question follows up on this conversation."
        }
    };
    let begin_anew = move |_| {
        controller.new_conversation();
        draft.fill("");
    };

    view! {
        <div class="conversation-view">
            <div class="conversation-view__head">
                <p class="conversation-view__says">{says}</p>
                <button
                    class="button button--quiet button--small"
                    type="button"
                    title="Start clean; the runs of this conversation go, so export first what you want to keep"
                    on:click=begin_anew
                >
                    {icon::plus()}
                    {"New conversation"}
                </button>
            </div>
            {earlier}
            <RunView/>
            {later}
        </div>
    }
}

fn turns(turns: Vec<OtherTurn>) -> impl IntoView {
    let turns = turns.into_iter().map(|turn| view! { <li><TurnRow turn/></li> }).collect_view();
    view! { <ol class="conversation-view__list">{turns}</ol> }
}

/// What a run was, briefly.
fn facts(session: &Session) -> Vec<String> {
    vec![session.phase.word().to_owned(), count(session.tasks.len(), "task"), seconds(session.timings().total_ms)]
}
