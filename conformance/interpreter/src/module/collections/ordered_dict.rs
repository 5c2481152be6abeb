//! `OrderedDict`: dicts remember the order of insertion anyway; this one can change it, and compares it.

use crate::error::{PyResult, raise};
use crate::module::support::{id_of, plain_name};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, TypeDef, flag, method};
use crate::object::descriptor::OWN_INSTANCE_DICT;
use crate::object::dict::{PyDict, hash_key};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::{type_by_id, type_of};
use crate::object::{ids, protocol, repr_guard, str_, tuple};
use kit_core::thread::Ctx;

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    payload::allocate(ctx, id_of(class), PyDict::empty())
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    let given = args.pos.len();
    if given > 1 {
        return Err(raise!(
            ctx,
            TypeError,
            "expected at most 1 argument, got {given}"
        ));
    }
    match type_by_id(ctx, ids::DICT).slots(ctx).init {
        Some(init) => init(ctx, x, args),
        None => Ok(()),
    }
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some(_guard) = repr_guard::enter(x) else {
        return str_::new(ctx, "...");
    };
    let class = plain_name(ctx, type_of(ctx, x));
    let dict = x.expect::<PyDict>();
    if dict.is_empty(ctx) {
        return str_::new(ctx, &format!("{class}()"));
    }
    let items = dict.copy(ctx)?;
    let items = protocol::repr_string(ctx, &items)?;
    str_::new(ctx, &format!("{class}({items})"))
}

fn is_ordered(ctx: &Ctx, x: &Obj) -> bool {
    protocol::is_instance_of(ctx, x, ids::tailed::ORDERED_DICT)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let Some(compare) = type_by_id(ctx, ids::DICT).slots(ctx).compare else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let same = compare(ctx, a, b, Comparison::Eq)?;
    if same.is_not_implemented() || !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let mut equal = same.is_true();
    if equal && is_ordered(ctx, a) && is_ordered(ctx, b) {
        let (a, b) = (
            a.expect::<PyDict>().keys(ctx),
            b.expect::<PyDict>().keys(ctx),
        );
        for (x, y) in a.iter().zip(&b) {
            if !protocol::equals(ctx, x, y)? {
                equal = false;
                break;
            }
        }
    }
    Ok(Obj::bool(equal == (op == Comparison::Eq)))
}

/// A copy of `x` as an instance of the class of `like`.
fn copy_as(ctx: &mut Ctx, x: &Obj, like: &Obj) -> PyResult {
    let class = type_of(ctx, like);
    if class.id == ids::tailed::ORDERED_DICT && x.downcast::<PyDict>().is_some() {
        let copy = payload::allocate(ctx, ids::tailed::ORDERED_DICT, PyDict::empty())?;
        copy.expect::<PyDict>().update(ctx, x.expect::<PyDict>())?;
        return Ok(copy);
    }
    let class = class.to_obj();
    protocol::call(ctx, &class, std::slice::from_ref(x))
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (Some(_), Some(other)) = (a.downcast::<PyDict>(), b.downcast::<PyDict>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let like = if is_ordered(ctx, a) { a } else { b };
    let sum = copy_as(ctx, a, like)?;
    sum.expect::<PyDict>().update(ctx, other)?;
    Ok(sum)
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    copy_as(ctx, x, x)
}

fn key_error(ctx: &mut Ctx, key: &Obj) -> crate::error::Raised {
    exception::raise_args(ctx, class::KeyError, vec![key.clone()])
}

fn move_to_end(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "move_to_end",
        params: &["key", "last"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [key, last] = args.bind(ctx, &SIGNATURE)?;
    let Some(key) = key else {
        return Ok(Obj::NONE);
    };
    let last = match last {
        Some(last) => protocol::truth(ctx, last)?,
        None => true,
    };
    let dict = x.expect::<PyDict>();
    let hash = hash_key(ctx, key)?;
    if dict.move_to_end(ctx, hash, key, !last)? {
        Ok(Obj::NONE)
    } else {
        Err(key_error(ctx, key))
    }
}

fn popitem(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "popitem",
        params: &["last"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [last] = args.bind(ctx, &SIGNATURE)?;
    let last = match last {
        Some(last) => protocol::truth(ctx, last)?,
        None => true,
    };
    let dict = x.expect::<PyDict>();
    if last {
        return match dict.popitem(ctx) {
            Some((key, value)) => tuple::from_vec(ctx, vec![key, value]),
            None => Err(raise!(ctx, KeyError, "dictionary is empty")),
        };
    }
    loop {
        let Some((hash, key, _)) = dict.next_hashed(ctx, &mut 0) else {
            return Err(raise!(ctx, KeyError, "dictionary is empty"));
        };
        // Another thread may have been faster.
        if let Some(value) = dict.remove_hashed(ctx, hash, &key)? {
            return tuple::from_vec(ctx, vec![key, value]);
        }
    }
}

fn pop(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "pop",
        params: &["key", "default"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [key, default] = args.bind(ctx, &SIGNATURE)?;
    let Some(key) = key else {
        return Ok(Obj::NONE);
    };
    match (x.expect::<PyDict>().remove(ctx, key)?, default) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(key_error(ctx, key)),
    }
}

fn setdefault(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "setdefault",
        params: &["key", "default"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [key, default] = args.bind(ctx, &SIGNATURE)?;
    let default = default.cloned().unwrap_or(Obj::NONE);
    let Some(key) = key else {
        return Ok(Obj::NONE);
    };
    x.expect::<PyDict>().set_default(ctx, key, default)
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let args = crate::vm::thread::empty_tuple(ctx);
    let state = crate::object::reduce::state_of(ctx, x)?;
    let name = str_::intern(ctx, "items");
    let items = protocol::call_method(ctx, x, &name, &[])?;
    let items = protocol::iter(ctx, &items)?;
    tuple::from_vec(ctx, vec![class, args, state, Obj::NONE, items])
}

static METHODS: &[Method] = &[
    method("move_to_end", Native::MA(move_to_end)),
    method("popitem", Native::MA(popitem)),
    method("pop", Native::MA(pop)),
    method("setdefault", Native::MA(setdefault)),
    method("copy", Native::M0(copy)),
    method("__reduce__", Native::M0(reduce)),
];

/// `collections.OrderedDict`.
pub static ORDERED_DICT: TypeDef = TypeDef {
    id: ids::tailed::ORDERED_DICT,
    name: "collections.OrderedDict",
    base: ids::DICT,
    layout: ids::DICT,
    kind: &Body::<PyDict>::KIND,
    flags: flag::BASE | flag::MAPPING | flag::DICT,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        or: Some(or),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[OWN_INSTANCE_DICT],
    doc: "Dictionary that remembers insertion order",
};
