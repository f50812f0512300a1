//! Which cells of a map to run next, so that its picture is right long before every cell is run.
//!
//! Four stages. **Coarse**: a lattice of 6 by 5. **Boxes**: a box whose four corners are of one class infers its inside,
//! any other is halved. **Band**: wherever two neighbours are of different classes, everything around them is run, until every
//! change of class lies between two cells that were run. **Fill**: all that was inferred is run, the farthest from any change
//! last; what contradicts goes back to the band.
//!
//! After the band the picture equals that of all runs unless a piece of a class lies wholly inside boxes whose corners agree.
//! That cannot be excluded without running it, so only the fill is a proof. Pure: whoever asks for a wave runs it and tells.

use std::collections::BTreeSet;

/// Points of the coarse lattice.
const COARSE: [usize; 2] = [6, 5];
/// Cells of a wave of the fill: few enough that a contradiction is followed soon.
const FILL_WAVE: usize = 64;

/// How far a map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The lattice.
    Coarse,
    /// Halving boxes.
    Boxes,
    /// Closing the band around each change.
    Band,
    /// Running what was inferred.
    Fill,
    /// Nothing is left.
    Done,
}

/// What is known of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Not,
    /// The class that its surroundings suggest.
    Inferred(u8),
    /// The class of its run.
    Exact(u8),
}

impl Known {
    /// The class, from wherever.
    #[must_use]
    pub fn class(self) -> Option<u8> {
        match self {
            Self::Not => None,
            Self::Inferred(c) | Self::Exact(c) => Some(c),
        }
    }

    fn is_exact(self) -> bool {
        matches!(self, Self::Exact(_))
    }
}

/// A rectangle of cells: first and last column, first and last row.
type Box4 = [usize; 4];

/// The state of a map in the making.
#[derive(Clone, Debug)]
pub struct Refine {
    nx: usize,
    ny: usize,
    cells: Vec<Known>,
    boxes: Vec<Box4>,
    stage: Stage,
    /// Stops after the band.
    fast: bool,
    /// Cell near which to begin.
    centre: usize,
}

impl Refine {
    /// A map of `nx` by `ny` cells, of which nothing is known. `fast` ends with the band.
    #[must_use]
    pub fn new(nx: usize, ny: usize, fast: bool) -> Self {
        let at = |n: usize, points: usize| -> Vec<usize> {
            let all: BTreeSet<usize> = (0..points).map(|i| (i * (n - 1) + (points - 1) / 2) / (points - 1)).collect();
            all.into_iter().collect()
        };
        let (xs, ys) = (at(nx, COARSE[0]), at(ny, COARSE[1]));
        let pairs = |v: &[usize]| v.windows(2).map(|w| [w[0], w[1]]).collect::<Vec<_>>();
        let (px, py) = (pairs(&xs), pairs(&ys));
        let boxes = py.iter().flat_map(|y| px.iter().map(|x| [x[0], x[1], y[0], y[1]])).collect();
        Self { nx, ny, cells: vec![Known::Not; nx * ny], boxes, stage: Stage::Coarse, fast, centre: nx * ny / 2 }
    }

    /// Begins near a cell, the one that is looked at.
    #[must_use]
    pub fn near(mut self, cell: usize) -> Self {
        self.centre = cell.min(self.cells.len() - 1);
        self
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// What is known of all cells, k = iy nx + ix.
    #[must_use]
    pub fn cells(&self) -> &[Known] {
        &self.cells
    }

    /// Cells that were run, and that were inferred.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let count = |f: fn(&Known) -> bool| self.cells.iter().filter(|c| f(c)).count();
        (count(|c| c.is_exact()), count(|c| matches!(c, Known::Inferred(_))))
    }

    /// The class of a cell that was run.
    pub fn tell(&mut self, k: usize, class: u8) {
        if let Some(cell) = self.cells.get_mut(k) {
            *cell = Known::Exact(class);
        }
    }

