//! `sub`, `subn` and `split`; templates of replacements.

use super::matched::{self, Match};
use super::matcher::{Extent, UNSET};
use super::pattern::{Pattern, is_literal};
use super::text::{Text, after, join};
use crate::error::{PyResult, raise};
use crate::module::import;
use crate::object::args::{Args, Signature};
use crate::object::define::{TypeDef, flag};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::type_::type_id_of;
use crate::object::{bytes, bytes_like, ids, list, protocol, tuple};
use crate::vm::outside;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// A replacement in parts: a text, then groups with the text behind each.
pub struct Template {
    first: Obj,
    rest: Box<[(usize, Obj)]>,
}

// SAFETY: `trace` reports all references.
unsafe impl Payload for Template {
    const ID: u32 = ids::SRE_TEMPLATE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "_sre.SRE_Template";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.first.word());
        for (_, text) in &self.rest {
            tracer.word(text.word());
        }
    }
}

/// The type.
pub(super) static TEMPLATE: TypeDef = TypeDef {
    id: ids::SRE_TEMPLATE,
    name: "_sre.SRE_Template",
    base: ids::OBJECT,
    layout: ids::SRE_TEMPLATE,
    kind: &Body::<Template>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: &[],
    getset: &[],
    doc: "",
};

/// `template(pattern, parts)`: texts and numbers of groups, in turns.
pub(super) fn template(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let groups = match args[0].downcast::<Pattern>() {
        Some(pattern) => pattern.program.groups,
        None => return Err(raise!(ctx, TypeError, "template() needs a pattern")),
    };
    let parts = protocol::collect(ctx, &args[1])?;
    if parts.len() % 2 == 0 {
        return Err(raise!(ctx, TypeError, "invalid template"));
    }
    let mut rest = Vec::with_capacity(parts.len() / 2);
    for pair in parts[1..].chunks_exact(2) {
        let group = protocol::index_i64(ctx, &pair[0], None)?;
        match usize::try_from(group) {
            Ok(group) if group <= groups => rest.push((group, pair[1].clone())),
            _ => return Err(raise!(ctx, ValueError, "invalid template")),
        }
    }
    let template = Template {
        first: parts[0].clone(),
        rest: rest.into(),
    };
    payload::new(ctx, template)
}

/// What a template written with backslashes stands for.
pub(super) fn parse(ctx: &mut Ctx, pattern: &Obj, template: &Obj) -> PyResult {
    let re = import::load(ctx, "re")?;
    let compile = protocol::getattr_str(ctx, &re, "_compile_template")?;
    // Templates are remembered by their text, so that is one that can be hashed.
    let template = match type_id_of(template) {
        ids::BYTEARRAY | ids::MEMORYVIEW | ids::ARRAY => {
            let data = bytes_like::data(ctx, template)?;
            bytes::new(ctx, &data.unwrap_or_default())?
        }
        _ => template.clone(),
    };
    let made = protocol::call(ctx, &compile, &[pattern.clone(), template])?;
    if made.downcast::<Template>().is_none() {
        return Err(raise!(ctx, TypeError, "invalid template"));
    }
    Ok(made)
}

/// The template with a match's groups filled in.
pub(super) fn expand(ctx: &mut Ctx, template: &Obj, found: &Obj) -> PyResult {
    let template = template.expect::<Template>();
    if template.rest.is_empty() {
        return Ok(template.first.clone());
    }
    let body = found.expect::<Match>();
    let mut pieces = vec![template.first.clone()];
    for (group, text) in &template.rest {
        let value = body.group(ctx, *group, &Obj::NONE)?;
        if !value.is_none() {
            pieces.push(value);
        }
        pieces.push(text.clone());
    }
    // They are joined as the template is, whatever the text is.
    join(ctx, template.first.downcast::<PyStr>().is_some(), pieces)
}

enum Replacement {
    Literal(Obj),
    Template(Obj),
    Function(Obj),
}

