//! Drawn widgets: each takes a rectangle and what to show, draws it, and says it in words to accessibility tools.
//!
//! They read tokens of the theme and nothing else; what a click means is told as actions or responses.

pub mod gauge;
pub mod glyph;
pub mod labels;
pub mod lane;
pub mod paint;
pub mod pen;
pub mod plot;
pub mod quality;
pub mod scale;
pub mod strip;
pub mod strip_controls;
pub mod value_column;
