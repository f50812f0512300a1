//! Time to target: one definition for the run, the comparison, the score and the plan.
//!
//! From the start of the schedule to the first tick at which the GPUs draw 98 % of the target, provided that they then
//! stay above 96 % for 60 s or to the end of the run. Counted in ticks; never a guess ahead.

/// Object of the events that say when the target was reached (their value is the time, s) or lost (0).
pub const OBJECT: &str = "target";
/// Share of the target that counts as reached.
pub const REACHED: f64 = 0.98;
/// Share below which it counts as lost again.
pub const LOST: f64 = 0.96;
/// Seconds above that share after which it counts as held for good.
pub const HELD_S: f64 = 60.0;

/// What a sample changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The target was reached.
    Reached,
    /// It was lost before it was held.
    Lost,
    /// It was held for its time: nothing changes from here on.
    Held,
}

/// The clock of one schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeToTarget {
    start: Option<u64>,
    at: Option<u64>,
    held: bool,
}

impl TimeToTarget {
    /// The schedule started at this tick; later starts do not count.
    pub fn start(&mut self, tick: u64) {
        self.start.get_or_insert(tick);
    }

    /// Tick of the start.
    #[must_use]
    pub fn started(&self) -> Option<u64> {
        self.start
    }

    /// The power of the GPUs at a tick after the start.
    pub fn sample(&mut self, tick: u64, tick_s: f64, gpu_kw: f64, target_kw: f64) -> Option<Change> {
        if self.held || self.start.is_none() || target_kw <= 0.0 {
            return None;
        }
        match self.at {
            None if gpu_kw >= REACHED * target_kw => {
                self.at = Some(tick);
                Some(Change::Reached)
            }
            Some(_) if gpu_kw < LOST * target_kw => {
                self.at = None;
                Some(Change::Lost)
            }
            Some(at) if (tick - at) as f64 * tick_s >= HELD_S => {
                self.held = true;
                Some(Change::Held)
            }
            _ => None,
        }
    }

    /// Ticks from the start to the target, as things stand: what holds when the run ends here.
    #[must_use]
    pub fn ticks(&self) -> Option<u64> {
        Some(self.at?.saturating_sub(self.start?))
    }

    /// Whether it has been held for its time.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_from_the_start_to_the_first_tick_from_which_it_stays() {
        let mut t = TimeToTarget::default();
        assert_eq!(t.sample(1, 0.001, 500.0, 500.0), None, "no schedule, no time");
        t.start(5000);
        t.start(9000);
        assert_eq!(t.sample(5001, 0.001, 489.9, 500.0), None);
        assert_eq!(t.sample(6000, 0.001, 490.0, 500.0), Some(Change::Reached));
        assert_eq!(t.ticks(), Some(1000));
        assert_eq!(t.sample(7000, 0.001, 480.0, 500.0), None);
        assert_eq!(t.sample(7001, 0.001, 479.9, 500.0), Some(Change::Lost));
        assert_eq!(t.ticks(), None);
        assert_eq!(t.sample(8000, 0.001, 495.0, 500.0), Some(Change::Reached));
        assert_eq!(t.sample(67_999, 0.001, 495.0, 500.0), None);
        assert_eq!(t.sample(68_000, 0.001, 495.0, 500.0), Some(Change::Held));
        assert_eq!(t.sample(70_000, 0.001, 0.0, 500.0), None, "what was held stays held");
        assert_eq!((t.ticks(), t.is_held()), (Some(3000), true));
    }
}
