//! Loads, batteries and condensers.

use super::super::schema::plant::{AuxFile, Basis, BessFile, CondenserFile, GpuFile, MinerFile, TraceFile};
use super::super::trace;
use super::{Context, genset};
use crate::plant::config::{AuxLoad, Bess, BessMode, Condenser, FluxDecay, GpuCohort, MinerFleet};
use crate::text::{At, Checked};

/// Largest number of units in a fleet.
const MOST_UNITS: u32 = 1_000_000;

fn ids<'a>(list: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    list.map(String::as_str).collect()
}

pub(super) fn gpus(cx: &Context, at: &At, f: &GpuFile) -> Checked<GpuCohort> {
    let id = f.library.as_deref().unwrap_or("h100-sxm");
    let all = &cx.library.gpus;
    let lib = &all[at.find("library", "GPU in the library", id, &ids(all.iter().map(|e| &e.id)))?];
    if f.power_smoothing {
        // The driver of recent boards has a floor, two ramps and a hysteresis; the vendor publishes their names, not values.
        let want = "`rise_s` and `fall_s` as the driver is set up to ramp";
        return Err(at.key("power_smoothing").problem("power smoothing by the board's driver is not modelled", want));
    }
    let full_kw = match f.basis {
        Basis::Board => lib.board_kw,
        Basis::Node => lib.node_kw,
        Basis::Facility => lib.node_kw * lib.pue,
    };
    let full_kw = at.num("full_kw", f.full_kw.unwrap_or(full_kw), 0.001, 1000.0)?;
    let gpus = at.count("gpus", f.gpus, 0, MOST_UNITS)?;
    let preload_at_start = at.count("preload_at_start", f.preload_at_start, 0, gpus)?;
    let full_at_start = at.count("full_at_start", f.full_at_start, 0, gpus - preload_at_start)?;
    let measured = f.trace.is_some();
    let twice = [
        ("preload_at_start", preload_at_start > 0),
        ("full_at_start", full_at_start > 0),
        ("scheduled", f.scheduled == Some(true)),
    ];
    if let Some((key, _)) = twice.iter().find(|(_, given)| measured && *given) {
        let why = "the trace is the power of the whole cohort, so its GPUs would count twice";
        return Err(at.key(key).problem(why, format!("no `{key}` beside a trace")));
    }
    Ok(GpuCohort {
        name: f.name.clone(),
        section: cx.section(at, f.section.as_ref())?,
        gpus,
        full_kw,
        preload_share: at.num("preload_share", f.preload_share.unwrap_or(lib.preload_share), 0.0, 1.0)?,
        off_kw: at.num("off_kw", f.off_kw.unwrap_or(lib.off_kw), 0.0, full_kw)?,
        rise_s: at.num("rise_s", f.rise_s.unwrap_or(lib.rise_s), 0.001, 600.0)?,
        fall_s: at.num("fall_s", f.fall_s.unwrap_or(lib.fall_s), 0.001, 600.0)?,
        jitter_s: at.num("jitter_s", f.jitter_s.unwrap_or(lib.jitter_s), 0.0, 60.0)?,
        power_factor: at.num("power_factor", f.power_factor.unwrap_or(lib.power_factor), 0.5, 1.0)?,
        preload_at_start,
        full_at_start,
        scheduled: f.scheduled.unwrap_or(!measured),
        preemptible: f.preemptible,
        trace: match &f.trace {
            None => Vec::new(),
            Some(TraceFile::Points(p)) => trace::check(&at.key("trace").index(0), p)?,
            Some(TraceFile::File(name)) => trace::read(&at.key("trace"), cx.base_dir, name)?,
        },
    })
}

