//! The alarm banner: what matters now, most urgent on top. Always there, in every view and mode.
//!
//! It acts on nothing but alarms and the console itself. A row says priority, state, time, tag, what, how much against
//! which limit, where, and the first thing to do. Only the mark of an alarm that nobody has seen flashes. What the
//! forecast expects and what was refused are prompts: they stand below and have no mark.

mod rows;

use egui::accesskit::{Live, Role};
use egui::{Align2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::alarms::mark::{Phase, mark};
use super::alarms::{act, list, why_not};
use crate::alarm::Act;
use crate::console::action::{Action, ScreenAct, SourceAct, TimeAct};
use crate::console::commands;
use crate::console::model::{Mode, Model};
use crate::console::widgets::glyph::{Look, glyph};
use crate::console::widgets::{Button, Face, Ink, Weight};
pub use rows::{Offer, Row, Sign, next_unack, rows};

/// Least and largest height of a row.
const ROW: [f32; 2] = [25.0, 32.0];
/// Gap between the buttons of two rows, and a button's largest height.
const GAP: f32 = 1.0;
const BUTTON: f32 = 28.0;
/// Room for the line above and for the window's border below.
const ABOVE: f32 = 2.0;
const BELOW: f32 = 3.0;

/// Draws the banner. `restart` if a new worker can be started; `keys` if the key that acknowledges means the next
/// alarm here: in the view of alarms it is the list's.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, restart: bool, keys: bool, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.bg);
    ink.hline(rect.x_range(), rect.top(), ink.t.dead);
    let room = rect.height() - ABOVE - BELOW;
    let most = (room / ROW[0]).floor().max(1.0) as usize;
    let row_h = (room / most as f32).floor().clamp(ROW[0], ROW[1]);
    let rows = rows(model, restart, most);
    let top = rect.top() + ABOVE + ((room - row_h * most as f32) / 2.0).floor();
    let place = |i: usize| Rect::from_min_size(pos2(rect.left(), top + row_h * i as f32), vec2(rect.width(), row_h));
    let flashing = rows.iter().any(|r| r.stands && matches!(r.sign, Sign::Alarm(_)));
    let phase = Phase::now(ui.ctx(), flashing);
    let next = next_unack(model).filter(|_| keys);
    let more = rows::unseen(model, &rows);
    for (i, row) in rows.iter().enumerate() {
        let r = place(i);
        sign(&ink, r, model, row, phase);
        let end = offer(ui, r, model, row, next, actions);
        let end = if i + 1 == most && more > 0 {
            let words = format!("{more} more");
            ink.right(end - 12.0, r.center().y, words, Face::semibold(14.0, ink.t.text)) - 4.0
        } else {
            end
        };
        draw(&ink, r, end, row);
        describe(ui, r, i, row);
    }
    let alarms = rows.iter().any(|r| r.sign != Sign::Prompt);
    if !alarms && rows.len() < most {
        let words = match model.mode {
            Mode::Twin => "No alarm",
            Mode::Live | Mode::Replay => "No alarm. This window sends nothing: act at the plant.",
        };
        ink.left(rect.left() + 44.0, place(rows.len()).center().y, words, Face::regular(14.0, ink.t.text2));
    }
}

fn sign(ink: &Ink, r: Rect, model: &Model, row: &Row, phase: Phase) {
    let at = pos2(r.left() + 24.0, r.center().y);
    let entry = |id: u32| list(model).and_then(|l| l.entries.get(id as usize));
    match row.sign {
        Sign::Alarm(id) => {
            if let Some(e) = entry(id) {
                mark(ink, at, 16.0, e, phase);
            }
        }
        Sign::Priority => {
            let look = if row.stands { Look::Active } else { Look::Returned };
            glyph(ink, at, 16.0, row.priority, look);
        }
        Sign::Prompt => {
            ink.p.circle_stroke(at, 4.0, egui::Stroke::new(1.5, ink.t.text2));
        }
    }
}

