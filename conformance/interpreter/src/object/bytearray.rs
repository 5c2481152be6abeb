//! `bytearray`: bytes that may change, under the object's lock.

use super::args::{Args, Signature};
use super::by_index::{self, ByIndex, Sequence};
use super::define::{Native, TypeDef, flag, method};
use super::index::{self, Key};
use super::iterator_state::{self, Before, Empty};
use super::memoryview::PyMemoryView;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::{Guard, Locked};
use super::slots::{Comparison, Slots};
use super::str_::PyStr;
use super::type_::{PyType, type_of};
use super::{bytes_like, ids, int, protocol, str_};
use crate::error::{PyResult, Raised, raise};
use crate::module::warnings::warn_of_bytes;
use crate::prelude::*;
use crate::vm::outside::{self, Outside};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a bytearray.
pub struct PyByteArray {
    /// The data.
    data: Locked<Outside<Vec<u8>>>,
    /// How many memoryviews look at it, so that its length may not change.
    exports: AtomicUsize,
}

// SAFETY: bytes hold no references.
unsafe impl Payload for PyByteArray {
    const ID: u32 = ids::BYTEARRAY;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "bytearray";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl Body<PyByteArray> {
    /// Works on the data under the lock.
    #[inline]
    pub fn with<R>(&self, ctx: &mut Ctx, work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        // SAFETY: the field is the object's. The context is borrowed exclusively, so `work` cannot
        // have it, and nothing is locked without it.
        let mut data = unsafe { self.payload.data.lock(ctx, &self.header) };
        let result = work(&mut data);
        data.count();
        result
    }

    /// Locks the data. No other guard may be alive.
    fn look<'a>(&'a self, ctx: &'a Ctx) -> Guard<'a, Outside<Vec<u8>>> {
        // SAFETY: the field is the object's, and the two who call this lock nothing meanwhile.
        unsafe { self.payload.data.lock(ctx, &self.header) }
    }

    /// Raises MemoryError unless there is room for `more` bytes.
    fn room(&self, ctx: &mut Ctx, more: usize) -> PyResult<()> {
        let wanted = self.with(ctx, |data| {
            let len = data.len().saturating_add(more);
            // The next buffer, which may be twice as long.
            (len > data.capacity()).then(|| len.max(data.capacity().saturating_mul(2)))
        });
        match wanted {
            Some(bytes) => outside::room(ctx, bytes),
            None => Ok(()),
        }
    }

    /// A copy of the data at one moment.
    pub fn copy(&self, ctx: &mut Ctx) -> Vec<u8> {
        self.with(ctx, |data| data.to_vec())
    }

    /// As [`with`](Self::with), for work that is told whether a view looks at the data: the length is fixed then.
    pub fn edit<R>(&self, ctx: &mut Ctx, work: impl FnOnce(&mut Vec<u8>, bool) -> R) -> R {
        // Relaxed: under the lock, as in `export`. A view that goes meanwhile is noticed or not.
        self.with(ctx, |data| work(data, self.exports.load(Relaxed) > 0))
    }

    /// As [`with`](Self::with), for work that may change the length: BufferError while a view looks at the data.
    pub fn resizing<R>(&self, ctx: &mut Ctx, work: impl FnOnce(&mut Vec<u8>) -> R) -> PyResult<R> {
        match self.edit(ctx, |data, fixed| (!fixed).then(|| work(data))) {
            Some(result) => Ok(result),
            None => Err(exported(ctx)),
        }
    }

    /// Notes that a view looks at the data, whose length does not change until [`unexport`](Self::unexport); the
    /// length.
    pub fn export(&self, ctx: &mut Ctx) -> usize {
        self.with(ctx, |data| {
            self.exports.fetch_add(1, Relaxed);
            data.len()
        })
    }

    /// Notes that one view less looks at the data.
    pub fn unexport(&self) {
        // Relaxed: the data are touched under the lock only.
        self.exports.fetch_sub(1, Relaxed);
    }
}

#[cold]
fn exported(ctx: &mut Ctx) -> Raised {
    raise!(
        ctx,
        BufferError,
        "Existing exports of data: object cannot be re-sized"
    )
}

/// A bytearray.
pub fn new(ctx: &mut Ctx, data: Vec<u8>) -> PyResult {
    with_type(ctx, ids::BYTEARRAY, data)
}

fn with_type(ctx: &mut Ctx, type_id: u32, data: Vec<u8>) -> PyResult {
    let body = PyByteArray {
        data: Locked::new(Outside::new(data)),
        exports: AtomicUsize::new(0),
    };
    payload::allocate(ctx, type_id, body)
}

/// `bytearray`.
pub static BYTEARRAY: TypeDef = TypeDef {
    id: ids::BYTEARRAY,
    name: "bytearray",
    base: ids::OBJECT,
    layout: ids::BYTEARRAY,
    kind: &Body::<PyByteArray>::KIND,
    flags: flag::BASE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(construct),
        init: Some(init),
        repr: Some(repr),
        str: Some(str),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        iter: Some(by_index::iter::<InByteArray>),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(bytes_like::contains),
        rem: Some(rem),
        concat: Some(concat),
        repeat: Some(repeat),
        iadd: Some(iadd),
        imul: Some(imul),
        ..Slots::NONE
    },
    methods: bytes_like::all_methods![
        method("__reduce_ex__", Native::M1(reduce_ex)),
        method(
            "__reduce__",
            Native::M0(|ctx, x| reduce_ex(ctx, x, &Obj::small_int(2))),
        ),
        method("__reduce_ex__", Native::M1(reduce_ex)),
        method(
            "__reduce__",
            Native::M0(|ctx, x| reduce_ex(ctx, x, &Obj::small_int(2))),
        ),
        method("__buffer__", Native::S1(super::memoryview::buffer_method)),
        method(
            "__release_buffer__",
            Native::S1(super::memoryview::release_method),
        ),
        method("fromhex", Native::C1(from_hex)),
        method("append", Native::M1(append)),
        method("clear", Native::M0(clear)),
        method("copy", Native::M0(copy)),
        method("extend", Native::M1(extend)),
        method("insert", Native::MN(2, 2, insert)),
        method("pop", Native::MN(0, 1, pop)),
        method("remove", Native::M1(remove)),
        method("resize", Native::M1(resize)),
        method("reverse", Native::M0(reverse)),
        method("__alloc__", Native::M0(alloc)),
    ],
    getset: &[],
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer",
};

