//! From bytes to values. Nothing of the bytes is believed.

use super::{DEEPEST, NUMBERED};
use crate::error::{PyResult, Raised, raise};
use crate::number::complex_text::Complex;
use crate::object::bytearray::{self, PyByteArray};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::set::{self, PySet};
use crate::object::type_::type_object;
use crate::object::{bytes, code, complex, float, ids, int, protocol, str_, tuple};
use crate::pack;
use crate::text::wtf8::Wtf8;
use crate::vm::outside;
use kit_core::thread::Ctx;
use num_bigint::{BigInt, BigUint, Sign};
use std::borrow::Cow;

/// Bytes that a file is asked for at a time.
const PIECE: usize = 1 << 20;

/// Where the bytes come from.
pub enum Source<'a> {
    /// Memory.
    Bytes(&'a [u8]),
    /// A file, from which no more is taken than the value has.
    File(Obj),
}

/// Reads a value.
pub fn load(ctx: &mut Ctx, source: Source<'_>, code: bool) -> PyResult {
    let mut reader = Reader {
        source,
        known: Vec::new(),
        code,
        depth: 0,
    };
    reader.value(ctx, "object")
}

struct Reader<'a> {
    source: Source<'a>,
    /// Numbered values; nothing where one is not complete.
    known: Vec<Option<Obj>>,
    code: bool,
    depth: usize,
}

#[cold]
fn bad(ctx: &mut Ctx, what: &str) -> Raised {
    raise!(ctx, ValueError, "bad marshal data ({what})")
}

