//! Malfunctions and field acts carried out: levels that ramp, sensors that lie, commands that get lost or come late.
//!
//! Acts of the command log begin and end them, so the log alone reproduces a run. A run without any costs one comparison a
//! tick. Levels are shares of [`fault::Spec::full`](crate::acts::fault::Spec). It never decides when.

use std::sync::Arc;

use super::Engine;
use super::measure::Totals;
use crate::acts::fault::SOURCES;
use crate::acts::{Fault, FaultKind, Remote};
use crate::control::{Action, Change, Refusal};
use crate::plant::breaker::Breaker;
use crate::plant::field::Gas;
use crate::plant::gpu::Phase;
use crate::plant::instruments::{BusInstruments, Instrument, SetInstruments};
use crate::plant::miner::CONTAINERS;
use crate::plant::signals::{self, SignalIdx, at, site};

/// Shortest time in which a crash takes GPUs down, s.
const CRASH_S: f64 = 0.05;

/// A malfunction that lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Active {
    fault: Fault,
    /// Level when the ramp began, its first tick and its length.
    from: f64,
    start: u64,
    ticks: u64,
    /// Level now.
    level: f64,
    /// Frozen sensor: what it reads. Lost commands: share of one that is still to be lost.
    held: f64,
}

/// What became of a command that was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sent {
    /// So much of it arrives now; nothing of it when it is lost.
    Now(Action),
    /// It arrives later.
    Later,
}

/// What is wrong now.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    active: Vec<Active>,
    /// Commands on their way: the tick of their arrival, as they were sent, and what of them arrives.
    late: Vec<(u64, Action, Action)>,
    /// Places of a row of which nothing is heard, with what was heard last.
    unheard: Vec<(usize, f64)>,
    /// Something has to be done each tick.
    busy: bool,
}

impl Faults {
    pub(super) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Stays as it is: a forecast knows what is wrong, not what will be.
    pub(super) fn stay(&mut self) {
        self.active.iter_mut().for_each(|a| (a.fault.severity, a.ticks) = (a.level, 0));
    }

    fn sensors(&self) -> impl Iterator<Item = &Active> {
        use FaultKind::{SensorFreeze, SensorHigh, SensorLow};
        self.active.iter().filter(|a| matches!(a.fault.kind, SensorHigh | SensorLow | SensorFreeze))
    }

    /// What was heard last of a place of a row, while nothing is heard of it.
    fn last_heard(&self, place: usize) -> Option<f64> {
        self.unheard.iter().find(|(p, _)| *p == place).map(|(_, v)| *v)
    }

    /// Whether instruments show something else than what is.
    fn mislead(&self) -> bool {
        !self.unheard.is_empty() || self.sensors().next().is_some()
    }

    fn level(&self, kind: FaultKind, device: u32) -> f64 {
        self.active.iter().find(|a| a.fault.kind == kind && a.fault.device == device).map_or(0.0, |a| a.level)
    }

    /// Sends a command of control on its way.
    pub(super) fn send(&mut self, action: Action, tick: u64, tick_s: f64) -> Sent {
        if self.active.is_empty() {
            return Sent::Now(action);
        }
        let source = match action.change {
            Change::Gpus { .. } | Change::Cap { .. } => 0,
            Change::Shed { .. } | Change::Restore { .. } => 1,
        };
        let count = action.n;
        let is = |a: &&mut Active| a.fault.kind == FaultKind::CommLoss && a.fault.device == source;
        let left = self.active.iter_mut().find(is).map_or(count, |a| {
            let due = a.held + f64::from(count) * a.level;
            let lost = (due.floor() as u32).min(count);
            a.held = due - f64::from(lost);
            count - lost
        });
        let arrives = if left < count { action.with_count(left) } else { action };
        let wait_s = self.level(FaultKind::CommDelay, source) * FaultKind::CommDelay.spec().full;
        if wait_s > 0.0 && left > 0 {
            self.late.push((tick + (wait_s / tick_s).round() as u64, action, arrives));
            return Sent::Later;
        }
        Sent::Now(arrives)
    }

