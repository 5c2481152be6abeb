//! `_struct`: values to bytes and back, as a format says.
//!
//! A format is read into runs of items ([`Run`]); `Struct` keeps them, and the functions of the module read the format
//! each time.

use super::natives::{self, raise_of};
use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::bytes::PyBytes;
use crate::object::define::{ModuleDef, Native, TypeDef, flag, getter, method};
use crate::object::exception::{self, class, unicode};
use crate::object::memoryview::PyMemoryView;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::scalar::{self, NATIVE_BIG, Unfit};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::{bytes, bytes_like, float, ids, int, key, protocol, str_, tuple};

use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn error_class(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.struct_error,
        "struct",
        "error",
        class::Exception,
    )
}

fn fail(ctx: &mut Ctx, message: &str) -> Raised {
    let class = error_class(ctx);
    raise_of(ctx, class, message)
}

/// Items of one kind in a row.
#[derive(Clone, Debug)]
struct Run {
    code: u8,
    /// Items; for `s` and `p` bytes.
    count: usize,
    /// Bytes of an item.
    size: usize,
    /// Where the first one is.
    offset: usize,
}

/// A format that was read.
#[derive(Clone, Debug, Default)]
struct Plan {
    runs: Vec<Run>,
    big: bool,
    size: usize,
    /// Values that it takes.
    values: usize,
}

fn plan(ctx: &mut Ctx, format: &[u8]) -> PyResult<Plan> {
    if format.contains(&0) {
        return Err(fail(ctx, "embedded null character"));
    }
    match read(format) {
        Ok(plan) => Ok(plan),
        Err(message) => Err(fail(ctx, message)),
    }
}

fn read(format: &[u8]) -> Result<Plan, &'static str> {
    const TOO_LONG: &str = "total struct size too long";
    let (big, native, aligned, rest) = match format {
        [b'@', rest @ ..] => (NATIVE_BIG, true, true, rest),
        [b'=', rest @ ..] => (NATIVE_BIG, false, false, rest),
        [b'<', rest @ ..] => (false, false, false, rest),
        [b'>' | b'!', rest @ ..] => (true, false, false, rest),
        rest => (NATIVE_BIG, true, true, rest),
    };
    let mut plan = Plan {
        big,
        ..Plan::default()
    };
    let mut at = 0;
    while let Some(&letter) = rest.get(at) {
        at += 1;
        if letter.is_ascii_whitespace() || letter == 0x0B {
            continue;
        }
        let mut count = None;
        let mut code = letter;
        while code.is_ascii_digit() {
            let value = count.unwrap_or(0usize);
            let value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(usize::from(code - b'0')))
                .filter(|value| *value <= isize::MAX as usize);
            count = Some(
                value
                    .ok_or("overflow in item count")
                    .map_err(|_| TOO_LONG)?,
            );
            code = *rest
                .get(at)
                .ok_or("repeat count given without format specifier")?;
            at += 1;
        }
        let count = count.unwrap_or(1);
        let size = match code {
            b'x' | b's' | b'p' => 1,
            _ if native => scalar::native_size(code).ok_or("bad char in struct format")?,
            _ => scalar::standard_size(code).ok_or("bad char in struct format")?,
        };
        if aligned {
            let align = match code {
                b'x' | b's' | b'p' => 1,
                _ => scalar::native_align(code),
            };
            plan.size = plan.size.checked_next_multiple_of(align).ok_or(TOO_LONG)?;
        }
        let bytes = size.checked_mul(count).ok_or(TOO_LONG)?;
        let end = plan.size.checked_add(bytes);
        let end = end
            .filter(|end| *end <= isize::MAX as usize)
            .ok_or(TOO_LONG)?;
        if code != b'x' {
            plan.values += if matches!(code, b's' | b'p') {
                1
            } else {
                count
            };
            plan.runs.push(Run {
                code,
                count,
                size,
                offset: plan.size,
            });
        }
        plan.size = end;
    }
    Ok(plan)
}

