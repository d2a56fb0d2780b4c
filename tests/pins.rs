//! A tool's definition is known by the hash of its canonical form, and a change of it is never missed.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use fanout::agent::ports::ServerTools;
use fanout::agent::task::{Tool, ToolAnnotations};
use fanout::mcp::Definitions;
use fanout::mcp::definition::{Fingerprint, canonical, counted};
use fanout::mcp::pins::{Change, Met, Pins};
use serde_json::{Value, json};

fn canonical_text(text: &str) -> String {
    canonical(&serde_json::from_str(text).unwrap())
}

/// RFC 8785, appendix B: a double's bits, and how it is written.
const NUMBERS: [(u64, &str); 24] = [
    (0x0000_0000_0000_0000, "0"),
    (0x8000_0000_0000_0000, "0"),
    (0x0000_0000_0000_0001, "5e-324"),
    (0x8000_0000_0000_0001, "-5e-324"),
    (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
    (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
    (0x4340_0000_0000_0000, "9007199254740992"),
    (0xc340_0000_0000_0000, "-9007199254740992"),
    (0x4430_0000_0000_0000, "295147905179352830000"),
    (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
    (0x44b5_2d02_c7e1_4af6, "1e+23"),
    (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
    (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
    (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
    (0x444b_1ae4_d6e2_ef50, "1e+21"),
    (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
    (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
    (0x41b3_de43_5555_5553, "333333333.3333332"),
    (0x41b3_de43_5555_5554, "333333333.33333325"),
    (0x41b3_de43_5555_5555, "333333333.3333333"),
    (0x41b3_de43_5555_5556, "333333333.3333334"),
    (0x41b3_de43_5555_5557, "333333333.33333343"),
    (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
    (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
];

#[test]
fn numbers_are_written_as_the_rfc_writes_them() {
    for (bits, text) in NUMBERS {
        assert_eq!(canonical(&json!(f64::from_bits(bits))), text, "{bits:016x}");
    }
}

#[test]
fn the_rfcs_own_example_comes_out_byte_for_byte() {
    let given = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                    \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(canonical_text(given), expected);
}

#[test]
fn members_stand_in_the_order_of_their_utf_16_units() {
    let given = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
        "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let written: serde_json::Map<String, Value> = serde_json::from_str(&canonical_text(given)).unwrap();
    let order: Vec<&str> = written.values().map(|value| value.as_str().unwrap()).collect();
    let expected = [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ];
    assert_eq!(order, expected);
}

#[test]
fn whole_numbers_a_double_cannot_carry_keep_their_digits() {
    for digits in ["9007199254740991", "9007199254740993", "18446744073709551615", "-9223372036854775807", "0", "-1"] {
        assert_eq!(canonical_text(digits), digits);
    }
    assert_eq!(canonical_text("[1.0, 1e2, -0.0, 100]"), "[1,100,0,100]", "one number, one spelling");
}

fn definition() -> Value {
    json!({
        "name": "search_stories",
        "title": "Search stories",
        "description": "Finds stories by their words.\nUse it for questions about the past.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "query": { "type": "string", "minLength": 1, "description": "what to look for \u{2013} any words" },
                "size": { "type": "integer", "minimum": 1, "maximum": 9_007_199_254_740_993_i64, "default": 10 },
                "ratio": { "type": "number", "maximum": 0.75, "enum": [0.25, 1.5e-7, 1e21] }
            },
            "required": ["query"],
            "additionalProperties": false
        },
        "outputSchema": { "type": "object", "properties": { "results": { "type": "array" } } },
        "annotations": { "readOnlyHint": true, "destructiveHint": false },
        "icons": [{ "src": "https://x.example/a.png" }]
    })
}

#[test]
fn every_one_byte_change_of_a_definition_is_caught() {
    let original = counted(&definition());
    let text = serde_json::to_string(&original).unwrap();
    let hash = Fingerprint::of(&original);
    let mut caught = 0;
    let mut check = |bytes: Vec<u8>| {
        let Ok(text) = String::from_utf8(bytes) else { return };
        // What is no JSON any more is refused before it is a definition; what still says the same is none either.
        let Ok(changed) = serde_json::from_str::<Value>(&text) else { return };
        if means_the_same(&changed, &original) {
            assert_eq!(Fingerprint::of(&changed), hash, "{text}");
        } else if counted(&changed) != original {
            assert_ne!(Fingerprint::of(&changed), hash, "{text}");
            caught += 1;
        }
    };
    for at in 0..text.len() {
        for byte in *b" \"\\{},:.01-eZ\xc3" {
            let mut replaced = text.as_bytes().to_vec();
            replaced[at] = byte;
            check(replaced);
        }
        for byte in *b" \"0-ea\n" {
            let mut inserted = text.as_bytes().to_vec();
            inserted.insert(at, byte);
            check(inserted);
        }
        let mut removed = text.as_bytes().to_vec();
        removed.remove(at);
        check(removed);
    }
    assert!(caught > 5_000, "{caught} changes were looked at");
}

/// Equal as JSON values: the order of members and the spelling of numbers say nothing.
fn means_the_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let whole = |number: &serde_json::Number| number.as_i128();
            match (whole(one), whole(other)) {
                (Some(one), Some(other)) => one == other,
                _ => one.as_f64() == other.as_f64(),
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| means_the_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|it| means_the_same(value, it)))
        }
        (one, other) => one == other,
    }
}

#[test]
fn what_does_not_count_changes_nothing() {
    let mut other = definition();
    other["icons"] = json!([]);
    other["_meta"] = json!({ "seen": 4 });
    let reordered: Value = serde_json::from_str(&canonical(&other)).unwrap();
    assert_eq!(Fingerprint::of(&other), Fingerprint::of(&definition()));
    assert_eq!(Fingerprint::of(&reordered), Fingerprint::of(&definition()));
}

#[test]
fn the_hash_is_the_sha_256_of_the_canonical_form() {
    // printf '{"name":"a"}' | sha256sum
    let expected = "d9d719b27480b55cd4918020e7473e716ed3569c8adafe926cf9b10b4f8ef064";
    let found = Fingerprint::of(&json!({ "name": "a", "x": 1 })).to_string();
    assert_eq!(found, expected);
}

fn listed(names: &[&str]) -> Definitions {
    names.iter().map(|name| ((*name).to_owned(), json!({ "name": name, "description": "Finds." }))).collect()
}

#[test]
fn a_tool_is_trusted_when_it_is_first_met_and_compared_ever_after() {
    let mut pins = Pins::default();
    let first = listed(&["a", "b"]);
    assert_eq!(pins.meet(&first), Met::SomethingNew);
    assert_eq!(pins.meet(&first), Met::NothingNew);
    assert_eq!(pins.changed(&first), Vec::<String>::new());

    let mut second = listed(&["a", "b", "c"]);
    second.insert("a".to_owned(), json!({ "name": "a", "description": "Sends it elsewhere." }));
    assert_eq!(pins.meet(&second), Met::SomethingNew, "c is new");
    assert_eq!(pins.changed(&second), ["a"]);
    let before = json!({ "name": "a", "description": "Finds." });
    assert_eq!(pins.change("a", &second["a"]), Some(Change { before: Some(before), now: second["a"].clone() }));
    assert_eq!(pins.change("b", &second["b"]), None);
    let reordered = json!({ "description": "Other.", "name": "b" });
    let change = pins.change("b", &reordered).unwrap();
    let orders =
        [change.before.unwrap(), change.now].map(|it| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
    assert_eq!(orders[0], orders[1], "what changed stands beside what it was");

    // A tool that goes away and comes back is still the one that was accepted.
    assert_eq!(pins.meet(&listed(&["b"])), Met::NothingNew);
    assert_eq!(pins.changed(&second), ["a"]);

    pins.accept("a", &second["a"]);
    assert_eq!(pins.changed(&second), Vec::<String>::new());
    assert_eq!(pins.changed(&first), ["a"], "the old one is now the changed one");
}

#[test]
fn what_was_seen_survives_being_kept() {
    let mut pins = Pins::default();
    pins.meet(&listed(&["a", "b"]));
    let text = serde_json::to_string(&pins).unwrap();
    assert_eq!(serde_json::from_str::<Pins>(&text).unwrap(), pins);
}

#[test]
fn a_definition_too_long_to_be_kept_is_still_compared() {
    let long = |end: &str| json!({ "name": "a", "description": "x".repeat(100_000) + end });
    let mut pins = Pins::default();
    pins.meet(&Definitions::from([("a".to_owned(), long("."))]));
    assert_eq!(pins.change("a", &long(".")), None);
    assert_eq!(pins.change("a", &long("!")), Some(Change { before: None, now: long("!") }));
    assert!(serde_json::to_string(&pins).unwrap().len() < 200);
}

#[test]
fn changed_tools_are_held_back_from_planning_and_the_list_says_so() {
    let tool = |name: &str| Tool {
        server: "stories".to_owned(),
        name: name.to_owned(),
        title: None,
        description: "Finds.".to_owned(),
        input_schema: json!({}),
        annotations: ToolAnnotations::default(),
        output_schema: None,
    };
    let mut pins = Pins::default();
    pins.meet(&listed(&["a", "b", "c"]));
    let list = || ServerTools { tools: ["a", "b", "c"].map(tool).to_vec(), notes: vec!["demo".to_owned()] };

    let mut same = list();
    pins.hold_back_changed(&mut same, &listed(&["a", "b", "c"]));
    assert_eq!(same, list());

    let mut now = listed(&["a", "b", "c"]);
    now.insert("a".to_owned(), json!({ "name": "a", "description": "Other." }));
    let mut one = list();
    pins.hold_back_changed(&mut one, &now);
    let note = "1 tool changed since you last saw it: look at it under Servers".to_owned();
    assert_eq!(one, ServerTools { tools: ["b", "c"].map(tool).to_vec(), notes: vec!["demo".to_owned(), note] });

    now.insert("c".to_owned(), json!({ "name": "c" }));
    let mut two = list();
    pins.hold_back_changed(&mut two, &now);
    let note = "2 tools changed since you last saw them: look at them under Servers".to_owned();
    assert_eq!(two, ServerTools { tools: vec![tool("b")], notes: vec!["demo".to_owned(), note] });
}
