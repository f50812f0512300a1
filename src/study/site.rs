//! A site as a file for the closed-form studies: numbers by name, each with its source, and the units and racks it is made of.
//!
//! The names are one table ([`INPUTS`]): unit, default, range, source, and whether the default is a guess. A file states what
//! it knows and where from; what it leaves out takes the default and is listed as such. Prices have no default: money
//! stands in files only.

use serde::Deserialize;

use crate::text::{self, At, Checked, Error};

/// A row of the table of inputs.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Name in a file.
    pub id: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Value where the file gives none; none where it must.
    pub default: Option<f64>,
    /// Where it may lie: outside of it a file is refused.
    pub range: [f64; 2],
    /// Whether the default is a guess.
    pub guess: bool,
    /// Where the default comes from.
    pub source: &'static str,
}

const fn given(id: &'static str, unit: &'static str, what: &'static str, range: [f64; 2]) -> Input {
    Input { id, unit, what, default: None, range, guess: false, source: "" }
}

const fn known(
    id: &'static str,
    unit: &'static str,
    what: &'static str,
    default: f64,
    range: [f64; 2],
    source: &'static str,
) -> Input {
    Input { id, unit, what, default: Some(default), range, guess: false, source }
}

const fn guess(id: &'static str, unit: &'static str, what: &'static str, default: f64, range: [f64; 2]) -> Input {
    Input { id, unit, what, default: Some(default), range, guess: true, source: "a guess: replace it by your own" }
}

const SHARE: [f64; 2] = [0.0, 1.0];

/// Every number that a site file may give.
pub const INPUTS: [Input; 46] = [
    given("it_mw", "MW", "IT load at the wall", [1e-3, 1e5]),
    guess("pue", "", "facility power over IT power on the design day, not the annual mean", 1.35, [1.0, 3.0]),
    guess("loss", "pu", "losses of medium and low voltage, share of the load", 0.02, [0.0, 0.3]),
    given("unit_mw", "MW", "rating of a unit at ISO conditions", [1e-3, 1e3]),
    known(
        "site_factor",
        "pu",
        "what the site leaves of the rating; 0: from temperature, altitude and age",
        0.0,
        SHARE,
        "computed from the next six where it is 0",
    ),
    known(
        "day_c",
        "C",
        "temperature of the design day (after an inlet cooler)",
        40.0,
        [-40.0, 60.0],
        "hot summer day of the US south",
    ),
    known(
        "derate_from_c",
        "C",
        "temperature from which the unit loses power: 15 turbine, 35 engine",
        15.0,
        [-40.0, 60.0],
        "ISO conditions of gas turbines",
    ),
    known(
        "derate_per_k",
        "1/K",
        "loss above it",
        0.007,
        [0.0, 0.02],
        "6 to over 10 % for 10 K in open texts on gas turbines; De Sa and Al Zubaidy 2011 measure a straight line",
    ),
    guess("altitude_m", "m", "altitude of the site", 0.0, [0.0, 5000.0]),
    guess("altitude_per_100m", "pu", "loss for each 100 m above 500 m", 0.01, [0.0, 0.03]),
    guess("age_factor", "pu", "what is left before an overhaul: 0.98 turbine, 1 engine", 0.98, [0.8, 1.0]),
    guess("headroom", "pu", "share of the load kept spinning beyond it", 0.10, [0.0, 1.0]),
    known(
        "spare_forced",
        "",
        "spare units for forced outages",
        1.0,
        [0.0, 100.0],
        "N+1+1 of the data-centre guide, section 4.8",
    ),
    known(
        "spare_maintenance",
        "",
        "spare units for maintenance",
        1.0,
        [0.0, 100.0],
        "N+1+1 of the data-centre guide, section 4.8",
    ),
    guess("outage", "pu", "forced outage rate of a unit", 0.03, [0.0, 0.5]),
    guess("common_cause", "pu", "unavailability that no unit more cures: fuel, bus, control", 1e-4, [0.0, 0.1]),
    guess("step_share", "pu", "largest scheduled step, share of the site's load", 0.01, SHARE),
    guess("job_share", "pu", "largest synchronous job, share of the IT load", 0.25, SHARE),
    guess("bess_mw", "MW", "battery that takes steps", 0.0, [0.0, 1e5]),
    given("site_kw", "kW", "IT power whose racks are counted", [1.0, 1e8]),
    guess("racks", "", "places for racks on the floor, of whatever generation", 1000.0, [1.0, 1e6]),
    guess("swing_share", "pu", "swing of a rack: high less low, share of its rating", 0.5, [0.01, 1.0]),
    guess("period_s", "s", "iteration of a training job", 2.0, [0.05, 600.0]),
    guess("duty", "pu", "share of the iteration at the high level", 0.8, [0.01, 0.99]),
    guess("rise_s", "s", "rise of the site's power", 0.10, [1e-4, 10.0]),
    guess("fall_s", "s", "fall of the site's power", 0.03, [1e-4, 10.0]),
    guess("jitter_s", "s", "start jitter between racks", 0.0, [0.0, 10.0]),
    guess("period_jitter_s", "s", "spread of the iteration's length", 0.02, [0.0, 10.0]),
    guess("coherent", "pu", "share of the swing that is in step", 1.0, SHARE),
    known(
        "volts",
        "V",
        "voltage of the feeder, line to line or DC",
        480.0,
        [12.0, 50_000.0],
        "low voltage of a US site",
    ),
    guess("power_factor", "", "power factor of the feeder", 1.0, [0.5, 1.0]),
    guess("set_kw", "kW", "genset that a rack is measured against", 1000.0, [1.0, 1e6]),
    guess("step_limit_kw", "kW", "step limit that a rack is measured against", 20.0, [0.1, 1e6]),
    guess("ramp_kw_per_s", "kW/s", "what the gensets follow", 16.0, [0.1, 1e6]),
    guess("busy", "pu", "share of the year at work", 0.85, SHARE),
    guess("collective_share", "pu", "share of time in collectives", 0.20, SHARE),
    guess("trough_level", "pu", "power in a collective, share of the swing above idle", 0.45, SHARE),
    guess("idle_share", "pu", "power of an idle GPU, share of full", 0.17, SHARE),
    guess("checkpoint_share", "pu", "share of time in checkpoints", 20.0 / 1200.0, SHARE),
    guess("checkpoint_level", "pu", "power in a checkpoint", 0.25, SHARE),
    guess("cooling", "", "what a kW of filler costs with its cooling", 1.0, [1.0, 3.0]),
    given("energy_per_mwh", "$/MWh", "price of the filler's energy", [0.0, 10_000.0]),
    given("storage_mw", "MW", "rating of one pack of storage", [1e-3, 1e4]),
    given("storage_price", "$", "one pack of storage, installed", [0.0, 1e12]),
    guess("storage_margin", "", "rating of storage over what the swing asks for", 1.25, [1.0, 5.0]),
    known("packs", "", "packs of storage; 0: as many as the swing takes", 0.0, [0.0, 1e6], "computed where it is 0"),
];

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    value: f64,
    source: String,
}

