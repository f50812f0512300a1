//! The console on a site: a meter of this very process that answers, falls silent and comes back; the test reads the
//! screen by its accessible names.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/patience.rs"]
mod patience;
#[path = "common/site_meter.rs"]
mod site_meter;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ballast::acts::Quality;
use ballast::console::action::{Action, RunAct, SourceAct};
use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::model::Mode;
use ballast::console::session::{LiveHandle, Session};
use ballast::console::settings::Settings;
use ballast::console::views;
use ballast::console::views::live::words;
use ballast::feed::empty_update;
use ballast::plant::signals::{SignalTable, at, site};
use ballast::scenario::Scenario;
use ballast::worker::{Command, TwinHandle, Update};
use crossbeam_channel::{Receiver, bounded};
use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use patience::until;
use site_meter::Meter;

type App = Harness<'static, ConsoleApp>;

fn harness(session: Session) -> App {
    let loader: ballast::console::app::Loader = Arc::new(|pick| match pick {
        Pick::BuiltIn(name) => Err(format!("no scenario {name}")),
        Pick::File(path) => Scenario::load(path).map_err(|e| e.to_string()),
    });
    Harness::builder()
        .with_size([1440.0, 900.0])
        .with_pixels_per_point(1.0)
        .with_max_steps(8)
        .with_theme(egui::Theme::Light)
        .build_eframe(move |cc| ConsoleApp::new(&cc.egui_ctx, session, Settings::default(), Vec::new(), loader))
}

fn says(h: &App, words: &str) -> bool {
    let node = |n: &egui_kittest::kittest::AccessKitNode<'_>| {
        n.label().is_some_and(|l| l.contains(words)) || n.description().is_some_and(|d| d.contains(words))
    };
    h.query_all_by(node).next().is_some()
}

fn click(h: &mut App, label: &str) {
    h.query_all_by(|n| n.label().is_some_and(|l| l == label)).next().expect(label).click();
    h.run_steps(2);
}

fn act(h: &mut App, action: Action) {
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, action);
    h.run_steps(1);
}

fn quality(h: &App) -> Option<Quality> {
    h.state().model()?.quality(at(site::F_HZ))
}

#[test]
fn a_value_is_shown_with_its_quality_goes_stale_and_heals() {
    let meter = Meter::new();
    let wake: ballast::worker::Wake = Arc::new(|| ());
    let mut h = harness(Session::Live(LiveHandle::connect(&meter.map, None, wake)));
    until(&mut h, "good", |h| quality(h) == Some(Quality::Good));
    assert!(says(&h, "Mode LIVE  READ-ONLY") && says(&h, "1 / 1 links") && says(&h, "Frequency 60.0"));

    h.key_press(Key::F6);
    h.run_steps(3);
    assert!(says(&h, "Link meter: up"));
    assert!(says(&h, "all of them reads. No request that writes exists in this build"));
    click(&mut h, "Live: Tags");
    assert!(says(&h, "Tag f 60.") && says(&h, "Tag swapped") && says(&h, "outside its range"));
    click(&mut h, "Tags: Not good");
    assert!(!says(&h, "Tag f 60.") && says(&h, "Tag swapped"));
    let view = h.state().model().unwrap().site_view.clone().unwrap();
    let text = words::diagnostics(&view);
    assert!(text.contains(&view.map.sha256) && text.contains("FC 3 ×") && text.contains("swapped"), "{text}");

    meter.silent.store(true, Ordering::SeqCst);
    until(&mut h, "no connection", |h| says(h, "Tag f 60.") && says(h, "no connection") && says(h, "0 / 1 links"));
    let model = h.state().model().unwrap();
    let (held, age_s) = model.held(at(site::F_HZ)).expect("the last good value, for the eye");
    assert!(held > 59.9 && age_s > 0.0 && model.site(site::F_HZ).is_nan(), "and NaN for everything else");
    assert!(says(&h, "stale for"), "the gauge says so");
    until(&mut h, "the alarm of silence", |h| says(h, "UNACK") && says(h, "Values are old"));

    meter.silent.store(false, Ordering::SeqCst);
    until(&mut h, "healed", |h| quality(h) == Some(Quality::Good) && says(h, "1 / 1 links"));
    let spans = h.state().model().unwrap().doubts.spans(at(site::F_HZ), 0.0, 1e6).count();
    assert!(spans >= 1, "the silence stays visible");
}

