//! The objects of the laws: nodes with counted, uncounted and weak references, whose deaths are noted.

use std::{
    cell::Cell,
    mem::offset_of,
    ptr::{self, NonNull},
    sync::Arc,
};

use kit_core::{
    backend::{
        collector::{Cause, Collected, CycleHost, WeakPhase},
        events::{FINALIZES, REFERS_WEAKLY},
        heap::{HeapKind, Kinds, SharedHeap},
    },
    object::{Bits, Header, Kind, Tracer, TypeTable, Word},
    refcount::{biased::Released, counter::Counter},
    thread::{Ctx, Thread},
    weak::WeakNode,
};

use super::machine::{State, locked};

/// Nodes without a finalizer, and with.
pub(super) const PLAIN: u32 = 1;
pub(super) const FINAL: u32 = 2;
/// Weak references.
pub(super) const REFERENCE: u32 = 3;
/// As [`PLAIN`], but taken apart one by one.
const STIFF: u32 = 4;
/// How many type ids there are.
pub(super) const TYPES: u32 = 5;

/// How many counted references a node has room for.
pub(super) const EDGES: usize = 4;

/// What became of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) finalized: usize,
    pub(super) dropped: usize,
    /// How often the callback ran, of a weak reference.
    pub(super) called: usize,
}

/// What every object begins with.
#[repr(C)]
struct Body {
    header: Header,
    canary: Cell<usize>,
    id: Cell<usize>,
    /// Whether the finalizer keeps the object.
    returns: Cell<bool>,
    edges: [Cell<Word>; EDGES],
    /// A reference to a deferred object, without a count.
    uncounted: Cell<Word>,
}

#[repr(C)]
struct Reference {
    body: Body,
    weak: WeakNode,
}

const CANARY: usize = 0x0DD0_BA11;

/// A node or weak reference, by its address. Laws use those that live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node(*mut Header);

// SAFETY: an address.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

/// What a law asks of a new node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Has a finalizer.
    pub(super) finalizes: bool,
    /// Its finalizer brings it back.
    pub(super) returns: bool,
    /// Has a prefix.
    pub(super) prefixed: bool,
    /// Cannot be freed together with others. Of a kind without finalizers.
    pub(super) stiff: bool,
}

impl Node {
    /// A new node, with one reference, which the caller gets. Its number in [`State::fates`] is the next.
    pub(super) fn new(ctx: &Ctx, shape: Shape) -> Node {
        Self::try_new(ctx, shape).expect("memory for an object")
    }

    /// [`new`](Self::new), where memory may be short.
    pub(super) fn try_new(ctx: &Ctx, shape: Shape) -> Option<Node> {
        let type_id = match (shape.finalizes, shape.stiff) {
            (true, _) => FINAL,
            (false, true) => STIFF,
            (false, false) => PLAIN,
        };
        let size = size_of::<Body>();
        let node = allocate(ctx, type_id, size, shape)?;
        node.header().set_bits(Bits::TRACKED);
        Some(node)
    }

    /// A weak reference to this; its callback is noted if it has one.
    pub(super) fn refer(self, ctx: &Ctx, calls: bool) -> Node {
        let node = allocate(ctx, REFERENCE, size_of::<Reference>(), Shape::default());
        let node = node.expect("memory for an object");
        // SAFETY: fresh, and large enough; the kind's `drop` unlinks the node, and the caller keeps the referent.
        unsafe {
            let place = &raw mut (*node.0.cast::<Reference>()).weak;
            place.write(WeakNode::in_object(
                offset_of!(Reference, weak) as u16,
                2,
                calls,
            ));
            node.header().set_bits(Bits::TRACKED);
            state(ctx)
                .weak
                .link(ctx, NonNull::new_unchecked(place), self.header());
        }
        node
    }

    fn header<'a>(self) -> &'a Header {
        // SAFETY: laws use objects that live.
        unsafe { &*self.0 }
    }

    fn body<'a>(self) -> &'a Body {
        // SAFETY: as above; every object begins with one.
        unsafe { &*self.0.cast() }
    }

    fn word(self) -> Word {
        Word::object(self.0)
    }

    pub(super) fn id(self) -> usize {
        self.body().id.get()
    }