impl<'a> Reader<'a> {
    fn take(&mut self, ctx: &mut Ctx, count: usize) -> PyResult<Cow<'a, [u8]>> {
        let file = match &mut self.source {
            Source::Bytes(data) => {
                return match data.split_at_checked(count) {
                    Some((taken, rest)) => {
                        *data = rest;
                        Ok(Cow::Borrowed(taken))
                    }
                    None => Err(raise!(ctx, EOFError, "marshal data too short")),
                };
            }
            Source::File(file) => file.clone(),
        };
        let mut all = Vec::new();
        while all.len() < count {
            let wanted = (count - all.len()).min(PIECE);
            outside::room_behind(ctx, all.len(), wanted)?;
            let piece = bytearray::new(ctx, vec![0; wanted])?;
            let name = str_::intern(ctx, "readinto");
            let read = protocol::call_method(ctx, &file, &name, std::slice::from_ref(&piece))?;
            let read = protocol::index_i64(ctx, &read, None)?;
            if read > wanted as i64 {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "read() returned too much data: {wanted} bytes requested, {read} returned"
                ));
            }
            let read = read.max(0) as usize;
            let piece = piece.expect::<PyByteArray>().copy(ctx);
            all.extend_from_slice(piece.get(..read).unwrap_or_default());
            if read < wanted {
                return Err(raise!(ctx, EOFError, "EOF read where not expected"));
            }
        }
        Ok(Cow::Owned(all))
    }

    fn array<const N: usize>(&mut self, ctx: &mut Ctx) -> PyResult<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(&self.take(ctx, N)?);
        Ok(array)
    }

    fn size(&mut self, ctx: &mut Ctx, of: &str) -> PyResult<usize> {
        let size = i32::from_le_bytes(self.array(ctx)?);
        usize::try_from(size).map_err(|_| bad(ctx, &format!("{of} size out of range")))
    }

    /// A value.
    fn value(&mut self, ctx: &mut Ctx, place: &str) -> PyResult {
        match self.any(ctx)? {
            Some(value) => Ok(value),
            None => Err(raise!(
                ctx,
                TypeError,
                "NULL object in marshal data for {place}"
            )),
        }
    }

    /// A value, or the end of a dict.
    fn any(&mut self, ctx: &mut Ctx) -> PyResult<Option<Obj>> {
        let tag = match self.array(ctx) {
            Err(raised) if exception::matches(ctx, &raised, class::EOFError) => {
                exception::take(ctx, raised);
                return Err(raise!(ctx, EOFError, "EOF read where object expected"));
            }
            tag => u8::from_le_bytes(tag?),
        };
        if self.depth == DEEPEST {
            return Err(raise!(ctx, ValueError, "recursion limit exceeded"));
        }
        let number = (tag & NUMBERED != 0).then(|| {
            self.known.push(None);
            self.known.len() - 1
        });
        let tag = tag & !NUMBERED;
        if tag == b'0' {
            return Ok(None);
        }
        self.depth += 1;
        let result = protocol::recursive(ctx, "", |ctx| self.tagged(ctx, tag, number));
        self.depth -= 1;
        match result {
            Ok(value) => {
                if let Some(number) = number {
                    self.known[number] = Some(value.clone());
                }
                Ok(Some(value))
            }
            Err(raised) if exception::matches(ctx, &raised, class::RecursionError) => {
                exception::take(ctx, raised);
                Err(raise!(ctx, ValueError, "recursion limit exceeded"))
            }
            Err(raised) => Err(raised),
        }
    }

    fn items(&mut self, ctx: &mut Ctx, count: usize, place: &str) -> PyResult<Vec<Obj>> {
        let mut items = Vec::new();
        for _ in 0..count {
            let item = self.value(ctx, place)?;
            outside::push(ctx, &mut items, item)?;
        }
        Ok(items)
    }

    fn double(&mut self, ctx: &mut Ctx) -> PyResult<f64> {
        Ok(f64::from_le_bytes(self.array(ctx)?))
    }

    fn written_double(&mut self, ctx: &mut Ctx) -> PyResult<f64> {
        let [len] = self.array(ctx)?;
        let text = self.take(ctx, len.into())?;
        let text = bytes::new(ctx, &text)?;
        let class = type_object(ctx, ids::FLOAT);
        let value = protocol::call(ctx, &class, &[text])?;
        Ok(float::to_f64(&value).unwrap_or_default())
    }

    fn long(&mut self, ctx: &mut Ctx) -> PyResult {
        let count = i32::from_le_bytes(self.array(ctx)?);
        if count == i32::MIN {
            return Err(bad(ctx, "long size out of range"));
        }
        let parts = self.take(ctx, 2 * count.unsigned_abs() as usize)?;
        let (mut data, mut rest, mut bits) = (Vec::with_capacity(parts.len()), 0u32, 0);
        let mut last = 1;
        for part in parts.as_chunks::<2>().0 {
            last = u16::from_le_bytes(*part);
            if last > 0x7fff {
                return Err(bad(ctx, "digit out of range in long"));
            }
            rest |= u32::from(last) << bits;
            bits += 15;
            while bits >= 8 {
                data.push(rest as u8);
                rest >>= 8;
                bits -= 8;
            }
        }
        if last == 0 {
            return Err(bad(ctx, "unnormalized long data"));
        }
        data.push(rest as u8);
        let sign = if count < 0 { Sign::Minus } else { Sign::Plus };
        let value = BigInt::from_biguint(sign, BigUint::from_bytes_le(&data));
        int::from_big(ctx, value)
    }

    fn text(&mut self, ctx: &mut Ctx, tag: u8) -> PyResult {
        let len = match tag {
            b'z' | b'Z' => usize::from(u8::from_le_bytes(self.array(ctx)?)),
            _ => self.size(ctx, "string")?,
        };
        let data = self.take(ctx, len)?;
        let text = match tag {
            b'u' | b't' => match Wtf8::from_bytes(&data) {
                Some(text) => str_::from_wtf8(ctx, text)?,
                None => str_::decode(ctx, &data, "utf-8", "surrogatepass")?,
            },
            _ if data.is_ascii() => str_::from_ascii(ctx, &data)?,
            _ => str_::decode(ctx, &data, "latin-1", "strict")?,
        };
        match tag {
            b't' | b'A' | b'Z' => str_::intern_obj(ctx, &text),
            _ => Ok(text),
        }
    }

    /// What a tag announces. Containers that can change are known before they are complete.
    fn tagged(&mut self, ctx: &mut Ctx, tag: u8, number: Option<usize>) -> PyResult {
        let early = |reader: &mut Self, value: &Obj| {
            if let Some(number) = number {
                reader.known[number] = Some(value.clone());
            }
        };
        match tag {
            b'N' => Ok(Obj::NONE),
            b'T' => Ok(Obj::TRUE),
            b'F' => Ok(Obj::FALSE),
            b'.' => Ok(Obj::ELLIPSIS),
            b'S' => Ok(type_object(ctx, class::StopIteration)),
            b'i' => {
                let value = i32::from_le_bytes(self.array(ctx)?);
                int::from_i64(ctx, value.into())
            }
            b'I' => {
                let value = i64::from_le_bytes(self.array(ctx)?);
                int::from_i64(ctx, value)
            }
            b'l' => self.long(ctx),
            b'g' => {
                let value = self.double(ctx)?;
                float::new(ctx, value)
            }
            b'f' => {
                let value = self.written_double(ctx)?;
                float::new(ctx, value)
            }
            b'y' => {
                let (re, im) = (self.double(ctx)?, self.double(ctx)?);
                complex::new(ctx, Complex::new(re, im))
            }
            b'x' => {
                let (re, im) = (self.written_double(ctx)?, self.written_double(ctx)?);
                complex::new(ctx, Complex::new(re, im))
            }
            b's' => {
                let len = self.size(ctx, "bytes object")?;
                let data = self.take(ctx, len)?;
                bytes::new(ctx, &data)
            }
            b'u' | b't' | b'a' | b'A' | b'z' | b'Z' => self.text(ctx, tag),
            b')' => {
                let [count] = self.array(ctx)?;
                let items = self.items(ctx, count.into(), "tuple")?;
                tuple::from_items(ctx, items)
            }
            b'(' => {
                let count = self.size(ctx, "tuple")?;
                let items = self.items(ctx, count, "tuple")?;
                tuple::from_items(ctx, items)
            }
            b'[' => {
                let count = self.size(ctx, "list")?;
                let list = list::from_vec(ctx, Vec::new())?;
                early(self, &list);
                for _ in 0..count {
                    let item = self.value(ctx, "list")?;
                    list.expect::<PyList>().push(ctx, item)?;
                }
                Ok(list)
            }
            b'{' => {
                let dict = dict::new(ctx)?;
                early(self, &dict);
                while let Some(key) = self.any(ctx)? {
                    let value = self.value(ctx, "dict")?;
                    dict.expect::<PyDict>().set(ctx, &key, value)?;
                }
                Ok(dict)
            }
            b'<' | b'>' => {
                let count = self.size(ctx, "set")?;
                let frozen = tag == b'>';
                let id = if frozen { ids::FROZENSET } else { ids::SET };
                if frozen {
                    let items = self.items(ctx, count, "set")?;
                    let items = list::from_vec(ctx, items)?;
                    let class = type_object(ctx, id);
                    return protocol::call(ctx, &class, &[items]);
                }
                let set = set::new(ctx, id)?;
                early(self, &set);
                for _ in 0..count {
                    let item = self.value(ctx, "set")?;
                    set.expect::<PySet>().add(ctx, &item)?;
                }
                Ok(set)
            }
            b':' => {
                let parts = self.items(ctx, 3, "slice")?;
                let class = type_object(ctx, ids::SLICE);
                protocol::call(ctx, &class, &parts)
            }
            b'r' => {
                let at = self.size(ctx, "reference")?;
                match self.known.get(at) {
                    Some(Some(value)) => Ok(value.clone()),
                    _ => Err(bad(ctx, "invalid reference")),
                }
            }
            b'c' => {
                if !self.code {
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "unmarshalling code objects is disallowed"
                    ));
                }
                let len = self.size(ctx, "code")?;
                let data = self.take(ctx, len)?;
                match pack::unpack(&data) {
                    Ok(found) => code::new(ctx, &found),
                    Err(_) => Err(bad(ctx, "invalid code")),
                }
            }
            _ => Err(bad(ctx, "unknown type code")),
        }
    }
}
