//! What has left through a link, counted by what it is: the figures of the read-only proof. Counts only.

use std::sync::atomic::{AtomicU64, Ordering};

/// Kinds of what can leave.
pub const KINDS: [&str; 12] = [
    "FC 1",
    "FC 2",
    "FC 3",
    "FC 4",
    "CONNECT",
    "SUBSCRIBE",
    "PINGREQ",
    "DISCONNECT",
    "GET",
    "summary",
    "stats",
    "devs",
];

/// What has left since the start, by kind, and the bytes both ways. Shared by all links of an endpoint.
#[derive(Debug, Default)]
pub struct Sent {
    kinds: [AtomicU64; KINDS.len()],
    bytes: [AtomicU64; 2],
}

impl Sent {
    /// Kind and count of all that was sent.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        KINDS.iter().zip(&self.kinds).map(|(k, n)| (*k, n.load(Ordering::Relaxed)))
    }

    /// One more of this kind.
    pub(super) fn note(&self, kind: &str) {
        if let Some(i) = KINDS.iter().position(|k| *k == kind) {
            self.kinds[i].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Bytes that have left and that have come, without those of TCP, nor those of TLS and HTTP around a page.
    #[must_use]
    pub fn bytes(&self) -> [u64; 2] {
        self.bytes.each_ref().map(|n| n.load(Ordering::Relaxed))
    }

    /// So many bytes have left.
    pub(super) fn left(&self, bytes: usize) {
        self.bytes[0].fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// So many bytes have come.
    pub(super) fn came(&self, bytes: usize) {
        self.bytes[1].fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
