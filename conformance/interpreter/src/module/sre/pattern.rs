//! `re.Pattern`.

use super::matched;
use super::matcher::Extent;
use super::program::Program;
use super::text::Text;
use super::{replace, scanner};
use crate::error::{PyResult, raise};
use crate::object::args::{Args, Signature};
use crate::object::bytes_like;
use crate::object::define::{Native, TypeDef, flag, getter, member, method};
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::{Comparison, Slots};
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::{dict, generic_alias, ids, int, list, mapping_proxy, protocol};
use crate::vm::thread::rt;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A compiled pattern.
pub struct Pattern {
    pub(super) program: Program,
    /// Whether it is for str, or bytes; `None` for one that was not made of text.
    pub(super) is_str: Option<bool>,
    pub(super) source: Obj,
    pub(super) flags: i64,
    /// A dict of the names of groups.
    pub(super) names: Obj,
    /// The names by number: a tuple.
    pub(super) by_number: Obj,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for Pattern {
    const ID: u32 = ids::SRE_PATTERN;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "re.Pattern";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [&self.source, &self.names, &self.by_number] {
            tracer.word(value.word());
        }
    }
}

/// `compile(pattern, flags, code, groups, groupindex, indexgroup)`.
pub(super) fn compile(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "compile",
        params: &[
            "pattern",
            "flags",
            "code",
            "groups",
            "groupindex",
            "indexgroup",
        ],
        posonly: 0,
        positional: 6,
        required: 6,
    };
    let [
        Some(source),
        Some(flags),
        Some(code),
        Some(groups),
        Some(names),
        Some(by_number),
    ] = args.bind(ctx, &SIGNATURE)?
    else {
        return Ok(Obj::NONE);
    };
    let flags = protocol::index_i64(ctx, flags, None)?;
    let groups = protocol::index_i64(ctx, groups, None)?;
    let mut words = Vec::new();
    for word in protocol::collect(ctx, code)? {
        let Ok(word) = u32::try_from(protocol::index_i64(ctx, &word, None)?) else {
            return Err(raise!(
                ctx,
                OverflowError,
                "regular expression code size limit exceeded"
            ));
        };
        words.push(word);
    }
    if names.downcast::<PyDict>().is_none() || by_number.downcast::<PyTuple>().is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "compile() needs a dict and a tuple of names"
        ));
    }
    let is_str = if source.is_none() {
        None
    } else {
        Some(Text::of(ctx, source)?.is_str)
    };
    words.shrink_to_fit();
    let program = usize::try_from(groups)
        .ok()
        .and_then(|groups| Program::new(words, groups));
    let Some(program) = program else {
        return Err(raise!(ctx, RuntimeError, "invalid SRE code"));
    };
    let pattern = Pattern {
        program,
        is_str,
        source: source.clone(),
        flags,
        names: names.clone(),
        by_number: by_number.clone(),
    };
    payload::new(ctx, pattern)
}

/// Arguments `string, pos=0, endpos=sys.maxsize`.
fn span_signature(name: &'static str) -> Signature {
    Signature {
        name,
        params: &["string", "pos", "endpos"],
        posonly: 0,
        positional: 3,
        required: 1,
    }
}

/// Binds the arguments of a method that looks through a part of a string: the string, and the part's bounds.
fn part<'a>(
    ctx: &mut Ctx,
    name: &'static str,
    pattern: &Obj,
    args: Args<'a>,
) -> PyResult<(&'a Obj, Text<'a>, usize, usize)> {
    let [string, pos, endpos] = args.bind(ctx, &span_signature(name))?;
    let string = string.unwrap_or(Obj::none());
    let pos = match pos {
        Some(pos) => protocol::c_ssize(ctx, pos)?,
        None => 0,
    };
    let endpos = match endpos {
        Some(endpos) => protocol::c_ssize(ctx, endpos)?,
        None => i64::MAX,
    };
    let text = Text::for_pattern(ctx, pattern.expect::<Pattern>(), string)?;
    let (start, end) = (text.offset(pos), text.offset(endpos));
    Ok((string, text, start, end))
}

