//! How many units a campus takes, and why: the stack from IT load to installed rating, its factors one by one, how often it
//! falls short, and the steps it must take. Closed form.
//!
//! Units are taken as independent of each other and a repair as a state, without a queue; what hits all of them at once is
//! one number beside it. Powers in MW.

use super::site::{Assumed, Site};
use crate::scenario::preset;

/// Hours of a year.
const YEAR_H: f64 = 8760.0;
/// Grid of the convolution of unlike units, MW.
const GRID_MW: f64 = 0.1;

/// The stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// Load on the generators: IT, cooling, losses.
    pub site_mw: f64,
    /// What the site leaves of a unit's rating, 0 to 1.
    pub factor: f64,
    /// Power of a unit on site.
    pub unit_mw: f64,
    /// Units that run: load and headroom.
    pub running: u32,
    /// Units that the load alone takes.
    pub for_load: u32,
    /// Units with spares.
    pub installed: u32,
    /// Rating of all of them at ISO conditions.
    pub installed_mw: f64,
    /// Installed rating over the IT load, less one.
    pub overbuild: f64,
    /// Load of a unit when all that are not in maintenance share it, 0 to 1.
    pub load_all: f64,
    /// Load of a unit when only the running ones do.
    pub load_running: f64,
    /// Factors whose product is installed rating over IT load, by name.
    pub factors: [(&'static str, f64); 5],
}

/// How often the units do not carry it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Short {
    /// Units in reach.
    pub of: u32,
    /// Units needed.
    pub needed: u32,
    /// Probability that fewer are there, common causes left out.
    pub p: f64,
    /// Common causes included.
    pub total: f64,
}

impl Short {
    /// Hours of a year, common causes included.
    #[must_use]
    pub fn hours(&self) -> f64 {
        self.total * YEAR_H
    }
}

/// Availability of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Availability {
    /// All units in reach, for the load alone.
    pub load: Short,
    /// In the season of maintenance.
    pub season: Short,
    /// All units in reach, for load and headroom.
    pub headroom: Short,
}

/// A step that the plant must take: what comes, what it accepts, and what would mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What happens.
    pub what: &'static str,
    /// What comes, MW.
    pub comes_mw: f64,
    /// What units and battery accept, MW.
    pub accepted_mw: f64,
    /// Units more that would accept it; none where no number of units helps.
    pub units_more: Option<u32>,
    /// MW of battery that would.
    pub bess_mw: f64,
}

impl Check {
    /// Whether it is met.
    #[must_use]
    pub fn met(&self) -> bool {
        self.comes_mw <= self.accepted_mw + 1e-9
    }
}

/// What `study size` gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Sized {
    /// The stack; none where a site gives unlike units.
    pub stack: Stack,
    /// How often it falls short.
    pub availability: Availability,
    /// Steps.
    pub checks: Vec<Check>,
    /// Of unlike units: probability of less than the load, and MWh a year not served.
    pub unlike: Option<(f64, f64)>,
    /// What it stands on.
    pub assumed: Vec<Assumed>,
}

/// The inputs it reads, for the list of assumptions.
pub const READS: [&str; 19] = [
    "it_mw",
    "pue",
    "loss",
    "unit_mw",
    "site_factor",
    "day_c",
    "derate_from_c",
    "derate_per_k",
    "altitude_m",
    "altitude_per_100m",
    "age_factor",
    "headroom",
    "spare_forced",
    "spare_maintenance",
    "outage",
    "common_cause",
    "step_share",
    "job_share",
    "bess_mw",
];

/// What the site leaves of a unit's rating.
fn factor(site: &Site) -> Result<f64, String> {
    let v = |id| site.value(id);
    let stated = v("site_factor")?;
    if stated > 0.0 {
        return Ok(stated);
    }
    let heat = 1.0 - v("derate_per_k")? * (v("day_c")? - v("derate_from_c")?).max(0.0);
    let height = 1.0 - v("altitude_per_100m")? * (v("altitude_m")? - 500.0).max(0.0) / 100.0;
    Ok((heat * height * v("age_factor")?).clamp(0.01, 1.0))
}

/// Whole units for a power; a hair above a whole number is that number.
fn units(mw: f64, unit_mw: f64) -> u32 {
    (mw / unit_mw - 1e-9).ceil().clamp(1.0, 1e6) as u32
}

