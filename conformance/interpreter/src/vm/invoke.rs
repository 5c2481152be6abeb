//! Calls from the loop: what the callable is decides whether a frame is pushed or Rust is called.

use super::access;
use super::call::{bind, rest_of, takes_rest};
use super::execute::Called;
use super::frame::{self, Base, INIT, Lent};
use super::slow::{borrow, store};
use super::thread::py;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::attribute;
use crate::object::bound_method::PyBoundMethod;
use crate::object::builtin_function::{PyBuiltin, call_bound, call_native};
use crate::object::code::PyCode;
use crate::object::define::Native;
use crate::object::descriptor::PyMethodDescriptor;
use crate::object::dict::PyDict;
use crate::object::function::PyFunction;
use crate::object::names::names as names_of;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::slot_wrapper::generic;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_id_of, type_of};
use crate::object::{ids, object_, protocol};
use crate::prelude::*;
use kit_core::frame::layout::{AUX, HEADER, PC, unpack_pointer};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef};
use kit_core::thread::Ctx;

/// `CALL` and `CALL_KW`: the callable in `r[a]`, `count` arguments from `r[a + HEADER]` on, the last
/// of them named by the tuple `names`.
///
/// # Safety
/// - `base` is the running frame's, its saved instruction pointer at the call; `meta` describes it.
#[inline(never)]
pub unsafe fn call(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    names: Option<Word>,
    meta: Word,
) -> PyResult<Called> {
    // SAFETY: by the contract.
    unsafe {
        let callable = borrow(base, a);
        match type_id_of(&callable) {
            ids::FUNCTION => {
                let keywords = keyword_names(names);
                if let Some(callee) = push(ctx, base, a, count, keywords, meta)? {
                    return Ok(Called::Entered(callee));
                }
            }
            ids::BOUND_METHOD => {
                let method = callable.expect::<PyBoundMethod>();
                let (function, receiver) = (method.function.clone(), method.receiver.clone());
                let top = base.add(a + HEADER + count);
                if type_id_of(&function) == ids::FUNCTION && ctx.stack().fits(top, 1) {
                    shift(base, a, count);
                    *base.add(a + HEADER) = receiver.into_ref(ctx);
                    let function = function.into_ref(ctx);
                    StackRef::set(base.add(a), ctx, function);
                    return call_shifted(ctx, base, a, count + 1, names, meta);
                }
            }
            ids::TYPE
                if callable.expect::<PyType>().id == ids::STR && count == 1 && names.is_none() =>
            {
                let text = protocol::str(ctx, &borrow(base, a + HEADER))?;
                finish(ctx, base, a, count, text, destination(meta));
                return Ok(Called::Done);
            }
            ids::TYPE => {
                if let Some(called) = construct(ctx, base, a, count, names, meta)? {
                    return Ok(called);
                }
            }
            _ => {}
        }
        native(ctx, base, a, count, names, meta)
    }
}

/// `CALL_METHOD` and `CALL_METHOD_KW`: as [`call`], with a receiver in `r[a + HEADER]` that is the
/// first argument, or null; the `count` others follow it.
///
/// # Safety
/// - As [`call`].
#[inline(never)]
pub unsafe fn call_method(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    names: Option<Word>,
    meta: Word,
) -> PyResult<Called> {
    // SAFETY: by the contract.
    unsafe {
        if (*base.add(a + HEADER)).is_null() {
            // Not a method: the arguments move down to where a call expects them.
            for index in 0..count {
                let moved = base.add(a + HEADER + index + 1).read();
                base.add(a + HEADER + index).write(moved);
            }
            *base.add(a + HEADER + count) = StackRef::NULL;
            return call(ctx, base, a, count, names, meta);
        }
        call(ctx, base, a, count + 1, names, meta)
    }
}

/// `CALL` of the native function in `r[a]` with `count` positional arguments, the result to `dst`.
///
/// # Safety
/// - As [`call`]; `r[a]` is a [`PyBuiltin`].
#[inline(never)]
pub unsafe fn call_builtin(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    dst: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let function = &(*(*base.add(a)).word().as_object().cast::<Body<PyBuiltin>>()).payload;
        let args = window(base, a, count);
        let result = protocol::recursive(ctx, "", |ctx| match function.method.native {
            Native::F1(f) if count == 1 => f(ctx, &args[0]),
            Native::F(f) => f(ctx, Args::positional(&args)),
            _ => call_bound(ctx, function, Args::positional(&args)),
        })?;
        finish(ctx, base, a, count, result, dst);
    }
    Ok(())
}

