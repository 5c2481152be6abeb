//! A thread-local without a destructor: a load.

use super::Variables;

std::thread_local! {
    static VARIABLES: Variables = const { Variables::new() };
}

/// Calls `look` with the calling thread's.
#[inline(always)]
pub(crate) fn with<R>(look: impl FnOnce(&Variables) -> R) -> R {
    VARIABLES.with(look)
}
