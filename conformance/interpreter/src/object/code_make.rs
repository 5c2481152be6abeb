//! Making code objects of parts: `types.CodeType(...)` and `code.replace(...)`; and whether two are the same.
//!
//! Instructions rely on what the compiler knew: how many registers there are and what they hold, which locals are bound where. So a
//! program cannot write its own. The instructions of a new code object are those of one that the program has, found by the bytes
//! of its `co_code`; and what they rely on stays: the numbers of parameters and of variables of each kind, what the exceptions table says, and
//! the flags that make a generator of a call. Everything else can be given: names, constants, places in the source. What
//! does not fit is refused, by ValueError; [`verify`] has the last word.

use super::args::{Args, Signature};
use super::bytes::PyBytes;
use super::code::{self, PyCode};
use super::code_places::{exception_table, line_table, raw, read_line_table};
use super::complex::PyComplex;
use super::obj::Obj;
use super::set::PySet;
use super::slice::PySlice;
use super::slots::Comparison;
use super::str_::PyStr;
use super::tuple::PyTuple;
use super::type_::type_id_of;
use super::{float, ids, int, protocol};
use crate::code::{Code, Const, Name, Positions, flags, local};
use crate::error::{PyResult, raise};
use crate::host::{DefaultHasher, HashMap, RandomState};
use crate::op::verify;
use crate::prelude::*;
use crate::vm::thread::rt;
use alloc::sync::{Arc, Weak};
use core::hash::{BuildHasher, Hash, Hasher};
use kit_core::thread::Ctx;

/// The code whose `co_code` a program has seen, by a hash of its instructions.
#[derive(Default)]
pub struct Seen {
    state: RandomState,
    by_hash: HashMap<u64, Vec<Weak<Code>>>,
    /// When to forget code that is gone: at this many entries.
    limit: usize,
}

impl Seen {
    fn note(&mut self, code: &Arc<Code>) {
        let hash = self.state.hash_one(&code.units);
        let same = self.by_hash.entry(hash).or_default();
        if same.iter().any(|one| one.as_ptr() == Arc::as_ptr(code)) {
            return;
        }
        same.retain(|one| one.strong_count() > 0);
        same.push(Arc::downgrade(code));
        if self.by_hash.len() > self.limit {
            self.by_hash.retain(|_, same| {
                same.retain(|one| one.strong_count() > 0);
                !same.is_empty()
            });
            self.limit = 2 * self.by_hash.len() + 64;
        }
    }

    fn with(&self, bytes: &[u8]) -> Vec<Arc<Code>> {
        let units = bytes.as_chunks::<4>().0.iter().skip(1);
        let units: Vec<u32> = units.map(|unit| u32::from_le_bytes(*unit)).collect();
        let same = self.by_hash.get(&self.state.hash_one(&units));
        let same = same.into_iter().flatten().filter_map(Weak::upgrade);
        same.filter(|code| raw(code) == bytes).collect()
    }
}

/// The program has seen the `co_code` of this code.
pub fn note(ctx: &Ctx, code: &Arc<Code>) {
    let runtime = rt(ctx);
    runtime.seen.write(runtime.lot, |seen| seen.note(code));
}

/// The codes with these instructions.
fn find(ctx: &Ctx, bytes: &[u8]) -> Vec<Arc<Code>> {
    let runtime = rt(ctx);
    runtime.seen.read(runtime.lot, |seen| seen.with(bytes))
}

/// The flags that instructions rely on.
const FIXED: u32 = flags::OPTIMIZED
    | flags::NEWLOCALS
    | flags::VARARGS
    | flags::VARKEYWORDS
    | flags::GENERATOR
    | flags::COROUTINE
    | flags::ASYNC_GENERATOR;

/// The attributes that make a code object, in the order in which its class takes them.
const FIELDS: [&str; 18] = [
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    "co_qualname",
    "co_firstlineno",
    "co_linetable",
    "co_exceptiontable",
    "co_freevars",
    "co_cellvars",
];

/// How many of them are numbers: those before `co_code`.
const COUNTS: usize = 6;
const ARGCOUNT: usize = 0;
const POSONLY: usize = 1;
const KWONLY: usize = 2;
const NLOCALS: usize = 3;
const STACKSIZE: usize = 4;
const FLAGS: usize = 5;

/// What a code object is to be.
struct Wanted {
    counts: [u32; COUNTS],
    instructions: Vec<Arc<Code>>,
    consts: Vec<Const>,
    names: Vec<Name>,
    varnames: Vec<Name>,
    filename: Name,
    name: Name,
    qualname: Name,
    first_line: u32,
    positions: Positions,
    exceptions: Vec<u8>,
    freevars: Vec<Name>,
    cellvars: Vec<Name>,
}

