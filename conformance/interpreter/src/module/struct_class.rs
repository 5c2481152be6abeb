//! Classes of tuples with named fields, some of them beyond the tuple: `os.stat_result` and its like.
//!
//! What is beyond is in member slots without names. The fields are descriptors in the class ([`descriptor::new_item`]).

use super::natives::Natives;
use super::support;
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::create;
use crate::object::type_::{type_object, type_of};
use crate::object::{descriptor, ids, instance, protocol, str_};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// One of these classes.
pub struct Kind {
    /// Its module.
    pub module: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The names of the tuple's items; empty for those without.
    pub fields: &'static [&'static str],
    /// The names beyond.
    pub hidden: &'static [&'static str],
    /// Where it is kept.
    pub place: fn(&Natives) -> &Root,
}

impl Kind {
    /// Module and name, as messages have them.
    fn full_name(&self) -> String {
        match self.module {
            "builtins" => self.name.into(),
            module => format!("{module}.{}", self.name),
        }
    }
}

/// All of them.
static KINDS: &[&Kind] = &[
    &super::posix::stat::STAT_RESULT,
    &super::posix::stat::STATVFS_RESULT,
    &super::posix::system::TERMINAL_SIZE,
    &super::posix::system::UNAME_RESULT,
    &super::posix::system::TIMES_RESULT,
    &super::posix::schedule::SCHED_PARAM,
    &super::posix::fork::WAITID_RESULT,
    &super::resource::USAGE,
    &crate::vm::report::UNRAISABLE,
    &super::signal::SIGINFO,
    &super::accounts::PASSWD,
    &super::accounts::GROUP,
    &super::threading::hook::EXCEPT_HOOK_ARGS,
    &super::kit::HEADER,
    &super::sys::FLAGS,
    &super::sys::FLOAT_INFO,
    &super::sys::HASH_INFO,
    &super::sys::HOOKS,
    &super::sys::INT_INFO,
    &super::sys::THREAD_INFO,
    &super::sys::VERSION_INFO,
    &super::time::STRUCT_TIME,
];

const METHODS: &[Method] = &[
    method("__new__", Native::F(new)),
    method("__repr__", Native::M0(repr)),
    method("__reduce__", Native::M0(reduce)),
    method("__replace__", Native::MA(replace)),
];

/// The class, made when it is first needed.
pub fn class(ctx: &mut Ctx, kind: &'static Kind) -> PyResult {
    let root = (kind.place)(&rt(ctx).library.natives);
    if let Some(class) = root.get() {
        return Ok(class.clone());
    }
    let visible: Vec<Obj> = kind
        .fields
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| str_::intern(ctx, name))
        .collect();
    let unnamed = kind.fields.len() - visible.len();
    let all = kind.fields.len() + kind.hidden.len();
    let space = dict::new(ctx)?;
    for (name, value) in [
        ("__module__", str_::intern(ctx, kind.module)),
        ("__match_args__", tuple::from_items(ctx, visible)?),
        ("n_fields", Obj::small_int(all as i64)),
        (
            "n_sequence_fields",
            Obj::small_int(kind.fields.len() as i64),
        ),
        ("n_unnamed_fields", Obj::small_int(unnamed as i64)),
    ] {
        let name = str_::intern(ctx, name);
        space.expect::<PyDict>().set_name(ctx, &name, value)?;
    }
    let name = str_::intern(ctx, kind.name);
    let base = type_object(ctx, ids::TUPLE);
    let class = create::closed(ctx, &name, base, &space, kind.hidden.len())?;
    for (index, name) in kind.fields.iter().chain(kind.hidden).enumerate() {
        if !name.is_empty() {
            let name = str_::intern(ctx, name);
            let field = descriptor::new_item(ctx, &name, &class, index)?;
            protocol::setattr(ctx, &class, &name, Some(&field))?;
        }
    }
    for method in METHODS {
        let name = str_::intern(ctx, method.name);
        let value = descriptor::new_method(ctx, method, support::id_of(&class))?;
        protocol::setattr(ctx, &class, &name, Some(&value))?;
    }
    // Another thread may have been faster: its class is the one.
    Ok(root.get_or_init(|| class).clone())
}

/// An instance with these items, as many as the kind has fields, and values beyond.
pub fn make(ctx: &mut Ctx, kind: &'static Kind, items: Vec<Obj>, hidden: Vec<Obj>) -> PyResult {
    let class = class(ctx, kind)?;
    let made = tuple::with_type(ctx, support::id_of(&class), items.into_iter())?;
    for (index, value) in hidden.into_iter().enumerate() {
        if let Some((slot, header)) = instance::member(ctx, &made, index) {
            slot.set(ctx, header, Some(value));
        }
    }
    Ok(made)
}

/// Which of the classes this is.
fn kind_of(ctx: &mut Ctx, class: &Obj) -> PyResult<&'static Kind> {
    let natives = &rt(ctx).library.natives;
    let known = |kind: &&&Kind| {
        (kind.place)(natives)
            .get()
            .is_some_and(|known| known.is(class))
    };
    let found = KINDS.iter().find(known);
    match found {
        Some(kind) => Ok(kind),
        None => Err(raise!(
            ctx,
            TypeError,
            "a class with named fields is needed"
        )),
    }
}

