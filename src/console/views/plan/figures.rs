//! Right: before and after, and the plans that were pinned; the other tabs are files of their own.

use egui::{Rect, Ui, vec2};

use super::state::{Pin, PlanState, Tab};
use super::{matrix, money};
use crate::console::fmt;
use crate::console::widgets::pane::{pane, part};
use crate::console::widgets::table::{Column, HEAD, Row, Table};
use crate::console::widgets::{Button, Ink, Segmented, Text};
use crate::planner::curve::FuelPrice;
use crate::planner::figures::{FIGURES, Figure, Figures};
use crate::planner::setting::Planned;

/// Height of the tabs.
const TABS: f32 = 44.0;
/// Heights of a row, and of what stands around the tables.
const ROW: f32 = 24.0;
const TITLE: f32 = 30.0;
const NOTE: f32 = 40.0;
const SAYS: f32 = 34.0;
/// Deviations out of the bounds that count, kW.
const OUTSIDE_KW: f64 = 0.05;

const ALL: [(Tab, &str); 5] = [
    (Tab::Plan, "Plan"),
    (Tab::Matrix, "Matrix"),
    (Tab::Renewables, "Renewables"),
    (Tab::Years, "Years"),
    (Tab::Machines, "Machines"),
];

pub(super) fn show(ui: &mut Ui, rect: Rect, state: &mut PlanState) {
    let (top, rest) = rect.split_top_bottom_at_y(rect.top() + TABS);
    part(ui, "plan tabs", top, |ui| {
        ui.add_space(8.0);
        let now = ALL.iter().position(|(t, _)| *t == state.tab).unwrap_or(0);
        if let Some(i) = Segmented::new("Panel", &ALL.map(|(_, n)| n), now).padding(10.0).show(ui) {
            state.tab = ALL[i].0;
        }
    });
    match state.tab {
        Tab::Plan => plan(ui, rest, state),
        Tab::Matrix => matrix::show(ui, rest, state),
        Tab::Renewables => money::renewables(ui, rest, state),
        Tab::Years => money::years(ui, rest, state),
        Tab::Machines => money::machines(ui, rest, state),
    }
}

/// A pin as a page's table has it: name, and total, steepest ramp, deviation out of the bounds.
pub(super) fn line(pin: &Pin) -> (String, [f64; 3]) {
    let (plan, f) = (&pin.shown.planned.plan, &pin.shown.planned.after);
    (pin.name.clone(), [f.objective.total(), f.ramp_max_kw_per_h, plan.max_violation_kw])
}

fn plan(ui: &mut Ui, rect: Rect, state: &mut PlanState) {
    let Some(shown) = state.shown.clone() else { return };
    let ink = Ink::new(ui, rect);
    let planned = &shown.planned;
    let both = [&planned.before, &planned.after];
    let rows: Vec<&Figure> = FIGURES.iter().filter(|f| f.is_told(both, shown.price)).collect();
    // pins have their room first: what does not fit of the figures scrolls
    let lines = state.pins.len() + 1 + usize::from(!state.pins.is_empty());
    let pins = HEAD + ROW * lines as f32 + TITLE + note(state);
    let figures = (HEAD + ROW * rows.len() as f32 + TITLE + SAYS + 4.0).min(rect.height() - pins);
    let (upper, lower) = rect.split_top_bottom_at_y(rect.top() + figures);
    part(ui, "before and after", upper.with_max_y(upper.top() + TITLE), |ui| {
        ui.horizontal(|ui| {
            ui.add(Text::title("Before and after"));
            let hours = planned.problem.step_h * planned.problem.len() as f64;
            let over =
                if (hours - 24.0).abs() < 0.01 { "one day".to_owned() } else { format!("{} h", fmt::short(hours)) };
            ui.add(Text::new(over).dim());
        });
    });
    let body = upper.with_min_y(upper.top() + TITLE).with_max_y(upper.bottom() - SAYS);
    before_after(ui, body.shrink2(vec2(10.0, 0.0)), &rows, both, shown.price);
    part(ui, "says", upper.with_min_y(upper.bottom() - SAYS), |ui| ui.add(remark(rests(planned))));
    ink.hline(lower.x_range(), lower.top(), ink.t.hair);
    kept(ui, lower, state, planned);
}

