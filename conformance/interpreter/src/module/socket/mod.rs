//! `_socket`: connections.
//!
//! | file         | what                                                    |
//! |--------------|---------------------------------------------------------|
//! | this one     | sockets                                                 |
//! | `address`    | addresses of sockets                                    |
//! | [`lookup`]   | names of hosts, services, protocols, interfaces         |
//! | [`messages`] | messages in parts, with data beside them                |
//! | [`numbers`]  | names of numbers                                        |
//!
//! What may wait first waits, detached, until the socket is ready or its time is over, and then calls the system.

use super::natives::{self, add_numbers};
use super::posix::path::{ANY, done, number};
use super::threading::wait;
use super::{select, support};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, TypeDef, flag, getter, member, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::type_object;
use crate::object::{bytes, bytes_like, float, ids, int, protocol, str_, tuple};
use crate::vm::thread::rt;
use address::{Address, address};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use lookup::{gaierror, host_text};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering::*};

mod address;
mod lookup;
pub mod messages;
mod numbers;

/// The body of a socket.
pub struct PySocket {
    /// −1 once it is closed.
    fd: AtomicI32,
    family: AtomicI32,
    kind: AtomicI32,
    protocol: AtomicI32,
    /// Nanoseconds that operations may wait; −1 for as long as it takes.
    timeout: AtomicI64,
}

// SAFETY: there are no references.
unsafe impl Payload for PySocket {
    const ID: u32 = ids::SOCKET;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "socket";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl Drop for PySocket {
    fn drop(&mut self) {
        let fd = *self.fd.get_mut();
        if fd >= 0 {
            // SAFETY: the object's own, closed once.
            unsafe { libc::close(fd) };
        }
    }
}

/// The default timeout of new sockets, in nanoseconds; −1 for none. Process-wide.
static DEFAULT_TIMEOUT: AtomicI64 = AtomicI64::new(-1);

fn body(x: &Obj) -> &PySocket {
    &x.expect::<PySocket>().payload
}

// Relaxed throughout: the fields do not depend on one another, and who changes a socket that others use gets the system's
// answers.

fn fd(x: &Obj) -> i32 {
    body(x).fd.load(Relaxed)
}

fn system_error(ctx: &mut Ctx, error: &io::Error) -> Raised {
    exception::os::raise_os_error(ctx, error, None)
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PySocket {
        fd: AtomicI32::new(-1),
        family: AtomicI32::new(0),
        kind: AtomicI32::new(0),
        protocol: AtomicI32::new(0),
        timeout: AtomicI64::new(-1),
    };
    payload::allocate(ctx, support::id_of(class), body)
}

/// Warns of a socket that nobody has closed. It is closed where it is dropped.
fn finalize(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    if fd(x) >= 0
        && let Err(raised) = crate::module::warnings::unclosed(ctx, "unclosed", x)
    {
        let error = exception::take(ctx, raised);
        crate::vm::report::report_unraisable(ctx, &error, "while finalizing socket", Some(x));
    }
    Ok(())
}

fn option(ctx: &mut Ctx, fd: i32, level: i32, name: i32) -> io::Result<i32> {
    let mut value = 0i32;
    let mut len = size_of::<i32>() as libc::socklen_t;
    let place = (&raw mut value).cast();
    let len = &raw mut len;
    // SAFETY: room for a number.
    let result = rt(ctx).kit.detached(ctx, || unsafe {
        libc::getsockopt(fd, level, name, place, len)
    });
    if result == 0 {
        Ok(value)
    } else {
        Err(io::Error::last_os_error())
    }
}

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "socket",
        params: &["family", "type", "proto", "fileno"],
        posonly: 0,
        positional: 4,
        required: 0,
    };
    let [family, kind, proto, fileno] = args.bind(ctx, &SIGNATURE)?;
    let mut numbers = [-1; 3];
    for (value, given) in numbers.iter_mut().zip([family, kind, proto]) {
        if let Some(given) = given {
            *value = number(ctx, given)?;
        }
    }
    let [mut family, mut kind, mut proto] = numbers;
    crate::module::sys::audit::event(ctx, "socket.__new__", |_| {
        let numbers = numbers.map(|number| Obj::small_int(number.into()));
        Ok(core::iter::once(this.clone()).chain(numbers).collect())
    })?;
    let socket = match fileno.filter(|fileno| !fileno.is_none()) {
        Some(fileno) => {
            if float::to_f64(fileno).is_some() {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "integer argument expected, got float"
                ));
            }
            let socket = number(ctx, fileno)?;
            if socket < 0 {
                return Err(raise!(ctx, ValueError, "negative file descriptor"));
            }
            for (value, name) in [
                (&mut family, libc::SO_DOMAIN),
                (&mut kind, libc::SO_TYPE),
                (&mut proto, libc::SO_PROTOCOL),
            ] {
                let found = option(ctx, socket, libc::SOL_SOCKET, name);
                match found {
                    Ok(found) if *value == -1 => *value = found,
                    Ok(_) => {}
                    Err(error) => return Err(system_error(ctx, &error)),
                }
            }
            socket
        }
        None => {
            if family == -1 {
                family = libc::AF_INET;
            }
            if kind == -1 {
                kind = libc::SOCK_STREAM;
            }
            proto = proto.max(0);
            // SAFETY: takes numbers only.
            done(ctx, || unsafe {
                libc::socket(family, kind | libc::SOCK_CLOEXEC, proto).into()
            })? as i32
        }
    };
    let old = body(this).fd.swap(socket, Relaxed);
    if old >= 0 && old != socket {
        // SAFETY: the object's own, closed once.
        unsafe { libc::close(old) };
    }
    body(this).family.store(family, Relaxed);
    body(this).protocol.store(proto, Relaxed);
    let bits = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    body(this).kind.store(kind & !bits, Relaxed);
    let timeout = if kind & libc::SOCK_NONBLOCK != 0 {
        0
    } else {
        DEFAULT_TIMEOUT.load(Relaxed)
    };
    set_wait(ctx, this, timeout)
}

