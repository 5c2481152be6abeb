//! `zlib`: data made shorter, and checksums.
//!
//! | file     | what                                                 |
//! |----------|------------------------------------------------------|
//! | `stream` | a stream of the library that does it                 |
//! | `object` | what `compressobj` and `decompressobj` return        |

mod object;
mod stream;

use super::natives::{self, raise_of};
use super::support;
use crate::error::{PyResult, Raised, no_memory, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::{bytes, bytes_like, int, protocol, str_};
use crate::vm::outside;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use libz_rs_sys as z;
use num_traits::ToPrimitive;
use std::borrow::Cow;
use stream::{Failure, Settings, Stream};

/// What is written before the memory is asked for again.
const SLICE: usize = 256 << 10;
/// Shorter data are not worth detaching for.
const SMALL: usize = 4 << 10;

fn error_class(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(ctx, |n| &n.zlib_error, "zlib", "error", class::Exception)
}

fn fail(ctx: &mut Ctx, message: &str) -> Raised {
    let class = error_class(ctx);
    raise_of(ctx, class, message)
}

fn failed(ctx: &mut Ctx, failure: &Failure, doing: &str) -> Raised {
    if failure.code == z::Z_MEM_ERROR {
        return no_memory(ctx);
    }
    fail(ctx, &failure.message(doing))
}

/// The bytes of an argument.
fn data_of<'a>(ctx: &mut Ctx, x: Option<&'a Obj>) -> PyResult<Cow<'a, [u8]>> {
    bytes_like::expect_buffer(ctx, x.unwrap_or(Obj::none()))
}

/// A C int of an argument.
fn number(ctx: &mut Ctx, x: Option<&Obj>, default: i32) -> PyResult<i32> {
    let Some(x) = x else {
        return Ok(default);
    };
    protocol::c_int(ctx, x)
}

/// A size of an argument.
fn size(ctx: &mut Ctx, x: Option<&Obj>, default: i64) -> PyResult<i64> {
    match x {
        Some(x) => protocol::c_ssize(ctx, x),
        None => Ok(default),
    }
}

/// How far a step came.
enum Step {
    /// Done.
    Done,
    /// There is more to write.
    More,
}

/// Runs steps until one is the last, detached where that may take a while; between them there must be memory for what
/// comes.
fn steps(
    ctx: &mut Ctx,
    long: bool,
    output: &mut Vec<u8>,
    mut step: impl FnMut(&mut Vec<u8>) -> Result<Step, Failure>,
) -> Result<(), Failure> {
    loop {
        let done = if long {
            rt(ctx).kit.detached(ctx, || step(output))
        } else {
            step(output)
        }?;
        match done {
            Step::Done => return Ok(()),
            // What was written is copied at the end.
            Step::More if !outside::fits(output.len().saturating_mul(2).saturating_add(SLICE)) => {
                return Err(Failure::plain(z::Z_MEM_ERROR));
            }
            Step::More => {}
        }
    }
}

/// Room for the next slice of output, if there is so much already.
fn next_room(len: usize) -> usize {
    len.clamp(1 << 10, SLICE)
}

/// Compresses all the input.
fn deflate_all(
    ctx: &mut Ctx,
    stream: &mut Stream,
    input: &[u8],
    flush: i32,
) -> Result<(Vec<u8>, i32), Failure> {
    let (mut output, mut at, mut last) = (Vec::new(), 0, z::Z_OK);
    steps(ctx, input.len() > SMALL, &mut output, |output| {
        let (before, room) = (output.len(), next_room(output.len()));
        let (taken, code) = stream.run(&input[at..], output, room, flush);
        at += taken;
        last = code;
        if code == z::Z_STREAM_ERROR {
            return Err(stream.failure(code));
        }
        // Room that is left means that there is nothing more to come.
        let full = output.len() - before == room;
        let more = code == z::Z_OK && (at < input.len() || full || flush == z::Z_FINISH);
        Ok(if more { Step::More } else { Step::Done })
    })?;
    Ok((output, last))
}

fn compress(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "compress",
        params: &["data", "level", "wbits"],
        posonly: 1,
        positional: 3,
        required: 1,
    };
    let [data, level, window] = args.bind(ctx, &SIGNATURE)?;
    let data = data_of(ctx, data)?;
    let settings = Settings {
        level: number(ctx, level, z::Z_DEFAULT_COMPRESSION)?,
        method: z::Z_DEFLATED,
        window: number(ctx, window, 15)?,
        memory: 8,
        strategy: z::Z_DEFAULT_STRATEGY,
    };
    let mut stream = match Stream::compressing(settings) {
        Ok(stream) => stream,
        Err(z::Z_MEM_ERROR) => return Err(no_memory(ctx)),
        Err(_) => return Err(fail(ctx, "Bad compression level")),
    };
    match deflate_all(ctx, &mut stream, &data, z::Z_FINISH) {
        Ok((output, _)) => bytes::new(ctx, &output),
        Err(failure) => Err(failed(ctx, &failure, "while compressing data")),
    }
}

