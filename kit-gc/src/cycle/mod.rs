//! The cycle collector: frees what only itself keeps alive.
//!
//! Counts free most objects at once. What they cannot free are cycles, and deferred objects, whose stack
//! references nobody counts. The collector finds both by arithmetic: of each object's count it subtracts the
//! references that other objects hold. Where something is left, somebody outside holds on; whatever cannot be
//! reached from there is garbage.
//!
//! ```text
//! world stopped   merge the threads' queues, add up what they count for themselves
//!                 candidates  a word for each object: its count
//!                 subtract    the references that objects hold; add those of stacks that have no count
//!                 mark        from what has a count left
//!                 the rest is garbage: take a reference to each, clear weak references
//! world runs      callbacks, finalizers
//! world stopped   the same again for the garbage: what a finalizer brought back is let go
//!                 clear weak references, put the garbage in order, end deferral
//! world runs      clear, release; counts do the rest
//! ```
//!
//! The second stop is left out when no language code could have run.
//!
//! Nothing is kept in headers: counts and marks are words in side tables, one per block, attached to the pages
//! while the world is stopped.
//!
//! | object | treated as |
//! |---|---|
//! | untracked, immortal, frozen | alive; holds what it holds |
//! | count 0, not deferred | dying on some thread: alive, that thread takes it apart |
//! | deferred | alive if anything at all leads to it, counted or not |
//!
//! An object that holds a reference without a count must be tracked, and live in a heap that is walked.
//!
//! After Christopher's synchronous cycle collection (1984), as CPython's free-threaded build arranges it.

mod candidates;
mod clear;
mod mark;
mod subtract;
mod verify;

pub use verify::Audit;

use crate::{
    busy::Busy,
    trigger::Trigger,
    worklist::{Found, Worklist},
};
use candidates::{Pass, REACHED, add_one, first_word, for_each_object, is_examined, subtract_one};
use core::fmt;
use kit_core::{
    backend::{
        collector::{Collected, Collector, CycleHost, NotCollected, WeakPhase},
        events::{FINALIZES, REFERS_WEAKLY},
        heap::{Kinds, SharedHeap},
        world::{Stopped, World},
    },
    object::{Bits, Header, TypeTable},
    thread::{Ctx, Thread},
};

/// The collector of one runtime.
pub struct CycleCollector {
    world: &'static dyn World,
    heap: &'static dyn SharedHeap,
    host: &'static dyn CycleHost,
    busy: Busy,
    trigger: Trigger,
}

impl fmt::Debug for CycleCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CycleCollector")
            .field("trigger", &self.trigger)
            .finish_non_exhaustive()
    }
}

impl CycleCollector {
    /// A collector for the objects in `heap`, which the threads of `world` use.
    ///
    /// # Safety
    ///
    /// - `heap` keeps its promise on what is paged; every object in it comes from there, or has the STATIC bit.
    /// - Every core registered in `world` is the first field of a [`Thread`], with one and the same
    ///   [`Services`](kit_core::thread::Services), and gives its heap back while it is attached.
    /// - The kinds' `trace` functions report exactly the references that an object holds.
    pub unsafe fn new(
        world: &'static dyn World,
        heap: &'static dyn SharedHeap,
        host: &'static dyn CycleHost,
    ) -> Self {
        Self {
            world,
            heap,
            host,
            busy: Busy::new(),
            trigger: Trigger::default(),
        }
    }

    /// When collections come by themselves.
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    fn run(&self, ctx: &mut Ctx) -> Result<Collected, NotCollected> {
        ctx.drain();
        let mut report = Collected::default();
        let found = self.find(ctx, &mut report);
        // What died in the queues of other threads.
        ctx.drain();
        let Some((mut garbage, language)) = found? else {
            return Ok(report);
        };
        self.host.run_callbacks(ctx);
        if language {
            self.finalize(ctx, garbage.as_slice());
            let dead = match self.confirm(ctx, &mut garbage, &mut report) {
                Ok(dead) => dead,
                Err(failed) => {
                    // They stay garbage, and the next collection finds them again.
                    clear::release(ctx, garbage.as_slice().iter());
                    return Err(failed);
                }
            };
            report.resurrected = garbage.as_slice().len() - dead;
            clear::release(ctx, garbage.as_slice()[dead..].iter());
            garbage.truncate(dead);
            self.host.run_callbacks(ctx);
        }
        clear::clear(ctx, garbage.as_slice());
        Ok(report)
    }

