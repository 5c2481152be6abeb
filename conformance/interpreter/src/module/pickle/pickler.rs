//! `Pickler`: what a program sets, and what it has written before.

use super::memo::{self, PicklerMemo, Written};
use super::{HIGHEST, file_method, given, save, truth, unfit};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::attribute;
use crate::object::define::{GetSet, Native, TypeDef, flag, method, open_member};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::{Locked, Slot};
use crate::object::slots::Slots;
use crate::object::type_::{PyType, type_id_of, type_of};
use crate::object::{ids, instance, int, protocol, str_};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer};
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::*};

/// The body of a `Pickler`. The atomics are Relaxed where nothing else is said: numbers by themselves.
pub struct PyPickler {
    write: Slot,
    callback: Slot,
    /// `persistent_id`, as set on the object.
    persistent: Slot,
    table: Slot,
    protocol: AtomicI64,
    bin: AtomicI64,
    fast: AtomicI64,
    fix: AtomicBool,
    /// Something is being written.
    busy: AtomicBool,
    memo: Locked<Written>,
}

// SAFETY: `trace` reports the slots and what is remembered.
unsafe impl Payload for PyPickler {
    const ID: u32 = ids::PICKLER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "Pickler";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in [&self.write, &self.callback, &self.persistent, &self.table] {
            slot.trace(tracer);
        }
        // SAFETY: the collector has stopped the world, or has the only way to the object.
        unsafe { self.memo.get() }.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        for slot in [&self.write, &self.callback, &self.persistent, &self.table] {
            drop(slot.replace_locked(ctx, None));
        }
        // SAFETY: the collector has the only way to the object.
        drop(std::mem::take(unsafe { self.memo.get_mut() }));
    }
}

impl Body<PyPickler> {
    /// Puts something else in the place of what it remembers.
    pub fn swap_memo(&self, ctx: &Ctx, memo: Written) -> Written {
        // SAFETY: the field of this object, whose only guard this is.
        let mut place = unsafe { self.payload.memo.lock(ctx, &self.header) };
        std::mem::replace(&mut *place, memo)
    }

    /// Looks at what it remembers.
    pub fn with_memo<R>(&self, ctx: &Ctx, look: impl FnOnce(&Written) -> R) -> R {
        // SAFETY: the field of this object, whose only guard this is.
        look(&*unsafe { self.payload.memo.lock(ctx, &self.header) })
    }
}

/// How something is to be written.
#[derive(Default)]
pub struct Options {
    /// The protocol.
    pub protocol: i64,
    /// Whether values are written as bytes, not text.
    pub bin: bool,
    /// Whether nothing is remembered.
    pub fast: bool,
    /// Whether classes get the names that they had in Python 2.
    pub fix: bool,
    /// Is told of buffers.
    pub callback: Option<Obj>,
    /// `persistent_id`.
    pub persistent: Option<Obj>,
    /// `reducer_override`.
    pub reducer: Option<Obj>,
    /// `dispatch_table`.
    pub table: Option<Obj>,
    /// What was written before.
    pub memo: Written,
}

/// The options that arguments stand for.
pub fn options(
    ctx: &mut Ctx,
    protocol: Option<&Obj>,
    fix: Option<&Obj>,
    callback: Option<&Obj>,
) -> PyResult<Options> {
    let protocol = match given(protocol) {
        Some(protocol) => protocol::c_int(ctx, &protocol)?.into(),
        None => HIGHEST,
    };
    if protocol > HIGHEST {
        return Err(raise!(
            ctx,
            ValueError,
            "pickle protocol must be <= {HIGHEST}"
        ));
    }
    let protocol = if protocol < 0 { HIGHEST } else { protocol };
    let callback = given(callback);
    if callback.is_some() && protocol < 5 {
        return Err(raise!(
            ctx,
            ValueError,
            "buffer_callback needs protocol >= 5"
        ));
    }
    Ok(Options {
        protocol,
        bin: protocol > 0,
        fix: truth(ctx, fix)? && protocol < 3,
        callback,
        ..Options::default()
    })
}

/// The `write` of a file.
pub fn write_of(ctx: &mut Ctx, file: &Obj) -> PyResult {
    file_method(ctx, file, "write", "file must have a 'write' attribute")
}

