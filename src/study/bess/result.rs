//! From runs and money to the answer for one engine: each design's trips and costs, the value of the battery, what it hangs on.

use std::sync::Arc;

use super::estimate::{self, Interval};
use super::events::CLASSES;
use super::money::{Control, Money, with_outages};
use super::sweep::Sweep;
use super::verdict::{Facts, Flip, sentences};
use crate::planner::costs::ITEMS;
use crate::scenario::Scenario;
use crate::study::figure::Figure;
use crate::study::trial::{self, Cut, Wanted};

/// Chance that an interval misses, over all looks at a study.
pub const ALPHA: f64 = 0.05;
/// Looks at a study while it is refined; each interval is that much wider, so that looking again does not mislead.
pub const LOOKS: u32 = 5;
/// What a battery draws all year to be ready, share of its rating (a guess).
const STANDBY: f64 = 0.015;
/// Scheduled bring-ups a year; one more after each trip.
const BRING_UPS: f64 = 52.0;
/// Trips a year that count as none, for the technical knee.
pub const TARGET_PER_YEAR: f64 = 0.1;

/// What a bring-up costs beside what it is for: mining that is given up, fuel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BringUp {
    /// Mining given up, kWh.
    pub mining_kwh: f64,
    /// Fuel, kWh.
    pub fuel_kwh: f64,
}

/// Measures a bring-up of a site under a design's policy from nothing: its own run, to its end.
#[must_use]
pub fn bring_up(site: &Scenario) -> BringUp {
    let mut s = site.clone();
    s.script.clear();
    s.plant.gpus.iter_mut().for_each(|g| (g.full_at_start, g.preload_at_start) = (0, 0));
    (s.policy.start_at_s, s.run_s) = (Some(5.0), 300.0);
    let Some(o) = trial::run(Arc::new(s), Cut::Never, &Wanted::default()) else { return BringUp::default() };
    let of = |key: &str| Figure::named(key).map_or(0.0, |(k, _)| o.figures[k]);
    BringUp { mining_kwh: of("mining_lost_kwh"), fuel_kwh: of("fuel_kwh") }
}

/// A design with what it comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// `A0`, `B100`.
    pub id: String,
    /// In words.
    pub words: String,
    /// Battery, kW.
    pub kw: f64,
    /// Trips a year; a battery that is out of service is in it.
    pub trips: Interval,
    /// Class that makes the interval widest.
    pub widest: &'static str,
    /// Runs.
    pub runs: u64,
    /// Largest deviation in 95 of 100 crashes, per cent.
    pub crash_95_pct: f64,
    /// Costs over the years, $ of today: battery, control, trips, bring-ups, standby.
    pub costs: [f64; 5],
}

/// Names of [`Line::costs`].
pub const TERMS: [&str; 5] = ["battery", "control", "trips", "bring-ups", "standby"];

impl Line {
    /// All costs, $ of today.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.costs.iter().sum()
    }
}

/// An assumption moved over its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is.
    pub what: String,
    /// Unit.
    pub unit: String,
    /// Low end, what was assumed, high end.
    pub values: [f64; 3],
    /// Value of the battery there, $.
    pub npv: [f64; 3],
    /// Where it comes from.
    pub source: String,
    /// Whether it is a guess.
    pub guess: bool,
}

impl Bar {
    /// How far the value moves, $.
    #[must_use]
    pub fn swing(&self) -> f64 {
        (self.npv[2] - self.npv[0]).abs()
    }

    /// Where the battery begins to pay: between the two neighbours of a change of sign, on a straight line.
    #[must_use]
    pub fn break_even(&self) -> Option<f64> {
        let [x, y] = [self.values, self.npv];
        let side = (0..2).find(|k| y[*k] * y[k + 1] < 0.0)?;
        Some(x[side] - y[side] * (x[side + 1] - x[side]) / (y[side + 1] - y[side]))
    }
}

/// The answer for one engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Engine.
    pub engine: String,
    /// Price source of the battery.
    pub price: &'static str,
    /// Designs, in the order of the sweep.
    pub lines: Vec<Line>,
    /// Value of the last design against the first, $ of today: the question.
    pub npv: Interval,
    /// What the battery adds to tight control, and what tight control is worth without one, $.
    pub effects: [f64; 2],
    /// What the value hangs on, the widest first.
    pub tornado: Vec<Bar>,
    /// Smallest battery whose trips are surely below [`TARGET_PER_YEAR`], kW; and the cheapest one.
    pub knee_kw: [Option<f64>; 2],
    /// Price of one trip, $.
    pub trip: f64,
    /// The verdict, sentence by sentence.
    pub verdict: Vec<String>,
}

/// The four corners of a sweep: A0, AB, B0, then B of every size, the size in question last.
const A0: usize = 0;
const AB: usize = 1;
const B0: usize = 2;

