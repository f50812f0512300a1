//! Filling the troughs of a synchronous load with work for nothing, or storing them: what each costs. Closed form.
//!
//! A filler makes GPUs burn in collectives and checkpoints what they leave off; a store takes the swing instead. Never both:
//! either one flattens the power. Crashes are left by both; a store catches them, a filler makes them larger, as it dies with
//! the job. Powers in MW, energies in MWh a year, money in $.

use super::site::{Assumed, Site};

/// Hours of a year.
const YEAR_H: f64 = 8760.0;

/// Terms of the money, from a cost file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Discount rate, 1/year.
    pub rate: f64,
    /// Years.
    pub years: f64,
    /// Upkeep of storage, share of its price a year.
    pub upkeep: f64,
    /// Round-trip efficiency of storage.
    pub round_trip: f64,
}

impl Terms {
    /// Capital recovery: the yearly rate that pays a price back with interest.
    #[must_use]
    pub fn recovery(&self) -> f64 {
        1.0 / self.present_value()
    }

    /// Present value of 1 $ a year.
    #[must_use]
    pub fn present_value(&self) -> f64 {
        if self.rate.abs() < 1e-12 { self.years } else { (1.0 - (1.0 + self.rate).powf(-self.years)) / self.rate }
    }
}

/// What `study dummy` gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Filler as a share of the high level: in collectives, in checkpoints.
    pub filler: [f64; 2],
    /// Energy of the filler, MWh/year.
    pub energy_mwh: f64,
    /// What it costs with its cooling, $/year.
    pub filler_per_year: f64,
    /// Swing that is taken either way, MW.
    pub swing_mw: f64,
    /// Power of storage that the swing asks for, MW, without margin.
    pub store_mw: f64,
    /// Energy that a pulse shuffles, MWh.
    pub pulse_mwh: f64,
    /// Packs of storage.
    pub packs: u32,
    /// Price of them, $.
    pub store_price: f64,
    /// Losses, MWh/year.
    pub losses_mwh: f64,
    /// What storage costs a year: capital recovery, upkeep, losses, $.
    pub store_per_year: [f64; 3],
    /// Price over what the filler costs, years.
    pub payback_years: f64,
    /// The same after upkeep; none where upkeep alone costs more.
    pub payback_after_upkeep_years: Option<f64>,
    /// Price of energy at which both cost the same, $/MWh; below it the filler is cheaper. None where losses take as much energy.
    pub break_even_per_mwh: Option<f64>,
    /// Generation that is not needed when the plant is built for the mean, MW: no island is, so it is told and not counted.
    pub spared_mw: f64,
    /// What it stands on.
    pub assumed: Vec<Assumed>,
}

impl Compared {
    /// Whether the filler is cheaper.
    #[must_use]
    pub fn filler_is_cheaper(&self) -> bool {
        self.filler_per_year < self.store_per_year.iter().sum()
    }

    /// The result in a sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let (cheaper, dearer) = if self.filler_is_cheaper() { ("filler", "storage") } else { ("storage", "filler") };
        let store: f64 = self.store_per_year.iter().sum();
        let edge = match self.break_even_per_mwh {
            Some(p) => format!("both cost the same at {p:.0} $/MWh"),
            None => "storage loses as much energy as the filler burns".to_owned(),
        };
        format!(
            "The {cheaper} is cheaper than {dearer}: {:.3} M$ a year of filler, {:.3} M$ a year of storage; {edge}.",
            self.filler_per_year / 1e6,
            store / 1e6
        )
    }
}

/// The inputs it reads, for the list of assumptions.
pub const READS: [&str; 14] = [
    "it_mw",
    "duty",
    "period_s",
    "busy",
    "collective_share",
    "trough_level",
    "idle_share",
    "checkpoint_share",
    "checkpoint_level",
    "cooling",
    "energy_per_mwh",
    "storage_mw",
    "storage_price",
    "storage_margin",
];

/// Filler as a share of the high level, in collectives and in checkpoints. `idle` is the power of an idle GPU, `trough` the
/// level of a collective between idle and full.
#[must_use]
pub fn filler(collectives: f64, trough: f64, idle: f64, checkpoints: f64, checkpoint: f64) -> [f64; 2] {
    let above_idle = 1.0 - idle;
    [(1.0 - checkpoints) * collectives * (1.0 - trough) * above_idle, checkpoints * (1.0 - checkpoint) * above_idle]
}

