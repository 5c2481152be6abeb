//! The table of interned strings: at most one live object for each text that is a name.
//!
//! | kind | made for | ends |
//! |---|---|---|
//! | lasting | the interpreter's own names, code of modules | never: it is immortal |
//! | passing | code compiled at run time, `sys.intern`, computed attribute names | when nobody refers to it |
//!
//! The table counts neither. A passing string takes itself out when it dies, before its memory is freed, so
//! whoever finds one under the lock may look at it, and has it if it can take a reference. One that is dying
//! already is replaced. Caches that keep a name without a reference keep lasting ones only.

use super::obj::Obj;
use super::payload::Body;
use super::str_::{self, PyStr};
use crate::error::{PyResult, no_memory};
use crate::host::{HashSet, RandomState};
use crate::text::wtf8::Wtf8;
use alloc::borrow::Borrow;
use core::hash::{BuildHasher, Hash, Hasher};
use core::ptr;
use kit_core::object::Word;
use kit_core::sync::parking::ParkingLot;
use kit_core::sync::rwlock::RwLock;
use kit_core::thread::Ctx;

const SHARDS: usize = 16;

/// A string in the table, not counted.
struct Entry(Word);

impl Entry {
    fn body(&self) -> &Body<PyStr> {
        // SAFETY: an entry refers to a string whose memory stays at least until the entry is taken out, under
        // the lock that whoever looks at it holds.
        unsafe { &*self.0.as_object().cast() }
    }
}

impl Borrow<[u8]> for Entry {
    fn borrow(&self) -> &[u8] {
        self.body().bytes()
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
            hasher: RandomState::default(),
            shards: core::array::from_fn(|_| RwLock::default()),
        }
    }
}

impl Interned {
    /// How many strings there are.
    pub fn count(&self, ctx: &Ctx) -> usize {
        let shards = self.shards.iter();
        shards
            .map(|shard| shard.read(ctx.lot(), HashSet::len))
            .sum()
    }

    fn shard(&self, bytes: &[u8]) -> &RwLock<HashSet<Entry>> {
        &self.shards[self.hasher.hash_one(bytes) as usize % SHARDS]
    }

    /// A reference to the string with this text that is in the table, if it is not dying.
    fn find(ctx: &Ctx, set: &HashSet<Entry>, bytes: &[u8]) -> Option<Obj> {
        let entry = set.get(bytes)?;
        // SAFETY: the memory is a string's, as the lock of the shard is held; it was published.
        unsafe {
            let alive = entry.body().header.try_retain(ctx.counter());
            alive.then(|| Obj::from_word(entry.0))
        }
    }

    /// The interned string with this text of the interpreter's own; a new one lasts if the thread may make
    /// things immortal now. When the heap has no memory for it, it lies outside.
    pub fn intern_own(&self, ctx: &mut Ctx, text: &'static str) -> Obj {
        let string = match self.find_or_make(ctx, Wtf8::from_str(text)) {
            Some(string) => string,
            None => self.intern_outside(ctx, text),
        };
        if ctx.may_immortalize() {
            self.keep(ctx, &string);
        }
        string
    }

    /// The interned string with this text; a new one lasts if the thread may make things immortal now.
    ///
    /// # Errors
    /// MemoryError.
    pub fn intern(&self, ctx: &mut Ctx, text: &Wtf8) -> PyResult {
        let string = self.intern_passing(ctx, text)?;
        if ctx.may_immortalize() {
            self.keep(ctx, &string);
        }
        Ok(string)
    }

    /// The interned string with this text; a new one passes.
    ///
    /// # Errors
    /// MemoryError.
    pub fn intern_passing(&self, ctx: &mut Ctx, text: &Wtf8) -> PyResult {
        self.find_or_make(ctx, text).ok_or_else(|| no_memory(ctx))
    }

    fn find_or_make(&self, ctx: &Ctx, text: &Wtf8) -> Option<Obj> {
        let bytes = text.as_bytes();
        let known = self
            .shard(bytes)
            .read(ctx.lot(), |set| Interned::find(ctx, set, bytes));
        known.or_else(|| {
            let string = str_::try_new(ctx, text)?;
            Some(self.intern_object(ctx, &string))
        })
    }

    /// Interns a string outside of the heap, as if it were part of the program: each text once.
    #[cold]
    fn intern_outside(&self, ctx: &Ctx, text: &'static str) -> Obj {
        let bytes = text.as_bytes();
        self.shard(bytes).write(ctx.lot(), |set| {
            if let Some(known) = Interned::find(ctx, set, bytes) {
                return known;
            }
            let string = str_::new_static(text);
            set.replace(Entry(string.word().plain()));
            string
        })
    }

    /// The interned string with the text of this one, of class `str`: itself, if there was none.
    pub fn intern_object(&self, ctx: &Ctx, string: &Obj) -> Obj {
        let body = string.expect::<PyStr>();
        self.shard(body.bytes()).write(ctx.lot(), |set| {
            if let Some(known) = Interned::find(ctx, set, body.bytes()) {
                return known;
            }
            body.mark_interned();
            body.header.publish();
            set.replace(Entry(string.word().plain()));
            string.clone()
        })
    }

    /// Makes an interned string lasting, unless another thread owns it: that thread may be counting it.
    fn keep(&self, ctx: &Ctx, string: &Obj) {
        if let Some(header) = string.header().filter(|header| !header.is_immortal()) {
            // SAFETY: `string` is a reference.
            unsafe { header.make_immortal(ctx.counter()) };
        }
    }

    /// Makes an immortal `string` the interned one for its text, which nothing was interned for before.
    pub fn adopt(&self, lot: &ParkingLot, string: &Obj) {
        let body = string.expect::<PyStr>();
        body.mark_interned();
        let entry = Entry(string.word().plain());
        self.shard(body.bytes()).write(lot, |set| set.insert(entry));
    }

    /// Takes a string out that dies.
    pub fn forget(&self, lot: &ParkingLot, body: &PyStr) {
        self.shard(body.bytes()).write(lot, |set| {
            // Another one may have taken its place.
            let entry = set.get(body.bytes());
            if entry.is_some_and(|entry| ptr::eq(&raw const entry.body().payload, body)) {
                set.remove(body.bytes());
            }
        });
    }
}
