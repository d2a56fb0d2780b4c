//! The vertical axis: from where to where, and at which numbers its ticks stand.

/// About how many ticks an axis has.
const TICKS: f64 = 5.0;
/// More there never are.
const MAX_TICKS: usize = 12;

/// An axis whose ticks stand at 1, 2 or 5 times a power of ten.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Where it begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// The ticks, from the lowest to the highest.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// An axis that holds all these values and, where bars stand on it or it is not far, zero.
    pub fn over(values: impl IntoIterator<Item = f64>, from_zero: FromZero) -> Self {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            least = least.min(value);
            most = most.max(value);
        }
        if least > most {
            (least, most) = (0.0, 1.0);
        }
        let near = least >= 0.0 && least <= most / 2.0 || most <= 0.0 && most >= least / 2.0;
        if from_zero == FromZero::Always || near {
            least = least.min(0.0);
            most = most.max(0.0);
        }
        // Halves, so that the widest of values do not leave what a number can hold.
        let span = most / 2.0 - least / 2.0;
        let step = if span > 0.0 { nice(span / TICKS * 2.0) } else { nice(most.abs().max(1.0) / TICKS) };
        let (from, mut to) = ((least / step).floor(), (most / step).ceil());
        if from >= to {
            to = from + 1.0;
        }
        let mut ticks = Vec::new();
        let mut at = from;
        while at <= to && ticks.len() <= MAX_TICKS {
            ticks.push(tidy(at, step));
            at += 1.0;
        }
        let (low, high) = (tidy(from, step), tidy(to, step));
        if low.is_finite() && high.is_finite() && low < high && ticks.len() <= MAX_TICKS {
            return Self { low, high, ticks };
        }
        // Where numbers are too large to be counted in steps, the axis ends with the values.
        Self { low: least, high: most, ticks: vec![least, most] }
    }

    /// Where a value stands, from 0 at the bottom to 100 at the top.
    pub fn place(&self, value: f64) -> f64 {
        let share = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        if share.is_finite() { (share * 100.0).clamp(0.0, 100.0) } else { 0.0 }
    }
}

/// Whether zero is on the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromZero {
    /// Bars stand on it.
    Always,
    /// Where it is not far.
    Near,
}

/// The smallest of 1, 2, 5 times a power of ten that is not less.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= step * 0.999_999);
    let nice = factor.unwrap_or(10.0) * power;
    if nice.is_finite() && nice > 0.0 { nice } else { f64::MIN_POSITIVE }
}

/// So many steps, without the crumbs of binary fractions.
fn tidy(count: f64, step: f64) -> f64 {
    let value = count * step;
    if step >= 1.0 {
        return value.round();
    }
    let inverse = (1.0 / step).round();
    if (1.0 / inverse - step).abs() < step * 1e-9 { count / inverse } else { value }
}
