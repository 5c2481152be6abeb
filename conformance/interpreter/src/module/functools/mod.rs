//! `_functools`: what the library's `functools` does not do in Python.

mod key;
mod lru_cache;
pub mod partial;

use super::support;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, ModuleDef, Native, TypeDef};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::protocol;
use kit_core::thread::Ctx;

/// All types.
pub static TYPES: &[&TypeDef] = &[
    &partial::PARTIAL,
    &partial::PLACEHOLDER,
    &lru_cache::LRU_CACHE,
    &key::KEY_WRAPPER,
];

static FUNCTIONS: &[Method] = &[
    Method {
        name: "reduce",
        native: Native::F(reduce),
        doc: "reduce($module, function, iterable, /, initial=<unrepresentable>)\n--\n\n\
            Applies a function of two arguments to what it has returned and the next item.",
    },
    Method {
        name: "cmp_to_key",
        native: Native::F(key::cmp_to_key),
        doc: "cmp_to_key($module, /, mycmp)\n--\n\nA key function that orders as a comparison function does.",
    },
];

/// `reduce(function, iterable, /, initial=<missing>)`.
fn reduce(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "reduce",
        params: &["function", "iterable", "initial"],
        posonly: 2,
        positional: 3,
        required: 0,
    };
    let given = args.pos.len();
    if given < 2 {
        return Err(raise!(
            ctx,
            TypeError,
            "reduce() takes at least 2 positional arguments ({given} given)"
        ));
    }
    let [Some(function), Some(iterable), initial] = args.bind(ctx, &SIGNATURE)? else {
        return Ok(Obj::NONE);
    };
    let iterator = match protocol::iter(ctx, iterable) {
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            exception::take(ctx, raised);
            return Err(raise!(
                ctx,
                TypeError,
                "reduce() arg 2 must support iteration"
            ));
        }
        other => other?,
    };
    let mut total = initial.cloned();
    while let Some(item) = protocol::next(ctx, &iterator)? {
        total = Some(match total {
            None => item,
            Some(total) => protocol::call(ctx, function, &[total, item])?,
        });
    }
    total.ok_or_else(|| {
        raise!(
            ctx,
            TypeError,
            "reduce() of empty iterable with no initial value"
        )
    })
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    support::add(ctx, module, "Placeholder", partial::PLACEHOLDER_VALUE)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_functools",
    functions: FUNCTIONS,
    types: TYPES,
    populate,
    doc: "Tools that operate on functions.",
};
