//! Strings of JSON.

use super::{Stop, expect_text, stopped};
use crate::error::{PyResult, raise};
use crate::object::obj::Obj;
use crate::object::{int, protocol, str_, tuple};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// Appends a string with its quotes.
pub fn write(ctx: &mut Ctx, output: &mut Wtf8Buf, text: &Wtf8, ascii: bool) -> PyResult<()> {
    // Six for each byte at the worst, which is rare; what is large is asked for as it may become.
    let factor = if text.byte_len() < 1 << 20 { 1 } else { 3 };
    outside::room(ctx, text.byte_len().saturating_mul(factor))?;
    output.push(u32::from(b'"'));
    let bytes = text.as_bytes();
    let plain = |byte: u8| match byte {
        b'"' | b'\\' | ..0x20 => false,
        0x7F.. => !ascii,
        _ => true,
    };
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().position(|byte| !plain(*byte));
        let end = run.map_or(bytes.len(), |run| at + run);
        output.push_wtf8(text.byte_slice(at, end));
        at = end;
        let Some(byte) = bytes.get(at) else {
            break;
        };
        if *byte < 0x80 {
            escape(output, u32::from(*byte));
            at += 1;
        } else if let Some(point) = text.byte_tail(at).code_points().next() {
            escape(output, point);
            at += match point {
                ..0x80 => 1,
                0x80..0x800 => 2,
                0x800..0x1_0000 => 3,
                _ => 4,
            };
        } else {
            break;
        }
    }
    output.push(u32::from(b'"'));
    Ok(())
}

fn escape(output: &mut Wtf8Buf, point: u32) {
    match point {
        0x22 => output.push_str("\\\""),
        0x5C => output.push_str("\\\\"),
        0x0A => output.push_str("\\n"),
        0x0D => output.push_str("\\r"),
        0x09 => output.push_str("\\t"),
        0x0C => output.push_str("\\f"),
        0x08 => output.push_str("\\b"),
        ..0x1_0000 => output.push_str(&format!("\\u{point:04x}")),
        _ => {
            let rest = point - 0x1_0000;
            let (high, low) = (0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
            output.push_str(&format!("\\u{high:04x}\\u{low:04x}"));
        }
    }
}

/// Four hexadecimal digits.
fn hexadecimal(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    let mut value = 0;
    for digit in digits {
        value = value << 4 | char::from(*digit).to_digit(16)?;
    }
    Some(value)
}

/// The string that begins at byte `start`, behind its quote, and the place behind the closing one.
pub fn read(ctx: &mut Ctx, text: &Wtf8, start: usize, strict: bool) -> Result<(Obj, usize), Stop> {
    const UNTERMINATED: &str = "Unterminated string starting at";
    let bytes = text.as_bytes();
    let begin = start.saturating_sub(1);
    let mut built: Option<Wtf8Buf> = None;
    let mut at = start;
    loop {
        let rest = &bytes[at..];
        let run = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\') || strict && *byte < 0x20);
        let Some(run) = run else {
            return Err(Stop::Wrong(UNTERMINATED, begin));
        };
        let end = at + run;
        let part = text.byte_slice(at, end);
        match bytes[end] {
            b'"' => {
                let value = match built {
                    None => str_::from_wtf8(ctx, part)?,
                    Some(mut built) => {
                        built.push_wtf8(part);
                        str_::from_buf(ctx, built)?
                    }
                };
                return Ok((value, end + 1));
            }
            b'\\' => {}
            _ => return Err(Stop::Wrong("Invalid control character at", end)),
        }
        let built = built.get_or_insert_with(Wtf8Buf::new);
        built.push_wtf8(part);
        let point = match bytes.get(end + 1) {
            None => return Err(Stop::Wrong(UNTERMINATED, begin)),
            Some(b'"') => 0x22,
            Some(b'\\') => 0x5C,
            Some(b'/') => 0x2F,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => 0x0A,
            Some(b'r') => 0x0D,
            Some(b't') => 0x09,
            Some(b'u') => {
                let Some(mut point) = hexadecimal(bytes, end + 2) else {
                    return Err(Stop::Wrong("Invalid \\uXXXX escape", end + 1));
                };
                at = end + 6;
                if (0xD800..0xDC00).contains(&point)
                    && bytes[at..].starts_with(b"\\u")
                    && let Some(low @ 0xDC00..0xE000) = hexadecimal(bytes, at + 2)
                {
                    point = 0x1_0000 + ((point - 0xD800) << 10 | (low - 0xDC00));
                    at += 6;
                }
                built.push(point);
                continue;
            }
            Some(_) => return Err(Stop::Wrong("Invalid \\escape", end)),
        };
        built.push(point);
        at = end + 2;
    }
}

/// `scanstring(string, end, strict=True)`.
pub fn scanstring(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let text = expect_text(ctx, &args[0])?;
    let start = protocol::c_ssize(ctx, &args[1])?;
    let strict = match args.get(2) {
        Some(strict) => protocol::truth(ctx, strict)?,
        None => true,
    };
    let ascii = text.is_ascii();
    let start = usize::try_from(start)
        .ok()
        .filter(|start| *start <= text.char_count());
    let Some(start) = start else {
        return Err(raise!(ctx, ValueError, "end is out of bounds"));
    };
    let start = text.byte_offset(start, ascii);
    match read(ctx, text, start, strict) {
        Ok((value, end)) => {
            let end = int::from_usize(ctx, text.char_index(end, ascii))?;
            tuple::from_vec(ctx, vec![value, end])
        }
        Err(stop) => Err(stopped(ctx, &args[0], stop)),
    }
}
