//! The methods that `bytes` and `bytearray` share.

use super::super::args::{Args, Signature};
use super::super::bytearray::PyByteArray;
use super::super::bytes::{self, PyBytes};
use super::super::index;
use super::super::memoryview::PyMemoryView;
use super::super::obj::Obj;
use super::super::str_;
use super::super::tuple::{self, PyTuple};
use super::super::{int, list, protocol};
use super::{buffer, byte, expect_buffer, make, receiver, row};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use crate::text::bytes_methods as algorithm;
use crate::vm::outside;
use alloc::borrow::Cow;
use kit_core::thread::Ctx;

// --- Tests and case ------------------------------------------------------------------------------

macro_rules! predicates {
    ($($name:ident = $test:expr;)*) => {$(
        pub(in super::super) fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let test: fn(&[u8]) -> bool = $test;
            Ok(Obj::bool(test(&receiver(ctx, x))))
        }
    )*};
}

predicates! {
    isalnum = algorithm::isalnum;
    isalpha = algorithm::isalpha;
    isascii = |data| data.is_ascii();
    isdigit = algorithm::isdigit;
    islower = algorithm::islower;
    isspace = algorithm::isspace;
    istitle = algorithm::istitle;
    isupper = algorithm::isupper;
}

macro_rules! mappings {
    ($($name:ident = $map:expr;)*) => {$(
        pub(in super::super) fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let map: fn(&[u8]) -> Vec<u8> = $map;
            let mapped = map(&receiver(ctx, x));
            make(ctx, x, &mapped)
        }
    )*};
}

mappings! {
    capitalize = algorithm::capitalize;
    lower = |data| data.to_ascii_lowercase();
    swapcase = algorithm::swapcase;
    title = algorithm::title;
    upper = |data| data.to_ascii_uppercase();
}

// --- Padding -------------------------------------------------------------------------------------

fn width(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    Ok(protocol::c_ssize(ctx, x)?.max(0) as usize)
}

/// Checks that there is room for a result of this length, of the receiver's type.
fn room(ctx: &mut Ctx, x: &Obj, len: usize) -> PyResult<()> {
    if x.downcast::<PyBytes>().is_some() {
        bytes::check_len(ctx, len)?;
    }
    outside::room(ctx, len)
}

fn pad(
    ctx: &mut Ctx,
    x: &Obj,
    args: &[Obj],
    name: &str,
    lay_out: fn(&[u8], usize, u8) -> Vec<u8>,
) -> PyResult {
    let width = width(ctx, &args[0])?;
    let fill = match args.get(1) {
        None => b' ',
        Some(fill) => match (fill.downcast::<PyMemoryView>(), buffer(ctx, fill)) {
            (None, Some(fill)) if fill.len() == 1 => fill[0],
            (None, Some(data)) => {
                let class = protocol::type_name(ctx, fill);
                let len = data.len();
                return Err(raise!(
                    ctx,
                    TypeError,
                    "{name}(): argument 2 must be a byte string of length 1, not a {class} object of length {len}"
                ));
            }
            _ => {
                let class = str_::argument_type(ctx, fill);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "{name}() argument 2 must be a byte string of length 1, not {class}"
                ));
            }
        },
    };
    room(ctx, x, width)?;
    let padded = lay_out(&receiver(ctx, x), width, fill);
    make(ctx, x, &padded)
}

pub(in super::super) fn center(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, "center", algorithm::center)
}

pub(in super::super) fn ljust(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, "ljust", algorithm::ljust)
}

pub(in super::super) fn rjust(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, "rjust", algorithm::rjust)
}

pub(in super::super) fn zfill(ctx: &mut Ctx, x: &Obj, to: &Obj) -> PyResult {
    let width = width(ctx, to)?;
    room(ctx, x, width)?;
    let padded = algorithm::zfill(&receiver(ctx, x), width);
    make(ctx, x, &padded)
}

