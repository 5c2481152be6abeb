//! Code as bytes, and back: what `marshal` and `.pyc` files keep of it.
//!
//! ```text
//! version │ checksum │ strings: count, then length and text of each │ the code: numbers, strings as indices, constants with a tag each
//! ```
//!
//! Numbers are in groups of seven bits, the lowest first. What was cut off or changed on its way does not have its checksum, and whatever has it is
//! checked by [`verify`] like all code: bytes that do not hold code that can run make an error, not a problem.

use crate::code::{Code, Const, Handler, Name, Position, Positions};
use crate::op::verify;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use num_bigint::BigInt;

/// Changes with the table of operations and with this format.
pub const VERSION: u8 = 1;
/// Bytes before the strings.
const HEAD: usize = 9;
/// How deep code and constants may be nested.
const DEEPEST: u32 = 200;

/// The bytes hold no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Code as bytes.
pub fn pack(code: &Code) -> Vec<u8> {
    let mut packer = Packer::default();
    packer.code(code);
    let mut bytes = vec![0; HEAD];
    let mut strings = Packer::default();
    strings.number(packer.strings.len() as u64);
    for text in &packer.strings {
        strings.bytes(text.as_bytes());
    }
    bytes.extend(strings.data);
    bytes.extend(packer.data);
    bytes[0] = VERSION;
    let sum = checksum(&bytes[HEAD..]);
    bytes[1..HEAD].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Bytes as code, which runs without harm.
///
/// # Errors
/// There is none in them.
pub fn unpack(bytes: &[u8]) -> Result<Arc<Code>, Malformed> {
    let (head, body) = bytes.split_at_checked(HEAD).ok_or(Malformed)?;
    if head[0] != VERSION || head[1..] != checksum(body).to_le_bytes() {
        return Err(Malformed);
    }
    let mut unpacker = Unpacker {
        data: body,
        strings: Vec::new(),
        depth: 0,
    };
    unpacker.strings = unpacker.many(|unpacker| {
        let text = unpacker.bytes()?;
        core::str::from_utf8(text)
            .map(Arc::from)
            .map_err(|_| Malformed)
    })?;
    let code = unpacker.code()?;
    if !unpacker.data.is_empty() {
        return Err(Malformed);
    }
    verify::verify(&code).map_err(|_| Malformed)?;
    Ok(Arc::new(code))
}

mod tag {
    pub const NONE: u64 = 0;
    pub const ELLIPSIS: u64 = 1;
    pub const FALSE: u64 = 2;
    pub const TRUE: u64 = 3;
    pub const INT: u64 = 4;
    pub const BIG: u64 = 5;
    pub const FLOAT: u64 = 6;
    pub const COMPLEX: u64 = 7;
    pub const STR: u64 = 8;
    pub const WTF8: u64 = 9;
    pub const BYTES: u64 = 10;
    pub const TUPLE: u64 = 11;
    pub const SET: u64 = 12;
    pub const SLICE: u64 = 13;
    pub const CODE: u64 = 14;
}

#[derive(Default)]
struct Packer {
    data: Vec<u8>,
    strings: Vec<Arc<str>>,
    index: BTreeMap<Arc<str>, u64>,
}

impl Packer {
    fn number(&mut self, mut value: u64) {
        while value > 0x7f {
            self.data.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.data.push(value as u8);
    }

    /// The sign goes to the lowest bit.
    fn signed(&mut self, value: i64) {
        self.number((value << 1 ^ value >> 63) as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.data.extend_from_slice(bytes);
    }

    fn string(&mut self, text: &Arc<str>) {
        let next = self.strings.len() as u64;
        let index = *self.index.entry(text.clone()).or_insert(next);
        if index == next {
            self.strings.push(text.clone());
        }
        self.number(index);
    }

    fn many<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Packer, &T)) {
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }

    fn names(&mut self, names: &[Name]) {
        self.many(names, Packer::string);
    }

    fn code(&mut self, code: &Code) {
        for text in [&code.name, &code.qualname, &code.filename] {
            self.string(text);
        }
        for number in header(code) {
            self.number(number.into());
        }
        self.names(&code.local_names);
        self.bytes(&code.local_kinds);
        self.names(&code.names);
        self.many(&code.consts, Packer::constant);
        self.many(&code.units, |packer, unit| {
            packer.data.extend_from_slice(&unit.to_le_bytes());
        });
        self.many(&code.handlers, |packer, handler| {
            for number in [handler.start, handler.end, handler.handler, handler.depth] {
                packer.number(number.into());
            }
        });
        let runs: Vec<(u32, Position)> = code.positions.runs().collect();
        let mut before = (0, 0);
        self.many(&runs, |packer, (start, position)| {
            packer.number((*start - before.0).into());
            packer.signed(i64::from(position.line) - i64::from(before.1));
            packer.signed(i64::from(position.end_line) - i64::from(position.line));
            packer.number(position.column.into());
            packer.number(u64::from(position.end_column) << 1 | u64::from(position.implicit));
            before = (*start, position.line);
        });
        self.names(&code.instance_attrs);
    }

    fn constant(&mut self, constant: &Const) {
        match constant {
            Const::None => self.number(tag::NONE),
            Const::Ellipsis => self.number(tag::ELLIPSIS),
            Const::Bool(value) => self.number(if *value { tag::TRUE } else { tag::FALSE }),
            Const::Int(value) => {
                self.number(tag::INT);
                self.signed(*value);
            }
            Const::BigInt(value) => {
                self.number(tag::BIG);
                self.bytes(&value.to_signed_bytes_le());
            }
            Const::Float(value) => {
                self.number(tag::FLOAT);
                self.data.extend_from_slice(&value.to_le_bytes());
            }
            Const::Complex(re, im) => {
                self.number(tag::COMPLEX);
                self.data.extend_from_slice(&re.to_le_bytes());
                self.data.extend_from_slice(&im.to_le_bytes());
            }
            Const::Str(text) => {
                self.number(tag::STR);
                self.string(text);
            }
            Const::Wtf8(bytes) => {
                self.number(tag::WTF8);
                self.bytes(bytes);
            }
            Const::Bytes(bytes) => {
                self.number(tag::BYTES);
                self.bytes(bytes);
            }
            Const::Tuple(items) => {
                self.number(tag::TUPLE);
                self.many(items, Packer::constant);
            }
            Const::FrozenSet(items) => {
                self.number(tag::SET);
                self.many(items, Packer::constant);
            }
            Const::Slice(parts) => {
                self.number(tag::SLICE);
                for part in &**parts {
                    self.constant(part);
                }
            }
            Const::Code(code) => {
                self.number(tag::CODE);
                self.code(code);
            }
        }
    }
}

/// The numbers of a code object, in the order in which they are kept.
fn header(code: &Code) -> [u32; 9] {
    [
        code.first_line,
        code.flags,
        code.argcount,
        code.posonlyargcount,
        code.kwonlyargcount,
        code.nlocals,
        code.nregs,
        code.first_free,
        code.nfree,
    ]
}

struct Unpacker<'a> {
    data: &'a [u8],
    strings: Vec<Arc<str>>,
    depth: u32,
}

