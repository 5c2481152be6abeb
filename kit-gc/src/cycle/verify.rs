//! The audit: do objects and data stacks hold more counted references to an object than its count says, and does
//! every reference lead to an object?
//!
//! A count that is too low frees an object too early, somewhere, some time. The collector's arithmetic finds it
//! at once: the references that objects hold can be fewer than the count, never more. For tests and for zeal.
//!
//! What is left of a count is held by native code, which the kit does not know. Where the embedder knows what it holds itself,
//! at the end of a program for instance, all else was counted and never dropped: a leak
//! ([`audit_with`](CycleCollector::audit_with)).

use super::{
    CycleCollector, Pause,
    candidates::*,
    merge::{add_up, attach_all},
};
use core::ptr::NonNull;
use kit_core::{
    backend::{
        collector::NotCollected,
        heap::{HeapKind, Kinds},
    },
    object::{Bits, Header},
    thread::{Ctx, Thread},
};

/// What an audit found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Objects whose count was compared.
    pub examined: usize,
    /// References that should not be: without a count, or to nothing.
    pub missing: usize,
    /// The first of those.
    pub example: Option<Disagreement>,
}

/// A reference that is held, and for which its target has no count.
///
/// The addresses are for a message; nothing keeps the objects any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The object that is referred to.
    pub target: *mut Header,
    /// Its type; `None`: at that address is no object.
    pub target_type: Option<u32>,
    /// The references it has counted.
    pub counted: i64,
    /// The counted references to it that objects and data stacks hold.
    pub held: i64,
    /// One who holds a reference too many, and its type; `None` for a data stack.
    pub holder: Option<(*mut Header, u32)>,
    /// Which of the references it holds: as its kind reports them, or from the lower end of the stack's last chunk.
    pub edge: usize,
}

/// An object with more references than objects and data stacks hold.
///
/// The address is for a message or a comparison; nothing keeps the object any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The object.
    pub object: *mut Header,
    /// Its type.
    pub type_id: u32,
    /// References that neither objects nor data stacks hold.
    pub count: u32,
}

/// The word of a block that is in use, whatever is in it.
const LIVE: u32 = TRACED;

impl CycleCollector {
    /// Stops the world and compares. The heap is as it was afterwards.
    ///
    /// # Errors
    ///
    /// Nothing was compared.
    pub fn audit(&self, ctx: &mut Ctx) -> Result<Audit, NotCollected> {
        self.audit_with(ctx, None)
    }

    /// [`audit`](Self::audit), which also looks at what plain objects hold, and calls `excess` with each object that has more
    /// references than objects and data stacks hold. It is called with the world stopped, and must not allocate in the heap, free there,
    /// lock, or run language code.
    ///
    /// # Errors
    ///
    /// Nothing was compared.
    pub fn audit_with(
        &self,
        ctx: &mut Ctx,
        excess: Option<&mut dyn FnMut(Excess)>,
    ) -> Result<Audit, NotCollected> {
        ctx.drain();
        let mut audit = Audit::default();
        let pause = Pause::begin(self.world, ctx)?;
        let mut pass = Pass::new(&ctx.thread().services().types, self.heap);
        // SAFETY: stopped until `pass` is dropped; nothing is allocated or freed in the heap; tracked
        // objects may be traced.
        unsafe {
            add_up(&pause.stopped, ctx.thread());
            attach_all(self.heap, Kinds::OBJECTS, &mut pass)?;
            for_each_of(self.heap, Kinds::OBJECTS, |object| {
                let header = &*object;
                let mut word = LIVE;
                if !header.is_immortal() && !header.bits().contains(Bits::STATIC) {
                    audit.examined += 1;
                    // Not the first word: one who is dying has no count, and nobody refers to it.
                    word |= true_word(header);
                }
                pass.set_word(object, word);
            });
            self.for_each_edge(
                &pause,
                &pass,
                excess.is_some(),
                |holder, edge, target, counted| {
                    let fits = match pass.any_word_of(target) {
                        Place::Elsewhere => true,
                        Place::Nothing => false,
                        Place::Block(word) if !counted || *word & CANDIDATE == 0 => {
                            *word & LIVE != 0
                        }
                        Place::Block(word) if has_count(*word) => {
                            subtract_one(word);
                            true
                        }
                        Place::Block(_) => false,
                    };
                    if !fits {
                        audit.missing += 1;
                        audit.example.get_or_insert(Disagreement {
                            target,
                            target_type: None,
                            counted: 0,
                            held: 0,
                            holder: holder.map(|holder| (holder, (*holder).type_id())),
                            edge,
                        });
                    }
                },
            );
            if let Some(excess) = excess {
                for_each_of(self.heap, Kinds::OBJECTS, |object| {
                    if let Place::Block(word) = pass.any_word_of(object)
                        && *word & CANDIDATE != 0
                        && has_count(*word)
                    {
                        excess(Excess {
                            object,
                            type_id: (*object).type_id(),
                            count: *word / ONE,
                        });
                    }
                });
            }
            if let Some(example) = &mut audit.example {
                if let Place::Block(word) = pass.any_word_of(example.target)
                    && *word & LIVE != 0
                {
                    example.target_type = Some((*example.target).type_id());
                    example.counted = (*example.target).references();
                }
                self.for_each_edge(&pause, &pass, false, |_, _, target, counted| {
                    example.held += i64::from(counted && target == example.target);
                });
            }
        }
        drop(pass);
        drop(pause);
        Ok(audit)
    }

