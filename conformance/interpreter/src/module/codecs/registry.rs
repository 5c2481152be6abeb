//! Who knows a codec, and who handles what does not fit: the registries behind `codecs.register` and
//! `codecs.register_error`.

use crate::error::{PyResult, Raised, raise};
use crate::module::natives::Natives;
use crate::module::{import, support};
use crate::object::define::{Method, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class, unicode};
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::{builtin_function, bytes, ids, int, protocol, str_, tuple};
use crate::prelude::*;
use crate::text::codec::{Codec, CodecError, Errors, Replacement};
use crate::text::str_repr::push_escape;
use crate::text::wtf8::Wtf8Buf;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

fn place(ctx: &mut Ctx, root: fn(&Natives) -> &Root, make: fn(&mut Ctx) -> PyResult) -> PyResult {
    let root = root(&rt(ctx).library.natives);
    if let Some(value) = root.get() {
        return Ok(value.clone());
    }
    let value = make(ctx)?;
    // Another thread may have been faster.
    Ok(root.get_or_init(|| value).clone())
}

fn searchers(ctx: &mut Ctx) -> PyResult {
    place(
        ctx,
        |n| &n.codec_search,
        |ctx| list::from_vec(ctx, Vec::new()),
    )
}

fn cache(ctx: &mut Ctx) -> PyResult {
    place(ctx, |n| &n.codec_cache, dict::new)
}

fn handlers(ctx: &mut Ctx) -> PyResult {
    place(
        ctx,
        |n| &n.codec_errors,
        |ctx| {
            let table = dict::new(ctx)?;
            for (name, function) in HANDLERS {
                let key = str_::intern(ctx, name);
                let function = builtin_function::bind(ctx, function, 0, None)?;
                table.expect::<PyDict>().set(ctx, &key, function)?;
            }
            Ok(table)
        },
    )
}

/// `codecs.register`.
pub fn register(ctx: &mut Ctx, function: &Obj) -> PyResult {
    if !protocol::is_callable(ctx, function) {
        return Err(raise!(ctx, TypeError, "argument must be callable"));
    }
    let functions = searchers(ctx)?;
    functions.expect::<PyList>().push(ctx, function.clone())?;
    Ok(Obj::NONE)
}

/// `codecs.unregister`.
pub fn unregister(ctx: &mut Ctx, function: &Obj) -> PyResult {
    let functions = searchers(ctx)?;
    let functions = functions.expect::<PyList>();
    let at = functions.to_vec(ctx).iter().position(|f| f.is(function));
    if let Some(at) = at {
        functions.remove(ctx, at);
        cache(ctx)?.expect::<PyDict>().clear_all(ctx);
    }
    Ok(Obj::NONE)
}

/// A codec's name in the form in which it is looked for.
fn normalized(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            plain.push(c.to_ascii_lowercase());
        } else if c.is_ascii() && !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
    }
    plain
}

/// The tuple of functions of the codec with this name.
pub fn lookup(ctx: &mut Ctx, name: &str) -> PyResult {
    if name.contains('\0') {
        return Err(raise!(ctx, ValueError, "embedded null character"));
    }
    let plain = normalized(name);
    let plain = str_::new(ctx, plain.trim_end_matches('_'))?;
    let cache = cache(ctx)?;
    if let Some(found) = cache.expect::<PyDict>().get(ctx, &plain)? {
        return Ok(found);
    }
    let functions = searchers(ctx)?;
    // The package registers a function that finds its modules.
    match import::load(ctx, "encodings") {
        Ok(_) => {}
        Err(raised) if exception::matches(ctx, &raised, class::ImportError) => {
            drop(exception::take(ctx, raised));
        }
        Err(raised) => return Err(raised),
    }
    for function in functions.expect::<PyList>().to_vec(ctx) {
        let found = protocol::call(ctx, &function, core::slice::from_ref(&plain))?;
        if found.is_none() {
            continue;
        }
        if found.downcast::<PyTuple>().map(|found| found.items().len()) != Some(4) {
            return Err(raise!(
                ctx,
                TypeError,
                "codec search functions must return 4-tuples"
            ));
        }
        cache.expect::<PyDict>().set(ctx, &plain, found.clone())?;
        return Ok(found);
    }
    Err(raise!(ctx, LookupError, "unknown encoding: {name}"))
}