    /// Whether the object is what it was made as.
    pub(super) fn is_sound(self) -> bool {
        self.body().canary.get() == CANARY
    }

    pub(super) fn bits(self) -> Bits {
        self.header().bits()
    }

    pub(super) fn set_bits(self, bits: Bits) {
        self.header().set_bits(bits);
    }

    pub(super) fn clear_bits(self, bits: Bits) {
        self.header().clear_bits(bits);
    }

    /// How many references are counted.
    pub(super) fn count(self) -> i64 {
        self.header().references()
    }

    /// The uncounted word for this object, for a data stack or the host's roots.
    pub(super) fn plain_word(self) -> Word {
        self.word()
    }

    /// Takes another reference.
    pub(super) fn retain(self, ctx: &Ctx) -> Node {
        // SAFETY: it lives.
        unsafe { ctx.retain(self.word()) };
        self
    }

    /// Gives up a reference.
    pub(super) fn release(self, ctx: &mut Ctx) {
        // SAFETY: the law's own.
        unsafe { ctx.release(self.word()) };
    }

    /// Fills a place with a new reference to `to`; what was there is released.
    pub(super) fn link(self, ctx: &mut Ctx, edge: usize, to: Node) {
        to.retain(ctx);
        self.give(ctx, edge, to);
    }

    /// Fills a place with the caller's reference to `to`.
    pub(super) fn give(self, ctx: &mut Ctx, edge: usize, to: Node) {
        let old = self.body().edges[edge].replace(to.word());
        // SAFETY: the place owned it.
        unsafe { ctx.release(old) };
    }

    /// Empties a place.
    pub(super) fn unlink(self, ctx: &mut Ctx, edge: usize) {
        let old = self.body().edges[edge].replace(Word::NULL);
        // SAFETY: the place owned it.
        unsafe { ctx.release(old) };
    }

    /// What a place refers to.
    pub(super) fn edge(self, edge: usize) -> Option<Node> {
        let word = self.body().edges[edge].get();
        word.is_object().then(|| Node(word.as_object()))
    }

    /// Defers the object. False: the kit has no deferral.
    pub(super) fn defer(self, ctx: &Ctx) -> bool {
        // SAFETY: the caller has a reference. It knows of all the others.
        unsafe { self.header().enable_deferred(ctx.counter(), u32::MAX) }
    }

    /// Refers to a deferred object without a count.
    pub(super) fn lean_on(self, to: Node) {
        self.body().uncounted.set(to.word().deferred());
    }

    /// What a weak reference refers to, with a new reference.
    pub(super) fn upgrade(self, ctx: &Ctx) -> Option<Node> {
        // SAFETY: the law says that this is one, and it lives.
        let weak = unsafe { &(*self.0.cast::<Reference>()).weak };
        weak.upgrade(ctx).map(|word| Node(word.as_object()))
    }
}

fn allocate(ctx: &Ctx, type_id: u32, size: usize, shape: Shape) -> Option<Node> {
    let kind = if shape.prefixed {
        HeapKind::Prefixed
    } else {
        HeapKind::Collected
    };
    let offset = kind.header_offset();
    let block = ctx.thread().heap.alloc(kind, size + offset)?;
    let id = {
        let mut fates = locked(&state(ctx).fates);
        fates.push(Fate::default());
        fates.len() - 1
    };
    // SAFETY: fresh, and large enough.
    unsafe {
        block.cast::<u8>().write_bytes(0, offset);
        let object = block.add(offset).cast::<Body>().as_ptr();
        let bits = if shape.prefixed {
            Bits::USER
        } else {
            Bits::empty()
        };
        Header::init(&raw mut (*object).header, type_id, ctx.counter(), bits);
        (&raw mut (*object).canary).write(Cell::new(CANARY));
        (&raw mut (*object).id).write(Cell::new(id));
        (&raw mut (*object).returns).write(Cell::new(shape.returns));
        (&raw mut (*object).edges).write([const { Cell::new(Word::NULL) }; EDGES]);
        (&raw mut (*object).uncounted).write(Cell::new(Word::NULL));
        let thread = ctx.thread();
        thread.allocated.set(thread.allocated.get() + 1);
        Some(Node(object.cast()))
    }
}

