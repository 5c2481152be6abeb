//! Addresses of sockets, as the system has them and as programs write them: a tuple, or a path.

use super::lookup::{host_text, no_hints, resolve};
use super::{body, fd};
use crate::error::{PyResult, raise};
use crate::module::posix::path::{done, low_bits, system_bytes, system_text};
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::{bytes, bytes_like, protocol, str_, tuple};
use kit_core::thread::Ctx;
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::Ordering::Relaxed;

/// An address as the system has it.
pub(super) struct Address {
    storage: libc::sockaddr_storage,
    pub(super) len: libc::socklen_t,
}

impl Address {
    pub(super) fn empty() -> Address {
        Address {
            // SAFETY: zeros are an address of no family.
            storage: unsafe { MaybeUninit::zeroed().assume_init() },
            len: size_of::<libc::sockaddr_storage>() as libc::socklen_t,
        }
    }

    pub(super) fn of<T: Copy>(value: T) -> Address {
        let mut address = Address::empty();
        address.len = size_of::<T>() as libc::socklen_t;
        // SAFETY: addresses of all families fit into the storage.
        unsafe { (&raw mut address.storage).cast::<T>().write(value) };
        address
    }

    pub(super) fn ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub(super) fn place(&mut self) -> (*mut libc::sockaddr, *mut libc::socklen_t) {
        ((&raw mut self.storage).cast(), &raw mut self.len)
    }