/// The codec with this name, which must be one for text; `function` is what messages recommend.
pub fn lookup_text(ctx: &mut Ctx, name: &str, function: &str) -> PyResult {
    let codec = lookup(ctx, name)?;
    let flag = str_::intern(ctx, "_is_text_encoding");
    if let Some(flag) = protocol::find_attr(ctx, &codec, &flag)?
        && !protocol::truth(ctx, &flag)?
    {
        return Err(raise!(
            ctx,
            LookupError,
            "'{name}' is not a text encoding; use {function} to handle arbitrary codecs"
        ));
    }
    Ok(codec)
}

/// What the function at `index` of a codec makes of a value: 0 encodes, 1 decodes.
pub fn convert(
    ctx: &mut Ctx,
    codec: &Obj,
    index: usize,
    value: &Obj,
    errors: Option<&str>,
) -> PyResult {
    let Some(function) = tuple::items(codec).get(index).cloned() else {
        return Ok(Obj::NONE);
    };
    let mut args = vec![value.clone()];
    if let Some(errors) = errors {
        args.push(str_::new(ctx, errors)?);
    }
    let result = protocol::call(ctx, &function, &args)?;
    match result.downcast::<PyTuple>().map(|pair| pair.items()) {
        Some([value, _]) => Ok(value.clone()),
        _ => {
            let kind = ["encoder", "decoder"][index.min(1)];
            Err(raise!(
                ctx,
                TypeError,
                "{kind} must return a tuple (object, integer)"
            ))
        }
    }
}

/// [`convert`] by the codec of a name; an exception says in a note that this was what failed.
pub fn convert_noted(
    ctx: &mut Ctx,
    (codec, name): (&Obj, &str),
    index: usize,
    value: &Obj,
    errors: Option<&str>,
) -> PyResult {
    convert(ctx, codec, index, value, errors).map_err(|raised| {
        let doing = ["encoding", "decoding"][index.min(1)];
        let note = format!("{doing} with '{name}' codec failed");
        exception::base::with_note(ctx, raised, &note)
    })
}

// --- Error handlers ------------------------------------------------------------------------------

/// `codecs.register_error`.
pub fn register_error(ctx: &mut Ctx, name: &Obj, handler: &Obj) -> PyResult {
    if !protocol::is_callable(ctx, handler) {
        return Err(raise!(ctx, TypeError, "handler must be callable"));
    }
    let table = handlers(ctx)?;
    table.expect::<PyDict>().set(ctx, name, handler.clone())?;
    Ok(Obj::NONE)
}

/// `codecs._unregister_error`.
pub fn unregister_error(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let text = name.expect::<PyStr>().as_str_lossy().into_owned();
    if HANDLERS.iter().any(|(known, _)| *known == text) {
        return Err(raise!(
            ctx,
            ValueError,
            "cannot un-register built-in error handler '{text}'"
        ));
    }
    let table = handlers(ctx)?;
    let removed = table.expect::<PyDict>().remove(ctx, name)?;
    Ok(Obj::bool(removed.is_some()))
}

/// The handler with this name.
pub fn lookup_error(ctx: &mut Ctx, name: &str) -> PyResult {
    let table = handlers(ctx)?;
    let key = str_::new(ctx, name)?;
    match table.expect::<PyDict>().get(ctx, &key)? {
        Some(handler) => Ok(handler),
        None => Err(raise!(
            ctx,
            LookupError,
            "unknown error handler name '{name}'"
        )),
    }
}

