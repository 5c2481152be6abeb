//! `array`: numbers of one kind in a row.
//!
//! The items are the data of a bytearray that belongs to the array, so memoryviews look at that, and it keeps its length
//! while they do. Each operation is one step under the bytearray's lock.

use super::{support, warnings};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::bytearray::{self, PyByteArray};
use crate::object::bytes::PyBytes;
use crate::object::define::{ModuleDef, Native, TypeDef, flag, getter, method};
use crate::object::exception::class;
use crate::object::index::{self, Key};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::scalar::{self, NATIVE_BIG, Unfit};
use crate::object::slots::{Comparison, Slots};
use crate::object::str_::PyStr;
use crate::object::type_::type_object;
use crate::object::{
    bytes, bytes_like, float, ids, int, iterator, list, memoryview, protocol, repr_guard, str_,
    tuple,
};
use crate::text::wtf8::Wtf8Buf;
use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of an array.
pub struct PyArray {
    /// The letter of its items.
    code: u8,
    /// A bytearray with the items.
    memory: Obj,
}

// SAFETY: `trace` reports the one reference.
unsafe impl Payload for PyArray {
    const ID: u32 = ids::ARRAY;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "array";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.memory.word());
    }
}

impl PyArray {
    /// The bytearray with the items.
    pub fn memory(&self) -> Obj {
        self.memory.clone()
    }

    /// What an item is, as memoryviews say it.
    pub fn format(&self) -> &'static str {
        match self.code {
            b'u' | b'w' => "w",
            code => {
                let at = CODES.iter().position(|known| *known == code).unwrap_or(0);
                &"bBuwhHiIlLqQfd"[at..=at]
            }
        }
    }

    /// Bytes of an item.
    pub fn item_size(&self) -> usize {
        size_of_code(self.code)
    }

    fn data(&self) -> &Body<PyByteArray> {
        self.memory.expect::<PyByteArray>()
    }

    fn is_text(&self) -> bool {
        matches!(self.code, b'u' | b'w')
    }
}

const CODES: &[u8] = b"bBuwhHiIlLqQfd";

fn size_of_code(code: u8) -> usize {
    match code {
        b'u' | b'w' => 4,
        code => scalar::native_size(code).unwrap_or(1),
    }
}

fn body(x: &Obj) -> &PyArray {
    &x.expect::<PyArray>().payload
}

fn count(ctx: &mut Ctx, x: &Obj) -> usize {
    let body = body(x);
    body.data().with(ctx, |data| data.len()) / body.item_size()
}

/// Changes the bytes, whose number may change; BufferError while someone looks at them.
fn resize<R>(ctx: &mut Ctx, x: &Obj, work: impl FnOnce(&mut Vec<u8>) -> R) -> PyResult<R> {
    match body(x)
        .data()
        .edit(ctx, |data, fixed| (!fixed).then(|| work(data)))
    {
        Some(result) => Ok(result),
        None => Err(raise!(
            ctx,
            BufferError,
            "cannot resize an array that is exporting buffers"
        )),
    }
}

fn make(ctx: &mut Ctx, type_id: u32, code: u8, data: Vec<u8>) -> PyResult {
    let memory = bytearray::new(ctx, data)?;
    payload::allocate(ctx, type_id, PyArray { code, memory })
}

/// The item at a place.
fn item(ctx: &mut Ctx, code: u8, data: &[u8]) -> PyResult {
    if !matches!(code, b'u' | b'w') {
        return scalar::unpack(ctx, code, NATIVE_BIG, data);
    }
    let point = point_of(data);
    if point > 0x10_FFFF {
        return Err(raise!(
            ctx,
            ValueError,
            "character U+{point:x} is not in range [U+0000; U+10ffff]"
        ));
    }
    str_::from_point(ctx, point)
}

fn point_of(data: &[u8]) -> u32 {
    data.try_into().map_or(0, u32::from_ne_bytes)
}

fn kind_name(code: u8) -> &'static str {
    match code {
        b'b' => "signed char",
        b'B' => "unsigned byte integer",
        b'h' => "signed short integer",
        b'H' => "unsigned short",
        b'i' => "signed integer",
        b'I' => "unsigned int",
        b'L' => "unsigned long",
        _ => "integer",
    }
}

