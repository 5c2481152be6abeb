//! What is shown of values and exceptions that nobody takes.

use super::attribute;
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::dict::PyDict;
use crate::object::exception::{self, PyException, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_;
use crate::vm::report;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

pub(super) fn excepthook(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "excepthook", 3, 3)?;
    if args.pos[1].downcast::<PyException>().is_some() {
        report::print_exception(ctx, &args.pos[1]);
    } else if !args.pos[1].is_none() {
        let class = protocol::type_name(ctx, &args.pos[1]);
        let text =
            format!("TypeError: print_exception(): Exception expected for value, {class} found\n");
        super::write_stderr(ctx, &text);
    }
    Ok(Obj::NONE)
}

pub(super) fn displayhook(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if value.is_none() {
        return Ok(Obj::NONE);
    }
    let underscore = &names(ctx).underscore;
    let builtins = rt(ctx).builtins.get().cloned().unwrap_or(Obj::NONE);
    let space = builtins.downcast::<PyDict>();
    if let Some(space) = space {
        space.set_name(ctx, underscore, Obj::NONE)?;
    }
    let text = protocol::repr(ctx, value)?;
    let Some(file) = attribute(ctx, "stdout").filter(|file| !file.is_none()) else {
        return Err(raise!(ctx, RuntimeError, "lost sys.stdout"));
    };
    let write = &names(ctx).write;
    if let Err(raised) = protocol::call_method(ctx, &file, write, core::slice::from_ref(&text)) {
        if !exception::matches(ctx, &raised, class::UnicodeEncodeError) {
            return Err(raised);
        }
        exception::take(ctx, raised);
        write_escaped(ctx, &file, &text)?;
    }
    let end = str_::new(ctx, "\n")?;
    protocol::call_method(ctx, &file, write, &[end])?;
    if let Some(space) = space {
        space.set_name(ctx, underscore, value.clone())?;
    }
    Ok(Obj::NONE)
}

/// Writes to a stream what its encoding lacks characters for: these are escaped.
fn write_escaped(ctx: &mut Ctx, file: &Obj, text: &Obj) -> PyResult<()> {
    let encoding = protocol::getattr_str(ctx, file, "encoding")?;
    let encode = str_::intern(ctx, "encode");
    let how = str_::intern(ctx, "backslashreplace");
    let data = protocol::call_method(ctx, text, &encode, &[encoding.clone(), how])?;
    let write = &names(ctx).write;
    let buffer = str_::intern(ctx, "buffer");
    match protocol::find_attr(ctx, file, &buffer)? {
        Some(buffer) => {
            // What was written before stands in front.
            protocol::call_method(ctx, file, &names(ctx).flush, &[])?;
            protocol::call_method(ctx, &buffer, write, &[data])?;
        }
        None => {
            let decode = str_::intern(ctx, "decode");
            let text = protocol::call_method(ctx, &data, &decode, &[encoding])?;
            protocol::call_method(ctx, file, write, &[text])?;
        }
    }
    Ok(())
}

/// What is printed of exceptions that cannot be raised, unless the program sets a hook of its own.
pub(super) fn unraisablehook(ctx: &mut Ctx, unraisable: &Obj) -> PyResult {
    let exception = protocol::getattr_str(ctx, unraisable, "exc_value")?;
    let message = protocol::getattr_str(ctx, unraisable, "err_msg")?;
    let what = protocol::getattr_str(ctx, unraisable, "object")?;
    if exception.downcast::<PyException>().is_some() {
        let message = if message.is_none() {
            "Exception ignored in".to_owned()
        } else {
            protocol::str_string(ctx, &message)?
        };
        let what = (!what.is_none()).then_some(&what);
        report::print_unraisable(ctx, &exception, &message, what);
    }
    Ok(Obj::NONE)
}
