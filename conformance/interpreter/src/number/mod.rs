//! Numbers: the algorithms under `int`, `float`, `complex`, `math`, `random` and hashing, free of
//! any object.

pub mod complex_math;
pub mod complex_text;
pub mod float_text;
pub mod hash;
pub mod huge;
pub mod int_math;
pub mod int_text;
pub mod math;
pub mod math_special;
pub mod twister;