/// Units of one kind, where a site has several kinds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// How many.
    pub count: u32,
    /// Rating of one on site, MW.
    pub mw: f64,
    /// Forced outage rate of one.
    pub outage: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    purpose: String,
    /// Engine preset whose step acceptance the units have.
    #[serde(default)]
    preset: Option<String>,
    inputs: Vec<Entry>,
    #[serde(default)]
    units: Vec<Units>,
}

/// A value with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// Name.
    pub id: &'static str,
    /// Value.
    pub value: f64,
    /// Unit.
    pub unit: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Where it comes from.
    pub source: String,
    /// Whether it is a guess of this program's.
    pub guess: bool,
}

/// A site that was read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// One line: what it is.
    pub purpose: String,
    /// Engine preset whose step acceptance the units have.
    pub preset: String,
    /// Kinds of units, where they are not all alike.
    pub units: Vec<Units>,
    given: Vec<(usize, f64, String)>,
}

/// Most units of a site.
const MOST_UNITS: u32 = 5000;

impl Site {
    /// Reads the text of a file; `path` is for errors.
    ///
    /// # Errors
    /// One line with line and column.
    pub fn read(text: &str, path: &str) -> Result<Self, Error> {
        let file: File = text::parse(text, path)?;
        Self::check(file).map_err(|p| p.place(text, path))
    }

    fn check(file: File) -> Checked<Self> {
        let top = At::top();
        let purpose = top.line("purpose", &file.purpose, 200)?;
        let presets = crate::scenario::presets().map(|p| p.name);
        let preset = file.preset.unwrap_or_else(|| presets[1].clone());
        top.find("preset", "engine preset", &preset, &presets)?;
        let (list, names) = (top.key("inputs"), INPUTS.map(|i| i.id));
        let mut given: Vec<(usize, f64, String)> = Vec::new();
        for (i, e) in file.inputs.iter().enumerate() {
            let at = list.index(i);
            let row = at.find("id", "input", &e.id, &names)?;
            if given.iter().any(|g| g.0 == row) {
                return Err(at.key("id").problem(format!("`{}` is given twice", e.id), "each input once"));
            }
            at.num("value", e.value, INPUTS[row].range[0], INPUTS[row].range[1])?;
            given.push((row, e.value, at.line("source", &e.source, 300)?));
        }
        let list = top.key("units");
        let mut count = 0;
        for (i, u) in file.units.iter().enumerate() {
            let at = list.index(i);
            count += at.count("count", u.count, 1, MOST_UNITS)?;
            at.count("count", count, 1, MOST_UNITS)?;
            at.num("mw", u.mw, 1e-3, 1e3)?;
            at.num("outage", u.outage, 0.0, 0.5)?;
        }
        Ok(Self { purpose, preset, units: file.units, given })
    }

