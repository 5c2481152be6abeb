//! `OrderedDict`: dicts remember the order of insertion anyway; this one can change it, and compares it.
//!
//! Unlike those of dict, its methods ask the methods that a derived class has of its own: what is filled in goes through
//! `__setitem__`, what is shown or copied through `__getitem__`.

use crate::error::{PyResult, raise};
use crate::module::support::{id_of, plain_name};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, TypeDef, flag, method};
use crate::object::descriptor::OWN_INSTANCE_DICT;
use crate::object::dict::{self, Keys, PyDict, ReverseKeys};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slots::{Comparison, Slots};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{type_by_id, type_of};
use crate::object::{ids, protocol, repr_guard, str_};
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
    fill(ctx, x, args)
}

fn update(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let given = args.pos.len();
    if given > 1 {
        return Err(raise!(
            ctx,
            TypeError,
            "update() takes at most 1 positional argument ({given} given)"
        ));
    }
    fill(ctx, x, args)?;
    Ok(Obj::NONE)
}

/// Sets the items of the argument, if there is one, and of the keywords.
fn fill(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    if let Some(source) = args.pos.first() {
        fill_from(ctx, x, source)?;
    }
    for (name, value) in args.names.iter().zip(args.values) {
        protocol::setitem(ctx, x, name, Some(value))?;
    }
    Ok(())
}

/// Sets the items of a mapping, of what has `items()`, or of an iterable of pairs.
fn fill_from(ctx: &mut Ctx, x: &Obj, source: &Obj) -> PyResult<()> {
    if let Some(dict) = source.downcast_exact::<PyDict>() {
        for (key, value) in dict.items(ctx) {
            protocol::setitem(ctx, x, &key, Some(&value))?;
        }
        return Ok(());
    }
    let (keys, items) = (str_::intern(ctx, "keys"), str_::intern(ctx, "items"));
    if let Some(keys) = protocol::find_attr(ctx, source, &keys)? {
        let keys = protocol::call(ctx, &keys, &[])?;
        let keys = protocol::iter(ctx, &keys)?;
        while let Some(key) = protocol::next(ctx, &keys)? {
            let value = protocol::getitem(ctx, source, &key)?;
            protocol::setitem(ctx, x, &key, Some(&value))?;
        }
        return Ok(());
    }
    match protocol::find_attr(ctx, source, &items)? {
        Some(items) => {
            let items = protocol::call(ctx, &items, &[])?;
            fill_from_pairs(ctx, x, &items)
        }
        None => fill_from_pairs(ctx, x, source),
    }
}

fn fill_from_pairs(ctx: &mut Ctx, x: &Obj, pairs: &Obj) -> PyResult<()> {
    let pairs = protocol::iter(ctx, pairs)?;
    while let Some(pair) = protocol::next(ctx, &pairs)? {
        let pair = protocol::iter(ctx, &pair)?;
        let Some(key) = protocol::next(ctx, &pair)? else {
            return Err(raise!(ctx, ValueError, "need more than 0 values to unpack"));
        };
        let Some(value) = protocol::next(ctx, &pair)? else {
            return Err(raise!(ctx, ValueError, "need more than 1 value to unpack"));
        };
        if protocol::next(ctx, &pair)?.is_some() {
            return Err(raise!(
                ctx,
                ValueError,
                "too many values to unpack (expected 2)"
            ));
        }
        protocol::setitem(ctx, x, &key, Some(&value))?;
    }
    Ok(())
}

fn is_exact(ctx: &Ctx, x: &Obj) -> bool {
    type_of(ctx, x).id == ids::tailed::ORDERED_DICT
}

fn fromkeys(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "fromkeys",
        params: &["iterable", "value"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let bound: [_; 2] = args.bind(ctx, &SIGNATURE)?;
    let given: Vec<Obj> = bound.into_iter().flatten().cloned().collect();
    dict::fromkeys(ctx, class, Args::positional(&given))
}

fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let hash = protocol::hash(ctx, key)?;
    let dict = x.expect::<PyDict>();
    match value {
        Some(value) => dict.set_hashed(ctx, hash, key, value.clone()),
        None => match dict.remove_hashed(ctx, hash, key)? {
            Some(_) => Ok(()),
            None => Err(key_error(ctx, key)),
        },
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
    let items = if is_exact(ctx, x) {
        dict.copy(ctx)?
    } else {
        let items = dict::new(ctx)?;
        dict::update_from(ctx, &items, x)?;
        items
    };
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

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    if a.downcast::<PyDict>().is_none() || b.downcast::<PyDict>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let like = if is_ordered(ctx, a) { a } else { b };
    let class = type_of(ctx, like).to_obj();
    let sum = protocol::call(ctx, &class, std::slice::from_ref(a))?;
    fill_from(ctx, &sum, b)?;
    Ok(sum)
}

fn or_in_place(ctx: &mut Ctx, x: &Obj, source: &Obj) -> PyResult {
    fill_from(ctx, x, source)?;
    Ok(x.clone())
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let dict = x.expect::<PyDict>();
    if is_exact(ctx, x) {
        let copy = payload::allocate(ctx, ids::tailed::ORDERED_DICT, PyDict::empty())?;
        copy.expect::<PyDict>().update(ctx, dict)?;
        return Ok(copy);
    }
    let class = type_of(ctx, x).to_obj();
    let copy = protocol::call(ctx, &class, &[])?;
    for key in dict.keys(ctx) {
        let value = protocol::getitem(ctx, x, &key)?;
        protocol::setitem(ctx, &copy, &key, Some(&value))?;
    }
    Ok(copy)
}

/// The KeyError of a key that is not there; a tuple becomes all of its arguments, and None none.
fn key_error(ctx: &mut Ctx, key: &Obj) -> crate::error::Raised {
    let args = match key.downcast::<PyTuple>() {
        Some(keys) => keys.items().to_vec(),
        None if key.is_none() => Vec::new(),
        None => vec![key.clone()],
    };
    exception::raise_args(ctx, class::KeyError, args)
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
    if dict.is_empty(ctx) {
        return Err(key_error(ctx, key));
    }
    let hash = protocol::hash(ctx, key)?;
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
    let hash = protocol::hash(ctx, key)?;
    let removed = x.expect::<PyDict>().remove_hashed(ctx, hash, key)?;
    match (removed, default) {
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
    if is_exact(ctx, x) {
        return x.expect::<PyDict>().set_default(ctx, key, default);
    }
    if protocol::contains(ctx, x, key)? {
        return protocol::getitem(ctx, x, key);
    }
    protocol::setitem(ctx, x, key, Some(&default))?;
    Ok(default)
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
    method("update", Native::MA(update)),
    method("setdefault", Native::MA(setdefault)),
    method("copy", Native::M0(copy)),
    method("fromkeys", Native::C(fromkeys)),
    method("keys", Native::M0(dict::ordered_keys)),
    method("values", Native::M0(dict::ordered_values)),
    method("items", Native::M0(dict::ordered_items)),
    method(
        "__reversed__",
        Native::M0(dict::ordered_iter::<ReverseKeys>),
    ),
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
        // A function of its own: it tells others that a derived class is to be asked for its items.
        iter: Some(dict::ordered_iter::<Keys>),
        setitem: Some(setitem),
        or: Some(or),
        ior: Some(or_in_place),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[OWN_INSTANCE_DICT],
    doc: "Dictionary that remembers insertion order",
};
