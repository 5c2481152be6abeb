//! `queue`: `Queue` and its kin, and `SimpleQueue`.
//!
//! One body serves all: a lock of the language's kind, held across comparisons of a priority queue's
//! items; the items; lines of threads that wait for an item, for room, for all work to be done.

use super::support;
use super::threading::condition::in_line;
use super::threading::{lock, wait};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, ModuleDef, Native, TypeDef, flag, getter, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Locked;
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::PyType;
use crate::object::{ids, int, protocol};
use crate::vm::thread::{lot, rt};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use kit_std::sync::condition::Condition;
use kit_std::sync::lock::Lock;
use std::collections::VecDeque;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

/// The exception classes of the module.
#[derive(Default)]
pub struct QueueErrors {
    empty: OnceLock<Obj>,
    full: OnceLock<Obj>,
    shut_down: OnceLock<Obj>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    First,
    Last,
    Least,
}

/// The body of a queue. What is atomic is written under `mutex` only.
pub struct PyQueue {
    mutex: Lock,
    order: Order,
    items: Locked<VecDeque<Obj>>,
    max: AtomicI64,
    unfinished: AtomicI64,
    shut: AtomicBool,
    not_empty: Condition,
    not_full: Condition,
    all_done: Condition,
}

// SAFETY: `trace` reports the items; the world is stopped then.
unsafe impl Payload for PyQueue {
    const ID: u32 = ids::QUEUE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "Queue";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the collector calls this with the world stopped.
        for item in unsafe { self.items.get() } {
            tracer.word(item.word());
        }
    }
}

type Queue = Body<PyQueue>;

impl Body<PyQueue> {
    fn with<T>(&self, ctx: &Ctx, f: impl FnOnce(&mut VecDeque<Obj>) -> T) -> T {
        // SAFETY: the field of this object; `f` locks nothing.
        let mut items = unsafe { self.items.lock(ctx, &self.header) };
        f(&mut items)
    }

    fn len(&self, ctx: &Ctx) -> usize {
        self.with(ctx, |items| items.len())
    }

    fn is_full(&self, ctx: &Ctx) -> bool {
        let max = self.max.load(Relaxed);
        max > 0 && self.len(ctx) as i64 >= max
    }

    fn unlock(&self, ctx: &Ctx) {
        let _ = self.mutex.release(lot(ctx));
    }
}

fn order_of(ctx: &Ctx, class: &Obj) -> Order {
    let is = |id| {
        let wanted = crate::object::type_::type_by_id(ctx, id);
        class.expect::<PyType>().is_subtype(ctx, wanted)
    };
    if is(ids::LIFO_QUEUE) {
        Order::Last
    } else if is(ids::PRIORITY_QUEUE) {
        Order::Least
    } else {
        Order::First
    }
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PyQueue {
        mutex: Lock::new(),
        order: order_of(ctx, class),
        items: Locked::new(VecDeque::new()),
        max: AtomicI64::new(0),
        unfinished: AtomicI64::new(0),
        shut: AtomicBool::new(false),
        not_empty: Condition::new(),
        not_full: Condition::new(),
        all_done: Condition::new(),
    };
    payload::allocate(ctx, id, body)
}

