//! The ten parts of the debrief, each a function from data to HTML.

use super::html::{Table, facts, file_link, list, p};
use super::rows::What;
use super::{COMPETENCIES, Debrief, csv, moments};
use crate::acts::{By, Event, EventKind};
use crate::report::chart::{BESS, Chart, Curve, GENSET, GPU, MINER, Mark, OTHER, Sign, clock};
use crate::report::svg::{Align, Pen, Svg, escape, ink};
use crate::training::score::{LineScore, Measure};

/// Width of a strip and of a moment's picture, px.
const WIDE: f64 = 1000.0;
/// Height of a strip, px.
const HIGH: f64 = 190.0;
/// Most events that are printed; the file behind the link has them all.
const PRINTED: usize = 2000;

fn heading(n: u32, text: &str) -> String {
    format!("<h2>{n} {}</h2>", escape(text))
}

/// Part 1.
pub(super) fn header(d: &Debrief) -> String {
    let h = &d.head;
    let [recorded, made] = &h.versions;
    let version = if recorded == made { recorded.clone() } else { format!("recorded by {recorded}, made by {made}") };
    let pairs = [
        ("Trainee", h.trainee.clone()),
        ("Scenario", h.scenario.clone()),
        ("Purpose", h.purpose.clone()),
        ("Initial condition", h.initial_condition.clone()),
        ("Mode", h.mode.clone()),
        ("Began (UTC)", h.started.clone()),
        ("Length", format!("{} ({:.1} s)", clock(h.length_s, false), h.length_s)),
        ("Seed", h.seed.to_string()),
        ("Engine preset", h.preset.clone()),
        ("Model", h.model.clone()),
        ("Rubric", format!("{}: {}", d.rubric.name, d.rubric.purpose)),
        ("Version", version),
        ("Run", h.run_id.clone()),
        ("Scenario hash", h.scenario_hash.clone()),
        ("End state hash", h.state_hash.clone()),
        ("Journal hash", h.chain_hash.clone()),
    ];
    let not_valid = d.not_valid().map_or_else(String::new, |why| {
        format!("<div class=\"cap\">{}</div>", p("", &format!("The model does not hold: {why}.")))
    });
    format!(
        "<h1>Debrief</h1><p class=\"quiet\">{} · {}</p>{not_valid}{}{}",
        escape(&h.scenario),
        escape(&h.trainee),
        heading(1, "Run"),
        facts(&pairs)
    )
}

/// Part 2.
pub(super) fn score(d: &Debrief) -> String {
    let s = &d.score;
    let mut out = heading(2, "Score");
    let total = if s.void.is_some() { "–".to_owned() } else { format!("{:.0}", s.total) };
    out.push_str(&format!("<div class=\"total\"><b>{total}</b><span>of 100 · {}</span></div>", escape(&s.grade)));
    if !s.complete {
        let why = if s.par.is_none() {
            "Par is not known: lines that need it have earned nothing yet.".to_owned()
        } else {
            let [at, horizon] = [s.metrics.t_s, s.metrics.horizon_s];
            format!("Provisional: the run ends at {at:.0} s, the horizon is {horizon:.0} s.")
        };
        out.push_str(&p("quiet", &why));
    }
    out.push_str(&bars(d));
    out.push_str(&p("", &format!("ISO 8528-5: {}.", s.metrics.response_words())));
    if let Some(why) = &s.void {
        out.push_str(&format!("<div class=\"cap\">{}</div>", p("", &format!("Void: {why}."))));
    }
    if let Some(cap) = s.caps.iter().min_by(|a, b| a.at.total_cmp(&b.at)) {
        let effect = if s.raw > cap.at {
            format!("The lowest, {:.0}, holds.", cap.at)
        } else {
            "None of them bites.".to_owned()
        };
        let caps: Vec<String> = s.caps.iter().map(|c| format!("Cap at {:.0}: {}.", c.at, c.why)).collect();
        out.push_str(&format!("<div class=\"cap\">{}{}</div>", list(&caps), p("", &effect)));
    } else {
        out.push_str(&p("", "No cap holds."));
    }
    if s.deductions.is_empty() {
        out.push_str(&p("", "No deductions."));
    } else {
        let lines: Vec<String> = s
            .deductions
            .iter()
            .map(|(what, t, points)| format!("−{points:.0} {} at {}", what.name(), clock(*t, true)))
            .collect();
        out.push_str(&list(&lines));
    }
    out
}

