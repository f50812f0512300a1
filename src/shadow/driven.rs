//! The plant with imposed loads: gensets as the scenario has them, every load a number that comes from outside.
//!
//! A measured load is what was drawn at the voltage there was, so it is constant power here. A battery is imposed as
//! well, as a load of less than nothing. No relay, no shedding, no supply that drops out: a trip is what the plant's
//! own breaker says. Loads in kW at the power factor of the scenario's devices of that kind.

use std::sync::Arc;

use crate::plant::config::{self, AuxLoad};
use crate::plant::genset::W;
use crate::plant::system::Plant;

/// Kinds of load that are metered apart, in the order of [`Kw`].
pub const KINDS: [&str; 4] = ["GPUs", "miners", "auxiliaries", "battery"];
/// Place of the battery, positive when it discharges.
pub const BATTERY: usize = 3;

/// kW of each kind.
pub type Kw = [f64; KINDS.len()];

/// What a plant with imposed loads starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct Operating {
    /// Frequency, pu.
    pub f_pu: f64,
    /// Voltage, pu.
    pub v_pu: f64,
    /// Loads.
    pub loads_kw: Kw,
    /// kW of each set on the bus; `None` for one that is off.
    pub sets_kw: Vec<Option<f64>>,
}

/// The same site with nothing but its gensets and one imposed load of each kind.
#[must_use]
pub fn imposed(site: &config::Plant) -> config::Plant {
    let section = site.gensets.iter().find(|g| g.on_at_start).or(site.gensets.first()).map_or(0, |g| g.section);
    let gpus = site.gpus.iter().map(|g| (f64::from(g.gpus) * g.full_kw, g.power_factor));
    let miners = site.miners.iter().map(|m| (f64::from(m.units) * m.unit_kw, m.power_factor));
    let aux = site.aux.iter().map(|a| (a.kw, a.power_factor));
    let factors = [power_factor(gpus), power_factor(miners), power_factor(aux), 1.0];
    let load = |(name, power_factor): (&&str, f64)| AuxLoad {
        name: (*name).to_owned(),
        section,
        kw: 0.0,
        power_factor,
        z_share: 0.0,
        i_share: 0.0,
        load_bank: false,
    };
    config::Plant {
        gensets: site.gensets.iter().map(|g| config::Genset { relays: Vec::new(), ..g.clone() }).collect(),
        gpus: Vec::new(),
        miners: Vec::new(),
        aux: KINDS.iter().zip(factors).map(load).collect(),
        bess: Vec::new(),
        psu: config::PsuRideThrough { enabled: false, ..site.psu },
        shed_stages: Vec::new(),
        ..site.clone()
    }
}

/// Of several loads together, from (kW, power factor) of each.
fn power_factor(loads: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (p, q) = loads
        .fold((0.0, 0.0), |(p, q), (kw, pf)| (p + kw, q + kw * libm::sqrt((1.0 - pf * pf).max(0.0)) / pf.max(0.1)));
    if p > 0.0 { p / libm::sqrt(p * p + q * q) } else { 1.0 }
}

/// The plant of [`imposed`] in steady state at an operating point: speed and voltage references are those that hold the
/// measured frequency and voltage there.
#[must_use]
pub fn start(cfg: &config::Plant, at: &Operating) -> Plant {
    let mut cfg = cfg.clone();
    for (g, kw) in cfg.gensets.iter_mut().zip(&at.sets_kw) {
        g.on_at_start = kw.is_some();
        // The share weighs with the rating.
        g.initial_share = kw.map_or(1.0, |kw| (kw / g.rated_kw).max(1e-3));
    }
    for (load, kw) in cfg.aux.iter_mut().zip(signed(at.loads_kw)) {
        load.kw = kw;
    }
    let mut plant = Plant::new(Arc::new(cfg), 0);
    for s in plant.gensets.iter_mut().filter(|s| s.breaker) {
        s.x[W] = at.f_pu;
        s.w_ref = at.f_pu;
        s.v_ref *= at.v_pu;
    }
    plant.touch();
    plant
}

/// Imposes the loads and goes on by one tick.
pub fn step(plant: &mut Plant, loads_kw: Kw) {
    for (i, kw) in signed(loads_kw).into_iter().enumerate() {
        plant.impose_aux_kw(i, kw);
    }
    plant.step();
    plant.events.clear();
}

/// As consumption.
fn signed(mut loads_kw: Kw) -> Kw {
    loads_kw[BATTERY] = -loads_kw[BATTERY];
    loads_kw
}

/// A point between two sets of loads.
#[must_use]
pub fn between(a: &Kw, b: &Kw, share: f64) -> Kw {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_at_rest_at_the_measured_point() {
        let s = crate::scenario::default_scenario().expect("the built-in plant");
        let at = Operating { f_pu: 0.99, v_pu: 1.0, loads_kw: [300.0, 250.0, 50.0, 100.0], sets_kw: vec![Some(500.0)] };
        let mut plant = start(&imposed(&s.plant), &at);
        (0..2000).for_each(|_| step(&mut plant, at.loads_kw));
        let isl = &plant.islands[plant.main_island()];
        assert!((isl.f_pu - 0.99).abs() < 1e-4, "{}", isl.f_pu);
        assert!((isl.vm - 1.0).abs() < 1e-3, "{}", isl.vm);
        assert!((plant.gensets[0].terminal.p * 1000.0 - 500.0).abs() < 1e-6);
    }

    #[test]
    fn power_factors_add_up_as_powers_do() {
        assert_eq!(power_factor([(100.0, 1.0)].into_iter()), 1.0);
        assert_eq!(power_factor([].into_iter()), 1.0);
        // 100 kW with 75 kvar, 100 kW with none: 200 kW, 75 kvar
        let pf = power_factor([(100.0, 0.8), (100.0, 1.0)].into_iter());
        assert!((pf - 200.0 / f64::hypot(200.0, 75.0)).abs() < 1e-12);
    }
}
