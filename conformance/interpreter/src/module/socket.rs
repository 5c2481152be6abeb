//! `_socket`: connections, in the families `AF_UNIX`, `AF_INET` and `AF_INET6`.
//!
//! What may wait first waits, detached, until the socket is ready or its time is over, and then calls the system.

use super::natives::{self, add_numbers};
use super::posix::path::{done, number, system_bytes, system_text};
use super::threading::wait;
use super::{select, support};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, TypeDef, flag, getter, member, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_object;
use crate::object::{bytes, bytes_like, float, ids, int, list, protocol, str_, tuple};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering::*};

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

/// Does something that may wait until the socket is ready for `events`.
fn ready(
    ctx: &mut Ctx,
    this: &Obj,
    events: i16,
    mut call: impl FnMut(i32) -> i64,
) -> PyResult<i64> {
    let timeout = body(this).timeout.load(Relaxed);
    let end = (timeout > 0).then(|| wait::now(ctx).saturating_add(timeout as u64));
    loop {
        let fd = fd(this);
        if timeout != 0 && fd >= 0 && !select::wait_for(ctx, fd, events, end)? {
            return Err(raise!(ctx, TimeoutError, "timed out"));
        }
        match super::posix::path::system(ctx, || call(fd))? {
            Ok(result) => return Ok(result),
            Err(error) if timeout != 0 && error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(system_error(ctx, &error)),
        }
    }
}

// --- Addresses -----------------------------------------------------------------------------------

/// An address as the system has it.
struct Address {
    storage: libc::sockaddr_storage,
    len: libc::socklen_t,
}

impl Address {
    fn empty() -> Address {
        Address {
            // SAFETY: zeros are an address of no family.
            storage: unsafe { MaybeUninit::zeroed().assume_init() },
            len: size_of::<libc::sockaddr_storage>() as libc::socklen_t,
        }
    }

    fn of<T: Copy>(value: T) -> Address {
        let mut address = Address::empty();
        address.len = size_of::<T>() as libc::socklen_t;
        // SAFETY: addresses of all families fit into the storage.
        unsafe { (&raw mut address.storage).cast::<T>().write(value) };
        address
    }

    fn ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    fn place(&mut self) -> (*mut libc::sockaddr, *mut libc::socklen_t) {
        ((&raw mut self.storage).cast(), &raw mut self.len)
    }

    fn to_obj(&self, ctx: &mut Ctx) -> PyResult {
        match i32::from(self.storage.ss_family) {
            _ if self.len == 0 => Ok(Obj::NONE),
            libc::AF_INET => {
                // SAFETY: the family says so.
                let found = unsafe { *self.ptr().cast::<libc::sockaddr_in>() };
                let host = Ipv4Addr::from(u32::from_be(found.sin_addr.s_addr));
                let host = str_::new(ctx, &host.to_string())?;
                let port = Obj::small_int(u16::from_be(found.sin_port).into());
                tuple::from_vec(ctx, vec![host, port])
            }
            libc::AF_INET6 => {
                // SAFETY: the family says so.
                let found = unsafe { *self.ptr().cast::<libc::sockaddr_in6>() };
                let host = Ipv6Addr::from(found.sin6_addr.s6_addr);
                let host = str_::new(ctx, &host.to_string())?;
                let items = vec![
                    host,
                    Obj::small_int(u16::from_be(found.sin6_port).into()),
                    Obj::small_int(u32::from_be(found.sin6_flowinfo).into()),
                    Obj::small_int(found.sin6_scope_id.into()),
                ];
                tuple::from_vec(ctx, items)
            }
            libc::AF_UNIX => {
                // SAFETY: the family says so.
                let found = unsafe { *self.ptr().cast::<libc::sockaddr_un>() };
                let len = (self.len as usize)
                    .saturating_sub(2)
                    .min(found.sun_path.len());
                let path = found.sun_path[..len].iter().map(|byte| *byte as u8);
                let path: Vec<u8> = path.collect();
                if path.first() == Some(&0) {
                    // A name that is no path.
                    return bytes::new(ctx, &path);
                }
                let path = path.split(|byte| *byte == 0).next().unwrap_or_default();
                system_text(ctx, path)
            }
            family => {
                let data = bytes::new(ctx, &[])?;
                tuple::from_vec(ctx, vec![Obj::small_int(family.into()), data])
            }
        }
    }
}

