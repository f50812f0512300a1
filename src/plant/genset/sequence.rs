//! How a genset starts, takes load, gives it away, cools down and stops.
//!
//! Every state but [`RunState::Stopped`], [`RunState::OnBus`] and [`RunState::LockedOut`] ends by itself: by its time, by what
//! it waits for, or by its time-out. Never looks at other sets; what it needs of them comes as [`Around`].

use super::{Derived, GensetState, NO_LOAD_LOSS_PU, Output, STATES, Terminal, W};
use crate::plant::config::{Genset, Sharing};

/// A set with less than this is unloaded and opens 52G, pu of rated kW (5 %: usual for genset controllers).
const UNLOADED_PU: f64 = 0.05;
/// Unloading is given up when its ramp stands or is over for this long and the load is not gone, s (expert default).
const UNLOAD_GRACE_S: f64 = 60.0;
/// How fast the load reference follows the gap between wanted and actual power while unloading, 1/s.
const UNLOAD_GAIN_PER_S: f64 = 2.0;
/// The same for a set without droop, whose speed reference moves: pu speed a second for each pu of gap.
const UNLOAD_SPEED_GAIN: f64 = 0.02;
/// An unloading set without droop changes the speed by at most this, pu.
const UNLOAD_SPEED_PU: f64 = 0.05;
/// Unloading waits while the speed is below this, pu: nobody is there to take the load (expert default, above every 81U).
const UNLOAD_LOWEST_PU: f64 = 0.97;
/// Way back of the speed reference to nominal, pu a second (expert default, as a speed trim).
const SPEED_TRIM_PU_PER_S: f64 = 0.002;
/// More power than an engine has at the instant that its stop valve shuts, pu of rated kW.
const FUEL_LEFT_PU: f64 = 2.0;
/// Time constant with which what is left of its fuel burns at the latest, s (expert default, slower than the lags of the
/// built-in engines, so that it takes nothing off them).
const FUEL_GONE_S: f64 = 1.0;
/// Below this speed a running engine has stalled, pu.
pub(in crate::plant) const STALLED_PU: f64 = 0.3;

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

/// What a start or stop depends on outside the set.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Mean load of the sets on the bus, pu of their ratings: the goal of soft loading.
    pub mean_load_pu: f64,
    /// The gas valve is open and there is pressure.
    pub gas: bool,
    /// Load that the other sources of the bus can take on, pu of this set's rating a second.
    pub takes_pu_per_s: f64,
}

impl GensetState {
    /// Whether the governor is in charge of the speed.
    #[must_use]
    pub fn is_governed(&self) -> bool {
        use RunState::{CoolDown, OnBus, Shutdown, Synchronising, Unloading};
        matches!(self.run, Synchronising | OnBus | Unloading | CoolDown | Shutdown)
    }

