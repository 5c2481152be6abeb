//! `talc`: the paged heap takes its segments from it.

use kit_alloc::source::talc::TalcPages;
use kit_std::runtime::HeapChoice;

/// Spans of an array of so many bytes, for ever; `None` without room for it.
pub fn source(size: usize) -> Option<&'static TalcPages> {
    Some(crate::forever(TalcPages::new(crate::array(size)?)?))
}

/// The paged heap on them.
pub fn heap(size: usize) -> Option<HeapChoice> {
    Some(HeapChoice::PagedOn(source(size)?))
}
