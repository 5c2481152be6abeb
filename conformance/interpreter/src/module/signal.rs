//! `_signal`: what the program does about signals.
//!
//! The process's handler notes a signal for the main thread ([`crate::cli::signal`]), which calls the program's function
//! at its next safepoint ([`run_handlers`]).

use super::natives::{self, add_numbers};
use super::posix::path::{done, number};
use super::struct_class::{self, Kind};
use super::support;
use super::threading::wait;
use crate::cli::signal::{self, Response};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::set::PySet;
use crate::object::{float, ids, int, protocol, set, str_, tuple};
use crate::vm::thread::rt;
use crate::vm::{interrupt, observe};
use kit_core::thread::Ctx;
use std::io;
use std::mem::MaybeUninit;

/// One more than the largest number of a signal.
const COUNT: i32 = 65;

/// `signal.struct_siginfo`.
pub static SIGINFO: Kind = Kind {
    module: "signal",
    name: "struct_siginfo",
    fields: &[
        "si_signo",
        "si_code",
        "si_errno",
        "si_pid",
        "si_uid",
        "si_status",
        "si_band",
    ],
    hidden: &[],
    place: |natives| &natives.siginfo,
};

/// The handlers by number, if the module was imported.
fn table(ctx: &Ctx) -> Option<&'static Obj> {
    rt(ctx).library.natives.signal_handlers.get()
}

/// Calls the handlers of the signals that have arrived.
///
/// # Errors
/// A handler raised; the other signals wait for the next safepoint.
pub fn run_handlers(ctx: &mut Ctx) -> PyResult<()> {
    let mut arrived = interrupt::take_signals();
    while arrived != 0 {
        let number = arrived.trailing_zeros() as i32;
        arrived &= arrived - 1;
        if let Err(raised) = run_handler(ctx, number) {
            interrupt::put_back(ctx, arrived);
            return Err(raised);
        }
    }
    Ok(())
}

fn run_handler(ctx: &mut Ctx, number: i32) -> PyResult<()> {
    let number = Obj::small_int(number.into());
    let handler = match table(ctx) {
        Some(table) => table.expect::<PyDict>().get(ctx, &number)?,
        None => None,
    };
    let Some(handler) = handler else {
        if number.as_small_int() == Some(libc::SIGINT.into()) {
            return Err(exception::raise_args(
                ctx,
                class::KeyboardInterrupt,
                Vec::new(),
            ));
        }
        return Ok(());
    };
    // It may have been replaced since the signal came.
    if handler.as_small_int().is_some() || handler.is_none() {
        return Ok(());
    }
    let frame = observe::running(ctx, 0)?.unwrap_or(Obj::NONE);
    protocol::call(ctx, &handler, &[number, frame])?;
    Ok(())
}

fn default_int_handler(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    Err(exception::raise_args(
        ctx,
        class::KeyboardInterrupt,
        Vec::new(),
    ))
}

fn system_error(ctx: &mut Ctx, error: &io::Error) -> crate::error::Raised {
    exception::os::raise_os_error(ctx, error, None)
}

/// The number of a signal.
fn signal_number(ctx: &mut Ctx, value: &Obj) -> PyResult<i32> {
    let number = number(ctx, value)?;
    if (1..COUNT).contains(&number) {
        Ok(number)
    } else {
        Err(raise!(ctx, ValueError, "signal number out of range"))
    }
}

fn set_handler(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let wanted = number(ctx, &args[0])?;
    if !wait::is_main(ctx) {
        return Err(raise!(
            ctx,
            ValueError,
            "signal only works in main thread of the main interpreter"
        ));
    }
    if !(1..COUNT).contains(&wanted) {
        return Err(raise!(ctx, ValueError, "signal number out of range"));
    }
    let handler = &args[1];
    let response = match handler.as_small_int() {
        Some(0) => Response::Default,
        Some(1) => Response::Ignored,
        _ if protocol::is_callable(ctx, handler) => Response::Noted,
        _ => {
            return Err(raise!(
                ctx,
                TypeError,
                "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object"
            ));
        }
    };
    // What has arrived is for the handler there was.
    interrupt::check(ctx)?;
    let key = Obj::small_int(wanted.into());
    let Some(table) = table(ctx) else {
        return Ok(Obj::NONE);
    };
    let table = table.expect::<PyDict>();
    let before = table.get(ctx, &key)?.unwrap_or(Obj::NONE);
    if let Err(error) = signal::respond(wanted, response) {
        return Err(system_error(ctx, &error));
    }
    table.set(ctx, &key, handler.clone())?;
    Ok(before)
}

