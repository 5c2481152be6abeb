//! Frames that wait in an object, and are resumed by any thread: one at a time.
//!
//! A generator's frame is on a stack while its body runs, and in the generator between. A [`Coroutine`] is the part of
//! such an object that says where the frame is, and so who may touch it:
//!
//! | state        | the frame is                             | next                                                 |
//! |--------------|------------------------------------------|------------------------------------------------------|
//! | `Created`    | in the object, where the body begins     | `Executing`                                          |
//! | `Suspended`  | in the object, at a yield                | `Executing`                                          |
//! | `Delegating` | in the object, while another one yields for it (`yield from`, `await`) | `Executing`            |
//! | `Executing`  | one thread's                             | `Suspended`, `Delegating`, `Cleared`, by that thread |
//! | `Cleared`    | gone                                     |                                                      |
//!
//! Whoever changes the state to `Executing` has the frame to itself: it gets a guard, [`Running`], whose last store says where
//! the frame is afterwards, and publishes what is in it. Everybody else is refused at once; nobody ever waits. While
//! the body runs, the guard is put away ([`Running::enter`]), for the frame itself, on its stack, is proof enough.
//!
//! **Looking.** Whom a body delegates to is asked of sleeping bodies all the time (a scheduler shows what its tasks wait for).
//! So the delegate is in a slot of its own, empty unless the state is `Delegating`: a reader takes a reference that fails
//! for a dying object, and looks again. The slot is emptied by whoever resumes the body, before the body may drop the
//! delegate. Whatever else is in a sleeping frame is read by who is alone with it or has stopped the world.

use crate::object::Word;
use crate::refcount::stack_ref::Fresh;
use crate::sync::atomic::{
    AtomicU8, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::thread::Ctx;
use core::mem;

/// Where a coroutine's frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// In the object; the body has not begun.
    Created,
    /// In the object.
    Suspended,
    /// In the object, and there is a delegate.
    Delegating,
    /// One thread's.
    Executing,
    /// Gone.
    Cleared,
}

impl State {
    const fn from_u8(state: u8) -> State {
        match state {
            0 => State::Created,
            1 => State::Suspended,
            2 => State::Delegating,
            3 => State::Executing,
            _ => State::Cleared,
        }
    }

    /// Whether the frame is in the object.
    pub fn sleeps(self) -> bool {
        self < State::Executing
    }
}

/// Why a coroutine was not resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody runs it: another thread, or the caller.
    Executing,
    /// It has ended.
    Cleared,
}

/// The state of a frame that waits in an object between the times it runs.
#[derive(Debug)]
pub struct Coroutine {
    state: AtomicU8,
    /// The word of the delegate, whose count is the frame's; null in all states but `Delegating`.
    delegate: AtomicU64,
}

impl Default for Coroutine {
    fn default() -> Self {
        Self::new()
    }
}

impl Coroutine {
    /// Of a body that has not begun.
    pub fn new() -> Coroutine {
        Coroutine {
            state: AtomicU8::new(State::Created as u8),
            delegate: AtomicU64::new(Word::NULL.bits()),
        }
    }

    /// The state at this moment.
    #[inline(always)]
    pub fn state(&self) -> State {
        // Relaxed: who is to touch the frame changes the state first, or has stopped the world.
        State::from_u8(self.state.load(Relaxed))
    }

