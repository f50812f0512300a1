//! Figures and meters of each island: what its sources give, what they are rated, and how fast that changes.
//!
//! An island is named by its lowest section and keeps its meters while it keeps its sections. When ties join sections to it or
//! take them away, its meters start anew from what its present sources gave just before: what another part brings along is no
//! step, what its own engines pick up is one. A plant of one section has one island. Powers in kW. It allocates only when a tie
//! opens or closes.

use super::{Engine, SAMPLE_S};
use crate::control::bucket::acceptance_kw;
use crate::engine::meter::{Meters, Reading};
use crate::engine::summary::Sample;
use crate::plant::exact::Exact;

/// One island at the last tick.
#[derive(Clone, Debug)]
pub struct IslandFigures {
    /// Its lowest section.
    pub section: usize,
    /// All its sections.
    sections: Vec<usize>,
    /// What gensets, and what batteries, of sections that ties joined to it or took away gave just before, joined less taken
    /// away, since control read it last.
    regrouped_kw: [f64; 2],
    /// Frequency, Hz.
    pub f_hz: f64,
    /// Voltage, pu.
    pub v_pu: f64,
    /// Whether its bus is alive.
    pub alive: bool,
    /// Electrical output of its gensets.
    pub gen_kw: f64,
    /// Rating of the gensets on its bus after derating.
    pub rating_kw: f64,
    /// Most that may be added within 1 s at the present load; 0 before the first control step.
    pub step_cap_kw: f64,
    /// Steps, ramps and slopes.
    pub meters: Meters,
}

impl IslandFigures {
    /// What the summary reads.
    pub(super) fn sample(&self, f0_hz: f64, ramp_kw_per_s: f64) -> Sample {
        let or_none = |limit: f64| if limit > 0.0 { limit } else { f64::INFINITY };
        Sample {
            alive: self.alive,
            f_hz: self.f_hz,
            f0_hz,
            v_pu: self.v_pu,
            gen_kw: self.gen_kw,
            rating_kw: or_none(self.rating_kw),
            meters: self.meters.now,
            step_kw: or_none(self.step_cap_kw),
            ramp_kw_per_s,
        }
    }
}

impl Engine {
    /// Figures of each island, in the order of the plant's islands.
    #[must_use]
    pub fn islands(&self) -> &[IslandFigures] {
        &self.islands
    }

    /// Meters of the main island.
    pub(super) fn meters(&self) -> &Reading {
        const NONE: &Reading = &Reading::ZERO;
        self.islands.get(self.plant.main_island()).map_or(NONE, |i| &i.meters.now)
    }

    /// Figures at the present state of the plant.
    pub(super) fn measure_islands(&mut self) {
        if self.revision != Some(self.plant.revision()) {
            self.revise_islands();
        }
        let p = &self.plant;
        let f0_hz = p.cfg.f0_hz;
        for (figures, island) in self.islands.iter_mut().zip(&p.islands) {
            (figures.alive, figures.f_hz, figures.v_pu) = (island.alive, island.f_pu * f0_hz, island.vm);
            figures.gen_kw = if island.gensets.len() == p.gensets.len() {
                // All sets are here: the site's figure is its.
                self.heads.gen_kw
            } else {
                Exact::of(&island.gensets, |g| p.gensets[*g].terminal.p) * 1000.0
            };
        }
        if p.cfg.sections.len() > 1 {
            let [sets, batteries] = &mut self.source_kw;
            sets.clear();
            sets.extend(p.gensets.iter().map(|s| s.terminal.p * 1000.0));
            batteries.clear();
            batteries.extend(p.bess.iter().map(|s| s.p * 1000.0));
        }
    }

    /// What stays as long as the plant's revision does: which sections an island has, and what its sets are rated.
    #[inline(never)]
    fn revise_islands(&mut self) {
        let p = &self.plant;
        let same = self.islands.len() == p.islands.len()
            && self.islands.iter().zip(&p.islands).all(|(f, i)| i.sections == f.sections);
        if !same {
            self.regroup_islands();
        }
        let p = &self.plant;
        for (figures, island) in self.islands.iter_mut().zip(&p.islands) {
            figures.rating_kw = Exact::of(&island.gensets, |g| p.cfg.gensets[*g].rated_kw * p.derived(*g).derate);
        }
        self.revision = Some(p.revision());
    }

