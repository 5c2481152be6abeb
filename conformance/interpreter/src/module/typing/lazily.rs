//! Values that are computed when somebody first asks: bounds, constraints, defaults, what an alias stands for.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{TypeDef, flag};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::tuple::PyTuple;
use crate::object::{ids, protocol, str_, union_};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Header, Tracer};
use kit_core::thread::Ctx;

/// The format in which annotations and the like are values.
const VALUE: i64 = 1;
/// The format in which they are text.
const STRING: i64 = 4;

/// A value, once it is known, and the function that computes it, if one does.
pub struct Lazy {
    value: Slot,
    evaluate: Slot,
}

impl Lazy {
    /// Nothing.
    pub const fn empty() -> Lazy {
        Lazy {
            value: Slot::empty(),
            evaluate: Slot::empty(),
        }
    }

    /// A value given at once.
    pub fn known(value: Option<Obj>) -> Lazy {
        Lazy {
            value: Slot::from_option(value),
            evaluate: Slot::empty(),
        }
    }

    /// What `function(1)` returns.
    pub fn computed(function: Obj) -> Lazy {
        Lazy {
            value: Slot::empty(),
            evaluate: Slot::new(function),
        }
    }

    /// Has `function` compute the value of this field of `owner`.
    pub fn compute_by(&self, ctx: &Ctx, owner: &Header, function: Obj) {
        self.evaluate.set(ctx, owner, Some(function));
        self.value.set(ctx, owner, None);
    }

    /// Whether there is neither a value nor a function.
    pub fn is_empty(&self) -> bool {
        self.value.peek().is_null() && self.evaluate.peek().is_null()
    }

    /// The value. Threads that ask at the same time may each compute it.
    pub fn get(&self, ctx: &mut Ctx, owner: &Header) -> PyResult<Option<Obj>> {
        if let Some(value) = self.value.get(ctx, owner) {
            return Ok(Some(value));
        }
        let Some(function) = self.evaluate.get(ctx, owner) else {
            return Ok(None);
        };
        let value = protocol::call(ctx, &function, &[Obj::small_int(VALUE)])?;
        self.value.set(ctx, owner, Some(value.clone()));
        Ok(Some(value))
    }

    /// The function that computes the value in a format; `None` if there is nothing.
    pub fn evaluator(&self, ctx: &mut Ctx, owner: &Header) -> PyResult {
        if let Some(function) = self.evaluate.get(ctx, owner) {
            return Ok(function);
        }
        match self.value.get(ctx, owner) {
            Some(value) => payload::new(ctx, ConstEvaluator { value }),
            None => Ok(Obj::NONE),
        }
    }

    /// The function, if one computes the value.
    pub fn function(&self, ctx: &Ctx, owner: &Header) -> Option<Obj> {
        self.evaluate.get(ctx, owner)
    }

    /// Reports the references.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        self.value.trace(tracer);
        self.evaluate.trace(tracer);
    }

    /// Drops the references; the owner is locked, or garbage.
    pub fn clear(&self, ctx: &Ctx) {
        drop(self.value.replace_locked(ctx, None));
        drop(self.evaluate.replace_locked(ctx, None));
    }
}

/// The body of what evaluates to a value given at once.
pub struct ConstEvaluator {
    value: Obj,
}

// SAFETY: `trace` reports the value.
unsafe impl Payload for ConstEvaluator {
    const ID: u32 = ids::CONST_EVALUATOR;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "constevaluator";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.value.word());
    }
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "constevaluator.__call__")?;
    let [format] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "constevaluator.__call__() takes exactly 1 argument ({} given)",
            args.pos.len()
        ));
    };
    let value = x.expect::<ConstEvaluator>().value.clone();
    if protocol::index_i64(ctx, format, None)? != STRING {
        return Ok(value);
    }
    let text = match value.downcast::<PyTuple>() {
        Some(items) => {
            let mut texts = Vec::new();
            for item in items.items() {
                texts.push(union_::item_text(ctx, item)?);
            }
            format!("({})", texts.join(", "))
        }
        None => union_::item_text(ctx, &value)?,
    };
    str_::new(ctx, &text)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let value = x.expect::<ConstEvaluator>().value.clone();
    let value = protocol::repr_string(ctx, &value)?;
    str_::new(ctx, &format!("<constevaluator {value}>"))
}

/// The type of functions that evaluate to a value given at once.
pub static CONST_EVALUATOR: TypeDef = TypeDef {
    id: ids::CONST_EVALUATOR,
    name: "_typing._ConstEvaluator",
    base: ids::OBJECT,
    layout: ids::CONST_EVALUATOR,
    kind: &Body::<ConstEvaluator>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        call: Some(call),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "",
};
