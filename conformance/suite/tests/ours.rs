//! The kit's own heaps and page sources, as instances of the suites.

use kit_alloc::paged::Heap;
use kit_core::backend::grace::NoReaders;
use kit_std::platform::pages::OsPages;

kit_suite::page_source_suite!(os_pages, || OsPages);
kit_suite::heap_suite!(paged_heap, |lab| Heap::new(
    lab.pages(&OsPages),
    lab.grace()
));
// What a program with one thread has: every grace period has passed.
kit_suite::heap_suite!(paged_heap_without_readers, || Heap::new(
    &OsPages, &NoReaders
));