impl Plan {
    /// The values in bytes of the right number.
    fn unpack(&self, ctx: &mut Ctx, data: &[u8]) -> PyResult {
        outside::room_for(ctx, self.values)?;
        let mut values = Vec::with_capacity(self.values);
        for run in &self.runs {
            let field = &data[run.offset..run.offset + run.count * run.size];
            match run.code {
                b's' => values.push(bytes::new(ctx, field)?),
                b'p' => {
                    let (len, text) = field.split_first().unwrap_or((&0, &[]));
                    let len = usize::from(*len).min(text.len());
                    values.push(bytes::new(ctx, &text[..len])?);
                }
                code => {
                    for item in field.chunks(run.size) {
                        values.push(scalar::unpack(ctx, code, self.big, item)?);
                    }
                }
            }
        }
        tuple::from_items(ctx, values)
    }

    /// The bytes of the values; `name` is the function that was called.
    fn pack(&self, ctx: &mut Ctx, values: &[Obj], name: &str) -> PyResult<Vec<u8>> {
        if values.len() != self.values {
            let (wanted, given) = (self.values, values.len());
            let message = format!("{name} expected {wanted} items for packing (got {given})");
            return Err(fail(ctx, &message));
        }
        let mut data = bytes_like::zeroed(ctx, self.size)?;
        let mut values = values.iter();
        for run in &self.runs {
            let field = &mut data[run.offset..run.offset + run.count * run.size];
            if matches!(run.code, b's' | b'p') {
                let Some(value) = values.next() else { break };
                pack_text(ctx, run.code, value, field)?;
                continue;
            }
            for (item, value) in field.chunks_mut(run.size).zip(&mut values) {
                match scalar::pack(ctx, run.code, self.big, value, item) {
                    Ok(()) => {}
                    Err(unfit) => return Err(refuse(ctx, run, value, unfit)),
                }
            }
        }
        Ok(data)
    }
}

fn pack_text(ctx: &mut Ctx, code: u8, value: &Obj, field: &mut [u8]) -> PyResult<()> {
    let known = value.downcast::<PyBytes>().is_some()
        || value
            .downcast::<crate::object::bytearray::PyByteArray>()
            .is_some();
    let text = bytes_like::buffer(ctx, value).filter(|_| known);
    let Some(text) = text else {
        let message = format!("argument for '{}' must be a bytes object", char::from(code));
        return Err(fail(ctx, &message));
    };
    let field = if code == b'p' {
        let Some((len, field)) = field.split_first_mut() else {
            return Ok(());
        };
        // What is behind the first 255 is there, too.
        *len = text.len().min(field.len()).min(255) as u8;
        field
    } else {
        field
    };
    let len = text.len().min(field.len());
    field[..len].copy_from_slice(&text[..len]);
    Ok(())
}

#[cold]
fn refuse(ctx: &mut Ctx, run: &Run, value: &Obj, unfit: Unfit) -> Raised {
    let message = match unfit {
        // An int that is too large for a float of this size, or for any.
        Unfit::Raised(raised) if matches!(run.code, b'e' | b'f' | b'd') => {
            let why = exception::take(ctx, raised);
            match float::convert(ctx, value) {
                Ok(_) if int::view(value).is_some() => "int too large to convert".to_owned(),
                Ok(_) => return exception::raise(ctx, why),
                Err(raised) => {
                    exception::take(ctx, raised);
                    "required argument is not a float".to_owned()
                }
            }
        }
        Unfit::Raised(raised) => return raised,
        Unfit::Type => match run.code {
            b'c' => "char format requires a bytes object of length 1".to_owned(),
            b'e' | b'f' | b'd' => "required argument is not a float".to_owned(),
            b'F' | b'D' => "required argument is not a complex".to_owned(),
            _ => "required argument is not an integer".to_owned(),
        },
        Unfit::Range => match scalar::integer(run.code) {
            Some(signed) => {
                let (least, most) = scalar::bounds(signed, run.size);
                let code = char::from(run.code);
                format!("'{code}' format requires {least} <= number <= {most}")
            }
            None => "int too large to convert".to_owned(),
        },
    };
    fail(ctx, &message)
}

// --- Struct --------------------------------------------------------------------------------------

/// The body of a `Struct`.
pub struct PyStruct {
    plan: OnceLock<(Plan, String)>,
}

