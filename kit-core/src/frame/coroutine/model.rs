//! Coroutines under loom. The frame is a tracked cell that only the runner writes: two runners at once, or one who does not
//! see what the last one left, are a race that loom reports. So is a delegate's value that is written when it is destroyed,
//! against a reader that holds a reference to it.

use super::*;
use crate::object::{Bits, Header};
use crate::refcount::biased::Released;
use crate::refcount::counter::{Counter, Tally};
use crate::refcount::stack_ref::slot::{self, Taken};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::cell::UnsafeCell;
use loom::thread;
use std::boxed::Box;
use std::sync::Arc;

/// The thread that made the delegates, and runs them.
const RUNNER: u16 = 1;
const READER: u16 = 2;

/// A generator: its state, and how often its body ran.
struct Generator {
    coroutine: Coroutine,
    frame: UnsafeCell<u32>,
}

// SAFETY: the frame is touched by who took it; loom checks.
unsafe impl Sync for Generator {}
// SAFETY: as above.
unsafe impl Send for Generator {}

impl Generator {
    fn new() -> Generator {
        Generator {
            coroutine: Coroutine::new(),
            frame: UnsafeCell::new(0),
        }
    }

    /// The next value, or why there is none. The body counts to `end`.
    fn next(&self, end: u32) -> Result<u32, Refusal> {
        self.coroutine.try_resume()?.enter();
        // SAFETY: the guard was put away just now.
        let running = unsafe { self.coroutine.running() };
        let value = self.frame.with_mut(|frame| {
            // SAFETY: the frame is this thread's until the state is changed; loom checks.
            unsafe {
                *frame += 1;
                *frame
            }
        });
        if value == end {
            running.clear();
        } else {
            running.suspend();
        }
        Ok(value)
    }
}

/// Two threads resume one body: each value goes to one of them, the other is refused or gets the next one, and
/// sees what the first has left in the frame.
///
/// Fails with the Acquire of `try_resume` relaxed, and with the Release of `leave_in`.
#[test]
fn a_body_has_one_runner_at_a_time() {
    loom::model(|| {
        let generator = Arc::new(Generator::new());
        let other = Arc::clone(&generator);
        let thread = thread::spawn(move || other.next(9));
        let mine = [generator.next(9), generator.next(9)];
        let theirs = thread.join().unwrap();
        let mut values = 0;
        for value in mine.into_iter().chain([theirs]) {
            match value {
                Ok(_) => values += 1,
                Err(refusal) => assert_eq!(refusal, Refusal::Executing),
            }
        }
        assert!(values >= 1);
        generator.frame.with(|frame| {
            // SAFETY: the other thread has ended.
            assert_eq!(unsafe { *frame }, values);
        });
    });
}

/// A generator with a count of who refers to it.
struct Shared {
    generator: Generator,
    references: AtomicU32,
}

/// A thread resumes a body and drops its reference, another one waits until it has the only one, and resumes without asking: it sees
/// what the first has left in the frame, as long as it has looked at the count with `order`.
fn resume_when_alone(order: Ordering) {
    loom::model(move || {
        let shared = Arc::new(Shared {
            generator: Generator::new(),
            references: AtomicU32::new(2),
        });
        let other = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            assert_eq!(other.generator.next(9), Ok(1));
            other.references.fetch_sub(1, Ordering::Release);
        });
        if shared.references.load(order) == 1 {
            let generator = &shared.generator;
            // SAFETY: the only reference, and the body has yielded once.
            unsafe { generator.coroutine.resume_from(State::Suspended) }.enter();
            // SAFETY: the guard was put away just now; the frame is this thread's.
            let running = unsafe { generator.coroutine.running() };
            // SAFETY: as above; loom checks.
            generator.frame.with_mut(|frame| unsafe {
                assert_eq!(*frame, 1);
                *frame = 2;
            });
            running.suspend();
        }
        thread.join().unwrap();
        assert!(shared.generator.next(9).is_ok());
    });
}

/// Who owns the only reference may resume with a plain store, if being alone is known in order: guards the contract of `resume_from` and of
/// `try_resume_alone`.
#[test]
fn who_is_alone_need_not_ask() {
    resume_when_alone(Ordering::Acquire);
}

/// That the count was one says nothing of the frame, if it is looked at out of order.
#[test]
#[should_panic]
fn being_alone_out_of_order_is_not_enough() {
    resume_when_alone(Ordering::Relaxed);
}

/// A body that ends is never run again, whoever ends it.
#[test]
fn a_body_ends_once() {
    loom::model(|| {
        let generator = Arc::new(Generator::new());
        let other = Arc::clone(&generator);
        let thread = thread::spawn(move || other.next(1).is_ok());
        let mine = generator.next(1).is_ok();
        assert!(mine != thread.join().unwrap());
        assert_eq!(generator.next(1), Err(Refusal::Cleared));
    });
}

