//! What a map turns into, and what it is refused for.

use super::*;

fn site(tags: &str) -> String {
    format!(
        r#"(
    name: "Site", source: "made up",
    plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1"]),
    endpoints: [(name: "meter", link: Modbus(host: "10.0.0.1:502"), groups: [(name: "fast", period_ms: 100, cosample: true, tags: [
{tags}
    ])])],
)"#
    )
}

fn refused(tags: &str) -> String {
    Map::from_str("m.ron", &site(tags)).unwrap_err().to_string()
}

#[test]
fn units_signs_and_ranges_become_those_of_the_signal() {
    let map = Map::from_str(
        "m.ron",
        &site(
            r#"(name: "p", at: Reg(address: 26, kind: F32), unit: "W", sign: opposite, valid: (-1e6, 2e5), to: "site.gen_kw"),
               (name: "oil", at: Reg(table: Input, address: 30, kind: U16), scale: 0.1, unit: "bar", valid: (0, 10)),"#,
        ),
    )
    .unwrap();
    let p = &map.tags[0];
    assert_eq!((p.scale, p.valid, p.unit.name()), ([-1e-3, 0.0], [-200.0, 1000.0], "kW"));
    assert!((p.stale_s - 0.3).abs() < 1e-12);
    assert_eq!((map.tags[1].unit.name(), map.endpoint_of(1)), ("bar", Some(0)));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let f = r#"(name: "f", at: Reg(address: 0, kind: F32), unit: "Hz", valid: (40, 75), to: "site.f_hz"),"#;
    for (tags, says) in [
        (f.replace("Hz", "furlong"), "no unit is called `furlong` at line 5 column 51"),
        (f.replace("\"Hz\"", "\"kW\""), "`kW` is not a unit of this signal at line 5"),
        (f.replace("site.f_hz", "site.speed"), "no signal is called `site.speed` at line 5"),
        (f.replace("(40, 75)", "(75, 40)"), "`valid` is no range at line 5"),
        (f.replace("address: 0", "table: Coil, address: 0"), "a table of bits at line 5"),
        (f.replace("address: 0", "address: 65535"), "the value runs past address 65535 at line 5"),
        (
            f.replace("kind: F32", "kind: U16, na: (codes: [50])"),
            "the code 0x32 means no value, but is 50 within `valid`",
        ),
        (
            format!("{f}\n{}", f.replace("\"f\"", "\"g\"").replace(": 0,", ": 8,")),
            "`f` feeds `site.f_hz` already, with the same priority at line 6",
        ),
        (
            format!("{f}\n{}", f.replace("\"f\"", "\"g\"").replace(": 0,", ": 1,").replace(", to: \"site.f_hz\"", "")),
            "`f` and `g` share register 1",
        ),
        (
            format!("{f}\n{}", f.replace(", to: \"site.f_hz\"", "").replace(": 0,", ": 8,")),
            "two tags are called `f` at line 6",
        ),
        (
            format!(
                "{f}\n{}",
                f.replace("\"f\"", "\"g\"").replace(": 0,", ": 200,").replace(", to: \"site.f_hz\"", "")
            ),
            "the group spans 202 registers",
        ),
        (f.replace("Reg(address: 0, kind: F32)", "Json(topic: \"a\", pointer: \"/f\")"), "this link has no such place"),
        (f.replace("kind: F32", "kind: Bit(16)"), "a register has no bit 16"),
    ] {
        let error = refused(&tags);
        assert!(error.starts_with(says), "{error}\nshould begin with: {says}");
        assert!(!error.contains('\n') && error.ends_with("m.ron"), "one line, path last: {error}");
    }
}

#[test]
fn a_write_table_has_no_name() {
    let error = refused(r#"(name: "x", at: Reg(table: WriteSingle, address: 0, kind: U16), valid: (0, 1)),"#);
    assert!(error.starts_with("unknown choice `WriteSingle`"), "{error}");
}

#[test]
fn regress_a_file_that_is_too_large_for_a_map_is_refused_unread() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.ron");
    std::fs::File::create(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
    let why = Map::load(&path).unwrap_err().to_string();
    assert!(why.contains("larger than a tag map may be, 16 MB") && why.contains("large.ron"), "{why}");
    assert!(!Map::is_one(&path));
}
