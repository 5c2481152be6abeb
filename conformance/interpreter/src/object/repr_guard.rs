//! Which containers are being written out by the calling thread, so that one that contains itself
//! ends as `[...]`.

use super::obj::Obj;
use super::protocol::address;
use std::cell::RefCell;

thread_local! {
    static ACTIVE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A container is being written out until this is dropped.
pub struct ReprGuard(());

/// Says that `container` is being written out; `None` when it already is.
pub fn enter(container: &Obj) -> Option<ReprGuard> {
    ACTIVE.with(|active| {
        let mut active = active.borrow_mut();
        let address = address(container);
        if active.contains(&address) {
            return None;
        }
        active.push(address);
        Some(ReprGuard(()))
    })
}

impl Drop for ReprGuard {
    fn drop(&mut self) {
        ACTIVE.with(|active| active.borrow_mut().pop());
    }
}
