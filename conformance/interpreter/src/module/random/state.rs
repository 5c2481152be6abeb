//! Seeding a generator, and its state as a tuple.

use super::source::{fresh, is_system, with};
use super::{PyRandom, State};
use crate::error::{PyResult, raise};
use crate::number::random::Mt;
use crate::object::args::{Args, Signature};
use crate::object::bytes::PyBytes;
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::type_object;
use crate::object::{float, ids, int};
use kit_core::thread::Ctx;
use num_bigint::BigInt;

static SEED: Signature = Signature {
    name: "seed",
    params: &["a", "version"],
    posonly: 0,
    positional: 2,
    required: 0,
};

pub(super) fn seed(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [seed, _] = args.bind(ctx, &SEED)?;
    reseed(ctx, this, seed).map(|()| Obj::NONE)
}

pub(super) fn reseed(ctx: &mut Ctx, this: &Obj, seed: Option<&Obj>) -> PyResult<()> {
    let twister = match seed.filter(|seed| !seed.is_none()) {
        None => fresh(),
        Some(seed) => {
            if let Some(number) = int::to_big(seed) {
                Mt::from_int(&number)
            } else if float::to_f64(seed).is_some() {
                let hash = protocol::hash(ctx, seed)?;
                Mt::from_int(&BigInt::from(hash as u64))
            } else if let Some(text) = seed.downcast::<PyStr>() {
                Mt::from_bytes(text.bytes())
            } else if let Some(bytes) = bytes_of(ctx, seed)? {
                Mt::from_bytes(&bytes)
            } else {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "The only supported seed types are:\nNone, int, float, str, bytes, and bytearray."
                ));
            }
        }
    };
    let body = this.expect::<PyRandom>();
    // SAFETY: the field of this object; nothing else of it is locked.
    let mut state = unsafe { body.state.lock(ctx, &body.header) };
    *state = State {
        twister,
        spare: None,
    };
    Ok(())
}

fn bytes_of(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<Vec<u8>>> {
    if let Some(bytes) = value.downcast::<PyBytes>() {
        return Ok(Some(bytes.data().to_vec()));
    }
    if protocol::is_instance_of(ctx, value, ids::BYTEARRAY) {
        let class = type_object(ctx, ids::BYTES);
        let copy = protocol::call(ctx, &class, std::slice::from_ref(value))?;
        return Ok(copy
            .downcast::<PyBytes>()
            .map(|bytes| bytes.data().to_vec()));
    }
    Ok(None)
}

pub(super) fn getstate(ctx: &mut Ctx, this: &Obj) -> PyResult {
    if is_system(ctx, this) {
        return Err(no_state(ctx));
    }
    let (words, spare) = with(ctx, this, |twister, spare| {
        let (state, index) = twister.state();
        let mut words: Vec<Obj> = state.iter().map(|w| Obj::small_int((*w).into())).collect();
        words.push(Obj::small_int(index as i64));
        (words, *spare)
    });
    let words = tuple::from_vec(ctx, words)?;
    let spare = match spare {
        Some(spare) => float::new(ctx, spare)?,
        None => Obj::NONE,
    };
    tuple::from_vec(ctx, vec![Obj::small_int(3), words, spare])
}

fn no_state(ctx: &mut Ctx) -> crate::error::Raised {
    raise!(
        ctx,
        NotImplementedError,
        "System entropy source does not have state."
    )
}

pub(super) fn setstate(ctx: &mut Ctx, this: &Obj, given: &Obj) -> PyResult {
    if is_system(ctx, this) {
        return Err(no_state(ctx));
    }
    let items = protocol::collect(ctx, given)?;
    let version = match items.first() {
        Some(version) => protocol::repr_string(ctx, version)?,
        None => return Err(raise!(ctx, IndexError, "tuple index out of range")),
    };
    if version != "3" || items.len() != 3 {
        return Err(raise!(
            ctx,
            ValueError,
            "state with version {version} passed to Random.setstate() of version 3"
        ));
    }
    let Some(words) = items[1].downcast::<PyTuple>() else {
        return Err(raise!(ctx, TypeError, "state vector must be a tuple"));
    };
    if words.items().len() != 625 {
        return Err(raise!(ctx, ValueError, "state vector is the wrong size"));
    }
    let mut state = [0u32; 624];
    for (word, value) in state.iter_mut().zip(words.items()) {
        *word = protocol::index_i64(ctx, value, None)? as u32;
    }
    let index = protocol::index_i64(ctx, &words.items()[624], None)?;
    let twister = usize::try_from(index)
        .ok()
        .and_then(|index| Mt::from_state(state, index));
    let Some(twister) = twister else {
        return Err(raise!(ctx, ValueError, "invalid state"));
    };
    let spare = float::to_f64(&items[2]);
    let body = this.expect::<PyRandom>();
    // SAFETY: the field of this object; nothing else of it is locked.
    *unsafe { body.state.lock(ctx, &body.header) } = State { twister, spare };
    Ok(Obj::NONE)
}
