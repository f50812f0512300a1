//! The bring-up panel: the plan and its limits, which of them binds, what the next minute brings, and the buttons.
//!
//! Pages share the rows in the middle: *Plan* (what ramps and how fast), *Devices* (miners, BESS, loads), *Caps* (power
//! caps of the GPU cohorts) and *Run* (speed, ceiling, holds, interlocks). Title, limits, forecast line and buttons stay. A
//! set-point is staged by the hand, sent as an act, and applied when the plant itself says so (see `knob`).

mod caps;
mod devices;
mod footer;
mod knob;
mod plan;
pub(crate) mod possible;
mod run;

use std::time::Duration;

use egui::{Align, Rect, Response, Sense, Stroke, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use crate::acts::{Plate, Setpoint};
use crate::console::action::Action;
use crate::console::fmt::{kw, num, seconds};
use crate::console::model::Model;
use crate::console::terms;
use crate::console::widgets::pane::{line, pane, sides};
use crate::console::widgets::text::{fitted, label};
use crate::console::widgets::{Ink, Number, Scale, Segmented, Slider, Text, tabs};
use crate::control::plan_math::{Plan, load_without_plan_kw};
use crate::control::{BringUpPath, RunState, Status};
use crate::plant::signals::{SCHEDULE_STATES, site};

use knob::{Goal, Knobs};

/// Width of the names of rows, of the fields, and of what a value amounts to; the sliders take the rest.
const NAME: f32 = 100.0;
const FIELD: f32 = 80.0;
const NOTE: [f32; 2] = [118.0, 148.0];
/// Narrower than this it is the panel of the smallest window: short words, no notes beside choices.
const NARROW: f32 = 568.0;
/// Heights of a row and the room above a rule, in a low panel and in a high one.
const AIR: [[f32; 2]; 2] = [[28.0, 4.0], [33.0, 5.0]];

/// What the middle of the panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Target, batch, interval and limits.
    #[default]
    Plan,
    /// Shedding, battery, loads.
    Devices,
    /// Power caps of the GPU cohorts.
    Caps,
    /// Pace of the twin, ceiling, holds.
    Run,
}

/// The pages with their names.
const PAGES: [(Page, &str); 4] =
    [(Page::Plan, "Plan"), (Page::Devices, "Devices"), (Page::Caps, "Caps"), (Page::Run, "Run")];

/// What the panel remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct BringUpState {
    page: Page,
    knobs: Knobs,
    abort_since: Option<f64>,
    hold_point: f64,
    /// Caps in kW rather than per cent.
    caps_in_kw: bool,
}

impl BringUpState {
    /// Whether a set-point is on its way to the plant.
    #[must_use]
    pub fn pending(&self, which: Setpoint) -> bool {
        self.knobs.pending(Goal::Set(which))
    }

    /// The page that is shown.
    #[must_use]
    pub fn page(&self) -> Page {
        self.page
    }
}

/// Why the schedule cannot be resumed now, in words; `None` when it can.
#[must_use]
pub fn why_not_resume(status: &Status) -> Option<String> {
    possible::refusal(status, possible::Command::Resume).map(|r| r.to_string())
}

/// Draws the panel in `rect` and collects what the operator does.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut BringUpState, actions: &mut Vec<Action>) {
    let now_s = ui.input(|i| i.time);
    state.knobs.settle(|goal| in_force(model, goal), model.running, now_s);
    let mut panel = Panel { model, state, actions, now_s, air: AIR[usize::from(rect.height() >= 400.0)] };
    pane(ui, "bring-up", rect, |ui| panel.ui(ui));
    let sent = panel.state.knobs.send(now_s);
    actions.extend(sent.into_iter().map(|(goal, v)| Action::Operate(goal.act(v))));
    if ui.input(|i| i.pointer.any_down()) || state.abort_since.is_some() {
        ui.ctx().request_repaint_after(Duration::from_millis(33));
    }
}

/// Value that the plant has in force, where it can be read back.
fn in_force(model: &Model, goal: Goal) -> Option<f64> {
    let (p, device) = (&model.status.policy, &model.view.readback);
    let known = |v: f64| v.is_finite().then_some(v);
    let s = match goal {
        Goal::Set(s) => s,
        Goal::Cap(i) => return model.view.cohorts.get(i as usize).map(|c| c.cap_asked),
    };
    match s {
        Setpoint::BessOn => {
            let mut all = model.view.breakers.iter().filter(|b| b.name.starts_with("52B")).peekable();
            all.peek()?;
            Some(f64::from(u8::from(all.all(|b| b.closed))))
        }
        Setpoint::BessKw => known(device.bess_kw),
        Setpoint::AuxKw => known(device.aux_kw),
        Setpoint::LoadBankKw => known(device.load_bank_kw),
        Setpoint::MinerLatencyS => known(device.miner_latency_s),
        // The newest of the list; 0 clears it.
        Setpoint::HoldPointKw => Some(p.hold_points_kw.last().copied().unwrap_or(0.0)),
        _ => p.in_force(s),
    }
}

