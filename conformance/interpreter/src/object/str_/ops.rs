//! The constructor and the operators of `str`.

use super::super::args::{Args, Signature};
use super::super::index::{self, Key};
use super::super::obj::Obj;
use super::super::payload::Body;
use super::super::protocol;
use super::super::slice::PySlice;
use super::super::slots::Comparison;
use super::super::type_::PyType;
use super::super::{bytes_like, ids};
use super::{
    DATA, PyStr, allocate, codec_name, decode, from_ascii, from_buf, from_part, from_parts,
    from_point, from_wtf8, text_of, with_type,
};
use crate::error::{PyResult, no_memory, raise};
use crate::prelude::*;
use crate::text::str_repr;
use crate::text::wtf8::Wtf8Buf;
use crate::vm::thread::rt;
use core::ptr::{self, NonNull};
use kit_core::thread::Ctx;

/// `str.__new__`.
pub(super) fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "str",
        params: &["object", "encoding", "errors"],
        posonly: 0,
        positional: 3,
        required: 0,
    };
    let given = args.pos.len() + args.names.len();
    if given > 3 {
        if args.pos.len() <= 3 || class.expect::<PyType>().id != ids::STR || !args.names.is_empty()
        {
            args.at_most(ctx, "str", 3)?;
        }
        return Err(raise!(
            ctx,
            TypeError,
            "str expected at most 3 arguments, got {given}"
        ));
    }
    let [object, encoding, errors] = args.bind(ctx, &SIGNATURE)?;
    let text = match (object, encoding, errors) {
        (None, ..) => rt(ctx).short_string(b""),
        (Some(object), None, None) => protocol::str(ctx, object)?,
        (Some(object), ..) => {
            let mut names = [None, None];
            let arguments = [(encoding, "encoding"), (errors, "errors")];
            for (name, (argument, parameter)) in names.iter_mut().zip(arguments) {
                if let Some(argument) = argument {
                    if argument.is_none() && args.names.is_empty() {
                        return Err(raise!(
                            ctx,
                            TypeError,
                            "str() argument '{parameter}' must be str, not NoneType"
                        ));
                    }
                    let what = format!("str() argument '{parameter}'");
                    *name = Some(codec_name(ctx, argument, &what)?);
                }
            }
            if text_of(object).is_some() {
                return Err(raise!(ctx, TypeError, "decoding str is not supported"));
            }
            let Some(data) = bytes_like::row(ctx, object)? else {
                let class = protocol::type_name(ctx, object);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "decoding to str: need a bytes-like object, {class} found"
                ));
            };
            let [encoding, errors] = names;
            decode(
                ctx,
                &data,
                encoding.as_deref().unwrap_or("utf-8"),
                errors.as_deref().unwrap_or("strict"),
            )?
        }
    };
    match class.expect::<PyType>().id {
        ids::STR => Ok(text),
        type_id => with_type(ctx, type_id, text.expect::<PyStr>().text()),
    }
}

/// The text as an instance of `str` itself.
pub(super) fn plain(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if x.downcast_exact::<PyStr>().is_some() {
        return Ok(x.clone());
    }
    from_wtf8(ctx, x.expect::<PyStr>().text())
}

/// `repr(x)`.
pub fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = str_repr::repr(x.expect::<PyStr>().text());
    from_buf(ctx, text)
}

pub(super) fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    Ok(x.expect::<PyStr>().hash(ctx))
}

pub(super) fn len(_: &mut Ctx, x: &Obj) -> PyResult<usize> {
    Ok(x.expect::<PyStr>().char_count())
}

/// `a < b` and so on.
pub fn compare(_: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PyStr>(), b.downcast::<PyStr>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    // The order of bytes is the order of code points.
    Ok(Obj::bool(match op {
        Comparison::Eq => x.bytes() == y.bytes(),
        Comparison::Ne => x.bytes() != y.bytes(),
        _ => op.holds(x.bytes().cmp(y.bytes())),
    }))
}

/// `part in x`.
pub fn contains(ctx: &mut Ctx, x: &Obj, part: &Obj) -> PyResult<bool> {
    match text_of(part) {
        Some(part) => Ok(x.expect::<PyStr>().text().contains(part)),
        None => {
            let class = protocol::type_name(ctx, part);
            Err(raise!(
                ctx,
                TypeError,
                "'in <string>' requires string as left operand, not {class}"
            ))
        }
    }
}

