//! `itemgetter`, `attrgetter` and `methodcaller`.

use crate::error::{PyResult, raise};
use crate::module::functools::partial;
use crate::module::support::{exactly, id_of};
use crate::object::args::Args;
use crate::object::define::{Method, Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::type_::{full_name, type_of};
use crate::object::{ids, tuple};
use crate::text::wtf8::Wtf8;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Kind, Tracer};
use kit_core::thread::Ctx;

const fn getter_type(
    id: u32,
    name: &'static str,
    kind: &'static Kind,
    slots: Slots,
    methods: &'static [Method],
    doc: &'static str,
) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::OBJECT,
        layout: id,
        kind,
        flags: flag::BASE,
        slots,
        methods,
        getset: &[],
        doc,
    }
}

/// `operator.name('a', 'b')`.
fn repr_of(ctx: &mut Ctx, x: &Obj, args: impl Iterator<Item = PyResult<String>>) -> PyResult {
    let args: Vec<String> = args.collect::<PyResult<_>>()?;
    let class = type_of(ctx, x).to_obj();
    let class = full_name(ctx, &class)?;
    str_::new(ctx, &format!("{class}({})", args.join(", ")))
}

fn reprs(ctx: &mut Ctx, values: &[Obj]) -> Vec<PyResult<String>> {
    values
        .iter()
        .map(|value| protocol::repr_string(ctx, value))
        .collect()
}

// --- itemgetter ----------------------------------------------------------------------------------

/// `itemgetter`: the subscripts.
pub struct ItemGetter {
    items: Box<[Obj]>,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for ItemGetter {
    const ID: u32 = ids::ITEMGETTER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "itemgetter";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.items.iter().for_each(|item| tracer.word(item.word()));
    }
}

fn item_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "itemgetter")?;
    if args.pos.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "itemgetter expected 1 argument, got 0"
        ));
    }
    let body = ItemGetter {
        items: args.pos.into(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn item_call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    exactly(ctx, &args, "itemgetter", 1)?;
    let (getter, object) = (x.expect::<ItemGetter>(), &args.pos[0]);
    if let [item] = &*getter.items {
        return protocol::getitem(ctx, object, item);
    }
    let mut values = Vec::with_capacity(getter.items.len());
    for item in &getter.items {
        values.push(protocol::getitem(ctx, object, item)?);
    }
    tuple::from_vec(ctx, values)
}

fn item_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let args = reprs(ctx, &x.expect::<ItemGetter>().items);
    repr_of(ctx, x, args.into_iter())
}

fn item_reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let args = tuple::from_slice(ctx, &x.expect::<ItemGetter>().items)?;
    let class = type_of(ctx, x).to_obj();
    tuple::from_vec(ctx, vec![class, args])
}

/// `operator.itemgetter`.
pub static ITEMGETTER: TypeDef = getter_type(
    ids::ITEMGETTER,
    "operator.itemgetter",
    &Body::<ItemGetter>::KIND,
    Slots {
        new: Some(item_new),
        call: Some(item_call),
        repr: Some(item_repr),
        ..Slots::NONE
    },
    &[method("__reduce__", Native::M0(item_reduce))],
    "itemgetter(item, /, *items)\n--\n\nReturn a callable object that fetches the given item(s) from its operand.",
);

// --- attrgetter ----------------------------------------------------------------------------------

/// `attrgetter`: the names as given, and each taken apart at the dots.
pub struct AttrGetter {
    names: Box<[Obj]>,
    paths: Box<[Box<[Obj]>]>,
}

// SAFETY: `trace` reports the names; the parts are strings, which the collector does not examine.
unsafe impl Payload for AttrGetter {
    const ID: u32 = ids::ATTRGETTER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "attrgetter";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.names.iter().for_each(|name| tracer.word(name.word()));
    }
}

