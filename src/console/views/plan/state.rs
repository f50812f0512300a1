//! What the view remembers: the load, the numbers, what they come to, pins, undo, time. No drawing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use egui::Ui;

use super::answer::{Shown, plan};
use super::money::Money;
use crate::console::latest::Latest;
use crate::console::model::Model;
use crate::console::pacing::waker;
use crate::console::time_view::PartView;
use crate::control::track::GensetPlan;
use crate::history::Store;
use crate::planner::costs::Costs;
use crate::planner::curve::{Committed, FuelCurve, FuelPrice, Heat};
use crate::planner::economics::account;
use crate::planner::examples;
use crate::planner::problem::Bounds;
use crate::planner::profile::Wanted;
use crate::planner::setting::Setting;
use crate::planner::solve::Planner;
use crate::report::plan::load::{self, Load};
use crate::scenario::{Scenario, builtin_scenario};

/// Plans that can be pinned.
pub(super) const PINS: usize = 4;
/// Undo steps at most.
const UNDO: usize = 100;
/// Grids to choose from.
pub(super) const STEPS: [usize; 3] = [96, 1440, 86_400];
/// Weight of ramps to begin with, $·h/kW²: smooths over about an hour. It is a choice, and the view says so.
const RAMP_WEIGHT: f64 = 1e-4;
/// Share of the rating at which generation for mining just pays to begin with; from it follows g.
const PAYS_AT: f64 = 0.8;

/// The numbers that are dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Params {
    /// All miners, kW.
    pub(super) miner_kw: f64,
    /// $/kWh.
    pub(super) income: f64,
    /// $·h/kW².
    pub(super) ramp_weight: f64,
    /// kW.
    pub(super) rating_kw: f64,
    /// kW/h; 0: none.
    pub(super) ramp_limit: f64,
    /// One miner, kW.
    pub(super) machine_kw: f64,
    /// $/(kW²h).
    pub(super) g: f64,
    /// Generation is priced by the heat that the twin's sets burn, not by g.
    pub(super) heat: bool,
    /// Hard bounds; else the penalty.
    pub(super) hard: bool,
    /// $/(kW²h).
    pub(super) alpha: f64,
    /// The day does not repeat.
    pub(super) open: bool,
    /// Points of the grid.
    pub(super) steps: usize,
}

impl Params {
    fn new(costs: Option<&Costs>, rating_kw: f64) -> Self {
        let machine = costs.and_then(|c| c.machines.first());
        let income = machine.map_or(0.0, |m| account(m, 1.0, 1.0).income_per_kwh);
        Self {
            miner_kw: 0.5 * rating_kw,
            income,
            ramp_weight: RAMP_WEIGHT,
            rating_kw,
            ramp_limit: 0.0,
            machine_kw: machine.map_or(1.0, |m| m.power_kw),
            g: income / (2.0 * PAYS_AT * rating_kw),
            heat: false,
            hard: true,
            alpha: 1.0,
            open: false,
            steps: STEPS[1],
        }
    }
}

/// Where the load comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A shipped day.
    Day(usize),
    /// The rows in view, as they were at one moment; the number tells moments apart.
    Rows(u64, Arc<Store>, String),
    /// A scenario that comes with the program.
    BuiltIn(String),
    /// A file: a load, a recording, a scenario; the number makes it read again.
    File(u64, PathBuf),
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Day(a), Self::Day(b)) => a == b,
            (Self::Rows(a, ..), Self::Rows(b, ..)) => a == b,
            (Self::BuiltIn(a), Self::BuiltIn(b)) => a == b,
            (Self::File(a, _), Self::File(b, _)) => a == b,
            _ => false,
        }
    }
}

impl Source {
    /// Whether it is a run of a scenario.
    pub(super) fn is_scenario(&self) -> bool {
        match self {
            Self::BuiltIn(_) => true,
            Self::File(_, path) => path.extension().is_some_and(|e| e == "ron"),
            Self::Day(_) | Self::Rows(..) => false,
        }
    }
}

