//! Code objects: compiled code, its constants as values, and the images of it that threads run.
//!
//! The compiled [`Code`] never changes. What runs is an image of its units ([`kit_core::code`]), in which instructions keep
//! inline caches; a thread's image is its own, so caches are read and written plainly. A thread that has none of its own runs
//! what the compiler made, and keeps no caches: whoever writes one asks [`may_specialize`](Body::may_specialize) first.
//! What a cache refers to is guarded by a version, and not kept alive by it.

use super::define::{Native, TypeDef, getter, member, method};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::set::PySet;
use super::slots::Slots;
use super::{
    bytes, code_make, code_places, complex, counted, float, ids, int, set, slice, str_, tuple,
};
use crate::code::{Code, Const, flags};
use crate::error::{PyResult, no_memory};
use crate::host::OnceLock;
use crate::number::complex_text::Complex;
use crate::op::Op;
use crate::prelude::*;
use crate::text::wtf8::Wtf8;
use crate::vm::monitor::{Watched, instrument};
use crate::vm::outside::Share;
use crate::vm::thread::{py, rt};
use alloc::sync::Arc;
use core::sync::atomic::AtomicU32;
use kit_core::backend::heap::HeapKind;
use kit_core::code::Copies;
use kit_core::object::{Tracer, Word};
use kit_core::refcount::per_thread::CountId;
use kit_core::thread::Ctx;

/// The body of a code object.
pub struct PyCode {
    /// What the compiler made.
    pub code: Arc<Code>,
    /// The constants; strings are interned, all are kept by the object.
    pub consts: Box<[Word]>,
    /// The names, interned.
    pub names: Box<[Obj]>,
    /// `co_name`.
    pub name: Obj,
    /// `co_qualname`.
    pub qualname: Obj,
    /// Local registers.
    pub nlocals: u32,
    /// All registers.
    pub nregs: u32,
    /// Positional parameters, when a call with exactly that many positional arguments needs no
    /// binding; `u32::MAX` otherwise.
    pub simple_args: u32,
    /// The names of the parameters, interned; none where there are `*args` or `**kwargs`.
    pub params: Box<[Obj]>,
    /// The images of its units that threads run.
    pub copies: Copies,
    /// Who watches it.
    pub watched: Watched,
    /// What its instructions weigh ([`fuel`](crate::vm::fuel)), once somebody has asked.
    pub weights: OnceLock<Box<[u32]>>,
    /// Its per-thread counts.
    pub count_id: CountId,
    /// What `code` takes.
    _bytes: Share,
    /// Distinguishes functions of this code for caches.
    pub version: AtomicU32,
}

// SAFETY: `trace` reports constants, names and the two strings.
unsafe impl Payload for PyCode {
    const ID: u32 = ids::CODE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "code";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for constant in &self.consts {
            tracer.word(*constant);
        }
        for name in self.names.iter().chain(&self.params) {
            tracer.word(name.word());
        }
        tracer.word(self.name.word());
        tracer.word(self.qualname.word());
    }
}

impl Body<PyCode> {
    /// The units that this thread runs.
    #[inline(always)]
    pub fn units(&self, ctx: &mut Ctx) -> *mut u32 {
        let index = py(ctx).copy_index;
        // SAFETY: the thread's own index; a code object stays where it is.
        unsafe { self.copies.units(ctx, index) }
    }

    /// Whether the instruction at `pc` may be specialised.
    ///
    /// # Safety
    /// - `pc` is in the image of this code that the calling thread runs.
    #[inline]
    pub unsafe fn may_specialize(&self, pc: *const u32) -> bool {
        // SAFETY: as the caller says.
        unsafe { self.copies.is_private(pc) }
    }
}

impl Drop for PyCode {
    fn drop(&mut self) {
        for constant in &self.consts {
            // SAFETY: the constants are owned, and dropped once.
            drop(unsafe { Obj::from_nullable(*constant) });
        }
    }
}

