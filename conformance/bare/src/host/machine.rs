//! A machine without a system: x86-64, started by an emulator or loader that knows PVH or Multiboot's successor of it, with two processors.
//!
//! ```text
//!  loader ─▶ start32 (32 bits, no paging) ─▶ tables, long mode ─▶ begin ─▶ run
//!                                                   ▲
//!  begin_second() ─ INIT, SIPI ─▶ start16 at 0x8000 ┘ with the second stack ─▶ second
//! ```
//!
//! Memory is mapped as it is, four gigabytes, in pages of two megabytes. Interrupts are off throughout: nothing wakes a processor, so waiting is spinning.

use core::arch::{asm, global_asm, x86_64};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use kit_core::platform::thread::{ParkToken, Platform};

global_asm!(
    // What the loader looks for: the entry, in 32 bits.
    ".pushsection .note.pvh, \"a\", @note",
    ".long 4, 4, 18",
    ".asciz \"Xen\"",
    ".long {start32}",
    ".popsection",
    start32 = sym start32,
);

unsafe extern "C" {
    safe fn start32();
    static start16: [u8; 0];
    static end16: [u8; 0];
}

global_asm!(
    ".pushsection .text.boot, \"ax\"",
    ".code32",
    ".globl start32",
    "start32:",
    "cli",
    "cld",
    "lea esp, [{stack} + 0x200000]",
    // Three levels of tables: one, four, and four times 512 entries.
    "mov eax, offset tables + 0x1003",
    "mov [tables], eax",
    "mov edi, offset tables + 0x1000",
    "mov eax, offset tables + 0x2003",
    "mov ecx, 4",
    "2:",
    "mov [edi], eax",
    "add edi, 8",
    "add eax, 0x1000",
    "loop 2b",
    "mov edi, offset tables + 0x2000",
    "mov eax, 0x83",
    "mov ecx, 2048",
    "3:",
    "mov [edi], eax",
    "add edi, 8",
    "add eax, 0x200000",
    "loop 3b",
    "mov ebx, offset {begin}",
    "jmp long_mode",
    // The second processor comes from 16 bits; its stack is above the first's.
    "start32b:",
    "mov ax, 16",
    "mov ds, ax",
    "mov es, ax",
    "mov ss, ax",
    "lea esp, [{stack} + 0x400000]",
    "mov ebx, offset {second}",
    "long_mode:",
    "lgdt [descriptor]",
    // SSE; large addresses; long mode; paging.
    "mov eax, cr0",
    "and eax, 0xfffffffb",
    "or eax, 2",
    "mov cr0, eax",
    "mov eax, cr4",
    "or eax, 0x620",
    "mov cr4, eax",
    "mov eax, offset tables",
    "mov cr3, eax",
    "mov ecx, 0xc0000080",
    "rdmsr",
    "or eax, 0x100",
    "wrmsr",
    "mov eax, cr0",
    "or eax, 0x80000001",
    "mov cr0, eax",
    "push 8",
    "mov eax, offset start64",
    "push eax",
    "retf",
    ".code64",
    "start64:",
    "mov ax, 16",
    "mov ds, ax",
    "mov es, ax",
    "mov ss, ax",
    "xor ebp, ebp",
    "mov ebx, ebx",
    "call rbx",
    "ud2",
    // Copied to 0x8000, where the second processor begins.
    ".code16",
    ".globl start16",
    "start16:",
    "jmp after16",
    // Two bytes behind the start: where the table of segments is.
    ".word 31",
    ".long gdt",
    "after16:",
    "cli",
    // lgdt [0x8002], of a descriptor with an address of 32 bits.
    ".byte 0x66, 0x0f, 0x01, 0x16",
    ".word 0x8002",
    "mov eax, cr0",
    "or eax, 1",
    "mov cr0, eax",
    // A far jump to 32 bits.
    ".byte 0x66, 0xea",
    ".long start32b",
    ".word 24",
    ".globl end16",
    "end16:",
    ".code64",
    ".balign 8",
    // Nothing; code of 64 bits; data; code of 32 bits.
    "gdt:",
    ".quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff, 0x00cf9a000000ffff",
    "descriptor:",
    ".word 31",
    ".quad gdt",
    ".popsection",
    ".pushsection .bss.boot, \"aw\", @nobits",
    ".balign 4096",
    "tables:",
    ".skip 0x6000",
    ".popsection",
    begin = sym begin,
    second = sym second,
    stack = sym STACKS,
);

