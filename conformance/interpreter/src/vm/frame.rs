//! Frames of Python functions on the thread's data stack.
//!
//! A frame is a window of registers with seven words in front (see [`kit_core::frame`]). Its flags
//! say what returning from it means:
//!
//! | flag        | returning                                                            |
//! |-------------|----------------------------------------------------------------------|
//! | (none)      | continues the caller's frame, the result in its register `dst`        |
//! | `ENTRY`     | leaves [`super::run::run`]: a native function waits for the result    |
//! | `INIT`      | must return None; the instance in `AUX` is the result                 |
//! | `GENERATOR` | the frame is a generator's (in `AUX`), here while it runs             |
//! | `CHUNK`     | the frame began a chunk of the stack, which is left                   |
//! | `LOOP`      | ends the loop of the `FOR_ITER` below, which a `yield` continues with `dst` |
//! | `DELEGATE`  | ends the `yield from` or `await` of the frame below, which a `yield` leaves with the value |
//! | `OBSERVED`  | the frame has an object ([`super::observe`]), which may keep the locals |
//! | `LEAVING`   | (set while the frame is left)                                         |

use super::thread::py;
use crate::error::{PyResult, no_memory, raise};
use crate::object::code::PyCode;
use crate::object::function::PyFunction;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use kit_core::frame::layout::{
    self, AUX, CODE, FUNC, META, PC, PREV, pack_pointer, unpack_pointer,
};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef};
use kit_core::thread::Ctx;

/// See the table above.
pub const ENTRY: u32 = 1;
/// See the table above.
pub const INIT: u32 = 2;
/// See the table above.
pub const GENERATOR: u32 = 4;
/// See the table above.
pub const CHUNK: u32 = 8;
/// See the table above.
pub const LOOP: u32 = 16;
/// See the table above. A generator's frame has its object in the generator instead.
pub const OBSERVED: u32 = 32;
/// See the table above.
pub const LEAVING: u32 = 64;
/// See the table above.
pub const DELEGATE: u32 = 128;

/// The registers of a frame.
pub type Base = *mut StackRef;

/// Flags, length of the caller's instruction in units, destination register, as a word.
#[inline(always)]
pub fn meta(flags: u32, len: u32, dst: u32) -> Word {
    Word::int_unchecked((flags | len << 8 | dst << 16) as i64)
}

/// The header word at `offset`.
///
/// # Safety
/// - `base` is a frame's.
#[inline(always)]
pub unsafe fn header(base: Base, offset: isize) -> Word {
    // SAFETY: the header lies just below the registers.
    unsafe { (*base.offset(offset)).word() }
}

/// The code a frame runs.
///
/// # Safety
/// - `base` is the base of a frame that stays while the result is used.
#[inline(always)]
pub unsafe fn code<'a>(base: Base) -> &'a Body<PyCode> {
    // SAFETY: the header word refers to the code, which the frame keeps.
    unsafe { &*header(base, CODE).as_object().cast::<Body<PyCode>>() }
}

/// The function a frame runs.
///
/// # Safety
/// - As [`code`].
#[inline(always)]
pub unsafe fn function<'a>(base: Base) -> &'a Body<PyFunction> {
    // SAFETY: every frame is a function's.
    unsafe { &*header(base, FUNC).as_object().cast::<Body<PyFunction>>() }
}

/// The flags of a frame.
///
/// # Safety
/// - As [`code`].
#[inline(always)]
pub unsafe fn flags(base: Base) -> u32 {
    // SAFETY: as the caller says.
    unsafe { header(base, META).as_int() as u32 }
}

/// Writes the header of a frame for `function`, whose word the caller has put into `FUNC` (or
/// puts there now), and makes the locals from `given` on unbound.
///
/// # Safety
/// - The words from the header to the last register are on the thread's stack, in one chunk, and
///   free but for the first `given` registers and `FUNC`.
#[inline(always)]
pub unsafe fn init(
    ctx: &Ctx,
    base: Base,
    code: &Body<PyCode>,
    previous: Base,
    units: *const u32,
    meta: Word,
    given: usize,
) {
    // SAFETY: all inside the window, by the contract.
    unsafe {
        write_header(ctx, base, code, previous, units, meta);
        for index in given..code.nlocals as usize {
            // Volatile: a call of `memset` takes longer than the few words.
            base.add(index).write_volatile(StackRef::NULL);
        }
    }
}

