//! What is being typed into one row of the prices.

use leptos::prelude::*;

use super::number;
use super::number::{decimal, text_of};
use crate::settings::ModelPrice;
use crate::web::clock;

/// The fields of one price.
#[derive(Clone, Copy)]
pub(crate) struct PriceDraft {
    pub(in crate::ui::settings_form) id: u32,
    pub(in crate::ui::settings_form) model: RwSignal<String>,
    pub(in crate::ui::settings_form) input: RwSignal<String>,
    pub(in crate::ui::settings_form) cached: RwSignal<String>,
    pub(in crate::ui::settings_form) output: RwSignal<String>,
    pub(in crate::ui::settings_form) as_of: RwSignal<String>,
}

impl PriceDraft {
    /// The fields for `price`.
    pub(super) fn of(price: &ModelPrice, id: u32) -> Self {
        Self {
            id,
            model: RwSignal::new(price.model.clone()),
            input: text_of(Some(price.input)),
            cached: text_of(price.cached),
            output: text_of(Some(price.output)),
            as_of: RwSignal::new(price.as_of.clone()),
        }
    }

    /// Empty fields for this model, dated today.
    pub(in crate::ui::settings_form) fn new(model: String, id: u32) -> Self {
        let today: String = clock::started_at().chars().take_while(|letter| *letter != 'T').collect();
        let empty = || RwSignal::new(String::new());
        let (input, cached, output) = (empty(), empty(), empty());
        Self { id, model: RwSignal::new(model), input, cached, output, as_of: RwSignal::new(today) }
    }

    /// The id of the field that a problem is about.
    pub(in crate::ui::settings_form) fn field(self, label: &str) -> String {
        let what = match label {
            label if label.ends_with("Read") => "input",
            label if label.ends_with("Cached") => "cached",
            label if label.ends_with("Written") => "output",
            label if label.ends_with("Date") => "as-of",
            _ => "model",
        };
        format!("price-{}-{what}", self.id)
    }

    /// The price as typed; what is no number is noted.
    pub(super) fn read(self, problems: &mut Vec<(String, String)>) -> ModelPrice {
        let mut price = |label: &str, text: RwSignal<String>| {
            number(problems, &self.field(label), text.with_untracked(|text| decimal(text)))
        };
        // A price that is missing is refused by the check, as one that no model has.
        let missing = -1.0;
        ModelPrice {
            input: price("Read", self.input).unwrap_or(missing),
            cached: price("Cached", self.cached),
            output: price("Written", self.output).unwrap_or(missing),
            model: self.model.get_untracked(),
            as_of: self.as_of.get_untracked(),
        }
    }
}
