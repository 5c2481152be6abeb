//! What `bytes` and `bytearray` have in common: their methods, `%`, and reading the bytes of others.
//!
//! A receiver's data is looked at in place for bytes, which never change, and as a copy of one moment
//! for the others. Results are of the receiver's type.

use super::args::{Args, Signature};
use super::bytearray::{self, PyByteArray};
use super::bytes::{self, PyBytes};
use super::exception::{self, class};
use super::index;
use super::memoryview::PyMemoryView;
use super::names::names;
use super::obj::Obj;
use super::percent::{Arguments, number};
use super::str_::{self, PyStr};
use super::tuple::{self, PyTuple};
use super::type_::type_of;
use super::{int, list, protocol};
use crate::error::{OrRaise, PyResult, Raised, fault, no_memory, raise};
use crate::text::bytes_methods as algorithm;
use crate::text::wtf8::Wtf8;
use crate::text::{percent, str_repr};
use kit_core::thread::Ctx;
use std::borrow::Cow;

/// The methods both types have, followed by those given.
macro_rules! methods {
    ($($own:expr,)*) => {
        &[
            method("__getnewargs__", Native::M0(bytes_like::getnewargs)),
            method("capitalize", Native::M0(bytes_like::capitalize)),
            method("center", Native::MN(1, 2, bytes_like::center)),
            method("count", Native::MN(1, 3, bytes_like::count)),
            method("decode", Native::MA(bytes_like::decode)),
            method("endswith", Native::MN(1, 3, bytes_like::endswith)),
            method("expandtabs", Native::MA(bytes_like::expandtabs)),
            method("find", Native::MN(1, 3, bytes_like::find)),
            method("hex", Native::MA(bytes_like::hex)),
            method("index", Native::MN(1, 3, bytes_like::index_of)),
            method("isalnum", Native::M0(bytes_like::isalnum)),
            method("isalpha", Native::M0(bytes_like::isalpha)),
            method("isascii", Native::M0(bytes_like::isascii)),
            method("isdigit", Native::M0(bytes_like::isdigit)),
            method("islower", Native::M0(bytes_like::islower)),
            method("isspace", Native::M0(bytes_like::isspace)),
            method("istitle", Native::M0(bytes_like::istitle)),
            method("isupper", Native::M0(bytes_like::isupper)),
            method("join", Native::M1(bytes_like::join)),
            method("ljust", Native::MN(1, 2, bytes_like::ljust)),
            method("lower", Native::M0(bytes_like::lower)),
            method("lstrip", Native::MN(0, 1, bytes_like::lstrip)),
            method("maketrans", Native::F(bytes_like::maketrans)),
            method("partition", Native::M1(bytes_like::partition)),
            method("removeprefix", Native::M1(bytes_like::removeprefix)),
            method("removesuffix", Native::M1(bytes_like::removesuffix)),
            method("replace", Native::MA(bytes_like::replace)),
            method("rfind", Native::MN(1, 3, bytes_like::rfind)),
            method("rindex", Native::MN(1, 3, bytes_like::rindex)),
            method("rjust", Native::MN(1, 2, bytes_like::rjust)),
            method("rpartition", Native::M1(bytes_like::rpartition)),
            method("rsplit", Native::MA(bytes_like::rsplit)),
            method("rstrip", Native::MN(0, 1, bytes_like::rstrip)),
            method("split", Native::MA(bytes_like::split)),
            method("splitlines", Native::MA(bytes_like::splitlines)),
            method("startswith", Native::MN(1, 3, bytes_like::startswith)),
            method("strip", Native::MN(0, 1, bytes_like::strip)),
            method("swapcase", Native::M0(bytes_like::swapcase)),
            method("title", Native::M0(bytes_like::title)),
            method("translate", Native::MA(bytes_like::translate)),
            method("upper", Native::M0(bytes_like::upper)),
            method("zfill", Native::M1(bytes_like::zfill)),
            $($own,)*
        ]
    };
}
pub(super) use methods;

// --- Reading -------------------------------------------------------------------------------------

