//! `product`, `permutations`, `combinations` and `combinations_with_replacement`: odometers over the
//! positions of items in pools.

use crate::error::{PyResult, no_memory, raise};
use crate::module::support::{id_of, iterator};
use crate::object::args::{Args, Signature};
use crate::object::define::TypeDef;
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol;
use crate::object::slot::Locked;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::vm::outside::{self, Outside};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// Where an odometer stands.
enum State {
    Fresh,
    Running,
    Done,
}

/// The positions, and for permutations the cycles that say when a position turns over.
struct Wheels {
    state: State,
    indices: Outside<Vec<usize>>,
    cycles: Outside<Vec<usize>>,
}

macro_rules! odometer {
    ($body:ident, $id:ident, $name:literal) => {
        #[doc = concat!("`", $name, "`.")]
        pub struct $body {
            /// Tuples of items.
            pools: Box<[Obj]>,
            wheels: Locked<Wheels>,
        }

        // SAFETY: `trace` reports the pools; the wheels hold numbers.
        unsafe impl Payload for $body {
            const ID: u32 = ids::$id;
            const HEAP: HeapKind = HeapKind::Collected;
            const NAME: &'static str = $name;

            fn trace(&self, tracer: &mut Tracer<'_>) {
                for pool in &self.pools {
                    tracer.word(pool.word());
                }
            }
        }

        impl Body<$body> {
            /// Turns the wheels and makes the tuple they show.
            fn advance(
                &self,
                ctx: &mut Ctx,
                turn: fn(&mut Wheels, &[Obj]) -> bool,
            ) -> PyResult<Option<Obj>> {
                let items: Vec<Obj> =
                    {
                        // SAFETY: the field is this object's, and nothing else of it is locked.
                        let mut wheels = unsafe { self.wheels.lock(ctx, &self.header) };
                        match wheels.state {
                            State::Done => return Ok(None),
                            State::Fresh => wheels.state = State::Running,
                            State::Running => {
                                if !turn(&mut wheels, &self.pools) {
                                    wheels.state = State::Done;
                                    return Ok(None);
                                }
                            }
                        }
                        let mut items = Vec::new();
                        // And the tuple.
                        let count = wheels.indices.len();
                        let fits = outside::fits(count.saturating_mul(2 * size_of::<Obj>()));
                        if !fits || items.try_reserve_exact(count).is_err() {
                            drop(wheels);
                            return Err(no_memory(ctx));
                        }
                        let pools = self.pools.iter().cycle();
                        items.extend(
                            wheels.indices.iter().zip(pools).map(|(index, pool)| {
                                pool.expect::<PyTuple>().items()[*index].clone()
                            }),
                        );
                        items
                    };
                tuple::from_vec(ctx, items).map(Some)
            }
        }
    };
}

odometer!(Product, IT_PRODUCT, "product");
odometer!(Permutations, IT_PERMUTATIONS, "permutations");
odometer!(Combinations, IT_COMBINATIONS, "combinations");
odometer!(
    CombinationsWithReplacement,
    IT_COMBINATIONS_R,
    "combinations_with_replacement"
);

fn len_of(pool: &Obj) -> usize {
    pool.expect::<PyTuple>().items().len()
}

fn pool_of(ctx: &mut Ctx, iterable: &Obj) -> PyResult {
    let items = protocol::collect(ctx, iterable)?;
    tuple::from_vec(ctx, items)
}

fn wheels(
    ctx: &mut Ctx,
    done: bool,
    indices: impl ExactSizeIterator<Item = usize>,
) -> PyResult<Wheels> {
    let mut positions = Vec::new();
    if !done {
        outside::room(ctx, indices.len().saturating_mul(size_of::<usize>()))?;
    }
    // The buffer must be no larger than what Python calls memory.
    if !done && positions.try_reserve_exact(indices.len()).is_err() {
        return Err(no_memory(ctx));
    }
    if !done {
        positions.extend(indices);
    }
    Ok(Wheels {
        state: if done { State::Done } else { State::Fresh },
        indices: Outside::new(positions),
        cycles: Outside::default(),
    })
}

