//! Named sets of relays. Frequencies are kept in pu, so that they hold for 50 and 60 Hz.

use crate::plant::protection::{
    Device::{OverFrequency, OverVoltage, Overload, Overspeed, ReversePower, UnderFrequency, UnderVoltage},
    Relay,
};

fn relay(name: &str, device: crate::plant::protection::Device, pickup: f64, delay_s: f64) -> Relay {
    Relay { name: name.to_owned(), device, pickup, delay_s, window_s: 0.0, trips: true }
}

/// The default: 57.0 Hz 5 s, 54.0 Hz 0.5 s, 66 Hz 1.5 s, 69 Hz 0.3 s on 60 Hz, and one stage of each other device.
#[must_use]
pub fn console() -> Vec<Relay> {
    vec![
        relay("81U-1", UnderFrequency, 57.0 / 60.0, 5.0),
        relay("81U-2", UnderFrequency, 54.0 / 60.0, 0.5),
        relay("81O-1", OverFrequency, 66.0 / 60.0, 1.5),
        relay("81O-2", OverFrequency, 69.0 / 60.0, 0.3),
        relay("27", UnderVoltage, 0.88, 2.0),
        relay("59", OverVoltage, 1.12, 0.5),
        relay("32R", ReversePower, -0.05, 3.0),
        relay("51", Overload, 1.10, 60.0),
        relay("12", Overspeed, 1.15, 0.0),
    ]
}

/// Woodward easYgen factory settings; the under-frequency, voltage and second reverse-power levels are expert defaults.
#[must_use]
pub fn woodward() -> Vec<Relay> {
    vec![
        relay("81U-1", UnderFrequency, 0.90, 5.0),
        relay("81U-2", UnderFrequency, 0.84, 0.3),
        relay("81O-1", OverFrequency, 1.10, 1.5),
        relay("81O-2", OverFrequency, 1.15, 0.3),
        relay("27-1", UnderVoltage, 0.92, 5.0),
        relay("27-2", UnderVoltage, 0.88, 0.3),
        relay("59-1", OverVoltage, 1.08, 5.0),
        relay("59-2", OverVoltage, 1.12, 0.3),
        relay("32R-1", ReversePower, -0.03, 5.0),
        relay("32R-2", ReversePower, -0.05, 3.0),
        relay("51", Overload, 1.10, 60.0),
        relay("12", Overspeed, 1.15, 0.0),
    ]
}