fn getsignal(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let number = signal_number(ctx, &args[0])?;
    let Some(table) = table(ctx) else {
        return Ok(Obj::NONE);
    };
    let key = Obj::small_int(number.into());
    let handler = table.expect::<PyDict>().get(ctx, &key)?;
    Ok(handler.unwrap_or(Obj::NONE))
}

/// Whether a function of Python is called for the signal.
///
/// # Errors
/// MemoryError.
pub fn has_handler(ctx: &mut Ctx, number: i64) -> PyResult<bool> {
    let Some(table) = table(ctx) else {
        return Ok(number == i64::from(libc::SIGINT));
    };
    let handler = table.expect::<PyDict>().get(ctx, &Obj::small_int(number))?;
    Ok(handler.is_some_and(|handler| protocol::is_callable(ctx, &handler)))
}

fn siginterrupt(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let wanted = signal_number(ctx, &args[0])?;
    let flag = number(ctx, &args[1])?;
    match signal::restarts(wanted, flag == 0) {
        Ok(()) => Ok(Obj::NONE),
        Err(error) => Err(system_error(ctx, &error)),
    }
}

fn set_wakeup_fd(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "set_wakeup_fd",
        params: &["fd", "warn_on_full_buffer"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [fd, warn] = args.bind(ctx, &SIGNATURE)?;
    let fd = number(ctx, fd.unwrap_or(Obj::none()))?;
    if let Some(warn) = warn {
        protocol::truth(ctx, warn)?;
    }
    if !wait::is_main(ctx) {
        return Err(raise!(
            ctx,
            ValueError,
            "set_wakeup_fd only works in main thread of the main interpreter"
        ));
    }
    if fd != -1 {
        let mut status = MaybeUninit::<libc::stat>::uninit();
        let place = status.as_mut_ptr();
        // SAFETY: fills in the status.
        done(ctx, || unsafe { libc::fstat(fd, place).into() })?;
        // SAFETY: takes numbers only.
        let flags = done(ctx, || unsafe { libc::fcntl(fd, libc::F_GETFL).into() })?;
        if flags as i32 & libc::O_NONBLOCK == 0 {
            return Err(raise!(
                ctx,
                ValueError,
                "the fd {fd} must be in non-blocking mode"
            ));
        }
    }
    int::from_i64(ctx, signal::set_wake(fd).into())
}

fn alarm(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let seconds = number(ctx, &args[0])?;
    // SAFETY: takes a number only.
    let left = unsafe { libc::alarm(seconds.max(0) as u32) };
    int::from_i64(ctx, left.into())
}

fn pause(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let main = wait::is_main(ctx);
    rt(ctx).kit.detached(ctx, || {
        if main {
            signal::pause();
        } else {
            // SAFETY: waits for a signal to this thread.
            unsafe { libc::pause() };
        }
    });
    interrupt::check(ctx)?;
    Ok(Obj::NONE)
}

fn raise_signal(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let number = number(ctx, &args[0])?;
    // SAFETY: takes a number only; whoever raises what ends the process wants that.
    done(ctx, || unsafe {
        if libc::raise(number) == 0 { 0 } else { -1 }
    })?;
    interrupt::check(ctx)?;
    Ok(Obj::NONE)
}

fn strsignal(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let number = signal_number(ctx, &args[0])?;
    // SAFETY: a text of the library for a number that it knows, or one of this thread.
    let text = unsafe { super::posix::system::name(ctx, libc::strsignal(number)) }?;
    let unknown = str_::text_of(&text).is_none_or(|text| text.as_bytes().starts_with(b"Unknown"));
    Ok(if unknown { Obj::NONE } else { text })
}

// --- Sets of signals -----------------------------------------------------------------------------

fn empty() -> libc::sigset_t {
    let mut all = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: zeros are a valid set, and made empty.
    unsafe {
        libc::sigemptyset(all.as_mut_ptr());
        all.assume_init()
    }
}

/// The signals whose numbers an iterable yields.
pub fn signals_of(ctx: &mut Ctx, value: &Obj) -> PyResult<libc::sigset_t> {
    let mut signals = empty();
    for value in protocol::collect(ctx, value)? {
        let number = protocol::index_i64(ctx, &value, None)?;
        if !(1..i64::from(COUNT)).contains(&number) {
            return Err(raise!(
                ctx,
                ValueError,
                "signal number {number} out of range [1; {}]",
                COUNT - 1
            ));
        }
        // SAFETY: a set, and a number of a signal. Those of the library's own are not added.
        unsafe { libc::sigaddset(&mut signals, number as i32) };
    }
    Ok(signals)
}

fn to_set(ctx: &mut Ctx, signals: &libc::sigset_t) -> PyResult {
    let found = set::new(ctx, ids::SET)?;
    for number in 1..COUNT {
        // SAFETY: a set, and a number of a signal.
        if unsafe { libc::sigismember(signals, number) } == 1 {
            found
                .expect::<PySet>()
                .add(ctx, &Obj::small_int(number.into()))?;
        }
    }
    Ok(found)
}

fn valid_signals(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut all = empty();
    // SAFETY: a set.
    unsafe { libc::sigfillset(&mut all) };
    to_set(ctx, &all)
}

fn sigpending(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut waiting = empty();
    // SAFETY: fills in the set.
    unsafe { libc::sigpending(&mut waiting) };
    to_set(ctx, &waiting)
}

fn pthread_sigmask(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let how = number(ctx, &args[0])?;
    let wanted = signals_of(ctx, &args[1])?;
    let mut before = empty();
    // SAFETY: two sets.
    let error = unsafe { libc::pthread_sigmask(how, &wanted, &mut before) };
    if error != 0 {
        return Err(system_error(ctx, &io::Error::from_raw_os_error(error)));
    }
    // What was held back has arrived.
    interrupt::check(ctx)?;
    to_set(ctx, &before)
}

fn pthread_kill(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let thread = protocol::c_ssize(ctx, &args[0])?;
    let number = number(ctx, &args[1])?;
    crate::module::sys::audit::event(ctx, "signal.pthread_kill", |_| Ok(args.to_vec()))?;
    let Some(native) = super::threading::state::native_of(ctx, thread as u64) else {
        return Err(system_error(
            ctx,
            &io::Error::from_raw_os_error(libc::ESRCH),
        ));
    };
    // SAFETY: takes numbers only: a process and one of its threads, or nobody.
    done(ctx, || unsafe {
        libc::syscall(libc::SYS_tgkill, libc::getpid(), native as i32, number)
    })?;
    interrupt::check(ctx)?;
    Ok(Obj::NONE)
}

fn pidfd_send_signal(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (fd, signal) = (number(ctx, &args[0])?, number(ctx, &args[1])?);
    let flags = args.get(3).map_or(Ok(0), |flags| number(ctx, flags))?;
    if args.get(2).is_some_and(|info| !info.is_none()) {
        return Err(raise!(ctx, TypeError, "siginfo must be None"));
    }
    // SAFETY: takes numbers only, and nothing besides.
    done(ctx, || unsafe {
        let info = std::ptr::null::<libc::siginfo_t>();
        libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, info, flags)
    })?;
    // One to this process has arrived by now.
    interrupt::check(ctx)?;
    Ok(Obj::NONE)
}

