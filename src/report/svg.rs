//! A small writer of SVG: shapes and text into one string that a browser draws and prints. Every text is escaped, every
//! number is finite and short. It fetches nothing and knows no plant.

use std::fmt::Write as _;

/// Colours of paper, the console's light palette.
pub mod ink {
    /// Text, genset pen.
    pub const TEXT: &str = "#1A1C1E";
    /// Units, second text.
    pub const TEXT2: &str = "#4A4F55";
    /// Grid.
    pub const GRID: &str = "#D5D8DB";
    /// Normal band.
    pub const BAND: &str = "#E3EAF0";
    /// Axes, outlines.
    pub const DEAD: &str = "#7A8086";
    /// Limits.
    pub const LIMIT: &str = "#5A2A2A";
    /// Genset.
    pub const GENSET: &str = "#111315";
    /// GPUs.
    pub const GPU: &str = "#0B5394";
    /// Miners.
    pub const MINER: &str = "#7B5B1E";
    /// Batteries.
    pub const BESS: &str = "#2F7F79";
    /// Other pens.
    pub const OTHER: &str = "#6B7075";
    /// Fills of alarms by priority 1 to 4.
    pub const ALARM: [&str; 4] = ["#B5121B", "#E8852B", "#FFE100", "#8A60A0"];
}

/// Text as it may stand in HTML and SVG, in elements and attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // not allowed in a document, whatever made them
            c if c.is_control() && c != '\n' && c != '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A line: colour, width, dash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    /// Colour.
    pub color: &'static str,
    /// px.
    pub width: f64,
    /// Dash pattern; empty is solid.
    pub dash: &'static str,
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// From here to the right.
    Start,
    /// About here.
    Middle,
    /// Up to here.
    End,
}

/// A picture in the making.
#[derive(Debug)]
pub struct Svg {
    body: String,
    width: f64,
    height: f64,
    label: String,
}

/// One decimal is a tenth of a pixel; what is not finite is drawn at 0.
fn n(v: f64) -> String {
    let v = if v.is_finite() { v.clamp(-1e6, 1e6) } else { 0.0 };
    let text = format!("{v:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

impl Svg {
    /// An empty picture; `label` is what a screen reader says of it.
    #[must_use]
    pub fn new(width: f64, height: f64, label: &str) -> Self {
        Self { body: String::new(), width, height, label: escape(label) }
    }

    fn put(&mut self, text: String) {
        self.body.push_str(&text);
    }

    /// A filled box.
    pub fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, fill: &str) {
        self.put(format!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}"/>"#,
            n(x),
            n(y),
            n(w.max(0.0)),
            n(h.max(0.0))
        ));
    }

    /// An empty box.
    pub fn frame(&mut self, x: f64, y: f64, w: f64, h: f64, color: &str) {
        self.put(format!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="{color}"/>"#,
            n(x),
            n(y),
            n(w.max(0.0)),
            n(h.max(0.0))
        ));
    }

    /// A straight line.
    pub fn line(&mut self, a: (f64, f64), b: (f64, f64), pen: Pen) {
        self.put(format!(r#"<path d="M{} {}L{} {}" {}/>"#, n(a.0), n(a.1), n(b.0), n(b.1), stroke(pen)));
    }

    /// A line through points; a point that is not finite breaks it.
    pub fn path(&mut self, points: &[(f64, f64)], pen: Pen) {
        let mut d = String::with_capacity(points.len() * 10);
        let mut pen_down = false;
        for (x, y) in points {
            if !(x.is_finite() && y.is_finite()) {
                pen_down = false;
                continue;
            }
            let go = if pen_down { 'L' } else { 'M' };
            // a String takes every write
            write!(d, "{go}{} {}", n(*x), n(*y)).unwrap_or_default();
            pen_down = true;
        }
        if !d.is_empty() {
            self.put(format!(r#"<path d="{d}" {}/>"#, stroke(pen)));
        }
    }

    /// A filled polygon with a dark outline.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: &str) {
        let list: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", n(*x), n(*y))).collect();
        self.put(format!(r#"<polygon points="{}" fill="{fill}" stroke="{}"/>"#, list.join(" "), ink::TEXT));
    }

    /// A text of 12 px unless told.
    pub fn text(&mut self, x: f64, y: f64, text: &str, align: Align, color: &str) {
        self.text_px(x, y, text, align, color, 12.0, false);
    }

    /// A text of any size.
    #[allow(clippy::too_many_arguments, reason = "a text is placed, aligned, coloured, sized")]
    pub fn text_px(&mut self, x: f64, y: f64, text: &str, align: Align, color: &str, px: f64, bold: bool) {
        let anchor = match align {
            Align::Start => "",
            Align::Middle => r#" text-anchor="middle""#,
            Align::End => r#" text-anchor="end""#,
        };
        let bold = if bold { r#" font-weight="600""# } else { "" };
        self.put(format!(
            r#"<text x="{}" y="{}" fill="{color}" font-size="{}"{anchor}{bold}>{}</text>"#,
            n(x),
            n(y),
            n(px),
            escape(text)
        ));
    }

    /// A bold title of 14 px with its unit after it, whatever face the reader's browser has.
    pub fn title(&mut self, x: f64, y: f64, title: &str, unit: &str) {
        self.put(format!(
            r#"<text x="{}" y="{}" font-size="14" font-weight="600" fill="{}">{}<tspan dx="7" font-size="12" font-weight="400" fill="{}">{}</tspan></text>"#,
            n(x),
            n(y),
            ink::TEXT,
            escape(title),
            ink::TEXT2,
            escape(unit)
        ));
    }

    /// A tip for what comes next, closed by [`Self::end_group`].
    pub fn group(&mut self, tip: &str) {
        self.put(format!("<g><title>{}</title>", escape(tip)));
    }

    /// Ends a group.
    pub fn end_group(&mut self) {
        self.body.push_str("</g>");
    }

    /// The picture.
    #[must_use]
    pub fn finish(self) -> String {
        format!(
            r#"<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{}">{}</svg>"#,
            self.label,
            self.body,
            w = n(self.width),
            h = n(self.height)
        )
    }
}

fn stroke(p: Pen) -> String {
    let dash = if p.dash.is_empty() { String::new() } else { format!(r#" stroke-dasharray="{}""#, p.dash) };
    format!(r#"fill="none" stroke="{}" stroke-width="{}"{dash}"#, p.color, n(p.width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        assert_eq!(escape("<script>\"a\" & 'b'\u{1}"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39; ");
        let mut s = Svg::new(10.0, 10.0, "<x>");
        s.text(1.0, 2.0, "</svg><script>", Align::Start, ink::TEXT);
        let text = s.finish();
        assert!(!text.contains("<script") && text.matches("</svg>").count() == 1, "{text}");
    }

    #[test]
    fn numbers_are_short_and_a_gap_breaks_a_line() {
        let mut s = Svg::new(10.0, 10.0, "");
        s.path(
            &[(0.0, 1.0), (1.04, 2.06), (f64::NAN, 0.0), (3.0, 4.0)],
            Pen { color: ink::GPU, width: 2.0, dash: "8 4" },
        );
        let text = s.finish();
        assert!(text.contains(r#"d="M0 1L1 2.1M3 4""#) && text.contains(r#"stroke-dasharray="8 4""#), "{text}");
        assert_eq!((n(f64::INFINITY), n(-0.04), n(12.0)), ("0".into(), "-0".into(), "12".into()));
    }
}
