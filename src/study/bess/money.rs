//! What a design costs over its years: price, engineering, upkeep, trips. Every number of money comes from a cost file.

use crate::planner::costs::Costs;

/// Minutes of an hour.
const HOUR_MIN: f64 = 60.0;

/// Where the price of a battery comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// The public model's commercial-scale default: mostly a constant.
    High,
    /// The source's own calculator, without a supplier's quote.
    Low,
    /// What the operational model itself says, straight between its sizes.
    Stated,
}

/// All of them.
pub const PRICES: [Price; 3] = [Price::High, Price::Low, Price::Stated];

impl Price {
    /// Name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "public model",
            Self::Low => "calculator",
            Self::Stated => "operational model",
        }
    }

    /// Price of a battery, $; 0 for none.
    ///
    /// # Errors
    /// If the cost file leaves out what that takes.
    pub fn capex(self, costs: &Costs, kw: f64, kwh: f64) -> Result<f64, String> {
        let v = |id| costs.value(id);
        if kw <= 0.0 {
            return Ok(0.0);
        }
        Ok(match self {
            Self::High => v("bess_fixed")? + v("bess_per_kw")? * kw + v("bess_per_kwh")? * kwh,
            Self::Low if kw < 150.0 => v("bess_low_small_fixed")? + v("bess_low_small_per_kw")? * (kw - 50.0).max(0.0),
            Self::Low => v("bess_low_large_fixed")? + v("bess_low_large_per_kw")? * (kw - 150.0),
            Self::Stated => {
                let at = [
                    (100.0, v("bess_stated_100kw")?),
                    (200.0, v("bess_stated_200kw")?),
                    (400.0, v("bess_stated_400kw")?),
                    (600.0, v("bess_stated_600kw")?),
                ];
                // outside of what is said, the nearer pair goes on
                let k = at.windows(2).position(|w| kw <= w[1].0).unwrap_or(at.len() - 2);
                let ((x0, y0), (x1, y1)) = (at[k], at[k + 1]);
                (y0 + (y1 - y0) * (kw - x0) / (x1 - x0)).max(0.0)
            }
        })
    }
}

/// How a site is controlled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Every limit, confirmed sheds, feedback hold, staged shedding.
    Tight,
    /// Pace limits alone.
    Simple,
}

/// Terms of a study's money.
#[derive(Clone, Debug, PartialEq)]
pub struct Money {
    costs: Costs,
    /// Present value of 1 $ a year over the horizon.
    pub present_value: f64,
    /// Years.
    pub years: f64,
    /// Price source of batteries.
    pub price: Price,
}

impl Money {
    /// From a cost file.
    ///
    /// # Errors
    /// If it leaves out rate or horizon.
    pub fn new(costs: Costs, price: Price) -> Result<Self, String> {
        let (rate, years) = (costs.value("discount_rate")?, costs.value("horizon")?);
        let terms = crate::study::dummy::Terms { rate, years, upkeep: 0.0, round_trip: 1.0 };
        Ok(Self { present_value: terms.present_value(), years, price, costs })
    }

    /// Whether the cost file has all that an answer takes, asked before the runs are made.
    ///
    /// # Errors
    /// If it leaves something out.
    pub fn check(&self) -> Result<(), String> {
        self.trip(1.0, 1.0)?;
        self.battery(100.0, 100.0)?;
        self.battery(400.0, 100.0)?;
        self.control(Control::Tight)?;
        self.control(Control::Simple)?;
        self.costs.fuel_price()?;
        self.costs.value("bess_availability").map(drop)
    }

    /// The cost file.
    #[must_use]
    pub fn costs(&self) -> &Costs {
        &self.costs
    }

    /// The same with another value of an item.
    ///
    /// # Errors
    /// As [`Money::new`], or if there is no such item.
    pub fn with(&self, id: &str, value: f64) -> Result<Self, String> {
        Self::new(self.costs.with(id, value)?, self.price)
    }

