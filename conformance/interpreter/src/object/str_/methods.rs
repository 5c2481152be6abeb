//! The methods of `str`.

use super::super::args::{Args, Signature};
use super::super::define::{Method, Native, method};
use super::super::exception::unicode;
use super::super::index;
use super::super::list;
use super::super::obj::Obj;
use super::super::tuple::{self, PyTuple};
use super::super::{bytes, int, protocol};
use super::{
    DATA, PyStr, argument_type, encode, expect_text, format, from_buf, from_part, from_wtf8, ops,
    text_of, translate,
};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::text::{str_case, str_methods};
use crate::vm::outside;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

pub(super) static METHODS: &[Method] = &[
    method("capitalize", Native::M0(capitalize)),
    method("casefold", Native::M0(casefold)),
    method("center", Native::MN(1, 2, center)),
    method("count", Native::MN(1, 3, count)),
    method("encode", Native::MA(encode_method)),
    method("endswith", Native::MN(1, 3, endswith)),
    method("expandtabs", Native::MA(expandtabs)),
    method("find", Native::MN(1, 3, find)),
    method("format", Native::MA(format::format)),
    method("format_map", Native::M1(format::format_map)),
    method("index", Native::MN(1, 3, index_of)),
    method("isalnum", Native::M0(isalnum)),
    method("isalpha", Native::M0(isalpha)),
    method("isascii", Native::M0(isascii)),
    method("isdecimal", Native::M0(isdecimal)),
    method("isdigit", Native::M0(isdigit)),
    method("isidentifier", Native::M0(isidentifier)),
    method("islower", Native::M0(islower)),
    method("isnumeric", Native::M0(isnumeric)),
    method("isprintable", Native::M0(isprintable)),
    method("isspace", Native::M0(isspace)),
    method("istitle", Native::M0(istitle)),
    method("isupper", Native::M0(isupper)),
    method("join", Native::M1(ops::join)),
    method("ljust", Native::MN(1, 2, ljust)),
    method("lower", Native::M0(lower)),
    method("lstrip", Native::MN(0, 1, lstrip)),
    method("maketrans", Native::F(translate::maketrans)),
    method("partition", Native::M1(partition)),
    method("removeprefix", Native::M1(removeprefix)),
    method("removesuffix", Native::M1(removesuffix)),
    method("replace", Native::MA(replace)),
    method("rfind", Native::MN(1, 3, rfind)),
    method("rindex", Native::MN(1, 3, rindex)),
    method("rjust", Native::MN(1, 2, rjust)),
    method("rpartition", Native::M1(rpartition)),
    method("rsplit", Native::MA(rsplit)),
    method("rstrip", Native::MN(0, 1, rstrip)),
    method("split", Native::MA(split)),
    method("splitlines", Native::MA(splitlines)),
    method("startswith", Native::MN(1, 3, startswith)),
    method("strip", Native::MN(0, 1, strip)),
    method("swapcase", Native::M0(swapcase)),
    method("title", Native::M0(title)),
    method("translate", Native::M1(translate::translate)),
    method("upper", Native::M0(upper)),
    method("zfill", Native::M1(zfill)),
    method("__format__", Native::M1(format_method)),
    method("__getnewargs__", Native::M0(getnewargs)),
    method("__sizeof__", Native::M0(sizeof)),
];

/// The text of a receiver, which is a str.
fn text(x: &Obj) -> &Wtf8 {
    x.expect::<PyStr>().payload.text()
}

macro_rules! predicates {
    ($($name:ident = $test:path;)*) => {$(
        fn $name(_: &mut Ctx, x: &Obj) -> PyResult {
            Ok(Obj::bool($test(text(x))))
        }
    )*};
}

predicates! {
    isalnum = str_methods::isalnum;
    isalpha = str_methods::isalpha;
    isdecimal = str_methods::isdecimal;
    isdigit = str_methods::isdigit;
    isidentifier = str_methods::isidentifier;
    islower = str_case::islower;
    isnumeric = str_methods::isnumeric;
    isprintable = str_methods::isprintable;
    isspace = str_methods::isspace;
    istitle = str_case::istitle;
    isupper = str_case::isupper;
}

