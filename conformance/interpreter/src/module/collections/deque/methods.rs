//! The methods of `deque`.

use super::{End, PyDeque, Ring, empty};
use crate::error::{PyResult, no_memory, raise};
use crate::module::support::class_getitem;
use crate::object::define::{Method, Native, method};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol::{self, equals};
use crate::object::type_::{type_id_of, type_of};
use crate::object::{ids, int, tuple};
use crate::vm::outside::Outside;
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::*;

fn append(ctx: &mut Ctx, x: &Obj, item: &Obj) -> PyResult {
    x.expect::<PyDeque>().push(ctx, item.clone(), End::Right)?;
    Ok(Obj::NONE)
}

fn appendleft(ctx: &mut Ctx, x: &Obj, item: &Obj) -> PyResult {
    x.expect::<PyDeque>().push(ctx, item.clone(), End::Left)?;
    Ok(Obj::NONE)
}

fn pop(ctx: &mut Ctx, x: &Obj) -> PyResult {
    x.expect::<PyDeque>().take(ctx, End::Right)
}

fn popleft(ctx: &mut Ctx, x: &Obj) -> PyResult {
    x.expect::<PyDeque>().take(ctx, End::Left)
}

fn extend(ctx: &mut Ctx, x: &Obj, iterable: &Obj) -> PyResult {
    x.expect::<PyDeque>().extend(ctx, iterable, End::Right)?;
    Ok(Obj::NONE)
}

fn extendleft(ctx: &mut Ctx, x: &Obj, iterable: &Obj) -> PyResult {
    x.expect::<PyDeque>().extend(ctx, iterable, End::Left)?;
    Ok(Obj::NONE)
}

/// `clear()`.
pub fn clear(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let taken = {
        let mut ring = x.expect::<PyDeque>().lock(ctx);
        ring.version += 1;
        std::mem::take(&mut ring.items)
    };
    drop(taken);
    Ok(Obj::NONE)
}

/// `copy()`.
pub fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let deque = x.expect::<PyDeque>();
    if type_id_of(x) == ids::DEQUE {
        let items = deque.to_vec(ctx);
        let copy = empty(ctx, ids::DEQUE, deque.limit.load(Relaxed))?;
        copy.expect::<PyDeque>().lock(ctx).items = Outside::new(items.into());
        return Ok(copy);
    }
    let class = type_of(ctx, x).to_obj();
    match deque.limit() {
        Some(limit) => {
            let limit = int::from_usize(ctx, limit)?;
            protocol::call(ctx, &class, &[x.clone(), limit])
        }
        None => protocol::call(ctx, &class, std::slice::from_ref(x)),
    }
}

fn count(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let deque = x.expect::<PyDeque>();
    let mut count = 0;
    ctx.critical(&deque.header, |ctx| {
        let len = deque.len(ctx);
        deque.search(ctx, 0, len, class::RuntimeError, |ctx, item| {
            count += equals(ctx, item, value)? as i64;
            Ok(false)
        })
    })?;
    int::from_i64(ctx, count)
}

fn index(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let deque = x.expect::<PyDeque>();
    ctx.critical(&deque.header, |ctx| index_inside(ctx, deque, args))
}

fn index_inside(ctx: &mut Ctx, deque: &Body<PyDeque>, args: &[Obj]) -> PyResult {
    let len = deque.len(ctx) as i64;
    let mut bounds = [0, len];
    for (bound, given) in bounds.iter_mut().zip(&args[1..]) {
        let given = protocol::index_i64(ctx, given, None)?;
        let given = if given < 0 {
            given.saturating_add(len)
        } else {
            given
        };
        *bound = given.clamp(0, len);
    }
    let [start, stop] = bounds.map(|bound| bound as usize);
    let found = deque.search(ctx, start, stop, class::RuntimeError, |ctx, item| {
        equals(ctx, item, &args[0])
    })?;
    match found {
        Some(index) => int::from_usize(ctx, index),
        None => Err(raise!(ctx, ValueError, "deque.index(x): x not in deque")),
    }
}

