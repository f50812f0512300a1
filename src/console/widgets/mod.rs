//! What views are made of: a painter, styled widgets, tables, panes, and the pictures of a control room.
//!
//! | part | idea |
//! |---|---|
//! | [`ink`], [`shapes`] | the one vocabulary of what is drawn by hand |
//! | [`text`] | words, and what becomes of them where there is no room |
//! | [`button`], [`segmented`], [`mod@dropdown`], [`slider`], [`number`], [`text_field`], [`mod@tabs`], [`badge`] | controls: name, focus ring, hover and "why not" by construction |
//! | [`table`], [`pane`] | tables; parts of a view that egui lays out |
//! | [`gauge`], [`glyph`], [`quality`] | KPI cells, alarm glyphs, quality marks |
//! | [`strip`], [`lane`], [`pen`], [`scale`], [`axes`], [`value_column`] | strips over time; what they share |
//! | [`plot`], [`labels`] | charts of given curves on `egui_plot`; labels that keep clear of each other |
//!
//! They read tokens of the theme and nothing else; what a click means is told as actions or responses.

pub mod axes;
pub mod badge;
pub mod button;
pub mod dropdown;
pub mod gauge;
pub mod glyph;
pub mod hand;
pub mod ink;
pub mod labels;
pub mod lane;
pub mod number;
pub mod pane;
pub mod pen;
pub mod plot;
pub mod quality;
pub mod scale;
pub mod segmented;
pub mod shapes;
pub mod slider;
pub mod strip;
pub mod table;
pub mod tabs;
pub mod text;
pub mod text_field;
pub mod value_column;

pub use crate::console::theme::Weight;
pub use badge::Badge;
pub use button::Button;
pub use dropdown::dropdown;
pub use ink::{Face, Ink};
pub use number::Number;
pub use segmented::Segmented;
pub use slider::{Scale, Slider};
pub use tabs::tabs;
pub use text::Text;
pub use text_field::TextField;
