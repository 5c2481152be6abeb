//! The table of interned strings: one immortal object for each text that is a name.

use super::obj::Obj;
use super::str_::{self, PyStr};
use crate::text::wtf8::Wtf8;
use kit_core::thread::Ctx;
use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Mutex;

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
    shards: [Mutex<HashSet<Entry>>; SHARDS],
}

impl Default for Interned {
    fn default() -> Self {
        Interned {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
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
        // Holders of the lock neither wait nor reach a safepoint: nothing below runs code.
        if let Some(entry) = shard.lock().unwrap_or_else(|e| e.into_inner()).get(bytes) {
            return entry.0.clone();
        }
        let Ok(string) = str_::with_type(ctx, super::ids::STR, text) else {
            panic!("no memory for a name")
        };
        let mut set = shard.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(entry) = set.get(bytes) {
            return entry.0.clone();
        }
        string.expect::<PyStr>().mark_interned();
        if let Some(header) = string.header() {
            // SAFETY: made above by this thread, and seen by nobody else yet.
            unsafe { header.make_immortal(ctx.counter()) };
        }
        set.insert(Entry(string.clone()));
        string
    }

    /// Makes `string` the interned one for its text, which nothing was interned for before.
    pub fn adopt(&self, string: &Obj) {
        let body = string.expect::<PyStr>();
        body.mark_interned();
        let shard = &self.shards[self.hasher.hash_one(body.bytes()) as usize % SHARDS];
        shard
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .insert(Entry(string.clone()));
    }
}
