//! Decisions of a random script, read from a list of numbers. A shorter list and smaller numbers mean simpler scripts, so
//! a failing case shrinks to something a person can read.

/// What is left of the numbers.
pub(crate) struct Choices<'n> {
    numbers: &'n [u64],
    /// Bytes read so far.
    read: usize,
}

impl<'n> Choices<'n> {
    pub(crate) fn new(numbers: &'n [u64]) -> Self {
        Self { numbers, read: 0 }
    }

    /// Less than `bound`, at most 255; 0 once the numbers have run out.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound.max(1)
    }

    /// One of these.
    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Once in so many.
    pub(crate) fn rarely(&mut self, once_in: usize) -> bool {
        self.below(once_in) == once_in - 1
    }

    /// At least 0 and less than 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(self.byte()) / 256.0
    }

    fn byte(&mut self) -> u8 {
        let byte = self.numbers.get(self.read / 8).map_or(0, |number| number.to_le_bytes()[self.read % 8]);
        self.read += 1;
        byte
    }
}
