//! Figures and meters of each island: what its sources give, what they are rated, and how fast that changes.
//!
//! An island is named by its lowest section and keeps its meters while it keeps that. A plant of one section has one. Powers
//! in kW. It allocates only when a tie opens or closes.

use super::Engine;
use crate::control::bucket::acceptance_kw;
use crate::engine::meter::{Meters, Reading};
use crate::engine::summary::Sample;
use crate::plant::exact::Exact;

/// One island at the last tick.
#[derive(Clone, Debug)]
pub struct IslandFigures {
    /// Its lowest section.
    pub section: usize,
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
        let p = &self.plant;
        let same = self.islands.len() == p.islands.len()
            && self.islands.iter().zip(&p.islands).all(|(f, i)| i.sections.first() == Some(&f.section));
        if !same {
            self.regroup_islands();
        }
        let p = &self.plant;
        let f0_hz = p.cfg.f0_hz;
        for (figures, island) in self.islands.iter_mut().zip(&p.islands) {
            (figures.alive, figures.f_hz, figures.v_pu) = (island.alive, island.f_pu * f0_hz, island.vm);
            figures.gen_kw = Exact::of(&island.gensets, |g| p.gensets[*g].terminal.p) * 1000.0;
            figures.rating_kw = Exact::of(&island.gensets, |g| p.cfg.gensets[*g].rated_kw * p.derived(*g).derate);
        }
    }

    fn regroup_islands(&mut self) {
        let (f0_hz, tick_s) = (self.plant.cfg.f0_hz, self.plant.cfg.tick_s);
        let mut old = core::mem::take(&mut self.islands);
        for island in &self.plant.islands {
            let section = island.sections.first().copied().unwrap_or(0);
            if let Some(at) = old.iter().position(|f| f.section == section) {
                self.islands.push(old.swap_remove(at));
                continue;
            }
            let gen_kw = Exact::of(&island.gensets, |g| self.plant.gensets[*g].terminal.p) * 1000.0;
            let f_hz = island.f_pu * f0_hz;
            self.islands.push(IslandFigures {
                section,
                f_hz,
                v_pu: island.vm,
                alive: island.alive,
                gen_kw,
                rating_kw: 0.0,
                step_cap_kw: 0.0,
                meters: Meters::new(tick_s, gen_kw, f_hz),
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
