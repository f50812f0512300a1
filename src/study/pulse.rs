//! What a synchronous load does to power: the lines of its pulse, what takes each of them away, and what a denser rack changes.
//!
//! A training job repeats an iteration; its power is a trapezoid of height dP, period T, duty D at half height, rise and fall.
//! Line n stands at n/T. Powers in kW, energies in kJ, times in s. Above 5 Hz the twin is blind; lines are drawn there, and
//! marked.

use std::f64::consts::PI;

use serde::Deserialize;

use super::site::{Assumed, Site};
use crate::shipped::RACKS;
use crate::text::{self, At, Checked, Error};

/// Frequency up to which the twin's model is fair, Hz.
pub const MODEL_HZ: f64 = 5.0;
/// Lines that are summed.
const LINES: u32 = 400;
/// Bands in which the power of the lines is told, Hz.
pub const BANDS_HZ: [f64; 7] = [0.0, 0.5, 1.0, 2.5, 7.0, 20.0, f64::INFINITY];

/// A trapezoid that repeats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// High less low, kW.
    pub dp_kw: f64,
    /// Period, s.
    pub period_s: f64,
    /// Share of the period above half height.
    pub duty: f64,
    /// Rise, s.
    pub rise_s: f64,
    /// Fall, s.
    pub fall_s: f64,
    /// Start jitter between the parts of the load, s.
    pub jitter_s: f64,
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-12 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

impl Pulse {
    /// Frequency of a line, Hz.
    #[must_use]
    pub fn line_hz(&self, n: u32) -> f64 {
        f64::from(n) / self.period_s
    }

    /// Amplitude of a line, kW: twice the modulus of its Fourier coefficient, with what start jitter leaves of it.
    #[must_use]
    pub fn line_kw(&self, n: u32) -> f64 {
        let k = f64::from(n);
        let (rise, fall) = (sinc(k * self.rise_s / self.period_s), sinc(k * self.fall_s / self.period_s));
        let angle = 2.0 * PI * k * self.duty;
        let (re, im) = (rise - fall * angle.cos(), fall * angle.sin());
        self.dp_kw / (PI * k) * re.hypot(im) * self.left_by_jitter(n)
    }

    /// Share of a line that is left when the parts start apart by a normal jitter.
    #[must_use]
    pub fn left_by_jitter(&self, n: u32) -> f64 {
        let x = 2.0 * PI * f64::from(n) * self.jitter_s / self.period_s;
        (-x * x / 2.0).exp()
    }

    /// Power of everything but the mean, kW²: exact, without jitter.
    #[must_use]
    pub fn variance_kw2(&self) -> f64 {
        let edges = (self.rise_s + self.fall_s) / (6.0 * self.period_s);
        self.dp_kw * self.dp_kw * (self.duty * (1.0 - self.duty) - edges)
    }

    /// Energy that goes in and out of a store that takes the whole pulse, kJ.
    #[must_use]
    pub fn energy_kj(&self) -> f64 {
        self.dp_kw * self.duty * (1.0 - self.duty) * self.period_s
    }

    /// Power that such a store needs, kW.
    #[must_use]
    pub fn store_kw(&self) -> f64 {
        self.dp_kw * self.duty.max(1.0 - self.duty)
    }

    /// Share of the power of the lines in each of [`BANDS_HZ`].
    #[must_use]
    pub fn bands(&self) -> [f64; 6] {
        let mut bands = [0.0; 6];
        for n in 1..=LINES {
            let (f, a) = (self.line_hz(n), self.line_kw(n));
            if let Some(k) = BANDS_HZ.windows(2).position(|w| f > w[0] && f <= w[1]) {
                bands[k] += a * a / 2.0;
            }
        }
        let all = bands.iter().sum::<f64>().max(1e-300);
        bands.map(|b| b / all)
    }

