//! The table of malfunctions: set up, fire, clear.

use egui::{Rect, Ui};

use super::{InstructorState, act, title};
use crate::acts::Operate;
use crate::acts::fault::{FAULTS, Fault, Target};
use crate::console::action::Action;
use crate::console::fmt::num;
use crate::console::widgets::pane::part;
use crate::console::widgets::table::{self, Column, Table};
use crate::console::widgets::{Button, Ink, Number, Text, dropdown};
use crate::scenario::exercise::{Do, Item, When};
use crate::training::msg::{DeskView, What};

/// Share of the column that the table may take, and what it leaves to the exercise: the table scrolls where it is lower.
const SHARE: f32 = 0.66;
const LEAVES: f32 = 236.0;
/// Height of the title.
const TITLE: f32 = 32.0;

const COLUMNS: [Column; 10] = [
    Column::words("", 60.0),
    Column::rest("malfunction", 96.0),
    Column::mark("device", 100.0),
    Column::mark("sev. %", 46.0),
    Column::mark("ramp s", 48.0),
    Column::mark("delay s", 48.0),
    Column::mark("for s", 46.0),
    Column::number("now", 42.0),
    Column::mark("", 48.0),
    Column::mark("", 52.0),
];

fn pitch(ink: &Ink, room: f32) -> f32 {
    ((room * SHARE - TITLE - table::HEAD) / FAULTS.len() as f32).clamp(24.0, ink.px(27.0, 33.0))
}

/// Height of the table in a column of this height.
pub(super) fn height(ink: &Ink, room: f32) -> f32 {
    (TITLE + table::HEAD + pitch(ink, room) * FAULTS.len() as f32 + 4.0).min(room - LEAVES)
}

pub(super) fn show(ui: &mut Ui, rect: Rect, desk: &DeskView, state: &mut InstructorState, actions: &mut Vec<Action>) {
    let (head, body) = rect.split_top_bottom_at_y(rect.top() + TITLE);
    part(ui, "malfunctions", head, |ui| title(ui, "Malfunctions", "for 0 s: until cleared"));
    let pitch = ((body.height() - table::HEAD - 4.0) / FAULTS.len() as f32).max(24.0);
    let table = Table::new("faults", &COLUMNS).row_height(pitch);
    let told = table.show(ui, body, FAULTS.len(), |row| line(row, desk, state, actions));
    state.selected = told.chosen.unwrap_or(state.selected);
}

fn line(row: &mut table::Row<'_, '_, '_>, desk: &DeskView, state: &mut InstructorState, actions: &mut Vec<Action>) {
    let k = row.index;
    let Some(spec) = FAULTS.get(k) else { return };
    row.begin(("fault", k), k == state.selected);
    row.says(format!("{} {}", spec.code, spec.name));
    row.text(Text::new(spec.code).medium());
    row.text(Text::new(spec.name));
    let names = desk.devices.get(spec.target.place()).map_or(&[][..], Vec::as_slice);
    let why = names.is_empty().then_some("this plant has none");
    let r = &mut state.rows[k];
    if r.device >= names.len() {
        r.device = usual(spec.target, names);
    }
    row.ui(|ui| {
        let wide = ui.available_width() - 6.0;
        dropdown(ui, wide, &format!("{} device", spec.code), names, &mut r.device);
    });
    let numbers = [
        ("severity", 100.0, &mut r.severity_pct),
        ("ramp", 3600.0, &mut r.ramp_s),
        ("delay", 3600.0, &mut r.delay_s),
        ("for", 3600.0, &mut r.for_s),
    ];
    for (name, most, value) in numbers {
        row.ui(|ui| {
            let name = format!("{} {name}", spec.code);
            let wide = ui.available_width() - 6.0;
            if let Some(v) = Number::new(&name, *value, 0).range(0.0, most).why_not(why).show(ui, wide) {
                *value = v;
            }
        });
    }
    let device = r.device;
    let standing = desk.standing.iter().find(|s| s.fault.kind == spec.kind && s.fault.device as usize == device);
    row.text(Text::value(standing.map_or(String::new(), |s| format!("{} %", num(s.level * 100.0, 0)))).strong());
    let (mut fired, mut cleared) = (false, false);
    row.ui(|ui| {
        let name = format!("fire {}", spec.code);
        fired = ui.add(Button::new("Fire").name(&name).why_not(why).least(40.0, 22.0)).clicked();
    });
    row.ui(|ui| {
        let name = format!("clear {}", spec.code);
        let idle = standing.is_none().then_some("it does not stand");
        cleared = ui.add(Button::new("Clear").name(&name).why_not(idle).least(46.0, 22.0)).clicked();
    });
    if fired {
        fire(k, desk, state, actions);
    }
    if let Some(s) = standing.filter(|_| cleared) {
        act(actions, What::Operate(Operate::Fault(Fault { severity: 0.0, ramp_s: 0.0, ..s.fault })));
    }
}

fn usual(target: Target, names: &[String]) -> usize {
    let wanted = match target {
        Target::Breaker => names.iter().position(|n| n.starts_with("52C")),
        Target::Source => Some(1),
        _ => None,
    };
    wanted.unwrap_or(0)
}

/// As the trainer has set it up: at once as an act, with delay or duration as an item that fires by hand.
fn fire(k: usize, desk: &DeskView, state: &InstructorState, actions: &mut Vec<Action>) {
    let (spec, r) = (&FAULTS[k], state.rows[k]);
    if r.delay_s > 0.0 || r.for_s > 0.0 {
        act(actions, What::AddItem(item(k, desk, state, When::Hand)));
        act(actions, What::Fire(desk.items.len() as u32));
    } else {
        let severity = r.severity_pct / 100.0;
        let fault = Fault { kind: spec.kind, device: r.device as u32, severity, ramp_s: r.ramp_s };
        act(actions, What::Operate(Operate::Fault(fault)));
    }
}

/// The malfunction as an item of the exercise.
pub(super) fn item(k: usize, desk: &DeskView, state: &InstructorState, at: When) -> Item {
    let (spec, r) = (&FAULTS[k], state.rows[k]);
    let names = desk.devices.get(spec.target.place());
    let malf = Do::Malf {
        m: spec.code.to_owned(),
        device: names.and_then(|n| n.get(r.device)).cloned(),
        sev: r.severity_pct / 100.0,
        ramp_s: r.ramp_s,
        delay_s: r.delay_s,
        for_s: (r.for_s > 0.0).then_some(r.for_s),
    };
    Item { at, act: malf, repeat: false, armed: true }
}