fn insert(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let deque = x.expect::<PyDeque>();
    let index = protocol::c_ssize(ctx, &args[0])?;
    let limit = deque.limit();
    enum Outcome {
        Done,
        Full,
        NoMemory,
    }
    let outcome = {
        let mut ring = deque.lock(ctx);
        let len = ring.items.len();
        if limit.is_some_and(|limit| len >= limit) {
            Outcome::Full
        } else if ring.items.try_reserve(1).is_err() {
            Outcome::NoMemory
        } else {
            let at = if index < 0 {
                index.saturating_add(len as i64)
            } else {
                index
            };
            ring.version += 1;
            ring.items
                .insert(at.clamp(0, len as i64) as usize, args[1].clone());
            Outcome::Done
        }
    };
    match outcome {
        Outcome::Done => Ok(Obj::NONE),
        Outcome::Full => Err(raise!(ctx, IndexError, "deque already at its maximum size")),
        Outcome::NoMemory => Err(no_memory(ctx)),
    }
}

fn remove(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let deque = x.expect::<PyDeque>();
    ctx.critical(&deque.header, |ctx| {
        let len = deque.len(ctx);
        let found = deque.search(ctx, 0, len, class::IndexError, |ctx, item| {
            equals(ctx, item, value)
        })?;
        // Nobody has come in since the search looked at the version.
        match found {
            Some(index) => {
                let mut ring = deque.lock(ctx);
                ring.version += 1;
                drop(ring.items.remove(index));
                Ok(Obj::NONE)
            }
            None => Err(raise!(ctx, ValueError, "deque.remove(x): x not in deque")),
        }
    })
}

fn reverse(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let mut ring = x.expect::<PyDeque>().lock(ctx);
    ring.items.make_contiguous().reverse();
    Ok(Obj::NONE)
}

fn rotate(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let steps = match args.first() {
        Some(steps) => protocol::c_ssize(ctx, steps)?,
        None => 1,
    };
    let mut ring = x.expect::<PyDeque>().lock(ctx);
    let Ring { items, version } = &mut *ring;
    if items.len() > 1 {
        *version += 1;
        let steps = steps.rem_euclid(items.len() as i64) as usize;
        items.rotate_right(steps);
    }
    Ok(Obj::NONE)
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let none = crate::vm::thread::empty_tuple(ctx);
    let args = match x.expect::<PyDeque>().limit() {
        Some(limit) => {
            let limit = int::from_usize(ctx, limit)?;
            tuple::from_vec(ctx, vec![none, limit])?
        }
        None => none,
    };
    let attributes = crate::object::reduce::state_of(ctx, x)?;
    let items = super::iterate::iter(ctx, x)?;
    tuple::from_vec(ctx, vec![class, args, attributes, items])
}

/// All of them.
pub static METHODS: &[Method] = &[
    method("append", Native::M1(append)),
    method("appendleft", Native::M1(appendleft)),
    method("pop", Native::M0(pop)),
    method("popleft", Native::M0(popleft)),
    method("extend", Native::M1(extend)),
    method("extendleft", Native::M1(extendleft)),
    method("clear", Native::M0(clear)),
    method("copy", Native::M0(copy)),
    method("__copy__", Native::M0(copy)),
    method("count", Native::M1(count)),
    method("index", Native::MN(1, 3, index)),
    method("insert", Native::MN(2, 2, insert)),
    method("remove", Native::M1(remove)),
    method("reverse", Native::M0(reverse)),
    method("rotate", Native::MN(0, 1, rotate)),
    method("__reversed__", Native::M0(super::iterate::reversed)),
    method("__reduce__", Native::M0(reduce)),
    method("__class_getitem__", Native::C1(class_getitem)),
];
