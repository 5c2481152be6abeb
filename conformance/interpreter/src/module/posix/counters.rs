//! Files without names: memory, counters of events, timers, processes.

use super::path::{descriptor_of, done, low_bits, number, text_argument, unsigned};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::obj::Obj;
use crate::object::{float, int, protocol, tuple};
use kit_core::thread::Ctx;
use std::mem::MaybeUninit;

const SECOND: i64 = 1_000_000_000;

fn memfd_create(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "memfd_create",
        params: &["name", "flags"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [name, flags] = args.bind(ctx, &SIGNATURE)?;
    let name = text_argument(ctx, name.unwrap_or(Obj::none()))?;
    let flags = flags.map_or(Ok(libc::MFD_CLOEXEC), |flags| low_bits(ctx, flags))?;
    // SAFETY: a text.
    let fd = done(ctx, || unsafe {
        libc::memfd_create(name.as_ptr(), flags).into()
    })?;
    int::from_i64(ctx, fd)
}

fn eventfd(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "eventfd",
        params: &["initval", "flags"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [first, flags] = args.bind(ctx, &SIGNATURE)?;
    let first = first.unwrap_or(Obj::none());
    let first = unsigned(ctx, first, u32::MAX.into(), "unsigned int")? as u32;
    let flags = flags.map_or(Ok(libc::EFD_CLOEXEC), |flags| number(ctx, flags))?;
    // SAFETY: takes numbers only.
    let fd = done(ctx, || unsafe { libc::eventfd(first, flags).into() })?;
    int::from_i64(ctx, fd)
}

fn eventfd_read(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "eventfd_read",
        params: &["fd"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [fd] = args.bind(ctx, &SIGNATURE)?;
    let fd = descriptor_of(ctx, fd.unwrap_or(Obj::none()))?;
    let mut value = 0;
    let place = &raw mut value;
    // SAFETY: room for a number.
    done(ctx, || unsafe { libc::eventfd_read(fd, place).into() })?;
    int::from_usize(ctx, value as usize)
}

fn eventfd_write(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "eventfd_write",
        params: &["fd", "value"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [fd, value] = args.bind(ctx, &SIGNATURE)?;
    let fd = descriptor_of(ctx, fd.unwrap_or(Obj::none()))?;
    let value = value.unwrap_or(Obj::none());
    let value = unsigned(ctx, value, u64::MAX, "unsigned long long")?;
    // SAFETY: takes numbers only.
    done(ctx, || unsafe { libc::eventfd_write(fd, value).into() })?;
    Ok(Obj::NONE)
}

fn timerfd_create(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "timerfd_create",
        params: &["clockid", "flags"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [clock, flags] = args.bind(ctx, &SIGNATURE)?;
    let clock = number(ctx, clock.unwrap_or(Obj::none()))?;
    let flags = flags.map_or(Ok(0), |flags| number(ctx, flags))? | libc::TFD_CLOEXEC;
    // SAFETY: takes numbers only.
    let fd = done(ctx, || unsafe { libc::timerfd_create(clock, flags).into() })?;
    int::from_i64(ctx, fd)
}

/// Nanoseconds of an argument in seconds, or in nanoseconds.
fn nanoseconds(ctx: &mut Ctx, value: Option<&Obj>, whole: bool) -> PyResult<i64> {
    let Some(value) = value else { return Ok(0) };
    if whole {
        let value = protocol::index(ctx, value)?;
        return match int::to_i64(&value) {
            Some(value) => Ok(value),
            None => Err(raise!(ctx, OverflowError, "int too big to convert")),
        };
    }
    let time = (float::expect_real(ctx, value)? * SECOND as f64).floor();
    if (i64::MIN as f64..i64::MAX as f64).contains(&time) {
        Ok(time as i64)
    } else {
        Err(raise!(
            ctx,
            OverflowError,
            "timestamp out of range for C PyTime_t"
        ))
    }
}

fn time(nanoseconds: i64) -> libc::timespec {
    libc::timespec {
        tv_sec: nanoseconds.div_euclid(SECOND) as _,
        tv_nsec: nanoseconds.rem_euclid(SECOND) as _,
    }
}

/// What timers return: when it is over next, and how often from then on.
fn result(ctx: &mut Ctx, timer: &libc::itimerspec, whole: bool) -> PyResult {
    let mut items = Vec::new();
    for time in [timer.it_value, timer.it_interval] {
        let (seconds, rest) = (time.tv_sec, time.tv_nsec);
        items.push(if whole {
            int::from_i64(ctx, seconds.saturating_mul(SECOND).saturating_add(rest))?
        } else {
            float::new(ctx, seconds as f64 + rest as f64 / SECOND as f64)?
        });
    }
    tuple::from_vec(ctx, items)
}

fn settime(ctx: &mut Ctx, args: Args<'_>, name: &'static str, whole: bool) -> PyResult {
    let signature = Signature {
        name,
        params: &["fd", "flags", "initial", "interval"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [fd, flags, initial, interval] = args.bind(ctx, &signature)?;
    let fd = descriptor_of(ctx, fd.unwrap_or(Obj::none()))?;
    let flags = flags.map_or(Ok(0), |flags| number(ctx, flags))?;
    let timer = libc::itimerspec {
        it_value: time(nanoseconds(ctx, initial, whole)?),
        it_interval: time(nanoseconds(ctx, interval, whole)?),
    };
    // SAFETY: zeros are a timer that is off.
    let mut before: libc::itimerspec = unsafe { MaybeUninit::zeroed().assume_init() };
    let (timer, place) = (&raw const timer, &raw mut before);
    // SAFETY: a timer, and a place for one.
    done(ctx, || unsafe {
        libc::timerfd_settime(fd, flags, timer, place).into()
    })?;
    result(ctx, &before, whole)
}

fn gettime(ctx: &mut Ctx, fd: &Obj, whole: bool) -> PyResult {
    let fd = descriptor_of(ctx, fd)?;
    // SAFETY: zeros are a timer that is off.
    let mut timer: libc::itimerspec = unsafe { MaybeUninit::zeroed().assume_init() };
    let place = &raw mut timer;
    // SAFETY: a place for a timer.
    done(ctx, || unsafe { libc::timerfd_gettime(fd, place).into() })?;
    result(ctx, &timer, whole)
}

fn pidfd_open(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "pidfd_open",
        params: &["pid", "flags"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [pid, flags] = args.bind(ctx, &SIGNATURE)?;
    let pid = number(ctx, pid.unwrap_or(Obj::none()))?;
    let flags = flags.map_or(Ok(0), |flags| low_bits(ctx, flags))?;
    // SAFETY: takes numbers only.
    let fd = done(ctx, || unsafe {
        libc::syscall(libc::SYS_pidfd_open, pid, flags)
    })?;
    int::from_i64(ctx, fd)
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("memfd_create", Native::F(memfd_create)),
    method("eventfd", Native::F(eventfd)),
    method("eventfd_read", Native::F(eventfd_read)),
    method("eventfd_write", Native::F(eventfd_write)),
    method("timerfd_create", Native::F(timerfd_create)),
    method(
        "timerfd_settime",
        Native::F(|ctx, args| settime(ctx, args, "timerfd_settime", false)),
    ),
    method(
        "timerfd_settime_ns",
        Native::F(|ctx, args| settime(ctx, args, "timerfd_settime_ns", true)),
    ),
    method(
        "timerfd_gettime",
        Native::F1(|ctx, fd| gettime(ctx, fd, false)),
    ),
    method(
        "timerfd_gettime_ns",
        Native::F1(|ctx, fd| gettime(ctx, fd, true)),
    ),
    method("pidfd_open", Native::F(pidfd_open)),
];
