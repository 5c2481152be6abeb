//! What code that means harm can do with safe types: hold on to the wrong things, come back in the middle, block where others wait. Each is
//! refused, or does what was asked for, and the language goes on.
#![forbid(unsafe_code)]

use kit_derive::Managed;
use kit_std::managed::{
    AttachError, Ctx, Finalize, Global, JoinError, Language, List, Local, Plain, Slot, Table,
    Value, ValueSlot, Weak,
};
use kit_std::port::Port;
use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Managed, Default)]
struct Node {
    next: ValueSlot,
    items: List,
}

fn language() -> &'static Language {
    Language::builder().build().expect("memory for a language")
}

fn node<'a>(ctx: &Ctx<'a>) -> Local<'a, Node> {
    ctx.make(Node::default()).expect("memory").finish()
}

/// A node that refers to itself.
fn circle<'a>(ctx: &Ctx<'a>) -> Local<'a, Node> {
    let node = node(ctx);
    node.at(Node::NEXT).set(ctx, node.clone().into());
    node
}

/// How many objects nobody can reach any more, though they are there.
fn assert_left(language: &'static Language, left: usize) {
    language
        .attach(|ctx| ctx.collect())
        .expect("a thread")
        .expect("a collection");
    #[cfg(feature = "stats")]
    assert_eq!(language.live_objects(), left);
    let _ = left;
}

/// A key that does in its comparison whatever it was told to.
#[derive(Clone)]
struct Key(u8, Option<Arc<dyn Fn() + Send + Sync>>);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        0_u8.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        for act in [&self.1, &other.1].into_iter().flatten() {
            act();
        }
        self.0 == other.0
    }
}

impl Eq for Key {}

#[derive(Managed, Default)]
struct Keyed {
    table: Table<Key>,
}

#[test]
fn a_comparison_gets_at_no_table_and_may_give_up_what_it_holds() {
    let language = language();
    let seen = Arc::new(Mutex::new(Vec::new()));
    language
        .attach(|ctx| {
            let keyed = ctx.make(Keyed::default()).expect("memory").finish();
            let table = || keyed.at(Keyed::TABLE);
            table()
                .insert(ctx, Key(1, None), circle(ctx).into())
                .expect("memory");
            // The last references to a circle and to the table itself, given up while it is locked.
            let held = Mutex::new(vec![circle(ctx).share(ctx), keyed.share(ctx)]);
            let its = seen.clone();
            let act = move || {
                held.lock().expect("no panic").pop();
                its.lock()
                    .expect("no panic")
                    .push(language.attach(|_| ()) == Err(AttachError::Already));
                // It may have to stop this one before it comes in.
                let task = language.spawn(|ctx| node(ctx).at(Node::ITEMS).len(ctx));
                let refused = task.expect("a thread").join_detached();
                assert_eq!(refused, Err(JoinError::Attached));
            };
            let key = Key(2, Some(Arc::new(act)));
            assert!(table().get(ctx, &key).is_none());
            assert!(
                table()
                    .insert(ctx, key, Value::NOTHING)
                    .expect("memory")
                    .is_none()
            );
            assert_eq!(table().len(ctx), 2);
        })
        .expect("a thread");
    let seen = seen.lock().expect("no panic");
    assert!(seen.len() >= 2 && seen.iter().all(|&refused| refused));
    drop(seen);
    assert_left(language, 0);
}

/// A key that counts itself, and cannot be copied or dropped while that is forbidden.
struct Fragile(u8, Arc<AtomicBool>);

impl Clone for Fragile {
    fn clone(&self) -> Fragile {
        assert!(!self.1.load(SeqCst), "a copy, on purpose");
        Fragile(self.0, self.1.clone())
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        if self.1.load(SeqCst) && !std::thread::panicking() {
            panic!("a destructor, on purpose");
        }
    }
}

impl Hash for Fragile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialEq for Fragile {
    fn eq(&self, other: &Fragile) -> bool {
        self.0 == other.0
    }
}

impl Eq for Fragile {}

#[derive(Managed, Default)]
struct Shelf {
    table: Table<Fragile>,
}

