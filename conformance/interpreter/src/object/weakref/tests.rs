use super::*;
use crate::module::support;
use crate::object::list::{self, PyList};
use crate::object::type_::type_object;
use crate::vm::start::with_interpreter;
use kit_core::backend::collector::Collector;

fn instance(ctx: &mut Ctx) -> Obj {
    let object = type_object(ctx, ids::OBJECT);
    let class = support::class(ctx, "test", "C", vec![object], &[]).expect("a class");
    protocol::call(ctx, &class, &[]).expect("an instance")
}

fn notes(ctx: &mut Ctx) -> (Obj, Obj) {
    let list = list::from_vec(ctx, Vec::new()).expect("memory");
    let append = protocol::getattr_str(ctx, &list, "append").expect("a method");
    (list, append)
}

#[test]
fn a_reference_dies_with_its_referent_and_says_so() {
    with_interpreter(|ctx| {
        let object = instance(ctx);
        let (list, append) = notes(ctx);
        let plain = create(ctx, ids::WEAKREF, &object, None).expect("weakable");
        let again = create(ctx, ids::WEAKREF, &object, None).expect("weakable");
        assert!(plain.is(&again));
        let loud = create(ctx, ids::WEAKREF, &object, Some(append)).expect("weakable");
        assert_eq!(rt(ctx).library.weak.references(ctx, &object).len(), 2);
        assert!(upgrade(ctx, &plain).is_some_and(|o| o.is(&object)));
        object.release(ctx);
        assert!(upgrade(ctx, &plain).is_none() && upgrade(ctx, &loud).is_none());
        let called = list.expect::<PyList>().to_vec(ctx);
        assert!(called.len() == 1 && called[0].is(&loud));
    });
}

#[test]
fn a_reference_that_dies_first_is_forgotten() {
    with_interpreter(|ctx| {
        let object = instance(ctx);
        let (list, append) = notes(ctx);
        let reference = create(ctx, ids::WEAKREF, &object, Some(append)).expect("weakable");
        reference.release(ctx);
        assert_eq!(rt(ctx).library.weak.references(ctx, &object).len(), 0);
        object.release(ctx);
        assert_eq!(list.expect::<PyList>().len(), 0);
    });
}

#[test]
fn a_collection_clears_references_to_cycles() {
    with_interpreter(|ctx| {
        let object = instance(ctx);
        let name = str_::intern(ctx, "me");
        protocol::setattr(ctx, &object, &name, Some(&object)).expect("it has a dict");
        let (list, append) = notes(ctx);
        let plain = create(ctx, ids::WEAKREF, &object, None).expect("weakable");
        let loud = create(ctx, ids::WEAKREF, &object, Some(append)).expect("weakable");
        object.release(ctx);
        assert!(upgrade(ctx, &plain).is_some());
        ctx.drain();
        let report = rt(ctx).kit.collector().collect(ctx).expect("it runs");
        assert!(report.unreachable >= 1);
        assert!(upgrade(ctx, &plain).is_none() && upgrade(ctx, &loud).is_none());
        assert_eq!(list.expect::<PyList>().len(), 1);
    });
}

#[test]
fn a_proxy_stands_for_its_referent() {
    with_interpreter(|ctx| {
        let object = instance(ctx);
        let proxy = create(ctx, ids::WEAK_PROXY, &object, None).expect("weakable");
        let name = str_::intern(ctx, "x");
        protocol::setattr(ctx, &proxy, &name, Some(&Obj::small_int(5))).expect("it is passed on");
        let value = protocol::getattr(ctx, &object, &name).expect("it is there");
        assert_eq!(value.as_small_int(), Some(5));
        object.release(ctx);
        let raised = protocol::getattr(ctx, &proxy, &name).expect_err("the object is gone");
        let error = exception::take(ctx, raised);
        let text = protocol::str_string(ctx, &error).expect("a text");
        assert_eq!(text, "weakly-referenced object no longer exists");
    });
}

#[test]
fn small_values_cannot_be_referred_to_weakly() {
    with_interpreter(|ctx| {
        let raised = create(ctx, ids::WEAKREF, &Obj::small_int(1), None).expect_err("an int");
        let error = exception::take(ctx, raised);
        let text = protocol::str_string(ctx, &error).expect("a text");
        assert_eq!(text, "cannot create weak reference to 'int' object");
    });
}
