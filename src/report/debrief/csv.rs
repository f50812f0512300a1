//! The debrief's tables as CSV.

use super::Class;
use crate::acts::{By, Event};
use crate::journal;
use crate::training::score::{Measure, Score};

/// Lines into text; writing to memory does not fail.
fn text(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    for r in rows {
        if let Err(e) = out.write_record(&r) {
            log::error!("a line of CSV is lost: {e}");
        }
    }
    out.into_inner().map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
}

fn list(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|c| (*c).to_owned()).collect()
}

/// One line a scored line.
pub(super) fn metrics(s: &Score, class: &Class) -> String {
    let head = list(&[
        "group",
        "metric",
        "value",
        "unit",
        "full_at",
        "none_at",
        "points",
        "of",
        "par",
        "class_best",
        "class_best_by",
    ]);
    let number = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:.6}"));
    let lines = s.lines().map(|(group, l)| {
        let (label, unit) = l.metric.label();
        let value = match l.measure {
            Measure::Value(v) => number(Some(v)),
            Measure::NotAsked => "not asked for".to_owned(),
            Measure::Never => "not reached".to_owned(),
        };
        let best = class.best(l.metric);
        let (points, of) = (format!("{:.3}", l.points), format!("{:.3}", l.of));
        vec![
            group.to_owned(),
            label.to_owned(),
            value,
            unit.to_owned(),
            number(l.full),
            number(l.zero),
            points,
            of,
            number(l.par),
            number(best.map(|b| b.value)),
            best.map_or_else(String::new, |b| b.by.clone()),
        ]
    });
    let total = vec![
        String::new(),
        "total".to_owned(),
        s.grade.clone(),
        String::new(),
        String::new(),
        String::new(),
        format!("{:.3}", s.total),
        "100".to_owned(),
    ];
    let total = total.into_iter().chain([String::new(), String::new(), String::new()]).collect();
    text(std::iter::once(head).chain(lines).chain(std::iter::once(total)))
}

/// One line an event.
pub(super) fn events(all: &[Event]) -> String {
    let head = list(&["seq", "t_s", "kind", "by", "object", "from", "to", "value", "unit", "text", "cause"]);
    let lines = all.iter().map(|e| {
        let [from, to] = e.change.unwrap_or(["", ""]);
        let value = if e.unit.is_empty() { String::new() } else { format!("{:.3}", e.value) };
        let cause = e.cause.map_or_else(String::new, |c| c.to_string());
        let mut cells = vec![e.seq.to_string(), format!("{:.3}", e.t_s)];
        cells.extend(list(&[
            journal::word_of(e.kind),
            who(e.by),
            &e.object,
            from,
            to,
            &value,
            e.unit,
            &e.text,
            &cause,
        ]));
        cells
    });
    text(std::iter::once(head).chain(lines))
}

/// Who did it, in a word.
pub(super) fn who(by: By) -> &'static str {
    match by {
        By::Plant => "plant",
        By::Trainee => "trainee",
        By::Instructor => "instructor",
        By::Scenario => "scenario",
    }
}
