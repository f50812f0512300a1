//! Where a headless run writes to while it goes: a CSV of its rows, a journal.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use super::run::{RunArgs, Second};
use crate::engine::Engine;
use crate::journal::{Header, Writer};
use crate::scenario::parameter::Setting;

/// The files of a run.
pub(super) struct Sinks<'a> {
    args: &'a RunArgs,
    csv: Option<(PathBuf, csv::Writer<BufWriter<File>>)>,
    headed: bool,
    journal: Option<Writer>,
}

impl<'a> Sinks<'a> {
    /// Opens what the arguments name; the journal follows with the first second, when the signals are known.
    pub(super) fn open(args: &'a RunArgs) -> Result<Self, String> {
        let csv = match &args.csv {
            Some(path) => {
                let file = File::create(path).map_err(|e| format!("{e}: {}", path.display()))?;
                Some((path.clone(), csv::Writer::from_writer(BufWriter::new(file))))
            }
            None => None,
        };
        Ok(Self { args, csv, headed: false, journal: None })
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.csv.is_none() && self.args.journal.is_none()
    }

    /// Writes a second down.
    pub(super) fn take(&mut self, e: &Engine, news: &Second<'_>) -> Result<(), String> {
        self.rows(e, news)?;
        let Some(path) = &self.args.journal else { return Ok(()) };
        if self.journal.is_none() {
            let mut header = Header::new(e.plate(), e.table(), &self.args.user);
            header.preset.clone_from(&self.args.preset);
            header.set = self.args.set.iter().map(Setting::text).collect();
            self.journal = Some(Writer::open(path, &header).map_err(|e| e.to_string())?);
        }
        let Some(journal) = &mut self.journal else { return Ok(()) };
        if let Some((second, hash)) = news.state {
            journal.second(second, hash);
        }
        journal.events(news.events);
        journal.block(e.table(), news.block);
        journal.wait();
        Ok(())
    }

    fn rows(&mut self, e: &Engine, news: &Second<'_>) -> Result<(), String> {
        let Some((path, out)) = &mut self.csv else { return Ok(()) };
        let at = |e: &dyn std::fmt::Display| format!("{e}: {}", path.display());
        if !std::mem::replace(&mut self.headed, true) {
            let ids = e.table().signals().iter().map(|s| s.id.as_str());
            out.write_record(std::iter::once("t_s").chain(ids)).map_err(|e| at(&e))?;
        }
        let b = news.block;
        for (r, t) in b.t_s.iter().enumerate() {
            let row = &b.last[r * b.width..(r + 1) * b.width];
            let cells = std::iter::once(format!("{t:.3}")).chain(row.iter().map(|v| format!("{v:.6}")));
            out.write_record(cells).map_err(|e| at(&e))?;
        }
        out.flush().map_err(|e| at(&e))
    }

    /// Closes the journal and says what became of it. A run is not worth less because its journal could not be
    /// written, but whoever asked for one has to know.
    pub(super) fn close(self) -> Result<(), String> {
        let Some(mut journal) = self.journal else { return Ok(()) };
        journal.flush();
        let state = journal.state();
        if state.trouble.is_some() || state.lost > 0 {
            eprintln!("ballast: {}", state.line());
        }
        if self.args.seal {
            let hash = journal.seal()?;
            eprintln!("ballast: journal sealed, last hash {}", hex::encode(hash));
        }
        Ok(())
    }
}
