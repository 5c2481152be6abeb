//! One attached thread, as everybody else sees it.
//!
//! [`ThreadCore`](core::ThreadCore) is the part of a thread's record that other threads touch: the
//! [status](status) byte that says who may use the thread's state, the [breaker](breaker) word that
//! diverts it at its next safepoint, and its place in the [registry](registry).
//!
//! ```text
//! let core = ThreadCore::new(..);          // at an address that stays
//! registry.register(&core)?;               // a slot; DETACHED, or SUSPENDED during a stop
//! core.attach(&lot)?;                      // ATTACHED: may touch objects
//! loop { if core.poll() != 0 { handle } }  // quiescent + breaker: the safepoint
//! core.detach();
//! registry.unregister(&core);
//! ```

pub mod breaker;
pub mod core;
pub mod registry;
pub mod status;
