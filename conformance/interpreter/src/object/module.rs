//! `module`: a namespace with a name.

use super::annotate as computed;
use super::args::{Args, Signature};
use super::builtin_function;
use super::define::{GetSet, Method, ModuleDef, Native, TypeDef, flag, method};
use super::dict::{self, PyDict};
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::str_::{self, PyStr};
use super::type_::{PyType, type_object};
use super::{counted, ids, list, own_dict, protocol};
use crate::error::{PyResult, Raised, raise};
use crate::module::import;
use crate::module::importing;
use crate::module::partial::{self, Hint};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a module.
pub struct PyModule {
    /// The namespace, a dict.
    pub dict: Slot,
}

// SAFETY: `trace` reports the dict.
unsafe impl Payload for PyModule {
    const ID: u32 = ids::MODULE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "module";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
    }
}

/// The namespace of a module.
pub fn namespace(ctx: &Ctx, module: &Obj) -> Option<Obj> {
    let body = module.downcast::<PyModule>()?;
    body.dict.get(ctx, &body.header)
}

/// Sets what every module has.
fn set_facts(ctx: &mut Ctx, namespace: &Obj, name: &Obj, doc: Obj) -> PyResult<()> {
    let all = names(ctx);
    let fields = namespace.expect::<PyDict>();
    fields.set_name(ctx, &all.name, name.clone())?;
    fields.set_name(ctx, &all.doc, doc)?;
    for name in [&all.package, &all.loader, &all.spec] {
        fields.set_name(ctx, name, Obj::NONE)?;
    }
    Ok(())
}

/// The dict of a new module: all threads' functions refer to it.
fn new_namespace(ctx: &mut Ctx) -> PyResult {
    let namespace = dict::new(ctx)?;
    counted::share::<PyDict>(ctx, &namespace);
    Ok(namespace)
}

/// An empty module.
pub fn new(ctx: &mut Ctx, name: &str, doc: Obj) -> PyResult {
    let namespace = new_namespace(ctx)?;
    let name = str_::intern_text(ctx, name)?;
    set_facts(ctx, &namespace, &name, doc)?;
    let dict = Slot::new(namespace);
    let module = payload::new(ctx, PyModule { dict })?;
    if let Some(header) = module.header() {
        // SAFETY: this thread made the module and holds a reference.
        unsafe { header.enable_deferred(ctx.counter(), 1) };
    }
    Ok(module)
}

/// A module written in Rust.
pub fn create(ctx: &mut Ctx, def: &'static ModuleDef) -> PyResult {
    let doc = builtin_function::doc_of(ctx, def.doc)?;
    let module = new(ctx, def.name, doc)?;
    let Some(namespace) = namespace(ctx, &module) else {
        return Ok(module);
    };
    let fields = namespace.expect::<PyDict>();
    let module_name = str_::intern(ctx, def.name);
    for method in def.functions {
        let function = builtin_function::function(ctx, method, &module, &module_name)?;
        let name = str_::intern(ctx, method.name);
        fields.set_name(ctx, &name, function)?;
    }
    for def in def.types {
        let name = def.name.rsplit_once('.').map_or(def.name, |(_, name)| name);
        let name = str_::intern(ctx, name);
        let class = type_object(ctx, def.id);
        fields.set_name(ctx, &name, class)?;
    }
    (def.populate)(ctx, &module)?;
    Ok(module)
}

/// Puts a value into a module, for [`ModuleDef::populate`].
pub fn add(ctx: &mut Ctx, module: &Obj, name: &str, value: Obj) -> PyResult<()> {
    let name = str_::intern_text(ctx, name)?;
    match namespace(ctx, module) {
        Some(namespace) => namespace.expect::<PyDict>().set_name(ctx, &name, value),
        None => Ok(()),
    }
}

static SIGNATURE: Signature = Signature {
    name: "module",
    params: &["name", "doc"],
    posonly: 0,
    positional: 2,
    required: 1,
};

fn make(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let dict = Slot::new(new_namespace(ctx)?);
    let module = payload::allocate(ctx, id, PyModule { dict })?;
    if let Some(header) = module.header() {
        // SAFETY: as in `new`.
        unsafe { header.enable_deferred(ctx.counter(), 1) };
    }
    Ok(module)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    let [name, doc] = args.bind::<2>(ctx, &SIGNATURE)?;
    let Some(name) = name else {
        return Ok(());
    };
    if name.downcast::<PyStr>().is_none() {
        let given = str_::argument_type(ctx, name);
        return Err(raise!(
            ctx,
            TypeError,
            "module() argument 'name' must be str, not {given}"
        ));
    }
    let doc = doc.cloned().unwrap_or(Obj::NONE);
    match namespace(ctx, x) {
        Some(namespace) => set_facts(ctx, &namespace, name, doc),
        None => Ok(()),
    }
}