    /// The first stop. Returns the garbage, with a reference to each, and whether language code can get at
    /// it; `None` if there is none.
    fn find(
        &self,
        ctx: &Ctx,
        report: &mut Collected,
    ) -> Result<Option<(Found<'static>, bool)>, NotCollected> {
        let (types, source) = (&ctx.thread().services().types, self.heap.pages());
        let pause = Pause::begin(self.world, ctx)?;
        let mut pass = Pass::new(types, self.heap);
        // SAFETY: stopped, and `pass` is dropped before the world starts.
        let (examined, reached) =
            unsafe { self.examine_all(&pause, ctx.thread(), &mut pass, &[])? };
        let unreachable = examined - reached;
        report.examined = examined;
        report.unreachable = unreachable;
        self.trigger.reset(reached);
        if unreachable == 0 {
            report.paused += pause.elapsed();
            return Ok(None);
        }
        let mut garbage = Found::with_room(unreachable, source).ok_or(NotCollected::OutOfMemory)?;
        // SAFETY: stopped; the reference taken is the list's.
        unsafe {
            for_each_object(self.heap, |object| {
                if pass
                    .word_of(object)
                    .is_some_and(|word| *word & REACHED == 0)
                {
                    let _ = (*object).merge(1, ctx.counter());
                    garbage.push(object);
                }
            });
        }
        let finalizers = garbage
            .as_slice()
            .iter()
            .any(|&object| wants_finalizer(types, object));
        let phase = if finalizers {
            WeakPhase::BeforeFinalizers
        } else {
            // Without weak references nobody gets at the garbage, whatever callbacks do.
            WeakPhase::AfterFinalizers
        };
        let left = self.clear_weak(&pass, garbage.as_slice(), phase);
        let language = finalizers || left;
        if !language {
            // SAFETY: stopped; nothing can change what is garbage any more.
            unsafe { clear::order(&pass, garbage.as_mut_slice(), source, ctx) };
        }
        drop(pass);
        report.paused += pause.elapsed();
        Ok(Some((garbage, language)))
    }

    fn finalize(&self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        for &object in garbage {
            if wants_finalizer(&ctx.thread().services().types, object) {
                // SAFETY: the list's reference keeps the object.
                let before = unsafe { (*object).set_bits(Bits::FINALIZED) };
                if !before.contains(Bits::FINALIZED) {
                    // SAFETY: the list holds a reference to the object.
                    unsafe { self.host.finalize(ctx, object) };
                    ctx.drain();
                }
            }
        }
    }

    /// The second stop: puts what is still garbage in front, in the order in which to let it go, and
    /// returns how many that are.
    fn confirm(
        &self,
        ctx: &Ctx,
        garbage: &mut Found<'static>,
        report: &mut Collected,
    ) -> Result<usize, NotCollected> {
        let (types, source) = (&ctx.thread().services().types, self.heap.pages());
        let pause = Pause::begin(self.world, ctx)?;
        let mut pass = Pass::new(types, self.heap);
        // A deferred object may be needed by anything in the heap, without a count that would show it.
        // SAFETY: the list's reference keeps the objects.
        let any_deferred = garbage
            .as_slice()
            .iter()
            .any(|&object| unsafe { (*object).bits().contains(Bits::DEFERRED) });
        // SAFETY: stopped, and `pass` is dropped before the world starts; the list has one reference to each.
        unsafe {
            if any_deferred {
                self.examine_all(&pause, ctx.thread(), &mut pass, garbage.as_slice())?;
            } else {
                self.examine_only(&mut pass, garbage.as_slice())?;
            }
        }
        let list = garbage.as_mut_slice();
        let mut dead = 0;
        for index in 0..list.len() {
            // What a finalizer untracked cannot be judged: let it go.
            // SAFETY: kept by the list, with the world stopped.
            if unsafe { pass.word_of(list[index]) }.is_some_and(|word| *word & REACHED == 0) {
                list.swap(index, dead);
                dead += 1;
            }
        }
        self.clear_weak(&pass, &list[..dead], WeakPhase::AfterFinalizers);
        // SAFETY: stopped; what is dead now stays so.
        unsafe { clear::order(&pass, &mut list[..dead], source, ctx) };
        drop(pass);
        report.paused += pause.elapsed();
        Ok(dead)
    }

    /// Examines every object; returns how many, and how many of them are alive. `held` are those that the
    /// collector itself has a reference to, if any: then all others count as alive, since some are younger
    /// than the list and were not finalized.
    ///
    /// # Safety
    ///
    /// - The world is stopped, by `me`, until `pass` is dropped.
    unsafe fn examine_all(
        &self,
        pause: &Pause<'_>,
        me: &Thread,
        pass: &mut Pass<'_>,
        held: &[*mut Header],
    ) -> Result<(usize, usize), NotCollected> {
        pause.0.for_each_thread(|core| {
            // SAFETY: a core is the first field of its thread's record, which is stopped, or ours.
            let thread = unsafe { &*core::ptr::from_ref(core).cast::<Thread>() };
            thread.allocated.set(0);
            // SAFETY: stopped, and the walk has not begun. A thread that has given its heap back has closed
            // its lists.
            unsafe { thread.free.clear(&thread.heap) };
        });
        // SAFETY: stopped by `me`, and the walk has not begun.
        unsafe { me.services().merge.process_stopped(&pause.0, self.heap, me) };
        // SAFETY: stopped by `me`.
        unsafe { add_up(&pause.0, me) };
        let mut examined = 0;
        // SAFETY: stopped, by the caller's promise; nothing below allocates or frees in the heap. Every
        // object that is visited is live, and has its page's table.
        unsafe {
            attach_all(self.heap, pass)?;
            for_each_object(self.heap, |object| {
                if is_examined(&*object) {
                    examined += 1;
                    pass.set_word(object, first_word(&*object));
                    if !held.is_empty()
                        && let Some(word) = pass.word_of(object)
                    {
                        add_one(word);
                    }
                }
            });
            for &object in held {
                if let Some(word) = pass.word_of(object) {
                    subtract_one(word);
                    subtract_one(word);
                }
            }
            subtract::subtract_all(self.heap, pass);
            subtract::add_stacks(pass, &pause.0);
            self.host.roots(&mut |word| subtract::add_root(pass, word));
            let reached = mark::Marker::new(pass, Worklist::new(self.heap.pages()))
                .mark(&|visit| for_each_object(self.heap, visit));
            Ok((examined, reached))
        }
    }

