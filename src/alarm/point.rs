//! One alarm at one plant: its condition resolved to places of a row, with deadband and delays.
//!
//! The delays are whole ticks, so that an alarm comes at the very tick that they end. A quantity without a number makes
//! the alarm *not evaluable*: it keeps its state and says so. Units are those of the signals.

use super::areas::Area;
use super::definition::{Condition, Definition, Group, Limit, PolicyLimit, Quantity, Rule, What, When};
use super::state::Input;
use crate::acts::{Event, Plate};
use crate::plant::breaker::NUMBERS;
use crate::plant::rows::Balance;
use crate::plant::signals::{Kind, SignalIdx, SignalTable, at, site};

/// What rows cannot say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    /// The schedule adds, holds or takes away.
    pub schedule_on: bool,
    /// A battery is in service.
    pub bess_in_service: bool,
    /// A genset is on the bus.
    pub genset_on_bus: bool,
    /// Ramp limit in force, kW/s.
    pub ramp_limit_kw_per_s: f64,
    /// Batch of the plan that the scenario came with, kW.
    pub plan_batch_kw: f64,
    /// Spinning reserve in force, kW.
    pub min_headroom_kw: f64,
    /// The schedule takes GPUs down.
    pub ramp_down: bool,
    /// Islands with a genset that unloads or cools down, a bit each; all of them where nobody knows whose it is.
    pub gensets_stop_on: u128,
    /// Why the schedule holds is shown.
    pub hold_explained: bool,
    /// Age of the newest row in periods of its source; 0 for the twin.
    pub age_periods: f64,
    /// Protection has opened a breaker of this kind and has not been reset, in the order of [`NUMBERS`].
    pub held_open: [bool; NUMBERS.len()],
    /// Commands to a source get lost; none where nobody knows.
    pub commands_lost: Option<bool>,
    /// The emergency stop is pressed; none where nobody knows.
    pub emergency_stop: Option<bool>,
    /// An interlock holds the schedule; none where nobody knows.
    pub interlock_hold: Option<bool>,
    /// What operators ask of auxiliary loads, kW.
    pub aux_asked_kw: f64,
}

impl Facts {
    /// The bit of an island by its number, as rows show it.
    #[must_use]
    pub fn island_bit(island: f64) -> u128 {
        1_u128.checked_shl(island as u32).unwrap_or(0)
    }
}

#[derive(Clone, Debug)]
enum Source {
    One(SignalIdx, bool),
    Two(SignalIdx, SignalIdx, bool),
    Balance(Balance),
    Uncommanded(SignalIdx, SignalIdx),
    /// Of auxiliary loads, against what was asked of them.
    Unasked(SignalIdx),
    Frozen(SignalIdx, SignalIdx),
    /// Of a frequency, from the nominal one.
    Off(SignalIdx, f64),
    /// Nothing of it is in the signal table.
    Absent,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    Fixed(f64),
    Policy(PolicyLimit),
    Signal(SignalIdx),
    /// A share of a signal, with the deadband of the alarm as a share of it too.
    Share(SignalIdx, f64, f64),
    Absent,
}

#[derive(Clone, Debug)]
enum Test {
    Above(Source, Bound),
    Below(Source, Bound),
    In(SignalIdx, f64),
    Lost(SignalIdx),
    Stale(f64),
    Event(What, String, Option<Bound>),
    Stands(Condition),
    Absent,
}

/// What a look at the plant says of an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The quantity now; NaN if it is not known.
    pub value: f64,
    /// What it is held against; NaN if there is none.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// Whether the condition holds, deadband considered; none if that cannot be said.
    pub holds: Option<bool>,
}

/// The condition of an alarm.
#[derive(Clone, Debug)]
pub struct Point {
    test: Test,
    /// How far inside the limit it has to come back, in the quantity's unit.
    pub deadband: f64,
    /// Unit of the quantity.
    pub unit: &'static str,
    on_ticks: u64,
    off_ticks: u64,
    /// Signal whose trend shows it.
    pub signal: Option<SignalIdx>,
    /// Tick since which the condition has disagreed with `active`.
    since: Option<u64>,
    active: bool,
    /// What two signals were lately, for a change that nobody asked for.
    recent: Option<Box<Recent>>,
}

