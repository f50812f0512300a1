//! Load of a plan from a run of a scenario: what GPUs and auxiliaries draw, as means of each second.

use std::sync::Arc;

use crate::engine::Engine;
use crate::planner::rows::Rows;
use crate::plant::signals::site;

/// Samples of the load are this far apart, s.
const SAMPLE_S: f64 = 0.1;

/// Runs the scenario to its end and returns its load: what miners have to leave room for.
pub fn rows(file: &str) -> Result<Rows, String> {
    let scenario = super::super::load(file)?;
    let run_s = scenario.run_s;
    let mut engine = Engine::new(Arc::new(scenario)).without_rows();
    let ticks = |s: f64| (s / engine.tick_s()).round().max(1.0) as u64;
    let (sample, second, end) = (ticks(SAMPLE_S), ticks(1.0), ticks(run_s));
    let mut row = vec![0.0; engine.table().len()];
    let mut events = Vec::new();
    let mut rows = Rows::default();
    let (mut sum, mut count) = (0.0, 0u32);
    while engine.now_tick() < end {
        engine.tick();
        let now = engine.now_tick();
        if now.is_multiple_of(sample) {
            engine.fill_row(&mut row);
            sum += row[site::GPU_KW as usize] + row[site::AUX_KW as usize];
            count += 1;
        }
        if now.is_multiple_of(second) && count > 0 {
            rows.t_h.push(rows.t_h.len() as f64 / 3600.0);
            rows.load_kw.push(sum / f64::from(count));
            rows.lines.push(rows.lines.len() as u64 + 1);
            (sum, count) = (0.0, 0);
            // nobody reads them
            engine.take_events(&mut events);
            events.clear();
        }
    }
    if rows.t_h.is_empty() {
        return Err(format!("the run is shorter than a second (expected a longer one): {file}"));
    }
    Ok(rows)
}