    /// Full width at half maximum of a line when each iteration is of another length, Hz.
    #[must_use]
    pub fn line_width_hz(&self, n: u32, spread_s: f64) -> f64 {
        let n = f64::from(n);
        2.0 * PI * n * n * spread_s * spread_s / self.period_s.powi(3)
    }
}

/// A store between load and plant: at best a first-order low-pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name.
    pub name: String,
    /// Time constant, s; 0 for none.
    pub tau_s: f64,
}

impl Layer {
    /// The board layer of a rack: half of the stored energy is usable each way, over the swing of a GPU from floor to full.
    #[must_use]
    pub fn board(rack: &Rack) -> Option<Self> {
        (rack.joules_per_gpu > 0.0 && rack.gpu_swing_kw > 0.0).then(|| Self {
            name: format!("board {}", rack.name),
            tau_s: rack.joules_per_gpu / 1000.0 / (2.0 * rack.gpu_swing_kw),
        })
    }

    /// Corner frequency, Hz.
    #[must_use]
    pub fn corner_hz(&self) -> f64 {
        if self.tau_s > 0.0 { 1.0 / (2.0 * PI * self.tau_s) } else { f64::INFINITY }
    }

    /// Share of a line that passes.
    #[must_use]
    pub fn passes(&self, f_hz: f64) -> f64 {
        1.0 / (1.0 + (f_hz / self.corner_hz()).powi(2)).sqrt()
    }

    /// RMS of a pulse behind it, as a share of the RMS before it.
    #[must_use]
    pub fn rms_left(&self, pulse: &Pulse) -> f64 {
        let power = |through: &dyn Fn(f64) -> f64| {
            (1..=LINES).map(|n| (pulse.line_kw(n) * through(pulse.line_hz(n))).powi(2)).sum::<f64>()
        };
        (power(&|f| self.passes(f)) / power(&|_| 1.0).max(1e-300)).sqrt()
    }
}

/// Frequency up to which a ramp follows a swing of this amplitude, Hz.
#[must_use]
pub fn followed_hz(ramp_kw_per_s: f64, amplitude_kw: f64) -> f64 {
    ramp_kw_per_s / (2.0 * PI * amplitude_kw)
}

/// Energy of a store behind a ramp for a step, kWh.
#[must_use]
pub fn step_kwh(step_kw: f64, ramp_kw_per_s: f64) -> f64 {
    step_kw * step_kw / (2.0 * ramp_kw_per_s) / 3600.0
}

/// A generation of racks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rack {
    /// Name.
    pub name: String,
    /// Rating, kW.
    pub kw: f64,
    /// GPU packages.
    pub gpus: u32,
    /// Energy stored on the boards, J a GPU.
    #[serde(default)]
    pub joules_per_gpu: f64,
    /// Full less floor of a GPU, kW: what the board's energy stands against.
    #[serde(default)]
    pub gpu_swing_kw: f64,
    /// Whether it was announced and not yet measured by anybody.
    pub announced: bool,
    /// Where it comes from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Racks {
    racks: Vec<Rack>,
}

/// The racks that the program knows, from yesterday's to the announced ones.
///
/// # Errors
/// If the file that comes with the program is wrong (a test reads it).
pub fn racks() -> Result<Vec<Rack>, Error> {
    let (name, text) = RACKS.files.first().copied().unwrap_or_default();
    let path = RACKS.path_of(name);
    let file: Racks = text::parse(text, &path)?;
    let check = || -> Checked<()> {
        let top = At::top();
        let list = top.key("racks");
        for (i, r) in file.racks.iter().enumerate() {
            let at = list.index(i);
            at.line("name", &r.name, 40)?;
            at.num("kw", r.kw, 1.0, 10_000.0)?;
            at.count("gpus", r.gpus, 1, 10_000)?;
            at.num("joules_per_gpu", r.joules_per_gpu, 0.0, 1e6)?;
            at.num("gpu_swing_kw", r.gpu_swing_kw, 0.0, 100.0)?;
            at.line("source", &r.source, 300)?;
        }
        Ok(())
    };
    check().map_err(|p| p.place(text, &path))?;
    Ok(file.racks)
}

