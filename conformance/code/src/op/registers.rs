//! Registers hold what instructions take them for: the part of the verifier that follows control flow.
//!
//! A temporary is empty or holds something; where paths disagree, nobody knows. The VM trusts that what an instruction reads is there
//! and that what it writes is empty; a value overwritten would never be dropped. A local that is read is bound, and holds a cell
//! where a cell is wanted. `CLEAR` alone may be applied whatever a register holds.
//!
//! | a temporary holds  | from                                 | and is good for                                   |
//! |--------------------|--------------------------------------|---------------------------------------------------|
//! | a list, set, dict  | `BUILD_LIST`, `BUILD_SET`, `BUILD_MAP` | growing, besides all that values are good for   |
//! | an exception       | the beginning of a handler           | `PUSH_EXC`, besides                               |
//! | what was handled   | `PUSH_EXC`                           | `POP_EXC`: it may be Null                         |
//! | method, receiver   | `LOAD_METHOD` at its window          | the call at that window: the receiver may be Null |
//! | what a local lends | `LEND`, `LOAD_METHOD`                | the call                                          |
//!
//! Until the call consumes what a local lends, the local is not assigned, and the frame is not suspended.
//!
//! An instruction that raises may have consumed its operands, or have written its result: a handler that keeps such registers does not know
//! what they hold. At a handler the temporaries from its depth up are empty, but for the exception.
//!
//! States are kept where control can come from elsewhere, and blocks between such places are followed again until nothing changes:
//! a few times each. Code that would take much longer was made to, and is refused.

use super::effect::{Access, Instruction};
use super::table::WINDOW;
use super::verify::{Layout, VerifyError};
use super::{Op, Operand};
use crate::code::Code;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// What a register holds that is known to hold something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A value.
    Value,
    /// In a local: a cell.
    Cell,
    List,
    Set,
    Dict,
    Exception,
    /// What `POP_EXC` restores, perhaps Null.
    Saved,
    /// What `LOAD_METHOD` opens a window with.
    Method,
    /// The other half of that, perhaps Null.
    Receiver,
}

impl Kind {
    /// Whether any instruction may read it.
    fn is_value(self) -> bool {
        !matches!(self, Kind::Saved | Kind::Receiver)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A local that is unbound, a temporary that is dead.
    Empty,
    Full(Kind),
    /// Kept by this local.
    Lent(u16),
    /// The receiver of a method, perhaps Null, kept by this local.
    LentReceiver(u16),
    Unknown,
}

impl State {
    fn join(self, other: State) -> State {
        match (self, other) {
            (a, b) if a == b => a,
            (State::Full(a), State::Full(b)) if a.is_value() && b.is_value() => {
                State::Full(Kind::Value)
            }
            _ => State::Unknown,
        }
    }

    fn lender(self) -> Option<u32> {
        match self {
            State::Lent(local) | State::LentReceiver(local) => Some(local.into()),
            _ => None,
        }
    }
}

/// How many states of registers are kept at most: so much memory takes what is loaded.
const MOST: usize = 1 << 26;

/// How often states may be put together, for a code object and all in it.
pub(super) const BUDGET: u64 = 1 << 30;

/// Checks every path through code, which decodes and whose jumps land on instructions.
pub(super) fn check(layout: &Layout<'_>, budget: &mut u64) -> Result<(), VerifyError> {
    let code = layout.code;
    let mut leads = vec![false; code.units.len()];
    leads[0] = true;
    for instruction in layout.instructions {
        if let Some(target) = instruction.target(&code.units) {
            leads[target as usize] = true;
        }
    }
    for handler in &code.handlers {
        leads[handler.handler as usize] = true;
    }
    let blocks = leads.iter().filter(|leads| **leads).count();
    if blocks.saturating_mul(code.nregs as usize) > MOST {
        return Err(VerifyError::TooComplex);
    }
    let mut checker = Checker {
        layout,
        budget,
        leads,
        before: vec![None; code.units.len()],
        work: BTreeSet::new(),
        state: Vec::new(),
        lent: 0,
        touched: Vec::new(),
    };
    let parameters = code.parameters() as usize;
    checker.state = vec![State::Empty; code.nregs as usize];
    checker.state[..parameters].fill(State::Full(Kind::Value));
    checker.merge(0)?;
    while let Some(unit) = checker.work.pop_first() {
        checker.block(unit)?;
    }
    Ok(())
}

struct Checker<'a> {
    layout: &'a Layout<'a>,
    budget: &'a mut u64,
    /// Whether control comes to this unit from elsewhere.
    leads: Vec<bool>,
    /// What registers hold there.
    before: Vec<Option<Box<[State]>>>,
    work: BTreeSet<usize>,
    /// What they hold where the checker is.
    state: Vec<State>,
    /// How many of them are lent.
    lent: u32,
    /// Those that the last instruction has changed.
    touched: Vec<u32>,
}

