//! What a collection does when its requests for memory fail.

use kit_core::backend::collector::{Cause, NotCollected};
use kit_core::thread::Ctx;

use super::{
    Setup,
    machine::{Machine, locked, with},
    nodes::{Node, Shape},
    shapes::{nodes, release_all, ring},
};
use crate::{lab::Lab, law::Law};

/// When a request for memory fails, whichever: nothing is harmed, nothing is lost, and later all is as if nothing had been.
pub fn out_of_memory(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "out_of_memory",
        advice: "before the first object is taken apart, undo everything and report `OutOfMemory`, or do without the memory; afterwards ask for none",
    };
    with(&law, &make, |machine, ctx| {
        for allowed in 0..1000 {
            if !round(&law, machine, ctx, allowed) {
                return;
            }
        }
        law.broken("a collection asked for memory more than a thousand times");
    });
}

/// Collects with so many requests allowed. False: it needed no more, or gets its memory from elsewhere.
fn round(law: &Law, machine: &Machine, ctx: &mut Ctx, allowed: usize) -> bool {
    let shape = Shape {
        finalizes: true,
        ..Shape::default()
    };
    // A tree whose leaves lead back, so that lists of work grow; all of it held, then none.
    let (tree, ids) = nodes(ctx, 4000, Shape::default());
    let root = Node::new(ctx, shape);
    let root_id = root.id();
    root.link(ctx, 0, tree[0]);
    for (index, node) in tree.iter().enumerate() {
        for edge in 0..3 {
            node.link(ctx, edge, *tree.get(3 * index + 1 + edge).unwrap_or(&root));
        }
    }
    let (returning, returning_ids) = nodes(
        ctx,
        3,
        Shape {
            returns: true,
            ..shape
        },
    );
    ring(ctx, &returning);
    let deferred = Node::new(ctx, Shape::default());
    if deferred.defer(ctx) {
        root.lean_on(deferred);
    }
    let weak = [root.refer(ctx, true), returning[0].refer(ctx, false)];
    release_all(ctx, &tree);
    release_all(ctx, &[deferred]);
    let count = root.count();
    let limited = |ctx: &mut Ctx| {
        let limits = machine.lab.allow(allowed);
        let before = machine.lab.requests().unwrap_or(0);
        let result = machine.try_collect(ctx, Cause::Asked(2));
        let asked = machine.lab.requests().unwrap_or(0) - before;
        machine.lab.allow_all();
        law.demand(
            !matches!(result, Err(NotCollected::Busy | NotCollected::Finalizing)),
            || format!("request {allowed} failed, and then the collection said {result:?}"),
        );
        (result, limits && asked > allowed)
    };
    let (held, refused) = limited(ctx);
    let when = format!("when request {allowed} failed, though it is held");
    machine.demand_here(law, &tree, &ids, &when);
    machine.demand_here(law, &[root], &[root_id], &when);
    machine.demand_here(law, &returning, &returning_ids, &when);
    law.demand(root.count() == count, || {
        format!(
            "request {allowed} failed; then an object's count was {}, not {count}",
            root.count()
        )
    });
    law.demand(
        held.is_ok_and(|report| report.unreachable == 0) || refused,
        || format!("{held:?}, where everything is held and there is memory"),
    );
    release_all(ctx, &returning);
    root.release(ctx);
    let (dropped, refused_again) = limited(ctx);
    if dropped.is_err() {
        law.demand(refused_again, || "no memory, where there is some".into());
        // What is still there is whole: the collection goes on where it was.
        machine.collect(ctx);
    }
    let when = format!("and nobody holds it, after request {allowed} failed");
    machine.demand_gone(law, &ids, &when);
    machine.demand_gone(law, &[root_id], &when);
    machine.demand_here(
        law,
        &returning,
        &returning_ids,
        "though its finalizer brought it back",
    );
    for id in returning_ids.into_iter().chain([root_id]) {
        let times = locked(&machine.state().fates)[id].finalized;
        law.demand(times == usize::from(machine.collects()), || {
            format!("object {id} was finalized {times} times, when request {allowed} failed")
        });
    }
    release_all(ctx, &weak);
    let kept = std::mem::take(&mut *locked(&machine.state().kept));
    release_all(ctx, &kept);
    machine.collect(ctx);
    refused || refused_again
}
