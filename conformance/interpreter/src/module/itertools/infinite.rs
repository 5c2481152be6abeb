//! `count`, `cycle` and `repeat`.

use crate::error::{PyResult, no_memory, raise};
use crate::module::support::{exactly, id_of, iterator, itself, plain_name, slot_payload};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol::{self, operator};
use crate::object::slot::{Locked, Slot};
use crate::object::slots::Slots;
use crate::object::type_::type_of;
use crate::object::{ids, int, str_};
use crate::vm::outside::Outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::*};

// --- count ---------------------------------------------------------------------------------------

/// Counting stays in `fast` while that is below this.
const FAST_LIMIT: i64 = (1 << 61) - 1;

/// `count`: the next number is in `fast`, or in `current` once `fast` is at its limit.
pub struct Count {
    fast: AtomicI64,
    current: Slot,
    step: Slot,
}

slot_payload!(Count, ids::IT_COUNT, "count", current, step);

fn is_number(ctx: &Ctx, x: &Obj) -> bool {
    let slots = type_of(ctx, x).slots(ctx);
    slots.int.is_some()
        || slots.float.is_some()
        || slots.index.is_some()
        || protocol::is_instance_of(ctx, x, ids::COMPLEX)
}

fn count_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "count",
        params: &["start", "step"],
        posonly: 0,
        positional: 2,
        required: 0,
    };
    let [start, step] = args.bind(ctx, &SIGNATURE)?;
    for value in [start, step].into_iter().flatten() {
        if !is_number(ctx, value) {
            return Err(raise!(ctx, TypeError, "a number is required"));
        }
    }
    let start = start.cloned().unwrap_or(Obj::small_int(0));
    let step = step.cloned().unwrap_or(Obj::small_int(1));
    let fast = match (int::to_i64(&start), int::to_i64(&step)) {
        (Some(start), Some(1)) => start.min(FAST_LIMIT),
        _ => FAST_LIMIT,
    };
    let body = Count {
        fast: AtomicI64::new(fast),
        current: Slot::new(start),
        step: Slot::new(step),
    };
    if fast != FAST_LIMIT {
        // Where the slow way goes on.
        let limit = int::from_i64(ctx, FAST_LIMIT)?;
        drop(body.current.replace_locked(ctx, Some(limit)));
    }
    payload::allocate(ctx, id_of(class), body)
}

fn count_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let count = x.expect::<Count>();
    // Relaxed: each number is handed out once, whatever the order.
    let fast = count
        .fast
        .fetch_update(Relaxed, Relaxed, |n| (n < FAST_LIMIT).then_some(n + 1));
    if let Ok(number) = fast {
        return int::from_i64(ctx, number).map(Some);
    }
    loop {
        let (Some(current), Some(step)) = (
            count.current.get(ctx, &count.header),
            count.step.get(ctx, &count.header),
        ) else {
            return Ok(None);
        };
        let following = protocol::binary(ctx, &current, &step, operator::ADD)?;
        let _lock = ctx.lock(&count.header);
        if count.current.peek() == current.word().plain() {
            drop(count.current.replace_locked(ctx, Some(following)));
            return Ok(Some(current));
        }
    }
}

fn count_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let count = x.expect::<Count>();
    let fast = count.fast.load(Relaxed);
    let class = plain_name(ctx, type_of(ctx, x));
    if fast < FAST_LIMIT {
        return str_::new(ctx, &format!("{class}({fast})"));
    }
    let current = count.current.get(ctx, &count.header).unwrap_or(Obj::NONE);
    let step = count.step.get(ctx, &count.header).unwrap_or(Obj::NONE);
    let current = protocol::repr_string(ctx, &current)?;
    if int::to_i64(&step) == Some(1) {
        return str_::new(ctx, &format!("{class}({current})"));
    }
    let step = protocol::repr_string(ctx, &step)?;
    str_::new(ctx, &format!("{class}({current}, {step})"))
}

/// `itertools.count`.
pub static COUNT: TypeDef = TypeDef {
    slots: Slots {
        new: Some(count_new),
        iter: Some(itself),
        next: Some(count_next),
        repr: Some(count_repr),
        ..Slots::NONE
    },
    ..iterator(
        ids::IT_COUNT,
        "itertools.count",
        &Body::<Count>::KIND,
        count_new,
        count_next,
        "Numbers start, start + step, start + 2*step, ... without end.",
    )
};

// --- cycle ---------------------------------------------------------------------------------------