fn isascii(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(Obj::bool(x.expect::<PyStr>().is_ascii()))
}

macro_rules! mappings {
    ($($name:ident = $map:path;)*) => {$(
        fn $name(ctx: &mut Ctx, x: &Obj) -> PyResult {
            from_buf(ctx, $map(text(x)))
        }
    )*};
}

mappings! {
    capitalize = str_case::capitalize;
    casefold = str_case::casefold;
    lower = str_case::lower;
    swapcase = str_case::swapcase;
    title = str_case::title;
    upper = str_case::upper;
}

// --- Padding -------------------------------------------------------------------------------------

/// Checks that text of `width` characters can exist.
fn check_width(ctx: &mut Ctx, width: i64) -> PyResult<usize> {
    let width = width.max(0) as usize;
    outside::room(ctx, width)?;
    Ok(width)
}

fn pad(
    ctx: &mut Ctx,
    x: &Obj,
    args: &[Obj],
    lay_out: fn(&Wtf8, usize, u32) -> Wtf8Buf,
) -> PyResult {
    let width = protocol::c_ssize(ctx, &args[0])?;
    let fill = match args.get(1) {
        None => ' '.into(),
        Some(fill) => {
            let Some(fill) = text_of(fill) else {
                let class = protocol::type_name(ctx, fill);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "The fill character must be a unicode character, not {class}"
                ));
            };
            let mut points = fill.code_points();
            match (points.next(), points.next()) {
                (Some(point), None) => point,
                _ => {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "The fill character must be exactly one character long"
                    ));
                }
            }
        }
    };
    if width <= x.expect::<PyStr>().char_count() as i64 {
        return from_part(ctx, x, text(x));
    }
    let width = check_width(ctx, width)?;
    from_buf(ctx, lay_out(text(x), width, fill))
}

fn center(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, str_methods::center)
}

fn ljust(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, str_methods::ljust)
}

fn rjust(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    pad(ctx, x, args, str_methods::rjust)
}

fn zfill(ctx: &mut Ctx, x: &Obj, width: &Obj) -> PyResult {
    let width = protocol::c_ssize(ctx, width)?;
    if width <= x.expect::<PyStr>().char_count() as i64 {
        return from_part(ctx, x, text(x));
    }
    let width = check_width(ctx, width)?;
    from_buf(ctx, str_methods::zfill(text(x), width))
}

fn expandtabs(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "expandtabs",
        params: &["tabsize"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [size] = args.bind(ctx, &SIGNATURE)?;
    let size = match size {
        Some(size) => i64::from(protocol::c_int(ctx, size)?),
        None => 8,
    };
    let size = check_width(ctx, size)?;
    let tabs = memchr::memchr_iter(b'\t', text(x).as_bytes()).count();
    let len = text(x).byte_len();
    outside::room(ctx, len.saturating_add(tabs.saturating_mul(size)))?;
    from_buf(ctx, str_methods::expandtabs(text(x), size))
}

// --- Searching -----------------------------------------------------------------------------------

/// The bounds that follow the needle in the arguments of a search.
pub(in super::super) fn bounds(ctx: &mut Ctx, args: &[Obj]) -> PyResult<(isize, isize)> {
    let mut bounds = [0, isize::MAX];
    for (bound, argument) in bounds.iter_mut().zip(args) {
        if !argument.is_none() {
            *bound = index::bound(ctx, argument)? as isize;
        }
    }
    let [start, end] = bounds;
    Ok((start, end))
}

type Search = fn(&Wtf8, &Wtf8, isize, isize, bool) -> Option<usize>;

fn search(
    ctx: &mut Ctx,
    x: &Obj,
    args: &[Obj],
    name: &str,
    search: Search,
) -> PyResult<Option<usize>> {
    let Some(needle) = text_of(&args[0]) else {
        let class = argument_type(ctx, &args[0]);
        return Err(raise!(
            ctx,
            TypeError,
            "{name}() argument 1 must be str, not {class}"
        ));
    };
    let (start, end) = bounds(ctx, &args[1..])?;
    let body = x.expect::<PyStr>();
    Ok(search(body.text(), needle, start, end, body.is_ascii()))
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
        None => Err(raise!(ctx, ValueError, "substring not found")),
    }
}

