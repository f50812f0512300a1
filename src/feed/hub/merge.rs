//! Rows that wait too long for the console become fewer; no extreme is lost.

use crate::acts::Block;

/// Merges rows two by two: the later one's time and values, the extremes of both.
pub(super) fn halve(b: &mut Block) {
    let width = b.width;
    let pair = |row: usize, pick: fn(f64, f64) -> f64, from: &[f64]| -> Vec<f64> {
        let cells = from[row * width..(row + 2) * width].split_at(width);
        cells.0.iter().zip(cells.1).map(|(a, b)| pick(*a, *b)).collect()
    };
    let mut out = Block { width, ..Block::default() };
    for row in (0..b.rows() / 2).map(|k| 2 * k) {
        out.t_s.push(b.t_s[row + 1]);
        out.min.extend(pair(row, f64::min, &b.min));
        out.max.extend(pair(row, f64::max, &b.max));
        out.last.extend_from_slice(&b.last[(row + 1) * width..(row + 2) * width]);
    }
    if !b.rows().is_multiple_of(2) {
        let from = b.rows() - 1;
        out.t_s.push(b.t_s[from]);
        out.min.extend_from_slice(&b.min[from * width..]);
        out.max.extend_from_slice(&b.max[from * width..]);
        out.last.extend_from_slice(&b.last[from * width..]);
    }
    *b = out;
}
