//! `threading.Lock` and `threading.RLock`.

use super::state;
use super::wait::{self, Patience};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::PyType;
use crate::object::{ids, int, protocol, str_, tuple};
use crate::vm::thread::lot;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_std::sync::lock::Lock;
use kit_std::sync::rlock::RLock;

/// The body of a lock.
pub struct PyLock {
    /// The lock.
    pub lock: Lock,
}

// SAFETY: there are no references.
unsafe impl Payload for PyLock {
    const ID: u32 = ids::LOCK;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "lock";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// The body of a recursive lock.
pub struct PyRLock {
    /// The lock; owners are thread identities.
    pub lock: RLock,
}

// SAFETY: there are no references.
unsafe impl Payload for PyRLock {
    const ID: u32 = ids::RLOCK;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "RLock";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A new recursive lock.
pub fn new_rlock(ctx: &mut Ctx) -> PyResult {
    payload::new(ctx, PyRLock { lock: RLock::new() })
}

fn lock_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    if id == ids::LOCK {
        args.check(ctx, "lock", 0, 0).map_err(|raised| {
            drop(crate::object::exception::take(ctx, raised));
            raise!(
                ctx,
                TypeError,
                "lock expected 0 arguments, got {}",
                args.pos.len() + args.names.len()
            )
        })?;
    }
    payload::allocate(ctx, id, PyLock { lock: Lock::new() })
}

fn rlock_new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    payload::allocate(ctx, id, PyRLock { lock: RLock::new() })
}

fn no_init(_: &mut Ctx, _: &Obj, _: Args<'_>) -> PyResult<()> {
    Ok(())
}

static ACQUIRE: Signature = Signature {
    name: "acquire",
    params: &["blocking", "timeout"],
    posonly: 0,
    positional: 2,
    required: 0,
};

fn acquire_args(ctx: &mut Ctx, args: Args<'_>) -> PyResult<Patience> {
    let [blocking, timeout] = args.bind(ctx, &ACQUIRE)?;
    wait::patience(ctx, blocking, timeout)
}

/// `lock.acquire(...)`.
pub fn acquire_lock(ctx: &mut Ctx, lock: &Lock, patience: Patience) -> PyResult<bool> {
    if lock.try_acquire() {
        return Ok(true);
    }
    match patience {
        Patience::None => Ok(false),
        Patience::Until(deadline) => wait::blocking(ctx, deadline, |lot, until| {
            lock.acquire(lot, &mut Unattached, until) == Ok(true)
        }),
    }
}

/// `rlock.acquire(...)`.
pub fn acquire_rlock(ctx: &mut Ctx, lock: &RLock, patience: Patience) -> PyResult<bool> {
    let me = state::ident();
    if lock.try_acquire(me) {
        return Ok(true);
    }
    match patience {
        Patience::None => Ok(false),
        Patience::Until(deadline) => wait::blocking(ctx, deadline, |lot, until| {
            lock.acquire(me, lot, &mut Unattached, until) == Ok(true)
        }),
    }
}

fn acquire(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let lock = this.expect::<PyLock>();
    if args.pos.is_empty() && args.names.is_empty() && lock.lock.try_acquire() {
        return Ok(Obj::TRUE);
    }
    let patience = acquire_args(ctx, args)?;
    acquire_lock(ctx, &lock.lock, patience).map(Obj::bool)
}

fn enter(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = this.expect::<PyLock>();
    acquire_lock(ctx, &lock.lock, Patience::Until(None)).map(Obj::bool)
}

fn release(ctx: &mut Ctx, this: &Obj) -> PyResult {
    if this.expect::<PyLock>().lock.release(lot(ctx)) {
        Ok(Obj::NONE)
    } else {
        Err(raise!(ctx, RuntimeError, "release unlocked lock"))
    }
}

fn exit(ctx: &mut Ctx, this: &Obj, _: &[Obj]) -> PyResult {
    release(ctx, this)
}

fn locked(_: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(this.expect::<PyLock>().lock.is_locked()))
}

/// In the child of a fork whoever held it is gone: the lock is free.
fn at_fork_reinit(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let _was_held = this.expect::<PyLock>().lock.release(lot(ctx));
    Ok(Obj::NONE)
}

fn r_at_fork_reinit(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = &this.expect::<PyRLock>().lock;
    if lock.is_locked() {
        let _depth = lock.release_all(lock.owner(), lot(ctx));
    }
    Ok(Obj::NONE)
}

fn word(locked: bool) -> &'static str {
    if locked { "locked" } else { "unlocked" }
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let locked = word(this.expect::<PyLock>().lock.is_locked());
    let class = crate::object::type_::type_of(ctx, this).to_obj();
    let class = crate::object::type_::full_name(ctx, &class)?;
    let address = protocol::address(this);
    str_::new(ctx, &format!("<{locked} {class} object at {address:#x}>"))
}

