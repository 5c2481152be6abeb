//! `FileIO`: a descriptor of the system, read and written without a buffer.
//!
//! All of its state is in atomics: what two threads do with one file at the same time the system decides.

use super::base::{attribute, cannot_pickle, finalize, overrides, signed_size, writable_view};
use super::raise_unsupported;
use crate::cli::signal;
use crate::error::{PyResult, Raised, no_memory, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Native, TypeDef, flag, getter, method};
use crate::object::exception::{self, class};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::type_::{PyType, type_id_of};
use crate::object::{bytes, bytes_like, int, protocol, str_};
use crate::vm::interrupt;
use crate::vm::outside::{self, Outside};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::ffi::CString;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::sync::atomic::{AtomicI8, AtomicI32, AtomicU32, Ordering::Relaxed};

/// It was made with mode `x`.
const CREATED: u32 = 1;
const READABLE: u32 = 1 << 1;
const WRITABLE: u32 = 1 << 2;
const APPENDING: u32 = 1 << 3;
/// Closing it closes the descriptor.
const CLOSES: u32 = 1 << 4;
/// It is being closed by its finalizer.
const FINALIZING: u32 = 1 << 5;
/// A file on a disk, which nobody waits for.
const REGULAR: u32 = 1 << 6;

/// Bytes that are read of a file whose size nobody knows.
const CHUNK: usize = 64 << 10;

/// The body of a file. Everything in it is Relaxed: values on their own.
pub struct PyFileIo {
    /// The descriptor; below zero when it is closed.
    fd: AtomicI32,
    flags: AtomicU32,
    /// Whether it can go to places; below zero before anyone has asked.
    seekable: AtomicI8,
    block_size: AtomicU32,
}

// SAFETY: it holds no references.
unsafe impl Payload for PyFileIo {
    const ID: u32 = ids::RAW_FILE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "file";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl PyFileIo {
    /// The descriptor, unless it is closed.
    pub fn fd(&self) -> Option<RawFd> {
        let fd = self.fd.load(Relaxed);
        (fd >= 0).then_some(fd)
    }

    fn has(&self, flag: u32) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }

    /// Whether it can be read.
    pub fn is_readable(&self) -> bool {
        self.has(READABLE)
    }

    /// Whether it can be written.
    pub fn is_writable(&self) -> bool {
        self.has(WRITABLE)
    }

    fn mode(&self) -> &'static str {
        let reads = self.has(READABLE);
        match (
            self.has(CREATED),
            self.has(APPENDING),
            reads,
            self.has(WRITABLE),
        ) {
            (true, _, true, _) => "xb+",
            (true, ..) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, ..) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, _) => "rb",
            _ => "wb",
        }
    }
}

/// `_io.FileIO`.
pub static FILE_IO: TypeDef = TypeDef {
    id: tailed::FILE_IO,
    name: "_io.FileIO",
    base: tailed::RAW_IO_BASE,
    layout: ids::RAW_FILE,
    kind: &Body::<PyFileIo>::KIND,
    flags: flag::BASE | flag::DICT | flag::WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: &[
        method("read", Native::MN(0, 1, read)),
        method("readall", Native::M0(readall)),
        method("readinto", Native::M1(readinto)),
        method("write", Native::M1(write)),
        method("seek", Native::MN(1, 2, seek)),
        method(
            "tell",
            Native::M0(|ctx, x| {
                let fd = open_fd(ctx, x)?;
                let at = seek_fd(ctx, fd, 0, libc::SEEK_CUR)?;
                int::from_i64(ctx, at)
            }),
        ),
        method("truncate", Native::MN(0, 1, truncate)),
        method(
            "flush",
            Native::M0(|ctx, x| {
                if type_id_of(x) == tailed::FILE_IO && body(x).fd().is_some() {
                    return Ok(Obj::NONE);
                }
                super::base::check_closed(ctx, x)?;
                Ok(Obj::NONE)
            }),
        ),
        method("close", Native::M0(close)),
        method(
            "seekable",
            Native::M0(|ctx, x| {
                open_fd(ctx, x)?;
                Ok(Obj::bool(is_seekable(body(x))))
            }),
        ),
        method(
            "readable",
            Native::M0(|ctx, x| {
                open_fd(ctx, x)?;
                Ok(Obj::bool(body(x).is_readable()))
            }),
        ),
        method(
            "writable",
            Native::M0(|ctx, x| {
                open_fd(ctx, x)?;
                Ok(Obj::bool(body(x).is_writable()))
            }),
        ),
        method(
            "fileno",
            Native::M0(|ctx, x| {
                let fd = open_fd(ctx, x)?;
                Ok(Obj::small_int(i64::from(fd)))
            }),
        ),
        method("isatty", Native::M0(isatty)),
        method("_isatty_open_only", Native::M0(isatty)),
        method("_dealloc_warn", Native::M1(warn_unclosed)),
        method("__getstate__", Native::M0(cannot_pickle)),
    ],
    getset: &[
        getter("closed", |_, x| Ok(Obj::bool(body(x).fd().is_none()))),
        getter("closefd", |_, x| Ok(Obj::bool(body(x).has(CLOSES)))),
        getter("mode", |ctx, x| str_::new(ctx, body(x).mode())),
        getter("_blksize", |_, x| {
            Ok(Obj::small_int(i64::from(body(x).block_size.load(Relaxed))))
        }),
        GetSet {
            name: "_finalizing",
            get: |_, x| Ok(Obj::bool(body(x).has(FINALIZING))),
            set: Some(|ctx, x, value| {
                let on = super::base::boolean(ctx, value)?;
                set_flag(body(x), FINALIZING, on);
                Ok(())
            }),
            member: true,
        },
    ],
    doc: "Open a file.\n\nThe mode can be 'r' (default), 'w', 'x' or 'a' for reading,\nwriting, exclusive creation or appending.",
};

