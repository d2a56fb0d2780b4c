//! What the index takes for a word.

use fanout::files::token::{Purpose, tokens};
use proptest::prelude::*;

fn words(text: &str, purpose: Purpose) -> Vec<String> {
    tokens(text, purpose).into_iter().map(|token| token.text).collect()
}

#[test]
fn letters_and_digits_in_lower_case_are_words_and_everything_else_separates() {
    let text = "Don't PANIC: snake_case, C++17 (v2.0) – Ärger, ΣΊΣΥΦΟΣ…";
    let expected = ["don", "t", "panic", "snake", "case", "c", "17", "v2", "0", "ärger", "σίσυφος"];
    assert_eq!(words(text, Purpose::Indexed), expected);
}

#[test]
fn a_script_without_spaces_is_read_in_pairs_and_found_by_one_character_too() {
    assert_eq!(words("東京都 is 大", Purpose::Indexed), ["東", "東京", "京", "京都", "都", "is", "大"]);
    assert_eq!(words("東京都 is 大", Purpose::Asked), ["東京", "京都", "is", "大"]);
    assert_eq!(words("한국어 search", Purpose::Asked), ["한국", "국어", "search"]);
    assert_eq!(words("iPhoneを買う", Purpose::Asked), ["iphone", "を買", "買う"]);
}

#[test]
fn a_combining_mark_divides_no_word() {
    assert_eq!(words("cafe\u{301}s हिन्दी", Purpose::Indexed), ["cafe\u{301}s", "हिन्दी"]);
}

#[test]
fn data_without_an_end_counts_by_its_beginning() {
    let long = "a".repeat(5_000);
    assert_eq!(words(&format!("{long} b"), Purpose::Indexed), ["a".repeat(64), "b".to_owned()]);
}

#[test]
fn a_word_knows_where_it_stands() {
    let text = "Zwölf Äpfel 東京";
    let places: Vec<(String, usize)> =
        tokens(text, Purpose::Asked).into_iter().map(|token| (token.text, token.at)).collect();
    let at = |word: &str| text.find(word).expect("it is in the text");
    let expected = [("zwölf", 0), ("äpfel", at("Äpfel")), ("東京", at("東京"))];
    assert_eq!(places, expected.map(|(word, at)| (word.to_owned(), at)));
}

proptest! {
    #[test]
    fn whatever_is_asked_for_is_found_where_it_stands(text in "\\PC{0,40}") {
        let indexed = words(&text, Purpose::Indexed);
        for word in words(&text, Purpose::Asked) {
            prop_assert!(indexed.contains(&word), "{word:?} of {text:?}");
        }
    }
}