/// The match, as an object or None.
fn answer(
    ctx: &mut Ctx,
    pattern: &Obj,
    string: &Obj,
    bounds: (usize, usize),
    found: Option<super::matcher::Found>,
) -> PyResult {
    match found {
        Some(found) => matched::new(ctx, pattern, string, bounds, found),
        None => Ok(Obj::NONE),
    }
}

fn match_(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let (string, text, start, end) = part(ctx, "match", x, args)?;
    let pattern = x.expect::<Pattern>();
    let found = text.match_at(ctx, pattern, start, end, Extent::Free)?;
    answer(ctx, x, string, (start, end), found)
}

fn fullmatch(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let (string, text, start, end) = part(ctx, "fullmatch", x, args)?;
    let pattern = x.expect::<Pattern>();
    let found = text.match_at(ctx, pattern, start, end, Extent::Whole)?;
    answer(ctx, x, string, (start, end), found)
}

fn search(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let (string, text, start, end) = part(ctx, "search", x, args)?;
    let pattern = x.expect::<Pattern>();
    let found = text.search(ctx, pattern, start, end, Extent::Free)?;
    answer(ctx, x, string, (start, end), found)
}

fn findall(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let (_, text, start, end) = part(ctx, "findall", x, args)?;
    let pattern = x.expect::<Pattern>();
    let mut all = Vec::new();
    text.each(ctx, pattern, start, end, |ctx, found| {
        let mut items = Vec::new();
        let groups = if pattern.program.groups == 0 { 0 } else { 1 };
        for group in found.marks.chunks_exact(2).skip(groups) {
            items.push(if group[0] == super::matcher::UNSET {
                text.empty(ctx)?
            } else {
                text.part(ctx, group[0], group[1])?
            });
        }
        let item = match items.len() {
            1 => items.remove(0),
            _ => tuple::from_vec(ctx, items)?,
        };
        crate::vm::outside::push(ctx, &mut all, item)?;
        Ok(true)
    })?;
    list::from_vec(ctx, all)
}

fn new_scanner(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let (string, text, start, end) = part(ctx, "scanner", x, args)?;
    let end = if end == text.bytes.len() {
        usize::MAX
    } else {
        end
    };
    scanner::new(ctx, x, string, start, end)
}

fn finditer(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let scanner = new_scanner(ctx, x, args)?;
    let search = protocol::getattr_str(ctx, &scanner, "search")?;
    crate::object::iterator::callable(ctx, &search, &Obj::NONE)
}

/// The number of a group, given by number or name.
pub(super) fn group_number(ctx: &mut Ctx, pattern: &Pattern, group: &Obj) -> PyResult<usize> {
    let given = match group.as_small_int() {
        Some(number) => Some(number),
        None if int::view(group).is_some() => int::to_i64(group),
        None => {
            let names = pattern.names.expect::<PyDict>();
            // Whatever cannot be a key is no group's name.
            let found = if protocol::hash(ctx, group).is_ok() {
                names.get(ctx, group)?
            } else {
                crate::vm::thread::py(ctx).raised = None;
                None
            };
            match found {
                Some(number) => int::to_i64(&number),
                None if type_has_index(ctx, group) => {
                    Some(protocol::index_i64(ctx, group, Some(class::IndexError))?)
                }
                None => None,
            }
        }
    };
    match given.and_then(|given| usize::try_from(given).ok()) {
        Some(number) if number <= pattern.program.groups => Ok(number),
        _ => Err(raise!(ctx, IndexError, "no such group")),
    }
}

fn type_has_index(ctx: &Ctx, x: &Obj) -> bool {
    crate::object::type_::type_of(ctx, x)
        .slots(ctx)
        .index
        .is_some()
}

