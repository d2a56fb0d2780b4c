//! What is got ready while the person types: the session and the list of tools, asked for once and for a short time.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::world::{
    arguments, body, client, client_for, discovered, event, notes, output, read_tool, result, result_text, server,
    text_result, tool,
};
use fanout::agent::ports::Progress;
use fanout::agent::ports::{ServerTools, ToolError, ToolHost};
use fanout::mcp::{McpClient, McpHost};
use fanout::settings::ServerProtocol;
use futures::future;
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

type Script = Box<dyn Fn(&Value) -> Answer>;

fn methods(http: &ScriptedHttp) -> Vec<String> {
    http.bodies().iter().map(|body| body["method"].as_str().unwrap_or("?").to_owned()).collect()
}

fn times_listed(http: &ScriptedHttp) -> usize {
    methods(http).iter().filter(|method| *method == "tools/list").count()
}

/// Serves lists of one tool, `t1`, `t2`, …, each a second late; calls by the test's function.
fn counting_lists(clock: &Rc<ManualClock>, answer: impl Fn(&Value) -> Answer + 'static) -> Rc<ScriptedHttp> {
    let lists = Cell::new(0);
    server(clock, move |_, body| match body["method"].as_str() {
        Some("tools/list") => {
            lists.set(lists.get() + 1);
            let tools = json!({ "tools": [tool(&format!("t{}", lists.get()))] });
            result(body, tools).after(Duration::from_secs(1))
        }
        _ => answer(body),
    })
}

fn listed(name: &str) -> Result<ServerTools, ToolError> {
    Ok(ServerTools { tools: vec![read_tool(name)], notes: notes(&[]) })
}

fn call(clock: &ManualClock, client: &McpClient) {
    drop(clock.run(client.call_tool("t1", &arguments(), &|_: Progress| {})));
}

#[test]
fn a_warmed_list_is_used_without_a_request_for_a_minute_and_then_once_more_while_it_is_read_anew() {
    let clock = ManualClock::new();
    let http = counting_lists(&clock, |body| result(body, text_result("found")));
    let client = client(&clock, &http);
    clock.run(client.warm());
    assert_eq!(methods(&http), ["initialize", "notifications/initialized", "tools/list"]);
    clock.advance(Duration::from_millis(59_999));
    assert_eq!((clock.run(client.list_tools(&|_: Progress| {})), times_listed(&http)), (listed("t1"), 1));
    clock.advance(Duration::from_millis(1));
    let at = clock.elapsed();
    assert_eq!((clock.run(client.list_tools(&|_: Progress| {})), clock.elapsed()), (listed("t1"), at));
    assert_eq!(times_listed(&http), 2);
    clock.run(client.warm());
    assert_eq!((clock.run(client.list_tools(&|_: Progress| {})), times_listed(&http)), (listed("t2"), 2));
}

#[test]
fn a_renewal_is_read_beside_the_calls_that_follow() {
    let clock = ManualClock::new();
    let http = counting_lists(&clock, |body| result(body, text_result("found")).after(Duration::from_secs(2)));
    let client = client(&clock, &http);
    clock.run(client.warm());
    clock.advance(Duration::from_mins(2));
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("t1"));
    call(&clock, &client);
    assert_eq!(client.known_tools(), [read_tool("t2")]);
    assert_eq!((clock.run(client.list_tools(&|_: Progress| {})), times_listed(&http)), (listed("t2"), 2));
}

#[test]
fn a_renewal_that_fails_is_told_to_who_asks_next() {
    let clock = ManualClock::new();
    let lists = Cell::new(0);
    let http = server(&clock, move |_, body| match body["method"].as_str() {
        Some("tools/list") if lists.replace(lists.get() + 1) == 0 => result(body, json!({ "tools": [tool("t1")] })),
        Some("tools/list") => Answer::status(500),
        _ => result(body, text_result("found")),
    });
    let client = client(&clock, &http);
    clock.run(client.warm());
    clock.advance(Duration::from_mins(2));
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("t1"));
    call(&clock, &client);
    let error = clock.run(client.list_tools(&|_: Progress| {})).unwrap_err();
    assert_eq!(error.to_string(), "the server answered 500: the fault is on the server's side; try again later");
}

