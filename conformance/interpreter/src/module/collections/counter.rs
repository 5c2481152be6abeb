//! `Counter`: a dict from elements to how often they occur.

use crate::error::{PyResult, raise};
use crate::module::support::id_of;
use crate::object::args::Args;
use crate::object::define::{Method, Native, TypeDef, flag, method};
use crate::object::dict::{PyDict, hash_key};
use crate::object::exception::{self, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::protocol::{self, Operator, operator};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::{type_id_of, type_object, type_of};
use crate::object::{dict, ids, int, list, str_, tuple};
use kit_core::thread::Ctx;

const ZERO: fn() -> Obj = || Obj::small_int(0);

fn body(x: &Obj) -> &Body<PyDict> {
    x.expect::<PyDict>()
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    payload::allocate(ctx, id_of(class), PyDict::empty())
}

fn fresh(ctx: &mut Ctx) -> PyResult {
    payload::allocate(ctx, ids::COUNTER, PyDict::empty())
}

fn is_counter(ctx: &Ctx, x: &Obj) -> bool {
    protocol::is_instance_of(ctx, x, ids::COUNTER)
}

// --- Counting ------------------------------------------------------------------------------------

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    check_arguments(ctx, &args, "__init__")?;
    if type_id_of(x) == ids::COUNTER {
        return change(ctx, x, args, operator::ADD);
    }
    let name = str_::intern(ctx, "update");
    let update = protocol::getattr(ctx, x, &name)?;
    protocol::call_with(ctx, &update, args)?;
    Ok(())
}

fn check_arguments(ctx: &mut Ctx, args: &Args<'_>, name: &str) -> PyResult<()> {
    if args.pos.len() <= 1 {
        return Ok(());
    }
    let given = args.pos.len() + 1;
    Err(raise!(
        ctx,
        TypeError,
        "Counter.{name}() takes from 1 to 2 positional arguments but {given} were given"
    ))
}

fn update(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    check_arguments(ctx, &args, "update")?;
    change(ctx, x, args, operator::ADD)?;
    Ok(Obj::NONE)
}

fn subtract(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    check_arguments(ctx, &args, "subtract")?;
    change(ctx, x, args, operator::SUB)?;
    Ok(Obj::NONE)
}

/// Adds to the counts, or subtracts from them.
fn change(ctx: &mut Ctx, x: &Obj, args: Args<'_>, op: Operator) -> PyResult<()> {
    if let Some(source) = args.pos.first().filter(|source| !source.is_none()) {
        if source.downcast::<PyDict>().is_some() {
            for (key, count) in body(source).items(ctx) {
                change_one(ctx, x, &key, &count, op)?;
            }
        } else if is_mapping(ctx, source)? {
            let keys = names(ctx).keys.clone();
            let keys = protocol::call_method(ctx, source, &keys, &[])?;
            for key in protocol::collect(ctx, &keys)? {
                let count = protocol::getitem(ctx, source, &key)?;
                change_one(ctx, x, &key, &count, op)?;
            }
        } else {
            let one = Obj::small_int(1);
            protocol::for_each(ctx, source, |ctx, key| change_one(ctx, x, &key, &one, op))?;
        }
    }
    for (key, count) in args.names.iter().zip(args.values) {
        change_one(ctx, x, key, count, op)?;
    }
    Ok(())
}

fn is_mapping(ctx: &mut Ctx, source: &Obj) -> PyResult<bool> {
    let slots = type_of(ctx, source).slots(ctx);
    if slots.getitem.is_none() || slots.len.is_none() {
        return Ok(false);
    }
    let keys = names(ctx).keys.clone();
    Ok(protocol::find_attr(ctx, source, &keys)?.is_some())
}

#[inline]
fn change_one(ctx: &mut Ctx, x: &Obj, key: &Obj, count: &Obj, op: Operator) -> PyResult<()> {
    let dict = body(x);
    let hash = hash_key(ctx, key)?;
    let old = dict.get_hashed(ctx, hash, key)?;
    let new = match (&old, op.symbol) {
        // A first count is taken as it is, whatever it is.
        (None, "+") => count.clone(),
        (None, _) => protocol::binary(ctx, &ZERO(), count, op)?,
        (Some(old), "+") => match (old.as_small_int(), count.as_small_int()) {
            (Some(a), Some(b)) => int::from_i64(ctx, a + b)?,
            // The operands in the order of `count + self[key]`.
            _ => protocol::binary(ctx, count, old, op)?,
        },
        (Some(old), _) => protocol::binary(ctx, old, count, op)?,
    };
    dict.set_hashed(ctx, hash, key, new)
}

// --- Reading -------------------------------------------------------------------------------------