    /// What a trip of the whole site costs, $: GPU time until the jobs are back where they were, mining, call-out and wear.
    ///
    /// # Errors
    /// If the cost file leaves out what that takes.
    pub fn trip(&self, gpus: f64, miner_kw: f64) -> Result<f64, String> {
        let v = |id| self.costs.value(id);
        let dark = v("dark_after_trip")?;
        let gpu_min = dark + START_UP_MIN / 2.0 + v("gpu_checkpoint")? / 2.0 + v("gpu_restart")?;
        let mine = self.costs.mining_per_kwh()?;
        let mining_kwh = miner_kw * (dark + v("miner_wake")?) / HOUR_MIN;
        Ok(gpus * gpu_min / HOUR_MIN * v("gpu_hour")? + mining_kwh * mine + v("callout_per_trip")?)
    }

    /// Price of a battery and what keeping it costs over the years, $ of today.
    ///
    /// # Errors
    /// If the cost file leaves out what that takes.
    pub fn battery(&self, kw: f64, kwh: f64) -> Result<f64, String> {
        let capex = self.price.capex(&self.costs, kw, kwh)?;
        let upkeep = self.costs.value("bess_om_per_year")? * self.present_value;
        Ok(capex * (1.0 + upkeep) + self.replacement(capex)?)
    }

    /// A battery that does not live as long as the horizon is bought again, each time discounted.
    fn replacement(&self, capex: f64) -> Result<f64, String> {
        let (life, rate) = (self.costs.value("bess_life")?, self.costs.value("discount_rate")?);
        let times = ((self.years - 1e-9) / life.max(1.0)).floor() as i32;
        Ok((1..=times).map(|k| capex * (1.0 + rate).powf(-f64::from(k) * life)).sum())
    }

    /// What writing, commissioning and keeping a control costs over the years, $ of today.
    ///
    /// # Errors
    /// If the cost file leaves out what that takes.
    pub fn control(&self, control: Control) -> Result<f64, String> {
        let price = self.costs.value(if control == Control::Tight { "control_tight" } else { "control_simple" })?;
        Ok(price * (1.0 + self.costs.value("control_upkeep_per_year")? * self.present_value))
    }

    /// Trips a year that have to be saved for a battery to pay, with what simpler control saves counted or not; negative where it
    /// pays without any.
    ///
    /// # Errors
    /// If the cost file leaves out what that takes.
    pub fn break_even_trips(&self, kw: f64, kwh: f64, trip: f64, with_control: bool) -> Result<f64, String> {
        let saved = if with_control { self.control(Control::Tight)? - self.control(Control::Simple)? } else { 0.0 };
        Ok((self.battery(kw, kwh)? - saved) / (self.present_value * trip))
    }
}

/// Bringing GPUs up again after a trip, min: from the shipped path-a, whose schedule takes 70 s.
const START_UP_MIN: f64 = 70.0 / 60.0;

