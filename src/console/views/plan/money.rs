//! What the plan is worth over more than its day: renewable shares, six years, machines and the source paper's figures.
//!
//! Every figure says whether the paper prints it, whether it follows from printed numbers, or whether it is computed here.

use egui::{Rect, Ui, vec2};

use super::figures::{remark, thousands};
use super::matrix::{self, Matrix};
use super::state::{Order, PlanState, Tab};
use crate::console::fmt;
use crate::console::latest::Latest;
use crate::console::widgets::pane::{pane, part};
use crate::console::widgets::plot::{Axis, Chart, Curve, Limit};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::text::label;
use crate::console::widgets::{Ink, Number, Segmented, Text};
use crate::planner::costs::{Costs, Machine};
use crate::planner::economics::{Trend, account, price_limit, profit_line, table, years as cumulated};
use crate::planner::profile::Profile;
use crate::planner::renewable::{self, SHAPES, Share};
use crate::report::plan::load::Load;
use crate::worker::Wake;

/// Shares of renewable energy, in steps of five per cent up to 80 %.
const SHARES: usize = 17;
/// Years of the cumulated profit.
const YEARS: usize = 6;

/// A shape of renewable output: one of the program's, or that of a load.
#[derive(Clone, Debug, PartialEq)]
struct Wish {
    order: Order,
    shape: usize,
    /// Capital of the miners, $ a day, and what cut energy earns, $/kWh.
    capital_per_day: f64,
    cut_per_kwh: f64,
}

fn shares(w: &Wish) -> Result<Vec<Share>, String> {
    let Order { load, wanted, setting, .. } = &w.order;
    let Load { rows, .. } = load.as_ref();
    let day = Profile::new(rows, wanted).map_err(|e| e.to_string())?;
    let problem = setting.problem(&day).map_err(|e| e.to_string())?;
    let shape = SHAPES.get(w.shape).map_or_else(Vec::new, |s| (s.1)(problem.len()));
    let wanted: Vec<f64> = (0..SHARES).map(|k| 0.05 * k as f64).collect();
    renewable::shares(&problem, &shape, &wanted, w.capital_per_day, w.cut_per_kwh).map_err(|e| e.to_string())
}

/// What these tabs remember.
pub(super) struct Money {
    matrix: Latest<matrix::Wish, Matrix>,
    shares: Latest<Wish, Result<Vec<Share>, String>>,
    shape: usize,
    machine: usize,
    /// Yearly factors; those of the cost file until they are changed.
    falls: Option<f64>,
    rises: Option<f64>,
}

impl Default for Money {
    fn default() -> Self {
        Self {
            matrix: Latest::new("ballast-plan-matrix", matrix::plan),
            shares: Latest::new("ballast-plan-shares", shares),
            shape: 0,
            machine: 0,
            falls: None,
            rises: None,
        }
    }
}

impl Money {
    /// Orders what the tab in view needs.
    pub(super) fn update(&mut self, tab: Tab, order: &Order, costs: Option<&Costs>, wake: &Wake) {
        let Some(costs) = costs else { return };
        match tab {
            Tab::Matrix => {
                self.matrix.want(&matrix::Wish::new(order, costs), wake);
            }
            Tab::Renewables => {
                let Some(m) = costs.machines.get(self.machine) else { return };
                let life = costs.value("machine_life_days").unwrap_or(f64::NAN);
                let capital_per_day = order.setting.miner_kw / m.power_kw * m.price.value / life;
                let cut_per_kwh = costs.value("curtailment_per_kwh").unwrap_or(0.0);
                let wish = Wish { order: order.clone(), shape: self.shape, capital_per_day, cut_per_kwh };
                self.shares.want(&wish, wake);
            }
            Tab::Plan | Tab::Years | Tab::Machines => {}
        }
    }

    pub(super) fn matrix(&self) -> Option<&(matrix::Wish, Matrix)> {
        self.matrix.got()
    }
}

/// Which machine the accounts are of.
fn machine(ui: &mut Ui, money: &mut Money, costs: &Costs) {
    let names: Vec<&str> = costs.machines.iter().map(|m| m.name.split(' ').next().unwrap_or(&m.name)).take(3).collect();
    ui.horizontal(|ui| {
        label(ui, 80.0, Text::new("Machine"));
        if let Some(i) = Segmented::new("Machine", &names, money.machine).padding(10.0).show(ui) {
            money.machine = i;
        }
    });
}

