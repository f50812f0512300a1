//! The state that the twin starts in, from what is measured: whole units, and a rest that makes the sum right.

use std::fmt::Write as _;

use super::{Engine, Moment, clipped};
use crate::acts::Quality;
use crate::plant::bess::BessState;
use crate::plant::config::{AuxLoad, GpuCohort, MinerFleet, Plant};
use crate::plant::signals::{SignalIdx, SignalTable, at, bess, genset, site};
use crate::scenario::{NOT_METERED, Scenario};

/// A set without a breaker signal is on the bus from this share of its rating on.
const ON_FROM_PU: f64 = 0.02;
/// Power of a unit that a count and a power together may mean, of its power in the scenario.
const PLAUSIBLE: [f64; 2] = [0.3, 1.3];
/// What the sources give and no load takes may be less than nothing by this share of the rating: meters differ.
const FEEDS_PU: f64 = 0.1;

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub value: f64,
    pub age_s: f64,
    pub quality: Quality,
}

/// Finds the signals of the plant in the table of a source.
pub(super) struct Lookup<'a> {
    pub own: SignalTable,
    now: &'a Moment<'a>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(plant: &Plant, now: &'a Moment<'a>) -> Self {
        let names = |it: &mut dyn Iterator<Item = &String>| it.cloned().collect::<Vec<_>>();
        let own = SignalTable::new(
            &plant.sections,
            &names(&mut plant.gensets.iter().map(|g| &g.name)),
            &names(&mut plant.bess.iter().map(|b| &b.name)),
        );
        Self { own, now }
    }

    /// A signal of the plant as the source has it; none where it never had a value.
    pub(super) fn seen(&self, i: SignalIdx) -> Option<Seen> {
        let there = self.now.table.find(&self.own.get(i).id)?;
        let value = self.now.row.get(there.at()).copied().filter(|v| v.is_finite())?;
        let quality = self.now.quality.get(there.at()).copied().unwrap_or(Quality::Good);
        (quality != Quality::Never).then(|| Seen { value, age_s: (self.now.age_s)(there), quality })
    }

    pub(super) fn site(&self, offset: u32) -> Option<Seen> {
        self.seen(at(offset))
    }
}

/// Whole units of a group of the same kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Units {
    pub on: u32,
    /// kW of one that is on.
    pub each_kw: f64,
}

/// A genset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Set {
    pub on: bool,
    /// Whether its breaker tells.
    pub told: bool,
    pub kw: f64,
}

/// A battery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Battery {
    pub on: bool,
    pub kw: f64,
    /// 0 to 1.
    pub soc: f64,
}

/// Where the twin starts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub f_hz: f64,
    pub v_pu: f64,
    pub sets: Vec<Set>,
    pub gpus: Vec<Units>,
    pub miners: Vec<Units>,
    pub aux_kw: Vec<f64>,
    pub bess: Vec<Battery>,
    pub rest_kw: f64,
    /// What the gensets give in the twin.
    pub gen_kw: f64,
}

impl State {
    /// Reads it.
    pub(super) fn read(plant: &Plant, now: &Moment<'_>) -> Result<Self, String> {
        let look = Lookup::new(plant, now);
        let value = |offset: u32| look.site(offset).map(|s| s.value);
        let sets = sets(plant, &look);
        let bess: Vec<Battery> = (0..plant.bess.len()).map(|i| battery(plant, &look, i)).collect();
        if !sets.iter().any(|s| s.on) && !bess.iter().any(|b| b.on) {
            return Err("no genset and no battery is on the bus: there is nothing to rehearse from".to_owned());
        }
        let own_kw = sets.iter().filter(|s| s.on).map(|s| s.kw).sum::<f64>();
        let gen_kw = value(site::GEN_KW).or(own_kw.is_finite().then_some(own_kw));
        let gpus = gpus(&plant.gpus, value(site::GPU_KW), value(site::GPU_FULL));
        let miners = miners(&plant.miners, value(site::MINER_KW), value(site::MINER_ON));
        let aux_kw = shared(value(site::AUX_KW), own_aux(plant).map(|a| a.kw));
        let taken = |all: &[Units]| all.iter().map(|u| f64::from(u.on) * u.each_kw).sum::<f64>();
        let loads_kw = taken(&gpus) + taken(&miners) + aux_kw.iter().sum::<f64>();
        let stored_kw = bess.iter().filter(|b| b.on).map(|b| b.kw).sum::<f64>();
        let rated_kw: f64 = plant.gensets.iter().map(|g| g.rated_kw).sum();
        let rest_kw = gen_kw.map_or(0.0, |kw| tidy(kw + stored_kw - loads_kw)).max(-FEEDS_PU * rated_kw);
        Ok(Self {
            f_hz: value(site::F_HZ).filter(|f| (f / plant.f0_hz - 1.0).abs() <= 0.1).unwrap_or(plant.f0_hz),
            v_pu: value(site::V_PU).filter(|v| (0.8..=1.2).contains(v)).unwrap_or(1.0),
            gen_kw: loads_kw + rest_kw - stored_kw,
            sets,
            gpus,
            miners,
            aux_kw,
            bess,
            rest_kw,
        })
    }

