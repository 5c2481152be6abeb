//! What is known of files: `stat` and its like, access, times, modes, owners.

use super::path::{
    Also, Path, about, descriptor, done, done_with, folder, number, path, system, truth,
};
use crate::error::{PyResult, raise};
use crate::module::struct_class::{self, Kind};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::{float, int, protocol};
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use std::mem::MaybeUninit;

/// `os.stat_result`.
pub static STAT_RESULT: Kind = Kind {
    module: "os",
    name: "stat_result",
    fields: &[
        "st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size", "", "", "",
    ],
    hidden: &[
        "st_atime",
        "st_mtime",
        "st_ctime",
        "st_atime_ns",
        "st_mtime_ns",
        "st_ctime_ns",
        "st_blksize",
        "st_blocks",
        "st_rdev",
    ],
    place: |natives| &natives.stat_result,
};

/// `os.statvfs_result`.
pub static STATVFS_RESULT: Kind = Kind {
    module: "os",
    name: "statvfs_result",
    fields: &[
        "f_bsize",
        "f_frsize",
        "f_blocks",
        "f_bfree",
        "f_bavail",
        "f_files",
        "f_ffree",
        "f_favail",
        "f_flag",
        "f_namemax",
    ],
    hidden: &["f_fsid"],
    place: |natives| &natives.statvfs_result,
};

fn whole(ctx: &mut Ctx, value: u64) -> PyResult {
    int::from_big(ctx, BigInt::from(value))
}

/// The result for a status of the system.
pub fn result(ctx: &mut Ctx, status: &libc::stat) -> PyResult {
    let mut items = Vec::with_capacity(10);
    for value in [
        u64::from(status.st_mode),
        status.st_ino,
        status.st_dev,
        status.st_nlink,
        status.st_uid.into(),
        status.st_gid.into(),
    ] {
        items.push(whole(ctx, value)?);
    }
    items.push(int::from_i64(ctx, status.st_size)?);
    let times = [
        (status.st_atime, status.st_atime_nsec),
        (status.st_mtime, status.st_mtime_nsec),
        (status.st_ctime, status.st_ctime_nsec),
    ];
    for (seconds, _) in times {
        items.push(int::from_i64(ctx, seconds)?);
    }
    let mut hidden = Vec::with_capacity(9);
    for (seconds, nanoseconds) in times {
        let time = seconds as f64 + 1e-9 * nanoseconds as f64;
        hidden.push(float::new(ctx, time)?);
    }
    for (seconds, nanoseconds) in times {
        let time = BigInt::from(seconds) * 1_000_000_000 + nanoseconds;
        hidden.push(int::from_big(ctx, time)?);
    }
    hidden.push(int::from_i64(ctx, status.st_blksize)?);
    hidden.push(int::from_i64(ctx, status.st_blocks)?);
    hidden.push(whole(ctx, status.st_rdev)?);
    struct_class::make(ctx, &STAT_RESULT, items, hidden)
}

/// The status of a path.
pub fn status(ctx: &mut Ctx, path: &Path, folder: i32, follow: bool) -> PyResult<libc::stat> {
    let mut status = MaybeUninit::<libc::stat>::uninit();
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let place = status.as_mut_ptr();
    // SAFETY: both fill in the status, and only look at the path.
    done_with(ctx, path, || unsafe {
        match path.fd {
            Some(fd) => libc::fstat(fd, place).into(),
            None => libc::fstatat(folder, path.ptr(), place, flags).into(),
        }
    })?;
    // SAFETY: the call has succeeded.
    Ok(unsafe { status.assume_init() })
}