pub(super) fn renewables(ui: &mut Ui, rect: Rect, state: &mut PlanState) {
    let (head, rest) = rect.split_top_bottom_at_y(rect.top() + 96.0);
    let costs = state.costs.clone();
    part(ui, "renewables head", head, |ui| {
        let Ok(costs) = &costs else { return };
        ui.add(Text::title("Renewable share").whole());
        ui.horizontal(|ui| {
            label(ui, 80.0, Text::new("Shape"));
            let names = SHAPES.map(|s| s.0);
            if let Some(i) = Segmented::new("Shape", &names, state.money.shape).padding(10.0).show(ui) {
                state.money.shape = i;
            }
        });
        machine(ui, &mut state.money, costs);
    });
    let ink = Ink::new(ui, rest);
    let Some((_, all)) = state.money.shares.got() else { return };
    let all = match all {
        Ok(all) => all,
        Err(why) => {
            part(ui, "renewables trouble", rest, |ui| ui.add(Text::new(why)));
            return;
        }
    };
    let pct: Vec<f64> = all.iter().map(|s| 100.0 * s.share).collect();
    let of = |f: fn(&Share) -> f64| all.iter().map(f).collect::<Vec<f64>>();
    let (ramp_without, ramp_with) = (of(|s| s.ramp_without), of(|s| s.ramp_with));
    let (revenue, net) = (of(|s| s.revenue), of(|s| s.net));
    let t = &ink.t;
    let height = ((rest.height() - 84.0) / 2.0).floor();
    let (upper, below) = rest.split_top_bottom_at_y(rest.top() + height);
    let (lower, says) = below.split_top_bottom_at_y(below.top() + height);
    let x = || Axis::linear([0.0, 80.0], "%");
    Chart::new("ramps by share", x(), axis(&[&ramp_without, &ramp_with]))
        .title("Ramp cost", "$ over the day, share of its energy offered")
        .curve(Curve::new("without", &pct, &ramp_without, t.pen_other).width(1.5))
        .curve(Curve::new("with miners", &pct, &ramp_with, t.pen_genset).width(2.0))
        .words("Ramp cost without and with miners against the renewable share")
        .show(ui, upper);
    let zeros = renewable::crossings(all);
    let mut chart = Chart::new("net by share", x(), axis(&[&revenue, &net]))
        .title("Miners", "$ over the day: income; net of fuel and capital")
        .limit(Limit::new(0.0, "", t.text2).solid(1.0))
        .limit(Limit::new(40.0, "paper: 40 %", t.limit).upright())
        .curve(Curve::new("income", &pct, &revenue, t.pen_miner).dash(8.0, 4.0).width(2.0))
        .curve(Curve::new("net", &pct, &net, t.pen_genset).width(2.0));
    for z in &zeros {
        chart = chart.limit(Limit::new(100.0 * z, format!("{} %", fmt::num(100.0 * z, 0)), t.accent).upright());
    }
    chart.words("Income and net of the miners against the renewable share").show(ui, lower);
    pane(ui, "renewables say", says, |ui| {
        let at: Vec<String> = zeros.iter().map(|z| format!("{} %", fmt::num(100.0 * z, 1))).collect();
        let at = if at.is_empty() { "nowhere from 0 to 80 %".to_owned() } else { format!("at {}", at.join(", ")) };
        let last = all.last().map_or(0.0, |s| s.cut_with_kwh);
        let words = format!(
            "Net crosses zero {at} [computed]: of this day, shape and prices. The paper's 40 % [paper] rests on data that it \
             does not give and cannot be made again. At 80 % {} kWh are cut even with miners.",
            thousands(&fmt::num(last, 0), "kWh")
        );
        ui.add(remark(words));
    });
}

/// An axis around curves, zero with them.
fn axis(all: &[&[f64]]) -> Axis {
    let (lo, hi) = all.iter().flat_map(|v| v.iter()).fold((0.0f64, 0.0f64), |(l, h), v| (l.min(*v), h.max(*v)));
    let room = (hi - lo).max(1e-6) * 0.08;
    Axis::linear([if lo < 0.0 { lo - room } else { 0.0 }, hi + room], "")
}

fn trend(money: &Money, costs: &Costs, duty: f64) -> Trend {
    let of = |id: &str| costs.value(id).unwrap_or(0.0);
    Trend {
        income_fall: money.falls.unwrap_or_else(|| of("income_fall_per_year")),
        power_rise: money.rises.unwrap_or_else(|| of("power_price_rise_per_year")),
        duty,
    }
}

/// Share of the time that miners run in the plan, by energy.
fn duty(state: &PlanState) -> f64 {
    let Some(s) = &state.shown else { return 1.0 };
    let p = &s.planned.problem;
    let most = p.miner_max_kw * p.step_h * p.len() as f64;
    if most > 0.0 { (s.planned.after.miner_kwh / most).clamp(0.0, 1.0) } else { 0.0 }
}

