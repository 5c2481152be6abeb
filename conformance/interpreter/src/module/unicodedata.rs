//! `unicodedata`: what is known of characters.

use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::define::{Method, ModuleDef, Native, TypeDef, flag, member, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::{bytes_like, float, ids, str_};
use crate::text::names;
use crate::text::unicode_data::{self as data, Form, Version};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of `ucd_3_2_0`.
pub struct PyUcd;

// SAFETY: there are no references.
unsafe impl Payload for PyUcd {
    const ID: u32 = ids::UCD;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "UCD";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// The code point of the argument at a place: 0 for the only one.
fn point(ctx: &mut Ctx, x: &Obj, name: &str, place: usize) -> PyResult<u32> {
    let which = match place {
        0 => "argument".to_owned(),
        place => format!("argument {place}"),
    };
    let Some(text) = str_::text_of(x) else {
        let class = str_::argument_type(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "{name}() {which} must be a unicode character, not {class}"
        ));
    };
    let len = text.char_count();
    match text.code_points().next() {
        Some(point) if len == 1 => Ok(point),
        _ => Err(raise!(
            ctx,
            TypeError,
            "{name}(): {which} must be a unicode character, not a string of length {len}"
        )),
    }
}

/// A function of one character, and perhaps of what is returned when there is no answer.
type Asked = fn(&mut Ctx, u32, Version) -> PyResult<Option<Obj>>;

fn ask(
    ctx: &mut Ctx,
    args: &[Obj],
    version: Version,
    name: &str,
    asked: Asked,
    otherwise: &str,
) -> PyResult {
    let place = usize::from(!otherwise.is_empty());
    let point = point(ctx, &args[0], name, place)?;
    if let Some(answer) = asked(ctx, point, version)? {
        return Ok(answer);
    }
    match args.get(1) {
        Some(default) => Ok(default.clone()),
        None => Err(raise!(ctx, ValueError, "{otherwise}")),
    }
}

fn category(ctx: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    str_::new(ctx, data::kind(point, version).category).map(Some)
}

fn bidirectional(ctx: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    str_::new(ctx, data::kind(point, version).bidirectional).map(Some)
}

fn combining(_: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    let class = data::kind(point, version).combining;
    Ok(Some(Obj::small_int(class.into())))
}

fn mirrored(_: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    let mirrored = data::kind(point, version).mirrored;
    Ok(Some(Obj::small_int(mirrored.into())))
}

fn width(ctx: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    str_::new(ctx, data::kind(point, version).width).map(Some)
}

fn decomposition(ctx: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    str_::new(ctx, &data::decomposition(point, version)).map(Some)
}

fn decimal(_: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    let value = data::number(point, version).and_then(|number| number.decimal);
    Ok(value.map(|value| Obj::small_int(value.into())))
}

fn digit(_: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    let value = data::number(point, version).and_then(|number| number.digit);
    Ok(value.map(|value| Obj::small_int(value.into())))
}

fn numeric(ctx: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    match data::number(point, version).and_then(|number| number.numeric) {
        Some(value) => float::new(ctx, value).map(Some),
        None => Ok(None),
    }
}

fn name(ctx: &mut Ctx, point: u32, version: Version) -> PyResult<Option<Obj>> {
    match names::name_of(point).filter(|_| data::is_assigned(point, version)) {
        Some(name) => str_::new(ctx, &name).map(Some),
        None => Ok(None),
    }
}

/// The longest name there is.
const LONGEST: usize = 256;

#[cold]
fn no_such(ctx: &mut Ctx, message: &str) -> Raised {
    raise!(ctx, KeyError, "{message}")
}

fn lookup(ctx: &mut Ctx, x: &Obj, version: Version) -> PyResult {
    let name = match str_::text_of(x) {
        Some(text) => text.to_string_lossy(),
        None => {
            let name = bytes_like::expect_buffer(ctx, x)?;
            String::from_utf8_lossy(&name).into_owned()
        }
    };
    if name.len() > LONGEST {
        return Err(no_such(ctx, "name too long"));
    }
    let (shown, name) = (&name, name.to_ascii_uppercase());
    if let Some(found) = names::by_name(&name)
        && data::is_assigned(found.into(), version)
        && (version == Version::New && !is_computed(&name) || is_name(found, &name))
    {
        return str_::from_point(ctx, found.into());
    }
    if version == Version::New
        && let Some(points) = data::sequence(&name)
    {
        let mut text = Wtf8Buf::new();
        text.extend_points(points);
        return str_::from_buf(ctx, text);
    }
    Err(no_such(ctx, &format!("undefined character name '{shown}'")))
}

/// Whether a name says which code point it is of, so that there is one way to write it.
fn is_computed(name: &str) -> bool {
    ["CJK ", "HANGUL SYLLABLE ", "TANGUT ", "KHITAN ", "NUSHU "]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Whether this is the name of a character, and no alias.
fn is_name(c: char, name: &str) -> bool {
    names::name_of(c.into()).is_some_and(|own| own == name)
}

/// The text as it is, and of no derived class.
fn plain(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if crate::object::type_::type_id_of(x) == ids::STR {
        return Ok(x.clone());
    }
    str_::from_wtf8(ctx, str_::text_of(x).unwrap_or(Wtf8::from_str("")))
}

/// The form with a name, and the text to bring into it.
fn to_normalize<'a>(
    ctx: &mut Ctx,
    args: &'a [Obj],
    name: &str,
) -> PyResult<(Option<Form>, &'a Wtf8)> {
    let mut texts = [Wtf8::from_str(""); 2];
    for (index, (text, x)) in texts.iter_mut().zip(args).enumerate() {
        *text = match str_::text_of(x) {
            Some(text) => text,
            None => {
                let class = str_::argument_type(ctx, x);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "{name}() argument {} must be str, not {class}",
                    index + 1
                ));
            }
        };
    }
    let (compatible, compose) = match texts[0].to_str() {
        Some("NFC") => (false, true),
        Some("NFD") => (false, false),
        Some("NFKC") => (true, true),
        Some("NFKD") => (true, false),
        // Nothing is said of a form for an empty text.
        _ if texts[1].is_empty() => return Ok((None, texts[1])),
        _ => return Err(raise!(ctx, ValueError, "invalid normalization form")),
    };
    let form = Form {
        compatible,
        compose,
    };
    Ok((Some(form), texts[1]))
}

