//! Where the program says.

use super::Variables;

// SAFETY: `this_thread!` defines the function, of this type, and makes it that of an implementation of `ThisThread`.
unsafe extern "Rust" {
    safe fn _kit_std_this_thread() -> &'static Variables;
}

/// Calls `look` with the calling thread's.
#[inline(always)]
pub(crate) fn with<R>(look: impl FnOnce(&Variables) -> R) -> R {
    look(_kit_std_this_thread())
}
