//! `binascii`: bytes as text and back, and checksums.

use super::natives::{self, raise_of};
use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::{bytes, bytes_like, int, protocol, str_};
use crate::vm::outside;
use kit_core::thread::Ctx;
use num_traits::ToPrimitive;
use std::borrow::Cow;

fn error_class(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.binascii_error,
        "binascii",
        "Error",
        class::ValueError,
    )
}

fn fail(ctx: &mut Ctx, message: &str) -> Raised {
    let class = error_class(ctx);
    raise_of(ctx, class, message)
}

/// The ASCII bytes of an argument of the functions that decode.
fn ascii<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<Cow<'a, [u8]>> {
    if let Some(text) = str_::text_of(x) {
        if text.is_ascii() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        return Err(raise!(
            ctx,
            ValueError,
            "string argument should contain only ASCII characters"
        ));
    }
    match bytes_like::row(ctx, x)? {
        Some(data) => Ok(data),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "argument should be bytes, buffer or ASCII string, not '{class}'"
            ))
        }
    }
}

// --- Base 64 -------------------------------------------------------------------------------------

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a letter stands for; 255 for what is none.
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut at = 0;
    while at < 64 {
        values[LETTERS[at] as usize] = at as u8;
        at += 1;
    }
    values
};

fn b2a_base64(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "b2a_base64",
        params: &["data", "newline"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [data, newline] = args.bind(ctx, &SIGNATURE)?;
    let data = bytes_like::expect_buffer(ctx, data.unwrap_or(Obj::none()))?;
    let newline = newline.map_or(Ok(true), |newline| protocol::truth(ctx, newline))?;
    outside::room(ctx, data.len().saturating_mul(2))?;
    let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4 + 1);
    for group in data.chunks(3) {
        let byte = |at: usize| u32::from(*group.get(at).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            out.push(if at > group.len() {
                b'='
            } else {
                LETTERS[(bits >> (18 - 6 * at) & 63) as usize]
            });
        }
    }
    if newline {
        out.push(b'\n');
    }
    bytes::new(ctx, &out)
}

fn a2b_base64(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "a2b_base64",
        params: &["data", "strict_mode"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [data, strict] = args.bind(ctx, &SIGNATURE)?;
    let data = ascii(ctx, data.unwrap_or(Obj::none()))?;
    let strict = strict.map_or(Ok(false), |strict| protocol::truth(ctx, strict))?;
    match from_base64(&data, strict) {
        Ok(out) => bytes::new(ctx, &out),
        Err(message) => Err(fail(ctx, &message)),
    }
}

fn from_base64(data: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(data.len() / 4 * 3 + 3);
    // Letters of the present group of four, their bits, and the `=` after them.
    let (mut group, mut bits, mut padding) = (0, 0u32, 0);
    if strict && data.first() == Some(&b'=') {
        return Err("Leading padding not allowed".to_owned());
    }
    for &byte in data {
        if byte == b'=' {
            padding += 1;
            if strict && (group == 0 || group + padding > 4) {
                return Err("Excess padding not allowed".to_owned());
            }
            continue;
        }
        let value = VALUES[usize::from(byte)];
        if value == 255 {
            if strict {
                return Err("Only base64 data is allowed".to_owned());
            }
            continue;
        }
        if padding > 0 && strict {
            return Err(if group + padding >= 4 {
                "Excess data after padding".to_owned()
            } else {
                "Discontinuous padding not allowed".to_owned()
            });
        }
        padding = 0;
        match group {
            0 => bits = u32::from(value),
            1 => {
                out.push((bits << 2) as u8 | value >> 4);
                bits = u32::from(value & 15);
            }
            2 => {
                out.push((bits << 4) as u8 | value >> 2);
                bits = u32::from(value & 3);
            }
            _ => {
                out.push((bits << 6) as u8 | value);
                bits = 0;
            }
        }
        group = (group + 1) % 4;
    }
    match group {
        0 => Ok(out),
        1 => Err(format!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            out.len() / 3 * 4 + 1
        )),
        _ if group + padding >= 4 => Ok(out),
        _ => Err("Incorrect padding".to_owned()),
    }
}

// --- Hexadecimal ---------------------------------------------------------------------------------

fn hexlify(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [data, rest @ ..] = args.pos else {
        static SIGNATURE: Signature = Signature {
            name: "hexlify",
            params: &["data", "sep", "bytes_per_sep"],
            posonly: 0,
            positional: 3,
            required: 1,
        };
        let [data, sep, group] = args.bind(ctx, &SIGNATURE)?;
        let data = data.cloned().unwrap_or(Obj::NONE);
        let given: Vec<Obj> = [sep, group].into_iter().flatten().cloned().collect();
        return hexlify_with(ctx, &data, Args::positional(&given));
    };
    let rest = Args {
        pos: rest,
        names: args.names,
        values: args.values,
    };
    hexlify_with(ctx, data, rest)
}