fn stat(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "stat",
        params: &["path", "dir_fd", "follow_symlinks"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [file, dir, follow] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "stat",
        "path",
        Also::Descriptor,
    )?;
    let relative = folder(ctx, dir)?;
    let follow = truth(ctx, follow, true)?;
    if file.fd.is_some() && relative != libc::AT_FDCWD {
        return Err(raise!(
            ctx,
            ValueError,
            "stat: can't specify dir_fd without matching path"
        ));
    }
    if file.fd.is_some() && !follow {
        return Err(raise!(
            ctx,
            ValueError,
            "stat: cannot use fd and follow_symlinks together"
        ));
    }
    let status = status(ctx, &file, relative, follow)?;
    result(ctx, &status)
}

fn lstat(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "lstat",
        params: &["path", "dir_fd"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [file, dir] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "lstat",
        "path",
        Also::Nothing,
    )?;
    let relative = folder(ctx, dir)?;
    let status = status(ctx, &file, relative, false)?;
    result(ctx, &status)
}

fn fstat(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "fstat",
        params: &["fd"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [fd] = args.bind(ctx, &SIGNATURE)?;
    let fd = descriptor(ctx, fd.unwrap_or(Obj::none()))?;
    let file = Path {
        object: Obj::NONE,
        text: Default::default(),
        fd: Some(fd),
        is_bytes: false,
    };
    let status = status(ctx, &file, libc::AT_FDCWD, true)?;
    result(ctx, &status)
}

fn statvfs(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let file = path(ctx, &args[0], "statvfs", "path", Also::Descriptor)?;
    let mut found = MaybeUninit::<libc::statvfs>::uninit();
    let place = found.as_mut_ptr();
    // SAFETY: both fill in what is at `place`.
    done_with(ctx, &file, || unsafe {
        match file.fd {
            Some(fd) => libc::fstatvfs(fd, place).into(),
            None => libc::statvfs(file.ptr(), place).into(),
        }
    })?;
    // SAFETY: the call has succeeded.
    let found = unsafe { found.assume_init() };
    let mut items = Vec::new();
    for value in [
        found.f_bsize,
        found.f_frsize,
        found.f_blocks,
        found.f_bfree,
        found.f_bavail,
        found.f_files,
        found.f_ffree,
        found.f_favail,
        found.f_flag,
        found.f_namemax,
    ] {
        items.push(whole(ctx, value)?);
    }
    let id = whole(ctx, found.f_fsid)?;
    struct_class::make(ctx, &STATVFS_RESULT, items, vec![id])
}

fn access(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "access",
        params: &["path", "mode", "dir_fd", "effective_ids", "follow_symlinks"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [file, mode, dir, effective, follow] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "access",
        "path",
        Also::Nothing,
    )?;
    let mode = number(ctx, mode.unwrap_or(Obj::none()))?;
    let relative = folder(ctx, dir)?;
    let mut flags = 0;
    if truth(ctx, effective, false)? {
        flags |= libc::AT_EACCESS;
    }
    if !truth(ctx, follow, true)? {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    // SAFETY: only looks at the path.
    let result = system(ctx, || unsafe {
        libc::faccessat(relative, file.ptr(), mode, flags).into()
    })?;
    Ok(Obj::bool(result.is_ok()))
}

fn chmod(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "chmod",
        params: &["path", "mode", "dir_fd", "follow_symlinks"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [file, mode, dir, follow] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "chmod",
        "path",
        Also::Descriptor,
    )?;
    let mode = number(ctx, mode.unwrap_or(Obj::none()))? as libc::mode_t;
    let relative = folder(ctx, dir)?;
    let flags = if truth(ctx, follow, true)? {
        0
    } else {
        libc::AT_SYMLINK_NOFOLLOW
    };
    // SAFETY: only looks at the path.
    let result = system(ctx, || unsafe {
        match file.fd {
            Some(fd) => libc::fchmod(fd, mode).into(),
            None => libc::fchmodat(relative, file.ptr(), mode, flags).into(),
        }
    })?;
    match result {
        Ok(_) => Ok(Obj::NONE),
        Err(error) if flags != 0 && error.raw_os_error() == Some(libc::EOPNOTSUPP) => Err(raise!(
            ctx,
            NotImplementedError,
            "chmod: follow_symlinks unavailable on this platform"
        )),
        Err(error) => Err(about(ctx, &error, &file)),
    }
}

fn fchmod(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "fchmod",
        params: &["fd", "mode"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [fd, mode] = args.bind(ctx, &SIGNATURE)?;
    let fd = descriptor(ctx, fd.unwrap_or(Obj::none()))?;
    let mode = number(ctx, mode.unwrap_or(Obj::none()))? as libc::mode_t;
    // SAFETY: takes numbers only.
    done(ctx, || unsafe { libc::fchmod(fd, mode).into() })?;
    Ok(Obj::NONE)
}

/// A user's or group's number; −1 leaves it as it is.
pub fn identity(ctx: &mut Ctx, value: &Obj, what: &str) -> PyResult<u32> {
    if !crate::object::index::is_index(ctx, value) {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "{what} should be integer, not {class}"
        ));
    }
    let value = protocol::index(ctx, value)?;
    match int::to_i64(&value) {
        Some(-1) => Ok(u32::MAX),
        Some(id) if (0..i64::from(u32::MAX)).contains(&id) => Ok(id as u32),
        _ if int::is_negative(&value) => {
            Err(raise!(ctx, OverflowError, "{what} is less than minimum"))
        }
        _ => Err(raise!(ctx, OverflowError, "{what} is greater than maximum")),
    }
}

fn chown(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "chown",
        params: &["path", "uid", "gid", "dir_fd", "follow_symlinks"],
        posonly: 0,
        positional: 3,
        required: 3,
    };
    let [file, user, group, dir, follow] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "chown",
        "path",
        Also::Descriptor,
    )?;
    let user = identity(ctx, user.unwrap_or(Obj::none()), "uid")?;
    let group = identity(ctx, group.unwrap_or(Obj::none()), "gid")?;
    let relative = folder(ctx, dir)?;
    let flags = if truth(ctx, follow, true)? {
        0
    } else {
        libc::AT_SYMLINK_NOFOLLOW
    };
    // SAFETY: only looks at the path.
    done_with(ctx, &file, || unsafe {
        match file.fd {
            Some(fd) => libc::fchown(fd, user, group).into(),
            None => libc::fchownat(relative, file.ptr(), user, group, flags).into(),
        }
    })?;
    Ok(Obj::NONE)
}

