//! Weak references: which objects refer weakly to which, and the types `weakref.ref` and its proxies.
//!
//! ```text
//! referent ─address→ stripe of the table ─→ [ weak reference, weak reference ... ]
//!                                             └─address→ referent, or 0 once it is cleared
//! ```
//!
//! Neither side counts the other. What keeps the addresses valid is the stripe's lock: an object that dies
//! takes it to clear the references to it, a weak reference that dies takes it to leave the list, and who
//! follows either address holds it and takes a reference that fails if the object is dying.
//!
//! | event | what happens under the stripe's lock | and after |
//! |---|---|---|
//! | creation | the reference enters the list; the referent is marked and published | |
//! | use | try-retain of the referent | |
//! | death of the referent | all references are cleared, those with callbacks retained | callbacks |
//! | death of the reference | it leaves the list | |
//! | collection | world stopped, locks free: as death; callbacks are noted | callbacks |
//!
//! Locks of stripes are held for moments that contain no safepoint and no destructor.

use super::args::Args;
use super::define::{GetSet, TypeDef, flag, member};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::{Comparison, Slots};
use super::str_::PyStr;
use super::type_::{PyType, full_name, type_id_of, type_of};
use super::{ids, int, protocol, str_};
use crate::error::{PyResult, Raised, raise};
use crate::object::{exception, names::names};
use crate::vm::thread::{py, rt};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Header, Tracer, Word};
use kit_core::thread::Ctx;
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::*};
use std::sync::{Mutex, MutexGuard, PoisonError};

type Cell = Body<PyWeakref>;

/// A weak reference's address, valid while it is in a list.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Link(NonNull<Cell>);

// SAFETY: followed under the lock of the list only.
unsafe impl Send for Link {}

#[derive(Default)]
struct Stripe(Mutex<HashMap<usize, Vec<Link>>>);

/// The weak references of an interpreter, by the address of what they refer to.
pub struct WeakTable {
    stripes: [Stripe; STRIPES],
    /// References cleared by a collection, whose callbacks are to run.
    pending: Mutex<Vec<Link>>,
}

const STRIPES: usize = 127;