    /// The cells to run next, nearest to the centre first; none when the map is done. What an earlier wave asked for has to be told
    /// before.
    pub fn wave(&mut self) -> Vec<usize> {
        loop {
            let mut wave: Vec<usize> = match self.stage {
                Stage::Coarse | Stage::Boxes => self.corners(),
                Stage::Band => self.band(),
                Stage::Fill => self.fill(),
                Stage::Done => return Vec::new(),
            };
            if !wave.is_empty() {
                if self.stage != Stage::Fill {
                    wave.sort_by_key(|k| self.apart(*k, self.centre));
                }
                return wave;
            }
            self.stage = match self.stage {
                Stage::Coarse => Stage::Boxes,
                Stage::Boxes if self.boxes.is_empty() => Stage::Band,
                Stage::Boxes => {
                    self.halve();
                    Stage::Boxes
                }
                Stage::Band if self.fast => Stage::Done,
                Stage::Band => Stage::Fill,
                Stage::Fill | Stage::Done => Stage::Done,
            };
        }
    }

    fn apart(&self, a: usize, b: usize) -> usize {
        let nx = self.nx;
        (a % nx).abs_diff(b % nx).max((a / nx).abs_diff(b / nx))
    }

    fn corners_of(&self, b: Box4) -> [usize; 4] {
        let at = |x: usize, y: usize| y * self.nx + x;
        [at(b[0], b[2]), at(b[1], b[2]), at(b[0], b[3]), at(b[1], b[3])]
    }

    /// Corners of the boxes in hand that were not run.
    fn corners(&self) -> Vec<usize> {
        let all: BTreeSet<usize> = self.boxes.iter().flat_map(|b| self.corners_of(*b)).collect();
        all.into_iter().filter(|k| !self.cells[*k].is_exact()).collect()
    }

    /// Boxes with equal corners infer their inside; the others become smaller ones.
    fn halve(&mut self) {
        for b in std::mem::take(&mut self.boxes) {
            let classes = self.corners_of(b).map(|k| self.cells[k].class());
            let [x0, x1, y0, y1] = b;
            if let [Some(c), ..] = classes
                && classes.iter().all(|other| *other == Some(c))
            {
                for k in (y0..=y1).flat_map(|y| (x0..=x1).map(move |x| (x, y))).map(|(x, y)| y * self.nx + x) {
                    self.cells[k] = match self.cells[k] {
                        exact @ Known::Exact(_) => exact,
                        // an edge of which the boxes on its two sides say different things
                        Known::Inferred(other) if other != c => Known::Not,
                        _ => Known::Inferred(c),
                    };
                }
                continue;
            }
            let parts = |lo: usize, hi: usize| {
                if hi - lo > 1 { vec![[lo, (lo + hi) / 2], [(lo + hi) / 2, hi]] } else { vec![[lo, hi]] }
            };
            let (xs, ys) = (parts(x0, x1), parts(y0, y1));
            // a box of neighbours has nothing inside: all its cells were run
            if xs.len() + ys.len() > 2 {
                self.boxes.extend(ys.iter().flat_map(|y| xs.iter().map(|x| [x[0], x[1], y[0], y[1]])));
            }
        }
    }