static INIT: Signature = Signature {
    name: "Queue.__init__",
    params: &["maxsize"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    let [max] = args.bind(ctx, &INIT)?;
    let max = match max {
        Some(max) => protocol::index_i64(ctx, max, None)?,
        None => 0,
    };
    this.expect::<PyQueue>().max.store(max, Relaxed);
    Ok(())
}

fn simple_init(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult<()> {
    args.check(ctx, "SimpleQueue", 0, 0)
}

fn error(ctx: &mut Ctx, which: fn(&QueueErrors) -> &OnceLock<Obj>) -> Raised {
    let Some(class) = which(&rt(ctx).library.queue).get().cloned() else {
        return raise!(ctx, RuntimeError, "the module queue is not there");
    };
    match protocol::call(ctx, &class, &[]) {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}

/// Whether and how long to wait.
enum Wait {
    Never,
    Until(Option<u64>),
}

fn patience(ctx: &mut Ctx, block: Option<&Obj>, timeout: Option<&Obj>) -> PyResult<Wait> {
    if let Some(block) = block
        && !protocol::truth(ctx, block)?
    {
        return Ok(Wait::Never);
    }
    match timeout.filter(|timeout| !timeout.is_none()) {
        None => Ok(Wait::Until(None)),
        Some(timeout) => {
            let seconds = wait::seconds(ctx, timeout)?;
            if seconds < 0.0 {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "'timeout' must be a non-negative number"
                ));
            }
            Ok(Wait::Until(Some(wait::deadline_in(ctx, seconds))))
        }
    }
}

fn acquire(ctx: &mut Ctx, queue: &Queue) -> PyResult<()> {
    if queue.mutex.try_acquire() {
        return Ok(());
    }
    lock::acquire_lock(ctx, &queue.mutex, wait::Patience::Until(None)).map(drop)
}

/// Waits in `line` with the queue unlocked. False: the deadline passed. The queue is locked afterwards,
/// also after an error.
fn wait_in(
    ctx: &mut Ctx,
    queue: &Queue,
    line: &Condition,
    deadline: Option<u64>,
) -> PyResult<bool> {
    let place = line.enqueue();
    queue.unlock(ctx);
    let woken = in_line(ctx, line, &place, deadline);
    if !queue.mutex.try_acquire() {
        wait::blocking_for_sure(ctx, |lot| {
            let _ = queue
                .mutex
                .acquire(lot, &mut kit_core::sync::parking::Unattached, None);
        });
    }
    woken
}

fn add(ctx: &mut Ctx, queue: &Queue, item: Obj) -> PyResult<()> {
    let room = queue.with(ctx, |items| items.try_reserve(1).is_ok());
    if !room {
        return Err(crate::error::no_memory(ctx));
    }
    queue.with(ctx, |items| items.push_back(item));
    if queue.order == Order::Least {
        sift_down(ctx, queue, 0, queue.len(ctx) - 1)?;
    }
    Ok(())
}

fn at(ctx: &Ctx, queue: &Queue, index: usize) -> Option<Obj> {
    queue.with(ctx, |items| items.get(index).cloned())
}

fn less(ctx: &mut Ctx, queue: &Queue, a: usize, b: usize) -> PyResult<bool> {
    match (at(ctx, queue, a), at(ctx, queue, b)) {
        (Some(a), Some(b)) => protocol::compare_truth(ctx, &a, &b, Comparison::Lt),
        _ => Ok(false),
    }
}

fn swap(ctx: &Ctx, queue: &Queue, a: usize, b: usize) {
    queue.with(ctx, |items| {
        if a.max(b) < items.len() {
            items.swap(a, b);
        }
    });
}

/// Moves the item at `index` towards the root, as far as it is smaller than its parents.
fn sift_down(ctx: &mut Ctx, queue: &Queue, root: usize, mut index: usize) -> PyResult<()> {
    while index > root {
        let parent = (index - 1) / 2;
        if !less(ctx, queue, index, parent)? {
            break;
        }
        swap(ctx, queue, index, parent);
        index = parent;
    }
    Ok(())
}

/// Removes the least item: the last one takes its place, sinks to a leaf along the smaller children, and
/// rises from there.
fn pop_least(ctx: &mut Ctx, queue: &Queue) -> PyResult<Option<Obj>> {
    let removed = queue.with(ctx, |items| {
        let last = items.pop_back()?;
        Some(match items.front_mut() {
            Some(first) => std::mem::replace(first, last),
            None => last,
        })
    });
    let end = queue.len(ctx);
    let mut hole = 0;
    loop {
        let (left, right) = (2 * hole + 1, 2 * hole + 2);
        if left >= end {
            break;
        }
        let child = if right < end && !less(ctx, queue, left, right)? {
            right
        } else {
            left
        };
        swap(ctx, queue, hole, child);
        hole = child;
    }
    sift_down(ctx, queue, 0, hole)?;
    Ok(removed)
}

fn take(ctx: &mut Ctx, queue: &Queue) -> PyResult<Option<Obj>> {
    match queue.order {
        Order::First => Ok(queue.with(ctx, |items| items.pop_front())),
        Order::Last => Ok(queue.with(ctx, |items| items.pop_back())),
        Order::Least => pop_least(ctx, queue),
    }
}

static PUT: Signature = Signature {
    name: "put",
    params: &["item", "block", "timeout"],
    posonly: 0,
    positional: 3,
    required: 1,
};

fn put(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [item, block, timeout] = args.bind(ctx, &PUT)?;
    let item = item.cloned().unwrap_or(Obj::NONE);
    put_item(ctx, this, item, block, timeout)
}

fn put_nowait(ctx: &mut Ctx, this: &Obj, item: &Obj) -> PyResult {
    put_item(ctx, this, item.clone(), Some(&Obj::FALSE), None)
}

fn put_item(
    ctx: &mut Ctx,
    this: &Obj,
    item: Obj,
    block: Option<&Obj>,
    timeout: Option<&Obj>,
) -> PyResult {
    let queue = this.expect::<PyQueue>();
    // Arguments count only for a queue with a bound.
    let wait = if queue.max.load(Relaxed) > 0 {
        patience(ctx, block, timeout)?
    } else {
        Wait::Never
    };
    acquire(ctx, queue)?;
    let result = put_locked(ctx, queue, item, wait);
    queue.unlock(ctx);
    result.map(|()| Obj::NONE)
}

fn put_locked(ctx: &mut Ctx, queue: &Queue, item: Obj, wait: Wait) -> PyResult<()> {
    if queue.shut.load(Relaxed) {
        return Err(error(ctx, |errors| &errors.shut_down));
    }
    while queue.is_full(ctx) {
        let Wait::Until(deadline) = wait else {
            return Err(error(ctx, |errors| &errors.full));
        };
        let woken = wait_in(ctx, queue, &queue.not_full, deadline)?;
        if queue.shut.load(Relaxed) {
            return Err(error(ctx, |errors| &errors.shut_down));
        }
        if !woken && queue.is_full(ctx) {
            return Err(error(ctx, |errors| &errors.full));
        }
    }
    add(ctx, queue, item)?;
    queue.unfinished.fetch_add(1, Relaxed);
    queue.not_empty.notify(1, lot(ctx));
    Ok(())
}

static GET: Signature = Signature {
    name: "get",
    params: &["block", "timeout"],
    posonly: 0,
    positional: 2,
    required: 0,
};

fn get(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [block, timeout] = args.bind(ctx, &GET)?;
    get_item(ctx, this, block, timeout)
}

fn get_nowait(ctx: &mut Ctx, this: &Obj) -> PyResult {
    get_item(ctx, this, Some(&Obj::FALSE), None)
}

fn get_item(ctx: &mut Ctx, this: &Obj, block: Option<&Obj>, timeout: Option<&Obj>) -> PyResult {
    let wait = patience(ctx, block, timeout)?;
    let queue = this.expect::<PyQueue>();
    acquire(ctx, queue)?;
    let result = get_locked(ctx, queue, wait);
    queue.unlock(ctx);
    result
}

fn get_locked(ctx: &mut Ctx, queue: &Queue, wait: Wait) -> PyResult {
    loop {
        if let Some(item) = take(ctx, queue)? {
            queue.not_full.notify(1, lot(ctx));
            return Ok(item);
        }
        if queue.shut.load(Relaxed) {
            return Err(error(ctx, |errors| &errors.shut_down));
        }
        let Wait::Until(deadline) = wait else {
            return Err(error(ctx, |errors| &errors.empty));
        };
        let woken = wait_in(ctx, queue, &queue.not_empty, deadline)?;
        if !woken && queue.len(ctx) == 0 && !queue.shut.load(Relaxed) {
            return Err(error(ctx, |errors| &errors.empty));
        }
    }
}

fn task_done(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let queue = this.expect::<PyQueue>();
    acquire(ctx, queue)?;
    let left = queue.unfinished.load(Relaxed) - 1;
    if left >= 0 {
        queue.unfinished.store(left, Relaxed);
        if left == 0 {
            queue.all_done.notify(usize::MAX, lot(ctx));
        }
    }
    queue.unlock(ctx);
    if left < 0 {
        return Err(raise!(ctx, ValueError, "task_done() called too many times"));
    }
    Ok(Obj::NONE)
}

fn join(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let queue = this.expect::<PyQueue>();
    acquire(ctx, queue)?;
    let mut result = Ok(true);
    while result.is_ok() && queue.unfinished.load(Relaxed) > 0 {
        result = wait_in(ctx, queue, &queue.all_done, None);
    }
    queue.unlock(ctx);
    result.map(|_| Obj::NONE)
}

static SHUTDOWN: Signature = Signature {
    name: "shutdown",
    params: &["immediate"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn shutdown(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [immediate] = args.bind(ctx, &SHUTDOWN)?;
    let immediate = match immediate {
        Some(immediate) => protocol::truth(ctx, immediate)?,
        None => false,
    };
    let queue = this.expect::<PyQueue>();
    acquire(ctx, queue)?;
    queue.shut.store(true, Relaxed);
    if immediate {
        let dropped = queue.with(ctx, std::mem::take);
        let left = (queue.unfinished.load(Relaxed) - dropped.len() as i64).max(0);
        queue.unfinished.store(left, Relaxed);
        queue.all_done.notify(usize::MAX, lot(ctx));
        drop(dropped);
    }
    queue.not_empty.notify(usize::MAX, lot(ctx));
    queue.not_full.notify(usize::MAX, lot(ctx));
    queue.unlock(ctx);
    Ok(Obj::NONE)
}

fn qsize(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let len = this.expect::<PyQueue>().len(ctx);
    int::from_usize(ctx, len)
}

fn empty(ctx: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(this.expect::<PyQueue>().len(ctx) == 0))
}

fn full(ctx: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(this.expect::<PyQueue>().is_full(ctx)))
}

fn maxsize(ctx: &mut Ctx, this: &Obj) -> PyResult {
    int::from_i64(ctx, this.expect::<PyQueue>().max.load(Relaxed))
}

fn unfinished_tasks(ctx: &mut Ctx, this: &Obj) -> PyResult {
    int::from_i64(ctx, this.expect::<PyQueue>().unfinished.load(Relaxed))
}

fn is_shutdown(_: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(this.expect::<PyQueue>().shut.load(Relaxed)))
}

