//! The moments worth talking about: largest dip, largest step, slowest acknowledgement, first violation, best save.

use crate::report::chart::clock;
use crate::training::score::Score;

/// Seconds shown before and after a moment.
pub const AROUND_S: [f64; 2] = [10.0, 20.0];
/// A deviation below this is no dip worth a picture, per cent.
const LEAST_DIP_PCT: f64 = 0.2;
/// A step below this share of its allowance is none either, per cent.
const LEAST_STEP_PCT: f64 = 10.0;

/// A moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// When, s.
    pub t_s: f64,
    /// What kind.
    pub title: &'static str,
    /// In words.
    pub text: String,
}

/// The top moments of a run, at most five, in order of time.
#[must_use]
pub fn highlights(score: &Score) -> Vec<Highlight> {
    let (m, c) = (&score.metrics, &score.metrics.conduct);
    let mut all = Vec::new();
    let mut add = |t_s: f64, title, text| all.push(Highlight { t_s, title, text });
    let dip = m.deviation_pct;
    if dip.value >= LEAST_DIP_PCT {
        let end = if m.trips > 0 { "protection tripped" } else { "no trip" };
        add(dip.t_s, "Largest deviation", format!("frequency {:.2} % off nominal{}, {end}", dip.value, m.place(&dip)));
    }
    if m.step_share_pct.value >= LEAST_STEP_PCT {
        let kw = m.step_up_kw.value.max(m.step_down_kw.value);
        add(
            m.step_share_pct.t_s,
            "Largest step",
            format!(
                "{kw:.1} kW within 1 s{}, {:.0} % of the allowance",
                m.place(&m.step_share_pct),
                m.step_share_pct.value
            ),
        );
    }
    let slowest = c.acks.iter().max_by(|a, b| a.open_s(m.t_s).total_cmp(&b.open_s(m.t_s)));
    if let Some(a) = slowest {
        let what = if a.acked_s.is_some() { "acknowledged after" } else { "never acknowledged, open for" };
        add(
            a.raised_s,
            "Slowest acknowledgement",
            format!("{} (P{}) {what} {:.1} s", a.tag, a.priority, a.open_s(m.t_s)),
        );
    }
    if let Some((which, t_s)) = m.first_hard {
        add(t_s, "First violation", format!("{} passed at {}", which.name(), clock(t_s, true)));
    }
    let answered =
        c.responses.iter().filter(|r| r.judged(m.t_s) == Some(true)).filter_map(|r| Some((r, r.at_s? - r.began_s)));
    if let Some((r, took_s)) = answered.min_by(|a, b| a.1.total_cmp(&b.1)) {
        add(r.began_s, "Best save", format!("{} answered rightly {took_s:.1} s after it began", r.malfunction));
    } else if dip.value > 2.0 && m.trips == 0 && m.blackouts == 0 {
        add(dip.t_s, "Best save", format!("back from {:.2} %{} without a trip", dip.value, m.place(&dip)));
    }
    all.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
    all
}
