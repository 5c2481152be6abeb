//! From values to bytes.

use super::{DEEPEST, NUMBERED};
use crate::error::{PyResult, raise};
use crate::object::complex::PyComplex;
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::set::PySet;
use crate::object::slice::PySlice;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::{type_id_of, type_object};
use crate::object::{bytes_like, float, ids, int, protocol};
use crate::vm::outside;
use crate::{object::code::PyCode, pack};
use kit_core::thread::Ctx;
use std::collections::HashMap;

/// The bytes that stand for a value.
pub fn dump(ctx: &mut Ctx, value: &Obj, version: i64, code: bool) -> PyResult<Vec<u8>> {
    let mut writer = Writer {
        data: Vec::new(),
        known: HashMap::new(),
        version,
        code,
        depth: 0,
        room: 0,
    };
    writer.value(ctx, value)?;
    Ok(writer.data)
}

struct Writer {
    data: Vec<u8>,
    /// Numbers of values, which are kept so that no other gets the address of one; and whether they can be referred to before they are complete.
    known: HashMap<u64, (u32, Obj, bool)>,
    version: i64,
    code: bool,
    depth: usize,
    room: usize,
}

impl Writer {
    fn size(&mut self, ctx: &mut Ctx, size: usize) -> PyResult<()> {
        let Ok(size) = i32::try_from(size) else {
            return Err(raise!(ctx, ValueError, "unmarshallable object"));
        };
        self.data.extend_from_slice(&size.to_le_bytes());
        Ok(())
    }

    fn value(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if self.depth == DEEPEST {
            return Err(deep(ctx));
        }
        if self.data.len() >= self.room {
            outside::room_behind(ctx, self.data.len(), self.data.len())?;
            self.room = self.data.len() * 2 + 4096;
        }
        self.depth += 1;
        let result = protocol::recursive(ctx, "", |ctx| self.any(ctx, value));
        self.depth -= 1;
        match result {
            Err(raised) if exception::matches(ctx, &raised, class::RecursionError) => {
                exception::take(ctx, raised);
                Err(deep(ctx))
            }
            result => result,
        }
    }

    fn any(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let simple = match type_id_of(value) {
            ids::NONE_TYPE => Some(b'N'),
            ids::ELLIPSIS => Some(b'.'),
            ids::BOOL => Some(if value.is_true() { b'T' } else { b'F' }),
            ids::TYPE if value.is(&type_object(ctx, class::StopIteration)) => Some(b'S'),
            _ => None,
        };
        if let Some(tag) = simple {
            self.data.push(tag);
            return Ok(());
        }
        let numbered = self.version >= 3 && value.header().is_some();
        if numbered {
            let next = self.known.len() as u32;
            let address = protocol::address(value);
            if let Some((number, _, ready)) = self.known.get(&address) {
                let (number, ready) = (*number, *ready);
                if !ready {
                    return Err(raise!(ctx, ValueError, "unmarshallable object"));
                }
                self.data.push(b'r');
                self.data.extend_from_slice(&number.to_le_bytes());
                return Ok(());
            }
            let ready = !matches!(type_id_of(value), ids::SLICE | ids::FROZENSET);
            self.known.insert(address, (next, value.clone(), ready));
        }
        let start = self.data.len();
        self.tagged(ctx, value)?;
        if numbered {
            self.data[start] |= NUMBERED;
            if let Some(known) = self.known.get_mut(&protocol::address(value)) {
                known.2 = true;
            }
        }
        Ok(())
    }

    fn floats(&mut self, ctx: &mut Ctx, tags: [u8; 2], numbers: &[f64]) -> PyResult<()> {
        let [binary, text] = tags;
        self.data.push(if self.version > 1 { binary } else { text });
        for number in numbers {
            if self.version > 1 {
                self.data.extend_from_slice(&number.to_le_bytes());
            } else {
                let number = float::new(ctx, *number)?;
                let text = protocol::repr_string(ctx, &number)?;
                self.data.push(text.len() as u8);
                self.data.extend_from_slice(text.as_bytes());
            }
        }
        Ok(())
    }

