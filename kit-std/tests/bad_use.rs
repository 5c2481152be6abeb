//! Things that an embedder's code should not do, but may: each is an error or is without harm, and the language goes on.
#![forbid(unsafe_code)]

use kit_derive::Managed;
use kit_std::managed::{
    AttachError, Ctx, Finalize, Language, List, Local, Outcome, Plain, Running, Symbols, Table,
    Value, ValueSlot, Variables, WrongLanguage, WrongType,
};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

#[derive(Managed, Default)]
#[managed(methods(panic = Self::panics))]
struct Node {
    next: ValueSlot,
    items: List,
}

impl Node {
    fn panics<'a>(_: &Local<'a, Self>, ctx: &mut Ctx<'a>, _: &[Value<'a>]) -> Outcome<'a> {
        let _garbage = ctx.make(Node::default()).expect("memory").finish();
        panic!("a native method, on purpose")
    }
}

fn language() -> &'static Language {
    Language::builder().build().expect("memory for a language")
}

fn node<'a>(ctx: &Ctx<'a>) -> Local<'a, Node> {
    ctx.make(Node::default()).expect("memory").finish()
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

#[test]
fn a_native_method_that_panics_unwinds_to_who_attached() {
    let language = language();
    let call = || {
        language.attach(|ctx| {
            let this = Value::from(node(ctx));
            ctx.call_method(&this, "panic", &[]).is_some()
        })
    };
    for _ in 0..3 {
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    }
    // Caught inside, the stay goes on.
    let value = language.attach(|ctx| {
        let this = Value::from(node(ctx));
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _ = ctx.call_method(&this, "panic", &[]);
        }));
        assert!(caught.is_err() && ctx.collect().is_ok());
        this.is::<Node>()
    });
    assert_eq!(value, Ok(true));
    assert_empty(language);
}

#[test]
fn a_panic_while_the_thread_is_detached_finds_it_back() {
    let language = language();
    language
        .attach(|ctx| {
            let kept = node(ctx);
            let caught = catch_unwind(AssertUnwindSafe(|| {
                ctx.detached(|| panic!("while detached, on purpose"));
            }));
            assert!(caught.is_err());
            kept.at(Node::NEXT).set(ctx, kept.clone().into());
            ctx.poll();
        })
        .expect("a thread");
    assert_empty(language);
}

static REENTERED: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[derive(Managed)]
#[managed(finalize)]
struct Meddler {
    next: ValueSlot,
}

impl Finalize for Meddler {
    fn finalize<'a>(this: &Local<'a, Self>, ctx: &mut Ctx<'a>) {
        let mut seen = REENTERED.lock().expect("no panic");
        seen.push(format!("collect: {}", ctx.collect().is_ok()));
        let again = ctx.language().attach(|_| ());
        seen.push(format!("attach: {}", again == Err(AttachError::Already)));
        // Objects are made and dropped, with finalizers of their own.
        let more = ctx.make(Node::default()).expect("memory").finish();
        more.at(Node::NEXT).set(ctx, this.clone().into());
        ctx.poll();
    }
}

#[test]
fn a_finalizer_that_collects_and_attaches_is_refused() {
    let language = language();
    let meddler = || Meddler {
        next: ValueSlot::new(),
    };
    language
        .attach(|ctx| {
            // One dies by its count, where a collection may take place; one in a cycle, in the middle of one.
            drop(ctx.make(meddler()).expect("memory").finish());
            ctx.poll();
            let cycle = ctx.make(meddler()).expect("memory").finish();
            cycle.at(Meddler::NEXT).set(ctx, cycle.clone().into());
            drop(cycle);
            ctx.collect().expect("a collection");
        })
        .expect("a thread");
    let seen = REENTERED.lock().expect("no panic").clone();
    assert_eq!(
        seen,
        [
            "collect: true",
            "attach: true",
            "collect: false",
            "attach: true"
        ]
    );
    assert_empty(language);
}

/// A key whose hash and comparison panic while this is set.
#[derive(Clone, Default)]
struct Key(Arc<AtomicBool>, u8);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        assert!(!self.0.load(SeqCst), "a hash, on purpose");
        self.1.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        assert!(!self.0.load(SeqCst), "a comparison, on purpose");
        self.1 == other.1
    }
}

impl Eq for Key {}

#[derive(Managed, Default)]
struct Keyed {
    table: Table<Key>,
}

