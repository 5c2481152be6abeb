//! Running code: `eval`, `exec`, and what a `class` statement calls.

use super::compile::{Mode, compile_here, source_text};
use crate::error::{PyResult, raise};
use crate::module::sys::{self, audit};
use crate::object::args::{Args, Signature};
use crate::object::cell::{self, PyCell};
use crate::object::dict::PyDict;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{self, PyType, type_id_of, type_object};
use crate::object::{bytes, dict, ids, protocol, str_};
use crate::prelude::*;
use crate::vm::exec;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// Runs a code object with these globals, which get `__builtins__`, and locals.
pub fn run(ctx: &mut Ctx, code: &Obj, globals: &Obj, locals: &Obj) -> PyResult {
    run_with(ctx, code, globals, locals, None)
}

fn run_with(
    ctx: &mut Ctx,
    code: &Obj,
    globals: &Obj,
    locals: &Obj,
    closure: Option<Obj>,
) -> PyResult {
    if let Some(space) = globals.downcast::<PyDict>() {
        let name = &names(ctx).builtins;
        if space.get_name(ctx, name).is_none()
            && let Some(builtins) = rt(ctx).builtins.get()
        {
            space.set_name(ctx, name, builtins.clone())?;
        }
    }
    exec::exec_code(ctx, code, globals, Some(locals), closure)
}

/// The namespaces of `eval` and `exec`: those given, or the running frame's.
fn spaces(
    ctx: &mut Ctx,
    globals: Option<&Obj>,
    locals: Option<&Obj>,
    name: &str,
) -> PyResult<(Obj, Obj)> {
    let globals = globals.filter(|g| !g.is_none());
    let locals = locals.filter(|l| !l.is_none());
    let Some(globals) = globals else {
        let Some(globals) = exec::current_globals(ctx) else {
            return Err(raise!(
                ctx,
                SystemError,
                "globals and locals cannot be NULL"
            ));
        };
        let locals = match locals {
            Some(locals) => locals.clone(),
            None => exec::current_locals(ctx)?,
        };
        return Ok((globals, locals));
    };
    if globals.downcast::<PyDict>().is_none() {
        let class = protocol::type_name(ctx, globals);
        return Err(if name == "eval" {
            raise!(ctx, TypeError, "globals must be a dict")
        } else {
            raise!(ctx, TypeError, "exec() globals must be a dict, not {class}")
        });
    }
    let locals = locals.unwrap_or(globals);
    if type_::type_of(ctx, locals).slots(ctx).getitem.is_none() {
        let class = protocol::type_name(ctx, locals);
        return Err(if name == "eval" {
            raise!(ctx, TypeError, "locals must be a mapping")
        } else {
            raise!(
                ctx,
                TypeError,
                "locals must be a mapping or None, not {class}"
            )
        });
    }
    Ok((globals.clone(), locals.clone()))
}

/// `eval(source, globals, locals)`.
pub fn eval(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "eval",
        params: &["source", "globals", "locals"],
        posonly: 1,
        positional: 3,
        required: 1,
    };
    let [source, globals, locals] = args.bind::<3>(ctx, &signature)?;
    let source = source.cloned().unwrap_or(Obj::NONE);
    let (globals, locals) = spaces(ctx, globals, locals, "eval")?;
    if let Some(code) = exec::code_of(&source) {
        if code.nfree > 0 {
            return Err(raise!(
                ctx,
                TypeError,
                "code object passed to eval() may not contain free variables"
            ));
        }
        audit_exec(ctx, &source)?;
        return run(ctx, &source, &globals, &locals);
    }
    let what = "eval() arg 1 must be a string, bytes or code object";
    let text = source_text(ctx, &source, "<string>", what)?;
    let text = text.trim_start_matches([' ', '\t']);
    audit_compile(ctx, text)?;
    let code = compile_here(ctx, text, Mode::Eval)?;
    audit_exec(ctx, &code)?;
    run(ctx, &code, &globals, &locals)
}

