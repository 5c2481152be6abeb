//! Calling Python functions: binding arguments to parameters, entering the frame.

use super::frame::{self, Base};
use super::run::run;
use super::thread::{empty_tuple, py};
use crate::code::flags;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{self, Args};
use crate::object::code::PyCode;
use crate::object::dict::{self, PyDict};
use crate::object::function::PyFunction;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::prelude::*;
use kit_core::frame::layout::{AUX, FUNC, HEADER};
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef};
use kit_core::thread::Ctx;

/// Calls a Python function with borrowed arguments and runs it to its end.
pub fn function(ctx: &mut Ctx, callable: &Obj, args: Args<'_>) -> PyResult {
    function_in(ctx, callable, args, None)
}

/// As [`function`], with `namespace` as the mapping its names are stored in (a class body, or
/// code that is executed).
pub fn function_in(
    ctx: &mut Ctx,
    callable: &Obj,
    args: Args<'_>,
    namespace: Option<Obj>,
) -> PyResult {
    protocol::recursive(ctx, "", |ctx| {
        frame::deepen(ctx)?;
        let result = enter(ctx, callable, args, namespace);
        py(ctx).depth -= 1;
        result
    })
}

fn enter(ctx: &mut Ctx, callable: &Obj, args: Args<'_>, namespace: Option<Obj>) -> PyResult {
    let function = callable.expect::<PyFunction>();
    // The frame keeps the code from here on; until then the function does.
    let code_word = function.payload.code.peek();
    // SAFETY: the slot holds a code object, which is freed only by a collection, and none can run
    // before the frame refers to it.
    let code = unsafe { &*code_word.as_object().cast::<Body<PyCode>>() };
    let registers = code.nregs as usize;
    let (start, begun) = frame::room(ctx, registers)?;
    // SAFETY: `room` gives that many words; the window is ours until `run` or the clean-up below
    // has emptied it.
    unsafe {
        let base = start.add(HEADER);
        let pos = args.pos.len();
        let few = code.code.argcount as usize;
        let bound = if code.simple_args as usize == pos && args.names.is_empty() {
            for (index, value) in args.pos.iter().enumerate() {
                *base.add(index) = lent(ctx, value);
            }
            for index in pos..code.nlocals as usize {
                *base.add(index) = StackRef::NULL;
            }
            Ok(())
        } else if takes_rest(code) && pos >= few && args.names.is_empty() {
            rest_of(ctx, &args.pos[few..]).map(|rest| {
                for (index, value) in args.pos[..few].iter().enumerate() {
                    *base.add(index) = lent(ctx, value);
                }
                *base.add(few) = rest.into_ref(ctx);
                for index in few + 1..code.nlocals as usize {
                    *base.add(index) = StackRef::NULL;
                }
            })
        } else {
            let given = args.pos.to_vec();
            let values = args.values.to_vec();
            bind(ctx, function, code, base, given, args.names, values)
        };
        if let Err(raised) = bound {
            if begun {
                frame::leave_chunk(ctx);
            }
            return Err(raised);
        }
        let flags = frame::ENTRY | if begun { frame::CHUNK } else { 0 };
        let units = code.units(ctx);
        let previous = py(ctx).base;
        *base.offset(FUNC) = lent(ctx, callable);
        frame::init(
            ctx,
            base,
            code,
            previous,
            units,
            frame::meta(flags, 0, 0),
            code.nlocals as usize,
        );
        if let Some(namespace) = namespace {
            *base.offset(AUX) = namespace.into_ref(ctx);
        }
        let result = run(ctx, base);
        debug_assert!(py(ctx).base == previous);
        result
    }
}

/// A value that the caller has while the frame runs: a local of that borrows it.
///
/// # Safety
/// - The frame is gone when the caller gives the value up.
#[inline(always)]
unsafe fn lent(ctx: &Ctx, value: &Obj) -> StackRef {
    // SAFETY: as the caller says.
    unsafe { Fresh::from_borrow(ctx, Borrowed::new(value.word())).into_ref() }
}

