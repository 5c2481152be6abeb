//! `gc`: the cycle collector, as programs see it.
//!
//! | file | what |
//! |---|---|
//! | `hooks` | what a collection tells the program |
//! | `inspect` | what is on the heap, and who refers to whom |
//! | `census` | all of it at once, for the two below |
//! | `leaks` | references that nobody holds, at exit |
//! | `names` | what objects and references are called |
//! | `snapshot` | as a file that browsers' developer tools open |
//! | `report` | what collections did, as a page with pictures |
//! | `stop_report` | who keeps a stop waiting |
//! | `zeal` | verifying the heap all the time |

pub mod census;
pub mod hooks;
mod inspect;
pub mod leaks;
mod names;
pub mod report;
pub mod snapshot;
pub mod stop_report;
pub mod zeal;

use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, ModuleDef, Native};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::type_::layout_of;
use crate::object::{ids, int, list, protocol, str_, tuple};
use crate::vm::thread::{lot, rt};
use kit_core::backend::collector::Cause;
use kit_core::object::Bits;
use kit_core::sync::seqlock::SeqLock;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

const STATS: i64 = 1;
const COLLECTABLE: i64 = 2;
const UNCOLLECTABLE: i64 = 4;
const SAVEALL: i64 = 32;

/// What the module remembers.
#[derive(Default)]
pub struct State {
    /// For each generation how many collections there were, and how many objects they found, then two counts of
    /// [collections of younger ones](hooks::SINCE): read together,
    /// and often by nobody.
    totals: SeqLock<8>,
    debug: AtomicI64,
    /// As the program has set them; the first is the trigger's.
    thresholds: [AtomicI64; 3],
    /// The list `gc.callbacks`.
    pub callbacks: Root,
    /// The list `gc.garbage`.
    pub garbage: Root,
    /// What `-X gc-report` shows.
    pub report: report::Log,
    /// `-X stop-report`.
    pub stop_report: stop_report::StopReport,
    /// `-X zeal`.
    pub zeal: zeal::Zeal,
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
        oldest = protocol::c_int(ctx, generation)?;
        if !(0..=2).contains(&oldest) {
            return Err(raise!(ctx, ValueError, "invalid generation"));
        }
    }
    // What other threads have handed back since this one last looked dies before the collection, not after it.
    if ctx.poll() {
        return Err(Raised::stored());
    }
    ctx.drain();
    let cause = Cause::Asked(oldest as u32);
    // One that is running, or for which there is no memory, has found nothing for this caller.
    let report = rt(ctx).kit.collect_for(ctx, cause);
    ctx.drain();
    if !cause.is_young() {
        rt(ctx).kit.trim(ctx);
    }
    int::from_usize(ctx, hooks::found_in_cycles(&report.unwrap_or_default()))
}

fn enable(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    rt(ctx).kit.collector().trigger().set_enabled(true);
    Ok(Obj::NONE)
}

fn disable(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    rt(ctx).kit.collector().trigger().set_enabled(false);
    Ok(Obj::NONE)
}

fn isenabled(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let enabled = rt(ctx).kit.collector().trigger().is_enabled();
    Ok(Obj::bool(enabled))
}

fn get_count(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let own = ctx.thread().allocated.get().max(0) as usize;
    let young = rt(ctx).kit.collector().trigger().young() + own;
    let all = rt(ctx).library.gc.totals.read(lot(ctx).platform());
    let counts = [young, all[hooks::SINCE], all[hooks::SINCE + 1]];
    let counts = counts.map(|count| int::from_usize(ctx, count));
    let [young, middle, old] = counts;
    tuple::from_vec(ctx, vec![young?, middle?, old?])
}

fn get_threshold(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let mut all = Vec::new();
    for slot in &rt(ctx).library.gc.thresholds {
        let value = slot.load(Relaxed);
        all.push(int::from_i64(ctx, value)?);
    }
    tuple::from_vec(ctx, all)
}

fn set_threshold(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "set_threshold")?;
    if !(1..=3).contains(&args.pos.len()) {
        return Err(raise!(
            ctx,
            TypeError,
            "gc.set_threshold requires 1 to 3 arguments"
        ));
    }
    let mut values = Vec::new();
    for value in args.pos {
        let value = protocol::index(ctx, value)?;
        let Some(value) = int::to_i64(&value) else {
            return Err(raise!(
                ctx,
                OverflowError,
                "Python int too large to convert to C long"
            ));
        };
        let side = match value {
            _ if value > i64::from(i32::MAX) => "greater than maximum",
            _ if value < i64::from(i32::MIN) => "less than minimum",
            _ => {
                values.push(value);
                continue;
            }
        };
        return Err(raise!(ctx, OverflowError, "signed integer is {side}"));
    }
    let trigger = rt(ctx).kit.collector().trigger();
    trigger.set_threshold(values[0].max(0) as usize);
    for (slot, value) in rt(ctx).library.gc.thresholds.iter().zip(values) {
        slot.store(value, Relaxed);
    }
    Ok(Obj::NONE)
}

fn is_tracked(_: &mut Ctx, value: &Obj) -> PyResult {
    let tracked = value.header().is_some_and(|header| {
        // Descriptors refer to nothing, and programs expect that they could.
        header.bits().contains(Bits::TRACKED)
            || matches!(
                layout_of(header.type_id()),
                ids::METHOD_DESCRIPTOR
                    | ids::CLASSMETHOD_DESCRIPTOR
                    | ids::SLOT_WRAPPER
                    | ids::GETSET
                    | ids::MEMBER
            )
    });
    Ok(Obj::bool(tracked))
}

