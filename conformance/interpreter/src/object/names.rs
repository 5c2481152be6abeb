//! The names the interpreter itself looks up, interned once.

use super::obj::Obj;
use super::str_::intern;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

macro_rules! names {
    ($($field:ident = $text:literal,)*) => {
        /// Interned strings.
        #[allow(missing_docs)]
        pub struct Names { $(pub $field: Obj,)* }
        impl Names {
            /// Interns all of them.
            pub fn new(ctx: &mut Ctx) -> Names {
                Names { $($field: intern(ctx, $text),)* }
            }
        }
    };
}

names! {
    init = "__init__", new = "__new__", del = "__del__", call = "__call__", repr = "__repr__", str = "__str__", hash = "__hash__", eq = "__eq__", ne = "__ne__",
    lt = "__lt__", le = "__le__", gt = "__gt__", ge = "__ge__", bool = "__bool__", len = "__len__", length_hint = "__length_hint__", iter = "__iter__", next = "__next__",
    getitem = "__getitem__", setitem = "__setitem__", delitem = "__delitem__", contains = "__contains__", missing = "__missing__", reversed = "__reversed__",
    getattr = "__getattr__", getattribute = "__getattribute__", setattr = "__setattr__", delattr = "__delattr__", get = "__get__", set = "__set__", delete = "__delete__",
    set_name = "__set_name__", init_subclass = "__init_subclass__", class_getitem = "__class_getitem__", prepare = "__prepare__", class = "__class__", dict = "__dict__",
    slots = "__slots__", name = "__name__", qualname = "__qualname__", module = "__module__", doc = "__doc__", bases = "__bases__", mro = "__mro__", mro_entries = "__mro_entries__",
    classcell = "__classcell__", weakref = "__weakref__", annotations = "__annotations__", annotate = "__annotate__", file = "__file__", builtins = "__builtins__", loader = "__loader__",
    spec = "__spec__", package = "__package__", path = "__path__", main = "__main__", all = "__all__", import = "__import__", build_class = "__build_class__", metaclass = "metaclass",
    enter = "__enter__", exit = "__exit__", aenter = "__aenter__", aexit = "__aexit__", aiter = "__aiter__", anext = "__anext__", await_ = "__await__", send = "send", throw = "throw", close = "close",
    add = "__add__", radd = "__radd__", iadd = "__iadd__", sub = "__sub__", rsub = "__rsub__", isub = "__isub__", mul = "__mul__", rmul = "__rmul__", imul = "__imul__",
    truediv = "__truediv__", rtruediv = "__rtruediv__", itruediv = "__itruediv__", floordiv = "__floordiv__", rfloordiv = "__rfloordiv__", ifloordiv = "__ifloordiv__",
    rem = "__mod__", rrem = "__rmod__", irem = "__imod__", divmod = "__divmod__", rdivmod = "__rdivmod__", pow = "__pow__", rpow = "__rpow__", ipow = "__ipow__",
    lshift = "__lshift__", rlshift = "__rlshift__", ilshift = "__ilshift__", rshift = "__rshift__", rrshift = "__rrshift__", irshift = "__irshift__",
    and = "__and__", rand = "__rand__", iand = "__iand__", or = "__or__", ror = "__ror__", ior = "__ior__", xor = "__xor__", rxor = "__rxor__", ixor = "__ixor__",
    matmul = "__matmul__", rmatmul = "__rmatmul__", imatmul = "__imatmul__", neg = "__neg__", pos = "__pos__", abs = "__abs__", invert = "__invert__",
    int = "__int__", float = "__float__", complex = "__complex__", index = "__index__", round = "__round__", trunc = "__trunc__", floor = "__floor__", ceil = "__ceil__",
    format = "__format__", bytes = "__bytes__", dir = "__dir__", sizeof = "__sizeof__", reduce = "__reduce__", reduce_ex = "__reduce_ex__", copy = "__copy__", deepcopy = "__deepcopy__",
    instancecheck = "__instancecheck__", subclasscheck = "__subclasscheck__", subclasshook = "__subclasshook__", match_args = "__match_args__", wrapped = "__wrapped__",
    notes = "__notes__", traceback = "__traceback__", cause = "__cause__", context = "__context__", suppress_context = "__suppress_context__", static_attributes = "__static_attributes__",
    first_lineno = "__firstlineno__", type_params = "__type_params__", orig_bases = "__orig_bases__", fspath = "__fspath__", abstractmethods = "__abstractmethods__",
    keys = "keys", write = "write", flush = "flush", stdout = "stdout", stderr = "stderr", append = "append", sort = "sort", items = "items", values = "values", value = "value", displayhook = "displayhook",
    excepthook = "excepthook", objclass = "__objclass__", self_ = "__self__", func = "__func__", code = "__code__", closure = "__closure__", defaults = "__defaults__", kwdefaults = "__kwdefaults__", globals = "__globals__",
    big = "big", little = "little", underscore = "_", lambda = "<lambda>", msg = "msg", end = "end", sep = "sep", key = "key", reverse = "reverse",
}

/// The names.
#[inline(always)]
pub fn names(ctx: &Ctx) -> &'static Names {
    rt(ctx).names.get().expect("made when the runtime starts")
}