/// The bytes of a value as an item.
fn item_bytes(ctx: &mut Ctx, code: u8, value: &Obj) -> PyResult<([u8; 8], usize)> {
    let size = size_of_code(code);
    let mut item = [0; 8];
    match code {
        b'u' | b'w' => {
            let Some(text) = value.downcast::<PyStr>() else {
                let class = protocol::type_name(ctx, value);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "array item must be a unicode character, not {class}"
                ));
            };
            let mut points = text.text().code_points();
            let (Some(point), None) = (points.next(), points.next()) else {
                let len = text.char_count();
                return Err(raise!(
                    ctx,
                    TypeError,
                    "array item must be a unicode character, not a string of length {len}"
                ));
            };
            item[..4].copy_from_slice(&point.to_ne_bytes());
        }
        b'f' => {
            let number = float::expect_real(ctx, value)? as f32;
            item[..4].copy_from_slice(&number.to_ne_bytes());
        }
        b'd' => item = float::expect_real(ctx, value)?.to_ne_bytes(),
        _ => match scalar::pack(ctx, code, NATIVE_BIG, value, &mut item[..size]) {
            Ok(()) => {}
            Err(Unfit::Raised(raised)) => return Err(raised),
            Err(Unfit::Type) => {
                // Says that there is no index.
                protocol::index(ctx, value)?;
                return Err(raise!(ctx, TypeError, "an integer is required"));
            }
            Err(Unfit::Range) => {
                let index = protocol::index(ctx, value)?;
                return Err(out_of_range(ctx, code, &index));
            }
        },
    }
    Ok((item, size))
}

/// What is said of an int that does not fit: CPython converts it to a C type first that may be larger than the item.
#[cold]
fn out_of_range(ctx: &mut Ctx, code: u8, value: &Obj) -> Raised {
    let negative = int::is_negative(value);
    let converted = int::to_i64(value);
    let kind = match (code, converted) {
        (b'q', _) => return raise!(ctx, OverflowError, "int too big to convert"),
        (b'Q', _) if negative => {
            return raise!(ctx, OverflowError, "can't convert negative int to unsigned");
        }
        (b'Q', _) => return raise!(ctx, OverflowError, "int too big to convert"),
        (b'I' | b'L', _) if negative => {
            return raise!(
                ctx,
                OverflowError,
                "can't convert negative value to unsigned int"
            );
        }
        (b'I' | b'L', _) if matches!(int::view(value), Some(int::View::Big(x)) if u64::try_from(x).is_err()) =>
        {
            return raise!(
                ctx,
                OverflowError,
                "Python int too large to convert to C unsigned long"
            );
        }
        (b'I' | b'L', _) => kind_name(code),
        (_, None) => {
            return raise!(
                ctx,
                OverflowError,
                "Python int too large to convert to C long"
            );
        }
        (b'b', Some(value)) if i16::try_from(value).is_err() => kind_name(b'h'),
        (b'H', Some(value)) if i32::try_from(value).is_err() => kind_name(b'i'),
        _ => kind_name(code),
    };
    if negative {
        raise!(ctx, OverflowError, "{kind} is less than minimum")
    } else {
        raise!(ctx, OverflowError, "{kind} is greater than maximum")
    }
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let given = args.pos.len();
    let id = support::id_of(class);
    if id == ids::ARRAY {
        args.no_keywords(ctx, "array.array")?;
    }
    if given == 0 || given > 2 {
        let (bound, plural) = if given == 0 {
            ("at least 1", "")
        } else {
            ("at most 2", "s")
        };
        return Err(raise!(
            ctx,
            TypeError,
            "array() takes {bound} argument{plural} ({given} given)"
        ));
    }
    let code = code_argument(ctx, &args.pos[0], "array() argument 1")?;
    crate::module::sys::audit::event(ctx, "array.__new__", |_| {
        let initial = args.pos.get(1).cloned().unwrap_or(Obj::NONE);
        Ok(vec![args.pos[0].clone(), initial])
    })?;
    if code == b'u' {
        warnings::warn(
            ctx,
            class::DeprecationWarning,
            "The 'u' type code is deprecated and will be removed in Python 3.16",
        )?;
    }
    let Some(initial) = args.pos.get(1) else {
        let code = known_code(ctx, code)?;
        return make(ctx, id, code, Vec::new());
    };
    let letter = char::from(code);
    let text_kind = matches!(code, b'u' | b'w');
    if let Some(text) = initial.downcast::<PyStr>() {
        if !text_kind {
            return Err(raise!(
                ctx,
                TypeError,
                "cannot use a str to initialize an array with typecode '{letter}'"
            ));
        }
        let data = text.text().code_points().flat_map(u32::to_ne_bytes);
        return make(ctx, id, code, data.collect());
    }
    if let Some(other) = initial.downcast::<PyArray>() {
        if other.is_text() && !text_kind {
            return Err(raise!(
                ctx,
                TypeError,
                "cannot use a unicode array to initialize an array with typecode '{letter}'"
            ));
        }
        if other.code == code {
            let data = other.data().copy(ctx);
            return make(ctx, id, code, data);
        }
    }
    // What cannot be iterated is refused before a letter that is unknown.
    let of_bytes =
        initial.downcast::<PyBytes>().is_some() || initial.downcast::<PyByteArray>().is_some();
    let source = match of_bytes || initial.downcast::<PyArray>().is_some() {
        true => initial.clone(),
        false => protocol::iter(ctx, initial)?,
    };
    let code = known_code(ctx, code)?;
    let array = make(ctx, id, code, Vec::new())?;
    if of_bytes {
        frombytes(ctx, &array, initial)?;
    } else {
        append_all(ctx, &array, &source)?;
    }
    Ok(array)
}

