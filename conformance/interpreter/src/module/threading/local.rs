//! `threading.local`: attributes that each thread has for itself.
//!
//! The values lie in a dict per thread, in a table that the object owns and the threads know weakly: when
//! a thread ends it takes its dict out; when the object dies the table goes with it.

use super::state::{self, Locals};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::attribute;
use crate::object::define::{TypeDef, flag};
use crate::object::dict::{self, PyDict};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, type_id_of, type_of};
use crate::object::{ids, protocol};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::{Arc, PoisonError};

/// The body of a `local`.
pub struct PyLocal {
    /// Arguments for `__init__`, called again in each thread: positional, names, values.
    args: [Obj; 3],
    dicts: Arc<Locals>,
}

// SAFETY: `trace` reports the arguments and the dicts. The table is locked for moments that contain no
// safepoint, so it is free while the world is stopped; `try_lock` does not wait.
unsafe impl Payload for PyLocal {
    const ID: u32 = ids::THREAD_LOCAL;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "local";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in &self.args {
            tracer.word(value.word());
        }
        if let Ok(dicts) = self.dicts.try_lock() {
            for dict in dicts.values() {
                tracer.word(dict.word());
            }
        }
    }

    fn clear(&self, _: &mut Ctx) {
        let dicts = std::mem::take(&mut *self.dicts.lock().unwrap_or_else(PoisonError::into_inner));
        drop(dicts);
    }
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let given = !args.pos.is_empty() || !args.names.is_empty();
    let init = type_of_class(class, ctx).init;
    if given && init.is_none_or(|f| std::ptr::fn_addr_eq(f, init_nothing as Init)) {
        return Err(raise!(
            ctx,
            TypeError,
            "Initialization arguments are not supported"
        ));
    }
    let args = [
        tuple::from_slice(ctx, args.pos)?,
        tuple::from_slice(ctx, args.names)?,
        tuple::from_slice(ctx, args.values)?,
    ];
    let body = PyLocal {
        args,
        dicts: Arc::default(),
    };
    let this = payload::allocate(ctx, id, body)?;
    // The caller runs `__init__` for this thread.
    add_dict(ctx, &this)?;
    Ok(this)
}

type Init = fn(&mut Ctx, &Obj, Args<'_>) -> PyResult<()>;

fn type_of_class<'a>(class: &'a Obj, ctx: &'a Ctx) -> &'a Slots {
    class.expect::<PyType>().slots(ctx)
}

fn init_nothing(_: &mut Ctx, _: &Obj, _: Args<'_>) -> PyResult<()> {
    Ok(())
}

fn find_dict(this: &Obj) -> Option<Obj> {
    let dicts = &this.expect::<PyLocal>().dicts;
    let dicts = dicts.lock().unwrap_or_else(PoisonError::into_inner);
    dicts.get(&state::ident()).cloned()
}

fn add_dict(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let dict = dict::new(ctx)?;
    let dicts = &this.expect::<PyLocal>().dicts;
    let ident = state::ident();
    state::note_locals(dicts);
    dicts
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(ident, dict.clone());
    Ok(dict)
}

/// The calling thread's dict; new, and filled by `__init__`, at the thread's first use.
fn dict_of(ctx: &mut Ctx, this: &Obj) -> PyResult {
    if let Some(dict) = find_dict(this) {
        return Ok(dict);
    }
    let dict = add_dict(ctx, this)?;
    let init = type_of(ctx, this).slots(ctx).init;
    if let Some(init) = init {
        let [pos, names, values] = this.expect::<PyLocal>().args.each_ref();
        let args = Args {
            pos: pos.expect::<PyTuple>().items(),
            names: names.expect::<PyTuple>().items(),
            values: values.expect::<PyTuple>().items(),
        };
        if let Err(raised) = init(ctx, this, args) {
            let dicts = &this.expect::<PyLocal>().dicts;
            let removed = dicts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&state::ident());
            drop(removed);
            return Err(raised);
        }
    }
    Ok(dict)
}

fn missing(ctx: &mut Ctx, this: &Obj, name: &Obj) -> Raised {
    let class = match type_id_of(this) {
        ids::THREAD_LOCAL => "_thread._local".into(),
        _ => protocol::type_name(ctx, this),
    };
    let name_text = name.expect::<PyStr>().as_str_lossy().into_owned();
    let raised = raise!(
        ctx,
        AttributeError,
        "'{class}' object has no attribute '{name_text}'"
    );
    crate::object::exception::set_attribute_info(ctx, this, name);
    raised
}

fn getattr(ctx: &mut Ctx, this: &Obj, name: &Obj) -> PyResult {
    let dict = dict_of(ctx, this)?;
    if name.is(&names(ctx).dict) {
        return Ok(dict);
    }
    let found = attribute::lookup(ctx, type_id_of(this), name);
    let mut get = None;
    if let Some(descriptor) = &found {
        let slots = type_of(ctx, descriptor).slots(ctx);
        get = slots.descr_get;
        if let (Some(get), true) = (get, slots.descr_set.is_some()) {
            let class = type_of(ctx, this).to_obj();
            return get(ctx, descriptor, Some(this), &class);
        }
    }
    if let Some(value) = dict.expect::<PyDict>().get_name(ctx, name) {
        return Ok(value);
    }
    match (found, get) {
        (Some(descriptor), Some(get)) => {
            let class = type_of(ctx, this).to_obj();
            get(ctx, &descriptor, Some(this), &class)
        }
        (Some(value), None) => Ok(value),
        (None, _) => Err(missing(ctx, this, name)),
    }
}

fn setattr(ctx: &mut Ctx, this: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let dict = dict_of(ctx, this)?;
    if name.is(&names(ctx).dict) {
        let class = protocol::type_name(ctx, this);
        return Err(raise!(
            ctx,
            AttributeError,
            "'{class}' object attribute '__dict__' is read-only"
        ));
    }
    let found = attribute::lookup(ctx, type_id_of(this), name);
    if let Some(descriptor) = &found
        && let Some(set) = type_of(ctx, descriptor).slots(ctx).descr_set
    {
        return set(ctx, descriptor, this, value);
    }
    let dict = dict.expect::<PyDict>();
    match value {
        Some(value) => dict.set_name(ctx, name, value.clone()),
        None => match dict.remove_name(ctx, name) {
            Some(_) => Ok(()),
            None => Err(missing(ctx, this, name)),
        },
    }
}

/// `threading.local`.
pub static LOCAL: TypeDef = TypeDef {
    id: ids::THREAD_LOCAL,
    name: "_thread._local",
    base: ids::OBJECT,
    layout: ids::THREAD_LOCAL,
    kind: &Body::<PyLocal>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init_nothing),
        getattr: Some(getattr),
        setattr: Some(setattr),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "Thread-local data.",
};
