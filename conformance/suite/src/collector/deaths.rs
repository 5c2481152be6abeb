//! Laws on what happens when garbage dies: weak references, finalizers, those that come back.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use super::{
    Setup,
    machine::{locked, with},
    nodes::{Node, Shape},
    shapes::{nodes, release_all, ring},
};
use crate::{lab::Lab, law::Law};

/// Weak references to garbage are cleared before finalizers that could tell, and called back once, if they live.
pub fn weak(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "weak",
        advice: "call `clear_weak` for all garbage before the first callback, and for what is still garbage after the last finalizer; before that, clear nothing",
    };
    with(&law, &make, |machine, ctx| {
        let shape = Shape {
            finalizes: true,
            ..Shape::default()
        };
        let (garbage, ids) = nodes(ctx, 4, shape);
        ring(ctx, &garbage);
        let living = Node::new(ctx, Shape::default());
        let calling: Vec<Node> = garbage.iter().map(|node| node.refer(ctx, true)).collect();
        let silent: Vec<Node> = garbage.iter().map(|node| node.refer(ctx, false)).collect();
        let to_living = [true, false].map(|calls| living.refer(ctx, calls));
        // These are garbage themselves: one refers to garbage, one to what lives.
        let (within, without) = (garbage[0].refer(ctx, true), living.refer(ctx, true));
        let inner_ids = [within.id(), without.id()];
        garbage[1].give(ctx, 1, within);
        garbage[2].give(ctx, 1, without);
        // Finalizers look at all of them, and make more.
        let (alive, late) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(Mutex::new(Vec::new())),
        );
        let (found, made, watched) = (Arc::clone(&alive), Arc::clone(&late), calling.clone());
        *locked(&machine.state().on_finalize) = Arc::new(move |ctx, node| {
            for weak in &watched {
                if let Some(object) = weak.upgrade(ctx) {
                    found.fetch_add(1, SeqCst);
                    object.release(ctx);
                }
            }
            locked(&made).extend([node.refer(ctx, true), node.refer(ctx, false)]);
        });
        // A callback makes garbage of its own.
        *locked(&machine.state().on_callback) = Arc::new(|ctx, _| {
            let node = Node::new(ctx, Shape::default());
            node.link(ctx, 0, node);
            node.release(ctx);
        });
        let watching = [calling.clone(), silent].concat();
        machine.collect(ctx);
        for weak in &watching {
            let target = weak.upgrade(ctx);
            law.demand(target.is_some(), || {
                "a weak reference to what is held was cleared".into()
            });
            if let Some(target) = target {
                target.release(ctx);
            }
        }
        release_all(ctx, &garbage);
        machine.collect(ctx);
        if machine.collects() {
            machine.demand_gone(&law, &ids, "and nobody holds it");
            machine.demand_gone(&law, &inner_ids, "and only garbage holds it");
            let fates = locked(&machine.state().fates).clone();
            for weak in &calling {
                let called = fates[weak.id()].called;
                law.demand(called == 1, || {
                    format!("the callback of a weak reference ran {called} times, not once")
                });
            }
            for id in inner_ids {
                law.demand(fates[id].called == 0, || {
                    "the callback of a weak reference ran that was garbage itself".into()
                });
            }
            let alive = alive.load(SeqCst);
            law.demand(alive == 0, || {
                format!("a finalizer found garbage through a weak reference with a callback, {alive} times")
            });
            let late = std::mem::take(&mut *locked(&late));
            law.demand(late.len() == 2 * garbage.len(), || {
                format!("{} finalizers ran, not {}", late.len() / 2, garbage.len())
            });
            for weak in watching.iter().chain(&late) {
                let target = weak.upgrade(ctx);
                law.demand(target.is_none(), || {
                    "a weak reference to garbage, perhaps made by its finalizer, still finds it"
                        .into()
                });
            }
            release_all(ctx, &late);
        }
        for weak in to_living {
            let target = weak.upgrade(ctx);
            law.demand(target == Some(living), || {
                "a weak reference to what is held was cleared".into()
            });
            living.release(ctx);
            weak.release(ctx);
        }
        living.release(ctx);
        *locked(&machine.state().on_finalize) = Arc::new(|_, _| ());
        release_all(ctx, &watching);
        release_all(ctx, &std::mem::take(&mut *locked(&late)));
    });
}

