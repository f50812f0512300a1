//! The shadow twin in the console without a window: a run of the twin is written as a file and followed, the page is read
//! by its accessible names.
#![cfg(feature = "console")]

#[path = "common/patience.rs"]
mod patience;
#[path = "common/updates.rs"]
mod updates;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ballast::acts::quality::Doubt;
use ballast::acts::{Plate, Quality};
use ballast::console::action::{Action, FileAct, RehearseAct, SourceAct};
use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::dialogs::{Dialogs, Save};
use ballast::console::model::{Mode, Model};
use ballast::console::outlook::Suppose;
use ballast::console::session::Session;
use ballast::console::settings::Settings;
use ballast::console::shadow::{Blueprint, Shadowing};
use ballast::engine::run::Engine;
use ballast::plant::signals::{at, site};
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::shadow::{Phase, Verdict};
use ballast::worker::{TwinHandle, Update};
use crossbeam_channel::bounded;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use patience::until;
use updates::of_engine;

type Test = Result<(), Box<dyn std::error::Error>>;
type App = Harness<'static, ConsoleApp>;

/// GPUs that crash: a load that moves.
fn scenario() -> Result<Scenario, String> {
    builtin_scenario("job-crash").ok_or("no job-crash")?.map_err(|e| e.to_string())
}

/// The next seconds of a run.
fn update(engine: &mut Engine, s: f64) -> Update {
    (0..(s / engine.tick_s()).round() as u64).for_each(|_| {
        engine.tick();
    });
    of_engine(engine)
}

fn shadowing(engine: &mut Engine) -> Shadowing {
    let twin = Model::new(Mode::Twin, update(engine, 0.0));
    Shadowing::start(Blueprint::of(&twin), Arc::new(|| ()))
}

/// Polls until it is so.
fn wait(s: &mut Shadowing, so: impl Fn(&Shadowing) -> bool) -> bool {
    patience::wait(|| {
        s.poll();
        so(s)
    })
}

fn frozen_by(s: &Shadowing, why: &str) -> bool {
    s.view().is_some_and(|v| matches!(&v.phase, Phase::Frozen(said) if said.contains(why)))
}

#[test]
fn its_own_run_is_followed_and_a_meter_that_stands_still_freezes_it() -> Test {
    let mut engine = Engine::new(Arc::new(scenario()?));
    let mut s = shadowing(&mut engine);
    for _ in 0..30 {
        s.take(&update(&mut engine, 1.0));
    }
    assert!(wait(&mut s, |s| s.view().is_some_and(|v| v.t_s > 29.9)));
    let view = s.view().ok_or("no view")?;
    assert_eq!((&view.phase, view.verdict, view.settled), (&Phase::Following, Verdict::Follows, 1), "{view:?}");
    assert!(view.lines[0].rms < 0.005, "{view:?}");
    let counted = s.trace().iter().filter(|p| p.follows).count();
    assert!(counted > 50 && s.trace().len() > 500, "{counted} of {}", s.trace().len());

    let mut u = update(&mut engine, 0.1);
    u.quality = vec![Quality::Good; u.table.len()];
    u.quality[at(site::F_HZ).at()] = Quality::Uncertain(Doubt::Frozen);
    s.take(&u);
    assert!(wait(&mut s, |s| frozen_by(s, "frequency: Uncertain: does not move")));
    assert_eq!(s.trace().back().map(|p| p.follows), Some(false));
    Ok(())
}

