//! Python on this machine: a program that was compiled when the image was built, and a module, `board`, by which it has the second
//! processor work.
//!
//! ```text
//! board.start(function, *arguments)    the second processor calls it
//! board.join()                         waits for that; what it returned
//! board.collect()                      collects cycles
//! ```

use crate::check;
use crate::host;
use crate::port::PORT;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr;
use kit_core::backend::collector::Cause;
use kit_core::sync::event::Event;
use kit_core::sync::native::{AtomicBool, AtomicPtr, Ordering::*};
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_python::error::{PyResult, Raised};
use kit_python::object::args::Args;
use kit_python::object::define::{ModuleDef, Native, method};
use kit_python::object::obj::Obj;
use kit_python::object::root::Root;
use kit_python::object::{code, exception, int, protocol};
use kit_python::vm::start::{self, Config};
use kit_python::vm::thread::rt;
use kit_python::vm::{exec, finish, report};
use kit_python::{module, pack};

/// What `build.rs` has made of `program.py`.
static PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/program.bin"));

/// Bytes of native stack that a thread may use; the processors have twice as much.
const STACK: usize = 1 << 20;

/// Runs the program.
pub fn run() {
    let Ok(program) = pack::unpack(PROGRAM) else {
        host::exit(80);
    };
    let config = Config {
        stack_size: STACK,
        hash_seed: Some(0),
        ..Config::on(PORT, host::say)
    };
    let ran = start::with_config(&config, |ctx| {
        let ran = run_program(ctx, &program);
        if let Err(raised) = ran {
            let error = exception::take(ctx, raised);
            report::print_exception(ctx, &error);
            host::exit(81);
        }
        finish::modules(ctx);
    });
    check(ran.is_ok(), 82);
    host::say("the Python program ran on both\n");
}

fn run_program(ctx: &mut Ctx, program: &Arc<kit_python::code::Code>) -> PyResult {
    module::create(ctx, &BOARD)?;
    let main = module::main_module(ctx)?;
    let globals = module::namespace(ctx, &main)?;
    let code = code::new(ctx, program)?;
    exec::exec_code(ctx, &code, &globals, None, None)
}

/// The module.
static BOARD: ModuleDef = ModuleDef {
    name: "board",
    functions: &[
        method("start", Native::F(start_second)),
        method("join", Native::F(join)),
        method("collect", Native::F(collect)),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "",
};

/// What the second processor does.
#[derive(Default)]
struct Work {
    result: Root,
    failed: AtomicBool,
    done: Event,
}

/// The work that nobody has waited for, if there is any.
static CURRENT: AtomicPtr<Work> = AtomicPtr::new(ptr::null_mut());

fn refuse(ctx: &mut Ctx, message: &str) -> Raised {
    exception::raise_message(ctx, exception::class::RuntimeError, message)
}

/// `board.start(function, *arguments)`.
fn start_second(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [function, rest @ ..] = args.pos else {
        return Err(refuse(ctx, "start() needs a function"));
    };
    let (function, rest): (Obj, Vec<Obj>) = (function.clone(), rest.to_vec());
    let work = Arc::new(Work::default());
    let mine = Arc::into_raw(work.clone()).cast_mut();
    // Release, to `join`.
    if CURRENT
        .compare_exchange(ptr::null_mut(), mine, Release, Relaxed)
        .is_err()
    {
        // SAFETY: made above, and given to nobody.
        drop(unsafe { Arc::from_raw(mine) });
        return Err(refuse(ctx, "the second processor has work"));
    }
    let runtime = rt(ctx);
    runtime.kit.expect_company(ctx);
    let body = move || {
        let called = start::attach(runtime, |ctx| {
            match protocol::call(ctx, &function, &rest) {
                Ok(result) => drop(work.result.set(result)),
                Err(raised) => {
                    let error = exception::take(ctx, raised);
                    drop(work.result.set(error));
                    // Relaxed: `done` publishes it.
                    work.failed.store(true, Relaxed);
                }
            }
            drop((function, rest));
            ctx.drain();
        });
        check(called.is_ok(), 83);
        work.done.set(runtime.lot);
    };
    match (PORT.start)(STACK, Box::new(body)) {
        Ok(()) => Ok(Obj::NONE),
        Err(_) => {
            take_current();
            Err(refuse(ctx, "there is no second processor"))
        }
    }
}

fn take_current() -> Option<Arc<Work>> {
    // Acquire, from `start_second`.
    let work = CURRENT.swap(ptr::null_mut(), Acquire);
    // SAFETY: `start_second` made it of an `Arc`, and whoever swaps it out has it.
    (!work.is_null()).then(|| unsafe { Arc::from_raw(work) })
}

/// `board.join()`.
fn join(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "join", 0, 0)?;
    let Some(work) = take_current() else {
        return Err(refuse(ctx, "the second processor has no work"));
    };
    let runtime = rt(ctx);
    let waited = runtime
        .kit
        .detached(ctx, || work.done.wait(runtime.lot, &mut Unattached, None));
    check(waited == Ok(true), 84);
    runtime.kit.notice_solitude(ctx);
    let result = work.result.get().cloned().unwrap_or(Obj::NONE);
    match work.failed.load(Relaxed) {
        true => Err(exception::raise(ctx, result)),
        false => Ok(result),
    }
}

/// `board.collect()`.
fn collect(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "collect", 0, 0)?;
    let found = rt(ctx).kit.collect_for(ctx, Cause::Asked(2));
    ctx.drain();
    let count = found.map_or(0, |found| found.unreachable);
    int::from_usize(ctx, count)
}
