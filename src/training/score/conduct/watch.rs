//! Watches events and acts, and writes [`Conduct`]. Works an event at a time; a tick costs nothing.

use std::sync::Arc;

use super::{Ack, Conduct, HOLD_POINT_S, Needless, REVERSAL_S, Responded, StepDone};
use crate::acts::fault::FAULTS;
use crate::acts::{By, Event, EventKind, Operate, Setpoint};
use crate::scenario::exercise::{Answer, Response};
use crate::training::score::facts::Facts;
use crate::training::score::result::Deduction;

/// A set-point: where it stands, and its last change.
#[derive(Clone, Copy, Debug)]
struct Stand {
    what: Setpoint,
    value: f64,
    /// When, and whether up.
    moved: Option<(f64, bool)>,
}

/// What was true lately, for the question whether an ABORT was needed.
#[derive(Clone, Debug, Default)]
struct Lately {
    trouble_s: Option<f64>,
    alarm_s: Option<f64>,
    faults: Vec<String>,
}

/// The watch.
#[derive(Clone, Debug)]
pub(in crate::training::score) struct Watch {
    pub(in crate::training::score) conduct: Conduct,
    /// Shared by all copies: a snapshot is small.
    responses: Arc<[Response]>,
    facts: Arc<Facts>,
    stands: Vec<Stand>,
    hold_points_left: u32,
    held_at_point_s: Option<f64>,
    lately: Lately,
}

impl Watch {
    pub(in crate::training::score) fn new(facts: &Arc<Facts>, rubric: &[Response]) -> Self {
        // the exercise's own answer to a malfunction replaces the rubric's
        let own = |r: &&Response| !facts.responses.iter().any(|f| f.malfunction == r.malfunction);
        let mut responses = facts.responses.clone();
        responses.extend(rubric.iter().filter(own).cloned());
        let steps = facts.steps.iter().map(|s| StepDone { label: s.label.clone(), at_s: None }).collect();
        Self {
            conduct: Conduct { steps, ..Conduct::default() },
            responses: responses.into(),
            facts: Arc::clone(facts),
            stands: facts
                .setpoints
                .iter()
                .map(|(what, value)| Stand { what: *what, value: *value, moved: None })
                .collect(),
            hold_points_left: facts.hold_points_kw.len() as u32,
            held_at_point_s: None,
            lately: Lately::default(),
        }
    }

    /// Past a hard limit, or a trip.
    pub(in crate::training::score) fn trouble(&mut self, t_s: f64) {
        self.lately.trouble_s = Some(t_s);
    }

    pub(in crate::training::score) fn deduct(&mut self, what: Deduction, t_s: f64) {
        self.conduct.deductions.push((what, t_s));
    }

    /// An event of the run.
    pub(in crate::training::score) fn event(&mut self, e: &Event) {
        match e.kind {
            EventKind::Alarm => self.alarm(e),
            EventKind::Fault => self.fault(e),
            EventKind::Hold if e.text.starts_with("hold point") => {
                self.conduct.hold_points[1] += 1;
                self.hold_points_left = self.hold_points_left.saturating_sub(1);
                self.held_at_point_s = Some(e.t_s);
            }
            EventKind::Resume => {
                if let Some(since) = self.held_at_point_s.take()
                    && e.t_s - since >= HOLD_POINT_S
                {
                    self.conduct.hold_points[0] += 1;
                }
            }
            EventKind::Score => {
                if let Some(d) = Deduction::named(&e.object) {
                    self.deduct(d, e.t_s);
                }
            }
            _ => {}
        }
    }

    /// An operator's act, and whether it was accepted. Only the trainee's are judged.
    pub(in crate::training::score) fn act(&mut self, t_s: f64, act: &Operate, by: By, accepted: bool) {
        if by != By::Trainee {
            self.follow(act, t_s, accepted);
            return;
        }
        if !accepted {
            // HOLD is never wrong: a schedule that already holds by itself refuses it
            if *act == Operate::Hold {
                self.answer(&Answer::Hold, t_s);
            } else {
                self.needless(t_s, "refused");
            }
            return;
        }
        match *act {
            Operate::Start => self.answer(&Answer::Start, t_s),
            Operate::Hold => self.answer(&Answer::Hold, t_s),
            Operate::Resume => self.answer(&Answer::Resume, t_s),
            Operate::RampDown => self.answer(&Answer::RampDown, t_s),
            Operate::Reset => self.answer(&Answer::Reset, t_s),
            Operate::StartGenset(_) => self.answer(&Answer::StartGenset, t_s),
            Operate::Breaker(..) => self.answer(&Answer::Breaker, t_s),
            Operate::Abort => {
                let recent = |at: Option<f64>, s: f64| at.is_some_and(|at| t_s - at <= s);
                let l = &self.lately;
                if !recent(l.trouble_s, 60.0) && !recent(l.alarm_s, 120.0) && l.faults.is_empty() {
                    self.conduct.aborted_s.get_or_insert(t_s);
                }
                self.answer(&Answer::Abort, t_s);
            }
            Operate::Set(Setpoint::HoldPointKw, v) if v <= 0.0 => {
                self.conduct.hold_points[1] += self.hold_points_left;
                self.hold_points_left = 0;
            }
            Operate::Set(what, value) => self.set(t_s, what, value),
            _ => {}
        }
    }

