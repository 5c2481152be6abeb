//! Where the numbers of a distribution come from: the generator, the system, or methods of a class written in
//! Python.

use super::PyRandom;
use crate::error::{PyResult, Raised};
use crate::number::random::{Draw, Mt};
use crate::object::descriptor::PyMethodDescriptor;
use crate::object::dict::PyDict;
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_;
use crate::object::type_::{type_by_id, type_of};
use crate::object::{attribute, float, ids, int};
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::io::Read;

/// Words of the system's entropy.
pub(super) fn entropy<const N: usize>() -> [u32; N] {
    let mut bytes = vec![0u8; N * 4];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        use std::hash::{BuildHasher, RandomState};
        for (index, chunk) in bytes.chunks_mut(8).enumerate() {
            let word = RandomState::new().hash_one(index).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
    std::array::from_fn(|i| {
        u32::from_le_bytes([
            bytes[4 * i],
            bytes[4 * i + 1],
            bytes[4 * i + 2],
            bytes[4 * i + 3],
        ])
    })
}

pub(super) fn fresh() -> Mt {
    Mt::from_key(&entropy::<624>())
}

pub(super) fn is_system(ctx: &Ctx, this: &Obj) -> bool {
    protocol::is_instance_of(ctx, this, ids::SYSTEM_RANDOM)
}

pub(super) fn with<T>(ctx: &Ctx, this: &Obj, f: impl FnOnce(&mut Mt, &mut Option<f64>) -> T) -> T {
    if is_system(ctx, this) {
        return f(&mut Mt::from_key(&entropy::<64>()), &mut None);
    }
    let body = this.expect::<PyRandom>();
    // SAFETY: the field of this object; `f` locks nothing.
    let mut state = unsafe { body.state.lock(ctx, &body.header) };
    let state = &mut *state;
    f(&mut state.twister, &mut state.spare)
}

/// Where the numbers of a distribution come from.
#[allow(clippy::large_enum_variant)] // Lives on the stack, for one call.
pub(super) enum Source<'a> {
    /// The generator itself.
    Twister(&'a mut Mt),
    /// Methods of a class written in Python.
    Program(Program<'a>),
}

/// A generator whose class defines `random` or `getrandbits`.
pub(super) struct Program<'a> {
    ctx: &'a mut Ctx,
    this: &'a Obj,
    /// Integers are made of `getrandbits`, not of `random`.
    by_bits: bool,
    /// What a method raised; numbers that are of no use follow.
    raised: Option<Raised>,
    rest: Option<Mt>,
}

impl Program<'_> {
    fn ask<T>(
        &mut self,
        name: &'static str,
        bits: Option<u64>,
        read: impl FnOnce(&mut Ctx, &Obj) -> PyResult<T>,
        rest: impl FnOnce(&mut Mt) -> T,
    ) -> T {
        if self.raised.is_none() {
            let result = (|| {
                let args = match bits {
                    Some(bits) => vec![int::from_usize(self.ctx, bits as usize)?],
                    None => Vec::new(),
                };
                let name = str_::intern(self.ctx, name);
                let value = protocol::call_method(self.ctx, self.this, &name, &args)?;
                read(self.ctx, &value)
            })();
            match result {
                Ok(value) => return value,
                Err(raised) => self.raised = Some(raised),
            }
        }
        rest(self.rest.get_or_insert_with(fresh))
    }

    fn random(&mut self) -> f64 {
        self.ask("random", None, float::expect_real, Mt::random)
    }

    fn bits(&mut self, bits: u64) -> BigInt {
        self.ask("getrandbits", Some(bits), big, |rest| rest.bits(bits))
    }

    fn below(&mut self, limit: &BigInt) -> BigInt {
        if self.by_bits {
            loop {
                let drawn = self.bits(limit.bits());
                if &drawn < limit {
                    return drawn;
                }
            }
        }
        const STEPS: u64 = 1 << 53;
        let Some(limit) = limit.to_u64().filter(|limit| *limit < STEPS) else {
            let scaled = self.random() * limit.to_f64().unwrap_or(f64::MAX);
            return num_traits::FromPrimitive::from_f64(scaled.floor()).unwrap_or_default();
        };
        let even = (STEPS - STEPS % limit) as f64 / STEPS as f64;
        loop {
            let drawn = self.random();
            if drawn < even {
                return ((drawn * STEPS as f64) as u64 % limit).into();
            }
        }
    }
}

