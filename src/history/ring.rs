//! A ring of fixed capacity whose items keep the number they were given for life.
//!
//! Item `n` is the `n`-th that was ever pushed. The oldest ones are overwritten, their numbers are never reused, so a
//! number is a stable name of an item. Memory comes in pages when it is needed and is never moved: growing costs no
//! copy and a short run stays small. A clone shares the pages, so it costs a counter a page; whichever of the two writes
//! to a shared page first takes its own copy of that page. Two rings of the same capacity that got the same number of items have their page
//! borders at the same numbers, so they can be walked side by side.
//!
//! It never panics on a number that is not there: it answers `None` or an empty slice.

use std::sync::Arc;

/// Items a page; every capacity is a multiple of it.
pub const PAGE: usize = 1024;

/// The ring.
#[derive(Clone, Debug)]
pub struct Ring<T> {
    pages: Vec<Arc<Vec<T>>>,
    capacity: usize,
    /// Items below this number were overwritten before the end was moved back.
    lost: u64,
    end: u64,
}

impl<T: Copy> Ring<T> {
    /// An empty ring for at least `capacity` items (rounded up to a whole page, at least one).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { pages: Vec::new(), capacity: capacity.max(1).div_ceil(PAGE) * PAGE, lost: 0, end: 0 }
    }

    /// Items it can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Number of the oldest item that is still there.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.end.saturating_sub(self.capacity as u64).max(self.lost)
    }

    /// Number that the next item will get.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Items that are there.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.end - self.first()) as usize
    }

    /// Whether nothing is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end == self.first()
    }

    /// Appends an item, over the oldest one when full.
    pub fn push(&mut self, item: T) {
        let slot = self.slot(self.end);
        let (page, at) = (slot / PAGE, slot % PAGE);
        if page == self.pages.len() {
            self.pages.push(Arc::new(Vec::with_capacity(PAGE)));
        }
        if let Some(p) = self.pages.get_mut(page).and_then(own) {
            if let Some(old) = p.get_mut(at) {
                *old = item;
            } else {
                p.push(item);
            }
        }
        self.end += 1;
    }

    /// Item number `n`.
    #[must_use]
    pub fn get(&self, n: u64) -> Option<T> {
        if n < self.first() || n >= self.end {
            return None;
        }
        let slot = self.slot(n);
        self.pages.get(slot / PAGE)?.get(slot % PAGE).copied()
    }

    /// The newest item.
    #[must_use]
    pub fn newest(&self) -> Option<T> {
        self.get(self.end.checked_sub(1)?)
    }

    /// Items from number `n` on that lie side by side in memory, at most up to number `end` (exclusive). Empty when `n`
    /// is not there; ask again from `n + len` for the rest.
    #[must_use]
    pub fn slice(&self, n: u64, end: u64) -> &[T] {
        let end = end.min(self.end);
        if n < self.first() || n >= end {
            return &[];
        }
        let slot = self.slot(n);
        let at = slot % PAGE;
        let len = ((end - n) as usize).min(PAGE - at);
        self.pages.get(slot / PAGE).and_then(|p| p.get(at..at + len)).unwrap_or(&[])
    }

    /// Number of the first item for which `before` is false, as for a slice's `partition_point`: `before` must be true
    /// for the old items and false for the new ones.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> u64 {
        let (mut lo, mut hi) = (self.first(), self.end);
        while lo < hi {
            let mid = lo + (hi - lo) / 2;
            if self.get(mid).is_some_and(|x| before(&x)) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
        lo
    }

    /// Takes items from number `end` on back; the next one gets that number. What had been overwritten does not return,
    /// so after a long way back the ring may be empty. The memory stays, for the items to come.
    pub fn truncate(&mut self, end: u64) {
        if end < self.end {
            self.lost = self.first().min(end);
            self.end = end;
        }
    }

    /// Forgets everything, numbers too, and gives the memory back.
    pub fn clear(&mut self) {
        self.pages = Vec::new();
        self.lost = 0;
        self.end = 0;
    }

    /// Bytes on the heap.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.pages.iter().map(|p| p.capacity() * size_of::<T>()).sum::<usize>()
            + self.pages.capacity() * size_of::<Arc<Vec<T>>>()
    }

    fn slot(&self, n: u64) -> usize {
        (n % self.capacity as u64) as usize
    }
}

