//! Native threads that run Python code.
//!
//! ```text
//! launch:  handle, entry in the table of threads ─ native thread
//! there:   attach ─ the call ─ drop references ─ detach, leave the runtime ─ done ─ out of the table
//! join:    waits for `done`, so that the thread is counted out when it returns
//! ```

use super::state::{self, Handle};
use crate::error::PyResult;
use crate::object::args::Args;
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_;
use crate::object::tuple::PyTuple;
use crate::vm::start;
use crate::vm::thread::{PyRuntime, rt};
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::*;
use std::sync::{Arc, mpsc};

/// What a new thread calls.
pub struct Job {
    /// The function.
    pub function: Obj,
    /// Its arguments: a tuple.
    pub args: Obj,
    /// Keyword arguments: a dict whose keys are texts.
    pub kwargs: Option<Obj>,
}

/// Starts a native thread, and waits for it to attach. False when there is none to be had, or no memory for it.
pub fn launch(ctx: &mut Ctx, handle: Arc<Handle>, job: Job) -> bool {
    let runtime = rt(ctx);
    let threads = &runtime.library.threads;
    runtime.kit.expect_company(ctx);
    threads.enter(&handle);
    // Relaxed: a number for programs to look at.
    threads.count.fetch_add(1, Relaxed);
    let mine = handle.clone();
    let (begun, begins) = mpsc::sync_channel(1);
    // The system's port does it without the standard library: the child of a fork must be able to.
    let run = move || {
        handle.begin();
        let own = handle.clone();
        // An error drops what was to run, and with it the end of the channel.
        let _ = start::attach(runtime, move |ctx| {
            let _ = begun.send(());
            bootstrap(ctx, own, job);
        });
        finish(runtime, &handle);
    };
    let stack = runtime.stack_size + STACK_MARGIN;
    let spawned = (runtime.kit.port().start)(stack, Box::new(run));
    if spawned.is_err() {
        finish(runtime, &mine);
        return false;
    }
    runtime.kit.detached(ctx, || begins.recv()).is_ok()
}

/// Native stack beyond what the interpreter uses.
const STACK_MARGIN: usize = 1 << 20;

fn finish(runtime: &PyRuntime, handle: &Arc<Handle>) {
    let threads = &runtime.library.threads;
    threads.count.fetch_sub(1, Relaxed);
    handle.native_id.store(0, Relaxed);
    handle.end(runtime.lot);
    threads.forget(handle);
}

/// The life of a thread, attached.
fn bootstrap(ctx: &mut Ctx, handle: Arc<Handle>, job: Job) {
    state::adopt(handle);
    match call(ctx, &job) {
        Ok(result) => drop(result),
        Err(raised) => {
            let exception = exception::take(ctx, raised);
            if !exception::is_instance(ctx, &exception, class::SystemExit) {
                let place = "in thread started by";
                crate::vm::report::report_unraisable(ctx, &exception, place, Some(&job.function));
            }
        }
    }
    drop(job);
    ctx.drain();
    state::forget();
    ctx.drain();
}

fn call(ctx: &mut Ctx, job: &Job) -> PyResult {
    let mut keywords = Vec::new();
    let mut values = Vec::new();
    if let Some(kwargs) = job
        .kwargs
        .as_ref()
        .and_then(|given| given.downcast::<PyDict>())
    {
        for (name, value) in kwargs.items(ctx) {
            keywords.push(str_::intern_obj(ctx, &name)?);
            values.push(value);
        }
    }
    let args = Args {
        pos: job.args.expect::<PyTuple>().items(),
        names: &keywords,
        values: &values,
    };
    protocol::call_with(ctx, &job.function, args)
}
