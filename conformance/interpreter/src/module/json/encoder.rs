//! `make_encoder`: the text of a value.

use super::{FUNCTIONS, string};
use crate::error::{PyResult, raise};
use crate::module::support;
use crate::number::float_text;
use crate::object::args::{Args, Signature};
use crate::object::builtin_function::PyBuiltin;
use crate::object::define::{TypeDef, flag, member};
use crate::object::dict::PyDict;
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::type_of;
use crate::object::{exception, float, ids, int, protocol, str_};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// The body of an encoder. Nothing in it changes.
pub struct PyEncoder {
    values: [Slot; 6],
    sort: bool,
    skip: bool,
    allow_nan: bool,
}

const MARKERS: usize = 0;
const DEFAULT: usize = 1;
const ENCODER: usize = 2;
const INDENT: usize = 3;
const KEY_SEPARATOR: usize = 4;
const ITEM_SEPARATOR: usize = 5;

support::slots_payload!(PyEncoder, ids::JSON_ENCODER, "Encoder", values);

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "make_encoder",
        params: &[
            "markers",
            "default",
            "encoder",
            "indent",
            "key_separator",
            "item_separator",
            "sort_keys",
            "skipkeys",
            "allow_nan",
        ],
        posonly: 0,
        positional: 9,
        required: 9,
    };
    let given: [Option<&Obj>; 9] = args.bind(ctx, &SIGNATURE)?;
    let given = given.map(|value| value.unwrap_or(Obj::none()));
    for index in [KEY_SEPARATOR, ITEM_SEPARATOR] {
        if str_::text_of(given[index]).is_none() {
            let class = protocol::type_name(ctx, given[index]);
            return Err(raise!(
                ctx,
                TypeError,
                "make_encoder() argument {} must be str, not {class}",
                index + 1
            ));
        }
    }
    if !given[MARKERS].is_none() && given[MARKERS].downcast::<PyDict>().is_none() {
        let class = protocol::type_name(ctx, given[MARKERS]);
        return Err(raise!(
            ctx,
            TypeError,
            "make_encoder() argument 1 must be dict or None, not {class}"
        ));
    }
    let body = PyEncoder {
        values: std::array::from_fn(|index| Slot::new(given[index].clone())),
        sort: protocol::truth(ctx, given[6])?,
        skip: protocol::truth(ctx, given[7])?,
        allow_nan: protocol::truth(ctx, given[8])?,
    };
    payload::allocate(ctx, support::id_of(class), body)
}

/// How strings are written.
enum Strings {
    Plain,
    Ascii,
    By(Obj),
}

/// The text of one value in the making.
struct Encoding<'a> {
    encoder: &'a PyEncoder,
    strings: Strings,
    default: Obj,
    /// Containers around the value, if circles are looked for: by their addresses, the dict of the program.
    markers: Option<Obj>,
    indent: Option<Obj>,
    key_separator: Obj,
    item_separator: Obj,
    output: Wtf8Buf,
    /// Bytes of output for which there was room.
    asked: usize,
}

fn text(x: &Obj) -> &Wtf8 {
    str_::text_of(x).unwrap_or(Wtf8::from_str(""))
}

