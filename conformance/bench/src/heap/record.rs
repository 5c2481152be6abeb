//! `kit-python` on a heap that writes down what it is asked for: `record-heap FILE ARGUMENTS...`.
//!
//! The file is a sequence of words, each an allocation or a free:
//!
//! | bits   | what                                                             |
//! |--------|------------------------------------------------------------------|
//! | 0      | 1 for a free                                                     |
//! | 1..3   | the heap kind                                                    |
//! | 3..31  | the block's number: those of freed blocks are used again         |
//! | 31..64 | its size                                                         |
//!
//! The heap is the delegating one, which asks for each block, with its own records in front; those are taken off.
//! What kind of object a block is stands in the records, and is looked up when the block is freed, or at the end.

use kit_core::backend::heap::{HeapKind, PREFIX};
use kit_core::backend::listing::{FRONT, Front};
use kit_std::runtime::HeapChoice;
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::{Mutex, PoisonError};

/// What was asked for.
#[derive(Default)]
struct Trace {
    words: Vec<u64>,
    /// The blocks in use, and where their allocation stands.
    live: HashMap<usize, usize>,
    unused: Vec<u64>,
    numbers: u64,
}

static TRACE: Mutex<Option<Trace>> = Mutex::new(None);

struct Recorder;

// SAFETY: the system's allocator.
unsafe impl GlobalAlloc for Recorder {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller says.
        let block = unsafe { System.alloc(layout) };
        allocated(block, layout);
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller says.
        let block = unsafe { System.alloc_zeroed(layout) };
        allocated(block, layout);
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        with_trace(|trace| {
            if let Some(at) = trace.live.remove(&block.addr()) {
                // SAFETY: the block is in use until this returns.
                unsafe { trace.settle(at, block) };
                trace.words.push(trace.words[at] & ((1 << 31) - 1) | 1);
                trace.unused.push(trace.words[at] >> 3 & ((1 << 28) - 1));
            }
        });
        // SAFETY: as the caller says.
        unsafe { System.dealloc(block, layout) }
    }
}

fn with_trace(f: impl FnOnce(&mut Trace)) {
    f(TRACE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default());
}

fn allocated(block: *mut u8, layout: Layout) {
    // What is aligned otherwise is the heap's own: its listings, and the collector's tables.
    if block.is_null() || layout.align() != align_of::<Front>() {
        return;
    }
    with_trace(|trace| {
        let number = trace.unused.pop().unwrap_or(trace.numbers);
        trace.numbers = trace.numbers.max(number + 1);
        trace.live.insert(block.addr(), trace.words.len());
        trace.words.push((layout.size() as u64) << 31 | number << 3);
    });
}

impl Trace {
    /// Writes down an allocation's kind, and its size without what is in front.
    ///
    /// # Safety
    /// - The block is in use.
    unsafe fn settle(&mut self, at: usize, block: *mut u8) {
        let word = &mut self.words[at];
        // SAFETY: what the delegating heap asks for begins with a front.
        let kind = unsafe { block.cast::<Front>().read() }.kind();
        let front = match kind {
            HeapKind::Buffer => size_of::<Front>(),
            HeapKind::Prefixed => FRONT - PREFIX,
            _ => FRONT,
        };
        *word = (*word - ((front as u64) << 31)) | (kind as u64) << 1;
    }
}

/// Writes the trace into the file that the command line names.
extern "C" fn write_down() {
    with_trace(|trace| {
        for (block, at) in std::mem::take(&mut trace.live) {
            // SAFETY: nobody frees a block any more: the process ends.
            unsafe { trace.settle(at, std::ptr::with_exposed_provenance_mut(block)) };
        }
        let file = env::args_os()
            .nth(1)
            .and_then(|path| File::create(path).ok());
        let mut file = BufWriter::new(file.expect("a file to write to"));
        for word in &trace.words {
            file.write_all(&word.to_le_bytes()).expect("written");
        }
        file.flush().expect("written");
    });
}

unsafe extern "C" {
    fn atexit(f: extern "C" fn()) -> i32;
}

fn main() {
    // SAFETY: the function may be called any time.
    assert_eq!(unsafe { atexit(write_down) }, 0);
    let mut args: Vec<_> = env::args_os().collect();
    args.remove(1);
    std::process::exit(kit_python::cli::main_on(args, |_| {
        Some(HeapChoice::Delegating(&Recorder))
    }));
}
