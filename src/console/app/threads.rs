//! What is done on threads for the window, which never waits: each frame it looks who has answered.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use egui::{ColorImage, Context};

use super::ConsoleApp;
use crate::store::whole::atomically;

/// Takes an answer in if there is one; whether it was waited for in vain.
type Look = Box<dyn FnMut(&mut ConsoleApp, &Context) -> bool>;

/// Answers that are waited for.
#[derive(Default)]
pub(super) struct Threads {
    waiting: Vec<Look>,
}

impl Threads {
    /// How many are waited for.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

/// Asks for a frame when it goes: also after a thread that has died.
struct Wake(Context);

impl Drop for Wake {
    fn drop(&mut self) {
        self.0.request_repaint();
    }
}

impl ConsoleApp {
    /// Does `job` on a thread of this name, and `then` with what came of it in the window.
    pub(super) fn on_thread<T: Send + 'static>(
        &mut self,
        ctx: &Context,
        name: &str,
        job: impl FnOnce() -> Result<T, String> + Send + 'static,
        then: impl FnOnce(&mut Self, &Context, Result<T, String>) + 'static,
    ) {
        let (tx, rx) = bounded(1);
        let wake = Wake(ctx.clone());
        let started = thread::Builder::new().name(name.to_owned()).spawn(move || {
            // declared first, so dropped last: the answer is there when the window looks
            let _wake = wake;
            let tx = tx;
            tx.send(job()).ok();
        });
        match started {
            Ok(_) => self.when_answered(rx, then),
            Err(e) => then(self, ctx, Err(format!("cannot start a thread: {e}"))),
        }
    }

    /// Does `then` when there is an answer, or when there will be none.
    fn when_answered<T: 'static>(
        &mut self,
        answer: Receiver<Result<T, String>>,
        then: impl FnOnce(&mut Self, &Context, Result<T, String>) + 'static,
    ) {
        let mut then = Some(then);
        self.threads.waiting.push(Box::new(move |app, ctx| {
            let answer = match answer.try_recv() {
                Ok(answer) => answer,
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => Err("its thread has stopped".to_owned()),
            };
            if let Some(then) = then.take() {
                then(app, ctx, answer);
            }
            false
        }));
    }

    /// Takes in what threads have found; once a frame.
    pub(super) fn hear_threads(&mut self, ctx: &Context) {
        let mut waiting = std::mem::take(&mut self.threads.waiting);
        waiting.retain_mut(|look| look(self, ctx));
        // what was asked for meanwhile stands behind them
        self.threads.waiting.splice(0..0, waiting);
    }

    /// Takes a picture of the next frame.
    pub(super) fn picture(&mut self, ctx: &Context, path: PathBuf) {
        let (tx, rx) = bounded(1);
        let wake = Wake(ctx.clone());
        ctx.request_screenshot(move |image: Arc<ColorImage>| {
            let _wake = wake;
            tx.try_send(Ok(image)).ok();
        });
        self.when_answered(rx, move |app, ctx, image| match image {
            Ok(image) => app.write_picture(ctx, image, path),
            Err(why) => app.complain(format!("no picture: {why}")),
        });
    }

    /// Writes a file on a thread and tells of it: `write` gets the file and says what it wrote.
    pub(super) fn write(
        &mut self,
        ctx: &Context,
        path: PathBuf,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<String> + Send + 'static,
    ) {
        self.write_then(ctx, path, write, |app, path| {
            // a run that was saved is what is compared or replayed next
            if path.extension().is_some_and(|e| e == "ron") {
                app.remember(path);
            }
        });
    }

    /// The same; when it is written does `then`.
    pub(super) fn write_then(
        &mut self,
        ctx: &Context,
        path: PathBuf,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<String> + Send + 'static,
        then: impl FnOnce(&mut Self, &Path) + 'static,
    ) {
        self.settings.export_dir = path.parent().filter(|p| !p.as_os_str().is_empty()).map(Path::to_owned);
        let target = path.clone();
        let job = move || {
            let mut said = String::new();
            atomically(&target, |file| write(file).map(|what| said = what)).map_err(|e| e.to_string())?;
            Ok(said)
        };
        self.on_thread(ctx, "export", job, move |app, _, written| match written {
            Ok(what) => {
                app.over.toasts.cured("not written");
                app.say(format!("{what}: {}", path.display()));
                then(app, &path);
            }
            Err(why) => app.complain(format!("not written: {why}: {}", path.display())),
        });
    }
}
