//! The Compare view without a window, read and operated by its accessible names; its runs are made by the real threads.
//!
//! `cargo test --test compare_view -- --ignored` saves pictures under `target/pictures/`.
#![cfg(feature = "console")]

#[path = "common/patience.rs"]
mod patience;
#[path = "common/updates.rs"]
mod updates;

use std::sync::Arc;

use ballast::acts::{Block, By, Operate};
use ballast::console::action::{Action, FileAct, ScreenAct, TimeAct};
use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::dialogs::{Ask, Dialogs};
use ballast::console::session::Session;
use ballast::console::settings::Settings;
use ballast::console::views;
use ballast::engine::plate;
use ballast::engine::run::Engine;
use ballast::journal::{Header, RunFile, Writer};
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::training::msg::DeskAct;
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{TwinHandle, Update};
use crossbeam_channel::{Sender, bounded};
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use patience::until;
use updates::of_engine;

type Test = Result<(), Box<dyn std::error::Error>>;
type App = Harness<'static, ConsoleApp>;

fn scenario(name: &str) -> Result<Scenario, String> {
    builtin_scenario(name).ok_or_else(|| format!("no scenario {name}"))?.map_err(|e| e.to_string())
}

/// A console on path-a after 20 s, in the Compare view; the sender keeps the twin's channel open.
fn console(size: [f32; 2], theme: egui::Theme) -> Result<(App, Sender<Update>), Box<dyn std::error::Error>> {
    console_with(size, theme, Dialogs::default())
}