impl Default for WeakTable {
    fn default() -> Self {
        WeakTable {
            stripes: std::array::from_fn(|_| Stripe::default()),
            pending: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl WeakTable {
    fn stripe(&self, address: usize) -> &Mutex<HashMap<usize, Vec<Link>>> {
        &self.stripes[(address >> 4) % STRIPES].0
    }

    /// Clears the weak references to a dying object; returns those whose callbacks are to run.
    ///
    /// # Safety
    /// - The object is complete, and dying on this thread.
    pub unsafe fn clear(&self, ctx: &Ctx, object: *const Header) -> Vec<Obj> {
        let address = object as usize;
        let mut stripe = lock(self.stripe(address));
        let Some(list) = stripe.remove(&address) else {
            return Vec::new();
        };
        let mut called = Vec::new();
        // The newest is told first.
        for link in list.into_iter().rev() {
            // SAFETY: in the list until now, and the stripe is locked: the reference has not left.
            unsafe {
                let cell = link.0.as_ref();
                if !cell.callback.peek().is_null() && cell.header.try_retain(ctx.counter()) {
                    called.push(Obj::from_word(Word::object(&raw const cell.header)));
                }
                // Last: a reference that dies without a referent does not take the lock.
                cell.referent.store(0, Release);
            }
        }
        called
    }

    /// Clears the weak references to garbage, for the collector, all of them before finalizers run: an object
    /// that its finalizer brings back is not seen through them. True if some could not be cleared.
    ///
    /// # Safety
    /// - The world is stopped and the object is complete.
    pub unsafe fn clear_garbage(
        &self,
        object: *mut Header,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        let address = object as usize;
        // The locks are free: nobody who holds one reaches a safepoint.
        let (Ok(mut stripe), Ok(mut pending)) =
            (self.stripe(address).try_lock(), self.pending.try_lock())
        else {
            return true;
        };
        for link in stripe.remove(&address).unwrap_or_default() {
            // SAFETY: in the list until now, so it has not been dropped.
            let cell = unsafe { link.0.as_ref() };
            cell.referent.store(0, Release);
            let has_callback = !cell.callback.peek().is_null();
            if has_callback && !garbage((&raw const cell.header).cast_mut()) {
                cell.pending.store(true, Release);
                pending.push(link);
            }
        }
        false
    }

    /// Runs the callbacks that [`WeakTable::clear_garbage`] noted.
    pub fn run_pending(&self, ctx: &mut Ctx) {
        loop {
            let called = {
                let mut pending = lock(&self.pending);
                let Some(link) = pending.pop() else {
                    return;
                };
                // SAFETY: in the list, which it would have left before being freed.
                unsafe {
                    let cell = link.0.as_ref();
                    let called = cell
                        .header
                        .try_retain(ctx.counter())
                        .then(|| Obj::from_word(Word::object(&raw const cell.header)));
                    // Last: a reference that is not pending dies without taking the lock.
                    cell.pending.store(false, Release);
                    called
                }
            };
            if let Some(called) = called {
                call_back(ctx, &called);
            }
        }
    }

    /// The weak references to an object: those without callbacks, then the others, the newest first.
    pub fn references(&self, ctx: &Ctx, object: &Obj) -> Vec<Obj> {
        let Some(header) = object.header() else {
            return Vec::new();
        };
        let address = header as *const Header as usize;
        let stripe = lock(self.stripe(address));
        let links = stripe.get(&address).map_or(&[][..], Vec::as_slice);
        let live = links.iter().filter_map(|link| {
            // SAFETY: in the list, whose lock is held.
            unsafe {
                let cell = link.0.as_ref();
                let live = cell.header.try_retain(ctx.counter());
                live.then(|| Obj::from_word(Word::object(&raw const cell.header)))
            }
        });
        let mut live: Vec<Obj> = live.collect();
        live.reverse();
        live.sort_by_key(|reference| {
            let has_callback = !reference.expect::<PyWeakref>().callback.peek().is_null();
            (
                has_callback,
                !has_callback && type_id_of(reference) != ids::WEAKREF,
            )
        });
        live
    }
}

/// Calls the callback of a cleared weak reference.
pub fn call_back(ctx: &mut Ctx, reference: &Obj) {
    let cell = reference.expect::<PyWeakref>();
    let Some(callback) = cell.callback.replace(ctx, &cell.header, None) else {
        return;
    };
    let raised = py(ctx).raised.take();
    if let Err(error) = protocol::call(ctx, &callback, std::slice::from_ref(reference)) {
        exception::report_unraisable(ctx, error, &callback);
    }
    py(ctx).raised = raised;
}

/// The body of a weak reference, and of a proxy.
pub struct PyWeakref {
    table: &'static WeakTable,
    /// The referent's address; 0 once it is gone.
    referent: AtomicUsize,
    callback: Slot,
    /// The referent's hash; −1 before it was asked for.
    hash: AtomicI64,
    /// In the table's list of callbacks to run.
    pending: AtomicBool,
}

// SAFETY: `trace` reports the callback, the only counted reference.
unsafe impl Payload for PyWeakref {
    const ID: u32 = ids::WEAKREF;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "weakref";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.callback.trace(tracer);
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the object.
        drop(self.callback.replace_locked(ctx, None));
    }
}

impl Drop for PyWeakref {
    fn drop(&mut self) {
        let me = self as *const PyWeakref;
        let is_me = |link: &Link| {
            // SAFETY: only the address is computed.
            unsafe { std::ptr::eq(&raw const (*link.0.as_ptr()).payload, me) }
        };
        let address = self.referent.load(Acquire);
        if address != 0 {
            let mut stripe = lock(self.table.stripe(address));
            if let Some(list) = stripe.get_mut(&address) {
                list.retain(|link| !is_me(link));
                if list.is_empty() {
                    stripe.remove(&address);
                }
            }
        }
        if self.pending.load(Acquire) {
            lock(&self.table.pending).retain(|link| !is_me(link));
        }
    }
}

/// Whether instances of this type can be referred to weakly.
fn is_weakable(ctx: &Ctx, value: &Obj) -> bool {
    let Some(header) = value.header() else {
        return false;
    };
    let class = type_of(ctx, value);
    match class.layout {
        ids::INT | ids::TUPLE | ids::BYTES => return false,
        _ => {}
    }
    if header.type_id() < ids::FIRST_DYNAMIC {
        return !UNWEAKABLE.contains(&header.type_id()) && header.type_id() > ids::DICT;
    }
    class.flags.load(Relaxed) & flag::WEAKREF != 0
}

/// Built-in types without weak references, besides the first ones.
const UNWEAKABLE: &[u32] = &[
    ids::RANGE,
    ids::SLICE,
    ids::DICT_KEYS,
    ids::DICT_VALUES,
    ids::DICT_ITEMS,
    ids::MAPPING_PROXY,
    ids::CELL,
    ids::FRAME,
    ids::TRACEBACK,
    ids::PROPERTY,
    ids::SUPER,
    ids::WEAKREF,
    ids::WEAK_PROXY,
    ids::WEAK_CALLABLE_PROXY,
    ids::LIST_ITER,
    ids::TUPLE_ITER,
    ids::ENUMERATE,
    ids::REVERSED,
    ids::MAP,
    ids::FILTER,
    ids::ZIP,
];

/// A weak reference to `referent`, of the class `type_id`.
pub fn create(ctx: &mut Ctx, type_id: u32, referent: &Obj, callback: Option<Obj>) -> PyResult {
    if !is_weakable(ctx, referent) && type_id_of(referent) != ids::TYPE {
        let class = protocol::type_name(ctx, referent);
        return Err(raise!(
            ctx,
            TypeError,
            "cannot create weak reference to '{class}' object"
        ));
    }
    let table = &rt(ctx).library.weak;
    let reusable = callback.is_none() && type_id < ids::FIRST_DYNAMIC;
    if reusable {
        for known in table.references(ctx, referent) {
            let cell = known.expect::<PyWeakref>();
            if type_id_of(&known) == type_id && cell.callback.peek().is_null() {
                return Ok(known);
            }
        }
    }
    let Some(header) = referent.header() else {
        return Ok(Obj::NONE);
    };
    let address = header as *const Header as usize;
    let body = PyWeakref {
        table,
        referent: AtomicUsize::new(address),
        callback: Slot::from_option(callback),
        hash: AtomicI64::new(-1),
        pending: AtomicBool::new(false),
    };
    let this = payload::allocate(ctx, type_id, body)?;
    let cell: &Cell = this.expect::<PyWeakref>();
    // Others find it in the table without a reference of their own.
    cell.header.publish();
    header.set_bits(Bits::WEAKLY_REFERENCED);
    header.publish();
    lock(table.stripe(address))
        .entry(address)
        .or_default()
        .push(Link(NonNull::from(cell)));
    Ok(this)
}

/// What a weak reference refers to, if it is still there.
pub fn upgrade(ctx: &Ctx, reference: &Obj) -> Option<Obj> {
    let cell = reference.expect::<PyWeakref>();
    let address = cell.referent.load(Acquire);
    if address == 0 {
        return None;
    }
    let _stripe = lock(cell.table.stripe(address));
    if cell.referent.load(Acquire) == 0 {
        return None;
    }
    let object = address as *const Header;
    // SAFETY: not cleared, and the lock keeps who would free the object from clearing the reference first.
    unsafe {
        let live = (*object).try_retain(ctx.counter());
        live.then(|| Obj::from_word(Word::object(object)))
    }
}

fn parse(ctx: &mut Ctx, args: Args<'_>, name: &str) -> PyResult<(Obj, Option<Obj>)> {
    args.check(ctx, name, 1, 2)?;
    let callback = args.pos.get(1).filter(|callback| !callback.is_none());
    Ok((args.pos[0].clone(), callback.cloned()))
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    // A derived class may take more arguments in its `__init__`.
    let args = Args::positional(args.pos);
    let (referent, callback) = parse(ctx, args, "__new__")?;
    create(ctx, class.expect::<PyType>().id, &referent, callback)
}

fn init(_: &mut Ctx, _: &Obj, _: Args<'_>) -> PyResult<()> {
    Ok(())
}

fn call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "weakref", 0, 0)?;
    Ok(upgrade(ctx, this).unwrap_or(Obj::NONE))
}

