//! `atexit`: functions that are called when the program ends, the last first.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::{exception, int, protocol, tuple};
use crate::vm::report;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

fn functions(ctx: &mut Ctx) -> PyResult {
    let root = &rt(ctx).library.natives.at_exit;
    if let Some(list) = root.get() {
        return Ok(list.clone());
    }
    let list = list::from_vec(ctx, Vec::new())?;
    // Another thread may have been faster.
    Ok(root.get_or_init(|| list).clone())
}

fn register(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let Some((function, rest)) = args.pos.split_first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "register() takes at least 1 argument (0 given)"
        ));
    };
    if !protocol::is_callable(ctx, function) {
        return Err(raise!(
            ctx,
            TypeError,
            "the first argument must be callable"
        ));
    }
    let positional = tuple::from_slice(ctx, rest)?;
    let named = dict::new(ctx)?;
    for (name, value) in args.names.iter().zip(args.values) {
        named.expect::<PyDict>().set(ctx, name, value.clone())?;
    }
    let entry = tuple::from_vec(ctx, vec![function.clone(), positional, named])?;
    functions(ctx)?.expect::<PyList>().push(ctx, entry)?;
    Ok(function.clone())
}

/// Calls what was registered up to now, and forgets all. What is raised is reported.
pub fn run(ctx: &mut Ctx) {
    let Some(functions) = rt(ctx).library.natives.at_exit.get() else {
        return;
    };
    let functions = functions.expect::<PyList>();
    for entry in functions.to_vec(ctx).into_iter().rev() {
        let [function, positional, named] = tuple::items(&entry) else {
            continue;
        };
        let items = named.expect::<PyDict>().items(ctx);
        let (names, values): (Vec<Obj>, Vec<Obj>) = items.into_iter().unzip();
        let args = Args {
            pos: tuple::items(positional),
            names: &names,
            values: &values,
        };
        match protocol::call_with(ctx, function, args) {
            Ok(result) => drop(result),
            Err(raised) => {
                let error = exception::take(ctx, raised);
                report::report_unraisable(ctx, &error, "in atexit callback", Some(function));
            }
        }
    }
    clear(ctx, functions);
}

/// Forgets what is registered, also what that registers while it ends.
fn clear(ctx: &mut Ctx, functions: &Body<PyList>) {
    while let Some(entry) = functions.pop_last(ctx) {
        drop(entry);
    }
}

fn unregister(ctx: &mut Ctx, function: &Obj) -> PyResult {
    let functions = functions(ctx)?;
    let functions = functions.expect::<PyList>();
    for entry in functions.to_vec(ctx) {
        let Some(known) = tuple::items(&entry).first() else {
            continue;
        };
        if !protocol::equals(ctx, known, function)? {
            continue;
        }
        // The list may have changed while they were compared.
        let at = functions.to_vec(ctx).iter().position(|e| e.is(&entry));
        if let Some(at) = at {
            functions.remove(ctx, at);
        }
    }
    Ok(Obj::NONE)
}

/// `atexit`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "atexit",
    functions: &[
        method("register", Native::F(register)),
        method("unregister", Native::F1(unregister)),
        method(
            "_clear",
            Native::FN(0, 0, |ctx, _| {
                let functions = functions(ctx)?;
                clear(ctx, functions.expect::<PyList>());
                Ok(Obj::NONE)
            }),
        ),
        method(
            "_run_exitfuncs",
            Native::FN(0, 0, |ctx, _| {
                run(ctx);
                Ok(Obj::NONE)
            }),
        ),
        method(
            "_ncallbacks",
            Native::FN(0, 0, |ctx, _| {
                let functions = functions(ctx)?;
                int::from_usize(ctx, functions.expect::<PyList>().len())
            }),
        ),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "Functions that are called when the program ends.",
};