/// A method that classes derived from a built-in one may have redefined, or that was set on the object; `None` if it is the built-in
/// one's.
pub fn hook(
    ctx: &mut Ctx,
    x: &Obj,
    built_in: u32,
    own: &Slot,
    name: &'static str,
) -> PyResult<Option<Obj>> {
    let key = str_::intern(ctx, name);
    if own.peek().is_null() {
        let class = type_id_of(x);
        let standard = attribute::lookup(ctx, built_in, &key);
        let found = attribute::lookup(ctx, class, &key);
        let same = match (&standard, &found) {
            (Some(standard), Some(found)) => standard.is(found),
            (None, None) => true,
            _ => false,
        };
        if same && instance::get(ctx, x, &key).is_none() {
            let slots = type_of(ctx, x).slots(ctx).getattr.map(|f| f as usize);
            let base = crate::object::type_::type_by_id(ctx, built_in);
            if slots == base.slots(ctx).getattr.map(|f| f as usize) {
                return Ok(None);
            }
        }
    }
    protocol::find_attr(ctx, x, &key)
}

fn body(x: &Obj) -> &Body<PyPickler> {
    x.expect::<PyPickler>()
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PyPickler {
        write: Slot::empty(),
        callback: Slot::empty(),
        persistent: Slot::empty(),
        table: Slot::empty(),
        protocol: AtomicI64::new(0),
        bin: AtomicI64::new(0),
        fast: AtomicI64::new(0),
        fix: AtomicBool::new(false),
        busy: AtomicBool::new(false),
        memo: Locked::new(Written::default()),
    };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "Pickler",
        params: &["file", "protocol", "fix_imports", "buffer_callback"],
        posonly: 0,
        positional: 4,
        required: 1,
    };
    let [file, protocol, fix, callback] = args.bind(ctx, &SIGNATURE)?;
    let options = options(ctx, protocol, fix, callback)?;
    let write = write_of(ctx, file.unwrap_or(Obj::none()))?;
    occupy(ctx, x)?;
    let body = body(x);
    body.write.replace(ctx, &body.header, Some(write));
    body.callback.replace(ctx, &body.header, options.callback);
    body.protocol.store(options.protocol, Relaxed);
    body.bin.store(i64::from(options.bin), Relaxed);
    body.fast.store(0, Relaxed);
    body.fix.store(options.fix, Relaxed);
    drop(body.swap_memo(ctx, Written::default()));
    body.busy.store(false, Release);
    Ok(())
}

/// Takes the pickler for a run; RuntimeError if there is one.
fn occupy(ctx: &mut Ctx, x: &Obj) -> PyResult<()> {
    // Acquire, paired with the Release at the end of a run: what that has set is seen.
    if body(x).busy.swap(true, Acquire) {
        return Err(raise!(ctx, RuntimeError, "Pickler object is already used"));
    }
    Ok(())
}