fn sigwait(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let wanted = signals_of(ctx, &args[0])?;
    let mut number = 0;
    let place = &mut number;
    // SAFETY: a set, and room for a number.
    let error = rt(ctx)
        .kit
        .detached(ctx, || unsafe { libc::sigwait(&wanted, place) });
    if error != 0 {
        return Err(system_error(ctx, &io::Error::from_raw_os_error(error)));
    }
    interrupt::check(ctx)?;
    int::from_i64(ctx, number.into())
}

fn info(ctx: &mut Ctx, found: &libc::siginfo_t) -> PyResult {
    // SAFETY: the system fills these in for whatever signal, if only with zeros.
    let (pid, user, status) = unsafe { (found.si_pid(), found.si_uid(), found.si_status()) };
    let items = [
        i64::from(found.si_signo),
        found.si_code.into(),
        found.si_errno.into(),
        pid.into(),
        user.into(),
        status.into(),
        0,
    ];
    let items = items.map(Obj::small_int);
    struct_class::make(ctx, &SIGINFO, items.into(), Vec::new())
}

fn wait_for(ctx: &mut Ctx, signals: &Obj, timeout: Option<&Obj>) -> PyResult {
    let wanted = signals_of(ctx, signals)?;
    let deadline = match timeout {
        Some(timeout) => {
            let seconds = wait::seconds(ctx, timeout)?;
            if seconds < 0.0 {
                return Err(raise!(ctx, ValueError, "timeout must be non-negative"));
            }
            Some(wait::deadline_in(ctx, seconds))
        }
        None => None,
    };
    loop {
        let left = deadline.map(|deadline| deadline.saturating_sub(wait::now(ctx)));
        let mut found = MaybeUninit::<libc::siginfo_t>::zeroed();
        let place = found.as_mut_ptr();
        let (number, error) = rt(ctx).kit.detached(ctx, || {
            let number = match left {
                Some(left) => {
                    let left = libc::timespec {
                        tv_sec: (left / 1_000_000_000) as i64,
                        tv_nsec: (left % 1_000_000_000) as i64,
                    };
                    // SAFETY: a set, room for what is found, and a time.
                    unsafe { libc::sigtimedwait(&wanted, place, &left) }
                }
                // SAFETY: as above.
                None => unsafe { libc::sigwaitinfo(&wanted, place) },
            };
            (number, io::Error::last_os_error())
        });
        if number > 0 {
            // SAFETY: zeros at first, and filled in by the call.
            let found = unsafe { found.assume_init() };
            return info(ctx, &found);
        }
        match error.raw_os_error() {
            Some(libc::EAGAIN) if deadline.is_some() => return Ok(Obj::NONE),
            Some(libc::EINTR) => interrupt::check(ctx)?,
            _ => return Err(system_error(ctx, &error)),
        }
    }
}

