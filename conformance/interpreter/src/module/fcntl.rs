//! `fcntl`: what can be set of open files, and locks on them.

use super::natives::add_numbers;
use super::posix::path::{descriptor_of, done, number};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes, bytes_like, int, protocol};
use kit_core::thread::Ctx;

/// Bytes of an argument at most.
const MOST: usize = 1024;
/// Bytes that the system may write: as many as the number of a request can say.
const ROOM: usize = 1 << 14;

/// What comes back of an argument.
enum Given {
    /// A number.
    Number(libc::c_ulong),
    /// Bytes, which the system may change.
    Bytes(Vec<u8>),
}

fn given(ctx: &mut Ctx, arg: Option<&Obj>, function: &str) -> PyResult<Given> {
    let Some(arg) = arg else {
        return Ok(Given::Number(0));
    };
    let data = match arg.downcast::<PyStr>() {
        Some(text) => Some(text.bytes().to_vec()),
        None => bytes_like::buffer(ctx, arg).map(|data| data.into_owned()),
    };
    let Some(data) = data else {
        let index = protocol::index(ctx, arg)?;
        let value = int::view(&index).and_then(|value| value.to_wide());
        return match value {
            Some(value) if (-1 << 63..1 << 64).contains(&value) => {
                Ok(Given::Number(value as libc::c_ulong))
            }
            _ => Err(raise!(
                ctx,
                OverflowError,
                "Python int too large to convert to C long"
            )),
        };
    };
    if data.len() > MOST {
        return Err(raise!(ctx, ValueError, "{function} argument 3 is too long"));
    }
    Ok(Given::Bytes(data))
}

fn fcntl(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor_of(ctx, &args[0])?;
    let command = number(ctx, &args[1])?;
    match given(ctx, args.get(2), "fcntl")? {
        Given::Number(arg) => {
            // SAFETY: a command for which the number is an address is the program's own affair.
            let result = done(ctx, || unsafe { libc::fcntl(fd, command, arg).into() })?;
            int::from_i64(ctx, result)
        }
        Given::Bytes(data) => {
            let mut room = data.clone();
            room.resize(ROOM, 0);
            let place = room.as_mut_ptr();
            // SAFETY: no command writes more than there is room for.
            done(ctx, || unsafe { libc::fcntl(fd, command, place).into() })?;
            bytes::new(ctx, &room[..data.len()])
        }
    }
}

fn ioctl(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor_of(ctx, &args[0])?;
    let request = protocol::index_i64(ctx, &args[1], None)? as u32 as libc::Ioctl;
    let change = match args.get(3) {
        Some(change) => protocol::truth(ctx, change)?,
        None => true,
    };
    // What can be written is, up to its end.
    if let Some(arg) = args.get(2)
        && change
        && let Some(data) = bytes_like::write(ctx, arg, |data| data.to_vec())
    {
        let len = data.len();
        let mut room = data;
        room.resize(len.max(ROOM), 0);
        let place = room.as_mut_ptr();
        // SAFETY: no request writes more than there is room for.
        let result = done(ctx, || unsafe { libc::ioctl(fd, request, place).into() })?;
        bytes_like::write(ctx, arg, |data| {
            let len = data.len().min(len);
            data[..len].copy_from_slice(&room[..len]);
        });
        return int::from_i64(ctx, result);
    }
    match given(ctx, args.get(2), "ioctl")? {
        Given::Number(arg) => {
            // SAFETY: as for `fcntl`.
            let result = done(ctx, || unsafe { libc::ioctl(fd, request, arg).into() })?;
            int::from_i64(ctx, result)
        }
        Given::Bytes(data) => {
            let mut room = data.clone();
            room.resize(ROOM, 0);
            let place = room.as_mut_ptr();
            // SAFETY: as above.
            done(ctx, || unsafe { libc::ioctl(fd, request, place).into() })?;
            bytes::new(ctx, &room[..data.len()])
        }
    }
}

fn flock(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor_of(ctx, &args[0])?;
    let operation = number(ctx, &args[1])?;
    // SAFETY: only numbers.
    done(ctx, || unsafe { libc::flock(fd, operation).into() })?;
    Ok(Obj::NONE)
}

fn lockf(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "lockf",
        params: &["fd", "cmd", "len", "start", "whence"],
        posonly: 5,
        positional: 5,
        required: 2,
    };
    let [fd, command, len, start, whence] = args.bind(ctx, &SIGNATURE)?;
    let none = Obj::none();
    let fd = descriptor_of(ctx, fd.unwrap_or(none))?;
    let command = number(ctx, command.unwrap_or(none))?;
    let mut numbers = [0; 3];
    for (number, given) in numbers.iter_mut().zip([len, start, whence]) {
        if let Some(given) = given {
            *number = protocol::index_i64(ctx, given, None)?;
        }
    }
    let [len, start, whence] = numbers;
    let kind = if command == libc::LOCK_UN {
        libc::F_UNLCK
    } else if command & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if command & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else {
        return Err(raise!(ctx, ValueError, "unrecognized lockf argument"));
    };
    // SAFETY: all of it are numbers.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as _;
    lock.l_whence = whence as _;
    lock.l_start = start as _;
    lock.l_len = len as _;
    let wait = if command & libc::LOCK_NB != 0 {
        libc::F_SETLK
    } else {
        libc::F_SETLKW
    };
    // SAFETY: it reads the lock.
    done(ctx, || unsafe { libc::fcntl(fd, wait, &lock).into() })?;
    Ok(Obj::NONE)
}

