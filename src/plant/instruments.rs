//! What instruments show instead of what is: one for the voltage and frequency of each bus section, one for the voltage, power
//! and speed of each set.
//!
//! Relays, load-shedding stages, synchronisers and check-sync read through them, so a wrong or frozen reading acts on what hangs
//! on that instrument and on nothing else. The angle between two sides is compared directly and is always right; whether a bus
//! is alive is known from the positions of breakers. All values in pu of nominal, power in pu of rated kW. While every instrument is right it costs one comparison.

use super::protection::Measurement;

/// One instrument: frozen at a value, off by a constant, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Instrument {
    /// It stands still at this.
    pub held: Option<f64>,
    /// What it adds.
    pub offset: f64,
}

impl Instrument {
    /// What it shows of a true value.
    #[must_use]
    pub fn read(&self, truth: f64) -> f64 {
        self.held.unwrap_or(truth) + self.offset
    }

    fn is_right(&self) -> bool {
        *self == Self::default()
    }
}

/// Instruments of a bus section.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BusInstruments {
    /// Frequency.
    pub f: Instrument,
    /// Voltage.
    pub v: Instrument,
}

/// Instruments of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SetInstruments {
    /// Terminal voltage.
    pub v: Instrument,
    /// Active power.
    pub p: Instrument,
    /// Shaft speed.
    pub speed: Instrument,
}

/// The instruments of a plant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instruments {
    sections: Vec<BusInstruments>,
    sets: Vec<SetInstruments>,
    wrong: bool,
}

impl Instruments {
    /// Instruments that are right.
    #[must_use]
    pub fn new(sections: usize, sets: usize) -> Self {
        let (sections, sets) = (vec![BusInstruments::default(); sections], vec![SetInstruments::default(); sets]);
        Self { sections, sets, wrong: false }
    }

    /// How the instruments are from now on, by section and by set.
    pub fn set(&mut self, section: impl Fn(usize) -> BusInstruments, set: impl Fn(usize) -> SetInstruments) {
        self.sections.iter_mut().enumerate().for_each(|(i, b)| *b = section(i));
        self.sets.iter_mut().enumerate().for_each(|(i, s)| *s = set(i));
        let bus = self.sections.iter().any(|b| !b.f.is_right() || !b.v.is_right());
        self.wrong = bus || self.sets.iter().any(|s| !s.v.is_right() || !s.p.is_right() || !s.speed.is_right());
    }

    /// Frequency of a section as it is read, pu.
    #[must_use]
    pub fn f_pu(&self, section: usize, truth: f64) -> f64 {
        if self.wrong { self.sections[section].f.read(truth) } else { truth }
    }

    /// Voltage of a section as it is read, pu.
    #[must_use]
    pub fn v_pu(&self, section: usize, truth: f64) -> f64 {
        if self.wrong { self.sections[section].v.read(truth) } else { truth }
    }

    /// Speed of a set as it is read, pu.
    #[must_use]
    pub fn speed_pu(&self, set: usize, truth: f64) -> f64 {
        if self.wrong { self.sets[set].speed.read(truth) } else { truth }
    }

    /// Terminal voltage of a set as it is read, pu.
    #[must_use]
    pub fn vt_pu(&self, set: usize, truth: f64) -> f64 {
        if self.wrong { self.sets[set].v.read(truth) } else { truth }
    }

    /// Puts what is read in place of what is: relays of a set read its own instruments, and frequency and voltage of the
    /// section that it is on.
    pub fn at_set(&self, section: usize, i: usize, m: &mut Measurement) {
        if !self.wrong {
            return;
        }
        let (bus, set) = (&self.sections[section], &self.sets[i]);
        m.f_pu = bus.f.read(m.f_pu);
        m.v_pu = set.v.read(bus.v.read(m.v_pu));
        m.p_pu = set.p.read(m.p_pu);
        m.speed_pu = set.speed.read(m.speed_pu);
    }

    /// Feeds what is wrong into a hash; right instruments add nothing.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
        if !self.wrong {
            return;
        }
        let bus = self.sections.iter().flat_map(|b| [b.f, b.v]);
        for i in bus.chain(self.sets.iter().flat_map(|s| [s.v, s.p, s.speed])) {
            h.write_u64(i.offset.to_bits());
            h.write_u64(i.held.map_or(u64::MAX, f64::to_bits));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUE: Measurement =
        Measurement { f_pu: 1.0, rocof_hz_per_s: 0.0, v_pu: 1.0, p_pu: 0.7, speed_pu: 1.0, on_bus: true };

    #[test]
    fn an_instrument_is_read_by_what_hangs_on_it_alone() {
        let mut all = Instruments::new(2, 2);
        let low = Instrument { held: None, offset: -0.1 };
        let stuck = Instrument { held: Some(0.5), offset: 0.0 };
        all.set(
            |s| if s == 1 { BusInstruments { f: low, ..BusInstruments::default() } } else { BusInstruments::default() },
            |g| {
                if g == 0 {
                    SetInstruments { p: stuck, ..SetInstruments::default() }
                } else {
                    SetInstruments::default()
                }
            },
        );
        let read = |section, set| {
            let mut m = TRUE;
            all.at_set(section, set, &mut m);
            (m.f_pu, m.p_pu)
        };
        assert_eq!(read(0, 0), (1.0, 0.5));
        assert_eq!(read(1, 1), (0.9, 0.7));
        assert_eq!((all.f_pu(0, 1.0), all.f_pu(1, 1.0)), (1.0, 0.9));
        all.set(|_| BusInstruments::default(), |_| SetInstruments::default());
        assert_eq!(all, Instruments::new(2, 2));
    }
}
