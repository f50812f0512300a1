//! Gensets: library machine, then the preset that the scenario names, then its single values.

use std::borrow::Cow;

use super::super::preset::{self, EnginePreset};
use super::super::relays;
use super::super::schema::plant::{AirFile, FluxFile, GensetFile, RelayFile, RelaysFile};
use super::{Context, governor};
use crate::plant::config::{AirLimit, Avr, FluxDecay, Fuel, Genset, Governor, Machine, Rselect, Sharing};
use crate::plant::protection::{Device, Relay};
use crate::text::{At, Checked};

/// The set, and the preset whose acceptance and refill the policy starts from.
pub(super) fn genset(
    cx: &Context,
    at: &At,
    f: &GensetFile,
    site_relays: &RelaysFile,
) -> Checked<(Genset, EnginePreset)> {
    let ids: Vec<&str> = cx.library.gensets.iter().map(|e| e.id.as_str()).collect();
    let id = f.library.as_deref().unwrap_or("generic-1mw");
    let lib = &cx.library.gensets[at.find("library", "genset in the library", id, &ids)?];
    let preset = &*engine(cx, at, f.preset.as_deref().unwrap_or(&lib.preset))?;

    let rated_kw = at.num("rated_kw", f.rated_kw.unwrap_or(lib.rated_kw), 1.0, 100_000.0)?;
    let scale = rated_kw / lib.rated_kw;
    let flux = FluxDecay { xd_pu: lib.xd_pu, td01_s: lib.td01_s, avr: lib.avr.clone() };
    let machine = Machine { h_s: lib.h_s, d_pu: preset.d_pu, xd1_pu: lib.xd1_pu, flux: Some(flux), x_line_pu: 0.0 };
    let fuel = f.fuel.unwrap_or(Fuel { a_kw: lib.fuel.a_kw * scale, b: lib.fuel.b });
    let mut g = Genset {
        name: f.name.clone(),
        preset: String::new(),
        section: cx.section(at, f.section.as_ref())?,
        rated_kw,
        rated_kva: at.num("rated_kva", f.rated_kva.unwrap_or(lib.rated_kva * scale), rated_kw, 2.0 * rated_kw)?,
        machine,
        governor: Governor::Pid(preset.governor.clone()),
        sharing: Sharing::Isochronous,
        air: None,
        p_max_pu: at.num("p_max_pu", f.p_max_pu.unwrap_or(lib.p_max_pu), 0.1, 2.0)?,
        overload_s: at.num("overload_s", f.overload_s.unwrap_or(lib.overload_s), 0.0, 1e6)?,
        motoring_pu: at.num("motoring_pu", f.motoring_pu.unwrap_or(lib.motoring_pu), 0.0, 0.2)?,
        fuel,
        co2_kg_per_kwh: at.num("co2_kg_per_kwh", f.co2_kg_per_kwh.unwrap_or(lib.co2_kg_per_kwh), 0.0, 1.0)?,
        derate: f.derate.unwrap_or(lib.derate),
        start_stop: f.start_stop.clone().unwrap_or_else(|| lib.start_stop.clone()),
        overspeed_pu: at.num("overspeed_pu", f.overspeed_pu.unwrap_or(lib.overspeed_pu), 1.01, 2.0)?,
        on_at_start: f.on_at_start.unwrap_or(true),
        initial_share: at.num("initial_share", f.initial_share.unwrap_or(1.0), 0.001, 1000.0)?,
        relays: Vec::new(),
    };
    preset::apply_engine(preset, &mut g);
    if f.preset.is_some() {
        preset::apply(preset, &mut g);
    }
    overrides(f, &mut g);
    let of_preset = preset.droop_pu.filter(|_| f.governor.is_none()).map(Sharing::Droop);
    g.sharing = f.sharing.or(of_preset).unwrap_or_else(|| sharing(&g.governor));
    check(at, &g, f.machine.avr.is_some())?;
    let top = At::top();
    g.relays = match &f.relays {
        Some(own) => relay_set(at, own)?,
        None => relay_set(&top.key("plant"), site_relays)?,
    };
    Ok((g, preset.clone()))
}

/// A built-in preset, or a site's own beside the scenario.
fn engine<'a>(cx: &'a Context, at: &At, name: &str) -> Checked<Cow<'a, EnginePreset>> {
    if let Some(p) = cx.presets.iter().find(|p| p.name == name) {
        return Ok(Cow::Borrowed(p));
    }
    if let Some(dir) = cx.base_dir {
        // The file's own line says what is wrong with it; the scenario is only where it is named.
        let own = preset::beside(dir, name);
        let own = own.map_err(|e| at.key("preset").problem(e.to_string(), "a preset file that can be read"))?;
        if let Some(own) = own {
            return Ok(Cow::Owned(own));
        }
    }
    let names: Vec<&str> = cx.presets.iter().map(|p| p.name.as_str()).collect();
    at.find("preset", "engine preset", name, &names).map(|i| Cow::Borrowed(&cx.presets[i]))
}

