//! Strips of the Compare view: every run on the same axes, and the difference of one signal.
//!
//! Runs differ by the style of their pen, not by colour alone: A solid, B dashed, C dotted, D short dashes. The letter
//! stands at the end of each line. Vertical scales cover all runs, so that they hold still while blinking.

use egui::accesskit::Role;
use egui::{Align, Color32, Rangef, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{CompareState, lane};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::theme::{Tokens, mix};
use crate::console::view::View as _;
use crate::console::widgets::hand::pointer;
use crate::console::widgets::labels::spread;
use crate::console::widgets::pen::Pen;
use crate::console::widgets::scale::{TimeScale, ValueScale, margin};
use crate::console::widgets::strip::GUTTER;
use crate::console::widgets::{Face, Ink, Segmented, axes, shapes};
use crate::history::Runs as Curves;
use crate::plant::signals::{at, site};
use crate::report::compare::{Comparison, LETTERS, series};

/// Room right of the plots for the letters of the runs.
const END: f32 = 24.0;
/// Height of a strip's header.
const HEADER: f32 = 26.0;

/// A quantity that is overlaid.
struct Quantity {
    title: &'static str,
    unit: &'static str,
    signal: u32,
    decimals: usize,
    /// Smallest height of the scale.
    least: f64,
    /// Share of the height.
    weight: f32,
    /// Differences smaller than this do not show on the console's displays.
    resolution: f64,
}

const QUANTITIES: [Quantity; 5] = [
    quantity(("Frequency", "Hz", 2), site::F_HZ, 0.5, 1.35, 0.005),
    quantity(("Generator", "kW", 0), site::GEN_KW, 100.0, 1.2, 0.5),
    quantity(("GPU", "kW", 0), site::GPU_KW, 50.0, 0.85, 0.5),
    quantity(("Miners", "kW", 0), site::MINER_KW, 50.0, 0.85, 0.5),
    quantity(("Step up in 1 s", "kW", 1), site::STEP_UP_1S_KW, 10.0, 1.0, 0.05),
];

const fn quantity(
    (title, unit, decimals): (&'static str, &'static str, usize),
    signal: u32,
    least: f64,
    weight: f32,
    resolution: f64,
) -> Quantity {
    Quantity { title, unit, signal, decimals, least, weight, resolution }
}

/// Pen of run `i` for a signal.
pub(super) fn pen(t: &Tokens, i: usize, signal: u32) -> Pen {
    let new = |color, width| Pen::new(at(signal), LETTERS.get(i).copied().unwrap_or(""), color, width);
    match i {
        0 => new(t.pen_genset, 2.25),
        1 => new(t.pen_gpu, 2.0).dash(10.0, 5.0),
        2 => new(t.pen_miner, 1.75).dash(2.0, 3.0),
        _ => new(t.pen_bess, 1.5).dash(5.0, 2.0),
    }
}

/// A short piece of the pen of run `i`.
pub(super) fn swatch(ink: &Ink, i: usize, [from, to]: [f32; 2], y: f32) {
    pen(&ink.t, i, site::F_HZ).swatch(ink, Rangef::new(from, to), y);
}

pub(super) fn show(ui: &mut Ui, rect: Rect, state: &mut CompareState, c: &Comparison) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.inset);
    let [t0, t1] = state.window(c);
    let x = TimeScale {
        t0,
        t1: t1.max(t0 + 0.1),
        now: t1.max(t0 + 0.1),
        follows: false,
        left: rect.left() + GUTTER,
        right: rect.right() - END,
        cursors: state.part.cursors,
    };
    let lanes = lane::height(c.runs.len()) + state.play.notes_height();
    let difference = if c.runs.len() > 1 { 1.25 } else { 0.0 };
    let share = (rect.height() - lanes) / (QUANTITIES.iter().map(|q| q.weight).sum::<f32>() + difference);
    let mut actions = Vec::new();
    let mut y = rect.top();
    let mut next = |weight: f32| {
        let strip = Rect::from_x_y_ranges(rect.x_range(), y..=(y + weight * share).round());
        y = strip.bottom();
        strip
    };
    for q in &QUANTITIES {
        let strip = next(q.weight);
        overlay(ui, strip, q, state, c, &x, &mut actions);
        ink.hline(rect.x_range(), strip.bottom(), ink.t.hair);
    }
    if c.runs.len() > 1 {
        let strip = next(difference);
        self::difference(ui, strip, state, c, &x, &mut actions);
        ink.hline(rect.x_range(), strip.bottom(), ink.t.hair);
    }
    lane::show(ui, rect.with_min_y(rect.bottom() - lanes), state, c, &x, &mut actions);
    for action in actions {
        if let Action::Time(act) = action {
            state.time(act);
        }
    }
}

