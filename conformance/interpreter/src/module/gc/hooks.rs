//! What a collection tells the program: `gc.callbacks`, `gc.get_stats`, the debug flags, `gc.garbage`.
//!
//! | flag | what it does |
//! |---|---|
//! | `DEBUG_STATS` | says at the start and at the end of a collection what it finds |
//! | `DEBUG_COLLECTABLE` | names each object that is garbage |
//! | `DEBUG_SAVEALL` | keeps garbage in `gc.garbage` instead of taking it apart |

use super::report::Record;
use super::{COLLECTABLE, SAVEALL, STATS, State};
use crate::error::PyResult;
use crate::module::sys;
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, PyException};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::{int, protocol, str_};
use crate::vm::thread::{lot, py, rt};
use crate::vm::{except, report};
use kit_core::backend::collector::{Cause, Collected};
use kit_core::object::{Header, Word};
use kit_core::thread::Ctx;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::Ordering::Relaxed;

/// The generation that a collection is booked under: those that come by themselves under 0, as in the free-threaded CPython,
/// whether they look at what is new or at everything.
fn generation(cause: Cause) -> u32 {
    match cause {
        Cause::Young | Cause::Due => 0,
        Cause::Asked(generation) => generation.min(2),
        Cause::Shutdown | Cause::Test => 2,
    }
}

fn state(ctx: &Ctx) -> &'static State {
    &rt(ctx).library.gc
}

fn debugs(ctx: &Ctx, flag: i64) -> bool {
    state(ctx).debug.load(Relaxed) & flag != 0
}

/// Runs `body` with no exception on its way, and without disturbing one that is.
fn apart(ctx: &mut Ctx, body: impl FnOnce(&mut Ctx)) {
    let raised = py(ctx).raised.take();
    body(ctx);
    py(ctx).raised = raised;
}

/// A collection begins.
pub fn begin(ctx: &mut Ctx, cause: Cause) {
    // Relaxed, as where it is read and set: by this thread, in the same collection.
    if cause == Cause::Test {
        return;
    }
    apart(ctx, |ctx| {
        if cause != Cause::Shutdown {
            call_back(ctx, "start", generation(cause), 0);
        }
        if debugs(ctx, STATS) {
            let trigger = rt(ctx).kit.collector().trigger();
            let own = ctx.thread().allocated.get().max(0) as usize;
            let (young, live) = (trigger.young() + own, trigger.live());
            let generation = generation(cause);
            let frozen = super::inspect::count_frozen(ctx);
            sys::write_stderr(
                ctx,
                &format!(
                    "gc: collecting generation {generation}...\n\
                     gc: objects in each generation: {young} 0 {live}\n\
                     gc: objects in permanent generation: {frozen}\n"
                ),
            );
        }
    });
}

/// Where the totals, two for each generation, are followed by how often the generation below the second, and below the third,
/// was collected since they were themselves.
pub const SINCE: usize = 6;

/// What programs are told of how much was found: counts alone should have freed the rest.
pub fn found_in_cycles(done: &Collected) -> usize {
    done.collected().saturating_sub(done.waited)
}

/// A collection is over.
pub fn end(ctx: &mut Ctx, cause: Cause, done: &Collected) {
    let (index, found) = (generation(cause) as usize, found_in_cycles(done));
    let state = state(ctx);
    state.report.note(|| Record {
        cause,
        done: *done,
        bytes: rt(ctx).kit.heap().totals().bytes,
    });
    if cause == Cause::Test {
        return;
    }
    state.totals.write(lot(ctx).platform(), |totals| {
        totals[index * 2] += 1;
        totals[index * 2 + 1] += found;
        totals[SINCE..SINCE + index].fill(0);
        match index {
            0 | 1 => totals[SINCE + index] += 1,
            _ => {}
        }
    });
    apart(ctx, |ctx| {
        if debugs(ctx, STATS) {
            let seconds = done.phases.iter().sum::<u64>() as f64 / 1e9;
            let text =
                format!("gc: done, {found} unreachable, 0 uncollectable, {seconds:.4}s elapsed\n");
            sys::write_stderr(ctx, &text);
        }
        if cause != Cause::Shutdown {
            call_back(ctx, "stop", generation(cause), found);
        }
    });
}

