//! What the interpreter keeps per runtime and per thread.

use crate::object::interned::Interned;
use crate::object::obj::Obj;
use kit_core::object::Word;
use kit_core::sync::parking::ParkingLot;
use kit_core::thread::Ctx;
use std::hash::Hasher;
use std::ptr::NonNull;
use std::sync::OnceLock;

/// The state of one interpreter, shared by its threads. Lives as long as the process.
pub struct PyRuntime {
    /// The interned strings.
    pub interned: Interned,
    /// The key of string hashes.
    pub hash_key: (u64, u64),
    /// Where threads sleep.
    pub lot: &'static ParkingLot,
    /// Names the interpreter itself uses, interned.
    pub names: OnceLock<crate::object::names::Names>,
    /// Strings of no or one character from U+0000 to U+00FF.
    pub short_strings: OnceLock<Vec<Obj>>,
    /// `()`.
    pub empty_tuple: OnceLock<Obj>,
    /// The dict of `builtins`.
    pub builtins: OnceLock<Obj>,
    /// `sys.modules`.
    pub modules: OnceLock<Obj>,
}

impl PyRuntime {
    /// The hash of a string or bytes object; never −1.
    pub fn hash_bytes(&self, bytes: &[u8]) -> i64 {
        if bytes.is_empty() {
            return 0;
        }
        let mut hasher =
            siphasher::sip::SipHasher13::new_with_keys(self.hash_key.0, self.hash_key.1);
        hasher.write(bytes);
        match hasher.finish() as i64 {
            -1 => -2,
            hash => hash,
        }
    }

    /// The string with this text of at most one byte.
    pub fn short_string(&self, text: &[u8]) -> Obj {
        let index = text.first().map_or(0, |byte| *byte as usize + 1);
        self.short_strings
            .get()
            .expect("made when the runtime starts")[index]
            .clone()
    }
}

/// The state of one thread.
pub struct PyThread {
    /// The interpreter.
    pub runtime: &'static PyRuntime,
    /// The exception on its way, if [`crate::error::Raised`] is.
    pub raised: Option<Obj>,
    /// The exception being handled (`sys.exception()`), innermost.
    pub handled: Option<Obj>,
    /// Native recursion: how deep it is, and the address the native stack must not pass.
    pub native_depth: u32,
    /// See `native_depth`.
    pub native_limit: usize,
    /// Depth of Python calls.
    pub depth: u32,
    /// The base of the running frame's registers.
    pub base: *mut Word,
    /// A MemoryError for when there is no memory for one.
    pub spare_memory_error: Option<Obj>,
    /// Results of lookups in classes.
    pub lookups: crate::object::attribute::LookupCache,
}

/// The thread's Python state.
#[inline(always)]
pub fn py(ctx: &mut Ctx) -> &mut PyThread {
    // SAFETY: `host` was set to the thread's own `PyThread` when it attached; the exclusive borrow
    // of the context makes this the only reference.
    unsafe { &mut *ctx.host().cast::<PyThread>() }
}

/// The interpreter.
#[inline(always)]
pub fn rt(ctx: &Ctx) -> &'static PyRuntime {
    // SAFETY: as above; the field never changes.
    unsafe { (*ctx.host().cast::<PyThread>()).runtime }
}

/// Where threads sleep.
#[inline(always)]
pub fn lot(ctx: &Ctx) -> &'static ParkingLot {
    rt(ctx).lot
}

/// Frees a buffer of the heap that only the caller refers to, on whichever thread this is.
pub fn free_buffer(block: *mut u8) {
    let thread = kit_std::thread::current::thread();
    if let (Some(block), false) = (NonNull::new(block), thread.is_null()) {
        // SAFETY: the calling thread's record; the caller is the last to know the block.
        unsafe { (*thread).heap.free(block) };
    }
}

/// `()`.
#[inline]
pub fn empty_tuple(ctx: &Ctx) -> Obj {
    rt(ctx)
        .empty_tuple
        .get()
        .expect("made when the runtime starts")
        .clone()
}