fn body(x: &Obj) -> &Body<PyFileIo> {
    x.expect::<PyFileIo>()
}

/// The file, if this is exactly a `FileIO`, whose methods are those here.
#[inline]
pub fn exact(x: &Obj) -> Option<&Body<PyFileIo>> {
    (type_id_of(x) == tailed::FILE_IO).then(|| body(x))
}

fn set_flag(file: &PyFileIo, flag: u32, on: bool) {
    if on {
        file.flags.fetch_or(flag, Relaxed);
    } else {
        file.flags.fetch_and(!flag, Relaxed);
    }
}

fn closed(ctx: &mut Ctx) -> Raised {
    raise!(ctx, ValueError, "I/O operation on closed file")
}

fn open_fd(ctx: &mut Ctx, x: &Obj) -> PyResult<RawFd> {
    body(x).fd().ok_or_else(|| closed(ctx))
}

/// The descriptor of a file that can be read, and whether reading may wait.
pub fn readable_fd(ctx: &mut Ctx, x: &Obj) -> PyResult<(RawFd, bool)> {
    let fd = open_fd(ctx, x)?;
    if !body(x).is_readable() {
        return Err(raise_unsupported(ctx, "File not open for reading"));
    }
    Ok((fd, !body(x).has(REGULAR)))
}

/// The descriptor of a file that can be written.
pub fn writable_fd(ctx: &mut Ctx, x: &Obj) -> PyResult<RawFd> {
    let fd = open_fd(ctx, x)?;
    if !body(x).is_writable() {
        return Err(raise_unsupported(ctx, "File not open for writing"));
    }
    Ok(fd)
}

// --- Opening -------------------------------------------------------------------------------------

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PyFileIo {
        fd: AtomicI32::new(-1),
        flags: AtomicU32::new(CLOSES),
        seekable: AtomicI8::new(-1),
        block_size: AtomicU32::new(0),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

/// What a mode asks for: flags of the body, and of the system.
fn parse_mode(ctx: &mut Ctx, mode: &str) -> PyResult<(u32, i32)> {
    let bad = |ctx: &mut Ctx| {
        raise!(
            ctx,
            ValueError,
            "Must have exactly one of create/read/write/append mode and at most one plus"
        )
    };
    let (mut flags, mut options) = (0, 0);
    let (mut kinds, mut plus) = (0, false);
    for c in mode.chars() {
        match c {
            'x' => (flags, options) = (flags | CREATED | WRITABLE, libc::O_EXCL | libc::O_CREAT),
            'r' => flags |= READABLE,
            'w' => (flags, options) = (flags | WRITABLE, libc::O_CREAT | libc::O_TRUNC),
            'a' => {
                (flags, options) = (flags | WRITABLE | APPENDING, libc::O_APPEND | libc::O_CREAT)
            }
            'b' => continue,
            '+' if !plus => {
                plus = true;
                continue;
            }
            '+' => return Err(bad(ctx)),
            _ => return Err(raise!(ctx, ValueError, "invalid mode: {mode}")),
        }
        kinds += 1;
        if kinds > 1 {
            return Err(bad(ctx));
        }
    }
    if kinds == 0 {
        return Err(bad(ctx));
    }
    if plus {
        flags |= READABLE | WRITABLE;
    }
    options |= match (flags & READABLE != 0, flags & WRITABLE != 0) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    Ok((flags, options | libc::O_CLOEXEC))
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "FileIO",
        params: &["file", "mode", "closefd", "opener"],
        posonly: 0,
        positional: 4,
        required: 1,
    };
    let [file, mode, closes, opener] = args.bind(ctx, &SIGNATURE)?;
    let file = file.unwrap_or(Obj::none());
    let mode = match mode {
        None => "r".to_owned(),
        Some(mode) => {
            if mode.downcast::<PyStr>().is_none() {
                let class = str_::argument_type(ctx, mode);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "FileIO() argument 'mode' must be str, not {class}"
                ));
            }
            str_::expect_text(ctx, mode, "FileIO() argument 'mode'")?.to_string_lossy()
        }
    };
    let closes = closes.map_or(Ok(true), |closes| protocol::truth(ctx, closes))?;
    let opener = opener.filter(|opener| !opener.is_none());
    open(ctx, x, file, &mode, closes, opener)
}

