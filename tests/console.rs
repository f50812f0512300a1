//! The whole console without a window: the test plays the worker, or runs the engine itself, and reads the screen by
//! its accessible names.
//!
//! `cargo test --test console -- --ignored` saves pictures under `target/pictures/`.
#![cfg(feature = "console")]

#[path = "common/patience.rs"]
mod patience;
#[path = "common/played_twin.rs"]
mod played_twin;

use std::sync::Arc;

use ballast::acts::{Event as Happened, EventKind, Operate};
use ballast::console::action::{Action, FileAct, ScreenAct, SourceAct};
use ballast::console::model::Mode;
use ballast::console::session::{LiveHandle, Session};
use ballast::console::shell::Layout;
use ballast::console::views;
use ballast::engine::forecast;
use ballast::engine::run::Engine;
use ballast::feed::{Way, empty_update};
use ballast::worker::Command;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable as _;

use patience::until;
use played_twin::{App, SMALL, Test, console, harness, has, key, scenario};

#[test]
fn waits_for_the_first_row_in_words() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    h.run_steps(2);
    assert!(has(&h, "waiting for the twin"));
    w.publish();
    h.run_steps(2);
    assert!(!has(&h, "waiting for the twin") && has(&h, "Mode TWIN"));
    Ok(())
}

#[test]
fn f8_holds_in_every_view() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.publish();
    h.run_steps(2);
    for (k, view) in [(Key::F3, views::tune::ID), (Key::F6, views::live::ID), (Key::F1, views::operate::ID)] {
        key(&mut h, k, Modifiers::NONE);
        assert_eq!(h.state().view(), view);
        key(&mut h, Key::F8, Modifiers::NONE);
        assert_eq!(w.operated(), [Operate::Hold], "{view:?}");
    }
    Ok(())
}

#[test]
fn resume_shows_the_forecast_and_enter_confirms() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.run(12.0);
    w.engine.operate(Operate::Hold);
    w.run(1.0);
    let mut u = w.update();
    u.forecast = Some(Arc::new(forecast::job(&w.engine)()));
    w.updates.send(u)?;
    h.run_steps(2);
    key(&mut h, Key::F9, Modifiers::NONE);
    h.step();
    assert!(has(&h, "min f") && has(&h, "max genset"), "the forecast is shown first");
    assert_eq!(w.operated(), [], "nothing is sent before it is confirmed");
    key(&mut h, Key::Escape, Modifiers::NONE);
    key(&mut h, Key::Enter, Modifiers::NONE);
    assert_eq!(w.operated(), [], "Escape stays");
    key(&mut h, Key::F9, Modifiers::NONE);
    h.step();
    key(&mut h, Key::Enter, Modifiers::NONE);
    assert_eq!(w.operated(), [Operate::Resume]);
    Ok(())
}

#[test]
fn regress_the_resume_button_opens_the_question_of_f9() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.run(12.0);
    w.publish();
    h.run_steps(2);
    key(&mut h, Key::F9, Modifiers::NONE);
    h.run_steps(2);
    assert!(!has(&h, "Confirm resume") && has(&h, "resume is not possible while the schedule is running"));
    w.engine.operate(Operate::Hold);
    w.run(1.0);
    let mut u = w.update();
    u.forecast = Some(Arc::new(forecast::job(&w.engine)()));
    w.updates.send(u)?;
    h.run_steps(2);
    h.get_by_label("Resume").click();
    h.run_steps(4);
    assert!(has(&h, "min f") && has(&h, "max genset"), "the outlook is shown");
    assert_eq!(w.operated(), [], "and nothing is sent");
    h.get_by_label("Confirm resume").click();
    h.run_steps(2);
    assert_eq!(w.operated(), [Operate::Resume]);
    Ok(())
}