/// The panel while it is drawn.
struct Panel<'a> {
    model: &'a Model,
    state: &'a mut BringUpState,
    actions: &'a mut Vec<Action>,
    now_s: f64,
    /// Height of a row, room above a rule.
    air: [f32; 2],
}

/// A row with a slider and a field.
struct Row<'a> {
    /// What it sets.
    goal: Goal,
    /// Its name.
    name: &'a str,
    /// Slider.
    scale: Scale,
    /// Factor from the set-point's unit to the shown one (100 for per cent).
    factor: f64,
    /// Shown unit.
    unit: &'a str,
    /// What it amounts to, at the right.
    derived: String,
    /// Tick on the track, in the shown unit.
    limit: Option<f64>,
    /// What holds while the plant is on its way to the value, in the shown unit.
    on_the_way: Option<f64>,
    /// Why it cannot be used.
    why_not: Option<String>,
}

impl<'a> Row<'a> {
    /// Even, with values that are multiples of `step` between two ends.
    fn new(set: Setpoint, range: [f64; 2], step: f64, decimals: usize, unit: &'a str) -> Self {
        Self::of(Goal::Set(set), set.spec().label, Scale { range, log: false, step, decimals }, unit)
    }

    fn of(goal: Goal, name: &'a str, scale: Scale, unit: &'a str) -> Self {
        let (derived, limit, on_the_way, why_not) = (String::new(), None, None, None);
        Self { goal, name, scale, factor: 1.0, unit, derived, limit, on_the_way, why_not }
    }

    /// Logarithmic.
    fn log(self) -> Self {
        Self { scale: Scale { log: true, ..self.scale }, ..self }
    }

    /// Shown in per cent.
    fn per_cent(self) -> Self {
        Self { factor: 100.0, ..self }
    }

    /// With what it amounts to.
    fn derived(self, words: impl Into<String>) -> Self {
        Self { derived: words.into(), ..self }
    }

    /// With the tick of a limit.
    fn limit(self, limit: impl Into<Option<f64>>) -> Self {
        Self { limit: limit.into(), ..self }
    }

    /// That cannot be used, if there is a reason.
    fn why_not(self, why: Option<String>) -> Self {
        Self { why_not: why, ..self }
    }
}

