//! `memoryview`: a window on the bytes of another object, as items of some format in some shape.
//!
//! What can be seen is always the data of bytes or of a bytearray: other objects keep theirs in one
//! ([`memory_of`]). While a view looks at a bytearray its length is fixed. The bytes are read and written under the
//! bytearray's lock, a step at a time.

use super::args::{Args, Signature};
use super::bytearray::PyByteArray;
use super::bytes::{self, PyBytes};
use super::define::{Native, TypeDef, flag, getter, method};
use super::index::{self, Key};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::scalar::{self, NATIVE_BIG, Unfit};
use super::slice::PySlice;
use super::slot::Slot;
use super::slots::{Comparison, Slots};
use super::tuple::PyTuple;
use super::{bytes_like, exception, ids, int, iterator, list, protocol, str_, tuple};
use crate::error::{PyResult, raise};
#[cfg(feature = "std")]
use crate::module::{
    array::PyArray,
    pickle::buffer::{self, PickleBuffer},
};
use crate::prelude::*;
use crate::vm::{outside, report};
use core::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// Dimensions a view may have.
const MOST_DIMENSIONS: usize = 64;

/// Which bytes a view shows, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    /// Where its first item is.
    offset: usize,
    /// Items in each dimension.
    shape: Vec<usize>,
    /// Bytes from one item to the next, in each dimension.
    strides: Vec<i64>,
    /// What an item is, as `struct` writes it.
    format: String,
    /// Bytes of an item.
    itemsize: usize,
}

impl Layout {
    /// `len` items in a row.
    fn row(format: &str, itemsize: usize, len: usize) -> Layout {
        Layout {
            offset: 0,
            shape: vec![len],
            strides: vec![itemsize as i64],
            format: format.to_owned(),
            itemsize,
        }
    }

    fn items(&self) -> usize {
        self.shape.iter().product()
    }

    fn bytes(&self) -> usize {
        self.items() * self.itemsize
    }

    /// The letter of a format that is a single native item.
    fn code(&self) -> Option<u8> {
        match self.format.as_bytes() {
            [code] | [b'@', code] if scalar::native_size(*code).is_some() => Some(*code),
            _ => None,
        }
    }

    fn is_contiguous(&self, order: impl Iterator<Item = usize>) -> bool {
        let mut wanted = self.itemsize as i64;
        if self.items() == 0 {
            return true;
        }
        for dimension in order {
            if self.shape[dimension] > 1 && self.strides[dimension] != wanted {
                return false;
            }
            wanted *= self.shape[dimension] as i64;
        }
        true
    }

    fn is_c(&self) -> bool {
        self.is_contiguous((0..self.shape.len()).rev())
    }

    fn is_fortran(&self) -> bool {
        self.is_contiguous(0..self.shape.len())
    }

    /// Where each item is, the last index running fastest, or the first.
    fn places(&self, fortran: bool) -> Vec<usize> {
        let mut places = vec![self.offset as i64];
        let dimensions: Vec<usize> = if fortran {
            (0..self.shape.len()).rev().collect()
        } else {
            (0..self.shape.len()).collect()
        };
        for dimension in dimensions {
            let (len, stride) = (self.shape[dimension], self.strides[dimension]);
            places = places
                .iter()
                .flat_map(|place| (0..len as i64).map(move |at| place + at * stride))
                .collect();
        }
        places.into_iter().map(|place| place as usize).collect()
    }

    /// The same without the first dimension, at one of its indices.
    fn inner(&self, at: usize) -> Layout {
        Layout {
            offset: (self.offset as i64 + at as i64 * self.strides[0]) as usize,
            shape: self.shape[1..].to_vec(),
            strides: self.strides[1..].to_vec(),
            format: self.format.clone(),
            itemsize: self.itemsize,
        }
    }
}

/// The body of a memoryview.
pub struct PyMemoryView {
    /// The bytes or bytearray whose data are seen; empty once the view is released.
    owner: Slot,
    /// The object that was asked for them.
    source: Slot,
    /// The view that the object's `__buffer__` gave, which goes back to its `__release_buffer__`.
    given: Slot,
    layout: Layout,
    readonly: bool,
    /// The hash; -1 until it is computed.
    hash: AtomicI64,
    /// How many operations want the view not to be released now.
    exports: AtomicUsize,
}

