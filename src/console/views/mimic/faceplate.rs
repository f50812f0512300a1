//! What a click on an object of the one-line opens, inside the panel: its values, and its breaker or engine in two
//! moves, select then execute, with what it will do said in between. Without a twin there is nothing to operate.

use egui::{Id, Rect, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::scene::{FeederKind, Scene};
use crate::acts::Operate;
use crate::console::action::Action;
use crate::console::model::Model;
use crate::console::views::controls::{Look, Words, button};
use crate::console::views::ink::{Face, Ink, kw, num};
use crate::plant::signals::{Kind, Signal, SignalIdx, bess, genset};

/// An object of the one-line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// A genset.
    Set(usize),
    /// All gensets, or those of a section.
    Sets(Option<usize>),
    /// 52G of all gensets, or of those of a section.
    SetBreakers(Option<usize>),
    /// 52G of a genset.
    Device(usize),
    /// The breakers of a feeder, or of its part on a section.
    Feeder(FeederKind, Option<usize>),
    /// What hangs on a feeder, or on its part on a section.
    Object(FeederKind, Option<usize>),
    /// The ties between two sections, by their order.
    Tie(usize),
}

/// What is selected but not yet executed.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Armed(Operate);

fn open_id() -> Id {
    Id::unique("one-line faceplate")
}

fn armed_id() -> Id {
    Id::unique("one-line selected command")
}

/// Shows the faceplate that is open, if one is; `picked` opens another.
pub(super) fn show(
    ui: &mut Ui,
    field: Rect,
    scene: &Scene,
    model: &Model,
    picked: Option<Target>,
    actions: &mut Vec<Action>,
) {
    if let Some(target) = picked {
        ui.data_mut(|d| {
            d.insert_temp(open_id(), Some(target));
            d.insert_temp::<Option<Armed>>(armed_id(), None);
        });
    }
    let Some(target) = ui.data(|d| d.get_temp::<Option<Target>>(open_id())).flatten() else { return };
    let ink = Ink::new(ui, field);
    let left = matches!(
        target,
        Target::Feeder(FeederKind::Bess | FeederKind::Aux, _) | Target::Object(FeederKind::Bess | FeederKind::Aux, _)
    );
    let w = (field.width() * 0.57).clamp(280.0, 400.0).min(field.width() - 32.0);
    let x = if left { field.left() + 16.0 } else { field.right() - 16.0 - w };
    let rect = Rect::from_min_max(pos2(x, field.top() + 42.0), pos2(x + w, field.bottom() - 8.0));
    let rect = match target {
        Target::Device(_) => short(rect, 1, model),
        Target::Tie(i) => short(rect, scene.ties.get(i).map_or(1, |t| t.breakers.len()), model),
        Target::Feeder(kind, section) => {
            short(rect, scene.feeder(kind, section).map_or(1, |f| f.breakers.len()), model)
        }
        _ => rect,
    };
    let id = open_id().with("area");
    let area = ui.interact(rect, id, Sense::click());
    area.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Faceplate"));
    ink.fill(rect, ink.t.panel);
    ink.frame(rect, 4, 2.0, ink.t.text);
    let commands = !matches!(target, Target::Object(..) | Target::Sets(_));
    let mut plate = Plate { ink, rect, y: rect.top() + 22.0, foot: if commands { 52.0 } else { 14.0 } };
    let closes = Rect::from_min_size(pos2(rect.right() - 68.0, rect.top() + 6.0), vec2(60.0, 28.0));
    let close =
        button(ui, &plate.ink, closes, Words { label: "Close", key: "", name: "Close faceplate" }, Look::Plain, None)
            .clicked();
    match target {
        Target::Set(i) => set(ui, &mut plate, model, scene, i, actions),
        Target::Sets(section) => sets(&mut plate, scene, section),
        Target::SetBreakers(section) => {
            let found: Vec<usize> = scene.sets_of(section).filter_map(|(_, s)| s.breaker).collect();
            breakers(ui, &mut plate, scene, model, "52G", &found, actions);
        }
        Target::Device(i) => {
            let found = scene.sets.get(i).and_then(|s| s.breaker);
            breakers(ui, &mut plate, scene, model, "52G", found.as_slice(), actions);
        }
        Target::Feeder(kind, section) => {
            let found = scene.feeder(kind, section).map(|f| f.breakers.clone()).unwrap_or_default();
            breakers(ui, &mut plate, scene, model, kind.device(), &found, actions);
        }
        Target::Object(kind, _) => object(&mut plate, scene, model, kind),
        Target::Tie(i) => {
            let found = scene.ties.get(i).map(|t| t.breakers.clone()).unwrap_or_default();
            breakers(ui, &mut plate, scene, model, "52T", &found, actions);
        }
    }
    let outside = ui.input(|i| i.pointer.any_click() && i.pointer.interact_pos().is_some_and(|p| !rect.contains(p)));
    if close || (outside && picked.is_none()) || ui.input(|i| i.key_pressed(egui::Key::Escape)) {
        ui.data_mut(|d| d.insert_temp::<Option<Target>>(open_id(), None));
    }
}

