//! What happens to a plant from outside: gas, feeders that trip, relays that are set anew, isolators.
//!
//! Malfunctions and field acts change parameters of devices here; while none is active they cost nothing. It never decides
//! when.

use std::sync::Arc;

use super::breaker::Breaker;
use super::config::Genset;
use super::genset::Derived;
use super::system::{Plant, PlantEvent, TripCause};

/// Below this share of its gas an engine no longer covers its friction (expert default).
const FRICTION_GAS: f64 = 0.1;

/// Fuel supply of a genset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gas {
    /// Share of its power that the pressure allows, 0 to 1.
    pub pressure: f64,
    /// The valve is open.
    pub open: bool,
    /// Factor on every lag of governor and actuator, 1 or more.
    pub lag: f64,
}

impl Default for Gas {
    fn default() -> Self {
        Self { pressure: 1.0, open: true, lag: 1.0 }
    }
}

impl Plant {
    /// Gas and governor of a set as they are from now on.
    pub fn set_gas(&mut self, i: usize, gas: Gas) {
        self.gas[i] = gas;
        let fresh = self.derive(i, &self.cfg.gensets[i]);
        Arc::make_mut(&mut self.derived)[i] = fresh;
        self.gensets[i].wake();
        self.revision += 1;
    }

    /// Constants of a set with its gas and governor as they are.
    pub(super) fn derive(&self, i: usize, genset: &Genset) -> Derived {
        let (gas, fresh) = (self.gas[i], Derived::new(genset, self.cfg.tick_s));
        let gas_share = if gas.open { gas.pressure.clamp(0.0, 1.0) } else { 0.0 };
        let unfed = (1.0 - gas_share / FRICTION_GAS).max(0.0);
        Derived { gas_share, unfed, derate: fresh.site_derate * gas_share, gov_rate: 1.0 / gas.lag.max(1.0), ..fresh }
    }

    /// Another pick-up and delay for a relay. False if there is no such relay.
    pub fn set_relay(&mut self, genset: usize, relay: usize, pickup: f64, delay_s: f64) -> bool {
        if self.cfg.gensets.get(genset).is_none_or(|g| relay >= g.relays.len()) {
            return false;
        }
        let cfg = Arc::make_mut(&mut self.cfg);
        let r = &mut cfg.gensets[genset].relays[relay];
        (r.pickup, r.delay_s) = (pickup, delay_s);
        let fresh = Derived::new(&cfg.gensets[genset], cfg.tick_s);
        Arc::make_mut(&mut self.derived)[genset].quiet = fresh.quiet;
        self.gensets[genset].relay_timers[relay] = 0;
        self.gensets[genset].relays_idle = false;
        true
    }

    /// A breaker opens by its own protection. Closing it again resets the mark.
    ///
    /// # Errors
    /// There is nothing to open, in words.
    pub fn trip_breaker(&mut self, n: usize) -> Result<(), &'static str> {
        match self.breakers().nth(n) {
            None => Err("there is no such breaker"),
            Some(Breaker::Genset(i)) => self.trip_genset(i, TripCause::Command, 0.0),
            Some(b) if self.is_closed(b) => {
                self.trip(b);
                Ok(())
            }
            Some(_) => Err("it is open"),
        }
    }

    /// Protection opens the breaker of a feeder, battery or tie.
    pub(super) fn trip(&mut self, b: Breaker) {
        let Some(n) = self.breakers().position(|x| x == b) else { return };
        // Opening has no condition that could refuse it.
        self.switch(b, false).unwrap_or_default();
        self.tripped[n] = true;
        self.events.push(PlantEvent::FeederTrip { breaker: n });
    }

    /// Whether a breaker was opened by protection and has not been reset or closed since.
    #[must_use]
    pub fn is_tripped(&self, n: usize) -> bool {
        match self.breakers().nth(n) {
            Some(Breaker::Genset(i)) => self.gensets[i].tripped,
            _ => self.tripped[n],
        }
    }

    /// Breakers that protection has opened and that have been neither reset nor closed since.
    pub fn tripped(&self) -> impl Iterator<Item = Breaker> {
        let sets = self.gensets.iter().enumerate().filter(|(_, g)| g.tripped).map(|(i, _)| Breaker::Genset(i));
        let others = self.tripped.iter().enumerate().filter(|(_, tripped)| **tripped);
        sets.chain(others.filter_map(|(n, _)| self.breakers().nth(n)))
    }

    /// Feeds what was changed from outside into a hash; what is as it was at t = 0 adds nothing.
    pub fn hash_field(&self, h: &mut impl core::hash::Hasher) {
        for (i, g) in self.gas.iter().enumerate().filter(|(_, g)| **g != Gas::default()) {
            h.write_usize(i);
            h.write_u64(g.pressure.to_bits());
            h.write_u64(g.lag.to_bits());
            h.write_u8(u8::from(g.open));
        }
        if self.estop {
            h.write_u8(1);
        }
        self.instruments.hash_into(h);
    }

    /// Lowest gas pressure of the sets on the bus, as a share of what full power needs; 1 without a set. A shut valve
    /// leaves none.
    #[must_use]
    pub fn gas_pressure(&self) -> f64 {
        let on_bus = self.gas.iter().zip(&self.gensets).filter(|(_, g)| g.breaker);
        on_bus.map(|(gas, _)| if gas.open { gas.pressure } else { 0.0 }).fold(1.0, f64::min)
    }

    /// Gas and governor of a set.
    #[must_use]
    pub fn gas(&self, i: usize) -> Gas {
        self.gas[i]
    }
}
