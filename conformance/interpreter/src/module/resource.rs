//! `resource`: what a process may use, and has used.

use super::natives::{Natives, add_numbers};
use super::posix::numbers;
use super::struct_class::{self, Kind};
use super::support;
use super::sys::audit;
use crate::error::{PyResult, raise};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{float, int, protocol, tuple};
use kit_core::thread::Ctx;

/// `resource.struct_rusage`.
pub static USAGE: Kind = Kind {
    module: "resource",
    name: "struct_rusage",
    fields: &[
        "ru_utime",
        "ru_stime",
        "ru_maxrss",
        "ru_ixrss",
        "ru_idrss",
        "ru_isrss",
        "ru_minflt",
        "ru_majflt",
        "ru_nswap",
        "ru_inblock",
        "ru_oublock",
        "ru_msgsnd",
        "ru_msgrcv",
        "ru_nsignals",
        "ru_nvcsw",
        "ru_nivcsw",
    ],
    hidden: &[],
    place: |natives: &Natives| &natives.usage,
};

/// The exception for the error of the last call; `invalid` says what it means that an argument is refused.
fn failed(ctx: &mut Ctx, invalid: &str) -> crate::error::Raised {
    let error = std::io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EINVAL) => raise!(ctx, ValueError, "{invalid}"),
        Some(libc::EPERM) => raise!(ctx, ValueError, "not allowed to raise maximum limit"),
        _ => exception::os::raise_os_error(ctx, &error, None),
    }
}

fn limit(ctx: &mut Ctx, value: libc::rlim_t) -> PyResult {
    match value {
        libc::RLIM_INFINITY => Ok(Obj::small_int(-1)),
        value => int::from_usize(ctx, value as usize),
    }
}

fn getrlimit(ctx: &mut Ctx, which: &Obj) -> PyResult {
    let which = protocol::c_int(ctx, which)?;
    let mut limits = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: it fills the limits in, or refuses the number.
    if unsafe { libc::getrlimit(which as _, &mut limits) } != 0 {
        return Err(failed(ctx, "invalid resource specified"));
    }
    pair(ctx, &limits)
}

/// The limits that a pair of numbers says.
fn limits_of(ctx: &mut Ctx, pair: &Obj) -> PyResult<libc::rlimit> {
    let limits = protocol::collect(ctx, pair)?;
    let [now, most] = &limits[..] else {
        return Err(raise!(ctx, ValueError, "expected a tuple of 2 integers"));
    };
    let mut values = [0; 2];
    for (value, x) in values.iter_mut().zip([now, most]) {
        let index = protocol::index(ctx, x)?;
        let wide = int::view(&index).and_then(|index| index.to_wide());
        *value = match wide {
            Some(-1) => libc::RLIM_INFINITY,
            _ if int::is_negative(&index) => {
                return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
            }
            Some(limit) if limit <= u64::MAX.into() => limit as libc::rlim_t,
            _ => return Err(protocol::too_large(ctx, "rlim_t")),
        };
    }
    Ok(libc::rlimit {
        rlim_cur: values[0],
        rlim_max: values[1],
    })
}

fn pair(ctx: &mut Ctx, limits: &libc::rlimit) -> PyResult {
    let limits = vec![limit(ctx, limits.rlim_cur)?, limit(ctx, limits.rlim_max)?];
    tuple::from_vec(ctx, limits)
}

