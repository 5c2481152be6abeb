//! From source to running code; and what native functions ask about the code that called them.

use super::frame::{self, Base};
use super::observe;
#[cfg(feature = "std")]
use super::outside::Share;
use super::thread::rt;
use crate::code::Code;
#[cfg(feature = "std")]
use crate::compile::{self, Options};
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::code::{self, PyCode};
use crate::object::dict::PyDict;
#[cfg(feature = "std")]
use crate::object::exception;
use crate::object::function::{self, Parts};
use crate::object::module::PyModule;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::{cell, frame_locals, str_};
#[cfg(feature = "std")]
use crate::parse::{self, Mode};
use crate::prelude::*;
use alloc::sync::Arc;
use kit_core::thread::Ctx;

/// Compiles source text to a code object; SyntaxError.
#[cfg(feature = "std")]
pub fn compile_source(ctx: &mut Ctx, source: &str, filename: &str, options: Options) -> PyResult {
    let _working = Share::ask(ctx, parse::working_bytes(source))?;
    let parsed = match parse::parse(source, filename, options.mode) {
        Ok(parsed) => parsed,
        Err(error) => return Err(exception::syntax::raise_syntax_error(ctx, &error)),
    };
    match compile::compile(&parsed, filename, options).code {
        Ok(code) => code::new(ctx, &code),
        Err(error) => {
            let error = compile::syntax_error(&error, &parsed.lines, filename, true);
            Err(exception::syntax::raise_syntax_error(ctx, &error))
        }
    }
}

/// The dict of builtins that code with these globals sees; puts `__builtins__` there if it is missing.
pub fn builtins_of(ctx: &mut Ctx, globals: &Obj) -> PyResult {
    let name = &names(ctx).builtins;
    let dict = globals.expect::<PyDict>();
    let found = match dict.get_name(ctx, name) {
        Some(found) => found,
        None => {
            let modules = rt(ctx).modules.get().cloned();
            let key = str_::intern(ctx, "builtins");
            let module = modules.and_then(|m| m.expect::<PyDict>().get_name(ctx, &key));
            let Some(module) = module else {
                return Err(raise!(ctx, RuntimeError, "the builtins module is missing"));
            };
            dict.set_name(ctx, name, module.clone())?;
            module
        }
    };
    // Anything but a module is looked into as it is.
    if found.downcast::<PyModule>().is_none() {
        return Ok(found);
    }
    crate::object::protocol::getattr(ctx, &found, &names(ctx).dict)
}

/// Runs a code object in a namespace: `exec(code, globals, locals, closure=closure)`. The closure is a tuple of as many
/// cells as the code has free variables.
pub fn exec_code(
    ctx: &mut Ctx,
    code: &Obj,
    globals: &Obj,
    locals: Option<&Obj>,
    closure: Option<Obj>,
) -> PyResult {
    let builtins = builtins_of(ctx, globals)?;
    let parts = Parts {
        closure,
        ..Parts::default()
    };
    let function = function::new(ctx, code, globals, &builtins, parts)?;
    // The globals themselves are found without being asked, unless they are of a class that may have its own mind.
    let own = |locals: &&Obj| !locals.is(globals) || locals.downcast_exact::<PyDict>().is_none();
    let locals = locals.filter(own).cloned();
    super::call::function_in(ctx, &function, Args::NONE, locals)
}

/// Compiles and runs source text in a namespace.
#[cfg(feature = "std")]
pub fn exec_source(
    ctx: &mut Ctx,
    source: &str,
    filename: &str,
    mode: Mode,
    globals: &Obj,
) -> PyResult {
    let options = crate::builtins::compile::options(ctx, mode);
    let code = compile_source(ctx, source, filename, options)?;
    exec_code(ctx, &code, globals, None, None)
}

/// Runs the body of a class statement with `namespace`; returns what the body returns (the `__class__`
/// cell, or None).
pub fn run_class_body(ctx: &mut Ctx, function: &Obj, namespace: &Obj) -> PyResult {
    super::call::function_in(ctx, function, Args::NONE, Some(namespace.clone()))
}

/// The globals of the running Python code.
pub fn current_globals(ctx: &mut Ctx) -> Option<Obj> {
    let base = observe::nth(ctx, 0)?;
    // SAFETY: the frame keeps its function.
    Some(unsafe { frame::function(base) }.payload.globals.to_obj())
}

/// The flags of the running Python code; 0 if there is none.
pub fn current_flags(ctx: &mut Ctx) -> u32 {
    // SAFETY: the frame keeps its code.
    observe::nth(ctx, 0).map_or(0, |base| unsafe { frame::code(base) }.code.flags)
}

