//! `functools`.

mod cached_property;
mod dispatch;
mod key;
mod lru_cache;
mod ordering;
mod partial;
mod wraps;

use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, ModuleDef, Native, TypeDef, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::{protocol, str_};
use kit_core::thread::Ctx;

/// What the module keeps per interpreter.
#[derive(Default)]
pub struct State {
    /// The class `CacheInfo`.
    pub cache_info: Root,
}

/// All types.
pub static TYPES: &[&TypeDef] = &[
    &partial::PARTIAL,
    &partial::PARTIAL_METHOD,
    &partial::PLACEHOLDER,
    &lru_cache::LRU_CACHE,
    &key::KEY_WRAPPER,
    &cached_property::CACHED_PROPERTY,
    &dispatch::SINGLE_DISPATCH,
    &dispatch::SINGLE_DISPATCH_METHOD,
    &dispatch::SINGLE_DISPATCH_BOUND,
];

static FUNCTIONS: &[Method] = &[
    method("reduce", Native::F(reduce)),
    method("lru_cache", Native::F(lru_cache::lru_cache)),
    method("cache", Native::F(lru_cache::cache)),
    method("cmp_to_key", Native::F(key::cmp_to_key)),
    method("total_ordering", Native::F1(ordering::total_ordering)),
    method("update_wrapper", Native::F(wraps::update_wrapper)),
    method("wraps", Native::F(wraps::wraps)),
    method("singledispatch", Native::F1(dispatch::singledispatch)),
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
    let info = lru_cache::cache_info_class(ctx)?;
    let entries = [
        ("WRAPPER_ASSIGNMENTS", wraps::assignments(ctx)?),
        ("WRAPPER_UPDATES", wraps::updates(ctx)?),
        ("Placeholder", partial::PLACEHOLDER_VALUE),
        ("_CacheInfo", info),
    ];
    for (name, value) in entries {
        let name = str_::intern(ctx, name);
        protocol::setattr(ctx, module, &name, Some(&value))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "functools",
    functions: FUNCTIONS,
    types: TYPES,
    populate,
    doc: "Tools for working with functions and callable objects.",
};