/// `exec(source, globals, locals, closure=)`.
pub fn exec(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "exec",
        params: &["source", "globals", "locals", "closure"],
        posonly: 1,
        positional: 3,
        required: 1,
    };
    let [source, globals, locals, closure] = args.bind::<4>(ctx, &signature)?;
    let source = source.cloned().unwrap_or(Obj::NONE);
    let closure = closure.filter(|closure| !closure.is_none()).cloned();
    let (globals, locals) = spaces(ctx, globals, locals, "exec")?;
    if let Some(code) = exec::code_of(&source) {
        let cells = check_closure(ctx, code.nfree as usize, closure)?;
        audit_exec(ctx, &source)?;
        run_with(ctx, &source, &globals, &locals, cells)?;
        return Ok(Obj::NONE);
    }
    if closure.is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "closure can only be used when source is a code object"
        ));
    }
    let what = "exec() arg 1 must be a string, bytes or code object";
    let text = source_text(ctx, &source, "<string>", what)?;
    audit_compile(ctx, &text)?;
    let code = compile_here(ctx, &text, Mode::Exec)?;
    audit_exec(ctx, &code)?;
    run(ctx, &code, &globals, &locals)?;
    Ok(Obj::NONE)
}

/// Tells who audits of a text that is about to be compiled.
fn audit_compile(ctx: &mut Ctx, text: &str) -> PyResult<()> {
    audit::event(ctx, "compile", |ctx| {
        let source = bytes::new(ctx, text.as_bytes())?;
        Ok(vec![source, str_::intern(ctx, "<string>")])
    })
}

/// Tells who audits of code that is about to run.
fn audit_exec(ctx: &mut Ctx, code: &Obj) -> PyResult<()> {
    audit::event(ctx, "exec", |_| Ok(vec![code.clone()]))
}

/// The closure that code with so many free variables can run with: code reads its cells without looking.
fn check_closure(ctx: &mut Ctx, free: usize, closure: Option<Obj>) -> PyResult<Option<Obj>> {
    if free == 0 {
        return match closure {
            None => Ok(None),
            Some(_) => Err(raise!(
                ctx,
                TypeError,
                "cannot use a closure with this code object"
            )),
        };
    }
    let fits = closure.as_ref().is_some_and(|closure| {
        closure.downcast_exact::<PyTuple>().is_some_and(|cells| {
            let cells = cells.items();
            cells.len() == free && cells.iter().all(|cell| cell.downcast::<PyCell>().is_some())
        })
    });
    if !fits {
        return Err(raise!(
            ctx,
            TypeError,
            "code object requires a closure of exactly length {free}"
        ));
    }
    Ok(closure)
}

/// `breakpoint(*args, **keywords)`: whatever `sys.breakpointhook` is.
pub fn breakpoint(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    match sys::attribute(ctx, "breakpointhook") {
        Some(hook) => protocol::call_with(ctx, &hook, args),
        None => Err(raise!(ctx, RuntimeError, "lost sys.breakpointhook")),
    }
}

/// `globals()`.
pub fn globals(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "globals", 0, 0)?;
    Ok(exec::current_globals(ctx).unwrap_or(Obj::NONE))
}

/// `locals()`.
pub fn locals(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "locals", 0, 0)?;
    exec::current_locals(ctx)
}

/// The bases of a class statement with what `__mro_entries__` of some stands for; `None` when
/// nothing changed.
fn resolve_bases(ctx: &mut Ctx, bases: &[Obj]) -> PyResult<Option<Vec<Obj>>> {
    let mut resolved: Option<Vec<Obj>> = None;
    for (index, base) in bases.iter().enumerate() {
        if base.downcast::<PyType>().is_none() {
            let name = &names(ctx).mro_entries;
            if let Some(method) = protocol::find_attr(ctx, base, name)? {
                let all = tuple::from_slice(ctx, bases)?;
                let entries = protocol::call(ctx, &method, &[all])?;
                let Some(entries) = entries.downcast::<PyTuple>() else {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "__mro_entries__ must return a tuple"
                    ));
                };
                resolved
                    .get_or_insert_with(|| bases[..index].to_vec())
                    .extend_from_slice(entries.items());
                continue;
            }
        }
        if let Some(resolved) = &mut resolved {
            resolved.push(base.clone());
        }
    }
    Ok(resolved)
}

