//! The alarm banner: what matters now, most urgent on top. Always there, in every view and mode.
//!
//! It acts on nothing but alarms and the console itself. A row says priority, state, time, tag, what, how much against
//! which limit, where, and the first thing to do. Only the mark of an alarm that nobody has seen flashes. What the
//! forecast expects and what was refused are prompts: they stand below and have no mark.

mod rows;

use egui::accesskit::{Live, Role};
use egui::{Align, Align2, Layout, Pos2, Rect, Sense, Ui, UiBuilder, Vec2, WidgetInfo, vec2};

use super::alarms::mark::{Phase, mark};
use super::alarms::{act, list, why_not};
use crate::alarm::{Act, Group};
use crate::console::action::{Action, ScreenAct, SourceAct, TimeAct};
use crate::console::commands;
use crate::console::model::{Mode, Model};
use crate::console::widgets::glyph::{Look, glyph};
use crate::console::widgets::pane::line;
use crate::console::widgets::{Button, Face, Ink, Text, Weight};
pub use rows::{Offer, Row, Sign, next_unack, rows};

/// Least and largest height of a row.
const ROW: [f32; 2] = [25.0, 32.0];
/// Gap between the buttons of two rows, and a button's largest height.
const GAP: f32 = 1.0;
const BUTTON: f32 = 28.0;
const BESIDE: f32 = 8.0;
/// Room of the sign at the left.
const SIGN: f32 = 44.0;
/// Word of the alarm that came first.
const FIRST_OUT: &str = "FIRST-OUT";
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
    let height = (room / most as f32).floor().clamp(ROW[0], ROW[1]);
    let rows = rows(model, restart, most);
    let flashing = rows.iter().any(|r| r.stands && matches!(r.sign, Sign::Alarm(_)));
    let phase = Phase::now(ui.ctx(), flashing);
    let more = rows::unseen(model, &rows);
    let next = next_unack(model).filter(|_| keys);
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        ui.add_space(ABOVE + ((room - height * most as f32) / 2.0).floor());
        for (i, row) in rows.iter().enumerate() {
            // two rows may offer the same of the same thing at the same time
            ui.push_id(i, |ui| {
                line(ui, height, |ui| {
                    let (_, place) = ui.allocate_space(vec2(SIGN, height));
                    sign(&ink, place.left_center() + vec2(24.0, 0.0), model, row, phase);
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        ui.add_space(20.0);
                        offer(ui, height, model, row, next, actions);
                        if i + 1 == most && more > 0 {
                            ui.add_space(12.0);
                            ui.add(Text::title(format!("{more} more")));
                        }
                        let words = ui.with_layout(Layout::left_to_right(Align::Center), |ui| words(ui, height, row));
                        describe(ui, words.response.rect, row);
                    });
                });
            });
        }
        if rows.len() < most && rows.iter().all(|r| r.sign == Sign::Prompt) {
            line(ui, height, |ui| {
                ui.add_space(SIGN);
                ui.add(
                    Text::new(match model.mode {
                        Mode::Twin => "No alarm",
                        Mode::Live | Mode::Replay => "No alarm. This window sends nothing: act at the plant.",
                    })
                    .dim(),
                );
            });
        }
    });
}

