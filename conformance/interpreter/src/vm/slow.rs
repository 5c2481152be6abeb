//! What arithmetic, comparison and truth do when the operands are not both immediates of a kind.
//!
//! Every function gets the registers' numbers, reads operands by the rule (a local is borrowed, a
//! temporary consumed, and only when the operation succeeds), and writes the destination last.

use super::frame::{self, Base};
use crate::error::PyResult;
use crate::object::obj::Obj;
use crate::object::protocol::{self, Operator, operator};
use crate::object::slots::{Comparison, Slots, Unary};
use crate::object::str_::PyStr;
use crate::object::{float, int, str_};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::{StackRef, is_unique_temporary};
use kit_core::thread::Ctx;

/// The value in a register, borrowed: a copy of the word, not counted.
///
/// While an operation runs code of the language, that may assign a local through `f_locals`. The frame object then
/// keeps the old value ([`crate::vm::observe`]), so that the copy stays good, where a reference into the register would not.
pub struct Operand(Word);

impl core::ops::Deref for Operand {
    type Target = Obj;
    #[inline(always)]
    fn deref(&self) -> &Obj {
        // SAFETY: not null, and kept while the operand is used, as who made it promised.
        unsafe { Obj::borrow_word(&self.0) }
    }
}

/// The value in a register, borrowed.
///
/// # Safety
/// - The register holds a value. While the result is used, the frame's code does not run, and nobody empties a temporary.
#[inline(always)]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub unsafe fn borrow(base: Base, index: usize) -> Operand {
    // SAFETY: by the contract.
    Operand(unsafe { (*base.add(index)).word() })
}

/// Whether a register is a temporary.
///
/// # Safety
/// - `base` is a frame's.
#[inline(always)]
pub unsafe fn is_temporary(base: Base, index: usize) -> bool {
    // SAFETY: by the contract.
    index >= unsafe { frame::code(base) }.nlocals as usize
}

/// Empties a register that was read, if it is a temporary.
///
/// # Safety
/// - `base` is the running frame's.
#[inline]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub unsafe fn consume(ctx: &mut Ctx, base: Base, index: usize) {
    // SAFETY: the register is inside the window.
    unsafe {
        let register = base.add(index);
        if (*register).is_object() && is_temporary(base, index) {
            StackRef::clear(register, ctx);
        }
    }
}

/// Moves an operand that is an object out of its register, if that is a temporary; for the caller to close when the
/// result is in place.
///
/// # Safety
/// - `base` is a frame's.
#[inline(always)]
pub unsafe fn take_operand(base: Base, index: usize) -> StackRef {
    // SAFETY: the register is inside the window.
    unsafe {
        if is_temporary(base, index) {
            (*base.add(index)).take()
        } else {
            StackRef::NULL
        }
    }
}

/// Empties two registers that were read.
///
/// # Safety
/// - As [`consume`].
#[inline(always)]
pub unsafe fn consume_two(ctx: &mut Ctx, base: Base, b: usize, c: usize) {
    // SAFETY: as the caller says.
    unsafe {
        consume(ctx, base, b);
        consume(ctx, base, c);
    }
}

/// Writes a register, dropping what it held.
///
/// # Safety
/// - As [`consume`].
#[inline(always)]
#[cfg_attr(feature = "debug-refs", track_caller)]
pub unsafe fn store(ctx: &mut Ctx, base: Base, index: usize, value: Obj) {
    let value = value.into_ref(ctx);
    // SAFETY: as the caller says.
    unsafe { StackRef::set(base.add(index), ctx, value) };
    ctx.drain();
}

/// The quotient of small integers that doubles represent exactly.
#[inline(always)]
pub fn quick_int_div(x: Word, y: Word) -> Option<Word> {
    const EXACT: u64 = 1 << 53;
    let (x, y) = (x.as_int(), y.as_int());
    if y == 0 || x.unsigned_abs() > EXACT || y.unsigned_abs() > EXACT {
        return None;
    }
    Word::float(x as f64 / y as f64)
}

/// The value of an immediate double.
#[inline(always)]
pub fn quick_float(word: Word) -> Option<f64> {
    word.is_float().then(|| word.as_float())
}

/// `x / y` of doubles.
#[inline(always)]
pub fn quick_div(x: f64, y: f64) -> Option<f64> {
    (y != 0.0).then(|| x / y)
}

/// `x & y` of small integers.
#[inline(always)]
pub fn quick_and(x: Word, y: Word) -> Option<Word> {
    Some(Word::from_bits(x.bits() & y.bits()))
}

/// `x | y` of small integers.
#[inline(always)]
pub fn quick_or(x: Word, y: Word) -> Option<Word> {
    Some(Word::from_bits(x.bits() | y.bits()))
}

