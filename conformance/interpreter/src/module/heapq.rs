//! `_heapq`: lists as heaps, with the smallest item first, or with the largest.
//!
//! Each function runs in a section of its list. A comparison may run Python code that changes the list, which is noticed.

use crate::error::{PyResult, Raised, raise};
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol;
use crate::object::slots::Comparison;
use kit_core::thread::Ctx;

/// A heap while a function works on it.
struct Heap<'a> {
    list: &'a Body<PyList>,
    /// The largest comes first.
    largest: bool,
}

#[cold]
fn changed(ctx: &mut Ctx) -> Raised {
    raise!(ctx, RuntimeError, "list changed size during iteration")
}

impl Heap<'_> {
    fn at(&self, ctx: &mut Ctx, index: usize) -> PyResult {
        match self.list.get(ctx, index) {
            Some(item) => Ok(item),
            None => Err(changed(ctx)),
        }
    }

    fn put(&self, ctx: &mut Ctx, index: usize, item: Obj) -> PyResult<()> {
        if self.list.set(ctx, index, item) {
            Ok(())
        } else {
            Err(changed(ctx))
        }
    }

    /// Whether `a` belongs before `b`.
    fn before(&self, ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult<bool> {
        let (a, b) = if self.largest { (b, a) } else { (a, b) };
        let len = self.list.len();
        let less = protocol::compare_truth(ctx, a, b, Comparison::Lt)?;
        if self.list.len() == len {
            Ok(less)
        } else {
            Err(changed(ctx))
        }
    }

    /// Moves the item at `place` up to where it belongs, not above `top`.
    fn up(&self, ctx: &mut Ctx, top: usize, mut place: usize) -> PyResult<()> {
        while place > top {
            let parent = (place - 1) / 2;
            let (item, above) = (self.at(ctx, place)?, self.at(ctx, parent)?);
            if !self.before(ctx, &item, &above)? {
                break;
            }
            self.exchange(ctx, place, parent)?;
            place = parent;
        }
        Ok(())
    }

    fn exchange(&self, ctx: &mut Ctx, i: usize, j: usize) -> PyResult<()> {
        // What a comparison put there in the meantime is kept.
        let (x, y) = (self.at(ctx, i)?, self.at(ctx, j)?);
        self.put(ctx, i, y)?;
        self.put(ctx, j, x)
    }

    /// Moves the better children of the item at `top` up until there are none, and then the item up from there.
    fn down(&self, ctx: &mut Ctx, top: usize) -> PyResult<()> {
        let end = self.list.len();
        let mut place = top;
        while place < end / 2 {
            let mut child = 2 * place + 1;
            if child + 1 < end {
                let (left, right) = (self.at(ctx, child)?, self.at(ctx, child + 1)?);
                if !self.before(ctx, &left, &right)? {
                    child += 1;
                }
            }
            self.exchange(ctx, place, child)?;
            place = child;
        }
        self.up(ctx, top, place)
    }
}

#[cold]
fn not_a_list(ctx: &mut Ctx, name: &str, x: &Obj) -> Raised {
    let class = crate::object::str_::argument_type(ctx, x);
    // Two arguments: it is the first of them.
    let which = if name.contains("pop") && !name.contains("push") || name.contains("heapify") {
        ""
    } else {
        " 1"
    };
    raise!(
        ctx,
        TypeError,
        "{name}() argument{which} must be list, not {class}"
    )
}

/// Works on the list that is the first argument of a function.
fn on<R>(
    ctx: &mut Ctx,
    name: &str,
    list: &Obj,
    largest: bool,
    work: impl FnOnce(&mut Ctx, &Heap<'_>) -> PyResult<R>,
) -> PyResult<R> {
    let Some(body) = list.downcast::<PyList>() else {
        return Err(not_a_list(ctx, name, list));
    };
    let heap = Heap {
        list: body,
        largest,
    };
    ctx.critical(&body.header, |ctx| work(ctx, &heap))
}

fn push(ctx: &mut Ctx, name: &str, args: &[Obj], largest: bool) -> PyResult {
    on(ctx, name, &args[0], largest, |ctx, heap| {
        heap.list.push(ctx, args[1].clone())?;
        let last = heap.list.len().saturating_sub(1);
        heap.up(ctx, 0, last)?;
        Ok(Obj::NONE)
    })
}

fn pop(ctx: &mut Ctx, name: &str, list: &Obj, largest: bool) -> PyResult {
    on(ctx, name, list, largest, |ctx, heap| {
        let Some(last) = heap.list.pop_last(ctx) else {
            return Err(raise!(ctx, IndexError, "index out of range"));
        };
        if heap.list.is_empty() {
            return Ok(last);
        }
        let first = heap.at(ctx, 0)?;
        heap.put(ctx, 0, last)?;
        heap.down(ctx, 0)?;
        Ok(first)
    })
}

fn replace(ctx: &mut Ctx, name: &str, args: &[Obj], largest: bool) -> PyResult {
    on(ctx, name, &args[0], largest, |ctx, heap| {
        let Some(first) = heap.list.get(ctx, 0) else {
            return Err(raise!(ctx, IndexError, "index out of range"));
        };
        heap.put(ctx, 0, args[1].clone())?;
        heap.down(ctx, 0)?;
        Ok(first)
    })
}

fn push_pop(ctx: &mut Ctx, name: &str, args: &[Obj], largest: bool) -> PyResult {
    on(ctx, name, &args[0], largest, |ctx, heap| {
        let Some(first) = heap.list.get(ctx, 0) else {
            return Ok(args[1].clone());
        };
        let (a, b) = (&first, &args[1]);
        let (a, b) = if largest { (b, a) } else { (a, b) };
        if !protocol::compare_truth(ctx, a, b, Comparison::Lt)? {
            return Ok(args[1].clone());
        }
        let Some(first) = heap.list.get(ctx, 0) else {
            return Err(raise!(ctx, IndexError, "index out of range"));
        };
        heap.put(ctx, 0, args[1].clone())?;
        heap.down(ctx, 0)?;
        Ok(first)
    })
}

fn heapify(ctx: &mut Ctx, name: &str, list: &Obj, largest: bool) -> PyResult {
    on(ctx, name, list, largest, |ctx, heap| {
        for place in (0..heap.list.len() / 2).rev() {
            heap.down(ctx, place)?;
        }
        Ok(Obj::NONE)
    })
}

macro_rules! two {
    ($name:literal, $function:ident, $largest:literal) => {
        Method {
            doc: concat!($name, "($module, heap, item, /)\n--\n\n"),
            ..method(
                $name,
                Native::FN(2, 2, |ctx, args| $function(ctx, $name, args, $largest)),
            )
        }
    };
}

macro_rules! one {
    ($name:literal, $function:ident, $largest:literal) => {
        Method {
            doc: concat!($name, "($module, heap, /)\n--\n\n"),
            ..method(
                $name,
                Native::F1(|ctx, list| $function(ctx, $name, list, $largest)),
            )
        }
    };
}

/// `_heapq`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_heapq",
    functions: &[
        two!("heappush", push, false),
        two!("heappushpop", push_pop, false),
        two!("heapreplace", replace, false),
        one!("heappop", pop, false),
        one!("heapify", heapify, false),
        two!("heappush_max", push, true),
        two!("heappushpop_max", push_pop, true),
        two!("heapreplace_max", replace, true),
        one!("heappop_max", pop, true),
        one!("heapify_max", heapify, true),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "Lists as heaps.",
};
