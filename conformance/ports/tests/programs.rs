//! All sample programs of Python on each port.

use std::process::ExitCode;

use kit_ports::{allocator, bump, global, own, rlsf, talc};
use kit_python::cli::main_on;
use kit_suite::programs::{self, Port};

/// What `kit-python -X heap=arena:64M` has, and as much again for what these put between spans.
const ARRAY: usize = 128 << 20;

/// What a program may ask for in all, where nothing is used again.
const ONCE: usize = 1 << 30;

fn main() -> ExitCode {
    programs::main(&[
        Port::new("talc", |args| main_on(args, |_| talc::heap(ARRAY))),
        Port::new("rlsf", |args| main_on(args, |_| rlsf::heap(ARRAY))),
        Port::new("global-paged", |args| {
            main_on(args, |_| Some(global::paged()))
        }),
        Port::new("global", |args| {
            main_on(args, |_| Some(global::delegating()))
        }),
        Port::new("allocator-paged", |args| {
            main_on(args, |_| Some(allocator::paged()))
        }),
        Port::new("allocator", |args| {
            main_on(args, |_| Some(allocator::delegating()))
        }),
        Port::new("bump", |args| main_on(args, |_| bump::heap(ONCE))).that_runs_out(),
        Port::new("own", |args| main_on(args, |_| Some(own::heap()))),
    ])
}
