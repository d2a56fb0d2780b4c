//! Which scopes a sign-in asks for, at first and when a server wants more.

use fanout::mcp::Authorizer as _;
use serde_json::json;

use crate::http::Answer;
use crate::world::{METADATA, PRM, Person, Sites, TOKEN, World, resource_metadata, server_metadata, with};

fn insufficient(scope: &str) -> String {
    format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"")
}

#[test]
fn the_scope_of_the_challenge_counts_before_all_the_server_knows() {
    let all = with(resource_metadata(), json!({ "scopes_supported": ["mcp:basic", "mcp:read", "mcp:write"] }));
    let asked = |header: &str| {
        let world = World::new(Sites::usual().get(PRM, all.clone()));
        let person = Person::willing();
        assert_eq!(world.refused(&person, 401, header), Ok(()));
        person.last().get("scope").cloned()
    };
    assert_eq!(asked("Bearer scope=\"mcp:basic\"").as_deref(), Some("mcp:basic"));
    assert_eq!(asked("").as_deref(), Some("mcp:basic mcp:read mcp:write"));
}

#[test]
fn where_no_scope_is_known_none_is_asked_for() {
    let world = World::new(Sites::usual());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert!(!person.last().contains_key("scope"));
}

#[test]
fn access_while_away_is_asked_for_only_where_the_authorisation_server_knows_it() {
    let asked = |of_server: &[&str]| {
        let resource = with(resource_metadata(), json!({ "scopes_supported": ["mcp:basic"] }));
        let server = with(server_metadata(), json!({ "scopes_supported": of_server }));
        let world = World::new(Sites::usual().get(PRM, resource).get(METADATA, server));
        let person = Person::willing();
        assert_eq!(world.signs_in(&person), Ok(()));
        let asked = person.last();
        (asked["scope"].clone(), asked.get("prompt").cloned())
    };
    assert_eq!(
        asked(&["mcp:basic", "offline_access"]),
        ("mcp:basic offline_access".to_owned(), Some("consent".to_owned()))
    );
    assert_eq!(asked(&["mcp:basic"]), ("mcp:basic".to_owned(), None));
}

#[test]
fn a_wider_scope_is_asked_for_together_with_those_before() {
    let world = World::new(Sites::usual());
    let person = Person::willing();
    assert_eq!(world.refused(&person, 401, "Bearer scope=\"mcp:basic\""), Ok(()));
    world.sign_in.accepted();
    assert_eq!(world.refused(&person, 403, &insufficient("mcp:write")), Ok(()));
    assert_eq!(world.refused(&person, 403, &insufficient("mcp:admin mcp:write")), Ok(()));
    assert_eq!(person.each("scope"), ["mcp:basic", "mcp:basic mcp:write", "mcp:basic mcp:write mcp:admin"]);
    assert_eq!(world.token().as_deref(), Some("Bearer token-3"));
}

#[test]
fn what_a_sign_in_has_already_is_not_asked_for_again() {
    let world = World::new(Sites::usual());
    let person = Person::willing();
    assert_eq!(world.refused(&person, 401, "Bearer scope=\"mcp:admin\""), Ok(()));
    assert_eq!(
        world.refused(&person, 403, &insufficient("mcp:admin")),
        Err("the server wants the scope mcp:admin, which your sign-in already has; ask the server's owner".to_owned())
    );
    assert_eq!(person.urls().len(), 1);
}

#[test]
fn what_was_asked_for_and_not_granted_is_asked_for_again() {
    let partly =
        |access: &str| Answer::json(json!({ "access_token": access, "token_type": "bearer", "scope": "mcp:basic" }));
    let world = World::new(Sites::usual().post(TOKEN, [partly("t1"), partly("t2")]));
    let person = Person::willing();
    assert_eq!(world.refused(&person, 401, "Bearer scope=\"mcp:basic mcp:write\""), Ok(()));
    assert_eq!(world.refused(&person, 403, &insufficient("mcp:write")), Ok(()));
    assert_eq!(person.each("scope"), ["mcp:basic mcp:write", "mcp:basic mcp:write"]);
}
