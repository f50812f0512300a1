//! One genset: continuous states, their derivatives, and the start, run and stop machine.
//!
//! Speed in pu of nominal, powers in pu of rated kW, reactances converted once to 1 MVA. Never looks at other
//! devices: the node gives it voltage and takes its electrical power.

mod hash;

use super::avr;
use super::config::{Genset, Sharing, Swing};
use super::exact::Energy;
use super::governor::{self, GovInput, GovState};
use super::network::Phasor;
use super::protection::QuietBand;

/// Continuous states: speed, rotor angle, E'q, AVR lead-lag, Efd, boost, six of the governor.
pub const STATES: usize = 12;
/// Speed, pu.
pub const W: usize = 0;
/// Rotor angle against a frame at nominal speed, rad.
pub const DELTA: usize = 1;
/// Transient EMF, pu.
pub const EQ: usize = 2;
const LEAD_LAG: usize = 3;
/// Field voltage, pu.
pub const EFD: usize = 4;
/// Boost, pu of rated kW.
pub const BOOST: usize = 5;
const GOV: usize = 6;

/// Friction and windage of a set that coasts, pu of rated kW at nominal speed.
const COAST_LOSS_PU: f64 = 0.08;
/// Friction that the governor works against at no load, pu of rated kW.
const NO_LOAD_LOSS_PU: f64 = 0.02;
/// A set with less than this is unloaded.
const UNLOADED_PU: f64 = 0.05;

/// Start, run and stop states; the order is that of `signals::GENSET_STATES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// At rest.
    Stopped,
    /// Oil pressure builds up.
    Prelube,
    /// Starter and firing.
    Cranking,
    /// Warm-up at idle speed.
    Idle,
    /// To rated speed.
    RunUp,
    /// Governor active, waiting for check-sync.
    Synchronising,
    /// 52G closed.
    OnBus,
    /// Soft unloading before 52G opens.
    Unloading,
    /// No load, cooling.
    CoolDown,
    /// Fuel shut, coasting.
    Shutdown,
    /// Tripped and at rest, until reset.
    LockedOut,
}

/// Constants derived from the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// 2H S / P_r, s.
    pub m_s: f64,
    /// X'd + line, on 1 MVA.
    pub x: f64,
    /// Its inverse.
    pub b: f64,
    /// Line alone.
    pub x_line: f64,
    /// Xd - X'd on 1 MVA.
    pub x_flux: f64,
    /// Rating before derating, MW: the base of every pu power.
    pub rated_mw: f64,
    /// Dead time, ticks.
    pub dead_ticks: usize,
    /// Derating factor, with what the gas pressure takes.
    pub derate: f64,
    /// Factor on every rate of governor and actuator: 1, and less while they are sluggish.
    pub gov_rate: f64,
    /// Ticks above the rating before the limit falls to it.
    pub overload_ticks: u64,
    /// Where no relay picks up.
    pub quiet: QuietBand,
}

/// Next place in a ring of `n`.
fn next_in(at: usize, n: usize) -> usize {
    if at + 1 < n { at + 1 } else { 0 }
}

impl Derived {
    /// Computes the constants for a tick of `tick_s`.
    #[must_use]
    pub fn new(g: &Genset, tick_s: f64) -> Self {
        let to_mva = 1000.0 / g.rated_kva;
        let x = g.machine.xd1_pu * to_mva + g.machine.x_line_pu;
        Self {
            m_s: 2.0 * g.machine.h_s * g.rated_kva / g.rated_kw,
            x,
            b: 1.0 / x,
            x_line: g.machine.x_line_pu,
            x_flux: g.machine.flux.as_ref().map_or(0.0, |f| (f.xd_pu - g.machine.xd1_pu) * to_mva),
            rated_mw: g.rated_kw / 1000.0,
            dead_ticks: (governor::dead_time_s(&g.governor) / tick_s).round() as usize,
            derate: g.derate.factor(),
            gov_rate: 1.0,
            overload_ticks: (g.overload_s / tick_s).round() as u64,
            quiet: QuietBand::new(&g.relays),
        }
    }
}

