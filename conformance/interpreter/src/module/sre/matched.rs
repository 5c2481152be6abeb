//! `re.Match`.

use super::matcher::{Found, UNSET};
use super::pattern::{Pattern, group_number, name_of, named};
use super::replace;
use super::text::Text;
use crate::error::PyResult;
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, member, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::{generic_alias, ids, int, protocol, str_, tuple};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A match.
pub struct Match {
    pub(super) pattern: Obj,
    pub(super) string: Obj,
    /// What was looked through.
    bounds: (usize, usize),
    found: Found,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for Match {
    const ID: u32 = ids::SRE_MATCH;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "re.Match";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.pattern.word());
        tracer.word(self.string.word());
    }
}

/// A match object.
pub(super) fn new(
    ctx: &mut Ctx,
    pattern: &Obj,
    string: &Obj,
    bounds: (usize, usize),
    found: Found,
) -> PyResult {
    let body = Match {
        pattern: pattern.clone(),
        string: string.clone(),
        bounds,
        found,
    };
    payload::new(ctx, body)
}

impl Match {
    fn span_of(&self, group: usize) -> Option<(usize, usize)> {
        let (from, to) = (self.found.marks[group * 2], self.found.marks[group * 2 + 1]);
        (from != UNSET).then_some((from, to))
    }

    fn groups(&self) -> usize {
        self.found.marks.len() / 2
    }

    /// The text of a group, or `default` if it took no part.
    pub(super) fn group(&self, ctx: &mut Ctx, group: usize, default: &Obj) -> PyResult {
        match self.span_of(group) {
            Some((from, to)) => Text::of(ctx, &self.string)?.part(ctx, from, to),
            None => Ok(default.clone()),
        }
    }

    /// Start and end of a group in characters; −1 if it took no part.
    fn span(&self, ctx: &mut Ctx, group: usize) -> PyResult<(Obj, Obj)> {
        let Some((from, to)) = self.span_of(group) else {
            return Ok((Obj::small_int(-1), Obj::small_int(-1)));
        };
        let text = Text::of(ctx, &self.string)?;
        let index = |offset| Obj::small_int(text.index(offset) as i64);
        Ok((index(from), index(to)))
    }
}

fn numbered(ctx: &mut Ctx, x: &Obj, group: &Obj) -> PyResult<usize> {
    let pattern = x.expect::<Match>().pattern.clone();
    group_number(ctx, pattern.expect::<Pattern>(), group)
}

fn group(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let body = x.expect::<Match>();
    match args {
        [] => body.group(ctx, 0, &Obj::NONE),
        [one] => getitem(ctx, x, one),
        several => {
            let mut items = Vec::with_capacity(several.len());
            for group in several {
                items.push(getitem(ctx, x, group)?);
            }
            tuple::from_vec(ctx, items)
        }
    }
}

fn getitem(ctx: &mut Ctx, x: &Obj, group: &Obj) -> PyResult {
    let number = numbered(ctx, x, group)?;
    x.expect::<Match>().group(ctx, number, &Obj::NONE)
}

