//! A collector that is as plain as can be, as an instance of the suite; and each law broken by a fault in it, which it says.

mod failure;

use failure::failure;
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

use kit_alloc::paged::Heap;
use kit_core::{
    backend::{
        collector::{Cause, Collected, Collector, NotCollected, WeakPhase},
        events::{FINALIZES, REFERS_WEAKLY},
        heap::Kinds,
        world::Stopped,
    },
    object::{Bits, Header, Word, trace::Edge},
    thread::{Ctx, Thread},
};
use kit_std::platform::pages::OsPages;
use kit_suite::{
    Lab,
    collector::{self, Parts, Setup},
};

kit_suite::collector_suite!(
    plain,
    |lab| Heap::new(lab.pages(&OsPages), lab.grace()),
    |parts| Plain::new(parts, None)
);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// Garbage of more than 1000 objects stays.
    Cycles,
    /// What the host reports and what is on stacks keeps nothing.
    Reachable,
    /// A reference to something that lives is never given back.
    Prompt,
    /// References without a count keep nothing.
    Deferred,
    /// Weak references are only cleared once finalizers have run.
    Weak,
    /// That a finalizer has run is not noted.
    Finalizers,
    /// What finalizers bring back is taken apart.
    Resurrection,
    /// Only objects of the collecting thread are examined.
    Exits,
    /// Frozen objects are examined.
    Frozen,
    /// Garbage is marked in its header while finalizers run.
    Introspection,
    /// Without memory, the references to the garbage are lost.
    OutOfMemory,
    /// Objects that are taken apart are taken apart again.
    Twice,
}

/// Examines everything, with a hash table.
struct Plain {
    parts: Parts,
    fault: Option<Fault>,
    busy: AtomicBool,
}

type Object = *mut Header;