impl<'a> Unpacker<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.data.split_at_checked(count).ok_or(Malformed)?;
        self.data = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    fn number(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn signed(&mut self) -> Result<i64, Malformed> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn small(&mut self) -> Result<u32, Malformed> {
        self.number()?.try_into().map_err(|_| Malformed)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.small()?;
        self.take(count as usize)
    }

    fn string(&mut self) -> Result<Arc<str>, Malformed> {
        let index = self.small()? as usize;
        self.strings.get(index).cloned().ok_or(Malformed)
    }

    fn many<T>(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let count = self.small()? as usize;
        // Each takes a byte at least.
        if count > self.data.len() {
            return Err(Malformed);
        }
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(each(self)?);
        }
        Ok(items)
    }

    fn names(&mut self) -> Result<Vec<Name>, Malformed> {
        self.many(Self::string)
    }

    fn code(&mut self) -> Result<Code, Malformed> {
        let [name, qualname, filename] = [self.string()?, self.string()?, self.string()?];
        let mut numbers = [0; 9];
        for number in &mut numbers {
            *number = self.small()?;
        }
        let [
            first_line,
            flags,
            argcount,
            posonlyargcount,
            kwonlyargcount,
            nlocals,
            nregs,
            first_free,
            nfree,
        ] = numbers;
        Ok(Code {
            name,
            qualname,
            filename,
            first_line,
            flags,
            argcount,
            posonlyargcount,
            kwonlyargcount,
            nlocals,
            nregs,
            local_names: self.names()?,
            local_kinds: self.bytes()?.to_vec(),
            first_free,
            nfree,
            names: self.names()?,
            consts: self.many(Self::constant)?,
            units: self.many(|unpacker| Ok(u32::from_le_bytes(unpacker.array()?)))?,
            handlers: self.many(|unpacker| {
                Ok(Handler {
                    start: unpacker.small()?,
                    end: unpacker.small()?,
                    handler: unpacker.small()?,
                    depth: unpacker.small()?,
                })
            })?,
            positions: self.positions()?,
            instance_attrs: self.names()?,
        })
    }

    fn positions(&mut self) -> Result<Positions, Malformed> {
        let mut positions = Positions::default();
        let (mut start, mut line) = (0u32, 0i64);
        let line_of = |line: i64| u32::try_from(line).map_err(|_| Malformed);
        self.many(|unpacker| {
            start = start.checked_add(unpacker.small()?).ok_or(Malformed)?;
            line = line.checked_add(unpacker.signed()?).ok_or(Malformed)?;
            let end_line = line.checked_add(unpacker.signed()?).ok_or(Malformed)?;
            let column = unpacker.small()?;
            let end_column = unpacker.number()?;
            let position = Position {
                line: line_of(line)?,
                end_line: line_of(end_line)?,
                column,
                end_column: u32::try_from(end_column >> 1).map_err(|_| Malformed)?,
                implicit: end_column & 1 == 1,
            };
            positions.push(start, position);
            Ok(())
        })?;
        Ok(positions)
    }

    fn constant(&mut self) -> Result<Const, Malformed> {
        if self.depth == DEEPEST {
            return Err(Malformed);
        }
        self.depth += 1;
        let constant = match self.number()? {
            tag::NONE => Const::None,
            tag::ELLIPSIS => Const::Ellipsis,
            tag::FALSE => Const::Bool(false),
            tag::TRUE => Const::Bool(true),
            tag::INT => Const::Int(self.signed()?),
            tag::BIG => Const::BigInt(Arc::new(BigInt::from_signed_bytes_le(self.bytes()?))),
            tag::FLOAT => Const::Float(f64::from_le_bytes(self.array()?)),
            tag::COMPLEX => {
                let re = f64::from_le_bytes(self.array()?);
                Const::Complex(re, f64::from_le_bytes(self.array()?))
            }
            tag::STR => Const::Str(self.string()?),
            tag::WTF8 => Const::Wtf8(wtf8(self.bytes()?)?.into()),
            tag::BYTES => Const::Bytes(self.bytes()?.into()),
            tag::TUPLE => Const::Tuple(self.many(Self::constant)?.into()),
            tag::SET => {
                let items = self.many(Self::constant)?;
                if !items.iter().all(is_hashable) {
                    return Err(Malformed);
                }
                Const::FrozenSet(items.into())
            }
            tag::SLICE => Const::Slice(Arc::new([
                self.constant()?,
                self.constant()?,
                self.constant()?,
            ])),
            tag::CODE => Const::Code(Arc::new(self.code()?)),
            _ => return Err(Malformed),
        };
        self.depth -= 1;
        Ok(constant)
    }
}

