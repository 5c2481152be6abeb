//! `_hashlib`: digests by name, and what is made of digests with a key: HMAC, PBKDF2, scrypt.

use super::{HASH, LARGE, SHAKE, State, data_of, hexadecimal, plain};
use crate::error::{PyResult, Raised, raise};
use crate::module::natives::{self, raise_of};
use crate::module::support;
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, TypeDef, flag, getter, member, method};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::type_object;
use crate::object::{bytes, ids, int, protocol, str_};
use crate::vm::outside;
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Digests that are found by name; of BLAKE2 there is more in a module of its own.
const NAMES: [&str; 12] = [
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha3_224",
    "sha3_256",
    "sha3_384",
    "sha3_512",
    "shake_128",
    "shake_256",
];

fn error_class(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.digest_error,
        "_hashlib",
        "UnsupportedDigestmodError",
        class::ValueError,
    )
}

#[cold]
fn unsupported(ctx: &mut Ctx, message: &str) -> Raised {
    let class = error_class(ctx);
    raise_of(ctx, class, message)
}

/// The digest with a name, in any case.
fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    NAMES.into_iter().find(|known| {
        *known == name
            || known
                .strip_prefix("sha")
                .is_some_and(|bits| name.strip_prefix("sha_") == Some(bits))
    })
}

/// The digest that an argument names, or makes.
fn wanted(ctx: &mut Ctx, x: &Obj) -> PyResult<&'static str> {
    const UNKNOWN: &str = "[digital envelope routines] unsupported";
    if let Some(text) = str_::text_of(x) {
        return match by_name(&text.to_string_lossy()) {
            Some(name) => Ok(name),
            None => Err(unsupported(ctx, UNKNOWN)),
        };
    }
    // A constructor of `hashlib`.
    let name = x
        .downcast::<crate::object::builtin_function::PyBuiltin>()
        .map(|function| function.method.name.trim_start_matches("openssl_"));
    match name.and_then(by_name) {
        Some(name) => Ok(name),
        None => {
            let shown = protocol::repr_string(ctx, x)?;
            Err(unsupported(ctx, &format!("Unsupported digestmod {shown}")))
        }
    }
}

/// A message that is authenticated with a key.
#[derive(Clone)]
struct Keyed {
    inner: State,
    outer: State,
}

impl Keyed {
    fn new(name: &str, key: &[u8]) -> Keyed {
        let mut state = State::new(name);
        let block = state.block();
        let mut padded = if key.len() > block {
            state.update(key);
            std::mem::replace(&mut state, State::new(name)).digest(0)
        } else {
            key.to_vec()
        };
        padded.resize(block, 0);
        let with = |mask: u8| {
            let mut state = State::new(name);
            state.update(&padded.iter().map(|byte| byte ^ mask).collect::<Vec<u8>>());
            state
        };
        Keyed {
            inner: with(0x36),
            outer: with(0x5C),
        }
    }

    fn digest(mut self) -> Vec<u8> {
        self.outer.update(&self.inner.digest(0));
        self.outer.digest(0)
    }

    fn of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut keyed = self.clone();
        for part in parts {
            keyed.inner.update(part);
        }
        keyed.digest()
    }
}

/// PBKDF2 of RFC 8018.
fn derive(name: &str, password: &[u8], salt: &[u8], rounds: u64, output: &mut [u8]) {
    let keyed = Keyed::new(name, password);
    let size = State::new(name).size().max(1);
    for (index, block) in output.chunks_mut(size).enumerate() {
        let index = (index as u32).wrapping_add(1).to_be_bytes();
        let mut last = keyed.of(&[salt, &index]);
        let mut sum = last.clone();
        for _ in 1..rounds {
            last = keyed.of(&[&last]);
            for (sum, byte) in sum.iter_mut().zip(&last) {
                *sum ^= byte;
            }
        }
        block.copy_from_slice(&sum[..block.len()]);
    }
}

// --- scrypt (RFC 7914) ---------------------------------------------------------------------------

