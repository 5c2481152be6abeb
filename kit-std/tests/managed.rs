//! Safe types: what an embedder's crate does with them, and what does not compile.
#![forbid(unsafe_code)]

use kit_derive::Managed;
use kit_std::managed::{
    AttachError, Ctx, Finalize, Global, JoinError, Language, List, Local, Outcome, Plain, Slot,
    Table, Value, ValueSlot, Weak, WrongLanguage,
};
use kit_std::runtime::HeapChoice;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

#[derive(Managed, Default)]
struct Node {
    left: Slot<Node>,
    right: ValueSlot,
    items: List,
    names: Table<String>,
    tag: u32,
}

fn language() -> &'static Language {
    Language::builder().build().expect("memory for a language")
}

/// Nothing is alive when everybody has left.
fn assert_empty(language: &'static Language) {
    language
        .attach(|ctx| ctx.collect())
        .expect("a thread")
        .expect("a collection");
    #[cfg(feature = "stats")]
    assert_eq!(language.live_objects(), 0);
}

fn node<'a>(ctx: &Ctx<'a>, tag: u32) -> Local<'a, Node> {
    let body = Node {
        tag,
        ..Node::default()
    };
    ctx.make(body).expect("memory").finish()
}

#[test]
fn fields_hold_what_was_put_there() {
    let language = language();
    language
        .attach(|ctx| {
            let (a, b) = (node(ctx, 1), node(ctx, 2));
            a.at(Node::LEFT).set(ctx, Some(b.clone()));
            a.at(Node::RIGHT).set(ctx, Value::int(-5));
            assert_eq!(a.at(Node::LEFT).get(ctx).map(|found| found.tag), Some(2));
            assert_eq!(a.at(Node::RIGHT).get(ctx).as_int(), Some(-5));
            let old = a.at(Node::RIGHT).replace(ctx, b.clone().into());
            assert_eq!(old.as_int(), Some(-5));
            assert!(a.at(Node::RIGHT).get(ctx).same(b.as_value()));
            assert!(a.at(Node::LEFT).replace(ctx, None).is_some());
            assert!(a.at(Node::LEFT).get(ctx).is_none());

            let items = a.at(Node::ITEMS);
            assert!(items.is_empty(ctx) && items.pop(ctx).is_none());
            assert_eq!(items.push(ctx, b.clone().into()), Ok(0));
            assert_eq!(items.push(ctx, Value::constant(3)), Ok(1));
            assert_eq!(
                items.get(ctx, 1).and_then(|value| value.as_constant()),
                Some(3)
            );
            assert!(items.get(ctx, 2).is_none());
            assert!(items.set(ctx, 2, Value::NOTHING).is_err());
            assert!(
                items
                    .set(ctx, 0, Value::int(1))
                    .expect("there")
                    .is::<Node>()
            );
            assert_eq!(items.to_vec(ctx).expect("memory").len(), 2);

            let names = a.at(Node::NAMES);
            assert!(
                names
                    .insert(ctx, "b".into(), b.clone().into())
                    .expect("memory")
                    .is_none()
            );
            let before = names
                .insert(ctx, "b".into(), Value::int(7))
                .expect("memory");
            assert!(before.expect("a node").downcast::<Node>().is_ok());
            assert_eq!(
                names.get(ctx, &"b".into()).and_then(|value| value.as_int()),
                Some(7)
            );
            let keys = names.keys(ctx).expect("memory");
            assert_eq!((keys, names.len(ctx)), (vec!["b".into()], 1));
            assert!(names.remove(ctx, &"b".into()).is_some() && names.is_empty(ctx));
            assert_eq!(ctx.type_name(a.as_value()), Some("Node"));
        })
        .expect("a thread");
    assert_empty(language);
}

#[test]
fn cycles_through_every_kind_of_field_are_collected() {
    let language = language();
    language
        .attach(|ctx| {
            for way in 0..4 {
                let (a, b) = (node(ctx, 0), node(ctx, 1));
                b.at(Node::LEFT).set(ctx, Some(a.clone()));
                match way {
                    0 => a.at(Node::LEFT).set(ctx, Some(b.clone())),
                    1 => a.at(Node::RIGHT).set(ctx, b.clone().into()),
                    2 => drop(a.at(Node::ITEMS).push(ctx, b.clone().into())),
                    _ => drop(a.at(Node::NAMES).insert(ctx, "b".into(), b.clone().into())),
                }
                assert_eq!(ctx.collect(), Ok(0), "locals keep it");
                drop(a);
                assert_eq!(ctx.collect(), Ok(0), "one local does");
                drop(b);
                assert_eq!(ctx.collect(), Ok(2), "by way {way}");
            }
        })
        .expect("a thread");
    assert_empty(language);
}