fn find(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, "find", str_methods::find)?;
    found(ctx, place)
}

fn rfind(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, "rfind", str_methods::rfind)?;
    found(ctx, place)
}

fn index_of(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, "index", str_methods::find)?;
    found_or_error(ctx, place)
}

fn rindex(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let place = search(ctx, x, args, "rindex", str_methods::rfind)?;
    found_or_error(ctx, place)
}

fn count(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let total = search(ctx, x, args, "count", |text, needle, start, end, ascii| {
        Some(str_methods::count(text, needle, start, end, ascii))
    })?;
    found(ctx, total)
}

type Affix = fn(&Wtf8, &Wtf8, isize, isize, bool) -> bool;

fn has_affix(ctx: &mut Ctx, x: &Obj, args: &[Obj], name: &str, test: Affix) -> PyResult {
    let (start, end) = bounds(ctx, &args[1..])?;
    let body = x.expect::<PyStr>();
    let holds = |affix: &Wtf8| test(body.text(), affix, start, end, body.is_ascii());
    if let Some(affix) = text_of(&args[0]) {
        return Ok(Obj::bool(holds(affix)));
    }
    let Some(affixes) = args[0].downcast::<PyTuple>() else {
        let class = protocol::type_name(ctx, &args[0]);
        return Err(raise!(
            ctx,
            TypeError,
            "{name} first arg must be str or a tuple of str, not {class}"
        ));
    };
    for affix in affixes.items() {
        let Some(text) = text_of(affix) else {
            let class = protocol::type_name(ctx, affix);
            return Err(raise!(
                ctx,
                TypeError,
                "tuple for {name} must only contain str, not {class}"
            ));
        };
        if holds(text) {
            return Ok(Obj::TRUE);
        }
    }
    Ok(Obj::FALSE)
}

fn startswith(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    has_affix(ctx, x, args, "startswith", str_methods::startswith)
}

fn endswith(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    has_affix(ctx, x, args, "endswith", str_methods::endswith)
}

// --- Cutting -------------------------------------------------------------------------------------

fn parts(ctx: &mut Ctx, x: &Obj, parts: Vec<&Wtf8>) -> PyResult {
    let mut items = Vec::with_capacity(parts.len());
    for part in parts {
        outside::relieve(ctx);
        items.push(from_part(ctx, x, part)?);
    }
    list::from_vec(ctx, items)
}

/// How many words there are, at most: what follows white space, of which all beyond ASCII ends like these.
fn words(text: &[u8]) -> usize {
    let space =
        |byte: u8| byte <= b' ' || matches!(byte, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf | 0x9f | 0xa0);
    text.windows(2)
        .filter(|pair| space(pair[0]) && !space(pair[1]))
        .count()
        + 1
}

/// How many lines end, at most.
fn line_ends(text: &[u8]) -> usize {
    let ends = |byte: &&u8| matches!(**byte, b'\n'..=b'\r' | 0x1c..=0x1e | 0x85 | 0xa8 | 0xa9);
    text.iter().filter(ends).count()
}

type SplitSpace = fn(&Wtf8, usize) -> Vec<&Wtf8>;
type SplitAt = for<'a> fn(&'a Wtf8, &Wtf8, usize) -> Vec<&'a Wtf8>;

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
    let separator = match separator {
        Some(separator) if !separator.is_none() => separator,
        _ => {
            let whole = text(x);
            outside::room_for_parts(ctx, whole.byte_len(), most, || words(whole.as_bytes()))?;
            return parts(ctx, x, at_space(whole, most));
        }
    };
    let Some(separator) = text_of(separator) else {
        let class = protocol::type_name(ctx, separator);
        return Err(raise!(ctx, TypeError, "must be str or None, not {class}"));
    };
    if separator.is_empty() {
        return Err(raise!(ctx, ValueError, "empty separator"));
    }
    let whole = text(x);
    let len = whole.byte_len() / separator.byte_len();
    outside::room_for_parts(ctx, len, most, || {
        memchr::memmem::find_iter(whole.as_bytes(), separator.as_bytes()).count()
    })?;
    parts(ctx, x, at(whole, separator, most))
}

