//! The methods and attributes of classes.

use super::super::annotate as computed;
use super::super::args::Args;
use super::super::builtin_function::{doc_of, signature_of};
use super::super::define::{GetSet, Method, Native, flag, getter, member, method};
use super::super::dict;
use super::super::names::names;
use super::super::obj::Obj;
use super::super::payload::Body;
use super::super::str_::{self, PyStr};
use super::super::tuple::PyTuple;
use super::super::{ids, instance, int, list, mapping_proxy, object_, protocol};
use super::{PyType, access, check, create, mro, type_of};
use crate::error::{PyResult, Raised, raise};
use crate::prelude::*;
use core::sync::atomic::Ordering::Relaxed;
use kit_core::thread::Ctx;

fn is_immutable(class: &Body<PyType>) -> bool {
    class.flags.load(Relaxed) & flag::IMMUTABLE != 0
}

/// Checks that `name` of the class may be set to `value`.
fn check_set<'a>(
    ctx: &mut Ctx,
    class: &Obj,
    name: &'static str,
    value: Option<&'a Obj>,
) -> PyResult<&'a Obj> {
    let body = class.expect::<PyType>();
    let class_name = protocol::defined_name(ctx, body);
    if is_immutable(body) {
        return Err(raise!(
            ctx,
            TypeError,
            "cannot set '{name}' attribute of immutable type '{class_name}'"
        ));
    }
    let Some(value) = value else {
        return Err(raise!(
            ctx,
            TypeError,
            "cannot delete '{name}' attribute of immutable type '{class_name}'"
        ));
    };
    crate::module::sys::audit::attribute(ctx, "object.__setattr__", class, name, Some(value))?;
    Ok(value)
}

fn no_attribute(ctx: &mut Ctx, class: &Obj, name: &str) -> Raised {
    let class = protocol::defined_name(ctx, class.expect::<PyType>());
    raise!(
        ctx,
        AttributeError,
        "type object '{class}' has no attribute '{name}'"
    )
}

// --- Methods -------------------------------------------------------------------------------------

fn mro_method(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let order = mro::native(ctx, class)?;
    list::from_vec(ctx, order)
}

fn subclasses(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let found = class.expect::<PyType>().subclasses(ctx);
    list::from_vec(ctx, found)
}

fn prepare(ctx: &mut Ctx, _: &Obj, _: Args<'_>) -> PyResult {
    dict::new(ctx)
}

fn instance_check(ctx: &mut Ctx, class: &Obj, x: &Obj) -> PyResult {
    check::real_is_instance(ctx, x, class).map(Obj::bool)
}

fn subclass_check(ctx: &mut Ctx, class: &Obj, derived: &Obj) -> PyResult {
    check::real_is_subclass(ctx, derived, class).map(Obj::bool)
}

fn dir(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let mut found = Vec::new();
    super::names_of(ctx, class, &mut found)?;
    object_::unique(ctx, found)
}

/// The methods of `type`.
pub static METHODS: &[Method] = &[
    method("mro", Native::M0(mro_method)),
    method("__subclasses__", Native::M0(subclasses)),
    method("__prepare__", Native::C(prepare)),
    method("__instancecheck__", Native::M1(instance_check)),
    method("__subclasscheck__", Native::M1(subclass_check)),
    method("__dir__", Native::M0(dir)),
];

// --- Names ---------------------------------------------------------------------------------------

