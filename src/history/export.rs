//! CSV of a time window: one column a signal, one line a stored row.
//!
//! The header is `t_s` and the signals' ids, which carry their units. A number is written with as many digits as it
//! takes to read the same `f32` again; no data is an empty field. Rows that are too old to be kept one by one come as
//! one line a bucket: time of its last row, mean of its values; [`Exported::averaged_rows`] counts these lines.
//!
//! It writes to what it is given and opens no file.

use std::io::Write;
use std::ops::Range;

use super::Store;
use super::lod::shift;
use crate::acts::Block;
use crate::plant::signals::{SignalIdx, SignalTable};

/// Why a window could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The window is empty or not finite.
    #[error("time window must be finite and not empty, got {from_s} s to {to_s} s")]
    Window {
        /// From, s.
        from_s: f64,
        /// To, s.
        to_s: f64,
    },
    /// A signal that the table or the store does not have.
    #[error("no signal number {0} in this plant")]
    Signal(u32),
    /// The table is not that of the rows.
    #[error("the table has {table} signals, the recorded rows have {rows}")]
    Table {
        /// Signals of the table.
        table: usize,
        /// Signals a row.
        rows: usize,
    },
    /// Writing failed.
    #[error("cannot write CSV: {0}")]
    Write(#[from] csv::Error),
    /// The last bytes could not be written.
    #[error("cannot write CSV: {0}")]
    Flush(#[from] std::io::Error),
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Lines after the header.
    pub rows: u64,
    /// Of these, means of several rows.
    pub averaged_rows: u64,
}

/// Writes `signals` (all of the table if empty) over `t_s` (start included, end excluded).
///
/// # Errors
/// If the window or a signal makes no sense, or writing fails.
pub fn write_csv(
    store: &Store,
    table: &SignalTable,
    signals: &[SignalIdx],
    t_s: Range<f64>,
    out: impl Write,
) -> Result<Exported, ExportError> {
    if !(t_s.start.is_finite() && t_s.end.is_finite() && t_s.start < t_s.end) {
        return Err(ExportError::Window { from_s: t_s.start, to_s: t_s.end });
    }
    if store.width() != 0 && store.width() != table.len() {
        return Err(ExportError::Table { table: table.len(), rows: store.width() });
    }
    let all: Vec<SignalIdx>;
    let signals = if signals.is_empty() {
        all = (0..table.len() as u32).map(SignalIdx).collect();
        &all
    } else {
        signals
    };

    let mut csv = csv::WriterBuilder::new().from_writer(out);
    csv.write_field("t_s")?;
    for s in signals {
        csv.write_field(&table.signals().get(s.at()).ok_or(ExportError::Signal(s.0))?.id)?;
    }
    csv.write_record(None::<&[u8]>)?;

    let mut done = Exported::default();
    each_row(store, &t_s, |level, bucket, last_s| {
        // Whole microseconds: 0.15, not 0.15000000000000002.
        csv.write_field(((last_s * 1e6).round() / 1e6).to_string())?;
        for s in signals {
            match mean(store, *s, level, bucket) {
                Some(v) => csv.write_field(v.to_string())?,
                None => csv.write_field("")?,
            }
        }
        done.rows += 1;
        done.averaged_rows += u64::from(level > 0);
        csv.write_record(None::<&[u8]>)
    })?;
    csv.flush()?;
    Ok(done)
}

/// The rows within `t_s` (start included, end excluded) of all signals, as wide as the store; means where a row is too old
/// to be kept by itself. Minima and maxima are left out.
#[must_use]
pub fn rows(store: &Store, t_s: &Range<f64>) -> Block {
    let mut out = Block { width: store.width(), ..Block::default() };
    let kept: Result<(), std::convert::Infallible> = each_row(store, t_s, |level, bucket, last_s| {
        out.t_s.push(last_s);
        let signals = (0..out.width as u32).map(SignalIdx);
        out.last.extend(signals.map(|s| mean(store, s, level, bucket).map_or(f64::NAN, f64::from)));
        Ok(())
    });
    match kept {
        Ok(()) => out,
    }
}

/// Every stored row of a window: its level, its place there, its time.
fn each_row<E>(
    store: &Store,
    t_s: &Range<f64>,
    mut each: impl FnMut(usize, u64, f64) -> Result<(), E>,
) -> Result<(), E> {
    let axis = &store.axis;
    let end = axis.row_after(t_s.end);
    let mut row = axis.first_row_from(t_s.start).max(axis.oldest_row());
    while let Some(piece) = axis.piece(row, end, 0) {
        for bucket in piece.from..piece.to {
            let Some(span) = axis.level(piece.level).and_then(|r| r.get(bucket)) else { continue };
            if span.last >= t_s.start && span.last < t_s.end {
                each(piece.level, bucket, span.last)?;
            }
        }
        row = piece.to << shift(piece.level);
    }
    Ok(())
}

/// Value of a stored row, if it has one.
fn mean(store: &Store, signal: SignalIdx, level: usize, bucket: u64) -> Option<f32> {
    let cell = store.column(signal).and_then(|c| c.cells(level)?.get(bucket));
    cell.map(|c| c.mean).filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::Block;
    use crate::history::lod::{Capacity, LEVELS};
    use crate::plant::signals::{at, site};

    fn filled(rows: u32, capacity: Capacity) -> (Store, SignalTable) {
        let table = SignalTable::new(&["A".into()], &["G1".into()], &[]);
        let mut store = Store::with_capacity(capacity);
        let width = table.len();
        let t_s: Vec<f64> = (1..=rows).map(|k| f64::from(k) * 0.05).collect();
        let values: Vec<f64> = (0..rows).flat_map(|r| (0..width).map(move |i| f64::from(r) + 0.1 * i as f64)).collect();
        let mut last = values.clone();
        last[width + 1] = f64::NAN;
        store.ingest(&Block { width, t_s, min: values.clone(), max: values, last }, width).unwrap();
        (store, table)
    }

    fn export(
        s: &Store,
        t: &SignalTable,
        signals: &[SignalIdx],
        w: Range<f64>,
    ) -> Result<(String, Exported), ExportError> {
        let mut out = Vec::new();
        let done = write_csv(s, t, signals, w, &mut out)?;
        Ok((String::from_utf8(out).unwrap(), done))
    }

    #[test]
    fn rows_of_a_window() {
        let (s, t) = filled(5, Capacity::default());
        let (text, done) = export(&s, &t, &[at(site::F_HZ), at(site::V_PU)], 0.05..0.2).unwrap();
        assert_eq!(text, "t_s,site.f_hz,site.v_pu\n0.05,0,0.1\n0.1,1,\n0.15,2,2.1\n");
        assert_eq!(done, Exported { rows: 3, averaged_rows: 0 });
        let (text, _) = export(&s, &t, &[], 0.0..1.0).unwrap();
        assert_eq!(text.lines().count(), 6);
        let b = rows(&s, &(0.05..0.2));
        assert_eq!((b.rows(), b.width, b.last.len()), (3, t.len(), 3 * t.len()));
        assert!(b.last[t.len()] == 1.0 && b.last[t.len() + 1].is_nan() && b.t_s.len() == 3);
        assert!(text.lines().all(|l| l.split(',').count() == t.len() + 1));
    }

    #[test]
    fn nothing_recorded_gives_a_header() {
        let t = SignalTable::new(&[], &[], &[]);
        let (text, done) = export(&Store::new(), &t, &[at(0)], 0.0..1.0).unwrap();
        assert_eq!((text.as_str(), done.rows), ("t_s,site.f_hz\n", 0));
    }

    #[test]
    fn old_rows_come_as_means_and_are_counted() {
        let (s, t) = filled(3000, Capacity([1024; LEVELS]));
        let (text, done) = export(&s, &t, &[at(0)], 0.0..1000.0).unwrap();
        assert_eq!(done, Exported { rows: 247 + 1024, averaged_rows: 247 });
        assert_eq!(text.lines().nth(1), Some("0.4,3.5"));
        assert_eq!(text.lines().last(), Some("150,2999"));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let (s, t) = filled(5, Capacity::default());
        for w in [1.0..1.0, 2.0..1.0, f64::NAN..1.0, 0.0..f64::INFINITY] {
            assert!(matches!(export(&s, &t, &[], w), Err(ExportError::Window { .. })));
        }
        assert!(matches!(export(&s, &t, &[SignalIdx(9999)], 0.0..1.0), Err(ExportError::Signal(9999))));
        let other = SignalTable::new(&[], &[], &[]);
        assert!(matches!(export(&s, &other, &[], 0.0..1.0), Err(ExportError::Table { .. })));
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("disk full"))
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let e = write_csv(&s, &t, &[], 0.0..1.0, Full).unwrap_err();
        assert!(e.to_string().contains("disk full"), "{e}");
    }
}
