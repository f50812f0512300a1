//! `ballast feed record`, `play` and `export`: a site's readings on disk, the same judged and drawn again, and a window of
//! them for other tools.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use crossbeam_channel::RecvTimeoutError;
use serde_json::{Value, json};

use super::Outcome;
use crate::acts::Block;
use crate::cli::say::say;
use crate::feed::Hub;
use crate::feed::comtrade::{Coding, Record, Revision, Style, Window};
use crate::feed::comtrade_file::comtrade_beside;
use crate::feed::hub;
use crate::feed::map::Map;
use crate::feed::record::{Bounds, Judgement, Reader, Rows, Verdict, judge, verify};
use crate::plant::signals::SignalIdx;
use crate::store::whole::atomically;
use crate::utc::stamp;

/// Longest time that a recorder may take to close its file.
const CLOSING: Duration = Duration::from_secs(30);
/// Numbers of a window that are gathered at most; a record holds no more.
const MOST: usize = 50_000_000;

#[derive(Args)]
pub struct RecordArgs {
    /// Map of the site
    map: PathBuf,
    /// Folder of the recordings; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Time to record; without it until the program is ended
    #[arg(long, value_name = "S", value_parser = super::feed::seconds)]
    seconds: Option<Duration>,
    /// Files kept of this site; the oldest go
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(2..=1000))]
    files: u16,
    /// Size of a file, MB
    #[arg(long, value_name = "MB", default_value = "256", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    megabytes: u32,
    /// Print one JSON object at the end
    #[arg(long)]
    json: bool,
}