pub(in super::super) fn expandtabs(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "expandtabs",
        params: &["tabsize"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [size] = args.bind(ctx, &SIGNATURE)?;
    let size = match size {
        Some(size) => protocol::c_int(ctx, size)?.max(0) as usize,
        None => 8,
    };
    let data = receiver(ctx, x);
    let tabs = memchr::memchr_iter(b'\t', &data).count();
    outside::room(ctx, data.len().saturating_add(tabs.saturating_mul(size)))?;
    let expanded = algorithm::expandtabs(&data, size);
    make(ctx, x, &expanded)
}

// --- Searching -----------------------------------------------------------------------------------

/// What a search looks for: bytes, or one byte given as an int.
fn needle<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<Cow<'a, [u8]>> {
    if let Some(data) = row(ctx, x)? {
        return Ok(data);
    }
    if index::is_index(ctx, x) {
        return Ok(Cow::Owned(vec![byte(ctx, x, "byte")?]));
    }
    if x.downcast::<PyMemoryView>().is_some() {
        let message = "memoryview: underlying buffer is not C-contiguous";
        return Err(raise!(ctx, BufferError, "{message}"));
    }
    let class = protocol::type_name(ctx, x);
    Err(raise!(
        ctx,
        TypeError,
        "argument should be integer or bytes-like object, not '{class}'"
    ))
}

type Search = fn(&[u8], &[u8], isize, isize) -> Option<usize>;

fn search(ctx: &mut Ctx, x: &Obj, args: &[Obj], search: Search) -> PyResult<Option<usize>> {
    let (start, end) = str_::bounds(ctx, &args[1..])?;
    let needle = needle(ctx, &args[0])?;
    Ok(search(&receiver(ctx, x), &needle, start, end))
}

fn found(ctx: &mut Ctx, place: Option<usize>) -> PyResult {
    match place {
        Some(place) => int::from_usize(ctx, place),
        None => Ok(Obj::small_int(-1)),
    }
}

fn found_or_error(ctx: &mut Ctx, place: Option<usize>) -> PyResult {
    match place {
        Some(place) => int::from_usize(ctx, place),
        None => Err(raise!(ctx, ValueError, "subsection not found")),
    }
}

pub(in super::super) fn find(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::find)?;
    found(ctx, place)
}

pub(in super::super) fn rfind(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::rfind)?;
    found(ctx, place)
}

pub(in super::super) fn index_of(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::find)?;
    found_or_error(ctx, place)
}

pub(in super::super) fn rindex(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::rfind)?;
    found_or_error(ctx, place)
}

pub(in super::super) fn count(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let total = search(ctx, x, args, |data, needle, start, end| {
        Some(algorithm::count(data, needle, start, end))
    })?;
    found(ctx, total)
}

type Affix = fn(&[u8], &[u8], isize, isize) -> bool;

fn has_affix(ctx: &mut Ctx, x: &Obj, args: &[Obj], name: &str, test: Affix) -> PyResult {
    let (start, end) = str_::bounds(ctx, &args[1..])?;
    let data = receiver(ctx, x);
    if let Some(affixes) = args[0].downcast::<PyTuple>() {
        for affix in affixes.items() {
            let affix = expect_buffer(ctx, affix)?;
            if test(&data, &affix, start, end) {
                return Ok(Obj::TRUE);
            }
        }
        return Ok(Obj::FALSE);
    }
    let affix = if args[0].downcast::<PyMemoryView>().is_some() {
        Some(expect_buffer(ctx, &args[0])?)
    } else {
        row(ctx, &args[0])?
    };
    match affix {
        Some(affix) => Ok(Obj::bool(test(&data, &affix, start, end))),
        None => {
            let class = protocol::type_name(ctx, &args[0]);
            Err(raise!(
                ctx,
                TypeError,
                "{name} first arg must be bytes or a tuple of bytes, not {class}"
            ))
        }
    }
}

pub(in super::super) fn startswith(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    has_affix(ctx, x, args, "startswith", algorithm::startswith)
}

pub(in super::super) fn endswith(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    has_affix(ctx, x, args, "endswith", algorithm::endswith)
}

// --- Cutting -------------------------------------------------------------------------------------

fn parts(ctx: &mut Ctx, x: &Obj, parts: Vec<&[u8]>) -> PyResult {
    let mut items = Vec::with_capacity(parts.len());
    for part in parts {
        outside::relieve(ctx);
        items.push(make(ctx, x, part)?);
    }
    list::from_vec(ctx, items)
}

