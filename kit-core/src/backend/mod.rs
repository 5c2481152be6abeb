//! What `kit-alloc` and `kit-gc` supply, and where the two meet: neither names the other.

pub mod collector;
pub mod events;
pub mod grace;
pub mod grace_slot;
pub mod heap;
pub mod listing;
pub mod marks;
pub mod page;
pub mod retire;
pub mod side;
pub mod world;
