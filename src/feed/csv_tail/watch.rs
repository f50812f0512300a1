//! Alarms of a file: judged on its rows as those of a site are, and on its silence.
//!
//! Of a file that is followed the next row is expected about as long after the newest one as rows usually are apart. What
//! is later than that is old: the values are stale, and an alarm says so within five seconds, whether the file stops
//! growing, stands still in time, is moved away or cannot be read. Limits are judged only where a scenario of the same plant
//! lends them. Times in seconds; nothing is sent anywhere.

use std::sync::Arc;
use std::time::Instant;

use crate::acts::{By, Event, EventKind, Plate, Quality};
use crate::alarm::Act;
use crate::alarm::watch::Stamp;
use crate::feed::csv_tail::Way;
use crate::feed::hub::alarms::{Alarms, facts};
use crate::feed::hub::{ROW_S, alarms_of};
use crate::plant::signals::SignalTable;
use crate::training::msg::DeskView;
use crate::worker::Update;

/// Rows later than usual by this much are missing, s: with the delay of the alarm it stands within five seconds.
const LATE_S: f64 = 1.5;
/// Age in periods from which on values are old; the alarm's own limit.
const OLD_PERIODS: f64 = 3.0;

/// The alarms of one file.
pub(super) struct Watch {
    alarms: Option<Alarms>,
    table: Arc<SignalTable>,
    plate: Arc<Plate>,
    way: Way,
    /// Signals that some row has given, by place.
    given: Vec<bool>,
    quality: Vec<Quality>,
    /// Of the newest row: its tick, its time, and when it came.
    at_row: u64,
    t_s: f64,
    came: Instant,
    /// The newest tick that was judged.
    tick: u64,
    /// The file has been silent once: from then on each update says how good its values are.
    says: bool,
}

impl Watch {
    /// All normal. `fed`: signals that have a column, by place, where limits count; else none.
    pub(super) fn new(table: &Arc<SignalTable>, plate: &Arc<Plate>, way: Way, fed: &[bool]) -> Self {
        Self {
            alarms: alarms_of(table, plate, fed),
            table: Arc::clone(table),
            plate: Arc::clone(plate),
            way,
            given: vec![false; table.len()],
            quality: vec![Quality::Good; table.len()],
            at_row: 0,
            t_s: 0.0,
            came: Instant::now(),
            tick: 0,
            says: false,
        }
    }

    /// Goes on with the alarms of the file before, where this one has the same signals.
    pub(super) fn follow(self, before: Self) -> Self {
        let ids = |w: &Self| w.table.signals().iter().map(|s| s.id.clone()).collect::<Vec<_>>();
        if ids(&self) != ids(&before) {
            return Self { tick: before.tick, at_row: before.tick, ..self };
        }
        Self { alarms: before.alarms, tick: before.tick, at_row: before.tick, says: before.says, ..self }
    }

    /// After a row.
    pub(super) fn row(&mut self, t_s: f64, values: &[f64], seq: &mut u64, into: &mut Vec<Event>) {
        let steps = ((t_s - self.t_s) / ROW_S).round();
        self.tick += if steps >= 1.0 { steps as u64 } else { 1 };
        (self.t_s, self.came, self.at_row) = (t_s, Instant::now(), self.tick);
        for ((given, q), value) in self.given.iter_mut().zip(&mut self.quality).zip(values) {
            *given |= value.is_finite();
            *q = if value.is_finite() || !*given { Quality::Good } else { Quality::Stale };
        }
        self.judge(t_s, values, 0.0, seq, into);
    }

    /// Seconds since the newest row came.
    pub(super) fn silent_s(&self) -> f64 {
        self.came.elapsed().as_secs_f64()
    }

    /// Between two rows of a file that is followed, `silent_s` after the newest one: `usual_s` apart as a rule, 0 where that
    /// is not known; `gone` while there is none to read.
    pub(super) fn silence(
        &mut self,
        values: &[f64],
        [silent_s, usual_s]: [f64; 2],
        gone: bool,
        seq: &mut u64,
        into: &mut Vec<Event>,
    ) {
        if self.way != Way::Follow {
            return;
        }
        let age_periods = if gone { f64::MAX } else { OLD_PERIODS * silent_s / (usual_s + LATE_S) };
        if age_periods <= OLD_PERIODS {
            return;
        }
        if !self.says || self.at_row == self.tick {
            self.says = true;
            for (q, given) in self.quality.iter_mut().zip(&self.given) {
                *q = if *given { Quality::Stale } else { Quality::Never };
            }
        }
        // ticks go on without rows, so that delays end; the next row counts from here
        let due = self.at_row + (silent_s / ROW_S) as u64;
        if due > self.tick {
            self.tick = due;
            self.judge(self.t_s + silent_s, values, age_periods, seq, into);
        }
    }

    fn judge(&mut self, t_s: f64, values: &[f64], age_periods: f64, seq: &mut u64, into: &mut Vec<Event>) {
        let Some(alarms) = &mut self.alarms else { return };
        let facts = facts(&self.plate, values, &self.table, age_periods);
        alarms.row(Stamp { tick: self.tick, t_s, seq }, values, &self.quality, &facts, into);
    }

