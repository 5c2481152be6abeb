//! `make_scanner`: values of a text.

use super::{Stop, expect_text, stopped, string};
use crate::error::{PyResult, Raised, raise};
use crate::module::support;
use crate::number::float_text;
use crate::object::args::{Args, Signature};
use crate::object::define::{TypeDef, member};
use crate::object::dict::{self, PyDict};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::type_::type_object;
use crate::object::{float, ids, int, list, protocol, str_, tuple};
use crate::text::wtf8::Wtf8;
use crate::vm::outside;
use kit_core::thread::Ctx;
use std::collections::HashMap;

/// The body of a scanner. Nothing in it changes.
pub struct PyScanner {
    strict: bool,
    /// The hooks for objects and for their pairs, what makes floats and ints, and what stands for other constants.
    hooks: [Slot; 5],
}

const OBJECT_HOOK: usize = 0;
const PAIRS_HOOK: usize = 1;
const PARSE_FLOAT: usize = 2;
const PARSE_INT: usize = 3;
const PARSE_CONSTANT: usize = 4;

support::slots_payload!(PyScanner, ids::JSON_SCANNER, "Scanner", hooks);

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "make_scanner",
        params: &["context"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [context] = args.bind(ctx, &SIGNATURE)?;
    let context = context.unwrap_or(Obj::none());
    let strict = protocol::getattr_str(ctx, context, "strict")?;
    let strict = protocol::truth(ctx, &strict)?;
    let mut hook = |name| protocol::getattr_str(ctx, context, name).map(Slot::new);
    let hooks = [
        hook("object_hook")?,
        hook("object_pairs_hook")?,
        hook("parse_float")?,
        hook("parse_int")?,
        hook("parse_constant")?,
    ];
    payload::allocate(ctx, support::id_of(class), PyScanner { strict, hooks })
}

/// One scan of one text.
struct Scan<'a> {
    text: &'a Wtf8,
    strict: bool,
    /// As in [`PyScanner`]; none where the value is made here.
    hooks: [Option<Obj>; 5],
    /// Keys of objects, which often come again.
    keys: HashMap<&'a [u8], Obj>,
}

type Scanned = Result<(Obj, usize), Stop>;

