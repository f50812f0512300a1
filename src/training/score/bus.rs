//! What the score measures of one island: frequency, steps, ramp, headroom, STEP NOW, each against the island's own rating.
//!
//! An island is named by its lowest section and keeps its windows while it keeps that and its other sections; what is joined or
//! taken away by a tie is no step. On a dead bus nothing is judged. Fixed memory, no allocation a tick.

use super::facts::Facts;
use super::metrics::{HARD, Hard, Metrics, Moment};
use super::windows::{Delay, Excursion, Mean};
use crate::engine::Engine;
use crate::engine::sliding::SlidingMax;

/// Deviation outside of which the integral counts, per cent.
const BAND_PCT: f64 = 0.5;
/// The 2 % band.
const ALPHA_PCT: f64 = 2.0;
/// F-LO, per cent below nominal.
const LOW_PCT: f64 = 2.5;
/// An excursion ends after this long inside.
const REARM_S: f64 = 0.3;
/// Slot of the step window.
const SLOT_S: f64 = 0.01;
/// Pace of the ramp window.
const RAMP_PACE_S: f64 = 0.05;
/// Pace of the bucket: a control step.
const BUCKET_PACE_S: f64 = 0.1;

/// An island at the end of a tick.
#[derive(Clone, Copy, Debug)]
pub struct Bus<'a> {
    /// Its sections, the lowest first.
    pub sections: &'a [usize],
    /// Alive.
    pub alive: bool,
    /// Frequency, Hz.
    pub f_hz: f64,
    /// Gensets, electrical, kW.
    pub gen_kw: f64,
    /// Rating of the sets on it, derated, kW; 0 with none.
    pub rating_kw: f64,
}

impl<'a> Bus<'a> {
    /// The islands of an engine now.
    pub fn of(e: &'a Engine) -> impl Iterator<Item = Self> + Clone + use<'a> {
        e.islands().iter().zip(&e.plant.islands).map(|(i, plant)| Self {
            sections: &plant.sections,
            alive: i.alive,
            f_hz: i.f_hz,
            gen_kw: i.gen_kw,
            rating_kw: i.rating_kw,
        })
    }
}

/// The windows of the island whose lowest section this is.
#[derive(Clone, Debug)]
pub(super) struct BusMeter {
    section: u32,
    rearm: u32,
    every: [u64; 3],
    cycle: Mean,
    high: SlidingMax,
    low: SlidingMax,
    ramp: Delay,
    bucket_kw: f64,
    bucket_last_kw: f64,
    excursions: [Excursion; HARD.len()],
    /// How many sections the island has; 0 while another section speaks for it.
    sections: usize,
    alive: bool,
    /// Mean frequency of the last cycle off nominal, per cent.
    off_pct: f64,
}

impl BusMeter {
    pub(super) fn new(section: usize, facts: &Facts) -> Self {
        let ticks = |s: f64| (s / facts.tick_s).round().max(1.0) as u64;
        Self {
            section: section as u32,
            rearm: ticks(REARM_S) as u32,
            every: [SLOT_S, RAMP_PACE_S, BUCKET_PACE_S].map(ticks),
            cycle: Mean::new(ticks(1.0 / facts.f0_hz) as usize, facts.f0_hz),
            high: SlidingMax::new((1.0 / SLOT_S) as u32),
            low: SlidingMax::new((1.0 / SLOT_S) as u32),
            ramp: Delay::new((5.0 / RAMP_PACE_S) as usize, 0.0),
            bucket_kw: 0.0,
            bucket_last_kw: 0.0,
            excursions: [Excursion::default(); HARD.len()],
            sections: 0,
            alive: false,
            off_pct: 0.0,
        }
    }

    /// The instant at which the run begins: windows are full of it, and so is the bucket.
    pub(super) fn begin(&mut self, bus: &Bus, facts: &Facts) {
        (self.sections, self.alive) = (bus.sections.len(), bus.alive);
        self.fill(bus);
        self.cycle.fill(bus.f_hz);
        self.bucket_kw = facts.allowance_kw(bus.gen_kw, bus.rating_kw);
    }

    /// The section is part of an island for which another one speaks.
    pub(super) fn is_joined(&mut self, alive: bool) {
        (self.sections, self.alive) = (0, alive);
    }

    fn fill(&mut self, bus: &Bus) {
        self.ramp.fill(bus.gen_kw);
        self.high.clear();
        self.low.clear();
        self.bucket_last_kw = bus.gen_kw;
    }

