//! The cycle collector: frees what only itself keeps alive.
//!
//! Counts free most objects at once. What they cannot free are cycles, and deferred objects, whose stack
//! references nobody counts. The collector finds both by arithmetic: of each object's count it subtracts the
//! references that other objects hold. Where something is left, somebody outside holds on; whatever cannot be
//! reached from there is garbage.
//!
//! | world | phase | what happens |
//! |---|---|---|
//! | stopped | `merge` | what threads have put aside is added up |
//! | | `alive` | what roots lead to is alive: it is marked, and done with |
//! | | `examine` | each object that was not reached gets a word: its count |
//! | | `subtract` | the references that these hold are subtracted; those that have no count are added. In the hope that all are garbage, they are taken |
//! | | `mark` | what has a count left is alive, and what it leads to |
//! | | `weak` | the rest is garbage: a reference to each is taken, weak references are cleared |
//! | runs | | callbacks |
//! | | `finalize` | finalizers, each once |
//! | stopped | `resurrect` | the same again for the garbage: what a finalizer brought back is let go |
//! | | | weak references are cleared, the garbage put in order, deferral ended |
//! | runs | `sweep` | what nothing else can get at is freed together |
//! | | `clear` | of the rest, each is cleared and released; counts do the rest |
//!
//! The second stop is left out when no language code could have run.
//!
//! Nothing is kept in headers. Marks are bits at the beginning of each segment; counts are words in side tables,
//! attached while the world is stopped to the pages that have objects which were not reached.
//! Most collections find nothing, and most objects are reached: one bit, one visit.
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

mod alive;
mod candidates;
mod clear;
mod examine;
mod finalize;
mod hidden;
mod mark;
mod merge;
mod resurrect;
mod segments;
mod subtract;
mod sweep;
mod team;
mod verify;
mod waited;
mod weak;
mod young;

pub use verify::{Audit, Disagreement, Excess};

use crate::{
    busy::{Busy, Idle},
    trigger::Trigger,
    worklist::Found,
};
use candidates::Pass;
use core::fmt;
use finalize::wants_finalizer;
use hidden::Hidden;
use kit_core::{
    backend::{
        collector::{
            Cause, Collected, Collector, CycleHost, Helpers, NoHelpers, NotCollected, Phase,
            WeakPhase,
        },
        heap::SharedHeap,
        world::{Stopped, World},
    },
    object::Header,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread::{Ctx, Thread},
};
use mark::Marker;
use sweep::{How, Sweep, Sweeps};
use team::Team;

