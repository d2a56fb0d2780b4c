//! Reads what stands at an address that only a server itself knows, once the person asks for it, and shows it as what it is.

use std::sync::Arc;

use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::block_view::block_view;
use crate::agent::inquiry::Reply;
use crate::agent::ports::ToolError;
use crate::agent::task::ToolOutput;
use crate::content::contents;
use crate::markdown::visible::visible;
use crate::session::InquiryView;
use crate::ui::controller::Controller;
use crate::ui::fixes::Fixes;
use crate::ui::full_text::FullText;
use crate::ui::inquiry_panel::InquiryCard;

/// How far the reading is.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// Nothing was sent.
    Unread,
    /// It was asked for.
    Reading,
    /// It is here.
    Read(Arc<ToolOutput>),
    /// It is not, and why; beside that what arrived.
    Failed(String, Option<String>),
}

/// The button, and what it brought.
#[component]
pub(super) fn ResourceReader(
    /// The server.
    server: String,
    /// The resource's address.
    uri: String,
    /// What files of it are called, without their ending.
    stem: String,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let stage = RwSignal::new(Stage::Unread);
    let asked = RwSignal::new(Vec::<InquiryView>::new());
    let reading = StoredValue::new(None::<AbortHandle>);
    let stop = move || {
        if let Some(handle) = reading.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    };
    on_cleanup(stop);
    let shown_name = visible(&server).into_owned();
    let place = StoredValue::new((server, uri));
    let read = move || {
        let (server, uri) = place.get_value();
        stage.set(Stage::Reading);
        let listener = controller.by_hand(&server, asked, None);
        let (request, handle) = abortable(async move {
            let read = controller.read_resource(&server, &uri, listener).await;
            stage.try_set(read.map_or_else(failed, |output| Stage::Read(Arc::new(output))));
        });
        reading.set_value(Some(handle));
        spawn_local(async move {
            if request.await.is_err() {
                stage.try_set(Stage::Unread);
            }
        });
    };
    let is_reading = Memo::new(move |_| stage.with(|stage| *stage == Stage::Reading));
    let words = move || if is_reading.get() { "Stop reading" } else { "Read" };
    let question = move |inquiry: InquiryView| {
        let inquiry_id = inquiry.inquiry_id;
        let answer = Callback::new(move |reply: Reply| controller.answer_inquiry(inquiry_id, reply));
        view! { <InquiryCard inquiry tool=None answer/> }
    };
    view! {
        <div class="tool-output__reader">
            <button
                class="button button--small"
                type="button"
                on:click=move |_| if is_reading.get_untracked() { stop() } else { read() }
            >
                {words}
                {format!(" from {shown_name}")}
            </button>
            <For each=move || asked.get() key=|open| open.inquiry_id children=question/>
            <div class="tool-output__read" aria-live="polite">
                {move || match stage.get() {
                    Stage::Unread => ().into_any(),
                    Stage::Reading => view! { <p class="tool-output__description">{"Reading\u{2026}"}</p> }.into_any(),
                    Stage::Read(output) => what_was_read(&output, &stem),
                    Stage::Failed(problem, raw) => view! {
                        <div class="tool-output__problem"><Fixes text=problem/></div>
                        {raw.map(|raw| view! { <FullText text=raw.into() label="What arrived" file_name="answer.txt"/> })}
                    }
                    .into_any(),
                }}
            </div>
        </div>
    }
}

fn what_was_read(output: &ToolOutput, stem: &str) -> AnyView {
    let blocks = contents(&output.result);
    if blocks.is_empty() {
        return view! { <p class="tool-output__description">{"The server sent nothing: it is empty."}</p> }.into_any();
    }
    // What was read links to nothing.
    let view = |(index, block)| block_view(&block, &format!("{stem}-read-{}", index + 1), None);
    blocks.into_iter().enumerate().map(view).collect_view().into_any()
}

fn failed(error: ToolError) -> Stage {
    let problem = error.to_string();
    match error {
        ToolError::Broken { raw, .. }
        | ToolError::TimedOut { raw, .. }
        | ToolError::Protocol { raw, .. }
        | ToolError::NotMcp { raw, .. } => Stage::Failed(problem, raw),
        _ => Stage::Failed(problem, None),
    }
}
