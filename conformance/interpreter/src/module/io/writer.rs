//! Writing through a buffer.

use super::buffered::{READS, body, raw, raw_write, rewind, turn};
use super::reader;
use crate::error::{PyResult, Raised, raise};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::{bytes_like, int, str_};
use crate::vm::interrupt;
use kit_core::thread::Ctx;

/// Stores the BlockingIOError of a write of which so many bytes were taken.
fn would_block(ctx: &mut Ctx, taken: usize) -> Raised {
    let Ok(text) = str_::new(ctx, "write could not complete without blocking") else {
        return crate::error::no_memory(ctx);
    };
    let args = vec![
        Obj::small_int(i64::from(libc::EAGAIN)),
        text,
        Obj::small_int(taken as i64),
    ];
    exception::raise_args(ctx, class::BlockingIOError, args)
}

/// Writes out what is to be written, on the thread's turn. What could not be written stays.
pub(super) fn flush_output(ctx: &mut Ctx, x: &Obj, raw: &Obj) -> PyResult<()> {
    let stream = body(x);
    let mut output = std::mem::take(&mut stream.buffers(ctx).output);
    let mut done = 0;
    let mut result = Ok(());
    while done < output.len() {
        match raw_write(ctx, x, raw, &output[done..]) {
            Ok(Some(count)) => {
                done += count;
                // A signal cuts a write short; its handler runs before the next one, which may wait.
                result = interrupt::check(ctx);
                if result.is_err() {
                    break;
                }
            }
            Ok(None) => {
                result = Err(would_block(ctx, 0));
                break;
            }
            Err(raised) => {
                result = Err(raised);
                break;
            }
        }
    }
    output.drain(..done);
    stream.buffers(ctx).output = output;
    result
}

/// `flush()`.
pub(super) fn flush(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let raw = raw(ctx, x)?;
    if super::buffered::is_closed(ctx, x)? {
        return Err(raise!(ctx, ValueError, "flush of closed file"));
    }
    turn(ctx, x, |ctx| {
        flush_output(ctx, x, &raw)?;
        if body(x).has(READS) {
            rewind(ctx, x, &raw)?;
        }
        Ok(Obj::NONE)
    })
}

/// `write(data)`.
pub(super) fn write(ctx: &mut Ctx, x: &Obj, data: &Obj) -> PyResult {
    let raw = raw(ctx, x)?;
    let data = bytes_like::expect_buffer(ctx, data)?;
    if super::buffered::is_closed(ctx, x)? {
        return Err(raise!(ctx, ValueError, "write to closed file"));
    }
    turn(ctx, x, |ctx| {
        // While this thread waited for its turn.
        if super::buffered::is_closed(ctx, x)? {
            return Err(raise!(ctx, ValueError, "write to closed file"));
        }
        put_now(ctx, x, &raw, &data)
    })?;
    int::from_usize(ctx, data.len())
}

/// Writes on the thread's turn.
pub(super) fn put_now(ctx: &mut Ctx, x: &Obj, raw: &Obj, data: &[u8]) -> PyResult<()> {
    let stream = body(x);
    let size = stream.size();
    if stream.has(READS) {
        reader::before_writing(ctx, x, raw)?;
    }
    {
        let mut buffers = stream.buffers(ctx);
        // What would fill a buffer goes past it.
        if data.len() < size && data.len() <= size.saturating_sub(buffers.output.len()) {
            buffers.output.extend_from_slice(data);
            buffers.output.count();
            return Ok(());
        }
    }
    if let Err(raised) = flush_output(ctx, x, raw) {
        if !exception::matches(ctx, &raised, class::BlockingIOError) {
            return Err(raised);
        }
        // As much as there is room for, now that some may have been written.
        let error = exception::take(ctx, raised);
        let mut buffers = stream.buffers(ctx);
        let room = size.saturating_sub(buffers.output.len());
        if data.len() <= room {
            buffers.output.extend_from_slice(data);
            buffers.output.count();
            return Ok(());
        }
        buffers.output.extend_from_slice(&data[..room]);
        drop(buffers);
        drop(error);
        return Err(would_block(ctx, room));
    }
    let mut done = 0;
    while data.len() - done >= size {
        match raw_write(ctx, x, raw, &data[done..]) {
            Ok(Some(count)) => {
                done += count;
                interrupt::check(ctx)?;
            }
            Ok(None) => {
                let rest = &data[done..];
                let kept = rest.len().min(size);
                let mut buffers = stream.buffers(ctx);
                *buffers.output = rest[..kept].to_vec();
                drop(buffers);
                if kept == rest.len() {
                    return Ok(());
                }
                return Err(would_block(ctx, done + kept));
            }
            Err(raised) => return Err(raised),
        }
    }
    let mut buffers = stream.buffers(ctx);
    buffers.output.extend_from_slice(&data[done..]);
    buffers.output.count();
    Ok(())
}
