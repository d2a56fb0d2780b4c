//! The time that deadlines count: monotonic, less the pauses in which nothing here ran, because the machine slept or the
//! tab was frozen. Otherwise all deadlines would pass at once in the moment of waking. Pure: two clocks are told to it.

use crate::agent::event::Millis;
use crate::agent::ports::Interruption;

/// While somebody waits for a moment, the clocks are looked at this often.
pub const LOOK_EVERY_MS: Millis = 1_000.0;
/// Clocks that moved more than this between two looks mean that nothing ran in between.
pub const PAUSE_MS: Millis = 5_000.0;

/// Whether the clocks are looked at every [`LOOK_EVERY_MS`], so that a long time between two looks means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// They are.
    On,
    /// Nobody waits for anything, or no timer here is reliable.
    Off,
}

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct AwakeTime {
    monotonic: Millis,
    wall: Millis,
    lost: Millis,
}

impl AwakeTime {
    /// Begins with what the clocks show now.
    pub fn new(monotonic: Millis, wall: Millis) -> Self {
        Self { monotonic, wall, lost: 0.0 }
    }

    /// Takes in what the clocks show now, and whether they were watched since the last look; what the difference says
    /// about the time in between. The monotonic clock runs through a sleep on some systems and stands still on others;
    /// there only the wall clock shows one, though the same jump may be somebody setting it.
    pub fn look(&mut self, monotonic: Millis, wall: Millis, watch: Watch) -> Option<Interruption> {
        let (passed, wall_passed) = (monotonic - self.monotonic, wall - self.wall);
        (self.monotonic, self.wall) = (monotonic, wall);
        let stood_still = watch == Watch::On && passed > PAUSE_MS;
        // No clock that counts here goes back, but where the browser has no monotonic one the wall clock takes its place.
        if stood_still || passed < 0.0 {
            self.lost += passed;
        }
        match watch {
            Watch::On if stood_still => Some(Interruption::StoodStill),
            Watch::On if wall_passed - passed > PAUSE_MS => Some(Interruption::ClockJumped),
            Watch::On | Watch::Off => None,
        }
    }

    /// The time to count by, as of the last look.
    pub fn now(&self) -> Millis {
        self.monotonic - self.lost
    }
}
