//! The fit of the shadow: asked for, and written as an engine preset where somebody says.

use std::io;
use std::path::{Path, PathBuf};

use egui::Context;

use super::ConsoleApp;
use crate::console::dialogs::Ask;
use crate::console::export::Outcome;
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

    /// Asks for a file, beside the scenario if that is one; says first what would not do.
    pub(super) fn ask_preset(&mut self, ctx: &Context, name: &str) {
        if let Err(why) = self.fitted(name) {
            self.complain(format!("not saved: {why}"));
            return;
        }
        let beside = self.rows.shadow.as_ref().and_then(|s| s.blueprint().folder());
        let dir = beside.or_else(|| self.settings.export_dir.clone());
        self.ask(ctx, Ask::SavePreset { dir, name: format!("{name}.ron") });
    }

    fn fitted(&self, name: &str) -> Result<Adopted, String> {
        let from = self.rows.sources.session.live().map(LiveHandle::path).unwrap_or_default();
        let shadow = self.rows.shadow.as_ref().ok_or("there is no shadow")?;
        shadow.preset(name, &from.display().to_string())
    }

    /// Writes the fit; a scenario looks for a preset in the file of its name, so the file's name is the preset's.
    pub(super) fn write_fit(&mut self, ctx: &Context, path: PathBuf) {
        let name = path.file_stem().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        match self.fitted(&name) {
            Err(why) => self.complain(format!("not saved: {why}")),
            Ok(made) => {
                if let Some(live) = self.views.of::<LiveState>() {
                    live.shadow.saving = Some(path.clone());
                }
                let (target, again) = (path.clone(), ctx.clone());
                self.files.exports.file(
                    path,
                    move || again.request_repaint(),
                    move |out| {
                        only_over_presets(&target)?;
                        out.write_all(made.text.as_bytes())?;
                        Ok(format!("engine preset {}", made.preset.name))
                    },
                );
            }
        }
    }

    /// Notes that a fit has been written; false for every other file.
    pub(super) fn fit_was_saved(&mut self, outcome: &Outcome) -> bool {
        let Some(live) = self.views.of::<LiveState>() else { return false };
        let state = &mut live.shadow;
        let ours = state.saving.as_ref() == Some(&outcome.path);
        if ours {
            state.saving = None;
            state.saved = outcome.result.is_ok().then(|| outcome.path.clone());
        }
        ours
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
