//! Iterators over several sources, or that put items together: `chain`, `zip_longest`, `accumulate`,
//! `batched`.

use crate::error::{PyResult, raise};
use crate::module::support::{id_of, iterator, slot_payload};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, TypeDef, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol::{self, operator};
use crate::object::slot::Slot;
use crate::object::str_::PyStr;
use crate::object::{ids, tuple};
use crate::vm::outside::push;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicUsize, Ordering::*};

// --- chain ---------------------------------------------------------------------------------------

/// `chain`: an iterator of iterables, and the iterator of the current one.
pub struct Chain {
    sources: Slot,
    active: Slot,
}

slot_payload!(Chain, ids::IT_CHAIN, "chain", sources, active);

fn chain_of(ctx: &mut Ctx, class: &Obj, iterables: &Obj) -> PyResult {
    let sources = protocol::iter(ctx, iterables)?;
    let body = Chain {
        sources: Slot::new(sources),
        active: Slot::empty(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn chain_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "chain")?;
    let iterables = tuple::from_slice(ctx, args.pos)?;
    chain_of(ctx, class, &iterables)
}

fn chain_from_iterable(ctx: &mut Ctx, class: &Obj, x: &Obj) -> PyResult {
    chain_of(ctx, class, x)
}

fn chain_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<Chain>();
    loop {
        if let Some(active) = body.active.get(ctx, &body.header) {
            if let Some(item) = protocol::next(ctx, &active)? {
                return Ok(Some(item));
            }
            body.active.set(ctx, &body.header, None);
        }
        let Some(sources) = body.sources.get(ctx, &body.header) else {
            return Ok(None);
        };
        let following = match protocol::next(ctx, &sources) {
            Ok(Some(iterable)) => protocol::iter(ctx, &iterable),
            Ok(None) => {
                body.sources.set(ctx, &body.header, None);
                return Ok(None);
            }
            Err(raised) => Err(raised),
        };
        match following {
            Ok(iterator) => body.active.set(ctx, &body.header, Some(iterator)),
            Err(raised) => {
                body.sources.set(ctx, &body.header, None);
                return Err(raised);
            }
        }
    }
}

/// `itertools.chain`.
pub static CHAIN: TypeDef = TypeDef {
    methods: CHAIN_METHODS,
    ..iterator(
        ids::IT_CHAIN,
        "itertools.chain",
        &Body::<Chain>::KIND,
        chain_new,
        chain_next,
        "The items of the first iterable, then those of the next, until all are exhausted.",
    )
};

static CHAIN_METHODS: &[Method] = &[
    method("from_iterable", Native::C1(chain_from_iterable)),
    method(
        "__class_getitem__",
        Native::C1(crate::module::support::class_getitem),
    ),
];

// --- zip_longest ---------------------------------------------------------------------------------

/// `zip_longest`: an exhausted source's slot is empty.
pub struct ZipLongest {
    sources: Box<[Slot]>,
    fill: Obj,
    active: AtomicUsize,
}

// SAFETY: `trace` reports the sources and the fill value.
unsafe impl Payload for ZipLongest {
    const ID: u32 = ids::IT_ZIP_LONGEST;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "zip_longest";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.sources.iter().for_each(|slot| slot.trace(tracer));
        tracer.word(self.fill.word());
    }

    fn clear(&self, ctx: &mut Ctx) {
        for slot in &self.sources {
            drop(slot.replace_locked(ctx, None));
        }
    }
}

fn zip_longest_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let mut fill = Obj::NONE;
    for (name, value) in args.names.iter().zip(args.values) {
        if args.names.len() > 1 || name.expect::<PyStr>().bytes() != b"fillvalue" {
            return Err(raise!(
                ctx,
                TypeError,
                "zip_longest() got an unexpected keyword argument"
            ));
        }
        fill = value.clone();
    }
    let mut sources = Vec::with_capacity(args.pos.len());
    for iterable in args.pos {
        sources.push(Slot::new(protocol::iter(ctx, iterable)?));
    }
    let body = ZipLongest {
        active: AtomicUsize::new(sources.len()),
        sources: sources.into(),
        fill,
    };
    payload::allocate(ctx, id_of(class), body)
}

fn zip_longest_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<ZipLongest>();
    if body.active.load(Relaxed) == 0 {
        return Ok(None);
    }
    let mut items = Vec::with_capacity(body.sources.len());
    for slot in &body.sources {
        let Some(source) = slot.get(ctx, &body.header) else {
            items.push(body.fill.clone());
            continue;
        };
        match protocol::next(ctx, &source) {
            Ok(Some(item)) => items.push(item),
            Ok(None) => {
                // Only the thread that empties the slot counts it.
                if slot.replace(ctx, &body.header, None).is_some()
                    && body.active.fetch_sub(1, Relaxed) == 1
                {
                    return Ok(None);
                }
                items.push(body.fill.clone());
            }
            Err(raised) => {
                body.active.store(0, Relaxed);
                for slot in &body.sources {
                    slot.set(ctx, &body.header, None);
                }
                return Err(raised);
            }
        }
    }
    tuple::from_vec(ctx, items).map(Some)
}

