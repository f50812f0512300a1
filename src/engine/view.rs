//! The devices of a run as the mimic shows them.

use super::run::Engine;
use crate::acts::{BreakerView, CohortView, MinerCell, PlantView, Readback};
use crate::plant::breaker::Behind;
use crate::plant::miner::MinerState;

/// Cells of the miner block bar.
const CELLS: u32 = 8;

impl Engine {
    /// Devices for the mimic.
    #[must_use]
    pub fn view(&self) -> PlantView {
        let (p, cfg) = (&self.plant, &self.plant.cfg);
        let breakers = p.breakers().enumerate().map(|(n, b)| {
            let (section, to) = b.sections(cfg);
            let (mut kw, mut closed) = (f64::NAN, p.is_closed(b));
            if let Behind::Device(kind, i) = b.behind() {
                let row = kind.row();
                kw = (row.kw)(p, i);
                if let Some(block) = &row.block {
                    // What is metered shows through its instruments.
                    let seen = |offset, truth| self.sensed(self.table.device(kind, i, offset), truth);
                    kw = seen(block.power, kw);
                    closed = seen(block.breaker, f64::from(u8::from(closed))) > 0.5;
                }
            }
            let tripped = p.is_tripped(n) && !closed;
            BreakerView { name: b.name(cfg), closed, tripped, unknown: false, section: Some(section), to, kw }
        });
        PlantView {
            breakers: breakers.collect(),
            readback: self.readback(),
            cohorts: self.cohorts(),
            miner_cells: self.miner_cells(),
            trips: self.trips().to_vec(),
            response: self.last_response(),
        }
    }

    /// What `Operate::Set` acts on in the plant, as it is now.
    fn readback(&self) -> Readback {
        let (p, cfg) = (&self.plant, &self.plant.cfg);
        let aux = |bank: bool| {
            let i = cfg.aux.iter().position(|a| a.load_bank == bank);
            i.and_then(|i| p.aux_kw.get(i)).copied().unwrap_or(f64::NAN)
        };
        let size = || p.bess.iter().zip(&cfg.bess).map(|(s, b)| s.scale * b.rated_kva).sum();
        Readback {
            aux_kw: aux(false),
            load_bank_kw: aux(true),
            bess_kw: if p.bess.is_empty() { f64::NAN } else { size() },
            miner_latency_s: p.miners.first().map_or(f64::NAN, |m| m.latency_s),
        }
    }

    fn cohorts(&self) -> Vec<CohortView> {
        let all = self.plant.cfg.gpus.iter().zip(&self.plant.gpus).enumerate();
        all.map(|(i, (c, now))| CohortView {
            name: c.name.clone(),
            gpus: c.gpus,
            full_kw: c.full_kw,
            cap_asked: self.control.cap_asked(i).unwrap_or(now.cap),
            cap: now.cap,
        })
        .collect()
    }

    /// The fleet in order: hashing units first, then those that move, then those that are off.
    fn miner_cells(&self) -> Vec<MinerCell> {
        let sum = |f: fn(&MinerState) -> u32| self.plant.miners.iter().map(f).sum::<u32>();
        let units: u32 = self.plant.cfg.miners.iter().map(|m| m.units).sum();
        if units == 0 {
            return Vec::new();
        }
        let (mut on, mut moving, mut stuck) =
            (sum(MinerState::units_on), sum(MinerState::moving), sum(MinerState::stuck));
        let cells = CELLS.min(units);
        (0..cells)
            .map(|k| {
                let size = units * (k + 1) / cells - units * k / cells;
                let take = |pool: &mut u32, room: u32| {
                    let n = room.min(*pool);
                    *pool -= n;
                    n
                };
                let here_on = take(&mut on, size);
                let here_moving = take(&mut moving, size - here_on);
                MinerCell { units: size, on: here_on, moving: here_moving, stuck: take(&mut stuck, here_on) }
            })
            .collect()
    }
}
