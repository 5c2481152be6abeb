//! The second stop: finalizers may have brought back some of the garbage.

use super::{
    CycleCollector, Pause,
    candidates::{Pass, first_word, is_examined, subtract_one},
    clear,
    hidden::Hiding,
    mark::Marker,
    merge, subtract,
    sweep::Sweep,
    team::Team,
};
use crate::worklist::Found;
use kit_core::{
    backend::collector::{Collected, NotCollected, WeakPhase},
    object::{Bits, Header},
    thread::Ctx,
};

impl CycleCollector {
    /// The second stop: puts what is still garbage in front, in the order in which to let it go, and
    /// returns how many that are, and what of them is swept. Until it has begun, the garbage stays hidden.
    pub(super) fn confirm(
        &self,
        ctx: &Ctx,
        garbage: &mut Found<'static>,
        hiding: Hiding<'_>,
        keeps: bool,
        sweeps: bool,
        report: &mut Collected,
    ) -> Result<(usize, Option<Sweep<'static>>), NotCollected> {
        let types = &ctx.thread().services().types;
        let pause = Pause::begin(self.world, ctx)?;
        // Not before: the stop may have to wait for another thread's, which may look around.
        drop(hiding);
        let mut pass = Pass::new(types, self.heap);
        // A deferred object may be needed by anything in the heap, without a count that would show it.
        // SAFETY: the list's reference keeps the objects.
        let any_deferred = garbage
            .as_slice()
            .iter()
            .any(|&object| unsafe { (*object).bits().contains(Bits::DEFERRED) });
        // SAFETY: stopped, and `pass` is dropped before the world starts; the list has one reference to each.
        unsafe {
            if any_deferred {
                merge::merge(&pause.stopped, self.heap, ctx.thread());
            }
            self.examine_only(&mut pass, garbage.as_slice())?;
            if any_deferred {
                subtract::add_all_uncounted(self.heap, &pass);
                subtract::add_stacks(&pass, &pause.stopped);
                self.host.roots(&mut |word| subtract::add_root(&pass, word));
            }
            Marker::new(&pass, self.heap).mark_held();
        }
        let list = garbage.as_mut_slice();
        let mut dead = 0;
        for index in 0..list.len() {
            // What a finalizer untracked cannot be judged: let it go.
            // SAFETY: kept by the list, with the world stopped.
            if unsafe { pass.word_of(list[index]) }.is_some() {
                list.swap(index, dead);
                dead += 1;
            }
        }
        self.clear_weak(&pass, &list[..dead], WeakPhase::AfterFinalizers);
        let sweep = if keeps {
            None
        } else {
            // SAFETY: stopped; what is dead now stays so.
            unsafe { clear::settle(&pass, &mut list[..dead], true, sweeps, self.heap, ctx) }
        };
        drop(pass);
        pause.end(report);
        Ok((dead, sweep))
    }

    /// Makes these objects the candidates, and everything else count as alive: what is left of their counts comes from
    /// there. The list has one reference to each.
    ///
    /// # Safety
    ///
    /// - The world is stopped until `pass` is dropped, which is new.
    unsafe fn examine_only(
        &self,
        pass: &mut Pass<'_>,
        objects: &[*mut Header],
    ) -> Result<(), NotCollected> {
        // SAFETY: stopped; the list's references keep the objects.
        unsafe {
            for &object in objects {
                let page = pass.page_of(object);
                if page.as_ref().side.get().is_null()
                    && !(pass.attach(page) && pass.mark_page(page, true))
                {
                    return Err(NotCollected::OutOfMemory);
                }
                if is_examined(&*object)
                    && let Some(mark) = pass.mark_of(object)
                {
                    mark.clear_alone();
                    let mut word = first_word(&*object);
                    subtract_one(&mut word);
                    pass.set_word(object, word);
                }
            }
            subtract::subtract_all(pass, Team::ALONE);
        }
        Ok(())
    }
}
