//! Reading through a buffer.

use super::base::{call, signed_size, size, writable_view};
use super::buffered::{body, exact, open_raw, raw_read, rewind, turn};
use super::{file, writer};
use crate::error::{PyResult, raise};
use crate::object::bytes::{self, PyBytes};
use crate::object::obj::Obj;
use crate::object::{bytes_like, int, protocol};
use crate::vm::outside::{self, Outside};
use kit_core::thread::Ctx;

/// Writes out what is to be written, before reading.
fn written(ctx: &mut Ctx, x: &Obj, raw: &Obj) -> PyResult<()> {
    if body(x).buffers(ctx).output.is_empty() {
        return Ok(());
    }
    writer::flush_output(ctx, x, raw)
}

/// Fills the buffer, of which everything was taken, by one read; 0 at the end, `None` if there is nothing yet.
fn fill(ctx: &mut Ctx, x: &Obj, raw: &Obj) -> PyResult<Option<usize>> {
    let stream = body(x);
    let mut input = {
        let mut buffers = stream.buffers(ctx);
        buffers.taken = 0;
        std::mem::take(&mut buffers.input)
    };
    input.clear();
    let result = raw_read(ctx, x, raw, &mut input, stream.size());
    input.count();
    stream.buffers(ctx).input = input;
    result
}

/// Up to `count` bytes of what was read ahead.
fn take(ctx: &mut Ctx, x: &Obj, count: usize) -> Vec<u8> {
    let mut buffers = body(x).buffers(ctx);
    let count = count.min(buffers.ahead().len());
    buffers.take(count).to_vec()
}

/// Appends up to `count` bytes, on the thread's turn; false if there is nothing yet.
fn read_some(
    ctx: &mut Ctx,
    x: &Obj,
    raw: &Obj,
    count: usize,
    into: &mut Vec<u8>,
) -> PyResult<bool> {
    let first = take(ctx, x, count);
    into.extend_from_slice(&first);
    if into.len() == count {
        return Ok(true);
    }
    written(ctx, x, raw)?;
    let size = body(x).size();
    while into.len() < count {
        let left = count - into.len();
        let got = if left >= size {
            // Past the buffer.
            body(x).buffers(ctx).forget();
            raw_read(ctx, x, raw, into, left - left % size)?
        } else {
            let got = fill(ctx, x, raw)?;
            let more = take(ctx, x, left);
            into.extend_from_slice(&more);
            got
        };
        match got {
            Some(0) => return Ok(true),
            None => return Ok(!into.is_empty()),
            Some(_) => {}
        }
    }
    Ok(true)
}

/// Everything up to the end, on the thread's turn; `None` if there is nothing yet.
fn read_all(ctx: &mut Ctx, x: &Obj, raw: &Obj) -> PyResult<Option<Outside<Vec<u8>>>> {
    let mut all = Outside::new(take(ctx, x, usize::MAX));
    written(ctx, x, raw)?;
    {
        let mut buffers = body(x).buffers(ctx);
        buffers.forget();
        buffers.at = None;
    }
    if file::exact(raw).is_some() {
        let fd = file::readable_fd(ctx, raw)?;
        let found = file::read_to_end(ctx, fd, &mut all)?;
        return Ok((found || !all.is_empty()).then_some(all));
    }
    let name = crate::object::str_::intern(ctx, "readall");
    if let Some(readall) = protocol::find_attr(ctx, raw, &name)? {
        let rest = protocol::call(ctx, &readall, &[])?;
        if rest.is_none() {
            return Ok((!all.is_empty()).then_some(all));
        }
        let Some(rest) = rest.downcast::<PyBytes>() else {
            return Err(raise!(ctx, TypeError, "readall() should return bytes"));
        };
        outside::room_behind(ctx, all.len(), rest.data().len())?;
        all.extend_from_slice(rest.data());
        return Ok(Some(all));
    }
    loop {
        let part = call(ctx, raw, "read", &[])?;
        if part.is_none() {
            return Ok((!all.is_empty()).then_some(all));
        }
        let Some(part) = part.downcast::<PyBytes>() else {
            return Err(raise!(ctx, TypeError, "read() should return bytes"));
        };
        if part.data().is_empty() {
            return Ok(Some(all));
        }
        outside::room_behind(ctx, all.len(), part.data().len())?;
        all.extend_from_slice(part.data());
    }
}

/// `read(size)`; all of it without a size. `None` if there is nothing yet.
pub(super) fn read_vec(
    ctx: &mut Ctx,
    x: &Obj,
    count: Option<usize>,
) -> PyResult<Option<Outside<Vec<u8>>>> {
    let raw = open_raw(ctx, x, "read")?;
    turn(ctx, x, |ctx| match count {
        None => read_all(ctx, x, &raw),
        Some(count) => {
            outside::room(ctx, count.min(isize::MAX as usize))?;
            let mut data = Vec::new();
            let found = read_some(ctx, x, &raw, count, &mut data)?;
            Ok(found.then(|| Outside::new(data)))
        }
    })
}

fn bytes_or_none(ctx: &mut Ctx, data: Option<Outside<Vec<u8>>>) -> PyResult {
    match data {
        Some(data) => bytes::new(ctx, &data),
        None => Ok(Obj::NONE),
    }
}

/// `read(size)`.
pub(super) fn read(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    super::buffered::raw(ctx, x)?;
    let size = signed_size(ctx, args)?;
    if size < -1 {
        return Err(raise!(
            ctx,
            ValueError,
            "read length must be non-negative or -1"
        ));
    }
    let data = read_vec(ctx, x, usize::try_from(size).ok())?;
    bytes_or_none(ctx, data)
}

