//! What event loops want to hear of: async generators that begin, or die before their end; where coroutines were made.

use crate::error::{PyResult, raise};
use crate::module::struct_class::{self, Kind};
use crate::object::args::Args;
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_::PyStr;
use crate::vm::thread::py;
use kit_core::thread::Ctx;

/// What `sys.get_asyncgen_hooks()` returns.
pub(crate) static HOOKS: Kind = Kind {
    module: "builtins",
    name: "asyncgen_hooks",
    fields: &["firstiter", "finalizer"],
    hidden: &[],
    place: |natives| &natives.asyncgen_hooks,
};

/// `sys.get_asyncgen_hooks()`.
pub(super) fn get_asyncgen_hooks(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let thread = py(ctx);
    let hooks = [&thread.first_iteration, &thread.finalizer];
    let hooks = hooks.map(|hook| hook.clone().unwrap_or(Obj::NONE)).to_vec();
    struct_class::make(ctx, &HOOKS, hooks, Vec::new())
}

/// `sys.set_asyncgen_hooks(firstiter, finalizer)`: of the calling thread.
pub(super) fn set_asyncgen_hooks(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let given = args.pos.len() + args.names.len();
    if given > 2 {
        return Err(raise!(
            ctx,
            TypeError,
            "function takes at most 2 arguments ({given} given)"
        ));
    }
    let mut hooks = [args.pos.first(), args.pos.get(1)];
    for (name, value) in args.names.iter().zip(args.values) {
        let name = name.expect::<PyStr>().as_str_lossy();
        match HOOKS.fields.iter().position(|field| *field == name) {
            Some(index) if hooks[index].is_none() => hooks[index] = Some(value),
            Some(index) => {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "argument for function given by name ('{name}') and position ({})",
                    index + 1
                ));
            }
            None => {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "this function got an unexpected keyword argument '{name}'"
                ));
            }
        }
    }
    for (hook, name) in hooks.iter().zip(HOOKS.fields) {
        if let Some(hook) = hook
            && !hook.is_none()
            && !protocol::is_callable(ctx, hook)
        {
            let class = protocol::type_name(ctx, hook);
            return Err(raise!(
                ctx,
                TypeError,
                "callable {name} expected, got {class}"
            ));
        }
    }
    let [first, finalizer] = hooks;
    let hook = |hook: &Obj| (!hook.is_none()).then(|| hook.clone());
    if let Some(finalizer) = finalizer {
        super::audit::event(ctx, "sys.set_asyncgen_hook_finalizer", |_| Ok(Vec::new()))?;
        py(ctx).finalizer = hook(finalizer);
    }
    if let Some(first) = first {
        super::audit::event(ctx, "sys.set_asyncgen_hook_firstiter", |_| Ok(Vec::new()))?;
        py(ctx).first_iteration = hook(first);
    }
    Ok(Obj::NONE)
}

/// `sys.get_coroutine_origin_tracking_depth()`.
pub(super) fn get_origin_depth(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    Ok(Obj::small_int(py(ctx).origin_depth.into()))
}

/// `sys.set_coroutine_origin_tracking_depth(depth)`: of the calling thread.
pub(super) fn set_origin_depth(ctx: &mut Ctx, depth: &Obj) -> PyResult {
    let depth = protocol::index_i64(ctx, depth, None)?;
    let Ok(depth) = u64::try_from(depth) else {
        return Err(raise!(ctx, ValueError, "depth must be >= 0"));
    };
    py(ctx).origin_depth = u32::try_from(depth).unwrap_or(u32::MAX);
    Ok(Obj::NONE)
}
