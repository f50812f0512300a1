//! Saving the debrief: made from the journal of the run, or, where there is none, from its log; on a thread.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;

use super::ConsoleApp;
use crate::console::views::report::ReportState;
use crate::journal::{Monitor, Recording, RunFile};
use crate::report::debrief::{Debrief, Observer, Options, RunParts};
use crate::training::score::Rubric;

impl ConsoleApp {
    /// Writes the page, or the metrics as CSV with the events beside them.
    pub(super) fn write_report(&mut self, ctx: &Context, path: PathBuf, html: bool) {
        let (journal, run) = (self.journal_file(), self.journals.monitor.as_ref().map(Monitor::run_file));
        let live = self.rows.model.as_ref().and_then(|m| m.desk.as_ref()?.score.clone());
        let view = self.views.of::<ReportState>();
        let found = live.as_ref().zip(view.as_ref()).and_then(|(live, view)| view.par(live));
        let options = Options {
            trainee: view.map(|view| view.trainee.clone()).unwrap_or_default(),
            observer: self.rows.model.as_ref().and_then(|m| Some(Observer::of_log(&m.desk.as_ref()?.log))),
            class: journal.as_deref().and_then(Path::parent).map(Path::to_owned),
            found,
            par: true,
            ..Options::default()
        };
        let own = || Rubric::named(None).map(Arc::new);
        let rubric = match live.map_or_else(own, |l| Ok(Arc::clone(&l.rubric))) {
            Ok(rubric) => rubric,
            Err(why) => {
                self.complain(format!("not written: {why}"));
                return;
            }
        };
        let events = path.with_extension("events.csv");
        self.write(ctx, path, move |out| {
            let d = debrief(journal.as_deref(), run, rubric, &options).map_err(io::Error::other)?;
            if html {
                out.write_all(d.html().as_bytes())?;
            } else {
                out.write_all(d.metrics_csv().as_bytes())?;
                std::fs::write(events, d.events_csv())?;
            }
            Ok(format!("debrief, {:.0} of 100, {}", d.score.total, d.score.grade))
        });
    }
}

fn debrief(
    journal: Option<&Path>,
    run: Option<RunFile>,
    rubric: Arc<Rubric>,
    options: &Options,
) -> Result<Debrief, String> {
    let mut on = |_| true;
    if let Some(path) = journal {
        let rec = Recording::open(path).map_err(|e| e.to_string())?;
        return Debrief::from_recording(&rec, rubric, options, &mut on);
    }
    let run = run.ok_or_else(|| "there is no run to report on".to_owned())?;
    Debrief::from_run(RunParts { run, ..RunParts::default() }, rubric, options, &mut on)
}
