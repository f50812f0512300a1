//! Places for labels that must not touch: a minimum distance along an edge, or the first free place of some.
//!
//! It knows rectangles and pixels only and draws nothing.

use egui::{Pos2, Rangef, Rect, Vec2, vec2};

/// Moves `wanted` positions apart until no two are closer than `gap`, all inside `within` if they fit at all, each as
/// little as possible (least squares) and in their order. Answers in the order of `wanted`.
///
/// With rank `k` taken off (`z = y − k·gap`) the task is a rising fit: neighbours that overlap are pooled to their mean.
#[must_use]
pub fn spread(wanted: &[f32], gap: f32, within: Rangef) -> Vec<f32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    let key = |i: &usize| wanted.get(*i).copied().unwrap_or(0.0);
    order.sort_by(|a, b| key(a).total_cmp(&key(b)));
    // Pools: how many, and the mean of their `z`.
    let mut pools: Vec<(usize, f32)> = Vec::new();
    for (rank, i) in order.iter().enumerate() {
        let mut pool = (1, key(i) - rank as f32 * gap);
        while let Some((n, z)) = pools.pop_if(|(_, z)| *z > pool.1) {
            let sum = z * n as f32 + pool.1 * pool.0 as f32;
            pool = (n + pool.0, sum / (n + pool.0) as f32);
        }
        pools.push(pool);
    }
    let last = within.max - wanted.len().saturating_sub(1) as f32 * gap;
    let fitted = pools.iter().flat_map(|(n, z)| std::iter::repeat_n(z.min(last).max(within.min), *n));
    let mut out = vec![0.0; wanted.len()];
    for (rank, (i, z)) in order.iter().zip(fitted).enumerate() {
        if let Some(y) = out.get_mut(*i) {
            *y = z + rank as f32 * gap;
        }
    }
    out
}

/// Whether a line through `points` in the order of their x passes through `r`.
#[must_use]
pub fn crosses(points: &[Pos2], r: Rect) -> bool {
    points.windows(2).any(|pair| {
        let [a, b] = *pair else { return false };
        let (from, to) = (a.x.max(r.left()), b.x.min(r.right()));
        if from > to {
            return false;
        }
        let at = |x: f32| a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x);
        let [u, v] = if b.x - a.x > 1e-3 { [at(from), at(to)] } else { [a.y, b.y] };
        u.min(v) <= r.bottom() && u.max(v) >= r.top()
    })
}

/// Labels of one picture: none over another, and none on a line as long as there is another place.
#[derive(Clone, Debug)]
pub struct Labels {
    inside: Rect,
    taken: Vec<Rect>,
    lines: Vec<Vec<Pos2>>,
}

impl Labels {
    /// None yet; all will lie within `inside`.
    #[must_use]
    pub fn new(inside: Rect) -> Self {
        Self { inside, taken: Vec::new(), lines: Vec::new() }
    }