    pub(super) fn to_obj(&self, ctx: &mut Ctx) -> PyResult {
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
            libc::AF_NETLINK => {
                // SAFETY: the family says so.
                let found = unsafe { *self.ptr().cast::<libc::sockaddr_nl>() };
                let items = [found.nl_pid, found.nl_groups];
                tuple::from_vec(ctx, items.map(|item| Obj::small_int(item.into())).into())
            }
            libc::AF_VSOCK => {
                // SAFETY: the family says so.
                let found = unsafe { *self.ptr().cast::<libc::sockaddr_vm>() };
                let items = [found.svm_cid, found.svm_port];
                tuple::from_vec(ctx, items.map(|item| Obj::small_int(item.into())).into())
            }
            libc::AF_PACKET => {
                // SAFETY: the family says so.
                let found = unsafe { *self.ptr().cast::<libc::sockaddr_ll>() };
                let name = match super::lookup::interface_name(found.sll_ifindex as u32) {
                    Ok(name) => system_text(ctx, &name)?,
                    Err(_) => str_::new(ctx, "")?,
                };
                let len = usize::from(found.sll_halen).min(found.sll_addr.len());
                let items = vec![
                    name,
                    Obj::small_int(u16::from_be(found.sll_protocol).into()),
                    Obj::small_int(found.sll_pkttype.into()),
                    Obj::small_int(found.sll_hatype.into()),
                    bytes::new(ctx, &found.sll_addr[..len])?,
                ];
                tuple::from_vec(ctx, items)
            }
            family => {
                // SAFETY: every address is at least as long as this one.
                let found = unsafe { *self.ptr() };
                let data = bytes::new(ctx, &found.sa_data.map(|byte| byte as u8))?;
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

/// The address of a host in a family.
pub(super) fn host_address(ctx: &mut Ctx, host: &str, family: i32) -> PyResult<Address> {
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
pub(super) fn address(ctx: &mut Ctx, this: &Obj, value: &Obj, name: &str) -> PyResult<Address> {
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
    let shown = match family {
        libc::AF_INET => "AF_INET",
        libc::AF_INET6 => "AF_INET6",
        libc::AF_NETLINK => "AF_NETLINK",
        libc::AF_PACKET => "AF_PACKET",
        libc::AF_VSOCK => "AF_VSOCK",
        _ => return Err(raise!(ctx, OSError, "{name}(): bad family")),
    };
    let Some(items) = value.downcast::<PyTuple>().map(|items| items.items()) else {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "{name}(): {shown} address must be tuple, not {class}"
        ));
    };
    match family {
        libc::AF_PACKET => return packet(ctx, this, items, name),
        libc::AF_NETLINK | libc::AF_VSOCK => return numbered(ctx, family, items),
        _ => {}
    }
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
            *value = low_bits(ctx, given)?;
        }
        if more[0] > 0xF_FFFF {
            return Err(raise!(
                ctx,
                OverflowError,
                "{name}(): flowinfo must be 0-1048575."
            ));
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

/// An address that is two numbers.
fn numbered(ctx: &mut Ctx, family: i32, items: &[Obj]) -> PyResult<Address> {
    let [first, second] = items else {
        return Err(match family {
            libc::AF_NETLINK => raise!(
                ctx,
                TypeError,
                "AF_NETLINK address must be a pair (pid, groups)"
            ),
            _ => raise!(
                ctx,
                TypeError,
                "getsockaddrarg() argument must be tuple of length 2, not {}",
                items.len()
            ),
        });
    };
    let (first, second) = (low_bits(ctx, first)?, low_bits(ctx, second)?);
    if family == libc::AF_NETLINK {
        // SAFETY: zeros are an address.
        let mut found: libc::sockaddr_nl = unsafe { MaybeUninit::zeroed().assume_init() };
        found.nl_family = family as u16;
        (found.nl_pid, found.nl_groups) = (first, second);
        return Ok(Address::of(found));
    }
    // SAFETY: zeros are an address.
    let mut found: libc::sockaddr_vm = unsafe { MaybeUninit::zeroed().assume_init() };
    found.svm_family = family as u16;
    (found.svm_cid, found.svm_port) = (first, second);
    Ok(Address::of(found))
}

/// An address of a device: `(interface, protocol[, kind[, hardware[, address]]])`.
fn packet(ctx: &mut Ctx, this: &Obj, items: &[Obj], name: &str) -> PyResult<Address> {
    let (2..=5, Some(device)) = (items.len(), items.first().and_then(str_::text_of)) else {
        return Err(raise!(
            ctx,
            TypeError,
            "AF_PACKET address must be a tuple of two to five elements"
        ));
    };
    // SAFETY: zeros are a request.
    let mut request: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    // Its last byte stays zero.
    let room = request.ifr_name.len() - 1;
    for (place, byte) in request.ifr_name[..room].iter_mut().zip(device.as_bytes()) {
        *place = *byte as libc::c_char;
    }
    let mut numbers = [0; 3];
    for (number, given) in numbers.iter_mut().zip(&items[1..]) {
        *number = protocol::c_int(ctx, given)?;
    }
    let [protocol, kind, hardware] = numbers;
    let hardware_address = match items.get(4) {
        Some(given) => bytes_like::expect_buffer(ctx, given)?.into_owned(),
        None => Vec::new(),
    };
    // SAFETY: zeros are an address.
    let mut found: libc::sockaddr_ll = unsafe { MaybeUninit::zeroed().assume_init() };
    if hardware_address.len() > found.sll_addr.len() {
        return Err(raise!(
            ctx,
            ValueError,
            "Hardware address must be 8 bytes or less"
        ));
    }
    let Ok(protocol) = u16::try_from(protocol) else {
        return Err(raise!(
            ctx,
            OverflowError,
            "{name}(): proto must be 0-65535."
        ));
    };
    let fd = fd(this);
    let place = &raw mut request;
    // SAFETY: a request whose name ends with a null.
    done(ctx, || unsafe {
        libc::ioctl(fd, libc::SIOCGIFINDEX, place).into()
    })?;
    found.sll_family = libc::AF_PACKET as u16;
    found.sll_protocol = protocol.to_be();
    // SAFETY: the system has filled the index in.
    found.sll_ifindex = unsafe { request.ifr_ifru.ifru_ifindex };
    found.sll_pkttype = kind as u8;
    found.sll_hatype = hardware as u16;
    found.sll_halen = hardware_address.len() as u8;
    found.sll_addr[..hardware_address.len()].copy_from_slice(&hardware_address);
    Ok(Address::of(found))
}
