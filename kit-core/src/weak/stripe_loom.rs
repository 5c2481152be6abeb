//! Under loom the lock is loom's mutex: the models are about what it guards, and it has models of its own.

use super::Access;

/// A value behind a lock of its own.
pub(super) struct Stripe<T>(loom::sync::Mutex<T>);

impl<T> Stripe<T> {
    pub(super) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(super) fn with<R>(&self, _access: &Access<'_>, body: impl FnOnce(&mut T) -> R) -> R {
        body(&mut self.0.lock().unwrap())
    }

    /// # Safety
    /// - The world is stopped, by the caller.
    pub(super) unsafe fn stopped<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        body(&mut self.0.lock().unwrap())
    }
}