fn replacement(ctx: &mut Ctx, pattern: &Obj, given: &Obj) -> PyResult<Replacement> {
    if protocol::is_callable(ctx, given) {
        return Ok(Replacement::Function(given.clone()));
    }
    if is_literal(ctx, given) {
        return Ok(Replacement::Literal(given.clone()));
    }
    let template = parse(ctx, pattern, given)?;
    let body = template.expect::<Template>();
    Ok(if body.rest.is_empty() {
        Replacement::Literal(body.first.clone())
    } else {
        Replacement::Template(template)
    })
}

/// The text with matches replaced, and how many were.
fn substitute(
    ctx: &mut Ctx,
    x: &Obj,
    args: Args<'_>,
    name: &'static str,
) -> PyResult<(Obj, usize)> {
    let signature = Signature {
        name,
        params: &["repl", "string", "count"],
        posonly: 0,
        positional: 3,
        required: 2,
    };
    let [given, string, most] = args.bind(ctx, &signature)?;
    let (given, string) = (given.unwrap_or(Obj::none()), string.unwrap_or(Obj::none()));
    let most = match most {
        Some(most) => protocol::c_ssize(ctx, most)?,
        None => 0,
    };
    let pattern = x.expect::<Pattern>();
    let replacement = replacement(ctx, x, given)?;
    let text = Text::for_pattern(ctx, pattern, string)?;
    let length = text.bytes.len();
    let (mut pieces, mut done, mut count) = (Vec::new(), 0, 0);
    let (mut start, mut extent) = (0, Extent::Free);
    while most == 0 || (count as i64) < most {
        let Some(found) = text.search(ctx, pattern, start, length, extent)? else {
            break;
        };
        let (from, to) = (found.marks[0], found.marks[1]);
        if done < from {
            let before = text.part(ctx, done, from)?;
            outside::push(ctx, &mut pieces, before)?;
        }
        let piece = match &replacement {
            Replacement::Literal(literal) => literal.clone(),
            Replacement::Template(template) => {
                let found = matched::new(ctx, x, string, (0, length), found)?;
                expand(ctx, template, &found)?
            }
            Replacement::Function(function) => {
                let found = matched::new(ctx, x, string, (0, length), found)?;
                protocol::call(ctx, function, &[found])?
            }
        };
        if !piece.is_none() {
            outside::push(ctx, &mut pieces, piece)?;
        }
        count += 1;
        (done, start, extent) = (to, to, after(from, to));
    }
    if done < length || pieces.is_empty() {
        let rest = text.part(ctx, done, length)?;
        pieces.push(rest);
    }
    Ok((text.join(ctx, pieces)?, count))
}

/// `sub(repl, string, count=0)`.
pub(super) fn sub(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    Ok(substitute(ctx, x, args, "sub")?.0)
}

/// `subn(repl, string, count=0)`.
pub(super) fn subn(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let (text, count) = substitute(ctx, x, args, "subn")?;
    tuple::from_vec(ctx, vec![text, Obj::small_int(count as i64)])
}

/// `split(string, maxsplit=0)`.
pub(super) fn split(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "split",
        params: &["string", "maxsplit"],
        posonly: 0,
        positional: 2,
        required: 1,
    };
    let [string, most] = args.bind(ctx, &SIGNATURE)?;
    let most = match most {
        Some(most) => protocol::c_ssize(ctx, most)?,
        None => 0,
    };
    let pattern = x.expect::<Pattern>();
    let text = Text::for_pattern(ctx, pattern, string.unwrap_or(Obj::none()))?;
    let length = text.bytes.len();
    let (mut items, mut done, mut count) = (Vec::new(), 0, 0);
    let mut take = |ctx: &mut Ctx, item: Obj| outside::push(ctx, &mut items, item);
    if most >= 0 {
        text.each(ctx, pattern, 0, length, |ctx, found| {
            let before = text.part(ctx, done, found.marks[0])?;
            take(ctx, before)?;
            for group in found.marks[2..].chunks_exact(2) {
                let group = if group[0] == UNSET {
                    Obj::NONE
                } else {
                    text.part(ctx, group[0], group[1])?
                };
                take(ctx, group)?;
            }
            done = found.marks[1];
            count += 1;
            Ok(most == 0 || count < most)
        })?;
    }
    let rest = text.part(ctx, done, length)?;
    take(ctx, rest)?;
    list::from_vec(ctx, items)
}
