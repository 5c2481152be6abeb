//! `memoryview`: a window on the bytes of another object, one byte an item.

use super::args::{Args, Signature};
use super::bytearray::PyByteArray;
use super::bytes::{self, PyBytes};
use super::define::{Native, TypeDef, flag, getter, method};
use super::index::{self, Key, Span};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::{Comparison, Slots};
use super::{bytes_like, ids, int, iterator, list, protocol, str_, tuple};
use crate::error::{PyResult, raise};
use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a memoryview.
pub struct PyMemoryView {
    /// The object whose bytes are seen; empty once the view is released.
    owner: Slot,
    /// Which of its bytes.
    span: Span,
    readonly: bool,
}

// SAFETY: `trace` reports the owner.
unsafe impl Payload for PyMemoryView {
    const ID: u32 = ids::MEMORYVIEW;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "memoryview";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.owner.trace(tracer);
    }
}

impl Drop for PyMemoryView {
    fn drop(&mut self) {
        let word = self.owner.peek();
        if !word.is_null() {
            // SAFETY: the slot's reference keeps the owner until the slot is dropped after this.
            unexport(unsafe { Obj::borrow_word(&word) });
        }
    }
}

/// Notes that one view less looks at the object.
fn unexport(owner: &Obj) {
    if let Some(array) = owner.downcast::<PyByteArray>() {
        array.unexport();
    }
}

impl Body<PyMemoryView> {
    /// A copy of the bytes at one moment; `None` once the view is released.
    pub fn copy(&self, ctx: &mut Ctx) -> Option<Vec<u8>> {
        let owner = self.owner.get(ctx, &self.header)?;
        let pick = |data: &[u8]| {
            let places = self.span.indices();
            places.filter_map(|at| data.get(at).copied()).collect()
        };
        match owner.downcast::<PyByteArray>() {
            Some(array) => Some(array.with(ctx, |data| pick(data))),
            None => owner.downcast::<PyBytes>().map(|bytes| pick(bytes.data())),
        }
    }
}

/// `memoryview`.
pub static MEMORYVIEW: TypeDef = TypeDef {
    id: ids::MEMORYVIEW,
    name: "memoryview",
    base: ids::OBJECT,
    layout: ids::MEMORYVIEW,
    kind: &Body::<PyMemoryView>::KIND,
    flags: flag::SEQUENCE | flag::IMMUTABLE,
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(iterator::sequence),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(setitem),
        ..Slots::NONE
    },
    methods: &[
        method("count", Native::M1(count)),
        method("hex", Native::MA(hex)),
        method("index", Native::MN(1, 3, index_of)),
        method("release", Native::M0(release)),
        method("tobytes", Native::MA(to_bytes)),
        method("tolist", Native::M0(to_list)),
        method("toreadonly", Native::M0(to_readonly)),
        method("__enter__", Native::M0(enter)),
        method("__exit__", Native::MN(0, usize::MAX, exit)),
    ],
    getset: &[
        getter("obj", owner),
        getter("nbytes", |ctx, view| {
            let len = len(ctx, view)?;
            int::from_usize(ctx, len)
        }),
        getter("readonly", |ctx, view| {
            owner(ctx, view)?;
            Ok(Obj::bool(body(view).readonly))
        }),
        getter("itemsize", |_, _| Ok(Obj::small_int(1))),
        getter("ndim", |_, _| Ok(Obj::small_int(1))),
        getter("format", |ctx, _| str_::new(ctx, "B")),
        getter("shape", |ctx, view| {
            let len = len(ctx, view)?;
            let len = int::from_usize(ctx, len)?;
            tuple::from_vec(ctx, vec![len])
        }),
        getter("strides", |ctx, view| {
            let step = int::from_i64(ctx, body(view).span.step)?;
            tuple::from_vec(ctx, vec![step])
        }),
        getter("suboffsets", |ctx, _| tuple::from_vec(ctx, Vec::new())),
        getter("contiguous", contiguous),
        getter("c_contiguous", contiguous),
        getter("f_contiguous", contiguous),
    ],
    doc: "Create a new memoryview object which references the given object.",
};

fn body(view: &Obj) -> &Body<PyMemoryView> {
    view.expect::<PyMemoryView>()
}

fn contiguous(_: &mut Ctx, view: &Obj) -> PyResult {
    let span = body(view).span;
    Ok(Obj::bool(span.step == 1 || span.count <= 1))
}