fn body(x: &Obj) -> &Body<PyByteArray> {
    x.expect::<PyByteArray>()
}

fn construct(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    with_type(ctx, class.expect::<PyType>().id, Vec::new())
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "bytearray",
        params: &["source", "encoding", "errors"],
        posonly: 0,
        positional: 3,
        required: 0,
    };
    let data = bytes_like::from_arguments(ctx, args, &SIGNATURE);
    // What it had is gone also where the arguments are refused.
    body(x).resizing(ctx, Vec::clear)?;
    let data = data?;
    body(x).resizing(ctx, |own| *own = data)?;
    Ok(())
}

/// `(class, (bytes,), attributes)`; before protocol 3, which knows bytes, text stands for them.
fn reduce_ex(ctx: &mut Ctx, x: &Obj, protocol: &Obj) -> PyResult {
    let protocol = protocol::index_i64(ctx, protocol, None)?;
    let bytes = body(x).with(ctx, |data| data.to_vec());
    let arguments = if protocol >= 3 {
        vec![super::bytes::new(ctx, &bytes)?]
    } else if bytes.is_empty() {
        Vec::new()
    } else {
        let text = str_::decode(ctx, &bytes, "latin-1", "strict")?;
        vec![text, str_::intern(ctx, "latin-1")]
    };
    let class = type_of(ctx, x).to_obj();
    let attributes = super::reduce::getstate(ctx, x)?;
    iterator_state::reduced(ctx, class, arguments, Some(attributes))
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = protocol::type_name(ctx, x);
    let data = body(x).copy(ctx);
    let mut inner = bytes_like::repr_text(ctx, &data)?;
    if inner.starts_with("b\"") {
        // Unlike bytes, a bytearray escapes an apostrophe in double quotes too.
        inner = inner.replace('\'', "\\'");
    }
    str_::new(ctx, &format!("{class}({inner})"))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if let Some(order) = bytes_like::order(ctx, a, b) {
        return Ok(Obj::bool(op.holds(order)));
    }
    let asks = matches!(op, Comparison::Eq | Comparison::Ne);
    if asks && protocol::is_instance_of(ctx, b, ids::STR) {
        warn_of_bytes(ctx, "Comparison between bytearray and string")?;
    }
    Ok(Obj::NOT_IMPLEMENTED)
}

