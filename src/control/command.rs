//! Commands of the [`Supervisor`] to devices, and the books of what they answered.
//!
//! Nothing is booked that the plant did not do: counts, kW on their way, the ledger and the units that control has off all
//! follow the answer. A command whose answer comes late counts as done until then. Powers in kW.

use super::admission::{Proposal, assess};
use super::fleet::Allotment;
use super::phases::{Move, steps};
use super::shed::{restore_rate_kw_per_s, restores};
use super::supervisor::{CONTROL_PERIOD_S, Supervisor};
use super::{Action, Answer, Change, Devices, Measured, Note};

/// Control steps after which GPUs that show no effect no longer count as on their way.
const PENDING_STEPS: u64 = 50;
/// Seconds of the same for a shed, beyond twice its fleet's latency: units that do not answer are then known to give nothing.
const SHED_MARGIN_S: f64 = 1.0;

impl Supervisor {
    /// Commands, and gives the number of GPUs or units to book: what was done, or all while nothing is known.
    pub(super) fn send(&mut self, action: Action, devices: &mut dyn Devices, notes: &mut Vec<Note>) -> u32 {
        match devices.command(action) {
            Answer::Done(did) => {
                if did < action.n {
                    notes.push(Note::Short { action, did });
                }
                did
            }
            Answer::Later => {
                self.unanswered.push(action);
                action.n
            }
        }
    }

    /// The answer to a command that came late; what was not done is taken back.
    pub fn answered(&mut self, action: &Action, did: u32, notes: &mut Vec<Note>) {
        let Some(at) = self.unanswered.iter().position(|a| a == action) else { return };
        self.unanswered.remove(at);
        let missing = action.n.saturating_sub(did);
        if missing == 0 {
            return;
        }
        notes.push(Note::Short { action: *action, did });
        let short = action.with_count(missing);
        match short.change {
            // Counts and caps are read from the plant at each step.
            Change::Gpus { .. } | Change::Cap { .. } => {}
            Change::Shed { fleet } => {
                self.count_out(fleet, |out| out.saturating_sub(missing));
                self.book(self.last.fleets.get(fleet).map_or(0, |f| f.island), short.kw);
            }
            Change::Restore { fleet } => self.count_out(fleet, |out| out.saturating_add(missing)),
        }
    }

    fn count_out(&mut self, fleet: usize, change: impl FnOnce(u32) -> u32) {
        if let Some(f) = self.fleets.get_mut(fleet) {
            f.units_out = change(f.units_out);
        }
    }

    /// Moves GPUs of a cohort.
    pub(super) fn command_gpus(&mut self, cohort: usize, mv: Move, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        let change = Change::Gpus { cohort, from: mv.from, to: mv.to };
        let did = self.send(Action { change, n: mv.n, kw: mv.kw() }, devices, notes);
        let done = Move { n: did, ..mv };
        let kw = done.kw();
        tell_done(Action { change, n: did, kw }, notes);
        if let Some(i) = self.islands.get_mut(self.last.island_of_cohort(cohort)) {
            i.ledger.add(kw, did);
        }
        if let Some(c) = self.cohorts.get_mut(cohort) {
            c.counts.shift(did, mv.from, mv.to);
            c.pending.push(kw, self.now + PENDING_STEPS);
        }
    }

    /// Books a change of power by another cap.
    pub(super) fn book_cap(&mut self, island: usize, cohort: usize, kw: f64) {
        if let Some(i) = self.islands.get_mut(island) {
            i.ledger.add(kw, 0);
        }
        if let Some(c) = self.cohorts.get_mut(cohort) {
            c.pending.push(kw, self.now + PENDING_STEPS);
        }
    }

    /// Sheds miners of an island for a need, as far as there are any; gives the kW that were shed.
    pub(super) fn command_shed(
        &mut self,
        m: &Measured,
        island: usize,
        need_kw: f64,
        devices: &mut dyn Devices,
        notes: &mut Vec<Note>,
    ) -> f64 {
        let units = self.fleets_of(m, island).allot(need_kw);
        self.command_units(m, island, &units, devices, notes)
    }

    /// Sheds these units, and watches the fall of their fleets from now on.
    pub(super) fn command_watched_shed(
        &mut self,
        m: &Measured,
        island: usize,
        units: &Allotment,
        devices: &mut dyn Devices,
        notes: &mut Vec<Note>,
    ) -> f64 {
        self.fleets.iter_mut().for_each(|f| f.baseline_kw = None);
        let given_kw = self.command_units(m, island, units, devices, notes);
        for (fleet, _) in &self.shares {
            self.fleets[*fleet].baseline_kw = m.fleets.get(*fleet).map(|r| r.filtered_kw);
        }
        given_kw
    }

