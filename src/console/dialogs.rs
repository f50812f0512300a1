//! Native file dialogs, asked on a thread of their own.
//!
//! The console never waits: [`Dialogs::ask`] starts a named thread, [`Dialogs::poll`] looks for its reply once a frame.
//! On a machine without a desktop portal and without `zenity` the dialog returns "nothing" within milliseconds, which
//! is also what Cancel looks like; a `None` faster than [`TOO_FAST`], or one that the dialog library has complained of,
//! is therefore taken as "there is no dialog" and the caller opens the list inside the window ([`super::picker`]) with
//! the hint of [`hint`].

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::lock::lock;
use crossbeam_channel::{Receiver, TryRecvError, bounded};

/// No person cancels a dialog faster than this.
pub const TOO_FAST: Duration = Duration::from_millis(150);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A scenario to open, from this folder.
    OpenScenario {
        /// Where to start looking.
        dir: Option<PathBuf>,
    },
    /// A recording to look at, from this folder.
    OpenRecording {
        /// Where to start looking.
        dir: Option<PathBuf>,
    },
    /// Where to write the visible window as CSV.
    SaveCsv {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
    /// Where to write it as COMTRADE.
    SaveComtrade {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
    /// Where to write the run.
    SaveRun {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
    /// Where to write the exercise.
    SaveExercise {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
    /// Where to write the events, as CSV or, by the name's ending, as JSON.
    SaveEvents {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
    /// Where to write the alarms as CSV.
    SaveAlarms {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
    /// Where to write the debrief.
    SaveReport {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
        /// The page; else its tables as CSV.
        html: bool,
    },
    /// Where to write an engine preset; the file's name is the preset's.
    SavePreset {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
    /// Where to write the picture.
    SavePng {
        /// Where to start looking.
        dir: Option<PathBuf>,
        /// Proposed name.
        name: String,
    },
}

impl Ask {
    /// Title of the dialog and of the list inside the window.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::OpenScenario { .. } => "Open scenario",
            Self::OpenRecording { .. } => "Open recording",
            Self::SaveCsv { .. } => "Save window as CSV",
            Self::SaveComtrade { .. } => "Save window as COMTRADE",
            Self::SaveRun { .. } => "Save run",
            Self::SaveExercise { .. } => "Save exercise",
            Self::SaveEvents { .. } => "Save events as CSV or JSON",
            Self::SaveAlarms { .. } => "Save alarms as CSV",
            Self::SaveReport { html: true, .. } => "Save debrief",
            Self::SaveReport { .. } => "Save tables of the debrief as CSV",
            Self::SavePreset { .. } => "Save fit as engine preset",
            Self::SavePng { .. } => "Save picture",
        }
    }

    /// Whether a file is opened, not written.
    #[must_use]
    pub fn opens(&self) -> bool {
        matches!(self, Self::OpenScenario { .. } | Self::OpenRecording { .. })
    }

    /// Extensions that the file may have; a file that is written gets the first.
    #[must_use]
    pub fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::OpenScenario { .. } => &["ron", "sqlite"],
            Self::OpenRecording { .. } => &["csv", "sqlite", "ron"],
            Self::SaveRun { .. } | Self::SaveExercise { .. } | Self::SavePreset { .. } => &["ron"],
            Self::SaveEvents { .. } => &["csv", "json"],
            Self::SaveReport { html: true, .. } => &["html"],
            Self::SaveCsv { .. } | Self::SaveAlarms { .. } | Self::SaveReport { .. } => &["csv"],
            Self::SaveComtrade { .. } => &["cfg", "cff"],
            Self::SavePng { .. } => &["png"],
        }
    }

    /// Whether a file by this name is one of them.
    #[must_use]
    pub fn takes(&self, path: &Path) -> bool {
        path.extension().is_some_and(|e| self.extensions().iter().any(|w| e.eq_ignore_ascii_case(w)))
    }

    /// What files of this sort are called.
    fn sort(&self) -> &'static str {
        match self {
            Self::OpenScenario { .. } => "Scenario, exercise, saved run or journal",
            Self::OpenRecording { .. } => "Recording or map",
            Self::SaveRun { .. } => "Saved run",
            Self::SaveExercise { .. } => "Exercise",
            Self::SaveEvents { .. } => "Events",
            Self::SaveReport { html: true, .. } => "Page",
            Self::SaveCsv { .. } | Self::SaveAlarms { .. } | Self::SaveReport { .. } => "CSV",
            Self::SaveComtrade { .. } => "COMTRADE",
            Self::SavePreset { .. } => "Engine preset",
            Self::SavePng { .. } => "PNG picture",
        }
    }

    /// Folder to begin in, and of a file that is written its proposed name.
    #[must_use]
    pub fn place(&self) -> (Option<&PathBuf>, Option<&str>) {
        match self {
            Self::OpenScenario { dir } | Self::OpenRecording { dir } => (dir.as_ref(), None),
            Self::SaveCsv { dir, name }
            | Self::SaveComtrade { dir, name }
            | Self::SaveRun { dir, name }
            | Self::SaveExercise { dir, name }
            | Self::SaveEvents { dir, name }
            | Self::SaveAlarms { dir, name }
            | Self::SavePreset { dir, name }
            | Self::SaveReport { dir, name, .. }
            | Self::SavePng { dir, name } => (dir.as_ref(), Some(name)),
        }
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

/// Shows a dialog and waits for it; runs on the dialog's thread.
pub type Picker = Arc<dyn Fn(&Ask) -> Option<PathBuf> + Send + Sync>;

/// The file dialog that is open, if one is.
pub struct Dialogs {
    picker: Picker,
    open: Option<(Ask, Receiver<Answer>)>,
}

impl Default for Dialogs {
    fn default() -> Self {
        Self::with(Arc::new(native))
    }
}

impl Dialogs {
    /// Uses `picker` instead of the native dialog, as tests do.
    #[must_use]
    pub fn with(picker: Picker) -> Self {
        Self { picker, open: None }
    }

    /// Whether a dialog is open.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.open.is_some()
    }

    /// Opens a dialog; one at a time, so a second ask while one is open gives `false`. `wake` is called from the
    /// dialog's thread when there is an answer.
    pub fn ask(&mut self, ask: Ask, wake: impl FnOnce() + Send + 'static) -> bool {
        if self.open.is_some() {
            return false;
        }
        let (tx, rx) = bounded(1);
        let (picker, asked) = (Arc::clone(&self.picker), ask.clone());
        let started = thread::Builder::new().name("file-dialog".into()).spawn(move || {
            let (before, failures) = (Instant::now(), FAILURES.load(Ordering::Relaxed));
            let picked = picker(&asked);
            let failed = FAILURES.load(Ordering::Relaxed) > failures;
            let answer = judge(picked, failed, before.elapsed());
            if tx.send(answer).is_ok() {
                wake();
            }
        });
        if let Err(e) = started {
            log::error!("no thread for the file dialog: {e}");
            let (tx, rx) = bounded(1);
            tx.send(Answer::Unavailable).ok();
            self.open = Some((ask, rx));
            return true;
        }
        self.open = Some((ask, rx));
        true
    }

    /// The answer, once.
    pub fn poll(&mut self) -> Option<(Ask, Answer)> {
        let (_, rx) = self.open.as_ref()?;
        let answer = match rx.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Answer::Unavailable,
        };
        self.open.take().map(|(ask, _)| (ask, answer))
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
    let (dir, name) = ask.place();
    let mut dialog = rfd::FileDialog::new().set_title(ask.title()).add_filter(ask.sort(), ask.extensions());
    if let Some(name) = name {
        dialog = dialog.set_file_name(name);
    }
    if let Some(dir) = dir {
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

    fn ask() -> Ask {
        Ask::OpenScenario { dir: None }
    }

    fn wait(d: &mut Dialogs) -> Option<(Ask, Answer)> {
        (0..200).find_map(|_| {
            thread::sleep(Duration::from_millis(5));
            d.poll()
        })
    }

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
    fn answers_once_and_then_is_free() {
        let mut d = Dialogs::with(Arc::new(|_| Some("/x/y.ron".into())));
        let (tx, rx) = bounded(1);
        assert!(d.ask(ask(), move || {
            tx.send(()).ok();
        }));
        assert!(d.busy());
        assert!(!d.ask(ask(), || ()), "one dialog at a time");
        assert_eq!(wait(&mut d), Some((ask(), Answer::Picked("/x/y.ron".into()))));
        assert!(rx.recv_timeout(Duration::from_secs(1)).is_ok(), "woken");
        assert_eq!(d.poll(), None);
        assert!(!d.busy());
    }

    #[test]
    fn a_dialog_that_dies_counts_as_none() {
        let mut d = Dialogs::with(Arc::new(|_| std::panic::resume_unwind(Box::new("gone"))));
        assert!(d.ask(ask(), || ()));
        assert_eq!(wait(&mut d), Some((ask(), Answer::Unavailable)));
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
