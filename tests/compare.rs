//! Comparison of runs: figures of rows made by hand, verdicts, alignment, and what the shipped comparison finds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::acts::{Block, Event, EventKind};
use ballast::control::policy::BringUpPath;
use ballast::engine::Engine;
use ballast::engine::summary::VIOLATIONS;
use ballast::history::Store;
use ballast::plant::signals::{at, site};
use ballast::report::compare::figures::FIGURES;
use ballast::report::compare::run::{self, Parts, WIDTH, simulate};
use ballast::report::compare::spec::{self, Change, Spec};
use ballast::report::compare::{Align, Comparison, Run, Verdict, lag, series};
use ballast::scenario::{Scenario, builtin_scenario};

fn scenario(name: &str) -> Scenario {
    builtin_scenario(name).unwrap().unwrap()
}

fn close(got: f64, want: f64, within: f64) {
    assert!((got - want).abs() <= within, "{got}, expected {want} within {within}");
}

// ---- rows made by hand ----------------------------------------------------------------------------------------------

/// A run of 200 s whose signals are functions of time; what is not named stays zero.
fn by_hand(name: &str, events: Vec<Event>, signal: impl Fn(u32, f64) -> f64) -> Run {
    let base = scenario("path-a");
    let engine = Engine::new(Arc::new(base.clone()));
    let mut rows = Store::new();
    let mut block = Block { width: WIDTH, ..Block::default() };
    for k in 0..=4000 {
        let t = f64::from(k) * 0.05;
        block.t_s.push(t);
        let row = (0..WIDTH as u32).map(|i| if i == site::ENERGISED { 1.0 } else { signal(i, t) });
        let row: Vec<f64> = row.collect();
        for column in [&mut block.min, &mut block.max, &mut block.last] {
            column.extend_from_slice(&row);
        }
    }
    rows.ingest(&block, WIDTH).unwrap();
    events.into_iter().for_each(|e| rows.events_mut().push(e));
    Run::new(Parts {
        name: name.to_owned(),
        table: Arc::clone(engine.table()),
        plate: Arc::clone(engine.plate()),
        policy: base.policy.clone(),
        scenario: Some(Arc::new(base)),
        rows,
        hash: None,
        remark: None,
    })
}

fn event(t_s: f64, kind: EventKind, object: &str, text: &str) -> Event {
    Event { t_s, ..Event::new(kind, object, text) }
}

/// GPUs ramp at 10 kW/s from `start` to 499.8 kW, the genset carries them on 500 kW; f is 59.4 Hz for 30 s.
fn ramp(start: f64) -> impl Fn(u32, f64) -> f64 {
    move |signal, t| {
        let gpu = ((t - start) * 10.0).clamp(0.0, 499.8);
        match signal {
            site::GPU_KW => gpu,
            site::GPU_FULL => (gpu / 0.7).floor(),
            site::GEN_KW => 500.0 + gpu,
            site::HEADROOM_KW => 500.0 - gpu,
            site::F_HZ if t > start && t <= start + 30.0 => 59.4,
            site::F_HZ => 60.0,
            site::V_PU => 1.0,
            site::STEP_UP_1S_KW => 10.0,
            site::SCHEDULE if t >= start => ballast::control::RunState::Running.code() as f64,
            site::MINER_KW => 500.0,
            _ => 0.0,
        }
    }
}

#[test]
fn figures_of_a_ramp_are_those_of_the_ramp() {
    let trip = event(50.0, EventKind::Trip, "81U-1 G1", "operated");
    let limits = VIOLATIONS.iter().map(|v| event(20.0, EventKind::Limit, v.name(), "passed"));
    let other = event(21.0, EventKind::Limit, "schedule", "step limit binds");
    let r = by_hand("a", limits.chain([trip, other]).collect(), ramp(10.0));
    let f = |key: &str| r.figure(key).unwrap_or_else(|| panic!("no {key}"));
    // 98 % of 499.8 kW at 10 kW/s
    close(f("time_to_target_s"), 0.98 * r.policy.target_kw / 10.0, 0.051);
    close(f("deviation_worst_pct"), -1.0, 1e-4);
    close(f("frequency_min_hz"), 59.4, 1e-4);
    close(f("outside_band_s"), 30.0, 0.06);
    // 0.5 % beyond the band for 30 s
    close(f("out_of_band_pct_s"), 15.0, 0.05);
    close(f("headroom_min_kw"), 0.2, 1e-3);
    // 500 kW for 200 s, a triangle of 49.98 s, 499.8 kW for the rest
    let kws = 500.0 * 200.0 + 0.5 * 49.98 * 499.8 + 499.8 * (190.0 - 49.98);
    close(f("genset_energy_kwh"), kws / 3600.0, 0.01);
    // 10 kW each second for 49 s, 9.8 kW in the last
    close(f("step_square_sum_kw2"), 49.0 * 100.0 + 9.8 * 9.8, 1.0);
    // all 714 for 10 s, then a triangle
    close(f("gpu_hours_lost_h"), 714.0 * (10.0 + 0.5 * 49.98) / 3600.0, 0.02);
    close(f("violations_count"), VIOLATIONS.len() as f64, 0.0);
    close(f("trips_count"), 1.0, 0.0);
    close(f("miner_final_kw"), 500.0, 1e-3);
}

