//! Recorded rows as compact blobs.
//!
//! A chunk holds up to [`CHUNK_ROWS`] rows column by column, as `f32`: the last values of a signal, each as the bits
//! that differ from the value before; then the minima and the maxima as the bits that differ from the last value. A
//! signal that rests is all zeros, and a run of zeros is two bytes; bits that differ are few and low, and are written in
//! as many groups of seven as they need. Times are microseconds, as differences. No bit of the `f32` is lost, NaN and
//! infinity included.

use crate::acts::Block;

use super::entry::{micros, seconds};

/// Rows of a chunk at most: a minute.
pub(crate) const CHUNK_ROWS: usize = 1200;

/// Rows of a file that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// It ends early.
    #[error("a chunk of rows ends early")]
    Short,
    /// Bytes are left over.
    #[error("a chunk of rows is too long")]
    Long,
}

/// A chunk as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Branch that the rows belong to.
    pub(crate) branch: u32,
    /// Time of the first row, µs.
    pub(crate) first_us: i64,
    /// Time of the last row, µs.
    pub(crate) last_us: i64,
    /// When they were put together, µs of UTC.
    pub(crate) t_wall_utc_us: i64,
    /// Rows.
    pub(crate) count: u32,
    /// Times and values.
    pub(crate) data: Vec<u8>,
    /// State hashes at full seconds: second and hash.
    pub(crate) states: Vec<u8>,
}

/// Packs rows and state hashes.
pub(crate) fn pack(branch: u32, block: &Block, states: &[(u64, u64)]) -> Chunk {
    let mut out = Pack::default();
    let first_us = block.t_s.first().map_or(0, |t| micros(*t));
    let mut before = first_us;
    for t in block.t_s.iter().map(|t| micros(*t)) {
        out.int((t - before).max(0) as u64);
        before = t;
    }
    let bits = |values: &[f64], at: usize| values.get(at).map_or(f32::NAN.to_bits(), |v| (*v as f32).to_bits());
    for signal in 0..block.width {
        let places = || (0..block.rows()).map(move |r| r * block.width + signal);
        let mut before = 0;
        for at in places() {
            let last = bits(&block.last, at);
            out.bits(last ^ before);
            before = last;
        }
        for column in [&block.min, &block.max] {
            places().for_each(|at| out.bits(bits(column, at) ^ bits(&block.last, at)));
        }
    }
    let mut hashes = Pack::default();
    for (second, hash) in states {
        hashes.int(*second);
        hashes.bytes.extend_from_slice(&hash.to_le_bytes());
    }
    Chunk {
        branch,
        first_us,
        last_us: before,
        t_wall_utc_us: super::now_us(),
        count: block.rows() as u32,
        data: out.done(),
        states: hashes.done(),
    }
}

/// Appends the rows of a chunk to `into`, which is as wide as the file has signals.
pub(crate) fn unpack(chunk: &Chunk, into: &mut Block) -> Result<(), RowsError> {
    let (rows, width) = (chunk.count as usize, into.width);
    // Each number takes a part of a byte at least, so a count out of all proportion does not reach the allocator.
    if rows > CHUNK_ROWS {
        return Err(RowsError::Long);
    }
    let mut input = Unpack { bytes: &chunk.data, zeros: 0 };
    let mut t = chunk.first_us;
    for _ in 0..rows {
        t += input.int()? as i64;
        into.t_s.push(seconds(t));
    }
    let base = into.last.len();
    for column in [&mut into.min, &mut into.max, &mut into.last] {
        column.resize(base + rows * width, f64::NAN);
    }
    let mut lasts = vec![0_u32; rows];
    for signal in 0..width {
        let mut before = 0;
        for last in &mut lasts {
            before ^= input.bits()?;
            *last = before;
        }
        let place = |r: usize| base + r * width + signal;
        for (r, last) in lasts.iter().enumerate() {
            into.last[place(r)] = f64::from(f32::from_bits(*last));
        }
        for column in [&mut into.min, &mut into.max] {
            for (r, last) in lasts.iter().enumerate() {
                column[place(r)] = f64::from(f32::from_bits(input.bits()? ^ last));
            }
        }
    }
    if input.bytes.is_empty() && input.zeros == 0 { Ok(()) } else { Err(RowsError::Long) }
}

/// The state hashes of a chunk: second and hash.
pub(crate) fn states(chunk: &Chunk) -> Result<Vec<(u64, u64)>, RowsError> {
    let mut input = Unpack { bytes: &chunk.states, zeros: 0 };
    let mut found = Vec::new();
    while !input.bytes.is_empty() {
        let second = input.int()?;
        let (hash, rest) = input.bytes.split_first_chunk::<8>().ok_or(RowsError::Short)?;
        input.bytes = rest;
        found.push((second, u64::from_le_bytes(*hash)));
    }
    Ok(found)
}

#[derive(Default)]
struct Pack {
    bytes: Vec<u8>,
    zeros: u64,
}