/// The collector of one runtime.
pub struct CycleCollector {
    world: &'static dyn World,
    heap: &'static dyn SharedHeap,
    host: &'static dyn CycleHost,
    helpers: &'static dyn Helpers,
    helped_pages: usize,
    busy: Busy,
    /// Threads that want to hold collections off.
    awaited: AtomicUsize,
    hidden: Hidden,
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
        let trigger = Trigger::default();
        heap.set_watermark(trigger.bytes());
        Self {
            world,
            heap,
            host,
            helpers: &NoHelpers,
            helped_pages: 0,
            busy: Busy::new(),
            awaited: AtomicUsize::new(0),
            hidden: Hidden::new(),
            trigger,
        }
    }

    /// Lets other threads help with heaps of at least `pages` pages of collected objects: one of fewer pages is done with
    /// before a thread wakes up.
    #[must_use]
    pub fn with_helpers(self, helpers: &'static dyn Helpers, pages: usize) -> Self {
        Self {
            helpers,
            helped_pages: pages,
            ..self
        }
    }

    /// When collections come by themselves.
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// The garbage of the collection that is under way, while its finalizers and callbacks run: it is still in the heap, but no
    /// program that looks around expects to find it.
    ///
    /// # Safety
    ///
    /// - The world is stopped as long as the result is used.
    pub unsafe fn hidden(&self) -> &[*mut Header] {
        // SAFETY: as the caller says.
        unsafe { self.hidden.objects() }
    }

    /// Keeps other threads from collecting until what is returned is dropped. While one of them collects, calls `wait`, which
    /// lets it go on and says whether to look again; otherwise `None` is returned. Collections do not begin meanwhile.
    pub fn hold_off(
        &self,
        ctx: &mut Ctx,
        mut wait: impl FnMut(&mut Ctx) -> bool,
    ) -> Option<HeldOff<'_>> {
        let me = ctx.slot();
        // A finalizer may ask.
        if self.busy.is(me) {
            return Some(HeldOff { _turn: None });
        }
        // Relaxed, here and where it is read: it only says that somebody waits.
        self.awaited.fetch_add(1, Relaxed);
        let held_off = loop {
            if let Some(turn) = self.busy.enter(me) {
                break Some(HeldOff { _turn: Some(turn) });
            }
            if !wait(ctx) {
                break None;
            }
        };
        self.awaited.fetch_sub(1, Relaxed);
        held_off
    }

    /// In the child of a fork, made while collections were [held off](Self::hold_off): nobody else waits for that there.
    pub fn forget_others(&self) {
        // Relaxed: there is one thread.
        self.awaited.store(0, Relaxed);
    }

    fn run(&self, ctx: &mut Ctx, cause: Cause, report: &mut Collected) -> Result<(), NotCollected> {
        ctx.drain();
        let keeps = cause != Cause::Shutdown && self.host.keeps_garbage();
        let found = self.find(ctx, cause, keeps, report);
        if let Err(NotCollected::Finalizing) = found {
            // Shut out: the thread may not touch objects any more.
            return Err(NotCollected::Finalizing);
        }
        // What died in the queues of other threads.
        ctx.drain();
        let Some(found) = found? else {
            return Ok(());
        };
        let mut garbage = found.list;
        let mut sweep = found.sweep;
        let mut clock = Clock::start(self.world);
        // SAFETY: the list stays as it is until this is dropped, and so do the objects, which it has references to.
        let mut hiding = unsafe { self.hidden.hide(garbage.as_slice()) };
        if found.inspected {
            self.host.found(ctx, garbage.as_slice());
        }
        self.host.run_callbacks(ctx);
        clock.lap(report, Phase::Weak);
        if found.language {
            self.finalize(ctx, garbage.as_slice());
            clock.lap(report, Phase::Finalize);
            let sweeps = !keeps && !found.inspected;
            let dead = match self.confirm(ctx, &mut garbage, hiding, keeps, sweeps, report) {
                Ok((dead, swept)) => {
                    sweep = swept;
                    dead
                }
                // Shut out, as above.
                Err(NotCollected::Finalizing) => return Err(NotCollected::Finalizing),
                Err(failed) => {
                    // They stay garbage, and the next collection finds them again.
                    clear::release(ctx, garbage.as_slice().iter());
                    return Err(failed);
                }
            };
            // SAFETY: as above; what is behind them is let go.
            hiding = unsafe { self.hidden.hide(&garbage.as_slice()[..dead]) };
            report.resurrected = garbage.as_slice().len() - dead;
            clear::release(ctx, garbage.as_slice()[dead..].iter());
            garbage.truncate(dead);
            clock.lap(report, Phase::Resurrect);
            self.host.run_callbacks(ctx);
        }
        drop(hiding);
        if keeps {
            report.kept = garbage.as_slice().len();
            self.host.keep(ctx, garbage.as_slice());
            clear::release(ctx, garbage.as_slice().iter());
        } else {
            let mut rest = garbage.as_slice();
            if let Some(sweep) = sweep {
                rest = &rest[sweep.len()..];
                // SAFETY: what was put in front of this list.
                unsafe { sweep.free(ctx, garbage.as_slice()) };
            }
            clear::clear(ctx, rest);
        }
        clock.lap(report, Phase::Clear);
        Ok(())
    }

    /// The first stop. Returns the garbage; `None` if there is none.
    fn find(
        &self,
        ctx: &Ctx,
        cause: Cause,
        keeps: bool,
        report: &mut Collected,
    ) -> Result<Option<Garbage>, NotCollected> {
        let (types, source) = (&ctx.thread().services().types, self.heap.pages());
        let young = self.is_young(cause);
        let scope = match cause {
            Cause::Young if young => Scope::Young(self.trigger.budget()),
            _ if young => Scope::Young(usize::MAX),
            _ => Scope::All,
        };
        let pause = Pause::begin(self.world, ctx)?;
        let mut pass = Pass::new(types, self.heap);
        let inspected = self.host.inspects_garbage();
        let sweeps = !keeps && !inspected;
        // SAFETY: stopped, and `pass` is dropped before the world starts.
        let (unreachable, taken) = unsafe {
            self.find_unreachable(&pause, ctx.thread(), &mut pass, scope, sweeps, report)?
        };
        report.unreachable = unreachable;
        if cause != Cause::Test {
            // SAFETY: stopped; what survived is known.
            unsafe { self.book(&pause, young, report) };
        }
        if unreachable == 0 {
            pause.end(report);
            return Ok(None);
        }
        let mut clock = Clock::start(self.world);
        if let Some(sweep) = taken {
            // SAFETY: stopped; what was taken is garbage, all candidates.
            let words = unsafe { pass.into_tables() };
            clock.lap(report, Phase::Weak);
            pause.end(report);
            return Ok(Some(Garbage {
                list: Found::new(source),
                language: false,
                inspected,
                sweep: Some(sweep.with_words(words)),
            }));
        }
        let mut garbage = Found::with_room(unreachable, source).ok_or(NotCollected::OutOfMemory)?;
        let mut sweep = Sweep::new(source);
        // SAFETY: stopped; what is still a candidate is garbage.
        let swept = unsafe { sweep.take_all(&pass, &mut garbage, sweeps) };
        let mut language = false;
        let sweep = if swept == Sweeps::All {
            Some(sweep)
        } else {
            // SAFETY: stopped; what was taken is alive.
            unsafe { sweep.give_back(garbage.as_slice()) };
            // SAFETY: stopped; this is all the garbage, and references to it are taken below.
            report.waited = unsafe { waited::count(&pass, garbage.as_slice(), source) };
            let closed = swept == Sweeps::Some && !keeps;
            if !closed {
                hold(ctx, garbage.as_slice());
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
                language = finalizers || left;
            }
            if language || keeps {
                None
            } else {
                // SAFETY: stopped; nothing can change what is garbage any more.
                unsafe {
                    clear::settle(
                        &pass,
                        garbage.as_mut_slice(),
                        !closed,
                        sweeps,
                        self.heap,
                        ctx,
                    )
                }
            }
        };
        drop(pass);
        clock.lap(report, Phase::Weak);
        pause.end(report);
        Ok(Some(Garbage {
            list: garbage,
            language,
            inspected,
            sweep,
        }))
    }

    /// Whether such a collection looks only at what is new.
    fn is_young(&self, cause: Cause) -> bool {
        cause.is_young() && self.trigger.configuration().young
    }

    /// Counts what was collected, and what survived grows old.
    ///
    /// # Safety
    ///
    /// - The world is stopped, and what is garbage is known.
    unsafe fn book(&self, pause: &Pause<'_>, young: bool, report: &Collected) {
        let live = report.examined - report.unreachable;
        // SAFETY: as the caller says; a core is the first field of its thread's record, which is stopped, or ours.
        let pages = unsafe {
            pause.stopped.for_each_thread(|core| {
                let thread = &*core::ptr::from_ref(core).cast::<Thread>();
                self.trigger.count(&thread.allocated, true);
            });
            young::grow_old(self.heap, &pause.stopped, young)
        };
        if young {
            let elapsed = pause.clock.elapsed();
            self.trigger
                .after_young(report.examined, report.unreachable, pages, elapsed);
        } else {
            self.trigger.after_full(report.unreachable, live);
        }
    }

    fn marker<'a>(&'a self, pass: &'a Pass<'a>, together: bool) -> Marker<'a> {
        let marker = Marker::new(pass, self.heap);
        if together {
            marker.with_helpers(self.helpers, self.world.lot())
        } else {
            marker
        }
    }

    /// Marks what is alive, and leaves the rest of what is examined as candidates; returns how many these are, and if `sweeps`
    /// says so, and all can be swept, takes them.
    ///
    /// # Safety
    ///
    /// - The world is stopped, by `me`, until `pass` is dropped, which is new.
    unsafe fn find_unreachable(
        &self,
        pause: &Pause<'_>,
        me: &Thread,
        pass: &mut Pass<'_>,
        scope: Scope,
        sweeps: bool,
        report: &mut Collected,
    ) -> Result<(usize, Option<Sweep<'static>>), NotCollected> {
        let mut clock = Clock::start(self.world);
        // SAFETY: stopped, by the caller's promise; nothing below allocates or frees in the heap. Every
        // object that is visited is live.
        unsafe {
            merge::merge(&pause.stopped, self.heap, me);
            let pages = match scope {
                Scope::All => examine::clear_marks(self.heap, pass)?,
                Scope::Young(budget) => young::choose(self.heap, pass, budget)?,
            };
            let together = pages >= self.helped_pages && self.helpers.workers() > 1;
            clock.lap(report, Phase::Merge);
            let mut marker = self.marker(pass, together);
            if scope != Scope::All {
                young::reach_deferred(self.heap, &mut marker);
            }
            alive::mark_alive(&mut marker, &pause.stopped, self.host);
            drop(marker);
            clock.lap(report, Phase::Alive);
            let team = Team::new(together.then_some(self.helpers));
            let examined = examine::examine(self.heap, pass, scope, team)?;
            let team = team.for_objects(examined.candidates);
            report.alive = examined.reached;
            report.examined = examined.reached + examined.candidates;
            if examined.candidates == 0 {
                clock.lap(report, Phase::Subtract);
                return Ok((0, None));
            }
            let taken = if sweeps && examined.how == How::Swept && pass.is_paged() {
                Sweep::subtract(pass, team, self.heap.pages())
            } else {
                subtract::subtract_all(pass, team);
                None
            };
            if examined.others {
                pass.for_each_other(|object| subtract::add_uncounted(pass, object));
            }
            self.host.roots(&mut |word| subtract::add_root(pass, word));
            clock.lap(report, Phase::Subtract);
            if !pass.is_any_held() {
                clock.lap(report, Phase::Mark);
                return Ok((examined.candidates, taken));
            }
            if taken.is_some() {
                sweep::give_back_all(pass);
            }
            self.marker(pass, together).mark_held();
            let mut unreachable = 0;
            pass.for_each_candidate(|_, _| unreachable += 1);
            clock.lap(report, Phase::Mark);
            Ok((unreachable, None))
        }
    }
}

