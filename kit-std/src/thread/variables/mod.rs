//! What the kit keeps for each of the host's threads, and where.
//!
//! An owning handle is dropped anywhere, without a context: so these are found from nowhere. With `std` they are a thread-local. Without, the
//! program says where they are: it has one function for that, which [`this_thread!`](crate::this_thread) names, for all of its runtimes.
//!
//! ```
//! use kit_std::thread::variables::{ThisThread, Variables};
//!
//! /// One thread, so one place.
//! struct Alone;
//!
//! static PLACE: Variables = Variables::new();
//!
//! // SAFETY: there is no other thread.
//! unsafe impl ThisThread for Alone {
//!     fn variables() -> &'static Variables {
//!         &PLACE
//!     }
//! }
//! kit_std::this_thread!(Alone);
//! ```

use crate::runtime::Runtime;
use crate::thread::current::NOBODY;
use core::cell::Cell;
use core::ptr;
use kit_core::object::TypeEntry;
use kit_core::refcount::counter::Tally;
use kit_core::thread::Thread;

#[cfg(not(feature = "std"))]
#[path = "of_program.rs"]
mod place;
#[cfg(feature = "std")]
#[path = "thread_local.rs"]
mod place;

pub(crate) use place::with;

/// One thread's. Only the kit looks at them.
pub struct Variables {
    pub(crate) slot: Cell<u16>,
    /// What was counted while the thread was not attached; the next record it attaches gets it.
    pub(crate) detached: Tally,
    pub(crate) thread: Cell<*const Thread>,
    pub(crate) types: Cell<*const TypeEntry>,
    /// The thread has detached for the time of a call, and will be back.
    pub(crate) away: Cell<bool>,
    /// How many finalizers of managed types run, each inside of the one before.
    pub(crate) finalizers: Cell<i16>,
    /// The runtime that the thread collects for, if it does.
    #[cfg_attr(not(feature = "gc"), expect(dead_code, reason = "nobody collects"))]
    pub(crate) collecting: Cell<*const Runtime>,
}

// SAFETY: its parts are reached through `with` only, which has those of the calling thread, as `ThisThread` promises.
unsafe impl Sync for Variables {}

impl Variables {
    /// Those of a thread that has not attached yet.
    #[expect(clippy::new_without_default, reason = "a place for them is a static")]
    pub const fn new() -> Variables {
        Variables {
            slot: Cell::new(NOBODY),
            detached: Tally::new(),
            thread: Cell::new(ptr::null()),
            types: Cell::new(ptr::null()),
            away: Cell::new(false),
            finalizers: Cell::new(0),
            collecting: Cell::new(ptr::null()),
        }
    }
}

/// Says where the calling thread's variables are.
///
/// # Safety
/// - On one thread the result is the same at each call.
/// - No two threads that live at the same time get the same.
/// - A thread that takes over the place of one that has ended finds what that has left: it may do so only when the other was not attached.
pub unsafe trait ThisThread {
    /// The place.
    fn variables() -> &'static Variables;
}

/// Names the [`ThisThread`](crate::thread::variables::ThisThread) of a program without `std`, once; with `std` nobody asks it.
#[macro_export]
macro_rules! this_thread {
    ($port:ty) => {
        #[unsafe(no_mangle)]
        fn _kit_std_this_thread() -> &'static $crate::thread::variables::Variables {
            <$port as $crate::thread::variables::ThisThread>::variables()
        }
    };
}