fn hash(ctx: &mut Ctx, this: &Obj) -> PyResult<i64> {
    let cell = this.expect::<PyWeakref>();
    let known = cell.hash.load(Relaxed);
    if known != -1 {
        return Ok(known);
    }
    let Some(referent) = upgrade(ctx, this) else {
        return Err(raise!(ctx, TypeError, "weak object has gone away"));
    };
    let hash = protocol::hash(ctx, &referent)?;
    cell.hash.store(hash, Relaxed);
    Ok(hash)
}

fn compare(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Comparison) -> PyResult {
    let equality = matches!(op, Comparison::Eq | Comparison::Ne);
    if !equality || other.downcast::<PyWeakref>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    match (upgrade(ctx, this), upgrade(ctx, other)) {
        (Some(a), Some(b)) => protocol::compare(ctx, &a, &b, op),
        _ => Ok(Obj::bool(this.is(other) == (op == Comparison::Eq))),
    }
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let class = type_of(ctx, this).to_obj();
    let class = match type_id_of(this) {
        ids::WEAKREF => "weakref".to_owned(),
        _ => full_name(ctx, &class)?,
    };
    let address = protocol::address(this);
    let Some(referent) = upgrade(ctx, this) else {
        return str_::new(ctx, &format!("<{class} at {address:#x}; dead>"));
    };
    let what = protocol::type_name(ctx, &referent);
    let at = protocol::address(&referent);
    let mut text = format!("<{class} at {address:#x}; to '{what}' at {at:#x}");
    let name = &names(ctx).name;
    if let Some(name) = protocol::find_attr(ctx, &referent, name)?
        && let Some(name) = name.downcast::<PyStr>()
    {
        text.push_str(&format!(" ({})", name.as_str_lossy()));
    }
    text.push('>');
    str_::new(ctx, &text)
}