/// As [`init`], for a frame whose locals are there.
///
/// # Safety
/// - As [`init`].
#[inline(always)]
pub unsafe fn write_header(
    ctx: &Ctx,
    base: Base,
    code: &Body<PyCode>,
    previous: Base,
    units: *const u32,
    meta: Word,
) {
    // SAFETY: all inside the window, by the contract.
    unsafe {
        // The function keeps the code, and the frame the function.
        *base.offset(CODE) = Fresh::from_borrow(ctx, Borrowed::to(&code.header)).into_ref();
        *base.offset(PC) = StackRef::immediate(pack_pointer(units));
        *base.offset(PREV) = StackRef::immediate(pack_pointer(previous));
        *base.offset(AUX) = StackRef::NULL;
        *base.offset(META) = StackRef::immediate(meta);
    }
}

/// The first free word of the thread's stack, with room for a header and `registers` more; the flag
/// says that a new chunk was begun for it.
pub fn room(ctx: &mut Ctx, registers: usize) -> PyResult<(Base, bool)> {
    let base = py(ctx).base;
    let wanted = registers + layout::HEADER;
    if !base.is_null() {
        // SAFETY: the running frame ends where its registers do.
        let top = unsafe { base.add(code(base).nregs as usize) };
        if ctx.stack().fits(top, wanted) {
            return Ok((top, false));
        }
    }
    chunk(ctx, wanted).map(|start| (start, true))
}

/// Begins a chunk of the stack.
#[cold]
pub fn chunk(ctx: &mut Ctx, words: usize) -> PyResult<Base> {
    let thread = ctx.thread() as *const kit_core::thread::Thread;
    // SAFETY: the record outlives the context; the heap and the stack are different parts of it.
    let heap = unsafe { &(*thread).heap };
    match ctx.stack().enter(heap, words) {
        Some(start) => Ok(start),
        None => Err(no_memory(ctx)),
    }
}

/// Leaves the chunk that [`chunk`] began.
#[cold]
pub fn leave_chunk(ctx: &mut Ctx) {
    let thread = ctx.thread() as *const kit_core::thread::Thread;
    // SAFETY: as in `chunk`; the frame that began the chunk was the last in it.
    unsafe { ctx.stack().leave(&(*thread).heap) };
}

/// Counts a Python call in; RecursionError when there are too many.
#[inline(always)]
pub fn deepen(ctx: &mut Ctx) -> PyResult<()> {
    let thread = py(ctx);
    if thread.depth >= thread.depth_limit {
        return deepen_slow(ctx);
    }
    thread.depth += 1;
    Ok(())
}

#[cold]
fn deepen_slow(ctx: &mut Ctx) -> PyResult<()> {
    let thread = py(ctx);
    // The limit may have been changed since this thread last looked.
    thread.depth_limit = thread
        .runtime
        .recursion_limit
        .load(core::sync::atomic::Ordering::Relaxed);
    if thread.depth < thread.depth_limit {
        thread.depth += 1;
        return Ok(());
    }
    Err(raise!(
        ctx,
        RecursionError,
        "maximum recursion depth exceeded"
    ))
}

/// Leaves a frame: drops what its first registers (the others are dead) and its header refer to, makes `previous` the running frame
/// and leaves the chunk of the stack that the frame began, if it did.
///
/// What dies may run Python code. While the registers are emptied such code runs above this frame;
/// the function, which keeps the code, is dropped last, when the frame is gone.
///
/// # Safety
/// - `base` is the running frame's; its registers from `registers` on are dead, all of them temporaries, and nothing
///   uses the frame any more: it is not `OBSERVED`, or not any more.
/// - `previous` is the base of the frame below.
#[inline(always)]
pub unsafe fn clear(ctx: &mut Ctx, base: Base, registers: usize, previous: Base) {
    // SAFETY: the window is ours; each word is dropped once.
    unsafe {
        // Locals last: a window that was not called may have borrowed from them.
        let locals = code(base).nlocals as usize;
        for index in locals..registers {
            StackRef::clear(base.add(index), ctx);
        }
        for index in 0..locals {
            StackRef::clear(base.add(index), ctx);
        }
        let aux = base.offset(AUX);
        if (*aux).is_object() {
            StackRef::clear(aux, ctx);
        }
        let function = (*base.offset(FUNC)).take();
        (*base.offset(CODE)).take().close_uncounted();
        py(ctx).base = previous;
        if flags(base) & CHUNK != 0 {
            leave_chunk(ctx);
        }
        function.close(ctx);
    }
}

