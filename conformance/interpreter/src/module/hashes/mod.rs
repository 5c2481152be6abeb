//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`, `_hashlib`: digests, for `hashlib` and `hmac`.
//!
//! All are objects of one body around a [`State`], behind a lock that is held while data are taken in, detached.

use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, ModuleDef, Native, TypeDef, flag, getter, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::type_of;
use crate::object::{bytes, bytes_like, ids, int, protocol, str_};
use crate::vm::outside;
use crate::vm::thread::rt;
use blake2::{Blake2, Parameters};
use keccak::Sponge;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use std::sync::{Mutex, MutexGuard, PoisonError};

mod blake2;
mod keccak;
mod keyed;

pub use keyed::MODULE as HASHLIB;

#[derive(Clone)]
enum State {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
    /// With the bytes of its digest; 0 for as many as wanted.
    Sponge(Sponge, usize),
    Blake2(Blake2),
}

impl State {
    fn new(name: &str) -> State {
        let sha3 = |size: usize| State::Sponge(Sponge::new(200 - 2 * size, 6), size);
        match name {
            "md5" => State::Md5(Md5::new()),
            "sha1" => State::Sha1(Sha1::new()),
            "sha224" => State::Sha224(Sha224::new()),
            "sha256" => State::Sha256(Sha256::new()),
            "sha384" => State::Sha384(Sha384::new()),
            "sha512" => State::Sha512(Sha512::new()),
            "sha3_224" => sha3(28),
            "sha3_256" => sha3(32),
            "sha3_384" => sha3(48),
            "sha3_512" => sha3(64),
            "shake_128" => State::Sponge(Sponge::new(168, 0x1F), 0),
            _ => State::Sponge(Sponge::new(136, 0x1F), 0),
        }
    }

    fn update(&mut self, data: &[u8]) {
        match self {
            State::Md5(state) => state.update(data),
            State::Sha1(state) => state.update(data),
            State::Sha224(state) => state.update(data),
            State::Sha256(state) => state.update(data),
            State::Sha384(state) => state.update(data),
            State::Sha512(state) => state.update(data),
            State::Sponge(state, _) => state.update(data),
            State::Blake2(state) => state.update(data),
        }
    }

    fn digest(self, len: usize) -> Vec<u8> {
        match self {
            State::Md5(state) => state.finalize().to_vec(),
            State::Sha1(state) => state.finalize().to_vec(),
            State::Sha224(state) => state.finalize().to_vec(),
            State::Sha256(state) => state.finalize().to_vec(),
            State::Sha384(state) => state.finalize().to_vec(),
            State::Sha512(state) => state.finalize().to_vec(),
            State::Sponge(state, 0) => state.output(len),
            State::Sponge(state, size) => state.output(size),
            State::Blake2(state) => state.digest(),
        }
    }

    fn size(&self) -> usize {
        match self {
            State::Md5(_) => 16,
            State::Sha1(_) => 20,
            State::Sha224(_) => 28,
            State::Sha256(_) => 32,
            State::Sha384(_) => 48,
            State::Sha512(_) => 64,
            State::Sponge(_, size) => *size,
            State::Blake2(state) => state.size(),
        }
    }

    fn block(&self) -> usize {
        match self {
            State::Sha384(_) | State::Sha512(_) => 128,
            State::Sponge(state, _) => state.rate(),
            State::Blake2(state) => state.block(),
            _ => 64,
        }
    }
}

/// The body of a digest.
pub struct PyHash {
    name: &'static str,
    state: Mutex<State>,
}

// SAFETY: there are no references.
unsafe impl Payload for PyHash {
    const ID: u32 = ids::HASH;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "hash";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl PyHash {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn body(x: &Obj) -> &PyHash {
    &x.expect::<PyHash>().payload
}

/// The data of an argument, which is no str.
fn data_of<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<std::borrow::Cow<'a, [u8]>> {
    if str_::text_of(x).is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "Strings must be encoded before hashing"
        ));
    }
    if x.downcast::<crate::object::memoryview::PyMemoryView>()
        .is_some()
    {
        return bytes_like::expect_buffer(ctx, x);
    }
    match bytes_like::data(ctx, x)? {
        Some(data) => Ok(data),
        None => Err(raise!(
            ctx,
            TypeError,
            "object supporting the buffer API required"
        )),
    }
}

