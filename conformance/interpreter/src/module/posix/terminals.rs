//! Terminals that are programs: the two ends of a pseudoterminal.

use super::path::{descriptor, done, number, system_text};
use crate::error::PyResult;
use crate::object::define::{Method, Native, method};
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::{int, tuple};
use kit_core::thread::Ctx;
use std::ffi::CStr;

/// Bytes of the name of a terminal.
const NAME: usize = 128;

/// Opens both ends of a new terminal.
pub fn open(ctx: &mut Ctx) -> PyResult<(i32, i32)> {
    let (mut first, mut second) = (-1, -1);
    done(ctx, || {
        let none = std::ptr::null_mut();
        // SAFETY: it fills the two numbers in; the rest is not wanted.
        let result =
            unsafe { libc::openpty(&mut first, &mut second, none, none.cast(), none.cast()) };
        if result == 0 {
            for fd in [first, second] {
                // SAFETY: its own descriptors.
                unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
            }
        }
        result.into()
    })?;
    Ok((first, second))
}

fn openpty(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let (first, second) = open(ctx)?;
    let both = vec![
        int::from_i64(ctx, first.into())?,
        int::from_i64(ctx, second.into())?,
    ];
    tuple::from_vec(ctx, both)
}

fn posix_openpt(ctx: &mut Ctx, flags: &Obj) -> PyResult {
    let flags = number(ctx, flags)? | libc::O_CLOEXEC;
    // SAFETY: only a number.
    let fd = done(ctx, || unsafe { libc::posix_openpt(flags).into() })?;
    int::from_i64(ctx, fd)
}

macro_rules! of_descriptor {
    ($name:ident) => {
        fn $name(ctx: &mut Ctx, fd: &Obj) -> PyResult {
            let fd = descriptor(ctx, fd)?;
            // SAFETY: only a number.
            done(ctx, || unsafe { libc::$name(fd).into() })?;
            Ok(Obj::NONE)
        }
    };
}

of_descriptor!(grantpt);
of_descriptor!(unlockpt);
of_descriptor!(login_tty);

fn ptsname(ctx: &mut Ctx, fd: &Obj) -> PyResult {
    let fd = descriptor(ctx, fd)?;
    let mut name = [0; NAME];
    // SAFETY: it writes the name where there is room for it.
    let result = unsafe { libc::ptsname_r(fd, name.as_mut_ptr(), NAME) };
    if result != 0 {
        let error = std::io::Error::from_raw_os_error(result);
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    // SAFETY: the name ends with a null.
    let name = unsafe { CStr::from_ptr(name.as_ptr()) };
    system_text(ctx, name.to_bytes())
}

/// The functions.
pub static FUNCTIONS: &[Method] = &[
    method("openpty", Native::FN(0, 0, openpty)),
    method("posix_openpt", Native::F1(posix_openpt)),
    method("grantpt", Native::F1(grantpt)),
    method("unlockpt", Native::F1(unlockpt)),
    method("login_tty", Native::F1(login_tty)),
    method("ptsname", Native::F1(ptsname)),
    // Nothing can install a function that runs while a prompt waits.
    method(
        "_is_inputhook_installed",
        Native::FN(0, 0, |_, _| Ok(Obj::FALSE)),
    ),
];