#[test]
fn regress_headroom_shows_the_reserve_of_the_policy() -> Test {
    for (min, alarm) in [(0.0, false), (30.0, true)] {
        let mut s = scenario("path-a")?;
        s.policy.min_headroom_kw = min;
        let mut model = ballast::console::model::Model::new(Mode::Twin, {
            let mut engine = Engine::new(Arc::new(s));
            (0..12_000).for_each(|_| engine.tick());
            let mut u = empty_update(0, Arc::clone(engine.table()), Arc::clone(engine.plate()));
            engine.latest(&mut u.latest);
            u.status = engine.status();
            u
        });
        model.status.state = ballast::control::RunState::Running;
        model.latest[ballast::plant::signals::site::HEADROOM_KW as usize] = 20.0;
        let gauge = views::kpi::gauges(&model)[2].clone();
        assert_eq!((gauge.limit, gauge.alarm.is_some()), (format!("min {min:.0}"), alarm));
    }
    Ok(())
}

#[test]
fn abort_wants_shift_f8_for_a_second() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.publish();
    h.run_steps(2);
    let press = |h: &mut App, down: bool| {
        h.event(Event::ModifiersChanged(if down { Modifiers::SHIFT } else { Modifiers::NONE }));
        h.event(Event::Key {
            key: Key::F8,
            physical_key: None,
            pressed: down,
            repeat: false,
            modifiers: if down { Modifiers::SHIFT } else { Modifiers::NONE },
        });
        h.step();
    };
    press(&mut h, true);
    h.step();
    assert!(has(&h, "ABORT: hold"));
    press(&mut h, false);
    h.run_steps(8);
    assert_eq!(w.operated(), [], "let go too soon");
    press(&mut h, true);
    h.run_steps(8);
    assert_eq!(w.operated(), [Operate::Abort], "once");
    Ok(())
}

#[test]
fn run_step_and_speed_reach_the_twin() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.publish();
    h.run_steps(2);
    key(&mut h, Key::R, Modifiers::COMMAND);
    assert!(matches!(w.sent()[..], [Command::Run]));
    h.get_by_label("Step by 1 s").click();
    h.step();
    h.get_by_label("Faster").click();
    h.step();
    h.step();
    let sent = w.sent();
    assert!(sent.iter().any(|c| matches!(c, Command::Step(1000))), "{sent:?}");
    assert!(sent.iter().any(|c| matches!(c, Command::Speed(_))), "{sent:?}");
    Ok(())
}

#[test]
fn a_new_epoch_clears_history_and_cursors() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.run(2.0);
    w.publish();
    h.run_steps(2);
    key(&mut h, Key::Num1, Modifiers::NONE);
    assert!(h.state().time_view().cursors[0].is_some());
    assert!(h.state().model().is_some_and(|m| m.history.rows() > 30));
    w.engine = Engine::new(Arc::clone(&w.engine.scenario));
    w.epoch += 1;
    w.publish();
    h.run_steps(2);
    assert_eq!(h.state().time_view().cursors, [None; 2]);
    assert!(h.state().model().is_some_and(|m| m.history.rows() < 3 && m.epoch == 1));
    Ok(())
}

#[test]
fn a_dead_worker_says_why() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.publish();
    h.run_steps(2);
    drop(w);
    key(&mut h, Key::F8, Modifiers::NONE);
    h.run_steps(2);
    let row = h.query_all_by(|n| n.role() == Role::Alert && n.label().is_some_and(|l| l.contains("STOPPED")));
    assert_eq!(row.count(), 1);
    assert!(h.state().model().is_some_and(|m| !m.commands()));
    Ok(())
}

fn recording(dir: &std::path::Path) -> Result<std::path::PathBuf, Box<dyn std::error::Error>> {
    let path = dir.join("site-01.csv");
    let mut text = "t_s,site.f_hz,site.gen_kw,site.miner_kw,site.gpu_kw,g1.p_kw,g1.breaker,coolant\n".to_owned();
    for i in 0..600 {
        let t = f64::from(i) * 0.1;
        if (20.0..24.0).contains(&t) {
            continue;
        }
        text += &format!("{t},{},{},500,{},{},1,95\n", 60.0 - 0.05 * (t * 0.7).sin(), 500.0 + t, t, 500.0 + t);
    }
    std::fs::write(&path, text)?;
    Ok(path)
}