// SAFETY: `trace` reports the references.
unsafe impl Payload for PyMemoryView {
    const ID: u32 = ids::MEMORYVIEW;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "memoryview";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.owner.trace(tracer);
        self.source.trace(tracer);
        self.given.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the object.
        drop(self.source.replace_locked(ctx, None));
        drop(self.given.replace_locked(ctx, None));
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

/// Looks at data under the lock of what has them.
fn look<R>(ctx: &mut Ctx, owner: &Obj, work: impl FnOnce(&[u8]) -> R) -> R {
    match owner.downcast::<PyByteArray>() {
        Some(array) => array.with(ctx, |data| work(data)),
        None => work(owner.downcast::<PyBytes>().map_or(&[], |b| b.data())),
    }
}

impl Body<PyMemoryView> {
    /// A copy of the bytes at one moment; `None` once the view is released.
    pub fn copy(&self, ctx: &mut Ctx) -> Option<Vec<u8>> {
        let owner = self.owner.get(ctx, &self.header)?;
        Some(self.gather(ctx, &owner, false))
    }

    fn gather(&self, ctx: &mut Ctx, owner: &Obj, fortran: bool) -> Vec<u8> {
        let layout = &self.layout;
        let size = layout.itemsize;
        look(ctx, owner, |data| {
            if !fortran && layout.is_c() {
                let end = layout.offset + layout.bytes();
                return data.get(layout.offset..end).unwrap_or_default().to_vec();
            }
            let places = layout.places(fortran).into_iter();
            let items = places.filter_map(|at| data.get(at..at + size));
            items.flatten().copied().collect()
        })
    }

    /// Works on the bytes where they are, if the view is writable, not released and without gaps.
    pub fn write<R>(&self, ctx: &mut Ctx, work: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        if self.readonly || !self.layout.is_c() {
            return None;
        }
        let owner = self.owner.get(ctx, &self.header)?;
        let array = owner.downcast::<PyByteArray>()?;
        let (start, len) = (self.layout.offset, self.layout.bytes());
        array.with(ctx, |data| data.get_mut(start..start + len).map(work))
    }

    /// Whether the bytes are in a row.
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_c() || self.layout.is_fortran()
    }

    /// Whether the bytes are in a row, the last index running fastest.
    pub fn is_c_contiguous(&self) -> bool {
        self.layout.is_c()
    }

    /// Whether the bytes cannot be written through the view.
    pub fn is_readonly(&self) -> bool {
        self.readonly
    }

    /// Some of the bytes of a view without gaps.
    pub fn part(&self, ctx: &mut Ctx, start: usize, len: usize) -> Option<Vec<u8>> {
        if !self.layout.is_c() || start.saturating_add(len) > self.layout.bytes() {
            return None;
        }
        let owner = self.owner.get(ctx, &self.header)?;
        let start = self.layout.offset + start;
        look(ctx, &owner, |data| {
            data.get(start..start + len).map(<[u8]>::to_vec)
        })
    }
}

/// The bytes or bytearray with the data of an object that others may look at, and what items these are.
pub fn memory_of(x: &Obj) -> Option<(Obj, &'static str, usize)> {
    if x.downcast::<PyBytes>().is_some() || x.downcast::<PyByteArray>().is_some() {
        return Some((x.clone(), "B", 1));
    }
    #[cfg(feature = "std")]
    if let Some(array) = x.downcast::<PyArray>() {
        return Some((array.memory(), array.format(), array.item_size()));
    }
    None
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
        finalize: Some(give_back),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(iter),
        len: Some(len),
        getitem: Some(getitem),
        setitem: Some(setitem),
        ..Slots::NONE
    },
    methods: &[
        method("cast", Native::MA(cast)),
        method("count", Native::M1(count)),
        method("hex", Native::MA(hex)),
        method("index", Native::MN(1, 3, index_of)),
        method("release", Native::M0(release)),
        method("tobytes", Native::MA(to_bytes)),
        method("tolist", Native::M0(to_list)),
        method("toreadonly", Native::M0(to_readonly)),
        method("_from_flags", Native::C(from_flags)),
        method("__buffer__", Native::S1(buffer_method)),
        method("__release_buffer__", Native::S1(release_method)),
        method("__enter__", Native::M0(enter)),
        method("__exit__", Native::MN(0, usize::MAX, exit)),
        method(
            "__class_getitem__",
            Native::C1(crate::module::support::class_getitem),
        ),
    ],
    getset: &[
        getter("obj", |ctx, view| {
            owner(ctx, view)?;
            let body = body(view);
            Ok(body.source.get(ctx, &body.header).unwrap_or(Obj::NONE))
        }),
        getter("nbytes", |ctx, view| {
            owner(ctx, view)?;
            int::from_usize(ctx, body(view).layout.bytes())
        }),
        getter("readonly", |ctx, view| {
            owner(ctx, view)?;
            Ok(Obj::bool(body(view).readonly))
        }),
        getter("itemsize", |ctx, view| {
            owner(ctx, view)?;
            int::from_usize(ctx, body(view).layout.itemsize)
        }),
        getter("ndim", |ctx, view| {
            owner(ctx, view)?;
            int::from_usize(ctx, body(view).layout.shape.len())
        }),
        getter("format", |ctx, view| {
            owner(ctx, view)?;
            str_::new(ctx, &body(view).layout.format)
        }),
        getter("shape", |ctx, view| {
            owner(ctx, view)?;
            let shape = body(view).layout.shape.iter();
            let shape: PyResult<Vec<Obj>> = shape.map(|len| int::from_usize(ctx, *len)).collect();
            tuple::from_items(ctx, shape?)
        }),
        getter("strides", |ctx, view| {
            owner(ctx, view)?;
            let strides = body(view).layout.strides.iter();
            let strides: PyResult<Vec<Obj>> =
                strides.map(|step| int::from_i64(ctx, *step)).collect();
            tuple::from_items(ctx, strides?)
        }),
        getter("suboffsets", |ctx, view| {
            owner(ctx, view)?;
            tuple::from_items(ctx, Vec::new())
        }),
        getter("contiguous", |ctx, view| {
            owner(ctx, view)?;
            let layout = &body(view).layout;
            Ok(Obj::bool(layout.is_c() || layout.is_fortran()))
        }),
        getter("c_contiguous", |ctx, view| {
            owner(ctx, view)?;
            Ok(Obj::bool(body(view).layout.is_c()))
        }),
        getter("f_contiguous", |ctx, view| {
            owner(ctx, view)?;
            Ok(Obj::bool(body(view).layout.is_fortran()))
        }),
    ],
    doc: "memoryview(object)\n--\n\nCreate a new memoryview object which references the given object.",
};

