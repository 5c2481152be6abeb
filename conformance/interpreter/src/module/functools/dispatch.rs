//! `singledispatch` and `singledispatchmethod`: functions with an implementation per class of their
//! first argument.

use crate::error::{PyResult, raise};
use crate::module::functools::{partial, wraps};
use crate::module::support::{id_of, slot_payload};
use crate::object::args::Args;
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, method};
use crate::object::dict::{self, PyDict};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::own_dict::{self, OwnDict};
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, check, type_object, type_of};
use crate::object::{bound_method, ids, protocol, str_};
use kit_core::thread::Ctx;

/// The body of a dispatching function.
pub struct Dispatch {
    /// From classes to implementations.
    registry: Slot,
    /// From classes to what was found for them since the last registration.
    found: Slot,
    /// Attributes.
    dict: Slot,
}

slot_payload!(
    Dispatch,
    ids::SINGLE_DISPATCH,
    "singledispatch",
    registry,
    found,
    dict
);

/// `singledispatch(func)`.
pub fn singledispatch(ctx: &mut Ctx, function: &Obj) -> PyResult {
    let registry = dict::new(ctx)?;
    let object = type_object(ctx, ids::OBJECT);
    registry
        .expect::<PyDict>()
        .set(ctx, &object, function.clone())?;
    let found = dict::new(ctx)?;
    let body = Dispatch {
        registry: Slot::new(registry),
        found: Slot::new(found),
        dict: Slot::empty(),
    };
    let dispatch = payload::new(ctx, body)?;
    wraps::update_usual(ctx, &dispatch, function)?;
    Ok(dispatch)
}

fn tables(ctx: &Ctx, x: &Obj) -> Option<(Obj, Obj)> {
    let body = x.expect::<Dispatch>();
    Some((
        body.registry.get(ctx, &body.header)?,
        body.found.get(ctx, &body.header)?,
    ))
}

/// The implementation for a class.
fn dispatch(ctx: &mut Ctx, x: &Obj, class: &Obj) -> PyResult {
    let Some((registry, found)) = tables(ctx, x) else {
        return Ok(Obj::NONE);
    };
    if let Some(known) = found.expect::<PyDict>().get(ctx, class)? {
        return Ok(known);
    }
    let implementation = search(ctx, registry.expect::<PyDict>(), class)?;
    found
        .expect::<PyDict>()
        .set(ctx, class, implementation.clone())?;
    Ok(implementation)
}

fn search(ctx: &mut Ctx, registry: &Body<PyDict>, class: &Obj) -> PyResult {
    let order = match class.downcast::<PyType>() {
        Some(body) => body.mro.get(ctx, &body.header),
        None => None,
    };
    let object = type_object(ctx, ids::OBJECT);
    for base in order
        .iter()
        .flat_map(|order| order.expect::<PyTuple>().items())
    {
        if !base.is(&object)
            && let Some(implementation) = registry.get(ctx, base)?
        {
            return Ok(implementation);
        }
    }
    // Classes that count as bases by their own word: the most derived of those.
    let mut best: Option<(Obj, Obj)> = None;
    for (candidate, implementation) in registry.items(ctx) {
        if candidate.is(&object) || !check::is_subclass(ctx, class, &candidate)? {
            continue;
        }
        let better = match &best {
            Some((known, _)) => check::is_subclass(ctx, &candidate, known)?,
            None => true,
        };
        if better {
            best = Some((candidate, implementation));
        }
    }
    match best {
        Some((_, implementation)) => Ok(implementation),
        None => Ok(registry.get(ctx, &object)?.unwrap_or(Obj::NONE)),
    }
}

