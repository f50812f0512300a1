//! A miner fleet: whole units in blocks, late and quick going down, late and slow coming up.
//!
//! A command reaches its units after a lognormal latency. Units that do not answer stay on and are counted as stuck
//! once a command has found them out. kW at the wall.

use super::config::MinerFleet;
use super::random::{Purpose, Random};

/// Units on the way down or up.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Move {
    units: u32,
    up: bool,
    start_tick: u64,
    end_tick: u64,
}

/// Containers of a fleet, each behind an isolator of its own.
pub const CONTAINERS: u32 = 8;

/// What stood in a container when its isolator was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Dark {
    on: u32,
    off: u32,
}

/// State of a fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct MinerState {
    on: u32,
    off: u32,
    stuck: u32,
    stuck_debt: f64,
    dark: [Dark; CONTAINERS as usize],
    moves: Vec<Move>,
    lost_supply: bool,
    restart_at: Option<u64>,
    /// Commands so far that drew a latency: to switch off, to wake.
    sheds: u64,
    wakes: u64,
    /// Power asked from the bus at 1 pu, kW.
    pub kw: f64,
    /// Seconds the last finished shed took from command to effect.
    pub shed_lag_s: f64,
    /// Extra share of units that do not answer, set by a fault.
    pub stuck_share: f64,
    /// Command latency in force, s.
    pub latency_s: f64,
    /// What a fault adds to it, and to that of waking, s.
    pub lag_s: f64,
}

impl MinerState {
    /// The fleet at t = 0.
    #[must_use]
    pub fn new(f: &MinerFleet) -> Self {
        let on = f.on_at_start.min(f.units);
        Self {
            on,
            off: f.units - on,
            stuck: 0,
            stuck_debt: 0.0,
            dark: [Dark::default(); CONTAINERS as usize],
            moves: Vec::with_capacity(64),
            lost_supply: false,
            restart_at: None,
            sheds: 0,
            wakes: 0,
            kw: f64::from(on) * f.unit_kw,
            shed_lag_s: 0.0,
            stuck_share: f.stuck_share,
            latency_s: f.latency_s,
            lag_s: 0.0,
        }
    }

    /// Units that hash, including those still to fall.
    #[must_use]
    pub fn units_on(&self) -> u32 {
        self.on
    }

    /// Whether its supplies are out: all units are dark, and those that hashed restart by themselves.
    #[must_use]
    pub fn is_dark(&self) -> bool {
        self.lost_supply
    }

    /// Units that answer, are on and draw power: what can still be shed.
    #[must_use]
    pub fn available(&self) -> u32 {
        if self.lost_supply { 0 } else { self.on.saturating_sub(self.stuck) }
    }

    /// Units that are off and would wake if told to, once their supply is healthy.
    #[must_use]
    pub fn restorable(&self) -> u32 {
        self.off
    }

    /// Units found not to answer.
    #[must_use]
    pub fn stuck(&self) -> u32 {
        self.stuck
    }

    /// Units on the way down or up.
    #[must_use]
    pub fn moving(&self) -> u32 {
        self.moves.iter().map(|m| m.units).sum()
    }

    /// Switches up to `units` off (whole blocks, rounded up). Returns how many were commanded.
    pub fn shed(&mut self, f: &MinerFleet, units: u32, tick: u64, tick_s: f64, rng: &Random) -> u32 {
        let block = f.block_units.max(1);
        let asked = units.div_ceil(block).saturating_mul(block).min(self.available());
        if asked == 0 {
            return 0;
        }
        self.stuck_debt += f64::from(asked) * self.stuck_share.clamp(0.0, 1.0);
        let deaf = (self.stuck_debt.floor() as u32).min(asked);
        self.stuck_debt -= f64::from(deaf);
        self.stuck += deaf;
        let moved = asked - deaf;
        if moved > 0 {
            self.on -= moved;
            let factor = rng.lognormal(f.latency_sigma, Purpose::ShedLatency, &f.name, self.sheds);
            self.sheds += 1;
            let wait = (self.latency_s + self.lag_s) * factor;
            let start_tick = tick + ticks(wait, tick_s);
            let end_tick = start_tick + ticks(f.fall_s, tick_s).max(1);
            self.moves.push(Move { units: moved, up: false, start_tick, end_tick });
            self.shed_lag_s = (end_tick - tick) as f64 * tick_s;
        }
        asked
    }

