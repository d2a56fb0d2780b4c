//! The page's icons: line drawings on a 20-unit grid in the colour of the text around them. They say nothing by
//! themselves: every use stands beside words.

use leptos::prelude::*;
use leptos::svg;

/// Draws `path` as lines.
fn lines(path: &'static str) -> impl IntoView {
    svg::svg()
        .attr("class", "icon")
        .attr("viewBox", "0 0 20 20")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
        .child(svg::path().attr("d", path))
}

/// The product's mark: one question fans out.
pub(crate) fn mark() -> impl IntoView {
    svg::svg()
        .attr("class", "icon icon--mark")
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
        .child((
            svg::path().attr("d", "M5.5 12h13M6.5 11.2 16.8 5.2M6.5 12.8l10.3 6"),
            svg::circle().attr("cx", "4.5").attr("cy", "12").attr("r", "2.5"),
            svg::circle().attr("cx", "18.7").attr("cy", "4.4").attr("r", "1.9"),
            svg::circle().attr("cx", "20").attr("cy", "12").attr("r", "1.9"),
            svg::circle().attr("cx", "18.7").attr("cy", "19.6").attr("r", "1.9"),
        ))
}

/// Something succeeded.
pub(crate) fn check() -> impl IntoView {
    lines("M4.5 10.5 8.2 14 15.5 6")
}

/// Something failed.
pub(crate) fn cross() -> impl IntoView {
    lines("M5.5 5.5 14.5 14.5M14.5 5.5 5.5 14.5")
}

/// Something waits.
pub(crate) fn pause() -> impl IntoView {
    lines("M7.5 5.5v9M12.5 5.5v9")
}

/// Something is under way.
pub(crate) fn spinner() -> impl IntoView {
    lines("M10 3.5a6.5 6.5 0 1 1-6.5 6.5")
}

/// Something is in line.
pub(crate) fn dots() -> impl IntoView {
    lines("M5 10h.01M10 10h.01M15 10h.01")
}

/// Something was passed over.
pub(crate) fn dash() -> impl IntoView {
    lines("M5.5 10h9")
}

/// Something was learnt.
pub(crate) fn dot() -> impl IntoView {
    lines("M10 10h.01")
}

/// Sends.
pub(crate) fn arrow_up() -> impl IntoView {
    lines("M10 16V4.5M5 9.2 10 4.2l5 5")
}

/// Stops.
pub(crate) fn square() -> impl IntoView {
    lines("M6 6h8v8H6z")
}

/// Settings.
pub(crate) fn sliders() -> impl IntoView {
    lines("M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4")
}

/// Something goes into a file.
pub(crate) fn download() -> impl IntoView {
    lines("M10 3.5v9M6 9l4 4 4-4M4 16.5h12")
}

/// Something comes out of a file.
pub(crate) fn folder() -> impl IntoView {
    lines("M3 15.5v-11h5l1.8 2H17v9z")
}

/// A file.
pub(crate) fn file() -> impl IntoView {
    lines("M5 3h6.5L15 6.5V17H5zM11 3v4h4M7.5 10.5h5M7.5 13.5h5")
}

/// Something goes to the clipboard.
pub(crate) fn copy() -> impl IntoView {
    lines("M7.5 7.5h9v9h-9zM4.5 12.5h-1v-9h9v1")
}

/// Something opens beneath.
pub(crate) fn chevron() -> impl IntoView {
    lines("M7.5 5 12.5 10l-5 5")
}

/// Something needs a person.
pub(crate) fn hand() -> impl IntoView {
    lines("M10 3.2 17 16H3zM10 8.2v3.6M10 13.8h.01")
}

/// Something is added.
pub(crate) fn plus() -> impl IntoView {
    lines("M10 4.5v11M4.5 10h11")
}

/// Something is taken away.
pub(crate) fn trash() -> impl IntoView {
    lines("M4 6h12M8 6V4h4v2M5.5 6l.8 10.5h7.4L14.5 6")
}

/// A language model.
pub(crate) fn spark() -> impl IntoView {
    lines("M10 3c.6 4 3 6.4 7 7-4 .6-6.4 3-7 7-.6-4-3-6.4-7-7 4-.6 6.4-3 7-7z")
}

/// A server.
pub(crate) fn stack() -> impl IntoView {
    lines("M3.5 4h13v5h-13zM3.5 11h13v5h-13zM6.5 6.5h.01M6.5 13.5h.01")
}

/// Something runs again.
pub(crate) fn again() -> impl IntoView {
    lines("M15.8 8A6.2 6.2 0 1 0 16.2 11M16 4v4h-4")
}

/// Secrets.
pub(crate) fn lock() -> impl IntoView {
    lines("M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9")
}

/// Something is changed.
pub(crate) fn pencil() -> impl IntoView {
    lines("M4 16l.8-3.4L13.4 4l2.6 2.6-8.6 8.6zM11.8 5.6l2.6 2.6")
}

/// Something goes on.
pub(crate) fn play() -> impl IntoView {
    lines("M7 5v10l8-5z")
}

/// Something is to be done without waiting.
pub(crate) fn forward() -> impl IntoView {
    lines("M4.5 5v10l6-5zM10.5 5v10l6-5z")
}

/// Something goes further down.
pub(crate) fn arrow_down() -> impl IntoView {
    lines("M10 4v11.5M5 10.8l5 5 5-5")
}

/// Something is not known.
pub(crate) fn question() -> impl IntoView {
    lines("M6.8 7.2a3.2 3.2 0 1 1 4.6 2.9c-1 .5-1.4 1-1.4 2.1M10 15.4h.01")
}
