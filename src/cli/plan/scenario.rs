//! Load of a plan from a run of a scenario: what GPUs and auxiliaries draw, as means of each second.

use crate::engine::Engine;
use crate::planner::rows::Rows;

use super::super::run::{Second, to_end};

/// Signals whose sum is the load that miners have to leave room for.
const LOAD: [&str; 2] = ["site.gpu_kw", "site.aux_kw"];

/// Runs the scenario to its end and returns its load.
pub fn rows(file: &str) -> Result<Rows, String> {
    let scenario = super::super::load(file)?;
    let mut rows = Rows::default();
    let mut take = |engine: &Engine, second: &Second<'_>| {
        let (block, table) = (second.block, engine.table());
        let columns: Vec<usize> = LOAD.iter().filter_map(|id| Some(table.find(id)?.at())).collect();
        if columns.len() < LOAD.len() {
            return Err(format!("the plant has no signals {} (expected a twin's): {file}", LOAD.join(", ")));
        }
        if block.rows() > 0 && second.state.is_some() {
            let load = |r: usize| columns.iter().map(|c| block.last[r * block.width + c]).sum::<f64>();
            let mean = (0..block.rows()).map(load).sum::<f64>() / block.rows() as f64;
            rows.t_h.push(rows.t_h.len() as f64 / 3600.0);
            rows.load_kw.push(mean.max(0.0));
            rows.lines.push(rows.lines.len() as u64 + 1);
        }
        Ok(())
    };
    to_end(scenario, Some(&mut take))?;
    if rows.t_h.is_empty() {
        return Err(format!("the run is shorter than a second (expected a longer one): {file}"));
    }
    Ok(rows)
}