/// `peek(size)`: what is in the buffer, after one read if nothing is.
pub(super) fn peek(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    if let Some(size) = args.first() {
        protocol::c_ssize(ctx, size)?;
    }
    let raw = open_raw(ctx, x, "peek")?;
    turn(ctx, x, |ctx| {
        written(ctx, x, &raw)?;
        if body(x).buffers(ctx).ahead().is_empty() {
            fill(ctx, x, &raw)?;
        }
        let ahead = body(x).buffers(ctx).ahead().to_vec();
        bytes::new(ctx, &ahead)
    })
}

/// Appends what is in the buffer, or what one read gives, at most `count` bytes; false if there is nothing yet.
pub(super) fn read_once(
    ctx: &mut Ctx,
    x: &Obj,
    count: usize,
    into: &mut Vec<u8>,
) -> PyResult<bool> {
    let raw = open_raw(ctx, x, "read")?;
    turn(ctx, x, |ctx| {
        written(ctx, x, &raw)?;
        let first = take(ctx, x, count);
        if !first.is_empty() || count == 0 {
            into.extend_from_slice(&first);
            return Ok(true);
        }
        body(x).buffers(ctx).forget();
        let got = if file::exact(&raw).is_some() && count < body(x).size() {
            // The rest will be wanted too.
            let got = fill(ctx, x, &raw)?;
            let first = take(ctx, x, count);
            into.extend_from_slice(&first);
            got
        } else {
            raw_read(ctx, x, &raw, into, count)?
        };
        Ok(got.is_some())
    })
}

/// `read1(size)`.
pub(super) fn read1(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    super::buffered::raw(ctx, x)?;
    let count = match args.first() {
        Some(count) => protocol::c_ssize(ctx, count)?,
        None => -1,
    };
    let count = usize::try_from(count).unwrap_or(body(x).size());
    let mut data = Vec::new();
    read_once(ctx, x, count, &mut data)?;
    bytes::new(ctx, &data)
}

/// `readinto(buffer)`, or `readinto1`, which is content with one read.
pub(super) fn readinto(ctx: &mut Ctx, x: &Obj, into: &Obj, once: bool) -> PyResult {
    let raw = super::buffered::raw(ctx, x)?;
    let name = if once { "readinto1" } else { "readinto" };
    let (into, len) = writable_view(ctx, into, name)?;
    open_raw(ctx, x, "readinto")?;
    let mut data = Vec::new();
    let found = turn(ctx, x, |ctx| {
        if !once {
            return read_some(ctx, x, &raw, len, &mut data);
        }
        data = take(ctx, x, len);
        let left = len - data.len();
        if left > body(x).size() {
            // Past the buffer, also after what was in it.
            written(ctx, x, &raw)?;
            let got = raw_read(ctx, x, &raw, &mut data, left)?;
            return Ok(got.is_some() || !data.is_empty());
        }
        if !data.is_empty() || len == 0 {
            return Ok(true);
        }
        written(ctx, x, &raw)?;
        let got = fill(ctx, x, &raw)?;
        data = take(ctx, x, len);
        Ok(got.is_some())
    })?;
    if !found {
        return Ok(Obj::NONE);
    }
    bytes_like::write(ctx, &into, |place| {
        if let Some(place) = place.get_mut(..data.len()) {
            place.copy_from_slice(&data);
        }
    });
    int::from_usize(ctx, data.len())
}

/// The bytes up to and with the end of the line, at most `limit`.
pub(super) fn line(ctx: &mut Ctx, x: &Obj, limit: Option<usize>) -> PyResult<Outside<Vec<u8>>> {
    let raw = open_raw(ctx, x, "readline")?;
    turn(ctx, x, |ctx| {
        let limit = limit.unwrap_or(usize::MAX);
        let mut line = Outside::new(Vec::new());
        loop {
            {
                let mut buffers = body(x).buffers(ctx);
                let ahead = buffers.ahead();
                let ahead = &ahead[..ahead.len().min(limit - line.len())];
                let end = memchr::memchr(b'\n', ahead).map(|at| at + 1);
                let count = end.unwrap_or(ahead.len());
                line.extend_from_slice(buffers.take(count));
                if end.is_some() || line.len() >= limit {
                    return Ok(line);
                }
            }
            // The next buffer, and the line's own, which may become twice as long.
            let len = line.len();
            outside::room_behind(ctx, len, body(x).size())?;
            line.count();
            written(ctx, x, &raw)?;
            if matches!(fill(ctx, x, &raw)?, None | Some(0)) {
                return Ok(line);
            }
        }
    })
}

/// `readline(size)`.
pub(super) fn readline(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    super::buffered::raw(ctx, x)?;
    let limit = size(ctx, args)?;
    let line = line(ctx, x, limit)?;
    bytes::new(ctx, &line)
}

/// The next line.
pub(super) fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    if exact(x).is_some() {
        let line = line(ctx, x, None)?;
        if line.is_empty() {
            return Ok(None);
        }
        return bytes::new(ctx, &line).map(Some);
    }
    let name = crate::object::str_::intern(ctx, "readline");
    let line = protocol::call_method(ctx, x, &name, &[])?;
    if line.downcast::<PyBytes>().is_none() {
        let class = protocol::type_name(ctx, &line);
        return Err(raise!(
            ctx,
            OSError,
            "readline() should have returned a bytes object, not '{class}'"
        ));
    }
    Ok((protocol::len(ctx, &line)? > 0).then_some(line))
}

/// Goes back over what was read ahead, before writing.
pub(super) fn before_writing(ctx: &mut Ctx, x: &Obj, raw: &Obj) -> PyResult<()> {
    if body(x).buffers(ctx).input.is_empty() {
        return Ok(());
    }
    rewind(ctx, x, raw)
}