pub(super) fn miners(cx: &Context, at: &At, f: &MinerFile) -> Checked<MinerFleet> {
    let id = f.library.as_deref().unwrap_or("m60s");
    let all = &cx.library.miners;
    let lib = &all[at.find("library", "miner in the library", id, &ids(all.iter().map(|e| &e.id)))?];
    let units = at.count("units", f.units, 0, MOST_UNITS)?;
    Ok(MinerFleet {
        name: f.name.clone(),
        section: cx.section(at, f.section.as_ref())?,
        units,
        unit_kw: at.num("unit_kw", f.unit_kw.unwrap_or(lib.unit_kw), 0.01, 1000.0)?,
        on_at_start: at.count("on_at_start", f.on_at_start.unwrap_or(units), 0, units)?,
        block_units: at.count("block_units", f.block_units.unwrap_or(1), 1, units.max(1))?,
        latency_s: at.num("latency_s", f.latency_s.unwrap_or(lib.latency_s), 0.0, 600.0)?,
        latency_sigma: at.num("latency_sigma", f.latency_sigma.unwrap_or(lib.latency_sigma), 0.0, 3.0)?,
        fall_s: at.num("fall_s", f.fall_s.unwrap_or(lib.fall_s), 0.001, 600.0)?,
        wake_latency_s: at.num("wake_latency_s", f.wake_latency_s.unwrap_or(lib.wake_latency_s), 0.0, 3600.0)?,
        wake_s: at.num("wake_s", f.wake_s.unwrap_or(lib.wake_s), 0.001, 3600.0)?,
        stuck_share: at.num("stuck_share", f.stuck_share.unwrap_or(0.0), 0.0, 1.0)?,
        power_factor: at.num("power_factor", f.power_factor.unwrap_or(lib.power_factor), 0.5, 1.0)?,
    })
}

pub(super) fn aux(cx: &Context, at: &At, f: &AuxFile) -> Checked<AuxLoad> {
    let z_share = at.num("z_share", f.z_share, 0.0, 1.0)?;
    Ok(AuxLoad {
        name: f.name.clone(),
        section: cx.section(at, f.section.as_ref())?,
        kw: at.num("kw", f.kw, 0.0, 100_000.0)?,
        power_factor: at.num("power_factor", f.power_factor.unwrap_or(1.0), 0.5, 1.0)?,
        z_share,
        i_share: at.num("i_share", f.i_share, 0.0, 1.0 - z_share)?,
        load_bank: f.load_bank,
    })
}

pub(super) fn bess(cx: &Context, at: &At, f: &BessFile) -> Checked<Bess> {
    let id = f.library.as_deref().unwrap_or("generic-100");
    let all = &cx.library.bess;
    let lib = &all[at.find("library", "battery in the library", id, &ids(all.iter().map(|e| &e.id)))?];
    let rated_kva = at.num("rated_kva", f.rated_kva.unwrap_or(lib.rated_kva), 1.0, 100_000.0)?;
    // energy and recharge of a resized battery scale with it
    let scale = rated_kva / lib.rated_kva;
    let soc_min = at.num("soc_min", f.soc_min.unwrap_or(lib.soc_min), 0.0, 1.0)?;
    let soc_max = at.num("soc_max", f.soc_max.unwrap_or(lib.soc_max), 0.0, 1.0)?;
    at.order("soc_min", soc_min, "soc_max", soc_max)?;
    let x_line_pu = at.num("x_line_pu", f.x_line_pu.unwrap_or(0.0), 0.0, 10.0)?;
    Ok(Bess {
        name: f.name.clone(),
        section: cx.section(at, f.section.as_ref())?,
        rated_kva,
        energy_kwh: at.num("energy_kwh", f.energy_kwh.unwrap_or(lib.energy_kwh * scale), 0.1, 1e6)?,
        mode: f.mode.unwrap_or(BessMode::GridForming),
        on_at_start: f.on_at_start.unwrap_or(true),
        p_set_kw: at.num("p_set_kw", f.p_set_kw.unwrap_or(0.0), -rated_kva, rated_kva)?,
        droop_pu: at.num("droop_pu", f.droop_pu.unwrap_or(lib.droop_pu), 0.0005, 0.2)?,
        h_virtual_s: at.num("h_virtual_s", f.h_virtual_s.unwrap_or(lib.h_virtual_s), 0.0, 20.0)?,
        q_droop_pu: at.num("q_droop_pu", f.q_droop_pu.unwrap_or(lib.q_droop_pu), 0.0, 0.5)?,
        x_pu: at.num("x_pu", f.x_pu.unwrap_or(lib.x_pu), 0.001, 1.0)?,
        x_line_pu,
        t_p_s: at.num("t_p_s", f.t_p_s.unwrap_or(lib.t_p_s), 0.005, 1.0)?,
        i_max_pu: at.num("i_max_pu", f.i_max_pu.unwrap_or(lib.i_max_pu), 1.0, 3.0)?,
        cutoff_v_pu: at.num("cutoff_v_pu", f.cutoff_v_pu.unwrap_or(lib.cutoff_v_pu), 0.0, 0.95)?,
        cutoff_s: at.num("cutoff_s", f.cutoff_s.unwrap_or(lib.cutoff_s), 0.0, 60.0)?,
        t_follow_s: at.num("t_follow_s", f.t_follow_s.unwrap_or(lib.t_follow_s), 0.005, 10.0)?,
        deadband_hz: at.num("deadband_hz", f.deadband_hz.unwrap_or(lib.deadband_hz), 0.0, 5.0)?,
        efficiency: at.num("efficiency", f.efficiency.unwrap_or(lib.efficiency), 0.5, 1.0)?,
        soc_at_start: at.num("soc_at_start", f.soc_at_start.unwrap_or(lib.soc_at_start), soc_min, soc_max)?,
        soc_min,
        soc_max,
        soc_target: at.num("soc_target", f.soc_target.unwrap_or(lib.soc_target), soc_min, soc_max)?,
        recharge_kw: at.num("recharge_kw", f.recharge_kw.unwrap_or(lib.recharge_kw * scale), 0.0, rated_kva)?,
    })
}

