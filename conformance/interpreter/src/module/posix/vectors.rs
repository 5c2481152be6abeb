//! Bytes between files and many objects at once, and between two files without the program.

use super::path::{descriptor, done, number};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::bytes_like;
use crate::object::define::{Method, Native, method};
use crate::object::dict::PyDict;
use crate::object::obj::Obj;
use crate::object::type_::type_of;
use crate::object::{int, protocol};
use kit_core::thread::Ctx;
use std::borrow::Cow;

/// The items of an argument that must be a sequence.
fn sequence(ctx: &mut Ctx, value: &Obj, function: &str) -> PyResult<Vec<Obj>> {
    if type_of(ctx, value).slots(ctx).getitem.is_none() || value.downcast::<PyDict>().is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "{function}() arg 2 must be a sequence"
        ));
    }
    protocol::collect(ctx, value)
}

/// Objects that are written to, and what each of them takes.
struct Targets {
    parts: Vec<Obj>,
    sizes: Vec<usize>,
    data: Vec<u8>,
}

impl Targets {
    fn of(ctx: &mut Ctx, value: &Obj, function: &str) -> PyResult<Targets> {
        let mut parts = sequence(ctx, value, function)?;
        let mut sizes = Vec::new();
        for part in &mut parts {
            match target(ctx, part)? {
                Some((target, size)) => {
                    *part = target;
                    sizes.push(size);
                }
                None => {
                    bytes_like::expect_buffer(ctx, part)?;
                    return Err(raise!(ctx, BufferError, "Object is not writable."));
                }
            }
        }
        let data = bytes_like::zeroed(ctx, total(&sizes))?;
        Ok(Targets { parts, sizes, data })
    }

    /// Room for the system to write to.
    fn vectors(&mut self) -> Vec<libc::iovec> {
        rooms(&mut self.data, &self.sizes)
    }

    fn fill(&self, ctx: &mut Ctx, count: i64) {
        let data = &self.data[..self.data.len().min(count as usize)];
        scatter(ctx, &self.parts, &self.sizes, data);
    }
}

/// All of these sizes: more than there can be if it cannot be said.
pub fn total(sizes: &[usize]) -> usize {
    sizes.iter().copied().fold(0, usize::saturating_add)
}

/// What of a value can be written to, itself or what it shows, and its bytes; `None` for what cannot.
pub fn target(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<(Obj, usize)>> {
    if let Some(size) = bytes_like::write(ctx, value, |data| data.len()) {
        return Ok(Some((value.clone(), size)));
    }
    let Some(view) = bytes_like::special_buffer(ctx, value)? else {
        return Ok(None);
    };
    let size = bytes_like::write(ctx, &view, |data| data.len());
    Ok(size.map(|size| (view, size)))
}

/// Parts of `data` of these sizes, one after the other, which the system may write to for as long as `data` is there.
pub fn rooms(mut data: &mut [u8], sizes: &[usize]) -> Vec<libc::iovec> {
    let mut vectors = Vec::new();
    for size in sizes {
        let (part, rest) = data.split_at_mut(*size);
        vectors.push(libc::iovec {
            iov_base: part.as_mut_ptr().cast(),
            iov_len: part.len(),
        });
        data = rest;
    }
    vectors
}

/// Writes data to objects one after the other, each of which takes so many bytes.
pub fn scatter(ctx: &mut Ctx, parts: &[Obj], sizes: &[usize], mut data: &[u8]) {
    for (part, size) in parts.iter().zip(sizes) {
        let (here, rest) = data.split_at((*size).min(data.len()));
        bytes_like::write(ctx, part, |part| {
            let len = part.len().min(here.len());
            part[..len].copy_from_slice(&here[..len]);
        });
        data = rest;
    }
}

/// What the system is to read, which must outlive the result.
pub fn sources(data: &[Cow<'_, [u8]>]) -> Vec<libc::iovec> {
    let vector = |part: &Cow<'_, [u8]>| libc::iovec {
        iov_base: part.as_ptr().cast_mut().cast(),
        iov_len: part.len(),
    };
    data.iter().map(vector).collect()
}

/// As many as the system could be asked for: more than it takes are refused by it.
fn count_of(vectors: &[libc::iovec]) -> i32 {
    vectors.len().try_into().unwrap_or(i32::MAX)
}

/// Lets the system write to the parts of `value`; how many bytes it has written.
///
/// # Safety
/// - `call` writes to the parts that it gets, and to nothing behind them.
unsafe fn read(
    ctx: &mut Ctx,
    value: &Obj,
    function: &str,
    call: impl Fn(*const libc::iovec, i32) -> isize,
) -> PyResult {
    let mut targets = Targets::of(ctx, value, function)?;
    let vectors = targets.vectors();
    let len = count_of(&vectors);
    let count = done(ctx, || call(vectors.as_ptr(), len) as i64)?;
    targets.fill(ctx, count);
    int::from_i64(ctx, count)
}

/// Lets the system look at the parts of `value`; how many bytes it has taken.
fn write(
    ctx: &mut Ctx,
    value: &Obj,
    function: &str,
    call: impl Fn(*const libc::iovec, i32) -> isize,
) -> PyResult {
    let parts = sequence(ctx, value, function)?;
    let mut data = Vec::new();
    for part in &parts {
        data.push(bytes_like::expect_buffer(ctx, part)?);
    }
    let vectors = sources(&data);
    let len = count_of(&vectors);
    let count = done(ctx, || call(vectors.as_ptr(), len) as i64)?;
    int::from_i64(ctx, count)
}

fn readv(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    // SAFETY: writes to the parts.
    unsafe {
        read(ctx, &args[1], "readv", |parts, len| {
            libc::readv(fd, parts, len)
        })
    }
}

fn writev(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    // SAFETY: only looks at the parts.
    write(ctx, &args[1], "writev", |parts, len| unsafe {
        libc::writev(fd, parts, len)
    })
}

/// The last arguments of `preadv` and `pwritev`: where, and flags.
fn place_and_flags(ctx: &mut Ctx, args: &[Obj]) -> PyResult<(i64, i32)> {
    let offset = protocol::c_ssize(ctx, &args[2])?;
    let flags = args.get(3).map_or(Ok(0), |flags| number(ctx, flags))?;
    Ok((offset, flags))
}

fn preadv(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let (offset, flags) = place_and_flags(ctx, args)?;
    // SAFETY: writes to the parts.
    unsafe {
        read(ctx, &args[1], "preadv2", |parts, len| {
            libc::preadv2(fd, parts, len, offset, flags)
        })
    }
}

fn pwritev(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor(ctx, &args[0])?;
    let (offset, flags) = place_and_flags(ctx, args)?;
    // SAFETY: only looks at the parts.
    write(ctx, &args[1], "pwritev", |parts, len| unsafe {
        libc::pwritev2(fd, parts, len, offset, flags)
    })
}

/// A place in a file, or none: then it is the file's own.
fn place(ctx: &mut Ctx, given: Option<&Obj>) -> PyResult<Option<i64>> {
    match given.filter(|given| !given.is_none()) {
        Some(given) => protocol::c_ssize(ctx, given).map(Some),
        None => Ok(None),
    }
}

fn pointer(place: &mut Option<i64>) -> *mut i64 {
    place
        .as_mut()
        .map_or(std::ptr::null_mut(), std::ptr::from_mut)
}

fn sendfile(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "sendfile",
        params: &["out_fd", "in_fd", "offset", "count"],
        posonly: 0,
        positional: 4,
        required: 4,
    };
    let [to, from, offset, count] = args.bind(ctx, &SIGNATURE)?;
    let none = Obj::none();
    let to = number(ctx, to.unwrap_or(none))?;
    let from = number(ctx, from.unwrap_or(none))?;
    let count = protocol::c_ssize(ctx, count.unwrap_or(none))? as usize;
    let mut offset = place(ctx, offset)?;
    let offset = pointer(&mut offset);
    // SAFETY: null, or a place for a number.
    let sent = done(ctx, || unsafe {
        libc::sendfile(to, from, offset, count) as i64
    })?;
    int::from_i64(ctx, sent)
}

