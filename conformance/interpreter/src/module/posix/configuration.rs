//! What the system is configured to: `sysconf`, `confstr`, `pathconf`.

use super::path::{Also, about, descriptor_of, path, system_text};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::{index, int, protocol, str_};
use kit_core::thread::Ctx;
use std::io;

/// Names, and their numbers.
type Names = &'static [(&'static str, i32)];

/// Names of `sysconf`.
#[rustfmt::skip]
pub const SYSCONF: Names = &[
    ("SC_2_CHAR_TERM", libc::_SC_2_CHAR_TERM), ("SC_2_C_BIND", libc::_SC_2_C_BIND), ("SC_2_C_DEV", libc::_SC_2_C_DEV),
    ("SC_2_C_VERSION", libc::_SC_2_C_VERSION), ("SC_2_FORT_DEV", libc::_SC_2_FORT_DEV),
    ("SC_2_FORT_RUN", libc::_SC_2_FORT_RUN), ("SC_2_LOCALEDEF", libc::_SC_2_LOCALEDEF),
    ("SC_2_SW_DEV", libc::_SC_2_SW_DEV), ("SC_2_UPE", libc::_SC_2_UPE), ("SC_2_VERSION", libc::_SC_2_VERSION),
    ("SC_AIO_LISTIO_MAX", libc::_SC_AIO_LISTIO_MAX), ("SC_AIO_MAX", libc::_SC_AIO_MAX),
    ("SC_AIO_PRIO_DELTA_MAX", libc::_SC_AIO_PRIO_DELTA_MAX), ("SC_ARG_MAX", libc::_SC_ARG_MAX),
    ("SC_ASYNCHRONOUS_IO", libc::_SC_ASYNCHRONOUS_IO), ("SC_ATEXIT_MAX", libc::_SC_ATEXIT_MAX),
    ("SC_AVPHYS_PAGES", libc::_SC_AVPHYS_PAGES), ("SC_BC_BASE_MAX", libc::_SC_BC_BASE_MAX),
    ("SC_BC_DIM_MAX", libc::_SC_BC_DIM_MAX), ("SC_BC_SCALE_MAX", libc::_SC_BC_SCALE_MAX),
    ("SC_BC_STRING_MAX", libc::_SC_BC_STRING_MAX), ("SC_CHARCLASS_NAME_MAX", libc::_SC_CHARCLASS_NAME_MAX),
    ("SC_CHAR_BIT", libc::_SC_CHAR_BIT), ("SC_CHAR_MAX", libc::_SC_CHAR_MAX), ("SC_CHAR_MIN", libc::_SC_CHAR_MIN),
    ("SC_CHILD_MAX", libc::_SC_CHILD_MAX), ("SC_CLK_TCK", libc::_SC_CLK_TCK),
    ("SC_COLL_WEIGHTS_MAX", libc::_SC_COLL_WEIGHTS_MAX), ("SC_DELAYTIMER_MAX", libc::_SC_DELAYTIMER_MAX),
    ("SC_EQUIV_CLASS_MAX", libc::_SC_EQUIV_CLASS_MAX), ("SC_EXPR_NEST_MAX", libc::_SC_EXPR_NEST_MAX),
    ("SC_FSYNC", libc::_SC_FSYNC), ("SC_GETGR_R_SIZE_MAX", libc::_SC_GETGR_R_SIZE_MAX),
    ("SC_GETPW_R_SIZE_MAX", libc::_SC_GETPW_R_SIZE_MAX), ("SC_INT_MAX", libc::_SC_INT_MAX),
    ("SC_INT_MIN", libc::_SC_INT_MIN), ("SC_IOV_MAX", libc::_SC_IOV_MAX), ("SC_JOB_CONTROL", libc::_SC_JOB_CONTROL),
    ("SC_LINE_MAX", libc::_SC_LINE_MAX), ("SC_LOGIN_NAME_MAX", libc::_SC_LOGIN_NAME_MAX),
    ("SC_LONG_BIT", libc::_SC_LONG_BIT), ("SC_MAPPED_FILES", libc::_SC_MAPPED_FILES),
    ("SC_MB_LEN_MAX", libc::_SC_MB_LEN_MAX), ("SC_MEMLOCK", libc::_SC_MEMLOCK),
    ("SC_MEMLOCK_RANGE", libc::_SC_MEMLOCK_RANGE), ("SC_MEMORY_PROTECTION", libc::_SC_MEMORY_PROTECTION),
    ("SC_MESSAGE_PASSING", libc::_SC_MESSAGE_PASSING), ("SC_MINSIGSTKSZ", 249),
    ("SC_MQ_OPEN_MAX", libc::_SC_MQ_OPEN_MAX), ("SC_MQ_PRIO_MAX", libc::_SC_MQ_PRIO_MAX),
    ("SC_NGROUPS_MAX", libc::_SC_NGROUPS_MAX), ("SC_NL_ARGMAX", libc::_SC_NL_ARGMAX),
    ("SC_NL_LANGMAX", libc::_SC_NL_LANGMAX), ("SC_NL_MSGMAX", libc::_SC_NL_MSGMAX), ("SC_NL_NMAX", libc::_SC_NL_NMAX),
    ("SC_NL_SETMAX", libc::_SC_NL_SETMAX), ("SC_NL_TEXTMAX", libc::_SC_NL_TEXTMAX),
    ("SC_NPROCESSORS_CONF", libc::_SC_NPROCESSORS_CONF), ("SC_NPROCESSORS_ONLN", libc::_SC_NPROCESSORS_ONLN),
    ("SC_NZERO", libc::_SC_NZERO), ("SC_OPEN_MAX", libc::_SC_OPEN_MAX), ("SC_PAGESIZE", libc::_SC_PAGESIZE),
    ("SC_PAGE_SIZE", libc::_SC_PAGE_SIZE), ("SC_PASS_MAX", libc::_SC_PASS_MAX),
    ("SC_PHYS_PAGES", libc::_SC_PHYS_PAGES), ("SC_PII", libc::_SC_PII), ("SC_PII_INTERNET", libc::_SC_PII_INTERNET),
    ("SC_PII_INTERNET_DGRAM", libc::_SC_PII_INTERNET_DGRAM),
    ("SC_PII_INTERNET_STREAM", libc::_SC_PII_INTERNET_STREAM), ("SC_PII_OSI", libc::_SC_PII_OSI),
    ("SC_PII_OSI_CLTS", libc::_SC_PII_OSI_CLTS), ("SC_PII_OSI_COTS", libc::_SC_PII_OSI_COTS),
    ("SC_PII_OSI_M", libc::_SC_PII_OSI_M), ("SC_PII_SOCKET", libc::_SC_PII_SOCKET), ("SC_PII_XTI", libc::_SC_PII_XTI),
    ("SC_POLL", libc::_SC_POLL), ("SC_PRIORITIZED_IO", libc::_SC_PRIORITIZED_IO),
    ("SC_PRIORITY_SCHEDULING", libc::_SC_PRIORITY_SCHEDULING), ("SC_REALTIME_SIGNALS", libc::_SC_REALTIME_SIGNALS),
    ("SC_RE_DUP_MAX", libc::_SC_RE_DUP_MAX), ("SC_RTSIG_MAX", libc::_SC_RTSIG_MAX),
    ("SC_SAVED_IDS", libc::_SC_SAVED_IDS), ("SC_SCHAR_MAX", libc::_SC_SCHAR_MAX),
    ("SC_SCHAR_MIN", libc::_SC_SCHAR_MIN), ("SC_SELECT", libc::_SC_SELECT), ("SC_SEMAPHORES", libc::_SC_SEMAPHORES),
    ("SC_SEM_NSEMS_MAX", libc::_SC_SEM_NSEMS_MAX), ("SC_SEM_VALUE_MAX", libc::_SC_SEM_VALUE_MAX),
    ("SC_SHARED_MEMORY_OBJECTS", libc::_SC_SHARED_MEMORY_OBJECTS), ("SC_SHRT_MAX", libc::_SC_SHRT_MAX),
    ("SC_SHRT_MIN", libc::_SC_SHRT_MIN), ("SC_SIGQUEUE_MAX", libc::_SC_SIGQUEUE_MAX),
    ("SC_SSIZE_MAX", libc::_SC_SSIZE_MAX), ("SC_STREAM_MAX", libc::_SC_STREAM_MAX),
    ("SC_SYNCHRONIZED_IO", libc::_SC_SYNCHRONIZED_IO), ("SC_THREADS", libc::_SC_THREADS),
    ("SC_THREAD_ATTR_STACKADDR", libc::_SC_THREAD_ATTR_STACKADDR),
    ("SC_THREAD_ATTR_STACKSIZE", libc::_SC_THREAD_ATTR_STACKSIZE),
    ("SC_THREAD_DESTRUCTOR_ITERATIONS", libc::_SC_THREAD_DESTRUCTOR_ITERATIONS),
    ("SC_THREAD_KEYS_MAX", libc::_SC_THREAD_KEYS_MAX),
    ("SC_THREAD_PRIORITY_SCHEDULING", libc::_SC_THREAD_PRIORITY_SCHEDULING),
    ("SC_THREAD_PRIO_INHERIT", libc::_SC_THREAD_PRIO_INHERIT),
    ("SC_THREAD_PRIO_PROTECT", libc::_SC_THREAD_PRIO_PROTECT),
    ("SC_THREAD_PROCESS_SHARED", libc::_SC_THREAD_PROCESS_SHARED),
    ("SC_THREAD_SAFE_FUNCTIONS", libc::_SC_THREAD_SAFE_FUNCTIONS),
    ("SC_THREAD_STACK_MIN", libc::_SC_THREAD_STACK_MIN), ("SC_THREAD_THREADS_MAX", libc::_SC_THREAD_THREADS_MAX),
    ("SC_TIMERS", libc::_SC_TIMERS), ("SC_TIMER_MAX", libc::_SC_TIMER_MAX),
    ("SC_TTY_NAME_MAX", libc::_SC_TTY_NAME_MAX), ("SC_TZNAME_MAX", libc::_SC_TZNAME_MAX),
    ("SC_T_IOV_MAX", libc::_SC_T_IOV_MAX), ("SC_UCHAR_MAX", libc::_SC_UCHAR_MAX), ("SC_UINT_MAX", libc::_SC_UINT_MAX),
    ("SC_UIO_MAXIOV", libc::_SC_UIO_MAXIOV), ("SC_ULONG_MAX", libc::_SC_ULONG_MAX),
    ("SC_USHRT_MAX", libc::_SC_USHRT_MAX), ("SC_VERSION", libc::_SC_VERSION), ("SC_WORD_BIT", libc::_SC_WORD_BIT),
    ("SC_XBS5_ILP32_OFF32", libc::_SC_XBS5_ILP32_OFF32), ("SC_XBS5_ILP32_OFFBIG", libc::_SC_XBS5_ILP32_OFFBIG),
    ("SC_XBS5_LP64_OFF64", libc::_SC_XBS5_LP64_OFF64), ("SC_XBS5_LPBIG_OFFBIG", libc::_SC_XBS5_LPBIG_OFFBIG),
    ("SC_XOPEN_CRYPT", libc::_SC_XOPEN_CRYPT), ("SC_XOPEN_ENH_I18N", libc::_SC_XOPEN_ENH_I18N),
    ("SC_XOPEN_LEGACY", libc::_SC_XOPEN_LEGACY), ("SC_XOPEN_REALTIME", libc::_SC_XOPEN_REALTIME),
    ("SC_XOPEN_REALTIME_THREADS", libc::_SC_XOPEN_REALTIME_THREADS), ("SC_XOPEN_SHM", libc::_SC_XOPEN_SHM),
    ("SC_XOPEN_UNIX", libc::_SC_XOPEN_UNIX), ("SC_XOPEN_VERSION", libc::_SC_XOPEN_VERSION),
    ("SC_XOPEN_XCU_VERSION", libc::_SC_XOPEN_XCU_VERSION), ("SC_XOPEN_XPG2", libc::_SC_XOPEN_XPG2),
    ("SC_XOPEN_XPG3", libc::_SC_XOPEN_XPG3), ("SC_XOPEN_XPG4", libc::_SC_XOPEN_XPG4),
];

