//! What `bytes` and `bytearray` have in common: their methods, `%`, and reading the bytes of others.
//!
//! A receiver's data is looked at in place for bytes, which never change, and as a copy of one moment
//! for the others. Results are of the receiver's type.

use super::args::{Args, Signature};
use super::bytearray::{self, PyByteArray};
use super::bytes::{self, PyBytes};
use super::exception::{self, class};
use super::index;
use super::memoryview::{self, PyMemoryView};
use super::names::names;
use super::obj::Obj;
use super::protocol;
use super::str_::{self, PyStr};
use crate::error::{OrRaise, PyResult, no_memory, raise};
#[cfg(feature = "std")]
use crate::module::pickle::buffer::{self as pickle, PickleBuffer};
use crate::prelude::*;
use crate::text::bytes_methods as algorithm;
use crate::text::str_repr;
use crate::text::wtf8::Wtf8;
use crate::vm::outside;
use alloc::borrow::Cow;
use kit_core::thread::Ctx;

pub(crate) mod methods;
mod percent;

pub use percent::rem;

/// The methods both types have, followed by those given.
macro_rules! all_methods {
    ($($own:expr,)*) => {
        &[
            method("__getnewargs__", Native::M0(bytes_like::methods::getnewargs)),
            method("capitalize", Native::M0(bytes_like::methods::capitalize)),
            method("center", Native::MN(1, 2, bytes_like::methods::center)),
            method("count", Native::MN(1, 3, bytes_like::methods::count)),
            method("decode", Native::MA(bytes_like::methods::decode)),
            method("endswith", Native::MN(1, 3, bytes_like::methods::endswith)),
            method("expandtabs", Native::MA(bytes_like::methods::expandtabs)),
            method("find", Native::MN(1, 3, bytes_like::methods::find)),
            method("hex", Native::MA(bytes_like::methods::hex)),
            method("index", Native::MN(1, 3, bytes_like::methods::index_of)),
            method("isalnum", Native::M0(bytes_like::methods::isalnum)),
            method("isalpha", Native::M0(bytes_like::methods::isalpha)),
            method("isascii", Native::M0(bytes_like::methods::isascii)),
            method("isdigit", Native::M0(bytes_like::methods::isdigit)),
            method("islower", Native::M0(bytes_like::methods::islower)),
            method("isspace", Native::M0(bytes_like::methods::isspace)),
            method("istitle", Native::M0(bytes_like::methods::istitle)),
            method("isupper", Native::M0(bytes_like::methods::isupper)),
            method("join", Native::M1(bytes_like::methods::join)),
            method("ljust", Native::MN(1, 2, bytes_like::methods::ljust)),
            method("lower", Native::M0(bytes_like::methods::lower)),
            method("lstrip", Native::MN(0, 1, bytes_like::methods::lstrip)),
            method("maketrans", Native::F(bytes_like::methods::maketrans)),
            method("partition", Native::M1(bytes_like::methods::partition)),
            method("removeprefix", Native::M1(bytes_like::methods::removeprefix)),
            method("removesuffix", Native::M1(bytes_like::methods::removesuffix)),
            method("replace", Native::MN(2, 3, bytes_like::methods::replace)),
            method("rfind", Native::MN(1, 3, bytes_like::methods::rfind)),
            method("rindex", Native::MN(1, 3, bytes_like::methods::rindex)),
            method("rjust", Native::MN(1, 2, bytes_like::methods::rjust)),
            method("rpartition", Native::M1(bytes_like::methods::rpartition)),
            method("rsplit", Native::MA(bytes_like::methods::rsplit)),
            method("rstrip", Native::MN(0, 1, bytes_like::methods::rstrip)),
            method("split", Native::MA(bytes_like::methods::split)),
            method("splitlines", Native::MA(bytes_like::methods::splitlines)),
            method("startswith", Native::MN(1, 3, bytes_like::methods::startswith)),
            method("strip", Native::MN(0, 1, bytes_like::methods::strip)),
            method("swapcase", Native::M0(bytes_like::methods::swapcase)),
            method("title", Native::M0(bytes_like::methods::title)),
            method("translate", Native::MA(bytes_like::methods::translate)),
            method("upper", Native::M0(bytes_like::methods::upper)),
            method("zfill", Native::M1(bytes_like::methods::zfill)),
            $($own,)*
        ]
    };
}
pub(super) use all_methods;

// --- Reading -------------------------------------------------------------------------------------

