//! Scenario files, equipment library and presets: what is shipped is complete, and what is wrong is said in one line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ballast::plant::config::{Governor, Sharing};
use ballast::scenario::{self, Error, Scenario, ScriptAct, library, preset};
use rand_pcg::Pcg32;
use rand_pcg::rand_core::{RngCore, SeedableRng};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn ron_files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "ron"))
        .collect();
    files.sort();
    files
}

// ---- what is shipped ------------------------------------------------------------------------------------------------

#[test]
fn every_shipped_scenario_loads_and_is_built_in() {
    let mut purposes = BTreeSet::new();
    let files = ron_files("scenarios");
    for path in &files {
        let s = Scenario::load(path).unwrap_or_else(|e| panic!("{e}"));
        assert!(s.purpose.chars().count() <= 100 && !s.purpose.contains('\n'), "{}", s.name);
        assert!(purposes.insert(s.purpose.clone()), "two scenarios with the purpose {:?}", s.purpose);
        let text = std::fs::read_to_string(path).unwrap();
        for must in ["preset:", "relays:", "shedding:", "hold: (enabled:", "ceiling_pu:", "run_s:", "survives:"] {
            assert!(text.contains(must), "{} leaves out {must}", s.name);
        }
        let built_in =
            scenario::builtin_scenario(&s.name).unwrap_or_else(|| panic!("{} is not built in", s.name)).unwrap();
        assert_eq!(built_in, Scenario { origin: "built in".into(), ..s });
    }
    let names: BTreeSet<_> = scenario::builtin().iter().map(|(n, _)| *n).collect();
    assert_eq!(names.len(), scenario::builtin().len(), "names are unique");
    assert_eq!(names.len(), files.len());
}

#[test]
fn the_default_is_path_a_on_the_built_in_plant() {
    let s = scenario::default_scenario().unwrap();
    assert_eq!((s.name.as_str(), s.policy.ceiling_pu), ("path-a", 1.0));
    let p = &s.plant;
    let g = &p.gensets[0];
    assert_eq!((g.rated_kw, g.rated_kva, g.p_max_pu, g.overload_s), (1000.0, 1250.0, 1.05, 60.0));
    assert_eq!((p.v_nom, p.f0_hz, p.tick_s), (480.0, 60.0, 0.001));
    assert_eq!((p.miners[0].units, p.miners[0].unit_kw), (151, 3.3));
    assert_eq!((p.gpus[0].gpus, p.gpus[0].full_kw), (714, 0.7));
    assert!(!p.bess[0].on_at_start && p.bess[0].rated_kva == 200.0 && p.bess[0].energy_kwh == 100.0);
    assert_eq!(p.aux.iter().map(|a| a.kw).sum::<f64>(), 0.0);
    assert!((s.policy.target_kw - 499.8).abs() < 1e-9);
    assert_eq!(g.sharing, Sharing::Isochronous);
    assert!(g.machine.flux.is_some() && p.psu.enabled);
    assert_eq!(s.policy.refill_kw_per_s, 16.0);
    let relays: Vec<_> = g.relays.iter().map(|r| (r.name.as_str(), r.pickup * 60.0, r.delay_s)).collect();
    assert_eq!(relays[..2], [("81U-1", 57.0, 5.0), ("81U-2", 54.0, 0.5)]);
}

#[test]
fn reference_cases_load_with_their_trajectories() {
    let files = ron_files("tests/data/reference");
    assert_eq!(files.len(), 11);
    for path in files {
        let s = Scenario::load(&path).unwrap_or_else(|e| panic!("{e}"));
        let set = &s.plant.gensets[0];
        assert!(set.machine.flux.is_none() && set.relays.is_empty() && set.air.is_none(), "{}", s.name);
        assert_eq!((set.machine.h_s, set.machine.d_pu), (1.5, 0.625), "{}", s.name);
        assert!(s.policy.start_at_s.is_none());
        let mut csv = csv::Reader::from_path(path.with_extension("csv")).unwrap();
        assert!(csv.headers().unwrap().iter().take(4).all(|h| h == "t_s" || h.ends_with("_Hz") || h.ends_with("_kW")));
        let rows: Vec<Vec<f64>> =
            csv.records().map(|r| r.unwrap().iter().map(|v| v.parse().unwrap_or(f64::NAN)).collect()).collect();
        assert!(rows.len() > 400, "{}", s.name);
        assert!(rows.last().unwrap()[0] <= s.run_s && rows.windows(2).all(|w| w[0][0] <= w[1][0]), "{}", s.name);
    }
}

