//! Which plant a recording is of, as far as its own rows tell: nominal frequency, rating, counts, and the range of each
//! signal. Pure but for the look into the file.
//!
//! A scenario lends a recording its limits only where the rows show that they are of the same plant: names, nominal
//! frequency, rating and counts, each of them shown and none assumed. Any other recording has neutral scales made of its own
//! data, no limits, and no relays of a plant that it does not know.

use std::path::Path;
use std::sync::Arc;

use super::reader::{Lines, Look};
use crate::acts::Plate;
use crate::feed::Reference;
use crate::feed::columns::{Columns, Row};
use crate::feed::table::{Given, Table};
use crate::plant::signals::{Kind, SignalTable, at, site};

/// Rows that are looked at.
const ROWS: usize = 20_000;
/// A frequency this far from nominal is another plant's, pu.
const F_APART: f64 = 0.06;
/// Ratings this far apart are two, pu.
const RATING_APART: f64 = 0.01;
/// Room above and below what was measured on a scale, share of its span.
const ROOM: f64 = 0.1;

/// What the rows show.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// Lowest and highest of each signal of the recording's own table; NaN where it has none.
    range: Vec<[f64; 2]>,
    /// Sets on the bus: their power and what they have left, kW.
    rated_kw: f64,
    /// GPUs and miners in all states.
    counts: [f64; 2],
    /// Middle of the frequencies of an energised bus, Hz.
    f_hz: f64,
    /// Usual time between two rows, s; 0 while unknown.
    period_s: f64,
}

impl Facts {
    /// From rows of the recording's own table.
    fn of(rows: &[Row], width: usize) -> Self {
        let mut range = vec![[f64::NAN; 2]; width];
        let (mut f, mut rated_kw, mut counts) = (Vec::new(), f64::NAN, [f64::NAN; 2]);
        for row in rows {
            for (r, x) in range.iter_mut().zip(&row.values) {
                *r = [r[0].min(*x), r[1].max(*x)];
            }
            let read = |s: u32| row.values.get(at(s).at()).copied().unwrap_or(f64::NAN);
            let sum = |of: &[u32]| of.iter().map(|s| read(*s)).sum::<f64>();
            f.extend(Some(read(site::F_HZ)).filter(|f| *f > 1.0));
            rated_kw = rated_kw.max(sum(&[site::GEN_KW, site::HEADROOM_KW]));
            counts[0] = counts[0].max(sum(&[site::GPU_OFF, site::GPU_PRELOAD, site::GPU_FULL]));
            counts[1] = counts[1].max(sum(&[site::MINER_ON, site::MINER_OFF]));
        }
        let middle = |mut all: Vec<f64>| {
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied()
        };
        let period_s = middle(rows.windows(2).map(|w| w[1].t_s - w[0].t_s).collect()).unwrap_or(0.0);
        Self { range, rated_kw, counts, f_hz: middle(f).unwrap_or(f64::NAN), period_s }
    }

    /// Why these are not rows of the scenario's plant; none if all shows that they are.
    pub(super) fn differ(&self, parts: &[Vec<String>; 3], plate: &Plate) -> Option<String> {
        if *parts != [&plate.sections, &plate.gensets, &plate.bess].map(Clone::clone) {
            return Some("its sections, gensets or batteries are others, or are not named".to_owned());
        }
        if !((self.f_hz / plate.f0_hz - 1.0).abs() < F_APART) {
            return Some(format!("its frequency is not that of a {:.0} Hz plant", plate.f0_hz));
        }
        if !((self.rated_kw / plate.rated_kw - 1.0).abs() < RATING_APART) {
            return Some(format!("its rows do not show a rating of {:.0} kW", plate.rated_kw));
        }
        let owned = [plate.gpus, plate.miners].map(f64::from);
        let apart = |(own, seen): (&f64, &f64)| *own > 0.0 && own != seen;
        if owned.iter().zip(&self.counts).any(apart) {
            return Some(format!("its rows do not show {} GPUs and {} miners", plate.gpus, plate.miners));
        }
        None
    }

    /// A table with the scales of the data and no limits.
    fn scales(&self, table: &SignalTable) -> SignalTable {
        let mut own = table.clone();
        for (place, [low, high]) in self.range.iter().enumerate() {
            let Some(i) = table.index(place).filter(|_| low.is_finite() && high.is_finite()) else { continue };
            let range = match table.get(i).kind {
                Kind::Analog if i == at(site::F_HZ) => self.about_nominal([*low, *high]),
                Kind::Analog | Kind::Count => roomy([*low, *high]),
                Kind::State(_) => table.get(i).range,
            };
            own.set_limits(i, range, Vec::new());
        }
        own
    }

    /// Nominal in the middle, and all that was measured.
    fn about_nominal(&self, [low, high]: [f64; 2]) -> [f64; 2] {
        let f0 = self.f0_hz();
        // a bus that was dead is not what the scale is for
        let off = [low, high].map(|f| if f > 0.5 * f0 { (f - f0).abs() } else { 0.0 });
        let half = off.into_iter().fold(0.01 * f0, f64::max) * (1.0 + ROOM);
        [f0 - half, f0 + half]
    }

    /// 50 or 60 Hz, whichever is nearer; 60 where the rows do not tell.
    fn f0_hz(&self) -> f64 {
        if (40.0..55.0).contains(&self.f_hz) { 50.0 } else { 60.0 }
    }

    /// What is known of the plant: only what the rows show.
    fn plate(&self, name: &str, columns: &Columns) -> Plate {
        let [gpus, miners] = self.counts.map(|n| if n.is_finite() { n as u32 } else { 0 });
        let rated_kw = if self.rated_kw.is_finite() { self.rated_kw.round() } else { 0.0 };
        Plate { rated_kw, gpus, miners, ..columns.plate(name, self.f0_hz()) }
    }
}

