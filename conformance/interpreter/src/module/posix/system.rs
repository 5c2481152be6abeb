//! The system and this process: identities, limits, clocks, randomness, terminals, signals to others.

use super::path::{descriptor, done, fspath, number, system_bytes, system_text, text_argument};
use super::stat::identity;
use crate::error::{PyResult, raise};
use crate::module::struct_class::{self, Kind};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::{bytes, float, int, list, protocol, str_, tuple};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::Relaxed;

/// `os.terminal_size`.
pub static TERMINAL_SIZE: Kind = Kind {
    module: "os",
    name: "terminal_size",
    fields: &["columns", "lines"],
    hidden: &[],
    place: |natives| &natives.terminal_size,
};

/// `os.uname_result`.
pub static UNAME_RESULT: Kind = Kind {
    module: "posix",
    name: "uname_result",
    fields: &["sysname", "nodename", "release", "version", "machine"],
    hidden: &[],
    place: |natives| &natives.uname_result,
};

/// `os.times_result`.
pub static TIMES_RESULT: Kind = Kind {
    module: "posix",
    name: "times_result",
    fields: &[
        "user",
        "system",
        "children_user",
        "children_system",
        "elapsed",
    ],
    hidden: &[],
    place: |natives| &natives.times_result,
};

fn last_error(ctx: &mut Ctx) -> crate::error::Raised {
    let error = std::io::Error::last_os_error();
    exception::os::raise_os_error(ctx, &error, None)
}

macro_rules! numbers {
    ($($function:ident = $ask:expr;)*) => {$(
        fn $function(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
            // SAFETY: only asks.
            let value = unsafe { $ask };
            int::from_i64(ctx, i64::from(value))
        }
    )*};
}

numbers! {
    getuid = libc::getuid();
    geteuid = libc::geteuid();
    getgid = libc::getgid();
    getegid = libc::getegid();
    getpgrp = libc::getpgrp();
}

fn getpgid(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let pid = number(ctx, &args[0])?;
    // SAFETY: takes a number only.
    let group = done(ctx, || unsafe { libc::getpgid(pid).into() })?;
    int::from_i64(ctx, group)
}

fn getsid(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let pid = number(ctx, &args[0])?;
    // SAFETY: takes a number only.
    let session = done(ctx, || unsafe { libc::getsid(pid).into() })?;
    int::from_i64(ctx, session)
}

fn setsid(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    // SAFETY: takes nothing.
    done(ctx, || unsafe { libc::setsid().into() })?;
    Ok(Obj::NONE)
}

fn setpgid(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (pid, group) = (number(ctx, &args[0])?, number(ctx, &args[1])?);
    // SAFETY: takes numbers only.
    done(ctx, || unsafe { libc::setpgid(pid, group).into() })?;
    Ok(Obj::NONE)
}

fn set_identity(
    ctx: &mut Ctx,
    id: &Obj,
    what: &str,
    set: unsafe extern "C" fn(u32) -> i32,
) -> PyResult {
    let id = identity(ctx, id, what)?;
    // SAFETY: takes a number only.
    done(ctx, || unsafe { set(id).into() })?;
    Ok(Obj::NONE)
}

fn getgroups(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut groups = [0; 1024];
    // SAFETY: there is room for so many.
    let count = unsafe { libc::getgroups(1024, groups.as_mut_ptr()) };
    if count < 0 {
        return Err(last_error(ctx));
    }
    let groups = groups[..count as usize].iter();
    let groups = groups
        .map(|group| Obj::small_int((*group).into()))
        .collect();
    list::from_vec(ctx, groups)
}

fn getlogin(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    // SAFETY: null, or a text of the library's, which is copied at once.
    unsafe {
        let text = libc::getlogin();
        if text.is_null() {
            return Err(last_error(ctx));
        }
        name(ctx, text)
    }
}

fn umask(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let mask = number(ctx, &args[0])? as libc::mode_t;
    // SAFETY: takes a number only.
    let before = unsafe { libc::umask(mask) };
    int::from_i64(ctx, before.into())
}