#[test]
fn the_library_names_a_source_for_every_value() {
    let sheets = library::all().unwrap();
    let ids: Vec<_> = sheets.iter().map(|s| s.id.as_str()).collect();
    for id in
        ["j320", "c1250n6", "g3516", "cg170-12", "cg260-16", "s19j-pro", "s21", "m60s", "m63", "h100-sxm", "h100-pcie"]
    {
        assert!(ids.contains(&id), "{id}");
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 17);
    for s in &sheets {
        assert!(s.unused.is_empty(), "{}: {:?}", s.id, s.unused);
        for v in &s.values {
            assert!(v.source.len() >= 4 && !v.value.is_empty(), "{} {}", s.id, v.field);
        }
    }
    let files: usize = ["gensets", "miners", "gpus", "bess", "condensers"]
        .iter()
        .map(|f| ron_files(&format!("assets/library/{f}")).len())
        .sum();
    assert_eq!(files, sheets.len(), "a file is not compiled in");
}

#[test]
fn fuel_lines_pass_their_datasheet_points() {
    for g in &library::library().unwrap().gensets {
        for &(kw, fuel_kw) in &g.fuel_points_kw {
            let line = g.fuel.a_kw + g.fuel.b * kw;
            assert!((line / fuel_kw - 1.0).abs() < 0.005, "{} at {kw} kW: {line:.1} against {fuel_kw}", g.id);
        }
    }
}

#[test]
fn a_preset_replaces_engine_and_inertia_and_nothing_else() {
    let mut s = scenario::default_scenario().unwrap();
    let before = s.plant.gensets[0].clone();
    let [soft, nominal, stiff] = scenario::presets();
    for p in [&soft, &stiff] {
        let g = &mut s.plant.gensets[0];
        preset::apply(p, g);
        assert_eq!((&g.preset, &g.air, g.machine.h_s), (&p.name, &p.air, p.h_s));
        assert_eq!(g.governor, Governor::Pid(p.governor.clone()));
    }
    preset::apply(&nominal, &mut s.plant.gensets[0]);
    assert_eq!(s.plant.gensets[0], before);
}