/// The stack of a site of like units.
///
/// # Errors
/// If the site leaves out what it takes.
pub fn stack(site: &Site) -> Result<Stack, String> {
    let v = |id| site.value(id);
    let (it, pue, loss, rating, h) = (v("it_mw")?, v("pue")?, v("loss")?, v("unit_mw")?, v("headroom")?);
    let factor = factor(site)?;
    let site_mw = it * pue * (1.0 + loss);
    let unit_mw = rating * factor;
    let (running, for_load) = (units(site_mw * (1.0 + h), unit_mw), units(site_mw, unit_mw));
    let (forced, maintenance) = (v("spare_forced")? as u32, v("spare_maintenance")? as u32);
    let installed = running + forced + maintenance;
    let installed_mw = f64::from(installed) * rating;
    let ratio = |a: u32, b: u32| f64::from(a) / f64::from(b);
    let rounding = f64::from(running) * unit_mw / (site_mw * (1.0 + h));
    Ok(Stack {
        site_mw,
        factor,
        unit_mw,
        running,
        for_load,
        installed,
        installed_mw,
        overbuild: installed_mw / it - 1.0,
        load_all: site_mw / (f64::from(installed - maintenance) * unit_mw),
        load_running: site_mw / (f64::from(running) * unit_mw),
        factors: [
            ("cooling and losses", pue * (1.0 + loss)),
            ("site derating", 1.0 / factor),
            ("headroom", 1.0 + h),
            ("spare units", ratio(installed, running)),
            ("whole units", rounding),
        ],
    })
}

/// Probability that fewer than `needed` of `of` units are there, each missing with probability `u`: the sum over the small
/// end, so that nothing is lost in one less almost one.
#[must_use]
pub fn short(of: u32, needed: u32, u: f64) -> f64 {
    if needed > of {
        return 1.0;
    }
    if needed == 0 || u <= 0.0 {
        return 0.0;
    }
    let fact = |n: u32| libm::lgamma(f64::from(n) + 1.0);
    let term = |j: u32| {
        let choose = fact(of) - fact(j) - fact(of - j);
        (choose + f64::from(j) * u.ln() + f64::from(of - j) * (-u).ln_1p()).exp()
    };
    // the largest terms come first; adding from the far end keeps the small ones
    (of - needed + 1..=of).rev().map(term).sum()
}

/// Unlike units by convolution on a grid: probability of less than `load_mw`, and MWh a year not served.
#[must_use]
pub fn unlike(units: &[super::site::Units], load_mw: f64) -> (f64, f64) {
    let cells = |mw: f64| (mw / GRID_MW).round() as usize;
    let all: usize = units.iter().map(|u| cells(u.mw) * u.count as usize).sum();
    let mut p = vec![0.0; all + 1];
    p[0] = 1.0;
    let mut top = 0;
    for unit in units {
        for _ in 0..unit.count {
            let by = cells(unit.mw);
            top += by;
            for k in (0..=top).rev() {
                let with = if k >= by { p[k - by] } else { 0.0 };
                p[k] = p[k] * unit.outage + with * (1.0 - unit.outage);
            }
        }
    }
    let (mut below, mut unserved) = (0.0, 0.0);
    for (k, p) in p.iter().enumerate() {
        let missing = load_mw - k as f64 * GRID_MW;
        if missing > 1e-6 {
            (below, unserved) = (below + p, unserved + p * missing);
        }
    }
    (below, unserved * YEAR_H)
}

/// Step acceptance of a preset at a load, both in pu of rating: straight between the points of its table, flat outside.
fn acceptance(points: &[(f64, f64)], load: f64) -> f64 {
    let after = points.iter().position(|p| p.0 >= load);
    match after {
        Some(0) => points[0].1,
        Some(k) => {
            let ((x0, y0), (x1, y1)) = (points[k - 1], points[k]);
            y0 + (y1 - y0) * (load - x0) / (x1 - x0).max(1e-12)
        }
        None => points.last().map_or(0.0, |p| p.1),
    }
}

/// Load rejection that a set of each preset survives, pu of its rating, from half load up: the crash of 25 kW less than the
/// smallest that trips a set of 1 MW in the twin, or the largest that was tried. A test measures them again.
pub const REJECTION_PU: [(&str, f64); 3] = [("lean-slow", 0.225), ("lean-default", 0.5), ("fast-response", 0.5)];

/// Units more that are looked through for a remedy.
const MOST_MORE: u32 = 1000;

