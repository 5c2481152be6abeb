//! What the kit must know of a kind of object: how to visit it, how to take it apart.
//!
//! A [`Kind`] is a static record of functions; many types of the embedder's language may share one
//! (every class of a language whose instances are laid out alike). The functions are called with
//! the object's header and find the payload behind it.

use super::{Header, Tracer};
use crate::thread::{Ctx, Thread};

/// The functions of a kind of object.
pub struct Kind {
    /// For reports.
    pub name: &'static str,
    /// Reports every reference the object holds.
    ///
    /// Called by the collector with the world stopped, at any moment after the object was tracked;
    /// it must not allocate, lock, or touch counts. The thread may be one of the host's
    /// [helpers](crate::backend::collector::Helpers).
    pub trace: unsafe fn(*const Header, &mut Tracer<'_>),
    /// Drops the references that may be part of a cycle; the object stays valid.
    pub clear: unsafe fn(*const Header, &mut Ctx),
    /// Drops the payload. References found there go to the thread's list of dying objects
    /// ([`crate::thread::dying`]), never into deep recursion.
    pub drop: unsafe fn(*mut Header, &mut Ctx),
    /// Gives up what the payload owns apart from the references that `trace` reports, such as buffers, so that the
    /// block can be freed. For garbage that the collector frees together, in place of `clear` and `drop`: it has dealt with the
    /// references, and what they led to may be gone. Runs nothing, and drops no reference but those reported as
    /// [`PerThread`](crate::object::trace::Edge::PerThread).
    ///
    /// `None`: objects of this kind are garbage like any other, one by one. With a function, `trace` reports *every*
    /// reference that the payload owns, to plain objects too.
    pub discard: Option<unsafe fn(*mut Header, &Thread)>,
    /// Bytes of the object's block, header included, for statistics and walks.
    pub size: unsafe fn(*const Header) -> usize,
}

/// A `trace` or for kinds that hold no references.
///
/// # Safety
/// - None; it does not look at the object.
pub unsafe fn trace_nothing(_: *const Header, _: &mut Tracer<'_>) {}

/// A `discard` for kinds that own nothing but references.
///
/// # Safety
/// - None; it does not look at the object.
pub unsafe fn discard_nothing(_: *mut Header, _: &Thread) {}

/// A `clear` for kinds that hold no references, or none that can close a cycle alone.
///
/// # Safety
/// - None; it does not look at the object.
pub unsafe fn clear_nothing(_: *const Header, _: &mut Ctx) {}
