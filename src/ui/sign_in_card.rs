//! A server's wish for a sign-in: who asks, where it leads, and the way there. It holds no token and checks nothing of what
//! comes back; that is the business of `oauth`.

use leptos::prelude::*;

use crate::agent::inquiry::Reply;
use crate::markdown::visible::visible;
use crate::settings::Address;
use crate::ui::controller::Controller;
use crate::ui::icon;

/// The card.
#[component]
pub(crate) fn SignInCard(
    /// The inquiry it answers.
    inquiry_id: u32,
    /// The server that wants the sign-in, by the person's name for it.
    server: String,
    /// The page to sign in at.
    authorization_url: String,
    /// The authorisation server.
    issuer: String,
    /// What the sign-in will be good for, where that is said.
    scopes: Vec<String>,
) -> impl IntoView {
    let controller = expect_context::<Controller>();
    let host = Address::parse(&authorization_url).map_or_else(|_| issuer.clone(), |address| address.host_and_port());
    let wanted = (!scopes.is_empty()).then(|| format!("It will allow: {}.", visible(&scopes.join(", "))));
    view! {
        <div class="sign-in-card">
            <p class="sign-in-card__text">
                <strong>{visible(&server).into_owned()}</strong>
                {" wants you to sign in at "}
                <strong>{visible(&host).into_owned()}</strong>
                {"."}
            </p>
            {wanted.map(|text| view! { <p class="sign-in-card__text">{text}</p> })}
            <div class="sign-in-card__buttons">
                <button
                    class="button button--small"
                    type="button"
                    on:click=move |_| controller.answer_inquiry(inquiry_id, Reply::Cancel)
                >
                    {icon::cross()}
                    {"Cancel"}
                </button>
            </div>
        </div>
    }
}
