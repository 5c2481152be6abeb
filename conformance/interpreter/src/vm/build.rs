//! Building values: collections, strings, functions; and what pattern matching asks of them.

use super::frame::{self, Base};
use super::slow::{borrow, consume, consume_two, store};
use crate::error::{PyResult, raise};
use crate::module::typing;
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::function::{self, Parts};
use crate::object::list::{self, PyList};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::set::PySet;
use crate::object::slots::Comparison;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, check, type_id_of, type_of};
use crate::object::{define::flag, ids, protocol, set, slice as slice_object, str_, template};
use crate::op::{Intrinsic1, Intrinsic2, make_function};
use crate::prelude::*;
use kit_core::thread::Ctx;

/// The values of consecutive temporaries, moved out.
unsafe fn take_all(base: Base, first: usize, count: usize) -> Vec<Obj> {
    // SAFETY: verified code: the temporaries hold values, each taken once.
    (first..first + count)
        .map(|index| unsafe { frame::take(base, index) })
        .collect()
}

/// `BUILD_TUPLE`.
///
/// # Safety
/// - `base` is the running frame's; the registers are as the operation's row says. So for all below.
#[inline(never)]
pub unsafe fn tuple(ctx: &mut Ctx, base: Base, a: usize, b: usize, count: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        if count == 0 {
            store(ctx, base, a, super::thread::empty_tuple(ctx));
            return Ok(());
        }
        let heap = tuple::heap_for((b..b + count).map(|index| (*base.add(index)).word()));
        let items = (b..b + count).map(|index| frame::take(base, index));
        let value = tuple::in_heap(ctx, ids::TUPLE, heap, items)?;
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `BUILD_LIST`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn list(ctx: &mut Ctx, base: Base, a: usize, b: usize, count: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let items = (b..b + count).map(|index| frame::take(base, index));
        let value = list::with_type(ctx, ids::LIST, items)?;
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `BUILD_SET`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn set(ctx: &mut Ctx, base: Base, a: usize, b: usize, count: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let items = take_all(base, b, count);
        let value = set::new(ctx, ids::SET)?;
        for item in &items {
            value.expect::<PySet>().add(ctx, item)?;
        }
        drop(items);
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `BUILD_MAP`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn map(ctx: &mut Ctx, base: Base, a: usize, b: usize, pairs: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let value = dict::new(ctx)?;
        for pair in 0..pairs {
            let item = frame::take(base, b + 2 * pair + 1);
            value
                .expect::<PyDict>()
                .set(ctx, &borrow(base, b + 2 * pair), item)?;
            consume(ctx, base, b + 2 * pair);
        }
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `BUILD_STRING`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn string(ctx: &mut Ctx, base: Base, a: usize, b: usize, count: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let value = {
            let pieces = frame::lend(base.add(b), count);
            str_::join_pieces(ctx, &pieces)?
        };
        for index in b..b + count {
            consume(ctx, base, index);
        }
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `SLICE`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn slice(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (start, stop, step) = (
            frame::take(base, b),
            frame::take(base, b + 1),
            frame::take(base, b + 2),
        );
        let value = slice_object::new(ctx, start, stop, step)?;
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `LIST_APPEND`.
///
/// # Safety
/// - As [`tuple()`].
#[inline]
pub unsafe fn list_append(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let value = frame::take_or_copy(ctx, base, b);
        borrow(base, a).expect::<PyList>().push(ctx, value)
    }
}

/// `SET_ADD`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn set_add(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let target = borrow(base, a);
        // A module may give any value to the name of the set that notes which annotations it came to.
        let Some(set) = target.downcast_exact::<PySet>() else {
            let class = protocol::type_name(ctx, &target);
            return Err(raise!(ctx, TypeError, "'{class}' object is not a set"));
        };
        set.add(ctx, &borrow(base, b))?;
        consume(ctx, base, b);
    }
    Ok(())
}

/// `MAP_ADD`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn map_add(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let value = borrow(base, c).clone();
        borrow(base, a)
            .expect::<PyDict>()
            .set(ctx, &borrow(base, b), value)?;
        consume_two(ctx, base, b, c);
        ctx.drain();
    }
    Ok(())
}

/// `LIST_EXTEND`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn list_extend(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let source = borrow(base, b);
        let slots = type_of(ctx, &source).slots(ctx);
        if slots.iter.is_none() && slots.getitem.is_none() {
            let class = protocol::type_name(ctx, &source);
            return Err(raise!(
                ctx,
                TypeError,
                "Value after * must be an iterable, not {class}"
            ));
        }
        let list = borrow(base, a);
        match source.downcast_exact::<PyTuple>() {
            // Nobody else sees the list, and the tuple does not change.
            Some(tuple) => list
                .expect::<PyList>()
                .extend(ctx, tuple.items().to_vec())?,
            None => list::methods::extend_from(ctx, &list, &source)?,
        }
        consume(ctx, base, b);
    }
    Ok(())
}

