//! How long miners take from command to power, from a recording that has both.
//!
//! Each rise or fall of the command by [`STEP_PU`] of the rating is followed until power has made half of the change: the
//! lag of that step, latency and half the ramp together. Mean and 95 % interval over the steps.

/// Steps of the command that count, pu of the plant's miners.
const STEP_PU: f64 = 0.02;
/// A step that power has not answered within this time is not one of latency, s.
const LONGEST_S: f64 = 30.0;

/// Lag of one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// Mean, s.
    pub mean_s: f64,
    /// Half width of its 95 % interval, s; NaN from one step alone.
    pub ci_s: f64,
    /// Steps.
    pub steps: usize,
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

/// Measures both; `fleet_kw` is what all miners together draw.
#[must_use]
pub fn lags(m: &Miners, fleet_kw: f64) -> Lags {
    let (mut down, mut up) = (Vec::new(), Vec::new());
    let least = STEP_PU * fleet_kw;
    let n = m.t_s.len();
    let mut k = 1;
    while k < n {
        let start = k - 1;
        // A command that moves over several rows is one step, which counts from its first row on.
        while k < n && m.command_kw[k] != m.command_kw[k - 1] {
            k += 1;
        }
        let change = m.command_kw[k - 1] - m.command_kw[start];
        if change.abs() >= least {
            let end = (k..n).find(|i| m.command_kw[*i] != m.command_kw[k - 1]).unwrap_or(n);
            if let Some(lag_s) = answer(m, start, end, change) {
                if change < 0.0 { down.push(lag_s) } else { up.push(lag_s) }
            }
        }
        k += 1;
    }
    Lags { down: mean(&down), up: mean(&up) }
}

/// From the command's change until power has made half of it.
fn answer(m: &Miners, start: usize, end: usize, change: f64) -> Option<f64> {
    let half = |i: usize| (m.power_kw[i] - m.power_kw[start]) / change - 0.5;
    let k = (start + 1..end).take_while(|i| m.t_s[*i] - m.t_s[start] <= LONGEST_S).find(|i| half(*i) >= 0.0)?;
    let (a, b) = (half(k - 1), half(k));
    let share = if b > a { -a / (b - a) } else { 1.0 };
    // The command came at some time between its last old and its first new row.
    let came_s = (m.t_s[start] + m.t_s[start + 1]) / 2.0;
    Some((m.t_s[k - 1] + share * (m.t_s[k] - m.t_s[k - 1]) - came_s).max(0.0))
}

fn mean(lags: &[f64]) -> Option<Lag> {
    let n = lags.len() as f64;
    let mean_s = lags.iter().sum::<f64>() / n;
    let variance = lags.iter().map(|x| (x - mean_s) * (x - mean_s)).sum::<f64>() / (n - 1.0);
    let ci_s = student_95(lags.len()) * libm::sqrt(variance / n);
    (!lags.is_empty()).then_some(Lag { mean_s, ci_s, steps: lags.len() })
}

/// Two-sided 95 % point of Student's t for the mean of `n` values (table; beyond it within 2 %).
fn student_95(n: usize) -> f64 {
    const TABLE: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    match n {
        0 | 1 => f64::NAN,
        n => TABLE.get(n - 2).copied().unwrap_or(1.96 + 2.6 / (n - 1) as f64),
    }
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
        assert!((down.mean_s - 2.0).abs() < 0.06 && down.steps == 3 && down.ci_s < 0.1, "{down:?}");
        assert!((up.mean_s - 2.0).abs() < 0.06 && up.steps == 1 && up.ci_s.is_nan(), "{up:?}");
    }

    #[test]
    fn no_step_no_lag() {
        assert_eq!(lags(&fleet(95.0, 1.0), 500.0), Lags::default());
        assert_eq!(lags(&fleet(1.0, 1.0), 50_000.0), Lags::default());
        assert_eq!(lags(&Miners::default(), 500.0), Lags::default());
    }
}
