//! `_types`: names for the types that have none in `builtins`.

use super::support;
use crate::error::PyResult;
use crate::object::define::{ModuleDef, TypeDef, flag};
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::{Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::type_object;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a capsule, of which there is none: only C code makes them.
enum Capsule {}

// SAFETY: nothing to report.
unsafe impl Payload for Capsule {
    const ID: u32 = ids::CAPSULE;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "PyCapsule";

    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// `types.CapsuleType`.
pub static CAPSULE: TypeDef = TypeDef {
    id: ids::CAPSULE,
    name: "PyCapsule",
    base: ids::OBJECT,
    layout: ids::CAPSULE,
    kind: &Body::<Capsule>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: &[],
    getset: &[],
    doc: "Wraps a pointer for code in C.",
};

const NAMES: &[(&str, u32)] = &[
    ("AsyncGeneratorType", ids::ASYNC_GENERATOR),
    ("BuiltinFunctionType", ids::BUILTIN_FUNCTION),
    ("BuiltinMethodType", ids::BUILTIN_FUNCTION),
    ("CapsuleType", ids::CAPSULE),
    ("CellType", ids::CELL),
    ("ClassMethodDescriptorType", ids::CLASSMETHOD_DESCRIPTOR),
    ("CodeType", ids::CODE),
    ("CoroutineType", ids::COROUTINE),
    ("EllipsisType", ids::ELLIPSIS),
    ("FrameType", ids::FRAME),
    ("FunctionType", ids::FUNCTION),
    ("GeneratorType", ids::GENERATOR),
    ("GenericAlias", ids::GENERIC_ALIAS),
    ("GetSetDescriptorType", ids::GETSET),
    ("LambdaType", ids::FUNCTION),
    ("MappingProxyType", ids::MAPPING_PROXY),
    ("MemberDescriptorType", ids::MEMBER),
    ("MethodDescriptorType", ids::METHOD_DESCRIPTOR),
    ("MethodType", ids::BOUND_METHOD),
    ("MethodWrapperType", ids::METHOD_WRAPPER),
    ("ModuleType", ids::MODULE),
    ("NoneType", ids::NONE_TYPE),
    ("NotImplementedType", ids::NOT_IMPLEMENTED),
    ("SimpleNamespace", ids::SIMPLE_NAMESPACE),
    ("TracebackType", ids::TRACEBACK),
    ("UnionType", ids::UNION),
    ("WrapperDescriptorType", ids::SLOT_WRAPPER),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    for (name, id) in NAMES {
        let class = type_object(ctx, *id);
        support::add(ctx, module, name, class)?;
    }
    Ok(())
}

/// `_types`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_types",
    functions: &[],
    types: &[],
    populate,
    doc: "Define names for built-in types.",
};
