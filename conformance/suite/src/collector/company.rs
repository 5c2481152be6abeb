//! Laws with more than one thread: those that leave, those that look, those that make garbage meanwhile.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use kit_core::thread::Ctx;

use super::{
    Setup,
    machine::{Machine, locked, with},
    nodes::{self, Node, Shape},
    shapes::{nodes, release_all, ring},
};
use crate::{lab::Lab, law::Law};

/// Runs `body` on `count` more threads of the machine, with their numbers, while the calling thread comes to safepoints.
pub(super) fn beside<R>(
    machine: &Machine,
    ctx: &mut Ctx,
    count: usize,
    body: impl Fn(&mut Ctx, usize) + Sync,
    meanwhile: impl FnOnce(&mut Ctx) -> R,
) -> R {
    thread::scope(|scope| {
        let body = &body;
        let threads: Vec<_> = (0..count)
            .map(|number| scope.spawn(move || machine.attach(|ctx| body(ctx, number))))
            .collect();
        let result = meanwhile(ctx);
        while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
            let _ = ctx.poll();
            thread::yield_now();
        }
        result
    })
}

/// What goes on while the threads of [`beside`] run: nothing.
fn nothing(_: &mut Ctx) {}

/// The cycles of threads that left are found, also those that others hang on or that were made while others collected.
pub fn exits(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "exits",
        advice: "examine every object that the heap's walk visits, whoever made it: there may be no thread any more in its owner's slot, or another one",
    };
    with(&law, &make, |machine, ctx| {
        let shape = Shape {
            finalizes: true,
            ..Shape::default()
        };
        let ids = Mutex::new(Vec::new());
        let left = Mutex::new(Vec::new());
        for _ in 0..3 {
            beside(
                machine,
                ctx,
                3,
                |ctx, number| {
                    for round in 0..20 {
                        let (ring_nodes, numbers) = nodes(ctx, 1 + round % 5, shape);
                        ring(ctx, &ring_nodes);
                        if let Some(other) = locked(&left).pop() {
                            ring_nodes[0].give(ctx, 1, other);
                        }
                        if round % 4 == number {
                            locked(&left).push(ring_nodes[0].retain(ctx));
                        }
                        release_all(ctx, &ring_nodes);
                        locked(&ids).extend(numbers);
                        if round == 10 && number == 0 {
                            machine.collect(ctx);
                        }
                        let _ = ctx.poll();
                    }
                },
                nothing,
            );
        }
        release_all(ctx, &std::mem::take(&mut *locked(&left)));
        machine.collect(ctx);
        let ids = std::mem::take(&mut *locked(&ids));
        machine.demand_gone(
            &law,
            &ids,
            "though nobody holds it, and its thread has left",
        );
        let fates = locked(&machine.state().fates).clone();
        for id in ids {
            let times = fates[id].finalized;
            law.demand(times == usize::from(machine.collects()), || {
                format!("object {id} was finalized {times} times")
            });
        }
    });
}

/// What a walk over the stopped heap finds wrong; none, if all is as it should be.
fn look(ctx: &Ctx, held: &[Node]) -> Option<String> {
    nodes::state(ctx).stopped(ctx, |heap| {
        let mut seen = HashMap::new();
        nodes::for_each(heap, |node| *seen.entry(node).or_insert(0) += 1);
        for (&node, &times) in &seen {
            if times != 1 {
                return Some(format!("object {} was met {times} times", node.id()));
            }
            if !node.is_sound() {
                return Some(format!(
                    "an object with {:?} was met that is none",
                    node.bits()
                ));
            }
            let edges = (0..nodes::EDGES).filter_map(|edge| node.edge(edge));
            for to in edges {
                if !seen.contains_key(&to) {
                    return Some(format!(
                        "object {} refers to one that was not met",
                        node.id()
                    ));
                }
            }
        }
        let missing = held.iter().find(|node| !seen.contains_key(node));
        missing.map(|node| format!("object {}, which is held, was not met", node.id()))
    })
}

