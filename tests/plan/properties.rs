//! What holds for every text and every way of cutting it: the same tasks, no panic, linear work.

use fanout::agent::plan::reader::{Item, PlanReader, Reading};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::read_in;

/// Pieces of which plans are made, and what models put around, between and instead of them.
const FRAGMENTS: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    " ",
    "\n",
    "\\",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\q",
    "é",
    "😀",
    "<",
    "<think>",
    "</think>",
    "<thin",
    "```json\n",
    "null",
    "1e9",
    "-",
    "{\"tasks\":[",
    "\"tasks\":",
    "{\"answer\":\"",
    "\"answer\":",
    "{\"tool_name\":\"search\",\"tool_arguments\":{\"query\":\"a } ] b\"}}",
    "{\"id\":2,\"tool\":\"b\",\"args\":\"{}\",\"depends_on\":[1]}",
    "\"tool_name\":\"x\"",
    "\"id\":4294967295",
    "\"depends_on\":[1,\"$2\"]",
    "\"run_if\":\"always\"",
    "\"arguments\":{}",
    "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}",
    "{ ",
    "[ ",
    "[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":",
    "]]]]]]]]]]]]]]]]]]]]]]]]",
    "}}}}}",
    "Sure, [see] {this}: ",
    "\u{0}",
];

fn garbled() -> impl Strategy<Value = String> {
    vec(select(&FRAGMENTS[..]), 0..40).prop_map(|fragments| fragments.concat())
}

/// A good plan of up to twelve tasks, as text.
fn plan() -> impl Strategy<Value = String> {
    let task = ("[a-z]{1,8}", "\\PC{0,12}", 0_u32..4).prop_map(|(tool, text, depends_on)| {
        serde_json::json!({ "tool_name": tool, "tool_arguments": { "q": text, "n": [1, { "x": null }] }, "depends_on": depends_on })
            .to_string()
    });
    (vec(task, 0..12), 0..4_u8).prop_map(|(tasks, form)| match form {
        0 => format!("{{\"tasks\":[{}]}}", tasks.join(", ")),
        1 => format!("[{}]", tasks.join(",\n")),
        2 => tasks.join("\n"),
        _ => format!("Here [it] is:\n```json\n{{\"why\":\"x\",\"tasks\":[{}]}}\n```", tasks.join(",")),
    })
}

/// A plan with a few of its characters taken out, doubled or replaced.
fn damaged() -> impl Strategy<Value = String> {
    (plan(), vec((any::<Index>(), 0..3_u8), 1..4)).prop_map(|(text, hits)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (at, how) in hits {
            if letters.is_empty() {
                break;
            }
            let at = at.index(letters.len());
            match how {
                0 => drop(letters.remove(at)),
                1 => letters.insert(at, letters[at]),
                _ => letters[at] = '"',
            }
        }
        letters.into_iter().collect()
    })
}

/// Cuts a text where `cuts` say, at characters.
fn cut<'a>(text: &'a str, cuts: &[Index]) -> Vec<&'a str> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
    places.sort_unstable();
    let mut from = 0;
    let mut pieces: Vec<&str> = Vec::new();
    for place in places.into_iter().chain([text.len()]) {
        pieces.push(&text[from..place]);
        from = place;
    }
    pieces
}

fn tasks(items: &[Item]) -> usize {
    items.iter().filter(|item| matches!(item, Item::Task(_))).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_of_any_garbled_text_gives_the_same(text in garbled(), cuts in vec(any::<Index>(), 0..12)) {
        prop_assert_eq!(read_in(&cut(&text, &cuts)), read_in(&[&text]));
    }

    #[test]
    fn any_cut_of_a_damaged_plan_gives_the_same(text in damaged(), cuts in vec(any::<Index>(), 0..12)) {
        prop_assert_eq!(read_in(&cut(&text, &cuts)), read_in(&[&text]));
    }

    #[test]
    fn any_characters_at_all_are_survived(text in "\\PC{0,200}", cuts in vec(any::<Index>(), 0..12)) {
        prop_assert_eq!(read_in(&cut(&text, &cuts)), read_in(&[&text]));
    }

    #[test]
    fn every_task_of_a_good_plan_comes_out_once_and_when_it_closes(text in plan(), cuts in vec(any::<Index>(), 0..12)) {
        let (whole, reading) = read_in(&[&text]);
        let count = text.matches("\"tool_name\"").count();
        prop_assert_eq!(tasks(&whole), count);
        prop_assert!(count == 0 || reading == Reading::Tasks);
        // What is complete in a prefix has been handed on there already.
        let mut reader = PlanReader::new();
        let (mut so_far, mut handed_on) = (String::new(), 0);
        for piece in cut(&text, &cuts) {
            so_far.push_str(piece);
            handed_on += tasks(&reader.push(piece));
            prop_assert_eq!(handed_on, tasks(&read_in(&[&so_far]).0));
        }
    }

    #[test]
    fn a_task_that_was_handed_on_stays_whatever_follows(text in damaged(), rest in garbled()) {
        let before: Vec<Item> = PlanReader::new().push(&text);
        let (after, _) = read_in(&[&text, &rest]);
        let only_tasks = |items: &[Item]| -> Vec<Item> {
            items.iter().filter(|item| matches!(item, Item::Task(_))).cloned().collect()
        };
        prop_assert!(only_tasks(&after).starts_with(&only_tasks(&before)));
    }

    #[test]
    fn the_work_is_linear_in_the_text_however_it_is_cut(
        parts in vec(select(&FRAGMENTS[..]), 1..4), times in 1..120_usize, bytewise in any::<bool>(),
    ) {
        // One short text over and over is what makes a quadratic reader show.
        let text = parts.concat().repeat(times);
        let mut reader = PlanReader::new();
        if bytewise {
            for (at, letter) in text.char_indices() {
                reader.push(&text[at..at + letter.len_utf8()]);
            }
        } else {
            reader.push(&text);
        }
        reader.finish();
        prop_assert!(reader.looked_at() <= 16 * (text.len() + 16), "{} for {}", reader.looked_at(), text.len());
    }
}
