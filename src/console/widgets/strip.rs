//! A strip chart: header, grid, limits, bands, pens, forecast half, cursors. Time is shared with all other strips.
//!
//! The vertical scale comes from limits, not from data, so that noise does not look like a crisis; data that leave it
//! widen it. A strip costs time in proportion to its pixels.

use egui::{
    Align, Align2, Color32, Pos2, Rangef, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, accesskit::Role, pos2,
    vec2,
};

use super::gauge::NOT_MEASURED;
use super::hand::{self, pointer};
use super::labels::Labels;
use super::pen::{Ahead, Pen, between};
use super::scale::{TimeScale, ValueScale, margin, span_words};
use super::{Face, Ink, axes};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::quality_log::{QualityLog, Trust};
use crate::console::theme::mix;
use crate::console::time_view::TimeView;
use crate::history::{Runs, Store};

/// Width of the axis labels left of every plot.
pub const GUTTER: f32 = 56.0;

/// From the middle of a name at the end of a line to the line.
const ABOVE: f32 = 9.0;
/// Distance of the points of a line that labels keep off, px.
const GRAIN: f32 = 5.0;

/// Tag of a strip whose scale comes from data.
const ZOOMED: &str = "ZOOMED";

/// A limit line.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitLine {
    /// Its name with its value.
    pub name: String,
    /// Value.
    pub value: f64,
    /// Name at the left, for where the right is busy.
    pub left: bool,
}

/// A marked point of the forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Time, s of the run.
    pub t_s: f64,
    /// Value.
    pub value: f64,
    /// What is there.
    pub text: String,
}

/// What a strip shows.
#[derive(Clone, Debug, Default)]
pub struct Strip<'a> {
    /// Title; also its identity.
    pub title: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Decimals of its values.
    pub decimals: usize,
    /// Height of the header.
    pub header: f32,
    /// Pens; the first is drawn last and has the dot.
    pub pens: Vec<Pen>,
    /// Forecasts.
    pub ahead: Vec<Ahead<'a>>,
    /// Spread of the forecast: times and three curves.
    pub spread: Option<(&'a [f64], [&'a [f64]; 3])>,
    /// Bands with their fill.
    pub bands: Vec<([f64; 2], Color32)>,
    /// Note under the top of the first band.
    pub note: String,
    /// Note at the foot of the plot.
    pub foot: String,
    /// Limits.
    pub limits: Vec<LimitLine>,
    /// What the scale covers always.
    pub base: [f64; 2],
    /// An excursion past the base by more than its height is cut off, as that of a bus that dies.
    pub cut: bool,
    /// Smallest height of the scale.
    pub least: f64,
    /// Scale from data.
    pub zoomed: bool,
    /// Width that controls take in the header after the title.
    pub controls: f32,
    /// Legend in the header.
    pub legend: bool,
    /// Names of pens at the ends of their lines.
    pub ends: bool,
    /// Fill under the first pen.
    pub area: Option<Color32>,
    /// Say `past` and `forecast` in the header.
    pub caption: bool,
    /// What the forecast supposes, if that must be said.
    pub supposes: &'static str,
    /// First limit that the forecast reaches.
    pub mark: Option<Mark>,
    /// The first pen's signal, where there are times at which it could not be trusted.
    pub doubts: Option<&'a QualityLog>,
}