impl Wanted {
    fn of(code: &Arc<Code>) -> Wanted {
        let varnames: Vec<Name> = code.varnames().cloned().collect();
        Wanted {
            counts: [
                code.argcount,
                code.posonlyargcount,
                code.kwonlyargcount,
                varnames.len() as u32,
                code.nregs - code.nlocals,
                code.flags,
            ],
            instructions: vec![code.clone()],
            consts: code.consts.clone(),
            names: code.names.clone(),
            varnames,
            filename: code.filename.clone(),
            name: code.name.clone(),
            qualname: code.qualname.clone(),
            first_line: code.first_line,
            positions: code.positions.clone(),
            exceptions: exception_table(code),
            freevars: code.freevars().cloned().collect(),
            cellvars: code.cellvars().cloned().collect(),
        }
    }

    /// Sets the field with this number; `what` names the function and the argument.
    fn set(&mut self, ctx: &mut Ctx, field: usize, value: &Obj, what: &str) -> PyResult<()> {
        match FIELDS[field] {
            "co_code" => {
                let bytes = data(ctx, value, what)?;
                self.instructions = find(ctx, bytes);
                if self.instructions.is_empty() {
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "code: co_code must be that of a code object"
                    ));
                }
            }
            "co_consts" => {
                let items = items(ctx, value, what)?;
                self.consts = constants(ctx, items, 0)?;
            }
            "co_names" => self.names = names(ctx, value, what)?,
            "co_varnames" => self.varnames = names(ctx, value, what)?,
            "co_freevars" => self.freevars = names(ctx, value, what)?,
            "co_cellvars" => self.cellvars = names(ctx, value, what)?,
            "co_filename" => self.filename = text(ctx, value, what)?,
            "co_name" => self.name = text(ctx, value, what)?,
            "co_qualname" => self.qualname = text(ctx, value, what)?,
            "co_firstlineno" => self.first_line = count(ctx, value, "co_firstlineno", what)?,
            "co_linetable" => match read_line_table(data(ctx, value, what)?) {
                Some(positions) => self.positions = positions,
                None => return Err(raise!(ctx, ValueError, "code: co_linetable is malformed")),
            },
            "co_exceptiontable" => self.exceptions = data(ctx, value, what)?.to_vec(),
            name => self.counts[field] = count(ctx, value, name, what)?,
        }
        Ok(())
    }

    /// The code object.
    fn make(self, ctx: &mut Ctx) -> PyResult {
        if self.counts[NLOCALS] as usize != self.varnames.len() {
            return Err(raise!(
                ctx,
                ValueError,
                "code: co_nlocals != len(co_varnames)"
            ));
        }
        let mut problem = "co_code";
        for code in &self.instructions {
            match self.fit(code) {
                Ok(code) => return code::new(ctx, &Arc::new(code)),
                Err(what) => problem = what,
            }
        }
        Err(raise!(
            ctx,
            ValueError,
            "code: {problem} does not fit the instructions"
        ))
    }

    /// The code with the instructions of `like`; the error names the field that does not fit them.
    fn fit(&self, like: &Code) -> Result<Code, &'static str> {
        let counts = &self.counts;
        let mut code = Code::clone(like);
        for (field, is) in [(ARGCOUNT, like.argcount), (KWONLY, like.kwonlyargcount)] {
            if counts[field] != is {
                return Err(FIELDS[field]);
            }
        }
        if counts[POSONLY] > like.argcount {
            return Err(FIELDS[POSONLY]);
        }
        code.posonlyargcount = counts[POSONLY];
        let mut changed = counts[FLAGS] ^ like.flags;
        if like.flags & flags::GENERATOR == 0 {
            changed |= counts[FLAGS] & flags::ITERABLE_COROUTINE;
        } else {
            changed &= !flags::ITERABLE_COROUTINE;
        }
        if changed & (FIXED | flags::ITERABLE_COROUTINE) != 0 {
            return Err(FIELDS[FLAGS]);
        }
        code.flags = counts[FLAGS];
        if self.exceptions != exception_table(like) {
            return Err("co_exceptiontable");
        }
        let temporaries = like.nregs - like.nlocals;
        let registers = like.nlocals.checked_add(counts[STACKSIZE]);
        match registers {
            Some(registers) if counts[STACKSIZE] >= temporaries && registers <= 0xffff => {
                code.nregs = registers;
            }
            _ => return Err(FIELDS[STACKSIZE]),
        }
        let kinds = [
            ("co_varnames", local::LOCAL, &self.varnames),
            ("co_cellvars", local::CELL, &self.cellvars),
            ("co_freevars", local::FREE, &self.freevars),
        ];
        let mut named = vec![false; code.local_names.len()];
        for (field, kind, names) in kinds {
            let registers = like.local_kinds.iter().enumerate();
            let registers = registers.filter(|(_, is)| *is & kind != 0);
            let registers: Vec<usize> = registers.map(|(register, _)| register).collect();
            if registers.len() != names.len() {
                return Err(field);
            }
            for (register, name) in registers.into_iter().zip(names) {
                // A parameter that inner functions capture is named twice.
                if named[register] && code.local_names[register] != *name {
                    return Err(field);
                }
                code.local_names[register] = name.clone();
                named[register] = true;
            }
        }
        code.consts = self.consts.clone();
        code.names = self.names.clone();
        code.filename = self.filename.clone();
        code.name = self.name.clone();
        code.qualname = self.qualname.clone();
        code.first_line = self.first_line;
        code.positions = self.positions.clone();
        verify::verify_outermost(&code).map_err(|error| match error {
            verify::VerifyError::Name(..) => "co_names",
            verify::VerifyError::Positions => "co_linetable",
            _ => "co_consts",
        })?;
        Ok(code)
    }
}

