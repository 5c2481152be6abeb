//! What the layers above contribute to an object's death and to a thread's safepoints.

use crate::object::Header;
use crate::thread::Ctx;

/// Flag of a type whose instances have a finalizer: [`Events::dying`] is called before one of them
/// is taken apart. The flags of a type that are not named here are the embedder's.
pub const FINALIZES: u32 = 1;

/// Flag of a type whose instances refer weakly: those that are garbage are passed to
/// [`CycleHost::clear_weak`](super::collector::CycleHost::clear_weak), whether they are referred to or not.
pub const REFERS_WEAKLY: u32 = 2;

/// Functions called on slow paths only.
pub struct Events {
    /// The last reference to an object with a finalizer or with weak references is gone: clear the
    /// weak references, run the finalizer (once), call the callbacks. The object has no references;
    /// to run code on it, bring it back with [`Header::resurrect`] and end that with
    /// [`Header::end_resurrection`]. True when the object is to be taken apart; false when it
    /// escaped, after which it must not be touched.
    pub dying: unsafe fn(&mut Ctx, *mut Header) -> bool,
    /// The breaker word is set: stop if asked to, merge, free what has become due, collect, and
    /// let the embedder run its signals. True to make the running code stop with what the embedder
    /// has stored.
    pub interrupt: unsafe fn(&mut Ctx) -> bool,
}
