//! The figures of a run as one table: what `ballast run --json` prints as numbers, with unit, and what of them can be the metric
//! of a map.

use crate::engine::Engine;
use crate::engine::iso8528::CLASSES;
use crate::plant::signals::site;

/// Which way a figure is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// The larger.
    Up,
    /// The smaller.
    Down,
}

/// What a figure needs to mean what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// An extreme so far: it holds for the part of a run that was simulated.
    Extreme,
    /// A run that was not ended by a trip; a run that is at rest may be cut short.
    Rest,
    /// The whole run: a sum over it.
    Whole,
}

/// A figure of a run.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Key of `--json`, its unit at the end.
    pub key: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Which way it is worse.
    pub worse: Worse,
    /// What it needs.
    pub needs: Needs,
    /// Thresholds of the classes on a map, from good to bad; none where they depend on the site.
    pub classes: Option<[f64; 3]>,
    /// Its value; not a number where the run has none.
    pub of: fn(&Engine) -> f64,
}

fn row(e: &Engine, at: u32) -> f64 {
    let mut row = vec![0.0; e.table().len()];
    e.fill_row(&mut row);
    row.get(at as usize).copied().unwrap_or(f64::NAN)
}

/// Largest |f - f0| so far, per cent of nominal.
fn deviation_pct(e: &Engine) -> f64 {
    let (s, f0) = (e.summary(), e.plant.cfg.f0_hz);
    100.0 * (s.f_max_hz / f0 - 1.0).max(1.0 - s.f_min_hz / f0)
}

/// Steps below the strictest class of ISO 8528-5 that every disturbance met: 0 for G3, and where there was none, 3 for no class.
fn iso_step(e: &Engine) -> f64 {
    e.least_class().map_or(0.0, |class| CLASSES.len() as f64 - class.map_or(0.0, |c| f64::from(c.number())))
}

const fn fig(
    key: &'static str,
    unit: &'static str,
    worse: Worse,
    needs: Needs,
    classes: Option<[f64; 3]>,
    of: fn(&Engine) -> f64,
) -> Figure {
    Figure { key, unit, worse, needs, classes, of }
}

use Needs::{Extreme, Rest, Whole};
use Worse::{Down, Up};

/// All figures, in the order of `--json`.
pub const FIGURES: [Figure; 20] = [
    fig("frequency_min_hz", "Hz", Down, Extreme, None, |e| e.summary().f_min_hz),
    fig("frequency_max_hz", "Hz", Up, Extreme, None, |e| e.summary().f_max_hz),
    fig("rocof_max_100ms_hz_per_s", "Hz/s", Up, Extreme, Some([0.5, 1.0, 2.0]), |e| e.summary().rocof_100ms),
    fig("rocof_max_500ms_hz_per_s", "Hz/s", Up, Extreme, Some([0.25, 0.5, 1.0]), |e| e.summary().rocof_500ms),
    fig("voltage_min_pu", "pu", Down, Extreme, Some([0.98, 0.95, 0.90]), |e| e.summary().v_min_pu),
    fig("genset_max_kw", "kW", Up, Extreme, None, |e| e.summary().gen_max_kw),
    fig("genset_final_kw", "kW", Up, Rest, None, |e| row(e, site::GEN_KW)),
    fig("step_up_max_1s_kw", "kW", Up, Extreme, None, |e| e.summary().step_up_kw),
    fig("step_down_max_1s_kw", "kW", Up, Extreme, None, |e| e.summary().step_down_kw),
    fig("ramp_max_5s_kw_per_s", "kW/s", Up, Extreme, None, |e| e.summary().ramp_5s),
    fig("gpu_final_kw", "kW", Down, Rest, None, |e| row(e, site::GPU_KW)),
    fig("miner_final_kw", "kW", Down, Rest, None, |e| row(e, site::MINER_KW)),
    fig("bess_energy_kwh", "kWh", Up, Whole, None, |e| row(e, site::BESS_KWH)),
    fig("time_to_target_s", "s", Up, Rest, Some([60.0, 120.0, 300.0]), |e| e.time_to_target_s().unwrap_or(f64::NAN)),
    fig("fuel_kwh", "kWh", Up, Whole, None, |e| row(e, site::FUEL_KWH)),
    fig("co2_kg", "kg", Up, Whole, None, Engine::co2_kg),
    fig("mining_lost_kwh", "kWh", Up, Whole, None, |e| row(e, site::MINING_LOST_KWH)),
    fig("deviation_max_pct", "%", Up, Extreme, Some([0.5, 2.0, 5.0]), deviation_pct),
    fig("violations_count", "", Up, Extreme, Some([1.0, 2.0, 4.0]), |e| e.violations().len() as f64),
    fig("iso8528_step", "", Up, Extreme, Some([1.0, 2.0, 3.0]), iso_step),
];

/// How many of the table `--json` prints, before and together with those behind the lists of events.
pub const IN_JSON_FIRST: usize = 14;
/// See [`IN_JSON_FIRST`]; the rest can be the metric of a map.
pub const IN_JSON: usize = 17;

impl Figure {
    /// The one of this key, and its place.
    ///
    /// # Errors
    /// In one line, with the keys that are most like it.
    pub fn named(key: &str) -> Result<(usize, Self), String> {
        let found = FIGURES.iter().enumerate().find(|(_, f)| f.key == key).map(|(k, f)| (k, *f));
        found.ok_or_else(|| {
            let near = crate::text::nearest(key, FIGURES.iter().map(|f| f.key), 3);
            let near = if near.is_empty() { vec!["deviation_max_pct", "time_to_target_s"] } else { near };
            format!("unknown metric {} (nearest: {})", crate::text::plain(key), near.join(", "))
        })
    }

    /// Class of a value by thresholds from good to bad: 0 to 3; no value is the worst.
    #[must_use]
    pub fn class(&self, v: f64, thresholds: [f64; 3]) -> u8 {
        let passed = |t: f64| match self.worse {
            Up => !(v < t),
            Down => !(v > t),
        };
        thresholds.iter().filter(|t| passed(**t)).count() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_given_once_and_thresholds_go_from_good_to_bad() {
        for (k, f) in FIGURES.iter().enumerate() {
            assert!(FIGURES.iter().skip(k + 1).all(|o| o.key != f.key), "{} twice", f.key);
            if let Some([a, b, c]) = f.classes {
                assert!(if f.worse == Up { a < b && b < c } else { a > b && b > c }, "{}", f.key);
            }
        }
        let (_, f) = Figure::named("deviation_max_pct").unwrap();
        let classes = [0.1, 0.5, 1.9, 2.0, 5.0, f64::NAN].map(|v| f.class(v, [0.5, 2.0, 5.0]));
        assert_eq!(classes, [0, 1, 1, 2, 3, 3]);
        let (_, v) = Figure::named("voltage_min_pu").unwrap();
        assert_eq!([0.99, 0.98, 0.93, 0.5].map(|x| v.class(x, [0.98, 0.95, 0.90])), [0, 1, 2, 3]);
        assert!(Figure::named("frequency_min").is_err_and(|e| e.contains("frequency_min_hz")));
    }
}
