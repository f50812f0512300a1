//! A console whose worker is played by the test: it runs the engine, publishes what it wants, and reads what was sent.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "updates.rs"]
mod updates;

use std::sync::Arc;

use ballast::acts::Operate;
use ballast::console::app::{ConsoleApp, Pick};
use ballast::console::session::Session;
use ballast::console::settings::Settings;
use ballast::engine::run::Engine;
use ballast::scenario::{Scenario, builtin_scenario};
use ballast::worker::{Command, TwinHandle, Update};
use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use updates::of_engine;

pub type Test = Result<(), Box<dyn std::error::Error>>;
pub type App = Harness<'static, ConsoleApp>;

/// The worker's ends of the channels.
pub struct Worker {
    pub engine: Engine,
    pub commands: Receiver<(u64, Command)>,
    pub updates: Sender<Update>,
    pub epoch: u32,
    pub running: bool,
}

impl Worker {
    pub fn run(&mut self, s: f64) {
        let ticks = (s / self.engine.tick_s()).round() as u64;
        for _ in 0..ticks {
            self.engine.tick();
        }
    }

    pub fn update(&mut self) -> Update {
        let mut u = of_engine(&mut self.engine);
        u.epoch = self.epoch;
        u.running = self.running;
        u.achieved_speed = 1.0;
        u
    }

    pub fn publish(&mut self) {
        let u = self.update();
        self.updates.send(u).ok();
    }

    pub fn sent(&self) -> Vec<Command> {
        self.commands.try_iter().map(|(_, c)| c).collect()
    }

    pub fn operated(&self) -> Vec<Operate> {
        self.sent().into_iter().filter_map(|c| if let Command::Operate(op) = c { Some(op) } else { None }).collect()
    }
}

pub fn scenario(name: &str) -> Result<Scenario, String> {
    builtin_scenario(name).ok_or_else(|| format!("no scenario {name}"))?.map_err(|e| e.to_string())
}

pub fn loader() -> ballast::console::app::Loader {
    Arc::new(|pick| match pick {
        Pick::BuiltIn(name) => scenario(name),
        Pick::File(path) => Scenario::load(path).map_err(|e| e.to_string()),
    })
}

pub fn built_in() -> Vec<(String, String)> {
    ballast::scenario::builtin()
        .iter()
        .map(|(name, _)| ((*name).to_owned(), scenario(name).map(|s| s.purpose).unwrap_or_default()))
        .collect()
}

pub fn console(size: [f32; 2], scenario_name: &str) -> Result<(App, Worker), Box<dyn std::error::Error>> {
    let (command_in, commands) = bounded(64);
    let (updates, update_out) = bounded(4);
    let twin = TwinHandle::from_channels(command_in, update_out);
    let engine = Engine::new(Arc::new(scenario(scenario_name)?));
    let worker = Worker { engine, commands, updates, epoch: 0, running: false };
    Ok((harness(size, Session::Twin(twin)), worker))
}

pub fn harness(size: [f32; 2], session: Session) -> App {
    Harness::builder()
        .with_size(size)
        .with_pixels_per_point(1.0)
        .with_max_steps(8)
        .with_theme(egui::Theme::Light)
        .build_eframe(move |cc| ConsoleApp::new(&cc.egui_ctx, session, Settings::default(), built_in(), loader()))
}

pub const SMALL: [f32; 2] = [1440.0, 900.0];

pub fn key(h: &mut App, key: Key, modifiers: Modifiers) {
    h.key_press_modifiers(modifiers, key);
    h.step();
}

pub fn has(h: &App, words: &str) -> bool {
    h.query_all_by(|n| n.label().is_some_and(|l| l.contains(words))).next().is_some()
}
