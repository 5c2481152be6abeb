//! The type `list`: its operations and methods.

use super::super::args::{Args, Signature};
use super::super::by_index;
use super::super::define::{Native, TypeDef, flag, method};
use super::super::dict::PyDict;
use super::super::index::{self, Bounds, Key};
use super::super::obj::Obj;
use super::super::payload::Body;
use super::super::range::PyRange;
use super::super::set::PySet;
use super::super::slot::critical2;
use super::super::slots::{Comparison, Slots};
use super::super::tuple::PyTuple;
use super::super::type_::PyType;
use super::super::{ids, int, protocol, repr_guard};
use super::{InList, PyList, from_vec, iterate, sort, with_type};
use crate::error::{PyResult, no_memory, raise};
use crate::module::support::class_getitem;
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use kit_core::thread::Ctx;
use smallvec::SmallVec;

#[inline(always)]
fn body(list: &Obj) -> &Body<PyList> {
    list.expect::<PyList>()
}

// --- Making ----------------------------------------------------------------------------------------

fn list_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    if id == ids::LIST {
        args.no_keywords(ctx, "list")?;
        args.check(ctx, "list", 0, 1)?;
    }
    with_type(ctx, id, core::iter::empty())
}

fn list_init(ctx: &mut Ctx, list: &Obj, args: Args<'_>) -> PyResult<()> {
    args.no_keywords_but_for_new(ctx, "list", list, ids::LIST)?;
    let args = args.without_keywords();
    args.check(ctx, "list", 0, 1)?;
    drop(body(list).take(ctx));
    match args.pos.first() {
        Some(iterable) => extend_from(ctx, list, iterable),
        None => Ok(()),
    }
}

/// `list.extend(iterable)`: one step for other threads, as long as this one need not wait.
pub fn extend_from(ctx: &mut Ctx, list: &Obj, iterable: &Obj) -> PyResult<()> {
    critical2(ctx, list, iterable, |ctx| {
        extend_inside(ctx, list, iterable)
    })
}

fn extend_inside(ctx: &mut Ctx, list: &Obj, iterable: &Obj) -> PyResult<()> {
    let body = body(list);
    if let Some(other) = iterable.downcast_exact::<PyList>() {
        match body.extend_alone(ctx, other) {
            Some(true) => return Ok(()),
            Some(false) => return Err(no_memory(ctx)),
            None => {}
        }
        let items = other.to_vec(ctx);
        return body.extend(ctx, items);
    }
    if let Some(other) = iterable.downcast_exact::<PyTuple>() {
        return body.extend(ctx, other.items().to_vec());
    }
    if let Some(other) = iterable.downcast_exact::<PySet>() {
        let items = other.to_vec(ctx).into_iter().map(|v| v.1).collect();
        return body.extend(ctx, items);
    }
    if let Some(other) = iterable.downcast_exact::<PyDict>() {
        let items = other.keys(ctx);
        return body.extend(ctx, items);
    }
    if let Some(items) = super::super::dict::snapshot(ctx, iterable) {
        return body.extend(ctx, items?);
    }
    if let Some(numbers) = iterable
        .downcast_exact::<PyRange>()
        .and_then(|range| range.small_ints())
    {
        let mut items = Vec::new();
        crate::vm::outside::room_for(ctx, numbers.len())?;
        if items.try_reserve_exact(numbers.len()).is_err() {
            return Err(no_memory(ctx));
        }
        items.extend(numbers);
        return body.extend(ctx, items);
    }
    let iterator = protocol::iter(ctx, iterable)?;
    if let Some(hint) = protocol::length_hint(ctx, iterable)?
        && hint.checked_add(body.len() as i64).is_some()
        && !body.expect_more(ctx, hint)
    {
        return Err(no_memory(ctx));
    }
    while let Some(item) = protocol::next(ctx, &iterator)? {
        body.push(ctx, item)?;
        ctx.drain();
    }
    Ok(())
}

// --- Text and comparing ----------------------------------------------------------------------------

fn repr(ctx: &mut Ctx, list: &Obj) -> PyResult {
    protocol::repr_by(ctx, list, repr_onto)
}

