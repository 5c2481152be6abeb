//! How a text stream converts: by a codec of the interpreter's own, without objects, or by the incremental encoder and
//! decoder that the codec of a name has.

use super::base::{attribute, call, is_text};
use super::newline::{self, Ends};
use super::text::{DECODES, ENCODES, body};
use crate::error::{PyResult, raise};
use crate::module::codecs::registry;
use crate::object::bytes::PyBytes;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_id_of;
use crate::object::{bytes, bytes_like, exception, ids, int, protocol, str_, tuple};
use crate::text::codec::{self, Codec, Errors};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use kit_core::thread::Ctx;
use std::borrow::Cow;

/// The codec of a name that needs no objects.
fn plain(encoding: &str) -> Option<Codec> {
    let name: String = encoding
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match name.as_str() {
        "utf8" | "u8" => Some(Codec::Utf8),
        "latin1" | "iso88591" | "l1" => Some(Codec::Latin1),
        "ascii" | "usascii" | "646" => Some(Codec::Ascii),
        _ => None,
    }
}

/// The codec and error handler that need no objects, for these names.
pub fn native(encoding: &str, errors: &str) -> Option<(Codec, Errors)> {
    let handler = match Errors::from_name(errors)? {
        Errors::SurrogatePass | Errors::XmlCharRefReplace => return None,
        handler => handler,
    };
    Some((plain(encoding)?, handler))
}

/// Looks up the codec of a stream, and makes what it needs of objects; the stream knows its encoding and errors.
pub(super) fn set_up(ctx: &mut Ctx, x: &Obj, encoding: &str, errors: &str) -> PyResult<()> {
    let text = body(x);
    let native = native(encoding, errors);
    text.lock(ctx).codec = native;
    if native.is_some() {
        return Ok(());
    }
    let codec = registry::lookup_text(ctx, encoding, "codecs.open()")?;
    let errors = str_::new(ctx, errors)?;
    if text.has(DECODES) {
        let make = attribute(ctx, &codec, "incrementaldecoder")?;
        let mut decoder = protocol::call(ctx, &make, std::slice::from_ref(&errors))?;
        let kind = text.lock(ctx).newline;
        if kind.is_universal() {
            decoder = newline::make(ctx, decoder, kind == newline::Newline::Universal)?;
        }
        text.decoder.set(ctx, &text.header, Some(decoder));
    }
    if text.has(ENCODES) {
        let make = attribute(ctx, &codec, "incrementalencoder")?;
        let encoder = protocol::call(ctx, &make, &[errors])?;
        text.encoder.set(ctx, &text.header, Some(encoder));
    }
    Ok(())
}

// --- Decoding ------------------------------------------------------------------------------------

/// Decodes the next part of the input.
pub(super) fn decode(ctx: &mut Ctx, x: &Obj, input: &[u8], last: bool) -> PyResult<Wtf8Buf> {
    outside::room(ctx, input.len().saturating_mul(2))?;
    let text = body(x);
    if text.lock(ctx).codec.is_none() {
        let input = bytes::new(ctx, input)?;
        return decode_object(ctx, x, &input, last);
    }
    let failed = {
        let mut state = text.lock(ctx);
        let Some((codec, errors)) = state.codec else {
            return Ok(Wtf8Buf::new());
        };
        let joined;
        let data = if state.carry.is_empty() {
            input
        } else {
            joined = [&state.carry, input].concat();
            &joined
        };
        let whole = if last || codec != Codec::Utf8 {
            data.len()
        } else {
            data.len() - codec::utf8_incomplete_tail(data)
        };
        match codec::decode(codec, &data[..whole], errors) {
            Ok(decoded) => {
                let rest = data[whole..].to_vec();
                state.carry = rest;
                if !state.newline.is_universal() {
                    return Ok(decoded);
                }
                let translate = state.newline == newline::Newline::Universal;
                return Ok(state.ends.pass(decoded, translate, last));
            }
            Err(error) => (error, data.to_vec()),
        }
    };
    let (error, data) = failed;
    let name = error.codec.name();
    Err(exception::unicode::raise_decode_error(
        ctx,
        name,
        &data,
        error.start,
        error.end,
        error.reason,
    ))
}

fn decode_object(ctx: &mut Ctx, x: &Obj, input: &Obj, last: bool) -> PyResult<Wtf8Buf> {
    let decoder = decoder(ctx, x)?;
    let decoded = if type_id_of(&decoder) == ids::NEWLINE_DECODER {
        newline::decode(ctx, &decoder, input, last)?
    } else {
        call(ctx, &decoder, "decode", &[input.clone(), Obj::bool(last)])?
    };
    if !is_text(&decoded) {
        let class = protocol::type_name(ctx, &decoded);
        return Err(raise!(
            ctx,
            TypeError,
            "decoder should return a string result, not '{class}'"
        ));
    }
    Ok(decoded.expect::<PyStr>().text().to_buf())
}

fn decoder(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = body(x);
    match text.decoder.get(ctx, &text.header) {
        Some(decoder) => Ok(decoder),
        None => Err(super::raise_unsupported(ctx, "not readable")),
    }
}

