//! `ballast fit`: an engine's parameters from a recording of its frequency and power, and a preset made of them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map as Object, Value, json};

use super::Outcome;
use crate::feed::csv_tail;
use crate::feed::table::{Given, Table};
use crate::plant::config::{Genset, Plant, Sharing};
use crate::plant::signals::SignalTable;
use crate::scenario::{self, EnginePreset, preset};
use crate::shadow::fit::{self, Fit, Lag, Parameter, Rows, Unknown};

/// Droop that a fit without a scenario tries beside an isochronous governor, pu.
const USUAL_DROOP_PU: f64 = 0.04;
/// Below this share of explained frequency a model is not the engine.
const EXPLAINS: f64 = 0.9;

/// Arguments of `ballast fit`.
#[derive(Args)]
pub struct FitArgs {
    /// Recording: CSV with `t_s`, `site.f_hz` and `site.gen_kw` or `g1.p_kw` at 2 to 50 rows a second
    recording: PathBuf,
    /// Scenario of the plant (FILE.ron or the name of a built-in one); without it 1 MW, and every preset with and without droop is tried
    #[arg(long, value_name = "S")]
    scenario: Option<String>,
    /// First second that is used
    #[arg(long, value_name = "S", default_value_t = f64::NEG_INFINITY, hide_default_value = true, allow_negative_numbers = true)]
    from: f64,
    /// Last second; of a longer stretch the last 300 s are used
    #[arg(long, value_name = "S", default_value_t = f64::INFINITY, hide_default_value = true, allow_negative_numbers = true)]
    to: f64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Name of the preset to make
    #[arg(long, value_name = "NAME", requires = "save")]
    preset: Option<String>,
    /// Where to write it: NAME.ron, beside the scenarios that shall use it
    #[arg(long, value_name = "FILE.ron", requires = "preset")]
    save: Option<PathBuf>,
}

