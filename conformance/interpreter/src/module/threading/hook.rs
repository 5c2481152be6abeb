//! `threading.excepthook`: what becomes of an exception that ends a thread.

use super::thread::{is_exit, name_of};
use crate::error::{PyResult, Raised, raise};
use crate::object::define::{TypeDef, getter};
use crate::object::exception::{self, PyException};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_of;
use crate::object::{ids, protocol};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The argument of the hook: class, exception, traceback, thread.
pub struct PyHookArgs([Obj; 4]);

// SAFETY: `trace` reports the values.
unsafe impl Payload for PyHookArgs {
    const ID: u32 = ids::EXCEPT_HOOK_ARGS;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "ExceptHookArgs";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in &self.0 {
            tracer.word(value.word());
        }
    }
}

fn args_new(ctx: &mut Ctx, _: &Obj, args: crate::object::args::Args<'_>) -> PyResult {
    args.check(ctx, "ExceptHookArgs", 1, 1)?;
    let values = protocol::collect(ctx, &args.pos[0])?;
    match <[Obj; 4]>::try_from(values) {
        Ok(values) => payload::new(ctx, PyHookArgs(values)),
        Err(values) => Err(raise!(
            ctx,
            TypeError,
            "_thread._ExceptHookArgs() takes a 4-sequence ({}-sequence given)",
            values.len()
        )),
    }
}

fn part(this: &Obj, index: usize) -> PyResult {
    Ok(this.expect::<PyHookArgs>().0[index].clone())
}

/// `threading.ExceptHookArgs`.
pub static EXCEPT_HOOK_ARGS: TypeDef = TypeDef {
    id: ids::EXCEPT_HOOK_ARGS,
    name: "_thread._ExceptHookArgs",
    base: ids::OBJECT,
    layout: ids::EXCEPT_HOOK_ARGS,
    kind: &Body::<PyHookArgs>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(args_new),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[
        getter("exc_type", |_, this| part(this, 0)),
        getter("exc_value", |_, this| part(this, 1)),
        getter("exc_traceback", |_, this| part(this, 2)),
        getter("thread", |_, this| part(this, 3)),
    ],
    doc: "What threading.excepthook is told.",
};

/// `threading.excepthook(args)`.
pub fn excepthook(ctx: &mut Ctx, args: &Obj) -> PyResult {
    let given = match args.downcast::<PyHookArgs>() {
        Some(args) => args.0.clone(),
        None => {
            let values = args.downcast::<PyTuple>().map(|args| args.items().to_vec());
            match values.map(<[Obj; 4]>::try_from) {
                Some(Ok(values)) => values,
                _ => {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "_thread.excepthook argument type must be ExceptHookArgs"
                    ));
                }
            }
        }
    };
    let [_, exception, _, thread] = &given;
    if !is_exit(ctx, exception) {
        print(ctx, exception, Some(thread));
    }
    Ok(Obj::NONE)
}

fn print(ctx: &mut Ctx, exception: &Obj, thread: Option<&Obj>) {
    let name = match thread {
        Some(thread) if thread.downcast::<super::thread::PyThreadObject>().is_some() => {
            name_of(ctx, thread)
        }
        _ => super::state::ident().to_string(),
    };
    let text = crate::vm::report::format_exception(ctx, exception);
    crate::module::sys::write_stderr(ctx, &format!("Exception in thread {name}:\n{text}"));
}

/// Handles an exception that `run()` let through.
pub fn uncaught(ctx: &mut Ctx, raised: Raised, thread: Option<&Obj>) {
    let exception = exception::take(ctx, raised);
    if is_exit(ctx, &exception) {
        return;
    }
    let hook = rt(ctx)
        .library
        .threads
        .module
        .get()
        .and_then(|module| protocol::getattr_str(ctx, module, "excepthook").ok());
    let Some(hook) = hook else {
        print(ctx, &exception, thread);
        return;
    };
    let class = type_of(ctx, &exception).to_obj();
    let traceback = exception
        .downcast::<PyException>()
        .and_then(|body| body.traceback.get(ctx, &body.header))
        .unwrap_or(Obj::NONE);
    let thread = thread.cloned().unwrap_or(Obj::NONE);
    let args = PyHookArgs([class, exception.clone(), traceback, thread.clone()]);
    let result = payload::new(ctx, args).and_then(|args| protocol::call(ctx, &hook, &[args]));
    if let Err(raised) = result {
        let second = exception::take(ctx, raised);
        print(ctx, &second, Some(&thread));
    }
}
