//! Consoles in which every view has something to show: a desk with alarms and a score, and sites that answer or are
//! silent. Names are as long as they come.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "site_meter.rs"]
mod site_meter;
#[path = "updates.rs"]
mod updates;

use std::path::PathBuf;
use std::sync::Arc;

use ballast::console::action::ViewId;
use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::session::{LiveHandle, Session};
use ballast::console::settings::Settings;
use ballast::scenario::builtin_scenario;
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Command, TwinHandle, Update, Wake};
use crossbeam_channel::{Receiver, Sender, bounded};
use egui_kittest::Harness;
use site_meter::Meter;

pub type App = Harness<'static, ConsoleApp>;

/// The parts of a view, by the names of what shows them.
pub fn parts(view: ViewId) -> &'static [&'static str] {
    match view.0 {
        "operate" => &["Page Plan", "Page Devices", "Page Run"],
        "compare" => &["Panel: Figures", "Panel: Configuration", "Panel: Miner lag"],
        "tune" => &["Tune path: B  Shed", "Tune path: A  Ramp"],
        "alarms" => &["Part: Alarms", "Part: Sequence of events"],
        "plan" => &["Panel: Plan", "Panel: Matrix", "Panel: Renewables", "Panel: Years", "Panel: Machines"],
        "live" => &["Live: Links", "Live: Tags", "Live: Shadow", "Live: Rehearse", "Live: Source"],
        _ => &[],
    }
}

/// The worker's ends of the channels: open as long as the console lives.
pub type Ends = (Receiver<(u64, Command)>, Sender<Update>);

/// A console on a desk with alarms and a score, whose operator has a long name.
pub fn console() -> (App, Ends) {
    let scenario = Arc::new(builtin_scenario("naive-slam").unwrap().unwrap());
    let mut desk = Desk::new(scenario, DeskConfig::default());
    while desk.engine().t_s() < 30.0 {
        desk.tick();
    }
    let (command_in, commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    updates.send(updates::of_desk(&mut desk)).unwrap();
    let twin = TwinHandle::from_channels(command_in, update_out);
    (app(|_| Session::Twin(twin)), (commands, updates))
}

/// A site for a console to ask.
pub struct Site {
    map: PathBuf,
    meter: Option<Meter>,
    _dir: tempfile::TempDir,
}

impl Site {
    /// One whose meter answers.
    pub fn answers() -> Self {
        let meter = Meter::new();
        Self { map: meter.map.clone(), meter: Some(meter), _dir: tempfile::tempdir().unwrap() }
    }

    /// One none of whose devices answers, with names as long as a map may have them.
    pub fn silent() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let map = dir.path().join("site.ron");
        let text = r#"(
    name: "Wiesenstein-Ruhrberg works, north yard, 2nd container row", source: "made up",
    plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000, sections: ["Bus"], gensets: ["G1"]),
    endpoints: [(name: "protection relay of the second generator, cubicle 17", link: Modbus(host: "127.0.0.1:9", timeout_ms: 300),
        groups: [(name: "fast", period_ms: 50, cosample: true, tags: [
            (name: "frequency measured at the bus behind the breaker", at: Reg(address: 0, kind: F32), unit: "Hz",
                valid: (40, 75), to: "site.f_hz"),
            (name: "p", at: Reg(address: 2, kind: F32), unit: "W", valid: (-1e5, 1.4e6), to: "site.gen_kw"),
    ])])],
)"#;
        std::fs::write(&map, text).unwrap();
        Self { map, meter: None, _dir: dir }
    }

    /// A console that shows it, once it has rows: of a silent site they say that nothing came.
    pub fn console(&self) -> App {
        let mut h = app(|wake| Session::Live(LiveHandle::connect(&self.map, None, wake)));
        crate::patience::until(&mut h, "rows of the site", |h| {
            let up = h.state().model().and_then(|m| m.site_view.as_deref()).map(|site| (site.rows, site.links_up()[0]));
            up.is_some_and(|(rows, up)| rows > 20 && up == usize::from(self.meter.is_some()))
        });
        h
    }
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
