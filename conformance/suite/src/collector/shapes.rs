//! Laws on what is garbage and what is not: cycles, roots, deferral, frozen objects.

use kit_core::{
    backend::collector::Collected,
    object::Bits,
    refcount::stack_ref::{Fresh, StackRef},
    thread::Ctx,
};

use super::{
    Setup,
    machine::{Machine, locked, with},
    nodes::{Node, Shape},
};
use crate::{lab::Lab, law::Law};

impl Machine {
    /// Whether the object was taken apart.
    pub(super) fn is_gone(&self, id: usize) -> bool {
        locked(&self.state().fates)[id].dropped > 0
    }

    /// Demands that these objects are there and sound; `when` says when.
    #[track_caller]
    pub(super) fn demand_here(&self, law: &Law, nodes: &[Node], ids: &[usize], when: &str) {
        for (&node, &id) in nodes.iter().zip(ids) {
            law.demand(!self.is_gone(id), || {
                format!("object {id} was taken apart, {when}")
            });
            law.demand(node.is_sound() && node.id() == id, || {
                format!("object {id} was overwritten, {when}")
            });
        }
    }

    /// Demands that these are gone, if there is a collector.
    #[track_caller]
    pub(super) fn demand_gone(&self, law: &Law, ids: &[usize], when: &str) {
        for &id in ids {
            law.demand(!self.collects() || self.is_gone(id), || {
                format!("object {id} is still there, {when}")
            });
        }
    }
}

/// New nodes of one shape, and their numbers.
pub(super) fn nodes(ctx: &Ctx, count: usize, shape: Shape) -> (Vec<Node>, Vec<usize>) {
    let nodes: Vec<Node> = (0..count).map(|_| Node::new(ctx, shape)).collect();
    let ids = nodes.iter().map(|node| node.id()).collect();
    (nodes, ids)
}

/// Links each to the next, the last to the first.
pub(super) fn ring(ctx: &mut Ctx, nodes: &[Node]) {
    for (index, node) in nodes.iter().enumerate() {
        node.link(ctx, 0, nodes[(index + 1) % nodes.len()]);
    }
}

pub(super) fn release_all(ctx: &mut Ctx, nodes: &[Node]) {
    for node in nodes {
        node.release(ctx);
    }
}

/// Makes a shape of garbage out of nodes.
type Arrange = fn(&mut Ctx, &[Node]);

const SHAPES: [(&str, usize, Arrange); 8] = [
    ("an object that refers to itself", 1, ring),
    ("a pair", 2, ring),
    ("a ring of 100", 100, ring),
    ("a ring of 20,000", 20_000, ring),
    ("four objects that each refer to all", 4, |ctx, nodes| {
        for node in nodes {
            for (edge, to) in nodes.iter().enumerate() {
                node.link(ctx, edge, *to);
            }
        }
    }),
    (
        "two rings, one of which holds the other",
        60,
        |ctx, nodes| {
            ring(ctx, &nodes[..30]);
            ring(ctx, &nodes[30..]);
            nodes[7].link(ctx, 1, nodes[40]);
        },
    ),
    ("a tree whose leaves hold the root", 4095, |ctx, nodes| {
        for (index, node) in nodes.iter().enumerate() {
            for edge in 0..2 {
                let to = nodes.get(2 * index + 1 + edge).unwrap_or(&nodes[0]);
                node.link(ctx, edge, *to);
            }
        }
    }),
    ("a ring that a long chain hangs on", 30_000, |ctx, nodes| {
        ring(ctx, &nodes[..10]);
        nodes[9].link(ctx, 1, nodes[10]);
        for pair in nodes[10..].windows(2) {
            pair[0].link(ctx, 0, pair[1]);
        }
    }),
];

