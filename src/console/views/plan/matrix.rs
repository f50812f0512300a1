//! Days against machines as small multiples: what the shipped days come to with miners that earn differently.
//!
//! It is the figure of the source paper that compares four days and three machines, made with our days and the numbers in
//! view: the paper's own days are not given. Machines differ in what a kWh earns; size, fuel and ramp weight are those in view.

use egui::{Align, Rect, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::figures::remark;
use super::state::{Order, PlanState};
use crate::console::fmt;
use crate::console::widgets::pane::part;
use crate::console::widgets::scale::margin;
use crate::console::widgets::{Face, Ink, Text};
use crate::planner::costs::Costs;
use crate::planner::economics::account;
use crate::planner::examples;
use crate::planner::profile::{Profile, Wanted};
use crate::planner::rows::Rows;
use crate::planner::setting::{Setting, Trouble};
use crate::planner::solve::solve;

/// Machines that are shown.
const MACHINES: usize = 3;
/// Points of a small picture's day.
const STEPS: usize = 288;

/// What is asked for: the numbers in view, and what each machine earns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    setting: Setting,
    machines: Vec<(String, f64)>,
}

impl Wish {
    pub(super) fn new(order: &Order, costs: &Costs) -> Self {
        let machines = costs.machines.iter().take(MACHINES);
        let machines = machines.map(|m| (m.name.clone(), account(m, 1.0, 1.0).income_per_kwh)).collect();
        Self { setting: Setting { open: false, ..order.setting.clone() }, machines }
    }
}

/// A day with a machine.
pub(super) struct Cell {
    load_kw: Vec<f64>,
    genset_kw: Vec<f64>,
    total: f64,
    saved: f64,
    steepest: f64,
}

/// All cells: a row a day, a column a machine.
pub(super) type Matrix = Vec<Vec<Result<Cell, String>>>;

/// Plans all days with all machines.
pub(super) fn plan(wish: &Wish) -> Matrix {
    let one = |text: &str, income: f64| -> Result<Cell, Trouble> {
        let setting = Setting { income_per_kwh: Some(income), ..wish.setting.clone() };
        let wanted = Wanted {
            steps: Some(STEPS),
            curtail: true,
            miner_max_kw: setting.miner_kw,
            rating_kw: setting.rating_kw,
            ..Wanted::default()
        };
        let problem = setting.problem(&Profile::new(&Rows::read(text)?, &wanted)?)?;
        let plan = solve(&problem)?;
        let bare = crate::planner::plan::objective(&problem, &problem.load_kw);
        let steepest = plan.ramp_kw_per_h.iter().fold(0.0f64, |a, u| a.max(u.abs()));
        let total = plan.objective.total();
        Ok(Cell { saved: bare.total() - total, load_kw: problem.load_kw, genset_kw: plan.genset_kw, total, steepest })
    };
    let row = |(_, _, text): &(&str, &str, &str)| {
        wish.machines.iter().map(|(_, income)| one(text, *income).map_err(|e| e.to_string())).collect()
    };
    examples::DAYS.iter().map(row).collect()
}