/// Whether what a call gives beyond the positional parameters is all there is to bind: `def f(a, b, *rest)`.
pub fn takes_rest(code: &PyCode) -> bool {
    let meaning = &*code.code;
    meaning.flags & (flags::VARARGS | flags::VARKEYWORDS) == flags::VARARGS
        && meaning.kwonlyargcount == 0
}

/// The tuple of the arguments beyond the positional parameters.
pub fn rest_of(ctx: &mut Ctx, rest: &[Obj]) -> PyResult {
    if rest.is_empty() {
        Ok(empty_tuple(ctx))
    } else {
        tuple::from_slice(ctx, rest)
    }
}

/// Binds arguments to the parameters of `function`, writing owned values into the registers from
/// `base` on; the rest of the locals become unbound. On failure the registers are left empty.
///
/// # Safety
/// - `base` has room for the code's locals, all of them free.
pub unsafe fn bind(
    ctx: &mut Ctx,
    function: &Body<PyFunction>,
    code: &Body<PyCode>,
    base: Base,
    pos: Vec<Obj>,
    names: &[Obj],
    values: Vec<Obj>,
) -> PyResult<()> {
    let meaning = &*code.code;
    let (argcount, kwonly) = (meaning.argcount as usize, meaning.kwonlyargcount as usize);
    let posonly = meaning.posonlyargcount as usize;
    let total = argcount + kwonly;
    let given = pos.len();
    let mut locals: Vec<Option<Obj>> = Vec::with_capacity(code.nlocals as usize);
    let mut pos = pos.into_iter();
    locals.extend(pos.by_ref().take(argcount).map(Some));
    locals.resize_with(code.nlocals as usize, || None);
    let mut next = total;
    if meaning.flags & flags::VARARGS != 0 {
        let rest: Vec<Obj> = pos.by_ref().collect();
        locals[next] = Some(rest_of(ctx, &rest)?);
        next += 1;
    }
    let extra = pos.count();
    let mut keywords = None;
    if meaning.flags & flags::VARKEYWORDS != 0 {
        let dict = dict::new(ctx)?;
        locals[next] = Some(dict.clone());
        keywords = Some(dict);
    }
    for (name, value) in names.iter().zip(values) {
        let text = name.expect::<PyStr>().text();
        let index =
            (posonly..total).find(|i| meaning.local_names[*i].as_bytes() == text.as_bytes());
        match (index, &keywords) {
            (Some(index), _) => {
                if locals[index].is_some() {
                    let function = qualname(ctx, function);
                    let name = text.to_string_lossy();
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "{function}() got multiple values for argument '{name}'"
                    ));
                }
                locals[index] = Some(value);
            }
            (None, Some(dict)) => dict.expect::<PyDict>().set(ctx, name, value)?,
            (None, None) => return Err(unexpected_keyword(ctx, function, code, names, name)),
        }
    }
    if extra > 0 {
        return Err(too_many(ctx, function, code, given, &locals));
    }
    let defaults = function.payload.defaults.get(ctx, &function.header);
    let defaults = defaults
        .as_ref()
        .map_or(&[][..], |d| d.expect::<PyTuple>().items());
    let first_default = argcount.saturating_sub(defaults.len());
    for index in given.min(argcount)..argcount {
        if locals[index].is_none() && index >= first_default {
            locals[index] = Some(defaults[index - first_default].clone());
        }
    }
    let missing = |range: core::ops::Range<usize>, locals: &[Option<Obj>]| -> Vec<String> {
        range
            .filter(|i| locals[*i].is_none())
            .map(|i| meaning.local_names[i].to_string())
            .collect()
    };
    let absent = missing(0..argcount, &locals);
    if !absent.is_empty() {
        return Err(missing_arguments(ctx, function, "positional", &absent));
    }
    if kwonly > 0 {
        let kwdefaults = function.payload.kwdefaults.get(ctx, &function.header);
        let keyword_only = &mut locals[argcount..total];
        for (local, name) in keyword_only
            .iter_mut()
            .zip(&meaning.local_names[argcount..total])
        {
            if local.is_none()
                && let Some(kwdefaults) = &kwdefaults
            {
                let name = crate::object::str_::intern_text(ctx, name)?;
                *local = kwdefaults.expect::<PyDict>().get_name(ctx, &name);
            }
        }
        let absent = missing(argcount..total, &locals);
        if !absent.is_empty() {
            return Err(missing_arguments(ctx, function, "keyword-only", &absent));
        }
    }
    for (index, local) in locals.into_iter().enumerate() {
        // SAFETY: inside the window, by the contract.
        unsafe { *base.add(index) = local.map_or(StackRef::NULL, |local| local.into_ref(ctx)) };
    }
    Ok(())
}

