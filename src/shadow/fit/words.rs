//! What a fit says of itself, for a terminal, a window and a page alike.

use super::{Fit, LEAST_EXCITATION_PU, NOT_THIS_MODEL, Parameter, Structure, Unknown, WIDEST_CI, WIDEST_SKEW_S};

/// Half width beyond which the number says nothing more.
const VAST: f64 = 2.0;

impl Parameter {
    /// Half width of the interval.
    #[must_use]
    pub fn width(&self) -> String {
        if self.what.is_factor() {
            format!("±{:.1} %", 100.0 * self.half_width)
        } else {
            format!("±{:.0} ms", 1000.0 * self.half_width)
        }
    }
}

/// Three or four digits, as many as a parameter is known to.
#[must_use]
pub fn figure(v: f64) -> String {
    if !v.is_finite() {
        return "–".to_owned();
    }
    let digits = match v.abs() {
        x if x >= 100.0 => 0,
        x if x >= 10.0 => 1,
        x if x >= 1.0 => 2,
        x if x >= 0.1 => 3,
        _ => 4,
    };
    format!("{v:.digits$}")
}

impl Fit {
    /// A parameter by name.
    #[must_use]
    pub fn parameter(&self, what: Unknown) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.what == what)
    }

    /// Whether the load moved too little to tell anything.
    #[must_use]
    pub fn flat(&self) -> bool {
        self.excitation_pu < LEAST_EXCITATION_PU
    }

    /// Whether no structure explains the record.
    #[must_use]
    pub fn is_not_this_model(&self) -> bool {
        !self.flat() && self.misfit > NOT_THIS_MODEL
    }

    /// Why the record does not tell a parameter, in words; `None` for one that it tells.
    #[must_use]
    pub fn why_not(&self, p: &Parameter) -> Option<String> {
        if p.identifiable {
            return None;
        }
        if self.flat() {
            let (moves, least) = (100.0 * self.excitation_pu, 100.0 * LEAST_EXCITATION_PU);
            return Some(format!("load moves by {moves:.1} % of rating, {least:.0} % needed"));
        }
        if self.is_not_this_model() {
            return Some("not this model".to_owned());
        }
        if let Some(bound) = p.at_bound {
            return Some(format!("at the bound of the search, {} {}", figure(bound), p.what.unit()));
        }
        let least = if p.what.is_factor() { WIDEST_CI } else { WIDEST_SKEW_S };
        if p.half_width > least || !p.half_width.is_finite() {
            if !p.what.is_factor() {
                return Some(format!("{}, ±{:.0} ms at most", p.width(), 1000.0 * WIDEST_SKEW_S));
            }
            let most = 100.0 * WIDEST_CI;
            if !(p.half_width <= VAST) {
                return Some(format!("more than ±200 %, ±{most:.0} % at most"));
            }
            return Some(format!("{}, ±{most:.0} % at most", p.width()));
        }
        if p.optional {
            return Some("a structure without it explains as much".to_owned());
        }
        Some("the skew of power is not known well enough".to_owned())
    }

    /// What the whole is worth: structure, what else explains as much, what is not known. One line each.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        if self.flat() {
            return vec![format!(
                "The load must move by {:.0} % of the rating at least (standard deviation).",
                100.0 * LEAST_EXCITATION_PU
            )];
        }
        let mut lines = Vec::new();
        if self.is_not_this_model() {
            lines.push(format!(
                "Not this model: {:.0} % of what frequency does (RMS) is explained by none of the {} structures that were tried.",
                100.0 * self.misfit,
                self.tried.len()
            ));
        }
        let others: Vec<&str> = self.tried.iter().skip(1).filter(|t| t.as_good).map(|t| t.structure.name()).collect();
        let others = match others.as_slice() {
            [] => String::new(),
            some => format!("; as good: {}", some.join("; ")),
        };
        let given = if self.structure == Structure::Given { format!(" ({})", self.start) } else { String::new() };
        lines.push(format!("Structure: {}{given}{others}.", self.structure.name()));
        for p in self.parameters.iter().filter(|p| p.what.is_factor()) {
            if let Some(bound) = p.at_bound {
                lines.push(format!(
                    "The {} ended at the bound of the search, {} {}: it is not told, and others may stand in for it.",
                    p.what.label(),
                    figure(bound),
                    p.what.unit()
                ));
            }
        }
        if self.meter.step_hz > 0.002 {
            lines.push(format!("The frequency meter resolves {} Hz.", figure(self.meter.step_hz)));
        }
        let e = &self.excited;
        lines.push(format!(
            "Seen: {:.0} to {:.0} kW, rises of {:.0} and falls of {:.0} kW within a second. Beyond that the set is unknown.",
            e.kw[0], e.kw[1], e.step_kw[0], e.step_kw[1]
        ));
        lines
    }
}
