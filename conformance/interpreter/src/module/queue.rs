//! `_queue`: `SimpleQueue`, which the library's `queue` shows, and `Empty`.
//!
//! Items, and a line of threads that wait for one. Who finds no item takes a place in the line, looks again, and waits; who
//! puts an item there wakes the first of the line afterwards. So either the second look finds the item or the place is
//! seen. A thread that was woken and finds that another one was faster takes a new place.

use super::natives;
use super::support::{self, id_of};
use super::threading::wait;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, TypeDef, flag, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Locked;
use crate::object::slots::Slots;
use crate::object::{ids, int, protocol};
use crate::vm::outside::Outside;
use crate::vm::thread::lot;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_std::sync::condition::{Condition, Place};
use std::collections::VecDeque;

/// The body of a queue.
pub struct PySimpleQueue {
    items: Locked<Outside<VecDeque<Obj>>>,
    line: Condition,
}

// SAFETY: `trace` reports the items; the world is stopped then.
unsafe impl Payload for PySimpleQueue {
    const ID: u32 = ids::SIMPLE_QUEUE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "SimpleQueue";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the collector calls this with the world stopped.
        for item in unsafe { self.items.get() }.iter() {
            tracer.word(item.word());
        }
    }

    fn clear(&self, _: &mut Ctx) {
        // SAFETY: the collector has the only way to the object.
        drop(std::mem::take(unsafe { self.items.get_mut() }));
    }
}

impl Body<PySimpleQueue> {
    fn with<T>(&self, ctx: &Ctx, f: impl FnOnce(&mut VecDeque<Obj>) -> T) -> T {
        // SAFETY: the field of this object; `f` locks nothing.
        let mut items = unsafe { self.items.lock(ctx, &self.header) };
        let result = f(&mut items);
        items.count();
        result
    }

    fn len(&self, ctx: &Ctx) -> usize {
        self.with(ctx, |items| items.len())
    }
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "SimpleQueue")?;
    args.check(ctx, "SimpleQueue", 0, 0)?;
    let body = PySimpleQueue {
        items: Locked::new(Outside::default()),
        line: Condition::new(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn add(ctx: &Ctx, this: &Obj, item: &Obj) -> Obj {
    let queue = this.expect::<PySimpleQueue>();
    queue.with(ctx, |items| items.push_back(item.clone()));
    queue.line.notify(1, lot(ctx));
    Obj::NONE
}

fn put(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "put",
        params: &["item", "block", "timeout"],
        posonly: 0,
        positional: 3,
        required: 1,
    };
    // There is always room.
    let [item, _, _] = args.bind(ctx, &SIGNATURE)?;
    Ok(add(ctx, this, item.unwrap_or(Obj::none())))
}

fn put_nowait(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "put_nowait",
        params: &["item"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [item] = args.bind(ctx, &SIGNATURE)?;
    Ok(add(ctx, this, item.unwrap_or(Obj::none())))
}

fn get(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "get",
        params: &["block", "timeout"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [block, timeout] = args.bind(ctx, &SIGNATURE)?;
    let queue = this.expect::<PySimpleQueue>();
    if let Some(block) = block
        && !protocol::truth(ctx, block)?
    {
        return first(ctx, queue);
    }
    let mut deadline = None;
    if let Some(timeout) = timeout.filter(|timeout| !timeout.is_none()) {
        let seconds = wait::seconds(ctx, timeout)?;
        if seconds < 0.0 {
            return Err(raise!(
                ctx,
                ValueError,
                "'timeout' must be a non-negative number"
            ));
        }
        deadline = Some(wait::deadline_in(ctx, seconds));
    }
    loop {
        if let Some(item) = queue.with(ctx, VecDeque::pop_front) {
            return Ok(item);
        }
        let place = queue.line.enqueue(lot(ctx));
        if queue.len(ctx) != 0 {
            give_up(ctx, queue, &place);
        } else if !wait_at(ctx, queue, &place, deadline)? {
            return first(ctx, queue);
        }
    }
}

/// Leaves the line; a notification that came meanwhile goes to the next one.
fn give_up(ctx: &Ctx, queue: &Body<PySimpleQueue>, place: &Place) {
    if !queue.line.cancel(place, lot(ctx)) {
        queue.line.notify(1, lot(ctx));
    }
}

/// Waits at a place in the line. False: the deadline passed first.
fn wait_at(
    ctx: &mut Ctx,
    queue: &Body<PySimpleQueue>,
    place: &Place,
    deadline: Option<u64>,
) -> PyResult<bool> {
    let woken = wait::blocking(ctx, deadline, |lot, until| {
        place.wait(lot, &mut Unattached, until) == Ok(true)
    });
    match woken {
        Ok(true) => Ok(true),
        // A notification that came in the last moment counts.
        Ok(false) => Ok(!queue.line.cancel(place, lot(ctx))),
        Err(raised) => {
            give_up(ctx, queue, place);
            Err(raised)
        }
    }
}

/// The first item, now.
fn first(ctx: &mut Ctx, queue: &Body<PySimpleQueue>) -> PyResult {
    if let Some(item) = queue.with(ctx, VecDeque::pop_front) {
        return Ok(item);
    }
    let class = empty_error(ctx)?;
    let error = protocol::call(ctx, &class, &[])?;
    Err(exception::raise(ctx, error))
}

/// `queue.Empty`.
fn empty_error(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(ctx, |n| &n.queue_empty, "_queue", "Empty", class::Exception)
}

/// `queue.SimpleQueue`.
pub static SIMPLE_QUEUE: TypeDef = TypeDef {
    id: ids::SIMPLE_QUEUE,
    name: "_queue.SimpleQueue",
    base: ids::OBJECT,
    layout: ids::SIMPLE_QUEUE,
    kind: &Body::<PySimpleQueue>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        method("put", Native::MA(put)),
        method("put_nowait", Native::MA(put_nowait)),
        method("get", Native::MA(get)),
        method(
            "get_nowait",
            Native::M0(|ctx, this| first(ctx, this.expect::<PySimpleQueue>())),
        ),
        method(
            "qsize",
            Native::M0(|ctx, this| {
                let len = this.expect::<PySimpleQueue>().len(ctx);
                int::from_usize(ctx, len)
            }),
        ),
        method(
            "empty",
            Native::M0(|ctx, this| Ok(Obj::bool(this.expect::<PySimpleQueue>().len(ctx) == 0))),
        ),
        method("__class_getitem__", Native::C1(support::class_getitem)),
    ],
    getset: &[],
    doc: "A queue between threads without a bound: first in, first out.",
};

/// `_queue`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_queue",
    functions: &[],
    types: &[&SIMPLE_QUEUE],
    populate: |ctx, module| {
        let empty = empty_error(ctx)?;
        support::add(ctx, module, "Empty", empty)
    },
    doc: "The native half of queue.",
};
