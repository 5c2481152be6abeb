//! The parking lot: queues of sleeping threads, found by the address they wait on.
//!
//! A lock that is one byte has no room for its waiters, so they queue here. Buckets are chosen by a hash
//! of the address; each holds a first-in first-out list of records that live on the sleepers' stacks.
//!
//! ```text
//!  park(key):     lock bucket ─ still true? ─ enqueue ─ unlock ─ before_park ─ sleep … ─ after_park
//!  unpark(key):   lock bucket ─ dequeue ─ decide ─ unlock ─ wake
//! ```
//!
//! The condition is tested, and the waker changes the lock's word, under the bucket's lock; so a waker
//! cannot come between a sleeper's test and its sleep.
//!
//! | record's state | meaning | set by |
//! |---|---|---|
//! | WAITING | in the queue | the sleeper |
//! | WAKING | out of the queue; the waker still uses the record | the waker, under the bucket's lock |
//! | WOKEN | the sleeper may go | the waker, last of all |
//! | HANDED | the same, and the sleeper owns what it waited for | the waker, last of all |
//!
//! After Bak and others' `WTF::ParkingLot` (WebKit, 2015).

use crate::{
    platform::thread::{ParkToken, Platform},
    sync::{
        atomic::{
            AtomicU32,
            Ordering::{Acquire, Relaxed, Release},
        },
        backoff::SpinPolicy,
        cell::UnsafeCell,
        spin::Spin,
    },
};
use core::{fmt, ptr};

/// The runtime is shutting down, and this thread may not come back into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finalizing;

impl fmt::Display for Finalizing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime is finalizing")
    }
}

impl core::error::Error for Finalizing {}

/// What a thread must do around a sleep: a runtime's thread detaches, so that nobody waits for it.
///
/// Everything that may sleep takes `&mut dyn Blocker`. An attached thread's context is one; a thread
/// that no runtime knows passes [`Unattached`].
pub trait Blocker {
    /// The thread is about to sleep. Called at most once per sleep, without the lock waited for.
    fn before_park(&mut self);

    /// The thread slept. May sleep itself, while the world is stopped.
    ///
    /// # Errors
    ///
    /// The thread could not come back: it must not touch the runtime any more.
    fn after_park(&mut self) -> Result<(), Finalizing>;
}

/// The blocker of a thread that no runtime waits for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unattached;

impl Blocker for Unattached {
    fn before_park(&mut self) {}

    fn after_park(&mut self) -> Result<(), Finalizing> {
        Ok(())
    }
}

/// Why a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// It did not begin: the condition no longer held.
    Refused,
    /// Somebody unparked the thread.
    Woken,
    /// The same, and the thread was given what it waited for.
    HandedOff,
    /// The deadline passed.
    TimedOut,
}

/// How a [`ParkingLot::park`] ended.
#[must_use]
#[derive(Clone, Copy, Debug)]
pub struct Parked {
    /// Why.
    pub wake: Wake,
    /// What the blocker said; `Ok` if it was not asked.
    pub resumed: Result<(), Finalizing>,
}

/// What [`ParkingLot::unpark_one`] found, told to its caller under the bucket's lock.
#[derive(Clone, Copy, Debug)]
pub struct Unparking {
    /// A thread is about to be woken.
    pub found: bool,
    /// More threads wait for the same address.
    pub more: bool,
    /// The thread has waited so long that it should be handed what it waits for.
    pub overdue: bool,
}

/// Sleeping threads, by address. One per runtime.
pub struct ParkingLot {
    platform: &'static dyn Platform,
    spin: SpinPolicy,
    buckets: [Bucket; BUCKETS],
}

#[repr(align(64))]
#[derive(Default)]
struct Bucket(Spin<Queue>);

impl fmt::Debug for ParkingLot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParkingLot")
            .field("spin", &self.spin)
            .finish_non_exhaustive()
    }
}

impl ParkingLot {
    /// An empty lot whose threads sleep on `platform`.
    pub fn new(platform: &'static dyn Platform) -> Self {
        Self::with_policy(platform, SpinPolicy::default())
    }

    /// The same, with a say in how long to spin first.
    pub fn with_policy(platform: &'static dyn Platform, spin: SpinPolicy) -> Self {
        Self {
            platform,
            spin,
            buckets: core::array::from_fn(|_| Bucket::default()),
        }
    }