    fn set(&mut self, t_s: f64, what: Setpoint, value: f64) {
        let before = self.stands.iter().find(|s| s.what == what).copied();
        self.follow(&Operate::Set(what, value), t_s, true);
        let Some(before) = before else { return };
        let up = value > before.value;
        if value == before.value {
            self.needless(t_s, &format!("{what:?} sent again"));
            return;
        }
        let turned = before.moved.is_some_and(|(at, was_up)| was_up != up && t_s - at <= REVERSAL_S);
        if what == Setpoint::FeedbackHold && value < 0.5 {
            self.needless(t_s, "feedback hold switched off");
        } else if turned {
            self.needless(t_s, &format!("{what:?} turned back"));
        }
        self.answer(&if up { Answer::Raise(what) } else { Answer::Lower(what) }, t_s);
    }

    /// Keeps track of where a set-point stands, whoever moved it.
    fn follow(&mut self, act: &Operate, t_s: f64, accepted: bool) {
        let Operate::Set(what, value) = *act else { return };
        if !accepted || what == Setpoint::HoldPointKw {
            return;
        }
        match self.stands.iter_mut().find(|s| s.what == what) {
            Some(s) if s.value == value => {}
            Some(s) => (s.moved, s.value) = (Some((t_s, value > s.value)), value),
            None => self.stands.push(Stand { what, value, moved: None }),
        }
    }

    fn needless(&mut self, t_s: f64, what: &str) {
        self.conduct.needless.push(Needless { t_s, what: what.to_owned() });
    }

    /// An act that may be the answer to malfunctions that stand, and the next step of the procedure.
    fn answer(&mut self, answer: &Answer, t_s: f64) {
        for r in self.conduct.responses.iter_mut().filter(|r| r.at_s.is_none() && r.cleared_s.is_none()) {
            let right = self.responses.iter().find(|d| is_of(&r.malfunction, &d.malfunction));
            if right.is_some_and(|d| d.any_of.contains(answer)) {
                r.at_s = Some(t_s);
            }
        }
        // the first step that is still open and in time; a step out of time is passed over
        let open = self.facts.steps.iter().zip(&mut self.conduct.steps);
        let next = open.filter(|(_, done)| done.at_s.is_none()).find(|(s, _)| s.by_s.is_none_or(|by| t_s <= by));
        if let Some((step, done)) = next
            && step.does == *answer
        {
            done.at_s = Some(t_s);
        }
    }

    fn alarm(&mut self, e: &Event) {
        let Some([from, to]) = e.change else { return };
        match (is_unacknowledged(from), is_unacknowledged(to)) {
            (false, true) => {
                let priority = self.facts.alarm_priorities.iter().find(|(t, _)| *t == e.object).map_or(3, |(_, p)| *p);
                if priority <= 2 {
                    self.lately.alarm_s = Some(e.t_s);
                }
                let ack = Ack { tag: e.object.clone(), priority, raised_s: e.t_s, acked_s: None };
                self.conduct.acks.push(ack);
            }
            (true, false) => {
                let open = self.conduct.acks.iter().rposition(|a| a.tag == e.object && a.acked_s.is_none());
                let Some(k) = open else { return };
                if e.by == By::Plant {
                    // suppressed by design: it no longer asks for anybody
                    self.conduct.acks.remove(k);
                    return;
                }
                self.conduct.acks[k].acked_s = Some(e.t_s);
                if e.by == By::Trainee {
                    self.answer(&Answer::Acknowledge, e.t_s);
                }
            }
            _ => {}
        }
    }

    fn fault(&mut self, e: &Event) {
        let code = e.object.split_whitespace().next().unwrap_or_default();
        if e.value > 0.0 {
            if self.lately.faults.iter().any(|f| f == code) {
                return;
            }
            // a crash is over as soon as it has happened; other malfunctions stand until they are cleared
            if FAULTS.iter().any(|s| s.once && s.code == code) {
                self.lately.trouble_s = Some(e.t_s);
            } else {
                self.lately.faults.push(code.to_owned());
            }
            if let Some(r) = self.responses.iter().find(|r| is_of(code, &r.malfunction)) {
                self.conduct.responses.push(Responded {
                    malfunction: code.to_owned(),
                    began_s: e.t_s,
                    within_s: r.within_s,
                    at_s: None,
                    cleared_s: None,
                });
            }
        } else {
            self.lately.faults.retain(|f| f != code);
            let open = self.conduct.responses.iter_mut().filter(|r| r.malfunction == code && r.cleared_s.is_none());
            open.for_each(|r| r.cleared_s = Some(e.t_s));
        }
    }
}

/// Whether a malfunction's code is the one named, or a way of it: `M05.1` is an `M05`.
fn is_of(code: &str, named: &str) -> bool {
    code.strip_prefix(named).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a state of an alarm, by its name, asks for an acknowledgement.
fn is_unacknowledged(state: &str) -> bool {
    state.to_ascii_lowercase().ends_with("unack")
}
