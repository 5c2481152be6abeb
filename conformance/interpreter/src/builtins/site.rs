//! What an interactive user types by name: `help`, `exit` and `quit`, `copyright`, `credits` and `license`.
//!
//! They are objects rather than functions so that the bare name, at a prompt, says what to do.

use crate::error::PyResult;
use crate::module::import;
use crate::object::args::Args;
use crate::object::define::{TypeDef, flag};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::tuple::PyTuple;
use crate::object::{ids, module, protocol, str_};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of `exit` and `quit`.
struct Quitter(&'static str);

/// The body of `copyright` and the like: the name, and the text that a call prints.
struct Printer(&'static str, &'static str);

/// The body of `help`.
struct Helper;

// SAFETY: nothing to report.
unsafe impl Payload for Quitter {
    const ID: u32 = ids::QUITTER;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Quitter";

    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: nothing to report.
unsafe impl Payload for Printer {
    const ID: u32 = ids::PRINTER;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "_Printer";

    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: nothing to report.
unsafe impl Payload for Helper {
    const ID: u32 = ids::HELPER;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "_Helper";

    fn trace(&self, _: &mut Tracer<'_>) {}
}

const COPYRIGHT: &str = "Copyright (c) 2026 The kit authors.";
const CREDITS: &str = "kit-python is built from the kit by its authors. The language is the work of the Python \
    Software\nFoundation and of all who contribute to Python: see https://www.python.org.";
const LICENSE: &str = "MIT or Apache-2.0, at your option.";

/// Adds the names to `builtins`.
pub fn populate(ctx: &mut Ctx, builtins: &Obj) -> PyResult<()> {
    for name in ["exit", "quit"] {
        let quitter = payload::new(ctx, Quitter(name))?;
        module::add(ctx, builtins, name, quitter)?;
    }
    for (name, text) in [
        ("copyright", COPYRIGHT),
        ("credits", CREDITS),
        ("license", LICENSE),
    ] {
        let printer = payload::new(ctx, Printer(name, text))?;
        module::add(ctx, builtins, name, printer)?;
    }
    let helper = payload::new(ctx, Helper)?;
    module::add(ctx, builtins, "help", helper)
}

fn helper_repr(ctx: &mut Ctx, _: &Obj) -> PyResult {
    let text = "Type help() for interactive help, or help(object) for help about object.";
    str_::new(ctx, text)
}

/// The work is the library's.
fn help(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let pydoc = import::load(ctx, "pydoc")?;
    let help = protocol::getattr_str(ctx, &pydoc, "help")?;
    protocol::call_with(ctx, &help, args)
}

fn quitter_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = x.expect::<Quitter>().0;
    str_::new(ctx, &format!("Use {name}() or Ctrl-D (i.e. EOF) to exit"))
}

/// `sys.exit(code)`: an exception that ends the program.
pub fn exit(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "exit", 0, 1)?;
    let code = match args.pos {
        // An exception of the class is raised itself.
        [code] if exception::is_instance(ctx, code, class::SystemExit) => {
            return Err(exception::raise(ctx, code.clone()));
        }
        [code] => match code.downcast::<PyTuple>() {
            // A tuple is the arguments of the exception.
            Some(codes) => codes.items().to_vec(),
            None if code.is_none() => Vec::new(),
            None => vec![code.clone()],
        },
        _ => Vec::new(),
    };
    Err(exception::raise_args(ctx, class::SystemExit, code))
}

fn quit(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    exit(ctx, args)
}

/// Short texts are shown at once, long ones by a call, as Python does with its own.
fn printer_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Printer(name, text) = **x.expect::<Printer>();
    match name {
        "license" => str_::new(ctx, "Type license() to see the full license text"),
        _ => str_::new(ctx, text),
    }
}

fn print(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, x.expect::<Printer>().0, 0, 0)?;
    let text = str_::new(ctx, x.expect::<Printer>().1)?;
    super::output::print(ctx, Args::positional(&[text]))
}

/// `_sitebuiltins.Quitter`.
pub static QUITTER: TypeDef = TypeDef {
    id: ids::QUITTER,
    name: "_sitebuiltins.Quitter",
    base: ids::OBJECT,
    layout: ids::QUITTER,
    kind: &Body::<Quitter>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(quit),
        repr: Some(quitter_repr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "",
};

/// `_sitebuiltins._Helper`.
pub static HELPER: TypeDef = TypeDef {
    id: ids::HELPER,
    name: "_sitebuiltins._Helper",
    base: ids::OBJECT,
    layout: ids::HELPER,
    kind: &Body::<Helper>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(help),
        repr: Some(helper_repr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "Define the builtin 'help'.",
};

/// `_sitebuiltins._Printer`.
pub static PRINTER: TypeDef = TypeDef {
    id: ids::PRINTER,
    name: "_sitebuiltins._Printer",
    base: ids::OBJECT,
    layout: ids::PRINTER,
    kind: &Body::<Printer>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(print),
        repr: Some(printer_repr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "",
};