/// Room under the pins: a remark stands there only where there are pins.
fn note(state: &PlanState) -> f32 {
    if state.pins.is_empty() { 8.0 } else { NOTE }
}

/// A remark that wraps.
pub(super) fn remark<'a>(words: impl Into<std::borrow::Cow<'a, str>>) -> Text<'a> {
    Text::new(words).small().dim()
}

/// What the change of the total rests on.
fn rests(planned: &Planned) -> String {
    let (b, a) = (planned.before.objective, planned.after.objective);
    let saved = b.total() - a.total();
    if saved.abs() < 0.005 {
        return "The plan costs what the day costs without miners.".to_owned();
    }
    let ramp = b.ramp - a.ramp;
    if saved > 0.0 && ramp > 0.9 * saved {
        return "The saving is of ramps alone: it rests on the ramp weight, which is a choice.".to_owned();
    }
    let mined = a.revenue - (a.generation - b.generation);
    let words = if saved > 0.0 { "saves" } else { "loses" };
    format!(
        "It {words} {} $: {} $ by mining less its fuel, {} $ by ramps.",
        fmt::num(saved.abs(), 2),
        fmt::signed(mined, 2),
        fmt::signed(ramp, 2)
    )
}

fn before_after(ui: &mut Ui, rect: Rect, rows: &[&Figure], both: [&Figures; 2], price: Option<FuelPrice>) {
    const COLUMNS: [Column; 4] = [
        Column::rest("", 150.0),
        Column::number("before", 70.0),
        Column::number("after", 70.0),
        Column::number("change", 72.0),
    ];
    // in a low window rows come closer before they scroll
    let high = ((rect.height() - HEAD) / rows.len().max(1) as f32).clamp(20.0, ROW);
    Table::new("before and after", &COLUMNS).row_height(high).show(ui, rect, rows.len(), |row| {
        let Some(f) = rows.get(row.index) else { return };
        let [before, after] = both.map(|b| (f.of)(b, price).unwrap_or_default());
        let total = f.key == "objective";
        row.still(f.key);
        let name = f.label.split_at(1);
        row.with_unit(Text::new(format!("{}{}", name.0.to_uppercase(), name.1)).strong_if(total), f.unit);
        // separators in money and energy from 10,000 up, as everywhere in the console
        let grouped = |v: f64| thousands(&fmt::num(v, f.decimals), f.unit);
        row.text(Text::new(grouped(before)).dim());
        row.text(Text::value(grouped(after)).strong_if(total));
        let change = after - before;
        let sign = if fmt::num(change, f.decimals) == fmt::num(0.0, f.decimals) {
            ""
        } else if change > 0.0 {
            "+"
        } else {
            ""
        };
        row.text(Text::value(format!("{sign}{}", grouped(change))).strong_if(total));
    });
}

/// A number with separators, where its unit is money or energy and it has five digits.
pub(super) fn thousands(number: &str, unit: &str) -> String {
    let (sign, digits) = number.strip_prefix('−').map_or(("", number), |d| ("−", d));
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(w, r)| (w, Some(r)));
    if whole.len() < 5 || !(unit.contains('$') || unit.contains("kWh")) || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    let rest = rest.map_or_else(String::new, |r| format!(".{r}"));
    format!("{sign}{out}{rest}")
}

/// Figures of a plan in the table of pins.
fn figures_of(p: &Planned) -> [f64; 4] {
    let steepest = p.plan.lambda_per_kw.iter().fold(0.0f64, |a, l| a.max(l.abs()));
    [p.after.objective.total(), p.after.ramp_max_kw_per_h, steepest, p.plan.max_violation_kw]
}