fn wrong(ctx: &mut Ctx, value: &Obj, what: &str, wanted: &str) -> crate::error::Raised {
    let class = protocol::type_name(ctx, value);
    raise!(ctx, TypeError, "{what} must be {wanted}, not {class}")
}

fn count(ctx: &mut Ctx, value: &Obj, field: &str, what: &str) -> PyResult<u32> {
    let value = protocol::index_i64(ctx, value, None)?;
    if value < 0 {
        return Err(if what.starts_with("replace") {
            raise!(ctx, ValueError, "{field} must be a positive integer")
        } else {
            let name = field.trim_start_matches("co_");
            raise!(ctx, ValueError, "code: {name} must not be negative")
        });
    }
    match i32::try_from(value) {
        Ok(value) => Ok(value.unsigned_abs()),
        Err(_) => Err(protocol::too_large(ctx, "int")),
    }
}

fn data<'a>(ctx: &mut Ctx, value: &'a Obj, what: &str) -> PyResult<&'a [u8]> {
    match value.downcast::<PyBytes>() {
        Some(bytes) => Ok(bytes.data()),
        None => Err(wrong(ctx, value, what, "bytes")),
    }
}

fn items<'a>(ctx: &mut Ctx, value: &'a Obj, what: &str) -> PyResult<&'a [Obj]> {
    match value.downcast::<PyTuple>() {
        Some(tuple) => Ok(tuple.items()),
        None => Err(wrong(ctx, value, what, "tuple")),
    }
}

fn text(ctx: &mut Ctx, value: &Obj, what: &str) -> PyResult<Name> {
    match value.downcast::<PyStr>() {
        Some(text) => Ok(text.as_str_lossy().as_ref().into()),
        None => Err(wrong(ctx, value, what, "str")),
    }
}

fn names(ctx: &mut Ctx, value: &Obj, what: &str) -> PyResult<Vec<Name>> {
    let mut names = Vec::new();
    for item in items(ctx, value, what)? {
        let Some(name) = item.downcast::<PyStr>() else {
            let class = protocol::type_name(ctx, item);
            return Err(raise!(
                ctx,
                TypeError,
                "name tuples must contain only strings, not '{class}'"
            ));
        };
        names.push(name.as_str_lossy().as_ref().into());
    }
    Ok(names)
}

/// How deep constants may be nested.
const DEEPEST: usize = 100;

fn constants(ctx: &mut Ctx, items: &[Obj], depth: usize) -> PyResult<Vec<Const>> {
    let all = items.iter().map(|item| constant(ctx, item, depth));
    all.collect()
}

/// A value as a constant.
fn constant(ctx: &mut Ctx, value: &Obj, depth: usize) -> PyResult<Const> {
    if depth > DEEPEST {
        return Err(raise!(
            ctx,
            ValueError,
            "code: co_consts is nested too deeply"
        ));
    }
    if value.is_none() {
        return Ok(Const::None);
    }
    if value.is_true() || value.is_false() {
        return Ok(Const::Bool(value.is_true()));
    }
    if value.is(&Obj::ELLIPSIS) {
        return Ok(Const::Ellipsis);
    }
    Ok(match type_id_of(value) {
        ids::INT => match int::to_i64(value) {
            Some(value) => Const::Int(value),
            None => Const::BigInt(Arc::new(int::to_big(value).unwrap_or_default())),
        },
        ids::FLOAT => Const::Float(float::to_f64(value).unwrap_or_default()),
        ids::COMPLEX => {
            let value = value.expect::<PyComplex>().value;
            Const::Complex(value.re, value.im)
        }
        ids::STR => {
            let text = value.expect::<PyStr>();
            match text.to_str() {
                Some(text) => Const::Str(text.into()),
                None => Const::Wtf8(text.bytes().into()),
            }
        }
        ids::BYTES => Const::Bytes(value.expect::<PyBytes>().data().into()),
        ids::TUPLE => {
            let items = value.expect::<PyTuple>().items();
            Const::Tuple(constants(ctx, items, depth + 1)?.into())
        }
        ids::FROZENSET => {
            let items = value.expect::<PySet>().to_vec(ctx);
            let items: Vec<Obj> = items.into_iter().map(|(_, item)| item).collect();
            Const::FrozenSet(constants(ctx, &items, depth + 1)?.into())
        }
        ids::SLICE => {
            let slice = value.expect::<PySlice>();
            let parts = [&slice.start, &slice.stop, &slice.step].map(Clone::clone);
            let mut parts = constants(ctx, &parts, depth + 1)?.into_iter();
            let mut next = || parts.next().unwrap_or(Const::None);
            Const::Slice(Arc::new([next(), next(), next()]))
        }
        ids::CODE => Const::Code(value.expect::<PyCode>().code.clone()),
        _ => {
            let class = protocol::type_name(ctx, value);
            return Err(raise!(
                ctx,
                ValueError,
                "code: co_consts must consist of constants, not '{class}' objects"
            ));
        }
    })
}

