//! `Template` and `Interpolation`: what a template string `t"..."` makes.

use super::args::{Args, Signature};
use super::define::{Native, TypeDef, flag, getter, member, method};
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::Slots;
use super::str_::{self, PyStr};
use super::tuple::{self, PyTuple};
use super::type_::type_object;
use super::{generic_alias, ids, protocol, type_};
use crate::error::{PyResult, raise};
use crate::module::import;
use crate::prelude::*;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

// --- Interpolation -------------------------------------------------------------------------------

/// The body of an interpolation: what stands in braces.
pub struct Interpolation {
    value: Obj,
    expression: Obj,
    /// `"s"`, `"r"`, `"a"` or `None`.
    conversion: Obj,
    format_spec: Obj,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for Interpolation {
    const ID: u32 = ids::INTERPOLATION;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "interpolation";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [
            &self.value,
            &self.expression,
            &self.conversion,
            &self.format_spec,
        ] {
            tracer.word(value.word());
        }
    }
}

/// An interpolation as written; conversions are numbered as in the operation.
pub fn interpolation(
    ctx: &mut Ctx,
    value: Obj,
    expression: Obj,
    conversion: usize,
    format_spec: Obj,
) -> PyResult {
    let conversion = match conversion {
        1 => str_::intern(ctx, "s"),
        2 => str_::intern(ctx, "r"),
        3 => str_::intern(ctx, "a"),
        _ => Obj::NONE,
    };
    let body = Interpolation {
        value,
        expression,
        conversion,
        format_spec,
    };
    payload::new(ctx, body)
}

static SIGNATURE: Signature = Signature {
    name: "Interpolation",
    params: &["value", "expression", "conversion", "format_spec"],
    posonly: 0,
    positional: 4,
    required: 1,
};

/// An argument that must be a string; empty if it is not given.
fn text_argument(ctx: &mut Ctx, name: &str, given: Option<&Obj>) -> PyResult {
    match given {
        None => str_::new(ctx, ""),
        Some(text) if text.downcast::<PyStr>().is_some() => Ok(text.clone()),
        Some(other) => {
            let class = str_::argument_type(ctx, other);
            Err(raise!(
                ctx,
                TypeError,
                "Interpolation() argument '{name}' must be str, not {class}"
            ))
        }
    }
}

fn new_interpolation(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let [value, expression, conversion, spec] = args.bind::<4>(ctx, &SIGNATURE)?;
    let expression = text_argument(ctx, "expression", expression)?;
    let conversion = match conversion.filter(|given| !given.is_none()) {
        None => Obj::NONE,
        given => {
            let given = text_argument(ctx, "conversion", given)?;
            let text = given.expect::<PyStr>().bytes();
            if !matches!(text, b"s" | b"r" | b"a") {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"
                ));
            }
            given
        }
    };
    let body = Interpolation {
        value: value.cloned().unwrap_or(Obj::NONE),
        expression,
        conversion,
        format_spec: text_argument(ctx, "format_spec", spec)?,
    };
    payload::new(ctx, body)
}

fn parts(x: &Obj) -> [Obj; 4] {
    let body = x.expect::<Interpolation>();
    [
        body.value.clone(),
        body.expression.clone(),
        body.conversion.clone(),
        body.format_spec.clone(),
    ]
}

fn value(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Interpolation>().value.clone())
}

fn expression(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Interpolation>().expression.clone())
}

fn conversion(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Interpolation>().conversion.clone())
}

fn format_spec(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Interpolation>().format_spec.clone())
}

fn repr_interpolation(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let mut texts = Vec::new();
    for part in parts(x) {
        texts.push(protocol::repr_string(ctx, &part)?);
    }
    str_::new(ctx, &format!("Interpolation({})", texts.join(", ")))
}

fn reduce_interpolation(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_object(ctx, ids::INTERPOLATION);
    let args = tuple::from_vec(ctx, parts(x).to_vec())?;
    tuple::from_vec(ctx, vec![class, args])
}

