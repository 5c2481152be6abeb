//! The part of `posix` about processes: forking, waiting for children, ending at once.
//!
//! ```text
//! fork:  before hooks, last first ─ the runtime forks ─┬─ parent: after_in_parent hooks, the warning
//!                                                      └─ child:  frame objects of the others own what was in their frames;
//!                                                                 this thread is the main thread, and the only one;
//!                                                                 imports of others are forgotten; random numbers
//!                                                                 begin anew; after_in_child hooks
//! ```
//!
//! Streams are whole and free in the child ([`guard`](crate::module::io::guard)). Locks of the program that others hold stay held, and a generator
//! that another thread was running stays in its middle for ever.

use crate::cli::signal;
use crate::error::{PyResult, raise};
use crate::module::posix::environment;
use crate::module::posix::path::done;
use crate::module::struct_class::{self, Kind};
use crate::module::sys::audit;
use crate::module::{resource, threading, warnings};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::exception::{self, class};
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::{int, protocol, str_, tuple};
use crate::vm::thread::{py, rt};
use crate::vm::{observe, report};
use kit_core::thread::Ctx;
use kit_std::fork::Forked;
use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::Relaxed;

/// What `register_at_fork` was given: each a list, once there is one.
#[derive(Default)]
pub struct Hooks {
    /// Called before, the last first.
    pub before: Root,
    /// Called in the process that forks.
    pub parent: Root,
    /// Called in the new process.
    pub child: Root,
}

fn register_at_fork(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    if !args.pos.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "register_at_fork() takes no positional arguments"
        ));
    }
    let hooks = &rt(ctx).library.forks;
    let names = ["before", "after_in_child", "after_in_parent"];
    let roots = [&hooks.before, &hooks.child, &hooks.parent];
    let mut given = [None; 3];
    for (name, value) in args.names.iter().zip(args.values) {
        let text = name.expect::<str_::PyStr>().as_str_lossy();
        let Some(index) = names.iter().position(|known| *known == text) else {
            return Err(raise!(
                ctx,
                TypeError,
                "register_at_fork() got an unexpected keyword argument '{text}'"
            ));
        };
        given[index] = Some(value);
    }
    if given.iter().all(Option::is_none) {
        return Err(raise!(ctx, TypeError, "At least one argument is required."));
    }
    for (name, value) in names.iter().zip(given) {
        if let Some(value) = value.filter(|value| !protocol::is_callable(ctx, value)) {
            let class = protocol::type_name(ctx, value);
            return Err(raise!(
                ctx,
                TypeError,
                "'{name}' must be callable, not {class}"
            ));
        }
    }
    for (root, value) in roots.into_iter().zip(given) {
        let Some(value) = value else { continue };
        if root.get().is_none() {
            let empty = list::from_vec(ctx, Vec::new())?;
            // Another thread may have been faster.
            drop(root.set(empty));
        }
        if let Some(hooks) = root.get() {
            hooks.expect::<PyList>().push(ctx, value.clone())?;
        }
    }
    Ok(Obj::NONE)
}

/// Calls hooks; what they raise is reported.
fn call_hooks(ctx: &mut Ctx, root: &Root, last_first: bool) {
    let Some(hooks) = root.get() else { return };
    let mut hooks = hooks.expect::<PyList>().to_vec(ctx);
    if last_first {
        hooks.reverse();
    }
    for hook in hooks {
        match protocol::call(ctx, &hook, &[]) {
            Ok(result) => drop(result),
            Err(raised) => {
                let error = exception::take(ctx, raised);
                report::report_unraisable(ctx, &error, "in atfork callback", Some(&hook));
            }
        }
    }
}

/// Refuses what would go on in a new process, as `what` says, when the program is over.
pub fn refuse_at_end(ctx: &mut Ctx, what: &str) -> PyResult<()> {
    // Relaxed: the thread that goes on has set it itself.
    if rt(ctx).library.threads.finalizing.load(Relaxed) {
        let message = "at interpreter shutdown";
        return Err(raise!(ctx, PythonFinalizationError, "{what} {message}"));
    }
    Ok(())
}