/// Samples between two of which a change is looked for.
const SAMPLES: usize = 30;
/// Of these, how many lie in the span of the first signal.
const FIRST: usize = 10;
/// Time between two samples, s.
const SAMPLE_S: f64 = 0.1;

/// Two signals over the last 3 s.
#[derive(Clone, Debug)]
struct Recent {
    every: u64,
    samples: [[f64; 2]; SAMPLES],
    /// Place of the oldest, and how many there are.
    oldest: usize,
    len: usize,
}

impl Recent {
    fn new(tick_s: f64) -> Self {
        let every = ((SAMPLE_S / tick_s).round() as u64).max(1);
        Self { every, samples: [[0.0; 2]; SAMPLES], oldest: 0, len: 0 }
    }

    fn push(&mut self, sample: [f64; 2]) {
        if self.len < SAMPLES {
            self.samples[self.len] = sample;
            self.len += 1;
        } else {
            self.samples[self.oldest] = sample;
            self.oldest = (self.oldest + 1) % SAMPLES;
        }
    }

    /// Change of the second signal over the whole span while the first has not moved at all; 0 otherwise.
    fn still(&self, a: f64) -> f64 {
        if self.len < SAMPLES || self.samples.iter().any(|s| s[0].to_bits() != a.to_bits()) {
            return 0.0;
        }
        let seconds = || self.samples.iter().map(|s| s[1]);
        seconds().fold(f64::NEG_INFINITY, f64::max) - seconds().fold(f64::INFINITY, f64::min)
    }

    /// Size of the change of the first signal within its span beyond that of the second within the whole.
    fn beyond(&self, a: f64, b: f64) -> f64 {
        let Some(back) = self.len.checked_sub(FIRST) else { return 0.0 };
        let then = self.samples[(self.oldest + back) % SAMPLES][0];
        let commanded = self.samples[self.oldest][1];
        (a - then).abs() - (b - commanded).abs()
    }
}