type SplitSpace = fn(&[u8], usize) -> Vec<&[u8]>;
type SplitAt = for<'a> fn(&'a [u8], &[u8], usize) -> Vec<&'a [u8]>;

fn split_with(
    ctx: &mut Ctx,
    x: &Obj,
    args: Args<'_>,
    signature: &Signature,
    at_space: SplitSpace,
    at: SplitAt,
) -> PyResult {
    let [separator, most] = args.bind(ctx, signature)?;
    let most = match most {
        Some(most) => protocol::c_ssize(ctx, most)?,
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let data = receiver(ctx, x);
    match separator {
        Some(separator) if !separator.is_none() => {
            let separator = expect_buffer(ctx, separator)?;
            if separator.is_empty() {
                return Err(raise!(ctx, ValueError, "empty separator"));
            }
            let len = data.len() / separator.len();
            outside::room_for_parts(ctx, len, most, || {
                memchr::memmem::find_iter(&data, &separator).count()
            })?;
            parts(ctx, x, at(&data, &separator, most))
        }
        _ => {
            outside::room_for_parts(ctx, data.len(), most, || {
                let space = |byte: u8| byte.is_ascii_whitespace() || byte == 0x0b;
                let pairs = data.windows(2);
                pairs
                    .filter(|pair| space(pair[0]) && !space(pair[1]))
                    .count()
                    + 1
            })?;
            parts(ctx, x, at_space(&data, most))
        }
    }
}

pub(in super::super) fn split(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "split",
        params: &["sep", "maxsplit"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let (space, at) = (algorithm::split_whitespace, algorithm::split);
    split_with(ctx, x, args, &SIGNATURE, space, at)
}

pub(in super::super) fn rsplit(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "rsplit",
        params: &["sep", "maxsplit"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let (space, at) = (algorithm::rsplit_whitespace, algorithm::rsplit);
    split_with(ctx, x, args, &SIGNATURE, space, at)
}

pub(in super::super) fn splitlines(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "splitlines",
        params: &["keepends"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [keep] = args.bind(ctx, &SIGNATURE)?;
    let keep = match keep {
        Some(keep) => protocol::truth(ctx, keep)?,
        None => false,
    };
    let data = receiver(ctx, x);
    outside::room_for_parts(ctx, data.len(), usize::MAX, || {
        memchr::memchr2_iter(b'\n', b'\r', &data).count()
    })?;
    parts(ctx, x, algorithm::splitlines(&data, keep))
}

fn triple(ctx: &mut Ctx, x: &Obj, parts: [&[u8]; 3]) -> PyResult {
    let mut items = Vec::with_capacity(3);
    for part in parts {
        items.push(make(ctx, x, part)?);
    }
    tuple::from_vec(ctx, items)
}

/// What parts `x`: a bytearray copies it first, in a row or not.
fn separator<'a>(ctx: &mut Ctx, x: &Obj, separator: &'a Obj) -> PyResult<Cow<'a, [u8]>> {
    if x.downcast::<PyByteArray>().is_some()
        && separator.downcast::<PyMemoryView>().is_some()
        && let Some(data) = super::data(ctx, separator)?
    {
        return Ok(data);
    }
    expect_buffer(ctx, separator)
}

/// The two parts of `x` and what is between them: of bytes the separator as it was given.
fn parted(
    ctx: &mut Ctx,
    x: &Obj,
    before: &[u8],
    by: &Obj,
    separator: &[u8],
    after: &[u8],
) -> PyResult {
    if x.downcast::<PyBytes>().is_none() {
        return triple(ctx, x, [before, separator, after]);
    }
    let (before, after) = (make(ctx, x, before)?, make(ctx, x, after)?);
    tuple::from_vec(ctx, vec![before, by.clone(), after])
}

pub(in super::super) fn partition(ctx: &mut Ctx, x: &Obj, by: &Obj) -> PyResult {
    let separator = separator(ctx, x, by)?;
    if separator.is_empty() {
        return Err(raise!(ctx, ValueError, "empty separator"));
    }
    let data = receiver(ctx, x);
    match algorithm::partition(&data, &separator) {
        Some((before, after)) => parted(ctx, x, before, by, &separator, after),
        None if x.downcast::<PyBytes>().is_some() => {
            let empty = bytes::new(ctx, b"")?;
            tuple::from_vec(ctx, vec![x.clone(), empty.clone(), empty])
        }
        None => triple(ctx, x, [&data, b"", b""]),
    }
}

pub(in super::super) fn rpartition(ctx: &mut Ctx, x: &Obj, by: &Obj) -> PyResult {
    let separator = separator(ctx, x, by)?;
    if separator.is_empty() {
        return Err(raise!(ctx, ValueError, "empty separator"));
    }
    let data = receiver(ctx, x);
    match algorithm::rpartition(&data, &separator) {
        Some((before, after)) => parted(ctx, x, before, by, &separator, after),
        None if x.downcast::<PyBytes>().is_some() => {
            let empty = bytes::new(ctx, b"")?;
            tuple::from_vec(ctx, vec![empty.clone(), empty, x.clone()])
        }
        None => triple(ctx, x, [b"", b"", &data]),
    }
}

type StripSpace = fn(&[u8]) -> &[u8];
type StripSet = for<'a> fn(&'a [u8], &[u8]) -> &'a [u8];

fn strip_with(ctx: &mut Ctx, x: &Obj, args: &[Obj], space: StripSpace, set: StripSet) -> PyResult {
    let data = receiver(ctx, x);
    let left = match args.first() {
        Some(chosen) if !chosen.is_none() => {
            let chosen = expect_buffer(ctx, chosen)?;
            set(&data, &chosen)
        }
        _ => space(&data),
    };
    make(ctx, x, left)
}

pub(in super::super) fn strip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    strip_with(ctx, x, args, algorithm::strip, algorithm::strip_bytes)
}