/// The object a view looks at; ValueError once it is released.
fn owner(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let body = body(view);
    match body.owner.get(ctx, &body.header) {
        Some(owner) => Ok(owner),
        None => Err(raise!(
            ctx,
            ValueError,
            "operation forbidden on released memoryview object"
        )),
    }
}

/// A view of some bytes of `owner`, which keeps its length as long as it is looked at: `span` is asked with that.
fn new_of(ctx: &mut Ctx, owner: Obj, span: impl FnOnce(usize) -> Span, readonly: bool) -> PyResult {
    let len = if let Some(array) = owner.downcast::<PyByteArray>() {
        array.export(ctx)
    } else {
        owner.downcast::<PyBytes>().map_or(0, |b| b.data().len())
    };
    payload::new(
        ctx,
        PyMemoryView {
            span: span(len),
            owner: Slot::new(owner),
            readonly,
        },
    )
}

/// A view of bytes of `owner` that another view looks at.
fn new(ctx: &mut Ctx, owner: Obj, span: Span, readonly: bool) -> PyResult {
    new_of(ctx, owner, |_| span, readonly)
}

fn construct(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "memoryview",
        params: &["object"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [object] = args.bind(ctx, &SIGNATURE)?;
    let none = Obj::NONE;
    let object = object.unwrap_or(&none);
    if let Some(view) = object.downcast::<PyMemoryView>() {
        let owner = owner(ctx, object)?;
        return new(ctx, owner, view.span, view.readonly);
    }
    let readonly = object.downcast::<PyBytes>().is_some();
    if !readonly && object.downcast::<PyByteArray>().is_none() {
        let class = protocol::type_name(ctx, object);
        return Err(raise!(
            ctx,
            TypeError,
            "memoryview: a bytes-like object is required, not '{class}'"
        ));
    }
    let whole = |count| Span {
        start: 0,
        step: 1,
        count,
    };
    new_of(ctx, object.clone(), whole, readonly)
}

fn repr(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let address = protocol::address(view);
    let body = body(view);
    let text = if body.owner.peek().is_null() {
        format!("<released memory at {address:#x}>")
    } else {
        format!("<memory at {address:#x}>")
    };
    str_::new(ctx, &text)
}

/// The bytes of a view that is not released.
fn data(ctx: &mut Ctx, view: &Obj) -> PyResult<Vec<u8>> {
    owner(ctx, view)?;
    Ok(body(view).copy(ctx).unwrap_or_default())
}

fn hash(ctx: &mut Ctx, view: &Obj) -> PyResult<i64> {
    if !body(view).readonly {
        return Err(raise!(
            ctx,
            ValueError,
            "cannot hash writable memoryview object"
        ));
    }
    let data = data(ctx, view)?;
    Ok(crate::vm::thread::rt(ctx).hash_bytes(&data))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    Ok(match bytes_like::order(ctx, a, b) {
        Some(order) => Obj::bool(op.holds(order)),
        None => Obj::NOT_IMPLEMENTED,
    })
}

fn len(ctx: &mut Ctx, view: &Obj) -> PyResult<usize> {
    owner(ctx, view)?;
    Ok(body(view).span.count)
}

/// What the key of a subscript selects.
fn key(ctx: &mut Ctx, key: &Obj) -> PyResult<Key> {
    if key.downcast::<super::slice::PySlice>().is_none() && !index::is_index(ctx, key) {
        return Err(raise!(ctx, TypeError, "memoryview: invalid slice key"));
    }
    index::key(ctx, key, "memoryview indices")
}

/// The place in the owner of the item with this index.
fn place(ctx: &mut Ctx, view: &Obj, at: i64) -> PyResult<usize> {
    let span = body(view).span;
    match index::place(at, span.count) {
        Some(place) => Ok((span.start as i64 + place as i64 * span.step) as usize),
        None => Err(raise!(
            ctx,
            IndexError,
            "index out of bounds on dimension 1"
        )),
    }
}

fn getitem(ctx: &mut Ctx, view: &Obj, subscript: &Obj) -> PyResult {
    let owner = owner(ctx, view)?;
    match key(ctx, subscript)? {
        Key::At(at) => {
            let place = place(ctx, view, at)?;
            let byte = match owner.downcast::<PyByteArray>() {
                Some(array) => array.with(ctx, |data| data.get(place).copied()),
                None => owner.expect::<PyBytes>().data().get(place).copied(),
            };
            Ok(Obj::small_int(byte.unwrap_or(0).into()))
        }
        Key::Range(bounds) => {
            let own = body(view).span;
            let part = bounds.span(own.count);
            let span = Span {
                start: (own.start as i64 + part.start as i64 * own.step) as usize,
                step: own.step * part.step,
                count: part.count,
            };
            new(ctx, owner, span, body(view).readonly)
        }
    }
}

fn setitem(ctx: &mut Ctx, view: &Obj, subscript: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let owner = owner(ctx, view)?;
    if body(view).readonly {
        return Err(raise!(ctx, TypeError, "cannot modify read-only memory"));
    }
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "cannot delete memory"));
    };
    let array = owner.expect::<PyByteArray>();
    match key(ctx, subscript)? {
        Key::At(at) => {
            let place = place(ctx, view, at)?;
            if !index::is_index(ctx, value) {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "memoryview: invalid type for format 'B'"
                ));
            }
            let byte = protocol::index_i64(ctx, value, None)?;
            let Ok(byte) = u8::try_from(byte) else {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "memoryview: invalid value for format 'B'"
                ));
            };
            array.with(ctx, |data| {
                if let Some(at) = data.get_mut(place) {
                    *at = byte;
                }
            });
        }
        Key::Range(bounds) => {
            let own = body(view).span;
            let part = bounds.span(own.count);
            let new = bytes_like::expect_buffer(ctx, value)?.into_owned();
            if new.len() != part.count {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "memoryview assignment: lvalue and rvalue have different structures"
                ));
            }
            array.with(ctx, |data| {
                for (at, byte) in part.indices().zip(new) {
                    let place = (own.start as i64 + at as i64 * own.step) as usize;
                    if let Some(at) = data.get_mut(place) {
                        *at = byte;
                    }
                }
            });
        }
    }
    Ok(())
}

