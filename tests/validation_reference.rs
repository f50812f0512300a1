//! The twin against the reference trajectories of `tests/data/reference`: ANDES and scipy with the same equations and
//! parameters. Tolerances are those of the README there. Samples at the instant of an event are left out: whether a row
//! at that time shows the state before or after it is a convention.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::path::PathBuf;
use std::sync::Arc;

use ballast::engine::Engine;
use ballast::plant::genset::W;
use ballast::scenario::Scenario;

/// A trajectory: column names and rows.
struct Csv {
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Csv {
    fn column(&self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap_or_else(|| panic!("no column {name} in {:?}", self.names))
    }
}

fn path(name: &str, ext: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference").join(format!("{name}.{ext}"))
}

fn read(name: &str) -> (Scenario, Csv) {
    let s = Scenario::load(path(name, "ron")).unwrap_or_else(|e| panic!("{e}"));
    let mut r = csv::Reader::from_path(path(name, "csv")).expect("the trajectory");
    let names = r.headers().expect("a header").iter().map(str::to_owned).collect();
    // A set that has gone leaves its fields empty.
    let number =
        |f: &str| if f.is_empty() { f64::NAN } else { f.parse().unwrap_or_else(|e| panic!("{name}: `{f}`: {e}")) };
    let rows = r.records().map(|row| row.expect("a row").iter().map(number).collect()).collect();
    (s, Csv { names, rows })
}

/// A quantity that is compared.
#[derive(Clone, Copy)]
enum What {
    /// Speed of a set, Hz.
    Speed(usize),
    /// Mechanical kW of a set.
    Pm(usize),
    /// Electrical kW of a set.
    Pe(usize),
    /// kW of a battery.
    Bess(usize),
}

fn value(e: &Engine, what: What) -> f64 {
    let p = &e.plant;
    match what {
        What::Speed(i) => p.gensets[i].x[W] * p.cfg.f0_hz,
        What::Pm(i) => p.gensets[i].out.pm * p.cfg.gensets[i].rated_kw,
        What::Pe(i) => p.gensets[i].terminal.p * 1000.0,
        What::Bess(i) => p.bess[i].p * 1000.0,
    }
}

/// A comparison: quantity, column, tolerance, and the sample times at which it holds.
struct Check<'a> {
    what: What,
    column: &'a str,
    tolerance: f64,
    after_event_s: f64,
    until_s: f64,
}

fn check(what: What, column: &str, tolerance: f64) -> Check<'_> {
    Check { what, column, tolerance, after_event_s: 0.0, until_s: f64::INFINITY }
}

/// Runs the case and holds every check; prints the worst difference of each.
fn holds(case: &str, checks: &[Check]) {
    let (s, csv) = read(case);
    let events: Vec<f64> = s.script.iter().map(|i| i.at_s).collect();
    let mut e = Engine::new(Arc::new(s)).without_rows();
    let columns: Vec<usize> = checks.iter().map(|c| csv.column(c.column)).collect();
    let mut worst = vec![(0.0_f64, 0.0_f64, 0_usize); checks.len()];
    for row in &csv.rows {
        let t = row[0];
        let tick = (t / e.tick_s()).round() as u64;
        while e.now_tick() < tick {
            e.tick();
        }
        for ((c, col), w) in checks.iter().zip(&columns).zip(&mut worst) {
            let near = |at: &f64| t >= at - 1e-9 && t <= at + c.after_event_s.max(1e-9);
            if events.iter().any(near) || t > c.until_s {
                continue;
            }
            let off = (value(&e, c.what) - row[*col]).abs();
            w.2 += 1;
            if !(off <= w.0) {
                (w.0, w.1) = (off, t);
            }
        }
    }
    for (c, (off, at, n)) in checks.iter().zip(&worst) {
        println!("{case:32} {:12} worst {off:.6} at {at:.3} s of {n} samples, bound {}", c.column, c.tolerance);
    }
    for (c, (off, at, n)) in checks.iter().zip(&worst) {
        assert!(*n > 300, "{case}: only {n} samples of {} compared", c.column);
        assert!(*off <= c.tolerance, "{case}: {} is {off:.6} off at {at:.3} s, bound {}", c.column, c.tolerance);
    }
}

