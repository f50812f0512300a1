//! A twin that starts from now: what was measured and what was not, the button, what is open; and the plant's next minute.

use egui::{Rect, Ui, pos2, vec2};

use super::{Source, halves};
use crate::acts::Quality;
use crate::acts::quality::Doubt;
use crate::console::action::{Action, RehearseAct, SourceAct};
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::outlook::{self, Suppose};
use crate::console::rehearse::{from_now, when, why_not};
use crate::console::shadow::{FitState, Shadowing};
use crate::console::time_view::TimeView;
use crate::console::views::{strips, strips_values};
use crate::console::widgets::pane::{PAD, heading, pane, rule, sides};
use crate::console::widgets::scale::TimeScale;
use crate::console::widgets::strip::plot_rect;
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::{Button, Ink, Segmented, Text, axes, quality, value_column};
use crate::history::Runs;
use crate::shadow::rehearse::{Line, Rehearsal, Shown};

/// Heights of the foot with the button, of the bar above the strips and of the line below them.
const FOOT: f32 = 78.0;
const BAR: f32 = 44.0;
const RESULT: f32 = 36.0;
/// Width of the values beside the strips.
const VALUES: f32 = 140.0;
/// The strips: before now, and ahead, s.
const TIME: [f64; 2] = [120.0, 60.0];

const MEASURED: [Column; 6] = [
    Column::mark("", 20.0),
    Column::words("Measured", 132.0),
    Column::number("Plant", 64.0),
    Column::number("Age", 50.0),
    Column::number("Twin starts with", 110.0),
    Column::rest("Because", 96.0),
];
const ASSUMED: [Column; 4] = [
    Column::mark("", 20.0),
    Column::words("Assumed, not measured", 186.0),
    Column::number("Twin starts with", 160.0),
    Column::rest("Because", 96.0),
];

/// What this part remembers.
#[derive(Clone, Debug, Default)]
pub struct RehearseState {
    /// The twin gets the engine that was fitted here.
    pub fit: bool,
}

/// Draws the part.
pub(super) fn show(
    ui: &mut Ui,
    body: Rect,
    model: &Model,
    source: Source<'_>,
    state: &mut RehearseState,
    actions: &mut Vec<Action>,
) {
    let ink = Ink::new(ui, body);
    let (left, right) = halves(&ink, body, 0.46);
    let (above, foot) = left.split_top_bottom_at_y(left.bottom() - FOOT);
    let why = why_not(model, source.shadow);
    let made = match (source.shadow, &why) {
        (Some(shadow), _) => from_now(model, shadow, source.name, state.fit).map(|(_, made)| made),
        (None, why) => Err(why.clone().unwrap_or_default()),
    };
    pane(ui, "rehearse", above.expand2(vec2(PAD, 0.0)), |ui| {
        match &made {
            Ok(made) => tables(ui, model, made),
            Err(why) => {
                ui.add_space(10.0);
                ui.add(Text::title("Rehearse from now"));
                ui.add(Text::new(why));
            }
        }
        engine(ui, source.shadow, state);
        open(ui, source, actions);
    });
    ink.hline(left.left() - PAD..=left.right() + PAD, foot.top(), ink.t.hair);
    let foot = foot.expand2(vec2(PAD, 0.0));
    pane(ui, "from now", foot, |ui| {
        ui.add_space(10.0);
        ui.horizontal(|ui| {
            let why = why.as_deref().or(made.as_ref().err().map(String::as_str));
            if ui.add(Button::new("Rehearse from now").solid().why_not(why).least(190.0, 34.0)).clicked() {
                actions.push(act(RehearseAct::FromNow));
            }
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                match why {
                    Some(why) => ui.add(Text::new(format!("Not now: {why}")).strong()),
                    None => ui.add(Text::new("Opens a TWIN window, frozen at this state. Nothing is sent.")),
                };
                let doubtful = made.as_ref().map_or(0, Rehearsal::doubtful);
                if doubtful > 0 {
                    ui.add(Text::new(format!("{doubtful} values in doubt are used, and marked here.")).dim());
                }
            });
        });
    });
    ahead(ui, &ink, right, model, source, actions);
}