/// The text of `repr`, with a warning for who wants one.
fn str(ctx: &mut Ctx, x: &Obj) -> PyResult {
    warn_of_bytes(ctx, "str() on a bytearray instance")?;
    repr(ctx, x)
}

fn len(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    Ok(body(x).with(ctx, |data| data.len()))
}

fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    match index::key(ctx, key, "bytearray indices")? {
        Key::At(at) => {
            let byte = body(x).with(ctx, |data| {
                index::place(at, data.len()).map(|place| data[place])
            });
            match byte {
                Some(byte) => Ok(Obj::small_int(byte.into())),
                None => Err(raise!(ctx, IndexError, "bytearray index out of range")),
            }
        }
        Key::Range(bounds) => {
            let picked = body(x).with(ctx, |data| {
                let span = bounds.span(data.len());
                span.indices().map(|at| data[at]).collect::<Vec<u8>>()
            });
            new(ctx, picked)
        }
    }
}

/// The bytes to put in place of a slice.
fn replacement(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult<Vec<u8>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    if let Some(data) = bytes_like::data(ctx, value)? {
        return Ok(data.into_owned());
    }
    let slots = type_of(ctx, value).slots(ctx);
    let number = slots.index.is_some() || slots.int.is_some() || slots.float.is_some();
    if number || value.downcast::<PyStr>().is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "can assign only bytes, buffers, or iterables of ints in range(0, 256)"
        ));
    }
    bytes_like::from_iterable(ctx, value, "byte")
}

fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = body(x);
    match index::key(ctx, key, "bytearray indices")? {
        Key::At(at) => {
            let byte = match value {
                Some(value) => Some(bytes_like::byte(ctx, value, "byte")?),
                None => None,
            };
            let done = body.edit(ctx, |data, fixed| {
                let Some(place) = index::place(at, data.len()) else {
                    return Some(false);
                };
                match byte {
                    Some(byte) => data[place] = byte,
                    None if fixed => return None,
                    None => drop(data.remove(place)),
                }
                Some(true)
            });
            match done {
                Some(true) => Ok(()),
                Some(false) => Err(raise!(ctx, IndexError, "bytearray index out of range")),
                None => Err(exported(ctx)),
            }
        }
        Key::Range(bounds) => {
            let new = replacement(ctx, value)?;
            body.room(ctx, new.len())?;
            let done = body.edit(ctx, |data, fixed| {
                let span = bounds.span(data.len());
                if fixed && span.count != new.len() {
                    return None;
                }
                if span.step == 1 {
                    data.splice(span.start..span.start + span.count, new);
                } else if new.is_empty() {
                    let mut gone = vec![false; data.len()];
                    span.indices().for_each(|at| gone[at] = true);
                    let mut keep = gone.iter().map(|gone| !gone);
                    data.retain(|_| keep.next().unwrap_or(true));
                } else if span.count == new.len() {
                    for (at, byte) in span.indices().zip(new) {
                        data[at] = byte;
                    }
                } else {
                    return Some(Some((new.len(), span.count)));
                }
                Some(None)
            });
            match done {
                Some(None) => Ok(()),
                Some(Some((given, wanted))) => Err(raise!(
                    ctx,
                    ValueError,
                    "attempt to assign bytes of size {given} to extended slice of size {wanted}"
                )),
                None => Err(exported(ctx)),
            }
        }
    }
}