/// `x ^ y` of small integers.
#[inline(always)]
pub fn quick_xor(x: Word, y: Word) -> Option<Word> {
    Some(Word::from_bits(
        x.bits() ^ y.bits() ^ Word::int_unchecked(0).bits(),
    ))
}

/// `x // y` of small integers.
#[inline(always)]
pub fn quick_floordiv(x: Word, y: Word) -> Option<Word> {
    let (x, y) = (x.as_int(), y.as_int());
    if y == 0 {
        return None;
    }
    let quotient = x / y;
    let quotient = if x % y != 0 && (x < 0) != (y < 0) {
        quotient - 1
    } else {
        quotient
    };
    Word::int(quotient)
}

/// `x % y` of small integers.
#[inline(always)]
pub fn quick_mod(x: Word, y: Word) -> Option<Word> {
    let (x, y) = (x.as_int(), y.as_int());
    if y == 0 {
        return None;
    }
    let rest = x % y;
    Some(Word::int_unchecked(if rest != 0 && (rest < 0) != (y < 0) {
        rest + y
    } else {
        rest
    }))
}

/// `x << y` of small integers.
#[inline(always)]
pub fn quick_lshift(x: Word, y: Word) -> Option<Word> {
    let (x, y) = (x.as_int(), y.as_int());
    if !(0..62).contains(&y) {
        return None;
    }
    let shifted = x << y;
    if shifted >> y == x {
        Word::int(shifted)
    } else {
        None
    }
}

/// `x >> y` of small integers.
#[inline(always)]
pub fn quick_rshift(x: Word, y: Word) -> Option<Word> {
    let (x, y) = (x.as_int(), y.as_int());
    (y >= 0).then(|| Word::int_unchecked(x >> y.min(63)))
}

/// Floats and small integers mixed, or floats that are not immediates.
fn as_float(value: &Obj) -> Option<f64> {
    match value.as_small_int() {
        Some(value) if value.unsigned_abs() <= 1 << 53 => Some(value as f64),
        Some(_) => None,
        None => float::exact(value),
    }
}

fn quick_mixed(ctx: &mut Ctx, x: &Obj, y: &Obj, op: Operator) -> Option<PyResult> {
    if !(x.word().is_float() || y.word().is_float()) {
        return None;
    }
    let (x, y) = (as_float(x)?, as_float(y)?);
    let value = match op.symbol {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" if y != 0.0 => x / y,
        _ => return None,
    };
    Some(float::new(ctx, value))
}

/// `r[a] = r[b] op r[c]`.
///
/// # Safety
/// - `base` is the running frame's; the registers are as the operation's row says.
#[inline(never)]
pub unsafe fn binary(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
    op: Operator,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (x, y) = (borrow(base, b), borrow(base, c));
        let result = match quick_mixed(ctx, &x, &y, op) {
            Some(result) => result?,
            None => protocol::binary(ctx, &x, &y, op)?,
        };
        consume_two(ctx, base, b, c);
        store(ctx, base, a, result);
    }
    Ok(())
}

/// `r[a] = r[b] + r[c]`; a string that only this register has grows in place.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn add(ctx: &mut Ctx, base: Base, a: usize, b: usize, c: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (x, y) = (borrow(base, b), borrow(base, c));
        if let (Some(left), Some(_)) = (x.downcast_exact::<PyStr>(), y.downcast_exact::<PyStr>()) {
            // The left operand dies here if it is a temporary, or the local that is assigned.
            let dies = a == b || is_temporary(base, b);
            let operand = core::slice::from_ref(&*base.add(b));
            if dies && b != c && is_unique_temporary(ctx, operand, &left.header) {
                let left = Obj::from_ref((*base.add(b)).take());
                let result = str_::concat_in_place(ctx, left, &y)?;
                consume(ctx, base, c);
                store(ctx, base, a, result);
                return Ok(());
            }
            let result = str_::concat(ctx, &x, &y)?;
            consume_two(ctx, base, b, c);
            store(ctx, base, a, result);
            return Ok(());
        }
        binary(ctx, base, a, b, c, operator::ADD)
    }
}

/// `r[a] = iadd(r[b], r[c])`.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn in_place_add(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        if borrow(base, b).downcast_exact::<PyStr>().is_some() {
            return add(ctx, base, a, b, c);
        }
        in_place(ctx, base, a, b, c, operator::ADD)
    }
}

/// `r[a] = r[b] op= r[c]`.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn in_place(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
    op: Operator,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (x, y) = (borrow(base, b), borrow(base, c));
        let result = match quick_mixed(ctx, &x, &y, op) {
            Some(result) => result?,
            None => protocol::in_place(ctx, &x, &y, op)?,
        };
        consume_two(ctx, base, b, c);
        store(ctx, base, a, result);
    }
    Ok(())
}