/// What the node says about the set, pu of 1 MVA.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Terminal {
    /// Active power.
    pub p: f64,
    /// Reactive power.
    pub q: f64,
    /// Terminal voltage.
    pub vt: f64,
    /// Direct-axis current.
    pub id: f64,
    /// Current magnitude.
    pub i: f64,
}

/// Results of an evaluation that rows show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Output {
    /// Mechanical power, pu of rated kW.
    pub pm: f64,
    /// Electrical power, pu of rated kW.
    pub pe: f64,
    /// Valve.
    pub valve: f64,
    /// Power that air and rating allow, pu.
    pub avail: f64,
    /// What enters the dead time.
    pub into_delay: f64,
}

/// State of a genset.
#[derive(Clone, Debug, PartialEq)]
pub struct GensetState {
    /// Continuous states.
    pub x: [f64; STATES],
    /// First-stage derivatives.
    pub k1: [f64; STATES],
    /// Predicted states.
    pub xp: [f64; STATES],
    /// From the node.
    pub terminal: Terminal,
    /// EMF of the last evaluation, where several sources share a node.
    pub emf: Phasor,
    /// Last evaluation.
    pub out: Output,
    /// 52G.
    pub breaker: bool,
    /// 52G was opened by protection.
    pub tripped: bool,
    /// Start, run, stop.
    pub run: RunState,
    /// Load reference, pu.
    pub p_set: f64,
    /// Speed reference, pu.
    pub w_ref: f64,
    /// Voltage reference, pu.
    pub v_ref: f64,
    /// Load-sharing correction of the speed reference.
    pub share_bias: f64,
    /// Participation in load sharing while loading softly, 0 to 1.
    pub soft: f64,
    /// Fuel is shut.
    pub fuel_off: bool,
    /// Fuel used, lower heating value.
    pub fuel: Energy,
    /// Low-load clock, ticks: up below half load, down four times as fast from 70 %.
    pub lowload_ticks: u64,
    /// Overload clock, ticks.
    overload_ticks: u64,
    /// Ticks in the present run state.
    state_ticks: u64,
    delay: Vec<f64>,
    head: usize,
    /// Timers of the relays, ticks.
    pub relay_timers: Vec<u32>,
    /// Every timer is known to be zero.
    pub relays_idle: bool,
    /// Speed over the longest 81R window, newest last in ring order.
    pub speed_ring: Vec<f64>,
    /// Next place in the ring.
    pub speed_head: usize,
}

impl GensetState {
    /// A set at rest; `trim_on_bus` puts it on the bus.
    #[must_use]
    pub fn new(g: &Genset, d: &Derived, tick_s: f64) -> Self {
        let window = g.relays.iter().map(|r| (r.window_s / tick_s).round() as usize).max().unwrap_or(0);
        Self {
            x: [0.0; STATES],
            k1: [0.0; STATES],
            xp: [0.0; STATES],
            terminal: Terminal::default(),
            emf: Phasor::default(),
            out: Output::default(),
            breaker: false,
            tripped: false,
            run: RunState::Stopped,
            p_set: 0.0,
            w_ref: 1.0,
            v_ref: 1.0,
            share_bias: 0.0,
            soft: 1.0,
            fuel_off: false,
            fuel: Energy::default(),
            lowload_ticks: 0,
            overload_ticks: 0,
            state_ticks: 0,
            delay: vec![0.0; d.dead_ticks.max(1)],
            head: 0,
            relay_timers: vec![0; g.relays.len()],
            relays_idle: true,
            speed_ring: vec![1.0; if window > 0 { window + 1 } else { 0 }],
            speed_head: 0,
        }
    }

