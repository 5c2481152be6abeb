//! Places in a text stream.
//!
//! A place is one number, a *cookie*: where in the buffer a decoder that is put into a certain state finds, after so many
//! bytes, a chunk of text of which so many characters come before it.
//!
//! | bytes  | field                                                         |
//! |--------|---------------------------------------------------------------|
//! | 0..8   | where the decoder starts                                      |
//! | 8..12  | the decoder's flags there                                     |
//! | 12..16 | bytes it is fed                                               |
//! | 16..20 | characters of what it makes of them that come before the place |
//! | 20     | whether it must be told that these are the last                |

use super::base::{call, retried};
use super::coder;
use super::text::{SEEKABLE, TELLING, body, open_buffer};
use super::{raise_unsupported, text_read};
use crate::error::{PyResult, raise};
use crate::object::obj::Obj;
use crate::object::slots::Comparison;
use crate::object::{bytes_like, int, protocol};
use kit_core::thread::Ctx;
use num_bigint::{BigInt, Sign};

#[derive(Clone, Copy, Default)]
struct Cookie {
    start: u64,
    flags: i32,
    feed: u32,
    skip: u32,
    ended: bool,
}

impl Cookie {
    fn pack(self, ctx: &mut Ctx) -> PyResult {
        let mut bytes = [0; 21];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.flags.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.feed.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.skip.to_le_bytes());
        bytes[20] = u8::from(self.ended);
        int::from_big(ctx, BigInt::from_bytes_le(Sign::Plus, &bytes))
    }

    fn parse(ctx: &mut Ctx, value: &Obj) -> PyResult<Cookie> {
        let value = protocol::index(ctx, value)?;
        let number = int::to_big(&value).unwrap_or_default();
        let (_, mut bytes) = number.to_bytes_le();
        if bytes.len() > 21 {
            return Err(raise!(
                ctx,
                OverflowError,
                "Python int too large to convert to C long"
            ));
        }
        bytes.resize(21, 0);
        let word = |at: usize| {
            let mut word = [0; 4];
            word.copy_from_slice(&bytes[at..at + 4]);
            u32::from_le_bytes(word)
        };
        Ok(Cookie {
            start: u64::from(word(0)) | u64::from(word(4)) << 32,
            flags: word(8) as i32,
            feed: word(12),
            skip: word(16),
            ended: bytes[20] != 0,
        })
    }
}

/// `tell()`.
pub(super) fn tell(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let below = open_buffer(ctx, x)?;
    let text = body(x);
    if !text.has(SEEKABLE) {
        return Err(raise_unsupported(ctx, "underlying stream is not seekable"));
    }
    if !text.has(TELLING) {
        return Err(raise!(
            ctx,
            OSError,
            "telling position disabled by next() call"
        ));
    }
    super::text_write::flush_pending(ctx, x)?;
    call(ctx, x, "flush", &[])?;
    ctx.critical(&text.header, |ctx| {
        let at = call(ctx, &below, "tell", &[])?;
        let (snapshot, used) = {
            let state = text.lock(ctx);
            let used = state.decoded.byte_slice(0, state.used).char_count();
            (state.snapshot.clone(), used)
        };
        let Some(snapshot) = snapshot else {
            return Ok(at);
        };
        let at = protocol::c_ssize(ctx, &at)?;
        let start = at.saturating_sub(snapshot.input.len() as i64).max(0) as u64;
        let cookie = Cookie {
            start,
            flags: snapshot.flags as i32,
            ..Cookie::default()
        };
        if used == 0 {
            return cookie.pack(ctx);
        }
        let (carry, flags) = coder::decoder_state(ctx, x)?;
        let found = find(ctx, x, cookie, &snapshot.input, used);
        let back = coder::set_decoder_state(ctx, x, &carry, flags);
        let cookie = found?;
        back?;
        cookie.pack(ctx)
    })
}

/// The place after `used` characters of what the decoder makes of `input` from the state of the cookie on.
fn find(ctx: &mut Ctx, x: &Obj, mut cookie: Cookie, input: &[u8], used: usize) -> PyResult<Cookie> {
    let mut skip = used;
    // A guess where most characters are behind: halved back until the decoder keeps nothing there and not too many are.
    let ratio = body(x).lock(ctx).ratio;
    let mut guess = ((ratio * used as f64) as usize).min(input.len());
    let mut back = 1;
    while guess > 0 {
        coder::set_decoder_state(ctx, x, b"", i64::from(cookie.flags))?;
        let count = coder::decode(ctx, x, &input[..guess], false)?.char_count();
        if count <= skip {
            let (carry, flags) = coder::decoder_state(ctx, x)?;
            if carry.is_empty() {
                cookie.flags = flags as i32;
                skip -= count;
                break;
            }
            guess -= carry.len().min(guess);
            back = 1;
        } else {
            guess -= back.min(guess);
            back *= 2;
        }
    }
    if guess == 0 {
        coder::set_decoder_state(ctx, x, b"", i64::from(cookie.flags))?;
    }
    cookie.start += guess as u64;
    if skip == 0 {
        return Ok(cookie);
    }
    // Byte by byte; a place where the decoder keeps nothing is as good as the first.
    let mut decoded = 0;
    let mut fed = 0u32;
    let mut base = cookie;
    let mut left = skip;
    for &byte in &input[guess..] {
        decoded += coder::decode(ctx, x, &[byte], false)?.char_count();
        fed += 1;
        let (carry, flags) = coder::decoder_state(ctx, x)?;
        if carry.is_empty() && decoded <= left {
            base.start += u64::from(fed);
            base.flags = flags as i32;
            left -= decoded;
            fed = 0;
            decoded = 0;
        }
        if decoded >= left {
            base.feed = fed;
            base.skip = left as u32;
            return Ok(base);
        }
    }
    decoded += coder::decode(ctx, x, b"", true)?.char_count();
    if decoded < left {
        return Err(raise!(
            ctx,
            OSError,
            "can't reconstruct logical file position"
        ));
    }
    base.feed = fed;
    base.skip = left as u32;
    base.ended = true;
    Ok(base)
}

