//! From rows to a day on an even grid: period, gaps, resampling, PV and surplus. Whatever is done to the data is told in a
//! note.

use super::refusal::clock;
use super::rows::{BadRow, Rows};

/// Steps are even if no time is further off than this share of a step: hours with six decimals are, for seconds.
const EVEN: f64 = 1e-2;
/// A gap: this many usual steps without a row.
const GAP_STEPS: f64 = 3.0;
/// A day that does not close: its jump over midnight against the largest step inside, and against the largest load.
const OPEN_STEPS: f64 = 3.0;
const OPEN_SHARE: f64 = 0.02;
/// Most points of the grid.
const MOST_STEPS: usize = super::problem::MOST_STEPS;

/// What the caller wants of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Points of the grid; as many as there are rows if not given.
    pub steps: Option<usize>,
    /// Period, h; needed for uneven steps.
    pub period_h: Option<f64>,
    /// Whether the ends are left open.
    pub open: bool,
    /// Longest stretch without a row that may be bridged, h; three usual steps if not given.
    pub max_gap_h: Option<f64>,
    /// Whether PV is cut where even the largest miners cannot take the surplus; otherwise a surplus is refused.
    pub curtail: bool,
    /// Power of all miners, kW: what can take a surplus.
    pub miner_max_kw: f64,
    /// Power of the gensets, kW.
    pub rating_kw: Option<f64>,
}

/// A day on an even grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Time of the first point, h.
    pub start_h: f64,
    /// Step, h.
    pub step_h: f64,
    /// Load less PV, kW; below zero where miners take a surplus.
    pub net_kw: Vec<f64>,
    /// Load, kW.
    pub load_kw: Vec<f64>,
    /// Mining income, $/kWh, where the file gives it.
    pub income_per_kwh: Option<Vec<f64>>,
    /// Weight of ramps, $·h/kW², where the file gives it.
    pub ramp_weight: Option<Vec<f64>>,
    /// PV energy that is cut, kWh over the period.
    pub curtailed_kwh: f64,
    /// What was done to the data, one line each.
    pub notes: Vec<String>,
}

impl Profile {
    /// Puts rows on the grid.
    ///
    /// # Errors
    /// With the line of the row that is wrong.
    pub fn new(rows: &Rows, wanted: &Wanted) -> Result<Self, BadRow> {
        let n = rows.t_h.len();
        let first = rows.lines.first().copied().unwrap_or(1);
        let last = rows.lines.last().copied().unwrap_or(1);
        let (start, end) = (rows.t_h[0], rows.t_h[n - 1]);
        let even_h = (end - start) / (n - 1).max(1) as f64;
        let off = |(i, t): (usize, &f64)| (t - start - even_h * i as f64).abs();
        let even = n > 1 && rows.t_h.iter().enumerate().map(off).all(|o| o <= EVEN * even_h);
        let mut notes = Vec::new();
        let period = match (wanted.period_h, even) {
            (Some(p), _) if p > end - start && p.is_finite() => p,
            (Some(p), _) => {
                let expected = format!("more than the {} h between the first row and the last", end - start);
                return Err(BadRow::new(last, format!("the period is {p} h"), expected));
            }
            (None, true) => whole_seconds(even_h * n as f64),
            (None, false) => {
                let what = if n == 1 { "one row has no step" } else { "the steps are uneven" };
                return Err(BadRow::new(first, what, "a period (--period-h)"));
            }
        };
        gaps(rows, period, wanted)?;
        let net = net(rows, wanted, &mut notes)?;
        if let Some(rating) = wanted.rating_kw
            && let Some(i) = net.net_kw.iter().position(|k| *k > rating)
        {
            let message = format!("the load is {} kW, above the rating of {rating} kW", net.net_kw[i]);
            return Err(BadRow::new(rows.lines[i], message, "a rating that carries the load without miners"));
        }
        let same = even && wanted.steps.is_none_or(|s| s == n) && (period - even_h * n as f64).abs() <= EVEN * even_h;
        let usual = usual_step(rows, period);
        let steps = wanted.steps.unwrap_or(if same { n } else { (period / usual).round().max(1.0) as usize });
        if steps == 0 || steps > MOST_STEPS {
            return Err(BadRow::new(last, format!("{steps} steps"), format!("1 to {MOST_STEPS} steps")));
        }
        let step_h = period / steps as f64;
        let grid = |values: &[f64]| {
            if same { values.to_vec() } else { resample(&rows.t_h, values, start, period, steps, wanted.open) }
        };
        let most = |v: &[f64]| v.iter().fold(0.0f64, |a, x| a.max(*x));
        let profile = Self {
            start_h: start,
            step_h,
            load_kw: grid(&rows.load_kw),
            income_per_kwh: rows.income_per_kwh.as_deref().map(grid),
            ramp_weight: rows.ramp_weight.as_deref().map(grid),
            net_kw: grid(&net.net_kw),
            // the energy does not depend on the grid
            curtailed_kwh: net.curtailed_kw.as_deref().map_or(0.0, |c| grid(c).iter().sum::<f64>() * step_h),
            notes,
        };
        let mut profile = profile;
        if !same {
            let how = if step_h > usual { "means over each step" } else { "straight lines between rows" };
            profile.notes.push(format!(
                "{n} rows resampled to {steps} steps of {:.6} h by {how}; highest load {:.3} kW, in the file {:.3} kW",
                step_h,
                most(&profile.load_kw),
                most(&rows.load_kw)
            ));
        }
        profile.tell(wanted);
        Ok(profile)
    }