    /// The host.
    pub fn platform(&self) -> &'static dyn Platform {
        self.platform
    }

    /// How long to spin before sleeping here.
    pub fn spin_policy(&self) -> SpinPolicy {
        self.spin
    }

    /// Sleeps on `key` if `validate` holds, until unparked or until `deadline` (in [`Platform::now`]'s
    /// time).
    ///
    /// `validate` runs under the bucket's lock: it looks at the word, and does nothing else.
    pub fn park(
        &self,
        key: usize,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
        validate: &mut dyn FnMut() -> bool,
    ) -> Parked {
        let mut parked = Parked {
            wake: Wake::Refused,
            resumed: Ok(()),
        };
        self.platform.with_token(&mut |token| {
            let waiter = Waiter {
                key,
                token,
                fair_at: self.platform.now().saturating_add(FAIR_AFTER),
                state: AtomicU32::new(WAITING),
                next: UnsafeCell::new(ptr::null()),
            };
            let queued = self.bucket(key).with(self.platform, |queue| {
                let valid = validate();
                if valid {
                    queue.push(&waiter);
                }
                valid
            });
            if !queued {
                return;
            }
            // The queue points into this frame: an unwinding blocker must not pop it.
            let bomb = AbortOnUnwind;
            blocker.before_park();
            parked.wake = self.sleep(&waiter, deadline);
            core::mem::forget(bomb);
            parked.resumed = blocker.after_park();
        });
        parked
    }

    fn sleep(&self, waiter: &Waiter, mut deadline: Option<u64>) -> Wake {
        loop {
            // Acquire, paired with the last store in `wake`: we see what the waker did, and it is done
            // with our record.
            match waiter.state.load(Acquire) {
                WAITING => {}
                WAKING => {
                    self.platform.yield_now();
                    continue;
                }
                WOKEN => return Wake::Woken,
                _ => return Wake::HandedOff,
            }
            if deadline.is_some_and(|moment| self.platform.now() >= moment) {
                let withdrawn = self
                    .bucket(waiter.key)
                    .with(self.platform, |queue| queue.remove(waiter));
                if withdrawn {
                    return Wake::TimedOut;
                }
                // A waker has us already, and will not be long.
                deadline = None;
                continue;
            }
            self.platform.park(deadline);
        }
    }

    /// Wakes the thread that has waited longest on `key`, if there is one.
    ///
    /// `decide` runs under the bucket's lock, whether or not a thread was found: it updates the word, and
    /// says whether the thread is handed what it waits for.
    pub fn unpark_one(&self, key: usize, decide: impl FnOnce(Unparking) -> bool) {
        let (waiter, hand_off) = self.bucket(key).with(self.platform, |queue| {
            let (waiter, more) = queue.take_first(key);
            // SAFETY: in the queue, so its thread is still in `park`.
            let overdue = unsafe { waiter.as_ref() }
                .is_some_and(|waiter| self.platform.now() >= waiter.fair_at);
            let hand_off = decide(Unparking {
                found: !waiter.is_null(),
                more,
                overdue,
            });
            (waiter, hand_off)
        });
        if !waiter.is_null() {
            // SAFETY: we took it out of the queue, and wake it once.
            unsafe { self.wake(waiter, if hand_off { HANDED } else { WOKEN }) };
        }
    }

    /// Wakes every thread that waits on `key`. `update` runs under the bucket's lock.
    pub fn unpark_all(&self, key: usize, update: impl FnOnce()) -> usize {
        let mut list = self.bucket(key).with(self.platform, |queue| {
            update();
            queue.take_all(key)
        });
        let mut count = 0;
        while !list.is_null() {
            // SAFETY: out of the queue and not woken yet, so the record is ours; `next` is read before
            // the thread is let go.
            let next = unsafe { (*list).next() };
            // SAFETY: we took it out of the queue, and wake it once.
            unsafe { self.wake(list, WOKEN) };
            list = next;
            count += 1;
        }
        count
    }

    /// # Safety
    ///
    /// - The caller took `waiter` out of the queue, and does not use it again.
    unsafe fn wake(&self, waiter: *const Waiter, last: u32) {
        // SAFETY: its thread does not leave `sleep` before the last store.
        let (state, token) = unsafe { (&raw const (*waiter).state, (*waiter).token) };
        // SAFETY: the thread is still inside `with_token`.
        unsafe { self.platform.unpark(token) };
        // SAFETY: as above; afterwards the record may be gone. Release, paired with `sleep`.
        unsafe { (*state).store(last, Release) };
    }

    /// Runs `fork` with all queues to itself, so that its copy of them is complete. Where it returns true, the sleepers
    /// have gone: they are forgotten.
    ///
    /// # Safety
    ///
    /// - `fork` uses no parking lot; it returns true only in a process in which the calling thread is the only one.
    pub unsafe fn fork(&self, fork: &mut dyn FnMut() -> bool) -> bool {
        self.fork_from(0, fork)
    }

    /// The same with the buckets before `index` locked.
    fn fork_from(&self, index: usize, fork: &mut dyn FnMut() -> bool) -> bool {
        let Some(bucket) = self.buckets.get(index) else {
            return fork();
        };
        // Nobody else takes more than one of these locks.
        bucket.0.with(self.platform, |queue| {
            let alone = self.fork_from(index + 1, fork);
            if alone {
                *queue = Queue::default();
            }
            alone
        })
    }

    fn bucket(&self, key: usize) -> &Spin<Queue> {
        // Fibonacci hashing: the high bits of the product depend on all of the address.
        let hash = (key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        &self.buckets[hash as usize % BUCKETS].0
    }
}