/// As high as so many breakers need.
fn short(rect: Rect, breakers: usize, model: &Model) -> Rect {
    let wanted = 114.0 + 34.0 * breakers as f32 + 20.0 * model.view.trips.len().min(3) as f32;
    rect.with_max_y(rect.max.y.min(rect.min.y + wanted))
}

struct Plate {
    ink: Ink,
    rect: Rect,
    y: f32,
    /// Room that rows leave at the foot for commands.
    foot: f32,
}

impl Plate {
    fn title(&mut self, text: &str) {
        self.ink.left_cut(
            self.rect.left() + 12.0,
            self.y,
            self.rect.right() - 76.0,
            text,
            Face::SemiBold,
            self.ink.body(),
            self.ink.t.text,
        );
        self.y += 30.0;
    }

    fn row(&mut self, label: &str, value: &str) {
        if self.y > self.rect.bottom() - self.foot {
            return;
        }
        let (b, y) = (self.ink.body(), self.y);
        self.ink.left(self.rect.left() + 12.0, y, label, Face::Regular, b, self.ink.t.text2);
        self.ink.right(self.rect.right() - 12.0, y, value, Face::Medium, b, self.ink.t.live);
        self.y += 21.0;
    }

    fn note(&mut self, text: &str) {
        let (x0, x1) = (self.rect.left() + 12.0, self.rect.right() - 12.0);
        self.ink.left_cut(x0, self.y, x1, text, Face::Regular, self.ink.px(12.0, 13.0), self.ink.t.text2);
        self.y += 20.0;
    }
}

/// A signal's value in words.
fn words(s: &Signal, v: f64) -> String {
    match s.kind {
        Kind::State(names) => names.get(v as usize).copied().unwrap_or("unknown").to_owned(),
        Kind::Count => num(v, 0),
        Kind::Analog if s.unit == "kW" => format!("{} kW", kw(v)),
        Kind::Analog => format!("{} {}", num(v, if s.unit == "pu" || s.unit == "Hz" { 2 } else { 1 }), s.unit),
    }
}

fn block(plate: &mut Plate, model: &Model, name: &str, indices: impl Iterator<Item = SignalIdx>) {
    for i in indices {
        let s = model.table.get(i);
        let label = s.label.strip_prefix(name).map_or(s.label.as_str(), str::trim_start);
        let value = model.latest.get(i.at()).copied().unwrap_or(f64::NAN);
        let mut label = label.to_owned();
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        plate.row(&label, &words(s, value));
    }
}

fn set(ui: &mut Ui, plate: &mut Plate, model: &Model, scene: &Scene, i: usize, actions: &mut Vec<Action>) {
    let Some(set) = scene.sets.get(i) else { return };
    plate.title(&format!("{}  {}", set.name, model.plate.preset));
    let rows = [
        genset::STATE,
        genset::P_KW,
        genset::PM_KW,
        genset::Q_KVAR,
        genset::SPEED_HZ,
        genset::VT_PU,
        genset::VALVE_PU,
        genset::AVAIL_KW,
        genset::LOWLOAD_MIN,
    ];
    block(plate, model, &set.name, rows.into_iter().map(|o| model.table.genset(i, o)));
    let running = set.state != "stopped" && set.state != "locked out";
    let (act, text) = if running {
        (Operate::StopGenset(i as u32), format!("Stop {}: unloads {} kW, opens 52G", set.name, kw(set.kw)))
    } else {
        (Operate::StartGenset(i as u32), format!("Start {}: prelube, crank, synchronise", set.name))
    };
    let label = if running { "Stop" } else { "Start" };
    command(ui, plate, model, label, &format!("{label} {}", set.name), act, &text, actions);
}

fn sets(plate: &mut Plate, scene: &Scene, section: Option<usize>) {
    plate.title(&format!("{} gensets", scene.sets_of(section).count()));
    for (_, s) in scene.sets_of(section) {
        plate.row(&format!("{}  {}", s.name, s.state), &format!("{} kW", kw(s.kw)));
    }
}

fn object(plate: &mut Plate, scene: &Scene, model: &Model, kind: FeederKind) {
    use crate::plant::signals::{at, site};
    plate.title(kind.name());
    let rows: &[u32] = match kind {
        FeederKind::Miners => &[
            site::MINER_KW,
            site::MINER_CMD_KW,
            site::MINER_ON,
            site::MINER_OFF,
            site::MINER_STUCK,
            site::SHED_LAG_S,
            site::MINING_LOST_KWH,
        ],
        FeederKind::Gpus => &[site::GPU_KW, site::GPU_CMD_KW, site::GPU_FULL, site::GPU_PRELOAD, site::GPU_OFF],
        FeederKind::Bess => &[site::BESS_KW, site::BESS_SOC_PCT, site::BESS_KWH],
        FeederKind::Aux => &[site::AUX_KW],
    };
    block(plate, model, "", rows.iter().map(|&o| at(o)));
    if let Some(f) = scene.feeders.iter().find(|f| f.kind == kind) {
        // The state of charge stands above already.
        for (label, value) in f.rows.iter().filter(|(label, _)| *label != "SoC") {
            plate.row(label, value);
        }
    }
    if kind == FeederKind::Bess {
        for i in 0..model.plate.bess.len() {
            let rows = [bess::P_KW, bess::SOC_PCT, bess::I_PU].map(|o| model.table.bess(i, o));
            block(plate, model, "", rows.into_iter());
        }
    }
}