const SIMPLE: &[Method] = &[
    method("put", Native::MA(put)),
    method("put_nowait", Native::M1(put_nowait)),
    method("get", Native::MA(get)),
    method("get_nowait", Native::M0(get_nowait)),
    method("qsize", Native::M0(qsize)),
    method("empty", Native::M0(empty)),
];

/// `queue.Queue`.
pub static QUEUE: TypeDef = TypeDef {
    id: ids::QUEUE,
    name: "Queue",
    base: ids::OBJECT,
    layout: ids::QUEUE,
    kind: &Body::<PyQueue>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[
        method("put", Native::MA(put)),
        method("put_nowait", Native::M1(put_nowait)),
        method("get", Native::MA(get)),
        method("get_nowait", Native::M0(get_nowait)),
        method("qsize", Native::M0(qsize)),
        method("empty", Native::M0(empty)),
        method("full", Native::M0(full)),
        method("task_done", Native::M0(task_done)),
        method("join", Native::M0(join)),
        method("shutdown", Native::MA(shutdown)),
    ],
    getset: &[
        getter("maxsize", maxsize),
        getter("unfinished_tasks", unfinished_tasks),
        getter("is_shutdown", is_shutdown),
    ],
    doc: "A queue between threads: first in, first out.",
};

const fn derived(id: u32, name: &'static str, doc: &'static str) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::QUEUE,
        layout: ids::QUEUE,
        kind: &Body::<PyQueue>::KIND,
        flags: flag::BASE,
        slots: Slots {
            new: Some(new),
            ..Slots::NONE
        },
        methods: &[],
        getset: &[],
        doc,
    }
}