impl<'a> Scan<'a> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn behind_space(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte(at) {
            at += 1;
        }
        at
    }

    /// The value at a place, and the place behind it.
    fn value(&mut self, ctx: &mut Ctx, at: usize) -> Scanned {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let constants: [(&str, Obj); 3] = [
            ("null", Obj::NONE),
            ("true", Obj::TRUE),
            ("false", Obj::FALSE),
        ];
        match rest.first() {
            None => return Err(Stop::NoValue(at)),
            Some(b'"') => return string::read(ctx, self.text, at + 1, self.strict),
            Some(b'{') => {
                return deeper(
                    ctx,
                    " while decoding a JSON object from a unicode string",
                    |ctx| self.object(ctx, at + 1),
                );
            }
            Some(b'[') => {
                return deeper(
                    ctx,
                    " while decoding a JSON array from a unicode string",
                    |ctx| self.array(ctx, at + 1),
                );
            }
            Some(b'n' | b't' | b'f') => {
                for (name, value) in constants {
                    if rest.starts_with(name.as_bytes()) {
                        return Ok((value, at + name.len()));
                    }
                }
            }
            Some(b'N' | b'I' | b'-') => {
                for name in ["NaN", "Infinity", "-Infinity"] {
                    if rest.starts_with(name.as_bytes()) {
                        let text = str_::new(ctx, name)?;
                        let hook = self.hooks[PARSE_CONSTANT].clone().unwrap_or(Obj::NONE);
                        let value = protocol::call(ctx, &hook, &[text])?;
                        return Ok((value, at + name.len()));
                    }
                }
            }
            _ => {}
        }
        self.number(ctx, at)
    }

    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| byte.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    fn number(&mut self, ctx: &mut Ctx, start: usize) -> Scanned {
        let first = start + usize::from(self.byte(start) == Some(b'-'));
        let mut end = match self.byte(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => self.digits(first),
            _ => return Err(Stop::NoValue(start)),
        };
        let mut is_float = false;
        if self.byte(end) == Some(b'.') && self.digits(end + 1) > end + 1 {
            end = self.digits(end + 1);
            is_float = true;
        }
        if let Some(b'e' | b'E') = self.byte(end) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'+' | b'-')));
            let digits = end + 1 + sign;
            if self.digits(digits) > digits {
                end = self.digits(digits);
                is_float = true;
            }
        }
        let text = self.text.byte_slice(start, end);
        let hook = if is_float { PARSE_FLOAT } else { PARSE_INT };
        let value = match self.hooks[hook].clone() {
            Some(hook) => {
                let text = str_::from_wtf8(ctx, text)?;
                protocol::call(ctx, &hook, &[text])?
            }
            None if is_float => {
                let value = text.to_str().and_then(float_text::parse_number);
                float::new(ctx, value.unwrap_or(f64::NAN))?
            }
            None => match text.to_str().and_then(|text| text.parse().ok()) {
                Some(value) => int::from_i64(ctx, value)?,
                None => int::convert::parse_text(ctx, text, 10)?,
            },
        };
        Ok((value, end))
    }

    fn array(&mut self, ctx: &mut Ctx, start: usize) -> Scanned {
        let mut items = Vec::new();
        let mut at = self.behind_space(start);
        if self.byte(at) == Some(b']') {
            return Ok((list::from_vec(ctx, items)?, at + 1));
        }
        loop {
            let (item, end) = self.value(ctx, at)?;
            outside::push(ctx, &mut items, item)?;
            at = self.behind_space(end);
            match self.byte(at) {
                Some(b']') => return Ok((list::from_vec(ctx, items)?, at + 1)),
                Some(b',') => {}
                _ => return Err(Stop::Wrong("Expecting ',' delimiter", at)),
            }
            let comma = at;
            at = self.behind_space(at + 1);
            if self.byte(at) == Some(b']') {
                return Err(Stop::Wrong(
                    "Illegal trailing comma before end of array",
                    comma,
                ));
            }
        }
    }

    /// The key at a place behind its quote.
    fn key(&mut self, ctx: &mut Ctx, start: usize) -> Scanned {
        let bytes = self.text.as_bytes();
        let run = bytes[start..]
            .iter()
            .take(64)
            .position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
        let Some(end) = run.map(|run| start + run).filter(|end| bytes[*end] == b'"') else {
            return string::read(ctx, self.text, start, self.strict);
        };
        if let Some(key) = self.keys.get(&bytes[start..end]) {
            return Ok((key.clone(), end + 1));
        }
        let (key, behind) = string::read(ctx, self.text, start, self.strict)?;
        self.keys.insert(&bytes[start..end], key.clone());
        Ok((key, behind))
    }

    fn object(&mut self, ctx: &mut Ctx, start: usize) -> Scanned {
        const EXPECTED_KEY: &str = "Expecting property name enclosed in double quotes";
        let mut pairs = Vec::new();
        let as_pairs = self.hooks[PAIRS_HOOK].is_some();
        let made = dict::new(ctx)?;
        let mut at = self.behind_space(start);
        if self.byte(at) != Some(b'}') {
            loop {
                if self.byte(at) != Some(b'"') {
                    return Err(Stop::Wrong(EXPECTED_KEY, at));
                }
                let (key, end) = self.key(ctx, at + 1)?;
                at = self.behind_space(end);
                if self.byte(at) != Some(b':') {
                    return Err(Stop::Wrong("Expecting ':' delimiter", at));
                }
                let (value, end) = self.value(ctx, self.behind_space(at + 1))?;
                if as_pairs {
                    let pair = tuple::from_vec(ctx, vec![key, value])?;
                    outside::push(ctx, &mut pairs, pair)?;
                } else {
                    made.expect::<PyDict>().set(ctx, &key, value)?;
                }
                at = self.behind_space(end);
                match self.byte(at) {
                    Some(b'}') => break,
                    Some(b',') => {}
                    _ => return Err(Stop::Wrong("Expecting ',' delimiter", at)),
                }
                let comma = at;
                at = self.behind_space(at + 1);
                if self.byte(at) == Some(b'}') {
                    return Err(Stop::Wrong(
                        "Illegal trailing comma before end of object",
                        comma,
                    ));
                }
            }
        }
        at += 1;
        if let Some(hook) = self.hooks[PAIRS_HOOK].clone() {
            let pairs = list::from_vec(ctx, pairs)?;
            return Ok((protocol::call(ctx, &hook, &[pairs])?, at));
        }
        match self.hooks[OBJECT_HOOK].clone() {
            Some(hook) => Ok((protocol::call(ctx, &hook, &[made])?, at)),
            None => Ok((made, at)),
        }
    }
}

