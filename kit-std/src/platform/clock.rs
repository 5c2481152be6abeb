//! Clocks the standard library does not offer, in nanoseconds.

use rustix::time::{ClockId, clock_gettime};

fn read(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Since some moment in the past; never goes back.
pub fn monotonic() -> i64 {
    read(ClockId::Monotonic)
}

/// Processor time of the process.
pub fn process() -> i64 {
    read(ClockId::ProcessCPUTime)
}

/// Processor time of the calling thread.
pub fn thread() -> i64 {
    read(ClockId::ThreadCPUTime)
}

/// Since the beginning of 1970, as the system's clock is set.
pub fn realtime() -> i64 {
    read(ClockId::Realtime)
}
