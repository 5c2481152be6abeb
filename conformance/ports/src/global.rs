//! Any `GlobalAlloc`; here the system's allocator, which may as well be a program's `#[global_allocator]`.

use std::alloc::System;

use kit_alloc::source::global::GlobalPages;
use kit_core::platform::memory::Memory;
use kit_std::runtime::HeapChoice;

/// Spans of the allocator.
pub static SOURCE: GlobalPages<System> = GlobalPages(System);

/// Its blocks.
pub static MEMORY: &Memory = &System;

/// The paged heap, on its spans.
pub fn paged() -> HeapChoice {
    HeapChoice::PagedOn(&SOURCE)
}

/// One call for each block.
pub fn delegating() -> HeapChoice {
    HeapChoice::Delegating(MEMORY)
}