/// `seek(cookie, whence)`.
pub(super) fn seek(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let whence = match args.get(1) {
        Some(whence) => protocol::index_i64(ctx, whence, None)?,
        None => 0,
    };
    let below = open_buffer(ctx, x)?;
    let text = body(x);
    if !text.has(SEEKABLE) {
        return Err(raise_unsupported(ctx, "underlying stream is not seekable"));
    }
    let zero = Obj::small_int(0);
    let mut to = args[0].clone();
    match whence {
        0 => {}
        1 => {
            if !protocol::equals(ctx, &to, &zero)? {
                return Err(raise_unsupported(
                    ctx,
                    "can't do nonzero cur-relative seeks",
                ));
            }
            // As good as going to where it is.
            to = call(ctx, x, "tell", &[])?;
        }
        2 => {
            if !protocol::equals(ctx, &to, &zero)? {
                return Err(raise_unsupported(
                    ctx,
                    "can't do nonzero end-relative seeks",
                ));
            }
            call(ctx, x, "flush", &[])?;
            text_read::forget_place(ctx, x);
            coder::reset_decoder(ctx, x)?;
            let at = call(ctx, &below, "seek", &[zero, Obj::small_int(2)])?;
            let at_start = !protocol::truth(ctx, &at)?;
            coder::place_encoder(ctx, x, at_start)?;
            return Ok(at);
        }
        _ => {
            return Err(raise!(
                ctx,
                ValueError,
                "invalid whence ({whence}, should be 0, 1 or 2)"
            ));
        }
    }
    if protocol::compare_truth(ctx, &to, &zero, Comparison::Lt)? {
        let shown = protocol::repr_string(ctx, &to)?;
        return Err(raise!(ctx, ValueError, "negative seek position {shown}"));
    }
    call(ctx, x, "flush", &[])?;
    let cookie = Cookie::parse(ctx, &to)?;
    ctx.critical(&text.header, |ctx| {
        let start = int::from_i64(ctx, cookie.start as i64)?;
        call(ctx, &below, "seek", &[start])?;
        text_read::forget_place(ctx, x);
        restore(ctx, x, &below, cookie)?;
        coder::place_encoder(ctx, x, cookie.start == 0 && cookie.flags == 0)?;
        Ok(to.clone())
    })
}

/// Brings the decoder to the place.
fn restore(ctx: &mut Ctx, x: &Obj, below: &Obj, cookie: Cookie) -> PyResult<()> {
    let text = body(x);
    if !text.has(super::text::DECODES) {
        return Ok(());
    }
    if cookie.start == 0 && cookie.flags == 0 {
        coder::reset_decoder(ctx, x)?;
    } else {
        coder::set_decoder_state(ctx, x, b"", i64::from(cookie.flags))?;
    }
    let snapshot = |input: Vec<u8>| super::text::Snapshot {
        flags: i64::from(cookie.flags),
        input,
    };
    if cookie.skip == 0 {
        text.lock(ctx).snapshot = Some(snapshot(Vec::new()));
        return Ok(());
    }
    let wanted = Obj::small_int(i64::from(cookie.feed));
    let input = retried(ctx, |ctx| {
        call(ctx, below, "read", std::slice::from_ref(&wanted))
    })?;
    let Some(input) = bytes_like::buffer(ctx, &input) else {
        let class = protocol::type_name(ctx, &input);
        return Err(raise!(
            ctx,
            TypeError,
            "underlying read() should have returned a bytes object, not '{class}'"
        ));
    };
    let input = input.into_owned();
    let decoded = coder::decode(ctx, x, &input, cookie.ended)?;
    let mut state = text.lock(ctx);
    state.snapshot = Some(snapshot(input));
    state.show(decoded);
    if state.decoded.char_count() < cookie.skip as usize {
        drop(state);
        return Err(raise!(ctx, OSError, "can't restore logical file position"));
    }
    state.used = state.decoded.byte_offset(cookie.skip as usize, state.ascii);
    Ok(())
}

/// `truncate(size)`.
pub(super) fn truncate(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let below = super::text::buffer(ctx, x)?;
    call(ctx, x, "flush", &[])?;
    call(ctx, &below, "truncate", args)
}
