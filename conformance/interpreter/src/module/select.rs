//! `select`: waiting for files to become ready: `select`, `poll`, `epoll`.
//!
//! A wait is detached. On the main thread, signals are held back between the look for them and the wait, so that none is
//! missed.

use super::natives::add_numbers;
use super::posix::path::{descriptor_of, done, number};
use super::support;
use super::threading::wait;
use crate::cli::signal::Mask;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, TypeDef, flag, getter, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::type_object;
use crate::object::{ids, int, list, protocol, tuple};
use crate::vm::interrupt;
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicI32, Ordering::*};
use std::sync::{Mutex, PoisonError};

/// A moment to stop waiting at, from seconds; `None` for never.
fn deadline(ctx: &mut Ctx, seconds: Option<&Obj>) -> PyResult<Option<u64>> {
    match seconds.filter(|seconds| !seconds.is_none()) {
        None => Ok(None),
        Some(seconds) => {
            let seconds = wait::seconds(ctx, seconds)?;
            Ok(Some(wait::deadline_in(ctx, seconds)))
        }
    }
}

/// Waits until `attempt`, which is told how long and what signals to let through, finds something, or time is over.
fn until(
    ctx: &mut Ctx,
    deadline: Option<u64>,
    mut attempt: impl FnMut(Option<&libc::timespec>, *const libc::sigset_t) -> i32,
) -> PyResult<i32> {
    let main = wait::is_main(ctx);
    loop {
        let left = deadline.map(|deadline| {
            let left = deadline.saturating_sub(wait::now(ctx));
            libc::timespec {
                tv_sec: (left / 1_000_000_000) as i64,
                tv_nsec: (left % 1_000_000_000) as i64,
            }
        });
        let (found, error) = rt(ctx).kit.detached(ctx, || {
            if !main {
                let found = attempt(left.as_ref(), std::ptr::null());
                return (found, io::Error::last_os_error());
            }
            let mask = Mask::all();
            if interrupt::is_noted() {
                return (-1, io::Error::from_raw_os_error(libc::EINTR));
            }
            let found = attempt(left.as_ref(), mask.before());
            let error = io::Error::last_os_error();
            drop(mask);
            (found, error)
        });
        if found >= 0 {
            return Ok(found);
        }
        if error.raw_os_error() != Some(libc::EINTR) {
            return Err(exception::os::raise_os_error(ctx, &error, None));
        }
        interrupt::check(ctx)?;
    }
}

fn pointer(time: Option<&libc::timespec>) -> *const libc::timespec {
    time.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// Waits until a file is ready for something; false when time is over.
pub fn wait_for(ctx: &mut Ctx, fd: i32, events: i16, deadline: Option<u64>) -> PyResult<bool> {
    let mut asked = libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    let place = &raw mut asked;
    // SAFETY: one place.
    let found = until(ctx, deadline, |time, mask| unsafe {
        libc::ppoll(place, 1, pointer(time), mask)
    })?;
    Ok(found > 0)
}

/// `select(read, write, error, timeout)`.
fn select(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    if let Some(timeout) = args.get(3).filter(|timeout| !timeout.is_none()) {
        let known =
            int::view(timeout).is_some() || crate::object::float::convert(ctx, timeout)?.is_some();
        if !known {
            return Err(raise!(ctx, TypeError, "timeout must be a float or None"));
        }
        if wait::seconds(ctx, timeout)? < 0.0 {
            return Err(raise!(ctx, ValueError, "timeout must be non-negative"));
        }
    }
    let end = deadline(ctx, args.get(3))?;
    let mut files: [Vec<(Obj, i32)>; 3] = Default::default();
    for (files, given) in files.iter_mut().zip(args) {
        for file in protocol::collect(ctx, given)? {
            let fd = descriptor_of(ctx, &file)?;
            if fd as usize >= libc::FD_SETSIZE {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "filedescriptor out of range in select()"
                ));
            }
            files.push((file, fd));
        }
    }
    const EVENTS: [i16; 3] = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    const SHOWN: [i16; 3] = [
        libc::POLLIN | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLERR,
        libc::POLLPRI,
    ];
    let mut asked: BTreeMap<i32, i16> = BTreeMap::new();
    for (files, events) in files.iter().zip(EVENTS) {
        for (_, fd) in files {
            *asked.entry(*fd).or_default() |= events;
        }
    }
    let asked = poll_files(ctx, end, asked)?;
    if asked.iter().any(|one| one.revents & libc::POLLNVAL != 0) {
        let error = io::Error::from_raw_os_error(libc::EBADF);
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    let mut lists = Vec::new();
    for (files, shown) in files.into_iter().zip(SHOWN) {
        let ready = files.into_iter().filter(|(_, fd)| {
            let found = asked.iter().find(|one| one.fd == *fd);
            found.is_some_and(|one| one.revents & shown != 0)
        });
        let ready = ready.map(|(file, _)| file).collect();
        lists.push(list::from_vec(ctx, ready)?);
    }
    tuple::from_vec(ctx, lists)
}