// --- product -------------------------------------------------------------------------------------

fn product_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let mut repeat = 1;
    for (name, value) in args.names.iter().zip(args.values) {
        let name = name.expect::<PyStr>();
        if name.bytes() != b"repeat" {
            let name = name.as_str_lossy();
            return Err(crate::object::args::unexpected_keyword(
                ctx,
                "product",
                &name,
                &["repeat"],
            ));
        }
        repeat = protocol::c_ssize(ctx, value)?;
    }
    if repeat < 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "repeat argument cannot be negative"
        ));
    }
    let mut pools = Vec::with_capacity(args.pos.len());
    if repeat > 0 {
        for iterable in args.pos {
            pools.push(pool_of(ctx, iterable)?);
        }
    }
    let Some(count) = pools.len().checked_mul(repeat as usize) else {
        return Err(raise!(ctx, OverflowError, "repeat argument too large"));
    };
    let done = pools.iter().any(|pool| len_of(pool) == 0);
    let wheels = wheels(ctx, done, std::iter::repeat_n(0, count))?;
    let body = Product {
        pools: pools.into(),
        wheels: Locked::new(wheels),
    };
    payload::allocate(ctx, id_of(class), body)
}

/// The last wheel turns; each that comes round turns the one before it.
fn product_turn(wheels: &mut Wheels, pools: &[Obj]) -> bool {
    for (at, index) in wheels.indices.iter_mut().enumerate().rev() {
        *index += 1;
        if *index < len_of(&pools[at % pools.len()]) {
            return true;
        }
        *index = 0;
    }
    false
}

fn product_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    x.expect::<Product>().advance(ctx, product_turn)
}

/// `itertools.product`.
pub static PRODUCT: TypeDef = iterator(
    ids::IT_PRODUCT,
    "itertools.product",
    &Body::<Product>::KIND,
    product_new,
    product_next,
    "The Cartesian product of the iterables, as nested loops would give it.",
);

// --- combinations --------------------------------------------------------------------------------

/// The arguments `iterable, r`: the pool, and how many to choose.
fn chosen(ctx: &mut Ctx, args: Args<'_>, signature: &Signature) -> PyResult<(Obj, usize)> {
    let [iterable, r] = args.bind(ctx, signature)?;
    let r = protocol::c_ssize(ctx, r.unwrap_or(&Obj::NONE))?;
    let pool = pool_of(ctx, iterable.unwrap_or(&Obj::NONE))?;
    if r < 0 {
        return Err(raise!(ctx, ValueError, "r must be non-negative"));
    }
    Ok((pool, r as usize))
}

const fn choosing(name: &'static str) -> Signature {
    Signature {
        name,
        params: &["iterable", "r"],
        posonly: 0,
        positional: 2,
        required: 2,
    }
}

fn combinations_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = choosing("combinations");
    let (pool, r) = chosen(ctx, args, &SIGNATURE)?;
    let wheels = wheels(ctx, r > len_of(&pool), 0..r)?;
    let body = Combinations {
        pools: Box::new([pool]),
        wheels: Locked::new(wheels),
    };
    payload::allocate(ctx, id_of(class), body)
}

/// The rightmost index that can still grow does, and those after it follow in order.
fn combinations_turn(wheels: &mut Wheels, pools: &[Obj]) -> bool {
    let n = len_of(&pools[0]);
    let r = wheels.indices.len();
    let Some(at) = (0..r).rev().find(|at| wheels.indices[*at] != at + n - r) else {
        return false;
    };
    let first = wheels.indices[at] + 1;
    for (offset, index) in wheels.indices[at..].iter_mut().enumerate() {
        *index = first + offset;
    }
    true
}

fn combinations_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    x.expect::<Combinations>().advance(ctx, combinations_turn)
}

