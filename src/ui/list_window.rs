//! Which rows of a long list exist, and how much room stands in for the others: a thousand rows in a page cost seconds of
//! its main thread, the thirty near what is seen cost nothing. Pure arithmetic over heights; it touches no element.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// The heights of a list's rows in pixels: those that were measured, and what the others are taken to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowHeights {
    known: Vec<Option<f64>>,
    usual: f64,
}

/// A row that exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placed {
    /// Its place in the whole list, from 0.
    pub(crate) place: usize,
    /// The room of the rows left out between the row before and this one.
    pub(crate) skipped: f64,
}

/// The rows that exist.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Window {
    /// In order.
    pub(crate) rows: Vec<Placed>,
    /// The room of the rows left out after the last.
    pub(crate) after: f64,
}

/// The rows that exist in any case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Kept {
    /// This many from the first.
    pub(crate) first: usize,
    /// And those at these places.
    pub(crate) places: BTreeSet<usize>,
}

/// The part of a list that is to exist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum View {
    /// Between these heights from its top.
    Between(f64, f64),
    /// This height before its end, however long it grows.
    End(f64),
}

impl RowHeights {
    /// Nothing measured yet.
    pub(crate) fn new(usual: f64) -> Self {
        Self { known: Vec::new(), usual }
    }

    /// How high the row at `place` is, or is taken to be.
    pub(crate) fn of(&self, place: usize) -> f64 {
        self.known.get(place).copied().flatten().unwrap_or(self.usual)
    }

    /// Which row is at this height from the top of a list of `count` rows.
    pub(crate) fn place_at(&self, height: f64, count: usize) -> usize {
        let mut bottom = 0.0;
        let is_beneath = |place: &usize| {
            bottom += self.of(*place);
            bottom > height
        };
        (0..count).find(is_beneath).unwrap_or(count)
    }

    /// Takes in what these rows measure. The first time, the lowest of them is what all others are taken to be. Gives by how
    /// much the rows above `anchor` are higher than was assumed, or `None` where all were known to be as high as they are.
    pub(crate) fn learn(&mut self, measured: &[(usize, f64)], anchor: usize) -> Option<f64> {
        let mut grown = 0.0;
        let mut news = false;
        let anything_known = self.known.iter().any(Option::is_some);
        for &(place, height) in measured {
            if self.known.get(place).copied().flatten() == Some(height) {
                continue;
            }
            news = true;
            if place < anchor {
                grown += height - self.of(place);
            }
            if self.known.len() <= place {
                self.known.resize(place + 1, None);
            }
            self.known[place] = Some(height);
        }
        if !anything_known {
            let lowest = measured.iter().map(|(_, height)| *height).filter(|height| *height > 0.0);
            self.usual = lowest.reduce(f64::min).unwrap_or(self.usual);
        }
        news.then_some(grown)
    }

    /// Follows rows that changed places; those that came are unmeasured, those that went are forgotten.
    pub(crate) fn follow(&mut self, before: &[u32], now: &[u32]) {
        if now.starts_with(before) {
            return;
        }
        let known: HashMap<u32, f64> =
            before.iter().zip(&self.known).filter_map(|(key, height)| Some((*key, (*height)?))).collect();
        self.known = now.iter().map(|key| known.get(key).copied()).collect();
    }

    /// Forgets all that was measured, because the list's width has changed; what rows usually take stays a guess.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }

    fn total(&self, count: usize) -> f64 {
        (0..count).map(|place| self.of(place)).sum()
    }
}

