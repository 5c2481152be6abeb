//! What a pickler or an unpickler remembers, and `memo`, through which programs see it.

use super::pickler::PyPickler;
use super::unpickler::PyUnpickler;
use crate::error::{PyResult, raise};
use crate::module::support;
use crate::object::define::{Native, TypeDef, flag, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_object;
use crate::object::{ids, int, protocol, tuple};
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Spreads addresses: they are multiples of sixteen.
#[derive(Default)]
pub struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }
    fn write_u64(&mut self, address: u64) {
        self.0 = (address >> 4)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(29);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// The values that a pickler has written, by their addresses, each with its number.
#[derive(Default)]
pub struct Written(HashMap<u64, (u64, Obj), BuildHasherDefault<AddressHasher>>);

impl Written {
    /// The number of a value.
    #[inline]
    pub fn number(&self, value: &Obj) -> Option<u64> {
        self.0
            .get(&protocol::address(value))
            .map(|(number, _)| *number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Notes a value; its number.
    pub fn add(&mut self, value: &Obj) -> u64 {
        let number = self.0.len() as u64;
        self.0
            .insert(protocol::address(value), (number, value.clone()));
        number
    }

    /// Reports the references.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        for (_, value) in self.0.values() {
            tracer.word(value.word());
        }
    }

    fn copy(&self) -> Vec<(u64, u64, Obj)> {
        let entries = self.0.iter();
        entries
            .map(|(at, (number, value))| (*at, *number, value.clone()))
            .collect()
    }
}

/// The values that an unpickler has read, by their numbers.
#[derive(Default)]
pub struct Read {
    /// The first of them.
    dense: Vec<Option<Obj>>,
    /// Those with numbers far beyond.
    sparse: HashMap<u64, Obj>,
    /// How many there are.
    count: u64,
}

impl Read {
    /// The value with a number.
    pub fn get(&self, number: u64) -> Option<&Obj> {
        match self.dense.get(number as usize) {
            Some(value) => value.as_ref(),
            None => self.sparse.get(&number),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Stores a value under a number; what was there.
    pub fn put(&mut self, number: u64, value: Obj) -> Option<Obj> {
        let len = self.dense.len() as u64;
        let old = if number < len {
            self.dense[number as usize].replace(value)
        } else if number <= 2 * len + 64 && !self.sparse.contains_key(&number) {
            self.dense.resize(number as usize, None);
            self.dense.push(Some(value));
            // What was far beyond is not any more.
            for number in len..number {
                self.dense[number as usize] = self.sparse.remove(&number);
            }
            None
        } else {
            self.sparse.insert(number, value)
        };
        self.count += u64::from(old.is_none());
        old
    }

    /// Reports the references.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in self.dense.iter().flatten().chain(self.sparse.values()) {
            tracer.word(value.word());
        }
    }

    fn copy(&self) -> Vec<(u64, Obj)> {
        let dense = self.dense.iter().enumerate();
        let dense = dense.filter_map(|(at, value)| Some((at as u64, value.clone()?)));
        let sparse = self.sparse.iter().map(|(at, value)| (*at, value.clone()));
        dense.chain(sparse).collect()
    }
}

macro_rules! proxy {
    ($proxy:ident, $def:ident, $id:expr, $name:literal, $owner:ty, $copy:expr) => {
        /// The body of a `memo`.
        pub struct $proxy {
            owner: Slot,
        }

        support::slot_payload!($proxy, $id, $name, owner);

        impl $proxy {
            /// The `memo` of an object.
            pub fn of(ctx: &mut Ctx, owner: &Obj) -> PyResult {
                payload::new(
                    ctx,
                    $proxy {
                        owner: Slot::new(owner.clone()),
                    },
                )
            }

            fn owner(ctx: &mut Ctx, x: &Obj) -> Obj {
                let body = x.expect::<$proxy>();
                body.owner.get(ctx, &body.header).unwrap_or(Obj::NONE)
            }

            fn clear(ctx: &mut Ctx, x: &Obj) -> PyResult {
                let owner = Self::owner(ctx, x);
                if let Some(owner) = owner.downcast::<$owner>() {
                    drop(owner.swap_memo(ctx, Default::default()));
                }
                Ok(Obj::NONE)
            }

            fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
                let owner = Self::owner(ctx, x);
                let copy = dict::new(ctx)?;
                if let Some(owner) = owner.downcast::<$owner>() {
                    let entries = owner.with_memo(ctx, |memo| memo.copy());
                    for entry in entries {
                        let (key, value) = $copy(ctx, entry)?;
                        copy.expect::<PyDict>().set(ctx, &key, value)?;
                    }
                }
                Ok(copy)
            }

            fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
                let copy = Self::copy(ctx, x)?;
                let class = type_object(ctx, ids::DICT);
                let args = tuple::from_vec(ctx, vec![copy])?;
                tuple::from_vec(ctx, vec![class, args])
            }
        }

        /// The type of a `memo`.
        pub static $def: TypeDef = TypeDef {
            id: $id,
            name: concat!("_pickle.", $name),
            base: ids::OBJECT,
            layout: $id,
            kind: &Body::<$proxy>::KIND,
            flags: flag::NO_NEW | flag::IMMUTABLE,
            slots: Slots {
                hash: Some(protocol::unhashable),
                ..Slots::NONE
            },
            methods: &[
                method("clear", Native::M0($proxy::clear)),
                method("copy", Native::M0($proxy::copy)),
                method("__reduce__", Native::M0($proxy::reduce)),
            ],
            getset: &[],
            doc: "What it remembers.",
        };
    };
}

