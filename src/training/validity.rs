//! Where the model holds: ranges of frequency, voltage, power and charge that its references cover. A run that leaves one is
//! told so once for each, and is marked: what follows is a picture, not a forecast.
//!
//! Frequency in Hz, voltage in pu, power in kW of the gensets on the main bus, charge as a share. Judged while that bus is
//! alive, and after a tenth of a second outside, so that the one tick of a switching is none. Never changes the run.

use crate::acts::{Event, EventKind};
use crate::engine::Engine;

/// Frequency: share of nominal to either side. Positive-sequence machines and loads are linear about nominal.
const F_OFF: f64 = 0.10;
/// Voltage, pu: below, loads of constant power ask for more than their supplies can give.
const V_PU: [f64; 2] = [0.8, 1.2];
/// Power, share of the rating on the bus: governors and exciters have no data beyond.
const P_PU: [f64; 2] = [-0.2, 1.2];
/// Charge of a battery in service: its resistance is constant in between.
const SOC: [f64; 2] = [0.01, 0.99];
/// Time outside that counts, s.
const STAYS_S: f64 = 0.1;

/// Object of the event that says it.
pub const OBJECT: &str = "validity";

/// What a run's events say of it: the time and the words of the first range that it left.
#[must_use]
pub fn of_events(events: &[Event]) -> Option<String> {
    let left = events.iter().find(|e| e.kind == EventKind::Notice && e.object == OBJECT)?;
    Some(format!("since {:.1} s {}", left.t_s, left.text))
}

/// What a run has left, and when it did so first.
#[derive(Clone, Debug, Default)]
pub struct Validity {
    /// Ticks outside, of each quantity.
    outside: [u32; 4],
    first: Option<String>,
}

impl Validity {
    /// After a tick: what has left its range just now, in words.
    pub fn step(&mut self, e: &Engine) -> Option<String> {
        let plant = &e.plant;
        let t = e.islands().get(plant.main_island())?;
        if !t.alive {
            self.outside = self.outside.map(|n| if n < u32::MAX { 0 } else { n });
            return None;
        }
        let f0 = plant.cfg.f0_hz;
        let off = |x: f64, [lo, hi]: [f64; 2]| !(lo..=hi).contains(&x);
        let on_bus = &plant.islands[plant.main_island()].gensets;
        let rated_kw: f64 = on_bus.iter().map(|g| plant.cfg.gensets[*g].rated_kw).sum();
        let kw = P_PU.map(|pu| pu * rated_kw);
        let soc = plant.bess.iter().filter(|b| b.breaker).map(|b| b.soc).find(|soc| off(*soc, SOC));
        let f_hz = [1.0 - F_OFF, 1.0 + F_OFF].map(|share| share * f0);
        let out = [off(t.f_hz, f_hz), off(t.v_pu, V_PU), rated_kw > 0.0 && off(t.gen_kw, kw), soc.is_some()];
        let stays = (STAYS_S / e.tick_s()).round() as u32;
        let mut left = None;
        for (k, (n, out)) in self.outside.iter_mut().zip(out).enumerate().filter(|(_, (n, _))| **n < u32::MAX) {
            *n = if out { *n + 1 } else { 0 };
            if *n > stays && left.is_none() {
                (*n, left) = (u32::MAX, Some(k));
            }
        }
        let said = match left? {
            0 => format!("frequency {:.2} Hz, modelled {:.0} to {:.0} Hz", t.f_hz, f_hz[0], f_hz[1]),
            1 => format!("voltage {:.2} pu, modelled {} to {} pu", t.v_pu, V_PU[0], V_PU[1]),
            2 => format!("power {:.0} kW, modelled {:.0} to {:.0} kW", t.gen_kw, kw[0], kw[1]),
            _ => format!("charge {:.1} %, modelled 1 to 99 %", 100.0 * soc.unwrap_or_default()),
        };
        self.first.get_or_insert_with(|| format!("not valid since {:.1} s: {said}", e.t_s()));
        Some(format!("the run is not valid from here on: {said}"))
    }

    /// Since when and why the run is not valid, if it is not.
    #[must_use]
    pub fn broken(&self) -> Option<&str> {
        self.first.as_deref()
    }
}