// SAFETY: there are no references.
unsafe impl Payload for PyStruct {
    const ID: u32 = ids::STRUCT;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Struct";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// The bytes of a format argument.
fn format_of(ctx: &mut Ctx, format: &Obj) -> PyResult<Vec<u8>> {
    if let Some(text) = format.downcast::<PyStr>() {
        return match unicode::not_ascii(ctx, format) {
            Some(raised) => Err(raised),
            None => Ok(text.bytes().to_vec()),
        };
    }
    if let Some(text) = format.downcast::<PyBytes>() {
        return Ok(text.data().to_vec());
    }
    let class = protocol::type_name(ctx, format);
    Err(raise!(
        ctx,
        TypeError,
        "Struct() argument 1 must be a str or bytes object, not {class}"
    ))
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = PyStruct {
        plan: OnceLock::new(),
    };
    payload::allocate(ctx, support::id_of(class), body)
}

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "Struct",
        params: &["format"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [format] = args.bind(ctx, &SIGNATURE)?;
    let format = format_of(ctx, format.unwrap_or(Obj::none()))?;
    let plan = plan(ctx, &format)?;
    let text = format.iter().map(|byte| char::from(*byte)).collect();
    // What was read first stays.
    let _ = this.expect::<PyStruct>().payload.plan.set((plan, text));
    Ok(())
}

fn plan_of<'a>(ctx: &mut Ctx, this: &'a Obj) -> PyResult<&'a (Plan, String)> {
    match this.expect::<PyStruct>().payload.plan.get() {
        Some(plan) => Ok(plan),
        None => Err(raise!(
            ctx,
            RuntimeError,
            "Struct object is not initialized"
        )),
    }
}

/// `_struct.Struct`.
pub static STRUCT: TypeDef = TypeDef {
    id: ids::STRUCT,
    name: "_struct.Struct",
    base: ids::OBJECT,
    layout: ids::STRUCT,
    kind: &Body::<PyStruct>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(|ctx, this| {
            let format = plan_of(ctx, this)?.1.clone();
            let class = support::plain_name(ctx, crate::object::type_::type_of(ctx, this));
            let format = str_::new(ctx, &format)?;
            let format = protocol::repr_string(ctx, &format)?;
            str_::new(ctx, &format!("{class}({format})"))
        }),
        ..Slots::NONE
    },
    methods: &[
        method("pack", Native::MA(struct_pack)),
        method("pack_into", Native::MA(struct_pack_into)),
        method("unpack", Native::M1(struct_unpack)),
        method("unpack_from", Native::MA(struct_unpack_from)),
        method("iter_unpack", Native::M1(struct_iter_unpack)),
    ],
    getset: &[
        getter("format", |ctx, this| {
            let format = &plan_of(ctx, this)?.1;
            str_::new(ctx, format)
        }),
        getter("size", |ctx, this| {
            let size = plan_of(ctx, this)?.0.size;
            int::from_usize(ctx, size)
        }),
    ],
    doc: "Struct(fmt) --> compiled struct object",
};

fn struct_pack(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let plan = &plan_of(ctx, this)?.0;
    args.no_keywords(ctx, "pack")?;
    let data = plan.pack(ctx, args.pos, "pack")?;
    bytes::new(ctx, &data)
}

fn struct_pack_into(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let plan = &plan_of(ctx, this)?.0;
    args.no_keywords(ctx, "pack_into")?;
    pack_into_with(ctx, plan, args.pos)
}

fn pack_into_with(ctx: &mut Ctx, plan: &Plan, args: &[Obj]) -> PyResult {
    let [target, offset, values @ ..] = args else {
        let missing = if args.is_empty() { "buffer" } else { "offset" };
        return Err(fail(ctx, &format!("pack_into expected {missing} argument")));
    };
    if values.len() != plan.values {
        let (wanted, given) = (plan.values, values.len());
        let message = format!("pack_into expected {wanted} items for packing (got {given})");
        return Err(fail(ctx, &message));
    }
    let len = bytes_like::writable_size(ctx, target, "")?;
    let offset = protocol::index_i64(ctx, offset, Some(class::IndexError))?;
    let size = plan.size;
    let start = match place(offset, len, size) {
        Ok(start) => start,
        Err(Misplaced::Behind) => {
            let message = format!("no space to pack {size} bytes at offset {offset}");
            return Err(fail(ctx, &message));
        }
        Err(Misplaced::Before) => {
            let message = format!("offset {offset} out of range for {len}-byte buffer");
            return Err(fail(ctx, &message));
        }
        Err(Misplaced::Short) => {
            let wanted = i128::from(offset) + size as i128;
            let message = format!(
                "pack_into requires a buffer of at least {wanted} bytes for packing {size} bytes at offset {offset} (actual buffer size is {len})"
            );
            return Err(fail(ctx, &message));
        }
    };
    let data = plan.pack(ctx, values, "pack_into")?;
    bytes_like::write(ctx, target, |target| {
        if let Some(target) = target.get_mut(start..start + data.len()) {
            target.copy_from_slice(&data);
        }
    });
    Ok(Obj::NONE)
}

