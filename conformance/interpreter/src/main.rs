//! kit-python.
fn main() {}
