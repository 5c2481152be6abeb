//! The tools that `sys.setprofile` and `sys.settrace` are made of: one function for each thread, which is told of frames.
//!
//! | told to the function    | is, in the tool's terms                                          |
//! |-------------------------|------------------------------------------------------------------|
//! | `call`                  | `PY_START`, `PY_RESUME`, `PY_THROW`                              |
//! | `return`                | `PY_RETURN`, `PY_YIELD`; with None, `PY_UNWIND`                  |
//! | `line`                  | `LINE`; `JUMP`, back to where its own line begins                |
//! | `exception`             | `RAISE`, `STOP_ITERATION`                                        |
//! | `opcode`                | `INSTRUCTION`, where the frame asks for it                       |
//! | `c_call`, `c_return`, `c_exception` | `CALL`, `C_RETURN`, `C_RAISE` of built-in functions and methods |
//!
//! A debugger's function answers with the one that is to be told of the frame from then on: the frame's `f_trace`.

use super::event::*;
use super::instrument::{everywhere, state};
use super::tell::{Place, What, busy};
use super::{PROFILE, TRACE};
use crate::error::{PyResult, Raised};
use crate::host::lock;
use crate::object::descriptor::PyMethodDescriptor;
use crate::object::exception::PyException;
use crate::object::frame::PyFrame;
use crate::object::obj::Obj;
use crate::object::type_::{type_id_of, type_of};
use crate::object::{builtin_function, ids, protocol, str_, tuple};
use crate::prelude::*;
use crate::vm::observe::{self, with_stopped};
use crate::vm::thread::{PyThread, py};
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::{Ctx, Thread};

const EITHER: u32 = 1 << PY_START
    | 1 << PY_RESUME
    | 1 << PY_THROW
    | 1 << PY_RETURN
    | 1 << PY_YIELD
    | 1 << PY_UNWIND;
const TRACED: u32 = EITHER | 1 << LINE | 1 << JUMP | 1 << RAISE | 1 << STOP_ITERATION;
const PROFILED: u32 = EITHER | 1 << CALL;

/// The function of a thread for a tool.
pub fn function(ctx: &mut Ctx, tool: usize) -> Option<Obj> {
    py(ctx).monitor.functions[tool - PROFILE].clone()
}

/// Sets the function of the calling thread for a tool.
pub fn set(ctx: &mut Ctx, tool: usize, function: Option<Obj>) {
    let is = function.is_some();
    let old = core::mem::replace(&mut py(ctx).monitor.functions[tool - PROFILE], function);
    count(ctx, tool, u32::from(is), u32::from(old.is_some()));
    drop(old);
}

/// As [`set`], in all threads that run.
pub fn set_all(ctx: &mut Ctx, tool: usize, function: Option<Obj>) {
    let (mut more, mut less) = (0, 0);
    // Dropped when the world goes on.
    let mut old = Vec::new();
    with_stopped(ctx, |_, stopped| {
        stopped.for_each_thread(|core| {
            // SAFETY: a core is the first field of its thread's record, whose host is null or its `PyThread`, which nobody
            // uses while the world is stopped.
            let host = unsafe {
                let thread = &*core::ptr::from_ref(core).cast::<Thread>();
                thread.host.get().cast::<PyThread>().as_mut()
            };
            if let Some(host) = host {
                let place = &mut host.monitor.functions[tool - PROFILE];
                more += u32::from(function.is_some());
                less += u32::from(place.is_some());
                old.push(core::mem::replace(place, function.clone()));
            }
        });
    });
    count(ctx, tool, more, less);
    drop(old);
}

/// So many threads more, and less, have a function for a tool: if there are any, the tool wants to hear of everything.
fn count(ctx: &mut Ctx, tool: usize, more: u32, less: u32) {
    let state = state(ctx);
    let mut legacy = lock(&state.changing);
    let threads = &mut legacy.threads[tool - PROFILE];
    *threads = (*threads + more).saturating_sub(less);
    let wanted = match (*threads, tool) {
        (0, _) => 0,
        (_, PROFILE) => PROFILED,
        // Relaxed: under the lock, or noticed by `ask_for_opcodes`.
        _ if state.opcodes.load(Relaxed) => TRACED | 1 << INSTRUCTION,
        _ => TRACED,
    };
    let changed = state.events.set(tool, wanted);
    drop(legacy);
    if changed {
        everywhere(ctx);
    }
}

/// A thread ends: it has no functions any more.
pub fn leave(thread: &mut PyThread) {
    let legacy = &mut *lock(&thread.runtime.library.monitor.changing);
    for (function, threads) in thread.monitor.functions.iter_mut().zip(&mut legacy.threads) {
        if function.take().is_some() {
            *threads = threads.saturating_sub(1);
        }
    }
}

