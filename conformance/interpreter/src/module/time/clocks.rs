//! The system's clocks by their numbers, and what is known of those that have names.

use crate::error::{PyResult, Raised, raise};
use crate::module::posix::path::counted;
use crate::object::args::Args;
use crate::object::obj::Obj;
use crate::object::{dict, exception, float, int, namespace, protocol, str_};
use kit_core::thread::Ctx;

/// Names of clocks, and their numbers.
pub const NUMBERS: &[(&str, i64)] = &[
    ("CLOCK_REALTIME", libc::CLOCK_REALTIME as i64),
    ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC as i64),
    ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW as i64),
    (
        "CLOCK_PROCESS_CPUTIME_ID",
        libc::CLOCK_PROCESS_CPUTIME_ID as i64,
    ),
    (
        "CLOCK_THREAD_CPUTIME_ID",
        libc::CLOCK_THREAD_CPUTIME_ID as i64,
    ),
    ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME as i64),
    ("CLOCK_TAI", libc::CLOCK_TAI as i64),
    // Items of a time tuple, for `_strptime`.
    ("_STRUCT_TM_ITEMS", 11),
];

const SECOND: i64 = 1_000_000_000;

#[cold]
fn failed(ctx: &mut Ctx) -> Raised {
    let error = std::io::Error::last_os_error();
    exception::os::raise_os_error(ctx, &error, None)
}

fn number(ctx: &mut Ctx, x: &Obj) -> PyResult<libc::clockid_t> {
    if crate::object::type_::type_of(ctx, x)
        .slots(ctx)
        .index
        .is_none()
    {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "clk_id should be integer, not {class}"
        ));
    }
    protocol::c_int(ctx, x)
}

type Ask = unsafe extern "C" fn(libc::clockid_t, *mut libc::timespec) -> libc::c_int;

/// What a clock says, in nanoseconds.
fn ask(ctx: &mut Ctx, clock: &Obj, ask: Ask) -> PyResult<i64> {
    let clock = number(ctx, clock)?;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the structure is written.
    if unsafe { ask(clock, &mut time) } != 0 {
        return Err(failed(ctx));
    }
    Ok(time
        .tv_sec
        .saturating_mul(SECOND)
        .saturating_add(time.tv_nsec))
}

pub fn gettime(ctx: &mut Ctx, clock: &Obj) -> PyResult {
    let time = ask(ctx, clock, libc::clock_gettime)?;
    float::new(ctx, time as f64 / SECOND as f64)
}

pub fn gettime_ns(ctx: &mut Ctx, clock: &Obj) -> PyResult {
    let time = ask(ctx, clock, libc::clock_gettime)?;
    int::from_i64(ctx, time)
}

pub fn getres(ctx: &mut Ctx, clock: &Obj) -> PyResult {
    let time = ask(ctx, clock, libc::clock_getres)?;
    float::new(ctx, time as f64 / SECOND as f64)
}

fn set(ctx: &mut Ctx, clock: &Obj, nanoseconds: i64) -> PyResult {
    let clock = number(ctx, clock)?;
    let time = libc::timespec {
        tv_sec: nanoseconds.div_euclid(SECOND),
        tv_nsec: nanoseconds.rem_euclid(SECOND),
    };
    // SAFETY: the structure is read.
    if unsafe { libc::clock_settime(clock, &time) } != 0 {
        return Err(failed(ctx));
    }
    Ok(Obj::NONE)
}

pub fn settime(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let seconds = float::expect_real(ctx, &args[1])?;
    if seconds.is_nan() {
        return Err(raise!(ctx, ValueError, "Invalid value NaN (not a number)"));
    }
    let nanoseconds = seconds * SECOND as f64;
    if nanoseconds.abs() >= i64::MAX as f64 {
        return Err(raise!(
            ctx,
            OverflowError,
            "timestamp out of range for platform time_t"
        ));
    }
    set(ctx, &args[0], nanoseconds as i64)
}

pub fn settime_ns(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let nanoseconds = protocol::c_ssize(ctx, &args[1])?;
    set(ctx, &args[0], nanoseconds)
}

/// `get_clock_info(name)`.
pub fn info(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let Some(text) = str_::text_of(name) else {
        let class = str_::argument_type(ctx, name);
        return Err(raise!(
            ctx,
            TypeError,
            "get_clock_info() argument 1 must be str, not {class}"
        ));
    };
    let (id, shown, monotonic, adjustable) = match text.to_str() {
        Some("time") => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false, true),
        Some("monotonic" | "perf_counter") => {
            (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true, false)
        }
        Some("process_time") => (
            libc::CLOCK_PROCESS_CPUTIME_ID,
            "CLOCK_PROCESS_CPUTIME_ID",
            true,
            false,
        ),
        Some("thread_time") => (
            libc::CLOCK_THREAD_CPUTIME_ID,
            "CLOCK_THREAD_CPUTIME_ID",
            true,
            false,
        ),
        _ => return Err(raise!(ctx, ValueError, "unknown clock")),
    };
    let mut step = libc::timespec {
        tv_sec: 0,
        tv_nsec: 1,
    };
    // SAFETY: the structure is written, or stays as it is.
    unsafe { libc::clock_getres(id, &mut step) };
    let resolution = step.tv_sec as f64 + step.tv_nsec as f64 / SECOND as f64;
    let implementation = str_::new(ctx, &format!("clock_gettime({shown})"))?;
    let resolution = float::new(ctx, resolution)?;
    let fields = dict::new(ctx)?;
    for (name, value) in [
        ("implementation", implementation),
        ("monotonic", Obj::bool(monotonic)),
        ("adjustable", Obj::bool(adjustable)),
        ("resolution", resolution),
    ] {
        let name = str_::intern(ctx, name);
        fields
            .expect::<dict::PyDict>()
            .set_name(ctx, &name, value)?;
    }
    namespace::from_dict(ctx, fields)
}

/// `strptime(text, format)`, which is the library's.
pub fn strptime(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let module = crate::module::import::load(ctx, "_strptime")?;
    let function = protocol::getattr_str(ctx, &module, "_strptime_time")?;
    protocol::call_with(ctx, &function, args)
}

/// The clock of the time that a thread has been running.
pub fn getcpuclockid(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    /// How the system numbers clocks of threads: all bits of the thread's number turned over, then these.
    const OF_THREAD: i32 = 4;
    const OF_RUNNING: i32 = 2;
    counted(ctx, args, "pthread_getcpuclockid", 1, 1)?;
    let thread = &args[0];
    if int::view(thread).is_none() {
        let class = str_::argument_type(ctx, thread);
        return Err(raise!(
            ctx,
            TypeError,
            "pthread_getcpuclockid() argument 1 must be int, not {class}"
        ));
    }
    let thread = int::to_i64(thread).unwrap_or(0) as u64;
    let Some(native) = crate::module::threading::state::native_of(ctx, thread) else {
        let error = std::io::Error::from_raw_os_error(libc::ESRCH);
        return Err(exception::os::raise_os_error(ctx, &error, None));
    };
    let clock = (!(native as i32) << 3) | OF_THREAD | OF_RUNNING;
    int::from_i64(ctx, clock.into())
}