/// Says how long operations may wait.
fn set_wait(ctx: &mut Ctx, this: &Obj, timeout: i64) -> PyResult<()> {
    body(this).timeout.store(timeout, Relaxed);
    let fd = fd(this);
    if timeout < 0 && fd < 0 {
        return Ok(());
    }
    let on: i32 = (timeout >= 0).into();
    let place = &raw const on;
    // SAFETY: a number.
    done(ctx, || unsafe {
        libc::ioctl(fd, libc::FIONBIO, place).into()
    })?;
    Ok(())
}

/// Does something that may wait until the socket is ready for `events`, unless `flags` say that it does not.
fn ready(
    ctx: &mut Ctx,
    this: &Obj,
    events: i16,
    flags: i32,
    mut call: impl FnMut(i32) -> i64,
) -> PyResult<i64> {
    let timeout = body(this).timeout.load(Relaxed);
    let waits = timeout > 0 || timeout < 0 && flags & libc::MSG_DONTWAIT == 0;
    let end = (timeout > 0).then(|| wait::now(ctx).saturating_add(timeout as u64));
    loop {
        let fd = fd(this);
        if waits && fd >= 0 && !select::wait_for(ctx, fd, events, end)? {
            return Err(raise!(ctx, TimeoutError, "timed out"));
        }
        match crate::module::posix::path::system(ctx, || call(fd))? {
            Ok(result) => return Ok(result),
            Err(error) if waits && error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(system_error(ctx, &error)),
        }
    }
}

// --- Methods -------------------------------------------------------------------------------------

fn bind(ctx: &mut Ctx, this: &Obj, to: &Obj) -> PyResult {
    let address = address(ctx, this, to, "bind")?;
    crate::module::sys::audit::event(ctx, "socket.bind", |_| Ok(vec![this.clone(), to.clone()]))?;
    let fd = fd(this);
    // SAFETY: an address.
    done(ctx, || unsafe {
        libc::bind(fd, address.ptr(), address.len).into()
    })?;
    Ok(Obj::NONE)
}

