//! How long miners take from command to power, from a recording that has both.
//!
//! A move of the command (a step, or a staircase to one side) is held against the move of power that follows: the area
//! between the two, each as a share of its own change, is their mean distance in time, latency and half the ramp
//! together. Mean and 95 % interval over the moves.

use super::spread::student_95;

/// Moves of the command that count, pu of the plant's miners.
const LEAST_PU: f64 = 0.02;
/// A pause this long ends a staircase, s.
const PAUSE_S: f64 = 10.0;
/// Power has this long to follow, s.
const LONGEST_S: f64 = 30.0;
/// Power rests when two seconds differ by less than this share of its change.
const RESTS: f64 = 0.01;
/// Less than this share of what was asked for is no answer.
const ANSWERS: f64 = 0.5;

/// Lag of one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// Mean, s.
    pub mean_s: f64,
    /// Half width of its 95 % interval, s; NaN from one move alone.
    pub ci_s: f64,
    /// Moves.
    pub moves: usize,
}

/// Lags of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lags {
    /// Of sheds.
    pub down: Option<Lag>,
    /// Of wake-ups.
    pub up: Option<Lag>,
}

/// Command and power of the miners over time, kW.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Miners {
    /// Time, rising.
    pub t_s: Vec<f64>,
    /// Asked for.
    pub command_kw: Vec<f64>,
    /// Drawn.
    pub power_kw: Vec<f64>,
}

/// A move of the command: rows from the last before it to the last that power may take to follow.
struct Move {
    from: usize,
    last: usize,
    end: usize,
}

/// Measures both; `fleet_kw` is what all miners together draw.
#[must_use]
pub fn lags(m: &Miners, fleet_kw: f64) -> Lags {
    let (mut down, mut up) = (Vec::new(), Vec::new());
    for way in moves(m) {
        let change = m.command_kw[way.last] - m.command_kw[way.from];
        if change.abs() >= LEAST_PU * fleet_kw
            && let Some(lag_s) = answer(m, &way, change)
        {
            if change < 0.0 { down.push(lag_s) } else { up.push(lag_s) }
        }
    }
    Lags { down: mean(&down), up: mean(&up) }
}

fn moves(m: &Miners) -> Vec<Move> {
    let mut all: Vec<Move> = Vec::new();
    for k in 1..m.t_s.len() {
        let step = m.command_kw[k] - m.command_kw[k - 1];
        if step == 0.0 {
            continue;
        }
        match all.last_mut() {
            Some(l)
                if step * (m.command_kw[l.last] - m.command_kw[l.from]) > 0.0
                    && m.t_s[k] - m.t_s[l.last] <= PAUSE_S =>
            {
                l.last = k;
            }
            _ => all.push(Move { from: k - 1, last: k, end: k }),
        }
    }
    // Power has until the next move, and no longer than any fleet needs.
    for i in 0..all.len() {
        let next = all.get(i + 1).map_or(m.t_s.len() - 1, |n| n.from);
        let until_s = m.t_s[all[i].last] + LONGEST_S;
        all[i].end = (all[i].last..=next).take_while(|k| m.t_s[*k] <= until_s).last().unwrap_or(all[i].last);
    }
    all
}

/// The area between what was asked for and what was drawn, both as shares of their change: their distance in time.
fn answer(m: &Miners, way: &Move, change: f64) -> Option<f64> {
    // Mean power of the second that ends at a time.
    let second = |end_s: f64| {
        let rows = m.t_s.iter().zip(&m.power_kw).filter(|(t, _)| **t <= end_s && **t > end_s - 1.0);
        let (sum, n) = rows.fold((0.0, 0.0), |(sum, n), (_, kw)| (sum + kw, n + 1.0));
        sum / n
    };
    let end_s = m.t_s[way.end];
    let (before, after) = (second(m.t_s[way.from]), second(end_s));
    let drawn = after - before;
    let open = |k: usize| (m.command_kw[k] - m.command_kw[way.from]) / change - (m.power_kw[k] - before) / drawn;
    let area = (way.from..way.end).map(|k| (open(k) + open(k + 1)) / 2.0 * (m.t_s[k + 1] - m.t_s[k])).sum::<f64>();
    // Still on its way, or cut off by the next move: no lag to be had.
    let rests = end_s - m.t_s[way.last] >= 2.0 && (after - second(end_s - 1.0)).abs() < RESTS * drawn.abs();
    (rests && drawn / change > ANSWERS).then_some(area.max(0.0))
}

fn mean(lags: &[f64]) -> Option<Lag> {
    let n = lags.len() as f64;
    let mean_s = lags.iter().sum::<f64>() / n;
    let variance = lags.iter().map(|x| (x - mean_s) * (x - mean_s)).sum::<f64>() / (n - 1.0);
    let ci_s = student_95(n - 1.0) * libm::sqrt(variance / n);
    (!lags.is_empty()).then_some(Lag { mean_s, ci_s, moves: lags.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Power follows the command after `delay_s` over a ramp of `ramp_s`.
    fn fleet(delay_s: f64, ramp_s: f64) -> Miners {
        let command = |t: f64| [500.0, 420.0, 300.0, 360.0, 200.0][((t / 20.0).max(0.0) as usize).min(4)];
        let rows: Vec<f64> = (0..1000).map(|k| f64::from(k) * 0.1).collect();
        let lagged =
            |t: f64| (0..100).map(|i| command(t - delay_s - ramp_s * f64::from(i) / 100.0)).sum::<f64>() / 100.0;
        Miners {
            command_kw: rows.iter().map(|t| command(*t)).collect(),
            power_kw: rows.iter().map(|t| lagged(*t)).collect(),
            t_s: rows,
        }
    }

    #[test]
    fn the_lag_is_latency_and_half_the_ramp() {
        let l = lags(&fleet(1.5, 1.0), 500.0);
        let (down, up) = (l.down.expect("three sheds"), l.up.expect("one wake-up"));
        assert!((down.mean_s - 2.0).abs() < 0.06 && down.moves == 3 && down.ci_s < 0.1, "{down:?}");
        assert!((up.mean_s - 2.0).abs() < 0.06 && up.moves == 1 && up.ci_s.is_nan(), "{up:?}");
    }

    #[test]
    fn a_staircase_is_one_move() {
        let rows: Vec<f64> = (0..600).map(|k| f64::from(k) * 0.1).collect();
        let stairs = |t: f64| 500.0 - 3.3 * (t - 5.0).clamp(0.0, 20.0).floor();
        let m = Miners {
            command_kw: rows.iter().map(|t| stairs(*t)).collect(),
            power_kw: rows.iter().map(|t| stairs(*t - 5.0)).collect(),
            t_s: rows,
        };
        let down = lags(&m, 500.0).down.expect("a staircase");
        assert!((down.mean_s - 5.0).abs() < 0.05 && down.moves == 1, "{down:?}");
    }

    #[test]
    fn no_move_no_lag() {
        assert_eq!(lags(&fleet(200.0, 1.0), 500.0), Lags::default(), "power has not moved");
        assert_eq!(lags(&fleet(1.0, 1.0), 50_000.0), Lags::default());
        assert_eq!(lags(&Miners::default(), 500.0), Lags::default());
    }
}
