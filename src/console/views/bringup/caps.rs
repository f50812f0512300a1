//! Page *Caps*: the power cap of each GPU cohort, in per cent of full power or in kW of the cohort.

use egui::Ui;

use super::knob::Goal;
use super::{Panel, Row, trailing};
use crate::acts::LEAST_CAP;
use crate::console::fmt::{kw, num};
use crate::console::widgets::{Scale, Segmented, Text};

pub(super) fn rows(panel: &mut Panel<'_>, ui: &mut Ui) {
    let cohorts = &panel.model.view.cohorts;
    panel.named(ui, "Power cap", true, |panel, ui| {
        let unit = Segmented::new("Cap in", &["%", "kW"], usize::from(panel.state.caps_in_kw));
        if let Some(i) = unit.names(&["Caps in per cent of full power", "Caps in kW of the cohort"]).show(ui) {
            panel.state.caps_in_kw = i == 1;
        }
        let words = if cohorts.is_empty() {
            "no GPU fleet in this plant"
        } else {
            "control moves a cap step by step, under the limits of its bus"
        };
        trailing(ui, &Text::new(words).dim());
    });
    for (i, c) in cohorts.iter().enumerate() {
        let goal = Goal::Cap(i as u32);
        let all_kw = f64::from(c.gpus) * c.full_kw;
        let in_kw = panel.state.caps_in_kw && all_kw > 0.0;
        let factor = if in_kw { all_kw } else { 100.0 };
        let scale = Scale { range: [LEAST_CAP * factor, factor], log: false, step: 1.0, decimals: 0 };
        let asked = panel.shown_goal(goal);
        let moving = (c.cap - c.cap_asked).abs() > 1e-9;
        let derived = match (moving, in_kw) {
            (true, true) => format!("now {} kW", kw(c.cap * all_kw)),
            (true, false) => format!("now {} %", num(c.cap * 100.0, 0)),
            (false, true) => format!("{} % of {} GPU", num(asked * 100.0, 0), c.gpus),
            (false, false) => format!("{} of {} kW", kw(asked * all_kw), kw(all_kw)),
        };
        let row = Row::of(goal, &c.name, scale, if in_kw { "kW" } else { "%" }).derived(derived);
        panel.row(ui, &Row { factor, on_the_way: moving.then_some(c.cap * factor), ..row });
    }
    // the other pages have six rows: what stands below stays where it is
    let left = 5_usize.saturating_sub(cohorts.len());
    ui.add_space(panel.air[0] * left as f32);
}
