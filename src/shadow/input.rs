//! From a row of signals to what the shadow is driven by and held against. Says which input is not good.
//!
//! Only good values pass: what is uncertain, stale or bad is for the eye. A signal that the source has never had is no
//! fault; the shadow does without, where it can: without feeder meters the gensets' own power is the load.

use super::driven::{BATTERY, KINDS, Kw};
use crate::acts::Quality;
use crate::acts::quality::Fault;
use crate::plant::config;
use crate::plant::signals::{SignalTable, bess, genset, section, site};

/// A set without a breaker signal is on the bus from this share of its rating on.
const ON_FROM_PU: f64 = 0.02;

/// Where a signal stands in a row, and what a person calls it.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    at: Option<usize>,
    seen: bool,
}

/// A set as measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetNow {
    /// 52G is closed.
    pub closed: bool,
    /// Its power, kW, where it has a meter.
    pub kw: Option<f64>,
}

/// What one row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Frequency, Hz.
    pub f_hz: f64,
    /// Voltage, pu, where it is measured.
    pub v_pu: Option<f64>,
    /// All gensets, kW.
    pub gen_kw: f64,
    /// Loads by kind, kW; `None` where not every kind is metered.
    pub loads_kw: Option<Kw>,
    /// Gensets.
    pub sets: Vec<SetNow>,
}

/// Which place of a row is what.
#[derive(Clone, Debug)]
pub struct Channels {
    f_hz: Place,
    v_pu: Place,
    gen_kw: Place,
    loads: [Option<Place>; KINDS.len()],
    sets: Vec<[Place; 2]>,
    rated_kw: Vec<f64>,
    islands: Vec<Place>,
}

impl Channels {
    /// Finds the inputs of a plant in the table of a source, which may be another plant's or have fewer devices.
    #[must_use]
    pub fn new(plant: &config::Plant, table: &SignalTable) -> Self {
        let own = SignalTable::of(&plant.parts());
        let place = |name: &str, i: crate::plant::signals::SignalIdx| Place {
            name: name.to_owned(),
            at: table.find(&own.get(i).id).map(crate::plant::signals::SignalIdx::at),
            seen: false,
        };
        let of_site = |name: &str, i: u32| place(name, crate::plant::signals::at(i));
        let has = [!plant.gpus.is_empty(), !plant.miners.is_empty(), !plant.aux.is_empty(), !plant.bess.is_empty()];
        let kw = [site::GPU_KW, site::MINER_KW, site::AUX_KW, site::BESS_KW];
        let mut loads: [Option<Place>; KINDS.len()] =
            std::array::from_fn(|k| has[k].then(|| of_site(&format!("power of the {}", KINDS[k]), kw[k])));
        // One battery may be fed by its own signal alone.
        if let ([only], Some(p)) = (plant.bess.as_slice(), loads[BATTERY].as_mut().filter(|p| p.at.is_none())) {
            *p = place(&format!("power of {}", only.name), own.bess(0, bess::P_KW));
        }
        let set = |(i, g): (usize, &config::Genset)| {
            [
                place(&format!("52G of {}", g.name), own.genset(i, genset::BREAKER)),
                place(&format!("power of {}", g.name), own.genset(i, genset::P_KW)),
            ]
        };
        let island = |(i, name): (usize, &String)| place(&format!("island of {name}"), own.section(i, section::ISLAND));
        Self {
            f_hz: of_site("frequency", site::F_HZ),
            v_pu: of_site("voltage", site::V_PU),
            gen_kw: of_site("genset power", site::GEN_KW),
            loads,
            sets: plant.gensets.iter().enumerate().map(set).collect(),
            rated_kw: plant.gensets.iter().map(|g| g.rated_kw).collect(),
            islands: plant.sections.iter().enumerate().map(island).collect(),
        }
    }

    /// Reads a row. Without qualities (a recording) whatever is a number is good.
    ///
    /// # Errors
    /// Which input is not good, and why: one line.
    pub fn read(&mut self, row: &[f64], quality: &[Quality]) -> Result<Sample, String> {
        let f_hz = self.f_hz.needed(row, quality)?;
        let v_pu = self.v_pu.value(row, quality)?;
        let mut islands = Vec::with_capacity(self.islands.len());
        for p in &mut self.islands {
            islands.extend(p.value(row, quality)?);
        }
        if islands.windows(2).any(|w| w[0] != w[1]) {
            return Err("the bus is split; a shadow follows one island".to_owned());
        }
        let alone = self.sets.len() == 1;
        let mut sets = Vec::with_capacity(self.sets.len());
        for ([breaker, power], rated_kw) in self.sets.iter_mut().zip(&self.rated_kw) {
            let kw = power.value(row, quality)?;
            let closed = match (breaker.value(row, quality)?, kw) {
                (Some(state), _) => state >= 0.5,
                (None, Some(kw)) => kw > ON_FROM_PU * rated_kw,
                (None, None) if alone => true,
                (None, None) => return Err(format!("{}: {}", breaker.name, Quality::Never)),
            };
            sets.push(SetNow { closed, kw });
        }
        let gen_kw = match self.gen_kw.value(row, quality)? {
            Some(kw) => kw,
            None if sets.iter().all(|s| s.kw.is_some() || !s.closed) => {
                sets.iter().filter(|s| s.closed).filter_map(|s| s.kw).sum()
            }
            None => return Err(format!("{}: {}", self.gen_kw.name, Quality::Never)),
        };
        let mut loads_kw = Some([0.0; KINDS.len()]);
        for (k, place) in self.loads.iter_mut().enumerate() {
            let Some(place) = place else { continue };
            match (place.value(row, quality)?, &mut loads_kw) {
                (Some(kw), Some(all)) => all[k] = kw,
                (Some(_), None) => {}
                (None, all) => *all = None,
            }
        }
        Ok(Sample { f_hz, v_pu, gen_kw, loads_kw, sets })
    }
}