/// `types.CodeType(...)`.
pub fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "code",
        params: &FIELDS,
        posonly: FIELDS.len(),
        positional: FIELDS.len(),
        required: 16,
    };
    args.no_keywords(ctx, "code")?;
    args.check(ctx, "code", signature.required, FIELDS.len())?;
    let given = args.bind::<18>(ctx, &signature)?;
    let mut wanted = Wanted {
        counts: [0; COUNTS],
        instructions: Vec::new(),
        consts: Vec::new(),
        names: Vec::new(),
        varnames: Vec::new(),
        filename: "".into(),
        name: "".into(),
        qualname: "".into(),
        first_line: 0,
        positions: Positions::default(),
        exceptions: Vec::new(),
        freevars: Vec::new(),
        cellvars: Vec::new(),
    };
    for (field, value) in given.into_iter().enumerate() {
        if let Some(value) = value {
            let what = format!("code() argument {}", field + 1);
            wanted.set(ctx, field, value, &what)?;
        }
    }
    wanted.make(ctx)
}

/// `code.replace(**changes)`: the code object with other parts.
pub fn replace(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    if !args.pos.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "replace() takes no positional arguments"
        ));
    }
    let mut wanted = Wanted::of(&x.expect::<PyCode>().code);
    for (name, value) in args.names.iter().zip(args.values) {
        let name = name.expect::<PyStr>().as_str_lossy();
        let Some(field) = FIELDS.iter().position(|field| *field == name) else {
            return Err(raise!(
                ctx,
                TypeError,
                "replace() got an unexpected keyword argument '{name}'"
            ));
        };
        let what = format!("replace() argument '{name}'");
        wanted.set(ctx, field, value, &what)?;
    }
    wanted.make(ctx)
}

/// Whether programs take two codes for the same: all but the files that they are of.
fn same(a: &Code, b: &Code) -> bool {
    let same_constant = |(a, b): (&Const, &Const)| match (a, b) {
        (Const::Code(a), Const::Code(b)) => Arc::ptr_eq(a, b) || same(a, b),
        (a, b) => a == b,
    };
    a.name == b.name
        && (a.argcount, a.posonlyargcount, a.kwonlyargcount)
            == (b.argcount, b.posonlyargcount, b.kwonlyargcount)
        && (a.flags, a.first_line) == (b.flags, b.first_line)
        && a.units == b.units
        && a.consts.len() == b.consts.len()
        && a.consts.iter().zip(&b.consts).all(same_constant)
        && a.names == b.names
        && a.local_names == b.local_names
        && a.local_kinds == b.local_kinds
        && a.handlers == b.handlers
        && line_table(&a.positions) == line_table(&b.positions)
}

/// `a == b`.
pub fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let _ = ctx;
    let (Some(b), Comparison::Eq | Comparison::Ne) = (b.downcast::<PyCode>(), op) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let a = &a.expect::<PyCode>().code;
    let equal = Arc::ptr_eq(a, &b.code) || same(a, &b.code);
    Ok(Obj::bool(equal == (op == Comparison::Eq)))
}

/// `hash(code)`.
pub fn hash(_: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let code = &x.expect::<PyCode>().code;
    let mut hasher = DefaultHasher::new();
    (&code.name, code.first_line, code.flags, &code.names).hash(&mut hasher);
    (code.argcount, code.posonlyargcount, code.kwonlyargcount).hash(&mut hasher);
    (&code.units, &code.local_names, code.consts.len()).hash(&mut hasher);
    let hash = hasher.finish() as i64;
    Ok(if hash == -1 { -2 } else { hash })
}
