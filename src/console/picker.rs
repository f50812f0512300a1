//! The list inside the window that opens a scenario or names a file to write, for machines without a file dialog and
//! for people who would rather type. It shows built-in scenarios, recent files, the files of a folder, and a path field.
//!
//! The folder is read on a thread of its own: a slow network drive never holds up the window.

use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::{Receiver, bounded};
use egui::{Id, Modal, ScrollArea, Ui, vec2};

use super::dialogs::{Ask, What};
use super::theme;
use crate::console::widgets::{Button, Face, Ink, Text, TextField};

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Pick {
    /// Open this file.
    File(PathBuf),
    /// Open this built-in scenario.
    BuiltIn(String),
    /// Ask the desktop's own dialog.
    Browse(Ask),
    /// Write to this file; the question it answers comes with it.
    SaveAs(Ask, PathBuf),
    /// Nothing.
    Cancel,
}

struct Open {
    ask: Ask,
    hint: Option<String>,
    built_in: Vec<(String, String)>,
    recent: Vec<PathBuf>,
    dir: PathBuf,
    files: Vec<PathBuf>,
    listing: Option<Receiver<Vec<PathBuf>>>,
    path: String,
    error: Option<String>,
}

/// The list, open or not.
#[derive(Default)]
pub struct Picker {
    open: Option<Box<Open>>,
}

impl Picker {
    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Opens it for `ask`. `built_in` are name and purpose of the scenarios in the program.
    pub fn open(&mut self, ask: Ask, built_in: Vec<(String, String)>, recent: &[PathBuf], hint: Option<String>) {
        let dir = ask.dir.clone().unwrap_or_else(|| PathBuf::from("scenarios"));
        let path = if ask.opens() { String::new() } else { dir.join(&ask.name).display().to_string() };
        let listing = list(dir.clone(), ask.clone());
        self.open = Some(Box::new(Open {
            ask,
            hint,
            built_in,
            recent: recent.to_vec(),
            dir,
            files: Vec::new(),
            listing,
            path,
            error: None,
        }));
    }

    /// Draws it over `view` when open, and gives the choice once. The rest of the window stays as it is.
    pub fn show(&mut self, ui: &mut Ui, view: egui::Rect) -> Option<Pick> {
        let open = self.open.as_mut()?;
        if let Some(files) = open.listing.as_ref().and_then(|l| l.try_recv().ok()) {
            open.files = files;
            open.listing = None;
        }
        if open.listing.is_some() {
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(50));
        }
        let id = Id::unique("scenario list");
        // In a window that scrolls only the part of the view that is seen counts, if that is of any size.
        let all = ui.ctx().content_rect();
        let seen = view.intersect(all);
        let view = if seen.width() >= 480.0 && seen.height() >= 260.0 { seen } else { all };
        // From its top, which does not depend on how high it was in the frame before: it never jumps.
        let offset = vec2(0.0, 0.03 * view.height());
        let area = Modal::default_area(id).anchor(egui::Align2::CENTER_TOP, offset).constrain_to(view);
        let t = theme::tokens(ui.ctx());
        let frame = egui::Frame::NONE.fill(t.panel).stroke(egui::Stroke::new(2.0, t.text)).inner_margin(16);
        let modal = Modal::new(id).area(area).backdrop_color(egui::Color32::TRANSPARENT).frame(frame).show(ui, |ui| {
            ui.set_width(780.0_f32.min(view.width() - 40.0));
            body(ui, open, view.height())
        });
        // A choice is a choice, whatever else the same click was.
        let close = modal.should_close();
        let pick = modal.inner.or(close.then_some(Pick::Cancel));
        if pick.is_some() {
            self.open = None;
        }
        pick
    }
}

/// Files of a folder that would do, sorted, read on a thread.
fn list(dir: PathBuf, ask: Ask) -> Option<Receiver<Vec<PathBuf>>> {
    let (tx, rx) = bounded(1);
    let read = move || {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
            .map(|entries| entries.filter_map(Result::ok).map(|e| e.path()).collect())
            .unwrap_or_default();
        files.retain(|p| ask.takes(p));
        files.sort();
        tx.send(files).ok();
    };
    thread::Builder::new().name("scenario-list".into()).spawn(read).ok().map(|_| rx)
}

fn title(ui: &mut Ui, text: &str) {
    ui.add_space(6.0);
    ui.add(Text::title(text));
}

