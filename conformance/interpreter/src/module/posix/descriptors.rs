//! Open files as numbers: opening, reading, writing, duplicating, pipes.

use super::path::{Also, descriptor, done, done_with, folder, number, path, system, truth};
use crate::cli::signal;
use crate::error::PyResult;
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::exception::{self};
use crate::object::obj::Obj;
use crate::object::{bytes, bytes_like, int, protocol, tuple};
use crate::vm::outside;
use kit_core::thread::Ctx;
use std::os::fd::BorrowedFd;

fn open(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "open",
        params: &["path", "flags", "mode", "dir_fd"],
        posonly: 0,
        positional: 3,
        required: 2,
    };
    let [file, flags, mode, dir] = args.bind(ctx, &SIGNATURE)?;
    let file = path(
        ctx,
        file.unwrap_or(Obj::none()),
        "open",
        "path",
        Also::Nothing,
    )?;
    let flags = number(ctx, flags.unwrap_or(Obj::none()))? | libc::O_CLOEXEC;
    let mode = match mode {
        Some(mode) => number(ctx, mode)? as libc::c_uint,
        None => 0o777,
    };
    let relative = folder(ctx, dir)?;
    // SAFETY: only looks at the path.
    let fd = done_with(ctx, &file, || unsafe {
        libc::openat(relative, file.ptr(), flags, mode).into()
    })?;
    int::from_i64(ctx, fd)
}

