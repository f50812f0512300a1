//! A plan as the view shows it: figures, and its curves as rows of a history, so that a chart costs what its pixels cost.

use super::state::Order;
use crate::acts::Block;
use crate::history::Store;
use crate::planner::curve::FuelPrice;
use crate::planner::setting::Planned;
use crate::planner::solve::Planner;
use crate::plant::signals::SignalIdx;
use crate::report::plan::page::ramps;

/// Curves, by their place in a row.
pub(super) const LOAD: SignalIdx = SignalIdx(0);
pub(super) const MINER: SignalIdx = SignalIdx(1);
pub(super) const GENSET: SignalIdx = SignalIdx(2);
pub(super) const RAMP: SignalIdx = SignalIdx(3);
pub(super) const LAMBDA: SignalIdx = SignalIdx(4);
pub(super) const COST: SignalIdx = SignalIdx(5);
pub(super) const RAMP_BEFORE: SignalIdx = SignalIdx(6);
pub(super) const COST_BEFORE: SignalIdx = SignalIdx(7);
const WIDTH: usize = 8;

/// A plan, ready to be drawn.
pub(super) struct Shown {
    /// What it is.
    pub(super) planned: Planned,
    /// Its curves over time, s since midnight or since the load began.
    pub(super) rows: Store,
    /// What heat costs, where generation is priced by it.
    pub(super) price: Option<FuelPrice>,
    /// Time that reading, planning and judging took, s.
    pub(super) took_s: f64,
}

/// Plans what is ordered.
pub(super) fn plan(planner: &mut Planner, order: &Order, took_s: impl FnOnce() -> f64) -> Result<Shown, String> {
    let Order { load, wanted, setting, price } = order;
    let planned = Planned::new(planner, &load.rows, wanted, setting).map_err(|e| e.to_string())?;
    let took_s = took_s();
    let rows = curves(&planned);
    Ok(Shown { planned, rows, price: *price, took_s })
}

fn curves(planned: &Planned) -> Store {
    let (p, plan) = (&planned.problem, &planned.plan);
    let before = ramps(&p.load_kw, p.step_h, p.is_periodic());
    let [cost_before, cost] = planned.running_costs();
    let (start_s, step_s, n) = (planned.day.start_h * 3600.0, p.step_h * 3600.0, p.len());
    // the curve of a day that repeats goes on to its end
    let end = if p.is_periodic() { n + 1 } else { n };
    let mut block = Block { width: WIDTH, ..Block::default() };
    for k in 0..end {
        let i = k % n;
        block.t_s.push(start_s + step_s * k as f64);
        block.last.extend([
            p.load_kw[i],
            plan.miner_kw[i],
            plan.genset_kw[i],
            plan.ramp_kw_per_h[i],
            plan.lambda_per_kw[i],
            cost.get(k).copied().unwrap_or(f64::NAN),
            before[i],
            cost_before.get(k).copied().unwrap_or(f64::NAN),
        ]);
    }
    (block.min, block.max) = (block.last.clone(), block.last.clone());
    let mut rows = Store::new();
    rows.set_row_period_s(step_s);
    if let Err(e) = rows.ingest(&block, WIDTH) {
        log::error!("rows of a plan refused: {e}");
    }
    rows
}
