//! The strips of the Operate view: frequency or voltage, genset, loads, step, and the event lane, on one time axis.

mod page;

use egui::{Rect, Ui, pos2, vec2};

use crate::console::action::{Action, ScreenAct, TimeAct};
use crate::console::commands::{self, Now};
use crate::console::model::Model;
use crate::console::time_view::TimeView;
use crate::console::views::live::Source;
use crate::console::views::{strips, strips_values};
use crate::console::widgets::lane::Lane;
use crate::console::widgets::strip::Strip;
use crate::console::widgets::value_column::{self, Row};
use crate::console::widgets::{Button, Ink, Segmented};
use crate::history::Runs;

pub use page::{ID, OperateState, VIEW};

/// Where the strips and their value columns are. The lane is as wide as a strip with its column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StripLayout {
    /// Frequency.
    pub f: Rect,
    /// Its values.
    pub f_val: Rect,
    /// Genset power.
    pub generator: Rect,
    /// Its values.
    pub gen_val: Rect,
    /// Loads.
    pub loads: Rect,
    /// Their values.
    pub loads_val: Rect,
    /// Step in one second.
    pub step: Rect,
    /// Its values.
    pub step_val: Rect,
    /// Event lane.
    pub lane: Rect,
}

/// Choices of the operator on the strips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StripOptions {
    /// Vertical scales from data.
    pub zoom_to_data: bool,
    /// Voltage in place of frequency.
    pub show_voltage: bool,
}

/// Windows to choose: name, label, seconds.
const WINDOWS: [(&str, &str, Option<f64>); 4] = [
    ("Window 30 seconds", "30 s", Some(30.0)),
    ("Window 2 minutes", "2 m", Some(120.0)),
    ("Window 10 minutes", "10 m", Some(600.0)),
    ("Whole run", "all", None),
];

/// Width of the choices in the first strip's header.
const CHOICE_W: f32 = 162.0;

