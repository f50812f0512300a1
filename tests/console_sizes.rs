//! Every view at every size and scale: it lives, nothing that can be pressed lies partly over something else, and no
//! button or number is cut.
#![cfg(feature = "console")]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ballast::console::action::{Action, FileAct, ScreenAct, ViewId};
use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::session::Session;
use ballast::console::settings::Settings;
use ballast::console::view::VIEWS;
use ballast::console::widgets::text::{cuts, watch_cuts};
use ballast::scenario::builtin_scenario;
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Command, TwinHandle, Update, Wake};
use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{Context, Key, Order, Rect, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

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

/// The parts of a view, by the names of what shows them.
fn parts(view: ViewId) -> &'static [&'static str] {
    match view.0 {
        "operate" => &["Page Plan", "Page Devices", "Page Run"],
        "compare" => &["Panel: Figures", "Panel: Configuration", "Panel: Miner lag"],
        "tune" => &["Tune path: B  Shed", "Tune path: A  Ramp"],
        "alarms" => &["Part: Alarms", "Part: Sequence of events"],
        "plan" => &["Panel: Plan", "Panel: Matrix", "Panel: Renewables", "Panel: Years", "Panel: Machines"],
        "live" => &["Live: Links", "Live: Tags", "Live: Shadow", "Live: Source"],
        _ => &[],
    }
}

/// The worker's ends of the channels: open as long as the console lives.
type Ends = (Receiver<(u64, Command)>, Sender<Update>);

/// A console on a desk with alarms and a score, whose operator has a long name.
fn console() -> (App, Ends) {
    let scenario = Arc::new(builtin_scenario("naive-slam").unwrap().unwrap());
    let mut desk = Desk::new(scenario, DeskConfig::default());
    while desk.engine().t_s() < 30.0 {
        desk.tick();
    }
    let (command_in, commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    updates.send(alarm_screen::update(&mut desk)).unwrap();
    let twin = TwinHandle::from_channels(command_in, update_out);
    (app(|_| Session::Twin(twin)), (commands, updates))
}

fn app(session: impl FnOnce(Wake) -> Session) -> App {
    let settings =
        Settings { operator: "Dr Maximiliane von der Wiesenstein-Ruhrberg".to_owned(), ..Settings::default() };
    let session = session(Arc::new(|| ()));
    let mut h =
        Harness::builder().with_size([1440.0, 900.0]).with_max_steps(8).with_theme(egui::Theme::Light).build_eframe(
            move |cc| {
                let load: ballast::console::app::Loader = Arc::new(|pick: Pick<'_>| match pick {
                    Pick::BuiltIn(name) => builtin_scenario(name).unwrap().map_err(|e| e.to_string()),
                    Pick::File(path) => Err(format!("no file: {}", path.display())),
                });
                ConsoleApp::new(&cc.egui_ctx, session, settings, Vec::new(), load)
            },
        );
    h.run_steps(3);
    h
}

/// Goes on until something is there; what makes it is on other threads.
fn until(h: &mut App, what: &str, done: impl Fn(&App) -> bool) {
    for _ in 0..1200 {
        h.run_steps(2);
        if done(h) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    unreachable!("{what} did not come within a minute");
}

/// What can be pressed or dragged, as far as it is in view, in the window or over it.
fn interactive(ctx: &Context, order: Order) -> Vec<Rect> {
    ctx.viewport(|v| {
        let widgets = &v.prev_pass.widgets;
        let all = widgets.layers().filter(|(layer, _)| layer.order == order).flat_map(|(_, all)| all.iter());
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

/// Every view, with every part of it, at every size and scale; adds what is wrong, and the parts that were reached.
fn survey(h: &mut App, faults: &mut BTreeSet<String>, reached: &mut BTreeSet<&'static str>) {
    watch_cuts(&h.ctx);
    for scale in [1.0, 1.25, 1.5, 2.0] {
        h.set_pixels_per_point(scale);
        for size in SIZES {
            h.set_size(Vec2::from(size));
            for view in VIEWS {
                let ctx = h.ctx.clone();
                h.state_mut().act(&ctx, Action::Screen(ScreenAct::Show(view.id)));
                h.run_steps(2);
                let place = format!("{} at {size:?}, scale {scale}", view.title);
                note(h, &place, Order::Background, faults);
                for part in parts(view.id) {
                    let Some(node) = h.query_by_label(part) else { continue };
                    node.click_accesskit();
                    h.run_steps(3);
                    reached.insert(part);
                    note(h, &format!("{part}, {place}"), Order::Background, faults);
                }
            }
        }
    }
}

fn note(h: &App, place: &str, order: Order, faults: &mut BTreeSet<String>) {
    let pairs = overlaps(&interactive(&h.ctx, order));
    faults.extend(pairs.into_iter().take(3).map(|[a, b]| format!("{place}: {a:?} over {b:?}")));
    faults.extend(cuts(&h.ctx).into_iter().map(|words| format!("cut: {words:?}, {place}")));
    watch_cuts(&h.ctx);
}

fn sound(faults: &BTreeSet<String>) {
    let first: Vec<&str> = faults.iter().take(40).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), first.join("\n"));
}

#[test]
fn every_view_lives_at_every_size_and_nothing_overlaps_or_is_cut() {
    let (mut h, _ends) = console();
    h.key_press(Key::F2);
    until(&mut h, "the comparison", |h| h.query_by_label("Panel: Figures").is_some());
    let (mut faults, mut reached) = (BTreeSet::new(), BTreeSet::new());
    survey(&mut h, &mut faults, &mut reached);
    sound(&faults);
    let all: BTreeSet<&str> = VIEWS.iter().flat_map(|view| parts(view.id)).copied().collect();
    // the parts of a live site need a source that answers: tests/console_site.rs and tests/console_shadow.rs look at them
    let missed: BTreeSet<&str> = all.difference(&reached).copied().collect();
    assert!(
        missed.iter().all(|part| parts(ballast::console::views::live::ID).contains(part)),
        "not looked at: {missed:?}"
    );
}

#[test]
fn what_lies_over_the_view_lives_at_every_size_too() {
    let (mut h, _ends) = console();
    let mut faults = BTreeSet::new();
    let over: [Action; 3] =
        [Action::Screen(ScreenAct::TogglePalette), Action::Screen(ScreenAct::ToggleHelp), Action::File(FileAct::Open)];
    watch_cuts(&h.ctx);
    for (size, action) in SIZES.into_iter().flat_map(|size| over.iter().map(move |action| (size, action))) {
        h.set_size(Vec2::from(size));
        let ctx = h.ctx.clone();
        h.state_mut().act(&ctx, action.clone());
        h.run_steps(4);
        note(&h, &format!("{action:?} at {size:?}"), Order::Foreground, &mut faults);
        // Escape closes what is open; the palette and the list hear it, the help by its act
        h.key_press(Key::Escape);
        h.run_steps(3);
    }
    sound(&faults);
}