fn dump(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "dump",
        params: &["obj"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [obj] = args.bind(ctx, &SIGNATURE)?;
    occupy(ctx, x)?;
    let result = dump_now(ctx, x, obj.unwrap_or(Obj::none()));
    // Release, paired with the Acquire of who comes next.
    body(x).busy.store(false, Release);
    result
}

fn dump_now(ctx: &mut Ctx, x: &Obj, obj: &Obj) -> PyResult {
    let own = body(x);
    let Some(write) = own.write.get(ctx, &own.header) else {
        let class = protocol::type_name(ctx, x);
        return Err(unfit(
            ctx,
            &format!("Pickler.__init__() was not called by {class}.__init__()"),
        ));
    };
    let table = match own.table.get(ctx, &own.header) {
        Some(table) => Some(table),
        None => hook(ctx, x, ids::PICKLER, &own.table, "dispatch_table")?,
    };
    let mut options = Options {
        protocol: own.protocol.load(Relaxed),
        bin: own.bin.load(Relaxed) != 0,
        fast: own.fast.load(Relaxed) != 0,
        fix: own.fix.load(Relaxed),
        callback: own.callback.get(ctx, &own.header),
        persistent: hook(ctx, x, ids::PICKLER, &own.persistent, "persistent_id")?,
        reducer: hook(ctx, x, ids::PICKLER, &Slot::empty(), "reducer_override")?,
        table,
        memo: Written::default(),
    };
    options.memo = own.swap_memo(ctx, Written::default());
    let mut run = save::Run::new(options, Some(write));
    let result = run.dump(ctx, obj);
    let memo = run.into_memo();
    drop(own.swap_memo(ctx, memo));
    result.map(|_| Obj::NONE)
}

fn clear_memo(ctx: &mut Ctx, x: &Obj) -> PyResult {
    drop(body(x).swap_memo(ctx, Written::default()));
    Ok(Obj::NONE)
}

/// A method that a program may also set on an object without a dict of its own.
pub struct Own {
    /// Its name.
    pub name: &'static str,
    /// Where it is kept.
    pub slot: fn(&Obj) -> (&Slot, &Header),
}

impl Own {
    /// `x.name`.
    pub fn get(&self, ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
        let (slot, header) = (self.slot)(x);
        if self.is(name)
            && let Some(function) = slot.get(ctx, header)
        {
            return Ok(function);
        }
        attribute::generic_get(ctx, x, name)
    }

    /// `x.name = value`, or deletion.
    pub fn set(&self, ctx: &mut Ctx, x: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
        if !self.is(name) || instance::has_dict(ctx, x) {
            return attribute::generic_set(ctx, x, name, value);
        }
        let (slot, header) = (self.slot)(x);
        let old = slot.replace(ctx, header, value.cloned());
        if value.is_none() && old.is_none() {
            return Err(attribute::no_attribute(ctx, x, name));
        }
        Ok(())
    }

    fn is(&self, name: &Obj) -> bool {
        str_::text_of(name).is_some_and(|name| name.as_bytes() == self.name.as_bytes())
    }
}

fn persistent(x: &Obj) -> (&Slot, &Header) {
    (&body(x).payload.persistent, &body(x).header)
}

static PERSISTENT: Own = Own {
    name: "persistent_id",
    slot: persistent,
};

fn set_number(ctx: &mut Ctx, place: &AtomicI64, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(
            ctx,
            TypeError,
            "can't delete numeric/char attribute"
        ));
    };
    let value = protocol::index(ctx, value)?;
    let Some(number) = int::to_i64(&value) else {
        return Err(raise!(
            ctx,
            OverflowError,
            "Python int too large to convert to C long"
        ));
    };
    place.store(number, Relaxed);
    Ok(())
}

/// `_pickle.Pickler`.
pub static PICKLER: TypeDef = TypeDef {
    id: ids::PICKLER,
    name: "_pickle.Pickler",
    base: ids::OBJECT,
    layout: ids::PICKLER,
    kind: &Body::<PyPickler>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        getattr: Some(|ctx, x, name| PERSISTENT.get(ctx, x, name)),
        setattr: Some(|ctx, x, name, value| PERSISTENT.set(ctx, x, name, value)),
        ..Slots::NONE
    },
    methods: &[
        method("dump", Native::MA(dump)),
        method("clear_memo", Native::M0(clear_memo)),
        method("persistent_id", Native::M1(|_, _, _| Ok(Obj::NONE))),
    ],
    getset: &[
        open_member(
            "bin",
            |ctx, x| int::from_i64(ctx, body(x).bin.load(Relaxed)),
            |ctx, x, value| set_number(ctx, &body(x).bin, value),
        ),
        open_member(
            "fast",
            |ctx, x| int::from_i64(ctx, body(x).fast.load(Relaxed)),
            |ctx, x, value| set_number(ctx, &body(x).fast, value),
        ),
        open_member(
            "dispatch_table",
            |ctx, x| {
                let own = body(x);
                match own.table.get(ctx, &own.header) {
                    Some(table) => Ok(table),
                    None => {
                        let name = str_::intern(ctx, "dispatch_table");
                        Err(attribute::no_attribute(ctx, x, &name))
                    }
                }
            },
            |ctx, x, value| {
                let own = body(x);
                drop(own.table.replace(ctx, &own.header, value.cloned()));
                Ok(())
            },
        ),
        GetSet {
            name: "memo",
            get: PicklerMemo::of,
            set: Some(|ctx, x, value| {
                let Some(value) = value else {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "attribute deletion is not supported"
                    ));
                };
                let memo = memo::written(ctx, value)?;
                drop(body(x).swap_memo(ctx, memo));
                Ok(())
            }),
            member: false,
        },
    ],
    doc: "This takes a binary file for writing a pickle data stream.",
};
