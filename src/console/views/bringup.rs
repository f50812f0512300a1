//! The bring-up panel: the plan and its limits, which of them binds, what the next minute brings, and the buttons.
//!
//! Three pages share the six rows in the middle: *Plan* (what ramps and how fast), *Devices* (miners, BESS, loads) and
//! *Run* (speed, ceiling, holds, interlocks). Title, limits, forecast line and buttons stay. A set-point is staged by
//! the hand, sent as `Operate::Set`, and applied when the plant's own policy says so (see `knob`).

mod devices;
mod footer;
mod knob;
mod plan;
pub(crate) mod possible;
mod run;

use egui::{Rect, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use crate::acts::{Operate, Setpoint};
use crate::console::action::Action;
use crate::console::fmt::{num, seconds};
use crate::console::model::Model;
use crate::console::widgets::{Face, Ink, Number, Scale, Segmented, Slider, Weight};
use crate::control::plan_math::{Plan, load_without_plan_kw};
use crate::control::{BringUpPath, RunState, Status};
use crate::plant::signals::{SCHEDULE_STATES, site};

use knob::Knobs;

/// What the middle of the panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Target, batch, interval and limits.
    #[default]
    Plan,
    /// Shedding, battery, loads.
    Devices,
    /// Pace of the twin, ceiling, holds.
    Run,
}

/// What the panel remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct BringUpState {
    page: Page,
    knobs: Knobs,
    abort_since: Option<f64>,
    hold_point: f64,
}

impl BringUpState {
    /// Whether a set-point is on its way to the plant.
    #[must_use]
    pub fn pending(&self, which: Setpoint) -> bool {
        self.knobs.pending(which)
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
    settle(state, model, now_s);
    let ink = Ink::new(ui, rect);
    let mut panel = Panel { ui, ink, rect, model, state, actions, now_s };
    panel.title();
    match panel.state.page {
        Page::Plan => plan::rows(&mut panel),
        Page::Devices => devices::rows(&mut panel),
        Page::Run => run::rows(&mut panel),
    }
    footer::draw(&mut panel);
    let staged = panel.state.knobs.send(now_s);
    actions.extend(staged.into_iter().map(|(s, v)| Action::Operate(Operate::Set(s, v))));
    if ui.input(|i| i.pointer.any_down()) || state.abort_since.is_some() {
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(33));
    }
}

/// Value that the plant has in force, where it can be read back.
fn in_force(model: &Model, s: Setpoint) -> Option<f64> {
    let (p, device) = (&model.status.policy, &model.view.readback);
    let known = |v: f64| v.is_finite().then_some(v);
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

fn settle(state: &mut BringUpState, model: &Model, now_s: f64) {
    for s in Setpoint::ALL {
        state.knobs.settle(s, in_force(model, s), model.running, now_s);
    }
}

/// The panel while it is drawn.
struct Panel<'a> {
    ui: &'a mut Ui,
    ink: Ink,
    rect: Rect,
    model: &'a Model,
    state: &'a mut BringUpState,
    actions: &'a mut Vec<Action>,
    now_s: f64,
}

/// A row with a slider.
struct Row<'a> {
    /// Which set-point.
    set: Setpoint,
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
    /// Why it cannot be used.
    why_not: Option<String>,
}

