//! A table of rows as loggers, databases and spreadsheets write it: lines in, rows with rising times out. Pure.
//!
//! Lines that begin with `#` are comments; a row of units under the header is passed over; a separator too many at the end of
//! a line is none. A row that comes late is passed over and told. When the logger's clock is set back, or an hour of the
//! local clock comes twice, rows go on behind the last one with their own distances, and the line is told: a clock is no
//! reason to be blind for an hour.

use std::collections::VecDeque;

use super::columns::{Columns, Row, TIME, Trouble};
use super::mapping::ColumnMap;
use crate::plant::signals::SignalTable;

/// Distance between two rows while none is known, s.
const FIRST_PERIOD_S: f64 = 0.1;

/// What a line gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A row, and the number of its line.
    Row(Row, u64),
    /// Something to tell of rows that were read, or came too late to be.
    Notice(Trouble),
    /// A line or a cell that cannot be read.
    Trouble(Trouble),
}

/// A table that is read line by line.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Columns,
    file: String,
    /// Time of the last row as it was given, and as the file has it, s.
    last_s: f64,
    raw_s: f64,
    period_s: f64,
    /// Added to the times of the file since its clock was set back.
    shift_s: f64,
    /// A row whose time does not rise: it came late, or the clock was set back. The next one tells.
    held: Option<(Row, u64)>,
    /// No row of numbers yet: units may stand here.
    fresh: bool,
    ready: VecDeque<Given>,
}

impl Table {
    /// Whether a line before the header is one to pass over.
    #[must_use]
    pub fn is_comment(line: &str) -> bool {
        let line = line.trim_start_matches('\u{feff}').trim();
        line.is_empty() || line.starts_with('#')
    }

    /// Begins with the header, which is line `line` of `file`. See [`Columns::read`].
    ///
    /// # Errors
    /// As [`Columns::read`].
    pub fn begin(header: &str, file: &str, line: u64, reference: Option<&SignalTable>) -> Result<Self, Trouble> {
        let columns = Columns::read(header, file, reference).map_err(|t| Trouble { line: Some(line), ..t })?;
        Ok(Self::of(columns, file))
    }

    /// As [`Table::begin`], by a map of the columns. See [`Columns::by_map`].
    ///
    /// # Errors
    /// As [`Columns::by_map`].
    pub fn by_map(header: &str, file: &str, line: u64, map: &ColumnMap) -> Result<Self, Trouble> {
        let columns = Columns::by_map(header, file, map).map_err(|t| Trouble { line: Some(line), ..t })?;
        Ok(Self::of(columns, file))
    }

    fn of(columns: Columns, file: &str) -> Self {
        Self {
            columns,
            file: file.to_owned(),
            last_s: f64::NEG_INFINITY,
            raw_s: f64::NEG_INFINITY,
            period_s: FIRST_PERIOD_S,
            shift_s: 0.0,
            held: None,
            fresh: true,
            ready: VecDeque::new(),
        }
    }

    /// Which column is which signal.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Takes a line; what comes of it is fetched with [`Table::give`].
    pub fn take(&mut self, text: &str, line: u64) {
        if text.trim_start().starts_with('#') {
            return;
        }
        match self.columns.row(text, &self.file, line) {
            Ok(row) => {
                self.fresh = false;
                let bad = row.bad_cell.clone();
                self.place(row, line);
                if let Some((column, cell)) = bad {
                    let trouble = self.told(format!("`{cell}` is no number"), line, Some(column));
                    self.ready.push_back(Given::Trouble(trouble));
                }
            }
            // Under a header may stand the units.
            Err(_) if std::mem::take(&mut self.fresh) && self.columns.has_no_number(text) => {}
            Err(trouble) => self.ready.push_back(Given::Trouble(trouble)),
        }
    }

    /// What lines have given so far, one by one.
    pub fn give(&mut self) -> Option<Given> {
        self.ready.pop_front()
    }

    fn told(&self, what: String, line: u64, column: Option<String>) -> Trouble {
        Trouble { what, file: self.file.clone(), line: Some(line), column }
    }

    fn tell(&mut self, what: String, line: u64, column: Option<String>) {
        let notice = self.told(what, line, column);
        self.ready.push_back(Given::Notice(notice));
    }