/// Compares filler and storage on a site.
///
/// # Errors
/// If it leaves out what that takes.
pub fn compare(site: &Site, terms: &Terms) -> Result<Compared, String> {
    let v = |id| site.value(id);
    let (it, duty, hours) = (v("it_mw")?, v("duty")?, YEAR_H * v("busy")?);
    let (trough, idle) = (v("trough_level")?, v("idle_share")?);
    let filler = filler(v("collective_share")?, trough, idle, v("checkpoint_share")?, v("checkpoint_level")?);
    let price = v("energy_per_mwh")?;
    let energy_mwh = (filler[0] + filler[1]) * it * hours;
    let filler_per_year = energy_mwh * price * v("cooling")?;
    let swing_mw = (1.0 - trough) * (1.0 - idle) * it;
    let store_mw = swing_mw * duty.max(1.0 - duty);
    let (pack_mw, stated) = (v("storage_mw")?, v("packs")? as u32);
    let needed = (v("storage_margin")? * store_mw / pack_mw - 1e-9).ceil().clamp(1.0, 1e6) as u32;
    let packs = if stated > 0 { stated } else { needed };
    let store_price = f64::from(packs) * v("storage_price")?;
    let losses_mwh = (1.0 / terms.round_trip - 1.0) * swing_mw * duty * (1.0 - duty) * hours;
    let upkeep = terms.upkeep * store_price;
    let capital = terms.recovery() * store_price;
    let spare = energy_mwh * v("cooling")? - losses_mwh;
    let after = filler_per_year - upkeep;
    Ok(Compared {
        filler,
        energy_mwh,
        filler_per_year,
        swing_mw,
        store_mw,
        pulse_mwh: swing_mw * duty * (1.0 - duty) * v("period_s")? / 3600.0,
        packs,
        store_price,
        losses_mwh,
        store_per_year: [capital, upkeep, losses_mwh * price],
        payback_years: store_price / filler_per_year,
        payback_after_upkeep_years: (after > 0.0).then(|| store_price / after),
        break_even_per_mwh: (spare > 0.0).then(|| (capital + upkeep) / spare),
        spared_mw: (1.0 - duty) * swing_mw,
        assumed: site.assumptions(&READS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, rel: f64) {
        assert!((a - b).abs() <= rel * b.abs(), "{a} is not {b}");
    }

    /// The figures of the public discussion were made at a round trip of 0.92.
    const TERMS: Terms = Terms { rate: 0.0624, years: 10.0, upkeep: 0.025, round_trip: 0.92 };

    fn of(inputs: &[(&str, f64)]) -> Compared {
        let pack = [("storage_mw", 1.927), ("storage_price", 2.081e6), ("energy_per_mwh", 50.0)];
        let all = pack.iter().filter(|p| inputs.iter().all(|i| i.0 != p.0)).chain(inputs);
        let list: String = all.map(|(id, v)| format!("(id: \"{id}\", value: {v:?}, source: \"x\"),")).collect();
        let site = Site::read(&format!("(purpose: \"x\", inputs: [{list}])"), "x").unwrap();
        compare(&site, &TERMS).unwrap()
    }

    #[test]
    fn t6_filler_of_a_training_job_is_a_tenth() {
        let [collectives, checkpoints] = filler(0.20, 0.45, 0.17, 20.0 / 1200.0, 0.25);
        near(collectives + checkpoints, 0.100, 0.005);
        near(collectives, 0.0898, 0.005);
        near(checkpoints, 0.0104, 0.005);
        near(TERMS.present_value(), 7.2771, 1e-4);
        near(TERMS.recovery(), 0.13742, 1e-4);
    }

    #[test]
    fn t6_sites_of_the_public_discussion() {
        let gw = of(&[("it_mw", 1000.0)]);
        near(gw.energy_mwh, 745.7e3, 0.005);
        near(gw.filler_per_year, 37.3e6, 0.005);
        near(gw.store_mw, 365.0, 0.005);
        assert_eq!(gw.packs, 237);
        near(gw.store_price, 493e6, 0.005);
        near(gw.payback_years, 13.2, 0.005);
        near(gw.break_even_per_mwh.unwrap(), 115.0, 0.005);
        let own = of(&[("it_mw", 1000.0), ("energy_per_mwh", 30.0), ("cooling", 1.2)]);
        near(own.filler_per_year, 26.8e6, 0.005);
        near(own.payback_years, 18.4, 0.005);
        for (mw, gwh, money, store, packs, price) in
            [(250.0, 186.4, 9.32, 91.3, 60, 124.9), (150.0, 111.9, 5.59, 54.8, 36, 74.9)]
        {
            let c = of(&[("it_mw", mw)]);
            near(c.energy_mwh / 1e3, gwh, 0.005);
            near(c.filler_per_year / 1e6, money, 0.005);
            near(c.store_mw, store, 0.005);
            assert_eq!(c.packs, packs);
            near(c.store_price / 1e6, price, 0.005);
        }
        near(of(&[("it_mw", 150.0)]).pulse_mwh * 1000.0, 6.1, 0.01);
    }

    /// This plant with a battery of 100 kW at two prices.
    #[test]
    fn t6_this_plant_hangs_on_the_price_of_a_small_battery() {
        let at = |price: f64| {
            of(&[
                ("it_mw", 0.5),
                ("energy_per_mwh", 47.8),
                ("storage_mw", 0.1),
                ("storage_price", price),
                ("packs", 1.0),
            ])
        };
        let (high, low) = (at(344_215.0), at(55_000.0));
        near(high.energy_mwh, 373.0, 0.005);
        near(high.filler_per_year, 17.8e3, 0.005);
        near(high.payback_after_upkeep_years.unwrap(), 37.4, 0.005);
        near(low.payback_after_upkeep_years.unwrap(), 3.35, 0.005);
        near(high.break_even_per_mwh.unwrap(), 160.0, 0.005);
        near(low.break_even_per_mwh.unwrap(), 25.6, 0.005);
        assert!(high.filler_is_cheaper() && !low.filler_is_cheaper());
        assert!(high.verdict().starts_with("The filler is cheaper"), "{}", high.verdict());
    }

    /// At the break-even price both cost the same, whatever the site.
    #[test]
    fn the_break_even_price_is_one() {
        for mw in [0.5, 150.0, 1000.0] {
            for cooling in [1.0, 1.3] {
                let p = of(&[("it_mw", mw), ("cooling", cooling)]).break_even_per_mwh.unwrap();
                let c = of(&[("it_mw", mw), ("cooling", cooling), ("energy_per_mwh", p)]);
                near(c.filler_per_year, c.store_per_year.iter().sum(), 1e-9);
            }
        }
    }
}