impl<'a> Row<'a> {
    /// Even, with values that are multiples of `step` between two ends.
    fn new(set: Setpoint, range: [f64; 2], step: f64, decimals: usize, unit: &'a str) -> Self {
        let scale = Scale { range, log: false, step, decimals };
        Self { set, scale, factor: 1.0, unit, derived: String::new(), limit: None, why_not: None }
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
    fn status(&self) -> &Status {
        &self.model.status
    }

    /// Value of a site signal.
    fn site(&self, offset: u32) -> f64 {
        self.model.site(offset)
    }

    fn left(&self) -> f64 {
        f64::from(self.rect.left() + 16.0)
    }

    fn right(&self) -> f64 {
        f64::from(self.rect.right() - 16.0)
    }

    /// Height of the centre of row `i` of the middle.
    fn row_y(&self, i: usize) -> f32 {
        let (first, pitch) = if self.rect.height() >= 400.0 { (68.0, 33.0) } else { (63.0, 28.0) };
        self.rect.top() + (first + pitch * i as f32) * self.squeeze()
    }

    /// Below 360 px of height everything moves together; 1 above.
    fn squeeze(&self) -> f32 {
        (self.rect.height() / 360.0).min(1.0)
    }

    /// Narrower than the smallest full layout.
    fn narrow(&self) -> bool {
        self.rect.width() < 600.0
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
        self.state.knobs.shown(s, in_force(self.model, s))
    }

    fn title(&mut self) {
        let (y, b) = (self.rect.top() + 25.0 * self.squeeze(), self.ink.body());
        let t = self.ink.t;
        let mut x = self.ink.left(self.rect.left() + 16.0, y, "Bring-up", Face::semibold(b, t.text)) + 12.0;
        x = self.state_mark(x, y) + 6.0;
        let state = self.status().state;
        let word = SCHEDULE_STATES.get(state.code()).copied().unwrap_or("unknown");
        let strong = matches!(state, RunState::Hold | RunState::Aborted | RunState::Lost);
        let word = if state == RunState::Hold { "HOLD" } else { word };
        let (face, color) = if strong { (Weight::SemiBold, t.text) } else { (Weight::Regular, t.text2) };
        x = self.ink.left(x, y, word, Face::new(face, b, color));
        let items = if self.narrow() { ["A", "B", "B + restore"] } else { ["A  Ramp", "B  Shed", "B + restore"] };
        let padding = if self.narrow() { 10.0 } else { self.ink.px(12.0, 14.0) };
        let wide = Segmented::new("", &items, 0).padding(padding).size(&self.ink).x;
        let at = pos2(self.rect.right() - 16.0 - wide, y - 14.0);
        self.tabs(x, at.x, y);
        let why =
            self.locked().or_else(|| (self.model.plate.miners == 0).then(|| "no miners in this plant".to_owned()));
        let now = self.shown(Setpoint::Path) as usize;
        if let Some(i) = Segmented::new("Path", &items, now).padding(padding).why_not(why.as_deref()).at(self.ui, at) {
            self.state.knobs.stage(Setpoint::Path, i as f64, self.now_s);
        }
        if self.state.knobs.pending(Setpoint::Path) {
            self.ink.frame(Rect::from_min_size(at, vec2(wide, 28.0)).expand(2.0), 5, t.accent);
        }
    }

    /// Triangle running, bars held, square else.
    fn state_mark(&self, x: f32, y: f32) -> f32 {
        let (ink, c) = (&self.ink, self.ink.t.text);
        match self.status().state {
            RunState::Running => {
                ink.triangle([pos2(x, y - 6.0), pos2(x + 9.0, y), pos2(x, y + 6.0)], c, egui::Stroke::NONE);
            }
            RunState::RampDown => {
                ink.triangle(
                    [pos2(x, y - 5.0), pos2(x + 10.0, y - 5.0), pos2(x + 5.0, y + 5.0)],
                    c,
                    egui::Stroke::NONE,
                );
            }
            RunState::Hold => {
                ink.fill(Rect::from_min_size(pos2(x, y - 6.0), vec2(3.0, 12.0)), c);
                ink.fill(Rect::from_min_size(pos2(x + 6.0, y - 6.0), vec2(3.0, 12.0)), c);
            }
            RunState::Complete => ink.fill(Rect::from_min_size(pos2(x, y - 5.0), vec2(10.0, 10.0)), c),
            _ => ink.frame(Rect::from_min_size(pos2(x, y - 5.0), vec2(10.0, 10.0)), 0, (1.5, ink.t.text2)),
        }
        x + 10.0
    }

    /// Page tabs between the state and the path.
    fn tabs(&mut self, from: f32, to: f32, y: f32) {
        let items = [(Page::Plan, "Plan"), (Page::Devices, "Devices"), (Page::Run, "Run")];
        let b = self.ink.body();
        let widths = items.map(|(_, s)| self.ink.width(s, (Weight::SemiBold, b)));
        let gap = if self.narrow() { 10.0 } else { self.ink.px(14.0, 20.0) };
        let all: f32 = widths.iter().sum::<f32>() + gap * 2.0;
        let mut x = (to - gap - 4.0 - all).max(from + 8.0);
        let mut tabs = Vec::new();
        for ((page, name), w) in items.into_iter().zip(widths) {
            let hit = Rect::from_min_size(pos2(x - 4.0, y - 14.0), vec2(w + 8.0, 28.0));
            let id = self.ui.scope_id().with(("bring-up page", name));
            let r = self.ui.interact(hit, id, Sense::click());
            if r.clicked() {
                self.state.page = page;
            }
            tabs.push((page, name, r, hit, x, w));
            x += w + gap;
        }
        for (page, name, r, hit, x, w) in tabs {
            let on = self.state.page == page;
            r.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, format!("Page {name}")));
            let (face, color) =
                if on { (Weight::SemiBold, self.ink.t.text) } else { (Weight::Regular, self.ink.t.accent) };
            self.ink.left(x, y, name, Face::new(face, b, color));
            if on {
                self.ink.fill(Rect::from_min_size(pos2(x, y + 10.0), vec2(w, 2.0)), self.ink.t.accent);
            }
            if r.has_focus() {
                self.ink.focus_ring(hit);
            }
        }
    }

    /// Columns of a row: track, field, unit.
    fn columns(&self) -> [f32; 3] {
        let l = self.rect.left();
        let spare = self.rect.width() - 620.0;
        let shift = if spare > 0.0 { spare * 0.7 } else { spare };
        [l + 120.0, l + 316.0 + shift, l + 336.0 + shift]
    }

    /// Label, slider, field, unit and what it amounts to.
    fn row(&mut self, i: usize, row: Row<'_>) {
        let [x0, x1, _] = self.columns();
        self.row_in(i, &row, x0, x1);
    }

    fn row_in(&mut self, i: usize, row: &Row<'_>, x0: f32, x1: f32) {
        let y = self.row_y(i);
        let why = self.locked().or_else(|| row.why_not.clone());
        let why = why.as_deref();
        let name = row.set.spec().label;
        let [_, _, xf] = self.columns();
        let (b, t) = (self.ink.body(), self.ink.t);
        let ink_color = if why.is_some() { t.disabled } else { t.text };
        self.ink.left(self.rect.left() + 16.0, y, name, Face::regular(b, ink_color));
        let force = in_force(self.model, row.set).map(|v| v * row.factor);
        let value = self.shown(row.set) * row.factor;
        let pending = self.state.knobs.pending(row.set);
        let track = Rect::from_min_max(pos2(x0, y - 14.0), pos2(x1, y + 14.0));
        let slider = Slider::new(name, value, row.scale).limit(row.limit).why_not(why);
        let slider = if pending { slider.pending(force) } else { slider };
        let moved = if x1 - x0 > 30.0 { slider.put(self.ui, track) } else { None };
        let edit = Rect::from_min_max(pos2(xf, y - 12.0), pos2(xf + 80.0, y + 12.0));
        let typed = Number::new(&format!("{name} value"), value, row.scale.decimals).why_not(why).put(self.ui, edit);
        if let Some(v) = typed.or(moved) {
            self.state.knobs.stage(row.set, v / row.factor, self.now_s);
        }
        let unit_color = if why.is_some() { t.disabled } else { t.text2 };
        self.ink.left(xf + 88.0, y, row.unit, Face::regular(b, unit_color));
        // Why not is said in full at the foot.
        let refused = self.state.knobs.refused(row.set, self.now_s).is_some();
        let (words, face) = if refused {
            ("refused", Face::medium(b, t.text))
        } else {
            (row.derived.as_str(), Face::regular(b, unit_color))
        };
        self.ink.right(self.rect.right() - 16.0, y, words, face);
    }

    /// Label and a note at the right of a row that has no slider.
    fn label(&self, i: usize, label: &str, note: &str) {
        let (y, b) = (self.row_y(i), self.ink.body());
        self.ink.left(self.rect.left() + 16.0, y, label, Face::regular(b, self.ink.t.text));
        self.ink.right(self.rect.right() - 16.0, y, note, Face::regular(b, self.ink.t.text2));
    }

    /// A two-way choice in a row; gives the new index.
    fn choice(&mut self, i: usize, set: Setpoint, items: &[&str], why_not: Option<String>) {
        let [x0, ..] = self.columns();
        let y = self.row_y(i) - 14.0;
        let why = self.locked().or(why_not);
        let now = self.shown(set);
        let selected = if now.is_finite() { now as usize } else { usize::MAX - 1 };
        if let Some(v) = Segmented::new(set.spec().label, items, selected)
            .padding(12.0)
            .why_not(why.as_deref())
            .at(self.ui, pos2(x0, y))
        {
            self.state.knobs.stage(set, v as f64, self.now_s);
        }
    }

    /// Path that the panel shows (staged or in force).
    fn path(&self) -> BringUpPath {
        match self.shown(Setpoint::Path) as usize {
            0 => BringUpPath::Ramp,
            1 => BringUpPath::Shed,
            _ => BringUpPath::ShedRestore,
        }
    }
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