/// `CALL_METHOD` of the native method in `r[a]` with a receiver and `count` positional arguments, the
/// result to `dst`.
///
/// # Safety
/// - As [`call_method`]; `r[a]` is a [`PyMethodDescriptor`].
#[inline(never)]
pub unsafe fn call_descriptor(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    dst: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let method = &(*(*base.add(a))
            .word()
            .as_object()
            .cast::<Body<PyMethodDescriptor>>())
        .payload;
        let (receiver, args) = (borrow(base, a + HEADER), window(base, a + 1, count));
        let result = protocol::recursive(ctx, "", |ctx| {
            let args = Args::positional(&args);
            call_native(ctx, method.method, method.owner, &receiver, args)
        })?;
        finish(ctx, base, a, count + 1, result, dst);
    }
    Ok(())
}

unsafe fn call_shifted(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    names: Option<Word>,
    meta: Word,
) -> PyResult<Called> {
    // SAFETY: as `call`.
    unsafe {
        let called = match push(ctx, base, a, count, keyword_names(names), meta) {
            Ok(Some(callee)) => Ok(Called::Entered(callee)),
            Ok(None) => native(ctx, base, a, count, names, meta),
            Err(raised) => Err(raised),
        };
        if called.is_err() {
            drop_window(ctx, base, a, count);
        }
        called
    }
}

/// Empties a window that was widened: words of it may lie beyond the frame's registers, where nobody else would find them.
///
/// # Safety
/// - `r[a]` begins a window of the running frame's, with `count` arguments.
pub(super) unsafe fn drop_window(ctx: &mut Ctx, base: Base, a: usize, count: usize) {
    // SAFETY: the window's words are ours.
    unsafe {
        for index in 0..count {
            StackRef::clear(base.add(a + HEADER + index), ctx);
        }
    }
}

/// Moves the arguments up by one register, to make room for a first one, which the caller writes next.
unsafe fn shift(base: Base, a: usize, count: usize) {
    // SAFETY: the word above the window is free.
    unsafe {
        for index in (0..count).rev() {
            let moved = base.add(a + HEADER + index).read();
            base.add(a + HEADER + index + 1).write(moved);
        }
    }
}

/// The arguments in a window, borrowed.
#[inline(always)]
unsafe fn window<'a>(base: Base, a: usize, count: usize) -> Lent<'a> {
    // SAFETY: the registers hold values, and stay as they are during the call.
    unsafe { frame::lend(base.add(a + HEADER), count) }
}

fn keyword_names<'a>(names: Option<Word>) -> &'a [Obj] {
    match names {
        // SAFETY: a constant of the running code, which is a tuple.
        Some(names) => unsafe { (*names.as_object().cast::<Body<PyTuple>>()).payload.items() },
        None => &[],
    }
}

/// Pushes a frame for the Python function in `r[a]`, whose `count` arguments are in its window, the last of them named by `keywords`;
/// `None` when the stack's chunk has no room.
///
/// # Safety
/// - As [`call`].
pub(super) unsafe fn push(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    keywords: &[Obj],
    meta: Word,
) -> PyResult<Option<Base>> {
    // SAFETY: as `call`: the window's words are ours to move into the callee's registers.
    unsafe {
        let function = &*(*base.add(a)).word().as_object().cast::<Body<PyFunction>>();
        let code = &*function
            .payload
            .code
            .peek()
            .as_object()
            .cast::<Body<PyCode>>();
        let callee = base.add(a + HEADER);
        if !ctx.stack().fits(callee, (code.nregs as usize).max(count)) {
            return Ok(None);
        }
        frame::deepen(ctx)?;
        if code.simple_args as usize == count && keywords.is_empty() {
            let units = code.units(ctx);
            frame::init(ctx, callee, code, base, units, meta, count);
            return Ok(Some(callee));
        }
        if !bind_quick(ctx, function, code, callee, count, keywords)
            && let Err(raised) = bind_others(ctx, function, code, callee, count, keywords)
        {
            py(ctx).depth -= 1;
            return Err(raised);
        }
        let units = code.units(ctx);
        frame::init(ctx, callee, code, base, units, meta, code.nlocals as usize);
        Ok(Some(callee))
    }
}

