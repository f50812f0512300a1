//! Table of all limits, and the four paces that the operating texts give for one and the same ramp.

use egui::{Rect, Ui, pos2, vec2};

use crate::console::fmt::{num, short};
use crate::console::widgets::Text;
use crate::console::widgets::pane::{heading, part};
use crate::console::widgets::table::{self, Column, HEAD, Table};
use crate::control::plan_math::{Pace, Plan, all_limits, binding, met, paces, source_limits};
use crate::control::policy::NO_LIMIT;
use crate::control::{LimitId, Policy};

/// Height of the heading of a table.
const TITLE: f32 = 34.0;
/// Height below which the table of limits scrolls.
pub(super) const LOWEST: f32 = 230.0;
/// Height of the words below the written limits.
const NOTES: f32 = 54.0;
/// Room of a table left and right.
const SIDE: f32 = 10.0;

const LIMITS: [Column; 7] = [
    Column::mark("", 18.0),
    Column::rest("", 108.0),
    Column::number("plan", 50.0),
    Column::number("limit", 50.0),
    Column::words("", 44.0),
    Column::mark("used", 44.0),
    Column::number("margin", 54.0),
];
const SOURCES: [Column; 3] = [Column::words("", 144.0), Column::rest("", 50.0), Column::number("kW/s", 52.0)];

/// Plan, limit and margin of every limit; the one that binds is heavy, one that is passed has a mark.
pub(super) fn limits(ui: &mut Ui, rect: Rect, plan: &Plan, limits: &Policy) {
    let body = titled(ui, rect, "Limits", "of the shown plan");
    let rows = all_limits(plan, limits);
    let binds = binding(&paces(plan, limits)).map(|p| p.id);
    let high = ((body.height() - HEAD) / rows.len() as f32).clamp(17.0, 27.0);
    Table::new("limits", &LIMITS).row_height(high).show(ui, body, rows.len(), |row| {
        if let Some(p) = rows.get(row.index) {
            limit(row, p, binds == Some(p.id));
        }
    });
}

/// Draws a heading; gives the room below it.
fn titled(ui: &mut Ui, rect: Rect, title: &str, note: &str) -> Rect {
    let (head, body) = rect.split_top_bottom_at_y(rect.top() + TITLE);
    part(ui, title, head, |ui| {
        ui.add_space(5.0);
        heading(ui, title, note)
    });
    body.shrink2(vec2(SIDE, 0.0))
}

fn limit(row: &mut table::Row<'_, '_, '_>, p: &Pace, binds: bool) {
    let (ok, none) = (met(p), p.limit >= NO_LIMIT);
    let reserve = p.id == LimitId::Headroom;
    row.still(p.id);
    row.paint(|ink, cell| {
        if !ok {
            ink.bang(cell.center());
        }
    });
    row.text(Text::new(p.id.name()).strong_if(binds));
    row.text(Text::value(short(p.now)).strong_if(binds));
    let limit = if none { "none".to_owned() } else { short(p.limit) };
    row.text(if none { Text::new(limit.clone()).dim() } else { Text::value(limit.clone()) });
    row.text(Text::new(p.unit).small().dim());
    row.paint(|ink, cell| {
        let bar = Rect::from_center_size(cell.center(), vec2(cell.width() - 8.0, 4.0));
        let used = if reserve { 0.0 } else { p.share().clamp(0.0, 1.0) as f32 };
        ink.fill(bar, ink.t.hair);
        let color = if binds { ink.t.text } else { ink.t.dead };
        ink.fill(bar.with_max_x(bar.left() + bar.width() * used), color);
    });
    let margin = if reserve { p.now - p.limit } else { p.limit - p.now };
    let margin = Text::value(if none { "\u{221e}".to_owned() } else { short(margin) });
    row.text(if ok { margin } else { Text::new(margin.words().to_owned()).strong() });
    let verdict = if ok { "met" } else { "passed" };
    row.says(format!("{}: plan {}, limit {limit} {}, {verdict}", p.id.name(), short(p.now), p.unit));
}

/// Four written limits for one ramp, as paces at this kW a GPU; the slowest binds and the others can never be reached.
pub(super) fn sources(ui: &mut Ui, rect: Rect, plan: &Plan, limits: &Policy) {
    let body = titled(ui, rect, "Four written limits", &format!("at {} kW a GPU", num(plan.gpu_kw, 2)));
    let (body, notes) = body.split_top_bottom_at_y(body.bottom() - NOTES);
    let all = source_limits(plan.gpu_kw);
    let paces = || all.iter().map(|s| s.pace_kw_per_s);
    let (slowest, most) = (paces().fold(f64::INFINITY, f64::min), paces().fold(plan.pace_kw_per_s(), f64::max));
    let rows: Vec<(&str, f64)> = all.iter().map(|s| (s.text, s.pace_kw_per_s)).collect();
    let high = ((body.height() - HEAD) / (rows.len() + 1) as f32).clamp(20.0, 38.0);
    Table::new("written limits", &SOURCES).row_height(high).show(ui, body, rows.len() + 1, |row| {
        let planned = ("this plan", plan.pace_kw_per_s());
        let (words, pace) = rows.get(row.index).copied().unwrap_or(planned);
        let is_plan = row.index == rows.len();
        let binds = !is_plan && pace <= slowest + 1e-9;
        row.still(row.index);
        let text = Text::new(words.to_owned()).strong_if(binds);
        row.text(if is_plan { text.medium().accent() } else { text });
        row.paint(|ink, cell| {
            let x = |v: f64| cell.left() + cell.width() * (v / most.max(1e-9)) as f32;
            let bar = Rect::from_x_y_ranges(cell.left()..=x(pace), cell.center().y - 5.0..=cell.center().y + 5.0);
            match (is_plan, binds) {
                (true, _) => ink.frame(bar, 0, (1.5, ink.t.accent)),
                (false, binds) => ink.fill(bar, if binds { ink.t.text } else { ink.t.fill }),
            }
            let line = [pos2(x(slowest), cell.top()), pos2(x(slowest), cell.bottom())];
            ink.dashed(&line, ink.t.limit, 4.0, 4.0);
        });
        let pace_words = Text::value(short(pace)).strong_if(binds);
        row.text(if is_plan { pace_words.accent() } else { pace_words });
        row.says(format!("{words} is {} kilowatts a second", short(pace)));
    });
    let window = if limits.window_1s_kw >= NO_LIMIT { "any".to_owned() } else { short(limits.window_1s_kw) };
    part(ui, "written limits", notes.expand2(vec2(SIDE, 0.0)), |ui| {
        ui.add(
            Text::new(format!(
                "They differ by a factor of {}: the slowest binds. In force: {} GPU/s, {} kW/s, {window} kW in 1 s.",
                short(paces().fold(slowest, f64::max) / slowest.max(1e-9)),
                short(limits.gpus_per_s),
                short(limits.ramp_limit_kw_per_s),
            ))
            .small()
            .dim(),
        )
    });
}