/// Asks the handler `name` what to put in place of what `error` is about, and where to go on; `len` is the length of the
/// input.
pub fn ask(ctx: &mut Ctx, name: &str, error: &Obj, len: usize) -> PyResult<(Obj, usize)> {
    let handler = lookup_error(ctx, name)?;
    let answer = protocol::call(ctx, &handler, core::slice::from_ref(error))?;
    let decoding = exception::is_instance(ctx, error, class::UnicodeDecodeError);
    // The handler may have given the decoder other data to go on with.
    let len = match decoding.then(|| exception::unicode::data_of(ctx, error)) {
        Some(Some(data)) => bytes::buffer_of(&data).len(),
        Some(None) => {
            return Err(raise!(
                ctx,
                TypeError,
                "UnicodeError 'object' attribute must be a bytes"
            ));
        }
        None => len,
    };
    let pair = match answer.downcast::<PyTuple>().map(|pair| pair.items()) {
        Some([text, at]) => {
            let known = text.downcast::<PyStr>().is_some()
                || !decoding && text.downcast::<bytes::PyBytes>().is_some();
            (known && int::view(at).is_some()).then(|| (text.clone(), at.clone()))
        }
        _ => None,
    };
    let Some((text, at)) = pair else {
        return Err(if decoding {
            raise!(
                ctx,
                TypeError,
                "decoding error handler must return (str, int) tuple"
            )
        } else {
            raise!(
                ctx,
                TypeError,
                "encoding error handler must return (str/bytes, int) tuple"
            )
        });
    };
    let wanted = protocol::c_ssize(ctx, &at)?;
    let at = if wanted < 0 {
        wanted.saturating_add(len as i64)
    } else {
        wanted
    };
    if at < 0 || at > len as i64 {
        return Err(raise!(
            ctx,
            IndexError,
            "position {wanted} from error handler out of bounds"
        ));
    }
    Ok((text, at as usize))
}

/// The part of the answer that an encoder puts in place.
pub fn replacement(text: &Obj) -> Replacement {
    match text.downcast::<PyStr>() {
        Some(text) => Replacement::Text(text.text().to_buf()),
        None => Replacement::Bytes(bytes::buffer_of(text).to_vec()),
    }
}

static HANDLERS: &[(&str, &Method)] = &[
    ("strict", &method("strict_errors", Native::F1(strict))),
    ("ignore", &method("ignore_errors", Native::F1(ignore))),
    ("replace", &method("replace_errors", Native::F1(replace))),
    (
        "xmlcharrefreplace",
        &method("xmlcharrefreplace_errors", Native::F1(char_references)),
    ),
    (
        "backslashreplace",
        &method("backslashreplace_errors", Native::F1(backslashes)),
    ),
    (
        "namereplace",
        &method("namereplace_errors", Native::F1(names)),
    ),
    (
        "surrogatepass",
        &method("surrogatepass", Native::F1(surrogate_pass)),
    ),
    (
        "surrogateescape",
        &method("surrogateescape", Native::F1(surrogate_escape)),
    ),
];

/// What an exception is about.
struct Fault {
    kind: u32,
    object: Obj,
    start: usize,
    end: usize,
}

impl Fault {
    /// The code points that do not fit.
    fn points(&self) -> Vec<u32> {
        let Some(text) = self.object.downcast::<PyStr>() else {
            return Vec::new();
        };
        let part = text.text().slice(self.start, self.end, text.is_ascii());
        part.code_points().collect()
    }

    fn bytes(&self) -> &[u8] {
        let data = bytes::buffer_of(&self.object);
        data.get(self.start..self.end).unwrap_or_default()
    }

    fn rest(&self) -> &[u8] {
        let data = bytes::buffer_of(&self.object);
        data.get(self.start..).unwrap_or_default()
    }
}

fn unknown(ctx: &mut Ctx, error: &Obj) -> Raised {
    let class = protocol::type_name(ctx, error);
    raise!(
        ctx,
        TypeError,
        "don't know how to handle {class} in error callback"
    )
}

fn fault(ctx: &mut Ctx, error: &Obj) -> PyResult<Fault> {
    let kinds = [
        class::UnicodeEncodeError,
        class::UnicodeDecodeError,
        class::UnicodeTranslateError,
    ];
    let kind = kinds
        .into_iter()
        .find(|kind| exception::is_instance(ctx, error, *kind));
    let Some(kind) = kind else {
        return Err(unknown(ctx, error));
    };
    let object = protocol::getattr_str(ctx, error, "object")?;
    let (wanted, what) = match kind {
        class::UnicodeDecodeError => (ids::BYTES, "bytes"),
        _ => (ids::STR, "string"),
    };
    if !protocol::is_instance_of(ctx, &object, wanted) {
        return Err(raise!(
            ctx,
            TypeError,
            "UnicodeError 'object' attribute must be a {what}"
        ));
    }
    let len = match object.downcast::<PyStr>() {
        Some(text) => text.char_count(),
        None => bytes::buffer_of(&object).len(),
    };
    let mut bounds = [0; 2];
    for (bound, name) in bounds.iter_mut().zip(["start", "end"]) {
        let value = protocol::getattr_str(ctx, error, name)?;
        *bound = protocol::index_i64(ctx, &value, None)?;
    }
    let last = len.saturating_sub(1) as i64;
    let start = bounds[0].clamp(0, last.max(0)) as usize;
    let end = (bounds[1].clamp(1, (len as i64).max(1)) as usize).min(len);
    Ok(Fault {
        kind,
        object,
        start,
        end: end.max(start.min(len)),
    })
}