    /// As the field `start` of a scenario.
    pub(super) fn ron(&self, of: &str, base: &Scenario, engine: &Engine) -> Result<String, String> {
        let plant = &base.plant;
        let mut s = format!(
            "(\n        of: {:?},\n        f_hz: {}, v_pu: {}, rest_kw: {},\n",
            clipped(of, 120),
            num(self.f_hz),
            num(self.v_pu),
            num(self.rest_kw)
        );
        let mut list = |key: &str, items: Vec<String>| {
            if !items.is_empty() {
                // writing to a text cannot fail
                write!(s, "        {key}: [\n            {},\n        ],\n", items.join(",\n            ")).ok();
            }
        };
        let mut sets = Vec::new();
        for (g, s) in plant.gensets.iter().zip(&self.sets) {
            let engine = match engine {
                Engine::Preset => String::new(),
                Engine::Fit(fit) => {
                    // as scenarios are read: what is there is not wrapped in Some
                    let style = ron::ser::PrettyConfig::new()
                        .depth_limit(0)
                        .extensions(ron::extensions::Extensions::IMPLICIT_SOME);
                    let fit = ron::ser::to_string_pretty(fit, style).map_err(|e| format!("the fit, {e}"))?;
                    let fit = fit.lines().find(|l| !l.starts_with("#!")).unwrap_or_default();
                    format!(", engine: {fit}")
                }
            };
            let kw = if s.kw.is_finite() { format!(", kw: {}", num(s.kw)) } else { String::new() };
            sets.push(format!("(name: {:?}, on: {}{kw}{engine})", g.name, s.on));
        }
        list("gensets", sets);
        let gpus = plant.gpus.iter().zip(&self.gpus);
        list(
            "gpus",
            gpus.map(|(c, u)| format!("(name: {:?}, full: {}, full_kw: {})", c.name, u.on, num(u.each_kw))).collect(),
        );
        let miners = plant.miners.iter().zip(&self.miners);
        list(
            "miners",
            miners.map(|(m, u)| format!("(name: {:?}, on: {}, unit_kw: {})", m.name, u.on, num(u.each_kw))).collect(),
        );
        let aux = own_aux(plant).zip(&self.aux_kw);
        list("aux", aux.map(|(a, kw)| format!("(name: {:?}, kw: {})", a.name, num(*kw))).collect());
        let bess = plant.bess.iter().zip(&self.bess);
        list(
            "bess",
            bess.map(|(b, s)| format!("(name: {:?}, on: {}, kw: {}, soc: {})", b.name, s.on, num(s.kw), num(s.soc)))
                .collect(),
        );
        Ok(s + "    )")
    }
}

/// With a decimal point, and no digits that no meter has.
fn num(v: f64) -> String {
    let s = format!("{v:.6}");
    let s = s.trim_end_matches('0');
    if s.ends_with('.') { format!("{s}0") } else { s.to_owned() }
}

/// A difference of powers without the dust of adding, kW.
fn tidy(kw: f64) -> f64 {
    if kw.abs() < 1e-6 { 0.0 } else { kw }
}

fn sets(plant: &Plant, look: &Lookup<'_>) -> Vec<Set> {
    let one = |i: usize| {
        let g = &plant.gensets[i];
        let breaker = look.seen(look.own.genset(i, genset::BREAKER));
        let alone = (plant.gensets.len() == 1).then(|| look.site(site::GEN_KW)).flatten();
        let kw = look.seen(look.own.genset(i, genset::P_KW)).or(alone);
        let by_power = kw.map(|s| s.value > ON_FROM_PU * g.rated_kw);
        let on = breaker.map(|s| s.value >= 0.5).or(by_power).unwrap_or(g.on_at_start);
        Set { on, told: breaker.is_some(), kw: if on { kw.map_or(f64::NAN, |s| s.value) } else { 0.0 } }
    };
    (0..plant.gensets.len()).map(one).collect()
}

