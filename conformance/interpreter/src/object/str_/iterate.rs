//! Iterators over strings. Several threads may share one: a character may then come twice.

use super::super::by_index::{self, ByIndex, Sequence};
use super::super::define::{Native, TypeDef, flag, method};
use super::super::iterator_state::{self as state, Before, Empty};
use super::super::obj::Obj;
use super::super::payload::{self, Body, Payload};
use super::super::slot::Slot;
use super::super::slots::Slots;
use super::super::{ids, int, iterator};
use super::{PyStr, from_point};
use crate::error::PyResult;
use crate::vm::thread::rt;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// How iterators go over ASCII strings.
pub enum InAscii {}

impl Sequence for InAscii {
    type Items = PyStr;
    const ID: u32 = ids::STR_ASCII_ITER;
    const NAME: &'static str = "str_ascii_iterator";
    const BEFORE: Before = Before::First;
    const EMPTY: Empty = state::no_string;

    #[inline(always)]
    fn item(items: &Body<PyStr>, ctx: &Ctx, index: usize) -> Option<Obj> {
        let byte = items.bytes().get(index)?;
        Some(rt(ctx).short_string(&[*byte]))
    }

    fn len(items: &Body<PyStr>, _: &Ctx) -> usize {
        items.bytes().len()
    }
}

/// The body of an iterator over an ASCII string.
pub type StrAsciiIter = ByIndex<InAscii>;

/// An iterator over any string.
pub struct StrIter {
    string: Slot,
    /// The byte offset of the next character.
    at: AtomicUsize,
}

// SAFETY: `trace` reports the string.
unsafe impl Payload for StrIter {
    const ID: u32 = ids::STR_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "str_iterator";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.string.trace(tracer);
    }
}

/// `iter(string)`.
pub(super) fn iter(ctx: &mut Ctx, string: &Obj) -> PyResult {
    if string.expect::<PyStr>().is_ascii() {
        return by_index::iter::<InAscii>(ctx, string);
    }
    let (string, at) = (Slot::new(string.clone()), AtomicUsize::new(0));
    payload::new(ctx, StrIter { string, at })
}

fn next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let body = iterator.expect::<StrIter>();
    let Some(string) = body.string.get(ctx, &body.header) else {
        return Ok(None);
    };
    let text = string.expect::<PyStr>().text();
    let at = body.at.load(Relaxed).min(text.byte_len());
    let mut points = text.byte_tail(at).code_points();
    match points.next() {
        Some(point) => {
            let left = points.as_wtf8().byte_len();
            body.at.store(text.byte_len() - left, Relaxed);
            from_point(ctx, point).map(Some)
        }
        None => {
            body.string.set(ctx, &body.header, None);
            Ok(None)
        }
    }
}

fn hint(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<StrIter>();
    let left = match body.string.get(ctx, &body.header) {
        Some(string) => {
            let text = string.expect::<PyStr>().text();
            text.byte_tail(body.at.load(Relaxed)).char_count()
        }
        None => 0,
    };
    int::from_usize(ctx, left)
}

/// The type of iterators over ASCII strings.
pub static STR_ASCII_ITER: TypeDef = StrAsciiIter::TYPE;

fn reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<StrIter>();
    let string = body.string.get(ctx, &body.header);
    let index = string.as_ref().map_or(0, |string| {
        let text = string.expect::<PyStr>().text();
        let left = text.byte_tail(body.at.load(Relaxed)).char_count();
        text.char_count() - left
    });
    state::over(ctx, string, index, state::no_string)
}

fn set_state(ctx: &mut Ctx, iterator: &Obj, place: &Obj) -> PyResult {
    let index = usize::try_from(state::place(ctx, place)?).unwrap_or(0);
    let body = iterator.expect::<StrIter>();
    if let Some(string) = body.string.get(ctx, &body.header) {
        let text = string.expect::<PyStr>().text();
        let mut points = text.code_points();
        points.by_ref().take(index).for_each(drop);
        let left = points.as_wtf8().byte_len();
        body.at.store(text.byte_len() - left, Relaxed);
    }
    Ok(Obj::NONE)
}

/// The type of iterators over other strings.
pub static STR_ITER: TypeDef = TypeDef {
    id: ids::STR_ITER,
    name: "str_iterator",
    base: ids::OBJECT,
    layout: ids::STR_ITER,
    kind: &Body::<StrIter>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        iter: Some(iterator::itself),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[
        method("__length_hint__", Native::M0(hint)),
        method("__reduce__", Native::M0(reduce)),
        method("__setstate__", Native::M1(set_state)),
    ],
    getset: &[],
    doc: "",
};
