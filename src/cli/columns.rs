//! `ballast feed columns`: what a table of others holds, a map of its columns to begin with, and its rows in our layout.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::cli::say::say;
use crate::feed::columns::Row;
use crate::feed::csv_tail;
use crate::feed::draft::split;
use crate::feed::mapping::ColumnMap;
use crate::feed::table::{Given, Table};
use crate::plant::signals::SignalIdx;
use crate::store::whole::atomically;
use crate::text::plain;

/// Lines behind the header that the list shows values of.
const SHOWN: usize = 3;

#[derive(Args)]
pub struct ColumnsArgs {
    /// Table: fields parted by commas, semicolons or tabs
    file: PathBuf,
    /// Map of its columns
    #[arg(long, value_name = "MAP")]
    map: Option<PathBuf>,
    /// Print a map of all its columns to be edited
    #[arg(long, conflicts_with = "map")]
    draft: bool,
    /// Write its rows as this program reads them
    #[arg(long, value_name = "FILE", requires = "map")]
    csv: Option<PathBuf>,
}

/// The header with its line, and the lines behind it.
type Lines<'a> = (&'a str, u64, Vec<(&'a str, u64)>);

fn lines<'a>(all: &'a [String], file: &str) -> Result<Lines<'a>, String> {
    let all = all.iter().map(String::as_str).zip(1..).filter(|(l, _)| !l.trim().is_empty());
    let mut all = all.skip_while(|(l, _)| Table::is_comment(l));
    let (header, line) = all.next().ok_or_else(|| format!("the file is empty: {file}"))?;
    Ok((header, line, all.collect()))
}