fn answer(ctx: &mut Ctx, text: Wtf8Buf, end: usize) -> PyResult {
    let pair = vec![str_::from_buf(ctx, text)?, int::from_usize(ctx, end)?];
    tuple::from_vec(ctx, pair)
}

fn strict(ctx: &mut Ctx, error: &Obj) -> PyResult {
    if protocol::is_instance_of(ctx, error, class::BaseException) {
        return Err(exception::raise(ctx, error.clone()));
    }
    Err(raise!(ctx, TypeError, "codec must pass exception instance"))
}

fn ignore(ctx: &mut Ctx, error: &Obj) -> PyResult {
    let fault = fault(ctx, error)?;
    answer(ctx, Wtf8Buf::new(), fault.end)
}

fn replace(ctx: &mut Ctx, error: &Obj) -> PyResult {
    let fault = fault(ctx, error)?;
    let mut text = Wtf8Buf::new();
    match fault.kind {
        class::UnicodeEncodeError => text.push_repeated('?'.into(), fault.end - fault.start),
        class::UnicodeDecodeError => {
            text.push(0xFFFD);
        }
        _ => text.push_repeated(0xFFFD, fault.end - fault.start),
    }
    answer(ctx, text, fault.end)
}

fn char_references(ctx: &mut Ctx, error: &Obj) -> PyResult {
    let fault = fault(ctx, error)?;
    if fault.kind != class::UnicodeEncodeError {
        return Err(unknown(ctx, error));
    }
    let mut text = Wtf8Buf::new();
    for point in fault.points() {
        text.push_str(&format!("&#{point};"));
    }
    answer(ctx, text, fault.end)
}

fn backslashes(ctx: &mut Ctx, error: &Obj) -> PyResult {
    let fault = fault(ctx, error)?;
    let mut text = Wtf8Buf::new();
    if fault.kind == class::UnicodeDecodeError {
        let bytes = fault.bytes().iter();
        bytes.for_each(|byte| push_escape(&mut text, (*byte).into()));
    } else {
        let points = fault.points();
        points
            .iter()
            .for_each(|point| push_escape(&mut text, *point));
    }
    answer(ctx, text, fault.end)
}

fn names(ctx: &mut Ctx, error: &Obj) -> PyResult {
    let fault = fault(ctx, error)?;
    if fault.kind != class::UnicodeEncodeError {
        return Err(unknown(ctx, error));
    }
    let mut text = Wtf8Buf::new();
    for point in fault.points() {
        push_named(&mut text, point);
    }
    answer(ctx, text, fault.end)
}

/// Appends `\N{…}`, or another escape for what has no name.
pub fn push_named(text: &mut Wtf8Buf, point: u32) {
    match crate::text::names::name_of(point) {
        Some(name) => text.push_str(&format!("\\N{{{name}}}")),
        None => push_escape(text, point),
    }
}

/// The codec that an exception is about, for handlers of surrogates.
fn codec_of(ctx: &mut Ctx, error: &Obj) -> PyResult<Option<Codec>> {
    let name = protocol::getattr_str(ctx, error, "encoding")?;
    let name = protocol::str_string(ctx, &name)?.to_ascii_lowercase();
    let name = name.replace('_', "-");
    Ok(match name.as_str() {
        "utf-8" | "utf8" | "cp65001" => Some(Codec::Utf8),
        "utf-16" | "utf16" | "utf-16-le" | "utf-16le" | "utf16-le" | "utf16le" => {
            Some(Codec::Utf16Le)
        }
        "utf-16-be" | "utf-16be" | "utf16-be" | "utf16be" => Some(Codec::Utf16Be),
        "utf-32" | "utf32" | "utf-32-le" | "utf-32le" | "utf32-le" | "utf32le" => {
            Some(Codec::Utf32Le)
        }
        "utf-32-be" | "utf-32be" | "utf32-be" | "utf32be" => Some(Codec::Utf32Be),
        _ => None,
    })
}