/// `x[key]`.
pub fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    let body = x.expect::<PyStr>();
    if key.downcast::<PySlice>().is_none() && !index::is_index(ctx, key) {
        let class = protocol::type_name(ctx, key);
        return Err(raise!(
            ctx,
            TypeError,
            "string indices must be integers, not '{class}'"
        ));
    }
    let (text, ascii) = (body.text(), body.is_ascii());
    let bounds = match index::key(ctx, key, "string indices")? {
        Key::At(at) => {
            let point = index::place(at, body.char_count())
                .and_then(|place| text.code_point_at(place, ascii));
            return match point {
                Some(point) => from_point(ctx, point),
                None => Err(raise!(ctx, IndexError, "string index out of range")),
            };
        }
        Key::Range(bounds) => bounds,
    };
    let span = bounds.span(body.char_count());
    if span.count == 0 {
        return Ok(rt(ctx).short_string(b""));
    }
    if span.step == 1 {
        return from_part(
            ctx,
            x,
            text.slice(span.start, span.start + span.count, ascii),
        );
    }
    if ascii {
        let picked: Vec<u8> = span.indices().map(|at| text.as_bytes()[at]).collect();
        return from_ascii(ctx, &picked);
    }
    let points: Vec<u32> = text.code_points().collect();
    let picked: Wtf8Buf = span.indices().map(|at| points[at]).collect();
    from_buf(ctx, picked)
}

/// Two strings, one behind the other.
fn concat_bodies(ctx: &mut Ctx, a: &Body<PyStr>, b: &Body<PyStr>) -> PyResult {
    let (bytes, chars) = (a.len + b.len, a.chars + b.chars);
    from_parts(ctx, bytes, chars, [a.bytes(), b.bytes()].into_iter())
}

/// `a + b` for a str `a`.
pub fn concat(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let left = a.expect::<PyStr>();
    let Some(right) = b.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, b);
        return Err(raise!(
            ctx,
            TypeError,
            "can only concatenate str (not \"{class}\") to str"
        ));
    };
    if right.len == 0 && a.downcast_exact::<PyStr>().is_some() {
        return Ok(a.clone());
    }
    if left.len == 0 && b.downcast_exact::<PyStr>().is_some() {
        return Ok(b.clone());
    }
    concat_bodies(ctx, left, right)
}

/// From how many bytes on a string that grows in place gets room to spare.
const SPARE_FROM: usize = 256;

/// `left + right`, appending to `left` itself when nobody else can see that: a loop of `s += t` takes
/// time in proportion to what is appended.
pub fn concat_in_place(ctx: &mut Ctx, left: Obj, right: &Obj) -> PyResult {
    let (Some(a), Some(b)) = (
        left.downcast_exact::<PyStr>(),
        right.downcast_exact::<PyStr>(),
    ) else {
        return protocol::binary(ctx, &left, right, protocol::operator::ADD);
    };
    if b.len == 0 {
        return Ok(left);
    }
    if a.len == 0 {
        return Ok(right.clone());
    }
    if !a.header.is_unique(ctx.slot()) || a.is_interned() || left.is(right) {
        return concat_bodies(ctx, a, b);
    }
    let (bytes, chars) = (a.len + b.len, a.chars + b.chars);
    let object = left.word().as_object();
    let room = match NonNull::new(object.cast::<u8>()) {
        // SAFETY: an object starts its block, which is in use.
        Some(block) => unsafe { ctx.thread().heap.usable_size(block) },
        None => 0,
    };
    if DATA + bytes <= room {
        let (from, old) = (b.bytes().as_ptr(), a.len);
        let added = b.len;
        // SAFETY: this thread holds the only reference, so that nobody else reads the fields or
        // the text; the block has room; the right operand is another object.
        unsafe {
            let text = object.cast::<u8>().add(DATA + old);
            ptr::copy_nonoverlapping(from, text, added);
            let payload = &raw mut (*object.cast::<Body<PyStr>>()).payload;
            (*payload).len = bytes;
            (*payload).chars = chars;
            *(*payload).hash.get_mut() = 0;
        }
        return Ok(left);
    }
    let spare = if bytes >= SPARE_FROM { bytes / 4 } else { 0 };
    // SAFETY: both parts are written right below.
    let Some((string, text)) = (unsafe { allocate(ctx, bytes, chars, bytes + spare) }) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the text has room for both; the string is new, so nothing overlaps.
    unsafe {
        ptr::copy_nonoverlapping(a.bytes().as_ptr(), text, a.len);
        ptr::copy_nonoverlapping(b.bytes().as_ptr(), text.add(a.len), b.len);
    }
    Ok(string)
}

