//! A chart in our theme on the shell of `egui_plot`: axes with units, grid, curves, limits, regions, labels.
//!
//! For curves that are *given* (plans, comparisons of runs, scores). Say what there is, [`Chart::show`] it in a
//! rectangle, and paint more on the [`Shown`] plot if need be:
//!
//! ```ignore
//! let shown = Chart::new("bucket", Axis::time([0.0, end]), Axis::linear([0.0, top], "kW"))
//!     .title("Step bucket", "kW, refill 12 kW/s")
//!     .area(Area::between_y([floor, 0.0]).hatched(t.dead))
//!     .limit(Limit::new(cap, "capacity", t.limit))
//!     .curve(Curve::new("level", &t_s, &level, t.text))
//!     .mark(Mark::ring([at, low], "lowest 120 kW", t.text))
//!     .words("Step bucket: lowest 120 kilowatts at 8 seconds")
//!     .show(ui, rect);
//! if let Some([t, kw]) = shown.hover { .. }
//! ```
//!
//! * **Bounds are ours.** They are the ranges of the axes, pushed every frame; nothing in the plot pans, zooms, scrolls
//!   or resets them. What a drag or the wheel means is for the caller, who gets the [`Response`].
//! * **Charts side by side** share time by having the same x axis, [`Chart::gutter`] and [`Chart::ends`], and the same
//!   [`Chart::cursor`].
//! * **Curves differ without colour**, by pen width and dash, and have their names at their right ends in place of
//!   a legend. The names keep a distance and are joined to their curve by a leader.
//! * **A curve costs pixels**: of all points in a pixel column the first, lowest, highest and last are drawn. A value
//!   that is not a number is a gap.
//!
//! The strips do not stand on it, for three reasons: they share their gutters with columns of values and with the event
//! lane to the pixel, they draw min/max columns straight from the history's pyramid, and six of them must fit into a
//! frame together with everything else. It never keeps state but what `egui_plot` keeps of its last layout.

mod axis;
mod items;

use egui::{Align, Pos2, Rect, Response, Sense, Stroke, Ui, UiBuilder, WidgetInfo, accesskit::Role, pos2, vec2};
use egui_plot::{AxisHints, Plot, PlotPoint, PlotTransform};

pub use axis::Axis;
pub use items::{Area, Curve, Limit, Mark};

use super::labels::{Labels, spread};
use super::strip::GUTTER;
use super::{Face, Ink};
use crate::console::theme::{Weight, font};

/// Height of title and note.
const HEAD: f32 = 40.0;
/// Room right of the plot without names at the ends: half of the last tick's label.
const RIGHT: f32 = 18.0;
/// Height of the labels of the x axis.
const FOOT: f32 = 24.0;
/// From the plot to a name at an end.
const LEADER: f32 = 10.0;

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    id: &'a str,
    x: Axis,
    y: Axis,
    title: &'a str,
    note: String,
    areas: Vec<Area>,
    limits: Vec<Limit>,
    curves: Vec<Curve<'a>>,
    marks: Vec<Mark>,
    cursor: Option<f64>,
    framed: bool,
    gutter: f32,
    ends: Option<f32>,
    sense: Sense,
    words: String,
}

/// A chart that has been drawn.
pub struct Shown {
    /// Of the plot: hover, or what [`Chart::sense`] asked for.
    pub response: Response,
    /// The plot, without axes and title.
    pub plot: Rect,
    /// Value under the pointer.
    pub hover: Option<[f64; 2]>,
    /// For more labels that keep clear of those there are.
    pub labels: Labels,
    map: Map,
}

/// Values to pixels and back.
#[derive(Clone, Debug)]
struct Map {
    transform: PlotTransform,
    x: Axis,
    y: Axis,
}

impl Map {
    fn at(&self, [x, y]: [f64; 2]) -> Pos2 {
        self.transform.position_from_point(&PlotPoint::new(self.x.plot_from(x), self.y.plot_from(y)))
    }

    fn value(&self, at: Pos2) -> [f64; 2] {
        let p = self.transform.value_from_position(at);
        [self.x.from_plot(p.x), self.y.from_plot(p.y)]
    }
}

impl Shown {
    /// Pixel of a value.
    #[must_use]
    pub fn at(&self, value: [f64; 2]) -> Pos2 {
        self.map.at(value)
    }

    /// Value of a pixel.
    #[must_use]
    pub fn value(&self, at: Pos2) -> [f64; 2] {
        self.map.value(at)
    }
}

impl<'a> Chart<'a> {
    /// An empty chart; `id` tells it from others in the same view.
    #[must_use]
    pub fn new(id: &'a str, x: Axis, y: Axis) -> Self {
        Self {
            id,
            x,
            y,
            title: "",
            note: String::new(),
            areas: Vec::new(),
            limits: Vec::new(),
            curves: Vec::new(),
            marks: Vec::new(),
            cursor: None,
            framed: false,
            gutter: GUTTER,
            ends: None,
            sense: Sense::hover(),
            words: String::new(),
        }
    }