#[test]
fn a_key_that_panics_leaves_the_table_unlocked_and_counted() {
    let language = language();
    let panics = Arc::new(AtomicBool::new(false));
    language
        .attach(|ctx| {
            let keyed = ctx.make(Keyed::default()).expect("memory").finish();
            let table = || keyed.at(Keyed::TABLE);
            for number in 0..20 {
                let key = Key(panics.clone(), number);
                table().insert(ctx, key, node(ctx).into()).expect("memory");
            }
            panics.store(true, SeqCst);
            let key = Key(panics.clone(), 3);
            let get = catch_unwind(AssertUnwindSafe(|| table().get(ctx, &key).is_some()));
            let insert = catch_unwind(AssertUnwindSafe(|| {
                table().insert(ctx, key.clone(), node(ctx).into()).is_ok()
            }));
            assert!(get.is_err() && insert.is_err());
            panics.store(false, SeqCst);
            assert_eq!(table().len(ctx), 20);
            assert!(table().get(ctx, &key).is_some());
        })
        .expect("a thread");
    assert_empty(language);
}

#[test]
fn memory_that_ends_anywhere_is_an_error_each_time() {
    // Limits a little apart: a different request is the first to fail.
    for limit in (0..40).map(|step| (8 << 20) + step * (64 << 10)) {
        let language = Language::builder().memory_limit(limit).build();
        let language = language.expect("tables are not of the heap");
        let attached = language.attach(|ctx| {
            let mut last = Value::NOTHING;
            let mut made = 0;
            for _ in 0..400_000 {
                let Ok(new) = ctx.make(Node::default()) else {
                    break;
                };
                last = new.put(Node::NEXT, last).finish().into();
                made += 1;
            }
            drop(last);
            ctx.poll();
            // All of it is there again.
            made == 0 || ctx.make(Node::default()).is_ok()
        });
        assert_ne!(attached, Ok(false), "{limit}");
    }
}

#[test]
fn tasks_that_nobody_joins_and_joins_that_nobody_expects() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    let language = language();
    language
        .attach(|ctx| {
            let failing = ctx.start(|_| Err("on purpose".into())).expect("a thread");
            assert_eq!(
                failing.join(ctx).map_err(|e| e.to_string()).err(),
                Some("on purpose".to_owned())
            );
            assert!(failing.join(ctx).is_err(), "there is no value");
            let nothing = ctx.start(|_| Ok(Value::NOTHING)).expect("a thread");
            assert!(nothing.join(ctx).expect("it has ended").is_nothing());
            let panicking = ctx
                .start(|_| panic!("a thread, on purpose"))
                .expect("a thread");
            assert!(panicking.join(ctx).is_err());
            let own: Local<'_, Running> = ctx
                .start(|ctx| {
                    RAN.fetch_add(1, SeqCst);
                    Ok(node(ctx).into())
                })
                .expect("a thread");
            let value = own.join(ctx).expect("a value");
            assert!(value.is::<Node>() && own.join(ctx).expect("again").same(&value));
            assert_eq!(value.try_as::<Keyed>().err(), Some(WrongType("Keyed")));
        })
        .expect("a thread");
    assert_eq!(RAN.load(SeqCst), 1);
    assert_empty(language);
}

#[test]
fn symbols_of_another_language_are_refused() {
    let (one, two) = (language(), language());
    let symbols = Arc::new(Symbols::default());
    let number = one
        .attach(|ctx| {
            let number = symbols.number(ctx, "x").expect("memory");
            let mut variables = Variables::new(&symbols);
            assert!(variables.get(ctx, number).expect("ours").is_nothing());
            variables.set(ctx, number, Value::int(1)).expect("ours");
            assert_eq!(variables.get(ctx, number).expect("ours").as_int(), Some(1));
            assert_eq!(
                variables.get(ctx, 7).err(),
                Some(WrongLanguage),
                "no such number"
            );
            number
        })
        .expect("a thread");
    let wrong = two
        .attach(|ctx| Variables::new(&symbols).get(ctx, number).map(drop))
        .expect("a thread");
    assert_eq!(wrong, Err(WrongLanguage));
    drop(symbols);
    assert_empty(one);
}

/// Data that is shared is data.
#[test]
fn a_body_that_panics_before_it_is_an_object_is_dropped_as_any_struct() {
    #[derive(Managed)]
    struct Loud {
        alive: Plain<Arc<()>>,
    }
    let language = language();
    let alive = Arc::new(());
    let caught = catch_unwind(AssertUnwindSafe(|| {
        language.attach(|ctx| {
            let body = Loud {
                alive: Plain(alive.clone()),
            };
            let unfinished = ctx.make(body).expect("memory");
            assert!(Arc::strong_count(&alive) > 2, "on purpose");
            drop(unfinished);
        })
    }));
    assert!(caught.is_err());
    assert_eq!(Arc::strong_count(&alive), 1);
    assert_empty(language);
}