impl Strip<'_> {
    /// Draws the strip, describes it, and pushes what the pointer asks for.
    pub fn show(
        &self,
        ui: &Ui,
        rect: Rect,
        history: &Store,
        now: f64,
        view: &TimeView,
        actions: &mut Vec<Action>,
    ) -> Response {
        let plot = plot_rect(rect, self.header);
        let x = TimeScale::new(view, now, plot.x_range());
        let response = ui.interact(rect, ui.make_persistent_id(("strip", self.title)), Sense::click_and_drag());
        pointer(ui, &response, &x, None, actions);
        if ui.is_rect_visible(rect) {
            let [lo, hi] = self.range(history, &x);
            let y = ValueScale { lo, hi, y: plot.y_range() };
            let ink = Ink::new(ui, rect);
            self.ground(&ink, rect, plot, &x, &y);
            self.curves(&ink.within(plot), history, &x, &y);
            self.front(&ink, rect, plot, &x, &y, history);
            axes::cursors(&ink, &view.cursors, &x, plot.top()..=rect.bottom());
            hand::draw(ui.ctx(), &ink, &x, plot.y_range());
            self.head(&ink, rect, &x);
            if let Some(at) = response.hover_pos().filter(|p| plot.contains(*p)) {
                self.read_off(&ink, plot, at, &x, history);
            }
            if response.has_focus() {
                ink.frame(rect, 0, (2.0, ink.t.accent));
            }
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, self.sentence(history, &x)));
        response
    }

    /// The cross-hair under the pointer: its time, and the value of each pen there.
    fn read_off(&self, ink: &Ink, plot: Rect, at: Pos2, x: &TimeScale, history: &Store) {
        let (t, time) = (&ink.t, x.t(at.x));
        ink.hline(plot.x_range(), at.y, t.text2);
        let value = |i: usize, pen: &Pen| {
            if time <= x.now { history.value_at(pen.signal, time) } else { self.ahead.get(i)?.at(time) }
        };
        let mut lines = vec![(x.flag(time), t.text)];
        for (i, pen) in self.pens.iter().enumerate() {
            // what has no name is drawn beside something that has
            let Some(v) = value(i, pen).filter(|_| i == 0 || !pen.name.is_empty()) else { continue };
            let name = if pen.name.is_empty() { String::new() } else { format!("{} ", pen.name) };
            lines.push((format!("{name}{} {}", fmt::num(v, self.decimals), self.unit), pen.color));
        }
        let face = |color| Face::medium(12.0, color);
        let wide = lines.iter().map(|(words, color)| ink.width(words, face(*color))).fold(0.0, f32::max) + 12.0;
        let size = vec2(wide, 15.0 * lines.len() as f32 + 6.0);
        let right = at.x + 12.0 + size.x < plot.right();
        let left = if right { at.x + 12.0 } else { at.x - 12.0 - size.x };
        let top = (at.y - size.y - 8.0).max(plot.top());
        let field = Rect::from_min_size(pos2(left, top), size);
        ink.fill(field, t.panel);
        ink.frame(field, 3, t.dead);
        for (k, (words, color)) in lines.iter().enumerate() {
            ink.base(field.left() + 6.0, field.top() + 15.0 * (k + 1) as f32, Align::Min, words, face(*color));
        }
    }

    /// Ends of the scale.
    fn range(&self, history: &Store, x: &TimeScale) -> [f64; 2] {
        let join = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        let pens = self.pens.iter().filter(|p| p.ranged);
        let past = pens.filter_map(|p| history.y_range(p.signal, x.past()));
        let ahead = self.ahead.iter().flat_map(|a| {
            let inside = a.t_s.iter().zip(a.y).filter(|(t, v)| **t >= x.now && x.contains(**t) && v.is_finite());
            inside.map(|(_, v)| [*v, *v])
        });
        let data = past.chain(ahead).reduce(join);
        match data {
            Some(d) if self.zoomed => margin(d, self.least),
            Some(d) => {
                let [lo, hi] = self.base;
                let span = hi - lo;
                let d = if self.cut { [d[0].max(lo - span), d[1].min(hi + span)] } else { d };
                margin(join(self.base, d), self.least)
            }
            None => margin(self.base, self.least),
        }
    }

    fn ground(&self, ink: &Ink, rect: Rect, plot: Rect, x: &TimeScale, y: &ValueScale) {
        let t = &ink.t;
        ink.fill(rect, t.inset);
        if let Some(from) = x.now_x() {
            ink.fill(Rect::from_x_y_ranges(from..=rect.right(), rect.y_range()), t.future);
        }
        let clipped = ink.within(plot);
        for ([lo, hi], fill) in &self.bands {
            clipped.fill(Rect::from_x_y_ranges(plot.x_range(), y.y(*hi)..=y.y(*lo)), *fill);
        }
        self.doubtful(&clipped, plot, x);
        axes::grid(ink, plot, x, y);
    }

    /// Where the first pen has no value it is hatched, where its value is in doubt its foot is dotted.
    fn doubtful(&self, ink: &Ink, plot: Rect, x: &TimeScale) {
        let t = &ink.t;
        let (Some(log), Some(pen)) = (self.doubts, self.pens.first()) else { return };
        let past = x.past();
        for ([from, to], trust) in log.spans(pen.signal, past.start, past.end) {
            let [left, right] = [from, to].map(|s| x.x(s).clamp(plot.left(), plot.right()));
            let span = Rect::from_x_y_ranges(left..=right.max(left + 1.0), plot.y_range());
            match trust {
                Trust::None => ink.hatch(span, 6.0, t.dead),
                Trust::Doubtful => {
                    let foot = Rangef::new(span.left(), span.right());
                    ink.hdash(foot, plot.bottom() - 3.0, Stroke::new(2.0, t.text2), 2.0, 3.0);
                }
                Trust::Full => {}
            }
        }
    }

    fn curves(&self, ink: &Ink, history: &Store, x: &TimeScale, y: &ValueScale) {
        let t = &ink.t;
        let limit = Stroke::new(1.0, t.limit);
        for l in &self.limits {
            ink.hdash(Rangef::new(x.left, x.right), y.y(l.value), limit, 4.0, 4.0);
        }
        if let Some((t_s, edges)) = self.spread {
            // Named where it is deep enough to be a thing of its own.
            if let Some((left, low, high)) = between(ink, x, y, t_s, edges, t.band_forecast)
                && high > 5.0
                && low + 14.0 < y.y.max
            {
                ink.base(left + 8.0, low + 13.0, Align::Min, "soft to stiff", Face::regular(12.0, t.text2));
            }
        }
        for a in &self.ahead {
            a.draw(ink, x, y);
        }
        let mut runs = Runs::default();
        for (i, pen) in self.pens.iter().enumerate().rev() {
            let area = self.area.filter(|_| i == 0).map(|fill| (0.0, fill));
            pen.draw(ink, history, x, y, &mut runs, area);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one frame's geometry")]
    fn front(&self, ink: &Ink, rect: Rect, plot: Rect, x: &TimeScale, y: &ValueScale, history: &Store) {
        let t = &ink.t;
        let mut labels = Labels::new(Rect::from_x_y_ranges(plot.x_range(), plot.top() - 5.0..=plot.bottom() + 3.0));
        self.lines(x, y, history).into_iter().for_each(|line| labels.keep_off(line));
        let across = |l: &LimitLine| [plot.left(), plot.right()].map(|px| pos2(px, y.y(l.value))).to_vec();
        self.limits.iter().for_each(|l| labels.keep_off(across(l)));
        self.limit_names(ink, plot, y, &mut labels);
        if let Some(now) = x.now_x() {
            ink.vline(now, rect.y_range(), t.text2);
            if let Some(pen) = self.pens.first()
                && let Some(v) = history.value_at(pen.signal, x.now)
                && plot.y_range().contains(y.y(v))
            {
                ink.p.circle_filled(pos2(now, y.y(v)), 3.5, pen.color);
            }
        }
        if let Some(m) = self.mark.as_ref().filter(|m| x.contains(m.t_s)) {
            let at = pos2(x.x(m.t_s), y.y(m.value).clamp(plot.top() + 5.0, plot.bottom() - 5.0));
            ink.p.circle(at, 4.0, t.future, Stroke::new(1.5, t.text));
            let face = Face::medium(12.0, t.text);
            let size = vec2(ink.width(&m.text, face), 12.0);
            let aside = [vec2(9.0, 12.0), vec2(9.0, -12.0), vec2(-9.0 - size.x, 12.0), vec2(-9.0 - size.x, -12.0)];
            if let Some(r) = labels.place(size, aside.map(|d| at + d)) {
                ink.base(r.left(), r.center().y + 4.3, Align::Min, &m.text, face);
            }
        }
        if let Some(words) = self.nothing(history, x) {
            let middle = pos2(f32::midpoint(plot.left(), x.now_x().unwrap_or(plot.right())), plot.center().y);
            ink.base(middle.x, middle.y, Align::Center, words, Face::regular(ink.body(), t.text2));
        }
        if self.ends {
            self.end_names(ink, plot, x, y, history, &mut labels);
        }
    }

    /// Lines of the plot as far as labels keep off them: the pens, and what they will do.
    fn lines(&self, x: &TimeScale, y: &ValueScale, history: &Store) -> Vec<Vec<Pos2>> {
        let past = x.now_x().unwrap_or(x.right);
        let columns = (0..).map(|i| x.left + GRAIN * i as f32).take_while(|px| *px <= past);
        let columns: Vec<f32> = columns.chain([past]).collect();
        let pens = self.pens.iter().filter(|pen| pen.ranged);
        let drawn = pens.map(|pen| {
            let point = |px: &f32| Some(pos2(*px, y.y(history.value_at(pen.signal, x.t(*px))?)));
            columns.iter().filter_map(point).collect()
        });
        drawn.chain(self.ahead.iter().flat_map(|a| a.runs(x, y))).collect()
    }

    /// Names of limits, of the first band, and what stands at the foot.
    fn limit_names(&self, ink: &Ink, plot: Rect, y: &ValueScale, labels: &mut Labels) {
        let t = &ink.t;
        let inside = |at: f32| at > plot.top() - 1.0 && at < plot.bottom() + 1.0;
        let mut put = |words: &str, color: Color32, places: &[Pos2]| {
            let face = Face::regular(12.0, color);
            let size = vec2(ink.width(words, face), 11.0);
            let places = places.iter().map(|p| pos2(if p.x == plot.right() { p.x - 6.0 - size.x } else { p.x }, p.y));
            if let Some(r) = labels.place(size, places) {
                ink.base(r.left(), r.center().y + 4.5, Align::Min, words, face);
            }
        };
        let (left, right) = (plot.left() + 8.0, plot.right());
        for l in self.limits.iter().filter(|l| inside(y.y(l.value)) && !l.name.is_empty()) {
            let (own, other, at) = if l.left { (left, right, y.y(l.value)) } else { (right, left, y.y(l.value)) };
            let places = [(own, -8.5), (own, 8.5), (other, -8.5), (other, 8.5)];
            put(&l.name, t.limit, &places.map(|(px, dy)| pos2(px, at + dy)));
        }
        if let (Some(([lo, hi], _)), false) = (self.bands.first(), self.note.is_empty()) {
            let (top, foot) = (y.y(*hi).max(plot.top()), y.y(*lo).min(plot.bottom()));
            let heights = [top + 10.5, top + 24.5, foot - 7.0];
            let places: Vec<Pos2> = [left, right].iter().flat_map(|px| heights.map(|at| pos2(*px, at))).collect();
            put(&self.note, t.text2, &places);
        }
        if !self.foot.is_empty() {
            // as low as there is a place on no line
            let heights = (0..).map(|k| plot.bottom() - 6.0 - 5.0 * k as f32).take_while(|at| *at > plot.top());
            put(&self.foot, t.text2, &heights.map(|at| pos2(left, at)).collect::<Vec<_>>());
        }
    }

    /// Names near the right ends of the lines: on no line, beside their own where there is room, else joined to it by a
    /// leader.
    fn end_names(&self, ink: &Ink, plot: Rect, x: &TimeScale, y: &ValueScale, history: &Store, labels: &mut Labels) {
        let named = self.pens.iter().enumerate().filter(|(_, pen)| !pen.name.is_empty() && !pen.steps);
        let ends: Vec<(&Pen, Pos2)> = named
            .filter_map(|(i, pen)| {
                let (t, v) = match self.ahead.get(i).and_then(|a| a.end(x)) {
                    Some(end) => end,
                    None => (x.past().end, history.value_at(pen.signal, x.past().end)?),
                };
                Some((pen, pos2(x.x(t), y.y(v).clamp(plot.top(), plot.bottom()))))
            })
            .collect();
        let face = |pen: &Pen| Face::medium(12.0, pen.color);
        let places = |(pen, end): &(&Pen, Pos2)| {
            let size = vec2(ink.width(pen.name, face(pen)) + 4.0, 12.0);
            // beside the end itself, where that is far from the edge
            let aside = if end.x < plot.right() - 60.0 { 6.0 } else { 0.0 };
            let left = (plot.right() - 4.0 - size.x).min(end.x + aside);
            let steps = (0..).map(|k| ABOVE + 4.0 * k as f32).take_while(|d| *d < plot.height());
            (size, steps.flat_map(|d| [end.y - d, end.y + d]).map(|at| pos2(left, at)).collect())
        };
        let wanted: Vec<(Vec2, Vec<Pos2>)> = ends.iter().map(places).collect();
        for ((pen, end), r) in ends.iter().zip(labels.place_all(&wanted)) {
            let Some(r) = r else { continue };
            ink.base(r.right() - 2.0, r.center().y + 4.3, Align::Max, pen.name, face(pen));
            // Read from its line alone as long as it stands right beside it.
            if (r.center().y - end.y).abs() > ABOVE + 3.0 {
                let from = pos2(end.x.min(r.left() - 14.0), end.y);
                let stroke = Stroke::new(1.0, mix(pen.color, ink.t.inset, 0.7));
                ink.p.line_segment([r.left_center() - vec2(3.0, 0.0), from], stroke);
            }
        }
    }

    /// Where title, unit and tag end in a strip at `rect`: room for controls begins there.
    #[must_use]
    pub fn title_end(&self, ui: &Ui, rect: Rect) -> f32 {
        let ink = Ink::of(ui);
        let t = &ink.t;
        let size = ink.body();
        let words = ink.width(self.title, Face::semibold(size, t.text))
            + 6.0
            + ink.width(self.unit, Face::regular(size, t.text2));
        let tag = if self.zoomed { 20.0 + ink.width(ZOOMED, Face::semibold(11.0, t.text)) } else { 0.0 };
        rect.left() + 12.0 + words + tag
    }

    fn head(&self, ink: &Ink, rect: Rect, x: &TimeScale) {
        let t = &ink.t;
        let base = rect.top() + (self.header - 8.0).min(18.0);
        let mut end = axes::title(ink, rect.left() + 12.0, base, self.title, self.unit);
        if self.zoomed {
            end = ink.badge(pos2(end + 8.0, base - 4.0), Align2::LEFT_CENTER, ZOOMED).right();
        }
        let edge = x.now_x().unwrap_or(rect.right()).min(rect.right());
        let free = [end + self.controls + 12.0, edge - 10.0];
        if self.caption {
            self.captions(ink, [free[0], edge, rect.right()], base, x);
        }
        if self.legend {
            let named = || self.pens.iter().filter(|pen| !pen.name.is_empty());
            let small = Face::regular(12.0, t.text2);
            let wide: f32 = named().map(|pen| 42.0 + ink.width(pen.name, small)).sum::<f32>() - 16.0;
            // Left of the now line, or right of it where there is no room.
            let mut left = if free[1] - wide >= free[0] { free[1] - wide } else { rect.right() - 10.0 - wide };
            if left < free[0] {
                return;
            }
            for pen in named() {
                pen.swatch(ink, Rangef::new(left, left + 20.0), base - 4.5);
                left = ink.base(left + 26.0, base, Align::Min, pen.name, small).right() + 16.0;
            }
        }
    }

    /// What lies left and right of the now line, where there is room to say it.
    fn captions(&self, ink: &Ink, [from, edge, to]: [f32; 3], base: f32, x: &TimeScale) {
        let t = &ink.t;
        let small = Face::regular(12.0, t.text2);
        let past = format!("past {}", span_words(x.past().end - x.t0));
        if edge - 10.0 - ink.width(&past, small) >= from {
            ink.base(edge - 10.0, base, Align::Max, past, small);
        }
        let ahead = format!("forecast {}{}", span_words(x.t1 - x.now), self.supposes);
        let left = from.max(edge + 8.0);
        if left + ink.width(&ahead, small) < to - 4.0 {
            ink.base(left, base, Align::Min, ahead, small);
        }
    }

    /// Why there is no line at all, if there is none.
    fn nothing(&self, history: &Store, x: &TimeScale) -> Option<&'static str> {
        let [from, to] = history.extent_s()?;
        let none = |t_s: std::ops::Range<f64>| self.pens.iter().all(|p| history.stats(p.signal, t_s.clone()).is_none());
        if none(from..to + 1.0) { Some(NOT_MEASURED) } else { none(x.past()).then_some("no data in this window") }
    }

    /// The strip in a sentence.
    #[must_use]
    pub fn sentence(&self, history: &Store, x: &TimeScale) -> String {
        let mut s = format!("{}, {} shown", self.title, span_words(x.past().end - x.t0));
        let Some(pen) = self.pens.first() else { return s };
        if let Some(words) = self.nothing(history, x) {
            s += &format!(": {words}");
        }
        if let Some(v) = history.value_at(pen.signal, x.past().end) {
            s += &format!(": now {} {}", fmt::num(v, self.decimals), self.unit);
        }
        if let Some(st) = history.stats(pen.signal, x.past()) {
            s += &format!(", min {}, max {}", fmt::num(st.min, self.decimals), fmt::num(st.max, self.decimals));
        }
        if !self.foot.is_empty() {
            s += &format!("; {}", self.foot);
        }
        if let Some(m) = &self.mark {
            s += &format!("; forecast: {} at {} s", m.text, fmt::signed(m.t_s - x.now, 0));
        }
        s
    }
}

