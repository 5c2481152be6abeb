//! The audit: are there more counted references to an object than its count says?
//!
//! A count that is too low frees an object too early, somewhere, some time. The collector's arithmetic finds it
//! at once: the references that objects hold can be fewer than the count, never more. For tests and for zeal.

use super::{CycleCollector, Pause, add_up, attach_all, candidates::*};
use kit_core::{
    backend::collector::NotCollected,
    object::{Bits, Header, trace::Edge},
    thread::Ctx,
};

/// What an audit found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Objects that were looked at.
    pub examined: usize,
    /// References for which their target has no count.
    pub missing: usize,
    /// A target of one of those.
    pub example: Option<*mut Header>,
}

impl CycleCollector {
    /// Stops the world and compares. The heap is as it was afterwards.
    ///
    /// # Errors
    ///
    /// Nothing was compared.
    pub fn audit(&self, ctx: &mut Ctx) -> Result<Audit, NotCollected> {
        ctx.drain();
        let mut audit = Audit::default();
        let pause = Pause::begin(self.world, ctx)?;
        let mut pass = Pass::new(&ctx.thread().services().types, self.heap);
        // SAFETY: stopped until `pass` is dropped; nothing is allocated or freed in the heap; tracked
        // objects may be traced, and what they refer to is alive.
        unsafe {
            add_up(&pause.0, ctx.thread());
            attach_all(self.heap, &mut pass)?;
            for_each_object(self.heap, |object| {
                if is_examined(&*object) {
                    audit.examined += 1;
                    // Not the first word: one who is dying has no count, and nobody refers to it.
                    pass.set_word(object, true_word(&*object));
                }
            });
            for_each_object(self.heap, |object| {
                if !(*object).bits().contains(Bits::TRACKED) {
                    return;
                }
                pass.trace(object, |target, edge| {
                    if edge == Edge::Counted
                        && let Some(word) = pass.word_of(target)
                    {
                        if has_count(*word) {
                            subtract_one(word);
                        } else {
                            audit.missing += 1;
                            audit.example = Some(target);
                        }
                    }
                });
            });
        }
        drop(pass);
        drop(pause);
        Ok(audit)
    }
}