/// `itertools.zip_longest`.
pub static ZIP_LONGEST: TypeDef = iterator(
    ids::IT_ZIP_LONGEST,
    "itertools.zip_longest",
    &Body::<ZipLongest>::KIND,
    zip_longest_new,
    zip_longest_next,
    "Tuples of the sources' items, as long as one source lasts; the fill value stands for what is missing.",
);

// --- accumulate ----------------------------------------------------------------------------------

/// `accumulate`.
pub struct Accumulate {
    source: Slot,
    function: Slot,
    total: Slot,
    initial: Slot,
}

slot_payload!(
    Accumulate,
    ids::IT_ACCUMULATE,
    "accumulate",
    source,
    function,
    total,
    initial
);

fn accumulate_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "accumulate",
        params: &["iterable", "func", "initial"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [iterable, function, initial] = args.bind(ctx, &SIGNATURE)?;
    let source = protocol::iter(ctx, iterable.unwrap_or(&Obj::NONE))?;
    let given = |value: Option<&Obj>| value.filter(|v| !v.is_none()).cloned();
    let body = Accumulate {
        source: Slot::new(source),
        function: Slot::from_option(given(function)),
        total: Slot::empty(),
        initial: Slot::from_option(given(initial)),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn accumulate_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<Accumulate>();
    if !body.initial.peek().is_null()
        && let Some(initial) = body.initial.replace(ctx, &body.header, None)
    {
        body.total.set(ctx, &body.header, Some(initial.clone()));
        return Ok(Some(initial));
    }
    let Some(source) = body.source.get(ctx, &body.header) else {
        return Ok(None);
    };
    let Some(item) = protocol::next(ctx, &source)? else {
        return Ok(None);
    };
    let total = match body.total.get(ctx, &body.header) {
        None => item,
        Some(total) => match body.function.get(ctx, &body.header) {
            None => protocol::binary(ctx, &total, &item, operator::ADD)?,
            Some(function) => protocol::call(ctx, &function, &[total, item])?,
        },
    };
    body.total.set(ctx, &body.header, Some(total.clone()));
    Ok(Some(total))
}

/// `itertools.accumulate`.
pub static ACCUMULATE: TypeDef = iterator(
    ids::IT_ACCUMULATE,
    "itertools.accumulate",
    &Body::<Accumulate>::KIND,
    accumulate_new,
    accumulate_next,
    "Running totals of the items, or what the function makes of them.",
);

// --- batched -------------------------------------------------------------------------------------

/// `batched`.
pub struct Batched {
    source: Slot,
    size: usize,
    strict: bool,
}

slot_payload!(Batched, ids::IT_BATCHED, "batched", source);

fn batched_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "batched",
        params: &["iterable", "n", "strict"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [iterable, size, strict] = args.bind(ctx, &SIGNATURE)?;
    let size = protocol::c_ssize(ctx, size.unwrap_or(&Obj::NONE))?;
    let strict = match strict {
        Some(strict) => protocol::truth(ctx, strict)?,
        None => false,
    };
    if size < 1 {
        return Err(raise!(ctx, ValueError, "n must be at least one"));
    }
    let source = protocol::iter(ctx, iterable.unwrap_or(&Obj::NONE))?;
    let body = Batched {
        source: Slot::new(source),
        size: size as usize,
        strict,
    };
    payload::allocate(ctx, id_of(class), body)
}

fn batched_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<Batched>();
    let Some(source) = body.source.get(ctx, &body.header) else {
        return Ok(None);
    };
    let mut items = Vec::new();
    while items.len() < body.size {
        match protocol::next(ctx, &source)? {
            Some(item) => push(ctx, &mut items, item)?,
            None => {
                body.source.set(ctx, &body.header, None);
                if items.is_empty() {
                    return Ok(None);
                }
                if body.strict {
                    return Err(raise!(ctx, ValueError, "batched(): incomplete batch"));
                }
                break;
            }
        }
    }
    tuple::from_vec(ctx, items).map(Some)
}

/// `itertools.batched`.
pub static BATCHED: TypeDef = iterator(
    ids::IT_BATCHED,
    "itertools.batched",
    &Body::<Batched>::KIND,
    batched_new,
    batched_next,
    "Tuples of n items; the last may be shorter, which is an error when strict.",
);
