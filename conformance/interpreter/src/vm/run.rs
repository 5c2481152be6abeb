//! The interpreter's loop: executes the units of a frame and of the frames it calls.
//!
//! Operands are registers, read in place. Reading a local borrows it; reading a temporary consumes
//! it. On the fast paths below both operands are immediates, which own nothing, so there is nothing
//! to consume; whatever else may come up is done by a function of [`super::slow`] and its
//! neighbours, which take the registers' numbers.
//!
//! `pc` points at the instruction being executed until it succeeds, so that an exception knows
//! where it was raised; `base` and `pc` of a frame that calls are in its header.

use super::frame::{self, Base, ENTRY, GENERATOR, INIT, meta};
use super::thread::{PyThread, py};
use super::{access, build, except, generate, invoke, iterate, names, slow};
use crate::error::{PyResult, Raised};
use crate::object::function::PyFunction;
use crate::object::generator::Point;
use crate::object::payload::Body;
use crate::object::slots::Comparison;
use crate::object::{ids, protocol};
use crate::op::Op;
use kit_core::frame::layout::{AUX, FUNC, HEADER, META, PC, PREV, pack_pointer, unpack_pointer};
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

/// Runs the frame at `entry`, whose flags say `ENTRY` or `GENERATOR`, until it returns, yields or
/// raises. The frame is gone then (a generator's is back in the generator).
///
/// # Safety
/// - `entry` is the base of a complete frame on this thread's stack, above all others.
pub unsafe fn run(ctx: &mut Ctx, entry: Base) -> PyResult {
    // SAFETY: as the caller says.
    unsafe { run_from(ctx, entry, None) }
}