fn listen(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let waiting = match args.first() {
        Some(waiting) => number(ctx, waiting)?.max(0),
        None => 128,
    };
    let fd = fd(this);
    // SAFETY: takes numbers only.
    done(ctx, || unsafe { libc::listen(fd, waiting).into() })?;
    Ok(Obj::NONE)
}

fn accept(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let mut address = Address::empty();
    let room = address.len;
    let (place, len) = address.place();
    let made = ready(ctx, this, libc::POLLIN, 0, |fd| {
        // SAFETY: room for an address.
        unsafe {
            *len = room;
            libc::accept4(fd, place, len, libc::SOCK_CLOEXEC).into()
        }
    })?;
    let from = address.to_obj(ctx)?;
    let made = int::from_i64(ctx, made)?;
    tuple::from_vec(ctx, vec![made, from])
}

/// Connects; the error's number, 0 for none.
fn connect_with(ctx: &mut Ctx, this: &Obj, to: &Obj, name: &str) -> PyResult<i32> {
    let address = address(ctx, this, to, name)?;
    crate::module::sys::audit::event(ctx, "socket.connect", |_| {
        Ok(vec![this.clone(), to.clone()])
    })?;
    let fd = fd(this);
    let (result, error) = rt(ctx).kit.detached(ctx, || {
        // SAFETY: an address.
        let result = unsafe { libc::connect(fd, address.ptr(), address.len) };
        (result, io::Error::last_os_error())
    });
    if result == 0 {
        return Ok(0);
    }
    let code = error.raw_os_error().unwrap_or(0);
    let timeout = body(this).timeout.load(Relaxed);
    let under_way = code == libc::EINTR || code == libc::EINPROGRESS && timeout != 0;
    if !under_way {
        return Ok(code);
    }
    crate::vm::interrupt::check(ctx)?;
    let end = (timeout > 0).then(|| wait::now(ctx).saturating_add(timeout as u64));
    if !select::wait_for(ctx, fd, libc::POLLOUT, end)? {
        if name == "connect_ex" {
            return Ok(libc::EAGAIN);
        }
        return Err(raise!(ctx, TimeoutError, "timed out"));
    }
    match option(ctx, fd, libc::SOL_SOCKET, libc::SO_ERROR) {
        Ok(code) => Ok(code),
        Err(error) => Err(system_error(ctx, &error)),
    }
}

fn connect(ctx: &mut Ctx, this: &Obj, to: &Obj) -> PyResult {
    match connect_with(ctx, this, to, "connect")? {
        0 => Ok(Obj::NONE),
        code => Err(system_error(ctx, &io::Error::from_raw_os_error(code))),
    }
}

