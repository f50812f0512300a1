//! Tables of others: read on a thread, mapped on the page, the map written beside them.

use std::path::PathBuf;

use egui::Context;

use super::ConsoleApp;
use crate::console::views::live::mapping::{MappingState, read};
use crate::console::views::live::{self, LiveState};
use crate::feed::Way;
use crate::feed::mapping::ColumnMap;

impl ConsoleApp {
    pub(super) fn map_columns(&mut self, ctx: &Context, path: PathBuf) {
        if let Some(view) = self.views.of::<LiveState>() {
            view.mapping = Some(MappingState::new(path.clone()));
        }
        self.views.show(live::ID);
        let file = path.clone();
        self.on_thread(
            ctx,
            "ballast-columns",
            move || read(&file),
            move |app, _, table| {
                let mapping = app.views.of::<LiveState>().map(|v| &mut v.mapping);
                // what was opened later has taken its place
                let Some(ours) = mapping.filter(|m| m.as_ref().is_some_and(|m| m.file == path)) else { return };
                match (table, ours.as_mut()) {
                    (Ok(table), Some(ours)) => ours.begin(table),
                    (Err(why), _) => {
                        *ours = None;
                        app.complain(format!("not mapped: {why}"));
                    }
                    (Ok(_), None) => {}
                }
            },
        );
    }

    pub(super) fn save_columns(&mut self, ctx: &Context, replay: bool) {
        let Some(mapping) = self.views.of::<LiveState>().and_then(|v| v.mapping.as_ref()) else { return };
        let Some(draft) = mapping.draft() else { return };
        let (text, file) = (draft.ron(), mapping.file.clone());
        if let Err(why) = draft.map() {
            self.complain(format!("not saved: {why}"));
            return;
        }
        let place = ColumnMap::place(&file);
        self.write_then(
            ctx,
            place,
            move |out| {
                out.write_all(text.as_bytes())?;
                Ok("map of columns".to_owned())
            },
            move |app, _| {
                if replay {
                    app.leave_columns();
                    app.connect(&file, Way::Replay);
                }
            },
        );
    }

    pub(super) fn leave_columns(&mut self) {
        if let Some(view) = self.views.of::<LiveState>() {
            view.mapping = None;
        }
    }
}
