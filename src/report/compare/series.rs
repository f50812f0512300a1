//! The difference of one signal of two runs, on a common grid of aligned times.

use super::run::Run;
use crate::plant::signals::SignalIdx;

/// `b - a` of a signal at aligned times `t` from `from_s` on, `n` of them `dt_s` apart: pairs of time and difference.
/// Times at which either run has no data are left out. `shift_s` are the two runs' own times of the aligned zero.
#[must_use]
pub fn difference(
    [a, b]: [&Run; 2],
    shift_s: [f64; 2],
    signal: SignalIdx,
    (from_s, dt_s, n): (f64, f64, usize),
) -> Vec<[f64; 2]> {
    let value = |run: &Run, t: f64| run.rows.value_at(signal, t);
    // A hair later than the row's time, so that rounding of the shift does not pick the row before.
    let hair = 0.02 * a.rows.row_period_s();
    let at = |k: usize| {
        let t = from_s + k as f64 * dt_s;
        Some([t, value(b, t + shift_s[1] + hair)? - value(a, t + shift_s[0] + hair)?])
    };
    (0..n).filter_map(at).collect()
}
