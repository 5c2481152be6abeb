//! Temporaries hold what they should: the part of the verifier that follows control flow.
//!
//! A temporary is dead (Null), live, or, where paths disagree, either. The VM trusts that what an instruction reads is live
//! and that what it writes is dead; a value overwritten would never be dropped. `CLEAR` alone may be applied to a temporary that is
//! either. At a handler the temporaries from its depth up are dead, but for the exception.
//!
//! What a local lends to a window is live too. Until the call consumes it, nothing else does, the local is not assigned,
//! and the frame is not suspended.

use super::effect::{Access, Instruction};
use super::table::WINDOW;
use super::verify::VerifyError;
use super::{Op, Operand};
use crate::code::Code;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Dead,
    Live,
    /// Live, kept by the local.
    Lent(u32),
    Either,
}

/// Checks every path through `code`, which decodes and whose jumps land on instructions.
pub(super) fn check(code: &Code, decoded: &[Instruction]) -> Result<(), VerifyError> {
    let mut checker = Checker {
        code,
        before: vec![None; code.units.len()],
        work: Vec::new(),
    };
    checker.merge(0, vec![State::Dead; (code.nregs - code.nlocals) as usize]);
    let mut at = vec![usize::MAX; code.units.len()];
    for (index, instruction) in decoded.iter().enumerate() {
        at[instruction.start] = index;
    }
    while let Some(unit) = checker.work.pop() {
        let Some(instruction) = decoded.get(at[unit]) else {
            return Err(VerifyError::FallsOff);
        };
        checker.step(instruction)?;
    }
    Ok(())
}

struct Checker<'a> {
    code: &'a Code,
    before: Vec<Option<Vec<State>>>,
    work: Vec<usize>,
}

