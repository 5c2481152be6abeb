//! Which events an instruction may be.
//!
//! Derived from the table of operations and the positions when somebody first watches the code.
//!
//! *Lines.* An instruction begins a line if the one before it, or a jump to it, is of another line, or if it is the first of the
//! body or of a handler. Its line is told unless the thread comes from an instruction of the same line; so where that
//! is possible, the instructions before are instrumented too, to say so ([`Site::hushes`]).
//!
//! *Beginnings.* A body begins behind the instructions that prepare its registers. The compiler sees to it that nothing jumps
//! there, nor behind a `yield` ([`assemble`](crate::compile)).

use super::event::*;
use crate::code::Code;
use crate::op::effect::Instruction;
use crate::op::{Op, Unit};
use crate::prelude::*;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// What may happen at an instruction, as bits of events; and who does not want to hear of it here any more.
#[derive(Debug, Default)]
pub struct Site {
    /// The events; none where no instruction begins.
    pub events: u16,
    /// It may be followed by an instruction that begins a line, which is this one's.
    pub hushes: bool,
    /// The tools that have disabled an event here, by [`place`].
    disabled: [AtomicU8; PLACES],
}

const PLACES: usize = 6;

/// Where the tools are that have disabled an event: an instruction is a few events only.
fn place(event: usize) -> usize {
    match event {
        LINE => 0,
        INSTRUCTION => 1,
        PY_START | PY_RESUME => 2,
        BRANCH_RIGHT => 3,
        STOP_ITERATION => 4,
        _ => 5,
    }
}

impl Site {
    /// The tools that have disabled the event here.
    pub fn disabled(&self, event: usize) -> u8 {
        // Relaxed, here and below: a tool that hears of something once more is as if it had happened before.
        self.disabled[place(event)].load(Relaxed)
    }

    /// The tools do not want to hear of the event here any more.
    pub fn disable(&self, event: usize, tools: u8) {
        self.disabled[place(event)].fetch_or(tools, Relaxed);
    }

    /// Tools that have disabled something here hear of it again.
    fn enable(&self, tools: u8) {
        for disabled in &self.disabled {
            if disabled.load(Relaxed) & tools != 0 {
                disabled.fetch_and(!tools, Relaxed);
            }
        }
    }

    /// Whether the instruction can be the event.
    pub fn may_be(&self, event: usize) -> bool {
        self.events >> event & 1 != 0
    }
}

/// The sites of a code object.
#[derive(Debug)]
pub struct Sites {
    /// By unit.
    pub units: Box<[Site]>,
    /// The first instruction of the body.
    pub entry: u32,
}

impl Sites {
    /// The sites of this code.
    pub fn of(code: &Code) -> Sites {
        let mut sites: Vec<Site> = Vec::new();
        sites.resize_with(code.units.len(), Site::default);
        let all = decode(code);
        let entry = entry(&all);
        let position = |unit: usize| code.positions.at(unit as u32);
        let line = |unit: usize| position(unit).line;
        // What follows something else than the instruction before.
        let mut entered = vec![false; code.units.len()];
        for instruction in &all {
            if let Some(target) = target(code, instruction)
                && line(target) != line(instruction.start)
            {
                entered[target] = true;
            }
        }
        for handler in &code.handlers {
            entered[handler.handler as usize] = true;
        }
        let mut before = 0;
        let mut resumes = false;
        for instruction in all.iter().filter(|one| one.start >= entry) {
            let at = instruction.start;
            let site = &mut sites[at];
            site.events = 1 << INSTRUCTION | events(instruction);
            if at == entry {
                site.events |= 1 << PY_START;
            }
            if resumes || instruction.op == Op::YieldFrom {
                site.events |= 1 << PY_RESUME;
            }
            let here = position(at).comes_to();
            if here.is_some_and(|here| here != before || at == entry || entered[at]) {
                site.events |= 1 << LINE;
            }
            before = line(at);
            resumes = instruction.op == Op::Yield;
        }
        for instruction in all.iter().filter(|one| one.start >= entry) {
            let at = instruction.start;
            let quiet = |next: usize| {
                sites.get(next).is_some_and(|site| site.may_be(LINE)) && line(next) == line(at)
            };
            let falls = !instruction.op.info().terminal && quiet(instruction.next);
            if falls || target(code, instruction).is_some_and(quiet) {
                sites[at].hushes = true;
            }
        }
        Sites {
            units: sites.into(),
            entry: entry as u32,
        }
    }

    /// Tools that have disabled something hear of it again.
    pub fn enable(&self, tools: u8) {
        for site in &self.units {
            site.enable(tools);
        }
    }
}

/// The instructions of code that was verified.
pub fn decode(code: &Code) -> Vec<Instruction> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Ok(instruction) = Instruction::decode(&code.units, at) {
        at = instruction.next;
        all.push(instruction);
    }
    all
}

/// Where an instruction may jump to.
pub fn target(code: &Code, instruction: &Instruction) -> Option<usize> {
    let target = instruction.target(&code.units)?;
    usize::try_from(target)
        .ok()
        .filter(|target| *target < code.units.len())
}

/// Where the body begins: behind what prepares cells, and behind where a generator is made.
fn entry(all: &[Instruction]) -> usize {
    let prepares =
        |one: &&Instruction| matches!(one.op, Op::CopyFree | Op::MakeCell | Op::ReturnGenerator);
    all.iter()
        .take_while(prepares)
        .last()
        .map_or(0, |last| last.next)
}

/// The events that an operation is.
fn events(instruction: &Instruction) -> u16 {
    let info = instruction.op.info();
    match instruction.op {
        Op::Return | Op::ReturnNone => 1 << PY_RETURN,
        Op::Yield => 1 << PY_YIELD,
        Op::YieldFrom => 1 << PY_YIELD | 1 << STOP_ITERATION,
        Op::LoadSuperAttr | Op::LoadSuperMethod => 1 << CALL,
        Op::WithEnter | Op::Call | Op::CallMethod | Op::CallKw | Op::CallMethodKw | Op::CallEx => {
            1 << CALL
        }
        Op::Jump | Op::JumpBack => 1 << JUMP,
        Op::ForIter => 1 << BRANCH_LEFT | 1 << BRANCH_RIGHT | 1 << STOP_ITERATION,
        _ if info.units.contains(&Unit::Jump) => 1 << BRANCH_LEFT | 1 << BRANCH_RIGHT,
        _ => 0,
    }
}
