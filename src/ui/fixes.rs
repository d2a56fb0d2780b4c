//! A diagnosis for people: the sentence, and beneath it the lines to copy, with a button that copies them all. Commands and
//! header lines stand between backticks at the text's end, as `diagnose` words them.

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
    let sentence = worded(sentence);
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
}
