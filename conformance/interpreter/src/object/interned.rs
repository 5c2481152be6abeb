//! The table of interned strings: one immortal object for each text that is a name.

use super::obj::Obj;
use super::str_::{self, PyStr};
use crate::text::wtf8::Wtf8;
use kit_core::sync::parking::ParkingLot;
use kit_core::sync::rwlock::RwLock;
use kit_core::thread::Ctx;
use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

const SHARDS: usize = 16;

struct Entry(Obj);

impl Borrow<[u8]> for Entry {
    fn borrow(&self) -> &[u8] {
        self.0.expect::<PyStr>().bytes()
    }
}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bytes: &[u8] = self.borrow();
        bytes.hash(state);
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        let (a, b): (&[u8], &[u8]) = (self.borrow(), other.borrow());
        a == b
    }
}

impl Eq for Entry {}

/// The interned strings of a runtime.
pub struct Interned {
    hasher: RandomState,
    /// Almost always it is only looked whether a text is there. Holders neither wait nor reach a safepoint.
    shards: [RwLock<HashSet<Entry>>; SHARDS],
}

impl Default for Interned {
    fn default() -> Self {
        Interned {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| RwLock::default()),
        }
    }
}

impl Interned {
    /// The interned string with this text.
    ///
    /// # Panics
    /// When there is no memory for it.
    pub fn intern(&self, ctx: &mut Ctx, text: &Wtf8) -> Obj {
        let bytes = text.as_bytes();
        let shard = &self.shards[self.hasher.hash_one(bytes) as usize % SHARDS];
        let find = |set: &HashSet<Entry>| set.get(bytes).map(|entry| entry.0.clone());
        if let Some(known) = shard.read(ctx.lot(), find) {
            return known;
        }
        let Ok(string) = str_::with_type(ctx, super::ids::STR, text) else {
            panic!("no memory for a name")
        };
        let ctx: &Ctx = ctx;
        shard.write(ctx.lot(), |set| {
            // Somebody may have come before us.
            if let Some(known) = find(set) {
                return known;
            }
            string.expect::<PyStr>().mark_interned();
            if let Some(header) = string.header() {
                // SAFETY: made above by this thread, and seen by nobody else yet.
                unsafe { header.make_immortal(ctx.counter()) };
            }
            set.insert(Entry(string.clone()));
            string
        })
    }

    /// Makes `string` the interned one for its text, which nothing was interned for before.
    pub fn adopt(&self, lot: &ParkingLot, string: &Obj) {
        let body = string.expect::<PyStr>();
        body.mark_interned();
        let shard = &self.shards[self.hasher.hash_one(body.bytes()) as usize % SHARDS];
        shard.write(lot, |set| set.insert(Entry(string.clone())));
    }
}
