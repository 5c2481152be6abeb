//! Making a class: `type(name, bases, namespace)`, which is what a `class` statement ends in.

use super::super::args::Args;
use super::super::cell::PyCell;
use super::super::class_method::PyClassMethod;
use super::super::define::flag;
use super::super::descriptor;
use super::super::dict::{self, PyDict};
use super::super::instance::Shape;
use super::super::names::names;
use super::super::obj::Obj;
use super::super::payload::{self, Body};
use super::super::slot::{Locked, Slot};
use super::super::slots::Slots;
use super::super::static_method::PyStaticMethod;
use super::super::str_::{self, PyStr};
use super::super::tuple::{self, PyTuple};
use super::super::{attribute, counted, exception, ids, protocol};
use super::{PyType, access, entry_of, mro, type_by_id, type_id_of, type_object, type_of};
use crate::error::{PyResult, no_memory, raise};
use crate::host::HashSet;
use crate::prelude::*;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Header;
use kit_core::refcount::per_thread::CountId;
use kit_core::thread::Ctx;

/// Fewest and most inline attribute values of an instance, and how many when the class lists fields
/// as annotations only.
const MIN_VALUES: usize = 3;
const MAX_VALUES: usize = 61;
const ANNOTATED_VALUES: usize = 7;

/// Calls a class: makes an instance and initialises it.
pub fn call(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let body = class.expect::<PyType>();
    if body.id == ids::TYPE {
        if let [value] = args.pos {
            args.no_keywords(ctx, "type")?;
            return Ok(type_of(ctx, value).to_obj());
        }
        if args.pos.len() != 3 {
            return Err(raise!(ctx, TypeError, "type() takes 1 or 3 arguments"));
        }
    }
    let Some(new) = body.slots(ctx).new else {
        let name = super::full_name(ctx, class)?;
        return Err(raise!(ctx, TypeError, "cannot create '{name}' instances"));
    };
    let object = new(ctx, class, args)?;
    let made = type_of(ctx, &object);
    if made.id != body.id && !made.is_subtype(ctx, body) {
        return Ok(object);
    }
    if let Some(init) = made.slots(ctx).init {
        init(ctx, &object, args)?;
    }
    Ok(object)
}

/// `type.__init__`: everything was done by `type.__new__`.
pub fn init(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult<()> {
    match args.pos.len() {
        1 if !args.names.is_empty() => Err(raise!(
            ctx,
            TypeError,
            "type.__init__() takes no keyword arguments"
        )),
        1 | 3 => Ok(()),
        _ => Err(raise!(
            ctx,
            TypeError,
            "type.__init__() takes 1 or 3 arguments"
        )),
    }
}

/// The most derived of `meta` and the metaclasses of the bases.
pub fn metaclass(ctx: &mut Ctx, meta: &Obj, bases: &[Obj]) -> PyResult {
    let mut winner = meta.clone();
    for base in bases {
        let other = type_of(ctx, base).to_obj();
        let (w, o) = (winner.expect::<PyType>(), other.expect::<PyType>());
        if w.is_subtype(ctx, o) {
            continue;
        }
        if !o.is_subtype(ctx, w) {
            return Err(raise!(
                ctx,
                TypeError,
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
            ));
        }
        winner = other;
    }
    Ok(winner)
}

fn wrong_argument(ctx: &mut Ctx, index: usize, wanted: &str, given: &Obj) -> crate::error::Raised {
    let given = str_::argument_type(ctx, given);
    raise!(
        ctx,
        TypeError,
        "type.__new__() argument {index} must be {wanted}, not {given}"
    )
}

/// UnicodeEncodeError for a text with lone surrogates: the names of classes have none.
pub(super) fn check_encodable(ctx: &mut Ctx, text: &Obj) -> PyResult<()> {
    let Some(body) = text.downcast::<PyStr>() else {
        return Ok(());
    };
    if body.to_str().is_some() {
        return Ok(());
    }
    Err(exception::unicode::no_surrogates(ctx, text))
}

/// `type.__new__(meta, name, bases, namespace, **keywords)`.
pub fn new(ctx: &mut Ctx, meta: &Obj, args: Args<'_>) -> PyResult {
    let [name, bases, namespace] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "type.__new__() takes exactly 3 arguments ({} given)",
            args.pos.len()
        ));
    };
    if name.downcast::<PyStr>().is_none() {
        return Err(wrong_argument(ctx, 1, "str", name));
    }
    if name.expect::<PyStr>().bytes().contains(&0) {
        return Err(raise!(
            ctx,
            ValueError,
            "type name must not contain null characters"
        ));
    }
    check_encodable(ctx, name)?;
    let Some(base_items) = bases.downcast::<PyTuple>() else {
        return Err(wrong_argument(ctx, 2, "tuple", bases));
    };
    if namespace.downcast::<PyDict>().is_none() {
        return Err(wrong_argument(ctx, 3, "dict", namespace));
    }
    let bases = if base_items.items().is_empty() {
        let object = type_object(ctx, ids::OBJECT);
        tuple::from_vec(ctx, vec![object])?
    } else {
        bases.clone()
    };
    let base_items = bases.expect::<PyTuple>().items();
    for base in base_items {
        if base.downcast::<PyType>().is_none() {
            let entries = &names(ctx).mro_entries;
            if protocol::find_attr(ctx, base, entries)?.is_some() {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "type() doesn't support MRO entry resolution; use types.new_class()"
                ));
            }
        }
    }
    let winner = metaclass(ctx, meta, base_items)?;
    if !winner.is(meta) {
        let own = new as fn(&mut Ctx, &Obj, Args<'_>) -> PyResult;
        if let Some(other) = winner.expect::<PyType>().slots(ctx).new
            && !core::ptr::fn_addr_eq(other, own)
        {
            return other(ctx, &winner, args);
        }
    }
    let class = build(ctx, &winner, name, &bases, namespace, None)?;
    set_names(ctx, &class)?;
    init_subclass(ctx, &class, args)?;
    Ok(class)
}