/// A body that waits is not ended by who may end only one that has not begun; and who may, has it to itself.
///
/// Fails with the Acquire of `try_begin` relaxed.
#[test]
fn only_what_has_not_begun_is_cancelled() {
    loom::model(|| {
        let generator = Arc::new(Generator::new());
        let other = Arc::clone(&generator);
        let thread = thread::spawn(move || {
            // Looks, changes the frame as who looks with the frame to itself may, and leaves it.
            match other.coroutine.try_begin() {
                Ok(running) => {
                    // SAFETY: as in `next`.
                    other.frame.with_mut(|frame| unsafe { *frame += 1 });
                    running.put_back();
                }
                Err(state) => assert!(state > State::Created),
            }
        });
        let cancelled = match generator.coroutine.try_begin() {
            Ok(running) => {
                // SAFETY: as in `next`.
                generator.frame.with_mut(|frame| unsafe { *frame += 1 });
                running.clear();
                true
            }
            Err(state) => {
                assert_eq!(state, State::Executing);
                false
            }
        };
        thread.join().unwrap();
        let state = generator.coroutine.state();
        assert_eq!(state == State::Cleared, cancelled);
    });
}

/// A body and what it delegates to.
struct Delegating {
    coroutine: Coroutine,
    delegate: Box<Header>,
    /// Which life of the delegate's block this is; 0: freed.
    life: UnsafeCell<u32>,
    tallies: [Tally; 3],
}

// SAFETY: the life is written by who creates or destroys the delegate, and read with a reference; loom checks.
unsafe impl Sync for Delegating {}
// SAFETY: as above.
unsafe impl Send for Delegating {}

impl Delegating {
    fn new() -> Arc<Delegating> {
        Arc::new(Delegating {
            coroutine: Coroutine::new(),
            delegate: Box::new(Header::model(1, RUNNER, Bits::empty())),
            life: UnsafeCell::new(0),
            tallies: Default::default(),
        })
    }

    fn by(&self, slot: u16) -> Counter {
        Counter::new(slot, &self.tallies[usize::from(slot)])
    }

    /// Creates a delegate in the block, and yields what that yields.
    fn delegate(&self, life: u32) {
        let at = &raw const *self.delegate;
        // SAFETY: the block is free, and its header is made of atomics; nobody has found the object yet.
        unsafe {
            Header::init(at.cast_mut(), 2, self.by(RUNNER), Bits::empty());
            self.life.with_mut(|at| *at = life);
        }
        self.delegate.publish();
        let running = self.coroutine.try_resume().unwrap();
        // SAFETY: dropped in `finish`, after `enter`.
        unsafe { running.delegate(Word::object(at)) };
    }

    /// Resumes the body, whose delegate is done and dropped. Whether that was the last reference.
    fn finish(&self) -> bool {
        self.coroutine.try_resume().unwrap().enter();
        let dead = self.release(RUNNER);
        // SAFETY: the guard was put away above.
        unsafe { self.coroutine.running() }.suspend();
        dead
    }

    /// Drops a reference; whether it was the last.
    fn release(&self, slot: u16) -> bool {
        // SAFETY: the caller has a reference to give up.
        let verdict = unsafe { self.delegate.release(self.by(slot)) };
        if matches!(verdict, Released::Dead) {
            // SAFETY: no reference is left.
            self.life.with_mut(|life| unsafe { *life = 0 });
            return true;
        }
        false
    }

    /// What a reader finds, and does with it.
    fn look(&self) -> Option<u32> {
        // SAFETY: the block is never given back in a model.
        let taken = unsafe { slot::take(&self.coroutine.delegate, self.by(READER), || false) };
        match taken {
            Taken::Got(word) if word.is_object() => {
                // SAFETY: the reader has a reference.
                let life = self.life.with(|life| unsafe { *life });
                self.release(READER);
                Some(life)
            }
            Taken::Surplus(_) => {
                self.release(READER);
                None
            }
            _ => None,
        }
    }
}

/// Somebody asks whom a sleeping body delegates to, while that is resumed, drops the delegate and delegates to a new object, which
/// may be in the same block: what is found is a delegate, alive and complete.
///
/// Fails with the Release of `Running::delegate` relaxed; and if `enter` does not empty the slot.
#[test]
fn a_delegate_that_is_found_is_alive() {
    loom::model(|| {
        let generator = Delegating::new();
        let reader = Arc::clone(&generator);
        let thread = thread::spawn(move || {
            if let Some(life) = reader.look() {
                assert!(life == 1 || life == 2);
            }
        });
        generator.delegate(1);
        if generator.finish() {
            generator.delegate(2);
            generator.finish();
        }
        thread.join().unwrap();
    });
}

/// The same, where the body is ended without being run.
///
/// Fails if `clear` does not empty the slot.
#[test]
fn who_ends_a_body_takes_its_delegate_away() {
    loom::model(|| {
        let generator = Delegating::new();
        let reader = Arc::clone(&generator);
        let thread = thread::spawn(move || {
            if let Some(life) = reader.look() {
                assert_eq!(life, 1);
            }
        });
        generator.delegate(1);
        generator.coroutine.try_resume().unwrap().clear();
        if generator.release(RUNNER) {
            // The block becomes something else, which is no delegate.
            let at = &raw const *generator.delegate;
            // SAFETY: as in `delegate`.
            unsafe {
                Header::init(at.cast_mut(), 2, generator.by(RUNNER), Bits::empty());
                generator.life.with_mut(|at| *at = 3);
            }
            generator.delegate.publish();
        }
        thread.join().unwrap();
    });
}
