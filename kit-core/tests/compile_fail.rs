//! What must not compile: one folder for each topic, one program for each mistake, and what the compiler
//! says to it.
#![cfg(not(loom))]

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*/*.rs");
}
