//! What the command line and the environment have set that programs meet later.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8};

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
