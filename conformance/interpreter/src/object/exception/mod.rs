//! Exceptions: the hierarchy of built-in classes, and the body of their instances.
//!
//! | file        | classes                                                            |
//! |-------------|--------------------------------------------------------------------|
//! | [`base`]    | what all exceptions have: arguments, traceback, cause, notes       |
//! | [`simple`]  | StopIteration, SystemExit, KeyError, NameError, AttributeError, ImportError |
//! | [`os`]      | OSError and how the error number selects a class                   |
//! | [`syntax`]  | SyntaxError                                                        |
//! | [`unicode`] | UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError      |
//! | [`group`]   | exception groups                                                   |

use super::define::{GetSet, Method};
use super::ids;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::{str_, tuple};
use crate::error::Raised;
use crate::host::OnceLock;
use crate::prelude::*;
use crate::text::wtf8::Wtf8;
use crate::vm::thread::{py, rt};
use core::sync::atomic::AtomicBool;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Bits, Tracer};
use kit_core::thread::Ctx;

pub mod base;
mod docs;
pub mod group;
pub mod os;
pub mod simple;
pub mod syntax;
pub mod unicode;

/// Most attributes that a built-in class adds to those of BaseException.
pub const FIELDS: usize = 9;

/// The body of an exception.
pub struct PyException {
    /// `args`, a tuple.
    pub args: Slot,
    /// `__traceback__`.
    pub traceback: Slot,
    /// `__cause__`.
    pub cause: Slot,
    /// `__context__`.
    pub context: Slot,
    /// `__suppress_context__`.
    pub suppress_context: AtomicBool,
    /// What the class adds (`OSError.errno` and the like), by index; made when the first is set.
    fields: OnceLock<Box<[Slot; FIELDS]>>,
}

// SAFETY: `trace` reports all slots.
unsafe impl Payload for PyException {
    const ID: u32 = ids::BASE_EXCEPTION;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "exception";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in self.slots() {
            slot.trace(tracer);
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        for slot in self.slots() {
            drop(slot.replace_locked(ctx, None));
        }
    }
}

impl PyException {
    fn slots(&self) -> impl Iterator<Item = &Slot> {
        let added = self
            .fields
            .get()
            .into_iter()
            .flat_map(|fields| fields.iter());
        [&self.args, &self.traceback, &self.cause, &self.context]
            .into_iter()
            .chain(added)
    }
}

impl Body<PyException> {
    /// The attribute with this index that the class adds.
    pub fn field(&self, ctx: &Ctx, index: usize) -> Option<Obj> {
        self.fields.get()?[index].get(ctx, &self.header)
    }

    /// Sets the attribute with this index that the class adds.
    pub fn set_field(&self, ctx: &Ctx, index: usize, value: Option<Obj>) {
        let fields = self
            .fields
            .get_or_init(|| Box::new([const { Slot::empty() }; FIELDS]));
        fields[index].set(ctx, &self.header, value);
    }

    /// The arguments.
    pub fn arguments(&self, ctx: &Ctx) -> Obj {
        let args = self.args.get(ctx, &self.header);
        args.unwrap_or_else(|| crate::vm::thread::empty_tuple(ctx))
    }
}

pub use docs::doc_of;

/// What a built-in exception class has of its own; what is missing is inherited.
pub struct ExceptionDef {
    /// The class.
    pub id: u32,
    /// Its operations.
    pub slots: Slots,
    /// Its methods.
    pub methods: &'static [Method],
    /// Its computed attributes.
    pub getset: &'static [GetSet],
}

/// The classes of [`HIERARCHY`] that have operations of their own.
pub static DEFS: &[&ExceptionDef] = &[
    &base::BASE_EXCEPTION,
    &simple::STOP_ITERATION,
    &simple::SYSTEM_EXIT,
    &simple::KEY_ERROR,
    &simple::NAME_ERROR,
    &simple::ATTRIBUTE_ERROR,
    &simple::IMPORT_ERROR,
    &os::OS_ERROR,
    &syntax::SYNTAX_ERROR,
    &unicode::DECODE_ERROR,
    &unicode::ENCODE_ERROR,
    &unicode::TRANSLATE_ERROR,
    &group::BASE_EXCEPTION_GROUP,
];

/// Whether instances of the class with this id have fields that those of its base have not.
pub fn adds_fields(id: u32) -> bool {
    let adds = |def: &&&ExceptionDef| def.id == id && !def.getset.is_empty();
    id != class::BaseException && DEFS.iter().find(adds).is_some()
}

