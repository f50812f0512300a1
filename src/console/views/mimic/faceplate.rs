//! What a click on an object of the one-line opens, inside the panel: its values, and its breaker or engine in two
//! moves, select then execute, with what it will do said in between. Without a twin there is nothing to operate.

use egui::{Id, Rect, Sense, Sides, Ui, WidgetInfo, accesskit::Role, pos2};

use super::scene::Scene;
use crate::acts::Operate;
use crate::console::action::Action;
use crate::console::fmt::{kw, num};
use crate::console::model::Model;
use crate::console::widgets::pane::{part, sides};
use crate::console::widgets::{Button, Ink, Text};
use crate::plant::device::DeviceKind;
use crate::plant::signals::{Kind, Signal, SignalIdx, bess, condenser, genset};

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
    Feeder(DeviceKind, Option<usize>),
    /// What hangs on a feeder, or on its part on a section.
    Object(DeviceKind, Option<usize>),
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
    let left = match target {
        Target::Feeder(kind, _) | Target::Object(kind, _) => !matches!(kind, DeviceKind::Miners | DeviceKind::Gpus),
        _ => false,
    };
    let w = (field.width() * 0.57).clamp(316.0, 400.0).min(field.width() - 32.0);
    let x = if left { field.left() + 16.0 } else { field.right() - 16.0 - w };
    let rect = Rect::from_min_max(pos2(x, field.top() + 42.0), pos2(x + w, field.bottom() - 8.0));
    let armed = ui.data(|d| d.get_temp::<Option<Armed>>(armed_id())).flatten().is_some();
    let short = |breakers: usize| short(rect, breakers, model, armed);
    let rect = match target {
        Target::Device(_) => short(1),
        Target::Tie(i) => short(scene.ties.get(i).map_or(1, |t| t.breakers.len())),
        Target::Feeder(kind, section) => short(scene.feeder(kind, section).map_or(1, |f| f.breakers.len())),
        _ => rect,
    };
    let id = open_id().with("area");
    let area = ui.interact(rect, id, Sense::click());
    area.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Faceplate"));
    ink.fill(rect, ink.t.panel);
    ink.frame(rect, 4, (2.0, ink.t.text));
    let title = match target {
        Target::Set(i) => scene.sets.get(i).map_or_else(String::new, |s| format!("{}  {}", s.name, model.plate.preset)),
        Target::Sets(section) => format!("{} gensets", scene.sets_of(section).count()),
        Target::SetBreakers(_) | Target::Device(_) => "52G breakers".to_owned(),
        Target::Feeder(kind, _) => format!("{} breakers", kind.row().breaker),
        Target::Object(kind, _) => kind.row().label.to_owned(),
        Target::Tie(_) => "52T breakers".to_owned(),
    };
    let close = part(ui, "faceplate", rect.shrink(2.0), |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.add_space(4.0);
        // not "Close": that is what a breaker does
        let close = Button::new("Done").name("Done with the faceplate");
        let (_, close) = sides(ui, |ui| ui.add(Text::title(title)), |ui| ui.add(close).clicked());
        egui::ScrollArea::vertical().id_salt("values").show(ui, |ui| content(ui, target, scene, model, actions));
        close
    });
    let outside = ui.input(|i| i.pointer.any_click() && i.pointer.interact_pos().is_some_and(|p| !rect.contains(p)));
    if close || (outside && picked.is_none()) || ui.input(|i| i.key_pressed(egui::Key::Escape)) {
        ui.data_mut(|d| d.insert_temp::<Option<Target>>(open_id(), None));
    }
}