/// Tells the functions in `gc.callbacks` that a collection starts or stops.
fn call_back(ctx: &mut Ctx, phase: &str, generation: u32, collected: usize) {
    let Some(callbacks) = state(ctx).callbacks.get() else {
        return;
    };
    let callbacks = callbacks.expect::<PyList>();
    if callbacks.is_empty() {
        return;
    }
    let arguments = match arguments(ctx, phase, generation, collected) {
        Ok(arguments) => arguments,
        Err(raised) => {
            let exception = exception::take(ctx, raised);
            report::report_unraisable(ctx, &exception, "while calling GC callbacks", None);
            return;
        }
    };
    let mut index = 0;
    // One that is called may change the list.
    while let Some(callback) = callbacks.get(ctx, index) {
        index += 1;
        if let Err(raised) = protocol::call(ctx, &callback, &arguments) {
            let native = py(ctx).raised.as_ref().is_some_and(|raised| {
                let body = raised.downcast::<PyException>();
                body.is_some_and(|body| body.traceback.peek().is_null())
            });
            let base = py(ctx).base;
            if native && !base.is_null() {
                // SAFETY: the running frame's; whoever called out of it has saved where it is.
                unsafe { except::record(ctx, base) };
            }
            let exception = exception::take(ctx, raised);
            let shown = protocol::repr_string(ctx, &callback).unwrap_or_else(|raised| {
                exception::take(ctx, raised);
                "<object repr() failed>".to_owned()
            });
            let place = format!("while calling GC callback {shown}");
            report::report_unraisable(ctx, &exception, &place, None);
        }
    }
}

fn arguments(ctx: &mut Ctx, phase: &str, generation: u32, collected: usize) -> PyResult<[Obj; 2]> {
    let phase = str_::new(ctx, phase)?;
    let info = dict::new(ctx)?;
    let collected = int::from_usize(ctx, collected)?;
    let values = [
        ("generation", Obj::small_int(i64::from(generation))),
        ("collected", collected),
        ("uncollectable", Obj::small_int(0)),
    ];
    for (name, value) in values {
        let name = str_::intern(ctx, name);
        info.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    Ok([phase, info])
}

/// Whether each object that is garbage is named.
pub fn inspects_garbage(state: &State) -> bool {
    state.debug.load(Relaxed) & COLLECTABLE != 0
}

/// These objects are garbage. Runs no code of the program, which could get at them.
pub fn found(ctx: &mut Ctx, garbage: &[*mut Header]) {
    if !debugs(ctx, COLLECTABLE) {
        return;
    }
    let mut text = String::new();
    for &object in garbage {
        // SAFETY: the collector keeps the object.
        let class = unsafe { super::census::class_name(ctx.thread(), (*object).type_id()) };
        let _ = writeln!(text, "gc: collectable <{class} {object:p}>");
    }
    // Whoever asked has gone, if this fails.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Whether garbage is kept.
pub fn keeps_garbage(state: &State) -> bool {
    state.debug.load(Relaxed) & SAVEALL != 0
}

/// Puts garbage into `gc.garbage`. What there is no memory for is found again.
pub fn keep(ctx: &mut Ctx, garbage: &[*mut Header]) {
    let Some(list) = state(ctx).garbage.get() else {
        return;
    };
    for &object in garbage {
        // SAFETY: the collector keeps the object.
        let object = unsafe { Obj::copy_word(Word::object(object)) };
        if !list.expect::<PyList>().try_push(ctx, object) {
            return;
        }
    }
}