#[test]
fn rows_that_do_not_fit_freeze_it_and_nobody_waits() -> Test {
    let mut engine = Engine::new(Arc::new(scenario()?));
    let mut s = shadowing(&mut engine);
    let mut u = update(&mut engine, 10.0);
    // The same ten seconds again and again, each later than the last: far more than a thread can compute meanwhile.
    for _ in 0..400 {
        s.take(&u);
        u.block.t_s.iter_mut().for_each(|t| *t += 10.0);
        u.t_s += 10.0;
    }
    let (over, missed) = s.missed();
    assert!(over && missed >= 200, "{missed}");
    // What fits again is followed from then on.
    let t_s = u.t_s;
    assert!(wait(&mut s, |s| s.view().is_some_and(|v| v.t_s > 0.0)));
    assert!(patience::wait(|| {
        s.poll();
        s.take(&u);
        !s.missed().0
    }));
    assert!(wait(&mut s, |s| s.view().is_some_and(|v| v.t_s >= t_s)));
    assert!(s.view().is_some_and(|v| matches!(v.phase, Phase::Settling(_))), "{:?}", s.view());
    Ok(())
}

#[test]
fn a_plant_without_scenario_is_refused_in_a_line() -> Test {
    let mut engine = Engine::new(Arc::new(scenario()?));
    let mut u = update(&mut engine, 0.1);
    u.plate = Arc::new(Plate { source: "(plant: nonsense)".into(), ..(*u.plate).clone() });
    let mut s = Shadowing::start(Blueprint::of(&Model::new(Mode::Twin, u)), Arc::new(|| ()));
    assert!(wait(&mut s, |s| s.refused().is_some_and(|why| why.contains("line 1"))), "{:?}", s.refused());
    Ok(())
}

/// Rows as a file, as `ballast run --csv` writes them.
fn lines(u: &Update) -> String {
    let mut text = String::new();
    for (t_s, row) in u.block.t_s.iter().zip(u.block.last.chunks(u.block.width)) {
        text += &format!("{t_s:.3}");
        row.iter().for_each(|v| text += &if v.is_finite() { format!(",{v}") } else { ",".to_owned() });
        text.push('\n');
    }
    text
}

fn header(engine: &Engine) -> String {
    let ids = engine.table().signals().iter().map(|s| format!(",{}", s.id));
    format!("t_s{}\n", ids.collect::<String>())
}

fn has(h: &App, words: &str) -> bool {
    h.query_all_by(|n| n.label().is_some_and(|l| l.contains(words))).next().is_some()
}

/// A console whose twin is this engine's, and whose dialogs answer with a file in this folder.
fn console(engine: &mut Engine, dir: &Path) -> Result<App, Box<dyn std::error::Error>> {
    let (commands, _) = bounded(64);
    let (updates, update_out) = bounded(4);
    updates.send(update(engine, 0.0))?;
    let session = Session::Twin(TwinHandle::from_channels(commands, update_out));
    let to = dir.join("site-engine.ron");
    let dialogs = Dialogs::with(Arc::new(move |_| Some(to.clone())));
    let loader: ballast::console::app::Loader = Arc::new(|pick| match pick {
        Pick::BuiltIn(name) => Err(format!("no {name}")),
        Pick::File(path) => Scenario::load(path).map_err(|e| e.to_string()),
    });
    let mut h: App =
        Harness::builder().with_size([1440.0, 900.0]).with_pixels_per_point(1.0).with_max_steps(8).build_eframe(
            move |cc| {
                ConsoleApp::new(&cc.egui_ctx, session, Settings::default(), Vec::new(), loader).with_dialogs(dialogs)
            },
        );
    h.run_steps(3);
    Ok(h)
}

