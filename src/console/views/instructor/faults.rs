//! The table of malfunctions: set up, fire, clear.

use egui::{Rect, Ui, pos2};

use super::super::controls::{Look, Words, button, field};
use super::super::ink::{Face, Ink, num};
use super::{InstructorState, PAD, act, choice, pick, title};
use crate::acts::fault::{FAULTS, Target};
use crate::acts::{Fault, Operate};
use crate::console::action::Action;
use crate::scenario::exercise::{Do, Item, When};
use crate::training::msg::{DeskView, What};

/// Share of the column that the table may take.
const SHARE: f32 = 0.66;
/// Rows of title and heads.
const HEAD: f32 = 52.0;

fn pitch(ink: &Ink, room: f32) -> f32 {
    ((room * SHARE - HEAD - 8.0) / FAULTS.len() as f32).clamp(24.0, ink.px(27.0, 33.0))
}

/// Height of the table in a column of this height.
pub(super) fn height(ink: &Ink, room: f32) -> f32 {
    HEAD + pitch(ink, room) * FAULTS.len() as f32 + 8.0
}

/// Columns from the right: clear, fire, state, for, delay, ramp, severity, device.
const WIDTHS: [(&str, f32); 7] =
    [("", 56.0), ("", 46.0), ("now", 46.0), ("for s", 46.0), ("delay s", 48.0), ("ramp s", 46.0), ("sev. %", 46.0)];

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let (x0, x1) = (rect.left() + PAD, rect.right() - 8.0);
    title(ink, [x0, x1], rect.top(), "Malfunctions", "for 0 s: until cleared");
    let pitch = pitch(ink, rect.height() / SHARE);
    let mut x = x1;
    let columns = WIDTHS.map(|(name, w)| {
        let r = [x - w, x];
        x -= w + 4.0;
        ink.right(r[1] - 4.0, rect.top() + 42.0, name, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
        r
    });
    let device = [x - ink.px(118.0, 190.0), x];
    ink.left(device[0] + 4.0, rect.top() + 42.0, "device", Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
    let mut y = rect.top() + HEAD;
    for (k, spec) in FAULTS.iter().enumerate() {
        let row = Rect::from_min_max(pos2(rect.left() + 4.0, y), pos2(device[0] - 4.0, y + pitch));
        if choice(ui, ink, row, ("fault", k), &format!("{} {}", spec.code, spec.name), k == state.selected) {
            state.selected = k;
        }
        let mid = y + pitch / 2.0;
        ink.left(x0, mid, spec.code, Face::Medium, ink.body(), ink.t.text);
        ink.left_cut(x0 + ink.px(50.0, 58.0), mid, device[0] - 8.0, spec.name, Face::Regular, ink.body(), ink.t.text);
        let names = desk.devices.get(spec.target as usize).map_or(&[][..], Vec::as_slice);
        let why = names.is_empty().then_some("this plant has none");
        if state.rows[k].device >= names.len() {
            state.rows[k].device = usual(spec.target, names);
        }
        let cell = |c: [f32; 2]| Rect::from_min_max(pos2(c[0], y + 2.0), pos2(c[1], y + pitch - 2.0));
        pick(ui, ink, cell(device), &format!("{} device", spec.code), names, &mut state.rows[k].device);
        let r = &mut state.rows[k];
        let numbers = [("for", 3, &mut r.for_s), ("delay", 4, &mut r.delay_s), ("ramp", 5, &mut r.ramp_s)];
        for (name, c, value) in numbers {
            if let Some(v) = field(ui, ink, cell(columns[c]), &format!("{} {name}", spec.code), *value, 0, why) {
                *value = v.clamp(0.0, 3600.0);
            }
        }
        if let Some(v) = field(ui, ink, cell(columns[6]), &format!("{} severity", spec.code), r.severity_pct, 0, why) {
            r.severity_pct = v.clamp(0.0, 100.0);
        }
        let is = |f: &Fault| f.kind == spec.kind && f.device as usize == r.device;
        let standing = desk.standing.iter().find(|s| is(&s.fault));
        if let Some(s) = standing {
            let words = format!("{} %", num(s.level * 100.0, 0));
            ink.right(columns[2][1] - 4.0, mid, words, Face::SemiBold, ink.body(), ink.t.live);
        }
        let named = |label: &'static str, name: &'static str| (label, format!("{name} {}", spec.code));
        let (label, name) = named("Fire", "fire");
        let words = Words { label, key: "", name: &name };
        if button(ui, ink, cell(columns[1]), words, Look::Plain, why).clicked() {
            fire(k, desk, state, actions);
        }
        let (label, name) = named("Clear", "clear");
        let words = Words { label, key: "", name: &name };
        let idle = standing.is_none().then_some("it does not stand");
        if button(ui, ink, cell(columns[0]), words, Look::Plain, idle).clicked()
            && let Some(s) = standing
        {
            act(actions, What::Operate(Operate::Fault(Fault { severity: 0.0, ramp_s: 0.0, ..s.fault })));
        }
        y += pitch;
    }
    ink.hline(rect.left(), rect.right(), rect.bottom(), ink.t.dead);
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
    let names = desk.devices.get(spec.target as usize);
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