impl Encoding<'_> {
    fn string(&mut self, ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
        let by = match &self.strings {
            Strings::Plain => return string::write(ctx, &mut self.output, text(x), false),
            Strings::Ascii => return string::write(ctx, &mut self.output, text(x), true),
            Strings::By(by) => by.clone(),
        };
        let made = protocol::call(ctx, &by, std::slice::from_ref(x))?;
        let Some(made) = str_::text_of(&made) else {
            let class = protocol::type_name(ctx, &made);
            return Err(raise!(
                ctx,
                TypeError,
                "encoder() must return a string, not {class}"
            ));
        };
        self.output.push_wtf8(made);
        Ok(())
    }

    /// The text of a number or constant; `None` for anything else.
    fn atom(&mut self, ctx: &mut Ctx, x: &Obj) -> PyResult<Option<String>> {
        if x.is_none() {
            return Ok(Some("null".into()));
        }
        if x.is(&Obj::TRUE) {
            return Ok(Some("true".into()));
        }
        if x.is(&Obj::FALSE) {
            return Ok(Some("false".into()));
        }
        if let Some(value) = float::to_f64(x) {
            if value.is_finite() {
                return Ok(Some(float_text::repr(value)));
            }
            if !self.encoder.allow_nan {
                let shown = protocol::repr_string(ctx, x)?;
                return Err(raise!(
                    ctx,
                    ValueError,
                    "Out of range float values are not JSON compliant: {shown}"
                ));
            }
            let name = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            return Ok(Some(name.into()));
        }
        match int::view(x) {
            Some(view) => int::convert::to_text(ctx, view).map(Some),
            None => Ok(None),
        }
    }

    fn value(&mut self, ctx: &mut Ctx, x: &Obj, level: usize) -> PyResult<()> {
        let len = self.output.byte_len();
        if len > self.asked {
            // The text, and the string that is made of it.
            outside::room(ctx, len.saturating_mul(3))?;
            self.asked = len.saturating_mul(2);
        }
        if str_::text_of(x).is_some() {
            return self.string(ctx, x);
        }
        if let Some(atom) = self.atom(ctx, x)? {
            self.output.push_str(&atom);
            return Ok(());
        }
        protocol::recursive(ctx, " while encoding a JSON object", |ctx| {
            if let Some(list) = x.downcast::<PyList>() {
                let items = list.to_vec(ctx);
                return self.list(ctx, x, items, level);
            }
            if let Some(tuple) = x.downcast::<PyTuple>() {
                let items = tuple.items().to_vec();
                return self.list(ctx, x, items, level);
            }
            if x.downcast::<PyDict>().is_some() {
                return self.dict(ctx, x, level);
            }
            let key = self.enter(ctx, x)?;
            let default = self.default.clone();
            let replaced = protocol::call(ctx, &default, std::slice::from_ref(x))?;
            let done = self.value(ctx, &replaced, level);
            if let Err(raised) = done {
                let class = class_name(ctx, x);
                return noted(ctx, raised, &format!("when serializing {class} object"));
            }
            self.leave(ctx, key)
        })
    }

    /// Remembers a container, which must not be in itself.
    fn enter(&mut self, ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
        let Some(markers) = &self.markers else {
            return Ok(None);
        };
        let key = int::from_big(ctx, protocol::address(x).into())?;
        let markers = markers.expect::<PyDict>();
        if markers.contains(ctx, &key)? {
            return Err(raise!(ctx, ValueError, "Circular reference detected"));
        }
        markers.set(ctx, &key, x.clone())?;
        Ok(Some(key))
    }

    fn leave(&mut self, ctx: &mut Ctx, key: Option<Obj>) -> PyResult<()> {
        if let (Some(markers), Some(key)) = (&self.markers, key)
            && markers.expect::<PyDict>().remove(ctx, &key)?.is_none()
        {
            return Err(crate::object::dict::methods::key_error(ctx, &key));
        }
        Ok(())
    }

    /// Begins a new line, if lines are indented.
    fn line(&mut self, ctx: &mut Ctx, level: usize) -> PyResult<()> {
        if let Some(indent) = &self.indent {
            let indent = text(indent);
            outside::room(ctx, indent.byte_len().saturating_mul(level))?;
            self.output.push_str("\n");
            for _ in 0..level {
                self.output.push_wtf8(indent);
            }
        }
        Ok(())
    }

    fn list(&mut self, ctx: &mut Ctx, x: &Obj, items: Vec<Obj>, level: usize) -> PyResult<()> {
        if items.is_empty() {
            self.output.push_str("[]");
            return Ok(());
        }
        let key = self.enter(ctx, x)?;
        self.output.push_str("[");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.output.push_wtf8(text(&self.item_separator));
            }
            self.line(ctx, level + 1)?;
            if let Err(raised) = self.value(ctx, item, level + 1) {
                let class = class_name(ctx, x);
                return noted(
                    ctx,
                    raised,
                    &format!("when serializing {class} item {index}"),
                );
            }
        }
        self.leave(ctx, key)?;
        self.line(ctx, level)?;
        self.output.push_str("]");
        Ok(())
    }

    fn dict(&mut self, ctx: &mut Ctx, x: &Obj, level: usize) -> PyResult<()> {
        if protocol::len(ctx, x)? == 0 {
            self.output.push_str("{}");
            return Ok(());
        }
        let key = self.enter(ctx, x)?;
        self.output.push_str("{");
        let pairs = match x.downcast_exact::<PyDict>() {
            Some(dict) if !self.encoder.sort => dict.items(ctx),
            _ => self.pairs(ctx, x)?,
        };
        let mut first = true;
        for (key, value) in pairs {
            let written = if str_::text_of(&key).is_some() {
                key.clone()
            } else if let Some(atom) = self.atom(ctx, &key)? {
                str_::new(ctx, &atom)?
            } else if self.encoder.skip {
                continue;
            } else {
                let class = protocol::type_name(ctx, &key);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "keys must be str, int, float, bool or None, not {class}"
                ));
            };
            if !first {
                self.output.push_wtf8(text(&self.item_separator));
            }
            first = false;
            self.line(ctx, level + 1)?;
            self.string(ctx, &written)?;
            self.output.push_wtf8(text(&self.key_separator));
            if let Err(raised) = self.value(ctx, &value, level + 1) {
                let raised = exception::take(ctx, raised);
                let class = class_name(ctx, x);
                let shown = protocol::repr_string(ctx, &key)?;
                let raised = exception::raise_again(ctx, raised);
                return noted(
                    ctx,
                    raised,
                    &format!("when serializing {class} item {shown}"),
                );
            }
        }
        self.leave(ctx, key)?;
        if !first {
            self.line(ctx, level)?;
        }
        self.output.push_str("}");
        Ok(())
    }

    /// What `items()` gives, in order if that is wanted.
    fn pairs(&mut self, ctx: &mut Ctx, x: &Obj) -> PyResult<Vec<(Obj, Obj)>> {
        let name = str_::intern(ctx, "items");
        let items = protocol::call_method(ctx, x, &name, &[])?;
        let items = protocol::collect(ctx, &items)?;
        let items = list::from_vec(ctx, items)?;
        if self.encoder.sort {
            let name = str_::intern(ctx, "sort");
            protocol::call_method(ctx, &items, &name, &[])?;
        }
        let items = protocol::collect(ctx, &items)?;
        let mut pairs = Vec::with_capacity(items.len());
        for item in items {
            match item.downcast::<PyTuple>().map(|tuple| tuple.items()) {
                Some([key, value]) => pairs.push((key.clone(), value.clone())),
                _ => return Err(raise!(ctx, ValueError, "items must return 2-tuples")),
            }
        }
        Ok(pairs)
    }
}