impl Panel<'_> {
    fn ui(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
        ui.add_space(2.0 * self.air[1] + 3.0);
        self.head(ui);
        ui.add_space(2.0 * self.air[1] + 1.0);
        match self.state.page {
            Page::Plan => plan::rows(self, ui),
            Page::Devices => devices::rows(self, ui),
            Page::Caps => caps::rows(self, ui),
            Page::Run => run::rows(self, ui),
        }
        footer::show(self, ui);
    }

    fn status(&self) -> &Status {
        &self.model.status
    }

    /// Value of a site signal.
    fn site(&self, offset: u32) -> f64 {
        self.model.site(offset)
    }

    /// Read-only reason that holds for every control.
    fn locked(&self) -> Option<String> {
        (!self.model.commands()).then(|| "read-only: there is no twin to operate".to_owned())
    }

    /// The plan that the set-points as shown amount to.
    fn plan(&self) -> Plan {
        let m = self.model;
        let sources = self.site(site::GEN_KW) + self.site(site::BESS_KW).max(0.0);
        let rest = load_without_plan_kw(sources, self.site(site::GPU_KW), m.status.shed_kw);
        let mut p = Plan::of(&m.status.policy, m.plate.gpu_kw, f64::from(m.plate.gpus), m.plate.rated_kw, rest);
        p.rise_s = m.plate.gpu_rise_s;
        p.miner_unit_kw = m.plate.miner_kw;
        p.miner_kw = m.status.can_shed_kw + m.status.shed_kw;
        p.batch_gpus = self.shown(Setpoint::BatchGpus);
        p.interval_s = self.shown(Setpoint::IntervalS);
        p.target_kw = self.shown(Setpoint::TargetKw);
        p.shed_share = self.shown(Setpoint::ShedShare);
        p.shed_lead_s = self.shown(Setpoint::ShedLeadS);
        let lag = self.shown(Setpoint::MinerLatencyS);
        p.miner_lag_s = if lag.is_finite() { lag } else { self.site(site::SHED_LAG_S).max(0.0) };
        p
    }

    fn shown(&self, s: Setpoint) -> f64 {
        self.shown_goal(Goal::Set(s))
    }

    fn shown_goal(&self, goal: Goal) -> f64 {
        self.state.knobs.shown(goal, in_force(self.model, goal))
    }

    fn stage(&mut self, goal: Goal, value: f64) {
        let beyond = beyond(&self.model.plate, goal, value);
        self.state.knobs.stage(goal, value, beyond, self.now_s);
    }

    /// Path that the panel shows (staged or in force).
    fn path(&self) -> BringUpPath {
        match self.shown(Setpoint::Path) as usize {
            0 => BringUpPath::Ramp,
            1 => BringUpPath::Shed,
            _ => BringUpPath::ShedRestore,
        }
    }

    /// Title, state of the schedule, pages, path.
    fn head(&mut self, ui: &mut Ui) {
        let narrow = ui.available_width() < NARROW;
        let state = self.status().state;
        let word = SCHEDULE_STATES.get(state.code()).copied().unwrap_or("unknown");
        let strong = matches!(state, RunState::Hold | RunState::Aborted | RunState::Lost);
        let word = Text::new(if state == RunState::Hold { "HOLD" } else { word }).whole();
        let word = if strong { word.strong() } else { word.dim() };
        let items = if narrow { ["A", "B", "B + restore"] } else { ["A Ramp", "B Shed", "B + restore"] };
        let none = || (self.model.plate.miners == 0).then(|| "no miners in this plant".to_owned());
        let why = self.locked().or_else(none);
        let path = Segmented::new("Path", &items, self.shown(Setpoint::Path) as usize).why_not(why.as_deref());
        let path = path.padding(if narrow { 9.5 } else { 9.0 }).pending(self.state.pending(Setpoint::Path));
        let page = PAGES.iter().position(|(p, _)| *p == self.state.page).unwrap_or(0);
        let left = |ui: &mut Ui| {
            ui.add(Text::title("Bring-up"));
            state_mark(ui, state);
            ui.add(word);
        };
        let right = |ui: &mut Ui| {
            let path = path.show(ui);
            ui.add_space(if narrow { 2.0 } else { 6.0 });
            let gap = if narrow { 8.0 } else { 13.0 };
            (path, tabs(ui, "bring-up page", &PAGES.map(|(_, name)| name), page, gap))
        };
        let ((), (path, page)) = sides(ui, left, right);
        if let Some(i) = path {
            self.stage(Goal::Set(Setpoint::Path), i as f64);
        }
        if let Some((page, _)) = page.and_then(|i| PAGES.get(i)) {
            self.state.page = *page;
        }
    }

    /// A row that begins with a name.
    fn named(&mut self, ui: &mut Ui, name: &str, enabled: bool, content: impl FnOnce(&mut Self, &mut Ui)) {
        line(ui, self.air[0], |ui| {
            let text = Text::new(name);
            terms::hover(label(ui, NAME, if enabled { text } else { text.disabled() }), name, "");
            content(self, ui);
        });
    }

    /// Name, slider, field, unit and what it amounts to.
    fn row(&mut self, ui: &mut Ui, row: &Row<'_>) {
        self.row_after(ui, row, |_, _| {});
    }

    /// The same with something more before the slider.
    fn row_after(&mut self, ui: &mut Ui, row: &Row<'_>, before: impl FnOnce(&mut Self, &mut Ui)) {
        let why = self.locked().or_else(|| row.why_not.clone());
        self.named(ui, row.name, why.is_none(), |panel, ui| {
            before(panel, ui);
            panel.knob(ui, row, why.as_deref());
        });
    }

    fn knob(&mut self, ui: &mut Ui, row: &Row<'_>, why: Option<&str>) {
        let value = self.shown_goal(row.goal) * row.factor;
        let force = in_force(self.model, row.goal).map(|v| v * row.factor);
        let slider = Slider::new(row.name, value, row.scale).limit(row.limit).why_not(why);
        let slider = match (self.state.knobs.pending(row.goal), row.on_the_way) {
            (true, _) => slider.pending(force),
            (false, Some(v)) => slider.pending(Some(v)),
            (false, None) => slider,
        };
        let wide = track(ui, NOTE[usize::from(ui.available_width() > 450.0)]);
        let moved = slider.show(ui, wide);
        let field = format!("{} value", row.name);
        let field = Number::new(&field, value, row.scale.decimals).unit(row.unit).why_not(why);
        let typed = field.show(ui, FIELD);
        if let Some(v) = typed.or(moved) {
            self.stage(row.goal, v / row.factor);
        }
        // Why not is said in full at the foot.
        let refused = self.state.knobs.refused(row.goal, self.now_s).is_some();
        let note = if refused { Text::new("refused").medium() } else { Text::new(&row.derived).dim() };
        trailing(ui, &if why.is_some() { note.disabled() } else { note });
    }

    /// A row with a choice, and a note at its right.
    fn choice(&mut self, ui: &mut Ui, set: Setpoint, items: &[&str], note: &str, why_not: Option<String>) {
        let why = self.locked().or(why_not);
        self.named(ui, set.spec().label, true, |panel, ui| {
            panel.choose(ui, set, items, why.as_deref());
            trailing(ui, &Text::new(note).dim());
        });
    }

    fn choose(&mut self, ui: &mut Ui, set: Setpoint, items: &[&str], why: Option<&str>) {
        let now = self.shown(set);
        let selected = if now.is_finite() { now as usize } else { usize::MAX };
        let choice = Segmented::new(set.spec().label, items, selected).padding(11.0).why_not(why);
        if let Some(v) = choice.pending(self.state.pending(set)).show(ui) {
            self.stage(Goal::Set(set), v as f64);
        }
    }
}

