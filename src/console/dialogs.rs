//! What a file is asked for, and the native dialogs that ask.
//!
//! [`Dialogs::show`] waits, so it is called on a thread. On a machine without a desktop portal and without `zenity` the dialog returns "nothing" within milliseconds, which
//! is also what Cancel looks like; a `None` faster than [`TOO_FAST`], or one that the dialog library has complained of,
//! is therefore taken as "there is no dialog" and the caller opens the list inside the window ([`super::picker`]) with
//! the hint of [`hint`].

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::event_filter::EventFilter;
use crate::lock::lock;

/// No person cancels a dialog faster than this.
pub const TOO_FAST: Duration = Duration::from_millis(150);

/// A file to open, or to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// What for.
    pub what: What,
    /// Where to start looking.
    pub dir: Option<PathBuf>,
    /// Proposed name of a file that is written.
    pub name: String,
}

/// What a file is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// To open a scenario, an exercise, a saved run or a journal.
    Scenario,
    /// To look at a recording.
    Recording,
    /// To write.
    Save(Save),
}

/// What can be written to a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Save {
    /// The visible window as CSV.
    Window,
    /// The visible window as COMTRADE, for the tools of protection engineers.
    Comtrade,
    /// What the view in front shows, as a page for print.
    Page,
    /// A picture of the window.
    Picture,
    /// The run: scenario, seed, acts, hashes.
    Run,
    /// The exercise at the desk.
    Exercise,
    /// These events, as CSV or, by the name's ending, as JSON.
    Events(EventFilter),
    /// The alarms as CSV.
    Alarms,
    /// The debrief as a page.
    Debrief,
    /// The tables of the debrief as CSV.
    Metrics,
    /// The fit of the engine as a preset of this name.
    Preset(String),
}

/// What is known of a sort of file.
struct Facts {
    /// Title of the dialog and of the list inside the window.
    title: &'static str,
    /// What such files are called.
    sort: &'static str,
    /// Extensions that the file may have; a file that is written gets the first.
    extensions: &'static [&'static str],
    /// What its proposed name has after that of the run.
    suffix: &'static str,
}

impl What {
    fn facts(&self) -> Facts {
        let (title, sort, extensions, suffix): (_, _, &'static [&'static str], _) = match self {
            Self::Scenario => ("Open scenario", "Scenario, exercise, saved run or journal", &["ron", "sqlite"], ""),
            Self::Recording => ("Open recording", "Recording or map", &["csv", "sqlite", "ron"], ""),
            Self::Save(save) => match save {
                Save::Window => ("Save window as CSV", "CSV", &["csv"], ""),
                Save::Comtrade => ("Save window as COMTRADE", "COMTRADE", &["cfg", "cff"], ""),
                Save::Page => ("Save page", "Page", &["html"], ""),
                Save::Picture => ("Save picture", "PNG picture", &["png"], ""),
                Save::Run => ("Save run", "Saved run", &["ron"], ""),
                Save::Exercise => ("Save exercise", "Exercise", &["ron"], "-exercise"),
                Save::Events(_) => ("Save events as CSV or JSON", "Events", &["csv", "json"], "-events"),
                Save::Alarms => ("Save alarms as CSV", "CSV", &["csv"], "-alarms"),
                Save::Debrief => ("Save debrief", "Page", &["html"], "-debrief"),
                Save::Metrics => ("Save tables of the debrief as CSV", "CSV", &["csv"], "-metrics"),
                Save::Preset(_) => ("Save fit as engine preset", "Engine preset", &["ron"], ""),
            },
        };
        Facts { title, sort, extensions, suffix }
    }
}

impl Ask {
    /// For a file to open, looked for in this folder.
    #[must_use]
    pub fn open(what: What, dir: Option<PathBuf>) -> Self {
        Self { what, dir, name: String::new() }
    }

    /// For a file to write, which belongs to what is called `stem`.
    #[must_use]
    pub fn save(save: Save, dir: Option<PathBuf>, stem: &str) -> Self {
        let mut ask = Self::open(What::Save(save), dir);
        ask.name = format!("{stem}{}.{}", ask.what.facts().suffix, ask.extension());
        ask
    }

    /// Title of the dialog and of the list inside the window.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.what.facts().title
    }

    /// Whether a file is opened, not written.
    #[must_use]
    pub fn opens(&self) -> bool {
        !matches!(self.what, What::Save(_))
    }

    /// Extension of a file whose name has none.
    #[must_use]
    pub fn extension(&self) -> &'static str {
        self.what.facts().extensions.first().copied().unwrap_or_default()
    }

    /// Whether a file by this name is one of them.
    #[must_use]
    pub fn takes(&self, path: &Path) -> bool {
        path.extension().is_some_and(|e| self.what.facts().extensions.iter().any(|w| e.eq_ignore_ascii_case(w)))
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This file.
    Picked(PathBuf),
    /// The person closed the dialog.
    Cancelled,
    /// There is no dialog on this machine: open the list inside the window.
    Unavailable,
}