    /// Opens branch contactors on up to `units`: no command latency, 80 ms.
    pub fn cut(&mut self, units: u32, tick: u64, tick_s: f64) -> u32 {
        let moved = if self.lost_supply { 0 } else { units.min(self.on) };
        if moved > 0 {
            self.on -= moved;
            self.stuck = self.stuck.min(self.on);
            let start_tick = tick + ticks(0.06, tick_s);
            self.moves.push(Move {
                units: moved,
                up: false,
                start_tick,
                end_tick: start_tick + ticks(0.02, tick_s).max(1),
            });
        }
        moved
    }

    /// Wakes up to `units`. Returns how many were commanded.
    pub fn restore(&mut self, f: &MinerFleet, units: u32, tick: u64, tick_s: f64, rng: &Random) -> u32 {
        let moved = units.min(self.off);
        if moved == 0 || self.lost_supply {
            return 0;
        }
        self.off -= moved;
        let factor = rng.lognormal(f.latency_sigma, Purpose::WakeLatency, &f.name, self.wakes);
        self.wakes += 1;
        let wait = (f.wake_latency_s + self.lag_s) * factor;
        let start_tick = tick + ticks(wait, tick_s);
        let end_tick = start_tick + ticks(f.wake_s, tick_s).max(1);
        self.moves.push(Move { units: moved, up: true, start_tick, end_tick });
        moved
    }

    /// Units that did not answer do so from now on.
    pub fn answer_again(&mut self) {
        self.stuck = 0;
        self.stuck_debt = 0.0;
    }

    /// Opens or closes the isolator of a container. Its units are dark at once; when it closes, those that hashed wake by
    /// themselves after `wait_s`.
    pub fn isolate(&mut self, f: &MinerFleet, container: u32, closed: bool, wait_s: f64, tick: u64, tick_s: f64) {
        let k = container as usize % self.dark.len();
        let was = self.dark[k];
        let wakes = |units, after| Move { units, up: true, start_tick: tick + after, end_tick: tick + after + 1 };
        if closed {
            self.dark[k] = Dark::default();
            self.off += was.off;
            if self.lost_supply {
                // They wake with the rest of the fleet, when the supply is healthy.
                self.on += was.on;
                return;
            }
            let after = ticks(wait_s, tick_s);
            self.moves.push(Move { end_tick: tick + after + ticks(f.wake_s, tick_s).max(1), ..wakes(was.on, after) });
        } else if was == Dark::default() {
            let size = f.units * (container + 1) / CONTAINERS - f.units * container / CONTAINERS;
            let on = size.min(self.on);
            let off = (size - on).min(self.off);
            self.dark[k] = Dark { on, off };
            self.on -= on;
            self.off -= off;
            self.stuck = self.stuck.min(self.on);
            // A move of nothing makes the fleet's power be worked out again.
            self.moves.push(wakes(0, 0));
        }
    }

    /// The supply dropped out: every unit falls at once and restarts by itself later.
    pub fn drop_out(&mut self) {
        self.restart_at = None;
        if self.lost_supply {
            return;
        }
        self.lost_supply = true;
        // What was coming up or on restarts; what was commanded off stays off.
        let (mut back, mut stays) = (self.on, self.off);
        for m in self.moves.drain(..) {
            if m.up {
                back += m.units;
            } else {
                stays += m.units;
            }
        }
        self.on = back;
        self.off = stays;
        self.kw = 0.0;
    }

    /// The supply is healthy again: units restart after `wait_s`, un-commanded, unless it drops out before.
    pub fn supply_back(&mut self, wait_s: f64, tick: u64, tick_s: f64) {
        if self.lost_supply && self.restart_at.is_none() {
            self.restart_at = Some(tick + ticks(wait_s, tick_s));
        }
    }