impl Pack {
    fn int(&mut self, mut v: u64) {
        while v >= 0x80 {
            self.bytes.push(v as u8 | 0x80);
            v >>= 7;
        }
        self.bytes.push(v as u8);
    }

    fn bits(&mut self, v: u32) {
        if v == 0 {
            self.zeros += 1;
        } else {
            self.flush();
            self.int(u64::from(v));
        }
    }

    /// A zero and how many there are.
    fn flush(&mut self) {
        if self.zeros > 0 {
            self.bytes.push(0);
            let n = std::mem::take(&mut self.zeros);
            self.int(n);
        }
    }

    fn done(mut self) -> Vec<u8> {
        self.flush();
        self.bytes
    }
}

struct Unpack<'a> {
    bytes: &'a [u8],
    zeros: u64,
}

impl Unpack<'_> {
    fn int(&mut self) -> Result<u64, RowsError> {
        let (mut v, mut shift) = (0_u64, 0);
        loop {
            let (byte, rest) = self.bytes.split_first().ok_or(RowsError::Short)?;
            self.bytes = rest;
            if shift > 63 {
                return Err(RowsError::Long);
            }
            v |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(v);
            }
            shift += 7;
        }
    }

    fn bits(&mut self) -> Result<u32, RowsError> {
        if self.zeros > 0 {
            self.zeros -= 1;
            return Ok(0);
        }
        let v = self.int()?;
        if v == 0 {
            self.zeros = self.int()?.checked_sub(1).ok_or(RowsError::Short)?;
        }
        u32::try_from(v).map_err(|_| RowsError::Long)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(width: usize, values: &[[f64; 3]]) -> Block {
        let rows = values.len() / width;
        let column = |k: usize| values.iter().take(rows * width).map(|v| v[k]).collect();
        Block {
            width,
            t_s: (0..rows).map(|r| r as f64 / 20.0).collect(),
            min: column(0),
            max: column(1),
            last: column(2),
        }
    }

    fn there_and_back(b: &Block) -> Block {
        let mut got = Block { width: b.width, ..Block::default() };
        unpack(&pack(3, b, &[]), &mut got).expect("what was packed");
        got
    }

    #[test]
    fn a_plant_at_rest_takes_next_to_nothing() {
        let b = block(100, &vec![[60.0; 3]; 100 * 400]);
        let chunk = pack(0, &b, &[(1, 2)]);
        assert!(chunk.data.len() < 2_400, "{} bytes for 120 000 numbers", chunk.data.len());
        assert_eq!(there_and_back(&b), b);
        assert_eq!(states(&chunk), Ok(vec![(1, 2)]));
    }

    #[test]
    fn no_data_and_infinity_come_back() {
        let b = block(2, &[[f64::NAN; 3], [f64::NEG_INFINITY, f64::INFINITY, 0.0], [1.0, 2.0, 1.5], [f64::NAN; 3]]);
        let got = there_and_back(&b);
        for (a, b) in got.min.iter().chain(&got.max).chain(&got.last).zip(b.min.iter().chain(&b.max).chain(&b.last)) {
            assert!(a == b || (a.is_nan() && b.is_nan()), "{a} {b}");
        }
    }

    #[test]
    fn nonsense_is_refused_not_believed() {
        let b = block(3, &[[1.0, 2.0, 1.5]; 30]);
        let good = pack(0, &b, &[(7, 8)]);
        for cut in 0..good.data.len() {
            let bad = Chunk { data: good.data[..cut].to_vec(), ..good.clone() };
            assert_eq!(unpack(&bad, &mut Block { width: 3, ..Block::default() }), Err(RowsError::Short), "{cut}");
        }
        let long = Chunk { data: [&good.data[..], &[1]].concat(), ..good.clone() };
        assert_eq!(unpack(&long, &mut Block { width: 3, ..Block::default() }), Err(RowsError::Long));
        let many = Chunk { count: u32::MAX, ..good.clone() };
        assert_eq!(unpack(&many, &mut Block { width: 3, ..Block::default() }), Err(RowsError::Long));
        let cut = Chunk { states: good.states[..5].to_vec(), ..good };
        assert_eq!(states(&cut), Err(RowsError::Short));
    }

    proptest! {
        #[test]
        fn every_f32_comes_back(width in 1_usize..6, seed in prop::collection::vec(prop::array::uniform3(any::<f32>()), 1..200)) {
            let wide: Vec<[f64; 3]> = seed.iter().map(|v| v.map(f64::from)).collect();
            prop_assume!(wide.len() >= width);
            let b = block(width, &wide);
            let got = there_and_back(&b);
            let bits = |v: &[f64]| v.iter().map(|x| (*x as f32).to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&got.last), bits(&b.last));
            prop_assert_eq!(bits(&got.min), bits(&b.min));
            prop_assert_eq!(bits(&got.max), bits(&b.max));
        }
    }
}
