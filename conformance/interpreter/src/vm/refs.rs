//! Builds with `debug-refs`: what is wrong with a reference in a register is printed, and fails the program.
//!
//! `KIT_REFS=1` in the environment has the totals of the main thread printed at the end as well.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::refcount::stack_ref::checked::{self, Fault, Report};
use kit_core::thread::Ctx;

/// The exit status of a program whose references were not in order.
pub const FAULTY: i32 = 70;

static FAULTS: AtomicUsize = AtomicUsize::new(0);

/// Has faults printed from now on.
pub fn watch() {
    checked::set_hook(tell);
}

fn tell(report: &Report) {
    // Relaxed: a number, read when the thread that counted it is gone or is the reader.
    FAULTS.fetch_add(1, Relaxed);
    eprintln!("kit-python: {report}");
    if matches!(report.fault, Fault::DoubleClose | Fault::UseAfterClose) {
        // Whatever would be read now is not the value.
        std::process::abort();
    }
}

/// The exit status of a program that ends with `status`: the main thread has left its last frame.
pub fn finish(ctx: &mut Ctx, status: i32) -> i32 {
    ctx.drain();
    let refs = &ctx.thread().refs;
    let open = refs.report_leaks();
    if std::env::var_os("KIT_REFS").is_some() {
        eprintln!(
            "references in registers: {} made, {open} leaked",
            refs.made()
        );
    }
    if FAULTS.load(Relaxed) == 0 {
        status
    } else {
        FAULTY
    }
}
