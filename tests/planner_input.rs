//! Load files that are wrong, odd or uneven: a clear error with the line, or a treatment that is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use ballast::planner::curve::FuelCurve;
use ballast::planner::problem::{Bounds, Ends, Problem};
use ballast::planner::profile::{Profile, Wanted};
use ballast::planner::refusal::Refusal;
use ballast::planner::rows::Rows;
use ballast::planner::solve::solve;

fn profile(text: &str, wanted: &Wanted) -> Result<Profile, String> {
    let rows = Rows::read(text).map_err(|e| e.to_string())?;
    Profile::new(&rows, wanted).map_err(|e| e.to_string())
}

/// The error has all of `parts`, and is one line.
fn refused(text: &str, wanted: &Wanted, parts: &[&str]) {
    let e = profile(text, wanted).expect_err(&format!("read in spite of all: {text}"));
    assert_eq!(e.lines().count(), 1, "{e}");
    for p in parts {
        assert!(e.contains(p), "no {p:?} in {e}");
    }
}

fn noted(p: &Profile, part: &str) {
    assert!(p.notes.iter().any(|n| n.contains(part)), "no note {part:?} in {:?}", p.notes);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_its_line() {
    let w = Wanted::default();
    refused("", &w, &["no column of time", "line 1", "t_h,load_kw"]);
    refused("t_h,load_kw\n", &w, &["no rows", "line 1"]);
    refused("t_h,load\n0,1\n", &w, &["unknown column `load`", "load_kw"]);
    refused("load_kw\n1\n", &w, &["no column of time"]);
    refused("t_h,t_s,load_kw\n1,2,3\n", &w, &["2 columns of time"]);
    refused("t_h,load_kw\n0,500\n1\n", &w, &["1 values", "line 3", "expected 2"]);
    refused("t_h,load_kw\n0,500\n1,5 00\n", &w, &["`load_kw` is `5 00`", "line 3"]);
    refused("t_h,load_kw\n0,500\n1,\n", &w, &["`load_kw` is missing", "line 3"]);
    for bad in ["NaN", "inf", "-1", "1e300", "--"] {
        refused(&format!("t_h,load_kw\n0,500\n1,{bad}\n2,500\n"), &w, &["`load_kw`", bad, "line 3"]);
    }
    refused("t_h,load_kw\nNaN,500\n1,2\n", &w, &["`t_h`", "line 2"]);
    refused("t_h,load_kw,ramp_weight\n0,1,1\n1,1,-1\n", &w, &["`ramp_weight`", "line 3"]);
}

#[test]
fn unsorted_and_repeated_times_name_both_lines() {
    let w = Wanted::default();
    refused("t_h,load_kw\n0,500\n2,500\n1,500\n", &w, &["is before that of line 3", "line 4"]);
    refused("t_h,load_kw\n0,500\n1,500\n1,501\n", &w, &["repeats that of line 3", "line 4"]);
}

#[test]
fn uneven_steps_need_a_period_and_gaps_a_word() {
    let w = Wanted::default();
    refused("t_h,load_kw\n0,500\n1,500\n2.5,500\n", &w, &["steps are uneven", "--period-h"]);
    refused("t_h,load_kw\n3,500\n", &w, &["one row has no step", "--period-h"]);
    let day: String = (0..24).filter(|h| !(6..12).contains(h)).map(|h| format!("{h},{}\n", 500 + h)).collect();
    let text = format!("t_h,load_kw\n{day}");
    let day = Wanted { period_h: Some(24.0), ..w };
    refused(&text, &day, &["no row for 7:00:00 h after line 7", "line 8", "--max-gap-h"]);
    let bridged = profile(&text, &Wanted { max_gap_h: Some(7.0), ..day }).unwrap();
    assert_eq!(bridged.net_kw.len(), 24);
    assert!((bridged.net_kw[8] - 508.0).abs() < 1e-9, "{}", bridged.net_kw[8]);
    noted(&bridged, "18 rows resampled to 24 steps");
    refused("t_h,load_kw\n0,1\n1,1\n2,1\n", &Wanted { period_h: Some(24.0), ..w }, &["up to the end of the period"]);
    refused("t_h,load_kw\n0,1\n1,1\n2,1\n", &Wanted { period_h: Some(2.0), ..w }, &["the period is 2 h", "line 4"]);
}

#[test]
fn a_load_above_the_rating_is_refused_with_its_line() {
    let w = Wanted { rating_kw: Some(600.0), ..Wanted::default() };
    refused("t_h,load_kw\n0,500\n1,600\n2,601\n3,500\n", &w, &["601 kW", "rating of 600 kW", "line 4"]);
}

#[test]
fn units_and_stamps_of_the_header_count() {
    let kw = profile("t_h,load_kw\n0,500\n1,600\n", &Wanted::default()).unwrap();
    for text in [
        "t_min,load_mw\n0,0.5\n60,0.6\n",
        "t_s,load_gw\n0,0.0005\n3600,0.0006\n",
        "\u{feff}# a comment\n t_h , load_kw \n0,500\n1,600\n",
        "time,load_kw\n2026-03-01T00:00:00Z,500\n2026-03-01T02:00:00+01:00,600\n",
        "time[Europe/Berlin],load_kw\n2026-03-01T00:00:00,500\n2026-03-01T01:00:00,600\n",
    ] {
        let p = profile(text, &Wanted::default()).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(p.step_h, kw.step_h, "{text}");
        for (a, b) in p.net_kw.iter().zip(&kw.net_kw) {
            assert!((a - b).abs() < 1e-9, "{text}");
        }
    }
    let w = Wanted::default();
    refused("time,load_kw\n2026-03-01 25:00,500\n", &w, &["the time is `2026-03-01 25:00`", "line 2"]);
    refused("time,load_kw\n2026-03-01T00:00:00,500\n", &w, &["with its offset", "line 2"]);
    refused("time[Mars/Olympus],load_kw\n", &w, &["no time zone is called `Mars/Olympus`"]);
}

/// A day in seconds with its hours rounded to six decimals is even, and its period is the day.
#[test]
fn rounded_stamps_of_a_fine_grid_are_even() {
    let rows: String = (0..86_400).map(|i| format!("{:.6},500\n", f64::from(i) / 3600.0)).collect();
    let p = profile(&format!("t_h,load_kw\n{rows}"), &Wanted::default()).unwrap();
    assert_eq!((p.net_kw.len(), p.step_h), (86_400, 24.0 / 86_400.0));
    assert!(p.notes.is_empty(), "{:?}", p.notes);
}

/// The day of a clock change has 23 or 25 hours; a repeated hour is taken in order, a skipped one refused.
#[test]
fn clock_changes_are_followed() {
    let day = |date: &str, hours: &[u32]| -> String {
        let rows: String = hours.iter().map(|h| format!("{date}T{h:02}:00:00,500\n")).collect();
        format!("time[Europe/Berlin],load_kw\n{rows}")
    };
    let spring: Vec<u32> = (0..24).filter(|h| *h != 2).collect();
    let autumn: Vec<u32> = (0..24).flat_map(|h| if h == 2 { vec![2, 2] } else { vec![h] }).collect();
    for (date, hours) in [("2026-03-29", &spring), ("2026-10-25", &autumn)] {
        let p = profile(&day(date, hours), &Wanted::default()).unwrap();
        assert_eq!(p.net_kw.len(), hours.len());
        assert!((p.step_h - 1.0).abs() < 1e-9 && p.notes.is_empty(), "{date}: {} {:?}", p.step_h, p.notes);
    }
    let all: Vec<u32> = (0..24).collect();
    refused(&day("2026-03-29", &all), &Wanted::default(), &["the clock skips 2026-03-29T02:00:00", "line 4"]);
    // in autumn the missing second 02:00 is a gap of two hours among steps of one
    refused(&day("2026-10-25", &all), &Wanted::default(), &["steps are uneven"]);
}

#[test]
fn what_is_odd_but_right_is_told() {
    let w = Wanted { miner_max_kw: 300.0, ..Wanted::default() };
    let rising: String = (0..24).map(|h| format!("{h},{}\n", 400 + 10 * h)).collect();
    let p = profile(&format!("t_h,load_kw\n{rising}"), &w).unwrap();
    noted(&p, "does not close");
    noted(&p, "-230.0 kW");
    noted(&p, "a constant generation exists");
    let open = profile(&format!("t_h,load_kw\n{rising}"), &Wanted { open: true, ..w }).unwrap();
    assert!(!open.notes.iter().any(|n| n.contains("close")), "{:?}", open.notes);
    let p = profile("t_h,load_kw,price_per_kwh\n0,500,0.1\n1,500,-0.05\n", &w).unwrap();
    noted(&p, "below zero in 1 steps");
}

#[test]
fn a_surplus_is_refused_or_taken_by_miners_and_cut() {
    let text = "t_h,load_kw,pv_kw\n0,500,0\n1,500,400\n2,500,700\n3,500,1200\n";
    let w = Wanted { miner_max_kw: 300.0, ..Wanted::default() };
    refused(text, &w, &["PV exceeds the load by 200.000 kW", "line 4", "--curtail"]);
    let p = profile(text, &Wanted { curtail: true, ..w }).unwrap();
    assert_eq!(p.net_kw, [500.0, 100.0, -200.0, -300.0]);
    assert_eq!(p.curtailed_kwh, 400.0);
    noted(&p, "in 2 rows: miners take the surplus first, and in 1 rows PV is cut");
    // the plan never runs the genset backwards, and miners take what they can
    let plan = solve(&problem(p.net_kw, 300.0)).unwrap();
    assert!(plan.genset_kw.iter().all(|x| *x >= 0.0), "{:?}", plan.genset_kw);
    assert!(plan.miner_kw[3] >= 299.999 && plan.miner_kw[2] >= 200.0, "{:?}", plan.miner_kw);
}

#[test]
fn resampling_is_told_and_keeps_peaks_or_energy() {
    let rows: String =
        (0..96).map(|i| format!("{},{}\n", 0.25 * f64::from(i), 500 + 100 * u32::from(i == 40))).collect();
    let text = format!("t_h,load_kw\n{rows}");
    let fine = profile(&text, &Wanted { steps: Some(1440), ..Wanted::default() }).unwrap();
    noted(&fine, "96 rows resampled to 1440 steps");
    assert!(fine.net_kw.contains(&600.0));
    let coarse = profile(&text, &Wanted { steps: Some(24), ..Wanted::default() }).unwrap();
    noted(&coarse, "means over each step; highest load 525.000 kW, in the file 600.000 kW");
    let energy = |p: &Profile| p.net_kw.iter().sum::<f64>() * p.step_h;
    assert!((energy(&coarse) - energy(&profile(&text, &Wanted::default()).unwrap())).abs() < 1e-9);
}

fn problem(load_kw: Vec<f64>, miner_max_kw: f64) -> Problem {
    let n = load_kw.len();
    Problem {
        step_h: 1.0,
        load_kw,
        miner_max_kw,
        rating_kw: None,
        income_per_kwh: vec![0.1; n],
        ramp_weight: vec![1e-4; n],
        fuel: FuelCurve::quadratic(7e-5).unwrap(),
        bounds: Bounds::Hard,
        ends: Ends::Periodic,
        ramp_limit_kw_per_h: None,
    }
}

/// Every number of a problem that makes no sense is named.
#[test]
fn problems_that_make_no_sense_are_refused() {
    type Break = fn(&mut Problem);
    let breaks: [(Break, &str); 16] = [
        (|p| p.step_h = 0.0, "step"),
        (|p| p.step_h = f64::NAN, "step"),
        (|p| p.miner_max_kw = -1.0, "miners' power"),
        (|p| p.miner_max_kw = f64::INFINITY, "miners' power"),
        (|p| p.rating_kw = Some(0.0), "rating"),
        (|p| p.rating_kw = Some(550.0), "above the rating of 550 kW"),
        (|p| p.load_kw[2] = f64::NAN, "load is NaN at 2:00:00 h"),
        (|p| p.load_kw[2] = -301.0, "load is -301 at 2:00:00 h"),
        (|p| p.load_kw.clear(), "0 values"),
        (|p| p.income_per_kwh.truncate(2), "mining income has 2 values"),
        (|p| p.income_per_kwh[1] = f64::INFINITY, "mining income is inf"),
        (|p| p.ramp_weight[3] = -1.0, "ramp weight is -1 at 3:00:00 h"),
        (|p| p.bounds = Bounds::Penalty { alpha: 0.0 }, "penalty weight is 0"),
        (|p| p.ramp_limit_kw_per_h = Some(0.0), "ramp limit is 0"),
        (|p| p.ramp_limit_kw_per_h = Some(1.0), "no schedule keeps the ramp within 1 kW/h"),
        (
            |p| {
                p.ramp_limit_kw_per_h = Some(50.0);
                p.bounds = Bounds::Penalty { alpha: 1.0 };
            },
            "a ramp limit needs hard bounds",
        ),
    ];
    for (change, part) in breaks {
        let mut p = problem(vec![500.0, 550.0, 600.0, 520.0], 30.0);
        change(&mut p);
        let e = solve(&p).expect_err(part).to_string();
        assert!(e.contains(part) && e.lines().count() == 1, "no {part:?} in {e}");
    }
}

#[test]
fn miners_of_no_power_leave_the_load_as_it_is() {
    for bounds in [Bounds::Hard, Bounds::Penalty { alpha: 1e6 }] {
        let mut p = problem(vec![500.0, 550.0, 600.0, 520.0], 0.0);
        p.bounds = bounds;
        let plan = solve(&p).unwrap();
        for (x, l) in plan.genset_kw.iter().zip(&p.load_kw) {
            assert!((x - l).abs() < 1e-3, "{x} against {l}");
        }
    }
}

/// What a ramp limit needs is said exactly: half the swing that the miners leave, over half a day of two steps.
#[test]
fn a_ramp_limit_out_of_reach_names_the_one_within() {
    let mut p = problem(vec![500.0, 500.0, 600.0, 600.0], 40.0);
    p.ramp_limit_kw_per_h = Some(10.0);
    let Err(Refusal::RampLimit { needed_kw_per_h, .. }) = solve(&p) else { panic!("10 kW/h cannot be kept") };
    assert!((needed_kw_per_h - 60.0).abs() < 1e-6, "{needed_kw_per_h}");
}

/// A price below zero keeps the miners off, but for the ramps.
#[test]
fn a_negative_price_leaves_miners_to_the_ramps() {
    let mut p = problem(vec![500.0, 550.0, 600.0, 520.0], 100.0);
    p.income_per_kwh = vec![-0.05; 4];
    p.ramp_weight = vec![0.0; 4];
    assert!(solve(&p).unwrap().miner_kw.iter().all(|m| *m < 1e-6));
    p.ramp_weight = vec![1.0; 4];
    assert!(solve(&p).unwrap().miner_kw.iter().any(|m| *m > 10.0));
}
