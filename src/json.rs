//! A ladder for JSON that others wrote: the strict reader first; then repaired text (byte-order mark, halves of
//! surrogate pairs, `NaN`, numbers beyond `f64`, nesting beyond the reader's depth); and the caller keeps the raw text
//! where even that fails or where a value cannot carry all of it. Every step is one linear pass. It reads no schema and
//! no protocol.

use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

mod exact;
mod repair;

pub use repair::{LoneSurrogates, join_carried, repair};

/// Nesting that `serde_json` reads; deeper parts stay text.
pub const MAX_DEPTH: usize = 127;

/// Foreign JSON as a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreign {
    /// The value.
    pub value: Value,
    /// Whether it carries everything the text said.
    pub fidelity: Fidelity,
}

/// Whether a value carries everything its text said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// It does.
    Exact,
    /// It does not (digits beyond `f64`, repeated keys, repaired text): keep the text beside it.
    Inexact,
}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("this is not JSON: {0}")]
pub struct NotJson(String);

/// Reads foreign JSON as far down the ladder as needed.
pub fn read(text: &str) -> Result<Foreign, NotJson> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let fidelity = if exact::carries_all(text, &value) { Fidelity::Exact } else { Fidelity::Inexact };
            Ok(Foreign { value, fidelity })
        }
        Err(error) => {
            let repaired = repair(text, LoneSurrogates::Replace).ok_or_else(|| NotJson(error.to_string()))?;
            let value = serde_json::from_str(&repaired).map_err(|_| NotJson(error.to_string()))?;
            Ok(Foreign { value, fidelity: Fidelity::Inexact })
        }
    }
}

/// The members of a JSON object with their values unread, so that neither depth nor a strange value inside one can lose
/// the others. Repeated names stay repeated; [`member`] takes the last, as JavaScript does.
pub fn members(text: &str) -> Result<Vec<(String, &RawValue)>, NotJson> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let members = reader.deserialize_map(Members).map_err(|error| NotJson(error.to_string()))?;
    reader.end().map_err(|error| NotJson(error.to_string()))?;
    Ok(members)
}

/// The text of one member's value; `null` counts as absent.
pub fn member<'t>(members: &[(String, &'t RawValue)], name: &str) -> Option<&'t str> {
    let (_, value) = members.iter().rev().find(|(key, _)| key == name)?;
    Some(value.get()).filter(|text| *text != "null")
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