fn owner(ctx: &mut Ctx, args: Args<'_>, name: &str) -> PyResult {
    args.check(ctx, name, 3, 3)?;
    let also = if name == "fchown" {
        Also::Descriptor
    } else {
        Also::Nothing
    };
    let file = path(ctx, &args.pos[0], name, "path", also)?;
    let user = identity(ctx, &args.pos[1], "uid")?;
    let group = identity(ctx, &args.pos[2], "gid")?;
    // SAFETY: only looks at the path.
    done_with(ctx, &file, || unsafe {
        match file.fd {
            Some(fd) => libc::fchown(fd, user, group).into(),
            None => libc::lchown(file.ptr(), user, group).into(),
        }
    })?;
    Ok(Obj::NONE)
}

/// A moment in seconds, as the system takes it.
fn moment(ctx: &mut Ctx, value: &Obj) -> PyResult<libc::timespec> {
    if let Some(seconds) = float::to_f64(value) {
        if seconds.is_nan() {
            return Err(raise!(ctx, ValueError, "Invalid value NaN (not a number)"));
        }
        let whole = seconds.floor();
        let rest = ((seconds - whole) * 1e9).floor().clamp(0.0, 999_999_999.0);
        if whole.abs() >= 9.2e18 {
            return Err(raise!(
                ctx,
                OverflowError,
                "timestamp out of range for platform time_t"
            ));
        }
        return Ok(libc::timespec {
            tv_sec: whole as i64,
            tv_nsec: rest as i64,
        });
    }
    let seconds = protocol::index(ctx, value)?;
    match int::to_i64(&seconds) {
        Some(seconds) => Ok(libc::timespec {
            tv_sec: seconds,
            tv_nsec: 0,
        }),
        None => Err(raise!(
            ctx,
            OverflowError,
            "timestamp out of range for platform time_t"
        )),
    }
}