    /// An input: the file's, or the default.
    ///
    /// # Errors
    /// If the file leaves out what has no default.
    pub fn value(&self, id: &str) -> Result<f64, String> {
        let row = INPUTS.iter().position(|i| i.id == id).ok_or_else(|| format!("no input is called `{id}`"))?;
        let given = self.given.iter().find(|g| g.0 == row).map(|g| g.1);
        let missing = || format!("the site file leaves out `{id}` ({}, {})", INPUTS[row].what, INPUTS[row].unit);
        given.or(INPUTS[row].default).ok_or_else(missing)
    }

    /// The site with another value of an input, as a slider sets it.
    ///
    /// # Errors
    /// If there is no such input, or the value is out of its range.
    pub fn with(&self, id: &str, value: f64) -> Result<Self, String> {
        let row = INPUTS.iter().position(|i| i.id == id).ok_or_else(|| format!("no input is called `{id}`"))?;
        let [lo, hi] = INPUTS[row].range;
        if !(lo..=hi).contains(&value) {
            return Err(format!("{id} is {value} (expected {lo} to {hi})"));
        }
        let mut site = self.clone();
        site.given.retain(|g| g.0 != row);
        site.given.push((row, value, "set by hand".to_owned()));
        Ok(site)
    }

    /// What stands behind these inputs, in the order of the table: the file's value and source, else the default's.
    #[must_use]
    pub fn assumptions(&self, ids: &[&str]) -> Vec<Assumed> {
        let rows = INPUTS.iter().enumerate().filter(|(_, i)| ids.contains(&i.id));
        rows.filter_map(|(row, i)| {
            let given = self.given.iter().find(|g| g.0 == row);
            let value = given.map(|g| g.1).or(i.default)?;
            let source = given.map_or_else(|| i.source.to_owned(), |g| g.2.clone());
            Some(Assumed { id: i.id, value, unit: i.unit, what: i.what, source, guess: given.is_none() && i.guess })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for (k, i) in INPUTS.iter().enumerate() {
            assert!(INPUTS.iter().skip(k + 1).all(|o| o.id != i.id), "{} twice", i.id);
            assert!(i.range[0] < i.range[1], "{}", i.id);
            if let Some(v) = i.default {
                assert!((i.range[0]..=i.range[1]).contains(&v) && !i.source.is_empty(), "{}", i.id);
                assert!(!i.unit.contains('$'), "{}: no price in the program", i.id);
            }
        }
    }

    #[test]
    fn bad_files_are_answered_in_one_line() {
        let site = |inputs: &str| Site::read(&format!("(purpose: \"x\", inputs: [{inputs}])"), "s.ron");
        for (inputs, words) in [
            (r#"(id: "it", value: 1.0, source: "x")"#, "no input is called `it`"),
            (r#"(id: "it_mw", value: 0.0, source: "x")"#, "`value` is 0"),
            (r#"(id: "it_mw", value: 5.0)"#, "field `source` is missing"),
            (r#"(id: "it_mw", value: 5.0, source: "")"#, "`source` has 0 characters"),
            (r#"(id: "pue", value: 1.2, source: "x"), (id: "pue", value: 1.3, source: "x")"#, "given twice"),
        ] {
            let e = site(inputs).unwrap_err().to_string();
            assert!(e.contains(words) && e.contains("line 1 column") && e.ends_with(": s.ron"), "{e}");
        }
        let s = site(r#"(id: "pue", value: 1.2, source: "measured")"#).unwrap();
        assert_eq!(s.value("pue"), Ok(1.2));
        assert_eq!(s.value("loss"), Ok(0.02));
        assert!(s.value("it_mw").is_err_and(|e| e.contains("leaves out `it_mw`")));
        let a = s.assumptions(&["pue", "loss"]);
        assert_eq!((a[0].guess, a[0].source.as_str(), a[1].guess), (false, "measured", true));
        assert!(s.with("pue", 9.0).is_err() && s.with("pue", 1.5).is_ok_and(|s| s.value("pue") == Ok(1.5)));
    }
}