fn body(view: &Obj) -> &Body<PyMemoryView> {
    view.expect::<PyMemoryView>()
}

/// The bytes or bytearray a view looks at; ValueError once it is released.
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

/// A view that shows `owner` for `source`; `layout` is asked with the number of bytes, which does not change from then on.
fn new_of(
    ctx: &mut Ctx,
    owner: Obj,
    source: Obj,
    layout: impl FnOnce(usize) -> Layout,
    readonly: bool,
) -> PyResult {
    let len = if let Some(array) = owner.downcast::<PyByteArray>() {
        array.export(ctx)
    } else {
        owner.downcast::<PyBytes>().map_or(0, |b| b.data().len())
    };
    let body = PyMemoryView {
        layout: layout(len),
        owner: Slot::new(owner),
        source: Slot::new(source),
        given: Slot::empty(),
        readonly,
        hash: AtomicI64::new(-1),
        exports: AtomicUsize::new(0),
    };
    payload::new(ctx, body)
}

/// A view of what another view shows a part of.
fn part_of(ctx: &mut Ctx, view: &Obj, layout: Layout, readonly: bool) -> PyResult {
    let owner = owner(ctx, view)?;
    let body = body(view);
    let source = body.source.get(ctx, &body.header).unwrap_or(Obj::NONE);
    new_of(ctx, owner, source, |_| layout, readonly)
}

/// A view of the whole of an object.
pub fn of(ctx: &mut Ctx, object: &Obj) -> PyResult {
    of_with(ctx, object, READABLE)
}

/// The bytes that a view shows, in a row, as they are in memory.
pub fn raw(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let layout = &body(view).layout;
    if !layout.is_c() && !layout.is_fortran() {
        return Err(raise!(
            ctx,
            BufferError,
            "cannot extract raw buffer from non-contiguous buffer"
        ));
    }
    let mut bytes = Layout::row("B", 1, layout.bytes());
    bytes.offset = layout.offset;
    part_of(ctx, view, bytes, body(view).readonly)
}

/// `PyBUF_FULL_RO`: readable, in whatever layout it has.
pub const READABLE: i64 = 0x11C;
/// `PyBUF_WRITABLE`.
const WRITABLE: i64 = 1;

/// A view of the whole of an object that is asked for it with these flags.
fn of_with(ctx: &mut Ctx, object: &Obj, flags: i64) -> PyResult {
    if let Some(view) = object.downcast::<PyMemoryView>() {
        return part_of(ctx, object, view.layout.clone(), view.readonly);
    }
    #[cfg(feature = "std")]
    if object.downcast::<PickleBuffer>().is_some() {
        let view = buffer::view(ctx, object)?;
        return of_with(ctx, &view, flags);
    }
    if let Some((owner, format, size)) = memory_of(object) {
        let readonly = owner.downcast::<PyBytes>().is_some();
        let layout = |len| Layout::row(format, size, len / size);
        return new_of(ctx, owner, object.clone(), layout, readonly);
    }
    if let Some(given) = bytes_like::special_buffer_with(ctx, object, flags)? {
        let layout = body(&given).layout.clone();
        let readonly = body(&given).readonly;
        let owner = owner(ctx, &given)?;
        let view = new_of(ctx, owner, object.clone(), |_| layout, readonly)?;
        body(&view).given.set(ctx, &body(&view).header, Some(given));
        return Ok(view);
    }
    let class = protocol::type_name(ctx, object);
    Err(raise!(
        ctx,
        TypeError,
        "memoryview: a bytes-like object is required, not '{class}'"
    ))
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
    of(ctx, object.unwrap_or(Obj::none()))
}

