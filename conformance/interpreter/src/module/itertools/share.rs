//! Iterators that share a source with others: `groupby` with its groups, and those of `tee`.

use crate::error::{PyResult, raise};
use crate::module::support::{id_of, inner_iterator, iterator, slot_payload};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, TypeDef, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::protocol;
use crate::object::slot::Slot;
use crate::object::{ids, tuple};
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};

// --- groupby -------------------------------------------------------------------------------------

/// `groupby`: an item ahead of what was given out, with its key.
pub struct GroupBy {
    source: Slot,
    function: Slot,
    /// The key of the group given out last.
    group_key: Slot,
    /// The key of the item ahead.
    key: Slot,
    /// The item ahead; empty once a group has taken it.
    item: Slot,
    /// The number of the group that may still take items.
    group: AtomicU64,
}

slot_payload!(
    GroupBy,
    ids::IT_GROUPBY,
    "groupby",
    source,
    function,
    group_key,
    key,
    item
);

fn groupby_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "groupby",
        params: &["iterable", "key"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [iterable, key] = args.bind(ctx, &SIGNATURE)?;
    let source = protocol::iter(ctx, iterable.unwrap_or(&Obj::NONE))?;
    let body = GroupBy {
        source: Slot::new(source),
        function: Slot::from_option(key.filter(|k| !k.is_none()).cloned()),
        group_key: Slot::empty(),
        key: Slot::empty(),
        item: Slot::empty(),
        group: AtomicU64::new(0),
    };
    payload::allocate(ctx, id_of(class), body)
}

/// Takes the next item from the source. False at its end.
fn step(ctx: &mut Ctx, body: &Body<GroupBy>) -> PyResult<bool> {
    let Some(source) = body.source.get(ctx, &body.header) else {
        return Ok(false);
    };
    let Some(item) = protocol::next(ctx, &source)? else {
        return Ok(false);
    };
    let key = match body.function.get(ctx, &body.header) {
        Some(function) => protocol::call(ctx, &function, std::slice::from_ref(&item))?,
        None => item.clone(),
    };
    body.item.set(ctx, &body.header, Some(item));
    body.key.set(ctx, &body.header, Some(key));
    Ok(true)
}

fn groupby_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<GroupBy>();
    // Whatever the group before has left is skipped; it gets nothing any more.
    let group = body.group.fetch_add(1, Relaxed) + 1;
    let key = loop {
        if let Some(key) = body.key.get(ctx, &body.header) {
            let Some(group_key) = body.group_key.get(ctx, &body.header) else {
                break key;
            };
            if !protocol::equals(ctx, &group_key, &key)? {
                break key;
            }
        }
        if !step(ctx, body)? {
            return Ok(None);
        }
    };
    body.group_key.set(ctx, &body.header, Some(key.clone()));
    let grouper = payload::new(
        ctx,
        Grouper {
            parent: Slot::new(x.clone()),
            key: Slot::new(key.clone()),
            group,
        },
    )?;
    tuple::from_vec(ctx, vec![key, grouper]).map(Some)
}

/// A group of `groupby`.
pub struct Grouper {
    parent: Slot,
    key: Slot,
    group: u64,
}

slot_payload!(Grouper, ids::IT_GROUPER, "_grouper", parent, key);

fn grouper_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<Grouper>();
    let Some(parent) = body.parent.get(ctx, &body.header) else {
        return Ok(None);
    };
    let parent = parent.expect::<GroupBy>();
    if parent.group.load(Relaxed) != body.group {
        return Ok(None);
    }
    if parent.item.peek().is_null() && !step(ctx, parent)? {
        return Ok(None);
    }
    let (Some(wanted), Some(key)) = (
        body.key.get(ctx, &body.header),
        parent.key.get(ctx, &parent.header),
    ) else {
        return Ok(None);
    };
    if !protocol::equals(ctx, &wanted, &key)? {
        return Ok(None);
    }
    Ok(parent.item.replace(ctx, &parent.header, None))
}

/// `itertools.groupby`.
pub static GROUPBY: TypeDef = iterator(
    ids::IT_GROUPBY,
    "itertools.groupby",
    &Body::<GroupBy>::KIND,
    groupby_new,
    groupby_next,
    "Pairs of a key and the consecutive items that have it.",
);

/// The type of the groups.
pub static GROUPER: TypeDef = inner_iterator(
    ids::IT_GROUPER,
    "itertools._grouper",
    &Body::<Grouper>::KIND,
    grouper_next,
    &[],
);

// --- tee -----------------------------------------------------------------------------------------

/// One item of a source that several iterators share, and the way to the next.
pub struct TeeLink {
    source: Slot,
    item: Slot,
    following: Slot,
    /// Whether a call is taking the item from the source.
    busy: AtomicBool,
}

