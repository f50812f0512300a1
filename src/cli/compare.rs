//! `ballast compare`: two runs in step, one table.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::run::{Finished, figures, to_end};
use super::{Outcome, load};

/// Arguments of `ballast compare`.
#[derive(Args)]
pub struct CompareArgs {
    /// First scenario
    a: String,
    /// Second scenario
    b: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// How to read a figure: `true` when less is better, `None` when it is neither.
fn less_is_better(key: &str) -> Option<bool> {
    match key {
        "frequency_min_hz" | "voltage_min_pu" | "gpu_final_kw" | "miner_final_kw" => Some(false),
        "frequency_max_hz"
        | "rocof_max_100ms_hz_per_s"
        | "rocof_max_500ms_hz_per_s"
        | "step_up_max_1s_kw"
        | "step_down_max_1s_kw"
        | "ramp_max_5s_kw_per_s"
        | "time_to_target_s"
        | "fuel_kwh"
        | "mining_lost_kwh"
        | "bess_energy_kwh" => Some(true),
        _ => None,
    }
}

fn verdict(key: &str, a: f64, b: f64) -> &'static str {
    let close = (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-9);
    match less_is_better(key) {
        _ if close => "equal",
        None => "differs",
        Some(less) if (b < a) == less => "B better",
        Some(_) => "A better",
    }
}

/// `ballast compare`.
pub fn compare(args: &CompareArgs) -> Outcome {
    let (mut a, mut b) = (load(&args.a)?, load(&args.b)?);
    // One horizon for both, or energies cannot be compared.
    let horizon = a.run_s.max(b.run_s);
    (a.run_s, b.run_s) = (horizon, horizon);
    let (a, b) = (to_end(a, None)?, to_end(b, None)?);
    let (fa, fb) = (figures(&a), figures(&b));
    let same_end = same_end_state(&a, &b);
    if args.json {
        let rows: serde_json::Map<String, Value> = fa
            .iter()
            .map(|(k, va)| {
                let vb = &fb[k];
                let mut row = json!({ "a": va, "b": vb });
                if let (Some(x), Some(y)) = (va.as_f64(), vb.as_f64()) {
                    row["difference"] = json!(y - x);
                    row["verdict"] = json!(verdict(k, x, y));
                }
                (k.clone(), row)
            })
            .collect();
        println!("{}", json!({ "horizon_s": horizon, "same_end_state": same_end, "figures": rows }));
    } else {
        println!(
            "{:<28} {:>16} {:>16} {:>12}  verdict",
            "",
            fa["scenario"].as_str().unwrap_or("A"),
            fb["scenario"].as_str().unwrap_or("B"),
            "B - A"
        );
        for (k, va) in &fa {
            let vb = &fb[k];
            if let (Some(x), Some(y)) = (va.as_f64(), vb.as_f64()) {
                if k != "wall_s" && k != "seed" {
                    println!("{k:<28} {x:>16.3} {y:>16.3} {:>12.3}  {}", y - x, verdict(k, x, y));
                }
            } else if va != vb {
                println!("{k:<28} {:>16} {:>16}", short(va), short(vb));
            }
        }
        if !same_end {
            println!("The runs end in different states (GPU, miner or genset kW): judge energies with that in mind.");
        }
    }
    let clean = |f: &Finished| f.engine.trips().is_empty() && f.engine.violations().is_empty();
    Ok(if clean(&a) && clean(&b) { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn same_end_state(a: &Finished, b: &Finished) -> bool {
    let (x, y) = (a.engine.totals(), b.engine.totals());
    let near = |p: f64, q: f64| (p - q).abs() <= 5.0;
    near(x.gpu_kw, y.gpu_kw) && near(x.miner_kw, y.miner_kw) && near(x.gen_kw, y.gen_kw)
}

fn short(v: &Value) -> String {
    let text = match v {
        Value::String(s) => s.clone(),
        Value::Null => "none".to_owned(),
        Value::Array(a) => a.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    let text = if text.is_empty() { "none".to_owned() } else { text };
    if text.chars().count() > 16 { format!("{}…", text.chars().take(15).collect::<String>()) } else { text }
}