/// Shows a dialog and waits for it.
pub type Picker = Arc<dyn Fn(&Ask) -> Option<PathBuf> + Send + Sync>;

/// The file dialogs of the desktop.
#[derive(Clone)]
pub struct Dialogs(Picker);

impl Default for Dialogs {
    fn default() -> Self {
        Self(Arc::new(native))
    }
}

impl Dialogs {
    /// Uses `picker` instead of the native dialog, as tests do.
    #[must_use]
    pub fn with(picker: Picker) -> Self {
        Self(picker)
    }

    /// Shows a dialog and waits for its answer: on a thread of its own.
    #[must_use]
    pub fn show(&self, ask: &Ask) -> Answer {
        let (before, failures) = (Instant::now(), FAILURES.load(Ordering::Relaxed));
        let picked = (self.0)(ask);
        let failed = FAILURES.load(Ordering::Relaxed) > failures;
        judge(picked, failed, before.elapsed())
    }
}

fn judge(picked: Option<PathBuf>, failed: bool, took: Duration) -> Answer {
    match picked {
        Some(path) => Answer::Picked(path),
        None if failed || took < TOO_FAST => Answer::Unavailable,
        None => Answer::Cancelled,
    }
}

fn native(ask: &Ask) -> Option<PathBuf> {
    let facts = ask.what.facts();
    let mut dialog = rfd::FileDialog::new().set_title(facts.title).add_filter(facts.sort, facts.extensions);
    if !ask.name.is_empty() {
        dialog = dialog.set_file_name(&ask.name);
    }
    if let Some(dir) = &ask.dir {
        dialog = dialog.set_directory(dir);
    }
    if ask.opens() { dialog.pick_file() } else { dialog.save_file() }
}

static LAST_REASON: Mutex<Option<String>> = Mutex::new(None);

/// Dialogs that could not be shown by any means, so far.
static FAILURES: AtomicU64 = AtomicU64::new(0);

/// Why there is no dialog, in a sentence for the list inside the window.
#[must_use]
pub fn hint() -> String {
    let reason = lock(&LAST_REASON).clone();
    let reason = reason.map(|r| format!(" ({r})")).unwrap_or_default();
    format!("No file dialog on this machine{reason}: install xdg-desktop-portal-gtk or zenity, or use this list.")
}

/// A logger that hands everything on to `inner` and keeps the last complaint of the dialog library for [`hint`].
pub struct KeepReason<L>(pub L);

impl<L: log::Log> log::Log for KeepReason<L> {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        about_dialogs(metadata) || self.0.enabled(metadata)
    }

    fn log(&self, record: &log::Record<'_>) {
        if about_dialogs(record.metadata()) {
            *lock(&LAST_REASON) = Some(record.args().to_string());
            // a warning is the way to the next means; an error is the end of the last
            FAILURES.fetch_add(u64::from(record.level() == log::Level::Error), Ordering::Relaxed);
        }
        if self.0.enabled(record.metadata()) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

fn about_dialogs(m: &log::Metadata<'_>) -> bool {
    m.level() <= log::Level::Warn && (m.target() == "rfd" || m.target().starts_with("rfd::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_nothing_means_no_dialog() {
        assert_eq!(judge(None, false, Duration::from_millis(5)), Answer::Unavailable);
        assert_eq!(judge(None, false, Duration::from_millis(900)), Answer::Cancelled);
        assert_eq!(judge(Some("/x".into()), false, Duration::ZERO), Answer::Picked("/x".into()));
    }

    #[test]
    fn regress_a_dialog_that_fails_slowly_is_no_cancel() {
        assert_eq!(judge(None, true, Duration::from_millis(900)), Answer::Unavailable);
    }

    #[test]
    fn a_name_is_that_of_the_run_with_what_it_is_and_the_first_ending() {
        let ask = |save| Ask::save(save, None, "path-a-60s");
        assert_eq!(ask(Save::Debrief).name, "path-a-60s-debrief.html");
        assert_eq!(ask(Save::Comtrade).name, "path-a-60s.cfg");
        let events = ask(Save::Events(EventFilter::default()));
        assert!(events.takes(Path::new("x.JSON")) && !events.takes(Path::new("x.ron")) && !events.opens());
        assert_eq!(Ask::open(What::Scenario, None).name, "");
    }

    #[test]
    fn hint_quotes_the_reason() {
        use log::Log as _;
        let logger = KeepReason(Silent);
        logger.log(
            &log::Record::builder()
                .level(log::Level::Error)
                .target("rfd::backend")
                .args(format_args!("no bus"))
                .build(),
        );
        assert!(hint().contains("(no bus)"), "{}", hint());
    }

    struct Silent;
    impl log::Log for Silent {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            false
        }
        fn log(&self, _: &log::Record<'_>) {}
        fn flush(&self) {}
    }
}