    fn items<'a>(
        &mut self,
        ctx: &mut Ctx,
        tag: u8,
        items: impl ExactSizeIterator<Item = &'a Obj>,
    ) -> PyResult<()> {
        self.data.push(tag);
        self.size(ctx, items.len())?;
        for item in items {
            self.value(ctx, item)?;
        }
        Ok(())
    }

    fn int(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if let Some(small) = int::to_i64(value).and_then(|value| i32::try_from(value).ok()) {
            self.data.push(b'i');
            self.data.extend_from_slice(&small.to_le_bytes());
            return Ok(());
        }
        let big = int::to_big(value).unwrap_or_default();
        let (mut rest, mut bits, mut parts) = (0u32, 0, Vec::new());
        for byte in big.magnitude().to_bytes_le() {
            rest |= u32::from(byte) << bits;
            bits += 8;
            if bits >= 15 {
                parts.push(rest as u16 & 0x7fff);
                rest >>= 15;
                bits -= 15;
            }
        }
        if rest != 0 {
            parts.push(rest as u16);
        }
        while parts.last() == Some(&0) {
            parts.pop();
        }
        self.data.push(b'l');
        let Ok(count) = i32::try_from(parts.len()) else {
            return Err(raise!(ctx, ValueError, "unmarshallable object"));
        };
        let count = if int::is_negative(value) {
            -count
        } else {
            count
        };
        self.data.extend_from_slice(&count.to_le_bytes());
        for part in parts {
            self.data.extend_from_slice(&part.to_le_bytes());
        }
        Ok(())
    }

    fn text(&mut self, ctx: &mut Ctx, text: &PyStr) -> PyResult<()> {
        let interned = self.version >= 3 && text.is_interned();
        let data = text.bytes();
        if self.version >= 4 && text.is_ascii() {
            if let Ok(len) = u8::try_from(data.len()) {
                self.data.push(if interned { b'Z' } else { b'z' });
                self.data.push(len);
                self.data.extend_from_slice(data);
                return Ok(());
            }
            self.data.push(if interned { b'A' } else { b'a' });
        } else {
            self.data.push(if interned { b't' } else { b'u' });
        }
        self.size(ctx, data.len())?;
        self.data.extend_from_slice(data);
        Ok(())
    }

    fn tagged(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        match type_id_of(value) {
            ids::INT => self.int(ctx, value),
            ids::FLOAT => {
                let number = float::to_f64(value).unwrap_or_default();
                self.floats(ctx, [b'g', b'f'], &[number])
            }
            ids::COMPLEX => {
                let number = value.expect::<PyComplex>().value;
                self.floats(ctx, [b'y', b'x'], &[number.re, number.im])
            }
            ids::STR => self.text(ctx, value.expect::<PyStr>()),
            ids::TUPLE => {
                let items = value.expect::<PyTuple>().items();
                match u8::try_from(items.len()) {
                    Ok(count) if self.version >= 4 => {
                        self.data.extend_from_slice(&[b')', count]);
                        items.iter().try_for_each(|item| self.value(ctx, item))
                    }
                    _ => self.items(ctx, b'(', items.iter()),
                }
            }
            ids::LIST => {
                let items = value.expect::<PyList>().to_vec(ctx);
                self.items(ctx, b'[', items.iter())
            }
            ids::SET | ids::FROZENSET => self.set(ctx, value),
            ids::DICT => {
                self.data.push(b'{');
                for (key, value) in value.expect::<PyDict>().items(ctx) {
                    self.value(ctx, &key)?;
                    self.value(ctx, &value)?;
                }
                self.data.push(b'0');
                Ok(())
            }
            ids::SLICE if self.version >= 5 => {
                let slice = value.expect::<PySlice>();
                self.data.push(b':');
                for part in [&slice.start, &slice.stop, &slice.step] {
                    self.value(ctx, part)?;
                }
                Ok(())
            }
            ids::CODE => {
                if !self.code {
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "marshalling code objects is disallowed"
                    ));
                }
                let packed = pack::pack(&value.expect::<PyCode>().code);
                self.data.push(b'c');
                self.size(ctx, packed.len())?;
                self.data.extend_from_slice(&packed);
                Ok(())
            }
            _ => {
                let Some(data) = bytes_like::buffer(ctx, value) else {
                    return Err(raise!(ctx, ValueError, "unmarshallable object"));
                };
                self.data.push(b's');
                self.size(ctx, data.len())?;
                self.data.extend_from_slice(&data);
                Ok(())
            }
        }
    }

    /// Elements are in the order of their own bytes, so that equal sets have equal ones.
    fn set(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let set = value.expect::<PySet>();
        let mut elements = Vec::new();
        for (_, element) in set.to_vec(ctx) {
            elements.push((dump(ctx, &element, self.version, self.code)?, element));
        }
        elements.sort_by(|a, b| a.0.cmp(&b.0));
        let frozen = type_id_of(value) == ids::FROZENSET;
        let tag = if frozen { b'>' } else { b'<' };
        self.items(ctx, tag, elements.iter().map(|(_, element)| element))
    }
}

#[cold]
fn deep(ctx: &mut Ctx) -> crate::error::Raised {
    raise!(ctx, ValueError, "object too deeply nested to marshal")
}
