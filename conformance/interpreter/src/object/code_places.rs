//! What a code object says of its instructions: their bytes, and where in the source they come from.
//!
//! A unit has four bytes, as `f_lasti` and `tb_lasti` count. Programs take a position for every two. To them the first unit is
//! where the code is entered, at the line of its `def`; it is not there, and the instructions begin behind it.
//!
//! `co_linetable` and `co_exceptiontable` are numbers in groups of seven bits, the lowest first. The one has for each range of units
//! that come from the same place: units since the last range, twice its lines less one if that is implied, first line since the last range's
//! (its sign in the lowest bit), and the two columns; the lines are 0 where there is no place. The other has four for each region: the
//! first unit, how many, the handler, the depth.

use super::code::PyCode;
use super::obj::Obj;
use super::{bytes, code_make, int, list, protocol, tuple};
use crate::code::{Code, Handler, Position, Positions, flags};
use crate::error::PyResult;
use crate::op::Op;
use crate::op::effect::Instruction;
use crate::prelude::*;
use crate::vm::monitor::sites;
use kit_core::thread::Ctx;

/// Bytes of a unit.
const UNIT: u32 = 4;
/// Bytes of what has one entry in `co_positions()`.
const ENTRY: u32 = 2;

/// Where programs see the unit.
pub fn offset(unit: u32) -> i64 {
    (i64::from(unit) + 1) * i64::from(UNIT)
}

/// The unit that programs see there; the first one where code is entered.
pub fn unit_at(offset: i64) -> u32 {
    u32::try_from(offset / i64::from(UNIT) - 1).unwrap_or(0)
}

/// The line at which a body begins: a module's begins before its first.
pub fn first_line(code: &Code) -> u32 {
    if &*code.name == "<module>" {
        0
    } else {
        code.first_line
    }
}

/// `co_code`: the instructions as the compiler made them.
pub fn units(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let code = &x.expect::<PyCode>().code;
    code_make::note(ctx, code);
    bytes::new(ctx, &raw(code))
}

/// The bytes of `co_code`.
pub fn raw(code: &Code) -> Vec<u8> {
    let entry = [0; UNIT as usize];
    let units = code.units.iter().flat_map(|unit| unit.to_le_bytes());
    entry.into_iter().chain(units).collect()
}

/// `co_lines()`: start, end and line of each range of bytes.
pub fn lines(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let code = &x.expect::<PyCode>().code;
    // Line 0 of a module is one.
    let mut ranges: Vec<(u32, Option<u32>)> = vec![(0, Some(first_line(code)))];
    for (start, position) in code.positions.runs() {
        let line = (!position.is_nowhere()).then_some(position.line);
        if ranges.last().is_none_or(|(_, last)| *last != line) {
            ranges.push((start + 1, line));
        }
    }
    let ends = ranges.iter().skip(1).map(|(start, _)| *start);
    let ends: Vec<u32> = ends.chain([code.units.len() as u32 + 1]).collect();
    let mut items = Vec::with_capacity(ranges.len());
    for ((start, line), end) in ranges.into_iter().zip(ends) {
        let item = vec![
            int::from_i64(ctx, (start * UNIT).into())?,
            int::from_i64(ctx, (end * UNIT).into())?,
            line.map_or(Obj::NONE, |line| Obj::small_int(line.into())),
        ];
        items.push(tuple::from_vec(ctx, item)?);
    }
    let items = list::from_vec(ctx, items)?;
    protocol::iter(ctx, &items)
}

fn place(ctx: &mut Ctx, position: Position) -> PyResult {
    let item = if position.is_nowhere() {
        vec![Obj::NONE; 4]
    } else if !position.has_columns() {
        let line = int::from_i64(ctx, position.line.into())?;
        vec![line.clone(), line, Obj::NONE, Obj::NONE]
    } else {
        vec![
            int::from_i64(ctx, position.line.into())?,
            int::from_i64(ctx, position.end_line.into())?,
            int::from_i64(ctx, position.column.into())?,
            int::from_i64(ctx, position.end_column.into())?,
        ]
    };
    tuple::from_vec(ctx, item)
}

/// `co_positions()`: first and last line, first column and that after the last.
pub fn positions(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let code = &x.expect::<PyCode>().code;
    let mut runs = code.positions.runs().peekable();
    let mut items = Vec::with_capacity((code.units.len() + 1) * (UNIT / ENTRY) as usize);
    let entered = Position {
        line: first_line(code),
        end_line: first_line(code),
        ..Position::default()
    };
    let unbegun = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
    let entered = match entered.line {
        0 => {
            let item = [0, 1, 0, 0].map(Obj::small_int);
            tuple::from_vec(ctx, item.to_vec())?
        }
        line if code.flags & unbegun != 0 => place(ctx, Position::of_line(line))?,
        _ => place(ctx, entered)?,
    };
    for _ in 0..UNIT / ENTRY {
        items.push(entered.clone());
    }
    let mut begin = 0;
    let mut current = Position::default();
    loop {
        let end = runs
            .peek()
            .map_or(code.units.len() as u32, |(start, _)| *start);
        let item = place(ctx, current)?;
        for _ in begin * UNIT / ENTRY..end * UNIT / ENTRY {
            items.push(item.clone());
        }
        match runs.next() {
            Some((start, position)) => (begin, current) = (start, position),
            None => break,
        }
    }
    let items = list::from_vec(ctx, items)?;
    protocol::iter(ctx, &items)
}