#[test]
fn a_live_source_has_no_commands_and_the_twin_waits_behind_it() -> Test {
    let dir = tempfile::tempdir()?;
    let path = recording(dir.path())?;
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.run(2.0);
    w.running = true;
    w.publish();
    h.run_steps(2);
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, Action::Source(SourceAct::Follow(path)));
    assert!(matches!(w.sent()[..], [Command::Pause]), "the twin is frozen");
    until(&mut h, "all rows", |h| h.state().model().is_some_and(|m| m.history.rows() > 500));
    assert_eq!(h.state().model().map(|m| m.mode), Some(Mode::Live));
    assert!(matches!(h.state().session(), Session::Live(_)));
    assert!(has(&h, "Mode LIVE"));
    key(&mut h, Key::F1, Modifiers::NONE);
    h.step();
    assert!(has(&h, "Read only: no command"));
    for words in ["HOLD", "Resume", "ABORT", "Next batch", "Target"] {
        let enabled = h.query_all_by(|n| n.label().is_some_and(|l| l.starts_with(words)) && !n.is_disabled());
        assert_eq!(enabled.count(), 0, "{words}");
    }
    key(&mut h, Key::F8, Modifiers::NONE);
    key(&mut h, Key::F9, Modifiers::NONE);
    key(&mut h, Key::Enter, Modifiers::NONE);
    assert!(w.sent().is_empty(), "no key reaches the twin");

    let live_rows = h.state().model().map(|m| m.history.rows());
    h.get_by_label("Back to the twin").click();
    h.run_steps(2);
    let model = h.state().model().ok_or("twin's model")?;
    assert_eq!(model.mode, Mode::Twin);
    assert_ne!(Some(model.history.rows()), live_rows, "histories are apart");
    assert!((model.t_s - 2.0).abs() < 1e-6);
    Ok(())
}

#[test]
fn a_broken_recording_says_what_and_where() -> Test {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("bad.csv");
    std::fs::write(&path, "a,b\n1,2\n")?;
    let wake = Arc::new(|| ());
    let mut h = harness(SMALL, Session::Live(LiveHandle::open(&path, Way::Replay, None, wake)));
    until(&mut h, "what is wrong", |h| has(h, "no time column"));
    Ok(())
}

