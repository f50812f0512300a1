//! Recordings of sites, and windows as COMTRADE: switching, playing, exporting. Files are on threads.

use std::path::PathBuf;
use std::time::Duration;

use egui::Context;

use super::ConsoleApp;
use crate::acts::EventKind;
use crate::console::model::{Mode, Model};
use crate::console::session::LiveHandle;
use crate::console::settings::RecordingSettings;
use crate::feed::comtrade::{Moment, Style, Window};
use crate::feed::comtrade_file::comtrade_beside;
use crate::feed::record::{Bounds, Controls};
use crate::history::export::rows;

impl ConsoleApp {
    /// Something for the recording of a site that is played.
    pub(super) fn tape(&mut self, ask: impl FnOnce(&Controls)) {
        match self.rows.sources.session.live().and_then(LiveHandle::controls) {
            Some(tape) => ask(tape),
            None => self.complain("only the recording of a site can be wound"),
        }
    }

    /// Begins or ends the recording of the site in view.
    pub(super) fn record(&mut self, on: bool) {
        let RecordingSettings { dir, files, megabytes, hours } = &self.settings.record;
        let Some(dir) = dir.clone().or_else(user_folder) else {
            self.complain("not recorded: this system names no folder for data, set one in the settings");
            return;
        };
        let bounds = Bounds {
            files: *files,
            file_bytes: megabytes << 20,
            file_age: Duration::from_secs(hours.saturating_mul(3600)),
        };
        let taken = self.rows.sources.session.live().is_some_and(|live| live.record(on.then_some((dir, bounds))));
        if !taken {
            self.complain("only a site that is connected can be recorded");
        }
    }

    /// Writes the visible window as COMTRADE, the edition of 2013 with numbers of 16 bits; as one file if the name ends
    /// in `.cff`.
    pub(super) fn write_comtrade(&mut self, ctx: &Context, path: PathBuf) {
        let Some(model) = &self.rows.model else { return };
        let [from, to, _] = self.time.span(model.t_s);
        // The newest row belongs to the window.
        let span = from.max(0.0)..to + 1e-6;
        let trips: Vec<Moment> = model
            .history
            .events()
            .range(span.start, span.end)
            .filter(|e| e.kind == EventKind::Trip)
            .map(|e| Moment { t_s: e.t_s, name: format!("{} trip", e.object), part: e.object.clone() })
            .collect();
        let (store, table, plate) = (model.history.rows_now(), model.table.clone(), model.plate.clone());
        let (zero_utc_us, notes) = (zero_utc_us(model), notes(model));
        let target = path.clone();
        self.write(ctx, path, move |out| {
            let rows = rows(&store, &span);
            let window = Window {
                table: &table,
                rows: &rows,
                trips: &trips,
                station: &plate.scenario,
                f0_hz: plate.f0_hz,
                zero_utc_us,
            };
            let mut record = window.record();
            record.notes = notes;
            comtrade_beside(&record, Style::default(), &target, out).map(|rows| format!("{rows} rows"))
        });
    }
}

/// Where recordings are kept; none where the system knows no such place.
fn user_folder() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "ballast")?.data_dir().join("sites"))
}

/// UTC of time 0, µs: rows of a site have it, those of a simulation and of a file have no date.
fn zero_utc_us(model: &Model) -> Option<i64> {
    model.site_view.as_ref().map(|s| s.zero_utc_us)
}

fn notes(model: &Model) -> Vec<String> {
    let source = match (&model.site_view, model.mode) {
        (Some(site), _) => format!("From the site {}, map SHA-256 {}", site.map.name, site.map.sha256),
        (None, Mode::Twin) => {
            format!("From the twin: {}, engine preset {}", model.plate.model_note, model.plate.preset)
        }
        (None, _) => format!("From {}", model.plate.origin),
    };
    vec![source]
}