pub(in super::super) fn lstrip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (space, set) = (algorithm::strip_start, algorithm::strip_start_bytes);
    strip_with(ctx, x, args, space, set)
}

pub(in super::super) fn rstrip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (space, set) = (algorithm::strip_end, algorithm::strip_end_bytes);
    strip_with(ctx, x, args, space, set)
}

pub(in super::super) fn removeprefix(ctx: &mut Ctx, x: &Obj, prefix: &Obj) -> PyResult {
    let (prefix, data) = (expect_buffer(ctx, prefix)?, receiver(ctx, x));
    let left = data.strip_prefix(&*prefix).unwrap_or(&data);
    make(ctx, x, left)
}

pub(in super::super) fn removesuffix(ctx: &mut Ctx, x: &Obj, suffix: &Obj) -> PyResult {
    let (suffix, data) = (expect_buffer(ctx, suffix)?, receiver(ctx, x));
    let left = data.strip_suffix(&*suffix).unwrap_or(&data);
    make(ctx, x, left)
}

// --- Building ------------------------------------------------------------------------------------

pub(in super::super) fn replace(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let old = expect_buffer(ctx, &args[0])?;
    let new = expect_buffer(ctx, &args[1])?;
    let count = match args.get(2) {
        Some(count) => protocol::c_ssize(ctx, count)?,
        None => -1,
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let data = receiver(ctx, x);
    let most = data.len() / old.len().max(1) + 1;
    let grown = |found: usize| data.len().saturating_add(found.saturating_mul(new.len()));
    if !outside::fits(grown(most.min(count))) {
        let found = algorithm::count(&data, &old, 0, isize::MAX);
        outside::room(ctx, grown(found.min(count)))?;
    }
    let replaced = algorithm::replace(&data, &old, &new, count);
    make(ctx, x, &replaced)
}

pub(in super::super) fn join(ctx: &mut Ctx, x: &Obj, iterable: &Obj) -> PyResult {
    let Some(array) = x.downcast::<PyByteArray>() else {
        return join_with(ctx, x, iterable);
    };
    // The iterator may not resize what stands between the items.
    array.export(ctx);
    let joined = join_with(ctx, x, iterable);
    array.unexport();
    joined
}

fn join_with(ctx: &mut Ctx, x: &Obj, iterable: &Obj) -> PyResult {
    let items = protocol::collect_or(ctx, iterable, "can only join an iterable")?;
    let mut pieces = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        match row(ctx, item)? {
            Some(piece) => pieces.push(piece),
            None => {
                let class = protocol::type_name(ctx, item);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "sequence item {number}: expected a bytes-like object, {class} found"
                ));
            }
        }
    }
    if let ([item], Some(_)) = (items.as_slice(), x.downcast::<PyBytes>())
        && item.downcast_exact::<PyBytes>().is_some()
    {
        return Ok(item.clone());
    }
    let total: usize = pieces.iter().map(|piece| piece.len()).sum();
    let between = receiver(ctx, x).len().saturating_mul(pieces.len());
    outside::room(ctx, total.saturating_add(between))?;
    let joined = algorithm::join(&receiver(ctx, x), pieces.iter().map(|piece| &**piece));
    make(ctx, x, &joined)
}