/// Where a frame is: the unit of the instruction it executes.
///
/// # Safety
/// - `base` is a frame's, and its saved instruction pointer is up to date.
pub unsafe fn unit(ctx: &mut Ctx, base: Base) -> u32 {
    let index = py(ctx).copy_index;
    // SAFETY: as the caller says.
    unsafe {
        code(base)
            .copies
            .offset_in(index, unpack_pointer(header(base, PC)))
    }
}

/// The caller's frame, or null where a native function called.
///
/// # Safety
/// - `base` is a frame's.
pub unsafe fn previous(base: Base) -> Base {
    // SAFETY: as the caller says.
    unsafe { unpack_pointer(header(base, PREV)) }
}

/// A word as an owned value, moved out of a register.
///
/// # Safety
/// - The register holds a value.
#[inline(always)]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub unsafe fn take(base: Base, index: usize) -> Obj {
    // SAFETY: the register keeps what it refers to until now.
    unsafe { Obj::from_ref((*base.add(index)).take()) }
}

/// The operand `index` as an owned value: a temporary is moved out, a local stays.
///
/// # Safety
/// - `base` is a frame's, and the register holds a value.
#[inline(always)]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub unsafe fn take_or_copy(_: &Ctx, base: Base, index: usize) -> Obj {
    // SAFETY: a register's value is alive; a temporary's moves out.
    unsafe {
        let word = (*base.add(index)).word();
        if word.is_object() && index >= code(base).nlocals as usize {
            take(base, index)
        } else {
            Obj::copy_word(word)
        }
    }
}

/// Writes an owned value to a register, dropping what was there.
///
/// # Safety
/// - `base` is the running frame's, and the register is one of its.
#[inline(always)]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub unsafe fn put(ctx: &mut Ctx, base: Base, index: usize, value: Obj) {
    let value = value.into_ref(ctx);
    // SAFETY: by the contract.
    unsafe { StackRef::set(base.add(index), ctx, value) }
}

/// Registers lent to native code as values: in place, or where slots hold handles, as copies of the words, which the
/// registers go on owning.
pub struct Lent<'a> {
    #[cfg(not(feature = "debug-refs"))]
    words: &'a [StackRef],
    #[cfg(feature = "debug-refs")]
    words: Vec<Word>,
    registers: core::marker::PhantomData<&'a StackRef>,
}

impl core::ops::Deref for Lent<'_> {
    type Target = [Obj];
    #[inline(always)]
    fn deref(&self) -> &[Obj] {
        // SAFETY: an `Obj` is a word; none is null, and the registers keep what they refer to.
        unsafe { core::slice::from_raw_parts(self.words.as_ptr().cast(), self.words.len()) }
    }
}

/// Lends `count` registers.
///
/// # Safety
/// - They hold values, and stay as they are while the result is used.
#[inline(always)]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub unsafe fn lend<'a>(first: Base, count: usize) -> Lent<'a> {
    // SAFETY: by the contract.
    let registers = unsafe { core::slice::from_raw_parts(first, count) };
    Lent {
        #[cfg(not(feature = "debug-refs"))]
        words: registers,
        #[cfg(feature = "debug-refs")]
        words: registers.iter().map(StackRef::word).collect(),
        registers: core::marker::PhantomData,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::start::with_interpreter;

    #[test]
    fn calls_across_the_edge_of_a_chunk_allocate_once() {
        with_interpreter(|ctx| {
            // The first two chunks: the thread keeps both.
            let outer = chunk(ctx, 100).expect("memory");
            let inner = chunk(ctx, 100).expect("memory");
            leave_chunk(ctx);
            // The address stays the same: the block is neither freed nor allocated again.
            for _ in 0..1000 {
                let again = chunk(ctx, 100).expect("memory");
                assert_eq!(again, inner);
                leave_chunk(ctx);
            }
            assert_ne!(outer, inner);
            leave_chunk(ctx);
        });
    }
}