    fn place(&mut self, row: Row, line: u64) {
        if row.t_s > self.raw_s {
            if let Some((late, line)) = self.held.take() {
                self.late(late.t_s, line);
            }
            self.queue(row, line);
            return;
        }
        match self.held.take() {
            // Two rows in order among themselves, both before the last one: the clock was set back.
            Some((first, first_line)) if row.t_s > first.t_s => {
                let by_s = self.raw_s - first.t_s;
                self.tell(
                    format!("the clock was set back by {by_s:.1} s, rows go on after the last one"),
                    first_line,
                    None,
                );
                self.shift_s = self.last_s + self.period_s - first.t_s;
                self.raw_s = f64::NEG_INFINITY;
                self.queue(first, first_line);
                self.queue(row, line);
            }
            before => {
                if let Some((late, line)) = before {
                    self.late(late.t_s, line);
                }
                self.held = Some((row, line));
            }
        }
    }

    fn late(&mut self, t_s: f64, line: u64) {
        self.tell(format!("time {t_s} does not rise, line passed over"), line, Some(TIME.to_owned()));
    }

    fn queue(&mut self, row: Row, line: u64) {
        if self.raw_s.is_finite() {
            self.period_s = row.t_s - self.raw_s;
        }
        self.raw_s = row.t_s;
        self.last_s = row.t_s + self.shift_s;
        self.ready.push_back(Given::Row(Row { t_s: self.last_s, ..row }, line));
    }

    /// The file has ended: a row that was held came late.
    pub fn end(&mut self) {
        if let Some((late, line)) = self.held.take() {
            self.late(late.t_s, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Times and first values of the rows, and what was told.
    fn read(text: &str) -> (Vec<(f64, f64)>, Vec<String>) {
        let mut lines =
            text.lines().enumerate().map(|(n, l)| (l, n as u64 + 1)).skip_while(|(l, _)| Table::is_comment(l));
        let (header, n) = lines.next().unwrap();
        let mut table = Table::begin(header, "a.csv", n, None).unwrap();
        lines.filter(|(l, _)| !l.trim().is_empty()).for_each(|(l, n)| table.take(l, n));
        table.end();
        let (mut rows, mut told) = (Vec::new(), Vec::new());
        while let Some(given) = table.give() {
            match given {
                Given::Row(row, _) => rows.push((row.t_s, row.values[0])),
                Given::Trouble(t) | Given::Notice(t) => told.push(t.to_string()),
            }
        }
        (rows, told)
    }

    #[test]
    fn comments_units_and_a_separator_too_many_cost_nothing() {
        let (rows, told) = read("# logger 4.2\n#\nt_s,site.f_hz,\ns,Hz,\n0,60,\n# pause\n1,60.1,\n2,60.2\n");
        assert_eq!((rows, told), (vec![(0.0, 60.0), (1.0, 60.1), (2.0, 60.2)], vec![]));
        let (rows, told) = read("t_s,site.f_hz\n0,60\ns,Hz\n1,60.1\n");
        assert_eq!((rows.len(), told.len()), (2, 1), "units in the middle are a line that cannot be read: {told:?}");
    }

    #[test]
    fn regress_a_clock_that_is_set_back_costs_no_row() {
        let (rows, told) = read("t_s,site.f_hz\n0,60\n1,61\n2,62\n0.5,63\n1.5,64\n2.5,65\n");
        assert_eq!(rows.iter().map(|r| r.0).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(told, ["the clock was set back by 1.5 s, rows go on after the last one: a.csv, line 5"]);
        let (rows, told) = read("t_s,site.f_hz\n0,60\n2,62\n1,61\n3,63\n2.5,0\n");
        assert_eq!(rows.iter().map(|r| r.0).collect::<Vec<_>>(), [0.0, 2.0, 3.0], "a row that came late");
        assert_eq!(told.len(), 2);
    }

    proptest! {
        /// Whatever the clock does: times rise, no row is lost but single late ones, and nothing is lost in silence.
        #[test]
        fn times_rise_and_every_line_is_a_row_or_told(times in proptest::collection::vec(0_u16..50, 1..60)) {
            let text: String = times.iter().enumerate().map(|(k, t)| format!("{t},{k}\n")).collect();
            let (rows, told) = read(&format!("t_s,site.f_hz\n{text}"));
            prop_assert!(rows.windows(2).all(|w| w[0].0 < w[1].0), "{rows:?}");
            let passed = told.iter().filter(|t| t.contains("passed over")).count();
            prop_assert_eq!(rows.len() + passed, times.len());
            prop_assert!(rows.windows(2).all(|w| w[0].1 < w[1].1), "and in the order of the file");
        }
    }
}