const NUMBERS: &[(&str, i64)] = &[
    ("LOCK_SH", libc::LOCK_SH as i64),
    ("LOCK_EX", libc::LOCK_EX as i64),
    ("LOCK_NB", libc::LOCK_NB as i64),
    ("LOCK_UN", libc::LOCK_UN as i64),
    ("LOCK_MAND", 32),
    ("LOCK_READ", 64),
    ("LOCK_WRITE", 128),
    ("LOCK_RW", 192),
    ("F_DUPFD", libc::F_DUPFD as i64),
    ("F_DUPFD_CLOEXEC", libc::F_DUPFD_CLOEXEC as i64),
    ("F_GETFD", libc::F_GETFD as i64),
    ("F_SETFD", libc::F_SETFD as i64),
    ("F_GETFL", libc::F_GETFL as i64),
    ("F_SETFL", libc::F_SETFL as i64),
    ("F_GETLK", libc::F_GETLK as i64),
    ("F_SETLK", libc::F_SETLK as i64),
    ("F_SETLKW", libc::F_SETLKW as i64),
    ("F_OFD_GETLK", libc::F_OFD_GETLK as i64),
    ("F_OFD_SETLK", libc::F_OFD_SETLK as i64),
    ("F_OFD_SETLKW", libc::F_OFD_SETLKW as i64),
    ("F_GETOWN", libc::F_GETOWN as i64),
    ("F_SETOWN", libc::F_SETOWN as i64),
    ("F_GETSIG", 11),
    ("F_SETSIG", 10),
    ("F_RDLCK", libc::F_RDLCK as i64),
    ("F_WRLCK", libc::F_WRLCK as i64),
    ("F_UNLCK", libc::F_UNLCK as i64),
    ("F_EXLCK", 4),
    ("F_SHLCK", 8),
    ("F_SETLEASE", libc::F_SETLEASE as i64),
    ("F_GETLEASE", libc::F_GETLEASE as i64),
    ("F_NOTIFY", libc::F_NOTIFY as i64),
    ("F_SETPIPE_SZ", libc::F_SETPIPE_SZ as i64),
    ("F_GETPIPE_SZ", libc::F_GETPIPE_SZ as i64),
    ("F_ADD_SEALS", libc::F_ADD_SEALS as i64),
    ("F_GET_SEALS", libc::F_GET_SEALS as i64),
    ("F_SEAL_SEAL", libc::F_SEAL_SEAL as i64),
    ("F_SEAL_SHRINK", libc::F_SEAL_SHRINK as i64),
    ("F_SEAL_GROW", libc::F_SEAL_GROW as i64),
    ("F_SEAL_WRITE", libc::F_SEAL_WRITE as i64),
    ("F_SEAL_FUTURE_WRITE", libc::F_SEAL_FUTURE_WRITE as i64),
    ("F_GETLK64", libc::F_GETLK as i64),
    ("F_SETLK64", libc::F_SETLK as i64),
    ("F_SETLKW64", libc::F_SETLKW as i64),
    ("F_GETOWN_EX", 16),
    ("F_SETOWN_EX", 15),
    ("F_OWNER_TID", 0),
    ("F_OWNER_PID", 1),
    ("F_OWNER_PGRP", 2),
    ("F_DUPFD_QUERY", 1027),
    ("F_GET_RW_HINT", 1035),
    ("F_SET_RW_HINT", 1036),
    ("F_GET_FILE_RW_HINT", 1037),
    ("F_SET_FILE_RW_HINT", 1038),
    ("RWH_WRITE_LIFE_NOT_SET", 0),
    ("RWH_WRITE_LIFE_NONE", 1),
    ("RWH_WRITE_LIFE_SHORT", 2),
    ("RWH_WRITE_LIFE_MEDIUM", 3),
    ("RWH_WRITE_LIFE_LONG", 4),
    ("RWH_WRITE_LIFE_EXTREME", 5),
    ("FICLONE", libc::FICLONE as i64),
    ("FICLONERANGE", libc::FICLONERANGE as i64),
    ("FD_CLOEXEC", libc::FD_CLOEXEC as i64),
    ("FASYNC", libc::O_ASYNC as i64),
    ("DN_ACCESS", 1),
    ("DN_MODIFY", 2),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_RENAME", 16),
    ("DN_ATTRIB", 32),
    ("DN_MULTISHOT", 0x8000_0000),
];

/// `fcntl`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "fcntl",
    functions: &[
        method("fcntl", Native::FN(2, 3, fcntl)),
        method("ioctl", Native::FN(2, 4, ioctl)),
        method("flock", Native::FN(2, 2, flock)),
        method("lockf", Native::F(lockf)),
    ],
    types: &[],
    populate: |ctx, module| add_numbers(ctx, module, NUMBERS),
    doc: "What can be set of open files, and locks on them.",
};
