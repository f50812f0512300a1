//! Plan: the miners' day. Drag price, ramp weight and miner size and see the plan move; keep plans and compare them; see what
//! days, machines, renewable shares and years make of it; send the plan to the twin, whose miners then follow it.
//!
//! ```text
//! bar       where the load comes from · picture, table, page
//! left      the numbers that are dragged, and how the solver did         (params)
//! middle    strips with common time and cursors, values beside them      (strips)
//! right     before and after, pins | matrix | renewables | years | machines   (figures, matrix, money)
//! foot      send to the twin, and take it back                           (send)
//! ```
//!
//! Everything is planned on a thread ([`crate::console::latest`]); until it is there the last plan stays in view. A plan on
//! paper: what the engine makes of it is for the twin to say.

mod answer;
mod figures;
mod matrix;
mod money;
mod params;
mod send;
mod state;
mod strips;

use egui::accesskit::Role;
use egui::{Key, KeyboardShortcut, Modifiers, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::console::action::{Action, FileAct, TimeAct, ViewId};
use crate::console::dialogs::Save;
use crate::console::export::Caption;
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::time_view::Axis;
use crate::console::view::{Icon, Page, Picked, Seen, View, ViewInfo, WriteCsv, part};
use crate::console::widgets::pane::{part as padded, sides};
use crate::console::widgets::{Button, Face, Ink, Segmented, Text};
use crate::report::plan::{page, table};

pub use state::PlanState;
use state::Source;

/// Height of the bar, and of the foot of the right column.
const BAR: f32 = 48.0;
const FOOT: f32 = 56.0;
/// Width of the columns at the drawn size, of which the strips get what is left.
const LEFT: f32 = 340.0;
const VALUES: f32 = 132.0;
const RIGHT: f32 = 432.0;
/// The drawn width of the view.
const DRAWN: f32 = 1360.0;

/// Rectangles of the view.
#[derive(Clone, Copy, Debug)]
struct Layout {
    bar: Rect,
    params: Rect,
    strips: Rect,
    values: Rect,
    right: Rect,
    foot: Rect,
}

impl Layout {
    fn of(rect: Rect) -> Self {
        // a narrow window takes from the strips and their values, a wide one gives to strips and figures
        let k = (rect.width() / DRAWN).clamp(0.88, 1.0);
        let wide = ((rect.width() - DRAWN) * 0.3).max(0.0);
        let (bar, below) = rect.split_top_bottom_at_y(rect.top() + BAR);
        let (params, rest) = below.split_left_right_at_x(below.left() + LEFT);
        let (middle, right) = rest.split_left_right_at_x(rest.right() - (RIGHT + wide).round());
        let (strips, values) = middle.split_left_right_at_x(middle.right() - (VALUES * k).round());
        let (right, foot) = right.split_top_bottom_at_y(right.bottom() - FOOT);
        Self { bar, params, strips, values, right, foot }
    }
}

/// Name of this view.
pub const ID: ViewId = ViewId("plan");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Plan",
    about: "Plan the miners' day",
    key: KeyboardShortcut::new(Modifiers::COMMAND, Key::Num8),
    own_keys: &[("P", "Pin the plan")],
    icon,
    new: || Box::<PlanState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.path(&[[-11.0, -6.0], [-6.0, 3.0], [-1.0, 4.0], [4.0, -3.0], [11.0, -8.0]]);
    i.path(&[[-11.0, 9.0], [11.0, 9.0]]);
}

impl View for PlanState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let (Some(model), rect) = (seen.model, seen.layout.view) else { return };
        part(ui, ID.0, rect, |ui| show(ui, rect, model, self, actions));
    }

    fn time(&mut self, act: TimeAct) -> bool {
        // a plan's step is that of its grid, or a pixel of its day
        let [from, to] = self.window();
        let step_s = self.shown.as_ref().map_or(60.0, |s| s.rows.row_period_s().max((to - from) / 400.0));
        self.part.act(act, &Axis { all: self.extent(), shortest_s: 60.0, longest_s: 1e7, step_s })
    }

    fn take(&mut self, picked: Picked) -> Option<Picked> {
        if !std::mem::take(&mut self.asking) {
            return Some(picked);
        }
        match picked {
            Picked::File(path) => self.take_file(path),
            Picked::BuiltIn(name) => self.set_source(Source::BuiltIn(name)),
        }
        None
    }

    fn asked_no_more(&mut self) {
        self.asking = false;
    }

    fn caption(&self) -> Option<Caption> {
        let shown = self.shown.as_ref()?;
        let load = self.load()?;
        let plan = &shown.planned.plan;
        let [from, to] = self.window();
        let numbers = self.words();
        let numbers: Vec<String> = numbers.iter().map(|(k, v)| format!("{k} {v}")).collect();
        Some(Caption {
            run: format!("{} steps, {} iterations", plan.genset_kw.len(), plan.iterations),
            scenario: format!("{}, {}", load.name, load.note),
            window: format!("{} to {}", strips::clock(from), strips::clock(to)),
            preset: String::new(),
            limits: numbers.join(", "),
            model: "a plan on paper; the engine's answer to it needs the twin".to_owned(),
        })
    }

    fn csv(&self) -> Option<WriteCsv> {
        let shown = self.shown.clone()?;
        Some(Box::new(move |out: &mut dyn std::io::Write| table::write(&shown.planned, out)))
    }

    fn has_csv(&self) -> bool {
        true
    }

    fn page(&self) -> Option<Page> {
        let (shown, load) = (self.shown.clone()?, self.load()?.clone());
        let (setting, pins) = (self.words(), self.pins.iter().map(figures::line).collect::<Vec<_>>());
        Some(Box::new(move |out: &mut dyn std::io::Write| {
            let words = page::Words {
                load: &load.name,
                note: &load.note,
                setting: &setting,
                pins: &pins,
                version: Caption::VERSION,
            };
            out.write_all(page::page(&shown.planned, words, shown.price).as_bytes())?;
            Ok("page of the plan".to_owned())
        }))
    }
}

