//! A plan as CSV: one row a grid point.

use std::io::{self, Write};

use crate::planner::setting::Planned;

/// Writes the plan; gives the number of rows.
///
/// # Errors
/// When it cannot be written.
pub fn write(planned: &Planned, out: &mut dyn Write) -> io::Result<usize> {
    let (day, plan) = (&planned.day, &planned.plan);
    writeln!(out, "t_h,load_kw,miner_kw,genset_kw,ramp_kw_per_h,lambda")?;
    for (i, x) in plan.genset_kw.iter().enumerate() {
        let t_h = day.start_h + day.step_h * i as f64;
        let (load, miner) = (day.net_kw[i], plan.miner_kw[i]);
        writeln!(out, "{t_h},{load},{miner},{x},{},{}", plan.ramp_kw_per_h[i], plan.lambda_per_kw[i])?;
    }
    Ok(plan.genset_kw.len())
}
