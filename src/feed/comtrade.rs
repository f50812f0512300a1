//! Rows as a COMTRADE record, for the tools of protection engineers. Pure: it makes texts and bytes, and opens no file.
//!
//! A record is what the rows say and no more: RMS and power quantities some ten times a second, not sampled waves. The
//! header file says so. A number that is not there becomes the standard's code for missing data, never 0. A status
//! channel has no such code: a breaker that was not heard of keeps its last state, and a channel of its own, `… no data`,
//! says when. Rows at even distances give a sampling rate; otherwise the rate is 0 and the time stamps count.
//!
//! Reference: IEEE Std C37.111-2013 (IEC 60255-24:2013) and C37.111-1999, clauses on .CFG, .DAT, .HDR and .CFF files.

mod cfg;
mod dat;
mod rows;

pub use rows::{Moment, Window};

/// Edition of the standard that a record follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Revision {
    /// C37.111-1999: the edition that older tools know.
    Y1999,
    /// C37.111-2013.
    #[default]
    Y2013,
}

/// How numbers stand in the data file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coding {
    /// Text.
    Ascii,
    /// 16 bits a number.
    #[default]
    Binary,
    /// 32 bits a number; since 2013.
    Binary32,
}

impl Coding {
    /// Largest raw number; its negative is the smallest.
    const fn reach(self) -> f64 {
        match self {
            // one less than the code for missing data
            Self::Ascii => 99_998.0,
            Self::Binary => i16::MAX as f64,
            Self::Binary32 => i32::MAX as f64,
        }
    }

    /// Largest time stamp: ten digits of text, or 32 bits less the code for a missing one.
    const fn last_stamp(self) -> i64 {
        match self {
            Self::Ascii => 9_999_999_999,
            Self::Binary | Self::Binary32 => u32::MAX as i64 - 1,
        }
    }

    /// As the configuration names it.
    const fn word(self) -> &'static str {
        match self {
            Self::Ascii => "ASCII",
            Self::Binary => "BINARY",
            Self::Binary32 => "BINARY32",
        }
    }
}

/// Edition and coding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Edition.
    pub revision: Revision,
    /// Coding.
    pub coding: Coding,
}

/// A quantity over the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Analog {
    /// Name: the signal's id.
    pub name: String,
    /// The part of the plant that it belongs to.
    pub part: String,
    /// Unit.
    pub unit: String,
    /// One number a row, NaN for none.
    pub values: Vec<f64>,
}

/// A contact over the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Name: the signal's id.
    pub name: String,
    /// The part of the plant that it belongs to.
    pub part: String,
    /// State in normal service.
    pub normal: bool,
    /// One state a row.
    pub values: Vec<bool>,
}

/// A record, before it is written in some [`Style`].
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Name of the site.
    pub station: String,
    /// What recorded it.
    pub device: String,
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// Time of the first row, µs of UTC; none for a simulated run, which has no date.
    pub start_utc_us: Option<i64>,
    /// Times from the first row, µs, rising.
    pub t_us: Vec<i64>,
    /// What triggered, µs from the first row.
    pub trigger_us: i64,
    /// Quantities.
    pub analog: Vec<Analog>,
    /// Contacts.
    pub status: Vec<Status>,
    /// Lines for the reader, in the header file.
    pub notes: Vec<String>,
}

/// Why there is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nothing within the window.
    #[error("no rows in the window")]
    Empty,
    /// A standard that does not have it.
    #[error("BINARY32 came with the standard of 2013")]
    Coding,
    /// More than readers take.
    #[error("{rows} rows of {channels} channels are too many for one record, at most 50 million numbers")]
    TooLong {
        /// Rows.
        rows: usize,
        /// Channels.
        channels: usize,
    },
}

/// The files of a record, by their endings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// `.cfg`
    pub cfg: String,
    /// `.dat`
    pub dat: Vec<u8>,
    /// `.hdr`
    pub hdr: String,
}

/// Numbers in a record at most.
const MOST: usize = 50_000_000;

impl Record {
    /// The record in a style.
    ///
    /// # Errors
    /// [`Trouble`] if there is nothing to put down, or too much.
    pub fn files(&self, style: Style) -> Result<Files, Trouble> {
        let (rows, channels) = (self.t_us.len(), self.analog.len() + self.status.len());
        if rows == 0 || channels == 0 {
            return Err(Trouble::Empty);
        }
        if rows.saturating_mul(channels) > MOST {
            return Err(Trouble::TooLong { rows, channels });
        }
        if style == (Style { revision: Revision::Y1999, coding: Coding::Binary32 }) {
            return Err(Trouble::Coding);
        }
        let scales: Vec<dat::Scale> = self.analog.iter().map(|a| dat::Scale::of(&a.values, style.coding)).collect();
        let stamp = cfg::multiplier(self.t_us.last().copied().unwrap_or(0), style.coding);
        Ok(Files {
            cfg: cfg::text(self, style, &scales, stamp),
            dat: dat::bytes(self, style.coding, &scales, stamp),
            hdr: self.header(),
        })
    }

    /// The record as one file of several parts (.CFF), which only the edition of 2013 has.
    ///
    /// # Errors
    /// As [`Record::files`].
    pub fn one_file(&self, coding: Coding) -> Result<Vec<u8>, Trouble> {
        let Files { cfg, dat, hdr } = self.files(Style { revision: Revision::Y2013, coding })?;
        let length = match coding {
            Coding::Ascii => String::new(),
            Coding::Binary | Coding::Binary32 => format!(": {}", dat.len()),
        };
        let data = format!("--- file type: DAT {}{length} ---{END}", coding.word());
        let parts = [
            format!("--- file type: CFG ---{END}{cfg}--- file type: INF ---{END}--- file type: HDR ---{END}"),
            hdr,
            data,
        ];
        Ok([parts.concat().as_bytes(), &dat].concat())
    }

    fn header(&self) -> String {
        let missing = |a: &&Analog| a.values.iter().any(|v| !v.is_finite());
        let gaps: Vec<&str> = self.analog.iter().filter(missing).map(|a| a.name.as_str()).collect();
        let mut lines = vec![
            format!("{} rows, {} analog and {} status channels", self.t_us.len(), self.analog.len(), self.status.len()),
            "RMS, power and frequency quantities as shown to an operator; not sampled waves".to_owned(),
        ];
        match self.start_utc_us {
            Some(_) => {
                lines.push("Times are UTC by the clock of the recording computer, which nobody has checked".into());
            }
            None => lines.push("A simulated run: its time counts from 0, the date of the record means nothing".into()),
        }
        if !gaps.is_empty() {
            lines.push(format!("Missing data in: {}", gaps.join(", ")));
        }
        lines.extend(self.notes.iter().cloned());
        lines.iter().map(|l| format!("{}{END}", cfg::printable(l))).collect()
    }
}

/// End of a line, as the standard asks for.
const END: &str = "\r\n";

#[cfg(test)]
mod tests;
