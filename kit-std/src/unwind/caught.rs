//! Panics are caught.

use std::panic::{self, AssertUnwindSafe};

/// What was thrown.
pub(crate) type Payload = Box<dyn std::any::Any + Send>;

/// Runs `body`, and returns what it returns or throws.
pub(crate) fn catch<R>(body: impl FnOnce() -> R) -> Result<R, Payload> {
    panic::catch_unwind(AssertUnwindSafe(body))
}

/// Goes on with a panic that was caught.
pub(crate) fn resume(payload: Payload) -> ! {
    panic::resume_unwind(payload)
}