/// `SET_UPDATE`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn set_update(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        set::update(ctx, &borrow(base, a), &borrow(base, b))?;
        consume(ctx, base, b);
    }
    Ok(())
}

/// The keys of a mapping and their values; `callable`, if given, is being called with them as keywords.
pub fn pairs_of(ctx: &mut Ctx, mapping: &Obj, callable: Option<&Obj>) -> PyResult<Vec<(Obj, Obj)>> {
    if let Some(source) = mapping.downcast::<PyDict>()
        && dict::is_plain(ctx, mapping)
    {
        return Ok(source.items(ctx));
    }
    let raised = match pairs_of_mapping(ctx, mapping) {
        Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => raised,
        pairs => return pairs,
    };
    // Whatever attribute is not there: it is no mapping.
    exception::take(ctx, raised);
    let class = protocol::type_name(ctx, mapping);
    Err(match callable {
        Some(callable) => {
            let name = callable_name(ctx, callable)?;
            raise!(
                ctx,
                TypeError,
                "{name} argument after ** must be a mapping, not {class}"
            )
        }
        None => raise!(ctx, TypeError, "'{class}' object is not a mapping"),
    })
}

fn pairs_of_mapping(ctx: &mut Ctx, mapping: &Obj) -> PyResult<Vec<(Obj, Obj)>> {
    let keys = protocol::getattr(ctx, mapping, &names(ctx).keys)?;
    let keys = protocol::call(ctx, &keys, &[])?;
    let mut pairs = Vec::new();
    if type_of(ctx, &keys).slots(ctx).iter.is_none()
        && protocol::find_attr(ctx, &keys, &names(ctx).getitem)?.is_none()
    {
        let class = protocol::type_name(ctx, mapping);
        let given = protocol::type_name(ctx, &keys);
        return Err(raise!(
            ctx,
            TypeError,
            "{class}.keys() returned a non-iterable (type {given})"
        ));
    }
    for key in protocol::collect(ctx, &keys)? {
        let value = protocol::getitem(ctx, mapping, &key)?;
        pairs.push((key, value));
    }
    Ok(pairs)
}

/// Copies a mapping into a dict; `callable`, if given, is being called with the dict as keywords, so
/// that a duplicate is an error.
pub fn merge_mapping(
    ctx: &mut Ctx,
    target: &Obj,
    mapping: &Obj,
    callable: Option<&Obj>,
) -> PyResult<()> {
    let target = target.expect::<PyDict>();
    let pairs = pairs_of(ctx, mapping, callable)?;
    for (key, value) in pairs {
        if let Some(callable) = callable
            && target.contains(ctx, &key)?
        {
            let text = protocol::str_string(ctx, &key)?;
            let name = callable_name(ctx, callable)?;
            return Err(raise!(
                ctx,
                TypeError,
                "{name} got multiple values for keyword argument '{text}'"
            ));
        }
        target.set(ctx, &key, value)?;
    }
    Ok(())
}