/// Whether an exception class has a `__new__` that is only its base's: one that adds nothing to its base, unless that adds
/// something to its own, and the errors of Unicode.
pub fn has_new(id: u32) -> bool {
    let mut at = id;
    while (ids::FIRST_DYNAMIC..ids::FIRST_DYNAMIC + COUNT).contains(&at) {
        if at == class::BaseException || at == id && unicode::is_one(id) {
            return true;
        }
        if DEFS.iter().any(|def| def.id == at) {
            return false;
        }
        at = HIERARCHY[(at - ids::FIRST_DYNAMIC) as usize].1;
    }
    false
}

/// The bases of a built-in exception class after the first one.
pub fn further_bases(id: u32) -> &'static [u32] {
    if id == class::ExceptionGroup {
        &[class::Exception]
    } else {
        &[]
    }
}

macro_rules! exceptions {
    ($($name:ident: $base:ident,)*) => {
        #[allow(clippy::enum_variant_names)]
        #[repr(u32)]
        enum Index { $($name,)* Count }
        /// Type ids of the exception classes: the first of the dynamic ones, in this order.
        #[allow(non_upper_case_globals, missing_docs)]
        pub mod class {
            use super::{Index, ids};
            $(pub const $name: u32 = ids::FIRST_DYNAMIC + Index::$name as u32;)*
        }
        /// Name and base of every exception class, in the order of their ids.
        pub const HIERARCHY: &[(&str, u32)] = {
            #[allow(non_upper_case_globals)]
            const object: u32 = ids::OBJECT;
            use class::*;
            &[$((stringify!($name), $base),)*]
        };
        /// How many there are.
        pub const COUNT: u32 = Index::Count as u32;
    };
}

exceptions! {
    BaseException: object, Exception: BaseException, BaseExceptionGroup: BaseException, GeneratorExit: BaseException,
    KeyboardInterrupt: BaseException, SystemExit: BaseException,
    TypeError: Exception, ValueError: Exception, ArithmeticError: Exception, OverflowError: ArithmeticError, ZeroDivisionError: ArithmeticError,
    FloatingPointError: ArithmeticError, LookupError: Exception, IndexError: LookupError, KeyError: LookupError, AttributeError: Exception, NameError: Exception,
    UnboundLocalError: NameError, RuntimeError: Exception, RecursionError: RuntimeError, NotImplementedError: RuntimeError, PythonFinalizationError: RuntimeError,
    StopIteration: Exception, StopAsyncIteration: Exception, AssertionError: Exception, ImportError: Exception, ModuleNotFoundError: ImportError,
    MemoryError: Exception, BufferError: Exception, EOFError: Exception, ReferenceError: Exception, SystemError: Exception,
    SyntaxError: Exception, IndentationError: SyntaxError, TabError: IndentationError, _IncompleteInputError: SyntaxError,
    UnicodeError: ValueError, UnicodeDecodeError: UnicodeError, UnicodeEncodeError: UnicodeError, UnicodeTranslateError: UnicodeError,
    OSError: Exception, BlockingIOError: OSError, ChildProcessError: OSError, ConnectionError: OSError, BrokenPipeError: ConnectionError, ConnectionAbortedError: ConnectionError,
    ConnectionRefusedError: ConnectionError, ConnectionResetError: ConnectionError, FileExistsError: OSError, FileNotFoundError: OSError, InterruptedError: OSError,
    IsADirectoryError: OSError, NotADirectoryError: OSError, PermissionError: OSError, ProcessLookupError: OSError, TimeoutError: OSError,
    Warning: Exception, DeprecationWarning: Warning, PendingDeprecationWarning: Warning, RuntimeWarning: Warning, SyntaxWarning: Warning, UserWarning: Warning,
    FutureWarning: Warning, ImportWarning: Warning, UnicodeWarning: Warning, BytesWarning: Warning, ResourceWarning: Warning, EncodingWarning: Warning,
    ExceptionGroup: BaseExceptionGroup,
}

/// A new exception of the class `type_id` with these arguments; no memory gives MemoryError instead.
pub fn new(ctx: &mut Ctx, type_id: u32, args: Vec<Obj>) -> crate::error::PyResult {
    let args = if args.is_empty() {
        crate::vm::thread::empty_tuple(ctx)
    } else {
        tuple::from_vec(ctx, args)?
    };
    let exception = with_args(ctx, type_id, args)?;
    simple::fill_in(ctx, &exception, type_id)?;
    Ok(exception)
}

/// A new exception of the class `type_id` with this tuple of arguments, nothing else set.
pub fn with_args(ctx: &mut Ctx, type_id: u32, args: Obj) -> crate::error::PyResult {
    let body = PyException {
        args: Slot::new(args),
        traceback: Slot::empty(),
        cause: Slot::empty(),
        context: Slot::empty(),
        suppress_context: AtomicBool::new(false),
        fields: OnceLock::new(),
    };
    payload::allocate(ctx, type_id, body)
}

