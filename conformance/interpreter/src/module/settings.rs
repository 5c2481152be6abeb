//! What the command line and the environment have set that programs meet later.

use crate::error::PyResult;
use crate::module::warnings;
use crate::object::exception::class;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering::Relaxed};

/// The settings. They are set before the program starts, so a relaxed load finds them.
#[derive(Default)]
pub struct Settings {
    /// `-b`: whether to warn of bytes that are taken for text.
    pub bytes_warning: AtomicU8,
    /// `-X importtime`: 1 for what is loaded, 2 for what is asked for too.
    pub import_time: AtomicU8,
    /// `-v`: whether to say what is imported from where.
    pub verbose: AtomicU8,
    /// `-X cpu_count`; 0 for none.
    pub cpu_count: AtomicI64,
    /// `-E`, `-I`: variables of the environment mean nothing.
    pub ignore_environment: AtomicBool,
}

/// Warns of bytes that are taken for text, if the program wants to hear of that.
///
/// # Errors
/// The filters say that such a warning is an error.
#[inline]
pub fn warn_of_bytes(ctx: &mut Ctx, message: &str) -> PyResult<()> {
    if rt(ctx).library.settings.bytes_warning.load(Relaxed) == 0 {
        return Ok(());
    }
    warnings::warn(ctx, class::BytesWarning, message)
}
