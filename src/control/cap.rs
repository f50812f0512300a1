//! The operator's power caps of GPU cohorts, moved step by step under the limits of the island that feeds each.
//!
//! A cap is a share of a GPU's full power. Down and up it goes in steps that every limit lets through, the largest first, so
//! the sources see no more than they would of a batch. Up it waits while the schedule holds or an interlock stands; down it
//! always goes. The target counts GPUs at the cap in force. Powers in kW.

use super::admission::{EPS, Proposal, assess};
use super::phases::Counts;
use super::supervisor::Supervisor;
use super::{Action, Change, CohortReading, Devices, Measured, Note, Refusal, RunState};
use crate::acts::LEAST_CAP;

/// Halvings of the way to the set-point that are tried in one control step.
const HALVINGS: u32 = 10;
/// Caps closer than this are the same.
const SAME: f64 = 1e-9;

impl Supervisor {
    /// Sets the power cap of a cohort, as a share of full power.
    ///
    /// # Errors
    /// [`Refusal::NoDevice`] for a cohort that there is not, [`Refusal::OutOfRange`] for a share outside [`LEAST_CAP`] to 1,
    /// [`Refusal::Nothing`] for the set-point that stands.
    pub fn set_cap(&mut self, cohort: usize, share: f64) -> Result<(), Refusal> {
        if !(LEAST_CAP..=1.0).contains(&share) {
            return Err(Refusal::OutOfRange { name: "power cap".to_owned(), lo: LEAST_CAP, hi: 1.0, value: share });
        }
        let c = self.cohorts.get_mut(cohort).ok_or(Refusal::NoDevice("such GPU cohort"))?;
        if (c.cap - share).abs() < SAME {
            return Err(Refusal::Nothing(format!("the power cap is {:.0} % already", 100.0 * share)));
        }
        c.cap = share;
        Ok(())
    }

    /// Set-point of a cohort's power cap, as a share of full power; none for a cohort that there is not.
    #[must_use]
    pub fn cap_asked(&self, cohort: usize) -> Option<f64> {
        self.cohorts.get(cohort).map(|c| c.cap)
    }

    /// Moves each cap towards its set-point.
    pub(super) fn move_caps(&mut self, m: &Measured, devices: &mut dyn Devices, notes: &mut Vec<Note>) {
        for (cohort, r) in m.cohorts.iter().enumerate() {
            let Some(goal) = self.cohorts.get(cohort).map(|c| c.cap) else { continue };
            let waits =
                self.unanswered.iter().any(|a| matches!(a.change, Change::Cap { cohort: c, .. } if c == cohort));
            if (goal - r.cap).abs() < SAME || waits {
                continue;
            }
            if let Some((share, kw)) = self.next_cap(m, cohort, r, goal) {
                let action = Action { change: Change::Cap { cohort, share }, n: 1, kw };
                let did = self.send(action, devices, notes);
                if did > 0 {
                    self.book_cap(m.island_of_cohort(cohort), cohort, kw);
                    if (goal - share).abs() < SAME {
                        notes.push(Note::Done(action));
                    }
                }
            }
        }
    }

    /// The cap of this step and the change of power that it brings; none while nothing fits.
    fn next_cap(&self, m: &Measured, cohort: usize, r: &CohortReading, goal: f64) -> Option<(f64, f64)> {
        let island = m.island_of_cohort(cohort);
        let counts = self.cohorts.get(cohort)?.counts;
        let holds = self.islands.get(island)?.standing.holds(&self.policy);
        let kw = |share: f64| change_kw(r, counts, share);
        if kw(goal).abs() <= EPS || !m.is_fed(cohort) {
            return Some((goal, 0.0));
        }
        if kw(goal) > 0.0 && (holds || self.state == RunState::Hold) {
            return None;
        }
        let view = self.view(m, island)?;
        let steps = (0..HALVINGS).map(|k| r.cap + (goal - r.cap) / f64::from(1_u32 << k));
        let fits = |share: &f64| {
            let net_kw = kw(*share);
            let p = Proposal { net_kw, down: net_kw < 0.0, ..Proposal::default() };
            assess(&view, &p).blocking().is_none()
        };
        // The first step is the whole way, without the rounding of a sum.
        let share = core::iter::once(goal).chain(steps.skip(1)).find(fits)?;
        Some((share, kw(share)))
    }
}

/// Change of a cohort's power with another cap, kW.
fn change_kw(r: &CohortReading, counts: Counts, share: f64) -> f64 {
    let [preload, full] = r.each_at_cap_kw(share);
    f64::from(counts.preload) * (preload - r.preload_kw) + f64::from(counts.full) * (full - r.full_kw)
}
