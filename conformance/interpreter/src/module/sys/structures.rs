//! The structures that say what this interpreter is: `version_info`, `flags`, `float_info` and others.

use super::VERSION;
use super::variables::texts;
use crate::error::PyResult;
use crate::module::struct_seq::{self, Fields};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::{float, int, module, namespace};
use kit_core::thread::Ctx;

static VERSION_INFO: Fields = Fields {
    name: "sys.version_info",
    fields: &["major", "minor", "micro", "releaselevel", "serial"],
};

static FLAGS: Fields = Fields {
    name: "sys.flags",
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
};

static HASH_INFO: Fields = Fields {
    name: "sys.hash_info",
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
};

static INT_INFO: Fields = Fields {
    name: "sys.int_info",
    fields: &[
        "bits_per_digit",
        "sizeof_digit",
        "default_max_str_digits",
        "str_digits_check_threshold",
    ],
};

static FLOAT_INFO: Fields = Fields {
    name: "sys.float_info",
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
};

/// The attributes of `sys.implementation`.
const IMPLEMENTATION: [&str; 5] = [
    "name",
    "cache_tag",
    "version",
    "hexversion",
    "supports_isolated_interpreters",
];

static THREAD_INFO: Fields = Fields {
    name: "sys.thread_info",
    fields: &["name", "lock", "version"],
};

pub(super) fn structures(ctx: &mut Ctx, sys: &Obj) -> PyResult<()> {
    let small = |value: i64| Obj::small_int(value);
    let version = |ctx: &mut Ctx| {
        let level = str_::new(ctx, "final")?;
        let [major, minor, micro] = VERSION.map(Obj::small_int);
        struct_seq::new(
            ctx,
            &VERSION_INFO,
            vec![major, minor, micro, level, Obj::small_int(0)],
        )
    };
    let info = version(ctx)?;
    module::add(ctx, sys, "version_info", info.clone())?;
    let name = str_::new(ctx, "kit-python")?;
    let hex = crate::module::get(ctx, sys, "hexversion").unwrap_or(Obj::NONE);
    let parts = vec![name, Obj::NONE, info, hex, Obj::FALSE];
    let attributes = dict::new(ctx)?;
    for (name, value) in IMPLEMENTATION.into_iter().zip(parts) {
        let name = str_::intern(ctx, name);
        attributes.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    let implementation = namespace::from_dict(ctx, attributes)?;
    module::add(ctx, sys, "implementation", implementation)?;
    let mut flags: Vec<Obj> = (0..18).map(|_| small(0)).collect();
    flags[4] = small(1);
    flags[11] = small(1);
    flags[13] = Obj::FALSE;
    flags[16] = Obj::FALSE;
    flags[17] = small(4300);
    let flags = struct_seq::new(ctx, &FLAGS, flags)?;
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
    let hash = struct_seq::new(ctx, &HASH_INFO, hash)?;
    module::add(ctx, sys, "hash_info", hash)?;
    let digits = vec![small(32), small(4), small(4300), small(640)];
    let digits = struct_seq::new(ctx, &INT_INFO, digits)?;
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
    let floats = struct_seq::new(ctx, &FLOAT_INFO, floats)?;
    module::add(ctx, sys, "float_info", floats)?;
    let mut thread = texts(ctx, &["pthread", "futex"])?;
    thread.push(Obj::NONE);
    let thread = struct_seq::new(ctx, &THREAD_INFO, thread)?;
    module::add(ctx, sys, "thread_info", thread)
}