fn close(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "close",
        params: &["fd"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [fd] = args.bind(ctx, &SIGNATURE)?;
    let fd = descriptor(ctx, fd.unwrap_or(Obj::none()))?;
    let (result, error) = crate::vm::thread::rt(ctx).kit.detached(ctx, || {
        // SAFETY: the program says that it owns the descriptor.
        let result = unsafe { libc::close(fd) };
        (result, std::io::Error::last_os_error())
    });
    // It is closed, whatever interrupted that.
    if result != 0 && error.raw_os_error() != Some(libc::EINTR) {
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    Ok(Obj::NONE)
}

fn closerange(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let low = number(ctx, &args[0])?.max(0);
    let high = number(ctx, &args[1])?;
    for fd in low..high.min(1 << 20) {
        // SAFETY: the program says that it owns the descriptors.
        unsafe { libc::close(fd) };
    }
    Ok(Obj::NONE)
}

/// Waits until a read would not wait, so that a signal just before it is not missed; true if nothing is amiss.
pub fn await_input(ctx: &mut Ctx, fd: i32) -> PyResult<()> {
    if fd < 0 || !crate::module::threading::wait::is_main(ctx) {
        return Ok(());
    }
    loop {
        let ready = crate::vm::thread::rt(ctx).kit.detached(ctx, || {
            // SAFETY: borrowed for the call only, which fails if it is not open.
            signal::await_input(unsafe { BorrowedFd::borrow_raw(fd) })
        });
        match ready {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                crate::vm::interrupt::check(ctx)?;
            }
            _ => return Ok(()),
        }
    }
}

fn length(ctx: &mut Ctx, value: &Obj) -> PyResult<usize> {
    let length = protocol::c_ssize(ctx, value)?;
    match usize::try_from(length) {
        Ok(length) => Ok(length),
        Err(_) => {
            let error = std::io::Error::from_raw_os_error(libc::EINVAL);
            Err(exception::os::raise_os_error(ctx, &error, None))
        }
    }
}

fn read(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let length = length(ctx, &args[1])?;
    outside::room(ctx, length)?;
    let mut data = bytes_like::zeroed(ctx, length)?;
    await_input(ctx, fd)?;
    let place = data.as_mut_ptr().cast();
    // SAFETY: there is room for so many bytes.
    let count = done(ctx, || unsafe { libc::read(fd, place, length) as i64 })?;
    bytes::new(ctx, &data[..count as usize])
}

fn pread(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let length = length(ctx, &args[1])?;
    let offset = protocol::c_ssize(ctx, &args[2])?;
    let mut data = bytes_like::zeroed(ctx, length)?;
    let place = data.as_mut_ptr().cast();
    // SAFETY: there is room for so many bytes.
    let count = done(ctx, || unsafe {
        libc::pread(fd, place, length, offset) as i64
    })?;
    bytes::new(ctx, &data[..count as usize])
}

fn readinto(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let length = bytes_like::writable_size(ctx, &args[1], "readinto")?;
    let mut data = bytes_like::zeroed(ctx, length)?;
    await_input(ctx, fd)?;
    let place = data.as_mut_ptr().cast();
    // SAFETY: there is room for so many bytes.
    let count = done(ctx, || unsafe { libc::read(fd, place, length) as i64 })?;
    let got = &data[..count as usize];
    bytes_like::write(ctx, &args[1], |target| {
        let len = got.len().min(target.len());
        target[..len].copy_from_slice(&got[..len]);
    });
    int::from_i64(ctx, count)
}

fn write(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let data = bytes_like::expect_buffer(ctx, &args[1])?;
    // SAFETY: only looks at the data.
    let count = done(ctx, || unsafe {
        libc::write(fd, data.as_ptr().cast(), data.len()) as i64
    })?;
    int::from_i64(ctx, count)
}

fn pwrite(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let data = bytes_like::expect_buffer(ctx, &args[1])?;
    let offset = protocol::c_ssize(ctx, &args[2])?;
    // SAFETY: only looks at the data.
    let count = done(ctx, || unsafe {
        libc::pwrite(fd, data.as_ptr().cast(), data.len(), offset) as i64
    })?;
    int::from_i64(ctx, count)
}

fn lseek(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let offset = protocol::c_ssize(ctx, &args[1])?;
    let whence = number(ctx, &args[2])?;
    // SAFETY: takes numbers only.
    let at = done(ctx, || unsafe { libc::lseek(fd, offset, whence) })?;
    int::from_i64(ctx, at)
}

fn ftruncate(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let length = protocol::c_ssize(ctx, &args[1])?;
    // SAFETY: takes numbers only.
    done(ctx, || unsafe { libc::ftruncate(fd, length).into() })?;
    Ok(Obj::NONE)
}

fn synced(ctx: &mut Ctx, args: Args<'_>, name: &'static str, all: bool) -> PyResult {
    let signature = Signature {
        name,
        params: &["fd"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [fd] = args.bind(ctx, &signature)?;
    let fd = super::path::descriptor_of(ctx, fd.unwrap_or(Obj::none()))?;
    // SAFETY: takes numbers only.
    done(ctx, || unsafe {
        if all {
            libc::fsync(fd).into()
        } else {
            libc::fdatasync(fd).into()
        }
    })?;
    Ok(Obj::NONE)
}

fn dup(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    // SAFETY: takes numbers only.
    let copy = done(ctx, || unsafe {
        libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0).into()
    })?;
    int::from_i64(ctx, copy)
}

fn dup2(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "dup2",
        params: &["fd", "fd2", "inheritable"],
        posonly: 0,
        positional: 3,
        required: 2,
    };
    let [fd, to, inheritable] = args.bind(ctx, &SIGNATURE)?;
    let fd = descriptor(ctx, fd.unwrap_or(Obj::none()))?;
    let to = descriptor(ctx, to.unwrap_or(Obj::none()))?;
    let inheritable = truth(ctx, inheritable, true)?;
    // SAFETY: the program says that it owns the second descriptor.
    let copy = done(ctx, || unsafe {
        if inheritable || fd == to {
            libc::dup2(fd, to).into()
        } else {
            libc::dup3(fd, to, libc::O_CLOEXEC).into()
        }
    })?;
    int::from_i64(ctx, copy)
}

fn pipe_with(ctx: &mut Ctx, flags: i32) -> PyResult {
    let mut ends = [0; 2];
    let place = ends.as_mut_ptr();
    // SAFETY: there is room for two numbers.
    done(ctx, || unsafe { libc::pipe2(place, flags).into() })?;
    let ends = ends.map(|end| Obj::small_int(end.into()));
    tuple::from_vec(ctx, ends.into())
}

fn pipe2(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let flags = number(ctx, &args[0])?;
    pipe_with(ctx, flags)
}

fn isatty(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    // SAFETY: takes a number only.
    let result = system(ctx, || unsafe { libc::isatty(fd).into() })?;
    Ok(Obj::bool(matches!(result, Ok(1))))
}

fn ttyname(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let mut name = [0u8; 256];
    // SAFETY: there is room for so many bytes.
    let error = unsafe { libc::ttyname_r(fd, name.as_mut_ptr().cast(), name.len()) };
    if error != 0 {
        let error = std::io::Error::from_raw_os_error(error);
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    super::path::system_text(ctx, name)
}

/// Reads or changes flags of a descriptor.
fn flags(ctx: &mut Ctx, fd: i32, get: i32, set: i32, bit: i32, on: Option<bool>) -> PyResult<bool> {
    // SAFETY: takes numbers only.
    let before = done(ctx, || unsafe { libc::fcntl(fd, get).into() })? as i32;
    if let Some(on) = on {
        let after = if on { before | bit } else { before & !bit };
        // SAFETY: as above.
        done(ctx, || unsafe { libc::fcntl(fd, set, after).into() })?;
    }
    Ok(before & bit != 0)
}

fn get_inheritable(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let closed = flags(
        ctx,
        fd,
        libc::F_GETFD,
        libc::F_SETFD,
        libc::FD_CLOEXEC,
        None,
    )?;
    Ok(Obj::bool(!closed))
}

fn set_inheritable(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let on = number(ctx, &args[1])? != 0;
    let (get, set) = (libc::F_GETFD, libc::F_SETFD);
    flags(ctx, fd, get, set, libc::FD_CLOEXEC, Some(!on))?;
    Ok(Obj::NONE)
}

fn get_blocking(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let (get, set) = (libc::F_GETFL, libc::F_SETFL);
    let never = flags(ctx, fd, get, set, libc::O_NONBLOCK, None)?;
    Ok(Obj::bool(!never))
}

fn set_blocking(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let on = protocol::truth(ctx, &args[1])?;
    let (get, set) = (libc::F_GETFL, libc::F_SETFL);
    flags(ctx, fd, get, set, libc::O_NONBLOCK, Some(!on))?;
    Ok(Obj::NONE)
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("open", Native::F(open)),
    method("close", Native::F(close)),
    method("closerange", Native::FN(2, 2, closerange)),
    method("read", Native::FN(2, 2, read)),
    method("readinto", Native::FN(2, 2, readinto)),
    method("pread", Native::FN(3, 3, pread)),
    method("write", Native::FN(2, 2, write)),
    method("pwrite", Native::FN(3, 3, pwrite)),
    method("lseek", Native::FN(3, 3, lseek)),
    method("ftruncate", Native::FN(2, 2, ftruncate)),
    method(
        "fsync",
        Native::F(|ctx, args| synced(ctx, args, "fsync", true)),
    ),
    method(
        "fdatasync",
        Native::F(|ctx, args| synced(ctx, args, "fdatasync", false)),
    ),
    method("dup", Native::FN(1, 1, dup)),
    method("dup2", Native::F(dup2)),
    method(
        "pipe",
        Native::FN(0, 0, |ctx, _| pipe_with(ctx, libc::O_CLOEXEC)),
    ),
    method("pipe2", Native::FN(1, 1, pipe2)),
    method("isatty", Native::FN(1, 1, isatty)),
    method("ttyname", Native::FN(1, 1, ttyname)),
    method("get_inheritable", Native::FN(1, 1, get_inheritable)),
    method("set_inheritable", Native::FN(2, 2, set_inheritable)),
    method("get_blocking", Native::FN(1, 1, get_blocking)),
    method("set_blocking", Native::FN(2, 2, set_blocking)),
];