fn port(ctx: &mut Ctx, value: &Obj, name: &str) -> PyResult<u16> {
    let port = protocol::index_i64(ctx, value, None)?;
    match u16::try_from(port) {
        Ok(port) => Ok(port),
        Err(_) => Err(raise!(
            ctx,
            OverflowError,
            "{name}(): port must be 0-65535."
        )),
    }
}

/// The text of a host.
fn host_text(ctx: &mut Ctx, value: &Obj) -> PyResult<String> {
    if let Some(text) = str_::text_of(value) {
        return Ok(text.to_string_lossy());
    }
    match bytes_like::buffer(ctx, value) {
        Some(data) => Ok(String::from_utf8_lossy(&data).into_owned()),
        None => {
            let class = protocol::type_name(ctx, value);
            Err(raise!(
                ctx,
                TypeError,
                "str, bytes or bytearray expected, not {class}"
            ))
        }
    }
}

fn address_error(ctx: &mut Ctx, code: i32) -> Raised {
    // SAFETY: a text of the library's.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
    let text = text.to_string_lossy().into_owned();
    let made = gaierror(ctx).and_then(|class| {
        let text = str_::new(ctx, &text)?;
        protocol::call(ctx, &class, &[Obj::small_int(code.into()), text])
    });
    match made {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}

fn gaierror(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.address_error,
        "socket",
        "gaierror",
        class::OSError,
    )
}

/// What the resolver has found.
struct Found(*mut libc::addrinfo);

// SAFETY: whoever has it uses it alone.
unsafe impl Send for Found {}

impl Drop for Found {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: from the resolver, freed once.
            unsafe { libc::freeaddrinfo(self.0) };
        }
    }
}

fn resolve(
    ctx: &mut Ctx,
    host: Option<&str>,
    service: Option<&str>,
    hints: &libc::addrinfo,
) -> PyResult<Found> {
    let text = |text: &str| CString::new(text).unwrap_or_default();
    let (host, service) = (host.map(text), service.map(text));
    let host = host.as_ref().map_or(std::ptr::null(), |host| host.as_ptr());
    let service = service
        .as_ref()
        .map_or(std::ptr::null(), |service| service.as_ptr());
    let mut found = Found(std::ptr::null_mut());
    let place = &raw mut found.0;
    // SAFETY: texts or null, and room for a pointer.
    let code = rt(ctx).kit.detached(ctx, || unsafe {
        libc::getaddrinfo(host, service, hints, place)
    });
    if code != 0 {
        return Err(address_error(ctx, code));
    }
    Ok(found)
}

fn no_hints(family: i32) -> libc::addrinfo {
    // SAFETY: zeros and null pointers ask for nothing.
    let mut hints: libc::addrinfo = unsafe { MaybeUninit::zeroed().assume_init() };
    hints.ai_family = family;
    hints
}

/// The address of a host in a family.
fn host_address(ctx: &mut Ctx, host: &str, family: i32) -> PyResult<Address> {
    let mut hints = no_hints(family);
    hints.ai_socktype = libc::SOCK_DGRAM;
    hints.ai_flags = libc::AI_PASSIVE;
    let found = match host {
        "" => resolve(ctx, None, Some("0"), &hints)?,
        "<broadcast>" => resolve(ctx, Some("255.255.255.255"), None, &hints)?,
        host => resolve(ctx, Some(host), None, &hints)?,
    };
    let mut address = Address::empty();
    // SAFETY: the resolver has found at least one address, which fits into the storage.
    unsafe {
        let first = &*found.0;
        let len = first.ai_addrlen as usize;
        std::ptr::copy_nonoverlapping(
            first.ai_addr.cast::<u8>(),
            (&raw mut address.storage).cast::<u8>(),
            len.min(size_of::<libc::sockaddr_storage>()),
        );
        address.len = first.ai_addrlen;
    }
    Ok(address)
}