fn flags(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<i32> {
    value.map_or(Ok(0), |value| number(ctx, value))
}

fn length(ctx: &mut Ctx, value: &Obj, name: &str) -> PyResult<usize> {
    let length = protocol::c_ssize(ctx, value)?;
    match usize::try_from(length) {
        Ok(length) => Ok(length),
        Err(_) => Err(raise!(ctx, ValueError, "negative buffersize in {name}")),
    }
}

/// Receives so many bytes, from someone who is written to `from`.
fn receive(
    ctx: &mut Ctx,
    this: &Obj,
    len: usize,
    flags: i32,
    from: Option<&mut Address>,
) -> PyResult<Vec<u8>> {
    let mut data = bytes_like::zeroed(ctx, len)?;
    let room = data.as_mut_ptr().cast();
    let (place, place_len) = match from {
        Some(address) => address.place(),
        None => (std::ptr::null_mut(), std::ptr::null_mut()),
    };
    let count = ready(ctx, this, libc::POLLIN, flags, |fd| {
        // SAFETY: room for so many bytes, and for an address if one is wanted.
        unsafe { libc::recvfrom(fd, room, len, flags, place, place_len) as i64 }
    })?;
    data.truncate(count as usize);
    Ok(data)
}

fn recv(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let len = length(ctx, &args[0], "recv")?;
    let flags = flags(ctx, args.get(1))?;
    let data = receive(ctx, this, len, flags, None)?;
    bytes::new(ctx, &data)
}

fn recvfrom(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let len = length(ctx, &args[0], "recvfrom")?;
    let flags = flags(ctx, args.get(1))?;
    let mut from = Address::empty();
    let data = receive(ctx, this, len, flags, Some(&mut from))?;
    let data = bytes::new(ctx, &data)?;
    let from = from.to_obj(ctx)?;
    tuple::from_vec(ctx, vec![data, from])
}

/// The arguments of the methods that receive into an object: its bytes that are wanted, and flags.
fn into_arguments(ctx: &mut Ctx, args: Args<'_>, name: &'static str) -> PyResult<(usize, i32)> {
    let signature = Signature {
        name,
        params: &["buffer", "nbytes", "flags"],
        posonly: 0,
        positional: 3,
        required: 1,
    };
    let [target, wanted, given] = args.bind(ctx, &signature)?;
    let size = bytes_like::writable_size(ctx, target.unwrap_or(Obj::none()), name)?;
    let wanted = match wanted {
        Some(wanted) => length(ctx, wanted, name)?,
        None => 0,
    };
    if wanted > size {
        return Err(raise!(
            ctx,
            ValueError,
            "buffer too small for requested bytes"
        ));
    }
    let flags = flags(ctx, given)?;
    Ok((if wanted == 0 { size } else { wanted }, flags))
}

fn fill(ctx: &mut Ctx, target: &Obj, data: &[u8]) {
    bytes_like::write(ctx, target, |target| {
        let len = data.len().min(target.len());
        target[..len].copy_from_slice(&data[..len]);
    });
}

fn recv_into(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let (len, flags) = into_arguments(ctx, args, "recv_into")?;
    let target = args.pos.first().or(args.values.first()).cloned();
    let data = receive(ctx, this, len, flags, None)?;
    fill(ctx, &target.unwrap_or(Obj::NONE), &data);
    int::from_usize(ctx, data.len())
}

fn recvfrom_into(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let (len, flags) = into_arguments(ctx, args, "recvfrom_into")?;
    let target = args.pos.first().or(args.values.first()).cloned();
    let mut from = Address::empty();
    let data = receive(ctx, this, len, flags, Some(&mut from))?;
    fill(ctx, &target.unwrap_or(Obj::NONE), &data);
    let count = int::from_usize(ctx, data.len())?;
    let from = from.to_obj(ctx)?;
    tuple::from_vec(ctx, vec![count, from])
}

fn send_some(ctx: &mut Ctx, this: &Obj, data: &[u8], flags: i32) -> PyResult<usize> {
    let flags = flags | libc::MSG_NOSIGNAL;
    let count = ready(ctx, this, libc::POLLOUT, flags, |fd| {
        // SAFETY: only looks at the data.
        unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags) as i64 }
    })?;
    Ok(count as usize)
}

fn send(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let flags = flags(ctx, args.get(1))?;
    let count = send_some(ctx, this, &data, flags)?;
    int::from_usize(ctx, count)
}

fn sendall(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let flags = flags(ctx, args.get(1))?;
    let mut rest = &data[..];
    while !rest.is_empty() {
        let count = send_some(ctx, this, rest, flags)?;
        rest = &rest[count..];
        crate::vm::interrupt::check(ctx)?;
    }
    Ok(Obj::NONE)
}