/// Data of fewer bytes are taken in without detaching.
const LARGE: usize = 2048;

fn take_in(ctx: &mut Ctx, hash: &PyHash, data: &[u8]) {
    if data.len() < LARGE
        && let Ok(mut state) = hash.state.try_lock()
    {
        state.update(data);
        return;
    }
    rt(ctx).kit.detached(ctx, || hash.lock().update(data));
}

fn make(ctx: &mut Ctx, id: u32, name: &'static str, state: State, data: Option<&Obj>) -> PyResult {
    let data = match data {
        Some(data) => Some(data_of(ctx, data)?),
        None => None,
    };
    let body = PyHash {
        name,
        state: Mutex::new(state),
    };
    let made = payload::allocate(ctx, id, body)?;
    if let Some(data) = data {
        take_in(ctx, self::body(&made), &data);
    }
    Ok(made)
}

/// The data of a constructor: by position, as `data` or as `string`.
fn plain(ctx: &mut Ctx, args: Args<'_>, name: &'static str) -> PyResult {
    let signature = Signature {
        name,
        params: &["data", "usedforsecurity", "string"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [data, secure, string] = args.bind(ctx, &signature)?;
    if let Some(secure) = secure {
        protocol::truth(ctx, secure)?;
    }
    if data.is_some() && string.is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."
        ));
    }
    let id = if name.starts_with("shake") {
        ids::SHAKE
    } else {
        ids::HASH
    };
    make(ctx, id, name, State::new(name), data.or(string))
}

macro_rules! constructors {
    ($($name:ident),*) => {$(
        fn $name(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
            plain(ctx, args, stringify!($name))
        }
    )*};
}

constructors!(
    md5, sha1, sha224, sha256, sha384, sha512, sha3_224, sha3_256, sha3_384, sha3_512, shake_128,
    shake_256
);

fn update(ctx: &mut Ctx, x: &Obj, data: &Obj) -> PyResult {
    let data = data_of(ctx, data)?;
    take_in(ctx, body(x), &data);
    Ok(Obj::NONE)
}

fn copy(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let state = body(x).lock().clone();
    let id = crate::object::type_::layout_of(type_of(ctx, x).id);
    let id = match body(x).name {
        "blake2b" => ids::BLAKE2B,
        "blake2s" => ids::BLAKE2S,
        name if name.starts_with("shake") => ids::SHAKE,
        _ => id,
    };
    make(ctx, id, body(x).name, state, None)
}

fn digest(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let state = body(x).lock().clone();
    bytes::new(ctx, &state.digest(0))
}

fn hexadecimal(ctx: &mut Ctx, data: &[u8]) -> PyResult {
    let mut text = String::with_capacity(data.len() * 2);
    for byte in data {
        text.push(char::from_digit((byte >> 4).into(), 16).unwrap_or('0'));
        text.push(char::from_digit((byte & 15).into(), 16).unwrap_or('0'));
    }
    str_::new(ctx, &text)
}

fn hexdigest(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let state = body(x).lock().clone();
    hexadecimal(ctx, &state.digest(0))
}

