//! What the console remembers between starts: a small RON file in the user's configuration folder.
//!
//! Saving writes a temporary file beside the target and renames it, so a crash never leaves half a file. A file that
//! does not parse, or comes from a newer version, is set aside with `.bad` appended and the defaults are used; the
//! caller gets a sentence to show. Nothing here is needed to run: every field has a default.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::store::whole::atomically;

/// Version of the file's layout. A newer one is not read.
pub const VERSION: u32 = 1;
/// Recent files kept.
pub const RECENT: usize = 10;

/// Which theme to start in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// For a bright room.
    #[default]
    Light,
    /// For a dim room.
    Dark,
    /// As the desktop says.
    System,
}

/// Which renderer to start with; both are compiled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RendererChoice {
    /// Vulkan, Metal, DX12 or GL, whichever answers.
    #[default]
    Wgpu,
    /// OpenGL.
    Glow,
}

/// The time window of the strips.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// So many seconds of past.
    Seconds(f64),
    /// The whole run.
    Whole,
}

/// Everything that is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// [`VERSION`] of the program that wrote it.
    pub version: u32,
    /// Theme.
    pub theme: ThemeChoice,
    /// Scale of the whole console, 0.8 to 2.
    pub ui_scale: f32,
    /// Renderer.
    pub renderer: RendererChoice,
    /// Last view, by its name.
    pub view: String,
    /// Last time window.
    pub window: Window,
    /// Nothing flashes: marks that ask for attention stand on a dark square. A setting of ours: windows are not told
    /// what the system's own setting for motion is, so it is not taken over.
    pub reduced_motion: bool,
    /// Name of the operator, for logs and captions.
    pub operator: String,
    /// Scenario files, newest first.
    pub recent: Vec<PathBuf>,
    /// Maps of sites, newest first.
    pub sites: Vec<PathBuf>,
    /// Folder of the last export.
    pub export_dir: Option<PathBuf>,
    /// Journals of runs.
    pub journal: JournalSettings,
    /// Recordings of sites.
    pub record: RecordingSettings,
}

/// Where recordings of sites are kept, and how much of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordingSettings {
    /// Folder; none for the one in the user's data folder.
    pub dir: Option<PathBuf>,
    /// Files kept of a site.
    pub files: usize,
    /// MB of a file, after which the next one begins.
    pub megabytes: u64,
    /// Hours, likewise.
    pub hours: u64,
}

impl Default for RecordingSettings {
    fn default() -> Self {
        Self { dir: None, files: 8, megabytes: 256, hours: 24 }
    }
}

/// Which journals are kept, in the user's data folder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JournalSettings {
    /// A journal of every run.
    pub on: bool,
    /// At most so many.
    pub runs: usize,
    /// At most so many MB, all together.
    pub megabytes: u64,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self { on: true, runs: 200, megabytes: 4096 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            theme: ThemeChoice::default(),
            ui_scale: 1.0,
            renderer: RendererChoice::default(),
            view: String::new(),
            window: Window::Seconds(120.0),
            reduced_motion: false,
            operator: String::new(),
            recent: Vec::new(),
            sites: Vec::new(),
            export_dir: None,
            journal: JournalSettings::default(),
            record: RecordingSettings::default(),
        }
    }
}

/// Why the file was not used; the defaults are.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// What is wrong.
    pub what: String,
    /// The file.
    pub path: PathBuf,
    /// Where the unusable file was put, if it could be moved.
    pub kept: Option<PathBuf>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings not used: {}: {}", self.what, self.path.display())?;
        if let Some(kept) = &self.kept {
            write!(f, " (kept as {})", kept.display())?;
        }
        Ok(())
    }
}