fn callback(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let cell = this.expect::<PyWeakref>();
    if cell.referent.load(Acquire) == 0 {
        return Ok(Obj::NONE);
    }
    Ok(cell.callback.get(ctx, &cell.header).unwrap_or(Obj::NONE))
}

const CALLBACK: GetSet = member("__callback__", callback);

/// `weakref.ref`.
pub static WEAKREF: TypeDef = TypeDef {
    id: ids::WEAKREF,
    name: "weakref.ReferenceType",
    base: ids::OBJECT,
    layout: ids::WEAKREF,
    kind: &Body::<PyWeakref>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        call: Some(call),
        hash: Some(hash),
        compare: Some(compare),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[CALLBACK],
    doc: "A reference to an object that does not keep it alive.",
};

fn gone(ctx: &mut Ctx) -> Raised {
    raise!(
        ctx,
        ReferenceError,
        "weakly-referenced object no longer exists"
    )
}

fn is_proxy(value: &Obj) -> bool {
    matches!(
        type_id_of(value),
        ids::WEAK_PROXY | ids::WEAK_CALLABLE_PROXY
    )
}

/// What a proxy stands for; any other value stands for itself.
fn behind(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if !is_proxy(value) {
        return Ok(value.clone());
    }
    match upgrade(ctx, value) {
        Some(referent) => Ok(referent),
        None => Err(gone(ctx)),
    }
}

fn proxy_repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let address = protocol::address(this);
    let Some(referent) = upgrade(ctx, this) else {
        return str_::new(ctx, &format!("<weakproxy at {address:#x}; dead>"));
    };
    let class = protocol::type_name(ctx, &referent);
    let at = protocol::address(&referent);
    let text = format!("<weakproxy at {address:#x}; to '{class}' at {at:#x}>");
    str_::new(ctx, &text)
}