fn body(ui: &mut Ui, open: &mut Open, high: f32) -> Option<Pick> {
    let saving = !open.ask.opens();
    ui.add(Text::title(open.ask.title()).px(18.0, 18.0));
    if let Some(hint) = &open.hint {
        ui.add(Text::new(hint));
    }
    let mut pick = None;
    // It keeps its size while the folder is read: a button that moves is missed.
    ScrollArea::vertical().max_height((0.97 * high - 250.0).clamp(60.0, 540.0)).auto_shrink(false).show(ui, |ui| {
        if !open.built_in.is_empty() && open.ask.what == What::Scenario {
            title(ui, "Built in");
            for (name, purpose) in &open.built_in {
                if entry(ui, name, purpose) {
                    pick = Some(Pick::BuiltIn(name.clone()));
                }
            }
        }
        let recent = if saving { &[][..] } else { &open.recent };
        for (name, files) in [("Recent".to_owned(), recent), (open.dir.display().to_string(), &open.files)] {
            if files.is_empty() {
                continue;
            }
            title(ui, &name);
            for file in files {
                let stem = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let folder = file.parent().map(|p| p.display().to_string()).unwrap_or_default();
                if entry(ui, &stem, &folder) {
                    if saving {
                        open.path = file.display().to_string();
                    } else {
                        pick = Some(Pick::File(file.clone()));
                    }
                }
            }
        }
        if open.listing.is_some() {
            ui.add(Text::new("reading the folder"));
        }
    });
    title(ui, "Path");
    let (wide, hint) = (ui.available_width(), "file path, or drop a file on the window");
    let entered = TextField::new("File path", &mut open.path).hint(hint).most(4000).show(ui, wide).enter;
    if let Some(error) = &open.error {
        ui.add(Text::new(error).strong());
    }
    ui.add_space(8.0);
    let nothing = open.path.trim().is_empty().then_some("type a path first");
    ui.horizontal(|ui| {
        let label = if saving { "Save" } else { "Open" };
        let go = ui.add(Button::new(label).solid().why_not(nothing).least(96.0, 32.0)).clicked();
        if go || (entered && nothing.is_none()) {
            match check(&open.ask, open.path.trim()) {
                Ok(chosen) => pick = Some(chosen),
                Err(why) => open.error = Some(why),
            }
        }
        let desktop = open.ask.opens() && open.hint.is_none();
        if desktop && ui.add(Button::new("Browse…").least(96.0, 32.0)).clicked() {
            pick = Some(Pick::Browse(open.ask.clone()));
        }
        if ui.add(Button::new("Cancel").least(96.0, 32.0)).clicked() {
            pick = Some(Pick::Cancel);
        }
    });
    pick
}

/// A row: name, then what it is about, in two columns.
fn entry(ui: &mut Ui, name: &str, about: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, name));
    let ink = Ink::new(ui, rect.expand(2.0));
    let t = &ink.t;
    if response.hovered() {
        ink.fill(rect, theme::mix(t.accent, t.inset, 0.16));
    }
    let (y, split) = (rect.center().y, rect.left() + 176.0);
    ink.left_cut(rect.left() + 8.0, y, split - 12.0, name, Face::semibold(14.0, t.text));
    ink.left_cut(split, y, rect.right() - 8.0, about, Face::regular(14.0, t.text2));
    ink.hline(rect.x_range(), rect.bottom(), t.hair);
    if response.has_focus() {
        ink.focus_ring(rect);
    }
    response.on_hover_text(about).clicked()
}

/// A typed path, judged before anything is done with it.
fn check(ask: &Ask, typed: &str) -> Result<Pick, String> {
    let path = expand(typed);
    if ask.opens() {
        return match path.try_exists() {
            Ok(true) if path.is_file() => Ok(Pick::File(path)),
            Ok(true) => Err(format!("not a file: {}", path.display())),
            Ok(false) => Err(format!("no such file: {}", path.display())),
            Err(e) => Err(format!("{e}: {}", path.display())),
        };
    }
    let path = if path.extension().is_none() { path.with_extension(ask.extension()) } else { path };
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() && !dir.is_dir() => Err(format!("no such folder: {}", dir.display())),
        _ => Ok(Pick::SaveAs(ask.clone(), path)),
    }
}

/// `~/x` is x in the home folder.
fn expand(typed: &str) -> PathBuf {
    match typed.strip_prefix("~/").zip(directories::UserDirs::new()) {
        Some((rest, user)) => user.home_dir().join(rest),
        None => Path::new(typed).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::dialogs::Save;

    type Test = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn typed_paths_are_judged_first() -> Test {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("a.ron");
        std::fs::write(&file, "()")?;
        let ask = Ask::open(What::Scenario, None);
        let text = file.display().to_string();
        assert_eq!(check(&ask, &text), Ok(Pick::File(file)));
        assert!(check(&ask, "/no/such.ron").is_err_and(|e| e == "no such file: /no/such.ron"));
        assert!(check(&ask, &dir.path().display().to_string()).is_err_and(|e| e.starts_with("not a file: ")));
        let save = Ask::save(Save::Window, None, "x");
        let out = dir.path().join("out");
        assert_eq!(check(&save, &out.display().to_string()), Ok(Pick::SaveAs(save.clone(), out.with_extension("csv"))));
        assert!(check(&save, "/no/folder/x.csv").is_err_and(|e| e == "no such folder: /no/folder"));
        Ok(())
    }

    #[test]
    fn folder_listing_is_sorted_and_by_extension() -> Test {
        let dir = tempfile::tempdir()?;
        for name in ["b.ron", "a.RON", "c.txt", "d.sqlite"] {
            std::fs::write(dir.path().join(name), "")?;
        }
        let rx = list(dir.path().to_owned(), Ask::open(What::Scenario, None)).ok_or("no thread")?;
        let names: Vec<_> = rx.recv()?.iter().filter_map(|p| p.file_name()?.to_str().map(str::to_owned)).collect();
        assert_eq!(names, ["a.RON", "b.ron", "d.sqlite"]);
        Ok(())
    }
}
