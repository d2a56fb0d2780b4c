//! Each endpoint may fail alone: the person hears which one, why, and what to do.

use std::time::Duration;

use fanout::settings::OAuthSettings;
use serde_json::json;

use crate::http::Answer;
use crate::world::{METADATA, PRM, Person, REGISTER, SERVER, Sites, TOKEN, World, settings};

const TOKEN_INSTEAD: &str = "a token entered as this server's Authorization header in Settings needs none of it";
const USE_A_TOKEN: &str = "Or enter a token as this server's Authorization header in Settings, which needs no sign-in.";
const USE_A_CLIENT_ID: &str = "Or enter a client id under \u{201c}Sign-in\u{201d} in this server's settings, or a \
                               token as its Authorization header.";

fn fails(sites: Sites) -> String {
    World::new(sites).signs_in(&Person::willing()).unwrap_err()
}

#[test]
fn an_endpoint_that_does_not_admit_this_page_is_named() {
    let blocked =
        || [Answer::blocked("as.example is up, but does not admit this page: `Access-Control-Allow-Origin: *`")];
    let why = "as.example is up, but does not admit this page: `Access-Control-Allow-Origin: *`";
    let openid = "https://as.example/.well-known/openid-configuration";
    let metadata =
        Sites::usual().answers(&format!("GET {METADATA}"), blocked()).answers(&format!("GET {openid}"), blocked());
    // The lines to copy come last.
    assert_eq!(fails(metadata), format!("reading the authorisation server's metadata failed ({TOKEN_INSTEAD}): {why}"));
    let registration = Sites::usual().post(REGISTER, blocked());
    assert_eq!(
        fails(registration),
        format!(
            "registering this page with the authorisation server failed (a client id under \u{201c}Sign-in\u{201d} in this \
             server's settings needs none of it, nor does a token as its Authorization header): {why}"
        )
    );
    assert_eq!(
        fails(Sites::usual().post(TOKEN, blocked())),
        format!("getting the token failed ({TOKEN_INSTEAD}): {why}")
    );
}

#[test]
fn an_endpoint_that_refuses_is_quoted() {
    let refused = Answer::new(
        400,
        "application/json",
        json!({ "error": "invalid_redirect_uri", "error_description": "Only localhost is allowed." }).to_string(),
    );
    assert_eq!(
        fails(Sites::usual().post(REGISTER, [refused])),
        format!(
            "registering this page with the authorisation server failed: as.example answered 400: Only localhost is \
             allowed (invalid_redirect_uri). {USE_A_CLIENT_ID}"
        )
    );
    let down = Answer::new(503, "text/html", "<h1>Down</h1>");
    assert_eq!(
        fails(Sites::usual().post(TOKEN, [down])),
        format!("getting the token failed: as.example answered 503. {USE_A_TOKEN}")
    );
}

#[test]
fn an_endpoint_that_never_answers_is_given_up() {
    let silent = Sites::usual().post(TOKEN, [Answer::silence()]);
    assert_eq!(fails(silent), format!("getting the token failed ({TOKEN_INSTEAD}): as.example: no answer within 20s."));
    let endless = Sites::usual().answers(&format!("GET {PRM}"), [Answer::json("{\"resource\":").hang()]);
    let world = World::new(endless);
    // What cannot be read is looked for elsewhere.
    assert!(world.signs_in(&Person::willing()).is_err());
    assert!(world.clock.elapsed() < Duration::from_mins(2));
}

#[test]
fn an_endless_document_is_cut() {
    let large = Answer::json(json!({ "resource": SERVER, "padding": "x".repeat(1_000_000) }));
    let root = "https://tools.example/.well-known/oauth-protected-resource";
    let sites = Sites::usual().answers(&format!("GET {PRM}"), [large]).without(root);
    assert_eq!(
        fails(sites),
        format!(
            "reading the server's resource metadata failed: the answer is larger than 512 KiB ({PRM}). {USE_A_TOKEN}"
        )
    );
}

#[test]
fn no_message_repeats_a_secret() {
    let oauth = OAuthSettings {
        client_id: "by-hand".to_owned(),
        client_secret: "hunter2-secret".to_owned(),
        ..OAuthSettings::default()
    };
    let settings = fanout::settings::ServerSettings { oauth, ..settings() };
    let refused = Answer::new(400, "application/json", json!({ "error": "invalid_grant" }).to_string());
    let sites = Sites::usual().post(TOKEN, [refused]);
    let world = World::of(sites, settings, fanout::oauth::Grants::default(), crate::world::page());
    let ended = world.signs_in(&Person::willing()).unwrap_err();
    for secret in ["hunter2-secret", "the-code", "AQEBAQEB", "AgICAgIC"] {
        assert!(!ended.contains(secret), "{ended}");
    }
}
