//! A small machine without a system: one processor of Arm's M profile, without compare-and-swap (Armv6-M), whatever board it is on.
//!
//! Words and the debugger's calls are all that is asked of the board: a linker script says where its memory is.

use core::arch::{asm, global_asm};
use kit_core::platform::thread::SpinPlatform;

// What the processor looks for at address zero: a stack, and where to begin. Anything else that happens ends the program.
global_asm!(
    ".pushsection .vectors, \"a\"",
    ".word stack_top",
    ".word {begin}",
    ".rept 14",
    ".word {fault}",
    ".endr",
    ".popsection",
    begin = sym begin,
    fault = sym fault,
);

unsafe extern "C" {
    static mut bss_start: u32;
    static mut bss_end: u32;
    static mut data_start: u32;
    static mut data_end: u32;
    static data_image: u32;
}

extern "C" fn begin() -> ! {
    // SAFETY: the linker's symbols bound these parts of memory, which nobody has used yet. Volatile, so that the loops stay loops.
    unsafe {
        let mut to = &raw mut bss_start;
        while to < &raw mut bss_end {
            to.write_volatile(0);
            to = to.add(1);
        }
        let (mut to, mut from) = (&raw mut data_start, &raw const data_image);
        while to < &raw mut data_end {
            to.write_volatile(from.read_volatile());
            (to, from) = (to.add(1), from.add(1));
        }
    }
    exit(if crate::run().is_some() { 0 } else { 1 })
}

extern "C" fn fault() -> ! {
    exit(102)
}

/// What the processor has instead of compare-and-swap: nothing interrupts it.
struct Uninterrupted;
critical_section::set_impl!(Uninterrupted);

// SAFETY: with interrupts off nothing else runs on the only processor; they are as before when the outermost section ends.
unsafe impl critical_section::Impl for Uninterrupted {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        let before: u32;
        // SAFETY: it reads and sets the processor's mask.
        unsafe {
            asm!("mrs {}, PRIMASK", "cpsid i", out(reg) before, options(nostack, preserves_flags))
        };
        before & 1 == 0
    }

    unsafe fn release(enabled: critical_section::RawRestoreState) {
        if enabled {
            // SAFETY: they were on.
            unsafe { asm!("cpsie i", options(nostack, preserves_flags)) };
        }
    }
}

/// # Safety
/// - The debugger's call is sound with this argument.
unsafe fn call(number: usize, argument: usize) {
    // SAFETY: as the caller says; what it answers goes to the first register.
    unsafe { asm!("bkpt 0xab", inlateout("r0") number => _, in("r1") argument, options(nostack)) };
}

/// Ends the program, with a status where there is a debugger.
pub fn exit(status: i32) -> ! {
    const EXIT_EXTENDED: usize = 0x20;
    const APPLICATION: usize = 0x2_0026;
    let reason = [APPLICATION, status as usize];
    loop {
        // SAFETY: it does not return.
        unsafe { call(EXIT_EXTENDED, reason.as_ptr().addr()) };
    }
}

/// Writes to the debugger's console.
pub fn say(text: &str) {
    const WRITE_CHARACTER: usize = 3;
    for byte in text.bytes() {
        // SAFETY: it only reads the byte.
        unsafe { call(WRITE_CHARACTER, (&raw const byte).addr()) };
    }
}

/// There is no second processor.
pub fn begin_second() -> bool {
    false
}

/// The host's clock and sleep: nobody sleeps where nobody else could wake.
pub static PLATFORM: SpinPlatform = SpinPlatform::new();