/// The flags that a view is asked for with.
fn flags_of(ctx: &mut Ctx, flags: &Obj) -> PyResult<i64> {
    let flags = protocol::index_i64(ctx, flags, None)?;
    if i32::try_from(flags).is_err() {
        return Err(raise!(ctx, OverflowError, "buffer flags out of range"));
    }
    Ok(flags)
}

/// A view for who wants it with these flags.
fn wanted(ctx: &mut Ctx, object: &Obj, flags: &Obj) -> PyResult {
    let flags = flags_of(ctx, flags)?;
    let view = of_with(ctx, object, flags)?;
    if flags & WRITABLE != 0 && body(&view).readonly {
        return Err(if object.downcast::<PyMemoryView>().is_some() {
            raise!(
                ctx,
                BufferError,
                "memoryview: underlying buffer is not writable"
            )
        } else {
            raise!(ctx, BufferError, "Object is not writable.")
        });
    }
    Ok(view)
}

/// `memoryview._from_flags(object, flags)`.
fn from_flags(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "_from_flags",
        params: &["object", "flags"],
        posonly: 0,
        positional: 2,
        required: 2,
    };
    let [object, flags] = args.bind(ctx, &SIGNATURE)?;
    wanted(
        ctx,
        object.unwrap_or(Obj::none()),
        flags.unwrap_or(Obj::none()),
    )
}

/// `x.__buffer__(flags)` of the built-in types that have data.
pub fn buffer_method(ctx: &mut Ctx, x: &Obj, flags: &Obj) -> PyResult {
    wanted(ctx, x, flags)
}

/// `x.__release_buffer__(view)` of the built-in types that have data.
pub fn release_method(ctx: &mut Ctx, x: &Obj, view: &Obj) -> PyResult {
    let Some(shown) = view.downcast::<PyMemoryView>() else {
        return Err(raise!(ctx, TypeError, "expected a memoryview object"));
    };
    match shown.source.get(ctx, &shown.header) {
        // Released already.
        None => Ok(Obj::NONE),
        Some(source) if source.is(x) || view.is(x) => release(ctx, view),
        Some(_) => Err(raise!(
            ctx,
            ValueError,
            "memoryview's buffer is not this object"
        )),
    }
}

/// Tells the object whose `__buffer__` gave what is seen that nobody looks any more. What it raises is only reported.
fn give_back(ctx: &mut Ctx, view: &Obj) -> PyResult<()> {
    let body = body(view);
    let Some(given) = body.given.replace(ctx, &body.header, None) else {
        return Ok(());
    };
    if let Some(source) = body.source.get(ctx, &body.header) {
        let name = str_::intern(ctx, "__release_buffer__");
        if let Err(raised) =
            protocol::call_special(ctx, &source, &name, core::slice::from_ref(&given))
        {
            let error = exception::take(ctx, raised);
            let class = protocol::type_name(ctx, &source);
            let place = format!("in __release_buffer__ of {class}");
            report::report_unraisable(ctx, &error, &place, None);
        }
    }
    release(ctx, &given).map(drop)
}

/// Works while the view cannot be released.
fn held<R>(ctx: &mut Ctx, view: &Obj, work: impl FnOnce(&mut Ctx) -> PyResult<R>) -> PyResult<R> {
    // Relaxed: only a count; what the view looks at stays in any case.
    body(view).exports.fetch_add(1, Relaxed);
    let done = work(ctx);
    body(view).exports.fetch_sub(1, Relaxed);
    done
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
    let owner = owner(ctx, view)?;
    outside::room(ctx, body(view).layout.bytes())?;
    Ok(body(view).gather(ctx, &owner, false))
}