fn act(act: RehearseAct) -> Action {
    Action::Source(SourceAct::Rehearse(act))
}

fn tables(ui: &mut Ui, model: &Model, made: &Rehearsal) {
    let (m, a) = (made.measured.len(), made.assumed.len());
    heading(ui, "Rehearse from now", &format!("state of {}: {m} measured, {a} assumed", when(model)));
    table(ui, "measured", &MEASURED, &made.measured, |row, l| {
        row.text(value(&l.plant));
        row.text(Text::value(if l.age_s.is_finite() { super::words::age(l.age_s) } else { "–".to_owned() }));
        row.text(value(&l.twin));
        match &l.doubt {
            Some(doubt) => row.text(Text::new(format!("{}; {doubt}", l.because)).strong()),
            None => row.text(Text::new(&l.because).dim()),
        }
    });
    ui.add_space(10.0);
    table(ui, "assumed", &ASSUMED, &made.assumed, |row, l| {
        row.text(value(&l.twin));
        row.text(Text::new(&l.because).dim());
    });
}

fn table(
    ui: &mut Ui,
    id: &str,
    columns: &[Column],
    lines: &[Line],
    cells: impl Fn(&mut crate::console::widgets::table::Row<'_, '_, '_>, &Line),
) {
    let table = Table::new(id, columns).row_height(23.0);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), table.height(lines.len()) + 2.0));
    table.show(ui, place, lines.len(), |row| {
        let Some(l) = lines.get(row.index) else { return };
        row.still(row.index);
        let doubt = l.doubt.as_ref().map_or("", |d| d.as_str());
        row.says(format!(
            "{}: plant {}, twin {} {}, {} {doubt}",
            l.what,
            words(&l.plant),
            words(&l.twin),
            l.unit,
            l.because
        ));
        row.paint(|ink, cell| {
            if l.doubt.is_some() {
                let at = pos2(cell.left() + 5.0, cell.center().y);
                quality::mark(ink, at, Quality::Uncertain(Doubt::Source));
            }
        });
        row.with_unit(Text::new(&l.what), l.unit);
        cells(row, l);
    });
}

fn words(v: &Shown) -> String {
    match v {
        Shown::None => "–".to_owned(),
        Shown::Number(v, decimals) => fmt::num(*v, *decimals),
        Shown::Words(words) => words.clone(),
    }
}

fn value(v: &Shown) -> Text<'static> {
    Text::value(words(v))
}

/// Which engine the twin gets, where there is a choice.
fn engine(ui: &mut Ui, shadow: Option<&Shadowing>, state: &mut RehearseState) {
    let fitted =
        shadow.is_some_and(|s| matches!(s.fit(), FitState::Done(f) if f.parameters.iter().any(|p| p.identifiable)));
    state.fit &= fitted;
    if fitted {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add(Text::new("Engine of the twin"));
            if let Some(i) = Segmented::new("Engine", &["preset", "as fitted here"], usize::from(state.fit)).show(ui) {
                state.fit = i == 1;
            }
        });
    }
}

/// Rehearsals that are open.
fn open(ui: &mut Ui, source: Source<'_>, actions: &mut Vec<Action>) {
    if source.rehearsals.is_empty() {
        return;
    }
    ui.add_space(10.0);
    heading(ui, "Open rehearsals", "twins in windows of their own");
    rule(ui, Ink::of(ui).t.dead);
    for r in source.rehearsals {
        let n = r.number;
        let doubts = if r.doubtful > 0 { format!(", {} values in doubt", r.doubtful) } else { String::new() };
        sides(
            ui,
            |ui| {
                ui.add(Text::new(format!("TWIN R{n}")).strong());
                ui.add(Text::new(format!("of {}, {}{doubts}", r.of, r.stands)).cut());
            },
            |ui| {
                if ui.add(Button::new("Close").name(&format!("Close rehearsal {n}"))).clicked() {
                    actions.push(act(RehearseAct::Close(n)));
                }
                if ui.add(Button::new("Show").name(&format!("Show rehearsal {n}"))).clicked() {
                    actions.push(act(RehearseAct::Show(n)));
                }
            },
        );
    }
}

