//! `enumerate`, `reversed`, `zip`, `map` and `filter`: iterators over other iterators.

use super::args::Args;
use super::define::{Native, TypeDef, flag, method};
use super::iterator_state as state;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::str_::PyStr;
use super::type_::{PyType, type_of};
use super::{attribute, ids, int, iterator, protocol, tuple};
use crate::error::{PyResult, raise};
use crate::module::support::{class_getitem, exactly};
use crate::object::exception::{self, class};
use crate::object::names::names;
use crate::prelude::*;
use core::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;
use smallvec::SmallVec;

fn class_id(class: &Obj) -> u32 {
    class.expect::<PyType>().id
}

// --- enumerate -------------------------------------------------------------------------------------

/// The body of an `enumerate`.
pub struct Enumerate {
    /// The iterator.
    pub iterator: Obj,
    /// The next number, while it is a small integer.
    pub number: AtomicI64,
    /// The next number once it is not; empty before.
    large: Slot,
}

// SAFETY: `trace` reports the iterator and the large number.
unsafe impl Payload for Enumerate {
    const ID: u32 = ids::ENUMERATE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "enumerate";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.iterator.word());
        self.large.trace(tracer);
    }
}

fn enumerate_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let given = args.pos.len() + args.names.len();
    if given > 2 {
        return Err(raise!(
            ctx,
            TypeError,
            "enumerate() takes at most 2 arguments ({given} given)"
        ));
    }
    let (mut iterable, mut start) = (args.pos.first(), args.pos.get(1));
    for (name, value) in args.names.iter().zip(args.values) {
        match name.expect::<PyStr>().bytes() {
            b"iterable" if iterable.is_none() => iterable = Some(value),
            b"start" if start.is_none() => start = Some(value),
            _ => {
                let name = name.expect::<PyStr>().as_str_lossy();
                return Err(raise!(
                    ctx,
                    TypeError,
                    "'{name}' is an invalid keyword argument for enumerate()"
                ));
            }
        }
    }
    let Some(iterable) = iterable else {
        return Err(raise!(
            ctx,
            TypeError,
            "enumerate() missing required argument 'iterable'"
        ));
    };
    let start = match start {
        Some(start) => protocol::index(ctx, start)?,
        None => Obj::small_int(0),
    };
    let (number, large) = match int::to_i64(&start).filter(|n| Word::int(*n).is_some()) {
        Some(number) => (number, Slot::empty()),
        None => (0, Slot::new(start)),
    };
    let body = Enumerate {
        iterator: protocol::iter(ctx, iterable)?,
        number: AtomicI64::new(number),
        large,
    };
    payload::allocate(ctx, class_id(class), body)
}

impl Body<Enumerate> {
    /// The next number and item: for loops that unpack them, no pair is made.
    #[inline]
    pub fn next_entry(&self, ctx: &mut Ctx) -> PyResult<Option<(Obj, Obj)>> {
        let Some(item) = protocol::next(ctx, &self.iterator)? else {
            return Ok(None);
        };
        if !self.large.peek().is_null() {
            return self.next_large(ctx, item).map(Some);
        }
        let number = self.number.load(Relaxed);
        let next = number + 1;
        if Word::int(next).is_some() {
            self.number.store(next, Relaxed);
        } else {
            let next = int::from_i64(ctx, next)?;
            self.large.set(ctx, &self.header, Some(next));
        }
        Ok(Some((Obj::small_int(number), item)))
    }

    #[cold]
    fn next_large(&self, ctx: &mut Ctx, item: Obj) -> PyResult<(Obj, Obj)> {
        let number = self.large.get(ctx, &self.header).unwrap_or(Obj::NONE);
        let one = Obj::small_int(1);
        let next = protocol::binary(ctx, &number, &one, protocol::operator::ADD)?;
        self.large.set(ctx, &self.header, Some(next));
        Ok((number, item))
    }
}

fn enumerate_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    match iterator.expect::<Enumerate>().next_entry(ctx)? {
        Some((number, item)) => tuple::from_few(ctx, [number, item]).map(Some),
        None => Ok(None),
    }
}

fn enumerate_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<Enumerate>();
    let class = type_of(ctx, iterator).to_obj();
    let number = match body.large.get(ctx, &body.header) {
        Some(large) => large,
        None => Obj::small_int(body.number.load(Relaxed)),
    };
    state::reduced(ctx, class, vec![body.iterator.clone(), number], None)
}

// --- reversed --------------------------------------------------------------------------------------

/// The body of a `reversed` over a sequence.
pub struct Reversed {
    sequence: Slot,
    /// The index of the next item; negative at the end.
    index: AtomicI64,
}