/// The same with these answers to file dialogs.
fn console_with(
    size: [f32; 2],
    theme: egui::Theme,
    dialogs: Dialogs,
) -> Result<(App, Sender<Update>), Box<dyn std::error::Error>> {
    let (command_in, _commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    let mut engine = Engine::new(Arc::new(scenario("path-a")?));
    for _ in 0..20_000 {
        engine.tick();
    }
    updates.send(of_engine(&mut engine))?;
    let session = Session::Twin(TwinHandle::from_channels(command_in, update_out));
    let loader: ballast::console::app::Loader = Arc::new(|pick| match pick {
        Pick::BuiltIn(name) => scenario(name),
        Pick::File(path) => Scenario::load(path).map_err(|e| e.to_string()),
    });
    let built_in = vec![("miner-lag".to_owned(), "Late miners".to_owned())];
    let mut app =
        Harness::builder().with_size(size).with_pixels_per_point(1.0).with_max_steps(8).with_theme(theme).build_eframe(
            move |cc| {
                let settings = Settings {
                    theme: if theme == egui::Theme::Dark {
                        ballast::console::settings::ThemeChoice::Dark
                    } else {
                        ballast::console::settings::ThemeChoice::Light
                    },
                    ..Settings::default()
                };
                ConsoleApp::new(&cc.egui_ctx, session, settings, built_in, loader).with_dialogs(dialogs)
            },
        );
    app.step();
    act(&mut app, Action::Screen(ScreenAct::Show(views::compare::ID)));
    Ok((app, updates))
}

fn act(h: &mut App, action: Action) {
    let ctx = h.ctx.clone();
    h.state_mut().act(&ctx, action);
    h.step();
}

/// Whether a name, or the text of a label, has these words.
fn has(h: &App, words: &str) -> bool {
    let says = |text: Option<String>| text.is_some_and(|t| t.contains(words));
    h.query_all_by(|n| says(n.label()) || says(n.value())).next().is_some()
}

fn click(h: &mut App, role: Role, name: &str) -> Test {
    let node = h.query_all_by(|n| n.role() == role && n.label().is_some_and(|l| l.starts_with(name))).next();
    node.ok_or_else(|| format!("no {name}"))?.click();
    h.step();
    h.step();
    Ok(())
}

const SMALL: [f32; 2] = [1440.0, 900.0];

fn ready(h: &App) -> bool {
    has(h, "Fuel, model: A ")
}

#[test]
fn the_ready_comparison_is_made_and_says_who_is_better() -> Test {
    let (mut h, _twin) = console(SMALL, egui::Theme::Light)?;
    until(&mut h, "the comparison", ready);
    for words in [
        "Time to target: A 69.4 s, B 69.4 s, C 69.4 s; against A: B equal, C equal",
        "Mining lost: A 0.0 kWh",
        "against A: B worse, C worse",
        "End states differ: not like for like (*). Miners end at 498 / 0 / 498 kW.",
        "Choose Ends: like for like",
        "same engine, loads, battery, seed, target, script, protection. differs limits, path, miners.",
        "engine preset lean-default",
        "Frequency, A 59.9",
        "B − A Frequency: ",
        "Batches, A 72, B 72, C 72",
    ] {
        assert!(has(&h, words), "{words}");
    }
    click(&mut h, Role::RadioButton, "Panel: Configuration")?;
    assert!(has(&h, "A, genset ramps / B, miners shed / B + restore"));
    Ok(())
}

#[test]
fn like_for_like_brings_the_miners_back() -> Test {
    let (mut h, _twin) = console(SMALL, egui::Theme::Light)?;
    until(&mut h, "the comparison", ready);
    click(&mut h, Role::RadioButton, "Ends: like for like")?;
    until(&mut h, "alike ends", |h| has(h, "like for like: all end alike"));
    assert!(!has(&h, "End states differ"));
    assert!(has(&h, "End miners: A 498 kW, B 498 kW, C 498 kW; against A: B equal"));
    // going back costs nothing: the run is still there
    click(&mut h, Role::RadioButton, "Ends: as run")?;
    assert!(has(&h, "End states differ"));
    Ok(())
}

#[test]
fn time_is_the_views_own_and_runs_blink() -> Test {
    let (mut h, _twin) = console(SMALL, egui::Theme::Light)?;
    until(&mut h, "the comparison", ready);
    let before = h.state().time_view().clone();
    act(&mut h, Action::Time(TimeAct::Cursor(0, Some(40.0))));
    act(&mut h, Action::Time(TimeAct::Zoom(0.5, Some(40.0))));
    assert_eq!(h.state().time_view(), &before, "the time axis of the strips is another one");
    click(&mut h, Role::RadioButton, "Align: First batch")?;
    until(&mut h, "another zero", |h| has(h, "Batches, A 72"));
    let only = |h: &App, name: &str| {
        h.query_all_by(|n| n.label().is_some_and(|l| l == name) && n.toggled() == Some(Toggled::True)).next().is_some()
    };
    assert!(only(&h, "Show: all"));
    for want in ["Show: A", "Show: B", "Show: A"] {
        h.key_press_modifiers(Modifiers::NONE, Key::Space);
        h.step();
        h.step();
        assert!(only(&h, want), "{want}");
    }
    Ok(())
}

#[test]
fn live_rows_and_scenarios_take_slots() -> Test {
    let (mut h, _twin) = console(SMALL, egui::Theme::Light)?;
    until(&mut h, "the comparison", ready);
    click(&mut h, Role::Button, "Live rows as run D")?;
    until(&mut h, "the live run", |h| has(h, "Time to target: A 69.4 s, B 69.4 s, C 69.4 s, D none s"));
    assert!(has(&h, "live rows as they were when picked"));
    click(&mut h, Role::Button, "Remove run D")?;
    click(&mut h, Role::Button, "Run D")?;
    // the list of scenarios and files answers for the slot, and the twin keeps what it runs
    act(&mut h, Action::File(FileAct::LoadBuiltIn("miner-lag".to_owned())));
    until(&mut h, "the fourth run", |h| has(h, "Run D: miner-lag") && has(h, ", D 59."));
    assert_eq!(h.state().model().map(|m| m.plate.scenario.as_str()), Some("path-a"));
    assert_eq!(h.state().view(), views::compare::ID);
    Ok(())
}

#[test]
fn a_file_that_is_no_scenario_is_said_in_its_slot() -> Test {
    let (mut h, _twin) = console(SMALL, egui::Theme::Light)?;
    click(&mut h, Role::Button, "Run D")?;
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("bad.ron");
    std::fs::write(&path, "(nonsense)")?;
    act(&mut h, Action::File(FileAct::OpenFile(path)));
    until(&mut h, "the reason", |h| has(h, "Run D: bad: failed") && has(h, "bad.ron"));
    Ok(())
}

#[test]
fn the_lag_slider_runs_path_b_again_and_the_curve_says_where_it_ends() -> Test {
    let (mut h, _twin) = console(SMALL, egui::Theme::Light)?;
    until(&mut h, "the comparison", ready);
    click(&mut h, Role::RadioButton, "Panel: Miner lag")?;
    until(&mut h, "the curve", |h| has(h, "Each point is two runs of the twin"));
    assert!(has(&h, "the advantage ends at a lag of 1.0 s"));
    assert!(has(&h, "engine lean-default"));
    assert!(has(&h, "At 2.0 s: match 0.90, match_confirmed 1.23 and is up after 190 s."));
    click(&mut h, Role::RadioButton, "Shed policy: match_confirmed")?;
    click(&mut h, Role::RadioButton, "Panel: Figures")?;
    until(&mut h, "the slower B", |h| has(h, "Time to target: A 69.4 s, B 18"));
    Ok(())
}

/// 30 s of path-b-500 with a hold at 12 s: as a saved run, and as a journal.
fn saved(dir: &std::path::Path) -> Result<[std::path::PathBuf; 2], Box<dyn std::error::Error>> {
    let s = scenario("path-b-500")?;
    let (ron, sqlite) = (dir.join("held.ron"), dir.join("held-journal.sqlite"));
    let mut run = RunFile::begin(&plate::plate(&s));
    let mut desk = Desk::new(Arc::new(s), DeskConfig::default());
    let mut w = Writer::open(&sqlite, &Header::new(desk.engine().plate(), desk.engine().table(), "ann"))?;
    let hold = DeskAct { by: By::Trainee, what: ballast::training::msg::What::Operate(Operate::Hold) };
    for second in 1..=30 {
        if second == 13 {
            w.act(desk.now_tick(), &hold);
            run.desk.push((desk.now_tick(), hold.clone()));
            desk.act(&hold);
        }
        (0..1000).for_each(|_| desk.tick());
        run.hash(second, desk.state_hash());
        w.second(second, desk.state_hash());
    }
    let mut block = Block::default();
    desk.take_block(&mut block);
    w.block(desk.engine().table(), &block);
    drop(w);
    run.save(&ron)?;
    Ok([ron, sqlite])
}

/// A desktop without file dialogs: the list in the window takes their place.
fn no_dialog() -> Dialogs {
    Dialogs::with(Arc::new(|_| None))
}

/// Two short saved runs in place of the long ones that the view begins with: a saved run as A, its journal as B.
fn with_saved(dir: &std::path::Path, dialogs: Dialogs) -> Result<(App, Sender<Update>), Box<dyn std::error::Error>> {
    let files = saved(dir)?;
    let (mut h, twin) = console_with(SMALL, egui::Theme::Light, dialogs)?;
    for letter in ["C", "B", "A"] {
        click(&mut h, Role::Button, &format!("Remove run {letter}"))?;
    }
    for (slot, path, label) in [("Run A", &files[0], "Run A: held"), ("Run B", &files[1], "Run B: held-journal")] {
        click(&mut h, Role::Button, slot)?;
        until(&mut h, "the list", |h| h.query_by_label("File path").is_some());
        h.get_by_label("File path").focus();
        h.step();
        h.get_by_label("File path").type_text(&path.display().to_string());
        h.step();
        click(&mut h, Role::Button, "Open")?;
        until(&mut h, label, |h| h.query_all_by(|n| n.label().is_some_and(|l| l == label)).next().is_some());
    }
    until(&mut h, "both runs", |h| has(h, "Batches, A 6, B 6"));
    Ok((h, twin))
}

#[test]
fn saved_runs_and_journals_take_slots_with_their_acts() -> Test {
    let dir = tempfile::tempdir()?;
    let (h, _twin) = with_saved(dir.path(), no_dialog())?;
    // the same run twice: both hold at 12 s after six batches
    assert!(has(&h, "End GPU: A 42 kW, B 42 kW; against A: B equal"));
    assert!(has(
        &h,
        "same engine, loads, battery, seed, target, limits, path, miners, script, protection. differs nothing."
    ));
    Ok(())
}

#[test]
fn the_view_is_saved_as_rows_and_figures() -> Test {
    let dir = tempfile::tempdir()?;
    let [rows, figures] = ["rows.csv", "figures.csv"].map(|name| dir.path().join(name));
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let answers = [rows.clone(), figures.clone()];
    let dialogs = Dialogs::with(Arc::new(move |ask: &Ask| match ask.name.as_str() {
        "compare.csv" => answers.get(asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).cloned(),
        // no dialog of the desktop opens: the list in the window takes its place
        _ => None,
    }));
    let (mut h, _twin) = with_saved(dir.path(), dialogs)?;
    act(&mut h, Action::Time(TimeAct::Cursor(0, Some(10.0))));
    h.get_by_label("Note at the cursor").focus();
    h.step();
    h.get_by_label("Note at the cursor").type_text("miners late");
    h.step();
    click(&mut h, Role::Button, "Keep the note")?;
    assert!(has(&h, "Note at 10.0 s: miners late"));
    click(&mut h, Role::Button, "Rows of the window as CSV")?;
    until(&mut h, "the rows", |_| rows.exists());
    click(&mut h, Role::Button, "Figures as CSV")?;
    until(&mut h, "the figures", |_| figures.exists());
    let text = std::fs::read_to_string(&rows)?;
    let noted: Vec<&str> = text.lines().filter(|l| l.ends_with(",miners late")).collect();
    assert!(text.starts_with("t_s,A site.f_hz,B site.f_hz,A site.v_pu,") && noted.len() == 1, "{noted:?}");
    assert!(noted[0].starts_with("10,"), "{noted:?}");
    let text = std::fs::read_to_string(&figures)?;
    assert!(text.starts_with("figure,unit,A held,B held-journal,B - A,verdict,like_for_like"), "{text}");
    Ok(())
}

#[test]
#[ignore = "needs a Vulkan driver"]
fn the_view_is_saved_as_a_picture_with_a_caption() -> Test {
    let dir = tempfile::tempdir()?;
    let png = dir.path().join("c.png");
    let pic = png.clone();
    let dialogs = Dialogs::with(Arc::new(move |ask: &Ask| (ask.name == "compare.png").then(|| pic.clone())));
    let (mut h, _twin) = with_saved(dir.path(), dialogs)?;
    click(&mut h, Role::Button, "Picture of this comparison")?;
    until(&mut h, "the picture", |_| png.exists());
    let reader = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&png)?)).read_info()?;
    let info = reader.info();
    assert!(info.width == 1440 && info.height > 900, "the caption is under it");
    let scenario = info.utf8_text.iter().find(|t| t.keyword == "Scenario").ok_or("no scenario in it")?.get_text()?;
    assert!(scenario.contains("A held (path-b-500), B held-journal (path-b-500)"), "{scenario}");
    Ok(())
}

