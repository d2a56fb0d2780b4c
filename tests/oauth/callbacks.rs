//! What comes back from a sign-in: whose it is and who sent it, before anything in it counts.

use fanout::agent::inquiry::Reply;
use serde_json::json;

use crate::world::{Asked, ISSUER, METADATA, Person, Sites, TOKEN, World, back, server_metadata, with};

const NOT_OURS: &str = "what came back from the sign-in does not belong to it, so it was not used; sign in again";

/// How a sign-in ends when the person comes back so, and whether a token was asked for.
fn comes_back(names_sender: bool, reply: impl Fn(&Asked) -> Reply + 'static) -> (Result<(), String>, bool) {
    let field = "authorization_response_iss_parameter_supported";
    let world = World::new(Sites::usual().get(METADATA, with(server_metadata(), json!({ field: names_sender }))));
    let ended = world.signs_in(&Person::new(move |asked| Some(reply(asked))));
    (ended, world.requests().contains(&format!("POST {TOKEN}")))
}

fn from_another(found: &str) -> (Result<(), String>, bool) {
    let message = format!(
        "what came back from the sign-in was not sent by {ISSUER} ({found}), so it was not used; somebody may be \
         trying to get at a token"
    );
    (Err(message), false)
}

#[test]
fn a_callback_that_names_its_issuer_is_taken_whether_that_was_promised_or_not() {
    let named = |asked: &Asked| back(asked, "&iss=https%3A%2F%2Fas.example");
    assert_eq!(comes_back(true, named), (Ok(()), true));
    assert_eq!(comes_back(false, named), (Ok(()), true));
    assert_eq!(comes_back(false, |asked| back(asked, "")), (Ok(()), true));
}

#[test]
fn a_promised_issuer_that_is_missing_is_refused() {
    assert_eq!(comes_back(true, |asked| back(asked, "")), from_another("its sender does not say who it is"));
}

#[test]
fn another_issuer_is_refused_whether_one_was_promised_or_not() {
    let evil = |asked: &Asked| back(asked, "&iss=https://evil.example.com");
    assert_eq!(comes_back(true, evil), from_another("https://evil.example.com"));
    assert_eq!(comes_back(false, evil), from_another("https://evil.example.com"));
}

#[test]
fn an_issuer_that_only_means_the_same_is_another() {
    for spelling in ["https://as.example/", "https://AS.example", "https://as.example:443", " https://as.example", ""] {
        let reply = move |asked: &Asked| back(asked, &format!("&iss={}", spelling.replace(' ', "%20")));
        assert_eq!(comes_back(true, reply), from_another(spelling), "{spelling}");
    }
}

#[test]
fn another_state_is_refused() {
    for query in ["code=c&state=guessed", "code=c", "code=c&state=", ""] {
        let reply = move |_: &Asked| Reply::SignedIn(query.to_owned());
        assert_eq!(comes_back(false, reply), (Err(NOT_OURS.to_owned()), false), "{query}");
    }
}

#[test]
fn a_parameter_that_comes_twice_makes_all_of_it_worthless() {
    let twice = |asked: &Asked| back(asked, "&iss=https%3A%2F%2Fas.example&iss=https%3A%2F%2Fevil.example");
    assert_eq!(comes_back(false, twice), (Err(NOT_OURS.to_owned()), false));
    let codes = |asked: &Asked| back(asked, "&code=another");
    assert_eq!(comes_back(false, codes), (Err(NOT_OURS.to_owned()), false));
}

#[test]
fn a_callback_without_a_code_is_worthless() {
    let reply = |asked: &Asked| Reply::SignedIn(format!("state={}", asked["state"]));
    assert_eq!(comes_back(false, reply), (Err(NOT_OURS.to_owned()), false));
}

#[test]
fn a_refusal_is_told_in_the_words_of_whoever_refused() {
    let reply = |asked: &Asked| {
        let state = &asked["state"];
        Reply::SignedIn(format!(
            "error=access_denied&error_description=You+said+no.&state={state}&iss=https%3A%2F%2Fas.example"
        ))
    };
    let message = format!("{ISSUER} did not let you sign in: You said no (access_denied)");
    assert_eq!(comes_back(true, reply), (Err(message), false));
}

#[test]
fn a_refusal_by_somebody_else_is_not_told_in_their_words() {
    let reply = |asked: &Asked| {
        let state = &asked["state"];
        Reply::SignedIn(format!("error=access_denied&error_description=Call+me&state={state}&iss=https://evil.example"))
    };
    assert_eq!(comes_back(true, reply), from_another("https://evil.example"));
}

#[test]
fn a_sign_in_that_was_not_done_says_how_to_get_to_it_again() {
    for reply in [Reply::Cancel, Reply::Decline, Reply::Accept(None)] {
        let message = "the server wants a sign-in, and nobody signed in; it is offered again when you ask, or \
             connect under \u{201c}Servers\u{201d}"
            .to_owned();
        assert_eq!(comes_back(false, move |_| reply.clone()), (Err(message), false));
    }
}