/// `itertools.combinations`.
pub static COMBINATIONS: TypeDef = iterator(
    ids::IT_COMBINATIONS,
    "itertools.combinations",
    &Body::<Combinations>::KIND,
    combinations_new,
    combinations_next,
    "Successive choices of r items of the iterable.",
);

fn replacement_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = choosing("combinations_with_replacement");
    let (pool, r) = chosen(ctx, args, &SIGNATURE)?;
    let done = len_of(&pool) == 0 && r > 0;
    let wheels = wheels(ctx, done, std::iter::repeat_n(0, r))?;
    let body = CombinationsWithReplacement {
        pools: Box::new([pool]),
        wheels: Locked::new(wheels),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn replacement_turn(wheels: &mut Wheels, pools: &[Obj]) -> bool {
    let n = len_of(&pools[0]);
    let Some(at) = wheels.indices.iter().rposition(|index| index + 1 != n) else {
        return false;
    };
    let value = wheels.indices[at] + 1;
    wheels.indices[at..].fill(value);
    true
}

fn replacement_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    x.expect::<CombinationsWithReplacement>()
        .advance(ctx, replacement_turn)
}

/// `itertools.combinations_with_replacement`.
pub static COMBINATIONS_WITH_REPLACEMENT: TypeDef = iterator(
    ids::IT_COMBINATIONS_R,
    "itertools.combinations_with_replacement",
    &Body::<CombinationsWithReplacement>::KIND,
    replacement_new,
    replacement_next,
    "Successive choices of r items of the iterable, each of which may be chosen again.",
);

// --- permutations --------------------------------------------------------------------------------

fn permutations_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "permutations",
        params: &["iterable", "r"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [iterable, r] = args.bind(ctx, &SIGNATURE)?;
    let pool = pool_of(ctx, iterable.unwrap_or(&Obj::NONE))?;
    let n = len_of(&pool);
    let r = match r.filter(|r| !r.is_none()) {
        None => n as i64,
        Some(r) if !protocol::is_instance_of(ctx, r, ids::INT) => {
            return Err(raise!(ctx, TypeError, "Expected int as r"));
        }
        Some(r) => protocol::c_ssize(ctx, r)?,
    };
    if r < 0 {
        return Err(raise!(ctx, ValueError, "r must be non-negative"));
    }
    let r = r as usize;
    // All positions are kept, the first r of which are shown; the tuple is cut to them.
    let mut wheels = wheels(ctx, r > n, 0..r.min(n))?;
    if r <= n {
        outside::room(ctx, (n + r).saturating_mul(size_of::<usize>()))?;
        wheels.cycles = Outside::new((0..n + r).collect());
        for (at, cycle) in wheels.cycles[n..].iter_mut().enumerate() {
            *cycle = n - at;
        }
    }
    let body = Permutations {
        pools: Box::new([pool]),
        wheels: Locked::new(wheels),
    };
    payload::allocate(ctx, id_of(class), body)
}

/// `cycles` holds the permutation of all n positions, followed by a countdown for each of the r
/// that are shown: when one runs out its position goes to the end and the one before it counts.
fn permutations_turn(wheels: &mut Wheels, pools: &[Obj]) -> bool {
    let n = len_of(&pools[0]);
    let r = wheels.indices.len();
    let (positions, cycles) = wheels.cycles.split_at_mut(n);
    for at in (0..r).rev() {
        cycles[at] -= 1;
        if cycles[at] == 0 {
            positions[at..].rotate_left(1);
            cycles[at] = n - at;
        } else {
            positions.swap(at, n - cycles[at]);
            wheels.indices.copy_from_slice(&positions[..r]);
            return true;
        }
    }
    false
}

fn permutations_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    x.expect::<Permutations>().advance(ctx, permutations_turn)
}

/// `itertools.permutations`.
pub static PERMUTATIONS: TypeDef = iterator(
    ids::IT_PERMUTATIONS,
    "itertools.permutations",
    &Body::<Permutations>::KIND,
    permutations_new,
    permutations_next,
    "Successive arrangements of r items of the iterable.",
);