#[test]
fn a_dead_bus_does_not_count_as_a_deviation() {
    let mut r = by_hand("a", vec![], ramp(10.0));
    let plate = Arc::clone(&r.plate);
    let whole = r.clone();
    // the same rows, dead from 100 s to 120 s with a frequency of nothing
    let mut rows = Store::new();
    let mut block = Block { width: WIDTH, ..Block::default() };
    for k in 0..=4000 {
        let t = f64::from(k) * 0.05;
        let dead = (100.0..120.0).contains(&t);
        block.t_s.push(t);
        for i in 0..WIDTH as u32 {
            let v = if dead { 0.0 } else { whole.rows.value_at(at(i), t + 0.01).unwrap() };
            // the row in which the bus comes back still has the dead bus among its extremes
            let low = if (t - 120.0).abs() < 0.01 { 0.0 } else { v };
            block.min.push(low);
            block.max.push(v);
            block.last.push(v);
        }
    }
    rows.ingest(&block, WIDTH).unwrap();
    r = Run::new(Parts {
        name: "b".into(),
        table: Arc::clone(&r.table),
        plate,
        policy: r.policy.clone(),
        scenario: None,
        rows,
        hash: None,
        remark: None,
    });
    close(r.figure("frequency_min_hz").unwrap(), 59.4, 1e-4);
    close(r.figure("outside_band_s").unwrap(), 30.0, 0.06);
    assert_eq!(r.figure("voltage_min_pu"), whole.figure("voltage_min_pu"));
}

#[test]
fn the_table_has_differences_and_words() {
    let a = Arc::new(by_hand("a", vec![], ramp(10.0)));
    let b = Arc::new(by_hand("b", vec![], |s, t| match s {
        site::F_HZ if t > 10.0 && t <= 20.0 => 60.6,
        site::F_HZ => 60.0,
        site::MINER_KW => 500.0 - ramp(10.0)(site::GPU_KW, t),
        site::GEN_KW => 500.0,
        site::HEADROOM_KW => 500.0,
        site::STEP_UP_1S_KW => 10.3,
        _ => ramp(10.0)(s, t),
    }));
    let c = Comparison::new(&[a, b], Align::T0);
    let line = |key: &str| c.lines.iter().find(|l| l.figure.key == key).unwrap();
    let said = |key: &str| (line(key).words(), line(key).against_a(1));
    assert_eq!(said("time_to_target_s"), ("equal".into(), "equal"));
    // the same distance from nominal, on the other side
    assert_eq!(said("deviation_worst_pct"), ("equal".into(), "equal"));
    assert_eq!(said("outside_band_s"), ("B better".into(), "better"));
    close(line("outside_band_s").deltas[1].unwrap(), -20.0, 0.06);
    assert_eq!(said("step_up_max_1s_kw"), ("equal".into(), "equal"), "0.3 kW is within the tolerance");
    assert_eq!(said("genset_energy_kwh"), ("differs *".into(), "differs"));
    assert_eq!(said("headroom_min_kw"), ("B better *".into(), "better"));
    assert!(!c.end.alike);
    assert!(c.end.words.contains("not like for like") && c.end.words.contains("500 / 0 kW"), "{}", c.end.words);
    assert!(c.differences.is_empty(), "{:?}", c.differences);
}