/// A file, opened.
pub fn make(ctx: &mut Ctx, file: &Obj, mode: &str, closes: bool, opener: Option<&Obj>) -> PyResult {
    let class = crate::object::type_::type_object(ctx, tailed::FILE_IO);
    let x = new(ctx, &class, Args::NONE)?;
    open(ctx, &x, file, mode, closes, opener)?;
    Ok(x)
}

fn open(
    ctx: &mut Ctx,
    x: &Obj,
    file: &Obj,
    mode: &str,
    closes: bool,
    opener: Option<&Obj>,
) -> PyResult<()> {
    if body(x).fd().is_some() {
        if body(x).has(CLOSES) {
            close_fd(ctx, x)?;
        } else {
            body(x).fd.store(-1, Relaxed);
        }
    }
    let given = if int::view(file).is_some() || crate::object::index::is_index(ctx, file) {
        if matches!(type_id_of(file), ids::BOOL) {
            let message = "bool is used as a file descriptor";
            crate::module::warnings::warn(ctx, class::RuntimeWarning, message)?;
        }
        let fd = protocol::c_int(ctx, file)?;
        if fd < 0 {
            return Err(raise!(ctx, ValueError, "negative file descriptor"));
        }
        Some(fd)
    } else {
        None
    };
    let path = match given {
        Some(_) => None,
        None => Some(super::path_of(ctx, file, "expected")?),
    };
    let (flags, options) = parse_mode(ctx, mode)?;
    let flags = flags | if closes { CLOSES } else { 0 };
    let file_state = body(x);
    file_state.flags.store(flags, Relaxed);
    file_state.seekable.store(-1, Relaxed);
    let (fd, is_own) = match (given, path) {
        (Some(fd), _) => (fd, false),
        (None, path) => {
            if !closes {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "Cannot use closefd=False with file name"
                ));
            }
            crate::module::sys::audit::event(ctx, "open", |ctx| {
                let mode = str_::new(ctx, mode)?;
                Ok(vec![file.clone(), mode, Obj::small_int(options.into())])
            })?;
            let fd = match opener {
                Some(opener) => {
                    let fd = protocol::call(
                        ctx,
                        opener,
                        &[file.clone(), Obj::small_int(i64::from(options))],
                    )?;
                    if int::view(&fd).is_none() {
                        return Err(raise!(ctx, TypeError, "expected integer from opener"));
                    }
                    let fd = protocol::c_ssize(ctx, &fd)?;
                    if fd < 0 {
                        return Err(raise!(ctx, ValueError, "opener returned {fd}"));
                    }
                    let fd = fd as i32;
                    // SAFETY: sets a flag of a descriptor, or fails.
                    unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
                    fd
                }
                None => open_path(ctx, file, path.unwrap_or_default(), options)?,
            };
            (fd, true)
        }
    };
    file_state.fd.store(fd, Relaxed);
    let result = settle(ctx, x, file, fd);
    if let Err(raised) = result {
        if is_own {
            let error = exception::take(ctx, raised);
            if let Err(raised) = close_fd(ctx, x) {
                drop(exception::take(ctx, raised));
            }
            return Err(exception::raise_again(ctx, error));
        }
        body(x).fd.store(-1, Relaxed);
        return Err(raised);
    }
    Ok(())
}

