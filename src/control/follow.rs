//! The [`Supervisor`] follows a plan of genset power: once a second it switches off what the plan leaves no room for, and wakes
//! what it will have room for when it is back.
//!
//! It goes on in every state of the schedule. HOLD and standing interlocks keep it from waking miners, never from switching
//! them off. It follows only while the gensets feed the site as one island: the plan is for all of it.

use super::admission::{Proposal, assess};
use super::command::tell_done;
use super::phases::steps;
use super::supervisor::Supervisor;
use super::{Action, Change, Devices, LimitId, Measured, Note, RunState};

/// Control steps between two looks at the plan.
const LOOK: u32 = 10;
/// Looks in a row after which miners that a limit keeps off are told.
const PATIENCE: u32 = 10;
/// Most that even waking is ahead of a room that opens, as a share of what is on its way: an eighth of a wake against a half.
const EARLY: f64 = 0.25;
/// Limits of the level: held against the plan at the time when the miners are back, not against now.
const LEVELS: [LimitId; 3] = [LimitId::Ceiling, LimitId::Headroom, LimitId::HoldLoad];

impl Supervisor {
    /// One control step.
    pub(super) fn track(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        let Some(plan) = self.policy.followed().cloned() else { return };
        let mut alive = (0..m.islands.len()).filter(|i| m.is_alive(*i));
        let one = alive.next().filter(|i| alive.next().is_none() && !m.islands[*i].battery_alone);
        let Some(island) = one else {
            if self.tracker.waits(true) {
                notes.push(Note::Limit("the plan waits: the gensets do not feed the site as one island".to_owned()));
            }
            return;
        };
        self.tracker.waits(false);
        let fleets = || m.fleets.iter().zip(&self.fleets).filter(|(r, _)| r.island == island);
        let drawn_kw: f64 = fleets().map(|(r, _)| r.filtered_kw).sum();
        let Some(load_kw) = self.tracker.mean_of(m.islands[island].kw - drawn_kw, LOOK) else { return };
        let unit_kw = self.fleets_of(m, island).smallest_unit_kw();
        if unit_kw <= 0.0 {
            return;
        }
        let falling_kw: f64 = fleets().map(|(_, f)| f.shed_pending.kw()).sum();
        let waking_kw: f64 = fleets().map(|(_, f)| f.restore_pending.kw()).sum();
        let taken_kw = drawn_kw - falling_kw;
        let t_s = m.tick as f64 * m.dt_s;
        let [wanted_kw, expected_kw] = plan.at(t_s);
        // off at once: the nearest whole unit, so that noise of half a unit moves nothing. What wakes over minutes to fill a
        // room that opens is a little early at first, and would be switched off for it
        let early_kw = EARLY * waking_kw;
        let excess = (load_kw + taken_kw - early_kw - wanted_kw) / unit_kw;
        let off = libm::floor(excess + 0.5).max(0.0);
        if off > 0.0 {
            self.command_shed(m, island, off * unit_kw, devices, notes);
            return;
        }
        let Some(back_s) = fleets().filter(|(r, _)| r.restorable > 0).map(|(r, _)| r.half_back_s).reduce(f64::min)
        else {
            self.tracker.is_free();
            return;
        };
        // miners that wake one after the other fill a room that opens evenly when each is half back as its own part opens
        let [then_kw, then_load_kw] = plan.at(t_s + back_s);
        let load_then_kw = load_kw + then_load_kw - expected_kw;
        let room_kw = then_kw - load_then_kw - taken_kw - waking_kw;
        let wanted = libm::floor(room_kw / unit_kw + 1e-6).clamp(0.0, 1.0e6) as u32;
        if wanted == 0 || self.state == RunState::Hold {
            self.tracker.is_free();
            return;
        }
        match self.wake(m, island, wanted, load_then_kw + taken_kw + waking_kw, devices, notes) {
            Ok(()) => self.tracker.is_free(),
            Err(limit) => {
                if self.tracker.is_kept_off(PATIENCE) {
                    notes.push(Note::Limit(format!("the plan wants {wanted} units more: {limit} refuses them")));
                }
            }
        }
    }

    /// Wakes up to so many units, as many as the limits let at this instant. `level_kw` is what the sources will give without
    /// them when they are back.
    fn wake(
        &mut self,
        m: &Measured,
        island: usize,
        wanted: u32,
        level_kw: f64,
        devices: &mut dyn Devices,
        notes: &mut Vec<Note>,
    ) -> Result<(), &'static str> {
        if self.islands.get(island).is_some_and(|i| i.standing.holds(&self.policy)) {
            return Err("an interlock");
        }
        let reading = m.islands[island];
        let most_kw = self.policy.ceiling_pu * reading.rating_kw;
        let mut refused = "no unit";
        let mut left = wanted;
        for (fleet, r) in m.fleets.iter().enumerate().filter(|(_, r)| r.island == island && r.unit_kw > 0.0) {
            let Some(view) = self.view(m, island) else { continue };
            let may = |units: u32| {
                let kw = f64::from(units) * r.unit_kw;
                if level_kw + kw > most_kw {
                    return Err(LimitId::Ceiling.name());
                }
                if reading.rating_kw - level_kw - kw < self.policy.min_headroom_kw {
                    return Err(LimitId::Headroom.name());
                }
                let limits = assess(&view, &Proposal { net_kw: kw, ..Proposal::default() });
                let blocks = limits.all().find(|u| u.blocks && !LEVELS.contains(&u.id));
                blocks.map_or(Ok(()), |u| Err(u.id.name()))
            };
            let due = left.min(r.restorable);
            let halves = core::iter::successors(Some(due), |n| Some(n / 2)).take_while(|n| *n > 0);
            let Some(units) = halves.map(|n| (n, may(n))).find_map(|(n, may)| {
                refused = may.err().unwrap_or(refused);
                may.is_ok().then_some(n)
            }) else {
                continue;
            };
            let kw = f64::from(units) * r.unit_kw;
            let change = Change::Restore { fleet };
            let did = self.send(Action { change, n: units, kw }, devices, notes);
            let kw = f64::from(did) * r.unit_kw;
            tell_done(Action { change, n: did, kw }, notes);
            if let Some(i) = self.islands.get_mut(island) {
                i.ledger.add(kw, 0);
            }
            let f = &mut self.fleets[fleet];
            f.units_out = f.units_out.saturating_sub(did);
            f.restore_pending.push(kw, self.now + steps(1.5 * r.restore_s + 1.0));
            left -= units;
            if left == 0 {
                break;
            }
        }
        self.shed.forget_tail();
        if left < wanted { Ok(()) } else { Err(refused) }
    }
}
