//! The record of a type, and the functions of its instances' kind.

use super::context::Ctx;
use super::member::Visitor;
use super::value::{Local, Value};
use crate::thread::current;
use crate::unwind;
use core::mem;
use core::ptr;
use kit_core::object::{Header, Kind, Tracer, Word};
use kit_core::sync::native::{AtomicU32, Ordering::Relaxed};
use kit_core::thread::Ctx as RawCtx;

/// An object: its header, then what the type adds.
#[repr(C)]
pub(super) struct Object<T> {
    pub(super) header: Header,
    pub(super) body: T,
}

// SAFETY: a header comes first.
unsafe impl<T> kit_core::thread::Object for Object<T> {}

/// A type of objects. Derive it: `#[derive(Managed)]` of `kit-derive`.
///
/// # Safety
/// - `info` returns a record that was made for this type, and is no other's.
/// - `visit` visits each field once, and does nothing else.
/// - `REFERS` is that of any of the fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no object type",
    note = "a struct becomes one by `#[derive(Managed)]`"
)]
pub unsafe trait Managed: Sized + Send + Sync + 'static {
    /// Whether instances may be part of a cycle.
    const REFERS: bool;

    /// The record of the type.
    fn info() -> &'static TypeInfo;

    /// Visits the fields.
    fn visit(&self, visitor: &mut Visitor<'_>);
}

/// What happens to objects that die, before they do.
pub trait Finalize: Managed {
    /// Nothing else refers to the object, but for members of the same garbage. Who keeps a reference brings the object back; it
    /// is then an object like any other, but not finalized again. It may run on any thread, at any safepoint.
    fn finalize<'a>(this: &Local<'a, Self>, ctx: &mut Ctx<'a>);
}

/// What a native method comes to: a value, or what the language takes for an error.
pub type Outcome<'a> = Result<Value<'a>, Value<'a>>;

type Dispatch = for<'a> fn(&mut Ctx<'a>, &Value<'a>, &[Value<'a>]) -> Outcome<'a>;

/// A method written in Rust.
pub struct Method {
    pub(super) name: &'static str,
    pub(super) call: Dispatch,
}

impl Method {
    /// What the derive makes of `methods(...)`.
    #[doc(hidden)]
    pub const fn new(name: &'static str, call: Dispatch) -> Method {
        Method { name, call }
    }

    /// Calls a method of type `T`, as which it was found.
    #[doc(hidden)]
    pub fn dispatch<'a, T: Managed>(
        ctx: &mut Ctx<'a>,
        this: &Value<'a>,
        arguments: &[Value<'a>],
        method: impl FnOnce(&Local<'a, T>, &mut Ctx<'a>, &[Value<'a>]) -> Outcome<'a>,
    ) -> Outcome<'a> {
        let this = this.downcast_ref::<T>().expect("found by its type");
        method(this, ctx, arguments)
    }
}

/// How a finalizer is called.
#[doc(hidden)]
pub struct Finalizer(Option<unsafe fn(&mut RawCtx, *mut Header)>);

/// The record of a type.
#[repr(C)]
pub struct TypeInfo {
    /// First: the kind of an object leads to the record.
    kind: Kind,
    finalize: Finalizer,
    methods: &'static [Method],
    /// The type's number in every language of the process; 0 before the first object.
    id: AtomicU32,
}

/// How many finalizers may run on one thread at a time, each at a safepoint of the one before.
const NESTED: i16 = 16;

/// The next type's number.
static NEXT: AtomicU32 = AtomicU32::new(1);

impl TypeInfo {
    /// The record of type `T`, which is called `name`.
    pub const fn new<T: Managed>(
        name: &'static str,
        finalize: Finalizer,
        methods: &'static [Method],
    ) -> TypeInfo {
        const {
            assert!(
                align_of::<T>() <= align_of::<Header>(),
                "objects are aligned to sixteen bytes"
            );
        }
        TypeInfo {
            kind: Kind {
                name,
                trace: trace::<T>,
                clear: clear::<T>,
                drop: drop_object::<T>,
                // Garbage is taken apart one by one: what is in the fields is the type's.
                discard: None,
                size: size::<T>,
            },
            finalize,
            methods,
            id: AtomicU32::new(0),
        }
    }

