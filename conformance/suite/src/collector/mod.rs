//! The laws of a cycle collector: [`Collector`], over any heap.
//!
//! What is put under test is a [`Setup`]: a heap, and how to make a collector over it. The world around them is the kit's:
//! its threads, stops and grace periods; the objects are the suite's own. Every law can be asked of a program that runs on
//! counts alone, too: then cycles stay until the end, and everything else must hold.
//!
//! | law | what must hold |
//! |---|---|
//! | [`cycles`] | what only itself holds is freed, once, whatever its shape |
//! | [`reachable`] | what is held is kept, and whole: by counts, by the host's roots, on data stacks, by objects that are not looked at |
//! | [`prompt`] | what counts free is freed at once, as if there was no collector |
//! | [`deferred`] | deferred objects live as long as anything leads to them, counted or not, and then die |
//! | [`weak`] | weak references to garbage are cleared before finalizers that could tell, and called back once, if they live |
//! | [`finalizers`] | each object is finalized once, whoever ends it |
//! | [`resurrection`] | what a finalizer brings back stays, with what it leads to, and nothing else does |
//! | [`exits`] | the cycles of threads that left are found |
//! | [`frozen`] | frozen objects stay, and hold what they hold; afterwards they are found |
//! | [`introspection`] | whoever walks the heap, in the middle of a collection too, meets each live object once, as it should be |
//! | [`out_of_memory`] | when a request for memory fails, whichever: nothing is harmed or lost |
//! | [`threads`] | threads make cycles, which hang on each other's, while others collect |
//! | [`model`] | on arbitrary graphs the collected set is what a reference tracer says |

mod company;
pub mod configured;
mod deaths;
mod machine;
mod memory;
mod nodes;
mod random;
mod shapes;

use std::fmt;

use kit_core::backend::{
    collector::{Collector, CycleHost},
    heap::SharedHeap,
    world::World,
};

pub use company::{exits, introspection, threads};
pub use deaths::{finalizers, resurrection, weak};
pub use memory::out_of_memory;
pub use random::model;
pub use shapes::{cycles, deferred, frozen, prompt, reachable};

/// What a collector is made of. All of it outlives the collector.
#[derive(Clone, Copy)]
pub struct Parts {
    /// The threads, and how to stop them. Each is registered as the first field of a
    /// [`Thread`](kit_core::thread::Thread).
    pub world: &'static dyn World,
    /// The heap that all objects are in.
    pub heap: &'static dyn SharedHeap,
    /// The laws' part in a collection.
    pub host: &'static dyn CycleHost,
}

/// What is under test.
pub struct Setup {
    pub(crate) heap: Box<dyn SharedHeap>,
    pub(crate) collector: Option<Box<MakeCollector>>,
}

/// How to make a collector.
pub(crate) type MakeCollector = dyn FnOnce(Parts) -> Box<dyn Collector>;

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").finish_non_exhaustive()
    }
}

impl Setup {
    /// A program that runs on counts alone.
    pub fn counts(heap: impl SharedHeap + 'static) -> Self {
        Setup {
            heap: Box::new(heap),
            collector: None,
        }
    }

    /// The same with a collector.
    pub fn with<C: Collector + 'static>(
        heap: impl SharedHeap + 'static,
        collector: impl FnOnce(Parts) -> C + 'static,
    ) -> Self {
        Setup {
            heap: Box::new(heap),
            collector: Some(Box::new(|parts| Box::new(collector(parts)))),
        }
    }
}