fn nice(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let more = number(ctx, &args[0])?;
    // SAFETY: takes a number only; −1 is an answer too.
    let (now, error) = unsafe {
        *libc::__errno_location() = 0;
        (libc::nice(more), std::io::Error::last_os_error())
    };
    if now == -1 && error.raw_os_error() != Some(0) {
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    int::from_i64(ctx, now.into())
}

fn kill(ctx: &mut Ctx, args: &[Obj], group: bool) -> PyResult {
    let (pid, signal) = (number(ctx, &args[0])?, number(ctx, &args[1])?);
    // SAFETY: takes numbers only.
    done(ctx, || unsafe {
        if group {
            libc::killpg(pid, signal).into()
        } else {
            libc::kill(pid, signal).into()
        }
    })?;
    // One to this process has arrived by now.
    crate::vm::interrupt::check(ctx)?;
    Ok(Obj::NONE)
}

fn abort(_: &mut Ctx, _: Args<'_>) -> PyResult {
    std::process::abort()
}

fn cpu_count(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let set = rt(ctx).library.settings.cpu_count.load(Relaxed);
    if set > 0 {
        return int::from_i64(ctx, set);
    }
    // SAFETY: only asks.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    if count < 1 {
        return Ok(Obj::NONE);
    }
    int::from_i64(ctx, count)
}

fn sched_getaffinity(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let pid = number(ctx, &args[0])?;
    let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
    let place = set.as_mut_ptr();
    // SAFETY: there is room for a set.
    done(ctx, || unsafe {
        libc::sched_getaffinity(pid, size_of::<libc::cpu_set_t>(), place).into()
    })?;
    // SAFETY: zeros are an empty set, and the call has filled it in.
    let set = unsafe { set.assume_init() };
    let found = crate::object::set::new(ctx, crate::object::ids::SET)?;
    for cpu in 0..libc::CPU_SETSIZE as usize {
        // SAFETY: below the size of sets.
        if unsafe { libc::CPU_ISSET(cpu, &set) } {
            let cpu = Obj::small_int(cpu as i64);
            let add = str_::intern(ctx, "add");
            protocol::call_method(ctx, &found, &add, &[cpu])?;
        }
    }
    Ok(found)
}

fn sched_yield(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    // SAFETY: takes nothing.
    done(ctx, || unsafe { libc::sched_yield().into() })?;
    Ok(Obj::NONE)
}

fn getloadavg(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut loads = [0.0; 3];
    // SAFETY: there is room for three.
    if unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } != 3 {
        return Err(raise!(ctx, OSError, "Load averages are unobtainable"));
    }
    let mut items = Vec::new();
    for load in loads {
        items.push(float::new(ctx, load)?);
    }
    tuple::from_vec(ctx, items)
}

fn urandom(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let size = protocol::c_ssize(ctx, &args[0])?;
    let Ok(size) = usize::try_from(size) else {
        return Err(raise!(ctx, ValueError, "negative argument not allowed"));
    };
    let mut data = bytes_room(ctx, size)?;
    let mut at = 0;
    while at < size {
        let rest = &mut data[at..];
        // The system gives at most so much at once.
        let len = rest.len().min(256);
        let place = rest.as_mut_ptr().cast();
        // SAFETY: there is room for so many bytes.
        at += done(ctx, || unsafe { libc::getrandom(place, len, 0) as i64 })? as usize;
    }
    bytes::new(ctx, &data)
}

fn bytes_room(ctx: &mut Ctx, size: usize) -> PyResult<Vec<u8>> {
    crate::object::bytes_like::zeroed(ctx, size)
}

