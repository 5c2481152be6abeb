//! Reading text: a chunk of bytes is decoded at a time, and taken by the line or by the character.

use super::base::{call, retried, size};
use super::text::{
    DECODES, HAS_READ1, SEEKABLE, Snapshot, State, TELLING, body, is_exact, open_buffer,
};
use super::{buffered, coder, raise_unsupported, reader, text_write};
use crate::error::{PyResult, raise};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes_like, exception, protocol, str_};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside::{self, Outside};
use kit_core::thread::Ctx;

/// Forgets what was read ahead, and where that was.
pub(super) fn forget_place(ctx: &mut Ctx, x: &Obj) {
    let mut state = body(x).lock(ctx);
    state.forget();
    state.snapshot = None;
}

/// What was decoded and not taken.
fn rest(state: &State) -> &Wtf8 {
    state.decoded.byte_tail(state.used)
}

/// Takes up to `count` characters of what was decoded.
fn take(state: &mut State, count: usize) -> Wtf8Buf {
    let left = rest(state);
    let head = left.slice(0, count, state.ascii).to_buf();
    state.used += head.as_bytes().len();
    head
}

fn require(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    if !body(x).has(DECODES) {
        return Err(raise_unsupported(ctx, "not readable"));
    }
    Ok(())
}

/// Decodes the next chunk, about `hint` characters if there are so many; false at the end.
fn read_chunk(ctx: &mut Ctx, x: &Obj, below: &Obj, hint: usize) -> PyResult<bool> {
    require(ctx, x)?;
    let text = body(x);
    let before = if text.has(TELLING) {
        Some(coder::decoder_state(ctx, x)?)
    } else {
        None
    };
    let wanted = {
        let state = text.lock(ctx);
        let hint = (state.ratio.max(1.0) * hint as f64) as usize;
        state.chunk.max(hint)
    };
    let mut input = Vec::new();
    if text.has(HAS_READ1) && buffered::exact(below).is_some_and(|below| below.has(buffered::READS))
    {
        reader::read_once(ctx, below, wanted, &mut input)?;
    } else {
        let name = if text.has(HAS_READ1) { "read1" } else { "read" };
        let data = retried(ctx, |ctx| {
            call(ctx, below, name, &[Obj::small_int(wanted as i64)])
        })?;
        let Some(data) = bytes_like::buffer(ctx, &data) else {
            let class = protocol::type_name(ctx, &data);
            return Err(raise!(
                ctx,
                TypeError,
                "underlying {name}() should have returned a bytes-like object, not '{class}'"
            ));
        };
        input = data.into_owned();
    }
    let ended = input.is_empty();
    let decoded = coder::decode(ctx, x, &input, ended)?;
    let mut state = text.lock(ctx);
    let count = decoded.as_bytes().len();
    state.ratio = if count == 0 {
        0.0
    } else {
        input.len() as f64 / decoded.char_count() as f64
    };
    state.show(decoded);
    if let Some((mut carry, flags)) = before {
        carry.extend_from_slice(&input);
        state.snapshot = Some(Snapshot {
            flags,
            input: carry,
        });
    }
    Ok(!ended || count > 0)
}

/// `read(size)`.
pub(super) fn read(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let count = size(ctx, args)?;
    let below = open_buffer(ctx, x)?;
    require(ctx, x)?;
    text_write::flush_pending(ctx, x)?;
    ctx.critical(&body(x).header, |ctx| match count {
        None => read_all(ctx, x, &below),
        Some(count) => read_some(ctx, x, &below, count),
    })
}

fn read_all(ctx: &mut Ctx, x: &Obj, below: &Obj) -> PyResult {
    let data = if buffered::exact(below).is_some_and(|below| below.has(buffered::READS)) {
        reader::read_vec(ctx, below, None)?
    } else {
        let data = retried(ctx, |ctx| call(ctx, below, "read", &[]))?;
        if data.is_none() {
            None
        } else {
            let data = bytes_like::expect_buffer(ctx, &data)?;
            Some(Outside::new(data.into_owned()))
        }
    };
    let Some(data) = data else {
        return Err(exception::raise_message(
            ctx,
            exception::class::BlockingIOError,
            "Read returned None.",
        ));
    };
    let decoded = coder::decode(ctx, x, &data, true)?;
    drop(data);
    let whole = {
        let mut state = body(x).lock(ctx);
        let whole = if rest(&state).as_bytes().is_empty() {
            decoded
        } else {
            let mut whole = rest(&state).to_buf();
            whole.push_wtf8(&decoded);
            whole
        };
        state.forget();
        state.snapshot = None;
        whole
    };
    str_::from_buf(ctx, whole)
}