const FLAGS: &[(&str, i64)] = &[
    ("re.IGNORECASE", 2),
    ("re.LOCALE", 4),
    ("re.MULTILINE", 8),
    ("re.DOTALL", 16),
    ("re.UNICODE", 32),
    ("re.VERBOSE", 64),
    ("re.DEBUG", 128),
    ("re.ASCII", 256),
];

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let pattern = x.expect::<Pattern>();
    let source = protocol::repr_string(ctx, &pattern.source)?;
    let source: String = source.chars().take(200).collect();
    let mut flags = pattern.flags;
    if pattern.is_str == Some(true) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let mut names = Vec::new();
    for (name, bit) in FLAGS {
        if flags & bit != 0 {
            names.push((*name).to_owned());
            flags &= !bit;
        }
    }
    if flags != 0 {
        names.push(format!("{flags:#x}"));
    }
    let comma = if names.is_empty() { "" } else { ", " };
    let names = names.join("|");
    str_::new(ctx, &format!("re.compile({source}{comma}{names})"))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Pattern>(), b.downcast::<Pattern>()) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    if !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let same = a.is(b)
        || x.flags == y.flags
            && x.is_str == y.is_str
            && x.program.code() == y.program.code()
            && protocol::equals(ctx, &x.source, &y.source)?;
    Ok(Obj::bool(same == (op == Comparison::Eq)))
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let pattern = x.expect::<Pattern>();
    let code: Vec<u8> = pattern
        .program
        .code()
        .iter()
        .flat_map(|word| word.to_ne_bytes())
        .collect();
    let source = protocol::hash(ctx, &pattern.source)?;
    let hash = rt(ctx).hash_bytes(&code) ^ source ^ pattern.flags;
    Ok(if hash == -1 { -2 } else { hash })
}

fn groupindex(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let names = x.expect::<Pattern>().names.clone();
    mapping_proxy::of(ctx, names)
}

/// The names of the groups with their numbers.
pub(super) fn named(ctx: &Ctx, pattern: &Pattern) -> Vec<(Obj, Obj)> {
    pattern.names.expect::<dict::PyDict>().items(ctx)
}

/// The name of a group, or None.
pub(super) fn name_of(pattern: &Pattern, group: usize) -> Obj {
    let names = pattern.by_number.expect::<PyTuple>();
    names.items().get(group).cloned().unwrap_or(Obj::NONE)
}

/// Whether a replacement stands for itself.
pub(super) fn is_literal(ctx: &mut Ctx, template: &Obj) -> bool {
    if let Some(text) = template.downcast::<PyStr>() {
        return !text.payload.bytes().contains(&b'\\');
    }
    match bytes_like::expect_buffer(ctx, template) {
        Ok(bytes) => !bytes.contains(&b'\\'),
        Err(raised) => {
            exception::take(ctx, raised);
            false
        }
    }
}

/// `re.Pattern`.
pub(super) static PATTERN: TypeDef = TypeDef {
    id: ids::SRE_PATTERN,
    name: "re.Pattern",
    base: ids::OBJECT,
    layout: ids::SRE_PATTERN,
    kind: &Body::<Pattern>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        compare: Some(compare),
        hash: Some(hash),
        ..Slots::NONE
    },
    methods: &[
        method("match", Native::MA(match_)),
        method("fullmatch", Native::MA(fullmatch)),
        method("search", Native::MA(search)),
        method("findall", Native::MA(findall)),
        method("finditer", Native::MA(finditer)),
        method("scanner", Native::MA(new_scanner)),
        method("sub", Native::MA(replace::sub)),
        method("subn", Native::MA(replace::subn)),
        method("split", Native::MA(replace::split)),
        method("__copy__", Native::M0(|_, x| Ok(x.clone()))),
        method("__deepcopy__", Native::M1(|_, x, _| Ok(x.clone()))),
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
    ],
    getset: &[
        member("pattern", |_, x| Ok(x.expect::<Pattern>().source.clone())),
        member("flags", |ctx, x| {
            int::from_i64(ctx, x.expect::<Pattern>().flags)
        }),
        member("groups", |_, x| {
            Ok(Obj::small_int(x.expect::<Pattern>().program.groups as i64))
        }),
        getter("groupindex", groupindex),
    ],
    doc: "Compiled regular expression object.",
};
