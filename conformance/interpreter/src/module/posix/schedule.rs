//! Priorities and policies of the scheduler; who the process is, all at once; writing everything out.

use super::path::{descriptor, done, number, system_bytes, text_argument};
use super::stat::identity;
use crate::error::{PyResult, raise};
use crate::module::struct_class::{self, Kind};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_of};
use crate::object::{float, int, list, protocol, str_, tuple};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::ffi::CString;
use std::mem::MaybeUninit;

/// `os.sched_param`.
pub static SCHED_PARAM: Kind = Kind {
    module: "posix",
    name: "sched_param",
    fields: &["sched_priority"],
    hidden: &[],
    place: |natives| &natives.sched_param,
};

/// Names of numbers.
pub const NUMBERS: &[(&str, i64)] = &[
    ("SCHED_OTHER", libc::SCHED_OTHER as i64),
    ("SCHED_NORMAL", libc::SCHED_OTHER as i64),
    ("SCHED_FIFO", libc::SCHED_FIFO as i64),
    ("SCHED_RR", libc::SCHED_RR as i64),
    ("SCHED_BATCH", libc::SCHED_BATCH as i64),
    ("SCHED_IDLE", libc::SCHED_IDLE as i64),
    ("SCHED_DEADLINE", libc::SCHED_DEADLINE as i64),
    ("SCHED_RESET_ON_FORK", libc::SCHED_RESET_ON_FORK as i64),
    ("F_LOCK", libc::F_LOCK as i64),
    ("F_TLOCK", libc::F_TLOCK as i64),
    ("F_ULOCK", libc::F_ULOCK as i64),
    ("F_TEST", libc::F_TEST as i64),
    ("POSIX_FADV_NORMAL", libc::POSIX_FADV_NORMAL as i64),
    ("POSIX_FADV_SEQUENTIAL", libc::POSIX_FADV_SEQUENTIAL as i64),
    ("POSIX_FADV_RANDOM", libc::POSIX_FADV_RANDOM as i64),
    ("POSIX_FADV_NOREUSE", libc::POSIX_FADV_NOREUSE as i64),
    ("POSIX_FADV_WILLNEED", libc::POSIX_FADV_WILLNEED as i64),
    ("POSIX_FADV_DONTNEED", libc::POSIX_FADV_DONTNEED as i64),
];

/// Calls a function of the system that takes numbers.
fn call<const N: usize>(
    ctx: &mut Ctx,
    args: Args<'_>,
    name: &str,
    system: impl Fn([i32; N]) -> i64,
) -> PyResult<i64> {
    args.check(ctx, name, N, N)?;
    let mut numbers = [0; N];
    for (place, given) in numbers.iter_mut().zip(args.pos) {
        *place = number(ctx, given)?;
    }
    done(ctx, || system(numbers))
}

fn value<const N: usize>(
    ctx: &mut Ctx,
    args: Args<'_>,
    name: &str,
    system: impl Fn([i32; N]) -> i64,
) -> PyResult {
    let value = call(ctx, args, name, system)?;
    int::from_i64(ctx, value)
}

/// The priority that a `sched_param` has.
pub fn parameter(ctx: &mut Ctx, given: &Obj) -> PyResult<libc::sched_param> {
    let class = struct_class::class(ctx, &SCHED_PARAM)?;
    if !type_of(ctx, given).is_subtype(ctx, class.expect::<PyType>()) {
        return Err(raise!(ctx, TypeError, "must have a sched_param object"));
    }
    let priority = given.expect::<PyTuple>().items()[0].clone();
    Ok(libc::sched_param {
        sched_priority: number(ctx, &priority)?,
    })
}

fn setscheduler(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (pid, policy) = (number(ctx, &args[0])?, number(ctx, &args[1])?);
    let parameter = parameter(ctx, &args[2])?;
    // SAFETY: looks at the parameter only.
    done(ctx, || unsafe {
        libc::sched_setscheduler(pid, policy, &raw const parameter).into()
    })?;
    Ok(Obj::NONE)
}

fn setparam(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let pid = number(ctx, &args[0])?;
    let parameter = parameter(ctx, &args[1])?;
    // SAFETY: looks at the parameter only.
    done(ctx, || unsafe {
        libc::sched_setparam(pid, &raw const parameter).into()
    })?;
    Ok(Obj::NONE)
}