/// `r[a] = r[b] op imm`, or the in-place form.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn binary_imm(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    imm: i64,
    op: Operator,
    in_place: bool,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (x, y) = (borrow(base, b), Obj::small_int(imm));
        let result = match quick_mixed(ctx, &x, &y, op) {
            Some(result) => result?,
            None if in_place => protocol::in_place(ctx, &x, &y, op)?,
            None => protocol::binary(ctx, &x, &y, op)?,
        };
        consume(ctx, base, b);
        store(ctx, base, a, result);
    }
    Ok(())
}

/// `r[a] = r[b] ** r[c]`.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn power(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
    in_place: bool,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (x, y) = (borrow(base, b), borrow(base, c));
        let result = match (x.as_immediate_float(), y.as_small_int()) {
            (Some(x), Some(2)) => float::new(ctx, x * x)?,
            _ => match (x.as_small_int(), y.as_small_int()) {
                (Some(x), Some(y))
                    if (0..=64).contains(&y) && x.checked_pow(y as u32).is_some() =>
                {
                    int::from_i64(ctx, x.pow(y as u32))?
                }
                _ if in_place => protocol::in_place_power(ctx, &x, &y)?,
                _ => protocol::power(ctx, &x, &y, &Obj::NONE)?,
            },
        };
        consume_two(ctx, base, b, c);
        store(ctx, base, a, result);
    }
    Ok(())
}

/// `r[a] = op r[b]`.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn unary(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    slot: fn(&Slots) -> Option<Unary>,
    symbol: &str,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let result = protocol::unary(ctx, &borrow(base, b), slot, symbol)?;
        consume(ctx, base, b);
        store(ctx, base, a, result);
    }
    Ok(())
}

/// `r[a] = r[b] < r[c]` and so on.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn compare(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
    op: Comparison,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let (x, y) = (borrow(base, b), borrow(base, c));
        let result = match quick_compare(&x, &y, op) {
            Some(holds) => Obj::bool(holds),
            None => protocol::compare(ctx, &x, &y, op)?,
        };
        consume_two(ctx, base, b, c);
        store(ctx, base, a, result);
    }
    Ok(())
}

fn quick_compare(x: &Obj, y: &Obj, op: Comparison) -> Option<bool> {
    if let (Some(x), Some(y)) = (x.downcast_exact::<PyStr>(), y.downcast_exact::<PyStr>()) {
        return Some(match op {
            Comparison::Eq => x.bytes() == y.bytes(),
            Comparison::Ne => x.bytes() != y.bytes(),
            _ => op.holds(x.bytes().cmp(y.bytes())),
        });
    }
    None
}

/// The truth of `r[b] < r[c]` and so on.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn compare_truth(
    ctx: &mut Ctx,
    base: Base,
    b: usize,
    c: usize,
    op: Comparison,
) -> PyResult<bool> {
    // SAFETY: by the contract.
    unsafe {
        let (x, y) = (borrow(base, b), borrow(base, c));
        let holds = match quick_compare(&x, &y, op) {
            Some(holds) => holds,
            None => protocol::compare_truth(ctx, &x, &y, op)?,
        };
        consume_two(ctx, base, b, c);
        ctx.drain();
        Ok(holds)
    }
}

/// The truth of `r[b] < imm` and so on.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn compare_truth_imm(
    ctx: &mut Ctx,
    base: Base,
    b: usize,
    imm: i64,
    op: Comparison,
) -> PyResult<bool> {
    // SAFETY: by the contract.
    unsafe {
        let holds = protocol::compare_truth(ctx, &borrow(base, b), &Obj::small_int(imm), op)?;
        consume(ctx, base, b);
        ctx.drain();
        Ok(holds)
    }
}

/// `bool(r[a])`, consumed.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn truth(ctx: &mut Ctx, base: Base, a: usize) -> PyResult<bool> {
    // SAFETY: by the contract.
    unsafe {
        let truth = protocol::truth(ctx, &borrow(base, a))?;
        consume(ctx, base, a);
        ctx.drain();
        Ok(truth)
    }
}

/// `bool(r[a])`, which stays.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn truth_kept(ctx: &mut Ctx, base: Base, a: usize) -> PyResult<bool> {
    // SAFETY: by the contract.
    let value = unsafe { borrow(base, a) };
    let truth = protocol::truth(ctx, &value)?;
    ctx.drain();
    Ok(truth)
}

/// `r[b] in r[c]`.
///
/// # Safety
/// - As [`binary`].
#[inline(never)]
pub unsafe fn contains(ctx: &mut Ctx, base: Base, b: usize, c: usize) -> PyResult<bool> {
    // SAFETY: by the contract.
    unsafe {
        let found = protocol::contains(ctx, &borrow(base, c), &borrow(base, b))?;
        consume_two(ctx, base, b, c);
        ctx.drain();
        Ok(found)
    }
}
