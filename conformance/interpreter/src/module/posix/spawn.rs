//! `posix_spawn` and `posix_spawnp`: another program in a new process, at once.

use super::environment;
use super::path::{Also, about, number, path, text_argument};
use super::schedule::parameter;
use super::system::{environment_lines, pointers};
use crate::error::{PyResult, raise};
use crate::module::signal::signals_of;
use crate::module::sys::audit;
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_of;
use crate::object::{int, protocol};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;

const OPEN: i32 = 0;
const CLOSE: i32 = 1;
const DUP2: i32 = 2;
const CLOSE_FROM: i32 = 3;

/// Names of numbers.
pub const NUMBERS: &[(&str, i64)] = &[
    ("POSIX_SPAWN_OPEN", OPEN as i64),
    ("POSIX_SPAWN_CLOSE", CLOSE as i64),
    ("POSIX_SPAWN_DUP2", DUP2 as i64),
    ("POSIX_SPAWN_CLOSEFROM", CLOSE_FROM as i64),
];

/// Raises the error that a function of the library returns.
fn checked(ctx: &mut Ctx, code: i32) -> PyResult<()> {
    if code == 0 {
        return Ok(());
    }
    let error = io::Error::from_raw_os_error(code);
    Err(crate::object::exception::os::raise_os_error(
        ctx, &error, None,
    ))
}

/// What the new process does with its files first.
struct Actions {
    list: libc::posix_spawn_file_actions_t,
    /// What `list` points to.
    paths: Vec<CString>,
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and taken apart once.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.list) };
    }
}

impl Actions {
    fn new(ctx: &mut Ctx, given: Option<&Obj>) -> PyResult<Actions> {
        let mut list = MaybeUninit::zeroed();
        // SAFETY: makes a list in the place; if it could not, nothing is used of it.
        let list = unsafe {
            checked(ctx, libc::posix_spawn_file_actions_init(list.as_mut_ptr()))?;
            list.assume_init()
        };
        let paths = Vec::new();
        let mut actions = Actions { list, paths };
        if let Some(given) = given.filter(|given| !given.is_none()) {
            let refusal = "file_actions must be a sequence or None";
            for action in protocol::collect_or(ctx, given, refusal)? {
                actions.add(ctx, &action)?;
            }
        }
        Ok(actions)
    }

    fn add(&mut self, ctx: &mut Ctx, action: &Obj) -> PyResult<()> {
        let items = action.downcast::<PyTuple>().map(|items| items.items());
        let Some((kind, args)) = items.and_then(|items| items.split_first()) else {
            return Err(raise!(
                ctx,
                TypeError,
                "Each file_actions element must be a non-empty tuple"
            ));
        };
        let kind = protocol::c_int(ctx, kind)?;
        let (name, wanted) = match kind {
            OPEN => ("open", 4),
            CLOSE => ("close", 1),
            DUP2 => ("dup2", 2),
            CLOSE_FROM => ("closefrom", 1),
            _ => {
                return Err(raise!(ctx, TypeError, "Unknown file_actions identifier"));
            }
        };
        let not_a_number = |x: &Obj| int::view(x).is_none();
        if args.len() != wanted || kind == OPEN && not_a_number(&args[3]) {
            return Err(raise!(
                ctx,
                TypeError,
                "A {name} file_action tuple must have {} elements",
                wanted + 1
            ));
        }
        let fd = protocol::c_int(ctx, &args[0])?;
        let code = match kind {
            OPEN => {
                let path = text_argument(ctx, &args[1])?;
                let flags = protocol::c_int(ctx, &args[2])?;
                let mode = super::path::low_bits(ctx, &args[3])?;
                let text = path.as_ptr();
                self.paths.push(path);
                // SAFETY: a text, kept for as long as the list.
                unsafe {
                    libc::posix_spawn_file_actions_addopen(&mut self.list, fd, text, flags, mode)
                }
            }
            DUP2 => {
                let to = protocol::c_int(ctx, &args[1])?;
                // SAFETY: takes numbers only.
                unsafe { libc::posix_spawn_file_actions_adddup2(&mut self.list, fd, to) }
            }
            // SAFETY: takes numbers only.
            CLOSE => unsafe { libc::posix_spawn_file_actions_addclose(&mut self.list, fd) },
            // SAFETY: as above.
            _ => unsafe { libc::posix_spawn_file_actions_addclosefrom_np(&mut self.list, fd) },
        };
        checked(ctx, code)
    }
}

/// What the new process is like.
struct Attributes(libc::posix_spawnattr_t);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and taken apart once.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

