//! How the alarm system itself does, against what common practice calls good. A figure past its target has a boxed `!`.

use egui::accesskit::Role;
use egui::{Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::alarm::annunciator::Hidden;
use crate::alarm::{List, Priority};
use crate::console::fmt;
use crate::console::widgets::pane::{PAD, part};
use crate::console::widgets::{Face, Ink, Text};

/// Minutes of the picture of new alarms.
const MINUTES: usize = 20;
/// An alarm that has stood so long is stale, s.
const STALE_S: f64 = 86_400.0;

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: String,
    /// Unit, target.
    pub note: String,
    /// It is past its target.
    pub past: bool,
    /// More of it, for those who ask.
    pub more: String,
}

/// The figures of a session at a time.
#[must_use]
pub fn figures(list: &List, t_s: f64) -> Vec<Figure> {
    let f = &list.figures;
    let count = |wanted: &dyn Fn(&crate::alarm::Entry) -> bool| list.entries.iter().filter(|e| wanted(e)).count();
    let standing = count(&|e| e.state.is_active() && e.is_listed());
    let stale = count(&|e| e.state.is_active() && e.last_s.is_some_and(|s| t_s - s > STALE_S));
    let hidden = |e: &crate::alarm::Entry| matches!(e.hidden, Some(Hidden::Shelved { .. }));
    let out = count(&|e| matches!(e.hidden, Some(Hidden::OutOfService { .. })));
    let share = f.flood_share(t_s);
    let total = f64::from(f.total().max(1));
    let pct = |n: u32| fmt::num(100.0 * f64::from(n) / total, 0);
    let acks: Vec<(Priority, [f64; 2])> = Priority::ALL.iter().filter_map(|p| f.ack_s(*p).map(|s| (*p, s))).collect();
    let ack_words = |(p, [median, worst]): &(Priority, [f64; 2])| {
        format!("P{} median {}, longest {}", p.number(), fmt::duration(*median), fmt::duration(*worst))
    };
    let ack = f.ack_all_s();
    let new = |name, value: f64, decimals, note: String, past, more: String| Figure {
        name,
        value: fmt::num(value, decimals),
        note,
        past,
        more,
    };
    let rate = f.rate_10min(t_s);
    let in_10 = f.within(t_s, 600.0);
    let mut all = vec![
        new("In 10 min", f64::from(in_10), 0, "max 10".into(), in_10 > 10, format!("{} in this session", f.total())),
        new(
            "Average",
            rate.unwrap_or(f64::NAN),
            1,
            "/10 min".into(),
            rate.is_some_and(|r| r > 2.0),
            "1 is acceptable, 2 can be managed; known after 10 minutes".into(),
        ),
        new(
            "Peak",
            f64::from(f.peak_10min()),
            0,
            "/10 min".into(),
            f.peak_10min() > 10,
            "most in any 10 minutes, at most 10".into(),
        ),
        new(
            "Standing",
            standing as f64,
            0,
            "max 10".into(),
            standing > 10,
            format!("{} not acknowledged", list.unack()),
        ),
        new(
            "Chattering",
            f.chattering_at(t_s) as f64,
            0,
            "aim 0".into(),
            f.chattering_at(t_s) > 0,
            format!("three within a minute; {} times in this session", f.chattering),
        ),
        new("Stale", stale as f64, 0, "aim 0".into(), stale > 0, "stand for more than 24 h".into()),
        new("Shelved", count(&hidden) as f64, 0, format!("out {out}"), false, format!("{out} out of service")),
        new(
            "Flood",
            100.0 * share,
            1,
            "% of time".into(),
            share > 0.01,
            format!("{} min in flood", fmt::num(share * t_s / 60.0, 1)),
        ),
        new(
            "Ack median",
            ack.map_or(f64::NAN, |a| a[0]),
            1,
            ack.map_or("s".into(), |a| format!("s, max {}", fmt::num(a[1], 0))),
            false,
            acks.iter().map(ack_words).collect::<Vec<_>>().join("; "),
        ),
        new("Top 10", 100.0 * f.top10_share(), 0, "%".into(), false, "share of the ten most frequent alarms".into()),
    ];
    let [p1, p2, p3, p4] = f.new;
    all.push(Figure {
        name: "Mix P1 / P2 / P3",
        value: format!("{} / {} / {}", pct(p1), pct(p2), pct(p3)),
        note: "%".into(),
        past: false,
        more: format!("practice: about 5 / 15 / 80 %; {p4} of priority 4"),
    });
    if let Some(n) = f.per_fault() {
        all.push(new(
            "Per fault",
            n,
            1,
            String::new(),
            false,
            format!("alarms a malfunction, {} malfunctions", f.faults),
        ));
    }
    all
}

