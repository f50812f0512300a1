//! Strips of a plan on one axis of time: load, miners, genset, ramp, price of ramping, running cost; and their values.
//!
//! After is the pen of the thing, before a thin grey one, a pinned plan dashed in the accent. Names stand in the plot where no
//! line crosses them.

use egui::accesskit::Role;
use egui::{Align, Rect, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::answer::{COST, COST_BEFORE, GENSET, LAMBDA, LOAD, MINER, RAMP, RAMP_BEFORE, Shown};
use super::state::{Params, PlanState};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::theme::Tokens;
use crate::console::view::View as _;
use crate::console::widgets::hand::pointer;
use crate::console::widgets::labels::Labels;
use crate::console::widgets::pen::Pen;
use crate::console::widgets::scale::{TimeScale, ValueScale, margin};
use crate::console::widgets::strip::{GUTTER, plot_rect};
use crate::console::widgets::value_column::{self, Row};
use crate::console::widgets::{Face, Ink, axes};
use crate::history::{Runs, Store};
use crate::plant::signals::SignalIdx;

/// Height of a strip's header.
const HEADER: f32 = 24.0;
/// Room right of the plots.
const END: f32 = 12.0;

/// A strip: what it is, the curve of the plan and that of the day before, its limit.
struct Strip {
    title: &'static str,
    unit: &'static str,
    decimals: usize,
    after: SignalIdx,
    before: Option<SignalIdx>,
    limit: fn(&Params) -> Option<(String, f64)>,
    /// Share of the height.
    weight: f32,
    /// Smallest height of the scale.
    least: f64,
    /// The scale begins at zero where nothing is below.
    from_zero: bool,
}

const fn strip(
    (title, unit, decimals): (&'static str, &'static str, usize),
    (after, before): (SignalIdx, Option<SignalIdx>),
    limit: fn(&Params) -> Option<(String, f64)>,
    (weight, least, from_zero): (f32, f64, bool),
) -> Strip {
    Strip { title, unit, decimals, after, before, limit, weight, least, from_zero }
}

const STRIPS: [Strip; 6] = [
    strip(("Load", "kW", 0), (LOAD, None), rating, (0.9, 50.0, true)),
    strip(("Miners", "kW", 0), (MINER, None), size, (1.0, 50.0, true)),
    strip(("Genset", "kW", 0), (GENSET, Some(LOAD)), rating, (1.35, 50.0, false)),
    strip(("Ramp", "kW/h", 1), (RAMP, Some(RAMP_BEFORE)), ramp_limit, (1.0, 10.0, false)),
    strip(("Price of ramping λ", "$/kW", 3), (LAMBDA, None), |_| None, (1.0, 1e-3, false)),
    strip(("Running cost", "$", 0), (COST, Some(COST_BEFORE)), |_| None, (1.0, 10.0, false)),
];

fn rating(p: &Params) -> Option<(String, f64)> {
    (p.rating_kw > 0.0).then(|| (format!("rating {}", fmt::short(p.rating_kw)), p.rating_kw))
}

fn size(p: &Params) -> Option<(String, f64)> {
    (p.miner_kw > 0.0).then(|| (format!("size {}", fmt::short(p.miner_kw)), p.miner_kw))
}

fn ramp_limit(p: &Params) -> Option<(String, f64)> {
    (p.ramp_limit > 0.0).then(|| (format!("limit {}", fmt::short(p.ramp_limit)), p.ramp_limit))
}

/// A time of day, or of the load, as hours and minutes.
pub(super) fn clock(t_s: f64) -> String {
    let minutes = (t_s / 60.0).round();
    let (sign, all) = (if minutes < 0.0 { "−" } else { "" }, minutes.abs() as u64);
    format!("{sign}{:02}:{:02}", all / 60, all % 60)
}

pub(super) fn show(ui: &mut Ui, rect: Rect, values: Rect, state: &mut PlanState) {
    let ink = Ink::new(ui, rect.union(values));
    ink.fill(rect, ink.t.inset);
    let Some(shown) = state.shown.clone() else {
        let words = state.trouble.clone().unwrap_or_else(|| "reading the load".to_owned());
        let place = Rect::from_min_size(rect.min + vec2(8.0, 26.0), vec2(rect.width() - 16.0, 52.0));
        super::trouble(ui, &ink, place, &words);
        return;
    };
    let Some(params) = state.params else { return };
    let [t0, t1] = state.window();
    let x = TimeScale {
        t0,
        t1: t1.max(t0 + 60.0),
        now: t1.max(t0 + 60.0),
        follows: false,
        left: rect.left() + GUTTER,
        right: rect.right() - END,
        cursors: state.part.cursors,
    };
    let pin = state.pin.and_then(|i| Some((i, state.pins.get(i)?.shown.clone())));
    let share = (rect.height() - axes::AXIS - 8.0) / STRIPS.iter().map(|s| s.weight).sum::<f32>();
    let mut actions = Vec::new();
    let mut y = rect.top();
    for s in &STRIPS {
        let bottom = (y + s.weight * share).round();
        let place = Rect::from_x_y_ranges(rect.x_range(), y..=bottom);
        let what = Drawn { s, shown: &shown, pin: pin.as_ref().map(|(i, p)| (*i, p.as_ref())), params: &params, x: &x };
        what.draw(ui, place, state, &mut actions);
        what.values(ui, Rect::from_x_y_ranges(values.x_range(), y..=bottom), state);
        ink.hline(rect.left()..=values.right(), bottom, ink.t.hair);
        y = bottom;
    }
    axis(ui, &ink, Rect::from_x_y_ranges(rect.x_range(), y..=rect.bottom()), &x, state, &mut actions);
    whole(ui, Rect::from_x_y_ranges(values.x_range(), y..=rect.bottom()), state);
    if let Some(words) = &state.trouble {
        let place = Rect::from_min_size(pos2(rect.left() + 8.0, rect.top() + 26.0), vec2(rect.width() - 16.0, 52.0));
        super::trouble(ui, &ink, place, &format!("{words}. The last plan stays in view."));
    }
    for action in actions {
        if let Action::Time(act) = action {
            state.time(act);
        }
    }
}

fn axis(ui: &Ui, ink: &Ink, rect: Rect, x: &TimeScale, state: &PlanState, actions: &mut Vec<Action>) {
    let response = ui.interact(rect, ui.make_persistent_id("plan axis"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, "Axis of time"));
    pointer(ui, &response, x, None, actions);
    let y = rect.top() + 3.0;
    let delta = state.part.cursors[1]
        .zip(state.part.cursors[0])
        .map(|(b, a)| format!("  Δ {} h", fmt::num((b - a) / 3600.0, 2)));
    let flags = axes::flags(ink, &state.part.cursors, x, y, |i, at| match &delta {
        Some(delta) if i == 1 => format!("{}{delta}", clock(at)),
        _ => clock(at),
    });
    axes::time(ink, x, y, flags, |_, at| (clock(at), false));
}

fn whole(ui: &Ui, rect: Rect, state: &mut PlanState) {
    let why = state.part.window.is_none().then_some("the whole of it is in view");
    let place = Rect::from_center_size(rect.center(), vec2(rect.width().min(104.0) - 8.0, 26.0));
    let button = crate::console::widgets::Button::new("Whole day").name("Show the whole day").why_not(why);
    if button.put(ui, place).clicked() {
        state.part.window = None;
    }
}

/// One strip in a frame.
struct Drawn<'a> {
    s: &'a Strip,
    shown: &'a Shown,
    pin: Option<(usize, &'a Shown)>,
    params: &'a Params,
    x: &'a TimeScale,
}

impl Drawn<'_> {
    /// Curves, the first drawn first: before, the pinned plan, after.
    fn curves(&self, t: &Tokens) -> Vec<(&Store, Pen, String)> {
        let s = self.s;
        let rows = &self.shown.rows;
        let mut all = Vec::new();
        all.extend(s.before.map(|b| (rows, Pen::new(b, "", t.pen_other, 1.25), "before".to_owned())));
        if let Some((i, pin)) = self.pin {
            let pen = Pen::new(s.after, "", t.accent, 2.0).dash(10.0, 5.0);
            all.push((&pin.rows, pen, format!("pin {}", i + 1)));
        }
        let after = match s.after {
            MINER => Pen::new(MINER, "", t.pen_miner, 2.0).dash(8.0, 4.0),
            LOAD => Pen::new(LOAD, "", t.pen_gpu, 2.0),
            other => Pen::new(other, "", t.pen_genset, 2.25),
        };
        let alone = all.is_empty();
        all.push((rows, after, if alone { String::new() } else { "after".to_owned() }));
        all
    }

    fn range(&self, curves: &[(&Store, Pen, String)]) -> [f64; 2] {
        let window = self.x.t0..self.x.t1;
        let data = curves.iter().filter_map(|(rows, pen, _)| rows.y_range(pen.signal, window.clone()));
        let data = data.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]).unwrap_or([0.0, 1.0]);
        // the limit of what is within reach of it belongs to the picture
        let high = (self.s.limit)(self.params).map_or(data[1], |(_, v)| {
            let near = data[1] > 0.55 * v || self.s.after == MINER;
            if near { data[1].max(v) } else { data[1] }
        });
        let lo = if self.s.from_zero { data[0].min(0.0) } else { data[0] };
        let [low, top] = margin([lo, high], self.s.least);
        [if self.s.from_zero && lo >= 0.0 { -0.04 * top } else { low }, top]
    }

    fn draw(&self, ui: &Ui, rect: Rect, state: &PlanState, actions: &mut Vec<Action>) {
        let (s, x) = (self.s, self.x);
        let response = ui.interact(rect, ui.make_persistent_id(("plan strip", s.title)), Sense::click_and_drag());
        pointer(ui, &response, x, None, actions);
        let ink = Ink::new(ui, rect);
        let t = &ink.t;
        let plot = plot_rect(rect, HEADER).with_max_x(x.right);
        let curves = self.curves(t);
        let [lo, hi] = self.range(&curves);
        let y = ValueScale { lo, hi, y: plot.y_range() };
        axes::grid(&ink, plot, x, &y);
        let inside = ink.within(plot);
        if lo < 0.0 && hi > 0.0 && !s.from_zero {
            inside.hline(plot.x_range(), y.y(0.0), t.text2);
        }
        let mut labels = Labels::new(plot.shrink2(vec2(4.0, 0.0)));
        if let Some((name, value)) = (s.limit)(self.params).filter(|(_, v)| (lo..=hi).contains(v)) {
            let at = y.y(value);
            inside.hdash(plot.x_range(), at, t.limit, 4.0, 4.0);
            let face = Face::regular(ink.small(), t.limit);
            // at the top of the plot its name goes into the header, whose right end is empty
            let (px, align) =
                if at - 14.0 < plot.top() { (plot.right() - 4.0, Align::Max) } else { (plot.left() + 6.0, Align::Min) };
            let named = ink.base(px, at - 4.0, align, name, face);
            labels.keep_clear(named);
        }
        let mut runs = Runs::default();
        for (rows, pen, _) in &curves {
            pen.draw(&inside, rows, x, &y, &mut runs, None);
        }
        self.names(&ink, &curves, &y, plot, &mut labels);
        axes::cursors(&inside, &state.part.cursors, x, plot.y_range());
        axes::title(&ink, rect.left() + 12.0, rect.top() + 17.0, s.title, s.unit);
        if response.has_focus() {
            ink.frame(rect, 0, (2.0, t.accent));
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, self.sentence()));
    }

    /// Each name where no curve passes.
    fn names(&self, ink: &Ink, curves: &[(&Store, Pen, String)], y: &ValueScale, plot: Rect, labels: &mut Labels) {
        let value = |rows: &Store, pen: &Pen, px: f32| rows.value_at(pen.signal, self.x.t(px)).map(|v| y.y(v));
        let crossed = |r: Rect| {
            curves.iter().any(|(rows, pen, _)| {
                let steps = (0..=8u8).map(|k| r.left() + r.width() * f32::from(k) / 8.0);
                steps.filter_map(|px| value(rows, pen, px)).any(|at| (r.top() - 2.0..=r.bottom() + 2.0).contains(&at))
            })
        };
        for (k, (rows, pen, name)) in curves.iter().enumerate().rev().filter(|(_, c)| !c.2.is_empty()) {
            let main = k + 1 == curves.len();
            let face = if main { Face::medium(ink.small(), pen.color) } else { Face::regular(ink.small(), pen.color) };
            let size: Vec2 = vec2(ink.width(name, face), ink.small() + 2.0);
            let spots = [0.30_f32, 0.62, 0.12, 0.46, 0.78, 0.22, 0.54, 0.88, 0.38, 0.70];
            let spots = spots.iter().flat_map(|share| {
                let px = plot.left() + plot.width() * share;
                let at = value(rows, pen, px);
                [-11.0, 11.0, -16.0, 16.0].into_iter().filter_map(move |d| Some(pos2(px, at? + d)))
            });
            let free = spots.filter(|at| {
                let r = Rect::from_min_size(*at - vec2(0.0, size.y / 2.0), size);
                r.top() >= plot.top() - 2.0 && r.bottom() <= plot.bottom() + 2.0 && !crossed(r)
            });
            if let Some(r) = labels.place(size, free.collect::<Vec<_>>()) {
                ink.base(r.left(), r.center().y + face.px * 0.36, Align::Min, name, face);
            }
        }
    }

    fn values(&self, ui: &Ui, rect: Rect, state: &PlanState) {
        let s = self.s;
        let rows = &self.shown.rows;
        let number = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| fmt::num(v, digits(v, s.decimals)));
        let stats = rows.stats(s.after, self.x.t0..self.x.t1);
        let at = state.part.cursors[0].filter(|t| self.x.contains(*t));
        let mut all = Vec::new();
        match at {
            Some(t) => {
                all.push(Row::new(clock(t), number(rows.value_at(s.after, t))));
                all.extend(s.before.map(|b| Row::new("before", number(rows.value_at(b, t)))));
                all.extend(
                    self.pin.map(|(i, p)| Row::new(format!("pin {}", i + 1), number(p.rows.value_at(s.after, t)))),
                );
            }
            None if s.after == COST => all.push(Row::new("end", number(rows.value_at(COST, self.x.t1)))),
            None => all.push(Row::new("mean", number(stats.map(|s| s.mean)))),
        }
        all.push(Row::new("min", number(stats.map(|s| s.min))));
        all.push(Row::new("max", number(stats.map(|s| s.max))));
        value_column::show(ui, rect, s.title, &all, true);
    }

    fn sentence(&self) -> String {
        let s = self.s;
        let Some(stats) = self.shown.rows.stats(s.after, self.x.t0..self.x.t1) else { return s.title.to_owned() };
        let d = |v: f64| fmt::num(v, digits(v, s.decimals));
        format!("{} {} to {} {}, mean {}", s.title, d(stats.min), d(stats.max), s.unit, d(stats.mean))
    }
}

/// Decimals of a value: fewer where it is large.
fn digits(v: f64, most: usize) -> usize {
    match v.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => most.min(1),
        a if a >= 1.0 => most.min(2),
        _ => most,
    }
}