fn breakers(
    ui: &mut Ui,
    plate: &mut Plate,
    scene: &Scene,
    model: &Model,
    device: &str,
    found: &[usize],
    actions: &mut Vec<Action>,
) {
    plate.title(&format!("{device} breakers"));
    if found.is_empty() {
        plate.note("The plant lists no breaker here.");
    }
    let fits = (((plate.rect.bottom() - plate.y - 96.0) / 34.0).max(1.0) as usize).min(found.len());
    let page_id = open_id().with("page");
    let pages = if fits > 0 { found.len().div_ceil(fits) } else { 1 };
    let page = ui.data(|d| d.get_temp::<usize>(page_id)).unwrap_or(0) % pages.max(1);
    for &i in found.iter().skip(page * fits).take(fits) {
        let Some(b) = model.view.breakers.get(i) else { continue };
        let state = if b.tripped && !b.closed {
            "tripped"
        } else if b.closed {
            "closed"
        } else {
            "open"
        };
        let (label, text) = if b.closed {
            let share = if b.kw.is_finite() { format!(": takes off {} kW", kw(b.kw)) } else { String::new() };
            let closed = scene.sets.iter().filter(|s| s.position == super::scene::Position::Closed).count();
            let dark = if device == "52G" && closed < 2 { "; the last genset on the bus" } else { "" };
            ("Open", format!("Open {}{share}{dark}", b.name))
        } else {
            ("Close", format!("Close {}{}", b.name, if b.tripped { ": reset the trip first" } else { "" }))
        };
        let y = plate.y + 10.0;
        let x =
            plate.ink.left(plate.rect.left() + 12.0, y, &b.name, Face::Regular, plate.ink.body(), plate.ink.t.text2);
        plate.ink.left(x + 8.0, y, state, Face::Medium, plate.ink.body(), plate.ink.t.live);
        let name = format!("{label} {}", b.name);
        command(ui, plate, model, label, &name, Operate::Breaker(i as u32, !b.closed), &text, actions);
        if b.tripped {
            let name = format!("Reset {}", b.name);
            command(ui, plate, model, "Reset", &name, Operate::Reset, "Reset latched trips and shed stages", actions);
        }
    }
    if pages > 1 {
        let rect = Rect::from_min_size(pos2(plate.rect.left() + 12.0, plate.rect.bottom() - 36.0), vec2(150.0, 28.0));
        let label = format!("Next, {} of {pages}", page + 1);
        if button(ui, &plate.ink, rect, Words { label: &label, key: "", name: "Next breakers" }, Look::Plain, None)
            .clicked()
        {
            ui.data_mut(|d| d.insert_temp(page_id, page + 1));
        }
    }
    for trip in model.view.trips.iter().take(3) {
        plate.note(trip);
    }
}

/// A command in two moves: the first selects and shows what it does, the second executes.
fn command(
    ui: &mut Ui,
    plate: &mut Plate,
    model: &Model,
    label: &str,
    name: &str,
    act: Operate,
    consequence: &str,
    actions: &mut Vec<Action>,
) {
    let armed = ui.data(|d| d.get_temp::<Option<Armed>>(armed_id())).flatten();
    let at = |x: f32, w: f32| Rect::from_min_size(pos2(x, plate.y - 4.0), vec2(w, 28.0));
    let x1 = plate.rect.right() - 12.0;
    let why_not = (!model.commands()).then_some("read-only: there is no twin to operate");
    if armed == Some(Armed(act)) {
        let words = |label, name| Words { label, key: "", name };
        let (yes, no) = (format!("Execute {name}"), format!("Cancel {name}"));
        let execute =
            button(ui, &plate.ink, at(x1 - 168.0, 88.0), words("Execute", &yes), Look::Solid, why_not).clicked();
        let cancel = button(ui, &plate.ink, at(x1 - 72.0, 72.0), words("Cancel", &no), Look::Plain, None).clicked();
        if execute {
            actions.push(Action::Operate(act));
        }
        if execute || cancel {
            ui.data_mut(|d| d.insert_temp::<Option<Armed>>(armed_id(), None));
        }
        plate.y += 36.0;
        plate.note(consequence);
        return;
    }
    let w = plate.ink.width(label, Face::Medium, plate.ink.body()) + 28.0;
    if button(ui, &plate.ink, at(x1 - w, w), Words { label, key: "", name }, Look::Plain, why_not).clicked() {
        ui.data_mut(|d| d.insert_temp(armed_id(), Some(Armed(act))));
    }
    plate.y += 34.0;
}