    /// Calls `f` with every reference: the holder, which of its references it is, the target, and whether it is
    /// counted. What plain objects hold, which the collector need not know, is among them on demand: they are complete
    /// whenever their thread can be stopped.
    ///
    /// # Safety
    ///
    /// - The world is stopped, and `f` neither allocates nor frees.
    unsafe fn for_each_edge(
        &self,
        pause: &Pause<'_>,
        pass: &Pass<'_>,
        plain: bool,
        mut f: impl FnMut(Option<*mut Header>, usize, *mut Header, bool),
    ) {
        // SAFETY: as the caller says; tracked objects may be traced. A core is the first field of its thread's
        // record, which is stopped, or ours and at a safepoint.
        unsafe {
            for_each_object(self.heap, |object| {
                if (*object).bits().contains(Bits::TRACKED) {
                    let mut edge = 0;
                    pass.trace(object, |target, how| {
                        f(Some(object), edge, target, how.is_counted());
                        edge += 1;
                    });
                }
            });
            if plain {
                for_each_of(self.heap, Kinds::of(&[HeapKind::Plain]), |object| {
                    // One without references is dead.
                    if (*object).is_immortal() || (*object).references() > 0 {
                        let mut edge = 0;
                        pass.trace(object, |target, how| {
                            f(Some(object), edge, target, how.is_counted());
                            edge += 1;
                        });
                    }
                });
            }
            pause.stopped.for_each_thread(|core| {
                let thread = &*core::ptr::from_ref(core).cast::<Thread>();
                let mut edge = 0;
                (*thread.stack.get()).scan(&mut |word| {
                    f(None, edge, word.as_object(), !word.is_deferred());
                    edge += 1;
                });
            });
        }
    }
}

/// What lies at an address that somebody refers to.
enum Place<'a> {
    /// Static memory, or a heap in which blocks cannot be looked up by address.
    Elsewhere,
    /// No block of the heap that has objects.
    Nothing,
    /// A block with this word; 0 if it is free.
    Block(&'a mut u32),
}

impl<'a> Pass<'a> {
    /// What lies at `target`.
    ///
    /// # Safety
    ///
    /// - The world is stopped; every block with an object has its word. In a heap without pages, `target` is an object.
    unsafe fn any_word_of(&self, target: *mut Header) -> Place<'a> {
        let Some(object) = NonNull::new(target) else {
            return Place::Nothing;
        };
        // SAFETY: as the caller says; what is in a segment of the heap has a page.
        unsafe {
            if self.is_outside(target) {
                return Place::Elsewhere;
            }
            if self.page_of(object.as_ptr()).as_ref().side.get().is_null() {
                return Place::Nothing;
            }
            Place::Block(&mut *self.word_at(object))
        }
    }
}
