use super::lock::PyLock;
use super::*;
use crate::object::str_;
use crate::object::{exception, list, tuple};
use crate::vm::start::with_interpreter;

fn make(ctx: &mut Ctx, id: u32, args: &[Obj]) -> Obj {
    let class = type_object(ctx, id);
    protocol::call(ctx, &class, args).expect("it can be made")
}

fn call(ctx: &mut Ctx, object: &Obj, name: &str, args: &[Obj]) -> PyResult {
    let name = str_::intern_text(ctx, name).expect("memory");
    protocol::call_method(ctx, object, &name, args)
}

fn message(ctx: &mut Ctx, result: PyResult) -> String {
    let raised = result.expect_err("it must fail");
    let exception = exception::take(ctx, raised);
    protocol::str_string(ctx, &exception).expect("it has a text")
}

/// Starts a thread that calls this with these arguments; its handle.
fn start(ctx: &mut Ctx, function: Obj, args: &[Obj], daemon: bool) -> Obj {
    let partial = type_object(ctx, ids::PARTIAL);
    let all: Vec<Obj> = std::iter::once(function)
        .chain(args.iter().cloned())
        .collect();
    let function = protocol::call(ctx, &partial, &all).expect("a call");
    let names = ["handle", "daemon"].map(|name| str_::intern(ctx, name));
    let handle = make(ctx, ids::THREAD_HANDLE, &[]);
    let args = Args {
        pos: &[function],
        names: &names,
        values: &[handle.clone(), Obj::bool(daemon)],
    };
    thread_handle::start_joinable_thread(ctx, args).expect("it starts");
    handle
}

#[test]
fn a_lock_excludes_and_complains() {
    with_interpreter(|ctx| {
        let lock = make(ctx, ids::LOCK, &[]);
        let failed = call(ctx, &lock, "release", &[]);
        assert_eq!(message(ctx, failed), "release unlocked lock");
        assert!(call(ctx, &lock, "acquire", &[]).is_ok_and(|r| r.is_true()));
        assert!(call(ctx, &lock, "acquire", &[Obj::FALSE]).is_ok_and(|r| r.is_false()));
        let failed = call(ctx, &lock, "acquire", &[Obj::FALSE, Obj::small_int(1)]);
        let expected = "can't specify a timeout for a non-blocking call";
        assert_eq!(message(ctx, failed), expected);
        let repr = protocol::repr_string(ctx, &lock).expect("a repr");
        assert!(
            repr.starts_with("<locked _thread.lock object at 0x"),
            "{repr}"
        );
    });
}

#[test]
fn a_thread_runs_its_function_and_is_gone_after_join() {
    with_interpreter(|ctx| {
        let items = list::from_vec(ctx, Vec::new()).expect("memory");
        let append = protocol::getattr_str(ctx, &items, "append").expect("a method");
        let handle = make(ctx, ids::THREAD_HANDLE, &[]);
        let failed = call(ctx, &handle, "join", &[]);
        assert_eq!(message(ctx, failed), "thread not started");
        let handle = start(ctx, append, &[Obj::small_int(7)], false);
        call(ctx, &handle, "join", &[]).expect("it ends");
        assert!(call(ctx, &handle, "is_done", &[]).is_ok_and(|done| done.is_true()));
        assert_eq!(rt(ctx).kit.thread_count(), 1);
        assert!(ctx.solo());
        assert_eq!(items.expect::<list::PyList>().len(), 1);
        assert_eq!(rt(ctx).library.threads.count(), 1);
    });
}

#[test]
fn a_thread_waits_for_a_lock_while_others_come_and_go() {
    with_interpreter(|ctx| {
        let lock = make(ctx, ids::LOCK, &[]);
        call(ctx, &lock, "acquire", &[]).expect("it is free");
        let acquire = protocol::getattr_str(ctx, &lock, "acquire").expect("a method");
        let waiter = start(ctx, acquire, &[], false);
        for _ in 0..20 {
            let other = make(ctx, ids::LOCK, &[]);
            let acquire = protocol::getattr_str(ctx, &other, "acquire").expect("a method");
            let thread = start(ctx, acquire, &[], true);
            call(ctx, &thread, "join", &[]).expect("it ends");
            assert!(other.expect::<PyLock>().lock.is_locked());
        }
        assert!(call(ctx, &waiter, "is_done", &[]).is_ok_and(|r| r.is_false()));
        call(ctx, &lock, "release", &[]).expect("it is held");
        state::join_all(ctx).expect("nothing interrupts");
        assert!(lock.expect::<PyLock>().lock.is_locked());
        assert!(call(ctx, &waiter, "is_done", &[]).is_ok_and(|r| r.is_true()));
    });
}

#[test]
fn locals_differ_by_thread() {
    with_interpreter(|ctx| {
        let local = make(ctx, ids::THREAD_LOCAL, &[]);
        let name = str_::intern(ctx, "x");
        protocol::setattr(ctx, &local, &name, Some(&Obj::small_int(1))).expect("it is set");
        let set = protocol::getattr_str(ctx, &local, "__setattr__").expect("a method");
        let other = start(ctx, set, &[name.clone(), Obj::small_int(2)], true);
        call(ctx, &other, "join", &[]).expect("it ends");
        let value = protocol::getattr(ctx, &local, &name).expect("it is there");
        assert_eq!(value.as_small_int(), Some(1));
        let missing = str_::intern(ctx, "y");
        let failed = protocol::getattr(ctx, &local, &missing);
        let expected = "'_thread._local' object has no attribute 'y'";
        assert_eq!(message(ctx, failed), expected);
    });
}

#[test]
fn a_queue_gives_its_items_in_order_also_to_who_waits() {
    with_interpreter(|ctx| {
        let queue = make(ctx, ids::SIMPLE_QUEUE, &[]);
        let got = list::from_vec(ctx, Vec::new()).expect("memory");
        let get = protocol::getattr_str(ctx, &queue, "get").expect("a method");
        let waiters: Vec<Obj> = (0..3).map(|_| start(ctx, get.clone(), &[], true)).collect();
        for number in 0..5 {
            call(ctx, &queue, "put", &[Obj::small_int(number)]).expect("there is room");
        }
        for waiter in &waiters {
            call(ctx, waiter, "join", &[]).expect("each has found an item");
        }
        for _ in 0..2 {
            let item = call(ctx, &queue, "get", &[]).expect("two are left");
            call(ctx, &got, "append", &[item]).expect("memory");
        }
        let expected = [3, 4].map(Obj::small_int);
        let expected = tuple::from_slice(ctx, &expected).expect("memory");
        let items = got.expect::<list::PyList>().to_vec(ctx);
        let items = tuple::from_vec(ctx, items).expect("memory");
        assert!(protocol::equals(ctx, &items, &expected).is_ok_and(|same| same));
        assert!(call(ctx, &queue, "get", &[Obj::FALSE]).is_err());
    });
}