/// Words of a row up to `end`, where its buttons begin.
fn draw(ink: &Ink, r: Rect, end: f32, row: &Row) {
    let t = &ink.t;
    let (y, px) = (r.center().y, ink.body());
    // columns of words grow with the letters
    let x = |at: f32| r.left() + 44.0 + (at - 44.0) * ink.px(1.0, 1.12);
    let strong = if row.stands { Weight::SemiBold } else { Weight::Medium };
    ink.left_cut(x(44.0), y, x(152.0), row.state, Face::new(strong, px, t.text));
    ink.left(x(158.0), y, &row.time, Face::regular(px, t.text2));
    ink.left_cut(x(240.0), y, x(352.0), &row.object, Face::semibold(px, t.text));
    let mut end = end - 12.0;
    if row.first_out {
        end = ink.badge(pos2(end, y), Align2::RIGHT_CENTER, "FIRST-OUT").left() - 12.0;
    }
    let text = if row.times > 1 { format!("{}  ×{}", row.text, row.times) } else { row.text.clone() };
    let text_x = if row.object.is_empty() { x(240.0) } else { x(358.0) };
    let text_end = match (row.value.is_empty(), row.response.is_empty()) {
        (true, true) => end,
        (true, false) => r.left() + 0.44 * r.width() + 160.0,
        _ => r.left() + 0.44 * r.width(),
    };
    // What an alarm says is never cut: it goes on in a second line.
    let place = |from: f32, to: f32| Rect::from_x_y_ranges(from..=to.max(from), r.y_range());
    ink.fitted(place(text_x, text_end - 12.0), &text, Face::new(strong, px, t.text));
    let wide = ink.px(1.0, 1.2);
    let response_x = r.left() + 0.44 * r.width() + 270.0 * wide;
    if !row.value.is_empty() {
        let value_end = if row.response.is_empty() { end } else { response_x - 100.0 * wide };
        ink.fitted(place(text_end, value_end), &row.value, Face::medium(px, t.live));
    }
    if !row.area.is_empty() {
        ink.left_cut(response_x - 92.0 * wide, y, response_x - 20.0, row.area, Face::regular(px, t.text2));
    }
    if !row.response.is_empty() && end > response_x + 40.0 {
        arrow(ink, pos2(response_x - 10.0, y));
        ink.fitted(place(response_x, end), &row.response, Face::regular(px, t.text));
    }
}

fn arrow(ink: &Ink, c: egui::Pos2) {
    ink.path(vec![c + vec2(-6.0, 0.0), c + vec2(3.0, 0.0)], (1.5, ink.t.text2));
    let tip = [c + vec2(1.0, -4.0), c + vec2(1.0, 4.0), c + vec2(6.0, 0.0)];
    ink.triangle(tip, ink.t.text2, egui::Stroke::NONE);
}

/// The buttons of a row; gives where they begin.
fn offer(ui: &mut Ui, r: Rect, model: &Model, row: &Row, next: Option<u32>, actions: &mut Vec<Action>) -> f32 {
    let place = |k: f32| {
        let right = r.right() - 20.0 - 92.0 * k;
        let h = (r.height() - GAP).min(BUTTON);
        Rect::from_min_size(pos2(right - 84.0, r.center().y - 0.5 * h), vec2(84.0, h))
    };
    let (label, name, action) = match row.offer {
        Offer::None => return r.right() - 20.0,
        Offer::Alarm { id, unack } => {
            let name = format!("Acknowledge {} from the banner", row.object);
            let key = if next == Some(id) { commands::key_of(commands::ACKNOWLEDGE) } else { String::new() };
            if unack && Button::new("Ack").key(&key).name(&name).why_not(why_not(model)).put(ui, place(1.0)).clicked() {
                actions.push(act(Act::Ack(id)));
            }
            ("Detail", format!("Detail of {}", row.object), Action::Screen(ScreenAct::ShowAlarm(id)))
        }
        Offer::Jump(bits) => {
            let t = f64::from_bits(bits);
            ("Show", format!("Show {} at {}", row.object, row.time), Action::Time(TimeAct::Cursor(0, Some(t))))
        }
        Offer::Restart => ("Restart", "Restart the twin".to_owned(), Action::Source(SourceAct::RestartWorker)),
        Offer::Back => ("To twin", "Back to twin".to_owned(), Action::Source(SourceAct::BackToTwin)),
    };
    let words = Button::new(label).name(&name);
    if words.put(ui, place(0.0)).clicked() {
        actions.push(action);
    }
    place(1.0).left()
}

/// For those who do not see it: an alert, spoken at once for the two highest priorities.
fn describe(ui: &mut Ui, r: Rect, i: usize, row: &Row) {
    let id = ui.scope_id().with(("alarm", i));
    let response = ui.interact(r.with_max_x(r.right() - 204.0), id, Sense::hover());
    let words = [row.state, &row.time, &row.object, &row.text, &row.value, &row.response];
    let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, words.join(" ")));
    let live = if row.priority < 3 { Live::Assertive } else { Live::Polite };
    ui.ctx().accesskit_node_builder(id, |n| n.set_live(live));
}