fn attribute_text(ctx: &Ctx, x: &Obj, name: &Obj) -> Option<String> {
    let namespace = namespace(ctx, x)?;
    let value = namespace.expect::<PyDict>().get_name(ctx, name)?;
    let text = value.downcast::<PyStr>()?;
    Some(text.as_str_lossy().into_owned())
}

/// The attribute of a module, with `None` where it has none; asks the module's `__getattr__`.
pub fn find(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    if let Some(found) = own_dict::find(ctx, x, name, namespace)? {
        return Ok(Some(found));
    }
    let all = names(ctx);
    if (name.is(&all.spec) || name.is(&all.loader)) && import::complete(ctx, x)? {
        return own_dict::find(ctx, x, name, namespace);
    }
    let hook =
        namespace(ctx, x).and_then(|n| n.expect::<PyDict>().get_name(ctx, &names(ctx).getattr));
    match hook {
        Some(hook) => protocol::call(ctx, &hook, core::slice::from_ref(name)).map(Some),
        None => Ok(None),
    }
}

fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    match find(ctx, x, name)? {
        Some(value) => Ok(value),
        None => Err(no_attribute(ctx, x, name)),
    }
}

/// Stores the AttributeError of a module that has no attribute `name`.
#[cold]
pub fn no_attribute(ctx: &mut Ctx, x: &Obj, name: &Obj) -> Raised {
    let text = own_dict::text(name);
    let raised = match attribute_text(ctx, x, &names(ctx).name) {
        Some(module) => {
            let message = match partial::hint(ctx, x) {
                _ if importing::is_running(ctx, &format!("{module}.{text}")) => format!(
                    "cannot access submodule '{text}' of module '{module}' \
                     (most likely due to a circular import)"
                ),
                Hint::None => format!("module '{module}' has no attribute '{text}'"),
                Hint::Partial => format!(
                    "partially initialized module '{module}' has no attribute '{text}' \
                     (most likely due to a circular import)"
                ),
                Hint::Remark(remark) => {
                    format!("module '{module}' has no attribute '{text}' {remark}")
                }
            };
            raise!(ctx, AttributeError, "{message}")
        }
        None => raise!(ctx, AttributeError, "module has no attribute '{text}'"),
    };
    super::exception::set_attribute_info(ctx, x, name);
    raised
}

fn setattr(ctx: &mut Ctx, x: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match namespace(ctx, x) {
        Some(namespace) => own_dict::setattr(ctx, x, name, value, &namespace),
        None => Err(no_attribute(ctx, x, name)),
    }
}

/// `repr` as the module's spec tells it: where it is from, or who has loaded it.
fn repr_by_spec(ctx: &mut Ctx, spec: &Obj) -> PyResult {
    let mut part = |name: &'static str| {
        let name = str_::intern(ctx, name);
        let value = protocol::find_attr(ctx, spec, &name)?;
        PyResult::Ok(value.filter(|value| !value.is_none()))
    };
    let (name, origin, loader) = (part("name")?, part("origin")?, part("loader")?);
    let located = part("has_location")?;
    let name = match name {
        Some(name) => protocol::repr_string(ctx, &name)?,
        None => "'?'".to_owned(),
    };
    let text = match (origin, loader) {
        (Some(origin), _) => {
            let located = match located {
                Some(located) => protocol::truth(ctx, &located)?,
                None => false,
            };
            if located {
                let origin = protocol::repr_string(ctx, &origin)?;
                format!("<module {name} from {origin}>")
            } else {
                let origin = protocol::str_string(ctx, &origin)?;
                format!("<module {name} ({origin})>")
            }
        }
        (None, None) => format!("<module {name}>"),
        (None, Some(loader)) => loader_text(ctx, &name, &loader)?,
    };
    str_::new(ctx, &text)
}

/// `<module 'x' (loader)>`; the loader of a namespace package says where its parts are.
fn loader_text(ctx: &mut Ctx, name: &str, loader: &Obj) -> PyResult<String> {
    let path = str_::intern(ctx, "_path");
    if protocol::type_name(ctx, loader) == "NamespaceLoader"
        && let Some(path) = protocol::find_attr(ctx, loader, &path)?
    {
        let parts = protocol::collect(ctx, &path)?;
        let parts = list::from_vec(ctx, parts)?;
        let parts = protocol::repr_string(ctx, &parts)?;
        return Ok(format!("<module {name} (namespace) from {parts}>"));
    }
    let loader = protocol::repr_string(ctx, loader)?;
    Ok(format!("<module {name} ({loader})>"))
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let namespace = namespace(ctx, x);
    let mut known = |name: &'static str| {
        let name = str_::intern(ctx, name);
        let value = namespace
            .as_ref()?
            .expect::<PyDict>()
            .get_name(ctx, &name)?;
        (!value.is_none()).then_some(value)
    };
    let (spec, loader, file) = (known("__spec__"), known("__loader__"), known("__file__"));
    if let Some(spec) = spec {
        return repr_by_spec(ctx, &spec);
    }
    let all = names(ctx);
    let name = attribute_text(ctx, x, &all.name);
    let quoted = match &name {
        Some(name) => {
            let name = str_::new(ctx, name)?;
            protocol::repr_string(ctx, &name)?
        }
        None => "'?'".to_owned(),
    };
    let text = match (attribute_text(ctx, x, &all.file), &name) {
        (Some(file), _) => {
            let file = str_::new(ctx, &file)?;
            let file = protocol::repr_string(ctx, &file)?;
            format!("<module {quoted} from {file}>")
        }
        (None, Some(name)) if crate::module::MODULES.iter().any(|m| m.name == name) => {
            format!("<module {quoted} (built-in)>")
        }
        _ => match loader {
            Some(loader) if file.is_none() => loader_text(ctx, &quoted, &loader)?,
            _ => format!("<module {quoted}>"),
        },
    };
    str_::new(ctx, &text)
}

