//! Messages in parts, with data beside them: `sendmsg`, `recvmsg`, `recvmsg_into`.

use super::address::{Address, address};
use super::{flags, ready};
use crate::error::{PyResult, raise};
use crate::module::posix::path::{counted, number};
use crate::module::posix::vectors::{rooms, scatter, sources, target, total};
use crate::module::sys::audit;
use crate::module::warnings;
use crate::object::exception::class;
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::tuple::{self, PyTuple};
use crate::object::{bytes, bytes_like, int, protocol, str_};
use kit_core::thread::Ctx;
use std::mem::MaybeUninit;

/// The most bytes that the system is told of.
const MOST: i64 = i32::MAX as i64;

/// `CMSG_LEN` and `CMSG_SPACE`: the bytes of an entry with so many bytes of data, the second with what follows it.
pub(super) fn entry_size(ctx: &mut Ctx, args: &[Obj], name: &str, whole: bool) -> PyResult {
    counted(ctx, args, name, 1, 1)?;
    let len = protocol::c_ssize(ctx, &args[0])?;
    let most = if whole {
        most()
    } else {
        MOST - i64::from(space(0))
    };
    if !(0..=most).contains(&len) {
        return Err(raise!(ctx, OverflowError, "{name}() argument out of range"));
    }
    let size = if whole {
        space(len as u32)
    } else {
        // SAFETY: only calculates.
        unsafe { libc::CMSG_LEN(len as u32) }
    };
    int::from_i64(ctx, size.into())
}

fn space(len: u32) -> u32 {
    // SAFETY: only calculates.
    unsafe { libc::CMSG_SPACE(len) }
}

/// The most data that an entry has with what follows it.
fn most() -> i64 {
    MOST - i64::from(space(1))
}

/// A message that the system reads or fills in; what it points to must outlive it.
fn header(parts: &mut [libc::iovec]) -> libc::msghdr {
    // SAFETY: zeros are a message of nothing to nobody.
    let mut header: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    header
}

/// Room for entries, as aligned as their headers.
fn room(ctx: &mut Ctx, size: usize) -> PyResult<Vec<u64>> {
    let words = size.div_ceil(size_of::<u64>());
    crate::vm::outside::room(ctx, size)?;
    Ok(vec![0; words])
}

const _: () = assert!(align_of::<libc::cmsghdr>() <= align_of::<u64>());

/// Something beside a message.
struct Entry {
    level: i32,
    kind: i32,
    data: Vec<u8>,
}

fn entry(ctx: &mut Ctx, item: &Obj) -> PyResult<Entry> {
    const WHAT: &str = "[sendmsg() ancillary data items]()";
    if item.downcast::<PyTuple>().is_none() && item.downcast::<PyList>().is_none() {
        let class = str_::argument_type(ctx, item);
        return Err(raise!(
            ctx,
            TypeError,
            "{WHAT} argument must be 3-item tuple, not {class}"
        ));
    }
    let items = protocol::collect(ctx, item)?;
    let [level, kind, data] = items.as_slice() else {
        let given = items.len();
        return Err(raise!(
            ctx,
            TypeError,
            "{WHAT} argument must be tuple of length 3, not {given}"
        ));
    };
    Ok(Entry {
        level: number(ctx, level)?,
        kind: number(ctx, kind)?,
        data: bytes_like::expect_buffer(ctx, data)?.into_owned(),
    })
}

/// Entries one after the other, as the system reads them; and their bytes.
fn packed(ctx: &mut Ctx, entries: &[Entry]) -> PyResult<(Vec<u64>, usize)> {
    let mut size = 0;
    for entry in entries {
        let len = entry.data.len();
        if len as i64 > most() {
            return Err(raise!(ctx, OSError, "ancillary data item too large"));
        }
        size += space(len as u32) as usize;
        if size as i64 > MOST {
            return Err(raise!(ctx, OSError, "too much ancillary data"));
        }
    }
    let mut room = room(ctx, size)?;
    let mut at = 0;
    for entry in entries {
        let len = entry.data.len();
        // SAFETY: there is room for all entries, each of which begins where a header may.
        unsafe {
            let place = room
                .as_mut_ptr()
                .cast::<u8>()
                .add(at)
                .cast::<libc::cmsghdr>();
            (*place).cmsg_level = entry.level;
            (*place).cmsg_type = entry.kind;
            (*place).cmsg_len = libc::CMSG_LEN(len as u32) as _;
            std::ptr::copy_nonoverlapping(entry.data.as_ptr(), libc::CMSG_DATA(place), len);
        }
        at += space(len as u32) as usize;
    }
    Ok((room, size))
}