/// How messages name what is called: `f()`, `C.method()`.
pub fn callable_name(ctx: &mut Ctx, callable: &Obj) -> PyResult<String> {
    match protocol::find_attr(ctx, callable, &names(ctx).qualname)? {
        Some(name) => {
            let name = protocol::str_string(ctx, &name)?;
            match protocol::find_attr(ctx, callable, &names(ctx).module)? {
                Some(module) if !module.is_none() => {
                    let module = protocol::str_string(ctx, &module)?;
                    Ok(if module == "builtins" {
                        format!("{name}()")
                    } else {
                        format!("{module}.{name}()")
                    })
                }
                _ => Ok(format!("{name}()")),
            }
        }
        None => protocol::str_string(ctx, callable),
    }
}

/// `DICT_UPDATE`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn dict_update(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        merge_mapping(ctx, &borrow(base, a), &borrow(base, b), None)?;
        consume(ctx, base, b);
    }
    Ok(())
}

/// `DICT_MERGE`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn dict_merge(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        merge_mapping(
            ctx,
            &borrow(base, a),
            &borrow(base, b),
            Some(&borrow(base, c)),
        )?;
        consume(ctx, base, b);
    }
    Ok(())
}

/// `LIST_TO_TUPLE`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn list_to_tuple(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let items = borrow(base, b).expect::<PyList>().take(ctx);
        let value = if items.is_empty() {
            super::thread::empty_tuple(ctx)
        } else {
            tuple::from_vec(ctx, items)?
        };
        consume(ctx, base, b);
        store(ctx, base, a, value);
    }
    Ok(())
}

/// The value that a conversion (`!s`, `!r`, `!a`) makes of `value`.
fn convert(ctx: &mut Ctx, value: &Obj, conversion: usize) -> PyResult {
    match conversion {
        1 => protocol::str(ctx, value),
        2 => protocol::repr(ctx, value),
        3 => protocol::ascii(ctx, value),
        _ => Ok(value.clone()),
    }
}

/// `FORMAT`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn format(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    conversion: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let operand = borrow(base, b);
        let value = convert(ctx, &operand, conversion)?;
        let text = if type_id_of(&value) == ids::STR {
            value
        } else if let Some(number) = value.as_small_int() {
            str_::from_int(ctx, number)?
        } else {
            let spec = super::thread::rt(ctx).short_string(b"");
            protocol::format(ctx, &value, &spec)?
        };
        consume(ctx, base, b);
        store(ctx, base, a, text);
    }
    Ok(())
}

/// `FORMAT_SPEC`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn format_spec(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    conversion: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let value = convert(ctx, &borrow(base, b), conversion)?;
        let text = protocol::format(ctx, &value, &borrow(base, b + 1))?;
        drop(value);
        consume_two(ctx, base, b, b + 1);
        store(ctx, base, a, text);
    }
    Ok(())
}

/// `BUILD_INTERPOLATION`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn interpolation(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    conversion: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let mut parts = take_all(base, b, 3).into_iter();
        let mut part = || parts.next().unwrap_or(Obj::NONE);
        let (value, expression, spec) = (part(), part(), part());
        let made = template::interpolation(ctx, value, expression, conversion, spec)?;
        store(ctx, base, a, made);
    }
    Ok(())
}

/// `BUILD_TEMPLATE`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn template(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (strings, interpolations) = (borrow(base, b).clone(), borrow(base, c).clone());
        let made = template::new(ctx, strings, interpolations)?;
        consume_two(ctx, base, b, c);
        store(ctx, base, a, made);
    }
    Ok(())
}