impl Plain {
    fn new(parts: Parts, fault: impl Into<Option<Fault>>) -> Self {
        Plain {
            parts,
            fault: fault.into(),
            busy: AtomicBool::new(false),
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn stop<'a>(&'a self, ctx: &'a Ctx) -> Result<Stopped<'a>, NotCollected> {
        Ok(Stopped::stop(self.parts.world, ctx)?)
    }

    /// Every candidate that nothing outside leads to. `held` are references of ours, one to each.
    ///
    /// # Safety
    ///
    /// - The world is stopped by the thread of `ctx`.
    unsafe fn garbage(
        &self,
        ctx: &Ctx,
        stopped: &Stopped<'_>,
        held: &HashSet<Object>,
    ) -> (usize, Vec<Object>) {
        let types = &ctx.thread().services().types;
        let (mut counts, mut others) = (HashMap::<Object, i64>::new(), Vec::new());
        // SAFETY: stopped; objects met in the walk are alive, and tracked ones may be traced.
        unsafe {
            let merge = &ctx.thread().services().merge;
            merge.process_stopped(stopped, self.parts.heap, ctx.thread());
            self.parts
                .heap
                .for_each_block(Kinds::COLLECTED, |block, page| {
                    let object: Object = block
                        .add(page.as_ref().heap_kind().header_offset())
                        .cast()
                        .as_ptr();
                    let (header, bits) = (&*object, (*object).bits());
                    if !bits.contains(Bits::TRACKED)
                        || header.references() <= 0 && !bits.contains(Bits::DEFERRED)
                    {
                        return;
                    }
                    let foreign = self.has(Fault::Exits) && !header.is_owned_by(ctx.slot());
                    if bits.contains(Bits::FROZEN) && !self.has(Fault::Frozen)
                        || header.is_immortal()
                        || foreign
                    {
                        others.push(object);
                    } else {
                        counts.insert(
                            object,
                            header.references() - i64::from(held.contains(&object)),
                        );
                    }
                });
            let trace = |object: Object, visit: &mut dyn FnMut(Object, Edge)| {
                let kind = types.entry((*object).type_id()).kind();
                kind.references(object, |word, edge| visit(word.as_object(), edge));
            };
            let candidates: Vec<Object> = counts.keys().copied().collect();
            for &object in &candidates {
                trace(object, &mut |target, edge| {
                    if edge == Edge::Counted
                        && let Some(count) = counts.get_mut(&target)
                    {
                        *count -= 1;
                    }
                });
            }
            let mut work: Vec<Object> = candidates
                .iter()
                .copied()
                .filter(|object| counts[object] > 0)
                .collect();
            if !held.is_empty() {
                // What was not garbage before is younger, or has been looked at.
                work.extend(candidates.iter().filter(|object| !held.contains(*object)));
            }
            let mut root = |word: Word| {
                if word.is_object() && !self.has(Fault::Reachable) {
                    work.push(word.as_object());
                }
            };
            self.parts.host.roots(&mut root);
            self.parts.host.alive(&mut root);
            stopped.for_each_thread(|core| {
                let thread = &*std::ptr::from_ref(core).cast::<Thread>();
                (*thread.stack.get()).scan(&mut root);
            });
            for object in others {
                trace(object, &mut |target, edge| {
                    if edge != Edge::Counted {
                        root(Word::object(target));
                    }
                });
            }
            while let Some(object) = work.pop() {
                if counts.remove(&object).is_some() {
                    trace(object, &mut |target, edge| {
                        if edge == Edge::Counted || !self.has(Fault::Deferred) {
                            work.push(target);
                        }
                    });
                }
            }
            (
                candidates.len(),
                candidates
                    .into_iter()
                    .filter(|object| counts.contains_key(object))
                    .collect(),
            )
        }
    }

    /// # Safety
    ///
    /// - The world is stopped, and `garbage` is.
    unsafe fn clear_weak(&self, ctx: &Ctx, garbage: &[Object], phase: WeakPhase) {
        let set: HashSet<Object> = garbage.iter().copied().collect();
        for &object in garbage {
            // SAFETY: garbage is kept by our reference.
            unsafe {
                let refers = ctx.type_entry((*object).type_id()).flags() & REFERS_WEAKLY != 0;
                if refers || (*object).bits().contains(Bits::WEAKLY_REFERENCED) {
                    self.parts
                        .host
                        .clear_weak(object, phase, &|other| set.contains(&other));
                }
            }
        }
    }

    fn run(&self, ctx: &mut Ctx, report: &mut Collected) -> Result<(), NotCollected> {
        ctx.drain();
        let stopped = self.stop(ctx)?;
        // SAFETY: stopped, here and below where something is demanded to be; the references that are taken are given up at
        // the end, in `release`.
        unsafe {
            let (examined, garbage) = self.garbage(ctx, &stopped, &HashSet::new());
            (report.examined, report.unreachable) = (examined, garbage.len());
            if self.has(Fault::Cycles) && garbage.len() > 1000 {
                return Ok(());
            }
            for &object in &garbage {
                let _ = (*object).merge(1, ctx.counter());
            }
            // Memory that a table would take.
            let source = self.parts.heap.pages();
            let size = source.page_size();
            match source.reserve(size, size) {
                Some(span) => source.release(span, size, size),
                None => {
                    drop(stopped);
                    if !self.has(Fault::OutOfMemory) {
                        self.release(ctx, &garbage);
                    }
                    return Err(NotCollected::OutOfMemory);
                }
            }
            if !self.has(Fault::Weak) {
                self.clear_weak(ctx, &garbage, WeakPhase::BeforeFinalizers);
            }
            if self.has(Fault::Introspection) {
                for &object in &garbage {
                    (*object).clear_bits(Bits::TRACKED);
                }
            }
            drop(stopped);
            self.parts.host.run_callbacks(ctx);
            for &object in &garbage {
                let finalizes = ctx.type_entry((*object).type_id()).flags() & FINALIZES != 0;
                if finalizes && !(*object).bits().contains(Bits::FINALIZED) {
                    if !self.has(Fault::Finalizers) {
                        (*object).set_bits(Bits::FINALIZED);
                    }
                    self.parts.host.finalize(ctx, object);
                }
            }
            if self.has(Fault::Introspection) {
                for &object in &garbage {
                    (*object).set_bits(Bits::TRACKED);
                }
            }
            let stopped = self.stop(ctx)?;
            let held = garbage.iter().copied().collect();
            let mut dead = garbage.clone();
            if !self.has(Fault::Resurrection) {
                let still: HashSet<Object> =
                    self.garbage(ctx, &stopped, &held).1.into_iter().collect();
                dead.retain(|object| still.contains(object));
            }
            report.resurrected = garbage.len() - dead.len();
            self.clear_weak(ctx, &dead, WeakPhase::AfterFinalizers);
            self.end_deferral(ctx, &dead);
            drop(stopped);
            self.parts.host.run_callbacks(ctx);
            for &object in &dead {
                let kind = ctx.type_entry((*object).type_id()).kind();
                (kind.clear)(object, ctx);
                ctx.drain();
                if self.has(Fault::Twice) {
                    (kind.drop)(object, ctx);
                }
            }
            self.release(ctx, &garbage);
        }
        Ok(())
    }

    /// Ends the deferral of what is garbage.
    ///
    /// # Safety
    ///
    /// - The world is stopped, and `dead` is garbage for good.
    unsafe fn end_deferral(&self, _: &Ctx, dead: &[Object]) {
        // SAFETY: kept by our references; nobody else runs.
        unsafe {
            let deferred: HashSet<Object> = dead
                .iter()
                .copied()
                .filter(|&object| (*object).bits().contains(Bits::DEFERRED))
                .collect();
            for object in deferred {
                (*object).disable_deferred();
            }
        }
    }

    fn release(&self, ctx: &mut Ctx, objects: &[Object]) {
        for &object in objects {
            // SAFETY: our own reference.
            unsafe { ctx.release(Word::object(object)) };
        }
    }
}

impl Collector for Plain {
    fn collect_for(&self, ctx: &mut Ctx, cause: Cause) -> Result<Collected, NotCollected> {
        if self.busy.swap(true, SeqCst) {
            return Err(NotCollected::Busy);
        }
        self.parts.host.begin(ctx, cause);
        let mut report = Collected::default();
        let result = self.run(ctx, &mut report);
        if self.has(Fault::Prompt) {
            self.keep_one(ctx);
        }
        self.parts.host.end(ctx, cause, &report);
        self.busy.store(false, SeqCst);
        result.map(|()| report)
    }
}

impl Plain {
    /// Takes a reference to everything, for ever.
    fn keep_one(&self, ctx: &Ctx) {
        let Ok(_stopped) = self.stop(ctx) else { return };
        // SAFETY: stopped.
        unsafe {
            self.parts
                .heap
                .for_each_block(Kinds::COLLECTED, |block, page| {
                    let object: Object = block
                        .add(page.as_ref().heap_kind().header_offset())
                        .cast()
                        .as_ptr();
                    if (*object).references() > 0 {
                        (*object).retain(ctx.counter());
                    }
                });
        }
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain")
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

macro_rules! broken {
    ($($test:ident: $law:ident $fault:ident)*) => {
        $(
            #[test]
            fn $test() {
                let message = failure(|| collector::$law(|lab: &Lab| {
                    let heap = Heap::new(lab.pages(&OsPages), lab.grace());
                    Setup::with(heap, |parts| Plain::new(parts, Fault::$fault))
                }));
                let expected = concat!("law `", stringify!($law), "` is broken: ");
                assert!(message.starts_with(expected) && message.contains("\nwhat to do: ") && message.contains("\nwhere to read: "), "{message}");
            }
        )*
    };
}

broken! {
    garbage_that_stays: cycles Cycles
    garbage_that_dies_twice: cycles Twice
    forgotten_roots: reachable Reachable
    references_that_are_kept: prompt Prompt
    uncounted_references: deferred Deferred
    weak_references_too_late: weak Weak
    finalizers_that_run_again: finalizers Finalizers
    resurrection_unseen: resurrection Resurrection
    threads_that_are_not_there: exits Exits
    frozen_is_examined: frozen Frozen
    marks_in_headers: introspection Introspection
    references_lost_without_memory: out_of_memory OutOfMemory
    finalizers_of_threads_run_again: threads Finalizers
    model_of_roots: model Reachable
    model_of_uncounted_references: model Deferred
    model_of_finalizers: model Finalizers
    model_of_weak_references: model Weak
    model_of_resurrection: model Resurrection
}