impl Point {
    /// Resolves a definition for a plant of which the signals that are `known` have values.
    #[must_use]
    pub fn new(
        (d, area): &(Definition, Area),
        table: &SignalTable,
        plate: &Plate,
        tick_s: f64,
        known: &dyn Fn(SignalIdx) -> bool,
    ) -> Self {
        let find = |id: &str| table.find(id).filter(|i| known(*i));
        let source = |q: &Quantity| {
            let found: Option<Vec<SignalIdx>> = q.signals().into_iter().map(find).collect();
            match (q, found.as_deref()) {
                (Quantity::Balance, Some(_)) => Source::Balance(table.balance()),
                (Quantity::Signal(_), Some([a])) => Source::One(*a, false),
                (Quantity::Abs(_), Some([a])) => Source::One(*a, true),
                (Quantity::Difference(..), Some([a, b])) => Source::Two(*a, *b, false),
                (Quantity::Apart(..), Some([a, b])) => Source::Two(*a, *b, true),
                (Quantity::Uncommanded(..), Some([a, b])) => Source::Uncommanded(*a, *b),
                (Quantity::Unasked(_), Some([a])) => Source::Unasked(*a),
                (Quantity::Frozen(..), Some([a, b])) => Source::Frozen(*a, *b),
                (Quantity::OffNominal(_), Some([a])) => Source::Off(*a, plate.f0_hz),
                _ => Source::Absent,
            }
        };
        let bess = plate.bess_kw;
        let (mut scale, fixed) = (1.0, |x: f64| Bound::Fixed(x));
        let mut bound = |l: &Limit| match l {
            Limit::Value(x) => fixed(*x),
            Limit::PctOfF0(x) => {
                scale = plate.f0_hz / 100.0;
                fixed(x * scale)
            }
            Limit::PctOfRating(x) => match area.rating {
                Some(rating) => Bound::Share(rating, x / 100.0, d.deadband / 100.0),
                None => {
                    scale = plate.rated_kw / 100.0;
                    fixed(x * scale)
                }
            },
            Limit::MinerUnits(x) => fixed(x * plate.miner_kw),
            Limit::Gpus(x) => fixed(x * plate.gpu_kw),
            Limit::PctOfBess(_) if bess <= 0.0 => Bound::Absent,
            Limit::PctOfBess(x) => {
                scale = bess / 100.0;
                fixed(x * scale)
            }
            Limit::Policy(p) => Bound::Policy(*p),
            Limit::Signal(id) => find(id).map_or(Bound::Absent, Bound::Signal),
        };
        let test = match &d.when {
            When::Above(q, l) => Test::Above(source(q), bound(l)),
            When::Below(q, l) => Test::Below(source(q), bound(l)),
            When::Event(what, object, l) => Test::Event(*what, object.clone(), l.as_ref().map(&mut bound)),
            When::Lost(id) => find(id).map_or(Test::Absent, Test::Lost),
            When::Stale(periods) => Test::Stale(*periods),
            When::Stands(what) => Test::Stands(*what),
            When::In(id, state) => {
                let code = find(id).and_then(|i| match table.get(i).kind {
                    Kind::State(names) => names.iter().position(|n| n == state).map(|k| Test::In(i, k as f64)),
                    Kind::Analog | Kind::Count => None,
                });
                code.unwrap_or(Test::Absent)
            }
        };
        let test = match test {
            // Without a battery its signals stand at zero, which measures nothing.
            _ if bess <= 0.0 && d.group == Group::Bess => Test::Absent,
            test => test,
        };
        let signal = match &test {
            Test::Above(s, _) | Test::Below(s, _) => match s {
                Source::One(i, _)
                | Source::Two(i, _, _)
                | Source::Uncommanded(i, _)
                | Source::Unasked(i)
                | Source::Frozen(i, _)
                | Source::Off(i, _) => Some(*i),
                Source::Balance(_) => Some(at(site::GEN_KW)),
                Source::Absent => None,
            },
            Test::In(i, _) | Test::Lost(i) => Some(*i),
            Test::Event(What::Batch, ..) => Some(at(site::GPU_KW)),
            Test::Event(..) => Some(at(site::F_HZ)),
            Test::Stands(Condition::InterlockHold) => Some(at(site::SCHEDULE)),
            Test::Stale(_) | Test::Stands(_) | Test::Absent => None,
        };
        let ticks = |s: f64| (s / tick_s).round() as u64;
        Self {
            unit: match (&test, signal) {
                (Test::Above(Source::Frozen(_, i), _), _) => table.get(*i).unit,
                (Test::Above(..) | Test::Below(..), Some(i)) => table.get(i).unit,
                (Test::Stale(_), _) => "periods",
                _ => "",
            },
            test,
            deadband: d.deadband * scale,
            on_ticks: ticks(d.on_s),
            off_ticks: ticks(d.off_s),
            signal,
            since: None,
            active: false,
            recent: matches!(
                &d.when,
                When::Above(Quantity::Uncommanded(..) | Quantity::Unasked(_) | Quantity::Frozen(..), _)
            )
            .then(|| Box::new(Recent::new(tick_s))),
        }
    }

    /// The same where no events are heard: what only they tell is not evaluable.
    #[must_use]
    pub fn without_events(self) -> Self {
        let test = if matches!(self.test, Test::Event(..)) { Test::Absent } else { self.test };
        Self { test, ..self }
    }

