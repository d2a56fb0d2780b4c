//! What of results and tools goes to the model: estimates against counted tokens, and shortening, whatever the JSON, the
//! text and the budget.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(not(target_arch = "wasm32"))]
#[path = "context/properties.rs"]
mod properties;

use fanout::agent::context::{Room, Suspicion, cut_without_a_word, grouped, shorten_json, shorten_text, tokens};
use serde_json::{Value, json};

/// Hundredths of the count that an estimate is.
fn hundredths(text: &str, counted: &Value) -> u64 {
    tokens(text) * 100 / counted.as_u64().unwrap()
}

#[test]
fn estimates_keep_to_their_bounds_against_counted_tokens() {
    let samples: Vec<Value> = serde_json::from_str(include_str!("fixtures/token-counts.json")).unwrap();
    let outside = samples.iter().filter_map(|sample| {
        let text = sample["text"].as_str().unwrap();
        let name = sample["name"].as_str().unwrap();
        let (older, newer) = (hundredths(text, &sample["cl100k"]), hundredths(text, &sample["o200k"]));
        let most_newer = match name {
            "russian" | "arabic" | "hindi" | "thai" | "chinese" | "japanese" | "korean" | "emoji" => 300,
            _ => 120,
        };
        let least = if name == "base64" { 66 } else { 75 };
        let within = (least..=120).contains(&older) && (least..=most_newer).contains(&newer);
        (!within).then(|| format!("{name}: {older} % of cl100k, {newer} % of o200k"))
    });
    assert_eq!(outside.collect::<Vec<_>>(), [""; 0]);
    assert_eq!(samples.len(), 20);
}

#[test]
fn a_list_loses_its_tail_and_says_how_much() {
    let stories: Vec<Value> = (0..1_000).map(|n| json!({ "id": n, "title": format!("Story {n}") })).collect();
    let (short, cuts) = shorten_json(&json!({ "total": 1_000, "stories": stories }), 500);
    let kept = short["stories"].as_array().unwrap();
    let (marker, kept) = kept.split_last().unwrap();
    assert_eq!(short["total"], 1_000);
    assert_eq!(kept, &stories[..kept.len()]);
    assert!(kept.len() > 20, "{}", kept.len());
    assert_eq!(*marker, format!("[{} more of 1000 items left out]", 1_000 - kept.len()));
    assert_eq!((cuts.longest, cuts.lists, cuts.texts), (Some((kept.len(), 1_000)), 1, 0));
}

#[test]
fn long_texts_give_way_before_titles_and_items_do() {
    let page = |n: u32| json!({ "title": format!("Page {n}"), "body": "All of it matters. ".repeat(400) });
    let (short, cuts) = shorten_json(&json!([page(1), page(2), page(3)]), 900);
    let pages = short.as_array().unwrap();
    assert_eq!(pages.iter().map(|page| page["title"].clone()).collect::<Vec<_>>(), ["Page 1", "Page 2", "Page 3"]);
    for page in pages {
        let body = page["body"].as_str().unwrap();
        let (kept, marker) = body.split_once('\u{2026}').unwrap();
        assert!(kept.ends_with("All of it matters.") || kept.ends_with(['l', 't', 's']), "{kept}");
        assert_eq!(marker, format!(" [{} of 7600 characters left out]", 7_600 - kept.len()));
    }
    assert_eq!((cuts.texts, cuts.lists), (3, 0));
}

#[test]
fn text_ends_where_a_paragraph_a_line_or_a_word_does() {
    let paragraphs = "One sentence of this paragraph.\nAnother line of it.\n\n".repeat(100);
    let (short, left) = shorten_text(&paragraphs, 300);
    let (kept, marker) = short.rsplit_once('\n').unwrap();
    assert!(kept.ends_with("Another line of it."), "{kept}");
    assert_eq!(marker, format!("[cut here: {} of 5\u{a0}300 characters follow]", grouped(left as u64)));
    assert_eq!(kept.len() + left, paragraphs.len());
    assert_eq!(shorten_text("short", 300), ("short".to_owned(), 0));
}

#[test]
fn a_refusal_tells_the_limit_in_many_words() {
    // The reply and the estimate's error are allowed for; never more than two thirds of what was sent.
    let cases = [
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 20000 tokens.",
            20_000,
            4_915,
        ),
        (
            "This model's maximum context length is 8192 tokens, however you requested 10432 tokens (9432 in the messages, 1000 in the completion). Please reduce the length of the messages.",
            10_432,
            4_915,
        ),
        ("prompt is too long: 212345 tokens > 200000 maximum", 212_345, 141_563),
        ("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 1_200_000, 800_000),
        ("the request exceeds the available context size (4096 tokens), try increasing it", 9_000, 2_457),
        (
            "Request too large for model `llama-3.3-70b` on tokens per minute (TPM): Limit 6000, Requested 7,500",
            7_500,
            3_600,
        ),
        ("its server takes no request of this size", 100_000, 4_915),
        ("its server takes no request of this size", 3_000, 2_000),
    ];
    for (words, sent, room) in cases {
        assert_eq!(Room::after_refusal(sent, words), Room::Tokens(room), "{words}");
    }
}

#[test]
fn a_server_that_reads_less_than_half_is_suspected_unless_the_request_was_short() {
    assert_eq!(cut_without_a_word(20_000, 10_000), None);
    assert_eq!(cut_without_a_word(2_000, 100), None);
    let Suspicion { sent, read, problem } = cut_without_a_word(20_000, 4_096).unwrap();
    assert_eq!((sent, read), (20_000, 4_096));
    for words in ["4\u{a0}096 tokens of about 20\u{a0}000", "OLLAMA_CONTEXT_LENGTH=32768"] {
        assert!(problem.contains(words), "{problem}");
    }
}