/// Whoever walks the heap, in the middle of a collection too, meets each live object once, as it should be.
pub fn introspection(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "introspection",
        advice: "keep the collector's marks out of headers, or take them back before the world goes on; while it runs, garbage is as whole as anything",
    };
    with(&law, &make, |machine, ctx| {
        let shape = Shape {
            finalizes: true,
            ..Shape::default()
        };
        let (held, _) = nodes(ctx, 50, shape);
        ring(ctx, &held);
        let looked = Arc::new(AtomicUsize::new(0));
        let wrong = Arc::new(Mutex::new(None));
        for hook in [&machine.state().on_finalize, &machine.state().on_callback] {
            let (looked, wrong, held) = (Arc::clone(&looked), Arc::clone(&wrong), held.clone());
            *locked(hook) = Arc::new(move |ctx, node| {
                looked.fetch_add(1, SeqCst);
                // What is called is there, and whole.
                let there = [&held[..], &[node]].concat();
                if let Some(found) = look(ctx, &there) {
                    *locked(&wrong) = Some(found);
                }
            });
        }
        let done = AtomicBool::new(false);
        let others = |ctx: &mut Ctx, _| {
            // Looks all the time, and has objects of its own.
            let (own, _) = nodes(ctx, 5, Shape::default());
            ring(ctx, &own);
            while !done.load(SeqCst) {
                if let Some(found) = look(ctx, &own) {
                    *locked(&wrong) = Some(found);
                }
                looked.fetch_add(1, SeqCst);
                let _ = ctx.poll();
            }
            release_all(ctx, &own);
        };
        beside(machine, ctx, 1, others, |ctx| {
            for _ in 0..5 {
                let (garbage, ids) = nodes(ctx, 10, shape);
                ring(ctx, &garbage);
                garbage[3].link(ctx, 1, held[4]);
                let weak = garbage[0].refer(ctx, true);
                release_all(ctx, &garbage);
                machine.collect_young(ctx);
                machine.collect(ctx);
                machine.demand_gone(&law, &ids, "and nobody holds it");
                weak.release(ctx);
            }
            while looked.load(SeqCst) == 0 && locked(&wrong).is_none() {
                let _ = ctx.poll();
                thread::yield_now();
            }
            done.store(true, SeqCst);
        });
        if let Some(found) = look(ctx, &held) {
            *locked(&wrong) = Some(found);
        }
        let found = locked(&wrong).take();
        law.demand(found.is_none(), || found.unwrap_or_default());
        *locked(&machine.state().on_finalize) = Arc::new(|_, _| ());
        *locked(&machine.state().on_callback) = Arc::new(|_, _| ());
        release_all(ctx, &held);
    });
}

/// Threads make cycles, which hang on each other's, while others collect: each object is finalized once, and dies once.
pub fn threads(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "threads",
        advice: "examine with every other thread stopped, and what their queues hold merged; of two collections at a time, refuse one",
    };
    const ROUNDS: usize = 150;
    with(&law, &make, |machine, ctx| {
        let shape = Shape {
            finalizes: true,
            ..Shape::default()
        };
        let shared = Mutex::new(Vec::<Node>::new());
        let makers = AtomicUsize::new(3);
        beside(
            machine,
            ctx,
            4,
            |ctx, number| {
                if number == 3 {
                    // Again and again, but not so often that nothing is made between.
                    let mut next = 0;
                    while makers.load(SeqCst) > 0 {
                        let made = locked(&machine.state().fates).len();
                        if made >= next {
                            machine.collect(ctx);
                            next = made + 60;
                        }
                        let _ = ctx.poll();
                        thread::yield_now();
                    }
                    return;
                }
                for round in 0..ROUNDS {
                    let (made, _) = nodes(ctx, 1 + (round * 7 + number) % 6, shape);
                    ring(ctx, &made);
                    if (round + number) % 2 == 0 {
                        let taken = locked(&shared).pop();
                        if let Some(other) = taken {
                            made[0].give(ctx, 1, other);
                        }
                        locked(&shared).push(made[0].retain(ctx));
                    }
                    release_all(ctx, &made);
                    if round % 50 == 49 {
                        machine.collect_young(ctx);
                    }
                    let _ = ctx.poll();
                }
                makers.fetch_sub(1, SeqCst);
            },
            nothing,
        );
        release_all(ctx, &std::mem::take(&mut *locked(&shared)));
        machine.collect(ctx);
        machine.collect(ctx);
        let fates = locked(&machine.state().fates).clone();
        for (id, fate) in fates.iter().enumerate() {
            let whole = fate.dropped == 1 && fate.finalized == 1;
            law.demand(
                whole || !machine.collects() && fate.dropped == fate.finalized,
                || format!("object {id}, which nobody holds, has {fate:?}"),
            );
        }
    });
}
