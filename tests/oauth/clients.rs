//! Who this page is at an authorisation server, and how it proves that.

use fanout::oauth::{Grants, PageIdentity};
use fanout::settings::OAuthSettings;
use serde_json::{Value, json};

use crate::http::{Answer, header};
use crate::world::{
    ISSUER, METADATA, OWN_DOCUMENT, PAGE, PRM, Person, REGISTER, SERVER, Sites, TOKEN, World, page, resource_metadata,
    server_metadata, settings, with,
};

fn registered_by_hand(id: &str, secret: &str) -> OAuthSettings {
    OAuthSettings { client_id: id.to_owned(), client_secret: secret.to_owned(), ..OAuthSettings::default() }
}

fn own_document() -> Value {
    json!({ "client_id": OWN_DOCUMENT, "redirect_uris": [PAGE], "token_endpoint_auth_method": "none" })
}

fn knows_documents() -> Value {
    with(server_metadata(), json!({ "client_id_metadata_document_supported": true }))
}

fn methods(methods: &[&str]) -> Value {
    with(server_metadata(), json!({ "token_endpoint_auth_methods_supported": methods }))
}

#[test]
fn a_client_the_person_registered_comes_first_and_proves_itself_by_the_header() {
    let metadata = with(methods(&["client_secret_basic"]), json!({ "registration_endpoint": null }));
    let sites = Sites::usual().get(METADATA, metadata);
    let world = World::with(sites, registered_by_hand("by-hand", "s3cret"), Grants::default());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(person.last()["client_id"], "by-hand");
    assert_eq!(world.authorization_at(TOKEN).as_deref(), Some("Basic YnktaGFuZDpzM2NyZXQ="));
    let form = world.posted(TOKEN);
    assert!(!form.contains_key("client_secret") && !form.contains_key("client_id"));
    assert!(!world.requests().contains(&format!("POST {REGISTER}")));
}

#[test]
fn a_public_client_the_person_registered_proves_nothing() {
    let world = World::with(Sites::usual(), registered_by_hand("by-hand", ""), Grants::default());
    assert_eq!(world.signs_in(&Person::willing()), Ok(()));
    assert_eq!(world.authorization_at(TOKEN), None);
    assert_eq!(world.posted(TOKEN)["client_id"], "by-hand");
}

#[test]
fn a_document_from_the_settings_is_the_client_id_where_such_documents_are_understood() {
    let url = "https://documents.example/fanout.json".to_owned();
    let oauth = OAuthSettings { client_metadata_url: url.clone(), ..OAuthSettings::default() };
    let world = World::with(Sites::usual().get(METADATA, knows_documents()), oauth.clone(), Grants::default());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(person.last()["client_id"], url);
    assert_eq!(world.posted(TOKEN)["client_id"], url);
    assert_eq!(world.requests(), [format!("GET {PRM}"), format!("GET {METADATA}"), format!("POST {TOKEN}")]);

    let world = World::with(Sites::usual(), oauth, Grants::default());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(person.last()["client_id"], "registered-1", "not understood");
}

#[test]
fn the_document_beside_the_page_is_the_client_id_if_it_is_there_and_right() {
    let client_id = |document: Option<Value>, page: PageIdentity| {
        let mut sites = Sites::usual().get(METADATA, knows_documents());
        if let Some(document) = document {
            sites = sites.get(&page.client_metadata_url, document);
        }
        let world = World::of(sites, settings(), Grants::default(), page);
        let person = Person::willing();
        assert_eq!(world.signs_in(&person), Ok(()));
        person.last()["client_id"].clone()
    };
    assert_eq!(client_id(Some(own_document()), page()), OWN_DOCUMENT);
    assert_eq!(client_id(None, page()), "registered-1");
    let moved = with(own_document(), json!({ "redirect_uris": ["https://old.example/signed-in.html"] }));
    assert_eq!(client_id(Some(moved), page()), "registered-1");
    let other = with(own_document(), json!({ "client_id": "https://old.example/client-metadata.json" }));
    assert_eq!(client_id(Some(other), page()), "registered-1");
    let here = "http://localhost:8080/client-metadata.json".to_owned();
    let local = PageIdentity { client_metadata_url: here.clone(), ..page() };
    assert_eq!(client_id(Some(with(own_document(), json!({ "client_id": here }))), local), "registered-1");
}