pub(super) fn sendmsg(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    counted(ctx, args, "sendmsg", 1, 4)?;
    let given = args;
    let flags = flags(ctx, given.get(2))?;
    let parts = protocol::collect_or(ctx, &given[0], "sendmsg() argument 1 must be an iterable")?;
    let mut data = Vec::new();
    for part in &parts {
        data.push(bytes_like::expect_buffer(ctx, part)?);
    }
    let mut entries = Vec::new();
    if let Some(items) = given.get(1) {
        let refusal = "sendmsg() argument 2 must be an iterable";
        for item in protocol::collect_or(ctx, items, refusal)? {
            entries.push(entry(ctx, &item)?);
        }
    }
    let to = match given.get(3).filter(|to| !to.is_none()) {
        Some(to) => Some(address(ctx, this, to, "sendmsg")?),
        None => None,
    };
    audit::event(ctx, "socket.sendmsg", |_| {
        Ok(vec![
            this.clone(),
            given.get(3).cloned().unwrap_or(Obj::NONE),
        ])
    })?;
    let mut vectors = sources(&data);
    let (mut room, size) = packed(ctx, &entries)?;
    let mut header = header(&mut vectors);
    if size > 0 {
        header.msg_control = room.as_mut_ptr().cast();
        header.msg_controllen = size as _;
    }
    if let Some(to) = &to {
        header.msg_name = to.ptr().cast_mut().cast();
        header.msg_namelen = to.len;
    }
    let flags = flags | libc::MSG_NOSIGNAL;
    let header = &raw const header;
    // SAFETY: only looks at the message, whose parts, entries and address are as long as it says.
    let count = ready(ctx, this, libc::POLLOUT, flags, |fd| unsafe {
        libc::sendmsg(fd, header, flags) as i64
    })?;
    int::from_i64(ctx, count)
}

/// What came with a message: its entries, flags, and sender.
struct Received {
    count: usize,
    entries: Vec<Entry>,
    malformed: bool,
    flags: i32,
    from: Address,
}

impl Received {
    /// The entries that are whole, as a list.
    fn entries(&mut self, ctx: &mut Ctx) -> PyResult {
        if self.malformed {
            warnings::warn(
                ctx,
                class::RuntimeWarning,
                "received malformed or improperly-truncated ancillary data",
            )?;
        }
        let mut items = Vec::new();
        for entry in &self.entries {
            let item = vec![
                Obj::small_int(entry.level.into()),
                Obj::small_int(entry.kind.into()),
                bytes::new(ctx, &entry.data)?,
            ];
            items.push(tuple::from_vec(ctx, item)?);
        }
        let made = list::from_vec(ctx, items)?;
        self.entries.clear();
        Ok(made)
    }
}

/// Descriptors that the program never hears of are closed.
impl Drop for Received {
    fn drop(&mut self) {
        for entry in &self.entries {
            if (entry.level, entry.kind) != (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
                continue;
            }
            for fd in entry.data.chunks_exact(size_of::<i32>()) {
                let fd = i32::from_ne_bytes([fd[0], fd[1], fd[2], fd[3]]);
                // SAFETY: the system has opened it for this message; nobody else knows of it.
                unsafe { libc::close(fd) };
            }
        }
    }
}

