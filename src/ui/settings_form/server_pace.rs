//! How fast a server may be called; an empty field leaves it to the browser and the server.

use leptos::prelude::*;

use super::draft::{Draft, ServerDraft};
use super::field::{Field, Kind};

/// The fields.
#[component]
pub(super) fn ServerPace(
    /// All fields.
    draft: Draft,
    /// This server's fields.
    server: ServerDraft,
) -> impl IntoView {
    view! {
        <div class="server-fieldset__pace">
            <Field
                draft
                id=server.field("in-flight")
                label="Calls at once"
                kind=Kind::Number
                value=server.max_in_flight
                placeholder=""
                hint="Empty: as many as the browser carries."
            />
            <Field
                draft
                id=server.field("rate")
                label="Calls per second"
                kind=Kind::Decimal
                value=server.calls_per_second
                placeholder=""
                hint="Empty: no limit until it sets one."
            />
            <Field
                draft
                id=server.field("burst")
                label="Burst"
                kind=Kind::Number
                value=server.burst
                placeholder="1"
                hint="Calls that may start together after a pause."
            />
        </div>
    }
}
