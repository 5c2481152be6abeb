//! References that the runtime itself keeps: set once, read by every thread, taken at the end.

use super::obj::Obj;
use crate::host::OnceLock;
use core::cell::UnsafeCell;

/// A value the runtime keeps from the moment it is set until the runtime is taken down.
#[derive(Default)]
pub struct Root(UnsafeCell<OnceLock<Obj>>);

// SAFETY: a `OnceLock` in all but `take`, whose caller is alone.
unsafe impl Sync for Root {}

impl Root {
    /// Nothing yet.
    pub const fn new() -> Root {
        Root(UnsafeCell::new(OnceLock::new()))
    }

    fn cell(&self) -> &OnceLock<Obj> {
        // SAFETY: borrowed exclusively only in `take`, when nobody else looks.
        unsafe { &*self.0.get() }
    }

    /// The value, if it was set.
    #[inline(always)]
    pub fn get(&self) -> Option<&Obj> {
        self.cell().get()
    }

    /// Sets the value, unless there is one: then it comes back.
    ///
    /// # Errors
    /// There is a value already.
    pub fn set(&self, value: Obj) -> Result<(), Obj> {
        self.cell().set(value)
    }

    /// The value, set to what `make` returns if there is none.
    pub fn get_or_init(&self, make: impl FnOnce() -> Obj) -> &Obj {
        self.cell().get_or_init(make)
    }

    /// Takes the value out.
    ///
    /// # Safety
    /// - No other thread uses the runtime any more, and nothing that [`Root::get`] lent is used again.
    pub unsafe fn take(&self) -> Option<Obj> {
        // SAFETY: by the contract, this is the only reference.
        unsafe { (*self.0.get()).take() }
    }
}