fn surrogate_pass(ctx: &mut Ctx, error: &Obj) -> PyResult {
    let fault = fault(ctx, error)?;
    if fault.kind == class::UnicodeTranslateError {
        return Err(unknown(ctx, error));
    }
    let Some(codec) = codec_of(ctx, error)? else {
        return strict(ctx, error);
    };
    let about = CodecError {
        codec,
        start: fault.start,
        end: fault.end,
        reason: "",
    };
    if fault.kind == class::UnicodeEncodeError {
        let text = fault.object.expect::<PyStr>().text();
        return match crate::text::codec::handle_encode(text, about, Errors::SurrogatePass) {
            Ok((Replacement::Bytes(data), end)) => {
                let pair = vec![bytes::new(ctx, &data)?, int::from_usize(ctx, end)?];
                tuple::from_vec(ctx, pair)
            }
            _ => strict(ctx, error),
        };
    }
    let mut text = Wtf8Buf::new();
    let data = bytes::buffer_of(&fault.object).to_vec();
    match crate::text::codec::handle_decode(&data, about, Errors::SurrogatePass, &mut text) {
        Ok(end) => answer(ctx, text, end),
        Err(_) => strict(ctx, error),
    }
}

fn surrogate_escape(ctx: &mut Ctx, error: &Obj) -> PyResult {
    let fault = fault(ctx, error)?;
    match fault.kind {
        class::UnicodeEncodeError => {
            let points = fault.points();
            let data: Option<Vec<u8>> = points
                .iter()
                .map(|point| (0xDC80..=0xDCFF).contains(point).then_some(*point as u8))
                .collect();
            let Some(data) = data else {
                return strict(ctx, error);
            };
            let pair = vec![bytes::new(ctx, &data)?, int::from_usize(ctx, fault.end)?];
            tuple::from_vec(ctx, pair)
        }
        class::UnicodeDecodeError => {
            let high = fault.bytes().iter().take(4);
            let high = high.take_while(|byte| !byte.is_ascii());
            let mut text = Wtf8Buf::new();
            let count = high
                .map(|byte| text.push(0xDC00 + u32::from(*byte)))
                .count();
            if count == 0 || fault.rest().is_empty() {
                return strict(ctx, error);
            }
            answer(ctx, text, fault.start + count)
        }
        _ => Err(unknown(ctx, error)),
    }
}

/// The functions of `_codecs` for both registries.
pub const FUNCTIONS: &[Method] = &[
    method("register", Native::F1(register)),
    method("unregister", Native::F1(unregister)),
    method(
        "lookup",
        Native::F1(|ctx, name| {
            let name = name_argument(ctx, name, "lookup() argument")?;
            lookup(ctx, &name)
        }),
    ),
    method(
        "register_error",
        Native::FN(2, 2, |ctx, args| {
            str_::expect_text(ctx, &args[0], "register_error() argument 1")?;
            register_error(ctx, &args[0], &args[1])
        }),
    ),
    method(
        "_unregister_error",
        Native::F1(|ctx, name| {
            name_argument(ctx, name, "_unregister_error() argument")?;
            unregister_error(ctx, name)
        }),
    ),
    method(
        "lookup_error",
        Native::F1(|ctx, name| {
            let name = name_argument(ctx, name, "lookup_error() argument")?;
            lookup_error(ctx, &name)
        }),
    ),
];

/// The text of a name, without null characters.
pub fn name_argument(ctx: &mut Ctx, name: &Obj, what: &str) -> PyResult<String> {
    let text = str_::expect_text(ctx, name, what)?;
    if text.has_surrogates() {
        return Err(unicode::no_surrogates(ctx, name));
    }
    let name = text.to_string_lossy();
    if name.contains('\0') {
        return Err(raise!(ctx, ValueError, "embedded null character"));
    }
    Ok(name)
}

/// Nothing is needed of the module beyond its functions.
pub fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let name = str_::intern(ctx, "_codecs");
    for function in FUNCTIONS {
        let value = builtin_function::function(ctx, function, module, &name)?;
        support::add(ctx, module, function.name, value)?;
    }
    Ok(())
}
