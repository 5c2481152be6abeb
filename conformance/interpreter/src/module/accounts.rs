//! `pwd` and `grp`: users and groups of the system.

use super::natives::Natives;
use super::struct_class::{self, Kind};
use super::support;
use crate::error::{PyResult, raise};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::{exception, int, list, protocol, str_};
use crate::text::codec::{self, Codec, Errors};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::ffi::{CStr, CString, c_char, c_int};
use std::sync::{Mutex, PoisonError};

/// `pwd.struct_passwd`.
pub static PASSWD: Kind = Kind {
    module: "pwd",
    name: "struct_passwd",
    fields: &[
        "pw_name",
        "pw_passwd",
        "pw_uid",
        "pw_gid",
        "pw_gecos",
        "pw_dir",
        "pw_shell",
    ],
    hidden: &[],
    place: |natives: &Natives| &natives.passwd,
};

/// `grp.struct_group`.
pub static GROUP: Kind = Kind {
    module: "grp",
    name: "struct_group",
    fields: &["gr_name", "gr_passwd", "gr_gid", "gr_mem"],
    hidden: &[],
    place: |natives: &Natives| &natives.group,
};

/// What is known of a user.
struct User {
    texts: [Vec<u8>; 5],
    numbers: [u32; 2],
}

/// What is known of a group.
struct Group {
    name: Vec<u8>,
    password: Vec<u8>,
    number: u32,
    members: Vec<Vec<u8>>,
}

/// The bytes of a text of the system; none for none.
///
/// # Safety
/// - `text` is null, or ends with a zero byte.
unsafe fn bytes(text: *const c_char) -> Vec<u8> {
    if text.is_null() {
        return Vec::new();
    }
    // SAFETY: by the contract.
    unsafe { CStr::from_ptr(text) }.to_bytes().to_vec()
}

/// # Safety
/// - The entry is one that the system has just filled.
unsafe fn user(entry: &libc::passwd) -> User {
    // SAFETY: texts of the system end with a zero byte.
    unsafe {
        User {
            texts: [
                bytes(entry.pw_name),
                bytes(entry.pw_passwd),
                bytes(entry.pw_gecos),
                bytes(entry.pw_dir),
                bytes(entry.pw_shell),
            ],
            numbers: [entry.pw_uid, entry.pw_gid],
        }
    }
}

/// # Safety
/// - As of [`user`].
unsafe fn group(entry: &libc::group) -> Group {
    let mut members = Vec::new();
    let mut at = entry.gr_mem;
    // SAFETY: a list of texts of the system, with a null pointer behind the last.
    unsafe {
        while !at.is_null() && !(*at).is_null() {
            members.push(bytes(*at));
            at = at.add(1);
        }
        Group {
            name: bytes(entry.gr_name),
            password: bytes(entry.gr_passwd),
            number: entry.gr_gid,
            members,
        }
    }
}

/// Asks with a buffer that grows until the answer fits; the error's number when it fails.
fn ask<T, R>(
    mut call: impl FnMut(*mut T, &mut [c_char], *mut *mut T) -> c_int,
    read: unsafe fn(&T) -> R,
) -> Result<Option<R>, c_int> {
    let mut buffer: Vec<c_char> = vec![0; 1 << 10];
    loop {
        let mut entry = std::mem::MaybeUninit::<T>::uninit();
        let mut found = std::ptr::null_mut();
        match call(entry.as_mut_ptr(), &mut buffer, &mut found) {
            libc::ERANGE if buffer.len() < 1 << 24 => buffer.resize(buffer.len() * 2, 0),
            // Names that are nowhere are no error.
            0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM if found.is_null() => {
                return Ok(None);
            }
            // SAFETY: the system found it, and has filled the entry, whose texts are in the buffer.
            0 => return Ok(Some(unsafe { read(&*found) })),
            error => return Err(error),
        }
    }
}

/// Whom to look for.
enum Wanted {
    Name(CString),
    Number(u32),
}

