//! The end of an interpreter: modules first, so that finalizers run as they do at CPython's exit; then,
//! in a build that counts (`stats`), everything else.
//!
//! A program ends when its other threads have: those that it does not wait for are shut out. Modules
//! leave `sys.modules` and are collected while the names in them still mean what they did; those that
//! something holds on to are emptied, the last one first. `sys` and `builtins` go last, so that
//! finalizers can print.
//!
//! An ordinary process then ends with whatever is left. What is left without a reason is a leak, so the build
//! that counts goes on: the interpreter's own references, classes, and at last the namespaces of the
//! built-in types, which are immortal themselves. Then no mortal object is alive.

use super::thread::rt;
use crate::object::dict::PyDict;
use crate::object::module::namespace;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{ids, str_, weakref};
use crate::prelude::*;
#[cfg(feature = "std")]
use core::sync::atomic::Ordering::Relaxed;
use kit_core::backend::collector::Cause;
use kit_core::thread::Ctx;

/// Variables of `sys` that refer to what the program has made.
const OF_THE_PROGRAM: [&str; 10] = [
    "path",
    "argv",
    "ps1",
    "ps2",
    "last_exc",
    "last_type",
    "last_value",
    "last_traceback",
    "path_importer_cache",
    "meta_path",
];

/// Streams that the program may have replaced, and where the interpreter keeps its own.
const STREAMS: [(&str, &str); 3] = [
    ("stdin", "__stdin__"),
    ("stdout", "__stdout__"),
    ("stderr", "__stderr__"),
];

/// Keeps every other thread from coming back.
#[cfg(feature = "std")]
pub fn shut_out_others(ctx: &Ctx) {
    let kit = rt(ctx).kit;
    // Relaxed: the thread that asks has set it itself.
    let finalizing = &rt(ctx).library.threads.finalizing;
    finalizing.store(true, Relaxed);
    if kit.thread_count() > 1 {
        kit.stop_others(ctx).shut_out_others();
        rt(ctx).library.turns.shut_out_others();
    }
}

fn collect(ctx: &mut Ctx) {
    // Without memory for the collector the rest stays, and the process ends all the same.
    let _ = rt(ctx).kit.collect_for(ctx, Cause::Shutdown);
    ctx.drain();
}

/// Takes the modules down. Language code runs.
pub fn modules(ctx: &mut Ctx) {
    let Some(table) = rt(ctx).modules.get() else {
        return;
    };
    let table = table.expect::<PyDict>();
    let last = ["sys", "builtins"].map(|name| {
        let name = str_::intern(ctx, name);
        let module = table.get_name(ctx, &name);
        (name, module)
    });
    if let Some(sys) = last[0].1.as_ref().and_then(|sys| namespace(ctx, sys)) {
        forget_the_program(ctx, &sys);
    }
    // What is still there after the collection can be reached some other way.
    let mut watched = Vec::new();
    for module in table.values(ctx) {
        let is_last =
            |(_, other): &(Obj, Option<Obj>)| other.as_ref().is_some_and(|other| other.is(&module));
        if !last.iter().any(is_last)
            && let Ok(reference) = weakref::create(ctx, ids::WEAKREF, &module, None)
        {
            watched.push(reference);
        }
    }
    table.clear_all(ctx);
    for (name, module) in &last {
        if let Some(module) = module {
            // Without memory the module goes with the others.
            let _ = table.set_name(ctx, name, module.clone());
        }
    }
    collect(ctx);
    for reference in watched.iter().rev() {
        if let Some(module) = weakref::upgrade(ctx, reference) {
            empty(ctx, &module);
        }
    }
    drop(watched);
    collect(ctx);
    for module in last.iter().filter_map(|(_, module)| module.as_ref()) {
        empty(ctx, module);
    }
    table.clear_all(ctx);
    drop(last);
    // Tools are told until there is nothing left to tell of.
    rt(ctx).library.monitor.forget();
    collect(ctx);
}

/// Gives `sys` back what it was made with.
fn forget_the_program(ctx: &mut Ctx, sys: &Obj) {
    let sys = sys.expect::<PyDict>();
    for name in OF_THE_PROGRAM {
        let name = str_::intern(ctx, name);
        if sys.get_name(ctx, &name).is_some() {
            let _ = sys.set_name(ctx, &name, Obj::NONE);
        }
    }
    for (name, own) in STREAMS {
        let own = str_::intern(ctx, own);
        if let Some(stream) = sys.get_name(ctx, &own) {
            let name = str_::intern(ctx, name);
            let _ = sys.set_name(ctx, &name, stream);
        }
    }
    ctx.drain();
}

/// Sets the names in a module to None: first those with one underscore, then the others.
fn empty(ctx: &mut Ctx, module: &Obj) {
    let Some(space) = namespace(ctx, module) else {
        return;
    };
    let space = space.expect::<PyDict>();
    for private in [true, false] {
        for name in space.keys(ctx) {
            let Some(text) = name.downcast::<PyStr>() else {
                continue;
            };
            let text = text.bytes();
            let underscore = text.starts_with(b"_") && !text.starts_with(b"__");
            if underscore == private && !name.is(&names(ctx).builtins) {
                let _ = space.set(ctx, &name, Obj::NONE);
                ctx.drain();
            }
        }
    }
}

/// Takes down what [`modules`] has left.
#[cfg(feature = "stats")]
pub fn everything(ctx: &mut Ctx) {
    use super::thread::py;
    use crate::object::type_::{PyType, type_object};

    let runtime = rt(ctx);
    // The collector runs callbacks through the program's list.
    let roots = runtime.library.roots();
    let roots = roots
        .into_iter()
        .chain(runtime.library.natives.roots())
        .chain([&runtime.builtins, &runtime.modules, &runtime.memory_error]);
    for root in roots {
        // SAFETY: no other thread comes back, and no function that was lent the value is running.
        drop(unsafe { root.take() });
    }
    // SAFETY: this thread's own state.
    py(ctx).forget();
    // A collection may find what finalizers and callbacks of the one before have let go of.
    while rt(ctx)
        .kit
        .collect_for(ctx, Cause::Shutdown)
        .is_ok_and(|found| found.unreachable > found.resurrected)
    {
        ctx.drain();
    }
    let built_in: Vec<Obj> = (0..ids::tailed::END)
        .filter(|&id| {
            // SAFETY: ids below this were defined when the runtime started.
            !unsafe { ctx.type_entry(id) }.object().is_null()
        })
        .map(|id| type_object(ctx, id))
        .collect();
    for class in &built_in {
        let class = class.expect::<PyType>();
        class.dict.expect::<PyDict>().clear_all(ctx);
    }
    collect(ctx);
    for class in &built_in {
        let class = class.expect::<PyType>();
        for slot in [&class.base, &class.bases, &class.mro] {
            slot.set(ctx, &class.header, None);
        }
        // SAFETY: the class is immortal, so nothing drops the field; and nobody looks a name up any more.
        drop(unsafe { core::ptr::read(&raw const class.dict) });
    }
    ctx.drain();
}

/// Says what is left: references, and the objects that are not immortal.
#[cfg(feature = "stats")]
pub fn show(runtime: &super::thread::PyRuntime) {
    let references = runtime.kit.references();
    let blocks = runtime.kit.mortal_objects();
    eprintln!("[{references} refs, {blocks} blocks]");
}
