//! `_io`: the one kind of stream there is, which writes to the host.

use crate::error::{PyResult, raise};
use crate::object::define::{ModuleDef, Native, TypeDef, flag, method};
use crate::object::ids::{self, tailed};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::{int, protocol};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a stream.
struct Stream;

// SAFETY: nothing to report.
unsafe impl Payload for Stream {
    const ID: u32 = tailed::TEXT_IO_WRAPPER;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "TextIOWrapper";

    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A new stream.
///
/// # Errors
/// MemoryError.
pub fn stream(ctx: &mut Ctx) -> PyResult {
    payload::new(ctx, Stream)
}

fn write(ctx: &mut Ctx, _: &Obj, value: &Obj) -> PyResult {
    let Some(text) = value.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "write() argument must be str, not {class}"
        ));
    };
    (rt(ctx).say)(&text.as_str_lossy());
    int::from_i64(ctx, text.char_count() as i64)
}

/// `_io.TextIOWrapper`.
pub static STREAM: TypeDef = TypeDef {
    id: tailed::TEXT_IO_WRAPPER,
    name: "_io.TextIOWrapper",
    base: ids::OBJECT,
    layout: tailed::TEXT_IO_WRAPPER,
    kind: &Body::<Stream>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: &[
        method("write", Native::M1(write)),
        method("flush", Native::M0(|_, _| Ok(Obj::NONE))),
    ],
    getset: &[],
    doc: "",
};

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_io",
    functions: &[],
    types: &[&STREAM],
    populate: |_, _| Ok(()),
    doc: "",
};

/// What `print` asks of text streams.
pub mod text {
    use super::{Obj, Stream};

    /// Whether this is the host's stream.
    pub fn is_exact(x: &Obj) -> bool {
        x.downcast::<Stream>().is_some()
    }
}

/// Writing to them.
pub mod text_write {
    use super::{Ctx, Obj, PyResult, rt};
    use crate::text::wtf8::Wtf8;

    /// Writes a text at once.
    ///
    /// # Errors
    /// None.
    pub fn put_text(ctx: &mut Ctx, _: &Obj, text: &Wtf8) -> PyResult<()> {
        (rt(ctx).say)(&text.to_string_lossy());
        Ok(())
    }
}
