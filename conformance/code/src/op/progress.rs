//! Every loop comes to a safepoint.
//!
//! Whoever stops the world, counts fuel or presses Ctrl-C waits for the running code to look. `JUMP_BACK` does, and so do calls at their start;
//! so control does not come round, by jumps or by handlers, without a `JUMP_BACK`.

use super::Op;
use super::verify::{Layout, VerifyError};
use alloc::vec;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    No,
    /// On the path that is being followed.
    Here,
    Done,
}

/// Checks code, which decodes and whose jumps land on instructions.
pub(super) fn check(layout: &Layout<'_>) -> Result<(), VerifyError> {
    let mut seen = vec![Seen::No; layout.instructions.len()];
    for start in 0..seen.len() {
        if seen[start] != Seen::No {
            continue;
        }
        // The instructions of the path, and how many of its ways each has gone.
        let mut path = vec![(start, 0)];
        seen[start] = Seen::Here;
        while let Some(last) = path.last_mut() {
            let (index, way) = *last;
            last.1 += 1;
            let instruction = &layout.instructions[index];
            let way = match way {
                0 => (!instruction.op.info().terminal).then_some(index + 1),
                1 | 2 if instruction.op == Op::JumpBack => None,
                1 => instruction
                    .target(&layout.code.units)
                    .map(|target| layout.index(target as usize)),
                2 => layout.handlers[index].map(|handler| {
                    let handler = layout.code.handlers[handler].handler;
                    layout.index(handler as usize)
                }),
                _ => {
                    seen[index] = Seen::Done;
                    path.pop();
                    continue;
                }
            };
            let Some(next) = way else { continue };
            match seen.get(next) {
                None => return Err(VerifyError::FallsOff),
                Some(Seen::Here) => return Err(VerifyError::Endless(instruction.start)),
                Some(Seen::Done) => {}
                Some(Seen::No) => {
                    seen[next] = Seen::Here;
                    path.push((next, 0));
                }
            }
        }
    }
    Ok(())
}