/// Names of `confstr`.
#[rustfmt::skip]
pub const CONFSTR: Names = &[
    ("CS_GNU_LIBC_VERSION", libc::_CS_GNU_LIBC_VERSION),
    ("CS_GNU_LIBPTHREAD_VERSION", libc::_CS_GNU_LIBPTHREAD_VERSION), ("CS_LFS64_CFLAGS", 1004),
    ("CS_LFS64_LDFLAGS", 1005), ("CS_LFS64_LIBS", 1006), ("CS_LFS64_LINTFLAGS", 1007), ("CS_LFS_CFLAGS", 1000),
    ("CS_LFS_LDFLAGS", 1001), ("CS_LFS_LIBS", 1002), ("CS_LFS_LINTFLAGS", 1003), ("CS_PATH", libc::_CS_PATH),
    ("CS_XBS5_ILP32_OFF32_CFLAGS", 1100), ("CS_XBS5_ILP32_OFF32_LDFLAGS", 1101), ("CS_XBS5_ILP32_OFF32_LIBS", 1102),
    ("CS_XBS5_ILP32_OFF32_LINTFLAGS", 1103), ("CS_XBS5_ILP32_OFFBIG_CFLAGS", 1104),
    ("CS_XBS5_ILP32_OFFBIG_LDFLAGS", 1105), ("CS_XBS5_ILP32_OFFBIG_LIBS", 1106),
    ("CS_XBS5_ILP32_OFFBIG_LINTFLAGS", 1107), ("CS_XBS5_LP64_OFF64_CFLAGS", 1108),
    ("CS_XBS5_LP64_OFF64_LDFLAGS", 1109), ("CS_XBS5_LP64_OFF64_LIBS", 1110), ("CS_XBS5_LP64_OFF64_LINTFLAGS", 1111),
    ("CS_XBS5_LPBIG_OFFBIG_CFLAGS", 1112), ("CS_XBS5_LPBIG_OFFBIG_LDFLAGS", 1113),
    ("CS_XBS5_LPBIG_OFFBIG_LIBS", 1114), ("CS_XBS5_LPBIG_OFFBIG_LINTFLAGS", 1115),
];