proxy!(
    PicklerMemo,
    PICKLER_MEMO,
    ids::PICKLER_MEMO,
    "PicklerMemoProxy",
    PyPickler,
    |ctx: &mut Ctx, (at, number, value): (u64, u64, Obj)| -> PyResult<(Obj, Obj)> {
        let number = int::from_usize(ctx, number as usize)?;
        let entry = tuple::from_vec(ctx, vec![number, value])?;
        Ok((int::from_usize(ctx, at as usize)?, entry))
    }
);

proxy!(
    UnpicklerMemo,
    UNPICKLER_MEMO,
    ids::UNPICKLER_MEMO,
    "UnpicklerMemoProxy",
    PyUnpickler,
    |ctx: &mut Ctx, (number, value): (u64, Obj)| -> PyResult<(Obj, Obj)> {
        Ok((int::from_usize(ctx, number as usize)?, value))
    }
);

/// What a pickler is to remember, as a program gives it: another's `memo`, or a dict.
pub fn written(ctx: &mut Ctx, given: &Obj) -> PyResult<Written> {
    let mut memo = Written::default();
    if given.downcast::<PicklerMemo>().is_some() {
        let owner = PicklerMemo::owner(ctx, given);
        if let Some(owner) = owner.downcast::<PyPickler>() {
            for (at, number, value) in owner.with_memo(ctx, |memo| memo.copy()) {
                memo.0.insert(at, (number, value));
            }
        }
        return Ok(memo);
    }
    let Some(entries) = given.downcast::<PyDict>() else {
        let class = protocol::type_name(ctx, given);
        return Err(raise!(
            ctx,
            TypeError,
            "'memo' attribute must be a PicklerMemoProxy object or dict, not {class}"
        ));
    };
    for (_, entry) in entries.items(ctx) {
        let Some([number, value]) = entry.downcast::<PyTuple>().map(|entry| entry.items()) else {
            return Err(raise!(
                ctx,
                TypeError,
                "'memo' values must be 2-item tuples"
            ));
        };
        let number = protocol::index_i64(ctx, number, None)?.max(0) as u64;
        memo.0
            .insert(protocol::address(value), (number, value.clone()));
    }
    Ok(memo)
}

/// What an unpickler is to remember, as a program gives it: another's `memo`, or a dict.
pub fn read(ctx: &mut Ctx, given: &Obj) -> PyResult<Read> {
    let mut memo = Read::default();
    if given.downcast::<UnpicklerMemo>().is_some() {
        let owner = UnpicklerMemo::owner(ctx, given);
        if let Some(owner) = owner.downcast::<PyUnpickler>() {
            for (number, value) in owner.with_memo(ctx, |memo| memo.copy()) {
                memo.put(number, value);
            }
        }
        return Ok(memo);
    }
    let Some(entries) = given.downcast::<PyDict>() else {
        let class = protocol::type_name(ctx, given);
        return Err(raise!(
            ctx,
            TypeError,
            "'memo' attribute must be an UnpicklerMemoProxy object or dict, not {class}"
        ));
    };
    for (key, value) in entries.items(ctx) {
        if int::view(&key).is_none() {
            return Err(raise!(ctx, TypeError, "memo key must be integers"));
        }
        let number = protocol::index_i64(ctx, &key, None)?;
        if number < 0 {
            return Err(raise!(
                ctx,
                ValueError,
                "memo key must be positive integers."
            ));
        }
        memo.put(number as u64, value);
    }
    Ok(memo)
}
