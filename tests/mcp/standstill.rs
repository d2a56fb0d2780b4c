//! Calls that were under way while the machine slept or the tab was frozen.

use crate::http::{Answer, ManualClock};
use crate::world::{arguments, broken, call, client, event, output, result, result_text, server, text_result};
use fanout::agent::ports::Progress;
use fanout::agent::ports::{Interruption, ToolError};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_connection_that_stays_silent_after_a_standstill_is_broken_after_eight_seconds() {
    let silent = "nothing came any more after this page stood still: the computer slept, or the browser had put the tab \
                  to rest";
    let cases: [(Answer, Option<&str>); 2] =
        [(Answer::silence(), None), (Answer::json("{\"json").hang(), Some("{\"json"))];
    for (answer, raw) in cases {
        let clock = ManualClock::new();
        clock.interrupt_at(Duration::from_secs(5), Interruption::StoodStill);
        let http = server(&clock, move |_, _| answer.clone());
        let client = client(&clock, &http);
        let called = clock.run(client.call_tool("search", &arguments(), &|_: Progress| {}));
        assert_eq!((called, clock.elapsed()), (broken(silent, raw), Duration::from_secs(13)));
        assert_eq!(http.forgotten_bodies()[0]["params"], json!({ "requestId": 2, "reason": "no answer in time" }));
    }
}

#[test]
fn a_connection_that_speaks_after_a_standstill_goes_on_as_before() {
    for interruption in [Interruption::StoodStill, Interruption::ClockJumped] {
        let clock = ManualClock::new();
        clock.interrupt_at(Duration::from_secs(5), interruption);
        let http = server(&clock, |_, body| {
            let beat = Answer::sse("").pause(Duration::from_secs(12)).then(": alive\n\n");
            beat.pause(Duration::from_secs(40)).then(event(result_text(body, &text_result("found"))))
        });
        assert_eq!((call(&clock, &http), clock.elapsed().as_secs()), (output("found"), 52));
    }
}

#[test]
fn after_a_jump_of_the_wall_clock_alone_silence_may_last_as_long_as_ever_but_then_counts_as_a_break() {
    let clock = ManualClock::new();
    clock.interrupt_at(Duration::from_secs(5), Interruption::ClockJumped);
    let http = server(&clock, |_, body| result(body, text_result("found")).after(Duration::from_secs(29)));
    assert_eq!(call(&clock, &http), output("found"));

    let clock = ManualClock::new();
    clock.interrupt_at(Duration::from_secs(5), Interruption::ClockJumped);
    let http = server(&clock, |_, _| Answer::silence());
    let error = call(&clock, &http).unwrap_err();
    assert!(matches!(error, ToolError::Broken { raw: None, .. }), "{error}");
    assert_eq!(clock.elapsed().as_secs(), 30);
}
