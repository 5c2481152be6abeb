//! `-X leak-report`: at exit, after the last collection, which objects have references that nobody is known to hold.
//!
//! What objects and data stacks hold is subtracted from the counts, then what the interpreter holds for as long as it runs, then
//! whatever was there before the program began. What is left was counted and never dropped. Each such object is shown
//! with who else refers to it, and all that it keeps alive is counted by type. Threads that were shut out at the end may
//! hold something too, which the report says.

use super::census::{Census, ReferenceName};
use crate::vm::collect::for_each_root;
use crate::vm::thread::{py, rt};
use kit_core::backend::collector::Cause;
use kit_core::thread::Ctx;
use kit_gc::cycle::Excess;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

/// Objects that are shown.
const SHOWN: usize = 20;
/// Objects that are named as referring to one of them.
const HOLDERS: usize = 3;

/// Objects with references that native code holds: address and type.
pub type Held = HashSet<(usize, u32)>;

/// What native code holds now.
pub fn held(ctx: &mut Ctx) -> Held {
    let found = excess(ctx);
    found.into_keys().collect()
}

/// The objects whose counts nobody accounts for, with the references that are left.
fn excess(ctx: &mut Ctx) -> HashMap<(usize, u32), i64> {
    let mut found = HashMap::new();
    let collector = rt(ctx).kit.collector();
    let mut note = |excess: Excess| {
        let key = (excess.object.addr(), excess.type_id);
        found.insert(key, i64::from(excess.count));
    };
    // Without memory for the tables there is nothing to say.
    let _ = collector.audit_with(ctx, Some(&mut note));
    let mut roots = Vec::new();
    for_each_root(rt(ctx), &mut |word| {
        if word.is_object() {
            roots.push(word.as_object().addr());
        }
    });
    for root in roots {
        for (_, left) in found.iter_mut().filter(|((at, _), _)| *at == root) {
            *left -= 1;
        }
    }
    found.retain(|_, left| *left > 0);
    found
}

/// The report, where `before` is what native code held when the program began. The program is over, and its modules are gone.
pub fn report(ctx: &mut Ctx, before: &Held) -> String {
    // The thread's own references.
    py(ctx).forget();
    ctx.drain();
    let _ = rt(ctx).kit.collect_for(ctx, Cause::Shutdown);
    ctx.drain();
    let mut leaks = excess(ctx);
    leaks.retain(|key, _| !before.contains(key));
    let others = rt(ctx).kit.thread_count() - 1;
    let mut text = format!(
        "leak report: {} objects have references that nobody is known to hold\n",
        leaks.len()
    );
    if others != 0 {
        let _ = writeln!(text, "  ({others} threads did not end, and may hold some)");
    }
    if leaks.is_empty() {
        return text;
    }
    show(&Census::take(ctx), &leaks, &mut text);
    text
}

fn show(census: &Census, leaks: &HashMap<(usize, u32), i64>, text: &mut String) {
    let title = |at: u32| {
        let node = &census.nodes[at as usize];
        match &node.name {
            Some(name) => format!(
                "<{} {:?} at {:#x}>",
                census.class_of(node),
                name,
                node.address
            ),
            None => format!("<{} at {:#x}>", census.class_of(node), node.address),
        }
    };
    let is_leak = |at: u32| {
        let node = &census.nodes[at as usize];
        leaks.get(&(node.address, node.type_id)).copied()
    };
    let leaked: Vec<u32> = (0..census.nodes.len() as u32)
        .filter(|&at| is_leak(at).is_some())
        .collect();
    for &at in leaked.iter().take(SHOWN) {
        let count = is_leak(at).unwrap_or(0);
        let _ = writeln!(text, "  {}: {count} references", title(at));
        let holders = census.references.iter().filter(|edge| edge.to == at);
        for holder in holders.take(HOLDERS) {
            let name = match holder.name {
                ReferenceName::Index(index) => format!("[{index}]"),
                ReferenceName::Attribute(name) | ReferenceName::Internal(name) => {
                    census.texts.all[name as usize].clone()
                }
            };
            let _ = writeln!(text, "    also {name} of {}", title(holder.from));
        }
    }
    if leaked.len() > SHOWN {
        let _ = writeln!(text, "  and {} more", leaked.len() - SHOWN);
    }
    // What only they keep: the rest is alive without them.
    let mut first = vec![0_usize; census.nodes.len() + 1];
    for edge in &census.references {
        first[edge.from as usize + 1] += 1;
    }
    for at in 1..first.len() {
        first[at] += first[at - 1];
    }
    let mut seen = vec![false; census.nodes.len()];
    let mut reach = |mut todo: Vec<u32>| {
        let mut reached = Vec::new();
        while let Some(at) = todo.pop() {
            if !std::mem::replace(&mut seen[at as usize], true) {
                reached.push(at);
                let edges = &census.references[first[at as usize]..first[at as usize + 1]];
                todo.extend(edges.iter().map(|edge| edge.to));
            }
        }
        reached
    };
    let others = (0..census.nodes.len() as u32).filter(|&at| {
        let node = &census.nodes[at as usize];
        is_leak(at).is_none() && (node.outside > 0 || node.immortal)
    });
    reach(others.chain(census.roots.iter().copied()).collect());
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    for at in reach(leaked) {
        *kept
            .entry(census.class_of(&census.nodes[at as usize]))
            .or_default() += 1;
    }
    text.push_str("  alive because of them:");
    for (class, count) in kept {
        let _ = write!(text, " {class} {count}");
    }
    text.push('\n');
}