fn getparam(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let pid = number(ctx, &args[0])?;
    let mut parameter = libc::sched_param { sched_priority: 0 };
    let place = &raw mut parameter;
    // SAFETY: there is room for a parameter.
    done(ctx, || unsafe { libc::sched_getparam(pid, place).into() })?;
    let priority = int::from_i64(ctx, parameter.sched_priority.into())?;
    struct_class::make(ctx, &SCHED_PARAM, vec![priority], Vec::new())
}

fn interval(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let pid = number(ctx, &args[0])?;
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    let place = time.as_mut_ptr();
    // SAFETY: there is room for a time; zeros are one.
    let time = unsafe {
        done(ctx, || libc::sched_rr_get_interval(pid, place).into())?;
        time.assume_init()
    };
    float::new(ctx, time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
}

fn getpriority(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let which = number(ctx, &args[0])?;
    let who = identity(ctx, &args[1], "who")?;
    // SAFETY: only asks; −1 is an answer too.
    let (value, error) = unsafe {
        *libc::__errno_location() = 0;
        let value = libc::getpriority(which as _, who);
        (value, std::io::Error::last_os_error())
    };
    if value == -1 && error.raw_os_error() != Some(0) {
        return Err(crate::object::exception::os::raise_os_error(
            ctx, &error, None,
        ));
    }
    int::from_i64(ctx, value.into())
}

/// `getresuid` and `getresgid`.
fn three(ctx: &mut Ctx, groups: bool) -> PyResult {
    let mut ids = [0_u32; 3];
    let [real, effective, saved] = ids.each_mut().map(std::ptr::from_mut);
    // SAFETY: there is room for each.
    done(ctx, || unsafe {
        if groups {
            libc::getresgid(real, effective, saved).into()
        } else {
            libc::getresuid(real, effective, saved).into()
        }
    })?;
    let mut items = Vec::new();
    for id in ids {
        items.push(int::from_i64(ctx, id.into())?);
    }
    tuple::from_vec(ctx, items)
}

fn set_ids<const N: usize>(
    ctx: &mut Ctx,
    args: Args<'_>,
    name: &str,
    what: &str,
    system: impl Fn([u32; N]) -> i64,
) -> PyResult {
    args.check(ctx, name, N, N)?;
    let mut ids = [0; N];
    for (place, given) in ids.iter_mut().zip(args.pos) {
        *place = identity(ctx, given, what)?;
    }
    done(ctx, || system(ids))?;
    Ok(Obj::NONE)
}

fn setgroups(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let mut groups = Vec::new();
    for group in protocol::collect(ctx, &args[0])? {
        groups.push(identity(ctx, &group, "gid")?);
    }
    // SAFETY: a list of so many groups.
    done(ctx, || unsafe {
        libc::setgroups(groups.len(), groups.as_ptr()).into()
    })?;
    Ok(Obj::NONE)
}

fn getgrouplist(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let what = "getgrouplist() argument 1";
    str_::expect_text(ctx, &args[0], what)?;
    let Ok(user) = CString::new(system_bytes(ctx, &args[0])?) else {
        return Err(raise!(ctx, ValueError, "embedded null character"));
    };
    let group = identity(ctx, &args[1], "gid")?;
    let mut groups = vec![0; 64];
    let groups = rt(ctx).kit.detached(ctx, || {
        loop {
            let mut count = groups.len() as i32;
            // SAFETY: a text, and room for so many.
            let found = unsafe {
                libc::getgrouplist(user.as_ptr(), group, groups.as_mut_ptr(), &mut count)
            };
            let count = count.max(0) as usize;
            if found >= 0 {
                groups.truncate(count);
                return Some(groups);
            }
            // It says how many there are.
            if count <= groups.len() {
                return None;
            }
            groups.resize(count, 0);
        }
    });
    let Some(groups) = groups else {
        return Err(raise!(ctx, OSError, "the groups cannot be listed"));
    };
    let mut items = Vec::new();
    for group in groups {
        items.push(int::from_i64(ctx, group.into())?);
    }
    list::from_vec(ctx, items)
}

fn initgroups(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let user = text_argument(ctx, &args[0])?;
    let group = identity(ctx, &args[1], "gid")?;
    // SAFETY: a text.
    done(ctx, || unsafe {
        libc::initgroups(user.as_ptr(), group).into()
    })?;
    Ok(Obj::NONE)
}

fn setaffinity(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    const BITS: usize = libc::c_ulong::BITS as usize;
    let pid = number(ctx, &args[0])?;
    let mut mask: Vec<libc::c_ulong> = vec![0; libc::CPU_SETSIZE as usize / BITS];
    for cpu in protocol::collect(ctx, &args[1])? {
        if int::view(&cpu).is_none() {
            let class = type_of(ctx, &cpu).to_obj();
            let class = protocol::repr_string(ctx, &class)?;
            return Err(raise!(
                ctx,
                TypeError,
                "expected an iterator of ints, but iterator yielded {class}"
            ));
        }
        if int::is_negative(&cpu) {
            return Err(raise!(ctx, ValueError, "negative CPU number"));
        }
        let Some(cpu) = int::to_i64(&cpu).filter(|cpu| *cpu < i32::MAX.into()) else {
            return Err(raise!(ctx, OverflowError, "CPU number too large"));
        };
        let word = cpu as usize / BITS;
        if word >= mask.len() {
            crate::vm::outside::room(ctx, word * size_of::<libc::c_ulong>())?;
            mask.resize(word + 1, 0);
        }
        mask[word] |= 1 << (cpu as usize % BITS);
    }
    let size = mask.len() * size_of::<libc::c_ulong>();
    // SAFETY: a set of so many bytes.
    done(ctx, || unsafe {
        libc::sched_setaffinity(pid, size, mask.as_ptr().cast()).into()
    })?;
    Ok(Obj::NONE)
}

fn setns(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "setns",
        params: &["fd", "nstype"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [fd, kind] = args.bind(ctx, &SIGNATURE)?;
    let fd = super::path::descriptor_of(ctx, fd.unwrap_or(Obj::none()))?;
    let kind = kind.map_or(Ok(0), |kind| number(ctx, kind))?;
    // SAFETY: takes numbers only.
    done(ctx, || unsafe { libc::setns(fd, kind).into() })?;
    Ok(Obj::NONE)
}

fn unshare(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "unshare",
        params: &["flags"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [flags] = args.bind(ctx, &SIGNATURE)?;
    let flags = number(ctx, flags.unwrap_or(Obj::none()))?;
    // SAFETY: takes a number only.
    done(ctx, || unsafe { libc::unshare(flags).into() })?;
    Ok(Obj::NONE)
}

fn lockf(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (fd, command) = (descriptor(ctx, &args[0])?, number(ctx, &args[1])?);
    let length = protocol::index_i64(ctx, &args[2], None)?;
    // SAFETY: takes numbers only.
    done(ctx, || unsafe { libc::lockf(fd, command, length).into() })?;
    Ok(Obj::NONE)
}

/// `posix_fallocate` and `posix_fadvise`, which return their errors.
fn region(ctx: &mut Ctx, args: Args<'_>, advise: bool) -> PyResult {
    let (name, count) = match advise {
        true => ("posix_fadvise", 4),
        false => ("posix_fallocate", 3),
    };
    args.check(ctx, name, count, count)?;
    let fd = descriptor(ctx, &args.pos[0])?;
    let offset = protocol::index_i64(ctx, &args.pos[1], None)?;
    let length = protocol::index_i64(ctx, &args.pos[2], None)?;
    let advice = match args.pos.get(3) {
        Some(advice) => number(ctx, advice)?,
        None => 0,
    };
    done(ctx, || {
        // SAFETY: takes numbers only.
        let error = unsafe {
            if advise {
                libc::posix_fadvise(fd, offset, length, advice)
            } else {
                libc::posix_fallocate(fd, offset, length)
            }
        };
        if error == 0 {
            return 0;
        }
        // SAFETY: the calling thread's own.
        unsafe { *libc::__errno_location() = error };
        -1
    })?;
    Ok(Obj::NONE)
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method(
        "sched_get_priority_max",
        Native::F(|ctx, args| {
            // SAFETY: takes a number only.
            let ask = |[policy]: [i32; 1]| unsafe { libc::sched_get_priority_max(policy).into() };
            value(ctx, args, "sched_get_priority_max", ask)
        }),
    ),
    method(
        "sched_get_priority_min",
        Native::F(|ctx, args| {
            // SAFETY: takes a number only.
            let ask = |[policy]: [i32; 1]| unsafe { libc::sched_get_priority_min(policy).into() };
            value(ctx, args, "sched_get_priority_min", ask)
        }),
    ),
    method(
        "sched_getscheduler",
        Native::F(|ctx, args| {
            // SAFETY: takes a number only.
            let ask = |[pid]: [i32; 1]| unsafe { libc::sched_getscheduler(pid).into() };
            value(ctx, args, "sched_getscheduler", ask)
        }),
    ),
    method("sched_setscheduler", Native::FN(3, 3, setscheduler)),
    method("sched_getparam", Native::FN(1, 1, getparam)),
    method("sched_setparam", Native::FN(2, 2, setparam)),
    method("sched_rr_get_interval", Native::FN(1, 1, interval)),
    method("getpriority", Native::FN(2, 2, getpriority)),
    method(
        "setpriority",
        Native::F(|ctx, args| {
            let set = |[which, who, priority]: [i32; 3]| {
                // SAFETY: takes numbers only.
                unsafe { libc::setpriority(which as _, who as u32, priority).into() }
            };
            call(ctx, args, "setpriority", set).map(|_| Obj::NONE)
        }),
    ),
    method("getgrouplist", Native::FN(2, 2, getgrouplist)),
    method("initgroups", Native::FN(2, 2, initgroups)),
    method("sched_setaffinity", Native::FN(2, 2, setaffinity)),
    method("setns", Native::F(setns)),
    method("unshare", Native::F(unshare)),
    method("getresuid", Native::FN(0, 0, |ctx, _| three(ctx, false))),
    method("getresgid", Native::FN(0, 0, |ctx, _| three(ctx, true))),
    method(
        "setreuid",
        Native::F(|ctx, args| {
            // SAFETY: takes numbers only.
            let set =
                |[real, effective]: [u32; 2]| unsafe { libc::setreuid(real, effective).into() };
            set_ids(ctx, args, "setreuid", "uid", set)
        }),
    ),
    method(
        "setregid",
        Native::F(|ctx, args| {
            // SAFETY: takes numbers only.
            let set =
                |[real, effective]: [u32; 2]| unsafe { libc::setregid(real, effective).into() };
            set_ids(ctx, args, "setregid", "gid", set)
        }),
    ),
    method(
        "setresuid",
        Native::F(|ctx, args| {
            // SAFETY: takes numbers only.
            let set = |[r, e, s]: [u32; 3]| unsafe { libc::setresuid(r, e, s).into() };
            set_ids(ctx, args, "setresuid", "uid", set)
        }),
    ),
    method(
        "setresgid",
        Native::F(|ctx, args| {
            // SAFETY: takes numbers only.
            let set = |[r, e, s]: [u32; 3]| unsafe { libc::setresgid(r, e, s).into() };
            set_ids(ctx, args, "setresgid", "gid", set)
        }),
    ),
    method("setgroups", Native::FN(1, 1, setgroups)),
    method(
        "setpgrp",
        Native::F(|ctx, args| {
            // SAFETY: takes nothing.
            let set = |[]: [i32; 0]| unsafe { libc::setpgid(0, 0).into() };
            call(ctx, args, "setpgrp", set).map(|_| Obj::NONE)
        }),
    ),
    method(
        "tcgetpgrp",
        Native::F(|ctx, args| {
            // SAFETY: takes a number only.
            let ask = |[fd]: [i32; 1]| unsafe { libc::tcgetpgrp(fd).into() };
            value(ctx, args, "tcgetpgrp", ask)
        }),
    ),
    method(
        "tcsetpgrp",
        Native::F(|ctx, args| {
            // SAFETY: takes numbers only.
            let set = |[fd, group]: [i32; 2]| unsafe { libc::tcsetpgrp(fd, group).into() };
            call(ctx, args, "tcsetpgrp", set).map(|_| Obj::NONE)
        }),
    ),
    method(
        "sync",
        Native::F(|ctx, args| {
            let write = |[]: [i32; 0]| {
                // SAFETY: takes nothing.
                unsafe { libc::sync() };
                0
            };
            call(ctx, args, "sync", write).map(|_| Obj::NONE)
        }),
    ),
    method("lockf", Native::FN(3, 3, lockf)),
    method(
        "posix_fadvise",
        Native::F(|ctx, args| region(ctx, args, true)),
    ),
    method(
        "posix_fallocate",
        Native::F(|ctx, args| region(ctx, args, false)),
    ),
];
