//! Charts found in what tools return, and where everything of them stands.
#![cfg(not(target_arch = "wasm32"))] // the generated cases need proptest, which is native

use fanout::chart::{AxisLabel, Bar, Chart, Mark, Plot, Prominence, Scale, Series, Tick, number};
use proptest::prelude::*;
use serde_json::{Value, json};

fn found(value: Value) -> Option<Chart> {
    Chart::find(&json!({ "structuredContent": value }))
}

fn chart(mark: Mark, label_name: &str, labels: &[&str], series: &[(&str, &[f64])]) -> Chart {
    Chart {
        title: None,
        mark,
        label_name: label_name.to_owned(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        series: series
            .iter()
            .map(|(name, values)| Series {
                name: (*name).to_owned(),
                values: values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect(),
            })
            .collect(),
    }
}

#[test]
fn a_table_of_one_label_and_numbers_is_a_bar_chart() {
    let rows =
        json!({ "rows": [{ "city": "Oslo", "sun": 4, "rain": 2.5 }, { "city": "Bergen", "sun": 1, "rain": null }] });
    let expected = chart(Mark::Bar, "city", &["Oslo", "Bergen"], &[("sun", &[4.0, 1.0]), ("rain", &[2.5, f64::NAN])]);
    // One number is no series.
    assert_eq!(found(rows), None);
    let rows = json!({ "rows": [{ "city": "Oslo", "sun": 4, "rain": 2.5 }, { "city": "Bergen", "sun": 1, "rain": null }, { "city": "Bodø", "sun": 1, "rain": 3 }] });
    let expected = Chart {
        labels: [expected.labels, vec!["Bodø".to_owned()]].concat(),
        series: vec![
            Series { name: "sun".to_owned(), values: vec![Some(4.0), Some(1.0), Some(1.0)] },
            Series { name: "rain".to_owned(), values: vec![Some(2.5), None, Some(3.0)] },
        ],
        ..expected
    };
    assert_eq!(found(rows), Some(expected));
}

#[test]
fn a_table_over_time_is_a_line_chart() {
    let days = json!([{ "n": 1, "day": "2024-05-01" }, { "n": 3, "day": "2024-05-02T10:00:00Z" }]);
    let expected = chart(Mark::Line, "day", &["2024-05-01", "2024-05-02T10:00:00Z"], &[("n", &[1.0, 3.0])]);
    assert_eq!(found(days), Some(expected));
    let years = json!([{ "id": 1, "year": 2023, "stars": 10 }, { "id": 2, "year": 2024, "stars": 30 }]);
    assert_eq!(found(years), Some(chart(Mark::Line, "year", &["2023", "2024"], &[("stars", &[10.0, 30.0])])));
}

#[test]
fn a_list_with_anything_else_in_it_is_no_table() {
    let many: Vec<Value> = (0..501).map(|n| json!({ "a": n.to_string(), "b": n })).collect();
    for value in [
        json!([{ "title": "x", "url": "https://a.example", "points": 3 }, { "title": "y", "url": "https://b.example", "points": 4 }]),
        json!([{ "a": "x", "b": 1 }]),
        json!([{ "a": "x", "b": 1 }, { "a": "y", "b": "2" }]),
        json!([{ "a": "x", "b": 1 }, { "a": "y", "b": 2, "c": 3 }]),
        json!([{ "a": "x", "b": 1 }, { "a": null, "b": 2 }]),
        json!([{ "a": "x", "b": 1, "c": 2, "d": 3, "e": 4, "f": 5 }, { "a": "y", "b": 1, "c": 2, "d": 3, "e": 4, "f": 5 }]),
        json!([{ "b": 1, "c": 2 }, { "b": 1, "c": 3 }]),
        json!([[1, 2], [3, 4]]),
        json!([1, 2, 3]),
        Value::Array(many),
        json!({ "karma": 7 }),
    ] {
        assert_eq!(found(value.clone()), None, "{value}");
    }
}

#[test]
fn a_table_is_found_in_json_in_a_text_too() {
    let text = "[{\"a\":\"x\",\"b\":1},{\"a\":\"y\",\"b\":2}]";
    let expected = chart(Mark::Bar, "a", &["x", "y"], &[("b", &[1.0, 2.0])]);
    assert_eq!(
        Chart::find(&json!({ "content": [{ "type": "text", "text": "prose" }, { "type": "text", "text": text }] })),
        Some(expected)
    );
}

#[test]
fn a_vega_lite_specification_is_read() {
    let spec = json!({
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "title": "Stories",
        "mark": { "type": "line", "point": true },
        "encoding": {
            "x": { "field": "month", "type": "ordinal", "title": "Month" },
            "y": { "field": "n", "type": "quantitative" },
            "color": { "field": "kind", "type": "nominal" }
        },
        "data": { "values": [
            { "month": "Jan", "n": 1, "kind": "a" }, { "month": "Jan", "n": 2, "kind": "b" },
            { "month": "Feb", "n": 3, "kind": "a" }, { "month": "Feb", "n": 4, "kind": "b" }
        ] }
    });
    let expected = chart(Mark::Line, "Month", &["Jan", "Feb"], &[("a", &[1.0, 3.0]), ("b", &[2.0, 4.0])]);
    // A specification counts before the table it holds.
    assert_eq!(found(json!({ "chart": spec })), Some(Chart { title: Some("Stories".to_owned()), ..expected }));
    let lying = json!({
        "mark": "bar", "data": { "values": [{ "k": "x", "v": 1 }, { "k": "y", "v": 2 }] },
        "encoding": { "y": { "field": "k", "type": "nominal" }, "x": { "field": "v", "type": "quantitative" } }
    });
    assert_eq!(found(lying), Some(chart(Mark::Bar, "k", &["x", "y"], &[("v", &[1.0, 2.0])])));
    let numbers = json!({
        "mark": "line", "data": { "values": [{ "x": 3, "y": 1 }, { "x": 1, "y": 2 }, { "x": 2, "y": 5 }] },
        "encoding": { "x": { "field": "x", "type": "quantitative" }, "y": { "field": "y", "type": "quantitative" } }
    });
    assert_eq!(found(numbers), Some(chart(Mark::Line, "x", &["1", "2", "3"], &[("y", &[2.0, 5.0, 1.0])])));
}

#[test]
fn a_specification_that_would_have_to_be_run_is_none() {
    let spec = |more: Value, x: Value, data: Value| {
        let mut spec = json!({ "mark": "bar", "encoding": { "x": x, "y": { "field": "v", "type": "quantitative" } }, "data": data });
        spec.as_object_mut()
            .into_iter()
            .for_each(|fields| fields.extend(more.as_object().cloned().unwrap_or_default()));
        spec
    };
    let (x, data) = (json!({ "field": "k" }), json!({ "values": { "0": { "k": "x" } } }));
    let rows = json!({ "values": [{ "k": "x", "v": 1, "w": "" }, { "k": "y", "v": 2, "w": "" }] });
    assert!(found(spec(json!({}), x.clone(), rows.clone())).is_some());
    for refused in [
        spec(json!({ "transform": [{ "calculate": "alert(1)", "as": "v" }] }), x.clone(), rows.clone()),
        spec(json!({ "mark": "arc" }), x.clone(), rows.clone()),
        spec(json!({}), json!({ "field": "k", "aggregate": "count" }), rows.clone()),
        spec(json!({}), json!({ "field": "k", "bin": true }), rows.clone()),
        spec(json!({}), json!({ "value": 3 }), rows),
        spec(json!({}), x.clone(), json!({ "url": "https://evil.example/data.json" })),
        spec(json!({}), x, data),
    ] {
        assert_eq!(found(refused.clone()), None, "{refused}");
    }
}

#[test]
fn a_chart_js_configuration_is_read() {
    let config = json!({
        "type": "bar",
        "data": { "labels": ["a", 2], "datasets": [{ "label": "L", "data": [1, null] }, { "data": [3, 4] }, { "label": "M", "data": [5, 6, 7] }] },
        "options": { "plugins": { "title": { "text": "T" } } }
    });
    assert_eq!(found(config), None, "a number too many");
    let config = json!({
        "type": "line",
        "data": { "labels": ["a", 2, "c"], "datasets": [{ "label": "L", "data": [1, null, 2] }, { "data": [3, 4] }] },
        "options": { "plugins": { "title": { "text": "T" } }, "scales": { "x": { "title": { "text": "X" } } } }
    });
    let expected =
        chart(Mark::Line, "X", &["a", "2", "c"], &[("L", &[1.0, f64::NAN, 2.0]), ("Series 2", &[3.0, 4.0, f64::NAN])]);
    assert_eq!(found(config), Some(Chart { title: Some("T".to_owned()), ..expected }));
    assert_eq!(
        found(json!({ "type": "pie", "data": { "labels": ["a", "b"], "datasets": [{ "data": [1, 2] }] } })),
        None
    );
    assert_eq!(
        found(json!({ "type": "bar", "data": { "labels": ["a", "b"], "datasets": [{ "data": ["fn()", 2] }] } })),
        None
    );
}

#[test]
fn ticks_stand_at_nice_numbers() {
    let ticks = |values: &[f64]| Scale::over(values.iter().copied(), fanout::chart::FromZero::Near).ticks;
    assert_eq!(ticks(&[0.0, 10.0]), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    assert_eq!(ticks(&[3.0, 97.0]), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    assert_eq!(ticks(&[-4.0, 13.0]), [-5.0, 0.0, 5.0, 10.0, 15.0]);
    assert_eq!(ticks(&[0.1, 0.42]), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    assert_eq!(ticks(&[1_000_001.0, 1_000_004.0]), [1_000_001.0, 1_000_002.0, 1_000_003.0, 1_000_004.0]);
    assert_eq!(ticks(&[0.0, 0.0]).first(), Some(&0.0));
    assert_eq!(ticks(&[7.0, 7.0]), [6.0, 8.0]);
}

#[test]
fn numbers_read_as_people_write_them() {
    let written = [0.0, -0.0, 5.0, 0.1 + 0.2, 1.0 / 3.0, 1234.5, 1e6, 1e20, -2.5e-7].map(number);
    assert_eq!(written, ["0", "0", "5", "0.3", "0.3333333", "1234.5", "1000000", "1e20", "-2.5e-7"]);
}

#[test]
fn bars_stand_side_by_side_on_zero() {
    let two = chart(Mark::Bar, "k", &["x", "y"], &[("v", &[10.0, -10.0]), ("w", &[5.0, f64::NAN])]);
    let plot = Plot::of(&two);
    let bar = |series, x, bottom, height| Bar { series, x, width: 19.0, bottom, height };
    assert_eq!(plot.bars, [bar(0, 6.0, 50.0, 50.0), bar(0, 56.0, 0.0, 50.0), bar(1, 25.0, 50.0, 25.0)]);
    assert_eq!((plot.zero, plot.lines.len()), (Some(50.0), 0));
    let tick = |at, text: &str| Tick { at, text: text.to_owned() };
    assert_eq!(plot.ticks, [tick(0.0, "-10"), tick(25.0, "-5"), tick(50.0, "0"), tick(75.0, "5"), tick(100.0, "10")]);
    let label = |at, text: &str| AxisLabel { at, text: text.to_owned(), prominence: Prominence::Always };
    assert_eq!(plot.labels, [label(25.0, "x"), label(75.0, "y")]);
    assert_eq!(two.description(), "Bar chart, 2 rows by k: v from -10 to 10; w from 5 to 5.");
}

#[test]
fn a_line_breaks_where_a_value_is_missing() {
    let line = chart(Mark::Line, "k", &["a", "b", "c", "d"], &[("v", &[0.0, 10.0, f64::NAN, 5.0])]);
    let plot = Plot::of(&line);
    assert_eq!(plot.lines, [vec![vec![(12.5, 0.0), (37.5, 100.0)], vec![(87.5, 50.0)]]]);
    assert_eq!(plot.bars, []);
}

#[test]
fn few_labels_are_shown_everywhere_and_more_where_there_is_room() {
    let labels: Vec<String> = (0..12).map(|n| n.to_string()).collect();
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let plot = Plot::of(&chart(Mark::Bar, "k", &names, &[("v", &[1.0; 12])]));
    let always: Vec<&str> =
        plot.labels.iter().filter(|it| it.prominence == Prominence::Always).map(|it| it.text.as_str()).collect();
    assert_eq!((plot.labels.len(), always), (6, vec!["0", "4", "8"]));
}

fn any_number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-9..9_i64).prop_map(Value::from),
        Just(Value::Null)
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("mark".to_owned()),
        Just("encoding".to_owned()),
        Just("data".to_owned()),
        Just("values".to_owned()),
        Just("type".to_owned()),
        Just("labels".to_owned()),
        Just("datasets".to_owned()),
        Just("x".to_owned()),
        Just("field".to_owned()),
        "[a-c]{1}",
    ];
    let leaf = prop_oneof![any_number(), Just(json!("bar")), Just(json!("a")), "\\PC{0,8}".prop_map(Value::from)];
    leaf.prop_recursive(6, 96, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn is_within(chart: &Chart) -> bool {
    let plot = Plot::of(chart);
    let inside = |at: f64| (-0.001..=100.001).contains(&at);
    plot.ticks.iter().all(|tick| inside(tick.at))
        && plot.ticks.len() >= 2
        && plot.labels.iter().all(|label| inside(label.at))
        && plot.bars.iter().all(|bar| {
            inside(bar.x) && inside(bar.x + bar.width) && inside(bar.bottom) && inside(bar.bottom + bar.height)
        })
        && plot.lines.iter().flatten().flatten().all(|(x, at)| inside(*x) && inside(*at))
}

proptest! {
    #[test]
    fn any_json_is_searched_and_what_is_found_fits_the_drawing(value in any_json()) {
        if let Some(chart) = Chart::find(&value) {
            prop_assert!(is_within(&chart));
        }
    }

    #[test]
    fn any_numbers_fit_the_drawing(values in prop::collection::vec(any_number(), 2..40), line in any::<bool>()) {
        let rows: Vec<Value> = values.into_iter().enumerate().map(|(n, v)| json!({ "a": format!("{}{n}", if line { "2024-01-" } else { "" }), "b": v })).collect();
        if let Some(chart) = found(Value::Array(rows)) {
            prop_assert!(is_within(&chart), "{:?}", Plot::of(&chart));
        }
    }
}
