//! Acts on the run: what an operator or the script does, and why it is refused.

use std::sync::Arc;

use super::Engine;
use super::faults::{Faults, Sent};
use crate::acts::{EventKind, Operate, Setpoint};
use crate::control::{Action, Answer, Change, Devices, Refusal};
use crate::engine::plate;
use crate::plant::breaker::Breaker;
use crate::plant::config;
use crate::plant::gpu::Phase;
use crate::plant::system::{Plant, TripCause};
use crate::scenario::ScriptAct;

impl Engine {
    pub(super) fn apply(&mut self, act: Operate) -> Result<(), Refusal> {
        let interlock = |e: &'static str| Refusal::Interlock(e.to_owned());
        match act {
            Operate::Set(what, value) => self.set(what, value),
            Operate::GpuCap(i, share) => self.control.set_cap(i as usize, share),
            Operate::Start => self.control.start(),
            Operate::Hold => self.control.hold("operator"),
            Operate::Resume => self.control.resume(),
            Operate::Abort => self.control.abort(),
            Operate::NextBatch => self.control.next_batch(),
            Operate::RampDown => self.control.ramp_down(),
            Operate::Breaker(i, close) => {
                let b = self.plant.breakers().nth(i as usize).ok_or(Refusal::NoDevice("such breaker"))?;
                if self.plant.is_closed(b) == close {
                    let is = if close { "closed" } else { "open" };
                    return Err(Refusal::Nothing(format!("{} is {is} already", b.name(&self.plant.cfg))));
                }
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
                let mut moved = 0;
                for from in [Phase::Preload, Phase::Off] {
                    for cohort in 0..self.plant.cfg.gpus.len() {
                        if self.plant.cfg.gpus[cohort].scheduled {
                            moved += self.plant.shift_gpus(cohort, n - moved, from, Phase::Full, None);
                        }
                    }
                }
                self.answer_gpus(moved, n, || "GPUs slammed: no others in preload or off have power".to_owned())
            }
            Operate::Fault(f) => self.fault(f),
            Operate::Remote(r) => self.remote(r),
            Operate::Crash(i) => {
                let tick_s = self.tick_s();
                let cfg = Arc::clone(&self.plant.cfg);
                let c = cfg.gpus.get(i as usize).ok_or(Refusal::NoDevice("such GPU cohort"))?;
                let s = &mut self.plant.gpus[i as usize];
                if s.count(Phase::Off) >= c.gpus {
                    return Err(Refusal::Nothing(format!("no GPU of {} is up", c.name)));
                }
                s.crash(c, 0.05, tick_s);
                Ok(())
            }
        }
    }

    /// What an act that moves GPUs says of it: nothing moved is a refusal, fewer than asked an event.
    fn answer_gpus(&mut self, moved: u32, asked: u32, words: impl FnOnce() -> String) -> Result<(), Refusal> {
        if moved >= asked {
            return Ok(());
        }
        let text = format!("{moved} of {asked} {}", words());
        if moved == 0 {
            return Err(Refusal::Nothing(text));
        }
        self.note(EventKind::Notice, "GPU", text, 0.0, "");
        Ok(())
    }

    pub(super) fn set(&mut self, what: Setpoint, value: f64) -> Result<(), Refusal> {
        if !what.accepts(value) {
            let [lo, hi] = what.range();
            return Err(Refusal::OutOfRange { name: what.spec().label.to_owned(), lo, hi, value });
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
            ScriptAct::TripGenset(i) => {
                if let Err(why) = self.plant.trip_genset(i, TripCause::Command, 0.0) {
                    self.note(EventKind::Refused, "script", why.to_owned(), 0.0, "");
                }
            }
            ScriptAct::StickMiners { fleet, share } => self.plant.miners[fleet].stuck_share = share,
            ScriptAct::BessOn { bess, on } => {
                if let Err(why) = self.plant.switch(Breaker::Bess(bess), on) {
                    self.note(EventKind::Script, "script", why.to_owned(), 0.0, "");
                }
            }
            ScriptAct::Phase { cohort, n, from, to } => {
                let moved = self.plant.shift_gpus(cohort, n, from, to, None);
                let name = &cfg.gpus[cohort].name;
                let why = || format!("GPUs of {name} moved: no others are {from:?}, or they have no power");
                if let Err(why) = self.answer_gpus(moved, n, why) {
                    self.note(EventKind::Refused, "script", why.to_string(), 0.0, "");
                }
            }
        }
        self.note(EventKind::Script, "script", text, 0.0, "");
    }
}

/// Carries an action of control out on the plant, and gives how many GPUs or units moved.
pub(super) fn carry_out(plant: &mut Plant, action: Action) -> u32 {
    match action.change {
        Change::Gpus { cohort, from, to } => plant.shift_gpus(cohort, action.n, from, to, None),
        // A cap that got lost on its way is no cap.
        Change::Cap { cohort, share } => u32::from(action.n > 0 && plant.cap_gpus(cohort, share)),
        Change::Shed { fleet } => plant.shed_miners(fleet, action.n),
        Change::Restore { fleet } => plant.restore_miners(fleet, action.n),
    }
}

/// Between control and the plant: the links to the devices, with what is wrong with them.
pub(super) struct Hands<'a> {
    pub(super) plant: &'a mut Plant,
    pub(super) faults: &'a mut Faults,
}

impl Devices for Hands<'_> {
    fn command(&mut self, action: Action) -> Answer {
        match self.faults.send(action, self.plant.tick, self.plant.cfg.tick_s) {
            Sent::Now(arrives) => Answer::Done(carry_out(self.plant, arrives)),
            Sent::Later => Answer::Later,
        }
    }
}

/// In words, what did less than it was told: the object and the text.
pub(super) fn short_words(cfg: &config::Plant, action: &Action, did: u32) -> (String, String) {
    let asked = action.n;
    match action.change {
        Change::Gpus { cohort, to, .. } => {
            let name = cfg.gpus.get(cohort).map_or("GPU", |c| c.name.as_str());
            (name.to_owned(), format!("{did} of {asked} GPUs went to {to:?}"))
        }
        Change::Cap { cohort, share } => {
            let name = cfg.gpus.get(cohort).map_or("GPU", |c| c.name.as_str());
            (name.to_owned(), format!("power cap of {:.0} % did not arrive", 100.0 * share))
        }
        Change::Shed { fleet } | Change::Restore { fleet } => {
            let name = cfg.miners.get(fleet).map_or("miners", |f| f.name.as_str());
            let what = if matches!(action.change, Change::Shed { .. }) { "shed" } else { "restored" };
            (name.to_owned(), format!("{did} of {asked} units {what}"))
        }
    }
}
