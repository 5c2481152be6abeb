//! The structures that say what this interpreter is: `version_info`, `flags`, `float_info` and others.

use super::VERSION;
use super::variables::texts;
use crate::error::PyResult;
use crate::module::struct_class::{self, Kind};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::{float, int, module, namespace};
use kit_core::thread::Ctx;

pub(crate) static VERSION_INFO: Kind = Kind {
    module: "sys",
    name: "version_info",
    fields: &["major", "minor", "micro", "releaselevel", "serial"],
    hidden: &[],
    place: |natives| &natives.version_info,
};

pub(crate) static FLAGS: Kind = Kind {
    module: "sys",
    name: "flags",
    fields: &[
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
    ],
    hidden: &["gil", "thread_inherit_context", "context_aware_warnings"],
    place: |natives| &natives.flags,
};

/// `sys.flags`, with the values given and otherwise as they are without options.
pub fn flags(ctx: &mut Ctx, given: &[(&str, i64)]) -> PyResult {
    let usual = [
        ("hash_randomization", 1),
        (
            "utf8_mode",
            i64::from(crate::module::io::standard::is_utf8_mode()),
        ),
        ("int_max_str_digits", 4300),
        ("thread_inherit_context", 1),
        ("context_aware_warnings", 1),
    ];
    let value = |name: &str| {
        let known = |pairs: &[(&str, i64)]| pairs.iter().find(|pair| pair.0 == name).map(|p| p.1);
        let value = known(given).or_else(|| known(&usual)).unwrap_or(0);
        if matches!(name, "dev_mode" | "safe_path") {
            Obj::bool(value != 0)
        } else {
            Obj::small_int(value)
        }
    };
    let values = FLAGS.fields.iter().map(|name| value(name)).collect();
    let hidden = FLAGS.hidden.iter().map(|name| value(name)).collect();
    struct_class::make(ctx, &FLAGS, values, hidden)
}

pub(crate) static HASH_INFO: Kind = Kind {
    module: "sys",
    name: "hash_info",
    fields: &[
        "width",
        "modulus",
        "inf",
        "nan",
        "imag",
        "algorithm",
        "hash_bits",
        "seed_bits",
        "cutoff",
    ],
    hidden: &[],
    place: |natives| &natives.hash_info,
};

pub(crate) static INT_INFO: Kind = Kind {
    module: "sys",
    name: "int_info",
    fields: &[
        "bits_per_digit",
        "sizeof_digit",
        "default_max_str_digits",
        "str_digits_check_threshold",
    ],
    hidden: &[],
    place: |natives| &natives.int_info,
};

pub(crate) static FLOAT_INFO: Kind = Kind {
    module: "sys",
    name: "float_info",
    fields: &[
        "max",
        "max_exp",
        "max_10_exp",
        "min",
        "min_exp",
        "min_10_exp",
        "dig",
        "mant_dig",
        "epsilon",
        "radix",
        "rounds",
    ],
    hidden: &[],
    place: |natives| &natives.float_info,
};

/// The attributes of `sys.implementation`.
const IMPLEMENTATION: [&str; 5] = [
    "name",
    "cache_tag",
    "version",
    "hexversion",
    "supports_isolated_interpreters",
];

pub(crate) static THREAD_INFO: Kind = Kind {
    module: "sys",
    name: "thread_info",
    fields: &["name", "lock", "version"],
    hidden: &[],
    place: |natives| &natives.thread_info,
};

pub(super) fn structures(ctx: &mut Ctx, sys: &Obj) -> PyResult<()> {
    let small = |value: i64| Obj::small_int(value);
    let version = |ctx: &mut Ctx| {
        let level = str_::new(ctx, "final")?;
        let [major, minor, micro] = VERSION.map(Obj::small_int);
        struct_class::make(
            ctx,
            &VERSION_INFO,
            vec![major, minor, micro, level, Obj::small_int(0)],
            Vec::new(),
        )
    };
    let info = version(ctx)?;
    module::add(ctx, sys, "version_info", info.clone())?;
    let name = str_::new(ctx, "kit-python")?;
    let hex = crate::module::get(ctx, sys, "hexversion").unwrap_or(Obj::NONE);
    let tag = str_::new(ctx, "kit-314")?;
    let parts = vec![name, tag, info, hex, Obj::FALSE];
    let attributes = dict::new(ctx)?;
    for (name, value) in IMPLEMENTATION.into_iter().zip(parts) {
        let name = str_::intern(ctx, name);
        attributes.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    let implementation = namespace::from_dict(ctx, attributes)?;
    module::add(ctx, sys, "implementation", implementation)?;
    let flags = flags(ctx, &[])?;
    module::add(ctx, sys, "flags", flags)?;
    let algorithm = str_::new(ctx, "siphash13")?;
    let modulus = int::from_i64(ctx, (1 << 61) - 1)?;
    let hash = vec![
        small(64),
        modulus,
        small(314_159),
        small(0),
        small(1_000_003),
        algorithm,
        small(64),
        small(128),
        small(0),
    ];
    let hash = struct_class::make(ctx, &HASH_INFO, hash, Vec::new())?;
    module::add(ctx, sys, "hash_info", hash)?;
    let digits = vec![small(32), small(4), small(4300), small(640)];
    let digits = struct_class::make(ctx, &INT_INFO, digits, Vec::new())?;
    module::add(ctx, sys, "int_info", digits)?;
    let floats = vec![
        float::new(ctx, f64::MAX)?,
        small(1024),
        small(308),
        float::new(ctx, f64::MIN_POSITIVE)?,
        small(-1021),
        small(-307),
        small(15),
        small(53),
        float::new(ctx, f64::EPSILON)?,
        small(2),
        small(1),
    ];
    let floats = struct_class::make(ctx, &FLOAT_INFO, floats, Vec::new())?;
    module::add(ctx, sys, "float_info", floats)?;
    let mut thread = texts(ctx, &["pthread"])?;
    thread.extend([Obj::NONE, Obj::NONE]);
    let thread = struct_class::make(ctx, &THREAD_INFO, thread, Vec::new())?;
    module::add(ctx, sys, "thread_info", thread)
}
