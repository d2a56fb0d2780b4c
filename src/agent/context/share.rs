//! Sharing out a budget so that what is small stays whole and the largest gives way first.

/// The level at which things of these sizes fit the budget when each gets its size or the level, whichever is less, and
/// never less than the least it can be cut to. Zero where not even that fits.
pub(super) fn level(sizes: &[(u64, u64)], budget: u64) -> u64 {
    let taken =
        |level: u64| sizes.iter().fold(0_u64, |sum, (whole, least)| sum.saturating_add(at(*whole, *least, level)));
    let (mut fits, mut too_high) = (0, sizes.iter().map(|(whole, _)| *whole).max().unwrap_or(0).saturating_add(1));
    if taken(too_high) <= budget {
        return too_high;
    }
    while too_high - fits > 1 {
        let middle = fits + (too_high - fits) / 2;
        if taken(middle) <= budget { fits = middle } else { too_high = middle }
    }
    fits
}

/// What one of them gets.
pub(super) fn at(whole: u64, least: u64, level: u64) -> u64 {
    whole.min(level).max(least.min(whole))
}