fn code_argument(ctx: &mut Ctx, value: &Obj, what: &str) -> PyResult<u8> {
    let Some(text) = value.downcast::<PyStr>() else {
        let class = str_::argument_type(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "{what} must be a unicode character, not {class}"
        ));
    };
    if text.char_count() != 1 {
        let len = text.char_count();
        return Err(raise!(
            ctx,
            TypeError,
            "{what} must be a unicode character, not a string of length {len}"
        ));
    }
    match text.bytes() {
        [code] => Ok(*code),
        _ => known_code(ctx, 0),
    }
}

/// A letter, if it is one of those that there are.
fn known_code(ctx: &mut Ctx, code: u8) -> PyResult<u8> {
    if CODES.contains(&code) {
        return Ok(code);
    }
    Err(raise!(
        ctx,
        ValueError,
        "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"
    ))
}

fn append_all(ctx: &mut Ctx, x: &Obj, items: &Obj) -> PyResult<()> {
    let code = body(x).code;
    protocol::for_each(ctx, items, |ctx, value| {
        let (item, size) = item_bytes(ctx, code, &value)?;
        outside::relieve(ctx);
        resize(ctx, x, |data| data.extend_from_slice(&item[..size]))
    })
}

fn extend(ctx: &mut Ctx, x: &Obj, items: &Obj) -> PyResult<()> {
    let Some(other) = items.downcast::<PyArray>() else {
        return append_all(ctx, x, items);
    };
    if other.code != body(x).code {
        return Err(raise!(
            ctx,
            TypeError,
            "can only extend with array of same kind"
        ));
    }
    let more = other.data().copy(ctx);
    outside::room(ctx, more.len())?;
    resize(ctx, x, |data| data.extend_from_slice(&more))
}

fn append(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let (item, size) = item_bytes(ctx, body(x).code, value)?;
    resize(ctx, x, |data| data.extend_from_slice(&item[..size]))?;
    Ok(Obj::NONE)
}

fn insert(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let at = protocol::c_ssize(ctx, &args[0])?;
    let (item, size) = item_bytes(ctx, body(x).code, &args[1])?;
    resize(ctx, x, |data| {
        let place = index::clamp_bound(at, data.len() / size) * size;
        data.splice(place..place, item[..size].iter().copied());
    })?;
    Ok(Obj::NONE)
}

fn pop(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let at = match args {
        [at, ..] => protocol::c_ssize(ctx, at)?,
        [] => -1,
    };
    let size = body(x).item_size();
    if count(ctx, x) == 0 {
        return Err(raise!(ctx, IndexError, "pop from empty array"));
    }
    let taken = resize(ctx, x, |data| {
        let place = index::place(at, data.len() / size)? * size;
        Some(data.drain(place..place + size).collect::<Vec<u8>>())
    })?;
    match taken {
        Some(data) => item(ctx, body(x).code, &data),
        None => Err(raise!(ctx, IndexError, "pop index out of range")),
    }
}