fn open_path(ctx: &mut Ctx, file: &Obj, path: std::path::PathBuf, options: i32) -> PyResult<RawFd> {
    let Ok(path) = CString::new(path.into_os_string().into_vec()) else {
        return Err(raise!(ctx, ValueError, "embedded null byte"));
    };
    loop {
        let (fd, error) = rt(ctx).kit.detached(ctx, || {
            // SAFETY: only looks at the path.
            let fd = unsafe { libc::open(path.as_ptr(), options, 0o666) };
            (fd, io::Error::last_os_error())
        });
        if fd >= 0 {
            return Ok(fd);
        }
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(exception::os::raise_os_error(ctx, &error, Some(file)));
        }
        interrupt::check(ctx)?;
    }
}

/// Looks at what was opened.
fn settle(ctx: &mut Ctx, x: &Obj, file: &Obj, fd: RawFd) -> PyResult<()> {
    let mut block_size = 8192;
    match status(ctx, fd) {
        Ok(status) => {
            if status.st_mode & libc::S_IFMT == libc::S_IFDIR {
                let error = io::Error::from_raw_os_error(libc::EISDIR);
                return Err(exception::os::raise_os_error(ctx, &error, Some(file)));
            }
            if status.st_mode & libc::S_IFMT == libc::S_IFREG {
                set_flag(body(x), REGULAR, true);
            }
            if status.st_blksize > 1 {
                block_size = status.st_blksize.min(1 << 30) as u32;
            }
        }
        Err(error) if error.raw_os_error() == Some(libc::EBADF) => {
            return Err(exception::os::raise_os_error(ctx, &error, Some(file)));
        }
        Err(_) => {}
    }
    body(x).block_size.store(block_size, Relaxed);
    let name = str_::intern(ctx, "name");
    protocol::setattr(ctx, x, &name, Some(file))?;
    if body(x).has(APPENDING) {
        // SAFETY: moves the place of a descriptor, or fails.
        let end = unsafe { libc::lseek64(fd, 0, libc::SEEK_END) };
        body(x).seekable.store(i8::from(end >= 0), Relaxed);
    }
    Ok(())
}

fn status(ctx: &mut Ctx, fd: RawFd) -> io::Result<libc::stat64> {
    rt(ctx).kit.detached(ctx, || {
        // SAFETY: all zeros is a value of it.
        let mut status: libc::stat64 = unsafe { std::mem::zeroed() };
        // SAFETY: writes to `status`.
        if unsafe { libc::fstat64(fd, &mut status) } == 0 {
            Ok(status)
        } else {
            Err(io::Error::last_os_error())
        }
    })
}

// --- Closing -------------------------------------------------------------------------------------

fn close_fd(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    // Relaxed: who gets the descriptor closes it.
    let fd = body(x).fd.swap(-1, Relaxed);
    if fd < 0 {
        return Ok(());
    }
    let result = rt(ctx).kit.detached(ctx, || {
        // SAFETY: the file's own, which has forgotten it.
        if unsafe { libc::close(fd) } < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    });
    match result {
        // It is closed, whatever interrupted that.
        Err(error) if error.kind() != io::ErrorKind::Interrupted => {
            Err(exception::os::raise_os_error(ctx, &error, None))
        }
        _ => Ok(()),
    }
}

/// `close()`.
pub fn close(ctx: &mut Ctx, x: &Obj) -> PyResult {
    // `flush` of a derived class, and the mark that base class methods look for.
    let base = crate::object::type_::type_object(ctx, tailed::RAW_IO_BASE);
    if type_id_of(x) == tailed::FILE_IO && !overrides(ctx, x, "flush") {
        if body(x).has(FINALIZING) {
            warn(ctx, x, x);
        }
        if body(x).has(CLOSES) {
            close_fd(ctx, x)?;
        } else {
            body(x).fd.store(-1, Relaxed);
        }
        return Ok(Obj::NONE);
    }
    let closed = attribute(ctx, &base, "close")
        .and_then(|close| protocol::call(ctx, &close, std::slice::from_ref(x)));
    if !body(x).has(CLOSES) {
        body(x).fd.store(-1, Relaxed);
        return closed;
    }
    super::base::finish_with(ctx, closed, |ctx| {
        if body(x).has(FINALIZING) {
            warn(ctx, x, x);
        }
        close_fd(ctx, x).map(|()| Obj::NONE)
    })
}

fn warn_unclosed(ctx: &mut Ctx, x: &Obj, source: &Obj) -> PyResult {
    warn(ctx, x, source);
    Ok(Obj::NONE)
}

