//! Where a sign-in leads: the server's resource metadata, the authorisation server's metadata, and servers that have
//! neither.

use fanout::agent::ports::{Challenge, ToolError};
use fanout::mcp::Authorizer as _;
use fanout::oauth::Grants;
use fanout::settings::ServerSettings;
use serde_json::json;

use crate::http::Answer;
use crate::world::{
    ISSUER, METADATA, PRM, Person, REGISTER, SERVER, Sites, TOKEN, World, page, resource_metadata, server_metadata,
    settings, with,
};

const ROOT_PRM: &str = "https://tools.example/.well-known/oauth-protected-resource";

#[test]
fn a_server_that_says_nothing_more_is_asked_at_its_well_known_address() {
    let world = World::new(Sites::usual());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(
        world.requests(),
        [format!("GET {PRM}"), format!("GET {METADATA}"), format!("POST {REGISTER}"), format!("POST {TOKEN}")]
    );
    assert_eq!(world.token().as_deref(), Some("Bearer token-1"));
}

#[test]
fn the_address_a_challenge_names_comes_first() {
    let prm = "https://tools.example/custom/metadata/location.json";
    let world = World::new(Sites::usual().without(PRM).get(prm, resource_metadata()));
    let challenge = format!("Bearer resource_metadata=\"{prm}\"");
    assert_eq!(world.refused(&Person::willing(), 401, &challenge), Ok(()));
    assert_eq!(world.requests()[..2], [format!("GET {prm}"), format!("GET {METADATA}")]);
}

#[test]
fn a_challenge_that_leads_nowhere_does_not_end_the_search() {
    let nowhere = "https://tools.example/gone";
    for answer in [Answer::status(404), Answer::new(200, "text/html", "<html>"), Answer::blocked("no CORS")] {
        let world = World::new(Sites::usual().answers(&format!("GET {nowhere}"), [answer]));
        let challenge = format!("Bearer resource_metadata=\"{nowhere}\"");
        assert_eq!(world.refused(&Person::willing(), 401, &challenge), Ok(()));
        assert_eq!(world.requests()[..2], [format!("GET {nowhere}"), format!("GET {PRM}")]);
    }
}

#[test]
fn metadata_at_the_root_counts_for_all_of_the_origin_and_issuers_may_have_a_path() {
    let metadata = with(
        server_metadata(),
        json!({
            "issuer": "https://as.example/tenant1",
            "token_endpoint": "https://as.example/tenant1/token",
        }),
    );
    let resource =
        json!({ "resource": "https://tools.example", "authorization_servers": ["https://as.example/tenant1"] });
    for place in [
        "https://as.example/.well-known/oauth-authorization-server/tenant1",
        "https://as.example/.well-known/openid-configuration/tenant1",
        "https://as.example/tenant1/.well-known/openid-configuration",
    ] {
        let sites = Sites::usual().without(PRM).without(METADATA).get(ROOT_PRM, resource.clone());
        let sites =
            sites.get(place, metadata.clone()).post("https://as.example/tenant1/token", [crate::world::token("t")]);
        let world = World::new(sites);
        let person = Person::willing();
        assert_eq!(world.signs_in(&person), Ok(()), "{place}");
        assert!(world.requests().contains(&format!("GET {place}")));
        assert!(!world.requests().contains(&format!("GET {METADATA}")), "the root belongs to somebody else");
        // The name of the resource is sent exactly as it is published.
        assert_eq!(person.last()["resource"], "https://tools.example");
        assert_eq!(world.posted("https://as.example/tenant1/token")["resource"], "https://tools.example");
    }
}

#[test]
fn openid_metadata_serves_as_well() {
    let openid = "https://as.example/.well-known/openid-configuration";
    let world = World::new(Sites::usual().without(METADATA).get(openid, server_metadata()));
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    assert_eq!(world.requests()[1..3], [format!("GET {METADATA}"), format!("GET {openid}")]);
}

