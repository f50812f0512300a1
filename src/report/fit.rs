//! The validation page of a fit: what was measured against what the model makes of the same power, figure by figure, with what
//! is known of each parameter, what is not, and the command that makes the page again. One file that fetches nothing.

use super::chart::{Chart, Curve, GENSET, OTHER};
use super::debrief::html::{Table, facts, list, p};
use super::debrief::page::document;
use super::svg::escape;
use crate::shadow::fit::{Check, Fit, Record, Swing, figure};

/// Pictures, px.
const WIDE: f64 = 1000.0;
const HIGH: f64 = 230.0;
const LOW: f64 = 130.0;

/// What the page is made of.
#[derive(Debug)]
pub struct Page<'a> {
    /// The fit.
    pub fit: &'a Fit,
    /// The prediction of a second recording.
    pub check: Option<&'a Check>,
    /// The recordings.
    pub files: [Option<String>; 2],
    /// What must be known of how they were read.
    pub notes: Vec<String>,
    /// The command that makes the page again.
    pub command: String,
}

impl Page<'_> {
    /// The file.
    #[must_use]
    pub fn html(&self) -> String {
        let title = format!("Validation of {}", self.fit.set);
        let parts = [
            self.head(&title),
            self.measured(),
            self.parameters(),
            self.unknown(),
            self.structures(),
            self.second(),
            self.again(),
        ];
        document(&title, &parts.concat())
    }

    fn head(&self, title: &str) -> String {
        let f = self.fit;
        let [t0, t1] = f.window_s;
        let [first, second] = &self.files;
        let pairs = [
            ("Recording", first.clone().unwrap_or_default()),
            ("Second recording", second.clone().unwrap_or_default()),
            ("Set", format!("{}, {:.0} kW, {:.0} kVA", f.set, f.genset.rated_kw, f.genset.rated_kva)),
            ("Given as", f.start.clone()),
            ("Structure", f.structure.name().to_owned()),
            ("Used", format!("{t0:.1} s to {t1:.1} s, {} rows each {:.2} s", f.rows, f.period_s)),
            ("Load moves by", format!("{:.1} % of rating (standard deviation)", 100.0 * f.excitation_pu)),
            ("Frequency meter", meter(f)),
            ("Explained", format!("{:.1} %, {:.4} Hz RMS left", 100.0 * f.explained, f.rms_after_hz)),
            ("Made by", format!("ballast {}", env!("CARGO_PKG_VERSION"))),
        ];
        let verdict = if f.flat() {
            "Nothing can be told: the load moves too little."
        } else if f.is_not_this_model() {
            "Not this model: no structure that was tried explains this record. No figure below is one of the plant."
        } else {
            "The model explains the record. It holds within what the record has shown, and no further."
        };
        format!(
            "<h1>{}</h1><p class=\"quiet\">Positive-sequence model of one genset, driven by the measured power</p>\
             <div class=\"cap\">{}</div>{}{}",
            escape(title),
            escape(verdict),
            facts(&pairs),
            self.notes.iter().map(|n| p("quiet", n)).collect::<String>()
        )
    }

    fn measured(&self) -> String {
        let f = self.fit;
        let mut out = "<h2>1 Measured against model</h2>".to_owned();
        out.push_str(&pictures(&f.record, &f.model_hz));
        out.push_str(&swings(&f.swings));
        out
    }

    fn parameters(&self) -> String {
        let f = self.fit;
        let mut table = Table::new("", &["Parameter", "Unit", "Given>", "Fitted>", "95 % interval>", "Known"]);
        for q in &f.parameters {
            let interval = format!(">{} to {}", figure(q.interval[0]), figure(q.interval[1]));
            let known = f.why_not(q).map_or_else(|| q.width(), |why| format!("not identifiable: {why}"));
            let given = if q.start.is_finite() { format!(">{}", figure(q.start)) } else { ">–".to_owned() };
            table.line(&[q.what.label(), q.what.unit(), &given, &format!(">{}", figure(q.value)), &interval, &known]);
        }
        format!(
            "<h2>2 Parameters</h2>{}{}",
            table.finish(),
            p(
                "quiet",
                "An interval goes from the lowest to the highest end over all structures that explain the record as well. \
                 Inertia is on the rated kVA, powers are in pu of the rated kW."
            )
        )
    }

    fn unknown(&self) -> String {
        let mut lines = self.fit.remarks();
        lines.extend(
            self.fit
                .alike
                .iter()
                .map(|(a, b, r)| format!("Hard to tell apart: {} and {} (correlation {r:+.2}).", a.label(), b.label())),
        );
        if let Err(why) = &self.fit.keepable {
            lines.push(format!("No preset can be made of it: {why}."));
        }
        format!("<h2>3 What is not known</h2>{}", list(&lines))
    }

    fn structures(&self) -> String {
        let mut table = Table::new("", &["Structure", "Parameters>", "Left, Hz RMS>", "Criterion above best>", ""]);
        for t in &self.fit.tried {
            let said = if t.as_good { "explains as much" } else { "" };
            table.line(&[
                t.structure.name(),
                &format!(">{}", t.parameters),
                &format!(">{:.4}", t.rms_hz),
                &format!(">{:.1}", t.worse_by),
                said,
            ]);
        }
        format!("<h2>4 Structures that were tried</h2>{}", table.finish())
    }

    fn second(&self) -> String {
        let Some(c) = self.check else {
            return format!(
                "<h2>5 Prediction of another recording</h2>{}",
                p(
                    "quiet",
                    "None was given (--check FILE.csv). A model that has not predicted anything is not validated."
                )
            );
        };
        let beyond = if c.beyond.is_empty() {
            p("", "Within what the fitted record has shown.")
        } else {
            format!(
                "{}{}",
                p("", "Beyond what the fitted record has shown, so agreement here is not owed to the fit:"),
                list(&c.beyond)
            )
        };
        format!(
            "<h2>5 Prediction of another recording</h2>{}{beyond}{}{}",
            p(
                "",
                &format!(
                    "{:.1} % of what frequency does is predicted, {:.4} Hz RMS off.",
                    100.0 * c.explained,
                    c.rms_hz
                )
            ),
            pictures(&c.record, &c.model_hz),
            swings(&c.swings)
        )
    }

    fn again(&self) -> String {
        format!(
            "<h2>6 Made by</h2><p><code>{}</code></p>\
             <div class=\"sign\"><div>Made by</div><div>Checked by</div><div>Date</div></div>",
            escape(&self.command)
        )
    }
}