/// How an offset does not fit.
enum Misplaced {
    Behind,
    Before,
    Short,
}

/// Where an offset is, negative ones from the end, if so many bytes fit there.
fn place(offset: i64, len: usize, size: usize) -> Result<usize, Misplaced> {
    let mut start = i128::from(offset);
    if offset < 0 {
        if start + size as i128 > 0 {
            return Err(Misplaced::Behind);
        }
        start += len as i128;
        if start < 0 {
            return Err(Misplaced::Before);
        }
    }
    if len as i128 - start < size as i128 {
        return Err(Misplaced::Short);
    }
    Ok(start as usize)
}

fn struct_unpack(ctx: &mut Ctx, this: &Obj, data: &Obj) -> PyResult {
    let plan = &plan_of(ctx, this)?.0;
    unpack_with(ctx, plan, data)
}

fn unpack_with(ctx: &mut Ctx, plan: &Plan, data: &Obj) -> PyResult {
    let data = bytes_like::expect_buffer(ctx, data)?;
    if data.len() != plan.size {
        let message = format!("unpack requires a buffer of {} bytes", plan.size);
        return Err(fail(ctx, &message));
    }
    plan.unpack(ctx, &data)
}

fn struct_unpack_from(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "unpack_from",
        params: &["buffer", "offset"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let plan = &plan_of(ctx, this)?.0;
    let [data, offset] = args.bind(ctx, &SIGNATURE)?;
    unpack_from_with(ctx, plan, data.unwrap_or(Obj::none()), offset)
}

fn unpack_from_with(ctx: &mut Ctx, plan: &Plan, data: &Obj, offset: Option<&Obj>) -> PyResult {
    let data = bytes_like::expect_buffer(ctx, data)?;
    let offset = match offset {
        Some(offset) => protocol::c_ssize(ctx, offset)?,
        None => 0,
    };
    let (len, size) = (data.len(), plan.size);
    let message = match place(offset, len, size) {
        Ok(start) => return plan.unpack(ctx, &data[start..start + size]),
        Err(Misplaced::Behind) => {
            format!("not enough data to unpack {size} bytes at offset {offset}")
        }
        Err(Misplaced::Before) => format!("offset {offset} out of range for {len}-byte buffer"),
        Err(Misplaced::Short) => {
            let wanted = i128::from(offset) + size as i128;
            format!(
                "unpack_from requires a buffer of at least {wanted} bytes for unpacking {size} bytes at offset {offset} (actual buffer size is {len})"
            )
        }
    };
    Err(fail(ctx, &message))
}

fn struct_iter_unpack(ctx: &mut Ctx, this: &Obj, data: &Obj) -> PyResult {
    let plan = plan_of(ctx, this)?.0.clone();
    iter_with(ctx, plan, data)
}

fn iter_with(ctx: &mut Ctx, plan: Plan, data: &Obj) -> PyResult {
    if plan.size == 0 {
        return Err(fail(
            ctx,
            "cannot iteratively unpack with a struct of length 0",
        ));
    }
    let len = bytes_like::expect_buffer(ctx, data)?.len();
    if len % plan.size != 0 {
        let message = format!(
            "iterative unpacking requires a buffer of a multiple of {} bytes",
            plan.size
        );
        return Err(fail(ctx, &message));
    }
    // A view, so that the data keep their length.
    let view = crate::object::memoryview::of(ctx, data)?;
    let body = PyStructIter {
        plan,
        data: Slot::new(view),
        len,
        at: AtomicUsize::new(0),
    };
    payload::new(ctx, body)
}

/// The body of what `iter_unpack` returns.
pub struct PyStructIter {
    plan: Plan,
    data: Slot,
    len: usize,
    at: AtomicUsize,
}

support::slot_payload!(PyStructIter, ids::STRUCT_ITER, "unpack_iterator", data);

fn next(ctx: &mut Ctx, this: &Obj) -> PyResult<Option<Obj>> {
    let body = this.expect::<PyStructIter>();
    let Some(data) = body.data.get(ctx, &body.header) else {
        return Ok(None);
    };
    let size = body.plan.size;
    // Relaxed: nothing else depends on the place; each thread gets another one.
    let at = body.at.fetch_add(size, Relaxed);
    if at >= body.len {
        // Relaxed: as above. It does not run over.
        body.at.store(body.len, Relaxed);
        body.data.set(ctx, &body.header, None);
        return Ok(None);
    }
    let part = data.downcast::<PyMemoryView>();
    match part.and_then(|view| view.part(ctx, at, size)) {
        Some(item) => body.plan.unpack(ctx, &item).map(Some),
        None => Ok(None),
    }
}

/// `_struct.unpack_iterator`.
pub static STRUCT_ITER: TypeDef = TypeDef {
    methods: &[method(
        "__length_hint__",
        Native::M0(|ctx, this| {
            let body = this.expect::<PyStructIter>();
            let left = body.len.saturating_sub(body.at.load(Relaxed));
            int::from_usize(ctx, left / body.plan.size)
        }),
    )],
    ..support::inner_iterator(
        ids::STRUCT_ITER,
        "_struct.unpack_iterator",
        &Body::<PyStructIter>::KIND,
        next,
        &[],
    )
};

// --- Functions -----------------------------------------------------------------------------------

/// The format before the other arguments.
fn leading<'a>(ctx: &mut Ctx, args: &'a [Obj]) -> PyResult<(Plan, &'a [Obj])> {
    let Some((format, rest)) = args.split_first() else {
        return Err(raise!(ctx, TypeError, "missing format argument"));
    };
    Ok((plan_from(ctx, format)?, rest))
}

