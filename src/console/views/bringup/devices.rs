//! Page *Devices*: how miners shed, the battery, auxiliary load and load bank.

use egui::pos2;

use super::{Panel, Row};
use crate::acts::Setpoint;
use crate::console::fmt::{kw, num, short};
use crate::console::widgets::Segmented;
use crate::control::{BringUpPath, Refusal};
use crate::plant::signals::site;

pub(super) fn rows(panel: &mut Panel<'_>) {
    let plan = panel.plan();
    let on_a = panel.path() == BringUpPath::Ramp;
    let optimal = panel.shown(Setpoint::ShedMode) >= 1.5;
    let path_b = (on_a && !optimal).then(|| "shed policy is read on the two B paths only".to_owned());
    let confirmed = panel.shown(Setpoint::ShedMode) >= 0.5;
    let followed = panel.model.status.policy.followed().map(|plan| format!("plan {}", plan.name));
    let note = match (&followed, on_a, confirmed) {
        (Some(plan), ..) => plan.as_str(),
        (_, true, _) => "path B only",
        (_, _, true) => "miners first, then GPUs",
        _ => "GPUs and miners at once",
    };
    panel.label(0, Setpoint::ShedMode.spec().label, note);
    // a plan comes from the view Plan, or with the scenario: only then is there a third choice
    let known = panel.model.status.policy.genset_plan.is_some();
    let items = &["Match", "Match confirmed", "Optimal"][..if known { 3 } else { 2 }];
    panel.choice(0, Setpoint::ShedMode, items, path_b.clone());
    panel.row(
        1,
        Row::new(Setpoint::ShedLeadS, [-5.0, 5.0], 0.1, 1, "s")
            .derived(if on_a || confirmed {
                "match only".to_owned()
            } else {
                lead_words(panel.shown(Setpoint::ShedLeadS))
            })
            .why_not(path_b.or_else(|| confirmed.then(|| "shed lead is read in mode match only".to_owned()))),
    );
    let no_miners = (panel.model.plate.miners == 0).then(|| Refusal::NoDevice("miners").to_string());
    panel.row(
        2,
        Row::new(Setpoint::MinerLatencyS, [0.0, 10.0], 0.1, 1, "s")
            .derived(if on_a {
                format!("last {} s", num(panel.site(site::SHED_LAG_S), 1))
            } else {
                format!("excursion {} kW", kw(plan.excursion_kw()))
            })
            .why_not(no_miners),
    );
    battery(panel);
    let none = |present: bool, what: &'static str| (!present).then(|| Refusal::NoDevice(what).to_string());
    let has = |word: &str| {
        panel.model.view.breakers.iter().any(|b| b.name.starts_with("52A") && b.name.to_lowercase().contains(word))
    };
    let (aux, bank) = (has(""), has("bank"));
    let rated = panel.model.plate.rated_kw.max(1.0);
    let range = [0.0, (rated * 0.3).ceil()];
    let now = format!("now {} kW", kw(panel.site(site::AUX_KW)));
    let row = Row::new(Setpoint::AuxKw, range, 1.0, 0, "kW").derived(now).why_not(none(aux, "aux load"));
    panel.row(4, row);
    let words = if bank { "resistive" } else { "not fitted" };
    let row = Row::new(Setpoint::LoadBankKw, range, 1.0, 0, "kW").derived(words).why_not(none(bank, "load bank"));
    panel.row(5, row);
}

/// In or out of service beside the size.
fn battery(panel: &mut Panel<'_>) {
    let plate = std::sync::Arc::clone(&panel.model.plate);
    let missing = plate.bess.is_empty().then(|| Refusal::NoDevice("BESS").to_string());
    let why = panel.locked().or_else(|| missing.clone());
    let [x0, x1, _] = panel.columns();
    let y = panel.row_y(3);
    let shown = panel.shown(Setpoint::BessOn);
    let on = shown > 0.5;
    let items = ["Off", "On"];
    if let Some(i) = Segmented::new("BESS", &items, usize::from(on))
        .padding(10.0)
        .why_not(why.as_deref())
        .at(panel.ui, pos2(x0, y - 14.0))
    {
        panel.state.knobs.stage(Setpoint::BessOn, i as f64, panel.now_s);
    }
    let row = Row::new(Setpoint::BessKw, [0.0, (plate.rated_kw * 0.5).max(1.0)], 5.0, 0, "kW")
        .derived(format!("plate {} kW", short(plate.bess_kw)))
        .why_not(missing);
    let wide = Segmented::new("", &items, 0).padding(10.0).size(&panel.ink).x;
    panel.row_in(3, &row, x0 + wide + 16.0, x1);
}

fn lead_words(s: f64) -> String {
    if s > 0.05 {
        "miners first".into()
    } else if s < -0.05 {
        "GPUs first".into()
    } else {
        "together".into()
    }
}