fn sign(ink: &Ink, at: Pos2, model: &Model, row: &Row, phase: Phase) {
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

/// Words of a row. What an alarm says is never cut: where there is little room it goes on in a second line.
fn words(ui: &mut Ui, height: f32, row: &Row) {
    let ink = Ink::of(ui);
    let (t, px, all) = (&ink.t, ink.body(), ui.available_width());
    // columns of words grow with the letters
    let wide = |w: f32| w * ink.px(1.0, 1.15);
    let mut cell = |w: f32| ui.allocate_space(vec2(w.max(0.0), height)).1;
    let strong = if row.stands { Weight::SemiBold } else { Weight::Medium };
    let (state, time, object) = (cell(wide(114.0)), cell(wide(82.0)), wide(118.0));
    ink.left_cut(state.left(), state.center().y, state.right() - 6.0, row.state, Face::new(strong, px, t.text));
    ink.left(time.left(), time.center().y, &row.time, Face::regular(px, t.text2));
    let (object, text) = if row.object.is_empty() { (0.0, object) } else { (object, 0.0) };
    let object = cell(object);
    ink.left_cut(object.left(), object.center().y, object.right() - 6.0, &row.object, Face::semibold(px, t.text));
    let used = wide(314.0);
    let badge = if row.first_out { ink.badge_width(FIRST_OUT) + 12.0 } else { 0.0 };
    // text, value, area, response: what there is none of leaves its room to what stands before it
    let rest = all - used - badge - 12.0;
    let [mut a, mut v, mut area, mut r] = [0.33, 0.20, 0.09, 0.38].map(|share| share * rest);
    // an area is one word or two, on one line, whatever room is left
    let widest = Group::ALL.iter().map(|g| ink.width(g.word(), Face::regular(px, t.text2))).fold(0.0, f32::max) + 14.0;
    if widest > area {
        (a, area) = (a - (widest - area), widest);
    }
    if row.response.is_empty() {
        (v, r) = (v + r, 0.0);
        if row.area.is_empty() {
            (v, area) = (v + area, 0.0);
        }
    }
    if row.value.is_empty() {
        (a, v) = (a + v, 0.0);
    }
    let said = if row.times > 1 { format!("{}  ×{}", row.text, row.times) } else { row.text.clone() };
    let mut put = |w: f32, words: &str, face: Face| {
        let place = cell(w);
        ink.fitted(place.with_max_x(place.right() - 12.0), words, face);
    };
    put(a + text, &said, Face::new(strong, px, t.text));
    put(v, &row.value, Face::medium(px, t.live));
    put(area, row.area, Face::regular(px, t.text2));
    if !row.response.is_empty() {
        let place = cell(r);
        arrow(&ink, place.left_center() + vec2(6.0, 0.0));
        ink.fitted(place.with_min_x(place.left() + 18.0), &row.response, Face::regular(px, t.text));
    }
    if row.first_out {
        let place = cell(badge);
        ink.badge(place.right_center(), Align2::RIGHT_CENTER, FIRST_OUT);
    }
}

fn arrow(ink: &Ink, c: Pos2) {
    ink.path(vec![c + vec2(-6.0, 0.0), c + vec2(3.0, 0.0)], (1.5, ink.t.text2));
    let tip = [c + vec2(1.0, -4.0), c + vec2(1.0, 4.0), c + vec2(6.0, 0.0)];
    ink.triangle(tip, ink.t.text2, egui::Stroke::NONE);
}

/// The buttons of a row, from the right; rows without keep their places free, so that all words end alike.
fn offer(ui: &mut Ui, height: f32, model: &Model, row: &Row, next: Option<u32>, actions: &mut Vec<Action>) {
    let size = vec2(84.0, (height - GAP).min(BUTTON));
    let ack = match row.offer {
        Offer::Alarm { id, unack: true } => Some(id),
        _ => None,
    };
    let (label, name, action) = match row.offer {
        Offer::None => {
            ui.add_space(2.0 * size.x + BESIDE);
            return;
        }
        Offer::Alarm { id, .. } => {
            ("Detail", format!("Detail of {}", row.object), Action::Screen(ScreenAct::ShowAlarm(id)))
        }
        Offer::Jump(bits) => {
            let t = f64::from_bits(bits);
            ("Show", format!("Show {} at {}", row.object, row.time), Action::Time(TimeAct::Cursor(0, Some(t))))
        }
        Offer::Restart => ("Restart", "Restart the twin".to_owned(), Action::Source(SourceAct::RestartWorker)),
        Offer::Back => ("To twin", "Back to twin".to_owned(), Action::Source(SourceAct::BackToTwin)),
    };
    let button = |label, name| Button::new(label).name(name).padding(4.0).least(size.x, size.y);
    if ui.add(button(label, &name)).clicked() {
        actions.push(action);
    }
    ui.add_space(BESIDE);
    let Some(id) = ack else { return ui.add_space(size.x) };
    let name = format!("Acknowledge {} from the banner", row.object);
    let key = if next == Some(id) { commands::ACKNOWLEDGE.key() } else { String::new() };
    let ack = button(commands::ACKNOWLEDGE.short, &name).key(&key).why_not(why_not(model));
    if ui.add(ack).clicked() {
        actions.push(act(Act::Ack(id)));
    }
}

/// For those who do not see it: an alert, spoken at once for the two highest priorities.
fn describe(ui: &Ui, r: Rect, row: &Row) {
    let id = ui.scope_id().with("alarm");
    let response = ui.interact(r, id, Sense::hover());
    let words = [row.state, &row.time, &row.object, &row.text, &row.value, &row.response];
    let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, words.join(" ")));
    let live = if row.priority < 3 { Live::Assertive } else { Live::Polite };
    ui.ctx().accesskit_node_builder(id, |n| n.set_live(live));
}
