//! All servers behind the one door.

use crate::http::{Answer, ManualClock, ScriptedHttp};
use crate::world::{arguments, client, notes, output, read_tool, result, server, settings, text_result, tool};
use fanout::agent::limits::Limits;
use fanout::agent::ports::Progress;
use fanout::agent::ports::{Ask, Rate, ServerLimits, ServerTools, ToolCall, ToolError, ToolHost};
use fanout::mcp::{McpClient, McpHost};
use fanout::settings::ServerSettings;
use futures::future;
use serde_json::json;
use std::rc::Rc;
use std::time::Duration;

fn host(clock: &Rc<ManualClock>, http: &Rc<ScriptedHttp>) -> McpHost {
    let settings = |name: &str, ask, disabled: &[&str]| ServerSettings {
        name: name.to_owned(),
        ask,
        disabled_tools: disabled.iter().map(|tool| (*tool).to_owned()).collect(),
        ..settings()
    };
    let limits = Limits { max_in_flight: Some(3), ..Limits::default() };
    McpHost::new(
        [settings("stories", Ask::Writes, &["b"]), settings("files", Ask::Never, &[])]
            .map(|settings| McpClient::new(settings, Rc::clone(http) as _, Rc::clone(clock) as _, &limits)),
    )
}

#[test]
fn the_host_speaks_for_all_servers_and_hides_what_is_switched_off() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": [tool("a"), tool("b")] })),
        _ => result(body, text_result("found")),
    });
    let host = host(&clock, &http);
    assert_eq!(host.servers(), ["stories", "files"]);
    let ask = |server| host.ask(server, "a");
    assert_eq!((ask("stories"), ask("files"), ask("other")), (Ask::Writes, Ask::Never, Ask::Always));
    let listed = clock.run(host.list_tools("stories", &|_: Progress| {})).unwrap();
    assert_eq!(listed, ServerTools { tools: vec![read_tool("a")], notes: notes(&[]) });
    assert_eq!(host.client("stories").unwrap().known_tools(), ["a", "b"].map(read_tool));
    assert_eq!(clock.run(host.list_tools("files", &|_: Progress| {})).unwrap().tools.len(), 2);

    let call = |server: &str, tool: &str| ToolCall {
        task_id: 1,
        server: server.to_owned(),
        tool_name: tool.to_owned(),
        arguments: arguments(),
    };
    assert_eq!(clock.run(host.call_tool(&call("stories", "a"), &|_: Progress| {})), output("found"));
    let off =
        ToolError::Protocol { message: "the tool \u{201c}b\u{201d} is switched off in Settings".to_owned(), raw: None };
    assert_eq!(clock.run(host.call_tool(&call("stories", "b"), &|_: Progress| {})), Err(off));
    assert_eq!(clock.run(host.call_tool(&call("files", "b"), &|_: Progress| {})), output("found"));
    let unknown = ToolError::UnknownServer("mail".to_owned());
    assert_eq!(clock.run(host.call_tool(&call("mail", "a"), &|_: Progress| {})), Err(unknown.clone()));
    assert_eq!(clock.run(host.list_tools("mail", &|_: Progress| {})), Err(unknown));
}

#[test]
fn what_the_settings_say_now_counts_and_not_what_the_clients_were_made_from() {
    let clock = ManualClock::new();
    let http = server(&clock, |_, body| match body["method"].as_str() {
        Some("tools/list") => result(body, json!({ "tools": [tool("a"), tool("b")] })),
        _ => result(body, text_result("found")),
    });
    let now = ServerSettings {
        name: "stories".to_owned(),
        ask: Ask::Always,
        allowed_tools: ["b".to_owned()].into(),
        disabled_tools: ["a".to_owned()].into(),
        ..settings()
    };
    let host = host(&clock, &http).with_settings(vec![now]);
    assert_eq!(clock.run(host.list_tools("stories", &|_: Progress| {})).unwrap().tools, [read_tool("b")]);
    let ask = |server, tool| host.ask(server, tool);
    assert_eq!((ask("stories", "a"), ask("stories", "b"), ask("files", "a")), (Ask::Always, Ask::Never, Ask::Never));
    let call = |tool: &str| {
        let (server, tool_name) = ("stories".to_owned(), tool.to_owned());
        let call = ToolCall { task_id: 1, server, tool_name, arguments: arguments() };
        clock.run(host.call_tool(&call, &|_: Progress| {}))
    };
    let off =
        ToolError::Protocol { message: "the tool \u{201c}a\u{201d} is switched off in Settings".to_owned(), raw: None };
    assert_eq!((call("a"), call("b")), (Err(off), output("found")));
}

#[test]
fn a_servers_limits_are_its_origins_connections_and_what_the_person_set() {
    let clock = ManualClock::new();
    let http = ScriptedHttp::new(&clock, |_| Answer::silence());
    let server = |name: &str, url: &str| ServerSettings { name: name.to_owned(), url: url.to_owned(), ..settings() };
    let servers = [
        server("wide", "https://Wide.example:443/mcp"),
        ServerSettings { max_in_flight: Some(2), ..server("few", "https://wide.example/other") },
        ServerSettings { calls_per_second: Some(0.5), burst: Some(4), ..server("slow", "http://localhost:3000/mcp") },
        ServerSettings { calls_per_second: Some(f64::NAN), ..server("odd", "no address") },
    ];
    let client = |settings| McpClient::new(settings, Rc::clone(&http) as _, Rc::clone(&clock) as _, &Limits::default());
    let plain = McpHost::new(servers.clone().map(client));
    assert_eq!(plain.limits("wide").connections, 6, "as over HTTP/1.1, unless told better");

    let host = McpHost::new(servers.map(client))
        .with_connections(Rc::new(|origin| if origin == "https://wide.example" { 100 } else { 5 }));
    let limits = |origin: &str, connections, max_in_flight, rate| ServerLimits {
        origin: origin.to_owned(),
        connections,
        max_in_flight,
        rate,
    };
    assert_eq!(host.limits("wide"), limits("https://wide.example", 100, 100, None));
    assert_eq!(host.limits("few"), limits("https://wide.example", 100, 2, None));
    let rate = Some(Rate { per_second: 0.5, burst: 4 });
    assert_eq!(host.limits("slow"), limits("http://localhost:3000", 5, 5, rate));
    assert_eq!(host.limits("odd"), limits("odd", 5, 5, None));
    assert_eq!(host.limits("unknown"), limits("unknown", 1, 1, None));
}

#[test]
fn one_dead_server_does_not_touch_another() {
    let clock = ManualClock::new();
    let dead = ScriptedHttp::new(&clock, |_| Answer::silence());
    let alive = server(&clock, |_, body| result(body, json!({ "tools": [tool("a")] })));
    let host = McpHost::new([client(&clock, &dead), {
        let settings = ServerSettings { name: "alive".to_owned(), ..settings() };
        McpClient::new(settings, Rc::clone(&alive) as _, Rc::clone(&clock) as _, &Limits::default())
    }]);
    let both = clock.run(future::join(host.list_tools("stories", &|_: Progress| {}), async {
        let tools = host.list_tools("alive", &|_: Progress| {}).await;
        (tools.map(|listed| listed.tools.len()), clock.elapsed())
    }));
    assert_eq!(both, (Err(ToolError::HeadersTimeout(Duration::from_secs(30))), (Ok(1), Duration::ZERO)));
}
