//! `ballast study bess`: does a small battery with simple control cost less than tight control without one?

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::Outcome;
use crate::cli::say::say;
use crate::cli::tune::progress::Progress;
use crate::report::bess::{Page, html};
use crate::scenario::preset::{self, EnginePreset};
use crate::study::bess::estimate::{Interval, allocate};
use crate::study::bess::events::CLASSES;
use crate::study::bess::money::{Money, PRICES, Price};
use crate::study::bess::result::{Answer, BringUp, LOOKS, Study, bring_up};
use crate::study::bess::sweep::Sweep;
use crate::study::bess::{Control, Design};

const EXAMPLES: &str = "\
Four designs meet the same random events: tight or simple control, without or with a battery. A year is the sum over the classes of
events of how often they come times how often they trip. Money from --costs is laid over it; --price names whose battery:
high (public model), low (the source's calculator), stated (the operational model's own words).

Runs go on until the widest interval is within a fifth, the sign is certain and --verdict is given, or --budget runs are spent.
Ctrl-C ends it; the same --seed gives the same samples, and a longer study begins with those of a shorter one.

  ballast study bess path-a --presets lean-slow --verdict
  ballast study bess path-a --kw 0..400:5 --n 400 --html bess.html
  ballast study bess SITE.ron --costs own.ron --price low --json";

/// One argument that is a list, and not an argument that comes again and again.
type Sizes = Vec<f64>;

/// Arguments of `ballast study bess`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct BessArgs {
    /// Scenario: FILE.ron or the name of a built-in one; its plant, not its script
    file: String,
    /// Costs: a file, or a shipped one by its name
    #[arg(long, value_name = "COSTS", default_value = "default")]
    costs: String,
    /// Whose price of a battery
    #[arg(long, value_name = "P", default_value = "high", value_parser = ["high", "low", "stated"])]
    price: String,
    /// Engine presets, parted by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "lean-slow,lean-default,fast-response")]
    presets: Vec<String>,
    /// Sizes of the battery under simple control, kW: LO..HI:N, or one
    #[arg(long, value_name = "KW", default_value = "100", value_parser = sizes)]
    kw: Sizes,
    /// The size in question, kW; without it the one of --kw nearest to 100
    #[arg(long, value_name = "KW")]
    size: Option<f64>,
    /// Energy of the battery, kWh
    #[arg(long, value_name = "KWH", default_value_t = 100.0)]
    kwh: f64,
    /// Runs of each class and design to begin with
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    n: u32,
    /// Most runs of an engine, all designs and classes
    #[arg(long, value_name = "N", default_value_t = 40_000)]
    budget: u64,
    /// Stop as soon as the sign is certain
    #[arg(long)]
    verdict: bool,
    /// Seed of the samples
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads; without it one a core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Write the study as one HTML file
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Write the designs as CSV
    #[arg(long, value_name = "OUT")]
    csv: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// One size or `LO..HI:N`.
fn sizes(text: &str) -> Result<Vec<f64>, String> {
    let wrong = || "expected a size in kW up to 100000, or LO..HI:N".to_owned();
    let number = |t: &str| t.trim().parse::<f64>().ok().filter(|v| (0.0..=1.0e5).contains(v));
    let Some((range, n)) = text.split_once(':') else { return number(text).map(|v| vec![v]).ok_or_else(wrong) };
    let (lo, hi) = range.split_once("..").and_then(|(a, b)| number(a).zip(number(b))).ok_or_else(wrong)?;
    let n = n.trim().parse::<u32>().ok().filter(|n| (2..=200).contains(n) && lo < hi).ok_or_else(wrong)?;
    Ok((0..n).map(|i| lo + (hi - lo) * f64::from(i) / f64::from(n - 1)).collect())
}

