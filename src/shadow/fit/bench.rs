//! The simulation behind a fit: one set of the twin on a test bench, its electrical power imposed.
//!
//! Governor, engine and swing are the twin's own code ([`GensetState::derivative`]); there is no network, because the power
//! is measured and not asked for, so voltage does not enter and the machine is taken with a constant EMF. The tick is about
//! [`TICK_S`], and just so that the dead time is a whole number of ticks: what is fitted may be any number.

use super::power::Power;
use super::record::Record;
use super::unknown::Guess;
use crate::plant::config::{self, Genset, Swing};
use crate::plant::genset::{Derived, GensetState, RunState, Terminal, W};
use crate::plant::governor;

/// Tick of the simulation, s: five of the twin's; a test holds both against each other.
pub const TICK_S: f64 = 0.005;
/// Seconds whose mean power and frequency the simulation starts from.
pub(super) const START_S: f64 = 1.0;

/// What a site says of a set that is run alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bench {
    /// Nominal frequency.
    pub f0_hz: f64,
    /// Form of the swing equation.
    pub swing: Swing,
}

impl Bench {
    /// Of a site.
    #[must_use]
    pub fn new(site: &config::Plant) -> Self {
        Self { f0_hz: site.f0_hz, swing: site.swing }
    }

    /// Frequency at the record's times, Hz, as the guess has it, driven by this power.
    pub(super) fn run(&self, guess: &Guess, record: &Record, power: &Power) -> Vec<f64> {
        let first = record.first_s(START_S);
        let mean = |x: &[f64]| x.iter().take(first).sum::<f64>() / first as f64;
        let start = [mean(&record.f_hz) + guess.f_ref_hz, mean(&record.p_kw)];
        self.simulate(guess, &record.t_s, power, start)
    }

    /// Frequency in Hz at these times, which must rise, from rest at `[Hz, kW]`.
    pub(super) fn simulate(&self, guess: &Guess, times_s: &[f64], power: &Power, start: [f64; 2]) -> Vec<f64> {
        let mut g = Genset { relays: Vec::new(), ..guess.genset.clone() };
        g.machine.flux = None;
        let dead_s = governor::dead_time_s(&g.governor);
        let n = (dead_s / TICK_S).round();
        let tick_s = if n > 0.0 { dead_s / n } else { TICK_S };
        let d = Derived::new(&g, tick_s);
        let mut s = GensetState::new(&g, &d, tick_s);
        let [f_hz, kw] = start;
        let at = |kw: f64| Terminal { p: kw / 1000.0, vt: 1.0, ..Terminal::default() };
        (s.run, s.breaker) = (RunState::OnBus, true);
        s.trim(&g, kw / g.rated_kw, f_hz / self.f0_hz, 1.0, 0.0, at(kw), &d);
        let w0 = core::f64::consts::TAU * self.f0_hz;
        let t0_s = times_s.first().copied().unwrap_or(0.0);
        let mut reader = power.reader();
        let lead_s = guess.meter_lag_s.max(0.0);
        // A frequency meter that is slower than the power meter: both are linear, so power may as well be slowed.
        let follow = if guess.meter_lag_s < 0.0 { -libm::expm1(tick_s / guess.meter_lag_s) } else { 1.0 };
        let mut read = |t_s: f64| {
            let [kws, kw] = reader.at(t_s + guess.skew_s);
            kws + lead_s * kw
        };
        let mut kws = read(t0_s);
        let mut seen_kw = kw;
        let (mut before, mut now) = (s.x[W], s.x[W]);
        let mut ticks = 0.0;
        let mut out = Vec::with_capacity(times_s.len());
        for t in times_s {
            let until = (t - t0_s) / tick_s;
            while ticks < until {
                ticks += 1.0;
                let end = read(t0_s + ticks * tick_s);
                seen_kw += ((end - kws) / tick_s - seen_kw) * follow;
                kws = end;
                s.terminal = at(seen_kw);
                tick(&mut s, &g, &d, self.swing, w0, tick_s);
                (before, now) = (now, s.x[W]);
            }
            // Between the last two ticks.
            out.push((now + (before - now) * (ticks - until)) * self.f0_hz);
        }
        out
    }
}

/// Both stages of a tick, as the plant takes them.
fn tick(s: &mut GensetState, g: &Genset, d: &Derived, swing: Swing, w0: f64, tick_s: f64) {
    (s.k1, s.out) = s.derivative(g, d, swing, w0, &s.x, &s.terminal, 0);
    for k in 0..s.x.len() {
        s.xp[k] = s.x[k] + tick_s * s.k1[k];
    }
    let (k2, _) = s.derivative(g, d, swing, w0, &s.xp, &s.terminal, 1);
    for (k, second) in k2.iter().enumerate() {
        s.x[k] += tick_s / 2.0 * (s.k1[k] + second);
    }
    s.push_delay(d);
    s.finish_tick(g, d, tick_s);
}
