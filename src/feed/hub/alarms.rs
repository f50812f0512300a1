//! Alarms of a plant that is only read: the annunciator on live rows.
//!
//! An alarm whose input is stale, bad, frozen or not measured is not evaluable: it keeps its state and says so. What only
//! a schedule or a relay could tell (batches, trips) is not evaluable either. Acts on alarms are acts of this console,
//! not of the plant. Schedule, breakers and battery are known as far as rows tell them.

use std::sync::Arc;

use crate::acts::quality::Fault;
use crate::acts::{By, Event, Plate, Quality};
use crate::alarm::watch::Stamp;
use crate::alarm::{Act, Annunciator, Database, Facts, List, Watch};
use crate::feed::map::Tag;
use crate::feed::site::Site;
use crate::plant::genset::RunState;
use crate::plant::signals::{SCHEDULE_STATES, SignalIdx, SignalTable, at, bess, genset, site};

/// Periods after which a tag is stale, where its map does not say.
const STALE_PERIODS: f64 = 3.0;

/// The alarms of a site.
pub(in crate::feed) struct Alarms {
    watch: Watch,
    row: Vec<f64>,
}

impl Alarms {
    /// All normal. `fed`: signals that have values, by place.
    pub(in crate::feed) fn new(database: &Database, table: &SignalTable, plate: &Plate, fed: &[bool]) -> Self {
        let annunciator = Annunciator::measured(database, table, plate, super::ROW_S, fed);
        Self { watch: Watch::new(annunciator), row: vec![f64::NAN; table.len()] }
    }

    /// After a row; what comes of it is put behind `into`.
    pub(in crate::feed) fn row(
        &mut self,
        at: Stamp,
        values: &[f64],
        quality: &[Quality],
        facts: &Facts,
        into: &mut Vec<Event>,
    ) {
        for ((to, value), q) in self.row.iter_mut().zip(values).zip(quality) {
            *to = if q.tells_now() { *value } else { f64::NAN };
        }
        self.watch.tick(at, &self.row, &[], facts, into);
    }

    /// Somebody at this console does something to an alarm.
    pub(in crate::feed) fn act(&mut self, at: Stamp, act: &Act, into: &mut Vec<Event>) {
        self.watch.act(at, act, By::Trainee, into);
    }

    /// The list, if it has changed since it was taken last.
    pub(in crate::feed) fn news(&mut self) -> Option<Arc<List>> {
        self.watch.changed().then(|| self.watch.list())
    }
}

/// What rows tell of the plant beside their numbers; what they do not tell silences no alarm.
pub(in crate::feed) fn facts(plate: &Plate, values: &[f64], table: &SignalTable, age_periods: f64) -> Facts {
    let read = |i: SignalIdx| values.get(i.at()).copied().filter(|x| x.is_finite());
    let any = |n: usize, breaker: &dyn Fn(usize) -> SignalIdx| {
        let known: Vec<bool> = (0..n).filter_map(|i| read(breaker(i))).map(|x| x > 0.5).collect();
        known.is_empty() || known.contains(&true)
    };
    let sets = plate.gensets.len();
    let schedule = read(at(site::SCHEDULE)).and_then(|x| SCHEDULE_STATES.get(x as usize).copied());
    let stopping = [RunState::Unloading, RunState::CoolDown].map(|s| f64::from(s as u8));
    let state = |i| read(table.genset(i, genset::STATE));
    Facts {
        schedule_on: matches!(schedule, Some("running" | "hold" | "ramp-down")),
        ramp_down: schedule == Some("ramp-down"),
        bess_in_service: any(plate.bess.len(), &|i| table.bess(i, bess::BREAKER)),
        genset_on_bus: any(sets, &|i| table.genset(i, genset::BREAKER)),
        // a tag map does not say on which section a set is
        gensets_stop_on: if (0..sets).filter_map(state).any(|s| stopping.contains(&s)) { u128::MAX } else { 0 },
        // a policy is not measured: what stands on it is not evaluable
        ramp_limit_kw_per_s: f64::NAN,
        plan_batch_kw: f64::NAN,
        min_headroom_kw: f64::NAN,
        hold_explained: false,
        age_periods,
        // nor what protection holds
        held_open: Default::default(),
        // nor links, stops and interlocks of the control
        commands_lost: None,
        emergency_stop: None,
        interlock_hold: None,
        aux_asked_kw: f64::NAN,
    }
}