    /// Whether power may change without a new command.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        !self.moves.is_empty() || self.restart_at.is_some()
    }

    /// Mean power over the tick that starts at `tick`.
    pub fn advance(&mut self, f: &MinerFleet, tick: u64, tick_s: f64) {
        if self.lost_supply {
            if self.restart_at.is_some_and(|at| tick >= at) {
                self.lost_supply = false;
                self.restart_at = None;
                let units = self.on;
                self.on = 0;
                self.moves.push(Move {
                    units,
                    up: true,
                    start_tick: tick,
                    end_tick: tick + ticks(f.wake_s, tick_s).max(1),
                });
            } else {
                self.kw = 0.0;
                return;
            }
        }
        let mut extra = 0.0;
        let (mut on, mut off) = (self.on, self.off);
        self.moves.retain(|m| {
            let span = (m.end_tick - m.start_tick) as f64;
            // Mean over the tick, which is the value at mid-tick; nothing before the start.
            let into = if tick >= m.start_tick { (tick - m.start_tick) as f64 + 0.5 } else { 0.0 };
            let share = if m.up { into / span } else { 1.0 - into / span };
            if tick >= m.end_tick {
                if m.up {
                    on += m.units;
                } else {
                    off += m.units;
                }
                return false;
            }
            extra += share * f64::from(m.units);
            true
        });
        (self.on, self.off) = (on, off);
        self.kw = (f64::from(on) + extra) * f.unit_kw;
    }

    /// Feeds the state into a hash.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        for v in [self.on, self.off, self.stuck] {
            h.write_u32(v);
        }
        for m in &self.moves {
            h.write_u32(m.units);
            h.write_u8(u8::from(m.up));
            h.write_u64(m.start_tick);
            h.write_u64(m.end_tick);
        }
        h.write_u8(u8::from(self.lost_supply));
        for n in [self.restart_at.unwrap_or(u64::MAX), self.sheds, self.wakes] {
            h.write_u64(n);
        }
        for v in [self.kw, self.stuck_debt, self.shed_lag_s, self.stuck_share, self.latency_s] {
            h.write_u64(v.to_bits());
        }
    }

    /// Feeds what a fault or an isolator changed into a hash; what is as it was at t = 0 adds nothing.
    pub fn hash_field(&self, h: &mut impl core::hash::Hasher) {
        if self.lag_s != 0.0 || self.dark.iter().any(|d| *d != Dark::default()) {
            h.write_u64(self.lag_s.to_bits());
            self.dark.iter().for_each(|d| h.write_u64(u64::from(d.on) << 32 | u64::from(d.off)));
        }
    }
}

fn ticks(s: f64, tick_s: f64) -> u64 {
    (s / tick_s).round().clamp(0.0, 1e15) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet() -> MinerFleet {
        MinerFleet {
            name: "miners".into(),
            section: 0,
            units: 151,
            unit_kw: 3.3,
            on_at_start: 151,
            block_units: 1,
            latency_s: 0.5,
            latency_sigma: 0.0,
            fall_s: 0.2,
            wake_latency_s: 0.75,
            wake_s: 90.0,
            stuck_share: 0.0,
            power_factor: 0.99,
        }
    }

    fn run(s: &mut MinerState, f: &MinerFleet, from: u64, to: u64) {
        for k in from..to {
            s.advance(f, k, 0.001);
        }
    }

    #[test]
    fn shed_waits_for_its_latency_then_falls() {
        let f = fleet();
        let mut s = MinerState::new(&f);
        let rng = Random::new(1);
        assert_eq!(s.shed(&f, 10, 0, 0.001, &rng), 10);
        run(&mut s, &f, 0, 500);
        assert!((s.kw - 151.0 * 3.3).abs() < 1e-9);
        run(&mut s, &f, 500, 800);
        assert!((s.kw - 141.0 * 3.3).abs() < 1e-9);
        assert_eq!((s.units_on(), s.restorable()), (141, 10));
    }

    #[test]
    fn restore_is_slow() {
        let f = fleet();
        let mut s = MinerState::new(&f);
        let rng = Random::new(1);
        s.shed(&f, 10, 0, 0.001, &rng);
        run(&mut s, &f, 0, 1000);
        assert_eq!(s.restore(&f, 99, 1000, 0.001, &rng), 10);
        run(&mut s, &f, 1000, 46_750);
        assert!((s.kw - 146.0 * 3.3).abs() < 0.1, "{}", s.kw);
        run(&mut s, &f, 46_750, 92_000);
        assert!((s.kw - 151.0 * 3.3).abs() < 1e-9);
    }

    #[test]
    fn stuck_units_stay_on_and_are_counted() {
        let mut f = fleet();
        f.stuck_share = 0.5;
        let mut s = MinerState::new(&f);
        let rng = Random::new(1);
        s.shed(&f, 100, 0, 0.001, &rng);
        run(&mut s, &f, 0, 1000);
        assert_eq!((s.units_on(), s.stuck(), s.available()), (101, 50, 51));
    }

    #[test]
    fn a_drop_out_restarts_by_itself() {
        let f = fleet();
        let mut s = MinerState::new(&f);
        s.drop_out();
        s.advance(&f, 0, 0.001);
        assert_eq!(s.kw, 0.0);
        s.supply_back(30.0, 1000, 0.001);
        run(&mut s, &f, 1000, 125_000);
        assert!((s.kw - 151.0 * 3.3).abs() < 1e-9);
    }
}