/// Whether a constant may be in a set.
fn is_hashable(constant: &Const) -> bool {
    match constant {
        Const::Tuple(items) => items.iter().all(is_hashable),
        Const::Slice(_) | Const::Code(_) => false,
        _ => true,
    }
}

/// Checks that bytes are UTF-8, but that surrogates may stand alone in them.
fn wtf8(bytes: &[u8]) -> Result<&[u8], Malformed> {
    let mut rest = bytes;
    let mut after_high = false;
    while !rest.is_empty() {
        let valid = match core::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        after_high &= valid == 0;
        rest = &rest[valid..];
        match rest {
            [] => break,
            [0xED, second @ 0xA0..=0xBF, 0x80..=0xBF, more @ ..] => {
                let high = *second < 0xB0;
                // A pair would be one character.
                if after_high && !high {
                    return Err(Malformed);
                }
                after_high = high;
                rest = more;
            }
            _ => return Err(Malformed),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_pass_and_pairs_do_not() {
        assert!(wtf8(b"a\xed\xa0\x80b\xed\xb0\x80").is_ok());
        assert!(wtf8(b"\xed\xa0\x80\xed\xb0\x80").is_err());
        assert!(wtf8(b"\xff").is_err());
    }

    #[test]
    fn bytes_that_are_no_code_are_refused() {
        let mut state = 88_172_645_463_325_252_u64;
        for len in 0..300 {
            let mut bytes = vec![0; len];
            for byte in &mut bytes {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = state as u8;
            }
            assert!(unpack(&bytes).is_err());
            if len > HEAD {
                bytes[0] = VERSION;
                let sum = checksum(&bytes[HEAD..]);
                bytes[1..HEAD].copy_from_slice(&sum.to_le_bytes());
                assert!(unpack(&bytes).is_err());
            }
        }
    }
}