fn find_user(wanted: &Wanted) -> Result<Option<User>, c_int> {
    let call = |entry, buffer: &mut [c_char], found| {
        let (first, len) = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: the entry, the buffer of this length and the pointer are written.
        unsafe {
            match wanted {
                Wanted::Name(name) => libc::getpwnam_r(name.as_ptr(), entry, first, len, found),
                Wanted::Number(id) => libc::getpwuid_r(*id, entry, first, len, found),
            }
        }
    };
    ask(call, user)
}

fn find_group(wanted: &Wanted) -> Result<Option<Group>, c_int> {
    let call = |entry, buffer: &mut [c_char], found| {
        let (first, len) = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: as above.
        unsafe {
            match wanted {
                Wanted::Name(name) => libc::getgrnam_r(name.as_ptr(), entry, first, len, found),
                Wanted::Number(id) => libc::getgrgid_r(*id, entry, first, len, found),
            }
        }
    };
    ask(call, group)
}

/// The list that the system goes through has one place for the whole process.
static LISTED: Mutex<()> = Mutex::new(());

fn all_users() -> Vec<User> {
    let _alone = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut users = Vec::new();
    // SAFETY: nobody else of this program is in the list; an entry is read before the next is asked for.
    unsafe {
        libc::setpwent();
        while let Some(entry) = libc::getpwent().as_ref() {
            users.push(user(entry));
        }
        libc::endpwent();
    }
    users
}

fn all_groups() -> Vec<Group> {
    let _alone = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut groups = Vec::new();
    // SAFETY: as above.
    unsafe {
        libc::setgrent();
        while let Some(entry) = libc::getgrent().as_ref() {
            groups.push(group(entry));
        }
        libc::endgrent();
    }
    groups
}

fn text(ctx: &mut Ctx, bytes: &[u8]) -> PyResult {
    str_::new(ctx, &String::from_utf8_lossy(bytes))
}

fn show_user(ctx: &mut Ctx, user: User) -> PyResult {
    let [name, password, about, home, shell] = user.texts;
    let items = vec![
        text(ctx, &name)?,
        text(ctx, &password)?,
        int::from_i64(ctx, user.numbers[0].into())?,
        int::from_i64(ctx, user.numbers[1].into())?,
        text(ctx, &about)?,
        text(ctx, &home)?,
        text(ctx, &shell)?,
    ];
    struct_class::make(ctx, &PASSWD, items, Vec::new())
}

fn show_group(ctx: &mut Ctx, group: Group) -> PyResult {
    let mut members = Vec::new();
    for member in &group.members {
        members.push(text(ctx, member)?);
    }
    let items = vec![
        text(ctx, &group.name)?,
        text(ctx, &group.password)?,
        int::from_i64(ctx, group.number.into())?,
        list::from_vec(ctx, members)?,
    ];
    struct_class::make(ctx, &GROUP, items, Vec::new())
}

fn by_name(ctx: &mut Ctx, x: &Obj, function: &str) -> PyResult<(Wanted, String)> {
    let Some(name) = str_::text_of(x) else {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "{function}() argument must be str, not {class}"
        ));
    };
    let encoded = match codec::encode(Codec::Utf8, name, Errors::SurrogateEscape) {
        Ok(encoded) => encoded,
        Err(error) => {
            let (start, end) = (error.start, error.end);
            return Err(exception::unicode::raise_encode_error(
                ctx,
                "utf-8",
                x.clone(),
                start,
                end,
                "surrogates not allowed",
            ));
        }
    };
    match CString::new(encoded) {
        Ok(text) => Ok((Wanted::Name(text), protocol::repr_string(ctx, x)?)),
        Err(_) => Err(raise!(ctx, ValueError, "embedded null byte")),
    }
}

/// The number of a user or group; none for one that nobody can have.
fn by_number(ctx: &mut Ctx, x: &Obj, what: &str) -> PyResult<(Option<Wanted>, String)> {
    if crate::object::type_::type_of(ctx, x)
        .slots(ctx)
        .index
        .is_none()
    {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "{what} should be integer, not {class}"
        ));
    }
    let x = protocol::index(ctx, x)?;
    let shown = protocol::repr_string(ctx, &x)?;
    let number = int::to_i64(&x).and_then(|number| u32::try_from(number).ok());
    Ok((number.map(Wanted::Number), shown))
}

