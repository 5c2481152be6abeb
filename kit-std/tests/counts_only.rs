//! What counts alone do, with the collector and without the feature `gc`: objects die with their last reference, on any thread.
#![forbid(unsafe_code)]

use kit_derive::Managed;
use kit_std::managed::{Language, List, Plain, ValueSlot};
use std::sync::Arc;

/// Counts its copies: one for each object that is alive.
#[derive(Managed, Default)]
struct Node {
    next: ValueSlot,
    items: List,
    alive: Plain<Arc<()>>,
}

#[test]
fn chains_die_with_their_last_reference() {
    let language = Language::builder().build().expect("memory");
    let alive = Plain(Arc::new(()));
    let made = alive.clone();
    let body = move |ctx: &mut kit_std::managed::Ctx<'_>| {
        for _ in 0..100 {
            let mut last = None;
            for _ in 0..100 {
                let alive = made.clone();
                let node = Node {
                    alive,
                    ..Node::default()
                };
                let node = ctx.make(node).expect("memory").finish();
                if let Some(next) = last.take() {
                    node.at(Node::ITEMS)
                        .push(ctx, kit_std::managed::Value::clone(&next))
                        .expect("memory");
                    node.at(Node::NEXT).set(ctx, next);
                }
                last = Some(node.into());
            }
            drop(last);
            ctx.poll();
        }
    };
    let tasks = [(); 2].map(|()| language.spawn(body.clone()).expect("a thread"));
    for task in tasks {
        task.join_detached().expect("no panic");
    }
    drop(body);
    assert_eq!(Arc::strong_count(&alive.0), 1);
}

#[cfg(not(feature = "gc"))]
#[test]
fn what_refers_to_itself_stays() {
    let language = Language::builder().build().expect("memory");
    let alive = Plain(Arc::new(()));
    let node = Node {
        alive: alive.clone(),
        ..Node::default()
    };
    language
        .attach(|ctx| {
            let node = ctx.make(node).expect("memory").finish();
            node.at(Node::NEXT).set(ctx, node.clone().into());
        })
        .expect("a thread");
    assert_eq!(Arc::strong_count(&alive.0), 2);
}
