//! `queue`: `Queue` and its kin, and `SimpleQueue`.
//!
//! One body serves all: a lock of the language's kind, held across comparisons of a priority queue's
//! items; the items; lines of threads that wait for an item, for room, for all work to be done.
//!
//! The items move to a deque or list of the language's when a program asks for it (`q.queue`), and are there
//! from the start in classes that define `_init`, `_put`, `_get` or `_qsize`, which are then called.

use super::support;
use super::threading::condition::in_line;
use super::threading::{lock, wait};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Method, ModuleDef, Native, TypeDef, flag, getter, method};
use crate::object::descriptor::PyMethodDescriptor;
use crate::object::exception::{self, class};
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::root::Root;
use crate::object::slot::{Locked, Slot};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::{self, PyType};
use crate::object::{attribute, ids, int, protocol, str_};
use crate::vm::outside::Outside;
use crate::vm::thread::{lot, rt};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use kit_std::sync::condition::Condition;
use kit_std::sync::lock::Lock;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

/// The exception classes of the module.
#[derive(Default)]
pub struct QueueErrors {
    /// `Empty`.
    pub empty: Root,
    /// `Full`.
    pub full: Root,
    /// `ShutDown`.
    pub shut_down: Root,
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
    /// A class written in Python says how items are kept.
    hooked: bool,
    items: Locked<Outside<VecDeque<Obj>>>,
    /// What `q.queue` is, once it was asked for: it has the items then.
    own: Slot,
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
        for item in unsafe { self.items.get() }.iter() {
            tracer.word(item.word());
        }
        self.own.trace(tracer);
    }

    fn clear(&self, ctx: &mut Ctx) {
        // SAFETY: the collector has the only way to the object.
        drop(std::mem::take(unsafe { self.items.get_mut() }));
        drop(self.own.replace_locked(ctx, None));
    }
}

type Queue = Body<PyQueue>;

impl Body<PyQueue> {
    fn with<T>(&self, ctx: &Ctx, f: impl FnOnce(&mut VecDeque<Obj>) -> T) -> T {
        // SAFETY: the field of this object; `f` locks nothing.
        let mut items = unsafe { self.items.lock(ctx, &self.header) };
        let result = f(&mut items);
        items.count();
        result
    }

    fn own(&self, ctx: &Ctx) -> Option<Obj> {
        if self.own.peek().is_null() {
            return None;
        }
        self.own.get(ctx, &self.header)
    }

    fn unlock(&self, ctx: &Ctx) {
        let _ = self.mutex.release(lot(ctx));
    }
}

/// How many items there are.
fn len(ctx: &mut Ctx, this: &Obj) -> PyResult<usize> {
    let queue = this.expect::<PyQueue>();
    if !queue.hooked {
        return kept(ctx, queue);
    }
    let len = call_hook(ctx, this, "_qsize", &[])?;
    let len = protocol::index_i64(ctx, &len, None)?;
    Ok(usize::try_from(len).unwrap_or(0))
}

/// How many items there are, as the queue's own `_qsize` has it.
fn kept(ctx: &mut Ctx, queue: &Queue) -> PyResult<usize> {
    match queue.own(ctx) {
        Some(own) => protocol::len(ctx, &own),
        None => Ok(queue.with(ctx, |items| items.len())),
    }
}

fn call_hook(ctx: &mut Ctx, this: &Obj, name: &'static str, args: &[Obj]) -> PyResult {
    let name = str_::intern(ctx, name);
    protocol::call_method(ctx, this, &name, args)
}

fn is_full(ctx: &mut Ctx, this: &Obj) -> PyResult<bool> {
    let max = this.expect::<PyQueue>().max.load(Relaxed);
    Ok(max > 0 && len(ctx, this)? as i64 >= max)
}

/// Whether a class written in Python defines one of the methods that keep the items.
fn is_hooked(ctx: &mut Ctx, class: &Obj) -> bool {
    let id = class.expect::<PyType>().id;
    if id < ids::FIRST_DYNAMIC {
        return false;
    }
    for name in ["_init", "_qsize", "_put", "_get"] {
        let name = str_::intern(ctx, name);
        let found = attribute::lookup(ctx, id, &name);
        if found.is_some_and(|found| found.downcast::<PyMethodDescriptor>().is_none()) {
            return true;
        }
    }
    false
}

