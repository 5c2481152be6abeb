//! Fields that hold any number of values: a [`List`], and a [`Table`] from keys that are data.
//!
//! Both are used under the lock of their object only, an operation at a time; nothing of the embedder's runs meanwhile but
//! the comparing and copying of keys, which has no context and so can neither wait for objects nor come to a safepoint. Keys are hashed
//! before, once each: while a table grows nothing runs that could panic halfway.

use super::context::Ctx;
use super::language::NoMemory;
use super::member::{Member, Place, Visit, Visitor};
use super::value::Value;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::hash::{BuildHasher, Hash};
use hashbrown::HashTable;
use kit_core::object::{Header, Word};
use kit_core::thread::Ctx as RawCtx;

/// What is used under the lock of the object that it is in.
#[derive(Default)]
struct Locked<T>(UnsafeCell<T>);

// SAFETY: one thread at a time uses it, as said above; the words in there may be taken over by any thread of the language.
unsafe impl<T: Send> Sync for Locked<T> {}

impl<T> Locked<T> {
    /// Runs `body` with the object locked.
    ///
    /// # Safety
    /// - This is in the object `owner`.
    /// - `body` neither runs what may come back to this object, nor waits.
    #[inline]
    unsafe fn with<R>(&self, ctx: &RawCtx, owner: &Header, body: impl FnOnce(&mut T) -> R) -> R {
        let _lock = ctx.lock(owner);
        // SAFETY: everybody locks the owner; and this thread does nothing with it inside of `body`.
        body(unsafe { &mut *self.0.get() })
    }

    /// # Safety
    /// - The world is stopped while the result lives.
    unsafe fn stopped(&self) -> &T {
        // SAFETY: nobody has it locked then, so nobody changes it.
        unsafe { &*self.0.get() }
    }

    /// # Safety
    /// - Nobody else can reach the object any more, and no other result lives.
    #[expect(
        clippy::mut_from_ref,
        reason = "the contract says why there is no other"
    )]
    unsafe fn alone(&self) -> &mut T {
        // SAFETY: as the caller says.
        unsafe { &mut *self.0.get() }
    }
}

/// A new reference to what a container holds.
///
/// # Safety
/// - The container is locked, so that it keeps what it holds.
#[inline]
unsafe fn copy<'a>(ctx: &RawCtx, word: Word) -> Value<'a> {
    // SAFETY: as the caller says; the copy owns the reference.
    unsafe {
        ctx.retain(word);
        Value::from_word(word)
    }
}

/// A field that holds values in a row. It may grow and shrink.
#[derive(Default)]
pub struct List(Locked<Vec<Word>>);

impl List {
    /// An empty one.
    pub fn new() -> List {
        List::default()
    }
}

// SAFETY: each word owns its reference, is reported once, and is given up when emptied. It is filled by places only.
unsafe impl Member for List {
    const REFERS: bool = true;

    fn visit(&self, visitor: &mut Visitor<'_>) {
        match &mut visitor.0 {
            // SAFETY: the tracer is there as long as the visitor; the world is stopped.
            Visit::Trace(tracer) => unsafe { (**tracer).words(self.0.stopped()) },
            Visit::Empty(ctx) => {
                // SAFETY: the object is garbage.
                for word in core::mem::take(unsafe { self.0.alone() }) {
                    // SAFETY: the list's own reference.
                    unsafe { ctx.thread().release_later(word) };
                }
            }
        }
    }
}

