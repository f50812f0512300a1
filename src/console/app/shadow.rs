//! The fit of the shadow: asked for, and written as an engine preset where somebody says.

use std::io;
use std::path::{Path, PathBuf};

use egui::Context;

use super::ConsoleApp;
use crate::console::session::LiveHandle;
use crate::console::views::live::LiveState;
use crate::scenario::EnginePreset;
use crate::shadow::fit::Adopted;

impl ConsoleApp {
    pub(super) fn ask_fit(&mut self) {
        let asked = match &mut self.rows.shadow {
            Some(shadow) => shadow.ask_fit(),
            None => Err("there is no shadow to fit: no source is followed"),
        };
        if let Err(why) = asked {
            self.complain(why);
        }
    }

    /// Where a preset is proposed: beside the scenario if that is a file.
    pub(super) fn preset_folder(&self) -> Option<PathBuf> {
        let beside = self.rows.shadow.as_ref().and_then(|s| s.blueprint().folder());
        beside.or_else(|| self.settings.export_dir.clone())
    }

    pub(super) fn fitted(&self, name: &str) -> Result<Adopted, String> {
        let from = self.rows.sources.session.live().map(LiveHandle::path).unwrap_or_default();
        let shadow = self.rows.shadow.as_ref().ok_or("there is no shadow")?;
        shadow.preset(name, &from.display().to_string())
    }

    /// Writes the fit; a scenario looks for a preset in the file of its name, so the file's name is the preset's.
    pub(super) fn write_fit(&mut self, ctx: &Context, path: PathBuf) {
        let name = path.file_stem().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let made = match self.fitted(&name) {
            Ok(made) => made,
            Err(why) => return self.complain(format!("not saved: {why}")),
        };
        let target = path.clone();
        let write = move |out: &mut dyn io::Write| {
            only_over_presets(&target)?;
            out.write_all(made.text.as_bytes())?;
            Ok(format!("engine preset {}", made.preset.name))
        };
        self.write_then(ctx, path, write, |app, path| {
            if let Some(live) = app.views.of::<LiveState>() {
                live.shadow.saved = Some(path.to_owned());
            }
        });
    }
}

/// A scenario has the same ending; a preset never takes its place.
fn only_over_presets(path: &Path) -> io::Result<()> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(()) };
    match crate::text::parse::<EnginePreset>(&text, "") {
        Ok(_) => Ok(()),
        Err(_) => Err(io::Error::other("the file is there and is no engine preset (expected a new name)")),
    }
}