/// The name of the class of a value.
fn class_name(ctx: &Ctx, x: &Obj) -> String {
    support::plain_name(ctx, type_of(ctx, x))
}

/// Adds a note to the exception that is stored.
#[cold]
fn noted(ctx: &mut Ctx, raised: crate::error::Raised, note: &str) -> PyResult<()> {
    let error = exception::take(ctx, raised);
    let note = str_::new(ctx, note)?;
    let name = str_::intern(ctx, "add_note");
    protocol::call_method(ctx, &error, &name, &[note])?;
    Err(exception::raise_again(ctx, error))
}

fn call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "_iterencode",
        params: &["obj", "_current_indent_level"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [value, level] = args.bind(ctx, &SIGNATURE)?;
    let level = protocol::c_ssize(ctx, level.unwrap_or(Obj::none()))?;
    let body = this.expect::<PyEncoder>();
    let mut fields = body
        .values
        .each_ref()
        .map(|slot| slot.get(ctx, &body.header).unwrap_or(Obj::NONE));
    let mut field = |index: usize| std::mem::replace(&mut fields[index], Obj::NONE);
    let encoder = field(ENCODER);
    let native = encoder.downcast::<PyBuiltin>().map(|f| f.method);
    let strings = match native {
        Some(method) if std::ptr::eq(method, &FUNCTIONS[0]) => Strings::Ascii,
        Some(method) if std::ptr::eq(method, &FUNCTIONS[1]) => Strings::Plain,
        _ => Strings::By(encoder),
    };
    let mut encoding = Encoding {
        encoder: &body.payload,
        strings,
        default: field(DEFAULT),
        markers: Some(field(MARKERS)).filter(|markers| !markers.is_none()),
        indent: Some(field(INDENT)).filter(|indent| !indent.is_none()),
        key_separator: field(KEY_SEPARATOR),
        item_separator: field(ITEM_SEPARATOR),
        output: Wtf8Buf::new(),
        asked: 64 << 10,
    };
    let value = value.unwrap_or(Obj::none());
    encoding.value(ctx, value, usize::try_from(level).unwrap_or(0))?;
    let output = str_::from_buf(ctx, encoding.output)?;
    tuple::from_vec(ctx, vec![output])
}

fn value(ctx: &mut Ctx, this: &Obj, index: usize) -> PyResult {
    let body: &Body<PyEncoder> = this.expect();
    Ok(body.values[index]
        .get(ctx, &body.header)
        .unwrap_or(Obj::NONE))
}

/// `_json.Encoder`.
pub static ENCODER_TYPE: TypeDef = TypeDef {
    id: ids::JSON_ENCODER,
    name: "_json.Encoder",
    base: ids::OBJECT,
    layout: ids::JSON_ENCODER,
    kind: &Body::<PyEncoder>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        call: Some(call),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[
        member("markers", |ctx, this| value(ctx, this, MARKERS)),
        member("default", |ctx, this| value(ctx, this, DEFAULT)),
        member("encoder", |ctx, this| value(ctx, this, ENCODER)),
        member("indent", |ctx, this| value(ctx, this, INDENT)),
        member("key_separator", |ctx, this| value(ctx, this, KEY_SEPARATOR)),
        member("item_separator", |ctx, this| {
            value(ctx, this, ITEM_SEPARATOR)
        }),
        member("sort_keys", |_, this| {
            Ok(Obj::bool(this.expect::<PyEncoder>().payload.sort))
        }),
        member("skipkeys", |_, this| {
            Ok(Obj::bool(this.expect::<PyEncoder>().payload.skip))
        }),
    ],
    doc: "Encodes values as JSON.",
};
