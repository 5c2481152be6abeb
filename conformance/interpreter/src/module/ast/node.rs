//! `ast.AST`: what all nodes are.

use crate::error::{PyResult, Raised, raise};
use crate::module::warnings;
use crate::object::args::Args;
use crate::object::define::{Method, Native, TypeDef, flag, method};
use crate::object::descriptor::OWN_INSTANCE_DICT;
use crate::object::dict::{self, PyDict};
use crate::object::exception::class;
use crate::object::list::{self, PyList};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::object_::{self, PyObject};
use crate::object::payload::Body;
use crate::object::repr_guard;
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{access, type_object, type_of};
use crate::object::{ids, instance, protocol, str_, union_};
use kit_core::thread::Ctx;

/// The name of a node's class in messages.
fn class_name(ctx: &Ctx, x: &Obj) -> String {
    let class = type_of(ctx, x);
    if class.id == ids::tailed::AST {
        return "ast.AST".to_owned();
    }
    protocol::class_name(ctx, class)
}

fn class_of(ctx: &Ctx, x: &Obj) -> Obj {
    type_of(ctx, x).to_obj()
}

/// The names in `_fields` or `_attributes` of a node's class.
fn names_in(ctx: &mut Ctx, x: &Obj, which: &'static str) -> PyResult<Vec<Obj>> {
    let class = class_of(ctx, x);
    let which = str_::intern(ctx, which);
    match protocol::find_attr(ctx, &class, &which)? {
        Some(found) => protocol::collect(ctx, &found),
        None => Ok(Vec::new()),
    }
}