/// The steps of a stack.
fn checks(site: &Site, s: &Stack) -> Result<Vec<Check>, String> {
    let v = |id| site.value(id);
    let preset = preset::preset(&site.preset).unwrap_or_default();
    let rejection = REJECTION_PU.iter().find(|r| r.0 == preset.name).map_or(0.0, |r| r.1);
    let bess = v("bess_mw")?;
    let all = |n: u32| f64::from(n) * s.unit_mw;
    let accepts = |n: u32| all(n) * acceptance(&preset.acceptance_pu, s.site_mw / all(n).max(1e-9));
    let (step, crash) = (v("step_share")? * s.site_mw, v("job_share")? * v("it_mw")?);
    let rest = |n: u32| n.saturating_sub(1).max(1);
    type OfUnits<'a> = &'a dyn Fn(u32) -> f64;
    let list: [(&'static str, OfUnits<'_>, OfUnits<'_>); 4] = [
        ("scheduled step", &|_| step, &accepts),
        ("a set trips: the rest takes its load at once", &|n| s.site_mw / f64::from(n), &|n| accepts(rest(n))),
        ("a set trips: the rest carries the site", &|_| s.site_mw, &|n| all(rest(n))),
        ("largest job crashes", &|_| crash, &|n| all(n) * rejection),
    ];
    Ok(list
        .into_iter()
        .map(|(what, comes, takes)| {
            let short = |n: u32| comes(n) - takes(n) - bess;
            let (comes_mw, accepted_mw) = (comes(s.running), takes(s.running) + bess);
            let units_more = (0..=MOST_MORE).find(|k| short(s.running + k) <= 1e-9);
            Check { what, comes_mw, accepted_mw, units_more, bess_mw: short(s.running).max(0.0) }
        })
        .collect())
}

/// Sizes a site.
///
/// # Errors
/// If it leaves out what that takes.
pub fn size(site: &Site) -> Result<Sized, String> {
    let stack = stack(site)?;
    let (u, common) = (site.value("outage")?, site.value("common_cause")?);
    let maintained = site.value("spare_maintenance")? as u32;
    let of = |of: u32, needed: u32| {
        let p = short(of, needed, u);
        Short { of, needed, p, total: 1.0 - (1.0 - p) * (1.0 - common) }
    };
    let availability = Availability {
        load: of(stack.installed, stack.for_load),
        season: of(stack.installed - maintained, stack.for_load),
        headroom: of(stack.installed, stack.running),
    };
    let unlike = (!site.units.is_empty()).then(|| unlike(&site.units, stack.site_mw));
    Ok(Sized { checks: checks(site, &stack)?, availability, unlike, assumed: site.assumptions(&READS), stack })
}

/// MW/s a MW of rating that a set of this preset keeps up once its air reserve is used: reserve over turbocharger lag; none
/// without an air limit.
#[must_use]
pub fn sustained_pu_per_s(name: &str) -> Option<f64> {
    preset::preset(name)?.air.map(|a| a.reserve_pu / a.t_tc_s)
}

#[cfg(test)]
mod tests {
    use super::super::site::Units;
    use super::*;

    fn site(inputs: &[(&str, f64)]) -> Site {
        let list: String =
            inputs.iter().map(|(id, v)| format!("(id: \"{id}\", value: {v:?}, source: \"x\"),")).collect();
        Site::read(&format!("(purpose: \"x\", inputs: [{list}])"), "x").unwrap()
    }

    fn near(a: f64, b: f64, rel: f64) {
        assert!((a - b).abs() <= rel * b.abs(), "{a} is not {b}");
    }

    const S1: [(&str, f64); 8] = [
        ("it_mw", 1400.0),
        ("pue", 1.35),
        ("loss", 0.0),
        ("unit_mw", 25.0),
        ("site_factor", 0.95),
        ("headroom", 0.10),
        ("spare_forced", 2.0),
        ("spare_maintenance", 2.0),
    ];

    fn changed(with: &[(&'static str, f64)]) -> Stack {
        let mut s = site(&S1);
        for (id, v) in with {
            s = s.with(id, *v).unwrap();
        }
        stack(&s).unwrap()
    }

    #[test]
    fn val_guide_s1_s2_92_packs_and_what_does_not_fit() {
        let s = changed(&[]);
        assert_eq!((s.running, s.installed, s.installed_mw), (88, 92, 2300.0));
        near(s.overbuild, 0.643, 1e-3);
        near(s.factors.iter().map(|f| f.1).product::<f64>(), 1.0 + s.overbuild, 1e-12);
        let s = changed(&[("pue", 1.45)]);
        assert_eq!((s.running, s.installed, s.installed_mw), (95, 99, 2475.0));
    }

    #[test]
    fn val_guide_s3_to_s6_and_s10() {
        let firm: &[(&'static str, f64)] = &[
            ("it_mw", 200.0),
            ("pue", 1.0),
            ("headroom", 0.0),
            ("site_factor", 0.0),
            ("age_factor", 1.0),
            ("spare_forced", 1.0),
            ("spare_maintenance", 1.0),
        ];
        for (unit, n, all, on_site) in [(34.0, 8, 10, 28.05), (30.0, 9, 11, 24.75), (48.0, 6, 8, 39.6)] {
            let s = changed(&[firm, &[("unit_mw", unit)]].concat());
            assert_eq!((s.running, s.installed), (n, all), "{unit} MW");
            near(s.unit_mw, on_site, 1e-9);
        }
        let plain: &[(&'static str, f64)] = &[
            ("pue", 1.0),
            ("headroom", 0.0),
            ("site_factor", 1.0),
            ("spare_forced", 13.0),
            ("spare_maintenance", 0.0),
        ];
        let s6 = changed(&[plain, &[("it_mw", 661.92), ("unit_mw", 3.36)]].concat());
        assert_eq!((s6.running, s6.installed), (197, 210));
        near(s6.installed_mw, 705.6, 1e-9);
        let s10 = changed(&[plain, &[("it_mw", 104.0), ("unit_mw", 9.5), ("spare_forced", 0.0)]].concat());
        assert_eq!((s10.running, s10.installed, s10.installed_mw), (11, 11, 104.5));
    }

    #[test]
    fn val_guide_s6_to_s9_availability() {
        for (u, p) in [(0.02, 1.0098e-4), (0.03, 4.7754e-3), (0.05, 0.169249)] {
            near(short(210, 197, u), p, 1e-4);
        }
        near(short(92, 80, 0.03), 3.8748e-6, 1e-4);
        near(short(90, 80, 0.03), 8.2986e-5, 1e-4);
        near(short(92, 88, 0.03), 0.143228, 1e-5);
        for (u, p, one_away_h) in [(0.02, 8.6391e-4, 114.886), (0.03, 2.76495e-3, 246.666), (0.05, 1.150356e-2, 623.81)]
        {
            near(short(10, 8, u), p, 1e-4);
            near(short(9, 8, u) * YEAR_H, one_away_h, 1e-4);
        }
        let units = [Units { count: 4, mw: 2.5, outage: 0.03 }, Units { count: 2, mw: 10.0, outage: 0.05 }];
        let (p, mwh) = unlike(&units, 20.0);
        near(p, 0.013_397_18, 1e-6);
        near(mwh, 475.23, 1e-5);
        near(unlike(&units, 22.5).0, 0.097_500_7, 1e-6);
        assert_eq!((short(5, 6, 0.1), short(5, 0, 0.1), short(5, 5, 0.0)), (1.0, 0.0, 0.0));
    }

    /// Like units by the sum and by the convolution are one answer.
    #[test]
    fn both_ways_of_counting_agree() {
        for (n, k, u) in [(10_u32, 8_u32, 0.03), (92, 80, 0.05), (210, 197, 0.02)] {
            let units = [Units { count: n, mw: 3.0, outage: u }];
            near(unlike(&units, f64::from(k) * 3.0).0, short(n, k, u), 1e-9);
        }
    }

    #[test]
    fn what_a_check_asks_for_mends_it() {
        for preset in ["lean-slow", "lean-default", "fast-response"] {
            for step in [0.02, 0.1, 0.3] {
                let mut s = site(&S1).with("step_share", step).unwrap();
                s.preset = preset.to_owned();
                let before = size(&s).unwrap();
                for (k, c) in before.checks.iter().enumerate().filter(|(_, c)| !c.met()) {
                    let mended = s.with("bess_mw", c.bess_mw + 1e-6).unwrap();
                    assert!(size(&mended).unwrap().checks[k].met(), "{preset} {step}: {}", c.what);
                    let more = c.units_more.unwrap();
                    assert!(more > 0);
                    let mut larger = before.stack.clone();
                    larger.running += more;
                    assert!(checks(&s, &larger).unwrap()[k].met(), "{preset} {step}: {} more for {}", more, c.what);
                }
            }
        }
    }
}