/// `queue.LifoQueue`.
pub static LIFO_QUEUE: TypeDef = derived(
    ids::LIFO_QUEUE,
    "LifoQueue",
    "A queue between threads: last in, first out.",
);
/// `queue.PriorityQueue`.
pub static PRIORITY_QUEUE: TypeDef = derived(
    ids::PRIORITY_QUEUE,
    "PriorityQueue",
    "A queue between threads: the least item first.",
);

/// `queue.SimpleQueue`.
pub static SIMPLE_QUEUE: TypeDef = TypeDef {
    id: ids::SIMPLE_QUEUE,
    name: "_queue.SimpleQueue",
    base: ids::OBJECT,
    layout: ids::QUEUE,
    kind: &Body::<PyQueue>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(simple_init),
        ..Slots::NONE
    },
    methods: SIMPLE,
    getset: &[],
    doc: "A queue between threads without a bound: first in, first out.",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let errors = &rt(ctx).library.queue;
    let classes = [
        ("_queue", "Empty", &errors.empty),
        ("queue", "Full", &errors.full),
        ("queue", "ShutDown", &errors.shut_down),
    ];
    for (place, name, slot) in classes {
        let class = support::exception_class(ctx, place, name, class::Exception)?;
        support::add(ctx, module, name, class.clone())?;
        let _ = slot.set(class);
    }
    Ok(())
}

/// `queue`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "queue",
    functions: &[],
    types: &[&QUEUE, &LIFO_QUEUE, &PRIORITY_QUEUE, &SIMPLE_QUEUE],
    populate,
    doc: "Queues between threads.",
};