pub(super) fn years(ui: &mut Ui, rect: Rect, state: &mut PlanState) {
    let Ok(costs) = state.costs.clone() else { return };
    let duty = duty(state);
    let now = trend(&state.money, &costs, duty);
    let (head, rest) = rect.split_top_bottom_at_y(rect.top() + 124.0);
    part(ui, "years head", head, |ui| {
        ui.add(Text::title("Six years").whole());
        let guess = |id: &str| {
            costs
                .item(id)
                .map_or(String::new(), |c| format!("{}, {}{}", c.source, c.date, if c.guess { " [guess]" } else { "" }))
        };
        ui.horizontal(|ui| {
            label(ui, 150.0, Text::new("Income falls a year")).on_hover_text(guess("income_fall_per_year"));
            let field = Number::new("Income falls a year", 100.0 * now.income_fall, 1).unit("%").range(-100.0, 100.0);
            state.money.falls = field.show(ui, 70.0).map(|v| v / 100.0).or(state.money.falls);
        });
        ui.horizontal(|ui| {
            label(ui, 150.0, Text::new("Power rises a year")).on_hover_text(guess("power_price_rise_per_year"));
            let field = Number::new("Power rises a year", 100.0 * now.power_rise, 1).unit("%").range(-50.0, 100.0);
            state.money.rises = field.show(ui, 70.0).map(|v| v / 100.0).or(state.money.rises);
        });
        let pct = fmt::num(100.0 * duty, 1);
        ui.add(remark(format!("one machine, at the plan's duty of {pct} % and its own power price [computed]")));
    });
    let at: Vec<f64> = (0..=YEARS).map(|y| y as f64).collect();
    let curves: Vec<(&Machine, Vec<f64>)> = costs
        .machines
        .iter()
        .map(|m| (m, std::iter::once(-m.price.value).chain(cumulated(m, now, YEARS)).collect()))
        .collect();
    let ink = Ink::new(ui, rest);
    let t = &ink.t;
    let pens = [t.pen_genset, t.pen_gpu, t.pen_miner, t.pen_bess, t.pen_other];
    let ranges: Vec<&[f64]> = curves.iter().map(|(_, v)| v.as_slice()).collect();
    let (chart_place, says) = rest.split_top_bottom_at_y(rest.bottom() - 64.0);
    let mut chart = Chart::new("years", Axis::linear([0.0, YEARS as f64], "a"), axis(&ranges))
        .title("Cumulated profit", "$ a machine, bought at the start")
        .limit(Limit::new(0.0, "", t.text2).solid(1.0));
    for (k, (m, v)) in curves.iter().enumerate() {
        let name = m.name.split([',', '(']).next().unwrap_or(&m.name).trim();
        let curve = Curve::new(name, &at, v, pens[k % pens.len()]).width(2.0);
        chart = chart.curve(if k == 0 { curve } else { curve.dash(4.0 + 3.0 * k as f32, 3.0) });
    }
    chart.words("Cumulated profit of each machine over six years").show(ui, chart_place);
    pane(ui, "years say", says, |ui| {
        let back = curves.iter().filter(|(_, v)| v.last().is_some_and(|l| *l >= 0.0)).count();
        let words = format!(
            "{back} of {} machines earn their price in six years [computed]. The paper draws this figure without saying how \
             profit decays: it cannot be made again. A year in which running would lose money, a machine stands still.",
            curves.len()
        );
        ui.add(remark(words));
    });
}

/// A line of the table of machines: name, unit, a value each, and where it comes from.
type Line = (&'static str, &'static str, Vec<String>, String);

