//! What the tests of this crate share.

mod threads;
#[cfg(loom)]
mod yielding;

pub use threads::Threads;
#[cfg(loom)]
pub use yielding::Yielding;