#[test]
fn the_script_speaks_of_every_act() {
    let text = include_str!("data/every-act.ron");
    let s = Scenario::from_str("every-act", "every-act.ron", text, None).unwrap_or_else(|e| panic!("{e}"));
    let words: BTreeSet<String> = s
        .script
        .iter()
        .map(|i| match &i.act {
            ScriptAct::Operate(o) => format!("{o:?}"),
            other => format!("{other:?}"),
        })
        .map(|d| d.split(['(', ' ', '{']).next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(words.len(), 20, "{words:?}");
    let breakers = scenario::breaker_names(&s.plant);
    assert_eq!(
        breakers,
        ["52G G1", "52G G2", "52M miners", "52C train", "52C infer", "52B B1", "52A house", "52A bank", "52T tie"]
    );
    // A script's breaker is the one that the plant counts at that place.
    let e = ballast::engine::Engine::new(std::sync::Arc::new(s));
    let counted: Vec<String> = e.view().breakers.into_iter().map(|b| b.name).collect();
    assert_eq!(breakers, counted);
}

// ---- mistakes -------------------------------------------------------------------------------------------------------

#[track_caller]
fn check(text: &str, expect: &str) {
    let text = text.replace("..", "purpose: \"p\", run_s: 10.0");
    let e = Scenario::from_str("x", "x.ron", &text, None).expect_err("the text is wrong");
    assert_eq!(e.to_string(), format!("{expect}: x.ron"), "in {text}");
}

#[test]
#[rustfmt::skip]
fn every_mistake_has_its_line() {
    check("", "the text ends too early at line 1 column 1 (expected closing brackets)");
    check("(", "the text ends too early at line 1 column 1 (expected closing brackets)");
    check("(..", "the text ends too early at line 1 column 27 (expected closing brackets)");
    check("(.., )x", "text after the end at line 1 column 30 (expected nothing after the last `)`)");
    check("(.., seed: -1)", "a whole number out of bounds at line 1 column 36 (expected a whole number, 0 or more, of at most ten digits)");
    check("(.., sed: 1)", "unknown field `sed` at line 1 column 29 (expected one of `purpose`, `seed`, `run_s`, `plant`, `start`, `policy`, `script`, `expected`, `exercise`)");
    check(r#"(purpose: "p")"#, "field `run_s` is missing at line 1 column 14 (expected `run_s: ...`)");
    check(r#"(purpose: "p", run_s: ten)"#, "not a number at line 1 column 22 (expected a number such as 10.5)");
    check(r#"(purpose: "p", purpose: "q", run_s: 1.0)"#, "field `purpose` is given twice at line 1 column 16 (expected it once)");
    check("(purpose: p, run_s: 1.0)", "not a text at line 1 column 10 (expected a text in quotes)");
    check(r#"(run_s: 1.0, purpose: "p\nq")"#, "`purpose` has 3 characters or is not one line at line 1 column 23 (expected one line of 1 to 100 characters without blanks at its ends)");
    check(r#"(run_s: 0.0, purpose: "p")"#, "`run_s` is 0 at line 1 column 9 (expected 0.1 to 86400)");
    check(r#"(run_s: NaN, purpose: "p")"#, "`run_s` is NaN at line 1 column 9 (expected 0.1 to 86400)");
    check(r#"(run_s: 1e9, purpose: "p")"#, "`run_s` is 1e9 at line 1 column 9 (expected 0.1 to 86400)");
    check(r#"(purpose: "", run_s: 1.0)"#, "`purpose` has 0 characters or is not one line at line 1 column 11 (expected one line of 1 to 100 characters without blanks at its ends)");
    check("(.., plant: (f0_hz: 55.0))", "`f0_hz` is 55 at line 1 column 44 (expected 50.0 or 60.0)");
    check("(.., plant: (\n  tick_ms: 10.0))", "`tick_ms` is 10 at line 2 column 12 (expected 0.1 to 2)");
    check("(.., plant: (tick_ms: 0.05))", "`tick_ms` is 0.05 at line 1 column 46 (expected 0.1 to 2)");
    check("(.., plant: (swing: fast))", "unknown choice `fast` at line 1 column 44 (expected one of `torque`, `power`)");
    check("(.., plant: (sections: []))", "no section at line 1 column 47 (expected at least one bus section)");
    check(r#"(.., plant: (gensets: [(name: "G1", librari: "j320")]))"#, "unknown field `librari` at line 1 column 60 (expected one of `name`, `section`, `library`, `preset`, `rated_kw`, `rated_kva`, `machine`, `governor`, `sharing`, `air`, `p_max_pu`, `overload_s`, `motoring_pu`, `fuel`, `co2_kg_per_kwh`, `derate`, `start_stop`, `overspeed_pu`, `on_at_start`, `initial_share`, `relays`)");
    check(r#"(.., plant: (gensets: [(name: "G1", library: "j32")]))"#, "no genset in the library is called `j32` at line 1 column 69 (expected one of `generic-1mw`, `j320`, `c1250n6`, `g3516`, `cg170-12`, `cg260-16`)");
    check(r#"(.., plant: (gensets: [(name: "G1", preset: "lean")]))"#, "no engine preset is called `lean` at line 1 column 68 (expected one of `lean-slow`, `lean-default`, `fast-response`)");
    check(r#"(.., plant: (gensets: [(name: "G1", rated_kw: -5.0)]))"#, "`rated_kw` is -5 at line 1 column 70 (expected 1 to 100000)");
    check(r#"(.., plant: (gensets: [(name: "G1", machine: (h_s: inf))]))"#, "`h_s` is inf at line 1 column 75 (expected 0.05 to 20)");
    check("(.., plant: (gensets: [\n  (name: \"G1\"),\n  (name: \"G2\"),\n]))", "`G2` is isochronous, and so is `G1` in the same island at line 3 column 3 (expected one isochronous set; droop or load_share for the rest)");
    check("(.., plant: (gensets: [\n  (name: \"G1\"),\n  (name: \"G2\", sharing: isochronous),\n]))", "`G2` is isochronous, and so is `G1` in the same island at line 3 column 25 (expected one isochronous set; droop or load_share for the rest)");
    check(r#"(.., plant: (gensets: [(name: "G1"), (name: "g1", sharing: droop(0.04))]))"#, "the name `g1` is taken at line 1 column 68 (expected a name that no other device or section has)");
    check(r#"(.., plant: (gensets: [(name: "G1", sharing: droop(4.0))]))"#, "`sharing` is 4 at line 1 column 69 (expected 0.001 to 0.2)");
    check(r#"(.., plant: (gensets: [(name: "G1", section: "Bus B")]))"#, "no section is called `Bus B` at line 1 column 69 (expected `Bus`)");
    check(r#"(.., plant: (gensets: [(name: "G1", governor: pid(kp: 1.0))]))"#, "field `ki` is missing at line 1 column 81 (expected `ki: ...`)");
    check(r#"(.., plant: (gensets: [(name: "G1", governor: tgov1(r_pu: 0.04, t1_s: 0.0, t2_s: 0.15, t3_s: 0.4, v_min: 0.0, v_max: 1.1, dt_pu: 0.0))]))"#, "`t1_s` is 0 at line 1 column 94 (expected 0.005 to 100)");
    check(r#"(.., plant: (ties: [(name: "T", from: "Bus", to: "Bus B")]))"#, "no section is called `Bus B` at line 1 column 73 (expected `Bus`)");
    check(r#"(.., plant: (gpus: [(name: "gpu", gpus: 10, full_at_start: 11)]))"#, "`full_at_start` is 11 at line 1 column 83 (expected 0 to 10)");
    check(r#"(.., plant: (gpus: [(name: "gpu", gpus: 1.5)]))"#, "not a whole number at line 1 column 65 (expected a whole number such as 10)");
    check(r#"(.., plant: (gpus: [(name: "gpu", gpus: 10, trace: points([(0.0, 1.0), (0.0, 2.0)]))]))"#, "the time 0 does not rise at line 1 column 95 (expected rising times in s, from 0)");
    check(r#"(.., plant: (gpus: [(name: "gpu", gpus: 10, trace: file("a.csv"))]))"#, "a built-in text has no folder to read a trace from at line 1 column 75 (expected `points([(0.0, 10.0), ...])`)");
    check(r#"(.., plant: (miners: [(name: "m", units: 400)]))"#, "the load at the start is 1320.0 kW at line 1 column 36 (expected at most 1050.0 kW, what the sources in service can carry)");
    check(r#"(.., plant: (bess: [(name: "B1", soc_at_start: 0.95)]))"#, "`soc_at_start` is 0.95 at line 1 column 71 (expected 0.1 to 0.9)");
    check("(.., plant: (relays: strict))", "unknown choice `strict` at line 1 column 45 (expected one of `console`, `woodward`, `none`, `list`)");
    check("(.., plant: (relays: list([\n(name: \"81U-1\", device: \"82U\", pickup: 0.95, delay_s: 1.0)])))", "no relay device is called `82U` at line 2 column 25 (expected one of `81U`, `81O`, `81R`, `27`, `59`, `32R`, `51`, `12`)");
    check(r#"(.., plant: (relays: list([(name: "81U-1", device: "81U", pickup: 57.0, delay_s: 1.0)])))"#, "`pickup` is 57 at line 1 column 90 (expected 0.3 to 1)");
    check(r#"(.., plant: (shedding: stages([(name: "S1", f_pu: 59.3, delay_s: 0.1, what: all_miners)])))"#, "`f_pu` is 59.3 at line 1 column 74 (expected 0.5 to 1)");
    check("(.., policy: (set: mine))", "unknown choice `mine` at line 1 column 43 (expected one of `recommended`, `source`)");
    check("(.., policy: (ceiling_pu: 95.0))", "`ceiling_pu` is 95 at line 1 column 50 (expected 0.3 to 1.1)");
    check("(.., policy: (hold: (df_hz: 0.0)))", "`df_hz` is 0 at line 1 column 52 (expected 0.01 to 50)");
    check("(.., policy: (hold_points_kw: [100.0, 50.0]))", "the hold point 50 does not rise at line 1 column 62 (expected more than 100)");
    check("(.., policy: (step_acceptance_pu: [(0.5, 0.1), (0.5, 0.1)]))", "the load 0.5 does not rise at line 1 column 72 (expected more than 0.5)");
    check("(.., policy: (start_at_s: 11.0))", "`start_at_s` is 11 at line 1 column 50 (expected 0 to 10)");
    check("(.., script: [(at_s: 5.0, act: Stop)])", "unknown choice `Stop` at line 1 column 55 (expected one of `Set`, `Start`, `Hold`, `Resume`, `Abort`, `NextBatch`, `RampDown`, `Breaker`, `StartGenset`, `StopGenset`, `Reset`, `Slam`, `Crash`, `GpuCap`, `Swing`, `AuxKw`, `TripGenset`, `StickMiners`, `BessOn`, `Phase`)");
    check("(.., script: [(at_s: 5.0, act: Start),\n (at_s: 4.0, act: Hold)])", "`at_s` is 4, earlier than the act before at line 2 column 9 (expected at least 5)");
    check("(.., script: [(at_s: 11.0, act: Start)])", "`at_s` is 11 at line 1 column 45 (expected 0 to 10)");
    check(r#"(.., script: [(at_s: 5.0, act: Slam(cohort: "gpus", gpus: 10))])"#, "no GPU cohort is called `gpus` at line 1 column 68 (expected `gpu`)");
    check(r#"(.., script: [(at_s: 5.0, act: Slam(cohort: "gpu", gpus: 715))])"#, "`gpus` is 715 at line 1 column 81 (expected 1 to 714)");
    check(r#"(.., script: [(at_s: 5.0, act: Breaker(name: "52G", closed: true))])"#, "no breaker is called `52G` at line 1 column 69 (expected one of `52G G1`, `52M miners`, `52C gpu`, `52B B1`, `52A aux`, `52A load bank`)");
    check("(.., script: [(at_s: 5.0, act: Set(setpoint: ceiling_pu, value: 2.0))])", "`value` is 2 at line 1 column 88 (expected 0.3 to 1.1)");
    check(r#"(.., script: [(at_s: 5.0, act: AuxKw(aux: "aux", kw: -1.0))])"#, "`kw` is -1 at line 1 column 77 (expected 0 to 100000)");
    check(r#"(.., script: [(at_s: 5.0, act: Swing(cohort: "gpu", peak_to_peak_kw: 50.0, hz: 7.0))])"#, "`hz` is 7 at line 1 column 103 (expected 0.01 to 5)");
    check(r#"(.., expected: (trips: [""]))"#, "an empty name at line 1 column 48 (expected a name such as `81U-2 G1`)");
    check(r#"(.., plant: (f0_hz: "60"))"#, "not a number at line 1 column 43 (expected a number such as 10.5)");
    check("(.., plant: (f0_hz: 60.0 tick_ms: 1.0))", "the value does not end here at line 1 column 49 (expected `,` or a closing bracket)");
    check("(.., plant: (psu_ride_through: maybe))", "unknown choice `maybe` at line 1 column 55 (expected one of `on`, `off`, `custom`)");
    check(r#"(.., plant: (gensets: (name: "G1")))(.., plant: (gensets: [(name: "G1", derate: (ambient_c: 70.0, from_c: 0.0, pu_per_c: 0.1, altitude_m: 0.0, from_m: 0.0, pu_per_100m: 0.0))]))"#, "not a list at line 1 column 45 (expected a list in [ ])");
    check(r#"(.., plant: (gensets: [(name: "Site")]))"#, "the name `Site` is taken at line 1 column 54 (expected a name that no other device or section has)");
    check(r#"(.., plant: (bess: [(name: "B1", soc_min: 0.9, soc_max: 0.1)]))"#, "`soc_max` is 0.1 at line 1 column 80 (expected more than `soc_min`, 0.9)");
}

#[test]
fn an_unreadable_file_is_said_in_one_line() {
    let e = Scenario::load("no/such/file.ron").unwrap_err();
    assert!(matches!(e, Error::Read { .. }));
    assert!(
        e.to_string().starts_with("cannot read the file, ") && e.to_string().ends_with(": no/such/file.ron"),
        "{e}"
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("latin.ron");
    std::fs::write(&path, b"(\n  purpose: \"caf\xe9\")").unwrap();
    let e = Scenario::load(&path).unwrap_err();
    assert!(e.to_string().starts_with("a byte that is not text at line 2 column 16 (expected UTF-8): "), "{e}");
}

#[test]
fn traces_are_read_beside_the_scenario() {
    let dir = tempfile::tempdir().unwrap();
    let load = |csv: &str| {
        std::fs::write(dir.path().join("job.csv"), csv).unwrap();
        let text =
            "(purpose: \"p\", run_s: 10.0, plant: (\n gpus: [(name: \"gpu\", gpus: 10, trace: file(\"job.csv\"))]))";
        Scenario::from_str("x", "x.ron", text, Some(dir.path()))
            .map(|s| s.plant.gpus[0].trace.clone())
            .map_err(|e| e.to_string())
    };
    assert_eq!(load("t_s,kw\n0,1\n0.5, 2.5\n").unwrap(), [(0.0, 1.0), (0.5, 2.5)]);
    let at = "at line 2 column 40";
    for (csv, m, x) in [
        ("t,kw\n0,1\n", "line 1: not the header of a trace", "`t_s,kw`"),
        ("t_s,kw\n0,1\n0,2\n", "line 3: the time 0 does not rise", "rising times in s, from 0"),
        ("t_s,kw\n0,1\n1,x\n", "line 3: not two numbers", "`t_s,kw` such as `0.5,120.0`"),
        ("t_s,kw\n0,inf\n", "line 2: the power is inf", "0 to 1000000 kW"),
        (
            "t_s,kw\n1763638585.215,100\n",
            "line 2: the time is 1763638585.215 s",
            "0 to 10000000 s, counted from the start of the run: take the time of the first row off the times of a log",
        ),
        ("t_s,kw\n", "line 1: no rows", "at least one row"),
    ] {
        assert_eq!(load(csv).unwrap_err(), format!("trace `job.csv` {m} {at} (expected {x}): x.ron"));
    }
}

// ---- mutations ------------------------------------------------------------------------------------------------------

/// Pieces of a text: runs of letters and digits, and single other characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (i, c) in text.char_indices() {
        if !(c.is_alphanumeric() || c == '_' || c == '.') {
            out.push(&text[start..i]);
            out.push(&text[i..i + c.len_utf8()]);
            start = i + c.len_utf8();
        }
    }
    out.push(&text[start..]);
    out.retain(|t| !t.is_empty());
    out
}

#[test]
fn ten_thousand_mutations_never_panic_and_say_where() {
    let texts: Vec<&str> =
        scenario::builtin().iter().map(|(_, t)| *t).chain([include_str!("data/every-act.ron")]).collect();
    let pool: Vec<&str> = texts.iter().flat_map(|t| tokens(t)).chain(ODD.iter().copied()).collect();
    let mut rng = Pcg32::seed_from_u64(20);
    let mut below = |n: usize| (rng.next_u64() % n.max(1) as u64) as usize;
    let (mut good, mut bad) = (0, 0);
    for i in 0..10_000 {
        let source = texts[below(texts.len())];
        let text = if i % 2 == 0 {
            let mut t = tokens(source);
            for _ in 0..=below(3) {
                let at = below(t.len());
                match below(4) {
                    0 => drop(t.remove(at)),
                    1 => t.insert(at, t[at]),
                    2 => t[at] = pool[below(pool.len())],
                    _ => {
                        let other = below(t.len());
                        t.swap(at, other);
                    }
                }
            }
            t.concat()
        } else {
            let mut b = source.as_bytes().to_vec();
            for _ in 0..=below(3) {
                let at = below(b.len());
                match below(4) {
                    0 => drop(b.remove(at)),
                    1 => b.insert(at, b[at]),
                    2 => b[at] = below(256) as u8,
                    _ => b.truncate(at.max(1)),
                }
            }
            String::from_utf8_lossy(&b).into_owned()
        };
        match Scenario::from_str("m", "m.ron", &text, None) {
            Ok(_) => good += 1,
            Err(e) => {
                bad += 1;
                let line = e.to_string();
                let (l, c) = e.position().unwrap();
                assert!(
                    line.contains(&format!(" at line {l} column {c} (expected ")) && line.ends_with("): m.ron"),
                    "{line}"
                );
                assert!(!line.contains(['\n', '\r']), "{line:?}");
                assert!(l <= text.lines().count() + 1 && c <= text.chars().count() + 1, "{line}\n{text}");
            }
        }
    }
    assert!(good > 500 && bad > 3000, "{good} accepted, {bad} refused: the mutations do not probe");
}

/// Values that a file should never be able to do harm with.
const ODD: &[&str] = &[
    "NaN",
    "inf",
    "-inf",
    "1e308",
    "-1",
    "0",
    "0.0",
    "4294967295",
    "18446744073709551616",
    "\"\"",
    "None",
    "Some(1)",
    "((((((((",
    "[[[[[[",
    "'",
    "\"",
    "r#\"",
    "/*",
    "//",
    "\u{0}",
    "\u{2028}",
    "é",
    "true",
    "-",
    "true",
    "#![enable(x)]",
    "{",
    "}",
];

/// GPUs at full beside a measured load of the same cohort counted twice: 500 kW and the trace on top.
#[test]
fn regress_a_trace_is_the_power_of_its_whole_cohort() {
    let load = |more: &str| {
        let text = format!(
            "(purpose: \"p\", run_s: 10.0, plant: (gpus: [(name: \"gpu\", gpus: 100, {more} trace: points([(0.0, 40.0), (9.0, 40.0)]))]))"
        );
        Scenario::from_str("x", "x.ron", &text, None).map_err(|e| e.to_string())
    };
    for key in ["full_at_start: 100,", "preload_at_start: 1,", "scheduled: true,"] {
        let why = load(key).expect_err(key);
        assert!(why.contains("count twice") && why.contains("line 1 column"), "{why}");
    }
    let s = load("").unwrap_or_else(|e| panic!("{e}"));
    assert!(!s.plant.gpus[0].scheduled, "no schedule moves it");
    let mut p = ballast::plant::system::Plant::new(std::sync::Arc::new(s.plant), 1);
    use ballast::plant::gpu::Phase::{Full, Off};
    assert_eq!((p.gpu_kw(0), p.shift_gpus(0, 50, Off, Full, None)), (40.0, 0));
}

/// The table of a policy's fields is what files are read by: whatever row it has can be given, and arrives.
#[test]
fn every_field_of_a_policy_can_be_given_in_a_file() {
    let load = |policy: &str| {
        let text = format!("(purpose: \"p\", run_s: 10.0, plant: (), policy: ({policy}))");
        Scenario::from_str("x", "x.ron", &text, None).unwrap_or_else(|e| panic!("{e}\n{text}")).policy
    };
    let base = load("");
    for f in &ballast::control::fields::FIELDS {
        let now = (f.get)(&base);
        let want = f.range.into_iter().find(|v| *v != now).unwrap();
        let mut written = base.clone();
        (f.set)(&mut written, want);
        let json = serde_json::to_value(&written).unwrap();
        let value = f.key.split('.').fold(&json, |at, key| &at[key]).to_string().replace('"', "");
        let text = match f.key.split_once('.') {
            Some((outer, inner)) => format!("{outer}: ({inner}: {value})"),
            None => format!("{}: {value}", f.key),
        };
        assert_eq!((f.get)(&load(&text)), want, "{text}");
    }
}

/// A misspelt field with a default would be passed over in silence. So one is put into every pair of brackets with fields
/// of every file that the program carries for its users.
#[test]
fn regress_a_field_that_nobody_knows_is_refused_wherever_it_stands() {
    let all = scenario::builtin().iter().chain(scenario::exercises()).chain(scenario::initial_conditions());
    let mut tried = 0;
    for (name, text) in all {
        let code = text.lines().map(|l| l.split("//").next().unwrap_or(l)).collect::<Vec<_>>().join("\n");
        for (at, _) in code.match_indices('(') {
            let inside = code[at + 1..].trim_start();
            let field =
                inside.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_').count();
            if field == 0 || !inside[field..].trim_start().starts_with(':') {
                continue;
            }
            let odd = format!("{}(nobody_knows: 1, {}", &code[..at], &code[at + 1..]);
            let read = Scenario::from_str(name, name, &odd, None);
            let why = read.err().map(|e| e.to_string()).unwrap_or_default();
            assert!(
                why.contains("nobody_knows"),
                "{name}, byte {at}: {why:?} of {}",
                &code[at..].lines().next().unwrap()
            );
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}