impl Checker<'_> {
    fn merge(&mut self, unit: usize, state: Vec<State>) {
        let Some(slot) = self.before.get_mut(unit) else {
            return;
        };
        match slot {
            None => {
                *slot = Some(state);
                self.work.push(unit);
            }
            Some(known) => {
                let mut changed = false;
                for (known, new) in known.iter_mut().zip(state) {
                    if *known != new && *known != State::Either {
                        *known = State::Either;
                        changed = true;
                    }
                }
                if changed {
                    self.work.push(unit);
                }
            }
        }
    }

    fn step(&mut self, instruction: &Instruction) -> Result<(), VerifyError> {
        let code = self.code;
        let unit = instruction.start;
        let Some(mut state) = self.before[unit].clone() else {
            return Ok(());
        };
        if let Some(handler) = code.handler_at(unit as u32) {
            let depth = (handler.depth - code.nlocals) as usize;
            let mut caught = state.clone();
            caught[depth..].fill(State::Dead);
            caught[depth] = State::Live;
            self.merge(handler.handler as usize, caught);
        }
        let index = |register: u32| {
            register
                .checked_sub(code.nlocals)
                .map(|index| index as usize)
        };
        let expect = |state: &mut [State], register: u32, wanted: State, then: State| match index(
            register,
        ) {
            Some(at) if state[at] == wanted => {
                state[at] = then;
                Ok(())
            }
            Some(_) => Err(VerifyError::Liveness(unit, register)),
            None => Ok(()),
        };
        let (a, op) = (instruction.a, instruction.op);
        let calls = matches!(
            op,
            Op::Call | Op::CallKw | Op::CallMethod | Op::CallMethodKw
        );
        let lent = |state: &[State]| state.iter().any(|state| matches!(state, State::Lent(_)));
        let suspends = matches!(op, Op::Yield | Op::YieldFrom | Op::ReturnGenerator);
        if suspends && lent(&state) {
            return Err(VerifyError::Lent(unit));
        }
        if calls {
            // What a call consumes may be lent.
            let count = instruction.window();
            let first = index(a).unwrap_or(0);
            for state in state.iter_mut().skip(first).take(count as usize) {
                if matches!(state, State::Lent(_)) {
                    *state = State::Live;
                }
            }
        }
        let mut result = Ok(());
        let mut reads = |access: Access, first: u32, count: u32, state: &mut [State]| {
            let then = if access == Access::Keep {
                State::Live
            } else {
                State::Dead
            };
            for register in first..first + count {
                result = result.and(expect(state, register, State::Live, then));
            }
        };
        // Windows are read in parts.
        match op {
            Op::Call | Op::CallKw => {
                reads(Access::Read, a, 1, &mut state);
                reads(Access::Read, a + WINDOW, instruction.b, &mut state);
            }
            Op::CallMethod | Op::CallMethodKw => {
                reads(Access::Read, a, 1, &mut state);
                reads(Access::Read, a + WINDOW, instruction.b + 1, &mut state);
            }
            Op::CallEx => {
                reads(Access::Read, a, 1, &mut state);
                reads(Access::Read, a + WINDOW, 1, &mut state);
                if let Some(at) = index(a + WINDOW + 1) {
                    state[at] = State::Dead;
                }
            }
            Op::LoadMethod => reads(Access::Read, instruction.b, 1, &mut state),
            Op::LoadSuperAttr | Op::LoadSuperMethod => {
                reads(Access::Read, a + WINDOW, 3, &mut state)
            }
            Op::Clear => {
                if let Some(at) = index(a) {
                    state[at] = State::Dead;
                }
            }
            _ => instruction.registers(&code.units, |access, first, count| {
                if access != Access::Write {
                    reads(access, first, count, &mut state);
                }
            }),
        }
        result?;
        // How many temporaries are dropped with the frame, or put away with it.
        let few = match op {
            Op::Return | Op::ReturnNone => Some(instruction.b),
            Op::Yield => Some(instruction.c),
            Op::YieldFrom => Some(instruction.b.saturating_sub(code.nlocals)),
            _ => None,
        };
        if let Some(few) = few {
            let rest = few as usize..state.len();
            if let Some(at) = rest.into_iter().find(|at| state[*at] != State::Dead) {
                return Err(VerifyError::Liveness(unit, code.nlocals + at as u32));
            }
        }
        let mut taken = state.clone();
        match op {
            Op::JumpTrueKeep | Op::JumpFalseKeep => {
                if let Some(at) = index(a) {
                    taken[at] = State::Live;
                }
            }
            Op::ForIter => {
                if let Some(at) = index(a) {
                    taken[at] = State::Dead;
                }
            }
            _ => {}
        }
        let mut written = Ok(());
        let mut write = |first: u32, count: u32, state: &mut [State]| {
            for register in first..first + count {
                written = written.and(expect(state, register, State::Dead, State::Live));
            }
        };
        match op {
            Op::LoadMethod | Op::LoadSuperMethod => {
                write(a, 1, &mut state);
                write(a + WINDOW, 1, &mut state);
            }
            Op::Clear => {}
            _ => instruction.registers(&code.units, |access, first, count| {
                if access == Access::Write {
                    write(first, count, &mut state);
                }
            }),
        }
        written?;
        match op {
            Op::Lend => {
                state[index(a).ok_or(VerifyError::Lent(unit))?] = State::Lent(instruction.b)
            }
            Op::LoadMethod if instruction.c != 0 && index(instruction.b).is_none() => {
                state[index(a + WINDOW).ok_or(VerifyError::Lent(unit))?] =
                    State::Lent(instruction.b);
            }
            _ => {}
        }
        // A local that is named is assigned, emptied or made a cell.
        let mut assigned = false;
        let operands = op.info().operands;
        for (operand, register) in operands.into_iter().zip([a, instruction.b, instruction.c]) {
            assigned |= operand == Operand::Local
                && op != Op::CheckBound
                && state.contains(&State::Lent(register));
        }
        instruction.registers(&code.units, |access, first, count| {
            if access == Access::Write {
                let mut registers = first..first + count;
                assigned |= registers.any(|register| state.contains(&State::Lent(register)));
            }
        });
        if assigned {
            return Err(VerifyError::Lent(unit));
        }
        if let Some(target) = instruction.target(&code.units) {
            // Jumps other than `FOR_ITER` write nothing.
            self.merge(target as usize, taken);
        }
        if !op.info().terminal {
            self.merge(instruction.next, state);
        }
        Ok(())
    }
}