slot_payload!(
    TeeLink,
    ids::IT_TEE_LINK,
    "_tee_dataobject",
    source,
    item,
    following
);

/// The type of the links.
pub static TEE_LINK: TypeDef = TypeDef {
    id: ids::IT_TEE_LINK,
    name: "itertools._tee_dataobject",
    base: ids::OBJECT,
    layout: ids::IT_TEE_LINK,
    kind: &Body::<TeeLink>::KIND,
    flags: crate::object::define::flag::NO_NEW,
    slots: crate::object::slots::Slots::NONE,
    methods: &[],
    getset: &[],
    doc: "",
};

/// An iterator that `tee` made: the link it has come to.
pub struct Tee {
    link: Slot,
}

slot_payload!(Tee, ids::IT_TEE, "_tee", link);

fn link(ctx: &mut Ctx, source: Obj) -> PyResult {
    payload::new(
        ctx,
        TeeLink {
            source: Slot::new(source),
            item: Slot::empty(),
            following: Slot::empty(),
            busy: AtomicBool::new(false),
        },
    )
}

/// Takes the item of the last link from the source.
fn fill(ctx: &mut Ctx, last: &Body<TeeLink>) -> PyResult<Option<Obj>> {
    let Some(source) = last.source.get(ctx, &last.header) else {
        return Ok(None);
    };
    let Some(item) = protocol::next(ctx, &source)? else {
        return Ok(None);
    };
    let following = link(ctx, source)?;
    let _lock = ctx.lock(&last.header);
    drop(last.following.replace_locked(ctx, Some(following)));
    drop(last.item.replace_locked(ctx, Some(item.clone())));
    drop(last.source.replace_locked(ctx, None));
    Ok(Some(item))
}

fn tee_next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let tee = x.expect::<Tee>();
    let Some(at) = tee.link.get(ctx, &tee.header) else {
        return Ok(None);
    };
    let at_link = at.expect::<TeeLink>();
    let item = match at_link.item.get(ctx, &at_link.header) {
        Some(item) => item,
        None => {
            // Acquire and Release: who takes the item next sees all that filling wrote.
            if at_link.busy.swap(true, Acquire) {
                return Err(raise!(
                    ctx,
                    RuntimeError,
                    "cannot re-enter the tee iterator"
                ));
            }
            let filled = match at_link.item.get(ctx, &at_link.header) {
                Some(item) => Ok(Some(item)),
                None => fill(ctx, at_link),
            };
            at_link.busy.store(false, Release);
            match filled? {
                Some(item) => item,
                None => return Ok(None),
            }
        }
    };
    let following = at_link.following.get(ctx, &at_link.header);
    tee.link.set(ctx, &tee.header, following);
    Ok(Some(item))
}

/// An iterator at the place where `iterable` is, if that is one of `tee`'s, or else at its start.
fn tee_from(ctx: &mut Ctx, type_id: u32, iterable: &Obj) -> PyResult {
    let source = protocol::iter(ctx, iterable)?;
    let place = match source.downcast::<Tee>() {
        Some(other) => other.link.get(ctx, &other.header),
        None => Some(link(ctx, source)?),
    };
    let body = Tee {
        link: Slot::from_option(place),
    };
    payload::allocate(ctx, type_id, body)
}

fn tee_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    crate::module::support::exactly(ctx, &args, "_tee", 1)?;
    tee_from(ctx, id_of(class), &args.pos[0])
}

fn tee_copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    tee_from(ctx, ids::IT_TEE, x)
}

/// The type of the iterators.
pub static TEE: TypeDef = TypeDef {
    methods: TEE_METHODS,
    ..iterator(
        ids::IT_TEE,
        "itertools._tee",
        &Body::<Tee>::KIND,
        tee_new,
        tee_next,
        "One of several independent iterators over the same source.",
    )
};

static TEE_METHODS: &[Method] = &[method("__copy__", Native::M0(tee_copy))];

/// `tee(iterable, n=2)`.
pub fn tee(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let count = match args.get(1) {
        Some(count) => protocol::c_ssize(ctx, count)?,
        None => 2,
    };
    if count < 0 {
        return Err(raise!(ctx, ValueError, "n must be >= 0"));
    }
    let mut iterators = Vec::new();
    if count > 0 {
        iterators.push(tee_from(ctx, ids::IT_TEE, &args[0])?);
    }
    for _ in 1..count {
        let copy = tee_from(ctx, ids::IT_TEE, &iterators[0])?;
        crate::vm::outside::push(ctx, &mut iterators, copy)?;
    }
    tuple::from_vec(ctx, iterators)
}