    /// Keeps a place free of labels.
    pub fn keep_clear(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Keeps labels off a line, given by points in the order of their x.
    pub fn keep_off(&mut self, line: Vec<Pos2>) {
        self.lines.push(line);
    }

    /// Takes the first free one of `places` that no line crosses, or else the first free one; each is the middle of the
    /// label's left edge, and one that would stick out at a side is moved inside. None if all are taken: then the label is
    /// better left out.
    pub fn place(&mut self, size: Vec2, places: impl IntoIterator<Item = Pos2>) -> Option<Rect> {
        let (_, found) = self.find(size, &places.into_iter().collect::<Vec<_>>())?;
        self.taken.push(found);
        Some(found)
    }

    /// Places of labels that each have some to choose from, as [`Labels::place`] takes them: those first whose own first
    /// choices are free, so that what must go further goes round them.
    pub fn place_all(&mut self, wanted: &[(Vec2, Vec<Pos2>)]) -> Vec<Option<Rect>> {
        let mut out = vec![None; wanted.len()];
        let mut left: Vec<usize> = (0..wanted.len()).collect();
        while !left.is_empty() {
            let found = left.iter().enumerate().filter_map(|(k, i)| {
                let (size, places) = wanted.get(*i)?;
                Some((k, *i, self.find(*size, places)?))
            });
            let Some((k, i, (_, r))) = found.min_by_key(|(_, _, (rank, _))| *rank) else { break };
            self.taken.push(r);
            left.swap_remove(k);
            if let Some(place) = out.get_mut(i) {
                *place = Some(r);
            }
        }
        out
    }

    /// The best place and its rank: its position, those on a line after all others.
    fn find(&self, size: Vec2, places: &[Pos2]) -> Option<(usize, Rect)> {
        let put = |at: &Pos2| {
            let r = Rect::from_min_size(*at - vec2(0.0, size.y / 2.0), size);
            let r = r.translate(vec2((self.inside.right() - r.right()).min(0.0), 0.0));
            r.translate(vec2((self.inside.left() - r.left()).max(0.0), 0.0))
        };
        let free = |r: &Rect| self.inside.contains_rect(*r) && !self.taken.iter().any(|t| t.intersects(r.expand(2.0)));
        let on_line = |r: &Rect| self.lines.iter().any(|line| crosses(line, r.expand2(vec2(2.0, 0.0))));
        let free: Vec<(usize, Rect)> = places.iter().map(put).enumerate().filter(|(_, r)| free(r)).collect();
        let clear = free.iter().find(|(_, r)| !on_line(r)).copied();
        clear.or_else(|| free.first().map(|(i, r)| (places.len() + i, *r)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    const ROOM: Rangef = Rangef { min: 0.0, max: 100.0 };

    #[test]
    fn labels_with_room_stay_and_the_others_part_evenly() {
        assert_eq!(spread(&[80.0, 10.0], 14.0, ROOM), [80.0, 10.0]);
        assert_eq!(spread(&[50.0, 50.0], 14.0, ROOM), [43.0, 57.0]);
        assert_eq!(spread(&[52.0, 50.0], 14.0, ROOM), [58.0, 44.0]);
        // The third is pushed into by the first two: all three part round their mean.
        assert_eq!(spread(&[50.0, 50.0, 60.0], 15.0, ROOM), [53.333_332 - 15.0, 53.333_332, 53.333_332 + 15.0]);
        assert!(spread(&[], 14.0, ROOM).is_empty());
    }

    #[test]
    fn labels_stay_inside() {
        assert_eq!(spread(&[99.0, 98.0, 2.0], 14.0, ROOM), [100.0, 86.0, 2.0]);
        assert_eq!(spread(&[-5.0, 1.0], 14.0, ROOM), [0.0, 14.0]);
        // More than there is room for: the distance is kept, the first is inside.
        assert_eq!(spread(&[50.0; 4], 40.0, ROOM), [0.0, 40.0, 80.0, 120.0]);
    }

    #[test]
    fn a_label_takes_the_first_free_place() {
        let mut l = Labels::new(Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 50.0)));
        l.keep_clear(Rect::from_min_size(pos2(0.0, 0.0), vec2(30.0, 30.0)));
        let size = vec2(40.0, 10.0);
        let first = l.place(size, [pos2(5.0, 10.0), pos2(90.0, 20.0)]).map(|r| r.min);
        assert_eq!(first, Some(pos2(60.0, 15.0)), "the first is taken, the second is moved inside");
        assert_eq!(l.place(size, [pos2(62.0, 22.0)]), None);
    }

    #[test]
    fn a_label_keeps_off_lines_while_there_is_another_place() {
        let mut l = Labels::new(Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 60.0)));
        l.keep_off(vec![pos2(0.0, 0.0), pos2(50.0, 20.0), pos2(100.0, 20.0)]);
        let size = vec2(40.0, 10.0);
        let places = [pos2(60.0, 20.0), pos2(60.0, 34.0)];
        assert_eq!(l.place(size, places).map(|r| r.center().y), Some(34.0));
        assert_eq!(l.place(size, places).map(|r| r.center().y), Some(20.0), "rather on a line than on another label");
        // steep pieces count over all that they pass
        assert!(crosses(&[pos2(10.0, 0.0), pos2(10.0, 90.0)], Rect::from_min_size(pos2(8.0, 40.0), vec2(9.0, 20.0))));
        assert!(!crosses(&[pos2(0.0, 5.0), pos2(9.0, 5.0)], Rect::from_min_size(pos2(10.0, 0.0), vec2(9.0, 9.0))));
    }

    /// Two lines that end close together: the upper one has its name above it, and the name of the lower goes below.
    #[test]
    fn regress_leaders_of_names_do_not_cross() {
        let mut l = Labels::new(Rect::from_min_size(pos2(0.0, 0.0), vec2(200.0, 100.0)));
        let (level, rising) = (vec![pos2(0.0, 20.0), pos2(200.0, 20.0)], vec![pos2(0.0, 90.0), pos2(200.0, 24.0)]);
        [level, rising].into_iter().for_each(|line| l.keep_off(line));
        let places = |y: f32| {
            (0..20).flat_map(|k| [-9.0 - 4.0 * k as f32, 9.0 + 4.0 * k as f32]).map(|d| pos2(160.0, y + d)).collect()
        };
        let size = vec2(36.0, 12.0);
        let found = l.place_all(&[(size, places(24.0)), (size, places(20.0))]);
        let y: Vec<f32> = found.iter().flatten().map(|r| r.center().y).collect();
        assert!(y[1] < 20.0 && y[0] > 30.0, "{y:?}");
    }
}
