//! A diagnosis for people: the sentence, and beneath it the lines to copy, with a button that copies them all. Commands and
//! header lines stand between backticks at the text's end, as `diagnose` words them. Where the person is to open the server's
//! own address, it is a link; no other address becomes one, for the text may quote what a server said.

use leptos::prelude::*;

use crate::ui::copy_button::CopyButton;
use crate::ui::worded::worded;

/// The sentence and its lines.
#[component]
pub(crate) fn Fixes(
    /// The diagnosis.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let (sentence, lines) = parts(&text);
    let sentence = match with_link(sentence) {
        Some((before, origin, after)) => view! {
            {worded(before)}
            <a class="fixes__link" href=origin.to_owned() target="_blank" rel="noopener noreferrer nofollow">
                {origin.to_owned()}
            </a>
            {worded(after)}
        }
        .into_any(),
        None => worded(sentence).into_any(),
    };
    let fix = (!lines.is_empty()).then(|| {
        let all = lines.join("\n");
        let shown = all.clone();
        view! {
            <div class="fixes__lines">
                <pre class="fixes__text" tabindex="0" role="group" aria-label="Lines to copy">{shown}</pre>
                <CopyButton text=Callback::new(move |()| all.clone()) label="Copy these lines"/>
            </div>
        }
    });
    view! {
        <div class="fixes">
            <p class="fixes__sentence">{sentence}</p>
            {fix}
        </div>
    }
}

/// The sentence before the lines to copy, and those lines. Code within a sentence stays in it.
fn parts(text: &str) -> (&str, Vec<&str>) {
    let pieces: Vec<&str> = text.split('`').collect();
    let ends_with_code = pieces.len() >= 3 && pieces.len() % 2 == 1 && pieces[pieces.len() - 1].is_empty();
    if !ends_with_code {
        return (text, Vec::new());
    }
    // From the end: code, then what joins two lines, and so on back to the sentence.
    let mut first = pieces.len() - 2;
    while first >= 3 && matches!(pieces[first - 1], ", " | " ") {
        first -= 2;
    }
    let lines = pieces[first..].iter().step_by(2).copied().collect();
    let length: usize = pieces[..first].iter().map(|piece| piece.len() + 1).sum();
    (text[..length.saturating_sub(1)].trim_end(), lines)
}

/// What stands before the address to open, the address, and the rest. It must be the address of the host that the sentence
/// is about, as its first words tell.
fn with_link(sentence: &str) -> Option<(&str, &str, &str)> {
    let end = sentence.find(" in a new tab")?;
    let start =
        end - sentence[..end].chars().rev().take_while(|c| !c.is_whitespace()).map(char::len_utf8).sum::<usize>();
    let (before, origin, after) = (&sentence[..start], &sentence[start..end], &sentence[end..]);
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))?;
    let about = before.strip_prefix("Nothing answers at ").unwrap_or(before);
    let about = about.split([' ', ',']).next()?.trim_end_matches('.');
    (!host.is_empty() && about == host).then_some((before, origin, after))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn the_lines_at_the_end_are_set_apart_from_the_sentence() {
        assert_eq!(parts("Answer with: `A: 1`, `B: 2`"), ("Answer with:", vec!["A: 1", "B: 2"]));
        assert_eq!(parts("Run `x` first."), ("Run `x` first.", vec![]));
        assert_eq!(parts("Set `A` so: `B: 2`"), ("Set `A` so:", vec!["B: 2"]));
        assert_eq!(parts("No code."), ("No code.", vec![]));
        assert_eq!(parts("`only`"), ("", vec!["only"]));
        assert_eq!(parts("odd ` tick"), ("odd ` tick", vec![]));
    }

    #[wasm_bindgen_test]
    fn the_servers_own_address_becomes_a_link_and_no_other_does() {
        let own = "Nothing answers at localhost:8443 over https: its certificate is not valid (open https://localhost:8443 in \
                   a new tab to see).";
        let before = "Nothing answers at localhost:8443 over https: its certificate is not valid (open ";
        assert_eq!(with_link(own), Some((before, "https://localhost:8443", " in a new tab to see).")));
        let far = "x.io cannot be reached. Open https://x.io in a new tab to see which, or run:";
        assert_eq!(with_link(far).map(|(_, origin, _)| origin), Some("https://x.io"));
        for other in [
            "x.io wants a key. It said: open https://evil.example in a new tab",
            "the server answered 401: open https://x.io in a new tab",
            "x.io says: open javascript:x.io in a new tab",
            "https:// in a new tab",
            "in a new tab",
        ] {
            assert_eq!(with_link(other), None, "{other}");
        }
    }
}