/// The pieces of an f-string, one behind the other. All are str, unless a program has replaced a constant.
pub fn join_pieces(ctx: &mut Ctx, pieces: &[Obj]) -> PyResult {
    let is_other = |piece: &&Obj| piece.downcast::<PyStr>().is_none();
    if let Some(other) = pieces.iter().find(is_other) {
        let class = protocol::type_name(ctx, other);
        return Err(raise!(
            ctx,
            TypeError,
            "a piece of an f-string must be str, not {class}"
        ));
    }
    if let [piece] = pieces {
        return plain(ctx, piece);
    }
    let (mut bytes, mut chars) = (0usize, 0usize);
    for piece in pieces {
        let body = piece.expect::<PyStr>();
        bytes += body.len;
        chars += body.chars;
    }
    if bytes <= 1 {
        // The empty string and single characters exist once.
        let text: Vec<u8> = pieces
            .iter()
            .flat_map(|piece| piece.expect::<PyStr>().bytes().to_vec())
            .collect();
        return from_ascii(ctx, &text);
    }
    let parts = pieces.iter().map(|piece| piece.expect::<PyStr>().bytes());
    from_parts(ctx, bytes, chars, parts)
}

/// `separator.join(iterable)`.
pub fn join(ctx: &mut Ctx, separator: &Obj, iterable: &Obj) -> PyResult {
    let pieces = protocol::collect_or(ctx, iterable, "can only join an iterable")?;
    let between = separator.expect::<PyStr>();
    let gaps = pieces.len().saturating_sub(1);
    let (mut bytes, mut chars) = (
        between.len.saturating_mul(gaps),
        between.chars.saturating_mul(gaps),
    );
    for (number, piece) in pieces.iter().enumerate() {
        let Some(body) = piece.downcast::<PyStr>() else {
            let class = protocol::type_name(ctx, piece);
            return Err(raise!(
                ctx,
                TypeError,
                "sequence item {number}: expected str instance, {class} found"
            ));
        };
        bytes = bytes.saturating_add(body.len);
        chars = chars.saturating_add(body.chars);
    }
    match pieces.as_slice() {
        [] => return Ok(rt(ctx).short_string(b"")),
        [piece] if piece.downcast_exact::<PyStr>().is_some() => return Ok(piece.clone()),
        _ if bytes <= 1 => return join_short(ctx, &pieces, between, bytes),
        _ => {}
    }
    if bytes > isize::MAX as usize {
        return Err(no_memory(ctx));
    }
    let parts = pieces.iter().enumerate().flat_map(|(number, piece)| {
        let before: &[u8] = if number > 0 { between.bytes() } else { b"" };
        [before, piece.expect::<PyStr>().bytes()]
    });
    from_parts(ctx, bytes, chars, parts)
}

/// As [`join`], for a result of at most one byte, wherever it comes from.
fn join_short(ctx: &mut Ctx, pieces: &[Obj], between: &Body<PyStr>, bytes: usize) -> PyResult {
    let all = pieces
        .iter()
        .flat_map(|piece| piece.expect::<PyStr>().bytes());
    let text: Vec<u8> = all.chain(between.bytes()).copied().take(bytes).collect();
    from_ascii(ctx, &text)
}

/// `x * count`.
pub(super) fn repeat(ctx: &mut Ctx, x: &Obj, count: &Obj) -> PyResult {
    let count = index::repetitions(ctx, count)?;
    let body = x.expect::<PyStr>();
    if count == 0 || body.len == 0 {
        return Ok(rt(ctx).short_string(b""));
    }
    if count == 1 {
        return plain(ctx, x);
    }
    let chars = body.char_count().checked_mul(count);
    if chars.is_none_or(|chars| isize::try_from(chars).is_err()) {
        return Err(raise!(ctx, OverflowError, "repeated string is too long"));
    }
    let (Some(bytes), chars) = (body.len.checked_mul(count), body.chars.wrapping_mul(count)) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: all of the text is written right below.
    let Some((string, text)) = (unsafe { allocate(ctx, bytes, chars, bytes) }) else {
        return Err(no_memory(ctx));
    };
    // SAFETY: the text has room for `count` times `len` bytes; each round copies what is there
    // already behind itself, up to the end.
    unsafe {
        if let [byte] = body.bytes() {
            ptr::write_bytes(text, *byte, bytes);
        } else {
            ptr::copy_nonoverlapping(body.bytes().as_ptr(), text, body.len);
            let mut done = body.len;
            while done < bytes {
                let more = done.min(bytes - done);
                ptr::copy_nonoverlapping(text, text.add(done), more);
                done += more;
            }
        }
    }
    Ok(string)
}
