//! UTF-7: text in ASCII, the rest as base 64 of UTF-16 between `+` and `-`.

use super::{errors_argument, is_final, pair, string_argument, text_pair};
use crate::error::PyResult;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes, bytes_like, str_};
use crate::text::wtf8::Wtf8Buf;
use kit_core::thread::Ctx;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn value(byte: u8) -> Option<u32> {
    let at = LETTERS.iter().position(|letter| *letter == byte)?;
    Some(at as u32)
}

/// Whether a code point stands for itself.
fn is_direct(point: u32) -> bool {
    u8::try_from(point).is_ok_and(|byte| {
        byte.is_ascii_alphanumeric() || b"'(),-./:? \t\r\n!\"#$%&*;<=>@[]^_`{|}".contains(&byte)
    })
}

/// `utf_7_encode(str, errors)`.
pub fn encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "utf_7_encode";
    let string: &Obj = string_argument(ctx, args, name)?;
    let string = string.expect::<PyStr>();
    errors_argument(ctx, args, 1, name)?;
    let mut out = Vec::with_capacity(string.bytes().len());
    let (mut inside, mut bits, mut count) = (false, 0u32, 0);
    for point in string.text().code_points() {
        if is_direct(point) {
            if inside {
                if count > 0 {
                    out.push(LETTERS[(bits << (6 - count) & 63) as usize]);
                }
                (bits, count, inside) = (0, 0, false);
                // Only what could be read as part of it needs an end.
                if point == u32::from(b'-') || value(point as u8).is_some() {
                    out.push(b'-');
                }
            }
            out.push(point as u8);
            continue;
        }
        if !inside {
            out.push(b'+');
            if point == u32::from(b'+') {
                out.push(b'-');
                continue;
            }
            inside = true;
        }
        let mut units = [point, 0];
        let mut len = 1;
        if point >= 0x1_0000 {
            units = [
                0xD800 + ((point - 0x1_0000) >> 10),
                0xDC00 + (point & 0x3FF),
            ];
            len = 2;
        }
        for unit in &units[..len] {
            bits = bits << 16 | unit;
            count += 16;
            while count >= 6 {
                count -= 6;
                out.push(LETTERS[(bits >> count & 63) as usize]);
            }
            bits &= (1 << count) - 1;
        }
    }
    if inside {
        if count > 0 {
            out.push(LETTERS[(bits << (6 - count) & 63) as usize]);
        }
        out.push(b'-');
    }
    let data = bytes::new(ctx, &out)?;
    pair(ctx, data, string.char_count())
}

/// Appends a unit of UTF-16: the second half of a pair joins the first one.
fn push_unit(text: &mut Wtf8Buf, high: &mut Option<u32>, unit: u32) {
    if let Some(first) = high.take() {
        if (0xDC00..0xE000).contains(&unit) {
            text.push(0x1_0000 + ((first - 0xD800) << 10) + (unit - 0xDC00));
            return;
        }
        text.push(first);
    }
    if (0xD800..0xDC00).contains(&unit) {
        *high = Some(unit);
    } else {
        text.push(unit);
    }
}

/// `utf_7_decode(bytes, errors, final)`.
pub fn decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "utf_7_decode";
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let last = is_final(ctx, args, 2, false)?;
    let mut text = Wtf8Buf::with_capacity(data.len());
    let mut at = 0;
    // Where the present part in base 64 begins, and the text before it.
    let mut shift: Option<(usize, usize)> = None;
    let (mut bits, mut count, mut high) = (0u32, 0, None);
    while at < data.len() {
        let byte = data[at];
        if let Some((start, _)) = shift {
            if let Some(six) = value(byte) {
                bits = bits << 6 | six;
                count += 6;
                at += 1;
                if count >= 16 {
                    count -= 16;
                    push_unit(&mut text, &mut high, bits >> count & 0xFFFF);
                    bits &= (1 << count) - 1;
                }
                continue;
            }
            shift = None;
            if let Some(lone) = high.take() {
                text.push(lone);
            }
            let reason = if at == start + 1 && byte != b'-' {
                Some("ill-formed sequence")
            } else if count >= 6 {
                Some("partial character in base64 sequence")
            } else if bits != 0 {
                Some("non-zero padding bits in base64 sequence")
            } else {
                None
            };
            (bits, count) = (0, 0);
            if let Some(reason) = reason {
                let fault = (start, at + usize::from(byte == b'-'), reason);
                let fault = (fault.0, fault.1.max(at), fault.2);
                at = str_::handle_decode_error(ctx, "utf7", &data, fault, &errors, &mut text)?
                    .max(start + 1);
                continue;
            }
            if byte == b'-' {
                at += 1;
            }
            continue;
        }
        match byte {
            b'+' if data.get(at + 1) == Some(&b'-') => {
                text.push(b'+'.into());
                at += 2;
            }
            b'+' => {
                shift = Some((at, text.byte_len()));
                at += 1;
            }
            0..0x80 => {
                text.push(byte.into());
                at += 1;
            }
            _ => {
                let fault = (at, at + 1, "unexpected special character");
                at = str_::handle_decode_error(ctx, "utf7", &data, fault, &errors, &mut text)?;
            }
        }
    }
    let mut read = at;
    if let Some((start, len)) = shift {
        if last {
            if count >= 6 || bits != 0 || high.is_some() {
                let fault = (start, data.len(), "unterminated shift sequence");
                str_::handle_decode_error(ctx, "utf7", &data, fault, &errors, &mut text)?;
            }
        } else {
            // Read again with what follows.
            let mut before = Wtf8Buf::with_capacity(len);
            before.push_wtf8(text.byte_slice(0, len));
            text = before;
            read = start;
        }
    }
    text_pair(ctx, text, read)
}
