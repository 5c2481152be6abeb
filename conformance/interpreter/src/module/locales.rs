//! `_locale`: how people of a place write numbers, and order their words.
//!
//! The process itself stays in the locale `C`, which nobody can change under another thread's feet: `setlocale` makes a locale object of
//! the system's, which the functions here are called with.

use super::natives::add_numbers;
use super::posix::environment;
use super::posix::path::{number, system_text};
use super::support;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::{int, list};
use crate::vm::outside;
use kit_core::thread::Ctx;
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The categories, in the order in which `LC_ALL` lists them.
const CATEGORIES: [(&str, i32, i32); 12] = [
    ("LC_CTYPE", libc::LC_CTYPE, libc::LC_CTYPE_MASK),
    ("LC_NUMERIC", libc::LC_NUMERIC, libc::LC_NUMERIC_MASK),
    ("LC_TIME", libc::LC_TIME, libc::LC_TIME_MASK),
    ("LC_COLLATE", libc::LC_COLLATE, libc::LC_COLLATE_MASK),
    ("LC_MONETARY", libc::LC_MONETARY, libc::LC_MONETARY_MASK),
    ("LC_MESSAGES", libc::LC_MESSAGES, libc::LC_MESSAGES_MASK),
    ("LC_PAPER", 7, 1 << 7),
    ("LC_NAME", 8, 1 << 8),
    ("LC_ADDRESS", 9, 1 << 9),
    ("LC_TELEPHONE", 10, 1 << 10),
    ("LC_MEASUREMENT", 11, 1 << 11),
    ("LC_IDENTIFICATION", 12, 1 << 12),
];

/// A locale object, and what its categories are called.
struct Locale {
    object: libc::locale_t,
    names: [String; CATEGORIES.len()],
}

// SAFETY: the object belongs to no thread, and is used under the lock.
unsafe impl Send for Locale {}

/// The locale that the process's programs have set; `None` is `C`, but for the encoding of the environment.
static CURRENT: Mutex<Option<Locale>> = Mutex::new(None);

fn current() -> MutexGuard<'static, Option<Locale>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Locale {
    /// The locale with these names, if the system knows them.
    fn new(names: [String; CATEGORIES.len()]) -> Option<Locale> {
        let mut object: libc::locale_t = std::ptr::null_mut();
        for ((_, _, mask), name) in CATEGORIES.iter().zip(&names) {
            let name = CString::new(name.as_str()).ok();
            // SAFETY: it reads the name, and changes or frees the object, or leaves it as it is.
            let next = name.map_or(std::ptr::null_mut(), |name| unsafe {
                libc::newlocale(*mask, name.as_ptr(), object)
            });
            if next.is_null() {
                if !object.is_null() {
                    // SAFETY: made above, and used nowhere.
                    unsafe { libc::freelocale(object) };
                }
                return None;
            }
            object = next;
        }
        Some(Locale { object, names })
    }

    /// The locale at the start.
    fn first() -> Option<Locale> {
        let mut names = [const { String::new() }; CATEGORIES.len()];
        names.fill("C".to_owned());
        let plain = names.clone();
        names[0] = wished("LC_CTYPE");
        Locale::new(names).or_else(|| Locale::new(plain))
    }
}

impl Drop for Locale {
    fn drop(&mut self) {
        // SAFETY: its own object.
        unsafe { libc::freelocale(self.object) };
    }
}

/// What the environment says of a category.
fn wished(category: &str) -> String {
    let mut values = ["LC_ALL", category, "LANG"]
        .into_iter()
        .filter_map(environment::text)
        .filter(|value| !value.is_empty());
    values.next().unwrap_or_else(|| "C".to_owned())
}

/// Works with the locale object.
fn with<R>(work: impl FnOnce(libc::locale_t) -> R) -> Option<R> {
    let mut place = current();
    if place.is_none() {
        *place = Locale::first();
    }
    place.as_ref().map(|locale| work(locale.object))
}

fn setlocale(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "setlocale",
        params: &["category", "locale"],
        posonly: 2,
        positional: 2,
        required: 1,
    };
    let [category, wanted] = args.bind(ctx, &SIGNATURE)?;
    let category = number(ctx, category.unwrap_or(Obj::none()))?;
    let index = CATEGORIES.iter().position(|(_, id, _)| *id == category);
    if index.is_none() && category != libc::LC_ALL {
        return Err(failed(ctx, "invalid locale category"));
    }
    let wanted = match wanted.filter(|wanted| !wanted.is_none()) {
        Some(wanted) => {
            str_::expect_text(ctx, wanted, "setlocale() argument 2")?;
            Some(wanted.expect::<PyStr>().as_str_lossy().into_owned())
        }
        None => None,
    };
    let name = {
        let mut place = current();
        if place.is_none() {
            *place = Locale::first();
        }
        let Some(locale) = place.as_mut() else {
            drop(place);
            return Err(failed(ctx, "locale query failed"));
        };
        let changed = wanted.and_then(|wanted| names_of(&locale.names, index, &wanted));
        match changed {
            None if args.pos.get(1).is_none_or(Obj::is_none) => Some(shown(&locale.names, index)),
            None => None,
            Some(names) => Locale::new(names).map(|new| {
                *locale = new;
                shown(&locale.names, index)
            }),
        }
    };
    match name {
        Some(name) => str_::new(ctx, &name),
        None => Err(failed(ctx, "unsupported locale setting")),
    }
}