fn sendto(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let (data, flags, to) = match args {
        [data, to] => (data, None, to),
        [data, flags, to] => (data, Some(flags), to),
        _ => {
            let given = args.len();
            return Err(raise!(
                ctx,
                TypeError,
                "sendto() takes 2 or 3 arguments ({given} given)"
            ));
        }
    };
    let data = bytes_like::expect_buffer(ctx, data)?;
    let flags = self::flags(ctx, flags)?;
    let given = to;
    let to = address(ctx, this, to, "sendto")?;
    crate::module::sys::audit::event(ctx, "socket.sendto", |_| {
        Ok(vec![this.clone(), given.clone()])
    })?;
    let flags = flags | libc::MSG_NOSIGNAL;
    let count = ready(ctx, this, libc::POLLOUT, flags, |fd| {
        // SAFETY: only looks at the data and the address.
        unsafe {
            libc::sendto(
                fd,
                data.as_ptr().cast(),
                data.len(),
                flags,
                to.ptr(),
                to.len,
            ) as i64
        }
    })?;
    int::from_i64(ctx, count)
}

fn name_of(ctx: &mut Ctx, this: &Obj, peer: bool) -> PyResult {
    let mut found = Address::empty();
    let (place, len) = found.place();
    let fd = fd(this);
    // SAFETY: room for an address.
    done(ctx, || unsafe {
        if peer {
            libc::getpeername(fd, place, len).into()
        } else {
            libc::getsockname(fd, place, len).into()
        }
    })?;
    found.to_obj(ctx)
}

fn setsockopt(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let (level, name) = (number(ctx, &args[0])?, number(ctx, &args[1])?);
    let data = match int::view(&args[2]) {
        Some(_) => number(ctx, &args[2])?.to_ne_bytes().to_vec(),
        None if args[2].is_none() => {
            let len = args.get(3).map_or(Ok(0), |len| number(ctx, len))?;
            bytes_like::zeroed(ctx, len.max(0) as usize)?
        }
        None => bytes_like::expect_buffer(ctx, &args[2])?.into_owned(),
    };
    let (fd, len) = (fd(this), data.len() as libc::socklen_t);
    // SAFETY: only looks at the data.
    done(ctx, || unsafe {
        libc::setsockopt(fd, level, name, data.as_ptr().cast(), len).into()
    })?;
    Ok(Obj::NONE)
}

fn getsockopt(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let (level, name) = (number(ctx, &args[0])?, number(ctx, &args[1])?);
    let Some(len) = args.get(2) else {
        let found = option(ctx, fd(this), level, name);
        return match found {
            Ok(value) => int::from_i64(ctx, value.into()),
            Err(error) => Err(system_error(ctx, &error)),
        };
    };
    let len = number(ctx, len)?;
    if !(1..=1024).contains(&len) {
        return Err(raise!(ctx, OSError, "getsockopt buflen out of range"));
    }
    let mut data = vec![0u8; len as usize];
    let mut len = len as libc::socklen_t;
    let (fd, place, size) = (fd(this), data.as_mut_ptr().cast(), &raw mut len);
    // SAFETY: room for so many bytes.
    done(ctx, || unsafe {
        libc::getsockopt(fd, level, name, place, size).into()
    })?;
    bytes::new(ctx, &data[..len as usize])
}

fn settimeout(ctx: &mut Ctx, this: &Obj, value: &Obj) -> PyResult {
    let timeout = nanoseconds(ctx, value)?;
    set_wait(ctx, this, timeout)?;
    Ok(Obj::NONE)
}

fn nanoseconds(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    if value.is_none() {
        return Ok(-1);
    }
    let seconds = wait::seconds(ctx, value)?;
    if seconds < 0.0 {
        return Err(raise!(ctx, ValueError, "Timeout value out of range"));
    }
    Ok((seconds * 1e9).ceil() as i64)
}

fn shown_timeout(ctx: &mut Ctx, timeout: i64) -> PyResult {
    if timeout < 0 {
        return Ok(Obj::NONE);
    }
    float::new(ctx, timeout as f64 / 1e9)
}

