//! Arbitrary graphs, against a reference tracer that knows nothing of counts in headers, pages or marks: only who refers
//! to whom.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use kit_core::thread::Ctx;
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};

use super::{
    Setup,
    company::beside,
    machine::{Machine, locked, with},
    nodes::{EDGES, Node, Shape},
    shapes::{StackPlace, release_all},
};
use crate::{
    lab::Lab,
    law::{Law, always_the_same},
};

/// On arbitrary graphs, with roots of every kind, deferred objects, weak references and finalizers that bring objects
/// back, the collected set is what a reference tracer says. A graph for which it is not is made as small as possible.
pub fn model(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "model",
        advice: "the graph below is the smallest found: follow what the collector does with each of its objects",
    };
    let config = Config {
        cases: 60,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    let run = |graph: Graph| {
        with(&law, &make, |machine, ctx| {
            if graph.company {
                in_company(&law, machine, ctx, &graph);
            } else {
                check(&law, machine, ctx, &graph, |_| ());
            }
        });
        Ok(())
    };
    match TestRunner::new_with_rng(config, always_the_same()).run(&graph(), run) {
        Ok(()) => {}
        Err(TestError::Fail(reason, graph)) => law.broken(&format!("{reason}\n{graph:#?}")),
        Err(error) => law.broken(&error.to_string()),
    }
}

/// A graph, and how it is collected.
#[derive(Clone, Debug)]
struct Graph {
    objects: Vec<Object>,
    weak: Vec<Weak>,
    /// A deferred object on the data stack, and one that the host reports, if these are deferred.
    on_stack: usize,
    in_roots: usize,
    /// Whether a collection that may look at part of the heap comes first. Then of what comes back some may not have been
    /// finalized: another object that came back earlier held it.
    young: bool,
    /// Whether there are other threads, which have counted references to the objects.
    company: bool,
}

#[derive(Clone, Debug)]
struct Object {
    shape: Shape,
    held: bool,
    deferred: bool,
    /// Numbers of objects, modulo how many there are.
    edges: Vec<usize>,
    /// Of a deferred one.
    uncounted: Option<usize>,
}

#[derive(Clone, Debug)]
struct Weak {
    target: usize,
    calls: bool,
    /// The object that holds it, unless the program does.
    holder: Option<usize>,
}

fn graph() -> impl Strategy<Value = Graph> {
    let number = 0..1000_usize;
    let one_in = |n: u32| prop::bool::weighted(1.0 / f64::from(n));
    let stiff = prop_oneof![Just(false), one_in(8)];
    let shape = (one_in(3), one_in(2), any::<bool>(), stiff).prop_map(
        |(finalizes, returns, prefixed, stiff)| Shape {
            finalizes,
            returns: finalizes && returns,
            prefixed,
            stiff: stiff && !finalizes,
        },
    );
    let object = (
        shape,
        one_in(12),
        one_in(4),
        prop::collection::vec(number.clone(), 0..3),
        prop::option::weighted(0.3, number.clone()),
    );
    let object = object.prop_map(|(shape, held, deferred, edges, uncounted)| Object {
        shape,
        held,
        deferred,
        edges,
        uncounted,
    });
    let weak = (
        number.clone(),
        any::<bool>(),
        prop::option::weighted(0.4, number.clone()),
    );
    let weak = weak.prop_map(|(target, calls, holder)| Weak {
        target,
        calls,
        holder,
    });
    (
        prop::collection::vec(object, 1..40),
        prop::collection::vec(weak, 0..6),
        number.clone(),
        number,
        any::<bool>(),
        one_in(3),
    )
        .prop_map(
            |(objects, weak, on_stack, in_roots, young, company)| Graph {
                objects,
                weak,
                on_stack,
                in_roots,
                young,
                company,
            },
        )
}

/// What the reference tracer knows of one object.
#[derive(Clone, Debug, Default)]
struct Known {
    alive: bool,
    /// References from outside of the graph, and those of them without a count.
    held: usize,
    borrowed: usize,
    finalizes: bool,
    returns: bool,
    deferred: bool,
    finalized: bool,
    counted: Vec<usize>,
    uncounted: Option<usize>,
    /// Was garbage in some collection, and came back.
    was_garbage: bool,
}

/// The reference tracer.
struct Tracer(Vec<Known>);

impl Tracer {
    /// What is reached from outside.
    fn reach(&self) -> Vec<bool> {
        let mut reached = vec![false; self.0.len()];
        let is_root = |&n: &usize| self.0[n].alive && self.0[n].held + self.0[n].borrowed > 0;
        let mut work: Vec<usize> = (0..self.0.len()).filter(is_root).collect();
        while let Some(number) = work.pop() {
            if !std::mem::replace(&mut reached[number], true) {
                work.extend(&self.0[number].counted);
                work.extend(self.0[number].uncounted);
            }
        }
        reached
    }