/// A code object. Its constants are immortal, so that threads do not meet at their counts, unless the
/// thread is to make nothing immortal now ([`Ctx::suppress_immortal`]).
pub fn new(ctx: &mut Ctx, code: &Arc<Code>) -> PyResult {
    let mut consts = Vec::with_capacity(code.consts.len());
    for constant in &code.consts {
        let constant = value(ctx, constant)?;
        if ctx.may_immortalize() {
            immortalize(ctx, &constant);
        }
        consts.push(constant);
    }
    let names = code
        .names
        .iter()
        .map(|name| str_::intern_text(ctx, name))
        .collect::<PyResult<_>>()?;
    let name = str_::intern_text(ctx, &code.name)?;
    let qualname = str_::intern_text(ctx, &code.qualname)?;
    let complicated = flags::VARARGS | flags::VARKEYWORDS;
    let simple = code.flags & complicated == 0
        && code.kwonlyargcount == 0
        && code.flags & flags::OPTIMIZED != 0;
    let parameters = match code.flags & complicated {
        0 => (code.argcount + code.kwonlyargcount) as usize,
        _ => 0,
    };
    let params = code.local_names[..parameters]
        .iter()
        .map(|name| str_::intern_text(ctx, name))
        .collect::<PyResult<_>>()?;
    let body = PyCode {
        consts: consts.into_iter().map(Obj::into_word).collect(),
        names,
        params,
        name,
        qualname,
        nlocals: code.nlocals,
        nregs: code.nregs,
        simple_args: if simple { code.argcount } else { u32::MAX },
        // SAFETY: the units never change, and `code` keeps them.
        copies: unsafe { Copies::new(rt(ctx).kit.code(), &raw const code.units[..]) },
        watched: Watched::default(),
        weights: OnceLock::new(),
        count_id: CountId::none(),
        version: AtomicU32::new(0),
        code: code.clone(),
        _bytes: Share::new(code.bytes()),
    };
    let object = payload::new(ctx, body)?;
    instrument::made(ctx, object.expect::<PyCode>());
    counted::share::<PyCode>(ctx, &object);
    Ok(object)
}

/// Makes a new constant and what it consists of immortal; code is deferred, and stays so. True: it is
/// immortal, or no object.
fn immortalize(ctx: &mut Ctx, constant: &Obj) -> bool {
    let Some(header) = constant.header() else {
        return true;
    };
    let parts = match header.type_id() {
        ids::INT | ids::FLOAT | ids::COMPLEX | ids::STR | ids::BYTES => true,
        ids::TUPLE => {
            let items = constant.expect::<tuple::PyTuple>().items();
            items.iter().all(|item| immortalize(ctx, item))
        }
        ids::FROZENSET => {
            let items = constant.expect::<PySet>().to_vec(ctx);
            items.iter().all(|(_, item)| immortalize(ctx, item))
        }
        _ => false,
    };
    // SAFETY: `constant` is a reference, to an object that this thread has just made, but for strings.
    parts && (header.is_immortal() || unsafe { header.make_immortal(ctx.counter()) })
}

/// The value of a constant.
pub fn value(ctx: &mut Ctx, constant: &Const) -> PyResult {
    match constant {
        Const::None => Ok(Obj::NONE),
        Const::Ellipsis => Ok(Obj::ELLIPSIS),
        Const::Bool(value) => Ok(Obj::bool(*value)),
        Const::Int(value) => int::from_i64(ctx, *value),
        Const::BigInt(value) => int::from_big(ctx, (**value).clone()),
        Const::Float(value) => float::new(ctx, *value),
        Const::Complex(re, im) => complex::new(ctx, Complex::new(*re, *im)),
        Const::Str(text) => str_::intern_text(ctx, text),
        Const::Wtf8(text) => match Wtf8::from_bytes(text) {
            Some(text) => str_::intern_wtf8(ctx, text),
            None => Err(no_memory(ctx)),
        },
        Const::Bytes(data) => bytes::new(ctx, data),
        Const::Tuple(items) => {
            let items = values(ctx, items)?;
            if items.is_empty() {
                return Ok(crate::vm::thread::empty_tuple(ctx));
            }
            tuple::from_vec(ctx, items)
        }
        Const::FrozenSet(items) => {
            let items = values(ctx, items)?;
            let frozen = set::new(ctx, ids::FROZENSET)?;
            for item in &items {
                frozen.expect::<PySet>().add(ctx, item)?;
            }
            Ok(frozen)
        }
        Const::Slice(items) => {
            let items = values(ctx, &items[..])?;
            let [start, stop, step] =
                <[Obj; 3]>::try_from(items).unwrap_or([Obj::NONE, Obj::NONE, Obj::NONE]);
            slice::new(ctx, start, stop, step)
        }
        Const::Code(code) => new(ctx, code),
    }
}

fn values(ctx: &mut Ctx, constants: &[Const]) -> PyResult<Vec<Obj>> {
    constants
        .iter()
        .map(|constant| value(ctx, constant))
        .collect()
}

impl Body<PyCode> {
    /// The constant with this index, as a register takes it: without a count.
    #[inline(always)]
    pub fn constant(&self, index: usize) -> Word {
        debug_assert!(index < self.consts.len());
        // SAFETY: the verifier checked the index.
        unsafe { *self.consts.get_unchecked(index) }
    }