fn kept(ui: &mut Ui, rect: Rect, state: &mut PlanState, planned: &Planned) {
    const COLUMNS: [Column; 5] = [
        Column::rest("", 92.0),
        Column::number("total $", 74.0),
        Column::number("peak kW/h", 70.0),
        Column::number("λ $/kW", 62.0),
        Column::number("outside kW", 76.0),
    ];
    let (head, body) = rect.split_top_bottom_at_y(rect.top() + TITLE);
    let mut act = None;
    part(ui, "pins", head, |ui| {
        ui.add_space(2.0);
        ui.horizontal(|ui| {
            ui.add(Text::title("Pins"));
            if state.pins.is_empty() {
                ui.add(Text::new("pin a plan to compare others with it").dim().cut());
            }
            if let Some(i) = state.pin.filter(|i| *i < state.pins.len()) {
                if ui.add(Button::new("Take its numbers").link()).clicked() {
                    act = Some((i, true));
                }
                if ui.add(Button::new("Remove").name("Remove the pin").link()).clicked() {
                    act = Some((i, false));
                }
            }
        });
    });
    let now = figures_of(planned);
    let chosen = state.pin.and_then(|i| Some((i, figures_of(&state.pins.get(i)?.shown.planned))));
    let n = state.pins.len() + 1 + usize::from(chosen.is_some());
    let place =
        body.with_max_y((body.top() + HEAD + ROW * n as f32).min(rect.bottom() - note(state))).shrink2(vec2(10.0, 0.0));
    let cells = |row: &mut Row<'_, '_, '_>, name: String, v: [f64; 4], strong: bool, signed: bool| {
        let number = |v: f64, d: usize| if signed { fmt::signed(v, d) } else { fmt::num(v, d) };
        row.text(Text::new(name).strong_if(strong));
        row.text(Text::value(thousands(&number(v[0], 2), "$")));
        row.text(Text::value(number(v[1], 1)));
        row.text(Text::value(number(v[2], if v[2].abs() < 1.0 { 4 } else { 1 })));
        row.text(Text::value(number(v[3], 2)));
    };
    let told =
        Table::new("pins", &COLUMNS).row_height(ROW).selected(chosen.map(|c| c.0 + 1)).show(ui, place, n, |row| {
            let i = row.index;
            if i == 0 {
                row.begin("now", false);
                cells(row, "Now".to_owned(), now, true, false);
            } else if let Some(pin) = state.pins.get(i - 1) {
                row.begin(("pin", i), state.pin == Some(i - 1));
                cells(row, format!("{i}  {}", pin.name), figures_of(&pin.shown.planned), false, false);
            } else if let Some((k, v)) = &chosen {
                row.still("difference");
                let difference = std::array::from_fn(|j| v[j] - now[j]);
                cells(row, format!("{} − now", k + 1), difference, false, true);
            }
        });
    if let Some(i) = told.chosen {
        state.pin = i.checked_sub(1).filter(|i| *i < state.pins.len());
    }
    pane(ui, "pins say", rect.with_min_y(place.bottom() + 4.0), |ui| {
        if let Some((k, v)) = chosen {
            let words = match (v[0] < now[0], v[3] > OUTSIDE_KW, now[3] > OUTSIDE_KW) {
                (true, true, false) => format!("Plan {} costs less only because it leaves the bounds.", k + 1),
                (false, false, true) => "The plan in view costs less only because it leaves the bounds.".to_owned(),
                _ => String::new(),
            };
            ui.add(remark(words));
        }
    });
    match act {
        Some((i, true)) => {
            state.mark();
            state.params = state.pins.get(i).map(|p| p.params).or(state.params);
        }
        Some((i, false)) => {
            state.pins.remove(i);
            state.pin = None;
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_energy_have_separators_from_five_digits_on() {
        for (number, unit, want) in [
            ("−106109.18", "$", "−106,109.18"),
            ("9999.00", "$", "9999.00"),
            ("23519.1", "kWh", "23,519.1"),
            ("10000", "kW", "10000"),
            ("–", "$", "–"),
        ] {
            assert_eq!(thousands(number, unit), want);
        }
    }
}