    /// How many references to each are counted.
    fn counts(&self) -> Vec<usize> {
        let mut counts: Vec<usize> = self.0.iter().map(|known| known.held).collect();
        for known in self.0.iter().filter(|known| known.alive) {
            for &to in &known.counted {
                counts[to] += 1;
            }
        }
        counts
    }

    /// Lets counts do what they do.
    fn count(&mut self) {
        loop {
            let counts = self.counts();
            let dead = |&n: &usize| self.0[n].alive && !self.0[n].deferred && counts[n] == 0;
            let Some(number) = (0..self.0.len()).find(dead) else {
                return;
            };
            self.finalize(number);
            let known = &mut self.0[number];
            known.alive = known.held > 0;
        }
    }

    fn finalize(&mut self, number: usize) {
        let known = &mut self.0[number];
        if known.finalizes && !std::mem::replace(&mut known.finalized, true) && known.returns {
            known.held += 1;
        }
    }

    /// Collects everything.
    fn collect(&mut self) {
        let reached = self.reach();
        for (number, reached) in reached.into_iter().enumerate() {
            if self.0[number].alive && !reached {
                self.0[number].was_garbage = true;
                self.finalize(number);
            }
        }
        let reached = self.reach();
        for (known, reached) in self.0.iter_mut().zip(reached) {
            known.alive &= reached;
        }
    }
}

/// [`check`] with two more threads, which have counted each object before anything is let go.
fn in_company(law: &Law, machine: &Machine, ctx: &mut Ctx, graph: &Graph) {
    let (begin, done) = (AtomicBool::new(false), AtomicBool::new(false));
    let (shared, counted) = (Mutex::new(Vec::<Node>::new()), AtomicUsize::new(0));
    /// Lets the others go, also when the law is broken.
    struct Done<'a>([&'a AtomicBool; 2]);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            for flag in self.0 {
                flag.store(true, SeqCst);
            }
        }
    }
    let wait = |ctx: &mut Ctx, flag: &AtomicBool| {
        while !flag.load(SeqCst) {
            let _ = ctx.poll();
            thread::yield_now();
        }
    };
    beside(
        machine,
        ctx,
        2,
        |ctx, _| {
            wait(ctx, &begin);
            let nodes = locked(&shared).clone();
            for node in &nodes {
                node.retain(ctx);
            }
            release_all(ctx, &nodes);
            counted.fetch_add(1, SeqCst);
            wait(ctx, &done);
        },
        |ctx| {
            let _done = Done([&begin, &done]);
            check(law, machine, ctx, graph, |nodes| {
                *locked(&shared) = nodes.to_vec();
                begin.store(true, SeqCst);
                while counted.load(SeqCst) < 2 {
                    thread::yield_now();
                }
            });
        },
    );
}

/// A weak reference, and what the tracer knows of it.
struct Watch {
    node: Node,
    id: usize,
    target: usize,
    calls: bool,
    holder: Option<usize>,
}

/// Makes the graph and lets go of it, in two rounds; `made` is called before the first.
fn check(law: &Law, machine: &Machine, ctx: &mut Ctx, graph: &Graph, made: impl FnOnce(&[Node])) {
    let (nodes, mut tracer) = build(ctx, graph);
    let weak = watch(ctx, graph, &nodes);
    made(&nodes);
    let count = nodes.len();
    let known = &mut tracer.0;
    let stack = StackPlace::new(ctx);
    if known[graph.on_stack % count].deferred {
        known[graph.on_stack % count].borrowed += 1;
        stack.put(ctx, nodes[graph.on_stack % count]);
    }
    if known[graph.in_roots % count].deferred {
        known[graph.in_roots % count].borrowed += 1;
        locked(&machine.state().roots).push(nodes[graph.in_roots % count]);
    }
    for (object, node) in graph.objects.iter().zip(&nodes) {
        if !object.held {
            node.release(ctx);
        }
    }
    judge(law, machine, ctx, graph, &nodes, &weak, &mut tracer);
    // Again, with nothing held but by finalizers from now on.
    let kept = std::mem::take(&mut *locked(&machine.state().kept));
    locked(&machine.state().roots).clear();
    stack.clear(ctx);
    for (object, node) in graph.objects.iter().zip(&nodes) {
        if object.held {
            node.release(ctx);
        }
    }
    release_all(ctx, &kept);
    for known in &mut tracer.0 {
        (known.held, known.borrowed) = (0, 0);
    }
    // Which finalizers have run already of those that came back depends on the parts, if it was in parts.
    let in_parts = graph.young
        && tracer
            .0
            .iter()
            .any(|known| known.alive && known.was_garbage);
    if !in_parts {
        judge(law, machine, ctx, graph, &nodes, &weak, &mut tracer);
    }
    for watch in weak.iter().filter(|watch| watch.holder.is_none()) {
        watch.node.release(ctx);
    }
}