fn fork(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    refuse_at_end(ctx, "can't fork")?;
    audit::event(ctx, "os.fork", |_| Ok(Vec::new()))?;
    let pid = split(ctx, || ())?;
    int::from_i64(ctx, pid)
}

/// Forks; the new process has a terminal of its own, whose other end the old one gets.
fn forkpty(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    refuse_at_end(ctx, "can't fork")?;
    audit::event(ctx, "os.forkpty", |_| Ok(Vec::new()))?;
    let (mut first, second) = super::terminals::open(ctx)?;
    let terminal = move || {
        // SAFETY: its own descriptors, the second of which becomes its input, output and errors.
        unsafe {
            libc::close(first);
            if libc::login_tty(second) != 0 {
                libc::_exit(1);
            }
        }
    };
    let pid = split(ctx, terminal);
    if let Ok(0) = pid {
        first = -1;
    } else {
        // SAFETY: its own descriptors: one is of no use here, the other is the program's now, or nobody's.
        unsafe {
            libc::close(second);
            match pid {
                Ok(_) => libc::fcntl(first, libc::F_SETFD, 0),
                Err(_) => libc::close(first),
            };
        }
    }
    let pair = vec![int::from_i64(ctx, pid?)?, int::from_i64(ctx, first.into())?];
    tuple::from_vec(ctx, pair)
}

/// Forks: the number of the new process; 0 in that, where `begin` was called before anything of the program's.
pub fn split(ctx: &mut Ctx, begin: impl FnOnce()) -> PyResult<i64> {
    let runtime = rt(ctx);
    let hooks = &runtime.library.forks;
    call_hooks(ctx, &hooks.before, true);
    // A signal that came to the child before it has a main thread would be passed on to one that is gone.
    let mask = signal::Mask::all();
    let threads = &runtime.library.threads;
    let index = py(ctx).copy_index;
    // SAFETY: the interpreter's threads use what they own, or what lives as long as the process; only the stack of the
    // process's first thread lends them anything. The process has one interpreter. The index is the calling thread's.
    let forked = unsafe {
        let code = runtime.kit.code();
        let hold = || (code.hold(), threads.hold(), environment::lock());
        runtime.kit.fork(ctx, hold, |ctx, stopped, (code, ..)| {
            observe::inherit(ctx, stopped);
            code.inherit(index);
        })
    };
    let is_child = matches!(forked, Ok(Forked::Child));
    if is_child {
        begin();
        threading::state::after_fork(ctx);
        runtime.library.warnings.after_fork(ctx);
        runtime.library.turns.after_fork();
        runtime
            .library
            .imports
            .forget_others(threading::state::ident());
        signal::move_here(ctx);
    }
    drop(mask);
    match forked {
        Ok(Forked::Child) => {
            reseed(ctx);
            call_hooks(ctx, &hooks.child, false);
            Ok(0)
        }
        Ok(Forked::Parent(pid)) => {
            // One that has just been started may not have come to the runtime yet.
            let threads = threads.count();
            call_hooks(ctx, &hooks.parent, false);
            if threads > 1 {
                let here = std::process::id();
                let message = format!(
                    "This process (pid={here}) is multi-threaded, use of fork() may lead to deadlocks in the child."
                );
                warnings::warn(ctx, class::DeprecationWarning, &message)?;
            }
            Ok(i64::from(pid))
        }
        Err(error) => {
            call_hooks(ctx, &hooks.parent, false);
            Err(exception::os::raise_os_error(ctx, &error, None))
        }
    }
}

/// Lets the numbers of `random` differ from the parent's, if the module is there.
fn reseed(ctx: &mut Ctx) {
    let Ok(Some(random)) = crate::module::import::loaded(ctx, "random") else {
        return;
    };
    let Some(source) = crate::module::get(ctx, &random, "_inst") else {
        return;
    };
    let seed = str_::intern(ctx, "seed");
    if let Err(raised) = protocol::call_method(ctx, &source, &seed, &[]) {
        exception::report_unraisable(ctx, raised, &source);
    }
}

