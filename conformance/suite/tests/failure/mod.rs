//! What the tests of broken ports look at.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a law said when it failed.
#[track_caller]
pub fn failure(law: impl FnOnce()) -> String {
    let panic =
        catch_unwind(AssertUnwindSafe(law)).expect_err("a law that holds of what breaks it");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(_) => panic!("a law failed without a message"),
    }
}