/// Moves the items into an object of the language's.
fn materialise(ctx: &mut Ctx, queue: &Queue) -> PyResult {
    let items = queue.with(ctx, std::mem::take);
    let list = list::from_vec(ctx, items.into())?;
    let own = match queue.order {
        Order::First => {
            let class = type_::type_object(ctx, ids::DEQUE);
            protocol::call(ctx, &class, &[list])?
        }
        Order::Last | Order::Least => list,
    };
    drop(queue.own.replace(ctx, &queue.header, Some(own.clone())));
    Ok(own)
}

fn own_init(ctx: &mut Ctx, this: &Obj, _: &Obj) -> PyResult {
    let queue = this.expect::<PyQueue>();
    drop(queue.with(ctx, std::mem::take));
    materialise(ctx, queue).map(|_| Obj::NONE)
}

fn own_put(ctx: &mut Ctx, this: &Obj, item: &Obj) -> PyResult {
    add(ctx, this.expect::<PyQueue>(), item.clone()).map(|()| Obj::NONE)
}

fn own_get(ctx: &mut Ctx, this: &Obj) -> PyResult {
    match take(ctx, this.expect::<PyQueue>())? {
        Some(item) => Ok(item),
        None => Err(raise!(ctx, IndexError, "pop from an empty queue")),
    }
}

fn own_qsize(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let len = kept(ctx, this.expect::<PyQueue>())?;
    int::from_usize(ctx, len)
}

fn own_queue(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let queue = this.expect::<PyQueue>();
    if let Some(own) = queue.own(ctx) {
        return Ok(own);
    }
    if queue.hooked {
        let class = protocol::type_name(ctx, this);
        return Err(raise!(
            ctx,
            AttributeError,
            "'{class}' object has no attribute 'queue'"
        ));
    }
    acquire(ctx, queue)?;
    let own = match queue.own(ctx) {
        Some(own) => Ok(own),
        None => materialise(ctx, queue),
    };
    queue.unlock(ctx);
    own
}