    /// The next late command that has arrived: as it was sent, and what of it arrives.
    pub(super) fn arrived(&mut self, tick: u64) -> Option<(Action, Action)> {
        let at = self.late.iter().position(|(due, ..)| *due <= tick)?;
        let (_, sent, arrives) = self.late.remove(at);
        Some((sent, arrives))
    }

    pub(super) fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        for a in &self.active {
            h.write_u8(a.fault.kind as u8);
            h.write_u32(a.fault.device);
            for v in [a.level, a.from, a.fault.severity, a.held] {
                h.write_u64(v.to_bits());
            }
            h.write_u64(a.start);
            h.write_u64(a.ticks);
        }
        for (due, sent, arrives) in &self.late {
            h.write_u64(*due);
            h.write_u32(sent.n);
            let (what, device) = match arrives.change {
                Change::Gpus { cohort, from, to } => (3 * (from as u8) + to as u8, cohort),
                // its share goes into the hash too: it is what the cohort will be told
                Change::Cap { cohort, share } => {
                    h.write_u64(share.to_bits());
                    (9, cohort)
                }
                Change::Shed { fleet } => (16, fleet),
                Change::Restore { fleet } => (17, fleet),
            };
            h.write_u8(what);
            h.write_usize(device);
            h.write_u32(arrives.n);
        }
        for (place, last) in &self.unheard {
            h.write_usize(*place);
            h.write_u64(last.to_bits());
        }
    }
}

/// A malfunction that lasts, for the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// As it was asked for.
    pub fault: Fault,
    /// Level now, 0 to 1.
    pub level: f64,
}

impl Engine {
    /// What is wrong now.
    #[must_use]
    pub fn standing(&self) -> Vec<Standing> {
        self.faults.active.iter().map(|a| Standing { fault: a.fault, level: a.level }).collect()
    }

    /// Whether commands to a source of [`SOURCES`] get lost, all of them.
    #[must_use]
    pub fn comm_lost(&self, source: u32) -> bool {
        self.faults.level(FaultKind::CommLoss, source) >= 1.0
    }

    /// Whether commands of control to any source get lost, some or all.
    #[must_use]
    pub fn loses_commands(&self) -> bool {
        self.faults.active.iter().any(|a| a.fault.kind == FaultKind::CommLoss && a.level > 0.0)
    }

    /// What operators ask of the auxiliary loads that are fed, kW at 1 pu: without what a malfunction adds.
    #[must_use]
    pub fn aux_asked_kw(&self) -> f64 {
        let p = &self.plant;
        let fed = |i: &usize| p.is_fed(Breaker::Aux(*i), p.cfg.aux[*i].section);
        let all = (0..p.aux_kw.len()).filter(fed);
        all.map(|i| p.aux_kw[i] - FaultKind::AuxStep.spec().full * self.faults.level(FaultKind::AuxStep, i as u32))
            .sum()
    }