// --- Layout --------------------------------------------------------------------------------------

/// The nearest class in the chain of bases that adds something to the layout of instances.
pub(super) fn solid(ctx: &Ctx, class: &Obj) -> Obj {
    let mut class = class.clone();
    loop {
        let body = class.expect::<PyType>();
        let Some(base) = body.base.get(ctx, &body.header) else {
            return class;
        };
        let below = base.expect::<PyType>();
        if body.layout != below.layout
            || body.shape.members != below.shape.members
            || crate::object::exception::adds_fields(body.id)
        {
            return class;
        }
        class = base;
    }
}

/// The base whose layout instances extend.
pub fn best_base(ctx: &mut Ctx, bases: &[Obj]) -> PyResult {
    let mut best: Option<(Obj, Obj)> = None;
    for base in bases {
        let Some(body) = base.downcast::<PyType>() else {
            return Err(raise!(ctx, TypeError, "bases must be types"));
        };
        if body.flags.load(Relaxed) & flag::BASE == 0 {
            let name = super::full_name(ctx, base)?;
            return Err(raise!(
                ctx,
                TypeError,
                "type '{name}' is not an acceptable base type"
            ));
        }
        let candidate = solid(ctx, base);
        let replace = match &best {
            None => true,
            Some((winner, _)) => {
                let (w, c) = (winner.expect::<PyType>(), candidate.expect::<PyType>());
                if w.is_subtype(ctx, c) {
                    false
                } else if c.is_subtype(ctx, w) {
                    true
                } else {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "multiple bases have instance lay-out conflict"
                    ));
                }
            }
        };
        if replace {
            best = Some((candidate, base.clone()));
        }
    }
    match best {
        Some((_, base)) => Ok(base),
        None => Ok(type_object(ctx, ids::OBJECT)),
    }
}

/// What `__slots__` asks for.
struct Members {
    names: Vec<Obj>,
    dict: bool,
    weakref: bool,
}

/// `__x` in class `C` means `_C__x`.
fn mangle(class: &str, name: &str) -> String {
    let class = class.trim_start_matches('_');
    if class.is_empty() || !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        name.to_owned()
    } else {
        format!("_{class}{name}")
    }
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let start = |c: char| c == '_' || unicode_ident::is_xid_start(c);
    chars.next().is_some_and(start) && chars.all(unicode_ident::is_xid_continue)
}