#[test]
fn warming_again_renews_a_list_that_would_soon_be_too_old_and_the_old_one_serves_meanwhile() {
    let clock = ManualClock::new();
    let http = counting_lists(&clock, |body| result(body, text_result("found")));
    let client = client(&clock, &http);
    clock.run(client.warm());
    clock.advance(Duration::from_secs(29));
    clock.run(client.warm());
    assert_eq!(times_listed(&http), 1);
    clock.advance(Duration::from_secs(1));
    let at = clock.elapsed();
    let meanwhile = async { (client.list_tools(&|_: Progress| {}).await, clock.elapsed()) };
    let ((), meanwhile) = clock.run(future::join(client.warm(), meanwhile));
    assert_eq!((meanwhile, times_listed(&http)), ((listed("t1"), at), 2));
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("t2"));
}

#[test]
fn warming_and_listing_at_the_same_time_share_one_request() {
    let clock = ManualClock::new();
    let http = counting_lists(&clock, |body| result(body, text_result("found")));
    let client = client(&clock, &http);
    let all = future::join4(
        client.warm(),
        client.list_tools(&|_: Progress| {}),
        client.warm(),
        client.list_tools(&|_: Progress| {}),
    );
    assert_eq!(clock.run(all), ((), listed("t1"), (), listed("t1")));
    assert_eq!((times_listed(&http), clock.elapsed()), (1, Duration::from_secs(1)));
}

#[test]
fn a_warm_up_nobody_waits_for_any_more_is_aborted_and_leaves_nothing_behind() {
    let clock = ManualClock::new();
    let http = counting_lists(&clock, |body| result(body, text_result("found")));
    let client = client(&clock, &http);
    assert_eq!(clock.run_until(Duration::from_millis(500), client.warm()), None);
    assert_eq!(*http.aborted.borrow(), [2]);
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("t2"));
}

#[test]
fn a_warm_up_that_fails_is_silent_and_who_waited_for_it_asks_again() {
    let clock = ManualClock::new();
    let attempts = Cell::new(0);
    let http = ScriptedHttp::new(&clock, move |request| {
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        match body["method"].as_str().unwrap() {
            "initialize" if attempts.replace(attempts.get() + 1) == 0 => {
                Answer::unreachable("not yet").after(Duration::from_secs(3))
            }
            "initialize" => crate::world::initialized(&body, "2025-11-25"),
            "tools/list" => result(&body, json!({ "tools": [tool("a")] })),
            _ => Answer::status(202),
        }
    });
    let client = client(&clock, &http);
    let ((), found) = clock.run(future::join(client.warm(), client.list_tools(&|_: Progress| {})));
    assert_eq!((found, clock.elapsed()), (listed("a"), Duration::from_secs(3)));
}

#[test]
fn a_server_that_says_its_tools_changed_is_asked_again() {
    let clock = ManualClock::new();
    let http = counting_lists(&clock, |body| {
        let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
        Answer::sse(event(changed) + &event(result_text(body, &text_result("found"))))
    });
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("t1"));
    call(&clock, &client);
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("t2"));
}

#[test]
fn a_list_that_was_on_its_way_when_the_tools_changed_serves_once_and_is_not_kept() {
    let clock = ManualClock::new();
    let http = counting_lists(&clock, |body| {
        let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
        Answer::sse(event(changed) + &event(result_text(body, &text_result("found"))))
    });
    let client = client(&clock, &http);
    let arguments = arguments();
    let (found, called) = clock
        .run(future::join(client.list_tools(&|_: Progress| {}), client.call_tool("t1", &arguments, &|_: Progress| {})));
    assert_eq!((found, called), (listed("t1"), output("found")));
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("t2"));
}

