//! From a recording to the record of one set: which columns there must be, and what is done where there are totals only.

use std::path::Path;

use super::Read;
use crate::feed::csv_tail;
use crate::feed::table::{Given, Table};
use crate::plant::config::{Genset, Plant};
use crate::plant::signals::{SignalTable, genset, site};
use crate::shadow::fit::{Refusal, Rows};

/// Reads the rows between two times, s.
pub(super) fn read(path: &Path, plant: &Plant, [from_s, to_s]: [f64; 2]) -> Result<Read, String> {
    let file = path.display().to_string();
    let lines = csv_tail::lines(path).map_err(|e| format!("{e}: {file}"))?;
    let mut lines =
        lines.iter().zip(1..).filter(|(l, _)| !l.trim().is_empty()).skip_while(|(l, _)| Table::is_comment(l));
    let (header, line) = lines.next().ok_or_else(|| format!("the file is empty: {file}"))?;
    let table = table_of(plant);
    let mut given = Table::begin(header, &file, line, Some(&table)).map_err(|e| e.to_string())?;
    let columns = given.columns();
    // A power alone may be a genset's or a battery's; the plant knows whose.
    let of_plant = |name: &str| plant.bess.iter().any(|b| b.name.eq_ignore_ascii_case(name));
    let has = columns.parts[1].iter().filter(|name| !of_plant(name)).count();
    let knows = plant.gensets.len();
    if has > knows {
        return Err(format!(
            "{has} gensets where the plant has {knows} (expected --scenario with all of them): {file}"
        ));
    }
    let has = |id: &str| columns.mapped.iter().any(|m| m == id);
    let (as_one, notes) = needed(plant, &table, &has).map_err(|e| format!("{e}: {file}"))?;
    let source = columns.table.clone();
    let plant = as_one.as_ref().unwrap_or(plant);
    let mut rows = Rows::new(plant, &source);
    for (text, line) in lines {
        given.take(text, line);
    }
    given.end();
    while let Some(one) = given.give() {
        match one {
            Given::Row(row, _) if row.t_s >= from_s && row.t_s <= to_s => {
                rows.take(row.t_s, &row.values).map_err(|e| format!("{e}: {file}"))?;
            }
            Given::Row(..) => {}
            Given::Notice(what) => eprintln!("ballast: {what}"),
            Given::Trouble(what) => return Err(what.to_string()),
        }
    }
    let (set, record, miners) = rows.finish().map_err(|e: Refusal| format!("{e}: {file}"))?;
    let set = plant.gensets.get(set).ok_or_else(|| format!("the plant has no genset: {file}"))?.clone();
    Ok(Read { set, record, miners, notes })
}

fn table_of(plant: &Plant) -> SignalTable {
    let names = |it: &mut dyn Iterator<Item = &String>| it.cloned().collect::<Vec<_>>();
    SignalTable::new(
        &plant.sections,
        &names(&mut plant.gensets.iter().map(|g| &g.name)),
        &names(&mut plant.bess.iter().map(|b| &b.name)),
    )
}

/// Whether the file has what a fit is made of, in the words of its columns. Of several sets whose total alone is there, the plant
/// with one set in their place.
fn needed(
    plant: &Plant,
    table: &SignalTable,
    has: &dyn Fn(&str) -> bool,
) -> Result<(Option<Plant>, Vec<String>), String> {
    let id = |i| table.get(i).id.clone();
    let of_site = |i| id(crate::plant::signals::at(i));
    let (f, total) = (of_site(site::F_HZ), of_site(site::GEN_KW));
    if !has(&f) {
        return Err(format!("the file has no frequency (expected a column {f})"));
    }
    let own = |what| (0..plant.gensets.len()).map(|i| id(table.genset(i, what))).collect::<Vec<_>>();
    let (power, breaker) = (own(genset::P_KW), own(genset::BREAKER));
    let told: Vec<bool> = power.iter().zip(&breaker).map(|(p, b)| has(p) || has(b)).collect();
    if !has(&total) && !power.iter().any(|p| has(p)) {
        return Err(format!("the file has no genset power (expected a column {total} or {})", power.join(", ")));
    }
    if plant.gensets.len() < 2 || told.iter().all(|t| *t) {
        return Ok((None, Vec::new()));
    }
    if told.iter().any(|t| *t) {
        let missing: Vec<&str> = power.iter().zip(&told).filter(|(_, t)| !**t).map(|(p, _)| p.as_str()).collect();
        return Err(format!(
            "the file does not say which sets were on the bus (expected columns {} beside the others, or {total} alone)",
            missing.join(", ")
        ));
    }
    let on: Vec<&Genset> = plant.gensets.iter().filter(|g| g.on_at_start).collect();
    let Some(first) = on.first() else { return Err("the scenario has no set on the bus at its start".to_owned()) };
    let sum = |of: fn(&Genset) -> f64| on.iter().map(|g| of(g)).sum::<f64>();
    let names: Vec<&str> = on.iter().map(|g| g.name.as_str()).collect();
    let set = Genset {
        name: names.join("+"),
        rated_kw: sum(|g| g.rated_kw),
        rated_kva: sum(|g| g.rated_kva),
        ..(*first).clone()
    };
    let note = format!(
        "the file has only the total of {}: fitted as one set of {:.0} kW, which is what they are together",
        names.join(", "),
        set.rated_kw
    );
    Ok((Some(Plant { gensets: vec![set], ..plant.clone() }), vec![note]))
}