/// The items at one moment.
fn values(ctx: &mut Ctx, x: &Obj) -> PyResult<Vec<Obj>> {
    let body = body(x);
    let data = body.data().copy(ctx);
    outside::room_for(ctx, data.len() / body.item_size())?;
    let items = data.chunks(body.item_size());
    items.map(|data| item(ctx, body.code, data)).collect()
}

/// The first place from `start` to `stop` with an equal item.
fn find(ctx: &mut Ctx, x: &Obj, value: &Obj, start: i64, stop: i64) -> PyResult<Option<usize>> {
    let mut at = index::clamp_bound(start, count(ctx, x));
    while let Some(item) = at_place(ctx, x, at)? {
        if at >= index::clamp_bound(stop, count(ctx, x)) {
            break;
        }
        if protocol::equals(ctx, &item, value)? {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

/// The item with this index, if there is one.
fn at_place(ctx: &mut Ctx, x: &Obj, at: usize) -> PyResult<Option<Obj>> {
    let body = body(x);
    let size = body.item_size();
    let mut found = [0; 8];
    let exists = body.data().with(ctx, |data| {
        let data = data.get(at * size..(at + 1) * size)?;
        found[..size].copy_from_slice(data);
        Some(())
    });
    match exists {
        Some(()) => item(ctx, body.code, &found[..size]).map(Some),
        None => Ok(None),
    }
}

fn index_of(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let mut bounds = [0, i64::MAX];
    for (bound, argument) in bounds.iter_mut().zip(&args[1..]) {
        *bound = index::bound_not_none(ctx, argument)?;
    }
    match find(ctx, x, &args[0], bounds[0], bounds[1])? {
        Some(at) => int::from_usize(ctx, at),
        None => Err(raise!(ctx, ValueError, "array.index(x): x not in array")),
    }
}

fn remove(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let Some(at) = find(ctx, x, value, 0, i64::MAX)? else {
        return Err(raise!(ctx, ValueError, "array.remove(x): x not in array"));
    };
    let size = body(x).item_size();
    resize(ctx, x, |data| {
        if (at + 1) * size <= data.len() {
            data.drain(at * size..(at + 1) * size);
        }
    })?;
    Ok(Obj::NONE)
}

fn count_of(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult {
    let mut total = 0;
    let mut at = 0;
    while let Some(item) = at_place(ctx, x, at)? {
        total += usize::from(protocol::equals(ctx, &item, value)?);
        at += 1;
    }
    int::from_usize(ctx, total)
}

fn reverse(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let size = body(x).item_size();
    body(x).data().with(ctx, |data| {
        data.reverse();
        data.chunks_mut(size).for_each(<[u8]>::reverse);
    });
    Ok(Obj::NONE)
}

fn byteswap(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let size = body(x).item_size();
    let data = body(x).data();
    data.with(ctx, |data| data.chunks_mut(size).for_each(<[u8]>::reverse));
    Ok(Obj::NONE)
}

fn clear(ctx: &mut Ctx, x: &Obj) -> PyResult {
    resize(ctx, x, Vec::clear)?;
    Ok(Obj::NONE)
}

fn frombytes(ctx: &mut Ctx, x: &Obj, source: &Obj) -> PyResult {
    let more = bytes_like::expect_buffer(ctx, source)?;
    if more.len() % body(x).item_size() != 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "bytes length not a multiple of item size"
        ));
    }
    outside::room(ctx, more.len())?;
    resize(ctx, x, |data| data.extend_from_slice(&more))?;
    Ok(Obj::NONE)
}

fn fromlist(ctx: &mut Ctx, x: &Obj, items: &Obj) -> PyResult {
    let Some(items) = items.downcast::<PyList>() else {
        return Err(raise!(ctx, TypeError, "arg must be list"));
    };
    let code = body(x).code;
    let mut more = Vec::new();
    for value in items.to_vec(ctx) {
        let (item, size) = item_bytes(ctx, code, &value)?;
        more.extend_from_slice(&item[..size]);
    }
    resize(ctx, x, |data| data.extend_from_slice(&more))?;
    Ok(Obj::NONE)
}

fn fromunicode(ctx: &mut Ctx, x: &Obj, text: &Obj) -> PyResult {
    let more: Vec<u8> = str_::expect_text(ctx, text, "fromunicode() argument")?
        .code_points()
        .flat_map(u32::to_ne_bytes)
        .collect();
    if !body(x).is_text() {
        return Err(raise!(
            ctx,
            ValueError,
            "fromunicode() may only be called on unicode type arrays ('u' or 'w')"
        ));
    }
    resize(ctx, x, |data| data.extend_from_slice(&more))?;
    Ok(Obj::NONE)
}

fn text(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let data = body(x).data().copy(ctx);
    let mut text = Wtf8Buf::with_capacity(data.len() / 4);
    for item in data.chunks(4) {
        let point = point_of(item);
        if point > 0x10_FFFF {
            return Err(raise!(
                ctx,
                ValueError,
                "character U+{point:x} is not in range [U+0000; U+10ffff]"
            ));
        }
        // Halves of pairs stay what they are.
        text.push(point);
    }
    str_::from_buf(ctx, text)
}

fn tounicode(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if body(x).is_text() {
        return text(ctx, x);
    }
    Err(raise!(
        ctx,
        ValueError,
        "tounicode() may only be called on unicode type arrays ('u' or 'w')"
    ))
}

fn tobytes(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let data = body(x).data().copy(ctx);
    bytes::new(ctx, &data)
}

fn tolist(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let values = values(ctx, x)?;
    list::from_vec(ctx, values)
}

fn tofile(ctx: &mut Ctx, x: &Obj, file: &Obj) -> PyResult {
    let data = tobytes(ctx, x)?;
    let write = &crate::object::names::names(ctx).write;
    protocol::call_method(ctx, file, write, &[data])?;
    Ok(Obj::NONE)
}

fn fromfile(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let wanted = protocol::c_ssize(ctx, &args[1])?;
    let Ok(wanted) = usize::try_from(wanted) else {
        return Err(raise!(ctx, ValueError, "negative count"));
    };
    let Some(bytes) = wanted.checked_mul(body(x).item_size()) else {
        return Err(crate::error::no_memory(ctx));
    };
    let bytes = int::from_usize(ctx, bytes)?;
    let read = str_::intern(ctx, "read");
    let data = protocol::call_method(ctx, &args[0], &read, std::slice::from_ref(&bytes))?;
    let Some(got) = data.downcast::<PyBytes>().map(|data| data.data().len()) else {
        return Err(raise!(ctx, TypeError, "read() didn't return bytes"));
    };
    frombytes(ctx, x, &data)?;
    if int::to_i64(&bytes) != Some(got as i64) {
        return Err(raise!(ctx, EOFError, "read() didn't return enough bytes"));
    }
    Ok(Obj::NONE)
}

fn buffer_info(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let address = body(x).data().with(ctx, |data| data.as_ptr() as usize);
    let count = count(ctx, x);
    let pair = vec![int::from_usize(ctx, address)?, int::from_usize(ctx, count)?];
    tuple::from_vec(ctx, pair)
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let data = body(x).data().copy(ctx);
    make(ctx, ids::ARRAY, body(x).code, data)
}

fn reduce_ex(ctx: &mut Ctx, x: &Obj, protocol_number: &Obj) -> PyResult {
    let number = protocol::index_i64(ctx, protocol_number, None)?;
    let class = crate::object::type_::type_of(ctx, x).to_obj();
    let state = str_::intern(ctx, "__dict__");
    let state = protocol::find_attr(ctx, x, &state)?.unwrap_or(Obj::NONE);
    let code = str_::from_point(ctx, body(x).code.into())?;
    if number < 3 {
        let items = tolist(ctx, x)?;
        let args = tuple::from_vec(ctx, vec![code, items])?;
        return tuple::from_vec(ctx, vec![class, args, state]);
    }
    let module = super::import::load(ctx, "array")?;
    let rebuild = protocol::getattr_str(ctx, &module, "_array_reconstructor")?;
    let format = Obj::small_int(machine_format(body(x).code));
    let data = tobytes(ctx, x)?;
    let args = tuple::from_vec(ctx, vec![class, code, format, data])?;
    tuple::from_vec(ctx, vec![rebuild, args, state])
}

/// The layouts that pickles name: unsigned and signed of 1, 2, 4, 8 bytes, each in both orders but the first; floats;
/// text of 2 and 4 bytes.
fn machine_format(code: u8) -> i64 {
    let big = i64::from(NATIVE_BIG);
    match code {
        b'B' => 0,
        b'b' => 1,
        b'H' => 2 + big,
        b'h' => 4 + big,
        b'I' => 6 + big,
        b'i' => 8 + big,
        b'L' | b'Q' => 10 + big,
        b'l' | b'q' => 12 + big,
        b'f' => 14 + big,
        b'd' => 16 + big,
        _ => 20 + big,
    }
}

/// `array._array_reconstructor`: an array as a pickle describes it.
fn reconstruct(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let [class_, code, format, data] = args else {
        return Ok(Obj::NONE);
    };
    let is_class = class_.downcast::<crate::object::type_::PyType>();
    let base = type_object(ctx, ids::ARRAY);
    if is_class.is_none() {
        let class = protocol::type_name(ctx, class_);
        return Err(raise!(
            ctx,
            TypeError,
            "first argument must be a type object, not {class}"
        ));
    }
    if !crate::object::type_::check::is_subclass(ctx, class_, &base)? {
        let shown = protocol::repr_string(ctx, class_)?;
        return Err(raise!(
            ctx,
            TypeError,
            "{shown} is not a subtype of array.array"
        ));
    }
    let code = code_argument(ctx, code, "_array_reconstructor() argument 2")?;
    let code = known_code(ctx, code)?;
    let format = protocol::index_i64(ctx, format, None)?;
    let Some(data) = data.downcast::<PyBytes>() else {
        let class = protocol::type_name(ctx, data);
        return Err(raise!(
            ctx,
            TypeError,
            "fourth argument should be bytes, not {class}"
        ));
    };
    let letters = b"BbHHhhIIiiQQqqffdd";
    let (letter, size, big) = match format {
        0..=1 => (letters[format as usize], 1, false),
        2..=17 => {
            let letter = letters[format as usize];
            let size = scalar::native_size(letter).unwrap_or(1);
            (letter, size, format % 2 == 1)
        }
        18..=19 => (b'H', 2, format == 19),
        20..=21 => (b'w', 4, format == 21),
        _ => {
            return Err(raise!(
                ctx,
                ValueError,
                "third argument must be a valid machine format code."
            ));
        }
    };
    if data.data().len() % size != 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "string length not a multiple of item size"
        ));
    }
    let array = make(ctx, support::id_of(class_), code, Vec::new())?;
    if format >= 18 {
        let codec = match (size, big) {
            (2, false) => "utf-16-le",
            (2, true) => "utf-16-be",
            (_, false) => "utf-32-le",
            (_, true) => "utf-32-be",
        };
        let text = str_::decode(ctx, data.data(), codec, "surrogatepass")?;
        fromunicode(ctx, &array, &text)?;
        return Ok(array);
    }
    for item in data.data().chunks(size) {
        let value = scalar::unpack(ctx, letter, big, item)?;
        append(ctx, &array, &value)?;
    }
    Ok(array)
}

