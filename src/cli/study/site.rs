//! `ballast study size`, `pulse` and `dummy`: a site file in, tables or one JSON object out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::Outcome;
use crate::cli::say::say;
use crate::shipped;
use crate::store::whole::atomically;
use crate::study::dummy::{self, Terms};
use crate::study::pulse::{self, BANDS_HZ, MODEL_HZ};
use crate::study::site::{Assumed, Site};
use crate::study::size::{self, Short};

const EXAMPLES: &str = "\
SITE.ron gives numbers by name, each with its source; what it leaves out takes a default that is listed with its own.
`ballast example plant-1mw` prints one to begin from. Shipped: campus-1400, plant-1mw.

  ballast study size campus-1400
  ballast study size campus-1400 --set pue=1.45
  ballast study pulse plant-1mw --csv racks.csv
  ballast study dummy campus-1400 --json";

/// Arguments of the studies of a site.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct SiteArgs {
    /// Site: SITE.ron or the name of a shipped one
    site: String,
    /// Change an input by name; may be given again and again
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, f64)>,
    /// Costs: a file, or a shipped one by its name
    #[arg(long, value_name = "COSTS", default_value = "default")]
    costs: String,
    /// Write the main table as CSV
    #[arg(long, value_name = "OUT")]
    csv: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let read = text.split_once('=').and_then(|(n, v)| Some((n.trim().to_owned(), v.trim().parse().ok()?)));
    read.ok_or_else(|| "expected NAME=VALUE with a number".to_owned())
}

fn load(a: &SiteArgs) -> Result<Site, String> {
    let path = Path::new(&a.site);
    let named = path.extension().is_none() && !path.exists();
    let mut site = if named {
        let file = shipped::SITES.files.iter().find(|(name, _)| *name == a.site);
        let (name, text) = file.ok_or_else(|| {
            let known: Vec<&str> = shipped::SITES.files.iter().map(|f| f.0).collect();
            format!("no file and no shipped site has this name (expected {}): {}", known.join(", "), a.site)
        })?;
        Site::read(text, &shipped::SITES.path_of(name)).map_err(|e| e.to_string())?
    } else {
        let text = crate::text::load(path).map_err(|e| e.to_string())?;
        Site::read(&text, &a.site).map_err(|e| e.to_string())?
    };
    for (id, value) in &a.set {
        site = site.with(id, *value)?;
    }
    Ok(site)
}

fn assumed(list: &[Assumed]) -> Value {
    let one = |a: &Assumed| json!({ "id": a.id, "value": a.value, "unit": a.unit, "what": a.what, "source": a.source, "guess": a.guess });
    list.iter().map(one).collect()
}

fn print_assumed(list: &[Assumed]) {
    say!("\nassumed");
    for a in list {
        let unit = if a.unit.is_empty() { "" } else { a.unit };
        let guess = if a.guess { "guess" } else { "" };
        say!("  {:<18} {:>12} {:<6} {guess:<5}  {}", a.id, round(a.value), unit, a.source);
    }
}

