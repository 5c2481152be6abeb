//! What `kit-std` stands on here: memory for `alloc`, the second processor, whose variables are whose.

use crate::arena::ARENA;
use crate::host::{self, PLATFORM};
use alloc::boxed::Box;
use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::ptr;
use kit_alloc::small::region::Region;
use kit_core::platform::thread::Platform;
use kit_core::sync::native::{AtomicPtr, Ordering::*};
use kit_std::port::{Body, NoThread, Port};
use kit_std::thread::variables::{ThisThread, Variables};

/// The port.
pub static PORT: Port = Port {
    platform: &PLATFORM,
    memory: &BLOCKS,
    pages: &ARENA,
    start,
    // The second one is the program's, and does not help to collect.
    cores: || 1,
};

/// Makes memory for `alloc`; `None` when there is not enough. To be called once, before anything else here.
pub fn start_alloc() -> Option<()> {
    static mut BYTES: [MaybeUninit<u8>; 16 << 20] = [MaybeUninit::uninit(); 16 << 20];
    // SAFETY: this is called once, so it is borrowed once.
    let bytes = unsafe { (&raw mut BYTES).as_mut()? };
    let region = ARENA.keep(Region::new(bytes)?)?;
    BLOCKS.0.store(ptr::from_ref(region).cast_mut(), Release);
    Some(())
}

/// What `alloc` and the kit's tables have: blocks of a static array.
struct Blocks(AtomicPtr<Region>);

#[global_allocator]
static BLOCKS: Blocks = Blocks(AtomicPtr::new(ptr::null_mut()));

// SAFETY: the region's blocks; before there is one, none.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: null, or a region that stays.
        match unsafe { self.0.load(Acquire).as_ref() } {
            // SAFETY: as the caller says.
            Some(region) => unsafe { region.alloc(layout) },
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above; who has a block has it from the region.
        unsafe { (*self.0.load(Acquire)).dealloc(block, layout) }
    }
}

fn start(_stack: usize, body: Body) -> Result<(), NoThread> {
    fn run(body: *mut ()) {
        // SAFETY: what `start` made of a box, for this call.
        unsafe { Box::from_raw(body.cast::<Body>())() }
    }
    let body = Box::into_raw(Box::new(body));
    // One that has just been joined is on its way back.
    let end = PLATFORM.now() + SECOND;
    while !host::start(run, body.cast()) {
        if PLATFORM.now() >= end {
            // SAFETY: nobody else got it.
            drop(unsafe { Box::from_raw(body) });
            return Err(NoThread);
        }
        PLATFORM.yield_now();
    }
    Ok(())
}

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// Threads by where their stacks are.
struct Stacks;

static PLACES: [Variables; 2] = [const { Variables::new() }; 2];

// SAFETY: there are two threads, with a stack each.
unsafe impl ThisThread for Stacks {
    fn variables() -> &'static Variables {
        &PLACES[usize::from(host::is_second())]
    }
}
kit_std::this_thread!(Stacks);
