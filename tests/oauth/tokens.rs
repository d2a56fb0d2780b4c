//! Tokens: what is sent for them, what is taken for one, and what happens when they run out.

use fanout::mcp::Authorizer as _;
use serde_json::{Value, json};

use crate::http::{Answer, header};
use crate::world::{ISSUER, PAGE, Person, Sites, TOKEN, World, resource_metadata, server_metadata, token, with};

fn renewable(access: &str, refresh: &str) -> Answer {
    Answer::json(json!({ "access_token": access, "token_type": "Bearer", "refresh_token": refresh }))
}

fn refused(error: &str) -> Answer {
    Answer::new(400, "application/json", json!({ "error": error }).to_string())
}

fn entries(pairs: &[(&str, &str)]) -> crate::world::Asked {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_sign_in_sends_no_secret_away_and_proves_itself_when_it_comes_back() {
    let world = World::new(Sites::usual());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    // 32 times 1 and 32 times 2, as 43 letters.
    let (verifier, state) =
        ("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI");
    assert_eq!(
        person.last(),
        entries(&[
            ("response_type", "code"),
            ("client_id", "registered-1"),
            ("redirect_uri", PAGE),
            ("state", state),
            ("code_challenge", "VtX6czP210fbQsI5QH5dpMMvTHnzXQkrE0_TWkAtnFw"),
            ("code_challenge_method", "S256"),
            ("resource", "https://tools.example/mcp"),
        ])
    );
    assert_eq!(
        world.posted(TOKEN),
        entries(&[
            ("grant_type", "authorization_code"),
            ("code", "the-code"),
            ("redirect_uri", PAGE),
            ("code_verifier", verifier),
            ("resource", "https://tools.example/mcp"),
            ("client_id", "registered-1"),
        ])
    );
}

#[test]
fn requests_carry_nothing_that_would_need_a_preflight() {
    let world = World::new(Sites::usual());
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    let requests = world.http.requests.borrow();
    let names = |url: &str| -> Vec<String> {
        let request = requests.iter().find(|request| request.url == url).unwrap();
        request.headers.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(crate::world::PRM), Vec::<String>::new());
    assert_eq!(names(crate::world::METADATA), Vec::<String>::new());
    assert_eq!(names(TOKEN), ["content-type", "accept"]);
    let form = requests.iter().find(|request| request.url == TOKEN).unwrap();
    assert_eq!(header(form, "content-type"), Some("application/x-www-form-urlencoded"));
}

#[test]
fn a_token_that_ran_out_is_renewed_without_asking_anybody_and_its_successor_too() {
    let sites = Sites::usual().post(TOKEN, [renewable("t1", "r1"), renewable("t2", "r2"), token("t3"), token("t4")]);
    let world = World::new(sites);
    let person = Person::willing();
    let mut sent = Vec::new();
    for expected in ["Bearer t1", "Bearer t2", "Bearer t3", "Bearer t4"] {
        assert_eq!(world.signs_in(&person), Ok(()));
        world.sign_in.accepted();
        assert_eq!(world.token().as_deref(), Some(expected));
        sent.push(world.posted(TOKEN).get("refresh_token").cloned().unwrap_or_default());
    }
    assert_eq!(sent, ["", "r1", "r2", "r2"], "one that is not replaced stays good");
    assert_eq!(person.urls().len(), 1);
    assert_eq!(
        world.posted(TOKEN),
        entries(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "r2"),
            ("resource", "https://tools.example/mcp"),
            ("client_id", "registered-1"),
        ])
    );
}

#[test]
fn a_token_that_cannot_be_renewed_is_signed_in_for_again() {
    let sites = Sites::usual().post(TOKEN, [renewable("t1", "r1"), refused("invalid_grant"), token("t2")]);
    let world = World::new(sites);
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    world.sign_in.accepted();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!((world.token().as_deref(), person.urls().len()), (Some("Bearer t2"), 2));
}