fn rem(ctx: &mut Ctx, template: &Obj, args: &Obj) -> PyResult {
    let Some(body) = template.downcast::<PyByteArray>() else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let template = body.copy(ctx);
    let data = bytes_like::rem(ctx, &template, args)?;
    new(ctx, data)
}

/// The data of the right operand of `+`.
fn added(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult<Vec<u8>> {
    if let Some(data) = bytes_like::row(ctx, b)? {
        return Ok(data.into_owned());
    }
    let (left, right) = (protocol::type_name(ctx, a), protocol::type_name(ctx, b));
    Err(raise!(ctx, TypeError, "can't concat {right} to {left}"))
}

fn concat(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let added = added(ctx, a, b)?;
    let len = body(a).with(ctx, |data| data.len());
    outside::room(ctx, len + added.len())?;
    let mut data = body(a).copy(ctx);
    data.extend_from_slice(&added);
    new(ctx, data)
}

fn iadd(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let added = added(ctx, a, b)?;
    body(a).room(ctx, added.len())?;
    body(a).resizing(ctx, |data| data.extend_from_slice(&added))?;
    Ok(a.clone())
}

fn repeat(ctx: &mut Ctx, x: &Obj, count: &Obj) -> PyResult {
    let count = index::repetitions(ctx, count)?;
    let once = body(x).copy(ctx);
    let data = bytes_like::repeated(ctx, &once, count)?;
    new(ctx, data)
}

fn imul(ctx: &mut Ctx, x: &Obj, count: &Obj) -> PyResult {
    let count = index::repetitions(ctx, count)?;
    let once = body(x).copy(ctx);
    let data = bytes_like::repeated(ctx, &once, count)?;
    body(x).resizing(ctx, |own| *own = data)?;
    Ok(x.clone())
}

// --- Methods -------------------------------------------------------------------------------------

fn append(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let byte = bytes_like::byte(ctx, value, "byte")?;
    let pushed = body(x).resizing(ctx, |data| {
        let room = data.len() < data.capacity();
        if room {
            data.push(byte);
        }
        room
    })?;
    if !pushed {
        body(x).room(ctx, 1)?;
        body(x).resizing(ctx, |data| data.push(byte))?;
    }
    Ok(Obj::NONE)
}

fn clear(ctx: &mut Ctx, x: &Obj) -> PyResult {
    body(x).resizing(ctx, |data| *data = Vec::new())?;
    Ok(Obj::NONE)
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let data = body(x).copy(ctx);
    new(ctx, data)
}

fn extend(ctx: &mut Ctx, x: &Obj, values: &Obj) -> PyResult {
    let added = match bytes_like::row(ctx, values)? {
        Some(data) => data.into_owned(),
        None if values.downcast::<PyMemoryView>().is_some() => {
            return Err(raise!(
                ctx,
                TypeError,
                "can't set bytearray slice from memoryview"
            ));
        }
        None => {
            let class = protocol::type_name(ctx, values);
            let refusal = format!("can't extend bytearray with {class}");
            let iterator = protocol::iter_or(ctx, values, &refusal)?;
            if values
                .downcast::<PyStr>()
                .is_some_and(|text| !text.bytes().is_empty())
            {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "expected iterable of integers; got: 'str'"
                ));
            }
            protocol::length_hint(ctx, values)?;
            bytes_like::from_iterable(ctx, &iterator, "byte")?
        }
    };
    body(x).room(ctx, added.len())?;
    body(x).resizing(ctx, |data| data.extend_from_slice(&added))?;
    Ok(Obj::NONE)
}

