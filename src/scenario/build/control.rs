//! The policy: a set, and the file's values over it.

use std::sync::Arc;

use super::super::policy::base_policy;
use super::super::schema::control::PolicyFile;
use super::network::Engine;
use crate::control::fields::FIELDS;
use crate::control::{Policy, ShedMode};
use crate::plant::config::Plant;
use crate::text::{At, Checked};

/// Lays every given value of the file over the policy.
macro_rules! lay {
    ($from:expr => $to:expr; $($field:ident),+) => { $(if let Some(v) = $from.$field.clone() { $to.$field = v; })+ };
}

pub(super) fn policy(f: &PolicyFile, plant: &Plant, engine: &Engine, run_s: f64) -> Checked<Policy> {
    let preset = &engine.preset;
    let mut p = base_policy(f.set, engine.rated_kw, &preset.acceptance_pu, preset.refill_kw_per_s(engine.rated_kw));
    p.target_kw = plant.gpus.iter().filter(|g| g.scheduled).map(|g| f64::from(g.gpus) * g.full_kw).sum();
    lay!(f => p; path, shed_mode, target_kw, batch_gpus, interval_s, add, gpus_per_s, step_limit_kw, bucket_share,
        refill_kw_per_s, window_100ms_kw, window_1s_kw, window_10s_kw, ramp_limit_kw_per_s, ceiling_pu, min_headroom_kw,
        shed_share, shed_lead_s, confirm_tolerance_kw, confirm_timeout_s, confirm_fallback_ramp, restore_kw_per_s,
        hold_points_kw, abort, auto_shed);
    if let Some(s) = &f.staging {
        lay!(s => p.staging; checkpoint_s, batch_gpus, interval_s);
    }
    if let Some(h) = &f.hold {
        lay!(h => p.hold; enabled, df_hz, rocof_hz_per_s, dv_pu, load_pu);
    }
    if let Some(a) = &f.step_acceptance_pu {
        p.step_acceptance.clone_from(a);
    }
    p.start_at_s = f.start_at_s.or(p.start_at_s);
    p.genset_plan = f.genset_plan.clone().map(Arc::new);
    check(&p, run_s)?;
    if let Some(kw) = f.target_kw.filter(|_| !plant.gpus.is_empty()) {
        within_fleet(kw, plant)?;
    }
    Ok(p)
}

/// A target that the scheduled GPUs cannot draw would never be reached. A part of one GPU beyond is a rounded number.
fn within_fleet(target_kw: f64, plant: &Plant) -> Checked<()> {
    let scheduled = || plant.gpus.iter().filter(|g| g.scheduled);
    let fleet_kw: f64 = scheduled().map(|g| f64::from(g.gpus) * g.full_kw).sum();
    let one_kw = scheduled().map(|g| g.full_kw).fold(0.0, f64::max);
    if target_kw <= fleet_kw + one_kw {
        return Ok(());
    }
    let what = format!("`target_kw` is {target_kw}, more than the scheduled GPUs draw");
    Err(At::top().key("policy").key("target_kw").problem(what, format!("at most {fleet_kw:.1}")))
}

fn check(p: &Policy, run_s: f64) -> Checked<()> {
    let top = At::top();
    let at = top.key("policy");
    for f in &FIELDS {
        let (outer, key) = f.key.split_once('.').map_or((None, f.key), |(outer, key)| (Some(outer), key));
        let within = outer.map(|o| at.key(o));
        within.as_ref().unwrap_or(&at).num(key, (f.get)(p), f.range[0], f.range[1])?;
    }
    if let Some(t) = p.start_at_s {
        at.num("start_at_s", t, 0.0, run_s)?;
    }
    acceptance(&at.key("step_acceptance_pu"), &p.step_acceptance)?;
    if p.shed_mode == ShedMode::Optimal && p.genset_plan.is_none() {
        return Err(at.key("shed_mode").problem("`optimal` has no plan to follow", "a `genset_plan`"));
    }
    if let Some((point, what, expected)) = p.genset_plan.as_ref().and_then(|plan| plan.wrong()) {
        return Err(at.key("genset_plan").key("points").index(point).problem(what, expected));
    }
    let points = at.key("hold_points_kw");
    let mut before = 0.0;
    for (i, &kw) in p.hold_points_kw.iter().enumerate() {
        points.item(i, "hold point", kw, 0.0, 1e6)?;
        if kw <= before {
            return Err(points
                .index(i)
                .problem(format!("the hold point {kw} does not rise"), format!("more than {before}")));
        }
        before = kw;
    }
    Ok(())
}

fn acceptance(at: &At, curve: &[(f64, f64)]) -> Checked<()> {
    let mut before = -1.0;
    for (i, &(load, step)) in curve.iter().enumerate() {
        let here = at.index(i);
        here.item(0, "load", load, 0.0, 1.5)?;
        here.item(1, "step", step, 0.001, 1.5)?;
        if load <= before {
            return Err(here.index(0).problem(format!("the load {load} does not rise"), format!("more than {before}")));
        }
        before = load;
    }
    if curve.is_empty() {
        return Err(at.problem("no acceptance point", "at least one (load, step) in pu of rating"));
    }
    Ok(())
}
