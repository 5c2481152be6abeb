//! The names of `alloc` that the prelude of `std` has too: what the interpreter proper is written with, so that it needs no more than `alloc`.

pub use alloc::borrow::ToOwned;
pub use alloc::boxed::Box;
pub use alloc::string::{String, ToString};
pub use alloc::vec::Vec;