/// Lays the file's single values over library and preset, and says so in the preset's name.
fn overrides(f: &GensetFile, g: &mut Genset) {
    let m = &f.machine;
    let changed = m.h_s.is_some() || m.d_pu.is_some() || f.air.is_some();
    g.machine.h_s = m.h_s.unwrap_or(g.machine.h_s);
    g.machine.d_pu = m.d_pu.unwrap_or(g.machine.d_pu);
    g.machine.xd1_pu = m.xd1_pu.unwrap_or(g.machine.xd1_pu);
    g.machine.x_line_pu = m.x_line_pu.unwrap_or(g.machine.x_line_pu);
    match &m.flux {
        None => {}
        Some(FluxFile::Off) => g.machine.flux = None,
        Some(FluxFile::OneAxis(x)) => g.machine.flux = Some(x.clone()),
    }
    if let (Some(flux), Some(avr)) = (&mut g.machine.flux, &m.avr) {
        flux.avr = avr.clone();
    }
    if changed {
        g.preset.push_str(" (changed)");
    }
    if let Some(governor) = &f.governor {
        // another engine altogether: the preset's air limit was part of the one that it replaces
        g.governor = governor.clone();
        g.air = None;
        g.preset = match governor {
            Governor::Tgov1(_) => "own tgov1",
            Governor::Gast(_) => "own gast",
            Governor::Ggov1(_) => "own ggov1",
            Governor::Pid(_) => "own pid",
            Governor::Ieeeg1(_) => "own ieeeg1",
        }
        .to_owned();
    }
    match &f.air {
        None => {}
        Some(AirFile::Off) => g.air = None,
        Some(AirFile::Limit(a)) => g.air = Some(a.clone()),
    }
}

/// How a set shares load unless the file says otherwise: as its governor does.
fn sharing(g: &Governor) -> Sharing {
    match g {
        Governor::Tgov1(t) => Sharing::Droop(t.r_pu),
        Governor::Gast(t) => Sharing::Droop(t.r_pu),
        Governor::Ieeeg1(t) => Sharing::Droop(1.0 / t.k),
        Governor::Ggov1(t) if t.r_pu > 0.0 && t.rselect != Rselect::Isochronous => Sharing::Droop(t.r_pu),
        Governor::Ggov1(_) | Governor::Pid(_) => Sharing::Isochronous,
    }
}

pub(super) fn check(at: &At, g: &Genset, own_avr: bool) -> Checked<()> {
    let m = at.key("machine");
    m.num("h_s", g.machine.h_s, 0.05, 20.0)?;
    m.num("d_pu", g.machine.d_pu, 0.0, 20.0)?;
    m.num("xd1_pu", g.machine.xd1_pu, 0.01, 2.0)?;
    m.num("x_line_pu", g.machine.x_line_pu, 0.0, 10.0)?;
    if let Some(x) = &g.machine.flux {
        let at = m.key("flux");
        at.num("xd_pu", x.xd_pu, 0.1, 10.0)?;
        m.order("xd1_pu", g.machine.xd1_pu, "xd_pu", x.xd_pu)?;
        at.num("td01_s", x.td01_s, 0.1, 30.0)?;
        avr(&if own_avr { m.key("avr") } else { at.key("avr") }, &x.avr)?;
    }
    governor::check(&at.key("governor"), &g.governor)?;
    match g.sharing {
        Sharing::Droop(v) => at.num("sharing", v, 0.001, 0.2)?,
        Sharing::LoadShare(v) => at.num("sharing", v, 0.001, 1.0)?,
        Sharing::Isochronous => 0.0,
    };
    if let Some(AirLimit { p_na_pu, reserve_pu, t_tc_s }) = g.air {
        let at = at.key("air");
        at.num("p_na_pu", p_na_pu, 0.0, 2.0)?;
        at.num("reserve_pu", reserve_pu, 0.001, 2.0)?;
        at.num("t_tc_s", t_tc_s, 0.05, 60.0)?;
    }
    let fuel = at.key("fuel");
    fuel.num("a_kw", g.fuel.a_kw, 0.0, 100_000.0)?;
    fuel.num("b", g.fuel.b, 1.0, 10.0)?;
    derate(&at.key("derate"), g)?;
    let s = &g.start_stop;
    let at = at.key("start_stop");
    for (key, v) in [
        ("prelube_s", s.prelube_s),
        ("crank_s", s.crank_s),
        ("idle_s", s.idle_s),
        ("run_up_s", s.run_up_s),
        ("sync_timeout_s", s.sync_timeout_s),
        ("cool_down_s", s.cool_down_s),
    ] {
        at.num(key, v, 0.0, 3600.0)?;
    }
    at.num("load_pu_per_s", s.load_pu_per_s, 0.0001, 1.0)?;
    at.num("unload_pu_per_s", s.unload_pu_per_s, 0.0001, 1.0)?;
    Ok(())
}

