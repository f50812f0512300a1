//! One genset: its parameters as constants, continuous states and their derivatives. How it starts and stops is in
//! [`sequence`].
//!
//! Speed in pu of nominal, powers in pu of rated kW, reactances converted once to 1 MVA. Never looks at other
//! devices: the node gives it voltage and takes its electrical power.

mod rest;
pub mod sequence;
mod source;

use super::config::{FluxDecay, Genset, Sharing, Swing};
use super::exact::Energy;
use super::governor::{self, GovInput, GovState, damping};
use super::machine::{self, LEAD_LAG, Reactances};
use super::network::{Phasor, Polar};
use super::protection::QuietBand;

pub use super::machine::{DELTA, EFD, EQ, Terminal, W};
pub use sequence::RunState;

/// Continuous states: those of the machine, boost, six of the governor.
pub const STATES: usize = machine::STATES + 7;
/// Boost, pu of rated kW.
pub const BOOST: usize = machine::STATES;
const GOV: usize = BOOST + 1;

/// Friction and windage of a set that coasts, pu of rated kW at nominal speed.
const COAST_LOSS_PU: f64 = 0.08;
/// Friction that the governor works against at no load, pu of rated kW.
pub const NO_LOAD_LOSS_PU: f64 = 0.02;

/// Constants derived from the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// 2H S / P_r, s.
    pub m_s: f64,
    /// Of its machine and line.
    pub reactances: Reactances,
    /// Rating before derating, MW: the base of every pu power.
    pub rated_mw: f64,
    /// Dead time, ticks.
    pub dead_ticks: usize,
    /// What is left of the rating, 0 to 1: site conditions and gas pressure.
    pub derate: f64,
    /// What site conditions (temperature, altitude) alone leave of it, 0 to 1.
    pub site_derate: f64,
    /// Share of its fuel that the gas supply gives, 0 to 1.
    pub gas_share: f64,
    /// Share of its friction that the gas does not cover, 0 to 1.
    pub unfed: f64,
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
        let m = &g.machine;
        Self {
            m_s: 2.0 * m.h_s * g.rated_kva / g.rated_kw,
            reactances: Reactances::new(g.rated_kva, m.xd1_pu, m.x_line_pu, m.flux.as_ref()),
            rated_mw: g.rated_kw / 1000.0,
            dead_ticks: (governor::dead_time_s(&g.governor) / tick_s).round() as usize,
            derate: g.derate.factor(),
            site_derate: g.derate.factor(),
            gas_share: 1.0,
            unfed: 0.0,
            gov_rate: 1.0,
            overload_ticks: (g.overload_s / tick_s).round() as u64,
            quiet: QuietBand::new(&g.relays),
        }
    }
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
    /// The EMF as it was worked out last.
    pub(super) polar: Polar,
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
    /// Most power that the fuel behind a shut valve still gives, pu of rated kW.
    fuel_left_pu: f64,
    /// Fuel used, lower heating value.
    pub fuel: Energy,
    /// Low-load clock, ticks: up below half load, down four times as fast from 70 %.
    pub lowload_ticks: u64,
    /// Overload clock, ticks.
    overload_ticks: u64,
    /// The overload time is used up, and the clock has not run back to zero since.
    overloaded: bool,
    /// Ticks in the present run state.
    state_ticks: u64,
    /// What an unloading set should still carry, pu of rated kW.
    unload_pu: f64,
    delay: Vec<f64>,
    head: usize,
    rest: rest::Rest,
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
            polar: Polar::default(),
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
            fuel_left_pu: 0.0,
            fuel: Energy::default(),
            lowload_ticks: 0,
            overload_ticks: 0,
            overloaded: false,
            state_ticks: 0,
            unload_pu: 0.0,
            delay: vec![0.0; d.dead_ticks.max(1)],
            head: 0,
            rest: rest::Rest::default(),
            relay_timers: vec![0; g.relays.len()],
            relays_idle: true,
            speed_ring: vec![1.0; if window > 0 { window + 1 } else { 0 }],
            speed_head: 0,
        }
    }

    /// States of a stage: the present ones, or those predicted for the end of the tick.
    #[inline]
    pub(super) fn states(&self, stage: usize) -> &[f64; STATES] {
        if stage == 0 { &self.x } else { &self.xp }
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
            [self.x[LEAD_LAG], self.x[EFD], self.v_ref] =
                machine::steady_field(f, &d.reactances, g.rated_kva, emf, w, &t);
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
        self.wake();
    }

    /// Net power at closed throttle and speed `w`, pu of rated kW: on the bus an engine without fuel is turned by the
    /// others and takes its friction from them. Off the bus the friction acts on the rotor instead, and this is 0.
    fn closed_throttle(&self, g: &Genset, w: f64) -> f64 {
        if self.breaker { -g.motoring_pu * w } else { 0.0 }
    }

    /// Power that gas, air, rating and the overload timer allow at speed `w`, pu of rated kW; less than 0 when the gas
    /// does not cover the friction.
    #[must_use]
    pub fn available(&self, g: &Genset, d: &Derived, boost: f64, w: f64) -> f64 {
        let p_max = if self.overloaded { g.p_max_pu.min(1.0) } else { g.p_max_pu } * d.site_derate;
        let cap = p_max * d.gas_share + self.closed_throttle(g, w) * d.unfed;
        match &g.air {
            Some(a) => (boost + a.reserve_pu).max(a.p_na_pu).min(cap),
            None => cap,
        }
    }

    /// Voltage at the open terminals at states `x`, pu: that of the field. A set with constant EMF has no field to follow, so
    /// its voltage falls with its speed.
    fn open_circuit_voltage(g: &Genset, x: &[f64; STATES]) -> f64 {
        if g.machine.flux.is_some() { x[EQ] } else { x[EQ] * x[W].min(1.0) }
    }

    /// What open terminals show now.
    #[must_use]
    pub fn open_terminal(&self, g: &Genset) -> Terminal {
        Terminal { vt: Self::open_circuit_voltage(g, &self.x), ..Terminal::default() }
    }

    /// Derivatives of lead-lag, field voltage and E'q at states `x`. Fuel shut and 52G open means that the excitation is off.
    #[inline]
    fn field_derivative(&self, g: &Genset, d: &Derived, f: &FluxDecay, x: &[f64; STATES], t: &Terminal) -> [f64; 3] {
        if self.is_de_excited() {
            return machine::dying_field(f, x);
        }
        let vt = if self.breaker { t.vt } else { Self::open_circuit_voltage(g, x) };
        machine::field_derivative(f, &d.reactances, g.rated_kva, self.v_ref, x, &Terminal { vt, ..*t })
    }

    fn is_de_excited(&self) -> bool {
        self.fuel_off && !self.breaker
    }

    /// Derivatives at states `x` with terminal values `t`; `ahead` is 1 for the second stage of a tick.
    #[must_use]
    #[expect(
        clippy::inline_always,
        reason = "half of the cost of a tick: the copies of its arrays go when it is in line"
    )]
    #[inline(always)]
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
        let avail = self.available(g, d, x[BOOST], w);
        let at = self.head + ahead;
        let delayed = (d.dead_ticks > 0).then(|| self.delay[if at < d.dead_ticks { at } else { at - d.dead_ticks }]);
        // With a dead time of one tick the second stage would read what has not been written yet: the newest is it.
        let delayed = if d.dead_ticks == 1 && ahead == 1 { Some(self.out.into_delay) } else { delayed };
        let gov_x: &GovState = x.last_chunk().unwrap_or(&[0.0; 6]);
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
            closed: self.closed_throttle(g, w),
            on_bus: self.breaker,
        };
        let o = governor::evaluate(&g.governor, gov_x, &input);
        // On the bus powers are net of friction; off it the friction is what the governor works against.
        let coast = match (self.breaker, self.fuel_off) {
            (true, _) => 0.0,
            (false, true) => COAST_LOSS_PU * w,
            (false, false) => NO_LOAD_LOSS_PU * w,
        };
        // The stop valve is no part of the governor: whatever that still asks for, the fuel runs out.
        let pm = if self.fuel_off { o.pm.min(self.fuel_left_pu) } else { o.pm };
        let surplus = pm - pe - damping(g.machine.d_pu, w, self.breaker) - coast;
        let torque = match swing {
            Swing::Torque => surplus / w.max(0.05),
            Swing::Power => surplus,
        };
        dx[W] = torque / d.m_s;
        dx[DELTA] = w0 * (w - 1.0);
        if let Some(f) = &g.machine.flux {
            [dx[LEAD_LAG], dx[EFD], dx[EQ]] = self.field_derivative(g, d, f, x, t);
        }
        if let Some(a) = &g.air {
            dx[BOOST] = (pm.max(0.0) - x[BOOST]) / a.t_tc_s;
        }
        for k in 0..o.dx.len() {
            dx[GOV + k] = o.dx[k] * d.gov_rate;
        }
        (dx, Output { pm, pe, valve: o.valve, avail, into_delay: o.into_delay })
    }

    /// After the integration of a tick: state limits, dead-time line, timers.
    pub fn finish_tick(&mut self, g: &Genset, d: &Derived, tick_s: f64) {
        if let Some(gov) = self.x.last_chunk_mut() {
            governor::clamp(&g.governor, gov, self.out.avail, self.fuel_off);
        }
        self.x[W] = self.x[W].max(0.0);
        if let Some(f) = g.machine.flux.as_ref().filter(|_| !self.is_de_excited()) {
            self.x[EFD] = self.x[EFD].clamp(f.avr.efd_min, f.avr.efd_max);
        }
        let pe = self.out.pe;
        if pe > d.site_derate + 1e-9 {
            self.overload_ticks = (self.overload_ticks + 1).min(d.overload_ticks);
            self.overloaded |= self.overload_ticks >= d.overload_ticks;
        } else {
            self.overload_ticks = self.overload_ticks.saturating_sub(1);
            self.overloaded &= self.overload_ticks > 0;
        }
        if !self.breaker {
            self.terminal = self.open_terminal(g);
        } else if pe >= 0.7 {
            self.lowload_ticks = self.lowload_ticks.saturating_sub(4);
        } else if pe < 0.5 {
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

    /// Fuel power by the Willans line, kW; none while the fuel is shut, the gas gone or the set at rest.
    #[must_use]
    pub fn fuel_kw(&self, g: &Genset) -> f64 {
        use RunState::{Cranking, LockedOut, Prelube, Shutdown, Stopped};
        let no_gas = self.is_governed() && self.out.avail <= 0.0;
        if self.fuel_off || no_gas || matches!(self.run, Stopped | Prelube | Cranking | Shutdown | LockedOut) {
            return 0.0;
        }
        (g.fuel.a_kw + g.fuel.b * self.out.pm * g.rated_kw).max(0.0)
    }
}