    /// The island after a tick, the `tick`th; whether a hard limit was passed now.
    pub(super) fn tick(&mut self, bus: &Bus, tick: u64, facts: &Facts, m: &mut Metrics) -> bool {
        let t_s = tick as f64 * facts.tick_s;
        let (was_alive, was) = (self.alive, self.sections);
        (self.alive, self.sections) = (bus.alive, bus.sections.len());
        if !bus.alive {
            m.blackouts += u32::from(was_alive);
            return false;
        }
        if !was_alive || was == 0 {
            self.cycle.fill(bus.f_hz);
        }
        if !was_alive || was != self.sections {
            self.fill(bus);
        }
        let before: u32 = m.hard.iter().sum();
        self.frequency(bus, t_s, facts, m);
        self.power(bus, tick, t_s, facts, m);
        m.hard.iter().sum::<u32>() > before
    }

    /// How far the mean frequency is outside the band, per cent; 0 on a dead bus.
    pub(super) fn outside_pct(&self) -> f64 {
        if self.alive && self.sections > 0 { (self.off_pct.abs() - BAND_PCT).max(0.0) } else { 0.0 }
    }

    fn moment(&self, value: f64, t_s: f64) -> Moment {
        Moment { value, t_s, section: self.section }
    }

    fn frequency(&mut self, bus: &Bus, t_s: f64, facts: &Facts, m: &mut Metrics) {
        let pct = (self.cycle.push(bus.f_hz) / facts.f0_hz - 1.0) * 100.0;
        self.off_pct = pct;
        m.deviation_pct.raise(self.moment(pct.abs(), t_s));
        let [low, high] = facts.first_trip_pct;
        m.beyond_trip_level |= pct < low || pct > high;
        self.hard(Hard::AlphaBand, pct.abs() > ALPHA_PCT, t_s, m);
        self.hard(Hard::LowFrequency, pct < -LOW_PCT, t_s, m);
    }

    fn power(&mut self, bus: &Bus, tick: u64, t_s: f64, facts: &Facts, m: &mut Metrics) {
        let (p, rating) = (bus.gen_kw, bus.rating_kw);
        let slot = (tick / self.every[0]) as u32;
        let top = self.high.push(slot, p);
        let bottom = -self.low.push(slot, -p);
        let (up, down) = (p - bottom, top - p);
        m.step_up_kw.raise(self.moment(up, t_s));
        m.step_down_kw.raise(self.moment(down, t_s));
        if rating > 0.0 {
            let share = |kw: f64, from: f64| 100.0 * kw / facts.allowance_kw(from, rating).max(1e-9);
            // the allowance is looked up only where the share could be a new record
            if up > 0.0 || down > 0.0 {
                m.step_share_pct.raise(self.moment(share(up, bottom).max(share(down, top)), t_s));
            }
            let headroom = self.moment(rating - p, t_s);
            if m.min_headroom_kw.is_none_or(|h| headroom.value < h.value) {
                m.min_headroom_kw = Some(headroom);
            }
            self.hard(Hard::Rating, p > rating * 1.0005, t_s, m);
        }
        if tick.is_multiple_of(self.every[1]) {
            let ramp = (p - self.ramp.push(p)).abs() / 5.0;
            m.ramp_kw_per_s.raise(self.moment(ramp, t_s));
            m.ramp_share_pct = 100.0 * m.ramp_kw_per_s.value / facts.ramp_limit_kw_per_s.max(1e-9);
        }
        if tick.is_multiple_of(self.every[2]) {
            self.bucket(p, rating, t_s, facts, m);
        }
    }

    /// `A = min(C, A + rho dt) - rise`; what is overdrawn counts, and the bucket is empty.
    fn bucket(&mut self, p: f64, rating: f64, t_s: f64, facts: &Facts, m: &mut Metrics) {
        let rise = (p - self.bucket_last_kw).max(0.0);
        self.bucket_last_kw = p;
        let filled = self.bucket_kw + facts.refill_kw_per_s * self.every[2] as f64 * facts.tick_s;
        let level = filled.min(facts.allowance_kw(p - rise, rating)) - rise;
        self.bucket_kw = level.max(0.0);
        let rearm = (REARM_S / BUCKET_PACE_S).round() as u32;
        let begins = self.excursions[Hard::StepNow as usize].step(level < -1e-9, rearm);
        self.count(Hard::StepNow, begins, t_s, m);
    }

    fn hard(&mut self, which: Hard, out: bool, t_s: f64, m: &mut Metrics) {
        let begins = self.excursions[which as usize].step(out, self.rearm);
        self.count(which, begins, t_s, m);
    }

    fn count(&self, which: Hard, begins: bool, t_s: f64, m: &mut Metrics) {
        if begins {
            m.hard[which as usize] += 1;
            m.first_hard.get_or_insert((which, t_s));
        }
    }
}