fn derate(at: &At, g: &Genset) -> Checked<()> {
    let d = &g.derate;
    at.num("ambient_c", d.ambient_c, -60.0, 70.0)?;
    at.num("from_c", d.from_c, -60.0, 100.0)?;
    at.num("pu_per_c", d.pu_per_c, 0.0, 1.0)?;
    at.num("altitude_m", d.altitude_m, -500.0, 9000.0)?;
    at.num("from_m", d.from_m, -500.0, 9000.0)?;
    at.num("pu_per_100m", d.pu_per_100m, 0.0, 1.0)?;
    if d.factor() < 0.1 {
        return Err(at.problem(format!("derating leaves {:.2} of the rating", d.factor()), "at least 0.1"));
    }
    Ok(())
}

pub(super) fn avr(at: &At, a: &Avr) -> Checked<()> {
    at.num("ta_tb", a.ta_tb, 0.0, 10.0)?;
    at.num("tb_s", a.tb_s, 0.005, 100.0)?;
    at.num("k", a.k, 0.1, 1000.0)?;
    at.num("te_s", a.te_s, 0.005, 10.0)?;
    at.num("efd_min", a.efd_min, -20.0, 20.0)?;
    at.num("efd_max", a.efd_max, -20.0, 20.0)?;
    at.order("efd_min", a.efd_min, "efd_max", a.efd_max)?;
    at.num("vhz_knee_pu", a.vhz_knee_pu, 0.5, 1.0)?;
    at.num("vhz_slope", a.vhz_slope, 0.0, 5.0)?;
    at.num("q_droop_pu", a.q_droop_pu, 0.0, 0.5)?;
    Ok(())
}

/// The relays of a set; `owner` is where the file names them.
fn relay_set(owner: &At, set: &RelaysFile) -> Checked<Vec<Relay>> {
    let list = match set {
        RelaysFile::Console => return Ok(relays::console()),
        RelaysFile::Woodward => return Ok(relays::woodward()),
        RelaysFile::None => return Ok(Vec::new()),
        RelaysFile::List(list) => list,
    };
    let variant = owner.key("relays");
    let at = variant.index(0);
    if list.len() > 64 {
        return Err(at.problem(format!("{} relays", list.len()), "at most 64"));
    }
    list.iter().enumerate().map(|(i, r)| relay(&at.index(i), r, &list[..i])).collect()
}

/// Devices by ANSI number, with the range of their pickup.
const DEVICES: [(&str, Device, f64, f64); 8] = [
    ("81U", Device::UnderFrequency, 0.3, 1.0),
    ("81O", Device::OverFrequency, 1.0, 2.0),
    ("81R", Device::Rocof, 0.01, 100.0),
    ("27", Device::UnderVoltage, 0.0, 1.0),
    ("59", Device::OverVoltage, 1.0, 2.0),
    ("32R", Device::ReversePower, -1.0, 0.0),
    ("51", Device::Overload, 0.1, 3.0),
    ("12", Device::Overspeed, 1.0, 2.0),
];

fn relay(at: &At, r: &RelayFile, before: &[RelayFile]) -> Checked<Relay> {
    if before.iter().any(|o| o.name == r.name) {
        return Err(at.key("name").problem(format!("two relays are called `{}`", r.name), "different names"));
    }
    let (_, device, lo, hi) = DEVICES[at.find("device", "relay device", &r.device, &DEVICES.map(|d| d.0))?];
    let [shortest, longest] = if device == Device::Rocof { [0.02, 5.0] } else { [0.0, 0.0] };
    Ok(Relay {
        name: at.line("name", &r.name, 24)?,
        device,
        pickup: at.num("pickup", r.pickup, lo, hi)?,
        delay_s: at.num("delay_s", r.delay_s, 0.0, 3600.0)?,
        window_s: at.num("window_s", r.window_s, shortest, longest)?,
        trips: r.trips,
    })
}