fn split(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "split",
        params: &["sep", "maxsplit"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    split_with(
        ctx,
        x,
        args,
        &SIGNATURE,
        str_methods::split_whitespace,
        str_methods::split,
    )
}

fn rsplit(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "rsplit",
        params: &["sep", "maxsplit"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    split_with(
        ctx,
        x,
        args,
        &SIGNATURE,
        str_methods::rsplit_whitespace,
        str_methods::rsplit,
    )
}

fn splitlines(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
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
    let whole = text(x);
    outside::room_for_parts(ctx, whole.byte_len(), usize::MAX, || {
        line_ends(whole.as_bytes())
    })?;
    parts(ctx, x, str_methods::splitlines(whole, keep))
}

/// The separator of `partition`.
fn separator<'a>(ctx: &mut Ctx, separator: &'a Obj) -> PyResult<&'a Wtf8> {
    let Some(text) = text_of(separator) else {
        let class = protocol::type_name(ctx, separator);
        return Err(raise!(ctx, TypeError, "must be str, not {class}"));
    };
    if text.is_empty() {
        return Err(raise!(ctx, ValueError, "empty separator"));
    }
    Ok(text)
}

fn partition(ctx: &mut Ctx, x: &Obj, at: &Obj) -> PyResult {
    let sep = separator(ctx, at)?;
    let empty = rt(ctx).short_string(b"");
    let items = match str_methods::partition(text(x), sep) {
        Some((before, after)) => vec![
            from_part(ctx, x, before)?,
            from_part(ctx, at, sep)?,
            from_part(ctx, x, after)?,
        ],
        None => vec![x.clone(), empty.clone(), empty],
    };
    tuple::from_vec(ctx, items)
}

fn rpartition(ctx: &mut Ctx, x: &Obj, at: &Obj) -> PyResult {
    let sep = separator(ctx, at)?;
    let empty = rt(ctx).short_string(b"");
    let items = match str_methods::rpartition(text(x), sep) {
        Some((before, after)) => vec![
            from_part(ctx, x, before)?,
            from_part(ctx, at, sep)?,
            from_part(ctx, x, after)?,
        ],
        None => vec![empty.clone(), empty, x.clone()],
    };
    tuple::from_vec(ctx, items)
}

type StripSpace = fn(&Wtf8) -> &Wtf8;
type StripChars = for<'a> fn(&'a Wtf8, &Wtf8) -> &'a Wtf8;

fn strip_with(
    ctx: &mut Ctx,
    x: &Obj,
    args: &[Obj],
    name: &str,
    space: StripSpace,
    chars: StripChars,
) -> PyResult {
    match args.first() {
        Some(set) if !set.is_none() => match text_of(set) {
            Some(set) => from_part(ctx, x, chars(text(x), set)),
            None => Err(raise!(ctx, TypeError, "{name} arg must be None or str")),
        },
        _ => from_part(ctx, x, space(text(x))),
    }
}

fn strip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (space, chars) = (str_methods::strip, str_methods::strip_chars);
    strip_with(ctx, x, args, "strip", space, chars)
}

fn lstrip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (space, chars) = (str_methods::strip_start, str_methods::strip_start_chars);
    strip_with(ctx, x, args, "lstrip", space, chars)
}

fn rstrip(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (space, chars) = (str_methods::strip_end, str_methods::strip_end_chars);
    strip_with(ctx, x, args, "rstrip", space, chars)
}

fn removeprefix(ctx: &mut Ctx, x: &Obj, prefix: &Obj) -> PyResult {
    let prefix = expect_text(ctx, prefix, "removeprefix() argument")?;
    from_part(ctx, x, str_methods::removeprefix(text(x), prefix))
}