pub(super) fn machines(ui: &mut Ui, rect: Rect, state: &PlanState) {
    const COLUMNS: [Column; 5] = [
        Column::rest("", 124.0),
        Column::number("S21", 56.0),
        Column::number("M63", 56.0),
        Column::number("S19", 56.0),
        Column::number("", 84.0),
    ];
    let (Ok(costs), Ok(paper)) = (&state.costs, Costs::shipped("paper")) else { return };
    let duty = duty(state).max(1e-6);
    let life = costs.value("machine_life_days").unwrap_or(f64::NAN);
    let three: Vec<_> = costs.machines.iter().take(3).map(|m| (m, account(m, life, duty))).collect();
    let each = |f: &dyn Fn(&Machine, &crate::planner::economics::Account) -> String| {
        three.iter().map(|(m, a)| f(m, a)).collect::<Vec<String>>()
    };
    let money = |v: f64, d: usize| thousands(&fmt::num(v, d), "$");
    let never = |v: Option<f64>| v.map_or_else(|| "never".to_owned(), |d| thousands(&fmt::num(d, 0), "$"));
    let mut lines: Vec<Line> = vec![
        ("Price", "$", each(&|m, _| money(m.price.value, 0)), "paper".into()),
        ("Income, full", "$/day", each(&|m, _| money(m.income_per_day.value, 2)), "paper".into()),
        ("Power", "kW", each(&|m, _| fmt::num(m.power_kw, 3)), "paper".into()),
        ("Energy price", "$/kWh", each(&|m, _| fmt::num(m.energy_per_kwh.value, 2)), "paper".into()),
        ("Income a kWh", "$/kWh", each(&|_, a| fmt::num(a.income_per_kwh, 4)), "derived".into()),
        ("Cheapest level", "MW", each(&|_, a| fmt::num(a.cheapest_kw / 1000.0, 2)), "derived".into()),
        ("All machines", "MW", each(&|_, a| fmt::num(a.plant_kw / 1000.0, 2)), "derived".into()),
        ("Income here", "$/day", each(&|_, a| money(a.income, 2)), "computed".into()),
        ("Energy here", "$/day", each(&|_, a| money(a.energy, 2)), "computed".into()),
        ("Capital", "$/day", each(&|_, a| money(a.capital, 2)), "derived".into()),
        ("Net here", "$/day", each(&|_, a| money(a.net, 2)), "computed".into()),
        ("Breaks even at", "$/kWh", each(&|_, a| fmt::num(a.break_even_per_kwh, 3)), "computed".into()),
        ("Payback, free", "days", each(&|_, a| never(Some(a.payback_free_days))), "computed".into()),
        ("Payback, paid", "days", each(&|_, a| never(a.payback_paid_days)), "computed".into()),
    ];
    if let Some(p) = &paper.published {
        let eq10 = each(&|m, _| fmt::num(profit_line(m).slope_mwh_per_day, 3));
        lines.push(("Eq. 10, b", "MWh/day", eq10, format!("printed {}", p.profit_slope)));
        let eq10 = each(&|m, _| fmt::num(profit_line(m).at_no_price, 2));
        lines.push(("Eq. 10, a", "$/day", eq10, format!("printed {}", p.profit_at_no_price_per_day)));
        let limit = money(price_limit(p, 730.0, p.limit_profit_per_day), 0);
        let printed = format!("printed {}", money(p.limit_price, 0));
        lines.push(("Price, eq. 11", "$", vec![limit, String::new(), String::new()], printed));
        let all = table(&paper, p, 730.0);
        for month in ["April", "July", "January", "October"] {
            let of = |machine: usize| all.iter().find(|r| r.month == month && r.machine == machine);
            let shown = |m: usize| of(m).map_or_else(String::new, |r| fmt::num(r.formula, 2));
            let wrong =
                (1..=3).filter_map(of).find(|r| !r.agrees).map(|r| format!("printed {}", fmt::num(r.printed, 2)));
            let from = wrong.unwrap_or_else(|| "derived".to_owned());
            let name = match month {
                "April" => "Table III, April",
                "July" => "Table III, July",
                "January" => "Table III, January",
                _ => "Table III, October",
            };
            lines.push((name, "$/day", (1..=3).map(shown).collect(), from));
        }
        let plain = |m: usize| {
            all.iter().find(|r| r.month == "April" && r.machine == m).map_or_else(String::new, |r| fmt::num(r.plain, 2))
        };
        lines.push(("April, plain account", "$/day", (1..=3).map(plain).collect(), "computed".into()));
    }
    let (head, rest) = rect.split_top_bottom_at_y(rect.top() + 26.0);
    part(ui, "machines head", head, |ui| {
        ui.horizontal(|ui| {
            ui.add(Text::title("Economics"));
            let all = state.params.map_or(0.0, |p| p.miner_kw);
            ui.add(Text::new(format!("duty {} % of {} kW", fmt::num(100.0 * duty, 1), fmt::kw(all))).dim());
        });
    });
    let (body, says) = rest.split_top_bottom_at_y(rest.bottom() - 58.0);
    Table::new("machines", &COLUMNS).row_height(22.0).show(ui, body.shrink2(vec2(10.0, 0.0)), lines.len(), |row| {
        let Some((name, unit, values, from)) = lines.get(row.index) else { return };
        row.still(*name);
        row.with_unit(Text::new(*name), unit);
        for k in 0..3 {
            row.text(Text::value(values.get(k).cloned().unwrap_or_default()));
        }
        row.text(Text::new(from.clone()).small().dim());
    });
    part(ui, "machines say", says, |ui| {
        let words = "Payback with free power, and at the machine's own price. Table III was made by a − b · operating cost − price / 730 with every a = 14: it fits 11 of 12 printed nets; \
                     the operating cost enters as if it were a power price.";
        ui.add(remark(words))
    });
}