fn set_own_queue(ctx: &mut Ctx, this: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let queue = this.expect::<PyQueue>();
    drop(queue.own.replace(ctx, &queue.header, value.cloned()));
    Ok(())
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
    let hooked = is_hooked(ctx, class);
    let body = PyQueue {
        hooked,
        own: Slot::empty(),
        mutex: Lock::new(),
        order: order_of(ctx, class),
        items: Locked::new(Outside::default()),
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
    let queue = this.expect::<PyQueue>();
    queue.max.store(max, Relaxed);
    if queue.hooked {
        let max = int::from_i64(ctx, max)?;
        call_hook(ctx, this, "_init", &[max])?;
    }
    Ok(())
}

fn simple_init(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult<()> {
    args.check(ctx, "SimpleQueue", 0, 0)
}

fn error(ctx: &mut Ctx, which: fn(&QueueErrors) -> &Root) -> Raised {
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
    if let Some(own) = queue.own(ctx) {
        let name = str_::intern(ctx, "append");
        protocol::call_method(ctx, &own, &name, &[item])?;
    } else {
        let room = queue.with(ctx, |items| items.try_reserve(1).is_ok());
        if !room {
            return Err(crate::error::no_memory(ctx));
        }
        queue.with(ctx, |items| items.push_back(item));
    }
    if queue.order == Order::Least {
        let last = kept(ctx, queue)?.saturating_sub(1);
        sift_down(ctx, queue, 0, last)?;
    }
    Ok(())
}

fn at(ctx: &Ctx, queue: &Queue, index: usize) -> Option<Obj> {
    match queue.own(ctx) {
        Some(own) => own.downcast::<PyList>()?.get(ctx, index),
        None => queue.with(ctx, |items| items.get(index).cloned()),
    }
}

fn less(ctx: &mut Ctx, queue: &Queue, a: usize, b: usize) -> PyResult<bool> {
    match (at(ctx, queue, a), at(ctx, queue, b)) {
        (Some(a), Some(b)) => protocol::compare_truth(ctx, &a, &b, Comparison::Lt),
        _ => Ok(false),
    }
}

fn swap(ctx: &Ctx, queue: &Queue, a: usize, b: usize) {
    if let Some(own) = queue.own(ctx) {
        if let Some(list) = own.downcast::<PyList>()
            && let (Some(x), Some(y)) = (list.get(ctx, a), list.get(ctx, b))
        {
            list.set(ctx, a, y);
            list.set(ctx, b, x);
        }
        return;
    }
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
    let Some(last) = kept(ctx, queue)?.checked_sub(1) else {
        return Ok(None);
    };
    swap(ctx, queue, 0, last);
    let removed = match queue.own(ctx) {
        Some(own) => Some(call_hook(ctx, &own, "pop", &[])?),
        None => queue.with(ctx, VecDeque::pop_back),
    };
    let end = last;
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
    if let Some(own) = queue.own(ctx)
        && queue.order != Order::Least
    {
        if protocol::len(ctx, &own)? == 0 {
            return Ok(None);
        }
        let name = match queue.order {
            Order::First => "popleft",
            _ => "pop",
        };
        return call_hook(ctx, &own, name, &[]).map(Some);
    }
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
    let result = put_locked(ctx, this, item, wait);
    queue.unlock(ctx);
    result.map(|()| Obj::NONE)
}

fn put_locked(ctx: &mut Ctx, this: &Obj, item: Obj, wait: Wait) -> PyResult<()> {
    let queue = this.expect::<PyQueue>();
    if queue.shut.load(Relaxed) {
        return Err(error(ctx, |errors| &errors.shut_down));
    }
    while is_full(ctx, this)? {
        let Wait::Until(deadline) = wait else {
            return Err(error(ctx, |errors| &errors.full));
        };
        let woken = wait_in(ctx, queue, &queue.not_full, deadline)?;
        if queue.shut.load(Relaxed) {
            return Err(error(ctx, |errors| &errors.shut_down));
        }
        if !woken && is_full(ctx, this)? {
            return Err(error(ctx, |errors| &errors.full));
        }
    }
    if queue.hooked {
        call_hook(ctx, this, "_put", &[item])?;
    } else {
        add(ctx, queue, item)?;
    }
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
    let result = get_locked(ctx, this, wait);
    queue.unlock(ctx);
    result
}

/// The next item, if there is one.
fn next(ctx: &mut Ctx, this: &Obj) -> PyResult<Option<Obj>> {
    let queue = this.expect::<PyQueue>();
    if !queue.hooked {
        return take(ctx, queue);
    }
    if len(ctx, this)? == 0 {
        return Ok(None);
    }
    call_hook(ctx, this, "_get", &[]).map(Some)
}

fn get_locked(ctx: &mut Ctx, this: &Obj, wait: Wait) -> PyResult {
    let queue = this.expect::<PyQueue>();
    loop {
        if let Some(item) = next(ctx, this)? {
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
        if !woken && len(ctx, this)? == 0 && !queue.shut.load(Relaxed) {
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
    let mut result = Ok(());
    if immediate {
        let mut left = queue.unfinished.load(Relaxed);
        loop {
            match next(ctx, this) {
                Ok(Some(_)) => left = (left - 1).max(0),
                Ok(None) => break,
                Err(raised) => {
                    result = Err(raised);
                    break;
                }
            }
        }
        queue.unfinished.store(left, Relaxed);
        queue.all_done.notify(usize::MAX, lot(ctx));
    }
    queue.not_empty.notify(usize::MAX, lot(ctx));
    queue.not_full.notify(usize::MAX, lot(ctx));
    queue.unlock(ctx);
    result.map(|()| Obj::NONE)
}

fn qsize(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let len = len(ctx, this)?;
    int::from_usize(ctx, len)
}

fn empty(ctx: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(len(ctx, this)? == 0))
}

fn full(ctx: &mut Ctx, this: &Obj) -> PyResult {
    is_full(ctx, this).map(Obj::bool)
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
        method("_init", Native::M1(own_init)),
        method("_qsize", Native::M0(own_qsize)),
        method("_put", Native::M1(own_put)),
        method("_get", Native::M0(own_get)),
    ],
    getset: &[
        GetSet {
            name: "queue",
            get: own_queue,
            set: Some(set_own_queue),
        },
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
