//! `gc`: the cycle collector, as programs see it.

mod inspect;

use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::{exception, int, list, protocol, str_, tuple};
use crate::vm::thread::{lot, rt};
use kit_core::backend::collector::Collector;
use kit_core::object::Bits;
use kit_core::sync::seqlock::SeqLock;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// What the module remembers.
#[derive(Default)]
pub struct State {
    /// How many collections there were, and how many objects they found: read together, and often by
    /// nobody.
    totals: SeqLock<2>,
    debug: AtomicI64,
    thresholds: [AtomicI64; 2],
    /// The list `gc.callbacks`.
    pub callbacks: Root,
}

static COLLECT: Signature = Signature {
    name: "collect",
    params: &["generation"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn collect(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [generation] = args.bind(ctx, &COLLECT)?;
    let mut oldest = 2;
    if let Some(generation) = generation {
        oldest = protocol::index_i64(ctx, generation, None)?;
        if !(0..=2).contains(&oldest) {
            return Err(raise!(ctx, ValueError, "invalid generation"));
        }
    }
    // What other threads have handed back since this one last looked dies before the collection, not after it.
    if ctx.poll() {
        return Err(Raised::stored());
    }
    ctx.drain();
    call_back(ctx, "start", oldest, 0)?;
    let report = rt(ctx).kit.collector().collect(ctx).unwrap_or_default();
    ctx.drain();
    rt(ctx).kit.trim(ctx);
    let found = report.unreachable - report.resurrected.min(report.unreachable);
    rt(ctx)
        .library
        .gc
        .totals
        .write(lot(ctx).platform(), |[collections, collected]| {
            *collections += 1;
            *collected += found;
        });
    call_back(ctx, "stop", oldest, found)?;
    int::from_usize(ctx, found)
}

/// Tells the functions in `gc.callbacks` that a collection starts or stops.
fn call_back(ctx: &mut Ctx, phase: &str, generation: i64, collected: usize) -> PyResult<()> {
    let Some(callbacks) = rt(ctx).library.gc.callbacks.get() else {
        return Ok(());
    };
    let callbacks = callbacks.expect::<PyList>().to_vec(ctx);
    if callbacks.is_empty() {
        return Ok(());
    }
    let phase = str_::new(ctx, phase)?;
    let info = dict::new(ctx)?;
    let collected = int::from_usize(ctx, collected)?;
    let values = [
        ("generation", Obj::small_int(generation)),
        ("collected", collected),
        ("uncollectable", Obj::small_int(0)),
    ];
    for (name, value) in values {
        let name = str_::intern(ctx, name);
        info.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    for callback in callbacks {
        if let Err(raised) = protocol::call(ctx, &callback, &[phase.clone(), info.clone()]) {
            exception::report_unraisable(ctx, raised, &callback);
        }
    }
    Ok(())
}

fn enable(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.enable", 0, 0)?;
    rt(ctx).kit.collector().trigger().set_enabled(true);
    Ok(Obj::NONE)
}

fn disable(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.disable", 0, 0)?;
    rt(ctx).kit.collector().trigger().set_enabled(false);
    Ok(Obj::NONE)
}

fn isenabled(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.isenabled", 0, 0)?;
    let enabled = rt(ctx).kit.collector().trigger().is_enabled();
    Ok(Obj::bool(enabled))
}

fn get_count(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.get_count", 0, 0)?;
    let own = ctx.thread().allocated.get().max(0) as usize;
    let young = rt(ctx).kit.collector().trigger().young() + own;
    let young = int::from_usize(ctx, young)?;
    tuple::from_vec(ctx, vec![young, Obj::small_int(0), Obj::small_int(0)])
}

fn get_threshold(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.get_threshold", 0, 0)?;
    let first = rt(ctx).kit.collector().trigger().threshold();
    let first = int::from_usize(ctx, first)?;
    let rest = &rt(ctx).library.gc.thresholds;
    let second = int::from_i64(ctx, rest[0].load(Relaxed))?;
    let third = int::from_i64(ctx, rest[1].load(Relaxed))?;
    tuple::from_vec(ctx, vec![first, second, third])
}

fn set_threshold(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.set_threshold", 1, 3)?;
    let first = protocol::index_i64(ctx, &args.pos[0], None)?;
    let trigger = rt(ctx).kit.collector().trigger();
    trigger.set_threshold(first.max(0) as usize);
    let rest = &rt(ctx).library.gc.thresholds;
    for (slot, value) in rest.iter().zip(&args.pos[1..]) {
        let value = protocol::index_i64(ctx, value, None)?;
        slot.store(value, Relaxed);
    }
    Ok(Obj::NONE)
}

fn is_tracked(_: &mut Ctx, value: &Obj) -> PyResult {
    let tracked = value
        .header()
        .is_some_and(|header| header.bits().contains(Bits::TRACKED));
    Ok(Obj::bool(tracked))
}

fn is_finalized(_: &mut Ctx, value: &Obj) -> PyResult {
    let finalized = value
        .header()
        .is_some_and(|header| header.bits().contains(Bits::FINALIZED));
    Ok(Obj::bool(finalized))
}

fn get_stats(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.get_stats", 0, 0)?;
    let all = rt(ctx).library.gc.totals.read(lot(ctx).platform());
    let mut generations = Vec::new();
    for generation in 0..3 {
        let entry = dict::new(ctx)?;
        let numbers = if generation == 2 { all } else { [0, 0] };
        let values = [
            ("collections", numbers[0]),
            ("collected", numbers[1]),
            ("uncollectable", 0),
        ];
        for (name, value) in values {
            let name = str_::intern(ctx, name);
            let value = int::from_usize(ctx, value)?;
            entry.expect::<PyDict>().set_name(ctx, &name, value)?;
        }
        generations.push(entry);
    }
    list::from_vec(ctx, generations)
}

fn get_debug(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "gc.get_debug", 0, 0)?;
    let debug = rt(ctx).library.gc.debug.load(Relaxed);
    int::from_i64(ctx, debug)
}

fn set_debug(ctx: &mut Ctx, flags: &Obj) -> PyResult {
    let flags = protocol::index_i64(ctx, flags, None)?;
    rt(ctx).library.gc.debug.store(flags, Relaxed);
    Ok(Obj::NONE)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for name in ["garbage", "callbacks"] {
        let list = list::from_vec(ctx, Vec::new())?;
        if name == "callbacks" {
            let _ = rt(ctx).library.gc.callbacks.set(list.clone());
        }
        support::add(ctx, module, name, list)?;
    }
    let flags = [
        ("DEBUG_STATS", 1),
        ("DEBUG_COLLECTABLE", 2),
        ("DEBUG_UNCOLLECTABLE", 4),
        ("DEBUG_SAVEALL", 32),
        ("DEBUG_LEAK", 38),
    ];
    for (name, value) in flags {
        support::add(ctx, module, name, Obj::small_int(value))?;
    }
    rt(ctx).library.gc.thresholds[0].store(10, Relaxed);
    Ok(())
}

/// `gc`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "gc",
    functions: &[
        method("collect", Native::F(collect)),
        method("enable", Native::F(enable)),
        method("disable", Native::F(disable)),
        method("isenabled", Native::F(isenabled)),
        method("get_count", Native::F(get_count)),
        method("get_threshold", Native::F(get_threshold)),
        method("set_threshold", Native::F(set_threshold)),
        method("is_tracked", Native::F1(is_tracked)),
        method("is_finalized", Native::F1(is_finalized)),
        method("get_stats", Native::F(get_stats)),
        method("get_debug", Native::F(get_debug)),
        method("set_debug", Native::F1(set_debug)),
        method("get_objects", Native::F(inspect::get_objects)),
        method("get_referrers", Native::F(inspect::get_referrers)),
        method("get_referents", Native::F(inspect::get_referents)),
        method("freeze", Native::F(inspect::freeze)),
        method("unfreeze", Native::F(inspect::unfreeze)),
        method("get_freeze_count", Native::F(inspect::get_freeze_count)),
    ],
    types: &[],
    populate,
    doc: "The collector of objects that only each other keep alive.",
};
