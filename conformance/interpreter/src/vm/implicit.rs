//! Calls that no `CALL` makes: of a property's getter, of `__getitem__`, of `__enter__`.
//!
//! Where that is a function of Python, and what it returns is the result of the instruction, it gets a frame above the running one, and runs in the
//! same execution of the loop: as if the instruction were a call. Everything else is called through Rust ([`crate::object::protocol`]).

use super::execute::Called;
use super::frame::{self, Base};
use super::slow::is_temporary;
use super::thread::py;
use crate::object::code::PyCode;
use crate::object::function::PyFunction;
use crate::object::ids;
use crate::object::payload::Body;
use kit_core::frame::layout::{FUNC, HEADER};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::{Fresh, StackRef};
use kit_core::thread::Ctx;

/// Where the frame of `function` begins, if it is a function of Python that takes `count` arguments, and nothing else is to be done.
///
/// # Safety
/// - `base` is the running frame's; what the word refers to is alive.
#[inline(always)]
pub unsafe fn room(ctx: &mut Ctx, base: Base, function: Word, count: usize) -> Option<Base> {
    // SAFETY: as the caller says. A function keeps its code, which dies at a safepoint at the earliest.
    unsafe {
        if !function.is_object() || (*function.as_object()).type_id() != ids::FUNCTION {
            return None;
        }
        let code = code_of(function);
        let callee = base.add(frame::code(base).nregs as usize + HEADER);
        let thread = py(ctx);
        let has_room = code.simple_args as usize == count
            && thread.depth < thread.depth_limit
            && ctx.stack().fits(callee, code.nregs as usize);
        has_room.then_some(callee)
    }
}

unsafe fn code_of<'a>(function: Word) -> &'a Body<PyCode> {
    // SAFETY: as the callers say.
    unsafe {
        let function = &*function.as_object().cast::<Body<PyFunction>>();
        &*function
            .payload
            .code
            .peek()
            .as_object()
            .cast::<Body<PyCode>>()
    }
}

/// Makes the frame at `callee`, which returns to register `dst`, behind the instruction of `len` units.
///
/// # Safety
/// - `callee` is from [`room`], since the last safepoint, for this function and `args`. The running frame's saved instruction pointer is up
///   to date.
#[inline(always)]
pub unsafe fn enter<const N: usize>(
    ctx: &mut Ctx,
    base: Base,
    callee: Base,
    function: StackRef,
    args: [StackRef; N],
    (len, dst): (u32, usize),
) -> Called {
    // SAFETY: as the caller says.
    unsafe {
        let code = code_of(function.word());
        py(ctx).depth += 1;
        for (index, argument) in args.into_iter().enumerate() {
            callee.add(index).write(argument);
        }
        callee.offset(FUNC).write(function);
        let units = code.units(ctx);
        let meta = frame::meta(0, len, dst as u32);
        frame::init(ctx, callee, code, base, units, meta, N);
    }
    Called::Entered(callee)
}

/// The operand `index` for the frame above: a temporary is moved there, a local lent.
///
/// # Safety
/// - `base` is the running frame's, which waits for the frame above; the register holds a value.
#[inline(always)]
pub unsafe fn argument(ctx: &Ctx, base: Base, index: usize) -> StackRef {
    // SAFETY: as the caller says.
    unsafe {
        if is_temporary(base, index) {
            (*base.add(index)).take()
        } else {
            Fresh::from_borrow(ctx, (*base.add(index)).borrow()).into_ref()
        }
    }
}