fn read_slots(
    ctx: &mut Ctx,
    slots: &Obj,
    class_name: &Obj,
    base: &Obj,
    bases: &[Obj],
    namespace: &Obj,
) -> PyResult<Members> {
    let entries = if slots.downcast::<PyStr>().is_some() {
        vec![slots.clone()]
    } else {
        protocol::collect(ctx, slots)?
    };
    let base_body = base.expect::<PyType>();
    let base_flags = base_body.flags.load(Relaxed);
    if !entries.is_empty()
        && matches!(
            base_body.layout,
            ids::INT | ids::TUPLE | ids::BYTES | ids::TYPE
        )
    {
        let name = protocol::class_name(ctx, base_body);
        return Err(raise!(
            ctx,
            TypeError,
            "nonempty __slots__ not supported for subtype of '{name}'"
        ));
    }
    let mut members = Members {
        names: Vec::new(),
        dict: false,
        weakref: false,
    };
    let class_text = class_name.expect::<PyStr>().as_str_lossy();
    let mut texts: Vec<String> = Vec::new();
    for entry in &entries {
        let Some(text) = entry.downcast::<PyStr>() else {
            let given = protocol::type_name(ctx, entry);
            return Err(raise!(
                ctx,
                TypeError,
                "__slots__ items must be strings, not '{given}'"
            ));
        };
        let text = text.as_str_lossy();
        if !is_identifier(&text) {
            return Err(raise!(ctx, TypeError, "__slots__ must be identifiers"));
        }
        match &*text {
            "__dict__" => {
                if base_flags & flag::DICT != 0 || members.dict {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "__dict__ slot disallowed: we already got one"
                    ));
                }
                members.dict = true;
            }
            "__weakref__" => {
                let inherited = base_flags & flag::WEAKREF != 0 && base_body.id != ids::OBJECT;
                if inherited || members.weakref {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "__weakref__ slot disallowed: we already got one"
                    ));
                }
                members.weakref = true;
            }
            name => {
                let name = mangle(&class_text, name);
                let interned = str_::intern_text(ctx, &name)?;
                let clash = namespace.expect::<PyDict>().get_name(ctx, &interned);
                if clash.is_some() && !matches!(&*name, "__qualname__" | "__classcell__") {
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "'{name}' in __slots__ conflicts with class variable"
                    ));
                }
                texts.push(name);
            }
        }
    }
    texts.sort();
    texts.dedup();
    for text in texts {
        members.names.push(str_::intern_text(ctx, &text)?);
    }
    for other in bases.iter().filter(|other| !other.is(base)) {
        let other = other.expect::<PyType>();
        let flags = other.flags.load(Relaxed);
        members.dict |= flags & flag::DICT != 0;
        members.weakref |= flags & flag::WEAKREF != 0 && other.id != ids::OBJECT;
    }
    Ok(members)
}

/// How many attribute values instances have room for inline: as many as the methods of the class and
/// its bases assign through `self`, as the compiler has counted.
fn inline_values(ctx: &mut Ctx, bases: &[Obj], namespace: &Obj) -> usize {
    let all = names(ctx);
    let mut seen: HashSet<_> = HashSet::default();
    let mut annotated = false;
    let mut read = |ctx: &Ctx, namespace: &Body<PyDict>| {
        if let Some(hint) = namespace.get_name(ctx, &all.static_attributes)
            && let Some(hint) = hint.downcast::<PyTuple>()
        {
            for name in hint.items() {
                if let Some(name) = name.downcast::<PyStr>() {
                    seen.insert(name.bytes().to_vec());
                }
            }
        }
        annotated |= namespace.get_name(ctx, &all.annotations).is_some();
    };
    read(ctx, namespace.expect::<PyDict>());
    for base in bases {
        let body = base.expect::<PyType>();
        let Some(mro) = body.mro.get(ctx, &body.header) else {
            continue;
        };
        for class in mro.expect::<PyTuple>().items() {
            let class = class.expect::<PyType>();
            if class.flags.load(Relaxed) & flag::IMMUTABLE == 0 {
                read(ctx, class.dict.expect::<PyDict>());
            }
        }
    }
    let annotate = str_::intern(ctx, "__annotate_func__");
    let fields = namespace.expect::<PyDict>();
    annotated |=
        fields.get_name(ctx, &annotate).is_some() || fields.get_name(ctx, &all.annotate).is_some();
    let least = if annotated {
        ANNOTATED_VALUES
    } else {
        MIN_VALUES
    };
    seen.len().clamp(least, MAX_VALUES)
}

/// Bytes of the body of instances with this layout, for layouts of a fixed size.
fn fixed_body(layout: u32) -> u32 {
    if matches!(layout, ids::TUPLE | ids::STR | ids::BYTES) {
        return 0;
    }
    let kind = entry_of(layout).kind();
    let header = Header::immortal(layout);
    // SAFETY: the kinds of fixed layouts look at no more than the header.
    let size = unsafe { (kind.size)(&header) };
    size.next_multiple_of(16) as u32
}

