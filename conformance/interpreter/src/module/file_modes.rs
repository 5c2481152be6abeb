//! `_stat`: what the numbers that `os.stat` returns mean, on any system.

use super::natives::add_numbers;
use crate::error::{PyResult, raise};
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::int;
use crate::object::obj::Obj;
use crate::object::{protocol, str_};
use kit_core::thread::Ctx;

/// The bits that say what kind of file it is.
const KIND: u32 = 0o170_000;
/// The permissions, and what changes the identity of who runs the file.
const MODE: u32 = 0o7777;

#[rustfmt::skip]
const NUMBERS: &[(&str, i64)] = &[
    ("S_IFDIR", 0o040_000), ("S_IFCHR", 0o020_000), ("S_IFBLK", 0o060_000), ("S_IFREG", 0o100_000),
    ("S_IFIFO", 0o010_000), ("S_IFLNK", 0o120_000), ("S_IFSOCK", 0o140_000),
    ("S_IFDOOR", 0), ("S_IFPORT", 0), ("S_IFWHT", 0),
    ("S_ISUID", 0o4000), ("S_ISGID", 0o2000), ("S_ISVTX", 0o1000), ("S_ENFMT", 0o2000),
    ("S_IREAD", 0o400), ("S_IWRITE", 0o200), ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700), ("S_IRUSR", 0o400), ("S_IWUSR", 0o200), ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o070), ("S_IRGRP", 0o040), ("S_IWGRP", 0o020), ("S_IXGRP", 0o010),
    ("S_IRWXO", 0o007), ("S_IROTH", 0o004), ("S_IWOTH", 0o002), ("S_IXOTH", 0o001),
    ("UF_SETTABLE", 0xFFFF), ("UF_NODUMP", 0x1), ("UF_IMMUTABLE", 0x2), ("UF_APPEND", 0x4),
    ("UF_OPAQUE", 0x8), ("UF_NOUNLINK", 0x10), ("UF_COMPRESSED", 0x20), ("UF_TRACKED", 0x40),
    ("UF_DATAVAULT", 0x80), ("UF_HIDDEN", 0x8000),
    ("SF_SETTABLE", 0xFFFF_0000), ("SF_ARCHIVED", 0x1_0000), ("SF_IMMUTABLE", 0x2_0000),
    ("SF_APPEND", 0x4_0000), ("SF_NOUNLINK", 0x10_0000), ("SF_SNAPSHOT", 0x20_0000),
    ("SF_FIRMLINK", 0x80_0000), ("SF_DATALESS", 0x4000_0000),
    ("ST_MODE", 0), ("ST_INO", 1), ("ST_DEV", 2), ("ST_NLINK", 3), ("ST_UID", 4), ("ST_GID", 5),
    ("ST_SIZE", 6), ("ST_ATIME", 7), ("ST_MTIME", 8), ("ST_CTIME", 9),
];

/// A mode: a number that fits one of the system's.
fn mode(ctx: &mut Ctx, value: &Obj) -> PyResult<u32> {
    let value = protocol::index(ctx, value)?;
    let big = int::to_big(&value).unwrap_or_default();
    if let Ok(mode) = u32::try_from(&big) {
        return Ok(mode);
    }
    Err(if big.sign() == num_bigint::Sign::Minus {
        raise!(
            ctx,
            OverflowError,
            "can't convert negative value to unsigned int"
        )
    } else if big.bits() > 64 {
        raise!(
            ctx,
            OverflowError,
            "Python int too large to convert to C unsigned long"
        )
    } else {
        raise!(ctx, OverflowError, "mode out of range")
    })
}

macro_rules! kinds {
    ($($name:literal, $kind:literal;)*) => {
        &[
            $(method($name, Native::F1(|ctx, value| {
                let mode = mode(ctx, value)?;
                Ok(Obj::bool(mode & KIND == $kind && $kind != 0))
            })),)*
            method("S_IMODE", Native::F1(|ctx, value| {
                let mode = mode(ctx, value)?;
                int::from_i64(ctx, i64::from(mode & MODE))
            })),
            method("S_IFMT", Native::F1(|ctx, value| {
                let mode = mode(ctx, value)?;
                int::from_i64(ctx, i64::from(mode & KIND))
            })),
            method("filemode", Native::F1(|ctx, value| {
                let mode = mode(ctx, value)?;
                str_::new(ctx, &shown(mode))
            })),
        ]
    };
}

static FUNCTIONS: &[Method] = kinds! {
    "S_ISDIR", 0o040_000;
    "S_ISCHR", 0o020_000;
    "S_ISBLK", 0o060_000;
    "S_ISREG", 0o100_000;
    "S_ISFIFO", 0o010_000;
    "S_ISLNK", 0o120_000;
    "S_ISSOCK", 0o140_000;
    "S_ISDOOR", 0;
    "S_ISPORT", 0;
    "S_ISWHT", 0;
};

/// A mode as `ls -l` shows it.
fn shown(mode: u32) -> String {
    let mut text = String::with_capacity(10);
    text.push(match mode & KIND {
        0o100_000 => '-',
        0o040_000 => 'd',
        0o120_000 => 'l',
        0o060_000 => 'b',
        0o020_000 => 'c',
        0o010_000 => 'p',
        0o140_000 => 's',
        _ => '?',
    });
    for (shift, special, mark) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => mark,
            (true, false) => mark.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// `_stat`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_stat",
    functions: FUNCTIONS,
    types: &[],
    populate: |ctx, module| add_numbers(ctx, module, NUMBERS),
    doc: "What the bits of a file's mode mean.",
};