/// The rows of `count` that exist when `view` is seen: those in it, and those that are `kept` wherever they are.
pub(crate) fn window(heights: &RowHeights, count: usize, view: View, kept: &Kept) -> Window {
    let seen: Range<f64> = match view {
        View::Between(from, to) => from..to,
        View::End(room) => heights.total(count) - room..f64::INFINITY,
    };
    let mut window = Window::default();
    let mut top = 0.0;
    for place in 0..count {
        let height = heights.of(place);
        if (top + height > seen.start && top < seen.end) || place < kept.first || kept.places.contains(&place) {
            window.rows.push(Placed { place, skipped: window.after });
            window.after = 0.0;
        } else {
            window.after += height;
        }
        top += height;
    }
    window
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn places(window: &Window) -> Vec<usize> {
        window.rows.iter().map(|row| row.place).collect()
    }

    /// The height of the whole list, whichever of its rows exist.
    fn height(heights: &RowHeights, window: &Window) -> f64 {
        window.rows.iter().map(|row| row.skipped + heights.of(row.place)).sum::<f64>() + window.after
    }

    #[wasm_bindgen_test]
    fn only_rows_near_what_is_seen_exist_and_the_rest_keeps_its_room() {
        let heights = RowHeights::new(50.0);
        let seen = window(&heights, 1_000, View::Between(5_000.0, 5_150.0), &Kept::default());
        let expected = Window {
            rows: vec![
                Placed { place: 100, skipped: 5_000.0 },
                Placed { place: 101, skipped: 0.0 },
                Placed { place: 102, skipped: 0.0 },
            ],
            after: 44_850.0,
        };
        assert_eq!(seen, expected);
    }

    #[wasm_bindgen_test]
    fn rows_that_are_open_or_hold_the_focus_exist_wherever_the_list_is_scrolled() {
        let heights = RowHeights::new(50.0);
        let kept = Kept { first: 3, places: BTreeSet::from([1, 500, 999]) };
        let seen = window(&heights, 1_000, View::Between(0.0, 60.0), &kept);
        let expected = Window {
            rows: vec![
                Placed { place: 0, skipped: 0.0 },
                Placed { place: 1, skipped: 0.0 },
                Placed { place: 2, skipped: 0.0 },
                Placed { place: 500, skipped: 24_850.0 },
                Placed { place: 999, skipped: 24_900.0 },
            ],
            after: 0.0,
        };
        assert_eq!(seen, expected);
    }

    #[wasm_bindgen_test]
    fn the_whole_list_is_as_high_whichever_rows_exist() {
        let mut heights = RowHeights::new(1.0);
        heights.learn(&[(0, 50.0), (3, 80.0), (700, 400.0)], 0);
        let all = 50.0 * 998.0 + 80.0 + 400.0;
        for from in [0.0, 49.0, 50.0, 12_345.6, 35_000.0, 50_380.0, 90_000.0] {
            let kept = Kept { first: 0, places: BTreeSet::from([3, 640]) };
            let seen = window(&heights, 1_000, View::Between(from, from + 600.0), &kept);
            assert!((height(&heights, &seen) - all).abs() < 1e-6, "from {from}");
        }
    }

    #[wasm_bindgen_test]
    fn the_end_of_a_list_is_its_last_rows_however_long_it_grows() {
        let mut heights = RowHeights::new(20.0);
        heights.learn(&[(0, 20.0), (998, 60.0)], 0);
        let end = |count| places(&window(&heights, count, View::End(100.0), &Kept::default()));
        assert_eq!(end(3), [0, 1, 2]);
        assert_eq!(end(900), [895, 896, 897, 898, 899]);
        assert_eq!(end(1_000), [997, 998, 999]);
    }

    #[wasm_bindgen_test]
    fn what_measures_more_than_assumed_above_what_is_read_is_told() {
        let mut heights = RowHeights::new(20.0);
        assert_eq!(heights.learn(&[(0, 24.0), (1, 24.0), (2, 48.0)], 0), Some(0.0));
        // Row 9 was taken to be as high as the lowest known; row 12 is beneath what is read.
        assert_eq!(heights.learn(&[(2, 50.0), (9, 34.0), (12, 90.0)], 10), Some(12.0));
        assert_eq!(heights.learn(&[(2, 50.0), (9, 34.0), (12, 90.0)], 10), None);
        assert_eq!([97.0, 98.0, 350.0].map(|height| heights.place_at(height, 13)), [2, 3, 12]);
    }

    #[wasm_bindgen_test]
    fn heights_go_with_their_rows_when_these_change_places() {
        let mut heights = RowHeights::new(20.0);
        heights.learn(&[(0, 20.0), (2, 70.0)], 0);
        heights.follow(&[7, 8, 9], &[9, 7, 10, 8, 11]);
        let heights: Vec<f64> = (0..5).map(|place| heights.of(place)).collect();
        assert_eq!(heights, vec![70.0, 20.0, 20.0, 20.0, 20.0]);
    }
}
