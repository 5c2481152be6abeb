//! Under loom the spin lock is loom's mutex: the models are about what it guards, not about spinning. The lock
//! itself has a model of its own, `model/spin.rs`.

use crate::platform::thread::Platform;

/// A value entered by one thread at a time.
#[derive(Debug, Default)]
pub struct Spin<T>(loom::sync::Mutex<T>);

impl<T> Spin<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    /// Runs `body` alone with the value.
    pub fn with<R>(&self, _platform: &dyn Platform, body: impl FnOnce(&mut T) -> R) -> R {
        body(&mut self.0.lock().unwrap())
    }
}