#[test]
fn verdicts_of_more_than_two_and_of_runs_that_never_arrive() {
    let figure = |key: &str| FIGURES.iter().find(|f| f.key == key).unwrap();
    let t = figure("time_to_target_s");
    assert_eq!(Verdict::of(t, &[Some(70.0), Some(70.05), Some(90.0)]).words(3), "A, B best");
    assert_eq!(Verdict::of(t, &[Some(70.0), None]).words(2), "A better");
    assert_eq!(Verdict::of(t, &[None, None]).words(2), "no data");
    let v = figure("voltage_min_pu");
    assert_eq!(Verdict::of(v, &[Some(0.97), None]).words(2), "no data");
    assert_eq!(Verdict::of(v, &[Some(0.97), Some(0.99)]).words(2), "B better");
    assert_eq!(Verdict::of(figure("genset_final_kw"), &[Some(998.0), Some(500.0)]).words(2), "differs");
}

#[test]
fn figures_are_told_without_digits_that_rows_do_not_have() {
    use ballast::report::compare::figures::tidy;
    for v in [498.3, -498.3, 59.914, 0.142857, 3486.84, 1.0e-9, 12_345_678.0] {
        close(tidy(f64::from(v as f32)), v, v.abs() * 5e-7);
    }
    assert_eq!(tidy(f64::from(498.3_f32)), 498.3);
    assert_eq!(tidy(0.0), 0.0);
    assert!(tidy(f64::NAN).is_nan());
}

#[test]
fn every_figure_has_its_unit_in_its_key_and_a_tolerance() {
    for f in &FIGURES {
        let suffix = match f.unit {
            "" if f.key.ends_with("class") => "class".to_owned(),
            "" => "count".to_owned(),
            "% s" => "pct_s".to_owned(),
            "kW²" => "kw2".to_owned(),
            "%" => "pct".to_owned(),
            "$" => "usd".to_owned(),
            u => u.to_lowercase().replace('/', "_per_"),
        };
        assert!(f.key.ends_with(&suffix), "{} should end in {suffix}", f.key);
        assert!(f.equal_within >= 0.0 && f.equal_within.is_finite());
    }
}

// ---- alignment and difference ---------------------------------------------------------------------------------------

#[test]
fn runs_are_aligned_by_what_happens_in_them() {
    let batch = |t| event(t, EventKind::Batch, "schedule", "batch of 10 GPUs");
    let a = Arc::new(by_hand("a", vec![batch(11.0), batch(12.0)], ramp(10.0)));
    let b = Arc::new(by_hand("b", vec![batch(41.0)], ramp(40.0)));
    for (align, want) in [
        (Align::T0, [0.0, 0.0]),
        (Align::FirstBatch, [11.0, 41.0]),
        (Align::GpuKw(250.0), [35.0, 65.0]),
        (Align::Event("BATCH of".into()), [11.0, 41.0]),
    ] {
        let c = Comparison::new(&[Arc::clone(&a), Arc::clone(&b)], align);
        for (got, want) in c.zero_s.iter().zip(want) {
            close(got.unwrap(), want, 0.051);
        }
    }
    let c = Comparison::new(&[Arc::clone(&a), Arc::clone(&b)], Align::FirstBatch);
    let [from, to] = c.extent_s().unwrap();
    close(from, -41.0, 1e-9);
    close(to, 189.0, 1e-9);
    // aligned by the first batch, two equal ramps have no difference; by t0 they have one of 300 kW
    let gpu = at(site::GPU_KW);
    let d = series::difference([&a, &b], [11.0, 41.0], gpu, (0.0, 0.5, 100));
    assert_eq!(d.len(), 100);
    assert!(d.iter().all(|[_, v]| v.abs() < 1e-3), "{d:?}");
    let d = series::difference([&a, &b], [0.0, 0.0], gpu, (45.0, 1.0, 1));
    close(d[0][1], 50.0 - 350.0, 1e-3);
    let c = Comparison::new(&[a, Arc::new(by_hand("c", vec![], ramp(10.0)))], Align::FirstBatch);
    assert_eq!(c.misaligned().unwrap(), "B has no first batch: shown from its t = 0");
}

#[test]
fn alignment_reads_from_the_command_line() {
    assert_eq!(Align::parse("t0"), Ok(Align::T0));
    assert_eq!(Align::parse("first-batch"), Ok(Align::FirstBatch));
    assert_eq!(Align::parse("gpu=250"), Ok(Align::GpuKw(250.0)));
    assert_eq!(Align::parse("event=hold"), Ok(Align::Event("hold".into())));
    for bad in ["", "gpu", "gpu=", "gpu=-1", "gpu=nan", "event=", "event= ", "start"] {
        let e = Align::parse(bad).unwrap_err();
        assert!(e.contains("expected") && !e.contains('\n'), "{e}");
    }
}