fn salsa(block: &mut [u32; 16]) {
    let mut x = *block;
    let mut step = |a: usize, b: usize, c: usize, by: u32| {
        x[a] ^= x[b].wrapping_add(x[c]).rotate_left(by);
    };
    for _ in 0..4 {
        for [a, b, c, d] in [
            [0, 4, 8, 12],
            [5, 9, 13, 1],
            [10, 14, 2, 6],
            [15, 3, 7, 11],
            [0, 1, 2, 3],
            [5, 6, 7, 4],
            [10, 11, 8, 9],
            [15, 12, 13, 14],
        ] {
            step(b, a, d, 7);
            step(c, b, a, 9);
            step(d, c, b, 13);
            step(a, d, c, 18);
        }
    }
    for (word, mixed) in block.iter_mut().zip(x) {
        *word = word.wrapping_add(mixed);
    }
}

fn mix_blocks(blocks: &mut [[u32; 16]], spare: &mut Vec<[u32; 16]>) {
    let Some(mut last) = blocks.last().copied() else {
        return;
    };
    spare.clear();
    for block in blocks.iter() {
        for (last, word) in last.iter_mut().zip(block) {
            *last ^= word;
        }
        salsa(&mut last);
        spare.push(last);
    }
    let half = blocks.len().div_ceil(2);
    for (index, mixed) in spare.iter().enumerate() {
        blocks[index / 2 + index % 2 * half] = *mixed;
    }
}

fn mix(part: &mut [u8], n: usize) {
    let words = part
        .as_chunks::<4>()
        .0
        .iter()
        .map(|word| u32::from_le_bytes(*word));
    let words = words.collect::<Vec<u32>>();
    let mut blocks = words.as_chunks::<16>().0.to_vec();
    let count = blocks.len();
    let mut table: Vec<[u32; 16]> = Vec::with_capacity(n * count);
    let mut spare = Vec::with_capacity(count);
    for _ in 0..n {
        table.extend_from_slice(&blocks);
        mix_blocks(&mut blocks, &mut spare);
    }
    for _ in 0..n {
        let last = blocks
            .last()
            .map_or(0, |block| u64::from(block[0]) | u64::from(block[1]) << 32);
        let row = (last & (n as u64 - 1)) as usize * count;
        for (block, other) in blocks.iter_mut().zip(&table[row..row + count]) {
            for (word, other) in block.iter_mut().zip(other) {
                *word ^= other;
            }
        }
        mix_blocks(&mut blocks, &mut spare);
    }
    for (bytes, word) in part
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .zip(blocks.iter().flatten())
    {
        *bytes = word.to_le_bytes();
    }
}

fn scrypt(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "scrypt",
        params: &["password", "salt", "n", "r", "p", "maxmem", "dklen"],
        posonly: 0,
        positional: 1,
        required: 5,
    };
    const INVALID: &str = "Invalid parameter combination for n, r, p, maxmem.";
    let [password, salt, n, r, p, most, size] = args.bind(ctx, &SIGNATURE)?;
    let password = data_of_key(ctx, password)?;
    let salt = data_of_key(ctx, salt)?;
    let mut number = |x: Option<&Obj>, default: i64| match x {
        Some(x) => protocol::c_ssize(ctx, x),
        None => Ok(default),
    };
    let (n, r, p) = (number(n, 0)?, number(r, 0)?, number(p, 0)?);
    let (most, size) = (number(most, 0)?, number(size, 64)?);
    if n < 2 || n & (n - 1) != 0 {
        return Err(raise!(ctx, ValueError, "n must be a power of 2."));
    }
    let limit = i64::from(i32::MAX);
    if !(0..=limit).contains(&most) {
        return Err(raise!(
            ctx,
            ValueError,
            "maxmem must be positive and smaller than {limit}"
        ));
    }
    if !(1..=limit).contains(&size) {
        return Err(raise!(
            ctx,
            ValueError,
            "dklen must be greater than 0 and smaller than {limit}"
        ));
    }
    if r < 1 || p < 1 || i128::from(r) * i128::from(p) >= 1 << 30 {
        return Err(raise!(ctx, ValueError, "{INVALID}"));
    }
    let part = 128 * i128::from(r);
    // What is kept of each part, and all parts: 32 MiB unless more is allowed.
    let needed = part * (i128::from(n) + 2 + i128::from(p));
    let allowed = if most == 0 {
        32 << 20
    } else {
        i128::from(most)
    };
    if needed > allowed {
        return Err(raise!(
            ctx,
            ValueError,
            "[digital envelope routines] memory limit exceeded"
        ));
    }
    outside::room(ctx, needed as usize)?;
    let _share = outside::Share::new(needed as usize);
    let mut output = bytes_of(ctx, size as usize)?;
    rt(ctx).kit.detached(ctx, || {
        let mut parts = vec![0; (part * i128::from(p)) as usize];
        derive("sha256", &password, &salt, 1, &mut parts);
        for part in parts.chunks_mut(part as usize) {
            mix(part, n as usize);
        }
        derive("sha256", &password, &parts, 1, &mut output);
    });
    bytes::new(ctx, &output)
}