    /// Takes the frame, to run the body or to end it.
    #[inline(always)]
    pub fn try_resume(&self) -> Result<Running<'_>, Refusal> {
        let mut seen = self.state.load(Relaxed);
        loop {
            if seen >= State::Executing as u8 {
                return Err(refusal(seen));
            }
            // Acquire, paired with `leave_in`: what the frame holds is visible.
            match self
                .state
                .compare_exchange_weak(seen, State::Executing as u8, Acquire, Relaxed)
            {
                Ok(_) => return Ok(self.taken(seen)),
                Err(now) => seen = now,
            }
        }
    }

    /// As [`Coroutine::try_resume`], for a caller that is alone: a plain test and store.
    ///
    /// # Safety
    /// - No other thread can get at the object before this returns: there is none, or the caller owns the only reference
    ///   ([`Header::is_unique`](crate::object::Header::is_unique)). That it has borrowed the only one is not enough: others may borrow
    ///   the same.
    #[inline(always)]
    pub unsafe fn try_resume_alone(&self) -> Result<Running<'_>, Refusal> {
        // Relaxed: that the caller is alone has ordered what others did before.
        let seen = self.state.load(Relaxed);
        if seen >= State::Executing as u8 {
            return Err(refusal(seen));
        }
        self.state.store(State::Executing as u8, Relaxed);
        Ok(self.taken(seen))
    }

    /// As [`Coroutine::try_resume_alone`], for a caller that knows the state.
    ///
    /// # Safety
    /// - As [`Coroutine::try_resume_alone`].
    /// - The state is `from`, and the frame in the object.
    #[inline(always)]
    pub unsafe fn resume_from(&self, from: State) -> Running<'_> {
        debug_assert!(from.sleeps() && self.state() == from);
        // Relaxed: as there.
        self.state.store(State::Executing as u8, Relaxed);
        Running {
            coroutine: self,
            from,
        }
    }

    /// Takes the frame of a body that has not begun; the state, if that is another one.
    pub fn try_begin(&self) -> Result<Running<'_>, State> {
        let (from, to) = (State::Created as u8, State::Executing as u8);
        // Acquire, as in `try_resume`.
        match self.state.compare_exchange(from, to, Acquire, Relaxed) {
            Ok(_) => Ok(self.taken(from)),
            Err(state) => Err(State::from_u8(state)),
        }
    }

    #[inline(always)]
    fn taken(&self, from: u8) -> Running<'_> {
        Running {
            coroutine: self,
            from: State::from_u8(from),
        }
    }

    /// The guard of a body that runs, for who ran into its end or its next yield.
    ///
    /// # Safety
    /// - The calling thread put a guard away ([`Running::enter`]), and has not asked for it since.
    #[inline(always)]
    pub unsafe fn running(&self) -> Running<'_> {
        self.taken(State::Executing as u8)
    }

    /// Whom the body delegates to now; null if to nobody. `None`: one that is not published to other threads, or was replaced
    /// meanwhile; then the caller looks with the world stopped ([`Coroutine::delegate_word`]).
    pub fn delegate<'c>(&self, ctx: &'c Ctx) -> Option<Fresh<'c>> {
        // SAFETY: the frame owns the delegate's count as long as the word is here. Once it is not, the delegate may be freed,
        // which leaves it readable until the next safepoint.
        unsafe { Fresh::try_get(ctx, &self.delegate) }
    }

    /// The word of the delegate, or null, without a count.
    ///
    /// The delegate is alive if no thread can resume the body: the world is stopped, or the caller is alone with the object.
    pub fn delegate_word(&self) -> Word {
        // Relaxed: as the caller reads nothing else, or has stopped who wrote it.
        Word::from_bits(self.delegate.load(Relaxed))
    }
}

#[cold]
fn refusal(state: u8) -> Refusal {
    match State::from_u8(state) {
        State::Cleared => Refusal::Cleared,
        _ => Refusal::Executing,
    }
}

/// A coroutine's frame, for the one who runs the body, or is to. What becomes of it must be said by one of the methods:
/// dropping the guard aborts.
#[must_use = "dropping it aborts"]
#[derive(Debug)]
pub struct Running<'a> {
    coroutine: &'a Coroutine,
    from: State,
}

