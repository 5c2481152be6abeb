//! `syslog`: messages for the system's log.

use super::natives::add_numbers;
use super::posix::path::text_argument;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::{int, protocol};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::ffi::{CStr, CString};
use std::sync::{Mutex, PoisonError};

/// Who the messages are from, once the log is open: the system keeps the address of the text. One log for the process.
static OPEN: Mutex<Option<CString>> = Mutex::new(None);

fn number(ctx: &mut Ctx, value: Option<&Obj>, default: i32) -> PyResult<i32> {
    match value {
        Some(value) => super::posix::path::number(ctx, value),
        None => Ok(default),
    }
}

/// The name of the program.
fn program(ctx: &mut Ctx) -> PyResult<Option<CString>> {
    let Some(argv) = super::sys::attribute(ctx, "argv") else {
        return Ok(None);
    };
    let Some(first) = protocol::collect(ctx, &argv)?.into_iter().next() else {
        return Ok(None);
    };
    let text = protocol::str_string(ctx, &first)?;
    let name = text.rsplit('/').next().unwrap_or(&text);
    Ok(CString::new(name).ok().filter(|name| !name.is_empty()))
}

fn open(name: Option<CString>, options: i32, facility: i32) {
    let mut place = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let name = name.unwrap_or_default();
    let text = if name.is_empty() {
        std::ptr::null()
    } else {
        name.as_ptr()
    };
    // SAFETY: the text stays where it is until another log is open, or none.
    unsafe { libc::openlog(text, options, facility) };
    *place = Some(name);
}

fn openlog(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "openlog",
        params: &["ident", "logoption", "facility"],
        posonly: 0,
        positional: 3,
        required: 0,
    };
    let [name, options, facility] = args.bind(ctx, &SIGNATURE)?;
    let name = match name.filter(|name| !name.is_none()) {
        Some(name) => Some(text_argument(ctx, name)?),
        None => program(ctx)?,
    };
    let options = number(ctx, options, 0)?;
    let facility = number(ctx, facility, libc::LOG_USER)?;
    open(name, options, facility);
    Ok(Obj::NONE)
}

fn syslog(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let (priority, message) = match args.pos {
        [message] => (libc::LOG_INFO, message),
        [priority, message] => (super::posix::path::number(ctx, priority)?, message),
        _ => {
            return Err(raise!(
                ctx,
                TypeError,
                "syslog.syslog requires 1 to 2 arguments"
            ));
        }
    };
    args.no_keywords(ctx, "syslog.syslog")?;
    let message = text_argument(ctx, message)?;
    let is_open = OPEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .is_some();
    if !is_open {
        let name = program(ctx)?;
        open(name, 0, libc::LOG_USER);
    }
    const FORMAT: &CStr = c"%s";
    rt(ctx).kit.detached(ctx, || {
        let _open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: a format with one text, and the text.
        unsafe { libc::syslog(priority, FORMAT.as_ptr(), message.as_ptr()) };
    });
    Ok(Obj::NONE)
}

fn closelog(_: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut place = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if place.is_some() {
        // SAFETY: it takes nothing; nobody refers to the text any more.
        unsafe { libc::closelog() };
        *place = None;
    }
    Ok(Obj::NONE)
}

fn setlogmask(ctx: &mut Ctx, mask: &Obj) -> PyResult {
    let mask = super::posix::path::number(ctx, mask)?;
    // SAFETY: only a number.
    let old = unsafe { libc::setlogmask(mask) };
    int::from_i64(ctx, old.into())
}

fn priority(ctx: &mut Ctx, value: &Obj) -> PyResult<u32> {
    Ok(super::posix::path::number(ctx, value)?.clamp(0, 31) as u32)
}

macro_rules! numbers {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name as i64),)*]
    };
}

const NUMBERS: &[(&str, i64)] = numbers! {
    LOG_EMERG LOG_ALERT LOG_CRIT LOG_ERR LOG_WARNING LOG_NOTICE LOG_INFO LOG_DEBUG
    LOG_PID LOG_CONS LOG_NDELAY LOG_ODELAY LOG_NOWAIT LOG_PERROR
    LOG_KERN LOG_USER LOG_MAIL LOG_DAEMON LOG_AUTH LOG_AUTHPRIV LOG_SYSLOG LOG_LPR LOG_NEWS LOG_UUCP LOG_CRON LOG_FTP
    LOG_LOCAL0 LOG_LOCAL1 LOG_LOCAL2 LOG_LOCAL3 LOG_LOCAL4 LOG_LOCAL5 LOG_LOCAL6 LOG_LOCAL7
};

/// `syslog`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "syslog",
    functions: &[
        method("openlog", Native::F(openlog)),
        method("syslog", Native::F(syslog)),
        method("closelog", Native::FN(0, 0, closelog)),
        method("setlogmask", Native::F1(setlogmask)),
        method(
            "LOG_MASK",
            Native::F1(|ctx, value| {
                let bit = priority(ctx, value)?;
                int::from_i64(ctx, 1 << bit)
            }),
        ),
        method(
            "LOG_UPTO",
            Native::F1(|ctx, value| {
                let bit = priority(ctx, value)?;
                int::from_i64(ctx, (1 << (bit + 1)) - 1)
            }),
        ),
    ],
    types: &[],
    populate: |ctx, module| add_numbers(ctx, module, NUMBERS),
    doc: "Messages for the system's log.",
};