#[test]
fn keys_that_panic_when_copied_or_dropped_lose_no_reference() {
    let language = language();
    let forbidden = Arc::new(AtomicBool::new(false));
    language
        .attach(|ctx| {
            let shelf = ctx.make(Shelf::default()).expect("memory").finish();
            let table = || shelf.at(Shelf::TABLE);
            for number in 0..10 {
                let key = Fragile(number, forbidden.clone());
                table()
                    .insert(ctx, key, circle(ctx).into())
                    .expect("memory");
            }
            forbidden.store(true, SeqCst);
            let keys = catch_unwind(AssertUnwindSafe(|| {
                table().keys(ctx).map(|keys| keys.len())
            }));
            let three = mem::ManuallyDrop::new(Fragile(3, forbidden.clone()));
            let gone = catch_unwind(AssertUnwindSafe(|| table().remove(ctx, &three).is_some()));
            assert!(keys.is_err() && gone.is_err());
            assert_eq!(table().len(ctx), 9);
            // The shelf dies here: its keys' destructors panic, one after the other or all at once.
        })
        .expect("a thread");
    assert_left(language, 0);
}

#[test]
fn what_is_forgotten_stays_and_nothing_else_does() {
    let language = language();
    language
        .attach(|ctx| {
            mem::forget(ctx.make(Node::default()).expect("memory"));
            mem::forget(node(ctx));
            mem::forget(node(ctx).share(ctx));
            let started = ctx.start(|_| Ok(Value::NOTHING)).expect("a thread");
            started.join(ctx).expect("it has ended");
            mem::forget(started);
            mem::forget(language.spawn(|ctx| drop(circle(ctx))));
            let stay = catch_unwind(AssertUnwindSafe(|| {
                let _kept = mem::ManuallyDrop::new(node(ctx));
                ctx.detached(|| panic!("away, on purpose"))
            }));
            assert!(stay.is_err());
            assert_eq!(node(ctx).at(Node::ITEMS).push(ctx, Value::int(1)), Ok(0));
        })
        .expect("a thread");
    // A thread that nobody waits for is over when its objects are gone.
    language
        .attach(|ctx| {
            let task = language.spawn(|_| ()).expect("a thread");
            task.join(ctx)
        })
        .expect("a thread")
        .expect("it ran");
    // What is left is what was forgotten.
    assert_left(language, 5);
}

/// Data whose destructor does what it likes.
struct Act(Option<Box<dyn FnOnce() + Send + Sync>>);

impl Drop for Act {
    fn drop(&mut self) {
        if let Some(act) = self.0.take() {
            act();
        }
    }
}

#[derive(Managed)]
struct Bomb {
    act: Plain<Act>,
    next: ValueSlot,
}

fn bomb<'a>(ctx: &Ctx<'a>, act: impl FnOnce() + Send + Sync + 'static) -> Local<'a, Bomb> {
    let bomb = Bomb {
        act: Plain(Act(Some(Box::new(act)))),
        next: ValueSlot::new(),
    };
    ctx.make(bomb).expect("memory").finish()
}

#[test]
fn destructors_of_data_may_give_up_references_attach_in_vain_and_start_threads() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    let language = language();
    for cyclic in [false, true] {
        language
            .attach(|ctx| {
                let held: Global = circle(ctx).share(ctx);
                let act = move || {
                    drop(held);
                    assert_eq!(language.attach(|_| ()), Err(AttachError::Already));
                    let task = language.spawn(|ctx| {
                        drop(circle(ctx));
                        ctx.poll();
                    });
                    drop(task.expect("a thread"));
                    DONE.fetch_add(1, SeqCst);
                };
                let armed = bomb(ctx, act);
                let other = bomb(ctx, || panic!("a destructor, on purpose"));
                armed.at(Bomb::NEXT).set(ctx, other.clone().into());
                if cyclic {
                    other.at(Bomb::NEXT).set(ctx, armed.clone().into());
                }
                drop((armed, other));
                ctx.poll();
                ctx.collect()
            })
            .expect("a thread")
            .expect("a collection");
    }
    assert_eq!(DONE.load(SeqCst), 2);
}

/// Brings itself back, raises, allocates, starts a thread and waits for it: all in its finalizer.
#[derive(Managed, Default)]
#[managed(finalize)]
struct Phoenix {
    nest: Slot<Node>,
    own: ValueSlot,
    seen: Weak<Node>,
}

static RISEN: AtomicUsize = AtomicUsize::new(0);

impl Finalize for Phoenix {
    fn finalize<'a>(this: &Local<'a, Self>, ctx: &mut Ctx<'a>) {
        RISEN.fetch_add(1, SeqCst);
        if let Some(nest) = this.at(Phoenix::NEST).get(ctx) {
            nest.at(Node::ITEMS)
                .push(ctx, this.clone().into())
                .expect("memory");
        }
        for _ in 0..100 {
            drop(circle(ctx));
            ctx.poll();
        }
        let task = ctx.language().spawn(|ctx| {
            drop(circle(ctx));
            ctx.poll();
            7
        });
        assert_eq!(task.expect("a thread").join(ctx), Ok(7));
        ctx.detached(|| std::thread::sleep(Duration::from_millis(1)));
        panic!("a finalizer, on purpose");
    }
}

