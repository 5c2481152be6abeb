//! How often each instruction was executed, and how often it had to leave its fast path: for `-X opstats`, in a build
//! with the feature `opstats`. Other builds have none of this.

use crate::op::Op;
use crate::prelude::*;
use core::fmt::Write;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

struct Counts {
    executed: AtomicU64,
    slow: AtomicU64,
}

// Relaxed: the counts are nobody's business but the table's.
static COUNTS: [Counts; 256] = [const {
    Counts {
        executed: AtomicU64::new(0),
        slow: AtomicU64::new(0),
    }
}; 256];

/// An instruction begins.
pub fn executed(op: u8) {
    COUNTS[op as usize].executed.fetch_add(1, Relaxed);
}

/// It goes the slow way.
pub fn slow(op: u8) {
    COUNTS[op as usize].slow.fetch_add(1, Relaxed);
}

/// A table, what was executed most first.
pub fn report() -> String {
    let mut rows: Vec<_> = Op::TABLE
        .iter()
        .zip(Op::ALL)
        .map(|(info, op)| {
            let counts = &COUNTS[*op as usize];
            let (executed, slow) = (counts.executed.load(Relaxed), counts.slow.load(Relaxed));
            (executed, slow, info.name)
        })
        .filter(|(executed, ..)| *executed > 0)
        .collect();
    rows.sort_unstable_by(|x, y| y.cmp(x));
    let all: u64 = rows.iter().map(|(executed, ..)| executed).sum();
    let mut text = format!(
        "{:<20} {:>14} {:>7} {:>14} {:>7}\n",
        "instruction", "executed", "of all", "slow", "fast"
    );
    let percent = |part: u64, whole: u64| part as f64 * 100.0 / whole.max(1) as f64;
    for (executed, slow, name) in rows {
        let (share, fast) = (percent(executed, all), 100.0 - percent(slow, executed));
        let _ = writeln!(
            text,
            "{name:<20} {executed:>14} {share:>6.1}% {slow:>14} {fast:>6.1}%"
        );
    }
    let _ = writeln!(text, "{:<20} {all:>14}", "all");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Op;

    #[test]
    fn the_table_says_what_left_the_fast_path() {
        for _ in 0..4 {
            executed(Op::MatMul as u8);
        }
        slow(Op::MatMul as u8);
        let report = report();
        let line = report.lines().find(|line| line.starts_with("MATMUL"));
        let fields: Vec<&str> = line.unwrap().split_whitespace().collect();
        assert_eq!((fields[1], fields[3], fields[4]), ("4", "1", "75.0%"));
    }
}
