//! What a C library would have brought: a few functions on memory, which the compiler calls by name.
//!
//! Their bodies avoid loops that it would turn into calls of themselves.

use core::panic::PanicInfo;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    super::exit(101)
}

/// # Safety
/// - As in C.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    for index in 0..count {
        // SAFETY: both have `count` bytes.
        unsafe { to.add(index).write_volatile(*from.add(index)) };
    }
    to
}

/// # Safety
/// - As in C.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    if to.addr().wrapping_sub(from.addr()) >= count {
        // SAFETY: copying upwards overwrites nothing that is still to be read.
        return unsafe { memcpy(to, from, count) };
    }
    for index in (0..count).rev() {
        // SAFETY: both have `count` bytes.
        unsafe { to.add(index).write_volatile(*from.add(index)) };
    }
    to
}

/// # Safety
/// - As in C.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    for index in 0..count {
        // SAFETY: it has `count` bytes.
        unsafe { to.add(index).write_volatile(byte as u8) };
    }
    to
}

/// # Safety
/// - As in C.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
    for index in 0..count {
        // SAFETY: both have `count` bytes.
        let (x, y) = unsafe { (a.add(index).read_volatile(), b.add(index).read_volatile()) };
        if x != y {
            return i32::from(x) - i32::from(y);
        }
    }
    0
}

/// Named by the tables of the `core` that is shipped, though nothing here unwinds.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// As `memcmp`, for who only asks whether there is a difference.
///
/// # Safety
/// - As in C.
#[cfg(feature = "lisp")]
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
    // SAFETY: as the caller says.
    unsafe { memcmp(a, b, count) }
}

/// Named by the `alloc` that is shipped, in the same way.
#[cfg(feature = "lisp")]
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    super::exit(105)
}

/// The remainder of floats, which the compiler calls for `%`: a long division whose steps are exact.
#[cfg(feature = "python")]
#[unsafe(no_mangle)]
extern "C" fn fmod(x: f64, y: f64) -> f64 {
    let (mut rest, divisor) = (x.abs(), y.abs());
    if !rest.is_finite() || divisor.is_nan() || divisor == 0.0 {
        return f64::NAN;
    }
    let mut part = divisor;
    while part <= rest / 2.0 {
        part *= 2.0;
    }
    while part >= divisor && part.is_finite() {
        if rest >= part {
            rest -= part;
        }
        part /= 2.0;
    }
    rest.copysign(x)
}
