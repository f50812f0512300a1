//! The alarms as a list shows them. Plain data, made after a change.

use std::sync::Arc;

use super::act::AlarmId;
use super::annunciator::Hidden;
use super::definition::{Definition, Group, Priority, Quantity, When};
use super::figures::Figures;
use super::state::State;
use crate::acts::By;
use crate::plant::signals::{SignalIdx, SignalTable};

/// One alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Place in the database.
    pub id: AlarmId,
    /// Tag.
    pub tag: String,
    /// Priority.
    pub priority: Priority,
    /// Group.
    pub group: Group,
    /// State.
    pub state: State,
    /// What hides it.
    pub hidden: Option<Hidden>,
    /// Whether its condition can be told at all.
    pub evaluable: bool,
    /// Since when it is not normal, s.
    pub first_s: f64,
    /// When it last became active, s.
    pub last_s: Option<f64>,
    /// The quantity when it became active.
    pub value: f64,
    /// Its limit then; before that, the limit where it is a fixed number.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// How far inside the limit it has to come back, in that unit.
    pub deadband: f64,
    /// The relay or the breaker that it came with.
    pub told: Option<String>,
    /// How often it became active.
    pub count: u32,
    /// First of its group.
    pub first_out: bool,
    /// Which steps make sense now, as [`Definition::steps`] takes it.
    pub otherwise: Option<usize>,
    /// The alarm that it follows from.
    pub cause: Option<AlarmId>,
    /// Signal whose trend shows it.
    pub signal: Option<SignalIdx>,
    /// Last times that it became active, oldest first, s.
    pub occurrences_s: Vec<f64>,
    /// Comments: when, who, what.
    pub comments: Vec<(f64, By, String)>,
}

impl Entry {
    /// Whether it stands in the list of what is abnormal. An alarm that came before its suppression by design stays
    /// there until it is seen: what led to a blackout is not hidden by the blackout.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.state != State::Normal && matches!(self.hidden, None | Some(Hidden::ByDesign(_)))
    }

    /// What a list shows in its column of states, in a word or two.
    #[must_use]
    pub fn shown(&self) -> &'static str {
        match (&self.hidden, self.state, self.evaluable) {
            (Some(Hidden::OutOfService { .. }), ..) => "OUT OF SERVICE",
            (Some(Hidden::Shelved { .. }), ..) => "SHELVED",
            (_, State::Normal, false) => "NOT EVALUABLE",
            (Some(Hidden::ByDesign(_)), State::Normal, _) => "SUPPRESSED",
            (_, State::Normal, _) => "NORMAL",
            (_, State::Unack, _) => "UNACK",
            (_, State::Ack, _) => "ACK",
            (_, State::RtnUnack, _) => "RTN-UNACK",
            (_, State::LatchedUnack, _) => "LATCHED UNACK",
            (_, State::LatchedAck, _) => "LATCHED",
        }
    }
}

/// All alarms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Definitions, by id.
    pub definitions: Arc<[Definition]>,
    /// Alarms, by id.
    pub entries: Vec<Entry>,
    /// First alarm of each group, in the order of [`Group::ALL`].
    pub first_out: [Option<AlarmId>; Group::ALL.len()],
    /// Of these the one that came first.
    pub first: Option<AlarmId>,
    /// Since when there is a flood.
    pub flood_s: Option<f64>,
    /// Length of a tick, s: shelf times count in ticks.
    pub tick_s: f64,
    /// Figures of the alarm system.
    pub figures: Figures,
}

impl Quantity {
    /// Its value in a row.
    #[must_use]
    pub fn value(&self, table: &SignalTable, row: &[f64]) -> f64 {
        let of = |id: &str| table.find(id).and_then(|i| row.get(i.at())).copied().unwrap_or(f64::NAN);
        match self {
            Self::Signal(a) => of(a),
            Self::Abs(a) => of(a).abs(),
            Self::Difference(a, b) => of(a) - of(b),
            Self::Apart(a, b) => (of(a) - of(b)).abs(),
            Self::Balance => {
                let [made, from_bess, loads @ ..] =
                    self.signals().try_into().map_or([f64::NAN; 5], |ids: [&str; 5]| ids.map(of));
                (made + from_bess - loads.iter().sum::<f64>()).abs()
            }
            // a change is over before anybody reads it
            Self::Uncommanded(..) | Self::Unasked(_) | Self::Frozen(..) | Self::OffNominal(_) | Self::Unmeasured(_) => {
                f64::NAN
            }
        }
    }
}

impl When {
    /// What is looked at; none for events and states.
    #[must_use]
    pub fn quantity(&self) -> Option<&Quantity> {
        match self {
            Self::Above(q, _) | Self::Below(q, _) => Some(q),
            Self::In(..) | Self::Lost(_) | Self::Stale(_) | Self::Event(..) | Self::Stands(_) => None,
        }
    }
}

impl List {
    /// The definition of an alarm.
    #[must_use]
    pub fn definition(&self, id: AlarmId) -> Option<&Definition> {
        self.definitions.get(id as usize)
    }

    /// What to do about an alarm in the present state of the plant.
    #[must_use]
    pub fn steps(&self, e: &Entry) -> &[String] {
        self.definition(e.id).map_or(&[], |d| d.steps(e.otherwise))
    }

    /// Tag of the alarm that came first of all that are marked.
    #[must_use]
    pub fn first_out_tag(&self) -> Option<&str> {
        self.entries.get(self.first? as usize).map(|e| e.tag.as_str())
    }

    /// Alarms that stand and are not hidden: most urgent first, then newest.
    #[must_use]
    pub fn standing(&self) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.entries.iter().filter(|e| e.is_listed()).collect();
        all.sort_by(|a, b| (a.priority, b.last_s.map(f64::to_bits)).cmp(&(b.priority, a.last_s.map(f64::to_bits))));
        all
    }

    /// Standing alarms of each priority, most urgent first.
    #[must_use]
    pub fn counts(&self) -> [u32; 4] {
        let mut n = [0; 4];
        self.standing().iter().for_each(|e| n[e.priority as usize] += 1);
        n
    }

    /// Alarms that wait to be acknowledged and are not hidden.
    #[must_use]
    pub fn unack(&self) -> usize {
        self.entries.iter().filter(|e| e.state.is_unack() && e.is_listed()).count()
    }
}

impl Default for Figures {
    fn default() -> Self {
        Self::new(1.0)
    }
}