#[repr(align(16))]
struct Stacks(
    #[cfg_attr(
        not(feature = "lisp"),
        expect(dead_code, reason = "only the processors use it")
    )]
    core::cell::UnsafeCell<[u8; 0x400000]>,
);

// SAFETY: each processor has its half.
unsafe impl Sync for Stacks {}

static STACKS: Stacks = Stacks(core::cell::UnsafeCell::new([0; 0x400000]));

extern "C" fn begin() -> ! {
    exit(if crate::run().is_some() { 0 } else { 1 })
}

static AWAKE: AtomicBool = AtomicBool::new(false);

extern "C" fn second() -> ! {
    AWAKE.store(true, Relaxed);
    super::second::run()
}

/// Where the second processor's stack is.
#[cfg(feature = "lisp")]
pub fn second_stack() -> core::ops::Range<usize> {
    let start = STACKS.0.get().addr();
    start + 0x200000..start + 0x400000
}

fn halt() -> ! {
    loop {
        // SAFETY: interrupts are off: the processor stands still.
        unsafe { asm!("cli", "hlt", options(nomem, nostack)) };
    }
}

/// # Safety
/// - The port may be written to.
unsafe fn put(port: u16, byte: u8) {
    // SAFETY: as the caller says.
    unsafe { asm!("out dx, al", in("dx") port, in("al") byte, options(nomem, nostack)) };
}

/// Powers off where the emulator has a port for it, whose status is then twice this one and one more; else stands still.
pub fn exit(status: i32) -> ! {
    // SAFETY: nothing else listens at this port.
    unsafe { asm!("out dx, eax", in("dx") 0xf4u16, in("eax") status, options(nomem, nostack)) };
    halt()
}

/// Writes to the first serial port.
pub fn say(text: &str) {
    const PORT: u16 = 0x3f8;
    for byte in text.bytes() {
        loop {
            let ready: u8;
            // SAFETY: the port's state, then its data.
            unsafe {
                asm!("in al, dx", in("dx") PORT + 5, lateout("al") ready, options(nomem, nostack));
            }
            if ready & 0x20 != 0 {
                break;
            }
        }
        // SAFETY: as above.
        unsafe { put(PORT, byte) };
    }
}

/// Starts the second processor. False: there is none.
pub fn begin_second() -> bool {
    /// The processor's own interrupt controller: where it sends commands to others.
    const COMMAND: *mut u32 = core::ptr::without_provenance_mut(0xfee0_0300);
    const PLACE: usize = 0x8000;
    // SAFETY: the first megabyte is nobody's, and mapped; the controller is where it is after a reset. The second processor takes over what
    // was copied, and its own stack.
    unsafe {
        let code = &raw const start16;
        let size = (&raw const end16).addr() - code.addr();
        core::ptr::copy_nonoverlapping(
            code.cast::<u8>(),
            core::ptr::without_provenance_mut(PLACE),
            size,
        );
        COMMAND.byte_add(0x10).write_volatile(1 << 24);
        COMMAND.write_volatile(0x4500);
        wait(10_000_000);
        for _ in 0..2 {
            COMMAND.byte_add(0x10).write_volatile(1 << 24);
            COMMAND.write_volatile(0x4600 | (PLACE >> 12) as u32);
            wait(1_000_000);
        }
    }
    for _ in 0..100 {
        if AWAKE.load(Relaxed) {
            return true;
        }
        wait(10_000_000);
    }
    false
}

/// Lets so many ticks of the time stamp counter pass.
fn wait(ticks: u64) {
    let end = PLATFORM.now() + ticks;
    while PLATFORM.now() < end {
        core::hint::spin_loop();
    }
}

/// The time stamp counter as a clock, which is taken to tick once in a nanosecond.
pub struct Counter(AtomicU64);

/// The host's clock and sleep.
pub static PLATFORM: Counter = Counter(AtomicU64::new(0));

// SAFETY: tokens are never used; the latest time of all processors is kept.
unsafe impl Platform for Counter {
    fn now(&self) -> u64 {
        // SAFETY: every processor of 64 bits has the counter.
        let now = unsafe { x86_64::_rdtsc() };
        // Relaxed: this is about one value.
        self.0.fetch_max(now, Relaxed).max(now)
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        body(ParkToken(0));
    }

    fn park(&self, _deadline: Option<u64>) {
        core::hint::spin_loop();
    }

    unsafe fn unpark(&self, _token: ParkToken) {}

    fn yield_now(&self) {
        core::hint::spin_loop();
    }
}
