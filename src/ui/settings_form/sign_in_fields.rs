//! How to sign in to one server, where the page cannot find out by itself; and the way out of it. Folded up: most
//! servers need none of it.

use leptos::prelude::*;

use super::draft::{Draft, ServerDraft};
use super::field::{Field, Kind};
use crate::markdown::visible::visible;
use crate::ui::controller::Controller;
use crate::ui::icon;
use crate::web::sign_in;

/// The fields.
#[component]
pub(super) fn SignInFields(
    /// All fields.
    draft: Draft,
    /// This server's fields.
    server: ServerDraft,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let issuer = RwSignal::new(controller.grants().signed_in_by(&server.url.get_untracked()));
    let kept_secret = move || if server.keeps_client_secret() { "kept" } else { "" };
    let sign_out = move |_| {
        controller.grants().sign_out(&server.url.get_untracked());
        issuer.set(None);
    };
    let wrong = {
        let ids = ["client-id", "client-secret", "client-metadata"].map(|what| server.field(what));
        move || draft.problems.with(|problems| ids.iter().any(|id| problems.contains_key(id)))
    };
    let any =
        move || [server.client_id, server.client_metadata_url].iter().any(|text| text.with(|text| !text.is_empty()));
    let open = any();
    view! {
        <details class="sign-in-fields" open=move || open || wrong()>
            <summary class="sign-in-fields__title">{icon::chevron()} {"Sign-in"}</summary>
            <div class="sign-in-fields__body">
                {move || {
                    issuer
                        .get()
                        .map(|issuer| {
                            view! {
                                <p class="sign-in-fields__state">
                                    {format!("You are signed in by {}.", visible(&issuer))}
                                    <button class="button button--quiet button--small" type="button" on:click=sign_out>
                                        {"Sign out"}
                                    </button>
                                </p>
                            }
                        })
                }}
                <p class="settings-form__text">
                    {"A server that wants a sign-in offers it when it is asked. Only where its authorisation server \
                      wants to know this page beforehand, register it there with the redirect address "}
                    <code class="sign-in-fields__address">{sign_in::identity().redirect_uri}</code>
                    {" and enter what you are given. A header named Authorization switches signing in off."}
                </p>
                <div class="server-fieldset__pair">
                    <Field
                        draft
                        id=server.field("client-id")
                        label="Client id"
                        kind=Kind::Text
                        value=server.client_id
                        placeholder=""
                        hint="Empty: the page registers itself."
                    />
                    <Field
                        draft
                        id=server.field("client-secret")
                        label="Client secret"
                        kind=Kind::Secret
                        value=server.client_secret
                        placeholder=Signal::derive(move || kept_secret().to_owned())
                        hint="Empty: none is needed."
                    />
                </div>
                <Field
                    draft
                    id=server.field("client-metadata")
                    label="Client metadata URL"
                    kind=Kind::Url
                    value=server.client_metadata_url
                    placeholder=""
                    hint="A document about this page that serves as its client id; empty: the one beside this page."
                />
            </div>
        </details>
    }
}