/// The names of all categories when one of them, or all, get the wanted one.
fn names_of(
    old: &[String; CATEGORIES.len()],
    index: Option<usize>,
    wanted: &str,
) -> Option<[String; CATEGORIES.len()]> {
    let mut names = old.clone();
    for (at, (category, ..)) in CATEGORIES.iter().enumerate() {
        if index.is_some_and(|index| index != at) {
            continue;
        }
        names[at] = if wanted.is_empty() {
            wished(category)
        } else if wanted.contains(';') {
            // As `LC_ALL` lists them.
            let mut parts = wanted.split(';').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| name == category)?.1.to_owned()
        } else if wanted == "POSIX" {
            "C".to_owned()
        } else {
            wanted.to_owned()
        };
    }
    Some(names)
}

fn shown(names: &[String; CATEGORIES.len()], index: Option<usize>) -> String {
    if let Some(index) = index {
        return names[index].clone();
    }
    if names.iter().all(|name| *name == names[0]) {
        return names[0].clone();
    }
    let parts = CATEGORIES.iter().zip(names);
    let parts: Vec<String> = parts
        .map(|((category, ..), name)| format!("{category}={name}"))
        .collect();
    parts.join(";")
}

fn error_class(ctx: &mut Ctx) -> PyResult {
    super::natives::exception_class(
        ctx,
        |n| &n.locale_error,
        "locale",
        "Error",
        class::Exception,
    )
}

#[cold]
fn failed(ctx: &mut Ctx, message: &str) -> crate::error::Raised {
    let class = error_class(ctx);
    super::natives::raise_of(ctx, class, message)
}

/// Texts and numbers by their names.
type Conventions = (Vec<(&'static str, Vec<u8>)>, Vec<(&'static str, c_char)>);

/// What `localeconv` says, copied while nobody changes it.
fn conventions() -> Option<Conventions> {
    with(|object| {
        // SAFETY: the object stays while the lock is held; this thread gets its own locale back; what `localeconv` refers to is
        // copied before.
        unsafe {
            let before = libc::uselocale(object);
            let found = &*libc::localeconv();
            let text = |place: *const c_char| CStr::from_ptr(place).to_bytes().to_vec();
            let texts = vec![
                ("decimal_point", text(found.decimal_point)),
                ("thousands_sep", text(found.thousands_sep)),
                ("grouping", text(found.grouping)),
                ("int_curr_symbol", text(found.int_curr_symbol)),
                ("currency_symbol", text(found.currency_symbol)),
                ("mon_decimal_point", text(found.mon_decimal_point)),
                ("mon_thousands_sep", text(found.mon_thousands_sep)),
                ("mon_grouping", text(found.mon_grouping)),
                ("positive_sign", text(found.positive_sign)),
                ("negative_sign", text(found.negative_sign)),
            ];
            let numbers = vec![
                ("int_frac_digits", found.int_frac_digits),
                ("frac_digits", found.frac_digits),
                ("p_cs_precedes", found.p_cs_precedes),
                ("p_sep_by_space", found.p_sep_by_space),
                ("n_cs_precedes", found.n_cs_precedes),
                ("n_sep_by_space", found.n_sep_by_space),
                ("p_sign_posn", found.p_sign_posn),
                ("n_sign_posn", found.n_sign_posn),
            ];
            libc::uselocale(before);
            (texts, numbers)
        }
    })
}

