//! A runtime for objects of managed types: its threads, and what is done when objects die.

use super::context::Ctx;
use super::type_info::TypeInfo;
use crate::port::{NoThread, Port};
use crate::runtime::{HeapChoice, Options, Runtime, StartError};
use crate::sync::guarded::Guarded;
use crate::thread::current;
use crate::unwind;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::mem;
#[cfg(feature = "gc")]
use kit_core::backend::collector::Cause;
use kit_core::backend::collector::{CycleHost, WeakPhase};
use kit_core::backend::events::{Events, FINALIZES};
use kit_core::object::{Bits, Header, Word};
use kit_core::refcount::biased::Released;
use kit_core::sync::event::Event;
#[cfg(feature = "gc")]
use kit_core::sync::native::AtomicU32;
use kit_core::sync::native::{AtomicBool, Ordering::*};
use kit_core::sync::parking::Unattached;
use kit_core::thread::{Ctx as RawCtx, breaker};
use kit_core::weak::WeakTable;

/// One instance of a language: its heap, its threads, its collector. It lives as long as the process.
pub struct Language {
    runtime: &'static Runtime,
    host: &'static Host,
    /// Which types are defined in this runtime, by number.
    defined: Box<[AtomicBool]>,
    /// Held while one is.
    defining: Guarded<()>,
    /// References that were given up by threads that are not in the language.
    released: Guarded<Vec<u64>>,
    has_releases: AtomicBool,
    /// At every how many safepoints there is a collection; 0 for when it is due.
    every: u32,
    #[cfg(feature = "gc")]
    safepoints: AtomicU32,
}

/// How to build a [`Language`].
pub struct Builder {
    port: Port,
    types: u32,
    heap: HeapChoice,
    memory_limit: usize,
    every: u32,
}

impl Builder {
    /// How many object types the process may have, in all of its languages; 1024 by default.
    pub fn types(mut self, types: u32) -> Builder {
        self.types = types.clamp(1, 1 << 24);
        self
    }

    /// Where objects lie.
    pub fn heap(mut self, heap: HeapChoice) -> Builder {
        self.heap = heap;
        self
    }

    /// The most bytes the heap may use; no limit by default.
    pub fn memory_limit(mut self, bytes: usize) -> Builder {
        self.memory_limit = bytes;
        self
    }

    /// Collects at every `count`th safepoint, to find out who does not count what it holds: for tests.
    #[cfg(feature = "gc")]
    pub fn collect_every(mut self, count: u32) -> Builder {
        self.every = count;
        self
    }

    /// Builds the language.
    ///
    /// # Errors
    /// There is no memory for its tables.
    pub fn build(self) -> Result<&'static Language, StartError> {
        let host: &Host = Box::leak(Box::new(Host(WeakTable::new(|_| false))));
        // Number 0 is no type's.
        let types = self.types + 1;
        let runtime = Runtime::new(Options {
            port: self.port,
            types,
            reserved_types: types,
            heap: self.heap,
            memory_limit: self.memory_limit,
            events: Events { dying, interrupt },
            cycles: host,
            code: Default::default(),
        })?;
        Ok(Box::leak(Box::new(Language {
            runtime,
            host,
            defined: (0..types).map(|_| AtomicBool::new(false)).collect(),
            defining: Guarded::new(()),
            released: Guarded::new(Vec::new()),
            has_releases: AtomicBool::new(false),
            every: self.every,
            #[cfg(feature = "gc")]
            safepoints: AtomicU32::new(0),
        })))
    }
}

impl Language {
    /// Says how a language is to be, on the operating system.
    #[cfg(feature = "std")]
    pub fn builder() -> Builder {
        Language::builder_on(Port::SYSTEM)
    }

    /// Says how a language is to be, on a port.
    pub fn builder_on(port: Port) -> Builder {
        Builder {
            port,
            types: 1024,
            heap: HeapChoice::default(),
            memory_limit: usize::MAX,
            every: 0,
        }
    }

