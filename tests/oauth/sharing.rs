//! Calls that are refused at the same time.

use std::cell::RefCell;
use std::rc::Rc;

use fanout::agent::inquiry::{Inquiry, Reply};
use fanout::agent::ports::{Challenge, Listener, Progress};
use fanout::mcp::Authorizer as _;
use fanout::oauth::{Grants, OtherPages, Turn};
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, join, join3, ready};
use futures::{FutureExt, StreamExt, stream};
use serde_json::json;

use crate::http::Answer;
use crate::world::{Person, Sites, TOKEN, World, back, message, parameters, token};

fn refusal() -> Challenge {
    Challenge { status: 401, ..Challenge::default() }
}

/// A person who answers when the test says so.
#[derive(Clone, Default)]
struct Slow(Rc<RefCell<Vec<Waiting>>>);

/// What was asked, and who waits for the answer.
type Waiting = (Inquiry, oneshot::Sender<Reply>);

impl Slow {
    fn asked(&self) -> usize {
        self.0.borrow_mut().retain(|(_, waiting)| !waiting.is_canceled());
        self.0.borrow().len()
    }

    fn answers(&self, reply: impl Fn(&str) -> Reply) {
        for (inquiry, waiting) in self.0.take() {
            let Inquiry::SignIn { authorization_url, .. } = inquiry else { panic!("asked something else") };
            waiting.send(reply(&authorization_url)).unwrap();
        }
    }
}

impl Listener for Slow {
    fn progress(&self, _progress: Progress) {}

    fn ask(&self, inquiry: Inquiry) -> LocalBoxFuture<'_, Reply> {
        let (sender, receiver) = oneshot::channel();
        self.0.borrow_mut().push((inquiry, sender));
        receiver.map(Result::unwrap).boxed_local()
    }
}

#[test]
fn calls_refused_together_share_one_sign_in() {
    let world = World::new(Sites::usual());
    let person = Person::willing();
    let challenge = refusal();
    let one = || world.sign_in.authorize(&challenge, &person);
    let ended = world.clock.run(join3(one(), one(), one()));
    assert_eq!((message(ended.0), message(ended.1), message(ended.2)), (Ok(()), Ok(()), Ok(())));
    assert_eq!(person.urls().len(), 1);
    assert_eq!(world.requests().iter().filter(|request| request.contains("/token")).count(), 1);
}

#[test]
fn calls_refused_together_share_one_renewal() {
    let renewable = Answer::json(json!({ "access_token": "t1", "token_type": "Bearer", "refresh_token": "r1" }));
    let world = World::new(Sites::usual().post(TOKEN, [renewable, token("t2"), token("t3")]));
    let person = Person::willing();
    assert_eq!(world.signs_in(&person), Ok(()));
    world.sign_in.accepted();
    let challenge = refusal();
    let ended = world
        .clock
        .run(join(world.sign_in.authorize(&challenge, &person), world.sign_in.authorize(&challenge, &person)));
    assert_eq!((message(ended.0), message(ended.1)), (Ok(()), Ok(())));
    assert_eq!((world.token().as_deref(), person.urls().len()), (Some("Bearer t2"), 1));
}

#[test]
fn whoever_cancels_cancels_for_all_who_wait() {
    let world = World::new(Sites::usual());
    let person = Person::new(|_| Some(Reply::Cancel));
    let challenge = refusal();
    let one = || world.sign_in.authorize(&challenge, &person);
    let ended = world.clock.run(join(one(), one()));
    let cancelled = || {
        Err("the server wants a sign-in, and nobody signed in; it is offered again when you ask, or \
             connect under \u{201c}Servers\u{201d}"
            .to_owned())
    };
    assert_eq!((message(ended.0), message(ended.1)), (cancelled(), cancelled()));
    assert_eq!(person.urls().len(), 1);
}