/// Binds the arguments in the registers from `callee` on as [`bind`] does, whose registers they are.
#[inline(never)]
unsafe fn bind_others(
    ctx: &mut Ctx,
    function: &Body<PyFunction>,
    code: &Body<PyCode>,
    callee: Base,
    count: usize,
    keywords: &[Obj],
) -> PyResult<()> {
    let few = code.code.argcount as usize;
    // SAFETY: as `push`. What is in a tuple now does not die when its register is emptied.
    unsafe {
        if takes_rest(code) && count >= few && keywords.is_empty() {
            let rest = rest_of(ctx, &frame::lend(callee.add(few), count - few))?;
            for index in few..count {
                StackRef::clear(callee.add(index), ctx);
            }
            for index in few..code.nlocals as usize {
                callee.add(index).write_volatile(StackRef::NULL);
            }
            *callee.add(few) = rest.into_ref(ctx);
            return Ok(());
        }
        let mut given: Vec<Obj> = (0..count).map(|index| frame::take(callee, index)).collect();
        let values = given.split_off(count - keywords.len());
        bind(ctx, function, code, callee, given, keywords, values)
    }
}

/// The most keyword arguments, and keyword-only parameters with defaults, that [`bind_quick`] deals with.
const FEW: usize = 8;

/// Binds `count` arguments in the registers from `callee` on, the last of them named by `keywords`, where every
/// argument has a parameter, and every parameter an argument or a default. Otherwise nothing has been moved.
#[inline(always)]
unsafe fn bind_quick(
    ctx: &Ctx,
    function: &Body<PyFunction>,
    code: &Body<PyCode>,
    callee: Base,
    count: usize,
    keywords: &[Obj],
) -> bool {
    let (params, argcount) = (&code.params, code.code.argcount as usize);
    let positional = count - keywords.len();
    if params.is_empty()
        || count > params.len()
        || params.len() > 63
        || positional > argcount
        || keywords.len() > FEW
    {
        return false;
    }
    // Which parameters have arguments, and which one each keyword means. Names are interned; a string that is not
    // is for others to find.
    let mut given = (1u64 << positional) - 1;
    let mut places = [0u8; FEW];
    let posonly = code.code.posonlyargcount as usize;
    for (keyword, place) in keywords.iter().zip(&mut places) {
        let found = params[posonly..].iter().position(|name| name.is(keyword));
        let index = match found {
            Some(index) if given >> (posonly + index) & 1 == 0 => posonly + index,
            _ => return false,
        };
        *place = index as u8;
        given |= 1 << index;
    }
    let absent = ((1 << params.len()) - 1) & !given;
    // SAFETY: the registers are the callee's: the arguments, then free ones.
    unsafe {
        if absent == 0 {
            spread(code, callee, positional, &places[..keywords.len()]);
            return true;
        }
        let Some(defaults) = function.payload.defaults.get(ctx, &function.header) else {
            return absent >> argcount << argcount == absent
                && bind_keyword_only(ctx, function, code, callee, absent, || {
                    spread(code, callee, positional, &places[..keywords.len()]);
                });
        };
        let values = defaults.expect::<PyTuple>().items();
        let first = argcount - values.len().min(argcount);
        if absent & ((1 << first) - 1) != 0 {
            return false;
        }
        let move_arguments = || spread(code, callee, positional, &places[..keywords.len()]);
        if absent >> argcount == 0 {
            move_arguments();
        } else if !bind_keyword_only(ctx, function, code, callee, absent, move_arguments) {
            return false;
        }
        for index in (positional..argcount).filter(|index| absent >> index & 1 != 0) {
            let value = values[values.len() - (argcount - index)].clone();
            *callee.add(index) = value.into_ref(ctx);
        }
    }
    true
}

/// Moves the arguments of keywords, which are behind the `positional` ones, to the registers `places`, and makes the other
/// locals unbound.
#[inline(always)]
unsafe fn spread(code: &Body<PyCode>, callee: Base, positional: usize, places: &[u8]) {
    // SAFETY: as `bind_quick`: each place is a parameter's, and no two are the same.
    unsafe {
        let mut values = [const { StackRef::NULL }; FEW];
        for (index, value) in values.iter_mut().enumerate().take(places.len()) {
            *value = callee.add(positional + index).read();
        }
        for index in positional..code.nlocals as usize {
            callee.add(index).write_volatile(StackRef::NULL);
        }
        for (value, place) in values.into_iter().zip(places) {
            callee.add(usize::from(*place)).write(value);
        }
    }
}

