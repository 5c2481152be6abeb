use core::alloc::{GlobalAlloc, Layout};
use std::{boxed::Box, vec::Vec};

use kit_core::platform::memory::Memory;

use super::{
    bump::Bump,
    pool::{Pool, Pools},
    region::Region,
};
use crate::testing::{Lent, array, lend};

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a layout")
}

/// Blocks that are in use, with what was written to them.
#[derive(Default)]
struct Live(Vec<(*mut u8, Layout, u8)>);

impl Live {
    fn add(&mut self, memory: &Memory, layout: Layout, color: u8) -> bool {
        // SAFETY: the size is not 0; the block is ours.
        unsafe {
            let block = memory.alloc(layout);
            if !block.is_null() {
                assert!(block.addr().is_multiple_of(layout.align()));
                block.write_bytes(color, layout.size());
                self.0.push((block, layout, color));
            }
            !block.is_null()
        }
    }

    fn remove(&mut self, memory: &Memory, at: usize) {
        let (block, layout, color) = self.0.swap_remove(at);
        // SAFETY: allocated above, and freed once.
        unsafe {
            let bytes = core::slice::from_raw_parts(block, layout.size());
            assert!(bytes.iter().all(|&byte| byte == color), "overwritten");
            memory.dealloc(block, layout);
        }
    }
}

/// Takes and frees blocks of all sorts, until there is no more, many times.
fn exercise(memory: &Memory, most: usize) {
    let mut live = Live::default();
    let mut state = 7_u64;
    let mut random = |end: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % end
    };
    let mut refused = 0;
    for round in 0..20_000 {
        let largest = if random(10) == 0 { most } else { most.min(100) };
        let most_aligned = if random(10) == 0 { 9 } else { 5 };
        let (size, align) = (1 + random(largest), 1 << random(most_aligned));
        if random(20) < 11 {
            refused += usize::from(!live.add(memory, layout(size, align), round as u8));
        } else if !live.0.is_empty() {
            live.remove(memory, random(live.0.len()));
        }
    }
    assert!(
        refused > 0,
        "more than the array has room for was handed out"
    );
    while !live.0.is_empty() {
        live.remove(memory, 0);
    }
}

#[test]
fn blocks_of_a_region_are_apart_and_leave_holes_that_join() {
    let mut memory = array(20_001);
    let region = &Region::new(lend(&mut memory)).expect("room");
    for _ in 0..3 {
        exercise(region, 2000);
        assert_eq!(region.used(), 0);
        // One block that takes all.
        let all = layout(region.size(), 16);
        // SAFETY: not empty; freed once.
        unsafe {
            let block = region.alloc(all);
            assert!(!block.is_null());
            assert!(region.alloc(layout(1, 1)).is_null());
            region.dealloc(block, all);
        }
    }
    // SAFETY: not empty.
    assert!(unsafe { region.alloc(layout(isize::MAX as usize - 15, 16)) }.is_null());
    let mut memory = array(8);
    assert!(Region::new(lend(&mut memory)).is_none());
}

#[test]
fn a_region_gives_the_first_hole_that_fits() {
    let mut memory = array(1 << 16);
    let region = &Region::new(lend(&mut memory)).expect("room");
    let sizes = [64, 16, 48, 16, 1024, 16];
    // SAFETY: not empty, freed once with the same layout.
    unsafe {
        let blocks = sizes.map(|size| region.alloc(layout(size, 16)));
        for at in [4, 2, 0] {
            region.dealloc(blocks[at], layout(sizes[at], 16));
        }
        assert_eq!(region.alloc(layout(100, 16)), blocks[4]);
        assert_eq!(region.alloc(layout(33, 16)), blocks[0]);
        assert_eq!(region.alloc(layout(48, 16)), blocks[2]);
        region.dealloc(blocks[1], layout(16, 16));
        assert_eq!(region.alloc(layout(16, 16)), blocks[0].add(48));
    }
}

#[test]
fn a_bump_gives_back_what_came_last_and_on_reset_all() {
    let mut memory = array(1000);
    let bump = &Bump::new(lend(&mut memory));
    let mut first = None;
    for _ in 0..3 {
        let mut live = Live::default();
        assert!(live.add(bump, layout(100, 16), 1));
        assert_eq!(*first.get_or_insert(live.0[0].0), live.0[0].0);
        let used = bump.used();
        assert!(live.add(bump, layout(64, 64), 2) && live.add(bump, layout(1, 1), 3));
        assert!(!live.add(bump, layout(1000, 1), 4));
        live.remove(bump, 2);
        live.remove(bump, 1);
        assert!(bump.used() < used + 64);
        assert!(live.add(bump, layout(64, 64), 2));
        live.remove(bump, 0);
        assert!(bump.used() > used, "it was not the last");
        // SAFETY: what is left is forgotten.
        unsafe { bump.reset() };
        assert_eq!(bump.used(), 0);
    }
}

#[test]
fn pools_give_the_smallest_block_that_fits_and_then_larger_ones() {
    let sizes = [(4096, 32), (5000, 48), (16_384, 1024)];
    let mut arrays = sizes.map(|(bytes, _)| array(bytes));
    let mut lists = Lent::new(Box::new([const { heapless::Vec::<u32, 64>::new() }; 3]));
    // SAFETY: the pools are declared behind the lists, which are lent once.
    let lists = unsafe { lists.lend_mut() }.iter_mut();
    let made = lists.zip(&mut arrays).zip(sizes);
    let made: Box<[Pool]> = made
        .map(|((list, array), (_, size))| Pool::new(lend(array), size, list))
        .collect();
    let made = Lent::new(made);
    // SAFETY: declared behind what it keeps.
    let pools = Pools::new(unsafe { made.lend() });
    assert_eq!(pools.pools()[0].len(), 64, "the list is full");
    assert!(pools.pools()[1].len() == 64 && pools.pools()[2].len() >= 15);
    exercise(&pools, 1024);
    assert!(pools.pools().iter().all(|pool| pool.used() == 0));
    let mut live = Live::default();
    for number in 0..130 {
        assert!(live.add(&pools, layout(20, 16), number));
    }
    let used: Vec<_> = pools.pools().iter().map(Pool::used).collect();
    assert_eq!(used, [64, 64, 2]);
    assert!(!live.add(&pools, layout(1025, 1), 0));
    while !live.0.is_empty() {
        live.remove(&pools, 0);
    }
}
