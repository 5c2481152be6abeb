//! Each port of `conformance/ports` under the laws of what it brings: a few lines, as in anybody's crate. Here, and not
//! there, so that laws are tried without an interpreter being built.

use kit_alloc::{delegating::DelegatingHeap, paged::Heap};
use kit_ports::{
    allocator, bump, global,
    own::{SimpleHeap, SimplePages},
    rlsf, talc,
};
use kit_suite::heap::ROOM;

// Each test has a thread, which makes one heap after the other in the same array.
thread_local! {
    static TALC: &'static kit_alloc::source::talc::TalcPages = talc::source(2 * ROOM).expect("room");
    static TLSF: &'static kit_alloc::source::rlsf::TlsfPages = rlsf::source(2 * ROOM).expect("room");
    static BUMP: &'static kit_alloc::small::bump::Bump = bump::memory(8 * ROOM).expect("room");
}

kit_suite::port_suite!(on_talc {
    heap: |lab| Heap::new(lab.pages(TALC.with(|talc| *talc)), lab.grace());
});

kit_suite::port_suite!(on_rlsf {
    heap: |lab| Heap::new(lab.pages(TLSF.with(|tlsf| *tlsf)), lab.grace());
});

kit_suite::port_suite!(on_a_global_allocator {
    pages: || global::SOURCE;
    heap: |lab| Heap::new(lab.pages(&global::SOURCE), lab.grace());
});

kit_suite::port_suite!(by_a_global_allocator {
    heap: |lab| DelegatingHeap::new(lab.memory(global::MEMORY), lab.grace());
});

kit_suite::port_suite!(on_an_allocator {
    pages: || allocator::SOURCE;
    heap: |lab| Heap::new(lab.pages(&allocator::SOURCE), lab.grace());
});

kit_suite::port_suite!(by_an_allocator {
    heap: |lab| DelegatingHeap::new(lab.memory(&allocator::MEMORY), lab.grace());
});

kit_suite::port_suite!(by_bump {
    heap: |lab| {
        let bump = BUMP.with(|bump| *bump);
        // SAFETY: the thread's last heap was dropped.
        unsafe { bump.reset() };
        DelegatingHeap::new(bump, lab.grace())
    };
});

kit_suite::port_suite!(own {
    pages: || SimplePages(&std::alloc::System);
    platform: || kit_std::platform::threads::StdThreads;
    threads: || kit_std::port::Port::SYSTEM;
    heap: |lab| SimpleHeap::new(lab.memory(&std::alloc::System), lab.grace());
});