fn meter(f: &Fit) -> String {
    let noise = 1000.0 * f.meter.noise_hz;
    if f.meter.step_hz > 0.0 {
        format!("steps of {} Hz, noise {noise:.1} mHz", figure(f.meter.step_hz))
    } else {
        format!("noise {noise:.1} mHz")
    }
}

/// Frequency of both, their difference, and the power that drives them.
fn pictures(record: &Record, model_hz: &[f64]) -> String {
    let points =
        |y: &mut dyn Iterator<Item = f64>| record.t_s.iter().zip(y).map(|(t, v)| (*t, v, v)).collect::<Vec<_>>();
    let chart = |title, unit, curves: Vec<Curve<'_>>, height| {
        let all = curves.iter().flat_map(|c| c.points.iter().map(|q| q.1));
        let range = all.fold([f64::MAX, f64::MIN], |[l, h], v| [l.min(v), h.max(v)]);
        let margin = 0.05 * (range[1] - range[0]).max(1e-6);
        Chart {
            title,
            unit,
            span_s: record.window_s(),
            range: [range[0] - margin, range[1] + margin],
            fit: false,
            band: None,
            limits: Vec::new(),
            curves,
            marks: &[],
            width: WIDE,
            height,
        }
        .svg()
    };
    let measured = Curve { name: "measured", pen: GENSET, points: points(&mut record.f_hz.iter().copied()) };
    let model = Curve { name: "model", pen: OTHER, points: points(&mut model_hz.iter().copied()) };
    let mut differences = record.f_hz.iter().zip(model_hz).map(|(m, s)| m - s);
    let off = Curve { name: "measured less model", pen: GENSET, points: points(&mut differences) };
    let power = Curve { name: "power", pen: GENSET, points: points(&mut record.p_kw.iter().copied()) };
    [
        chart("Frequency", "Hz", vec![measured, model], HIGH),
        chart("Difference", "Hz", vec![off], LOW),
        chart("Power, measured; the model is driven by it", "kW", vec![power], LOW),
    ]
    .concat()
}

fn swings(all: &[Swing]) -> String {
    if all.is_empty() {
        return p("quiet", "No load change is large enough to be told apart.");
    }
    let head = [
        "At, s>",
        "Load, kW>",
        "Dip or rise, Hz>",
        "Model, Hz>",
        "Error, %>",
        "There after, s>",
        "Model, s>",
        "Error, %>",
        "Ends at, Hz>",
        "Model, Hz>",
        "Error, mHz>",
    ];
    let mut table = Table::new("", &head);
    let seconds = |s: Option<f64>| s.map_or_else(|| ">–".to_owned(), |s| format!(">{s:.1}"));
    for s in all {
        table.line(&[
            &format!(">{:.1}", s.t_s),
            &format!(">{:+.0}", s.step_kw),
            &format!(">{:.3}", s.extreme_hz[0]),
            &format!(">{:.3}", s.extreme_hz[1]),
            &format!(">{:+.1}", 100.0 * s.dip_error()),
            &seconds(s.recovery_s[0]),
            &seconds(s.recovery_s[1]),
            &s.recovery_error().map_or_else(|| ">–".to_owned(), |e| format!(">{:+.0}", 100.0 * e)),
            &format!(">{:.3}", s.end_hz[0]),
            &format!(">{:.3}", s.end_hz[1]),
            &format!(">{:+.1}", 1000.0 * s.end_error_hz()),
        ]);
    }
    format!(
        "{}{}",
        table.finish(),
        p(
            "quiet",
            "There: frequency stays within a tenth of the swing about where it ends. –: not within the time that is followed."
        )
    )
}
