//! The chain of SunSpec models of a device: where each model stands.
//!
//! At most three base addresses are tried, by reads only. Reference: SunSpec Device Information Model Specification 1.1.

use crate::acts::quality::exception;
use crate::feed::modbus::{Answer, ReadReq, Table};
use crate::feed::wire::Trouble;

/// Base addresses in the order of the specification's discovery.
const BASES: [u16; 3] = [40_000, 0, 50_000];
/// `SunS`.
const MARK: [u16; 2] = [0x5375, 0x6E53];
/// End of the chain.
const END: u16 = 0xFFFF;
/// Models in a chain; more are no SunSpec device.
const MOST: usize = 256;

/// Model numbers with the address of their id.
pub(super) type Models = Vec<(u16, u16)>;

/// Walks the chain. `read` asks the device; none where it is not a SunSpec device.
///
/// # Errors
/// [`Trouble`] if the link fails on the way.
pub(super) fn walk(
    unit: u8,
    base: Option<u16>,
    mut read: impl FnMut(&ReadReq) -> Result<Answer, Trouble>,
) -> Result<Option<Models>, Trouble> {
    let mut two = |address: u16| -> Result<Option<[u16; 2]>, Trouble> {
        let Some(request) = ReadReq::new(unit, Table::Holding, address, 2) else { return Ok(None) };
        Ok(match read(&request)? {
            Answer::Registers(r) => <[u16; 2]>::try_from(r).ok(),
            Answer::Bits(_) | Answer::Exception(1..=3) => None,
            // Busy, or the device behind a gateway is away: it may well have the models.
            Answer::Exception(code) => return Err(Trouble::Protocol(format!("SunSpec models: {}", exception(code)))),
        })
    };
    let bases: Vec<u16> = base.map_or(BASES.to_vec(), |b| vec![b]);
    for base in bases {
        if two(base)? != Some(MARK) {
            continue;
        }
        let (mut models, mut at) = (Models::new(), base.saturating_add(2));
        while let Some([id, length]) = two(at)? {
            if id == END || models.len() == MOST {
                break;
            }
            models.push((id, at));
            match at.checked_add(2).and_then(|a| a.checked_add(length)) {
                Some(next) if length > 0 => at = next,
                _ => break,
            }
        }
        return Ok(Some(models));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn device(base: u16, models: &[(u16, u16)]) -> BTreeMap<u16, u16> {
        let mut regs = BTreeMap::from([(base, MARK[0]), (base + 1, MARK[1])]);
        let mut at = base + 2;
        for (id, length) in models {
            regs.extend([(at, *id), (at + 1, *length)]);
            at += 2 + length;
        }
        regs.extend([(at, END), (at + 1, 0)]);
        regs
    }

    fn found(regs: &BTreeMap<u16, u16>, base: Option<u16>) -> (Option<Models>, usize) {
        let mut asked = 0;
        let models = walk(1, base, |r| {
            asked += 1;
            let all: Option<Vec<u16>> = (0..r.quantity()).map(|k| regs.get(&(r.address() + k)).copied()).collect();
            Ok(all.map_or(Answer::Exception(2), Answer::Registers))
        });
        (models.unwrap(), asked)
    }

    #[test]
    fn the_chain_is_followed_to_its_end() {
        let regs = device(50_000, &[(1, 66), (701, 153), (713, 7)]);
        let (models, asked) = found(&regs, None);
        assert_eq!(models.unwrap(), [(1, 50_002), (701, 50_070), (713, 50_225)]);
        assert_eq!(asked, 3 + 4);
        assert_eq!(found(&regs, Some(40_000)).0, None, "only where it was told to look");
    }

    #[test]
    fn a_chain_without_end_ends() {
        let mut asked = 0;
        let models = walk(1, Some(0), |r| {
            asked += 1;
            Ok(Answer::Registers(if r.address() == 0 { MARK.to_vec() } else { vec![9, 1] }))
        });
        assert_eq!((models.unwrap().unwrap().len(), asked), (MOST, MOST + 2));
        let none =
            walk(1, Some(0), |r| Ok(Answer::Registers(if r.address() == 0 { MARK.to_vec() } else { vec![9, 0] })));
        assert_eq!(none.unwrap().unwrap().len(), 1, "a model without length");
    }

    #[test]
    fn regress_a_busy_device_is_not_one_without_models() {
        for (code, fails) in [(2, false), (3, false), (6, true), (0x0B, true)] {
            assert_eq!(walk(1, None, |_| Ok(Answer::Exception(code))).is_err(), fails, "exception {code}");
        }
    }

    #[test]
    fn no_chain_of_random_registers_hangs_or_asks_without_end() {
        use rand_pcg::Pcg64Mcg;
        use rand_pcg::rand_core::{RngCore as _, SeedableRng as _};
        let mut chance = Pcg64Mcg::seed_from_u64(8);
        for _ in 0..100_000 {
            let mut asked = 0;
            let models = walk(1, None, |r| {
                asked += 1;
                Ok(match chance.next_u32() % 64 {
                    0 => Answer::Exception(2),
                    1 => Answer::Registers(vec![END, 0]),
                    2 => Answer::Registers(vec![1]),
                    _ if BASES.contains(&r.address()) => Answer::Registers(MARK.to_vec()),
                    _ => Answer::Registers(vec![chance.next_u32() as u16, chance.next_u32() as u16 >> 9]),
                })
            });
            assert!(asked <= MOST + 4, "{asked} requests");
            assert!(models.unwrap().is_none_or(|m| m.len() <= MOST && m.is_sorted_by_key(|(_, at)| *at)));
        }
    }
}