fn close(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let fd = body(this).fd.swap(-1, Relaxed);
    if fd >= 0 {
        let (result, error) = rt(ctx).kit.detached(ctx, || {
            // SAFETY: the object's own, closed once.
            let result = unsafe { libc::close(fd) };
            (result, io::Error::last_os_error())
        });
        // One that the other side has reset is closed as well.
        if result != 0 && error.raw_os_error() != Some(libc::ECONNRESET) {
            return Err(system_error(ctx, &error));
        }
    }
    Ok(Obj::NONE)
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let socket = body(this);
    let text = format!(
        "<socket object, fd={}, family={}, type={}, proto={}>",
        fd(this),
        socket.family.load(Relaxed),
        socket.kind.load(Relaxed),
        socket.protocol.load(Relaxed)
    );
    str_::new(ctx, &text)
}

/// `_socket.socket`.
pub static SOCKET: TypeDef = TypeDef {
    id: ids::SOCKET,
    name: "_socket.socket",
    base: ids::OBJECT,
    layout: ids::SOCKET,
    kind: &Body::<PySocket>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: &[
        method("_accept", Native::M0(accept)),
        method("bind", Native::M1(bind)),
        method("listen", Native::MN(0, 1, listen)),
        method("connect", Native::M1(connect)),
        method(
            "connect_ex",
            Native::M1(|ctx, this, to| {
                let code = connect_with(ctx, this, to, "connect_ex")?;
                int::from_i64(ctx, code.into())
            }),
        ),
        method("recv", Native::MN(1, 2, recv)),
        method("recvfrom", Native::MN(1, 2, recvfrom)),
        method("recv_into", Native::MA(recv_into)),
        method("recvfrom_into", Native::MA(recvfrom_into)),
        method("send", Native::MN(1, 2, send)),
        method("sendall", Native::MN(1, 2, sendall)),
        method("sendto", Native::MN(0, ANY, sendto)),
        method("sendmsg", Native::MN(0, ANY, messages::sendmsg)),
        method("recvmsg", Native::MN(0, ANY, messages::recvmsg)),
        method("recvmsg_into", Native::MN(0, ANY, messages::recvmsg_into)),
        method(
            "getsockname",
            Native::M0(|ctx, this| name_of(ctx, this, false)),
        ),
        method(
            "getpeername",
            Native::M0(|ctx, this| name_of(ctx, this, true)),
        ),
        method("setsockopt", Native::MN(3, 4, setsockopt)),
        method("getsockopt", Native::MN(2, 3, getsockopt)),
        method("settimeout", Native::M1(settimeout)),
        method(
            "gettimeout",
            Native::M0(|ctx, this| shown_timeout(ctx, body(this).timeout.load(Relaxed))),
        ),
        method(
            "setblocking",
            Native::M1(|ctx, this, value| {
                let blocking = protocol::truth(ctx, value)?;
                set_wait(ctx, this, if blocking { -1 } else { 0 })?;
                Ok(Obj::NONE)
            }),
        ),
        method(
            "getblocking",
            Native::M0(|_, this| Ok(Obj::bool(body(this).timeout.load(Relaxed) != 0))),
        ),
        method(
            "shutdown",
            Native::M1(|ctx, this, how| {
                let (fd, how) = (fd(this), number(ctx, how)?);
                // SAFETY: takes numbers only.
                done(ctx, || unsafe { libc::shutdown(fd, how).into() })?;
                Ok(Obj::NONE)
            }),
        ),
        method("close", Native::M0(close)),
        method(
            "detach",
            Native::M0(|ctx, this| {
                let fd = body(this).fd.swap(-1, Relaxed);
                int::from_i64(ctx, fd.into())
            }),
        ),
        method(
            "fileno",
            Native::M0(|ctx, this| int::from_i64(ctx, fd(this).into())),
        ),
    ],
    getset: &[
        member("family", |_, this| {
            Ok(Obj::small_int(body(this).family.load(Relaxed).into()))
        }),
        member("type", |_, this| {
            Ok(Obj::small_int(body(this).kind.load(Relaxed).into()))
        }),
        member("proto", |_, this| {
            Ok(Obj::small_int(body(this).protocol.load(Relaxed).into()))
        }),
        getter("timeout", |ctx, this| {
            shown_timeout(ctx, body(this).timeout.load(Relaxed))
        }),
    ],
    doc: "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object",
};