fn bytes_of(ctx: &mut Ctx, size: usize) -> PyResult<Vec<u8>> {
    crate::object::bytes_like::zeroed(ctx, size)
}

/// The bytes of a key, a salt or a message.
fn data_of_key(ctx: &mut Ctx, x: Option<&Obj>) -> PyResult<Vec<u8>> {
    let x = x.unwrap_or(Obj::none());
    let data = crate::object::bytes_like::expect_buffer(ctx, x)?;
    Ok(data.into_owned())
}

fn pbkdf2_hmac(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "pbkdf2_hmac",
        params: &["hash_name", "password", "salt", "iterations", "dklen"],
        posonly: 0,
        positional: 5,
        required: 4,
    };
    let [name, password, salt, rounds, size] = args.bind(ctx, &SIGNATURE)?;
    let name = text_argument(ctx, name, "pbkdf2_hmac", "hash_name")?;
    let name = wanted(ctx, name)?;
    let password = data_of_key(ctx, password)?;
    let salt = data_of_key(ctx, salt)?;
    let rounds = protocol::c_ssize(ctx, rounds.unwrap_or(Obj::none()))?;
    if rounds < 1 {
        return Err(raise!(
            ctx,
            ValueError,
            "iteration value must be greater than 0."
        ));
    }
    if rounds > i64::from(i32::MAX) {
        return Err(raise!(ctx, OverflowError, "iteration value is too great."));
    }
    let size = match size.filter(|size| !size.is_none()) {
        Some(size) => protocol::c_ssize(ctx, size)?,
        None => State::new(name).size() as i64,
    };
    if size < 1 {
        return Err(raise!(
            ctx,
            ValueError,
            "key length must be greater than 0."
        ));
    }
    if size > i64::from(i32::MAX) {
        return Err(raise!(ctx, OverflowError, "key length is too great."));
    }
    if State::new(name).size() == 0 {
        return Err(unsupported(ctx, "[digital envelope routines] unsupported"));
    }
    let mut output = bytes_of(ctx, size as usize)?;
    rt(ctx).kit.detached(ctx, || {
        derive(name, &password, &salt, rounds as u64, &mut output);
    });
    bytes::new(ctx, &output)
}

fn text_argument<'a>(
    ctx: &mut Ctx,
    x: Option<&'a Obj>,
    function: &str,
    name: &str,
) -> PyResult<&'a Obj> {
    let x = x.unwrap_or(Obj::none());
    if str_::text_of(x).is_some() {
        return Ok(x);
    }
    let class = str_::argument_type(ctx, x);
    Err(raise!(
        ctx,
        TypeError,
        "{function}() argument '{name}' must be str, not {class}"
    ))
}

// --- HMAC ----------------------------------------------------------------------------------------