/// `ballast feed record`.
pub fn record(args: &RecordArgs) -> Outcome {
    Map::load(&args.map).map_err(|e| e.to_string())?;
    let bounds =
        Bounds { files: usize::from(args.files), file_bytes: u64::from(args.megabytes) << 20, ..Bounds::default() };
    let hub = Hub::open(&args.map, None, Arc::new(|| ()));
    hub.record(Some((args.to.clone(), bounds)));
    let until = args.seconds.and_then(|s| Instant::now().checked_add(s));
    while until.is_none_or(|u| Instant::now() < u) {
        listen(&hub, until)?;
    }
    hub.record(None);
    let closing = Instant::now() + CLOSING;
    let state = loop {
        listen(&hub, Some(closing))?;
        match hub.recording() {
            Some(state) if state.closed || Instant::now() >= closing => break state,
            _ => {}
        }
    };
    if args.json {
        let object = json!({
            "file": state.path.display().to_string(), "parts": state.part, "readings": state.readings,
            "lost": state.lost, "removed": state.removed, "trouble": state.trouble,
        });
        say!("{object}");
    } else {
        let lost = if state.lost > 0 { format!(", {} lost", state.lost) } else { String::new() };
        say!("{} readings{lost}, {} files: {}", state.readings, state.part, state.path.display());
    }
    Ok(if state.closed && state.lost == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Takes what the hub gives, and prints what the recorder says.
fn listen(hub: &Hub, until: Option<Instant>) -> Result<(), String> {
    let nap = Duration::from_millis(100);
    let limit = until.map_or(nap, |u| u.saturating_duration_since(Instant::now()).min(nap));
    match hub.updates.recv_timeout(limit) {
        Ok(update) => {
            for e in update.events.iter().filter(|e| e.object == "recorder") {
                eprintln!("ballast: {}", e.text);
            }
        }
        Err(RecvTimeoutError::Timeout) => {}
        Err(RecvTimeoutError::Disconnected) => return Err("the hub has stopped".to_owned()),
    }
    if let hub::State::Failed(why) = hub.state() {
        return Err(why);
    }
    match hub.recording() {
        Some(state) if state.path.as_os_str().is_empty() => Err(state.trouble.unwrap_or_default()),
        _ => Ok(()),
    }
}

#[derive(Args)]
pub struct PlayArgs {
    /// Recording; all files of its series are read
    file: PathBuf,
    /// Print the rows as CSV, with the quality of each value
    #[arg(long)]
    rows: bool,
    /// From this time on, s since the rows of the recording began
    #[arg(long, value_name = "S", default_value = "0")]
    from: f64,
    /// Up to this time
    #[arg(long, value_name = "S")]
    to: Option<f64>,
    /// Print one JSON object
    #[arg(long, conflicts_with = "rows")]
    json: bool,
}

/// `ballast feed play`: 1 if a reading is judged otherwise than on its day.
pub fn play(args: &PlayArgs) -> Outcome {
    let reader = Reader::open(&args.file).map_err(|e| e.to_string())?;
    if args.rows {
        let window = span(&reader, args.from, args.to)?;
        table(reader, window, Extra { quality: true, tags: false }, &mut std::io::stdout().lock())
            .map_err(|e| e.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let verdict = verify(&reader).map_err(|e| e.to_string())?;
    if let Some((n, why)) = &verdict.altered {
        eprintln!("ballast: the recording was altered at row {n}: {why}; {} rows before it are sound", verdict.rows);
    }
    let judged = judge(&reader).map_err(|e| e.to_string())?;
    if args.json {
        say!("{}", as_json(&reader, &judged, &verdict));
    } else {
        print(&reader, &judged, &verdict);
    }
    let sound = judged.otherwise == 0 && verdict.altered.is_none();
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn otherwise(reader: &Reader, j: &Judgement) -> Option<String> {
    let o = j.first?;
    let name = &reader.map().tags[o.tag].name;
    let [then, now] = [o.then, o.now].map(|(taken, quality)| format!("{taken:?}, {quality}"));
    Some(format!("{name} at {:.3} s was {then}, is {now}", o.t_s))
}

/// Seconds that the recording has rows for.
fn extent_s(reader: &Reader) -> [f64; 2] {
    reader.extent_s().map(|t| t - reader.header().origin_s)
}

fn print(reader: &Reader, j: &Judgement, v: &Verdict) {
    let h = reader.header();
    let [from_s, to_s] = extent_s(reader);
    say!("{}, map {} ({})", h.site, h.origin, &h.map_hash[..h.map_hash.len().min(16)]);
    say!("{} files, {from_s:.1} to {to_s:.1} s from {}", reader.files().len(), stamp(h.origin_utc_us));
    say!("{} readings, links lost {} times", j.readings, j.lost);
    for (t_s, kind, text) in j.notes.iter().filter(|n| n.1 == "gap") {
        say!("{kind} at {t_s:.1} s: {text}");
    }
    if v.altered.is_none() && v.rows > 0 {
        say!("as written: {} rows, last hash {}", v.rows, v.last);
    }
    if v.unchained > 0 {
        say!("{} rows of an earlier version have no hash", v.unchained);
    }
    match otherwise(reader, j) {
        Some(first) => say!("{} readings are judged otherwise, first: {first}", j.otherwise),
        None => say!("every reading is judged as on its day"),
    }
}

fn as_json(reader: &Reader, j: &Judgement, v: &Verdict) -> Value {
    let h = reader.header();
    let [from_s, to_s] = extent_s(reader);
    json!({
        "site": h.site, "map": h.origin, "map_sha256": h.map_hash, "files": reader.files().len(),
        "origin_utc": stamp(h.origin_utc_us), "from_s": from_s, "to_s": to_s,
        "rows": v.rows, "altered_row": v.altered.as_ref().map(|(n, _)| n), "unchained": v.unchained, "last_hash": v.last,
        "readings": j.readings, "lost": j.lost, "otherwise": j.otherwise, "first_otherwise": otherwise(reader, j),
        "gaps": j.notes.iter().filter(|n| n.1 == "gap").map(|(t, _, text)| json!({"t_s": t, "text": text})).collect::<Vec<_>>(),
    })
}

/// Edition of COMTRADE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Edition {
    /// C37.111-1999
    #[value(name = "1999")]
    Y1999,
    /// C37.111-2013
    #[value(name = "2013")]
    Y2013,
}

/// Numbers of COMTRADE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Numbers {
    /// Text
    Ascii,
    /// 16 bits
    Binary,
    /// 32 bits, edition 2013
    Binary32,
}

#[derive(Args)]
pub struct ExportArgs {
    /// Recording; all files of its series are read
    file: PathBuf,
    /// From this time on, s since the rows of the recording began
    #[arg(long, value_name = "S", default_value = "0")]
    from: f64,
    /// Up to this time [default: the end]
    #[arg(long, value_name = "S")]
    to: Option<f64>,
    /// Rows as CSV, as the console reads them
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// In the CSV every tag of the map as well, behind the signals, with its unit
    #[arg(long, requires = "csv")]
    tags: bool,
    /// Rows as COMTRADE: FILE.cfg with .dat and .hdr beside it, or all in one FILE.cff
    #[arg(long, value_name = "FILE")]
    comtrade: Option<PathBuf>,
    /// Edition of COMTRADE
    #[arg(long, value_enum, default_value = "2013")]
    edition: Edition,
    /// Numbers of COMTRADE
    #[arg(long, value_enum, default_value = "binary")]
    numbers: Numbers,
}

/// `ballast feed export`.
pub fn export(args: &ExportArgs) -> Outcome {
    if args.csv.is_none() && args.comtrade.is_none() {
        return Err("nothing to write, expected `--csv FILE` or `--comtrade FILE`".to_owned());
    }
    let open = || Reader::open(&args.file).map_err(|e| e.to_string());
    let window = span(&open()?, args.from, args.to)?;
    let at = |path: &Path| {
        let path = path.display().to_string();
        move |e: std::io::Error| format!("{e}: {path}")
    };
    if let Some(path) = &args.csv {
        let (reader, mut rows) = (open()?, 0);
        atomically(path, |out| table(reader, window, Extra { quality: false, tags: args.tags }, out).map(|n| rows = n))
            .map_err(at(path))?;
        say!("{rows} rows: {}", path.display());
    }
    if let Some(path) = &args.comtrade {
        let record = gather(open()?, window)?;
        let revision = if args.edition == Edition::Y1999 { Revision::Y1999 } else { Revision::Y2013 };
        let coding = match args.numbers {
            Numbers::Ascii => Coding::Ascii,
            Numbers::Binary => Coding::Binary,
            Numbers::Binary32 => Coding::Binary32,
        };
        let style = Style { revision, coding };
        atomically(path, |out| comtrade_beside(&record, style, path, out).map(drop)).map_err(at(path))?;
        say!("{} rows: {}", record.t_us.len(), path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// A window that has rows.
fn span(reader: &Reader, from_s: f64, to_s: Option<f64>) -> Result<[f64; 2], String> {
    let [first_s, last_s] = extent_s(reader);
    let to_s = to_s.unwrap_or(f64::INFINITY);
    if from_s < to_s && from_s <= last_s && to_s >= first_s {
        return Ok([from_s, to_s]);
    }
    Err(format!("no rows from {from_s} to {to_s} s, the recording has {first_s:.1} to {last_s:.1} s"))
}

/// Signals that the map feeds.
fn fed(map: &Map) -> Vec<SignalIdx> {
    let places = (0..map.table.len()).filter_map(|p| map.table.index(p));
    places.filter(|s| map.tags.iter().any(|t| t.to == Some(*s))).collect()
}

/// What a table has beside its signals: the quality of each value, and all tags.
#[derive(Clone, Copy)]
struct Extra {
    quality: bool,
    tags: bool,
}

/// Rows as CSV; gives their number.
fn table(
    reader: Reader,
    [from_s, to_s]: [f64; 2],
    Extra { quality, tags }: Extra,
    out: &mut dyn std::io::Write,
) -> std::io::Result<usize> {
    let map = Arc::clone(reader.map());
    let fed = fed(&map);
    let mut csv = csv::Writer::from_writer(out);
    csv.write_field("t_s")?;
    for s in &fed {
        let id = &map.table.get(*s).id;
        csv.write_field(id)?;
        if quality {
            csv.write_field(format!("{id} quality"))?;
        }
    }
    let tags = if tags { 0..map.tags.len() } else { 0..0 };
    for tag in tags.clone().map(|t| &map.tags[t]) {
        let unit = tag.unit.name();
        csv.write_field(if unit.is_empty() { tag.name.clone() } else { format!("{} [{unit}]", tag.name) })?;
    }
    csv.write_record(None::<&[u8]>)?;
    let mut rows = Rows::new(reader, from_s);
    let mut n = 0;
    while let Some((t_s, values, qualities)) = rows.next_row().filter(|r| r.0 <= to_s) {
        csv.write_field(t_s.to_string())?;
        for s in &fed {
            let value = values[s.at()];
            csv.write_field(if value.is_finite() { value.to_string() } else { String::new() })?;
            if quality {
                csv.write_field(qualities[s.at()].to_string())?;
            }
        }
        for now in tags.clone().map(|t| rows.tag(t)) {
            csv.write_field(if now.quality.usable() { now.value.to_string() } else { String::new() })?;
        }
        csv.write_record(None::<&[u8]>)?;
        n += 1;
    }
    csv.flush()?;
    rows.trouble().map_or(Ok(n), |why| Err(std::io::Error::other(why.to_string())))
}

/// Rows as a record.
fn gather(reader: Reader, [from_s, to_s]: [f64; 2]) -> Result<Record, String> {
    let map = Arc::clone(reader.map());
    let header = reader.header().clone();
    let width = map.table.len();
    let mut block = Block { width, ..Block::default() };
    let mut rows = Rows::new(reader, from_s);
    while let Some((t_s, values, _)) = rows.next_row().filter(|r| r.0 <= to_s) {
        if block.last.len() + width > MOST {
            return Err(format!("too many rows for one record, up to {t_s} s it holds them: choose a shorter window"));
        }
        block.t_s.push(t_s);
        block.last.extend_from_slice(values);
    }
    if let Some(why) = rows.trouble() {
        return Err(why.to_string());
    }
    let window = Window {
        table: &map.table,
        rows: &block,
        trips: &[],
        station: &map.name,
        f0_hz: map.plant.f0_hz,
        zero_utc_us: Some(header.origin_utc_us),
    };
    let mut record = window.record();
    record
        .notes
        .push(format!("From the recording {}, map {} (SHA-256 {})", header.series, header.origin, header.map_hash));
    record.notes.push("Values that were not good (stale, refused, out of range) are missing data".to_owned());
    Ok(record)
}
