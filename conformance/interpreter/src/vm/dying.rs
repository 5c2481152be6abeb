//! The last moments of an object with a finalizer or with weak references.

use super::thread::{py, rt};
use crate::object::exception;
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::type_::{layout_of, type_of};
use kit_core::object::{Bits, Header, Word};
use kit_core::refcount::biased::Released;
use kit_core::thread::Ctx;

/// The handler of [`kit_core::backend::events::Events::dying`].
///
/// # Safety
/// - `object` has no references left and is this thread's to destroy.
pub unsafe fn dying(ctx: &mut Ctx, object: *mut Header) -> bool {
    // SAFETY: the object is complete until it is taken apart.
    let header = unsafe { &*object };
    let word = Word::object(object);
    let bits = header.bits();
    // SAFETY: the slot is this thread's; the object is dead.
    unsafe { header.resurrect(ctx.counter()) };
    // SAFETY: `resurrect` gave the object one reference, which is given back below, by hand.
    let object = core::mem::ManuallyDrop::new(unsafe { Obj::from_word(word) });
    let finalize = type_of(ctx, &object).slots(ctx).finalize;
    if let (Some(finalize), false) = (finalize, bits.contains(Bits::FINALIZED)) {
        header.set_bits(Bits::FINALIZED);
        // A finalizer neither sees nor disturbs an exception on its way.
        let raised = py(ctx).raised.take();
        if let Err(error) = finalize(ctx, &object) {
            exception::report_unraisable(ctx, error, &object);
        }
        py(ctx).raised = raised;
    }
    let is_found = header.bits().contains(Bits::WEAKLY_REFERENCED)
        || matches!(layout_of(header.type_id()), ids::WEAKREF | ids::TYPE);
    if is_found && !header.is_unique(ctx.slot()) {
        // The finalizer may have let it escape: others find it again.
        header.publish();
    }
    // SAFETY: gives up the reference of `resurrect`.
    let mut verdict = unsafe { header.end_resurrection(ctx.counter()) };
    // Weak references go once it is certain that the finalizer has not let the object escape; it may have
    // made new ones.
    if verdict == Released::Dead && header.bits().contains(Bits::WEAKLY_REFERENCED) {
        // SAFETY: as above; the callbacks find the object complete, should they come upon it.
        unsafe { header.resurrect(ctx.counter()) };
        // SAFETY: complete, and dying on this thread.
        unsafe { rt(ctx).library.weak.clear(ctx, header) };
        // SAFETY: gives up the reference of `resurrect`.
        verdict = unsafe { header.end_resurrection(ctx.counter()) };
    }
    match verdict {
        Released::Dead => true,
        Released::Alive => false,
        verdict => {
            // SAFETY: the verdict came from this object just now.
            unsafe { ctx.thread().released(word.as_object(), verdict) };
            false
        }
    }
}
