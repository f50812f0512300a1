//! `ballast fit` as a command: refusals in the words of the file, totals of several sets, the page, a second recording.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "fit_plants/foreign.rs"]
#[allow(dead_code, reason = "one plant of it is enough here")]
mod foreign;

use std::path::Path;

use foreign::PLANTS;

fn ballast(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let o = std::process::Command::new(env!("CARGO_BIN_EXE_ballast")).current_dir(folder).args(args).output().unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (o.status.code(), text(&o.stdout), text(&o.stderr))
}

/// 24 s of a PI set as CSV with these columns for power.
fn csv(header: &str, row: impl Fn(&[f64; 3]) -> String) -> String {
    let rows = PLANTS[0].record(2, 24.0, &|t| {
        if t > 12.03 {
            0.41
        } else if t > 5.03 {
            0.56
        } else {
            0.44
        }
    });
    rows.iter().fold(header.to_owned() + "\n", |all, r| all + &row(r) + "\n")
}

fn totals(header: &str) -> String {
    csv(header, |r| format!("{:.1},{:.4},{:.1}", r[0], r[1], r[2]))
}

const TWO: &str = "(purpose: \"two sets share\", run_s: 10, plant: (gensets: [(name: \"G1\", preset: \"lean-default\", \
                   sharing: droop(0.04)), (name: \"G2\", preset: \"lean-default\", sharing: droop(0.04))]))";

#[test]
fn refusals_name_the_columns_that_the_file_should_have() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("two.ron", TWO);
    write("no-f.csv", "t_s,site.gen_kw\n0,500\n0.1,500\n");
    write("no-p.csv", "t_s,site.f_hz\n0,60\n0.1,60\n");
    write("half.csv", "t_s,site.f_hz,g1.p_kw,site.gen_kw\n0,60,500,900\n0.1,60,500,900\n");
    let says = |args: &[&str]| {
        let (code, _, err) = ballast(dir.path(), args);
        assert_eq!(code, Some(2), "{err}");
        err
    };
    assert_eq!(
        says(&["fit", "no-f.csv"]),
        "ballast: the file has no frequency (expected a column site.f_hz): no-f.csv\n"
    );
    assert_eq!(
        says(&["fit", "no-p.csv"]),
        "ballast: the file has no genset power (expected a column site.gen_kw or g1.p_kw): no-p.csv\n"
    );
    assert_eq!(
        says(&["fit", "half.csv", "--scenario", "two.ron"]),
        "ballast: the file does not say which sets were on the bus (expected columns g2.p_kw beside the others, or site.gen_kw alone): \
         half.csv\n"
    );
    assert!(says(&["fit", "no-f.csv", "--rated-kw", "0"]).starts_with("ballast: --rated-kw: 0 (expected more than 0)"));
}

#[test]
fn totals_of_two_sets_are_one_set_and_the_page_shows_it() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("two.ron", TWO);
    write("totals.csv", &totals("t_s,site.f_hz,site.gen_kw"));
    let args = ["fit", "totals.csv", "--scenario", "two.ron", "--report", "p.html", "--check", "totals.csv"];
    let (code, out, err) = ballast(dir.path(), &args);
    assert!(code.is_some_and(|c| c < 2), "{err}");
    assert!(out.starts_with("the file has only the total of G1, G2: fitted as one set of 2000 kW"), "{out}");
    assert!(
        out.contains("Structure: ") && out.contains("Seen: ") && out.contains("predicted of the second recording: ")
    );
    let page = std::fs::read_to_string(dir.path().join("p.html")).unwrap();
    for part in [
        "Validation of G1+G2",
        "Measured against model",
        "95 % interval",
        "What is not known",
        "Structures that were tried",
        "Prediction of another recording",
        "ballast fit totals.csv --scenario two.ron --report p.html --check totals.csv",
        "<svg",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf"), "no figure that is none");
}

#[test]
fn a_batterys_power_beside_its_scenario_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let text = csv("t_s,site.f_hz,g1.p_kw,b1.p_kw", |r| format!("{:.1},{:.4},{:.1},0.0", r[0], r[1], r[2]));
    std::fs::write(dir.path().join("b.csv"), text).unwrap();
    let (code, out, err) = ballast(dir.path(), &["fit", "b.csv", "--scenario", "bess-100kw", "--json"]);
    assert!(code.is_some_and(|c| c < 2), "{err}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(json["structure"].is_string() && json["parameters"]["h_s"]["value"].is_number());
    assert!(json["not_this_model"].is_boolean() && json["swings"].is_array());
}