pub(in super::super) fn translate(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "translate",
        params: &["", "delete"],
        posonly: 1,
        positional: 2,
        required: 1,
    };
    let [table, delete] = args.bind(ctx, &SIGNATURE)?;
    let table = match table {
        Some(table) if !table.is_none() => {
            let table = expect_buffer(ctx, table)?;
            match <[u8; 256]>::try_from(&*table) {
                Ok(table) => Some(table),
                Err(_) => {
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "translation table must be 256 characters long"
                    ));
                }
            }
        }
        _ => None,
    };
    let delete = match delete {
        Some(delete) => expect_buffer(ctx, delete)?,
        None => Cow::Borrowed(&[][..]),
    };
    let translated = algorithm::translate(&receiver(ctx, x), table.as_ref(), &delete);
    make(ctx, x, &translated)
}

pub(in super::super) fn maketrans(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "bytes.maketrans")?;
    args.check(ctx, "maketrans", 2, 2)?;
    let from = expect_buffer(ctx, &args.pos[0])?;
    let to = expect_buffer(ctx, &args.pos[1])?;
    if from.len() != to.len() {
        return Err(raise!(
            ctx,
            ValueError,
            "maketrans arguments must have same length"
        ));
    }
    let mut table: [u8; 256] = core::array::from_fn(|byte| byte as u8);
    for (from, to) in from.iter().zip(to.iter()) {
        table[usize::from(*from)] = *to;
    }
    bytes::new(ctx, &table)
}

// --- Text ----------------------------------------------------------------------------------------

pub(in super::super) fn decode(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "decode",
        params: &["encoding", "errors"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    if str_::names_utf8(&args)
        && let Some(body) = x.downcast::<PyBytes>()
        && let Ok(text) = core::str::from_utf8(body.data())
    {
        return str_::new(ctx, text);
    }
    let (encoding, errors) = str_::codec_arguments(ctx, args, &SIGNATURE)?;
    let data = receiver(ctx, x);
    str_::decode(ctx, &data, &encoding, &errors)
}

pub(crate) fn hex(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "hex",
        params: &["sep", "bytes_per_sep"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [separator, group] = args.bind(ctx, &SIGNATURE)?;
    let group = match group {
        Some(group) => protocol::c_int(ctx, group)?,
        None => 1,
    };
    let separator = match separator {
        None => None,
        Some(separator) => {
            if protocol::len(ctx, separator)? != 1 {
                return Err(raise!(ctx, ValueError, "sep must be length 1."));
            }
            let text = str_::text_of(separator).map(|text| Cow::Borrowed(text.as_bytes()));
            let Some(text) = text.or_else(|| buffer(ctx, separator)) else {
                return Err(raise!(ctx, TypeError, "sep must be str or bytes."));
            };
            match &*text {
                [byte] if byte.is_ascii() => Some(*byte),
                _ => return Err(raise!(ctx, ValueError, "sep must be ASCII.")),
            }
        }
    };
    let text = algorithm::hex(&receiver(ctx, x), separator, group as isize);
    str_::new(ctx, &text)
}

pub(in super::super) fn getnewargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let data = receiver(ctx, x);
    let copy = bytes::new(ctx, &data)?;
    tuple::from_vec(ctx, vec![copy])
}