fn hash(ctx: &mut Ctx, view: &Obj) -> PyResult<i64> {
    // Relaxed: every thread computes the same.
    let known = body(view).hash.load(Relaxed);
    if known != -1 {
        return Ok(known);
    }
    owner(ctx, view)?;
    if !body(view).readonly {
        return Err(raise!(
            ctx,
            ValueError,
            "cannot hash writable memoryview object"
        ));
    }
    if !matches!(body(view).layout.code(), Some(b'B' | b'b' | b'c')) {
        return Err(raise!(
            ctx,
            ValueError,
            "memoryview: hashing is restricted to formats 'B', 'b' or 'c'"
        ));
    }
    let hash = held(ctx, view, |ctx| {
        // What is seen must not change either.
        if let Some(source) = body(view).source.get(ctx, &body(view).header) {
            protocol::hash(ctx, &source)?;
        }
        let data = data(ctx, view)?;
        Ok(crate::vm::thread::rt(ctx).hash_bytes(&data))
    })?;
    body(view).hash.store(hash, Relaxed);
    Ok(hash)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let verdict = |equal: bool| Ok(Obj::bool(equal == (op == Comparison::Eq)));
    if a.is(b) {
        return verdict(true);
    }
    if body(a).owner.peek().is_null() {
        return verdict(false);
    }
    let other = if b.downcast::<PyMemoryView>().is_some() {
        if body(b).owner.peek().is_null() {
            return verdict(false);
        }
        b.clone()
    } else if memory_of(b).is_some() {
        of(ctx, b)?
    } else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let (x, y) = (body(a), body(&other));
    if x.layout.shape != y.layout.shape {
        return verdict(false);
    }
    let (Some(left), Some(right)) = (x.layout.code(), y.layout.code()) else {
        return verdict(false);
    };
    let (first, second) = (data(ctx, a)?, data(ctx, &other)?);
    if left == right && (scalar::integer(left).is_some() || matches!(left, b'c' | b'P')) {
        return verdict(first == second);
    }
    let pairs = first
        .chunks(x.layout.itemsize)
        .zip(second.chunks(y.layout.itemsize));
    for (p, q) in pairs {
        let p = scalar::unpack(ctx, left, NATIVE_BIG, p)?;
        let q = scalar::unpack(ctx, right, NATIVE_BIG, q)?;
        if !protocol::equals(ctx, &p, &q)? {
            return verdict(false);
        }
    }
    verdict(true)
}

fn iter(ctx: &mut Ctx, view: &Obj) -> PyResult {
    owner(ctx, view)?;
    match body(view).layout.shape.len() {
        0 => Err(raise!(ctx, TypeError, "invalid indexing of 0-dim memory")),
        1 => {
            code_of(ctx, view)?;
            iterator::sequence_as(ctx, ids::MEMORY_ITER, view)
        }
        _ => Err(raise!(
            ctx,
            NotImplementedError,
            "multi-dimensional sub-views are not implemented"
        )),
    }
}

fn len(ctx: &mut Ctx, view: &Obj) -> PyResult<usize> {
    owner(ctx, view)?;
    match body(view).layout.shape.first() {
        Some(len) => Ok(*len),
        None => Err(raise!(ctx, TypeError, "0-dim memory has no length")),
    }
}

/// The letter of the items, which must be single native ones.
fn code_of(ctx: &mut Ctx, view: &Obj) -> PyResult<u8> {
    let layout = &body(view).layout;
    match layout.code() {
        Some(code) => Ok(code),
        None => Err(raise!(
            ctx,
            NotImplementedError,
            "memoryview: format {} not supported",
            layout.format
        )),
    }
}

fn read_item(ctx: &mut Ctx, view: &Obj, place: usize) -> PyResult {
    let code = code_of(ctx, view)?;
    let owner = owner(ctx, view)?;
    let size = body(view).layout.itemsize;
    let mut item = [0; 16];
    look(ctx, &owner, |data| {
        if let Some(found) = data.get(place..place + size) {
            item[..size].copy_from_slice(found);
        }
    });
    scalar::unpack(ctx, code, NATIVE_BIG, &item[..size])
}

fn write_item(ctx: &mut Ctx, view: &Obj, place: usize, value: &Obj) -> PyResult<()> {
    let code = code_of(ctx, view)?;
    let size = body(view).layout.itemsize;
    let mut item = [0; 16];
    let format = &body(view).layout.format;
    match scalar::pack(ctx, code, NATIVE_BIG, value, &mut item[..size]) {
        Ok(()) => {}
        Err(Unfit::Raised(raised)) => return Err(raised),
        Err(Unfit::Type) => {
            return Err(raise!(
                ctx,
                TypeError,
                "memoryview: invalid type for format '{format}'"
            ));
        }
        Err(Unfit::Range) => {
            return Err(raise!(
                ctx,
                ValueError,
                "memoryview: invalid value for format '{format}'"
            ));
        }
    }
    // The value may have released the view.
    let owner = owner(ctx, view)?;
    owner.expect::<PyByteArray>().with(ctx, |data| {
        if let Some(found) = data.get_mut(place..place + size) {
            found.copy_from_slice(&item[..size]);
        }
    });
    Ok(())
}

/// What a subscript selects.
enum Selected {
    /// An item: where it is.
    Item(usize),
    /// A part of the first dimension.
    Part(Layout),
    /// All of it.
    Whole,
}

