//! Sections, ties, islands at the start, and the plant as a whole.

use std::borrow::Cow;

use super::super::preset::EnginePreset;
use super::super::schema::plant::{
    AuxFile, BessFile, CondenserFile, GensetFile, GpuFile, MinerFile, PlantFile, PsuFile, SheddingFile, TieFile,
};
use super::super::{breaker_names, preset};
use super::{Context, devices, genset};
use crate::plant::config::{AtStart, Bess, BessMode, Condenser, Plant, PsuRideThrough, Sharing, Tie};
use crate::plant::protection::{ShedStage, ShedWhat};
use crate::plant::{governor, topology};
use crate::text::{At, Checked};

/// What the policy needs to know of the engines: the softest preset, and the rating of all sets (of all batteries where
/// there is no set).
pub(super) struct Engine {
    pub preset: EnginePreset,
    pub rated_kw: f64,
}

/// At most this many devices of a kind: a bound on memory, not on ambition.
const MOST: usize = 256;

/// The built-in plant, list by list: 1 MW of engine, 498.3 kW of miners, 499.8 kW of GPUs, a battery out of service.
mod built_in {
    use super::{AuxFile, BessFile, GensetFile, GpuFile, MinerFile};

    pub(super) fn gensets() -> Vec<GensetFile> {
        vec![GensetFile { name: "G1".into(), ..GensetFile::default() }]
    }

    pub(super) fn gpus() -> Vec<GpuFile> {
        vec![GpuFile { name: "gpu".into(), gpus: 714, ..GpuFile::default() }]
    }

    /// On a wired site network miners answer more evenly than the library's figure, which is for any network.
    pub(super) fn miners() -> Vec<MinerFile> {
        let (latency_s, latency_sigma) = (Some(0.5), Some(0.3));
        vec![MinerFile { name: "miners".into(), units: 151, latency_s, latency_sigma, ..MinerFile::default() }]
    }

    pub(super) fn aux() -> Vec<AuxFile> {
        let bank = AuxFile { name: "load bank".into(), load_bank: true, z_share: 1.0, ..AuxFile::default() };
        vec![AuxFile { name: "aux".into(), ..AuxFile::default() }, bank]
    }

    pub(super) fn bess() -> Vec<BessFile> {
        let (rated_kva, energy_kwh) = (Some(200.0), Some(100.0));
        vec![BessFile { name: "B1".into(), rated_kva, energy_kwh, on_at_start: Some(false), ..BessFile::default() }]
    }
}

