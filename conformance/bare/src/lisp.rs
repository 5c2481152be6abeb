//! The second language on this machine: `kit-std` without `std`, on a port of one page.

#[forbid(unsafe_code)]
#[path = "../../../kit-std/examples/tiny_lisp/lisp/mod.rs"]
mod tiny_lisp;

use crate::check;
use crate::host;
use crate::port::PORT;
use alloc::boxed::Box;
use alloc::string::String;
use kit_std::managed::Language;

/// Runs the program.
pub fn run() {
    let mut lines = include_str!("program.lisp").lines().map(String::from);
    let language = Language::builder_on(PORT);
    let language = tiny_lisp::program(language, &mut lines, Box::new(host::say), false);
    let Ok(language) = language else {
        host::exit(70);
    };
    check(language.live_objects() == 0, 71);
    host::say("the second language ran on both; none of its objects is left\n");
}
