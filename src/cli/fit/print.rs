//! A fit on a terminal and as JSON.

use serde_json::{Map as Object, Value, json};

use crate::cli::say::say;
use crate::shadow::fit::{Check, Fit, Lag, Parameter, Swing, figure};

/// As a table with remarks.
pub(super) fn print(f: &Fit, check: Option<&Check>) {
    let [t0, t1] = f.window_s;
    say!(
        "{}: {:.1} s to {:.1} s, {} rows each {:.2} s, load moves by {:.1} % of rating (standard deviation)",
        f.set,
        t0,
        t1,
        f.rows,
        f.period_s,
        100.0 * f.excitation_pu
    );
    say!("{:<26} {:>6} {:>9} {:>9}   95 % interval", "", "", "start", "fitted");
    for p in &f.parameters {
        let told = f.why_not(p).map_or_else(
            || format!("{:>8} to {:<8} {}", figure(p.interval[0]), figure(p.interval[1]), p.width()),
            |why| format!("not identifiable: {why}"),
        );
        let (start, value) = (figure(p.start), figure(p.value));
        say!("{:<26} {:>6} {start:>9} {value:>9}   {told}", p.what.label(), p.what.unit());
    }
    if !f.flat() {
        say!(
            "residual {:.4} Hz RMS as given, {:.4} Hz fitted: explains {:.1} % of what frequency does; {} simulations",
            f.rms_before_hz,
            f.rms_after_hz,
            100.0 * f.explained,
            f.simulations
        );
        say!(
            "neighbouring residuals are alike (about {:.1} rows in a row); the intervals are wider for it",
            f.rows_alike
        );
    }
    f.remarks().iter().for_each(|line| say!("{line}"));
    for (a, b, r) in &f.alike {
        say!("hard to tell apart: {} and {} (correlation {r:+.2})", a.label(), b.label());
    }
    f.swings.iter().for_each(|s| say!("{}", swing(s)));
    if let Some(c) = check {
        say!(
            "predicted of the second recording: {:.1} % of what frequency does, {:.4} Hz RMS off",
            100.0 * c.explained,
            c.rms_hz
        );
        c.beyond.iter().for_each(|b| say!("beyond what was seen: {b}"));
        c.swings.iter().for_each(|s| say!("{}", swing(s)));
    }
    for (way, lag) in [("fall", f.miners.down), ("rise", f.miners.up)] {
        if let Some(l) = lag {
            let plural = if l.moves == 1 { "" } else { "s" };
            say!("miners: {} from command to power ({} {way}{plural})", lag_words(&l), l.moves);
        }
    }
}

/// One line a load change.
fn swing(s: &Swing) -> String {
    let seconds = |t: Option<f64>| t.map_or_else(|| "–".to_owned(), |t| format!("{t:.1} s"));
    format!(
        "{:>8.1} s {:>+6.0} kW: to {:.2} Hz, model {:.2} Hz ({:+.1} %); there after {}, model {}; ends at {:.2} Hz, model {:.2} Hz",
        s.t_s,
        s.step_kw,
        s.extreme_hz[0],
        s.extreme_hz[1],
        100.0 * s.dip_error(),
        seconds(s.recovery_s[0]),
        seconds(s.recovery_s[1]),
        s.end_hz[0],
        s.end_hz[1]
    )
}

fn lag_words(l: &Lag) -> String {
    if l.ci_s.is_nan() { format!("{:.2} s", l.mean_s) } else { format!("{:.2} s ±{:.2} s", l.mean_s, l.ci_s) }
}

/// As one JSON object.
pub(super) fn as_json(f: &Fit, check: Option<&Check>) -> Value {
    let parameter = |p: &Parameter| {
        let one = json!({
            "start": p.start,
            "value": p.value,
            "low": p.interval[0],
            "high": p.interval[1],
            "half_width": p.half_width,
            "at_bound": p.at_bound,
            "identifiable": p.identifiable,
            "why_not": f.why_not(p),
        });
        (p.what.name().to_owned(), one)
    };
    let lag = |l: Option<Lag>| {
        l.map(|l| json!({ "mean_s": l.mean_s, "ci_s": l.ci_s.is_finite().then_some(l.ci_s), "moves": l.moves }))
    };
    let tried = |t: &crate::shadow::fit::Tried| {
        json!({ "structure": t.structure.name(), "rms_hz": t.rms_hz, "parameters": t.parameters, "worse_by": t.worse_by,
            "as_good": t.as_good })
    };
    let second = |c: &Check| {
        json!({
            "explained": c.explained,
            "rms_hz": c.rms_hz,
            "beyond_excited_range": c.beyond,
            "swings": c.swings.iter().map(swing_json).collect::<Vec<_>>(),
        })
    };
    json!({
        "set": f.set,
        "start": f.start,
        "structure": f.structure.name(),
        "tried": f.tried.iter().map(tried).collect::<Vec<_>>(),
        "not_this_model": f.is_not_this_model(),
        "parameters": f.parameters.iter().map(parameter).collect::<Object<_, _>>(),
        "alike": f.alike.iter().map(|(a, b, r)| json!([a.name(), b.name(), r])).collect::<Vec<_>>(),
        "remarks": f.remarks(),
        "rms_before_hz": f.rms_before_hz,
        "rms_after_hz": f.rms_after_hz,
        "explained": f.explained,
        "misfit": f.misfit,
        "meter_step_hz": f.meter.step_hz,
        "meter_noise_hz": f.meter.noise_hz,
        "window_s": f.window_s,
        "rows": f.rows,
        "period_s": f.period_s,
        "excitation_pu": f.excitation_pu,
        "excited_kw": f.excited.kw,
        "excited_steps_kw": f.excited.step_kw,
        "rows_alike": f.rows_alike,
        "simulations": f.simulations,
        "swings": f.swings.iter().map(swing_json).collect::<Vec<_>>(),
        "second": check.map(second),
        "preset_possible": f.keepable.is_ok(),
        "miner_lag_down": lag(f.miners.down),
        "miner_lag_up": lag(f.miners.up),
    })
}

fn swing_json(s: &Swing) -> Value {
    json!({
        "t_s": s.t_s,
        "step_kw": s.step_kw,
        "extreme_hz": s.extreme_hz[0],
        "extreme_model_hz": s.extreme_hz[1],
        "dip_error": s.dip_error(),
        "recovery_s": s.recovery_s[0],
        "recovery_model_s": s.recovery_s[1],
        "recovery_error": s.recovery_error(),
        "end_hz": s.end_hz[0],
        "end_model_hz": s.end_hz[1],
    })
}
