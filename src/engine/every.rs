//! Things that fall due every so many ticks. Knows no clock: the tick is handed in.

/// Falls due at each multiple of its period. It costs a comparison a tick, where a remainder would cost a division.
#[derive(Clone, Copy, Debug)]
pub struct Every {
    period: u64,
    next: u64,
}

impl Every {
    /// Every `period_s`, rounded to ticks of `tick_s` and at least one, from tick `from` on.
    #[must_use]
    pub fn new(period_s: f64, tick_s: f64, from: u64) -> Self {
        let period = (period_s / tick_s).round().max(1.0) as u64;
        Self { period, next: from.next_multiple_of(period) }
    }

    /// Whether it is due at `tick`; to be asked once a tick, in order.
    pub fn is_due(&mut self, tick: u64) -> bool {
        let due = tick >= self.next;
        if due {
            self.next += self.period;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_at_the_multiples_of_its_period() {
        for (period_s, tick_s, from) in [(0.01, 0.001, 0), (0.05, 0.001, 1), (0.01, 0.004, 1), (0.001, 0.005, 1)] {
            let mut every = Every::new(period_s, tick_s, from);
            let period = (f64::round(period_s / tick_s) as u64).max(1);
            for tick in from..200 {
                assert_eq!(every.is_due(tick), tick.is_multiple_of(period), "{period_s} s at {tick}");
            }
        }
    }
}
