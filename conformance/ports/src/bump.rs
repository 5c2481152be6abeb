//! A bump arena: what is freed is not used again.
//!
//! So a program ends well that asks for less than the array has, in all; the others get MemoryError, having been told by
//! the collector that there is nothing more to have. The heap's count of what is in use goes down when something is freed,
//! as it should for a program that looks; what is gone is [`Bump::used`].

use kit_alloc::small::bump::Bump;
use kit_std::runtime::HeapChoice;

/// An array of so many bytes, for ever; `None` without room for it.
pub fn memory(size: usize) -> Option<&'static Bump> {
    Some(crate::forever(Bump::new(crate::array(size)?)))
}

/// One call for each block.
pub fn heap(size: usize) -> Option<HeapChoice> {
    Some(HeapChoice::Delegating(memory(size)?))
}