#[test]
fn a_call_that_is_stopped_leaves_the_sign_in_to_the_others() {
    let world = World::new(Sites::usual());
    let person = Slow::default();
    let challenge = refusal();
    let one = || world.sign_in.authorize(&challenge, &person);
    let mut calls = stream::FuturesUnordered::from_iter([one()]);
    let never = world.clock.run_until(world.clock.elapsed(), calls.next());
    assert!(never.is_none() && person.asked() == 1);

    // A second call waits for the first, which is stopped then.
    let mut second = one();
    assert!(world.clock.run_until(world.clock.elapsed(), &mut second).is_none());
    assert_eq!(person.asked(), 1);
    drop(calls);
    assert!(world.clock.run_until(world.clock.elapsed(), &mut second).is_none());
    assert_eq!(person.asked(), 1, "the first question was taken back, the second stands");
    person.answers(|url| back(&parameters(url), ""));
    assert_eq!(message(world.clock.run(second)), Ok(()));
    assert_eq!(world.token().as_deref(), Some("Bearer token-1"));
}

#[test]
fn a_sign_in_s_state_is_known_while_it_is_under_way_and_works_no_second_time() {
    let world = World::new(Sites::usual());
    let person = Slow::default();
    let challenge = refusal();
    let mut call = world.sign_in.authorize(&challenge, &person);
    assert!(world.clock.run_until(world.clock.elapsed(), &mut call).is_none());
    let state = {
        let asked = person.0.borrow();
        let Inquiry::SignIn { authorization_url, .. } = &asked[0].0 else { panic!("asked something else") };
        parameters(authorization_url)["state"].clone()
    };
    assert!(world.grants.pending(&state).is_some());
    assert!(world.grants.pending("another").is_none());
    drop(call);
    assert!(world.grants.pending(&state).is_none());
}

/// A page of a browser that keeps what sign-ins bring; what it does is written down.
#[derive(Clone)]
struct Tab {
    kept: Rc<RefCell<Option<String>>>,
    done: Rc<RefCell<Vec<&'static str>>>,
    grants: Grants,
}

struct Over(Rc<RefCell<Vec<&'static str>>>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.borrow_mut().push("turn over");
    }
}

impl OtherPages for Tab {
    fn turn(&self, name: String) -> LocalBoxFuture<'_, Turn> {
        assert_eq!(name, "fanout-renewal https://as.example https://tools.example/mcp");
        self.done.borrow_mut().push("turn");
        ready(Box::new(Over(Rc::clone(&self.done))) as Turn).boxed_local()
    }

    fn kept(&self) -> LocalBoxFuture<'_, Option<String>> {
        self.done.borrow_mut().push("look");
        ready(self.kept.borrow().clone()).boxed_local()
    }

    fn keep(&self) -> LocalBoxFuture<'_, ()> {
        self.done.borrow_mut().push("keep");
        *self.kept.borrow_mut() = self.grants.export();
        ready(()).boxed_local()
    }
}

#[test]
fn a_page_takes_the_token_that_another_page_of_the_browser_has_renewed() {
    let renewable = |access: &str, refresh: &str| {
        Answer::json(json!({ "access_token": access, "token_type": "Bearer", "refresh_token": refresh }))
    };
    let first = World::new(Sites::usual().post(TOKEN, [renewable("t1", "r1"), renewable("t2", "r2")]));
    let person = Person::willing();
    assert_eq!(first.signs_in(&person), Ok(()));
    first.sign_in.accepted();
    // The second page has the same token from what was kept.
    let second = World::new(Sites::usual().post(TOKEN, [renewable("t3", "r3"), token("t4")]));
    second.grants.import(&first.grants.export().unwrap());
    let (kept, done) = (Rc::new(RefCell::new(first.grants.export())), Rc::default());
    for world in [&first, &second] {
        let grants = world.grants.clone();
        world.grants.share_with(Tab { kept: Rc::clone(&kept), done: Rc::clone(&done), grants });
    }
    assert_eq!(first.signs_in(&person), Ok(()));
    assert_eq!((first.token().as_deref(), done.take()), (Some("Bearer t2"), vec!["turn", "look", "keep", "turn over"]));
    assert_eq!(second.signs_in(&person), Ok(()));
    assert_eq!((second.token().as_deref(), done.take()), (Some("Bearer t2"), vec!["turn", "look", "turn over"]));
    assert!(!second.requests().contains(&format!("POST {TOKEN}")), "the refresh token of before works no more");
    // That one runs out, too.
    assert_eq!(second.signs_in(&person), Ok(()));
    assert_eq!((second.token().as_deref(), person.urls().len()), (Some("Bearer t3"), 1));
    assert_eq!(second.posted(TOKEN)["refresh_token"], "r2");
}