impl Collector for CycleCollector {
    fn collect_for(&self, ctx: &mut Ctx, cause: Cause) -> Result<Collected, NotCollected> {
        if self.awaited.load(Relaxed) != 0 {
            return Err(NotCollected::Busy);
        }
        let _idle = self.busy.enter(ctx.slot()).ok_or(NotCollected::Busy)?;
        self.host.begin(ctx, cause);
        let mut report = Collected::default();
        let result = self.run(ctx, cause, &mut report).map(|()| report);
        if cause != Cause::Test && !self.is_young(cause) {
            let due = self.trigger.after_freeing(self.heap.bytes());
            self.heap.set_watermark(due);
        }
        if result != Err(NotCollected::Finalizing) {
            self.host.end(ctx, cause, &result.unwrap_or_default());
        }
        result
    }
}

/// While it is there, no other thread collects ([`CycleCollector::hold_off`]).
#[must_use]
#[derive(Debug)]
pub struct HeldOff<'a> {
    _turn: Option<Idle<'a>>,
}

/// What a collection looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Every object.
    All,
    /// About so many that are new; all others are alive.
    Young(usize),
}

/// What the first stop has found.
struct Garbage {
    /// All of it, with a reference to each that is not swept.
    list: Found<'static>,
    /// Whether language code can get at it.
    language: bool,
    /// Whether the host wants to see it.
    inspected: bool,
    /// What is freed together, unless language code can get at it.
    sweep: Option<Sweep<'static>>,
}

