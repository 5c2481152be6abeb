//! A runtime without a language, for tests of what the kit does by itself.

use kit_core::{
    backend::{collector::PlainHost, events::Events},
    object::Header,
    thread::Ctx,
};
use kit_std::port::Port;
use kit_std::runtime::{HeapChoice, Options, Runtime};
use std::sync::OnceLock;

static RUNTIME: OnceLock<&Runtime> = OnceLock::new();

unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
    true
}

unsafe fn interrupt(ctx: &mut Ctx) -> bool {
    runtime().interrupt(ctx);
    false
}

/// The runtime of this process.
pub fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        Runtime::new(Options {
            port: Port::SYSTEM,
            types: 8,
            reserved_types: 4,
            heap: HeapChoice::Paged,
            memory_limit: usize::MAX,
            events: Events { dying, interrupt },
            cycles: &PlainHost,
            code: Default::default(),
        })
        .expect("memory for a runtime")
    })
}