/// `MAKE_FUNCTION`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn function(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    bits: u32,
    first: usize,
    index: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let mut next = first;
        let mut part = |bit: u32| {
            (bits & bit != 0).then(|| {
                next += 1;
                frame::take(base, next - 1)
            })
        };
        let parts = Parts {
            defaults: part(make_function::DEFAULTS),
            kwdefaults: part(make_function::KW_DEFAULTS),
            annotate: part(make_function::ANNOTATE),
            closure: part(make_function::CLOSURE),
        };
        // The code keeps its constants, and the frame its code.
        let code = frame::code(base).constant(index);
        let code = Obj::borrow_word(&code);
        function::check(ctx, code, &parts)?;
        let around = frame::function(base);
        let value = function::new(
            ctx,
            code,
            &around.payload.globals,
            &around.payload.builtins,
            parts,
        )?;
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `INTRINSIC_1`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn intrinsic_1(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    which: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let operand = borrow(base, b);
        let value = if which == Intrinsic1::CheckAnnotateFormat as usize {
            let supported = match operand.as_small_int() {
                Some(format) => format <= 2,
                None => {
                    let most = Obj::small_int(2);
                    let format = operand.clone();
                    !protocol::compare_truth(ctx, &format, &most, Comparison::Gt)?
                }
            };
            if !supported {
                let class = class::NotImplementedError;
                return Err(exception::raise_args(ctx, class, Vec::new()));
            }
            Obj::NONE
        } else {
            typing::intrinsic_1(ctx, which, &operand)?
        };
        consume(ctx, base, b);
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `INTRINSIC_2`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn intrinsic_2(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    which: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        if which != Intrinsic2::SetFunctionTypeParams as usize {
            let second = borrow(base, b + 1).clone();
            let value = typing::intrinsic_2(ctx, which, &borrow(base, b), second)?;
            consume(ctx, base, b);
            consume(ctx, base, b + 1);
            store(ctx, base, a, value);
            return Ok(());
        }
        let (value, parameters) = (frame::take(base, b), frame::take(base, b + 1));
        if let Some(function) = value.downcast::<crate::object::function::PyFunction>() {
            function
                .payload
                .type_params
                .set(ctx, &function.header, Some(parameters));
        }
        store(ctx, base, a, value);
    }
    Ok(())
}

// --- Pattern matching ------------------------------------------------------------------------------

unsafe fn has_flag(ctx: &Ctx, base: Base, b: usize, flag: u32) -> bool {
    // SAFETY: as the callers say.
    let value = unsafe { borrow(base, b) };
    type_of(ctx, &value)
        .flags
        .load(core::sync::atomic::Ordering::Relaxed)
        & flag
        != 0
}

/// `MATCH_SEQUENCE`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn matches_sequence(ctx: &mut Ctx, base: Base, b: usize) -> bool {
    // SAFETY: by the contract.
    unsafe { has_flag(ctx, base, b, flag::SEQUENCE) }
}

/// `MATCH_MAPPING`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn matches_mapping(ctx: &mut Ctx, base: Base, b: usize) -> bool {
    // SAFETY: by the contract.
    unsafe { has_flag(ctx, base, b, flag::MAPPING) }
}

/// `GET_LEN`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn get_len(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let len = protocol::len(ctx, &borrow(base, b))?;
        let len = crate::object::int::from_usize(ctx, len)?;
        store(ctx, base, a, len);
    }
    Ok(())
}

