//! What renewable shares do: the day as a residual load `L(t) − s · shape(t)`, planned for each share s.
//!
//! The shape is scaled so that share 1 is the day's whole energy. What neither load nor miners can take is cut; without
//! miners it is all that exceeds the load. The figures are of the user's day and prices: ours, not the source paper's, whose
//! "40 %" rests on data that it does not give.

use super::plan::objective;
use super::problem::Problem;
use super::refusal::Refusal;
use super::solve::solve;

/// What a share comes to, a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Share of the day's energy that the source offers.
    pub share: f64,
    /// Ramping cost without miners and with them, $.
    pub ramp_without: f64,
    /// See above.
    pub ramp_with: f64,
    /// Total cost without miners and with them, capital of the miners left out; $.
    pub total_without: f64,
    /// See above.
    pub total_with: f64,
    /// Mining income, $.
    pub revenue: f64,
    /// Share of the time that the miners run at full power, in energy.
    pub duty: f64,
    /// Energy cut without miners and with them, kWh.
    pub cut_without_kwh: f64,
    /// See above.
    pub cut_with_kwh: f64,
    /// What the miners save and earn, less their capital and the fuel that they burn; $.
    pub net: f64,
}

/// A shape of output over a day of so many points.
pub type Shape = fn(usize) -> Vec<f64>;

/// The shipped shapes, of our own making: names, and what they are.
pub const SHAPES: [(&str, Shape); 2] = [("PV", sun), ("Wind", wind)];

/// Output of a wind park over the day: a calm morning, a windy evening, gusts of an hour or two; waves that close the day.
#[must_use]
pub fn wind(n: usize) -> Vec<f64> {
    /// Turns a day, size and phase of each wave.
    const WAVES: [(f64, f64, f64); 5] =
        [(1.0, 0.30, 2.6), (2.0, 0.14, 0.4), (5.0, 0.12, 1.9), (11.0, 0.09, 4.0), (17.0, 0.06, 5.2)];
    let at = |i: usize| core::f64::consts::TAU * i as f64 / n as f64;
    let one = |i: usize| WAVES.iter().map(|(turns, size, phase)| size * libm::sin(turns * at(i) + phase)).sum::<f64>();
    (0..n).map(|i| (0.45 + one(i)).clamp(0.0, 1.0)).collect()
}

/// Output of a panel over the day, 1 at noon: a half sine from 06:00 to 18:00.
#[must_use]
pub fn sun(n: usize) -> Vec<f64> {
    let at = |i: usize| 24.0 * i as f64 / n as f64;
    (0..n).map(|i| libm::sin(core::f64::consts::PI * (at(i) - 6.0) / 12.0).max(0.0)).collect()
}

/// Plans the day for each share. `capital_per_day` is what the miners cost a day, `curtailment_per_kwh` what cut energy earns.
///
/// # Errors
/// If the day is refused, or the shape does not fit it.
pub fn shares(
    day: &Problem,
    shape: &[f64],
    shares: &[f64],
    capital_per_day: f64,
    curtailment_per_kwh: f64,
) -> Result<Vec<Share>, Refusal> {
    if shape.len() != day.len() {
        return Err(Refusal::Length { what: "shape", len: shape.len(), expected: day.len() });
    }
    let (load, offer): (f64, f64) = (day.load_kw.iter().sum(), shape.iter().sum());
    if !(offer > 0.0 && offer.is_finite()) || shape.iter().any(|v| *v < 0.0) {
        return Err(Refusal::setting("sum of the shape", offer, "a shape of 0 or more, not all 0"));
    }
    shares.iter().map(|s| one(day, shape, *s, s * load / offer, capital_per_day, curtailment_per_kwh)).collect()
}

fn one(
    day: &Problem,
    shape: &[f64],
    share: f64,
    scale: f64,
    capital_per_day: f64,
    curtailment_per_kwh: f64,
) -> Result<Share, Refusal> {
    let h = day.step_h;
    let net: Vec<f64> = day.load_kw.iter().zip(shape).map(|(l, v)| l - scale * v).collect();
    // what even this takes no more is cut
    let cut = |least: f64| net.iter().map(|k| (least - k).max(0.0)).sum::<f64>() * h;
    let held = |least: f64| net.iter().map(|k| k.max(least)).collect::<Vec<f64>>();
    let with = Problem { load_kw: held(-day.miner_max_kw), ..day.clone() };
    let without = Problem { load_kw: held(0.0), miner_max_kw: 0.0, ..day.clone() };
    let plan = solve(&with)?;
    let bare = objective(&without, &without.load_kw);
    let (cut_without_kwh, cut_with_kwh) = (cut(0.0), cut(-day.miner_max_kw));
    let (total_without, total_with) = (bare.total(), plan.objective.total());
    let mined: f64 = plan.miner_kw.iter().sum::<f64>() * h;
    let most = day.miner_max_kw * h * day.len() as f64;
    Ok(Share {
        share,
        ramp_without: bare.ramp,
        ramp_with: plan.objective.ramp,
        total_without,
        total_with,
        revenue: plan.objective.revenue,
        duty: if most > 0.0 { mined / most } else { 0.0 },
        cut_without_kwh,
        cut_with_kwh,
        net: total_without - total_with - capital_per_day - curtailment_per_kwh * (cut_without_kwh - cut_with_kwh),
    })
}

/// Shares at which the net changes its sign, by straight lines between those computed.
#[must_use]
pub fn crossings(all: &[Share]) -> Vec<f64> {
    let between = |w: &[Share]| {
        let (a, b) = (w[0], w[1]);
        ((a.net < 0.0) != (b.net < 0.0)).then(|| a.share + (b.share - a.share) * a.net / (a.net - b.net))
    };
    all.windows(2).filter_map(between).collect()
}