    fn around(&self, k: usize, diagonal: bool) -> impl Iterator<Item = usize> + '_ {
        let (x, y) = (k % self.nx, k / self.nx);
        let near = |v: usize, n: usize| v.saturating_sub(1)..=(v + 1).min(n - 1);
        near(y, self.ny)
            .flat_map(move |b| near(x, self.nx).map(move |a| (a, b)))
            .filter(move |(a, b)| diagonal || *a == x || *b == y)
            .map(|(a, b)| b * self.nx + a)
    }

    /// Whether a neighbour is of another class.
    fn at_a_change(&self, k: usize) -> bool {
        let own = self.cells[k].class();
        self.around(k, false).any(|n| self.cells[n].class() != own)
    }

    /// What was not run around each change of class.
    fn band(&self) -> Vec<usize> {
        let changes = (0..self.cells.len()).filter(|k| self.at_a_change(*k) || self.cells[*k] == Known::Not);
        let all: BTreeSet<usize> = changes.flat_map(|k| self.around(k, true)).collect();
        all.into_iter().filter(|k| !self.cells[*k].is_exact()).collect()
    }

    /// The next inferred cells, nearest to a change first; the band where one of the last wave was of another class than inferred.
    fn fill(&mut self) -> Vec<usize> {
        let band = self.band();
        if !band.is_empty() {
            return band;
        }
        let far = self.distances();
        let mut open: Vec<usize> = (0..self.cells.len()).filter(|k| !self.cells[*k].is_exact()).collect();
        open.sort_by_key(|k| (far[*k], self.apart(*k, self.centre), *k));
        open.truncate(FILL_WAVE);
        open
    }

    /// Steps from each cell to the nearest change of class.
    fn distances(&self) -> Vec<usize> {
        let mut far = vec![usize::MAX; self.cells.len()];
        let mut front: Vec<usize> = (0..self.cells.len()).filter(|k| self.at_a_change(*k)).collect();
        let mut d = 0;
        while !front.is_empty() {
            front.iter().for_each(|k| far[*k] = d);
            d += 1;
            let next: BTreeSet<usize> =
                front.iter().flat_map(|k| self.around(*k, true)).filter(|k| far[*k] == usize::MAX).collect();
            front = next.into_iter().collect();
        }
        far
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs waves against the truth; stops after the band if told. Gives the cells that were run.
    fn refine(truth: &[u8], nx: usize, fast: bool) -> (Refine, usize) {
        let mut r = Refine::new(nx, truth.len() / nx, fast);
        let mut runs = 0;
        loop {
            let wave = r.wave();
            if wave.is_empty() {
                return (r, runs);
            }
            for k in wave {
                assert!(!r.cells()[k].is_exact(), "cell {k} is run twice");
                r.tell(k, truth[k]);
                runs += 1;
            }
            assert!(runs <= truth.len());
        }
    }

    /// Nested regions with a bent edge each, as limit maps have them, and islands.
    fn picture(nx: usize, ny: usize, edges: &[(f64, f64)], island: Option<(usize, usize)>) -> Vec<u8> {
        let at = |k: usize| {
            let (x, y) = ((k % nx) as f64 / nx as f64, (k / nx) as f64 / ny as f64);
            edges.iter().filter(|(at, bend)| x + bend * y * y > *at).count() as u8
        };
        let mut all: Vec<u8> = (0..nx * ny).map(at).collect();
        if let Some((x, y)) = island {
            all[(y % ny) * nx + x % nx] = 4;
        }
        all
    }

    proptest! {
        #[test]
        fn the_fill_equals_the_truth_and_runs_each_cell_once(
            nx in 2_usize..45, ny in 2_usize..33,
            edges in prop::collection::vec((0.0..1.2, -0.8..0.8), 0..4),
            island in prop::option::of((0_usize..50, 0_usize..50)),
        ) {
            let truth = picture(nx, ny, &edges, island);
            let (r, runs) = refine(&truth, nx, false);
            prop_assert_eq!(runs, truth.len());
            prop_assert_eq!(r.stage(), Stage::Done);
            let all: Vec<u8> = r.cells().iter().filter_map(|c| c.class()).collect();
            prop_assert_eq!(all, truth);
        }

        /// Smooth edges and no island: the band alone is right, and every change of class lies between two cells that were run.
        #[test]
        fn the_band_is_closed(edges in prop::collection::vec((0.0..1.2, -0.5..0.5), 0..4)) {
            let (nx, ny) = (41, 31);
            let truth = picture(nx, ny, &edges, None);
            let (r, runs) = refine(&truth, nx, true);
            prop_assert!(runs <= truth.len());
            for k in 0..truth.len() {
                if r.at_a_change(k) {
                    prop_assert!(r.around(k, false).all(|n| r.cells()[n].is_exact()));
                }
                prop_assert!(r.cells()[k].class().is_some());
            }
        }
    }

    #[test]
    fn a_map_of_one_class_costs_the_lattice_and_the_first_wave_holds_the_corners() {
        let (r, runs) = refine(&vec![2; 41 * 31], 41, true);
        assert_eq!((runs, r.counts()), (30, (30, 41 * 31 - 30)));
        let mut r = Refine::new(41, 31, true).near(0);
        let wave = r.wave();
        assert_eq!(wave.len(), 30);
        assert!([0, 40, 30 * 41, 31 * 41 - 1].iter().all(|k| wave.contains(k)));
        assert_eq!(wave[0], 0, "where one looks comes first");
    }
}