    /// Runs `body` on the calling thread, as a thread of this language. The lifetime of its context is the body's alone, so no
    /// reference gets out; a [`Global`](super::Global) does.
    ///
    /// # Errors
    /// The thread is in a language already, this or another, even if it is detached for the moment; or it cannot start.
    ///
    /// # Panics
    /// With what `body` panics with, after the thread has left.
    pub fn attach<R>(
        &'static self,
        body: impl for<'a> FnOnce(&mut Ctx<'a>) -> R,
    ) -> Result<R, AttachError> {
        if current::is_inside() {
            return Err(AttachError::Already);
        }
        let body = |raw: &mut RawCtx| {
            raw.thread()
                .host
                .set(core::ptr::from_ref(self).cast_mut().cast());
            if self.every != 0 {
                raw.thread().core.breaker.raise(breaker::EMBEDDER);
            }
            body(Ctx::from_raw(raw))
        };
        let leaving = |raw: &mut RawCtx| self.settle(raw);
        self.runtime
            .attach_with(body, leaving)
            .map_err(AttachError::Start)
    }

    /// Starts a thread of this language. What it is to work on it gets as [`Global`](super::Global)s.
    ///
    /// # Errors
    /// The host has no thread for it.
    pub fn spawn<R: Send + 'static>(
        &'static self,
        body: impl for<'a> FnOnce(&mut Ctx<'a>) -> R + Send + 'static,
    ) -> Result<Task<R>, NoThread> {
        let end = Arc::new(End {
            result: Guarded::new(None),
            event: Event::new(),
        });
        // Set whatever becomes of it: a host may drop what it was to run.
        let its = Ending(end.clone(), self.runtime);
        let run = move || {
            let result = match unwind::catch(|| self.attach(body)) {
                Ok(result) => result.map_err(JoinError::Attach),
                Err(payload) => {
                    // Its destructor might panic, too.
                    let _ = mem::ManuallyDrop::new(payload);
                    Err(JoinError::Panicked)
                }
            };
            *its.0.result.lock(self.runtime.lot()) = Some(result);
        };
        (self.runtime.port().start)(Port::STACK, Box::new(run))?;
        Ok(Task {
            language: self,
            end,
        })
    }

    /// How many objects are alive, once every thread has left.
    #[cfg(feature = "stats")]
    pub fn live_objects(&self) -> usize {
        self.runtime.mortal_objects()
    }

    #[inline(always)]
    pub(super) fn runtime(&self) -> &'static Runtime {
        self.runtime
    }

    pub(super) fn weak(&self) -> &'static WeakTable {
        &self.host.0
    }

    /// The type's number, under which it is defined here.
    #[inline]
    pub(super) fn type_number(&self, info: &'static TypeInfo) -> Result<u32, NoMemory> {
        let id = info.id();
        // Acquire, paired with the Release of `define_slow`.
        match self.defined.get(id as usize) {
            Some(defined) if defined.load(Acquire) => Ok(id),
            _ => self.define_slow(info),
        }
    }

    #[cold]
    fn define_slow(&self, info: &'static TypeInfo) -> Result<u32, NoMemory> {
        let id = info.number();
        let defined = self.defined.get(id as usize).ok_or(NoMemory)?;
        let _defining = self.defining.lock(self.runtime.lot());
        // Relaxed: under the lock.
        if !defined.load(Relaxed) {
            let types = self.runtime.types();
            types.define(id, info.kind());
            if info.finalizes() {
                types.entry(id).set_flags(FINALIZES);
            }
            // Release, paired with `type_number`.
            defined.store(true, Release);
        }
        Ok(id)
    }

    /// Gives a reference up, on any thread.
    pub(super) fn release(&self, word: Word) {
        if !word.is_counted() {
            return;
        }
        if current::slot() != current::NOBODY {
            // SAFETY: attached, so the record is there.
            let services = unsafe { (*current::thread()).services() };
            if core::ptr::eq(services, self.runtime.services) {
                return current::release(word);
            }
        }
        self.released.lock(self.runtime.lot()).push(word.bits());
        // Relaxed: who misses it now looks again; the list has a lock.
        self.has_releases.store(true, Relaxed);
    }

    /// Whether other threads have given references up.
    #[inline(always)]
    pub(super) fn has_releases(&self) -> bool {
        // Relaxed: as in `release`.
        self.has_releases.load(Relaxed)
    }

    /// Drops what they have given up.
    pub(super) fn settle(&self, raw: &mut RawCtx) {
        if self.has_releases() {
            let words = {
                let mut released = self.released.lock(self.runtime.lot());
                self.has_releases.store(false, Relaxed);
                mem::take(&mut *released)
            };
            for bits in words {
                // SAFETY: each owns its reference, and was left to whoever comes first.
                unsafe { raw.thread().release_later(Word::from_bits(bits)) };
            }
        }
        raw.drain();
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Language").finish_non_exhaustive()
    }
}

/// A thread of a language that returns an `R`.
pub struct Task<R> {
    language: &'static Language,
    end: Arc<End<R>>,
}

/// What a thread leaves when it has left the language.
struct End<R> {
    result: Guarded<Option<Result<R, JoinError>>>,
    event: Event,
}

/// Held by the thread: when it is dropped, the thread is over.
struct Ending<R>(Arc<End<R>>, &'static Runtime);

impl<R> Drop for Ending<R> {
    fn drop(&mut self) {
        self.0.event.set(self.1.lot());
    }
}

impl<R: Send + 'static> Task<R> {
    /// Waits for the thread, detached, and returns what it did.
    ///
    /// # Errors
    /// It panicked, or could not attach.
    pub fn join(self, ctx: &mut Ctx<'_>) -> Result<R, JoinError> {
        ctx.detached(|| self.join_detached())
    }

    /// The same for a thread that is in no language, or detached from it.
    ///
    /// # Errors
    /// As for [`join`](Self::join); or the calling thread is attached, so that the other might wait for it in turn.
    pub fn join_detached(self) -> Result<R, JoinError> {
        if current::slot() != current::NOBODY {
            return Err(JoinError::Attached);
        }
        let lot = self.language.runtime.lot();
        // Without a deadline, and not attached: it comes to an end when the event has happened.
        let _ = self.end.event.wait(lot, &mut Unattached, None);
        let result = self.end.result.lock(lot).take();
        result.unwrap_or(Err(JoinError::NeverRan))
    }
}