/// One level deeper.
fn deeper(ctx: &mut Ctx, place: &str, body: impl FnOnce(&mut Ctx) -> Scanned) -> Scanned {
    protocol::recursive(ctx, place, |ctx| Ok(body(ctx)))?
}

fn call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "scan_once",
        params: &["string", "idx"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [document, start] = args.bind(ctx, &SIGNATURE)?;
    let document = document.unwrap_or(Obj::none());
    let start = start.unwrap_or(Obj::none());
    let start = protocol::c_ssize(ctx, start)?;
    let text = expect_text(ctx, document)?;
    let Ok(start) = usize::try_from(start) else {
        return Err(raise!(ctx, ValueError, "idx cannot be negative"));
    };
    if start >= text.char_count() {
        let start = int::from_usize(ctx, start)?;
        let class = class::StopIteration;
        return Err(crate::object::exception::raise_args(
            ctx,
            class,
            vec![start],
        ));
    }
    let body = this.expect::<PyScanner>();
    let makers = [(PARSE_FLOAT, ids::FLOAT), (PARSE_INT, ids::INT)];
    let makers = makers.map(|(hook, id)| (hook, type_object(ctx, id)));
    let hooks = std::array::from_fn(|index| {
        let hook = body.hooks[index].get(ctx, &body.header);
        hook.filter(|hook| {
            !hook.is_none()
                && !makers
                    .iter()
                    .any(|(at, class)| *at == index && hook.is(class))
        })
    });
    let mut scan = Scan {
        text,
        strict: body.strict,
        hooks,
        keys: HashMap::new(),
    };
    let ascii = text.is_ascii();
    match scan.value(ctx, text.byte_offset(start, ascii)) {
        Ok((value, end)) => {
            let end = int::from_usize(ctx, text.char_index(end, ascii))?;
            tuple::from_vec(ctx, vec![value, end])
        }
        Err(stop) => Err::<Obj, Raised>(stopped(ctx, document, stop)),
    }
}

fn hook(ctx: &mut Ctx, this: &Obj, index: usize) -> PyResult {
    let body = this.expect::<PyScanner>();
    Ok(body.hooks[index]
        .get(ctx, &body.header)
        .unwrap_or(Obj::NONE))
}

/// `_json.Scanner`.
pub static SCANNER: TypeDef = TypeDef {
    id: ids::JSON_SCANNER,
    name: "_json.Scanner",
    base: ids::OBJECT,
    layout: ids::JSON_SCANNER,
    kind: &Body::<PyScanner>::KIND,
    flags: crate::object::define::flag::BASE,
    slots: Slots {
        new: Some(new),
        call: Some(call),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[
        member("strict", |_, this| {
            Ok(Obj::bool(this.expect::<PyScanner>().payload.strict))
        }),
        member("object_hook", |ctx, this| hook(ctx, this, OBJECT_HOOK)),
        member("object_pairs_hook", |ctx, this| hook(ctx, this, PAIRS_HOOK)),
        member("parse_float", |ctx, this| hook(ctx, this, PARSE_FLOAT)),
        member("parse_int", |ctx, this| hook(ctx, this, PARSE_INT)),
        member("parse_constant", |ctx, this| {
            hook(ctx, this, PARSE_CONSTANT)
        }),
    ],
    doc: "Scans values of JSON.",
};