fn read_some(ctx: &mut Ctx, x: &Obj, below: &Obj, count: usize) -> PyResult {
    let mut text = take(&mut body(x).lock(ctx), count);
    let mut left = count - text.char_count();
    while left > 0 {
        if !read_chunk(ctx, x, below, left)? {
            break;
        }
        let more = take(&mut body(x).lock(ctx), left);
        outside::room_behind(ctx, text.as_bytes().len(), more.as_bytes().len())?;
        left -= more.char_count();
        text.push_wtf8(&more);
    }
    str_::from_buf(ctx, text)
}

/// The next line, if all of it was decoded.
#[inline]
fn line_at_hand(ctx: &Ctx, x: &Obj) -> Option<Wtf8Buf> {
    let mut state = body(x).lock(ctx);
    let newline = state.newline;
    let left = rest(&state);
    let end = newline.end_of_line(left.as_bytes())?;
    let line = left.byte_slice(0, end).to_buf();
    state.used += end;
    Some(line)
}

/// The next line, at most `limit` characters.
fn line(ctx: &mut Ctx, x: &Obj, limit: Option<usize>) -> PyResult<Wtf8Buf> {
    let below = open_buffer(ctx, x)?;
    text_write::flush_pending(ctx, x)?;
    if limit.is_none()
        && let Some(line) = line_at_hand(ctx, x)
    {
        return Ok(line);
    }
    require(ctx, x)?;
    ctx.critical(&body(x).header, |ctx| {
        let limit = limit.unwrap_or(usize::MAX);
        let mut line = Wtf8Buf::new();
        let mut count = 0;
        loop {
            // What may be half an end of a line is looked at again with what follows.
            let done = {
                let mut state = body(x).lock(ctx);
                let newline = state.newline;
                let left = rest(&state);
                if left.as_bytes().is_empty() {
                    None
                } else {
                    let (from, joined);
                    let seen: &Wtf8 = if newline == super::newline::Newline::CrLf
                        && line.as_bytes().ends_with(b"\r")
                    {
                        let mut with = Wtf8Buf::new();
                        with.push_char('\r');
                        with.push_wtf8(left);
                        joined = with;
                        from = 1;
                        &joined
                    } else {
                        from = 0;
                        left
                    };
                    let end = newline.end_of_line(seen.as_bytes()).map(|end| end - from);
                    let head = left.byte_slice(0, end.unwrap_or(left.as_bytes().len()));
                    let within = limit - count;
                    let chars = if limit == usize::MAX {
                        0
                    } else {
                        head.char_count()
                    };
                    if chars >= within && limit != usize::MAX {
                        let part = head.slice(0, within, state.ascii).to_buf();
                        state.used += part.as_bytes().len();
                        line.push_wtf8(&part);
                        Some(true)
                    } else {
                        let len = head.as_bytes().len();
                        line.push_wtf8(head);
                        count += chars;
                        state.used += len;
                        Some(end.is_some())
                    }
                }
            };
            if done == Some(true) || limit == 0 {
                return Ok(line);
            }
            let len = line.as_bytes().len();
            outside::room_behind(ctx, len, 8192)?;
            if !read_chunk(ctx, x, &below, 0)? {
                let mut state = body(x).lock(ctx);
                state.forget();
                state.snapshot = None;
                return Ok(line);
            }
        }
    })
}

/// `readline(size)`.
pub(super) fn readline(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let limit = match args.first() {
        Some(limit) => {
            let limit = protocol::c_ssize(ctx, limit)?;
            usize::try_from(limit).ok()
        }
        None => None,
    };
    let line = line(ctx, x, limit)?;
    str_::from_buf(ctx, line)
}

/// The next line.
pub(super) fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let text = body(x);
    super::text::buffer(ctx, x)?;
    text.set(TELLING, false);
    let found = if is_exact(x) {
        let line = line(ctx, x, None)?;
        if line.as_bytes().is_empty() {
            None
        } else {
            Some(str_::from_buf(ctx, line)?)
        }
    } else {
        let line = call(ctx, x, "readline", &[])?;
        if line.downcast::<PyStr>().is_none() {
            let class = protocol::type_name(ctx, &line);
            return Err(raise!(
                ctx,
                OSError,
                "readline() should have returned a str object, not '{class}'"
            ));
        }
        (protocol::len(ctx, &line)? > 0).then_some(line)
    };
    if found.is_none() {
        text.lock(ctx).snapshot = None;
        text.set(TELLING, text.has(SEEKABLE));
    }
    Ok(found)
}