/// Gives the class its `__match_args__`.
pub fn start(ctx: &mut Ctx) -> PyResult<()> {
    let fields = SIGNATURE.params.iter();
    let fields: Vec<Obj> = fields.map(|name| str_::intern(ctx, name)).collect();
    let fields = tuple::from_vec(ctx, fields)?;
    let class = type_object(ctx, ids::INTERPOLATION);
    let name = &names(ctx).match_args;
    type_::access::store(ctx, &class, name, Some(fields))?;
    Ok(())
}

/// `string.templatelib.Interpolation`.
pub static INTERPOLATION: TypeDef = TypeDef {
    id: ids::INTERPOLATION,
    name: "string.templatelib.Interpolation",
    base: ids::OBJECT,
    layout: ids::INTERPOLATION,
    kind: &Body::<Interpolation>::KIND,
    flags: flag::IMMUTABLE,
    slots: Slots {
        new: Some(new_interpolation),
        repr: Some(repr_interpolation),
        ..Slots::NONE
    },
    methods: &[
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
        method("__reduce__", Native::M0(reduce_interpolation)),
    ],
    getset: &[
        member("value", value),
        member("expression", expression),
        member("conversion", conversion),
        member("format_spec", format_spec),
    ],
    doc: "A value in a template, with how it was written.",
};

// --- Template ------------------------------------------------------------------------------------

/// The body of a template: a string before, between and after its interpolations.
pub struct Template {
    strings: Obj,
    interpolations: Obj,
}

// SAFETY: `trace` reports both tuples.
unsafe impl Payload for Template {
    const ID: u32 = ids::TEMPLATE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "template";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.strings.word());
        tracer.word(self.interpolations.word());
    }
}

/// A template of a tuple of strings and one of interpolations, which has one less.
pub fn new(ctx: &mut Ctx, strings: Obj, interpolations: Obj) -> PyResult {
    // Constants, which a program may have replaced.
    let are = |of: &Obj, is: fn(&Obj) -> bool| {
        let of = of.downcast::<PyTuple>();
        of.is_some_and(|all| all.items().iter().all(is))
    };
    if !are(&strings, |text| text.downcast::<PyStr>().is_some())
        || !are(&interpolations, |x| x.downcast::<Interpolation>().is_some())
    {
        let message = "a template is made of strings and interpolations";
        return Err(raise!(ctx, TypeError, "{message}"));
    }
    let body = Template {
        strings,
        interpolations,
    };
    payload::new(ctx, body)
}

/// A template of strings and interpolations in any order.
fn from_parts(ctx: &mut Ctx, parts: &[Obj]) -> PyResult {
    let (mut strings, mut interpolations) = (Vec::new(), Vec::new());
    let mut last: Option<Obj> = None;
    for part in parts {
        if part.downcast::<Interpolation>().is_some() {
            let text = match last.take() {
                Some(text) => text,
                None => str_::new(ctx, "")?,
            };
            strings.push(text);
            interpolations.push(part.clone());
        } else {
            last = Some(match last {
                Some(text) => str_::concat(ctx, &text, part)?,
                None => part.clone(),
            });
        }
    }
    let text = match last {
        Some(text) => text,
        None => str_::new(ctx, "")?,
    };
    strings.push(text);
    let strings = tuple::from_vec(ctx, strings)?;
    let interpolations = tuple::from_vec(ctx, interpolations)?;
    new(ctx, strings, interpolations)
}

fn new_template(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    if !args.names.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "Template.__new__ only accepts *args arguments"
        ));
    }
    for part in args.pos {
        if part.downcast::<PyStr>().is_none() && part.downcast::<Interpolation>().is_none() {
            let class = protocol::type_name(ctx, part);
            return Err(raise!(
                ctx,
                TypeError,
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {class}"
            ));
        }
    }
    from_parts(ctx, args.pos)
}

fn strings(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Template>().strings.clone())
}

fn interpolations(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<Template>().interpolations.clone())
}

