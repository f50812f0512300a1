//! A window of rows as a record: quantities and counts as analog channels, breakers and whatever else has two states as
//! status channels, a trip as a contact that closes and stays. Signals without a single number are left out.

use super::{Analog, Record, Status};
use crate::acts::Block;
use crate::plant::signals::{Kind, Signal, SignalTable};

/// Something that happened at a time of the rows: a relay that tripped.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// When, s on the time axis of the rows.
    pub t_s: f64,
    /// Name: of a status channel of its own.
    pub name: String,
    /// The part of the plant that it belongs to.
    pub part: String,
}

/// Rows with what a record has to know of them.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// Signals of the rows.
    pub table: &'a SignalTable,
    /// Rows; their last values count.
    pub rows: &'a Block,
    /// Trips within the window, in order of time.
    pub trips: &'a [Moment],
    /// Name of the site or the scenario.
    pub station: &'a str,
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// UTC of time 0 of the rows, µs; none where rows have no date.
    pub zero_utc_us: Option<i64>,
}

impl Window<'_> {
    /// The record of these rows. The first trip is the trigger, or the first row where nothing tripped.
    #[must_use]
    pub fn record(&self) -> Record {
        let Self { table, rows, .. } = self;
        let micros = |t_s: f64| (t_s * 1e6).round() as i64;
        let first_us = rows.t_s.first().map_or(0, |t| micros(*t));
        let mut record = Record {
            station: self.station.to_owned(),
            device: concat!("ballast ", env!("CARGO_PKG_VERSION")).to_owned(),
            f0_hz: self.f0_hz,
            start_utc_us: self.zero_utc_us.map(|z| z + first_us),
            t_us: rows.t_s.iter().map(|t| micros(*t) - first_us).collect(),
            trigger_us: self.trips.first().map_or(0, |m| (micros(m.t_s) - first_us).max(0)),
            analog: Vec::new(),
            status: Vec::new(),
            notes: Vec::new(),
        };
        for (place, signal) in table.signals().iter().enumerate() {
            let values: Vec<f64> = rows.last.iter().skip(place).step_by(rows.width.max(1)).copied().collect();
            if !values.iter().any(|v| v.is_finite()) {
                continue;
            }
            let part = part(signal);
            match signal.kind {
                Kind::State(names) if names.len() == 2 => record.contact(&signal.id, part, &values),
                _ => record.analog.push(Analog { name: signal.id.clone(), part, unit: signal.unit.to_owned(), values }),
            }
        }
        for moment in self.trips {
            if record.status.iter().all(|d| d.name != moment.name) {
                let values = rows.t_s.iter().map(|t| *t >= moment.t_s).collect();
                let (name, part) = (moment.name.clone(), moment.part.clone());
                record.status.push(Status { name, part, normal: false, values });
            }
        }
        record
    }
}

impl Record {
    /// A state of two as a contact; where it was not heard of it keeps its last state, and a second one says so.
    fn contact(&mut self, id: &str, part: String, values: &[f64]) {
        let mut now = values.iter().find(|v| v.is_finite()).is_some_and(|v| *v >= 0.5);
        let mut held = |v: &f64| {
            if v.is_finite() {
                now = *v >= 0.5;
            }
            now
        };
        let states = values.iter().map(&mut held).collect();
        self.status.push(Status { name: id.to_owned(), part: part.clone(), normal: true, values: states });
        if values.iter().any(|v| !v.is_finite()) {
            let silent = values.iter().map(|v| !v.is_finite()).collect();
            self.status.push(Status { name: format!("{id} no data"), part, normal: false, values: silent });
        }
    }
}

/// `g1` of `g1.p_kw`.
fn part(signal: &Signal) -> String {
    signal.id.split_once('.').map_or_else(String::new, |(part, _)| part.to_owned())
}
