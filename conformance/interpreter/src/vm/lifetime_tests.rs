//! Objects that die in the middle of an instruction, with finalizers that collect.

use super::exec;
use super::start::with_interpreter;
use crate::object::{dict, exception};
use crate::parse::Mode;

/// The classes are deferred: registers hold them without a count, so the collector must find them there.
#[test]
fn what_was_loaded_is_in_its_register_before_the_object_dies() {
    const PROGRAM: &str = r#"
import gc, weakref

class Outer:
    def __del__(self):
        if "inner" in Outer.__dict__:
            del Outer.inner
        gc.collect()

class Holder:
    def __init__(self, value):
        self.value = value
    def __del__(self):
        del self.value
        gc.collect()

def of_class():
    return Outer().inner

def of_instance(make):
    return Holder(make()).value

def called(make):
    return Holder(make()).value()

def make():
    class Local:
        pass
    global kept
    kept = weakref.ref(Local)
    return Local

for number in range(5):
    Outer.inner = make()
    found = of_class()
    assert kept() is found, ("class", number)
    found = of_instance(make)
    assert kept() is found, ("instance", number)
    assert type(called(make)) is kept(), ("call", number)
del found
gc.collect()
assert kept() is None
"#;
    with_interpreter(|ctx| {
        let globals = dict::new(ctx).expect("memory");
        if let Err(raised) = exec::exec_source(ctx, PROGRAM, "<test>", Mode::Exec, &globals) {
            let raised = exception::take(ctx, raised);
            panic!(
                "{:?}",
                crate::object::protocol::repr_string(ctx, &raised).ok()
            );
        }
    });
}