impl Checker<'_> {
    fn code(&self) -> &'_ Code {
        self.layout.code
    }

    fn spend(&mut self, count: usize) -> Result<(), VerifyError> {
        *self.budget = self
            .budget
            .checked_sub(count as u64)
            .ok_or(VerifyError::TooComplex)?;
        Ok(())
    }

    /// Control comes to `unit` from here.
    fn merge(&mut self, unit: usize) -> Result<(), VerifyError> {
        self.spend(self.state.len())?;
        let changed = match &mut self.before[unit] {
            None => {
                self.before[unit] = Some(self.state.clone().into());
                true
            }
            Some(known) => {
                let mut changed = false;
                for (known, new) in known.iter_mut().zip(&self.state) {
                    let both = known.join(*new);
                    changed |= both != *known;
                    *known = both;
                }
                changed
            }
        };
        if changed {
            self.work.insert(unit);
        }
        Ok(())
    }

    /// An instruction here may raise, so control may come to this handler.
    fn merge_handler(&mut self, handler: usize) -> Result<(), VerifyError> {
        let handler = self.code().handlers[handler];
        let depth = handler.depth as usize;
        let above = self.state[depth..].to_vec();
        self.state[depth..].fill(State::Empty);
        self.state[depth] = State::Full(Kind::Exception);
        self.merge(handler.handler as usize)?;
        self.state[depth..].copy_from_slice(&above);
        Ok(())
    }

    /// As [`Checker::merge_handler`], of what was merged before, but for the registers touched since; `fails` if it is the instruction that
    /// touches them which raises.
    fn merge_touched(&mut self, handler: usize, fails: bool) {
        let handler = self.layout.code.handlers[handler];
        let nlocals = self.layout.code.nlocals;
        let Some(known) = &mut self.before[handler.handler as usize] else {
            return;
        };
        for &register in &self.touched {
            if register >= handler.depth {
                continue;
            }
            let known = &mut known[register as usize];
            let both = if fails && register >= nlocals {
                State::Unknown
            } else {
                known.join(self.state[register as usize])
            };
            if both != *known {
                *known = both;
                self.work.insert(handler.handler as usize);
            }
        }
    }

    /// Follows the instructions from `unit` to where control may come from elsewhere, or goes there.
    fn block(&mut self, unit: usize) -> Result<(), VerifyError> {
        let Some(before) = &self.before[unit] else {
            return Ok(());
        };
        self.state.copy_from_slice(before);
        let lent = self.state.iter().filter(|state| state.lender().is_some());
        self.lent = lent.count() as u32;
        self.spend(self.state.len())?;
        let mut index = self.layout.index(unit);
        let mut around = None;
        loop {
            let Some(instruction) = self.layout.instructions.get(index) else {
                return Err(VerifyError::FallsOff);
            };
            let handler = self.layout.handlers[index];
            if let Some(handler) = handler {
                if around == Some(handler) {
                    self.merge_touched(handler, false);
                } else {
                    self.merge_handler(handler)?;
                }
            }
            around = handler;
            self.touched.clear();
            self.step(instruction)?;
            self.spend(1 + self.touched.len())?;
            let fails = !matches!(
                instruction.op,
                Op::Drop | Op::Clear | Op::DeleteLocal | Op::PopExc
            );
            if let Some(handler) = handler
                && fails
            {
                self.merge_touched(handler, true);
            }
            if instruction.op.info().terminal {
                return Ok(());
            }
            if self.leads[instruction.next] {
                return self.merge(instruction.next);
            }
            index += 1;
        }
    }

    fn set(&mut self, register: u32, to: State) {
        let state = &mut self.state[register as usize];
        self.lent -= u32::from(state.lender().is_some());
        self.lent += u32::from(to.lender().is_some());
        *state = to;
        self.touched.push(register);
    }

    fn is_local(&self, register: u32) -> bool {
        register < self.code().nlocals
    }

    /// The register holds a value, which stays.
    fn keep(&self, at: usize, register: u32) -> Result<Kind, VerifyError> {
        match self.state[register as usize] {
            State::Full(kind) if kind.is_value() => Ok(kind),
            _ => Err(VerifyError::Liveness(at, register)),
        }
    }

    /// The temporary holds a value of this kind, which stays.
    fn keep_kind(&self, at: usize, register: u32, kind: Kind) -> Result<(), VerifyError> {
        if self.state[register as usize] == State::Full(kind) {
            Ok(())
        } else {
            Err(VerifyError::Kind(at, register))
        }
    }

    /// The register holds a value, which is borrowed from a local and taken from a temporary.
    fn read(&mut self, at: usize, register: u32) -> Result<Kind, VerifyError> {
        let kind = self.keep(at, register)?;
        if !self.is_local(register) {
            self.set(register, State::Empty);
        }
        Ok(kind)
    }

    /// The register is written.
    fn write(&mut self, at: usize, register: u32, kind: Kind) -> Result<(), VerifyError> {
        let kind = if self.is_local(register) {
            self.assign(at, register)?;
            // A program may assign a variable from outside, but not change what is a cell.
            match kind {
                Kind::Cell => Kind::Cell,
                _ => Kind::Value,
            }
        } else {
            self.empty(at, register)?;
            kind
        };
        self.set(register, State::Full(kind));
        Ok(())
    }

    /// The local is about to change, so it lends nothing.
    fn assign(&self, at: usize, local: u32) -> Result<(), VerifyError> {
        if self.lent > 0 && self.state.iter().any(|state| state.lender() == Some(local)) {
            return Err(VerifyError::Lent(at));
        }
        Ok(())
    }

    fn empty(&self, at: usize, register: u32) -> Result<(), VerifyError> {
        if self.state[register as usize] == State::Empty {
            Ok(())
        } else {
            Err(VerifyError::Liveness(at, register))
        }
    }

    fn all_empty(&self, at: usize, from: u32, to: u32) -> Result<(), VerifyError> {
        (from..to).try_for_each(|register| self.empty(at, register))
    }

    /// The window at `a` is called with arguments up to `end`. The callee's frame lies over it and what is above.
    fn window(&mut self, at: usize, a: u32, arguments: u32, end: u32) -> Result<(), VerifyError> {
        self.all_empty(at, a + 1, a + WINDOW)?;
        for register in arguments..end {
            match self.state[register as usize] {
                State::Lent(_) => self.set(register, State::Empty),
                _ => drop(self.read(at, register)?),
            }
        }
        self.spend((self.code().nregs - end) as usize)?;
        self.all_empty(at, end, self.code().nregs)
    }

    fn step(&mut self, instruction: &Instruction) -> Result<(), VerifyError> {
        let at = instruction.start;
        let (op, a, b, c) = (instruction.op, instruction.a, instruction.b, instruction.c);
        // Of what has no window it means nothing.
        let first = a.wrapping_add(WINDOW);
        let mut kind = Kind::Value;
        match op {
            Op::Call | Op::CallKw => {
                self.read(at, a)?;
                self.window(at, a, first, first + b)?;
            }
            Op::CallMethod | Op::CallMethodKw => {
                self.keep_kind(at, a, Kind::Method)?;
                self.set(a, State::Empty);
                match self.state[first as usize] {
                    State::Full(Kind::Receiver) | State::LentReceiver(_) => {
                        self.set(first, State::Empty);
                    }
                    _ => return Err(VerifyError::Kind(at, first)),
                }
                self.window(at, a, first + 1, first + 1 + b)?;
            }
            Op::CallEx => {
                self.read(at, a)?;
                self.read(at, first)?;
                if self.state[first as usize + 1] != State::Empty {
                    self.read(at, first + 1)?;
                }
                self.window(at, a, first, first)?;
            }
            Op::LoadMethod => {
                self.read(at, b)?;
                self.write(at, a, Kind::Method)?;
                self.write(at, first, Kind::Receiver)?;
                if c != 0 && self.is_local(b) {
                    self.set(first, State::LentReceiver(b as u16));
                }
                return Ok(());
            }
            Op::LoadSuperAttr | Op::LoadSuperMethod => {
                for register in first..first + 3 {
                    self.read(at, register)?;
                }
                if op == Op::LoadSuperMethod {
                    self.write(at, a, Kind::Method)?;
                    return self.write(at, first, Kind::Receiver);
                }
            }
            Op::Lend => {
                self.keep(at, b)?;
                self.empty(at, a)?;
                self.set(a, State::Lent(b as u16));
                return Ok(());
            }
            Op::Clear => {
                if self.is_local(a) {
                    self.assign(at, a)?;
                }
                self.set(a, State::Empty);
                return Ok(());
            }
            Op::DeleteLocal => {
                self.assign(at, a)?;
                self.set(a, State::Empty);
                return Ok(());
            }
            Op::CheckBound => {
                if !matches!(self.state[a as usize], State::Full(_)) {
                    self.set(a, State::Full(Kind::Value));
                }
                return Ok(());
            }
            Op::MakeCell => return self.write(at, a, Kind::Cell),
            Op::Drop => {
                if !matches!(self.state[a as usize], State::Full(_)) {
                    return Err(VerifyError::Liveness(at, a));
                }
                self.set(a, State::Empty);
                return Ok(());
            }
            Op::PopExc => {
                self.keep_kind(at, a, Kind::Saved)?;
                self.set(a, State::Empty);
                return Ok(());
            }
            Op::PushExc => {
                self.keep_kind(at, b, Kind::Exception)?;
                kind = Kind::Saved;
            }
            Op::Copy | Op::Move => {
                let of = if op == Op::Copy {
                    self.keep(at, b)?
                } else {
                    self.read(at, b)?
                };
                // A method belongs to its window.
                if of != Kind::Method && of != Kind::Cell {
                    kind = of;
                }
            }
            Op::ListToTuple => {
                self.keep_kind(at, b, Kind::List)?;
                self.read(at, b)?;
            }
            Op::PrepReraiseStar => {
                self.keep_kind(at, c, Kind::List)?;
                self.operands(instruction)?;
            }
            _ => {
                self.operands(instruction)?;
                // What grows is what was made to.
                match op {
                    Op::ListAppend | Op::ListExtend => self.keep_kind(at, a, Kind::List)?,
                    Op::SetUpdate => self.keep_kind(at, a, Kind::Set)?,
                    Op::MapAdd | Op::DictUpdate | Op::DictMerge => {
                        self.keep_kind(at, a, Kind::Dict)?;
                    }
                    Op::BuildList => kind = Kind::List,
                    Op::BuildSet => kind = Kind::Set,
                    Op::BuildMap => kind = Kind::Dict,
                    Op::CopyFree => kind = Kind::Cell,
                    _ => {}
                }
            }
        }
        self.suspend(instruction)?;
        if let Some(target) = instruction.target(&self.code().units) {
            // An exhausted iterator is dropped, and nothing written; other jumps write nothing.
            let there = match op {
                Op::JumpTrueKeep | Op::JumpFalseKeep => Some(State::Full(Kind::Value)),
                Op::ForIter => Some(State::Empty),
                _ => None,
            };
            match there {
                Some(there) => {
                    let here = self.state[a as usize];
                    self.set(a, there);
                    self.merge(target as usize)?;
                    self.set(a, here);
                }
                None => self.merge(target as usize)?,
            }
        }
        let mut result = Ok(());
        instruction.registers(&self.layout.code.units, |access, first, count| {
            if access == Access::Write {
                for register in first..first + count {
                    if result.is_ok() {
                        result = self.write(at, register, kind);
                    }
                }
            }
        });
        result
    }

    /// Reads the operands, and sees that those that are to stay did.
    fn operands(&mut self, instruction: &Instruction) -> Result<(), VerifyError> {
        let at = instruction.start;
        let mut result = Ok(());
        let units = &self.layout.code.units;
        instruction.registers(units, |access, first, count| {
            if access == Access::Read {
                for register in first..first + count {
                    if result.is_ok() {
                        result = self.read(at, register).map(drop);
                    }
                }
            }
        });
        result?;
        let operands = instruction.op.info().operands;
        let values = [instruction.a, instruction.b, instruction.c];
        for (operand, register) in operands.into_iter().zip(values) {
            match operand {
                Operand::Keep => drop(self.keep(at, register)?),
                Operand::Cell => self.keep_kind(at, register, Kind::Cell)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// What is left in the frame when it is left, or put away: nothing that is lent, and no temporaries but the first.
    fn suspend(&self, instruction: &Instruction) -> Result<(), VerifyError> {
        let (at, nlocals) = (instruction.start, self.code().nlocals);
        let few = match instruction.op {
            Op::Return | Op::ReturnNone => instruction.b,
            Op::Yield => instruction.c,
            Op::YieldFrom => instruction.b - nlocals,
            Op::ReturnGenerator => 0,
            _ => return Ok(()),
        };
        let leaves = matches!(instruction.op, Op::Return | Op::ReturnNone);
        if self.lent > 0 && !leaves {
            return Err(VerifyError::Lent(at));
        }
        let from = nlocals.saturating_add(few);
        self.all_empty(at, from, self.code().nregs)
    }
}