/// Trips a year of a design whose battery is there only for a share of the time.
#[must_use]
pub fn with_outages(with: f64, without: f64, availability: f64) -> f64 {
    availability * with + (1.0 - availability) * without
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(price: Price) -> Money {
        Money::new(Costs::shipped("default").unwrap(), price).unwrap()
    }

    fn near(a: f64, b: f64, rel: f64) {
        assert!((a - b).abs() <= rel * b.abs().max(1e-9), "{a} is not {b}");
    }

    #[test]
    fn t3_a_trip_and_the_years() {
        let m = money(Price::High);
        near(m.present_value, 7.2771, 0.005);
        near(m.trip(714.0, 498.3).unwrap(), 1953.0, 0.005);
    }

    #[test]
    fn t3_e1_to_e3_prices_and_break_even() {
        let trip = money(Price::High).trip(714.0, 498.3).unwrap();
        let m = money(Price::High);
        near(Price::High.capex(m.costs(), 50.0, 50.0).unwrap(), 283_165.0, 0.005);
        near(m.battery(50.0, 50.0).unwrap(), 334_681.0, 0.005);
        for (kw, kwh, capex, trips) in [
            (50.0, 50.0, 283_165.0, 23.6),
            (100.0, 100.0, 344_215.0, 28.6),
            (200.0, 100.0, 441_015.0, 36.7),
            (400.0, 100.0, 634_615.0, 52.8),
        ] {
            near(Price::High.capex(m.costs(), kw, kwh).unwrap(), capex, 0.005);
            near(m.break_even_trips(kw, kwh, trip, false).unwrap(), trips, 0.005);
        }
        let m = money(Price::Low);
        for (kw, capex, trips) in
            [(50.0, 30_000.0, 2.5), (100.0, 55_000.0, 4.57), (150.0, 100_000.0, 8.32), (200.0, 130_000.0, 10.8)]
        {
            near(Price::Low.capex(m.costs(), kw, kw).unwrap(), capex, 0.005);
            near(m.break_even_trips(kw, kw, trip, false).unwrap(), trips, 0.005);
        }
        assert_eq!(Price::High.capex(m.costs(), 0.0, 0.0), Ok(0.0));
    }

    #[test]
    fn t3_e4_crashes_alone_pay_a_battery_on_a_soft_engine() {
        let (p, rate, trip) = (44.0 / 120.0, 123.0, money(Price::High).trip(714.0, 498.3).unwrap());
        let (without, with) = (rate * p, rate * with_outages(0.0, p, 0.97));
        near(without, 45.10, 0.005);
        near(with, 1.353, 0.005);
        near((without - with) * trip, 85_427.0, 0.005);
        for (price, npv) in [(Price::High, 287_000.0), (Price::Low, 586_200.0)] {
            let m = money(price);
            near((without - with) * trip * m.present_value - m.battery(50.0, 50.0).unwrap(), npv, 0.005);
        }
    }

    #[test]
    fn t3_e6_slams_alone_do_not_pay_on_the_nominal_engine() {
        let (rate, trip) = (3.8, money(Price::High).trip(714.0, 498.3).unwrap());
        for (kw, p, saved, high, low) in [
            (50.0, 40.0 / 120.0, 0.585, -326e3, -27.0e3),
            (100.0, 17.0 / 120.0, 1.29, -388e3, -46.6e3),
            (200.0, 0.0, 1.81, -495e3, -128e3),
        ] {
            let (without, with) = (rate * 59.0 / 120.0, rate * with_outages(p, 59.0 / 120.0, 0.97));
            near(without - with, saved, 0.03);
            for (price, npv) in [(Price::High, high), (Price::Low, low)] {
                let m = money(price);
                let kwh = if kw > 100.0 { 100.0 } else { kw };
                let own = (without - with) * trip * m.present_value - m.battery(kw, kwh).unwrap();
                assert!((own - npv).abs() < 0.02 * npv.abs().max(50e3), "{kw} kW {price:?}: {own} is not {npv}");
            }
        }
    }

    #[test]
    fn t3_e7_what_simpler_control_saves_counts_for_the_battery() {
        let trip = money(Price::High).trip(714.0, 498.3).unwrap();
        near(money(Price::High).break_even_trips(100.0, 100.0, trip, true).unwrap(), 20.1, 0.005);
        assert!(money(Price::Low).break_even_trips(100.0, 100.0, trip, true).unwrap() < 0.0, "pays without any trip");
    }

    #[test]
    fn prices_of_the_operational_model_are_its_own_numbers() {
        let m = money(Price::Stated);
        for (kw, capex) in [(100.0, 80e3), (150.0, 140e3), (200.0, 200e3), (400.0, 350e3), (600.0, 500e3), (50.0, 20e3)]
        {
            near(Price::Stated.capex(m.costs(), kw, 100.0).unwrap(), capex, 1e-9);
        }
        // a longer horizon than its life buys it again
        let long = m.with("horizon", 15.0).unwrap();
        assert!(long.battery(100.0, 100.0).unwrap() > 1.4 * m.battery(100.0, 100.0).unwrap());
    }
}
