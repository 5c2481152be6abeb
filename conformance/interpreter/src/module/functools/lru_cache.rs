//! `lru_cache`: results of a function by its arguments, the least recently used of which go first.
//!
//! An unlimited cache is a dict from keys to results. A limited one is a dict from keys to tokens,
//! and a list of links in the order of use: a token names a link and the generation of what is in it,
//! so that a token read before the link was given to another key is recognised as stale. The links
//! are touched under the object's lock, which is never held while anything is called.

use crate::error::{PyResult, raise};
use crate::module::support::id_of;
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Method, Native, TypeDef, flag, getter, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::own_dict::{self, OwnDict};
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::{Guard, Locked, Slot};
use crate::object::slots::Slots;
use crate::object::type_::{type_id_of, type_object, type_of};
use crate::object::{bound_method, ids, int, protocol, tuple};
use crate::vm::outside::Outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, Ordering::*};

/// No link.
const NONE: u32 = u32::MAX;

/// A key with its result, between the keys used before and after it.
struct Link {
    key: Option<Obj>,
    value: Option<Obj>,
    older: u32,
    newer: u32,
    generation: u32,
}

impl Link {
    /// The token for what is in this link, number `at`.
    fn token(&self, at: u32) -> i64 {
        i64::from(self.generation) << 32 | i64::from(at)
    }
}

/// The links in the order of use.
struct Links {
    links: Outside<Vec<Link>>,
    oldest: u32,
    newest: u32,
    /// Links in use.
    len: usize,
    /// Links out of use.
    free: Outside<Vec<u32>>,
}

impl Links {
    fn new() -> Links {
        Links {
            links: Outside::default(),
            oldest: NONE,
            newest: NONE,
            len: 0,
            free: Outside::default(),
        }
    }

    fn unlink(&mut self, at: u32) {
        let (older, newer) = (self.links[at as usize].older, self.links[at as usize].newer);
        match older {
            NONE => self.oldest = newer,
            older => self.links[older as usize].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.links[newer as usize].older = older,
        }
    }

    fn link_newest(&mut self, at: u32) {
        let before = self.newest;
        self.links[at as usize].older = before;
        self.links[at as usize].newer = NONE;
        match before {
            NONE => self.oldest = at,
            before => self.links[before as usize].newer = at,
        }
        self.newest = at;
    }

    /// The result that a token stands for, which becomes the newest.
    fn touch(&mut self, token: i64) -> Option<Obj> {
        let at = (token & 0xffff_ffff) as u32;
        let link = self.links.get(at as usize)?;
        if i64::from(link.generation) != token >> 32 {
            return None;
        }
        let value = link.value.clone()?;
        if self.newest != at {
            self.unlink(at);
            self.link_newest(at);
        }
        Some(value)
    }

    /// Puts a result into the cache; the token for it, and the key that had to go, with its token.
    fn insert(&mut self, key: Obj, value: Obj, limit: usize) -> (i64, Option<(Obj, i64)>) {
        let mut evicted = None;
        if self.len >= limit && self.oldest != NONE {
            let at = self.oldest;
            self.unlink(at);
            self.len -= 1;
            let link = &mut self.links[at as usize];
            evicted = link.key.take().map(|key| (key, link.token(at)));
            self.free.push(at);
        }
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                self.links.push(Link {
                    key: None,
                    value: None,
                    older: NONE,
                    newer: NONE,
                    generation: 0,
                });
                self.links.count();
                self.links.len() as u32 - 1
            }
        };
        let link = &mut self.links[at as usize];
        // 28 bits, so that a token is a small int.
        link.generation = (link.generation + 1) & 0xfff_ffff;
        link.key = Some(key);
        link.value = Some(value);
        let token = link.token(at);
        self.link_newest(at);
        self.len += 1;
        (token, evicted)
    }

    /// Empties all links; what was in them.
    fn clear(&mut self) -> Vec<Option<Obj>> {
        let mut taken = Vec::new();
        self.free.clear();
        for (at, link) in self.links.iter_mut().enumerate() {
            taken.push(link.key.take());
            taken.push(link.value.take());
            link.generation = (link.generation + 1) & 0xfff_ffff;
            self.free.push(at as u32);
        }
        self.free.count();
        self.oldest = NONE;
        self.newest = NONE;
        self.len = 0;
        taken
    }
}