/// What a generation of racks does on a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// The rack.
    pub rack: Rack,
    /// Swing of a rack, kW.
    pub dp_kw: f64,
    /// Steepest change of a rack, kW/s.
    pub kw_per_s: f64,
    /// Steepest change of its three-phase current, A/s.
    pub ac_a_per_s: f64,
    /// The same on an 800 V DC bus with an edge of 10 ms, A/s.
    pub dc_a_per_s: f64,
    /// Energy that a pulse shuffles, kJ.
    pub pulse_kj: f64,
    /// Racks in the site's power.
    pub racks: f64,
    /// What is left of a swing by averaging over racks that are not in step: 1/sqrt of their number, at most 1.
    pub averaging: f64,
    /// Swing of a rack, share of a genset.
    pub of_set: f64,
    /// A rack switched on, as a multiple of the step limit.
    pub of_step_limit: f64,
    /// What a floor full of these would reserve.
    pub reserve: Reserve,
}

/// What is to be reserved today for a generation on the same floor: what cannot be added to a plant that lives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reserve {
    /// IT load of the floor, MW.
    pub it_mw: f64,
    /// Coherent swing, MW.
    pub swing_mw: f64,
    /// Rating of storage that takes it, margin included, MW.
    pub storage_mw: f64,
    /// Pads for packs of storage.
    pub pads: u32,
    /// Headroom on the generators for the load, MW.
    pub headroom_mw: f64,
    /// Bandwidth of control: steepest change of the swing, MW/s.
    pub bandwidth_mw_per_s: f64,
}

/// Edge of a DC bus for the table of racks, s, and its voltage, V.
const DC: (f64, f64) = (0.010, 800.0);

/// What `study pulse` gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Pulsed {
    /// The site's pulse.
    pub pulse: Pulse,
    /// Board layers of the racks that have one.
    pub layers: Vec<Layer>,
    /// Each generation.
    pub density: Vec<Density>,
    /// Frequency up to which the gensets follow half the swing, Hz.
    pub followed_hz: f64,
    /// Width of the first line, Hz.
    pub line_width_hz: f64,
    /// What it stands on.
    pub assumed: Vec<Assumed>,
}

/// The inputs it reads, for the list of assumptions.
pub const READS: [&str; 18] = [
    "site_kw",
    "racks",
    "swing_share",
    "period_s",
    "duty",
    "rise_s",
    "fall_s",
    "jitter_s",
    "period_jitter_s",
    "coherent",
    "volts",
    "power_factor",
    "set_kw",
    "step_limit_kw",
    "ramp_kw_per_s",
    "headroom",
    "storage_mw",
    "storage_margin",
];

/// Studies the pulse of a site.
///
/// # Errors
/// If it leaves out what that takes.
pub fn pulse(site: &Site) -> Result<Pulsed, String> {
    let v = |id| site.value(id);
    let (site_kw, swing) = (v("site_kw")?, v("swing_share")?);
    let pulse = Pulse {
        dp_kw: site_kw * swing * v("coherent")?,
        period_s: v("period_s")?,
        duty: v("duty")?,
        rise_s: v("rise_s")?,
        fall_s: v("fall_s")?,
        jitter_s: v("jitter_s")?,
    };
    // half of each edge lies within the high level, half outside
    let edges = (pulse.rise_s + pulse.fall_s) / 2.0 / pulse.period_s;
    if edges > pulse.duty.min(1.0 - pulse.duty) {
        return Err("rise and fall do not fit into the pulse (expected half of their sum within the high and the low part of the period)".to_owned());
    }
    let racks = racks().map_err(|e| e.to_string())?;
    let density = racks.iter().map(|rack| density(site, rack, &pulse)).collect::<Result<Vec<_>, _>>()?;
    Ok(Pulsed {
        layers: racks.iter().filter_map(Layer::board).collect(),
        density,
        followed_hz: followed_hz(v("ramp_kw_per_s")?, pulse.dp_kw / 2.0),
        line_width_hz: pulse.line_width_hz(1, v("period_jitter_s")?),
        assumed: site.assumptions(&READS),
        pulse,
    })
}