/// The classes that an annotation or argument stands for: a class, or the members of a union.
fn classes(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<Vec<Obj>>> {
    if value.downcast::<PyType>().is_some() {
        return Ok(Some(vec![value.clone()]));
    }
    if crate::object::type_::type_id_of(value) != ids::UNION {
        return Ok(None);
    }
    let members = protocol::getattr_str(ctx, value, "__args__")?;
    let members = protocol::collect(ctx, &members)?;
    let all = members.iter().all(|m| m.downcast::<PyType>().is_some());
    Ok(all.then_some(members))
}

/// The class of the first annotated parameter of a function, with its name.
fn annotated(ctx: &mut Ctx, function: &Obj) -> PyResult<Option<(String, Obj)>> {
    let name = names(ctx).annotations.clone();
    let Some(annotations) = protocol::find_attr(ctx, function, &name)? else {
        return Ok(None);
    };
    let Some(annotations) = annotations.downcast::<PyDict>() else {
        return Ok(None);
    };
    let Some((parameter, class)) = annotations.next_entry(ctx, &mut 0) else {
        return Ok(None);
    };
    let parameter = parameter
        .downcast::<PyStr>()
        .map_or(String::new(), |p| p.as_str_lossy().into_owned());
    Ok(Some((parameter, class)))
}

fn enter(ctx: &mut Ctx, x: &Obj, class: &[Obj], function: &Obj) -> PyResult<()> {
    if let Some((registry, found)) = tables(ctx, x) {
        for class in class {
            registry
                .expect::<PyDict>()
                .set(ctx, class, function.clone())?;
        }
        found.expect::<PyDict>().clear_all(ctx);
    }
    Ok(())
}

fn register(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: crate::object::args::Signature = crate::object::args::Signature {
        name: "register",
        params: &["cls", "func"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [class, function] = args.bind(ctx, &SIGNATURE)?;
    let Some(class) = class else {
        return Ok(Obj::NONE);
    };
    let function = function.filter(|function| !function.is_none());
    if let Some(classes) = classes(ctx, class)? {
        return match function {
            Some(function) => {
                enter(ctx, x, &classes, function)?;
                Ok(function.clone())
            }
            None => {
                let register = protocol::getattr_str(ctx, x, "register")?;
                partial::make(ctx, &register, std::slice::from_ref(class), &[], &[])
            }
        };
    }
    if function.is_some() {
        let class = protocol::repr_string(ctx, class)?;
        return Err(raise!(
            ctx,
            TypeError,
            "Invalid first argument to `register()`. {class} is not a class or union type."
        ));
    }
    let Some((parameter, annotation)) = annotated(ctx, class)? else {
        let class = protocol::repr_string(ctx, class)?;
        return Err(raise!(
            ctx,
            TypeError,
            "Invalid first argument to `register()`: {class}. Use either `@register(some_class)` or plain `@register` on an annotated function."
        ));
    };
    let Some(classes) = classes(ctx, &annotation)? else {
        let annotation = protocol::repr_string(ctx, &annotation)?;
        return Err(raise!(
            ctx,
            TypeError,
            "Invalid annotation for '{parameter}'. {annotation} is not a class."
        ));
    };
    enter(ctx, x, &classes, class)?;
    Ok(class.clone())
}

fn clear_cache(ctx: &mut Ctx, x: &Obj) -> PyResult {
    if let Some((_, found)) = tables(ctx, x) {
        found.expect::<PyDict>().clear_all(ctx);
    }
    Ok(Obj::NONE)
}

fn registry(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some((registry, _)) = tables(ctx, x) else {
        return Ok(Obj::NONE);
    };
    let proxy = type_object(ctx, ids::MAPPING_PROXY);
    protocol::call(ctx, &proxy, &[registry])
}

fn name_of(ctx: &mut Ctx, x: &Obj) -> PyResult<String> {
    let name = names(ctx).name.clone();
    match protocol::find_attr(ctx, x, &name)? {
        Some(name) => protocol::str_string(ctx, &name),
        None => Ok("singledispatch function".to_owned()),
    }
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let Some(first) = args.pos.first() else {
        let name = name_of(ctx, x)?;
        return Err(raise!(
            ctx,
            TypeError,
            "{name} requires at least 1 positional argument"
        ));
    };
    let class = type_of(ctx, first).to_obj();
    let implementation = dispatch(ctx, x, &class)?;
    protocol::call_with(ctx, &implementation, args)
}

fn get(ctx: &mut Ctx, x: &Obj, receiver: Option<&Obj>, _: &Obj) -> PyResult {
    match receiver.filter(|receiver| !receiver.is_none()) {
        Some(receiver) => bound_method::new(ctx, x, receiver),
        None => Ok(x.clone()),
    }
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = names(ctx).qualname.clone();
    let name = match protocol::find_attr(ctx, x, &name)? {
        Some(name) => protocol::str_string(ctx, &name)?,
        None => name_of(ctx, x)?,
    };
    let address = protocol::address(x);
    str_::new(ctx, &format!("<function {name} at {address:#x}>"))
}

impl OwnDict for Dispatch {
    fn dict(&self) -> &Slot {
        &self.dict
    }
}

static METHODS: &[Method] = &[
    method("register", Native::MA(register)),
    method("dispatch", Native::M1(dispatch)),
    method("_clear_cache", Native::M0(clear_cache)),
];

static GETSET: &[GetSet] = &[
    getter("registry", registry),
    getter("__dict__", own_dict::attributes::<Dispatch>),
];

/// The type of dispatching functions.
pub static SINGLE_DISPATCH: TypeDef = TypeDef {
    id: ids::SINGLE_DISPATCH,
    name: "function",
    base: ids::OBJECT,
    layout: ids::SINGLE_DISPATCH,
    kind: &Body::<Dispatch>::KIND,
    flags: flag::DICT | flag::NO_NEW,
    slots: Slots {
        call: Some(call),
        repr: Some(repr),
        getattr: Some(own_dict::getattr_of::<Dispatch>),
        setattr: Some(own_dict::setattr_of::<Dispatch>),
        descr_get: Some(get),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "",
};

// --- singledispatchmethod ------------------------------------------------------------------------

/// The body of a `singledispatchmethod`.
pub struct DispatchMethod {
    dispatcher: Slot,
    function: Slot,
}

slot_payload!(
    DispatchMethod,
    ids::SINGLE_DISPATCH_METHOD,
    "singledispatchmethod",
    dispatcher,
    function
);

fn method_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "singledispatchmethod.__init__", 1, 1)?;
    let function = &args.pos[0];
    let descriptor = type_of(ctx, function).slots(ctx).descr_get.is_some();
    if !protocol::is_callable(ctx, function) && !descriptor {
        let function = protocol::repr_string(ctx, function)?;
        return Err(raise!(
            ctx,
            TypeError,
            "{function} is not callable or a descriptor"
        ));
    }
    let dispatcher = singledispatch(ctx, function)?;
    let body = DispatchMethod {
        dispatcher: Slot::new(dispatcher),
        function: Slot::new(function.clone()),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn dispatcher(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<DispatchMethod>();
    Ok(body.dispatcher.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn method_function(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<DispatchMethod>();
    Ok(body.function.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn method_register(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let dispatcher = dispatcher(ctx, x)?;
    register(ctx, &dispatcher, args)
}

fn method_get(ctx: &mut Ctx, x: &Obj, receiver: Option<&Obj>, owner: &Obj) -> PyResult {
    let dispatcher = dispatcher(ctx, x)?;
    let body = Bound {
        dispatcher: Slot::new(dispatcher),
        receiver: Slot::from_option(receiver.filter(|r| !r.is_none()).cloned()),
        owner: Slot::new(owner.clone()),
    };
    payload::new(ctx, body)
}

/// `functools.singledispatchmethod`.
pub static SINGLE_DISPATCH_METHOD: TypeDef = TypeDef {
    id: ids::SINGLE_DISPATCH_METHOD,
    name: "singledispatchmethod",
    base: ids::OBJECT,
    layout: ids::SINGLE_DISPATCH_METHOD,
    kind: &Body::<DispatchMethod>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(method_new),
        descr_get: Some(method_get),
        ..Slots::NONE
    },
    methods: &[method("register", Native::MA(method_register))],
    getset: &[
        getter("dispatcher", dispatcher),
        getter("func", method_function),
        getter("__wrapped__", method_function),
    ],
    doc: "A method with an implementation per class of its first argument.",
};

/// A `singledispatchmethod` found through an instance or a class.
pub struct Bound {
    dispatcher: Slot,
    receiver: Slot,
    owner: Slot,
}

slot_payload!(
    Bound,
    ids::SINGLE_DISPATCH_BOUND,
    "singledispatchmethod",
    dispatcher,
    receiver,
    owner
);

fn bound_call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let body = x.expect::<Bound>();
    let (Some(dispatcher), Some(owner)) = (
        body.dispatcher.get(ctx, &body.header),
        body.owner.get(ctx, &body.header),
    ) else {
        return Ok(Obj::NONE);
    };
    let receiver = body.receiver.get(ctx, &body.header);
    let Some(first) = args.pos.first() else {
        let name = name_of(ctx, &dispatcher)?;
        return Err(raise!(
            ctx,
            TypeError,
            "{name} requires at least 1 positional argument"
        ));
    };
    let class = type_of(ctx, first).to_obj();
    let implementation = dispatch(ctx, &dispatcher, &class)?;
    let implementation = match type_of(ctx, &implementation).slots(ctx).descr_get {
        Some(get) => get(ctx, &implementation, receiver.as_ref(), &owner)?,
        None => implementation,
    };
    protocol::call_with(ctx, &implementation, args)
}

fn bound_register(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let body = x.expect::<Bound>();
    match body.dispatcher.get(ctx, &body.header) {
        Some(dispatcher) => register(ctx, &dispatcher, args),
        None => Ok(Obj::NONE),
    }
}

fn bound_getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    let body = x.expect::<Bound>();
    // What describes the function is the dispatcher's.
    own_dict::getattr(ctx, x, name, |ctx, _| {
        let dispatcher = body.dispatcher.get(ctx, &body.header)?;
        let dispatcher = dispatcher.expect::<Dispatch>();
        dispatcher.dict.get(ctx, &dispatcher.header)
    })
}

/// The type of bound dispatching methods.
pub static SINGLE_DISPATCH_BOUND: TypeDef = TypeDef {
    id: ids::SINGLE_DISPATCH_BOUND,
    name: "_singledispatchmethod_get",
    base: ids::OBJECT,
    layout: ids::SINGLE_DISPATCH_BOUND,
    kind: &Body::<Bound>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        call: Some(bound_call),
        getattr: Some(bound_getattr),
        ..Slots::NONE
    },
    methods: &[method("register", Native::MA(bound_register))],
    getset: &[],
    doc: "",
};