/// What the decoder keeps back, and its flags.
pub(super) fn decoder_state(ctx: &mut Ctx, x: &Obj) -> PyResult<(Vec<u8>, i64)> {
    let text = body(x);
    {
        let state = text.lock(ctx);
        if state.codec.is_some() {
            return Ok((state.carry.clone(), i64::from(state.ends.pending)));
        }
    }
    let decoder = decoder(ctx, x)?;
    let state = call(ctx, &decoder, "getstate", &[])?;
    let pair = match state.downcast::<PyTuple>().map(|pair| pair.items()) {
        Some([buffer, flags]) => (buffer.clone(), flags.clone()),
        _ => return Err(raise!(ctx, TypeError, "illegal decoder state")),
    };
    let Some(buffer) = pair.0.downcast::<PyBytes>() else {
        let class = protocol::type_name(ctx, &pair.0);
        return Err(raise!(
            ctx,
            TypeError,
            "illegal decoder state: the first item should be a bytes object, not '{class}'"
        ));
    };
    let flags = protocol::index_i64(ctx, &pair.1, None)?;
    Ok((buffer.data().to_vec(), flags))
}

/// Puts the decoder into a state.
pub(super) fn set_decoder_state(ctx: &mut Ctx, x: &Obj, carry: &[u8], flags: i64) -> PyResult<()> {
    let text = body(x);
    {
        let mut state = text.lock(ctx);
        if state.codec.is_some() {
            state.carry = carry.to_vec();
            if state.newline.is_universal() {
                state.ends.pending = flags & 1 != 0;
            }
            return Ok(());
        }
    }
    let decoder = decoder(ctx, x)?;
    let carry = bytes::new(ctx, carry)?;
    let flags = int::from_i64(ctx, flags)?;
    let state = tuple::from_vec(ctx, vec![carry, flags])?;
    call(ctx, &decoder, "setstate", &[state]).map(drop)
}

/// Puts the decoder into the state it began with.
pub(super) fn reset_decoder(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    let text = body(x);
    {
        let mut state = text.lock(ctx);
        if state.codec.is_some() {
            state.carry.clear();
            state.ends = Ends::default();
            return Ok(());
        }
    }
    let Some(decoder) = text.decoder.get(ctx, &text.header) else {
        return Ok(());
    };
    call(ctx, &decoder, "reset", &[]).map(drop)
}

/// The kinds of ends of lines that were read.
pub(super) fn newlines(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = body(x);
    let native = {
        let state = text.lock(ctx);
        state.codec.map(|_| (state.newline, state.ends))
    };
    match native {
        Some((newline, ends)) if newline.is_universal() => ends.newlines(ctx),
        Some(_) => Ok(Obj::NONE),
        None => match text.decoder.get(ctx, &text.header) {
            Some(decoder) => {
                let name = str_::intern(ctx, "newlines");
                Ok(protocol::find_attr(ctx, &decoder, &name)?.unwrap_or(Obj::NONE))
            }
            None => Ok(Obj::NONE),
        },
    }
}

// --- Encoding ------------------------------------------------------------------------------------

/// Encodes text that is written next.
pub(super) fn encode<'a>(ctx: &mut Ctx, x: &Obj, text: &'a Wtf8) -> PyResult<Cow<'a, [u8]>> {
    let native = body(x).lock(ctx).codec;
    match native {
        Some((Codec::Utf8, _)) if !text.has_surrogates() => Ok(Cow::Borrowed(text.as_bytes())),
        Some((codec, errors)) => match codec::encode(codec, text, errors) {
            Ok(data) => Ok(Cow::Owned(data)),
            Err(error) => {
                let text = str_::from_wtf8(ctx, text)?;
                let name = error.codec.name();
                Err(exception::unicode::raise_encode_error(
                    ctx,
                    name,
                    text,
                    error.start,
                    error.end,
                    error.reason,
                ))
            }
        },
        None => {
            let string = str_::from_wtf8(ctx, text)?;
            encode_object(ctx, x, &string).map(Cow::Owned)
        }
    }
}

fn encode_object(ctx: &mut Ctx, x: &Obj, string: &Obj) -> PyResult<Vec<u8>> {
    let text = body(x);
    let Some(encoder) = text.encoder.get(ctx, &text.header) else {
        return Err(super::raise_unsupported(ctx, "not writable"));
    };
    let data = call(ctx, &encoder, "encode", std::slice::from_ref(string))?;
    if data.downcast::<PyBytes>().is_none() {
        let class = protocol::type_name(ctx, &data);
        return Err(raise!(
            ctx,
            TypeError,
            "encoder should return a bytes object, not '{class}'"
        ));
    }
    Ok(bytes_like::expect_buffer(ctx, &data)?.into_owned())
}

/// Tells the encoder whether it is at the start of the stream, where some encodings put a mark.
pub(super) fn place_encoder(ctx: &mut Ctx, x: &Obj, at_start: bool) -> PyResult<()> {
    let text = body(x);
    let Some(encoder) = text.encoder.get(ctx, &text.header) else {
        return Ok(());
    };
    if at_start {
        call(ctx, &encoder, "reset", &[]).map(drop)
    } else {
        call(ctx, &encoder, "setstate", &[Obj::small_int(0)]).map(drop)
    }
}
