//! Writing text: bytes are gathered, and go to the buffer a chunk at a time.

use super::base::{call, retried};
use super::text::{ENCODES, LINE_BUFFERING, WRITE_THROUGH, body, buffer, is_exact, open_buffer};
use super::{buffered, coder, text_read, writer};
use crate::error::{PyResult, raise};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes, int, protocol};
use crate::text::codec::Codec;
use crate::text::wtf8::Wtf8;
use kit_core::thread::Ctx;

/// `write(text)`.
pub(super) fn write(ctx: &mut Ctx, x: &Obj, text: &Obj) -> PyResult {
    let Some(string) = text.downcast::<PyStr>() else {
        let class = crate::object::str_::argument_type(ctx, text);
        return Err(raise!(
            ctx,
            TypeError,
            "write() argument must be str, not {class}"
        ));
    };
    put_text(ctx, x, string.text())?;
    int::from_usize(ctx, string.char_count())
}

/// Adds text to what is pending, if no more than that is to be done.
#[inline]
fn put_at_once(ctx: &mut Ctx, x: &Obj, text: &Wtf8) -> bool {
    let stream = body(x);
    if !is_exact(x) || !stream.only_writes() {
        return false;
    }
    let bytes = text.as_bytes();
    let mut state = stream.lock(ctx);
    let fits = matches!(state.codec, Some((Codec::Utf8, _)))
        && state.newline.written().is_none()
        && state.pending.len() + bytes.len() < state.chunk
        && stream.is_raw_open()
        && !text.has_surrogates();
    if fits {
        state.pending.extend_from_slice(bytes);
    }
    fits
}

/// Writes text to a text stream.
pub fn put_text(ctx: &mut Ctx, x: &Obj, text: &Wtf8) -> PyResult<()> {
    if put_at_once(ctx, x, text) {
        return Ok(());
    }
    open_buffer(ctx, x)?;
    let stream = body(x);
    if !stream.has(ENCODES) {
        return Err(super::raise_unsupported(ctx, "not writable"));
    }
    let newline = stream.lock(ctx).newline;
    let converted = newline.to_written(text);
    let lines =
        stream.has(LINE_BUFFERING) && memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some();
    let data = coder::encode(ctx, x, converted.as_deref().unwrap_or(text))?;
    // The buffer may itself write here.
    loop {
        let full = {
            let state = stream.lock(ctx);
            !state.pending.is_empty() && state.pending.len() + data.len() > state.chunk
        };
        if !full {
            break;
        }
        flush_pending(ctx, x)?;
    }
    let (goes, read) = {
        let mut state = stream.lock(ctx);
        state.pending.extend_from_slice(&data);
        let full = state.pending.len() >= state.chunk;
        let read = state.snapshot.is_some();
        (full || lines || stream.has(WRITE_THROUGH), read)
    };
    if goes {
        flush_pending(ctx, x)?;
    }
    if lines {
        flush_buffer(ctx, x)?;
    }
    if read {
        text_read::forget_place(ctx, x);
        coder::reset_decoder(ctx, x)?;
    }
    Ok(())
}

/// Forgets what a stream and its buffer could not write out: nobody is there to take it.
pub(super) fn give_up(ctx: &mut Ctx, x: &Obj) {
    body(x).lock(ctx).pending.clear();
    if let Ok(below) = buffer(ctx, x)
        && let Some(below) = buffered::exact(&below)
    {
        below.buffers(ctx).output.clear();
    }
}

/// Gives what is pending to the buffer.
pub(super) fn flush_pending(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    let stream = body(x);
    if stream.lock(ctx).pending.is_empty() {
        return Ok(());
    }
    let below = buffer(ctx, x)?;
    if buffered::exact(&below).is_some() {
        let raw = buffered::raw(ctx, &below)?;
        if buffered::is_closed(ctx, &below)? {
            stream.lock(ctx).pending.clear();
            return Err(raise!(ctx, ValueError, "write to closed file"));
        }
        return buffered::turn(ctx, &below, |ctx| {
            let mut data = std::mem::take(&mut stream.lock(ctx).pending);
            let result = writer::put_now(ctx, &below, &raw, &data);
            data.clear();
            let mut state = stream.lock(ctx);
            if state.pending.is_empty() && data.capacity() <= 2 * state.chunk {
                // Its room is used again.
                std::mem::swap(&mut state.pending, &mut data);
            }
            drop(state);
            drop(data);
            result
        });
    }
    let data = std::mem::take(&mut stream.lock(ctx).pending);
    let data = bytes::new(ctx, &data)?;
    let name = &names(ctx).write;
    retried(ctx, |ctx| {
        protocol::call_method(ctx, &below, name, std::slice::from_ref(&data))
    })?;
    Ok(())
}

fn flush_buffer(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let below = buffer(ctx, x)?;
    if buffered::exact(&below).is_some_and(|stream| stream.has(buffered::WRITES)) {
        return writer::flush(ctx, &below);
    }
    call(ctx, &below, "flush", &[])
}

/// `flush()`.
pub(super) fn flush(ctx: &mut Ctx, x: &Obj) -> PyResult {
    open_buffer(ctx, x)?;
    let stream = body(x);
    stream.set(super::text::TELLING, stream.has(super::text::SEEKABLE));
    flush_pending(ctx, x)?;
    flush_buffer(ctx, x)
}
