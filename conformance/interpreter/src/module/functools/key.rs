//! `cmp_to_key`: sort keys that a comparison function orders.

use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{TypeDef, flag, member};
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol;
use crate::object::slots::{Comparison, Slots};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A key, or (without a value) what makes keys.
pub struct KeyWrapper {
    function: Obj,
    value: Option<Obj>,
}

// SAFETY: `trace` reports both references.
unsafe impl Payload for KeyWrapper {
    const ID: u32 = ids::CMP_KEY;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "KeyWrapper";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.function.word());
        if let Some(value) = &self.value {
            tracer.word(value.word());
        }
    }
}

/// `cmp_to_key(mycmp)`.
pub fn cmp_to_key(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "cmp_to_key",
        params: &["mycmp"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [function] = args.bind(ctx, &SIGNATURE)?;
    let function = function.cloned().unwrap_or(Obj::NONE);
    payload::new(
        ctx,
        KeyWrapper {
            function,
            value: None,
        },
    )
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "K",
        params: &["obj"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [value] = args.bind(ctx, &SIGNATURE)?;
    let key = KeyWrapper {
        function: x.expect::<KeyWrapper>().function.clone(),
        value: value.cloned(),
    };
    payload::new(ctx, key)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let Some(b) = b.downcast::<KeyWrapper>() else {
        return Err(raise!(ctx, TypeError, "other argument must be K instance"));
    };
    let a = a.expect::<KeyWrapper>();
    let (Some(x), Some(y)) = (&a.value, &b.value) else {
        return Err(raise!(ctx, AttributeError, "object"));
    };
    let order = protocol::call(ctx, &a.function, &[x.clone(), y.clone()])?;
    protocol::compare(ctx, &order, &Obj::small_int(0), op)
}

fn value(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match &x.expect::<KeyWrapper>().value {
        Some(value) => Ok(value.clone()),
        None => Err(raise!(ctx, AttributeError, "object")),
    }
}

/// The type of the keys.
pub static KEY_WRAPPER: TypeDef = TypeDef {
    id: ids::CMP_KEY,
    name: "functools.KeyWrapper",
    base: ids::OBJECT,
    layout: ids::CMP_KEY,
    kind: &Body::<KeyWrapper>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(call),
        compare: Some(compare),
        hash: Some(protocol::unhashable),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[member("obj", value)],
    doc: "",
};