/// The designs: A0, AB, B0, then simple control with each size, the one in question last.
fn designs(a: &BessArgs) -> Result<(Vec<Design>, f64), String> {
    if !(0.1..=1.0e6).contains(&a.kwh) {
        return Err(format!("--kwh is {} (expected 0.1 to 1e6)", a.kwh));
    }
    let mut sizes: Vec<f64> = a.kw.iter().copied().filter(|kw| *kw > 0.0).collect();
    let nearest = |v: f64| sizes.iter().copied().min_by(|x, y| (x - v).abs().total_cmp(&(y - v).abs()));
    let size = match a.size {
        Some(v) if !(1.0..=1.0e5).contains(&v) => return Err(format!("--size is {v} (expected 1 to 100000 kW)")),
        Some(v) => v,
        None => nearest(100.0).ok_or("--kw has no size above 0")?,
    };
    sizes.retain(|kw| (kw - size).abs() > 1e-9);
    let of = |control, kw| Design { control, kw, kwh: a.kwh };
    let mut all = vec![of(Control::Tight, 0.0), of(Control::Tight, size), of(Control::Simple, 0.0)];
    all.extend(sizes.iter().map(|kw| of(Control::Simple, *kw)));
    all.push(of(Control::Simple, size));
    Ok((all, size))
}

/// `ballast study bess`.
pub fn bess(a: &BessArgs) -> Outcome {
    let base = Arc::new(crate::cli::load(&a.file)?);
    let price = match a.price.as_str() {
        "low" => Price::Low,
        "stated" => Price::Stated,
        _ => Price::High,
    };
    let money = Money::new(super::costs(&a.costs)?, price)?;
    money.check()?;
    let (designs, _) = designs(a)?;
    let engines = a.presets.iter().map(|name| engine(name)).collect::<Result<Vec<_>, _>>()?;
    let threads =
        a.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from);
    let begin = Instant::now();
    let mut done: Vec<(Answer, Sweep, String, BringUps)> = Vec::new();
    for engine in &engines {
        let mut sweep = Sweep::new(&base, engine, a.seed, designs.clone())?;
        let bring_ups = measure(&base, engine)?;
        let remark = refine(a, &mut sweep, &money, bring_ups, threads)?;
        let answer = study(&sweep, bring_ups).answer(&money)?;
        done.push((answer, sweep, remark, bring_ups));
    }
    let command = command();
    if let Some(path) = &a.html {
        let remark = done.iter().map(|d| d.2.as_str()).find(|r| !r.is_empty()).unwrap_or("");
        let answers = done.iter().map(|d| (&d.0, &d.1)).collect();
        let page = html(&Page { scenario: &base.name, answers, command: &command, remark });
        let write = |out: &mut dyn std::io::Write| out.write_all(page.as_bytes());
        crate::store::whole::atomically(path, write).map_err(|e| format!("{e}: {}", path.display()))?;
    }
    if let Some(path) = &a.csv {
        csv(path, &done)?;
    }
    if a.json {
        let engines: Vec<Value> = done.iter().map(|d| object(d, &money)).collect::<Result<Vec<_>, _>>()?;
        let wall_s = begin.elapsed().as_secs_f64();
        say!(
            "{}",
            json!({ "scenario": base.name, "seed": a.seed, "engines": engines, "command": command, "wall_s": wall_s })
        );
        return Ok(ExitCode::SUCCESS);
    }
    for (answer, _, remark, bring_ups) in &done {
        print(answer, remark);
        let others = PRICES.into_iter().filter(|p| *p != price);
        for other in others {
            let money = Money::new(money.costs().clone(), other)?;
            // a file of one's own need not know what others say
            if money.check().is_err() {
                continue;
            }
            let sweep = done.iter().find(|d| d.0.engine == answer.engine).map(|d| &d.1);
            if let Some(sweep) = sweep {
                let npv = study(sweep, *bring_ups).answer(&money)?.npv;
                say!("{:<24} by the {}: {}", "value of B", other.name(), money_words(npv));
            }
        }
        say!("");
    }
    Ok(ExitCode::SUCCESS)
}

type BringUps = [BringUp; 2];

fn engine(name: &str) -> Result<EnginePreset, String> {
    let known = || preset::presets().map(|p| p.name).join(", ");
    preset::preset(name).ok_or_else(|| format!("unknown preset {} (expected {})", crate::text::plain(name), known()))
}

fn study(sweep: &Sweep, bring_ups: BringUps) -> Study<'_> {
    Study { sweep, bring_ups }
}