fn r_acquire(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let patience = if args.pos.is_empty() && args.names.is_empty() {
        Patience::Until(None)
    } else {
        acquire_args(ctx, args)?
    };
    acquire_rlock(ctx, &this.expect::<PyRLock>().lock, patience).map(Obj::bool)
}

fn r_enter(ctx: &mut Ctx, this: &Obj) -> PyResult {
    acquire_rlock(ctx, &this.expect::<PyRLock>().lock, Patience::Until(None)).map(Obj::bool)
}

fn r_release(ctx: &mut Ctx, this: &Obj) -> PyResult {
    if this
        .expect::<PyRLock>()
        .lock
        .release(state::ident(), lot(ctx))
    {
        Ok(Obj::NONE)
    } else {
        Err(raise!(ctx, RuntimeError, "cannot release un-acquired lock"))
    }
}

fn r_exit(ctx: &mut Ctx, this: &Obj, _: &[Obj]) -> PyResult {
    r_release(ctx, this)
}

fn r_locked(_: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(this.expect::<PyRLock>().lock.is_locked()))
}

fn r_is_owned(_: &mut Ctx, this: &Obj) -> PyResult {
    let owned = this.expect::<PyRLock>().lock.is_owned_by(state::ident());
    Ok(Obj::bool(owned))
}

fn r_recursion_count(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = &this.expect::<PyRLock>().lock;
    let owned = lock.is_owned_by(state::ident());
    let depth = if owned { lock.depth() } else { 0 };
    int::from_i64(ctx, depth as i64)
}

fn r_release_save(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let me = state::ident();
    match this.expect::<PyRLock>().lock.release_all(me, lot(ctx)) {
        0 => Err(raise!(ctx, RuntimeError, "cannot release un-acquired lock")),
        depth => {
            let depth = int::from_i64(ctx, depth as i64)?;
            let owner = int::from_i64(ctx, me as i64)?;
            tuple::from_vec(ctx, vec![depth, owner])
        }
    }
}

fn r_acquire_restore(ctx: &mut Ctx, this: &Obj, saved: &Obj) -> PyResult {
    let depth = saved
        .downcast::<tuple::PyTuple>()
        .and_then(|saved| int::to_i64(saved.items().first()?));
    let Some(depth) = depth.filter(|depth| *depth > 0) else {
        return Err(raise!(
            ctx,
            TypeError,
            "a saved state of the lock is required"
        ));
    };
    let lock = &this.expect::<PyRLock>().lock;
    acquire_rlock(ctx, lock, Patience::Until(None))?;
    lock.restore_depth(state::ident(), depth as u64);
    Ok(Obj::NONE)
}

fn r_repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let lock = &this.expect::<PyRLock>().lock;
    let (locked, owner, depth) = (word(lock.is_locked()), lock.owner(), lock.depth());
    let class = crate::object::type_::type_of(ctx, this).to_obj();
    let class = crate::object::type_::full_name(ctx, &class)?;
    let address = protocol::address(this);
    let text = format!("<{locked} {class} object owner={owner} count={depth} at {address:#x}>");
    str_::new(ctx, &text)
}

/// `threading.Lock`.
pub static LOCK: TypeDef = TypeDef {
    id: ids::LOCK,
    name: "_thread.lock",
    base: ids::OBJECT,
    layout: ids::LOCK,
    kind: &Body::<PyLock>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(lock_new),
        init: Some(no_init),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        method("acquire", Native::MA(acquire)),
        method("release", Native::M0(release)),
        method("locked", Native::M0(locked)),
        method("acquire_lock", Native::MA(acquire)),
        method("release_lock", Native::M0(release)),
        method("locked_lock", Native::M0(locked)),
        method("_at_fork_reinit", Native::M0(at_fork_reinit)),
        method("__enter__", Native::M0(enter)),
        method("__exit__", Native::MN(0, 3, exit)),
    ],
    getset: &[],
    doc: "A lock is not owned by the thread that locked it; another thread may unlock it.",
};

/// `threading.RLock`.
pub static RLOCK: TypeDef = TypeDef {
    id: ids::RLOCK,
    name: "_thread.RLock",
    base: ids::OBJECT,
    layout: ids::RLOCK,
    kind: &Body::<PyRLock>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(rlock_new),
        init: Some(no_init),
        repr: Some(r_repr),
        ..Slots::NONE
    },
    methods: &[
        method("acquire", Native::MA(r_acquire)),
        method("release", Native::M0(r_release)),
        method("locked", Native::M0(r_locked)),
        method("_is_owned", Native::M0(r_is_owned)),
        method("_recursion_count", Native::M0(r_recursion_count)),
        method("_at_fork_reinit", Native::M0(r_at_fork_reinit)),
        method("_release_save", Native::M0(r_release_save)),
        method("_acquire_restore", Native::M1(r_acquire_restore)),
        method("__enter__", Native::M0(r_enter)),
        method("__exit__", Native::MN(0, 3, r_exit)),
    ],
    getset: &[],
    doc: "A lock that its owner may take again.",
};
