//! Lays a measured state over what the devices start as.

use super::super::schema::start::StartFile;
use super::super::{NOT_METERED, preset};
use super::genset;
use crate::plant::bess::droop_kw;
use crate::plant::config::{AtStart, AuxLoad, Plant, Sharing};
use crate::text::{At, Checked};

/// The rest may feed the bus by so much of the rating of all sources: meters differ, and units are whole.
const FEEDS_PU: f64 = 0.1;

fn names<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    all.cloned().collect()
}

pub(super) fn apply(at: &At, f: &StartFile, plant: &mut Plant) -> Checked<()> {
    at.line("of", &f.of, 120)?;
    let f0 = plant.f0_hz;
    plant.at_start = AtStart {
        f_pu: at.num("f_hz", f.f_hz.unwrap_or(f0), 0.9 * f0, 1.1 * f0)? / f0,
        v_pu: at.num("v_pu", f.v_pu.unwrap_or(1.0), 0.8, 1.2)?,
    };
    sources(at, f, plant)?;
    loads(at, f, plant)?;
    rest(at, f.rest_kw, plant)
}

fn sources(at: &At, f: &StartFile, plant: &mut Plant) -> Checked<()> {
    let (list, known) = (at.key("gensets"), names(plant.gensets.iter().map(|g| &g.name)));
    for (i, s) in f.gensets.iter().enumerate() {
        let at = list.index(i);
        let g = &mut plant.gensets[at.find("name", "genset", &s.name, &known)?];
        g.on_at_start = s.on.unwrap_or(g.on_at_start);
        if let Some(kw) = s.kw {
            // the share weighs with the rating
            let kw = at.num("kw", kw, -g.rated_kw, 2.0 * g.rated_kw)?;
            g.initial_share = (kw / g.rated_kw).max(1e-3);
        }
        if let Some(engine) = &s.engine {
            preset::apply(engine, g);
            g.sharing = engine.droop_pu.map_or(g.sharing, Sharing::Droop);
            genset::check(&at, g, true)?;
        }
    }
    let (list, known) = (at.key("bess"), names(plant.bess.iter().map(|b| &b.name)));
    for (i, s) in f.bess.iter().enumerate() {
        let at = list.index(i);
        let b = &mut plant.bess[at.find("name", "battery", &s.name, &known)?];
        b.on_at_start = s.on.unwrap_or(b.on_at_start);
        let kw = at.num("kw", s.kw.unwrap_or(b.p_set_kw), -b.rated_kva, b.rated_kva)?;
        // it gives so much with what its droop adds at this frequency
        b.p_set_kw = kw + droop_kw(b, plant.at_start.f_pu, plant.f0_hz, b.rated_kva);
        b.soc_at_start = at.num("soc", s.soc.unwrap_or(b.soc_at_start), 0.0, 1.0)?;
    }
    Ok(())
}

fn loads(at: &At, f: &StartFile, plant: &mut Plant) -> Checked<()> {
    let (list, known) = (at.key("gpus"), names(plant.gpus.iter().map(|c| &c.name)));
    for (i, s) in f.gpus.iter().enumerate() {
        let at = list.index(i);
        let c = &mut plant.gpus[at.find("name", "GPU cohort", &s.name, &known)?];
        c.preload_at_start = at.count("preload", s.preload, 0, c.gpus)?;
        c.full_at_start = at.count("full", s.full, 0, c.gpus - c.preload_at_start)?;
        c.full_kw = at.num("full_kw", s.full_kw.unwrap_or(c.full_kw), 0.001, 1000.0)?;
        c.off_kw = c.off_kw.min(c.full_kw);
        // what it would add is part of what was measured
        c.trace.clear();
    }
    let (list, known) = (at.key("miners"), names(plant.miners.iter().map(|m| &m.name)));
    for (i, s) in f.miners.iter().enumerate() {
        let at = list.index(i);
        let m = &mut plant.miners[at.find("name", "miner fleet", &s.name, &known)?];
        m.on_at_start = at.count("on", s.on, 0, m.units)?;
        m.unit_kw = at.num("unit_kw", s.unit_kw.unwrap_or(m.unit_kw), 0.01, 1000.0)?;
    }
    let (list, known) = (at.key("aux"), names(plant.aux.iter().map(|a| &a.name)));
    for (i, s) in f.aux.iter().enumerate() {
        let at = list.index(i);
        let a = &mut plant.aux[at.find("name", "aux load", &s.name, &known)?];
        a.kw = at.num("kw", s.kw, 0.0, 100_000.0)?;
    }
    Ok(())
}