/// `__build_class__(function, name, *bases, metaclass=, **keywords)`: what a class statement calls.
pub fn build_class(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [function, name, bases @ ..] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "__build_class__: not enough arguments"
        ));
    };
    if type_id_of(function) != ids::FUNCTION {
        return Err(raise!(
            ctx,
            TypeError,
            "__build_class__: func must be a function"
        ));
    }
    if name.downcast::<PyStr>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "__build_class__: name is not a string"
        ));
    }
    let resolved = resolve_bases(ctx, bases)?;
    let given = bases;
    let bases = resolved.as_deref().unwrap_or(bases);
    let (mut meta, mut keys, mut values) = (None, Vec::new(), Vec::new());
    for (key, value) in args.names.iter().zip(args.values) {
        if key.expect::<PyStr>().bytes() == b"metaclass" {
            meta = Some(value.clone());
        } else {
            keys.push(key.clone());
            values.push(value.clone());
        }
    }
    let meta = match (meta, bases.first()) {
        (Some(meta), _) => meta,
        (None, Some(base)) => type_::type_of(ctx, base).to_obj(),
        (None, None) => type_object(ctx, ids::TYPE),
    };
    // Only a class has relatives to choose the most derived of; a function is called as it is.
    let meta = if meta.downcast::<PyType>().is_some() {
        type_::create::metaclass(ctx, &meta, bases)?
    } else {
        meta
    };
    let tuple = tuple::from_slice(ctx, bases)?;
    let n = names(ctx);
    let space = match protocol::find_attr(ctx, &meta, &n.prepare)? {
        Some(prepare) => {
            let args = Args {
                pos: &[name.clone(), tuple.clone()],
                names: &keys,
                values: &values,
            };
            protocol::call_with(ctx, &prepare, args)?
        }
        None => dict::new(ctx)?,
    };
    if type_::type_of(ctx, &space).slots(ctx).getitem.is_none() {
        let meta_name = match meta.downcast::<PyType>() {
            Some(class) => protocol::class_name(ctx, class),
            None => "<metaclass>".to_owned(),
        };
        let class = protocol::type_name(ctx, &space);
        return Err(raise!(
            ctx,
            TypeError,
            "{meta_name}.__prepare__() must return a mapping, not {class}"
        ));
    }
    let class_cell = exec::run_class_body(ctx, function, &space)?;
    if resolved.is_some() {
        let given = tuple::from_slice(ctx, given)?;
        protocol::setitem(ctx, &space, &n.orig_bases, Some(&given))?;
    }
    let args = Args {
        pos: &[name.clone(), tuple, space],
        names: &keys,
        values: &values,
    };
    let class = protocol::call_with(ctx, &meta, args)?;
    if class.downcast::<PyType>().is_some() && class_cell.downcast::<cell::PyCell>().is_some() {
        let held = cell::get(ctx, &class_cell);
        check_cell(ctx, held, name, &class)?;
    }
    Ok(class)
}

/// Raises unless `type.__new__` has put the class into the cell that `super()` uses.
fn check_cell(ctx: &mut Ctx, held: Option<Obj>, name: &Obj, class: &Obj) -> PyResult<()> {
    let held = match held {
        Some(held) if held.is(class) => return Ok(()),
        held => held,
    };
    let name = protocol::repr_string(ctx, name)?;
    match held {
        None => {
            let class = protocol::repr_string(ctx, class)?;
            Err(raise!(
                ctx,
                RuntimeError,
                "__class__ not set defining {name} as {class}. Was __classcell__ propagated to type.__new__?"
            ))
        }
        Some(held) => {
            let held = protocol::repr_string(ctx, &held)?;
            let class = protocol::repr_string(ctx, class)?;
            Err(raise!(
                ctx,
                TypeError,
                "__class__ set to {held} defining {name} as {class}"
            ))
        }
    }
}