/// Builds the plant.
pub(super) fn plant(cx: &mut Context, f: &PlantFile) -> Checked<(Plant, Engine)> {
    let top = At::top();
    let at = top.key("plant");
    let f0_hz = f.f0_hz.unwrap_or(60.0);
    if f0_hz != 50.0 && f0_hz != 60.0 {
        return Err(at.key("f0_hz").problem(format!("`f0_hz` is {f0_hz}"), "50.0 or 60.0"));
    }
    cx.sections = f.sections.clone().unwrap_or_else(|| vec!["Bus".into()]);
    let mut names = Names::default();
    let sections_at = at.key("sections");
    if cx.sections.is_empty() {
        return Err(sections_at.problem("no section", "at least one bus section"));
    }
    few(&sections_at, cx.sections.len())?;
    for (i, s) in cx.sections.iter().enumerate() {
        names.add(&sections_at.index(i), s)?;
    }
    let ties = ties(cx, &at.key("ties"), &f.ties, &mut names)?;
    let (gensets, used) =
        all(&at.key("gensets"), given(f.gensets.as_ref(), built_in::gensets).as_ref(), &mut names, |at, g| {
            genset::genset(cx, at, g, &f.relays)
        })?
        .into_iter()
        .unzip::<_, _, Vec<_>, Vec<_>>();
    let gpus = all(&at.key("gpus"), given(f.gpus.as_ref(), built_in::gpus).as_ref(), &mut names, |at, g| {
        devices::gpus(cx, at, g)
    })?;
    let miners = all(&at.key("miners"), given(f.miners.as_ref(), built_in::miners).as_ref(), &mut names, |at, m| {
        devices::miners(cx, at, m)
    })?;
    let aux = all(&at.key("aux"), given(f.aux.as_ref(), built_in::aux).as_ref(), &mut names, |at, a| {
        devices::aux(cx, at, a)
    })?;
    let bess = all(&at.key("bess"), given(f.bess.as_ref(), built_in::bess).as_ref(), &mut names, |at, b| {
        devices::bess(cx, at, b)
    })?;
    let condensers = all(&at.key("condensers"), &f.condensers, &mut names, |at, c| devices::condenser(cx, at, c))?;
    let mut plant = Plant {
        f0_hz,
        v_nom: at.num("v_nom_v", f.v_nom_v.unwrap_or(480.0), 100.0, 50_000.0)?,
        tick_s: tick_ms(&at, f.tick_ms.unwrap_or(1.0))? / 1000.0,
        swing: f.swing,
        sections: cx.sections.clone(),
        ties,
        gensets,
        gpus,
        miners,
        aux,
        bess,
        condensers,
        psu: psu(&at, &f.psu_ride_through)?,
        shed_stages: Vec::new(),
        at_start: AtStart::default(),
    };
    dead_times(&at, &plant)?;
    islands(&at, &plant)?;
    breakers(&at, &plant)?;
    let mut rated_kw = plant.gensets.iter().map(|g| g.rated_kw).sum::<f64>();
    if plant.gensets.is_empty() {
        // A site on batteries alone: the policy's limits go by theirs.
        rated_kw = plant.bess.iter().map(|b| b.rated_kva).sum::<f64>().max(100.0);
    }
    let softest = used.into_iter().min_by(|a, b| a.refill_kw_per_s.total_cmp(&b.refill_kw_per_s));
    let preset = softest.unwrap_or_else(|| cx.presets[1].clone());
    plant.shed_stages = shedding(&at, &f.shedding, &preset)?;
    Ok((plant, Engine { preset, rated_kw }))
}

/// The tick divides 10 ms: on that grid lie the samples of control windows and meters, the control period, and the times of
/// relays and scripts.
fn tick_ms(at: &At, tick_ms: f64) -> Checked<f64> {
    let tick_ms = at.num("tick_ms", tick_ms, 0.1, 2.0)?;
    let n = 10.0 / tick_ms;
    if (n - n.round()).abs() > 1e-9 {
        let m = format!("`tick_ms` is {tick_ms}: meters and control sample every 10 ms, which is {n:.2} ticks");
        return Err(at.key("tick_ms").problem(m, "a tick that divides 10 ms, such as 0.5, 1 or 2"));
    }
    Ok(tick_ms)
}

/// The file's list, or the built-in plant's.
fn given<T: Clone>(list: Option<&Vec<T>>, built_in: fn() -> Vec<T>) -> Cow<'_, [T]> {
    list.map_or_else(|| Cow::Owned(built_in()), |l| Cow::Borrowed(l.as_slice()))
}

fn few(at: &At, n: usize) -> Checked<()> {
    if n <= MOST {
        return Ok(());
    }
    Err(at.problem(format!("{n} devices"), format!("at most {MOST}")))
}

/// Names in use. Signal ids are made from them, so they must differ in letters and digits, whatever their case.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn add(&mut self, at: &At, name: &str) -> Checked<()> {
        let id: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
        let n = name.chars().count();
        if n == 0 || n > 24 || !name.chars().any(char::is_alphanumeric) || name.chars().any(char::is_control) {
            return Err(at.problem("not a name", "1 to 24 characters with a letter or digit"));
        }
        if id == "site" || self.0.contains(&id) {
            return Err(at.problem(format!("the name `{name}` is taken"), "a name that no other device or section has"));
        }
        self.0.push(id);
        Ok(())
    }
}