/// Stores a new exception with a message.
#[cold]
pub fn raise_message(ctx: &mut Ctx, type_id: u32, message: &str) -> Raised {
    raise_text(ctx, type_id, Wtf8::from_str(message))
}

/// Stores a new exception with a message that repeats text which may not be Unicode.
#[cold]
pub fn raise_text(ctx: &mut Ctx, type_id: u32, message: &Wtf8) -> Raised {
    let message = str_::from_wtf8(ctx, message);
    let exception = message.and_then(|message| new(ctx, type_id, vec![message]));
    match exception {
        Ok(exception) => raise(ctx, exception),
        Err(raised) => raised,
    }
}

/// Stores a new exception with any arguments.
#[cold]
pub fn raise_args(ctx: &mut Ctx, type_id: u32, args: Vec<Obj>) -> Raised {
    match new(ctx, type_id, args) {
        Ok(exception) => raise(ctx, exception),
        Err(raised) => raised,
    }
}

/// Stores an exception, setting its context to the exception being handled.
#[cold]
pub fn raise(ctx: &mut Ctx, exception: Obj) -> Raised {
    if let Some(handled) = py(ctx).handled.clone() {
        set_context(ctx, &exception, handled);
    }
    py(ctx).raised = Some(exception);
    Raised::stored()
}

/// Stores an exception as it is.
pub fn raise_again(ctx: &mut Ctx, exception: Obj) -> Raised {
    py(ctx).raised = Some(exception);
    Raised::stored()
}

/// Makes `handled` the context of `exception`, cutting it out of its own chain.
fn set_context(ctx: &mut Ctx, exception: &Obj, handled: Obj) {
    if handled.is(exception) {
        return;
    }
    let Some(body) = exception.downcast::<PyException>() else {
        return;
    };
    // If the chain of contexts of `handled` leads to `exception`, it is cut there. A program may have made
    // a ring of contexts elsewhere: `slow`, at half the speed, is met by whoever goes round one.
    let mut link = handled.clone();
    let (mut slow, mut step) = (handled.clone(), false);
    while let Some(next) = context_of(ctx, &link) {
        if next.is(exception) {
            if let Some(b) = link.downcast::<PyException>() {
                b.context.set(ctx, &b.header, None);
            }
            break;
        }
        link = next;
        if link.is(&slow) {
            break;
        }
        if step && let Some(next) = context_of(ctx, &slow) {
            slow = next;
        }
        step = !step;
    }
    body.context.set(ctx, &body.header, Some(handled));
}

/// Makes `earlier` the context of `exception`, which was raised while `earlier` was on its way.
pub fn chain(ctx: &mut Ctx, exception: &Obj, earlier: Obj) {
    set_context(ctx, exception, earlier);
}

/// The context of an exception.
fn context_of(ctx: &Ctx, exception: &Obj) -> Option<Obj> {
    let body = exception.downcast::<PyException>()?;
    body.context.get(ctx, &body.header)
}

/// Takes the stored exception.
pub fn take(ctx: &mut Ctx, raised: Raised) -> Obj {
    let _ = raised;
    let stored = py(ctx).raised.take();
    // None is stored where there was no memory for an exception.
    stored
        .or_else(|| rt(ctx).memory_error.get().cloned())
        .unwrap_or(Obj::NONE)
}

/// Whether the stored exception is an instance of the built-in class.
pub fn matches(ctx: &mut Ctx, raised: &Raised, type_id: u32) -> bool {
    let _ = raised;
    match py(ctx).raised.clone() {
        Some(exception) => is_instance(ctx, &exception, type_id),
        None => false,
    }
}

/// Whether `exception` is an instance of the built-in class.
pub fn is_instance(ctx: &Ctx, exception: &Obj, type_id: u32) -> bool {
    use super::type_::{type_by_id, type_of};
    type_of(ctx, exception).is_subtype(ctx, type_by_id(ctx, type_id))
}

/// Makes the MemoryError that the thread keeps for when there is no memory for one; or takes another
/// reference to the interpreter's. The collector does not see it before it is raised: it is part of no cycle, and nothing that
/// the collector could know holds it.
pub fn keep_spare(ctx: &mut Ctx) {
    let spare = new(ctx, class::MemoryError, Vec::new()).ok();
    if let Some(header) = spare.as_ref().and_then(Obj::header) {
        header.clear_bits_private(Bits::TRACKED);
    }
    py(ctx).spare_memory_error = spare.or_else(|| rt(ctx).memory_error.get().cloned());
    // An attempt that failed has stored nothing of use.
    py(ctx).raised = None;
}

