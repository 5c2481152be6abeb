//! `time`: clocks, sleeping, dates.

pub mod civil;
mod clocks;
pub mod zone;

use super::posix::path::{ANY, number};
use super::struct_class::{self, Kind};
use super::support;
use super::threading::wait;
use crate::error::{PyResult, raise};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::type_of;
use crate::object::{float, int, namespace, protocol};
use civil::Fields;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_std::platform::clock;
use kit_std::sync::event::Flag;

macro_rules! clocks {
    ($($seconds:ident, $nanoseconds:ident = $clock:path;)*) => {$(
        fn $seconds(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
            float::new(ctx, $clock() as f64 / wait::SECOND)
        }
        fn $nanoseconds(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
            int::from_i64(ctx, $clock())
        }
    )*};
}

clocks! {
    time, time_ns = clock::realtime;
    monotonic, monotonic_ns = clock::monotonic;
    perf_counter, perf_counter_ns = clock::monotonic;
    process_time, process_time_ns = clock::process;
    thread_time, thread_time_ns = clock::thread;
}

/// `get_clock_info(name)`.
fn clock_info(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let Some(text) = name.downcast::<PyStr>() else {
        let class = str_::argument_type(ctx, name);
        return Err(raise!(
            ctx,
            TypeError,
            "get_clock_info() argument 1 must be str, not {class}"
        ));
    };
    let (source, monotonic, adjustable) = match &*text.as_str_lossy() {
        "time" => ("CLOCK_REALTIME", false, true),
        "monotonic" | "perf_counter" => ("CLOCK_MONOTONIC", true, false),
        "process_time" => ("CLOCK_PROCESS_CPUTIME_ID", true, false),
        "thread_time" => ("CLOCK_THREAD_CPUTIME_ID", true, false),
        _ => return Err(raise!(ctx, ValueError, "unknown clock")),
    };
    let implementation = str_::new(ctx, &format!("clock_gettime({source})"))?;
    let resolution = float::new(ctx, 1e-9)?;
    let attributes = dict::new(ctx)?;
    for (name, value) in [
        ("implementation", implementation),
        ("monotonic", Obj::bool(monotonic)),
        ("adjustable", Obj::bool(adjustable)),
        ("resolution", resolution),
    ] {
        let name = str_::intern(ctx, name);
        attributes.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    namespace::from_dict(ctx, attributes)
}

fn sleep(ctx: &mut Ctx, duration: &Obj) -> PyResult {
    crate::module::sys::audit::event(ctx, "time.sleep", |_| Ok(vec![duration.clone()]))?;
    let seconds = wait::seconds(ctx, duration)?;
    if seconds < 0.0 {
        return Err(raise!(ctx, ValueError, "sleep length must be non-negative"));
    }
    if seconds == 0.0 {
        wait::blocking_for_sure(ctx, |lot| lot.platform().yield_now());
        return Ok(Obj::NONE);
    }
    let deadline = wait::deadline_in(ctx, seconds);
    // Nobody raises the flag: the wait ends at its deadline, or with a signal.
    let never = Flag::new();
    wait::blocking(ctx, Some(deadline), |lot, until| {
        never.wait(never.now(), lot, &mut Unattached, until) == Ok(true)
    })?;
    Ok(Obj::NONE)
}

/// `time.struct_time`.
pub(crate) static STRUCT_TIME: Kind = Kind {
    module: "time",
    name: "struct_time",
    fields: &[
        "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday",
        "tm_isdst",
    ],
    hidden: &["tm_zone", "tm_gmtoff"],
    place: |natives| &natives.struct_time,
};

/// The struct of a moment in a zone: its abbreviation, and its seconds east of Greenwich.
fn to_struct(ctx: &mut Ctx, f: &Fields, zone: (&str, i64)) -> PyResult {
    let items = [
        f.year, f.month, f.day, f.hour, f.minute, f.second, f.weekday, f.yearday, f.dst,
    ];
    let items = items.map(Obj::small_int).to_vec();
    let hidden = vec![str_::new(ctx, zone.0)?, Obj::small_int(zone.1)];
    struct_class::make(ctx, &STRUCT_TIME, items, hidden)
}

/// The zone that a struct names, if it does.
fn zone_of(ctx: &mut Ctx, value: &Obj) -> PyResult<Option<(String, i64)>> {
    let class = struct_class::class(ctx, &STRUCT_TIME)?;
    if !type_of(ctx, value).to_obj().is(&class) {
        return Ok(None);
    }
    let name = protocol::getattr_str(ctx, value, "tm_zone")?;
    let offset = protocol::getattr_str(ctx, value, "tm_gmtoff")?;
    match (str_::text_of(&name), int::to_i64(&offset)) {
        (Some(name), Some(offset)) => Ok(Some((name.to_string_lossy(), offset))),
        _ => Ok(None),
    }
}

fn from_struct(ctx: &mut Ctx, value: &Obj, name: &str) -> PyResult<Fields> {
    let items = match value.downcast::<PyTuple>() {
        Some(value) => value.items().to_vec(),
        None => {
            return Err(raise!(
                ctx,
                TypeError,
                "Tuple or struct_time argument required"
            ));
        }
    };
    if items.len() != 9 {
        return Err(raise!(
            ctx,
            TypeError,
            "{name}(): illegal time tuple argument"
        ));
    }
    let mut v = [0i64; 9];
    for (value, item) in v.iter_mut().zip(&items) {
        // Each fits what C calls an int.
        *value = number(ctx, item)?.into();
    }
    let least = i64::from(i32::MIN) + 1900;
    let problem = match name {
        "mktime" => None,
        _ if v[0] < least => Some(raise!(ctx, OverflowError, "year out of range")),
        _ if v[6] < -1 => Some(raise!(ctx, ValueError, "day of week out of range")),
        _ => None,
    };
    if let Some(raised) = problem {
        return Err(raised);
    }
    Ok(Fields {
        year: v[0],
        month: v[1],
        day: v[2],
        hour: v[3],
        minute: v[4],
        second: v[5],
        weekday: v[6].rem_euclid(7),
        yearday: v[7],
        dst: v[8],
    })
}

/// The fields of a struct that is to be shown: out of range is an error, a zero counts as one.
fn checked(ctx: &mut Ctx, mut f: Fields) -> PyResult<Fields> {
    f.month = f.month.max(i64::from(f.month == 0));
    f.day = f.day.max(i64::from(f.day == 0));
    f.yearday = f.yearday.max(i64::from(f.yearday == 0));
    let limits = [
        (f.month, 1, 12, "month"),
        (f.day, 1, 31, "day of month"),
        (f.hour, 0, 23, "hour"),
        (f.minute, 0, 59, "minute"),
        (f.second, 0, 61, "seconds"),
        (f.yearday, 1, 366, "day of year"),
    ];
    for (value, least, most, what) in limits {
        if value < least || value > most {
            return Err(raise!(ctx, ValueError, "{what} out of range"));
        }
    }
    Ok(f)
}

/// The moment an optional argument says, in whole seconds.
fn moment(ctx: &mut Ctx, args: &[Obj]) -> PyResult<i64> {
    let Some(value) = args.first().filter(|value| !value.is_none()) else {
        return Ok(clock::realtime().div_euclid(1_000_000_000));
    };
    let seconds = match float::to_f64(value) {
        Some(seconds) if seconds.is_nan() => {
            return Err(raise!(ctx, ValueError, "Invalid value NaN (not a number)"));
        }
        Some(seconds) => seconds.floor(),
        None => {
            let index = protocol::index(ctx, value)?;
            int::to_i64(&index).map_or(f64::INFINITY, |seconds| seconds as f64)
        }
    };
    // About two billion years: what fits a struct.
    if seconds.abs() > 6.7e16 {
        return Err(raise!(
            ctx,
            OverflowError,
            "timestamp out of range for platform time_t"
        ));
    }
    Ok(seconds as i64)
}

fn local_fields(moment: i64) -> Fields {
    in_kind(moment, &zone::at(moment))
}

fn in_kind(moment: i64, kind: &zone::Kind) -> Fields {
    civil::fields(moment + kind.offset, kind.dst.into())
}

fn gmtime(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let moment = moment(ctx, args)?;
    to_struct(ctx, &civil::fields(moment, 0), ("GMT", 0))
}

fn localtime(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let moment = moment(ctx, args)?;
    let kind = zone::at(moment);
    to_struct(ctx, &in_kind(moment, &kind), (&kind.name, kind.offset))
}

fn mktime(ctx: &mut Ctx, fields: &Obj) -> PyResult {
    let fields = from_struct(ctx, fields, "mktime")?;
    match zone::moment_of(&fields) {
        Some(moment) => float::new(ctx, moment as f64),
        None => Err(raise!(ctx, OverflowError, "mktime argument out of range")),
    }
}

fn text_of(f: &Fields) -> String {
    civil::format("%a %b %e %H:%M:%S %Y", f, ("", 0))
}

fn asctime(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fields = match args.first() {
        Some(fields) => {
            let fields = from_struct(ctx, fields, "asctime")?;
            checked(ctx, fields)?
        }
        None => local_fields(clock::realtime().div_euclid(1_000_000_000)),
    };
    str_::new(ctx, &text_of(&fields))
}

fn ctime(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let moment = moment(ctx, args)?;
    str_::new(ctx, &text_of(&local_fields(moment)))
}

fn strftime(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let Some(format) = args[0].downcast::<PyStr>() else {
        let class = str_::argument_type(ctx, &args[0]);
        return Err(raise!(
            ctx,
            TypeError,
            "strftime() argument 1 must be str, not {class}"
        ));
    };
    let format = format.as_str_lossy().into_owned();
    let fields = match args.get(1) {
        Some(fields) => {
            let fields = from_struct(ctx, fields, "strftime")?;
            checked(ctx, fields)?
        }
        None => local_fields(clock::realtime().div_euclid(1_000_000_000)),
    };
    let given = match args.get(1) {
        Some(given) => zone_of(ctx, given)?,
        None => None,
    };
    let (name, offset) = given.unwrap_or_else(|| {
        let kind = zone::at(zone::moment_of(&fields).unwrap_or(0));
        (kind.name, kind.offset)
    });
    let text = civil::format(&format, &fields, (&name, offset));
    str_::new(ctx, &text)
}

/// What the module says of the local zone.
fn add_zone(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    zone::read_again();
    let (standard, other) = zone::usual(clock::realtime().div_euclid(1_000_000_000));
    let names = vec![
        str_::new(ctx, &standard.name)?,
        str_::new(ctx, &other.name)?,
    ];
    let names = tuple::from_vec(ctx, names)?;
    let values = [
        ("tzname", names),
        ("timezone", Obj::small_int(-standard.offset)),
        ("altzone", Obj::small_int(-other.offset)),
        (
            "daylight",
            Obj::small_int((standard.offset != other.offset).into()),
        ),
    ];
    for (name, value) in values {
        support::add(ctx, module, name, value)?;
    }
    Ok(())
}

fn tzset(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    if let Some(module) = super::import::loaded(ctx, "time")? {
        add_zone(ctx, &module)?;
    }
    Ok(Obj::NONE)
}

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    super::natives::add_numbers(ctx, module, clocks::NUMBERS)?;
    add_zone(ctx, module)?;
    let class = struct_class::class(ctx, &STRUCT_TIME)?;
    support::add(ctx, module, "struct_time", class)
}