    /// Keeps what the condition needs of the past; to be called once a tick.
    pub fn sample(&mut self, tick: u64, row: &[f64], facts: &Facts) {
        let Some(recent) = self.recent.as_mut().filter(|r| tick.is_multiple_of(r.every)) else { return };
        let value = |i: SignalIdx| row.get(i.at()).copied().unwrap_or(f64::NAN);
        match &self.test {
            Test::Above(Source::Uncommanded(a, b) | Source::Frozen(a, b), _) => recent.push([value(*a), value(*b)]),
            Test::Above(Source::Unasked(a), _) => recent.push([value(*a), facts.aux_asked_kw]),
            _ => {}
        }
    }

    /// What the plant says now. `events` are those of this tick.
    #[must_use]
    pub fn look(&self, row: &[f64], events: &[Event], facts: &Facts) -> Reading {
        let value = |i: SignalIdx| row.get(i.at()).copied().unwrap_or(f64::NAN);
        let source = |s: &Source| match s {
            Source::One(i, abs) => {
                if *abs {
                    value(*i).abs()
                } else {
                    value(*i)
                }
            }
            Source::Two(a, b, abs) => {
                let d = value(*a) - value(*b);
                if *abs { d.abs() } else { d }
            }
            Source::Balance(powers) => powers.residual_kw(value).abs(),
            Source::Uncommanded(a, b) => self.recent.as_ref().map_or(0.0, |r| r.beyond(value(*a), value(*b))),
            Source::Unasked(a) => self.recent.as_ref().map_or(0.0, |r| r.beyond(value(*a), facts.aux_asked_kw)),
            Source::Frozen(a, _) => self.recent.as_ref().map_or(0.0, |r| r.still(value(*a))),
            Source::Off(i, f0_hz) => (value(*i) - f0_hz).abs(),
            Source::Absent => f64::NAN,
        };
        let bound = |b: &Bound| match b {
            Bound::Fixed(x) => *x,
            Bound::Signal(i) => value(*i),
            Bound::Share(i, share, _) => value(*i) * share,
            Bound::Policy(PolicyLimit::Ramp) => facts.ramp_limit_kw_per_s,
            Bound::Policy(PolicyLimit::Batch) => facts.plan_batch_kw,
            Bound::Policy(PolicyLimit::Headroom) => facts.min_headroom_kw,
            Bound::Absent => f64::NAN,
        };
        let back = |b: &Bound| match b {
            _ if !self.active => 0.0,
            Bound::Share(i, _, deadband) => value(*i) * deadband,
            _ => self.deadband,
        };
        let unit = self.unit;
        let compare = |value: f64, limit: f64, beyond: bool| Reading {
            value,
            limit,
            unit,
            holds: (!value.is_nan() && !limit.is_nan()).then_some(beyond),
        };
        match &self.test {
            Test::Above(s, b) => {
                let (x, limit) = (source(s), bound(b));
                compare(x, limit, x > limit - back(b))
            }
            Test::Below(s, b) => {
                let (x, limit) = (source(s), bound(b));
                compare(x, limit, x < limit + back(b))
            }
            Test::In(i, code) => compare(value(*i), f64::NAN, false).with(value(*i) == *code, !value(*i).is_nan()),
            Test::Lost(i) => Reading { value: value(*i), limit: f64::NAN, unit, holds: Some(value(*i).is_nan()) },
            Test::Stale(periods) => compare(facts.age_periods, *periods, facts.age_periods > *periods),
            Test::Stands(what) => {
                let holds = match what {
                    Condition::CommandsLost => facts.commands_lost,
                    Condition::EmergencyStop => facts.emergency_stop,
                    Condition::InterlockHold => facts.interlock_hold,
                };
                Reading { value: f64::NAN, limit: f64::NAN, unit, holds }
            }
            Test::Event(what, object, b) => {
                let limit = b.as_ref().map_or(f64::NAN, bound);
                let is_mine = |e: &&Event| {
                    what.is(e.kind, &e.text)
                        && e.object.starts_with(object.as_str())
                        && (limit.is_nan() || e.value > limit)
                };
                let mine = events.iter().find(is_mine);
                // an event without a unit has no number to show
                let number = mine.filter(|e| !e.unit.is_empty());
                Reading {
                    value: number.map_or(f64::NAN, |e| e.value),
                    limit,
                    unit: number.map_or("", |e| e.unit),
                    holds: Some(mine.is_some() || what.is_held(object, facts)),
                }
            }
            Test::Absent => Reading { value: f64::NAN, limit: f64::NAN, unit, holds: None },
        }
    }

