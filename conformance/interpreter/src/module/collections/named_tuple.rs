//! `namedtuple`: classes of tuples whose items have names.
//!
//! A class is made as a `class` statement would make it. Its `__new__` is an object that knows the
//! fields and their defaults; the attributes are descriptors that know an index; the methods are the
//! same native ones for all, which find the fields through the class.

use crate::error::{PyResult, raise};
use crate::module::support::{descriptor_of, plain_name};
use crate::object::args::{Args, Signature, unexpected_keyword};
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol;
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, type_object, type_of};
use crate::object::{ids, list};
use crate::text::str_methods;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

// --- Attributes ----------------------------------------------------------------------------------

/// The attribute for the item at an index.
pub struct TupleGetter {
    index: usize,
    doc: Slot,
}

// SAFETY: `trace` reports the docstring.
unsafe impl Payload for TupleGetter {
    const ID: u32 = ids::TUPLE_GETTER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "_tuplegetter";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.doc.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the object.
        drop(self.doc.replace_locked(ctx, None));
    }
}

fn getter_get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(instance) = instance.filter(|instance| !instance.is_none()) else {
        return Ok(x.clone());
    };
    let index = x.expect::<TupleGetter>().index;
    let Some(tuple) = instance.downcast::<PyTuple>() else {
        let class = protocol::type_name(ctx, instance);
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{class}' object"
        ));
    };
    match tuple.items().get(index) {
        Some(item) => Ok(item.clone()),
        None => Err(raise!(ctx, IndexError, "tuple index out of range")),
    }
}

fn getter_set(ctx: &mut Ctx, _: &Obj, _: &Obj, value: Option<&Obj>) -> PyResult<()> {
    Err(if value.is_some() {
        raise!(ctx, AttributeError, "can't set attribute")
    } else {
        raise!(ctx, AttributeError, "can't delete attribute")
    })
}

fn getter_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let getter = x.expect::<TupleGetter>();
    let doc = getter.doc.get(ctx, &getter.header).unwrap_or(Obj::NONE);
    let doc = protocol::repr_string(ctx, &doc)?;
    str_::new(ctx, &format!("_tuplegetter({}, {doc})", getter.index))
}

fn getter_doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TupleGetter>();
    Ok(body.doc.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn set_doc(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = x.expect::<TupleGetter>();
    body.doc.set(ctx, &body.header, value.cloned());
    Ok(())
}

/// The type of the attributes.
pub static TUPLE_GETTER: TypeDef = TypeDef {
    id: ids::TUPLE_GETTER,
    name: "collections._tuplegetter",
    base: ids::OBJECT,
    layout: ids::TUPLE_GETTER,
    kind: &Body::<TupleGetter>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(getter_repr),
        descr_get: Some(getter_get),
        descr_set: Some(getter_set),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[GetSet {
        name: "__doc__",
        get: getter_doc,
        set: Some(set_doc),
    }],
    doc: "",
};

// --- __new__ -------------------------------------------------------------------------------------

/// The `__new__` of a class: called with the class and the values.
pub struct NamedTupleNew {
    name: Obj,
    /// The names of the fields, a tuple of interned strings.
    fields: Obj,
    /// Defaults of the last fields, a tuple.
    defaults: Obj,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for NamedTupleNew {
    const ID: u32 = ids::NAMED_TUPLE_NEW;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "function";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [&self.name, &self.fields, &self.defaults] {
            tracer.word(value.word());
        }
    }
}

fn items(tuple: &Obj) -> &[Obj] {
    tuple.expect::<PyTuple>().items()
}

fn text(name: &Obj) -> String {
    name.expect::<PyStr>().as_str_lossy().into_owned()
}

fn new_call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let new = x.expect::<NamedTupleNew>();
    let (fields, defaults) = (items(&new.fields), items(&new.defaults));
    let given = args.pos.len();
    if given == fields.len() + 1 && args.names.is_empty() {
        let class = class_of(ctx, &args.pos[0])?;
        return tuple::with_type(ctx, class, args.pos[1..].iter().cloned());
    }
    let name = text(&new.name);
    let mut values: Vec<Option<Obj>> = vec![None; fields.len()];
    for (slot, value) in values.iter_mut().zip(args.pos.iter().skip(1)) {
        *slot = Some(value.clone());
    }
    for (key, value) in args.names.iter().zip(args.values) {
        let wanted = key.expect::<PyStr>().bytes();
        let found = fields
            .iter()
            .position(|field| field.expect::<PyStr>().bytes() == wanted);
        let Some(index) = found else {
            let names: Vec<_> = fields.iter().map(text).collect();
            let names: Vec<&str> = names.iter().map(|name| name.as_ref()).collect();
            let function = format!("{name}.__new__");
            return Err(unexpected_keyword(ctx, &function, &text(key), &names));
        };
        if values[index].is_some() {
            let key = text(key);
            return Err(raise!(
                ctx,
                TypeError,
                "{name}.__new__() got multiple values for argument '{key}'"
            ));
        }
        values[index] = Some(value.clone());
    }
    if given > fields.len() + 1 {
        let (most, least) = (fields.len() + 1, fields.len() + 1 - defaults.len());
        let wanted = if least < most {
            format!("from {least} to {most} positional arguments")
        } else if most == 1 {
            "1 positional argument".to_owned()
        } else {
            format!("{most} positional arguments")
        };
        return Err(raise!(
            ctx,
            TypeError,
            "{name}.__new__() takes {wanted} but {given} were given"
        ));
    }
    let first_default = fields.len() - defaults.len();
    let mut missing = Vec::new();
    if given == 0 {
        missing.push("'_cls'".to_owned());
    }
    for (index, slot) in values.iter_mut().enumerate() {
        if slot.is_none() {
            match index.checked_sub(first_default) {
                Some(at) => *slot = Some(defaults[at].clone()),
                None => missing.push(format!("'{}'", text(&fields[index]))),
            }
        }
    }
    if !missing.is_empty() {
        let count = missing.len();
        let plural = if count == 1 { "" } else { "s" };
        let list = match &missing[..] {
            [one] => one.clone(),
            [first, second] => format!("{first} and {second}"),
            [others @ .., last] => format!("{}, and {last}", others.join(", ")),
            [] => String::new(),
        };
        return Err(raise!(
            ctx,
            TypeError,
            "{name}.__new__() missing {count} required positional argument{plural}: {list}"
        ));
    }
    let class = class_of(ctx, &args.pos[0])?;
    let values: Vec<Obj> = values.into_iter().flatten().collect();
    tuple::with_type(ctx, class, values.into_iter())
}

