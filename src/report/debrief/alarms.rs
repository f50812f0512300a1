//! Alarm statistics of a rehearsal, from its annunciations.

use crate::training::score::{Ack, Score};

/// Window of rates and floods, s.
const WINDOW_S: f64 = 600.0;
/// A flood begins above so many in a window, and ends below the second.
const FLOOD: [usize; 2] = [10, 5];

/// One priority.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfPriority {
    /// Annunciations.
    pub count: u32,
    /// Acknowledged in time.
    pub in_time: u32,
    /// Open at the end.
    pub open: u32,
    /// Median and longest time to acknowledge, s.
    pub ack_s: Option<[f64; 2]>,
    /// Its target, s.
    pub target_s: f64,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlarmStats {
    /// Priority 1, 2, 3.
    pub by_priority: [OfPriority; 3],
    /// Annunciations in all.
    pub count: u32,
    /// A malfunction, on average; none without one.
    pub per_malfunction: Option<f64>,
    /// Most within 10 min.
    pub peak: u32,
    /// Time in flood, s.
    pub flood_s: f64,
    /// The most frequent: tag and count.
    pub top: Vec<(String, u32)>,
}

impl AlarmStats {
    /// From a score's annunciations.
    #[must_use]
    pub fn of(score: &Score, targets_s: &[f64; 3]) -> Self {
        let (m, acks) = (&score.metrics, &score.metrics.conduct.acks);
        let by_priority = [0, 1, 2].map(|k| of_priority(acks, k as u8 + 1, targets_s[k], m.t_s));
        let mut top: Vec<(String, u32)> = Vec::new();
        for a in acks {
            match top.iter_mut().find(|(tag, _)| *tag == a.tag) {
                Some((_, n)) => *n += 1,
                None => top.push((a.tag.clone(), 1)),
            }
        }
        top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        top.truncate(10);
        let times: Vec<f64> = acks.iter().map(|a| a.raised_s).collect();
        let malfunctions = m.conduct.responses.len();
        Self {
            by_priority,
            count: acks.len() as u32,
            per_malfunction: (malfunctions > 0).then(|| acks.len() as f64 / malfunctions as f64),
            peak: times.iter().enumerate().map(|(k, t)| recent(&times[..=k], *t)).max().unwrap_or(0) as u32,
            flood_s: flood_s(&times, m.t_s),
            top,
        }
    }
}

fn of_priority(acks: &[Ack], priority: u8, target_s: f64, now_s: f64) -> OfPriority {
    let mine: Vec<&Ack> = acks.iter().filter(|a| a.priority == priority).collect();
    let mut times: Vec<f64> = mine.iter().filter(|a| a.acked_s.is_some()).map(|a| a.open_s(now_s)).collect();
    times.sort_by(f64::total_cmp);
    OfPriority {
        count: mine.len() as u32,
        in_time: times.iter().filter(|t| **t <= target_s).count() as u32,
        open: mine.iter().filter(|a| a.acked_s.is_none()).count() as u32,
        ack_s: times.last().map(|worst| [times[times.len() / 2], *worst]),
        target_s,
    }
}

/// Annunciations of the window that ends at `t_s`.
fn recent(times: &[f64], t_s: f64) -> usize {
    times.iter().filter(|x| (t_s - WINDOW_S..=t_s).contains(*x)).count()
}

/// Seconds in flood, looked at every second.
fn flood_s(times: &[f64], end_s: f64) -> f64 {
    let (mut on, mut total) = (false, 0.0);
    if times.len() <= FLOOD[0] {
        return total;
    }
    for second in 0..end_s.ceil() as u64 {
        let n = recent(times, second as f64);
        on = if on { n >= FLOOD[1] } else { n > FLOOD[0] };
        total += f64::from(u8::from(on));
    }
    total
}
