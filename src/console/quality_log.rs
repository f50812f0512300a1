//! When the values of a live source could not be trusted: spans of time for each signal, for charts to hatch.
//!
//! Bounded: of each signal the newest changes are kept. Times are seconds since the opening of the source.

use std::collections::VecDeque;

use crate::acts::Quality;
use crate::plant::signals::SignalIdx;

/// Changes that are kept of each signal.
const KEPT: usize = 1000;

/// How far a value can be trusted, as far as a chart shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Good; or nothing feeds it, so there is nothing to mark.
    Full,
    /// There, but in doubt.
    Doubtful,
    /// Stale or bad: there is no value.
    None,
}

impl From<Quality> for Trust {
    fn from(q: Quality) -> Self {
        match q {
            Quality::Good | Quality::Never => Self::Full,
            Quality::Uncertain(_) => Self::Doubtful,
            Quality::Stale | Quality::Bad(_) => Self::None,
        }
    }
}

/// Changes of trust, a list for each signal.
#[derive(Clone, Debug, Default)]
pub struct QualityLog {
    changes: Vec<VecDeque<(f64, Trust)>>,
}

impl QualityLog {
    /// Notes the qualities of the row at `t_s`.
    pub fn take(&mut self, t_s: f64, all: &[Quality]) {
        self.changes.resize(all.len(), VecDeque::new());
        for (log, q) in self.changes.iter_mut().zip(all) {
            let trust = Trust::from(*q);
            if log.back().map_or(Trust::Full, |(_, last)| *last) != trust {
                if log.len() == KEPT {
                    log.pop_front();
                }
                log.push_back((t_s, trust));
            }
        }
    }

    /// Spans of a signal without full trust that meet `from_s..to_s`, oldest first.
    pub fn spans(&self, signal: SignalIdx, from_s: f64, to_s: f64) -> impl Iterator<Item = ([f64; 2], Trust)> + '_ {
        let log = self.changes.get(signal.at());
        let n = log.map_or(0, VecDeque::len);
        let first = log.map_or(0, |l| l.partition_point(|(t, _)| *t <= from_s)).saturating_sub(1);
        (first..n).filter_map(move |i| {
            let (begin_s, trust) = *log?.get(i)?;
            let end_s = log?.get(i + 1).map_or(to_s, |(t, _)| *t);
            (trust != Trust::Full && begin_s < to_s && end_s > from_s).then_some(([begin_s, end_s], trust))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::quality::Doubt;
    use crate::plant::signals::{at, site};

    #[test]
    fn spans_begin_and_end_with_the_quality() {
        let mut log = QualityLog::default();
        let of = |q: Quality| vec![q; 3];
        for (t, q) in [
            (0.0, Quality::Never),
            (1.0, Quality::Good),
            (2.0, Quality::Uncertain(Doubt::Frozen)),
            (3.0, Quality::Stale),
            (4.0, Quality::Bad(crate::acts::quality::Fault::NoComm)),
            (5.0, Quality::Good),
            (7.0, Quality::Stale),
        ] {
            log.take(t, &of(q));
        }
        let f = at(site::F_HZ);
        let all: Vec<_> = log.spans(f, 0.0, 9.0).collect();
        assert_eq!(all, [([2.0, 3.0], Trust::Doubtful), ([3.0, 5.0], Trust::None), ([7.0, 9.0], Trust::None)]);
        assert_eq!(log.spans(f, 4.0, 6.0).count(), 1, "one that began before the window");
        assert_eq!(log.spans(f, 5.5, 6.5).count(), 0);
    }

    #[test]
    fn a_flapping_signal_takes_bounded_room() {
        let mut log = QualityLog::default();
        for k in 0..5000 {
            log.take(f64::from(k), &[if k % 2 == 0 { Quality::Stale } else { Quality::Good }]);
        }
        assert_eq!(log.spans(at(site::F_HZ), 0.0, 1e9).count(), KEPT / 2);
    }
}
