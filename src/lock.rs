//! A lock that somebody else's panic does not take away.
//!
//! What the mutexes of this program guard is whole between two statements: views, states and counters that are replaced, not
//! half-written. So the value behind a lock whose holder panicked is as good as any, and the panic is told elsewhere.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic of another holder.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The value of a mutex that nobody else has any more, also after a panic of a holder.
pub(crate) fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}
