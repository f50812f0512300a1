//! What the console plays beside CSV files: the recording in a journal, and a saved run that is simulated again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::acts::{Block, Event, EventKind};
use crate::feed::{Opened, Piece, Source, Trouble};
use crate::journal::{Again, Frame, Recording, Replayed, RunFile, Stretch};

/// Opens a file of ours to be played; none if it is of another sort.
#[must_use]
pub fn source(path: &Path) -> Option<Box<dyn Source>> {
    path.extension().is_some_and(|e| e == "sqlite").then(|| Box::new(Journal::new(path)) as Box<dyn Source>)
}

/// The rows and events that lead to the end of the newest branch of a journal.
struct Journal {
    path: PathBuf,
    open: Option<OpenJournal>,
}

struct OpenJournal {
    recording: Recording,
    frame: Frame,
    chunks: std::vec::IntoIter<(i64, Stretch)>,
    events: std::iter::Peekable<std::vec::IntoIter<Event>>,
}

impl Journal {
    fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), open: None }
    }

    fn trouble(&self, what: impl ToString) -> Trouble {
        Trouble { what: what.to_string(), file: self.path.display().to_string(), line: None, column: None }
    }
}

impl Source for Journal {
    fn begin(&mut self) -> Result<Opened, Trouble> {
        let fail = |t: crate::journal::Trouble| self.trouble(t.what);
        let recording = Recording::open(&self.path).map_err(fail)?;
        let frame = recording.frame();
        let branch = recording.branch().map_err(fail)?;
        let chunks = recording.line_of(branch).and_then(|line| recording.chunks(&line)).map_err(fail)?;
        let entries = recording.entries_of(branch).map_err(fail)?;
        let mut events: Vec<Event> = entries.iter().map(crate::journal::Entry::event).collect();
        let verdict = recording.verify();
        let mut remarks = frame.remarks.clone();
        if !verdict.sound() {
            remarks.push(format!("journal {verdict}"));
        }
        let t0 = chunks.first().and_then(|c| {
            let mut b = Block::default();
            recording.rows_of(*c, &mut b).ok()?;
            b.t_s.first().copied()
        });
        events.splice(0..0, remarks.into_iter().map(|text| notice(t0.unwrap_or(0.0), text)));
        let ids = |known: bool| {
            let all = recording.header().signals.iter().zip(&frame.places);
            all.filter(|(_, p)| p.is_some() == known).map(|([id, ..], _)| id.clone()).collect::<Vec<_>>()
        };
        let opened = Opened {
            table: Arc::new(frame.table.clone()),
            plate: Arc::new(frame.plate.clone()),
            mapped: ids(true),
            unknown: ids(false),
        };
        let (chunks, events) = (chunks.into_iter(), events.into_iter().peekable());
        self.open = Some(OpenJournal { recording, frame, chunks, events });
        Ok(opened)
    }

    fn next(&mut self) -> Result<Option<Piece>, Trouble> {
        let Some(open) = &mut self.open else { return Ok(None) };
        let Some(chunk) = open.chunks.next() else {
            let events: Vec<Event> = open.events.by_ref().collect();
            return Ok((!events.is_empty()).then(|| Piece { block: Block::default(), events }));
        };
        let mut block = Block::default();
        let read = open.recording.rows_of(chunk, &mut block);
        let to_s = block.t_s.last().copied().unwrap_or(f64::NEG_INFINITY);
        let mut events = Vec::new();
        while let Some(e) = open.events.next_if(|e| e.t_s <= to_s) {
            events.push(e);
        }
        let block = in_table(&open.frame, &block);
        match read {
            Ok(()) => Ok(Some(Piece { block, events })),
            Err(t) => Err(self.trouble(t.what)),
        }
    }
}

/// Rows of a file in the order of the table.
fn in_table(frame: &Frame, rows: &Block) -> Block {
    let width = frame.table.len();
    let arrange = |from: &[f64]| {
        let mut to = vec![f64::NAN; rows.rows() * width];
        for (from, to) in from.chunks(rows.width.max(1)).zip(to.chunks_mut(width)) {
            for (v, place) in from.iter().zip(&frame.places) {
                if let Some(cell) = place.and_then(|p| to.get_mut(p.at())) {
                    *cell = *v;
                }
            }
        }
        to
    };
    Block { width, t_s: rows.t_s.clone(), min: arrange(&rows.min), max: arrange(&rows.max), last: arrange(&rows.last) }
}

/// A saved run that is simulated again while it is played; its hashes are compared on the way.
pub struct Simulated {
    path: PathBuf,
    run: RunFile,
    again: Option<Again>,
    /// What is said of it at its first row.
    first: Option<String>,
    told: bool,
}

impl Simulated {
    /// Of a run that was read from `path`.
    #[must_use]
    pub fn new(path: &Path, run: RunFile) -> Self {
        Self { path: path.to_owned(), run, again: None, first: None, told: false }
    }
}

impl Source for Simulated {
    fn begin(&mut self) -> Result<Opened, Trouble> {
        let fail = |what: String| Trouble { what, file: self.path.display().to_string(), line: None, column: None };
        let again = self.run.start().map_err(fail)?;
        let (table, plate) = (Arc::clone(again.desk.engine().table()), Arc::clone(again.desk.engine().plate()));
        let mapped = table.signals().iter().map(|s| s.id.clone()).collect();
        let made_by = format!("made by version {}, simulated again by {}", self.run.version, env!("CARGO_PKG_VERSION"));
        self.first = again.result.other_version.then_some(made_by);
        self.again = Some(again);
        Ok(Opened { table, plate, mapped, unknown: Vec::new() })
    }

    fn next(&mut self) -> Result<Option<Piece>, Trouble> {
        let Some(again) = &mut self.again else { return Ok(None) };
        let differed = again.result.first_difference_s.is_some();
        let mut piece = Piece::default();
        let more = again.second(&mut piece.block, &mut piece.events);
        let t_s = again.desk.now_tick() as f64 * again.desk.tick_s();
        piece.events.extend(self.first.take().map(|text| notice(0.0, text)));
        if (!more && !self.told) || (!differed && again.result.first_difference_s.is_some()) {
            self.told = true;
            piece.events.push(notice(t_s, verdict(&self.run, &again.result)));
        }
        Ok((more || !piece.events.is_empty()).then_some(piece))
    }
}

fn verdict(run: &RunFile, r: &Replayed) -> String {
    let version = if r.other_version { format!(" (made by version {})", run.version) } else { String::new() };
    format!("simulated again{version}: {}", r.text())
}

fn notice(t_s: f64, text: String) -> Event {
    Event { t_s, ..Event::new(EventKind::Notice, "recording", text) }
}
