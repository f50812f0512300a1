//! Admission: what the next batch would bring every limit to, and which limit refuses it. Pure functions, no state.
//!
//! A batch is judged by its *net* step (kW that the gensets see). Windows and ramp are held on measured power and on what
//! was commanded (see [`super::ledger`]), the larger counts. An up-batch whose net step is at most 0 is never refused by
//! step, window, ramp, ceiling or headroom limits (design 5.1.10); a down-batch is held by the same limits downwards.
//! Measured rises below [`NOISE_PU`] of the rating count as noise. Powers in kW. It allocates nothing.

use super::bucket::{Bucket, acceptance_kw, load_pu};
use super::ledger::Ledger;
use super::status::{LimitId, LimitUse};
use super::window::{RAMP_S, Span, Windows};
use super::{IslandReading, Policy};

/// Tolerance of every comparison, kW (or the limit's unit).
pub const EPS: f64 = 1.0e-6;
/// Measured change that counts as noise of the loads, pu of rating: 0.5 kW on 1 MW.
pub const NOISE_PU: f64 = 0.0005;
/// A use (value / limit) from which a limit is near enough to set the pace.
const NEAR: f64 = 0.9;
/// Control steps of the ramp mean.
const RAMP_STEPS: usize = 50;
/// A unit that wakes may rise this much faster than its mean slope (S-curve).
const RESTORE_PEAK: f64 = 1.5;

/// A change that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Proposal {
    /// GPUs that change state.
    pub gpus: u32,
    /// Net step of genset load, kW, negative for down.
    pub net_kw: f64,
    /// The change goes down (GPUs off): limits are tested downwards.
    pub down: bool,
    /// The batch was let in before and its GPUs are commanded now.
    pub late: bool,
    /// Miners already gave up more than the GPUs take, over all batches: the level of the gensets does not rise.
    pub level_kept: bool,
}

/// What admission looks at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Limits.
    pub policy: &'a Policy,
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// The island that feeds what is asked for.
    pub island: &'a IslandReading,
    /// Power of its sources when the schedule began, kW: the level that batches which miners cover may go back to.
    pub start_kw: f64,
    /// Measured windows.
    pub windows: &'a Windows,
    /// Commanded windows.
    pub ledger: &'a Ledger,
    /// STEP NOW.
    pub bucket: &'a Bucket,
    /// Net kW of GPUs and sheds that is commanded and not yet visible.
    pub pending_kw: f64,
    /// kW of restored miners that is not yet visible; comes over `restore_s`.
    pub restoring_kw: f64,
    /// Seconds in which the quickest of the island's fleets is back.
    pub restore_s: f64,
    /// Control steps until the batch is due: windows are judged as they will be then, if power stays where it is.
    pub ahead: usize,
}

/// Kinds of limits.
const KINDS: usize = LimitId::Fleet as usize + 1;

/// The uses of limits, at most one of each kind, in the order of [`LimitId`]. Fixed size.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitUses {
    of: [Option<LimitUse>; KINDS],
}

impl LimitUses {
    /// Puts one in.
    pub fn push(&mut self, id: LimitId, now: f64, limit: f64, unit: &'static str, blocks: bool) {
        self.of[id as usize] = Some(LimitUse { id, now, limit, unit, blocks });
    }

    /// All uses.
    pub fn all(&self) -> impl Iterator<Item = &LimitUse> + Clone {
        self.of.iter().flatten()
    }

    /// The blocking limit with the largest use.
    #[must_use]
    pub fn blocking(&self) -> Option<&LimitUse> {
        largest(self.all().filter(|u| u.blocks))
    }

    /// The limit that sets the pace: the blocking one with the largest use (the interval only when it blocks alone), else
    /// the nearest one, else the interval.
    #[must_use]
    pub fn binding(&self) -> Option<LimitId> {
        let others = || self.all().filter(|u| u.id != LimitId::Interval);
        largest(others().filter(|u| u.blocks))
            .or_else(|| largest(others()).filter(|u| use_ratio(u) >= NEAR))
            .or_else(|| self.all().find(|u| u.id == LimitId::Interval))
            .map(|u| u.id)
    }
}

fn largest<'a>(uses: impl Iterator<Item = &'a LimitUse>) -> Option<&'a LimitUse> {
    uses.fold(None, |best: Option<&LimitUse>, u| match best {
        Some(b) if use_ratio(b) >= use_ratio(u) => Some(b),
        _ => Some(u),
    })
}