/// Has a name: what [`all`] needs of a device.
trait Named {
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($ty:ty),+) => { $(impl Named for $ty { fn name(&self) -> &str { &self.name } })+ };
}
named!(GensetFile, GpuFile, MinerFile, AuxFile, BessFile, CondenserFile, TieFile);

fn all<F: Named, T>(
    at: &At,
    files: &[F],
    names: &mut Names,
    mut build: impl FnMut(&At, &F) -> Checked<T>,
) -> Checked<Vec<T>> {
    few(at, files.len())?;
    let mut out = Vec::with_capacity(files.len());
    for (i, f) in files.iter().enumerate() {
        let at = at.index(i);
        names.add(&at.key("name"), f.name())?;
        out.push(build(&at, f)?);
    }
    Ok(out)
}

fn ties(cx: &Context, at: &At, files: &[TieFile], names: &mut Names) -> Checked<Vec<Tie>> {
    all(at, files, names, |at, f| {
        let from = at.find("from", "section", &f.from, &cx.sections)?;
        let to = at.find("to", "section", &f.to, &cx.sections)?;
        if from == to {
            return Err(at.key("to").problem("the tie joins a section to itself", "another section"));
        }
        Ok(Tie { name: f.name.clone(), from, to, closed: f.closed })
    })
}

fn psu(at: &At, f: &PsuFile) -> Checked<PsuRideThrough> {
    let on =
        PsuRideThrough { enabled: true, slow_pu: 0.9, slow_s: 0.5, fast_pu: 0.7, fast_s: 0.02, miner_restart_s: 30.0 };
    let p = match f {
        PsuFile::On => on,
        PsuFile::Off => PsuRideThrough { enabled: false, ..on },
        PsuFile::Custom(p) => *p,
    };
    let at = at.key("psu_ride_through");
    at.num("slow_pu", p.slow_pu, 0.0, 1.0)?;
    at.num("slow_s", p.slow_s, 0.0, 60.0)?;
    at.num("fast_pu", p.fast_pu, 0.0, 1.0)?;
    at.num("fast_s", p.fast_s, 0.0, 60.0)?;
    at.num("miner_restart_s", p.miner_restart_s, 0.0, 3600.0)?;
    at.order("fast_pu", p.fast_pu, "slow_pu", p.slow_pu)?;
    Ok(p)
}

fn shedding(at: &At, f: &SheddingFile, softest: &EnginePreset) -> Checked<Vec<ShedStage>> {
    let stages = match f {
        SheddingFile::Off => return Ok(Vec::new()),
        SheddingFile::Domain => return Ok(preset::shed_stages(softest)),
        SheddingFile::Stages(s) => s,
    };
    let list = at.key("shedding");
    let at = list.index(0);
    few(&at, stages.len())?;
    for (i, s) in stages.iter().enumerate() {
        let at = at.index(i);
        at.line("name", &s.name, 24)?;
        if stages[..i].iter().any(|o| o.name == s.name) {
            return Err(at.key("name").problem(format!("two stages are called `{}`", s.name), "different names"));
        }
        at.num("f_pu", s.f_pu, 0.5, 1.0)?;
        at.num("delay_s", s.delay_s, 0.0, 60.0)?;
        if let Some(r) = s.rocof_hz_per_s {
            at.num("rocof_hz_per_s", r, -100.0, 0.0)?;
        }
        if let ShedWhat::MinersShare(share) = s.what {
            at.num("what", share, 0.0, 1.0)?;
        }
    }
    Ok(stages.clone())
}

/// A tick must meet every dead time to half a millisecond: a dead time that is rounded further changes the answer of a
/// governor by more than the tick's own error.
fn dead_times(at: &At, p: &Plant) -> Checked<()> {
    for (i, g) in p.gensets.iter().enumerate() {
        let dead_s = governor::dead_time_s(&g.governor);
        let ticks = dead_s / p.tick_s;
        if (ticks - ticks.round()).abs() * p.tick_s > 0.5e-3 + 1e-9 {
            let m = format!("the dead time of `{}` is {} ms, which is {ticks:.2} ticks", g.name, 1e3 * dead_s);
            return Err(at.key("gensets").index(i).problem(m, "a shorter `tick_ms`, such as 1"));
        }
    }
    Ok(())
}