/// A frame asks for `opcode` events.
pub fn ask_for_opcodes(ctx: &mut Ctx) {
    // Relaxed: read under the lock that `count` takes, here too.
    state(ctx).opcodes.store(true, Relaxed);
    count(ctx, TRACE, 0, 0);
}

/// Tells a thread's function of an event.
pub fn tell(
    ctx: &mut Ctx,
    tool: usize,
    place: Place<'_>,
    event: usize,
    what: &What<'_>,
) -> PyResult<()> {
    let Some(function) = function(ctx, tool) else {
        return Ok(());
    };
    if matches!(event, CALL | C_RETURN | C_RAISE) {
        let What::Call(callable, first) = what else {
            return Ok(());
        };
        return match built_in(ctx, callable, *first)? {
            Some(callable) => told(ctx, tool, place, event, &function, callable),
            None => Ok(()),
        };
    }
    if event == JUMP {
        let What::Unit(to) = what else { return Ok(()) };
        if *to > place.unit || place.code.code.positions.at(*to).line != place.line() {
            return Ok(());
        }
    }
    let argument = match (event, what) {
        (RAISE | STOP_ITERATION, What::Exception(exception)) => triple(ctx, exception)?,
        (PY_RETURN | PY_YIELD, What::Value(value)) => (*value).clone(),
        _ => Obj::NONE,
    };
    told(ctx, tool, place, event, &function, argument)
}

/// The class, the exception and its traceback.
fn triple(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let class = type_of(ctx, exception).to_obj();
    let traceback = exception
        .downcast::<PyException>()
        .and_then(|body| body.traceback.get(ctx, &body.header));
    let parts = vec![class, exception.clone(), traceback.unwrap_or(Obj::NONE)];
    tuple::from_vec(ctx, parts)
}

/// The built-in function or method that is called, if it is one.
fn built_in(ctx: &mut Ctx, callable: &Obj, first: Option<&Obj>) -> PyResult<Option<Obj>> {
    match (type_id_of(callable), first) {
        (ids::BUILTIN_FUNCTION, _) => Ok(Some(callable.clone())),
        (ids::METHOD_DESCRIPTOR, Some(receiver)) => {
            let method = callable.expect::<PyMethodDescriptor>();
            builtin_function::bind(ctx, method.method, method.owner, Some(receiver.clone()))
                .map(Some)
        }
        _ => Ok(None),
    }
}

fn told(
    ctx: &mut Ctx,
    tool: usize,
    place: Place<'_>,
    event: usize,
    function: &Obj,
    argument: Obj,
) -> PyResult<()> {
    // SAFETY: the running frame.
    let frame = unsafe { observe::object_of(ctx, place.base) }?;
    let body = frame.expect::<PyFrame>();
    let begins = matches!(event, PY_START | PY_RESUME | PY_THROW);
    let local;
    let function = if tool == PROFILE || begins {
        function
    } else {
        match event {
            LINE | JUMP if !body.wants_lines() => return Ok(()),
            INSTRUCTION if !body.wants_opcodes() => return Ok(()),
            _ => {}
        }
        match body.trace_function(ctx) {
            Some(own) => {
                local = own;
                &local
            }
            None => return Ok(()),
        }
    };
    let name = str_::intern(ctx, name(event));
    let args = [frame.clone(), name, argument];
    // What jumps on its own line is told as a line, and may be moved as one.
    let telling = if event == JUMP { LINE } else { event };
    let answer = busy(ctx, place, telling, |ctx| {
        protocol::call(ctx, function, &args)
    });
    match answer {
        Ok(answer) => {
            if tool == TRACE && !answer.is_none() {
                body.set_trace_function(ctx, Some(answer));
            }
            Ok(())
        }
        Err(raised) => {
            give_up(ctx, tool, body);
            Err(raised)
        }
    }
}

/// A function that raises is told of nothing more.
fn give_up(ctx: &mut Ctx, tool: usize, frame: &crate::object::payload::Body<PyFrame>) {
    let raised = crate::object::exception::take(ctx, Raised::stored());
    set(ctx, tool, None);
    if tool == TRACE {
        frame.set_trace_function(ctx, None);
    }
    let _ = crate::object::exception::raise_again(ctx, raised);
}

fn name(event: usize) -> &'static str {
    match event {
        PY_START | PY_RESUME | PY_THROW => "call",
        PY_RETURN | PY_YIELD | PY_UNWIND => "return",
        LINE | JUMP => "line",
        INSTRUCTION => "opcode",
        CALL => "c_call",
        C_RETURN => "c_return",
        C_RAISE => "c_exception",
        _ => "exception",
    }
}
