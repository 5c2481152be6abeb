//! What goes by names: hosts, services, protocols, interfaces.

use super::address::{Address, host_address};
use super::{flags, system_error};
use crate::error::{PyResult, Raised, raise};
use crate::module::natives;
use crate::module::posix::path::{
    counted, done, low_bits, number, system_text, text_argument, unsigned,
};
use crate::module::sys::audit;
use crate::object::args::{Args, Signature};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::{bytes_like, int, list, protocol, str_, tuple};
use crate::text::codec::Codec;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;

/// The text of a host.
pub(super) fn host_text(ctx: &mut Ctx, value: &Obj) -> PyResult<String> {
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
    if code == libc::EAI_SYSTEM {
        return system_error(ctx, &io::Error::last_os_error());
    }
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

pub(super) fn gaierror(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.address_error,
        "socket",
        "gaierror",
        class::OSError,
    )
}

/// What the resolver has found.
pub(super) struct Found(pub(super) *mut libc::addrinfo);

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

pub(super) fn resolve(
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

pub(super) fn no_hints(family: i32) -> libc::addrinfo {
    // SAFETY: zeros and null pointers ask for nothing.
    let mut hints: libc::addrinfo = unsafe { MaybeUninit::zeroed().assume_init() };
    hints.ai_family = family;
    hints
}

pub(super) fn getaddrinfo(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
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
        Some(service) if is_text(service) => {
            let data = str_::encode_by(ctx, Codec::Utf8, "utf-8", service, "strict")?;
            Some(String::from_utf8_lossy(&data).into_owned())
        }
        Some(service) if bytes_like::buffer(ctx, service).is_none() => {
            return Err(raise!(ctx, OSError, "Int or String expected"));
        }
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
            let place = address.place().0.cast::<u8>();
            std::ptr::copy_nonoverlapping(entry.ai_addr.cast::<u8>(), place, len);
        }
        let address = address.to_obj(ctx)?;
        // SAFETY: null, or a text of the list.
        let name = unsafe { crate::module::posix::system::name(ctx, entry.ai_canonname) }?;
        let numbers = [entry.ai_family, entry.ai_socktype, entry.ai_protocol];
        let mut item: Vec<Obj> = numbers.map(|value| Obj::small_int(value.into())).into();
        item.extend([name, address]);
        items.push(tuple::from_vec(ctx, item)?);
        next = entry.ai_next;
    }
    list::from_vec(ctx, items)
}

pub(super) fn gethostname(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    crate::module::sys::audit::event(ctx, "socket.gethostname", |_| Ok(Vec::new()))?;
    let mut name = [0u8; 1024];
    let place = name.as_mut_ptr().cast();
    // SAFETY: room for so many bytes, the last of which stays zero.
    done(ctx, || unsafe { libc::gethostname(place, 1023).into() })?;
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    system_text(ctx, name)
}