    /// Title, and after it in grey what the numbers are. Without one the plot begins at the top.
    #[must_use]
    pub fn title(self, title: &'a str, note: impl Into<String>) -> Self {
        Self { title, note: note.into(), ..self }
    }

    /// Adds a region, under all else.
    #[must_use]
    pub fn area(mut self, area: Area) -> Self {
        self.areas.push(area);
        self
    }

    /// Adds a limit line, over the regions.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.push(limit);
        self
    }

    /// Adds a curve; later ones are drawn over earlier ones.
    #[must_use]
    pub fn curve(mut self, curve: Curve<'a>) -> Self {
        self.curves.push(curve);
        self
    }

    /// Adds a marked point, over all else.
    #[must_use]
    pub fn mark(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }

    /// A line across at `x`, such as the time under the pointer in a chart beside this one.
    #[must_use]
    pub fn cursor(self, x: Option<f64>) -> Self {
        Self { cursor: x.filter(|x| x.is_finite()), ..self }
    }

    /// A frame and no grid, for maps: their ground is filled.
    #[must_use]
    pub fn framed(self) -> Self {
        Self { framed: true, ..self }
    }

    /// Width of the y axis' labels; that of the strips if not said.
    #[must_use]
    pub fn gutter(self, px: f32) -> Self {
        Self { gutter: px, ..self }
    }

    /// Room right of the plot for names of curves; what they need if not said.
    #[must_use]
    pub fn ends(self, px: f32) -> Self {
        Self { ends: Some(px), ..self }
    }

    /// What the plot's response senses; hovering if not said.
    #[must_use]
    pub fn sense(self, sense: Sense) -> Self {
        Self { sense, ..self }
    }

    /// The chart in a sentence, for those who do not see it.
    #[must_use]
    pub fn words(self, words: impl Into<String>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// Draws it in `rect`.
    pub fn show(self, ui: &mut Ui, rect: Rect) -> Shown {
        let ink = Ink::of(ui);
        let (t, small) = (ink.t, ink.small());
        self.head(&ink.within(rect), rect);
        let named = |c: &&Curve<'_>| !c.name.is_empty();
        let widest = self.curves.iter().filter(named).map(|c| ink.width(c.name, c.face(small)));
        let widest = widest.reduce(f32::max).map_or(RIGHT, |w| LEADER + w + 8.0);
        let top = rect.top() + if self.title.is_empty() { 8.0 } else { HEAD };
        let inner = Rect::from_min_max(
            pos2(rect.left(), top),
            pos2(rect.right() - self.ends.unwrap_or(widest).max(RIGHT), rect.bottom() - 4.0),
        );

        let scope = ui.make_persistent_id(("chart", self.id));
        let mut child = ui.new_child(UiBuilder::new().scope_id(scope).max_rect(inner));
        let hints = |axis: AxisHints<'static>| {
            let axis = axis.tick_label_font(font(Weight::Regular, small)).tick_label_color(t.text2);
            // Whether a label fits is what the ticks are made for.
            axis.label_spacing(1.0..=2.0)
        };
        let [x_label, y_label] = [&self.x, &self.y].map(|a| a.clone().formatter());
        let plot = Plot::new("plot")
            .width(inner.width().max(1.0))
            .height(inner.height().max(1.0))
            // The first keeps the labels of the second off those of the y axis.
            .custom_x_axes(vec![
                AxisHints::new_x().min_thickness(4.0).formatter(|_, _| String::new()),
                hints(AxisHints::new_x()).min_thickness(FOOT - 4.0).formatter(x_label),
            ])
            .custom_y_axes(vec![hints(AxisHints::new_y()).min_thickness(self.gutter).formatter(y_label)])
            .x_grid_spacer(self.x.clone().spacer(64.0))
            .y_grid_spacer(self.y.clone().spacer(36.0))
            .grid_spacing(1.0..=2.0)
            .grid_color(t.grid)
            .grid_fade(0.0)
            .show_grid(!self.framed)
            .show_background(false)
            .auto_bounds(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_drag(false)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .show_x(false)
            .show_y(false)
            .sense(self.sense);
        let (bounds_x, bounds_y) = (self.x.bounds(), self.y.bounds());
        let items = items::all(&self, &t);
        let shown = plot.show(&mut child, move |p| {
            p.set_plot_bounds_x(bounds_x);
            p.set_plot_bounds_y(bounds_y);
            items.into_iter().for_each(|item| p.add(item));
        });
        let map = Map { transform: shown.transform, x: self.x.clone(), y: self.y.clone() };
        let plot = *map.transform.frame();
        let mut labels = Labels::new(plot.expand2(vec2(0.0, 2.0)).shrink2(vec2(2.0, 0.0)));
        if self.framed {
            ink.frame(plot, 0, t.dead);
        }
        self.curves.iter().flat_map(|c| c.paths(|x, y| map.at([x, y]))).for_each(|path| labels.keep_off(path));
        self.marks(&ink, &map, &mut labels);
        self.limit_names(&ink, &map, &mut labels);
        self.curve_names(&ink, &map);
        let response = shown.response;
        let words = if self.words.is_empty() { self.title } else { &self.words };
        response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, words));
        let hover = response.hover_pos().map(|at| map.value(at));
        Shown { response, plot, hover, labels, map }
    }

    fn head(&self, ink: &Ink, rect: Rect) {
        if self.title.is_empty() {
            return;
        }
        let (size, base) = (ink.body(), rect.top() + 25.0);
        let title = Face::semibold(size, ink.t.text);
        let end = ink.base(rect.left() + 16.0, base, Align::Min, self.title, title).right();
        let face = Face::regular(size, ink.t.text2);
        let note = ink.fit(&self.note, face, rect.right() - 12.0 - end - 8.0);
        ink.base(end + 8.0, base, Align::Min, note, face);
    }

    fn marks(&self, ink: &Ink, map: &Map, labels: &mut Labels) {
        let (t, small) = (&ink.t, ink.small());
        let points = self.marks.iter().map(|m| (m, map.at(m.at)));
        let points: Vec<_> = points.filter(|(_, at)| map.transform.frame().expand(2.0).contains(*at)).collect();
        for (mark, at) in &points {
            labels.keep_clear(Rect::from_center_size(*at, vec2(10.0, 10.0)));
            let fill = if mark.hollow { t.inset } else { mark.color };
            ink.p.circle(*at, 4.0, fill, Stroke::new(1.5, mark.color));
        }
        for (mark, at) in points {
            let wide = ink.width(&mark.text, Face::medium(small, mark.color));
            let aside = [vec2(8.0, 16.0), vec2(8.0, -16.0), vec2(-wide - 16.0, 16.0), vec2(-wide - 16.0, -16.0)];
            let further = [vec2(10.0, 32.0), vec2(10.0, -32.0)];
            let places = aside.into_iter().chain(further).map(|d| at + d);
            chip(ink, labels, places, &mark.text, Face::medium(small, mark.color));
        }
    }

    fn limit_names(&self, ink: &Ink, map: &Map, labels: &mut Labels) {
        let small = ink.small();
        let plot = *map.transform.frame();
        for limit in self.limits.iter().filter(|l| !l.text.is_empty()) {
            let face = Face::medium(small, limit.color);
            let wide = ink.width(&limit.text, face) + 8.0;
            let at = map.at([limit.value; 2]);
            if limit.upright {
                let tops = [12.0, 30.0, 48.0].map(|y| plot.top() + y);
                let places = tops.into_iter().flat_map(|y| [pos2(at.x + 4.0, y), pos2(at.x - wide - 4.0, y)]);
                chip(ink, labels, places.filter(|_| plot.x_range().contains(at.x)), &limit.text, face);
            } else {
                let (left, right) = (plot.left() + 4.0, plot.right() - wide - 4.0);
                let middle = f32::midpoint(left, right);
                let places =
                    [left, right, middle].into_iter().flat_map(|x| [pos2(x, at.y - 10.0), pos2(x, at.y + 10.0)]);
                chip(ink, labels, places.filter(|_| plot.y_range().contains(at.y)), &limit.text, face);
            }
        }
    }

    /// Names right of the plot, each joined to the end of its curve.
    fn curve_names(&self, ink: &Ink, map: &Map) {
        let small = ink.small();
        let plot = *map.transform.frame();
        let ends = self.curves.iter().filter(|c| !c.name.is_empty());
        let ends: Vec<_> = ends.filter_map(|c| Some((c, map.at(c.end(self.x.range)?)))).collect();
        let wanted: Vec<f32> = ends.iter().map(|(_, at)| at.y.clamp(plot.top(), plot.bottom())).collect();
        for ((curve, end), y) in ends.iter().zip(spread(&wanted, small + 3.0, plot.y_range())) {
            let from = pos2(end.x.min(plot.right()), end.y.clamp(plot.top(), plot.bottom()));
            let to = pos2(plot.right() + LEADER - 2.0, y);
            let stroke = Stroke::new(1.0, curve.color.gamma_multiply(0.7));
            ink.p.line_segment([from, pos2(plot.right().max(from.x), from.y)], stroke);
            ink.p.line_segment([pos2(plot.right(), from.y), to], stroke);
            let base = y + small * 0.36;
            ink.base(plot.right() + LEADER, base, Align::Min, curve.name, curve.face(small));
        }
    }
}

/// A text on the ground of the plot, at the first free place.
fn chip(ink: &Ink, labels: &mut Labels, places: impl IntoIterator<Item = Pos2>, words: &str, face: Face) {
    if words.is_empty() {
        return;
    }
    let size = vec2(ink.width(words, face) + 8.0, face.px + 6.0);
    if let Some(r) = labels.place(size, places) {
        ink.p.rect_filled(r, 2.0, ink.t.inset);
        ink.base(r.left() + 4.0, r.center().y + face.px * 0.36, Align::Min, words, face);
    }
}

#[cfg(test)]
mod tests;