fn name(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    Ok(body.name.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn set_name(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = check_set(ctx, class, "__name__", value)?;
    let body = class.expect::<PyType>();
    let Some(text) = value.downcast::<PyStr>() else {
        let (class, given) = (
            protocol::class_name(ctx, body),
            protocol::type_name(ctx, value),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "can only assign string to {class}.__name__, not '{given}'"
        ));
    };
    if text.bytes().contains(&0) {
        return Err(raise!(
            ctx,
            ValueError,
            "type name must not contain null characters"
        ));
    }
    super::create::check_encodable(ctx, value)?;
    body.name.set(ctx, &body.header, Some(value.clone()));
    Ok(())
}

fn qualname(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    Ok(body.qualname.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn set_qualname(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = check_set(ctx, class, "__qualname__", value)?;
    let body = class.expect::<PyType>();
    if value.downcast::<PyStr>().is_none() {
        let (class, given) = (
            protocol::class_name(ctx, body),
            protocol::type_name(ctx, value),
        );
        return Err(raise!(
            ctx,
            TypeError,
            "can only assign string to {class}.__qualname__, not '{given}'"
        ));
    }
    body.qualname.set(ctx, &body.header, Some(value.clone()));
    Ok(())
}

fn module(ctx: &mut Ctx, class: &Obj) -> PyResult {
    if class.expect::<PyType>().id == ids::TYPE {
        // What its namespace has is this very attribute.
        return Ok(str_::intern(ctx, "builtins"));
    }
    match access::own(ctx, class, &names(ctx).module) {
        Some(module) if module.downcast::<PyStr>().is_some() => Ok(module),
        // Its namespace has the attribute of the instances under this name.
        Some(module) => Ok(match class.expect::<PyType>().def {
            Some(def) => {
                let module = def.name.rsplit_once('.').map_or("builtins", |(m, _)| m);
                str_::intern(ctx, module)
            }
            None => module,
        }),
        None => Ok(str_::intern(ctx, "builtins")),
    }
}

fn set_module(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = check_set(ctx, class, "__module__", value)?.clone();
    // Where it was written is in another module.
    let line = str_::intern(ctx, "__firstlineno__");
    if access::own(ctx, class, &line).is_some() {
        access::store(ctx, class, &line, None)?;
    }
    access::store(ctx, class, &names(ctx).module, Some(value)).map(drop)
}

fn doc(ctx: &mut Ctx, class: &Obj) -> PyResult {
    if let Some(def) = class.expect::<PyType>().def {
        return doc_of(ctx, def.doc);
    }
    let Some(found) = access::own(ctx, class, &names(ctx).doc) else {
        return Ok(Obj::NONE);
    };
    match type_of(ctx, &found).slots(ctx).descr_get {
        Some(get) => get(ctx, &found, None, class),
        None => Ok(found),
    }
}

fn set_doc(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = check_set(ctx, class, "__doc__", value)?.clone();
    access::store(ctx, class, &names(ctx).doc, Some(value)).map(drop)
}

fn text_signature(ctx: &mut Ctx, class: &Obj) -> PyResult {
    match class.expect::<PyType>().def {
        Some(def) => signature_of(ctx, def.doc),
        None => Ok(Obj::NONE),
    }
}

// --- Structure -----------------------------------------------------------------------------------

fn namespace(ctx: &mut Ctx, class: &Obj) -> PyResult {
    mapping_proxy::of(ctx, class.expect::<PyType>().dict.clone())
}

fn order(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    Ok(body.mro.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn base(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    Ok(body.base.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn bases(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    Ok(body.bases.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

/// Whether CPython's collector knows the instances of a class: they can refer to others.
fn collected(class: &Body<PyType>) -> bool {
    let refers = !matches!(
        class.layout,
        ids::OBJECT | ids::INT | ids::FLOAT | ids::COMPLEX | ids::STR | ids::BYTES | ids::BYTEARRAY
    );
    class.shape.has_dict || class.shape.members > 0 || refers
}

fn set_bases(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = check_set(ctx, class, "__bases__", value)?;
    let body = class.expect::<PyType>();
    let class_name = protocol::class_name(ctx, body);
    let Some(items) = value.downcast::<PyTuple>() else {
        let given = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "can only assign tuple to {class_name}.__bases__, not {given}"
        ));
    };
    if items.items().is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "can only assign non-empty tuple to {class_name}.__bases__, not ()"
        ));
    }
    for base in items.items() {
        let Some(base_body) = base.downcast::<PyType>() else {
            let given = protocol::type_name(ctx, base);
            return Err(raise!(
                ctx,
                TypeError,
                "{class_name}.__bases__ must be tuple of classes, not '{given}'"
            ));
        };
        if base_body.is_subtype(ctx, body) || extends(ctx, base, class) {
            return Err(raise!(
                ctx,
                TypeError,
                "a __bases__ item causes an inheritance cycle"
            ));
        }
    }
    let new_base = create::best_base(ctx, items.items())?;
    let (new, Some(old)) = (
        new_base.expect::<PyType>(),
        body.base.get(ctx, &body.header),
    ) else {
        return Ok(());
    };
    let old_body = old.expect::<PyType>();
    let alike = new.layout == old_body.layout
        && new.shape.members == old_body.shape.members
        && (new.shape.has_dict == old_body.shape.has_dict || body.shape.has_dict);
    let native = |class: &Body<PyType>| class.flags.load(Relaxed) & flag::IMMUTABLE != 0;
    let derived_alike =
        native(new) == native(old_body) && (!native(new) || new.layout == old_body.layout);
    if !alike || !derived_alike {
        let (new, old) = (
            protocol::class_name(ctx, new),
            protocol::class_name(ctx, old_body),
        );
        // CPython takes instances apart that its collector knows by another function than those it does not.
        let what = match collected(new_base.expect()) == collected(old_body) {
            true => "object layout",
            false => "deallocator",
        };
        return Err(raise!(
            ctx,
            TypeError,
            "__bases__ assignment: '{new}' {what} differs from '{old}'"
        ));
    }
    let old_bases = body.bases.replace(ctx, &body.header, Some(value.clone()));
    let old_base = body.base.replace(ctx, &body.header, Some(new_base.clone()));
    let mut orders = Vec::new();
    if let Err(raised) = reorder(ctx, class, &mut orders) {
        // Back to what it was.
        body.bases.set(ctx, &body.header, old_bases);
        body.base.set(ctx, &body.header, old_base);
        for (class, order) in orders.into_iter().rev() {
            let body = class.expect::<PyType>();
            body.mro.set(ctx, &body.header, order);
        }
        return Err(raised);
    }
    if !body
        .bases
        .get(ctx, &body.header)
        .is_some_and(|now| now.is(value))
    {
        // A custom `mro` has given the class other bases meanwhile, and entered it with those.
        return access::changed(ctx, class, true);
    }
    if let Some(old) = &old_bases {
        for base in old.expect::<PyTuple>().items() {
            base.expect::<PyType>().remove_subclass(ctx, body.id);
        }
    }
    for base in items.items() {
        base.expect::<PyType>().add_subclass(ctx, body.id);
    }
    access::changed(ctx, class, true)
}

/// Whether `class` is in the chain of bases of `derived`, also while a custom `mro` sees an order that is not the new one yet.
fn extends(ctx: &Ctx, derived: &Obj, class: &Obj) -> bool {
    let mut at = Some(derived.clone());
    while let Some(here) = at {
        if here.is(class) {
            return true;
        }
        let body = here.expect::<PyType>();
        at = body.base.get(ctx, &body.header);
    }
    false
}

/// Computes the order of a class and of all that derive from it anew; notes what the orders were.
fn reorder(ctx: &mut Ctx, class: &Obj, before: &mut Vec<(Obj, Option<Obj>)>) -> PyResult<()> {
    let order = mro::compute(ctx, class)?;
    let body = class.expect::<PyType>();
    let old = body.mro.replace(ctx, &body.header, Some(order));
    before.push((class.clone(), old));
    for derived in body.subclasses(ctx) {
        reorder(ctx, &derived, before)?;
    }
    Ok(())
}

fn flags(ctx: &mut Ctx, class: &Obj) -> PyResult {
    // The public bits that programs test: heap type, base type, immutable, abstract, where attributes are.
    let body = class.expect::<PyType>();
    let ours = body.flags.load(Relaxed);
    let mut bits = 1 << 12;
    for (flag, bit) in [
        (flag::BASE, 10),
        (flag::IMMUTABLE, 8),
        (flag::ABSTRACT, 20),
        (flag::SEQUENCE, 5),
        (flag::MAPPING, 6),
    ] {
        if ours & flag != 0 {
            bits |= 1 << bit;
        }
    }
    // `Generic` is a class that a module makes when it starts, in CPython.
    if ours & flag::IMMUTABLE == 0 || body.id == ids::GENERIC {
        bits |= 1 << 9;
    }
    if body.shape.has_dict {
        bits |= 1 << 4;
        if instance::value_offset(body, 0).is_some() {
            bits |= 1 << 2;
        }
    }
    int::from_i64(ctx, bits)
}

/// Bytes of an instance without those of its items and buffers.
fn basic_size(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    let layout = match body.layout {
        ids::OBJECT => 16,
        _ => 24,
    };
    let tail = (body.shape.members as usize + body.shape.has_dict as usize) * 8;
    int::from_usize(ctx, layout + tail)
}

/// Bytes of an item, in types whose instances differ in size.
fn item_size(_: &mut Ctx, class: &Obj) -> PyResult {
    Ok(Obj::small_int(match class.expect::<PyType>().layout {
        ids::INT => 4,
        ids::TUPLE => 8,
        ids::BYTES => 1,
        _ => 0,
    }))
}

/// Not 0 where instances have a `__dict__`; negative where a class of the program gave it to them.
fn dict_offset(_: &mut Ctx, class: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    Ok(Obj::small_int(if body.shape.has_dict {
        -1
    } else if body.flags.load(Relaxed) & flag::DICT != 0 {
        16
    } else {
        0
    }))
}

/// Not 0 where instances can be referred to weakly: the table of weak references is elsewhere.
fn weak_offset(_: &mut Ctx, class: &Obj) -> PyResult {
    let weak = class.expect::<PyType>().flags.load(Relaxed) & flag::WEAKREF != 0;
    Ok(Obj::small_int(if weak { -1 } else { 0 }))
}

// --- Abstract methods, annotations, parameters ---------------------------------------------------

fn abstract_methods(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let found = if class.expect::<PyType>().id == ids::TYPE {
        None
    } else {
        access::own(ctx, class, &names(ctx).abstractmethods)
    };
    match found {
        Some(found) => Ok(found),
        None => Err(no_attribute(ctx, class, "__abstractmethods__")),
    }
}

fn set_abstract_methods(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    if is_immutable(class.expect::<PyType>()) {
        check_set(ctx, class, "__abstractmethods__", value)?;
    }
    access::set_abstract(ctx, class, value)
}

const ANNOTATE: &str = "__annotate_func__";
const CACHE: &str = "__annotations_cache__";

fn own_annotate(ctx: &mut Ctx, class: &Obj) -> Option<Obj> {
    // What the class defines itself comes before what its annotations are compiled to.
    let other = str_::intern(ctx, ANNOTATE);
    access::own(ctx, class, &names(ctx).annotate).or_else(|| access::own(ctx, class, &other))
}

fn annotate(ctx: &mut Ctx, class: &Obj) -> PyResult {
    if is_immutable(class.expect::<PyType>()) {
        return Err(no_attribute(ctx, class, "__annotate__"));
    }
    let found = own_annotate(ctx, class);
    Ok(found.unwrap_or(Obj::NONE))
}

fn set_annotate(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(
            ctx,
            TypeError,
            "cannot delete __annotate__ attribute"
        ));
    };
    let value = check_set(ctx, class, "__annotate__", Some(value))?;
    computed::check(ctx, value)?;
    let (own, cache) = (str_::intern(ctx, ANNOTATE), str_::intern(ctx, CACHE));
    access::store(ctx, class, &names(ctx).annotate, None)?;
    access::store(ctx, class, &own, Some(value.clone()))?;
    if !value.is_none() {
        access::store(ctx, class, &cache, None)?;
    }
    Ok(())
}

fn annotations(ctx: &mut Ctx, class: &Obj) -> PyResult {
    if is_immutable(class.expect::<PyType>()) {
        return Err(no_attribute(ctx, class, "__annotations__"));
    }
    let cache = str_::intern(ctx, CACHE);
    let found = access::own(ctx, class, &names(ctx).annotations)
        .or_else(|| access::own(ctx, class, &cache));
    if let Some(found) = found {
        return match type_of(ctx, &found).slots(ctx).descr_get {
            Some(get) => get(ctx, &found, None, class),
            None => Ok(found),
        };
    }
    let made = match own_annotate(ctx, class).filter(|f| protocol::is_callable(ctx, f)) {
        Some(function) => computed::values(ctx, &function)?,
        None => dict::new(ctx)?,
    };
    access::store(ctx, class, &cache, Some(made.clone()))?;
    Ok(made)
}

fn set_annotations(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    if is_immutable(class.expect::<PyType>()) {
        check_set(ctx, class, "__annotations__", value)?;
    }
    let (own, cache) = (&names(ctx).annotations, str_::intern(ctx, CACHE));
    let plain = access::own(ctx, class, own).is_some();
    let done = if plain {
        access::store(ctx, class, own, value.cloned())?
    } else {
        access::store(ctx, class, &cache, value.cloned())?
    };
    if !done {
        return Err(no_attribute(ctx, class, "__annotations__"));
    }
    for stale in [str_::intern(ctx, ANNOTATE), names(ctx).annotate.clone()] {
        access::store(ctx, class, &stale, None)?;
    }
    Ok(())
}

fn type_params(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let found = if class.expect::<PyType>().id == ids::TYPE {
        None
    } else {
        access::own(ctx, class, &names(ctx).type_params)
    };
    Ok(found.unwrap_or_else(|| crate::vm::thread::empty_tuple(ctx)))
}

fn set_type_params(ctx: &mut Ctx, class: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let value = check_set(ctx, class, "__type_params__", value)?.clone();
    access::store(ctx, class, &names(ctx).type_params, Some(value)).map(drop)
}

const fn pair(
    name: &'static str,
    get: fn(&mut Ctx, &Obj) -> PyResult,
    set: fn(&mut Ctx, &Obj, Option<&Obj>) -> PyResult<()>,
) -> GetSet {
    GetSet {
        name,
        get,
        set: Some(set),
        member: false,
    }
}

/// The attributes of classes.
pub static GETSET: &[GetSet] = &[
    pair("__name__", name, set_name),
    pair("__qualname__", qualname, set_qualname),
    pair("__module__", module, set_module),
    pair("__doc__", doc, set_doc),
    pair("__bases__", bases, set_bases),
    pair(
        "__abstractmethods__",
        abstract_methods,
        set_abstract_methods,
    ),
    pair("__annotations__", annotations, set_annotations),
    pair("__annotate__", annotate, set_annotate),
    pair("__type_params__", type_params, set_type_params),
    getter("__dict__", namespace),
    getter("__mro__", order),
    member("__base__", base),
    member("__flags__", flags),
    member("__basicsize__", basic_size),
    member("__itemsize__", item_size),
    member("__dictoffset__", dict_offset),
    member("__weakrefoffset__", weak_offset),
    getter("__text_signature__", text_signature),
];