#[test]
fn an_alarm_is_acknowledged_on_this_console_only() {
    let meter = Meter::new();
    let wake: ballast::worker::Wake = Arc::new(|| ());
    let mut h = harness(Session::Live(LiveHandle::connect(&meter.map, None, wake)));
    until(&mut h, "good", |h| quality(h) == Some(Quality::Good));
    meter.low_hz.store(true, Ordering::SeqCst);
    until(&mut h, "F-LO", |h| says(h, "UNACK") && says(h, "F-LO"));
    h.key_press(Key::F10);
    let state = |h: &App, tag: &str| {
        let list = h.state().model()?.desk.as_ref()?.alarms.clone()?;
        list.entries.iter().find(|e| e.tag == tag).map(|e| (e.state, e.evaluable))
    };
    until(&mut h, "acknowledged", |h| state(h, "F-LO").is_some_and(|(s, _)| s == ballast::alarm::State::Ack));
    for tag in ["52G-TRIP", "GPU-DEV", "BAL"] {
        assert!(state(&h, tag).is_some_and(|(_, evaluable)| !evaluable), "{tag} is not measured");
    }
}

/// A twin that is played by the test: its commands, and one row to begin with.
fn twin() -> (TwinHandle, Receiver<(u64, Command)>, crossbeam_channel::Sender<Update>) {
    let (command_in, commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    let table = Arc::new(SignalTable::new(&["Bus".to_owned()], &["G1".to_owned()], &[]));
    let source = ballast::scenario::default_scenario().unwrap().text;
    let plate = ballast::acts::Plate { scenario: "twin".to_owned(), f0_hz: 60.0, source, ..Default::default() };
    let mut first = empty_update(0, table, Arc::new(plate));
    first.t_s = 123.0;
    updates.send(first).unwrap();
    (TwinHandle::from_channels(command_in, update_out), commands, updates)
}

#[test]
fn twin_and_site_never_mix_and_nothing_is_sent_but_the_freeze() {
    let meter = Meter::new();
    let (twin, commands, _updates) = twin();
    let mut h = harness(Session::Twin(twin));
    until(&mut h, "the twin's row", |h| h.state().model().is_some());
    act(&mut h, Action::Source(SourceAct::Connect(meter.map.clone())));
    assert_eq!(h.state().view(), views::live::ID);
    until(&mut h, "the site", |h| quality(h) == Some(Quality::Good));
    let model = h.state().model().unwrap();
    assert_eq!((model.mode, model.plate.scenario.as_str()), (Mode::Live, "Test site"));
    assert!(model.t_s < 100.0 && !model.commands(), "the time of the source, and no way to act");
    for refused in
        [Action::Operate(ballast::acts::Operate::Hold), Action::Run(RunAct::Restart), Action::Run(RunAct::Run)]
    {
        act(&mut h, refused);
    }
    let sent: Vec<Command> = commands.try_iter().map(|(_, c)| c).collect();
    assert!(matches!(sent[..], [Command::Pause]), "{sent:?}");
    assert!(!says(&h, "HOLD") || !says(&h, "Start bring-up"), "no widget of control");

    act(&mut h, Action::Source(SourceAct::BackToTwin));
    let model = h.state().model().unwrap();
    assert_eq!((model.mode, model.t_s, model.plate.scenario.as_str()), (Mode::Twin, 123.0, "twin"));
    assert!(model.site_view.is_none() && model.quality.is_empty(), "nothing of the site is left");
}

#[test]
fn a_site_of_two_values_is_shadowed_and_a_silent_meter_freezes_the_shadow() {
    let meter = Meter::new();
    let (twin, _commands, _updates) = twin();
    let mut h = harness(Session::Twin(twin));
    until(&mut h, "the twin's row", |h| h.state().model().is_some());
    act(&mut h, Action::Source(SourceAct::Connect(meter.map.clone())));
    until(&mut h, "the site", |h| quality(h) == Some(Quality::Good));
    click(&mut h, "Live: Shadow");
    until(&mut h, "an operating point", |h| says(h, "Shadow: Settling"));
    assert!(says(&h, "driven by the genset meters"), "for lack of others");
    meter.silent.store(true, Ordering::Relaxed);
    until(&mut h, "the reason", |h| says(h, "Shadow: Frozen, frequency: Stale: no new value in time"));
}
