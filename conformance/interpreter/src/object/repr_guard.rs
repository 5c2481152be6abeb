//! Which containers are being written out by the calling thread, so that one that contains itself
//! ends as `[...]`.

use super::obj::Obj;
use super::protocol::address;
use crate::error::{PyResult, raise};
use core::cell::RefCell;
use kit_core::thread::Ctx;
use std::collections::HashSet;

thread_local! {
    static ACTIVE: RefCell<HashSet<u64>> = RefCell::new(HashSet::new());
}

/// Most containers that are written out inside each other: the text of a view, for one, is copied into what it is in.
const DEEPEST: usize = 25_000;

/// RecursionError when too many containers are being written out.
pub fn check_depth(ctx: &mut Ctx) -> PyResult<()> {
    if ACTIVE.with(|active| active.borrow().len()) > DEEPEST {
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
    ACTIVE.with(|active| {
        let mut active = active.borrow_mut();
        let address = address(container);
        // Not `then_some`: a guard that is made and dropped would take the entry out again.
        active.insert(address).then(|| ReprGuard(address))
    })
}

impl Drop for ReprGuard {
    fn drop(&mut self) {
        ACTIVE.with(|active| active.borrow_mut().remove(&self.0));
    }
}