/// Warns that nobody has closed the file, which `source` stands on.
pub fn warn(ctx: &mut Ctx, x: &Obj, source: &Obj) {
    if body(x).fd().is_none() || !body(x).has(CLOSES) {
        return;
    }
    if let Err(raised) = crate::module::warnings::unclosed(ctx, "unclosed file", source) {
        let error = exception::take(ctx, raised);
        crate::vm::report::report_unraisable(ctx, &error, "while finalizing file", Some(source));
    }
}

// --- Reading and writing -------------------------------------------------------------------------

/// Appends what one read of the descriptor gives, at most `count` bytes; `None` if it would have to wait. `waits` says
/// whether a signal may come first.
pub fn read_fd(
    ctx: &mut Ctx,
    (fd, waits): (RawFd, bool),
    into: &mut Vec<u8>,
    count: usize,
) -> PyResult<Option<usize>> {
    outside::room(ctx, count)?;
    if into.try_reserve(count).is_err() {
        return Err(no_memory(ctx));
    }
    let count = count.min(isize::MAX as usize);
    loop {
        let result = rt(ctx).kit.detached(ctx, || {
            if waits {
                // SAFETY: borrowed for the call only, which fails if it is not open.
                signal::await_input(unsafe { BorrowedFd::borrow_raw(fd) })?;
            }
            let len = into.len();
            // SAFETY: there is room for so many bytes behind the others.
            let got = unsafe { libc::read(fd, into.as_mut_ptr().add(len).cast(), count) };
            if got < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: the system has written so many.
            unsafe { into.set_len(len + got as usize) };
            Ok(got as usize)
        });
        match result {
            Ok(got) => return Ok(Some(got)),
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => interrupt::check(ctx)?,
                io::ErrorKind::WouldBlock => return Ok(None),
                _ => return Err(exception::os::raise_os_error(ctx, &error, None)),
            },
        }
    }
}

/// Writes as much as one write takes; `None` if it would have to wait.
pub fn write_fd(ctx: &mut Ctx, fd: RawFd, data: &[u8]) -> PyResult<Option<usize>> {
    let count = data.len().min(isize::MAX as usize);
    loop {
        let result = rt(ctx).kit.detached(ctx, || {
            // SAFETY: reads the bytes, which nobody changes.
            let done = unsafe { libc::write(fd, data.as_ptr().cast(), count) };
            if done < 0 {
                Err(io::Error::last_os_error())
            } else {
                Ok(done as usize)
            }
        });
        match result {
            Ok(done) => return Ok(Some(done)),
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => interrupt::check(ctx)?,
                io::ErrorKind::WouldBlock => return Ok(None),
                _ => return Err(exception::os::raise_os_error(ctx, &error, None)),
            },
        }
    }
}

/// Reads to the end; `None` if there is nothing yet and it would have to wait.
pub fn read_to_end(
    ctx: &mut Ctx,
    from: (RawFd, bool),
    into: &mut Outside<Vec<u8>>,
) -> PyResult<bool> {
    // SAFETY: asks for the place of a descriptor, or fails.
    let at = unsafe { libc::lseek64(from.0, 0, libc::SEEK_CUR) };
    let left = match status(ctx, from.0) {
        Ok(status) if at >= 0 && status.st_mode & libc::S_IFMT == libc::S_IFREG => {
            usize::try_from(status.st_size - at).unwrap_or(0)
        }
        _ => 0,
    };
    let mut found = false;
    // One byte more than there should be, to see the end.
    let mut wanted = if left > 0 { left + 1 } else { CHUNK };
    loop {
        match read_fd(ctx, from, into, wanted)? {
            None => return Ok(found),
            Some(0) => return Ok(true),
            Some(got) => {
                found = true;
                into.count();
                wanted = if got < wanted && wanted > left {
                    wanted - got
                } else {
                    0
                };
                wanted = wanted.max(CHUNK).max(into.len() / 8);
            }
        }
    }
}

fn read(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let size = signed_size(ctx, args)?;
    let Ok(size) = usize::try_from(size) else {
        return if type_id_of(x) == tailed::FILE_IO {
            readall(ctx, x)
        } else {
            readable_fd(ctx, x)?;
            super::base::call(ctx, x, "readall", &[])
        };
    };
    let fd = readable_fd(ctx, x)?;
    let mut data = Vec::new();
    match read_fd(ctx, fd, &mut data, size)? {
        Some(_) => bytes::new(ctx, &data),
        None => Ok(Obj::NONE),
    }
}

