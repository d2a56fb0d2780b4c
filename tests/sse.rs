//! The event-stream decoder and the reader of foreign JSON: whatever the chunks and however broken the text.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::time::Duration;

use fanout::json::{self, Fidelity, Foreign, LoneSurrogates};
use fanout::sse::{Integrity, SseDecoder, SseEvent};
use serde_json::{Value, json};

fn event(data: &str) -> SseEvent {
    SseEvent { event: "message".to_owned(), data: data.to_owned(), id: String::new(), integrity: Integrity::Whole }
}

fn named(name: &str, data: &str) -> SseEvent {
    SseEvent { event: name.to_owned(), ..event(data) }
}

/// Decodes the stream whole, byte by byte, and cut in two at every position; all must give the same events.
fn check(stream: &[u8], expected: &[SseEvent]) {
    let decode = |chunks: &[&[u8]]| {
        let mut decoder = SseDecoder::new();
        let events: Vec<SseEvent> = chunks.iter().flat_map(|chunk| decoder.push(chunk)).collect();
        (events, decoder.data_bytes())
    };
    let (events, data_bytes) = decode(&[stream]);
    assert_eq!(events, expected, "whole: {:?}", String::from_utf8_lossy(stream));
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(decode(&bytes), (expected.to_vec(), data_bytes), "byte by byte");
    for at in 0..=stream.len() {
        let (first, second) = stream.split_at(at);
        assert_eq!(decode(&[first, second]), (expected.to_vec(), data_bytes), "cut at {at}");
        assert_eq!(decode(&[first, b"", second]), (expected.to_vec(), data_bytes), "cut at {at}, nothing between");
    }
}

#[test]
fn every_line_ending_ends_a_line_wherever_the_stream_is_cut() {
    for end in ["\n", "\r", "\r\n"] {
        let stream =
            ["event: a", "data: one", "data:two", "", ": a comment", "data", "", "data: three", "", ""].join(end);
        check(stream.as_bytes(), &[named("a", "one\ntwo"), event(""), event("three")]);
    }
    check(b"data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", &[event("a"), event("b"), event("c")]);
}

#[test]
fn a_byte_order_mark_is_skipped_once_and_only_at_the_start() {
    check(b"\xEF\xBB\xBFdata: a\n\ndata: \xEF\xBB\xBFb\n\n", &[event("a"), event("\u{FEFF}b")]);
    check(b"\xEF\xBBdata: a\n\ndata: b\n\n", &[event("b")]);
}

