//! From the rows of a recording to what a fit is made of: frequency and power of the one set on the bus, and the miners'
//! command and power.

use super::lag::{Lags, Miners, lags};
use super::record::{Record, Refusal};
use crate::plant::config;
use crate::plant::signals::{SignalTable, at, site};
use crate::shadow::input::Channels;

/// Collects rows.
#[derive(Clone, Debug)]
pub struct Rows {
    channels: Channels,
    miner_at: [Option<usize>; 2],
    fleet_kw: f64,
    set: Option<usize>,
    rows: Vec<[f64; 3]>,
    miners: Miners,
    /// Why the last row without frequency or power had none.
    missing: Option<String>,
}

impl Rows {
    /// Of this plant, in rows of this table.
    #[must_use]
    pub fn new(plant: &config::Plant, table: &SignalTable) -> Self {
        let of = |i: u32| Some(at(i).at()).filter(|i| *i < table.len());
        Self {
            channels: Channels::new(plant, table),
            miner_at: [of(site::MINER_CMD_KW), of(site::MINER_KW)],
            fleet_kw: plant.miners.iter().map(|m| f64::from(m.units) * m.unit_kw).sum(),
            set: None,
            rows: Vec::new(),
            miners: Miners::default(),
            missing: None,
        }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// If not exactly one set is on the bus.
    pub fn take(&mut self, t_s: f64, row: &[f64]) -> Result<(), Refusal> {
        if let [Some(command), Some(power)] = self.miner_at.map(|i| i.and_then(|i| row.get(i)).copied())
            && command.is_finite()
            && power.is_finite()
        {
            self.miners.t_s.push(t_s);
            self.miners.command_kw.push(command);
            self.miners.power_kw.push(power);
        }
        match self.channels.read(row, &[]) {
            Err(why) => self.missing = Some(why),
            Ok(s) => {
                let closed: Vec<usize> = (0..s.sets.len()).filter(|i| s.sets[*i].closed).collect();
                match closed.as_slice() {
                    [i] if self.set.is_none_or(|was| was == *i) => self.set = Some(*i),
                    [_] => return Err(Refusal::Sets { n: 2, t_s }),
                    other => return Err(Refusal::Sets { n: other.len(), t_s }),
                }
                self.rows.push([t_s, s.f_hz, s.gen_kw]);
            }
        }
        Ok(())
    }

    /// Which set it was, and the record.
    ///
    /// # Errors
    /// If no row had frequency and power.
    pub fn finish(self) -> Result<(usize, Record, Lags), Refusal> {
        let Some(set) = self.set else {
            return Err(Refusal::Input(self.missing.unwrap_or_else(|| "no rows".to_owned())));
        };
        let all = lags(&self.miners, self.fleet_kw);
        Ok((set, Record::new(self.rows), all))
    }
}