fn localeconv(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let result = dict::new(ctx)?;
    let (texts, numbers) = conventions().unwrap_or_default();
    for (name, text) in texts {
        let value = if name.ends_with("grouping") {
            // Sizes of groups; a last one of 0 says that they go on, `CHAR_MAX` that they do not.
            let mut sizes: Vec<Obj> = text
                .iter()
                .map(|size| Obj::small_int((*size).into()))
                .collect();
            if text.last().is_some_and(|last| *last != 127) {
                sizes.push(Obj::small_int(0));
            }
            list::from_vec(ctx, sizes)?
        } else {
            system_text(ctx, &text)?
        };
        let name = str_::intern(ctx, name);
        result.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    for (name, number) in numbers {
        let name = str_::intern(ctx, name);
        let number = Obj::small_int(number.into());
        result.expect::<PyDict>().set_name(ctx, &name, number)?;
    }
    Ok(result)
}

/// A text for the system.
fn text_of(ctx: &mut Ctx, value: &Obj, what: &str) -> PyResult<CString> {
    str_::expect_text(ctx, value, what)?;
    let data = super::posix::path::system_bytes(ctx, value)?;
    CString::new(data).map_err(|_| raise!(ctx, ValueError, "embedded null character"))
}

fn strcoll(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let a = text_of(ctx, &args[0], "strcoll() argument 1")?;
    let b = text_of(ctx, &args[1], "strcoll() argument 2")?;
    // SAFETY: it reads the texts; the object stays while the lock is held.
    let order = with(|object| unsafe { strcoll_l(a.as_ptr(), b.as_ptr(), object) });
    int::from_i64(ctx, order.unwrap_or_else(|| a.cmp(&b) as i32).into())
}

fn strxfrm(ctx: &mut Ctx, text: &Obj) -> PyResult {
    let text = text_of(ctx, text, "strxfrm() argument")?;
    outside::room(ctx, text.as_bytes().len().saturating_mul(8))?;
    let transformed = with(|object| {
        // SAFETY: it writes nothing where there is no room.
        let len = unsafe { strxfrm_l(std::ptr::null_mut(), text.as_ptr(), 0, object) };
        let mut room = vec![0_u8; len + 1];
        // SAFETY: it writes as much as there is room for.
        unsafe { strxfrm_l(room.as_mut_ptr().cast(), text.as_ptr(), room.len(), object) };
        room.truncate(len);
        room
    });
    // Each byte is a character: they compare as the bytes do, which need not be text.
    let points = transformed.unwrap_or_else(|| text.as_bytes().to_vec());
    let points = points.iter().map(|byte| u32::from(*byte)).collect();
    str_::from_buf(ctx, points)
}

unsafe extern "C" {
    fn strcoll_l(a: *const c_char, b: *const c_char, locale: libc::locale_t) -> libc::c_int;
    fn strxfrm_l(
        into: *mut c_char,
        from: *const c_char,
        room: usize,
        locale: libc::locale_t,
    ) -> usize;
}

fn nl_langinfo(ctx: &mut Ctx, key: &Obj) -> PyResult {
    let key = number(ctx, key)?;
    if !ITEMS.iter().any(|(_, item)| *item == i64::from(key)) {
        return Err(raise!(ctx, ValueError, "unsupported langinfo constant"));
    }
    let found = with(|object| {
        // SAFETY: a known key; the text stays while the object does.
        unsafe { CStr::from_ptr(libc::nl_langinfo_l(key, object)) }
            .to_bytes()
            .to_vec()
    });
    system_text(ctx, &found.unwrap_or_default())
}

fn getencoding(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let found = with(|object| {
        // SAFETY: as in `nl_langinfo`.
        unsafe { CStr::from_ptr(libc::nl_langinfo_l(libc::CODESET, object)) }
            .to_string_lossy()
            .into_owned()
    });
    let found = found.filter(|name| !name.is_empty());
    str_::new(ctx, found.as_deref().unwrap_or("utf-8"))
}

macro_rules! numbers {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name as i64),)*]
    };
}

const ITEMS: &[(&str, i64)] = numbers! {
    DAY_1 DAY_2 DAY_3 DAY_4 DAY_5 DAY_6 DAY_7 ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5 ABDAY_6 ABDAY_7
    MON_1 MON_2 MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 MON_10 MON_11 MON_12
    ABMON_1 ABMON_2 ABMON_3 ABMON_4 ABMON_5 ABMON_6 ABMON_7 ABMON_8 ABMON_9 ABMON_10 ABMON_11 ABMON_12
    RADIXCHAR THOUSEP YESEXPR NOEXPR CRNCYSTR D_FMT D_T_FMT T_FMT T_FMT_AMPM AM_STR PM_STR CODESET ERA ERA_D_FMT ERA_D_T_FMT
    ERA_T_FMT ALT_DIGITS
};

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let error = error_class(ctx)?;
    support::add(ctx, module, "Error", error)?;
    let categories: Vec<(&str, i64)> = CATEGORIES[..6]
        .iter()
        .map(|(name, id, _)| (*name, i64::from(*id)))
        .collect();
    add_numbers(ctx, module, &categories)?;
    let further = [("LC_ALL", libc::LC_ALL.into()), ("CHAR_MAX", 127)];
    add_numbers(ctx, module, &further)?;
    add_numbers(ctx, module, ITEMS)
}

/// `_locale`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_locale",
    functions: &[
        method("setlocale", Native::F(setlocale)),
        method("localeconv", Native::FN(0, 0, localeconv)),
        method("strcoll", Native::FN(2, 2, strcoll)),
        method("strxfrm", Native::F1(strxfrm)),
        method("nl_langinfo", Native::F1(nl_langinfo)),
        method("getencoding", Native::FN(0, 0, getencoding)),
    ],
    types: &[],
    populate,
    doc: "How people of a place write.",
};