/// Waits for a child, detached.
fn wait_for(ctx: &mut Ctx, pid: i32, options: i32) -> PyResult {
    loop {
        let (found, status, error) = rt(ctx).kit.detached(ctx, || {
            let mut status = 0;
            // SAFETY: writes to `status`.
            let found = unsafe { libc::waitpid(pid, &mut status, options) };
            (found, status, io::Error::last_os_error())
        });
        if found >= 0 {
            let pair = vec![
                Obj::small_int(i64::from(found)),
                Obj::small_int(i64::from(status)),
            ];
            return tuple::from_vec(ctx, pair);
        }
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(exception::os::raise_os_error(ctx, &error, None));
        }
        if ctx.poll() {
            return Err(crate::error::Raised::stored());
        }
    }
}

/// `os.waitid_result`.
pub static WAITID_RESULT: Kind = Kind {
    module: "posix",
    name: "waitid_result",
    fields: &["si_pid", "si_uid", "si_signo", "si_status", "si_code"],
    hidden: &[],
    place: |natives| &natives.waitid_result,
};

fn waitid(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let kind = number(ctx, &args[0])?;
    let id = number(ctx, &args[1])?;
    let options = number(ctx, &args[2])?;
    // SAFETY: zeros are what is known of nobody.
    let mut found: libc::siginfo_t = unsafe { MaybeUninit::zeroed().assume_init() };
    let place = &raw mut found;
    // SAFETY: fills in what it finds.
    done(ctx, || unsafe {
        libc::waitid(kind as libc::idtype_t, id as libc::id_t, place, options).into()
    })?;
    // SAFETY: it was a child, or nobody.
    let (pid, uid, status) = unsafe { (found.si_pid(), found.si_uid(), found.si_status()) };
    if pid == 0 {
        return Ok(Obj::NONE);
    }
    let mut items = Vec::new();
    for value in [
        pid.into(),
        uid.into(),
        found.si_signo.into(),
        status.into(),
        found.si_code.into(),
    ] {
        items.push(int::from_i64(ctx, value)?);
    }
    struct_class::make(ctx, &WAITID_RESULT, items, Vec::new())
}

/// Waits for a child: its number, how it ended, what it has used.
fn wait_used(ctx: &mut Ctx, pid: i32, options: i32) -> PyResult {
    let mut status = 0;
    // SAFETY: all of it are numbers.
    let mut usage: libc::rusage = unsafe { MaybeUninit::zeroed().assume_init() };
    let (place, used) = (&raw mut status, &raw mut usage);
    // SAFETY: fills both in.
    let pid = done(ctx, || unsafe {
        libc::wait4(pid, place, options, used).into()
    })?;
    let items = vec![
        int::from_i64(ctx, pid)?,
        int::from_i64(ctx, status.into())?,
        resource::to_struct(ctx, &usage)?,
    ];
    tuple::from_vec(ctx, items)
}