/// Writes `repr(list)` behind `text`.
pub fn repr_onto(ctx: &mut Ctx, list: &Obj, text: &mut Wtf8Buf) -> PyResult<()> {
    let Some(_guard) = repr_guard::enter(list) else {
        text.push_str("[...]");
        return Ok(());
    };
    text.push_str("[");
    // As the list is at one moment, as long as no `__repr__` has to wait.
    let body = body(list);
    ctx.critical(&body.header, |ctx| {
        let mut index = 0;
        while let Some(item) = body.get(ctx, index) {
            if index > 0 {
                text.push_str(", ");
            }
            protocol::repr_onto(ctx, &item, text)?;
            index += 1;
        }
        Ok(())
    })?;
    text.push_str("]");
    Ok(())
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PyList>(), b.downcast::<PyList>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    // As both are at one moment, as long as the comparisons of items need not wait.
    ctx.critical2(&x.header, &y.header, |ctx| {
        // Inside: a list that another thread sorts has no items until that is done.
        if x.len() != y.len() && matches!(op, Comparison::Eq | Comparison::Ne) {
            return Ok(Obj::bool(op == Comparison::Ne));
        }
        compare_inside(ctx, x, y, op)
    })
}

fn compare_inside(ctx: &mut Ctx, x: &Body<PyList>, y: &Body<PyList>, op: Comparison) -> PyResult {
    let mut index = 0;
    while let (Some(left), Some(right)) = (x.get(ctx, index), y.get(ctx, index)) {
        if !protocol::equals(ctx, &left, &right)? {
            if index >= x.len() || index >= y.len() {
                // Comparing took the items away.
                break;
            }
            return match op {
                Comparison::Eq => Ok(Obj::FALSE),
                Comparison::Ne => Ok(Obj::TRUE),
                _ => protocol::compare(ctx, &left, &right, op),
            };
        }
        index += 1;
    }
    Ok(Obj::bool(op.holds(x.len().cmp(&y.len()))))
}

// --- As a sequence ---------------------------------------------------------------------------------

fn len(_: &mut Ctx, list: &Obj) -> PyResult<usize> {
    Ok(body(list).len())
}

fn getitem(ctx: &mut Ctx, list: &Obj, key: &Obj) -> PyResult {
    let body = body(list);
    match index::key(ctx, key, "list indices")? {
        Key::At(at) => {
            let item = index::place(at, body.len()).and_then(|place| body.get(ctx, place));
            match item {
                Some(item) => Ok(item),
                None => Err(raise!(ctx, IndexError, "list index out of range")),
            }
        }
        Key::Range(bounds) => body.select(ctx, |len| bounds.span(len)),
    }
}

fn setitem(ctx: &mut Ctx, list: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = body(list);
    let bounds = match index::key(ctx, key, "list indices")? {
        Key::At(at) => {
            let place = |len| index::place(at, len);
            let done = match value {
                Some(value) => body.set_at(ctx, place, value.clone()),
                None => body.remove_at(ctx, place).is_ok(),
            };
            if done {
                return Ok(());
            }
            return Err(raise!(
                ctx,
                IndexError,
                "list assignment index out of range"
            ));
        }
        Key::Range(bounds) => bounds,
    };
    let Some(value) = value else {
        drop(body.delete(ctx, |len| bounds.span(len)));
        return Ok(());
    };
    if bounds.step == 1
        && let Some(source) = value.downcast_exact::<PyList>()
        && body.overwrite(ctx, bounds, source)
    {
        return Ok(());
    }
    critical2(ctx, list, value, |ctx| {
        assign_slice(ctx, list, bounds, value)
    })
}

fn assign_slice(ctx: &mut Ctx, list: &Obj, bounds: Bounds, value: &Obj) -> PyResult<()> {
    let body = body(list);
    if bounds.step == 1
        && let Some(source) = value.downcast_exact::<PyList>()
    {
        // One after the other: a list may be stored into itself.
        let values: SmallVec<[Obj; 16]> = source.slice_to(ctx, 0, usize::MAX);
        return splice(ctx, body, bounds, values.into_iter());
    }
    let values = protocol::collect_or(ctx, value, "must assign iterable to extended slice")?;
    if bounds.step == 1 {
        return splice(ctx, body, bounds, values.into_iter());
    }
    let given = values.len();
    match body.assign(ctx, |len| bounds.span(len), values) {
        Ok(()) => Ok(()),
        Err(wanted) => Err(raise!(
            ctx,
            ValueError,
            "attempt to assign sequence of size {given} to extended slice of size {wanted}"
        )),
    }
}

fn splice(
    ctx: &mut Ctx,
    list: &Body<PyList>,
    bounds: Bounds,
    values: impl ExactSizeIterator<Item = Obj>,
) -> PyResult<()> {
    let (start, stop, _) = bounds.clamp(list.len() as i64);
    let (start, stop) = (start as usize, stop.max(start) as usize);
    if list.splice(ctx, start, stop, values) {
        Ok(())
    } else {
        Err(no_memory(ctx))
    }
}

fn contains(ctx: &mut Ctx, list: &Obj, value: &Obj) -> PyResult<bool> {
    let mut index = 0;
    while let Some(item) = body(list).get(ctx, index) {
        if protocol::equals(ctx, &item, value)? {
            return Ok(true);
        }
        index += 1;
    }
    Ok(false)
}

