//! Breakers moved by command: what each kind allows, and what follows at once. Where the islands are then is settled by
//! `rebuild`.

use super::{Plant, PlantEvent, start, wrap};
use crate::plant::breaker::{Behind, Breaker};
use crate::plant::genset::RunState;
use crate::plant::{machine, protection};

impl Plant {
    /// Opens or closes a breaker. A genset's 52G closes only through its start sequence (or check-sync); a tie
    /// between two live islands only in sync, and not if two isochronous sets would meet. Opening 52G of a set sends it to
    /// cool down, whoever its load belongs to. Returns why not.
    ///
    /// # Errors
    /// The reason, in words.
    pub fn switch(&mut self, b: Breaker, close: bool) -> Result<(), &'static str> {
        if self.is_closed(b) == close {
            return Ok(());
        }
        match b.behind() {
            Behind::Device(kind, i) => (kind.row().switch)(self, i, close)?,
            Behind::Tie(i) => self.switch_tie(i, close)?,
        }
        self.topology_dirty = true;
        if let Some(n) = self.breakers().position(|x| x == b) {
            self.tripped[n] = false;
            self.events.push(PlantEvent::Breaker { breaker: n, closed: close });
        }
        Ok(())
    }

    pub(in crate::plant) fn switch_genset(&mut self, i: usize, close: bool) -> Result<(), &'static str> {
        if close {
            return Err("52G closes through the start sequence and check-sync only");
        }
        self.gensets[i].enter(RunState::CoolDown);
        Ok(())
    }

    /// Where it meets the bus is settled by `rebuild`, with the bus of that instant.
    pub(in crate::plant) fn switch_battery(&mut self, i: usize, close: bool) {
        self.bess[i].breaker = close;
        if !close {
            self.bess[i].rest();
        }
    }

    /// 52S closes on a live bus in sync only. Opening it leaves the rotor to coast.
    pub(in crate::plant) fn switch_condenser(&mut self, i: usize, close: bool) -> Result<(), &'static str> {
        if !close {
            self.condensers[i].open();
            return Ok(());
        }
        let isl = self.island_of[self.cfg.condensers[i].section];
        let (island, s) = (&self.islands[isl], &self.condensers[i]);
        if s.is_at_rest() {
            return Err("it is at rest, and it has no starting motor in this model");
        }
        if !island.alive {
            return Err("its bus is dead, and a machine without an engine cannot hold a bus");
        }
        // The bus as it is read on its section, as for sets and ties.
        let (section, read) = (self.cfg.condensers[i].section, &self.instruments);
        let df = (s.x[machine::W] - read.f_pu(section, island.f_pu)) * self.cfg.f0_hz;
        let angle = wrap(s.x[machine::DELTA] - self.bus(isl).1);
        if !protection::check_sync(df, s.terminal.vt - read.v_pu(section, island.vm), angle) {
            return Err("it is not in sync with its bus (device 25)");
        }
        self.condensers[i].breaker = true;
        Ok(())
    }

    /// What is behind a feeder follows its supplies: they fall with it, and return when all is healthy.
    pub(in crate::plant) fn switch_feeder(&mut self, load: Breaker, close: bool) {
        let f = self.feeder(load);
        self.feeder_closed[f] = close;
        self.loads_dirty = true;
        if !close {
            self.cut_supply(load);
        }
    }

    fn switch_tie(&mut self, i: usize, close: bool) -> Result<(), &'static str> {
        let t = &self.cfg.ties[i];
        let (from, to) = (self.island_of[t.from], self.island_of[t.to]);
        let (a, b) = (&self.islands[from], &self.islands[to]);
        if close && from != to && a.alive && b.alive {
            let isochronous = |i: &super::Island| start::is_isochronous(&self.cfg, &i.gensets);
            if isochronous(a) && isochronous(b) {
                return Err("both sides have an isochronous set, and two of them fight on one bus");
            }
            // Each side is measured on its own section.
            let read = &self.instruments;
            let df_pu = read.f_pu(t.to, b.f_pu) - read.f_pu(t.from, a.f_pu);
            let dv_pu = read.v_pu(t.to, b.vm) - read.v_pu(t.from, a.vm);
            let angle = wrap(self.bus(to).1 - self.bus(from).1);
            if !protection::check_sync(df_pu * self.cfg.f0_hz, dv_pu, angle) {
                return Err("the two sides are not in sync (device 25)");
            }
        }
        self.tie_closed[i] = close;
        Ok(())
    }
}
