//! The interpreter's loop: executes instructions until a frame is left for good, or an exception is on its way.
//!
//! Operands are registers, read in place. Reading a local borrows it; reading a temporary consumes
//! it. On the fast paths below both operands are immediates, which own nothing, so there is nothing
//! to consume; whatever else may come up is done by a function of [`super::slow`] and its
//! neighbours, which take the registers' numbers.
//!
//! `pc` points at the instruction being executed until it succeeds, so that an exception knows
//! where it was raised; `base` and `pc` of a frame that calls are in its header.
//!
//! The loop is fast while `ctx`, `base` and `pc` live in machine registers. So an arm decodes only the
//! operands it uses, where it uses them; an instruction behind a `WIDE` prefix, whose operands are
//! decoded differently, is executed by another instance of this function; and what is not a fast path is
//! a call of a function that is never inlined.

use super::frame::{self, Base, DELEGATE, ENTRY, GENERATOR, INIT, LOOP, OBSERVED, meta};
use super::iterate::{Next, UNPACK_UNITS};
use super::monitor::step::{delegated, step};
use super::thread::PyThread;
use super::{
    access, awaiting, build, call_ex, except, generate, invoke, iterate, looped, names, slow,
};
use crate::error::Raised;
use crate::object::code::PyCode;
use crate::object::function::PyFunction;
use crate::object::generator::Point;
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol::operator;
use crate::object::range::RangeIter;
use crate::object::slots::Comparison;
use crate::op::Op;
use kit_core::frame::layout::{HEADER, META, PC, PREV, pack_pointer, unpack_pointer};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef};
use kit_core::thread::{Ctx, breaker};

/// What a call led to.
pub enum Called {
    /// It is done; the result is in its register.
    Done,
    /// A frame was pushed.
    Entered(Base),
}

/// Where execution is.
#[derive(Clone, Copy)]
pub struct At {
    /// The running frame.
    pub base: Base,
    /// The instruction to execute, or the one that raised.
    pub pc: *const u32,
}

/// Why the loop ended.
pub enum Flow {
    /// The one wide instruction that was to be executed is done.
    Next,
    /// The frame that was entered from outside the loop returned or yielded this.
    Returned(Obj),
    /// An exception is on its way.
    Raised {
        /// It has its traceback entry for this frame already.
        recorded: bool,
    },
}

const FALSE: Word = Word::constant(0);
const TRUE: Word = Word::constant(1);
const NONE: Word = Word::constant(2);

#[inline(always)]
fn boolean(value: bool) -> Word {
    Word::from_bits(FALSE.bits() + ((value as u64) << 2))
}

/// The truth of a word, when it takes no call to know it.
#[inline(always)]
fn quick_truth(word: Word) -> Option<bool> {
    if word == TRUE {
        Some(true)
    } else if word == FALSE || word == NONE {
        Some(false)
    } else if word.is_int() {
        Some(word.as_int() != 0)
    } else {
        None
    }
}

#[cold]
#[inline(never)]
fn drop_old(ctx: &mut Ctx, old: StackRef) {
    old.close(ctx);
}

/// Executes the one instruction at `at` as `unit`, with the prefix `high`.
///
/// # Safety
/// - As [`execute`]; `unit` is the instruction that the compiler made, and the unit before `at` its prefix, if it has one. If not,
///   `high` is 0, or its highest byte the sign of a signed operand.
#[cold]
#[inline(never)]
pub unsafe fn one(ctx: &mut Ctx, at: &mut At, unit: u32, high: u32) -> Flow {
    // SAFETY: by the contract.
    unsafe { execute::<true>(ctx, at, unit, high) }
}