/// The data of a bytes-like object, copied where it may change; `None` for anything else.
pub fn buffer<'a>(ctx: &mut Ctx, x: &'a Obj) -> Option<Cow<'a, [u8]>> {
    if let Some(body) = x.downcast::<PyBytes>() {
        return Some(Cow::Borrowed(body.payload.data()));
    }
    if let Some(body) = x.downcast::<PyByteArray>() {
        return Some(Cow::Owned(body.copy(ctx)));
    }
    if let Some(view) = x.downcast::<PyMemoryView>() {
        return view.copy(ctx).map(Cow::Owned);
    }
    #[cfg(feature = "std")]
    if x.downcast::<PickleBuffer>().is_some() {
        let view = pickle::view(ctx, x).ok()?;
        return view.downcast::<PyMemoryView>()?.copy(ctx).map(Cow::Owned);
    }
    // What else has memory keeps it in a bytearray.
    let (memory, ..) = memoryview::memory_of(x)?;
    let memory = memory.downcast::<PyByteArray>()?;
    Some(Cow::Owned(memory.copy(ctx)))
}

/// As [`data`], where the bytes are in a row.
pub fn row<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<Option<Cow<'a, [u8]>>> {
    match x.downcast::<PyMemoryView>() {
        Some(view) if !view.is_c_contiguous() => Ok(None),
        _ => data(ctx, x),
    }
}

/// Whether the value's class is one of the program's that defines `__buffer__`.
pub fn has_buffer(ctx: &mut Ctx, x: &Obj) -> bool {
    if super::type_::type_id_of(x) < super::ids::FIRST_DYNAMIC {
        return false;
    }
    let name = str_::intern(ctx, "__buffer__");
    super::attribute::lookup_special(ctx, x, &name).is_some()
}

/// The view that `x.__buffer__(flags)` gives, as a class of the program defines it; `None` when there is no such method.
pub fn special_buffer_with(ctx: &mut Ctx, x: &Obj, flags: i64) -> PyResult<Option<Obj>> {
    if super::type_::type_id_of(x) < super::ids::FIRST_DYNAMIC {
        return Ok(None);
    }
    let name = str_::intern(ctx, "__buffer__");
    let flags = Obj::small_int(flags);
    let Some(view) = protocol::call_special(ctx, x, &name, &[flags])? else {
        return Ok(None);
    };
    if view.downcast::<PyMemoryView>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "__buffer__ returned non-memoryview object"
        ));
    }
    Ok(Some(view))
}

/// The view that `x.__buffer__()` gives, readable in whatever layout it has; `None` when there is no such method.
pub fn special_buffer(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    special_buffer_with(ctx, x, memoryview::READABLE)
}

/// As [`buffer`], also of what a class of the program shows with `__buffer__`.
pub fn data<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<Option<Cow<'a, [u8]>>> {
    if let Some(data) = buffer(ctx, x) {
        return Ok(Some(data));
    }
    if !has_buffer(ctx, x) {
        return Ok(None);
    }
    let view = memoryview::of(ctx, x)?;
    let data = buffer(ctx, &view).map(Cow::into_owned);
    memoryview::release(ctx, &view)?;
    Ok(Some(Cow::Owned(data.unwrap_or_default())))
}

/// Works on the data of a writable object where they are; `None` for anything else.
pub fn write<R>(ctx: &mut Ctx, x: &Obj, work: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
    if let Some(view) = x.downcast::<PyMemoryView>() {
        return view.write(ctx, work);
    }
    let (memory, ..) = memoryview::memory_of(x)?;
    let memory = memory.downcast::<PyByteArray>()?;
    Some(memory.with(ctx, |data| work(data)))
}

/// The number of bytes of a writable object; TypeError, in which the function `name` is named, for anything else.
pub fn writable_size(ctx: &mut Ctx, x: &Obj, name: &str) -> PyResult<usize> {
    match write(ctx, x, |data| data.len()) {
        Some(size) => Ok(size),
        None => {
            let class = super::str_::argument_type(ctx, x);
            let place = if name.is_empty() {
                String::from("argument")
            } else {
                format!("{name}() argument")
            };
            Err(raise!(
                ctx,
                TypeError,
                "{place} must be read-write bytes-like object, not {class}"
            ))
        }
    }
}