fn is_finalized(_: &mut Ctx, value: &Obj) -> PyResult {
    let finalized = value
        .header()
        .is_some_and(|header| header.bits().contains(Bits::FINALIZED));
    Ok(Obj::bool(finalized))
}

fn get_stats(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let all = rt(ctx).library.gc.totals.read(lot(ctx).platform());
    let mut generations = Vec::new();
    for generation in 0..3 {
        let entry = dict::new(ctx)?;
        let values = [
            ("collections", all[generation * 2]),
            ("collected", all[generation * 2 + 1]),
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

fn get_debug(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let debug = rt(ctx).library.gc.debug.load(Relaxed);
    int::from_i64(ctx, debug)
}

fn set_debug(ctx: &mut Ctx, flags: &Obj) -> PyResult {
    let flags = protocol::c_int(ctx, flags)?;
    rt(ctx).library.gc.debug.store(i64::from(flags), Relaxed);
    Ok(Obj::NONE)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for name in ["garbage", "callbacks"] {
        let list = list::from_vec(ctx, Vec::new())?;
        let state = &rt(ctx).library.gc;
        let root = match name {
            "callbacks" => &state.callbacks,
            _ => &state.garbage,
        };
        // One that is there already is that of the module made first.
        let _ = root.set(list.clone());
        support::add(ctx, module, name, list)?;
    }
    let flags = [
        ("DEBUG_STATS", STATS),
        ("DEBUG_COLLECTABLE", COLLECTABLE),
        ("DEBUG_UNCOLLECTABLE", UNCOLLECTABLE),
        ("DEBUG_SAVEALL", SAVEALL),
        ("DEBUG_LEAK", COLLECTABLE | UNCOLLECTABLE | SAVEALL),
    ];
    for (name, value) in flags {
        support::add(ctx, module, name, Obj::small_int(value))?;
    }
    let first = rt(ctx).kit.collector().trigger().threshold() as i64;
    for (slot, value) in rt(ctx).library.gc.thresholds.iter().zip([first, 10, 10]) {
        slot.store(value, Relaxed);
    }
    Ok(())
}

const fn function(name: &'static str, native: Native, doc: &'static str) -> Method {
    Method { name, native, doc }
}

/// `gc`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "gc",
    functions: &[
        function(
            "collect",
            Native::F(collect),
            "collect($module, /, generation=2)\n--\n\nCollects now, of generation 0 what is new, else everything, and returns how many objects were garbage.",
        ),
        function(
            "enable",
            Native::FN(0, 0, enable),
            "enable($module, /)\n--\n\nLets collections come by themselves.",
        ),
        function(
            "disable",
            Native::FN(0, 0, disable),
            "disable($module, /)\n--\n\nKeeps collections from coming by themselves.",
        ),
        function(
            "isenabled",
            Native::FN(0, 0, isenabled),
            "isenabled($module, /)\n--\n\nWhether collections come by themselves.",
        ),
        function(
            "get_count",
            Native::FN(0, 0, get_count),
            "get_count($module, /)\n--\n\nNew objects since the last collection, about; for the older generations, collections of the younger one since.",
        ),
        function(
            "get_threshold",
            Native::FN(0, 0, get_threshold),
            "get_threshold($module, /)\n--\n\nHow many new objects make a collection due, and two numbers that nothing depends on.",
        ),
        function(
            "set_threshold",
            Native::F(set_threshold),
            "set_threshold(threshold0, [threshold1, [threshold2]])\n\nSets how many new objects make a collection due; 0 keeps them from coming by themselves.",
        ),
        function(
            "is_tracked",
            Native::F1(is_tracked),
            "is_tracked($module, obj, /)\n--\n\nWhether the collector looks at the object.",
        ),
        function(
            "is_finalized",
            Native::F1(is_finalized),
            "is_finalized($module, obj, /)\n--\n\nWhether the finalizer of the object has run.",
        ),
        function(
            "get_stats",
            Native::FN(0, 0, get_stats),
            "get_stats($module, /)\n--\n\nFor each generation how many collections there were, and what they found.",
        ),
        function(
            "get_debug",
            Native::FN(0, 0, get_debug),
            "get_debug($module, /)\n--\n\nThe debug flags.",
        ),
        function(
            "set_debug",
            Native::F1(set_debug),
            "set_debug($module, flags, /)\n--\n\nSets the debug flags: what collections say, and whether they keep what they find.",
        ),
        function(
            "get_objects",
            Native::F(inspect::get_objects),
            "get_objects($module, /, generation=None)\n--\n\nAll objects that the collector looks at, but for those set aside.",
        ),
        function(
            "get_referrers",
            Native::F(inspect::get_referrers),
            "get_referrers($module, /, *objs)\n--\n\nThe objects that refer to one of these.",
        ),
        function(
            "get_referents",
            Native::F(inspect::get_referents),
            "get_referents($module, /, *objs)\n--\n\nWhat these objects refer to.",
        ),
        function(
            "freeze",
            Native::FN(0, 0, inspect::freeze),
            "freeze($module, /)\n--\n\nSets all objects there are aside: collections take them for alive.",
        ),
        function(
            "unfreeze",
            Native::FN(0, 0, inspect::unfreeze),
            "unfreeze($module, /)\n--\n\nTakes back what freeze() has set aside.",
        ),
        function(
            "get_freeze_count",
            Native::FN(0, 0, inspect::get_freeze_count),
            "get_freeze_count($module, /)\n--\n\nHow many objects are set aside.",
        ),
    ],
    types: &[],
    populate,
    doc: "The collector of objects that only each other keep alive.",
};
