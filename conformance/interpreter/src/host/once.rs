//! A value that is written once, by `std`'s name and as much of it as is used.

use spin::Once;

/// A value that is written once.
#[derive(Debug)]
pub struct OnceLock<T>(Once<T>);

impl<T> OnceLock<T> {
    /// No value yet.
    pub const fn new() -> OnceLock<T> {
        OnceLock(Once::new())
    }

    /// The value, if there is one.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// Writes the value, unless there is one: then it comes back.
    ///
    /// # Errors
    /// There is a value already.
    pub fn set(&self, value: T) -> Result<(), T> {
        // Whoever waits for this one waits for a move, and for no safepoint.
        let mut value = Some(value);
        self.0
            .call_once(|| value.take().expect("called once at most"));
        value.map_or(Ok(()), Err)
    }

    /// The value, which is what `make` returns if there is none. Threads that come at the same time may all make one: the first is kept.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let made = make();
        self.0.call_once(|| made)
    }

    /// Takes the value out.
    pub fn take(&mut self) -> Option<T> {
        core::mem::take(&mut self.0).try_into_inner()
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}
