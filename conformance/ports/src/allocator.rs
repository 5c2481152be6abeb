//! Any `Allocator` of the crate `allocator-api2`; here its `Global`.

use allocator_api2::alloc::Global;
use kit_alloc::source::allocator::{AllocatorMemory, AllocatorPages};
use kit_std::runtime::HeapChoice;

/// Spans of the allocator.
pub static SOURCE: AllocatorPages<Global> = AllocatorPages(Global);

/// Its blocks.
pub static MEMORY: AllocatorMemory<Global> = AllocatorMemory(Global);

/// The paged heap, on its spans.
pub fn paged() -> HeapChoice {
    HeapChoice::PagedOn(&SOURCE)
}

/// One call for each block.
pub fn delegating() -> HeapChoice {
    HeapChoice::Delegating(&MEMORY)
}
