//! The page of a battery study: verdict, designs, knee, what it hangs on, what was assumed and left out, and how to repeat it. One
//! HTML file that fetches nothing.

use super::debrief::html::{Table, list, p};
use super::svg::{Align, Pen, Svg, escape, ink};
use crate::study::bess::events::{CLASSES, LEFT_OUT};
use crate::study::bess::result::{Answer, Bar, TERMS};
use crate::study::bess::sweep::Sweep;
use crate::study::bess::verdict::dollars;

/// Bars of the tornado that are drawn.
const BARS: usize = 14;

/// What the page is made of, one entry an engine.
#[derive(Debug)]
pub struct Page<'a> {
    /// Site.
    pub scenario: &'a str,
    /// Answers with their runs.
    pub answers: Vec<(&'a Answer, &'a Sweep)>,
    /// Command that makes it again.
    pub command: &'a str,
    /// Why the study ended: what it has not reached, if anything.
    pub remark: &'a str,
}

const STYLE: &str = "body{font:14px/1.45 Inter,system-ui,sans-serif;color:#1A1C1E;background:#fff;max-width:1060px;margin:28px auto;padding:0 20px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:17px;margin:30px 0 8px;border-top:1px solid #D5D8DB;padding-top:14px}h3{font-size:14px;margin:18px 0 6px}
p.v{font-size:16px;font-weight:600;margin:6px 0}p.s{color:#4A4F55;margin:4px 0}table{border-collapse:collapse;width:100%;margin:6px 0}
th{text-align:left;font-weight:600;border-bottom:1px solid #7A8086;padding:4px 8px 4px 0}td{border-bottom:1px solid #E3E5E7;padding:4px 8px 4px 0;vertical-align:top}
.r{text-align:right;font-variant-numeric:tabular-nums}.guess{color:#7B5B1E}code{font:12px ui-monospace,monospace;background:#F4F5F5;padding:2px 4px}@media print{body{margin:0}}";

/// The page.
#[must_use]
pub fn html(page: &Page<'_>) -> String {
    let title = format!("Battery against control: {}", page.scenario);
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title><style>{STYLE}</style></head><body>",
        escape(&title)
    );
    out += &format!("<h1>{}</h1>", escape(&title));
    out += &p(
        "s",
        "A: tight control without a battery. B: simple control with one. Value is present money of B against A; positive: B is cheaper.",
    );
    if !page.remark.is_empty() {
        out += &p("s", page.remark);
    }
    for (a, sweep) in &page.answers {
        out += &format!("<h2>{}</h2>", escape(&format!("Engine {}, battery priced by the {}", a.engine, a.price)));
        out += &p("v", a.verdict.first().map_or("", String::as_str));
        a.verdict.iter().skip(1).for_each(|s| out += &p("", s));
        out += &p("s", &effects(a));
        out += &designs(a);
        out += &knee(a);
        out += &classes(a, sweep);
        out += &tornado(a);
    }
    out += "<h2>What it stands on</h2>";
    out += &assumptions(&page.answers);
    out += "<h3>Left out</h3>";
    out += &list(&LEFT_OUT.map(str::to_owned));
    out += &p(
        "s",
        "Phasor model, fair to 5 Hz. Each run is one event at a random state, from a steady start until it trips, rests, or its time is over. Intervals hold for a study that is looked at five times; those of a sum are never too short.",
    );
    out += &format!("<h3>To repeat</h3><p><code>{}</code></p></body></html>", escape(page.command));
    out
}

fn effects(a: &Answer) -> String {
    format!(
        "The two effects apart: a battery under tight control {}, tight control without a battery {} against simple control. A trip costs {}.",
        dollars(a.effects[0]),
        dollars(a.effects[1]),
        dollars(a.trip)
    )
}

fn designs(a: &Answer) -> String {
    let mut head = vec!["design", "", "trips a year>", "widest by", "runs>"];
    let costs: Vec<String> = TERMS.iter().map(|t| format!("{t}>")).collect();
    head.extend(costs.iter().map(String::as_str));
    head.push("in all>");
    let mut t = Table::new("designs", &head);
    for l in &a.lines {
        let costs = l.costs.map(|c| format!(">{}", dollars(c)));
        let (trips, runs, all) =
            (format!(">{}", l.trips.words(2)), format!(">{}", l.runs), format!(">{}", dollars(l.total())));
        let mut cells = vec![l.id.as_str(), l.words.as_str(), trips.as_str(), l.widest, runs.as_str()];
        cells.extend(costs.iter().map(String::as_str));
        cells.push(&all);
        t.line(&cells);
    }
    format!("<h3>Designs</h3>{}", t.finish())
}

/// Trips and money over the size of the battery.
fn knee(a: &Answer) -> String {
    let sizes: Vec<_> = a.lines.iter().filter(|l| l.id.starts_with('B')).collect();
    if sizes.len() < 3 {
        return String::new();
    }
    let (w, h, left, top, bottom) = (1000.0, 230.0, 60.0, 26.0, 200.0);
    let mut s = Svg::new(w, h, "trips a year and money over the size of the battery");
    let last = sizes.iter().map(|l| l.kw).fold(1.0, f64::max);
    let x = |kw: f64| left + kw / last * (w - left - 40.0);
    let top_trips = sizes.iter().map(|l| l.trips.hi).fold(0.1, f64::max);
    let top_money = sizes.iter().map(|l| l.total()).fold(1.0, f64::max);
    let at = |v: f64, top_v: f64| bottom - v / top_v * (bottom - top);
    for l in &sizes {
        s.line((x(l.kw), top), (x(l.kw), bottom), Pen { color: ink::GRID, width: 1.0, dash: "" });
        s.text(x(l.kw), bottom + 16.0, &format!("{:.0}", l.kw), Align::Middle, ink::TEXT2);
        let (lo, hi) = (at(l.trips.lo, top_trips), at(l.trips.hi, top_trips));
        s.line((x(l.kw), lo), (x(l.kw), hi), Pen { color: ink::GENSET, width: 1.2, dash: "" });
    }
    let line = |of: &dyn Fn(usize) -> f64| (0..sizes.len()).map(|k| (x(sizes[k].kw), of(k))).collect::<Vec<_>>();
    s.path(&line(&|k| at(sizes[k].trips.value, top_trips)), Pen { color: ink::GENSET, width: 2.2, dash: "" });
    s.path(&line(&|k| at(sizes[k].total(), top_money)), Pen { color: ink::BESS, width: 2.0, dash: "8 4" });
    s.line((left, bottom), (w - 40.0, bottom), Pen { color: ink::DEAD, width: 1.0, dash: "" });
    s.text(left, 16.0, &format!("trips a year, up to {top_trips:.1}, with their limits"), Align::Start, ink::GENSET);
    s.text(
        w - 40.0,
        16.0,
        &format!("cost over the years, up to {} (dashed)", dollars(top_money)),
        Align::End,
        ink::BESS,
    );
    s.text(w - 40.0, h - 2.0, "battery, kW", Align::End, ink::TEXT2);
    let words = |kw: Option<f64>| kw.map_or_else(|| "none of these sizes".to_owned(), |k| format!("{k:.0} kW"));
    let text = format!(
        "Simple control. Fewer than one trip in ten years for sure: {}. Cheapest: {}.",
        words(a.knee_kw[0]),
        words(a.knee_kw[1])
    );
    format!("<h3>Size of the battery</h3>{}{}", s.finish(), p("", &text))
}

fn classes(a: &Answer, sweep: &Sweep) -> String {
    let question = sweep.designs.len() - 1;
    let shown = [0, 2, question];
    let heads: Vec<String> = shown.iter().map(|d| format!("{} hits of runs>", sweep.designs[*d].id())).collect();
    let mut head = vec!["event", "how often"];
    head.extend(heads.iter().map(String::as_str));
    head.extend(["saved alone, added alone>", "source of the rate"]);
    let mut t = Table::new("classes", &head);
    for (k, class) in CLASSES.iter().enumerate() {
        let of = |d: usize| {
            let at = sweep.names(d).iter().position(|n| *n == class.name);
            at.and_then(|i| sweep.counts(d).get(i).map(|c| format!(">{} of {}", c.hits, c.runs)))
                .unwrap_or_else(|| ">none".to_owned())
        };
        let (saved, added, _) = sweep.pairs(2, question, k);
        let (cells, pairs) = (shown.map(of), format!(">{saved}, {added}"));
        t.line(&[class.name, class.often, &cells[0], &cells[1], &cells[2], &pairs, class.source]);
    }
    let note = format!(
        "The pairs are of {} and {}: the same event in the same state.",
        sweep.designs[2].id(),
        sweep.designs[question].id()
    );
    format!("<h3>Events, engine {}</h3>{}{}", escape(&a.engine), t.finish(), p("s", &note))
}

fn tornado(a: &Answer) -> String {
    let bars: Vec<&Bar> = a.tornado.iter().take(BARS).collect();
    let Some(first) = bars.first() else { return String::new() };
    let (row, w) = (24.0, 1000.0);
    let h = 40.0 + row * bars.len() as f64;
    let mut s = Svg::new(w, h, "value of the battery as each assumption moves over its range");
    let lo = bars.iter().flat_map(|b| b.npv).fold(0.0, f64::min);
    let hi = bars.iter().flat_map(|b| b.npv).fold(0.0, f64::max);
    let x = |v: f64| 330.0 + (v - lo) / (hi - lo).max(1.0) * (w - 350.0);
    for (k, b) in bars.iter().enumerate() {
        let y = 30.0 + row * k as f64;
        let (from, to) = (x(b.npv[0].min(b.npv[2])), x(b.npv[0].max(b.npv[2])));
        s.rect(from, y, to - from, 15.0, if b.guess { "#D9C9A8" } else { "#BACADA" });
        s.text(322.0, y + 12.0, &b.what, Align::End, ink::TEXT);
        if let Some(at) = b.break_even() {
            s.text_px(
                to + 6.0,
                y + 12.0,
                &format!("turns at {}", super::map::short(at)),
                Align::Start,
                ink::LIMIT,
                11.0,
                false,
            );
        }
    }
    for (v, text) in [(0.0, "0"), (first.npv[1], "as assumed")] {
        s.line((x(v), 24.0), (x(v), h - 8.0), Pen { color: ink::DEAD, width: 1.0, dash: "4 4" });
        s.text_px(x(v), 18.0, text, Align::Middle, ink::TEXT2, 11.0, false);
    }
    let note = format!(
        "Present value from {} to {}; brown bars are guesses. One assumption at a time, the same runs.",
        dollars(lo),
        dollars(hi)
    );
    format!("<h3>What it hangs on</h3>{}{}", s.finish(), p("s", &note))
}

fn assumptions(answers: &[(&Answer, &Sweep)]) -> String {
    let Some((a, _)) = answers.first() else { return String::new() };
    let mut t = Table::new("assumed", &["assumption", "value>", "range>", "unit", "source", ""]);
    for b in &a.tornado {
        let short = super::map::short;
        let (value, range) =
            (format!(">{}", short(b.values[1])), format!(">{} to {}", short(b.values[0]), short(b.values[2])));
        t.line(&[&b.what, &value, &range, &b.unit, &b.source, if b.guess { "guess" } else { "" }]);
    }
    t.finish()
}