/// Fills the keyword-only parameters among the `absent` ones with their defaults, when `before` has moved the
/// arguments. False, with nothing moved, if one has none, or there are many.
#[inline(never)]
unsafe fn bind_keyword_only(
    ctx: &Ctx,
    function: &Body<PyFunction>,
    code: &Body<PyCode>,
    callee: Base,
    absent: u64,
    before: impl FnOnce(),
) -> bool {
    let argcount = code.code.argcount as usize;
    let only = code.params.len() - argcount;
    let Some(dict) = function.payload.kwdefaults.get(ctx, &function.header) else {
        return false;
    };
    if only > FEW {
        return false;
    }
    let mut values = [const { None }; FEW];
    for index in (0..only).filter(|index| absent >> (argcount + index) & 1 != 0) {
        let name = &code.params[argcount + index];
        values[index] = dict.expect::<PyDict>().get_name(ctx, name);
        if values[index].is_none() {
            return false;
        }
    }
    before();
    for (index, value) in values.into_iter().enumerate() {
        if let Some(value) = value {
            // SAFETY: as `bind_quick`: an unbound parameter's register.
            unsafe { *callee.add(argcount + index) = value.into_ref(ctx) };
        }
    }
    true
}

/// `CALL` of the class in `r[a]` by the instruction's cache: a new instance, and a frame for its `__init__`, which takes
/// it and the `count` arguments and nothing else. `None` when the cache does not hold, or that needs more than a new
/// frame. The cache is the version of the class and the function, see [`construct`].
///
/// # Safety
/// - As [`call`]; `r[a]` is a class, `pc` at the instruction.
#[inline(never)]
pub unsafe fn construct_cached(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    pc: *const u32,
    meta: Word,
) -> Option<Base> {
    // SAFETY: by the contract. The register keeps the class until it has the function.
    unsafe {
        let class = &*(*base.add(a)).word().as_object().cast::<Body<PyType>>();
        let (id, version) = (class.payload.id, *pc.add(1));
        if version == 0 || ctx.type_entry(id).version() != version {
            return None;
        }
        let word = Word::from_bits(*pc.add(2) as u64 | (*pc.add(3) as u64) << 32);
        let function = access::cached_word(ctx, word, id, version).into_ref();
        if function.is_null() {
            return None;
        }
        let body = &*function.word().as_object().cast::<Body<PyFunction>>();
        let code = &*body.payload.code.peek().as_object().cast::<Body<PyCode>>();
        let callee = base.add(a + HEADER);
        let thread = py(ctx);
        if code.simple_args as usize != count + 1
            || thread.depth >= thread.depth_limit
            || !ctx.stack().fits(callee, code.nregs as usize)
        {
            function.close(ctx);
            return None;
        }
        let Ok(instance) = object_::new_instance(ctx, class) else {
            // The slower way fails again, and says so.
            let _ = crate::object::exception::take(ctx, Raised::stored());
            function.close(ctx);
            return None;
        };
        py(ctx).depth += 1;
        shift(base, a, count);
        let borrowed = Borrowed::new(instance.word());
        *callee = Fresh::from_borrow(ctx, borrowed).into_ref();
        let class = (*base.add(a)).replace(function);
        let units = code.units(ctx);
        frame::init(ctx, callee, code, base, units, meta, count + 1);
        *callee.offset(AUX) = instance.into_ref(ctx);
        class.close(ctx);
        Some(callee)
    }
}