    /// What gensets and batteries on these sections gave at the last tick.
    fn gave_kw(&self, sections: &[usize]) -> [f64; 2] {
        let (cfg, [sets, batteries]) = (&self.plant.cfg, &self.source_kw);
        let here = |section: usize| sections.contains(&section);
        let sets = sets.iter().zip(&cfg.gensets).filter(|(_, g)| here(g.section)).map(|(kw, _)| *kw);
        let batteries = batteries.iter().zip(&cfg.bess).filter(|(_, b)| here(b.section)).map(|(kw, _)| *kw);
        [Exact::sum(sets), Exact::sum(batteries)]
    }

    /// What joined an island, less what left it, since this was asked last: gensets, and batteries.
    pub(super) fn take_regrouped_kw(&mut self, island: usize) -> [f64; 2] {
        self.islands.get_mut(island).map_or([0.0; 2], |i| core::mem::take(&mut i.regrouped_kw))
    }

    fn regroup_islands(&mut self) {
        let (tick, f0_hz, tick_s) = (self.plant.tick, self.plant.cfg.f0_hz, self.plant.cfg.tick_s);
        let mut old = core::mem::take(&mut self.islands);
        let slot = (tick as f64 * tick_s / SAMPLE_S).round() as u32;
        // At the start nothing was before.
        let first = self.source_kw[0].is_empty() && self.source_kw[1].is_empty();
        for island in &self.plant.islands {
            let section = island.sections.first().copied().unwrap_or(0);
            let [was_kw, was_bess_kw] = self.gave_kw(&island.sections);
            if let Some(at) = old.iter().position(|f| f.section == section) {
                let mut figures = old.swap_remove(at);
                if figures.sections != island.sections {
                    self.responses[section].regroup(slot, was_kw + was_bess_kw);
                    let [before_kw, before_bess_kw] = self.gave_kw(&figures.sections);
                    figures.regrouped_kw[0] += was_kw - before_kw;
                    figures.regrouped_kw[1] += was_bess_kw - before_bess_kw;
                    figures.meters.begin_again(tick, tick_s, was_kw);
                    figures.sections.clone_from(&island.sections);
                }
                self.islands.push(figures);
                continue;
            }
            if !first {
                self.responses[section].regroup(slot, was_kw + was_bess_kw);
            }
            let now_kw = || Exact::of(&island.gensets, |g| self.plant.gensets[*g].terminal.p) * 1000.0;
            let gen_kw = if first { now_kw() } else { was_kw };
            let f_hz = island.f_pu * f0_hz;
            self.islands.push(IslandFigures {
                section,
                sections: island.sections.clone(),
                regrouped_kw: [0.0; 2],
                f_hz,
                v_pu: island.vm,
                alive: island.alive,
                gen_kw,
                rating_kw: 0.0,
                step_cap_kw: 0.0,
                meters: Meters::new(tick, tick_s, gen_kw, f_hz),
            });
        }
        // What watched an island that has joined another one has nothing to watch any more.
        for (section, watch) in self.responses.iter_mut().enumerate() {
            if !self.islands.iter().any(|i| i.section == section) {
                watch.leave();
            }
        }
    }

    /// Takes the tick's figures into the meters.
    pub(super) fn sample_meters(&mut self) {
        let (tick, tick_s) = (self.plant.tick, self.plant.cfg.tick_s);
        for i in &mut self.islands {
            i.meters.sample(tick, tick_s, i.gen_kw, i.f_hz, i.alive);
        }
    }

    /// How much each island may rise within 1 s: its acceptance at the present load, and the policy's window.
    pub(super) fn limit_steps(&mut self) {
        let policy = self.control.policy();
        for (figures, reading) in self.islands.iter_mut().zip(&self.readings.islands) {
            figures.step_cap_kw = acceptance_kw(policy, reading).min(policy.window_1s_kw);
        }
    }
}