pub(super) fn show(ui: &mut Ui, rect: Rect, state: &PlanState) {
    let ink = Ink::new(ui, rect);
    let (head, rest) = rect.split_top_bottom_at_y(rect.top() + 48.0);
    part(ui, "matrix head", head, |ui| {
        ui.add(Text::title("Days and machines").whole());
        ui.add(remark(
            "total $ a day with what a kWh of the machine earns, and what that saves against no miners [computed]",
        ));
    });
    let Some((wish, cells)) = state.money.matrix() else {
        ink.left(head.left() + 16.0, rest.top() + 20.0, "planning", Face::regular(ink.body(), ink.t.text2));
        return;
    };
    let columns = wish.machines.len().max(1);
    let area = Rect::from_min_max(pos2(rest.left() + 16.0, rest.top() + 24.0), rest.max - vec2(12.0, 8.0));
    let size = vec2(area.width() / columns as f32, area.height() / cells.len().max(1) as f32);
    for (j, (name, income)) in wish.machines.iter().enumerate() {
        let x = area.left() + size.x * j as f32;
        let face = Face::semibold(ink.small(), ink.t.text);
        let name = name.split(' ').next().unwrap_or(name);
        let end = ink.left_cut(x, area.top() - 10.0, x + size.x - 8.0, name, face);
        let price = format!("{income:.3} $/kWh");
        ink.left_cut(end + 6.0, area.top() - 10.0, x + size.x - 4.0, &price, Face::regular(ink.small(), ink.t.text2));
    }
    // one scale for all, so that heights can be compared
    let all = cells.iter().flatten().filter_map(|c| c.as_ref().ok());
    let all = all.flat_map(|c| c.load_kw.iter().chain(&c.genset_kw)).map(|v| [*v, *v]);
    let range = all.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]).unwrap_or([0.0, 1.0]);
    let range = margin([range[0].min(0.0), range[1]], 10.0);
    for (i, row) in cells.iter().enumerate() {
        let day = examples::DAYS.get(i).map_or("", |d| d.0);
        for (j, cell) in row.iter().enumerate() {
            let at = area.min + vec2(size.x * j as f32, size.y * i as f32);
            let place = Rect::from_min_size(at, size).shrink2(vec2(3.0, 3.0));
            let machine = wish.machines.get(j).map_or("", |m| m.0.as_str());
            one(ui, &ink, place, (day, machine), cell, range);
        }
    }
}

fn one(ui: &Ui, ink: &Ink, r: Rect, (day, machine): (&str, &str), cell: &Result<Cell, String>, [lo, hi]: [f64; 2]) {
    let t = &ink.t;
    ink.fill(r, t.inset);
    let small = Face::regular(ink.small(), t.text2);
    ink.base(r.left() + 6.0, r.top() + 15.0, Align::Min, day, small);
    let response = ui.interact(r, ui.scope_id().with(("cell", day, machine)), Sense::hover());
    let words = match cell {
        Ok(c) => {
            let right = r.right() - 6.0;
            let total = fmt::num(c.total, 0);
            ink.base(right, r.top() + 15.0, Align::Max, format!("{total} $"), Face::medium(ink.small(), t.live));
            let plot = Rect::from_min_max(pos2(r.left() + 6.0, r.top() + 22.0), pos2(right, r.bottom() - 20.0));
            let inside = ink.within(plot);
            let path = |v: &[f64]| {
                let n = v.len().max(2) as f32 - 1.0;
                let y = |v: f64| plot.bottom() - ((v - lo) / (hi - lo)) as f32 * plot.height();
                v.iter().enumerate().map(|(k, v)| pos2(plot.left() + plot.width() * k as f32 / n, y(*v))).collect()
            };
            inside.hline(plot.x_range(), plot.bottom() + (lo / (hi - lo)) as f32 * plot.height(), t.grid);
            inside.path(path(&c.load_kw), (1.0, t.pen_other));
            inside.path(path(&c.genset_kw), (2.0, t.pen_genset));
            let saved = format!("saves {} $", fmt::num(c.saved, 0));
            ink.base(r.left() + 6.0, r.bottom() - 6.0, Align::Min, saved, small);
            if r.width() > 150.0 {
                let ramp = format!("{} kW/h", fmt::short(c.steepest));
                ink.base(right, r.bottom() - 6.0, Align::Max, ramp, small);
            }
            format!(
                "{day} with {machine}: total {} dollars, saves {}, steepest ramp {} kilowatts an hour",
                fmt::num(c.total, 2),
                fmt::num(c.saved, 2),
                fmt::short(c.steepest)
            )
        }
        Err(why) => {
            ink.fitted(r.shrink2(vec2(6.0, 22.0)), why, small);
            format!("{day} with {machine}: {why}")
        }
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &words));
    response.on_hover_text(words);
}
