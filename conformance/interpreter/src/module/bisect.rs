//! `_bisect`: places in sorted sequences.

use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::PyDict;
use crate::object::exception::class;
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::slots::Comparison;
use crate::object::type_::type_of;
use crate::object::{int, protocol, str_};
use kit_core::thread::Ctx;

/// Before or behind what is equal.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

fn item(ctx: &mut Ctx, a: &Obj, index: usize) -> PyResult {
    if let Some(list) = a.downcast_exact::<PyList>() {
        return match list.get(ctx, index) {
            Some(item) => Ok(item),
            None => Err(raise!(ctx, IndexError, "list index out of range")),
        };
    }
    let index = int::from_usize(ctx, index)?;
    protocol::getitem(ctx, a, &index)
}

/// Where `x` belongs in `a[low:high]`.
fn search(
    ctx: &mut Ctx,
    a: &Obj,
    x: &Obj,
    (mut low, mut high): (usize, usize),
    key: Option<&Obj>,
    side: Side,
) -> PyResult<usize> {
    while low < high {
        let middle = low + (high - low) / 2;
        let mut other = item(ctx, a, middle)?;
        if let Some(key) = key {
            other = protocol::call(ctx, key, &[other])?;
        }
        let (first, second) = match side {
            Side::Left => (&other, x),
            Side::Right => (x, &other),
        };
        if protocol::compare_truth(ctx, first, second, Comparison::Lt)? == (side == Side::Left) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn run(ctx: &mut Ctx, args: Args<'_>, name: &'static str, side: Side, insert: bool) -> PyResult {
    let signature = Signature {
        name,
        params: &["a", "x", "lo", "hi", "key"],
        posonly: 0,
        positional: 4,
        required: 2,
    };
    let [a, x, low, high, key] = args.bind(ctx, &signature)?;
    let (a, x) = (a.unwrap_or(Obj::none()), x.unwrap_or(Obj::none()));
    let key = key.filter(|key| !key.is_none());
    let low = match low {
        Some(low) => protocol::c_ssize(ctx, low)?,
        None => 0,
    };
    let high = match high.filter(|high| !high.is_none()) {
        Some(high) if type_of(ctx, high).slots(ctx).index.is_none() => {
            let class = protocol::type_name(ctx, high);
            return Err(raise!(
                ctx,
                TypeError,
                "argument should be integer or None, not '{class}'"
            ));
        }
        Some(high) => protocol::index_i64(ctx, high, Some(class::OverflowError))?,
        None => -1,
    };
    let placed = match key {
        Some(function) if insert => protocol::call(ctx, function, std::slice::from_ref(x))?,
        _ => x.clone(),
    };
    let Ok(low) = usize::try_from(low) else {
        return Err(raise!(ctx, ValueError, "lo must be non-negative"));
    };
    let class = protocol::type_name(ctx, a);
    if a.downcast::<PyDict>().is_some() {
        return Err(raise!(ctx, TypeError, "{class} is not a sequence"));
    }
    // A negative end is behind no start.
    let high = match high {
        -1 => protocol::len(ctx, a)?,
        high => usize::try_from(high).unwrap_or(0),
    };
    if type_of(ctx, a).slots(ctx).getitem.is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "'{class}' object does not support indexing"
        ));
    }
    let found = search(ctx, a, &placed, (low, high), key, side)?;
    if !insert {
        return int::from_usize(ctx, found);
    }
    if let Some(list) = a.downcast_exact::<PyList>() {
        list.insert(ctx, found, x.clone())?;
    } else {
        let found = int::from_usize(ctx, found)?;
        let name = str_::intern(ctx, "insert");
        protocol::call_method(ctx, a, &name, &[found, x.clone()])?;
    }
    Ok(Obj::NONE)
}

macro_rules! functions {
    ($($name:literal, $side:ident, $insert:literal, $doc:literal;)*) => {
        &[$(crate::object::define::Method {
            doc: concat!($name, "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\n", $doc),
            ..method($name, Native::F(|ctx, args| run(ctx, args, $name, Side::$side, $insert)))
        }),*]
    };
}

/// `_bisect`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_bisect",
    functions: functions! {
        "bisect_left", Left, false, "Where x belongs in the sorted a, before what is equal.";
        "bisect_right", Right, false, "Where x belongs in the sorted a, behind what is equal.";
        "insort_left", Left, true, "Inserts x where it belongs in the sorted a, before what is equal.";
        "insort_right", Right, true, "Inserts x where it belongs in the sorted a, behind what is equal.";
    },
    types: &[],
    populate: |_, _| Ok(()),
    doc: "Places in sorted sequences.",
};
