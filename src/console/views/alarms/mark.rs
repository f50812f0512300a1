//! The mark of an alarm: shape and digit tell its priority, flashing and hollow its state. Only the mark ever flashes.
//!
//! Not acknowledged: flashes at 2 Hz, half on, half off; with reduced motion it stands on a dark square instead.
//! Returned: hollow. Held by its latch: a bar under it. Shelved, suppressed, out of service: a letter in a thin ring.

use std::time::Duration;

use egui::{Context, CornerRadius, Pos2, Rect, pos2, vec2};

use crate::alarm::annunciator::Hidden;
use crate::alarm::{Entry, Priority, State};
use crate::console::theme;
use crate::console::widgets::Ink;
use crate::console::widgets::glyph::{Look, glyph, letter};

/// Half of a flash, s.
const HALF_S: f64 = 0.25;

/// How marks that ask for attention are drawn in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The light half.
    On,
    /// The dark half.
    Off,
    /// Nothing moves.
    Still,
}

impl Phase {
    /// Of this frame; asks for the next one in time if `flashing`.
    #[must_use]
    pub fn now(ctx: &Context, flashing: bool) -> Self {
        if theme::reduced_motion(ctx) {
            return Self::Still;
        }
        let halves = ctx.input(|i| i.time) / HALF_S;
        if flashing {
            let left_s = (1.0 - halves.fract()) * HALF_S;
            ctx.request_repaint_after(Duration::from_millis((left_s * 1000.0) as u64 + 1));
        }
        if (halves as u64).is_multiple_of(2) { Self::On } else { Self::Off }
    }
}

/// Draws the mark of an alarm about `centre`.
pub fn mark(ink: &Ink, centre: Pos2, size: f32, e: &Entry, phase: Phase) {
    let t = &ink.t;
    match (&e.hidden, e.state) {
        (Some(Hidden::Shelved { .. }), _) => return letter(ink, centre, size, "s"),
        (Some(Hidden::OutOfService { .. }), _) => return letter(ink, centre, size, "o"),
        (Some(Hidden::ByDesign(_)), State::Normal) => return letter(ink, centre, size, "d"),
        (_, State::Normal) => return glyph(ink, centre, size, number(e.priority), Look::Outline),
        _ => {}
    }
    let look = if e.state.is_active() { Look::Active } else { Look::Returned };
    attention(ink, centre, size, number(e.priority), look, e.state.is_unack().then_some(phase));
    if e.state.is_latched() {
        let bar = Rect::from_center_size(centre + vec2(0.0, size * 0.5 + 3.5), vec2(size, 2.0));
        ink.p.rect_filled(bar, CornerRadius::ZERO, t.text);
    }
}

/// A mark that asks for attention if it has a phase.
pub fn attention(ink: &Ink, centre: Pos2, size: f32, priority: u8, look: Look, phase: Option<Phase>) {
    let t = &ink.t;
    match phase {
        Some(Phase::Off) => return glyph(ink, centre, size, priority, Look::Outline),
        Some(Phase::Still) => {
            let square = Rect::from_center_size(pos2(centre.x, centre.y), vec2(size + 8.0, size + 8.0));
            ink.p.rect_filled(square, CornerRadius::same(2), t.text);
        }
        Some(Phase::On) | None => {}
    }
    glyph(ink, centre, size, priority, look);
}

/// 1 to 4.
#[must_use]
pub fn number(priority: Priority) -> u8 {
    priority.number() as u8
}