/// The builtins the running Python code sees.
pub fn current_builtins(ctx: &mut Ctx) -> Option<Obj> {
    let base = observe::nth(ctx, 0)?;
    // SAFETY: the frame keeps its function.
    Some(unsafe { frame::function(base) }.payload.builtins.to_obj())
}

/// `locals()` of the running Python code: its namespace mapping, or a new dict of its variables.
pub fn current_locals(ctx: &mut Ctx) -> PyResult {
    match observe::nth(ctx, 0) {
        Some(base) => locals_of(ctx, base),
        None => Err(raise!(ctx, SystemError, "frame does not exist")),
    }
}

/// The code object of compiled code.
pub fn code_object(ctx: &mut Ctx, code: &Arc<Code>) -> PyResult {
    code::new(ctx, code)
}

/// The compiled code of a code object; `None` for anything else.
pub fn code_of(x: &Obj) -> Option<Arc<Code>> {
    x.downcast::<PyCode>().map(|code| code.code.clone())
}

/// An attribute of the `sys` module.
pub fn sys_attribute(ctx: &mut Ctx, name: &str) -> PyResult<Option<Obj>> {
    let key = str_::intern(ctx, "sys");
    let Some(modules) = rt(ctx).modules.get() else {
        return Ok(None);
    };
    let Some(sys) = modules.expect::<PyDict>().get_name(ctx, &key) else {
        return Ok(None);
    };
    let name = str_::intern_text(ctx, name)?;
    crate::object::protocol::find_attr(ctx, &sys, &name)
}

fn locals_of(ctx: &mut Ctx, base: Base) -> PyResult {
    use crate::code::flags;
    // SAFETY: a frame of this thread, complete, and its code.
    let code: &Body<PyCode> = unsafe { frame::code(base) };
    if code.code.flags & flags::OPTIMIZED == 0 {
        // SAFETY: as above.
        let namespace = unsafe { super::names::namespace(base) }.cloned();
        return Ok(match namespace {
            Some(namespace) => namespace,
            // SAFETY: as above.
            None => unsafe { frame::function(base) }.payload.globals.to_obj(),
        });
    }
    // SAFETY: as above; each register holds a word or null.
    let (seen, registers) = unsafe {
        let registers = (0..code.nlocals as usize).map(|index| {
            let word = (*base.add(index)).word();
            (!word.is_null()).then(|| Obj::copy_word(word))
        });
        (observe::known(base), registers.collect::<Vec<_>>())
    };
    frame_locals::snapshot(ctx, &code.code, registers, seen.as_ref())
}

/// What a zero-argument `super()` means in the running function: the class in its `__class__` cell,
/// and its first argument.
pub fn zero_arg_super(ctx: &mut Ctx) -> PyResult<(Obj, Obj)> {
    use crate::code::local;
    let Some(base) = observe::nth(ctx, 0) else {
        return Err(raise!(ctx, RuntimeError, "super(): no current frame"));
    };
    // SAFETY: the running frame, complete, and its code.
    let code: &Body<PyCode> = unsafe { frame::code(base) };
    if code.code.argcount == 0 {
        return Err(raise!(ctx, RuntimeError, "super(): no arguments"));
    }
    // SAFETY: the first register of a function with a parameter.
    let first = unsafe { (*base).word() };
    if first.is_null() {
        return Err(raise!(ctx, RuntimeError, "super(): arg[0] deleted"));
    }
    // SAFETY: not null, and kept by the register.
    let mut this = unsafe { Obj::copy_word(first) };
    if code.code.local_kinds[0] & local::CELL != 0 {
        match cell::get(ctx, &this) {
            Some(value) => this = value,
            None => return Err(raise!(ctx, RuntimeError, "super(): arg[0] deleted")),
        }
    }
    let index = code
        .code
        .local_names
        .iter()
        .position(|name| &**name == "__class__");
    let Some(index) = index.filter(|i| code.code.local_kinds[*i] & local::FREE != 0) else {
        return Err(raise!(
            ctx,
            RuntimeError,
            "super(): __class__ cell not found"
        ));
    };
    // SAFETY: inside the window; a free variable's register holds its cell.
    let holder = unsafe { Obj::copy_word((*base.add(index)).word()) };
    match cell::get(ctx, &holder) {
        Some(class) => Ok((class, this)),
        None => Err(raise!(ctx, RuntimeError, "super(): empty __class__ cell")),
    }
}