#[test]
fn a_tool_the_server_does_not_know_any_more_has_the_list_read_again() {
    let rpc = |code: i64| {
        move |body: &Value| {
            Answer::json(json!({ "jsonrpc": "2.0", "id": body["id"], "error": { "code": code, "message": "no" } }))
        }
    };
    let failed = |text: &'static str| {
        move |body: &Value| result(body, json!({ "content": [{ "type": "text", "text": text }], "isError": true }))
    };
    let lists_after = |answer: Script| {
        let clock = ManualClock::new();
        let http = counting_lists(&clock, answer);
        let client = client(&clock, &http);
        clock.run(client.list_tools(&|_: Progress| {})).unwrap();
        call(&clock, &client);
        clock.run(client.list_tools(&|_: Progress| {})).unwrap();
        times_listed(&http)
    };
    let answers: [Script; 6] = [
        Box::new(rpc(-32602)),
        Box::new(rpc(-32601)),
        Box::new(failed("Unknown tool: t1")),
        Box::new(failed("MCP error -32602: Tool t1 not found")),
        Box::new(rpc(-32603)),
        Box::new(failed("no such user")),
    ];
    assert_eq!(answers.map(lists_after), [2, 2, 2, 2, 1, 1]);
}

#[test]
fn a_server_that_forgot_the_session_is_asked_for_its_tools_again() {
    let clock = ManualClock::new();
    let http = server(&clock, |request, body| {
        match (body["method"].as_str(), crate::http::header(request, "mcp-session-id")) {
            (Some("tools/list"), Some(session)) => result(body, json!({ "tools": [tool(session)] })),
            (_, Some("s1")) => Answer::status(404),
            _ => result(body, text_result("found")),
        }
    });
    let client = client(&clock, &http);
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("s1"));
    call(&clock, &client);
    assert_eq!(clock.run(client.list_tools(&|_: Progress| {})), listed("s2"));
}

#[test]
fn a_list_is_fresh_for_as_long_as_its_shortest_lived_page_says() {
    let ttl = |first: Value, second: Value| {
        let clock = ManualClock::new();
        let times = Rc::new(Cell::new(0));
        let counted = Rc::clone(&times);
        let http = ScriptedHttp::new(&clock, move |request| {
            let body = body(request);
            match (body["method"].as_str().unwrap(), body["params"].get("cursor")) {
                ("server/discover", _) => discovered(&body, &["2026-07-28"]),
                (_, None) => {
                    counted.set(counted.get() + 1);
                    let page =
                        json!({ "tools": [tool("a")], "nextCursor": "2", "ttlMs": first, "cacheScope": "public" });
                    result(&body, page).after(Duration::from_secs(1))
                }
                (_, Some(_)) => {
                    result(&body, json!({ "tools": [tool("b")], "ttlMs": second })).after(Duration::from_secs(1))
                }
            }
        });
        let client = client_for(ServerProtocol::Modern, &clock, &http);
        clock.run(client.list_tools(&|_: Progress| {})).unwrap();
        // Asking is told by the renewal it starts.
        let mut fresh = 0;
        while times.get() == 1 && fresh < 200 {
            clock.run(client.list_tools(&|_: Progress| {})).unwrap();
            fresh += 1;
            clock.advance(Duration::from_secs(1));
        }
        fresh - 1
    };
    assert_eq!(ttl(json!(60_000), json!(90_000)), 59, "counted from the moment the first page came");
    assert_eq!(ttl(json!(90_000), json!(60_000)), 60, "and the second a second later");
    for none in [Value::Null, json!(0), json!(-5), json!("long")] {
        assert_eq!(ttl(json!(60_000), none), 0);
    }
    assert_eq!(ttl(json!(1e12), json!(1e12)), 199, "nobody asks before it is time");
}

#[test]
fn the_host_warms_all_servers_and_a_dead_one_holds_up_none() {
    let clock = ManualClock::new();
    let alive = counting_lists(&clock, |body| result(body, text_result("found")));
    let dead = ScriptedHttp::new(&clock, |_| Answer::unreachable("down"));
    let host = McpHost::new([client(&clock, &dead), client(&clock, &alive)]);
    clock.run(host.warm());
    assert_eq!((dead.requests.borrow().len(), times_listed(&alive), clock.elapsed()), (1, 1, Duration::from_secs(1)));
}
