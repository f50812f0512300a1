//! Scenario files, equipment library and presets: what is shipped is complete, and what is wrong is said in one line.

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
        let built_in = scenario::builtin_scenario(&s.name).unwrap_or_else(|| panic!("{} is not built in", s.name)).unwrap();
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
    for id in ["j320", "c1250n6", "g3516", "cg170-12", "cg260-16", "s19j-pro", "s21", "m60s", "m63", "h100-sxm", "h100-pcie"] {
        assert!(ids.contains(&id), "{id}");
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 16);
    for s in &sheets {
        assert!(s.unused.is_empty(), "{}: {:?}", s.id, s.unused);
        for v in &s.values {
            assert!(v.source.len() >= 4 && !v.value.is_empty(), "{} {}", s.id, v.field);
        }
    }
    let files: usize = ["gensets", "miners", "gpus", "bess"].iter().map(|f| ron_files(&format!("assets/library/{f}")).len()).sum();
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
    assert_eq!(words.len(), 19, "{words:?}");
    let breakers = scenario::breaker_names(&s.plant);
    assert_eq!(breakers, ["52G G1", "52G G2", "52B B1", "tie"]);
}

// ---- mistakes -------------------------------------------------------------------------------------------------------

#[track_caller]
fn check(text: &str, expect: &str) {
    let text = text.replace("..", "purpose: \"p\", run_s: 10.0");
    let e = Scenario::from_str("x", "x.ron", &text, None).expect_err("the text is wrong");
    assert_eq!(e.to_string(), format!("{expect}: x.ron"), "in {text}");
}

#[test]
fn mistakes_in_the_text_are_said_in_one_line() {
    check("", "the text ends too early at line 1 column 1 (expected closing brackets)");
}

#[test]
fn an_unreadable_file_is_said_in_one_line() {
    let e = Scenario::load("no/such/file.ron").unwrap_err();
    assert!(matches!(e, Error::Read { .. }));
    assert!(e.to_string().starts_with("cannot read the file, ") && e.to_string().ends_with(": no/such/file.ron"), "{e}");
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
        let text = "(purpose: \"p\", run_s: 10.0, plant: (\n gpus: [(name: \"gpu\", gpus: 10, trace: file(\"job.csv\"))]))";
        Scenario::from_str("x", "x.ron", text, Some(dir.path())).map(|s| s.plant.gpus[0].trace.clone()).map_err(|e| e.to_string())
    };
    assert_eq!(load("t_s,kw\n0,1\n0.5, 2.5\n").unwrap(), [(0.0, 1.0), (0.5, 2.5)]);
    let at = "at line 2 column 41";
    for (csv, m, x) in [
        ("t,kw\n0,1\n", "line 1: not the header of a trace", "`t_s,kw`"),
        ("t_s,kw\n0,1\n0,2\n", "line 3: the time 0 does not rise", "rising times in s, from 0"),
        ("t_s,kw\n0,1\n1,x\n", "line 3: not two numbers", "`t_s,kw` such as `0.5,120.0`"),
        ("t_s,kw\n0,inf\n", "line 2: the power is inf", "0 to 1000000 kW"),
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
    let texts: Vec<&str> = scenario::builtin().iter().map(|(_, t)| *t).chain([include_str!("data/every-act.ron")]).collect();
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
                assert!(line.contains(&format!(" at line {l} column {c} (expected ")) && line.ends_with("): m.ron"), "{line}");
                assert!(!line.contains(['\n', '\r']), "{line:?}");
                assert!(l <= text.lines().count() + 1 && c <= text.chars().count() + 1, "{line}\n{text}");
            }
        }
    }
    assert!(good > 500 && bad > 3000, "{good} accepted, {bad} refused: the mutations do not probe");
}

/// Values that a file should never be able to do harm with.
const ODD: &[&str] = &[
    "NaN", "inf", "-inf", "1e308", "-1", "0", "0.0", "4294967295", "18446744073709551616", "\"\"", "None", "Some(1)", "((((((((",
    "[[[[[[", "'", "\"", "r#\"", "/*", "//", "\u{0}", "\u{2028}", "é", "true", "-", "true", "#![enable(x)]", "{", "}",
];