/// A sweep with what its money needs.
#[derive(Debug)]
pub struct Study<'a> {
    /// Runs.
    pub sweep: &'a Sweep,
    /// Of each design's control: tight, simple.
    pub bring_ups: [BringUp; 2],
}

impl Study<'_> {
    fn alpha() -> f64 {
        ALPHA / f64::from(LOOKS)
    }

    /// Trips a year of a design, with rates multiplied by factors.
    fn trips(&self, design: usize, factors: &[f64]) -> Interval {
        let mut counts = self.sweep.counts(design);
        let classes = (0..CLASSES.len()).filter(|k| self.sweep.rate(design, *k) > 0.0);
        counts.iter_mut().zip(classes).for_each(|(c, k)| c.per_year *= factors.get(k).copied().unwrap_or(1.0));
        estimate::per_year(&counts, Self::alpha())
    }

    /// The same with the days on which the battery is not there.
    fn with_days_off(&self, design: usize, money: &Money, factors: &[f64]) -> Result<Interval, String> {
        let own = self.trips(design, factors);
        let d = self.sweep.designs[design];
        if d.kw <= 0.0 {
            return Ok(own);
        }
        let without = self.trips(if d.control == Control::Tight { A0 } else { B0 }, factors);
        let share = money.costs().value("bess_availability")?;
        let mix = |with: f64, without: f64| with_outages(with, without, share);
        Ok(Interval { value: mix(own.value, without.value), lo: mix(own.lo, without.lo), hi: mix(own.hi, without.hi) })
    }

    fn costs(&self, design: usize, trips: f64, money: &Money) -> Result<[f64; 5], String> {
        let d = self.sweep.designs[design];
        let b = self.bring_ups[usize::from(d.control == Control::Simple)];
        let mine = money.costs().mining_per_kwh()?;
        let fuel = money.costs().fuel_price()?;
        let fuel = fuel.total_per_kwh_lhv();
        let one = b.mining_kwh * mine + b.fuel_kwh * fuel;
        let standby = STANDBY * d.kw * 8760.0 * self.sweep.fuel_b() * fuel;
        let trip = money.trip(self.sweep.gpus(), self.sweep.miner_kw())?;
        let pv = money.present_value;
        Ok([
            money.battery(d.kw, d.kwh)?,
            money.control(d.control)?,
            pv * trips * trip,
            pv * (BRING_UPS + trips) * one,
            pv * standby,
        ])
    }

    /// Value of a design against another one, $ of today, with the interval that its trips leave.
    fn npv(&self, a: usize, b: usize, money: &Money, factors: &[f64]) -> Result<Interval, String> {
        let (ta, tb) = (self.with_days_off(a, money, factors)?, self.with_days_off(b, money, factors)?);
        let at = |x: f64, y: f64| -> Result<f64, String> {
            Ok(self.costs(a, x, money)?.iter().sum::<f64>() - self.costs(b, y, money)?.iter().sum::<f64>())
        };
        let value = at(ta.value, tb.value)?;
        // each design's limits apart, joined as independent: pairs make it narrower, never wider
        let down = (at(ta.lo, tb.value)? - value).hypot(at(ta.value, tb.hi)? - value);
        let up = (at(ta.hi, tb.value)? - value).hypot(at(ta.value, tb.lo)? - value);
        Ok(Interval { value, lo: value - down, hi: value + up })
    }

    /// The answer under a money.
    ///
    /// # Errors
    /// If the cost file leaves out what that takes, or the sweep has not the four corners.
    pub fn answer(&self, money: &Money) -> Result<Answer, String> {
        let n = self.sweep.designs.len();
        if n < 4 {
            return Err("a study takes four designs at least: A0, AB, B0 and B".to_owned());
        }
        let (question, one) = (n - 1, vec![1.0; CLASSES.len()]);
        let lines = (0..n).map(|d| self.line(d, money, &one)).collect::<Result<Vec<_>, _>>()?;
        let npv = self.npv(A0, question, money, &one)?;
        let tornado = self.tornado(question, money)?;
        let sizes: Vec<&Line> = lines.iter().skip(B0).collect();
        let least = |f: &dyn Fn(&Line) -> f64| sizes.iter().min_by(|a, b| f(a).total_cmp(&f(b))).map(|l| l.kw);
        let technical = sizes.iter().filter(|l| l.trips.hi <= TARGET_PER_YEAR).map(|l| l.kw).min_by(f64::total_cmp);
        let trip = money.trip(self.sweep.gpus(), self.sweep.miner_kw())?;
        let mut answer = Answer {
            engine: self.sweep.engine().to_owned(),
            price: money.price.name(),
            effects: [self.npv(A0, AB, money, &one)?.value, self.npv(B0, A0, money, &one)?.value],
            knee_kw: [technical, least(&Line::total)],
            lines,
            npv,
            tornado,
            trip,
            verdict: Vec::new(),
        };
        answer.verdict = sentences(&self.facts(question, money, &answer));
        Ok(answer)
    }

    fn line(&self, d: usize, money: &Money, factors: &[f64]) -> Result<Line, String> {
        let design = self.sweep.designs[d];
        let trips = self.with_days_off(d, money, factors)?;
        let counts = self.sweep.counts(d);
        let widest = estimate::widest(&counts, Self::alpha()).and_then(|k| self.sweep.names(d).get(k).copied());
        Ok(Line {
            id: design.id(),
            words: design.words(),
            kw: design.kw,
            widest: widest.unwrap_or("none"),
            runs: counts.iter().map(|c| c.runs).sum(),
            crash_95_pct: self.sweep.deviation_95(d, 0).unwrap_or(f64::NAN),
            costs: self.costs(d, trips.value, money)?,
            trips,
        })
    }

    /// Every cost and every rate moved over its range, one at a time, from the same runs.
    fn tornado(&self, question: usize, money: &Money) -> Result<Vec<Bar>, String> {
        let one = vec![1.0; CLASSES.len()];
        let base = self.npv(A0, question, money, &one)?.value;
        let mut bars = Vec::new();
        for (id, cost) in money.costs().items() {
            let at = |v: f64| self.npv(A0, question, &money.with(id, v)?, &one).map(|i| i.value);
            let (lo, hi) = (at(cost.range.0)?, at(cost.range.1)?);
            if (hi - lo).abs() > 1.0 {
                bars.push(Bar {
                    what: ITEMS.iter().find(|i| i.0 == id).map_or(id, |i| i.2).to_owned(),
                    unit: cost.unit.clone(),
                    values: [cost.range.0, cost.value, cost.range.1],
                    npv: [lo, base, hi],
                    source: format!("{}, {}", cost.source, cost.date),
                    guess: cost.guess,
                });
            }
        }
        for (k, class) in CLASSES.iter().enumerate() {
            let at = |by: f64| {
                let mut factors = one.clone();
                factors[k] = by;
                self.npv(A0, question, money, &factors).map(|i| i.value)
            };
            let (lo, hi) = (at(class.range[0])?, at(class.range[1])?);
            if (hi - lo).abs() > 1.0 {
                bars.push(Bar {
                    what: format!("rate of {}", class.name),
                    unit: "times".to_owned(),
                    values: [class.range[0], 1.0, class.range[1]],
                    npv: [lo, base, hi],
                    source: class.source.to_owned(),
                    guess: class.guess,
                });
            }
        }
        bars.sort_by(|a, b| b.swing().total_cmp(&a.swing()));
        Ok(bars)
    }

    fn facts(&self, question: usize, money: &Money, a: &Answer) -> Facts {
        let flip = |b: &Bar| {
            b.break_even().map(|at| Flip {
                what: b.what.clone(),
                unit: b.unit.clone(),
                at,
                assumed: b.values[1],
                above: b.npv[2] > b.npv[0],
                guess: b.guess,
                source: b.source.clone(),
            })
        };
        let (first, last) = (&a.lines[A0], &a.lines[question]);
        let saved = (0..TERMS.len()).map(|k| (TERMS[k], first.costs[k] - last.costs[k]));
        let mainly = saved.max_by(|x, y| x.1.abs().total_cmp(&y.1.abs())).map_or("nothing", |t| t.0);
        let half = (a.npv.width() / 2.0 / a.npv.value.abs().max(1.0)).powi(2);
        // of the design whose trips are less certain
        let wide = if first.trips.width() > last.trips.width() { first } else { last };
        let more = (wide.runs as f64 / CLASSES.len() as f64 * (half - 1.0).max(0.0)).ceil().min(1e9) as u64;
        let tripped_by_all = |class: usize| {
            let batteries = (0..self.sweep.designs.len()).filter(|d| self.sweep.designs[*d].kw > 0.0);
            let hits = batteries.filter(|d| self.sweep.rate(*d, class) > 0.0).map(|d| self.hits(d, class));
            hits.fold((false, true), |(_, all), n| (true, all && n > 0)) == (true, true)
        };
        Facts {
            engine: a.engine.clone(),
            years: money.years,
            npv: a.npv,
            mainly: mainly.to_owned(),
            flips: a.tornado.iter().filter_map(flip).collect(),
            trips_fewer: -a.npv.value / (money.present_value * a.trip),
            undecided: (wide.widest.to_owned(), more),
            trips: [a.lines[B0].trips, last.trips],
            kw: last.kw,
            not_covered: (0..CLASSES.len())
                .filter(|k| tripped_by_all(*k))
                .map(|k| CLASSES[k].name.to_owned())
                .collect(),
            engines: Vec::new(),
        }
    }

    fn hits(&self, design: usize, class: usize) -> u64 {
        let (names, counts) = (self.sweep.names(design), self.sweep.counts(design));
        names.iter().zip(counts).find(|(n, _)| **n == CLASSES[class].name).map_or(0, |(_, c)| c.hits)
    }
}