#[test]
fn of_several_authorisation_servers_the_one_the_person_is_known_to_is_kept() {
    let second = with(server_metadata(), json!({ "issuer": "https://second.example" }));
    let sites = Sites::usual()
        .get(PRM, with(resource_metadata(), json!({ "authorization_servers": ["https://second.example", ISSUER] })))
        .get("https://second.example/.well-known/oauth-authorization-server", second);
    let world = World::new(sites.clone());
    let person = Person::willing();
    let asked = |world: &World| world.requests().iter().filter(|line| line.contains("second.example")).count();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(asked(&world), 1, "the first");
    drop(
        sites.get(
            PRM,
            with(resource_metadata(), json!({ "authorization_servers": [ISSUER, "https://second.example"] })),
        ),
    );
    assert_eq!(world.refused(&person, 403, "Bearer error=\"insufficient_scope\", scope=\"more\""), Ok(()));
    assert_eq!(asked(&world), 2, "the same again, though it is the second now");
}

#[test]
fn a_server_s_query_is_shown_to_nobody() {
    let settings = ServerSettings { url: format!("{SERVER}?key=hunter2"), ..settings() };
    let world = World::of(Sites::usual(), settings, Grants::default(), page());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert!(world.requests().iter().chain(&person.urls()).all(|text| !text.contains("hunter2")));
}

#[test]
fn metadata_about_another_server_is_refused_before_anybody_is_asked() {
    let world = World::new(
        Sites::usual().get(PRM, with(resource_metadata(), json!({ "resource": "https://evil.example/mcp" }))),
    );
    let person = Person::willing();
    assert_eq!(
        world.signs_in(&person),
        Err(
            "the server's resource metadata is about https://evil.example/mcp, not about https://tools.example/mcp; a \
             token for it could be used elsewhere, so there was no sign-in. Its owner must correct the metadata's \
             \u{201c}resource\u{201d}"
                .to_owned()
        )
    );
    assert_eq!((world.requests(), person.urls()), (vec![format!("GET {PRM}")], Vec::new()));
}

#[test]
fn metadata_of_another_issuer_is_refused_before_anybody_is_asked() {
    for (issuer, found) in [
        (json!("https://attacker.example"), "https://attacker.example"),
        (json!("https://as.example/"), "https://as.example/"),
        (json!(null), "nobody"),
    ] {
        let world = World::new(Sites::usual().get(METADATA, with(server_metadata(), json!({ "issuer": issuer }))));
        let person = Person::willing();
        assert_eq!(
            world.signs_in(&person),
            Err(format!(
                "the metadata of the authorisation server {ISSUER} says that it is {found}; the two must be equal, so \
                 there was no sign-in. Its owner must correct the metadata's \u{201c}issuer\u{201d}"
            ))
        );
        assert_eq!(world.requests(), [format!("GET {PRM}"), format!("GET {METADATA}")]);
        assert_eq!(person.urls(), Vec::<String>::new());
    }
}

#[test]
fn without_pkce_there_is_no_sign_in() {
    for methods in [json!(null), json!([]), json!(["plain"])] {
        let metadata = with(server_metadata(), json!({ "code_challenge_methods_supported": methods }));
        let world = World::new(Sites::usual().get(METADATA, metadata));
        let person = Person::willing();
        assert_eq!(
            world.signs_in(&person),
            Err(format!(
                "the authorisation server {ISSUER} does not say that it protects sign-ins with PKCE (S256), without \
                 which a stolen code would be a stolen token; there was no sign-in"
            ))
        );
        assert_eq!(person.urls(), Vec::<String>::new());
    }
}

#[test]
fn a_server_of_2025_03_26_is_its_own_authorisation_server() {
    let metadata = json!({
        "issuer": "https://tools.example/",
        "authorization_endpoint": "https://tools.example/oauth/authorize",
        "token_endpoint": "https://tools.example/oauth/token",
        "registration_endpoint": "https://tools.example/oauth/register",
        "code_challenge_methods_supported": ["S256"],
    });
    let sites = Sites::default()
        .get("https://tools.example/.well-known/oauth-authorization-server", metadata)
        .post("https://tools.example/oauth/register", [Answer::json(json!({ "client_id": "c" }))])
        .post("https://tools.example/oauth/token", [crate::world::token("t")]);
    let world = World::new(sites);
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(
        world.requests(),
        [
            format!("GET {PRM}"),
            format!("GET {ROOT_PRM}"),
            "GET https://tools.example/.well-known/oauth-authorization-server".to_owned(),
            "POST https://tools.example/oauth/register".to_owned(),
            "POST https://tools.example/oauth/token".to_owned(),
        ]
    );
    assert!(!person.last().contains_key("resource"), "that revision knows no resources");
}