fn attr_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "attrgetter")?;
    if args.pos.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "attrgetter expected 1 argument, got 0"
        ));
    }
    let mut paths = Vec::with_capacity(args.pos.len());
    for name in args.pos {
        let Some(name) = name.downcast::<PyStr>() else {
            return Err(raise!(ctx, TypeError, "attribute name must be a string"));
        };
        let path: Box<[Obj]> = name
            .bytes()
            .split(|byte| *byte == b'.')
            .map(|part| {
                // SAFETY: a part between two ASCII characters of well-formed text is well-formed.
                str_::intern_wtf8(ctx, unsafe { Wtf8::from_bytes_unchecked(part) })
            })
            .collect::<PyResult<_>>()?;
        paths.push(path);
    }
    let body = AttrGetter {
        names: args.pos.into(),
        paths: paths.into(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn follow(ctx: &mut Ctx, object: &Obj, path: &[Obj]) -> PyResult {
    let mut value = object.clone();
    for name in path {
        value = protocol::getattr(ctx, &value, name)?;
    }
    Ok(value)
}

fn attr_call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    exactly(ctx, &args, "attrgetter", 1)?;
    let (getter, object) = (x.expect::<AttrGetter>(), &args.pos[0]);
    if let [path] = &*getter.paths {
        return follow(ctx, object, path);
    }
    let mut values = Vec::with_capacity(getter.paths.len());
    for path in &getter.paths {
        values.push(follow(ctx, object, path)?);
    }
    tuple::from_vec(ctx, values)
}

fn attr_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let args = reprs(ctx, &x.expect::<AttrGetter>().names);
    repr_of(ctx, x, args.into_iter())
}

fn attr_reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let args = tuple::from_slice(ctx, &x.expect::<AttrGetter>().names)?;
    let class = type_of(ctx, x).to_obj();
    tuple::from_vec(ctx, vec![class, args])
}

/// `operator.attrgetter`.
pub static ATTRGETTER: TypeDef = getter_type(
    ids::ATTRGETTER,
    "operator.attrgetter",
    &Body::<AttrGetter>::KIND,
    Slots {
        new: Some(attr_new),
        call: Some(attr_call),
        repr: Some(attr_repr),
        ..Slots::NONE
    },
    &[method("__reduce__", Native::M0(attr_reduce))],
    "attrgetter(attr, /, *attrs)\n--\n\nReturn a callable object that fetches the given attribute(s) from its operand.",
);

// --- methodcaller --------------------------------------------------------------------------------

/// `methodcaller`.
pub struct MethodCaller {
    name: Obj,
    pos: Box<[Obj]>,
    names: Box<[Obj]>,
    values: Box<[Obj]>,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for MethodCaller {
    const ID: u32 = ids::METHODCALLER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "methodcaller";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.name.word());
        for value in self.pos.iter().chain(&self.names).chain(&self.values) {
            tracer.word(value.word());
        }
    }
}

fn caller_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let Some((name, pos)) = args.pos.split_first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "methodcaller needs at least one argument, the method name"
        ));
    };
    if name.downcast::<PyStr>().is_none() {
        return Err(raise!(ctx, TypeError, "method name must be a string"));
    }
    let body = MethodCaller {
        name: str_::intern_obj(ctx, name)?,
        pos: pos.into(),
        names: args.names.into(),
        values: args.values.into(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn caller_call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    exactly(ctx, &args, "methodcaller", 1)?;
    let caller = x.expect::<MethodCaller>();
    let method = protocol::getattr(ctx, &args.pos[0], &caller.name)?;
    let args = Args {
        pos: &caller.pos,
        names: &caller.names,
        values: &caller.values,
    };
    protocol::call_with(ctx, &method, args)
}

fn caller_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let caller = x.expect::<MethodCaller>();
    let mut args = vec![protocol::repr_string(ctx, &caller.name)];
    args.extend(reprs(ctx, &caller.pos));
    for (name, value) in caller.names.iter().zip(&caller.values) {
        let name = name.expect::<PyStr>().as_str_lossy().into_owned();
        let value = protocol::repr_string(ctx, value);
        args.push(value.map(|value| format!("{name}={value}")));
    }
    repr_of(ctx, x, args.into_iter())
}

fn caller_reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let caller = x.expect::<MethodCaller>();
    let class = type_of(ctx, x).to_obj();
    let mut args = vec![caller.name.clone()];
    if caller.names.is_empty() {
        args.extend(caller.pos.iter().cloned());
        let args = tuple::from_vec(ctx, args)?;
        return tuple::from_vec(ctx, vec![class, args]);
    }
    // Keyword arguments need a function that has them already.
    args.insert(0, class);
    let maker = partial::make(ctx, &args[0], &args[1..], &caller.names, &caller.values)?;
    let rest = tuple::from_slice(ctx, &caller.pos)?;
    tuple::from_vec(ctx, vec![maker, rest])
}

/// `operator.methodcaller`.
pub static METHODCALLER: TypeDef = getter_type(
    ids::METHODCALLER,
    "operator.methodcaller",
    &Body::<MethodCaller>::KIND,
    Slots {
        new: Some(caller_new),
        call: Some(caller_call),
        repr: Some(caller_repr),
        ..Slots::NONE
    },
    &[method("__reduce__", Native::M0(caller_reduce))],
    "methodcaller(name, /, *args, **kwargs)\n--\n\nReturn a callable object that calls the given method on its operand.",
);