pub(super) fn condenser(cx: &Context, at: &At, f: &CondenserFile) -> Checked<Condenser> {
    let id = f.library.as_deref().unwrap_or("generic-1mva");
    let all = &cx.library.condensers;
    let lib = &all[at.find("library", "condenser in the library", id, &ids(all.iter().map(|e| &e.id)))?];
    let h_s = at.num("h_s", f.h_s.unwrap_or(lib.h_s), 0.1, 20.0)?;
    let flywheel_h_s = at.num("flywheel_h_s", f.flywheel_h_s.unwrap_or(lib.flywheel_h_s), 0.0, 60.0)?;
    let xd1_pu = at.num("xd1_pu", f.xd1_pu.unwrap_or(lib.xd1_pu), 0.01, 2.0)?;
    let flux = FluxDecay {
        xd_pu: at.num("xd_pu", f.xd_pu.unwrap_or(lib.xd_pu), 0.1, 10.0)?,
        td01_s: at.num("td01_s", f.td01_s.unwrap_or(lib.td01_s), 0.1, 30.0)?,
        avr: f.avr.clone().unwrap_or_else(|| lib.avr.clone()),
    };
    at.order("xd1_pu", xd1_pu, "xd_pu", flux.xd_pu)?;
    genset::avr(&at.key("avr"), &flux.avr)?;
    Ok(Condenser {
        name: f.name.clone(),
        section: cx.section(at, f.section.as_ref())?,
        rated_kva: at.num("rated_kva", f.rated_kva.unwrap_or(lib.rated_kva), 1.0, 500_000.0)?,
        h_s: h_s + flywheel_h_s,
        xd1_pu,
        flux,
        x_line_pu: at.num("x_line_pu", f.x_line_pu.unwrap_or(0.0), 0.0, 10.0)?,
        loss_pu: at.num("loss_pu", f.loss_pu.unwrap_or(lib.loss_pu), 0.0, 0.1)?,
        damper_pu: at.num("damper_pu", f.damper_pu.unwrap_or(lib.damper_pu), 0.0, 100.0)?,
        trip_speed_pu: at.num("trip_speed_pu", f.trip_speed_pu.unwrap_or(lib.trip_speed_pu), 0.1, 0.99)?,
        trip_v_pu: at.num("trip_v_pu", f.trip_v_pu.unwrap_or(lib.trip_v_pu), 0.0, 0.95)?,
        trip_s: at.num("trip_s", f.trip_s.unwrap_or(lib.trip_s), 0.0, 60.0)?,
        on_at_start: f.on_at_start.unwrap_or(true),
    })
}