fn wanted(ctx: &mut Ctx, args: Args<'_>, name: &'static str) -> PyResult<usize> {
    let signature = Signature {
        name,
        params: &["length"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [length] = args.bind(ctx, &signature)?;
    let length = length.unwrap_or(Obj::none());
    let length = protocol::c_ssize(ctx, length)?;
    match usize::try_from(length) {
        Ok(length) if length < 1 << 29 => {
            outside::room(ctx, length.saturating_mul(3))?;
            Ok(length)
        }
        Ok(_) => Err(raise!(ctx, ValueError, "length is too large")),
        Err(_) => Err(raise!(ctx, ValueError, "Cannot convert negative int")),
    }
}

const COMMON: [crate::object::define::GetSet; 3] = [
    getter("name", |ctx, x| str_::new(ctx, body(x).name)),
    getter("digest_size", |ctx, x| {
        let size = body(x).lock().size();
        int::from_usize(ctx, size)
    }),
    getter("block_size", |ctx, x| {
        let size = body(x).lock().block();
        int::from_usize(ctx, size)
    }),
];

const METHODS: &[Method] = &[
    method("copy", Native::M0(copy)),
    method("digest", Native::M0(digest)),
    method("hexdigest", Native::M0(hexdigest)),
    method("update", Native::M1(update)),
];

const fn hash_type(id: u32, name: &'static str, base: u32, methods: &'static [Method]) -> TypeDef {
    TypeDef {
        id,
        name,
        base,
        layout: ids::HASH,
        kind: &Body::<PyHash>::KIND,
        flags: flag::NO_NEW,
        slots: Slots {
            repr: Some(|ctx, x| {
                let name = body(x).name;
                let address = protocol::address(x);
                let kind = if name.starts_with("shake") {
                    "HASHXOF"
                } else {
                    "HASH"
                };
                str_::new(
                    ctx,
                    &format!("<{name} _hashlib.{kind} object @ {address:#x}>"),
                )
            }),
            ..Slots::NONE
        },
        methods,
        getset: &COMMON,
        doc: "",
    }
}

/// The type of digests of a fixed size.
pub static HASH: TypeDef = hash_type(ids::HASH, "_hashlib.HASH", ids::OBJECT, METHODS);

/// The type of digests of any size.
pub static SHAKE: TypeDef = hash_type(
    ids::SHAKE,
    "_hashlib.HASHXOF",
    ids::HASH,
    &[
        method("copy", Native::M0(copy)),
        method(
            "digest",
            Native::MA(|ctx, x, args| {
                let len = wanted(ctx, args, "digest")?;
                let state = body(x).lock().clone();
                bytes::new(ctx, &state.digest(len))
            }),
        ),
        method(
            "hexdigest",
            Native::MA(|ctx, x, args| {
                let len = wanted(ctx, args, "hexdigest")?;
                let state = body(x).lock().clone();
                hexadecimal(ctx, &state.digest(len))
            }),
        ),
        method("update", Native::M1(update)),
    ],
);

// --- BLAKE2 --------------------------------------------------------------------------------------

const fn blake2_type(id: u32, name: &'static str, new: support::New) -> TypeDef {
    TypeDef {
        flags: flag::IMMUTABLE,
        slots: Slots {
            new: Some(new),
            ..Slots::NONE
        },
        ..hash_type(id, name, ids::OBJECT, METHODS)
    }
}

/// `_blake2.blake2b`.
pub static BLAKE2B: TypeDef = blake2_type(ids::BLAKE2B, "_blake2.blake2b", |ctx, class, args| {
    blake2(ctx, class, args, true)
});

/// `_blake2.blake2s`.
pub static BLAKE2S: TypeDef = blake2_type(ids::BLAKE2S, "_blake2.blake2s", |ctx, class, args| {
    blake2(ctx, class, args, false)
});

fn too_long(ctx: &mut Ctx, what: &str, most: usize) -> Raised {
    raise!(ctx, ValueError, "maximum {what} length is {most} bytes")
}

fn ranged(
    ctx: &mut Ctx,
    value: Option<&Obj>,
    default: u64,
    (least, most): (u64, u64),
    message: &str,
) -> PyResult<u64> {
    let Some(value) = value else {
        return Ok(default);
    };
    let number = protocol::index(ctx, value)?;
    let number = int::to_big(&number).and_then(|number| u64::try_from(number).ok());
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(raise!(ctx, ValueError, "{message}")),
    }
}

fn blake2(ctx: &mut Ctx, class: &Obj, args: Args<'_>, wide: bool) -> PyResult {
    let (name, most, half) = if wide {
        ("blake2b", 64, 16)
    } else {
        ("blake2s", 32, 8)
    };
    let signature = Signature {
        name,
        params: &[
            "data",
            "digest_size",
            "key",
            "salt",
            "person",
            "fanout",
            "depth",
            "leaf_size",
            "node_offset",
            "node_depth",
            "inner_size",
            "last_node",
            "usedforsecurity",
            "string",
        ],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [
        data,
        size,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf_size,
        node_offset,
        node_depth,
        inner_size,
        last_node,
        _,
        string,
    ] = args.bind::<14>(ctx, &signature)?;
    let sizes = (1, most as u64);
    let message = format!("digest_size must be between 1 and {most} bytes");
    let size = ranged(ctx, size, most as u64, sizes, &message)?;
    let mut texts: [Vec<u8>; 3] = Default::default();
    let limits = [("key", most), ("salt", half), ("person", half)];
    for ((text, given), (what, most)) in texts.iter_mut().zip([key, salt, person]).zip(limits) {
        if let Some(given) = given {
            *text = bytes_like::expect_buffer(ctx, given)?.into_owned();
            if text.len() > most {
                return Err(too_long(ctx, what, most));
            }
        }
    }
    let offsets = if wide { u64::MAX } else { (1 << 48) - 1 };
    let inner = format!("inner_size must be between 0 and is {most}");
    let parameters = Parameters {
        size: size as usize,
        key: &texts[0],
        salt: &texts[1],
        person: &texts[2],
        fanout: ranged(ctx, fanout, 1, (0, 255), "fanout must be between 0 and 255")? as u8,
        depth: ranged(ctx, depth, 1, (1, 255), "depth must be between 1 and 255")? as u8,
        leaf_size: ranged(
            ctx,
            leaf_size,
            0,
            (0, u32::MAX.into()),
            "leaf_size is too large",
        )? as u32,
        node_offset: ranged(
            ctx,
            node_offset,
            0,
            (0, offsets),
            "node_offset is too large",
        )?,
        node_depth: ranged(
            ctx,
            node_depth,
            0,
            (0, 255),
            "node_depth must be between 0 and 255",
        )? as u8,
        inner_size: ranged(ctx, inner_size, 0, (0, most as u64), &inner)? as u8,
        last_node: last_node.map_or(Ok(false), |x| protocol::truth(ctx, x))?,
    };
    let state = State::Blake2(Blake2::new(wide, &parameters));
    make(ctx, support::id_of(class), name, state, data.or(string))
}

/// Adds what the classes say about their parameters.
fn blake2_sizes(ctx: &mut Ctx, _: &Obj) -> PyResult<()> {
    for (id, most, half) in [(ids::BLAKE2B, 64, 16), (ids::BLAKE2S, 32, 8)] {
        let sizes = [
            ("MAX_DIGEST_SIZE", most),
            ("MAX_KEY_SIZE", most),
            ("SALT_SIZE", half),
            ("PERSON_SIZE", half),
        ];
        let class = crate::object::type_::type_object(ctx, id);
        let space = &class.expect::<crate::object::type_::PyType>().dict;
        for (name, size) in sizes {
            let name = str_::intern(ctx, name);
            let space = space.expect::<crate::object::dict::PyDict>();
            space.set_name(ctx, &name, Obj::small_int(size))?;
        }
    }
    Ok(())
}

macro_rules! modules {
    ($($(#[$doc:meta])* $module:ident = $name:literal, [$($types:expr),*], [$($function:ident),*], $populate:expr;)*) => {$(
        $(#[$doc])*
        pub static $module: ModuleDef = ModuleDef {
            name: $name,
            functions: &[$(method(stringify!($function), Native::F($function)),)*],
            types: &[$($types),*],
            populate: $populate,
            doc: "",
        };
    )*};
}

modules! {
    /// `_md5`.
    MD5 = "_md5", [], [md5], |_, _| Ok(());
    /// `_sha1`.
    SHA1 = "_sha1", [], [sha1], |_, _| Ok(());
    /// `_sha2`.
    SHA2 = "_sha2", [], [sha224, sha256, sha384, sha512], |_, _| Ok(());
    /// `_sha3`.
    SHA3 = "_sha3", [], [sha3_224, sha3_256, sha3_384, sha3_512, shake_128, shake_256], |ctx, module| {
        let text = str_::new(ctx, "own")?;
        support::add(ctx, module, "implementation", text)
    };
    /// `_blake2`.
    BLAKE2 = "_blake2", [&BLAKE2B, &BLAKE2S], [], blake2_sizes;
}