/// The four groups, never the total alone.
fn bars(d: &Debrief) -> String {
    let (pitch, left, full) = (34.0, 190.0, 640.0);
    let groups = &d.score.groups;
    let mut s = Svg::new(WIDE, pitch * groups.len() as f64 + 4.0, "Points of the four groups");
    for (k, g) in groups.iter().enumerate() {
        let y = k as f64 * pitch + 4.0;
        s.text_px(0.0, y + 17.0, &g.name, Align::Start, ink::TEXT, 14.0, false);
        s.rect(left, y + 4.0, full, 16.0, "#E9EAEB");
        s.rect(left, y + 4.0, full * (g.points / g.of.max(1e-9)).clamp(0.0, 1.0), 16.0, ink::GPU);
        s.frame(left + 0.5, y + 4.5, full - 1.0, 15.0, ink::DEAD);
        s.text_px(
            left + full + 90.0,
            y + 17.0,
            &format!("{:.1} / {:.0}", g.points, g.of),
            Align::End,
            ink::TEXT,
            14.0,
            true,
        );
    }
    s.finish()
}

/// What stands under the strips.
fn marks(d: &Debrief) -> Vec<Mark> {
    let mut all: Vec<Mark> = Vec::new();
    for a in &d.score.metrics.conduct.acks {
        all.push(Mark {
            t_s: a.raised_s,
            sign: Sign::Alarm(a.priority),
            text: format!("alarm {} P{}", a.tag, a.priority),
        });
    }
    for e in &d.events {
        let sign = match e.kind {
            EventKind::Trip => Sign::Trip,
            EventKind::Fault => Sign::Fault,
            EventKind::Script => Sign::Fault,
            EventKind::Command => Sign::Act,
            _ => continue,
        };
        all.push(Mark { t_s: e.t_s, sign, text: format!("{} {}", e.object, e.text) });
    }
    all.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
    all
}

fn curve<'a>(d: &Debrief, name: &'a str, pen: Pen, what: What, span: [f64; 2]) -> Curve<'a> {
    Curve { name, pen, points: d.rows.points(what, span) }
}

fn frequency<'a>(d: &Debrief, span_s: [f64; 2], marks: &'a [Mark], width: f64) -> Chart<'a> {
    let f0 = d.limits.f0_hz;
    let mut f = curve(d, "f", GENSET, What::Frequency, span_s);
    // a dead bus has no frequency: the line ends there
    for p in f.points.iter_mut().filter(|p| p.1 < 0.5 * f0) {
        (p.1, p.2) = (f64::NAN, f64::NAN);
    }
    Chart {
        title: "Frequency",
        unit: "Hz",
        span_s,
        range: [f0 * 0.995, f0 * 1.005],
        fit: true,
        band: Some([f0 * 0.995, f0 * 1.005]),
        limits: d.limits.f_hz.clone(),
        curves: vec![f],
        marks,
        width,
        height: HIGH,
    }
}

fn power<'a>(d: &Debrief, span_s: [f64; 2], marks: &'a [Mark], width: f64) -> Chart<'a> {
    let mut curves = vec![
        curve(d, "Genset", GENSET, What::Genset, span_s),
        curve(d, "GPU", GPU, What::Gpu, span_s),
        curve(d, "Miners", MINER, What::Miner, span_s),
    ];
    if d.rows.exceeds(What::Bess, 0.5) {
        curves.push(curve(d, "BESS", BESS, What::Bess, span_s));
    }
    let rated = d.limits.rated_kw;
    Chart {
        title: "Power",
        unit: "kW",
        span_s,
        range: [0.0, rated * 1.05],
        fit: true,
        band: None,
        limits: vec![("rating".to_owned(), rated)],
        curves,
        marks,
        width,
        height: HIGH,
    }
}

