//! Numbers as they are typed: empty means the usual value, which is `None`.

use leptos::prelude::*;
use thiserror::Error;

/// Why a text is no number. Worded for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum NumberError {
    /// Not a whole one.
    #[error("enter a whole number, or nothing for the usual value")]
    Whole,
    /// None at all.
    #[error("enter a number, such as 2 or 0.5, or nothing for no limit")]
    Decimal,
}

/// A field that holds `value`.
pub(super) fn text_of(value: Option<impl ToString>) -> RwSignal<String> {
    RwSignal::new(value.map(|value| value.to_string()).unwrap_or_default())
}

/// The whole number that `text` spells.
pub(super) fn whole(text: &str) -> Result<Option<u32>, NumberError> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| NumberError::Whole),
    }
}

/// The number that `text` spells, with a point or a comma.
pub(super) fn decimal(text: &str) -> Result<Option<f64>, NumberError> {
    match text.trim() {
        "" => Ok(None),
        text => text.replace(',', ".").parse().map(Some).map_err(|_| NumberError::Decimal),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn an_empty_field_is_the_usual_value_and_anything_else_a_number_or_wrong() {
        assert_eq!(
            ["", " 7 ", "7.5", "-1", "many"].map(whole),
            [Ok(None), Ok(Some(7)), Err(NumberError::Whole), Err(NumberError::Whole), Err(NumberError::Whole)]
        );
        assert_eq!(
            ["", "0.5", "0,5", "x"].map(decimal),
            [Ok(None), Ok(Some(0.5)), Ok(Some(0.5)), Err(NumberError::Decimal)]
        );
    }
}