// ---- configuration --------------------------------------------------------------------------------------------------

fn short_run(s: Scenario) -> Run {
    simulate(&s.name.clone(), Arc::new(s), 1.0, &mut |_| true).unwrap()
}

#[test]
fn differences_of_configuration_are_named_with_their_values() {
    let a = short_run(scenario("path-a"));
    let lagged = Change { lag_s: Some(5.0), path: Some(BringUpPath::Shed), ..Change::default() };
    let b = short_run(lagged.apply(scenario("path-a")));
    let d = ballast::report::compare::config::differences(&[&a, &b]);
    let of = |what: &str| d.iter().find(|d| d.what == what).unwrap_or_else(|| panic!("no {what} in {d:?}"));
    assert_eq!(of("path").values, ["A, genset ramps", "B, miners shed"]);
    assert_eq!(of("miner lag").values, ["0.5 s", "5.0 s"]);
    assert!(d.iter().all(|d| ["path", "miners"].contains(&d.subject)), "{d:?}");
    let same = ballast::report::compare::config::same(&d);
    assert!(["engine", "seed", "limits", "target"].iter().all(|s| same.contains(s)), "{same:?}");
}

#[test]
fn a_difference_without_a_name_is_said_all_the_same() {
    let a = short_run(scenario("path-a"));
    let mut s = scenario("path-a");
    s.plant.gensets[0].machine.h_s *= 1.1;
    s.policy.window_10s_kw += 1.0;
    let d = ballast::report::compare::config::differences(&[&a, &short_run(s)]);
    let whats: Vec<_> = d.iter().map(|d| d.what).collect();
    assert_eq!(whats, ["10 s window", "other settings of the gensets"], "a limit has a name, an inertia has none");
    assert_eq!(d[1].values, ["as A", "other"]);
}

// ---- simulation -----------------------------------------------------------------------------------------------------

#[test]
fn figures_of_rows_are_those_of_the_engine() {
    // A slow engine and a slam: violations, a trip, a dead bus.
    for name in ["path-a", "naive-slam", "miner-lag"] {
        let s = Arc::new(scenario(name));
        let run = simulate(name, Arc::clone(&s), 100.0, &mut |_| true).unwrap();
        let mut e = Engine::new(s).without_rows();
        for _ in 0..100_000 {
            e.tick();
        }
        let f = |key: &str| run.figure(key).unwrap_or(f64::NAN);
        let near =
            |got: f64, want: f64| assert!((got - want).abs() <= 1e-5 * want.abs() + 1e-4, "{name}: {got} {want}");
        near(f("frequency_min_hz"), e.summary().f_min_hz);
        near(f("frequency_max_hz"), e.summary().f_max_hz);
        near(f("rocof_max_100ms_hz_per_s"), e.summary().rocof_100ms);
        near(f("rocof_max_500ms_hz_per_s"), e.summary().rocof_500ms);
        near(f("voltage_min_pu"), e.summary().v_min_pu);
        near(f("step_up_max_1s_kw"), e.summary().step_up_kw);
        near(f("step_down_max_1s_kw"), e.summary().step_down_kw);
        near(f("ramp_max_5s_kw_per_s"), e.summary().ramp_5s);
        near(f("mining_lost_kwh"), e.mining_lost_kwh());
        near(f("gpu_final_kw"), e.totals().gpu_kw);
        if let Some(t) = e.time_to_target_s() {
            close(f("time_to_target_s"), t, 0.11);
        }
        assert_eq!(run.hash, Some(e.state_hash()));
    }
}

#[test]
fn a_run_can_be_given_up_and_says_how_far_it_is() {
    let mut shares = Vec::new();
    let run = simulate("a", Arc::new(scenario("path-a")), 10.0, &mut |share| {
        shares.push(share);
        shares.len() < 4
    });
    assert!(run.is_none());
    assert_eq!(shares, [0.1, 0.2, 0.3, 0.4]);
}