/// The language of the running thread.
#[inline(always)]
pub(super) fn language(ctx: &RawCtx) -> &'static Language {
    // SAFETY: set when the thread attached; contexts of other runtimes do not get here.
    unsafe { &*ctx.host().cast() }
}

struct Host(WeakTable);

// SAFETY: weak references are all in the table; it reports no roots.
unsafe impl CycleHost for Host {
    unsafe fn clear_weak(
        &self,
        object: *mut Header,
        phase: WeakPhase,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        // SAFETY: stopped, by the running thread; the collector keeps the object.
        unsafe {
            (*object).bits().contains(Bits::WEAKLY_REFERENCED)
                && self
                    .0
                    .clear_garbage(current::counter(), object, phase, garbage)
        }
    }

    unsafe fn finalize(&self, ctx: &mut RawCtx, object: *mut Header) {
        // SAFETY: the collector keeps the object; all of this runtime were made by `Ctx::make`.
        unsafe { TypeInfo::of(ctx, &*object).run_finalizer(ctx, object) };
    }
}

/// An object with a finalizer or with weak references has lost its last reference.
///
/// # Safety
/// - As [`Events::dying`] says.
unsafe fn dying(ctx: &mut RawCtx, object: *mut Header) -> bool {
    // SAFETY: the object is complete until it is taken apart, and this thread's. Each `resurrect` is followed by its end, and what
    // comes after depends on what that said.
    unsafe {
        let header = &*object;
        let mut verdict = Released::Dead;
        let info = TypeInfo::of(ctx, header);
        if info.finalizes() && !header.bits().contains(Bits::FINALIZED) {
            header.resurrect(ctx.counter());
            header.set_bits(Bits::FINALIZED);
            info.run_finalizer(ctx, object);
            if header.bits().contains(Bits::WEAKLY_REFERENCED) && !header.is_unique(ctx.slot()) {
                // It may have got away: others find it again by their weak references.
                header.publish();
            }
            verdict = header.end_resurrection(ctx.counter());
        }
        // Weak references go when it is certain that the object does, too.
        if verdict == Released::Dead && header.bits().contains(Bits::WEAKLY_REFERENCED) {
            // None of them wants a call: nothing runs.
            language(ctx)
                .weak()
                .clear(ctx, header, &mut |ctx, word| ctx.release(word));
        }
        match verdict {
            Released::Dead => true,
            Released::Alive => false,
            verdict => {
                ctx.thread().released(object, verdict);
                false
            }
        }
    }
}

/// Somebody wants something at a safepoint.
///
/// # Safety
/// - As [`Events::interrupt`] says.
unsafe fn interrupt(ctx: &mut RawCtx) -> bool {
    let language = language(ctx);
    let requests = language.runtime.interrupt(ctx);
    if requests & breaker::GC != 0 {
        ctx.thread().core.breaker.take(breaker::GC);
        language.runtime.collect_if_due(ctx);
    }
    #[cfg(feature = "gc")]
    if requests & breaker::EMBEDDER != 0 {
        // The bit stays up: every safepoint comes here. Relaxed: this only counts them.
        let passed = language.safepoints.fetch_add(1, Relaxed) + 1;
        if passed.is_multiple_of(language.every.max(1)) {
            // One that cannot take place is tried again later.
            let _ = language.runtime.collect_for(ctx, Cause::Test);
        }
    }
    false
}

/// There is no memory for an object, or no number for its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no memory for an object")
    }
}

impl core::error::Error for NoMemory {}

/// Why a thread is not in the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachError {
    /// It is in one already.
    Already,
    /// It could not start.
    Start(StartError),
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttachError::Already => f.write_str("the thread is in a language already"),
            AttachError::Start(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AttachError {}

/// Why a thread returned nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinError {
    /// It panicked.
    Panicked,
    /// It never was in the language.
    Attach(AttachError),
    /// The host took it, and dropped it without running it.
    NeverRan,
    /// Nobody waited for it: who wanted to is attached, and has to [detach](Ctx::detached).
    Attached,
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinError::Panicked => f.write_str("the thread panicked"),
            JoinError::Attach(error) => error.fmt(f),
            JoinError::NeverRan => f.write_str("the host dropped the thread"),
            JoinError::Attached => f.write_str("an attached thread cannot wait for another"),
        }
    }
}

impl core::error::Error for JoinError {}