/// In each island at the start: at most one isochronous set, and sources that can carry the load.
fn islands(at: &At, p: &Plant) -> Checked<()> {
    let closed: Vec<bool> = p.ties.iter().map(|t| t.closed).collect();
    let island = topology::islands(p.sections.len(), &p.ties, &closed);
    let gensets_at = at.key("gensets");
    for k in 0..p.sections.len() {
        let mut iso: Option<&str> = None;
        let mut can_kw = 0.0;
        for (i, g) in p.gensets.iter().enumerate().filter(|(_, g)| g.on_at_start && island[g.section] == k) {
            let [_, most_pu] = governor::power_range(&g.governor);
            can_kw += g.rated_kw * (g.derate.factor() * g.p_max_pu).min(most_pu);
            if g.sharing != Sharing::Isochronous {
                continue;
            }
            if let Some(first) = iso.replace(&g.name) {
                let m = format!("`{}` is isochronous, and so is `{first}` in the same island", g.name);
                return Err(gensets_at
                    .index(i)
                    .key("sharing")
                    .problem(m, "one isochronous set; droop or load_share for the rest"));
            }
        }
        can_kw += p.bess.iter().filter(|b| b.on_at_start && island[b.section] == k).map(|b| b.rated_kva).sum::<f64>();
        let load_kw = start_load_kw(p, |section| island[section] == k);
        let turning = |c: &&Condenser| c.on_at_start && island[c.section] == k;
        let forms = |b: &Bess| b.on_at_start && b.mode == BessMode::GridForming && island[b.section] == k;
        let held = p.gensets.iter().any(|g| g.on_at_start && island[g.section] == k) || p.bess.iter().any(forms);
        if let Some(i) = p.condensers.iter().position(|c| !held && turning(&c)) {
            let m = format!("nothing on the island of `{}` can hold its bus at the start", p.condensers[i].name);
            let want = "a set or a forming battery in service beside it, or `on_at_start: false`";
            return Err(at.key("condensers").index(i).problem(m, want));
        }
        let losses_kw: f64 = p.condensers.iter().filter(turning).map(|c| c.loss_pu * c.rated_kva).sum();
        let load_kw = load_kw + losses_kw;
        if can_kw > 0.0 && load_kw > can_kw {
            let m = format!("the load at the start is {load_kw:.1} kW");
            return Err(at.problem(m, format!("at most {can_kw:.1} kW, what the sources in service can carry")));
        }
    }
    Ok(())
}

fn start_load_kw(p: &Plant, here: impl Fn(usize) -> bool) -> f64 {
    let gpu = p.gpus.iter().filter(|g| here(g.section)).map(|g| {
        let preload = f64::from(g.preload_at_start) * g.full_kw * g.preload_share;
        let off = f64::from(g.gpus - g.preload_at_start - g.full_at_start) * g.off_kw;
        preload + off + f64::from(g.full_at_start) * g.full_kw + g.trace.first().map_or(0.0, |t| t.1)
    });
    let miners = p.miners.iter().filter(|m| here(m.section)).map(|m| f64::from(m.on_at_start) * m.unit_kw);
    let aux = p.aux.iter().filter(|a| here(a.section)).map(|a| a.kw);
    gpu.chain(miners).chain(aux).sum()
}

/// The names of breakers must differ, or a script could not tell which one it means.
fn breakers(at: &At, p: &Plant) -> Checked<()> {
    let names = breaker_names(p);
    match names.iter().enumerate().find(|(i, n)| names[..*i].contains(n)) {
        None => Ok(()),
        Some((_, n)) => Err(at.problem(format!("two breakers are called `{n}`"), "another name for the tie")),
    }
}