#[test]
fn forced_runs_end_alike() {
    let mut scenarios = vec![scenario("path-a"), scenario("path-b-500")];
    let runs = |scenarios: &[Scenario]| -> Vec<Arc<Run>> {
        let run = |s: &Scenario| Arc::new(simulate(&s.name, Arc::new(s.clone()), 300.0, &mut |_| true).unwrap());
        scenarios.iter().map(run).collect()
    };
    let c = Comparison::new(&runs(&scenarios), Align::T0);
    assert!(!c.end.alike && c.lines.iter().any(|l| l.flagged));
    let changed = spec::force(&mut scenarios);
    assert_eq!(changed.len(), 1);
    assert!(changed[0].starts_with("B brings its miners back"), "{changed:?}");
    let c = Comparison::new(&runs(&scenarios), Align::T0);
    assert!(c.end.alike && c.end.words.is_empty(), "{:?}", c.end);
    assert!(c.lines.iter().all(|l| !l.flagged));
    assert!(spec::force(&mut scenarios).is_empty(), "nothing is left to force");
}

// ---- the shipped comparison -----------------------------------------------------------------------------------------

#[test]
fn comparison_files_are_checked_in_one_line() {
    for (name, text) in spec::builtin() {
        assert!(Spec::claims(text));
        let s = Spec::from_str(name, text).unwrap();
        assert!(s.purpose.len() > 15 && s.runs.len() >= 2);
        for e in &s.runs {
            assert!(builtin_scenario(&e.scenario).is_some(), "{}", e.scenario);
        }
    }
    let a = "(scenario: \"path-a\")";
    for (text, must) in [
        (format!("Comparison(purpose: \"x\", runs: [{a}])"), "1 runs"),
        (format!("Comparison(purpose: \"x\", runs: [{a}, {a}], horizon_s: -1.0)"), "horizon_s -1"),
        (format!("Comparison(purpose: \"x\", runs: [{a}, {a}], align: gpu_kw(-2.0))"), "align"),
        (format!("Comparison(purpose: \"x\", runs: [{a}, {a}], colour: 3)"), "unknown field `colour`"),
        (
            format!("Comparison(purpose: \"x\", runs: [{a}, (scenario: \"b\", change: (lag_s: 99.0))])"),
            "run B: lag_s 99",
        ),
        (
            format!("Comparison(purpose: \"x\", runs: [{a}, (scenario: \"b\", change: (preset: \"no\"))])"),
            "unknown preset no",
        ),
        ("Comparison(".to_owned(), "ends too early"),
    ] {
        let e = Spec::from_str("c.ron", &text).unwrap_err().to_string();
        assert!(e.contains(must) && e.contains("expected") && e.ends_with("c.ron") && !e.contains('\n'), "{e}");
    }
    assert!(!Spec::claims("// Comparison\n(purpose: \"x\")"));
}

/// Ratios of B's dip to A's over the lag: preset, A's dip in per cent, and (lag, `match`, `match_confirmed`).
/// Measured once on this model; a change of the model that moves them has to say so.
type Measured = (&'static str, f64, &'static [(f64, f64, Option<f64>)]);

const MEASURED: [Measured; 3] = [
    (
        "lean-slow",
        0.852,
        &[
            (0.0, 0.192, Some(0.491)),
            (0.5, 0.177, Some(0.479)),
            (1.0, 0.385, Some(0.434)),
            (1.5, 0.660, Some(0.361)),
            (2.0, 0.822, Some(0.345)),
            (3.0, 0.993, None),
            (5.0, 0.993, None),
            (8.0, 1.000, None),
            (10.0, 1.000, None),
        ],
    ),
    (
        "lean-default",
        0.143,
        &[
            (0.0, 0.370, Some(1.087)),
            (0.5, 0.766, Some(1.204)),
            (1.0, 0.903, Some(1.461)),
            (2.0, 0.903, Some(1.232)),
            (3.0, 0.962, None),
            (10.0, 1.000, None),
        ],
    ),
    // 7 kW/s is within the throttle reserve of lean-default, and the two have one governor: the same dips
    ("fast-response", 0.143, &[(0.0, 0.370, Some(1.087)), (1.0, 0.903, Some(1.461)), (10.0, 1.000, None)]),
];