/// Draws the strip; what has no room is scrolled to.
pub fn show(ui: &mut Ui, r: Rect, list: &List, t_s: f64) {
    let ink = Ink::new(ui, r);
    let (figures_at, picture_at) = r.split_left_right_at_x(r.right() - (r.width() * 0.17).max(200.0) - PAD);
    part(ui, "figures", figures_at, |ui| {
        ui.spacing_mut().item_spacing = vec2(12.0, 0.0);
        ui.add_space(6.0);
        ScrollArea::horizontal().id_salt("figures").auto_shrink(false).show(ui, |ui| {
            ui.horizontal(|ui| figures(list, t_s).iter().for_each(|f| one(ui, f)));
        });
    });
    picture(ui, &ink, picture_at.with_max_x(r.right() - PAD), list, t_s);
    ink.hline(r.x_range(), r.bottom() - 0.5, ink.t.hair);
}

fn one(ui: &mut Ui, f: &Figure) {
    let cell = ui.vertical(|ui| {
        ui.add(Text::new(f.name).dim().whole());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            ui.add(Text::value(&f.value).strong().px(20.0, 20.0));
            if !f.note.is_empty() {
                ui.add(Text::new(&f.note).dim().px(13.0, 13.0).whole());
            }
            if f.past {
                let (_, mark) = ui.allocate_space(vec2(12.0, 20.0));
                Ink::of(ui).bang(mark.center());
            }
        });
    });
    let past = if f.past { ", past its target" } else { "" };
    let words = format!("{} {} {}{past}; {}", f.name, f.value, f.note, f.more);
    cell.response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
    cell.response.on_hover_text(&f.more);
}

/// New alarms of each minute, the newest right.
fn picture(ui: &mut Ui, ink: &Ink, r: Rect, list: &List, t_s: f64) {
    let t = &ink.t;
    let name = "New alarms a minute";
    ink.left(r.left(), r.top() + 19.0, name, Face::regular(14.0, t.text2));
    let counts = list.figures.per_minute(t_s, MINUTES);
    let most = counts.iter().copied().max().unwrap_or(0).max(4);
    let base = r.bottom() - 10.0;
    let label_w = 46.0;
    let pitch = (r.width() - label_w) / MINUTES as f32;
    for (k, n) in counts.iter().enumerate() {
        let x = r.left() + pitch * k as f32;
        let h = if *n == 0 { 1.0 } else { (26.0 * *n as f32 / most as f32).max(3.0) };
        let bar = Rect::from_min_max(pos2(x, base - h), pos2(x + pitch - 2.0, base));
        ink.fill(bar, if *n == 0 { t.dead } else { t.live });
    }
    ink.right(r.right(), base - 4.0, "20 min", Face::regular(12.0, t.text2));
    let response = ui.interact(r, ui.scope_id().with("picture"), Sense::hover());
    let said: Vec<String> = counts.iter().map(u32::to_string).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, format!("{name}, last 20: {}", said.join(" "))));
    response.on_hover_text(format!("most in a minute here: {}", counts.iter().max().unwrap_or(&0)));
}