impl Attributes {
    /// Those that the arguments `setpgroup`, `resetids`, `setsid`, `setsigmask`, `setsigdef` and `scheduler` say.
    fn new(ctx: &mut Ctx, given: [Option<&Obj>; 6]) -> PyResult<Attributes> {
        let mut place = MaybeUninit::zeroed();
        // SAFETY: makes attributes in the place; if it could not, nothing is used of it.
        let mut made = unsafe {
            checked(ctx, libc::posix_spawnattr_init(place.as_mut_ptr()))?;
            Attributes(place.assume_init())
        };
        let [group, reset, session, mask, defaults, scheduler] = given;
        let mut flags = 0;
        if let Some(group) = group.filter(|group| !group.is_none()) {
            let group = number(ctx, group)?;
            // SAFETY: takes a number only.
            checked(ctx, unsafe {
                libc::posix_spawnattr_setpgroup(&mut made.0, group)
            })?;
            flags |= libc::POSIX_SPAWN_SETPGROUP;
        }
        if super::path::truth(ctx, reset, false)? {
            flags |= libc::POSIX_SPAWN_RESETIDS;
        }
        if super::path::truth(ctx, session, false)? {
            flags |= i32::from(libc::POSIX_SPAWN_SETSID);
        }
        if let Some(mask) = mask {
            let mask = signals_of(ctx, mask)?;
            // SAFETY: a set.
            checked(ctx, unsafe {
                libc::posix_spawnattr_setsigmask(&mut made.0, &mask)
            })?;
            flags |= libc::POSIX_SPAWN_SETSIGMASK;
        }
        if let Some(defaults) = defaults {
            let defaults = signals_of(ctx, defaults)?;
            // SAFETY: a set.
            checked(ctx, unsafe {
                libc::posix_spawnattr_setsigdefault(&mut made.0, &defaults)
            })?;
            flags |= libc::POSIX_SPAWN_SETSIGDEF;
        }
        if let Some(scheduler) = scheduler.filter(|scheduler| !scheduler.is_none()) {
            let items = scheduler.downcast::<PyTuple>().map(|items| items.items());
            let Some(items) = items else {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "posix_spawn: scheduler must be a tuple or None"
                ));
            };
            let [policy, priority] = items else {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "A scheduler tuple must have two elements"
                ));
            };
            if !policy.is_none() {
                let policy = protocol::c_int(ctx, policy)?;
                // SAFETY: takes a number only.
                checked(ctx, unsafe {
                    libc::posix_spawnattr_setschedpolicy(&mut made.0, policy)
                })?;
                flags |= libc::POSIX_SPAWN_SETSCHEDULER;
            }
            let priority = parameter(ctx, priority)?;
            // SAFETY: a parameter.
            checked(ctx, unsafe {
                libc::posix_spawnattr_setschedparam(&mut made.0, &priority)
            })?;
            flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
        }
        // SAFETY: takes a number only.
        checked(ctx, unsafe {
            libc::posix_spawnattr_setflags(&mut made.0, flags as libc::c_short)
        })?;
        Ok(made)
    }
}

fn spawn(ctx: &mut Ctx, args: Args<'_>, search: bool) -> PyResult {
    let name = if search {
        "posix_spawnp"
    } else {
        "posix_spawn"
    };
    let signature = Signature {
        name,
        params: &[
            "path",
            "argv",
            "env",
            "file_actions",
            "setpgroup",
            "resetids",
            "setsid",
            "setsigmask",
            "setsigdef",
            "scheduler",
        ],
        posonly: 3,
        positional: 3,
        required: 3,
    };
    let [program, words, variables, actions, rest @ ..] = args.bind::<10>(ctx, &signature)?;
    let none = Obj::none();
    let (words, variables) = (words.unwrap_or(none), variables.unwrap_or(none));
    let program = path(ctx, program.unwrap_or(none), name, "path", Also::Nothing)?;
    audit::event(ctx, "os.posix_spawn", |_| {
        Ok([&program.object, words, variables].map(Obj::clone).into())
    })?;
    if words.downcast::<PyList>().is_none() && words.downcast::<PyTuple>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "{name}: argv must be a tuple or list"
        ));
    }
    let words = protocol::collect(ctx, words)?;
    if words.is_empty() {
        return Err(raise!(ctx, ValueError, "{name}: argv must not be empty"));
    }
    if !variables.is_none() && type_of(ctx, variables).slots(ctx).getitem.is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "{name}: environment must be a mapping object or None"
        ));
    }
    let mut texts = Vec::new();
    for word in &words {
        texts.push(text_argument(ctx, word)?);
    }
    if texts[0].is_empty() {
        return Err(raise!(
            ctx,
            ValueError,
            "{name}: argv first element cannot be empty"
        ));
    }
    let lines = match variables.is_none() {
        true => environment::lines(),
        false => environment_lines(ctx, variables)?,
    };
    let actions = Actions::new(ctx, actions)?;
    let attributes = Attributes::new(ctx, rest)?;
    let (texts, lines) = (pointers(&texts), pointers(&lines));
    let mut pid = 0;
    let code = rt(ctx).kit.detached(ctx, || {
        let (file, list, like) = (program.ptr(), &actions.list, &attributes.0);
        let (texts, lines) = (texts.as_ptr().cast(), lines.as_ptr().cast());
        // It looks for `PATH`.
        let _lock = search.then(environment::lock);
        // SAFETY: a text, lists, attributes, and lists of texts that end with null, which are only looked at.
        unsafe {
            if search {
                libc::posix_spawnp(&mut pid, file, list, like, texts, lines)
            } else {
                libc::posix_spawn(&mut pid, file, list, like, texts, lines)
            }
        }
    });
    if code != 0 {
        let error = io::Error::from_raw_os_error(code);
        return Err(about(ctx, &error, &program));
    }
    int::from_i64(ctx, pid.into())
}

/// The functions.
pub const FUNCTIONS: &[Method] = &[
    method(
        "posix_spawn",
        Native::F(|ctx, args| spawn(ctx, args, false)),
    ),
    method(
        "posix_spawnp",
        Native::F(|ctx, args| spawn(ctx, args, true)),
    ),
];