/// Value over limit; for the headroom, which is a lower bound, limit over value.
#[must_use]
pub fn use_ratio(u: &LimitUse) -> f64 {
    let (now, limit) = if u.id == LimitId::Headroom { (u.limit, u.now) } else { (u.now, u.limit) };
    match (now > EPS, limit > EPS) {
        (true, true) => now / limit,
        (true, false) => f64::MAX,
        (false, _) => f64::from(u8::from(u.blocks)),
    }
}

/// Largest step of one batch at the present load: the step limit and the acceptance curve, kW.
#[must_use]
pub fn step_cap_kw(policy: &Policy, island: &IslandReading) -> f64 {
    policy.step_limit_kw.min(acceptance_kw(policy, island)).max(0.0)
}

/// Largest net step that could ever be admitted with empty windows and a full bucket, kW.
#[must_use]
pub fn largest_step_kw(policy: &Policy, island: &IslandReading, down: bool) -> f64 {
    let windows = policy.window_100ms_kw.min(policy.window_1s_kw).min(policy.window_10s_kw);
    let all = windows.min(policy.ramp_limit_kw_per_s * RAMP_S);
    let up = || step_cap_kw(policy, island).min(Bucket::capacity_at_kw(policy, island));
    let step = if down { policy.step_limit_kw } else { up() };
    all.min(step).max(0.0)
}

/// Tests a proposal against every limit but the timing ones (interval, confirmation, fleet), which the caller adds.
#[must_use]
pub fn assess(view: &View, p: &Proposal) -> LimitUses {
    let mut out = LimitUses::default();
    let over = |now: f64, limit: f64| now > limit + EPS;
    let tested = p.down || p.net_kw > EPS;

    let second = 10_usize.saturating_sub(view.ahead);
    let changed = if p.late { view.ledger.gpus_within(second) } else { view.ledger.planned_within(second) };
    let gpus = f64::from(changed) + f64::from(p.gpus);
    out.push(
        LimitId::GpusPerS,
        gpus,
        view.policy.gpus_per_s,
        "GPU/s",
        p.gpus > 0 && over(gpus, view.policy.gpus_per_s),
    );

    let step = if p.down { (-p.net_kw).max(0.0) } else { p.net_kw.max(0.0) };
    let cap = if p.down { view.policy.step_limit_kw } else { step_cap_kw(view.policy, view.island) };
    out.push(LimitId::Step, step, cap, "kW", tested && over(step, cap));
    if !p.down {
        let capacity = view.bucket.capacity_kw();
        let drawn = capacity - view.bucket.level_in_kw(view.policy, view.island, 0.1 * view.ahead as f64)
            + view.pending_kw.max(0.0)
            + p.net_kw.max(0.0);
        out.push(LimitId::StepNow, drawn, capacity, "kW", tested && over(drawn, capacity));
    }
    windows(view, p, tested, &mut out);
    // Miners that do not fall give nothing: what they cover is let past the level limits only while the sources' level, as
    // measured, stays where the schedule found it.
    let noise_kw = NOISE_PU * view.island.rating_kw.max(0.0);
    let level_tested = tested && !(p.level_kept && predicted_kw(view, p) <= view.start_kw + noise_kw);
    if !p.down {
        level(view, p, level_tested, &mut out);
    }
    feedback(view, p, level_tested, &mut out);
    out
}