/// As [`run`]; an exception in `pending` is raised at the saved instruction first.
///
/// # Safety
/// - As [`run`].
pub unsafe fn run_from(ctx: &mut Ctx, entry: Base, mut pending: Option<Raised>) -> PyResult {
    let thread: *mut PyThread = ctx.host().cast();
    let mut base = entry;
    // SAFETY: the frame is complete; its header holds the saved pointer.
    let mut pc: *const u32 = unsafe {
        (*thread).base = base;
        unpack_pointer(frame::header(base, PC))
    };
    // Set when the exception on its way has its traceback entry for this frame already.
    let mut recorded = false;
    if pending.is_none() && ctx.poll() {
        pending = Some(Raised::stored());
    }
    'unwound: loop {
        // SAFETY: the units were verified: registers, constants and names are in range, control
        // stays inside, and registers hold what the operation expects. `base` is the running
        // frame's. Each block below keeps the rules of its operation's row in the table.
        let raised: Raised = unsafe {
            'run: {
                if let Some(raised) = pending.take() {
                    break 'run raised;
                }
                loop {
                    let mut unit = *pc;
                    let mut op = unit as u8;
                    let mut a = (unit >> 8 & 0xff) as usize;
                    let mut b = (unit >> 16 & 0xff) as usize;
                    let mut c = (unit >> 24) as usize;
                    let mut wide = false;
                    macro_rules! r {
                        ($i:expr) => {
                            (*base.add($i)).word()
                        };
                    }
                    macro_rules! next {
                        ($n:expr) => {{
                            pc = pc.add($n);
                            break;
                        }};
                    }
                    // Writes a register: an immediate, a reference, one that has just been made.
                    macro_rules! set {
                        ($i:expr, $word:expr) => {{ place!($i, StackRef::immediate($word)) }};
                    }
                    macro_rules! place {
                        ($i:expr, $reference:expr) => {{
                            let reference: StackRef = $reference;
                            let old = (*base.add($i)).replace(reference);
                            if old.needs_close() {
                                drop_old(ctx, old);
                            }
                        }};
                    }
                    macro_rules! load {
                        ($i:expr, $fresh:expr) => {{
                            let fresh: Fresh<'_> = $fresh;
                            let old = fresh.put(&mut *base.add($i));
                            if old.needs_close() {
                                drop_old(ctx, old);
                            }
                        }};
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
                                Err(raised) => break 'run raised,
                            }
                        }};
                    }
                    macro_rules! imm {
                        () => {
                            if wide {
                                c as u16 as i16 as i64
                            } else {
                                c as u8 as i8 as i64
                            }
                        };
                    }
                    macro_rules! jump {
                        ($at:expr, $len:expr) => {{
                            let offset = *pc.add($at) as i32 as isize;
                            pc = pc.add($len).offset(offset);
                            break;
                        }};
                    }
                    macro_rules! arith {
                        ($len:literal, $int:expr, $float:expr, $slow:expr) => {{
                            let (x, y) = (r!(b), r!(c));
                            if Word::both_ints(x, y) {
                                let int: fn(Word, Word) -> Option<Word> = $int;
                                if let Some(word) = int(x, y) {
                                    set!(a, word);
                                    next!($len);
                                }
                            } else if x.is_float() && y.is_float() {
                                let float: fn(f64, f64) -> Option<f64> = $float;
                                if let Some(word) =
                                    float(x.as_float(), y.as_float()).and_then(Word::float)
                                {
                                    set!(a, word);
                                    next!($len);
                                }
                            }
                            check!($slow);
                            next!($len);
                        }};
                    }
                    macro_rules! plain {
                        ($operator:ident) => {{
                            check!(slow::binary(
                                ctx,
                                base,
                                a,
                                b,
                                c,
                                protocol::operator::$operator
                            ));
                            next!(2);
                        }};
                    }
                    macro_rules! in_place {
                        ($operator:ident) => {{
                            check!(slow::in_place(
                                ctx,
                                base,
                                a,
                                b,
                                c,
                                protocol::operator::$operator
                            ));
                            next!(2);
                        }};
                    }
                    macro_rules! compare {
                        ($op:ident, $cmp:tt) => {{
                            let (x, y) = (r!(b), r!(c));
                            if Word::both_ints(x, y) {
                                set!(a, boolean((x.bits() as i64) $cmp (y.bits() as i64)));
                                next!(2);
                            } else if x.is_float() && y.is_float() {
                                set!(a, boolean(x.as_float() $cmp y.as_float()));
                                next!(2);
                            }
                            check!(slow::compare(ctx, base, a, b, c, Comparison::$op));
                            next!(2);
                        }};
                    }
                    macro_rules! compare_jump {
                        ($op:ident, $cmp:tt) => {{
                            let (x, y) = (r!(b), r!(c));
                            let holds = if Word::both_ints(x, y) {
                                (x.bits() as i64) $cmp (y.bits() as i64)
                            } else if x.is_float() && y.is_float() {
                                x.as_float() $cmp y.as_float()
                            } else {
                                check!(slow::compare_truth(ctx, base, b, c, Comparison::$op))
                            };
                            if holds == (a != 0) { jump!(1, 3) } else { next!(3) }
                        }};
                    }
                    macro_rules! compare_jump_imm {
                        ($op:ident, $cmp:tt) => {{
                            let x = r!(b);
                            let holds = if x.is_int() {
                                x.as_int() $cmp imm!()
                            } else if x.is_float() {
                                x.as_float() $cmp imm!() as f64
                            } else {
                                check!(slow::compare_truth_imm(ctx, base, b, imm!(), Comparison::$op))
                            };
                            if holds == (a != 0) { jump!(1, 3) } else { next!(3) }
                        }};
                    }
                    macro_rules! arith_imm {
                        ($int:expr, $float:expr, $slow:expr) => {{
                            let x = r!(b);
                            if x.is_int() {
                                let int: fn(Word, i64) -> Option<Word> = $int;
                                if let Some(word) = int(x, imm!()) {
                                    set!(a, word);
                                    next!(2);
                                }
                            } else if x.is_float() {
                                let float: fn(f64, f64) -> Option<f64> = $float;
                                if let Some(word) =
                                    float(x.as_float(), imm!() as f64).and_then(Word::float)
                                {
                                    set!(a, word);
                                    next!(2);
                                }
                            }
                            check!($slow);
                            next!(2);
                        }};
                    }
                    macro_rules! enter {
                        ($called:expr, $len:expr) => {{
                            match check!($called) {
                                Called::Done => {
                                    // A call that waited may have ended just when Ctrl-C was pressed: the
                                    // `try` around it is the one that expects the exception.
                                    if ctx.thread().core.breaker.peek() & breaker::SIGNAL != 0
                                        && ctx.poll()
                                    {
                                        break 'run Raised::stored();
                                    }
                                    next!($len)
                                }
                                Called::Entered(callee) => {
                                    base = callee;
                                    (*thread).base = base;
                                    pc = unpack_pointer(frame::header(base, PC));
                                    if ctx.poll() {
                                        break 'run Raised::stored();
                                    }
                                    break;
                                }
                            }
                        }};
                    }
                    // Calls the Python function in the window at `$window` with `$given` arguments, when
                    // that needs nothing but a new frame.
                    macro_rules! quick_call {
                        ($window:expr, $given:expr, $len:literal) => {{
                            let callable = r!($window);
                            if callable.is_object()
                                && (*callable.as_object()).type_id() == ids::FUNCTION
                            {
                                let function = &*callable.as_object().cast::<Body<PyFunction>>();
                                let code = &*function
                                    .code
                                    .peek()
                                    .as_object()
                                    .cast::<Body<crate::object::code::PyCode>>();
                                let callee = base.add($window + HEADER);
                                if code.simple_args as usize == $given
                                    && ctx.stack().fits(callee, code.nregs as usize)
                                    && (*thread).depth < (*thread).depth_limit
                                {
                                    save!();
                                    (*thread).depth += 1;
                                    let units = code.units((*thread).copy_index);
                                    frame::init(
                                        ctx,
                                        callee,
                                        code,
                                        base,
                                        units,
                                        meta(0, $len, c as u32),
                                        $given,
                                    );
                                    base = callee;
                                    (*thread).base = base;
                                    pc = units;
                                    if ctx.poll() {
                                        break 'run Raised::stored();
                                    }
                                    break;
                                }
                            }
                        }};
                    }
                    macro_rules! leave {
                        ($value:expr, $live:expr) => {{
                            let value: StackRef = $value;
                            save!();
                            let header = frame::header(base, META).as_int() as u32;
                            let registers = frame::code(base).nlocals as usize + $live;
                            let previous: Base = unpack_pointer(frame::header(base, PREV));
                            if header & (ENTRY | INIT | GENERATOR) != 0 {
                                match generate::leave(ctx, base, value, header, registers) {
                                    Ok(Some(value)) => return Ok(value),
                                    Ok(None) => {}
                                    Err(raised) => {
                                        // The frame is gone; its caller made the mistake.
                                        base = previous;
                                        pc = unpack_pointer(frame::header(base, PC));
                                        break 'run raised;
                                    }
                                }
                                base = previous;
                                pc = unpack_pointer::<u32>(frame::header(base, PC))
                                    .add((header >> 8 & 0xff) as usize);
                                break;
                            }
                            frame::clear(ctx, base, registers, previous);
                            (*thread).depth -= 1;
                            base = previous;
                            pc = unpack_pointer::<u32>(frame::header(base, PC))
                                .add((header >> 8 & 0xff) as usize);
                            place!((header >> 16) as usize, value);
                            break;
                        }};
                    }
                    loop {
                        // SAFETY: verified code holds operations of the table only.
                        match std::mem::transmute::<u8, Op>(op) {
                            Op::Wide => {
                                let high = unit;
                                pc = pc.add(1);
                                unit = *pc;
                                op = unit as u8;
                                a = (unit >> 8 & 0xff | high & 0xff00) as usize;
                                b = (unit >> 16 & 0xff | high >> 8 & 0xff00) as usize;
                                c = (unit >> 24 | high >> 16 & 0xff00) as usize;
                                wide = true;
                                continue;
                            }
                            Op::Nop => next!(1),
                            // --- Moving values
                            Op::LoadConst => {
                                let index =
                                    b & 0xff | (c & 0xff) << 8 | (b >> 8) << 16 | (c >> 8) << 24;
                                let word = frame::code(base).constant(index);
                                // The code keeps its constants, and the frame the code.
                                load!(a, Fresh::from_borrow(ctx, Borrowed::new(word)));
                                next!(1);
                            }
                            Op::LoadInt => {
                                let value = (b & 0xff | (c & 0xff) << 8) as u16 as i16;
                                set!(a, Word::int_unchecked(value as i64));
                                next!(1);
                            }
                            Op::LoadSpecial => {
                                set!(a, Word::constant(b as u8));
                                next!(1);
                            }
                            Op::Copy => {
                                load!(a, (*base.add(b)).dup(ctx));
                                next!(1);
                            }
                            Op::Lend => {
                                load!(a, Fresh::from_borrow(ctx, (*base.add(b)).borrow()));
                                next!(1);
                            }
                            Op::Move => {
                                let register = &mut *base.add(b);
                                let reference = if register.is_object()
                                    && b >= frame::code(base).nlocals as usize
                                {
                                    register.take()
                                } else {
                                    register.dup(ctx).into_ref()
                                };
                                place!(a, reference);
                                next!(1);
                            }
                            Op::Drop | Op::Clear => {
                                set!(a, Word::NULL);
                                next!(1);
                            }
                            Op::DeleteLocal => {
                                if r!(a).is_null() {
                                    check!(names::unbound(ctx, base, a));
                                }
                                set!(a, Word::NULL);
                                next!(1);
                            }
                            Op::CheckBound => {
                                if r!(a).is_null() {
                                    check!(names::unbound(ctx, base, a));
                                }
                                next!(1);
                            }
                            // --- Arithmetic
                            Op::Add => arith!(
                                2,
                                Word::int_add,
                                |x, y| Some(x + y),
                                slow::add(ctx, base, a, b, c)
                            ),
                            Op::IAdd => arith!(
                                2,
                                Word::int_add,
                                |x, y| Some(x + y),
                                slow::in_place_add(ctx, base, a, b, c)
                            ),
                            Op::Sub => {
                                arith!(
                                    2,
                                    Word::int_sub,
                                    |x, y| Some(x - y),
                                    slow::binary(ctx, base, a, b, c, protocol::operator::SUB)
                                )
                            }
                            Op::ISub => {
                                arith!(
                                    2,
                                    Word::int_sub,
                                    |x, y| Some(x - y),
                                    slow::in_place(ctx, base, a, b, c, protocol::operator::SUB)
                                )
                            }
                            Op::Mul => {
                                arith!(
                                    2,
                                    Word::int_mul,
                                    |x, y| Some(x * y),
                                    slow::binary(ctx, base, a, b, c, protocol::operator::MUL)
                                )
                            }
                            Op::IMul => {
                                arith!(
                                    2,
                                    Word::int_mul,
                                    |x, y| Some(x * y),
                                    slow::in_place(ctx, base, a, b, c, protocol::operator::MUL)
                                )
                            }
                            Op::TrueDiv => arith!(
                                2,
                                slow::quick_int_div,
                                |x, y| (y != 0.0).then(|| x / y),
                                slow::binary(ctx, base, a, b, c, protocol::operator::TRUEDIV)
                            ),
                            Op::ITrueDiv => arith!(
                                2,
                                slow::quick_int_div,
                                |x, y| (y != 0.0).then(|| x / y),
                                slow::in_place(ctx, base, a, b, c, protocol::operator::TRUEDIV)
                            ),
                            Op::FloorDiv => arith!(
                                2,
                                slow::quick_floordiv,
                                |_, _| None,
                                slow::binary(ctx, base, a, b, c, protocol::operator::FLOORDIV)
                            ),
                            Op::IFloorDiv => arith!(
                                2,
                                slow::quick_floordiv,
                                |_, _| None,
                                slow::in_place(ctx, base, a, b, c, protocol::operator::FLOORDIV)
                            ),
                            Op::Mod => {
                                arith!(
                                    2,
                                    slow::quick_mod,
                                    |_, _| None,
                                    slow::binary(ctx, base, a, b, c, protocol::operator::REM)
                                )
                            }
                            Op::IMod => {
                                arith!(
                                    2,
                                    slow::quick_mod,
                                    |_, _| None,
                                    slow::in_place(ctx, base, a, b, c, protocol::operator::REM)
                                )
                            }
                            Op::And => arith!(
                                2,
                                |x, y| Some(Word::from_bits(x.bits() & y.bits())),
                                |_, _| None,
                                slow::binary(ctx, base, a, b, c, protocol::operator::AND)
                            ),
                            Op::Or => arith!(
                                2,
                                |x, y| Some(Word::from_bits(x.bits() | y.bits())),
                                |_, _| None,
                                slow::binary(ctx, base, a, b, c, protocol::operator::OR)
                            ),
                            Op::Xor => arith!(
                                2,
                                |x, y| Some(Word::from_bits((x.bits() ^ y.bits()) | 2)),
                                |_, _| None,
                                slow::binary(ctx, base, a, b, c, protocol::operator::XOR)
                            ),
                            Op::LShift => arith!(
                                2,
                                slow::quick_lshift,
                                |_, _| None,
                                slow::binary(ctx, base, a, b, c, protocol::operator::LSHIFT)
                            ),
                            Op::RShift => arith!(
                                2,
                                slow::quick_rshift,
                                |_, _| None,
                                slow::binary(ctx, base, a, b, c, protocol::operator::RSHIFT)
                            ),
                            Op::MatMul => plain!(MATMUL),
                            Op::ILShift => in_place!(LSHIFT),
                            Op::IRShift => in_place!(RSHIFT),
                            Op::IAnd => in_place!(AND),
                            Op::IOr => in_place!(OR),
                            Op::IXor => in_place!(XOR),
                            Op::IMatMul => in_place!(MATMUL),
                            Op::Pow => {
                                check!(slow::power(ctx, base, a, b, c, false));
                                next!(2);
                            }
                            Op::IPow => {
                                check!(slow::power(ctx, base, a, b, c, true));
                                next!(2);
                            }
                            Op::AddImm => arith_imm!(
                                |x, y| Word::int_add(x, Word::int_unchecked(y)),
                                |x, y| Some(x + y),
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::ADD,
                                    false
                                )
                            ),
                            Op::SubImm => arith_imm!(
                                |x, y| Word::int_sub(x, Word::int_unchecked(y)),
                                |x, y| Some(x - y),
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::SUB,
                                    false
                                )
                            ),
                            Op::IAddImm => arith_imm!(
                                |x, y| Word::int_add(x, Word::int_unchecked(y)),
                                |x, y| Some(x + y),
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::ADD,
                                    true
                                )
                            ),
                            Op::ISubImm => arith_imm!(
                                |x, y| Word::int_sub(x, Word::int_unchecked(y)),
                                |x, y| Some(x - y),
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::SUB,
                                    true
                                )
                            ),
                            Op::MulImm => arith_imm!(
                                |x, y| Word::int_mul(x, Word::int_unchecked(y)),
                                |x, y| Some(x * y),
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::MUL,
                                    false
                                )
                            ),
                            Op::FloorDivImm => arith_imm!(
                                |x, y| slow::quick_floordiv(x, Word::int_unchecked(y)),
                                |_, _| None,
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::FLOORDIV,
                                    false
                                )
                            ),
                            Op::ModImm => arith_imm!(
                                |x, y| slow::quick_mod(x, Word::int_unchecked(y)),
                                |_, _| None,
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::REM,
                                    false
                                )
                            ),
                            Op::AndImm => arith_imm!(
                                |x, y| Some(Word::from_bits(
                                    x.bits() & Word::int_unchecked(y).bits()
                                )),
                                |_, _| None,
                                slow::binary_imm(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    imm!(),
                                    protocol::operator::AND,
                                    false
                                )
                            ),
                            Op::Neg => {
                                let x = r!(b);
                                if x.is_int()
                                    && let Some(word) = Word::int_sub(Word::int_unchecked(0), x)
                                {
                                    set!(a, word);
                                    next!(1);
                                }
                                if x.is_float()
                                    && let Some(word) = Word::float(-x.as_float())
                                {
                                    set!(a, word);
                                    next!(1);
                                }
                                check!(slow::unary(ctx, base, a, b, |s| s.neg, "unary -"));
                                next!(1);
                            }
                            Op::Pos => {
                                check!(slow::unary(ctx, base, a, b, |s| s.pos, "unary +"));
                                next!(1);
                            }
                            Op::Invert => {
                                check!(slow::unary(ctx, base, a, b, |s| s.invert, "unary ~"));
                                next!(1);
                            }
                            Op::Not => {
                                let truth = match quick_truth(r!(b)) {
                                    Some(truth) => truth,
                                    None => check!(slow::truth(ctx, base, b)),
                                };
                                set!(a, boolean(!truth));
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
                                let same = Word::same(r!(b), r!(c));
                                slow::consume_two(ctx, base, b, c);
                                set!(a, boolean(same == (op == Op::Is as u8)));
                                next!(1);
                            }
                            Op::In | Op::NotIn => {
                                let found = check!(slow::contains(ctx, base, b, c));
                                set!(a, boolean(found == (op == Op::In as u8)));
                                next!(2);
                            }
                            // --- Jumping
                            Op::Jump => {
                                let offset = (unit as i32 >> 8) as isize;
                                pc = pc.add(1).offset(offset);
                                break;
                            }
                            Op::JumpBack => {
                                if ctx.poll() {
                                    save!();
                                    break 'run Raised::stored();
                                }
                                let offset = (unit as i32 >> 8) as isize;
                                pc = pc.add(1).offset(offset);
                                break;
                            }
                            Op::JumpTrue | Op::JumpFalse => {
                                let truth = match quick_truth(r!(a)) {
                                    Some(truth) => truth,
                                    None => check!(slow::truth(ctx, base, a)),
                                };
                                if truth == (op == Op::JumpTrue as u8) {
                                    jump!(1, 2)
                                } else {
                                    next!(2)
                                }
                            }
                            Op::JumpTrueKeep | Op::JumpFalseKeep => {
                                let truth = match quick_truth(r!(a)) {
                                    Some(truth) => truth,
                                    None => check!(slow::truth_kept(ctx, base, a)),
                                };
                                if truth == (op == Op::JumpTrueKeep as u8) {
                                    jump!(1, 2)
                                }
                                set!(a, Word::NULL);
                                next!(2)
                            }
                            Op::JumpNone | Op::JumpNotNone => {
                                let none = r!(a) == NONE;
                                if !none {
                                    slow::consume(ctx, base, a);
                                }
                                if none == (op == Op::JumpNone as u8) {
                                    jump!(1, 2)
                                } else {
                                    next!(2)
                                }
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
                                let same = Word::same(r!(b), r!(c));
                                slow::consume_two(ctx, base, b, c);
                                if same == (a != 0) {
                                    jump!(1, 2)
                                } else {
                                    next!(2)
                                }
                            }
                            Op::JumpIn => {
                                let found = check!(slow::contains(ctx, base, b, c));
                                if found == (a != 0) {
                                    jump!(1, 3)
                                } else {
                                    next!(3)
                                }
                            }
                            // --- Names
                            Op::LoadGlobal => {
                                match names::quick_global(ctx, base, pc) {
                                    Some(found) => load!(a, found),
                                    None => {
                                        let found =
                                            check!(names::load_global(ctx, base, pc.cast_mut()));
                                        place!(a, found);
                                    }
                                }
                                next!(5);
                            }
                            Op::StoreGlobal => {
                                check!(names::store_global(ctx, base, a, pc.cast_mut()));
                                next!(4);
                            }
                            Op::DeleteGlobal => {
                                check!(names::delete_global(ctx, base, *pc.add(1) as usize));
                                next!(2);
                            }
                            Op::LoadName => {
                                let found = check!(names::load_name(ctx, base, pc.cast_mut()));
                                place!(a, found);
                                next!(5);
                            }
                            Op::StoreName => {
                                check!(names::store_name(ctx, base, a, pc.cast_mut()));
                                next!(4);
                            }
                            Op::DeleteName => {
                                check!(names::delete_name(ctx, base, *pc.add(1) as usize));
                                next!(2);
                            }
                            Op::LoadLocals => {
                                let mapping = check!(names::load_locals(ctx, base));
                                place!(a, mapping);
                                next!(1);
                            }
                            Op::LoadDictGlobal => {
                                check!(names::load_dict_global(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    *pc.add(1) as usize
                                ));
                                next!(2);
                            }
                            Op::LoadDictCell => {
                                check!(names::load_dict_cell(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    c,
                                    *pc.add(1) as usize
                                ));
                                next!(2);
                            }
                            Op::LoadCell => {
                                let value = check!(names::load_cell(ctx, base, b));
                                place!(a, value);
                                next!(1);
                            }
                            Op::StoreCell => {
                                names::store_cell(ctx, base, a, b);
                                next!(1);
                            }
                            Op::DeleteCell => {
                                check!(names::delete_cell(ctx, base, a));
                                next!(1);
                            }
                            Op::MakeCell => {
                                check!(names::make_cell(ctx, base, a));
                                next!(1);
                            }
                            Op::CopyFree => {
                                names::copy_free(ctx, base, a, b);
                                next!(1);
                            }
                            // --- Attributes and items
                            Op::LoadAttr => {
                                match access::quick_attr(ctx, r!(b), pc) {
                                    Some(value) => {
                                        // The object dies when the value is where the collector finds it.
                                        let object = slow::take_operand(base, b);
                                        let old = value.put(&mut *base.add(a));
                                        if object.needs_close() {
                                            object.close(ctx);
                                        }
                                        if old.needs_close() {
                                            drop_old(ctx, old);
                                        }
                                    }
                                    None => {
                                        check!(access::load_attr(ctx, base, a, b, pc.cast_mut()))
                                    }
                                }
                                next!(8);
                            }
                            Op::StoreAttr => {
                                check!(access::store_attr(ctx, base, a, b, pc.cast_mut()));
                                next!(6);
                            }
                            Op::DeleteAttr => {
                                check!(access::delete_attr(ctx, base, a, *pc.add(1) as usize));
                                next!(2);
                            }
                            Op::LoadMethod => {
                                let lend = c != 0;
                                check!(access::load_method(ctx, base, a, b, lend, pc.cast_mut()));
                                next!(8);
                            }
                            Op::LoadSuperAttr => {
                                check!(access::load_super_attr(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    c,
                                    *pc.add(1) as usize
                                ));
                                next!(2);
                            }
                            Op::LoadSuperMethod => {
                                check!(access::load_super_method(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    *pc.add(1) as usize
                                ));
                                next!(2);
                            }
                            Op::Subscr => {
                                match access::quick_item(ctx, r!(b), r!(c)) {
                                    Some(value) => {
                                        slow::consume_two(ctx, base, b, c);
                                        place!(a, value);
                                    }
                                    None => check!(access::subscr(ctx, base, a, b, c)),
                                }
                                next!(3);
                            }
                            Op::SubscrImm => {
                                let key = Word::int_unchecked(imm!());
                                match access::quick_item(ctx, r!(b), key) {
                                    Some(value) => {
                                        if b >= frame::code(base).nlocals as usize {
                                            slow::consume(ctx, base, b);
                                        }
                                        place!(a, value);
                                    }
                                    None => check!(access::subscr_imm(ctx, base, a, b, key)),
                                }
                                next!(3);
                            }
                            Op::StoreSubscr => {
                                check!(access::store_subscr(ctx, base, a, b, c));
                                next!(2);
                            }
                            Op::DeleteSubscr => {
                                check!(access::delete_subscr(ctx, base, a, b));
                                next!(1);
                            }
                            Op::Slice => {
                                check!(build::slice(ctx, base, a, b));
                                next!(1);
                            }
                            // --- Calls
                            Op::Call => {
                                quick_call!(a, b, 5);
                                let callable = r!(a);
                                if callable.is_object()
                                    && (*callable.as_object()).type_id() == ids::BUILTIN_FUNCTION
                                {
                                    check!(invoke::call_builtin(ctx, base, a, b, c));
                                    next!(5);
                                }
                                enter!(invoke::call(ctx, base, a, b, None, meta(0, 5, c as u32)), 5)
                            }
                            Op::CallMethod => {
                                if !r!(a + HEADER).is_null() {
                                    quick_call!(a, b + 1, 5);
                                    let callable = r!(a);
                                    if callable.is_object()
                                        && (*callable.as_object()).type_id()
                                            == ids::METHOD_DESCRIPTOR
                                    {
                                        check!(invoke::call_descriptor(ctx, base, a, b, c));
                                        next!(5);
                                    }
                                }
                                enter!(
                                    invoke::call_method(
                                        ctx,
                                        base,
                                        a,
                                        b,
                                        None,
                                        meta(0, 5, c as u32)
                                    ),
                                    5
                                )
                            }
                            Op::CallKw => {
                                let names = frame::code(base).constant(*pc.add(1) as usize);
                                enter!(
                                    invoke::call(
                                        ctx,
                                        base,
                                        a,
                                        b,
                                        Some(names),
                                        meta(0, 4, c as u32)
                                    ),
                                    4
                                )
                            }
                            Op::CallMethodKw => {
                                let names = frame::code(base).constant(*pc.add(1) as usize);
                                enter!(
                                    invoke::call_method(
                                        ctx,
                                        base,
                                        a,
                                        b,
                                        Some(names),
                                        meta(0, 4, c as u32)
                                    ),
                                    4
                                )
                            }
                            Op::CallEx => {
                                check!(invoke::call_ex(ctx, base, a, c));
                                next!(1);
                            }
                            Op::Return => {
                                let value = (*base.add(a)).take();
                                let value = if value.word().is_deferred() {
                                    let strong = value.into_strong(ctx);
                                    StackRef::from_steal(ctx, strong)
                                } else {
                                    value
                                };
                                leave!(value, b)
                            }
                            Op::ReturnNone => leave!(StackRef::immediate(NONE), b),
                            // --- Building
                            Op::BuildTuple => {
                                check!(build::tuple(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::BuildList => {
                                check!(build::list(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::BuildSet => {
                                check!(build::set(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::BuildMap => {
                                check!(build::map(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::BuildString => {
                                check!(build::string(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::ListAppend => {
                                check!(build::list_append(ctx, base, a, b));
                                next!(1);
                            }
                            Op::SetAdd => {
                                check!(build::set_add(ctx, base, a, b));
                                next!(1);
                            }
                            Op::MapAdd => {
                                check!(build::map_add(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::ListExtend => {
                                check!(build::list_extend(ctx, base, a, b));
                                next!(1);
                            }
                            Op::SetUpdate => {
                                check!(build::set_update(ctx, base, a, b));
                                next!(1);
                            }
                            Op::DictUpdate => {
                                check!(build::dict_update(ctx, base, a, b));
                                next!(1);
                            }
                            Op::DictMerge => {
                                check!(build::dict_merge(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::ListToTuple => {
                                check!(build::list_to_tuple(ctx, base, a, b));
                                next!(1);
                            }
                            Op::Format => {
                                check!(build::format(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::FormatSpec => {
                                check!(build::format_spec(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::BuildInterpolation => {
                                check!(build::interpolation(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::BuildTemplate => {
                                check!(build::template(ctx, base, a, b, c));
                                next!(1);
                            }
                            // --- Iterating and unpacking
                            Op::GetIter => {
                                check!(iterate::get_iter(ctx, base, a, b));
                                next!(1);
                            }
                            Op::ForIter => {
                                let item = match iterate::quick_next(ctx, r!(a)) {
                                    Some(item) => item,
                                    None => check!(iterate::next(ctx, base, a)),
                                };
                                if item.is_null() {
                                    set!(a, Word::NULL);
                                    jump!(1, 4);
                                }
                                place!(b, item);
                                next!(4);
                            }
                            Op::Unpack => {
                                check!(iterate::unpack(ctx, base, a, b, c));
                                next!(2);
                            }
                            Op::UnpackEx => {
                                check!(iterate::unpack_ex(ctx, base, a, b, *pc.add(1)));
                                next!(2);
                            }
                            // --- Functions and classes
                            Op::MakeFunction => {
                                check!(build::function(
                                    ctx,
                                    base,
                                    a,
                                    b as u32,
                                    c,
                                    *pc.add(1) as usize
                                ));
                                next!(2);
                            }
                            Op::LoadClosure => {
                                load!(a, (*base.add(b)).dup(ctx));
                                next!(1);
                            }
                            Op::LoadBuildClass => {
                                let function = check!(names::load_build_class(ctx, base));
                                place!(a, function);
                                next!(1);
                            }
                            Op::Intrinsic1 => {
                                check!(build::intrinsic_1(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::Intrinsic2 => {
                                check!(build::intrinsic_2(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::SetupAnnotations => {
                                check!(names::setup_annotations(ctx, base));
                                next!(1);
                            }
                            // --- Exceptions
                            Op::Raise => {
                                save!();
                                break 'run except::raise(ctx, base, a);
                            }
                            Op::RaiseFrom => {
                                save!();
                                break 'run except::raise_from(ctx, base, a, b);
                            }
                            Op::RaiseActive => {
                                save!();
                                // The exception has its entry for this frame from when it was raised.
                                recorded = (*thread).handled.is_some();
                                break 'run except::raise_active(ctx);
                            }
                            Op::Reraise => {
                                save!();
                                recorded = true;
                                let exception = frame::take(base, a);
                                break 'run crate::object::exception::raise_again(ctx, exception);
                            }
                            Op::RaiseAssertion => {
                                save!();
                                break 'run except::raise_assertion(ctx, base, a, c);
                            }
                            Op::PushExc => {
                                except::push(ctx, base, a, b);
                                next!(1);
                            }
                            Op::PopExc => {
                                except::pop(ctx, base, a);
                                next!(1);
                            }
                            Op::ExcMatch => {
                                let matched = check!(except::matches(ctx, base, b, c));
                                set!(a, boolean(matched));
                                next!(1);
                            }
                            Op::JumpNotExc => {
                                if check!(except::matches(ctx, base, a, b)) {
                                    next!(2);
                                }
                                jump!(1, 2)
                            }
                            Op::ExcGroupMatch => {
                                check!(except::match_group(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::PrepReraiseStar => {
                                check!(except::prepare_reraise(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::WithEnter => {
                                check!(except::with_enter(ctx, base, a, b));
                                next!(1);
                            }
                            Op::WithExcept => {
                                check!(except::with_except(ctx, base, a, b, c));
                                next!(1);
                            }
                            // --- Generators
                            Op::ReturnGenerator => {
                                let generator = check!(generate::create(ctx, base, pc.add(1)));
                                leave!(generator.into_ref(ctx), 0)
                            }
                            Op::Yield => {
                                let value = frame::take_or_copy(ctx, base, b);
                                save!();
                                return Ok(generate::suspend(
                                    ctx,
                                    base,
                                    value,
                                    Point::Yield { to: a },
                                ));
                            }
                            Op::GetYieldFromIter => {
                                check!(generate::yield_from_iter(ctx, base, a, b));
                                next!(1);
                            }
                            Op::YieldFrom => match check!(generate::delegate(ctx, base, b)) {
                                generate::Delegated::Yielded(value) => {
                                    save!();
                                    return Ok(generate::suspend(
                                        ctx,
                                        base,
                                        value,
                                        Point::From {
                                            to: a,
                                            iterator: b,
                                            wide,
                                        },
                                    ));
                                }
                                generate::Delegated::Returned(value) => {
                                    place!(a, value.into_ref(ctx));
                                    next!(2);
                                }
                            },
                            Op::GetAwaitable
                            | Op::GetAiter
                            | Op::GetAnext
                            | Op::EndAsyncFor
                            | Op::AsyncWithEnter
                            | Op::AsyncGenWrap => {
                                save!();
                                break 'run generate::no_async(ctx);
                            }
                            // --- Imports
                            Op::ImportName => {
                                check!(names::import_name(
                                    ctx,
                                    base,
                                    a,
                                    b,
                                    *pc.add(1) as usize,
                                    *pc.add(2)
                                ));
                                next!(3);
                            }
                            Op::ImportFrom => {
                                check!(names::import_from(ctx, base, a, b, *pc.add(1) as usize));
                                next!(2);
                            }
                            Op::ImportStar => {
                                check!(names::import_star(ctx, base, a));
                                next!(1);
                            }
                            // --- Pattern matching
                            Op::MatchSequence => {
                                let matched = build::matches_sequence(ctx, base, b);
                                set!(a, boolean(matched));
                                next!(1);
                            }
                            Op::MatchMapping => {
                                let matched = build::matches_mapping(ctx, base, b);
                                set!(a, boolean(matched));
                                next!(1);
                            }
                            Op::MatchClass => {
                                check!(build::match_class(
                                    ctx,
                                    base,
                                    [a, b, c],
                                    *pc.add(1) as usize,
                                    *pc.add(2) as usize
                                ));
                                next!(3);
                            }
                            Op::MatchKeys => {
                                check!(build::match_keys(ctx, base, a, b, c));
                                next!(1);
                            }
                            Op::GetLen => {
                                check!(build::get_len(ctx, base, a, b));
                                next!(1);
                            }
                            Op::PrintExpr => {
                                check!(names::print_expr(ctx, base, a));
                                next!(1);
                            }
                        }
                    }
                }
            }
        };
        // An exception is on its way: find its handler, leaving frames that have none.
        let mut raised = raised;
        loop {
            // SAFETY: `base` is the running frame's, `pc` at the instruction that raised.
            unsafe {
                *base.offset(PC) = StackRef::immediate(pack_pointer(pc));
                if !recorded {
                    except::record(ctx, base);
                }
                recorded = false;
                if let Some(handler) = except::handle(ctx, base) {
                    let _ = raised;
                    pc = frame::code(base)
                        .units(py(ctx).copy_index)
                        .add(handler as usize);
                    continue 'unwound;
                }
                let header = frame::flags(base);
                let previous = frame::previous(base);
                raised = except::leave(ctx, base, header, previous, raised);
                if header & (ENTRY | GENERATOR) != 0 {
                    return Err(raised);
                }
                base = previous;
                pc = unpack_pointer(frame::header(base, PC));
                let _ = (FUNC, AUX);
            }
        }
    }
}
