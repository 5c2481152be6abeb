//! Tidying a unit: order, jumps to jumps, unreachable code and its constants, needless bound checks.

use super::emit::ANCHOR;
use super::unit::{Label, Section};
use super::{Inst, Region, Unit};
use crate::code::local;
use crate::op::{Op, Operand, Unit as OperandUnit};

/// Puts the instructions in their final order and removes what is not needed. What goes is marked dead.
pub(super) fn tidy(unit: &mut Unit<'_>) {
    lay_out(unit);
    thread_jumps(unit);
    return_where_control_comes_from(unit);
    remove_unreachable(unit);
    remove_jumps_to_next(unit);
    remove_bound_checks(unit);
    remove_nops(unit);
    remove_constants(unit);
}

/// Sorts the instructions by section.
fn lay_out(unit: &mut Unit<'_>) {
    let count = unit.insts.len();
    let mut seen = [0; 3];
    for inst in &unit.insts {
        seen[inst.section as usize] += 1;
    }
    // Where each section ends.
    seen[1] += seen[0];
    seen[2] += seen[1];
    // For each old index and section: the new index of the first instruction of the section at or after it.
    let mut next = vec![seen; count + 1];
    for (index, inst) in unit.insts.iter().enumerate().rev() {
        seen[inst.section as usize] -= 1;
        next[index] = seen;
    }
    for (index, section) in &mut unit.labels {
        if *index <= count {
            *index = next[*index][*section as usize];
        }
    }
    let mut regions = Vec::with_capacity(unit.regions.len());
    for region in &unit.regions {
        for (&start, &end) in next[region.start].iter().zip(&next[region.end]) {
            if start < end {
                regions.push(Region {
                    start,
                    end,
                    ..*region
                });
            }
        }
    }
    unit.regions = regions;
    // Stable, so that order is kept within a section.
    unit.insts.sort_by_key(|inst| inst.section as u8);
}

/// The index of the first instruction at or after `index` that is not dead.
fn live(insts: &[Inst], mut index: usize) -> usize {
    while insts.get(index).is_some_and(|inst| inst.dead) {
        index += 1;
    }
    index
}

/// Lets jumps to jumps go where those go, and jumps to returns return.
fn thread_jumps(unit: &mut Unit<'_>) {
    for index in 0..unit.insts.len() {
        // A cycle of jumps is an endless loop; following a few is enough.
        for _ in 0..8 {
            let inst = &unit.insts[index];
            let Some(label) = inst.target else { break };
            let Some(to) = unit.insts.get(unit.labels[label.0].0) else {
                break;
            };
            let replacement = match (inst.op, to.op) {
                // A jump that was written is come to.
                (_, Op::Jump) if to.target != inst.target && to.position.implicit => {
                    Some((inst.op, to.target))
                }
                // Only `JUMP_BACK` polls the breaker, so conditional jumps stay before it.
                (Op::Jump, Op::JumpBack) if to.position.implicit => Some((Op::JumpBack, to.target)),
                (Op::Jump, Op::ReturnNone) => Some((Op::ReturnNone, None)),
                _ => None,
            };
            let Some((op, target)) = replacement else {
                break;
            };
            let (position, dropped) = (to.position, to.b);
            let inst = &mut unit.insts[index];
            if op == Op::ReturnNone {
                if !position.implicit {
                    inst.position = position;
                }
                inst.b = dropped;
            }
            inst.op = op;
            inst.target = target;
        }
    }
}

fn remove_unreachable(unit: &mut Unit<'_>) {
    let mut reached = vec![false; unit.insts.len()];
    let mut entered = vec![false; unit.regions.len()];
    let mut work = vec![0];
    while let Some(mut index) = work.pop() {
        while index < unit.insts.len() && !reached[index] {
            reached[index] = true;
            for (region, entered) in unit.regions.iter().zip(&mut entered) {
                if !*entered && region.start <= index && index < region.end {
                    *entered = true;
                    work.push(unit.labels[region.handler.0].0);
                }
            }
            let inst = &unit.insts[index];
            if let Some(label) = inst.target {
                work.push(unit.labels[label.0].0);
            }
            if inst.op.info().terminal {
                break;
            }
            index += 1;
        }
    }
    for (inst, reached) in unit.insts.iter_mut().zip(reached) {
        inst.dead |= !reached;
    }
}