fn holds(ctx: &mut Ctx, all: &[Obj], name: &Obj) -> PyResult<bool> {
    for known in all {
        if protocol::equals(ctx, known, name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn deprecated(ctx: &mut Ctx, message: &str) -> PyResult<()> {
    warnings::warn(ctx, class::DeprecationWarning, message)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    let fields = names_in(ctx, x, "_fields")?;
    let name = class_name(ctx, x);
    if args.pos.len() > fields.len() {
        let plural = if fields.len() == 1 { "" } else { "s" };
        return Err(raise!(
            ctx,
            TypeError,
            "{name} constructor takes at most {} positional argument{plural}",
            fields.len()
        ));
    }
    let mut missing: Vec<Obj> = fields[args.pos.len()..].to_vec();
    for (field, value) in fields.iter().zip(args.pos) {
        protocol::setattr(ctx, x, field, Some(value))?;
    }
    for (key, value) in args.names.iter().zip(args.values) {
        let text = key.expect::<PyStr>().as_str_lossy().into_owned();
        if holds(ctx, &fields[..args.pos.len()], key)? {
            return Err(raise!(
                ctx,
                TypeError,
                "{name} got multiple values for argument '{text}'"
            ));
        }
        let position = missing.iter().position(|field| {
            field
                .downcast::<PyStr>()
                .is_some_and(|field| *field.as_str_lossy() == *text)
        });
        match position {
            Some(index) => {
                missing.remove(index);
            }
            None => {
                let attributes = names_in(ctx, x, "_attributes")?;
                if !holds(ctx, &attributes, key)? {
                    deprecated(
                        ctx,
                        &format!(
                            "{name}.__init__ got an unexpected keyword argument '{text}'. Support for \
                             arbitrary keyword arguments is deprecated and will be removed in Python 3.15."
                        ),
                    )?;
                }
            }
        }
        protocol::setattr(ctx, x, key, Some(value))?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    let class = class_of(ctx, x);
    let types = str_::intern(ctx, "_field_types");
    let Some(types) = protocol::find_attr(ctx, &class, &types)? else {
        return Ok(());
    };
    for field in missing {
        fill(ctx, x, &name, &types, &field)?;
    }
    Ok(())
}

/// Gives a field that was not given what its type has for that.
fn fill(ctx: &mut Ctx, x: &Obj, name: &str, types: &Obj, field: &Obj) -> PyResult<()> {
    let kind = match types.downcast::<PyDict>() {
        Some(types) => types.get(ctx, field)?,
        None => None,
    };
    let Some(kind) = kind else {
        let text = protocol::repr_string(ctx, field)?;
        return deprecated(
            ctx,
            &format!(
                "Field {text} is missing from {name}._field_types. This will become an error in Python 3.15."
            ),
        );
    };
    let none = type_object(ctx, ids::NONE_TYPE);
    if let Some(members) = union_::members(&kind) {
        // It may be absent, and the class has `None` for it.
        let optional = members.expect::<PyTuple>().items();
        if optional.iter().any(|member| member.is(&none)) {
            return Ok(());
        }
    }
    if crate::object::type_::type_id_of(&kind) == ids::GENERIC_ALIAS {
        let empty = list::from_vec(ctx, Vec::new())?;
        return protocol::setattr(ctx, x, field, Some(&empty));
    }
    let context = super::class(ctx, "expr_context")?;
    if kind.is(&context) {
        let load = super::singleton(ctx, "Load")?;
        return protocol::setattr(ctx, x, field, Some(&load));
    }
    let text = protocol::str_string(ctx, field)?;
    deprecated(
        ctx,
        &format!(
            "{name}.__init__ missing 1 required positional argument: '{text}'. This will become an error in Python 3.15."
        ),
    )
}

// --- repr ----------------------------------------------------------------------------------------

/// Nodes inside of nodes are shown so deep.
const SHOWN: u32 = 3;

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let text = text(ctx, x, SHOWN)?;
    str_::new(ctx, &text)
}

fn text(ctx: &mut Ctx, x: &Obj, depth: u32) -> PyResult<String> {
    let name = class_name(ctx, x);
    if depth == 0 {
        return Ok(format!("{name}(...)"));
    }
    let Some(_guard) = repr_guard::enter(x) else {
        return Ok(format!("{name}(...)"));
    };
    let fields = names_in(ctx, x, "_fields")?;
    let mut parts = Vec::new();
    for field in fields {
        let value = protocol::getattr(ctx, x, &field)?;
        let field = protocol::str_string(ctx, &field)?;
        let items = match value.downcast::<PyList>() {
            Some(items) => Some((items.to_vec(ctx), '[', ']')),
            None => value
                .downcast::<PyTuple>()
                .map(|items| (items.items().to_vec(), '(', ')')),
        };
        let value = match items {
            Some((items, open, close)) => {
                let mut texts = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    if index == 0 || index + 1 == items.len() {
                        texts.push(item_text(ctx, item, depth)?);
                    } else if index == 1 {
                        texts.push("...".to_owned());
                    }
                }
                format!("{open}{}{close}", texts.join(", "))
            }
            None => item_text(ctx, &value, depth)?,
        };
        parts.push(format!("{field}={value}"));
    }
    Ok(format!("{name}({})", parts.join(", ")))
}

fn item_text(ctx: &mut Ctx, x: &Obj, depth: u32) -> PyResult<String> {
    if protocol::is_instance_of(ctx, x, ids::tailed::AST) {
        text(ctx, x, depth - 1)
    } else {
        protocol::repr_string(ctx, x)
    }
}

// --- Copies --------------------------------------------------------------------------------------

fn own_dict(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match instance::dict(ctx, x)? {
        Some(found) => Ok(found),
        None => dict::new(ctx),
    }
}

/// `__reduce__`: the class, as many `None` as fields it wants, and the attributes.
fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = class_of(ctx, x);
    let attributes = own_dict(ctx, x)?;
    let fields = names_in(ctx, x, "_fields")?;
    let mut count = 0;
    for field in &fields {
        if attributes.expect::<PyDict>().get(ctx, field)?.is_none() {
            break;
        }
        count += 1;
    }
    let args = tuple::from_vec(ctx, vec![Obj::NONE; count])?;
    tuple::from_vec(ctx, vec![class, args, attributes])
}

/// `__replace__`: a copy with other fields.
fn replace(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    if !args.pos.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "__replace__() takes only keyword arguments"
        ));
    }
    let name = class_name(ctx, x);
    let fields = names_in(ctx, x, "_fields")?;
    let attributes = names_in(ctx, x, "_attributes")?;
    for key in args.names {
        if !holds(ctx, &fields, key)? && !holds(ctx, &attributes, key)? {
            return Err(unexpected(ctx, &name, key));
        }
    }
    let own = own_dict(ctx, x)?;
    let (mut keys, mut values) = (args.names.to_vec(), args.values.to_vec());
    for key in fields.iter().chain(&attributes) {
        if !holds(ctx, args.names, key)?
            && let Some(value) = own.expect::<PyDict>().get(ctx, key)?
        {
            keys.push(key.clone());
            values.push(value);
        }
    }
    // Fields without a default must come from one of the two.
    let class = class_of(ctx, x);
    let mut missing = Vec::new();
    for field in &fields {
        if !holds(ctx, &keys, field)? && protocol::find_attr(ctx, &class, field)?.is_none() {
            let field = protocol::repr_string(ctx, field)?;
            missing.push(field);
        }
    }
    if !missing.is_empty() {
        let plural = if missing.len() == 1 { "" } else { "s" };
        let all = missing.join(", ");
        return Err(raise!(
            ctx,
            TypeError,
            "{name}.__replace__ missing {} keyword argument{plural}: {all}.",
            missing.len()
        ));
    }
    let args = Args {
        pos: &[],
        names: &keys,
        values: &values,
    };
    protocol::call_with(ctx, &class, args)
}

fn unexpected(ctx: &mut Ctx, name: &str, key: &Obj) -> Raised {
    let key = key.expect::<PyStr>().as_str_lossy().into_owned();
    raise!(
        ctx,
        TypeError,
        "{name}.__replace__ got an unexpected keyword argument '{key}'."
    )
}

static METHODS: &[Method] = &[
    method("__reduce__", Native::M0(reduce)),
    method("__replace__", Native::MA(replace)),
];

/// `ast.AST`.
pub static AST: TypeDef = TypeDef {
    id: ids::tailed::AST,
    name: "ast.AST",
    base: ids::OBJECT,
    layout: ids::OBJECT,
    kind: &Body::<PyObject>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(object_::new),
        init: Some(init),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[OWN_INSTANCE_DICT],
    doc: "A node of a syntax tree.",
};

/// Gives the class its empty `_fields` and the like.
pub fn start(ctx: &mut Ctx) -> PyResult<()> {
    let class = type_object(ctx, ids::tailed::AST);
    let empty = crate::vm::thread::empty_tuple(ctx);
    let fields = [
        str_::intern(ctx, "_fields"),
        str_::intern(ctx, "_attributes"),
        names(ctx).match_args.clone(),
    ];
    for name in fields {
        access::store(ctx, &class, &name, Some(empty.clone()))?;
    }
    Ok(())
}