/// The body of an authenticated message.
pub struct PyHmac {
    name: &'static str,
    state: Mutex<Keyed>,
}

// SAFETY: there are no references.
unsafe impl Payload for PyHmac {
    const ID: u32 = ids::HMAC;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "HMAC";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl PyHmac {
    fn lock(&self) -> MutexGuard<'_, Keyed> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn body(x: &Obj) -> &PyHmac {
    &x.expect::<PyHmac>().payload
}

fn take_in(ctx: &mut Ctx, hmac: &PyHmac, data: &[u8]) {
    if data.len() < LARGE
        && let Ok(mut state) = hmac.state.try_lock()
    {
        state.inner.update(data);
        return;
    }
    rt(ctx).kit.detached(ctx, || hmac.lock().inner.update(data));
}

fn hmac_new(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "hmac_new",
        params: &["key", "msg", "digestmod"],
        posonly: 0,
        positional: 3,
        required: 1,
    };
    let [key, message, digest] = args.bind(ctx, &SIGNATURE)?;
    let key = data_of_key(ctx, key)?;
    let Some(digest) = digest.filter(|digest| !digest.is_none()) else {
        return Err(raise!(
            ctx,
            TypeError,
            "Missing required parameter 'digestmod'."
        ));
    };
    let name = wanted(ctx, digest)?;
    if State::new(name).size() == 0 {
        return Err(raise!(ctx, ValueError, "no reason supplied"));
    }
    let made = PyHmac {
        name,
        state: Mutex::new(Keyed::new(name, &key)),
    };
    let made = payload::new(ctx, made)?;
    if let Some(message) = message.filter(|message| !message.is_none()) {
        let data = data_of(ctx, message)?;
        take_in(ctx, body(&made), &data);
    }
    Ok(made)
}

fn hmac_digest(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "hmac_digest",
        params: &["key", "msg", "digest"],
        posonly: 0,
        positional: 3,
        required: 3,
    };
    let [key, message, digest] = args.bind(ctx, &SIGNATURE)?;
    let key = data_of_key(ctx, key)?;
    let message = data_of_key(ctx, message)?;
    let name = wanted(ctx, digest.unwrap_or(Obj::none()))?;
    if State::new(name).size() == 0 {
        return Err(raise!(ctx, ValueError, "no reason supplied"));
    }
    let digest = if message.len() < LARGE {
        Keyed::new(name, &key).of(&[&message])
    } else {
        rt(ctx)
            .kit
            .detached(ctx, || Keyed::new(name, &key).of(&[&message]))
    };
    bytes::new(ctx, &digest)
}

fn finished(x: &Obj) -> Vec<u8> {
    let state = body(x).lock().clone();
    state.digest()
}

/// `_hashlib.HMAC`.
pub static HMAC: TypeDef = TypeDef {
    id: ids::HMAC,
    name: "_hashlib.HMAC",
    base: ids::OBJECT,
    layout: ids::HMAC,
    kind: &Body::<PyHmac>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(|ctx, x| {
            let name = body(x).name;
            let address = protocol::address(x);
            str_::new(ctx, &format!("<{name} HMAC object @ {address:#x}>"))
        }),
        ..Slots::NONE
    },
    methods: &[
        method(
            "update",
            Native::MA(|ctx, x, args| {
                static SIGNATURE: Signature = Signature {
                    name: "update",
                    params: &["msg"],
                    posonly: 0,
                    positional: 1,
                    required: 1,
                };
                let [data] = args.bind(ctx, &SIGNATURE)?;
                let data = data_of(ctx, data.unwrap_or(Obj::none()))?;
                take_in(ctx, body(x), &data);
                Ok(Obj::NONE)
            }),
        ),
        method("digest", Native::M0(|ctx, x| bytes::new(ctx, &finished(x)))),
        method(
            "hexdigest",
            Native::M0(|ctx, x| hexadecimal(ctx, &finished(x))),
        ),
        method(
            "copy",
            Native::M0(|ctx, x| {
                let copy = PyHmac {
                    name: body(x).name,
                    state: Mutex::new(body(x).lock().clone()),
                };
                payload::new(ctx, copy)
            }),
        ),
    ],
    getset: &[
        getter("digest_size", |ctx, x| {
            int::from_usize(ctx, State::new(body(x).name).size())
        }),
        getter("block_size", |ctx, x| {
            int::from_usize(ctx, State::new(body(x).name).block())
        }),
        member("name", |ctx, x| {
            str_::new(ctx, &format!("hmac-{}", body(x).name))
        }),
    ],
    doc: "A message that is authenticated with a key.",
};

