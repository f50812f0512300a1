//! Page *Devices*: how miners shed, the battery, auxiliary load and load bank.

use egui::Ui;

use super::{Panel, Row};
use crate::acts::Setpoint;
use crate::console::fmt::{kw, num, short};
use crate::control::{BringUpPath, Refusal};
use crate::plant::signals::site;

pub(super) fn rows(panel: &mut Panel<'_>, ui: &mut Ui) {
    let (plan, plate) = (panel.plan(), &panel.model.plate);
    let on_a = panel.path() == BringUpPath::Ramp;
    let optimal = panel.shown(Setpoint::ShedMode) >= 1.5;
    let path_b = (on_a && !optimal).then(|| "shed policy is read on the two B paths only".to_owned());
    let confirmed = panel.shown(Setpoint::ShedMode) >= 0.5;
    let none = |present: bool, what: &'static str| (!present).then(|| Refusal::NoDevice(what).to_string());
    let breakers = &panel.model.view.breakers;
    let has = |word: &str| breakers.iter().any(|b| b.name.starts_with("52A") && b.name.to_lowercase().contains(word));

    let policy = &panel.model.status.policy;
    let followed = policy.followed().map(|plan| format!("plan {}", plan.name));
    let note = match (&followed, on_a, confirmed) {
        (Some(plan), ..) => plan.as_str(),
        (_, true, _) => "path B only",
        (_, _, true) => "miners first, then GPUs",
        _ => "GPUs and miners at once",
    };
    // a plan comes from the view Plan, or with the scenario: only then is there a third choice
    let known = policy.genset_plan.is_some();
    let items = &["Match", "Match confirmed", "Optimal"][..if known { 3 } else { 2 }];
    panel.choice(ui, Setpoint::ShedMode, items, note, path_b.clone());

    let order = if on_a || confirmed { "match only" } else { lead_words(panel.shown(Setpoint::ShedLeadS)) };
    let lead = Row::new(Setpoint::ShedLeadS, [-5.0, 5.0], 0.1, 1, "s")
        .derived(order)
        .why_not(path_b.or_else(|| confirmed.then(|| "shed lead is read in mode match only".to_owned())));
    panel.row(ui, &lead);

    let lag = if on_a {
        format!("last {} s", num(panel.site(site::SHED_LAG_S), 1))
    } else {
        format!("excursion {} kW", kw(plan.excursion_kw()))
    };
    let latency = Row::new(Setpoint::MinerLatencyS, [0.0, 10.0], 0.1, 1, "s").derived(lag);
    panel.row(ui, &latency.why_not(none(plate.miners > 0, "miners")));

    let missing = none(!plate.bess.is_empty(), "BESS");
    let why = panel.locked().or_else(|| missing.clone());
    let size = Row::new(Setpoint::BessKw, [0.0, (plate.rated_kw * 0.5).max(1.0)], 5.0, 0, "kW")
        .derived(format!("plate {} kW", short(plate.bess_kw)))
        .why_not(missing);
    panel.row_after(ui, &size, |panel, ui| panel.choose(ui, Setpoint::BessOn, &["Off", "On"], why.as_deref()));

    let range = [0.0, (plate.rated_kw.max(1.0) * 0.3).ceil()];
    let aux =
        Row::new(Setpoint::AuxKw, range, 1.0, 0, "kW").derived(format!("now {} kW", kw(panel.site(site::AUX_KW))));
    panel.row(ui, &aux.why_not(none(has(""), "aux load")));
    let bank = has("bank");
    let words = if bank { "resistive" } else { "not fitted" };
    let row = Row::new(Setpoint::LoadBankKw, range, 1.0, 0, "kW").derived(words);
    panel.row(ui, &row.why_not(none(bank, "load bank")));
}

fn lead_words(s: f64) -> &'static str {
    if s > 0.05 {
        "miners first"
    } else if s < -0.05 {
        "GPUs first"
    } else {
        "together"
    }
}