// --- Sequence ------------------------------------------------------------------------------------

fn subscript(ctx: &mut Ctx, key: &Obj) -> PyResult<Key> {
    if key.downcast::<crate::object::slice::PySlice>().is_none() && !index::is_index(ctx, key) {
        return Err(raise!(ctx, TypeError, "array indices must be integers"));
    }
    index::key(ctx, key, "array indices")
}

fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    let size = body(x).item_size();
    match subscript(ctx, key)? {
        Key::At(at) => {
            let place = index::place(at, count(ctx, x));
            let found = match place {
                Some(place) => at_place(ctx, x, place)?,
                None => None,
            };
            found.ok_or_else(|| raise!(ctx, IndexError, "array index out of range"))
        }
        Key::Range(bounds) => {
            let part = body(x).data().with(ctx, |data| {
                let span = bounds.span(data.len() / size);
                let items = span.indices().map(|at| &data[at * size..(at + 1) * size]);
                items.flatten().copied().collect()
            });
            make(ctx, ids::ARRAY, body(x).code, part)
        }
    }
}

fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let size = body(x).item_size();
    let outside = "array assignment index out of range";
    match (subscript(ctx, key)?, value) {
        (Key::At(at), Some(value)) => {
            let (item, _) = item_bytes(ctx, body(x).code, value)?;
            let done = body(x).data().with(ctx, |data| {
                let place = index::place(at, data.len() / size)? * size;
                data[place..place + size].copy_from_slice(&item[..size]);
                Some(())
            });
            done.ok_or_else(|| raise!(ctx, IndexError, "{outside}"))
        }
        (Key::At(at), None) => {
            if index::place(at, count(ctx, x)).is_none() {
                return Err(raise!(ctx, IndexError, "{outside}"));
            }
            resize(ctx, x, |data| {
                if let Some(place) = index::place(at, data.len() / size) {
                    data.drain(place * size..(place + 1) * size);
                }
            })
        }
        (Key::Range(bounds), None) => resize(ctx, x, |data| {
            let span = bounds.span(data.len() / size).ascending();
            for at in span.indices().collect::<Vec<_>>().into_iter().rev() {
                data.drain(at * size..(at + 1) * size);
            }
        }),
        (Key::Range(bounds), Some(value)) => {
            let Some(other) = value.downcast::<PyArray>() else {
                let class = protocol::type_name(ctx, value);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "can only assign array (not \"{class}\") to array slice"
                ));
            };
            if other.code != body(x).code {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "bad argument type for built-in operation"
                ));
            }
            let new = other.data().copy(ctx);
            if bounds.step == 1 {
                let same = body(x).data().with(ctx, |data| {
                    let span = bounds.span(data.len() / size);
                    if span.count * size != new.len() {
                        return false;
                    }
                    let start = span.start * size;
                    data[start..start + new.len()].copy_from_slice(&new);
                    true
                });
                if same {
                    return Ok(());
                }
                return resize(ctx, x, |data| {
                    let span = bounds.span(data.len() / size);
                    let start = span.start * size;
                    data.splice(start..start + span.count * size, new);
                });
            }
            let fits = body(x).data().with(ctx, |data| {
                let span = bounds.span(data.len() / size);
                if span.count * size != new.len() {
                    return Err(span.count);
                }
                for (at, item) in span.indices().zip(new.chunks(size)) {
                    data[at * size..(at + 1) * size].copy_from_slice(item);
                }
                Ok(())
            });
            fits.map_err(|wanted| {
                raise!(
                    ctx,
                    ValueError,
                    "attempt to assign array of size {} to extended slice of size {wanted}",
                    new.len() / size
                )
            })
        }
    }
}