fn hex(ctx: &mut Ctx, view: &Obj, args: Args<'_>) -> PyResult {
    let data = data(ctx, view)?;
    let copy = bytes::new(ctx, &data)?;
    bytes_like::methods::hex(ctx, &copy, args)
}

fn count(ctx: &mut Ctx, view: &Obj, value: &Obj) -> PyResult {
    let data = data(ctx, view)?;
    let mut total = 0;
    for byte in data {
        let item = Obj::small_int(byte.into());
        total += usize::from(protocol::equals(ctx, &item, value)?);
    }
    int::from_usize(ctx, total)
}

fn index_of(ctx: &mut Ctx, view: &Obj, args: &[Obj]) -> PyResult {
    let data = data(ctx, view)?;
    let mut bounds = [0, data.len()];
    for (bound, argument) in bounds.iter_mut().zip(&args[1..]) {
        let at = index::bound(ctx, argument)?;
        *bound = index::clamp_bound(at, data.len());
    }
    for (place, byte) in data.iter().enumerate().take(bounds[1]).skip(bounds[0]) {
        let item = Obj::small_int((*byte).into());
        if protocol::equals(ctx, &item, &args[0])? {
            return int::from_usize(ctx, place);
        }
    }
    Err(raise!(ctx, ValueError, "memoryview.index(x): x not found"))
}

fn to_bytes(ctx: &mut Ctx, view: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "tobytes",
        params: &["order"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [order] = args.bind(ctx, &SIGNATURE)?;
    if let Some(order) = order
        && !order.is_none()
    {
        // With one dimension all orders are the same.
        let Some(order) = str_::text_of(order) else {
            let class = protocol::type_name(ctx, order);
            return Err(raise!(
                ctx,
                TypeError,
                "tobytes() argument 'order' must be str or None, not {class}"
            ));
        };
        if !matches!(order.as_bytes(), b"C" | b"F" | b"A") {
            return Err(raise!(ctx, ValueError, "order must be 'C', 'F' or 'A'"));
        }
    }
    let data = data(ctx, view)?;
    bytes::new(ctx, &data)
}

fn to_list(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let data = data(ctx, view)?;
    outside::room_for(ctx, data.len().saturating_mul(2))?;
    let items = data.iter().map(|byte| Obj::small_int((*byte).into()));
    let items = items.collect();
    list::from_vec(ctx, items)
}

fn to_readonly(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let owner = owner(ctx, view)?;
    new(ctx, owner, body(view).span, true)
}

fn release(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let body = body(view);
    if let Some(owner) = body.owner.replace(ctx, &body.header, None) {
        unexport(&owner);
    }
    Ok(Obj::NONE)
}

fn enter(ctx: &mut Ctx, view: &Obj) -> PyResult {
    owner(ctx, view)?;
    Ok(view.clone())
}

fn exit(ctx: &mut Ctx, view: &Obj, _: &[Obj]) -> PyResult {
    release(ctx, view)
}
