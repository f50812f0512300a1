//! Opens the window, or says in one line why it cannot.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::app::{ConsoleApp, Loader, SessionStarter};
use super::pacing::waker;
use super::settings::{RendererChoice, Settings};

/// Smallest window, points.
const SMALLEST: [f32; 2] = [1280.0, 800.0];
/// Window at the first start, points.
const FIRST: [f32; 2] = [1440.0, 900.0];
/// What to do without a display.
const WITHOUT: &str = "`ballast run FILE` works without one";

/// How to open the window.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Renderer; that of the settings if none.
    pub renderer: Option<RendererChoice>,
    /// Size, points.
    pub size: Option<[f32; 2]>,
    /// Open this recording or scenario first.
    pub open: Option<PathBuf>,
    /// Connect to the site of this map.
    pub site: Option<PathBuf>,
    /// Print the milliseconds from this instant to the first frame, and leave.
    pub first_frame: Option<Instant>,
    /// Let the twin run at once.
    pub run: bool,
    /// Close after this time.
    pub exit_after: Option<Duration>,
    /// Write a picture of the window there before it closes.
    pub screenshot: Option<PathBuf>,
}

/// What the console works with.
pub struct Setup {
    /// Settings.
    pub settings: Settings,
    /// Where they are saved; nowhere if none.
    pub settings_path: Option<PathBuf>,
    /// A message for the start, as what was wrong with the settings.
    pub message: Option<String>,
    /// Names and purposes of the scenarios that `loader` knows by name.
    pub built_in: Vec<(String, String)>,
    /// Reads scenarios.
    pub loader: Loader,
    /// Length of a tick of the twin, s.
    pub tick_s: f64,
    /// What the journal of the twin says, if it has one.
    pub journal: Option<crate::journal::Monitor>,
    /// Journals what is followed; none where no journal is kept.
    pub journal_maker: Option<super::app::JournalMaker>,
}

/// Opens the console on the session that `start` gives and stays until the window is closed. `start` is called again
/// when the operator restarts a worker that has died.
///
/// # Errors
/// When there is no display, no renderer or no session, in a sentence for the terminal.
pub fn run(start: SessionStarter, setup: Setup, options: Options) -> Result<(), String> {
    display()?;
    let size = options.size.unwrap_or(FIRST);
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/desktop/ballast-128.png"));
    let viewport = egui::ViewportBuilder::default()
        .with_title("ballast")
        .with_app_id("ballast")
        .with_inner_size(size)
        .with_min_inner_size(SMALLEST)
        .with_drag_and_drop(true)
        .with_icon(icon.unwrap_or_default());
    let renderer = match options.renderer.unwrap_or(setup.settings.renderer) {
        RendererChoice::Wgpu => eframe::Renderer::Wgpu,
        RendererChoice::Glow => eframe::Renderer::Glow,
    };
    let native = eframe::NativeOptions {
        viewport,
        renderer,
        system_font_fallback: false,
        // every fill is flat: there is no gradient to smooth, and without a graphics card it costs
        dithering: false,
        ..Default::default()
    };
    let result = eframe::run_native(
        "ballast",
        native,
        Box::new(move |cc| {
            let session = start(waker(&cc.egui_ctx))?;
            let app = ConsoleApp::new(&cc.egui_ctx, session, setup.settings, setup.built_in, setup.loader)
                .with_settings_file(setup.settings_path)
                .with_message(setup.message)
                .with_tick_s(setup.tick_s)
                .with_journal(setup.journal)
                .with_journal_maker(setup.journal_maker)
                .with_restart(start)
                .with_run_at_once(options.run)
                .with_first_file(options.open)
                .with_site(options.site)
                .with_first_frame(options.first_frame)
                .with_exit(options.exit_after, options.screenshot);
            Ok(Box::new(app))
        }),
    );
    result.map_err(|e| explain(&e))
}

/// The one line for an error of the window library.
fn explain(e: &eframe::Error) -> String {
    match e {
        eframe::Error::AppCreation(why) => format!("the console cannot start: {why}"),
        other => format!("no window: {other}; try the other --renderer, or {WITHOUT}"),
    }
}

/// On Linux: is there anything to open a window on.
fn display() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    let wayland = set("WAYLAND_DISPLAY").map(|name| Path::new(&set("XDG_RUNTIME_DIR").unwrap_or_default()).join(name));
    missing(set("DISPLAY").is_some(), wayland.as_deref(), set("WAYLAND_SOCKET").is_some())
}

/// `wayland` is where the compositor should listen; a socket that was handed over needs no such place.
fn missing(x11: bool, wayland: Option<&Path>, handed_over: bool) -> Result<(), String> {
    match wayland {
        Some(at) if !handed_over && !at.exists() => {
            let instead = if x11 { "unset WAYLAND_DISPLAY to use DISPLAY instead, or " } else { "" };
            Err(format!("no Wayland compositor listens at {}; {instead}{WITHOUT}", at.display()))
        }
        None if !x11 && !handed_over => {
            Err(format!("no display: neither DISPLAY nor WAYLAND_DISPLAY is set; {WITHOUT}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_display_one_line_says_so() {
        let e = missing(false, None, false).err().unwrap_or_default();
        assert!(e.contains("DISPLAY") && e.contains("ballast run FILE") && !e.contains('\n'), "{e}");
        assert!(missing(true, None, false).is_ok() && missing(false, None, true).is_ok());
    }

    #[test]
    fn regress_a_compositor_that_is_not_there_is_named_with_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("wayland-0");
        let e = missing(true, Some(&at), false).err().unwrap_or_default();
        assert!(e.contains("wayland-0; unset WAYLAND_DISPLAY") && !e.contains('\n'), "{e}");
        assert!(!missing(false, Some(&at), false).err().unwrap_or_default().contains("unset"), "there is nothing else");
        std::fs::write(&at, "").unwrap();
        assert!(missing(false, Some(&at), false).is_ok());
    }
}