/// `ballast feed columns`: 1 if a line could not be read.
pub fn columns(args: &ColumnsArgs) -> Outcome {
    let file = args.file.display().to_string();
    let text = csv_tail::lines(&args.file).map_err(|e| format!("{e}: {file}"))?;
    let (header, line, rest) = lines(&text, &file)?;
    let Some(path) = &args.map else {
        let names = split(header);
        if args.draft {
            print!("{}", draft(&args.file, &names));
        } else {
            list(&names, &rest);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let map = ColumnMap::load(path).map_err(|e| e.to_string())?;
    let mut table = Table::by_map(header, &file, line, &map).map_err(|e| e.to_string())?;
    let unknown = table.columns().unknown.join(", ");
    rest.iter().for_each(|(l, n)| table.take(l, *n));
    table.end();
    let (mut rows, mut bad) = (Vec::new(), 0_u64);
    while let Some(given) = table.give() {
        match given {
            Given::Row(row, _) => rows.push(row),
            Given::Notice(what) => eprintln!("ballast: {what}"),
            Given::Trouble(what) => {
                bad += 1;
                if bad == 1 {
                    eprintln!("ballast: {what}");
                }
            }
        }
    }
    let signals: Vec<SignalIdx> = map.columns.iter().map(|c| c.to).collect();
    match &args.csv {
        Some(out) => {
            atomically(out, |to| write(&map, &signals, &rows, to)).map_err(|e| format!("{e}: {}", out.display()))?;
            say!("{} rows, {bad} lines not read: {}", rows.len(), out.display());
        }
        None => preview(&map, &rows, &unknown, bad),
    }
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn list(names: &[String], rest: &[(&str, u64)]) {
    let values: Vec<Vec<String>> = rest.iter().take(SHOWN).map(|(l, _)| split(l)).collect();
    for (i, name) in names.iter().enumerate() {
        let shown = values.iter().filter_map(|v| v.get(i)).map(|v| plain(v)).collect::<Vec<_>>();
        say!("{:>4}  {:<32} {}", i + 1, plain(name), shown.join(" · "));
    }
}

/// A map with a line for each column: what is not wanted is taken out, what is wanted gets its signal.
fn draft(file: &Path, names: &[String]) -> String {
    let name = file.file_stem().map_or_else(String::new, |n| plain(&n.to_string_lossy()));
    let quoted = |s: &str| format!("{:?}", plain(s));
    let time = names.first().map_or("", String::as_str);
    let mut out =
        format!("(\n    name: {},\n    plant: (sections: [\"Bus\"], gensets: [\"G1\"], bess: []),\n", quoted(&name));
    out += "    // format as of strftime, such as \"%d.%m.%Y %H:%M:%S\"; without it a number of seconds or ISO 8601\n";
    out += &format!("    time: (column: {}, zone: \"UTC\"),\n    columns: [\n", quoted(time));
    for name in names.iter().skip(1) {
        out += &format!("        // (column: {}, to: \"site.gen_kw\", unit: \"kW\", opposite: false),\n", quoted(name));
    }
    out + "    ],\n)\n"
}

fn preview(map: &ColumnMap, rows: &[Row], unknown: &str, bad: u64) {
    let span = rows.first().zip(rows.last()).map_or(0.0, |(a, b)| b.t_s - a.t_s);
    say!("{}: {} rows over {span:.1} s, {bad} lines not read", map.name, rows.len());
    for c in &map.columns {
        let signal = map.table.get(c.to);
        let values = rows.iter().filter_map(|r| r.values.get(c.to.at()).copied()).filter(|v| v.is_finite());
        let (mut n, mut low, mut high) = (0_usize, f64::INFINITY, f64::NEG_INFINITY);
        values.for_each(|v| (n, low, high) = (n + 1, low.min(v), high.max(v)));
        let range =
            if n > 0 { format!("{low:.3} to {high:.3} {}, {n} values", signal.unit) } else { "no value".to_owned() };
        say!("  {:<32} ▶ {:<20} {range}", plain(&c.name), signal.id);
    }
    if !unknown.is_empty() {
        say!("  not mapped: {unknown}");
    }
}

/// Rows with their times since the first one.
fn write(map: &ColumnMap, signals: &[SignalIdx], rows: &[Row], out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_field("t_s")?;
    signals.iter().try_for_each(|s| csv.write_field(&map.table.get(*s).id))?;
    csv.write_record(None::<&[u8]>)?;
    let begin_s = rows.first().map_or(0.0, |r| r.t_s);
    for row in rows {
        csv.write_field(format!("{:.6}", row.t_s - begin_s))?;
        for s in signals {
            let value = row.values.get(s.at()).copied().filter(|v| v.is_finite());
            csv.write_field(value.map_or_else(String::new, |v| v.to_string()))?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_others_becomes_ours_by_its_map() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(
            at("log.csv"),
            "# logger\nZeit;Netzfrequenz;P;K\u{fc}hlwasser\n30.11.2025 03:00:00;59,98;-512500;82\n30.11.2025 03:00:01;60,01;-513000;\n",
        )
        .unwrap();
        std::fs::write(
            at("map.ron"),
            r#"(name: "logger", plant: (gensets: ["G1"]), time: (column: "Zeit", format: "%d.%m.%Y %H:%M:%S"),
            columns: [(column: "Netzfrequenz", to: "site.f_hz"), (column: "P", to: "g1.p_kw", unit: "W", opposite: true)])"#,
        )
        .unwrap();
        let args =
            ColumnsArgs { file: at("log.csv"), map: Some(at("map.ron")), draft: false, csv: Some(at("out.csv")) };
        assert!(columns(&args).is_ok_and(|code| code == ExitCode::SUCCESS));
        let text = std::fs::read_to_string(at("out.csv")).unwrap();
        assert_eq!(text, "t_s,site.f_hz,g1.p_kw\n0.000000,59.98,512.5\n1.000000,60.01,513\n");
    }

    #[test]
    fn a_draft_is_a_map_once_a_line_of_it_is_taken() {
        let names = ["Zeit", "P \"tot\""].map(str::to_owned);
        let text = draft(Path::new("a/log.csv"), &names);
        assert!(ColumnMap::from_str("d", &text).is_err_and(|e| e.to_string().starts_with("no column")));
        assert!(ColumnMap::from_str("d", &text.replace("        // (col", "        (col")).is_ok());
    }
}
