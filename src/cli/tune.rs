//! `ballast tune`: a limit map of two parameters, on one machine or on many.

pub(super) mod progress;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::run::adjust;
use super::{Outcome, load};
use crate::cli::say::say;
use crate::report::map::{CLASSES, Picture};
use crate::scenario::parameter::Setting;
use crate::study::axis::Axis;
use crate::study::figure::{Figure, Needs};
use crate::study::map::{Map, Variant, lift_limits};
use crate::study::refine::{Known, Refine};
use crate::study::shard::{self, About, Shard};
use crate::study::store::{self, Partial, Row};
use crate::study::trial::{Cut, Wanted};
use progress::Progress;

/// Cells that are run without being asked for twice.
const MANY: usize = 250_000;

const EXAMPLES: &str = "\
Metrics are the numbers of `ballast run --json`, and deviation_max_pct, violations_count, iso8528_step. Colours are classes:
three thresholds from good to bad, and beside them a trip, which is worse than any value. Parameters are named as in a scenario's
policy, and as the plant's numbers (bess_kw, genset_kw, genset_h_s, miner_latency_s, gpu_kw, run_s, ...).

A run ends at a trip, and at rest; sums over a run (fuel, mining) are then empty. With --whole, or such a metric, all run to the
end. Stopped with Ctrl-C, the same command goes on where it was as long as it has --csv or --out.

  ballast tune path-a --x batch_gpus=1..714:41:log --y interval_s=0.1..60:31:log --csv map.csv --png map.png
  ballast tune path-a --x bess_kw=0..600:13 --y genset_h_s=0.4..1.6:13 --metric frequency_min_hz --classes 59.7,58.8,57
  ballast tune SITE.ron --x ... --y ... --shard 3/16 --out parts    one share of sixteen, on any machine
  ballast tune --missing parts --of 16                              the shares that are not there: 2,6,11
  ballast tune --merge parts --csv map.csv                          the file that one machine would have written";

/// Arguments of `ballast tune`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct TuneArgs {
    /// Scenario: FILE.ron or the name of a built-in one
    #[arg(required_unless_present_any = ["merge", "missing"])]
    file: Option<String>,
    /// To the right: NAME=LO..HI:N, or NAME=LO..HI:N:log
    #[arg(long, value_name = "AXIS", value_parser = Axis::parse, required_unless_present_any = ["merge", "missing"])]
    x: Option<Axis>,
    /// Upwards
    #[arg(long, value_name = "AXIS", value_parser = Axis::parse, required_unless_present_any = ["merge", "missing"])]
    y: Option<Axis>,
    /// What is looked at
    #[arg(long, value_name = "KEY", default_value = "deviation_max_pct")]
    metric: String,
    /// Thresholds of the classes, from good to bad
    #[arg(long, value_name = "A,B,C", value_parser = classes)]
    classes: Option<[f64; 3]>,
    /// Change a parameter by name in all cells; may be given again and again
    #[arg(long, value_name = "NAME=VALUE", value_parser = Setting::parse)]
    set: Vec<Setting>,
    /// Engine preset for every genset
    #[arg(long, value_name = "P", conflicts_with = "robust")]
    preset: Option<String>,
    /// Seed instead of the scenario's own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Each cell the worst of the three engine presets and of three lags of the miners
    #[arg(long)]
    robust: bool,
    /// Let the schedule run as asked, without the policy's limits, ceiling and holds: what the engine does, not what is refused
    #[arg(long)]
    limits_off: bool,
    /// Run every cell; what a command line does unless told otherwise
    #[arg(long, conflicts_with = "fast")]
    exact: bool,
    /// Stop when every change of class lies between two cells that were run; the rest is inferred and marked so
    #[arg(long)]
    fast: bool,
    /// Run each cell to its end, whatever happens in it
    #[arg(long)]
    whole: bool,
    /// Write the cells as CSV
    #[arg(long, value_name = "OUT")]
    csv: Option<PathBuf>,
    /// Write a picture
    #[arg(long, value_name = "OUT")]
    png: Option<PathBuf>,
    /// Print one JSON object instead of the picture in letters
    #[arg(long)]
    json: bool,
    /// Threads; without it one a core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Run more than 250,000 cells without asking
    #[arg(long)]
    yes: bool,
    /// Make share i of n
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, requires = "out", conflicts_with_all = ["fast", "csv", "png"])]
    shard: Option<Shard>,
    /// Folder of the shares
    #[arg(long, value_name = "DIR", requires = "shard")]
    out: Option<PathBuf>,
    /// Join the shares of a folder into the file of --csv
    #[arg(long, value_name = "DIR", requires = "csv", conflicts_with_all = ["file", "missing", "shard"])]
    merge: Option<PathBuf>,
    /// Print the numbers of the shares that a folder lacks, parted by commas
    #[arg(long, value_name = "DIR", requires = "of", conflicts_with_all = ["file", "shard"])]
    missing: Option<PathBuf>,
    /// Of how many shares
    #[arg(long, value_name = "N", requires = "missing")]
    of: Option<usize>,
}