/// Part 3.
pub(super) fn strips(d: &Debrief) -> String {
    let span_s = [0.0, d.head.length_s.max(d.rows.end_s()).max(1.0)];
    let marks = marks(d);
    let step = Chart {
        title: "Largest rise within 1 s",
        unit: "kW",
        span_s,
        range: [0.0, 1.0],
        fit: true,
        band: None,
        limits: Vec::new(),
        curves: vec![
            curve(d, "rise", GENSET, What::Step, span_s),
            curve(d, "allowance", OTHER, What::Allowance, span_s),
        ],
        marks: &[],
        width: WIDE,
        height: 140.0,
    };
    let ramp = Chart {
        title: "Ramp over 5 s",
        unit: "kW/s",
        limits: vec![("ramp limit".to_owned(), d.limits.ramp_kw_per_s)],
        range: [0.0, d.limits.ramp_kw_per_s.clamp(1.0, 200.0)],
        curves: vec![curve(d, "ramp", GENSET, What::Ramp, span_s)],
        ..step.clone()
    };
    let key = "Under the power strip: triangle = alarm, by priority; bar = act of an operator; diamond = malfunction or \
               scripted event; cross = trip. Point at one to read it; all are in part 9.";
    [
        heading(3, "Whole run"),
        frequency(d, span_s, &[], WIDE).svg(),
        power(d, span_s, &marks, WIDE).svg(),
        step.svg(),
        ramp.svg(),
        p("quiet", key),
    ]
    .concat()
}

/// Part 4.
pub(super) fn metrics(d: &Debrief) -> String {
    let mut t = Table::new("", &["Metric", "Value>", "Full at>", "None at>", "Par>", "Class best>", "Points>"]);
    for g in &d.score.groups {
        t.heading(&g.name, &format!("{:.1} / {:.0}", g.points, g.of));
        for l in &g.lines {
            metric(d, &mut t, l);
        }
    }
    let note = "Linear between full and none. Limits, target and rating are those of the scenario as loaded.";
    let class =
        d.class.source().unwrap_or_else(|| "Class best: there is no other run of this scenario yet.".to_owned());
    [heading(4, "Metrics"), t.finish(), p("quiet", note), p("quiet", &class)].concat()
}

fn metric(d: &Debrief, t: &mut Table, l: &LineScore) {
    let (label, unit) = l.metric.label();
    let number = |v: Option<f64>| v.map_or_else(|| ">–".to_owned(), |v| format!(">{}", l.metric.text(v)));
    let value = match l.measure {
        Measure::Value(v) if unit.is_empty() => format!(">{}", l.metric.text(v)),
        Measure::Value(v) => format!(">{} {unit}", l.metric.text(v)),
        Measure::NotAsked => ">not asked for".to_owned(),
        Measure::Never => ">not reached".to_owned(),
    };
    let best = d.class.best(l.metric).map(|b| b.value);
    let points = format!(">{:.1} / {:.0}", l.points, l.of);
    t.line(&[label, &value, &number(l.full), &number(l.zero), &number(l.par), &number(best), &points]);
}

