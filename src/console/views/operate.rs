//! The strips of the Operate view: frequency or voltage, genset, loads, step, and the event lane, on one time axis.

mod page;

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use crate::console::action::Action;
use crate::console::commands::{self, Now};
use crate::console::model::Model;
use crate::console::time_view::TimeView;
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

/// Seconds of the windows to choose from, in the order of their commands.
const WINDOWS_S: [Option<f64>; 4] = [Some(30.0), Some(120.0), Some(600.0), None];

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
    scale_choice(ui, layout.f, head_end, model, *opts, actions);
    let lane_rect = Rect::from_min_max(layout.lane.min, pos2(layout.step.right(), layout.lane.bottom()));
    let lane = Lane {
        history: &model.history,
        forecast: strips::forecast(model),
        now: model.t_s,
        oversize_kw: model.status.policy.step_limit_kw,
        alarms: super::alarms::list(model).map(|list| &*list.definitions),
    };
    lane.show(ui, lane_rect, time, actions);
    let side = Rect::from_min_max(pos2(layout.step.right(), layout.lane.top()), layout.lane.max);
    time_choice(ui, side, model, time, actions);
    let x = layout.step.right();
    let edge = egui::Rangef::new(layout.f.top(), layout.lane.bottom());
    ink.vline(x, edge, egui::Stroke::new(1.0, t.hair));
}

/// In the header of the first strip: which signal, and where its scale comes from.
fn scale_choice(ui: &Ui, strip: Rect, end: f32, model: &Model, opts: StripOptions, actions: &mut Vec<Action>) {
    let row = |x: f32, wide: f32| Rect::from_min_size(pos2(end + x, strip.top() + 3.0), vec2(wide, 20.0));
    let signal = ("Signal", commands::SIGNALS, usize::from(opts.show_voltage), row(14.0, 48.0));
    let scale = ("Scale", commands::SCALES, usize::from(opts.zoom_to_data), row(70.0, 92.0));
    for (group, of, now, place) in [signal, scale] {
        let (labels, names) = (of.map(|c| c.short), of.map(|c| c.text));
        let choice = Segmented::new(group, &labels, now).names(&names).small().put(ui, place);
        actions.extend(choice.and_then(|i| of.get(i)?.action(&Now::of(model))));
    }
}

/// Beside the lane: follow, window, export. In a narrow column the windows are in the menu.
fn time_choice(ui: &mut Ui, rect: Rect, model: &Model, time: &TimeView, actions: &mut Vec<Action>) {
    let (windows, now) = (commands::WINDOWS, Now::of(model));
    let ink = Ink::of(ui);
    ink.fill(rect, ink.t.panel);
    let (narrow, follows) = (rect.width() < 120.0, time.follows());
    let chosen = WINDOWS_S.iter().position(|w| match w {
        None => time.whole && follows,
        Some(s) => follows && !time.whole && (time.past_s - s).abs() < 0.5,
    });
    ui.scope_builder(UiBuilder::new().max_rect(rect.shrink(8.0)), |ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 8.0);
        let wide = ui.available_width();
        let offer = commands::FOLLOW.offer(&now);
        let follow = Button::new(if follows && !narrow { "Following" } else { offer.label }).name(offer.label);
        let follow = follow.on(narrow == follows).hover(&offer.help).padding(4.0);
        let window = chosen.and_then(|i| windows.get(i)).filter(|_| narrow).map(|c| format!("{}  ", c.short));
        let label = format!("{}⋯", window.unwrap_or_default());
        let menu = Button::new(&label).least(if narrow { wide } else { 38.0 }, 28.0).padding(4.0);
        let menu = if narrow {
            menu.name("Window and export").hover("Window, and export of it")
        } else {
            menu.name("Export").hover("Export the window")
        };
        let room = if narrow { wide } else { wide - 45.0 };
        let [follow, menu] = ui.horizontal_wrapped(|ui| [ui.add(follow.least(room, 28.0)), ui.add(menu)]).inner;
        if follow.clicked() {
            actions.extend(commands::FOLLOW.action(&now));
        }
        egui::Popup::menu(&menu).show(|ui| {
            if narrow {
                commands::menu(ui, &now, &windows, actions);
                ui.separator();
            }
            commands::menu(ui, &now, &commands::EXPORTS, actions);
        });
        if !narrow {
            let (labels, names) = (windows.map(|c| c.short), windows.map(|c| c.text));
            let choice = Segmented::new("Window", &labels, chosen.unwrap_or(usize::MAX)).names(&names).small();
            let (_, place) = ui.allocate_space(vec2(wide, 28.0));
            actions.extend(choice.put(ui, place).and_then(|i| windows.get(i)?.action(&now)));
        }
    });
}