/// The time axis of run `i`: the same pixels, its own seconds.
pub(super) fn own(x: &TimeScale, c: &Comparison, i: usize) -> TimeScale {
    let shift = c.shift_s(i);
    TimeScale { t0: x.t0 + shift, t1: x.t1 + shift, now: x.t1 + shift, ..*x }
}

fn plot_of(strip: Rect) -> Rect {
    Rect::from_min_max(
        pos2(strip.left() + GUTTER, strip.top() + HEADER),
        pos2(strip.right() - END, strip.bottom() - 6.0),
    )
}

#[allow(clippy::too_many_arguments, reason = "one strip's geometry")]
fn overlay(
    ui: &Ui,
    strip: Rect,
    q: &Quantity,
    state: &CompareState,
    c: &Comparison,
    x: &TimeScale,
    actions: &mut Vec<Action>,
) {
    let plot = plot_of(strip);
    let id = ui.make_persistent_id(("overlay", q.title));
    let response = ui.interact(strip, id, Sense::click_and_drag());
    pointer(ui, &response, x, None, actions);
    let ranges: Vec<Option<[f64; 2]>> =
        (0..c.runs.len()).map(|i| c.runs.get(i)?.rows.y_range(at(q.signal), own(x, c, i).past())).collect();
    let data = ranges.iter().flatten().copied().reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]);
    let data = data.unwrap_or([0.0, 1.0]);
    let [lo, hi] = margin(data, q.least);
    // Where nothing is negative, zero is close to the foot.
    let lo = if data[0] >= 0.0 { lo.max(-0.06 * hi) } else { lo };
    let y = ValueScale { lo, hi, y: plot.y_range() };
    let ink = Ink::new(ui, strip);
    let t = &ink.t;
    let inside = ink.within(plot);
    let table = c.runs.first().map(|r| &r.table);
    if let Some(signal) = table.filter(|_| q.signal == site::F_HZ).map(|t| t.get(at(q.signal))) {
        let find = |name: &str| signal.limits.iter().find(|l| l.name == name).map(|l| l.value);
        if let (Some(a), Some(b)) = (find("normal low"), find("normal high")) {
            inside.fill(Rect::from_x_y_ranges(plot.x_range(), y.y(b)..=y.y(a)), t.band_strip);
        }
    }
    axes::grid(&ink, plot, x, &y);
    if let Some(table) = table {
        limits(&inside, plot, &y, &table.get(at(q.signal)).limits, q.decimals.min(1));
    }
    let mut curves = Curves::default();
    for (i, run) in c.runs.iter().enumerate().rev().filter(|(i, _)| state.only.is_none_or(|o| o == *i)) {
        pen(t, i, q.signal).draw(&inside, &run.rows, &own(x, c, i), &y, &mut curves, None);
    }
    axes::cursors(&ink, &state.part.cursors, x, plot.top()..=strip.bottom());
    letters(&ink, state, c, q.signal, x, &y, [strip, plot]);
    head(&ink, strip, q, state, c);
    describe(&response, q, c, &ranges);
    if response.has_focus() {
        ink.frame(strip, 0, (2.0, t.accent));
    }
}

