//! Scanners: one match after the other.

use super::matched;
use super::matcher::{Extent, Found};
use super::pattern::Pattern;
use super::text::{Text, after};
use crate::error::PyResult;
use crate::object::define::{Native, TypeDef, flag, member, method};
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A scanner.
pub struct Scanner {
    pattern: Obj,
    string: Obj,
    /// Where the first match may start.
    first: usize,
    /// Where the text ends for it; `usize::MAX` for where it ends.
    end: usize,
    /// Where the next match may start, doubled, plus one if it must not be empty; `DONE` when there is none.
    next: AtomicUsize,
}

const DONE: usize = usize::MAX;

// SAFETY: `trace` reports all references.
unsafe impl Payload for Scanner {
    const ID: u32 = ids::SRE_SCANNER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "_sre.SRE_Scanner";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.pattern.word());
        tracer.word(self.string.word());
    }
}

/// A scanner of a part of a string.
pub(super) fn new(
    ctx: &mut Ctx,
    pattern: &Obj,
    string: &Obj,
    start: usize,
    end: usize,
) -> PyResult {
    let scanner = Scanner {
        pattern: pattern.clone(),
        string: string.clone(),
        first: start,
        end,
        next: AtomicUsize::new(start * 2),
    };
    payload::new(ctx, scanner)
}

fn advance(
    ctx: &mut Ctx,
    x: &Obj,
    find: impl FnOnce(&mut Ctx, &Text<'_>, &Pattern, usize, usize, Extent) -> PyResult<Option<Found>>,
) -> PyResult {
    let scanner = x.expect::<Scanner>();
    // Relaxed: threads that share a scanner may get a match twice.
    let next = scanner.next.load(Relaxed);
    if next == DONE {
        return Ok(Obj::NONE);
    }
    let text = Text::of(ctx, &scanner.string)?;
    let pattern = scanner.pattern.expect::<Pattern>();
    let end = scanner.end.min(text.bytes.len());
    let start = (next / 2).min(end);
    let extent = if next % 2 == 1 {
        Extent::Advancing
    } else {
        Extent::Free
    };
    let Some(found) = find(ctx, &text, pattern, start, end, extent)? else {
        scanner.next.store(DONE, Relaxed);
        return Ok(Obj::NONE);
    };
    let (from, to) = (found.marks[0], found.marks[1]);
    let empty = after(from, to) == Extent::Advancing;
    scanner.next.store(to * 2 + usize::from(empty), Relaxed);
    let bounds = (scanner.first, end);
    matched::new(ctx, &scanner.pattern, &scanner.string, bounds, found)
}

fn match_(ctx: &mut Ctx, x: &Obj) -> PyResult {
    advance(ctx, x, |ctx, text, pattern, start, end, extent| {
        text.match_at(ctx, pattern, start, end, extent)
    })
}

fn search(ctx: &mut Ctx, x: &Obj) -> PyResult {
    advance(ctx, x, |ctx, text, pattern, start, end, extent| {
        text.search(ctx, pattern, start, end, extent)
    })
}

/// The type.
pub(super) static SCANNER: TypeDef = TypeDef {
    id: ids::SRE_SCANNER,
    name: "_sre.SRE_Scanner",
    base: ids::OBJECT,
    layout: ids::SRE_SCANNER,
    kind: &Body::<Scanner>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: &[
        method("match", Native::M0(match_)),
        method("search", Native::M0(search)),
    ],
    getset: &[member("pattern", |_, x| {
        Ok(x.expect::<Scanner>().pattern.clone())
    })],
    doc: "",
};