fn proxy_call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let referent = behind(ctx, this)?;
    protocol::call_with(ctx, &referent, args)
}

macro_rules! proxied {
    ($($name:ident: $operator:ident;)*) => {$(
        fn $name(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
            protocol::binary(ctx, &a, &b, protocol::operator::$operator)
        }
    )*};
}

proxied! {
    add: ADD;
    sub: SUB;
    mul: MUL;
    truediv: TRUEDIV;
    floordiv: FLOORDIV;
    rem: REM;
    matmul: MATMUL;
}

const PROXY_SLOTS: Slots = Slots {
    repr: Some(proxy_repr),
    str: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::str(ctx, &x)
    }),
    hash: Some(protocol::unhashable),
    compare: Some(|ctx, a, b, op| {
        let (a, b) = (behind(ctx, a)?, behind(ctx, b)?);
        protocol::compare(ctx, &a, &b, op)
    }),
    getattr: Some(|ctx, x, name| {
        let x = behind(ctx, x)?;
        protocol::getattr(ctx, &x, name)
    }),
    setattr: Some(|ctx, x, name, value| {
        let x = behind(ctx, x)?;
        protocol::setattr(ctx, &x, name, value)
    }),
    bool: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::truth(ctx, &x)
    }),
    len: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::len(ctx, &x)
    }),
    getitem: Some(|ctx, x, key| {
        let x = behind(ctx, x)?;
        protocol::getitem(ctx, &x, key)
    }),
    setitem: Some(|ctx, x, key, value| {
        let x = behind(ctx, x)?;
        protocol::setitem(ctx, &x, key, value)
    }),
    contains: Some(|ctx, x, value| {
        let x = behind(ctx, x)?;
        protocol::contains(ctx, &x, value)
    }),
    iter: Some(|ctx, x| {
        let x = behind(ctx, x)?;
        protocol::iter(ctx, &x)
    }),
    add: Some(add),
    sub: Some(sub),
    mul: Some(mul),
    truediv: Some(truediv),
    floordiv: Some(floordiv),
    rem: Some(rem),
    matmul: Some(matmul),
    ..Slots::NONE
};

const fn proxy_type(id: u32, name: &'static str, slots: Slots) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::OBJECT,
        layout: ids::WEAKREF,
        kind: &Body::<PyWeakref>::KIND,
        flags: flag::NO_NEW,
        slots,
        methods: &[],
        getset: &[],
        doc: "",
    }
}

/// `weakref.ProxyType`.
pub static WEAK_PROXY: TypeDef = proxy_type(ids::WEAK_PROXY, "weakref.ProxyType", PROXY_SLOTS);
/// `weakref.CallableProxyType`.
pub static WEAK_CALLABLE_PROXY: TypeDef = proxy_type(
    ids::WEAK_CALLABLE_PROXY,
    "weakref.CallableProxyType",
    Slots {
        call: Some(proxy_call),
        ..PROXY_SLOTS
    },
);

/// `weakref.proxy(object, callback=None)`.
pub fn proxy(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let (referent, callback) = parse(ctx, args, "proxy")?;
    let id = if protocol::is_callable(ctx, &referent) {
        ids::WEAK_CALLABLE_PROXY
    } else {
        ids::WEAK_PROXY
    };
    create(ctx, id, &referent, callback)
}

/// `weakref.getweakrefcount(object)`.
pub fn count(ctx: &mut Ctx, object: &Obj) -> PyResult {
    let count = rt(ctx).library.weak.references(ctx, object).len();
    int::from_usize(ctx, count)
}

/// `weakref.getweakrefs(object)`.
pub fn list(ctx: &mut Ctx, object: &Obj) -> PyResult {
    let references = rt(ctx).library.weak.references(ctx, object);
    super::list::from_vec(ctx, references)
}

#[cfg(test)]
mod tests;