/// Takes a reference to each, for the collector.
fn hold(ctx: &Ctx, garbage: &[*mut Header]) {
    for &object in garbage {
        // SAFETY: garbage is alive as long as the world is stopped, and so are all other threads.
        let _ = unsafe { (*object).merge(1, ctx.counter()) };
    }
}

/// A stop, and when it began.
struct Pause<'a> {
    stopped: Stopped<'a>,
    clock: Clock<'a>,
}

impl<'a> Pause<'a> {
    fn begin(world: &'a dyn World, ctx: &'a Ctx) -> Result<Self, NotCollected> {
        let stopped = Stopped::stop(world, ctx)?;
        let clock = Clock::start(world);
        Ok(Self { stopped, clock })
    }

    /// Starts the world, and reports for how long it stood still.
    fn end(self, report: &mut Collected) {
        let elapsed = self.clock.elapsed();
        report.paused += elapsed;
        report.longest = report.longest.max(elapsed);
    }
}

/// When the current phase began.
struct Clock<'a> {
    world: &'a dyn World,
    since: u64,
}

impl<'a> Clock<'a> {
    fn start(world: &'a dyn World) -> Self {
        let since = world.lot().platform().now();
        Self { world, since }
    }

    fn elapsed(&self) -> u64 {
        let now = self.world.lot().platform().now();
        now.saturating_sub(self.since)
    }

    /// Adds the time since the last lap to a phase.
    fn lap(&mut self, report: &mut Collected, phase: Phase) {
        let elapsed = self.elapsed();
        report.phases[phase as usize] += elapsed;
        self.since = self.since.saturating_add(elapsed);
    }
}