fn select(ctx: &mut Ctx, view: &Obj, key: &Obj) -> PyResult<Selected> {
    let layout = &body(view).layout;
    if layout.shape.is_empty() {
        return match key.downcast::<PyTuple>() {
            Some(none) if none.items().is_empty() => Ok(Selected::Item(layout.offset)),
            _ if key.is(&Obj::ELLIPSIS) => Ok(Selected::Whole),
            _ => Err(raise!(ctx, TypeError, "invalid indexing of 0-dim memory")),
        };
    }
    if let Some(keys) = key.downcast::<PyTuple>() {
        let keys = keys.items();
        if !keys.iter().all(|key| index::is_index(ctx, key)) {
            let slices = keys.iter().all(|key| key.downcast::<PySlice>().is_some());
            return Err(if slices {
                raise!(
                    ctx,
                    NotImplementedError,
                    "multi-dimensional slicing is not implemented"
                )
            } else {
                raise!(ctx, TypeError, "memoryview: invalid slice key")
            });
        }
        if keys.len() < layout.shape.len() {
            return Err(raise!(
                ctx,
                NotImplementedError,
                "sub-views are not implemented"
            ));
        }
        if keys.len() > layout.shape.len() {
            return Err(raise!(
                ctx,
                TypeError,
                "cannot index {}-dimension view with {}-element tuple",
                layout.shape.len(),
                keys.len()
            ));
        }
        let mut place = layout.offset as i64;
        for (dimension, key) in keys.iter().enumerate() {
            place += step_to(ctx, layout, dimension, key)?;
        }
        return Ok(Selected::Item(place as usize));
    }
    if key.downcast::<PySlice>().is_none() && !index::is_index(ctx, key) {
        return Err(raise!(ctx, TypeError, "memoryview: invalid slice key"));
    }
    match index::key(ctx, key, "memoryview indices")? {
        Key::At(_) if layout.shape.len() > 1 => Err(raise!(
            ctx,
            NotImplementedError,
            "multi-dimensional sub-views are not implemented"
        )),
        Key::At(_) => {
            let step = step_to(ctx, layout, 0, key)?;
            Ok(Selected::Item((layout.offset as i64 + step) as usize))
        }
        Key::Range(bounds) => {
            let span = bounds.span(layout.shape[0]);
            let mut part = layout.clone();
            part.offset = (layout.offset as i64 + span.start as i64 * layout.strides[0]) as usize;
            part.shape[0] = span.count;
            part.strides[0] = layout.strides[0].saturating_mul(span.step);
            Ok(Selected::Part(part))
        }
    }
}

/// How far from the first the item with this index in a dimension is.
fn step_to(ctx: &mut Ctx, layout: &Layout, dimension: usize, key: &Obj) -> PyResult<i64> {
    let at = protocol::index_i64(ctx, key, Some(super::exception::class::IndexError))?;
    match index::place(at, layout.shape[dimension]) {
        Some(place) => Ok(place as i64 * layout.strides[dimension]),
        None => Err(raise!(
            ctx,
            IndexError,
            "index out of bounds on dimension {}",
            dimension + 1
        )),
    }
}

fn getitem(ctx: &mut Ctx, view: &Obj, key: &Obj) -> PyResult {
    owner(ctx, view)?;
    // Finding the bounds may run code that releases the view; a part of what was asked for it still is.
    let whole = match key.downcast::<PySlice>() {
        Some(slice) if !slice.is_simple() => {
            part_of(ctx, view, body(view).layout.clone(), body(view).readonly)?
        }
        _ => view.clone(),
    };
    match select(ctx, view, key)? {
        Selected::Item(place) => read_item(ctx, view, place),
        Selected::Part(layout) => part_of(ctx, &whole, layout, body(view).readonly),
        Selected::Whole => Ok(view.clone()),
    }
}

fn setitem(ctx: &mut Ctx, view: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    owner(ctx, view)?;
    if body(view).readonly {
        return Err(raise!(ctx, TypeError, "cannot modify read-only memory"));
    }
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "cannot delete memory"));
    };
    match select(ctx, view, key)? {
        Selected::Item(place) => write_item(ctx, view, place, value),
        Selected::Whole => write_item(ctx, view, body(view).layout.offset, value),
        Selected::Part(part) => assign(ctx, view, part, value),
    }
}

/// Writes the items of another object over a part of a view.
fn assign(ctx: &mut Ctx, view: &Obj, part: Layout, value: &Obj) -> PyResult<()> {
    let source = if value.downcast::<PyMemoryView>().is_none()
        && memory_of(value).is_none()
        && !bytes_like::has_buffer(ctx, value)
    {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "a bytes-like object is required, not '{class}'"
        ));
    } else {
        of(ctx, value)?
    };
    if part.shape.len() > 1 {
        return Err(raise!(
            ctx,
            NotImplementedError,
            "memoryview slice assignments are currently restricted to ndim = 1"
        ));
    }
    let plain = |format: &str| format.strip_prefix('@').unwrap_or(format).to_owned();
    let other = &body(&source).layout;
    if other.shape != part.shape || plain(&other.format) != plain(&part.format) {
        return Err(raise!(
            ctx,
            ValueError,
            "memoryview assignment: lvalue and rvalue have different structures"
        ));
    }
    let new = data(ctx, &source)?;
    let owner = owner(ctx, view)?;
    let size = part.itemsize;
    owner.expect::<PyByteArray>().with(ctx, |data| {
        for (place, item) in part.places(false).into_iter().zip(new.chunks(size)) {
            if let Some(found) = data.get_mut(place..place + size) {
                found.copy_from_slice(item);
            }
        }
    });
    Ok(())
}