/// The id of a class derived from `tuple`.
fn class_of(ctx: &mut Ctx, class: &Obj) -> PyResult<u32> {
    match class.downcast::<PyType>() {
        Some(body) if body.layout == ids::TUPLE => Ok(body.id),
        Some(body) => {
            let name = protocol::class_name(ctx, body);
            Err(raise!(
                ctx,
                TypeError,
                "tuple.__new__({name}): {name} is not a subtype of tuple"
            ))
        }
        None => {
            let given = protocol::type_name(ctx, class);
            Err(raise!(
                ctx,
                TypeError,
                "tuple.__new__(X): X is not a type object ({given})"
            ))
        }
    }
}

fn new_defaults(_: &mut Ctx, x: &Obj) -> PyResult {
    let new = x.expect::<NamedTupleNew>();
    Ok(if items(&new.defaults).is_empty() {
        Obj::NONE
    } else {
        new.defaults.clone()
    })
}

fn new_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = text(&x.expect::<NamedTupleNew>().name);
    let address = protocol::address(x);
    str_::new(ctx, &format!("<function {name}.__new__ at {address:#x}>"))
}

fn new_name(ctx: &mut Ctx, _: &Obj) -> PyResult {
    Ok(str_::intern(ctx, "__new__"))
}

/// The type of the `__new__` functions.
pub static NAMED_TUPLE_NEW: TypeDef = TypeDef {
    id: ids::NAMED_TUPLE_NEW,
    name: "_namedtuple_new",
    base: ids::OBJECT,
    layout: ids::NAMED_TUPLE_NEW,
    kind: &Body::<NamedTupleNew>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(new_call),
        repr: Some(new_repr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[
        crate::object::define::getter("__defaults__", new_defaults),
        crate::object::define::getter("__name__", new_name),
    ],
    doc: "",
};

// --- Methods -------------------------------------------------------------------------------------

fn fields_of(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let fields = protocol::getattr_str(ctx, x, "_fields")?;
    if fields.downcast::<PyTuple>().is_some() {
        return Ok(fields);
    }
    let fields = protocol::collect(ctx, &fields)?;
    tuple::from_vec(ctx, fields)
}

fn make(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "_make", 1, 1)?;
    let values = protocol::collect(ctx, &args.pos[0])?;
    make_from(ctx, class, values)
}

fn make_from(ctx: &mut Ctx, class: &Obj, values: Vec<Obj>) -> PyResult {
    let fields = fields_of(ctx, class)?;
    let (wanted, given) = (items(&fields).len(), values.len());
    if given != wanted {
        return Err(raise!(
            ctx,
            TypeError,
            "Expected {wanted} arguments, got {given}"
        ));
    }
    let id = class_of(ctx, class)?;
    tuple::with_type(ctx, id, values.into_iter())
}

