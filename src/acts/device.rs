//! Kinds of devices that hang on a bus section. Names only: what each of them is called, where it hangs and which breaker and
//! signals it has stands in the table of kinds of the plant.

/// Kind of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// A genset.
    Genset,
    /// A fleet of miners.
    Miners,
    /// A cohort of GPUs.
    Gpus,
    /// A battery.
    Bess,
    /// An aux load or load bank.
    Aux,
    /// A synchronous condenser.
    Condenser,
}
