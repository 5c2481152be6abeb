//! `random`: [`crate::number::random`] as an object.
//!
//! The functions of the module are the methods of a hidden instance. `SystemRandom` draws a new generator
//! from the system's entropy for each call.

use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::number::math_special;
use crate::number::random::{Draw, Mt};
use crate::object::args::{Args, Signature};
use crate::object::bytes::PyBytes;
use crate::object::define::{ModuleDef, Native, TypeDef, flag, method};
use crate::object::descriptor::PyMethodDescriptor;
use crate::object::dict::PyDict;
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol::{self, operator};
use crate::object::slot::Locked;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, type_by_id, type_object, type_of};
use crate::object::{attribute, bytes, float, ids, int};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use std::io::Read;
use std::sync::atomic::Ordering::Relaxed;

struct State {
    twister: Mt,
    /// The second number of the last pair of `gauss`.
    spare: Option<f64>,
}

/// The body of a generator.
pub struct PyRandom {
    state: Locked<State>,
}

// SAFETY: there are no references.
unsafe impl Payload for PyRandom {
    const ID: u32 = ids::RANDOM;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Random";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// Words of the system's entropy.
fn entropy<const N: usize>() -> [u32; N] {
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

fn fresh() -> Mt {
    Mt::from_key(&entropy::<624>())
}

fn is_system(ctx: &Ctx, this: &Obj) -> bool {
    protocol::is_instance_of(ctx, this, ids::SYSTEM_RANDOM)
}

fn with<T>(ctx: &Ctx, this: &Obj, f: impl FnOnce(&mut Mt, &mut Option<f64>) -> T) -> T {
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
enum Source<'a> {
    /// The generator itself.
    Twister(&'a mut Mt),
    /// Methods of a class written in Python.
    Program(Program<'a>),
}

/// A generator whose class defines `random` or `getrandbits`.
struct Program<'a> {
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
        name: &str,
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
fn draw<T>(
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

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let state = State {
        twister: fresh(),
        spare: None,
    };
    let body = PyRandom {
        state: Locked::new(state),
    };
    payload::allocate(ctx, id, body)
}

static INIT: Signature = Signature {
    name: "Random.__init__",
    params: &["x"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    let [seed] = args.bind(ctx, &INIT)?;
    reseed(ctx, this, seed)
}

static SEED: Signature = Signature {
    name: "seed",
    params: &["a", "version"],
    posonly: 0,
    positional: 2,
    required: 0,
};

fn seed(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [seed, _] = args.bind(ctx, &SEED)?;
    reseed(ctx, this, seed).map(|()| Obj::NONE)
}

fn reseed(ctx: &mut Ctx, this: &Obj, seed: Option<&Obj>) -> PyResult<()> {
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

fn getstate(ctx: &mut Ctx, this: &Obj) -> PyResult {
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

fn setstate(ctx: &mut Ctx, this: &Obj, given: &Obj) -> PyResult {
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

fn random(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let value = with(ctx, this, |twister, _| twister.random());
    float::new(ctx, value)
}

fn getrandbits(ctx: &mut Ctx, this: &Obj, bits: &Obj) -> PyResult {
    let bits = protocol::index_i64(ctx, bits, None)?;
    let Ok(bits) = u64::try_from(bits) else {
        return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
    };
    if bits <= 60 {
        let value = with(ctx, this, |twister, _| twister.bits64(bits as u32));
        return int::from_i64(ctx, value as i64);
    }
    let value = with(ctx, this, |twister, _| twister.bits(bits));
    int::from_big(ctx, value)
}

fn randbytes(ctx: &mut Ctx, this: &Obj, count: &Obj) -> PyResult {
    let count = protocol::index_i64(ctx, count, None)?;
    let Ok(count) = usize::try_from(count) else {
        return Err(raise!(ctx, ValueError, "Cannot convert negative int"));
    };
    let value = draw(ctx, this, |twister, _| twister.bytes(count))?;
    bytes::new(ctx, &value)
}

/// A number below `limit`, which is positive.
fn below(ctx: &mut Ctx, this: &Obj, limit: &BigInt) -> PyResult<BigInt> {
    match limit.to_u64() {
        Some(limit) => draw(ctx, this, |source, _| source.below(limit)).map(BigInt::from),
        None => draw(ctx, this, |source, _| source.below_big(limit)),
    }
}

fn big(ctx: &mut Ctx, value: &Obj) -> PyResult<BigInt> {
    let index = protocol::index(ctx, value)?;
    Ok(int::to_big(&index).unwrap_or_default())
}

static RANDRANGE: Signature = Signature {
    name: "randrange",
    params: &["start", "stop", "step"],
    posonly: 0,
    positional: 3,
    required: 1,
};

fn randrange(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [start, stop, step] = args.bind(ctx, &RANDRANGE)?;
    let start = big(ctx, start.unwrap_or(&Obj::NONE))?;
    let Some(stop) = stop.filter(|stop| !stop.is_none()) else {
        if step.is_some() {
            return Err(raise!(ctx, TypeError, "Missing a non-None stop argument"));
        }
        if !start.is_positive() {
            return Err(raise!(ctx, ValueError, "empty range for randrange()"));
        }
        let value = below(ctx, this, &start)?;
        return int::from_big(ctx, value);
    };
    let stop = big(ctx, stop)?;
    let step = match step {
        Some(step) => big(ctx, step)?,
        None => 1.into(),
    };
    let width = &stop - &start;
    let one = BigInt::from(1);
    let count = if step == one {
        width
    } else if step.is_positive() {
        (width + &step - &one) / &step
    } else if step.is_negative() {
        (width + &step + &one) / &step
    } else {
        return Err(raise!(ctx, ValueError, "zero step for randrange()"));
    };
    if !count.is_positive() {
        let step = if step == one {
            String::new()
        } else {
            format!(", {step}")
        };
        return Err(raise!(
            ctx,
            ValueError,
            "empty range in randrange({start}, {stop}{step})"
        ));
    }
    let value = start + step * below(ctx, this, &count)?;
    int::from_big(ctx, value)
}

static RANDINT: Signature = Signature {
    name: "randint",
    params: &["a", "b"],
    posonly: 0,
    positional: 2,
    required: 2,
};

fn randint(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [a, b] = args.bind(ctx, &RANDINT)?;
    let (a, b) = (
        big(ctx, a.unwrap_or(&Obj::NONE))?,
        big(ctx, b.unwrap_or(&Obj::NONE))?,
    );
    let count: BigInt = &b - &a + 1;
    if !count.is_positive() {
        return Err(raise!(ctx, ValueError, "empty range in randint({a}, {b})"));
    }
    let value = a + below(ctx, this, &count)?;
    int::from_big(ctx, value)
}

fn choice(ctx: &mut Ctx, this: &Obj, items: &Obj) -> PyResult {
    let len = protocol::len(ctx, items)?;
    if len == 0 {
        return Err(raise!(
            ctx,
            IndexError,
            "Cannot choose from an empty sequence"
        ));
    }
    let index = draw(ctx, this, |twister, _| twister.below(len as u64))?;
    item(ctx, items, index as usize)
}

fn item(ctx: &mut Ctx, items: &Obj, index: usize) -> PyResult {
    let index = int::from_usize(ctx, index)?;
    protocol::getitem(ctx, items, &index)
}

fn shuffle(ctx: &mut Ctx, this: &Obj, items: &Obj) -> PyResult {
    let len = protocol::len(ctx, items)?;
    let mut swaps = Vec::with_capacity(len);
    draw(ctx, this, |twister, _| {
        twister.shuffle(len, |i, j| swaps.push((i, j)));
    })?;
    for (i, j) in swaps {
        if let Some(list) = items.downcast_exact::<PyList>()
            && let (Some(a), Some(b)) = (list.get(ctx, i), list.get(ctx, j))
        {
            list.set(ctx, i, b);
            list.set(ctx, j, a);
            continue;
        }
        let (a, b) = (item(ctx, items, i)?, item(ctx, items, j)?);
        let (i, j) = (int::from_usize(ctx, i)?, int::from_usize(ctx, j)?);
        protocol::setitem(ctx, items, &i, Some(&b))?;
        protocol::setitem(ctx, items, &j, Some(&a))?;
    }
    Ok(Obj::NONE)
}

fn is_sequence(ctx: &Ctx, value: &Obj) -> bool {
    let texts = [ids::STR, ids::BYTES, ids::BYTEARRAY, ids::RANGE];
    type_of(ctx, value).flags.load(Relaxed) & flag::SEQUENCE != 0
        || texts
            .iter()
            .any(|id| protocol::is_instance_of(ctx, value, *id))
}

static SAMPLE: Signature = Signature {
    name: "sample",
    params: &["population", "k", "counts"],
    posonly: 0,
    positional: 2,
    required: 2,
};

fn sample(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [population, k, counts] = args.bind(ctx, &SAMPLE)?;
    let Some(population) = population else {
        return Ok(Obj::NONE);
    };
    if !is_sequence(ctx, population) {
        return Err(raise!(
            ctx,
            TypeError,
            "Population must be a sequence.  For dicts or sets, use sorted(d)."
        ));
    }
    let count = protocol::index_i64(ctx, k.unwrap_or(&Obj::NONE), None)?;
    let len = protocol::len(ctx, population)?;
    let sums = match counts.filter(|counts| !counts.is_none()) {
        None => None,
        Some(counts) => Some(running_counts(ctx, counts, len)?),
    };
    let total = sums
        .as_ref()
        .map_or(len, |sums: &Vec<usize>| sums.last().copied().unwrap_or(0));
    let Some(count) = usize::try_from(count).ok().filter(|count| *count <= total) else {
        return Err(raise!(
            ctx,
            ValueError,
            "Sample larger than population or is negative"
        ));
    };
    let chosen = draw(ctx, this, |twister, _| twister.sample(total, count))?;
    let mut result = Vec::with_capacity(count);
    for index in chosen {
        let index = match &sums {
            Some(sums) => sums.partition_point(|sum| *sum <= index),
            None => index,
        };
        result.push(item(ctx, population, index)?);
    }
    list::from_vec(ctx, result)
}

fn running_counts(ctx: &mut Ctx, counts: &Obj, len: usize) -> PyResult<Vec<usize>> {
    let counts = protocol::collect(ctx, counts)?;
    if counts.len() != len {
        return Err(raise!(
            ctx,
            ValueError,
            "The number of counts does not match the population"
        ));
    }
    let mut sum = 0i64;
    let mut sums = Vec::with_capacity(len);
    for count in &counts {
        sum = sum.saturating_add(protocol::index_i64(ctx, count, None)?);
        if sum < 0 {
            return Err(raise!(ctx, ValueError, "Counts must be non-negative"));
        }
        sums.push(sum as usize);
    }
    if sum == 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "Total of counts must be greater than zero"
        ));
    }
    Ok(sums)
}

static CHOICES: Signature = Signature {
    name: "choices",
    params: &["population", "weights", "cum_weights", "k"],
    posonly: 0,
    positional: 2,
    required: 1,
};

fn choices(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [population, weights, sums, k] = args.bind(ctx, &CHOICES)?;
    let Some(population) = population else {
        return Ok(Obj::NONE);
    };
    let len = protocol::len(ctx, population)?;
    let count = match k {
        Some(k) => protocol::index_i64(ctx, k, None)?.max(0) as usize,
        None => 1,
    };
    let weights = weights.filter(|weights| !weights.is_none());
    let sums = sums.filter(|sums| !sums.is_none());
    let mut result = Vec::with_capacity(count);
    if weights.is_none() && sums.is_none() {
        for _ in 0..count {
            let index = draw(ctx, this, |twister, _| twister.choice_unweighted(len))?;
            result.push(item(ctx, population, index)?);
        }
        return list::from_vec(ctx, result);
    }
    let sums = weight_sums(ctx, weights, sums, len)?;
    for _ in 0..count {
        let index = draw(ctx, this, |twister, _| twister.choice_weighted(&sums))?;
        result.push(item(ctx, population, index)?);
    }
    list::from_vec(ctx, result)
}

fn weight_sums(
    ctx: &mut Ctx,
    weights: Option<&Obj>,
    sums: Option<&Obj>,
    len: usize,
) -> PyResult<Vec<f64>> {
    let sums = match (weights, sums) {
        (Some(weights), None) => {
            if let Some(count) = weights.as_small_int() {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "The number of choices must be a keyword argument: k={count}"
                ));
            }
            let mut sum: Option<Obj> = None;
            let mut sums = Vec::new();
            for weight in protocol::collect(ctx, weights)? {
                let next = match &sum {
                    Some(sum) => protocol::binary(ctx, sum, &weight, operator::ADD)?,
                    None => weight,
                };
                sums.push(float::expect_real(ctx, &next)?);
                sum = Some(next);
            }
            sums
        }
        (None, Some(sums)) => {
            let sums = protocol::collect(ctx, sums)?;
            let mut numbers = Vec::with_capacity(sums.len());
            for sum in &sums {
                numbers.push(float::expect_real(ctx, sum)?);
            }
            numbers
        }
        _ => {
            return Err(raise!(
                ctx,
                TypeError,
                "Cannot specify both weights and cumulative weights"
            ));
        }
    };
    if sums.len() != len {
        return Err(raise!(
            ctx,
            ValueError,
            "The number of weights does not match the population"
        ));
    }
    let total = sums.last().copied().unwrap_or(0.0);
    if total <= 0.0 {
        return Err(raise!(
            ctx,
            ValueError,
            "Total of weights must be greater than zero"
        ));
    }
    if !total.is_finite() {
        return Err(raise!(ctx, ValueError, "Total of weights must be finite"));
    }
    Ok(sums)
}

/// Arguments that are floats, with defaults.
fn floats<const N: usize>(
    ctx: &mut Ctx,
    args: Args<'_>,
    signature: &Signature,
    defaults: [f64; N],
) -> PyResult<[f64; N]> {
    let bound: [Option<&Obj>; N] = args.bind(ctx, signature)?;
    let mut values = defaults;
    for (value, given) in values.iter_mut().zip(bound) {
        if let Some(given) = given {
            *value = float::expect_real(ctx, given)?;
        }
    }
    Ok(values)
}

macro_rules! distributions {
    ($($name:ident($($param:ident = $default:expr),*), $required:literal: |$twister:ident, $spare:ident| $body:expr;)*) => {$(
        fn $name(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
            static SIGNATURE: Signature = Signature {
                name: stringify!($name),
                params: &[$(stringify!($param)),*],
                posonly: 0,
                positional: [$(stringify!($param)),*].len(),
                required: $required,
            };
            let [$($param),*] = floats(ctx, args, &SIGNATURE, [$($default),*])?;
            let value: f64 = draw(ctx, this, |$twister, $spare| { let _ = &$spare; $body })?;
            float::new(ctx, value)
        }
    )*};
}

distributions! {
    uniform(a = 0.0, b = 1.0), 2: |t, s| t.uniform(a, b);
    gauss(mu = 0.0, sigma = 1.0), 0: |t, s| t.gauss(mu, sigma, s);
    normalvariate(mu = 0.0, sigma = 1.0), 0: |t, s| t.normal(mu, sigma);
    lognormvariate(mu = 0.0, sigma = 1.0), 0: |t, s| t.lognormal(mu, sigma);
    vonmisesvariate(mu = 0.0, kappa = 1.0), 2: |t, s| t.von_mises(mu, kappa);
    positive_gamma(alpha = 1.0, beta = 1.0), 2: |t, s| t.gamma(alpha, beta);
    betavariate(alpha = 1.0, beta = 1.0), 2: |t, s| t.beta(alpha, beta);
    paretovariate(alpha = 1.0), 1: |t, s| t.pareto(alpha);
    weibullvariate(alpha = 1.0, beta = 1.0), 2: |t, s| t.weibull(alpha, beta);
}

static GAMMA: Signature = Signature {
    name: "gammavariate",
    params: &["alpha", "beta"],
    posonly: 0,
    positional: 2,
    required: 2,
};

fn gammavariate(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [alpha, beta] = floats(ctx, args, &GAMMA, [1.0, 1.0])?;
    if alpha <= 0.0 || beta <= 0.0 {
        return Err(raise!(
            ctx,
            ValueError,
            "gammavariate: alpha and beta must be > 0.0"
        ));
    }
    positive_gamma(ctx, this, args)
}

static EXPO: Signature = Signature {
    name: "expovariate",
    params: &["lambd"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn expovariate(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [lambda] = floats(ctx, args, &EXPO, [1.0])?;
    let value = draw(ctx, this, |twister, _| twister.exponential(lambda))?;
    if lambda == 0.0 {
        return Err(raise!(ctx, ZeroDivisionError, "division by zero"));
    }
    float::new(ctx, value)
}

static TRIANGULAR: Signature = Signature {
    name: "triangular",
    params: &["low", "high", "mode"],
    posonly: 0,
    positional: 3,
    required: 0,
};

fn triangular(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [low, high, mode] = args.bind(ctx, &TRIANGULAR)?;
    let low = low.map_or(Ok(0.0), |x| float::expect_real(ctx, x))?;
    let high = high.map_or(Ok(1.0), |x| float::expect_real(ctx, x))?;
    let mode = match mode.filter(|mode| !mode.is_none()) {
        Some(mode) => Some(float::expect_real(ctx, mode)?),
        None => None,
    };
    let value = draw(ctx, this, |twister, _| twister.triangular(low, high, mode))?;
    float::new(ctx, value)
}

static BINOMIAL: Signature = Signature {
    name: "binomialvariate",
    params: &["n", "p"],
    posonly: 0,
    positional: 2,
    required: 0,
};

fn binomialvariate(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [n, p] = args.bind(ctx, &BINOMIAL)?;
    let n = n.map_or(Ok(1), |n| protocol::index_i64(ctx, n, None))?;
    let p = p.map_or(Ok(0.5), |p| float::expect_real(ctx, p))?;
    if n < 0 {
        return Err(raise!(ctx, ValueError, "n must be non-negative"));
    }
    if !(0.0..=1.0).contains(&p) {
        return Err(raise!(
            ctx,
            ValueError,
            "p must be in the range 0.0 <= p <= 1.0"
        ));
    }
    let value = draw(ctx, this, |twister, _| binomial(twister, n, p))?;
    int::from_i64(ctx, value)
}

/// Successes among `n` trials of probability `p`: counted by geometric gaps when few are expected, else by
/// Hörmann's transformed rejection with squeeze (BTRS, 1993).
fn binomial(twister: &mut Source<'_>, n: i64, p: f64) -> i64 {
    if p == 0.0 {
        return 0;
    }
    if p == 1.0 {
        return n;
    }
    if n == 1 {
        return (twister.random() < p).into();
    }
    if p > 0.5 {
        return n - binomial(twister, n, 1.0 - p);
    }
    let count = n as f64;
    if count * p < 10.0 {
        let scale = (1.0 - p).log2();
        if scale == 0.0 {
            return 0;
        }
        let (mut found, mut at) = (0, 0.0);
        loop {
            at += (twister.random().log2() / scale).floor() + 1.0;
            if at > count {
                return found;
            }
            found += 1;
        }
    }
    let log_gamma = |x: f64| math_special::lgamma(x).unwrap_or(f64::INFINITY);
    let deviation = (count * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = count * p + 0.5;
    let squeeze = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * deviation;
    let odds = (p / (1.0 - p)).ln();
    let mode = ((count + 1.0) * p).floor();
    let height = log_gamma(mode + 1.0) + log_gamma(count - mode + 1.0);
    loop {
        let u = twister.random() - 0.5;
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + c).floor();
        if k < 0.0 || k > count {
            continue;
        }
        let mut v = twister.random();
        if us >= 0.07 && v <= squeeze {
            return k as i64;
        }
        v *= alpha / (a / (us * us) + b);
        let bound = height - log_gamma(k + 1.0) - log_gamma(count - k + 1.0) + (k - mode) * odds;
        if v.ln() <= bound {
            return k as i64;
        }
    }
}

macro_rules! public {
    ($($name:literal: $native:expr,)*) => {
        const METHODS: &[crate::object::define::Method] = &[$(method($name, $native)),*];
        /// The methods that are functions of the module as well.
        const NAMES: &[&str] = &[$($name),*];
    };
}

public! {
    "seed": Native::MA(seed),
    "getstate": Native::M0(getstate),
    "setstate": Native::M1(setstate),
    "random": Native::M0(random),
    "getrandbits": Native::M1(getrandbits),
    "randbytes": Native::M1(randbytes),
    "randrange": Native::MA(randrange),
    "randint": Native::MA(randint),
    "choice": Native::M1(choice),
    "choices": Native::MA(choices),
    "shuffle": Native::M1(shuffle),
    "sample": Native::MA(sample),
    "uniform": Native::MA(uniform),
    "triangular": Native::MA(triangular),
    "gauss": Native::MA(gauss),
    "normalvariate": Native::MA(normalvariate),
    "lognormvariate": Native::MA(lognormvariate),
    "expovariate": Native::MA(expovariate),
    "vonmisesvariate": Native::MA(vonmisesvariate),
    "gammavariate": Native::MA(gammavariate),
    "betavariate": Native::MA(betavariate),
    "paretovariate": Native::MA(paretovariate),
    "weibullvariate": Native::MA(weibullvariate),
    "binomialvariate": Native::MA(binomialvariate),
}

/// `random.Random`.
pub static RANDOM: TypeDef = TypeDef {
    id: ids::RANDOM,
    name: "Random",
    base: ids::OBJECT,
    layout: ids::RANDOM,
    kind: &Body::<PyRandom>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[],
    doc: "A generator of pseudo-random numbers.",
};

/// `random.SystemRandom`.
pub static SYSTEM_RANDOM: TypeDef = TypeDef {
    id: ids::SYSTEM_RANDOM,
    name: "SystemRandom",
    base: ids::RANDOM,
    layout: ids::RANDOM,
    kind: &Body::<PyRandom>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "A generator that draws on the system's entropy.",
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let class = type_object(ctx, ids::RANDOM);
    let hidden = protocol::call(ctx, &class, &[])?;
    for name in NAMES {
        let function = protocol::getattr_str(ctx, &hidden, name)?;
        support::add(ctx, module, name, function)?;
    }
    support::add(ctx, module, "_inst", hidden)
}

/// `random`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "random",
    functions: &[],
    types: &[&RANDOM, &SYSTEM_RANDOM],
    populate,
    doc: "Pseudo-random numbers of many distributions.",
};