#[test]
fn finalizers_may_rise_raise_allocate_wait_and_start_threads() {
    let language = language();
    for cyclic in [false, true] {
        RISEN.store(0, SeqCst);
        language
            .attach(|ctx| {
                let nest = node(ctx);
                for _ in 0..3 {
                    let phoenix = ctx
                        .make(Phoenix::default())
                        .expect("memory")
                        .put_weak(Phoenix::SEEN, &nest)
                        .finish();
                    phoenix.at(Phoenix::NEST).set(ctx, Some(nest.clone()));
                    if cyclic {
                        phoenix.at(Phoenix::OWN).set(ctx, phoenix.clone().into());
                    }
                }
                ctx.poll();
                ctx.collect().expect("a collection");
                let items = nest.at(Node::ITEMS);
                assert_eq!((items.len(ctx), RISEN.load(SeqCst)), (3, 3));
                for value in items.to_vec(ctx).expect("memory") {
                    let phoenix = value.downcast::<Phoenix>().expect("one of them");
                    let seen = phoenix.at(Phoenix::SEEN).upgrade(ctx);
                    assert!(seen.is_some_and(|seen| seen.as_value().same(nest.as_value())));
                }
            })
            .expect("a thread");
        assert_left(language, 0);
        // Once each.
        assert_eq!(RISEN.load(SeqCst), 3);
    }
}

/// A chain of these is long.
#[derive(Managed, Default)]
#[managed(finalize)]
struct Link {
    next: ValueSlot,
}

impl Finalize for Link {
    fn finalize<'a>(this: &Local<'a, Self>, ctx: &mut Ctx<'a>) {
        // The next one dies in the finalizer of this one.
        drop(this.at(Link::NEXT).replace(ctx, Value::NOTHING));
        ctx.poll();
    }
}

#[test]
fn finalizers_that_let_the_next_one_die_do_not_nest_without_end() {
    let language = language();
    language
        .attach(|ctx| {
            let mut last = Value::NOTHING;
            for _ in 0..100_000 {
                let link = ctx.make(Link::default()).expect("memory");
                last = link.put(Link::NEXT, last).finish().into();
            }
            drop(last);
            ctx.poll();
        })
        .expect("a thread");
    assert_left(language, 0);
}

#[test]
fn references_of_a_thread_that_is_gone_are_given_up_by_its_destructors() {
    thread_local! {
        static KEPT: RefCell<Vec<Global>> = const { RefCell::new(Vec::new()) };
    }
    let language = language();
    std::thread::spawn(move || {
        KEPT.with(|kept| assert!(kept.borrow().is_empty()));
        language
            .attach(|ctx| {
                let globals = [circle(ctx).share(ctx), node(ctx).share(ctx)];
                KEPT.with(|kept| kept.borrow_mut().extend(globals));
            })
            .expect("a thread");
        // The destructor of the variable runs when the thread is in no language any more.
    })
    .join()
    .expect("no panic");
    assert_left(language, 0);
}

#[test]
fn a_host_that_drops_a_thread_or_runs_it_on_the_spot_is_told_of_by_join() {
    let dropping = Port {
        start: |_stack, body| {
            drop(body);
            Ok(())
        },
        ..Port::SYSTEM
    };
    let language = Language::builder_on(dropping).build().expect("memory");
    let task = language.spawn(|_| 7).expect("it says that it has one");
    assert_eq!(task.join_detached(), Err(JoinError::NeverRan));
    language
        .attach(|ctx| {
            let started = ctx.start(|_| Ok(Value::int(7))).expect("so it says");
            assert!(started.join(ctx).is_err());
        })
        .expect("a thread");
    let at_once = Port {
        start: |_stack, body| {
            body();
            Ok(())
        },
        ..Port::SYSTEM
    };
    let language = Language::builder_on(at_once).build().expect("memory");
    let task = language.spawn(|_| 7).expect("it ran");
    assert_eq!(
        task.join_detached(),
        Ok(7),
        "this thread was in no language"
    );
    let inside = language.attach(|ctx| language.spawn(|_| 7).expect("it ran").join(ctx));
    let refused = JoinError::Attach(AttachError::Already);
    assert_eq!(inside, Ok(Err(refused)));
}