    /// What `finalize` in the derive's attribute stands for.
    #[doc(hidden)]
    pub const fn finalizer<T: Finalize>() -> Finalizer {
        Finalizer(Some(finalize::<T>))
    }

    /// What its absence stands for.
    #[doc(hidden)]
    pub const fn no_finalizer() -> Finalizer {
        Finalizer(None)
    }

    /// What reports call the type.
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    #[inline(always)]
    pub(super) fn id(&self) -> u32 {
        // Relaxed: a number stands for itself, and does not change.
        self.id.load(Relaxed)
    }

    /// The type's number, which it gets now if it has none.
    pub(super) fn number(&self) -> u32 {
        let id = self.id();
        if id != 0 {
            return id;
        }
        // Relaxed, both: the numbers are what matters. One may be lost here.
        let fresh = NEXT.fetch_add(1, Relaxed);
        match self.id.compare_exchange(0, fresh, Relaxed, Relaxed) {
            Ok(_) => fresh,
            Err(other) => other,
        }
    }

    pub(super) fn kind(&'static self) -> &'static Kind {
        &self.kind
    }

    pub(super) fn finalizes(&self) -> bool {
        self.finalize.0.is_some()
    }

    pub(super) fn method(&self, name: &str) -> Option<Dispatch> {
        let found = self.methods.iter().find(|method| method.name == name);
        found.map(|method| method.call)
    }

    /// The record of an object's type.
    ///
    /// # Safety
    /// - The object was made by [`Ctx::make`], and cannot die during the call.
    pub(super) unsafe fn of(ctx: &RawCtx, object: &Header) -> &'static TypeInfo {
        // SAFETY: as the caller says; the kinds of such objects are the first fields of records.
        unsafe { &*ptr::from_ref(ctx.type_entry(object.type_id()).kind()).cast() }
    }

    /// Runs the finalizer, if there is one. A panic ends here. What dies in it is finalized in there, at its safepoints, unless too many
    /// finalizers run so, each in the one before: then afterwards.
    ///
    /// # Safety
    /// - The object is of this type and alive, and stays so during the call.
    pub(super) unsafe fn run_finalizer(&self, ctx: &mut RawCtx, object: *mut Header) {
        let Some(finalize) = self.finalize.0 else {
            return;
        };
        // SAFETY: as the caller says.
        let run = |ctx: &mut RawCtx| ends_here(|| unsafe { finalize(ctx, object) });
        let nesting = current::finalizers(1);
        if nesting <= NESTED {
            run(ctx);
        } else {
            ctx.postponing_drains(run);
        }
        current::finalizers(-1);
    }
}

/// Runs what must not unwind through the kit. The panic was reported when it was raised.
fn ends_here(body: impl FnOnce()) {
    if let Err(payload) = unwind::catch(body) {
        // Its destructor might panic, too.
        let _ = mem::ManuallyDrop::new(payload);
    }
}

unsafe fn finalize<T: Finalize>(ctx: &mut RawCtx, object: *mut Header) {
    // SAFETY: the object is alive, and of this type: the local gets a reference of its own.
    unsafe {
        (*object).retain(ctx.counter());
        let this = Local::<T>::from_word(Word::object(object));
        T::finalize(&this, Ctx::from_raw(ctx));
    }
}

/// # Safety
/// - The object is of type `T`, and complete.
unsafe fn body<'o, T>(object: *const Header) -> &'o T {
    // SAFETY: as the caller says.
    unsafe { &(*object.cast::<Object<T>>()).body }
}

unsafe fn trace<T: Managed>(object: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: objects of this kind have such a body.
    unsafe { body::<T>(object) }.visit(&mut Visitor::trace(tracer));
}

unsafe fn clear<T: Managed>(object: *const Header, ctx: &mut RawCtx) {
    // SAFETY: as above; it is garbage, so nobody else looks at its members.
    unsafe { body::<T>(object).visit(&mut Visitor::empty(ctx)) };
}

unsafe fn drop_object<T: Managed>(object: *mut Header, ctx: &mut RawCtx) {
    // SAFETY: as above. Nothing refers to the object; its body is dropped once, without references in it.
    unsafe {
        body::<T>(object).visit(&mut Visitor::empty(ctx));
        ends_here(|| ptr::drop_in_place(&raw mut (*object.cast::<Object<T>>()).body));
    }
}

unsafe fn size<T>(_: *const Header) -> usize {
    size_of::<Object<T>>()
}