    /// Something is done to an alarm.
    pub(super) fn act(&mut self, act: &Act, seq: &mut u64, into: &mut Vec<Event>) {
        let at = Stamp { tick: self.tick, t_s: self.t_s, seq };
        if let Some(alarms) = &mut self.alarms {
            alarms.act(at, act, into);
        }
    }

    /// A line for the sequence of events.
    pub(super) fn note(&self, object: &str, text: String, seq: &mut u64) -> Event {
        let event = Event { seq: *seq, t_s: self.t_s, by: By::Trainee, ..Event::new(EventKind::Notice, object, text) };
        *seq += 1;
        event
    }

    /// Puts what is new into an update: the list of alarms, and how good values are. True if that is news.
    pub(super) fn fill(&mut self, p: &mut Update) -> bool {
        let list = self.alarms.as_mut().and_then(Alarms::news);
        let news = list.is_some();
        if let Some(list) = list {
            p.desk = Some(Arc::new(DeskView { alarms: Some(list), ..DeskView::default() }));
        }
        if self.says {
            p.quality.clear();
            p.quality.extend(self.quality.iter().zip(&self.given).map(
                |(q, given)| {
                    if *given { *q } else { Quality::Never }
                },
            ));
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::signals::{at, site};
    use proptest::prelude::*;

    struct Bench {
        watch: Watch,
        row: Vec<f64>,
        seq: u64,
        events: Vec<Event>,
    }

    impl Bench {
        fn new(way: Way) -> Self {
            let table = Arc::new(SignalTable::new(&[], &[], &[]));
            let mut row = vec![f64::NAN; table.len()];
            row[at(site::F_HZ).at()] = 60.0;
            let fed: Vec<bool> = row.iter().map(|x| x.is_finite()).collect();
            let watch = Watch::new(&table, &Arc::new(Plate { f0_hz: 60.0, ..Plate::default() }), way, &fed);
            Self { watch, row, seq: 0, events: Vec::new() }
        }

        fn row(&mut self, t_s: f64) {
            self.watch.row(t_s, &self.row, &mut self.seq, &mut self.events);
        }

        /// Silent for so long, looked at ten times a second.
        fn silent(&mut self, for_s: f64, usual_s: f64, gone: bool) {
            for k in 1..=(for_s / 0.1) as u32 {
                let s = f64::from(k) * 0.1;
                self.watch.silence(&self.row, [s, usual_s], gone, &mut self.seq, &mut self.events);
            }
        }

        fn told(&self, tag: &str) -> usize {
            self.events.iter().filter(|e| e.object == tag).count()
        }
    }

    #[test]
    fn regress_a_followed_file_that_falls_silent_is_old_and_its_limits_are_not_judged() {
        let mut b = Bench::new(Way::Follow);
        (0..50).for_each(|k| b.row(f64::from(k) * 0.1));
        b.silent(1.0, 0.1, false);
        assert_eq!(b.told("STALE"), 0, "a short silence is none");
        b.row[at(site::F_HZ).at()] = 50.0;
        b.silent(5.0, 0.1, false);
        assert_eq!(b.told("STALE"), 1);
        assert_eq!(b.told("F-LO"), 0, "what is old raises nothing");
        let mut p = crate::feed::empty_update(0, Arc::clone(&b.watch.table), Arc::clone(&b.watch.plate));
        b.watch.fill(&mut p);
        assert_eq!(
            (p.quality[at(site::F_HZ).at()], p.quality[at(site::GPU_KW).at()]),
            (Quality::Stale, Quality::Never)
        );
    }

    #[test]
    fn a_recording_that_is_played_is_never_old() {
        let mut b = Bench::new(Way::Replay);
        b.row(0.0);
        b.silent(600.0, 0.1, false);
        assert_eq!(b.told("STALE"), 0);
    }

    #[test]
    fn a_row_that_comes_after_all_ends_the_alarm_and_limits_count_again() {
        let mut b = Bench::new(Way::Follow);
        b.row(0.0);
        b.silent(10.0, 0.1, true);
        assert_eq!(b.told("STALE"), 1);
        (0..60).for_each(|k| b.row(10.0 + f64::from(k) * 0.1));
        assert_eq!(b.told("STALE"), 2, "{:?}", b.events);
        b.row[at(site::F_HZ).at()] = 57.0;
        (60..80).for_each(|k| b.row(10.0 + f64::from(k) * 0.1));
        assert!(b.told("F-LO") > 0);
    }

    proptest! {
        /// Whatever a source's pace and however it falls silent: within five seconds of the moment at which its next row is
        /// due there is an alarm; and none while rows come in their pace.
        #[test]
        fn blindness_is_an_alarm_within_five_seconds(usual_s in 0.02_f64..60.0, rows in 0_u32..40, gone: bool) {
            let mut b = Bench::new(Way::Follow);
            for k in 0..rows {
                b.row(f64::from(k) * usual_s);
                b.silent(usual_s, usual_s, false);
            }
            prop_assert_eq!(b.told("STALE"), 0);
            b.silent(if gone { 5.0 } else { usual_s + 5.0 }, usual_s, gone);
            prop_assert_eq!(b.told("STALE"), 1);
        }
    }
}