fn normalized(ctx: &mut Ctx, text: &Wtf8, form: Form, version: Version) -> PyResult<Wtf8Buf> {
    // Parts with their classes, code points without, and their text.
    let most = if form.compatible { 18 } else { 4 };
    outside::room(ctx, text.byte_len().saturating_mul(most * 2))?;
    let points = data::normalize(text.code_points(), form, version);
    let mut output = Wtf8Buf::with_capacity(text.byte_len());
    output.extend_points(points);
    Ok(output)
}

fn normalize(ctx: &mut Ctx, args: &[Obj], version: Version) -> PyResult {
    let (form, text) = to_normalize(ctx, args, "normalize")?;
    let Some(form) = form.filter(|_| !text.is_ascii()) else {
        return plain(ctx, &args[1]);
    };
    let output = normalized(ctx, text, form, version)?;
    if output.as_bytes() == text.as_bytes() {
        return plain(ctx, &args[1]);
    }
    str_::from_buf(ctx, output)
}

fn is_normalized(ctx: &mut Ctx, args: &[Obj], version: Version) -> PyResult {
    let (form, text) = to_normalize(ctx, args, "is_normalized")?;
    let Some(form) = form.filter(|_| !text.is_ascii()) else {
        return Ok(Obj::TRUE);
    };
    let output = normalized(ctx, text, form, version)?;
    Ok(Obj::bool(output.as_bytes() == text.as_bytes()))
}

macro_rules! both {
    ($($name:literal, $least:literal, $most:literal, |$ctx:ident, $args:ident, $version:ident| $body:expr;)*) => {
        const FUNCTIONS: &[Method] = &[$(method($name, Native::FN($least, $most, |$ctx, $args| {
            let $version = Version::New;
            $body
        }))),*];
        const METHODS: &[Method] = &[$(method($name, Native::MN($least, $most, |$ctx, _, $args| {
            let $version = Version::Old;
            $body
        }))),*];
    };
}

both! {
    "category", 1, 1, |ctx, args, version| ask(ctx, args, version, "category", category, "");
    "bidirectional", 1, 1, |ctx, args, version| ask(ctx, args, version, "bidirectional", bidirectional, "");
    "combining", 1, 1, |ctx, args, version| ask(ctx, args, version, "combining", combining, "");
    "mirrored", 1, 1, |ctx, args, version| ask(ctx, args, version, "mirrored", mirrored, "");
    "east_asian_width", 1, 1, |ctx, args, version| ask(ctx, args, version, "east_asian_width", width, "");
    "decomposition", 1, 1, |ctx, args, version| ask(ctx, args, version, "decomposition", decomposition, "");
    "decimal", 1, 2, |ctx, args, version| ask(ctx, args, version, "decimal", decimal, "not a decimal");
    "digit", 1, 2, |ctx, args, version| ask(ctx, args, version, "digit", digit, "not a digit");
    "numeric", 1, 2, |ctx, args, version| ask(ctx, args, version, "numeric", numeric, "not a numeric character");
    "name", 1, 2, |ctx, args, version| ask(ctx, args, version, "name", name, "no such name");
    "lookup", 1, 1, |ctx, args, version| lookup(ctx, &args[0], version);
    "normalize", 2, 2, |ctx, args, version| normalize(ctx, args, version);
    "is_normalized", 2, 2, |ctx, args, version| is_normalized(ctx, args, version);
}

/// `unicodedata.UCD`.
pub static UCD: TypeDef = TypeDef {
    id: ids::UCD,
    name: "unicodedata.UCD",
    base: ids::OBJECT,
    layout: ids::UCD,
    kind: &Body::<PyUcd>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: METHODS,
    getset: &[member("unidata_version", |ctx, _| str_::new(ctx, "3.2.0"))],
    doc: "The Unicode character database of another version.",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let version = str_::new(ctx, "16.0.0")?;
    support::add(ctx, module, "unidata_version", version)?;
    let old = payload::new(ctx, PyUcd)?;
    support::add(ctx, module, "ucd_3_2_0", old)
}

/// `unicodedata`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "unicodedata",
    functions: FUNCTIONS,
    types: &[&UCD],
    populate,
    doc: "What is known of characters: the Unicode character database.",
};