/// The objects, each with a reference that is the caller's, and what there is to know of them.
fn build(ctx: &mut Ctx, graph: &Graph) -> (Vec<Node>, Tracer) {
    let count = graph.objects.len();
    let new = |object: &Object| Node::new(ctx, object.shape);
    let nodes: Vec<Node> = graph.objects.iter().map(new).collect();
    let mut known = Vec::new();
    for (object, node) in graph.objects.iter().zip(&nodes) {
        known.push(Known {
            alive: true,
            held: usize::from(object.held),
            finalizes: object.shape.finalizes,
            returns: object.shape.returns,
            deferred: object.deferred && node.defer(ctx),
            counted: object.edges.iter().map(|to| to % count).collect(),
            ..Known::default()
        });
    }
    for (number, object) in graph.objects.iter().enumerate() {
        for (edge, &to) in known[number].counted.iter().enumerate() {
            nodes[number].link(ctx, edge, nodes[to]);
        }
        let uncounted = object.uncounted.map(|to| to % count);
        known[number].uncounted = uncounted.filter(|&to| known[to].deferred);
        if let Some(to) = known[number].uncounted {
            nodes[number].lean_on(nodes[to]);
        }
    }
    (nodes, Tracer(known))
}

/// The weak references; those that objects hold are in the places that have no edge.
fn watch(ctx: &mut Ctx, graph: &Graph, nodes: &[Node]) -> Vec<Watch> {
    let count = nodes.len();
    let mut free = vec![2; count];
    let mut weak = Vec::new();
    for one in &graph.weak {
        let (target, calls) = (one.target % count, one.calls);
        let node = nodes[target].refer(ctx, calls);
        let id = node.id();
        let holder = one.holder.map(|holder| holder % count);
        let holder = holder.filter(|&holder| free[holder] < EDGES);
        if let Some(holder) = holder {
            nodes[holder].give(ctx, free[holder], node);
            free[holder] += 1;
        }
        weak.push(Watch {
            node,
            id,
            target,
            calls,
            holder,
        });
    }
    weak
}

/// Collects, and demands that the tracer agrees.
fn judge(
    law: &Law,
    machine: &Machine,
    ctx: &mut Ctx,
    graph: &Graph,
    nodes: &[Node],
    weak: &[Watch],
    tracer: &mut Tracer,
) {
    let fates = |ctx: &mut Ctx| {
        let _ = ctx.poll();
        locked(&machine.state().fates).clone()
    };
    tracer.count();
    let seen = fates(ctx);
    for (number, known) in tracer.0.iter().enumerate() {
        law.demand((seen[number].dropped == 0) == known.alive, || {
            format!(
                "before any collection, object {number} has {:?}; known of it is {known:?}",
                seen[number]
            )
        });
    }
    if machine.collects() {
        tracer.collect();
    }
    if graph.young {
        machine.collect_young(ctx);
        let seen = fates(ctx);
        for (number, known) in tracer.0.iter().enumerate() {
            law.demand(!known.alive || seen[number].dropped == 0, || {
                format!(
                    "a young collection took apart object {number}, of which is known {known:?}"
                )
            });
        }
    }
    machine.collect(ctx);
    let seen = fates(ctx);
    let counts = tracer.counts();
    for (number, known) in tracer.0.iter().enumerate() {
        let fate = seen[number];
        law.demand((fate.dropped == 0) == known.alive, || {
            let verdict = if known.alive { "taken apart" } else { "left" };
            format!("object {number} was {verdict}; known of it is {known:?}")
        });
        let in_parts = graph.young && known.alive && known.was_garbage;
        law.demand(
            in_parts || fate.finalized == usize::from(known.finalized),
            || {
                format!(
                    "object {number} was finalized {} times; known of it is {known:?}",
                    fate.finalized
                )
            },
        );
        if known.alive && !in_parts {
            let count = nodes[number].count();
            law.demand(count == counts[number] as i64, || {
                format!(
                    "object {number} has a count of {count}, where {} references are counted",
                    counts[number]
                )
            });
        }
    }
    for watch in weak {
        let target = &tracer.0[watch.target];
        let holder = watch.holder.map(|holder| &tracer.0[holder]);
        let alive = holder.is_none_or(|holder| holder.alive);
        law.demand((seen[watch.id].dropped == 0) == alive, || {
            format!(
                "weak reference {} has {:?}, and its holder is {holder:?}",
                watch.id, seen[watch.id]
            )
        });
        let unsure = graph.young && target.alive && target.was_garbage;
        if !alive || unsure || holder.is_some_and(|holder| holder.was_garbage) {
            continue;
        }
        let cleared = !target.alive || target.was_garbage && watch.calls;
        let found = watch.node.upgrade(ctx);
        law.demand(found.is_none() == cleared, || {
            format!(
                "weak reference {} finds {found:?}; of its target is known {target:?}",
                watch.id
            )
        });
        if let Some(found) = found {
            found.release(ctx);
        }
        let called = seen[watch.id].called;
        law.demand(called == usize::from(cleared && watch.calls), || {
            format!("the callback of weak reference {} ran {called} times; of its target is known {target:?}", watch.id)
        });
    }
}
