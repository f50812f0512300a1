//! Units of the field, and how they become the unit of a signal. A closed list: an unknown unit is refused when the map
//! is read, a conversion between different quantities too.

/// A quantity with its reference unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Power,
    Reactive,
    Apparent,
    Energy,
    Voltage,
    Current,
    Frequency,
    Temperature,
    Pressure,
    Time,
    Share,
    Speed,
    Count,
}

/// A unit: `value * scale + offset` is in the reference unit of its quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    name: &'static str,
    quantity: Quantity,
    scale: f64,
    offset: f64,
}

const fn unit(name: &'static str, quantity: Quantity, scale: f64) -> Unit {
    Unit { name, quantity, scale, offset: 0.0 }
}

/// All units that a map may name. Reference units: kW, kvar, kVA, kWh, V, A, Hz, °C, kPa, s, %, 1/min, 1.
const UNITS: &[Unit] = &[
    unit("W", Quantity::Power, 1e-3),
    unit("kW", Quantity::Power, 1.0),
    unit("MW", Quantity::Power, 1e3),
    unit("var", Quantity::Reactive, 1e-3),
    unit("kvar", Quantity::Reactive, 1.0),
    unit("VA", Quantity::Apparent, 1e-3),
    unit("kVA", Quantity::Apparent, 1.0),
    unit("mJ", Quantity::Energy, 1.0 / 3.6e9),
    unit("J", Quantity::Energy, 1.0 / 3.6e6),
    unit("Wh", Quantity::Energy, 1e-3),
    unit("kWh", Quantity::Energy, 1.0),
    unit("MWh", Quantity::Energy, 1e3),
    unit("mV", Quantity::Voltage, 1e-3),
    unit("V", Quantity::Voltage, 1.0),
    unit("kV", Quantity::Voltage, 1e3),
    unit("mA", Quantity::Current, 1e-3),
    unit("A", Quantity::Current, 1.0),
    unit("kA", Quantity::Current, 1e3),
    unit("mHz", Quantity::Frequency, 1e-3),
    unit("Hz", Quantity::Frequency, 1.0),
    unit("°C", Quantity::Temperature, 1.0),
    Unit { name: "°F", quantity: Quantity::Temperature, scale: 5.0 / 9.0, offset: -160.0 / 9.0 },
    unit("Pa", Quantity::Pressure, 1e-3),
    unit("kPa", Quantity::Pressure, 1.0),
    unit("bar", Quantity::Pressure, 100.0),
    unit("psi", Quantity::Pressure, 6.894_757_293_168),
    unit("ms", Quantity::Time, 1e-3),
    unit("s", Quantity::Time, 1.0),
    unit("min", Quantity::Time, 60.0),
    unit("h", Quantity::Time, 3600.0),
    unit("%", Quantity::Share, 1.0),
    unit("pu", Quantity::Share, 100.0),
    unit("1/min", Quantity::Speed, 1.0),
    unit("", Quantity::Count, 1.0),
];

impl Unit {
    /// The unit of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        UNITS.iter().copied().find(|u| u.name == name)
    }

    /// Name, as a map writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Scale and offset from this unit to `to`; none if they measure different things.
    #[must_use]
    pub fn to(self, to: Self) -> Option<[f64; 2]> {
        (self.quantity == to.quantity).then(|| [self.scale / to.scale, (self.offset - to.offset) / to.scale])
    }

    /// Whether a measurement of this never stands still while a plant runs: power, voltage, current, frequency.
    #[must_use]
    pub fn never_rests(self) -> bool {
        use Quantity::{Apparent, Current, Frequency, Power, Reactive, Voltage};
        matches!(self.quantity, Power | Reactive | Apparent | Voltage | Current | Frequency)
    }

    /// All names, for an error message.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        UNITS.iter().map(|u| u.name).filter(|n| !n.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(x: f64, from: &str, to: &str) -> Option<f64> {
        let [scale, offset] = Unit::find(from)?.to(Unit::find(to)?)?;
        Some(x * scale + offset)
    }

    #[test]
    fn units_of_one_quantity_convert_both_ways() {
        for (x, from, to, y) in [
            (250_000.0, "W", "kW", 250.0),
            (4.2, "bar", "kPa", 420.0),
            (212.0, "°F", "°C", 100.0),
            (-40.0, "°C", "°F", -40.0),
            (3.6e9, "mJ", "kWh", 1.0),
            (0.98, "pu", "%", 98.0),
            (59_950.0, "mHz", "Hz", 59.95),
        ] {
            let got = convert(x, from, to).unwrap_or(f64::NAN);
            assert!((got - y).abs() < 1e-9 * y.abs().max(1.0), "{x} {from} is {got} {to}, not {y}");
            let back = convert(got, to, from).unwrap_or(f64::NAN);
            assert!((back - x).abs() < 1e-9 * x.abs().max(1.0));
        }
    }

    #[test]
    fn different_quantities_never_convert() {
        for (from, to) in [("kW", "kvar"), ("kW", "kWh"), ("%", "kW"), ("V", "A"), ("", "kW")] {
            assert_eq!(convert(1.0, from, to), None, "{from} to {to}");
        }
        assert!(Unit::find("furlong").is_none());
    }
}