    /// Steady state at speed `w` with electrical power `pe` pu, EMF and angle from the node, and its terminal values.
    pub fn trim(&mut self, g: &Genset, pe: f64, w: f64, emf: f64, angle: f64, t: Terminal, d: &Derived) {
        let pm = pe + g.machine.d_pu * (w - 1.0);
        let (gov, p_set) = governor::trim(&g.governor, pm);
        self.x = [0.0; STATES];
        self.x[W] = w;
        self.x[DELTA] = angle;
        self.x[EQ] = emf;
        self.x[BOOST] = pm;
        self.x[GOV..].copy_from_slice(&gov);
        self.p_set = p_set;
        self.w_ref = w;
        // GGOV1's line carries turbine power, the PID's the actuator: both are pm at nominal speed.
        self.delay.fill(pm);
        if let Some(f) = &g.machine.flux {
            let efd = emf + d.x_flux * t.id;
            let err = efd / f.avr.k;
            self.x[LEAD_LAG] = err;
            self.x[EFD] = efd;
            self.v_ref = (t.vt + err + f.avr.q_droop_pu * t.q * 1000.0 / g.rated_kva) / avr::roll_off(&f.avr, w);
        }
        self.terminal = t;
        self.speed_ring.fill(w);
    }

    /// Replaces the engine path by another preset's at the present power and speed; the machine's angle and flux stay.
    pub fn retrim_engine(&mut self, g: &Genset, d: &Derived) {
        let pm = self.out.pe + g.machine.d_pu * (self.x[W] - 1.0);
        let (gov, p_set) = governor::trim(&g.governor, pm);
        self.x[GOV..].copy_from_slice(&gov);
        self.x[BOOST] = pm;
        self.p_set = p_set;
        self.delay = vec![pm; d.dead_ticks.max(1)];
        self.head = 0;
    }

    /// Power that air, rating and the overload timer allow, pu of rated kW.
    #[must_use]
    pub fn available(&self, g: &Genset, d: &Derived, boost: f64) -> f64 {
        let cap = if self.overload_ticks >= d.overload_ticks { g.p_max_pu.min(1.0) } else { g.p_max_pu } * d.derate;
        match &g.air {
            Some(a) => (boost + a.reserve_pu).max(a.p_na_pu).clamp(0.0, cap),
            None => cap,
        }
    }

    /// Derivatives at states `x` with terminal values `t`; `ahead` is 1 for the second stage of a tick.
    #[must_use]
    pub fn derivative(
        &self,
        g: &Genset,
        d: &Derived,
        swing: Swing,
        w0: f64,
        x: &[f64; STATES],
        t: &Terminal,
        ahead: usize,
    ) -> ([f64; STATES], Output) {
        let mut dx = [0.0; STATES];
        let w = x[W];
        let pe = t.p / d.rated_mw;
        let avail = self.available(g, d, x[BOOST]);
        let at = self.head + ahead;
        let delayed = (d.dead_ticks > 0).then(|| self.delay[if at < d.dead_ticks { at } else { at - d.dead_ticks }]);
        // With a dead time of one tick the second stage would read what has not been written yet: the newest is it.
        let delayed = if d.dead_ticks == 1 && ahead == 1 { Some(self.out.into_delay) } else { delayed };
        let mut gov_x: GovState = [0.0; 6];
        gov_x.copy_from_slice(&x[GOV..]);
        let droop = match g.sharing {
            Sharing::Droop(r) => r,
            Sharing::Isochronous | Sharing::LoadShare(_) => 0.0,
        };
        let input = GovInput {
            w,
            pe,
            p_set: self.p_set,
            w_ref: self.w_ref + self.share_bias,
            droop,
            avail,
            delayed,
            fuel_off: self.fuel_off,
        };
        let o = governor::evaluate(&g.governor, &gov_x, &input);
        // On the bus powers are net of friction; off it the friction is what the governor works against.
        let coast = match (self.breaker, self.fuel_off) {
            (true, _) => 0.0,
            (false, true) => COAST_LOSS_PU * w,
            (false, false) => NO_LOAD_LOSS_PU * w,
        };
        let surplus = o.pm - pe - g.machine.d_pu * (w - 1.0) - coast;
        let torque = match swing {
            Swing::Torque => surplus / w.max(0.05),
            Swing::Power => surplus,
        };
        dx[W] = torque / d.m_s;
        dx[DELTA] = w0 * (w - 1.0);
        if let Some(f) = &g.machine.flux {
            let reference = self.v_ref * avr::roll_off(&f.avr, w);
            let err = reference - t.vt - f.avr.q_droop_pu * t.q * 1000.0 / g.rated_kva;
            (dx[LEAD_LAG], dx[EFD]) = avr::derivative(&f.avr, x[LEAD_LAG], x[EFD], err);
            dx[EQ] = (x[EFD] - x[EQ] - d.x_flux * t.id) / f.td01_s;
        }
        if let Some(a) = &g.air {
            dx[BOOST] = (o.pm.max(0.0) - x[BOOST]) / a.t_tc_s;
        }
        dx[GOV..].copy_from_slice(&o.dx.map(|rate| rate * d.gov_rate));
        (dx, Output { pm: o.pm, pe, valve: o.valve, avail, into_delay: o.into_delay })
    }

