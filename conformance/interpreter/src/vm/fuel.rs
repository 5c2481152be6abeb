//! Fuel: a budget of instructions, after which the program is stopped. For a host that runs code it does not trust.
//!
//! | at a safepoint | costs |
//! |---|---|
//! | a backward jump | the instructions of the loop, from where it jumps to |
//! | the start of a function | all of its instructions |
//! | anywhere else | 1 |
//!
//! So each instruction is paid for about as often as it is executed, in advance, by its weight in the table
//! ([`Info::weight`](crate::op::Info)); what is specialised, and in which image, makes no difference. Native functions cost what their call costs. One
//! bit of every thread's breaker word stays up, so that each safepoint comes here; without a budget nothing does, and nothing is counted.
//!
//! When the fuel is gone RuntimeError is raised, and again at every safepoint from then on: who catches it does not get far.

use super::frame;
use super::thread::{py, rt};
use crate::error::raise;
use crate::object::code::PyCode;
use crate::object::payload::Body;
use crate::op::Op;
use crate::op::effect::Instruction;
use core::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use kit_core::thread::{Ctx, breaker};

/// The bit of the breaker word, which brings a thread to every safepoint; [`zeal`](crate::module::gc::zeal) has the same.
pub const BIT: u32 = breaker::EMBEDDER;

/// The budget of a runtime.
#[derive(Default)]
pub struct Fuel {
    is_limited: AtomicBool,
    left: AtomicI64,
}

impl Fuel {
    /// Gives the threads that start from now on so much, together.
    pub fn set(&self, fuel: u64) {
        // Relaxed, here and below: a number; who starts a thread orders the rest.
        self.left
            .store(i64::try_from(fuel).unwrap_or(i64::MAX), Relaxed);
        self.is_limited.store(true, Relaxed);
    }

    /// What is left; `None` without a limit.
    pub fn left(&self) -> Option<u64> {
        let left = self.left.load(Relaxed);
        self.is_limited.load(Relaxed).then(|| left.max(0) as u64)
    }
}

/// A thread starts.
pub fn start(ctx: &Ctx) {
    if rt(ctx).fuel.is_limited.load(Relaxed) {
        ctx.thread().core.breaker.raise(BIT);
    }
}

/// A thread is at a safepoint, and its bit is up. True: the fuel is gone, and an exception is stored.
pub fn safepoint(ctx: &mut Ctx) -> bool {
    let fuel = &rt(ctx).fuel;
    if !fuel.is_limited.load(Relaxed) {
        return false;
    }
    let cost = cost(ctx);
    if fuel.left.fetch_sub(cost, Relaxed) >= cost {
        return false;
    }
    fuel.left.store(0, Relaxed);
    let _ = raise!(ctx, RuntimeError, "out of fuel");
    true
}

fn cost(ctx: &mut Ctx) -> i64 {
    let base = py(ctx).base;
    if base.is_null() {
        return 1;
    }
    // SAFETY: the running frame, which has saved where it is.
    let (code, unit) = unsafe { (frame::code(base), frame::unit(ctx, base) as usize) };
    let sums = code.weights();
    let (Some(&here), Some(&all)) = (sums.get(unit), sums.last()) else {
        return 1;
    };
    let units = &code.code.units;
    let cost = match Op::from_u8(units[unit] as u8) {
        Some(Op::JumpBack) => {
            let target = Instruction::decode(units, unit)
                .ok()
                .and_then(|jump| jump.target(units))
                .and_then(|target| sums.get(usize::try_from(target).ok()?));
            (here + 1).saturating_sub(target.copied().unwrap_or(here))
        }
        _ if unit == 0 => all,
        _ => 1,
    };
    i64::from(cost)
}

impl Body<PyCode> {
    /// For each unit, and for the end, what the instructions in front of it weigh together.
    fn weights(&self) -> &[u32] {
        self.weights.get_or_init(|| {
            let units = &self.code.units;
            let mut sums = vec![0; units.len() + 1];
            let (mut at, mut sum) = (0, 0u32);
            while let Ok(instruction) = Instruction::decode(units, at) {
                sums[at..instruction.next].fill(sum);
                sum = sum.saturating_add(instruction.op.info().weight.into());
                at = instruction.next;
            }
            sums[at..].fill(sum);
            sums.into()
        })
    }
}