/// A moment in nanoseconds.
fn exact_moment(ctx: &mut Ctx, value: &Obj) -> PyResult<libc::timespec> {
    let value = protocol::index(ctx, value)?;
    let value = int::to_big(&value).unwrap_or_default();
    let (seconds, rest) = value.div_mod_floor(&BigInt::from(1_000_000_000));
    match seconds.to_i64() {
        Some(seconds) => Ok(libc::timespec {
            tv_sec: seconds,
            tv_nsec: rest.to_i64().unwrap_or(0),
        }),
        None => Err(raise!(
            ctx,
            OverflowError,
            "timestamp out of range for platform time_t"
        )),
    }
}

fn utime(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "utime",
        params: &["path", "times", "ns", "dir_fd", "follow_symlinks"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [file, times, exact, dir, follow] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "utime",
        "path",
        Also::Descriptor,
    )?;
    let relative = folder(ctx, dir)?;
    let follow = truth(ctx, follow, true)?;
    let times = times.filter(|times| !times.is_none());
    if times.is_some() && exact.is_some() {
        return Err(raise!(
            ctx,
            ValueError,
            "utime: you may specify either 'times' or 'ns' but not both"
        ));
    }
    let now = libc::timespec {
        tv_sec: 0,
        tv_nsec: libc::UTIME_NOW,
    };
    let mut moments = [now, now];
    if let Some(pair) = times.or(exact) {
        let items = pair.downcast::<PyTuple>().map(|pair| pair.items());
        let Some([first, second]) = items else {
            return Err(if times.is_some() {
                raise!(
                    ctx,
                    TypeError,
                    "utime: 'times' must be either a tuple of two ints or None"
                )
            } else {
                raise!(ctx, TypeError, "utime: 'ns' must be a tuple of two ints")
            });
        };
        let read = if times.is_some() {
            moment
        } else {
            exact_moment
        };
        moments = [read(ctx, first)?, read(ctx, second)?];
    }
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: only looks at the path and the two moments.
    done_with(ctx, &file, || unsafe {
        match file.fd {
            Some(fd) => libc::futimens(fd, moments.as_ptr()).into(),
            None => libc::utimensat(relative, file.ptr(), moments.as_ptr(), flags).into(),
        }
    })?;
    Ok(Obj::NONE)
}

fn truncate(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "truncate",
        params: &["path", "length"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [file, length] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "truncate",
        "path",
        Also::Descriptor,
    )?;
    let length = protocol::index_i64(ctx, length.unwrap_or(Obj::none()), None)?;
    // SAFETY: only looks at the path.
    let result = system(ctx, || unsafe {
        match file.fd {
            Some(fd) => libc::ftruncate(fd, length).into(),
            None => libc::truncate(file.ptr(), length).into(),
        }
    })?;
    result.map_err(|error| about(ctx, &error, &file))?;
    Ok(Obj::NONE)
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("stat", Native::F(stat)),
    method("lstat", Native::F(lstat)),
    method("fstat", Native::F(fstat)),
    method("statvfs", Native::FN(1, 1, statvfs)),
    method("fstatvfs", Native::FN(1, 1, statvfs)),
    method("access", Native::F(access)),
    method("chmod", Native::F(chmod)),
    method("fchmod", Native::F(fchmod)),
    method("chown", Native::F(chown)),
    method("fchown", Native::F(|ctx, args| owner(ctx, args, "fchown"))),
    method("lchown", Native::F(|ctx, args| owner(ctx, args, "lchown"))),
    method("utime", Native::F(utime)),
    method("truncate", Native::F(truncate)),
];