    /// Examines these objects only: what is left of their counts comes from anywhere else. The list has
    /// one reference to each, and none of them is deferred.
    ///
    /// # Safety
    ///
    /// - The world is stopped until `pass` is dropped.
    unsafe fn examine_only(
        &self,
        pass: &mut Pass<'_>,
        objects: &[*mut Header],
    ) -> Result<(), NotCollected> {
        // SAFETY: stopped; the list's references keep the objects.
        unsafe {
            for &object in objects {
                let page = pass.page_of(object);
                if page.as_ref().side.get().is_null() && !pass.attach(page) {
                    return Err(NotCollected::OutOfMemory);
                }
                if is_examined(&*object) {
                    let mut word = first_word(&*object);
                    subtract_one(&mut word);
                    pass.set_word(object, word);
                }
            }
            for &object in objects {
                if pass.word_of(object).is_some() {
                    subtract::subtract_edges(pass, object);
                }
            }
            mark::Marker::new(pass, Worklist::new(self.heap.pages()))
                .mark(&|visit| objects.iter().for_each(|&object| visit(object)));
        }
        Ok(())
    }

    /// Clears the weak references to garbage, and those in it. True: some are left.
    fn clear_weak(&self, pass: &Pass<'_>, garbage: &[*mut Header], phase: WeakPhase) -> bool {
        // SAFETY: the list keeps the objects, and the world is stopped.
        let is_garbage = |object: *mut Header| unsafe {
            pass.word_of(object)
                .is_some_and(|word| *word & REACHED == 0)
        };
        let mut left = false;
        for &object in garbage {
            // SAFETY: the list keeps it.
            let header = unsafe { &*object };
            if header.bits().contains(Bits::WEAKLY_REFERENCED)
                || pass.types.entry(header.type_id()).flags() & REFERS_WEAKLY != 0
            {
                // SAFETY: the world is stopped, and garbage is not taken apart before it starts.
                left |= unsafe { self.host.clear_weak(object, phase, &is_garbage) };
            }
        }
        left
    }
}

impl Collector for CycleCollector {
    fn collect(&self, ctx: &mut Ctx) -> Result<Collected, NotCollected> {
        let _idle = self.busy.enter().ok_or(NotCollected::Busy)?;
        self.run(ctx)
    }
}

/// A stop, and when it began.
struct Pause<'a>(Stopped<'a>, u64);

impl<'a> Pause<'a> {
    fn begin(world: &'a dyn World, ctx: &'a Ctx) -> Result<Self, NotCollected> {
        let stopped = Stopped::stop(world, Some(&ctx.thread().core))?;
        Ok(Self(stopped, world.lot().platform().now()))
    }

    fn elapsed(&self) -> u64 {
        self.0.world().lot().platform().now().saturating_sub(self.1)
    }
}

fn wants_finalizer(types: &TypeTable, object: *mut Header) -> bool {
    // SAFETY: the collector's reference keeps the object.
    let header = unsafe { &*object };
    types.entry(header.type_id()).flags() & FINALIZES != 0
        && !header.bits().contains(Bits::FINALIZED)
}

/// Gives every block that may hold a candidate its word.
///
/// # Safety
///
/// - The world is stopped until `pass` is dropped.
unsafe fn attach_all(heap: &dyn SharedHeap, pass: &mut Pass<'_>) -> Result<(), NotCollected> {
    let mut attached = true;
    // SAFETY: as the caller says; the walk meets each page once.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, Kinds::COLLECTED, &mut |page| {
                attached = attached && pass.attach(page);
            });
        }
    }
    if attached {
        Ok(())
    } else {
        Err(NotCollected::OutOfMemory)
    }
}

/// Adds what threads have counted for themselves to the objects' counts.
///
/// # Safety
///
/// - The world is stopped by `me`.
unsafe fn add_up(stopped: &Stopped<'_>, me: &Thread) {
    let ids = &me.services().count_ids;
    // SAFETY: all threads are stopped but ours; a core is the first field of its thread's record.
    unsafe {
        stopped.for_each_thread(|core| {
            ids.absorb(&(*core::ptr::from_ref(core).cast::<Thread>()).counts);
        });
        ids.settle();
    }
}
