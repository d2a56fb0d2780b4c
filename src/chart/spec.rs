//! Chart specifications of a closed set: Vega-Lite's `mark`, `encoding` and inline `data.values`, and Chart.js's `type`
//! with `data.labels` and `data.datasets`. Whatever would have to be run, fetched or computed (expressions, transforms,
//! aggregates, layers, addresses) makes a specification none of these.

use serde_json::{Map, Value};

use super::table::in_time;
use super::{Chart, MAX_SERIES, Mark, ROWS, Series, label, short};

/// The chart a value specifies.
pub(super) fn read(value: &Value) -> Option<Chart> {
    let fields = value.as_object()?;
    vega_lite(fields).or_else(|| chart_js(fields)).and_then(Chart::checked)
}

/// What a Vega-Lite specification may hold that needs computing.
const COMPUTED: &[&str] = &[
    "transform",
    "params",
    "layer",
    "facet",
    "repeat",
    "concat",
    "hconcat",
    "vconcat",
    "spec",
    "selection",
    "datasets",
];
/// The same of a channel.
const COMPUTED_CHANNEL: &[&str] = &["aggregate", "bin", "timeUnit", "condition", "datum", "value", "impute", "stack"];

/// A channel of an encoding that shows a field as it is.
struct Channel<'a> {
    field: &'a str,
    title: &'a str,
    quantitative: bool,
}

fn channel<'a>(encoding: &'a Map<String, Value>, name: &str) -> Option<Channel<'a>> {
    let channel = encoding.get(name)?.as_object()?;
    let is_set = |name: &&str| channel.get(*name).is_some_and(|value| !value.is_null() && *value != Value::Bool(false));
    if COMPUTED_CHANNEL.iter().any(is_set) {
        return None;
    }
    let field = channel.get("field")?.as_str()?;
    Some(Channel {
        field,
        title: channel.get("title").and_then(Value::as_str).unwrap_or(field),
        quantitative: channel.get("type").and_then(Value::as_str) == Some("quantitative"),
    })
}

fn vega_lite(fields: &Map<String, Value>) -> Option<Chart> {
    if COMPUTED.iter().any(|name| fields.contains_key(*name)) {
        return None;
    }
    let mark = fields.get("mark")?;
    let mark = mark.as_str().or_else(|| mark.get("type")?.as_str())?;
    let mark = match mark {
        "bar" => Mark::Bar,
        "line" => Mark::Line,
        _ => return None,
    };
    let encoding = fields.get("encoding")?.as_object()?;
    let (x, y) = (channel(encoding, "x")?, channel(encoding, "y")?);
    // Bars that lie are drawn standing.
    let (along, up) = if x.quantitative && !y.quantitative { (y, x) } else { (x, y) };
    let rows = fields.get("data")?.get("values")?.as_array()?;
    if !(*ROWS.start()..=*ROWS.end() * MAX_SERIES).contains(&rows.len()) {
        return None;
    }
    let color = match encoding.get("color") {
        None => None,
        Some(_) => Some(channel(encoding, "color")?.field),
    };
    let mut chart =
        Chart { title: title(fields), mark, label_name: short(along.title), labels: Vec::new(), series: Vec::new() };
    for row in rows {
        let row = row.as_object()?;
        let text = label(row.get(along.field)?)?;
        let name = match color {
            None => short(up.title),
            Some(field) => label(row.get(field)?)?,
        };
        let value = match row.get(up.field) {
            None | Some(Value::Null) => None,
            Some(value) => Some(value.as_f64()?),
        };
        chart.put(&text, name, value)?;
    }
    if mark == Mark::Line && !in_time(&chart.label_name, &chart.labels) {
        chart.sort_by_number();
    }
    Some(chart)
}

/// A title, as text or as an object with one.
fn title(fields: &Map<String, Value>) -> Option<String> {
    let title = fields.get("title")?;
    title.as_str().or_else(|| title.get("text")?.as_str()).map(short)
}

impl Chart {
    /// Sets one value; `None` where there are two for one place or too many series.
    fn put(&mut self, text: &str, name: String, value: Option<f64>) -> Option<()> {
        let at = match self.labels.iter().position(|label| label == text) {
            Some(at) => at,
            None if self.labels.len() < *ROWS.end() => {
                self.labels.push(text.to_owned());
                self.series.iter_mut().for_each(|series| series.values.push(None));
                self.labels.len() - 1
            }
            None => return None,
        };
        if !self.series.iter().any(|series| series.name == name) {
            if self.series.len() == MAX_SERIES {
                return None;
            }
            self.series.push(Series { name: name.clone(), values: vec![None; self.labels.len()] });
        }
        let place = self.series.iter_mut().find(|series| series.name == name)?.values.get_mut(at)?;
        if place.is_some() {
            return None;
        }
        *place = value;
        Some(())
    }

    /// A line over numbers goes from the smallest to the largest.
    fn sort_by_number(&mut self) {
        let numbers: Option<Vec<f64>> = self.labels.iter().map(|label| label.parse().ok()).collect();
        let Some(numbers) = numbers else { return };
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
        self.labels = order.iter().map(|at| self.labels[*at].clone()).collect();
        for series in &mut self.series {
            series.values = order.iter().map(|at| series.values[*at]).collect();
        }
    }
}

fn chart_js(fields: &Map<String, Value>) -> Option<Chart> {
    let mark = match fields.get("type")?.as_str()? {
        "bar" => Mark::Bar,
        "line" => Mark::Line,
        _ => return None,
    };
    let data = fields.get("data")?;
    let labels = data.get("labels")?.as_array()?.iter().map(label).collect::<Option<Vec<_>>>()?;
    let sets = data.get("datasets")?.as_array()?;
    if sets.len() > MAX_SERIES {
        return None;
    }
    let series = |(at, set): (usize, &Value)| {
        let value = |value: &Value| match value {
            Value::Null => Some(None),
            other => other.as_f64().map(Some),
        };
        let name = set.get("label").and_then(Value::as_str).map_or_else(|| format!("Series {}", at + 1), short);
        let mut values = set.get("data")?.as_array()?.iter().map(value).collect::<Option<Vec<_>>>()?;
        // What is missing at the end is not known.
        if values.len() < labels.len() {
            values.resize(labels.len(), None);
        }
        Some(Series { name, values })
    };
    let series = sets.iter().enumerate().map(series).collect::<Option<Vec<_>>>()?;
    let options = fields.get("options");
    let title = || options?.get("plugins")?.get("title")?.get("text")?.as_str().map(short);
    let axis = || options?.get("scales")?.get("x")?.get("title")?.get("text")?.as_str().map(short);
    Some(Chart { title: title(), mark, label_name: axis().unwrap_or_else(|| "label".to_owned()), labels, series })
}
