//! `threading.excepthook`: what becomes of an exception that ends a thread.

use crate::error::{PyResult, raise};
use crate::module::struct_class::{self, Kind};
use crate::module::sys;
use crate::object::exception::{self, PyException, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_of};
use crate::object::{protocol, str_};
use kit_core::thread::Ctx;

/// `threading.ExceptHookArgs`.
pub static EXCEPT_HOOK_ARGS: Kind = Kind {
    module: "_thread",
    name: "_ExceptHookArgs",
    fields: &["exc_type", "exc_value", "exc_traceback", "thread"],
    hidden: &[],
    place: |natives| &natives.except_hook_args,
};

/// `threading.excepthook(args)`.
pub fn excepthook(ctx: &mut Ctx, args: &Obj) -> PyResult {
    let wanted = struct_class::class(ctx, &EXCEPT_HOOK_ARGS)?;
    if !type_of(ctx, args).is_subtype(ctx, wanted.expect::<PyType>()) {
        return Err(raise!(
            ctx,
            TypeError,
            "_thread.excepthook argument type must be ExceptHookArgs"
        ));
    }
    let [kind, exception, traceback, thread] = args.expect::<PyTuple>().items() else {
        return Ok(Obj::NONE);
    };
    // The class itself: who derives one from it wants to hear of it.
    let exit = crate::object::type_::type_object(ctx, class::SystemExit);
    if kind.is(&exit) {
        return Ok(Obj::NONE);
    }
    let file = match sys::attribute(ctx, "stderr").filter(|file| !file.is_none()) {
        Some(file) => file,
        None if thread.is_none() => return Ok(Obj::NONE),
        None => protocol::getattr_str(ctx, thread, "_stderr")?,
    };
    if file.is_none() {
        return Ok(Obj::NONE);
    }
    let name = name_of(ctx, thread);
    if let Some(body) = exception.downcast::<PyException>()
        && body.traceback.get(ctx, &body.header).is_none()
        && !traceback.is_none()
    {
        body.traceback
            .set(ctx, &body.header, Some(traceback.clone()));
    }
    let text = crate::vm::report::format_exception(ctx, exception);
    let text = str_::new(ctx, &format!("Exception in thread {name}:\n{text}"))?;
    protocol::call_method(ctx, &file, &names(ctx).write, &[text])?;
    protocol::call_method(ctx, &file, &names(ctx).flush, &[])
}

/// The thread's name; without one, the number of the calling thread.
fn name_of(ctx: &mut Ctx, thread: &Obj) -> String {
    if !thread.is_none() {
        let name = protocol::getattr_str(ctx, thread, "name");
        match name.and_then(|name| protocol::str_string(ctx, &name)) {
            Ok(name) => return name,
            Err(raised) => drop(exception::take(ctx, raised)),
        }
    }
    super::state::ident().to_string()
}
