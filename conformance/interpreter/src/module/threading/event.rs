//! `threading.Event`.

use super::wait;
use crate::error::PyResult;
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::{PyType, full_name, type_of};
use crate::object::{ids, protocol, str_};
use crate::vm::thread::lot;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_std::sync::event::Flag;

/// The body of an event.
pub struct PyEvent {
    /// The flag.
    pub flag: Flag,
}

// SAFETY: there are no references.
unsafe impl Payload for PyEvent {
    const ID: u32 = ids::EVENT;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Event";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    payload::allocate(ctx, id, PyEvent { flag: Flag::new() })
}

/// A new event.
pub fn create(ctx: &mut Ctx) -> PyResult {
    payload::new(ctx, PyEvent { flag: Flag::new() })
}

fn init(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult<()> {
    super::no_more_arguments(ctx, "Event", args)
}

static WAIT: Signature = Signature {
    name: "wait",
    params: &["timeout"],
    posonly: 0,
    positional: 1,
    required: 0,
};

/// `event.wait(...)` until a moment.
pub fn wait_until(ctx: &mut Ctx, event: &PyEvent, deadline: Option<u64>) -> PyResult<bool> {
    if event.flag.is_set() {
        return Ok(true);
    }
    let since = event.flag.now();
    wait::blocking(ctx, deadline, |lot, until| {
        event.flag.wait(since, lot, &mut Unattached, until) == Ok(true)
    })
}

fn wait(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [timeout] = args.bind(ctx, &WAIT)?;
    let event = this.expect::<PyEvent>();
    if event.flag.is_set() {
        return Ok(Obj::TRUE);
    }
    let deadline = wait::timeout(ctx, timeout)?;
    wait_until(ctx, event, deadline).map(Obj::bool)
}

fn set(ctx: &mut Ctx, this: &Obj) -> PyResult {
    this.expect::<PyEvent>().flag.set(lot(ctx));
    Ok(Obj::NONE)
}

fn clear(_: &mut Ctx, this: &Obj) -> PyResult {
    this.expect::<PyEvent>().flag.clear();
    Ok(Obj::NONE)
}

fn is_set(_: &mut Ctx, this: &Obj) -> PyResult {
    Ok(Obj::bool(this.expect::<PyEvent>().flag.is_set()))
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let class = type_of(ctx, this).to_obj();
    let class = full_name(ctx, &class)?;
    let set = this.expect::<PyEvent>().flag.is_set();
    let state = if set { "set" } else { "unset" };
    let address = protocol::address(this);
    str_::new(ctx, &format!("<{class} at {address:#x}: {state}>"))
}

/// `threading.Event`.
pub static EVENT: TypeDef = TypeDef {
    id: ids::EVENT,
    name: "Event",
    base: ids::OBJECT,
    layout: ids::EVENT,
    kind: &Body::<PyEvent>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        method("wait", Native::MA(wait)),
        method("set", Native::M0(set)),
        method("clear", Native::M0(clear)),
        method("is_set", Native::M0(is_set)),
        method("isSet", Native::M0(is_set)),
    ],
    getset: &[],
    doc: "A flag that threads can wait for.",
};