#[test]
fn else_the_page_registers_itself() {
    let registration = |page: PageIdentity, metadata: Value| {
        let world = World::of(Sites::usual().get(METADATA, metadata), settings(), Grants::default(), page);
        assert_eq!(world.signs_in(&Person::willing()), Ok(()));
        let requests = world.http.requests.borrow();
        let sent = requests.iter().find(|request| request.url == REGISTER).unwrap();
        assert_eq!(header(sent, "content-type"), Some("application/json"));
        serde_json::from_str::<Value>(sent.body.as_deref().unwrap()).unwrap()
    };
    assert_eq!(
        registration(page(), server_metadata()),
        json!({
            "client_name": "Fanout",
            "redirect_uris": [PAGE],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "web",
        })
    );
    let here = "http://127.0.0.1:8080/signed-in.html";
    let local = PageIdentity { redirect_uri: here.to_owned(), ..page() };
    let sent = registration(local, methods(&["client_secret_basic", "client_secret_post"]));
    assert_eq!(sent["application_type"], "native");
    assert_eq!(sent["redirect_uris"], json!([here]));
    assert_eq!(sent["token_endpoint_auth_method"], "client_secret_post", "it costs no preflight");
    assert_eq!(
        registration(page(), methods(&["client_secret_basic"]))["token_endpoint_auth_method"],
        "client_secret_basic"
    );
    let silent = with(server_metadata(), json!({ "token_endpoint_auth_methods_supported": null }));
    assert_eq!(registration(page(), silent)["token_endpoint_auth_method"], "none");
}

#[test]
fn a_registered_client_proves_itself_the_way_it_was_registered() {
    let proof = |registered: Value, metadata: Value| {
        let sites = Sites::usual().get(METADATA, metadata).post(REGISTER, [Answer::json(registered)]);
        let world = World::new(sites);
        assert_eq!(world.signs_in(&Person::willing()), Ok(()));
        let form = world.posted(TOKEN);
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        (world.authorization_at(TOKEN).unwrap_or_default(), field("client_id"), field("client_secret"))
    };
    let with_secret = |method: Value| {
        with(json!({ "client_id": "c", "client_secret": "s3cret" }), json!({ "token_endpoint_auth_method": method }))
    };
    let own = |text: &str| text.to_owned();
    let basic = (own("Basic YzpzM2NyZXQ="), own(""), own(""));
    let post = (own(""), own("c"), own("s3cret"));
    let none = (own(""), own("c"), own(""));
    assert_eq!(proof(with_secret(json!("client_secret_basic")), methods(&["client_secret_basic"])), basic);
    assert_eq!(proof(with_secret(json!("client_secret_post")), methods(&["client_secret_post"])), post);
    assert_eq!(proof(json!({ "client_id": "c", "token_endpoint_auth_method": "none" }), server_metadata()), none);
    assert_eq!(proof(with_secret(json!(null)), methods(&["client_secret_basic"])), basic);
    assert_eq!(proof(with_secret(json!(null)), methods(&["none"])), none, "a secret nobody asks for stays here");
    // The authorisation server has the last word.
    assert_eq!(proof(with_secret(json!("client_secret_basic")), methods(&["none", "client_secret_basic"])), basic);
}