    fn tell(&mut self, wanted: &Wanted) {
        let net = &self.net_kw;
        let inside = net.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f64::max);
        let most = net.iter().fold(0.0f64, |a, x| a.max(*x));
        let least = net.iter().fold(f64::INFINITY, |a, x| a.min(*x));
        if let (false, [first, .., last]) = (wanted.open, &net[..]) {
            let over = first - last;
            if over.abs() > OPEN_STEPS * inside && over.abs() > OPEN_SHARE * most {
                self.notes.push(format!(
                    "the day does not close: the load moves by {over:+.1} kW from its end to its beginning, and the plan \
                     takes that as a ramp of every night (--open plans one day alone)"
                ));
            }
        }
        if wanted.miner_max_kw > 0.0 && wanted.miner_max_kw >= most - least {
            self.notes.push(format!(
                "the miners ({} kW) are at least as large as the load's swing ({:.1} kW): a constant generation exists",
                wanted.miner_max_kw,
                most - least
            ));
        }
        let below = self.income_per_kwh.iter().flatten().filter(|c| **c < 0.0).count();
        if below > 0 {
            self.notes.push(format!("mining income is below zero in {below} steps: there miners only serve the ramps"));
        }
    }
}

/// Stamps are rounded as they are written: a period a hundredth of a second off a whole one is meant to be whole.
fn whole_seconds(hours: f64) -> f64 {
    let s = (hours * 3600.0).round();
    if (hours * 3600.0 - s).abs() < 0.01 && s > 0.0 { s / 3600.0 } else { hours }
}

/// Median step of the rows, h.
fn usual_step(rows: &Rows, period: f64) -> f64 {
    let mut steps: Vec<f64> = rows.t_h.windows(2).map(|w| w[1] - w[0]).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(period)
}

fn gaps(rows: &Rows, period: f64, wanted: &Wanted) -> Result<(), BadRow> {
    let most = wanted.max_gap_h.unwrap_or(GAP_STEPS * usual_step(rows, period));
    for (i, w) in rows.t_h.windows(2).enumerate() {
        let gap = w[1] - w[0];
        if gap > most * (1.0 + EVEN) {
            let message = format!("no row for {} after line {}", clock(gap), rows.lines[i]);
            return Err(BadRow::new(rows.lines[i + 1], message, "rows without gaps, or --max-gap-h to bridge it"));
        }
    }
    let (Some(first), Some(last)) = (rows.t_h.first(), rows.t_h.last()) else { return Ok(()) };
    let gap = period - (last - first);
    if rows.t_h.len() > 1 && gap > most * (1.0 + EVEN) {
        let line = rows.lines[rows.lines.len() - 1];
        let message = format!("no row for {} up to the end of the period", clock(gap));
        return Err(BadRow::new(line, message, "rows without gaps, or --max-gap-h to bridge it"));
    }
    Ok(())
}