fn shape_of(base: &Body<PyType>, members: usize, dict: bool, values: usize) -> Shape {
    let inherited = &base.shape;
    let offset = if base.id >= ids::FIRST_DYNAMIC {
        inherited.offset
    } else {
        fixed_body(base.layout)
    };
    let members = inherited.members as usize + members;
    let mut values = if dict { values } else { 0 };
    // The object ends where a block does.
    if dict && (members + 1 + values) % 2 == 1 {
        values += 1;
    }
    Shape::new(offset, members as u16, dict, values as u16)
}

// --- The class itself ----------------------------------------------------------------------------

/// A class whose instances native code makes: beyond what `base` has they have this many member slots without names, and no
/// dict; and no class is derived from it.
///
/// # Errors
/// MemoryError.
pub fn closed(ctx: &mut Ctx, name: &Obj, base: Obj, namespace: &Obj, members: usize) -> PyResult {
    let meta = type_object(ctx, ids::TYPE);
    let bases = tuple::from_vec(ctx, vec![base])?;
    let class = build(ctx, &meta, name, &bases, namespace, Some(members))?;
    // AcqRel: as where the class gets its other flags.
    let flags = &class.expect::<PyType>().flags;
    flags.fetch_and(!flag::BASE, AcqRel);
    Ok(class)
}