pub(super) fn gethostbyname(ctx: &mut Ctx, host: &Obj) -> PyResult {
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

pub(super) fn gethostbyname_ex(ctx: &mut Ctx, host: &Obj) -> PyResult {
    let host = host_text(ctx, host)?;
    let address = host_address(ctx, &host, libc::AF_INET)?;
    host_entry(ctx, &host, &address)
}

pub(super) fn gethostbyaddr(ctx: &mut Ctx, host: &Obj) -> PyResult {
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

/// The address of a socket as the resolver reads it, without asking anyone.
pub(super) fn getnameinfo(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    counted(ctx, args, "getnameinfo", 2, 2)?;
    let (given, flags) = (&args[0], number(ctx, &args[1])?);
    let Some(items) = given.downcast::<PyTuple>().map(|items| items.items()) else {
        return Err(raise!(
            ctx,
            TypeError,
            "getnameinfo() argument 1 must be a tuple"
        ));
    };
    let (2..=4, Some(host)) = (items.len(), items.first().filter(|host| is_text(host))) else {
        return Err(raise!(
            ctx,
            TypeError,
            "getnameinfo(): illegal sockaddr argument"
        ));
    };
    let host = text(ctx, host, "getnameinfo", 1)?;
    let port = protocol::c_int(ctx, &items[1])?;
    let mut more = [0; 2];
    for (value, given) in more.iter_mut().zip(&items[2..]) {
        *value = low_bits(ctx, given)?;
    }
    let [flow, scope] = more;
    if flow > 0xF_FFFF {
        return Err(raise!(
            ctx,
            OverflowError,
            "getnameinfo(): flowinfo must be 0-1048575."
        ));
    }
    audit::event(ctx, "socket.getnameinfo", |_| Ok(vec![given.clone()]))?;
    let mut hints = no_hints(libc::AF_UNSPEC);
    hints.ai_socktype = libc::SOCK_DGRAM;
    hints.ai_flags = libc::AI_NUMERICHOST;
    let host = host.to_string_lossy();
    let found = resolve(ctx, Some(&host), Some(&port.to_string()), &hints)?;
    // SAFETY: the resolver has found at least one address.
    let entry = unsafe { &*found.0 };
    if !entry.ai_next.is_null() {
        return Err(raise!(
            ctx,
            OSError,
            "sockaddr resolved to multiple addresses"
        ));
    }
    match entry.ai_family {
        libc::AF_INET if items.len() != 2 => {
            return Err(raise!(ctx, OSError, "IPv4 sockaddr must be 2 tuple"));
        }
        libc::AF_INET6 => {
            // SAFETY: the family says so; nobody else has the address.
            let place = unsafe { &mut *entry.ai_addr.cast::<libc::sockaddr_in6>() };
            place.sin6_flowinfo = flow.to_be();
            place.sin6_scope_id = scope;
        }
        _ => {}
    }
    let mut names = [
        [0; libc::NI_MAXHOST as usize],
        [0; libc::NI_MAXHOST as usize],
    ];
    let [host, service] = names.each_mut().map(|name| name.as_mut_ptr());
    let (address, len) = (entry.ai_addr, entry.ai_addrlen);
    // SAFETY: an address, and room for the longest names.
    let code = rt(ctx).kit.detached(ctx, || unsafe {
        let room = libc::NI_MAXHOST;
        libc::getnameinfo(address, len, host, room, service, room, flags)
    });
    if code != 0 {
        return Err(address_error(ctx, code));
    }
    let mut items = Vec::new();
    for name in &names {
        // SAFETY: a text that ends with a null.
        items.push(unsafe { crate::module::posix::system::name(ctx, name.as_ptr()) }?);
    }
    tuple::from_vec(ctx, items)
}

// --- Services and protocols ----------------------------------------------------------------------

// What the library keeps in one place for all threads without these.
unsafe extern "C" {
    fn getservbyname_r(
        name: *const libc::c_char,
        protocol: *const libc::c_char,
        entry: *mut libc::servent,
        room: *mut libc::c_char,
        len: libc::size_t,
        found: *mut *mut libc::servent,
    ) -> libc::c_int;
    fn getservbyport_r(
        port: libc::c_int,
        protocol: *const libc::c_char,
        entry: *mut libc::servent,
        room: *mut libc::c_char,
        len: libc::size_t,
        found: *mut *mut libc::servent,
    ) -> libc::c_int;
    fn getprotobyname_r(
        name: *const libc::c_char,
        entry: *mut libc::protoent,
        room: *mut libc::c_char,
        len: libc::size_t,
        found: *mut *mut libc::protoent,
    ) -> libc::c_int;
}

/// What `ask` finds, in as much room as it needs: it gets a place for the entry, room and its size, and a place for
/// what was found.
///
/// # Safety
/// - `ask` fills the places in as the library does: the last one with null, or with the first.
/// - Zeros are an entry.
unsafe fn find<T, R>(
    ctx: &mut Ctx,
    ask: impl Fn(*mut T, *mut libc::c_char, usize, *mut *mut T) -> libc::c_int,
    read: impl Fn(&T) -> R,
) -> Option<R> {
    rt(ctx).kit.detached(ctx, || {
        let mut room = vec![0; 1024];
        loop {
            let mut entry = MaybeUninit::<T>::zeroed();
            let mut found = std::ptr::null_mut();
            let code = ask(
                entry.as_mut_ptr(),
                room.as_mut_ptr(),
                room.len(),
                &mut found,
            );
            if code == libc::ERANGE && room.len() < 1 << 20 {
                room.resize(room.len() * 2, 0);
                continue;
            }
            // SAFETY: null, or an entry whose texts are in the room.
            return unsafe { found.as_ref() }.map(&read);
        }
    })
}

fn is_text(x: &Obj) -> bool {
    x.downcast::<PyStr>().is_some()
}

/// The text of an argument that must be a str.
fn text(ctx: &mut Ctx, x: &Obj, function: &str, position: usize) -> PyResult<CString> {
    if !is_text(x) {
        let class = str_::argument_type(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "{function}() argument {position} must be str, not {class}"
        ));
    }
    let data = str_::encode_by(ctx, Codec::Utf8, "utf-8", x, "strict")?;
    CString::new(data).map_err(|_| raise!(ctx, ValueError, "embedded null character"))
}

/// The protocol that is the second argument, if there is one.
fn protocol_of(ctx: &mut Ctx, args: &[Obj], function: &str) -> PyResult<Option<CString>> {
    match args.get(1) {
        Some(protocol) => text(ctx, protocol, function, 2).map(Some),
        None => Ok(None),
    }
}

/// What audit hooks are told of a protocol.
fn shown(ctx: &mut Ctx, protocol: Option<&Obj>) -> PyResult {
    protocol.map_or_else(|| str_::new(ctx, ""), |protocol| Ok(protocol.clone()))
}

fn pointer(text: Option<&CStr>) -> *const libc::c_char {
    text.map_or(std::ptr::null(), CStr::as_ptr)
}

pub(super) fn getservbyname(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    counted(ctx, args, "getservbyname", 1, 2)?;
    let name = text(ctx, &args[0], "getservbyname", 1)?;
    let protocol = protocol_of(ctx, args, "getservbyname")?;
    audit::event(ctx, "socket.getservbyname", |ctx| {
        Ok(vec![args[0].clone(), shown(ctx, args.get(1))?])
    })?;
    // SAFETY: texts, and the places; zeros are an entry.
    let port = unsafe {
        let ask = |entry, room, len, found| {
            let protocol = pointer(protocol.as_deref());
            getservbyname_r(name.as_ptr(), protocol, entry, room, len, found)
        };
        find(ctx, ask, |entry: &libc::servent| entry.s_port)
    };
    match port {
        Some(port) => Ok(Obj::small_int(u16::from_be(port as u16).into())),
        None => Err(raise!(ctx, OSError, "service/proto not found")),
    }
}

pub(super) fn getservbyport(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    counted(ctx, args, "getservbyport", 1, 2)?;
    let port = protocol::c_int(ctx, &args[0])?;
    let protocol = protocol_of(ctx, args, "getservbyport")?;
    let Ok(port) = u16::try_from(port) else {
        return Err(raise!(
            ctx,
            OverflowError,
            "getservbyport: port must be 0-65535."
        ));
    };
    audit::event(ctx, "socket.getservbyport", |ctx| {
        Ok(vec![args[0].clone(), shown(ctx, args.get(1))?])
    })?;
    // SAFETY: a text or null, and the places; zeros are an entry, whose name is a text.
    let name = unsafe {
        let ask = |entry, room, len, found| {
            let protocol = pointer(protocol.as_deref());
            getservbyport_r(port.to_be().into(), protocol, entry, room, len, found)
        };
        find(ctx, ask, |entry: &libc::servent| {
            CStr::from_ptr(entry.s_name).to_owned()
        })
    };
    match name {
        Some(name) => system_text(ctx, name.to_bytes()),
        None => Err(raise!(ctx, OSError, "port/proto not found")),
    }
}

pub(super) fn getprotobyname(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    counted(ctx, args, "getprotobyname", 1, 1)?;
    let name = text(ctx, &args[0], "getprotobyname", 1)?;
    // SAFETY: a text, and the places; zeros are an entry.
    let number = unsafe {
        let ask =
            |entry, room, len, found| getprotobyname_r(name.as_ptr(), entry, room, len, found);
        find(ctx, ask, |entry: &libc::protoent| entry.p_proto)
    };
    match number {
        Some(number) => Ok(Obj::small_int(number.into())),
        None => Err(raise!(ctx, OSError, "protocol not found")),
    }
}

// --- Interfaces ----------------------------------------------------------------------------------

/// The name of the interface with this number.
pub(super) fn interface_name(index: u32) -> io::Result<Vec<u8>> {
    let mut name = [0; libc::IF_NAMESIZE];
    // SAFETY: room for the longest name.
    let found = unsafe { libc::if_indextoname(index, name.as_mut_ptr()) };
    if found.is_null() {
        return Err(io::Error::last_os_error());
    }
    let name = name.iter().take_while(|byte| **byte != 0);
    Ok(name.map(|byte| *byte as u8).collect())
}

pub(super) fn if_indextoname(ctx: &mut Ctx, index: &Obj) -> PyResult {
    let index = unsigned(ctx, index, u32::MAX.into(), "unsigned int")? as u32;
    match interface_name(index) {
        Ok(name) => system_text(ctx, &name),
        Err(error) => Err(system_error(ctx, &error)),
    }
}

pub(super) fn if_nametoindex(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let name = text_argument(ctx, name)?;
    // SAFETY: a text.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(system_error(ctx, &io::Error::last_os_error())),
        index => Ok(Obj::small_int(index.into())),
    }
}