#[derive(Managed)]
struct Child {
    parent: Weak<Node>,
}

#[test]
fn weak_fields_do_not_keep_alive() {
    let language = language();
    language
        .attach(|ctx| {
            let parent = node(ctx, 9);
            let body = || Child {
                parent: Weak::new(),
            };
            let child = ctx
                .make(body())
                .expect("memory")
                .put_weak(Child::PARENT, &parent)
                .finish();
            let orphan = ctx.make(body()).expect("memory").finish();
            assert!(orphan.at(Child::PARENT).upgrade(ctx).is_none());
            parent.at(Node::RIGHT).set(ctx, child.clone().into());
            assert_eq!(
                child
                    .at(Child::PARENT)
                    .upgrade(ctx)
                    .map(|parent| parent.tag),
                Some(9)
            );
            drop(parent);
            ctx.poll();
            assert!(child.at(Child::PARENT).upgrade(ctx).is_none());

            // The same by a collection.
            let parent = node(ctx, 8);
            parent.at(Node::LEFT).set(ctx, Some(parent.clone()));
            let child = ctx
                .make(body())
                .expect("memory")
                .put_weak(Child::PARENT, &parent)
                .finish();
            drop(parent);
            assert_eq!(
                child
                    .at(Child::PARENT)
                    .upgrade(ctx)
                    .map(|parent| parent.tag),
                Some(8)
            );
            assert_eq!(ctx.collect(), Ok(1));
            assert!(child.at(Child::PARENT).upgrade(ctx).is_none());
        })
        .expect("a thread");
    assert_empty(language);
}

/// Notes its end. One that wants to is put into its refuge by its finalizer.
#[derive(Managed)]
#[managed(name = "mortal", finalize)]
struct Mortal {
    refuge: Slot<Node>,
    me: ValueSlot,
    log: Plain<Arc<Mutex<Vec<&'static str>>>>,
    panics: bool,
}

impl Finalize for Mortal {
    fn finalize<'a>(this: &Local<'a, Self>, ctx: &mut Ctx<'a>) {
        ctx.poll();
        this.log.lock().expect("no panic").push("finalized");
        if let Some(refuge) = this.at(Mortal::REFUGE).get(ctx) {
            refuge.at(Node::RIGHT).set(ctx, this.clone().into());
        }
        assert!(!this.panics, "a finalizer panics");
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        self.log.lock().expect("no panic").push("dropped");
        assert!(!self.panics, "a destructor panics");
    }
}

#[test]
fn finalizers_run_once_and_may_bring_their_object_back() {
    let language = language();
    let log = Arc::new(Mutex::new(Vec::new()));
    language
        .attach(|ctx| {
            let take = || std::mem::take(&mut *log.lock().expect("no panic"));
            let mortal = |panics| Mortal {
                refuge: Slot::new(),
                me: ValueSlot::new(),
                log: Plain(Arc::clone(&log)),
                panics,
            };
            for cyclic in [false, true] {
                let refuge = node(ctx, 0);
                let made = ctx.make(mortal(false)).expect("memory");
                let object = made.put_object(Mortal::REFUGE, refuge.clone()).finish();
                if cyclic {
                    object.at(Mortal::ME).set(ctx, object.clone().into());
                }
                drop(object);
                ctx.collect().expect("a collection");
                assert_eq!(take(), ["finalized"]);
                let back = refuge.at(Node::RIGHT).replace(ctx, Value::NOTHING);
                assert!(back.is::<Mortal>());
                drop(back);
                ctx.collect().expect("a collection");
                assert_eq!(take(), ["dropped"], "not finalized again");
            }
            drop(ctx.make(mortal(true)).expect("memory").finish());
            ctx.poll();
            assert_eq!(take(), ["finalized", "dropped"], "panics end there");
        })
        .expect("a thread");
    assert_empty(language);
}