/// Limits of run A within the scale; each is named where its line has room.
fn limits(ink: &Ink, plot: Rect, y: &ValueScale, limits: &[crate::plant::signals::Limit], decimals: usize) {
    let t = &ink.t;
    let mut above = f32::INFINITY;
    let inside = |v: f64| v > y.lo && v < y.hi;
    for l in limits.iter().filter(|l| inside(l.value) && !l.name.starts_with("normal") && !l.name.starts_with("pref")) {
        let at = y.y(l.value);
        ink.hdash(plot.x_range(), at, t.limit, 4.0, 4.0);
        if (at - above).abs() > 16.0 && at + 14.0 < plot.bottom() {
            let words = format!("{} {}", l.name, fmt::num(l.value, decimals));
            ink.base(plot.left() + 8.0, at + 13.0, Align::Min, words, Face::regular(12.0, t.limit));
            above = at;
        }
    }
}

/// The letter of each run at the right end of its line; where a strip is low, beside its head too.
#[allow(clippy::too_many_arguments, reason = "one strip's geometry")]
fn letters(
    ink: &Ink,
    state: &CompareState,
    c: &Comparison,
    signal: u32,
    x: &TimeScale,
    y: &ValueScale,
    [strip, plot]: [Rect; 2],
) {
    let t = &ink.t;
    let shown = c.runs.iter().enumerate().filter(|(i, _)| state.only.is_none_or(|o| o == *i));
    let ends: Vec<(usize, f32)> = shown
        .filter_map(|(i, run)| {
            let end = (x.t1 + c.shift_s(i)).min(run.end_s);
            Some((i, y.y(run.rows.value_at(at(signal), end)?).clamp(plot.top(), plot.bottom())))
        })
        .collect();
    let wanted: Vec<f32> = ends.iter().map(|(_, y)| *y).collect();
    for ((i, from), to) in ends.iter().zip(spread(&wanted, 13.0, strip.shrink2(vec2(0.0, 7.0)).y_range())) {
        let pen = pen(t, *i, signal);
        ink.p.line_segment([pos2(plot.right(), *from), pos2(plot.right() + 6.0, to)], Stroke::new(1.0, pen.color));
        ink.base(plot.right() + 8.0, to + 4.5, Align::Min, pen.name, Face::semibold(12.0, pen.color));
    }
}

/// Title, unit, and what each run reads at the cursors.
fn head(ink: &Ink, strip: Rect, q: &Quantity, state: &CompareState, c: &Comparison) {
    let t = &ink.t;
    let base = strip.top() + 18.0;
    let end = axes::title(ink, strip.left() + 12.0, base, q.title, q.unit);
    let mut right = strip.right() - END;
    let px = ink.px(13.0, 14.0);
    for (n, cursor) in state.part.cursors.iter().enumerate().rev() {
        let Some(at_s) = cursor else { continue };
        for (i, run) in c.runs.iter().enumerate().rev() {
            let v = run.rows.value_at(at(q.signal), at_s + c.shift_s(i));
            let words = v.map_or_else(|| "no data".to_owned(), |v| fmt::num(v, q.decimals));
            let color = pen(t, i, q.signal).color;
            right = ink.base(right, base, Align::Max, words, Face::medium(px, color)).left();
            right = ink
                .base(
                    right - 4.0,
                    base,
                    Align::Max,
                    LETTERS.get(i).copied().unwrap_or(""),
                    Face::regular(12.0, t.text2),
                )
                .left()
                - 10.0;
        }
        let chip = Rect::from_x_y_ranges(right - 16.0..=right, base - 12.0..=base + 4.0);
        ink.p.rect_filled(chip, 2.0, t.accent);
        ink.base(chip.center().x, base, Align::Center, (n + 1).to_string(), Face::semibold(12.0, t.onaccent));
        right = chip.left() - 18.0;
        if right < end + 120.0 {
            break;
        }
    }
}

fn describe(response: &Response, q: &Quantity, c: &Comparison, ranges: &[Option<[f64; 2]>]) {
    let mut words = q.title.to_owned();
    for ((letter, _), range) in LETTERS.iter().zip(&c.runs).zip(ranges) {
        match range {
            Some([lo, hi]) => {
                words +=
                    &format!(", {letter} {} to {} {}", fmt::num(*lo, q.decimals), fmt::num(*hi, q.decimals), q.unit);
            }
            None => words += &format!(", {letter} no data"),
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &words));
}