impl Place {
    fn needed(&mut self, row: &[f64], quality: &[Quality]) -> Result<f64, String> {
        let none = self.at.map_or(Quality::Bad(Fault::Missing), |_| Quality::Never);
        self.value(row, quality)?.ok_or_else(|| format!("{}: {none}", self.name))
    }

    /// The value, nothing when the source has never had it, or why it is not good.
    fn value(&mut self, row: &[f64], quality: &[Quality]) -> Result<Option<f64>, String> {
        let Some((at, x)) = self.at.and_then(|at| Some((at, *row.get(at)?))) else { return Ok(None) };
        let unknown = if self.seen { Quality::Bad(Fault::NotFinite) } else { Quality::Never };
        let q = quality.get(at).copied().unwrap_or(if x.is_finite() { Quality::Good } else { unknown });
        // A feed that knows why there is no number says it; only a number that ought to be there is none.
        let told = x.is_finite() || (self.seen && q != Quality::Good);
        let q = if told { q } else { q.worse(unknown) };
        match q {
            Quality::Good => {
                self.seen = true;
                Ok(Some(x))
            }
            Quality::Never => Ok(None),
            _ => Err(format!("{}: {q}", self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::signals::at;

    fn two() -> (Channels, SignalTable, Vec<f64>) {
        let plant = crate::scenario::default_scenario().expect("the built-in plant").plant;
        let table = SignalTable::new(&plant.sections, &["G1".into()], &["B1".into()]);
        let mut row = vec![0.0; table.len()];
        for (i, v) in [(site::F_HZ, 60.0), (site::V_PU, 1.0), (site::GEN_KW, 600.0), (site::GPU_KW, 100.0)] {
            row[at(i).at()] = v;
        }
        row[table.genset(0, genset::BREAKER).at()] = 1.0;
        row[table.genset(0, genset::P_KW).at()] = 600.0;
        (Channels::new(&plant, &table), table, row)
    }

    #[test]
    fn a_good_row_is_read() {
        let (mut c, _, row) = two();
        let s = c.read(&row, &[]).expect("good");
        assert_eq!((s.f_hz, s.v_pu, s.gen_kw), (60.0, Some(1.0), 600.0));
        assert_eq!(s.loads_kw, Some([100.0, 0.0, 0.0, 0.0]));
        assert_eq!(s.sets, [SetNow { closed: true, kw: Some(600.0) }]);
    }

    #[test]
    fn whatever_is_not_good_is_named() {
        let (mut c, table, mut row) = two();
        let mut q = vec![Quality::Good; table.len()];
        q[at(site::MINER_KW).at()] = Quality::Stale;
        assert_eq!(c.read(&row, &q), Err("power of the miners: Stale: no new value in time".to_owned()));
        q[at(site::MINER_KW).at()] = Quality::Uncertain(crate::acts::quality::Doubt::Frozen);
        assert_eq!(c.read(&row, &q), Err("power of the miners: Uncertain: does not move".to_owned()));
        assert!(c.read(&row, &[]).is_ok());
        row[at(site::F_HZ).at()] = f64::NAN;
        assert_eq!(c.read(&row, &[]), Err("frequency: Bad: not a number".to_owned()));
    }

    #[test]
    fn regress_a_stale_value_is_called_stale_and_not_no_number() {
        let (mut c, table, mut row) = two();
        assert!(c.read(&row, &[]).is_ok());
        row[at(site::F_HZ).at()] = f64::NAN;
        let mut q = vec![Quality::Good; table.len()];
        q[at(site::F_HZ).at()] = Quality::Stale;
        assert_eq!(c.read(&row, &q), Err("frequency: Stale: no new value in time".to_owned()));
    }

    #[test]
    fn what_never_was_is_done_without() {
        let (mut c, table, mut row) = two();
        for i in [at(site::GPU_KW), at(site::V_PU), at(site::GEN_KW), table.genset(0, genset::BREAKER)] {
            row[i.at()] = f64::NAN;
        }
        let s = c.read(&row, &[]).expect("frequency and the set's power do");
        assert_eq!((s.v_pu, s.gen_kw, s.loads_kw), (None, 600.0, None));
        assert!(s.sets[0].closed);
    }
}