#[test]
fn advantage_of_path_b_ends_with_the_lag_of_the_miners() {
    let mut ends = Vec::new();
    for (preset, a_dip, points) in MEASURED {
        let s = Change { preset: Some(preset.into()), ..Change::default() }.apply(scenario("path-a"));
        let c = lag::curve(&s, 0.0, &mut |_| true).unwrap();
        assert!(c.is_complete() && c.preset == preset);
        close(c.a_dip_pct.unwrap(), a_dip, 0.01);
        for (lag_s, matched, confirmed) in points {
            let p = c.points.iter().find(|p| p.lag_s == *lag_s).unwrap();
            close(p.matched.unwrap(), *matched, 0.03);
            assert_eq!(p.confirmed.is_some(), confirmed.is_some(), "{preset} at {lag_s} s");
            if let (Some(got), Some(want)) = (p.confirmed, *confirmed) {
                close(got, want, 0.03);
            }
            // up to a second A dips more than B; past five there is nothing left of that
            assert!(*lag_s > 1.0 || p.matched.unwrap() < 0.95, "{preset} at {lag_s} s");
            assert!(*lag_s < 5.0 || p.matched.unwrap() > 0.95, "{preset} at {lag_s} s");
        }
        // waiting for the miners costs time: with 2 s of lag more than twice that without
        assert!(c.near(2.0).unwrap().confirmed_s.unwrap() > 2.0 * c.near(0.0).unwrap().confirmed_s.unwrap());
        ends.push(c.ends_at_s().unwrap());
    }
    close(ends[0], 2.46, 0.2);
    close(ends[1], 0.99, 0.2);
}

#[test]
fn the_shipped_comparison_finds_what_it_is_for() {
    let (_, text) = spec::builtin().iter().find(|(name, _)| *name == "paths").unwrap();
    let spec = Spec::from_str("paths", text).unwrap();
    let run = |e: &spec::Entry| {
        let s = e.change.apply(scenario(&e.scenario));
        Arc::new(simulate(e.label.as_deref().unwrap(), Arc::new(s), 300.0, &mut |_| true).unwrap())
    };
    let c = Comparison::new(&spec.runs.iter().map(run).collect::<Vec<_>>(), spec.align);
    let line = |key: &str| c.lines.iter().find(|l| l.figure.key == key).unwrap();
    // Path B keeps headroom and fuel, and pays in mining; only B + restore ends as A does.
    assert_eq!(line("headroom_min_kw").words(), "B best *");
    assert_eq!(line("fuel_kwh").words(), "B best *");
    assert_eq!(line("mining_lost_kwh").words(), "A best *");
    assert_eq!(line("time_to_target_s").words(), "equal");
    assert_eq!(line("miner_final_kw").words(), "A, C best");
    assert!(!c.end.alike);
    let pair = Comparison::new(&[Arc::clone(&c.runs[0]), Arc::clone(&c.runs[2])], Align::T0);
    assert!(pair.end.alike, "{}", pair.end.words);
    let mut text = Vec::new();
    assert_eq!(ballast::report::compare::csv::write_table(&c, &mut text).unwrap(), FIGURES.len());
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.starts_with(
            "figure,unit,A Path A,\"B Path B, lag 2 s\",\"C B + restore, lag 2 s\",B - A,C - A,verdict,like_for_like"
        ),
        "{text}"
    );
    assert!(text.lines().any(|l| l.starts_with("fuel_kwh,kWh,") && l.ends_with(",B best,no")), "{text}");
    let mut rows = Vec::new();
    assert_eq!(ballast::report::compare::csv::write_rows(&c, [-1.0, 1.0], &[], &mut rows).unwrap(), 41);
    let rows = String::from_utf8(rows).unwrap();
    assert!(rows.starts_with("t_s,A site.f_hz,B site.f_hz,C site.f_hz,A site.v_pu"), "{rows}");
    assert!(rows.lines().nth(1).unwrap().starts_with("-1,,,,"), "before the run there is no data");
    assert_eq!(rows.lines().last().unwrap().split(',').count(), 28);
}

#[test]
fn a_saved_run_that_is_not_as_it_was_recorded_says_so() {
    let s = builtin_scenario("path-a").unwrap().unwrap();
    let mut saved = ballast::journal::RunFile::begin(&ballast::engine::plate::plate(&s));
    saved.until_s = 2.0;
    let remark = |saved: &_| run::again("x", saved, &mut |_| true).unwrap().unwrap().remark.clone();
    assert_eq!(remark(&saved), None);
    saved.version = "9.9.9".to_owned();
    saved.hash(1, 7);
    assert_eq!(remark(&saved).unwrap(), "made by version 9.9.9, run again: the state differs from second 1 on");
}
