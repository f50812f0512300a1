//! Page *Devices*: how miners shed, the battery, auxiliary load and load bank.

use egui::pos2;

use super::{Panel, Row, knob};
use crate::acts::Setpoint;
use crate::console::views::controls::{Scale, segmented};
use crate::console::views::ink::{kw, num, short};
use crate::control::{BringUpPath, Refusal};
use crate::plant::signals::site;

pub(super) fn rows(panel: &mut Panel<'_>) {
    let plan = panel.plan();
    let on_a = panel.path() == BringUpPath::Ramp;
    let path_b = on_a.then(|| "shed policy is read on the two B paths only".to_owned());
    let confirmed = panel.shown(Setpoint::ShedMode) >= 0.5;
    let note = match (on_a, confirmed) {
        (true, _) => "path B only",
        (_, true) => "miners first, then GPUs",
        _ => "GPUs and miners at once",
    };
    panel.label(0, knob::name(Setpoint::ShedMode), note);
    panel.choice(0, Setpoint::ShedMode, &["Match", "Match confirmed"], path_b.clone());
    panel.row(
        1,
        &Row {
            set: Setpoint::ShedLeadS,
            scale: Scale { range: [-5.0, 5.0], log: false, step: 0.1, decimals: 1 },
            factor: 1.0,
            unit: "s",
            derived: if on_a || confirmed { "match only".into() } else { lead_words(panel.shown(Setpoint::ShedLeadS)) },
            limit: None,
            why_not: path_b.or_else(|| confirmed.then(|| "shed lead is read in mode match only".to_owned())),
        },
    );
    let no_miners = (panel.model.plate.miners == 0).then(|| Refusal::NoDevice("miners").to_string());
    panel.row(
        2,
        &Row {
            set: Setpoint::MinerLatencyS,
            scale: Scale { range: [0.0, 10.0], log: false, step: 0.1, decimals: 1 },
            factor: 1.0,
            unit: "s",
            derived: if on_a {
                format!("last {} s", num(panel.site(site::SHED_LAG_S), 1))
            } else {
                format!("excursion {} kW", kw(plan.excursion_kw()))
            },
            limit: None,
            why_not: no_miners,
        },
    );
    battery(panel);
    let none = |present: bool, what: &'static str| (!present).then(|| Refusal::NoDevice(what).to_string());
    let has = |word: &str| {
        panel.model.view.breakers.iter().any(|b| b.name.starts_with("52A") && b.name.to_lowercase().contains(word))
    };
    let (aux, bank) = (has(""), has("bank"));
    let rated = panel.model.plate.rated_kw.max(1.0);
    let scale = Scale { range: [0.0, (rated * 0.3).ceil()], log: false, step: 1.0, decimals: 0 };
    let now = format!("now {} kW", kw(panel.site(site::AUX_KW)));
    panel.row(
        4,
        &Row {
            set: Setpoint::AuxKw,
            scale,
            factor: 1.0,
            unit: "kW",
            derived: now,
            limit: None,
            why_not: none(aux, "aux load"),
        },
    );
    let words = if bank { "resistive" } else { "not fitted" };
    panel.row(
        5,
        &Row {
            set: Setpoint::LoadBankKw,
            scale,
            factor: 1.0,
            unit: "kW",
            derived: words.into(),
            limit: None,
            why_not: none(bank, "load bank"),
        },
    );
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
    if let Some(i) =
        segmented(panel.ui, &panel.ink, pos2(x0, y - 14.0), "BESS", &items, usize::from(on), 10.0, why.as_deref())
    {
        panel.state.knobs.stage(Setpoint::BessOn, i as f64, panel.now_s);
    }
    let row = Row {
        set: Setpoint::BessKw,
        scale: Scale { range: [0.0, (plate.rated_kw * 0.5).max(1.0)], log: false, step: 5.0, decimals: 0 },
        factor: 1.0,
        unit: "kW",
        derived: format!("plate {} kW", short(plate.bess_kw)),
        limit: None,
        why_not: missing,
    };
    let wide = crate::console::views::controls::segmented_width(&panel.ink, &items, 10.0);
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