/// The body of a function with a cache.
pub struct LruCache {
    function: Obj,
    /// Makes what `cache_info` returns.
    info: Obj,
    /// From keys to results, or to tokens.
    cache: Obj,
    /// Separates positional arguments from keyword arguments in keys: an object of its own.
    mark: Obj,
    /// −1: no limit.
    limit: i64,
    typed: bool,
    links: Locked<Links>,
    hits: AtomicI64,
    misses: AtomicI64,
    /// Attributes.
    dict: Slot,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for LruCache {
    const ID: u32 = ids::LRU_CACHE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "_lru_cache_wrapper";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [&self.function, &self.info, &self.cache, &self.mark] {
            tracer.word(value.word());
        }
        // SAFETY: the world is stopped.
        for link in unsafe { self.links.get() }.links.iter() {
            for value in [&link.key, &link.value].into_iter().flatten() {
                tracer.word(value.word());
            }
        }
        self.dict.trace(tracer);
    }

    fn clear(&self, ctx: &mut Ctx) {
        drop(self.dict.replace_locked(ctx, None));
        // SAFETY: the collector has the only way to the object.
        drop(unsafe { self.links.get_mut() }.clear());
    }
}

impl Body<LruCache> {
    fn links<'a>(&'a self, ctx: &'a Ctx) -> Guard<'a, Links> {
        // SAFETY: the field is this object's, and no function here locks twice.
        unsafe { self.links.lock(ctx, &self.header) }
    }

    fn results(&self) -> &Body<PyDict> {
        self.cache.expect::<PyDict>()
    }
}

impl Body<LruCache> {
    /// Puts a new result into a limited cache.
    fn keep(&self, ctx: &mut Ctx, hash: i64, key: &Obj, value: &Obj) -> PyResult<()> {
        let known = self.results().get_hashed(ctx, hash, key)?;
        let known = known.and_then(|token| int::to_i64(&token));
        let (token, evicted) = {
            let mut links = self.links(ctx);
            // The call may have come by the same arguments again, here or on another thread.
            if known.is_some_and(|token| links.touch(token).is_some()) {
                return Ok(());
            }
            links.insert(key.clone(), value.clone(), self.limit as usize)
        };
        if let Some((evicted, gone)) = evicted {
            // Another thread may have put it in again.
            let is_gone = |token: &Obj| int::to_i64(token) == Some(gone);
            self.results().remove_if(ctx, &evicted, is_gone)?;
        }
        self.results()
            .set_hashed(ctx, hash, key, Obj::small_int(token))
    }
}

// --- Making --------------------------------------------------------------------------------------

/// `_lru_cache_wrapper(user_function, maxsize, typed, cache_info_type)`.
fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "lru_cache",
        params: &["user_function", "maxsize", "typed", "cache_info_type"],
        posonly: 0,
        positional: 4,
        required: 4,
    };
    let [Some(function), Some(limit), Some(typed), Some(info)] = args.bind(ctx, &SIGNATURE)? else {
        return Ok(Obj::NONE);
    };
    if !protocol::is_callable(ctx, function) {
        return Err(raise!(
            ctx,
            TypeError,
            "the first argument must be callable"
        ));
    }
    let limit = if limit.is_none() {
        -1
    } else if protocol::is_instance_of(ctx, limit, ids::INT) {
        int::to_i64(limit).unwrap_or(i64::MAX).max(0)
    } else {
        return Err(raise!(ctx, TypeError, "maxsize should be integer or None"));
    };
    let typed = protocol::truth(ctx, typed)?;
    let cache = dict::new(ctx)?;
    let object = type_object(ctx, ids::OBJECT);
    let mark = protocol::call(ctx, &object, &[])?;
    let body = LruCache {
        function: function.clone(),
        info: info.clone(),
        cache,
        mark,
        limit,
        typed,
        links: Locked::new(Links::new()),
        hits: AtomicI64::new(0),
        misses: AtomicI64::new(0),
        dict: Slot::empty(),
    };
    payload::allocate(ctx, id_of(class), body)
}

// --- Calling -------------------------------------------------------------------------------------