struct Net {
    net_kw: Vec<f64>,
    curtailed_kw: Option<Vec<f64>>,
}

/// Load less PV. A surplus is for the miners; what even they cannot take is refused, or cut and told.
fn net(rows: &Rows, wanted: &Wanted, notes: &mut Vec<String>) -> Result<Net, BadRow> {
    let Some(pv) = &rows.pv_kw else { return Ok(Net { net_kw: rows.load_kw.clone(), curtailed_kw: None }) };
    let mut net_kw: Vec<f64> = rows.load_kw.iter().zip(pv).map(|(l, p)| l - p).collect();
    let least = if wanted.curtail { -wanted.miner_max_kw } else { 0.0 };
    let below = net_kw.iter().filter(|k| **k < 0.0).count();
    if let (false, Some(i)) = (wanted.curtail, net_kw.iter().position(|k| *k < 0.0)) {
        let message = format!("PV exceeds the load by {:.3} kW", -net_kw[i]);
        return Err(BadRow::new(rows.lines[i], message, "a net load of 0 or more, or --curtail"));
    }
    let cut: Vec<f64> = net_kw.iter().map(|k| (least - k).max(0.0)).collect();
    net_kw.iter_mut().for_each(|k| *k = k.max(least));
    if below > 0 {
        let rows_cut = cut.iter().filter(|c| **c > 0.0).count();
        notes.push(format!(
            "PV exceeds the load in {below} rows: miners take the surplus first, and in {rows_cut} rows PV is cut"
        ));
    }
    Ok(Net { net_kw, curtailed_kw: Some(cut) })
}

/// Values at `start + k · period / steps`: between rows a straight line, and where steps are longer than those of the rows
/// its mean over the step around the point, so that energy is kept.
fn resample(t: &[f64], v: &[f64], start: f64, period: f64, steps: usize, open: bool) -> Vec<f64> {
    let n = t.len();
    // a day more at either end: the same again, or held
    let day = |days: f64| t.iter().zip(v).map(move |(t, v)| (t + days * period, *v));
    let mut line: Vec<(f64, f64)> = Vec::with_capacity(3 * n + 2);
    if open {
        line.push((start - period, v[0]));
        line.extend(day(0.0));
        line.push((start + 2.0 * period, v[n - 1]));
    } else {
        line.extend(day(-1.0).chain(day(0.0)).chain(day(1.0)));
    }
    let mut area = vec![0.0];
    for w in line.windows(2) {
        area.push(area[area.len() - 1] + 0.5 * (w[1].0 - w[0].0) * (w[0].1 + w[1].1));
    }
    let at = |x: f64| {
        let k = line.partition_point(|p| p.0 <= x).clamp(1, line.len() - 1);
        let ((t0, v0), (t1, v1)) = (line[k - 1], line[k]);
        let value = v0 + (v1 - v0) * ((x - t0) / (t1 - t0)).clamp(0.0, 1.0);
        (value, area[k - 1] + 0.5 * (x - t0) * (v0 + value))
    };
    let h = period / steps as f64;
    let coarser = h > period / n as f64 * (1.0 + EVEN);
    let point = |k: usize| {
        let x = start + h * k as f64;
        if coarser { (at(x + 0.5 * h).1 - at(x - 0.5 * h).1) / h } else { at(x).0 }
    };
    (0..steps).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finer_grid_meets_the_rows_and_a_coarser_one_keeps_the_energy() {
        let t: Vec<f64> = (0..24).map(f64::from).collect();
        let v: Vec<f64> = (0..24).map(|i| f64::from((i * 7) % 11)).collect();
        let fine = resample(&t, &v, 0.0, 24.0, 96, false);
        for i in 0..24 {
            assert!((fine[4 * i] - v[i]).abs() < 1e-12);
        }
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        for steps in [1, 2, 5, 8, 12] {
            let coarse = resample(&t, &v, 0.0, 24.0, steps, false);
            assert!((mean(&coarse) - mean(&v)).abs() < 1e-9, "{steps}: {} against {}", mean(&coarse), mean(&v));
        }
    }
}