fn density(site: &Site, rack: &Rack, pulse: &Pulse) -> Result<Density, String> {
    let v = |id| site.value(id);
    let dp_kw = v("swing_share")? * rack.kw;
    let own = Pulse { dp_kw, ..*pulse };
    let racks = v("site_kw")? / rack.kw;
    let floor = v("racks")? * rack.kw / 1000.0;
    let swing_mw = v("racks")? * dp_kw / 1000.0;
    let storage_mw = v("storage_margin")? * swing_mw * pulse.duty.max(1.0 - pulse.duty);
    Ok(Density {
        rack: rack.clone(),
        dp_kw,
        kw_per_s: dp_kw / pulse.rise_s,
        ac_a_per_s: 1000.0 * dp_kw / (3.0_f64.sqrt() * v("volts")? * v("power_factor")? * pulse.rise_s),
        dc_a_per_s: 1000.0 * dp_kw / (DC.1 * DC.0),
        pulse_kj: own.energy_kj(),
        racks,
        averaging: if racks > 1.0 { 1.0 / racks.sqrt() } else { 1.0 },
        of_set: dp_kw / v("set_kw")?,
        of_step_limit: rack.kw / v("step_limit_kw")?,
        reserve: Reserve {
            it_mw: floor,
            swing_mw,
            storage_mw,
            pads: (storage_mw / v("storage_mw")? - 1e-9).ceil() as u32,
            headroom_mw: floor * v("headroom")?,
            bandwidth_mw_per_s: swing_mw / pulse.rise_s,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: Pulse = Pulse { dp_kw: 100.0, period_s: 2.0, duty: 0.8, rise_s: 0.10, fall_s: 0.03, jitter_s: 0.0 };

    fn near(a: f64, b: f64, tol: f64) {
        assert!((a - b).abs() <= tol, "{a} is not {b}");
    }

    #[test]
    fn t5_lines_and_power_of_the_trapezoid() {
        for (n, kw) in
            [(1, 37.336), (2, 30.003), (3, 19.779), (4, 9.033), (5, 0.576), (10, 1.040), (20, 1.366), (50, 0.110)]
        {
            near(P.line_kw(n), kw, 1e-3);
        }
        near(P.variance_kw2(), 1491.67, 0.01);
        let lines: f64 = (1..4000).map(|n| P.line_kw(n).powi(2) / 2.0).sum();
        near(lines, P.variance_kw2(), 1e-3);
        for (share, wanted) in P.bands().into_iter().zip([46.7, 30.2, 15.9, 6.2, 1.0, 0.04]) {
            near(100.0 * share, wanted, 0.05);
        }
    }

    /// The lines against a discrete transform of the waveform itself.
    #[test]
    fn t5_lines_are_those_of_the_waveform() {
        let n = 4000;
        let at = |t: f64| {
            // rise about 0, fall about D T, both at half height there
            let edge = |x: f64, width: f64| (x / width + 0.5).clamp(0.0, 1.0);
            let t = if t > P.period_s - P.rise_s { t - P.period_s } else { t };
            P.dp_kw * (edge(t, P.rise_s) - edge(t - P.duty * P.period_s, P.fall_s))
        };
        for line in 1..=6 {
            let (mut re, mut im) = (0.0, 0.0);
            for k in 0..n {
                let x = 2.0 * PI * f64::from(line) * f64::from(k) / f64::from(n);
                let p = at(P.period_s * f64::from(k) / f64::from(n));
                (re, im) = (re + p * x.cos(), im + p * x.sin());
            }
            near(2.0 * f64::hypot(re, im) / f64::from(n), P.line_kw(line), 0.01);
        }
    }

    #[test]
    fn t5_jitter_takes_high_lines_first() {
        let with = |jitter_s| Pulse { jitter_s, ..P };
        for (jitter, n, left) in
            [(0.1, 1, 0.952), (0.1, 4, 0.454), (0.1, 10, 0.0072), (0.3, 1, 0.641), (0.3, 4, 0.00082)]
        {
            near(with(jitter).left_by_jitter(n), left, 1e-3);
        }
        near(P.line_width_hz(1, 0.02), 3e-4, 2e-5);
    }

    #[test]
    fn t5_board_layers_with_half_the_energy_each_way() {
        let racks = racks().unwrap();
        let board = |name: &str| Layer::board(racks.iter().find(|r| r.name == name).unwrap()).unwrap();
        let (gb, rubin) = (board("GB300"), board("Vera Rubin"));
        near(gb.tau_s, 0.0361, 1e-4);
        near(rubin.tau_s, 0.1667, 1e-4);
        near(gb.corner_hz(), 4.41, 0.01);
        near(gb.passes(0.5), 0.9936, 1e-4);
        near(gb.passes(2.0), 0.9106, 1e-4);
        near(rubin.passes(0.5), 0.8859, 1e-4);
        near(gb.rms_left(&P), 0.9614, 1e-3);
        near(rubin.rms_left(&P), 0.7465, 1e-3);
        assert!(Layer::board(&racks[0]).is_none(), "an H100 stores nothing on its boards");
    }

    #[test]
    fn t5_table_of_racks() {
        let text = r#"(purpose: "x", inputs: [(id: "site_kw", value: 500.0, source: "x"), (id: "storage_mw", value: 1.927, source: "x")])"#;
        let all = pulse(&Site::read(text, "x").unwrap()).unwrap();
        for (name, dp, kw_s, ac, dc, kj, racks, averaging, of_set) in [
            ("H100", 20.0, 200.0, 241.0, 2500.0, 6.4, 12.5, 0.28, 0.02),
            ("GB200", 66.0, 660.0, 794.0, 8250.0, 21.1, 3.8, 0.51, 0.066),
            ("GB300", 71.0, 710.0, 854.0, 8875.0, 22.7, 3.5, 0.53, 0.071),
            ("Vera Rubin", 115.0, 1150.0, 1383.0, 14375.0, 36.8, 2.2, 0.68, 0.115),
            ("Kyber 600", 300.0, 3000.0, 3608.0, 37500.0, 96.0, 0.8, 1.0, 0.30),
            ("Kyber 1000", 500.0, 5000.0, 6014.0, 62500.0, 160.0, 0.5, 1.0, 0.50),
        ] {
            let d = all.density.iter().find(|d| d.rack.name == name).unwrap();
            let rel = |a: f64, b: f64, tol: f64| assert!((a / b - 1.0).abs() < tol, "{name}: {a} is not {b}");
            rel(d.dp_kw, dp, 1e-9);
            rel(d.kw_per_s, kw_s, 1e-9);
            rel(d.ac_a_per_s, ac, 3e-3);
            rel(d.dc_a_per_s, dc, 1e-9);
            rel(d.pulse_kj, kj, 5e-3);
            rel(d.racks, racks, 0.05);
            near(d.averaging, averaging, 0.01);
            rel(d.of_set, of_set, 1e-9);
            // announced is what nobody has measured yet
            assert_eq!(d.rack.announced, d.rack.kw > 150.0, "{name}");
        }
    }

    #[test]
    fn a_ramp_follows_only_slow_swings_and_steps_take_little_energy() {
        near(followed_hz(16.0, 50.0), 0.051, 5e-4);
        near(followed_hz(9.0, 50.0), 0.029, 5e-4);
        near(step_kwh(100.0, 16.0), 0.087, 5e-4);
        near(step_kwh(250.0, 9.0), 0.97, 0.01);
        near(step_kwh(500.0, 16.0), 2.2, 0.05);
    }
}