#[derive(Managed, Default)]
#[managed(methods(push = Stack::push, sum = Stack::sum))]
struct Stack {
    items: List,
}

impl Stack {
    fn push<'a>(
        this: &Local<'a, Stack>,
        ctx: &mut Ctx<'a>,
        arguments: &[Value<'a>],
    ) -> Outcome<'a> {
        let items = this.at(Stack::ITEMS);
        for value in arguments {
            items
                .push(ctx, value.clone())
                .map_err(|_| Value::constant(0))?;
        }
        Ok(Value::NOTHING)
    }

    fn sum<'a>(this: &Local<'a, Stack>, ctx: &mut Ctx<'a>, _: &[Value<'a>]) -> Outcome<'a> {
        let mut sum = 0;
        for index in 0..this.at(Stack::ITEMS).len(ctx) {
            // Another thread may have taken it out by now.
            let value = this.at(Stack::ITEMS).get(ctx, index);
            sum += value
                .and_then(|value| value.as_int())
                .ok_or(Value::constant(1))?;
            ctx.poll();
        }
        Ok(Value::int(sum))
    }
}

#[test]
fn native_methods_are_found_by_name() {
    let language = language();
    language
        .attach(|ctx| {
            let stack = ctx.make(Stack::default()).expect("memory").finish().into();
            let arguments = [Value::int(1), Value::int(2)];
            assert!(
                ctx.call_method(&stack, "push", &arguments)
                    .expect("there")
                    .is_ok()
            );
            let sum = ctx
                .call_method(&stack, "sum", &[])
                .expect("there")
                .expect("numbers");
            assert_eq!(sum.as_int(), Some(3));
            let push = [stack.clone()];
            assert!(
                ctx.call_method(&stack, "push", &push)
                    .expect("there")
                    .is_ok()
            );
            let error = ctx
                .call_method(&stack, "sum", &[])
                .expect("there")
                .expect_err("no number");
            assert_eq!(error.as_constant(), Some(1));
            assert!(ctx.call_method(&stack, "pop", &[]).is_none());
            assert!(ctx.call_method(&Value::int(1), "pop", &[]).is_none());
        })
        .expect("a thread");
    assert_empty(language);
}

#[test]
fn threads_share_what_is_in_objects() {
    share(HeapChoice::Paged);
}

#[test]
fn they_do_so_where_each_object_is_an_allocation() {
    share(HeapChoice::Delegating(&std::alloc::System));
}

fn share(heap: HeapChoice) {
    const THREADS: i64 = 3;
    const ROUNDS: i64 = 200;
    let language = Language::builder()
        .heap(heap)
        .collect_every(50)
        .build()
        .expect("memory");
    language
        .attach(|ctx| {
            let shared = node(ctx, 0);
            let global = shared.share(ctx);
            let tasks: Vec<_> = (0..THREADS)
                .map(|number| {
                    let global = global.clone();
                    let work = move |ctx: &mut Ctx<'_>| work(ctx, &global, number * ROUNDS, ROUNDS);
                    language.spawn(work).expect("a thread")
                })
                .collect();
            let seen: i64 = tasks
                .into_iter()
                .map(|task| task.join(ctx).expect("no panic"))
                .sum();
            assert_eq!(seen, THREADS * ROUNDS);
            let items = shared.at(Node::ITEMS).to_vec(ctx).expect("memory");
            let mut tags: Vec<u32> = items
                .iter()
                .filter_map(|item| Some(item.downcast_ref::<Node>()?.tag))
                .collect();
            tags.sort_unstable();
            assert!(tags.iter().copied().eq(0..(THREADS * ROUNDS) as u32));
            assert_eq!(shared.at(Node::NAMES).len(ctx), 10);
        })
        .expect("a thread");
    assert_empty(language);
}

/// Adds nodes to a shared list, and to a slot and a table that the threads overwrite for each other; makes garbage meanwhile.
fn work(ctx: &mut Ctx<'_>, global: &Global, from: i64, rounds: i64) -> i64 {
    let shared = global
        .get(ctx)
        .expect("this language")
        .downcast::<Node>()
        .expect("a node");
    let mut seen = 0;
    for number in from..from + rounds {
        let new = node(ctx, number as u32);
        shared
            .at(Node::ITEMS)
            .push(ctx, new.clone().into())
            .expect("memory");
        shared.at(Node::RIGHT).set(ctx, new.clone().into());
        let key = (number % 10).to_string();
        shared
            .at(Node::NAMES)
            .insert(ctx, key, new.into())
            .expect("memory");
        let loose = node(ctx, 0);
        loose.at(Node::LEFT).set(ctx, Some(loose.clone()));
        loose
            .at(Node::RIGHT)
            .set(ctx, shared.at(Node::RIGHT).get(ctx));
        seen += i64::from(loose.at(Node::RIGHT).get(ctx).is::<Node>());
        ctx.poll();
    }
    seen
}

