//! The sample programs, run by the interpreter of this crate.

use kit_suite::programs::{Interpreter, Program};
#[allow(unused_imports)] // Not every test that includes this module needs all.
pub use kit_suite::programs::{folder, gaps, two_at_a_time};

/// The programs, and the interpreter under test: `KIT_PYTHON` names another one, `KIT_HEAP` and `KIT_ZEAL` stand for
/// options of it.
pub fn programs() -> Vec<Program> {
    let path =
        std::env::var_os("KIT_PYTHON").unwrap_or_else(|| env!("CARGO_BIN_EXE_kit-python").into());
    let mut interpreter = Interpreter::new(path);
    for (variable, option) in [("KIT_HEAP", "heap"), ("KIT_ZEAL", "zeal")] {
        if let Ok(value) = std::env::var(variable) {
            interpreter = interpreter
                .option("-X")
                .option(&format!("{option}={value}"));
        }
    }
    kit_suite::programs::all(&interpreter)
}
