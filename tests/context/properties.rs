//! Whatever the JSON, the text and the budget.

use fanout::agent::context::{shorten_json, shorten_text, tokens};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Tokens of the smallest marker there is: below that nothing can be promised.
const LEAST: u64 = 60;

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => ".{0,40}",
        2 => "[a-z ]{0,2000}",
        1 => "\\PC{0,600}",
        1 => "[\u{0}-\u{7f}]{0,400}",
        1 => "[日本語中文한글🦀👩‍💻]{0,300}",
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 400, 40, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..40).prop_map(Value::from),
            vec(("[a-z…]{1,12}", inner), 0..20).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// What is wrong with `short` as a shortened form of `whole`; counts what the markers say.
fn wrong(whole: &Value, short: &Value, counted: &mut (usize, usize)) -> Option<String> {
    if whole == short {
        return None;
    }
    match (whole, short) {
        (Value::String(whole), Value::String(short)) => {
            let Some((kept, marker)) = short.rsplit_once("\u{2026} [") else { return Some(format!("text: {short}")) };
            let all = whole.chars().count();
            let left = all - kept.chars().count();
            counted.1 += left;
            let right = whole.starts_with(kept) && marker == format!("{left} of {all} characters left out]");
            (!right).then(|| format!("text: {short}"))
        }
        (Value::Array(whole), Value::Array(short)) => {
            let (mut kept, mut says) = (short.as_slice(), None);
            if let Some((Value::String(last), before)) = short.split_last()
                && last.ends_with("items left out]")
                && (short.len() <= whole.len() && short.last() != whole.get(short.len() - 1))
            {
                (kept, says) = (before, Some(last));
            }
            let left = whole.len() - kept.len();
            let expected = (left > 0).then(|| format!("[{left} more of {} items left out]", whole.len()));
            if says != expected.as_ref() {
                return Some(format!("list: {says:?}, not {expected:?}"));
            }
            counted.0 += usize::from(left > 0);
            whole.iter().zip(kept).find_map(|(whole, short)| wrong(whole, short, counted))
        }
        (Value::Object(whole), Value::Object(short)) => {
            let left = whole.keys().filter(|key| !short.contains_key(*key)).count();
            let marker = short.iter().find(|(key, _)| !whole.contains_key(*key)).map(|(_, marker)| marker.clone());
            let expected = (left > 0).then(|| Value::from(format!("[{left} more members left out]")));
            if marker != expected {
                return Some(format!("object: {marker:?}, not {expected:?}"));
            }
            whole.iter().find_map(|(key, whole)| wrong(whole, short.get(key)?, counted))
        }
        _ => Some(format!("{whole} became {short}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shortened_json_fits_stays_json_and_counts_right(value in any_json(), budget in 0_u64..3_000) {
        let (short, cuts) = shorten_json(&value, budget);
        let printed = short.to_string();
        prop_assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), short.clone());
        prop_assert!(tokens(&printed) <= budget.max(LEAST), "{} of {budget}: {printed}", tokens(&printed));
        let mut counted = (0, 0);
        prop_assert_eq!(wrong(&value, &short, &mut counted), None);
        prop_assert_eq!(counted, (cuts.lists, cuts.characters));
    }

    #[test]
    fn shortened_text_fits_keeps_its_beginning_and_counts_right(text in any_text(), budget in 0_u64..400) {
        let (short, left) = shorten_text(&text, budget);
        prop_assert!(tokens(&short) <= budget.max(LEAST), "{} of {budget}", tokens(&short));
        if left == 0 {
            prop_assert_eq!(short, text);
        } else {
            let (kept, marker) = short.rsplit_once("[cut here: ").unwrap();
            let kept = kept.strip_suffix('\n').unwrap_or(kept);
            prop_assert!(text.starts_with(kept));
            prop_assert_eq!(text.chars().count() - kept.chars().count(), left);
            let said: String = marker.split(" of ").next().unwrap().chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(said, left.to_string());
        }
    }

    #[test]
    fn more_text_is_never_fewer_tokens(before in any_text(), after in any_text()) {
        let both = before.clone() + &after;
        prop_assert!(tokens(&before) <= tokens(&both));
    }
}