/// A number with four digits that count.
fn round(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return v.to_string();
    }
    let places = (3 - v.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{v:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn write_csv(path: &Path, header: &[&str], rows: &[Vec<String>]) -> Result<(), String> {
    let write = |out: &mut dyn std::io::Write| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(header)?;
        rows.iter().try_for_each(|r| csv.write_record(r))?;
        csv.flush()
    };
    atomically(path, write).map_err(|e| format!("{e}: {}", path.display()))
}

/// `ballast study size`.
pub fn size(a: &SiteArgs) -> Outcome {
    let site = load(a)?;
    let s = size::size(&site)?;
    let t = &s.stack;
    let short = |s: &Short| json!({ "of": s.of, "needed": s.needed, "p_short": s.p, "p_with_common_cause": s.total, "hours_per_year": s.hours() });
    if let Some(path) = &a.csv {
        let rows: Vec<Vec<String>> = t.factors.iter().map(|(n, v)| vec![(*n).to_owned(), v.to_string()]).collect();
        write_csv(path, &["factor", "value"], &rows)?;
    }
    if a.json {
        let checks: Vec<Value> = s
            .checks
            .iter()
            .map(|c| {
                json!({ "what": c.what, "comes_mw": c.comes_mw, "accepted_mw": c.accepted_mw,
            "met": c.met(), "units_more": c.units_more, "bess_mw": c.bess_mw })
            })
            .collect();
        let factors: serde_json::Map<String, Value> =
            t.factors.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
        say!(
            "{}",
            json!({ "purpose": site.purpose, "preset": site.preset, "site_mw": t.site_mw, "factor": t.factor, "unit_mw": t.unit_mw,
                    "running": t.running, "installed": t.installed, "installed_mw": t.installed_mw, "overbuild": t.overbuild,
                    "load_all_pu": t.load_all, "load_running_pu": t.load_running, "factors": factors,
                    "availability": { "load": short(&s.availability.load), "maintenance_season": short(&s.availability.season),
                                      "load_and_headroom": short(&s.availability.headroom) },
                    "unlike_units": s.unlike.map(|(p, mwh)| json!({ "p_short": p, "unserved_mwh_per_year": mwh })),
                    "checks": checks, "assumed": assumed(&s.assumed) })
        );
        return Ok(ExitCode::SUCCESS);
    }
    say!(
        "{} units of {} MW, {} MW installed for {} MW of IT: {:.1} % more than the load.",
        t.installed,
        round(t.installed_mw / f64::from(t.installed)),
        round(t.installed_mw),
        round(site.value("it_mw")?),
        100.0 * t.overbuild
    );
    say!("{}, engine {}\n", site.purpose, site.preset);
    say!("{:<28} {:>10} MW", "load on the generators", round(t.site_mw));
    say!("{:<28} {:>10} MW, {:.1} % of its rating", "a unit on site", round(t.unit_mw), 100.0 * t.factor);
    say!("{:<28} {:>10}, {} for the load alone", "units that run", t.running, t.for_load);
    say!(
        "{:<28} {:>9.1} %, {:.1} % when only those run that have to",
        "load of a unit",
        100.0 * t.load_all,
        100.0 * t.load_running
    );
    say!("\nwhy {:.3} times the IT load: a product of", 1.0 + t.overbuild);
    t.factors.iter().for_each(|(name, v)| say!("  {name:<26} {v:>10.4}"));
    say!("\nfalls short (units independent of each other, common causes beside them)");
    let a = &s.availability;
    for (what, s) in [
        ("load, all in reach", &a.load),
        ("load, season of maintenance", &a.season),
        ("load and headroom", &a.headroom),
    ] {
        say!(
            "  {what:<28} fewer than {} of {}: {:.3e}, {} h a year with common causes",
            s.needed,
            s.of,
            s.p,
            round(s.hours())
        );
    }
    if let Some((p, mwh)) = s.unlike {
        say!("  {:<28} {p:.3e}, {} MWh a year not served", "unlike units", round(mwh));
    }
    say!("\nsteps");
    for c in &s.checks {
        let mend = match (c.met(), c.units_more) {
            (true, _) => "met".to_owned(),
            (false, Some(n)) => format!("NOT MET: {n} units more, or {} MW of battery", round(c.bess_mw)),
            (false, None) => format!("NOT MET: {} MW of battery; no number of units", round(c.bess_mw)),
        };
        say!("  {:<44} {:>8} of {:>8} MW  {mend}", c.what, round(c.comes_mw), round(c.accepted_mw));
    }
    if let Some(r) = size::sustained_pu_per_s(&site.preset) {
        say!(
            "  beyond the step a set keeps up {:.1} % of its rating a second: air reserve over turbocharger lag",
            100.0 * r
        );
    }
    print_assumed(&s.assumed);
    Ok(ExitCode::SUCCESS)
}

/// Lines that are listed.
const LINES: u32 = 12;

/// `ballast study pulse`.
pub fn pulse(a: &SiteArgs) -> Outcome {
    let site = load(a)?;
    let p = pulse::pulse(&site)?;
    let bands: Vec<(String, f64)> = BANDS_HZ
        .windows(2)
        .zip(p.pulse.bands())
        .map(|(w, share)| {
            (if w[1].is_finite() { format!("{} to {} Hz", w[0], w[1]) } else { format!("above {} Hz", w[0]) }, share)
        })
        .collect();
    if let Some(path) = &a.csv {
        let header = [
            "rack",
            "announced",
            "rack_kw",
            "swing_kw",
            "kw_per_s",
            "ac_a_per_s",
            "dc_a_per_s",
            "pulse_kj",
            "racks",
            "averaging",
            "of_set",
            "of_step_limit",
            "floor_it_mw",
            "floor_swing_mw",
            "floor_storage_mw",
            "pads",
            "headroom_mw",
            "bandwidth_mw_per_s",
        ];
        let rows: Vec<Vec<String>> = p
            .density
            .iter()
            .map(|d| {
                let r = &d.reserve;
                let numbers = [
                    d.rack.kw,
                    d.dp_kw,
                    d.kw_per_s,
                    d.ac_a_per_s,
                    d.dc_a_per_s,
                    d.pulse_kj,
                    d.racks,
                    d.averaging,
                    d.of_set,
                    d.of_step_limit,
                    r.it_mw,
                    r.swing_mw,
                    r.storage_mw,
                    f64::from(r.pads),
                    r.headroom_mw,
                    r.bandwidth_mw_per_s,
                ];
                let head = [d.rack.name.clone(), d.rack.announced.to_string()];
                head.into_iter().chain(numbers.iter().map(f64::to_string)).collect()
            })
            .collect();
        write_csv(path, &header, &rows)?;
    }
    if a.json {
        let lines: Vec<Value> = (1..=LINES).map(|n| json!({ "n": n, "f_hz": p.pulse.line_hz(n), "kw": p.pulse.line_kw(n), "within_model": p.pulse.line_hz(n) <= MODEL_HZ })).collect();
        let layers: Vec<Value> = p.layers.iter().map(|l| json!({ "name": l.name, "tau_s": l.tau_s, "corner_hz": l.corner_hz(), "rms_left": l.rms_left(&p.pulse) })).collect();
        let racks: Vec<Value> = p.density.iter().map(|d| json!({ "rack": d.rack.name, "announced": d.rack.announced, "rack_kw": d.rack.kw, "swing_kw": d.dp_kw,
            "kw_per_s": d.kw_per_s, "ac_a_per_s": d.ac_a_per_s, "dc_a_per_s": d.dc_a_per_s, "pulse_kj": d.pulse_kj, "racks": d.racks,
            "averaging": d.averaging, "of_set": d.of_set, "of_step_limit": d.of_step_limit,
            "reserve": { "it_mw": d.reserve.it_mw, "swing_mw": d.reserve.swing_mw, "storage_mw": d.reserve.storage_mw, "pads": d.reserve.pads,
                         "headroom_mw": d.reserve.headroom_mw, "bandwidth_mw_per_s": d.reserve.bandwidth_mw_per_s },
            "source": d.rack.source })).collect();
        let bands: serde_json::Map<String, Value> = bands.into_iter().map(|(n, s)| (n, json!(s))).collect();
        say!(
            "{}",
            json!({ "purpose": site.purpose, "swing_kw": p.pulse.dp_kw, "variance_kw2": p.pulse.variance_kw2(), "energy_kj": p.pulse.energy_kj(),
            "store_kw": p.pulse.store_kw(), "followed_hz": p.followed_hz, "line_width_hz": p.line_width_hz, "lines": lines, "bands": bands,
            "layers": layers, "racks": racks, "assumed": assumed(&p.assumed) })
        );
        return Ok(ExitCode::SUCCESS);
    }
    let worst = p.density.last().map_or("", |d| d.rack.name.as_str());
    say!(
        "A swing of {} kW every {} s: the gensets follow it up to {} Hz, and its first line is at {} Hz.",
        round(p.pulse.dp_kw),
        p.pulse.period_s,
        round(p.followed_hz),
        round(p.pulse.line_hz(1))
    );
    say!("{}\n", site.purpose);
    say!("line      Hz        kW");
    for n in 1..=LINES {
        let beyond = if p.pulse.line_hz(n) > MODEL_HZ { "  beyond the twin's model" } else { "" };
        say!("{n:>4} {:>7} {:>9}{beyond}", round(p.pulse.line_hz(n)), round(p.pulse.line_kw(n)));
    }
    say!("\nshare of the power of all lines");
    bands.iter().for_each(|(name, share)| say!("  {name:<14} {:>6.2} %", 100.0 * share));
    say!(
        "\na store that takes it all: {} kW and {} kJ a pulse; uneven iterations make its first line {} Hz wide",
        round(p.pulse.store_kw()),
        round(p.pulse.energy_kj()),
        round(p.line_width_hz)
    );
    say!("\nlayer               tau ms   corner Hz   RMS left");
    for l in &p.layers {
        say!(
            "{:<18} {:>7.0} {:>11} {:>8.1} %",
            l.name,
            1000.0 * l.tau_s,
            round(l.corner_hz()),
            100.0 * l.rms_left(&p.pulse)
        );
    }
    say!(
        "\nrack          kW   swing kW    kW/s   A/s ac   A/s dc   kJ a pulse   racks   1/sqrt   of a set   of the step limit"
    );
    for d in &p.density {
        say!(
            "{:<11} {:>5} {:>9} {:>8} {:>8} {:>8} {:>10} {:>9} {:>8.2} {:>8.1} % {:>10.1} times{}",
            d.rack.name,
            round(d.rack.kw),
            round(d.dp_kw),
            round(d.kw_per_s),
            round(d.ac_a_per_s),
            round(d.dc_a_per_s),
            round(d.pulse_kj),
            round(d.racks),
            d.averaging,
            100.0 * d.of_set,
            d.of_step_limit,
            if d.rack.announced { "  announced" } else { "" }
        );
    }
    say!(
        "At a fixed power of the site a denser rack does not raise its swing; it takes the averaging away: {worst} leaves none."
    );
    say!("\nreserve today for a floor of {} racks", round(site.value("racks")?));
    say!("rack          IT MW   swing MW   storage MW    pads   headroom MW   MW/s");
    for d in &p.density {
        let r = &d.reserve;
        say!(
            "{:<11} {:>7} {:>10} {:>12} {:>7} {:>13} {:>7}",
            d.rack.name,
            round(r.it_mw),
            round(r.swing_mw),
            round(r.storage_mw),
            r.pads,
            round(r.headroom_mw),
            round(r.bandwidth_mw_per_s)
        );
    }
    print_assumed(&p.assumed);
    Ok(ExitCode::SUCCESS)
}

/// `ballast study dummy`.
pub fn dummy(a: &SiteArgs) -> Outcome {
    let (site, costs) = (load(a)?, super::costs(&a.costs)?);
    let terms = Terms {
        rate: costs.value("discount_rate")?,
        years: costs.value("horizon")?,
        upkeep: costs.value("bess_om_per_year")?,
        round_trip: costs.value("bess_round_trip")?,
    };
    let c = dummy::compare(&site, &terms)?;
    let [capital, upkeep, losses] = c.store_per_year;
    let rows = [
        ("filler_share", 100.0 * (c.filler[0] + c.filler[1]), "%"),
        ("filler_in_collectives", 100.0 * c.filler[0], "%"),
        ("filler_in_checkpoints", 100.0 * c.filler[1], "%"),
        ("filler_energy", c.energy_mwh, "MWh/year"),
        ("filler_cost", c.filler_per_year, "$/year"),
        ("swing", c.swing_mw, "MW"),
        ("storage_power", c.store_mw, "MW"),
        ("energy_of_a_pulse", 1000.0 * c.pulse_mwh, "kWh"),
        ("packs", f64::from(c.packs), ""),
        ("storage_price", c.store_price, "$"),
        ("storage_capital", capital, "$/year"),
        ("storage_upkeep", upkeep, "$/year"),
        ("storage_losses", losses, "$/year"),
        ("payback", c.payback_years, "years"),
        ("payback_after_upkeep", c.payback_after_upkeep_years.unwrap_or(f64::NAN), "years"),
        ("break_even", c.break_even_per_mwh.unwrap_or(f64::NAN), "$/MWh"),
        ("spared_generation", c.spared_mw, "MW"),
    ];
    if let Some(path) = &a.csv {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|(n, v, u)| {
                vec![(*n).to_owned(), if v.is_finite() { v.to_string() } else { String::new() }, (*u).to_owned()]
            })
            .collect();
        write_csv(path, &["name", "value", "unit"], &rows)?;
    }
    if a.json {
        let unit = |u: &str| {
            u.replace("$/year", "usd_per_year")
                .replace("$/MWh", "usd_per_mwh")
                .replace('$', "usd")
                .replace('%', "pct")
                .replace('/', "_per_")
                .to_lowercase()
        };
        let mut m = serde_json::Map::new();
        m.insert("purpose".to_owned(), json!(site.purpose));
        m.insert("verdict".to_owned(), json!(c.verdict()));
        for (name, v, u) in rows {
            let key = if u.is_empty() { name.to_owned() } else { format!("{name}_{}", unit(u)) };
            m.insert(key, if v.is_finite() { json!(v) } else { Value::Null });
        }
        m.insert("assumed".to_owned(), assumed(&c.assumed));
        say!("{}", Value::Object(m));
        return Ok(ExitCode::SUCCESS);
    }
    say!("{}", c.verdict());
    say!("{}\n", site.purpose);
    for (name, v, unit) in rows {
        let text = if v.is_finite() { round(v) } else { "none".to_owned() };
        say!("{:<24} {text:>12} {unit}", name.replace('_', " "));
    }
    say!(
        "\nOne or the other, never both. A crash of a job is left by both: storage catches it, filler makes it larger."
    );
    say!(
        "Not counted, as no price was given: ride-through, capacity, a utility's ramp limit; spared generation (islands size for the peak)."
    );
    print_assumed(&c.assumed);
    say!(
        "  discount {} a year, {} years, upkeep {} a year, round trip {}: costs {}",
        terms.rate,
        terms.years,
        terms.upkeep,
        terms.round_trip,
        a.costs
    );
    Ok(ExitCode::SUCCESS)
}