fn wait3(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "wait3",
        params: &["options"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [options] = args.bind(ctx, &SIGNATURE)?;
    let options = number(ctx, options.unwrap_or(Obj::none()))?;
    wait_used(ctx, -1, options)
}

fn wait4(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "wait4",
        params: &["pid", "options"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [pid, options] = args.bind(ctx, &SIGNATURE)?;
    let pid = number(ctx, pid.unwrap_or(Obj::none()))?;
    let options = number(ctx, options.unwrap_or(Obj::none()))?;
    wait_used(ctx, pid, options)
}

fn number(ctx: &mut Ctx, value: &Obj) -> PyResult<i32> {
    let number = protocol::index_i64(ctx, value, None)?;
    match i32::try_from(number) {
        Ok(number) => Ok(number),
        Err(_) => Err(raise!(
            ctx,
            OverflowError,
            "signed integer is {} than {}",
            if number < 0 { "less" } else { "greater" },
            if number < 0 { "minimum" } else { "maximum" }
        )),
    }
}

fn waitpid(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let pid = number(ctx, &args[0])?;
    let options = number(ctx, &args[1])?;
    wait_for(ctx, pid, options)
}

fn wait(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    wait_for(ctx, -1, 0)
}

const fn status_of(name: &'static str) -> Signature {
    Signature {
        name,
        params: &["status"],
        posonly: 0,
        positional: 1,
        required: 1,
    }
}

fn status(ctx: &mut Ctx, args: Args<'_>, signature: &Signature) -> PyResult<i32> {
    let [status] = args.bind(ctx, signature)?;
    match status {
        Some(status) => number(ctx, status),
        None => Ok(0),
    }
}

fn exit(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = status_of("_exit");
    let status = status(ctx, args, &SIGNATURE)?;
    // SAFETY: ends the process; nothing of it is used any more.
    unsafe { libc::_exit(status) }
}

fn exit_code(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = status_of("waitstatus_to_exitcode");
    let status = status(ctx, args, &SIGNATURE)?;
    if libc::WIFEXITED(status) {
        return Ok(Obj::small_int(i64::from(libc::WEXITSTATUS(status))));
    }
    if libc::WIFSIGNALED(status) {
        return Ok(Obj::small_int(-i64::from(libc::WTERMSIG(status))));
    }
    if libc::WIFSTOPPED(status) {
        let signal = libc::WSTOPSIG(status);
        return Err(raise!(
            ctx,
            ValueError,
            "process stopped by delivery of signal {signal}"
        ));
    }
    Err(raise!(ctx, ValueError, "invalid wait status: {status}"))
}

macro_rules! statuses {
    ($($function:ident = $name:literal, $ask:path => $answer:expr;)*) => {$(
        fn $function(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
            static SIGNATURE: Signature = status_of($name);
            let status = status(ctx, args, &SIGNATURE)?;
            Ok($answer($ask(status)))
        }
    )*};
}

fn signal_number(number: i32) -> Obj {
    Obj::small_int(i64::from(number))
}

statuses! {
    has_exited = "WIFEXITED", libc::WIFEXITED => Obj::bool;
    exit_status = "WEXITSTATUS", libc::WEXITSTATUS => signal_number;
    is_signaled = "WIFSIGNALED", libc::WIFSIGNALED => Obj::bool;
    end_signal = "WTERMSIG", libc::WTERMSIG => signal_number;
    is_stopped = "WIFSTOPPED", libc::WIFSTOPPED => Obj::bool;
    stop_signal = "WSTOPSIG", libc::WSTOPSIG => signal_number;
    has_continued = "WIFCONTINUED", libc::WIFCONTINUED => Obj::bool;
}

fn getpid(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    int::from_i64(ctx, i64::from(std::process::id()))
}

fn getppid(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    int::from_i64(ctx, i64::from(std::os::unix::process::parent_id()))
}

/// Functions for processes, which `posix` has too.
pub const FUNCTIONS: &[Method] = &[
    method("fork", Native::FN(0, 0, fork)),
    method("forkpty", Native::FN(0, 0, forkpty)),
    method("register_at_fork", Native::F(register_at_fork)),
    method("waitpid", Native::FN(2, 2, waitpid)),
    method("wait", Native::FN(0, 0, wait)),
    method("wait3", Native::F(wait3)),
    method("wait4", Native::F(wait4)),
    method("waitid", Native::FN(3, 3, waitid)),
    method("_exit", Native::F(exit)),
    method("getpid", Native::FN(0, 0, getpid)),
    method("getppid", Native::FN(0, 0, getppid)),
    method("waitstatus_to_exitcode", Native::F(exit_code)),
    method("WIFEXITED", Native::F(has_exited)),
    method("WEXITSTATUS", Native::F(exit_status)),
    method("WIFSIGNALED", Native::F(is_signaled)),
    method("WTERMSIG", Native::F(end_signal)),
    method("WIFSTOPPED", Native::F(is_stopped)),
    method("WSTOPSIG", Native::F(stop_signal)),
    method("WIFCONTINUED", Native::F(has_continued)),
    method(
        "WCOREDUMP",
        Native::F1(|ctx, status| Ok(Obj::bool(libc::WCOREDUMP(number(ctx, status)?)))),
    ),
];
