//! Starting, synchronising and stopping of gensets: what an operator may ask, and what goes on by itself.

use std::sync::Arc;

use super::{Plant, PlantEvent, TripCause, wrap};
use crate::plant::config::{self, Sharing};
use crate::plant::exact::Exact;
use crate::plant::genset::sequence::Around;
use crate::plant::genset::{DELTA, GensetState, RunState, W};
use crate::plant::protection::check_sync;

/// The synchroniser closes within this of zero angle, 1 degree.
const CLOSING_ANGLE_RAD: f64 = 0.0175;
/// Slip that it keeps to let the angle pass zero, Hz: the set comes in a little fast.
const SLIP_HZ: f64 = 0.05;
/// How far it may move the speed reference of a set off nominal, pu: the span of a governor's speed setting.
const SPEED_TRIM_PU: f64 = 0.1;
/// The same for the voltage reference: the span of a regulator's voltage setting.
const VOLTAGE_TRIM_PU: f64 = 0.1;

impl Plant {
    /// Starts a genset that is at rest. One that cools down goes back to synchronising, one that unloads takes its load back.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn start_genset(&mut self, i: usize) -> Result<(), &'static str> {
        let s = &mut self.gensets[i];
        match s.run {
            _ if self.estop => Err("the emergency stop is pressed"),
            _ if !self.gas[i].open => Err("its gas valve is shut"),
            _ if self.gas[i].pressure <= 0.0 => Err("it has no gas pressure"),
            RunState::Stopped => {
                s.fuel_off = false;
                s.enter(RunState::Prelube);
                Ok(())
            }
            RunState::CoolDown => {
                s.enter(RunState::Synchronising);
                Ok(())
            }
            RunState::Unloading => {
                let run = s.take_back();
                s.enter(run);
                Ok(())
            }
            RunState::LockedOut => Err("it is locked out; reset the trip first"),
            RunState::OnBus => Err("it is on the bus"),
            RunState::Shutdown => Err("it is coasting down; wait until it is at rest"),
            _ => Err("it is starting already"),
        }
    }

    /// Stops a genset: one on the bus unloads first, a start that is under way ends.
    ///
    /// # Errors
    /// The reason, in words: the others of its bus cannot carry its load. Opening its breaker is the way to make a bus dead.
    pub fn stop_genset(&mut self, i: usize) -> Result<(), &'static str> {
        match self.gensets[i].run {
            RunState::OnBus => {
                self.others_carry(i)?;
                self.gensets[i].enter(RunState::Unloading);
            }
            RunState::Prelube => self.gensets[i].enter(RunState::Stopped),
            RunState::Cranking | RunState::Idle | RunState::RunUp => self.gensets[i].enter(RunState::Shutdown),
            RunState::Synchronising => self.gensets[i].enter(RunState::CoolDown),
            RunState::Unloading | RunState::CoolDown | RunState::Shutdown => return Err("it is stopping already"),
            RunState::Stopped | RunState::LockedOut => return Err("it is at rest"),
        }
        self.topology_dirty = true;
        Ok(())
    }

    /// Whether the other sources of a set's bus can carry what it and all that unload carry now.
    fn others_carry(&self, i: usize) -> Result<(), &'static str> {
        let island = &self.islands[self.island_of[self.cfg.gensets[i].section]];
        let leaves = |g: &usize| *g == i || self.gensets[*g].run == RunState::Unloading;
        let given_mw = Exact::sum(island.gensets.iter().filter(|g| leaves(g)).map(|g| self.gensets[*g].terminal.p));
        let (mut carriers, mut spare) = (island.forming.len(), Exact::default());
        for &g in island.gensets.iter().filter(|g| !leaves(g)) {
            carriers += 1;
            spare.add(self.derived[g].rated_mw * self.derived[g].derate - self.gensets[g].terminal.p);
        }
        for &b in &island.forming {
            spare.add(self.bess[b].limits_kw(&self.cfg.bess[b])[0] / 1000.0 - self.bess[b].p);
        }
        if carriers == 0 {
            Err("it carries the bus alone; open its breaker to make the bus dead")
        } else if spare.value() < given_mw {
            Err("the other sources of its bus cannot take its load")
        } else {
            Ok(())
        }
    }

    /// How fast the other sources of a set's bus load themselves, pu of this set's rating a second; a battery takes its rating in
    /// one.
    fn others_take(&self, i: usize) -> f64 {
        let island = &self.islands[self.island_of[self.cfg.gensets[i].section]];
        let stays = |g: &&usize| **g != i && self.gensets[**g].run != RunState::Unloading;
        let rate = |g: &usize| self.derived[*g].rated_mw * self.cfg.gensets[*g].start_stop.load_pu_per_s;
        let sets: f64 = island.gensets.iter().filter(stays).map(rate).sum();
        let batteries: f64 = island.forming.iter().map(|b| self.bess[*b].rated_kva(&self.cfg.bess[*b]) / 1000.0).sum();
        (sets + batteries) / self.derived[i].rated_mw
    }

    /// Trips a genset: 52G opens, fuel is shut, it locks out. `value` is what was measured, 0 for a command.
    ///
    /// # Errors
    /// There is nothing to trip: it is at rest, or has tripped.
    pub fn trip_genset(&mut self, i: usize, cause: TripCause, value: f64) -> Result<(), &'static str> {
        let s = &mut self.gensets[i];
        let on_bus = s.breaker;
        match s.run {
            RunState::Stopped | RunState::LockedOut => return Err("it is at rest"),
            RunState::Shutdown if s.tripped => return Err("it has tripped already"),
            // A stop that coasts down becomes a trip: it locks out.
            RunState::Shutdown => s.tripped = true,
            _ => s.trip(),
        }
        self.topology_dirty = true;
        self.events.push(PlantEvent::Trip { genset: i, cause, value, on_bus });
        Ok(())
    }

    /// Whether the emergency stop is pressed.
    #[must_use]
    pub fn is_estopped(&self) -> bool {
        self.estop
    }

    /// The emergency stop: all sets trip that are not at rest, and none starts while it is in.
    pub fn set_estop(&mut self, pressed: bool) {
        self.estop = pressed;
        if pressed {
            for i in 0..self.gensets.len() {
                // Refused only where there is nothing to trip.
                self.trip_genset(i, TripCause::Command, 0.0).unwrap_or_default();
            }
        }
    }

    /// Resets latched trips, lock-outs and load-shedding stages.
    pub fn reset(&mut self) {
        for s in &mut self.gensets {
            s.tripped = false;
            if s.run == RunState::LockedOut {
                s.enter(RunState::Stopped);
            }
            s.relay_timers.fill(0);
        }
        self.shedding.reset();
        self.tripped.fill(false);
    }

    /// Start and stop machines, synchronising, dead-bus closing.
    pub(super) fn sequence(&mut self) {
        let at_work = |s: &GensetState| !s.is_at_rest() && (s.run != RunState::OnBus || s.soft < 1.0);
        if !self.gensets.iter().any(at_work) {
            return;
        }
        let cfg = Arc::clone(&self.cfg);
        for k in 0..self.islands.len() {
            let sets = &self.islands[k].gensets;
            let mean = sets.iter().map(|g| self.gensets[*g].out.pe).sum::<f64>() / sets.len().max(1) as f64;
            self.islands[k].mean_load_pu = mean;
        }
        for (i, g) in cfg.gensets.iter().enumerate() {
            if !at_work(&self.gensets[i]) {
                continue;
            }
            let island = &self.islands[self.island_of[g.section]];
            let takes_pu_per_s = if self.gensets[i].run == RunState::Unloading { self.others_take(i) } else { 0.0 };
            let gas = self.derived[i].gas_share > 0.0;
            let around = Around { mean_load_pu: island.mean_load_pu, gas, takes_pu_per_s };
            let (was, closed) = (self.gensets[i].run, self.gensets[i].breaker);
            if let Some(run) = self.gensets[i].sequence(g, &self.derived[i], around, cfg.tick_s) {
                if was == RunState::Unloading && run == RunState::OnBus {
                    self.events
                        .push(PlantEvent::Refused { genset: i, why: "nobody takes its load; unloading given up" });
                }
                self.events.push(PlantEvent::Genset { genset: i, run });
            }
            if closed != self.gensets[i].breaker {
                self.touch();
            }
            if self.gensets[i].run == RunState::Synchronising {
                self.synchronise(&cfg, i);
            }
        }
    }

    fn synchronise(&mut self, cfg: &config::Plant, i: usize) {
        let isl = self.island_of[cfg.gensets[i].section];
        let (_, bus) = self.bus(isl);
        let island = &self.islands[isl];
        let s = &mut self.gensets[i];
        if island.alive {
            if cfg.gensets[i].sharing == Sharing::Isochronous && is_isochronous(cfg, &island.gensets) {
                // Two isochronous sets without a load-sharing line fight; stay off the bus.
                s.enter(RunState::CoolDown);
                self.events.push(PlantEvent::Refused { genset: i, why: "another isochronous set is on this bus" });
                self.events.push(PlantEvent::Genset { genset: i, run: RunState::CoolDown });
                return;
            }
            let section = cfg.gensets[i].section;
            let read = &self.instruments;
            let (bus_f, bus_v) = (read.f_pu(section, island.f_pu), read.v_pu(section, island.vm));
            let (set_f, set_v) = (read.speed_pu(i, s.x[W]), read.vt_pu(i, s.terminal.vt));
            s.w_ref = within(SPEED_TRIM_PU, bus_f + SLIP_HZ / cfg.f0_hz);
            // Match the voltage by the reference, the angle by waiting for it.
            s.v_ref = within(VOLTAGE_TRIM_PU, s.v_ref + (bus_v - set_v) * cfg.tick_s);
            let angle = wrap(s.x[DELTA] - bus);
            // Check-sync permits; the synchroniser itself waits for the angle to pass zero.
            let ok = angle.abs() < CLOSING_ANGLE_RAD && check_sync((set_f - bus_f) * cfg.f0_hz, set_v - bus_v, angle);
            if !ok {
                return;
            }
        } else {
            // Dead bus: the set brings its own voltage.
            s.w_ref = 1.0;
        }
        s.breaker = true;
        s.w_ref = 1.0;
        s.soft = if island.alive { 0.0 } else { 1.0 };
        s.enter(RunState::OnBus);
        self.events.push(PlantEvent::Genset { genset: i, run: RunState::OnBus });
        // At once, so that a set that is ready in the same tick finds this bus as it is now: alive.
        self.touch();
        self.settle();
    }
}

/// A reference that stays within a trim of nominal, pu.
fn within(trim_pu: f64, reference: f64) -> f64 {
    reference.clamp(1.0 - trim_pu, 1.0 + trim_pu)
}

/// Whether one of these sets holds the frequency by itself.
pub(super) fn is_isochronous(cfg: &config::Plant, gensets: &[usize]) -> bool {
    gensets.iter().any(|g| cfg.gensets[*g].sharing == Sharing::Isochronous)
}
