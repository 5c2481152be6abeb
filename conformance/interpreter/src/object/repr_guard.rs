//! Which containers are being written out by the calling thread, so that one that contains itself
//! ends as `[...]`.

use super::obj::Obj;
use super::protocol::address;
use crate::error::{PyResult, raise};
use crate::vm::thread::writing;
use kit_core::thread::Ctx;

/// Most containers that are written out inside each other: the text of a view, for one, is copied into what it is in.
const DEEPEST: usize = 25_000;

/// RecursionError when too many containers are being written out.
pub fn check_depth(ctx: &mut Ctx) -> PyResult<()> {
    if writing(|active| active.len()).is_some_and(|depth| depth > DEEPEST) {
        return Err(raise!(
            ctx,
            RecursionError,
            "maximum recursion depth exceeded while getting the repr of an object"
        ));
    }
    Ok(())
}

/// A container is being written out until this is dropped.
pub struct ReprGuard(u64);

/// Says that `container` is being written out; `None` when it already is.
pub fn enter(container: &Obj) -> Option<ReprGuard> {
    let address = address(container);
    // Not `then_some`: a guard that is made and dropped would take the entry out again.
    let new = writing(|active| active.insert(address)).unwrap_or(true);
    new.then(|| ReprGuard(address))
}

impl Drop for ReprGuard {
    fn drop(&mut self) {
        writing(|active| active.remove(&self.0));
    }
}