/// Part 5.
pub(super) fn moments(d: &Debrief) -> String {
    let mut out = heading(5, "Moments");
    if d.moments.is_empty() {
        out.push_str(&p("", "Nothing stood out: no dip, step, alarm or violation worth a picture."));
    }
    let [before, after] = moments::AROUND_S;
    for m in &d.moments {
        let span_s = [m.t_s - before, m.t_s + after];
        out.push_str(&format!("<div class=\"moment\"><h3>{} · {}</h3>", clock(m.t_s, true), escape(m.title)));
        out.push_str(&p("", &format!("{}.", m.text)));
        out.push_str("<div class=\"two\">");
        out.push_str(&frequency(d, span_s, &[], 500.0).svg());
        out.push_str(&power(d, span_s, &[], 500.0).svg());
        out.push_str("</div>");
        let near: Vec<&Event> = d.events.iter().filter(|e| (span_s[0]..=span_s[1]).contains(&e.t_s)).collect();
        // what was nearest to the moment, in order
        let mut chosen: Vec<&Event> = near.clone();
        chosen.sort_by(|a, b| (a.t_s - m.t_s).abs().total_cmp(&(b.t_s - m.t_s).abs()));
        chosen.truncate(8);
        chosen.sort_by_key(|e| e.seq);
        out.push_str(&soe(&chosen, Some(m.t_s)));
        if near.len() > chosen.len() {
            out.push_str(&p("quiet", &format!("{} more lines in these 30 s.", near.len() - chosen.len())));
        }
        out.push_str("</div>");
    }
    out
}

fn soe(events: &[&Event], zero_s: Option<f64>) -> String {
    let mut t = match zero_s {
        Some(_) => Table::new("soe", &["Time", "From the moment>", "Who", "Object", "What", "Value>"]),
        None => Table::new("soe events", &["No.", "Time", "Kind", "Who", "Object", "What", "Value>"]),
    };
    for e in events {
        let value =
            if e.unit.is_empty() { ">".to_owned() } else { format!(">{:.2} {}", e.value, e.unit).replace('-', "−") };
        let change = e.change.map(|[from, to]| format!("{} ({from} → {to})", e.text));
        let what = change.as_deref().unwrap_or(&e.text);
        if let Some(zero) = zero_s {
            let delta = format!(">{:+.3} s", e.t_s - zero).replace('-', "−");
            t.line(&[&millis(e.t_s), &delta, csv::who(e.by), &e.object, what, &value]);
        } else {
            let kind = crate::journal::word_of(e.kind).replace('_', " ");
            t.line(&[&e.seq.to_string(), &millis(e.t_s), &kind, csv::who(e.by), &e.object, what, &value]);
        }
    }
    t.finish()
}