#[test]
fn characters_of_several_bytes_survive_every_cut() {
    let text = "поиск 🦀 \u{2028} ü";
    check(format!("data: {text}\n\n").as_bytes(), &[event(text)]);
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_the_event_says_so() {
    check(
        b"data: a\xFFb\n\ndata: c\n\n",
        &[SseEvent { integrity: Integrity::Repaired, ..event("a\u{FFFD}b") }, event("c")],
    );
}

#[test]
fn only_one_blank_after_the_colon_is_not_data() {
    check(b"data:  two\ndata:\ndata:\ttab\n\n", &[event(" two\n\n\ttab")]);
    check(b"data: {\"a\": 1}   \n\n", &[event("{\"a\": 1}   ")]);
}

#[test]
fn an_id_stays_until_another_comes_and_counts_without_data() {
    let with_id = |data: &str, id: &str| SseEvent { id: id.to_owned(), ..event(data) };
    check(
        b"id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: x\0y\ndata: d\n\n",
        &[with_id("a", "7"), with_id("b", "7"), event("c"), event("d")],
    );
    let mut decoder = SseDecoder::new();
    assert_eq!(decoder.push(b"id: priming\nretry: 500\n\n"), []);
    assert_eq!((decoder.last_event_id(), decoder.retry()), (Some("priming"), Some(Duration::from_millis(500))));
    decoder.push(b"retry: soon\nretry: -5\nretry:\n\n");
    assert_eq!(decoder.retry(), Some(Duration::from_millis(500)));
}

#[test]
fn an_event_without_data_is_none_and_its_name_is_not_left_to_the_next() {
    check(b"event: ping\n\ndata: a\n\n", &[event("a")]);
}

#[test]
fn unknown_fields_are_ignored() {
    check(b"datax: 1\n data: 2\nDATA: 3\nfoo\n:\n\ndata: 4\n\n", &[event("4")]);
}

#[test]
fn an_event_without_its_closing_blank_line_is_handed_over_only_at_the_end() {
    for rest in ["data: last", "data: last\n", "data: last\r"] {
        let mut decoder = SseDecoder::new();
        assert_eq!(decoder.push(format!("id: 1\ndata: first\n\nid: 2\n{rest}").as_bytes()).len(), 1);
        assert_eq!(decoder.finish(), Some(SseEvent { id: "2".to_owned(), ..event("last") }), "{rest:?}");
        assert_eq!(decoder.last_event_id(), Some("1"));
        assert_eq!(decoder.finish(), None);
    }
    assert_eq!(SseDecoder::new().finish(), None);
}

#[test]
fn comments_are_no_data_and_do_not_count_as_such() {
    let mut decoder = SseDecoder::new();
    decoder.push(b": keep-alive\n\n:\r\n: and more");
    assert_eq!(decoder.data_bytes(), 0);
    decoder.push(b" of it\n\ndata: a");
    assert_eq!(decoder.data_bytes(), 7);
}

#[test]
fn an_event_larger_than_the_bound_is_cut_there_and_the_next_is_whole() {
    for cut in 1..40 {
        let stream =
            b"data: 1234567890abcdefghijklmnopqrstuvwxyz\n\n: a comment longer than the bound, too\ndata: ok\n\n";
        let mut decoder = SseDecoder::with_max_event_bytes(10);
        let events: Vec<SseEvent> = stream.chunks(cut).flat_map(|chunk| decoder.push(chunk)).collect();
        let truncated = SseEvent { integrity: Integrity::Truncated, ..event("1234567890") };
        assert_eq!(events, [truncated, event("ok")], "in pieces of {cut}");
    }
    let mut decoder = SseDecoder::with_max_event_bytes(4);
    let lines = "data:ab\n".repeat(1_000) + "\n";
    let truncated = SseEvent { integrity: Integrity::Truncated, ..event("ab\na") };
    assert_eq!(decoder.push(lines.as_bytes()), [truncated]);
}

#[test]
fn one_event_of_many_megabytes_on_one_line_comes_whole() {
    let text = "x".repeat(12 * 1024 * 1024);
    let mut decoder = SseDecoder::new();
    let stream = format!("data: {text}\n\n");
    let events: Vec<SseEvent> = stream.as_bytes().chunks(16 * 1024).flat_map(|chunk| decoder.push(chunk)).collect();
    assert_eq!(events, [event(&text)]);
}

fn exact(text: &str, value: Value) {
    assert_eq!(json::read(text).unwrap(), Foreign { value, fidelity: Fidelity::Exact }, "{text}");
}

fn inexact(text: &str, value: Value) {
    assert_eq!(json::read(text).unwrap(), Foreign { value, fidelity: Fidelity::Inexact }, "{text}");
}

#[test]
fn ordinary_json_is_carried_exactly() {
    exact(
        r#" {"a":[1,-2.5,0.1,1e3,1E-7,true,null,"x:y \"1e400\" {"],"b":{"c":{}},"d":"\ud83e\udd80 é"} "#,
        json!({"a":[1,-2.5,0.1,1e3,1e-7,true,null,"x:y \"1e400\" {"],"b":{"c":{}},"d":"🦀 é"}),
    );
    exact("18446744073709551615", json!(18_446_744_073_709_551_615_u64));
    exact("-9223372036854775808", json!(-9_223_372_036_854_775_808_i64));
    exact("100000000000000000000000", json!(1e23));
    exact("0.25000000000000000", json!(0.25));
    exact("0.10000000000000001", json!(0.1));
    exact("0.0000000000000000000001", json!(1e-22));
    exact("-0.0", json!(-0.0));
}

#[test]
fn what_a_value_cannot_carry_is_noticed() {
    inexact(
        "[1234567890123456789012345678901234567890]",
        serde_json::from_str("[1234567890123456789012345678901234567890]").unwrap(),
    );
    inexact("0.12345678901234567890", serde_json::from_str("0.12345678901234567890").unwrap());
    inexact("9007199254740993.0", serde_json::from_str("9007199254740993.0").unwrap());
    inexact("1e-400", json!(0.0));
    inexact(r#"{"a":1,"b":{"x":1,"x":2},"a":3}"#, json!({"a":3,"b":{"x":2}}));
}

#[test]
fn almost_json_is_repaired_and_said_to_be() {
    inexact("\u{FEFF}{\"a\":1}", json!({"a":1}));
    inexact(r#"["\ud83e","\udd80x","\ud83e\ud83e\udd80","ok"]"#, json!(["\u{FFFD}", "\u{FFFD}x", "\u{FFFD}🦀", "ok"]));
    inexact(
        r#"{"a":NaN,"b":[Infinity,-Infinity],"c":"NaN"}"#,
        json!({"a":"NaN","b":["Infinity","-Infinity"],"c":"NaN"}),
    );
    inexact(r#"{"a":1e400,"b":-1e999}"#, json!({"a":"1e400","b":"-1e999"}));
    inexact("[\"a\nb\tc\"]", json!(["a\nb\tc"]));
}

#[test]
fn nesting_beyond_the_readers_depth_becomes_text_and_its_neighbours_stay() {
    let deep = |depth: usize| format!("{}\"]}}\"{}", "[".repeat(depth), "]".repeat(depth));
    exact(&deep(127), serde_json::from_str(&deep(127)).unwrap());
    let text = format!(r#"{{"before":1,"deep":{},"after":2}}"#, deep(100_000));
    let Foreign { value, fidelity } = json::read(&text).unwrap();
    assert_eq!((fidelity, &value["before"], &value["after"]), (Fidelity::Inexact, &json!(1), &json!(2)));
    let mut innermost = &value["deep"];
    while let Value::Array(items) = innermost {
        innermost = &items[0];
    }
    assert_eq!(innermost.as_str().unwrap(), deep(100_000 - 125));
}

#[test]
fn what_is_no_json_stays_a_text() {
    for text in ["", "<html>", "{\"a\":", "[1,2", "nope", "{\"a\":1}}", "\"\\ud83e"] {
        assert!(json::read(text).is_err(), "{text}");
    }
}

#[test]
fn the_members_of_an_object_are_found_whatever_is_inside_them() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!(r#"{{"id":7,"result":{{"x":{deep},"n":1e400,"s":"\ud83e"}},"id":8,"none":null}}"#);
    let members = json::members(&text).unwrap();
    assert_eq!(json::member(&members, "id"), Some("8"));
    assert_eq!(json::member(&members, "none"), None);
    assert_eq!(json::member(&members, "result").unwrap().len(), deep.len() + r#"{"x":,"n":1e400,"s":"\ud83e"}"#.len());
    assert!(json::members("[1]").is_err());
    assert!(json::members("{} x").is_err());
}

#[test]
fn halves_of_surrogate_pairs_in_two_texts_are_joined() {
    let carried = |text: &str| {
        let text = json::repair(text, LoneSurrogates::Carry).unwrap_or_else(|| text.to_owned());
        serde_json::from_str::<String>(&text).unwrap()
    };
    let join = |texts: &[&str]| {
        let mut pending = None;
        let joined: String =
            texts.iter().map(|text| json::join_carried(&carried(text), &mut pending).into_owned()).collect();
        (joined, pending.is_some())
    };
    assert_eq!(join(&[r#""a\ud83e""#, r#""\udd80b""#]), ("a🦀b".to_owned(), false));
    assert_eq!(join(&[r#""a\ud83e""#, r#""""#, r#""\udd80b""#]), ("a🦀b".to_owned(), false));
    assert_eq!(join(&[r#""a\ud83e""#, r#""b""#]), ("a\u{FFFD}b".to_owned(), false));
    assert_eq!(join(&[r#""\udd80b""#, r#""\ud83e""#]), ("\u{FFFD}b".to_owned(), true));
    assert_eq!(join(&[r#""\ud83e\ud83e""#, r#""\udd80""#]), ("\u{FFFD}🦀".to_owned(), false));
}