    /// Sheds these units; gives the kW that were shed.
    pub(super) fn command_units(
        &mut self,
        m: &Measured,
        island: usize,
        units: &Allotment,
        devices: &mut dyn Devices,
        notes: &mut Vec<Note>,
    ) -> f64 {
        let mut given_kw = 0.0;
        let mut shares = core::mem::take(&mut self.shares);
        shares.clear();
        self.fleets_of(m, island).each(units, |fleet, units| shares.push((fleet, units)));
        for &(fleet, units) in &shares {
            let (unit_kw, latency_s) = m.fleets.get(fleet).map_or((0.0, 0.0), |r| (r.unit_kw, r.latency_s));
            let change = Change::Shed { fleet };
            let did = self.send(Action { change, n: units, kw: -f64::from(units) * unit_kw }, devices, notes);
            let kw = f64::from(did) * unit_kw;
            tell_done(Action { change, n: did, kw: -kw }, notes);
            if let Some(i) = self.islands.get_mut(island) {
                i.ledger.add(-kw, 0);
            }
            let f = &mut self.fleets[fleet];
            f.taken += did;
            f.units_out = f.units_out.saturating_add(did);
            f.shed_pending.push(kw, self.now + steps(2.0 * latency_s + SHED_MARGIN_S));
            given_kw += kw;
        }
        self.shares = shares;
        given_kw
    }

    /// Brings the miners of each island back unit by unit under the limits of that island.
    pub(super) fn restore(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        if !restores(&self.policy, self.state) || self.commanded_shed_units() == 0 {
            return;
        }
        for island in 0..self.islands.len() {
            if !self.islands[island].standing.holds(&self.policy) {
                self.restore_on(m, island, devices, notes);
            }
        }
    }

    fn restore_on(&mut self, m: &Measured, island: usize, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        let fleets = || m.fleets.iter().zip(&self.fleets).enumerate().filter(|(_, (r, _))| r.island == island);
        let out = || fleets().filter(|(_, (r, f))| f.units_out > 0 && r.unit_kw > 0.0);
        let Some(largest_kw) = out().map(|(_, (r, _))| r.unit_kw).reduce(f64::max) else { return };
        let gained_kw = restore_rate_kw_per_s(&self.policy) * CONTROL_PERIOD_S;
        let pace_kw = (self.islands[island].restore_kw + gained_kw).min(largest_kw + gained_kw);
        let due = out().find_map(|(fleet, (r, f))| {
            let due = units_in(pace_kw, r.unit_kw).min(r.restorable).min(f.units_out);
            let view = self.view(m, island)?;
            let fits = |units: &u32| {
                let p = Proposal { net_kw: f64::from(*units) * r.unit_kw, ..Proposal::default() };
                assess(&view, &p).blocking().is_none()
            };
            let units = [due, due / 2, 1].into_iter().filter(|u| *u > 0 && *u <= due).find(fits)?;
            Some((fleet, units, *r))
        });
        self.islands[island].restore_kw = pace_kw;
        let Some((fleet, units, r)) = due else { return };
        let asked_kw = f64::from(units) * r.unit_kw;
        let change = Change::Restore { fleet };
        let did = self.send(Action { change, n: units, kw: asked_kw }, devices, notes);
        let kw = f64::from(did) * r.unit_kw;
        tell_done(Action { change, n: did, kw }, notes);
        // The pace is that of asking: what does not answer is not asked ten times a second.
        let memory = &mut self.islands[island];
        memory.restore_kw = (memory.restore_kw - asked_kw).max(0.0);
        memory.ledger.add(kw, 0);
        let f = &mut self.fleets[fleet];
        f.units_out = f.units_out.saturating_sub(did);
        f.restore_pending.push(kw, self.now + steps(1.5 * r.restore_s + 1.0));
        self.shed.forget_tail();
    }
}

/// Puts what was done on the record; nothing where nothing was.
pub(super) fn tell_done(action: Action, notes: &mut Vec<Note>) {
    if action.n > 0 {
        notes.push(Note::Done(action));
    }
}

/// Whole units in `kw`.
fn units_in(kw: f64, unit_kw: f64) -> u32 {
    (kw / unit_kw + 1e-6).floor().clamp(0.0, 1.0e6) as u32
}
