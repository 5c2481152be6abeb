//! `_pickle`: values as programs for a small machine, which make them again.
//!
//! | file        | what                                                       |
//! |-------------|------------------------------------------------------------|
//! | `opcode`    | the operations of the machine                              |
//! | `pickler`   | `Pickler`: what a program sets, and what is left of a run  |
//! | `save`      | one run: which operations make a value                     |
//! | `reduce`    | what `__reduce__` said of a value; names of classes        |
//! | `output`    | where the bytes go; frames                                 |
//! | `unpickler` | `Unpickler`                                                |
//! | `load`      | one run of the machine                                     |
//! | `input`     | where the bytes come from                                  |
//! | `memo`      | what both remember                                         |
//! | `buffer`    | `PickleBuffer`: data that travels beside                   |
//!
//! A run has its values to itself: what a pickler or an unpickler remembers is taken out of it and put back at the end, and whoever
//! starts another run meanwhile is told so.

pub mod buffer;
mod input;
mod load;
mod memo;
mod opcode;
mod output;
mod pickler;
mod reduce;
mod save;
mod unpickler;

use super::natives::{self, Natives, raise_of};
use super::{import, support};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::{bytes, bytes_like, protocol, str_};
use kit_core::thread::Ctx;

/// The newest protocol, which is also what is written unless another one is asked for.
const HIGHEST: i64 = 5;

fn base_error(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.pickle_error,
        "_pickle",
        "PickleError",
        class::Exception,
    )
}

fn derived(ctx: &mut Ctx, place: fn(&Natives) -> &Root, name: &str) -> PyResult {
    let base = support::id_of(&base_error(ctx)?);
    natives::exception_class(ctx, place, "_pickle", name, base)
}

fn pickling_error(ctx: &mut Ctx) -> PyResult {
    derived(ctx, |n| &n.pickling_error, "PicklingError")
}

fn unpickling_error(ctx: &mut Ctx) -> PyResult {
    derived(ctx, |n| &n.unpickling_error, "UnpicklingError")
}

/// Raises PicklingError.
#[cold]
fn unfit(ctx: &mut Ctx, message: &str) -> Raised {
    let class = pickling_error(ctx);
    raise_of(ctx, class, message)
}

/// Raises PicklingError with the exception that is stored as its context.
#[cold]
fn unfit_after(ctx: &mut Ctx, raised: Raised, message: &str) -> Raised {
    let earlier = exception::take(ctx, raised);
    let raised = unfit(ctx, message);
    let error = exception::take(ctx, raised);
    exception::chain(ctx, &error, earlier);
    exception::raise_again(ctx, error)
}

/// Raises UnpicklingError.
#[cold]
fn broken(ctx: &mut Ctx, message: &str) -> Raised {
    let class = unpickling_error(ctx);
    raise_of(ctx, class, message)
}

/// Adds a note to the exception that is stored.
#[cold]
fn noted(ctx: &mut Ctx, raised: Raised, note: &str) -> Raised {
    let error = exception::take(ctx, raised);
    let note = match str_::new(ctx, note) {
        Ok(note) => note,
        Err(raised) => return raised,
    };
    let name = str_::intern(ctx, "add_note");
    match protocol::call_method(ctx, &error, &name, &[note]) {
        Ok(_) => exception::raise_again(ctx, error),
        Err(raised) => raised,
    }
}

/// A name in a module of the library.
fn library(ctx: &mut Ctx, module: &str, name: &str) -> PyResult {
    let module = import::load(ctx, module)?;
    protocol::getattr_str(ctx, &module, name)
}

/// The name of a value's class with that of its module, unless everybody knows it.
fn class_text(ctx: &mut Ctx, value: &Obj) -> String {
    let class = crate::object::type_::type_of(ctx, value).to_obj();
    let mut part = |name: &str| {
        let part = protocol::getattr_str(ctx, &class, name);
        match part {
            Ok(part) => str_::text_of(&part).map(|text| text.to_string_lossy()),
            Err(raised) => {
                exception::take(ctx, raised);
                None
            }
        }
    };
    let name = part("__qualname__").unwrap_or_default();
    match part("__module__") {
        Some(module) if module != "builtins" && module != "__main__" => format!("{module}.{name}"),
        _ => name,
    }
}

/// A method of a file; TypeError without one.
fn file_method(ctx: &mut Ctx, file: &Obj, name: &'static str, message: &str) -> PyResult {
    let key = str_::intern(ctx, name);
    match protocol::find_attr(ctx, file, &key)? {
        Some(method) => Ok(method),
        None => Err(raise!(ctx, TypeError, "{message}")),
    }
}

fn truth(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<bool> {
    value.map_or(Ok(true), |value| protocol::truth(ctx, value))
}

fn given(value: Option<&Obj>) -> Option<Obj> {
    value.filter(|value| !value.is_none()).cloned()
}

fn dump(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "dump",
        params: &["obj", "file", "protocol", "fix_imports", "buffer_callback"],
        posonly: 0,
        positional: 3,
        required: 2,
    };
    let [obj, file, protocol, fix, callback] = args.bind(ctx, &SIGNATURE)?;
    let none = Obj::none();
    let write = pickler::write_of(ctx, file.unwrap_or(none))?;
    let options = pickler::options(ctx, protocol, fix, callback)?;
    save::run(ctx, options, Some(write), obj.unwrap_or(none))?;
    Ok(Obj::NONE)
}

fn dumps(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "dumps",
        params: &["obj", "protocol", "fix_imports", "buffer_callback"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [obj, protocol, fix, callback] = args.bind(ctx, &SIGNATURE)?;
    let options = pickler::options(ctx, protocol, fix, callback)?;
    let data = save::run(ctx, options, None, obj.unwrap_or(Obj::none()))?;
    bytes::new(ctx, &data)
}

fn load(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "load",
        params: &["file", "fix_imports", "encoding", "errors", "buffers"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [file, fix, encoding, errors, buffers] = args.bind(ctx, &SIGNATURE)?;
    let options = unpickler::options(ctx, fix, encoding, errors, buffers)?;
    let file = input::File::of(ctx, file.unwrap_or(Obj::none()))?;
    let mut run = load::Run::new(options, input::Input::file(file));
    run.load(ctx)
}

fn loads(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "loads",
        params: &["data", "fix_imports", "encoding", "errors", "buffers"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [data, fix, encoding, errors, buffers] = args.bind(ctx, &SIGNATURE)?;
    let options = unpickler::options(ctx, fix, encoding, errors, buffers)?;
    let data = bytes_like::expect_buffer(ctx, data.unwrap_or(Obj::none()))?;
    let mut run = load::Run::new(options, input::Input::bytes(data));
    run.load(ctx)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let errors = [
        ("PickleError", base_error(ctx)?),
        ("PicklingError", pickling_error(ctx)?),
        ("UnpicklingError", unpickling_error(ctx)?),
    ];
    for (name, class) in errors {
        support::add(ctx, module, name, class)?;
    }
    Ok(())
}

/// `_pickle`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_pickle",
    functions: &[
        method("dump", Native::F(dump)),
        method("dumps", Native::F(dumps)),
        method("load", Native::F(load)),
        method("loads", Native::F(loads)),
    ],
    types: &[
        &pickler::PICKLER,
        &unpickler::UNPICKLER,
        &memo::PICKLER_MEMO,
        &memo::UNPICKLER_MEMO,
        &buffer::PICKLE_BUFFER,
    ],
    populate,
    doc: "Values as bytes, quickly.",
};