#[test]
fn the_runs_play_in_step() -> Test {
    let dir = tempfile::tempdir()?;
    let (mut h, _twin) = with_saved(dir.path(), no_dialog())?;
    assert!(has(&h, "Cursor at no cursor"));
    click(&mut h, Role::RadioButton, "Playing speed: ×20")?;
    click(&mut h, Role::Button, "Play the runs in step")?;
    assert!(has(&h, "Pause the runs"));
    // it stops by itself where the runs end
    until(&mut h, "the end", |h| has(h, "Play the runs in step") && has(h, "Cursor at 30.0 s"));
    click(&mut h, Role::Button, "Cursor 1 s back")?;
    assert!(has(&h, "Cursor at 29.0 s"));
    Ok(())
}

#[test]
#[ignore = "writes pictures to be looked at"]
fn pictures() -> Test {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    std::fs::create_dir_all(&dir)?;
    for (size, name) in [(SMALL, "1440x900"), ([1920.0, 1080.0], "1920x1080")] {
        for (theme, word) in [(egui::Theme::Light, "light"), (egui::Theme::Dark, "dark")] {
            let (mut h, _twin) = console(size, theme)?;
            until(&mut h, "the comparison", ready);
            act(&mut h, Action::Time(TimeAct::Cursor(0, Some(40.0))));
            h.render()?.save(dir.join(format!("compare-{word}-{name}.png")))?;
        }
    }
    Ok(())
}
