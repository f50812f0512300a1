//! The reference: parameters, set-points, signals, malfunctions, alarms and shipped files, one table each, read from the tables
//! that the program itself works by.

use super::table;
use crate::acts::fault::FAULTS;
use crate::acts::setpoint::SETPOINTS;
use crate::alarm::Database;
use crate::control::fields::Value;
use crate::plant::device::KINDS;
use crate::plant::signals::{self, Spec};
use crate::scenario::parameter::Parameter;
use crate::shipped::FOLDERS;

/// Title and text of each section.
pub(super) fn sections() -> Result<[(&'static str, String); 6], String> {
    Ok([
        ("Parameters", parameters()),
        ("Set-points", setpoints()),
        ("Signals", signals()),
        ("Malfunctions", malfunctions()),
        ("Alarms", alarms()?),
        ("Files in the program", files()),
    ])
}

/// A number as short as it can be read back; what nothing reaches is a dash.
fn number(v: f64) -> String {
    if v.abs() >= 1e12 { "–".to_owned() } else { format!("{v}") }
}

fn parameters() -> String {
    let lines = Parameter::all().map(|p| {
        let takes = match p.value {
            Value::Choice(words) => words.join(", "),
            Value::Switch => "on, off".to_owned(),
            Value::Count | Value::Number(_) => format!("{} to {}", number(p.range[0]), number(p.range[1])),
        };
        vec![p.name.to_owned(), p.label.to_owned(), p.unit.to_owned(), takes]
    });
    "<p>Names for <code>--set NAME=VALUE</code>, the axes of maps, and the fields of <code>policy: (…)</code>.</p>"
        .to_owned()
        + &table(&["name", "is", "unit", "takes"], lines)
}

fn setpoints() -> String {
    let lines = SETPOINTS.iter().map(|s| {
        let [lo, hi] = s.range.map(number);
        vec![s.label.to_owned(), s.unit.to_owned(), format!("{lo} to {hi}")]
    });
    "<p>What an operator can change while the twin runs.</p>".to_owned()
        + &table(&["set-point", "unit", "range"], lines)
}

fn signals() -> String {
    let block = |prefix: &'static str, specs: &'static [Spec]| {
        specs.iter().map(move |s| {
            let [lo, hi] = s.range.map(number);
            vec![format!("{prefix}.{}", s.id), s.label.to_owned(), s.unit.to_owned(), format!("{lo} to {hi}")]
        })
    };
    let of_devices = KINDS.iter().filter_map(|k| Some((k.noun, k.block?.specs)));
    let named = |noun: &str| format!("<p>Of each {noun}, with its own name before the dot:</p>");
    let mut text = "<p>Columns of CSV files, targets of tag maps and quantities of triggers.</p>".to_owned();
    let head = &["id", "is", "unit", "scale"];
    text += &table(head, block("site", signals::site::SPECS));
    text += &(named("bus section") + &table(head, block("bus", signals::section::SPECS)));
    for (noun, specs) in of_devices {
        text += &(named(noun) + &table(head, block("name", specs)));
    }
    text
}

fn malfunctions() -> String {
    let lines = FAULTS.iter().map(|f| {
        vec![
            f.code.to_owned(),
            f.name.to_owned(),
            format!("{} {}", f.full, f.unit),
            if f.once { "once" } else { "stays" }.to_owned(),
        ]
    });
    table(&["number", "malfunction", "full severity", "lasts"], lines)
}

fn alarms() -> Result<String, String> {
    let database = Database::built_in().map_err(ToString::to_string)?;
    let lines = database.alarms.iter().map(|a| {
        vec![
            a.tag.clone(),
            format!("{} {}", a.priority.number(), a.text),
            a.cause.clone(),
            a.consequence.clone(),
            format!("within {}: {}", a.within, a.response.join(" ")),
        ]
    });
    Ok(table(&["tag", "alarm", "cause", "if nothing is done", "response"], lines))
}

fn files() -> String {
    let lines = FOLDERS.iter().map(|f| {
        let names: Vec<&str> = f.files.iter().map(|(name, _)| *name).collect();
        vec![f.path.to_owned(), names.join(", ")]
    });
    "<p><code>ballast example NAME</code> prints any of them.</p>".to_owned() + &table(&["folder", "files"], lines)
}