fn removesuffix(ctx: &mut Ctx, x: &Obj, suffix: &Obj) -> PyResult {
    let suffix = expect_text(ctx, suffix, "removesuffix() argument")?;
    from_part(ctx, x, str_methods::removesuffix(text(x), suffix))
}

// --- The rest ------------------------------------------------------------------------------------

fn replace(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "replace",
        params: &["old", "new", "count"],
        posonly: 2,
        positional: 3,
        required: 2,
    };
    let [old, new, count] = args.bind(ctx, &SIGNATURE)?;
    let none = Obj::NONE;
    let old = expect_text(ctx, old.unwrap_or(&none), "replace() argument 1")?;
    let new = expect_text(ctx, new.unwrap_or(&none), "replace() argument 2")?;
    let count = match count {
        Some(count) => protocol::c_ssize(ctx, count)?,
        None => -1,
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let len = text(x).byte_len();
    let most = len / old.byte_len().max(1) + 1;
    let grown = |found: usize| len.saturating_add(found.saturating_mul(new.byte_len()));
    if !outside::fits(grown(most.min(count))) {
        let ascii = x.expect::<PyStr>().is_ascii();
        let found = str_methods::count(text(x), old, 0, isize::MAX, ascii);
        outside::room(ctx, grown(found.min(count)))?;
    }
    match str_methods::replace(text(x), old, new, count) {
        Some(replaced) => from_buf(ctx, replaced),
        None => from_part(ctx, x, text(x)),
    }
}

/// The `encoding` and `errors` arguments of `encode` and `decode`.
pub(in super::super) fn codec_arguments(
    ctx: &mut Ctx,
    args: Args<'_>,
    signature: &Signature,
) -> PyResult<(String, String)> {
    let [encoding, errors] = args.bind(ctx, signature)?;
    let mut names = ["utf-8".to_owned(), "strict".to_owned()];
    for (index, argument) in [encoding, errors].into_iter().enumerate() {
        if let Some(argument) = argument {
            let (function, parameter) = (signature.name, signature.params[index]);
            let what = format!("{function}() argument '{parameter}'");
            names[index] = codec_name(ctx, argument, &what)?;
        }
    }
    let [encoding, errors] = names;
    Ok((encoding, errors))
}

/// The name of an encoding or error handler; `what` is the argument, as messages name it.
pub fn codec_name(ctx: &mut Ctx, argument: &Obj, what: &str) -> PyResult<String> {
    match expect_text(ctx, argument, what)?.to_str() {
        Some(name) if name.contains('\0') => {
            Err(raise!(ctx, ValueError, "embedded null character"))
        }
        Some(name) => Ok(name.to_owned()),
        None => Err(unicode::no_surrogates(ctx, argument)),
    }
}

/// Whether the arguments of `encode` or `decode` ask for strict UTF-8, as they mostly do.
pub fn names_utf8(args: &Args<'_>) -> bool {
    let encoding = match (args.pos, args.names) {
        ([], []) => return true,
        ([encoding], []) => encoding,
        _ => return false,
    };
    let name = encoding.downcast_exact::<PyStr>().map(|name| name.bytes());
    matches!(name, Some(b"utf-8" | b"utf8" | b"UTF-8"))
}

fn encode_method(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "encode",
        params: &["encoding", "errors"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let body = x.expect::<PyStr>();
    if body.is_ascii() && names_utf8(&args) {
        return bytes::new(ctx, body.bytes());
    }
    let (encoding, errors) = codec_arguments(ctx, args, &SIGNATURE)?;
    let data = encode(ctx, x, &encoding, &errors)?;
    bytes::new(ctx, &data)
}

fn format_method(ctx: &mut Ctx, x: &Obj, spec: &Obj) -> PyResult {
    let spec = format::expect_spec(ctx, spec)?;
    if spec.is_empty() {
        return protocol::str(ctx, x);
    }
    format::format_with(ctx, x, spec)
}

fn getnewargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let copy = from_wtf8(ctx, text(x))?;
    tuple::from_vec(ctx, vec![copy])
}

fn sizeof(ctx: &mut Ctx, x: &Obj) -> PyResult {
    int::from_usize(ctx, DATA + text(x).byte_len() + 1)
}