/// Empties a MemoryError that was raised before, to be raised again.
fn renew(ctx: &Ctx, exception: &Obj) {
    if let Some(body) = exception.downcast::<PyException>() {
        for slot in [&body.traceback, &body.cause, &body.context] {
            slot.set(ctx, &body.header, None);
        }
    }
}

/// Stores MemoryError: a new one if there is memory for that, else one kept for the purpose.
#[cold]
pub fn raise_no_memory(ctx: &mut Ctx) -> Raised {
    let spare = py(ctx).spare_memory_error.take();
    // Without a spare this is the attempt to make a new one: it has failed, and the spare follows
    // when it is put back below.
    let Some(spare) = spare else {
        return Raised::stored();
    };
    rt(ctx).kit.heap().exhausted(&ctx.thread().heap);
    match new(ctx, class::MemoryError, Vec::new()) {
        Ok(exception) => {
            py(ctx).spare_memory_error = Some(spare);
            raise(ctx, exception)
        }
        Err(_) => {
            py(ctx).spare_memory_error = Some(spare.clone());
            if let Some(header) = spare.header()
                && !header.bits().contains(Bits::TRACKED)
            {
                // Not raised before, so that nobody else has it.
                header.set_bits_private(Bits::TRACKED);
            }
            renew(ctx, &spare);
            raise_again(ctx, spare)
        }
    }
}

/// Notes in the stored AttributeError what was looked up where (`name`, `obj`), for suggestions.
pub fn set_attribute_info(ctx: &mut Ctx, object: &Obj, name: &Obj) {
    if let Some(exception) = py(ctx).raised.clone()
        && let Some(body) = exception.downcast::<PyException>()
    {
        body.set_field(ctx, simple::NAME, Some(name.clone()));
        body.set_field(ctx, simple::OBJ, Some(object.clone()));
    }
}

/// As [`set_attribute_info`], if what is raised is an AttributeError that knows neither yet: one of a `__getattr__`, or of a
/// getter.
#[cold]
pub fn complete_attribute_info(ctx: &mut Ctx, raised: &Raised, object: &Obj, name: &Obj) {
    if matches(ctx, raised, class::AttributeError)
        && let Some(exception) = py(ctx).raised.clone()
        && let Some(body) = exception.downcast::<PyException>()
        && body.field(ctx, simple::NAME).is_none()
        && body.field(ctx, simple::OBJ).is_none()
    {
        set_attribute_info(ctx, object, name);
    }
}

/// Stores a NameError (or UnboundLocalError) about `name`.
#[cold]
pub fn raise_name_error(ctx: &mut Ctx, type_id: u32, message: &str, name: &Obj) -> Raised {
    let raised = raise_message(ctx, type_id, message);
    if let Some(exception) = py(ctx).raised.clone()
        && let Some(body) = exception.downcast::<PyException>()
    {
        body.set_field(ctx, simple::NAME, Some(name.clone()));
    }
    raised
}

/// Stores an ImportError (or ModuleNotFoundError) about the module `name`, and for a failed
/// `from` import the name that was wanted.
#[cold]
pub fn raise_import_error(
    ctx: &mut Ctx,
    type_id: u32,
    message: &str,
    name: &Obj,
    wanted: Option<&Obj>,
) -> Raised {
    let raised = raise_message(ctx, type_id, message);
    if let Some(exception) = py(ctx).raised.clone()
        && let Some(body) = exception.downcast::<PyException>()
    {
        body.set_field(ctx, simple::NAME, Some(name.clone()));
        body.set_field(ctx, simple::NAME_FROM, wanted.cloned());
    }
    raised
}

/// Reports an exception that nobody can catch, raised by the warning that nobody has awaited `object`.
pub fn report_unawaited(ctx: &mut Ctx, raised: Raised, object: &Obj) {
    let exception = take(ctx, raised);
    let place = match super::type_::type_id_of(object) {
        super::ids::COROUTINE => "while finalizing coroutine",
        _ => "while finalizing async generator",
    };
    crate::vm::report::report_unraisable(ctx, &exception, place, Some(object));
}

/// Reports an exception that nobody can catch, raised by the finalizer of `object`.
pub fn report_unraisable(ctx: &mut Ctx, raised: Raised, object: &Obj) {
    use super::{attribute, names::names, type_};
    let exception = take(ctx, raised);
    if matches!(
        type_::type_id_of(object),
        super::ids::GENERATOR | super::ids::COROUTINE | super::ids::ASYNC_GENERATOR
    ) {
        let place = "while closing generator";
        return crate::vm::report::report_unraisable(ctx, &exception, place, Some(object));
    }
    let finalizer = attribute::lookup(ctx, type_::type_id_of(object), &names(ctx).del);
    let place = "while calling deallocator";
    crate::vm::report::report_unraisable(ctx, &exception, place, finalizer.as_ref());
}