/// `copy_file_range` and `splice`.
fn copy(ctx: &mut Ctx, args: Args<'_>, splice: bool) -> PyResult {
    static COPY: Signature = Signature {
        name: "copy_file_range",
        params: &["src", "dst", "count", "offset_src", "offset_dst"],
        posonly: 0,
        positional: 5,
        required: 3,
    };
    static SPLICE: Signature = Signature {
        name: "splice",
        params: &["src", "dst", "count", "offset_src", "offset_dst", "flags"],
        posonly: 0,
        positional: 6,
        required: 3,
    };
    let [from, to, count, from_place, to_place, flags] = if splice {
        args.bind(ctx, &SPLICE)?
    } else {
        let [from, to, count, from_place, to_place] = args.bind(ctx, &COPY)?;
        [from, to, count, from_place, to_place, None]
    };
    let none = Obj::none();
    let from = number(ctx, from.unwrap_or(none))?;
    let to = number(ctx, to.unwrap_or(none))?;
    let count = protocol::c_ssize(ctx, count.unwrap_or(none))?;
    let mut from_place = place(ctx, from_place)?;
    let mut to_place = place(ctx, to_place)?;
    let flags = match flags {
        Some(flags) => super::path::low_bits(ctx, flags)?,
        None => 0,
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(raise!(
            ctx,
            ValueError,
            "negative value for 'count' not allowed"
        ));
    };
    let (from_place, to_place) = (pointer(&mut from_place), pointer(&mut to_place));
    // SAFETY: null, or places for numbers.
    let copied = done(ctx, || unsafe {
        if splice {
            libc::splice(from, from_place, to, to_place, count, flags) as i64
        } else {
            libc::copy_file_range(from, from_place, to, to_place, count, flags) as i64
        }
    })?;
    int::from_i64(ctx, copied)
}

/// Their functions.
pub const FUNCTIONS: &[Method] = &[
    method("readv", Native::FN(2, 2, readv)),
    method("writev", Native::FN(2, 2, writev)),
    method("preadv", Native::FN(3, 4, preadv)),
    method("pwritev", Native::FN(3, 4, pwritev)),
    method("sendfile", Native::F(sendfile)),
    method(
        "copy_file_range",
        Native::F(|ctx, args| copy(ctx, args, false)),
    ),
    method("splice", Native::F(|ctx, args| copy(ctx, args, true))),
];
