//! What the command line asked for: what to do first, and when to leave.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::Context;

use super::ConsoleApp;
use crate::console::action::Action;

/// Asked for at the start.
#[derive(Default)]
pub(super) struct Start {
    /// Let the twin run as soon as it is there.
    pub(super) run_at_once: bool,
    /// To be done with the first row.
    pub(super) first: Vec<Action>,
    /// Print the milliseconds from here to the first frame with rows, and leave.
    pub(super) first_frame: Option<Instant>,
    /// Leave then.
    pub(super) exit_at: Option<Instant>,
    /// Write a picture there before.
    pub(super) screenshot: Option<PathBuf>,
}

impl ConsoleApp {
    /// Closes the window when it is time, and everything has been written.
    pub(super) fn leave_when_due(&mut self, ctx: &Context) {
        let Some(at) = self.start.exit_at else { return };
        let wait = at.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            ctx.request_repaint_after(wait);
            return;
        }
        match self.start.screenshot.take() {
            Some(path) => self.picture(ctx, path),
            // a dialog that is open is waited for by nobody
            None if self.threads.waiting() == usize::from(self.files.asking) => {
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
            None => {}
        }
        ctx.request_repaint_after(Duration::from_millis(50));
    }
}