/// The machine's state.
pub(super) fn state<'a>(ctx: &Ctx) -> &'a State {
    // SAFETY: stored by `Machine::attach`; the state outlives the machine's threads.
    unsafe { &*ctx.thread().host.get().cast::<State>() }
}

unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
    let body = Node(object.cast_mut()).body();
    for edge in &body.edges {
        tracer.word(edge.get());
    }
    tracer.word(body.uncounted.get());
}

unsafe fn clear(object: *const Header, ctx: &mut Ctx) {
    let node = Node(object.cast_mut());
    for edge in 0..EDGES {
        node.unlink(ctx, edge);
    }
    node.body().uncounted.set(Word::NULL);
}

/// Notes that the object is taken apart.
fn note_death(node: Node, state: &State) {
    match locked(&state.fates).get_mut(node.id()) {
        Some(fate) if node.is_sound() => fate.dropped += 1,
        // The canary is gone, or what it guards.
        _ => locked(&state.damage).push(format!("object {} was taken apart again", node.id())),
    }
    node.body().canary.set(0);
}

unsafe fn discard(object: *mut Header, thread: &Thread) {
    // SAFETY: stored by `Machine::attach`; the state outlives the machine's threads.
    note_death(Node(object), unsafe { &*thread.host.get().cast::<State>() });
}

unsafe fn drop_body(object: *mut Header, ctx: &mut Ctx) {
    let (node, state) = (Node(object), state(ctx));
    note_death(node, state);
    if node.header().type_id() == REFERENCE {
        // SAFETY: of this kind, and taken apart once.
        state
            .weak
            .unlink(ctx, unsafe { &(*object.cast::<Reference>()).weak });
    }
    for edge in &node.body().edges {
        // SAFETY: the edge owned its reference.
        unsafe { ctx.thread().release_later(edge.replace(Word::NULL)) };
    }
    node.body().uncounted.set(Word::NULL);
}

unsafe fn size(_: *const Header) -> usize {
    size_of::<Body>()
}

unsafe fn size_of_reference(_: *const Header) -> usize {
    size_of::<Reference>()
}

static NODES: Kind = Kind {
    name: "node",
    trace,
    clear,
    drop: drop_body,
    discard: Some(discard),
    size,
};
static STIFF_NODES: Kind = Kind {
    name: "stiff node",
    discard: None,
    ..NODES
};
static REFERENCES: Kind = Kind {
    name: "weak reference",
    trace,
    clear,
    drop: drop_body,
    discard: None,
    size: size_of_reference,
};

/// Defines the types.
pub(super) fn define(types: &TypeTable) {
    types.define(PLAIN, &NODES);
    types.define(STIFF, &STIFF_NODES);
    types.define(FINAL, &NODES);
    types.entry(FINAL).set_flags(FINALIZES);
    types.define(REFERENCE, &REFERENCES);
    types.entry(REFERENCE).set_flags(REFERS_WEAKLY);
}

fn finalize(state: &State, ctx: &mut Ctx, node: Node) {
    if !node.is_sound() {
        locked(&state.damage).push("what is not there was finalized".into());
        return;
    }
    locked(&state.fates)[node.id()].finalized += 1;
    let hook = Arc::clone(&locked(&state.on_finalize));
    hook(ctx, node);
    if node.body().returns.get() {
        locked(&state.kept).push(node.retain(ctx));
    }
}

/// A callback; the reference to the weak reference is ours.
fn call(ctx: &mut Ctx, reference: Word) {
    let (state, node) = (state(ctx), Node(reference.as_object()));
    locked(&state.fates)[node.id()].called += 1;
    if let Some(found) = node.upgrade(ctx) {
        locked(&state.damage).push(format!(
            "the callback of weak reference {} found its object {}",
            node.id(),
            found.id()
        ));
        found.release(ctx);
    }
    let hook = Arc::clone(&locked(&state.on_callback));
    hook(ctx, node);
    node.release(ctx);
}