#[test]
fn a_server_without_any_metadata_is_asked_at_the_addresses_of_2025_03_26() {
    let secretive =
        Answer::new(201, "application/json", json!({ "client_id": "c", "client_secret": "s3cret" }).to_string());
    let sites = Sites::default()
        .post("https://tools.example/register", [secretive])
        .post("https://tools.example/token", [crate::world::token("t")]);
    let world = World::new(sites);
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert!(person.urls()[0].starts_with("https://tools.example/authorize?response_type=code&client_id=c&"));
    assert_eq!(world.posted("https://tools.example/token")["client_secret"], "s3cret");
    assert_eq!(world.token().as_deref(), Some("Bearer t"));
}

const OWN_METADATA: &str = "https://tools.example/.well-known/oauth-authorization-server";
const CONVENTIONAL: &str = "https://tools.example/register";

/// A server without any metadata, whose conventional endpoint for registrations answers this.
fn without_metadata(registration: Answer) -> Sites {
    Sites::default().post(CONVENTIONAL, [registration])
}

fn refusal(world: &World, person: &Person, www_authenticate: Option<&str>) -> ToolError {
    let challenge = Challenge {
        status: 401,
        www_authenticate: www_authenticate.map(str::to_owned),
        said: "Unauthorized: no key".to_owned(),
    };
    world.clock.run(world.sign_in.authorize(&challenge, person)).unwrap_err()
}

#[test]
fn a_server_that_offers_no_sign_in_at_all_wants_a_key_and_its_own_words_stand() {
    let json_error = |status| Answer::new(status, "application/json", "{\"error\":\"unauthorized\"}");
    let web_page = Answer::new(200, "text/html", "<!doctype html><title>Welcome</title>");
    for registration in [
        Answer::status(404),
        Answer::status(405),
        json_error(401),
        json_error(400),
        Answer::json(json!({ "ok": true })),
        web_page,
        Answer::blocked("tools.example does not admit this page."),
        Answer::unreachable("tools.example does not answer."),
        Answer::silence(),
    ] {
        let world = World::new(without_metadata(registration.clone()));
        let person = Person::willing();
        assert_eq!(
            refusal(&world, &person, None),
            ToolError::Status { status: 401, message: "Unauthorized: no key".to_owned(), retry_after: None },
            "{registration:?}"
        );
        assert_eq!(
            (world.requests().last().unwrap().as_str(), person.urls().len()),
            (&*format!("POST {CONVENTIONAL}"), 0)
        );
    }
}

#[test]
fn a_front_page_at_every_address_is_no_metadata() {
    let page = || [Answer::new(200, "text/html", "<!doctype html><title>Welcome</title>")];
    let sites = [PRM, ROOT_PRM, OWN_METADATA, "https://tools.example/.well-known/openid-configuration"]
        .iter()
        .fold(without_metadata(page()[0].clone()), |sites, url| sites.answers(&format!("GET {url}"), page()));
    let ended = refusal(&World::new(sites), &Person::willing(), None);
    assert!(matches!(ended, ToolError::Status { status: 401, .. }), "{ended:?}");
}

#[test]
fn a_registration_that_is_there_and_refuses_is_no_missing_sign_in() {
    let refused = json!({ "error": "invalid_redirect_uri", "error_description": "Only localhost is allowed." });
    for (registration, said) in [
        (Answer::new(400, "application/json", refused.to_string()), "answered 400: Only localhost is allowed"),
        (Answer::status(503), "answered 503"),
    ] {
        let ended = World::new(without_metadata(registration)).signs_in(&Person::willing()).unwrap_err();
        assert!(ended.starts_with("registering this page with the authorisation server failed"), "{ended}");
        assert!(ended.contains(said), "{ended}");
    }
}