impl Running<'_> {
    /// The state the coroutine was in.
    #[inline(always)]
    pub fn from(&self) -> State {
        self.from
    }

    /// The frame is on the caller's stack now. The delegate may be dropped from here on.
    #[inline(always)]
    pub fn enter(self) {
        if self.from == State::Delegating {
            self.coroutine.forget_delegate();
        }
        mem::forget(self);
    }

    /// The frame is in the object again, at a yield, for another thread to take.
    #[inline(always)]
    pub fn suspend(self) {
        self.leave_in(State::Suspended);
    }

    /// As [`Running::suspend`]; what is yielded is the delegate's.
    ///
    /// # Safety
    /// - The frame keeps the delegate until the body is resumed or ended: at least until [`Running::enter`] or
    ///   [`Running::clear`] returns.
    #[inline(always)]
    pub unsafe fn delegate(self, delegate: Word) {
        // Release, paired with `slot::take`: whoever finds the delegate finds it complete.
        let word = delegate.plain().bits();
        self.coroutine.delegate.store(word, Release);
        self.leave_in(State::Delegating);
    }

    /// Nothing was done: as it was before the frame was taken.
    pub fn put_back(self) {
        debug_assert!(self.from.sleeps());
        let from = self.from;
        self.leave_in(from);
    }

    /// The body is over: nobody takes the frame any more. What it holds is the caller's to drop, after this.
    #[inline(always)]
    pub fn clear(self) {
        if self.from == State::Delegating {
            self.coroutine.forget_delegate();
        }
        // Relaxed: nothing is read because of it.
        let state = State::Cleared as u8;
        self.coroutine.state.store(state, Relaxed);
        mem::forget(self);
    }

    #[inline(always)]
    fn leave_in(self, state: State) {
        // Release, paired with `try_resume`. The last access: the next one may run already.
        self.coroutine.state.store(state as u8, Release);
        mem::forget(self);
    }
}

impl Coroutine {
    #[inline(always)]
    fn forget_delegate(&self) {
        // Relaxed: before the delegate's last reference is dropped, which orders it for who takes one of what comes after.
        self.delegate.store(Word::NULL.bits(), Relaxed);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        abandoned();
    }
}

/// A frame that nobody gave back could be neither run nor freed. A panic cannot leave this function: it aborts.
#[cold]
extern "C" fn abandoned() -> ! {
    panic!("the frame of a coroutine was abandoned");
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::object::Header;

    #[test]
    fn a_body_is_run_by_one_at_a_time_and_ends_once() {
        let coroutine = Coroutine::new();
        assert_eq!(coroutine.state(), State::Created);
        let running = coroutine.try_resume().unwrap();
        assert_eq!(running.from(), State::Created);
        assert_eq!(coroutine.try_resume().unwrap_err(), Refusal::Executing);
        assert_eq!(coroutine.try_begin().unwrap_err(), State::Executing);
        running.enter();
        // SAFETY: entered just now.
        unsafe { coroutine.running() }.suspend();
        assert_eq!(coroutine.try_begin().unwrap_err(), State::Suspended);
        // SAFETY: there is one thread.
        let running = unsafe { coroutine.try_resume_alone() }.unwrap();
        assert_eq!(running.from(), State::Suspended);
        running.put_back();
        assert_eq!(coroutine.state(), State::Suspended);
        coroutine.try_resume().unwrap().clear();
        assert_eq!(coroutine.try_resume().unwrap_err(), Refusal::Cleared);
        // SAFETY: as above.
        let refused = unsafe { coroutine.try_resume_alone() };
        assert_eq!(refused.unwrap_err(), Refusal::Cleared);
    }

    #[test]
    fn the_delegate_is_there_while_the_body_sleeps() {
        let object = Header::immortal(1);
        let word = Word::object(&raw const object);
        let coroutine = Coroutine::new();
        assert!(coroutine.delegate_word().is_null());
        let running = coroutine.try_resume().unwrap();
        // SAFETY: the object outlives the coroutine.
        unsafe { running.delegate(word.deferred()) };
        assert_eq!(coroutine.state(), State::Delegating);
        assert_eq!(coroutine.delegate_word(), word);
        coroutine.try_resume().unwrap().put_back();
        assert_eq!(coroutine.delegate_word(), word);
        coroutine.try_resume().unwrap().enter();
        assert!(coroutine.delegate_word().is_null());
        // SAFETY: entered just now.
        let running = unsafe { coroutine.running() };
        // SAFETY: as above.
        unsafe { running.delegate(word) };
        coroutine.try_resume().unwrap().clear();
        assert!(coroutine.delegate_word().is_null());
    }
}

#[cfg(all(test, loom))]
mod model;