/// What this plant cannot do of a value, whatever another plant could.
fn beyond(plate: &Plate, goal: Goal, value: f64) -> Option<String> {
    let fleet_kw = f64::from(plate.gpus) * plate.gpu_kw;
    match goal {
        Goal::Set(Setpoint::TargetKw) if value > fleet_kw + plate.gpu_kw => Some(format!(
            "Target {} kW is beyond the {} GPUs, which draw {} kW",
            num(value, 0),
            plate.gpus,
            kw(fleet_kw)
        )),
        Goal::Set(Setpoint::StepLimitKw) if value > plate.rated_kw => {
            Some(format!("Step limit {} kW is beyond the rating of {} kW", num(value, 0), kw(plate.rated_kw)))
        }
        _ => None,
    }
}

/// Width of a slider that leaves room for a field with its unit and a note.
fn track(ui: &Ui, note: f32) -> f32 {
    (ui.available_width() - FIELD - 52.0 - note).max(60.0)
}

/// Words at the right end of a row, smaller or in two lines where there is little room.
fn trailing(ui: &mut Ui, text: &Text<'_>) -> Response {
    fitted(ui, vec2(f32::INFINITY, 28.0), text, Align::Max)
}

/// Triangle running, bars held, square else.
fn state_mark(ui: &mut Ui, state: RunState) {
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 12.0), Sense::hover());
    let (ink, at) = (Ink::of(ui), rect.left_top());
    let c = ink.t.text;
    let square = rect.shrink2(vec2(0.0, 1.0));
    match state {
        RunState::Running => {
            ink.triangle([at, at + vec2(9.0, 6.0), at + vec2(0.0, 12.0)], c, Stroke::NONE);
        }
        RunState::RampDown => {
            ink.triangle([square.min, square.right_top(), square.center_bottom()], c, Stroke::NONE);
        }
        RunState::Hold => [0.0, 6.0].iter().for_each(|dx| {
            ink.fill(Rect::from_min_size(pos2(at.x + dx, at.y), vec2(3.0, 12.0)), c);
        }),
        RunState::Complete => ink.fill(square, c),
        _ => ink.frame(square, 0, (1.5, ink.t.text2)),
    }
}

/// One name for words that stand apart: for those who do not see them, and for the pointer.
fn named(ui: &Ui, rect: Rect, id: &str, role: Role, words: &str) -> Response {
    let r = ui.interact(rect, ui.scope_id().with(id), Sense::hover());
    r.widget_info(|| WidgetInfo::labeled(role, true, words));
    r
}

/// `28 s left` and the like.
fn eta(status: &Status) -> Option<String> {
    status.eta_s.filter(|s| s.is_finite() && *s > 0.0).map(|s| format!("{} left", seconds(s)))
}

/// `now / limit`.
fn of(now: f64, limit: f64) -> String {
    let one = |v: f64| num(v, usize::from(v.abs() < 9.95 && (v - v.round()).abs() > 1e-9));
    let now_text = if limit < 10.0 || now < 9.95 { num(now, 1) } else { num(now, 0) };
    if limit >= crate::control::policy::NO_LIMIT {
        format!("{now_text} / \u{221e}")
    } else {
        format!("{now_text} / {}", one(limit))
    }
}