const MHZ: f64 = 0.001;

fn tgov1(case: &str) {
    let c = [check(What::Speed(0), "f_Hz", MHZ), check(What::Pm(0), "Pm_kW", 0.5), check(What::Pe(0), "Pe_kW", 0.5)];
    holds(case, &c);
}

#[test]
fn val_andes_tgov1_step_of_50_kw() {
    tgov1("tgov1_step50kW");
}

#[test]
fn val_andes_tgov1_step_of_122_kw() {
    tgov1("tgov1_step122p5kW");
}

#[test]
fn val_andes_tgov1_step_of_300_kw() {
    tgov1("tgov1_step300kW");
}

#[test]
fn val_andes_tgov1_rejection_of_400_kw() {
    tgov1("tgov1_reject400kW");
}

#[test]
fn val_andes_gast() {
    holds("gast_step100kW", &[check(What::Speed(0), "f_Hz", MHZ), check(What::Pm(0), "Pm_kW", 0.5)]);
}

#[test]
fn val_scipy_ggov1_with_droop() {
    holds("ggov1_step100kW", &[check(What::Speed(0), "f_Hz", MHZ), check(What::Pm(0), "Pm_kW", 0.5)]);
}

#[test]
fn val_scipy_ggov1_isochronous() {
    holds("ggov1_iso_step100kW", &[check(What::Speed(0), "f_Hz", MHZ), check(What::Pm(0), "Pm_kW", 0.5)]);
}

#[test]
fn val_scipy_pid_step_of_100_kw() {
    holds("pid_iso_step100kW", &[check(What::Speed(0), "f_Hz", 2.0 * MHZ)]);
}

#[test]
fn val_scipy_pid_step_of_300_kw_at_its_rate_limit() {
    holds("pid_iso_step300kW", &[check(What::Speed(0), "f_Hz", 2.0 * MHZ)]);
}

#[test]
fn val_andes_two_gensets_and_a_trip() {
    let late = |c| Check { after_event_s: 0.05, ..c };
    // After its trip the reference's G2 is gone; here it coasts with losses of its own.
    let second = |c| Check { until_s: 15.999, ..late(c) };
    holds(
        "two_genset_trip_G2",
        &[
            late(check(What::Speed(0), "f_G1_Hz", 2.0 * MHZ)),
            late(check(What::Pm(0), "Pm_G1_kW", 1.0)),
            late(check(What::Pe(0), "Pe_G1_kW", 1.0)),
            second(check(What::Speed(1), "f_G2_Hz", 2.0 * MHZ)),
            second(check(What::Pm(1), "Pm_G2_kW", 1.0)),
            second(check(What::Pe(1), "Pe_G2_kW", 1.0)),
        ],
    );
}

#[test]
fn val_andes_grid_forming_battery() {
    let late = |c| Check { after_event_s: 0.05, ..c };
    holds(
        "gfm_regf1_droop1pct_step250kW",
        &[
            late(check(What::Speed(0), "f_Hz", 20.0 * MHZ)),
            late(check(What::Pm(0), "Pm_kW", 5.0)),
            late(check(What::Pe(0), "Pe_kW", 5.0)),
            late(check(What::Bess(0), "Pb_kW", 5.0)),
        ],
    );
}

/// The same source as the twin's, a stiff one: much closer than the inverter with inner loops.
#[test]
fn val_scipy_grid_forming_battery_as_a_stiff_source() {
    let late = |c| Check { after_event_s: 0.05, ..c };
    holds(
        "gfm_regf1_droop1pct_step250kW",
        &[late(check(What::Speed(0), "f_reduced_Hz", 2.0 * MHZ)), late(check(What::Bess(0), "Pb_reduced_kW", 1.0))],
    );
}