fn qualname(ctx: &Ctx, function: &Body<PyFunction>) -> String {
    let name = function.payload.qualname.get(ctx, &function.header);
    name.map_or(String::new(), |n| {
        n.expect::<PyStr>().as_str_lossy().into_owned()
    })
}

#[cold]
fn missing_arguments(
    ctx: &mut Ctx,
    function: &Body<PyFunction>,
    kind: &str,
    names: &[String],
) -> Raised {
    let function = qualname(ctx, function);
    let quoted: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
    let list = match &quoted[..] {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
        [] => String::new(),
    };
    let (count, plural) = (names.len(), if names.len() == 1 { "" } else { "s" });
    raise!(
        ctx,
        TypeError,
        "{function}() missing {count} required {kind} argument{plural}: {list}"
    )
}

#[cold]
fn too_many(
    ctx: &mut Ctx,
    function: &Body<PyFunction>,
    code: &Body<PyCode>,
    given: usize,
    locals: &[Option<Obj>],
) -> Raised {
    let name = qualname(ctx, function);
    let argcount = code.code.argcount as usize;
    let defaults = function.payload.defaults.get(ctx, &function.header);
    let defaults = defaults.map_or(0, |d| d.expect::<PyTuple>().items().len());
    let total = argcount + code.code.kwonlyargcount as usize;
    let keyword_only = locals[argcount..total]
        .iter()
        .filter(|local| local.is_some())
        .count();
    let takes = if defaults > 0 {
        format!(
            "from {} to {argcount} positional arguments",
            argcount - defaults.min(argcount)
        )
    } else {
        format!(
            "{argcount} positional argument{}",
            if argcount == 1 { "" } else { "s" }
        )
    };
    let also = if keyword_only > 0 {
        format!(
            " positional argument{} (and {keyword_only} keyword-only argument{})",
            if given == 1 { "" } else { "s" },
            if keyword_only == 1 { "" } else { "s" }
        )
    } else {
        String::new()
    };
    let verb = if given == 1 && keyword_only == 0 {
        "was"
    } else {
        "were"
    };
    raise!(
        ctx,
        TypeError,
        "{name}() takes {takes} but {given}{also} {verb} given"
    )
}

#[cold]
fn unexpected_keyword(
    ctx: &mut Ctx,
    function: &Body<PyFunction>,
    code: &Body<PyCode>,
    names: &[Obj],
    name: &Obj,
) -> Raised {
    let function = qualname(ctx, function);
    let posonly = &code.code.local_names[..code.code.posonlyargcount as usize];
    let as_keyword: Vec<String> = names
        .iter()
        .map(|n| n.expect::<PyStr>().as_str_lossy().into_owned())
        .filter(|n| posonly.iter().any(|p| **p == **n))
        .collect();
    if !as_keyword.is_empty() {
        let list = as_keyword.join(", ");
        return raise!(
            ctx,
            TypeError,
            "{function}() got some positional-only arguments passed as keyword arguments: '{list}'"
        );
    }
    let parameters = code.code.argcount + code.code.kwonlyargcount;
    let parameters: Vec<&str> = code.code.local_names
        [code.code.posonlyargcount as usize..parameters as usize]
        .iter()
        .map(|parameter| &**parameter)
        .collect();
    let name = name.expect::<PyStr>().as_str_lossy();
    args::unexpected_keyword(ctx, &function, &name, &parameters)
}