fn read(source: &Source) -> Result<Arc<Load>, String> {
    let load = match source {
        Source::Day(i) => examples::DAYS.get(*i).map_or_else(|| Err("no such day".to_owned()), |d| load::shipped(d.0)),
        Source::Rows(_, rows, name) => load::store(rows, f64::NEG_INFINITY..f64::INFINITY, name),
        Source::BuiltIn(name) => {
            let found = builtin_scenario(name).ok_or_else(|| format!("no scenario has this name: {name}"));
            found.and_then(|s| s.map_err(|e| e.to_string())).and_then(load::run)
        }
        Source::File(_, path) if path.extension().is_some_and(|e| e == "ron") => {
            Scenario::load(path).map_err(|e| e.to_string()).and_then(load::run)
        }
        Source::File(_, path) => load::file(path),
    };
    load.map(Arc::new)
}

/// What is planned: a load and the numbers.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) load: Arc<Load>,
    pub(super) wanted: Wanted,
    pub(super) setting: Setting,
    pub(super) price: Option<FuelPrice>,
}

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.load, &other.load)
            && (self.wanted, self.price) == (other.wanted, other.price)
            && self.setting == other.setting
    }
}

/// A plan that was kept.
#[derive(Clone)]
pub(super) struct Pin {
    pub(super) name: String,
    pub(super) params: Params,
    pub(super) shown: Arc<Shown>,
}

/// What the right column shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    /// Before and after, pins.
    #[default]
    Plan,
    /// Days against machines.
    Matrix,
    /// Renewable shares.
    Renewables,
    /// Six years.
    Years,
    /// Machines, and the paper's figures.
    Machines,
}

type Loaded = Result<Arc<Load>, String>;

/// What this view remembers between frames.
pub struct PlanState {
    pub(super) source: Source,
    pub(super) params: Option<Params>,
    pub(super) costs: Result<Costs, String>,
    loads: Latest<Source, Loaded>,
    plans: Latest<Order, Result<Arc<Shown>, String>>,
    pub(super) money: Money,
    /// The newest plan that there is.
    pub(super) shown: Option<Arc<Shown>>,
    /// Why there is none of what is set.
    pub(super) trouble: Option<String>,
    pub(super) pins: Vec<Pin>,
    /// The pin that is compared with.
    pub(super) pin: Option<usize>,
    undo: Vec<(Params, Source)>,
    pub(super) tab: Tab,
    /// The part of the day that is in view.
    pub(super) part: PartView,
    /// A number is being dragged.
    pub(super) dragging: bool,
    /// What is being asked for with the list of files.
    pub(super) asking: bool,
    moments: u64,
    /// Sets of the twin, for the price of heat.
    sets: Vec<Committed>,
    epoch: Option<u32>,
    /// What was in force before the last plan was sent, while the sent one is.
    pub(super) replaced: Option<Option<Arc<GensetPlan>>>,
}

impl Default for PlanState {
    fn default() -> Self {
        let mut planner = Planner::default();
        Self {
            source: Source::Day(0),
            params: None,
            costs: Costs::shipped("default"),
            loads: Latest::new("ballast-plan-load", read),
            plans: Latest::new("ballast-plan", move |order: &Order| {
                let start = Instant::now();
                plan(&mut planner, order, || start.elapsed().as_secs_f64()).map(Arc::new)
            }),
            money: Money::default(),
            shown: None,
            trouble: None,
            pins: Vec::new(),
            pin: None,
            undo: Vec::new(),
            tab: Tab::default(),
            part: PartView::default(),
            dragging: false,
            asking: false,
            moments: 0,
            sets: Vec::new(),
            epoch: None,
            replaced: None,
        }
    }
}

impl PlanState {
    /// The plan in view.
    #[must_use]
    pub fn plan(&self) -> Option<&crate::planner::plan::Plan> {
        self.shown.as_ref().map(|s| &s.planned.plan)
    }