fn contains(ctx: &mut Ctx, x: &Obj, value: &Obj) -> PyResult<bool> {
    Ok(find(ctx, x, value, 0, i64::MAX)?.is_some())
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<PyArray>(), b.downcast::<PyArray>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let equality = matches!(op, Comparison::Eq | Comparison::Ne);
    if equality && count(ctx, a) != count(ctx, b) {
        return Ok(Obj::bool(op == Comparison::Ne));
    }
    if equality && x.code == y.code && !matches!(x.code, b'f' | b'd') {
        let equal = x.data().copy(ctx) == y.data().copy(ctx);
        return Ok(Obj::bool(equal == (op == Comparison::Eq)));
    }
    let (x, y) = (values(ctx, a)?, values(ctx, b)?);
    tuple::compare_items(ctx, &x, &y, op)
}

fn concat(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let Some(other) = b.downcast::<PyArray>() else {
        let class = protocol::type_name(ctx, b);
        return Err(raise!(
            ctx,
            TypeError,
            "can only append array (not \"{class}\") to array"
        ));
    };
    if other.code != body(a).code {
        return Err(raise!(
            ctx,
            TypeError,
            "bad argument type for built-in operation"
        ));
    }
    let mut data = body(a).data().copy(ctx);
    let more = other.data().copy(ctx);
    outside::room(ctx, data.len() + more.len())?;
    data.extend_from_slice(&more);
    make(ctx, ids::ARRAY, body(a).code, data)
}