impl PlanState {
    /// The numbers of the plan in view, in words.
    fn words(&self) -> Vec<(String, String)> {
        let (Some(p), Some(shown)) = (self.params, &self.shown) else { return Vec::new() };
        let limit = if p.ramp_limit > 0.0 { format!("{} kW/h", fmt::short(p.ramp_limit)) } else { "none".to_owned() };
        let fuel = match shown.price {
            Some(price) => format!("heat of the twin's sets at {:.4} $/kWh LHV", price.total_per_kwh_lhv()),
            None => format!("{:.3e} $/(kW²h)", p.g),
        };
        let bounds = if p.hard { "hard".to_owned() } else { format!("penalty {} $/(kW²h)", p.alpha) };
        let all = [
            ("Miners", format!("{} kW", fmt::short(p.miner_kw))),
            ("Mining income", format!("{:.4} $/kWh", p.income)),
            ("Ramp weight", format!("{:.2e} $·h/kW²", p.ramp_weight)),
            ("Rating", format!("{} kW", fmt::short(p.rating_kw))),
            ("Ramp limit", limit),
            ("Fuel", fuel),
            ("Bounds", bounds),
            ("Day", if p.open { "open" } else { "repeats" }.to_owned()),
        ];
        all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
    }
}

/// Draws the view.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut PlanState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    let l = Layout::of(rect);
    ink.fill(rect, ink.t.panel);
    state.update(ui, model);
    if ui.memory(|m| m.focused().is_none()) && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::P)) {
        state.keep();
    }
    padded(ui, "bar", l.bar, |ui| bar(ui, model, state, actions));
    params::show(ui, l.params, state);
    strips::show(ui, l.strips, l.values, state);
    figures::show(ui, l.right, state);
    padded(ui, "send", l.foot, |ui| send::show(ui, model, state, actions));
    ink.hline(rect.x_range(), l.bar.bottom(), ink.t.hair);
    for x in [l.strips.left(), l.values.left(), l.right.left()] {
        ink.vline(x, l.bar.bottom()..=rect.bottom(), ink.t.hair);
    }
    ink.hline(l.foot.x_range(), l.foot.top(), ink.t.hair);
}

/// Where the load comes from, and what can be taken away.
fn bar(ui: &mut Ui, model: &Model, state: &mut PlanState, actions: &mut Vec<Action>) {
    const DAYS: [&str; 4] = ["Duck", "GPU jobs", "Flat", "Windy"];
    ui.add_space(10.0);
    let none = state.shown.is_none().then_some("there is no plan yet");
    let sources = |ui: &mut Ui| {
        ui.add(Text::title("Plan"));
        let day = if let Source::Day(i) = state.source { i } else { DAYS.len() };
        if let Some(i) = Segmented::new("Day", &DAYS, day).padding(10.0).show(ui) {
            state.set_source(Source::Day(i));
        }
        let (rows, scenario) = (matches!(state.source, Source::Rows(..)), state.source.is_scenario());
        let file = matches!(state.source, Source::File(..)) && !scenario;
        let is = "What the GPUs drew in the run or the recording in view";
        if ui.add(Button::new("In view").name("Load from the rows in view").hover(is).on(rows)).clicked() {
            state.take_rows(model);
        }
        let is = "What a scenario's GPU jobs draw, from a run of it";
        if ui.add(Button::new("Scenario").name("Load from a scenario").hover(is).on(scenario)).clicked() {
            ask(state, FileAct::Open, actions);
        }
        let is = "A load as CSV, or a recording of the site";
        if ui.add(Button::new("File").name("Load from a file").hover(is).on(file)).clicked() {
            ask(state, FileAct::OpenRecording, actions);
        }
        ui.add(Text::new(state.about()).dim().cut());
    };
    let mut wanted = None;
    let takes = |ui: &mut Ui| {
        let page = Button::new("Print").name("Page of this plan").hover("A page that a browser shows and prints");
        for (button, act) in [
            (page, Save::Page),
            (Button::new("CSV").name("Schedule as CSV"), Save::Window),
            (Button::new("PNG").name("Picture of this plan"), Save::Picture),
        ] {
            if ui.add(button.why_not(none)).clicked() {
                wanted = Some(act);
            }
        }
    };
    sides(ui, sources, takes);
    actions.extend(wanted.map(|save| Action::File(FileAct::Save(save))));
}

fn ask(state: &mut PlanState, act: FileAct, actions: &mut Vec<Action>) {
    state.asking = true;
    actions.push(Action::File(act));
}

/// Words over the strips where there is no plan of what is set.
fn trouble(ui: &Ui, ink: &Ink, rect: Rect, words: &str) {
    let response = ui.interact(rect, ui.scope_id().with("plan trouble"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, words));
    let ink = ink.within(rect);
    ink.fill(rect, ink.t.inset);
    ink.frame(rect, 0, (2.0, ink.t.text));
    ink.bang(pos2(rect.left() + 16.0, rect.center().y));
    let place = Rect::from_min_max(pos2(rect.left() + 30.0, rect.top()), rect.max - vec2(8.0, 0.0));
    ink.fitted(place, words, Face::medium(ink.body(), ink.t.text));
}
