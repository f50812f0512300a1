//! The script: times, and names to indices.

use super::super::breaker_names;
use super::super::schema::control::{ActFile, ItemFile, Shape};
use super::super::{ScriptAct, ScriptItem};
use crate::acts::{LEAST_CAP, Operate};
use crate::plant::config::{GpuCohort, Plant};
use crate::plant::gpu::Phase;
use crate::text::{At, Checked};

pub(super) fn script(items: &[ItemFile], plant: &Plant, run_s: f64) -> Checked<Vec<ScriptItem>> {
    let names = DeviceNames::new(plant);
    let top = At::top();
    let list = top.key("script");
    let mut before = 0.0;
    let mut out = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let at = list.index(i);
        let at_s = at.num("at_s", item.at_s, 0.0, run_s)?;
        if at_s < before {
            return Err(at
                .key("at_s")
                .problem(format!("`at_s` is {at_s}, earlier than the act before"), format!("at least {before}")));
        }
        before = at_s;
        out.push(ScriptItem { at_s, act: act(&at.key("act"), &item.act, plant, &names)? });
    }
    Ok(out)
}

struct DeviceNames<'a> {
    gensets: Vec<&'a str>,
    gpus: Vec<&'a str>,
    miners: Vec<&'a str>,
    aux: Vec<&'a str>,
    bess: Vec<&'a str>,
    breakers: Vec<String>,
}

impl<'a> DeviceNames<'a> {
    fn new(p: &'a Plant) -> Self {
        Self {
            gensets: p.gensets.iter().map(|d| d.name.as_str()).collect(),
            gpus: p.gpus.iter().map(|d| d.name.as_str()).collect(),
            miners: p.miners.iter().map(|d| d.name.as_str()).collect(),
            aux: p.aux.iter().map(|d| d.name.as_str()).collect(),
            bess: p.bess.iter().map(|d| d.name.as_str()).collect(),
            breakers: breaker_names(p),
        }
    }
}

fn act(at: &At, f: &ActFile, plant: &Plant, n: &DeviceNames) -> Checked<ScriptAct> {
    let genset = |name: &str| at.find("genset", "genset", name, &n.gensets);
    let cohort = |name: &str| at.find("cohort", "GPU cohort", name, &n.gpus);
    // GPUs that follow a measured load have no phases.
    let phased = |c: usize| {
        if plant.gpus[c].trace.is_empty() {
            Ok(c)
        } else {
            Err(at.key("cohort").problem("this cohort follows its trace", "a cohort without one"))
        }
    };
    let operate = match f {
        ActFile::Set { setpoint, value } => {
            let [lo, hi] = setpoint.range();
            Operate::Set(*setpoint, at.num("value", *value, lo, hi)?)
        }
        ActFile::Start => Operate::Start,
        ActFile::Hold => Operate::Hold,
        ActFile::Resume => Operate::Resume,
        ActFile::Abort => Operate::Abort,
        ActFile::NextBatch => Operate::NextBatch,
        ActFile::RampDown => Operate::RampDown,
        ActFile::Reset => Operate::Reset,
        ActFile::Breaker { name, closed } => {
            Operate::Breaker(index(at.find("name", "breaker", name, &n.breakers)?), *closed)
        }
        ActFile::StartGenset { genset: g } => Operate::StartGenset(index(genset(g)?)),
        ActFile::StopGenset { genset: g } => Operate::StopGenset(index(genset(g)?)),
        ActFile::Crash { cohort: c } => Operate::Crash(index(cohort(c)?)),
        ActFile::GpuCap { cohort: c, pct, w } => {
            let cohort = cohort(c)?;
            let full_w = plant.gpus[cohort].full_kw * 1000.0;
            let share = match (pct, w) {
                (Some(pct), None) => at.num("pct", *pct, 100.0 * LEAST_CAP, 100.0)? / 100.0,
                (None, Some(w)) => at.num("w", *w, LEAST_CAP * full_w, full_w)? / full_w,
                _ => return Err(at.problem("a cap is either per cent or W", "one of `pct` and `w`")),
            };
            Operate::GpuCap(index(cohort), share)
        }
        ActFile::Slam { cohort: None, gpus, from: None } => {
            let fleet = plant.gpus.iter().fold(0u32, |a, g| a.saturating_add(g.gpus));
            Operate::Slam(at.count("gpus", *gpus, 1, fleet.max(1))?)
        }
        ActFile::Slam { cohort: None, from: Some(_), .. } => {
            return Err(at.key("from").problem("`from` without a cohort", "`cohort: \"...\"` as well"));
        }
        ActFile::Slam { cohort: Some(c), gpus, from } => {
            let cohort = phased(cohort(c)?)?;
            let n = gpus_of(at, *gpus, &plant.gpus[cohort])?;
            return Ok(ScriptAct::Phase { cohort, n, from: from.unwrap_or(Phase::Preload), to: Phase::Full });
        }
        ActFile::Phase { cohort: c, gpus, from, to } => {
            if from == to {
                return Err(at.key("to").problem("both phases are the same", "another phase"));
            }
            let cohort = phased(cohort(c)?)?;
            let n = gpus_of(at, *gpus, &plant.gpus[cohort])?;
            return Ok(ScriptAct::Phase { cohort, n, from: *from, to: *to });
        }
        ActFile::Swing { cohort: c, peak_to_peak_kw, hz, shape } => {
            let cohort = cohort(c)?;
            let g = &plant.gpus[cohort];
            let most = f64::from(g.gpus) * g.full_kw;
            return Ok(ScriptAct::Swing {
                cohort,
                peak_to_peak_kw: at.num("peak_to_peak_kw", *peak_to_peak_kw, 0.0, most)?,
                hz: at.num("hz", *hz, 0.01, 5.0)?,
                square: matches!(shape, Shape::Square),
            });
        }
        ActFile::AuxKw { aux, kw } => {
            let aux = at.find("aux", "aux load", aux, &n.aux)?;
            return Ok(ScriptAct::AuxKw { aux, kw: at.num("kw", *kw, 0.0, 100_000.0)? });
        }
        ActFile::TripGenset { genset: g } => return Ok(ScriptAct::TripGenset(genset(g)?)),
        ActFile::StickMiners { fleet, share } => {
            let fleet = at.find("fleet", "miner fleet", fleet, &n.miners)?;
            return Ok(ScriptAct::StickMiners { fleet, share: at.num("share", *share, 0.0, 1.0)? });
        }
        ActFile::BessOn { bess, on } => {
            return Ok(ScriptAct::BessOn { bess: at.find("bess", "battery", bess, &n.bess)?, on: *on });
        }
    };
    Ok(ScriptAct::Operate(operate))
}

fn gpus_of(at: &At, gpus: u32, cohort: &GpuCohort) -> Checked<u32> {
    at.count("gpus", gpus, 1, cohort.gpus.max(1))
}

/// Lists hold a few hundred devices at most.
fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}
