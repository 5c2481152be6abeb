//! `_kit`: what the kit knows of an object: for tests, and for the curious.
//!
//! Small integers, most floats, `None`, `True` and `False` are *immediate*: values without an object. They
//! have no header, which `header` says in a TypeError; the smaller functions answer `None` or `False` for them.

use super::gc::census::Census;
use super::gc::snapshot;
use super::listing;
use super::struct_class::{self, Kind};
use crate::error::{PyResult, raise};
use crate::object::code::PyCode;
use crate::object::counted;
use crate::object::define::{Method, ModuleDef, Native};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{exception, int, list, protocol, str_};
use crate::vm::failing::FAILING;
use crate::vm::thread::{py, rt};
use kit_alloc::size_class::block_size;
use kit_alloc::statistics::Usage;
use kit_core::backend::heap::{CLASSES, HeapKind};
use kit_core::code::{CodeBytes, NO_INDEX};
use kit_core::object::{Bits, Header};
use kit_core::refcount::biased::{FLAGS, MERGED, QUEUED, WEAK};
use kit_core::thread::Ctx;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;

const fn function(name: &'static str, native: Native, doc: &'static str) -> Method {
    Method { name, native, doc }
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_kit",
    functions: &[
        function(
            "header",
            Native::F1(header),
            "header($module, object, /)\n--\n\nEverything that an object's header says, by name.\n\n\
             TypeError for an immediate value, which has none.",
        ),
        function(
            "is_immediate",
            Native::F1(|_, x| Ok(Obj::bool(x.header().is_none()))),
            "is_immediate($module, object, /)\n--\n\nWhether the value needs no object: a small integer, most floats, None.",
        ),
        function(
            "owner",
            Native::F1(|_, x| number(x, |h| owner(h).map(i64::from))),
            "owner($module, object, /)\n--\n\nSlot of the thread that owns the object; None if no thread does.",
        ),
        function(
            "local_count",
            Native::F1(|_, x| number(x, |h| Some(i64::from(h.count.local())))),
            "local_count($module, object, /)\n--\n\nThe references that the owner has counted.",
        ),
        function(
            "shared_count",
            Native::F1(|_, x| number(x, |h| Some(i64::from(h.count.shared() >> 2)))),
            "shared_count($module, object, /)\n--\n\nThe references that other threads have counted; may be negative.\n\n\
             That of a deferred object contains a large bias.",
        ),
        function(
            "per_thread_count",
            Native::F1(|ctx, x| Ok(Obj::small_int(per_thread(ctx, x)))),
            "per_thread_count($module, object, /)\n--\n\nThe references that threads count for themselves until the next collection.",
        ),
        function(
            "state",
            Native::F1(|ctx, x| match x.header() {
                Some(header) => str_::new(ctx, state(header)),
                None => Ok(Obj::NONE),
            }),
            "state($module, object, /)\n--\n\nHow the object is counted: 'biased', 'weak', 'queued', 'merged', 'pinned' or 'immortal'.",
        ),
        function(
            "unique_id",
            Native::F1(|_, x| Ok(unique_id(x))),
            "unique_id($module, object, /)\n--\n\nThe number under which threads count references to the object, or None.",
        ),
        function(
            "is_deferred",
            Native::F1(|_, x| flag(x, |h| !h.is_immortal() && h.is_deferred())),
            "is_deferred($module, object, /)\n--\n\nWhether references on stacks are not counted: only a collection frees the object.",
        ),
        function(
            "is_immortal",
            Native::F1(|_, x| Ok(Obj::bool(x.header().is_none_or(Header::is_immortal)))),
            "is_immortal($module, object, /)\n--\n\nWhether nobody counts the value, and it is never freed.",
        ),
        function(
            "is_tracked",
            Native::F1(|_, x| flag(x, |h| h.bits().contains(Bits::TRACKED))),
            "is_tracked($module, object, /)\n--\n\nWhether the cycle collector looks at the object.",
        ),
        function(
            "heap",
            Native::F1(|ctx, x| match x.header() {
                Some(header) => str_::new(ctx, place(ctx, header).0),
                None => Ok(Obj::NONE),
            }),
            "heap($module, object, /)\n--\n\nThe kind of block: 'plain', 'collected', 'prefixed', or 'static' for none.",
        ),
        function(
            "block_size",
            Native::F1(|ctx, x| number(x, |h| place(ctx, h).1.map(|bytes| bytes as i64))),
            "block_size($module, object, /)\n--\n\nThe bytes of the object's block, from its size class; None outside the heap.",
        ),
        function(
            "enable_deferred_refcount",
            Native::F1(|ctx, x| {
                // The argument is a reference too, unless a local variable lends it.
                let held = 1 + u32::from(!x.word().is_deferred());
                let by = ctx.counter();
                // SAFETY: `x` is a reference.
                flag(x, |h| unsafe { h.enable_deferred(by, held) })
            }),
            "enable_deferred_refcount($module, object, /)\n--\n\nLets threads use the object without counting references on their stacks.\n\n\
             For objects that all threads use all the time, while only one place refers to them. True if it was not so before; False for\n\
             what has more references, and for what the collector does not track, since only a collection frees such an object.",
        ),
        function(
            "heap_statistics",
            Native::FN(0, 0, heap_statistics),
            "heap_statistics($module, /)\n--\n\nWhat memory is used for: totals in bytes, and under 'kinds' for each kind of block its pages, their bytes,\n\
             the blocks in use, their bytes, and the same under 'classes' by the size of blocks (0: larger than any class).",
        ),
        function(
            "code_bytes",
            Native::FN(0, 0, code_bytes),
            "code_bytes($module, /)\n--\n\nWhat the images of code take that threads run, in bytes: 'main' for those of the first thread, 'copies' for\n\
             those of others, 'shared' for those that several run.",
        ),
        function(
            "code_copies",
            Native::F1(code_copies),
            "code_copies($module, code, /)\n--\n\nThe indices of the threads that have an image of this code of their own, in ascending order.",
        ),
        function(
            "code_index",
            Native::FN(0, 0, |ctx, _| {
                let index = py(ctx).copy_index;
                let own = (index != NO_INDEX).then(|| Obj::small_int(i64::from(index)));
                Ok(own.unwrap_or(Obj::NONE))
            }),
            "code_index($module, /)\n--\n\nThe index of the running thread's images of code; None if it has none.",
        ),
        function(
            "fail_after",
            Native::FN(1, 2, fail_after),
            "fail_after($module, requests, failures=None, /)\n--\n\nWith -X heap=failing: after that many requests for memory, lets that many fail; all, for None.\n\n\
             Returns how many have failed since the last call.",
        ),
        function(
            "fuel",
            Native::FN(0, 0, |ctx, _| match rt(ctx).fuel.left() {
                Some(left) => int::from_usize(ctx, left as usize),
                None => Ok(Obj::NONE),
            }),
            "fuel($module, /)\n--\n\nWhat is left of -X fuel; None without it.",
        ),
        function(
            "instructions",
            Native::F1(listing::instructions),
            "instructions($module, code, /)\n--\n\nThe instructions of a code object, as tuples: where it begins and ends, in bytes; number; operands; line or\n\
             None; where it jumps to or None; weight.",
        ),
        function(
            "traits",
            Native::F(listing::traits),
            "traits($module, /)\n--\n\nWhat operations have, by number: tuples of 'arg', 'const', 'name', 'jump', 'free', 'local', 'exc'.",
        ),
        function(
            "operations",
            Native::F(listing::operations),
            "operations($module, /)\n--\n\nThe names of all operations, by number.",
        ),
        function(
            "heap_snapshot",
            Native::F1(heap_snapshot),
            "heap_snapshot($module, path, /)\n--\n\nWrites all objects and references to a .heapsnapshot file, which the memory panel of\n\
             Chrome's developer tools loads. Returns how many objects there are.",
        ),
        function(
            "leak",
            Native::F1(|_, x| {
                std::mem::forget(x.clone());
                Ok(Obj::NONE)
            }),
            "leak($module, object, /)\n--\n\nTakes a reference to the object and forgets it: for tests of -X leak-report.",
        ),
        function(
            "stop_statistics",
            Native::FN(0, 0, stop_statistics),
            "stop_statistics($module, /)\n--\n\nWhat stopping all threads has cost, as a dict: the number of stops, how many were 'late' for\n\
             -X stop-report, and for 'latency' (until all stopped) and 'pause' (while they were) the total, the longest, and how\n\
             many took how long by powers of two, in nanoseconds.",
        ),
        function(
            "thread_slot",
            Native::FN(0, 0, |ctx, _| Ok(Obj::small_int(i64::from(ctx.slot())))),
            "thread_slot($module, /)\n--\n\nThe slot of the running thread: the owner of what it makes.",
        ),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "What the kit knows of an object: its header, its counts, its block.",
};

/// What `_kit.header(x)` returns.
pub(super) static HEADER: Kind = Kind {
    module: "_kit",
    name: "header",
    hidden: &[],
    place: |natives| &natives.header,
    fields: &[
        "type_id",
        "owner",
        "local",
        "shared",
        "state",
        "references",
        "per_thread",
        "unique_id",
        "deferred",
        "immortal",
        "static",
        "tracked",
        "finalized",
        "frozen",
        "weakly_referenced",
        "locked",
        "heap",
        "block_size",
    ],
};

fn header(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let Some(header) = x.header() else {
        let shown = protocol::repr(ctx, x)?;
        let shown = shown.expect::<PyStr>().as_str_lossy().into_owned();
        return Err(raise!(
            ctx,
            TypeError,
            "{shown} is an immediate value: it has no header"
        ));
    };
    let bits = header.bits();
    let per_thread = per_thread(ctx, x);
    let (heap, size) = place(ctx, header);
    let has = |bit| Obj::bool(bits.contains(bit));
    let immortal = header.is_immortal();
    let references = match immortal {
        true => Obj::NONE,
        false => Obj::small_int(header.references() + per_thread),
    };
    let values = vec![
        Obj::small_int(i64::from(header.type_id())),
        owner(header).map_or(Obj::NONE, |slot| Obj::small_int(i64::from(slot))),
        Obj::small_int(i64::from(header.count.local())),
        Obj::small_int(i64::from(header.count.shared() >> 2)),
        str_::new(ctx, state(header))?,
        references,
        Obj::small_int(per_thread),
        unique_id(x),
        Obj::bool(!immortal && header.is_deferred()),
        Obj::bool(immortal),
        has(Bits::STATIC),
        has(Bits::TRACKED),
        has(Bits::FINALIZED),
        has(Bits::FROZEN),
        has(Bits::WEAKLY_REFERENCED),
        Obj::bool(header.lock.load(Relaxed) & 1 != 0),
        str_::new(ctx, heap)?,
        size.map_or(Obj::NONE, |bytes| Obj::small_int(bytes as i64)),
    ];
    struct_class::make(ctx, &HEADER, values, Vec::new())
}

fn heap_statistics(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let statistics = rt(ctx).kit.heap_statistics(ctx);
    let totals = statistics.totals;
    let result = numbers(
        ctx,
        &[
            ("bytes", totals.bytes),
            ("peak", totals.peak),
            ("outside", totals.outside),
            ("held", totals.held),
            ("free", totals.free),
            ("returned", totals.returned),
        ],
    )?;
    let kinds = dict::new(ctx)?;
    for kind in HeapKind::ALL {
        let entry = usage(ctx, statistics.kind(kind))?;
        let classes = dict::new(ctx)?;
        for class in 0..=CLASSES {
            let of_class = statistics.class(kind, class);
            if of_class.page_bytes != 0 {
                let size = if class < CLASSES {
                    block_size(class)
                } else {
                    0
                };
                let of_class = usage(ctx, of_class)?;
                let size = Obj::small_int(size as i64);
                classes.expect::<PyDict>().set(ctx, &size, of_class)?;
            }
        }
        put(ctx, &entry, "classes", classes)?;
        put(ctx, &kinds, name_of(kind), entry)?;
    }
    put(ctx, &result, "kinds", kinds)?;
    Ok(result)
}

fn code_bytes(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let CodeBytes {
        main,
        copies,
        shared,
    } = rt(ctx).kit.code().bytes();
    numbers(
        ctx,
        &[("main", main), ("copies", copies), ("shared", shared)],
    )
}

fn code_copies(ctx: &mut Ctx, code: &Obj) -> PyResult {
    let Some(code) = code.downcast::<PyCode>() else {
        return Err(raise!(ctx, TypeError, "code_copies() needs a code object"));
    };
    let mut indices = Vec::new();
    code.copies
        .for_each(|index, _| indices.extend(index.map(|index| Obj::small_int(i64::from(index)))));
    list::from_vec(ctx, indices)
}

fn stop_statistics(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let stops = rt(ctx).kit.stop_statistics();
    let counts = [
        ("stops", stops.latency.count() as usize),
        ("late", stops.late as usize),
    ];
    let result = numbers(ctx, &counts)?;
    for (name, times) in [("latency", &stops.latency), ("pause", &stops.pause)] {
        let entry = numbers(
            ctx,
            &[
                ("total", times.total() as usize),
                ("longest", times.longest() as usize),
            ],
        )?;
        let bins = dict::new(ctx)?;
        for (bin, &count) in times.bins().iter().enumerate() {
            if count != 0 {
                let from = Obj::small_int(if bin == 0 { 0 } else { 1 << bin });
                let count = Obj::small_int(i64::from(count));
                bins.expect::<PyDict>().set(ctx, &from, count)?;
            }
        }
        put(ctx, &entry, "bins", bins)?;
        put(ctx, &result, name, entry)?;
    }
    Ok(result)
}

fn usage(ctx: &mut Ctx, usage: Usage) -> PyResult {
    numbers(
        ctx,
        &[
            ("pages", usage.pages),
            ("page_bytes", usage.page_bytes),
            ("blocks", usage.blocks),
            ("bytes", usage.bytes),
        ],
    )
}

fn numbers(ctx: &mut Ctx, numbers: &[(&'static str, usize)]) -> PyResult {
    let result = dict::new(ctx)?;
    for &(name, number) in numbers {
        let number = int::from_usize(ctx, number)?;
        put(ctx, &result, name, number)?;
    }
    Ok(result)
}

fn put(ctx: &mut Ctx, target: &Obj, name: &'static str, value: Obj) -> PyResult<()> {
    let name = str_::intern(ctx, name);
    target.expect::<PyDict>().set_name(ctx, &name, value)
}

fn name_of(kind: HeapKind) -> &'static str {
    match kind {
        HeapKind::Buffer => "buffer",
        HeapKind::Plain => "plain",
        HeapKind::Collected => "collected",
        HeapKind::Prefixed => "prefixed",
    }
}

fn fail_after(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let requests = protocol::index_i64(ctx, &args[0], None)?;
    let failures = match args.get(1).filter(|failures| !failures.is_none()) {
        Some(failures) => protocol::index_i64(ctx, failures, None)?,
        None => i64::MAX,
    };
    let failed = FAILING.fail_after(requests.max(0), failures.max(0));
    Ok(Obj::small_int(failed.min(1 << 60)))
}

fn heap_snapshot(ctx: &mut Ctx, path: &Obj) -> PyResult {
    let path = super::io::path_of(ctx, path, "heap_snapshot")?;
    // What waits to be taken apart is no object of the program's any more.
    ctx.drain();
    let mut census = Census::take(ctx);
    let written = rt(ctx).kit.detached(ctx, || {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        snapshot::write(&mut census, &mut file)?;
        std::io::Write::flush(&mut file)
    });
    match written {
        Ok(()) => int::from_usize(ctx, census.nodes.len()),
        Err(error) => Err(exception::os::raise_os_error(ctx, &error, None)),
    }
}

fn number(x: &Obj, f: impl FnOnce(&Header) -> Option<i64>) -> PyResult {
    Ok(x.header().and_then(f).map_or(Obj::NONE, Obj::small_int))
}

fn flag(x: &Obj, f: impl FnOnce(&Header) -> bool) -> PyResult {
    Ok(Obj::bool(x.header().is_some_and(f)))
}

fn owner(header: &Header) -> Option<u16> {
    Some(header.owner.load(Relaxed)).filter(|slot| *slot != 0 && !header.is_immortal())
}

fn state(header: &Header) -> &'static str {
    if header.is_immortal() {
        return "immortal";
    }
    if header.is_pinned() {
        return "pinned";
    }
    match header.count.shared() & FLAGS {
        WEAK => "weak",
        QUEUED => "queued",
        MERGED => "merged",
        _ => "biased",
    }
}

fn unique_id(x: &Obj) -> Obj {
    let id = counted::count_id(x).map_or(0, |id| id.get());
    if id == 0 {
        return Obj::NONE;
    }
    Obj::small_int(i64::from(id))
}

/// References that threads have counted for themselves.
fn per_thread(ctx: &Ctx, x: &Obj) -> i64 {
    let id = counted::count_id(x).filter(|id| id.get() != 0);
    id.map_or(0, |id| ctx.thread().counted_per_thread(id) as i64)
}

/// The kind and the size of the block that an object lies in.
fn place(ctx: &Ctx, header: &Header) -> (&'static str, Option<usize>) {
    if header.bits().contains(Bits::STATIC) {
        return ("static", None);
    }
    let object = NonNull::from(header).cast::<u8>();
    // SAFETY: what is not static lies in a block of the heap, which begins with the prefix of its kind.
    unsafe {
        let kind = ctx.thread().heap.page_of(object).as_ref().heap_kind();
        let block = object.sub(kind.header_offset());
        (name_of(kind), Some(ctx.thread().heap.usable_size(block)))
    }
}
