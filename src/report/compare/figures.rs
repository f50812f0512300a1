//! The figures of a run: what each is, which way is better, and how near counts as equal. One list for the console, the
//! command line and CSV.
//!
//! All are measured from the rows (one a 50 ms, each with the extremes of its interval) over energised time, from the
//! start of the run to its end, whatever the alignment. Extremes are exact; integrals are sums over rows.

use std::sync::OnceLock;

use super::run::Run;
use crate::acts::EventKind;
use crate::control::target;
use crate::engine::iso8528;
use crate::engine::summary::VIOLATIONS;
use crate::planner::costs::Costs;
use crate::plant::signals::{SignalIdx, at, site};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// A smaller value.
    Less,
    /// A larger value.
    More,
    /// A value nearer to zero, of either sign.
    NearZero,
    /// Neither: the figure says what was done, not how well.
    Neither,
}

/// Part of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Stability and limits.
    Conduct,
    /// Energy and money.
    Economy,
    /// The state at the end.
    End,
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Key in JSON and CSV; ends in its unit.
    pub key: &'static str,
    /// Name on screen.
    pub label: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Decimals on screen.
    pub decimals: usize,
    /// Which way is better.
    pub better: Better,
    /// Values no further apart than this are equal.
    pub equal_within: f64,
    /// Part of the table.
    pub group: Group,
    /// It accumulates, or hangs on what is on: only like end states compare fairly.
    pub end_dependent: bool,
    /// In the short table of a small window.
    pub brief: bool,
    /// A run without it did worse than any with it, as one that does not reach its target.
    pub absent_is_worst: bool,
    of: fn(&Samples<'_>) -> Option<f64>,
}

