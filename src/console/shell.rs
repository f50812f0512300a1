//! Where everything is. Fixed rectangles, so that an operator finds a value in the same place in every view and mode.
//!
//! Two drawn sizes, 1440x900 and 1920x1080; between and beyond them every edge moves in proportion, on whole pixels.
//! Down to 1280x800 the one-line narrows to 520 and the value columns to 96; controls keep their height and the charts
//! take the rest. In a smaller window everything keeps the size that it has there, and the whole scrolls.

use egui::scroll_area::ScrollBarVisibility;
use egui::{Pos2, Rect, ScrollArea, Ui, UiBuilder, Vec2};

use super::views::operate::StripLayout;

/// The smallest size that all is laid out for.
pub const SMALLEST: Vec2 = Vec2::new(1280.0, 800.0);

/// Height of the status bar.
const STATUS: f32 = 40.0;
/// Width of the navigation rail.
const NAV: f32 = 80.0;
/// All rectangles of the window.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Status bar.
    pub status: Rect,
    /// Navigation rail.
    pub nav: Rect,
    /// KPI strip.
    pub kpi: Rect,
    /// What the view of the day gets.
    pub view: Rect,
    /// Alarm banner.
    pub banner: Rect,
    /// Operate: the one-line.
    pub mimic: Rect,
    /// Operate: bring-up controls.
    pub bringup: Rect,
    /// Operate: strips with value columns.
    pub strips: StripLayout,
}

impl Layout {
    /// For a window of `size`.
    #[must_use]
    pub fn new(size: Vec2) -> Self {
        let (w, h) = (size.x.round(), size.y.round());
        // 0 at 1440x900, 1 at 1920x1080.
        let across = ((w - 1440.0) / 480.0).max(0.0);
        let down = ((h - 900.0) / 180.0).max(0.0);
        let near_down = down.min(1.0);

        let kpi_h = lerp(80.0, 100.0, near_down);
        let banner_h = lerp(80.0, 100.0, near_down);
        let status = rect(0.0, 0.0, w, STATUS);
        let nav = rect(0.0, STATUS, NAV, h - STATUS);
        let kpi = rect(NAV, STATUS, w - NAV, kpi_h);
        let top = STATUS + kpi_h;
        let banner = rect(NAV, h - banner_h, w - NAV, banner_h);
        let view = Rect::from_min_max(Pos2::new(NAV, top), Pos2::new(w, banner.top()));

        // 1 at 1280, 0 at 1440.
        let narrow = ((1440.0 - w) / 160.0).clamp(0.0, 1.0);
        let mimic_w = if narrow > 0.0 { lerp(620.0, 520.0, narrow) } else { lerp(620.0, 720.0, across) };
        let column_w = lerp(140.0, 96.0, narrow);
        let split = NAV + mimic_w;
        // The controls keep 360 where the window is low; the one-line gets the rest.
        let bringup_h = lerp(360.0, 420.0, down).min(view.height() * 0.6).round();
        let mimic = rect(NAV, top, mimic_w, view.height() - bringup_h);
        let bringup = rect(NAV, mimic.bottom(), mimic_w, bringup_h);

        let lane_h = 80.0;
        let weights = [lerp(180.0, 220.0, near_down), lerp(200.0, 240.0, near_down), lerp(160.0, 200.0, near_down)];
        let step_h = lerp(80.0, 100.0, near_down);
        let share = (view.height() - lane_h - step_h) / weights.iter().sum::<f32>();
        let mut y = top;
        let mut row = |height: f32| {
            let plot = rect(split, y, w - split - column_w, height);
            let column = rect(w - column_w, y, column_w, height);
            y += height;
            (plot, column)
        };
        let frequency = row((weights[0] * share).round());
        let genset = row((weights[1] * share).round());
        let rest = view.bottom() - lane_h - step_h - genset.0.bottom();
        let loads = row(rest);
        let step = row(step_h);
        let lane = rect(split, view.bottom() - lane_h, w - split, lane_h);
        let strips = StripLayout {
            f: frequency.0,
            f_val: frequency.1,
            generator: genset.0,
            gen_val: genset.1,
            loads: loads.0,
            loads_val: loads.1,
            step: step.0,
            step_val: step.1,
            lane,
        };
        Self { status, nav, kpi, view, banner, mimic, bringup, strips }
    }

    /// The same, moved by `by`: where a small window has scrolled to.
    #[must_use]
    fn moved(mut self, by: Vec2) -> Self {
        let s = &mut self.strips;
        let shell = [&mut self.status, &mut self.nav, &mut self.kpi, &mut self.view, &mut self.banner];
        let panels = [&mut self.mimic, &mut self.bringup];
        let strips = [&mut s.f, &mut s.f_val, &mut s.generator, &mut s.gen_val, &mut s.loads, &mut s.loads_val];
        let rest = [&mut s.step, &mut s.step_val, &mut s.lane];
        for r in shell.into_iter().chain(panels).chain(strips).chain(rest) {
            *r = r.translate(by);
        }
        self
    }
}