// --- Timers --------------------------------------------------------------------------------------

fn interval(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<libc::timeval> {
    let seconds = match value {
        Some(value) => wait::seconds(ctx, value)?,
        None => 0.0,
    };
    let whole = seconds.floor();
    Ok(libc::timeval {
        tv_sec: whole as i64,
        tv_usec: (((seconds - whole) * 1e6).ceil() as i64).min(999_999),
    })
}

fn timer_pair(ctx: &mut Ctx, timer: &libc::itimerval) -> PyResult {
    let seconds = |time: &libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    let first = float::new(ctx, seconds(&timer.it_value))?;
    let second = float::new(ctx, seconds(&timer.it_interval))?;
    tuple::from_vec(ctx, vec![first, second])
}

fn timer_error(ctx: &mut Ctx) -> crate::error::Raised {
    let error = io::Error::last_os_error();
    let made = itimer_error(ctx).and_then(|class| {
        let number = Obj::small_int(error.raw_os_error().unwrap_or(0).into());
        let text = str_::new(ctx, &exception::os::strip_code(&error.to_string()))?;
        protocol::call(ctx, &class, &[number, text])
    });
    match made {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}

fn itimer_error(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.itimer_error,
        "signal",
        "ItimerError",
        class::OSError,
    )
}

fn setitimer(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let which = number(ctx, &args[0])?;
    let new = libc::itimerval {
        it_value: interval(ctx, args.get(1))?,
        it_interval: interval(ctx, args.get(2))?,
    };
    let mut old = MaybeUninit::<libc::itimerval>::zeroed();
    // SAFETY: two timers; zeros are one.
    let (result, old) = unsafe {
        let result = libc::setitimer(which as _, &new, old.as_mut_ptr());
        (result, old.assume_init())
    };
    if result != 0 {
        return Err(timer_error(ctx));
    }
    timer_pair(ctx, &old)
}

fn getitimer(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let which = number(ctx, &args[0])?;
    let mut now = MaybeUninit::<libc::itimerval>::zeroed();
    // SAFETY: a timer; zeros are one.
    let (result, now) = unsafe {
        let result = libc::getitimer(which as _, now.as_mut_ptr());
        (result, now.assume_init())
    };
    if result != 0 {
        return Err(timer_error(ctx));
    }
    timer_pair(ctx, &now)
}

#[rustfmt::skip]
const NUMBERS: &[(&str, i64)] = &[
    ("NSIG", 65), ("SIG_DFL", 0), ("SIG_IGN", 1),
    ("SIG_BLOCK", libc::SIG_BLOCK as i64), ("SIG_UNBLOCK", libc::SIG_UNBLOCK as i64), ("SIG_SETMASK", libc::SIG_SETMASK as i64),
    ("ITIMER_REAL", 0), ("ITIMER_VIRTUAL", 1), ("ITIMER_PROF", 2),
    ("SIGABRT", libc::SIGABRT as i64), ("SIGALRM", libc::SIGALRM as i64), ("SIGBUS", libc::SIGBUS as i64), ("SIGCHLD", libc::SIGCHLD as i64),
    ("SIGCLD", libc::SIGCHLD as i64), ("SIGCONT", libc::SIGCONT as i64), ("SIGFPE", libc::SIGFPE as i64), ("SIGHUP", libc::SIGHUP as i64),
    ("SIGILL", libc::SIGILL as i64), ("SIGINT", libc::SIGINT as i64), ("SIGIO", libc::SIGIO as i64), ("SIGIOT", libc::SIGIOT as i64),
    ("SIGKILL", libc::SIGKILL as i64), ("SIGPIPE", libc::SIGPIPE as i64), ("SIGPOLL", libc::SIGPOLL as i64), ("SIGPROF", libc::SIGPROF as i64),
    ("SIGPWR", libc::SIGPWR as i64), ("SIGQUIT", libc::SIGQUIT as i64), ("SIGRTMAX", 64), ("SIGRTMIN", 34), ("SIGSEGV", libc::SIGSEGV as i64),
    ("SIGSTKFLT", libc::SIGSTKFLT as i64), ("SIGSTOP", libc::SIGSTOP as i64), ("SIGSYS", libc::SIGSYS as i64), ("SIGTERM", libc::SIGTERM as i64),
    ("SIGTRAP", libc::SIGTRAP as i64), ("SIGTSTP", libc::SIGTSTP as i64), ("SIGTTIN", libc::SIGTTIN as i64), ("SIGTTOU", libc::SIGTTOU as i64),
    ("SIGURG", libc::SIGURG as i64), ("SIGUSR1", libc::SIGUSR1 as i64), ("SIGUSR2", libc::SIGUSR2 as i64), ("SIGVTALRM", libc::SIGVTALRM as i64),
    ("SIGWINCH", libc::SIGWINCH as i64), ("SIGXCPU", libc::SIGXCPU as i64), ("SIGXFSZ", libc::SIGXFSZ as i64),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    add_numbers(ctx, module, NUMBERS)?;
    let error = itimer_error(ctx)?;
    support::add(ctx, module, "ItimerError", error)?;
    let class = struct_class::class(ctx, &SIGINFO)?;
    support::add(ctx, module, "struct_siginfo", class)?;
    let table = dict::new(ctx)?;
    let interrupt = protocol::getattr_str(ctx, module, "default_int_handler")?;
    for number in 1..COUNT {
        let handler = match signal::response(number) {
            Ok(Response::Default) => Obj::small_int(0),
            Ok(Response::Ignored) => Obj::small_int(1),
            Ok(Response::Noted) if number == libc::SIGINT => interrupt.clone(),
            _ => Obj::NONE,
        };
        let key = Obj::small_int(number.into());
        table.expect::<PyDict>().set(ctx, &key, handler)?;
    }
    // Another thread may have been faster; it found the same.
    drop(rt(ctx).library.natives.signal_handlers.set(table));
    Ok(())
}

/// `_signal`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_signal",
    functions: &[
        method("default_int_handler", Native::FN(2, 2, default_int_handler)),
        method("signal", Native::FN(2, 2, set_handler)),
        method("getsignal", Native::FN(1, 1, getsignal)),
        method("siginterrupt", Native::FN(2, 2, siginterrupt)),
        method("set_wakeup_fd", Native::F(set_wakeup_fd)),
        method("alarm", Native::FN(1, 1, alarm)),
        method("pause", Native::FN(0, 0, pause)),
        method("raise_signal", Native::FN(1, 1, raise_signal)),
        method("strsignal", Native::FN(1, 1, strsignal)),
        method("valid_signals", Native::FN(0, 0, valid_signals)),
        method("sigpending", Native::FN(0, 0, sigpending)),
        method("pthread_sigmask", Native::FN(2, 2, pthread_sigmask)),
        method("pidfd_send_signal", Native::FN(2, 4, pidfd_send_signal)),
        method("pthread_kill", Native::FN(2, 2, pthread_kill)),
        method("sigwait", Native::FN(1, 1, sigwait)),
        method(
            "sigwaitinfo",
            Native::F1(|ctx, signals| wait_for(ctx, signals, None)),
        ),
        method(
            "sigtimedwait",
            Native::FN(2, 2, |ctx, args| wait_for(ctx, &args[0], Some(&args[1]))),
        ),
        method("setitimer", Native::FN(2, 3, setitimer)),
        method("getitimer", Native::FN(1, 1, getitimer)),
    ],
    types: &[],
    populate,
    doc: "What happens when signals arrive.",
};
