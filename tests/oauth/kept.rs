//! What sign-ins brought: kept by server, given out to be kept longer, and gone on with in another page.

use std::cell::Cell;
use std::rc::Rc;

use fanout::mcp::Authorizer as _;
use fanout::oauth::{Grants, Pending, SignIn, finish};
use fanout::settings::{OAuthSettings, ServerSettings};
use futures::FutureExt;
use serde_json::json;

use crate::http::Answer;
use crate::world::{ISSUER, Person, REGISTER, Sites, TOKEN, World, page, settings, sign_in_world};

#[test]
fn a_token_is_kept_for_its_server_and_no_other() {
    let world = World::new(Sites::usual());
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    let authorization = |settings: ServerSettings| {
        let world = sign_in_world(&world.clock, &world.http, world.grants.clone(), page());
        SignIn::new(settings, world).authorization()
    };
    assert_eq!(authorization(settings()).as_deref(), Some("Bearer token-1"));
    for url in ["https://tools.example/other", "https://evil.example/mcp", "https://tools.example/mcp/"] {
        assert_eq!(authorization(ServerSettings { url: url.to_owned(), ..settings() }), None, "{url}");
    }
    let other_client = OAuthSettings { client_id: "by-hand".to_owned(), ..OAuthSettings::default() };
    assert_eq!(authorization(ServerSettings { oauth: other_client, ..settings() }), None);
}

#[test]
fn what_one_visit_kept_serves_the_next() {
    let first = World::new(Sites::usual());
    let changes = Rc::new(Cell::new(0));
    let counted = Rc::clone(&changes);
    first.grants.on_change(move || counted.set(counted.get() + 1));
    assert_eq!(first.grants.export(), None);
    assert_eq!(first.signs_in(&Person::willing()), Ok(()));
    assert_eq!(changes.get(), 2, "a registration and a token");

    let grants = Grants::default();
    grants.import(&first.grants.export().unwrap());
    let second = World::with(Sites::usual(), OAuthSettings::default(), grants.clone());
    assert_eq!(second.token().as_deref(), Some("Bearer token-1"));
    let person = Person::willing();
    assert_eq!(second.signs_in(&person), Ok(()), "it has run out meanwhile");
    assert_eq!(person.each("client_id"), ["registered-1"]);
    assert!(!second.requests().contains(&format!("POST {REGISTER}")), "the page is registered already");

    grants.import("no JSON");
    grants.import("{}");
    assert_eq!(second.token().as_deref(), Some("Bearer token-1"));
    grants.forget();
    assert_eq!((second.token(), grants.export()), (None, None));
}

#[test]
fn every_secret_is_known_for_blotting_out() {
    let tokens = json!({ "access_token": "the-access-token", "token_type": "Bearer", "refresh_token": "the-refresh" });
    let client = json!({
        "client_id": "c",
        "client_secret": "the-client-secret",
        "token_endpoint_auth_method": "client_secret_post",
    });
    let world = World::new(Sites::usual().post(TOKEN, [Answer::json(tokens)]).post(REGISTER, [Answer::json(client)]));
    assert_eq!(world.grants.secrets(), Vec::<String>::new());
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    assert_eq!(world.grants.secrets(), ["the-client-secret", "the-access-token", "the-refresh"]);
}

#[test]
fn a_sign_in_for_which_the_page_made_way_is_ended_by_the_next_page() {
    let first = World::new(Sites::usual());
    let person = Person::new(|_| None);
    let challenge = fanout::agent::ports::Challenge { status: 401, ..Default::default() };
    let mut call = first.sign_in.authorize(&challenge, &person).boxed_local();
    assert!(first.clock.run_until(first.clock.elapsed(), &mut call).is_none());
    let state = person.last()["state"].clone();
    let kept = serde_json::to_string(&first.grants.pending(&state).unwrap()).unwrap();
    drop(call);

    let second = World::new(Sites::usual());
    let pending: Pending = serde_json::from_str(&kept).unwrap();
    assert_eq!(pending.state(), state);
    let world = sign_in_world(&second.clock, &second.http, second.grants.clone(), page());
    let query = format!("code=the-code&state={state}");
    let stranger = second.clock.run(finish(&world, &pending, "code=c&state=guessed"));
    assert!(stranger.is_err() && second.requests().is_empty());
    assert_eq!(second.clock.run(finish(&world, &pending, &query)), Ok(()));
    assert_eq!(second.token().as_deref(), Some("Bearer token-1"));
    assert_eq!(second.requests(), [format!("POST {TOKEN}")]);
    assert_eq!(second.posted(TOKEN)["code_verifier"].len(), 43);
    assert_eq!(pending.issuer(), ISSUER);
}
