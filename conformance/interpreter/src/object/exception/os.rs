//! `OSError`: error number, text and file names; the number selects a class.

use super::base::{self, body, reduce_with};
use super::{ExceptionDef, PyException, class};
#[cfg(feature = "std")]
use crate::error::Raised;
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{GetSet, Native, method};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::slots::Slots;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, type_by_id, type_object, type_of};
use crate::object::{int, protocol, str_};
use crate::prelude::*;
use kit_core::thread::Ctx;

const ERRNO: usize = 0;
const STRERROR: usize = 1;
const FILENAME: usize = 2;
const FILENAME2: usize = 3;
const WRITTEN: usize = 4;

/// `OSError`.
pub static OS_ERROR: ExceptionDef = ExceptionDef {
    id: class::OSError,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        str: Some(str),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce))],
    getset: &[
        base::field::<ERRNO>("errno"),
        base::field::<STRERROR>("strerror"),
        base::field::<FILENAME>("filename"),
        base::field::<FILENAME2>("filename2"),
        GetSet {
            name: "characters_written",
            get: |ctx, e| match body(e).field(ctx, WRITTEN) {
                Some(value) => Ok(value),
                None => Err(raise!(ctx, AttributeError, "characters_written")),
            },
            set: Some(|ctx, e, value| {
                if value.is_none() && body(e).field(ctx, WRITTEN).is_none() {
                    return Err(raise!(ctx, AttributeError, "characters_written"));
                }
                let value = match value {
                    Some(value) => Some(protocol::index(ctx, value)?),
                    None => None,
                };
                body(e).set_field(ctx, WRITTEN, value);
                Ok(())
            }),
            member: false,
        },
    ],
};

/// The class for an error number.
pub fn class_of(errno: i64) -> u32 {
    match errno {
        11 | 114 | 115 => class::BlockingIOError,
        10 => class::ChildProcessError,
        32 | 108 => class::BrokenPipeError,
        103 => class::ConnectionAbortedError,
        111 => class::ConnectionRefusedError,
        104 => class::ConnectionResetError,
        17 => class::FileExistsError,
        2 => class::FileNotFoundError,
        4 => class::InterruptedError,
        21 => class::IsADirectoryError,
        20 => class::NotADirectoryError,
        1 | 13 => class::PermissionError,
        3 => class::ProcessLookupError,
        110 => class::TimeoutError,
        _ => class::OSError,
    }
}

/// Stores the OSError for an error of the operating system, about a file or none.
#[cfg(feature = "std")]
#[cold]
pub fn raise_os_error(ctx: &mut Ctx, error: &std::io::Error, filename: Option<&Obj>) -> Raised {
    let errno = i64::from(error.raw_os_error().unwrap_or(0));
    let message = strip_code(&error.to_string());
    let Ok(message) = str_::new(ctx, &message) else {
        return crate::error::no_memory(ctx);
    };
    let mut args = vec![Obj::small_int(errno), message];
    if errno == 0 {
        args.remove(0);
    }
    args.extend(filename.filter(|_| errno != 0).cloned());
    super::raise_args(ctx, class_of(errno), args)
}

/// The system's text for an error, without what Rust appends.
#[cfg(feature = "std")]
pub fn strip_code(text: &str) -> String {
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text.to_owned(),
    }
}

/// Takes number, text and file names from the arguments, which then are only the first two.
pub(super) fn fill_in(ctx: &mut Ctx, body: &Body<PyException>) -> PyResult<()> {
    let args = body.arguments(ctx);
    let items = args.expect::<PyTuple>().items();
    if !(2..=5).contains(&items.len()) {
        return Ok(());
    }
    body.set_field(ctx, ERRNO, Some(items[0].clone()));
    body.set_field(ctx, STRERROR, Some(items[1].clone()));
    let Some(filename) = items.get(2).filter(|f| !f.is_none()) else {
        return Ok(());
    };
    let slots = type_of(ctx, filename).slots(ctx);
    let number = slots.index.is_some() || slots.int.is_some() || slots.float.is_some();
    if body.header.type_id() == class::BlockingIOError && number {
        let written = protocol::index_i64(ctx, filename, Some(class::ValueError))?;
        let written = int::from_i64(ctx, written)?;
        body.set_field(ctx, WRITTEN, Some(written));
        return Ok(());
    }
    body.set_field(ctx, FILENAME, Some(filename.clone()));
    body.set_field(
        ctx,
        FILENAME2,
        items.get(4).filter(|f| !f.is_none()).cloned(),
    );
    // The file names are not arguments any more.
    let two = tuple::from_slice(ctx, &items[..2])?;
    body.args.set(ctx, &body.header, Some(two));
    Ok(())
}