/// The body of a polling object.
pub struct PyPoll {
    files: Mutex<BTreeMap<i32, i16>>,
}

// SAFETY: there are no references.
unsafe impl Payload for PyPoll {
    const ID: u32 = ids::POLL;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "poll";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl PyPoll {
    fn change<R>(&self, work: impl FnOnce(&mut BTreeMap<i32, i16>) -> R) -> R {
        work(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn events(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<i16> {
    let Some(value) = value else {
        return Ok(libc::POLLIN | libc::POLLPRI | libc::POLLOUT);
    };
    let number = protocol::c_ssize(ctx, value)?;
    match u16::try_from(number) {
        Ok(events) => Ok(events as i16),
        Err(_) if number < 0 => Err(raise!(ctx, ValueError, "value must be positive")),
        Err(_) => Err(raise!(
            ctx,
            OverflowError,
            "Python int too large for C unsigned short"
        )),
    }
}

fn missing(ctx: &mut Ctx, fd: i32) -> crate::error::Raised {
    exception::raise_args(ctx, class::KeyError, vec![Obj::small_int(fd.into())])
}

fn poll_register(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let fd = descriptor_of(ctx, &args[0])?;
    let events = events(ctx, args.get(1))?;
    this.expect::<PyPoll>()
        .change(|files| files.insert(fd, events));
    Ok(Obj::NONE)
}

fn poll_modify(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let fd = descriptor_of(ctx, &args[0])?;
    let events = events(ctx, args.get(1))?;
    let known = this.expect::<PyPoll>().change(|files| {
        let place = files.get_mut(&fd)?;
        *place = events;
        Some(())
    });
    if known.is_none() {
        let error = io::Error::from_raw_os_error(libc::ENOENT);
        return Err(exception::os::raise_os_error(ctx, &error, None));
    }
    Ok(Obj::NONE)
}

fn poll_unregister(ctx: &mut Ctx, this: &Obj, file: &Obj) -> PyResult {
    let fd = descriptor_of(ctx, file)?;
    let known = this.expect::<PyPoll>().change(|files| files.remove(&fd));
    match known {
        Some(_) => Ok(Obj::NONE),
        None => Err(missing(ctx, fd)),
    }
}

fn pairs(ctx: &mut Ctx, found: impl Iterator<Item = (i64, i64)>) -> PyResult {
    let mut items = Vec::new();
    for (fd, events) in found {
        let pair = vec![Obj::small_int(fd), Obj::small_int(events)];
        items.push(tuple::from_vec(ctx, pair)?);
    }
    list::from_vec(ctx, items)
}

/// Asks the system what files are ready for what is asked of each, until then.
fn poll_files(
    ctx: &mut Ctx,
    end: Option<u64>,
    files: impl IntoIterator<Item = (i32, i16)>,
) -> PyResult<Vec<libc::pollfd>> {
    let mut asked: Vec<libc::pollfd> = files
        .into_iter()
        .map(|(fd, events)| libc::pollfd {
            fd,
            events,
            revents: 0,
        })
        .collect();
    let (place, len) = (asked.as_mut_ptr(), asked.len() as libc::nfds_t);
    // SAFETY: there are so many places.
    until(ctx, end, |time, mask| unsafe {
        libc::ppoll(place, len, pointer(time), mask)
    })?;
    Ok(asked)
}

fn poll_poll(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let end = match args.first().filter(|timeout| !timeout.is_none()) {
        None => None,
        Some(timeout) => {
            let milliseconds = wait::seconds(ctx, timeout)?;
            (milliseconds >= 0.0).then(|| wait::deadline_in(ctx, milliseconds / 1000.0))
        }
    };
    let files = this.expect::<PyPoll>().change(|files| files.clone());
    let asked = poll_files(ctx, end, files)?;
    let ready = asked.iter().filter(|one| one.revents != 0);
    pairs(
        ctx,
        ready.map(|one| (one.fd.into(), (one.revents as u16).into())),
    )
}

/// `select.poll`'s type.
pub static POLL: TypeDef = TypeDef {
    id: ids::POLL,
    name: "select._poll",
    base: ids::OBJECT,
    layout: ids::POLL,
    kind: &Body::<PyPoll>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: &[
        method("register", Native::MN(1, 2, poll_register)),
        method("modify", Native::MN(2, 2, poll_modify)),
        method("unregister", Native::M1(poll_unregister)),
        method("poll", Native::MN(0, 1, poll_poll)),
    ],
    getset: &[],
    doc: "",
};

// --- epoll ---------------------------------------------------------------------------------------

/// The body of an `epoll`.
pub struct PyEpoll {
    /// −1 once it is closed.
    fd: AtomicI32,
}

// SAFETY: there are no references.
unsafe impl Payload for PyEpoll {
    const ID: u32 = ids::EPOLL;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "epoll";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl Drop for PyEpoll {
    fn drop(&mut self) {
        let fd = *self.fd.get_mut();
        if fd >= 0 {
            // SAFETY: the object's own, closed once.
            unsafe { libc::close(fd) };
        }
    }
}

fn epoll_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "epoll",
        params: &["sizehint", "flags"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [hint, flags] = args.bind(ctx, &SIGNATURE)?;
    if let Some(hint) = hint {
        let hint = number(ctx, hint)?;
        if hint != -1 && hint <= 0 {
            return Err(raise!(ctx, ValueError, "sizehint must be positive or -1"));
        }
    }
    if let Some(flags) = flags {
        let flags = number(ctx, flags)?;
        if flags & !libc::EPOLL_CLOEXEC != 0 {
            return Err(raise!(ctx, OSError, "invalid flags"));
        }
    }
    // SAFETY: takes a number only.
    let fd = done(ctx, || unsafe {
        libc::epoll_create1(libc::EPOLL_CLOEXEC).into()
    })?;
    epoll_of(ctx, support::id_of(class), fd as i32)
}

fn epoll_of(ctx: &mut Ctx, id: u32, fd: i32) -> PyResult {
    let body = PyEpoll {
        fd: AtomicI32::new(fd),
    };
    payload::allocate(ctx, id, body)
}

fn epoll_fd(ctx: &mut Ctx, this: &Obj) -> PyResult<i32> {
    // Relaxed: who closes it while others use it gets the system's answers.
    match this.expect::<PyEpoll>().fd.load(Relaxed) {
        -1 => Err(raise!(
            ctx,
            ValueError,
            "I/O operation on closed epoll object"
        )),
        fd => Ok(fd),
    }
}

fn control(ctx: &mut Ctx, this: &Obj, file: &Obj, what: i32, events: Option<&Obj>) -> PyResult {
    let epoll = epoll_fd(ctx, this)?;
    let fd = descriptor_of(ctx, file)?;
    let events = match events {
        Some(events) => {
            let events = protocol::c_ssize(ctx, events)?;
            events as u32
        }
        None => (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32,
    };
    let mut event = libc::epoll_event {
        events,
        u64: fd as u64,
    };
    let place = &raw mut event;
    // SAFETY: one event.
    done(ctx, || unsafe {
        libc::epoll_ctl(epoll, what, fd, place).into()
    })?;
    Ok(Obj::NONE)
}

fn epoll_register(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "register",
        params: &["fd", "eventmask"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [file, events] = args.bind(ctx, &SIGNATURE)?;
    control(
        ctx,
        this,
        file.unwrap_or(Obj::none()),
        libc::EPOLL_CTL_ADD,
        events,
    )
}

fn epoll_modify(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "modify",
        params: &["fd", "eventmask"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [file, events] = args.bind(ctx, &SIGNATURE)?;
    control(
        ctx,
        this,
        file.unwrap_or(Obj::none()),
        libc::EPOLL_CTL_MOD,
        events,
    )
}

fn epoll_unregister(ctx: &mut Ctx, this: &Obj, file: &Obj) -> PyResult {
    control(
        ctx,
        this,
        file,
        libc::EPOLL_CTL_DEL,
        Some(&Obj::small_int(0)),
    )
}

fn epoll_poll(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "poll",
        params: &["timeout", "maxevents"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [timeout, most] = args.bind(ctx, &SIGNATURE)?;
    let epoll = epoll_fd(ctx, this)?;
    let end = match timeout.filter(|timeout| !timeout.is_none()) {
        None => None,
        Some(timeout) => {
            let seconds = wait::seconds(ctx, timeout)?;
            (seconds >= 0.0).then(|| wait::deadline_in(ctx, seconds))
        }
    };
    let most = match most {
        Some(most) => match number(ctx, most)? {
            -1 => 1023,
            most if most > 0 => most,
            most => {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "maxevents must be greater than 0, got {most}"
                ));
            }
        },
        None => 1023,
    }
    .min(1 << 16);
    let mut found = vec![libc::epoll_event { events: 0, u64: 0 }; most as usize];
    let place = found.as_mut_ptr();
    let count = until(ctx, end, |time, mask| {
        // Rounded up, so that it does not return before its time.
        let milliseconds = time.map_or(-1, |time| {
            let all = time.tv_sec * 1000 + (time.tv_nsec + 999_999) / 1_000_000;
            all.min(i32::MAX.into()) as i32
        });
        // SAFETY: there are so many places.
        unsafe { libc::epoll_pwait(epoll, place, most, milliseconds, mask) }
    })?;
    let ready = found.iter().take(count as usize);
    pairs(ctx, ready.map(|one| (one.u64 as i64, one.events.into())))
}

fn epoll_close(_: &mut Ctx, this: &Obj) -> PyResult {
    // Relaxed: the exchange alone decides who closes it.
    let fd = this.expect::<PyEpoll>().fd.swap(-1, Relaxed);
    if fd >= 0 {
        // SAFETY: the object's own, closed once.
        unsafe { libc::close(fd) };
    }
    Ok(Obj::NONE)
}

/// `select.epoll`.
pub static EPOLL: TypeDef = TypeDef {
    id: ids::EPOLL,
    name: "select.epoll",
    base: ids::OBJECT,
    layout: ids::EPOLL,
    kind: &Body::<PyEpoll>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(epoll_new),
        ..Slots::NONE
    },
    methods: &[
        method(
            "fromfd",
            Native::C(|ctx, class, args| {
                args.check(ctx, "fromfd", 1, 1)?;
                let fd = number(ctx, &args.pos[0])?;
                epoll_of(ctx, support::id_of(class), fd)
            }),
        ),
        method("close", Native::M0(epoll_close)),
        method(
            "fileno",
            Native::M0(|ctx, this| {
                let fd = epoll_fd(ctx, this)?;
                int::from_i64(ctx, fd.into())
            }),
        ),
        method("register", Native::MA(epoll_register)),
        method("modify", Native::MA(epoll_modify)),
        method("unregister", Native::M1(epoll_unregister)),
        method("poll", Native::MA(epoll_poll)),
        method(
            "__enter__",
            Native::M0(|ctx, this| {
                epoll_fd(ctx, this)?;
                Ok(this.clone())
            }),
        ),
        method(
            "__exit__",
            Native::MN(0, 3, |ctx, this, _| epoll_close(ctx, this)),
        ),
    ],
    getset: &[getter("closed", |_, this| {
        // Relaxed: as in `epoll_fd`.
        Ok(Obj::bool(this.expect::<PyEpoll>().fd.load(Relaxed) < 0))
    })],
    doc: "select.epoll(sizehint=-1, flags=0)",
};

#[rustfmt::skip]
const NUMBERS: &[(&str, i64)] = &[
    ("POLLIN", libc::POLLIN as i64), ("POLLPRI", libc::POLLPRI as i64), ("POLLOUT", libc::POLLOUT as i64), ("POLLERR", libc::POLLERR as i64),
    ("POLLHUP", libc::POLLHUP as i64), ("POLLNVAL", libc::POLLNVAL as i64), ("POLLRDNORM", libc::POLLRDNORM as i64), ("POLLRDBAND", libc::POLLRDBAND as i64),
    ("POLLWRNORM", libc::POLLWRNORM as i64), ("POLLWRBAND", libc::POLLWRBAND as i64), ("POLLRDHUP", libc::POLLRDHUP as i64),
    ("PIPE_BUF", 4096), ("EPOLL_CLOEXEC", libc::EPOLL_CLOEXEC as i64),
    ("EPOLLIN", libc::EPOLLIN as i64), ("EPOLLOUT", libc::EPOLLOUT as i64), ("EPOLLPRI", libc::EPOLLPRI as i64), ("EPOLLERR", libc::EPOLLERR as i64),
    ("EPOLLHUP", libc::EPOLLHUP as i64), ("EPOLLRDHUP", libc::EPOLLRDHUP as i64), ("EPOLLET", libc::EPOLLET as u32 as i64),
    ("EPOLLMSG", libc::EPOLLMSG as i64), ("EPOLLRDBAND", libc::EPOLLRDBAND as i64), ("EPOLLRDNORM", libc::EPOLLRDNORM as i64),
    ("EPOLLWAKEUP", libc::EPOLLWAKEUP as i64), ("EPOLLWRBAND", libc::EPOLLWRBAND as i64), ("EPOLLWRNORM", libc::EPOLLWRNORM as i64),
    ("POLLMSG", 0x400), ("EPOLLONESHOT", libc::EPOLLONESHOT as i64), ("EPOLLEXCLUSIVE", libc::EPOLLEXCLUSIVE as i64),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    add_numbers(ctx, module, NUMBERS)?;
    let error = type_object(ctx, class::OSError);
    support::add(ctx, module, "error", error)
}

/// `select`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "select",
    functions: &[
        method("select", Native::FN(3, 4, select)),
        method(
            "poll",
            Native::FN(0, 0, |ctx, _| {
                let body = PyPoll {
                    files: Mutex::default(),
                };
                payload::new(ctx, body)
            }),
        ),
    ],
    types: &[&EPOLL, &POLL],
    populate,
    doc: "Waiting for files to become ready.",
};