const fn figure(
    key: &'static str,
    label: &'static str,
    unit: &'static str,
    (better, equal_within, decimals): (Better, f64, usize),
    group: Group,
    of: fn(&Samples<'_>) -> Option<f64>,
) -> Figure {
    Figure {
        key,
        label,
        unit,
        decimals,
        better,
        equal_within,
        group,
        end_dependent: false,
        brief: true,
        absent_is_worst: false,
        of,
    }
}

impl Figure {
    const fn by_end(self) -> Self {
        Self { end_dependent: true, ..self }
    }

    const fn detail(self) -> Self {
        Self { brief: false, ..self }
    }

    const fn or_worst(self) -> Self {
        Self { absent_is_worst: true, ..self }
    }
}

use Better::{Less, More, NearZero, Neither};
use Group::{Conduct, Economy, End};

/// Band of normal frequency, share of nominal: 0.5 %.
pub const BAND: f64 = 0.005;

/// All figures in the order of the table.
#[allow(clippy::redundant_closure_for_method_calls, reason = "a method is not general over the lifetime of its impl")]
pub const FIGURES: [Figure; 30] = [
    figure("time_to_target_s", "Time to target", "s", (Less, 0.1, 1), Conduct, |s| s.time_to_target_s()).or_worst(),
    figure("deviation_worst_pct", "Worst deviation", "%", (NearZero, 0.01, 2), Conduct, |s| s.deviation_pct()),
    figure("frequency_min_hz", "Lowest frequency", "Hz", (More, 0.005, 2), Conduct, |s| s.extreme(site::F_HZ, MIN))
        .detail(),
    figure("frequency_max_hz", "Highest frequency", "Hz", (Less, 0.005, 2), Conduct, |s| s.extreme(site::F_HZ, MAX))
        .detail(),
    figure("rocof_max_100ms_hz_per_s", "ROCOF 100 ms", "Hz/s", (Less, 0.01, 2), Conduct, |s| {
        s.largest(site::ROCOF_100MS_HZ_PER_S)
    })
    .detail(),
    figure("rocof_max_500ms_hz_per_s", "ROCOF 500 ms", "Hz/s", (Less, 0.01, 2), Conduct, |s| {
        s.largest(site::ROCOF_500MS_HZ_PER_S)
    })
    .detail(),
    figure("voltage_min_pu", "Lowest voltage", "pu", (More, 0.001, 3), Conduct, |s| s.extreme(site::V_PU, MIN))
        .detail(),
    figure("step_up_max_1s_kw", "Max step up in 1 s", "kW", (Less, 0.5, 1), Conduct, |s| {
        s.extreme(site::STEP_UP_1S_KW, MAX)
    }),
    figure("step_down_max_1s_kw", "Max step down in 1 s", "kW", (Less, 0.5, 1), Conduct, |s| {
        s.extreme(site::STEP_DOWN_1S_KW, MAX)
    })
    .detail(),
    figure("ramp_max_5s_kw_per_s", "Max ramp over 5 s", "kW/s", (Less, 0.1, 1), Conduct, |s| {
        s.extreme(site::RAMP_5S_KW_PER_S, MAX)
    }),
    figure("outside_band_s", "Outside ±0.5 %", "s", (Less, 0.1, 1), Conduct, |s| s.outside(|_| 1.0)),
    figure("out_of_band_pct_s", "Out-of-band integral", "% s", (Less, 0.1, 1), Conduct, |s| s.outside(|d| d * 100.0))
        .detail(),
    figure("violations_count", "Limit violations", "", (Less, 0.0, 0), Conduct, |s| Some(s.violations())),
    figure("trips_count", "Trips", "", (Less, 0.0, 0), Conduct, |s| Some(s.count(EventKind::Trip))),
    figure("iso8528_class", "ISO 8528-5, least class (0: none)", "", (More, 0.0, 0), Conduct, |s| s.least_class()),
    figure("disturbances_open_count", "Disturbances open at the end", "", (Less, 0.0, 0), Conduct, |s| {
        Some(s.open_disturbances())
    })
    .detail(),
    figure("headroom_min_kw", "Min headroom", "kW", (More, 1.0, 0), Conduct, |s| s.extreme(site::HEADROOM_KW, MIN))
        .by_end(),
    figure("genset_max_kw", "Largest genset power", "kW", (Neither, 1.0, 0), Economy, |s| s.extreme(site::GEN_KW, MAX))
        .detail(),
    figure("genset_energy_kwh", "Generator energy", "kWh", (Neither, 0.1, 1), Economy, |s| {
        s.integral(site::GEN_KW).map(|v| v / 3600.0)
    })
    .by_end(),
    figure("fuel_kwh", "Fuel, model", "kWh", (Less, 0.5, 0), Economy, |s| s.last(site::FUEL_KWH)).by_end(),
    figure("mining_lost_kwh", "Mining lost", "kWh", (Less, 0.1, 1), Economy, |s| s.last(site::MINING_LOST_KWH))
        .by_end(),
    figure("gpu_hours_lost_h", "GPU-hours lost", "h", (Less, 0.05, 2), Economy, |s| s.gpu_hours_lost()),
    figure("fuel_cost_usd", "Fuel, money", "$", (Less, 0.05, 2), Economy, |s| {
        Some(s.last(site::FUEL_KWH)? * prices()?.fuel_per_kwh_lhv)
    })
    .by_end()
    .detail(),
    figure("mining_lost_usd", "Mining lost, money", "$", (Less, 0.05, 2), Economy, |s| {
        Some(s.last(site::MINING_LOST_KWH)? * prices()?.mining_per_kwh)
    })
    .by_end()
    .detail(),
    figure("gpu_hours_lost_usd", "GPU-hours lost, money", "$", (Less, 0.05, 2), Economy, |s| {
        Some(s.gpu_hours_lost()? * prices()?.gpu_hour)
    })
    .detail(),
    figure("bess_energy_kwh", "BESS energy", "kWh", (Less, 0.05, 2), Economy, |s| s.last(site::BESS_KWH)).detail(),
    figure("step_square_sum_kw2", "Sum ΔP², 1 s", "kW²", (Less, 5.0, 0), Economy, |s| s.step_squares()),
    figure("genset_final_kw", "End generator", "kW", (Neither, 5.0, 0), End, |s| s.last(site::GEN_KW)),
    figure("gpu_final_kw", "End GPU", "kW", (More, 5.0, 0), End, |s| s.last(site::GPU_KW)),
    figure("miner_final_kw", "End miners", "kW", (More, 5.0, 0), End, |s| s.last(site::MINER_KW)),
];

/// What energy and compute are worth, $, as the shipped cost file has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// A kWh of the fuel's lower heating value, carbon dioxide included.
    pub fuel_per_kwh_lhv: f64,
    /// A kWh that miners take.
    pub mining_per_kwh: f64,
    /// An hour of one GPU.
    pub gpu_hour: f64,
}