/// Another run less A, of one signal; filled where the difference would show on a display.
fn difference(
    ui: &mut Ui,
    strip: Rect,
    state: &mut CompareState,
    c: &Comparison,
    x: &TimeScale,
    actions: &mut Vec<Action>,
) {
    let plot = plot_of(strip);
    let Some(q) = QUANTITIES.get(state.signal) else { return };
    let (Some(a), Some(b)) = (c.runs.first(), c.runs.get(state.other)) else { return };
    let letter = LETTERS.get(state.other).copied().unwrap_or("B");
    let response = ui.interact(strip, ui.make_persistent_id("difference"), Sense::click_and_drag());
    pointer(ui, &response, x, None, actions);
    let dt = x.s_per_px().max(a.rows.row_period_s());
    let n = ((x.t1 - x.t0) / dt) as usize + 1;
    let values = series::difference([a, b], [c.shift_s(0), c.shift_s(state.other)], at(q.signal), (x.t0, dt, n));
    let range = values.iter().map(|[_, d]| [*d, *d]).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]);
    let [low, high] = range.unwrap_or([0.0, 0.0]);
    let [lo, hi] = margin([low.min(0.0), high.max(0.0)], q.least * 0.4);
    let y = ValueScale { lo, hi, y: plot.y_range() };
    let ink = Ink::new(ui, strip);
    let t = &ink.t;
    axes::grid(&ink, plot, x, &y);
    let inside = ink.within(plot);
    let color = pen(t, state.other, q.signal).color;
    let fill: Color32 = mix(color, t.inset, 0.3);
    // Parted where the difference is too small to show, so that only what shows is filled.
    for piece in
        values.chunk_by(|a, b| (a[1].abs() > q.resolution) == (b[1].abs() > q.resolution) && b[0] - a[0] < 1.5 * dt)
    {
        if piece.first().is_some_and(|v| v[1].abs() > q.resolution) {
            let path: Vec<_> = piece.iter().map(|[t, d]| pos2(x.x(*t), y.y(*d))).collect();
            inside.p.add(shapes::under(&path, y.y(0.0), fill));
        }
    }
    for piece in values.chunk_by(|a, b| b[0] - a[0] < 1.5 * dt) {
        let path: Vec<_> = piece.iter().map(|[t, d]| pos2(x.x(*t), y.y(*d))).collect();
        inside.p.add(egui::Shape::line(path, Stroke::new(1.25, color)));
    }
    inside.hline(plot.x_range(), y.y(0.0), t.text2);
    axes::cursors(&ink, &state.part.cursors, x, plot.top()..=strip.bottom());
    let title = format!("{letter} − A");
    let of = format!("{}, {}", q.title.to_lowercase(), q.unit);
    axes::title(&ink, strip.left() + 12.0, strip.top() + 18.0, &title, &of);
    let said = format!(
        "{title} {}: {} to {} {}",
        q.title,
        fmt::signed(low, q.decimals),
        fmt::signed(high, q.decimals),
        q.unit
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &said));
    pick(ui, strip, state, c);
}

/// Which signal, and of three or four runs which of them.
fn pick(ui: &mut Ui, strip: Rect, state: &mut CompareState, c: &Comparison) {
    const NAMES: [&str; 5] = ["f", "Generator", "GPU", "Miners", "Step"];
    let ink = Ink::new(ui, strip);
    let mut right = strip.right() - END - Segmented::new("", &NAMES, 0).padding(8.0).size(&ink).x;
    if let Some(new) =
        Segmented::new("Difference of", &NAMES, state.signal).padding(8.0).at(ui, pos2(right, strip.top() + 1.0))
    {
        state.signal = new;
    }
    if c.runs.len() > 2 {
        let others: Vec<String> = LETTERS.iter().take(c.runs.len()).skip(1).map(|l| format!("{l} − A")).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        right -= Segmented::new("", &others, 0).padding(8.0).size(&ink).x + 10.0;
        let at = pos2(right, strip.top() + 1.0);
        if let Some(new) = Segmented::new("Difference", &others, state.other - 1).padding(8.0).at(ui, at) {
            state.other = new + 1;
        }
    }
}