fn classes(text: &str) -> Result<[f64; 3], String> {
    let read: Vec<f64> =
        text.split(',').filter_map(|t| t.trim().parse().ok()).filter(|v: &f64| v.is_finite()).collect();
    match read[..] {
        [a, b, c] if (a < b && b < c) || (a > b && b > c) => Ok([a, b, c]),
        _ => Err("expected three numbers from good to bad, such as 0.5,2,5".to_owned()),
    }
}

/// `ballast tune`: 0 when it computed what was asked, whatever it found.
pub fn tune(a: &TuneArgs) -> Outcome {
    if let Some(dir) = &a.missing {
        let gone = shard::missing(dir, a.of.unwrap_or(1).clamp(1, shard::MOST))?;
        say!("{}", gone.iter().map(usize::to_string).collect::<Vec<_>>().join(","));
        return Ok(ExitCode::SUCCESS);
    }
    if let (Some(dir), Some(csv)) = (&a.merge, &a.csv) {
        let rows = shard::merge(dir)?;
        store::write(csv, rows.iter())?;
        eprintln!("ballast: {} cells: {}", rows.len(), csv.display());
        return Ok(ExitCode::SUCCESS);
    }
    let (map, threads) = (map(a)?, threads(a));
    many(a, &map, threads)?;
    match (a.shard, &a.out) {
        (Some(shard), Some(dir)) => share(&map, shard, dir, threads)?,
        _ => whole(a, &map, threads)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn threads(a: &TuneArgs) -> usize {
    a.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from)
}

fn map(a: &TuneArgs) -> Result<Map, String> {
    let (file, x, y) = match (&a.file, &a.x, &a.y) {
        (Some(file), Some(x), Some(y)) => (file, x.clone(), y.clone()),
        _ => return Err("a map takes a scenario, --x and --y".to_owned()),
    };
    let mut s = load(file)?;
    adjust(&mut s, None, a.seed, a.preset.as_deref(), &[])?;
    if a.limits_off {
        lift_limits(&mut s.policy);
    }
    let (metric, figure) = Figure::named(&a.metric)?;
    let down = figure.worse == crate::study::figure::Worse::Down;
    let thresholds = match a.classes.or(figure.classes) {
        Some(t) if (t[0] > t[2]) == down => t,
        Some(_) => {
            return Err(format!(
                "--classes go from good to bad, and {} is worse the {}",
                figure.key,
                if down { "smaller" } else { "larger" }
            ));
        }
        None => {
            return Err(format!(
                "what is good or bad for {} depends on the site; give --classes A,B,C from good to bad",
                figure.key
            ));
        }
    };
    let cut = if a.whole || figure.needs == Needs::Whole { Cut::Never } else { Cut::Early };
    let variants = if a.robust { Variant::robust(&s) } else { vec![Variant::default()] };
    let map = Map { scenario: Arc::new(s), variants, set: a.set.clone(), x, y, metric, thresholds, cut };
    map.check()?;
    Ok(map)
}

/// Refuses what would run for days by mistake, with how long it would take.
fn many(a: &TuneArgs, map: &Map, threads: usize) -> Result<(), String> {
    let cells = a.shard.map_or(map.cells(), |s| map.cells().div_ceil(s.n));
    if cells <= MANY || a.yes {
        return Ok(());
    }
    let begin = Instant::now();
    map.run(map.cells() / 2, &Wanted::default())?;
    let hours = begin.elapsed().as_secs_f64() * cells as f64 / threads as f64 / 3600.0;
    Err(format!(
        "{cells} cells take about {hours:.0} h on this machine (expected at most {MANY}; share them out by --shard, or add --yes)"
    ))
}

/// One share of a map.
fn share(map: &Map, shard: Shard, dir: &Path, threads: usize) -> Result<(), String> {
    std::fs::create_dir_all(dir).map_err(|e| format!("{e}: {}", dir.display()))?;
    let (key, path) = (map.key(), shard.csv(dir));
    if shard.is_done(dir, &key)? {
        eprintln!("ballast: done already: {}", path.display());
        return Ok(());
    }
    let begin = Instant::now();
    let mut partial = Partial::open(&path, &key)?;
    let cells = shard.cells(map.cells());
    run_missing(map, &cells, threads, &mut partial)?;
    let simulated_s = partial.rows.values().map(|r| r.simulated_s).sum();
    let (version, rows) = (env!("CARGO_PKG_VERSION").to_owned(), partial.rows.len());
    let about = About { key, version, cells: map.cells(), rows, simulated_s, wall_s: begin.elapsed().as_secs_f64() };
    shard.write_about(dir, &about)?;
    partial.finish(&path)?;
    Ok(())
}

/// Runs those cells that there is no row of yet.
fn run_missing(map: &Map, cells: &[usize], threads: usize, partial: &mut Partial) -> Result<(), String> {
    let open: Vec<usize> = cells.iter().copied().filter(|k| !partial.rows.contains_key(k)).collect();
    let mut progress = Progress::new(cells.len() - open.len(), cells.len());
    map.run_all(&open, threads, &Wanted::default(), &mut |cell| {
        partial.add(Row::of(map, &cell))?;
        progress.step(1, "");
        Ok(())
    })?;
    progress.end();
    Ok(())
}

/// The whole map on this machine.
fn whole(a: &TuneArgs, map: &Map, threads: usize) -> Result<(), String> {
    let begin = Instant::now();
    let kept = match &a.csv {
        Some(path) => Some(Partial::open(path, &map.key())?),
        None => None,
    };
    let mut kept = Kept { rows: std::collections::BTreeMap::new(), partial: kept };
    let all: Vec<usize> = (0..map.cells()).collect();
    let cells: Vec<Known> = if a.fast {
        fast(map, threads, &mut kept)?
    } else {
        let open: Vec<usize> = all.iter().copied().filter(|k| kept.row(*k).is_none()).collect();
        let mut progress = Progress::new(all.len() - open.len(), all.len());
        map.run_all(&open, threads, &Wanted::default(), &mut |cell| {
            kept.add(Row::of(map, &cell))?;
            progress.step(1, "");
            Ok(())
        })?;
        progress.end();
        all.iter()
            .map(|k| kept.row(*k).map_or(Known::Not, |r| Known::Exact(map.class(&r.figures, r.tripped))))
            .collect()
    };
    let picture = Picture::new(map, &cells, a.limits_off);
    if let Some(path) = &a.csv {
        kept.write(a.fast, map, &cells, path)?;
    }
    if let Some(path) = &a.png {
        picture.write_png(path)?;
    }
    let wall_s = begin.elapsed().as_secs_f64();
    if a.json {
        let (exact, inferred) = picture.counts();
        let classes: serde_json::Map<String, serde_json::Value> =
            CLASSES.iter().zip(picture.classes()).map(|(n, c)| ((*n).to_owned(), json!(c))).collect();
        say!(
            "{}",
            json!({ "scenario": map.scenario.name, "x": map.x.text(), "y": map.y.text(), "metric": map.figure().key,
                    "thresholds": map.thresholds, "cells": map.cells(), "exact": exact, "inferred": inferred,
                    "classes": classes, "key": map.key(), "wall_s": wall_s })
        );
    } else {
        print!("{}", picture.text());
    }
    Ok(())
}

/// Rows in memory, and on disk where a file is wanted.
struct Kept {
    rows: std::collections::BTreeMap<usize, Row>,
    partial: Option<Partial>,
}

impl Kept {
    fn row(&self, k: usize) -> Option<&Row> {
        self.partial.as_ref().map_or(&self.rows, |p| &p.rows).get(&k)
    }

    fn add(&mut self, row: Row) -> Result<(), String> {
        match &mut self.partial {
            Some(p) => p.add(row),
            None => {
                self.rows.insert(row.k, row);
                Ok(())
            }
        }
    }

    fn write(self, fast: bool, map: &Map, cells: &[Known], path: &Path) -> Result<(), String> {
        let Some(partial) = self.partial else { return Ok(()) };
        if !fast {
            return partial.finish(path).map(drop);
        }
        store::write_inferred(path, map, cells, &partial.rows)?;
        partial.forget()
    }
}

/// Waves until the band is closed.
fn fast(map: &Map, threads: usize, kept: &mut Kept) -> Result<Vec<Known>, String> {
    let mut refine = Refine::new(map.x.n, map.y.n, true);
    let mut progress = Progress::new(0, map.cells());
    loop {
        let wave = refine.wave();
        if wave.is_empty() {
            progress.end();
            return Ok(refine.cells().to_vec());
        }
        let class = |r: &Row| map.class(&r.figures, r.tripped);
        let (there, open): (Vec<usize>, Vec<usize>) = wave.into_iter().partition(|k| kept.row(*k).is_some());
        for k in there {
            if let Some(c) = kept.row(k).map(class) {
                refine.tell(k, c);
                progress.step(1, "");
            }
        }
        let stage = format!("{:?}", refine.stage()).to_lowercase();
        map.run_all(&open, threads, &Wanted::default(), &mut |cell| {
            let row = Row::of(map, &cell);
            refine.tell(cell.k, class(&row));
            progress.step(1, &stage);
            kept.add(row)
        })?;
    }
}