fn replace(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    if !args.pos.is_empty() {
        let name = plain_name(ctx, class.expect::<PyType>());
        let given = args.pos.len() + 1;
        return Err(raise!(
            ctx,
            TypeError,
            "{name}._replace() takes 1 positional argument but {given} were given"
        ));
    }
    let fields = fields_of(ctx, x)?;
    let mut values = items(x).to_vec();
    let mut unexpected = Vec::new();
    for (name, value) in args.names.iter().zip(args.values) {
        let wanted = name.expect::<PyStr>().bytes();
        let index = items(&fields).iter().position(|field| {
            field
                .downcast::<PyStr>()
                .is_some_and(|field| field.bytes() == wanted)
        });
        match index.and_then(|index| values.get_mut(index)) {
            Some(slot) => *slot = value.clone(),
            None => unexpected.push(name.clone()),
        }
    }
    if !unexpected.is_empty() {
        let names = list::from_vec(ctx, unexpected)?;
        let names = protocol::repr_string(ctx, &names)?;
        return Err(raise!(
            ctx,
            TypeError,
            "Got unexpected field names: {names}"
        ));
    }
    make_from(ctx, &class, values)
}

fn asdict(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let fields = fields_of(ctx, x)?;
    let result = dict::new(ctx)?;
    for (field, value) in items(&fields).iter().zip(items(x)) {
        result.expect::<PyDict>().set(ctx, field, value.clone())?;
    }
    Ok(result)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let fields = fields_of(ctx, x)?;
    let mut parts = Vec::new();
    for (field, value) in items(&fields).iter().zip(items(x)) {
        let field = protocol::str_string(ctx, field)?;
        let value = protocol::repr_string(ctx, value)?;
        parts.push(format!("{field}={value}"));
    }
    let class = plain_name(ctx, type_of(ctx, x));
    str_::new(ctx, &format!("{class}({})", parts.join(", ")))
}

fn getnewargs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    tuple::from_slice(ctx, items(x))
}

static METHODS: &[Method] = &[
    method("_make", Native::C(make)),
    method("_replace", Native::MA(replace)),
    method("__replace__", Native::MA(replace)),
    method("__repr__", Native::M0(repr)),
    method("_asdict", Native::M0(asdict)),
    method("__getnewargs__", Native::M0(getnewargs)),
];

// --- The function --------------------------------------------------------------------------------

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

fn is_identifier(name: &Obj) -> bool {
    str_methods::isidentifier(name.expect::<PyStr>().text())
}

fn is_keyword(name: &Obj) -> bool {
    KEYWORDS.contains(&&*name.expect::<PyStr>().as_str_lossy())
}

/// The names of the fields as strings: from a string, or an iterable.
fn field_names(ctx: &mut Ctx, names: &Obj) -> PyResult<Vec<Obj>> {
    if let Some(names) = names.downcast::<PyStr>() {
        let names = names.as_str_lossy().replace(',', " ");
        return names
            .split_whitespace()
            .map(|name| str_::intern_text(ctx, name))
            .collect();
    }
    let mut fields = Vec::new();
    for name in protocol::collect(ctx, names)? {
        let name = protocol::str(ctx, &name)?;
        fields.push(str_::intern_obj(ctx, &name)?);
    }
    Ok(fields)
}

/// Checks the names, or (`rename`) replaces those that will not do.
fn check_names(ctx: &mut Ctx, name: &Obj, fields: &mut [Obj], rename: bool) -> PyResult<()> {
    if rename {
        for index in 0..fields.len() {
            let field = &fields[index];
            let bad = !is_identifier(field)
                || is_keyword(field)
                || field.expect::<PyStr>().bytes().starts_with(b"_")
                || fields[..index].iter().any(|earlier| earlier.is(field));
            if bad {
                fields[index] = str_::intern_text(ctx, &format!("_{index}"))?;
            }
        }
    }
    for field in std::iter::once(name).chain(fields.iter()) {
        let (identifier, keyword) = (is_identifier(field), is_keyword(field));
        if !identifier || keyword {
            let field = protocol::repr_string(ctx, field)?;
            return Err(if keyword {
                raise!(
                    ctx,
                    ValueError,
                    "Type names and field names cannot be a keyword: {field}"
                )
            } else {
                raise!(
                    ctx,
                    ValueError,
                    "Type names and field names must be valid identifiers: {field}"
                )
            });
        }
    }
    for (index, field) in fields.iter().enumerate() {
        let shown = |ctx: &mut Ctx| protocol::repr_string(ctx, field);
        if field.expect::<PyStr>().bytes().starts_with(b"_") && !rename {
            let field = shown(ctx)?;
            return Err(raise!(
                ctx,
                ValueError,
                "Field names cannot start with an underscore: {field}"
            ));
        }
        if fields[..index].iter().any(|earlier| earlier.is(field)) {
            let field = shown(ctx)?;
            return Err(raise!(
                ctx,
                ValueError,
                "Encountered duplicate field name: {field}"
            ));
        }
    }
    Ok(())
}