fn millis(t_s: f64) -> String {
    let ms = (t_s.max(0.0) * 1000.0).round() as u64;
    format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

/// Part 6.
pub(super) fn alarms(d: &Debrief) -> String {
    let a = &d.alarms;
    let mut out = heading(6, "Alarms");
    if a.count == 0 {
        out.push_str(&p("", "No alarm was annunciated."));
        return out;
    }
    let head =
        ["Priority", "Annunciated>", "Acknowledged in time>", "Target>", "Median>", "Longest>", "Open at the end>"];
    let mut t = Table::new("", &head);
    for (k, x) in a.by_priority.iter().enumerate() {
        let s = |v: Option<f64>| v.map_or_else(|| ">–".to_owned(), |v| format!(">{v:.1} s"));
        t.line(&[
            &format!("P{}", k + 1),
            &format!(">{}", x.count),
            &format!(">{}", x.in_time),
            &format!(">{:.0} s", x.target_s),
            &s(x.ack_s.map(|v| v[0])),
            &s(x.ack_s.map(|v| v[1])),
            &format!(">{}", x.open),
        ]);
    }
    out.push_str(&t.finish());
    let each = a.per_malfunction.map_or_else(String::new, |n| format!(" {n:.1} a malfunction."));
    let text = format!("{} in all; {} in the worst 10 minutes; {:.0} s in flood.{each}", a.count, a.peak, a.flood_s);
    out.push_str(&p("", &text));
    let mut t = Table::new("", &["Most frequent", "Annunciated>"]);
    a.top.iter().for_each(|(tag, n)| t.line(&[tag, &format!(">{n}")]));
    out.push_str(&t.finish());
    out
}

/// Part 7.
pub(super) fn par(d: &Debrief) -> String {
    let mut out = heading(7, "Against par");
    let Some(found) = &d.par else {
        out.push_str(&p("", "Par was not searched for."));
        return out;
    };
    if found.plan.is_none() {
        out.push_str(&p("", "This scenario asks for no bring-up: par is its own run, and holds for economy only."));
        return out;
    }
    out.push_str(&p(
        "",
        &format!(
            "{}: the fastest of {} bring-ups that were run that keeps 20 % on every limit.",
            found.par.schedule,
            found.tried.len()
        ),
    ));
    let start_s = d.score.metrics.start_s.unwrap_or(0.0);
    let par_start_s = found.trace.iter().find(|t| t.gpu_kw > 1.0).map_or(0.0, |t| t.t_s - 0.5);
    let span_s = [-10.0, (d.head.length_s - start_s).clamp(60.0, 600.0)];
    let shift = |points: Vec<(f64, f64, f64)>| points.into_iter().map(|(t, a, b)| (t - start_s, a, b)).collect();
    let of_par = |v: fn(&crate::training::par::Trace) -> f64| {
        found.trace.iter().map(|t| (t.t_s - par_start_s, v(t), v(t))).collect::<Vec<_>>()
    };
    let whole = [0.0, d.head.length_s + 1.0];
    let chart = |title, what, pen, points| Chart {
        title,
        unit: "kW from the start of the schedule",
        span_s,
        range: [0.0, 10.0],
        fit: true,
        band: None,
        limits: Vec::new(),
        curves: vec![
            Curve { name: "this run", pen, points: shift(d.rows.points(what, whole)) },
            Curve { name: "par", pen: OTHER, points },
        ],
        marks: &[],
        width: WIDE,
        height: 170.0,
    };
    out.push_str(&chart("GPU power", What::Gpu, GPU, of_par(|t| t.gpu_kw)).svg());
    out.push_str(&chart("Genset power", What::Genset, GENSET, of_par(|t| t.gen_kw)).svg());
    out
}

/// Part 8.
pub(super) fn observer(d: &Debrief) -> String {
    let mut rows = String::new();
    for (name, mark) in COMPETENCIES.iter().zip(d.observer.marks) {
        let boxes: Vec<String> = (0..=4)
            .map(|k| format!("<span class=\"box{}\">{k}</span>", if mark == Some(k) { " on" } else { "" }))
            .collect();
        rows.push_str(&format!("<tr><td>{name}</td><td>{}</td></tr>", boxes.concat()));
    }
    let remark = if d.observer.remark.is_empty() { String::new() } else { p("", &d.observer.remark) };
    let note = p("quiet", "Marks of the observer, 0 to 4. They stand beside the score and are not added to it.");
    format!("<div class=\"keep\">{}<table><tbody>{rows}</tbody></table>{remark}{note}</div>", heading(8, "Observer"))
}

/// Part 9.
pub(super) fn events(d: &Debrief) -> String {
    let name = format!("{}-events.csv", d.head.run_id);
    let metrics = format!("{}-metrics.csv", d.head.run_id);
    let links = [
        file_link(&name, "Save events as CSV", &d.events_csv()),
        file_link(&metrics, "Save metrics as CSV", &d.metrics_csv()),
    ];
    let shown: Vec<&Event> = d.events.iter().take(PRINTED).collect();
    let more = d.events.len() - shown.len();
    let more = if more > 0 { p("quiet", &format!("{more} more events are in the CSV.")) } else { String::new() };
    let by = |by: By| d.events.iter().filter(|e| e.by == by).count();
    let text = format!(
        "{} events, {} by the trainee, {} by the trainer.",
        d.events.len(),
        by(By::Trainee),
        by(By::Instructor)
    );
    let head = heading(9, "Events").replace("<h2>", "<h2 class=\"page\">");
    format!("{head}{}{}{}{more}", p("", &text), links.concat(), soe(&shown, None))
}

/// Part 10.
pub(super) fn signature(d: &Debrief) -> String {
    let lines = list(&d.verdict);
    let sign = "<div class=\"sign\"><div>Trainee</div><div>Trainer</div><div>Date</div></div>";
    format!(
        "<div class=\"keep\">{}{lines}<p>Check it with <code>{}</code></p>{sign}</div>",
        heading(10, "Signature and verification"),
        escape(&d.verify)
    )
}