fn remove_jumps_to_next(unit: &mut Unit<'_>) {
    // Backwards, so that a jump over removed jumps goes too.
    for index in (0..unit.insts.len()).rev() {
        let inst = &unit.insts[index];
        if inst.op == Op::Jump
            && !inst.dead
            && let Some(label) = inst.target
        {
            let target = unit.labels[label.0].0;
            if target > index && live(&unit.insts, index + 1) == live(&unit.insts, target) {
                // Where a jump was written the program comes to that line.
                let inst = &mut unit.insts[index];
                inst.dead = inst.position.implicit;
                inst.op = Op::Nop;
                inst.target = None;
            }
        }
    }
}

/// The end of a function that returns without being told to is at what was executed last: who jumps there gets a return
/// of its own.
fn return_where_control_comes_from(unit: &mut Unit<'_>) {
    for index in 0..unit.insts.len() {
        let inst = &unit.insts[index];
        let Some(label) = inst.target else { continue };
        let Some(to) = unit.insts.get(unit.labels[label.0].0) else {
            continue;
        };
        let line = inst.position.line;
        if to.op != Op::ReturnNone || !to.position.implicit || to.position.line == line {
            continue;
        }
        let copy = Inst {
            position: inst.position.implied(),
            section: Section::Cold,
            ..to.clone()
        };
        let end = unit.insts.len();
        // Another jump of the same line may have made one.
        let known = unit.insts[..end].iter().enumerate().rev().find(|(_, one)| {
            one.op == Op::ReturnNone
                && one.b == copy.b
                && one.position.implicit
                && one.position.line == line
        });
        let place = known.map_or(end, |(place, _)| place);
        if place == end {
            unit.insts.push(copy);
        }
        unit.labels.push((place, Section::Cold));
        unit.insts[index].target = Some(Label(unit.labels.len() - 1));
    }
}

/// Removes the instructions that do nothing, but for those that are the only ones to say that the program comes to a line, and
/// anchors of what would otherwise be come to from elsewhere.
fn remove_nops(unit: &mut Unit<'_>) {
    if unit.insts.iter().all(|inst| inst.op != Op::Nop) {
        return;
    }
    let mut targets = vec![false; unit.insts.len() + 1];
    for inst in unit.insts.iter().filter(|inst| !inst.dead) {
        if let Some(label) = inst.target {
            targets[live(&unit.insts, unit.labels[label.0].0)] = true;
        }
    }
    let mut protected = vec![false; unit.insts.len() + 1];
    for region in &unit.regions {
        targets[live(&unit.insts, unit.labels[region.handler.0].0)] = true;
        protected[live(&unit.insts, region.start)] = true;
    }
    let mut before = 0;
    // A generator comes to its first line when it is first asked.
    let mut unbegun = false;
    for index in 0..unit.insts.len() {
        let inst = &unit.insts[index];
        if inst.dead {
            continue;
        }
        let position = inst.position;
        if inst.op != Op::Nop {
            unbegun = inst.op == Op::ReturnGenerator;
            before = if inst.op.info().terminal {
                0
            } else {
                position.comes_to().unwrap_or(0)
            };
            continue;
        }
        let next = live(&unit.insts, index + 1);
        let Some(after) = unit.insts.get(next) else {
            continue;
        };
        let entered = targets[next];
        if inst.c == ANCHOR {
            unit.insts[index].dead = !(entered || protected[next] && before == 0);
        } else if after.position.comes_to() == Some(position.line)
            || before == position.line && !targets[index] && !unbegun
        {
            unit.insts[index].dead = true;
        } else if !entered && after.position.comes_to().is_none() && after.op != Op::Nop {
            unit.insts[index].dead = true;
            unit.insts[next].position = position;
        } else {
            before = position.line;
        }
        if unit.insts[index].dead && targets[index] {
            targets[next] = true;
        }
    }
}