    /// Whether it is at rest: nothing turns, nothing is under way.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        matches!(self.run, RunState::Stopped | RunState::LockedOut)
    }

    /// Whether it is on its way from rest to the bus.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        use RunState::{Cranking, Idle, Prelube, RunUp, Synchronising};
        matches!(self.run, Prelube | Cranking | Idle | RunUp | Synchronising)
    }

    /// Changes the run state and restarts its clock.
    pub fn enter(&mut self, run: RunState) {
        self.run = run;
        self.state_ticks = 0;
        match run {
            RunState::Unloading => self.unload_pu = self.out.pe,
            RunState::CoolDown => {
                self.breaker = false;
                (self.p_set, self.w_ref, self.share_bias) = (NO_LOAD_LOSS_PU, 1.0, 0.0);
            }
            RunState::Shutdown => {
                self.breaker = false;
                (self.fuel_off, self.fuel_left_pu) = (true, FUEL_LEFT_PU);
            }
            RunState::Stopped | RunState::LockedOut => {
                self.x = [0.0; STATES];
                self.out = Output::default();
                self.terminal = Terminal::default();
            }
            _ => {}
        }
    }

    /// Opens 52G by protection and shuts the fuel. At rest it locks out.
    pub fn trip(&mut self) {
        self.tripped = true;
        self.enter(RunState::Shutdown);
    }

    /// One tick of the start and stop machine. Returns the new state when it changed.
    pub fn sequence(&mut self, g: &Genset, d: &Derived, around: Around, tick_s: f64) -> Option<RunState> {
        use RunState::{CoolDown, Cranking, Idle, OnBus, RunUp, Shutdown, Synchronising, Unloading};
        self.state_ticks += 1;
        let state_s = self.state_ticks as f64 * tick_s;
        if self.run == Shutdown {
            self.fuel_left_pu = FUEL_LEFT_PU * libm::exp(-state_s / FUEL_GONE_S);
        }
        let s = &g.start_stop;
        // From firing on an engine turns on gas alone.
        let dies = match self.run {
            Cranking | Idle | RunUp => !around.gas,
            Synchronising | CoolDown => self.x[W] < STALLED_PU,
            _ => false,
        };
        let next = match self.run {
            _ if dies => Some(Shutdown),
            RunState::Stopped | RunState::LockedOut => None,
            RunState::Prelube => (state_s >= s.prelube_s).then_some(Cranking),
            Cranking => {
                self.x[W] = 0.3 * (state_s / s.crank_s.max(tick_s)).min(1.0);
                (state_s >= s.crank_s).then_some(Idle)
            }
            Idle => {
                self.x[W] = 0.3 + 0.2 * (state_s / 3.0).min(1.0);
                (state_s >= s.idle_s).then_some(RunUp)
            }
            RunUp => {
                self.x[W] = 0.5 + 0.5 * (state_s / s.run_up_s.max(tick_s)).min(1.0);
                (state_s >= s.run_up_s).then(|| {
                    let open = Terminal { vt: 1.0, ..Terminal::default() };
                    let angle = self.x[super::DELTA];
                    self.trim(g, NO_LOAD_LOSS_PU, 1.0, 1.0, angle, open, d);
                    Synchronising
                })
            }
            Synchronising => (state_s >= s.sync_timeout_s).then_some(CoolDown),
            OnBus => {
                self.load_softly(g, around.mean_load_pu, s.load_pu_per_s * tick_s, tick_s);
                None
            }
            Unloading => {
                self.unload_softly(g, s.unload_pu_per_s.min(around.takes_pu_per_s) * tick_s, tick_s);
                if self.out.pe < UNLOADED_PU {
                    Some(CoolDown)
                } else {
                    // Nobody takes its load: it goes on carrying it.
                    (state_s >= UNLOAD_GRACE_S).then(|| self.take_back())
                }
            }
            CoolDown => (state_s >= s.cool_down_s).then_some(Shutdown),
            Shutdown => {
                (self.x[W] < 0.02).then_some(if self.tripped { RunState::LockedOut } else { RunState::Stopped })
            }
        };
        if let Some(run) = next {
            self.enter(run);
        }
        next
    }

    /// The load is taken back softly instead of being given away: the state that follows.
    pub(in crate::plant) fn take_back(&mut self) -> RunState {
        self.soft = self.soft.min(0.999);
        RunState::OnBus
    }

    /// Soft loading after closing: moves participation, in droop the load reference, and the speed reference back to nominal.
    fn load_softly(&mut self, g: &Genset, goal_pu: f64, step: f64, tick_s: f64) {
        let trim = SPEED_TRIM_PU_PER_S * tick_s;
        let trimmed = (1.0 - self.w_ref).abs() <= trim;
        match g.sharing {
            Sharing::Droop(_) if self.soft < 1.0 => {
                self.p_set += (goal_pu - self.p_set).clamp(-step, step);
                if (goal_pu - self.p_set).abs() <= step {
                    self.soft = 1.0;
                }
            }
            Sharing::Droop(_) => {}
            Sharing::LoadShare(_) | Sharing::Isochronous if self.soft < 1.0 => {
                self.w_ref = if trimmed { 1.0 } else { self.w_ref + (1.0 - self.w_ref).clamp(-trim, trim) };
                let hi = if trimmed { 1.0 } else { 0.999 };
                self.soft = if g.sharing == Sharing::Isochronous { hi } else { (self.soft + step).min(hi) };
            }
            Sharing::LoadShare(_) | Sharing::Isochronous => {}
        }
    }

    /// Soft unloading. Power shall fall at the unloading rate, or as fast as the others load themselves, whatever droop they have: the load reference (in droop)
    /// or the speed reference (else) is moved until it does, past zero if need be.
    fn unload_softly(&mut self, g: &Genset, step: f64, tick_s: f64) {
        if self.x[W] < UNLOAD_LOWEST_PU {
            return;
        }
        let lowered = step.min(self.unload_pu.max(0.0));
        if lowered > 0.0 {
            // The clock runs while nothing moves.
            self.state_ticks = 0;
        }
        self.unload_pu -= lowered;
        let gap = self.unload_pu - self.out.pe;
        match g.sharing {
            Sharing::Droop(_) => {
                self.p_set = (self.p_set - lowered + UNLOAD_GAIN_PER_S * gap * tick_s).clamp(-3.0, 3.0);
            }
            Sharing::LoadShare(_) | Sharing::Isochronous => {
                if g.sharing != Sharing::Isochronous {
                    self.soft = (self.soft - step).max(0.0);
                }
                let (lo, hi) = (1.0 - UNLOAD_SPEED_PU, 1.0 + UNLOAD_SPEED_PU);
                self.w_ref = (self.w_ref + UNLOAD_SPEED_GAIN * gap * tick_s).clamp(lo, hi);
            }
        }
    }
}