/// Names of `pathconf`.
#[rustfmt::skip]
pub const PATHCONF: Names = &[
    ("PC_ALLOC_SIZE_MIN", libc::_PC_ALLOC_SIZE_MIN), ("PC_ASYNC_IO", libc::_PC_ASYNC_IO),
    ("PC_CHOWN_RESTRICTED", libc::_PC_CHOWN_RESTRICTED), ("PC_FILESIZEBITS", libc::_PC_FILESIZEBITS),
    ("PC_LINK_MAX", libc::_PC_LINK_MAX), ("PC_MAX_CANON", libc::_PC_MAX_CANON), ("PC_MAX_INPUT", libc::_PC_MAX_INPUT),
    ("PC_NAME_MAX", libc::_PC_NAME_MAX), ("PC_NO_TRUNC", libc::_PC_NO_TRUNC), ("PC_PATH_MAX", libc::_PC_PATH_MAX),
    ("PC_PIPE_BUF", libc::_PC_PIPE_BUF), ("PC_PRIO_IO", libc::_PC_PRIO_IO),
    ("PC_REC_INCR_XFER_SIZE", libc::_PC_REC_INCR_XFER_SIZE), ("PC_REC_MAX_XFER_SIZE", libc::_PC_REC_MAX_XFER_SIZE),
    ("PC_REC_MIN_XFER_SIZE", libc::_PC_REC_MIN_XFER_SIZE), ("PC_REC_XFER_ALIGN", libc::_PC_REC_XFER_ALIGN),
    ("PC_SOCK_MAXBUF", libc::_PC_SOCK_MAXBUF), ("PC_SYMLINK_MAX", libc::_PC_SYMLINK_MAX),
    ("PC_SYNC_IO", libc::_PC_SYNC_IO), ("PC_VDISABLE", libc::_PC_VDISABLE),
];