/// Each object is finalized once, whoever ends it; all of the garbage before any of it is taken apart.
pub fn finalizers(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "finalizers",
        advice: "set FINALIZED before the finalizer runs, and skip those that have it; clear nothing before all have run",
    };
    with(&law, &make, |machine, ctx| {
        let broken = Arc::new(AtomicBool::new(false));
        let found = Arc::clone(&broken);
        *locked(&machine.state().on_finalize) = Arc::new(move |ctx, node| {
            // Whole: its neighbour is there.
            let whole = node
                .edge(0)
                .is_none_or(|next| next.is_sound() && next.edge(0).is_some());
            found.fetch_or(!whole, SeqCst);
            // It may make objects, and drop them.
            let other = Node::new(ctx, Shape::default());
            other.link(ctx, 0, node);
            other.release(ctx);
        });
        let shape = Shape {
            finalizes: true,
            ..Shape::default()
        };
        for count in [1, 2, 50] {
            let (garbage, ids) = nodes(ctx, count, shape);
            ring(ctx, &garbage);
            // What hangs on it is garbage, and has a finalizer, too.
            let tail = Node::new(ctx, shape);
            let tail_id = tail.id();
            garbage[0].give(ctx, 1, tail);
            release_all(ctx, &garbage);
            machine.collect_young(ctx);
            machine.collect(ctx);
            machine.collect(ctx);
            machine.demand_gone(&law, &ids, "and nobody holds it");
            let fates = locked(&machine.state().fates).clone();
            for id in ids.into_iter().chain([tail_id]) {
                let times = fates[id].finalized;
                law.demand(times == usize::from(machine.collects()), || {
                    format!("object {id}, which was garbage, was finalized {times} times")
                });
            }
            law.demand(!broken.load(SeqCst), || {
                "a finalizer found an object of its cycle taken apart".into()
            });
        }
        // By counts, with a collection while it lives.
        let single = Node::new(ctx, shape);
        let id = single.id();
        machine.collect(ctx);
        single.release(ctx);
        machine.collect(ctx);
        let times = locked(&machine.state().fates)[id].finalized;
        law.demand(times == 1, || {
            format!("an object whose last reference was dropped was finalized {times} times")
        });
    });
}

/// What a finalizer brings back stays, with what it leads to, and nothing else does; nobody is finalized again.
pub fn resurrection(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "resurrection",
        advice: "after the finalizers, look again, with the world stopped, which of the garbage is held from outside; let go of that and of what it leads to, and take apart the rest",
    };
    for lasting in [false, true] {
        with(&law, &make, |machine, ctx| {
            let shape = Shape {
                finalizes: true,
                ..Shape::default()
            };
            let back = Shape {
                returns: true,
                ..shape
            };
            // A ring, one of which returns; what hangs on it; a ring that holds it, which does not return; one that has
            // nothing to do with it.
            let returning = Node::new(ctx, back);
            let (mut kept, mut kept_ids) = nodes(ctx, 4, shape);
            kept.push(returning);
            kept_ids.push(returning.id());
            ring(ctx, &kept);
            let tail = Node::new(ctx, Shape::default());
            kept[2].link(ctx, 1, tail);
            kept.push(tail);
            kept_ids.push(tail.id());
            let (holders, mut gone_ids) = nodes(ctx, 3, shape);
            ring(ctx, &holders);
            holders[1].link(ctx, 1, kept[0]);
            let (others, other_ids) = nodes(ctx, 3, shape);
            ring(ctx, &others);
            gone_ids.extend(other_ids);
            if lasting {
                let all = [&kept[..], &holders, &others].concat();
                for node in all {
                    node.defer(ctx);
                }
            }
            for nodes in [&kept[..], &holders, &others] {
                release_all(ctx, nodes);
            }
            let report = machine.collect(ctx);
            if !machine.collects() {
                return;
            }
            machine.demand_here(&law, &kept, &kept_ids, "though a finalizer brought it back");
            machine.demand_gone(&law, &gone_ids, "though nobody brought it back");
            law.demand(report.resurrected == kept.len(), || {
                format!(
                    "{} objects came back, and {} were reported",
                    kept.len(),
                    report.resurrected
                )
            });
            for (index, node) in kept.iter().enumerate().take(5) {
                law.demand(node.edge(0) == Some(kept[(index + 1) % 5]), || {
                    "what a finalizer brought back was taken apart".into()
                });
            }
            machine.collect(ctx);
            machine.demand_here(&law, &kept, &kept_ids, "though a finalizer brought it back");
            // Let go again, it dies, and is not asked a second time.
            let returned = std::mem::take(&mut *locked(&machine.state().kept));
            law.demand(returned == [returning], || {
                format!("{} objects were brought back, not 1", returned.len())
            });
            returning.release(ctx);
            let report = machine.collect(ctx);
            machine.demand_gone(&law, &kept_ids, "though it was let go again");
            law.demand(report.resurrected == 0, || {
                "an object came back twice".into()
            });
            let fates = locked(&machine.state().fates).clone();
            for &id in kept_ids.iter().take(5).chain(&gone_ids) {
                let times = fates[id].finalized;
                law.demand(times == 1, || {
                    format!("object {id} was finalized {times} times")
                });
            }
        });
    }
}