fn missing(_: &mut Ctx, _: &Obj, _: &Obj) -> PyResult {
    Ok(ZERO())
}

fn count_of(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    Ok(body(x).get(ctx, key)?.unwrap_or_else(ZERO))
}

fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match value {
        Some(value) => body(x).set(ctx, key, value.clone()),
        // Deleting what is not there is no error.
        None => body(x).remove(ctx, key).map(drop),
    }
}

fn total(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let mut total = ZERO();
    for count in body(x).values(ctx) {
        total = protocol::binary(ctx, &total, &count, operator::ADD)?;
    }
    Ok(total)
}

fn most_common(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: crate::object::args::Signature = crate::object::args::Signature {
        name: "most_common",
        params: &["n"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [limit] = args.bind(ctx, &SIGNATURE)?;
    let limit = match limit.filter(|limit| !limit.is_none()) {
        Some(limit) => Some(protocol::index_i64(ctx, limit, None)?.max(0) as usize),
        None => None,
    };
    let sorted = by_count(ctx, x)?;
    if let Some(limit) = limit {
        let items = sorted.expect::<list::PyList>().slice(ctx, 0, limit);
        return list::from_vec(ctx, items);
    }
    Ok(sorted)
}

/// A list of pairs, those with the highest counts first, equal ones in order of insertion.
fn by_count(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let items = body(x).items(ctx);
    let small: Option<Vec<i64>> = items.iter().map(|(_, n)| n.as_small_int()).collect();
    let mut pairs = Vec::with_capacity(items.len());
    for (key, count) in items {
        pairs.push(tuple::from_vec(ctx, vec![key, count])?);
    }
    if let Some(counts) = small {
        let mut keyed: Vec<(i64, Obj)> = counts.into_iter().zip(pairs).collect();
        keyed.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        return list::from_vec(ctx, keyed.into_iter().map(|(_, pair)| pair).collect());
    }
    let sorted = list::from_vec(ctx, pairs)?;
    let getter = type_object(ctx, ids::ITEMGETTER);
    let key = protocol::call(ctx, &getter, &[Obj::small_int(1)])?;
    list::methods::sort_in_place(ctx, &sorted, Some(&key), true)?;
    Ok(sorted)
}

fn elements(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let repeat = type_object(ctx, ids::IT_REPEAT);
    let mut runs = Vec::new();
    for (key, count) in body(x).items(ctx) {
        runs.push(protocol::call(ctx, &repeat, &[key, count])?);
    }
    let chain = type_object(ctx, ids::IT_CHAIN);
    protocol::call(ctx, &chain, &runs)
}

fn fromkeys(ctx: &mut Ctx, _: &Obj, _: Args<'_>) -> PyResult {
    Err(raise!(
        ctx,
        NotImplementedError,
        "Counter.fromkeys() is undefined.  Use Counter(iterable) instead."
    ))
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if type_id_of(x) == ids::COUNTER {
        let copy = fresh(ctx)?;
        body(&copy).update(ctx, body(x))?;
        return Ok(copy);
    }
    let class = type_of(ctx, x).to_obj();
    protocol::call(ctx, &class, std::slice::from_ref(x))
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let items = body(x).copy(ctx)?;
    let args = tuple::from_vec(ctx, vec![items])?;
    tuple::from_vec(ctx, vec![class, args])
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = crate::module::support::plain_name(ctx, type_of(ctx, x));
    if body(x).is_empty(ctx) {
        return str_::new(ctx, &format!("{class}()"));
    }
    let items = match by_count(ctx, x) {
        Ok(pairs) => {
            let items = dict::new(ctx)?;
            for pair in pairs.expect::<list::PyList>().to_vec(ctx) {
                if let [key, count] = pair.expect::<tuple::PyTuple>().items() {
                    body(&items).set(ctx, key, count.clone())?;
                }
            }
            items
        }
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            exception::take(ctx, raised);
            body(x).copy(ctx)?
        }
        Err(raised) => return Err(raised),
    };
    let items = protocol::repr_string(ctx, &items)?;
    str_::new(ctx, &format!("{class}({items})"))
}

// --- Multisets -----------------------------------------------------------------------------------

/// Whether the comparison holds for the counts of all elements of either.
fn all(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult<bool> {
    for x in [a, b] {
        for key in body(x).keys(ctx) {
            let (left, right) = (count_of(ctx, a, &key)?, count_of(ctx, b, &key)?);
            if !protocol::compare_truth(ctx, &left, &right, op)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    use Comparison::*;
    if !is_counter(ctx, a) || !is_counter(ctx, b) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let result = match op {
        Eq => all(ctx, a, b, Eq)?,
        Ne => !all(ctx, a, b, Eq)?,
        Le | Ge => all(ctx, a, b, op)?,
        Lt => all(ctx, a, b, Le)? && !all(ctx, a, b, Eq)?,
        Gt => all(ctx, a, b, Ge)? && !all(ctx, a, b, Eq)?,
    };
    Ok(Obj::bool(result))
}

fn positive(ctx: &mut Ctx, count: &Obj) -> PyResult<bool> {
    match count.as_small_int() {
        Some(count) => Ok(count > 0),
        None => protocol::compare_truth(ctx, count, &ZERO(), Comparison::Gt),
    }
}

/// What an operation makes of two counts.
type Combine = fn(&mut Ctx, &Obj, &Obj) -> PyResult;

fn sum(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    protocol::binary(ctx, a, b, operator::ADD)
}

fn difference(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    protocol::binary(ctx, a, b, operator::SUB)
}

fn larger(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let less = protocol::compare_truth(ctx, a, b, Comparison::Lt)?;
    Ok(if less { b.clone() } else { a.clone() })
}

fn smaller(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let less = protocol::compare_truth(ctx, a, b, Comparison::Lt)?;
    Ok(if less { a.clone() } else { b.clone() })
}

/// A counter of the positive results, for the elements of `a` and then (`both`) the others of `b`.
fn combine(ctx: &mut Ctx, a: &Obj, b: &Obj, f: Combine, both: bool) -> PyResult {
    if !is_counter(ctx, a) || !is_counter(ctx, b) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let result = fresh(ctx)?;
    for (key, count) in body(a).items(ctx) {
        let other = count_of(ctx, b, &key)?;
        let count = f(ctx, &count, &other)?;
        if positive(ctx, &count)? {
            body(&result).set(ctx, &key, count)?;
        }
    }
    if both {
        for (key, count) in body(b).items(ctx) {
            if body(a).contains(ctx, &key)? {
                continue;
            }
            let count = f(ctx, &ZERO(), &count)?;
            if positive(ctx, &count)? {
                body(&result).set(ctx, &key, count)?;
            }
        }
    }
    Ok(result)
}

fn add(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    combine(ctx, a, b, sum, true)
}

fn sub(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    combine(ctx, a, b, difference, true)
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    combine(ctx, a, b, larger, true)
}

fn and(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    combine(ctx, a, b, smaller, false)
}

fn pos(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let nothing = fresh(ctx)?;
    combine(ctx, x, &nothing, sum, false)
}

fn neg(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let nothing = fresh(ctx)?;
    combine(ctx, &nothing, x, difference, true)
}

/// Changes the counts of `x` for the elements of `over`, and keeps the positive ones.
fn combine_in_place(ctx: &mut Ctx, x: &Obj, other: &Obj, over: &Obj, f: Combine) -> PyResult {
    if other.downcast::<PyDict>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    for key in body(over).keys(ctx) {
        let (a, b) = (count_of(ctx, x, &key)?, count_of(ctx, other, &key)?);
        let count = f(ctx, &a, &b)?;
        body(x).set(ctx, &key, count)?;
    }
    for (key, count) in body(x).items(ctx) {
        if !positive(ctx, &count)? {
            body(x).remove(ctx, &key)?;
        }
    }
    Ok(x.clone())
}

fn iadd(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    combine_in_place(ctx, x, other, other, sum)
}

fn isub(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    combine_in_place(ctx, x, other, other, difference)
}

fn ior(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    combine_in_place(ctx, x, other, other, larger)
}

fn iand(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
    combine_in_place(ctx, x, other, x, smaller)
}

static METHODS: &[Method] = &[
    method("__missing__", Native::M1(missing)),
    method("total", Native::M0(total)),
    method("most_common", Native::MA(most_common)),
    method("elements", Native::M0(elements)),
    method("fromkeys", Native::C(fromkeys)),
    method("update", Native::MA(update)),
    method("subtract", Native::MA(subtract)),
    method("copy", Native::M0(copy)),
    method("__reduce__", Native::M0(reduce)),
];

/// `collections.Counter`.
pub static COUNTER: TypeDef = TypeDef {
    id: ids::COUNTER,
    name: "Counter",
    base: ids::DICT,
    layout: ids::DICT,
    kind: &Body::<PyDict>::KIND,
    flags: flag::BASE | flag::MAPPING | flag::MATCH_SELF,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        setitem: Some(setitem),
        add: Some(add),
        sub: Some(sub),
        or: Some(or),
        and: Some(and),
        pos: Some(pos),
        neg: Some(neg),
        iadd: Some(iadd),
        isub: Some(isub),
        ior: Some(ior),
        iand: Some(iand),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[],
    doc: "Dict subclass for counting hashable items.",
};