/// The letter of a format that `cast` takes.
fn cast_code(ctx: &mut Ctx, format: &str) -> PyResult<u8> {
    match format.as_bytes() {
        [code] | [b'@', code]
            if scalar::native_size(*code).is_some() && !matches!(code, b'F' | b'D') =>
        {
            Ok(*code)
        }
        _ => Err(raise!(
            ctx,
            ValueError,
            "memoryview: destination format must be a native single character format prefixed with an optional '@'"
        )),
    }
}

fn cast(ctx: &mut Ctx, view: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "cast",
        params: &["format", "shape"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [format, shape] = args.bind(ctx, &SIGNATURE)?;
    owner(ctx, view)?;
    let layout = &body(view).layout;
    let format = format.unwrap_or(Obj::none());
    let letters = str_::expect_text(ctx, format, "cast() argument 'format'")?;
    let letters = letters.to_string_lossy();
    if !layout.is_c() {
        return Err(raise!(
            ctx,
            TypeError,
            "memoryview: casts are restricted to C-contiguous views"
        ));
    }
    let shape = shape.filter(|shape| !shape.is_none());
    if (shape.is_some() || layout.shape.len() != 1) && layout.shape.len() != 1 && shape.is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "memoryview: cast must be 1D -> ND or ND -> 1D"
        ));
    }
    if layout.shape.contains(&0) && layout.shape.len() > 1 {
        return Err(raise!(
            ctx,
            TypeError,
            "memoryview: cannot cast view with zeros in shape or strides"
        ));
    }
    let wanted = match shape {
        None => None,
        Some(shape) => Some(wanted_shape(ctx, shape)?),
    };
    if let Some(raised) = exception::unicode::not_ascii(ctx, format) {
        return Err(raised);
    }
    let code = cast_code(ctx, &letters)?;
    let from = code_of_source(ctx, layout)?;
    let byte = |code: u8| matches!(code, b'c' | b'b' | b'B');
    let size = scalar::native_size(code).unwrap_or(1);
    if !byte(code) && !byte(from) {
        return Err(raise!(
            ctx,
            TypeError,
            "memoryview: cannot cast between two non-byte formats"
        ));
    }
    let bytes = layout.bytes();
    if !bytes.is_multiple_of(size) {
        return Err(raise!(
            ctx,
            TypeError,
            "memoryview: length is not a multiple of itemsize"
        ));
    }
    let mut new = Layout::row(&letters, size, bytes / size);
    new.offset = layout.offset;
    if let Some(wanted) = wanted {
        let product = wanted
            .iter()
            .try_fold(size, |product, len| product.checked_mul(*len));
        if product != Some(bytes) {
            return Err(raise!(
                ctx,
                TypeError,
                "memoryview: product(shape) * itemsize != buffer size"
            ));
        }
        let mut strides = vec![0; wanted.len()];
        let mut step = size as i64;
        for (stride, len) in strides.iter_mut().zip(&wanted).rev() {
            *stride = step;
            step *= *len as i64;
        }
        new.shape = wanted;
        new.strides = strides;
    }
    part_of(ctx, view, new, body(view).readonly)
}

fn code_of_source(ctx: &mut Ctx, layout: &Layout) -> PyResult<u8> {
    match layout.code() {
        Some(code) => Ok(code),
        None => Err(raise!(
            ctx,
            ValueError,
            "memoryview: source format must be a native single character format prefixed with an optional '@'"
        )),
    }
}

/// The lengths of dimensions that `cast` is asked for.
fn wanted_shape(ctx: &mut Ctx, shape: &Obj) -> PyResult<Vec<usize>> {
    if shape.downcast::<super::list::PyList>().is_none() && shape.downcast::<PyTuple>().is_none() {
        return Err(raise!(ctx, TypeError, "shape must be a list or a tuple"));
    }
    let items = protocol::collect(ctx, shape)?;
    if items.len() > MOST_DIMENSIONS {
        return Err(raise!(
            ctx,
            ValueError,
            "memoryview: number of dimensions must not exceed {MOST_DIMENSIONS}"
        ));
    }
    let mut lengths = Vec::with_capacity(items.len());
    for item in &items {
        let Some(len) = int::view(item) else {
            return Err(raise!(
                ctx,
                TypeError,
                "memoryview.cast(): elements of shape must be integers"
            ));
        };
        match len.to_i64().and_then(|len| usize::try_from(len).ok()) {
            Some(len) if len > 0 => lengths.push(len),
            _ => {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "memoryview.cast(): elements of shape must be integers > 0"
                ));
            }
        }
    }
    Ok(lengths)
}