#[test]
fn a_renewed_token_the_server_refuses_too_is_signed_in_for() {
    let sites = Sites::usual().post(TOKEN, [renewable("t1", "r1"), renewable("t2", "r2"), renewable("t3", "r3")]);
    let world = World::new(sites);
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    world.sign_in.accepted();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!((world.token().as_deref(), person.urls().len()), (Some("Bearer t2"), 1));
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!((world.token().as_deref(), person.urls().len()), (Some("Bearer t3"), 2));
}

#[test]
fn a_renewal_asks_nobody_but_the_server_and_whoever_gave_the_token() {
    let world = World::new(Sites::usual().post(TOKEN, [renewable("t1", "r1"), token("t2")]));
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    world.sign_in.accepted();
    let before = world.requests().len();
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    assert_eq!(world.requests()[before..], [format!("GET {}", crate::world::PRM), format!("POST {TOKEN}")]);
}

#[test]
fn a_refresh_token_is_not_shown_to_another_issuer() {
    let other = "https://other-as.example";
    let metadata =
        with(server_metadata(), json!({ "issuer": other, "token_endpoint": "https://other-as.example/token" }));
    let sites = Sites::usual()
        .post(TOKEN, [renewable("t1", "r1")])
        .get("https://other-as.example/.well-known/oauth-authorization-server", metadata)
        .post("https://other-as.example/token", [token("t2")]);
    let world = World::new(sites.clone());
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    world.sign_in.accepted();
    drop(sites.get(crate::world::PRM, with(resource_metadata(), json!({ "authorization_servers": [other] }))));
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    assert_eq!(world.posted("https://other-as.example/token")["grant_type"], "authorization_code");
    assert_eq!(world.token().as_deref(), Some("Bearer t2"));
}

#[test]
fn a_renewal_that_gets_no_answer_keeps_what_it_has_for_the_next_time() {
    let sites = Sites::usual()
        .post(TOKEN, [renewable("t1", "r1"), Answer::unreachable("as.example does not answer"), token("t2")]);
    let world = World::new(sites);
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    world.sign_in.accepted();
    assert_eq!(
        world.signs_in(&person),
        Err("getting the token failed (a token entered as this server's Authorization header in Settings needs none of \
             it): as.example does not answer."
            .to_owned())
    );
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!((world.token().as_deref(), person.urls().len()), (Some("Bearer t2"), 1));
}

#[test]
fn a_token_the_server_refuses_at_once_is_not_signed_in_for_again() {
    let world = World::new(Sites::usual());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(
        world.signs_in(&person),
        Err(format!("the server refuses the token that {ISSUER} has just given for it; ask the server's owner"))
    );
    assert_eq!((world.token(), person.urls().len()), (None, 1));
    // Whoever asks again may try again.
    assert_eq!(world.signs_in(&person), Ok(()));
}

#[test]
fn what_is_no_token_is_refused() {
    let problem = |answer: Value| {
        let world = World::new(Sites::usual().post(TOKEN, [Answer::json(answer)]));
        let ended = world.signs_in(&Person::willing()).unwrap_err();
        assert_eq!(world.token(), None);
        let text = ended.strip_prefix("getting the token failed: ").unwrap();
        text.split_once(" (https://as.example/token).").unwrap().0.to_owned()
    };
    let no_token = "the answer holds no token that could be sent";
    assert_eq!(problem(json!({ "token_type": "Bearer" })), no_token);
    assert_eq!(problem(json!({ "access_token": "a\r\nevil: 1", "token_type": "Bearer" })), no_token);
    assert_eq!(problem(json!({ "access_token": 7, "token_type": "Bearer" })), no_token);
    assert_eq!(
        problem(json!({ "access_token": "t", "token_type": "DPoP" })),
        "the token is of a kind this page cannot use; it needs a Bearer token"
    );
    assert_eq!(problem(json!([])), "the answer is not a JSON object");
}