fn concat(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let Some(other) = b.downcast::<PyList>() else {
        let given = protocol::type_name(ctx, b);
        return Err(raise!(
            ctx,
            TypeError,
            "can only concatenate list (not \"{given}\") to list"
        ));
    };
    let items = critical2(ctx, a, b, |ctx| {
        let mut items = body(a).to_vec(ctx);
        items.append(&mut other.to_vec(ctx));
        items
    });
    from_vec(ctx, items)
}

fn repeat(ctx: &mut Ctx, list: &Obj, factor: &Obj) -> PyResult {
    let count = index::repetitions(ctx, factor)?;
    let items = body(list).to_vec(ctx);
    if let [item] = &items[..] {
        crate::vm::outside::room_for(ctx, count)?;
        return with_type(ctx, ids::LIST, core::iter::repeat_n(item.clone(), count));
    }
    match index::repeated(&items, count) {
        Some(items) => from_vec(ctx, items),
        None => Err(no_memory(ctx)),
    }
}

fn in_place_concat(ctx: &mut Ctx, list: &Obj, other: &Obj) -> PyResult {
    extend_from(ctx, list, other)?;
    Ok(list.clone())
}

fn in_place_repeat(ctx: &mut Ctx, list: &Obj, factor: &Obj) -> PyResult {
    if !index::is_index(ctx, factor) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let count = index::repetitions(ctx, factor)?;
    if count == 0 {
        drop(body(list).take(ctx));
        return Ok(list.clone());
    }
    let body = body(list);
    ctx.critical(&body.header, |ctx| {
        let items = body.to_vec(ctx);
        let Some(more) = index::repeated(&items, count - 1) else {
            return Err(no_memory(ctx));
        };
        body.extend(ctx, more)
    })?;
    Ok(list.clone())
}

// --- Methods ---------------------------------------------------------------------------------------

fn append(ctx: &mut Ctx, list: &Obj, value: &Obj) -> PyResult {
    body(list).push(ctx, value.clone())?;
    Ok(Obj::NONE)
}

fn extend(ctx: &mut Ctx, list: &Obj, iterable: &Obj) -> PyResult {
    extend_from(ctx, list, iterable)?;
    Ok(Obj::NONE)
}

fn insert(ctx: &mut Ctx, list: &Obj, args: &[Obj]) -> PyResult {
    let at = protocol::c_ssize(ctx, &args[0])?;
    let inserted =
        body(list).try_insert_at(ctx, |len| index::clamp_bound(at, len), args[1].clone());
    if inserted {
        Ok(Obj::NONE)
    } else {
        Err(no_memory(ctx))
    }
}

fn pop(ctx: &mut Ctx, list: &Obj, args: &[Obj]) -> PyResult {
    let body = body(list);
    let at = match args.first() {
        Some(at) => protocol::c_ssize(ctx, at)?,
        None => {
            return match body.pop_last(ctx) {
                Some(item) => Ok(item),
                None => Err(raise!(ctx, IndexError, "pop from empty list")),
            };
        }
    };
    match body.remove_at(ctx, |len| index::place(at, len)) {
        Ok(item) => Ok(item),
        Err(0) => Err(raise!(ctx, IndexError, "pop from empty list")),
        Err(_) => Err(raise!(ctx, IndexError, "pop index out of range")),
    }
}

