//! The interpreter's part in a cycle collection.

use super::thread::{PyRuntime, current_runtime, py, rt};
#[cfg(feature = "std")]
use crate::module::gc::hooks;
use crate::object::exception;
use crate::object::obj::Obj;
use crate::object::type_::type_of;
use core::sync::atomic::Ordering::Relaxed;
#[cfg(feature = "std")]
use kit_core::backend::collector::Collected;
use kit_core::backend::collector::{Cause, CycleHost, WeakPhase};
use kit_core::object::{Header, Word};
use kit_core::thread::Ctx;

/// What the collector is told of Python.
///
/// Nothing but objects and data stacks holds references without a count: a class is not counted by its
/// instances, which report it; inline caches and lookup caches are guarded by versions that a class
/// which is gone never had again.
pub struct PythonCycles;

/// The one there is.
pub static HOST: PythonCycles = PythonCycles;

/// Calls `visit` with what the interpreter itself refers to, for as long as it runs. Counts nothing.
pub fn for_each_root(runtime: &PyRuntime, visit: &mut dyn FnMut(Word)) {
    let own = [&runtime.builtins, &runtime.modules, &runtime.memory_error];
    let library = &runtime.library;
    let natives = library.natives.roots();
    for root in own.into_iter().chain(library.roots()).chain(natives) {
        if let Some(value) = root.get() {
            visit(value.word());
        }
    }
}

// SAFETY: roots are fields of the running runtime; weak references are all in its table.
unsafe impl CycleHost for PythonCycles {
    fn alive(&self, visit: &mut dyn FnMut(Word)) {
        // The world is stopped by a thread of this interpreter, the one that is running.
        if let Some(runtime) = current_runtime() {
            for_each_root(runtime, visit);
        }
    }

    fn begin(&self, ctx: &mut Ctx, cause: Cause) {
        rt(ctx).finalizes.store(false, Relaxed);
        #[cfg(not(feature = "std"))]
        let _ = cause;
        #[cfg(feature = "std")]
        hooks::begin(ctx, cause);
    }

    #[cfg(feature = "std")]
    fn end(&self, ctx: &mut Ctx, cause: Cause, report: &Collected) {
        hooks::end(ctx, cause, report);
    }

    #[cfg(feature = "std")]
    fn inspects_garbage(&self) -> bool {
        current_runtime().is_some_and(|runtime| hooks::inspects_garbage(&runtime.library.gc))
    }

    #[cfg(feature = "std")]
    fn found(&self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        hooks::found(ctx, garbage);
    }

    #[cfg(feature = "std")]
    fn keeps_garbage(&self) -> bool {
        current_runtime().is_some_and(|runtime| hooks::keeps_garbage(&runtime.library.gc))
    }

    #[cfg(feature = "std")]
    fn keep(&self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        hooks::keep(ctx, garbage);
    }

    unsafe fn clear_weak(
        &self,
        object: *mut Header,
        _: WeakPhase,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        // The world is stopped by a thread of this interpreter, the one that is running.
        let Some(runtime) = current_runtime() else {
            return false;
        };
        // Nobody is told of references that finalizers have made.
        let finalized = runtime.finalizes.load(Relaxed);
        let untold = |object| finalized || garbage(object);
        // SAFETY: the collector keeps the object, with the world stopped.
        unsafe { runtime.library.weak.clear_garbage(object, &untold) }
    }

    fn run_callbacks(&self, ctx: &mut Ctx) {
        rt(ctx).library.weak.run_pending(ctx);
    }

    unsafe fn finalize(&self, ctx: &mut Ctx, object: *mut Header) {
        // SAFETY: the collector keeps the object while its finalizer runs.
        let object = unsafe { Obj::copy_word(Word::object(object)) };
        let Some(finalize) = type_of(ctx, &object).slots(ctx).finalize else {
            return;
        };
        rt(ctx).finalizes.store(true, Relaxed);
        // A finalizer neither sees nor disturbs an exception on its way.
        let raised = py(ctx).raised.take();
        if let Err(error) = finalize(ctx, &object) {
            exception::report_unraisable(ctx, error, &object);
        }
        py(ctx).raised = raised;
    }
}