fn getrandom(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let size = number(ctx, &args[0])?;
    let flags = match args.get(1) {
        Some(flags) => number(ctx, flags)? as u32,
        None => 0,
    };
    let Ok(size) = usize::try_from(size) else {
        let error = std::io::Error::from_raw_os_error(libc::EINVAL);
        return Err(exception::os::raise_os_error(ctx, &error, None));
    };
    let mut data = bytes_room(ctx, size)?;
    let place = data.as_mut_ptr().cast();
    // SAFETY: there is room for so many bytes.
    let count = done(ctx, || unsafe {
        libc::getrandom(place, size, flags) as i64
    })?;
    bytes::new(ctx, &data[..count as usize])
}

fn text(ctx: &mut Ctx, field: &[libc::c_char]) -> PyResult {
    let bytes: Vec<u8> = field
        .iter()
        .take_while(|byte| **byte != 0)
        .map(|byte| *byte as u8)
        .collect();
    system_text(ctx, &bytes)
}

fn uname(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut names = MaybeUninit::<libc::utsname>::zeroed();
    // SAFETY: fills in the names, which may be all zeros.
    let names = unsafe {
        libc::uname(names.as_mut_ptr());
        names.assume_init()
    };
    let mut items = Vec::new();
    for field in [
        &names.sysname[..],
        &names.nodename,
        &names.release,
        &names.version,
        &names.machine,
    ] {
        items.push(text(ctx, field)?);
    }
    struct_class::make(ctx, &UNAME_RESULT, items, Vec::new())
}

fn times(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut spent = MaybeUninit::<libc::tms>::zeroed();
    // SAFETY: fills in the times, which may be all zeros; the rest only asks.
    let (elapsed, spent, ticks) = unsafe {
        let elapsed = libc::times(spent.as_mut_ptr());
        (
            elapsed,
            spent.assume_init(),
            libc::sysconf(libc::_SC_CLK_TCK),
        )
    };
    let mut items = Vec::new();
    for value in [
        spent.tms_utime,
        spent.tms_stime,
        spent.tms_cutime,
        spent.tms_cstime,
        elapsed,
    ] {
        items.push(float::new(ctx, value as f64 / ticks as f64)?);
    }
    struct_class::make(ctx, &TIMES_RESULT, items, Vec::new())
}

fn get_terminal_size(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = match args.first() {
        Some(fd) => descriptor(ctx, fd)?,
        None => 1,
    };
    let mut size = MaybeUninit::<libc::winsize>::zeroed();
    let place = size.as_mut_ptr();
    // SAFETY: fills in the size.
    done(ctx, || unsafe {
        libc::ioctl(fd, libc::TIOCGWINSZ, place).into()
    })?;
    // SAFETY: may be all zeros.
    let size = unsafe { size.assume_init() };
    let items = vec![
        Obj::small_int(size.ws_col.into()),
        Obj::small_int(size.ws_row.into()),
    ];
    struct_class::make(ctx, &TERMINAL_SIZE, items, Vec::new())
}

fn strerror(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let code = number(ctx, &args[0])?;
    let error = std::io::Error::from_raw_os_error(code);
    str_::new(ctx, &exception::os::strip_code(&error.to_string()))
}