/// The key for these arguments.
fn key_of(ctx: &mut Ctx, body: &Body<LruCache>, args: Args<'_>) -> PyResult {
    if let ([only], true, false) = (args.pos, args.names.is_empty(), body.typed)
        && matches!(type_id_of(only), ids::INT | ids::STR)
    {
        return Ok(only.clone());
    }
    let mut key = args.pos.to_vec();
    if !args.names.is_empty() {
        key.push(body.mark.clone());
        for (name, value) in args.names.iter().zip(args.values) {
            key.extend([name.clone(), value.clone()]);
        }
    }
    if body.typed {
        for value in args.pos.iter().chain(args.values) {
            key.push(type_of(ctx, value).to_obj());
        }
    }
    tuple::from_vec(ctx, key)
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let body = x.expect::<LruCache>();
    if body.limit == 0 {
        body.misses.fetch_add(1, Relaxed);
        return protocol::call_with(ctx, &body.function, args);
    }
    let key = key_of(ctx, body, args)?;
    let hash = protocol::hash(ctx, &key)?;
    if let Some(found) = body.results().get_hashed(ctx, hash, &key)? {
        let value = if body.limit < 0 {
            Some(found)
        } else {
            int::to_i64(&found).and_then(|token| body.links(ctx).touch(token))
        };
        if let Some(value) = value {
            body.hits.fetch_add(1, Relaxed);
            return Ok(value);
        }
    }
    body.misses.fetch_add(1, Relaxed);
    let value = protocol::call_with(ctx, &body.function, args)?;
    if body.limit < 0 {
        body.results().set_hashed(ctx, hash, &key, value.clone())?;
        return Ok(value);
    }
    // Dict and links change together, as long as no `__eq__` of a key has to wait.
    ctx.critical(&body.header, |ctx| body.keep(ctx, hash, &key, &value))?;
    Ok(value)
}

fn get(ctx: &mut Ctx, x: &Obj, receiver: Option<&Obj>, _: &Obj) -> PyResult {
    match receiver.filter(|receiver| !receiver.is_none()) {
        Some(receiver) => bound_method::new(ctx, x, receiver),
        None => Ok(x.clone()),
    }
}

// --- Asking --------------------------------------------------------------------------------------

fn cache_info(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<LruCache>();
    let hits = int::from_i64(ctx, body.hits.load(Relaxed))?;
    let misses = int::from_i64(ctx, body.misses.load(Relaxed))?;
    let limit = limit_obj(ctx, body)?;
    let size = int::from_usize(ctx, body.results().len(ctx))?;
    protocol::call(ctx, &body.info, &[hits, misses, limit, size])
}

fn limit_obj(ctx: &mut Ctx, body: &LruCache) -> PyResult {
    if body.limit < 0 {
        Ok(Obj::NONE)
    } else {
        int::from_i64(ctx, body.limit)
    }
}

fn cache_clear(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<LruCache>();
    ctx.critical(&body.header, |ctx| {
        body.results().clear_all(ctx);
        drop(body.links(ctx).clear());
    });
    body.hits.store(0, Relaxed);
    body.misses.store(0, Relaxed);
    Ok(Obj::NONE)
}

/// Pickled and copied by its name.
fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    protocol::getattr_str(ctx, x, "__qualname__")
}

fn itself(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.clone())
}

fn deep_copy(_: &mut Ctx, x: &Obj, _: &Obj) -> PyResult {
    Ok(x.clone())
}

impl OwnDict for LruCache {
    fn dict(&self) -> &Slot {
        &self.dict
    }
}

static METHODS: &[Method] = &[
    method("cache_info", Native::M0(cache_info)),
    method("cache_clear", Native::M0(cache_clear)),
    method("__reduce__", Native::M0(reduce)),
    method("__copy__", Native::M0(itself)),
    method("__deepcopy__", Native::M1(deep_copy)),
];

static GETSET: &[GetSet] = &[getter("__dict__", own_dict::attributes::<LruCache>)];

/// The type of functions with a cache.
pub static LRU_CACHE: TypeDef = TypeDef {
    id: ids::LRU_CACHE,
    name: "functools._lru_cache_wrapper",
    base: ids::OBJECT,
    layout: ids::LRU_CACHE,
    kind: &Body::<LruCache>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(new),
        call: Some(call),
        getattr: Some(own_dict::getattr_of::<LruCache>),
        setattr: Some(own_dict::setattr_of::<LruCache>),
        descr_get: Some(get),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: GETSET,
    doc: "",
};
