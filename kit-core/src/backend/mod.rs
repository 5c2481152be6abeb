//! What `kit-alloc` and `kit-gc` supply, and where the two meet: neither names the other.

pub mod grace;
pub mod heap;
pub mod page;
pub mod side;