#[test]
fn a_followed_file_is_judged_fitted_and_the_fit_saved_by_a_click_only() -> Test {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("site.csv");
    let mut engine = Engine::new(Arc::new(scenario()?));
    let mut h = console(&mut engine, dir.path())?;
    std::fs::write(&file, header(&engine) + &lines(&update(&mut engine, 45.0)))?;
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, Action::Source(SourceAct::Follow(file.clone())));
    h.run_steps(3);
    h.get_by_label("Live: Shadow").click();
    until(&mut h, "it follows", |h| has(h, "Shadow: Follows"));
    assert!(has(&h, "job-crash, engine lean-default; driven by the feeder meters"));
    assert!(has(&h, "frequency: measured") && has(&h, "Genset power, measured"));

    h.get_by_label("Fit the engine to the plant").click();
    until(&mut h, "the engine of the preset", |h| has(h, "inertia constant H: start 0.700, fitted "));
    let said = h.get_by_label_contains("inertia constant H: ").accesskit_node().label().ok_or("no words")?;
    let fitted = said.split("fitted ").nth(1).and_then(|rest| rest.split(' ').next()).ok_or("no value")?;
    // Lags and meters are unknown too, so the last digits need not be the preset's.
    assert!((fitted.parse::<f64>()? / 0.7 - 1.0).abs() < 0.04 && said.contains(" s, ±"), "{said}");
    assert!(has(&h, "turbocharger lag: start 3.00") && has(&h, "not identifiable"));
    assert_eq!(std::fs::read_dir(dir.path())?.count(), 1, "nothing is written by itself");

    h.state_mut().act(&ctx, Action::File(FileAct::Save(Save::Preset("site-engine".to_owned()))));
    until(&mut h, "how to use it", |h| has(h, "a scenario beside it may say preset: \"site-engine\""));
    // Again, over the preset that is there; but never over another file.
    let preset = std::fs::read_to_string(dir.path().join("site-engine.ron"))?;
    for (before, after) in [(preset.clone(), preset.clone()), ("(run_s: 1)".to_owned(), "(run_s: 1)".to_owned())] {
        std::fs::write(dir.path().join("site-engine.ron"), before)?;
        h.state_mut().act(&ctx, Action::File(FileAct::Save(Save::Preset("site-engine".to_owned()))));
        let told = if after == preset { "engine preset site-engine: " } else { "is no engine preset" };
        until(&mut h, told, |h| has(h, told));
        assert_eq!(std::fs::read_to_string(dir.path().join("site-engine.ron"))?, after);
    }
    std::fs::write(dir.path().join("site-engine.ron"), preset)?;
    let beside = dir.path().join("site.ron");
    std::fs::write(
        &beside,
        "(purpose: \"fitted\", run_s: 10, plant: (gensets: [(name: \"G1\", preset: \"site-engine\")]))",
    )?;
    let loaded = Scenario::load(&beside).map_err(|e| e.to_string())?;
    assert_eq!(loaded.plant.gensets[0].preset, "site-engine");
    assert!((loaded.plant.gensets[0].machine.h_s - 0.7).abs() < 0.01);

    // A file that goes on without frequency: an empty cell is no new value.
    let f = at(site::F_HZ).at();
    let mut out = std::fs::OpenOptions::new().append(true).open(&file)?;
    let named = patience::wait(|| {
        let mut broken = update(&mut engine, 0.2);
        broken.block.last.chunks_mut(broken.block.width).for_each(|row| row[f] = f64::NAN);
        let written = out.write_all(lines(&broken).as_bytes()).is_ok();
        std::thread::sleep(Duration::from_millis(100));
        h.step();
        let goes_on = h.state().model().is_some_and(|m| m.t_s > 47.0);
        written && goes_on && has(&h, "Shadow: Frozen, frequency: Stale: no new value in time")
    });
    assert!(named, "which input is bad; on screen: {}", patience::on_screen(&h));
    Ok(())
}

#[test]
fn a_source_without_power_says_so_and_is_not_fitted() -> Test {
    let dir = tempfile::tempdir()?;
    let file: PathBuf = dir.path().join("f.csv");
    let rows: String = (0..100).map(|i| format!("{:.1},60.0\n", f64::from(i) * 0.1)).collect();
    std::fs::write(&file, "t_s,site.f_hz\n".to_owned() + &rows)?;
    let mut engine = Engine::new(Arc::new(scenario()?));
    let mut h = console(&mut engine, dir.path())?;
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, Action::Source(SourceAct::Follow(file)));
    h.run_steps(3);
    h.get_by_label("Live: Shadow").click();
    until(&mut h, "which input is missing", |h| has(h, "Shadow: Frozen, genset power: Never: nothing received yet"));
    h.get_by_label("Fit the engine to the plant").click();
    until(&mut h, "why it is not fitted", |h| has(h, "Not fitted: "));
    Ok(())
}

