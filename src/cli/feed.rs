//! `ballast feed check` and `ballast feed probe`: a site's tag map is read, and its devices are asked, read only.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use crossbeam_channel::{RecvTimeoutError, bounded};
use serde_json::{Map as Object, Value, json};

use super::Outcome;
use crate::acts::Quality;
use crate::cli::say::say;
use crate::feed::link::{Clock, Heard, Info, Links, Phase};
use crate::feed::map::Map;
use crate::feed::tags::Tags;

/// Batches of readings that may wait.
const WAITING: usize = 1024;
/// Time between two looks at what is old.
const SWEEP: Duration = Duration::from_millis(50);

#[derive(Args)]
pub struct FeedArgs {
    #[command(subcommand)]
    command: Feed,
}

#[derive(Subcommand)]
enum Feed {
    /// Validate tag maps; one line a file
    Check {
        /// Maps
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Connect read-only, list every tag with value, quality and age, count what was sent, and leave
    Probe(ProbeArgs),
    /// Connect read-only and keep every reading on disk, with its clocks and quality
    Record(super::record::RecordArgs),
    /// Judge a recording again, as the program does today, or print its rows
    Play(super::record::PlayArgs),
    /// Write a window of a recording as CSV or COMTRADE
    Export(super::record::ExportArgs),
    /// List the columns of a table of others, draft a map of them, or write its rows by one as this program reads them
    Columns(super::columns::ColumnsArgs),
}

#[derive(Args)]
struct ProbeArgs {
    /// Map of the site
    map: PathBuf,
    /// Time to listen
    #[arg(long, value_name = "S", default_value = "5", value_parser = seconds)]
    seconds: Duration,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Print again and again, with this time between; with --json one object a line
    #[arg(long, value_name = "S", value_parser = seconds)]
    watch: Option<Duration>,
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let s = text.parse().ok().filter(|s| (0.1..=86_400.0).contains(s));
    s.and_then(|s| Duration::try_from_secs_f64(s).ok()).ok_or_else(|| "expected 0.1 to 86400 seconds".to_owned())
}

/// `ballast feed`.
pub fn feed(args: &FeedArgs) -> Outcome {
    match &args.command {
        Feed::Check { files } => Ok(check(files)),
        Feed::Probe(args) => probe(args),
        Feed::Record(args) => super::record::record(args),
        Feed::Play(args) => super::record::play(args),
        Feed::Export(args) => super::record::export(args),
        Feed::Columns(args) => super::columns::columns(args),
    }
}

fn check(files: &[PathBuf]) -> ExitCode {
    let mut bad = false;
    for file in files {
        match Map::load(file) {
            Ok(map) => say!("{}: ok, {}", file.display(), words(&map)),
            Err(e) => {
                bad = true;
                eprintln!("ballast: {e}");
            }
        }
    }
    if bad { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

fn words(map: &Map) -> String {
    let fed = map.tags.iter().filter(|t| t.to.is_some()).count();
    let (ends, tags) = (map.endpoints.len(), map.tags.len());
    format!("{}: {ends} endpoints, {tags} tags, {fed} of them signals; {}", map.name, map.source)
}

fn probe(args: &ProbeArgs) -> Outcome {
    let map = Arc::new(load(&args.map)?);
    let clock = Clock::new();
    let (to, from) = bounded(WAITING);
    let mut tags = Tags::new(&map);
    let links = Links::start(&map, clock, &to);
    drop(to);
    let until = Instant::now() + args.seconds;
    let mut next = args.watch.map(|every| Instant::now() + every);
    loop {
        let now = Instant::now();
        let left = until.saturating_duration_since(now);
        if left.is_zero() {
            break;
        }
        if let Some((at, every)) = next.zip(args.watch)
            && now >= at
        {
            next = Some((at + every).max(now));
            show(args.json, &map, &mut tags, &links, clock)?;
        }
        match from.recv_timeout(left.min(SWEEP)) {
            Ok(Heard::Readings(all)) => {
                for r in &all {
                    tags.take(&map, r);
                }
            }
            Ok(Heard::Lost(endpoint)) => tags.lost(endpoint),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    show(args.json, &map, &mut tags, &links, clock)?;
    let all_good = (0..map.tags.len()).all(|t| tags.current(t).quality == Quality::Good);
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Lets time pass and prints how things stand. An error when nobody reads it.
fn show(json: bool, map: &Map, tags: &mut Tags, links: &Links, clock: Clock) -> Result<(), String> {
    let now_s = clock.mono_s();
    tags.sweep(map, now_s);
    let infos: Vec<Info> = links.infos.iter().map(crate::feed::link::Shared::get).collect();
    let text = if json { as_json(map, tags, &infos, now_s).to_string() } else { list(map, tags, &infos, now_s) };
    writeln!(std::io::stdout(), "{}", text.trim_end()).map_err(|e| format!("cannot print: {e}"))
}

fn load(path: &Path) -> Result<Map, String> {
    Map::load(path).map_err(|e| e.to_string())
}

fn list(map: &Map, tags: &Tags, infos: &[Info], now_s: f64) -> String {
    let mut out = words(map) + "\n";
    for (e, (end, info)) in map.endpoints.iter().zip(infos).enumerate() {
        let trips = info.trips_ms().map_or_else(String::new, |[p50, p95, max]| {
            format!("; round trip {p50:.1} ms, 95 % {p95:.1}, longest {max:.1}")
        });
        let skew = tags.skew_s(e).map_or_else(String::new, |s| format!("; clock {:+.3} s", -s));
        let error = info.last_error.as_ref().map_or_else(String::new, |e| format!("; {e}"));
        out += &format!("\n{}: {}{trips}{skew}{error}\n", end.name, state(info));
        out += &format!("  sent: {}\n", sent(info));
        for t in end.groups.iter().flat_map(|g| g.tags.clone()) {
            let (tag, now) = (&map.tags[t], tags.current(t));
            let value = if now.value.is_nan() { "–".to_owned() } else { format!("{:.3}", now.value) };
            let age = if now.accepted > 0 { format!("{:.1} s", tags.age_s(t, now_s)) } else { "–".to_owned() };
            let to = tag.to.map_or_else(String::new, |s| format!("  ▶ {}", map.table.get(s).id));
            let (glyph, unit) = (now.quality.glyph(), tag.unit.name());
            let why = info.remarks.get(&t).map_or_else(String::new, |r| format!(" ({r})"));
            out += &format!("  {glyph} {:<24} {value:>14} {unit:<5} {age:>9}  {}{why}{to}\n", tag.name, now.quality);
        }
    }
    out
}

fn state(info: &Info) -> &'static str {
    match info.phase {
        Phase::Connecting => "connecting",
        Phase::Up => "up",
        Phase::Waiting(_) => "down, waits for the next attempt",
        Phase::Stopped => "stopped",
    }
}

fn counts(info: &Info) -> BTreeMap<&'static str, u64> {
    info.sent.counts().filter(|(_, n)| *n > 0).collect()
}

fn sent(info: &Info) -> String {
    let all: Vec<String> = counts(info).iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

fn as_json(map: &Map, tags: &Tags, infos: &[Info], now_s: f64) -> Value {
    let number = |x: f64| if x.is_finite() { json!(x) } else { Value::Null };
    let endpoint = |(e, (end, info)): (usize, (&crate::feed::map::Endpoint, &Info))| {
        let all: Object<String, Value> = end
            .groups
            .iter()
            .flat_map(|g| g.tags.clone())
            .map(|t| {
                let (tag, now) = (&map.tags[t], tags.current(t));
                let value = json!({
                    "value": number(now.value),
                    "unit": tag.unit.name(),
                    "quality": now.quality.word(),
                    "reason": now.quality.reason(),
                    "remark": info.remarks.get(&t),
                    "age_s": number(tags.age_s(t, now_s)),
                    "t_src_s": now.t_src_s,
                    "accepted": now.accepted,
                    "refused": now.refused,
                    "signal": tag.to.map(|s| &map.table.get(s).id),
                });
                (tag.name.clone(), value)
            })
            .collect();
        let trips = info.trips_ms();
        json!({
            "name": end.name,
            "state": state(info),
            "connects": info.connects,
            "losses": info.losses,
            "timeouts": info.timeouts,
            "late": info.late,
            "unread": info.unread,
            "dropped": info.dropped,
            "exceptions": info.exceptions.iter().map(|(k, n)| (k.to_string(), json!(n))).collect::<Object<_, _>>(),
            "round_trip_p50_ms": trips.map(|t| t[0]),
            "round_trip_p95_ms": trips.map(|t| t[1]),
            "round_trip_max_ms": trips.map(|t| t[2]),
            "scans_ms": info.scans.iter().map(|s| s.map(|d| d.as_millis() as u64)).collect::<Vec<_>>(),
            "clock_skew_s": tags.skew_s(e),
            "last_error": info.last_error,
            "sent": counts(info),
            "tags": all,
        })
    };
    let ends: Vec<Value> = map.endpoints.iter().zip(infos).enumerate().map(endpoint).collect();
    json!({ "map": map.name, "source": map.source, "mono_s": now_s, "endpoints": ends })
}