/// The entries in so many bytes, and whether there is something amiss with them.
fn unpacked(room: &[u64], size: usize) -> (Vec<Entry>, bool) {
    let mut entries = Vec::new();
    // SAFETY: numbers that are bytes.
    let bytes = unsafe { std::slice::from_raw_parts(room.as_ptr().cast::<u8>(), room.len() * 8) };
    let bytes = &bytes[..size.min(bytes.len())];
    // SAFETY: only calculates.
    let before = unsafe { libc::CMSG_LEN(0) } as usize;
    let mut at = 0;
    while at + before <= bytes.len() {
        // SAFETY: so many bytes are there, and any are a header.
        let header = unsafe {
            bytes
                .as_ptr()
                .add(at)
                .cast::<libc::cmsghdr>()
                .read_unaligned()
        };
        let len = header.cmsg_len as usize;
        let (Some(data), false) = (bytes.get(at + before..), len < before) else {
            return (entries, true);
        };
        let whole = data.len() >= len - before;
        entries.push(Entry {
            level: header.cmsg_level,
            kind: header.cmsg_type,
            data: data[..data.len().min(len - before)].to_vec(),
        });
        if !whole {
            return (entries, true);
        }
        at += space((len - before) as u32) as usize;
    }
    (entries, false)
}

/// Receives a message into parts of these sizes, which lie in `data` one after the other.
fn receive(
    ctx: &mut Ctx,
    this: &Obj,
    data: &mut [u8],
    sizes: &[usize],
    more: &[Obj],
) -> PyResult<Received> {
    let size = match more.first() {
        Some(size) => protocol::c_ssize(ctx, size)?,
        None => 0,
    };
    let flags = flags(ctx, more.get(1))?;
    if !(0..=MOST).contains(&size) {
        return Err(raise!(
            ctx,
            ValueError,
            "invalid ancillary data buffer length"
        ));
    }
    let mut control = room(ctx, size as usize)?;
    let mut vectors = rooms(data, sizes);
    let mut from = Address::empty();
    let mut header = header(&mut vectors);
    let name_room = from.len;
    header.msg_name = from.place().0.cast();
    header.msg_control = match size {
        0 => std::ptr::null_mut(),
        _ => control.as_mut_ptr().cast(),
    };
    let place = &raw mut header;
    // SAFETY: the parts, the entries and the address have the room that the message says.
    let count = ready(ctx, this, libc::POLLIN, flags, |fd| unsafe {
        (*place).msg_namelen = name_room;
        (*place).msg_controllen = size as _;
        libc::recvmsg(fd, place, flags) as i64
    })?;
    from.len = header.msg_namelen.min(name_room);
    let (entries, malformed) = unpacked(&control, header.msg_controllen);
    Ok(Received {
        count: count as usize,
        entries,
        malformed,
        flags: header.msg_flags,
        from,
    })
}

/// What the methods return: the message as `data`, what is beside it, flags, the sender.
fn result(ctx: &mut Ctx, data: Obj, mut received: Received) -> PyResult {
    let from = received.from.to_obj(ctx)?;
    let flags = Obj::small_int(received.flags.into());
    let entries = received.entries(ctx)?;
    tuple::from_vec(ctx, vec![data, entries, flags, from])
}

pub(super) fn recvmsg(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    counted(ctx, args, "recvmsg", 1, 3)?;
    let size = protocol::c_ssize(ctx, &args[0])?;
    let Ok(size) = usize::try_from(size) else {
        return Err(raise!(ctx, ValueError, "negative buffer size in recvmsg()"));
    };
    let mut data = bytes_like::zeroed(ctx, size)?;
    let received = receive(ctx, this, &mut data, &[size], &args[1..])?;
    let data = bytes::new(ctx, &data[..received.count.min(size)])?;
    result(ctx, data, received)
}

pub(super) fn recvmsg_into(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    counted(ctx, args, "recvmsg_into", 1, 3)?;
    let refusal = "recvmsg_into() argument 1 must be an iterable";
    let parts = protocol::collect_or(ctx, &args[0], refusal)?;
    let (mut targets, mut sizes) = (Vec::new(), Vec::new());
    for part in &parts {
        let Some((target, size)) = target(ctx, part)? else {
            return Err(raise!(
                ctx,
                TypeError,
                "{refusal} of single-segment read-write buffers"
            ));
        };
        targets.push(target);
        sizes.push(size);
    }
    let mut data = bytes_like::zeroed(ctx, total(&sizes))?;
    let received = receive(ctx, this, &mut data, &sizes, &args[1..])?;
    scatter(
        ctx,
        &targets,
        &sizes,
        &data[..received.count.min(data.len())],
    );
    let count = int::from_usize(ctx, received.count)?;
    result(ctx, count, received)
}