/// What only itself holds is freed, once, whatever its shape; what it held of the living is given back.
pub fn cycles(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "cycles",
        advice: "take from each object's count what other objects hold; what has nothing left, and is not reached from what has, goes: each is cleared, and released once",
    };
    for (prefixed, stiff) in [(false, false), (true, false), (false, true)] {
        with(&law, &make, |machine, ctx| {
            let living = Node::new(ctx, Shape::default());
            for (name, count, arrange) in SHAPES {
                let shape = Shape {
                    prefixed,
                    stiff,
                    ..Shape::default()
                };
                let (nodes, ids) = nodes(ctx, count, shape);
                arrange(ctx, &nodes);
                nodes[0].link(ctx, 3, living);
                machine.collect(ctx);
                machine.demand_here(&law, &nodes, &ids, &format!("{name}, and is held"));
                release_all(ctx, &nodes[1..]);
                machine.collect_young(ctx);
                machine.demand_here(&law, &nodes, &ids, &format!("{name}, and is held by one"));
                nodes[0].release(ctx);
                machine.collect_young(ctx);
                let Collected { unreachable, .. } = machine.collect(ctx);
                machine.demand_gone(&law, &ids, &format!("{name}, and nobody holds it"));
                law.demand(unreachable <= count, || {
                    format!("{unreachable} objects were unreachable, of {name}")
                });
                if machine.collects() {
                    law.demand(living.count() == 1, || {
                        format!(
                            "garbage held an object; afterwards its count is {}, not 1",
                            living.count()
                        )
                    });
                }
            }
            living.release(ctx);
        });
    }
}

/// What is held is kept, and whole.
pub fn reachable(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "reachable",
        advice: "every reference keeps what it leads to: counted ones from anywhere, those on data stacks, those that the host reports, those of objects that are not examined themselves",
    };
    with(&law, &make, |machine, ctx| {
        // Who holds a ring of ten: the law, the law by its count and as certain, an untracked object.
        let (mut rings, mut numbers) = (Vec::new(), Vec::new());
        let untracked = Node::new(ctx, Shape::default());
        untracked.clear_bits(Bits::TRACKED);
        for holder in 0..3 {
            let shape = Shape {
                prefixed: holder == 1,
                ..Shape::default()
            };
            let (nodes, ids) = nodes(ctx, 10, shape);
            ring(ctx, &nodes);
            if holder == 2 {
                untracked.link(ctx, 0, nodes[0]);
                nodes[0].release(ctx);
            }
            release_all(ctx, &nodes[1..]);
            if holder == 1 {
                locked(&machine.state().certain).push(nodes[0]);
            }
            rings.extend(nodes);
            numbers.extend(ids);
        }
        // A deferred object that the host reports, one that is on a stack.
        let (roots, root_numbers) = nodes(ctx, 2, Shape::default());
        let deferred = roots.iter().all(|root| root.defer(ctx));
        let stack = StackPlace::new(ctx);
        if deferred {
            for &root in &roots {
                let (nodes, ids) = nodes(ctx, 5, Shape::default());
                ring(ctx, &nodes);
                root.link(ctx, 0, nodes[0]);
                release_all(ctx, &nodes);
                rings.extend(nodes);
                numbers.extend(ids);
            }
            locked(&machine.state().roots).push(roots[0]);
            roots[0].release(ctx);
            stack.put(ctx, roots[1]);
            roots[1].release(ctx);
        }
        rings.extend(&roots);
        numbers.extend(&root_numbers);
        let counts: Vec<i64> = rings.iter().map(|node| node.count()).collect();
        let bits: Vec<Bits> = rings.iter().map(|node| node.bits()).collect();
        for young in [true, false, true, false] {
            if young {
                machine.collect_young(ctx);
            } else {
                let report = machine.collect(ctx);
                law.demand(report.unreachable == 0, || {
                    format!(
                        "{} objects were unreachable, where all are held",
                        report.unreachable
                    )
                });
            }
            machine.demand_here(&law, &rings, &numbers, "though it is held");
            for (index, node) in rings.iter().enumerate() {
                law.demand(node.count() == counts[index] && node.bits() == bits[index], || {
                    format!(
                        "a collection left object {} with count {} and {:?}; before, they were {} and {:?}",
                        numbers[index], node.count(), node.bits(), counts[index], bits[index]
                    )
                });
            }
        }
        locked(&machine.state().certain).clear();
        locked(&machine.state().roots).clear();
        stack.clear(ctx);
        untracked.release(ctx);
        for holder in [0, 1] {
            rings[holder * 10].release(ctx);
        }
        if !deferred {
            release_all(ctx, &roots);
        }
        machine.collect(ctx);
        machine.demand_gone(&law, &numbers, "and nobody holds it any more");
    });
}