/// `namedtuple(typename, field_names, *, rename=False, defaults=None, module=None)`.
pub fn namedtuple(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "namedtuple",
        params: &["typename", "field_names", "rename", "defaults", "module"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let given = args.pos.len();
    if given > 2 {
        return Err(raise!(
            ctx,
            TypeError,
            "namedtuple() takes 2 positional arguments but {given} were given"
        ));
    }
    let [name, names, rename, defaults, module] = args.bind(ctx, &SIGNATURE)?;
    let (name, names) = match (name, names) {
        (Some(name), Some(names)) => (name, names),
        (None, Some(_)) => return Err(lacking(ctx, "1 required positional argument: 'typename'")),
        (Some(_), None) => {
            return Err(lacking(
                ctx,
                "1 required positional argument: 'field_names'",
            ));
        }
        (None, None) => {
            return Err(lacking(
                ctx,
                "2 required positional arguments: 'typename' and 'field_names'",
            ));
        }
    };
    let rename = match rename {
        Some(rename) => protocol::truth(ctx, rename)?,
        None => false,
    };
    let mut fields = field_names(ctx, names)?;
    let name = protocol::str(ctx, name)?;
    let name = str_::intern_obj(ctx, &name)?;
    check_names(ctx, &name, &mut fields, rename)?;
    let defaults = match defaults.filter(|defaults| !defaults.is_none()) {
        Some(defaults) => protocol::collect(ctx, defaults)?,
        None => Vec::new(),
    };
    if defaults.len() > fields.len() {
        return Err(raise!(
            ctx,
            TypeError,
            "Got more default values than field names"
        ));
    }
    build(ctx, &name, fields, defaults, module)
}

fn lacking(ctx: &mut Ctx, what: &str) -> crate::error::Raised {
    raise!(ctx, TypeError, "namedtuple() missing {what}")
}

/// Makes the class.
fn build(
    ctx: &mut Ctx,
    name: &Obj,
    fields: Vec<Obj>,
    defaults: Vec<Obj>,
    module: Option<&Obj>,
) -> PyResult {
    let listed: Vec<String> = fields.iter().map(text).collect();
    let doc = format!("{}({})", text(name), listed.join(", "));
    let by_name = dict::new(ctx)?;
    let first_default = fields.len() - defaults.len();
    for (field, default) in fields[first_default..].iter().zip(&defaults) {
        by_name
            .expect::<PyDict>()
            .set(ctx, field, default.clone())?;
    }
    let field_tuple = tuple::from_slice(ctx, &fields)?;
    let defaults = tuple::from_vec(ctx, defaults)?;
    let new = payload::new(
        ctx,
        NamedTupleNew {
            name: name.clone(),
            fields: field_tuple.clone(),
            defaults,
        },
    )?;
    let namespace = dict::new(ctx)?;
    let mut entries = vec![
        ("__doc__", str_::new(ctx, &doc)?),
        ("__slots__", crate::vm::thread::empty_tuple(ctx)),
        ("_fields", field_tuple.clone()),
        ("_field_defaults", by_name),
        ("__new__", new),
    ];
    for method in METHODS {
        entries.push((method.name, descriptor_of(ctx, method, ids::TUPLE)?));
    }
    entries.push(("__match_args__", field_tuple));
    if let Some(module) = module.filter(|module| !module.is_none()) {
        entries.push(("__module__", module.clone()));
    }
    for (key, value) in entries {
        let key = str_::intern(ctx, key);
        namespace.expect::<PyDict>().set_name(ctx, &key, value)?;
    }
    for (index, field) in fields.iter().enumerate() {
        let doc = str_::new(ctx, &format!("Alias for field number {index}"))?;
        let getter = payload::new(
            ctx,
            TupleGetter {
                index,
                doc: Slot::new(doc),
            },
        )?;
        namespace.expect::<PyDict>().set_name(ctx, field, getter)?;
    }
    let base = type_object(ctx, ids::TUPLE);
    let bases = tuple::from_vec(ctx, vec![base])?;
    let maker = type_object(ctx, ids::TYPE);
    protocol::call(ctx, &maker, &[name.clone(), bases, namespace])
}

/// What stands for a field in the namespace of a class of tuples.
pub fn field_at(ctx: &mut Ctx, index: usize) -> PyResult {
    payload::new(
        ctx,
        TupleGetter {
            index,
            doc: Slot::empty(),
        },
    )
}