/// The data of a bytes-like object, copied where it may change; `None` for anything else.
pub fn buffer<'a>(ctx: &mut Ctx, x: &'a Obj) -> Option<Cow<'a, [u8]>> {
    if let Some(body) = x.downcast::<PyBytes>() {
        return Some(Cow::Borrowed(body.payload.data()));
    }
    if let Some(body) = x.downcast::<PyByteArray>() {
        return Some(Cow::Owned(body.copy(ctx)));
    }
    x.downcast::<PyMemoryView>()
        .and_then(|body| body.copy(ctx))
        .map(Cow::Owned)
}

/// The data of an argument that must be bytes-like.
pub fn expect_buffer<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<Cow<'a, [u8]>> {
    match buffer(ctx, x) {
        Some(data) => Ok(data),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "a bytes-like object is required, not '{class}'"
            ))
        }
    }
}

/// The value of an int in `range(256)`; `what` is what messages call it, "byte" or "bytes".
pub fn byte(ctx: &mut Ctx, x: &Obj, what: &str) -> PyResult<u8> {
    let value = protocol::index_i64(ctx, x, None)?;
    match u8::try_from(value) {
        Ok(byte) => Ok(byte),
        Err(_) => Err(raise!(ctx, ValueError, "{what} must be in range(0, 256)")),
    }
}

/// The bytes that an iterable of ints in `range(256)` yields; `what` is as for [`byte`].
pub fn from_iterable(ctx: &mut Ctx, x: &Obj, what: &str) -> PyResult<Vec<u8>> {
    let slots = type_of(ctx, x).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() || x.downcast::<PyStr>().is_some() {
        let class = protocol::type_name(ctx, x);
        let target = if what == "bytes" {
            "bytes"
        } else {
            "bytearray"
        };
        return Err(raise!(
            ctx,
            TypeError,
            "cannot convert '{class}' object to {target}"
        ));
    }
    let mut data = Vec::new();
    protocol::for_each(ctx, x, |ctx, item| {
        data.push(byte(ctx, &item, what)?);
        Ok(())
    })?;
    Ok(data)
}

/// What `x.__bytes__()` gives; `None` when there is none.
pub fn special(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let name = &names(ctx).bytes;
    let Some(result) = protocol::call_special(ctx, x, name, &[])? else {
        return Ok(None);
    };
    if result.downcast::<PyBytes>().is_some() {
        return Ok(Some(result));
    }
    let class = protocol::type_name(ctx, &result);
    Err(raise!(
        ctx,
        TypeError,
        "__bytes__ returned non-bytes (type {class})"
    ))
}

/// The data that the arguments of `bytes(...)` or `bytearray(...)` describe.
pub fn from_arguments(ctx: &mut Ctx, args: Args<'_>, signature: &Signature) -> PyResult<Vec<u8>> {
    let name = signature.name;
    let [source, encoding, errors] = args.bind(ctx, signature)?;
    let mut codec = [None, None];
    let arguments = [(encoding, "encoding"), (errors, "errors")];
    for (given, (argument, parameter)) in codec.iter_mut().zip(arguments) {
        if let Some(argument) = argument {
            let what = format!("{name}() argument '{parameter}'");
            *given = Some(str_::expect_text(ctx, argument, &what)?.to_string_lossy());
        }
    }
    let [encoding, errors] = codec;
    if let Some(source) = source
        && source.downcast::<PyStr>().is_some()
    {
        let Some(encoding) = encoding else {
            return Err(raise!(
                ctx,
                TypeError,
                "string argument without an encoding"
            ));
        };
        let errors = errors.as_deref().unwrap_or("strict");
        return str_::encode(ctx, source, &encoding, errors);
    }
    if encoding.is_some() {
        return Err(raise!(ctx, TypeError, "encoding without a string argument"));
    }
    if errors.is_some() {
        return Err(raise!(ctx, TypeError, "errors without a string argument"));
    }
    let Some(source) = source else {
        return Ok(Vec::new());
    };
    let what = if name == "bytes" { "bytes" } else { "byte" };
    if name == "bytes"
        && let Some(result) = special(ctx, source)?
    {
        return Ok(result.expect::<PyBytes>().data().to_vec());
    }
    if index::is_index(ctx, source) {
        let count = protocol::index_i64(ctx, source, Some(class::OverflowError))?;
        let Ok(count) = usize::try_from(count) else {
            return Err(raise!(ctx, ValueError, "negative count"));
        };
        return zeroed(ctx, count);
    }
    match buffer(ctx, source) {
        Some(data) => Ok(data.into_owned()),
        None => from_iterable(ctx, source, what),
    }
}