fn new(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let Some((class, rest)) = args.pos.split_first() else {
        return Err(raise!(ctx, TypeError, "__new__(): not enough arguments"));
    };
    let kind = kind_of(ctx, class)?;
    if kind.module == "sys" && matches!(kind.name, "flags" | "version_info") {
        let name = kind.name;
        return Err(raise!(
            ctx,
            TypeError,
            "cannot create 'sys.{name}' instances"
        ));
    }
    if kind.name == "sched_param" {
        // A number, not a sequence of one.
        static SIGNATURE: Signature = Signature {
            name: "sched_param",
            params: &["sched_priority"],
            posonly: 0,
            positional: 1,
            required: 1,
        };
        let given = Args {
            pos: rest,
            names: args.names,
            values: args.values,
        };
        let [priority] = given.bind(ctx, &SIGNATURE)?;
        let priority = priority.cloned().unwrap_or(Obj::NONE);
        return tuple::with_type(ctx, support::id_of(class), [priority].into_iter());
    }
    let signature = Signature {
        name: "structseq",
        params: &["sequence", "dict"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let rest = Args {
        pos: rest,
        names: args.names,
        values: args.values,
    };
    let [items, more] = rest.bind(ctx, &signature)?;
    let items = items.unwrap_or(Obj::none());
    let slots = type_of(ctx, items).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() {
        return Err(raise!(ctx, TypeError, "constructor requires a sequence"));
    }
    if more.is_some_and(|more| more.downcast::<PyDict>().is_none()) {
        let name = kind.full_name();
        return Err(raise!(
            ctx,
            TypeError,
            "{name}() takes a dict as second arg, if any"
        ));
    }
    let mut items = protocol::collect(ctx, items)?;
    let (least, most) = (kind.fields.len(), kind.fields.len() + kind.hidden.len());
    if items.len() < least || items.len() > most {
        let name = kind.full_name();
        let given = items.len();
        let (bound, wanted) = if least == most {
            ("a", least)
        } else if given < least {
            ("an at least", least)
        } else {
            ("an at most", most)
        };
        return Err(raise!(
            ctx,
            TypeError,
            "{name}() takes {bound} {wanted}-sequence ({given}-sequence given)"
        ));
    }
    let beyond = items.split_off(least);
    let mut hidden = Vec::new();
    let mut used = 0;
    for (at, name) in kind.hidden.iter().enumerate() {
        let key = str_::intern(ctx, name);
        let given = match (beyond.get(at), more) {
            (Some(value), _) => Some(value.clone()),
            (None, Some(more)) => {
                let found = more.expect::<PyDict>().get(ctx, &key)?;
                used += usize::from(found.is_some());
                found
            }
            (None, None) => None,
        };
        hidden.push(given.unwrap_or(Obj::NONE));
    }
    if more.is_some_and(|more| more.expect::<PyDict>().len(ctx) > used) {
        let name = kind.full_name();
        return Err(raise!(
            ctx,
            TypeError,
            "{name}() got duplicate or unexpected field name(s)"
        ));
    }
    // Times of a status may be given as whole seconds only.
    if kind.name == "stat_result" {
        for at in 0..3 {
            if hidden[at].is_none() {
                hidden[at] = items[7 + at].clone();
            }
        }
    }
    make(ctx, kind, items, hidden)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let kind = kind_of(ctx, &class)?;
    let named = kind.fields.iter().chain(kind.hidden);
    let names = named.filter(|name| !name.is_empty());
    let items = x.expect::<PyTuple>().items();
    let mut text = format!("{}(", kind.full_name());
    for (index, (name, item)) in names.zip(items).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
        text.push('=');
        text += &protocol::repr_string(ctx, item)?;
    }
    text.push(')');
    str_::new(ctx, &text)
}

fn hidden_of(ctx: &mut Ctx, x: &Obj, kind: &Kind) -> PyResult {
    let values = dict::new(ctx)?;
    for name in kind.hidden {
        let key = str_::intern(ctx, name);
        if let Some(value) = protocol::find_attr(ctx, x, &key)? {
            values.expect::<PyDict>().set(ctx, &key, value)?;
        }
    }
    Ok(values)
}

fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let kind = kind_of(ctx, &class)?;
    let items = tuple::from_slice(ctx, x.expect::<PyTuple>().items())?;
    let args = if kind.name == "sched_param" {
        items
    } else {
        let hidden = hidden_of(ctx, x, kind)?;
        tuple::from_vec(ctx, vec![items, hidden])?
    };
    tuple::from_vec(ctx, vec![class, args])
}

fn replace(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let kind = kind_of(ctx, &class)?;
    if !args.pos.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "__replace__() takes no positional arguments"
        ));
    }
    if kind.fields.contains(&"") {
        let name = kind.full_name();
        return Err(raise!(
            ctx,
            TypeError,
            "__replace__() is not supported for {name} because it has unnamed field(s)"
        ));
    }
    let mut items = x.expect::<PyTuple>().items().to_vec();
    let hidden = hidden_of(ctx, x, kind)?;
    for (name, value) in args.names.iter().zip(args.values) {
        let text = name.expect::<PyStr>().as_str_lossy();
        if let Some(at) = kind.fields.iter().position(|field| *field == text) {
            items[at] = value.clone();
        } else if kind.hidden.contains(&text.as_ref()) {
            hidden.expect::<PyDict>().set(ctx, name, value.clone())?;
        } else {
            return Err(raise!(
                ctx,
                TypeError,
                "Got unexpected field name(s): ['{text}']"
            ));
        }
    }
    if kind.name == "sched_param" {
        return protocol::call(ctx, &class, &items);
    }
    let items = tuple::from_vec(ctx, items)?;
    protocol::call(ctx, &class, &[items, hidden])
}