/// `ballast fit`.
pub fn fit(a: &FitArgs) -> Outcome {
    let (name, save) = (a.preset.as_deref(), a.save.as_deref());
    if let (Some(name), Some(save)) = (name, save) {
        check(name, save)?;
    }
    let plant = match &a.scenario {
        Some(file) => super::load(file)?.plant,
        None => scenario::default_scenario().map_err(|e| e.to_string())?.plant,
    };
    let file = a.recording.display().to_string();
    let rows = read(a, &plant)?;
    let refused = |e: fit::Refusal| format!("{e}: {file}");
    let (set, record, miners) = rows.finish().map_err(refused)?;
    let own = plant.gensets.get(set).ok_or_else(|| format!("the plant has no genset: {file}"))?;
    let starts = if a.scenario.is_some() { vec![own.clone()] } else { every_engine(own) };
    let found = Fit { miners, ..fit::fit(&plant, &starts, &record).map_err(refused)? };
    let adopted = match (name, save) {
        (Some(name), Some(save)) => Some((fit::adopt(&found, &fit::base(&found), name, &file)?, save)),
        _ => None,
    };
    if a.json {
        println!("{}", as_json(&found));
    } else {
        print(&found);
    }
    if let Some((made, save)) = adopted {
        std::fs::write(save, &made.text).map_err(|e| format!("{e}: {}", save.display()))?;
        if !a.json {
            println!("wrote {}: a scenario beside it may say `preset: \"{}\"`", save.display(), made.preset.name);
        }
    }
    let told = found.parameters.iter().any(|p| p.identifiable);
    Ok(if told { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The file must be called as the preset, or no scenario finds it.
fn check(name: &str, save: &Path) -> Result<(), String> {
    preset::check_name(name)?;
    if save.file_name().is_none_or(|f| f != format!("{name}.ron").as_str()) {
        return Err(format!("a scenario looks for the preset in {name}.ron (expected --save [FOLDER/]{name}.ron)"));
    }
    Ok(())
}

fn read(a: &FitArgs, plant: &Plant) -> Result<Rows, String> {
    let file = a.recording.display().to_string();
    let lines = csv_tail::lines(&a.recording).map_err(|e| format!("{e}: {file}"))?;
    let mut lines =
        lines.iter().zip(1..).filter(|(l, _)| !l.trim().is_empty()).skip_while(|(l, _)| Table::is_comment(l));
    let (header, line) = lines.next().ok_or_else(|| format!("the file is empty: {file}"))?;
    let names = |it: &mut dyn Iterator<Item = &String>| it.cloned().collect::<Vec<_>>();
    let table = SignalTable::new(
        &plant.sections,
        &names(&mut plant.gensets.iter().map(|g| &g.name)),
        &names(&mut plant.bess.iter().map(|b| &b.name)),
    );
    let mut given = Table::begin(header, &file, line, Some(&table)).map_err(|e| e.to_string())?;
    let columns = given.columns();
    let (has, knows) = (columns.parts[1].len(), plant.gensets.len());
    if has > knows {
        return Err(format!(
            "{has} gensets where the plant has {knows} (expected --scenario with all of them): {file}"
        ));
    }
    let mut rows = Rows::new(plant, &columns.table);
    for (text, line) in lines {
        given.take(text, line);
    }
    given.end();
    while let Some(one) = given.give() {
        match one {
            Given::Row(row, _) if row.t_s >= a.from && row.t_s <= a.to => {
                rows.take(row.t_s, &row.values).map_err(|e| format!("{e}: {file}"))?;
            }
            Given::Row(..) => {}
            Given::Notice(what) => eprintln!("ballast: {what}"),
            Given::Trouble(what) => return Err(what.to_string()),
        }
    }
    Ok(rows)
}

/// The set with every preset, isochronous and in droop.
fn every_engine(set: &Genset) -> Vec<Genset> {
    let sharings = [Sharing::Isochronous, Sharing::Droop(USUAL_DROOP_PU)];
    let with = |p: &EnginePreset, sharing| {
        let mut g = Genset { sharing, ..set.clone() };
        preset::apply(p, &mut g);
        g
    };
    scenario::presets().iter().flat_map(|p| sharings.map(|s| with(p, s))).collect()
}

/// Three or four digits, as many as a parameter is known to.
fn figure(v: f64) -> String {
    let digits = match v.abs() {
        x if x >= 100.0 => 0,
        x if x >= 10.0 => 1,
        x if x >= 1.0 => 2,
        x if x >= 0.1 => 3,
        _ => 4,
    };
    format!("{v:.digits$}")
}

fn width(p: &Parameter) -> String {
    match p.what {
        Unknown::Skew => format!("±{:.0} ms", 1000.0 * p.half_width),
        _ => format!("±{:.1} %", 100.0 * p.half_width),
    }
}

fn print(f: &Fit) {
    let [t0, t1] = f.window_s;
    println!(
        "{}: {:.1} s to {:.1} s, {} rows each {:.2} s, load moves by {:.1} % of rating (standard deviation)",
        f.set,
        t0,
        t1,
        f.rows,
        f.period_s,
        100.0 * f.excitation_pu
    );
    println!("{:<24} {:>6} {:>9} {:>9}   95 % interval", "", "", f.start, "fitted");
    for p in &f.parameters {
        let told = f.why_not(p).map_or_else(
            || format!("{:>8} to {:<8} {}", figure(p.interval[0]), figure(p.interval[1]), width(p)),
            |why| format!("not identifiable: {why}"),
        );
        let (start, value) = (figure(p.start), figure(p.value));
        println!("{:<24} {:>6} {start:>9} {value:>9}   {told}", p.what.label(), p.what.unit());
    }
    if !f.flat() {
        print_quality(f);
    }
    for (way, lag) in [("fall", f.miners.down), ("rise", f.miners.up)] {
        if let Some(l) = lag {
            let plural = if l.moves == 1 { "" } else { "s" };
            println!("miners: {} from command to power ({} {way}{plural})", lag_words(&l), l.moves);
        }
    }
}

fn print_quality(f: &Fit) {
    println!(
        "residual {:.4} Hz RMS before, {:.4} Hz after: explains {:.1} % of what frequency does; {} simulations",
        f.rms_before_hz,
        f.rms_after_hz,
        100.0 * f.explained,
        f.simulations
    );
    println!("1 row in {:.1} counts in the intervals: neighbouring residuals are alike", f.rows_alike);
    if f.explained < EXPLAINS {
        println!("the model is not this engine: try another scenario or preset, and look at the meters");
    }
    for (a, b, r) in &f.alike {
        println!("hard to tell apart: {} and {} (correlation {r:+.2})", a.label(), b.label());
    }
}

fn lag_words(l: &Lag) -> String {
    if l.ci_s.is_nan() { format!("{:.2} s", l.mean_s) } else { format!("{:.2} s ±{:.2} s", l.mean_s, l.ci_s) }
}

fn as_json(f: &Fit) -> Value {
    let parameter = |p: &Parameter| {
        let one = json!({
            "start": p.start,
            "value": p.value,
            "low": p.interval[0],
            "high": p.interval[1],
            "half_width": p.half_width,
            "identifiable": p.identifiable,
        });
        (p.what.name().to_owned(), one)
    };
    let lag = |l: Option<Lag>| {
        l.map(|l| json!({ "mean_s": l.mean_s, "ci_s": l.ci_s.is_finite().then_some(l.ci_s), "moves": l.moves }))
    };
    json!({
        "set": f.set,
        "start": f.start,
        "parameters": f.parameters.iter().map(parameter).collect::<Object<_, _>>(),
        "alike": f.alike.iter().map(|(a, b, r)| json!([a.name(), b.name(), r])).collect::<Vec<_>>(),
        "rms_before_hz": f.rms_before_hz,
        "rms_after_hz": f.rms_after_hz,
        "explained": f.explained,
        "window_s": f.window_s,
        "rows": f.rows,
        "period_s": f.period_s,
        "excitation_pu": f.excitation_pu,
        "rows_alike": f.rows_alike,
        "simulations": f.simulations,
        "miner_lag_down": lag(f.miners.down),
        "miner_lag_up": lag(f.miners.up),
    })
}