/// The number of a name, or a number.
fn name(ctx: &mut Ctx, value: &Obj, known: Names) -> PyResult<i32> {
    if let Some(text) = str_::text_of(value) {
        let found = known
            .iter()
            .find(|(name, _)| name.as_bytes() == text.as_bytes());
        return match found {
            Some((_, number)) => Ok(*number),
            None => Err(raise!(ctx, ValueError, "unrecognized configuration name")),
        };
    }
    if !index::is_index(ctx, value) {
        return Err(raise!(
            ctx,
            TypeError,
            "configuration names must be strings or integers"
        ));
    }
    protocol::c_int(ctx, value)
}

/// What a call answers, which fails only if it says so besides.
fn asked<T>(call: impl FnOnce() -> T, failed: impl FnOnce(&T) -> bool) -> io::Result<T> {
    // SAFETY: the calling thread's own.
    unsafe { *libc::__errno_location() = 0 };
    let value = call();
    let error = io::Error::last_os_error();
    match failed(&value) && error.raw_os_error() != Some(0) {
        true => Err(error),
        false => Ok(value),
    }
}

fn sysconf(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let name = name(ctx, value, SYSCONF)?;
    // SAFETY: only asks.
    match asked(|| unsafe { libc::sysconf(name) }, |value| *value == -1) {
        Ok(value) => int::from_i64(ctx, value),
        Err(error) => Err(exception::os::raise_os_error(ctx, &error, None)),
    }
}