impl<'a> Place<'_, 'a, List> {
    #[inline]
    fn with<R>(&self, ctx: &Ctx<'a>, body: impl FnOnce(&mut Vec<Word>) -> R) -> R {
        // SAFETY: a member of this object; the bodies below do nothing with objects but count.
        unsafe { self.member.0.with(ctx.raw(), self.owner, body) }
    }

    /// How many values there are.
    pub fn len(&self, ctx: &Ctx<'a>) -> usize {
        self.with(ctx, |words| words.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self, ctx: &Ctx<'a>) -> bool {
        self.len(ctx) == 0
    }

    /// The value at `index`, if there are so many.
    pub fn get(&self, ctx: &Ctx<'a>, index: usize) -> Option<Value<'a>> {
        self.with(ctx, |words| {
            words.get(index).map(|&word| {
                // SAFETY: locked.
                unsafe { copy(ctx.raw(), word) }
            })
        })
    }

    /// Replaces the value at `index`, and returns the one before; without one there, the value is given back as an error.
    ///
    /// # Errors
    /// There are not so many.
    pub fn set(
        &self,
        ctx: &Ctx<'a>,
        index: usize,
        value: Value<'a>,
    ) -> Result<Value<'a>, Value<'a>> {
        self.with(ctx, |words| match words.get_mut(index) {
            Some(word) => {
                let old = core::mem::replace(word, value.into_word());
                // SAFETY: the list's reference is handed over.
                Ok(unsafe { Value::from_word(old) })
            }
            None => Err(value),
        })
    }

    /// Adds a value at the end; returns where it is.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn push(&self, ctx: &Ctx<'a>, value: Value<'a>) -> Result<usize, NoMemory> {
        let added = self.with(ctx, |words| match words.try_reserve(1) {
            Ok(()) => {
                words.push(value.into_word());
                Ok(words.len() - 1)
            }
            Err(_) => Err(value),
        });
        added.map_err(|_| NoMemory)
    }

    /// Takes the last value out.
    pub fn pop(&self, ctx: &Ctx<'a>) -> Option<Value<'a>> {
        let word = self.with(ctx, Vec::pop)?;
        // SAFETY: the list's reference is handed over.
        Some(unsafe { Value::from_word(word) })
    }

    /// All values at one moment.
    ///
    /// # Errors
    /// There is no memory.
    pub fn to_vec(&self, ctx: &Ctx<'a>) -> Result<Vec<Value<'a>>, NoMemory> {
        self.with(ctx, |words| {
            let mut values = Vec::new();
            values
                .try_reserve_exact(words.len())
                .map_err(|_| NoMemory)?;
            values.extend(words.iter().map(|&word| {
                // SAFETY: locked.
                unsafe { copy(ctx.raw(), word) }
            }));
            Ok(values)
        })
    }
}

/// A field that maps keys to values. Keys are data; what identifies a value of the language as a key is the language's business.
pub struct Table<K> {
    state: State,
    entries: Locked<HashTable<Entry<K>>>,
}

struct Entry<K> {
    hash: u64,
    key: K,
    word: Word,
}

/// Keys are hashed with a secret of the process, so that nobody can choose some that fall together.
#[cfg(feature = "std")]
type State = std::hash::RandomState;
/// There is no secret to be had.
#[cfg(not(feature = "std"))]
#[expect(deprecated, reason = "no other hash function of text is in `core`")]
type State = core::hash::BuildHasherDefault<core::hash::SipHasher>;

impl<K> Table<K> {
    /// An empty one.
    pub fn new() -> Table<K> {
        Table::default()
    }
}

impl<K> Default for Table<K> {
    fn default() -> Table<K> {
        Table {
            state: State::default(),
            entries: Locked(UnsafeCell::new(HashTable::new())),
        }
    }
}

// SAFETY: as for a list.
unsafe impl<K: Hash + Eq + Send + Sync + 'static> Member for Table<K> {
    const REFERS: bool = true;

    fn visit(&self, visitor: &mut Visitor<'_>) {
        match &mut visitor.0 {
            Visit::Trace(tracer) => {
                // SAFETY: the world is stopped.
                for entry in unsafe { self.entries.stopped() } {
                    // SAFETY: the tracer is there as long as the visitor.
                    unsafe { (**tracer).word(entry.word) };
                }
            }
            Visit::Empty(ctx) => {
                // What drops keys may panic: the references are out by then.
                // SAFETY: the object is garbage.
                for entry in unsafe { self.entries.alone() } {
                    let word = core::mem::replace(&mut entry.word, Word::NULL);
                    // SAFETY: the table's own reference.
                    unsafe { ctx.thread().release_later(word) };
                }
            }
        }
    }
}

impl<'a, K: Hash + Eq + Send + Sync + 'static> Place<'_, 'a, Table<K>> {
    #[inline]
    fn with<R>(&self, ctx: &Ctx<'a>, body: impl FnOnce(&mut HashTable<Entry<K>>) -> R) -> R {
        // SAFETY: a member of this object. Keys are compared and copied inside, without a context: they get at no member.
        unsafe { self.member.entries.with(ctx.raw(), self.owner, body) }
    }

    fn hash(&self, key: &K) -> u64 {
        self.member.state.hash_one(key)
    }

    /// How many keys there are.
    pub fn len(&self, ctx: &Ctx<'a>) -> usize {
        self.with(ctx, |entries| entries.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self, ctx: &Ctx<'a>) -> bool {
        self.len(ctx) == 0
    }

    /// The value of a key.
    pub fn get(&self, ctx: &Ctx<'a>, key: &K) -> Option<Value<'a>> {
        let hash = self.hash(key);
        self.with(ctx, |entries| {
            entries.find(hash, |entry| entry.key == *key).map(|entry| {
                // SAFETY: locked.
                unsafe { copy(ctx.raw(), entry.word) }
            })
        })
    }

    /// Gives a key a value; returns the one before.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn insert(
        &self,
        ctx: &Ctx<'a>,
        key: K,
        value: Value<'a>,
    ) -> Result<Option<Value<'a>>, NoMemory> {
        let hash = self.hash(&key);
        // A key that is there already is dropped behind the lock.
        let (spare, old) = self.with(ctx, |entries| {
            if let Some(entry) = entries.find_mut(hash, |entry| entry.key == key) {
                let old = core::mem::replace(&mut entry.word, value.into_word());
                return (Some(key), Ok(Some(old)));
            }
            if entries.try_reserve(1, |entry| entry.hash).is_err() {
                return (Some(key), Err(value));
            }
            let word = value.into_word();
            entries.insert_unique(hash, Entry { hash, key, word }, |entry| entry.hash);
            (None, Ok(None))
        });
        // SAFETY: the table's reference is handed over.
        let old = old.map(|old| old.map(|word| unsafe { Value::from_word(word) }));
        // May panic: a result that was put in its place before would not be dropped then.
        drop(spare);
        old.map_err(|_| NoMemory)
    }

    /// Takes a key out, and its value with it.
    pub fn remove(&self, ctx: &Ctx<'a>, key: &K) -> Option<Value<'a>> {
        let hash = self.hash(key);
        let entry = self.with(ctx, |entries| {
            let found = entries.find_entry(hash, |entry| entry.key == *key);
            found.ok().map(|found| found.remove().0)
        })?;
        // SAFETY: the table's reference is handed over.
        let value = unsafe { Value::from_word(entry.word) };
        // As in `insert`.
        drop(entry.key);
        Some(value)
    }

    /// All keys at one moment, in no order.
    ///
    /// # Errors
    /// There is no memory.
    pub fn keys(&self, ctx: &Ctx<'a>) -> Result<Vec<K>, NoMemory>
    where
        K: Clone,
    {
        self.with(ctx, |entries| {
            let mut keys = Vec::new();
            keys.try_reserve_exact(entries.len())
                .map_err(|_| NoMemory)?;
            keys.extend(entries.iter().map(|entry| entry.key.clone()));
            Ok(keys)
        })
    }
}