/// The data of an argument that must be bytes-like, all in a row.
pub fn expect_buffer<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<Cow<'a, [u8]>> {
    if let Some(view) = x.downcast::<PyMemoryView>()
        && !view.is_c_contiguous()
    {
        return Err(raise!(
            ctx,
            BufferError,
            "memoryview: underlying buffer is not C-contiguous"
        ));
    }
    match data(ctx, x)? {
        Some(data) => Ok(data),
        None => {
            if x.downcast::<PyMemoryView>().is_some() {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "operation forbidden on released memoryview object"
                ));
            }
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
    let class = protocol::type_name(ctx, x);
    let target = if what == "bytes" {
        "bytes"
    } else {
        "bytearray"
    };
    let refusal = format!("cannot convert '{class}' object to {target}");
    if x.downcast::<PyStr>().is_some() {
        return Err(raise!(ctx, TypeError, "{refusal}"));
    }
    let iterator = protocol::iter_or(ctx, x, &refusal)?;
    let mut data = Vec::new();
    if what == "bytes" {
        protocol::length_hint(ctx, x)?;
    }
    protocol::for_each(ctx, &iterator, |ctx, item| {
        let byte = byte(ctx, &item, what)?;
        outside::push(ctx, &mut data, byte)
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
    let what = if name == "bytes" { "bytes" } else { "byte" };
    if name == "bytes"
        && let (Some(source), None, None) = (source, &encoding, &errors)
        && let Some(result) = special(ctx, source)?
    {
        return Ok(result.expect::<PyBytes>().data().to_vec());
    }
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
    if index::is_index(ctx, source) {
        match protocol::index_i64(ctx, source, Some(class::OverflowError)) {
            Ok(count) => {
                let Ok(count) = usize::try_from(count) else {
                    return Err(raise!(ctx, ValueError, "negative count"));
                };
                if name == "bytes" {
                    bytes::check_len(ctx, count)?;
                }
                return zeroed(ctx, count);
            }
            // What has a wrong `__index__` may have bytes in it all the same.
            Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
                drop(exception::take(ctx, raised));
            }
            Err(raised) => return Err(raised),
        }
    }
    match data(ctx, source)? {
        Some(data) => Ok(data.into_owned()),
        None => from_iterable(ctx, source, what),
    }
}

/// This many zeros.
pub fn zeroed(ctx: &mut Ctx, count: usize) -> PyResult<Vec<u8>> {
    outside::room(ctx, count)?;
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
    outside::room(ctx, total.unwrap_or(usize::MAX))?;
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
fn receiver<'a>(ctx: &mut Ctx, x: &'a Obj) -> Cow<'a, [u8]> {
    buffer(ctx, x).unwrap_or_default()
}

/// A result of the receiver's type.
pub fn make(ctx: &mut Ctx, receiver: &Obj, data: &[u8]) -> PyResult {
    if let Some(body) = receiver.downcast::<PyBytes>() {
        // Bytes of the same length are the receiver's, as only parts of it are as long.
        if core::ptr::eq(body.payload.data(), data)
            && receiver.downcast_exact::<PyBytes>().is_some()
        {
            return Ok(receiver.clone());
        }
        return bytes::new(ctx, data);
    }
    bytearray::new(ctx, data.to_vec())
}

/// `repr` of bytes and, within parentheses, of a bytearray.
///
/// # Errors
/// MemoryError.
pub fn repr_text(ctx: &mut Ctx, data: &[u8]) -> PyResult<String> {
    // The text, and the string that is made of it.
    outside::room(ctx, str_repr::bytes_repr_len(data).saturating_mul(2))?;
    Ok(str_repr::bytes_repr(data))
}

/// `part in x`.
pub fn contains(ctx: &mut Ctx, x: &Obj, part: &Obj) -> PyResult<bool> {
    if buffer(ctx, part).is_none() && index::is_index(ctx, part) {
        match protocol::index(ctx, part) {
            Ok(number) => {
                let byte = byte(ctx, &number, "byte")?;
                return Ok(memchr::memchr(byte, &receiver(ctx, x)).is_some());
            }
            // No number after all: it may be bytes.
            Err(raised) => drop(super::exception::take(ctx, raised)),
        }
    }
    let part = expect_buffer(ctx, part)?;
    Ok(algorithm::find(&receiver(ctx, x), &part, 0, isize::MAX).is_some())
}

/// The bytes that hexadecimal digits spell, for `fromhex`.
pub fn from_hex(ctx: &mut Ctx, digits: &Obj) -> PyResult<Vec<u8>> {
    if let Some(text) = str_::text_of(digits) {
        return algorithm::from_hex(text).or_raise(ctx);
    }
    let is_view = digits.downcast::<PyMemoryView>().is_some();
    let data = if is_view {
        Some(expect_buffer(ctx, digits)?)
    } else {
        data(ctx, digits)?
    };
    let Some(data) = data else {
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

/// How two bytes-like operands compare; `None` when one of them is none.
pub fn order(ctx: &mut Ctx, a: &Obj, b: &Obj) -> Option<core::cmp::Ordering> {
    let in_a_row = |x: &Obj| {
        x.downcast::<PyMemoryView>()
            .is_none_or(|view| view.is_c_contiguous())
    };
    if !in_a_row(a) || !in_a_row(b) {
        return None;
    }
    let (x, y) = (buffer(ctx, a)?, buffer(ctx, b)?);
    Some((*x).cmp(&*y))
}