pub(super) fn if_nameindex(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut found = Vec::new();
    // SAFETY: a list that ends with the number 0, of which everything is copied before it is freed, once.
    unsafe {
        let all = libc::if_nameindex();
        if all.is_null() {
            return Err(system_error(ctx, &io::Error::last_os_error()));
        }
        let mut next = all;
        while (*next).if_index != 0 && !(*next).if_name.is_null() {
            found.push(((*next).if_index, CStr::from_ptr((*next).if_name).to_owned()));
            next = next.add(1);
        }
        libc::if_freenameindex(all);
    }
    let mut items = Vec::new();
    for (index, name) in found {
        let name = system_text(ctx, name.to_bytes())?;
        items.push(tuple::from_vec(
            ctx,
            vec![Obj::small_int(index.into()), name],
        )?);
    }
    list::from_vec(ctx, items)
}

pub(super) fn sethostname(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    counted(ctx, args, "sethostname", 1, 1)?;
    let name = text_argument(ctx, &args[0])?;
    audit::event(ctx, "socket.sethostname", |_| Ok(vec![args[0].clone()]))?;
    let (place, len) = (name.as_ptr(), name.as_bytes().len());
    // SAFETY: so many bytes.
    done(ctx, || unsafe { libc::sethostname(place, len).into() })?;
    Ok(Obj::NONE)
}