/// A place on the data stack of the calling thread.
pub(super) struct StackPlace(*mut StackRef);

impl StackPlace {
    pub(super) fn new(ctx: &mut Ctx) -> Self {
        let heap = std::ptr::from_ref(&ctx.thread().heap);
        // SAFETY: the thread's own heap.
        let place = ctx.stack().enter(unsafe { &*heap }, 16);
        StackPlace(place.expect("memory for a data stack"))
    }

    /// Puts a reference there; without a count, as the object is deferred.
    pub(super) fn put(&self, ctx: &mut Ctx, node: Node) {
        // SAFETY: the place is ours, and empty; the object lives.
        unsafe {
            self.0
                .write(Fresh::from_new(ctx, node.plain_word()).into_ref())
        };
    }

    /// Drops what is there.
    pub(super) fn clear(self, ctx: &mut Ctx) {
        let heap = std::ptr::from_ref(&ctx.thread().heap);
        // SAFETY: ours, and empty afterwards; the heap is the thread's own.
        unsafe {
            StackRef::clear(self.0, ctx);
            ctx.stack().leave(&*heap);
        }
    }
}

/// What counts free is freed at once, as if there was no collector.
pub fn prompt(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "prompt",
        advice: "leave the counts of what lives as they were: no reference of the collector's outlives a collection",
    };
    with(&law, &make, |machine, ctx| {
        for round in 0..4 {
            let shape = Shape {
                finalizes: round % 2 == 1,
                ..Shape::default()
            };
            let (nodes, ids) = nodes(ctx, 500, shape);
            // A tree: nothing in it is part of a cycle.
            for index in 1..nodes.len() {
                let parent = (index - 1) / 3;
                nodes[parent].give(ctx, (index - 1) % 3, nodes[index]);
            }
            let weak = nodes[499].refer(ctx, true);
            if round >= 2 {
                machine.collect_young(ctx);
                machine.collect(ctx);
            }
            machine.demand_here(&law, &nodes, &ids, "though it is held");
            nodes[0].unlink(ctx, 1);
            let half = ids.iter().filter(|&&id| machine.is_gone(id)).count();
            law.demand(half == subtree(2, 500), || {
                format!(
                    "a reference was dropped: {half} objects died, not {}",
                    subtree(2, 500)
                )
            });
            nodes[0].release(ctx);
            for &id in &ids {
                let fate = locked(&machine.state().fates)[id];
                law.demand(
                    fate.dropped == 1 && fate.finalized == usize::from(shape.finalizes),
                    || format!("the last reference was dropped: object {id} has {fate:?}"),
                );
            }
            let called = locked(&machine.state().fates)[weak.id()].called;
            law.demand(called == 1, || format!("a callback ran {called} times"));
            weak.release(ctx);
        }
    });
}

/// How many nodes of a tree of `count` with three branches each hang below number `root`, itself included.
fn subtree(root: usize, count: usize) -> usize {
    if root >= count {
        return 0;
    }
    1 + (1..=3)
        .map(|branch| subtree(3 * root + branch, count))
        .sum::<usize>()
}