    /// After the integration of a tick: state limits, dead-time line, timers.
    pub fn finish_tick(&mut self, g: &Genset, d: &Derived, tick_s: f64) {
        let mut gov: GovState = [0.0; 6];
        gov.copy_from_slice(&self.x[GOV..]);
        governor::clamp(&g.governor, &mut gov, self.out.avail);
        self.x[GOV..].copy_from_slice(&gov);
        self.x[W] = self.x[W].max(0.0);
        if let Some(f) = &g.machine.flux {
            self.x[EFD] = self.x[EFD].clamp(f.avr.efd_min, f.avr.efd_max);
        }
        let pe = self.out.pe;
        if pe > 1.0 + 1e-9 {
            self.overload_ticks = (self.overload_ticks + 1).min(d.overload_ticks);
        } else {
            self.overload_ticks = self.overload_ticks.saturating_sub(1);
        }
        if self.breaker && pe >= 0.7 {
            self.lowload_ticks = self.lowload_ticks.saturating_sub(4);
        } else if self.breaker && pe < 0.5 {
            self.lowload_ticks += 1;
        }
        self.fuel.add(self.fuel_kw(g), tick_s);
        if let Some(slot) = self.speed_ring.get_mut(self.speed_head) {
            *slot = self.x[W];
            self.speed_head = next_in(self.speed_head, self.speed_ring.len());
        }
    }

    /// Puts the actuator signal of the evaluation at the tick's start into the dead-time line. Call once a tick, after
    /// both stages have read the line.
    pub fn push_delay(&mut self, d: &Derived) {
        if d.dead_ticks > 0 {
            self.delay[self.head] = self.out.into_delay;
            self.head = next_in(self.head, d.dead_ticks);
        }
    }

    /// Slope of speed over the last `window_s`, pu/s.
    #[must_use]
    pub fn speed_slope(&self, window_s: f64, tick_s: f64) -> f64 {
        let n = self.speed_ring.len();
        let back = ((window_s / tick_s).round() as usize).min(n.saturating_sub(1));
        if back == 0 {
            return 0.0;
        }
        let newest = self.speed_ring[(self.speed_head + n - 1) % n];
        let oldest = self.speed_ring[(self.speed_head + 2 * n - 1 - back) % n];
        (newest - oldest) / (back as f64 * tick_s)
    }

    /// Fuel power by the Willans line, kW; none while the fuel is shut or the set is at rest.
    #[must_use]
    pub fn fuel_kw(&self, g: &Genset) -> f64 {
        use RunState::{Cranking, LockedOut, Prelube, Shutdown, Stopped};
        if self.fuel_off || matches!(self.run, Stopped | Prelube | Cranking | Shutdown | LockedOut) {
            return 0.0;
        }
        (g.fuel.a_kw + g.fuel.b * self.out.pm * g.rated_kw).max(0.0)
    }

