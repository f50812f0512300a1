//! What the terms of the screen mean, in a sentence each: the tooltip of a gauge, a limit or a set-point says what the thing
//! is, and not its number again. One table; keys are the words as they stand on the screen.

use egui::{Response, Ui};

use super::widgets::Ink;

/// A term and what it is.
pub const TERMS: &[(&str, &str)] = &[
    // gauges
    ("Frequency", "Speed of the largest set on the bus, as frequency, and how far it is off nominal."),
    ("Generator", "Electrical output of all gensets together, of their rating."),
    (
        "Headroom",
        "What the sets on the bus can still give: their rating less their output. min: the reserve that is kept.",
    ),
    (
        "Step now",
        "The load that may be added at this instant. It holds 65 % of the step that the engine accepts at its present load; \
         every rise drains it, and it fills again at the pace at which the turbocharger recovers.",
    ),
    ("Ramp 1 s", "How much the gensets' output has changed within the last second, and the ramp limit."),
    ("GPU", "What all GPUs draw, and how many are up. The hollow mark is the target."),
    ("Miners", "What all miners draw, and how many hash. The hollow mark is what control has asked for."),
    ("BESS", "Power of the battery: above 0 it supplies, below 0 it charges."),
    // limits of the next batch
    ("GPU per s", "How many GPUs may change state within one second."),
    ("Step", "The net step of the next batch, after what miners give up for it, against the step limit."),
    ("100 ms window", "Rise of the gensets' output within 100 ms, with the next batch."),
    ("1 s window", "Rise of the gensets' output within one second, with the next batch."),
    ("10 s window", "Rise of the gensets' output within ten seconds, with the next batch."),
    ("Ramp", "Mean rise over five seconds, with the next batch, against the ramp limit."),
    ("Ceiling", "Output of the gensets after the next batch, against the share of the rating that may be used."),
    ("Hold on f", "The schedule waits while the frequency is further off nominal than this."),
    ("Hold on ROCOF", "The schedule waits while the frequency moves faster than this."),
    ("Hold on V", "The schedule waits while the voltage is further off nominal than this."),
    ("Hold on load", "The schedule waits while the gensets carry more than this."),
    ("Interval", "Time from one batch to the next."),
    (
        "Miner confirm",
        "Miners are shed first. The GPUs follow when the miners' feeder has been seen to fall by what was asked for 0.2 s; \
         if it does not fall within the time-out, the schedule holds.",
    ),
    ("Fleet", "Nothing is left to add, or to shed for it."),
    // set-points
    (
        "Path",
        "A: the gensets take up every batch. B: miners give up as much. B + restore: then they come back on a slow ramp.",
    ),
    (
        "Shed policy",
        "Match: miners and GPUs are told at the same instant. Match confirmed: miners first, and GPUs when the miners are \
         seen to have fallen. Optimal: miners follow a plan.",
    ),
    ("Target", "GPU power at which the bring-up is complete."),
    ("Batch", "GPUs that start together."),
    ("Step limit", "Largest net step of one batch. The tick is what the engine accepts at its present load."),
    ("Ramp limit", "Largest mean rise over five seconds. The tick is the pace at which Step now fills."),
    ("Shed share", "Share of each batch that miners give up for it."),
    ("Shed lead", "How long the miners are told before the GPUs; below 0, after them."),
    ("BESS size", "Power of the battery that takes part."),
    ("Aux load", "Pumps, fans, light: load that no schedule moves."),
    ("Load bank", "Resistors that load a set for a test."),
    ("Miner latency", "Time from a command to the miners until they draw less."),
    ("Feedback hold", "Whether a frequency, slope, voltage or load out of bounds makes the schedule wait."),
    ("Hold point", "GPU power at which the schedule holds by itself until RESUME."),
    // words of the panel
    ("source", "Limits in force: those of the operational model (10 GPUs a second, 50 kW in 1 s, 20 kW/s)."),
    (
        "recommended",
        "Limits in force: this program's own, tighter ones (10 kW in 100 ms, 20 kW in 1 s, 100 kW in 10 s), with feedback hold.",
    ),
    (
        "soft to stiff",
        "The same minute on three engines: soft (lean-slow), nominal and stiff (fast-response). The band lies between the \
         soft and the stiff one: as sure as the forecast is.",
    ),
];

/// What a term is.
#[must_use]
pub fn of(term: &str) -> Option<&'static str> {
    TERMS.iter().find(|(t, _)| *t == term).map(|(_, is)| *is)
}

/// The tooltip of what a term stands for: what it is, and below it `more`.
pub(crate) fn hover(response: Response, term: &str, more: &str) -> Response {
    let Some(is) = of(term) else {
        return if more.is_empty() { response } else { response.on_hover_text(more) };
    };
    response.on_hover_ui(|ui: &mut Ui| {
        ui.set_max_width(360.0);
        ui.label(is);
        if !more.is_empty() {
            ui.colored_label(Ink::of(ui).t.text2, more);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::setpoint::SETPOINTS;

    #[test]
    fn every_setpoint_and_gauge_says_what_it_is() {
        for s in &SETPOINTS {
            let known = of(s.label).unwrap_or_else(|| panic!("no words for {}", s.label));
            assert!(known.ends_with('.') && known.len() > 20, "{known}");
        }
        for g in ["Frequency", "Generator", "Headroom", "Step now", "Ramp 1 s", "GPU", "Miners", "BESS"] {
            assert!(of(g).is_some(), "{g}");
        }
    }

    #[test]
    fn a_term_stands_once() {
        for (i, (term, _)) in TERMS.iter().enumerate() {
            assert!(TERMS[..i].iter().all(|(other, _)| other != term), "{term}");
        }
    }
}