/// The prices; none where the shipped file lacks one, which a test would find.
#[must_use]
pub fn prices() -> Option<Prices> {
    static PRICES: OnceLock<Option<Prices>> = OnceLock::new();
    *PRICES.get_or_init(|| {
        let costs = Costs::shipped("default").ok()?;
        Some(Prices {
            fuel_per_kwh_lhv: costs.fuel_price().ok()?.total_per_kwh_lhv(),
            mining_per_kwh: costs.mining_per_kwh().ok()?,
            gpu_hour: costs.value("gpu_hour").ok()?,
        })
    })
}

const MIN: usize = 0;
const MAX: usize = 1;

/// Most samples that an integral is made of; a longer run is sampled coarser.
const MOST_SAMPLES: f64 = 100_000.0;

/// A figure without the digits that a row of 32-bit numbers does not have: seven significant ones.
#[must_use]
pub fn tidy(v: f64) -> f64 {
    if v == 0.0 || !v.is_finite() {
        return v;
    }
    let scale = 10_f64.powi(6 - v.abs().log10().floor() as i32);
    (v * scale).round() / scale
}

/// Measures every figure.
#[must_use]
pub fn measure(run: &Run) -> Vec<Option<f64>> {
    let samples = Samples::new(run);
    FIGURES.iter().map(|f| (f.of)(&samples).filter(|v| v.is_finite())).collect()
}

/// A run on a grid of times.
struct Samples<'a> {
    run: &'a Run,
    dt_s: f64,
    n: usize,
    /// Spans in which the bus is alive, s.
    alive: Vec<[f64; 2]>,
}

impl<'a> Samples<'a> {
    fn new(run: &'a Run) -> Self {
        let dt_s = run.rows.row_period_s().max(run.end_s / MOST_SAMPLES);
        let n = (run.end_s / dt_s).round() as usize;
        let mut s = Self { run, dt_s, n, alive: Vec::new() };
        let on = s.values(site::ENERGISED);
        let mut since = None;
        for (k, v) in on.iter().chain(&[f64::NAN]).enumerate() {
            let t = k as f64 * dt_s;
            match since {
                // What has no such signal counts as alive. After an outage the row in which the bus comes back is
                // left out: its extremes are those of the dead bus.
                None if *v > 0.5 => since = Some(if k == 0 { 0.0 } else { t + 0.5 * dt_s }),
                Some(from) if !(*v > 0.5) => {
                    s.alive.push([from, t - 0.5 * dt_s]);
                    since = None;
                }
                _ => {}
            }
        }
        if on.iter().all(|v| v.is_nan()) {
            s.alive = vec![[0.0, run.end_s + dt_s]];
        }
        s
    }

    fn signal(&self, signal: u32, k: usize) -> Option<f64> {
        self.run.rows.value_at(at(signal), (k as f64 + 0.25) * self.dt_s)
    }

    /// The signal at every grid time, NaN where there is no data.
    fn values(&self, signal: u32) -> Vec<f64> {
        (0..=self.n).map(|k| self.signal(signal, k).unwrap_or(f64::NAN)).collect()
    }

    fn is_alive(&self, k: usize) -> bool {
        let t = k as f64 * self.dt_s;
        self.alive.iter().any(|[a, b]| (*a..=*b).contains(&t))
    }

    /// Smallest or largest value while alive.
    fn extreme(&self, signal: u32, which: usize) -> Option<f64> {
        let ranges = self.alive.iter().filter_map(|[a, b]| self.run.rows.y_range(at(signal), *a..*b));
        ranges.reduce(|x, y| [x[0].min(y[0]), x[1].max(y[1])])?.get(which).copied()
    }

    /// Largest magnitude while alive.
    fn largest(&self, signal: u32) -> Option<f64> {
        Some(self.extreme(signal, MIN)?.abs().max(self.extreme(signal, MAX)?.abs()))
    }

    fn last(&self, signal: u32) -> Option<f64> {
        self.run.rows.value_at(SignalIdx(signal), self.run.end_s)
    }