fn measure(base: &crate::scenario::Scenario, engine: &EnginePreset) -> Result<BringUps, String> {
    let of = |control| Design { control, kw: 0.0, kwh: 0.0 }.apply(base, engine).map(|s| bring_up(&s));
    Ok([of(Control::Tight)?, of(Control::Simple)?])
}

/// Runs until the answer is good enough; says what is missing if it is not.
fn refine(
    a: &BessArgs,
    sweep: &mut Sweep,
    money: &Money,
    bring_ups: BringUps,
    threads: usize,
) -> Result<String, String> {
    let pilot = a.n as usize;
    let classes = CLASSES.len() * sweep.designs.len();
    let mut progress = Progress::new(0, pilot * classes);
    let mut target = vec![vec![pilot; CLASSES.len()]; sweep.designs.len()];
    for look in 1..=LOOKS {
        let plan = target.clone();
        let stage = format!("{}, look {look}", sweep.engine());
        sweep.run(threads, &|d, c| plan[d][c], &mut || {
            progress.step(1, &stage);
            true
        })?;
        let answer = study(sweep, bring_ups).answer(money)?;
        let certain = answer.npv.lo > 0.0 || answer.npv.hi < 0.0;
        let narrow = answer.lines.iter().all(|l| l.trips.width() <= (0.2 * l.trips.value).max(0.1));
        if narrow || (a.verdict && certain) {
            progress.end();
            return Ok(String::new());
        }
        let spent = sweep.total() as u64;
        if spent >= a.budget || look == LOOKS {
            break;
        }
        // as many again, where they narrow most
        let more = spent.min(a.budget - spent) / sweep.designs.len() as u64;
        for d in 0..sweep.designs.len() {
            let shares = allocate(&sweep.counts(d), more);
            let places = (0..CLASSES.len()).filter(|c| sweep.rate(d, *c) > 0.0);
            places.zip(shares).for_each(|(c, n)| target[d][c] = sweep.runs(d, c) + n as usize);
        }
        // designs are compared in pairs, so all get what one of them needs
        for c in 0..CLASSES.len() {
            let most = target.iter().map(|t| t[c]).max().unwrap_or(0);
            target.iter_mut().for_each(|t| t[c] = most);
        }
        let all: usize = target.iter().flatten().sum();
        progress = Progress::new(spent as usize, all);
    }
    progress.end();
    Ok(format!(
        "{} runs of {}: intervals are wider than a fifth; they narrow with the root of the runs (--budget).",
        sweep.total(),
        sweep.engine()
    ))
}

fn money_words(i: Interval) -> String {
    use crate::study::bess::verdict::dollars;
    format!("{} [{}, {}]", dollars(i.value), dollars(i.lo), dollars(i.hi))
}

fn print(a: &Answer, remark: &str) {
    use crate::study::bess::verdict::dollars;
    a.verdict.iter().for_each(|s| say!("{s}"));
    if !remark.is_empty() {
        say!("{remark}");
    }
    say!("engine {}, battery priced by the {}; a trip costs {}\n", a.engine, a.price, dollars(a.trip));
    say!("{:<8} {:<44} {:>24} {:>10} {:>12}  widest by", "design", "", "trips a year", "df 95 %", "all costs");
    for l in &a.lines {
        let df = if l.crash_95_pct.is_finite() { format!("{:.2}", l.crash_95_pct) } else { "none".to_owned() };
        say!("{:<8} {:<44} {:>24} {df:>10} {:>12}  {}", l.id, l.words, l.trips.words(2), dollars(l.total()), l.widest);
    }
    let knee = |kw: Option<f64>| kw.map_or_else(|| "none".to_owned(), |k| format!("{k:.0} kW"));
    say!("\n{:<24} {}", "value of B against A", money_words(a.npv));
    say!(
        "{:<24} {} battery under tight control, {} tight control alone",
        "effects apart",
        dollars(a.effects[0]),
        dollars(a.effects[1])
    );
    say!("{:<24} {} for under a trip in ten years, {} at least cost", "knee", knee(a.knee_kw[0]), knee(a.knee_kw[1]));
    for b in a.tornado.iter().take(6) {
        let turn = b.break_even().map_or_else(String::new, |at| format!(", turns at {at:.3} {}", b.unit));
        let guess = if b.guess { " (guess)" } else { "" };
        say!("{:<24} {}: {} to {}{turn}{guess}", "hangs on", b.what, dollars(b.npv[0]), dollars(b.npv[2]));
    }
}

