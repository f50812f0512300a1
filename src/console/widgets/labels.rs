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

/// Labels of one picture, none over another.
#[derive(Clone, Debug)]
pub struct Labels {
    inside: Rect,
    taken: Vec<Rect>,
}

impl Labels {
    /// None yet; all will lie within `inside`.
    #[must_use]
    pub fn new(inside: Rect) -> Self {
        Self { inside, taken: Vec::new() }
    }

    /// Keeps a place free of labels.
    pub fn keep_clear(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Takes the first free one of `places`, each the middle of the label's left edge; one that would stick out is
    /// moved inside. None if all are taken: then the label is better left out.
    pub fn place(&mut self, size: Vec2, places: impl IntoIterator<Item = Pos2>) -> Option<Rect> {
        let free = places.into_iter().find_map(|at| {
            let r = Rect::from_min_size(at - vec2(0.0, size.y / 2.0), size);
            let r = r.translate(vec2((self.inside.right() - r.right()).min(0.0), 0.0));
            let r = r.translate(vec2((self.inside.left() - r.left()).max(0.0), 0.0));
            (self.inside.contains_rect(r) && self.taken.iter().all(|t| !t.intersects(r.expand(2.0)))).then_some(r)
        })?;
        self.taken.push(free);
        Some(free)
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
}
