//! What an object type may be made of.

use super::type_info::Managed;
use super::value::Brand;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16,
    AtomicU32, AtomicU64, AtomicUsize,
};
use kit_core::object::{Header, Tracer};
use kit_core::thread::Ctx as RawCtx;

/// A field of an object type: one that refers, or data that does not.
///
/// # Safety
/// - A member that refers reports what it owns, each reference once, and gives it up when it is emptied.
/// - It is empty whenever it is not in an object, and does not let what it owns out but by a [`Place`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of an object type",
    label = "references in here would be hidden from the collector",
    note = "references lie in `Slot`, `ValueSlot`, `List`, `Table` and `Weak`; data without any can be wrapped in `Plain`"
)]
pub unsafe trait Member: Send + Sync + 'static {
    /// Whether it may refer to objects that refer back.
    const REFERS: bool;

    /// Traces it, or empties it.
    fn visit(&self, visitor: &mut Visitor<'_>);
}

/// Who visits the members of an object. Only the kit makes one.
pub struct Visitor<'v>(pub(super) Visit<'v>);

pub(super) enum Visit<'v> {
    /// The collector, with the world stopped.
    Trace(*mut Tracer<'v>),
    /// Nobody else looks at the members any more.
    Empty(&'v RawCtx),
}

impl<'v> Visitor<'v> {
    pub(super) fn trace<'t: 'v>(tracer: &'v mut Tracer<'t>) -> Visitor<'v> {
        Visitor(Visit::Trace(core::ptr::from_mut(tracer).cast()))
    }

    /// # Safety
    /// - The object is garbage, or has no references left, and is the calling thread's.
    pub(super) unsafe fn empty(ctx: &'v RawCtx) -> Visitor<'v> {
        Visitor(Visit::Empty(ctx))
    }
}

/// Data without references: anything that is not bound to a stay, as [`Value`](super::Value) and
/// [`Local`](super::Local) are. A [`Global`](super::Global) in here is a root: its cycles stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Plain<T>(pub T);

impl<T> core::ops::Deref for Plain<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

// SAFETY: no reference can be in there: they have a lifetime, or are roots.
unsafe impl<T: Send + Sync + 'static> Member for Plain<T> {
    const REFERS: bool = false;

    fn visit(&self, _: &mut Visitor<'_>) {}
}

macro_rules! data {
    ($($ty:ty)*) => {$(
        // SAFETY: there is no reference in there.
        unsafe impl Member for $ty {
            const REFERS: bool = false;

            fn visit(&self, _: &mut Visitor<'_>) {}
        }
    )*};
}

data! {
    () bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 String Box<str> &'static str Vec<u8> Box<[u8]>
    AtomicBool AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize
}

/// Where in objects of type `T` a field of type `F` is. The derive makes one for each field.
pub struct Field<T, F> {
    offset: usize,
    types: PhantomData<fn(&T) -> &F>,
}

impl<T: Managed, F: Member> Field<T, F> {
    /// The field at an offset.
    ///
    /// # Safety
    /// - `T` has a field of type `F` there, aligned.
    #[doc(hidden)]
    pub const unsafe fn new(offset: usize) -> Field<T, F> {
        Field {
            offset,
            types: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn offset(self) -> usize {
        self.offset
    }
}

impl<T, F> Clone for Field<T, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, F> Copy for Field<T, F> {}

/// A member in its object. What can be done with it depends on what it is: see [`Slot`](super::Slot),
/// [`ValueSlot`](super::ValueSlot), [`List`](super::List), [`Table`](super::Table), [`Weak`](super::Weak).
pub struct Place<'p, 'a, F> {
    pub(super) owner: &'p Header,
    pub(super) member: &'p F,
    brand: Brand<'a>,
}

impl<'p, F> Place<'p, '_, F> {
    /// # Safety
    /// - `member` is a field of the object `owner`, of the language that the stay `'a` is in.
    #[inline(always)]
    pub(super) unsafe fn new(owner: &'p Header, member: &'p F) -> Self {
        Place {
            owner,
            member,
            brand: PhantomData,
        }
    }
}