    /// The name with this index.
    #[inline(always)]
    pub fn name_at(&self, index: usize) -> &Obj {
        debug_assert!(index < self.names.len());
        // SAFETY: the verifier checked the index.
        unsafe { self.names.get_unchecked(index) }
    }

    /// The operation of a unit of this code.
    pub fn op_at(&self, unit: usize) -> Option<Op> {
        self.code
            .units
            .get(unit)
            .and_then(|unit| Op::from_u8(*unit as u8))
    }
}

fn int_field(ctx: &mut Ctx, value: u32) -> PyResult {
    int::from_i64(ctx, value as i64)
}

fn strings<'a>(ctx: &mut Ctx, names: impl Iterator<Item = &'a crate::code::Name>) -> PyResult {
    let names = names
        .map(|name| str_::intern_passing(ctx, name))
        .collect::<PyResult<Vec<Obj>>>()?;
    if names.is_empty() {
        Ok(crate::vm::thread::empty_tuple(ctx))
    } else {
        tuple::from_vec(ctx, names)
    }
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let code = &x.expect::<PyCode>().code;
    let address = super::protocol::address(x);
    let text = format!(
        "<code object {} at {address:#x}, file \"{}\", line {}>",
        code.name, code.filename, code.first_line
    );
    str_::new(ctx, &text)
}

/// The type `code`.
pub static CODE: TypeDef = TypeDef {
    id: ids::CODE,
    name: "code",
    base: ids::OBJECT,
    layout: ids::CODE,
    kind: &Body::<PyCode>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(code_make::new),
        repr: Some(repr),
        hash: Some(code_make::hash),
        compare: Some(code_make::compare),
        ..Slots::NONE
    },
    methods: &[
        method("replace", Native::MA(code_make::replace)),
        method("__replace__", Native::MA(code_make::replace)),
        method("co_branches", Native::M0(code_places::branches)),
        method("co_lines", Native::M0(code_places::lines)),
        method("co_positions", Native::M0(code_places::positions)),
    ],
    getset: &[
        getter("co_code", code_places::units),
        getter("_co_code_adaptive", code_places::units),
        member("co_linetable", |ctx, x| {
            let table = code_places::line_table(&x.expect::<PyCode>().code.positions);
            bytes::new(ctx, &table)
        }),
        member("co_exceptiontable", |ctx, x| {
            let table = code_places::exception_table(&x.expect::<PyCode>().code);
            bytes::new(ctx, &table)
        }),
        member("co_stacksize", |ctx, x| {
            let code = &x.expect::<PyCode>().code;
            int_field(ctx, code.nregs - code.nlocals)
        }),
        member("co_name", |_, x| Ok(x.expect::<PyCode>().name.clone())),
        member("co_qualname", |_, x| {
            Ok(x.expect::<PyCode>().qualname.clone())
        }),
        member("co_filename", |ctx, x| {
            str_::intern_passing(ctx, &x.expect::<PyCode>().code.filename)
        }),
        member("co_firstlineno", |ctx, x| {
            int_field(ctx, x.expect::<PyCode>().code.first_line)
        }),
        member("co_flags", |ctx, x| {
            int_field(ctx, x.expect::<PyCode>().code.flags)
        }),
        member("co_argcount", |ctx, x| {
            int_field(ctx, x.expect::<PyCode>().code.argcount)
        }),
        member("co_posonlyargcount", |ctx, x| {
            int_field(ctx, x.expect::<PyCode>().code.posonlyargcount)
        }),
        member("co_kwonlyargcount", |ctx, x| {
            int_field(ctx, x.expect::<PyCode>().code.kwonlyargcount)
        }),
        member("co_nlocals", |ctx, x| {
            let count = x.expect::<PyCode>().code.varnames().count() as u32;
            int_field(ctx, count)
        }),
        getter("co_varnames", |ctx, x| {
            strings(ctx, x.expect::<PyCode>().code.varnames())
        }),
        getter("co_cellvars", |ctx, x| {
            strings(ctx, x.expect::<PyCode>().code.cellvars())
        }),
        getter("co_freevars", |ctx, x| {
            strings(ctx, x.expect::<PyCode>().code.freevars())
        }),
        member("co_names", |ctx, x| {
            let names = x.expect::<PyCode>().names.to_vec();
            tuple::from_vec(ctx, names)
        }),
        member("co_consts", |ctx, x| {
            // SAFETY: the code keeps its constants.
            let consts = x
                .expect::<PyCode>()
                .consts
                .iter()
                .map(|word| unsafe { Obj::copy_word(*word) })
                .collect();
            tuple::from_vec(ctx, consts)
        }),
    ],
    doc: "",
};
