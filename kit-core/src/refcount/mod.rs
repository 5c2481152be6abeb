//! Who counts an object's references, and how.
//!
//! [`biased`] is the split count of every mortal object; [`immortal`] objects are not counted at
//! all; [`deferred`] objects are counted in the heap but not on stacks. [`counter`] is who counts.

pub mod biased;
pub mod counter;
pub mod deferred;
pub mod immortal;
