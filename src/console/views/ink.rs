//! What views draw and write with, under one short path: the ink, weights of text, words for numbers.

pub(crate) use crate::console::fmt::{kw, num, seconds, short};
pub(crate) use crate::console::theme::Weight as Face;
pub(crate) use crate::console::widgets::paint::Ink;