fn dir(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let namespace = protocol::getattr(ctx, x, &names(ctx).dict)?;
    if namespace.downcast::<PyDict>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "<module>.__dict__ is not a dictionary"
        ));
    }
    let hook = namespace.expect::<PyDict>().get_name(ctx, &names(ctx).dir);
    if let Some(hook) = hook {
        return protocol::call(ctx, &hook, &[]);
    }
    let items = namespace.expect::<PyDict>().items(ctx);
    list::from_vec(ctx, items.into_iter().map(|(name, _)| name).collect())
}

fn get_dict(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(namespace(ctx, x).unwrap_or(Obj::NONE))
}

fn annotations(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some(namespace) = namespace(ctx, x) else {
        return dict::new(ctx);
    };
    let fields = namespace.expect::<PyDict>();
    let all = names(ctx);
    if let Some(found) = fields.get_name(ctx, &all.annotations) {
        return Ok(found);
    }
    let made = match fields.get_name(ctx, &all.annotate) {
        Some(function) if protocol::is_callable(ctx, &function) => {
            computed::values(ctx, &function)?
        }
        _ => dict::new(ctx)?,
    };
    // A module that is still being run may come to have more.
    if !is_initializing(ctx, fields)? {
        fields.set_name(ctx, &all.annotations, made.clone())?;
    }
    Ok(made)
}

/// Whether the import that runs the module is under way.
fn is_initializing(ctx: &mut Ctx, fields: &Body<PyDict>) -> PyResult<bool> {
    let spec = str_::intern(ctx, "__spec__");
    let Some(spec) = fields.get_name(ctx, &spec) else {
        return Ok(false);
    };
    let name = str_::intern(ctx, "_initializing");
    match protocol::find_attr(ctx, &spec, &name)? {
        Some(initializing) => protocol::truth(ctx, &initializing),
        None => Ok(false),
    }
}

fn annotate(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let found = namespace(ctx, x).and_then(|namespace| {
        namespace
            .expect::<PyDict>()
            .get_name(ctx, &names(ctx).annotate)
    });
    Ok(found.unwrap_or(Obj::NONE))
}

fn set_annotate(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(
            ctx,
            TypeError,
            "cannot delete __annotate__ attribute"
        ));
    };
    computed::check(ctx, value)?;
    let Some(namespace) = namespace(ctx, x) else {
        return Ok(());
    };
    let all = names(ctx);
    let fields = namespace.expect::<PyDict>();
    fields.set_name(ctx, &all.annotate, value.clone())?;
    if !value.is_none() {
        drop(fields.remove_name(ctx, &all.annotations));
    }
    Ok(())
}

fn set_annotations(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let all = names(ctx);
    let Some(namespace) = namespace(ctx, x) else {
        return Ok(());
    };
    let fields = namespace.expect::<PyDict>();
    match value {
        Some(value) => fields.set_name(ctx, &all.annotations, value.clone())?,
        None if fields.remove_name(ctx, &all.annotations).is_some() => {}
        None => return Err(no_attribute(ctx, x, &all.annotations)),
    }
    drop(fields.remove_name(ctx, &all.annotate));
    Ok(())
}

static METHODS: &[Method] = &[method("__dir__", Native::M0(dir))];

static GETSET: &[GetSet] = &[
    GetSet {
        name: "__dict__",
        get: get_dict,
        set: None,
        member: true,
    },
    GetSet {
        name: "__annotate__",
        get: annotate,
        set: Some(set_annotate),
        member: false,
    },
    GetSet {
        name: "__annotations__",
        get: annotations,
        set: Some(set_annotations),
        member: false,
    },
];

/// `module`.
pub static MODULE: TypeDef = TypeDef {
    id: ids::MODULE,
    name: "module",
    base: ids::OBJECT,
    layout: ids::MODULE,
    kind: &Body::<PyModule>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(make),
        init: Some(init),
        repr: Some(repr),
        getattr: Some(getattr),
        setattr: Some(setattr),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "module(name, doc=None): a namespace with a name.",
};
