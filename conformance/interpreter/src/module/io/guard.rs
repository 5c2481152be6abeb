//! Who uses a buffered stream: one thread at a time, for the whole of an operation, which may call methods of the raw
//! stream and wait for the system.
//!
//! The guard says whose turn it is. What the buffers hold is in the object's own lock besides, so that it is whole
//! whenever a thread is stopped: a thread that has the turn and will never come back (it does not exist in the child of a
//! fork; it is shut out at the end of the program) can be passed over ([`Turns`]).

use crate::error::{PyResult, raise};
use crate::module::threading::state::ident;
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::vm::thread::{lot, rt};
use kit_core::sync::mutex::ByteLock;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::*};

/// What all guards of an interpreter must know of its threads.
#[derive(Default)]
pub struct Turns {
    /// How often the process has forked, counted in the children.
    forks: AtomicU32,
    /// The thread that forked last.
    survivor: AtomicU64,
    /// Whether all threads but one are shut out.
    alone: AtomicBool,
}

impl Turns {
    /// The calling thread is the only one of a process that was forked.
    pub fn after_fork(&self) {
        // Relaxed: there are no others.
        self.survivor.store(ident(), Relaxed);
        self.forks.fetch_add(1, Relaxed);
    }

    /// No thread but the calling one will use a stream any more.
    pub fn shut_out_others(&self) {
        // Relaxed: asked by the calling thread only.
        self.alone.store(true, Relaxed);
    }
}

/// Whose turn it is; at first nobody's.
#[derive(Default)]
pub struct Guard {
    lock: ByteLock,
    /// The thread that has the lock; 0 for none.
    owner: AtomicU64,
    /// [`Turns::forks`] when it got it.
    forks: AtomicU32,
}

impl Guard {
    /// Runs `work` when it is the calling thread's turn.
    ///
    /// # Errors
    /// What `work` raises; RuntimeError if it is the thread's turn already.
    #[inline]
    pub fn during<R>(
        &self,
        ctx: &mut Ctx,
        stream: &Obj,
        work: impl FnOnce(&mut Ctx) -> PyResult<R>,
    ) -> PyResult<R> {
        self.enter(ctx, stream)?;
        let result = work(ctx);
        self.leave(ctx);
        result
    }

    #[inline]
    fn enter(&self, ctx: &mut Ctx, stream: &Obj) -> PyResult<()> {
        if !self.lock.try_lock() {
            return self.wait(ctx, stream);
        }
        let turns = &rt(ctx).library.turns;
        self.take(turns, ident());
        Ok(())
    }

    fn take(&self, turns: &Turns, me: u64) {
        // Relaxed: the lock orders them for who asks after taking it; who asks without wants to know only whether it is
        // itself, or a thread that is gone.
        self.forks.store(turns.forks.load(Relaxed), Relaxed);
        self.owner.store(me, Relaxed);
    }

    #[cold]
    fn wait(&self, ctx: &mut Ctx, stream: &Obj) -> PyResult<()> {
        let turns = &rt(ctx).library.turns;
        let me = ident();
        let owner = self.owner.load(Relaxed);
        if owner == me {
            let text = protocol::repr_string(ctx, stream)?;
            return Err(raise!(ctx, RuntimeError, "reentrant call inside {text}"));
        }
        if turns.alone.load(Relaxed) {
            self.take(turns, me);
            return Ok(());
        }
        let (then, now) = (self.forks.load(Relaxed), turns.forks.load(Relaxed));
        if then != now && owner != turns.survivor.load(Relaxed) {
            // Whoever had it is not in this process; the first to notice takes over. AcqRel: as a lock that is handed over.
            if self
                .forks
                .compare_exchange(then, now, AcqRel, Relaxed)
                .is_ok()
            {
                self.owner.store(me, Relaxed);
                return Ok(());
            }
        }
        let lot = lot(ctx);
        rt(ctx).kit.detached(ctx, || {
            // Nobody is shut out who sleeps unattached, so this returns with the lock.
            let _ = self.lock.lock(lot, &mut Unattached);
            self.take(turns, me);
        });
        Ok(())
    }

    #[inline]
    fn leave(&self, ctx: &mut Ctx) {
        // Relaxed: as in `take`.
        self.owner.store(0, Relaxed);
        // SAFETY: taken by `enter`, or taken over from a thread that does not come back.
        unsafe { self.lock.unlock(lot(ctx)) };
    }
}