fn content(ui: &mut Ui, target: Target, scene: &Scene, model: &Model, actions: &mut Vec<Action>) {
    let found: Vec<usize> = match target {
        Target::Set(i) => return set(ui, model, scene, i, actions),
        Target::Sets(section) => {
            for (_, s) in scene.sets_of(section) {
                row(ui, &format!("{}  {}", s.name, s.state), &format!("{} kW", kw(s.kw)));
            }
            return;
        }
        Target::Object(kind, _) => return object(ui, scene, model, kind),
        Target::SetBreakers(section) => scene.sets_of(section).filter_map(|(_, s)| s.breaker).collect(),
        Target::Device(i) => scene.sets.get(i).and_then(|s| s.breaker).into_iter().collect(),
        Target::Feeder(kind, section) => scene.feeder(kind, section).map(|f| f.breakers.clone()).unwrap_or_default(),
        Target::Tie(i) => scene.ties.get(i).map(|t| t.breakers.clone()).unwrap_or_default(),
    };
    let sources = matches!(target, Target::SetBreakers(_) | Target::Device(_));
    breakers(ui, scene, model, sources, &found, actions);
}

/// As high as so many breakers need, and what a selected act says of itself.
fn short(rect: Rect, breakers: usize, model: &Model, armed: bool) -> Rect {
    let wanted =
        if armed { 162.0 } else { 114.0 } + 34.0 * breakers as f32 + 20.0 * model.view.trips.len().min(3) as f32;
    rect.with_max_y(rect.max.y.min(rect.min.y + wanted))
}