fn pack(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (plan, values) = leading(ctx, args)?;
    let data = plan.pack(ctx, values, "pack")?;
    bytes::new(ctx, &data)
}

fn pack_into(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let (plan, rest) = leading(ctx, args)?;
    pack_into_with(ctx, &plan, rest)
}

/// The plan of a format that a function of the module is given.
fn plan_from(ctx: &mut Ctx, format: &Obj) -> PyResult<Plan> {
    // Plans are kept by their formats.
    if let Err(raised) = protocol::hash(ctx, format) {
        return Err(key::explain_unhashable(ctx, raised, format, "a dict key"));
    }
    let format = format_of(ctx, format)?;
    plan(ctx, &format)
}

fn unpack(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let plan = plan_from(ctx, &args[0])?;
    unpack_with(ctx, &plan, &args[1])
}

fn iter_unpack(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let plan = plan_from(ctx, &args[0])?;
    iter_with(ctx, plan, &args[1])
}

fn unpack_from(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "unpack_from",
        params: &["format", "buffer", "offset"],
        posonly: 1,
        positional: 3,
        required: 2,
    };
    let [format, data, offset] = args.bind(ctx, &SIGNATURE)?;
    let plan = plan_from(ctx, format.unwrap_or(Obj::none()))?;
    unpack_from_with(ctx, &plan, data.unwrap_or(Obj::none()), offset)
}

fn calcsize(ctx: &mut Ctx, format: &Obj) -> PyResult {
    let size = plan_from(ctx, format)?.size;
    int::from_usize(ctx, size)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let error = error_class(ctx)?;
    support::add(ctx, module, "error", error)
}

/// `_struct`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_struct",
    functions: &[
        method("pack", Native::FN(0, usize::MAX, pack)),
        method("pack_into", Native::FN(0, usize::MAX, pack_into)),
        method("unpack", Native::FN(2, 2, unpack)),
        method("unpack_from", Native::F(unpack_from)),
        method("iter_unpack", Native::FN(2, 2, iter_unpack)),
        method("calcsize", Native::F1(calcsize)),
        method("_clearcache", Native::FN(0, 0, |_, _| Ok(Obj::NONE))),
    ],
    types: &[&STRUCT, &STRUCT_ITER],
    populate,
    doc: "Functions to convert between Python values and C structs.",
};