/// The address that an argument of the method `name` says.
fn address(ctx: &mut Ctx, this: &Obj, value: &Obj, name: &str) -> PyResult<Address> {
    let family = body(this).family.load(Relaxed);
    if family == libc::AF_UNIX {
        let path = match str_::text_of(value) {
            Some(_) => system_bytes(ctx, value)?,
            None => bytes_like::expect_buffer(ctx, value)?.into_owned(),
        };
        // SAFETY: zeros are an address.
        let mut found: libc::sockaddr_un = unsafe { MaybeUninit::zeroed().assume_init() };
        found.sun_family = libc::AF_UNIX as u16;
        let named = path.first().is_some_and(|byte| *byte != 0);
        if path.len() + usize::from(named) > found.sun_path.len() {
            return Err(raise!(ctx, OSError, "AF_UNIX path too long"));
        }
        for (place, byte) in found.sun_path.iter_mut().zip(&path) {
            *place = *byte as libc::c_char;
        }
        let mut address = Address::of(found);
        address.len = (2 + path.len() + usize::from(named)) as libc::socklen_t;
        return Ok(address);
    }
    let wide = family == libc::AF_INET6;
    if !wide && family != libc::AF_INET {
        return Err(raise!(ctx, OSError, "{name}(): bad family"));
    }
    let shown = if wide { "AF_INET6" } else { "AF_INET" };
    let Some(items) = value.downcast::<PyTuple>().map(|items| items.items()) else {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "{name}(): {shown} address must be tuple, not {class}"
        ));
    };
    let most = if wide { 4 } else { 2 };
    if items.len() < 2 || items.len() > most {
        return Err(if wide {
            raise!(
                ctx,
                TypeError,
                "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"
            )
        } else {
            raise!(
                ctx,
                TypeError,
                "AF_INET address must be a pair (host, port)"
            )
        });
    }
    let host = host_text(ctx, &items[0])?;
    let mut found = host_address(ctx, &host, family)?;
    let port = port(ctx, &items[1], name)?.to_be();
    let place = (&raw mut found.storage).cast::<libc::sockaddr>();
    if wide {
        let mut more = [0; 2];
        for (value, given) in more.iter_mut().zip(&items[2..]) {
            *value = protocol::c_ssize(ctx, given)? as u32;
        }
        // SAFETY: the resolver was asked for this family.
        unsafe {
            let place = place.cast::<libc::sockaddr_in6>();
            (*place).sin6_port = port;
            (*place).sin6_flowinfo = more[0].to_be();
            if items.len() > 3 {
                (*place).sin6_scope_id = more[1];
            }
        }
    } else {
        // SAFETY: as above.
        unsafe { (*place.cast::<libc::sockaddr_in>()).sin_port = port };
    }
    Ok(found)
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
    let made = ready(ctx, this, libc::POLLIN, |fd| {
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
    let count = ready(ctx, this, libc::POLLIN, |fd| {
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
    let count = ready(ctx, this, libc::POLLOUT, |fd| {
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
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let (flags, to) = match &args[1..] {
        [to] => (0, to),
        [given, to, ..] => (number(ctx, given)?, to),
        [] => (0, &args[0]),
    };
    let given = to;
    let to = address(ctx, this, to, "sendto")?;
    crate::module::sys::audit::event(ctx, "socket.sendto", |_| {
        Ok(vec![this.clone(), given.clone()])
    })?;
    let flags = flags | libc::MSG_NOSIGNAL;
    let count = ready(ctx, this, libc::POLLOUT, |fd| {
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
        method("sendto", Native::MN(2, 3, sendto)),
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

fn getaddrinfo(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "getaddrinfo",
        params: &["host", "port", "family", "type", "proto", "flags"],
        posonly: 0,
        positional: 6,
        required: 2,
    };
    let [host, service, family, kind, proto, given] = args.bind(ctx, &SIGNATURE)?;
    crate::module::sys::audit::event(ctx, "socket.getaddrinfo", |_| {
        let or = |given: Option<&Obj>, usual: Obj| given.cloned().unwrap_or(usual);
        let zero = || Obj::small_int(0);
        Ok(vec![
            or(host, Obj::NONE),
            or(service, Obj::NONE),
            or(family, zero()),
            or(kind, zero()),
            or(proto, zero()),
        ])
    })?;
    let host = match host.filter(|host| !host.is_none()) {
        Some(host) => Some(host_text(ctx, host)?),
        None => None,
    };
    let service = match service.filter(|service| !service.is_none()) {
        Some(service) if int::view(service).is_some() => Some(protocol::str_string(ctx, service)?),
        Some(service) => Some(host_text(ctx, service)?),
        None => None,
    };
    let mut hints = no_hints(libc::AF_UNSPEC);
    hints.ai_family = flags(ctx, family)?;
    hints.ai_socktype = flags(ctx, kind)?;
    hints.ai_protocol = flags(ctx, proto)?;
    hints.ai_flags = flags(ctx, given)?;
    let found = resolve(ctx, host.as_deref(), service.as_deref(), &hints)?;
    let mut items = Vec::new();
    let mut next = found.0;
    while !next.is_null() {
        // SAFETY: an entry of the list, which lives as long as `found`.
        let entry = unsafe { &*next };
        let mut address = Address::empty();
        let len = (entry.ai_addrlen as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: so many bytes are there, and fit.
        unsafe {
            let place = (&raw mut address.storage).cast::<u8>();
            std::ptr::copy_nonoverlapping(entry.ai_addr.cast::<u8>(), place, len);
        }
        let address = address.to_obj(ctx)?;
        // SAFETY: null, or a text of the list.
        let name = unsafe { super::posix::system::name(ctx, entry.ai_canonname) }?;
        let numbers = [entry.ai_family, entry.ai_socktype, entry.ai_protocol];
        let mut item: Vec<Obj> = numbers.map(|value| Obj::small_int(value.into())).into();
        item.extend([name, address]);
        items.push(tuple::from_vec(ctx, item)?);
        next = entry.ai_next;
    }
    list::from_vec(ctx, items)
}

fn gethostname(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    crate::module::sys::audit::event(ctx, "socket.gethostname", |_| Ok(Vec::new()))?;
    let mut name = [0u8; 1024];
    let place = name.as_mut_ptr().cast();
    // SAFETY: room for so many bytes, the last of which stays zero.
    done(ctx, || unsafe { libc::gethostname(place, 1023).into() })?;
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    system_text(ctx, name)
}

fn gethostbyname(ctx: &mut Ctx, host: &Obj) -> PyResult {
    let given = host;
    let host = host_text(ctx, host)?;
    crate::module::sys::audit::event(ctx, "socket.gethostbyname", |_| Ok(vec![given.clone()]))?;
    let found = host_address(ctx, &host, libc::AF_INET)?.to_obj(ctx)?;
    Ok(tuple::items(&found).first().cloned().unwrap_or(Obj::NONE))
}

/// A host's name, no others of it, and one address: what `gethostbyaddr` and `gethostbyname_ex` return.
fn host_entry(ctx: &mut Ctx, name: &str, address: &Address) -> PyResult {
    let shown = address.to_obj(ctx)?;
    let shown = tuple::items(&shown).first().cloned().unwrap_or(Obj::NONE);
    let name = str_::new(ctx, name)?;
    let others = crate::object::list::from_vec(ctx, Vec::new())?;
    let addresses = crate::object::list::from_vec(ctx, vec![shown])?;
    tuple::from_vec(ctx, vec![name, others, addresses])
}

fn gethostbyname_ex(ctx: &mut Ctx, host: &Obj) -> PyResult {
    let host = host_text(ctx, host)?;
    let address = host_address(ctx, &host, libc::AF_INET)?;
    host_entry(ctx, &host, &address)
}

fn gethostbyaddr(ctx: &mut Ctx, host: &Obj) -> PyResult {
    let host = host_text(ctx, host)?;
    let address = host_address(ctx, &host, libc::AF_UNSPEC)?;
    let mut name = vec![0_u8; 1025];
    let (from, len) = (address.ptr(), address.len);
    let place: *mut libc::c_char = name.as_mut_ptr().cast();
    let room = name.len() as libc::socklen_t;
    // SAFETY: an address, and room for the longest name.
    let code = rt(ctx).kit.detached(ctx, || unsafe {
        let flags = libc::NI_NAMEREQD;
        libc::getnameinfo(from, len, place, room, std::ptr::null_mut(), 0, flags)
    });
    if code != 0 {
        let class =
            natives::exception_class(ctx, |n| &n.host_error, "socket", "herror", class::OSError)?;
        let text = str_::new(ctx, "Unknown host")?;
        let error = protocol::call(ctx, &class, &[Obj::small_int(1), text])?;
        return Err(exception::raise(ctx, error));
    }
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(0);
    let name = String::from_utf8_lossy(&name[..end]).into_owned();
    host_entry(ctx, &name, &address)
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

#[rustfmt::skip]
const NUMBERS: &[(&str, i64)] = &[
    ("AF_UNSPEC", 0), ("AF_UNIX", libc::AF_UNIX as i64), ("AF_INET", libc::AF_INET as i64), ("AF_INET6", libc::AF_INET6 as i64),
    ("SOCK_STREAM", libc::SOCK_STREAM as i64), ("SOCK_DGRAM", libc::SOCK_DGRAM as i64), ("SOCK_RAW", libc::SOCK_RAW as i64),
    ("SOCK_SEQPACKET", libc::SOCK_SEQPACKET as i64), ("SOCK_CLOEXEC", libc::SOCK_CLOEXEC as i64), ("SOCK_NONBLOCK", libc::SOCK_NONBLOCK as i64),
    ("SOL_SOCKET", libc::SOL_SOCKET as i64), ("SO_REUSEADDR", libc::SO_REUSEADDR as i64), ("SO_REUSEPORT", libc::SO_REUSEPORT as i64),
    ("SO_KEEPALIVE", libc::SO_KEEPALIVE as i64), ("SO_BROADCAST", libc::SO_BROADCAST as i64), ("SO_ERROR", libc::SO_ERROR as i64), ("SO_TYPE", libc::SO_TYPE as i64),
    ("SO_RCVBUF", libc::SO_RCVBUF as i64), ("SO_SNDBUF", libc::SO_SNDBUF as i64), ("SO_LINGER", libc::SO_LINGER as i64), ("SO_PROTOCOL", libc::SO_PROTOCOL as i64),
    ("SO_DOMAIN", libc::SO_DOMAIN as i64), ("SO_PEERCRED", libc::SO_PEERCRED as i64), ("SO_ACCEPTCONN", libc::SO_ACCEPTCONN as i64), ("SO_OOBINLINE", libc::SO_OOBINLINE as i64),
    ("SOMAXCONN", 4096), ("IPPROTO_IP", 0), ("IPPROTO_TCP", 6), ("IPPROTO_UDP", 17), ("IPPROTO_IPV6", 41), ("IPPROTO_ICMP", 1), ("IPPROTO_RAW", 255),
    ("IPV6_V6ONLY", libc::IPV6_V6ONLY as i64), ("IP_TTL", libc::IP_TTL as i64), ("IP_TOS", libc::IP_TOS as i64),
    ("TCP_NODELAY", libc::TCP_NODELAY as i64), ("TCP_KEEPIDLE", libc::TCP_KEEPIDLE as i64), ("TCP_KEEPINTVL", libc::TCP_KEEPINTVL as i64),
    ("TCP_KEEPCNT", libc::TCP_KEEPCNT as i64), ("TCP_MAXSEG", libc::TCP_MAXSEG as i64),
    ("MSG_PEEK", libc::MSG_PEEK as i64), ("MSG_OOB", libc::MSG_OOB as i64), ("MSG_DONTWAIT", libc::MSG_DONTWAIT as i64), ("MSG_WAITALL", libc::MSG_WAITALL as i64),
    ("MSG_TRUNC", libc::MSG_TRUNC as i64), ("MSG_NOSIGNAL", libc::MSG_NOSIGNAL as i64), ("MSG_CTRUNC", libc::MSG_CTRUNC as i64),
    ("SHUT_RD", 0), ("SHUT_WR", 1), ("SHUT_RDWR", 2),
    ("AI_PASSIVE", libc::AI_PASSIVE as i64), ("AI_CANONNAME", libc::AI_CANONNAME as i64), ("AI_NUMERICHOST", libc::AI_NUMERICHOST as i64),
    ("AI_NUMERICSERV", libc::AI_NUMERICSERV as i64), ("AI_ADDRCONFIG", libc::AI_ADDRCONFIG as i64), ("AI_V4MAPPED", libc::AI_V4MAPPED as i64), ("AI_ALL", libc::AI_ALL as i64),
    ("NI_NUMERICHOST", libc::NI_NUMERICHOST as i64), ("NI_NUMERICSERV", libc::NI_NUMERICSERV as i64), ("NI_DGRAM", libc::NI_DGRAM as i64), ("NI_NAMEREQD", libc::NI_NAMEREQD as i64),
    ("EAI_FAMILY", libc::EAI_FAMILY as i64), ("EAI_NONAME", libc::EAI_NONAME as i64), ("EAI_AGAIN", libc::EAI_AGAIN as i64), ("EAI_FAIL", libc::EAI_FAIL as i64), ("EAI_SERVICE", libc::EAI_SERVICE as i64),
    ("INADDR_ANY", 0), ("INADDR_LOOPBACK", 0x7F00_0001), ("INADDR_BROADCAST", 0xFFFF_FFFF), ("INADDR_NONE", 0xFFFF_FFFF),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    add_numbers(ctx, module, NUMBERS)?;
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
        method("getaddrinfo", Native::F(getaddrinfo)),
        method("gethostname", Native::FN(0, 0, gethostname)),
        method("gethostbyname", Native::F1(gethostbyname)),
        method("gethostbyname_ex", Native::F1(gethostbyname_ex)),
        method("gethostbyaddr", Native::F1(gethostbyaddr)),
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
