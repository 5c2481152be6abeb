//! What `classmethod` and `staticmethod` share: an object around a function, with the attributes that
//! describe the function. They differ in what [`descr_get`](Slots::descr_get) makes of it.

use super::args::Args;
use super::define::{GetSet, getter, member};
use super::dict::PyDict;
use super::names::names;
use super::obj::Obj;
use super::own_dict::OwnDict;
use super::payload::{self, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::type_::PyType;
use super::{own_dict, protocol, str_};
use crate::error::{PyResult, raise};
use core::marker::PhantomData;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A built-in class whose instances wrap a function.
pub trait Decorator: Send + Sync + 'static {
    /// The class's type id.
    const ID: u32;
    /// The class's name.
    const NAME: &'static str;
}

/// The body of an instance of the decorator `D`.
pub struct Wrapped<D> {
    /// The function.
    function: Slot,
    /// Attributes: those taken over from the function, and others.
    dict: Slot,
    decorator: PhantomData<D>,
}

// SAFETY: `trace` reports both slots.
unsafe impl<D: Decorator> Payload for Wrapped<D> {
    const ID: u32 = D::ID;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = D::NAME;

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.dict.trace(tracer);
    }

    fn clear(&self, ctx: &mut Ctx) {
        // The dict is cleared itself.
        drop(self.function.replace_locked(ctx, None));
    }
}

impl<D: Decorator> OwnDict for Wrapped<D> {
    fn dict(&self) -> &Slot {
        &self.dict
    }
}

impl<D: Decorator> Wrapped<D> {
    /// The operations that do not depend on the decorator.
    pub const SLOTS: Slots = Slots {
        new: Some(Self::make),
        init: Some(Self::init),
        repr: Some(Self::repr),
        getattr: Some(own_dict::getattr_of::<Self>),
        setattr: Some(own_dict::setattr_of::<Self>),
        ..Slots::NONE
    };

    /// The attributes that each decorator has.
    pub const GETSET: &'static [GetSet] = &[
        member("__func__", Self::function),
        member("__wrapped__", Self::function),
        getter("__isabstractmethod__", Self::is_abstract),
        getter("__dict__", own_dict::attributes::<Self>),
        GetSet {
            name: "__annotations__",
            get: |ctx, x| Self::of_function(ctx, x, "__annotations__"),
            set: Some(|ctx, x, value| Self::set_own(ctx, x, "__annotations__", value)),
            member: false,
        },
        GetSet {
            name: "__annotate__",
            get: |ctx, x| Self::of_function(ctx, x, "__annotate__"),
            set: Some(|ctx, x, value| Self::set_own(ctx, x, "__annotate__", value)),
            member: false,
        },
    ];

    /// The decorator applied to a function, whose attributes are not taken over.
    pub fn of(ctx: &mut Ctx, function: Obj) -> PyResult {
        payload::new(ctx, Self::around(function))
    }

    /// The function.
    pub fn function(ctx: &mut Ctx, x: &Obj) -> PyResult {
        let body = x.expect::<Self>();
        Ok(body.function.get(ctx, &body.header).unwrap_or(Obj::NONE))
    }

    /// An attribute of the function, kept from then on.
    fn of_function(ctx: &mut Ctx, x: &Obj, name: &'static str) -> PyResult {
        let name = str_::intern(ctx, name);
        let attributes = own_dict::attributes::<Self>(ctx, x)?;
        if let Some(kept) = attributes.expect::<PyDict>().get_name(ctx, &name) {
            return Ok(kept);
        }
        let function = Self::function(ctx, x)?;
        let value = protocol::getattr(ctx, &function, &name)?;
        attributes
            .expect::<PyDict>()
            .set_name(ctx, &name, value.clone())?;
        Ok(value)
    }

    fn set_own(ctx: &mut Ctx, x: &Obj, name: &'static str, value: Option<&Obj>) -> PyResult<()> {
        let name = str_::intern(ctx, name);
        let attributes = own_dict::attributes::<Self>(ctx, x)?;
        let attributes = attributes.expect::<PyDict>();
        match value {
            Some(value) => attributes.set_name(ctx, &name, value.clone()),
            None if attributes.remove_name(ctx, &name).is_some() => Ok(()),
            None => Err(raise!(
                ctx,
                AttributeError,
                "{}",
                name.expect::<str_::PyStr>().as_str_lossy()
            )),
        }
    }

    fn around(function: Obj) -> Self {
        Self {
            function: Slot::new(function),
            dict: Slot::empty(),
            decorator: PhantomData,
        }
    }

    fn make(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
        let id = class.expect::<PyType>().id;
        payload::allocate(ctx, id, Self::around(Obj::NONE))
    }

    fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
        args.no_keywords(ctx, D::NAME)?;
        let [function] = args.pos else {
            let (name, given) = (D::NAME, args.pos.len());
            return Err(raise!(
                ctx,
                TypeError,
                "{name} expected 1 argument, got {given}"
            ));
        };
        let body = x.expect::<Self>();
        body.function.set(ctx, &body.header, Some(function.clone()));
        let all = names(ctx);
        for name in [&all.module, &all.name, &all.qualname, &all.doc] {
            if let Some(value) = protocol::find_attr(ctx, function, name)? {
                let attributes = own_dict::attributes::<Self>(ctx, x)?;
                attributes.expect::<PyDict>().set_name(ctx, name, value)?;
            }
        }
        Ok(())
    }

    fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
        let function = Self::function(ctx, x)?;
        let text = protocol::repr_string(ctx, &function)?;
        str_::new(ctx, &format!("<{}({text})>", D::NAME))
    }

    fn is_abstract(ctx: &mut Ctx, x: &Obj) -> PyResult {
        let function = Self::function(ctx, x)?;
        let name = str_::intern(ctx, "__isabstractmethod__");
        match protocol::find_attr(ctx, &function, &name)? {
            Some(value) => protocol::truth(ctx, &value).map(Obj::bool),
            None => Ok(Obj::FALSE),
        }
    }
}
