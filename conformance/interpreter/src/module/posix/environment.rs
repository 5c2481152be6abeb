//! The environment of the process.
//!
//! The system's library lets threads change it while others read it, which then may read what is freed. Here who changes it, who reads
//! it, and who calls what reads it has [`lock`]; a process that forks has it, too, for the child inherits it as it is. Reads of
//! the command line's part, which know nothing of this lock, are Rust's, whose own lock the changes have as well. One
//! reader is left out, for it may take seconds: `getaddrinfo`, which looks for `LOCALDOMAIN` and `RES_OPTIONS` when a thread calls it
//! first. Libraries since glibc 2.41 need none of this.

use super::path::text_argument;
use crate::error::{PyResult, Raised, raise};
use crate::module::sys::audit;
use crate::object::define::{Method, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::{bytes, exception};
use crate::prelude::*;
use kit_core::thread::Ctx;
use std::env;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::{Mutex, MutexGuard, PoisonError};

static LOCK: Mutex<()> = Mutex::new(());

/// Nobody changes the environment while one has this. Held for a moment: nothing of a program's runs, and nobody is waited for.
pub fn lock() -> MutexGuard<'static, ()> {
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The value of a variable, if there is one and it is a text.
pub fn text(name: &str) -> Option<String> {
    let _lock = lock();
    env::var(name).ok()
}

/// All names and values.
fn all() -> Vec<(Vec<u8>, Vec<u8>)> {
    let _lock = lock();
    let bytes = |(name, value): (OsString, OsString)| (name.into_vec(), value.into_vec());
    env::vars_os().map(bytes).collect()
}

/// As new processes get it.
pub fn lines() -> Vec<CString> {
    let line = |(name, value): (Vec<u8>, Vec<u8>)| CString::new([name, value].join(&b'=')).ok();
    all().into_iter().filter_map(line).collect()
}

/// As `posix.environ` has it.
pub fn table(ctx: &mut Ctx) -> PyResult {
    let table = dict::new(ctx)?;
    for (name, value) in all() {
        let name = bytes::new(ctx, &name)?;
        let value = bytes::new(ctx, &value)?;
        table.expect::<PyDict>().set(ctx, &name, value)?;
    }
    Ok(table)
}

fn invalid(ctx: &mut Ctx) -> Raised {
    let error = std::io::Error::from_raw_os_error(libc::EINVAL);
    exception::os::raise_os_error(ctx, &error, None)
}

fn putenv(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = text_argument(ctx, &args[0])?;
    let value = text_argument(ctx, &args[1])?;
    if name.as_bytes().contains(&b'=') {
        return Err(raise!(ctx, ValueError, "illegal environment variable name"));
    }
    if name.is_empty() {
        return Err(invalid(ctx));
    }
    audit::event(ctx, "os.putenv", |ctx| {
        let name = bytes::new(ctx, name.as_bytes())?;
        Ok(vec![name, bytes::new(ctx, value.as_bytes())?])
    })?;
    let [name, value] = [&name, &value].map(|text| OsStr::from_bytes(text.as_bytes()));
    let _lock = lock();
    // SAFETY: all who read it have this lock or the one that this takes, as said above.
    unsafe { env::set_var(name, value) };
    Ok(Obj::NONE)
}

fn unsetenv(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = text_argument(ctx, &args[0])?;
    if name.is_empty() || name.as_bytes().contains(&b'=') {
        return Err(invalid(ctx));
    }
    audit::event(ctx, "os.unsetenv", |ctx| {
        Ok(vec![bytes::new(ctx, name.as_bytes())?])
    })?;
    let _lock = lock();
    // SAFETY: as in `putenv`.
    unsafe { env::remove_var(OsStr::from_bytes(name.as_bytes())) };
    Ok(Obj::NONE)
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("_create_environ", Native::FN(0, 0, |ctx, _| table(ctx))),
    method("putenv", Native::FN(2, 2, putenv)),
    method("unsetenv", Native::FN(1, 1, unsetenv)),
];