    /// Whether the governor is in charge of the speed.
    #[must_use]
    pub fn is_governed(&self) -> bool {
        use RunState::{CoolDown, OnBus, Shutdown, Synchronising, Unloading};
        matches!(self.run, Synchronising | OnBus | Unloading | CoolDown | Shutdown)
    }

    /// Changes the run state and restarts its clock.
    pub fn enter(&mut self, run: RunState) {
        self.run = run;
        self.state_ticks = 0;
    }

    /// One tick of the start and stop machine. `mean_load_pu` is the mean load of the sets on the bus.
    /// Returns the new state when it changed.
    pub fn sequence(&mut self, g: &Genset, d: &Derived, mean_load_pu: f64, tick_s: f64) -> Option<RunState> {
        self.state_ticks += 1;
        let state_s = self.state_ticks as f64 * tick_s;
        let s = &g.start_stop;
        let next = match self.run {
            RunState::Stopped | RunState::LockedOut => None,
            RunState::Prelube => (state_s >= s.prelube_s).then_some(RunState::Cranking),
            RunState::Cranking => {
                self.x[W] = 0.3 * (state_s / s.crank_s.max(tick_s)).min(1.0);
                (state_s >= s.crank_s).then_some(RunState::Idle)
            }
            RunState::Idle => {
                self.x[W] = 0.3 + 0.2 * (state_s / 3.0).min(1.0);
                (state_s >= s.idle_s).then_some(RunState::RunUp)
            }
            RunState::RunUp => {
                self.x[W] = 0.5 + 0.5 * (state_s / s.run_up_s.max(tick_s)).min(1.0);
                if state_s >= s.run_up_s {
                    let open = Terminal { vt: 1.0, ..Terminal::default() };
                    let angle = self.x[DELTA];
                    self.trim(g, NO_LOAD_LOSS_PU, 1.0, 1.0, angle, open, d);
                    Some(RunState::Synchronising)
                } else {
                    None
                }
            }
            RunState::Synchronising => (state_s >= s.sync_timeout_s).then_some(RunState::CoolDown),
            RunState::OnBus => {
                self.load_softly(g, mean_load_pu, s.load_pu_per_s * tick_s);
                None
            }
            RunState::Unloading => {
                self.load_softly(g, 0.0, s.unload_pu_per_s * tick_s);
                (self.out.pe < UNLOADED_PU).then_some(RunState::CoolDown)
            }
            RunState::CoolDown => (state_s >= s.cool_down_s).then_some(RunState::Shutdown),
            RunState::Shutdown => {
                (self.x[W] < 0.02).then_some(if self.tripped { RunState::LockedOut } else { RunState::Stopped })
            }
        };
        if let Some(run) = next {
            self.enter(run);
            match run {
                RunState::CoolDown => self.breaker = false,
                RunState::Shutdown => self.fuel_off = true,
                RunState::Stopped | RunState::LockedOut => {
                    self.x = [0.0; STATES];
                    self.out = Output::default();
                    self.terminal = Terminal::default();
                }
                _ => {}
            }
        }
        next
    }

    /// Soft loading after closing, or unloading: moves participation and, in droop, the load reference.
    fn load_softly(&mut self, g: &Genset, goal_pu: f64, step: f64) {
        match g.sharing {
            Sharing::LoadShare(_) => {
                let goal = if self.run == RunState::Unloading { 0.0 } else { 1.0 };
                self.soft += (goal - self.soft).clamp(-step, step);
            }
            Sharing::Droop(_) if self.soft < 1.0 || self.run == RunState::Unloading => {
                self.p_set += (goal_pu - self.p_set).clamp(-step, step);
                if self.run == RunState::OnBus && (goal_pu - self.p_set).abs() <= step {
                    self.soft = 1.0;
                }
            }
            Sharing::Droop(_) | Sharing::Isochronous => {}
        }
    }

    /// Opens 52G by protection and shuts the fuel.
    pub fn trip(&mut self) {
        self.breaker = false;
        self.tripped = true;
        self.fuel_off = true;
        self.enter(RunState::Shutdown);
    }
}