/// `MATCH_KEYS`.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn match_keys(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (subject, keys) = (borrow(base, b), borrow(base, c).clone());
        // A constant, which a program may have replaced.
        let Some(keys) = keys.downcast::<PyTuple>() else {
            return Err(raise!(ctx, TypeError, "keys of a pattern must be a tuple"));
        };
        let keys = keys.items();
        let mut values = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            for earlier in &keys[..index] {
                if protocol::equals(ctx, earlier, key)? {
                    let key = protocol::repr_string(ctx, key)?;
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "mapping pattern checks duplicate key ({key})"
                    ));
                }
            }
            let value = match subject.downcast_exact::<PyDict>() {
                Some(dict) => dict.get(ctx, key)?,
                None => {
                    // A fresh object: no mapping holds it.
                    let missing = list::from_vec(ctx, Vec::new())?;
                    let get = protocol::getattr_str(ctx, &subject, "get")?;
                    let value = protocol::call(ctx, &get, &[key.clone(), missing.clone()])?;
                    (!value.is(&missing)).then_some(value)
                }
            };
            match value {
                Some(value) => values.push(value),
                None => {
                    store(ctx, base, a, Obj::NONE);
                    return Ok(());
                }
            }
        }
        let value = tuple::from_vec(ctx, values)?;
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `MATCH_CLASS`: registers `[a, b, c]`, names tuple, positional count.
///
/// # Safety
/// - As [`tuple()`].
#[inline(never)]
pub unsafe fn match_class(
    ctx: &mut Ctx,
    base: Base,
    registers: [usize; 3],
    k: usize,
    count: usize,
) -> PyResult<()> {
    let [a, b, c] = registers;
    // SAFETY: by the contract.
    unsafe {
        let (subject, pattern) = (borrow(base, b), borrow(base, c));
        let Some(class) = pattern.downcast::<PyType>() else {
            return Err(raise!(
                ctx,
                TypeError,
                "called match pattern must be a class"
            ));
        };
        if !check::is_instance(ctx, &subject, &pattern)? {
            consume(ctx, base, c);
            store(ctx, base, a, Obj::NONE);
            return Ok(());
        }
        let class_name = protocol::class_name(ctx, class);
        let mut values = Vec::new();
        let mut seen: Vec<Obj> = Vec::new();
        if count > 0 {
            let matches_self =
                class.flags.load(core::sync::atomic::Ordering::Relaxed) & flag::MATCH_SELF != 0;
            let args = protocol::find_attr(ctx, &pattern, &names(ctx).match_args)?;
            let names_of = match &args {
                Some(args) => match args.downcast_exact::<PyTuple>() {
                    Some(args) => args.items().to_vec(),
                    None => {
                        let got = protocol::type_name(ctx, args);
                        return Err(raise!(
                            ctx,
                            TypeError,
                            "{class_name}.__match_args__ must be a tuple (got {got})"
                        ));
                    }
                },
                None => Vec::new(),
            };
            let allowed = if matches_self && args.is_none() {
                1
            } else {
                names_of.len()
            };
            if count > allowed {
                let plural = if allowed == 1 { "" } else { "s" };
                return Err(raise!(
                    ctx,
                    TypeError,
                    "{class_name}() accepts {allowed} positional sub-pattern{plural} ({count} given)"
                ));
            }
            if matches_self && args.is_none() {
                values.push(subject.clone());
            } else {
                for name in &names_of[..count] {
                    if name.downcast::<PyStr>().is_none() {
                        let got = protocol::type_name(ctx, name);
                        return Err(raise!(
                            ctx,
                            TypeError,
                            "__match_args__ elements must be strings (got {got})"
                        ));
                    }
                    let name = str_::intern_obj(ctx, name)?;
                    match attribute_of(ctx, &subject, &name, &mut seen, &class_name)? {
                        Some(value) => values.push(value),
                        None => {
                            consume(ctx, base, c);
                            store(ctx, base, a, Obj::NONE);
                            return Ok(());
                        }
                    }
                }
            }
        }
        let keywords = Obj::copy_word(frame::code(base).constant(k));
        for name in keywords.expect::<PyTuple>().items() {
            match attribute_of(ctx, &subject, name, &mut seen, &class_name)? {
                Some(value) => values.push(value),
                None => {
                    consume(ctx, base, c);
                    store(ctx, base, a, Obj::NONE);
                    return Ok(());
                }
            }
        }
        let value = if values.is_empty() {
            super::thread::empty_tuple(ctx)
        } else {
            tuple::from_vec(ctx, values)?
        };
        consume(ctx, base, c);
        store(ctx, base, a, value);
    }
    Ok(())
}

fn attribute_of(
    ctx: &mut Ctx,
    subject: &Obj,
    name: &Obj,
    seen: &mut Vec<Obj>,
    class: &str,
) -> PyResult<Option<Obj>> {
    if seen.iter().any(|s| s.is(name)) {
        let name = name.expect::<PyStr>().as_str_lossy().into_owned();
        return Err(raise!(
            ctx,
            TypeError,
            "{class}() got multiple sub-patterns for attribute '{name}'"
        ));
    }
    seen.push(name.clone());
    protocol::find_attr(ctx, subject, name)
}
