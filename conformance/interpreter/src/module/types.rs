//! `_types`: names for the types that have none in `builtins`.

use super::support;
use crate::error::PyResult;
use crate::object::define::ModuleDef;
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use kit_core::thread::Ctx;

const NAMES: &[(&str, u32)] = &[
    ("AsyncGeneratorType", ids::ASYNC_GENERATOR),
    ("BuiltinFunctionType", ids::BUILTIN_FUNCTION),
    ("BuiltinMethodType", ids::BUILTIN_FUNCTION),
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
