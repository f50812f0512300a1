//! Placeholder.
use crate::engine::msg::{Operate, Speed};
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Operate(Operate),
    Run,
    Pause,
    Step(u32),
    Speed(Speed),
}