fn default_of<'a>(ctx: &mut Ctx, name: &'static str, args: Args<'a>) -> PyResult<&'a Obj> {
    let signature = Signature {
        name,
        params: &["default"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [default] = args.bind(ctx, &signature)?;
    Ok(default.unwrap_or(Obj::none()))
}

fn groups(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let default = default_of(ctx, "groups", args)?;
    let body = x.expect::<Match>();
    let items = (1..body.groups()).map(|group| body.group(ctx, group, default));
    let items = items.collect::<PyResult<_>>()?;
    tuple::from_vec(ctx, items)
}

fn groupdict(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let default = default_of(ctx, "groupdict", args)?;
    let body = x.expect::<Match>();
    let result = dict::new(ctx)?;
    for (name, number) in named(ctx, body.pattern.expect::<Pattern>()) {
        let number = int::to_i64(&number).and_then(|n| usize::try_from(n).ok());
        let Some(number) = number.filter(|number| *number < body.groups()) else {
            continue;
        };
        let value = body.group(ctx, number, default)?;
        result.expect::<PyDict>().set(ctx, &name, value)?;
    }
    Ok(result)
}

fn span_argument(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult<(Obj, Obj)> {
    let group = match args.first() {
        Some(group) => numbered(ctx, x, group)?,
        None => 0,
    };
    x.expect::<Match>().span(ctx, group)
}

fn start(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    Ok(span_argument(ctx, x, args)?.0)
}

fn end(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    Ok(span_argument(ctx, x, args)?.1)
}

fn span(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let (start, end) = span_argument(ctx, x, args)?;
    tuple::from_vec(ctx, vec![start, end])
}

fn regs(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<Match>();
    let mut items = Vec::with_capacity(body.groups());
    for group in 0..body.groups() {
        let (start, end) = body.span(ctx, group)?;
        items.push(tuple::from_vec(ctx, vec![start, end])?);
    }
    tuple::from_vec(ctx, items)
}

fn expand(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "expand",
        params: &["template"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [template] = args.bind(ctx, &SIGNATURE)?;
    let pattern = x.expect::<Match>().pattern.clone();
    let template = replace::parse(ctx, &pattern, template.unwrap_or(Obj::none()))?;
    replace::expand(ctx, &template, x)
}

fn position(ctx: &mut Ctx, x: &Obj, offset: usize) -> PyResult {
    let body = x.expect::<Match>();
    let text = Text::of(ctx, &body.string)?;
    Ok(Obj::small_int(
        text.index(offset.min(text.bytes.len())) as i64
    ))
}

fn last_group(_: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<Match>();
    Ok(match body.found.last {
        0 => Obj::NONE,
        last => name_of(body.pattern.expect::<Pattern>(), last),
    })
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<Match>();
    let (start, end) = body.span(ctx, 0)?;
    let whole = body.group(ctx, 0, &Obj::NONE)?;
    let whole = protocol::repr_string(ctx, &whole)?;
    let whole: String = whole.chars().take(50).collect();
    let number = |x: &Obj| x.as_small_int().unwrap_or(0);
    let (start, end) = (number(&start), number(&end));
    str_::new(
        ctx,
        &format!("<re.Match object; span=({start}, {end}), match={whole}>"),
    )
}

/// `re.Match`.
pub(super) static MATCH: TypeDef = TypeDef {
    id: ids::SRE_MATCH,
    name: "re.Match",
    base: ids::OBJECT,
    layout: ids::SRE_MATCH,
    kind: &Body::<Match>::KIND,
    flags: flag::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        getitem: Some(getitem),
        ..Slots::NONE
    },
    methods: &[
        method("group", Native::MN(0, usize::MAX, group)),
        method("groups", Native::MA(groups)),
        method("groupdict", Native::MA(groupdict)),
        method("start", Native::MN(0, 1, start)),
        method("end", Native::MN(0, 1, end)),
        method("span", Native::MN(0, 1, span)),
        method("expand", Native::MA(expand)),
        method("__copy__", Native::M0(|_, x| Ok(x.clone()))),
        method("__deepcopy__", Native::M1(|_, x, _| Ok(x.clone()))),
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
    ],
    getset: &[
        member("string", |_, x| Ok(x.expect::<Match>().string.clone())),
        member("re", |_, x| Ok(x.expect::<Match>().pattern.clone())),
        member("pos", |ctx, x| {
            position(ctx, x, x.expect::<Match>().bounds.0)
        }),
        member("endpos", |ctx, x| {
            position(ctx, x, x.expect::<Match>().bounds.1)
        }),
        getter("lastindex", |_, x| {
            Ok(match x.expect::<Match>().found.last {
                0 => Obj::NONE,
                last => Obj::small_int(last as i64),
            })
        }),
        getter("lastgroup", last_group),
        getter("regs", regs),
    ],
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
};