fn run(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "system",
        params: &["command"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [command] = args.bind(ctx, &SIGNATURE)?;
    let command = text_argument(ctx, command.unwrap_or(Obj::none()))?;
    // SAFETY: only looks at the command.
    let status = rt(ctx)
        .kit
        .detached(ctx, || unsafe { libc::system(command.as_ptr()) });
    int::from_i64(ctx, status.into())
}

/// The arguments of `execv` as pointers, with what they point to.
pub fn pointers(texts: &[std::ffi::CString]) -> Vec<*const libc::c_char> {
    let mut pointers: Vec<_> = texts.iter().map(|text| text.as_ptr()).collect();
    pointers.push(std::ptr::null());
    pointers
}

/// The environment of another program: lines that a mapping of names to values describes.
pub fn environment_lines(ctx: &mut Ctx, table: &Obj) -> PyResult<Vec<std::ffi::CString>> {
    let items = str_::intern(ctx, "items");
    let items = protocol::call_method(ctx, table, &items, &[])?;
    let mut lines = Vec::new();
    for pair in protocol::collect(ctx, &items)? {
        let pair = protocol::collect(ctx, &pair)?;
        let [name, value] = pair.as_slice() else {
            return Err(raise!(ctx, TypeError, "environment items are pairs"));
        };
        let (name, value) = (fspath(ctx, name)?, fspath(ctx, value)?);
        let mut line = system_bytes(ctx, &name)?;
        // As a first character it is part of the name.
        if line.is_empty() || line[1..].contains(&b'=') {
            let message = "illegal environment variable name";
            return Err(raise!(ctx, ValueError, "{message}"));
        }
        line.push(b'=');
        line.extend_from_slice(&system_bytes(ctx, &value)?);
        match std::ffi::CString::new(line) {
            Ok(line) => lines.push(line),
            Err(_) => return Err(raise!(ctx, ValueError, "embedded null byte")),
        }
    }
    Ok(lines)
}

fn execute(ctx: &mut Ctx, args: Args<'_>, name: &str, with_environment: bool) -> PyResult {
    let wanted = if with_environment { 3 } else { 2 };
    args.check(ctx, name, wanted, wanted)?;
    let path = super::path::path(ctx, &args.pos[0], name, "path", super::path::Also::Nothing)?;
    let mut texts = Vec::new();
    for argument in protocol::collect(ctx, &args.pos[1])? {
        texts.push(text_argument(ctx, &argument)?);
    }
    if texts.first().is_none_or(|first| first.is_empty()) {
        return Err(raise!(ctx, ValueError, "{name}() arg 2 must not be empty"));
    }
    let environment = match args.pos.get(2) {
        Some(table) => environment_lines(ctx, table)?,
        None => Vec::new(),
    };
    let (texts, environment) = (pointers(&texts), pointers(&environment));
    // SAFETY: lists that end with null; the process becomes another program, or nothing has happened.
    unsafe {
        if with_environment {
            libc::execve(path.ptr(), texts.as_ptr(), environment.as_ptr());
        } else {
            libc::execv(path.ptr(), texts.as_ptr());
        }
    }
    let error = std::io::Error::last_os_error();
    Err(super::path::about(ctx, &error, &path))
}

fn ctermid(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    str_::new(ctx, "/dev/tty")
}

fn device_encoding(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    // SAFETY: takes a number only.
    if unsafe { libc::isatty(fd) } == 1 {
        str_::new(ctx, "UTF-8")
    } else {
        Ok(Obj::NONE)
    }
}

/// A name of a user or group of the system, from a pointer that may be null.
///
/// # Safety
/// - The pointer is null, or to a text that ends with a null byte.
pub unsafe fn name(ctx: &mut Ctx, text: *const libc::c_char) -> PyResult {
    if text.is_null() {
        return str_::new(ctx, "");
    }
    // SAFETY: by the contract.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes().to_vec();
    system_text(ctx, &text)
}

/// The number of a device: −1 is that of none.
pub fn device(ctx: &mut Ctx, value: &Obj) -> PyResult<libc::dev_t> {
    let value = protocol::index(ctx, value)?;
    let wide = int::view(&value).and_then(|value| value.to_wide());
    match wide {
        Some(-1) => Ok(libc::dev_t::MAX),
        _ if int::is_negative(&value) => Err(raise!(
            ctx,
            OverflowError,
            "can't convert negative int to unsigned"
        )),
        Some(number) if number <= u64::MAX.into() => Ok(number as libc::dev_t),
        _ => Err(raise!(ctx, OverflowError, "int too big to convert")),
    }
}

/// A part of the number of a device.
fn part(ctx: &mut Ctx, value: &Obj) -> PyResult<u32> {
    match device(ctx, value)? {
        libc::dev_t::MAX => Ok(u32::MAX),
        number => u32::try_from(number).map_err(|_| protocol::too_large(ctx, "unsigned int")),
    }
}

fn part_of(ctx: &mut Ctx, value: &Obj, of: fn(libc::dev_t) -> u32) -> PyResult {
    match device(ctx, value)? {
        libc::dev_t::MAX => Ok(Obj::small_int(-1)),
        number => int::from_i64(ctx, of(number).into()),
    }
}

fn makedev(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (major, minor) = (part(ctx, &args[0])?, part(ctx, &args[1])?);
    match libc::makedev(major, minor) {
        libc::dev_t::MAX => Ok(Obj::small_int(-1)),
        number => int::from_usize(ctx, number as usize),
    }
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("getuid", Native::FN(0, 0, getuid)),
    method("geteuid", Native::FN(0, 0, geteuid)),
    method("getgid", Native::FN(0, 0, getgid)),
    method("getegid", Native::FN(0, 0, getegid)),
    method("getpgrp", Native::FN(0, 0, getpgrp)),
    method("getpgid", Native::FN(1, 1, getpgid)),
    method("getsid", Native::FN(1, 1, getsid)),
    method("setsid", Native::FN(0, 0, setsid)),
    method("setpgid", Native::FN(2, 2, setpgid)),
    method(
        "setuid",
        Native::F1(|ctx, id| set_identity(ctx, id, "uid", libc::setuid)),
    ),
    method(
        "seteuid",
        Native::F1(|ctx, id| set_identity(ctx, id, "uid", libc::seteuid)),
    ),
    method(
        "setgid",
        Native::F1(|ctx, id| set_identity(ctx, id, "gid", libc::setgid)),
    ),
    method(
        "setegid",
        Native::F1(|ctx, id| set_identity(ctx, id, "gid", libc::setegid)),
    ),
    method("getgroups", Native::FN(0, 0, getgroups)),
    method("getlogin", Native::FN(0, 0, getlogin)),
    method("umask", Native::FN(1, 1, umask)),
    method("nice", Native::FN(1, 1, nice)),
    method("kill", Native::FN(2, 2, |ctx, args| kill(ctx, args, false))),
    method(
        "killpg",
        Native::FN(2, 2, |ctx, args| kill(ctx, args, true)),
    ),
    method("abort", Native::F(abort)),
    method("cpu_count", Native::FN(0, 0, cpu_count)),
    method("sched_getaffinity", Native::FN(1, 1, sched_getaffinity)),
    method("sched_yield", Native::FN(0, 0, sched_yield)),
    method("getloadavg", Native::FN(0, 0, getloadavg)),
    method("urandom", Native::FN(1, 1, urandom)),
    method("getrandom", Native::FN(1, 2, getrandom)),
    method("uname", Native::FN(0, 0, uname)),
    method("times", Native::FN(0, 0, times)),
    method("get_terminal_size", Native::FN(0, 1, get_terminal_size)),
    method("strerror", Native::FN(1, 1, strerror)),
    method("system", Native::F(run)),
    method(
        "execv",
        Native::F(|ctx, args| execute(ctx, args, "execv", false)),
    ),
    method(
        "execve",
        Native::F(|ctx, args| execute(ctx, args, "execve", true)),
    ),
    method("ctermid", Native::FN(0, 0, ctermid)),
    method("device_encoding", Native::FN(1, 1, device_encoding)),
    method(
        "major",
        Native::F1(|ctx, x| part_of(ctx, x, |x| libc::major(x))),
    ),
    method(
        "minor",
        Native::F1(|ctx, x| part_of(ctx, x, |x| libc::minor(x))),
    ),
    method("makedev", Native::FN(2, 2, makedev)),
    method(
        "fspath",
        Native::F(|ctx, args| {
            static SIGNATURE: Signature = Signature {
                name: "fspath",
                params: &["path"],
                posonly: 0,
                positional: 1,
                required: 1,
            };
            let [path] = args.bind(ctx, &SIGNATURE)?;
            fspath(ctx, path.unwrap_or(Obj::none()))
        }),
    ),
];
