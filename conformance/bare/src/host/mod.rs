//! The host: where the program begins and ends, how it speaks, its second thread, its clock.
//!
//! | | Linux, by system calls | feature `machine`: no system, x86-64 | Arm: no system, one Cortex-M0 or better |
//! |---|---|---|---|
//! | [`exit`] | `exit_group` | the debug port of the emulator, or a halt | semihosting |
//! | [`say`] | `write` | the serial port | semihosting |
//! | [`start`] | `clone` | the second processor | there is none |
//! | [`PLATFORM`] | `futex`, `clock_gettime` | the time stamp counter; waiting is spinning | looks at it are counted |

mod memory;
mod second;

#[cfg(target_arch = "arm")]
#[path = "cortex.rs"]
mod imp;
#[cfg(not(any(feature = "machine", target_arch = "arm")))]
#[path = "linux.rs"]
mod imp;
#[cfg(all(feature = "machine", not(target_arch = "arm")))]
#[path = "machine.rs"]
mod imp;

pub use imp::{PLATFORM, exit, say};
#[cfg(feature = "lisp")]
pub use second::is_second;
pub use second::start;

/// Says a number.
pub fn say_number(mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Ok(text) = core::str::from_utf8(&digits[at..]) {
        say(text);
    }
}
