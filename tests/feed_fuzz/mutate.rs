//! Bytes that are nearly right, and bytes that are not at all: seeded, the same on every machine.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{RngCore as _, SeedableRng as _};

/// Makes inputs.
pub struct Mutator(Pcg64Mcg);

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        // the ends of ranges, and what the formats are made of, more often than chance would have it
        const TELLING: &[u8] = b"\x00\x01\x7F\x80\xFE\xFF{}[](),:;\"\\=.+-eE09 \n\t/#";
        if self.below(2) == 0 { TELLING[self.below(TELLING.len())] } else { self.0.next_u64() as u8 }
    }

    /// One of the samples with some harm done, or one time in eight something random.
    pub fn next(&mut self, samples: &[&[u8]]) -> Vec<u8> {
        if self.below(8) == 0 {
            let n = self.below(300);
            return (0..n).map(|_| self.byte()).collect();
        }
        let mut out = samples[self.below(samples.len())].to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(out.len());
            match self.below(7) {
                0 if !out.is_empty() => out[at] ^= 1 << self.below(8),
                1 if !out.is_empty() => out[at] = self.byte(),
                2 => out.truncate(at),
                3 => out.insert(at, self.byte()),
                4 if !out.is_empty() => drop(out.remove(at)),
                // a piece twice
                5 => {
                    let to = at + self.below(out.len() - at).min(40);
                    let piece = out[at..to].to_vec();
                    out.splice(at..at, piece);
                }
                // a length that claims much
                _ => {
                    let n = 1 + self.below(4);
                    let to = (at + n).min(out.len());
                    out[at..to].fill(0xFF);
                }
            }
        }
        out
    }
}
