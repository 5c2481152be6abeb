//! The second level of inline caches: what attribute accesses of a class and a name have found, for
//! instructions that see objects of several classes.
//!
//! An entry has the same units as an instruction with its cache (see [`super::access`]), except
//! that the first two hold the name. Each thread has its own, so they are plain memory.

use crate::object::obj::Obj;
use crate::prelude::*;
use kit_core::object::Header;

const ENTRIES: usize = 512;
const UNITS: usize = 8;

#[derive(Clone, Copy)]
#[repr(align(32))]
struct Entry([u32; UNITS]);

/// One thread's entries, for LOAD_ATTR, LOAD_METHOD and STORE_ATTR.
pub struct Sites {
    attributes: Box<[Entry; ENTRIES]>,
    methods: Box<[Entry; ENTRIES]>,
    stores: Box<[Entry; ENTRIES]>,
}

impl Default for Sites {
    fn default() -> Self {
        let empty = || Box::new([Entry([0; UNITS]); ENTRIES]);
        Sites {
            attributes: empty(),
            methods: empty(),
            stores: empty(),
        }
    }
}

#[inline(always)]
fn index(version: u32, name: &Obj) -> usize {
    (version.wrapping_mul(0x9e37_79b1) as usize ^ (name.word().bits() >> 4) as usize) % ENTRIES
}

impl Sites {
    /// The entry for attributes called `name` of the class with this version.
    #[inline(always)]
    pub fn attribute(&mut self, version: u32, name: &Obj) -> *mut u32 {
        self.attributes[index(version, name)].0.as_mut_ptr()
    }

    /// The entry for methods called `name` of the class with this version.
    #[inline(always)]
    pub fn method(&mut self, version: u32, name: &Obj) -> *mut u32 {
        self.methods[index(version, name)].0.as_mut_ptr()
    }

    /// The entry for stores to attributes called `name` of the class with this version.
    #[inline(always)]
    pub fn store(&mut self, version: u32, name: &Obj) -> *mut u32 {
        self.stores[index(version, name)].0.as_mut_ptr()
    }

    /// Whether an entry is about this name (which class it is about, its version says).
    ///
    /// # Safety
    /// - `site` came from one of the functions above, and the thread's entries still exist.
    #[inline(always)]
    pub unsafe fn is_for(site: *const u32, name: &Obj) -> bool {
        let bits = name.word().plain().bits();
        // SAFETY: an entry has eight units, and is aligned.
        unsafe { *site.cast::<u64>() == bits }
    }

    /// Makes an entry be about this name, forgetting what it knew of another. An entry does not keep its name:
    /// of one that may die, and leave its place to another, it is about only until the next claim.
    ///
    /// # Safety
    /// - As [`Sites::is_for`].
    pub unsafe fn claim(site: *mut u32, name: &Obj) {
        let bits = name.word().plain().bits();
        // SAFETY: an entry has eight units.
        unsafe {
            if !Sites::is_for(site, name) {
                let lasting = name.header().is_some_and(Header::is_immortal);
                site.cast::<u64>().write(if lasting { bits } else { 0 });
                site.add(2).write(0);
            }
        }
    }
}