/// Calls a class whose instances Python code initialises: the instance is made here, and a frame for
/// `__init__` pushed. `None` for other classes.
unsafe fn construct(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    names: Option<Word>,
    meta: Word,
) -> PyResult<Option<Called>> {
    // SAFETY: as `call`.
    unsafe {
        if core::mem::take(&mut py(ctx).monitor.plain_call) {
            return Ok(None);
        }
        let callable = borrow(base, a);
        let class = callable.expect::<PyType>();
        let slots = class.slots(ctx);
        let python_init: fn(&mut Ctx, &Obj, Args<'_>) -> PyResult<()> = generic::init;
        let (Some(new), Some(init)) = (slots.new, slots.init) else {
            return Ok(None);
        };
        if !core::ptr::fn_addr_eq(init, python_init)
            || !ctx.stack().fits(base.add(a + HEADER + count), 1)
        {
            return Ok(None);
        }
        let id = class.id;
        let version = ctx.type_entry(id).version_to_cache();
        let function = attribute::lookup_word(ctx, id, &names_of(ctx).init);
        if function.is_null() {
            return Ok(None);
        }
        let is_function = type_id_of(Obj::borrow_word(&function)) == ids::FUNCTION;
        let function = StackRef::from_steal(ctx, function);
        if !is_function {
            function.close(ctx);
            return Ok(None);
        }
        let keywords = keyword_names(names);
        let plain = object_::makes_instances(ctx, class);
        if plain && names.is_none() && version != 0 && function.word().is_object() {
            let pc: *mut u32 = unpack_pointer(frame::header(base, PC));
            if frame::code(base).may_specialize(pc) {
                let bits = function.word().plain().bits();
                pc.add(1).write(version);
                pc.add(2).write(bits as u32);
                pc.add(3).write((bits >> 32) as u32);
            }
        }
        let (instance, function) = if plain {
            // Nothing comes to a safepoint before the function is in its register.
            match object_::new_instance(ctx, class) {
                Ok(instance) => (instance, function),
                Err(raised) => {
                    function.close(ctx);
                    return Err(raised);
                }
            }
        } else {
            let function = Obj::from_ref(function);
            let all = window(base, a, count);
            let (pos, values) = all.split_at(count - keywords.len());
            let args = Args {
                pos,
                names: keywords,
                values,
            };
            let instance = new(ctx, &borrow(base, a), args)?;
            (instance, function.into_ref(ctx))
        };
        if type_id_of(&instance) != id {
            // Whatever `__new__` returned instead decides for itself.
            function.close(ctx);
            let all = window(base, a, count);
            let (pos, values) = all.split_at(count - keywords.len());
            if type_of(ctx, &instance).is_subtype(ctx, borrow(base, a).expect::<PyType>()) {
                protocol::recursive(ctx, "", |ctx| {
                    init(
                        ctx,
                        &instance,
                        Args {
                            pos,
                            names: keywords,
                            values,
                        },
                    )
                })?;
            }
            finish(ctx, base, a, count, instance, destination(meta));
            return Ok(Some(Called::Done));
        }
        shift(base, a, count);
        // The frame keeps the instance, and the first argument borrows from it.
        let borrowed = Borrowed::new(instance.word());
        *base.add(a + HEADER) = Fresh::from_borrow(ctx, borrowed).into_ref();
        StackRef::set(base.add(a), ctx, function);
        let flagged = Word::int_unchecked(meta.as_int() | INIT as i64);
        match push(ctx, base, a, count + 1, keywords, flagged) {
            Ok(Some(callee)) => {
                *callee.offset(AUX) = instance.into_ref(ctx);
                Ok(Some(Called::Entered(callee)))
            }
            Err(raised) => {
                drop_window(ctx, base, a, count + 1);
                Err(raised)
            }
            Ok(None) => {
                // No room in the chunk: the call goes through Rust.
                let all = window(base, a, count + 1);
                let (pos, values) = all.split_at(count + 1 - keywords.len());
                let result = protocol::call_with(
                    ctx,
                    &borrow(base, a),
                    Args {
                        pos,
                        names: keywords,
                        values,
                    },
                );
                drop_window(ctx, base, a, count + 1);
                let result = result?;
                if !result.is_none() {
                    let class = protocol::type_name(ctx, &result);
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "__init__() should return None, not '{class}'"
                    ));
                }
                finish(ctx, base, a, 0, instance, destination(meta));
                Ok(Some(Called::Done))
            }
        }
    }
}

/// Calls anything through the operations of its type.
unsafe fn native(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    count: usize,
    names: Option<Word>,
    meta: Word,
) -> PyResult<Called> {
    // SAFETY: as `call`.
    unsafe {
        let callable = borrow(base, a);
        let keywords = keyword_names(names);
        let all = window(base, a, count);
        let (pos, values) = all.split_at(count - keywords.len());
        let args = Args {
            pos,
            names: keywords,
            values,
        };
        let result = match callable.downcast_exact::<PyBuiltin>() {
            Some(function) => protocol::recursive(ctx, "", |ctx| call_bound(ctx, function, args))?,
            None => protocol::call_with(ctx, &callable, args)?,
        };
        finish(ctx, base, a, count, result, destination(meta));
    }
    Ok(Called::Done)
}

/// The register for the result that a call's `meta` names.
fn destination(meta: Word) -> usize {
    (meta.as_int() >> 16) as usize
}

/// Drops the window, all of it temporaries, and stores the result.
#[inline(always)]
unsafe fn finish(ctx: &mut Ctx, base: Base, a: usize, count: usize, result: Obj, dst: usize) {
    // SAFETY: the window's registers are consumed by the call.
    unsafe {
        for index in a + HEADER..a + HEADER + count {
            StackRef::clear(base.add(index), ctx);
        }
        StackRef::clear(base.add(a), ctx);
        store(ctx, base, dst, result);
    }
}