/// Looks one up, and shows it.
fn look_up<T: Send>(
    ctx: &mut Ctx,
    wanted: Option<Wanted>,
    find: fn(&Wanted) -> Result<Option<T>, c_int>,
    show: fn(&mut Ctx, T) -> PyResult,
    missing: &str,
) -> PyResult {
    let found = match wanted {
        Some(wanted) => rt(ctx).kit.detached(ctx, || find(&wanted)),
        None => Ok(None),
    };
    match found {
        Ok(Some(found)) => show(ctx, found),
        Ok(None) => Err(raise!(ctx, KeyError, "{missing}")),
        Err(code) => {
            let error = std::io::Error::from_raw_os_error(code);
            Err(exception::os::raise_os_error(ctx, &error, None))
        }
    }
}

fn getpwnam(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (wanted, shown) = by_name(ctx, x, "getpwnam")?;
    let missing = format!("getpwnam(): name not found: {shown}");
    look_up(ctx, Some(wanted), find_user, show_user, &missing)
}

fn getpwuid(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (wanted, shown) = by_number(ctx, x, "uid")?;
    // What is too large for a number of a user is not shown.
    let missing = match wanted {
        None if !shown.starts_with('-') => "getpwuid(): uid not found".to_owned(),
        _ => format!("getpwuid(): uid not found: {shown}"),
    };
    look_up(ctx, wanted, find_user, show_user, &missing)
}

fn getgrnam(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (wanted, shown) = by_name(ctx, x, "getgrnam")?;
    let missing = format!("getgrnam(): name not found: {shown}");
    look_up(ctx, Some(wanted), find_group, show_group, &missing)
}

fn getgrgid(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let (wanted, shown) = by_number(ctx, x, "gid")?;
    if wanted.is_none() && !shown.starts_with('-') {
        return Err(raise!(ctx, OverflowError, "gid is greater than maximum"));
    }
    let missing = format!("getgrgid(): gid not found: {shown}");
    look_up(ctx, wanted, find_group, show_group, &missing)
}

fn getpwall(ctx: &mut Ctx) -> PyResult {
    let found = rt(ctx).kit.detached(ctx, all_users);
    let mut items = Vec::new();
    for user in found {
        items.push(show_user(ctx, user)?);
    }
    list::from_vec(ctx, items)
}

fn getgrall(ctx: &mut Ctx) -> PyResult {
    let found = rt(ctx).kit.detached(ctx, all_groups);
    let mut items = Vec::new();
    for group in found {
        items.push(show_group(ctx, group)?);
    }
    list::from_vec(ctx, items)
}

/// Adds the class of the results.
fn add_class(ctx: &mut Ctx, module: &Obj, kind: &'static Kind) -> PyResult<()> {
    let class = struct_class::class(ctx, kind)?;
    support::add(ctx, module, kind.name, class)
}

/// `pwd`.
pub static PWD: ModuleDef = ModuleDef {
    name: "pwd",
    functions: &[
        method("getpwuid", Native::F1(getpwuid)),
        method("getpwnam", Native::F1(getpwnam)),
        method("getpwall", Native::FN(0, 0, |ctx, _| getpwall(ctx))),
    ],
    types: &[],
    populate: |ctx, module| add_class(ctx, module, &PASSWD),
    doc: "Users of the system.",
};

/// `grp`.
pub static GRP: ModuleDef = ModuleDef {
    name: "grp",
    functions: &[
        method("getgrgid", Native::F1(getgrgid)),
        method("getgrnam", Native::F1(getgrnam)),
        method("getgrall", Native::FN(0, 0, |ctx, _| getgrall(ctx))),
    ],
    types: &[],
    populate: |ctx, module| add_class(ctx, module, &GROUP),
    doc: "Groups of the system.",
};