/// The 100 ms, 1 s and 10 s windows and the 5 s ramp.
fn windows(view: &View, p: &Proposal, tested: bool, out: &mut LimitUses) {
    let policy = view.policy;
    let noise_kw = NOISE_PU * view.island.rating_kw.max(0.0);
    let samples = 10 * view.ahead as u32;
    // What was commanded up and is not there yet makes no room for a fall.
    let rising_kw = view.pending_kw.max(0.0);
    let limits = [policy.window_100ms_kw, policy.window_1s_kw, policy.window_10s_kw];
    let ids = [LimitId::Window100ms, LimitId::Window1s, LimitId::Window10s];
    for ((span, limit), id) in Span::ALL.into_iter().zip(limits).zip(ids) {
        let steps = ((span.seconds() * 10.0).round() as usize).saturating_sub(view.ahead);
        let now = if p.down {
            let measured = (view.windows.fall_ahead_kw(span, samples) - noise_kw).max(0.0) - p.net_kw;
            measured.max(view.ledger.fall_after_kw(steps, p.net_kw) + rising_kw)
        } else {
            let coming = restored_within_kw(view, span.seconds());
            let measured = (view.windows.rise_ahead_kw(span, samples) - noise_kw).max(0.0) + coming + p.net_kw;
            measured.max(view.ledger.rise_after_kw(steps, p.net_kw))
        };
        out.push(id, now.max(0.0), limit, "kW", tested && now > limit + EPS);
    }
    let (sign, rising_kw) = if p.down { (-1.0, rising_kw) } else { (1.0, 0.0) };
    let coming = if p.down { 0.0 } else { restored_within_kw(view, RAMP_S) / RAMP_S };
    let so_far = (sign * view.windows.ramp_ahead_kw_per_s(0.0, samples) - noise_kw / RAMP_S).max(0.0);
    let measured = so_far + coming + sign * p.net_kw / RAMP_S;
    let net_kw = view.ledger.sum_after_kw(RAMP_STEPS.saturating_sub(view.ahead), p.net_kw);
    let commanded = (sign * net_kw + rising_kw) / RAMP_S;
    let (now, limit) = (measured.max(commanded).max(0.0), policy.ramp_limit_kw_per_s);
    out.push(LimitId::Ramp, now, limit, "kW/s", tested && now > limit + EPS);
}

/// kW of waking miners that may arrive within `span_s`.
fn restored_within_kw(view: &View, span_s: f64) -> f64 {
    let share = if view.restore_s > 0.0 { (RESTORE_PEAK * span_s / view.restore_s).min(1.0) } else { 1.0 };
    view.restoring_kw * share
}

/// Load of the island's sources with the batch and all that is on its way, kW.
fn predicted_kw(view: &View, p: &Proposal) -> f64 {
    view.island.kw + view.pending_kw + view.restoring_kw + p.net_kw
}

/// Ceiling and spinning reserve on the predicted load of the sources.
fn level(view: &View, p: &Proposal, tested: bool, out: &mut LimitUses) {
    let (policy, m) = (view.policy, view.island);
    let predicted = predicted_kw(view, p);
    let ceiling = policy.ceiling_pu * m.rating_kw;
    out.push(LimitId::Ceiling, predicted, ceiling, "kW", tested && predicted > ceiling + EPS);
    let headroom = m.rating_kw - predicted + m.bess_available_kw.max(0.0);
    out.push(
        LimitId::Headroom,
        headroom,
        policy.min_headroom_kw,
        "kW",
        tested && headroom < policy.min_headroom_kw - EPS,
    );
}

/// Feedback holds: they pause the schedule while the plant is out of bounds. Downwards only the high side holds.
fn feedback(view: &View, p: &Proposal, level_tested: bool, out: &mut LimitUses) {
    let (hold, m) = (&view.policy.hold, view.island);
    if !hold.enabled {
        return;
    }
    let size = |x: f64| if p.down { x } else { x.abs() };
    let (df, rocof, dv) = (size(m.f_hz - view.f0_hz), size(m.rocof_500ms_hz_per_s), size(m.v_pu - 1.0));
    out.push(LimitId::HoldFrequency, df.abs(), hold.df_hz, "Hz", df > hold.df_hz + EPS);
    out.push(LimitId::HoldRocof, rocof.abs(), hold.rocof_hz_per_s, "Hz/s", rocof > hold.rocof_hz_per_s + EPS);
    out.push(LimitId::HoldVoltage, dv.abs(), hold.dv_pu, "pu", dv > hold.dv_pu + EPS);
    if !p.down {
        let load = load_pu(m);
        out.push(LimitId::HoldLoad, load, hold.load_pu, "pu", level_tested && load > hold.load_pu + EPS);
    }
}

/// Whether the GPUs of a batch that was let in before may be commanded now: their own step against the GPU rate, the
/// short windows and the feedback holds. What concerns the net or the level was settled when the batch was let in.
#[must_use]
pub fn late_gpus_fit(view: &View, gpus: u32, kw: f64) -> bool {
    use LimitId::{GpusPerS, HoldFrequency, HoldRocof, HoldVoltage, Window1s, Window100ms};
    let p = Proposal { gpus, net_kw: kw, down: false, late: true, level_kept: true };
    let counts = [GpusPerS, Window100ms, Window1s, HoldFrequency, HoldRocof, HoldVoltage];
    !assess(view, &p).all().any(|u| u.blocks && counts.contains(&u.id))
}