fn hex(ctx: &mut Ctx, view: &Obj, args: Args<'_>) -> PyResult {
    held(ctx, view, |ctx| {
        let data = data(ctx, view)?;
        let copy = bytes::new(ctx, &data)?;
        bytes_like::methods::hex(ctx, &copy, args)
    })
}

fn count(ctx: &mut Ctx, view: &Obj, value: &Obj) -> PyResult {
    let mut total = 0;
    let items = iter(ctx, view)?;
    protocol::for_each(ctx, &items, |ctx, item| {
        total += usize::from(protocol::equals(ctx, &item, value)?);
        Ok(())
    })?;
    int::from_usize(ctx, total)
}

fn index_of(ctx: &mut Ctx, view: &Obj, args: &[Obj]) -> PyResult {
    owner(ctx, view)?;
    let layout = &body(view).layout;
    if layout.shape.len() != 1 {
        return Err(if layout.shape.is_empty() {
            raise!(ctx, TypeError, "invalid lookup on 0-dim memory")
        } else {
            raise!(
                ctx,
                NotImplementedError,
                "multi-dimensional lookup is not implemented"
            )
        });
    }
    let count = layout.shape[0];
    let mut bounds = [0, count];
    for (bound, argument) in bounds.iter_mut().zip(&args[1..]) {
        let at = index::bound_not_none(ctx, argument)?;
        *bound = index::clamp_bound(at, count);
    }
    for at in bounds[0]..bounds[1].max(bounds[0]) {
        let place = (layout.offset as i64 + at as i64 * layout.strides[0]) as usize;
        let item = read_item(ctx, view, place)?;
        if protocol::equals(ctx, &item, &args[0])? {
            return int::from_usize(ctx, at);
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
    let mut fortran = false;
    if let Some(order) = order
        && !order.is_none()
    {
        let Some(order) = str_::text_of(order) else {
            let class = protocol::type_name(ctx, order);
            return Err(raise!(
                ctx,
                TypeError,
                "tobytes() argument 'order' must be str or None, not {class}"
            ));
        };
        let layout = &body(view).layout;
        fortran = match order.as_bytes() {
            b"C" => false,
            b"F" => true,
            b"A" => layout.is_fortran() && !layout.is_c(),
            _ => {
                return Err(raise!(ctx, ValueError, "order must be 'C', 'F' or 'A'"));
            }
        };
    }
    let owner = owner(ctx, view)?;
    outside::room(ctx, body(view).layout.bytes())?;
    let data = body(view).gather(ctx, &owner, fortran);
    bytes::new(ctx, &data)
}

fn to_list(ctx: &mut Ctx, view: &Obj) -> PyResult {
    owner(ctx, view)?;
    let layout = body(view).layout.clone();
    code_of(ctx, view)?;
    outside::room_for(ctx, layout.items().saturating_mul(2))?;
    nested(ctx, view, &layout)
}

fn nested(ctx: &mut Ctx, view: &Obj, layout: &Layout) -> PyResult {
    let Some(len) = layout.shape.first() else {
        return read_item(ctx, view, layout.offset);
    };
    let mut items = Vec::with_capacity(*len);
    for at in 0..*len {
        items.push(nested(ctx, view, &layout.inner(at))?);
    }
    list::from_vec(ctx, items)
}

/// A view of the same that does not write.
pub fn to_readonly(ctx: &mut Ctx, view: &Obj) -> PyResult {
    part_of(ctx, view, body(view).layout.clone(), true)
}

/// `view.release()`.
pub fn release(ctx: &mut Ctx, view: &Obj) -> PyResult {
    let body = body(view);
    let exports = body.exports.load(Relaxed);
    if exports > 0 {
        let plural = if exports == 1 { "" } else { "s" };
        return Err(raise!(
            ctx,
            BufferError,
            "memoryview has {exports} exported buffer{plural}"
        ));
    }
    give_back(ctx, view)?;
    if let Some(owner) = body.owner.replace(ctx, &body.header, None) {
        unexport(&owner);
    }
    body.source.set(ctx, &body.header, None);
    Ok(Obj::NONE)
}

fn enter(ctx: &mut Ctx, view: &Obj) -> PyResult {
    owner(ctx, view)?;
    Ok(view.clone())
}

fn exit(ctx: &mut Ctx, view: &Obj, _: &[Obj]) -> PyResult {
    release(ctx, view)
}