/// Whether `__init__` is what takes the arguments: a derived class has one of its own, and no `__new__`.
fn by_init(ctx: &Ctx, class: &Body<PyType>) -> bool {
    let (own, base) = (class.slots(ctx), type_by_id(ctx, class::OSError).slots(ctx));
    own.init.map(|f| f as usize) != base.init.map(|f| f as usize)
        && own.new.map(|f| f as usize) == base.new.map(|f| f as usize)
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let body = class.expect::<PyType>();
    let mut id = body.id;
    if by_init(ctx, body) {
        let none = tuple::from_slice(ctx, &[])?;
        return super::with_args(ctx, id, none);
    }
    let name = protocol::class_name(ctx, body);
    args.no_keywords(ctx, &name)?;
    if id == class::OSError
        && (2..=5).contains(&args.pos.len())
        && let Some(errno) = int::to_i64(&args.pos[0])
    {
        id = class_of(errno);
    }
    let tuple = tuple::from_slice(ctx, args.pos)?;
    let exception = super::with_args(ctx, id, tuple)?;
    fill_in(ctx, base::body(&exception))?;
    Ok(exception)
}

fn init(ctx: &mut Ctx, exception: &Obj, args: Args<'_>) -> PyResult<()> {
    let class = type_of(ctx, exception);
    if !by_init(ctx, class) {
        return Ok(());
    }
    let name = protocol::class_name(ctx, class);
    args.no_keywords(ctx, &name)?;
    base::set_arguments(ctx, exception, args.pos)?;
    fill_in(ctx, base::body(exception))
}

fn str(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let body = body(exception);
    let (errno, message) = (body.field(ctx, ERRNO), body.field(ctx, STRERROR));
    let (first, second) = (body.field(ctx, FILENAME), body.field(ctx, FILENAME2));
    if first.is_none() && (errno.is_none() || message.is_none()) {
        return base::str(ctx, exception);
    }
    let errno = protocol::str_string(ctx, &errno.unwrap_or(Obj::NONE))?;
    let message = protocol::str_string(ctx, &message.unwrap_or(Obj::NONE))?;
    let mut text = format!("[Errno {errno}] {message}");
    if let Some(first) = first {
        text += ": ";
        text += &protocol::repr_string(ctx, &first)?;
        if let Some(second) = second {
            text += " -> ";
            text += &protocol::repr_string(ctx, &second)?;
        }
    }
    str_::new(ctx, &text)
}

fn reduce(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let class = type_of(ctx, exception).to_obj();
    let args = body(exception).arguments(ctx);
    let (first, second) = (
        body(exception).field(ctx, FILENAME),
        body(exception).field(ctx, FILENAME2),
    );
    let args = match (args.expect::<PyTuple>().items(), first) {
        ([errno, message], Some(first)) => {
            let mut items = vec![errno.clone(), message.clone(), first];
            items.extend(
                second
                    .map(|second| [Obj::NONE, second])
                    .into_iter()
                    .flatten(),
            );
            tuple::from_vec(ctx, items)?
        }
        _ => args,
    };
    reduce_with(ctx, exception, class, args, Vec::new())
}

/// The class `OSError` itself, which has the names `IOError` and `EnvironmentError` too.
pub fn class_object(ctx: &Ctx) -> Obj {
    type_object(ctx, class::OSError)
}
