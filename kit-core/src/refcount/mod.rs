//! Who counts an object's references, and how.
//!
//! [`biased`] is the split count of every mortal object; [`immortal`] objects are not counted at
//! all; [`deferred`] objects are counted in the heap but not on stacks, and some of them [`per_thread`].
//! [`counter`] is who counts. A [`stack_ref`] is a reference in a slot of a frame.
//!
//! All of it are methods of [`Header`](crate::object::Header). Who comes from CPython finds:
//!
//! | there | here |
//! |---|---|
//! | `Py_INCREF`, `Py_DECREF` | [`retain`], [`release`]; with a context: [`Ctx::retain`], [`Ctx::release`] |
//! | `PyUnstable_TryIncRef`, `_Py_TryIncref` | [`try_retain`] |
//! | `_Py_NewRefWithLock` | [`retain_published`] |
//! | `PyUnstable_EnableTryIncRef`, "set maybe weakref" | [`publish`]; the way back: [`unpublish`] |
//! | `PyUnstable_Object_IsUniquelyReferenced` | [`is_unique`] |
//! | `PyUnstable_Object_EnableDeferredRefcount` | [`enable_deferred`] |
//! | `PyUnstable_SetImmortal`, `PyUnstable_IsImmortal` | [`make_immortal`], [`is_immortal`] |
//! | `suppress_co_const_immortalization` | [`Ctx::suppress_immortal`] |
//! | `PyUnstable_Object_IsUniqueReferencedTemporary` | [`is_unique_temporary`](stack_ref::is_unique_temporary) |
//! | `PyStackRef_...` | [`stack_ref`] |
//! | explicit merge, merge zero | [`merge`]; part of [`release`] |
//! | `PyObject_CallFinalizerFromDealloc` | [`resurrect`], [`end_resurrection`] |
//!
//! [`retain`]: crate::object::Header::retain
//! [`release`]: crate::object::Header::release
//! [`try_retain`]: crate::object::Header::try_retain
//! [`retain_published`]: crate::object::Header::retain_published
//! [`publish`]: crate::object::Header::publish
//! [`unpublish`]: crate::object::Header::unpublish
//! [`is_unique`]: crate::object::Header::is_unique
//! [`enable_deferred`]: crate::object::Header::enable_deferred
//! [`make_immortal`]: crate::object::Header::make_immortal
//! [`is_immortal`]: crate::object::Header::is_immortal
//! [`merge`]: crate::object::Header::merge
//! [`resurrect`]: crate::object::Header::resurrect
//! [`end_resurrection`]: crate::object::Header::end_resurrection
//! [`Ctx::retain`]: crate::thread::Ctx::retain
//! [`Ctx::release`]: crate::thread::Ctx::release
//! [`Ctx::suppress_immortal`]: crate::thread::Ctx::suppress_immortal

mod alone;
pub mod biased;
pub mod counter;
pub mod deferred;
pub mod immortal;
pub mod per_thread;
pub mod stack_ref;

#[cfg(all(test, loom))]
mod model;