fn values(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let interpolations = &x.expect::<Template>().interpolations;
    let items = interpolations.expect::<PyTuple>().items().iter();
    let values = items.map(|item| item.expect::<Interpolation>().value.clone());
    tuple::from_vec(ctx, values.collect())
}

/// All parts in order, without empty strings.
fn all_parts(x: &Obj) -> Vec<Obj> {
    let body = x.expect::<Template>();
    let mut interpolations = body.interpolations.expect::<PyTuple>().items().iter();
    let mut all = Vec::new();
    for text in body.strings.expect::<PyTuple>().items() {
        if !text.expect::<PyStr>().bytes().is_empty() {
            all.push(text.clone());
        }
        all.extend(interpolations.next().cloned());
    }
    all
}

fn add(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    if a.downcast::<Template>().is_none() || b.downcast::<Template>().is_none() {
        let (x, y) = (protocol::type_name(ctx, a), protocol::type_name(ctx, b));
        return Err(raise!(
            ctx,
            TypeError,
            "can only concatenate {x} (not \"{y}\") to {x}"
        ));
    }
    let mut parts = all_parts(a);
    parts.extend(all_parts(b));
    from_parts(ctx, &parts)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<Template>();
    let strings = protocol::repr_string(ctx, &body.strings)?;
    let interpolations = protocol::repr_string(ctx, &body.interpolations)?;
    let text = format!("Template(strings={strings}, interpolations={interpolations})");
    str_::new(ctx, &text)
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let library = import::load(ctx, "string.templatelib")?;
    let unpickle = protocol::getattr_str(ctx, &library, "_template_unpickle")?;
    let body = x.expect::<Template>();
    let parts = vec![body.strings.clone(), body.interpolations.clone()];
    let args = tuple::from_vec(ctx, parts)?;
    tuple::from_vec(ctx, vec![unpickle, args])
}

fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let parts = all_parts(x).into();
    let next = AtomicUsize::new(0);
    payload::new(ctx, TemplateIter { parts, next })
}

/// `string.templatelib.Template`.
pub static TEMPLATE: TypeDef = TypeDef {
    id: ids::TEMPLATE,
    name: "string.templatelib.Template",
    base: ids::OBJECT,
    layout: ids::TEMPLATE,
    kind: &Body::<Template>::KIND,
    flags: flag::IMMUTABLE,
    slots: Slots {
        new: Some(new_template),
        repr: Some(repr),
        iter: Some(iter),
        concat: Some(add),
        ..Slots::NONE
    },
    methods: &[
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
        method("__reduce__", Native::M0(reduce)),
    ],
    getset: &[
        member("strings", strings),
        member("interpolations", interpolations),
        getter("values", values),
    ],
    doc: "A template string: its literal parts and its interpolations.",
};

// --- Iterating -----------------------------------------------------------------------------------

/// The body of an iterator over a template.
pub struct TemplateIter {
    parts: Box<[Obj]>,
    next: AtomicUsize,
}

// SAFETY: `trace` reports all parts.
unsafe impl Payload for TemplateIter {
    const ID: u32 = ids::TEMPLATE_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "template iterator";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        Obj::trace_all(&self.parts, tracer);
    }
}

fn next(_: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<TemplateIter>();
    // Relaxed: the parts do not change; threads that share the iterator get each one once.
    let more = |index: usize| (index < body.parts.len()).then_some(index + 1);
    let index = body.next.fetch_update(Relaxed, Relaxed, more);
    Ok(index.ok().map(|index| body.parts[index].clone()))
}

fn itself(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.clone())
}

/// The type of iterators over templates.
pub static TEMPLATE_ITER: TypeDef = TypeDef {
    id: ids::TEMPLATE_ITER,
    name: "string.templatelib.TemplateIter",
    base: ids::OBJECT,
    layout: ids::TEMPLATE_ITER,
    kind: &Body::<TemplateIter>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        iter: Some(itself),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "",
};
