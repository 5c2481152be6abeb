//! Linux without a C library: system calls.

use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicU32, Ordering::*};
use kit_core::platform::thread::{ParkToken, Platform};

#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "and rsp, -16",
    "call {begin}",
    "ud2",
    begin = sym begin,
);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, #0", "bl {begin}", "brk #1", begin = sym begin);

extern "C" fn begin() -> ! {
    exit(if crate::run().is_some() { 0 } else { 1 })
}

#[cfg(target_arch = "x86_64")]
mod number {
    pub const WRITE: usize = 1;
    pub const SCHED_YIELD: usize = 24;
    pub const GETTID: usize = 186;
    pub const FUTEX: usize = 202;
    pub const CLOCK_GETTIME: usize = 228;
    pub const EXIT_GROUP: usize = 231;
}
#[cfg(target_arch = "aarch64")]
mod number {
    pub const WRITE: usize = 64;
    pub const EXIT_GROUP: usize = 94;
    pub const FUTEX: usize = 98;
    pub const CLOCK_GETTIME: usize = 113;
    pub const SCHED_YIELD: usize = 124;
    pub const GETTID: usize = 178;
}

/// # Safety
/// - The system call is sound with these arguments.
unsafe fn call(number: usize, arguments: [usize; 4]) -> isize {
    let result: isize;
    let [a, b, c, d] = arguments;
    // SAFETY: as the caller says; what the kernel overwrites is named.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            lateout("rcx") _, lateout("r11") _, options(nostack));
        #[cfg(target_arch = "aarch64")]
        asm!("svc 0", in("x8") number, inlateout("x0") a => result, in("x1") b, in("x2") c, in("x3") d, options(nostack));
    }
    result
}

/// Ends the process.
pub fn exit(status: i32) -> ! {
    loop {
        // SAFETY: it does not return.
        unsafe { call(number::EXIT_GROUP, [status as usize, 0, 0, 0]) };
    }
}

/// Writes to the standard output.
pub fn say(text: &str) {
    // SAFETY: it only reads the text.
    unsafe { call(number::WRITE, [1, text.as_ptr().addr(), text.len(), 0]) };
}

#[cfg(target_arch = "x86_64")]
#[repr(align(16))]
struct Stack(core::cell::UnsafeCell<[usize; WORDS]>);

// SAFETY: it is the second thread's, from its start.
#[cfg(target_arch = "x86_64")]
unsafe impl Sync for Stack {}

#[cfg(target_arch = "x86_64")]
static STACK: Stack = Stack(core::cell::UnsafeCell::new([0; WORDS]));

/// Two megabytes.
#[cfg(target_arch = "x86_64")]
const WORDS: usize = 1 << 18;

/// Where the second thread's stack is.
#[cfg(all(feature = "lisp", target_arch = "x86_64"))]
pub fn second_stack() -> core::ops::Range<usize> {
    let start = STACK.0.get().addr();
    start..start + size_of::<Stack>()
}

/// Starts the second thread. False: there is none.
#[cfg(target_arch = "x86_64")]
pub fn begin_second() -> bool {
    const CLONE: isize = 56;
    // The memory, files, signals and identity of the process.
    const SHARE: usize = 0x0001_0000 | 0x0000_0f00 | 0x0004_0000;
    let result: isize;
    // SAFETY: the new thread begins at the top of a stack that nobody else uses, with the function to call in its topmost word, and
    // never returns into this one's frame.
    unsafe {
        let top = STACK.0.get().cast::<usize>().add(WORDS - 2);
        top.write(super::second::run as *const () as usize);
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "call [rsp]",
            "ud2",
            "2:",
            inlateout("rax") CLONE => result,
            in("rdi") SHARE, in("rsi") top, in("rdx") 0, in("r10") 0, in("r8") 0,
            lateout("rcx") _, lateout("r11") _,
        );
    }
    result > 0
}

/// Starts the second thread. False: there is none.
#[cfg(target_arch = "aarch64")]
pub fn begin_second() -> bool {
    false
}

/// Threads by their numbers, each with a permit to wake up.
pub struct Futexes([(AtomicU32, AtomicU32); 4]);

/// The host's clock and sleep.
pub static PLATFORM: Futexes = Futexes([const { (AtomicU32::new(0), AtomicU32::new(0)) }; 4]);

impl Futexes {
    /// Where the calling thread's permit is.
    fn mine(&self) -> usize {
        // SAFETY: it only answers.
        let me = unsafe { call(number::GETTID, [0; 4]) } as u32;
        for (index, (owner, _)) in self.0.iter().enumerate() {
            // Relaxed: a thread looks for its own number, which it has stored itself.
            if owner.load(Relaxed) == me || owner.compare_exchange(0, me, Relaxed, Relaxed).is_ok()
            {
                return index;
            }
        }
        exit(103)
    }
}

// SAFETY: a token is the index of a permit, which stays; the clock is monotonic.
unsafe impl Platform for Futexes {
    fn now(&self) -> u64 {
        const MONOTONIC: usize = 1;
        let mut time = [0u64; 2];
        // SAFETY: it writes seconds and nanoseconds there.
        unsafe {
            call(
                number::CLOCK_GETTIME,
                [MONOTONIC, time.as_mut_ptr().addr(), 0, 0],
            )
        };
        time[0] * 1_000_000_000 + time[1]
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        body(ParkToken(self.mine()));
    }

    fn park(&self, deadline: Option<u64>) {
        const WAIT: usize = 128;
        let permit = &self.0[self.mine()].1;
        // Acquire, from `unpark`: what was done before is seen.
        if permit.swap(0, Acquire) == 1 {
            return;
        }
        let left = deadline.map(|moment| moment.saturating_sub(self.now()));
        let time = left.map(|left| [left / 1_000_000_000, left % 1_000_000_000]);
        let time = time.as_ref().map_or(0, |time| time.as_ptr().addr());
        // SAFETY: it sleeps while the permit is 0, until it is woken or, where there is one, for this time.
        unsafe { call(number::FUTEX, [(&raw const *permit).addr(), WAIT, 0, time]) };
        permit.swap(0, Acquire);
    }

    unsafe fn unpark(&self, token: ParkToken) {
        const WAKE: usize = 129;
        let permit = &self.0[token.0].1;
        // Release, to `park`.
        permit.store(1, Release);
        // SAFETY: it only wakes.
        unsafe { call(number::FUTEX, [(&raw const *permit).addr(), WAKE, 1, 0]) };
    }

    fn yield_now(&self) {
        // SAFETY: it only waits.
        unsafe { call(number::SCHED_YIELD, [0; 4]) };
    }
}