// SAFETY: `trace` reports the sequence.
unsafe impl Payload for Reversed {
    const ID: u32 = ids::REVERSED;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "reversed";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.sequence.trace(tracer);
    }
}

fn reversed_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    exactly(ctx, &args, "reversed", 1)?;
    let sequence = &args.pos[0];
    let method = if sequence.downcast_exact::<tuple::PyTuple>().is_some() {
        None
    } else {
        let name = names(ctx).reversed.clone();
        attribute::bound_special(ctx, sequence, &name)?
    };
    if let Some(method) = &method
        && !method.is_none()
    {
        return protocol::call(ctx, method, &[]);
    }
    let slots = type_of(ctx, sequence).slots(ctx);
    let is_sequence = slots.getitem.is_some();
    let mapping = protocol::is_instance_of(ctx, sequence, ids::DICT);
    if method.is_some() || !is_sequence || mapping {
        let given = protocol::type_name(ctx, sequence);
        return Err(raise!(ctx, TypeError, "'{given}' object is not reversible"));
    }
    let len = protocol::len(ctx, sequence)?;
    let body = Reversed {
        sequence: Slot::new(sequence.clone()),
        index: AtomicI64::new(len as i64 - 1),
    };
    payload::allocate(ctx, class_id(class), body)
}

fn reversed_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let body = iterator.expect::<Reversed>();
    let index = body.index.load(Relaxed);
    let item_of = |sequence: &Obj| {
        let item = sequence
            .downcast_exact::<tuple::PyTuple>()?
            .items()
            .get(index as usize)?;
        body.index.store(index - 1, Relaxed);
        Some(item.clone())
    };
    let word = body.sequence.peek();
    if ctx.solo()
        && index >= 0
        && !word.is_null()
        // SAFETY: with one thread the slot's own reference keeps the sequence, and nothing runs.
        && let Some(item) = item_of(unsafe { Obj::borrow_word(&word) })
    {
        return Ok(Some(item));
    }
    let Some(sequence) = body.sequence.get(ctx, &body.header).filter(|_| index >= 0) else {
        return Ok(None);
    };
    if let Some(item) = item_of(&sequence) {
        return Ok(Some(item));
    }
    let key = int::from_i64(ctx, index)?;
    match protocol::getitem(ctx, &sequence, &key) {
        Ok(item) => {
            body.index.store(index - 1, Relaxed);
            Ok(Some(item))
        }
        Err(raised) => {
            body.index.store(-1, Relaxed);
            body.sequence.set(ctx, &body.header, None);
            if exception::matches(ctx, &raised, class::IndexError)
                || exception::matches(ctx, &raised, class::StopIteration)
            {
                exception::take(ctx, raised);
                return Ok(None);
            }
            Err(raised)
        }
    }
}

fn reversed_hint(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<Reversed>();
    let Some(sequence) = body.sequence.get(ctx, &body.header) else {
        return Ok(Obj::small_int(0));
    };
    let len = protocol::len(ctx, &sequence)? as i64;
    let left = body.index.load(Relaxed) + 1;
    int::from_i64(ctx, if len < left { 0 } else { left })
}

fn reversed_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<Reversed>();
    let class = type_of(ctx, iterator).to_obj();
    let index = body.index.load(Relaxed);
    match body.sequence.get(ctx, &body.header) {
        Some(sequence) if index >= 0 => {
            let index = int::from_i64(ctx, index)?;
            state::reduced(ctx, class, vec![sequence], Some(index))
        }
        _ => {
            let empty = state::no_tuple(ctx)?;
            state::reduced(ctx, class, vec![empty], None)
        }
    }
}

fn reversed_set_state(ctx: &mut Ctx, iterator: &Obj, place: &Obj) -> PyResult {
    let place = state::place(ctx, place)?;
    let body = iterator.expect::<Reversed>();
    if let Some(sequence) = body.sequence.get(ctx, &body.header) {
        let len = protocol::len(ctx, &sequence)? as i64;
        body.index.store(place.clamp(-1, len - 1), Relaxed);
    }
    Ok(Obj::NONE)
}

// --- zip and map -----------------------------------------------------------------------------------

/// Iterators that go in step.
struct Ranks {
    iterators: Box<[Obj]>,
    /// Whether they must end together.
    strict: AtomicBool,
}