/// This many zeros.
pub fn zeroed(ctx: &mut Ctx, count: usize) -> PyResult<Vec<u8>> {
    let mut data = Vec::new();
    if data.try_reserve_exact(count).is_err() {
        return Err(no_memory(ctx));
    }
    data.resize(count, 0);
    Ok(data)
}

/// `data` repeated.
pub fn repeated(ctx: &mut Ctx, data: &[u8], count: usize) -> PyResult<Vec<u8>> {
    let total = data.len().checked_mul(count);
    let mut result = Vec::new();
    if total.is_none_or(|total| result.try_reserve_exact(total).is_err()) {
        return Err(no_memory(ctx));
    }
    for _ in 0..if data.is_empty() { 0 } else { count } {
        result.extend_from_slice(data);
    }
    Ok(result)
}

/// The data of a receiver, which is bytes or a bytearray.
fn data<'a>(ctx: &mut Ctx, x: &'a Obj) -> Cow<'a, [u8]> {
    buffer(ctx, x).unwrap_or_default()
}

/// A result of the receiver's type.
pub fn make(ctx: &mut Ctx, receiver: &Obj, data: &[u8]) -> PyResult {
    if let Some(body) = receiver.downcast::<PyBytes>() {
        // Bytes of the same length are the receiver's, as only parts of it are as long.
        if std::ptr::eq(body.payload.data(), data) && receiver.downcast_exact::<PyBytes>().is_some()
        {
            return Ok(receiver.clone());
        }
        return bytes::new(ctx, data);
    }
    bytearray::new(ctx, data.to_vec())
}

/// `repr` of bytes and, within parentheses, of a bytearray.
pub fn repr_text(data: &[u8]) -> String {
    str_repr::bytes_repr(data)
}

// --- Tests and case ------------------------------------------------------------------------------

macro_rules! predicates {
    ($($name:ident = $test:expr;)*) => {$(
        pub(super) fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let test: fn(&[u8]) -> bool = $test;
            Ok(Obj::bool(test(&data(ctx, x))))
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
        pub(super) fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let map: fn(&[u8]) -> Vec<u8> = $map;
            let mapped = map(&data(ctx, x));
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
    let width = protocol::index_i64(ctx, x, Some(class::OverflowError))?.max(0) as usize;
    if width > 1 << 40 {
        return Err(no_memory(ctx));
    }
    Ok(width)
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
                let class = protocol::type_name(ctx, fill);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "{name}() argument 2 must be a byte string of length 1, not {class}"
                ));
            }
        },
    };
    let padded = lay_out(&data(ctx, x), width, fill);
    make(ctx, x, &padded)
}

pub(super) fn center(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, "center", algorithm::center)
}

pub(super) fn ljust(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, "ljust", algorithm::ljust)
}

pub(super) fn rjust(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, "rjust", algorithm::rjust)
}

pub(super) fn zfill(ctx: &mut Ctx, x: &Obj, to: &Obj) -> PyResult {
    let width = width(ctx, to)?;
    let padded = algorithm::zfill(&data(ctx, x), width);
    make(ctx, x, &padded)
}

pub(super) fn expandtabs(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "expandtabs",
        params: &["tabsize"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [size] = args.bind(ctx, &SIGNATURE)?;
    let size = match size {
        Some(size) => width(ctx, size)?,
        None => 8,
    };
    let expanded = algorithm::expandtabs(&data(ctx, x), size);
    make(ctx, x, &expanded)
}

// --- Searching -----------------------------------------------------------------------------------

/// What a search looks for: bytes, or one byte given as an int.
fn needle<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<Cow<'a, [u8]>> {
    if let Some(data) = buffer(ctx, x) {
        return Ok(data);
    }
    if index::is_index(ctx, x) {
        return Ok(Cow::Owned(vec![byte(ctx, x, "byte")?]));
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
    Ok(search(&data(ctx, x), &needle, start, end))
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

pub(super) fn find(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::find)?;
    found(ctx, place)
}

pub(super) fn rfind(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::rfind)?;
    found(ctx, place)
}