impl Draw for Source<'_> {
    fn random(&mut self) -> f64 {
        match self {
            Source::Twister(twister) => twister.random(),
            Source::Program(program) => program.random(),
        }
    }

    fn bits64(&mut self, bits: u32) -> u64 {
        match self {
            Source::Twister(twister) => twister.bits64(bits),
            Source::Program(program) => program.bits(bits.into()).to_u64().unwrap_or(0),
        }
    }

    fn bits(&mut self, bits: u64) -> BigInt {
        match self {
            Source::Twister(twister) => twister.bits(bits),
            Source::Program(program) => program.bits(bits),
        }
    }

    fn below(&mut self, limit: u64) -> u64 {
        match self {
            Source::Twister(twister) => twister.below(limit),
            Source::Program(program) => program.below(&limit.into()).to_u64().unwrap_or(0),
        }
    }

    fn below_big(&mut self, limit: &BigInt) -> BigInt {
        match self {
            Source::Twister(twister) => twister.below_big(limit),
            Source::Program(program) => program.below(limit),
        }
    }
}

/// Which of the two methods a class written in Python defines: `random`, `getrandbits`.
fn overridden(ctx: &mut Ctx, this: &Obj) -> (bool, bool) {
    let id = type_of(ctx, this).id;
    if id < ids::FIRST_DYNAMIC {
        return (false, false);
    }
    let mut defines = |name| {
        let name = str_::intern(ctx, name);
        let found = attribute::lookup(ctx, id, &name);
        found.is_some_and(|found| found.downcast::<PyMethodDescriptor>().is_none())
    };
    (defines("random"), defines("getrandbits"))
}

/// Whether the first class that defines one of the two methods defines `getrandbits`.
fn is_by_bits(ctx: &mut Ctx, this: &Obj) -> bool {
    let (random, bits) = ("random", "getrandbits");
    let (random, bits) = (str_::intern(ctx, random), str_::intern(ctx, bits));
    for id in type_of(ctx, this).mro_ids(ctx) {
        let space = type_by_id(ctx, id).dict.expect::<PyDict>();
        if space.get_name(ctx, &bits).is_some() {
            return true;
        }
        if space.get_name(ctx, &random).is_some() {
            return false;
        }
    }
    true
}

/// Computes something of random numbers, which a class written in Python may supply.
pub(super) fn draw<T>(
    ctx: &mut Ctx,
    this: &Obj,
    f: impl FnOnce(&mut Source<'_>, &mut Option<f64>) -> T,
) -> PyResult<T> {
    let (random, bits) = overridden(ctx, this);
    if !random && !bits {
        return Ok(with(ctx, this, |twister, spare| {
            f(&mut Source::Twister(twister), spare)
        }));
    }
    let by_bits = bits && (!random || is_by_bits(ctx, this));
    let mut spare = with(ctx, this, |_, spare| *spare);
    let mut source = Source::Program(Program {
        ctx: &mut *ctx,
        this,
        by_bits,
        raised: None,
        rest: None,
    });
    let result = f(&mut source, &mut spare);
    if let Source::Program(Program {
        raised: Some(raised),
        ..
    }) = source
    {
        return Err(raised);
    }
    with(ctx, this, |_, kept| *kept = spare);
    Ok(result)
}

pub(super) fn big(ctx: &mut Ctx, value: &Obj) -> PyResult<BigInt> {
    let index = protocol::index(ctx, value)?;
    Ok(int::to_big(&index).unwrap_or_default())
}