impl Ranks {
    fn new(ctx: &mut Ctx, iterables: &[Obj], strict: bool) -> PyResult<Ranks> {
        let mut iterators = Vec::with_capacity(iterables.len());
        for iterable in iterables {
            iterators.push(protocol::iter(ctx, iterable)?);
        }
        Ok(Ranks {
            iterators: iterators.into_boxed_slice(),
            strict: AtomicBool::new(strict),
        })
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for iterator in &self.iterators {
            tracer.word(iterator.word());
        }
    }

    /// The next item of each; `None` when one has ended. `name` is whose iterators these are.
    #[inline]
    fn next(&self, ctx: &mut Ctx, name: &str) -> PyResult<Option<SmallVec<[Obj; 4]>>> {
        let mut items = SmallVec::new();
        for iterator in &self.iterators {
            match protocol::next(ctx, iterator)? {
                Some(item) => items.push(item),
                None if self.strict.load(Relaxed) => return self.ended(ctx, name, items.len()),
                None => return Ok(None),
            }
        }
        Ok(Some(items))
    }

    /// `(class, (first, iterators…))`, and behind that whether they are strict, if they are.
    fn reduce(&self, ctx: &mut Ctx, iterator: &Obj, first: Option<&Obj>) -> PyResult {
        let class = type_of(ctx, iterator).to_obj();
        let args = first.into_iter().chain(&self.iterators).cloned().collect();
        let strict = self.strict.load(Relaxed).then_some(Obj::TRUE);
        state::reduced(ctx, class, args, strict)
    }

    fn set_state(&self, ctx: &mut Ctx, strict: &Obj) -> PyResult {
        // Relaxed: a flag.
        self.strict.store(protocol::truth(ctx, strict)?, Relaxed);
        Ok(Obj::NONE)
    }

    /// One of strict ranks has ended after `before` gave another item: all must have.
    #[cold]
    fn ended<T>(&self, ctx: &mut Ctx, name: &str, before: usize) -> PyResult<Option<T>> {
        let others = |n: usize| {
            if n == 1 {
                "argument 1".to_string()
            } else {
                format!("arguments 1-{n}")
            }
        };
        if before > 0 {
            let (number, others) = (before + 1, others(before));
            return Err(raise!(
                ctx,
                ValueError,
                "{name}() argument {number} is shorter than {others}"
            ));
        }
        for (before, iterator) in self.iterators.iter().enumerate().skip(1) {
            if protocol::next(ctx, iterator)?.is_some() {
                let (number, others) = (before + 1, others(before));
                return Err(raise!(
                    ctx,
                    ValueError,
                    "{name}() argument {number} is longer than {others}"
                ));
            }
        }
        Ok(None)
    }
}

/// Reads the one keyword argument `strict`.
fn strict(ctx: &mut Ctx, args: Args<'_>, name: &str) -> PyResult<bool> {
    let mut strict = false;
    for (keyword, value) in args.names.iter().zip(args.values) {
        let keyword = keyword.expect::<PyStr>().as_str_lossy();
        if keyword != "strict" {
            return Err(crate::object::args::unexpected_keyword(
                ctx,
                name,
                &keyword,
                &["strict"],
            ));
        }
        strict = protocol::truth(ctx, value)?;
    }
    Ok(strict)
}

/// The body of a `zip`.
pub struct Zip(Ranks);

// SAFETY: `trace` reports the iterators.
unsafe impl Payload for Zip {
    const ID: u32 = ids::ZIP;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "zip";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
    }
}

fn zip_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let strict = strict(ctx, args, "zip")?;
    let ranks = Ranks::new(ctx, args.pos, strict)?;
    payload::allocate(ctx, class_id(class), Zip(ranks))
}

impl Body<Zip> {
    /// How many items come at a time.
    pub fn width(&self) -> usize {
        self.0.iterators.len()
    }

    /// The next items of a zip of two.
    pub fn next_pair(&self, ctx: &mut Ctx) -> PyResult<Option<(Obj, Obj)>> {
        let Some(mut items) = self.next_items(ctx)? else {
            return Ok(None);
        };
        let second = items.pop();
        Ok(items.pop().zip(second))
    }

    /// The next items: for loops that unpack them, no tuple is made.
    #[inline]
    pub fn next_items(&self, ctx: &mut Ctx) -> PyResult<Option<SmallVec<[Obj; 4]>>> {
        if self.0.iterators.is_empty() {
            return Ok(None);
        }
        self.0.next(ctx, "zip")
    }
}

fn zip_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    match iterator.expect::<Zip>().next_items(ctx)? {
        Some(items) => tuple::from_few(ctx, items).map(Some),
        None => Ok(None),
    }
}

fn zip_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    iterator.expect::<Zip>().0.reduce(ctx, iterator, None)
}