#[test]
fn a_sign_in_that_was_announced_and_leads_nowhere_is_said() {
    let nowhere = "https://tools.example/gone";
    let world = World::new(without_metadata(Answer::status(404)));
    let announced = format!("Bearer resource_metadata=\"{nowhere}\"");
    let ToolError::SignInNeeded { message, .. } = refusal(&world, &Person::willing(), Some(&announced)) else {
        panic!("a sign-in was announced")
    };
    assert_eq!(
        message,
        format!(
            "reading the server's resource metadata failed: there is none where the server says that it stands \
             ({nowhere}). Or enter a token as this server's Authorization header in Settings, which needs no sign-in."
        )
    );
}

#[test]
fn where_it_is_not_known_whether_there_is_metadata_no_address_is_guessed() {
    let sites = || {
        Sites::default()
            .answers(&format!("GET {PRM}"), [Answer::blocked("tools.example does not admit this page.")])
            .answers(&format!("GET {ROOT_PRM}"), [Answer::blocked("tools.example does not admit this page.")])
    };
    let person = Person::willing();
    assert_eq!(
        World::new(sites()).signs_in(&person),
        Err("reading the server's resource metadata failed (a token entered as this server's Authorization header in \
             Settings needs none of it): tools.example does not admit this page."
            .to_owned())
    );
    assert_eq!(person.urls(), Vec::<String>::new());
    // What the server publishes of itself is no guess.
    let metadata = with(
        server_metadata(),
        json!({ "issuer": "https://tools.example", "token_endpoint": "https://tools.example/token" }),
    );
    let sites = sites()
        .get("https://tools.example/.well-known/oauth-authorization-server", metadata)
        .post(REGISTER, [Answer::json(json!({ "client_id": "c" }))])
        .post("https://tools.example/token", [crate::world::token("t")]);
    assert_eq!(World::new(sites).signs_in(&person), Ok(()));
}

#[test]
fn nobody_is_led_to_an_unencrypted_address_or_into_the_local_network() {
    let elsewhere = |field: &str, url: &str| {
        let metadata = with(server_metadata(), json!({ field: url }));
        let world = World::new(Sites::usual().get(METADATA, metadata));
        let person = Person::willing();
        (world.signs_in(&person).unwrap_err(), person.urls().len(), world.requests().len())
    };
    assert_eq!(
        elsewhere("authorization_endpoint", "javascript:alert(1)"),
        (
            "the page to sign in at (javascript:alert(1)) cannot be used: only http:// and https:// addresses can be \
             used"
                .to_owned(),
            0,
            2
        )
    );
    assert_eq!(
        elsewhere("token_endpoint", "http://as.example/token"),
        (
            "the address tokens come from (http://as.example/token) cannot be used: it is not encrypted; it must begin \
             with https://"
                .to_owned(),
            0,
            2
        )
    );
    assert_eq!(
        elsewhere("registration_endpoint", "http://127.0.0.1:9000/register"),
        (
            "the address to register at (http://127.0.0.1:9000/register) cannot be used: it leads into your machine or \
             network, and was named from outside"
                .to_owned(),
            0,
            2
        )
    );
    let challenge = "Bearer resource_metadata=\"http://169.254.169.254/latest\"";
    let world = World::new(Sites::usual());
    assert!(world.refused(&Person::willing(), 401, challenge).is_err());
    assert_eq!(world.requests(), Vec::<String>::new());
}

#[test]
fn metadata_that_names_nobody_says_so() {
    for (fields, problem) in [
        (json!({ "resource": null }), "it does not name its \u{201c}resource\u{201d}"),
        (json!({ "authorization_servers": [] }), "it names no authorisation server"),
        (json!({ "authorization_servers": null }), "it names no authorisation server"),
    ] {
        let world = World::new(Sites::usual().get(PRM, with(resource_metadata(), fields)));
        assert_eq!(
            world.signs_in(&Person::willing()),
            Err(format!(
                "reading the server's resource metadata failed: {problem} ({PRM}). Or enter a token as this server's \
                 Authorization header in Settings, which needs no sign-in."
            ))
        );
    }
    assert_eq!(resource_metadata()["resource"], SERVER);
}
