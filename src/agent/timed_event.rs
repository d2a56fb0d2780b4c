//! An event with its time, and how it stands in a run file: `{"at_ms":0.0,"type":"…",…}`. Written by hand over the plain
//! derive of [`AgentEvent`], because the flattened, internally tagged form that derives offer buffers every value twice and
//! made up a tenth of the page's program.

use serde::de::Error as _;
use serde::ser::{Error as _, SerializeMap as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::event::{AgentEvent, Millis};

/// An event and when it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedEvent {
    /// Milliseconds since the question.
    pub at_ms: Millis,
    /// What happened.
    pub event: AgentEvent,
}

impl Serialize for TimedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match &self.event {
            AgentEvent::Unknown(as_read) => as_read.clone(),
            known => serde_json::to_value(known).map_err(S::Error::custom)?,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("at_ms", &self.at_ms)?;
        match (written, &self.event) {
            (Value::String(name), _) => map.serialize_entry("type", &name)?,
            (Value::Object(fields), AgentEvent::Unknown(_)) => {
                for (key, value) in &fields {
                    map.serialize_entry(key, value)?;
                }
            }
            (Value::Object(variant), _) => {
                for (name, fields) in &variant {
                    map.serialize_entry("type", name)?;
                    for (key, value) in fields.as_object().into_iter().flatten() {
                        map.serialize_entry(key, value)?;
                    }
                }
            }
            _ => {}
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for TimedEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let at_ms =
            fields.remove("at_ms").and_then(|at| at.as_f64()).ok_or_else(|| D::Error::missing_field("at_ms"))?;
        let Some(Value::String(name)) = fields.remove("type") else { return Err(D::Error::missing_field("type")) };
        let variant = if fields.is_empty() {
            Value::String(name.clone())
        } else {
            Value::Object(Map::from_iter([(name.clone(), Value::Object(fields.clone()))]))
        };
        let event = match serde_json::from_value(variant) {
            Ok(event) => event,
            // A newer program's event is kept as it was read; a known one with wrong fields is an error.
            Err(error) if error.to_string().starts_with("unknown variant") => {
                fields.insert("type".to_owned(), Value::String(name));
                AgentEvent::Unknown(Value::Object(fields))
            }
            // One that had no fields may have got some since.
            Err(error) => serde_json::from_value(Value::String(name)).map_err(|_| D::Error::custom(error))?,
        };
        Ok(Self { at_ms, event })
    }
}