fn zip_set_state(ctx: &mut Ctx, iterator: &Obj, strict: &Obj) -> PyResult {
    iterator.expect::<Zip>().0.set_state(ctx, strict)
}

fn map_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let map = iterator.expect::<Map>();
    map.ranks.reduce(ctx, iterator, Some(&map.function))
}

fn map_set_state(ctx: &mut Ctx, iterator: &Obj, strict: &Obj) -> PyResult {
    iterator.expect::<Map>().ranks.set_state(ctx, strict)
}

fn filter_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let filter = iterator.expect::<Filter>();
    let class = type_of(ctx, iterator).to_obj();
    let args = vec![filter.function.clone(), filter.iterator.clone()];
    state::reduced(ctx, class, args, None)
}

/// The body of a `map`.
pub struct Map {
    function: Obj,
    ranks: Ranks,
}

// SAFETY: `trace` reports the function and the iterators.
unsafe impl Payload for Map {
    const ID: u32 = ids::MAP;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "map";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.function.word());
        self.ranks.trace(tracer);
    }
}

fn map_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let strict = strict(ctx, args, "map")?;
    let [function, iterables @ ..] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "map() must have at least two arguments."
        ));
    };
    if iterables.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "map() must have at least two arguments."
        ));
    }
    let ranks = Ranks::new(ctx, iterables, strict)?;
    let function = function.clone();
    payload::allocate(ctx, class_id(class), Map { function, ranks })
}

fn map_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let map = iterator.expect::<Map>();
    match map.ranks.next(ctx, "map")? {
        Some(items) => protocol::call(ctx, &map.function, &items).map(Some),
        None => Ok(None),
    }
}

// --- filter ----------------------------------------------------------------------------------------

/// The body of a `filter`.
pub struct Filter {
    /// The predicate, or None.
    function: Obj,
    iterator: Obj,
}

// SAFETY: `trace` reports both.
unsafe impl Payload for Filter {
    const ID: u32 = ids::FILTER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "filter";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.function.word());
        tracer.word(self.iterator.word());
    }
}

fn filter_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords_but_for_init(ctx, "filter", class, ids::FILTER)?;
    args.without_keywords().check(ctx, "filter", 2, 2)?;
    let body = Filter {
        function: args.pos[0].clone(),
        iterator: protocol::iter(ctx, &args.pos[1])?,
    };
    payload::allocate(ctx, class_id(class), body)
}

fn filter_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let filter = iterator.expect::<Filter>();
    let bool_class = super::type_::type_object(ctx, ids::BOOL);
    while let Some(item) = protocol::next(ctx, &filter.iterator)? {
        let keep = if filter.function.is_none() || filter.function.is(&bool_class) {
            protocol::truth(ctx, &item)?
        } else {
            let verdict = protocol::call(ctx, &filter.function, core::slice::from_ref(&item))?;
            protocol::truth(ctx, &verdict)?
        };
        if keep {
            return Ok(Some(item));
        }
        drop(item);
        ctx.drain();
    }
    Ok(None)
}

// --- The types -------------------------------------------------------------------------------------

/// The type `enumerate`.
pub static ENUMERATE: TypeDef = TypeDef {
    id: ids::ENUMERATE,
    name: "enumerate",
    base: ids::OBJECT,
    layout: ids::ENUMERATE,
    kind: &Body::<Enumerate>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(enumerate_new),
        iter: Some(iterator::itself),
        next: Some(enumerate_next),
        ..Slots::NONE
    },
    methods: &[
        method("__class_getitem__", Native::C1(class_getitem)),
        method("__reduce__", Native::M0(enumerate_reduce)),
    ],
    getset: &[],
    doc: "enumerate(iterable, start=0)\n--\n\nAn iterator over pairs of a count and an item.",
};

/// The type `reversed`.
pub static REVERSED: TypeDef = TypeDef {
    id: ids::REVERSED,
    name: "reversed",
    base: ids::OBJECT,
    layout: ids::REVERSED,
    kind: &Body::<Reversed>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(reversed_new),
        iter: Some(iterator::itself),
        next: Some(reversed_next),
        ..Slots::NONE
    },
    methods: &[
        method("__length_hint__", Native::M0(reversed_hint)),
        method("__reduce__", Native::M0(reversed_reduce)),
        method("__setstate__", Native::M1(reversed_set_state)),
    ],
    getset: &[],
    doc: "reversed(sequence, /)\n--\n\nAn iterator over a sequence from its end.",
};