/// `unnamed` is how many member slots without names instances get, instead of what `__slots__` says.
fn build(
    ctx: &mut Ctx,
    meta: &Obj,
    name: &Obj,
    bases: &Obj,
    namespace: &Obj,
    unnamed: Option<usize>,
) -> PyResult {
    let items = bases.expect::<PyTuple>().items();
    let base = best_base(ctx, items)?;
    let base_body = base.expect::<PyType>();
    let base_flags = base_body.flags.load(Relaxed);

    let copy = dict::new(ctx)?;
    let mut odd = false;
    for (key, value) in namespace.expect::<PyDict>().items(ctx) {
        match key.downcast_exact::<PyStr>() {
            Some(_) => {
                let key = str_::intern_obj(ctx, &key)?;
                copy.expect::<PyDict>().set_name(ctx, &key, value)?;
            }
            None => {
                odd |= key.downcast::<PyStr>().is_none();
                copy.expect::<PyDict>().set(ctx, &key, value)?;
            }
        }
    }
    if odd {
        let name = name.expect::<PyStr>().as_str_lossy().into_owned();
        let message = format!("non-string key in the __dict__ of class {name}");
        crate::module::warnings::warn(ctx, exception::class::RuntimeWarning, &message)?;
    }
    let namespace = copy;
    let fields = namespace.expect::<PyDict>();
    let all = names(ctx);

    let slots = fields.get_name(ctx, &all.slots);
    let members = match slots.filter(|_| unnamed.is_none()) {
        Some(slots) => read_slots(ctx, &slots, name, &base, items, &namespace)?,
        None => Members {
            names: Vec::new(),
            dict: unnamed.is_none(),
            weakref: unnamed.is_none(),
        },
    };
    let qualname = match fields.remove_name(ctx, &all.qualname) {
        None => name.clone(),
        Some(text) if text.downcast::<PyStr>().is_some() => text,
        Some(other) => {
            let given = protocol::type_name(ctx, &other);
            return Err(raise!(
                ctx,
                TypeError,
                "type __qualname__ must be a str, not {given}"
            ));
        }
    };
    let cell = fields.remove_name(ctx, &all.classcell);
    if let Some(cell) = &cell
        && cell.downcast::<PyCell>().is_none()
    {
        let given = type_of(ctx, cell).to_obj();
        let given = protocol::repr_string(ctx, &given)?;
        return Err(raise!(
            ctx,
            TypeError,
            "__classcell__ must be a nonlocal cell, not {given}"
        ));
    }
    let classdict = str_::intern(ctx, "__classdictcell__");
    let dict_cell = fields.remove_name(ctx, &classdict);

    // A body that brings its own dict gets no second one.
    let native_dict = !ids::is_bare_layout(base_body.layout)
        && type_by_id(ctx, base_body.layout).flags.load(Relaxed) & flag::DICT != 0;
    let has_dict = base_flags & flag::DICT != 0 || members.dict;
    let adds_dict = has_dict && base_flags & flag::DICT == 0;
    let fixed = !matches!(base_body.layout, ids::INT | ids::TUPLE | ids::BYTES);
    let weakly =
        fixed && members.weakref || base_flags & flag::WEAKREF != 0 && base_body.id != ids::OBJECT;
    let adds_weakref = weakly && (base_body.id == ids::OBJECT || base_flags & flag::WEAKREF == 0);
    let values = inline_values(ctx, items, &namespace);
    let shape = shape_of(
        base_body,
        unnamed.unwrap_or(members.names.len()),
        has_dict && !native_dict,
        values,
    );
    let first_member = base_body.shape.members;

    prepare_namespace(ctx, &namespace)?;

    let mut flags = flag::BASE | base_flags & flag::MATCH_SELF;
    if has_dict {
        flags |= flag::DICT;
    }
    if weakly {
        flags |= flag::WEAKREF;
    }
    let made = Made {
        flags,
        name: name.clone(),
        qualname,
        base: base.clone(),
        bases: bases.clone(),
        namespace: namespace.clone(),
        shape,
    };
    let class = allocate(ctx, meta, made)?;
    let body = class.expect::<PyType>();

    // A metaclass's `mro` may call methods that refer to the class.
    if let Some(cell) = cell {
        let cell = cell.expect::<PyCell>();
        cell.value.set(ctx, &cell.header, Some(class.clone()));
    }
    let order = mro::compute(ctx, &class)?;
    // Which patterns instances match is what the first class in the order says that says anything.
    let patterns = order.expect::<PyTuple>().items().iter().find_map(|other| {
        let theirs = other.expect::<PyType>().flags.load(Relaxed);
        Some(theirs & (flag::SEQUENCE | flag::MAPPING)).filter(|flags| *flags != 0)
    });
    body.flags.fetch_or(patterns.unwrap_or(0), AcqRel);
    body.mro.set(ctx, &body.header, Some(order));
    for (offset, name) in members.names.iter().enumerate() {
        let index = first_member + offset as u16;
        let member = descriptor::new_member(ctx, name, &class, index)?;
        fields.set_name(ctx, name, member)?;
    }
    let special = [
        (adds_dict, &all.dict, &descriptor::INSTANCE_DICT),
        (adds_weakref, &all.weakref, &descriptor::INSTANCE_WEAKREF),
    ];
    for (wanted, name, def) in special {
        if wanted && fields.get_name(ctx, name).is_none() {
            let attribute = descriptor::new_getset(ctx, def, &class)?;
            fields.set_name(ctx, name, attribute)?;
        }
    }
    match fields.get_name(ctx, &all.doc) {
        None => fields.set_name(ctx, &all.doc, Obj::NONE)?,
        Some(doc) if doc.downcast::<PyStr>().is_some() => check_encodable(ctx, &doc)?,
        Some(_) => {}
    }
    for base in items {
        base.expect::<PyType>().add_subclass(ctx, body.id);
    }
    access::changed(ctx, &class, true)?;
    if let Some(cell) = dict_cell
        && let Some(cell) = cell.downcast::<PyCell>()
    {
        cell.value.set(ctx, &cell.header, Some(namespace.clone()));
    }
    Ok(class)
}

/// Adds to a new class's namespace what every class has, and wraps the methods that need it.
fn prepare_namespace(ctx: &mut Ctx, namespace: &Obj) -> PyResult<()> {
    let all = names(ctx);
    let fields = namespace.expect::<PyDict>();
    if fields.get_name(ctx, &all.module).is_none()
        && let Some(globals) = crate::vm::exec::current_globals(ctx)
        && let Some(module) = globals.expect::<PyDict>().get_name(ctx, &all.name)
    {
        fields.set_name(ctx, &all.module, module)?;
    }
    if fields.get_name(ctx, &all.eq).is_some() && fields.get_name(ctx, &all.hash).is_none() {
        fields.set_name(ctx, &all.hash, Obj::NONE)?;
    }
    if let Some(function) = fields.get_name(ctx, &all.new)
        && type_id_of(&function) == ids::FUNCTION
    {
        let wrapped = PyStaticMethod::of(ctx, function)?;
        fields.set_name(ctx, &all.new, wrapped)?;
    }
    for name in [&all.init_subclass, &all.class_getitem] {
        if let Some(function) = fields.get_name(ctx, name)
            && type_id_of(&function) == ids::FUNCTION
        {
            let wrapped = PyClassMethod::of(ctx, function)?;
            fields.set_name(ctx, name, wrapped)?;
        }
    }
    Ok(())
}

