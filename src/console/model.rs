//! Placeholder.
use crate::control::Status;
use crate::engine::msg::{Forecast, PlantView, Plate, Speed};
use crate::plant::signals::SignalTable;
use std::sync::Arc;
pub struct Model {
    pub table: Arc<SignalTable>,
    pub plate: Arc<Plate>,
    pub latest: Vec<f64>,
    pub t_s: f64,
    pub status: Status,
    pub view: PlantView,
    pub forecast: Option<Arc<Forecast>>,
    pub running: bool,
    pub speed: Speed,
    pub achieved_speed: f64,
    pub acked: u64,
    pub operable: bool,
}
impl Model {
    pub fn can_operate(&self) -> bool {
        self.operable
    }
}
