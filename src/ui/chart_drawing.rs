//! The lines and bars of a chart, in an SVG of a hundred by a hundred units that the page stretches; strokes keep their
//! width. It holds no words but those for people who do not see it.

use std::fmt::Write as _;

use leptos::prelude::*;
use leptos::svg;

use crate::chart::{Bar, Plot};

/// Points that are marked on a line; more would make it a band.
const MAX_DOTS: usize = 60;

/// The drawing.
pub(super) fn drawing(plot: &Plot, title: &str, description: &str, stem: &str) -> impl IntoView + use<> {
    let (title_id, description_id) = (format!("{stem}-title"), format!("{stem}-description"));
    let grid: String = plot.ticks.iter().fold(String::new(), |path, tick| path + &level(tick.at));
    let zero = plot.zero.map(|at| svg::path().attr("class", "chart-view__zero").attr("d", level(at)));
    let bars: Vec<_> = plot.bars.iter().map(bar).collect();
    let lines: Vec<_> = plot.lines.iter().enumerate().map(|(at, pieces)| line(at, pieces)).collect();
    svg::svg()
        .attr("class", "chart-view__drawing")
        .attr("viewBox", "0 0 100 100")
        .attr("preserveAspectRatio", "none")
        .attr("role", "img")
        .attr("aria-labelledby", title_id.clone())
        .attr("aria-describedby", description_id.clone())
        .child((
            svg::title().attr("id", title_id).child(title.to_owned()),
            svg::desc().attr("id", description_id).child(description.to_owned()),
            svg::path().attr("class", "chart-view__grid").attr("d", grid),
            bars,
            lines,
            zero,
        ))
}

/// A horizontal line. Heights count from the bottom, an SVG's from the top.
fn level(at: f64) -> String {
    format!("M0 {}H100", 100.0 - at)
}

fn bar(bar: &Bar) -> impl IntoView + use<> {
    svg::rect()
        .attr("class", "chart-view__bar")
        .attr("data-series", (bar.series + 1).to_string())
        .attr("x", bar.x.to_string())
        .attr("width", bar.width.to_string())
        .attr("y", (100.0 - bar.bottom - bar.height).to_string())
        .attr("height", bar.height.to_string())
}

fn line(series: usize, pieces: &[Vec<(f64, f64)>]) -> impl IntoView + use<> {
    let (mut path, mut dots) = (String::new(), String::new());
    let points: usize = pieces.iter().map(Vec::len).sum();
    for piece in pieces {
        for (index, (x, at)) in piece.iter().enumerate() {
            let y = 100.0 - at;
            // Writing to a string cannot fail.
            let _ = write!(path, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
            // A point alone would not be seen without its dot.
            if points <= MAX_DOTS || piece.len() == 1 {
                let _ = write!(dots, "M{x} {y}h0");
            }
        }
    }
    let series = (series + 1).to_string();
    (
        svg::path().attr("class", "chart-view__line").attr("data-series", series.clone()).attr("d", path),
        svg::path().attr("class", "chart-view__dots").attr("data-series", series).attr("d", dots),
    )
}
