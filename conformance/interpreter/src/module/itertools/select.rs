//! Iterators that let some items through: `compress`, `dropwhile`, `takewhile`, `filterfalse`,
//! `islice`; and `starmap` and `pairwise`.

use crate::error::{PyResult, Raised, raise};
use crate::module::support::{exactly, id_of, iterator, slot_payload};
use crate::object::args::{Args, Signature};
use crate::object::define::TypeDef;
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::protocol;
use crate::object::slot::Slot;
use crate::object::{ids, int, tuple};
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::*};

// --- compress ------------------------------------------------------------------------------------

/// `compress`.
pub struct Compress {
    data: Slot,
    selectors: Slot,
}

slot_payload!(Compress, ids::IT_COMPRESS, "compress", data, selectors);

fn compress_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "compress",
        params: &["data", "selectors"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [Some(data), Some(selectors)] = args.bind(ctx, &SIGNATURE)? else {
        return Ok(Obj::NONE);
    };
    let data = protocol::iter(ctx, data)?;
    let selectors = protocol::iter(ctx, selectors)?;
    let body = Compress {
        data: Slot::new(data),
        selectors: Slot::new(selectors),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn compress_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<Compress>();
    let (Some(data), Some(selectors)) = (
        body.data.get(ctx, &body.header),
        body.selectors.get(ctx, &body.header),
    ) else {
        return Ok(None);
    };
    loop {
        let Some(item) = protocol::next(ctx, &data)? else {
            return Ok(None);
        };
        let Some(selector) = protocol::next(ctx, &selectors)? else {
            return Ok(None);
        };
        if protocol::truth(ctx, &selector)? {
            return Ok(Some(item));
        }
    }
}

/// `itertools.compress`.
pub static COMPRESS: TypeDef = iterator(
    ids::IT_COMPRESS,
    "itertools.compress",
    &Body::<Compress>::KIND,
    compress_new,
    compress_next,
    "The items of data whose selectors are true.",
);

// --- With a predicate ----------------------------------------------------------------------------

macro_rules! with_function {
    ($body:ident, $id:ident, $name:literal, $new:ident $(, $done:ident)?) => {
        #[doc = concat!("`", $name, "`.")]
        pub struct $body {
            function: Slot,
            source: Slot,
            $(/// Whether the decisive item has been seen.
            $done: AtomicBool,)?
        }

        slot_payload!($body, ids::$id, $name, function, source);

        fn $new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
            exactly(ctx, &args, $name, 2)?;
            let source = protocol::iter(ctx, &args.pos[1])?;
            let body = $body {
                function: Slot::new(args.pos[0].clone()),
                source: Slot::new(source),
                $($done: AtomicBool::new(false),)?
            };
            payload::allocate(ctx, id_of(class), body)
        }

        impl Body<$body> {
            fn parts(&self, ctx: &Ctx) -> Option<(Obj, Obj)> {
                Some((
                    self.function.get(ctx, &self.header)?,
                    self.source.get(ctx, &self.header)?,
                ))
            }
        }
    };
}

with_function!(DropWhile, IT_DROPWHILE, "dropwhile", dropwhile_new, done);
with_function!(TakeWhile, IT_TAKEWHILE, "takewhile", takewhile_new, done);
with_function!(FilterFalse, IT_FILTERFALSE, "filterfalse", filterfalse_new);
with_function!(StarMap, IT_STARMAP, "starmap", starmap_new);

fn holds(ctx: &mut Ctx, function: &Obj, item: &Obj) -> PyResult<bool> {
    let result = protocol::call(ctx, function, std::slice::from_ref(item))?;
    protocol::truth(ctx, &result)
}

fn dropwhile_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<DropWhile>();
    let Some((function, source)) = body.parts(ctx) else {
        return Ok(None);
    };
    loop {
        let Some(item) = protocol::next(ctx, &source)? else {
            return Ok(None);
        };
        if body.done.load(Relaxed) {
            return Ok(Some(item));
        }
        if !holds(ctx, &function, &item)? {
            body.done.store(true, Relaxed);
            return Ok(Some(item));
        }
    }
}

