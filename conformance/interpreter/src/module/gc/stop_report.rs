//! `-X stop-report=MS`: who keeps a stop of the world waiting, and where in the program.
//!
//! Each thread notes at every safepoint which line it has come to, for as long as the option is on: one bit of its breaker
//! word stays up, as for [`zeal`](super::zeal). A stop that waits for longer than the option allows names those that still
//! run, with what they have noted; and a thread that comes late to its safepoint says so itself, since by then it is past
//! what took so long.

use crate::code::Code;
use crate::vm::frame;
use crate::vm::thread::{py, rt};
use kit_core::thread::{Ctx, breaker};
use kit_gc::stop::{LateStop, StopWatch};
use kit_std::platform::threads::native_id;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// The bit of the breaker word.
pub const BIT: u32 = breaker::EMBEDDER << 1;

/// What a runtime knows of its threads, once the option is given.
#[derive(Default)]
pub struct StopReport {
    /// How long a stop may wait.
    after: OnceLock<Duration>,
    threads: Mutex<Vec<Weak<Seen>>>,
}

/// Where a thread was last seen.
pub struct Seen {
    slot: u16,
    native_id: u64,
    /// The code, and the unit of the last call in it. Held for a few instructions, so who is stopped does not hold it.
    place: Mutex<Option<(Arc<Code>, u32)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StopReport {
    /// Reports stops that wait longer than this; set once, by the main thread, before there are others.
    pub fn set(&'static self, ctx: &Ctx, after: Duration) {
        if self.after.set(after).is_ok() {
            rt(ctx).kit.watch_stops(after, self);
        }
    }
}

/// A thread starts.
pub fn start(ctx: &mut Ctx) {
    let report = &rt(ctx).library.gc.stop_report;
    if report.after.get().is_none() {
        return;
    }
    let seen = Arc::new(Seen {
        slot: ctx.slot(),
        native_id: native_id(),
        place: Mutex::new(None),
    });
    let mut threads = lock(&report.threads);
    threads.retain(|thread| thread.strong_count() != 0);
    threads.push(Arc::downgrade(&seen));
    drop(threads);
    py(ctx).seen = Some(seen);
    ctx.thread().core.breaker.raise(BIT);
}

/// A thread is at a safepoint, and its bit is up; before it stops.
pub fn safepoint(ctx: &mut Ctx) {
    let base = py(ctx).base;
    let Some(seen) = py(ctx).seen.clone() else {
        return;
    };
    if !base.is_null() {
        // SAFETY: the running frame's; what it has saved lies in its code.
        let (code, unit) = unsafe { (frame::code(base), frame::unit(ctx, base)) };
        let mut place = lock(&seen.place);
        match &mut *place {
            Some((known, at)) if Arc::ptr_eq(known, &code.code) => *at = unit,
            _ => *place = Some((code.code.clone(), unit)),
        }
    }
    if ctx.thread().core.breaker.peek() & breaker::STOP != 0 {
        let report = &rt(ctx).library.gc.stop_report;
        if let (Some(waited), Some(after)) = (rt(ctx).kit.stop_waits(), report.after.get())
            && waited >= *after
        {
            let waited = waited.as_millis();
            eprintln!("kit-python: {seen} kept a stop waiting, for {waited} ms now");
        }
    }
}

impl StopWatch for StopReport {
    fn late(&self, stop: &LateStop<'_>) {
        let waited = Duration::from_nanos(stop.waited).as_millis();
        let mut text =
            format!("kit-python: a stop has waited for {waited} ms; still running are:\n");
        let threads = lock(&self.threads);
        for straggler in stop.stragglers {
            let known = threads.iter().filter_map(Weak::upgrade);
            let seen = known.into_iter().find(|seen| seen.slot == straggler.slot);
            let _ = match seen {
                Some(seen) => writeln!(text, "  {seen}"),
                None => writeln!(text, "  thread {}", straggler.slot),
            };
        }
        let more = stop.running - stop.stragglers.len();
        if more != 0 {
            let _ = writeln!(text, "  and {more} more");
        }
        drop(threads);
        eprint!("{text}");
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {} (native {})", self.slot, self.native_id)?;
        match &*lock(&self.place) {
            Some((code, unit)) => {
                let line = code.positions.at(*unit).line;
                write!(f, ", last seen in {}", code.qualname)?;
                write!(f, ", file '{}', line {line}", code.filename)
            }
            None => f.write_str(", not seen in any function"),
        }
    }
}