fn confstr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let name = name(ctx, value, CONFSTR)?;
    let mut data = vec![0u8; 256];
    loop {
        let (room, size) = (data.as_mut_ptr().cast(), data.len());
        // SAFETY: so much room.
        let found = asked(
            || unsafe { libc::confstr(name, room, size) },
            |len| *len == 0,
        );
        match found {
            Ok(0) => return Ok(Obj::NONE),
            Ok(len) if len > size => data.resize(len, 0),
            Ok(len) => return system_text(ctx, &data[..len - 1]),
            Err(error) => return Err(exception::os::raise_os_error(ctx, &error, None)),
        }
    }
}

fn pathconf(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "pathconf",
        params: &["path", "name"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [file, value] = args.bind(ctx, &SIGNATURE)?;
    let none = Obj::none();
    let file = path(
        ctx,
        file.unwrap_or(none),
        "pathconf",
        "path",
        Also::Descriptor,
    )?;
    let name = name(ctx, value.unwrap_or(none), PATHCONF)?;
    // SAFETY: a text, and numbers.
    let ask = || unsafe {
        match file.fd {
            Some(fd) => libc::fpathconf(fd, name),
            None => libc::pathconf(file.ptr(), name),
        }
    };
    match asked(ask, |value| *value == -1) {
        Ok(value) => int::from_i64(ctx, value),
        // It is the name's fault.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
            Err(exception::os::raise_os_error(ctx, &error, None))
        }
        Err(error) => Err(about(ctx, &error, &file)),
    }
}

fn fpathconf(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "fpathconf",
        params: &["fd", "name"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [fd, value] = args.bind(ctx, &SIGNATURE)?;
    let fd = descriptor_of(ctx, fd.unwrap_or(Obj::none()))?;
    let name = name(ctx, value.unwrap_or(Obj::none()), PATHCONF)?;
    // SAFETY: takes numbers only.
    let ask = || unsafe { libc::fpathconf(fd, name) };
    match asked(ask, |value| *value == -1) {
        Ok(value) => int::from_i64(ctx, value),
        Err(error) => Err(exception::os::raise_os_error(ctx, &error, None)),
    }
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("sysconf", Native::F1(sysconf)),
    method("confstr", Native::F1(confstr)),
    method("pathconf", Native::F(pathconf)),
    method("fpathconf", Native::F(fpathconf)),
];