fn decompress(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "decompress",
        params: &["data", "wbits", "bufsize"],
        posonly: 1,
        positional: 3,
        required: 1,
    };
    let [data, window, first] = args.bind(ctx, &SIGNATURE)?;
    let data = data_of(ctx, data)?;
    let window = number(ctx, window, 15)?;
    if size(ctx, first, 1)? < 0 {
        return Err(raise!(ctx, ValueError, "bufsize must be non-negative"));
    }
    let mut stream = match Stream::decompressing(window) {
        Ok(stream) => stream,
        Err(code) => {
            let failure = Failure::plain(code);
            return Err(failed(ctx, &failure, "while preparing to decompress data"));
        }
    };
    let (mut output, mut at) = (Vec::new(), 0);
    let done = steps(ctx, data.len() > SMALL, &mut output, |output| {
        let room = next_room(output.len());
        let before = output.len();
        let (taken, code) = stream.run(&data[at..], output, room, z::Z_SYNC_FLUSH);
        at += taken;
        match code {
            z::Z_STREAM_END => Ok(Step::Done),
            // Whatever there was has been read, and nothing came of it.
            z::Z_OK | z::Z_BUF_ERROR if output.len() == before && at == data.len() => {
                Err(Failure::plain(z::Z_BUF_ERROR))
            }
            z::Z_OK | z::Z_BUF_ERROR => Ok(Step::More),
            code => Err(stream.failure(code)),
        }
    });
    match done {
        Ok(()) => bytes::new(ctx, &output),
        Err(failure) => Err(failed(ctx, &failure, "while decompressing data")),
    }
}

/// The low 32 bits of an argument.
fn start(ctx: &mut Ctx, x: Option<&Obj>, default: u32) -> PyResult<u32> {
    let Some(x) = x else {
        return Ok(default);
    };
    let x = protocol::index(ctx, x)?;
    if let Some(value) = int::to_i64(&x) {
        return Ok(value as u32);
    }
    let value = int::to_big(&x).unwrap_or_default();
    let low = value.magnitude().iter_u32_digits().next().unwrap_or(0);
    let negative = int::is_negative(&x);
    Ok(if negative { low.wrapping_neg() } else { low })
}

fn checksum(ctx: &mut Ctx, args: &[Obj], first: u32, sum: fn(u32, &[u8]) -> u32) -> PyResult {
    let data = data_of(ctx, args.first())?;
    let value = start(ctx, args.get(1), first)?;
    let value = if data.len() > SMALL {
        rt(ctx).kit.detached(ctx, || sum(value, &data))
    } else {
        sum(value, &data)
    };
    int::from_i64(ctx, value.into())
}

fn crc32(value: u32, data: &[u8]) -> u32 {
    // SAFETY: the data are of this length.
    let sum = unsafe { z::crc32_z(value.into(), data.as_ptr(), data.len()) };
    sum.to_u32().unwrap_or(0)
}

fn adler32(value: u32, data: &[u8]) -> u32 {
    // SAFETY: as above.
    let sum = unsafe { z::adler32_z(value.into(), data.as_ptr(), data.len()) };
    sum.to_u32().unwrap_or(0)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let error = error_class(ctx)?;
    support::add(ctx, module, "error", error)?;
    for name in ["ZLIB_VERSION", "ZLIB_RUNTIME_VERSION"] {
        // The version whose interface the library has.
        let version = str_::new(ctx, "1.3.1")?;
        support::add(ctx, module, name, version)?;
    }
    natives::add_numbers(
        ctx,
        module,
        &[
            ("DEFLATED", 8),
            ("DEF_BUF_SIZE", 16384),
            ("DEF_MEM_LEVEL", 8),
            ("MAX_WBITS", 15),
            ("Z_BEST_COMPRESSION", 9),
            ("Z_BEST_SPEED", 1),
            ("Z_BLOCK", 5),
            ("Z_DEFAULT_COMPRESSION", -1),
            ("Z_DEFAULT_STRATEGY", 0),
            ("Z_FILTERED", 1),
            ("Z_FINISH", 4),
            ("Z_FIXED", 4),
            ("Z_FULL_FLUSH", 3),
            ("Z_HUFFMAN_ONLY", 2),
            ("Z_NO_COMPRESSION", 0),
            ("Z_NO_FLUSH", 0),
            ("Z_PARTIAL_FLUSH", 1),
            ("Z_RLE", 3),
            ("Z_SYNC_FLUSH", 2),
            ("Z_TREES", 6),
        ],
    )
}

/// `zlib`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "zlib",
    functions: &[
        method("compress", Native::F(compress)),
        method("decompress", Native::F(decompress)),
        method("compressobj", Native::F(object::compressobj)),
        method("decompressobj", Native::F(object::decompressobj)),
        method(
            "crc32",
            Native::FN(1, 2, |ctx, args| checksum(ctx, args, 0, crc32)),
        ),
        method(
            "adler32",
            Native::FN(1, 2, |ctx, args| checksum(ctx, args, 1, adler32)),
        ),
    ],
    types: &[
        &object::COMPRESS,
        &object::DECOMPRESS,
        &object::DECOMPRESSOR,
    ],
    populate,
    doc: "Compression and decompression of data in the formats of zlib, and checksums.",
};