/// Puts what no device takes on the section of the largest set.
fn rest(at: &At, kw: f64, plant: &mut Plant) -> Checked<()> {
    let rated_kw = plant.gensets.iter().map(|g| g.rated_kw).chain(plant.bess.iter().map(|b| b.rated_kva)).sum::<f64>();
    let kw = at.num("rest_kw", kw, -FEEDS_PU * rated_kw, 2.0 * rated_kw)?;
    if kw != 0.0 {
        plant.aux.push(AuxLoad {
            name: NOT_METERED.to_owned(),
            section: plant.site_section(),
            kw,
            power_factor: 1.0,
            z_share: 0.0,
            i_share: 0.0,
            load_bank: false,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::plant::system::Plant;
    use crate::scenario::Scenario;

    fn read(start: &str) -> Result<Scenario, String> {
        let text = format!("(purpose: \"p\", run_s: 10.0, start: ({start}))");
        Scenario::from_str("s", "s.ron", &text, None).map_err(|e| e.to_string())
    }

    #[test]
    fn a_run_starts_at_rest_in_the_state_that_is_given() {
        let s = read(
            r#"of: "site-01", f_hz: 59.7, v_pu: 0.985, gensets: [(name: "G1", on: true, kw: 640.0)],
            gpus: [(name: "gpu", full: 300)], miners: [(name: "miners", on: 100)],
            bess: [(name: "B1", on: true, kw: 25.0, soc: 0.41)], rest_kw: 12.5"#,
        )
        .unwrap();
        assert_eq!(s.starts_as.as_deref(), Some("site-01"));
        let plant = Plant::new(std::sync::Arc::new(s.plant), 1);
        let isl = &plant.islands[plant.main_island()];
        assert!((isl.f_pu * 60.0 - 59.7).abs() < 1e-12 && (isl.vm - 0.985).abs() < 1e-12, "{isl:?}");
        let gen_kw = plant.gensets[0].terminal.p * 1000.0;
        assert!((gen_kw - (300.0 * 0.7 + 330.0 + 12.5 - 25.0)).abs() < 1e-6, "{gen_kw}");
        assert_eq!(plant.bess[0].soc, 0.41);
        let mut later = plant.clone();
        (0..5000).for_each(|_| later.step());
        let isl = &later.islands[later.main_island()];
        assert!((isl.f_pu * 60.0 - 59.7).abs() < 1e-6 && (isl.vm - 0.985).abs() < 1e-6, "{isl:?}");
    }

    #[test]
    fn what_no_plant_can_start_from_is_refused_with_its_place() {
        for (start, says) in [
            (r#"of: "x", f_hz: 20.0"#, "`f_hz` is 20"),
            (r#"of: "x", gensets: [(name: "G9")]"#, "no genset is called `G9`"),
            (r#"of: "x", gpus: [(name: "gpu", full: 9000)]"#, "`full` is 9000"),
            (r#"of: "x", miners: [(name: "miners", on: 152)]"#, "`on` is 152"),
            (r#"of: "x", rest_kw: -900.0"#, "`rest_kw` is -900"),
            (r#"of: "x", bess: [(name: "B1", soc: 1.5)]"#, "`soc` is 1.5"),
        ] {
            let e = read(start).unwrap_err();
            assert!(e.contains(says) && e.contains("line 1"), "{e}");
        }
    }
}