/// Removes `CHECK_BOUND` where every path has bound the local.
///
/// A forward dataflow over instructions: a bit for each local, set when it is certainly bound; paths meet by intersection. A handler may
/// be entered from before any instruction it protects.
fn remove_bound_checks(unit: &mut Unit<'_>) {
    if !unit
        .insts
        .iter()
        .any(|inst| inst.op == Op::CheckBound && !inst.dead)
    {
        return;
    }
    let locals = unit.local_names.len();
    let words = locals.div_ceil(64);
    let mut before: Vec<Option<Box<[u64]>>> = vec![None; unit.insts.len()];
    let mut entry = vec![0u64; words].into_boxed_slice();
    for (index, kind) in unit.local_kinds.iter().enumerate() {
        if kind & local::PARAMETER != 0 {
            entry[index / 64] |= 1 << (index % 64);
        }
    }
    let mut work = Vec::new();
    flow_into(&mut before, &mut work, live(&unit.insts, 0), &entry);
    while let Some(index) = work.pop() {
        let Some(state) = before[index].clone() else {
            continue;
        };
        let inst = &unit.insts[index];
        for region in &unit.regions {
            if region.start <= index && index < region.end {
                let handler = live(&unit.insts, unit.labels[region.handler.0].0);
                flow_into(&mut before, &mut work, handler, &state);
            }
        }
        let mut after = state.clone();
        bind(inst, locals as u32, &mut after);
        if let Some(label) = inst.target {
            let target = live(&unit.insts, unit.labels[label.0].0);
            // An exhausted iterator binds nothing.
            let state = if inst.op == Op::ForIter {
                &state
            } else {
                &after
            };
            flow_into(&mut before, &mut work, target, state);
        }
        if !inst.op.info().terminal {
            flow_into(&mut before, &mut work, live(&unit.insts, index + 1), &after);
        }
    }
    for (inst, state) in unit.insts.iter_mut().zip(before) {
        if inst.op == Op::CheckBound
            && let Some(state) = state
            && state[inst.a as usize / 64] >> (inst.a % 64) & 1 != 0
        {
            // The program comes to where the variable is read all the same.
            inst.op = Op::Nop;
            inst.a = 0;
        }
    }
}

/// Removes the constants that no instruction names, the code of functions that are never made among them. What the unit asked for
/// first stays, as in CPython: it may be the docstring.
fn remove_constants(unit: &mut Unit<'_>) {
    let mut used = vec![false; unit.consts.len()];
    if unit.consts.first() == unit.first_constant.as_ref() {
        used.iter_mut().take(1).for_each(|used| *used = true);
    }
    for inst in unit.insts.iter_mut().filter(|inst| !inst.dead) {
        named_constants(inst, |index| used[*index as usize] = true);
    }
    if used.iter().all(|used| *used) {
        return;
    }
    let mut kept = 0;
    let places: Vec<u32> = used
        .iter()
        .map(|used| {
            kept += u32::from(*used);
            kept.saturating_sub(1)
        })
        .collect();
    for inst in unit.insts.iter_mut().filter(|inst| !inst.dead) {
        named_constants(inst, |index| *index = places[*index as usize]);
    }
    let mut used = used.into_iter();
    unit.consts.retain(|_| used.next() == Some(true));
}

/// The indices of constants in an instruction.
fn named_constants(inst: &mut Inst, mut each: impl FnMut(&mut u32)) {
    let info = inst.op.info();
    if info.operands[1] == Operand::ConstIndex {
        each(&mut inst.b);
    }
    let plain = info.units.iter().filter(|&&unit| unit != OperandUnit::Jump);
    for (unit, value) in plain.zip(&mut inst.units) {
        if *unit == OperandUnit::Const {
            each(value);
        }
    }
}

/// Merges `state` into what holds before `index`; queues it if that changed.
fn flow_into(
    before: &mut [Option<Box<[u64]>>],
    work: &mut Vec<usize>,
    index: usize,
    state: &[u64],
) {
    let Some(slot) = before.get_mut(index) else {
        return;
    };
    match slot {
        None => {
            *slot = Some(state.into());
            work.push(index);
        }
        Some(known) => {
            let mut changed = false;
            for (known, &new) in known.iter_mut().zip(state) {
                changed |= *known & !new != 0;
                *known &= new;
            }
            if changed {
                work.push(index);
            }
        }
    }
}

/// What an instruction binds and unbinds.
fn bind(inst: &Inst, locals: u32, state: &mut [u64]) {
    let mut set = |register: u32, bound: bool| {
        if register < locals {
            let bit = 1 << (register % 64);
            let word = &mut state[register as usize / 64];
            *word = if bound { *word | bit } else { *word & !bit };
        }
    };
    match inst.op {
        Op::CheckBound => return set(inst.a, true),
        Op::Clear | Op::DeleteLocal => return set(inst.a, false),
        _ => {}
    }
    let values = [inst.a, inst.b, inst.c];
    for (operand, value) in inst.op.info().operands.into_iter().zip(values) {
        match operand {
            Operand::Write => set(value, true),
            Operand::WriteFirst => {
                let count = match inst.op {
                    Op::CopyFree => inst.b,
                    Op::Unpack => inst.c,
                    Op::UnpackEx => (inst.units[0] & 0xffff) + 1 + (inst.units[0] >> 16),
                    _ => 2,
                };
                (value..value + count).for_each(|register| set(register, true));
            }
            _ => {}
        }
    }
}