fn prlimit(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (pid, which) = (
        protocol::c_int(ctx, &args[0])?,
        protocol::c_int(ctx, &args[1])?,
    );
    // One more than the last of them.
    if !(0..16).contains(&which) {
        return Err(raise!(ctx, ValueError, "invalid resource specified"));
    }
    audit::event(ctx, "resource.prlimit", |_| {
        Ok((0..3)
            .map(|at| args.get(at).cloned().unwrap_or(Obj::NONE))
            .collect())
    })?;
    let limits = match args.get(2).filter(|limits| !limits.is_none()) {
        Some(limits) => Some(limits_of(ctx, limits)?),
        None => None,
    };
    let new = limits.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let mut old = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: null, or it reads the limits; and it fills the old ones in.
    if unsafe { libc::prlimit(pid, which as _, new, &mut old) } != 0 {
        let error = std::io::Error::last_os_error();
        return Err(match error.raw_os_error() {
            Some(libc::EINVAL) => raise!(ctx, ValueError, "current limit exceeds maximum limit"),
            _ => exception::os::raise_os_error(ctx, &error, None),
        });
    }
    pair(ctx, &old)
}

fn setrlimit(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let which = protocol::c_int(ctx, &args[0])?;
    let limits = limits_of(ctx, &args[1])?;
    // SAFETY: it reads the limits.
    if unsafe { libc::setrlimit(which as _, &limits) } != 0 {
        return Err(match limits.rlim_cur > limits.rlim_max {
            true => failed(ctx, "current limit exceeds maximum limit"),
            false => failed(ctx, "invalid resource specified"),
        });
    }
    Ok(Obj::NONE)
}

fn getrusage(ctx: &mut Ctx, who: &Obj) -> PyResult {
    let who = protocol::c_int(ctx, who)?;
    // SAFETY: all of it are numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: it fills the record in, or refuses the number.
    if unsafe { libc::getrusage(who, &mut usage) } != 0 {
        return Err(failed(ctx, "invalid who parameter"));
    }
    to_struct(ctx, &usage)
}

/// What was used, as programs see it.
pub fn to_struct(ctx: &mut Ctx, usage: &libc::rusage) -> PyResult {
    let mut items = Vec::new();
    for time in [usage.ru_utime, usage.ru_stime] {
        items.push(float::new(
            ctx,
            time.tv_sec as f64 + time.tv_usec as f64 / 1e6,
        )?);
    }
    for count in [
        usage.ru_maxrss,
        usage.ru_ixrss,
        usage.ru_idrss,
        usage.ru_isrss,
        usage.ru_minflt,
        usage.ru_majflt,
        usage.ru_nswap,
        usage.ru_inblock,
        usage.ru_oublock,
        usage.ru_msgsnd,
        usage.ru_msgrcv,
        usage.ru_nsignals,
        usage.ru_nvcsw,
        usage.ru_nivcsw,
    ] {
        items.push(int::from_i64(ctx, count)?);
    }
    struct_class::make(ctx, &USAGE, items, Vec::new())
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let usage = struct_class::class(ctx, &USAGE)?;
    support::add(ctx, module, USAGE.name, usage)?;
    let error = type_object(ctx, class::OSError);
    support::add(ctx, module, "error", error)?;
    // As it was once called.
    add_numbers(ctx, module, &[("RLIMIT_OFILE", libc::RLIMIT_NOFILE as i64)])?;
    add_numbers(ctx, module, NUMBERS)
}

const NUMBERS: &[(&str, i64)] = numbers! {
    RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_NOFILE RLIMIT_NPROC RLIMIT_MEMLOCK RLIMIT_RSS RLIMIT_AS
    RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING
    RUSAGE_SELF RUSAGE_CHILDREN RUSAGE_THREAD RLIM_INFINITY
};

/// `resource`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "resource",
    functions: &[
        method("getrlimit", Native::F1(getrlimit)),
        method("setrlimit", Native::FN(2, 2, setrlimit)),
        method("prlimit", Native::FN(2, 3, prlimit)),
        method("getrusage", Native::F1(getrusage)),
        method(
            "getpagesize",
            Native::FN(0, 0, |ctx, _| {
                // SAFETY: it only answers.
                int::from_i64(ctx, unsafe { libc::sysconf(libc::_SC_PAGESIZE) })
            }),
        ),
    ],
    types: &[],
    populate,
    doc: "Limits of a process, and what it has used.",
};
