//! Conformance suites: what the kit demands of a port, as tests that a port instantiates.
//!
//! A suite is a set of *laws*. Each is a function over one contract, that makes what it tests itself and panics
//! with the law's name, what it found, and what to do. The macros make one `#[test]` of each. A port names what it
//! brings, in a test of its own, and is tested for all there is: [`port_suite!`]. After that, a whole interpreter runs on it:
//! [`programs`]. Or one contract at a time:
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
//! A host's clock and way to sleep: `kit_suite::platform_suite!(my_host, || MyHost::new());`. How it starts threads:
//! `kit_suite::threads_suite!(my_threads, || Port { start, ..Port::SYSTEM });`.
//!
//! What a heap has to do at the least is to be seen in `conformance/ports/src/own.rs`: one behind a lock, and
//! a page source, with nothing of `kit-alloc`'s.
//!
//! A scheme of reclamation, the kit's or any other, is tested through [`reclamation::Scheme`], which says how to take
//! part in it: `kit_suite::reclamation_suite!(my_scheme, || MyScheme::new());`.
//!
//! A cycle collector is tested over a heap, in the kit's world: it says how to make one of its [`Parts`](collector::Parts).
//! One with settings is an instance for each that matters.
//!
//! ```
//! use kit_alloc::paged::Heap;
//! use kit_gc::cycle::CycleCollector;
//! use kit_std::platform::pages::OsPages;
//! use kit_suite::collector::Parts;
//!
//! fn simple(parts: Parts) -> CycleCollector {
//!     // SAFETY: the suite registers its threads as whole records, and its kinds report what they hold.
//!     unsafe { CycleCollector::new(parts.world, parts.heap, parts.host) }
//! }
//!
//! kit_suite::collector_suite!(paged_simple, |lab| Heap::new(lab.pages(&OsPages), lab.grace()), |parts| simple(parts));
//! // The same heap in a program that runs on counts alone.
//! kit_suite::collector_suite!(paged_counts, |lab| Heap::new(lab.pages(&OsPages), lab.grace()));
//! # fn main() {}
//! ```
//!
//! Each test of a heap makes a few, which together need up to [`heap::ROOM`] bytes at a time.
//!
//! Every law here has been seen to fail: the tests of this crate have a heap, or a source, that breaks it.
//!
//! | contract | laws |
//! |---|---|
//! | [`PageSource`](kit_core::platform::pages::PageSource) | [`pages`] |
//! | [`Platform`](kit_core::platform::thread::Platform) | [`platform`] |
//! | [`Port::start`](kit_std::port::Port::start) | [`threads`] |
//! | [`Scheme`](reclamation::Scheme): grace periods and delayed frees of any kind | [`reclamation`] |
//! | [`Collector`](kit_core::backend::collector::Collector), over a heap | [`collector`] |
//! | [`SharedHeap`](kit_core::backend::heap::SharedHeap), [`LocalHeap`](kit_core::backend::heap::LocalHeap) | [`heap`] |
//! | everything at once | [`programs`] |

pub mod collector;
pub mod heap;
mod lab;
mod law;
pub mod pages;
pub mod platform;
pub mod programs;
pub mod reclamation;
pub mod threads;

pub use lab::Lab;

// What the macros name.
#[doc(hidden)]
pub mod parts {
    pub use crate::reclamation::Scheme;
    pub use kit_core::{
        backend::heap::SharedHeap,
        platform::{pages::PageSource, thread::Platform},
    };

    pub use kit_std::port::Port;

    /// Grace periods for the threads of a platform, which is there for ever.
    pub fn cells(platform: impl Platform + 'static) -> crate::reclamation::Cells {
        let limits = kit_core::backend::retire::RetireLimits::default();
        crate::reclamation::Cells::new(crate::lab::forever(platform), limits)
    }
}

/// Makes a module of tests, one for each law of [`heap`]: `heap_suite!(name, || heap)` or, for a heap that
/// takes pages or grace periods, `heap_suite!(name, |lab| heap)` with a [`Lab`].
#[macro_export]
macro_rules! heap_suite {
    ($name:ident, || $heap:expr) => {
        $crate::heap_suite!($name, |_lab| $heap);
    };
    ($name:ident, |$lab:ident| $heap:expr) => {
        $crate::laws!($name, heap, |$lab: &$crate::Lab| -> impl $crate::parts::SharedHeap + use<> { $heap },
            alignment distinctness zeroing accounting kinds remote_free abandonment exits walk dead_headers
            out_of_memory limits fragmentation sequences);
    };
}

/// Makes a module of tests, one for each law of [`collector`]: `collector_suite!(name, |lab| heap, |parts| collector)`,
/// with a [`Lab`] and [`Parts`](collector::Parts). Without the last, a program that runs on counts alone is tested.
#[macro_export]
macro_rules! collector_suite {
    ($name:ident, |$lab:ident| $heap:expr) => {
        $crate::collector_laws!($name, |$lab| $crate::collector::Setup::counts($heap));
    };
    ($name:ident, |$lab:ident| $heap:expr, |$parts:ident| $collector:expr) => {
        $crate::collector_laws!($name, |$lab| $crate::collector::Setup::with(
            $heap,
            |$parts| $collector
        ));
    };
}

