//! `threading.Semaphore` and `threading.BoundedSemaphore`.

use super::wait;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::{PyType, full_name, type_of};
use crate::object::{ids, int, protocol, str_};
use crate::vm::thread::lot;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_std::sync::semaphore::Semaphore;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The body of a semaphore.
pub struct PySemaphore {
    permits: Semaphore,
    /// The most permits there may be.
    limit: AtomicU64,
}

// SAFETY: there are no references.
unsafe impl Payload for PySemaphore {
    const ID: u32 = ids::SEMAPHORE;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Semaphore";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PySemaphore {
        permits: Semaphore::new(1),
        limit: AtomicU64::new(u64::MAX),
    };
    payload::allocate(ctx, id, body)
}

static INIT: Signature = Signature {
    name: "Semaphore",
    params: &["value"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    let [value] = args.bind(ctx, &INIT)?;
    let value = match value {
        Some(value) => protocol::index_i64(ctx, value, None)?,
        None => 1,
    };
    let Ok(value) = u64::try_from(value) else {
        return Err(raise!(
            ctx,
            ValueError,
            "semaphore initial value must be >= 0"
        ));
    };
    let body = this.expect::<PySemaphore>();
    // From one permit to `value` of them; the object is new, so nobody else takes part.
    if value == 0 {
        let _ = body.permits.try_acquire();
    } else {
        let _ = body.permits.release(value - 1, u64::MAX, lot(ctx));
    }
    if protocol::is_instance_of(ctx, this, ids::BOUNDED_SEMAPHORE) {
        body.limit.store(value, Relaxed);
    }
    Ok(())
}

static ACQUIRE: Signature = Signature {
    name: "acquire",
    params: &["blocking", "timeout"],
    posonly: 0,
    positional: 2,
    required: 0,
};

fn acquire(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [blocking, timeout] = args.bind(ctx, &ACQUIRE)?;
    let blocking = match blocking {
        Some(value) => protocol::truth(ctx, value)?,
        None => true,
    };
    let timeout = timeout.filter(|timeout| !timeout.is_none());
    if !blocking && timeout.is_some() {
        return Err(raise!(
            ctx,
            ValueError,
            "can't specify timeout for non-blocking acquire"
        ));
    }
    let permits = &this.expect::<PySemaphore>().permits;
    if permits.try_acquire() {
        return Ok(Obj::TRUE);
    }
    if !blocking {
        return Ok(Obj::FALSE);
    }
    let deadline = wait::timeout(ctx, timeout)?;
    wait::blocking(ctx, deadline, |lot, until| {
        permits.acquire(lot, &mut Unattached, until) == Ok(true)
    })
    .map(Obj::bool)
}

fn enter(ctx: &mut Ctx, this: &Obj) -> PyResult {
    acquire(ctx, this, Args::NONE)
}

static RELEASE: Signature = Signature {
    name: "release",
    params: &["n"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn release(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [count] = args.bind(ctx, &RELEASE)?;
    let count = match count {
        Some(count) => protocol::index_i64(ctx, count, None)?,
        None => 1,
    };
    if count < 1 {
        return Err(raise!(ctx, ValueError, "n must be one or more"));
    }
    let body = this.expect::<PySemaphore>();
    let limit = body.limit.load(Relaxed);
    if !body.permits.release(count as u64, limit, lot(ctx)) {
        return Err(raise!(ctx, ValueError, "Semaphore released too many times"));
    }
    Ok(Obj::NONE)
}

fn exit(ctx: &mut Ctx, this: &Obj, _: &[Obj]) -> PyResult {
    release(ctx, this, Args::NONE)
}

fn value(ctx: &mut Ctx, this: &Obj) -> PyResult {
    int::from_usize(ctx, this.expect::<PySemaphore>().permits.permits() as usize)
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let class = type_of(ctx, this).to_obj();
    let class = full_name(ctx, &class)?;
    let body = this.expect::<PySemaphore>();
    let mut value = body.permits.permits().to_string();
    if protocol::is_instance_of(ctx, this, ids::BOUNDED_SEMAPHORE) {
        value.push_str(&format!("/{}", body.limit.load(Relaxed)));
    }
    let address = protocol::address(this);
    str_::new(ctx, &format!("<{class} at {address:#x}: value={value}>"))
}

/// `threading.Semaphore`.
pub static SEMAPHORE: TypeDef = TypeDef {
    id: ids::SEMAPHORE,
    name: "Semaphore",
    base: ids::OBJECT,
    layout: ids::SEMAPHORE,
    kind: &Body::<PySemaphore>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        method("acquire", Native::MA(acquire)),
        method("release", Native::MA(release)),
        method("__enter__", Native::M0(enter)),
        method("__exit__", Native::MN(0, 3, exit)),
    ],
    getset: &[getter("_value", value)],
    doc: "A number of permits: acquire() takes one, release() gives some.",
};

/// `threading.BoundedSemaphore`.
pub static BOUNDED_SEMAPHORE: TypeDef = TypeDef {
    id: ids::BOUNDED_SEMAPHORE,
    name: "BoundedSemaphore",
    base: ids::SEMAPHORE,
    layout: ids::SEMAPHORE,
    kind: &Body::<PySemaphore>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "A semaphore that never has more permits than it began with.",
};