/// The embedder's part when counts end an object: finalizer first, then the weak references.
pub(super) unsafe fn dying(ctx: &mut Ctx, object: *mut Header) -> bool {
    let (node, state) = (Node(object), state(ctx));
    let header = node.header();
    // SAFETY: dead, and given to us.
    unsafe {
        if header.type_id() == FINAL && !header.set_bits(Bits::FINALIZED).contains(Bits::FINALIZED)
        {
            header.resurrect(ctx.counter());
            finalize(state, ctx, node);
            if header.end_resurrection(ctx.counter()) != Released::Dead {
                return false;
            }
        }
        if header.bits().contains(Bits::WEAKLY_REFERENCED) {
            state.weak.clear(ctx, object, &mut call);
        }
    }
    true
}

thread_local! {
    /// The calling thread's record, while it is attached to a machine.
    static RECORD: Cell<*const Thread> = const { Cell::new(ptr::null()) };
}

/// Notes whose record the calling thread has; null for none.
pub(super) fn enter(record: *const Thread) {
    RECORD.set(record);
}

/// The calling thread, for what changes counts where no context is at hand.
fn counter() -> Counter {
    // SAFETY: whoever calls the host is attached; the record lives for as long.
    unsafe { &*RECORD.get() }.counter()
}

/// The laws' part in a collection.
pub(super) struct Host(pub(super) &'static State);

// SAFETY: the roots are nodes that the laws keep; weak references are all in the table.
unsafe impl CycleHost for Host {
    fn roots(&self, visit: &mut dyn FnMut(Word)) {
        for node in locked(&self.0.roots).iter() {
            visit(node.word());
        }
    }

    fn alive(&self, visit: &mut dyn FnMut(Word)) {
        for node in locked(&self.0.certain).iter() {
            visit(node.word());
        }
    }

    fn begin(&self, _: &mut Ctx, _: Cause) {}

    fn end(&self, _: &mut Ctx, _: Cause, _: &Collected) {}

    unsafe fn clear_weak(
        &self,
        object: *mut Header,
        phase: WeakPhase,
        garbage: &dyn Fn(*mut Header) -> bool,
    ) -> bool {
        if !garbage(object) {
            locked(&self.0.damage).push("weak references to what lives were to be cleared".into());
            return false;
        }
        // SAFETY: as the caller says. The world is stopped, so that counts are changed by nobody else.
        unsafe {
            if (*object).type_id() == REFERENCE {
                self.0
                    .weak
                    .unlink_garbage(&(*object.cast::<Reference>()).weak);
            }
            self.0.weak.clear_garbage(counter(), object, phase, garbage)
        }
    }

    fn run_callbacks(&self, ctx: &mut Ctx) {
        self.0.weak.run_pending(ctx, &mut call);
    }

    unsafe fn finalize(&self, ctx: &mut Ctx, object: *mut Header) {
        finalize(self.0, ctx, Node(object));
    }
}

/// Calls `visit` with every object on the heap that is tracked, and has references or is deferred, with the world stopped.
pub(super) fn for_each(heap: &dyn SharedHeap, mut visit: impl FnMut(Node)) {
    // SAFETY: stopped, by the caller; a block of these kinds holds an object behind its prefix.
    unsafe {
        heap.for_each_block(Kinds::COLLECTED, |block, page| {
            let offset = page.as_ref().heap_kind().header_offset();
            let node = Node(block.add(offset).cast().as_ptr());
            let bits = node.bits();
            let lives = node.count() > 0 || bits.contains(Bits::DEFERRED);
            if lives && bits.contains(Bits::TRACKED) {
                visit(node);
            }
        });
    }
}

/// Takes apart whatever is left, where there is no collector. Nothing of it is held.
pub(super) fn demolish(state: &State, ctx: &mut Ctx) {
    let mut left = Vec::new();
    state.stopped(ctx, |heap| {
        for_each(heap, |node| {
            node.body().uncounted.set(Word::NULL);
            // SAFETY: stopped, so that nobody else counts.
            unsafe {
                let _ = node.header().merge(1, ctx.counter());
                node.header().disable_deferred();
            }
            left.push(node);
        });
    });
    for &node in &left {
        // SAFETY: kept by our reference.
        unsafe { clear(node.0, ctx) };
    }
    for node in left {
        node.release(ctx);
    }
}