/// Makes a module of tests for each way to configure the kit's collector, and one for a program without: the laws of
/// [`collector`] over a heap. `collector_suites!(|lab| heap)`.
#[macro_export]
macro_rules! collector_suites {
    (|$lab:ident| $heap:expr) => {
        $crate::collector_suite!(counts, |$lab| $heap);
        $crate::collector_suites!(|$lab| $heap; simple helped young hurried);
    };
    (|$lab:ident| $heap:expr; $($configured:ident)*) => {
        $(
            $crate::collector_suite!($configured, |$lab| $heap, |parts| {
                $crate::collector::configured::$configured(parts)
            });
        )*
    };
}

/// Makes a module of tests of all laws about what a port brings.
///
/// | part | laws |
/// |---|---|
/// | `pages: \|\| source;` | [`pages`] |
/// | `platform: \|\| platform;` | [`platform`], and [`reclamation`] by the kit's grace periods with that platform's threads |
/// | `threads: \|\| port;` | [`threads`] |
/// | `heap: \|lab\| heap;` | [`heap`], and [`collector`] for the kit's collector over it, in each configuration |
/// | `collector: \|lab\| heap, \|parts\| collector;` | [`collector`] |
///
/// ```
/// use kit_alloc::paged::Heap;
/// use kit_std::platform::{pages::OsPages, threads::StdThreads};
/// use kit_std::port::Port;
///
/// kit_suite::port_suite!(my_port {
///     pages: || OsPages;
///     platform: || StdThreads;
///     threads: || Port::SYSTEM;
///     heap: |lab| Heap::new(lab.pages(&OsPages), lab.grace());
/// });
/// # fn main() {}
/// ```
///
/// Python programs on the port's heap are [`programs`].
#[macro_export]
macro_rules! port_suite {
    ($name:ident { $($parts:tt)* }) => {
        mod $name {
            #[allow(unused_imports)] // What the parts name may stand in the test itself.
            use super::*;

            $crate::port_parts!($($parts)*);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! port_parts {
    () => {};
    (pages: || $pages:expr; $($rest:tt)*) => {
        $crate::page_source_suite!(pages, || $pages);
        $crate::port_parts!($($rest)*);
    };
    (platform: || $platform:expr; $($rest:tt)*) => {
        $crate::platform_suite!(platform, || $platform);
        $crate::reclamation_suite!(reclamation, || $crate::parts::cells($platform));
        $crate::port_parts!($($rest)*);
    };
    (threads: || $port:expr; $($rest:tt)*) => {
        $crate::threads_suite!(threads, || $port);
        $crate::port_parts!($($rest)*);
    };
    (heap: |$lab:ident| $heap:expr; $($rest:tt)*) => {
        $crate::heap_suite!(heap, |$lab| $heap);
        $crate::collector_suites!(|$lab| $heap);
        $crate::port_parts!($($rest)*);
    };
    (collector: |$lab:ident| $heap:expr, |$parts:ident| $collector:expr; $($rest:tt)*) => {
        $crate::collector_suite!(collector, |$lab| $heap, |$parts| $collector);
        $crate::port_parts!($($rest)*);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! collector_laws {
    ($name:ident, |$lab:ident| $setup:expr) => {
        $crate::laws!($name, collector, |$lab: &$crate::Lab| -> $crate::collector::Setup { $setup },
            cycles reachable prompt deferred weak finalizers resurrection exits frozen introspection out_of_memory
            threads model);
    };
}

/// Makes a module of tests, one for each law of [`pages`]: `page_source_suite!(name, || source)`.
#[macro_export]
macro_rules! page_source_suite {
    ($name:ident, || $source:expr) => {
        $crate::laws!($name, pages, |_lab: &$crate::Lab| -> impl $crate::parts::PageSource + use<> { $source },
            granularity alignment zeroing distinctness purging reuse refusal threads);
    };
}

/// Makes a module of tests, one for each law of [`platform`]: `platform_suite!(name, || platform)`.
#[macro_export]
macro_rules! platform_suite {
    ($name:ident, || $platform:expr) => {
        $crate::laws!($name, platform, |_lab: &$crate::Lab| -> impl $crate::parts::Platform + use<> { $platform },
            clock deadlines tokens permits waking yielding locks);
    };
}

/// Makes a module of tests, one for each law of [`threads`]: `threads_suite!(name, || port)`, of which only what starts and counts
/// threads is used, and the platform.
#[macro_export]
macro_rules! threads_suite {
    ($name:ident, || $port:expr) => {
        $crate::laws!($name, threads, |_lab: &$crate::Lab| -> $crate::parts::Port { $port },
            starting together sleeping refusing cores);
    };
}

/// Makes a module of tests, one for each law of [`reclamation`]: `reclamation_suite!(name, || scheme)`.
#[macro_export]
macro_rules! reclamation_suite {
    ($name:ident, || $scheme:expr) => {
        $crate::laws!($name, reclamation, |_lab: &$crate::Lab| -> impl $crate::parts::Scheme + use<> { $scheme },
            protection progress once ceiling exits nesting panics);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! laws {
    ($name:ident, $contract:ident, |$lab:ident: &$Lab:ty| -> $made:ty { $make:expr }, $($law:ident)*) => {
        mod $name {
            #[allow(unused_imports)] // What `$make` names may stand in the test itself.
            use super::*;

            fn make($lab: &$Lab) -> $made {
                $make
            }

            $(
                #[test]
                fn $law() {
                    // One type for all instances with the same result: each law is compiled once for it.
                    $crate::$contract::$law(make as fn(&$crate::Lab) -> _);
                }
            )*
        }
    };
}