fn hexlify_with(ctx: &mut Ctx, data: &Obj, rest: Args<'_>) -> PyResult {
    let data = bytes_like::expect_buffer(ctx, data)?;
    let data = bytes::new(ctx, &data)?;
    let text = bytes_like::methods::hex(ctx, &data, rest)?;
    let text = str_::text_of(&text).map_or_else(Vec::new, |text| {
        text.code_points().map(|point| point as u8).collect()
    });
    bytes::new(ctx, &text)
}

fn unhexlify(ctx: &mut Ctx, digits: &Obj) -> PyResult {
    let digits = ascii(ctx, digits)?;
    if digits.len() % 2 != 0 {
        return Err(fail(ctx, "Odd-length string"));
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    let pairs = digits.chunks(2);
    let data: Option<Vec<u8>> = pairs
        .map(|pair| Some((value(pair[0])? << 4 | value(pair[1])?) as u8))
        .collect();
    match data {
        Some(data) => bytes::new(ctx, &data),
        None => Err(fail(ctx, "Non-hexadecimal digit found")),
    }
}

// --- uu ------------------------------------------------------------------------------------------

fn b2a_uu(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "b2a_uu",
        params: &["data", "backtick"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [data, backtick] = args.bind(ctx, &SIGNATURE)?;
    let data = bytes_like::expect_buffer(ctx, data.unwrap_or(Obj::none()))?;
    let backtick = backtick.map_or(Ok(false), |x| protocol::truth(ctx, x))?;
    if data.len() > 45 {
        return Err(fail(ctx, "At most 45 bytes at once"));
    }
    let letter = |value: u32| match value as u8 {
        0 if backtick => b'`',
        value => value + b' ',
    };
    let mut out = vec![letter(data.len() as u32)];
    for group in data.chunks(3) {
        let byte = |at: usize| u32::from(*group.get(at).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.extend((0..4).map(|at| letter(bits >> (18 - 6 * at) & 63)));
    }
    out.push(b'\n');
    bytes::new(ctx, &out)
}

fn a2b_uu(ctx: &mut Ctx, line: &Obj) -> PyResult {
    let line = ascii(ctx, line)?;
    let Some((first, rest)) = line.split_first() else {
        return Err(fail(ctx, "Missing length byte"));
    };
    let len = usize::from(first.wrapping_sub(b' ') & 63);
    let mut letters = rest.iter().copied().peekable();
    let mut out = Vec::with_capacity(len);
    let (mut bits, mut known) = (0, 0);
    while out.len() < len {
        let value = match letters.next_if(|letter| !matches!(letter, b'\n' | b'\r')) {
            // Trailing spaces may be missing.
            None => 0,
            Some(letter @ b' '..=b'`') => letter.wrapping_sub(b' ') & 63,
            Some(_) => return Err(fail(ctx, "Illegal char")),
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        known += 6;
        if known >= 8 {
            known -= 8;
            out.push((bits >> known) as u8);
        }
    }
    if letters.any(|letter| !matches!(letter, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(fail(ctx, "Trailing garbage"));
    }
    bytes::new(ctx, &out)
}

// --- Quoted printable ----------------------------------------------------------------------------

fn a2b_qp(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "a2b_qp",
        params: &["data", "header"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [data, header] = args.bind(ctx, &SIGNATURE)?;
    let data = ascii(ctx, data.unwrap_or(Obj::none()))?;
    let header = header.map_or(Ok(false), |x| protocol::truth(ctx, x))?;
    let mut out = Vec::with_capacity(data.len());
    let mut at = 0;
    let digit = |at: usize| data.get(at).and_then(|d| char::from(*d).to_digit(16));
    while at < data.len() {
        match data[at] {
            b'=' => {
                at += 1;
                match data.get(at) {
                    None => break,
                    Some(b'\n' | b'\r') => {
                        // A soft end of the line.
                        at += data[at..]
                            .iter()
                            .position(|byte| *byte == b'\n')
                            .map_or(data.len() - at, |end| end + 1);
                    }
                    Some(b'=') => {
                        out.push(b'=');
                        at += 1;
                    }
                    Some(_) => match (digit(at), digit(at + 1)) {
                        (Some(high), Some(low)) => {
                            out.push((high << 4 | low) as u8);
                            at += 2;
                        }
                        _ => out.push(b'='),
                    },
                }
            }
            b'_' if header => {
                out.push(b' ');
                at += 1;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
    bytes::new(ctx, &out)
}

/// Most characters of a line of quoted-printable text.
const LINE: usize = 76;

fn b2a_qp(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "b2a_qp",
        params: &["data", "quotetabs", "istext", "header"],
        posonly: 0,
        positional: 4,
        required: 1,
    };
    let [data, tabs, text, header] = args.bind(ctx, &SIGNATURE)?;
    let data = bytes_like::expect_buffer(ctx, data.unwrap_or(Obj::none()))?;
    let mut flag = |x: Option<&Obj>, default| x.map_or(Ok(default), |x| protocol::truth(ctx, x));
    let (tabs, text, header) = (flag(tabs, false)?, flag(text, true)?, flag(header, false)?);
    let first_end = data.iter().position(|byte| *byte == b'\n');
    let crlf = first_end.is_some_and(|at| at > 0 && data[at - 1] == b'\r');
    let newline: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut out: Vec<u8> = Vec::with_capacity(data.len() * 2);
    let mut line = 0;
    let mut at = 0;
    while at < data.len() {
        let byte = data[at];
        let next = data.get(at + 1).copied();
        let quoted = byte > 126
            || byte == b'='
            || header && byte == b'_'
            || byte == b'.'
                && line == 0
                && (next.is_none() || matches!(next, Some(b'\n' | b'\r' | 0)))
            || !text && matches!(byte, b'\r' | b'\n')
            || matches!(byte, b'\t' | b' ') && next.is_none()
            || byte < 33 && !matches!(byte, b'\r' | b'\n' | b'\t' | b' ')
            || byte < 33
                && !matches!(byte, b'\r' | b'\n')
                && (tabs || !matches!(byte, b'\t' | b' '));
        if quoted {
            if line + 3 >= LINE {
                out.push(b'=');
                out.extend_from_slice(newline);
                line = 0;
            }
            out.extend_from_slice(format!("={byte:02X}").as_bytes());
            line += 3;
            at += 1;
            continue;
        }
        let ends = byte == b'\n' || byte == b'\r' && next == Some(b'\n');
        if text && ends {
            // Blanks before the end of a line would get lost.
            if let Some(last @ (b' ' | b'\t')) = out.last().copied() {
                out.pop();
                out.extend_from_slice(format!("={last:02X}").as_bytes());
            }
            out.extend_from_slice(newline);
            line = 0;
            at += if byte == b'\r' { 2 } else { 1 };
            continue;
        }
        if next.is_some() && next != Some(b'\n') && line + 1 >= LINE {
            out.push(b'=');
            out.extend_from_slice(newline);
            line = 0;
        }
        line += 1;
        out.push(if header && byte == b' ' { b'_' } else { byte });
        at += 1;
    }
    bytes::new(ctx, &out)
}

// --- Checksums -----------------------------------------------------------------------------------

/// What each byte does to a checksum of 32 bits.
const CRC32: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = value >> 1 ^ if value & 1 != 0 { 0xEDB8_8320 } else { 0 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

/// The CRC-32 of data after what gave `start`.
pub fn crc32_of(start: u32, data: &[u8]) -> u32 {
    !data.iter().fold(!start, |sum, byte| {
        sum >> 8 ^ CRC32[usize::from(sum as u8 ^ byte)]
    })
}

/// An optional starting value, of which the lowest bits count.
pub(super) fn start(ctx: &mut Ctx, value: Option<&Obj>, default: u32) -> PyResult<u32> {
    let Some(value) = value else {
        return Ok(default);
    };
    let value = protocol::index(ctx, value)?;
    let big = int::to_big(&value).unwrap_or_default();
    let low: num_bigint::BigInt = big & num_bigint::BigInt::from(u32::MAX);
    Ok(low.to_u32().unwrap_or(0))
}

fn crc32(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let before = start(ctx, args.get(1), 0)?;
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    int::from_i64(ctx, crc32_of(before, &data).into())
}

fn crc_hqx(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let before = start(ctx, args.get(1), 0)? as u16;
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let sum = data.iter().fold(before, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| {
            sum << 1 ^ if sum & 0x8000 != 0 { 0x1021 } else { 0 }
        })
    });
    int::from_i64(ctx, sum.into())
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let error = error_class(ctx)?;
    support::add(ctx, module, "Error", error)?;
    let incomplete = natives::exception_class(
        ctx,
        |n| &n.binascii_incomplete,
        "binascii",
        "Incomplete",
        class::Exception,
    )?;
    support::add(ctx, module, "Incomplete", incomplete)
}

/// `binascii`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "binascii",
    functions: &[
        method("a2b_base64", Native::F(a2b_base64)),
        method("a2b_hex", Native::F1(unhexlify)),
        method("a2b_qp", Native::F(a2b_qp)),
        method("a2b_uu", Native::F1(a2b_uu)),
        method("b2a_base64", Native::F(b2a_base64)),
        method("b2a_hex", Native::F(hexlify)),
        method("b2a_qp", Native::F(b2a_qp)),
        method("b2a_uu", Native::F(b2a_uu)),
        method("crc32", Native::FN(1, 2, crc32)),
        method("crc_hqx", Native::FN(2, 2, crc_hqx)),
        method("hexlify", Native::F(hexlify)),
        method("unhexlify", Native::F1(unhexlify)),
    ],
    types: &[],
    populate,
    doc: "Conversion between binary data and ASCII.",
};