/// The type `zip`.
pub static ZIP: TypeDef = TypeDef {
    id: ids::ZIP,
    name: "zip",
    base: ids::OBJECT,
    layout: ids::ZIP,
    kind: &Body::<Zip>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(zip_new),
        iter: Some(iterator::itself),
        next: Some(zip_next),
        ..Slots::NONE
    },
    methods: &[
        method("__reduce__", Native::M0(zip_reduce)),
        method("__setstate__", Native::M1(zip_set_state)),
    ],
    getset: &[],
    doc: "zip(*iterables, strict=False)\n--\n\nAn iterator over tuples of one item of each iterable.",
};

/// The type `map`.
pub static MAP: TypeDef = TypeDef {
    id: ids::MAP,
    name: "map",
    base: ids::OBJECT,
    layout: ids::MAP,
    kind: &Body::<Map>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(map_new),
        iter: Some(iterator::itself),
        next: Some(map_next),
        ..Slots::NONE
    },
    methods: &[
        method("__reduce__", Native::M0(map_reduce)),
        method("__setstate__", Native::M1(map_set_state)),
    ],
    getset: &[],
    doc: "map(function, iterable, /, *iterables, strict=False)\n--\n\nAn iterator over the results of calls with the items.",
};

/// The type `filter`.
pub static FILTER: TypeDef = TypeDef {
    id: ids::FILTER,
    name: "filter",
    base: ids::OBJECT,
    layout: ids::FILTER,
    kind: &Body::<Filter>::KIND,
    flags: flag::BASE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(filter_new),
        iter: Some(iterator::itself),
        next: Some(filter_next),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(filter_reduce))],
    getset: &[],
    doc: "filter(function, iterable, /)\n--\n\nAn iterator over the items for which the function is true; over the true ones, with None.",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::list;
    use crate::vm::start::with_interpreter;

    fn numbers(ctx: &mut Ctx, values: impl IntoIterator<Item = i64>) -> Obj {
        list::from_vec(ctx, values.into_iter().map(Obj::small_int).collect()).unwrap()
    }

    fn listed(ctx: &mut Ctx, iterator: &Obj) -> String {
        let items = protocol::collect(ctx, iterator).unwrap();
        let list = list::from_vec(ctx, items).unwrap();
        protocol::repr_string(ctx, &list).unwrap()
    }

    fn make(ctx: &mut Ctx, id: u32, args: &[Obj]) -> Obj {
        let class = super::super::type_::type_object(ctx, id);
        protocol::call(ctx, &class, args).unwrap()
    }

    #[test]
    fn iterators_over_iterators() {
        with_interpreter(|ctx| {
            let (a, b) = (numbers(ctx, 1..4), numbers(ctx, 7..9));
            let zip = make(ctx, ids::ZIP, &[a.clone(), b.clone()]);
            assert_eq!(listed(ctx, &zip), "[(1, 7), (2, 8)]");
            let last_small = Obj::small_int(Word::MAX_INT);
            let pairs = make(ctx, ids::ENUMERATE, &[b.clone(), last_small]);
            assert_eq!(
                listed(ctx, &pairs),
                "[(2305843009213693951, 7), (2305843009213693952, 8)]"
            );
            let backward = make(ctx, ids::REVERSED, core::slice::from_ref(&a));
            assert_eq!(listed(ctx, &backward), "[3, 2, 1]");
            let some = numbers(ctx, [0, 1, 0, 2]);
            let some = make(ctx, ids::FILTER, &[Obj::NONE, some]);
            assert_eq!(listed(ctx, &some), "[1, 2]");
            let class = super::super::type_::type_object(ctx, ids::ENUMERATE);
            let nothing = numbers(ctx, []);
            let mapped = make(ctx, ids::MAP, &[class, nothing]);
            assert_eq!(listed(ctx, &mapped), "[]");
        });
    }

    #[test]
    fn strict_ranks_end_together() {
        with_interpreter(|ctx| {
            for (lens, message) in [
                ([2, 1, 2], "zip() argument 2 is shorter than argument 1"),
                ([2, 2, 1], "zip() argument 3 is shorter than arguments 1-2"),
                ([1, 1, 2], "zip() argument 3 is longer than arguments 1-2"),
            ] {
                let lists = lens.map(|len| numbers(ctx, 0..len));
                let ranks = Ranks::new(ctx, &lists, true).unwrap();
                let raised = loop {
                    match ranks.next(ctx, "zip") {
                        Ok(items) => assert!(items.is_some()),
                        Err(raised) => break raised,
                    }
                };
                let error = exception::take(ctx, raised);
                assert_eq!(protocol::str_string(ctx, &error).unwrap(), message);
            }
        });
    }
}
