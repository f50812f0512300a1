//! Every view at every size and scale: it lives, nothing that can be pressed lies partly over something else, and no
//! button or number is cut.
#![cfg(feature = "console")]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::session::Session;
use ballast::console::settings::Settings;
use ballast::console::widgets::text::{cuts, watch_cuts};
use ballast::scenario::builtin_scenario;
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Command, TwinHandle, Update};
use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{Context, Key, Rect, Vec2};
use egui_kittest::Harness;

#[path = "common/alarm_screen.rs"]
mod alarm_screen;

type App = Harness<'static, ConsoleApp>;

/// From a window that shows next to nothing to a large screen. The heights about 400 are those of a window that shares
/// a laptop's screen with another.
const SIZES: [[f32; 2]; 11] = [
    [200.0, 150.0],
    [1366.0, 384.0],
    [1366.0, 420.0],
    [1366.0, 455.0],
    [640.0, 480.0],
    [1024.0, 600.0],
    [1280.0, 799.0],
    [1280.0, 800.0],
    [1440.0, 900.0],
    [1920.0, 1080.0],
    [2560.0, 1440.0],
];

const VIEWS: [Key; 7] = [Key::F1, Key::F2, Key::F3, Key::F4, Key::F5, Key::F6, Key::F7];

/// The worker's ends of the channels: open as long as the console lives.
type Ends = (Receiver<(u64, Command)>, Sender<Update>);

/// A console on a desk with alarms and a score, whose operator has a long name.
fn console(scale: f32) -> (App, Ends) {
    let scenario = Arc::new(builtin_scenario("naive-slam").unwrap().unwrap());
    let mut desk = Desk::new(scenario, DeskConfig::default());
    while desk.engine().t_s() < 30.0 {
        desk.tick();
    }
    let (command_in, commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    updates.send(alarm_screen::update(&mut desk)).unwrap();
    let twin = TwinHandle::from_channels(command_in, update_out);
    let settings =
        Settings { operator: "Dr Maximiliane von der Wiesenstein-Ruhrberg".to_owned(), ..Settings::default() };
    let mut h = Harness::builder()
        .with_size([1440.0, 900.0])
        .with_pixels_per_point(scale)
        .with_max_steps(8)
        .with_theme(egui::Theme::Light)
        .build_eframe(move |cc| {
            let load: ballast::console::app::Loader = Arc::new(|pick: Pick<'_>| match pick {
                Pick::BuiltIn(name) => builtin_scenario(name).unwrap().map_err(|e| e.to_string()),
                Pick::File(path) => Err(format!("no file: {}", path.display())),
            });
            ConsoleApp::new(&cc.egui_ctx, Session::Twin(twin), settings, Vec::new(), load)
        });
    h.run_steps(3);
    (h, (commands, updates))
}

/// What can be pressed or dragged, as far as it is in view.
fn interactive(ctx: &Context) -> Vec<Rect> {
    ctx.viewport(|v| {
        let widgets = &v.prev_pass.widgets;
        let background = widgets.layers().filter(|(layer, _)| layer.order == egui::Order::Background);
        let all = background.flat_map(|(_, all)| all.iter());
        all.filter(|w| w.enabled && w.visible && w.sense.interactive()).map(|w| w.interact_rect).collect()
    })
}

/// Pairs that lie partly over each other. What lies wholly within another is meant: a button in a row, a choice on a
/// strip. Narrow ones are the edges of columns.
fn overlaps(all: &[Rect]) -> Vec<[Rect; 2]> {
    let seen: Vec<&Rect> = all.iter().filter(|r| r.width() > 13.0 && r.height() > 2.0).collect();
    let mut out = Vec::new();
    for (i, a) in seen.iter().enumerate() {
        for b in seen.iter().skip(i + 1) {
            let both = a.intersect(**b);
            let within = a.expand(1.5).contains_rect(**b) || b.expand(1.5).contains_rect(**a);
            if both.width() > 1.5 && both.height() > 1.5 && !within {
                out.push([**a, **b]);
            }
        }
    }
    out
}

#[test]
fn every_view_lives_at_every_size_and_nothing_overlaps_or_is_cut() {
    let mut faults = Vec::new();
    for scale in [1.0, 1.25, 1.5, 2.0] {
        let (mut h, _ends) = console(scale);
        watch_cuts(&h.ctx);
        for size in SIZES {
            h.set_size(Vec2::from(size));
            for (n, key) in VIEWS.into_iter().enumerate() {
                h.key_press(key);
                h.run_steps(3);
                for [a, b] in overlaps(&interactive(&h.ctx)).into_iter().take(3) {
                    faults.push(format!("F{} at {size:?}, scale {scale}: {a:?} over {b:?}", n + 1));
                }
            }
        }
        let mut cut = cuts(&h.ctx);
        cut.sort();
        cut.dedup();
        faults.extend(cut.into_iter().map(|words| format!("cut at scale {scale}: {words:?}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