/// A sleeping thread. Lives on its stack; in the queue only while WAITING.
struct Waiter {
    key: usize,
    token: ParkToken,
    fair_at: u64,
    state: AtomicU32,
    /// Guarded by the bucket's lock, then by whoever dequeued the record.
    next: UnsafeCell<*const Waiter>,
}

impl Waiter {
    fn next(&self) -> *const Waiter {
        // SAFETY: the bucket's lock, or being dequeued, keeps writers out.
        self.next.with(|next| unsafe { *next })
    }

    fn set_next(&self, to: *const Waiter) {
        // SAFETY: the bucket's lock, or being dequeued, keeps everybody else out.
        self.next.with_mut(|next| unsafe { *next = to });
    }
}

struct Queue {
    head: *const Waiter,
    tail: *const Waiter,
}

// SAFETY: the records it points to are touched only by the holder of the bucket's lock.
unsafe impl Send for Queue {}

impl Default for Queue {
    fn default() -> Self {
        Self {
            head: ptr::null(),
            tail: ptr::null(),
        }
    }
}

// Every record in the queue is alive: its thread leaves `park` only after it was taken out.
impl Queue {
    fn push(&mut self, waiter: &Waiter) {
        if self.tail.is_null() {
            self.head = waiter;
        } else {
            // SAFETY: in the queue.
            unsafe { (*self.tail).set_next(waiter) };
        }
        self.tail = waiter;
    }

    /// Unlinks what `wanted` picks, in order, until it says stop; returns those, linked.
    fn take(&mut self, mut wanted: impl FnMut(&Waiter) -> Pick) -> *const Waiter {
        let mut taken = Queue::default();
        let mut kept = Queue::default();
        let mut cursor = self.head;
        let mut stopped = false;
        while !cursor.is_null() {
            // SAFETY: in the queue.
            let waiter = unsafe { &*cursor };
            cursor = waiter.next();
            let pick = if stopped { Pick::Keep } else { wanted(waiter) };
            stopped |= matches!(pick, Pick::Stop);
            waiter.set_next(ptr::null());
            if let Pick::Take = pick {
                // Relaxed: a hint for the sleeper's loop; the last store is what publishes.
                waiter.state.store(WAKING, Relaxed);
                taken.push(waiter);
            } else {
                kept.push(waiter);
            }
        }
        *self = kept;
        taken.head
    }

    fn take_first(&mut self, key: usize) -> (*const Waiter, bool) {
        let (mut found, mut more) = (false, false);
        let first = self.take(|waiter| {
            if waiter.key != key {
                Pick::Keep
            } else if found {
                more = true;
                Pick::Stop
            } else {
                found = true;
                Pick::Take
            }
        });
        (first, more)
    }

    fn take_all(&mut self, key: usize) -> *const Waiter {
        self.take(|waiter| {
            if waiter.key == key {
                Pick::Take
            } else {
                Pick::Keep
            }
        })
    }

    fn remove(&mut self, gone: &Waiter) -> bool {
        let taken = self.take(|waiter| {
            if ptr::eq(waiter, gone) {
                Pick::Take
            } else {
                Pick::Keep
            }
        });
        !taken.is_null()
    }
}

enum Pick {
    Take,
    Keep,
    Stop,
}

struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        // Reached while unwinding only, where a second panic aborts.
        panic!("a blocker unwound out of a parked thread");
    }
}

const WAITING: u32 = 0;
const WAKING: u32 = 1;
const WOKEN: u32 = 2;
const HANDED: u32 = 3;

/// How long a thread waits before a lock is handed to it, in nanoseconds.
pub(super) const FAIR_AFTER: u64 = 1_000_000;

const BUCKETS: usize = if cfg!(loom) { 1 } else { 64 };
