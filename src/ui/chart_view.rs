//! A chart of a tool's numbers, drawn when somebody asks for it: bars or lines in one SVG that is stretched to the room
//! there is, words around it in their own size, and all its numbers as a table behind a switch.

use leptos::prelude::*;

use crate::chart::{Chart, Mark, Plot, Prominence, number};
use crate::markdown::visible::visible;
use crate::ui::chart_drawing::drawing;

/// The offer, and the chart once it was taken.
#[component]
pub(crate) fn ChartView(
    /// What can be drawn.
    chart: Chart,
    /// Unique on the page.
    stem: String,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let chart = StoredValue::new(chart);
    let stem = StoredValue::new(stem);
    view! {
        <div class="chart-view">
            <button
                class="button button--quiet button--small"
                type="button"
                aria-expanded=move || shown.get().to_string()
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {"Show as chart"}
            </button>
            <Show when=move || shown.get()>
                {chart.with_value(|chart| stem.with_value(|stem| figure(chart, stem)))}
            </Show>
        </div>
    }
}

fn figure(chart: &Chart, stem: &str) -> impl IntoView + use<> {
    let as_table = RwSignal::new(false);
    let title = title(chart);
    let (titled, stored, stem) = (title.clone(), StoredValue::new(chart.clone()), stem.to_owned());
    view! {
        <figure class="chart-view__figure">
            <figcaption class="chart-view__head">
                <span class="chart-view__title">{title}</span>
                <button
                    class="button button--quiet button--small"
                    type="button"
                    aria-pressed=move || as_table.get().to_string()
                    on:click=move |_| as_table.update(|it| *it = !*it)
                >
                    {"Show as table"}
                </button>
            </figcaption>
            {move || stored.with_value(|chart| {
                if as_table.get() { table(chart, &titled).into_any() } else { plot(chart, &titled, &stem).into_any() }
            })}
        </figure>
    }
}

fn title(chart: &Chart) -> String {
    let title = chart.title.clone().unwrap_or_else(|| {
        let names: Vec<&str> = chart.series.iter().map(|series| series.name.as_str()).collect();
        format!("{} by {}", names.join(", "), chart.label_name)
    });
    visible(&title).into_owned()
}

fn plot(chart: &Chart, title: &str, stem: &str) -> impl IntoView + use<> {
    let plot = Plot::of(chart);
    let ticks = plot.ticks.iter().map(|tick| {
        view! { <span class="chart-view__tick" style=("--at", tick.at.to_string())>{tick.text.clone()}</span> }
    });
    let ticks = ticks.collect_view();
    let labels = plot.labels.iter().map(|label| {
        let room = (label.prominence == Prominence::Wide).then_some("wide");
        let text = visible(&label.text).into_owned();
        view! { <span class="chart-view__label" data-room=room style=("--at", label.at.to_string())>{text}</span> }
    });
    let labels = labels.collect_view();
    let mark = match chart.mark {
        Mark::Bar => "bar",
        Mark::Line => "line",
    };
    let legend = chart.series.iter().enumerate().map(|(at, series)| {
        let name = visible(&series.name).into_owned();
        view! { <li class="chart-view__series" data-series=(at + 1).to_string()>{name}</li> }
    });
    let legend = legend.collect_view();
    view! {
        <div class="chart-view__plot">
            <div class="chart-view__ticks" aria-hidden="true">{ticks}</div>
            {drawing(&plot, title, &visible(&chart.description()), stem)}
            <div class="chart-view__labels" aria-hidden="true">{labels}</div>
        </div>
        <ul class="chart-view__legend" data-mark=mark>{legend}</ul>
    }
}

fn table(chart: &Chart, title: &str) -> impl IntoView + use<> {
    let heads = chart.series.iter().map(|series| view! { <th scope="col">{visible(&series.name).into_owned()}</th> });
    let heads = heads.collect_view();
    let row = |(at, label): (usize, &String)| {
        let cells = chart.series.iter().map(|series| {
            let value = series.values.get(at).copied().flatten();
            view! { <td>{value.map_or_else(|| "\u{2013}".to_owned(), number)}</td> }
        });
        view! { <tr><th scope="row">{visible(label).into_owned()}</th> {cells.collect_view()}</tr> }
    };
    let rows = chart.labels.iter().enumerate().map(row).collect_view();
    view! {
        <div class="chart-view__table" tabindex="0" role="group" aria-label=format!("Table: {title}")>
            <table>
                <thead>
                    <tr><th scope="col">{visible(&chart.label_name).into_owned()}</th> {heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
