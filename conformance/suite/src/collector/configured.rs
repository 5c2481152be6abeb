//! The kit's own collector, as it may be configured: what a port's heap is tested with.

use std::thread;

use kit_core::backend::collector::Helpers;
use kit_gc::{cycle::CycleCollector, trigger::Configuration};

use super::Parts;

fn configured(parts: Parts, configuration: Configuration) -> CycleCollector {
    // SAFETY: the suite's threads are whole records, and its kinds report what they hold.
    let collector = unsafe { CycleCollector::new(parts.world, parts.heap, parts.host) };
    collector.trigger().configure(configuration);
    collector
}

/// Every collection looks at everything.
pub fn simple(parts: Parts) -> CycleCollector {
    let young = false;
    configured(parts, Configuration { young, pause: 0 })
}

/// Collections that are due look at what is new.
pub fn young(parts: Parts) -> CycleCollector {
    let young = true;
    configured(parts, Configuration { young, pause: 0 })
}

/// The same, at no more than a page each time.
pub fn hurried(parts: Parts) -> CycleCollector {
    let young = true;
    configured(parts, Configuration { young, pause: 1 })
}

/// Every collection looks at everything, with three threads that mark, however small the heap.
pub fn helped(parts: Parts) -> CycleCollector {
    simple(parts).with_helpers(&Three, 0)
}

/// Two threads that help, there for one collection each.
struct Three;

// SAFETY: each number is given out once, and the scope waits.
unsafe impl Helpers for Three {
    fn workers(&self) -> usize {
        3
    }

    unsafe fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        thread::scope(|scope| {
            for number in 1..3 {
                scope.spawn(move || work(number));
            }
            work(0);
        });
    }
}