/// `time`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "time",
    functions: &[
        method("time", Native::FN(0, 0, time)),
        method("time_ns", Native::FN(0, 0, time_ns)),
        method("monotonic", Native::FN(0, 0, monotonic)),
        method("monotonic_ns", Native::FN(0, 0, monotonic_ns)),
        method("perf_counter", Native::FN(0, 0, perf_counter)),
        method("perf_counter_ns", Native::FN(0, 0, perf_counter_ns)),
        method("process_time", Native::FN(0, 0, process_time)),
        method("process_time_ns", Native::FN(0, 0, process_time_ns)),
        method("thread_time", Native::FN(0, 0, thread_time)),
        method("thread_time_ns", Native::FN(0, 0, thread_time_ns)),
        method("get_clock_info", Native::F1(clock_info)),
        method("sleep", Native::F1(sleep)),
        method("gmtime", Native::FN(0, 1, gmtime)),
        method("localtime", Native::FN(0, 1, localtime)),
        method("mktime", Native::F1(mktime)),
        method("asctime", Native::FN(0, 1, asctime)),
        method("ctime", Native::FN(0, 1, ctime)),
        method("strftime", Native::FN(1, 2, strftime)),
        method("tzset", Native::FN(0, 0, tzset)),
        method("strptime", Native::F(clocks::strptime)),
        method("get_clock_info", Native::F1(clocks::info)),
        method(
            "pthread_getcpuclockid",
            Native::FN(0, ANY, clocks::getcpuclockid),
        ),
        method("clock_gettime", Native::F1(clocks::gettime)),
        method("clock_gettime_ns", Native::F1(clocks::gettime_ns)),
        method("clock_getres", Native::F1(clocks::getres)),
        method("clock_settime", Native::FN(2, 2, clocks::settime)),
        method("clock_settime_ns", Native::FN(2, 2, clocks::settime_ns)),
    ],
    types: &[],
    populate,
    doc: "Clocks, sleeping and dates.",
};