#[test]
fn one_click_opens_a_frozen_twin_of_this_moment_and_the_plant_goes_on() -> Test {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("site.csv");
    let mut engine = Engine::new(Arc::new(scenario()?));
    let mut h = console(&mut engine, dir.path())?;
    std::fs::write(&file, header(&engine) + &lines(&update(&mut engine, 45.0)))?;
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, Action::Source(SourceAct::Follow(file.clone())));
    h.run_steps(3);
    h.get_by_label("Live: Rehearse").click();
    let ready = |h: &App| has(h, "Opens a TWIN window, frozen at this state. Nothing is sent.");
    until(&mut h, "not before it follows", |h| has(h, "Not now: the shadow settles") || ready(h));
    until(&mut h, "it follows", ready);
    assert!(has(&h, "Generator: plant ") && has(&h, "Charge air: plant –, twin steady"));

    h.get_by_role_and_label(Role::Button, "Rehearse from now").click();
    until(&mut h, "a twin starts", |h| h.state().rehearsed(0).is_some());
    let twin = h.state().rehearsed(0).ok_or("no twin")?;
    let live = h.state().model().ok_or("no rows")?;
    assert_eq!((twin.mode, twin.running, twin.t_s), (Mode::Twin, false, 0.0));
    assert!(twin.plate.starts_as.as_deref().is_some_and(|of| of.starts_with("site.csv at T+")), "{:?}", twin.plate);
    for (i, off) in [(site::F_HZ, 1e-6), (site::GEN_KW, 0.01), (site::GPU_KW, 0.36), (site::MINER_KW, 1.66)] {
        let [a, b] = [live.value(at(i)), twin.value(at(i))];
        assert!((a - b).abs() <= off, "{}: plant {a}, twin {b}", live.table.get(at(i)).id);
    }

    let t_s = live.t_s;

    // who began it, from what and what was not measured stands in the plant's own sequence of events
    let noted = |h: &App| {
        let said = |e: &&ballast::acts::Event| e.object == "rehearsal" && e.text.starts_with("R1 by ");
        h.state().model().and_then(|m| m.history.events().iter().find(said).map(|e| e.text.clone()))
    };
    until(&mut h, "a line in the sequence of events", |h| noted(h).is_some());
    let line = noted(&h).ok_or("no line")?;
    assert!(line.contains(", from site.csv at T+") && line.contains("not measured: "), "{line}");

    // the plant goes on, the twin waits, and both are there
    let mut out = std::fs::OpenOptions::new().append(true).open(&file)?;
    out.write_all(lines(&update(&mut engine, 2.0)).as_bytes())?;
    until(&mut h, "more rows of the plant", |h| h.state().model().is_some_and(|m| m.t_s > t_s + 1.0));
    assert_eq!(h.state().model().map(|m| m.mode), Some(Mode::Live));
    assert!(h.state().session().live().is_some(), "the source in view is still the plant");
    assert_eq!(h.state().rehearsed(0).map(|m| m.t_s), Some(0.0));
    assert!(has(&h, "of site.csv at T+"), "it is listed");

    // and the next minute stands on the plant's own strips
    h.state_mut().act(&ctx, Action::Source(SourceAct::Rehearse(RehearseAct::Suppose(Suppose::BringUp))));
    let ahead = |h: &App| {
        let m = h.state().model();
        m.is_some_and(|m| m.supposed == Some(Suppose::BringUp) && m.forecast.as_ref().is_some_and(|f| f.t0_s > 44.0))
    };
    until(&mut h, "a forecast in the plant's time", ahead);
    h.state_mut().act(&ctx, Action::Source(SourceAct::Rehearse(RehearseAct::Close(1))));
    h.run_steps(3);
    assert!(h.state().rehearsals().is_empty());
    Ok(())
}