fn readall(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let fd = readable_fd(ctx, x)?;
    let mut data = Outside::new(Vec::new());
    if read_to_end(ctx, fd, &mut data)? {
        bytes::new(ctx, &data)
    } else {
        Ok(Obj::NONE)
    }
}

fn readinto(ctx: &mut Ctx, x: &Obj, into: &Obj) -> PyResult {
    let (into, len) = writable_view(ctx, into, "readinto")?;
    let fd = readable_fd(ctx, x)?;
    let mut data = Vec::new();
    let Some(got) = read_fd(ctx, fd, &mut data, len)? else {
        return Ok(Obj::NONE);
    };
    bytes_like::write(ctx, &into, |place| {
        if let Some(place) = place.get_mut(..got) {
            place.copy_from_slice(&data);
        }
    });
    int::from_usize(ctx, got)
}

fn write(ctx: &mut Ctx, x: &Obj, data: &Obj) -> PyResult {
    let data = bytes_like::expect_buffer(ctx, data)?;
    let fd = writable_fd(ctx, x)?;
    match write_fd(ctx, fd, &data)? {
        Some(done) => int::from_usize(ctx, done),
        None => Ok(Obj::NONE),
    }
}

// --- Places --------------------------------------------------------------------------------------

/// Goes to a place.
pub fn seek_fd(ctx: &mut Ctx, fd: RawFd, offset: i64, whence: i32) -> PyResult<i64> {
    // SAFETY: moves the place of a descriptor, or fails.
    let at = unsafe { libc::lseek64(fd, offset, whence) };
    if at < 0 {
        let error = io::Error::last_os_error();
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    Ok(at)
}

/// The place of a descriptor that has one.
pub fn place_fd(fd: RawFd) -> Option<i64> {
    // SAFETY: asks for the place of a descriptor, or fails.
    let at = unsafe { libc::lseek64(fd, 0, libc::SEEK_CUR) };
    (at >= 0).then_some(at)
}

/// Whether the file can go to places.
pub fn is_seekable(file: &PyFileIo) -> bool {
    match file.seekable.load(Relaxed) {
        0 => false,
        1.. => true,
        _ => {
            let fd = file.fd.load(Relaxed);
            // SAFETY: asks for the place of a descriptor, or fails.
            let seekable = unsafe { libc::lseek64(fd, 0, libc::SEEK_CUR) } >= 0;
            file.seekable.store(i8::from(seekable), Relaxed);
            seekable
        }
    }
}

fn seek(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let fd = open_fd(ctx, x)?;
    let offset = protocol::c_ssize(ctx, &args[0])?;
    let whence = match args.get(1) {
        Some(whence) => protocol::index_i64(ctx, whence, None)? as i32,
        None => 0,
    };
    let at = seek_fd(ctx, fd, offset, whence)?;
    int::from_i64(ctx, at)
}

fn truncate(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let fd = writable_fd(ctx, x)?;
    let size = match args.first().filter(|size| !size.is_none()) {
        Some(size) => protocol::c_ssize(ctx, size)?,
        None => seek_fd(ctx, fd, 0, libc::SEEK_CUR)?,
    };
    loop {
        let result = rt(ctx).kit.detached(ctx, || {
            // SAFETY: changes the length of a file, or fails.
            if unsafe { libc::ftruncate64(fd, size) } < 0 {
                Err(io::Error::last_os_error())
            } else {
                Ok(())
            }
        });
        match result {
            Ok(()) => return int::from_i64(ctx, size),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => interrupt::check(ctx)?,
            Err(error) => return Err(exception::os::raise_os_error(ctx, &error, None)),
        }
    }
}

fn isatty(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let fd = open_fd(ctx, x)?;
    Ok(Obj::bool(super::standard::is_terminal(fd)))
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = protocol::type_name(ctx, x);
    let file = body(x);
    let Some(fd) = file.fd() else {
        return str_::new(ctx, &format!("<{class} [closed]>"));
    };
    let (mode, closes) = (file.mode(), if file.has(CLOSES) { "True" } else { "False" });
    let name = str_::intern(ctx, "name");
    let text = match protocol::find_attr(ctx, x, &name)? {
        Some(name) => {
            let name = super::buffered::inner_repr(ctx, x, &name)?;
            format!("<{class} name={name} mode='{mode}' closefd={closes}>")
        }
        None => format!("<{class} fd={fd} mode='{mode}' closefd={closes}>"),
    };
    str_::new(ctx, &text)
}