/// Executes instructions from `at` on, where it leaves off; with `WIDE` just the one at `at`, as `unit` and with the prefix `high`.
///
/// # Safety
/// - `at.base` is the base of the running frame, complete, above all others on this thread's stack, and
///   `at.pc` is an instruction of its code, in this thread's copy.
/// - The units were verified: registers, constants and names are in range, control stays inside, and
///   registers hold what the operation expects. Each block below keeps the rules of its operation's
///   row in the table.
#[inline(always)]
pub unsafe fn execute<const WIDE: bool>(ctx: &mut Ctx, at: &mut At, unit: u32, high: u32) -> Flow {
    let alone = unit;
    let thread: *mut PyThread = ctx.host().cast();
    let At { mut base, mut pc } = *at;
    // SAFETY: by the contract.
    unsafe {
        loop {
            let unit = if WIDE { alone } else { *pc };
            #[cfg(feature = "opstats")]
            super::opstats::executed(unit as u8);
            // The operands, and the constant's index and the offset that two or three of them are together.
            macro_rules! a {
                () => {
                    (unit >> 8 & 0xff | if WIDE { high & 0xff00 } else { 0 }) as usize
                };
            }
            macro_rules! b {
                () => {
                    (unit >> 16 & 0xff | if WIDE { high >> 8 & 0xff00 } else { 0 }) as usize
                };
            }
            macro_rules! c {
                () => {
                    (unit >> 24 | if WIDE { high >> 16 & 0xff00 } else { 0 }) as usize
                };
            }
            macro_rules! imm {
                () => {
                    if WIDE {
                        c!() as u16 as i16 as i64
                    } else {
                        (unit as i32 >> 24) as i64
                    }
                };
            }
            macro_rules! const_index {
                () => {
                    (unit >> 16) as usize
                        | if WIDE {
                            (high & 0xffff_0000) as usize
                        } else {
                            0
                        }
                };
            }
            // The operand unit behind the instruction.
            macro_rules! operand {
                ($at:expr) => {
                    *pc.add($at) as usize
                };
            }
            // The end of an arm: on to the next instruction, to another one, or out of the loop.
            macro_rules! exit {
                ($flow:expr) => {{
                    let flow = $flow;
                    *at = At { base, pc };
                    return flow;
                }};
            }
            macro_rules! go {
                () => {{
                    if WIDE {
                        exit!(Flow::Next);
                    }
                    continue;
                }};
            }
            macro_rules! next {
                ($n:expr) => {{
                    pc = pc.add($n);
                    go!()
                }};
            }
            macro_rules! jump {
                ($at:expr, $len:expr) => {{
                    let offset = *pc.add($at) as i32 as isize;
                    pc = pc.add($len).offset(offset);
                    go!()
                }};
            }
            macro_rules! branch {
                ($taken:expr, $at:literal, $len:literal) => {
                    if $taken {
                        jump!($at, $len)
                    } else {
                        next!($len)
                    }
                };
            }
            macro_rules! raised {
                ($raised:expr) => {{
                    let _: Raised = $raised;
                    exit!(Flow::Raised { recorded: false })
                }};
            }
            macro_rules! poll {
                () => {
                    if ctx.poll() {
                        raised!(Raised::stored());
                    }
                };
            }
            macro_rules! save {
                () => {
                    *base.offset(PC) = StackRef::immediate(pack_pointer(pc))
                };
            }
            macro_rules! check {
                ($result:expr) => {{
                    save!();
                    match $result {
                        Ok(value) => value,
                        Err(raised) => raised!(raised),
                    }
                }};
            }
            // Drops what a register or field held; a finalizer may ask for the line.
            macro_rules! drop_old {
                ($old:expr) => {
                    if $old.needs_close() {
                        save!();
                        drop_old(ctx, $old);
                    }
                };
            }
            // Goes the slow way: counted, in a build that counts.
            macro_rules! slow {
                ($result:expr) => {{
                    #[cfg(feature = "opstats")]
                    super::opstats::slow(unit as u8);
                    check!($result)
                }};
            }
            // A call that may raise, and the next instruction.
            macro_rules! done {
                ($result:expr, $len:literal) => {{
                    check!($result);
                    next!($len)
                }};
            }
            macro_rules! r {
                ($i:expr) => {
                    (*base.add($i)).word()
                };
            }
            // Writes a register: an immediate, a reference, one that has just been made.
            macro_rules! set {
                ($i:expr, $word:expr) => {{ place!($i, StackRef::immediate($word)) }};
            }
            macro_rules! place {
                ($i:expr, $reference:expr) => {{
                    let reference: StackRef = $reference;
                    let old = (*base.add($i)).replace(reference);
                    drop_old!(old);
                }};
            }
            macro_rules! load {
                ($i:expr, $fresh:expr) => {{
                    let fresh: Fresh<'_> = $fresh;
                    let old = fresh.put(&mut *base.add($i));
                    drop_old!(old);
                }};
            }
            macro_rules! arith {
                ($x:expr, $y:expr, $float_y:expr, $int:expr, $float:expr, $slow:expr) => {{
                    let (x, y) = ($x, $y);
                    if Word::both_ints(x, y) {
                        let int: fn(Word, Word) -> Option<Word> = $int;
                        if let Some(word) = int(x, y) {
                            set!(a!(), word);
                            next!(2);
                        }
                    } else if x.is_float()
                        && let Some(y) = $float_y(y)
                    {
                        let float: fn(f64, f64) -> Option<f64> = $float;
                        if let Some(word) = float(x.as_float(), y).and_then(Word::float) {
                            set!(a!(), word);
                            next!(2);
                        }
                    }
                    slow!($slow);
                    next!(2)
                }};
            }
            macro_rules! binary {
                ($int:expr, $float:expr, $operator:ident) => {
                    arith!(r!(b!()), r!(c!()), slow::quick_float, $int, $float, {
                        slow::binary(ctx, base, a!(), b!(), c!(), operator::$operator)
                    })
                };
            }
            macro_rules! in_place {
                ($int:expr, $float:expr, $operator:ident) => {
                    arith!(r!(b!()), r!(c!()), slow::quick_float, $int, $float, {
                        slow::in_place(ctx, base, a!(), b!(), c!(), operator::$operator)
                    })
                };
            }
            macro_rules! binary_imm {
                ($int:expr, $float:expr, $operator:ident, $in_place:literal) => {{
                    let y = Word::int_unchecked(imm!());
                    arith!(
                        r!(b!()),
                        y,
                        |y: Word| Some(y.as_int() as f64),
                        $int,
                        $float,
                        {
                            slow::binary_imm(
                                ctx,
                                base,
                                a!(),
                                b!(),
                                imm!(),
                                operator::$operator,
                                $in_place,
                            )
                        }
                    )
                }};
            }
            // A comparison: of two small integers or two doubles at once, else by `$slow`, which continues or evaluates to
            // the truth.
            macro_rules! holds {
                ($x:expr, $y:expr, $cmp:tt, $slow:expr) => {{
                    let (x, y) = ($x, $y);
                    if Word::both_ints(x, y) {
                        (x.bits() as i64) $cmp (y.bits() as i64)
                    } else if x.is_float() && y.is_float() {
                        x.as_float() $cmp y.as_float()
                    } else {
                        $slow
                    }
                }};
            }
            macro_rules! compare {
                ($op:ident, $cmp:tt) => {{
                    let holds = holds!(r!(b!()), r!(c!()), $cmp, {
                        slow!(slow::compare(ctx, base, a!(), b!(), c!(), Comparison::$op));
                        next!(2)
                    });
                    set!(a!(), boolean(holds));
                    next!(2)
                }};
            }
            macro_rules! compare_jump {
                ($op:ident, $cmp:tt) => {{
                    let holds = holds!(r!(b!()), r!(c!()), $cmp, {
                        slow!(slow::compare_truth(ctx, base, b!(), c!(), Comparison::$op))
                    });
                    branch!(holds == (a!() != 0), 1, 3)
                }};
            }
            macro_rules! compare_jump_imm {
                ($op:ident, $cmp:tt) => {{
                    let x = r!(b!());
                    let holds = if x.is_int() {
                        x.as_int() $cmp imm!()
                    } else if x.is_float() {
                        x.as_float() $cmp imm!() as f64
                    } else {
                        slow!(slow::compare_truth_imm(ctx, base, b!(), imm!(), Comparison::$op))
                    };
                    branch!(holds == (a!() != 0), 1, 3)
                }};
            }
            // Continues in a frame that was pushed.
            macro_rules! enter {
                ($callee:expr, $units:expr) => {{
                    base = $callee;
                    (*thread).base = base;
                    pc = $units;
                    poll!();
                    go!()
                }};
            }
            macro_rules! call {
                ($called:expr, $len:expr) => {
                    match slow!($called) {
                        Called::Done => {
                            // A call that waited may have ended just when Ctrl-C was pressed: the
                            // `try` around it is the one that expects the exception.
                            if ctx.thread().core.breaker.peek() & breaker::SIGNAL != 0 {
                                poll!();
                            }
                            next!($len)
                        }
                        Called::Entered(callee) => {
                            enter!(callee, unpack_pointer(frame::header(callee, PC)))
                        }
                    }
                };
            }
            // Calls the Python function in the window at `$window` with `$given` arguments, when
            // that needs nothing but a new frame.
            macro_rules! quick_call {
                ($window:expr, $given:expr, $len:literal) => {{
                    let function = &*$window.cast::<Body<PyFunction>>();
                    let code = &*function
                        .payload
                        .code
                        .peek()
                        .as_object()
                        .cast::<Body<PyCode>>();
                    let callee = base.add(a!() + HEADER);
                    if code.simple_args as usize == $given
                        && ctx.stack().fits(callee, code.nregs as usize)
                        && (*thread).depth < (*thread).depth_limit
                    {
                        save!();
                        (*thread).depth += 1;
                        let units = code.copies.units(ctx, (*thread).copy_index);
                        let meta = meta(0, $len, c!() as u32);
                        frame::init(ctx, callee, code, base, units, meta, $given);
                        enter!(callee, units)
                    }
                }};
            }
            // Leaves the frame, whose first `$live` temporaries may hold something.
            macro_rules! leave {
                ($value:expr, $from:expr, $live:expr) => {{
                    let value: StackRef = $value;
                    save!();
                    let header = frame::header(base, META).as_int() as u32;
                    let registers = frame::code(base).nlocals as usize + $live;
                    let previous: Base = unpack_pointer(frame::header(base, PREV));
                    if header & (ENTRY | INIT | GENERATOR | OBSERVED) != 0 {
                        match generate::leave(ctx, base, value, header, registers, $from) {
                            Ok(Some(value)) => exit!(Flow::Returned(value)),
                            Ok(None) => {
                                base = previous;
                                pc = unpack_pointer(frame::header(base, PC));
                                if header & LOOP != 0 {
                                    set!((*pc >> 8 & 0xff) as usize, Word::NULL);
                                    jump!(1, 4)
                                }
                                next!((header >> 8 & 0xff) as usize)
                            }
                            Err(raised) => {
                                // The frame is gone; its caller made the mistake.
                                base = previous;
                                pc = unpack_pointer(frame::header(base, PC));
                                raised!(raised)
                            }
                        }
                    }
                    frame::clear(ctx, base, registers, previous);
                    (*thread).depth -= 1;
                    base = previous;
                    pc = unpack_pointer(frame::header(base, PC));
                    place!((header >> 16) as usize, value);
                    next!((header >> 8 & 0xff) as usize)
                }};
            }
            // Puts a generator's frame away; whoever wanted its value continues.
            macro_rules! suspend {
                ($value:expr, $point:expr) => {{
                    let value: StackRef = $value;
                    let mut point: Point = $point;
                    let header = loop {
                        let header = frame::header(base, META).as_int() as u32;
                        if header & (LOOP | DELEGATE) == 0 {
                            save!();
                            let value = Obj::from_ref(value);
                            generate::suspend(ctx, base, point);
                            exit!(Flow::Returned(value));
                        }
                        let previous: Base = unpack_pointer(frame::header(base, PREV));
                        looped::suspend(ctx, base, point, pc);
                        base = previous;
                        pc = unpack_pointer(frame::header(base, PC));
                        if header & LOOP != 0 {
                            break header;
                        }
                        // The frame below waits for the same value: at its YIELD_FROM.
                        let iterator = (*pc >> 16 & 0xff) as u16;
                        point = Point::from((header >> 16) as u16, iterator, false);
                    };
                    place!((header >> 16) as usize, value);
                    next!(4)
                }};
            }
            // The FOR_ITER `$unit` at `pc`, over the generator `$word`: continues in that, if nothing but a frame is needed.
            macro_rules! run_generator {
                ($unit:expr, $word:expr) => {{
                    save!();
                    let (callee, next) = looped::resume(ctx, base, $word, $unit, thread);
                    if !callee.is_null() {
                        base = callee;
                        pc = next;
                        continue;
                    }
                }};
            }
            // SAFETY: verified code holds operations of the table only.
            match core::mem::transmute::<u8, Op>(unit as u8) {
                Op::Wide => {
                    let mut inner = At {
                        base,
                        pc: pc.add(1),
                    };
                    let flow = one(ctx, &mut inner, *pc.add(1), unit);
                    At { base, pc } = inner;
                    if !matches!(flow, Flow::Next) {
                        exit!(flow);
                    }
                }
                Op::Instrumented => {
                    save!();
                    let mut inner = At { base, pc };
                    let flow = step(ctx, &mut inner);
                    At { base, pc } = inner;
                    if !matches!(flow, Flow::Next) {
                        exit!(flow);
                    }
                }
                Op::Nop => next!(1),
                // --- Moving values
                Op::LoadConst => {
                    let index = const_index!();
                    let word = frame::code(base).constant(index);
                    // The code keeps its constants, and the frame the code.
                    load!(a!(), Fresh::from_borrow(ctx, Borrowed::new(word)));
                    next!(1);
                }
                Op::LoadInt => {
                    let value = (unit >> 16) as u16 as i16;
                    set!(a!(), Word::int_unchecked(value as i64));
                    next!(1);
                }
                Op::LoadSpecial => {
                    set!(a!(), Word::constant(b!() as u8));
                    next!(1);
                }
                Op::Copy => {
                    load!(a!(), (*base.add(b!())).dup(ctx));
                    next!(1);
                }
                Op::Lend => {
                    load!(a!(), Fresh::from_borrow(ctx, (*base.add(b!())).borrow()));
                    next!(1);
                }
                Op::Move => {
                    let register = &mut *base.add(b!());
                    let reference =
                        if register.is_object() && b!() >= frame::code(base).nlocals as usize {
                            register.take()
                        } else {
                            register.dup(ctx).into_ref()
                        };
                    place!(a!(), reference);
                    next!(1);
                }
                Op::Drop | Op::Clear => {
                    set!(a!(), Word::NULL);
                    next!(1);
                }
                Op::DeleteLocal => {
                    if r!(a!()).is_null() {
                        check!(names::unbound(ctx, base, a!()));
                    }
                    set!(a!(), Word::NULL);
                    next!(1);
                }
                Op::CheckBound => {
                    if r!(a!()).is_null() {
                        check!(names::unbound(ctx, base, a!()));
                    }
                    next!(1);
                }
                // --- Arithmetic
                Op::Add => arith!(
                    r!(b!()),
                    r!(c!()),
                    slow::quick_float,
                    Word::int_add,
                    |x, y| Some(x + y),
                    { slow::add(ctx, base, a!(), b!(), c!()) }
                ),
                Op::IAdd => arith!(
                    r!(b!()),
                    r!(c!()),
                    slow::quick_float,
                    Word::int_add,
                    |x, y| Some(x + y),
                    { slow::in_place_add(ctx, base, a!(), b!(), c!()) }
                ),
                Op::Sub => binary!(Word::int_sub, |x, y| Some(x - y), SUB),
                Op::ISub => in_place!(Word::int_sub, |x, y| Some(x - y), SUB),
                Op::Mul => binary!(Word::int_mul, |x, y| Some(x * y), MUL),
                Op::IMul => in_place!(Word::int_mul, |x, y| Some(x * y), MUL),
                Op::TrueDiv => binary!(slow::quick_int_div, slow::quick_div, TRUEDIV),
                Op::ITrueDiv => in_place!(slow::quick_int_div, slow::quick_div, TRUEDIV),
                Op::FloorDiv => binary!(slow::quick_floordiv, |_, _| None, FLOORDIV),
                Op::IFloorDiv => in_place!(slow::quick_floordiv, |_, _| None, FLOORDIV),
                Op::Mod => binary!(slow::quick_mod, |_, _| None, REM),
                Op::IMod => in_place!(slow::quick_mod, |_, _| None, REM),
                Op::And => binary!(slow::quick_and, |_, _| None, AND),
                Op::IAnd => in_place!(slow::quick_and, |_, _| None, AND),
                Op::Or => binary!(slow::quick_or, |_, _| None, OR),
                Op::IOr => in_place!(slow::quick_or, |_, _| None, OR),
                Op::Xor => binary!(slow::quick_xor, |_, _| None, XOR),
                Op::IXor => in_place!(slow::quick_xor, |_, _| None, XOR),
                Op::LShift => binary!(slow::quick_lshift, |_, _| None, LSHIFT),
                Op::ILShift => in_place!(slow::quick_lshift, |_, _| None, LSHIFT),
                Op::RShift => binary!(slow::quick_rshift, |_, _| None, RSHIFT),
                Op::IRShift => in_place!(slow::quick_rshift, |_, _| None, RSHIFT),
                Op::MatMul => done!(
                    slow::binary(ctx, base, a!(), b!(), c!(), operator::MATMUL),
                    2
                ),
                Op::IMatMul => done!(
                    slow::in_place(ctx, base, a!(), b!(), c!(), operator::MATMUL),
                    2
                ),
                Op::Pow => done!(slow::power(ctx, base, a!(), b!(), c!(), false), 2),
                Op::IPow => done!(slow::power(ctx, base, a!(), b!(), c!(), true), 2),
                Op::AddImm => binary_imm!(Word::int_add, |x, y| Some(x + y), ADD, false),
                Op::IAddImm => binary_imm!(Word::int_add, |x, y| Some(x + y), ADD, true),
                Op::SubImm => binary_imm!(Word::int_sub, |x, y| Some(x - y), SUB, false),
                Op::ISubImm => binary_imm!(Word::int_sub, |x, y| Some(x - y), SUB, true),
                Op::MulImm => binary_imm!(Word::int_mul, |x, y| Some(x * y), MUL, false),
                Op::FloorDivImm => binary_imm!(slow::quick_floordiv, |_, _| None, FLOORDIV, false),
                Op::ModImm => binary_imm!(slow::quick_mod, |_, _| None, REM, false),
                Op::AndImm => binary_imm!(slow::quick_and, |_, _| None, AND, false),
                Op::Neg => {
                    let x = r!(b!());
                    if x.is_int()
                        && let Some(word) = Word::int_sub(Word::int_unchecked(0), x)
                    {
                        set!(a!(), word);
                        next!(1);
                    }
                    if x.is_float()
                        && let Some(word) = Word::float(-x.as_float())
                    {
                        set!(a!(), word);
                        next!(1);
                    }
                    check!(slow::unary(ctx, base, a!(), b!(), |s| s.neg, "unary -"));
                    next!(1);
                }
                Op::Pos => done!(slow::unary(ctx, base, a!(), b!(), |s| s.pos, "unary +"), 1),
                Op::Invert => done!(
                    slow::unary(ctx, base, a!(), b!(), |s| s.invert, "unary ~"),
                    1
                ),
                Op::Not => {
                    let truth = match quick_truth(r!(b!())) {
                        Some(truth) => truth,
                        None => slow!(slow::truth(ctx, base, b!())),
                    };
                    set!(a!(), boolean(!truth));
                    next!(1);
                }
                // --- Comparing
                Op::Lt => compare!(Lt, <),
                Op::Le => compare!(Le, <=),
                Op::Eq => compare!(Eq, ==),
                Op::Ne => compare!(Ne, !=),
                Op::Gt => compare!(Gt, >),
                Op::Ge => compare!(Ge, >=),
                Op::Is | Op::IsNot => {
                    let same = Word::same(r!(b!()), r!(c!()));
                    slow::consume_two(ctx, base, b!(), c!());
                    set!(a!(), boolean(same == (unit as u8 == Op::Is as u8)));
                    next!(1);
                }
                Op::In | Op::NotIn => {
                    let found = check!(slow::contains(ctx, base, b!(), c!()));
                    set!(a!(), boolean(found == (unit as u8 == Op::In as u8)));
                    next!(2);
                }
                // --- Jumping
                Op::Jump => {
                    pc = pc.add(1).offset((unit as i32 >> 8) as isize);
                    go!()
                }
                Op::JumpBack => {
                    // Who looks at the frame from outside sees where it is.
                    if ctx.poll_after(|| save!()) {
                        raised!(Raised::stored());
                    }
                    pc = pc.add(1).offset((unit as i32 >> 8) as isize);
                    // The head of a `for` loop, often over a range or a generator: on to the next value at once.
                    let head = *pc;
                    if head as u8 == Op::ForIter as u8
                        && let word = r!((head >> 8 & 0xff) as usize)
                        && word.is_object()
                    {
                        let iterator = word.as_object();
                        let type_id = (*iterator).type_id();
                        if type_id == ids::RANGE_ITER {
                            let range = &*iterator.cast::<Body<RangeIter>>();
                            if let Some(number) = range.next_int() {
                                #[cfg(feature = "opstats")]
                                super::opstats::executed(head as u8);
                                set!((head >> 16 & 0xff) as usize, Word::int_unchecked(number));
                                next!(4);
                            }
                        } else if !WIDE && type_id == ids::GENERATOR {
                            run_generator!(head, word)
                        }
                    }
                    go!()
                }
                Op::JumpTrue | Op::JumpFalse => {
                    let truth = match quick_truth(r!(a!())) {
                        Some(truth) => truth,
                        None => slow!(slow::truth(ctx, base, a!())),
                    };
                    branch!(truth == (unit as u8 == Op::JumpTrue as u8), 1, 2)
                }
                Op::JumpTrueKeep | Op::JumpFalseKeep => {
                    let truth = match quick_truth(r!(a!())) {
                        Some(truth) => truth,
                        None => slow!(slow::truth_kept(ctx, base, a!())),
                    };
                    if truth == (unit as u8 == Op::JumpTrueKeep as u8) {
                        jump!(1, 2)
                    }
                    set!(a!(), Word::NULL);
                    next!(2)
                }
                Op::JumpNone | Op::JumpNotNone => {
                    let none = r!(a!()) == NONE;
                    if !none {
                        slow::consume(ctx, base, a!());
                    }
                    branch!(none == (unit as u8 == Op::JumpNone as u8), 1, 2)
                }
                Op::JumpLt => compare_jump!(Lt, <),
                Op::JumpLe => compare_jump!(Le, <=),
                Op::JumpEq => compare_jump!(Eq, ==),
                Op::JumpNe => compare_jump!(Ne, !=),
                Op::JumpGt => compare_jump!(Gt, >),
                Op::JumpGe => compare_jump!(Ge, >=),
                Op::JumpLtImm => compare_jump_imm!(Lt, <),
                Op::JumpLeImm => compare_jump_imm!(Le, <=),
                Op::JumpEqImm => compare_jump_imm!(Eq, ==),
                Op::JumpNeImm => compare_jump_imm!(Ne, !=),
                Op::JumpGtImm => compare_jump_imm!(Gt, >),
                Op::JumpGeImm => compare_jump_imm!(Ge, >=),
                Op::JumpIs => {
                    let same = Word::same(r!(b!()), r!(c!()));
                    slow::consume_two(ctx, base, b!(), c!());
                    branch!(same == (a!() != 0), 1, 2)
                }
                Op::JumpIn => {
                    let found = check!(slow::contains(ctx, base, b!(), c!()));
                    branch!(found == (a!() != 0), 1, 3)
                }
                // --- Names
                Op::LoadGlobal => {
                    match names::quick_global(ctx, base, pc) {
                        Some(found) => load!(a!(), found),
                        None => {
                            let found = slow!(names::load_global(ctx, base, pc.cast_mut()));
                            place!(a!(), found);
                        }
                    }
                    next!(5);
                }
                Op::StoreGlobal => done!(names::store_global(ctx, base, a!(), pc.cast_mut()), 4),
                Op::DeleteGlobal => done!(names::delete_global(ctx, base, operand!(1)), 2),
                Op::LoadName => {
                    let found = check!(names::load_name(ctx, base, pc.cast_mut()));
                    place!(a!(), found);
                    next!(5);
                }
                Op::StoreName => done!(names::store_name(ctx, base, a!(), pc.cast_mut()), 4),
                Op::DeleteName => done!(names::delete_name(ctx, base, operand!(1)), 2),
                Op::LoadLocals => {
                    let mapping = check!(names::load_locals(ctx, base));
                    place!(a!(), mapping);
                    next!(1);
                }
                Op::LoadDictGlobal => done!(
                    names::load_dict_global(ctx, base, a!(), b!(), operand!(1)),
                    2
                ),
                Op::LoadDictCell => done!(
                    names::load_dict_cell(ctx, base, a!(), b!(), c!(), operand!(1)),
                    2
                ),
                Op::LoadCell => {
                    match names::quick_cell(ctx, base, b!()) {
                        Some(value) => load!(a!(), value),
                        None => {
                            let value = slow!(names::load_cell(ctx, base, b!()));
                            place!(a!(), value);
                        }
                    }
                    next!(1);
                }
                Op::StoreCell => {
                    save!();
                    names::store_cell(ctx, base, a!(), b!());
                    next!(1);
                }
                Op::DeleteCell => done!(names::delete_cell(ctx, base, a!()), 1),
                Op::MakeCell => done!(names::make_cell(ctx, base, a!()), 1),
                Op::CopyFree => {
                    names::copy_free(ctx, base, a!(), b!());
                    next!(1);
                }
                // --- Attributes and items
                Op::LoadAttr => {
                    match access::quick_attr(ctx, r!(b!()), pc) {
                        Some(value) => {
                            // The object dies when the value is where the collector finds it.
                            let object = slow::take_operand(base, b!());
                            let old = value.put(&mut *base.add(a!()));
                            drop_old!(object);
                            drop_old!(old);
                        }
                        None => {
                            call!(access::load_attr(ctx, base, a!(), b!(), pc.cast_mut()), 8)
                        }
                    }
                    next!(8);
                }
                Op::StoreAttr => {
                    let object = r!(a!());
                    match access::quick_store(ctx, base, b!(), object, pc) {
                        Some(old) => {
                            let object = slow::take_operand(base, a!());
                            drop_old!(old);
                            drop_old!(object);
                        }
                        None => slow!(access::store_attr(ctx, base, a!(), b!(), pc.cast_mut())),
                    }
                    next!(6);
                }
                Op::DeleteAttr => done!(access::delete_attr(ctx, base, a!(), operand!(1)), 2),
                Op::LoadMethod => {
                    let lend = c!() != 0;
                    check!(access::load_method(
                        ctx,
                        base,
                        a!(),
                        b!(),
                        lend,
                        pc.cast_mut()
                    ));
                    next!(8);
                }
                Op::LoadSuperAttr => done!(
                    access::load_super_attr(ctx, base, a!(), b!(), c!(), operand!(1)),
                    2
                ),
                Op::LoadSuperMethod => {
                    done!(
                        access::load_super_method(ctx, base, a!(), b!(), pc.cast_mut()),
                        8
                    )
                }
                Op::Subscr => {
                    match access::quick_item(ctx, r!(b!()), r!(c!())) {
                        Some(value) => {
                            slow::consume_two(ctx, base, b!(), c!());
                            place!(a!(), value);
                        }
                        None => call!(access::subscr(ctx, base, a!(), b!(), c!()), 3),
                    }
                    next!(3);
                }
                Op::SubscrImm => {
                    let key = Word::int_unchecked(imm!());
                    match access::quick_item(ctx, r!(b!()), key) {
                        Some(value) => {
                            if b!() >= frame::code(base).nlocals as usize {
                                slow::consume(ctx, base, b!());
                            }
                            place!(a!(), value);
                        }
                        None => slow!(access::subscr_imm(ctx, base, a!(), b!(), key)),
                    }
                    next!(3);
                }
                Op::StoreSubscr => done!(access::store_subscr(ctx, base, a!(), b!(), c!()), 2),
                Op::DeleteSubscr => done!(access::delete_subscr(ctx, base, a!(), b!()), 1),
                Op::Slice => done!(build::slice(ctx, base, a!(), b!()), 1),
                // --- Calls
                Op::Call => {
                    let callable = r!(a!());
                    if callable.is_object() {
                        let object = callable.as_object();
                        match (*object).type_id() {
                            ids::FUNCTION => quick_call!(object, b!(), 5),
                            ids::BUILTIN_FUNCTION => {
                                done!(invoke::call_builtin(ctx, base, a!(), b!(), c!()), 5)
                            }
                            ids::TYPE if !WIDE => {
                                save!();
                                let meta = meta(INIT, 5, c!() as u32);
                                let callee =
                                    invoke::construct_cached(ctx, base, a!(), b!(), pc, meta);
                                if let Some(callee) = callee {
                                    enter!(callee, unpack_pointer(frame::header(callee, PC)))
                                }
                            }
                            _ => {}
                        }
                    }
                    call!(
                        invoke::call(ctx, base, a!(), b!(), None, meta(0, 5, c!() as u32)),
                        5
                    )
                }
                Op::CallMethod => {
                    let callable = r!(a!());
                    if callable.is_object() && !r!(a!() + HEADER).is_null() {
                        let object = callable.as_object();
                        match (*object).type_id() {
                            ids::FUNCTION => quick_call!(object, b!() + 1, 5),
                            ids::METHOD_DESCRIPTOR => {
                                done!(invoke::call_descriptor(ctx, base, a!(), b!(), c!()), 5)
                            }
                            _ => {}
                        }
                    }
                    call!(
                        invoke::call_method(ctx, base, a!(), b!(), None, meta(0, 5, c!() as u32)),
                        5
                    )
                }
                Op::CallKw => {
                    let names = frame::code(base).constant(operand!(1));
                    call!(
                        invoke::call(ctx, base, a!(), b!(), Some(names), meta(0, 4, c!() as u32)),
                        4
                    )
                }
                Op::CallMethodKw => {
                    let names = frame::code(base).constant(operand!(1));
                    call!(
                        invoke::call_method(
                            ctx,
                            base,
                            a!(),
                            b!(),
                            Some(names),
                            meta(0, 4, c!() as u32)
                        ),
                        4
                    )
                }
                Op::CallEx => {
                    let meta = meta(0, 1, c!() as u32);
                    call!(call_ex::call_ex(ctx, base, a!(), c!(), meta), 1)
                }
                Op::Return => {
                    let value = (*base.add(a!())).take();
                    let value = if value.word().is_deferred() {
                        let strong = value.into_strong(ctx);
                        StackRef::from_steal(ctx, strong)
                    } else {
                        value
                    };
                    leave!(value, a!(), b!())
                }
                Op::ReturnNone => leave!(StackRef::immediate(NONE), usize::MAX, b!()),
                // --- Building
                Op::BuildTuple => done!(build::tuple(ctx, base, a!(), b!(), c!()), 1),
                Op::BuildList => done!(build::list(ctx, base, a!(), b!(), c!()), 1),
                Op::BuildSet => done!(build::set(ctx, base, a!(), b!(), c!()), 1),
                Op::BuildMap => done!(build::map(ctx, base, a!(), b!(), c!()), 1),
                Op::BuildString => done!(build::string(ctx, base, a!(), b!(), c!()), 1),
                Op::ListAppend => done!(build::list_append(ctx, base, a!(), b!()), 1),
                Op::SetAdd => done!(build::set_add(ctx, base, a!(), b!()), 1),
                Op::MapAdd => done!(build::map_add(ctx, base, a!(), b!(), c!()), 1),
                Op::ListExtend => done!(build::list_extend(ctx, base, a!(), b!()), 1),
                Op::SetUpdate => done!(build::set_update(ctx, base, a!(), b!()), 1),
                Op::DictUpdate => done!(build::dict_update(ctx, base, a!(), b!()), 1),
                Op::DictMerge => done!(build::dict_merge(ctx, base, a!(), b!(), c!()), 1),
                Op::ListToTuple => done!(build::list_to_tuple(ctx, base, a!(), b!()), 1),
                Op::Format => done!(build::format(ctx, base, a!(), b!(), c!()), 1),
                Op::FormatSpec => done!(build::format_spec(ctx, base, a!(), b!(), c!()), 1),
                Op::BuildInterpolation => {
                    done!(build::interpolation(ctx, base, a!(), b!(), c!()), 1)
                }
                Op::BuildTemplate => done!(build::template(ctx, base, a!(), b!(), c!()), 1),
                // --- Iterating and unpacking
                Op::GetIter => done!(iterate::get_iter(ctx, base, a!(), b!()), 1),
                Op::ForIter => {
                    // Nearly always an iterator; but what a generator expression was given may be anything.
                    let iterator = r!(a!());
                    let is_object = iterator.is_object();
                    if !WIDE && is_object && (*iterator.as_object()).type_id() == ids::GENERATOR {
                        run_generator!(unit, iterator)
                    }
                    let quick = match is_object {
                        true => iterate::quick_next(ctx, iterator),
                        false => None,
                    };
                    let item = match quick {
                        Some(item) => item,
                        None => {
                            let behind = if WIDE { 0 } else { *pc.add(4) };
                            match slow!(iterate::next(ctx, base, a!(), b!(), behind)) {
                                Next::Item(item) => item,
                                Next::Unpacked => {
                                    #[cfg(feature = "opstats")]
                                    super::opstats::executed(behind as u8);
                                    next!(4 + UNPACK_UNITS)
                                }
                                Next::End => {
                                    set!(a!(), Word::NULL);
                                    jump!(1, 4);
                                }
                            }
                        }
                    };
                    place!(b!(), item);
                    next!(4);
                }
                Op::Unpack => done!(iterate::unpack(ctx, base, a!(), b!(), c!()), 2),
                Op::UnpackEx => done!(iterate::unpack_ex(ctx, base, a!(), b!(), *pc.add(1)), 2),
                // --- Functions and classes
                Op::MakeFunction => done!(
                    build::function(ctx, base, a!(), b!() as u32, c!(), operand!(1)),
                    2
                ),
                Op::LoadClosure => {
                    load!(a!(), (*base.add(b!())).dup(ctx));
                    next!(1);
                }
                Op::LoadBuildClass => {
                    let function = check!(names::load_build_class(ctx, base));
                    place!(a!(), function);
                    next!(1);
                }
                Op::Intrinsic1 => done!(build::intrinsic_1(ctx, base, a!(), b!(), c!()), 1),
                Op::Intrinsic2 => done!(build::intrinsic_2(ctx, base, a!(), b!(), c!()), 1),
                Op::SetupAnnotations => done!(names::setup_annotations(ctx, base), 1),
                // --- Exceptions
                Op::Raise => {
                    save!();
                    raised!(except::raise(ctx, base, a!()))
                }
                Op::RaiseFrom => {
                    save!();
                    raised!(except::raise_from(ctx, base, a!(), b!()))
                }
                Op::RaiseActive => {
                    save!();
                    // The exception has its entry for this frame from when it was raised.
                    let recorded = (*thread).handled.is_some();
                    let _: Raised = except::raise_active(ctx);
                    exit!(Flow::Raised { recorded })
                }
                Op::Reraise => {
                    save!();
                    let exception = frame::take(base, a!());
                    let _: Raised = except::reraise(ctx, exception);
                    exit!(Flow::Raised { recorded: true })
                }
                Op::RaiseAssertion => {
                    save!();
                    raised!(except::raise_assertion(ctx, base, a!(), c!()))
                }
                Op::PushExc => {
                    except::push(ctx, base, a!(), b!());
                    next!(1);
                }
                Op::PopExc => {
                    except::pop(ctx, base, a!());
                    next!(1);
                }
                Op::ExcMatch => {
                    let matched = check!(except::matches(ctx, base, b!(), c!()));
                    set!(a!(), boolean(matched));
                    next!(1);
                }
                Op::JumpNotExc => {
                    if check!(except::matches(ctx, base, a!(), b!())) {
                        next!(2);
                    }
                    jump!(1, 2)
                }
                Op::ExcGroupMatch => done!(except::match_group(ctx, base, a!(), b!(), c!()), 1),
                Op::PrepReraiseStar => {
                    done!(except::prepare_reraise(ctx, base, a!(), b!(), c!()), 1)
                }
                Op::WithEnter => call!(except::with_enter(ctx, base, a!(), b!()), 1),
                Op::WithExcept => done!(except::with_except(ctx, base, a!(), b!(), c!()), 1),
                // --- Generators
                Op::ReturnGenerator => {
                    let generator = check!(generate::create(ctx, base, pc.add(1)));
                    leave!(generator.into_ref(ctx), usize::MAX, 0)
                }
                Op::Yield => {
                    let word = r!(b!());
                    let value = if word.is_object() {
                        frame::take_or_copy(ctx, base, b!()).into_ref(ctx)
                    } else {
                        StackRef::immediate(word)
                    };
                    let live = frame::code(base).nlocals + c!() as u32;
                    let point = Point::at_yield(a!() as u16, live);
                    let header = frame::header(base, META).as_int() as u32;
                    if !WIDE && header & LOOP != 0 && looped::suspend_plain(thread, base, point, pc)
                    {
                        base = unpack_pointer(frame::header(base, PREV));
                        pc = unpack_pointer(frame::header(base, PC));
                        place!((header >> 16) as usize, value);
                        next!(4)
                    }
                    suspend!(value, point)
                }
                Op::GetYieldFromIter => done!(generate::yield_from_iter(ctx, base, a!(), b!()), 1),
                Op::YieldFrom => {
                    if !WIDE && looped::may_delegate(r!(b!())) {
                        save!();
                        let (callee, next) = looped::delegate(ctx, base, b!(), a!() as u32);
                        if !callee.is_null() {
                            base = callee;
                            pc = next;
                            continue;
                        }
                    }
                    match check!(generate::delegate(ctx, base, b!())) {
                        generate::Delegated::Yielded(value) => {
                            if WIDE {
                                check!(delegated(ctx, base, &value));
                            }
                            let is_wide = WIDE && high != 0;
                            suspend!(
                                value.into_ref(ctx),
                                Point::from(a!() as u16, b!() as u16, is_wide)
                            )
                        }
                        generate::Delegated::Returned(value) => {
                            place!(a!(), value.into_ref(ctx));
                            next!(2);
                        }
                    }
                }
                Op::GetAwaitable => done!(awaiting::awaitable(ctx, base, a!(), b!(), c!()), 1),
                Op::GetAiter => done!(awaiting::aiter(ctx, base, a!(), b!()), 1),
                Op::GetAnext => done!(awaiting::anext(ctx, base, a!(), b!()), 1),
                Op::EndAsyncFor => {
                    save!();
                    let ended = awaiting::end_async_for(ctx, base, a!(), b!());
                    if ended.is_err() {
                        exit!(Flow::Raised { recorded: true })
                    }
                    next!(1);
                }
                Op::AsyncWithEnter => done!(awaiting::with_enter(ctx, base, a!(), b!()), 1),
                // That an async generator yields for itself is seen by how its frame waits.
                Op::AsyncGenWrap => {
                    let value = frame::take_or_copy(ctx, base, b!());
                    place!(a!(), value.into_ref(ctx));
                    next!(1);
                }
                // --- Imports
                Op::ImportName => done!(
                    names::import_name(ctx, base, a!(), b!(), operand!(1), *pc.add(2)),
                    3
                ),
                Op::ImportFrom => done!(names::import_from(ctx, base, a!(), b!(), operand!(1)), 2),
                Op::ImportStar => done!(names::import_star(ctx, base, a!()), 1),
                // --- Pattern matching
                Op::MatchSequence => {
                    let matched = build::matches_sequence(ctx, base, b!());
                    set!(a!(), boolean(matched));
                    next!(1);
                }
                Op::MatchMapping => {
                    let matched = build::matches_mapping(ctx, base, b!());
                    set!(a!(), boolean(matched));
                    next!(1);
                }
                Op::MatchClass => done!(
                    build::match_class(ctx, base, [a!(), b!(), c!()], operand!(1), operand!(2)),
                    3
                ),
                Op::MatchKeys => done!(build::match_keys(ctx, base, a!(), b!(), c!()), 1),
                Op::GetLen => done!(build::get_len(ctx, base, a!(), b!()), 1),
                Op::PrintExpr => done!(names::print_expr(ctx, base, a!()), 1),
            }
        }
    }
}