/// The plot within a strip; a strip that is too low for one has a plot of one pixel.
#[must_use]
pub fn plot_rect(strip: Rect, header: f32) -> Rect {
    let (left, top) = (strip.left() + GUTTER, strip.top() + header);
    Rect::from_min_max(pos2(left, top), pos2(strip.right().max(left + 1.0), (strip.bottom() - 6.0).max(top + 1.0)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plant::signals::{SignalTable, at, site};

    #[test]
    fn the_scale_shows_all_data_unless_it_cuts_excursions() {
        let table = Arc::new(SignalTable::new(&["A".into()], &["G1".into()], &[]));
        let plate =
            Arc::new(crate::feed::Columns::read("t_s,site.gen_kw", "a.csv", None).unwrap().plate("a.csv", 60.0));
        let mut update = crate::feed::empty_update(1, Arc::clone(&table), plate);
        for n in 0..40 {
            update.block.t_s.push(f64::from(n) * 0.05);
            let row = vec![if n < 20 { 1900.0 } else { 0.0 }; table.len()];
            for to in [&mut update.block.min, &mut update.block.max, &mut update.block.last] {
                to.extend_from_slice(&row);
            }
        }
        let mut history = Store::new();
        history.absorb(&update).unwrap();
        let x = TimeScale::new(&TimeView::default(), 2.0, Rangef::new(0.0, 500.0));
        let pens = vec![Pen::new(at(site::GEN_KW), "electrical", Color32::BLACK, 1.0)];
        let strip = Strip { pens, base: [1400.0, 2000.0], least: 10.0, ..Strip::default() };
        let [lo, hi] = strip.range(&history, &x);
        assert!(lo <= 0.0 && hi >= 2000.0, "{lo} to {hi}");
        let [lo, _] = Strip { cut: true, ..strip }.range(&history, &x);
        assert!(lo > 500.0, "a bus that dies does not flatten what was before: {lo}");
    }
}
