//! `-X zeal=N`: at every Nth safepoint the heap is verified, collected unless the program has turned that off, and
//! verified again.
//!
//! A count that is wrong shows where it went wrong, not where an object was freed too early because of it. One bit of
//! every thread's breaker word stays up, so that each safepoint comes here; without the option nothing does.

use super::census::class_name;
use crate::vm::fuel::BIT;
use crate::vm::thread::{py, rt};
use kit_core::backend::collector::Cause;
use kit_core::thread::Ctx;
use kit_gc::cycle::Disagreement;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How zealous the runtime is.
#[derive(Default)]
pub struct Zeal {
    /// Safepoints from one verification to the next; 0 for none.
    every: AtomicU32,
    passed: AtomicU32,
}

impl Zeal {
    /// Verifies at every `every`th safepoint of threads that start from now on.
    pub fn set(&self, every: u32) {
        self.every.store(every, Relaxed);
    }
}

/// A thread starts.
pub fn start(ctx: &Ctx) {
    if rt(ctx).library.gc.zeal.every.load(Relaxed) != 0 {
        ctx.thread().core.breaker.raise(BIT);
    }
}

/// A thread is at a safepoint, and its bit is up.
pub fn safepoint(ctx: &mut Ctx) {
    let zeal = &rt(ctx).library.gc.zeal;
    let every = zeal.every.load(Relaxed);
    // Finalizers and destructors that run here come to safepoints of their own.
    if every == 0
        || !zeal
            .passed
            .fetch_add(1, Relaxed)
            .wrapping_add(1)
            .is_multiple_of(every)
        || std::mem::replace(&mut py(ctx).in_zeal, true)
    {
        return;
    }
    verify(ctx, "before a collection");
    let collector = rt(ctx).kit.collector();
    // A program that has turned collections off may count what they find.
    if collector.trigger().is_enabled() {
        // Another thread's collection will do as well.
        let _ = rt(ctx).kit.collect_for(ctx, Cause::Test);
        verify(ctx, "after a collection");
    }
    py(ctx).in_zeal = false;
}

/// Ends the process when counts and references disagree.
fn verify(ctx: &mut Ctx, when: &str) {
    // Without memory for the tables there is nothing to say.
    if let Ok(audit) = rt(ctx).kit.audit(ctx)
        && let Some(example) = audit.example
    {
        let what = describe(ctx, &example);
        eprintln!(
            "kit-python: zeal: {when}: {what} ({} such of {} objects)",
            audit.missing, audit.examined
        );
        std::process::abort();
    }
}

fn describe(ctx: &Ctx, example: &Disagreement) -> String {
    let Disagreement {
        target,
        holder,
        counted,
        held,
        edge,
        ..
    } = *example;
    // SAFETY: nothing has been freed since the audit that a class would go with; the process is about to end.
    let name = |id| unsafe { class_name(ctx.thread(), id) };
    let by = match holder {
        Some((holder, id)) => format!("reference {edge} of <{} {holder:p}>", name(id)),
        None => format!("reference {edge} of a data stack"),
    };
    match example.target_type.map(name) {
        Some(class) => format!(
            "<{class} {target:p}> has counted {counted} references, and {held} are held; one too many is {by}"
        ),
        None => format!("{by} leads to {target:p}, where no object is"),
    }
}