fn iadd(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    if b.downcast::<PyArray>().is_none() {
        let class = protocol::type_name(ctx, b);
        return Err(raise!(
            ctx,
            TypeError,
            "can only extend with array (not \"{class}\")"
        ));
    }
    extend(ctx, a, b)?;
    Ok(a.clone())
}

fn repeat(ctx: &mut Ctx, x: &Obj, factor: &Obj) -> PyResult {
    let count = index::repetitions(ctx, factor)?;
    let data = body(x).data().copy(ctx);
    let data = bytes_like::repeated(ctx, &data, count)?;
    make(ctx, ids::ARRAY, body(x).code, data)
}

fn imul(ctx: &mut Ctx, x: &Obj, factor: &Obj) -> PyResult {
    let count = index::repetitions(ctx, factor)?;
    let data = body(x).data().copy(ctx);
    let new = bytes_like::repeated(ctx, &data, count)?;
    if new.len() != data.len() {
        resize(ctx, x, |data| *data = new)?;
    }
    Ok(x.clone())
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = support::plain_name(ctx, crate::object::type_::type_of(ctx, x));
    let letter = char::from(body(x).code);
    if count(ctx, x) == 0 {
        return str_::new(ctx, &format!("{class}('{letter}')"));
    }
    let Some(_guard) = repr_guard::enter(x) else {
        return str_::new(ctx, "...");
    };
    let items = if body(x).is_text() {
        text(ctx, x)?
    } else {
        tolist(ctx, x)?
    };
    let items = protocol::repr_string(ctx, &items)?;
    str_::new(ctx, &format!("{class}('{letter}', {items})"))
}

