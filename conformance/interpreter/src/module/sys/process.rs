//! What CPython's `sys` says of its own machinery, as far as there is the like of it here.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::{float, int, protocol};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// `sys.getallocatedblocks()`: objects and buffers on the heap.
pub(super) fn allocated_blocks(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let statistics = rt(ctx).kit.heap_statistics(ctx);
    let kinds = [HeapKind::Plain, HeapKind::Collected];
    let blocks = kinds.map(|kind| statistics.kind(kind).blocks);
    int::from_usize(ctx, blocks.iter().sum())
}

/// `sys.getunicodeinternedsize(*, _only_immortal=False)`.
pub(super) fn interned_size(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    let size = rt(ctx).interned.count(ctx);
    int::from_usize(ctx, size)
}

/// The bits of a number of seconds.
static SWITCH_INTERVAL: AtomicU64 = AtomicU64::new(0x3f74_7ae1_47ae_147b);

/// `sys.getswitchinterval()`: a number that is kept. Threads do not wait for each other's turn to end.
pub(super) fn switch_interval(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    float::new(ctx, f64::from_bits(SWITCH_INTERVAL.load(Relaxed)))
}

/// `sys.setswitchinterval(seconds)`.
pub(super) fn set_switch_interval(ctx: &mut Ctx, seconds: &Obj) -> PyResult {
    let number = match float::to_f64(seconds) {
        Some(number) => number,
        None => protocol::index_i64(ctx, seconds, None)? as f64,
    };
    if number.is_nan() || number <= 0.0 {
        let message = "switch interval must be strictly positive";
        return Err(raise!(ctx, ValueError, "{message}"));
    }
    SWITCH_INTERVAL.store(number.to_bits(), Relaxed);
    Ok(Obj::NONE)
}

static DLOPEN_FLAGS: AtomicI64 = AtomicI64::new(libc::RTLD_NOW as i64);

/// `sys.getdlopenflags()`: a number that is kept; nothing is loaded by it.
pub(super) fn get_dlopen_flags(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    int::from_i64(ctx, DLOPEN_FLAGS.load(Relaxed))
}

/// `sys.setdlopenflags(flags)`.
pub(super) fn set_dlopen_flags(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let flags = protocol::index_i64(ctx, &args[0], None)?;
    DLOPEN_FLAGS.store(flags, Relaxed);
    Ok(Obj::NONE)
}

/// `sys.call_tracing(function, args)`.
pub(super) fn call_tracing(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let Some(given) = args[1].downcast::<PyTuple>() else {
        let class = crate::object::str_::argument_type(ctx, &args[1]);
        return Err(raise!(
            ctx,
            TypeError,
            "call_tracing() argument 2 must be tuple, not {class}"
        ));
    };
    protocol::call(ctx, &args[0], given.items())
}

/// What needs machinery that is not there.
pub(super) fn no_trampoline(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    let message = "perf trampoline not available";
    Err(raise!(ctx, ValueError, "{message}"))
}

/// `sys.remote_exec(pid, script)`.
pub(super) fn remote_exec(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    let message = "Remote debugging is not enabled";
    Err(raise!(ctx, RuntimeError, "{message}"))
}

/// `sys._debugmallocstats()`.
pub(super) fn debug_malloc_stats(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let statistics = rt(ctx).kit.heap_statistics(ctx);
    super::write_stderr(ctx, &statistics.to_string());
    Ok(Obj::NONE)
}

/// `sys._get_cpu_count_config()`: the number of processors that was set by hand; −1 for none.
pub(super) fn cpu_count(ctx: &mut Ctx, _: Args<'_>) -> PyResult {
    let count = rt(ctx).library.settings.cpu_count.load(Relaxed);
    int::from_i64(ctx, if count == 0 { -1 } else { count })
}