/// Lays out the window and draws its `content`. A window smaller than [`SMALLEST`] shows a part of it and scrolls.
pub fn windowed(ui: &mut Ui, content: impl FnOnce(&mut Ui, &Layout)) {
    let area = ui.ctx().content_rect();
    let size = area.size().max(SMALLEST);
    if size == area.size() {
        return content(ui, &Layout::new(size).moved(area.min.to_vec2()));
    }
    ui.scope_builder(UiBuilder::new().id_salt("window").max_rect(area), |ui| {
        ScrollArea::both()
            .id_salt("small window")
            .auto_shrink(false)
            .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible)
            .show(ui, |ui| {
                let (_, all) = ui.allocate_space(size);
                content(ui, &Layout::new(size).moved(all.min.to_vec2()));
            });
    });
}

fn lerp(a: f32, b: f32, k: f32) -> f32 {
    (a + (b - a) * k).round()
}

fn rect(x: f32, y: f32, w: f32, h: f32) -> Rect {
    Rect::from_min_size(Pos2::new(x, y), Vec2::new(w, h))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(l: &Layout) -> Vec<[f32; 4]> {
        let s = &l.strips;
        let mut rects = vec![l.status, l.nav, l.banner, l.mimic, l.bringup];
        rects.extend([s.f, s.f_val, s.generator, s.gen_val, s.loads, s.loads_val, s.step, s.step_val]);
        rects.extend([s.lane, l.kpi]);
        rects.iter().map(|r| [r.left(), r.top(), r.width(), r.height()]).collect()
    }

    #[test]
    fn drawn_sizes_are_exact() {
        let small: Vec<[f32; 4]> = vec![
            [0., 0., 1440., 40.],
            [0., 40., 80., 860.],
            [80., 820., 1360., 80.],
            [80., 120., 620., 340.],
            [80., 460., 620., 360.],
            [700., 120., 600., 180.],
            [1300., 120., 140., 180.],
            [700., 300., 600., 200.],
            [1300., 300., 140., 200.],
            [700., 500., 600., 160.],
            [1300., 500., 140., 160.],
            [700., 660., 600., 80.],
            [1300., 660., 140., 80.],
            [700., 740., 740., 80.],
        ];
        let large: Vec<[f32; 4]> = vec![
            [0., 0., 1920., 40.],
            [0., 40., 80., 1040.],
            [80., 980., 1840., 100.],
            [80., 140., 720., 420.],
            [80., 560., 720., 420.],
            [800., 140., 980., 220.],
            [1780., 140., 140., 220.],
            [800., 360., 980., 240.],
            [1780., 360., 140., 240.],
            [800., 600., 980., 200.],
            [1780., 600., 140., 200.],
            [800., 800., 980., 100.],
            [1780., 800., 140., 100.],
            [800., 900., 1120., 80.],
        ];
        for (size, mut want, kpi) in
            [((1440.0, 900.0), small, [80., 40., 1360., 80.]), ((1920.0, 1080.0), large, [80., 40., 1840., 100.])]
        {
            want.push(kpi);
            assert_eq!(all(&Layout::new(size.into())), want);
        }
    }

    #[test]
    fn panels_touch_and_never_overlap_at_any_size() {
        for size in [(1280.0, 800.0), (1366.0, 820.0), (1600.0, 1000.0), (1920.0, 1200.0), (2560.0, 1440.0)] {
            let l = Layout::new(size.into());
            let s = &l.strips;
            let rows = [(s.f, s.f_val), (s.generator, s.gen_val), (s.loads, s.loads_val), (s.step, s.step_val)];
            for pair in rows.windows(2) {
                assert_eq!(pair[0].0.bottom(), pair[1].0.top());
                assert_eq!(pair[0].0.right(), pair[0].1.left());
            }
            assert_eq!(s.step.bottom(), s.lane.top(), "{size:?}");
            assert_eq!(s.lane.bottom(), l.banner.top());
            assert_eq!(l.mimic.bottom(), l.bringup.top());
            assert_eq!(l.bringup.bottom(), l.banner.top());
            assert_eq!(l.mimic.right(), s.f.left());
            for r in all(&l) {
                assert!(r[2] > 60.0 && r[3] >= 40.0, "{r:?} at {size:?}");
            }
        }
    }

    #[test]
    fn the_smallest_window_is_as_specified() {
        let l = Layout::new(Vec2::new(1280.0, 800.0));
        assert_eq!((l.mimic.width(), l.strips.f_val.width()), (520.0, 96.0));
        assert!(l.bringup.height() >= 360.0, "the buttons stay");
    }
}
