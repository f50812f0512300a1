//! The one-line: gensets, bus, feeders, breakers and the balance of the plant.
//!
//! Drawn in a logical field of 620 x 340 that is stretched to the panel; text is never stretched. A plant of several
//! sections has its own picture (`sections`). Power shows as
//! number, line weight and chevrons, never as motion. Energised is thick and dark, dead is thin and grey. Every
//! object is a button that opens its faceplate inside the panel; a breaker is operated there, in two moves.

mod faceplate;
mod objects;
mod scene;
mod sections;
mod sets;

use egui::{Rect, Sense, Ui, WidgetInfo, accesskit::Role, pos2};

use crate::console::action::Action;
use crate::console::fmt::kw;
use crate::console::model::Model;
use crate::console::widgets::{Face, Ink, Weight};
use crate::plant::device::DeviceKind;

pub(crate) use faceplate::Target;
use scene::Scene;

/// Logical size of the field.
const FIELD: [f32; 2] = [620.0, 340.0];

/// Field to screen.
#[derive(Clone, Copy)]
struct Field {
    rect: Rect,
}

impl Field {
    fn x(self, x: f32) -> f32 {
        (self.rect.left() + x * self.rect.width() / FIELD[0]).round()
    }

    fn y(self, y: f32) -> f32 {
        (self.rect.top() + y * self.rect.height() / FIELD[1]).round()
    }
}

/// Draws the one-line of `model` in `rect`.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, actions: &mut Vec<Action>) {
    let scene = Scene::of(&model.plate, &model.table, &model.latest, &model.view, &model.status);
    let ink = Ink::new(ui, rect);
    let field = Field { rect };
    title(&ink, field, &scene);
    let mut picked = None;
    {
        let mut hits = Hits { ui, picked: &mut picked };
        hits.describe(rect, &scene);
        if scene.split {
            sections::draw(&ink, field, &scene, &mut hits);
        } else {
            sets::draw(&ink, field, &scene, &mut hits);
            objects::bus(&ink, field, &scene);
            for feeder in &scene.feeders {
                objects::feeder(&ink, field, &scene, feeder, model, &mut hits);
            }
        }
    }
    faceplate::show(ui, rect, &scene, model, picked, actions);
}

/// Clickable objects of the one-line.
struct Hits<'a> {
    ui: &'a mut Ui,
    picked: &'a mut Option<Target>,
}

impl Hits<'_> {
    /// A button over something drawn: at least 28 pixels, named for screen readers, a ring when it has the focus.
    fn add(&mut self, ink: &Ink, rect: Rect, target: Target, name: &str) {
        let rect = Rect::from_center_size(rect.center(), rect.size().max(egui::vec2(28.0, 28.0)));
        let id = self.ui.scope_id().with(("one-line", target));
        let r = self.ui.interact(rect, id, Sense::click());
        r.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        if r.has_focus() {
            ink.frame(rect.expand(2.0), 3, (2.0, ink.t.accent));
        } else if r.hovered() {
            ink.frame(rect, 2, ink.t.accent);
        }
        if r.clicked() {
            *self.picked = Some(target);
        }
    }

    fn describe(&mut self, rect: Rect, scene: &Scene) {
        let id = self.ui.scope_id().with("one-line");
        let r = self.ui.interact(rect, id, Sense::hover());
        r.widget_info(|| WidgetInfo::labeled(Role::Figure, true, scene.sentence()));
    }
}

fn title(ink: &Ink, field: Field, scene: &Scene) {
    let (y, b) = (field.rect.top() + 24.0, ink.body());
    ink.left(field.x(16.0), y, "One-line", Face::semibold(b, ink.t.text));
    let (word, face) = match scene.balanced() {
        _ if scene.residual_kw.is_nan() => ("not measured", Weight::Regular),
        // nothing flows, so nothing is proved
        _ if !scene.alive => ("bus dead", Weight::SemiBold),
        true => ("balance OK", Weight::Regular),
        false => ("check meters", Weight::SemiBold),
    };
    let x =
        ink.right(field.x(604.0), y, word, Face::new(face, b, if scene.balanced() { ink.t.text2 } else { ink.t.text }));
    let x = ink.right(x - 11.0, y, format!("{} kW", kw(scene.residual_kw)), Face::medium(b, ink.t.live));
    let rotors = scene.feeders.iter().any(|f| f.kind == DeviceKind::Condenser);
    let sum = if rotors { "G + S \u{2212} (M + C + B + A)" } else { "G \u{2212} (M + C + B + A)" };
    ink.right(x - 8.0, y, sum, Face::regular(b, ink.t.text2));
    if !scene.balanced() {
        let at = pos2(field.x(604.0) - ink.width(word, (face, b)), y + 11.0);
        ink.hline(at.x..=field.x(604.0), at.y, ink.t.text);
    }
}