    /// Places of a row that stand still, because nothing is heard of their device.
    pub fn unheard(&self) -> impl Iterator<Item = usize> + '_ {
        self.faults.unheard.iter().map(|(place, _)| *place)
    }

    /// With the battery's link gone, what its meters and its management said last stays on the screen.
    fn keep_last_words_of_batteries(&mut self) {
        let lost = self.bess_answers().is_err();
        if lost != self.faults.unheard.is_empty() {
            return;
        }
        self.faults.unheard.clear();
        if lost {
            let mut row = vec![0.0; self.table.len()];
            self.fill_fast(&mut row);
            self.fill_slow(&mut row);
            let site = [site::BESS_KW, site::BESS_SOC_PCT, site::BESS_KWH].map(|o| at(o).at());
            let devices = self.table.bess(0, 0).at()..self.table.bess(self.plant.bess.len(), 0).at();
            self.faults.unheard = site.into_iter().chain(devices).map(|place| (place, row[place])).collect();
        }
    }

    pub(super) fn fault(&mut self, f: Fault) -> Result<(), Refusal> {
        let range = |name: &str, value: f64, hi: f64| {
            let refusal = || Refusal::OutOfRange { name: name.to_owned(), lo: 0.0, hi, value };
            if (0.0..=hi).contains(&value) { Ok(()) } else { Err(refusal()) }
        };
        range("severity", f.severity, 1.0)?;
        range("ramp_s", f.ramp_s, 86_400.0)?;
        let spec = f.kind.spec();
        if f.device as usize >= spec.target.names(&self.plant.cfg, &self.table).len() {
            return Err(Refusal::NoDevice("such device for this malfunction"));
        }
        if spec.once {
            return if f.severity > 0.0 { self.happens(f) } else { Ok(()) };
        }
        let held = if f.kind == FaultKind::SensorFreeze { self.reads(f.device) } else { 0.0 };
        let tick = self.plant.tick;
        let ticks = (f.ramp_s / self.tick_s()).round() as u64;
        let same = |a: &&mut Active| a.fault.kind == f.kind && a.fault.device == f.device;
        match self.faults.active.iter_mut().find(same) {
            Some(a) => *a = Active { fault: f, from: a.level, start: tick, ticks, ..*a },
            None if f.severity > 0.0 => {
                self.faults.active.push(Active { fault: f, from: 0.0, start: tick, ticks, level: 0.0, held });
            }
            None => return Ok(()),
        }
        self.step_faults();
        Ok(())
    }

    /// What a signal reads now.
    fn reads(&self, signal: u32) -> f64 {
        let mut row = vec![0.0; self.table.len()];
        self.fill_row(&mut row);
        row[signal as usize]
    }

    /// A malfunction that is over as soon as it has happened; refused where there is nothing that it could happen to.
    fn happens(&mut self, f: Fault) -> Result<(), Refusal> {
        let i = f.device as usize;
        match f.kind {
            FaultKind::BessTrip => {
                let n = self.plant.breakers().position(|b| b == Breaker::Bess(i));
                n.map_or(Ok(()), |n| self.trip_breaker(n))
            }
            FaultKind::FeederTrip => self.trip_breaker(i),
            _ => {
                let cfg = Arc::clone(&self.plant.cfg);
                let (name, s) = (&cfg.gpus[i].name, &self.plant.gpus[i]);
                let share = |n: u32| (f64::from(n) * f.severity).round() as u32;
                let counts = [Phase::Full, Phase::Preload, Phase::Off].map(|p| (p, share(s.count(p))));
                let moved: u32 = if f.kind == FaultKind::JobCrash {
                    let over = Some(f.ramp_s.max(CRASH_S));
                    let up = counts.iter().take(2);
                    up.map(|(from, n)| self.plant.shift_gpus(i, *n, *from, Phase::Off, over)).sum()
                } else {
                    // Where nothing preloads, jobs start on GPUs that are off.
                    let over = (f.ramp_s > 0.0).then_some(f.ramp_s);
                    let from = if s.count(Phase::Preload) > 0 { counts[1] } else { counts[2] };
                    self.plant.shift_gpus(i, from.1, from.0, Phase::Full, over)
                };
                if moved == 0 {
                    let why = if f.kind == FaultKind::JobCrash { "is up" } else { "is off or in preload with power" };
                    return Err(Refusal::Nothing(format!("no GPU of {name} {why}")));
                }
                Ok(())
            }
        }
    }

    fn trip_breaker(&mut self, n: usize) -> Result<(), Refusal> {
        let breaker = self.plant.breakers().nth(n).ok_or(Refusal::NoDevice("such breaker"))?;
        if !self.plant.is_closed(breaker) {
            return Err(Refusal::Nothing(format!("{} is open already", breaker.name(&self.plant.cfg))));
        }
        self.plant.trip_breaker(n).map_err(|why| Refusal::Nothing(why.to_owned()))
    }

    /// Ramps, and what relays measure; called each tick while there is something to do.
    pub(super) fn step_faults(&mut self) {
        let tick = self.plant.tick;
        let mut busy = !self.faults.late.is_empty();
        for k in 0..self.faults.active.len() {
            let a = self.faults.active[k];
            let done = if a.ticks == 0 { 1.0 } else { ((tick - a.start) as f64 / a.ticks as f64).min(1.0) };
            let level = a.from + (a.fault.severity - a.from) * done;
            busy |= done < 1.0;
            if level != a.level {
                self.faults.active[k].level = level;
                self.set_level(a.fault, a.level, level);
            }
        }
        self.faults.active.retain(|a| a.level > 0.0 || a.fault.severity > 0.0);
        self.keep_last_words_of_batteries();
        self.set_instruments();
        self.faults.busy = busy || self.faults.mislead();
    }

    /// Puts what is wrong with readings onto the instruments that relays read. The site's frequency and voltage share the
    /// instrument of one section.
    fn set_instruments(&mut self) {
        use signals::{genset, section};
        let (faults, table, cfg) = (&self.faults, &self.table, &self.plant.cfg);
        // What one unit of the plant's reading is in units of the signal.
        let instrument = |signals: &[SignalIdx], unit: f64| {
            let here = faults.sensors().filter(|a| signals.iter().any(|s| s.at() == a.fault.device as usize));
            here.fold(Instrument::default(), |was, a| {
                let range = table.index(a.fault.device as usize).map_or([0.0; 2], |s| table.get(s).range);
                let off = a.level * (range[1] - range[0]) / unit;
                match a.fault.kind {
                    FaultKind::SensorHigh => Instrument { offset: was.offset + off, ..was },
                    FaultKind::SensorLow => Instrument { offset: was.offset - off, ..was },
                    _ => Instrument { held: Some(a.held / unit), offset: 0.0 },
                }
            })
        };
        let site_section = cfg.site_section();
        let bus = |s: usize, own: u32, shown: u32, unit: f64| {
            let both = [at(shown), table.section(s, own)];
            instrument(if s == site_section { &both } else { &both[1..] }, unit)
        };
        self.plant.instruments.set(
            |s| BusInstruments {
                f: bus(s, section::F_HZ, site::F_HZ, cfg.f0_hz),
                v: bus(s, section::V_PU, site::V_PU, 1.0),
            },
            |g| SetInstruments {
                v: instrument(&[table.genset(g, genset::VT_PU)], 1.0),
                p: instrument(&[table.genset(g, genset::P_KW)], cfg.gensets[g].rated_kw),
                speed: instrument(&[table.genset(g, genset::SPEED_HZ)], cfg.f0_hz),
            },
        );
    }

    fn set_level(&mut self, f: Fault, was: f64, level: f64) {
        let i = f.device as usize;
        let full = f.kind.spec().full;
        let p = &mut self.plant;
        match f.kind {
            FaultKind::GasPressure => p.set_gas(i, Gas { pressure: 1.0 - level, ..p.gas(i) }),
            FaultKind::SluggishGovernor => p.set_gas(i, Gas { lag: 1.0 + (full - 1.0) * level, ..p.gas(i) }),
            FaultKind::MinerStuck => {
                p.miners[i].stuck_share = (p.cfg.miners[i].stuck_share + level).min(1.0);
                if level <= 0.0 {
                    p.miners[i].answer_again();
                }
            }
            FaultKind::MinerLag => p.miners[i].lag_s = full * level,
            FaultKind::BessSocLow => p.bess[i].soc_short = level,
            FaultKind::GpuKw => p.gpus[i].scale = 1.0 + level,
            FaultKind::AuxStep => {
                p.aux_kw[i] = (p.aux_kw[i] + full * (level - was)).max(0.0);
                p.touch();
            }
            // Read where a value is measured or a command is sent.
            _ => {}
        }
    }

    /// What instruments show of a true value.
    pub(in crate::engine) fn sensed(&self, signal: SignalIdx, truth: f64) -> f64 {
        let truth = self.faults.last_heard(signal.at()).unwrap_or(truth);
        let span = self.table.get(signal).range;
        let here = self.faults.sensors().filter(|a| a.fault.device as usize == signal.at());
        here.fold(truth, |v, a| match a.fault.kind {
            FaultKind::SensorHigh => v + a.level * (span[1] - span[0]),
            FaultKind::SensorLow => v - a.level * (span[1] - span[0]),
            _ => a.held,
        })
    }

    /// Totals as instruments show them to control and relays, while that is not what they are.
    pub(super) fn seen(&self) -> Option<Totals> {
        if !self.faults.mislead() {
            return None;
        }
        let mut t = self.totals();
        let see = |o: u32, v: &mut f64| *v = self.sensed(at(o), *v);
        see(site::F_HZ, &mut t.f_hz);
        see(site::V_PU, &mut t.v_pu);
        see(site::GEN_KW, &mut t.gen_kw);
        see(site::GPU_KW, &mut t.gpu_kw);
        see(site::MINER_KW, &mut t.miner_kw);
        see(site::BESS_KW, &mut t.bess_kw);
        Some(t)
    }

    /// Puts what instruments show into a row of true values.
    pub(super) fn sense_row(&self, row: &mut [f64]) {
        self.faults.unheard.iter().for_each(|(place, last)| row[*place] = *last);
        let mut done = None;
        for a in self.faults.sensors().filter(|a| a.level > 0.0) {
            let i = a.fault.device as usize;
            // Two faults of one sensor are one reading.
            if done != Some(i)
                && let Some(signal) = self.table.index(i)
            {
                row[i] = self.sensed(signal, row[i]);
                done = Some(i);
            }
        }
    }

    pub(super) fn remote(&mut self, r: Remote) -> Result<(), Refusal> {
        let interlock = |e: &'static str| Refusal::Interlock(e.to_owned());
        let (gensets, fleets) = (self.plant.gensets.len() as u32, self.plant.miners.len() as u32);
        match r {
            Remote::Breaker(n, close) => {
                let b = self.plant.breakers().nth(n as usize).ok_or(Refusal::NoDevice("such breaker"))?;
                match b {
                    Breaker::Genset(i) if close => self.plant.start_genset(i).map_err(interlock),
                    _ => self.plant.switch(b, close).map_err(interlock),
                }
            }
            Remote::GasValve(i, open) if i < gensets => {
                let gas = Gas { open, ..self.plant.gas(i as usize) };
                self.plant.set_gas(i as usize, gas);
                Ok(())
            }
            Remote::EStop(pressed) => {
                self.plant.set_estop(pressed);
                Ok(())
            }
            Remote::Relay(g, i, pickup, delay_s) => {
                let sane = pickup.is_finite() && pickup.abs() < 1e3 && (0.0..=3600.0).contains(&delay_s);
                if sane && self.plant.set_relay(g as usize, i as usize, pickup, delay_s) {
                    Ok(())
                } else {
                    Err(Refusal::NoDevice("such relay, or not with this setting"))
                }
            }
            Remote::Isolator(f, container, closed) if f < fleets && container < CONTAINERS => {
                let cfg = Arc::clone(&self.plant.cfg);
                let (wait_s, tick) = (cfg.psu.miner_restart_s, self.plant.tick);
                let fleet = &mut self.plant.miners[f as usize];
                fleet.isolate(&cfg.miners[f as usize], container, closed, wait_s, tick, cfg.tick_s);
                Ok(())
            }
            Remote::GasValve(..) => Err(Refusal::NoDevice("such genset")),
            Remote::Isolator(..) => Err(Refusal::NoDevice("such isolator")),
        }
    }

    /// Whether an operator's command to the battery gets through.
    pub(super) fn bess_answers(&self) -> Result<(), Refusal> {
        if self.comm_lost(SOURCES.len() as u32 - 1) {
            return Err(Refusal::Interlock("no communications with the battery".to_owned()));
        }
        Ok(())
    }
}