/// `cycle`: items are saved while the source lasts, then repeated.
pub struct Cycle {
    source: Slot,
    saved: Locked<Outside<Vec<Obj>>>,
    index: AtomicUsize,
}

// SAFETY: `trace` reports the source and the saved items.
unsafe impl Payload for Cycle {
    const ID: u32 = ids::IT_CYCLE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "cycle";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.source.trace(tracer);
        // SAFETY: the world is stopped.
        for item in unsafe { self.saved.get() }.iter() {
            tracer.word(item.word());
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        drop(self.source.replace_locked(ctx, None));
    }
}

fn cycle_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    exactly(ctx, &args, "cycle", 1)?;
    let source = protocol::iter(ctx, &args.pos[0])?;
    let body = Cycle {
        source: Slot::new(source),
        saved: Locked::new(Outside::default()),
        index: AtomicUsize::new(0),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn cycle_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let cycle = x.expect::<Cycle>();
    if let Some(source) = cycle.source.get(ctx, &cycle.header) {
        if let Some(item) = protocol::next(ctx, &source)? {
            let saved = {
                // SAFETY: the field is this object's, and nothing else of it is locked.
                let mut saved = unsafe { cycle.saved.lock(ctx, &cycle.header) };
                let room = saved.try_reserve(1).is_ok();
                if room {
                    saved.push(item.clone());
                    saved.count();
                }
                room
            };
            return if saved {
                Ok(Some(item))
            } else {
                Err(no_memory(ctx))
            };
        }
        cycle.source.set(ctx, &cycle.header, None);
    }
    // SAFETY: as above.
    let saved = unsafe { cycle.saved.lock(ctx, &cycle.header) };
    if saved.is_empty() {
        return Ok(None);
    }
    let index = cycle.index.load(Relaxed) % saved.len();
    cycle.index.store(index + 1, Relaxed);
    Ok(Some(saved[index].clone()))
}

/// `itertools.cycle`.
pub static CYCLE: TypeDef = iterator(
    ids::IT_CYCLE,
    "itertools.cycle",
    &Body::<Cycle>::KIND,
    cycle_new,
    cycle_next,
    "The items of the iterable, again and again.",
);

// --- repeat --------------------------------------------------------------------------------------

/// `repeat`.
pub struct Repeat {
    item: Slot,
    /// How often it is still to come; −1 for ever.
    left: AtomicI64,
}

slot_payload!(Repeat, ids::IT_REPEAT, "repeat", item);

fn repeat_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "repeat",
        params: &["object", "times"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [item, times] = args.bind(ctx, &SIGNATURE)?;
    let left = match times {
        Some(times) => protocol::c_ssize(ctx, times)?.max(0),
        None => -1,
    };
    let body = Repeat {
        item: Slot::from_option(item.cloned()),
        left: AtomicI64::new(left),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn repeat_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let repeat = x.expect::<Repeat>();
    // Relaxed: only the number counts.
    let left = repeat
        .left
        .fetch_update(Relaxed, Relaxed, |n| (n > 0).then(|| n - 1));
    if left == Err(0) {
        return Ok(None);
    }
    Ok(repeat.item.get(ctx, &repeat.header))
}

fn repeat_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let repeat = x.expect::<Repeat>();
    let item = repeat.item.get(ctx, &repeat.header).unwrap_or(Obj::NONE);
    let left = repeat.left.load(Relaxed);
    let class = plain_name(ctx, type_of(ctx, x));
    let item = protocol::repr_string(ctx, &item)?;
    if left < 0 {
        str_::new(ctx, &format!("{class}({item})"))
    } else {
        str_::new(ctx, &format!("{class}({item}, {left})"))
    }
}

fn repeat_length_hint(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match x.expect::<Repeat>().left.load(Relaxed) {
        left if left < 0 => Err(raise!(ctx, TypeError, "len() of unsized object")),
        left => int::from_i64(ctx, left),
    }
}

/// `itertools.repeat`.
pub static REPEAT: TypeDef = TypeDef {
    slots: Slots {
        new: Some(repeat_new),
        iter: Some(itself),
        next: Some(repeat_next),
        repr: Some(repeat_repr),
        ..Slots::NONE
    },
    methods: &[method("__length_hint__", Native::M0(repeat_length_hint))],
    ..iterator(
        ids::IT_REPEAT,
        "itertools.repeat",
        &Body::<Repeat>::KIND,
        repeat_new,
        repeat_next,
        "The object, as many times as said, or for ever.",
    )
};