#[test]
fn where_nothing_helps_the_person_hears_where_to_enter_a_client_id() {
    let metadata = with(server_metadata(), json!({ "registration_endpoint": null }));
    let world = World::new(Sites::usual().get(METADATA, metadata));
    let person = Person::willing();
    assert_eq!(
        world.signs_in(&person),
        Err(format!(
            "the authorisation server {ISSUER} wants to know this page beforehand. Register it there with the redirect \
             address {PAGE}, and enter the client id under \u{201c}Sign-in\u{201d} in this server's settings"
        ))
    );
    assert_eq!(person.urls(), Vec::<String>::new());
}

#[test]
fn a_registration_is_used_again_at_the_same_issuer_only() {
    let other = "https://other-as.example";
    let second = with(
        server_metadata(),
        json!({
            "issuer": other,
            "token_endpoint": "https://other-as.example/token",
            "registration_endpoint": "https://other-as.example/register",
        }),
    );
    let sites = Sites::usual()
        .get("https://other-as.example/.well-known/oauth-authorization-server", second)
        .post("https://other-as.example/register", [Answer::json(json!({ "client_id": "registered-there" }))])
        .post("https://other-as.example/token", [crate::world::token("token-of-other")]);
    let world = World::new(sites.clone());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    fanout::mcp::Authorizer::accepted(&world.sign_in);
    assert_eq!(world.signs_in(&person), Ok(()), "the token has run out and cannot be renewed");
    fanout::mcp::Authorizer::accepted(&world.sign_in);

    // The server moves to another authorisation server.
    let sites = sites.get(PRM, with(resource_metadata(), json!({ "authorization_servers": [other] })));
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(world.token().as_deref(), Some("Bearer token-of-other"));
    drop(sites);
    assert_eq!(person.each("client_id"), ["registered-1", "registered-1", "registered-there"]);
    let registrations = world.requests().into_iter().filter(|request| request.ends_with("/register")).count();
    assert_eq!(registrations, 2);
}

#[test]
fn a_client_id_entered_for_one_issuer_is_not_shown_to_another() {
    let other = "https://other-as.example";
    let second = with(server_metadata(), json!({ "issuer": other }));
    let sites = Sites::usual().get("https://other-as.example/.well-known/oauth-authorization-server", second);
    let world = World::with(sites.clone(), registered_by_hand("by-hand", "s3cret"), Grants::default());
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    fanout::mcp::Authorizer::accepted(&world.sign_in);
    let sites = sites.get(PRM, with(resource_metadata(), json!({ "authorization_servers": [other] })));
    assert_eq!(
        world.signs_in(&person),
        Err(format!(
            "the server now names {other} for its sign-ins. The client id in its settings was used with {ISSUER} and \
             is not given to anybody else; enter the one for {other} under \u{201c}Sign-in\u{201d} in this server's \
             settings"
        ))
    );
    assert_eq!(person.urls().len(), 1);
    // Whoever signs out says that it is meant for anybody.
    let sites = sites.get(
        "https://other-as.example/.well-known/oauth-authorization-server",
        with(server_metadata(), json!({ "issuer": other })),
    );
    world.grants.sign_out(SERVER);
    assert_eq!(world.signs_in(&person), Ok(()));
    drop(sites);
}

#[test]
fn a_client_its_issuer_has_forgotten_is_registered_anew_the_next_time() {
    let unknown = Answer::new(401, "application/json", json!({ "error": "invalid_client" }).to_string());
    let sites = Sites::usual()
        .post(TOKEN, [unknown, crate::world::token("t")])
        .post(REGISTER, ["registered-1", "registered-2"].map(|id| Answer::json(json!({ "client_id": id }))));
    let world = World::new(sites);
    let person = Person::willing();
    assert_eq!(
        world.signs_in(&person),
        Err("getting the token failed: as.example answered 401: invalid_client. Or enter a token as this server's \
             Authorization header in Settings, which needs no sign-in."
            .to_owned())
    );
    assert_eq!(world.signs_in(&person), Ok(()));
    assert_eq!(person.each("client_id"), ["registered-1", "registered-2"]);
}