    /// Why what is set has no plan.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The numbers, once a run is known.
    pub(super) fn numbers(&mut self, model: &Model) -> Params {
        if self.epoch != Some(model.epoch) {
            self.epoch = Some(model.epoch);
            self.sets = sets(model);
            self.replaced = None;
        }
        let rated = model.plate.rated_kw;
        let rating = if rated.is_finite() && rated > 0.0 { rated } else { 1000.0 };
        *self.params.get_or_insert_with(|| Params::new(self.costs.as_ref().ok(), rating))
    }

    /// Whether the twin has sets whose heat could be priced.
    pub(super) fn has_heat(&self) -> bool {
        !self.sets.is_empty() && self.price().is_some()
    }

    fn price(&self) -> Option<FuelPrice> {
        self.costs.as_ref().ok()?.fuel_price().ok()
    }

    /// The load, if it has been read.
    pub(super) fn load(&self) -> Option<&Arc<Load>> {
        self.loads.got().and_then(|(_, load)| load.as_ref().ok())
    }

    /// The load in words.
    pub(super) fn about(&self) -> String {
        let Some(load) = self.load().filter(|_| self.loads.is_current(&self.source)) else {
            return if self.trouble.is_some() { String::new() } else { "reading the load".to_owned() };
        };
        let peak = load.rows.load_kw.iter().fold(0.0f64, |a, v| a.max(*v));
        let name = load.name.rsplit(['/', '\\']).next().unwrap_or_default();
        format!("{name}, {}, peak {peak:.0} kW", load.note)
    }

    /// What is asked for now.
    ///
    /// # Errors
    /// If a number makes no cost curve.
    pub(super) fn order(&self, load: &Arc<Load>, p: Params) -> Result<Order, String> {
        let heat = p.heat && self.has_heat();
        let price = self.price().filter(|_| heat);
        let fuel = price.map_or_else(|| FuelCurve::quadratic(p.g), |price| FuelCurve::committed(&self.sets, price));
        let rating_kw = (p.rating_kw > 0.0).then_some(p.rating_kw);
        let setting = Setting {
            miner_kw: p.miner_kw,
            machine_kw: p.machine_kw,
            income_per_kwh: Some(p.income),
            ramp_weight: Some(p.ramp_weight),
            fuel: fuel.map_err(|e| e.to_string())?,
            rating_kw,
            ramp_limit_kw_per_h: (p.ramp_limit > 0.0).then_some(p.ramp_limit),
            bounds: if p.hard { Bounds::Hard } else { Bounds::Penalty { alpha: p.alpha } },
            open: p.open,
        };
        let wanted = Wanted {
            steps: Some(p.steps),
            open: p.open,
            // a surplus is for the miners, and the note says what of it is cut
            curtail: true,
            miner_max_kw: p.miner_kw,
            rating_kw,
            ..Wanted::default()
        };
        Ok(Order { load: Arc::clone(load), wanted, setting, price })
    }

    /// Orders what is missing and takes in what is there.
    pub(super) fn update(&mut self, ui: &Ui, model: &Model) -> Params {
        let wake = waker(ui.ctx());
        let mut p = self.numbers(model);
        if self.loads.want(&self.source, &wake)
            && let Some(load) = self.load()
        {
            // a stretch that does not repeat is planned as one
            p.open = load.open;
            self.params = Some(p);
            self.part = PartView::default();
        }
        let loaded = self.loads.got().filter(|_| self.loads.is_current(&self.source)).map(|(_, l)| l.clone());
        let order = match loaded {
            None if self.loads.has_stopped() => Err("the thread that reads loads has ended".to_owned()),
            None => return p,
            Some(load) => load.and_then(|load| self.order(&load, p)),
        };
        match order {
            Err(why) => self.trouble = Some(why),
            Ok(order) => {
                self.plans.want(&order, &wake);
                match self.plans.got() {
                    Some((of, Ok(shown))) => {
                        self.shown = Some(Arc::clone(shown));
                        self.trouble = (self.plans.has_stopped() && *of != order)
                            .then(|| "the thread that plans has ended".to_owned());
                    }
                    Some((_, Err(why))) => self.trouble = Some(why.clone()),
                    None => {}
                }
                self.money.update(self.tab, &order, self.costs.as_ref().ok(), &wake);
            }
        }
        p
    }

