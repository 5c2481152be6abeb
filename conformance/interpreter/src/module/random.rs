//! `_random`: the Mersenne Twister, for the library's `random`.

use super::support;
use crate::error::{PyResult, raise};
use crate::number::twister::{N, Twister};
use crate::object::args::Args;
use crate::object::define::{ModuleDef, Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Locked;
use crate::object::slots::Slots;
use crate::object::tuple::{self, PyTuple};
use crate::object::{float, ids, int, protocol};
use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use std::io::Read;

/// The body of a generator.
pub struct PyRandom {
    twister: Locked<Twister>,
}

// SAFETY: there are no references.
unsafe impl Payload for PyRandom {
    const ID: u32 = ids::RANDOM;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Random";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A generator seeded from the system's entropy.
fn fresh() -> Twister {
    let mut bytes = vec![0u8; N * 4];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        use std::hash::{BuildHasher, RandomState};
        for (index, chunk) in bytes.chunks_mut(8).enumerate() {
            let word = RandomState::new().hash_one(index).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
    let words = bytes.as_chunks().0.iter();
    Twister::from_key(
        &words
            .map(|word| u32::from_le_bytes(*word))
            .collect::<Vec<_>>(),
    )
}

fn with<T>(ctx: &Ctx, this: &Obj, f: impl FnOnce(&mut Twister) -> T) -> T {
    let body = this.expect::<PyRandom>();
    // SAFETY: the field of this object; `f` locks nothing.
    f(&mut *unsafe { body.twister.lock(ctx, &body.header) })
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    // `__init__` follows, which seeds it.
    let body = PyRandom {
        twister: Locked::new(Twister::from_key(&[0])),
    };
    payload::allocate(ctx, support::id_of(class), body)
}

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    args.check(ctx, "Random", 0, 1)?;
    reseed(ctx, this, args.pos.first())
}

fn reseed(ctx: &mut Ctx, this: &Obj, seed: Option<&Obj>) -> PyResult<()> {
    let twister = match seed.filter(|seed| !seed.is_none()) {
        None => fresh(),
        Some(seed) => match int::to_big(seed) {
            Some(number) => Twister::from_int(&number),
            None => {
                let hash = protocol::hash(ctx, seed)?;
                Twister::from_int(&BigInt::from(hash as u64))
            }
        },
    };
    with(ctx, this, |state| *state = twister);
    Ok(())
}

fn getrandbits(ctx: &mut Ctx, this: &Obj, bits: &Obj) -> PyResult {
    let bits = protocol::c_ssize(ctx, bits)?;
    let Ok(bits) = u64::try_from(bits) else {
        return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
    };
    if bits <= 60 {
        let value = with(ctx, this, |twister| twister.bits64(bits as u32));
        return int::from_i64(ctx, value as i64);
    }
    outside::room(ctx, usize::try_from(bits / 4).unwrap_or(usize::MAX))?;
    let value = with(ctx, this, |twister| twister.bits(bits));
    int::from_big(ctx, value)
}

fn getstate(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let words = with(ctx, this, |twister| {
        let (state, index) = twister.state();
        let words = state.iter().map(|word| Obj::small_int((*word).into()));
        words
            .chain([Obj::small_int(index as i64)])
            .collect::<Vec<Obj>>()
    });
    tuple::from_vec(ctx, words)
}

fn setstate(ctx: &mut Ctx, this: &Obj, given: &Obj) -> PyResult {
    let Some(given) = given.downcast::<PyTuple>() else {
        return Err(raise!(ctx, TypeError, "state vector must be a tuple"));
    };
    let Some((index, words)) = given
        .items()
        .split_last()
        .filter(|(_, rest)| rest.len() == N)
    else {
        return Err(raise!(ctx, ValueError, "state vector is the wrong size"));
    };
    let mut state = [0u32; N];
    for (word, value) in state.iter_mut().zip(words) {
        if int::view(value).is_none() {
            return Err(raise!(ctx, TypeError, "an integer is required"));
        }
        if int::is_negative(value) {
            return Err(raise!(
                ctx,
                OverflowError,
                "can't convert negative value to unsigned int"
            ));
        }
        *word = int::to_i64(value).unwrap_or(-1) as u32;
    }
    let index = protocol::c_ssize(ctx, index)?;
    let twister = usize::try_from(index)
        .ok()
        .and_then(|index| Twister::from_state(state, index));
    let Some(twister) = twister else {
        return Err(raise!(ctx, ValueError, "invalid state"));
    };
    with(ctx, this, |state| *state = twister);
    Ok(Obj::NONE)
}

/// `_random.Random`.
pub static RANDOM: TypeDef = TypeDef {
    id: ids::RANDOM,
    name: "_random.Random",
    base: ids::OBJECT,
    layout: ids::RANDOM,
    kind: &Body::<PyRandom>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[
        method(
            "random",
            Native::M0(|ctx, this| {
                let value = with(ctx, this, Twister::random);
                float::new(ctx, value)
            }),
        ),
        method(
            "seed",
            Native::MN(0, 1, |ctx, this, args| {
                reseed(ctx, this, args.first()).map(|()| Obj::NONE)
            }),
        ),
        method("getstate", Native::M0(getstate)),
        method("setstate", Native::M1(setstate)),
        method("getrandbits", Native::M1(getrandbits)),
    ],
    getset: &[],
    doc: "Random() -> create a random number generator with its own internal state.",
};

/// `_random`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_random",
    functions: &[],
    types: &[&RANDOM],
    populate: |_, _| Ok(()),
    doc: "A generator of random numbers.",
};
