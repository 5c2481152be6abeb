//! Iterators over a deque, in both directions.

use super::PyDeque;
use crate::error::{PyResult, raise};
use crate::module::support::{inner_iterator, slot_payload};
use crate::object::define::{Method, Native, TypeDef, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::{ids, int};
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicUsize, Ordering::*};

macro_rules! iterator {
    ($body:ident, $def:ident, $id:ident, $name:literal, $make:ident, $next:ident, $hint:ident, $methods:ident, |$index:ident, $len:ident| $at:expr) => {
        #[doc = concat!("`", $name, "`.")]
        pub struct $body {
            deque: Slot,
            /// Items given out.
            index: AtomicUsize,
            version: u64,
        }

        slot_payload!($body, ids::$id, $name, deque);

        /// A new iterator over the deque `x`.
        pub fn $make(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let version = x.expect::<PyDeque>().lock(ctx).version;
            let body = $body {
                deque: Slot::new(x.clone()),
                index: AtomicUsize::new(0),
                version,
            };
            payload::new(ctx, body)
        }

        fn $next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
            let body = x.expect::<$body>();
            let Some(deque) = body.deque.get(ctx, &body.header) else {
                return Ok(None);
            };
            let item = {
                let ring = deque.expect::<PyDeque>().lock(ctx);
                if ring.version == body.version {
                    let ($index, $len) = (body.index.load(Relaxed), ring.items.len());
                    let item = if $index < $len {
                        ring.items.get($at).cloned()
                    } else {
                        None
                    };
                    body.index.store($index + 1, Relaxed);
                    Some(item)
                } else {
                    None
                }
            };
            match item {
                Some(Some(item)) => Ok(Some(item)),
                Some(None) => {
                    body.deque.set(ctx, &body.header, None);
                    Ok(None)
                }
                None => Err(raise!(ctx, RuntimeError, "deque mutated during iteration")),
            }
        }

        fn $hint(ctx: &mut Ctx, x: &Obj) -> PyResult {
            let body = x.expect::<$body>();
            // A deque that was changed gives no further item.
            let len = body.deque.get(ctx, &body.header).map_or(0, |deque| {
                let deque = deque.expect::<PyDeque>().lock(ctx);
                if deque.version == body.version {
                    deque.items.len()
                } else {
                    0
                }
            });
            int::from_usize(ctx, len.saturating_sub(body.index.load(Relaxed)))
        }

        static $methods: &[Method] = &[method("__length_hint__", Native::M0($hint))];

        #[doc = concat!("The type `", $name, "`.")]
        pub static $def: TypeDef = inner_iterator(
            ids::$id,
            concat!("collections.", $name),
            &Body::<$body>::KIND,
            $next,
            $methods,
        );
    };
}

iterator!(
    DequeIterator,
    DEQUE_ITERATOR,
    DEQUE_ITER,
    "_deque_iterator",
    iter,
    next,
    hint,
    METHODS,
    |index, len| index
);

iterator!(
    DequeReverseIterator,
    DEQUE_REVERSE_ITERATOR,
    DEQUE_REVERSE_ITER,
    "_deque_reverse_iterator",
    reversed,
    reverse_next,
    reverse_hint,
    REVERSE_METHODS,
    |index, len| len - 1 - index
);