fn insert(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let at = protocol::c_ssize(ctx, &args[0])?;
    let byte = bytes_like::byte(ctx, &args[1], "byte")?;
    body(x).room(ctx, 1)?;
    body(x).resizing(ctx, |data| {
        let at = index::clamp_bound(at, data.len());
        data.insert(at, byte);
    })?;
    Ok(Obj::NONE)
}

fn pop(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let at = match args.first() {
        Some(at) => protocol::c_ssize(ctx, at)?,
        None => -1,
    };
    let popped = body(x).resizing(ctx, |data| match index::place(at, data.len()) {
        Some(place) => Ok(data.remove(place)),
        None => Err(data.is_empty()),
    })?;
    match popped {
        Ok(byte) => Ok(Obj::small_int(byte.into())),
        Err(true) => Err(raise!(ctx, IndexError, "pop from empty bytearray")),
        Err(false) => Err(raise!(ctx, IndexError, "pop index out of range")),
    }
}

fn remove(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let byte = bytes_like::byte(ctx, value, "byte")?;
    let removed = body(x).resizing(ctx, |data| {
        memchr::memchr(byte, data).map(|place| data.remove(place))
    })?;
    match removed {
        Some(_) => Ok(Obj::NONE),
        None => Err(raise!(ctx, ValueError, "value not found in bytearray")),
    }
}

fn resize(ctx: &mut Ctx, x: &Obj, size: &Obj) -> PyResult {
    let size = protocol::c_ssize(ctx, size)?;
    let Ok(size) = usize::try_from(size) else {
        return Err(raise!(
            ctx,
            ValueError,
            "Can only resize to positive sizes, got {size}"
        ));
    };
    let len = body(x).with(ctx, |data| data.len());
    body(x).room(ctx, size.saturating_sub(len))?;
    let fits = body(x).resizing(ctx, |data| {
        let more = size.saturating_sub(data.len());
        let fits = data.try_reserve(more).is_ok();
        if fits {
            data.resize(size, 0);
        }
        fits
    })?;
    if fits {
        Ok(Obj::NONE)
    } else {
        Err(crate::error::no_memory(ctx))
    }
}

fn reverse(ctx: &mut Ctx, x: &Obj) -> PyResult {
    body(x).with(ctx, |data| data.reverse());
    Ok(Obj::NONE)
}

fn alloc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let capacity = body(x).with(ctx, |data| data.capacity());
    int::from_usize(ctx, capacity)
}

fn from_hex(ctx: &mut Ctx, class: &Obj, x: &Obj) -> PyResult {
    let data = bytes_like::from_hex(ctx, x)?;
    let value = new(ctx, data)?;
    if class.expect::<PyType>().id == ids::BYTEARRAY {
        return Ok(value);
    }
    protocol::call(ctx, class, &[value])
}

// --- Iteration -----------------------------------------------------------------------------------

/// How iterators go over bytearrays.
pub enum InByteArray {}

impl Sequence for InByteArray {
    type Items = PyByteArray;
    const ID: u32 = ids::BYTEARRAY_ITER;
    const NAME: &'static str = "bytearray_iterator";
    const BEFORE: Before = Before::End;
    const EMPTY: Empty = iterator_state::no_tuple;

    fn item(items: &Body<PyByteArray>, ctx: &Ctx, index: usize) -> Option<Obj> {
        let byte = items.look(ctx).get(index).copied()?;
        Some(Obj::small_int(byte.into()))
    }

    fn len(items: &Body<PyByteArray>, ctx: &Ctx) -> usize {
        items.look(ctx).len()
    }
}

/// The type of iterators over bytearrays.
pub static BYTEARRAY_ITER: TypeDef = ByIndex::<InByteArray>::TYPE;