/// A name and its value, at both ends.
fn row(ui: &mut Ui, label: &str, value: &str) {
    Sides::new().height(18.0).shrink_left().show(
        ui,
        |ui| ui.add(Text::new(label).dim().cut()),
        |ui| ui.add(Text::value(value)),
    );
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

fn block(ui: &mut Ui, model: &Model, name: &str, indices: impl Iterator<Item = SignalIdx>) {
    for i in indices {
        let s = model.table.get(i);
        let label = s.label.strip_prefix(name).map_or(s.label.as_str(), str::trim_start);
        let value = model.latest.get(i.at()).copied().unwrap_or(f64::NAN);
        let mut label = label.to_owned();
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        row(ui, &label, &words(s, value));
    }
}

fn set(ui: &mut Ui, model: &Model, scene: &Scene, i: usize, actions: &mut Vec<Action>) {
    let Some(set) = scene.sets.get(i) else { return };
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
    block(ui, model, &set.name, rows.into_iter().map(|o| model.table.genset(i, o)));
    let running = set.state != "stopped" && set.state != "locked out";
    let (act, text) = if running {
        (Operate::StopGenset(i as u32), format!("Stop {}: unloads {} kW, opens 52G", set.name, kw(set.kw)))
    } else {
        (Operate::StartGenset(i as u32), format!("Start {}: prelube, crank, synchronise", set.name))
    };
    let label = if running { "Stop" } else { "Start" };
    command(ui, |_| (), model, [label, &set.name], act, &text, actions);
}

fn object(ui: &mut Ui, scene: &Scene, model: &Model, kind: DeviceKind) {
    use crate::plant::signals::{at, site};
    let rows: &[u32] = match kind {
        DeviceKind::Miners => &[
            site::MINER_KW,
            site::MINER_CMD_KW,
            site::MINER_ON,
            site::MINER_OFF,
            site::MINER_STUCK,
            site::SHED_LAG_S,
            site::MINING_LOST_KWH,
        ],
        DeviceKind::Gpus => &[site::GPU_KW, site::GPU_CMD_KW, site::GPU_FULL, site::GPU_PRELOAD, site::GPU_OFF],
        DeviceKind::Bess => &[site::BESS_KW, site::BESS_SOC_PCT, site::BESS_KWH],
        DeviceKind::Aux => &[site::AUX_KW],
        DeviceKind::Condenser | DeviceKind::Genset => &[],
    };
    block(ui, model, "", rows.iter().map(|&o| at(o)));
    if kind == DeviceKind::Condenser {
        for (i, name) in model.plate.condensers.iter().enumerate() {
            let places = 0..condenser::SPECS.len() as u32;
            let shown = if model.plate.condensers.len() > 1 { "" } else { name };
            block(ui, model, shown, places.map(|o| model.table.device(DeviceKind::Condenser, i, o)));
        }
        return;
    }
    if let Some(f) = scene.feeders.iter().find(|f| f.kind == kind) {
        // The state of charge stands above already.
        for (label, value) in f.rows.iter().filter(|(label, _)| *label != "SoC") {
            row(ui, label, value);
        }
    }
    if kind == DeviceKind::Gpus {
        for c in &model.view.cohorts {
            let pct = |share: f64| num(share * 100.0, 0);
            let moving = (c.cap - c.cap_asked).abs() > 1e-9;
            let to = if moving { format!(", to {} %", pct(c.cap_asked)) } else { String::new() };
            row(ui, &format!("Cap of {}", c.name), &format!("{} %{to}", pct(c.cap)));
        }
    }
    if kind == DeviceKind::Bess {
        for i in 0..model.plate.bess.len() {
            let rows = [bess::P_KW, bess::SOC_PCT, bess::I_PU].map(|o| model.table.bess(i, o));
            block(ui, model, "", rows.into_iter());
        }
    }
}

fn breakers(ui: &mut Ui, scene: &Scene, model: &Model, sources: bool, found: &[usize], actions: &mut Vec<Action>) {
    if found.is_empty() {
        ui.add(Text::new("The plant lists no breaker here.").dim());
    }
    for &i in found {
        let Some(b) = model.view.breakers.get(i) else { continue };
        let state = match (b.tripped && !b.closed, b.closed) {
            (true, _) => "tripped",
            (_, true) => "closed",
            _ => "open",
        };
        let (label, text) = if b.closed {
            let share = if b.kw.is_finite() { format!(": takes off {} kW", kw(b.kw)) } else { String::new() };
            let closed = scene.sets.iter().filter(|s| s.position == super::scene::Position::Closed).count();
            let dark = if sources && closed < 2 { "; the last genset on the bus" } else { "" };
            ("Open", format!("Open {}{share}{dark}", b.name))
        } else {
            ("Close", format!("Close {}{}", b.name, if b.tripped { ": reset the trip first" } else { "" }))
        };
        let left = |ui: &mut Ui| {
            ui.add(Text::new(&b.name).dim().cut());
            ui.add(Text::value(state));
        };
        command(ui, left, model, [label, &b.name], Operate::Breaker(i as u32, !b.closed), &text, actions);
        if b.tripped {
            let text = "Reset latched trips and shed stages";
            command(ui, |_| (), model, ["Reset", &b.name], Operate::Reset, text, actions);
        }
    }
    for trip in &model.view.trips {
        ui.add(Text::new(trip).small());
    }
}

/// A command in two moves: the first selects and shows what it does, the second executes.
fn command(
    ui: &mut Ui,
    left: impl FnOnce(&mut Ui),
    model: &Model,
    [label, of]: [&str; 2],
    act: Operate,
    consequence: &str,
    actions: &mut Vec<Action>,
) {
    let armed = ui.data(|d| d.get_temp::<Option<Armed>>(armed_id())).flatten() == Some(Armed(act));
    let why_not = (!model.commands()).then_some("read-only: there is no twin to operate");
    let name = format!("{label} {of}");
    let ((), done) = sides(ui, left, |ui| {
        if !armed {
            let pressed = ui.add(Button::new(label).name(&name).why_not(why_not)).clicked();
            return pressed.then_some(Some(Armed(act)));
        }
        let (yes, no) = (format!("Execute {name}"), format!("Cancel {name}"));
        let cancel = ui.add(Button::new("Cancel").name(&no)).clicked();
        let execute = ui.add(Button::new("Execute").name(&yes).solid().why_not(why_not)).clicked();
        if execute {
            actions.push(Action::Operate(act));
        }
        (execute || cancel).then_some(None)
    });
    if armed {
        let says = ui.add(Text::new(consequence).small());
        // what it will do is in sight before it can be done, however many lines stand above it
        says.scroll_to_me(None);
    }
    if let Some(armed) = done {
        ui.data_mut(|d| d.insert_temp::<Option<Armed>>(armed_id(), armed));
    }
}