/// Deferred objects live as long as anything leads to them, counted or not, and then die.
pub fn deferred(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "deferred",
        advice: "follow every reference to a deferred object, also those without a count; who is not reached loses the deferral, with a count for each reference that had none",
    };
    with(&law, &make, |machine, ctx| {
        for count in [1, 2, 12] {
            let (lasting, ids) = nodes(ctx, count, Shape::default());
            if !lasting.iter().all(|node| node.defer(ctx)) {
                release_all(ctx, &lasting);
                return;
            }
            let (holders, holder_ids) = nodes(ctx, count, Shape::default());
            for index in 0..count {
                // By a holder without a count, by another deferred object with one, or without; a ring of these.
                holders[index].lean_on(lasting[index]);
                let next = lasting[(index + 1) % count];
                if index % 2 == 0 {
                    lasting[index].link(ctx, 0, next);
                } else {
                    lasting[index].lean_on(next);
                }
            }
            release_all(ctx, &lasting);
            machine.demand_here(&law, &lasting, &ids, "by counts, though it is deferred");
            for _ in 0..2 {
                machine.collect_young(ctx);
                machine.collect(ctx);
                machine.demand_here(
                    &law,
                    &lasting,
                    &ids,
                    "though a reference without a count leads to it",
                );
            }
            // One holder is enough, in the ring.
            release_all(ctx, &holders[1..]);
            machine.collect(ctx);
            machine.demand_here(
                &law,
                &lasting,
                &ids,
                "though a reference without a count leads to one of its ring",
            );
            machine.demand_here(&law, &holders[..1], &holder_ids[..1], "though it is held");
            // The last holder, on a cycle, dies with them.
            holders[0].link(ctx, 0, holders[0]);
            holders[0].release(ctx);
            machine.collect(ctx);
            machine.demand_gone(&law, &ids, "and nothing leads to it");
            machine.demand_gone(&law, &holder_ids, "and nothing leads to it");
        }
    });
}

/// Frozen objects stay, and hold what they hold; afterwards they are found.
pub fn frozen(make: impl Fn(&Lab) -> Setup) {
    let law = Law {
        name: "frozen",
        advice: "do not examine objects with FROZEN, and count what they hold as held from outside; who is not FROZEN any more is as any other",
    };
    with(&law, &make, |machine, ctx| {
        let (frozen, frozen_ids) = nodes(
            ctx,
            6,
            Shape {
                finalizes: true,
                ..Shape::default()
            },
        );
        let (held, held_ids) = nodes(ctx, 6, Shape::default());
        ring(ctx, &frozen);
        ring(ctx, &held);
        frozen[0].link(ctx, 1, held[0]);
        let uncounted = Node::new(ctx, Shape::default());
        let uncounted_id = uncounted.id();
        if uncounted.defer(ctx) {
            frozen[1].lean_on(uncounted);
        } else {
            frozen[1].link(ctx, 1, uncounted);
        }
        for nodes in [&frozen[..], &held, &[uncounted]] {
            release_all(ctx, nodes);
        }
        for node in &frozen {
            node.set_bits(Bits::FROZEN);
        }
        for _ in 0..2 {
            machine.collect_young(ctx);
            machine.collect(ctx);
            machine.demand_here(&law, &frozen, &frozen_ids, "though it is frozen");
            machine.demand_here(&law, &held, &held_ids, "though what is frozen holds it");
            machine.demand_here(
                &law,
                &[uncounted],
                &[uncounted_id],
                "though what is frozen leads to it",
            );
        }
        // Others, made later, are found.
        let (garbage, ids) = nodes(ctx, 3, Shape::default());
        ring(ctx, &garbage);
        garbage[0].link(ctx, 1, frozen[2]);
        release_all(ctx, &garbage);
        machine.collect(ctx);
        machine.demand_gone(&law, &ids, "though only other objects are frozen");
        for node in &frozen {
            node.clear_bits(Bits::FROZEN);
        }
        machine.collect(ctx);
        for ids in [&frozen_ids[..], &held_ids, &[uncounted_id]] {
            machine.demand_gone(&law, ids, "though nothing is frozen any more");
        }
    });
}
