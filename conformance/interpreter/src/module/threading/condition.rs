//! `threading.Condition`.

use super::lock::{self, PyLock, PyRLock};
use super::state;
use super::wait;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::type_::PyType;
use crate::object::{ids, protocol, str_};
use crate::vm::thread::{lot, py};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_std::sync::condition::{Condition, Place};

/// The body of a condition.
pub struct PyCondition {
    /// The lock; any object with `acquire` and `release`.
    lock: Slot,
    line: Condition,
}

// SAFETY: `trace` reports the slot.
unsafe impl Payload for PyCondition {
    const ID: u32 = ids::CONDITION;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "Condition";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.lock.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        drop(self.lock.replace_locked(ctx, None));
    }
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PyCondition {
        lock: Slot::empty(),
        line: Condition::new(),
    };
    payload::allocate(ctx, id, body)
}

static INIT: Signature = Signature {
    name: "Condition",
    params: &["lock"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    let [given] = args.bind(ctx, &INIT)?;
    let lock = match given {
        Some(lock) if !lock.is_none() => lock.clone(),
        _ => lock::new_rlock(ctx)?,
    };
    let body = this.expect::<PyCondition>();
    body.lock.set(ctx, &body.header, Some(lock));
    Ok(())
}

fn lock_of(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyCondition>();
    match body.lock.get(ctx, &body.header) {
        Some(lock) => Ok(lock),
        None => Err(raise!(
            ctx,
            AttributeError,
            "'Condition' object has no attribute '_lock'"
        )),
    }
}

fn acquire(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let lock = lock_of(ctx, this)?;
    let method = protocol::getattr_str(ctx, &lock, "acquire")?;
    protocol::call_with(ctx, &method, args)
}

fn release(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = lock_of(ctx, this)?;
    call(ctx, &lock, "release", &[])
}

fn call(ctx: &mut Ctx, object: &Obj, name: &str, args: &[Obj]) -> PyResult {
    let method = protocol::getattr_str(ctx, object, name)?;
    protocol::call(ctx, &method, args)
}

fn enter(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = lock_of(ctx, this)?;
    call(ctx, &lock, "__enter__", &[])
}

fn exit(ctx: &mut Ctx, this: &Obj, args: &[Obj]) -> PyResult {
    let lock = lock_of(ctx, this)?;
    call(ctx, &lock, "__exit__", args)
}

fn find(ctx: &mut Ctx, object: &Obj, name: &'static str) -> PyResult<Option<Obj>> {
    let name = str_::intern(ctx, name);
    protocol::find_attr(ctx, object, &name)
}

/// Whether the calling thread holds the condition's lock, as far as can be told.
fn is_owned(ctx: &mut Ctx, lock: &Obj) -> PyResult<bool> {
    if let Some(lock) = lock.downcast_exact::<PyLock>() {
        return Ok(lock.lock.is_locked());
    }
    if let Some(lock) = lock.downcast_exact::<PyRLock>() {
        return Ok(lock.lock.is_owned_by(state::ident()));
    }
    if let Some(method) = find(ctx, lock, "_is_owned")? {
        let owned = protocol::call(ctx, &method, &[])?;
        return protocol::truth(ctx, &owned);
    }
    let taken = call(ctx, lock, "acquire", &[Obj::FALSE])?;
    if protocol::truth(ctx, &taken)? {
        call(ctx, lock, "release", &[])?;
        return Ok(false);
    }
    Ok(true)
}

/// What a lock was like before a wait.
enum Saved {
    Plain,
    Depth(u64),
    Other(Option<Obj>),
}

fn save(ctx: &mut Ctx, lock: &Obj) -> PyResult<Saved> {
    if let Some(lock) = lock.downcast_exact::<PyLock>() {
        let _ = lock.lock.release(lot(ctx));
        return Ok(Saved::Plain);
    }
    if let Some(lock) = lock.downcast_exact::<PyRLock>() {
        return Ok(Saved::Depth(
            lock.lock.release_all(state::ident(), lot(ctx)),
        ));
    }
    if let Some(method) = find(ctx, lock, "_release_save")? {
        let saved = protocol::call(ctx, &method, &[])?;
        return Ok(Saved::Other(Some(saved)));
    }
    call(ctx, lock, "release", &[])?;
    Ok(Saved::Other(None))
}

fn restore(ctx: &mut Ctx, lock: &Obj, saved: Saved) -> PyResult<()> {
    match saved {
        Saved::Plain => {
            let lock = lock.expect::<PyLock>();
            if !lock.lock.try_acquire() {
                wait::blocking_for_sure(ctx, |lot| {
                    let _ = lock.lock.acquire(lot, &mut Unattached, None);
                });
            }
        }
        Saved::Depth(depth) => {
            let (lock, me) = (lock.expect::<PyRLock>(), state::ident());
            if !lock.lock.try_acquire(me) {
                wait::blocking_for_sure(ctx, |lot| {
                    let _ = lock.lock.acquire(me, lot, &mut Unattached, None);
                });
            }
            lock.lock.restore_depth(me, depth);
        }
        Saved::Other(Some(saved)) => drop(call(ctx, lock, "_acquire_restore", &[saved])?),
        Saved::Other(None) => drop(call(ctx, lock, "acquire", &[])?),
    }
    Ok(())
}

static WAIT: Signature = Signature {
    name: "wait",
    params: &["timeout"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn wait(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [timeout] = args.bind(ctx, &WAIT)?;
    let lock = lock_of(ctx, this)?;
    if !is_owned(ctx, &lock)? {
        return Err(raise!(ctx, RuntimeError, "cannot wait on un-acquired lock"));
    }
    let deadline = wait::timeout(ctx, timeout)?;
    wait_until(ctx, this, &lock, deadline).map(Obj::bool)
}

fn wait_until(ctx: &mut Ctx, this: &Obj, lock: &Obj, deadline: Option<u64>) -> PyResult<bool> {
    let line = &this.expect::<PyCondition>().line;
    let place = line.enqueue();
    let saved = match save(ctx, lock) {
        Ok(saved) => saved,
        Err(raised) => {
            line.cancel(&place);
            return Err(raised);
        }
    };
    let woken = in_line(ctx, line, &place, deadline);
    // An exception on its way waits until the lock is held again.
    let raised = py(ctx).raised.take();
    let restored = restore(ctx, lock, saved);
    if restored.is_ok() {
        py(ctx).raised = raised;
    }
    restored.and(woken)
}

/// Waits at `place`; true if notified.
pub fn in_line(
    ctx: &mut Ctx,
    line: &Condition,
    place: &Place,
    deadline: Option<u64>,
) -> PyResult<bool> {
    let woken = wait::blocking(ctx, deadline, |lot, until| {
        place.wait(lot, &mut Unattached, until) == Ok(true)
    });
    match woken {
        Ok(true) => Ok(true),
        // A notification that came in the last moment counts.
        Ok(false) => Ok(!line.cancel(place)),
        Err(raised) => {
            if !line.cancel(place) {
                line.notify(1, lot(ctx));
            }
            Err(raised)
        }
    }
}

static WAIT_FOR: Signature = Signature {
    name: "wait_for",
    params: &["predicate", "timeout"],
    posonly: 0,
    positional: 2,
    required: 1,
};

fn wait_for(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [predicate, timeout] = args.bind(ctx, &WAIT_FOR)?;
    let Some(predicate) = predicate else {
        return Ok(Obj::NONE);
    };
    let mut deadline = None;
    let mut result = protocol::call(ctx, predicate, &[])?;
    while !protocol::truth(ctx, &result)? {
        let lock = lock_of(ctx, this)?;
        if !is_owned(ctx, &lock)? {
            return Err(raise!(ctx, RuntimeError, "cannot wait on un-acquired lock"));
        }
        if deadline.is_none() {
            deadline = wait::timeout(ctx, timeout)?;
        } else if deadline.is_some_and(|deadline| wait::now(ctx) >= deadline) {
            break;
        }
        wait_until(ctx, this, &lock, deadline)?;
        result = protocol::call(ctx, predicate, &[])?;
    }
    Ok(result)
}

fn notify_some(ctx: &mut Ctx, this: &Obj, count: usize) -> PyResult {
    let lock = lock_of(ctx, this)?;
    if !is_owned(ctx, &lock)? {
        return Err(raise!(
            ctx,
            RuntimeError,
            "cannot notify on un-acquired lock"
        ));
    }
    this.expect::<PyCondition>().line.notify(count, lot(ctx));
    Ok(Obj::NONE)
}

static NOTIFY: Signature = Signature {
    name: "notify",
    params: &["n"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn notify(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [count] = args.bind(ctx, &NOTIFY)?;
    let count = match count {
        Some(count) => protocol::index_i64(ctx, count, None)?,
        None => 1,
    };
    notify_some(ctx, this, count.max(0) as usize)
}

fn notify_all(ctx: &mut Ctx, this: &Obj) -> PyResult {
    notify_some(ctx, this, usize::MAX)
}

fn is_owned_method(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = lock_of(ctx, this)?;
    is_owned(ctx, &lock).map(Obj::bool)
}

fn locked(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = lock_of(ctx, this)?;
    call(ctx, &lock, "locked", &[])
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = lock_of(ctx, this)?;
    let lock = protocol::repr_string(ctx, &lock)?;
    let waiters = this.expect::<PyCondition>().line.waiters();
    let class = protocol::type_name(ctx, this);
    str_::new(ctx, &format!("<{class}({lock}, {waiters})>"))
}

/// `threading.Condition`.
pub static CONDITION: TypeDef = TypeDef {
    id: ids::CONDITION,
    name: "Condition",
    base: ids::OBJECT,
    layout: ids::CONDITION,
    kind: &Body::<PyCondition>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        method("acquire", Native::MA(acquire)),
        method("release", Native::M0(release)),
        method("locked", Native::M0(locked)),
        method("wait", Native::MA(wait)),
        method("wait_for", Native::MA(wait_for)),
        method("notify", Native::MA(notify)),
        method("notify_all", Native::M0(notify_all)),
        method("notifyAll", Native::M0(notify_all)),
        method("_is_owned", Native::M0(is_owned_method)),
        method("__enter__", Native::M0(enter)),
        method("__exit__", Native::MN(0, 3, exit)),
    ],
    getset: &[getter("_lock", lock_of)],
    doc: "Lets threads wait until another notifies them.",
};