    /// The limit, where it is a fixed number.
    #[must_use]
    pub fn fixed_limit(&self) -> Option<f64> {
        match &self.test {
            Test::Above(_, Bound::Fixed(x)) | Test::Below(_, Bound::Fixed(x)) => Some(*x),
            _ => None,
        }
    }

    /// What an event of this tick adds to the alarm that it raised: the relay, the breaker.
    #[must_use]
    pub fn told<'a>(&self, events: &'a [Event]) -> Option<&'a str> {
        let Test::Event(what, object, _) = &self.test else { return None };
        let mine = events.iter().find(|e| what.is(e.kind, &e.text) && e.object.starts_with(object.as_str()))?;
        (*what != What::Batch).then_some(mine.object.as_str())
    }

    /// Runs the delays: gives an input at the very tick that one of them ends.
    pub fn step(&mut self, holds: bool, tick: u64) -> Option<Input> {
        if holds == self.active {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(tick);
        let delay = if holds { self.on_ticks } else { self.off_ticks };
        if tick - since < delay {
            return None;
        }
        self.active = holds;
        self.since = None;
        Some(if holds { Input::Set } else { Input::Clear })
    }
}

impl What {
    /// Whether what such an event told of still stands: a trip stands until protection is reset, a batch is over at
    /// once. A single device counts as its kind.
    fn is_held(self, object: &str, facts: &Facts) -> bool {
        let mut kinds = NUMBERS.iter().zip(facts.held_open).filter(|(_, held)| *held).map(|(number, _)| *number);
        match self {
            Self::GensetTrip => kinds.any(|number| number == "52G"),
            Self::FeederTrip => kinds.any(|number| number != "52G" && object.starts_with(number)),
            Self::Batch => false,
        }
    }
}

impl Reading {
    fn with(self, holds: bool, known: bool) -> Self {
        Self { holds: known.then_some(holds), ..self }
    }
}

/// The first rule that silences an alarm of an area now.
#[must_use]
pub fn silenced_by(rules: &[Rule], area: &Area, row: &[f64], facts: &Facts) -> Option<Rule> {
    if area.is_joined(row) {
        return Some(Rule::Joined);
    }
    rules.iter().copied().find(|r| is_so(*r, area, row, facts))
}

/// Whether the plant is in such a state, where an alarm looks.
#[must_use]
pub fn is_so(rule: Rule, area: &Area, row: &[f64], facts: &Facts) -> bool {
    let known = |i: SignalIdx| row.get(i.at()).copied().filter(|x| !x.is_nan());
    // The site looks at every island.
    let own_island = || area.island.first().map_or(u128::MAX, |i| known(*i).map_or(0, Facts::island_bit));
    match rule {
        Rule::ScheduleIdle => !facts.schedule_on,
        Rule::BessOut => !facts.bess_in_service,
        Rule::NoGenset => area.rating.and_then(known).map_or(!facts.genset_on_bus, |kw| kw <= 0.0),
        Rule::BusDead => known(area.energised) == Some(0.0),
        Rule::GensetStopping => facts.gensets_stop_on & own_island() != 0,
        Rule::MinersOff => known(at(site::MINER_CMD_KW)).is_some_and(|kw| kw <= 0.0),
        Rule::RampDown => facts.ramp_down,
        Rule::HoldExplained => facts.hold_explained,
        Rule::NotStarted => known(at(site::SCHEDULE)) == Some(0.0),
        Rule::Held => known(at(site::SCHEDULE)) == Some(2.0),
        Rule::Joined => area.is_joined(row),
    }
}