/// The page to write to: a copy of its own if a clone shares it.
fn own<T: Copy>(page: &mut Arc<Vec<T>>) -> Option<&mut Vec<T>> {
    if Arc::get_mut(page).is_none() {
        let mut copy = Vec::with_capacity(PAGE);
        copy.extend_from_slice(page);
        *page = Arc::new(copy);
    }
    Arc::get_mut(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_under_their_own_numbers() {
        let mut r = Ring::new(1);
        assert_eq!(r.capacity(), PAGE);
        assert_eq!((r.get(0), r.newest(), r.is_empty()), (None, None, true));
        for i in 0..5000_u64 {
            r.push(i * 3);
        }
        assert_eq!((r.first(), r.end(), r.len()), (5000 - PAGE as u64, 5000, PAGE));
        assert_eq!(r.get(r.first() - 1), None);
        assert_eq!(r.get(5000), None);
        for n in r.first()..r.end() {
            assert_eq!(r.get(n), Some(n * 3));
        }
        assert_eq!(r.newest(), Some(4999 * 3));
    }

    #[test]
    fn a_ring_taken_back_goes_on_where_it_was_cut() {
        let mut r = Ring::new(PAGE);
        (0..2500_u64).for_each(|i| r.push(i));
        r.truncate(3000);
        assert_eq!((r.first(), r.end()), (2500 - PAGE as u64, 2500), "nothing to take back");
        r.truncate(2000);
        assert_eq!((r.first(), r.end(), r.newest()), (2500 - PAGE as u64, 2000, Some(1999)));
        (0..300).for_each(|i| r.push(10_000 + i));
        assert_eq!((r.get(1999), r.get(2000), r.newest()), (Some(1999), Some(10_000), Some(10_299)));
        assert_eq!(r.first(), 2500 - PAGE as u64, "what was overwritten does not come back");
        // Further back than it remembers.
        r.truncate(7);
        assert_eq!((r.len(), r.is_empty(), r.newest(), r.first(), r.end()), (0, true, None, 7, 7));
        r.push(1);
        assert_eq!((r.get(6), r.get(7), r.get(8), r.len()), (None, Some(1), None, 1));
    }

    #[test]
    fn a_clone_stays_as_it_was_and_shares_what_is_not_written() {
        let mut r = Ring::new(2 * PAGE);
        (0..1500_u64).for_each(|i| r.push(i));
        let copy = r.clone();
        assert!(Arc::ptr_eq(&r.pages[0], &copy.pages[0]) && Arc::ptr_eq(&r.pages[1], &copy.pages[1]));
        (1500..2100).for_each(|i| r.push(i));
        assert_eq!((copy.end(), copy.newest(), copy.get(0)), (1500, Some(1499), Some(0)));
        assert_eq!((r.get(51), r.get(52), r.newest()), (None, Some(52), Some(2099)));
        r = copy.clone();
        r.push(7);
        assert!(Arc::ptr_eq(&r.pages[0], &copy.pages[0]) && !Arc::ptr_eq(&r.pages[1], &copy.pages[1]));
        assert_eq!(r.pages[1].capacity(), PAGE, "a copied page has room for the rest");
    }

    #[test]
    fn slices_tile_any_range() {
        let mut r = Ring::new(3 * PAGE);
        for i in 0..10_000_u64 {
            r.push(i);
        }
        let (from, to) = (r.first() + 5, 9_998);
        let (mut n, mut seen) = (from, Vec::new());
        while n < to {
            let s = r.slice(n, to);
            assert!(!s.is_empty() && s.len() <= PAGE);
            seen.extend_from_slice(s);
            n += s.len() as u64;
        }
        assert_eq!(seen, (from..to).collect::<Vec<_>>());
        assert!(r.slice(0, 10).is_empty());
        assert!(r.slice(20_000, 20_010).is_empty());
    }

    #[test]
    fn partition_point_finds_numbers() {
        let mut r = Ring::new(PAGE);
        for i in 0..3000_u64 {
            r.push(i as f64);
        }
        assert_eq!(r.partition_point(|x| *x < 2500.5), 2501);
        assert_eq!(r.partition_point(|_| true), 3000);
        assert_eq!(r.partition_point(|_| false), r.first());
    }
}