pub(super) fn index_of(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::find)?;
    found_or_error(ctx, place)
}

pub(super) fn rindex(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, algorithm::rfind)?;
    found_or_error(ctx, place)
}

pub(super) fn count(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let total = search(ctx, x, args, |data, needle, start, end| {
        Some(algorithm::count(data, needle, start, end))
    })?;
    found(ctx, total)
}

/// `part in x`.
pub fn contains(ctx: &mut Ctx, x: &Obj, part: &Obj) -> PyResult<bool> {
    if buffer(ctx, part).is_none() && index::is_index(ctx, part) {
        let byte = byte(ctx, part, "byte")?;
        return Ok(memchr::memchr(byte, &data(ctx, x)).is_some());
    }
    let part = expect_buffer(ctx, part)?;
    Ok(algorithm::find(&data(ctx, x), &part, 0, isize::MAX).is_some())
}

type Affix = fn(&[u8], &[u8], isize, isize) -> bool;

fn has_affix(ctx: &mut Ctx, x: &Obj, args: &[Obj], name: &str, test: Affix) -> PyResult {
    let (start, end) = str_::bounds(ctx, &args[1..])?;
    let data = data(ctx, x);
    if let Some(affixes) = args[0].downcast::<PyTuple>() {
        for affix in affixes.items() {
            let affix = expect_buffer(ctx, affix)?;
            if test(&data, &affix, start, end) {
                return Ok(Obj::TRUE);
            }
        }
        return Ok(Obj::FALSE);
    }
    match buffer(ctx, &args[0]) {
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

pub(super) fn startswith(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    has_affix(ctx, x, args, "startswith", algorithm::startswith)
}

pub(super) fn endswith(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    has_affix(ctx, x, args, "endswith", algorithm::endswith)
}

// --- Cutting -------------------------------------------------------------------------------------

fn parts(ctx: &mut Ctx, x: &Obj, parts: Vec<&[u8]>) -> PyResult {
    let mut items = Vec::with_capacity(parts.len());
    for part in parts {
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
        Some(most) => protocol::index_i64(ctx, most, Some(class::OverflowError))?,
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let data = data(ctx, x);
    match separator {
        Some(separator) if !separator.is_none() => {
            let separator = expect_buffer(ctx, separator)?;
            if separator.is_empty() {
                return Err(raise!(ctx, ValueError, "empty separator"));
            }
            parts(ctx, x, at(&data, &separator, most))
        }
        _ => parts(ctx, x, at_space(&data, most)),
    }
}

pub(super) fn split(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
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

pub(super) fn rsplit(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
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

pub(super) fn splitlines(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
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
    let data = data(ctx, x);
    parts(ctx, x, algorithm::splitlines(&data, keep))
}

fn triple(ctx: &mut Ctx, x: &Obj, parts: [&[u8]; 3]) -> PyResult {
    let mut items = Vec::with_capacity(3);
    for part in parts {
        items.push(make(ctx, x, part)?);
    }
    tuple::from_vec(ctx, items)
}

pub(super) fn partition(ctx: &mut Ctx, x: &Obj, separator: &Obj) -> PyResult {
    let separator = expect_buffer(ctx, separator)?;
    if separator.is_empty() {
        return Err(raise!(ctx, ValueError, "empty separator"));
    }
    let data = data(ctx, x);
    match algorithm::partition(&data, &separator) {
        Some((before, after)) => triple(ctx, x, [before, &separator, after]),
        None => triple(ctx, x, [&data, b"", b""]),
    }
}

pub(super) fn rpartition(ctx: &mut Ctx, x: &Obj, separator: &Obj) -> PyResult {
    let separator = expect_buffer(ctx, separator)?;
    if separator.is_empty() {
        return Err(raise!(ctx, ValueError, "empty separator"));
    }
    let data = data(ctx, x);
    match algorithm::rpartition(&data, &separator) {
        Some((before, after)) => triple(ctx, x, [before, &separator, after]),
        None => triple(ctx, x, [b"", b"", &data]),
    }
}

type StripSpace = fn(&[u8]) -> &[u8];
type StripSet = for<'a> fn(&'a [u8], &[u8]) -> &'a [u8];

fn strip_with(ctx: &mut Ctx, x: &Obj, args: &[Obj], space: StripSpace, set: StripSet) -> PyResult {
    let data = data(ctx, x);
    let left = match args.first() {
        Some(chosen) if !chosen.is_none() => {
            let chosen = expect_buffer(ctx, chosen)?;
            set(&data, &chosen)
        }
        _ => space(&data),
    };
    make(ctx, x, left)
}

pub(super) fn strip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    strip_with(ctx, x, args, algorithm::strip, algorithm::strip_bytes)
}

pub(super) fn lstrip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (space, set) = (algorithm::strip_start, algorithm::strip_start_bytes);
    strip_with(ctx, x, args, space, set)
}

pub(super) fn rstrip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (space, set) = (algorithm::strip_end, algorithm::strip_end_bytes);
    strip_with(ctx, x, args, space, set)
}

pub(super) fn removeprefix(ctx: &mut Ctx, x: &Obj, prefix: &Obj) -> PyResult {
    let (prefix, data) = (expect_buffer(ctx, prefix)?, data(ctx, x));
    let left = data.strip_prefix(&*prefix).unwrap_or(&data);
    make(ctx, x, left)
}

pub(super) fn removesuffix(ctx: &mut Ctx, x: &Obj, suffix: &Obj) -> PyResult {
    let (suffix, data) = (expect_buffer(ctx, suffix)?, data(ctx, x));
    let left = data.strip_suffix(&*suffix).unwrap_or(&data);
    make(ctx, x, left)
}

// --- Building ------------------------------------------------------------------------------------

pub(super) fn replace(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "replace",
        params: &["old", "new", "count"],
        posonly: 2,
        positional: 3,
        required: 2,
    };
    let [old, new, count] = args.bind(ctx, &SIGNATURE)?;
    let none = Obj::NONE;
    let old = expect_buffer(ctx, old.unwrap_or(&none))?;
    let new = expect_buffer(ctx, new.unwrap_or(&none))?;
    let count = match count {
        Some(count) => protocol::index_i64(ctx, count, Some(class::OverflowError))?,
        None => -1,
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let replaced = algorithm::replace(&data(ctx, x), &old, &new, count);
    make(ctx, x, &replaced)
}

pub(super) fn join(ctx: &mut Ctx, x: &Obj, iterable: &Obj) -> PyResult {
    let slots = type_of(ctx, iterable).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() {
        return Err(raise!(ctx, TypeError, "can only join an iterable"));
    }
    let items = protocol::collect(ctx, iterable)?;
    let mut pieces = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        match buffer(ctx, item) {
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
    let joined = algorithm::join(&data(ctx, x), pieces.iter().map(|piece| &**piece));
    make(ctx, x, &joined)
}

pub(super) fn translate(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
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
    let translated = algorithm::translate(&data(ctx, x), table.as_ref(), &delete);
    make(ctx, x, &translated)
}

pub(super) fn maketrans(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
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
    let mut table: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    for (from, to) in from.iter().zip(to.iter()) {
        table[usize::from(*from)] = *to;
    }
    bytes::new(ctx, &table)
}

// --- Text ----------------------------------------------------------------------------------------

pub(super) fn decode(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "decode",
        params: &["encoding", "errors"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let (encoding, errors) = str_::codec_arguments(ctx, args, &SIGNATURE)?;
    let data = data(ctx, x);
    str_::decode(ctx, &data, &encoding, &errors)
}

pub(super) fn hex(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "hex",
        params: &["sep", "bytes_per_sep"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [separator, group] = args.bind(ctx, &SIGNATURE)?;
    let group = match group {
        Some(group) => protocol::index_i64(ctx, group, Some(class::OverflowError))?,
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
    let text = algorithm::hex(&data(ctx, x), separator, group as isize);
    str_::new(ctx, &text)
}

/// The bytes that hexadecimal digits spell, for `fromhex`.
pub fn from_hex(ctx: &mut Ctx, digits: &Obj) -> PyResult<Vec<u8>> {
    if let Some(text) = str_::text_of(digits) {
        return algorithm::from_hex(text).or_raise(ctx);
    }
    let Some(data) = buffer(ctx, digits) else {
        let class = protocol::type_name(ctx, digits);
        return Err(raise!(
            ctx,
            TypeError,
            "fromhex() argument must be str or bytes-like, not {class}"
        ));
    };
    let text: String = data.iter().map(|byte| char::from(*byte)).collect();
    algorithm::from_hex(Wtf8::from_str(&text)).or_raise(ctx)
}

pub(super) fn getnewargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let data = data(ctx, x);
    let copy = bytes::new(ctx, &data)?;
    tuple::from_vec(ctx, vec![copy])
}

// --- template % args -----------------------------------------------------------------------------

/// The bytes of `template % args`.
pub fn rem(ctx: &mut Ctx, template: &[u8], args: &Obj) -> PyResult<Vec<u8>> {
    let mut args = Arguments::new(ctx, args);
    let mut out = Vec::with_capacity(template.len() + 16);
    for piece in percent::Template::bytes(template) {
        let field = match piece.or_raise(ctx)? {
            percent::Piece::Literal(literal) => {
                out.extend_from_slice(literal);
                continue;
            }
            percent::Piece::Field(field) => field,
        };
        let looked_up;
        let by_key = match field.key {
            Some(key) => {
                let key = bytes::new(ctx, key)?;
                looked_up = args.lookup(ctx, &key)?;
                Some(&looked_up)
            }
            None => None,
        };
        let resolved = args.resolve(ctx, &field)?;
        let value = match by_key {
            Some(value) => value,
            None => args.next(ctx)?,
        };
        match char::from_u32(field.code) {
            Some('s' | 'b') => {
                let shown = bytes_for_percent(ctx, value)?;
                out.extend(resolved.format_bytes(&shown));
            }
            Some('a' | 'r') => {
                let shown = protocol::ascii(ctx, value)?;
                out.extend(resolved.format_bytes(shown.expect::<PyStr>().bytes()));
            }
            Some('c') => {
                let byte = byte_for_percent(ctx, value)?;
                out.extend(resolved.format_bytes(&[byte]));
            }
            _ => match number(ctx, &field, &resolved, value, false)? {
                Some(shown) => out.extend_from_slice(shown.as_bytes()),
                None => return Err(fault(ctx, field.unsupported())),
            },
        }
    }
    args.finish(ctx, "bytes")?;
    Ok(out)
}

fn bytes_for_percent(ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<u8>> {
    if let Some(data) = buffer(ctx, value) {
        return Ok(data.into_owned());
    }
    if let Some(result) = special(ctx, value)? {
        return Ok(result.expect::<PyBytes>().data().to_vec());
    }
    let class = protocol::type_name(ctx, value);
    Err(raise!(
        ctx,
        TypeError,
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{class}'"
    ))
}

fn byte_for_percent(ctx: &mut Ctx, value: &Obj) -> PyResult<u8> {
    let wrong = |ctx: &mut Ctx, what: &str| -> Raised {
        raise!(
            ctx,
            TypeError,
            "%c requires an integer in range(256) or a single byte, not {what}"
        )
    };
    if let Some(data) = buffer(ctx, value) {
        if let [byte] = *data {
            return Ok(byte);
        }
        let class = protocol::type_name(ctx, value);
        let what = format!("a {class} object of length {}", data.len());
        return Err(wrong(ctx, &what));
    }
    match protocol::index_i64(ctx, value, None) {
        Ok(value) => match u8::try_from(value) {
            Ok(byte) => Ok(byte),
            Err(_) => Err(raise!(ctx, OverflowError, "%c arg not in range(256)")),
        },
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            let _ = exception::take(ctx, raised);
            let class = protocol::type_name(ctx, value);
            Err(wrong(ctx, &class))
        }
        Err(raised) => Err(raised),
    }
}

/// How two bytes-like operands compare; `None` when one of them is none.
pub fn order(ctx: &mut Ctx, a: &Obj, b: &Obj) -> Option<std::cmp::Ordering> {
    let (x, y) = (buffer(ctx, a)?, buffer(ctx, b)?);
    Some((*x).cmp(&*y))
}
