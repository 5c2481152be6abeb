//! What becomes of a panic in code of the embedder's.
//!
//! With `std` it is caught, the kit brings itself in order, and it goes on. Without, nothing can catch it: it ends the program, as it does
//! on a machine where a panic never unwinds.

#[cfg(not(feature = "std"))]
#[path = "ends.rs"]
mod imp;
#[cfg(feature = "std")]
#[path = "caught.rs"]
mod imp;

pub(crate) use imp::{catch, resume};
