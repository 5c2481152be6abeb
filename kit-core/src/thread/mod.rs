//! One attached thread: what others see of it, what it owns, what it may do.
//!
//! [`ThreadCore`](core::ThreadCore) is the part of a thread's record that other threads touch: the
//! [`status`] byte that says who may use the thread's state, the [`breaker`] word that
//! diverts it at its next safepoint, and its place in the [`registry`]. [`Thread`] is the whole
//! record, with its heap, its stack and its queues; [`Ctx`] is the token its code passes around.
//!
//! ```text
//! let core = ThreadCore::new(..);          // at an address that stays
//! registry.register(&core)?;               // a slot; DETACHED, or SUSPENDED during a stop
//! core.attach(&lot)?;                      // ATTACHED: may touch objects
//! loop { if core.poll() != 0 { handle } }  // quiescent + breaker: the safepoint
//! core.detach();
//! registry.unregister(&core);
//! ```

mod bequest;
pub mod breaker;
pub mod core;
mod ctx;
pub mod dying;
pub mod free_list;
pub mod lock;
pub mod merge;
mod record;
pub mod registry;
pub mod status;
mod uninit;

pub use ctx::Ctx;
pub use record::{Services, Thread};
pub use uninit::{Object, Uninit};