/// Whether two texts or data are alike, in a time that does not tell where they differ.
fn compare_digest(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let [a, b] = [&args[0], &args[1]];
    let (a, b) = match (str_::text_of(a), str_::text_of(b)) {
        (Some(a), Some(b)) => {
            if !a.is_ascii() || !b.is_ascii() {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "comparing strings with non-ASCII characters is not supported"
                ));
            }
            (a.as_bytes().to_vec(), b.as_bytes().to_vec())
        }
        _ => (data_of_key(ctx, Some(a))?, data_of_key(ctx, Some(b))?),
    };
    let different = a.iter().zip(&b).fold(0, |sum, (a, b)| sum | (a ^ b));
    Ok(Obj::bool(
        a.len() == b.len() && std::hint::black_box(different) == 0,
    ))
}

// --- The module ----------------------------------------------------------------------------------

fn new(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "new",
        params: &["name", "data", "usedforsecurity", "string"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [name, data, secure, string] = args.bind(ctx, &SIGNATURE)?;
    let name = text_argument(ctx, name, "new", "name")?;
    let name = wanted(ctx, name)?;
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
    let data = data.or(string);
    plain(
        ctx,
        Args::positional(data.map_or(&[], std::slice::from_ref)),
        name,
    )
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let error = error_class(ctx)?;
    support::add(ctx, module, "UnsupportedDigestmodError", error)?;
    let mut names = Vec::new();
    for name in NAMES {
        names.push(str_::intern(ctx, name));
    }
    let names = crate::object::list::from_vec(ctx, names)?;
    let class = type_object(ctx, ids::FROZENSET);
    let names = protocol::call(ctx, &class, &[names])?;
    support::add(ctx, module, "openssl_md_meth_names", names)?;
    support::add(ctx, module, "_GIL_MINSIZE", Obj::small_int(LARGE as i64))
}

macro_rules! module {
    ($($name:literal: $function:literal,)*) => {
        /// `_hashlib`.
        pub static MODULE: ModuleDef = ModuleDef {
            name: "_hashlib",
            functions: &[
                method("new", Native::F(new)),
                method("hmac_new", Native::F(hmac_new)),
                method("hmac_digest", Native::F(hmac_digest)),
                method("pbkdf2_hmac", Native::F(pbkdf2_hmac)),
                method("scrypt", Native::F(scrypt)),
                method("compare_digest", Native::FN(2, 2, compare_digest)),
                method("get_fips_mode", Native::FN(0, 0, |_, _| Ok(Obj::small_int(0)))),
                $(method($function, Native::F(|ctx, args| plain(ctx, args, $name))),)*
            ],
            types: &[&HASH, &SHAKE, &HMAC],
            populate,
            doc: "Digests by name, and what is made of them with a key.",
        };
    };
}

module! {
    "md5": "openssl_md5",
    "sha1": "openssl_sha1",
    "sha224": "openssl_sha224",
    "sha256": "openssl_sha256",
    "sha384": "openssl_sha384",
    "sha512": "openssl_sha512",
    "sha3_224": "openssl_sha3_224",
    "sha3_256": "openssl_sha3_256",
    "sha3_384": "openssl_sha3_384",
    "sha3_512": "openssl_sha3_512",
    "shake_128": "openssl_shake_128",
    "shake_256": "openssl_shake_256",
}