/// `array.array`.
pub static ARRAY: TypeDef = TypeDef {
    id: ids::ARRAY,
    name: "array.array",
    base: ids::OBJECT,
    layout: ids::ARRAY,
    kind: &Body::<PyArray>::KIND,
    flags: flag::BASE | flag::SEQUENCE,
    slots: Slots {
        new: Some(new),
        init: Some(|_, _, _| Ok(())),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        iter: Some(|ctx, x| iterator::sequence_as(ctx, ids::ARRAY_ITER, x)),
        len: Some(|ctx, x| Ok(count(ctx, x))),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(contains),
        concat: Some(concat),
        iadd: Some(iadd),
        repeat: Some(repeat),
        imul: Some(imul),
        ..Slots::NONE
    },
    methods: &[
        method("append", Native::M1(append)),
        method("buffer_info", Native::M0(buffer_info)),
        method("byteswap", Native::M0(byteswap)),
        method("clear", Native::M0(clear)),
        method("count", Native::M1(count_of)),
        method(
            "extend",
            Native::M1(|ctx, x, items| {
                extend(ctx, x, items)?;
                Ok(Obj::NONE)
            }),
        ),
        method("frombytes", Native::M1(frombytes)),
        method("fromfile", Native::MN(2, 2, fromfile)),
        method("fromlist", Native::M1(fromlist)),
        method("fromunicode", Native::M1(fromunicode)),
        method("index", Native::MN(1, 3, index_of)),
        method("insert", Native::MN(2, 2, insert)),
        method("pop", Native::MN(0, 1, pop)),
        method("remove", Native::M1(remove)),
        method("reverse", Native::M0(reverse)),
        method("tobytes", Native::M0(tobytes)),
        method("tofile", Native::M1(tofile)),
        method("tolist", Native::M0(tolist)),
        method("tounicode", Native::M0(tounicode)),
        method("__class_getitem__", Native::C1(support::class_getitem)),
        method("__buffer__", Native::S1(memoryview::buffer_method)),
        method("__release_buffer__", Native::S1(memoryview::release_method)),
        method("__copy__", Native::M0(copy)),
        method("__deepcopy__", Native::M1(|ctx, x, _| copy(ctx, x))),
        method("__reduce_ex__", Native::M1(reduce_ex)),
    ],
    getset: &[
        getter("itemsize", |ctx, x| {
            int::from_usize(ctx, body(x).item_size())
        }),
        getter("typecode", |ctx, x| {
            str_::from_point(ctx, body(x).code.into())
        }),
    ],
    doc: "array(typecode [, initializer]) -> array",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let class = type_object(ctx, ids::ARRAY);
    support::add(ctx, module, "ArrayType", class.clone())?;
    let codes = str_::new(ctx, "bBuwhHiIlLqQfd")?;
    support::add(ctx, module, "typecodes", codes)?;
    let classes = super::import::load(ctx, "_collections_abc")?;
    let sequence = protocol::getattr_str(ctx, &classes, "MutableSequence")?;
    let register = str_::intern(ctx, "register");
    protocol::call_method(ctx, &sequence, &register, &[class])?;
    Ok(())
}

/// `array`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "array",
    functions: &[method(
        "_array_reconstructor",
        Native::FN(4, 4, reconstruct),
    )],
    types: &[&ARRAY, &iterator::ARRAY_ITER],
    populate,
    doc: "Arrays of numbers of one kind.",
};