fn battery(plant: &Plant, look: &Lookup<'_>, i: usize) -> Battery {
    let b = &plant.bess[i];
    let alone = |offset: u32| (plant.bess.len() == 1).then(|| look.site(offset)).flatten();
    let kw = look.seen(look.own.bess(i, bess::P_KW)).or_else(|| alone(site::BESS_KW)).map(|s| s.value);
    let soc = look.seen(look.own.bess(i, bess::SOC_PCT)).or_else(|| alone(site::BESS_SOC_PCT));
    let moves = |kw: f64| kw.abs() > ON_FROM_PU * b.rated_kva;
    let breaker = look.seen(look.own.bess(i, bess::BREAKER)).map(|s| s.value >= 0.5);
    let on = breaker.or(kw.map(moves)).unwrap_or(b.on_at_start);
    let kw = if on { kw.unwrap_or(b.p_set_kw) } else { 0.0 };
    let soc = soc.map_or(b.soc_at_start, |s| s.value / 100.0).clamp(0.0, 1.0);
    // no more than the twin's battery gives at that charge: the rest of the balance takes the difference
    let mut charged = BessState::new(b);
    charged.soc = soc;
    let [out, into] = charged.limits_kw(b);
    Battery { on, kw: kw.clamp(-into.min(b.rated_kva), out.min(b.rated_kva)), soc }
}

/// Units of each group for a power and a count of all together, shared by size.
fn units(kw: Option<f64>, count: Option<f64>, groups: &[(u32, f64)]) -> Vec<Units> {
    let capacity_kw: f64 = groups.iter().map(|(n, each)| f64::from(*n) * each).sum();
    let all: f64 = groups.iter().map(|(n, _)| f64::from(*n)).sum();
    let Some(kw) = kw.filter(|kw| *kw > 0.0 && capacity_kw > 0.0) else {
        return groups.iter().map(|(_, each_kw)| Units { on: 0, each_kw: *each_kw }).collect();
    };
    // With a count the power of one is measured too, where that makes sense.
    let counted = count.filter(|n| *n >= 1.0 && *n <= all + 0.5);
    let of_one = counted.map(|n| kw / (n / all * capacity_kw));
    let of_one = of_one.filter(|r| (PLAUSIBLE[0]..=PLAUSIBLE[1]).contains(r));
    let share = match (of_one, counted) {
        (Some(_), Some(n)) => n / all,
        _ => (kw / capacity_kw).min(1.0),
    };
    let mut left = (share * all).round();
    let last = groups.len().saturating_sub(1);
    let mut out = Vec::with_capacity(groups.len());
    for (k, (n, each_kw)) in groups.iter().enumerate() {
        let on =
            if k == last { left } else { (share * f64::from(*n)).round() }.clamp(0.0, f64::from(*n).min(left.max(0.0)));
        left -= on;
        out.push(Units { on: on as u32, each_kw: each_kw * of_one.unwrap_or(1.0) });
    }
    out
}

fn gpus(cohorts: &[GpuCohort], kw: Option<f64>, full: Option<f64>) -> Vec<Units> {
    let idle_kw: f64 = cohorts.iter().map(|c| f64::from(c.gpus) * c.off_kw).sum();
    // What idle GPUs take is the model's too.
    let kw = kw.map(|kw| if idle_kw > 0.0 { (kw - idle_kw).max(0.0) } else { kw });
    units(kw, full, &cohorts.iter().map(|c| (c.gpus, c.full_kw - c.off_kw)).collect::<Vec<_>>())
        .into_iter()
        .zip(cohorts)
        .map(|(u, c)| Units { each_kw: u.each_kw + c.off_kw, ..u })
        .collect()
}

fn miners(fleets: &[MinerFleet], kw: Option<f64>, on: Option<f64>) -> Vec<Units> {
    units(kw, on, &fleets.iter().map(|m| (m.units, m.unit_kw)).collect::<Vec<_>>())
}

/// Auxiliary loads of the plant itself: without the rest that an earlier rehearsal has added.
fn own_aux(plant: &Plant) -> impl Iterator<Item = &AuxLoad> {
    plant.aux.iter().filter(|a| a.name != NOT_METERED)
}

/// A power shared among loads as they share theirs in the scenario; the first takes it where they have none.
fn shared(kw: Option<f64>, own: impl Iterator<Item = f64>) -> Vec<f64> {
    let own: Vec<f64> = own.collect();
    let Some(kw) = kw else { return vec![0.0; own.len()] };
    let all: f64 = own.iter().sum();
    let part = |(k, own): (usize, &f64)| {
        if all > 0.0 {
            kw * own / all
        } else if k == 0 {
            kw
        } else {
            0.0
        }
    };
    own.iter().enumerate().map(|(k, own)| part((k, own)).max(0.0)).collect()
}