    fn integral(&self, signal: u32) -> Option<f64> {
        let v = self.values(signal);
        let known: Vec<f64> = v.windows(2).filter_map(|p| Some((p.first()? + p.get(1)?) * 0.5)).collect();
        let known: Vec<f64> = known.into_iter().filter(|v| v.is_finite()).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() * self.dt_s)
    }

    /// The worst deviation of frequency, per cent of nominal, with its sign.
    fn deviation_pct(&self) -> Option<f64> {
        let f0 = self.run.plate.f0_hz;
        let [low, high] = [MIN, MAX].map(|w| self.extreme(site::F_HZ, w).map(|f| (f / f0 - 1.0) * 100.0));
        let (low, high) = (low?, high?);
        Some(if low.abs() >= high.abs() { low } else { high })
    }

    /// Integral of `weight(deviation beyond the band, pu)` over the time outside the band.
    fn outside(&self, weight: fn(f64) -> f64) -> Option<f64> {
        let f0 = self.run.plate.f0_hz;
        let f = self.values(site::F_HZ);
        f.iter().any(|v| v.is_finite()).then_some(())?;
        let past = |v: f64| (v / f0 - 1.0).abs() - BAND;
        let beyond = f.iter().enumerate().skip(1).filter(|(k, v)| past(**v) > 0.0 && self.is_alive(*k));
        // The sum of nothing is a negative zero.
        Some(beyond.map(|(_, v)| weight(past(*v))).sum::<f64>().abs() * self.dt_s)
    }

    /// The least class of the answers to disturbances, by its number; none without a disturbance.
    fn least_class(&self) -> Option<f64> {
        let answers = self.run.rows.events().iter().filter(|e| e.object == iso8528::OBJECT);
        answers.map(|e| e.value).reduce(f64::min)
    }

    /// Disturbances that the run ended in: their class is that of what was seen of them.
    fn open_disturbances(&self) -> f64 {
        let answers = self.run.rows.events().iter().filter(|e| e.object == iso8528::OBJECT);
        answers.filter(|e| e.text.ends_with("open at the end")).count() as f64
    }

    /// As the run told it, to the tick. Rows that no run of the twin made are looked at instead, to their 50 ms.
    fn time_to_target_s(&self) -> Option<f64> {
        if let Some(last) = self.run.rows.events().iter().rfind(|e| e.object == target::OBJECT) {
            return (last.value > 0.0).then_some(last.value);
        }
        let target = self.run.policy.target_kw;
        let state = self.values(site::SCHEDULE);
        let running = crate::control::RunState::Running.code() as f64;
        let start = state.iter().position(|v| *v == running)?;
        (target > 0.0).then_some(())?;
        let mut since: Option<usize> = None;
        let gpu = self.values(site::GPU_KW);
        for (k, kw) in gpu.iter().enumerate().skip(start) {
            match since {
                None if *kw >= target::REACHED * target => since = Some(k),
                Some(_) if *kw < target::LOST * target => since = None,
                Some(at) if (k - at) as f64 * self.dt_s >= target::HELD_S => break,
                _ => {}
            }
        }
        since.map(|k| (k - start) as f64 * self.dt_s)
    }

    fn count(&self, kind: EventKind) -> f64 {
        self.run.rows.events().iter().filter(|e| e.kind == kind).count() as f64
    }

    /// Excursions past a limit of the plan or the plant.
    fn violations(&self) -> f64 {
        let named = |object: &str| VIOLATIONS.iter().any(|v| v.name() == object);
        let all = self.run.rows.events().iter();
        all.filter(|e| e.kind == EventKind::Limit && named(&e.object)).count() as f64
    }

    /// What the GPUs of the target did not compute, in hours of one GPU.
    fn gpu_hours_lost(&self) -> Option<f64> {
        let one = self.run.plate.gpu_kw;
        (one > 0.0).then_some(())?;
        let wanted = (self.run.policy.target_kw / one).floor();
        let full = self.values(site::GPU_FULL);
        let lost: Vec<f64> = full.iter().skip(1).filter(|v| v.is_finite()).map(|v| (wanted - v).max(0.0)).collect();
        (!lost.is_empty()).then(|| lost.iter().sum::<f64>() * self.dt_s / 3600.0)
    }

    /// Sum over whole seconds of the squared change of genset power.
    fn step_squares(&self) -> Option<f64> {
        let second = (1.0 / self.dt_s).round().max(1.0) as usize;
        let p: Vec<f64> = self.values(site::GEN_KW).into_iter().step_by(second).collect();
        let d = p.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?)).filter(|d| d.is_finite());
        let d: Vec<f64> = d.collect();
        (!d.is_empty()).then(|| d.iter().map(|d| d * d).sum())
    }
}