/// The index of the first item equal to `value`, from `start` up to `stop`.
fn find(
    ctx: &mut Ctx,
    list: &Obj,
    value: &Obj,
    start: usize,
    stop: usize,
) -> PyResult<Option<usize>> {
    let mut index = start;
    while index < stop
        && let Some(item) = body(list).get(ctx, index)
    {
        if protocol::equals(ctx, &item, value)? {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

fn list_index(ctx: &mut Ctx, list: &Obj, args: &[Obj]) -> PyResult {
    let mut bounds = [0, i64::MAX];
    for (bound, given) in bounds.iter_mut().zip(&args[1..]) {
        *bound = index::bound_not_none(ctx, given)?;
    }
    let len = body(list).len();
    let start = index::clamp_bound(bounds[0], len);
    let stop = if bounds[1] < 0 {
        index::clamp_bound(bounds[1], len)
    } else {
        bounds[1] as usize
    };
    match find(ctx, list, &args[0], start, stop)? {
        Some(index) => int::from_usize(ctx, index),
        None => Err(raise!(ctx, ValueError, "list.index(x): x not in list")),
    }
}

/// `list.remove(value)`: what is found is what is removed, as long as the comparisons need not wait.
fn remove(ctx: &mut Ctx, list: &Obj, value: &Obj) -> PyResult {
    let found = ctx.critical(&body(list).header, |ctx| -> PyResult<bool> {
        let Some(index) = find(ctx, list, value, 0, usize::MAX)? else {
            return Ok(false);
        };
        drop(body(list).remove(ctx, index));
        Ok(true)
    })?;
    if found {
        return Ok(Obj::NONE);
    }
    Err(raise!(ctx, ValueError, "list.remove(x): x not in list"))
}

fn count(ctx: &mut Ctx, list: &Obj, value: &Obj) -> PyResult {
    let (mut index, mut count) = (0, 0);
    while let Some(item) = body(list).get(ctx, index) {
        count += usize::from(protocol::equals(ctx, &item, value)?);
        index += 1;
    }
    int::from_usize(ctx, count)
}

fn clear(ctx: &mut Ctx, list: &Obj) -> PyResult {
    drop(body(list).take(ctx));
    Ok(Obj::NONE)
}

fn copy(ctx: &mut Ctx, list: &Obj) -> PyResult {
    let items = body(list).to_vec(ctx);
    from_vec(ctx, items)
}

fn reverse(ctx: &mut Ctx, list: &Obj) -> PyResult {
    body(list).reverse(ctx);
    Ok(Obj::NONE)
}

fn list_sort(ctx: &mut Ctx, list: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "sort",
        params: &["key", "reverse"],
        posonly: 0,
        positional: 0,
        required: 0,
    };
    let [key, reverse] = args.bind(ctx, &SIGNATURE)?;
    let key = key.filter(|key| !key.is_none());
    let reverse = match reverse {
        Some(reverse) => protocol::truth(ctx, reverse)?,
        None => false,
    };
    sort_in_place(ctx, list, key, reverse)?;
    Ok(Obj::NONE)
}

/// `list.sort(key=key, reverse=reverse)`. The list is empty while it is being sorted; what would change it
/// waits until it is done.
pub fn sort_in_place(ctx: &mut Ctx, list: &Obj, key: Option<&Obj>, reverse: bool) -> PyResult<()> {
    if key.is_none() && body(list).sort_plain(ctx, reverse) {
        return Ok(());
    }
    ctx.critical(&body(list).header, |ctx| {
        sort_inside(ctx, list, key, reverse)
    })
}

fn sort_inside(ctx: &mut Ctx, list: &Obj, key: Option<&Obj>, reverse: bool) -> PyResult<()> {
    let values = body(list).take(ctx);
    let (values, sorted) = match key {
        None => sort::sort(ctx, values, None, reverse),
        Some(key) => {
            let mut keys = Vec::with_capacity(values.len());
            let made = values.iter().try_for_each(|value| {
                keys.push(protocol::call(ctx, key, core::slice::from_ref(value))?);
                Ok(())
            });
            let done = match made {
                Ok(()) => sort::sort(ctx, values, Some(&keys), reverse),
                Err(raised) => (values, Err(raised)),
            };
            // What becomes of the keys is seen as something that happens while the list is sorted.
            drop(keys);
            ctx.drain();
            done
        }
    };
    match body(list).put_back(ctx, values) {
        Ok(false) => sorted,
        Ok(true) => {
            sorted?;
            Err(raise!(ctx, ValueError, "list modified during sort"))
        }
        Err(_) => Err(no_memory(ctx)),
    }
}

/// The type `list`.
pub static LIST: TypeDef = TypeDef {
    id: ids::LIST,
    name: "list",
    base: ids::OBJECT,
    layout: ids::LIST,
    kind: &Body::<PyList>::KIND,
    flags: flag::BASE | flag::SEQUENCE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(list_new),
        init: Some(list_init),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        iter: Some(by_index::iter::<InList>),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(contains),
        concat: Some(concat),
        repeat: Some(repeat),
        iadd: Some(in_place_concat),
        imul: Some(in_place_repeat),
        ..Slots::NONE
    },
    methods: &[
        method("__getitem__", Native::M1(getitem)),
        method("append", Native::M1(append)),
        method("clear", Native::M0(clear)),
        method("copy", Native::M0(copy)),
        method("count", Native::M1(count)),
        method("extend", Native::M1(extend)),
        method("index", Native::MN(1, 3, list_index)),
        method("insert", Native::MN(2, 2, insert)),
        method("pop", Native::MN(0, 1, pop)),
        method("remove", Native::M1(remove)),
        method("reverse", Native::M0(reverse)),
        method("sort", Native::MA(list_sort)),
        method("__class_getitem__", Native::C1(class_getitem)),
        method("__reversed__", Native::M0(iterate::reversed)),
    ],
    getset: &[],
    doc: "list(iterable=(), /)\n--\n\nA growable sequence.",
};