fn object((a, sweep, remark, bring_ups): &(Answer, Sweep, String, BringUps), money: &Money) -> Result<Value, String> {
    let interval = |i: &Interval| json!([i.value, i.lo, i.hi]);
    let lines: Vec<Value> = a.lines.iter().enumerate().map(|(d, l)| {
        let classes: serde_json::Map<String, Value> = sweep.names(d).iter().zip(sweep.counts(d))
            .map(|(n, c)| ((*n).to_owned(), json!({ "per_year": c.per_year, "trips": c.hits, "runs": c.runs }))).collect();
        json!({ "id": l.id, "design": l.words, "bess_kw": l.kw, "trips_per_year": interval(&l.trips), "widest": l.widest, "runs": l.runs,
                "crash_deviation_95_pct": if l.crash_95_pct.is_finite() { json!(l.crash_95_pct) } else { Value::Null },
                "battery_usd": l.costs[0], "control_usd": l.costs[1], "trips_usd": l.costs[2], "bring_ups_usd": l.costs[3],
                "standby_usd": l.costs[4], "total_usd": l.total(), "classes": classes })
    }).collect();
    let bars: Vec<Value> = a
        .tornado
        .iter()
        .map(|b| {
            json!({ "what": b.what, "unit": b.unit, "values": b.values, "npv_usd": b.npv,
        "break_even": b.break_even(), "guess": b.guess, "source": b.source })
        })
        .collect();
    let prices = PRICES
        .into_iter()
        .filter_map(|p| Money::new(money.costs().clone(), p).ok().filter(|m| m.check().is_ok()))
        .map(|m| {
            let npv = study(sweep, *bring_ups).answer(&m)?.npv;
            Ok((m.price.name().to_owned(), interval(&npv)))
        })
        .collect::<Result<serde_json::Map<String, Value>, String>>()?;
    Ok(
        json!({ "engine": a.engine, "price": a.price, "verdict": a.verdict, "remark": remark, "npv_usd": interval(&a.npv),
               "npv_by_price_usd": prices, "battery_effect_usd": a.effects[0], "control_effect_usd": a.effects[1], "trip_usd": a.trip,
               "knee_technical_kw": a.knee_kw[0], "knee_economic_kw": a.knee_kw[1], "designs": lines, "tornado": bars }),
    )
}

fn csv(path: &std::path::Path, done: &[(Answer, Sweep, String, BringUps)]) -> Result<(), String> {
    let write = |out: &mut dyn std::io::Write| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record([
            "engine",
            "design",
            "bess_kw",
            "trips_per_year",
            "lower",
            "upper",
            "runs",
            "battery_usd",
            "control_usd",
            "trips_usd",
            "bring_ups_usd",
            "standby_usd",
            "total_usd",
        ])?;
        for (a, ..) in done {
            for l in &a.lines {
                let numbers = [l.kw, l.trips.value, l.trips.lo, l.trips.hi, l.runs as f64];
                let all = numbers.into_iter().chain(l.costs).chain([l.total()]).map(|v| v.to_string());
                csv.write_record([a.engine.clone(), l.id.clone()].into_iter().chain(all))?;
            }
        }
        csv.flush()
    };
    crate::store::whole::atomically(path, write).map_err(|e| format!("{e}: {}", path.display()))
}

/// The command line, to make it again.
fn command() -> String {
    let quote = |a: String| if a.contains(char::is_whitespace) { format!("'{a}'") } else { a };
    let rest = std::env::args().skip(1).map(quote).collect::<Vec<_>>().join(" ");
    format!("ballast {rest}")
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn sizes_are_one_or_a_range() {
        assert_eq!(sizes("100"), Ok(vec![100.0]));
        assert_eq!(sizes("0..600:4"), Ok(vec![0.0, 200.0, 400.0, 600.0]));
        for bad in ["", "x", "5..1:3", "0..600:1", "0..600", "-5"] {
            assert!(sizes(bad).is_err_and(|e| e.contains("expected")), "{bad}");
        }
    }
}