/// A range with room, from zero where that is near.
fn roomy([low, high]: [f64; 2]) -> [f64; 2] {
    let room = ROOM * (high - low).max(0.01 * high.abs().max(low.abs())).max(1e-3);
    let low = if low >= 0.0 && low < 0.5 * high { 0.0 } else { low - room };
    [low, if high <= 0.0 && high > 0.5 * low { 0.0 } else { high + room }]
}

/// What a recording is opened with.
pub(super) struct Known {
    pub(super) table: Arc<SignalTable>,
    pub(super) plate: Arc<Plate>,
    /// Why the scenario does not lend its limits; none if it does.
    pub(super) foreign: Option<String>,
    /// Usual time between two rows, s; 0 while unknown.
    pub(super) period_s: f64,
}

/// Looks into the file of this table, fresh from its header in line `line`, and decides. `name` is what the recording is
/// called.
pub(super) fn known(path: &Path, mut own: Table, line: u64, name: &str, reference: Option<&Reference>) -> Known {
    let file = path.display().to_string();
    let rows = Lines::open(path).map(|mut lines| head(&mut lines, &mut own, line)).unwrap_or_default();
    let facts = Facts::of(&rows, own.columns().table.len());
    let foreign = match reference {
        Some(r) => facts.differ(&own.columns().parts, &r.plate),
        None => Some("no scenario is loaded".to_owned()),
    };
    let (table, plate) = match reference.filter(|_| foreign.is_none()) {
        Some(r) => {
            let plate = Plate {
                scenario: name.to_owned(),
                purpose: "recording or feed, read only".to_owned(),
                origin: file,
                // the scenario lends names and limits; what is followed is no run of it
                source: Arc::default(),
                ..(*r.plate).clone()
            };
            (Arc::clone(&r.table), plate)
        }
        None => (Arc::new(facts.scales(&own.columns().table)), facts.plate(name, own.columns())),
    };
    Known { table, plate: Arc::new(plate), foreign, period_s: facts.period_s }
}

/// The first rows, from behind the header.
fn head(lines: &mut Lines, table: &mut Table, header: u64) -> Vec<Row> {
    let mut rows = Vec::new();
    while let (true, Ok(Look::Line(text, n))) = (rows.len() < ROWS, lines.next(true)) {
        if n > header {
            table.take(&text, n);
        }
        while let Some(given) = table.give() {
            if let Given::Row(row, _) = given {
                rows.push(row);
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plate() -> Plate {
        let one = |s: &str| vec![s.to_owned()];
        Plate {
            f0_hz: 60.0,
            rated_kw: 1000.0,
            gpus: 714,
            miners: 151,
            sections: one("Bus"),
            gensets: one("G1"),
            ..Plate::default()
        }
    }

    fn facts(f_hz: f64, rated_kw: f64, counts: [f64; 2]) -> Facts {
        Facts { range: Vec::new(), rated_kw, counts, f_hz, period_s: 0.0 }
    }

    #[test]
    fn a_plant_is_the_same_when_all_shows_it_and_never_because_nothing_speaks_against_it() {
        let parts = [vec!["Bus".to_owned()], vec!["G1".to_owned()], vec![]];
        let differ = |f: Facts| f.differ(&parts, &plate());
        assert_eq!(differ(facts(60.1, 1000.0, [714.0, 151.0])), None);
        for (what, f) in [
            ("frequency", facts(50.0, 1000.0, [714.0, 151.0])),
            ("rating", facts(60.0, 200.0, [714.0, 151.0])),
            ("rating", facts(60.0, f64::NAN, [714.0, 151.0])),
            ("40 GPUs", facts(60.0, 1000.0, [40.0, 151.0])),
            ("miners", facts(60.0, 1000.0, [714.0, f64::NAN])),
        ] {
            let why = differ(f).unwrap();
            assert!(why.contains(what.trim_start_matches("40 ")), "{why}");
        }
        let others = [vec![], vec![], vec![]];
        assert!(facts(60.0, 1000.0, [714.0, 151.0]).differ(&others, &plate()).is_some(), "totals without names");
    }

    #[test]
    fn regress_a_foreign_recording_has_scales_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("fifty.csv");
        let rows: String =
            (0..50).map(|k| format!("{k},{},{}\n", 50.0 + 0.001 * f64::from(k), 150.0 + f64::from(k))).collect();
        std::fs::write(&path, format!("t_s,site.f_hz,site.gen_kw\n{rows}")).unwrap();
        let table = Arc::new(SignalTable::new(&["Bus".into()], &["G1".into()], &[]));
        let reference = Reference { table, plate: Arc::new(plate()) };
        let own = Table::begin("t_s,site.f_hz,site.gen_kw", "fifty.csv", 1, None).unwrap();
        let known = known(&path, own, 1, "fifty.csv", Some(&reference));
        assert!(known.foreign.is_some() && known.period_s == 1.0);
        assert_eq!((known.plate.f0_hz, known.plate.rated_kw, known.plate.relays.len()), (50.0, 0.0, 0));
        let range = |s: u32| known.table.get(at(s)).range;
        assert!(range(site::F_HZ)[0] < 50.0 && range(site::F_HZ)[1] < 51.0);
        assert!(range(site::GEN_KW)[1] < 250.0 && known.table.get(at(site::GEN_KW)).limits.is_empty());
    }

    proptest! {
        /// Whatever was measured is on the scale.
        #[test]
        fn a_scale_holds_its_data(a in -1e6_f64..1e6, b in -1e6_f64..1e6) {
            let [low, high] = [a.min(b), a.max(b)];
            let [from, to] = roomy([low, high]);
            prop_assert!(from <= low && high <= to && from < to);
        }
    }
}
