//! What a code object says of its instructions: their bytes, and where in the source they come from.
//!
//! A unit has four bytes, as `f_lasti` and `tb_lasti` count. Programs take a position for every two.

use super::code::PyCode;
use super::obj::Obj;
use super::{bytes, int, list, protocol, tuple};
use crate::code::Position;
use crate::error::PyResult;
use kit_core::thread::Ctx;

/// Bytes of a unit.
const UNIT: u32 = 4;
/// Bytes of what has one entry in `co_positions()`.
const ENTRY: u32 = 2;

/// A number that counts from 1, or None.
fn number(ctx: &mut Ctx, value: u32) -> PyResult {
    match value {
        0 => Ok(Obj::NONE),
        value => int::from_i64(ctx, value.into()),
    }
}

/// `co_code`: the instructions as the compiler made them.
pub fn units(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let units = &x.expect::<PyCode>().code.units;
    let data: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    bytes::new(ctx, &data)
}

/// `co_lines()`: start, end and line of each range of bytes.
pub fn lines(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let code = &x.expect::<PyCode>().code;
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for (start, position) in code.positions.runs() {
        if ranges.last().is_none_or(|(_, line)| *line != position.line) {
            ranges.push((start, position.line));
        }
    }
    let ends = ranges.iter().skip(1).map(|(start, _)| *start);
    let ends: Vec<u32> = ends.chain([code.units.len() as u32]).collect();
    let mut items = Vec::with_capacity(ranges.len());
    for ((start, line), end) in ranges.into_iter().zip(ends) {
        let item = vec![
            int::from_i64(ctx, (start * UNIT).into())?,
            int::from_i64(ctx, (end * UNIT).into())?,
            number(ctx, line)?,
        ];
        items.push(tuple::from_vec(ctx, item)?);
    }
    let items = list::from_vec(ctx, items)?;
    protocol::iter(ctx, &items)
}

fn place(ctx: &mut Ctx, position: Position) -> PyResult {
    let item = if position.line == 0 {
        vec![Obj::NONE; 4]
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
    let mut items = Vec::with_capacity(code.units.len() * (UNIT / ENTRY) as usize);
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