/// The plant's next minute on its strips.
fn ahead(ui: &mut Ui, ink: &Ink, r: Rect, model: &Model, source: Source<'_>, actions: &mut Vec<Action>) {
    let (bar, rest) = r.split_top_bottom_at_y(r.top() + BAR);
    let (body, result) = rest.split_top_bottom_at_y(rest.bottom() - RESULT);
    let n = source.shadow.and_then(Shadowing::plant).map_or(0, |s| outlook::batch(s));
    let next = format!("next {n} GPUs now");
    let items = ["nothing is done", next.as_str(), "bring-up goes on"];
    pane(ui, "suppose", bar.expand2(vec2(PAD, 0.0)), |ui| {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add(Text::new("Next 60 s, if").dim());
            let at = Suppose::ALL.iter().position(|s| *s == source.suppose).unwrap_or(0);
            let picked = Segmented::new("Suppose", &items, at).show(ui);
            if let Some(suppose) = picked.and_then(|i| Suppose::ALL.get(i)) {
                actions.push(act(RehearseAct::Suppose(*suppose)));
            }
        });
    });
    let time = TimeView { past_s: TIME[0], future_s: TIME[1], ..TimeView::default() };
    let body = body.with_max_y(body.bottom() - axes::AXIS);
    let tall = (body.height() / 3.0).floor();
    let mut runs = Runs::default();
    let all = [
        (strips::frequency(model, &ink.t), strips_values::frequency(model, &time, &mut runs), true),
        (strips::generator(model, &ink.t), strips_values::generator(model, &time), true),
        (strips::loads(model, &ink.t), strips_values::loads(model, &time, &ink.t), false),
    ];
    let mut scale = None;
    for (i, (mut strip, rows, hero)) in all.into_iter().enumerate() {
        let top = body.top() + tall * i as f32;
        let row = Rect::from_x_y_ranges(r.left() - PAD..=r.right() + PAD, top..=top + tall);
        let (curve, column) = row.split_left_right_at_x(row.right() - VALUES);
        strip.caption = i == 0;
        strip.doubts = Some(&model.doubts);
        // these strips follow by themselves
        strip.show(ui, curve, &model.history, model.t_s, &time, &mut Vec::new());
        value_column::show(ui, column, strip.title, &rows, hero);
        ink.hline(row.x_range(), row.bottom(), ink.t.hair);
        let plot = plot_rect(curve, strip.header);
        scale.get_or_insert_with(|| TimeScale::new(&time, model.t_s, plot.x_range()));
    }
    if let Some(x) = scale {
        axes::time(ink, &x, body.bottom(), Vec::new(), |_, at| (x.label(at), false));
    }
    ink.hline(r.left() - PAD..=r.right() + PAD, result.top(), ink.t.hair);
    pane(ui, "result", result.expand2(vec2(PAD, 0.0)), |ui| {
        ui.add_space(8.0);
        ui.add(Text::new(outcome(model, source, items)).medium().cut());
    });
}

/// The next minute in a line.
fn outcome(model: &Model, source: Source<'_>, items: [&str; 3]) -> String {
    let Some(f) = strips::forecast(model) else {
        let why = source.no_forecast.unwrap_or("it is being computed");
        return format!("No forecast: {why}");
    };
    let at = Suppose::ALL.iter().position(|s| *s == source.suppose).unwrap_or(0);
    let soft = f.f_hz[0].iter().copied().fold(f64::INFINITY, f64::min);
    let limit = f.first_limit.as_ref().map_or_else(
        || "no limit reached".to_owned(),
        |(what, t_s, on)| format!("{what} in {} s on {on}", fmt::num((t_s - model.t_s).max(0.0), 0)),
    );
    format!(
        "{}: min f {} Hz, {} on {}; genset at most {} kW; {limit}",
        items[at],
        fmt::hz(f.min_f_hz.0),
        fmt::hz(soft),
        f.presets[0],
        fmt::kw(f.max_gen_kw.0)
    )
}