/// Where a branch goes if it goes left, and if it goes right.
///
/// A loop's next item is stored by the instruction that asks for it, so what comes after that is its last unit.
pub fn ways(code: &Code, instruction: &Instruction) -> Option<(u32, u32)> {
    if matches!(instruction.op, Op::Jump | Op::JumpBack) {
        return None;
    }
    let right = sites::target(code, instruction)? as u32;
    let left = instruction.next as u32;
    let stores = instruction.op == Op::ForIter;
    Some((left - u32::from(stores), right))
}

/// `co_branches()`: where each branch is, and where it goes to.
pub fn branches(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let code = &x.expect::<PyCode>().code;
    let mut items = Vec::new();
    for instruction in sites::decode(code) {
        if let Some((left, right)) = ways(code, &instruction) {
            let item = [instruction.start as u32, left, right];
            let item = item.map(|unit| Obj::small_int(offset(unit)));
            items.push(tuple::from_vec(ctx, item.to_vec())?);
        }
    }
    let items = list::from_vec(ctx, items)?;
    protocol::iter(ctx, &items)
}

fn write(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A number that fits 32 bits, or not, with the sign in its lowest bit; `None`: there is none.
fn read(data: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..42).step_by(7) {
        let (first, rest) = data.split_first()?;
        *data = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn read_word(data: &mut &[u8]) -> Option<u32> {
    u32::try_from(read(data)?).ok()
}

/// The bytes of `co_linetable`.
pub fn line_table(positions: &Positions) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut unit, mut line) = (0, 0i64);
    for (start, at) in positions.runs() {
        write(&mut out, u64::from(start - unit));
        unit = start;
        if at.is_nowhere() {
            write(&mut out, 0);
            continue;
        }
        let lines = u64::from(at.end_line.saturating_sub(at.line)) + 1;
        write(&mut out, 2 * lines - u64::from(at.implicit));
        let more = i64::from(at.line) - line;
        write(&mut out, more.unsigned_abs() << 1 | u64::from(more < 0));
        line = at.line.into();
        write(&mut out, at.column.into());
        write(&mut out, at.end_column.into());
    }
    out
}

/// What [`line_table`] wrote; `None`: it did not.
pub fn read_line_table(mut data: &[u8]) -> Option<Positions> {
    let mut positions = Positions::default();
    let (mut unit, mut line) = (0u32, 0i64);
    while !data.is_empty() {
        unit = unit.checked_add(read_word(&mut data)?)?;
        let lines = read(&mut data)?;
        if lines == 0 {
            positions.push(unit, Position::default());
            continue;
        }
        let more = read(&mut data)?;
        let distance = i64::try_from(more >> 1).ok()?;
        line = line.checked_add(if more & 1 == 0 { distance } else { -distance })?;
        let first = u32::try_from(line).ok()?;
        let end = u32::try_from(lines.div_ceil(2) - 1).ok()?;
        let position = Position {
            line: first,
            end_line: first.checked_add(end)?,
            column: read_word(&mut data)?,
            end_column: read_word(&mut data)?,
            implicit: lines & 1 != 0,
        };
        if position.is_nowhere() {
            return None;
        }
        positions.push(unit, position);
    }
    Some(positions)
}

/// The bytes of `co_exceptiontable`.
pub fn exception_table(code: &Code) -> Vec<u8> {
    let mut out = Vec::new();
    for region in &code.handlers {
        let Handler {
            start,
            end,
            handler,
            depth,
        } = *region;
        for number in [start, end - start, handler, depth] {
            write(&mut out, number.into());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_survive_their_table() {
        let mut positions = Positions::default();
        positions.push(0, Position::default());
        positions.push(
            7,
            Position {
                line: 9,
                end_line: 12,
                column: 300,
                end_column: 1,
                implicit: true,
            },
        );
        positions.push(
            9,
            Position {
                line: 3,
                end_line: 3,
                ..Position::default()
            },
        );
        assert_eq!(read_line_table(&line_table(&positions)), Some(positions));
        assert_eq!(read_line_table(&[1, 2, 3]), None);
        assert_eq!(read_line_table(&[0xff; 40]), None);
    }
}