struct Made {
    flags: u32,
    name: Obj,
    qualname: Obj,
    base: Obj,
    bases: Obj,
    namespace: Obj,
    shape: Shape,
}

/// Makes the type object and enters it into the table, with the operations of its base for now.
fn allocate(ctx: &mut Ctx, meta: &Obj, made: Made) -> PyResult {
    let base = made.base.expect::<PyType>();
    let layout = base.layout;
    let slots = *base.slots(ctx);
    let kind = entry_of(base.id).kind();
    let Some(block) = ctx
        .thread()
        .heap
        .alloc(HeapKind::Buffer, size_of::<Slots>())
    else {
        return Err(no_memory(ctx));
    };
    let table = block.cast::<Slots>();
    // SAFETY: fresh and large enough.
    unsafe { table.write(slots) };
    let Some(id) = ctx.thread().services().types.allocate(kind) else {
        // SAFETY: allocated above, used by nobody.
        unsafe { ctx.thread().heap.free(block) };
        return Err(no_memory(ctx));
    };
    let meta_id = meta.expect::<PyType>().id;
    let class = payload::allocate(
        ctx,
        meta_id,
        PyType {
            id,
            layout,
            flags: AtomicU32::new(made.flags),
            name: Slot::new(made.name),
            qualname: Slot::new(made.qualname),
            base: Slot::new(made.base),
            bases: Slot::new(made.bases),
            mro: Slot::empty(),
            dict: made.namespace,
            slots: AtomicPtr::new(table.as_ptr()),
            shape: made.shape,
            subclasses: Locked::new(Vec::new()),
            count_id: CountId::none(),
            def: None,
        },
    );
    let class = match class {
        Ok(class) => class,
        Err(raised) => {
            // SAFETY: as above: no class took it over.
            unsafe { ctx.thread().heap.free(block) };
            ctx.thread().services().types.release(id);
            return Err(raised);
        }
    };
    counted::share_class(ctx, class.expect::<PyType>());
    let entry = entry_of(id);
    entry.set_flags(layout << 16 | crate::object::weakref::refers(layout));
    entry.set_object(class.word().plain());
    Ok(class)
}

/// Calls `__set_name__` of what the namespace holds.
fn set_names(ctx: &mut Ctx, class: &Obj) -> PyResult<()> {
    let namespace = class.expect::<PyType>().dict.expect::<PyDict>();
    let hook = &names(ctx).set_name;
    for (name, value) in namespace.items(ctx) {
        let Some(method) = attribute::bound_special(ctx, &value, hook)? else {
            continue;
        };
        if let Err(raised) = protocol::call(ctx, &method, &[class.clone(), name.clone()]) {
            let exception = exception::take(ctx, raised);
            let kind = protocol::type_name(ctx, &value);
            let owner = protocol::class_name(ctx, class.expect::<PyType>());
            let name = protocol::repr_string(ctx, &name)?;
            let text =
                format!("Error calling __set_name__ on '{kind}' instance {name} in '{owner}'");
            let text = str_::new(ctx, &text)?;
            let add_note = str_::intern(ctx, "add_note");
            protocol::call_method(ctx, &exception, &add_note, &[text])?;
            return Err(exception::raise_again(ctx, exception));
        }
    }
    Ok(())
}

/// Calls the bases' `__init_subclass__` with the keywords of the class statement.
fn init_subclass(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult<()> {
    let name = &names(ctx).init_subclass;
    let body = class.expect::<PyType>();
    let Some(order) = body.mro.get(ctx, &body.header) else {
        return Ok(());
    };
    let after = order.expect::<PyTuple>().items().iter().skip(1);
    let found = after.filter_map(|c| c.downcast::<PyType>()).find_map(|c| {
        c.dict
            .expect::<PyDict>()
            .get_name(ctx, name)
            .map(|f| (c.id, f))
    });
    let Some((owner, found)) = found else {
        return Ok(());
    };
    if owner == ids::OBJECT && args.names.is_empty() {
        return Ok(());
    }
    let bound = match type_of(ctx, &found).slots(ctx).descr_get {
        Some(get) => get(ctx, &found, None, class)?,
        None => found,
    };
    protocol::call_with(ctx, &bound, Args { pos: &[], ..args }).map(drop)
}