fn takewhile_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<TakeWhile>();
    if body.done.load(Relaxed) {
        return Ok(None);
    }
    let Some((function, source)) = body.parts(ctx) else {
        return Ok(None);
    };
    let Some(item) = protocol::next(ctx, &source)? else {
        return Ok(None);
    };
    if holds(ctx, &function, &item)? {
        return Ok(Some(item));
    }
    body.done.store(true, Relaxed);
    Ok(None)
}

fn filterfalse_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<FilterFalse>();
    let Some((function, source)) = body.parts(ctx) else {
        return Ok(None);
    };
    while let Some(item) = protocol::next(ctx, &source)? {
        let good = if function.is_none()
            || function.is(&crate::object::type_::type_object(ctx, ids::BOOL))
        {
            protocol::truth(ctx, &item)?
        } else {
            holds(ctx, &function, &item)?
        };
        if !good {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn starmap_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<StarMap>();
    let Some((function, source)) = body.parts(ctx) else {
        return Ok(None);
    };
    let Some(item) = protocol::next(ctx, &source)? else {
        return Ok(None);
    };
    if let Some(args) = item.downcast::<tuple::PyTuple>() {
        return protocol::call(ctx, &function, args.items()).map(Some);
    }
    let args = protocol::collect(ctx, &item)?;
    protocol::call(ctx, &function, &args).map(Some)
}

/// `itertools.dropwhile`.
pub static DROPWHILE: TypeDef = iterator(
    ids::IT_DROPWHILE,
    "itertools.dropwhile",
    &Body::<DropWhile>::KIND,
    dropwhile_new,
    dropwhile_next,
    "The items from the first one on for which the predicate is false.",
);

/// `itertools.takewhile`.
pub static TAKEWHILE: TypeDef = iterator(
    ids::IT_TAKEWHILE,
    "itertools.takewhile",
    &Body::<TakeWhile>::KIND,
    takewhile_new,
    takewhile_next,
    "The items before the first one for which the predicate is false.",
);

/// `itertools.filterfalse`.
pub static FILTERFALSE: TypeDef = iterator(
    ids::IT_FILTERFALSE,
    "itertools.filterfalse",
    &Body::<FilterFalse>::KIND,
    filterfalse_new,
    filterfalse_next,
    "The items for which the function is false; with None, the false items.",
);

/// `itertools.starmap`.
pub static STARMAP: TypeDef = iterator(
    ids::IT_STARMAP,
    "itertools.starmap",
    &Body::<StarMap>::KIND,
    starmap_new,
    starmap_next,
    "The function's results for the argument tuples of the iterable.",
);

// --- pairwise ------------------------------------------------------------------------------------

/// `pairwise`.
pub struct Pairwise {
    source: Slot,
    previous: Slot,
}

slot_payload!(Pairwise, ids::IT_PAIRWISE, "pairwise", source, previous);

fn pairwise_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    exactly(ctx, &args, "pairwise", 1)?;
    let source = protocol::iter(ctx, &args.pos[0])?;
    let body = Pairwise {
        source: Slot::new(source),
        previous: Slot::empty(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn pairwise_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<Pairwise>();
    let Some(source) = body.source.get(ctx, &body.header) else {
        return Ok(None);
    };
    let previous = match body.previous.get(ctx, &body.header) {
        Some(previous) => previous,
        None => {
            let Some(first) = protocol::next(ctx, &source)? else {
                body.source.set(ctx, &body.header, None);
                return Ok(None);
            };
            body.previous.set(ctx, &body.header, Some(first.clone()));
            first
        }
    };
    // The source may have been exhausted by a call from within it.
    if body.source.peek().is_null() {
        return Ok(None);
    }
    let Some(item) = protocol::next(ctx, &source)? else {
        body.source.set(ctx, &body.header, None);
        body.previous.set(ctx, &body.header, None);
        return Ok(None);
    };
    body.previous.set(ctx, &body.header, Some(item.clone()));
    tuple::from_vec(ctx, vec![previous, item]).map(Some)
}

/// `itertools.pairwise`.
pub static PAIRWISE: TypeDef = iterator(
    ids::IT_PAIRWISE,
    "itertools.pairwise",
    &Body::<Pairwise>::KIND,
    pairwise_new,
    pairwise_next,
    "Successive overlapping pairs of items.",
);

// --- islice --------------------------------------------------------------------------------------

/// `islice`: `at` items have been taken from the source; the next to give is number `next`.
pub struct ISlice {
    source: Slot,
    at: AtomicI64,
    next: AtomicI64,
    /// −1: no end.
    stop: i64,
    step: i64,
}

slot_payload!(ISlice, ids::IT_ISLICE, "islice", source);

/// An index argument: `None` stays; what is no index, or too large for one, is −1.
fn slice_index(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<i64>> {
    if value.is_none() {
        return Ok(None);
    }
    match protocol::index(ctx, value) {
        Ok(number) => Ok(Some(int::to_i64(&number).unwrap_or(-1))),
        Err(raised) => {
            exception::take(ctx, raised);
            Ok(Some(-1))
        }
    }
}

fn islice_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "islice", 2, 4)?;
    fn wrong(ctx: &mut Ctx, what: &str) -> Raised {
        raise!(
            ctx,
            ValueError,
            "{what} for islice() must be None or an integer: 0 <= x <= sys.maxsize."
        )
    }
    let (start, stop) = if args.pos.len() == 2 {
        (0, slice_index(ctx, &args.pos[1])?)
    } else {
        let start = slice_index(ctx, &args.pos[1])?.unwrap_or(0);
        let stop = slice_index(ctx, &args.pos[2])?;
        (start, stop)
    };
    if stop == Some(-1) {
        return Err(wrong(ctx, "Stop argument"));
    }
    if start < 0 || stop.is_some_and(|stop| stop < 0) {
        return Err(wrong(ctx, "Indices"));
    }
    let step = match args.pos.get(3) {
        Some(step) => slice_index(ctx, step)?.unwrap_or(1),
        None => 1,
    };
    if step < 1 {
        return Err(raise!(
            ctx,
            ValueError,
            "Step for islice() must be a positive integer or None."
        ));
    }
    let source = protocol::iter(ctx, &args.pos[0])?;
    let body = ISlice {
        source: Slot::new(source),
        at: AtomicI64::new(0),
        next: AtomicI64::new(start),
        stop: stop.unwrap_or(-1),
        step,
    };
    payload::allocate(ctx, id_of(class), body)
}

fn islice_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<ISlice>();
    let Some(source) = body.source.get(ctx, &body.header) else {
        return Ok(None);
    };
    // Relaxed: the numbers matter only to the iteration itself.
    let next = body.next.load(Relaxed);
    let last = if body.stop >= 0 {
        next.min(body.stop)
    } else {
        next
    };
    while body.at.load(Relaxed) < last {
        if protocol::next(ctx, &source)?.is_none() {
            body.source.set(ctx, &body.header, None);
            return Ok(None);
        }
        body.at.fetch_add(1, Relaxed);
    }
    if body.stop >= 0 && next >= body.stop {
        body.source.set(ctx, &body.header, None);
        return Ok(None);
    }
    let Some(item) = protocol::next(ctx, &source)? else {
        body.source.set(ctx, &body.header, None);
        return Ok(None);
    };
    body.at.fetch_add(1, Relaxed);
    let following = next.checked_add(body.step).unwrap_or(i64::MAX);
    let following = if body.stop >= 0 {
        following.min(body.stop)
    } else {
        following
    };
    body.next.store(following, Relaxed);
    Ok(Some(item))
}

/// `itertools.islice`.
pub static ISLICE: TypeDef = iterator(
    ids::IT_ISLICE,
    "itertools.islice",
    &Body::<ISlice>::KIND,
    islice_new,
    islice_next,
    "The items a slice of the iterable would have.",
);
