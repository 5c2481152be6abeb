//! Blocks that are freed by another thread than the one that allocated them, and two threads at once.
//!
//! *In turns*: one thread allocates, then waits while the other frees: what the two ran, together. *At the same
//! time*: through a queue; the time from start to end.

use super::allocators::{Allocator, Kit};
use super::case;
use crate::micro::{Case, Group, Subject, processor_time};
use std::hint::{black_box, spin_loop};
use std::ptr::{self, NonNull};
use std::sync::Barrier;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

/// The group.
pub const GROUP: Group = Group {
    name: "handed",
    unit: "ns",
    cases: &[
        case!("16 bytes, freed by another thread in turns", false, turns, 16; snmalloc),
        case!("32 bytes, freed by another thread in turns", false, turns, 32; snmalloc),
        case!("48 bytes, freed by another thread in turns", false, turns, 48; snmalloc),
        case!("64 bytes, freed by another thread in turns", false, turns, 64; snmalloc),
        case!("256 bytes, freed by another thread in turns", false, turns, 256; snmalloc),
        case!("16 bytes, freed by another thread at the same time", false, stream, 16; snmalloc),
        case!("32 bytes, freed by another thread at the same time", false, stream, 32; snmalloc),
        case!("48 bytes, freed by another thread at the same time", false, stream, 48; snmalloc),
        case!("64 bytes, freed by another thread at the same time", false, stream, 64; snmalloc),
        case!("256 bytes, freed by another thread at the same time", false, stream, 256; snmalloc),
        Case {
            name: "64 bytes, by two threads at once: allocate 1000, free them",
            exact: false,
            limit: None,
            subjects: &[
                Subject::new("kit, two threads", crowd::<Kit, 2>),
                // Twice as much in 1 / 1.95 of the time.
                Subject::new("kit, one thread", crowd::<Kit, 1>).at_most(1.026),
            ],
        },
    ],
};

/// Blocks handed over in one go.
const HANDFUL: usize = 256;
/// Blocks handed over in turns.
const TURN: usize = 8192;

/// A block on its way.
#[derive(Clone, Copy)]
struct Block(NonNull<u8>);

// SAFETY: whoever has it owns the block.
unsafe impl Send for Block {}

fn turns<A: Allocator, const SIZE: usize>(rounds: usize) -> f64 {
    let (give, take) = mpsc::sync_channel::<Vec<Block>>(1);
    let (give_back, take_back) = mpsc::sync_channel::<Vec<Block>>(1);
    let count = (rounds / TURN).max(2);
    thread::scope(|scope| {
        let other = scope.spawn(move || {
            let allocator = A::enter();
            let mut time = 0.0;
            for blocks in take {
                let start = processor_time();
                for block in &blocks {
                    // SAFETY: ours, of that size.
                    unsafe { allocator.free(block.0, black_box(SIZE)) };
                }
                time += (processor_time() - start).as_nanos() as f64;
                give_back.send(blocks).expect("the other waits for it");
            }
            time
        });
        let allocator = A::enter();
        let mut blocks = Vec::with_capacity(TURN);
        let mut time = 0.0;
        for _ in 0..count {
            blocks.clear();
            let start = processor_time();
            for _ in 0..TURN {
                let block = allocator.alloc(black_box(SIZE));
                // SAFETY: ours, of more than four bytes.
                unsafe { block.cast::<u32>().write(1) };
                blocks.push(Block(block));
            }
            time += (processor_time() - start).as_nanos() as f64;
            give.send(blocks).expect("the other waits for it");
            blocks = take_back.recv().expect("the other gives them back");
        }
        drop(give);
        let time = time + other.join().expect("no panic");
        time / (count * TURN) as f64
    })
}

/// A queue of handfuls between two threads.
struct Ring {
    places: [[AtomicPtr<u8>; HANDFUL]; 16],
    given: AtomicUsize,
    taken: AtomicUsize,
}

fn stream<A: Allocator, const SIZE: usize>(rounds: usize) -> f64 {
    let ring = Box::new(Ring {
        places: [const { [const { AtomicPtr::new(ptr::null_mut()) }; HANDFUL] }; 16],
        given: AtomicUsize::new(0),
        taken: AtomicUsize::new(0),
    });
    let handfuls = (rounds / HANDFUL).max(64);
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let allocator = A::enter();
            barrier.wait();
            for number in 0..handfuls {
                wait(|| ring.given.load(Ordering::Acquire) > number);
                for place in &ring.places[number % ring.places.len()] {
                    let block = place.load(Ordering::Relaxed);
                    // SAFETY: handed over, of that size.
                    unsafe { allocator.free(NonNull::new_unchecked(block), black_box(SIZE)) };
                }
                ring.taken.store(number + 1, Ordering::Release);
            }
        });
        let allocator = A::enter();
        barrier.wait();
        let start = Instant::now();
        for number in 0..handfuls {
            wait(|| number < ring.taken.load(Ordering::Acquire) + ring.places.len());
            for place in &ring.places[number % ring.places.len()] {
                let block = allocator.alloc(black_box(SIZE));
                // SAFETY: ours, of more than four bytes.
                unsafe { block.cast::<u32>().write(1) };
                place.store(block.as_ptr(), Ordering::Relaxed);
            }
            ring.given.store(number + 1, Ordering::Release);
        }
        wait(|| ring.taken.load(Ordering::Acquire) == handfuls);
        start.elapsed().as_nanos() as f64 / (handfuls * HANDFUL) as f64
    })
}

/// Waits for the other thread, which may need this processor.
fn wait(done: impl Fn() -> bool) {
    let mut tries = 0_u32;
    while !done() {
        tries += 1;
        if tries.is_multiple_of(1000) {
            thread::yield_now();
        }
        spin_loop();
    }
}

/// What each of the threads ran for a block.
fn crowd<A: Allocator, const THREADS: usize>(rounds: usize) -> f64 {
    let barrier = Barrier::new(THREADS);
    let count = (rounds / 1000).max(2);
    let work = || {
        let allocator = A::enter();
        let mut blocks = [NonNull::dangling(); 1000];
        barrier.wait();
        let start = processor_time();
        for _ in 0..count {
            for block in &mut blocks {
                *block = allocator.alloc(black_box(64));
                // SAFETY: ours, of more than four bytes.
                unsafe { block.cast::<u32>().write(1) };
            }
            for block in &blocks {
                // SAFETY: ours, of that size.
                unsafe { allocator.free(*block, black_box(64)) };
            }
        }
        (processor_time() - start).as_nanos() as f64
    };
    let total: f64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        (threads.into_iter())
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    total / (THREADS * count * 1000) as f64
}
