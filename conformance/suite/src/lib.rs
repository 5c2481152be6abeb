//! Conformance suites: what the kit demands of a port, as tests that a port instantiates.
//!
//! A suite is a set of *laws*. Each is a function over one contract, that makes what it tests itself and panics
//! with the law's name, what it found, and what to do. The macros make one `#[test]` of each. A port that brings a
//! page source and a heap writes two lines, in a test of its own:
//!
//! ```
//! use kit_alloc::paged::Heap;
//! use kit_std::platform::pages::OsPages;
//!
//! kit_suite::page_source_suite!(os_pages, || OsPages);
//! kit_suite::heap_suite!(paged_heap, |lab| Heap::new(lab.pages(&OsPages), lab.grace()));
//! # fn main() {}
//! ```
//!
//! A heap that is made of nothing is tested too: `heap_suite!(my_heap, || MyHeap::new())`. But one that takes its
//! pages ([`Lab::pages`]) or its blocks ([`Lab::memory`]) and its grace periods from the [`Lab`] is tested further: what it
//! does when the N-th request for memory fails, for every N, and whether it keeps dead headers until readers are gone.
//! An allocator is tested by a heap over it:
//!
//! ```
//! use kit_alloc::delegating::DelegatingHeap;
//!
//! kit_suite::heap_suite!(my_allocator, |lab| DelegatingHeap::new(lab.memory(&std::alloc::System), lab.grace()));
//! # fn main() {}
//! ```
//!
//! A scheme of reclamation, the kit's or any other, is tested through [`reclamation::Scheme`], which says how to take
//! part in it: `kit_suite::reclamation_suite!(my_scheme, || MyScheme::new());`.
//!
//! Each test of a heap makes a few, which together need up to [`heap::ROOM`] bytes at a time.
//!
//! Every law here has been seen to fail: the tests of this crate have a heap, or a source, that breaks it.
//!
//! | contract | laws |
//! |---|---|
//! | [`PageSource`](kit_core::platform::pages::PageSource) | [`pages`] |
//! | [`Scheme`](reclamation::Scheme): grace periods and delayed frees of any kind | [`reclamation`] |
//! | [`SharedHeap`](kit_core::backend::heap::SharedHeap), [`LocalHeap`](kit_core::backend::heap::LocalHeap) | [`heap`] |

pub mod heap;
mod lab;
mod law;
pub mod pages;
pub mod reclamation;

pub use lab::Lab;

// What the macros name.
#[doc(hidden)]
pub mod parts {
    pub use crate::reclamation::Scheme;
    pub use kit_core::{backend::heap::SharedHeap, platform::pages::PageSource};
}

/// Makes a module of tests, one for each law of [`heap`]: `heap_suite!(name, || heap)` or, for a heap that
/// takes pages or grace periods, `heap_suite!(name, |lab| heap)` with a [`Lab`].
#[macro_export]
macro_rules! heap_suite {
    ($name:ident, || $heap:expr) => {
        $crate::heap_suite!($name, |_lab| $heap);
    };
    ($name:ident, |$lab:ident| $heap:expr) => {
        $crate::laws!($name, heap, |$lab: &$crate::Lab| -> $crate::parts::SharedHeap { $heap },
            alignment distinctness zeroing accounting kinds remote_free abandonment exits walk dead_headers
            out_of_memory limits fragmentation sequences);
    };
}

/// Makes a module of tests, one for each law of [`pages`]: `page_source_suite!(name, || source)`.
#[macro_export]
macro_rules! page_source_suite {
    ($name:ident, || $source:expr) => {
        $crate::laws!($name, pages, |_lab: &$crate::Lab| -> $crate::parts::PageSource { $source },
            granularity alignment zeroing distinctness purging reuse refusal threads);
    };
}

/// Makes a module of tests, one for each law of [`reclamation`]: `reclamation_suite!(name, || scheme)`.
#[macro_export]
macro_rules! reclamation_suite {
    ($name:ident, || $scheme:expr) => {
        $crate::laws!($name, reclamation, |_lab: &$crate::Lab| -> $crate::parts::Scheme { $scheme },
            protection progress once ceiling exits nesting panics);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! laws {
    ($name:ident, $contract:ident, |$lab:ident: &$Lab:ty| -> $made:path { $make:expr }, $($law:ident)*) => {
        mod $name {
            #[allow(unused_imports)] // What `$make` names may stand in the test itself.
            use super::*;

            fn make($lab: &$Lab) -> impl $made + use<> {
                $make
            }

            $(
                #[test]
                fn $law() {
                    $crate::$contract::$law(make);
                }
            )*
        }
    };
}
