use super::lock::PyLock;
use super::*;
use crate::object::payload::Body;
use crate::object::str_::{self, PyStr};
use crate::object::{exception, tuple};
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

fn thread(ctx: &mut Ctx, target: Obj, args: &[Obj]) -> Obj {
    let args = tuple::from_slice(ctx, args).expect("memory");
    make(ctx, ids::THREAD, &[Obj::NONE, target, Obj::NONE, args])
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
fn a_thread_runs_its_target_and_is_gone_after_join() {
    with_interpreter(|ctx| {
        let items = list::from_vec(ctx, Vec::new()).expect("memory");
        let append = protocol::getattr_str(ctx, &items, "append").expect("a method");
        let thread = thread(ctx, append, &[Obj::small_int(7)]);
        let failed = call(ctx, &thread, "join", &[]);
        let expected = "cannot join thread before it is started";
        assert_eq!(message(ctx, failed), expected);
        call(ctx, &thread, "start", &[]).expect("it starts");
        call(ctx, &thread, "join", &[]).expect("it ends");
        assert_eq!(rt(ctx).kit.thread_count(), 1);
        assert!(ctx.solo());
        assert_eq!(items.expect::<list::PyList>().len(), 1);
        let failed = call(ctx, &thread, "start", &[]);
        assert_eq!(message(ctx, failed), "threads can only be started once");
        let repr = protocol::repr_string(ctx, &thread).expect("a repr");
        assert!(
            repr.starts_with("<Thread(Thread-1 (append), stopped "),
            "{repr}"
        );
    });
}

#[test]
fn a_thread_waits_for_a_lock_while_others_come_and_go() {
    with_interpreter(|ctx| {
        let lock = make(ctx, ids::LOCK, &[]);
        call(ctx, &lock, "acquire", &[]).expect("it is free");
        let acquire = protocol::getattr_str(ctx, &lock, "acquire").expect("a method");
        let waiter = thread(ctx, acquire, &[]);
        call(ctx, &waiter, "start", &[]).expect("it starts");
        for _ in 0..20 {
            let event = make(ctx, ids::EVENT, &[]);
            let set = protocol::getattr_str(ctx, &event, "set").expect("a method");
            let other = thread(ctx, set, &[]);
            call(ctx, &other, "start", &[]).expect("it starts");
            assert!(call(ctx, &event, "wait", &[]).is_ok_and(|r| r.is_true()));
            call(ctx, &other, "join", &[]).expect("it ends");
        }
        assert!(call(ctx, &waiter, "is_alive", &[]).is_ok_and(|r| r.is_true()));
        call(ctx, &lock, "release", &[]).expect("it is held");
        shutdown(ctx).expect("nothing interrupts");
        assert!(lock.expect::<PyLock>().lock.is_locked());
        assert!(call(ctx, &waiter, "is_alive", &[]).is_ok_and(|r| r.is_false()));
    });
}

#[test]
fn a_barrier_lets_all_go_together() {
    with_interpreter(|ctx| {
        let barrier = make(ctx, ids::BARRIER, &[Obj::small_int(4)]);
        let wait = protocol::getattr_str(ctx, &barrier, "wait").expect("a method");
        let threads: Vec<Obj> = (0..3).map(|_| thread(ctx, wait.clone(), &[])).collect();
        for thread in &threads {
            call(ctx, thread, "start", &[]).expect("it starts");
        }
        let index = call(ctx, &barrier, "wait", &[]).expect("all come");
        assert!(
            index
                .as_small_int()
                .is_some_and(|index| (0..4).contains(&index))
        );
        for thread in &threads {
            call(ctx, thread, "join", &[]).expect("it ends");
        }
        let repr = protocol::repr_string(ctx, &barrier).expect("a repr");
        assert!(repr.ends_with(": waiters=0/4>"), "{repr}");
    });
}

#[test]
fn locals_differ_by_thread() {
    with_interpreter(|ctx| {
        let local = make(ctx, ids::THREAD_LOCAL, &[]);
        let name = str_::intern(ctx, "x");
        protocol::setattr(ctx, &local, &name, Some(&Obj::small_int(1))).expect("it is set");
        let set = protocol::getattr_str(ctx, &local, "__setattr__").expect("a method");
        let other = thread(ctx, set, &[name.clone(), Obj::small_int(2)]);
        call(ctx, &other, "start", &[]).expect("it starts");
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
fn a_condition_wakes_one_waiter() {
    with_interpreter(|ctx| {
        let condition = make(ctx, ids::CONDITION, &[]);
        let failed = call(ctx, &condition, "notify", &[]);
        assert_eq!(message(ctx, failed), "cannot notify on un-acquired lock");
        call(ctx, &condition, "acquire", &[]).expect("it is free");
        let short = float::new(ctx, 0.01).expect("memory");
        assert!(call(ctx, &condition, "wait", &[short]).is_ok_and(|r| r.is_false()));
        call(ctx, &condition, "release", &[]).expect("it is held again");
        let repr = protocol::repr(ctx, &condition).expect("a repr");
        let repr: &Body<PyStr> = repr.expect::<PyStr>();
        assert!(
            repr.as_str_lossy()
                .starts_with("<Condition(<unlocked _thread.RLock")
        );
    });
}
