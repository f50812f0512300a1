//! What the score reads of the whole plant at a tick; what it reads of each island is a [`Bus`](super::Bus).

use crate::control::RunState;
use crate::engine::Engine;
use crate::plant::gpu::Phase;

/// The plant at the end of a tick. Powers in kW.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Main bus alive.
    pub alive: bool,
    /// GPUs.
    pub gpu_kw: f64,
    /// Miners.
    pub miner_kw: f64,
    /// Batteries, positive when discharging.
    pub bess_kw: f64,
    /// A battery is in service.
    pub bess_on: bool,
    /// Mean state of charge of the batteries, per cent; 0 without.
    pub soc_pct: f64,
    /// GPUs at full compute.
    pub gpus_full: u32,
    /// Fuel since t = 0, kWh lower heating value.
    pub fuel_kwh: f64,
    /// The schedule has left Idle.
    pub started: bool,
    /// Operations of protection so far.
    pub trips: u32,
}

impl Sample {
    /// The engine now.
    #[must_use]
    pub fn of(e: &Engine) -> Self {
        let (t, p) = (e.totals(), &e.plant);
        let (mut charge, mut energy) = (0.0, 0.0);
        for (s, b) in p.bess.iter().zip(&p.cfg.bess) {
            charge += s.soc * b.energy_kwh;
            energy += b.energy_kwh;
        }
        Self {
            alive: t.alive,
            gpu_kw: t.gpu_kw,
            miner_kw: t.miner_kw,
            bess_kw: t.bess_kw,
            bess_on: p.bess.iter().any(|b| b.breaker),
            soc_pct: if energy > 0.0 { 100.0 * charge / energy } else { 0.0 },
            gpus_full: p.gpus.iter().map(|g| g.count(Phase::Full)).sum(),
            fuel_kwh: p.gensets.iter().map(|g| g.fuel.kwh()).sum(),
            started: e.control.state() != RunState::Idle,
            trips: e.trips().len() as u32,
        }
    }
}