/// Draws all strips.
pub fn show_strips(
    ui: &mut Ui,
    layout: &StripLayout,
    model: &Model,
    time: &TimeView,
    opts: &StripOptions,
    actions: &mut Vec<Action>,
) {
    let ink = Ink::of(ui);
    let t = &ink.t;
    let mut runs = Runs::default();
    let first = if opts.show_voltage { strips::voltage(model, t) } else { strips::frequency(model, t) };
    let first_rows = if opts.show_voltage {
        strips_values::voltage(model, time)
    } else {
        strips_values::frequency(model, time, &mut runs)
    };
    let all: [(Strip<'_>, Rect, Vec<Row>, Rect, bool); 4] = [
        (first, layout.f, first_rows, layout.f_val, true),
        (strips::generator(model, t), layout.generator, strips_values::generator(model, time), layout.gen_val, true),
        (strips::loads(model, t), layout.loads, strips_values::loads(model, time, t), layout.loads_val, false),
        (strips::step(model, t), layout.step, strips_values::step(model, time), layout.step_val, false),
    ];
    let mut head_end = layout.f.left();
    for (i, (mut strip, rect, rows, column, hero)) in all.into_iter().enumerate() {
        strip.zoomed = opts.zoom_to_data;
        strip.doubts = Some(&model.doubts);
        if i == 0 {
            head_end = strip.title_end(ui, rect);
            strip.controls = CHOICE_W;
        }
        strip.show(ui, rect, &model.history, model.t_s, time, actions);
        value_column::show(ui, column, strip.title, &rows, hero);
        let line = egui::Stroke::new(1.0, t.hair);
        ink.hline(egui::Rangef::new(rect.left(), column.right()), rect.bottom() - 0.5, line);
    }
    scale_choice(ui, layout.f, head_end, *opts, actions);
    let lane_rect = Rect::from_min_max(layout.lane.min, pos2(layout.step.right(), layout.lane.bottom()));
    let lane = Lane {
        history: &model.history,
        forecast: strips::forecast(model),
        now: model.t_s,
        oversize_kw: model.status.policy.step_limit_kw,
    };
    lane.show(ui, lane_rect, time, actions);
    let side = Rect::from_min_max(pos2(layout.step.right(), layout.lane.top()), layout.lane.max);
    time_choice(ui, side, model, time, actions);
    let x = layout.step.right();
    let edge = egui::Rangef::new(layout.f.top(), layout.lane.bottom());
    ink.vline(x, edge, egui::Stroke::new(1.0, t.hair));
}

/// In the header of the first strip: which signal, and where its scale comes from.
fn scale_choice(ui: &Ui, strip: Rect, end: f32, opts: StripOptions, actions: &mut Vec<Action>) {
    let left = end + 14.0;
    let row = |x: f32, wide: f32| Rect::from_min_size(pos2(x, strip.top() + 3.0), vec2(wide, 20.0));
    let signal = Segmented::new("Signal", &["f", "V"], usize::from(opts.show_voltage));
    if let Some(i) = signal.names(&["Show frequency", "Show voltage"]).small().put(ui, row(left, 48.0)) {
        actions.push(Action::Screen(ScreenAct::ShowVoltage(i == 1)));
    }
    let scale = Segmented::new("Scale", &["limits", "data"], usize::from(opts.zoom_to_data));
    if let Some(i) = scale.names(&["Scale from limits", "Scale from data"]).small().put(ui, row(left + 56.0, 92.0)) {
        actions.push(Action::Screen(ScreenAct::ZoomToData(i == 1)));
    }
}

/// Beside the lane: follow, window, export. In a narrow column the windows are in the menu.
fn time_choice(ui: &Ui, rect: Rect, model: &Model, time: &TimeView, actions: &mut Vec<Action>) {
    let ink = Ink::of(ui);
    ink.fill(rect, ink.t.panel);
    let (left, top, wide) = (rect.left() + 8.0, rect.top() + 8.0, rect.width() - 16.0);
    let at = |x: f32, y: f32, w: f32| Rect::from_min_size(pos2(left + x, top + y), vec2(w, 28.0));
    let narrow = rect.width() < 120.0;
    let follows = time.follows();
    let chosen = WINDOWS.iter().position(|(_, _, w)| match w {
        None => time.whole && follows,
        Some(s) => follows && !time.whole && (time.past_s - s).abs() < 0.5,
    });
    let (follow_w, menu_at) =
        if narrow { (wide, at(0.0, 36.0, wide)) } else { (wide - 44.0, at(wide - 38.0, 0.0, 38.0)) };
    let help = &commands::with_key("Back to the newest sample", commands::FOLLOW);
    let follow = Button::new(if follows && !narrow { "Following" } else { "Follow" }).name("Follow");
    let follow = follow.on(narrow == follows).hover(help);
    if follow.put(ui, at(0.0, 0.0, follow_w)).clicked() {
        actions.push(Action::Time(TimeAct::Follow));
    }
    let window = chosen.and_then(|i| WINDOWS.get(i)).map_or(String::new(), |w| format!("{}  ", w.1));
    let label = if narrow { format!("{window}⋯") } else { "⋯".to_owned() };
    let (name, help) =
        if narrow { ("Window and export", "Window, and export of it") } else { ("Export", "Export the window") };
    let menu = Button::new(&label).name(name).hover(help).put(ui, menu_at);
    egui::Popup::menu(&menu).show(|ui| {
        for (i, (name, _, s)) in WINDOWS.iter().enumerate().filter(|_| narrow) {
            if ui.selectable_label(chosen == Some(i), *name).clicked() {
                actions.push(Action::Time(TimeAct::Window(*s)));
            }
        }
        let now = Now { model: Some(model), source: Source::default(), front: ID };
        commands::menu(ui, &now, &commands::EXPORTS, actions);
    });
    if narrow {
        return;
    }
    let (names, labels) = (WINDOWS.map(|w| w.0), WINDOWS.map(|w| w.1));
    let windows = Segmented::new("Window", &labels, chosen.unwrap_or(usize::MAX)).names(&names).small();
    if let Some((_, _, s)) = windows.put(ui, at(0.0, 36.0, wide)).and_then(|i| WINDOWS.get(i)) {
        actions.push(Action::Time(TimeAct::Window(*s)));
    }
}
