//! `marshal`: values as bytes, in the format that other Pythons read; code in one of our own.
//!
//! | file      | what                          |
//! |-----------|-------------------------------|
//! | `write`   | from values to bytes          |
//! | `read`    | from bytes to values          |
//!
//! Whatever the bytes are, reading them makes values or raises an exception: code among them is what the compiler could have made, or
//! refused ([`crate::pack`]).

pub mod read;
mod write;

use super::support;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::{bytes, bytes_like, protocol, str_};
use kit_core::thread::Ctx;

/// The newest version of the format.
pub const VERSION: i64 = 5;
/// How deep values may be nested.
const DEEPEST: usize = 2000;
/// Says that a value is numbered, to be referred to.
const NUMBERED: u8 = 0x80;

fn version(ctx: &mut Ctx, given: Option<&Obj>) -> PyResult<i64> {
    given.map_or(Ok(VERSION), |given| protocol::index_i64(ctx, given, None))
}

fn truth(ctx: &mut Ctx, given: Option<&Obj>) -> PyResult<bool> {
    given.map_or(Ok(true), |given| protocol::truth(ctx, given))
}

fn dumps(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "dumps",
        params: &["value", "version", "allow_code"],
        posonly: 2,
        positional: 2,
        required: 1,
    };
    let [value, given, code] = args.bind(ctx, &SIGNATURE)?;
    let (version, code) = (version(ctx, given)?, truth(ctx, code)?);
    let value = value.unwrap_or(Obj::none());
    crate::module::sys::audit::event(ctx, "marshal.dumps", |_| {
        Ok(vec![value.clone(), Obj::small_int(version)])
    })?;
    let data = write::dump(ctx, value, version, code)?;
    bytes::new(ctx, &data)
}

fn dump(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "dump",
        params: &["value", "file", "version", "allow_code"],
        posonly: 3,
        positional: 3,
        required: 2,
    };
    let [value, file, given, code] = args.bind(ctx, &SIGNATURE)?;
    let (version, code) = (version(ctx, given)?, truth(ctx, code)?);
    let value = value.unwrap_or(Obj::none());
    crate::module::sys::audit::event(ctx, "marshal.dumps", |_| {
        Ok(vec![value.clone(), Obj::small_int(version)])
    })?;
    let data = write::dump(ctx, value, version, code)?;
    let data = bytes::new(ctx, &data)?;
    let write = str_::intern(ctx, "write");
    protocol::call_method(ctx, file.unwrap_or(Obj::none()), &write, &[data])
}

fn loads(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "loads",
        params: &["bytes", "allow_code"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [data, code] = args.bind(ctx, &SIGNATURE)?;
    let code = truth(ctx, code)?;
    let data = bytes_like::expect_buffer(ctx, data.unwrap_or(Obj::none()))?;
    crate::module::sys::audit::event(ctx, "marshal.loads", |ctx| {
        Ok(vec![bytes::new(ctx, &data)?])
    })?;
    read::load(ctx, read::Source::Bytes(&data), code)
}

fn load(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "load",
        params: &["file", "allow_code"],
        posonly: 1,
        positional: 1,
        required: 1,
    };
    let [file, code] = args.bind(ctx, &SIGNATURE)?;
    let code = truth(ctx, code)?;
    let file = file.unwrap_or(Obj::none());
    crate::module::sys::audit::event(ctx, "marshal.load", |_| Ok(Vec::new()))?;
    let name = str_::intern(ctx, "read");
    let nothing = protocol::call_method(ctx, file, &name, &[Obj::small_int(0)])?;
    if nothing.downcast::<bytes::PyBytes>().is_none() {
        let class = protocol::type_name(ctx, &nothing);
        return Err(raise!(
            ctx,
            TypeError,
            "file.read() returned not bytes but {class}"
        ));
    }
    read::load(ctx, read::Source::File(file.clone()), code)
}

/// `marshal`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "marshal",
    functions: &[
        method("dump", Native::F(dump)),
        method("dumps", Native::F(dumps)),
        method("load", Native::F(load)),
        method("loads", Native::F(loads)),
    ],
    types: &[],
    populate: |ctx, module| support::add(ctx, module, "version", Obj::small_int(VERSION)),
    doc: "Values of Python as bytes, for Python itself.",
};
