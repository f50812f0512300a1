//! Sparse columns: a table joined of several meters has many empty cells, and a value stands until its next one is due.
//! Pure.
//!
//! The last value of a column holds for as long as this column usually takes, and some more; what takes longer is a gap.

/// A value holds for so many of its own usual distances.
const HOLDS: f64 = 2.5;
/// And for so long while only one value has come, s.
const FIRST_S: f64 = 60.0;

/// What is held of each column.
#[derive(Clone, Debug)]
pub(super) struct Hold(Vec<Column>);

#[derive(Clone, Copy, Debug)]
struct Column {
    value: f64,
    at_s: f64,
    /// Longest distance between two values of late, s; NaN before the second.
    usual_s: f64,
}

impl Hold {
    pub(super) fn new(width: usize) -> Self {
        Self(vec![Column { value: f64::NAN, at_s: f64::NAN, usual_s: f64::NAN }; width])
    }

    /// When the newest own value of each column stood, s; NaN before the first.
    pub(super) fn times_s(&self) -> Vec<f64> {
        self.0.iter().map(|c| c.at_s).collect()
    }

    /// Fills the empty cells of a row with what still holds.
    pub(super) fn fill(&mut self, t_s: f64, row: &mut [f64]) {
        for (c, cell) in self.0.iter_mut().zip(row) {
            if cell.is_nan() {
                let usual_s = if c.usual_s.is_nan() { FIRST_S / HOLDS } else { c.usual_s };
                if t_s - c.at_s <= HOLDS * usual_s {
                    *cell = c.value;
                }
                continue;
            }
            let dt_s = t_s - c.at_s;
            // A gap is not what is usual; a pace that slows down is learnt in steps.
            if dt_s.is_finite() {
                c.usual_s = if c.usual_s.is_nan() { dt_s } else { (0.9 * c.usual_s).max(dt_s.min(HOLDS * c.usual_s)) };
            }
            (c.value, c.at_s) = (*cell, t_s);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_a_sparse_column_stands_until_its_next_value_is_due() {
        let mut hold = Hold::new(2);
        let mut given = 0;
        for k in 0..200_u32 {
            let t_s = f64::from(k) * 0.1;
            // ten times a second beside once in five seconds, and the second stops at 15 s
            let slow = if k.is_multiple_of(50) && k < 150 { 440.0 } else { f64::NAN };
            let mut row = [60.0, slow];
            hold.fill(t_s, &mut row);
            given += i32::from(row[1] == 440.0);
            assert_eq!(row[0], 60.0);
        }
        assert_eq!(given, 200, "to its end: 22.5 s");
        let mut row = [60.0, f64::NAN];
        hold.fill(22.6, &mut row);
        assert!(row[1].is_nan(), "then it is a gap");
        hold.fill(22.7, &mut [f64::NAN; 2]);
        let mut row = [f64::NAN; 2];
        hold.fill(25.0, &mut row);
        assert!(row[0].is_nan(), "a fast column holds for a short time only");
    }
}
