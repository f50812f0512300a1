//! A site as one row of signals: readings in, and at any time a row with the quality of each of its values.
//!
//! Pure: the readings bring their clocks, and the caller says what time it is. The same readings give the same rows,
//! whether they come from links or from a recording.

use std::sync::Arc;

use super::link::Heard;
use super::map::Map;
use super::tags::{Reading, Tags, Taken};
use crate::acts::Quality;
use crate::plant::signals::{SignalIdx, at, bess, genset, site};

/// The tags of a map and the row that they make.
#[derive(Clone, Debug)]
pub struct Site {
    map: Arc<Map>,
    tags: Tags,
    values: Vec<f64>,
    qualities: Vec<Quality>,
    /// Lowest and highest value of each signal since the last row; NaN where none came.
    extremes: [Vec<f64>; 2],
    /// Signals without which nothing can be judged, as far as the map feeds them.
    critical: Vec<SignalIdx>,
}

impl Site {
    /// Nothing received yet.
    #[must_use]
    pub fn new(map: Arc<Map>) -> Self {
        let width = map.table.len();
        let sets = (0..map.plant.gensets.len()).map(|i| map.table.genset(i, genset::BREAKER));
        let batteries = (0..map.plant.bess.len()).map(|i| map.table.bess(i, bess::BREAKER));
        let fed = |s: &SignalIdx| map.tags.iter().any(|t| t.to == Some(*s));
        let critical =
            [at(site::F_HZ), at(site::GEN_KW)].into_iter().chain(sets).chain(batteries).filter(fed).collect();
        Self {
            tags: Tags::new(&map),
            values: vec![f64::NAN; width],
            qualities: vec![Quality::Never; width],
            extremes: [vec![f64::NAN; width], vec![f64::NAN; width]],
            critical,
            map,
        }
    }

    /// The map.
    #[must_use]
    pub fn map(&self) -> &Arc<Map> {
        &self.map
    }

    /// The tags, as they were at the last row.
    #[must_use]
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Takes in what a link told; `each` gets every reading with what became of it.
    pub fn hear(&mut self, heard: &Heard, each: &mut dyn FnMut(&Reading, Taken)) {
        let all = match heard {
            Heard::Lost(endpoint) => return self.tags.lost(*endpoint),
            Heard::Readings(all) => all,
        };
        for r in all {
            let taken = self.tags.take(&self.map, r);
            if taken == Taken::Current {
                self.stretch(r.tag);
            }
            each(r, taken);
        }
    }

    /// Lets the newest value of a tag count for the extremes of its signal, if it is that signal's source.
    fn stretch(&mut self, tag: usize) {
        let Some(signal) = self.map.tags[tag].to else { return };
        let now = self.tags.current(tag);
        if !now.quality.usable() || self.tags.source(signal) != Some(tag) {
            return;
        }
        let [low, high] = &mut self.extremes;
        // f64::min and max pass over NaN
        low[signal.at()] = low[signal.at()].min(now.value);
        high[signal.at()] = high[signal.at()].max(now.value);
    }

    /// The row of this moment, NaN where there is no usable value, with the quality of each signal.
    pub fn row(&mut self, mono_s: f64) -> (&[f64], &[Quality]) {
        self.tags.sweep(&self.map, mono_s);
        self.tags.row(&mut self.values, &mut self.qualities);
        (&self.values, &self.qualities)
    }

    /// Lowest and highest value of each signal since the last call, this row's included; NaN where the row has none.
    pub fn take_extremes(&mut self, low: &mut Vec<f64>, high: &mut Vec<f64>) {
        let [least, most] = &mut self.extremes;
        for ((least, most), value) in least.iter_mut().zip(most).zip(&self.values) {
            let gone = value.is_nan();
            low.push(if gone { f64::NAN } else { least.min(*value) });
            high.push(if gone { f64::NAN } else { most.max(*value) });
            (*least, *most) = (f64::NAN, f64::NAN);
        }
    }

    /// The critical signal whose value is the oldest, and its age, s (infinite before its first): frequency, power and
    /// the breakers of the sources. None where the map feeds none of them.
    #[must_use]
    pub fn worst(&self, mono_s: f64) -> Option<(SignalIdx, f64)> {
        let age = |s: &SignalIdx| self.tags.source(*s).map(|t| (*s, self.tags.age_s(t, mono_s)));
        self.critical.iter().filter_map(age).max_by(|a, b| a.1.total_cmp(&b.1))
    }
}
