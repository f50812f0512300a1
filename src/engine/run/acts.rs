//! Acts on the run: what an operator or the script does, and why it is refused.

use std::sync::Arc;

use super::Engine;
use crate::acts::{EventKind, Operate, Setpoint};
use crate::control::{Action, Refusal};
use crate::engine::plate;
use crate::plant::breaker::Breaker;
use crate::plant::gpu::Phase;
use crate::scenario::ScriptAct;

impl Engine {
    pub(super) fn apply(&mut self, act: Operate) -> Result<(), Refusal> {
        let interlock = |e: &'static str| Refusal::Interlock(e.to_owned());
        match act {
            Operate::Set(what, value) => self.set(what, value),
            Operate::Start => self.control.start(),
            Operate::Hold => self.control.hold("operator"),
            Operate::Resume => self.control.resume(),
            Operate::Abort => self.control.abort(),
            Operate::NextBatch => self.control.next_batch(),
            Operate::RampDown => self.control.ramp_down(),
            Operate::Breaker(i, close) => {
                let b = self.plant.breakers().nth(i as usize).ok_or(Refusal::NoDevice("such breaker"))?;
                self.plant.switch(b, close).map_err(interlock)
            }
            Operate::StartGenset(i) if (i as usize) < self.plant.gensets.len() => {
                self.plant.start_genset(i as usize).map_err(interlock)
            }
            Operate::StopGenset(i) if (i as usize) < self.plant.gensets.len() => {
                self.plant.stop_genset(i as usize).map_err(interlock)
            }
            Operate::StartGenset(_) | Operate::StopGenset(_) => Err(Refusal::NoDevice("such genset")),
            Operate::Reset => {
                self.plant.reset();
                Ok(())
            }
            Operate::Slam(n) => {
                let moved = self.shift_gpus(n, Phase::Preload, Phase::Full, None);
                if moved < n {
                    self.shift_gpus(n - moved, Phase::Off, Phase::Full, None);
                }
                Ok(())
            }
            Operate::Fault(f) => self.fault(f),
            Operate::Remote(r) => self.remote(r),
            Operate::Crash(i) => {
                let tick_s = self.tick_s();
                let cfg = Arc::clone(&self.plant.cfg);
                let c = cfg.gpus.get(i as usize).ok_or(Refusal::NoDevice("such GPU cohort"))?;
                self.plant.gpus[i as usize].crash(c, 0.05, tick_s);
                Ok(())
            }
        }
    }

    /// A command of control reaches its devices.
    pub(super) fn command(&mut self, action: Action) {
        let cfg = Arc::clone(&self.plant.cfg);
        let (tick, tick_s) = (self.plant.tick, cfg.tick_s);
        let fleets = cfg.miners.iter().zip(&mut self.plant.miners);
        match action {
            Action::Gpu { n, from, to } => {
                self.shift_gpus(n, from, to, None);
            }
            Action::Shed { units } => {
                let mut left = units;
                for (f, s) in fleets {
                    left -= s.shed(f, left, tick, tick_s, &mut self.plant.random).min(left);
                }
            }
            Action::Restore { units } => {
                let mut left = units;
                for (f, s) in fleets {
                    left -= s.restore(f, left, tick, tick_s, &mut self.plant.random).min(left);
                }
            }
        }
    }

    pub(super) fn set(&mut self, what: Setpoint, value: f64) -> Result<(), Refusal> {
        let [lo, hi] = what.range();
        if !value.is_finite() || value < lo || value > hi {
            return Err(Refusal::OutOfRange { name: format!("{what:?}"), lo, hi, value });
        }
        let cfg = Arc::clone(&self.plant.cfg);
        let aux = |bank: bool| cfg.aux.iter().position(|a| a.load_bank == bank);
        match what {
            Setpoint::BessOn | Setpoint::BessKw if cfg.bess.is_empty() => Err(Refusal::NoDevice("battery")),
            Setpoint::BessOn => {
                self.bess_answers()?;
                for i in 0..cfg.bess.len() {
                    self.plant.switch(Breaker::Bess(i), value >= 0.5).map_err(|e| Refusal::Interlock(e.to_owned()))?;
                }
                Ok(())
            }
            Setpoint::BessKw => {
                self.bess_answers()?;
                let scale = value / self.bess_full_kw.max(1e-9);
                self.plant.bess.iter_mut().for_each(|b| b.scale = scale);
                self.plant.touch();
                Ok(())
            }
            Setpoint::AuxKw | Setpoint::LoadBankKw => {
                let bank = what == Setpoint::LoadBankKw;
                let i = aux(bank).ok_or(Refusal::NoDevice(if bank { "load bank" } else { "aux load" }))?;
                self.plant.aux_kw[i] = value;
                self.plant.touch();
                Ok(())
            }
            Setpoint::MinerLatencyS => {
                self.plant.miners.iter_mut().for_each(|m| m.latency_s = value);
                Ok(())
            }
            _ => self.control.set(what, value),
        }
    }

    pub(super) fn script(&mut self, act: &ScriptAct) {
        let cfg = Arc::clone(&self.plant.cfg);
        let tick_s = cfg.tick_s;
        let text = plate::script_words(&self.scenario, act);
        match *act {
            ScriptAct::Operate(op) => {
                if let Err(why) = self.apply(op) {
                    self.note(EventKind::Refused, "script", why.to_string(), 0.0, "");
                }
            }
            ScriptAct::Swing { cohort, peak_to_peak_kw, hz, square } => {
                self.plant.gpus[cohort].set_swing(peak_to_peak_kw, hz, square, self.plant.tick);
            }
            ScriptAct::AuxKw { aux, kw } => {
                self.plant.aux_kw[aux] = kw;
                self.plant.touch();
            }
            ScriptAct::TripGenset(i) => self.plant.trip_genset(i, None, 0.0),
            ScriptAct::StickMiners { fleet, share } => self.plant.miners[fleet].stuck_share = share,
            ScriptAct::BessOn { bess, on } => {
                if let Err(why) = self.plant.switch(Breaker::Bess(bess), on) {
                    self.note(EventKind::Script, "script", why.to_owned(), 0.0, "");
                }
            }
            ScriptAct::Phase { cohort, n, from, to } => {
                self.plant.gpus[cohort].shift(&cfg.gpus[cohort], n, from, to, None, tick_s);
            }
        }
        self.note(EventKind::Script, "script", text, 0.0, "");
    }

    pub(super) fn shift_gpus(&mut self, n: u32, from: Phase, to: Phase, over_s: Option<f64>) -> u32 {
        let cfg = Arc::clone(&self.plant.cfg);
        let mut left = n;
        for (c, s) in cfg.gpus.iter().zip(&mut self.plant.gpus).filter(|(c, _)| c.scheduled) {
            left -= s.shift(c, left, from, to, over_s, cfg.tick_s);
        }
        n - left
    }
}