    /// Whether the plan in view is of the numbers in view.
    pub(super) fn is_current(&self) -> bool {
        let Some((load, p)) = self.load().zip(self.params) else { return false };
        self.loads.is_current(&self.source) && self.order(load, p).is_ok_and(|o| self.plans.is_current(&o))
    }

    /// Remembers the state for undo; once before a change or a drag.
    pub(super) fn mark(&mut self) {
        let Some(p) = self.params else { return };
        if self.undo.last().is_none_or(|(u, s)| *u != p || *s != self.source) {
            self.undo.push((p, self.source.clone()));
        }
        if self.undo.len() > UNDO {
            self.undo.remove(0);
        }
    }

    pub(super) fn can_undo(&self) -> bool {
        self.undo.iter().any(|(p, s)| Some(*p) != self.params || *s != self.source)
    }

    pub(super) fn undo(&mut self) {
        while let Some((p, source)) = self.undo.pop() {
            if Some(p) != self.params || source != self.source {
                (self.params, self.source) = (Some(p), source);
                return;
            }
        }
    }

    pub(super) fn set_source(&mut self, source: Source) {
        self.mark();
        self.source = source;
    }

    /// The rows in view as they are now.
    pub(super) fn take_rows(&mut self, model: &Model) {
        self.moments += 1;
        let name = format!("{} at {:.0} s", model.plate.scenario, model.t_s);
        self.set_source(Source::Rows(self.moments, Arc::new(model.history.rows_now()), name));
    }

    /// A file that was picked.
    pub(super) fn take_file(&mut self, path: PathBuf) {
        self.moments += 1;
        self.set_source(Source::File(self.moments, path));
    }

    /// Keeps the plan in view; the fifth takes the place of the first.
    pub(super) fn keep(&mut self) {
        let (Some(shown), Some(params)) = (self.shown.clone(), self.params) else { return };
        if !self.is_current() {
            return;
        }
        let day = self.load().map_or("", |l| l.name.as_str());
        let day = day.rsplit(['/', '\\']).next().unwrap_or(day).to_owned();
        let form = if params.hard { "hard".to_owned() } else { format!("penalty {}", params.alpha) };
        if self.pins.len() == PINS {
            self.pins.remove(0);
        }
        self.pins.push(Pin { name: format!("{day}, {form}"), params, shown });
        self.pin = Some(self.pins.len() - 1);
    }

    /// Time of the whole plan, s.
    pub(super) fn extent(&self) -> [f64; 2] {
        let all = self.shown.as_ref().and_then(|s| s.rows.extent_s());
        all.filter(|[a, b]| b > a).unwrap_or([0.0, 86_400.0])
    }

    /// Time in view, s.
    pub(super) fn window(&self) -> [f64; 2] {
        self.part.span(self.extent())
    }
}

/// The sets of the twin that are on at its start, as their heat rates have them.
fn sets(model: &Model) -> Vec<Committed> {
    let plate = &model.plate;
    let Ok(s) = Scenario::from_str(&plate.scenario, &plate.origin, &plate.source, None) else { return Vec::new() };
    let on = s.plant.gensets.iter().filter(|g| g.on_at_start);
    let heat = |f: &crate::plant::config::Fuel| Heat { idle_kw: f.a_kw, per_kw: f.b, per_kw2: 0.0 };
    on.map(|g| Committed { heat: heat(&g.fuel), rating_kw: g.rated_kw }).collect()
}
