//! What a runtime stands on, as one value: waiting and time, memory, pages, threads.
//!
//! Of an operating system it is [`Port::SYSTEM`]. A port of your own is a page: waiting, memory and pages have contracts, each with a suite
//! in `kit-suite`, and a part of it may be the system's:
//!
//! ```
//! use kit_alloc::source::global::GlobalPages;
//! use kit_std::managed::Language;
//! use kit_std::port::Port;
//! use std::alloc::System;
//!
//! static PAGES: GlobalPages<System> = GlobalPages(System);
//! let port = Port { pages: &PAGES, ..Port::SYSTEM };
//! let language = Language::builder_on(port).build()?;
//! language.attach(|ctx| ctx.poll())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::boxed::Box;
use core::fmt;
use kit_core::platform::memory::Memory;
use kit_core::platform::pages::PageSource;
use kit_core::platform::thread::Platform;

/// What the host provides. All of it is used on slow paths only, from any thread.
#[derive(Clone, Copy)]
pub struct Port {
    /// A clock, sleeping and waking.
    pub platform: &'static dyn Platform,
    /// Where the runtime's tables and queues lie.
    pub memory: &'static Memory,
    /// Where the paged heap's segments and the table of types lie.
    pub pages: &'static dyn PageSource,
    /// Starts a thread with so much native stack, about, which runs what it is given and ends. A thread that cannot be had is an
    /// error, and what was given is dropped.
    pub start: fn(stack: usize, body: Body) -> Result<(), NoThread>,
    /// How many threads can run at the same time: more would not help a collection.
    pub cores: fn() -> usize,
}

/// What a new thread runs.
pub type Body = Box<dyn FnOnce() + Send>;

/// The host has no other thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoThread;

impl fmt::Display for NoThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host has no other thread")
    }
}

impl core::error::Error for NoThread {}

impl Port {
    /// The stack of a thread for which nobody says how much it needs.
    pub const STACK: usize = 2 << 20;

    /// The operating system.
    #[cfg(feature = "std")]
    pub const SYSTEM: Port = Port {
        platform: &crate::platform::threads::STD_THREADS,
        memory: &std::alloc::System,
        pages: &crate::platform::pages::OsPages,
        start: |stack, body| crate::platform::native::start(stack, body).map_err(|_| NoThread),
        cores: || std::thread::available_parallelism().map_or(1, |cores| cores.get()),
    };
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port").finish_non_exhaustive()
    }
}
