//! Where everything of a chart stands, in hundredths of its width and height, from the left and from the bottom. The view
//! stretches that to the room there is, so words keep their size on narrow screens.

use super::scale::{FromZero, Scale};
use super::{Chart, Mark, number};

/// Labels that fit beside one another on a narrow screen.
const FEW_LABELS: usize = 3;
/// Labels that fit on a wide one.
const MANY_LABELS: usize = 8;
/// How much of its place a group of bars takes.
const GROUP: f64 = 0.76;

/// A tick of the vertical axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its height.
    pub at: f64,
    /// What it says.
    pub text: String,
}

/// Whether a label is shown where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prominence {
    /// Always.
    Always,
    /// Where there is room.
    Wide,
}

/// A label of the horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisLabel {
    /// Its middle.
    pub at: f64,
    /// What it says.
    pub text: String,
    /// Where it is shown.
    pub prominence: Prominence,
}

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its series, from 0.
    pub series: usize,
    /// Its left edge.
    pub x: f64,
    /// Its width.
    pub width: f64,
    /// Its lower edge.
    pub bottom: f64,
    /// Its height.
    pub height: f64,
}

/// A drawing of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// The vertical axis.
    pub ticks: Vec<Tick>,
    /// The height of zero, where the axis holds it.
    pub zero: Option<f64>,
    /// The horizontal axis.
    pub labels: Vec<AxisLabel>,
    /// Bars; none in a line chart.
    pub bars: Vec<Bar>,
    /// Lines, one list a series: each runs until a value is missing.
    pub lines: Vec<Vec<Vec<(f64, f64)>>>,
}

impl Plot {
    /// Lays a chart out.
    pub fn of(chart: &Chart) -> Self {
        let values = chart.series.iter().flat_map(|series| series.values.iter().flatten().copied());
        let from_zero = match chart.mark {
            Mark::Bar => FromZero::Always,
            Mark::Line => FromZero::Near,
        };
        let scale = Scale::over(values, from_zero);
        let ticks = scale.ticks.iter().map(|value| Tick { at: scale.place(*value), text: number(*value) }).collect();
        let zero = (scale.low <= 0.0 && scale.high >= 0.0).then(|| scale.place(0.0));
        let (bars, lines) = match chart.mark {
            Mark::Bar => (bars(chart, &scale), Vec::new()),
            Mark::Line => (Vec::new(), lines(chart, &scale)),
        };
        Self { ticks, zero, labels: labels(chart), bars, lines }
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 500")]
fn middle(index: usize, of: usize) -> f64 {
    (index as f64 + 0.5) * 100.0 / of as f64
}

fn labels(chart: &Chart) -> Vec<AxisLabel> {
    let count = chart.labels.len();
    let every = |most: usize| count.div_ceil(most);
    // What is shown everywhere is among what is shown where there is room.
    let wide = every(MANY_LABELS);
    let narrow = every(FEW_LABELS).div_ceil(wide) * wide;
    let shown = chart.labels.iter().enumerate().step_by(wide);
    shown
        .map(|(index, text)| AxisLabel {
            at: middle(index, count),
            text: text.clone(),
            prominence: if index % narrow == 0 { Prominence::Always } else { Prominence::Wide },
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "at most 500 rows of 4 bars")]
fn bars(chart: &Chart, scale: &Scale) -> Vec<Bar> {
    let count = chart.labels.len();
    let group = 100.0 / count as f64 * GROUP;
    let width = group / chart.series.len() as f64;
    let zero = scale.place(0.0);
    let bar = |series: usize, index: usize, value: f64| {
        let end = scale.place(value);
        let x = middle(index, count) - group / 2.0 + width * series as f64;
        Bar { series, x, width, bottom: zero.min(end), height: (end - zero).abs() }
    };
    let all = chart.series.iter().enumerate();
    all.flat_map(|(series, it)| {
        let values = it.values.iter().enumerate();
        values.filter_map(move |(index, value)| Some((series, index, (*value)?)))
    })
    .map(|(series, index, value)| bar(series, index, value))
    .collect()
}

fn lines(chart: &Chart, scale: &Scale) -> Vec<Vec<Vec<(f64, f64)>>> {
    let count = chart.labels.len();
    let line = |values: &[Option<f64>]| {
        let mut pieces = vec![Vec::new()];
        for (index, value) in values.iter().enumerate() {
            match (value, pieces.last_mut()) {
                (Some(value), Some(piece)) => piece.push((middle(index, count), scale.place(*value))),
                (None, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
                _ => {}
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        pieces
    };
    chart.series.iter().map(|series| line(&series.values)).collect()
}