#[test]
fn a_global_is_for_any_thread_and_one_language() {
    let (one, two) = (language(), language());
    let global = one.attach(|ctx| node(ctx, 4).share(ctx)).expect("a thread");
    one.attach(|ctx| assert_eq!(ctx.collect(), Ok(0)))
        .expect("a thread");
    let wrong = two
        .attach(|ctx| global.get(ctx).map(drop))
        .expect("a thread");
    assert_eq!(wrong, Err(WrongLanguage));
    let tag = one.attach(|ctx| {
        global
            .get(ctx)
            .ok()?
            .downcast_ref::<Node>()
            .map(|node| node.tag)
    });
    assert_eq!(tag, Ok(Some(4)));
    // Given up on a thread that is in no language, in another, and on one that has detached.
    let copy = one
        .attach(|ctx| global.get(ctx).expect("this").share(ctx))
        .expect("a thread");
    std::thread::spawn(move || drop(global))
        .join()
        .expect("no panic");
    let more = one
        .attach(|ctx| (node(ctx, 5).share(ctx), node(ctx, 6).share(ctx)))
        .expect("a thread");
    two.attach(|_| drop(copy)).expect("a thread");
    one.attach(|ctx| ctx.detached(|| drop(more.0)))
        .expect("a thread");
    one.attach(|_| drop(more.1)).expect("a thread");
    assert_empty(one);
    assert_empty(two);
}

#[test]
fn a_thread_is_in_one_language_at_a_time() {
    let (one, two) = (language(), language());
    one.attach(|ctx| {
        assert_eq!(one.attach(|_| ()), Err(AttachError::Already));
        assert_eq!(two.attach(|_| ()), Err(AttachError::Already));
        assert_eq!(
            ctx.detached(|| two.attach(|_| ())),
            Err(AttachError::Already)
        );
        let panic = one
            .spawn(|_| -> () { panic!("on purpose") })
            .expect("a thread");
        assert_eq!(panic.join(ctx), Err(JoinError::Panicked));
    })
    .expect("a thread");
    assert_eq!(two.attach(|_| ()), Ok(()));
}

#[test]
fn memory_that_runs_out_is_an_error() {
    let language = Language::builder()
        .memory_limit(8 << 20)
        .build()
        .expect("memory");
    let made = language
        .attach(|ctx| {
            let mut last = node(ctx, 0);
            let mut made = 0;
            while let Ok(new) = ctx.make(Node::default()) {
                last = new.put_object(Node::LEFT, last).finish();
                made += 1;
            }
            made
        })
        .expect("a thread");
    assert!(made > 1000, "{made}");
    assert_empty(language);
}

#[test]
fn what_dies_without_a_word_is_dropped_where_it_dies() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    #[derive(Managed)]
    struct Counted {
        next: Slot<Counted>,
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, SeqCst);
        }
    }
    let language = language();
    language
        .attach(|ctx| {
            let counted = || Counted { next: Slot::new() };
            let mut last = ctx.make(counted()).expect("memory").finish();
            for _ in 0..100_000 {
                last = ctx
                    .make(counted())
                    .expect("memory")
                    .put_object(Counted::NEXT, last)
                    .finish();
            }
            drop(last);
            ctx.poll();
            assert_eq!(
                DROPPED.load(SeqCst),
                100_001,
                "a long chain needs no deep stack"
            );
            drop(ctx.make(counted()).expect("memory"));
        })
        .expect("a thread");
    assert_eq!(DROPPED.load(SeqCst), 100_002);
    assert_empty(language);
}

/// Each file of `tests/managed` is a misuse, and beside it what the compiler says.
#[test]
#[cfg_attr(
    any(feature = "stats", feature = "debug-refs"),
    ignore = "the same with any feature"
)]
fn misuse_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/managed/*.rs");
}
