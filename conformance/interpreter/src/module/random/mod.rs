//! `random`: [`crate::number::random`] as an object.
//!
//! The functions of the module are the methods of a hidden instance. `SystemRandom` draws a new generator
//! from the system's entropy for each call.
//!
//! | file           | what                                                     |
//! |----------------|----------------------------------------------------------|
//! | `source`       | where numbers come from: generator, system, a class      |
//! | `state`        | seeds, `getstate`, `setstate`                            |
//! | `integers`     | `random`, bits, bytes, `randrange`                       |
//! | `sequence`     | `choice`, `shuffle`, `sample`, `choices`                 |
//! | `distribution` | `gauss` and the others                                   |

mod distribution;
mod integers;
mod sequence;
mod source;
mod state;

use super::support;
use crate::error::PyResult;
use crate::number::random::Mt;
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, TypeDef, flag, method};
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::protocol;
use crate::object::slot::Locked;
use crate::object::slots::Slots;
use crate::object::type_::{PyType, type_object};
use distribution::{
    betavariate, binomialvariate, expovariate, gammavariate, gauss, lognormvariate, normalvariate,
    paretovariate, triangular, uniform, vonmisesvariate, weibullvariate,
};
use integers::{getrandbits, randbytes, randint, random, randrange};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use sequence::{choice, choices, sample, shuffle};
use source::fresh;
use state::{getstate, reseed, seed, setstate};

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