impl Settings {
    /// The file of this user; `None` where the system names no home.
    #[must_use]
    pub fn user_path() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "ballast").map(|d| d.config_dir().join("settings.ron"))
    }

    /// Reads the file. A missing file is not worth a word; any other trouble comes back as a warning.
    #[must_use]
    pub fn load(path: &Path) -> (Self, Option<Warning>) {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return (Self::default(), None),
            Err(e) => return Self::unusable(path, e.to_string()),
        };
        match ron::from_str::<Self>(&text) {
            Ok(s) if s.version > VERSION => {
                Self::unusable(path, format!("version {} is newer than {VERSION}", s.version))
            }
            Ok(s) => (s.checked(), None),
            Err(e) => Self::unusable(path, e.to_string()),
        }
    }

    fn unusable(path: &Path, what: String) -> (Self, Option<Warning>) {
        let mut bad = path.as_os_str().to_owned();
        bad.push(".bad");
        let bad = PathBuf::from(bad);
        let kept = fs::rename(path, &bad).is_ok().then_some(bad);
        (Self::default(), Some(Warning { what, path: path.to_owned(), kept }))
    }

    /// Puts hand-edited numbers back into their ranges.
    fn checked(mut self) -> Self {
        self.version = VERSION;
        self.ui_scale = if self.ui_scale.is_finite() { self.ui_scale.clamp(0.8, 2.0) } else { 1.0 };
        if let Window::Seconds(s) = self.window {
            self.window = Window::Seconds(if s.is_finite() { s.clamp(10.0, 86_400.0) } else { 120.0 });
        }
        self.recent.truncate(RECENT);
        self
    }

    /// Writes the file: temporary file, then rename.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let text = ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default()).map_err(io::Error::other)?;
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        atomically(path, |file| file.write_all(text.as_bytes()))
    }

    /// Puts a file at the head of the recent ones.
    pub fn remember(&mut self, file: &Path) {
        to_head(&mut self.recent, file);
    }

    /// Puts a site's map at the head of the recent ones.
    pub fn remember_site(&mut self, map: &Path) {
        to_head(&mut self.sites, map);
    }
}

fn to_head(list: &mut Vec<PathBuf>, file: &Path) {
    list.retain(|p| p != file);
    list.insert(0, file.to_owned());
    list.truncate(RECENT);
}

#[cfg(test)]
mod tests {
    use super::*;

    type Test = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn round_trip_leaves_no_temporary_file() -> Test {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("deep/settings.ron");
        let mut s = Settings { theme: ThemeChoice::Dark, window: Window::Whole, ..Settings::default() };
        s.remember(Path::new("/a/b.ron"));
        s.save(&path)?;
        s.save(&path)?;
        assert_eq!(Settings::load(&path), (s, None));
        assert_eq!(fs::read_dir(dir.path().join("deep"))?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_missing_file_is_silent() -> Test {
        let dir = tempfile::tempdir()?;
        assert_eq!(Settings::load(&dir.path().join("none.ron")), (Settings::default(), None));
        Ok(())
    }

    #[test]
    fn an_unparsable_file_is_kept_aside() -> Test {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("settings.ron");
        for text in ["", "(theme: mauve)", "\u{0}\u{0}", "(version: 99)"] {
            fs::write(&path, text)?;
            let (s, warning) = Settings::load(&path);
            assert_eq!(s, Settings::default(), "{text:?}");
            let warning = warning.ok_or("no warning")?;
            assert!(warning.to_string().starts_with("settings not used: "), "{warning}");
            assert_eq!(fs::read_to_string(warning.kept.ok_or("not kept")?)?, text);
        }
        Ok(())
    }

    #[test]
    fn unknown_and_missing_fields_are_fine_and_numbers_are_clamped() -> Test {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("settings.ron");
        fs::write(&path, "(ui_scale: 40.0, window: seconds(-3.0), sound: true)")?;
        let (s, warning) = Settings::load(&path);
        assert_eq!(warning, None);
        assert_eq!(s.ui_scale, 2.0);
        assert_eq!(s.window, Window::Seconds(10.0));
        Ok(())
    }

    #[test]
    fn recent_files_are_unique_newest_first_and_few() {
        let mut s = Settings::default();
        for i in 0..15 {
            s.remember(Path::new(&format!("/{i}.ron")));
        }
        s.remember(Path::new("/9.ron"));
        assert_eq!(s.recent.len(), RECENT);
        assert_eq!(s.recent[0], Path::new("/9.ron"));
        assert_eq!(s.recent.iter().filter(|p| *p == Path::new("/9.ron")).count(), 1);
    }

    #[test]
    fn saving_where_nothing_can_be_written_is_an_error() -> Test {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("file");
        fs::write(&file, "x")?;
        assert!(Settings::default().save(&file.join("settings.ron")).is_err());
        Ok(())
    }
}