#[test]
fn nothing_pops_up_over_gauges_or_alarms() -> Test {
    for size in [[1280.0, 800.0], SMALL, [1920.0, 1080.0]] {
        let (mut h, mut w) = console(size, "path-a")?;
        w.publish();
        h.run_steps(2);
        let ctx = h.ctx.clone();
        let layout = Layout::new(Vec2::from(size));
        for action in [Action::Screen(ScreenAct::ToggleHelp), Action::File(FileAct::Open)] {
            h.state_mut().act(&ctx, action);
            h.run_steps(3);
            let shown = h.ctx.memory(|m| {
                m.layer_ids()
                    .filter(|l| l.order != egui::Order::Background)
                    .filter_map(|l| m.area_rect(l.id))
                    .collect::<Vec<_>>()
            });
            assert!(!shown.is_empty());
            for r in shown.iter().filter(|r| r.width() < size[0] - 1.0) {
                for fixed in [layout.kpi, layout.banner, layout.status] {
                    assert!(!r.shrink(0.5).intersects(fixed), "{r:?} over {fixed:?} at {size:?}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn loading_a_built_in_scenario_goes_to_the_twin() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    w.publish();
    h.run_steps(2);
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, Action::File(FileAct::LoadBuiltIn("naive-slam".to_owned())));
    let mut loaded = None;
    until(&mut h, "a command", |_| !w.commands.is_empty());
    for c in w.sent() {
        if let Command::Load(s) = c {
            loaded = Some(s.name);
        }
    }
    assert_eq!(loaded.as_deref(), Some("naive-slam"));
    Ok(())
}

fn save(h: &mut App, name: &str) -> Test {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    std::fs::create_dir_all(&dir)?;
    h.render()?.save(dir.join(format!("{name}.png")))?;
    Ok(())
}

#[test]
#[ignore = "renders pictures to look at"]
fn pictures() -> Test {
    let large = [1920.0, 1080.0];
    for (size, class) in [(SMALL, "1440"), (large, "1920"), ([1280.0, 800.0], "1280")] {
        for name in ["path-a", "naive-slam"] {
            let (mut h, mut w) = console(size, name)?;
            w.publish();
            h.run_steps(2);
            w.running = true;
            w.run(if name == "path-a" { 60.0 } else { 30.0 });
            let mut u = w.update();
            u.forecast = Some(Arc::new(forecast::job(&w.engine)()));
            w.updates.send(u)?;
            h.run_steps(3);
            save(&mut h, &format!("app-{name}-light-{class}"))?;
            let ctx = h.ctx.clone();
            h.state_mut().act(&ctx, Action::Screen(ScreenAct::ToggleTheme));
            h.run_steps(2);
            save(&mut h, &format!("app-{name}-dark-{class}"))?;
            if name != "path-a" {
                continue;
            }
            h.state_mut().act(&ctx, Action::Screen(ScreenAct::ToggleTheme));
            key(&mut h, Key::F3, Modifiers::NONE);
            h.run_steps(2);
            save(&mut h, &format!("app-tune-light-{class}"))?;
            key(&mut h, Key::F1, Modifiers::NONE);
            key(&mut h, Key::F9, Modifiers::NONE);
            h.run_steps(2);
            save(&mut h, &format!("app-resume-light-{class}"))?;
            key(&mut h, Key::Escape, Modifiers::NONE);
            h.state_mut().act(&ctx, Action::Screen(ScreenAct::ToggleHelp));
            h.run_steps(2);
            save(&mut h, &format!("app-help-light-{class}"))?;
            h.state_mut().act(&ctx, Action::Screen(ScreenAct::ToggleHelp));
            h.state_mut().act(&ctx, Action::File(FileAct::Open));
            h.run_steps(3);
            save(&mut h, &format!("app-open-light-{class}"))?;
            h.run_steps(1);
        }
        let dir = tempfile::tempdir()?;
        let path = recording(dir.path())?;
        let (mut h, mut w) = console(size, "path-a")?;
        w.publish();
        h.run_steps(2);
        let ctx = h.ctx.clone();
        h.state_mut().act(&ctx, Action::Source(SourceAct::Follow(path)));
        until(&mut h, "all rows", |h| h.state().model().is_some_and(|m| m.history.rows() > 500));
        h.run_steps(2);
        save(&mut h, &format!("app-live-light-{class}"))?;
        key(&mut h, Key::F1, Modifiers::NONE);
        h.run_steps(2);
        save(&mut h, &format!("app-live-operate-light-{class}"))?;
    }
    Ok(())
}

#[test]
fn regress_two_rows_of_the_banner_that_offer_the_same_have_each_a_button() -> Test {
    let (mut h, mut w) = console(SMALL, "path-a")?;
    let mut u = w.update();
    let t_s = u.t_s;
    let wrong = |seq, text: &str| Happened { seq, t_s, ..Happened::new(EventKind::Trip, "52G", text) };
    u.events = vec![wrong(1, "reverse power"), wrong(2, "overcurrent")];
    w.updates.send(u)?;
    h.run_steps(3);
    let shows = |n: &egui_kittest::kittest::AccessKitNode<'_>| n.label().is_some_and(|l| l.starts_with("Show 52G at"));
    assert_eq!(h.query_all_by(shows).count(), 2);
    Ok(())
}