// --- Functions -----------------------------------------------------------------------------------

fn socketpair(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "socketpair", 0, 3)?;
    let mut numbers = [libc::AF_UNIX, libc::SOCK_STREAM, 0];
    for (value, given) in numbers.iter_mut().zip(args.pos) {
        if !given.is_none() {
            *value = number(ctx, given)?;
        }
    }
    let [family, kind, proto] = numbers;
    let mut ends = [0; 2];
    let place = ends.as_mut_ptr();
    // SAFETY: room for two numbers.
    done(ctx, || unsafe {
        libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, place).into()
    })?;
    let class = type_object(ctx, ids::SOCKET);
    let mut made = Vec::new();
    for end in ends {
        let args = [family, kind, proto, end].map(|value| Obj::small_int(value.into()));
        made.push(protocol::call(ctx, &class, &args)?);
    }
    tuple::from_vec(ctx, made)
}

fn inet_aton(ctx: &mut Ctx, text: &Obj) -> PyResult {
    let text = host_text(ctx, text)?;
    match text.parse::<Ipv4Addr>() {
        Ok(address) => bytes::new(ctx, &address.octets()),
        Err(_) => Err(raise!(
            ctx,
            OSError,
            "illegal IP address string passed to inet_aton"
        )),
    }
}

fn inet_pton(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let family = number(ctx, &args[0])?;
    let text = host_text(ctx, &args[1])?;
    let data = match family {
        libc::AF_INET => text.parse::<Ipv4Addr>().map(|a| a.octets().to_vec()).ok(),
        libc::AF_INET6 => text.parse::<Ipv6Addr>().map(|a| a.octets().to_vec()).ok(),
        _ => {
            let error = io::Error::from_raw_os_error(libc::EAFNOSUPPORT);
            return Err(system_error(ctx, &error));
        }
    };
    match data {
        Some(data) => bytes::new(ctx, &data),
        None => Err(raise!(
            ctx,
            OSError,
            "illegal IP address string passed to inet_pton"
        )),
    }
}

fn inet_ntop(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let family = number(ctx, &args[0])?;
    let data = bytes_like::expect_buffer(ctx, &args[1])?;
    let text = match family {
        libc::AF_INET => <[u8; 4]>::try_from(&*data).map(|a| Ipv4Addr::from(a).to_string()),
        _ => <[u8; 16]>::try_from(&*data).map(|a| Ipv6Addr::from(a).to_string()),
    };
    match text {
        Ok(text) => str_::new(ctx, &text),
        Err(_) => Err(raise!(
            ctx,
            ValueError,
            "invalid length of packed IP address string"
        )),
    }
}

fn swapped(ctx: &mut Ctx, value: &Obj, bits: u32) -> PyResult {
    let value = protocol::index(ctx, value)?;
    if int::is_negative(&value) {
        return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
    }
    let Some(number) = int::to_i64(&value).filter(|number| *number < 1 << bits) else {
        return Err(raise!(
            ctx,
            OverflowError,
            "Python int too large for C uint{bits}_t"
        ));
    };
    let value = if bits == 16 {
        u32::from((number as u16).to_be())
    } else {
        (number as u32).to_be()
    };
    int::from_i64(ctx, value.into())
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for numbers in numbers::ALL {
        add_numbers(ctx, module, numbers)?;
    }
    for (name, address) in numbers::ADDRESSES {
        let address = str_::intern(ctx, address);
        support::add(ctx, module, name, address)?;
    }
    let class_of = |ctx: &mut Ctx, id| type_object(ctx, id);
    let values = [
        ("error", class_of(ctx, class::OSError)),
        ("timeout", class_of(ctx, class::TimeoutError)),
        ("SocketType", class_of(ctx, ids::SOCKET)),
        ("has_ipv6", Obj::TRUE),
    ];
    for (name, value) in values {
        support::add(ctx, module, name, value)?;
    }
    let gaierror = gaierror(ctx)?;
    support::add(ctx, module, "gaierror", gaierror)?;
    let herror =
        natives::exception_class(ctx, |n| &n.host_error, "socket", "herror", class::OSError)?;
    support::add(ctx, module, "herror", herror)
}

