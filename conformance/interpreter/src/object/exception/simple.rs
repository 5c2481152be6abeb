//! The classes that only keep a value or two beside the arguments.

use super::base::{self, body, field, reduce_with};
use super::{ExceptionDef, PyException, class};
use crate::error::PyResult;
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, method};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_of;
use crate::prelude::*;
use kit_core::thread::Ctx;

/// Index of `name` in NameError, AttributeError and ImportError.
pub const NAME: usize = 0;
/// Index of `AttributeError.obj`.
pub const OBJ: usize = 1;
/// Index of `ImportError.path`.
pub const PATH: usize = 1;
/// Index of `ImportError.name_from`.
pub const NAME_FROM: usize = 2;
/// Index of `ImportError.msg`.
pub const MSG: usize = 3;
/// Index of `StopIteration.value` and `SystemExit.code`.
pub const VALUE: usize = 0;

/// Sets what `__init__` of a built-in class derives from the arguments alone.
pub(super) fn fill_in(ctx: &mut Ctx, exception: &Obj, type_id: u32) -> PyResult<()> {
    let body = body(exception);
    match type_id {
        class::StopIteration => {
            let value = first_argument(ctx, body);
            body.set_field(ctx, VALUE, value);
        }
        class::SystemExit => {
            let code = exit_code(ctx, body);
            body.set_field(ctx, VALUE, code);
        }
        class::ImportError | class::ModuleNotFoundError => {
            let message = only_argument(ctx, body);
            body.set_field(ctx, MSG, message);
        }
        class::SyntaxError..=class::_IncompleteInputError => {
            let message = first_argument(ctx, body);
            body.set_field(ctx, super::syntax::MSG, message);
        }
        class::OSError..=class::TimeoutError => super::os::fill_in(ctx, body)?,
        _ => {}
    }
    Ok(())
}

fn first_argument(ctx: &Ctx, body: &Body<PyException>) -> Option<Obj> {
    let args = body.arguments(ctx);
    args.expect::<PyTuple>().items().first().cloned()
}

fn only_argument(ctx: &Ctx, body: &Body<PyException>) -> Option<Obj> {
    let args = body.arguments(ctx);
    match args.expect::<PyTuple>().items() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn exit_code(ctx: &Ctx, body: &Body<PyException>) -> Option<Obj> {
    let args = body.arguments(ctx);
    match args.expect::<PyTuple>().items() {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(args.clone()),
    }
}

/// `StopIteration`.
pub static STOP_ITERATION: ExceptionDef = ExceptionDef {
    id: class::StopIteration,
    slots: Slots {
        init: Some(|ctx, e, args| {
            base::init(ctx, e, args)?;
            body(e).set_field(ctx, VALUE, args.pos.first().cloned());
            Ok(())
        }),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[field::<VALUE>("value")],
};

/// `SystemExit`.
pub static SYSTEM_EXIT: ExceptionDef = ExceptionDef {
    id: class::SystemExit,
    slots: Slots {
        init: Some(|ctx, e, args| {
            base::init(ctx, e, args)?;
            let code = exit_code(ctx, body(e));
            body(e).set_field(ctx, VALUE, code);
            Ok(())
        }),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[field::<VALUE>("code")],
};

/// `KeyError`, whose text is the key's repr, so that an empty key can be seen.
pub static KEY_ERROR: ExceptionDef = ExceptionDef {
    id: class::KeyError,
    slots: Slots {
        str: Some(|ctx, e| match only_argument(ctx, body(e)) {
            Some(key) => protocol::repr(ctx, &key),
            None => base::str(ctx, e),
        }),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
};

/// Binds keyword-only arguments that are stored as attributes.
fn keywords<const N: usize>(
    ctx: &mut Ctx,
    exception: &Obj,
    args: Args<'_>,
    name: &'static str,
    params: &'static [&'static str; N],
) -> PyResult<()> {
    let named = Args { pos: &[], ..args };
    let signature = Signature {
        name,
        params,
        posonly: 0,
        positional: 0,
        required: 0,
    };
    let values: [Option<&Obj>; N] = named.bind(ctx, &signature)?;
    base::set_arguments(ctx, exception, args.pos)?;
    for (index, value) in values.into_iter().enumerate() {
        body(exception).set_field(ctx, index, value.cloned());
    }
    Ok(())
}

/// `NameError`.
pub static NAME_ERROR: ExceptionDef = ExceptionDef {
    id: class::NameError,
    slots: Slots {
        init: Some(|ctx, e, args| keywords(ctx, e, args, "NameError", &["name"])),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[field::<NAME>("name")],
};

/// `AttributeError`.
pub static ATTRIBUTE_ERROR: ExceptionDef = ExceptionDef {
    id: class::AttributeError,
    slots: Slots {
        init: Some(|ctx, e, args| keywords(ctx, e, args, "AttributeError", &["name", "obj"])),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce_attribute_error))],
    getset: &[field::<NAME>("name"), field::<OBJ>("obj")],
};

fn reduce_attribute_error(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let class = type_of(ctx, exception).to_obj();
    let args = body(exception).arguments(ctx);
    let mut extra = Vec::new();
    // The object itself may not be something that can be stored: CPython leaves it out too.
    if let Some(name) = body(exception).field(ctx, NAME) {
        extra.push(("name", name));
    }
    extra.push(("args", args.clone()));
    reduce_with(ctx, exception, class, args, extra)
}

/// `ImportError`.
pub static IMPORT_ERROR: ExceptionDef = ExceptionDef {
    id: class::ImportError,
    slots: Slots {
        init: Some(|ctx, e, args| {
            keywords(ctx, e, args, "ImportError", &["name", "path", "name_from"])?;
            let message = only_argument(ctx, body(e));
            body(e).set_field(ctx, MSG, message);
            Ok(())
        }),
        str: Some(|ctx, e| match body(e).field(ctx, MSG) {
            Some(message) if message.downcast_exact::<PyStr>().is_some() => Ok(message),
            _ => base::str(ctx, e),
        }),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce_import_error))],
    getset: &[
        field::<MSG>("msg"),
        field::<NAME>("name"),
        field::<PATH>("path"),
        field::<NAME_FROM>("name_from"),
    ],
};

fn reduce_import_error(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let class = type_of(ctx, exception).to_obj();
    let args = body(exception).arguments(ctx);
    let mut extra = Vec::new();
    for (name, index) in [("name", NAME), ("path", PATH), ("name_from", NAME_FROM)] {
        if let Some(value) = body(exception).field(ctx, index) {
            extra.push((name, value));
        }
    }
    reduce_with(ctx, exception, class, args, extra)
}

/// The value a generator returned, from the StopIteration that ended it.
pub fn stop_value(ctx: &Ctx, exception: &Obj) -> Obj {
    let body = exception.downcast::<PyException>();
    body.and_then(|b| b.field(ctx, VALUE)).unwrap_or(Obj::NONE)
}