/// Age of the oldest value that should have been renewed, in periods of its tag. What is not there for another reason
/// than silence, as a register that the device does not have, is not old.
pub(super) fn oldest(site: &Site, mono_s: f64, open_s: f64) -> f64 {
    let (map, tags) = (site.map(), site.tags());
    let silent = |q| matches!(q, Quality::Stale | Quality::Never | Quality::Bad(Fault::NoComm));
    let fed = map.tags.iter().enumerate().filter(|(_, t)| t.to.is_some());
    let late = fed.filter(|(i, _)| silent(tags.current(*i).quality));
    let age = |i, t: &Tag| match tags.current(i).quality {
        // a link that is known to be lost is old at once, however slow its tags are
        Quality::Bad(Fault::NoComm) => f64::MAX,
        // before its first value a tag is as old as the connection
        _ => tags.age_s(i, mono_s).min(open_s) / (t.stale_s / STALE_PERIODS),
    };
    late.map(|(i, t)| age(i, t)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::Quality;
    use crate::alarm::{State, list::Entry};
    use crate::feed::link::Heard;
    use crate::feed::map::Map;
    use crate::feed::tags::{Reading, Words};

    const MAP: &str = r#"(name: "s", source: "x",
        plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, gensets: ["G1"], bess: ["B1"]),
        endpoints: [(name: "meter", link: Modbus(host: "h:1"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "f", at: Reg(address: 0, kind: F32), unit: "Hz", valid: (40, 75), to: "site.f_hz"),
            (name: "p", at: Reg(address: 2, kind: F32), unit: "kW", valid: (0, 2000), to: "site.gen_kw"),
        ])])])"#;

    struct Bench {
        site: Site,
        plate: Arc<Plate>,
        alarms: Alarms,
        tick: u64,
        seq: u64,
        events: Vec<Event>,
    }

    impl Bench {
        fn new() -> Self {
            Self::of(MAP)
        }

        fn of(map: &str) -> Self {
            let map = Arc::new(Map::from_str("m", map).unwrap());
            let facts = super::super::facts::of(&map, None, "m");
            let mut fed = vec![false; facts.table.len()];
            map.tags.iter().filter_map(|t| t.to).for_each(|s| fed[s.at()] = true);
            let alarms = Alarms::new(Database::built_in().unwrap(), &facts.table, &facts.plate, &fed);
            Self { site: Site::new(map), plate: facts.plate, alarms, tick: 0, seq: 0, events: Vec::new() }
        }

        /// Rows for so long, with these values before each; NaN leaves one out.
        fn run(&mut self, f_hz: f64, p_kw: f64, rows: u32) {
            for _ in 0..rows {
                self.tick += 1;
                let mono_s = self.tick as f64 * super::super::ROW_S;
                let all = [(0, f_hz), (1, p_kw)].into_iter().filter(|(_, x)| !x.is_nan()).map(|(tag, x)| Reading {
                    tag,
                    // never twice the same, as a real meter
                    raw: Ok(x + 1e-6 * self.tick as f64),
                    t_src_s: None,
                    t_arr_s: mono_s,
                    mono_s,
                    said: Quality::Good,
                    words: Words::default(),
                });
                self.site.hear(&Heard::Readings(all.collect()), &mut |_, _| ());
                let (values, quality) = self.site.row(mono_s);
                let (values, quality) = (values.to_vec(), quality.to_vec());
                let table = self.site.map().table.clone();
                let age_periods = oldest(&self.site, mono_s, mono_s);
                let facts = facts(&self.plate, &values, &table, age_periods);
                let at = Stamp { tick: self.tick, t_s: mono_s, seq: &mut self.seq };
                self.alarms.row(at, &values, &quality, &facts, &mut self.events);
            }
        }

        fn alarm(&mut self, tag: &str) -> Entry {
            self.alarms.watch.list().entries.iter().find(|e| e.tag == tag).cloned().unwrap()
        }
    }

    #[test]
    fn what_is_not_measured_is_not_evaluable_and_what_is_comes_up() {
        let mut b = Bench::new();
        b.run(60.0, 800.0, 20);
        for tag in ["52G-TRIP", "GPU-DEV", "BESS-COM", "BESS-SOC", "HEADRM-LO", "RAMP-HI", "BAL"] {
            assert!(!b.alarm(tag).evaluable, "{tag}");
        }
        assert!(b.alarm("F-LO").evaluable && b.alarm("GEN-OVL").evaluable);
        b.run(57.0, 800.0, 5);
        assert_eq!(b.alarm("F-LO").state, State::Unack);
        assert!(b.events.iter().any(|e| e.object == "F-LO" && e.text.contains("limit 58.50 Hz")));
    }

    #[test]
    fn a_lost_input_leaves_its_alarm_as_it_is_and_comes_up_as_stale_within_5_s() {
        let mut b = Bench::new();
        b.run(57.0, 800.0, 10);
        b.run(f64::NAN, 800.0, 15);
        let f = b.alarm("F-LO");
        assert_eq!((f.state, f.evaluable), (State::Unack, false), "neither cleared nor raised by what is not known");
        assert_eq!(b.alarm("STALE").state, State::Normal, "not yet: a short silence is no alarm");
        b.run(f64::NAN, 800.0, 30);
        assert_eq!(b.alarm("STALE").state, State::Unack);
        b.run(60.0, 800.0, 40);
        assert_eq!((b.alarm("STALE").state, b.alarm("F-LO").state), (State::RtnUnack, State::RtnUnack));
        let (tick, mut seq) = (b.tick, 99);
        let stale = b.alarm("STALE").id;
        b.alarms.act(Stamp { tick, t_s: 0.0, seq: &mut seq }, &Act::Ack(stale), &mut b.events);
        assert_eq!(b.alarm("STALE").state, State::Normal);
    }

    #[test]
    fn regress_a_lost_link_with_slow_tags_is_an_alarm_within_5_s() {
        let slow = MAP
            .replace("valid: (40, 75),", "valid: (40, 75), stale_s: 3600,")
            .replace("valid: (0, 2000),", "valid: (0, 2000), stale_s: 3600,");
        let mut b = Bench::of(&slow);
        b.run(60.0, 800.0, 10);
        b.site.hear(&Heard::Lost(0), &mut |_, _| ());
        b.run(f64::NAN, f64::NAN, 49);
        assert_eq!(b.alarm("STALE").state, State::Unack);
    }

    #[test]
    fn a_refused_register_is_not_old() {
        let mut b = Bench::new();
        for _ in 0..100 {
            let mono_s = (b.tick + 1) as f64 * super::super::ROW_S;
            let refused = Reading {
                tag: 0,
                raw: Err(Fault::Exception(2)),
                t_src_s: None,
                t_arr_s: 0.0,
                mono_s,
                said: Quality::Good,
                words: Words::default(),
            };
            b.site.hear(&Heard::Readings(vec![refused]), &mut |_, _| ());
            b.run(f64::NAN, 500.0, 1);
        }
        assert_eq!(b.alarm("STALE").state, State::Normal);
        assert!(!b.alarm("F-LO").evaluable);
    }
}