/// `_socket`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_socket",
    functions: &[
        method("socketpair", Native::F(socketpair)),
        method("getaddrinfo", Native::F(lookup::getaddrinfo)),
        method("getnameinfo", Native::FN(0, ANY, lookup::getnameinfo)),
        method("gethostname", Native::FN(0, 0, lookup::gethostname)),
        method("sethostname", Native::FN(0, ANY, lookup::sethostname)),
        method("gethostbyname", Native::F1(lookup::gethostbyname)),
        method("gethostbyname_ex", Native::F1(lookup::gethostbyname_ex)),
        method("gethostbyaddr", Native::F1(lookup::gethostbyaddr)),
        method("getservbyname", Native::FN(0, ANY, lookup::getservbyname)),
        method("getservbyport", Native::FN(0, ANY, lookup::getservbyport)),
        method("getprotobyname", Native::FN(0, ANY, lookup::getprotobyname)),
        method("if_nameindex", Native::FN(0, 0, lookup::if_nameindex)),
        method("if_nametoindex", Native::F1(lookup::if_nametoindex)),
        method("if_indextoname", Native::F1(lookup::if_indextoname)),
        method(
            "CMSG_LEN",
            Native::FN(0, ANY, |ctx, args| {
                messages::entry_size(ctx, args, "CMSG_LEN", false)
            }),
        ),
        method(
            "CMSG_SPACE",
            Native::FN(0, ANY, |ctx, args| {
                messages::entry_size(ctx, args, "CMSG_SPACE", true)
            }),
        ),
        method("inet_aton", Native::F1(inet_aton)),
        method(
            "inet_ntoa",
            Native::F1(|ctx, data| {
                let data = bytes_like::expect_buffer(ctx, data)?;
                match <[u8; 4]>::try_from(&*data) {
                    Ok(address) => str_::new(ctx, &Ipv4Addr::from(address).to_string()),
                    Err(_) => Err(raise!(ctx, OSError, "packed IP wrong length")),
                }
            }),
        ),
        method("inet_pton", Native::FN(2, 2, inet_pton)),
        method("inet_ntop", Native::FN(2, 2, inet_ntop)),
        method("htons", Native::F1(|ctx, x| swapped(ctx, x, 16))),
        method("ntohs", Native::F1(|ctx, x| swapped(ctx, x, 16))),
        method("htonl", Native::F1(|ctx, x| swapped(ctx, x, 32))),
        method("ntohl", Native::F1(|ctx, x| swapped(ctx, x, 32))),
        method(
            "close",
            Native::F1(|ctx, fd| {
                let fd = number(ctx, fd)?;
                // SAFETY: the program says that it owns the descriptor.
                done(ctx, || unsafe { libc::close(fd).into() })?;
                Ok(Obj::NONE)
            }),
        ),
        method(
            "dup",
            Native::F1(|ctx, fd| {
                let fd = number(ctx, fd)?;
                // SAFETY: takes numbers only.
                let copy = done(ctx, || unsafe {
                    libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0).into()
                })?;
                int::from_i64(ctx, copy)
            }),
        ),
        method(
            "getdefaulttimeout",
            Native::FN(0, 0, |ctx, _| {
                shown_timeout(ctx, DEFAULT_TIMEOUT.load(Relaxed))
            }),
        ),
        method(
            "setdefaulttimeout",
            Native::F1(|ctx, value| {
                let timeout = nanoseconds(ctx, value)?;
                DEFAULT_TIMEOUT.store(timeout, Relaxed);
                Ok(Obj::NONE)
            }),
        ),
    ],
    types: &[&SOCKET],
    populate,
    doc: "Connections between processes and machines.",
};
