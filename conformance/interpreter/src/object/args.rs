//! Arguments of native functions: borrowed from the caller's window, bound to parameters by name.

use super::obj::Obj;
use super::payload::Body;
use super::str_::PyStr;
use super::type_::{PyType, type_by_id, type_of};
use crate::error::{PyResult, Raised, raise};
use kit_core::thread::Ctx;

/// The arguments of one call. Values are borrowed; clone what outlives the call.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    /// Positional arguments.
    pub pos: &'a [Obj],
    /// Names of the keyword arguments: strings.
    pub names: &'a [Obj],
    /// Values of the keyword arguments, in the order of `names`.
    pub values: &'a [Obj],
}

/// The parameters of a native function.
pub struct Signature {
    /// The function's name as error messages give it (without parentheses).
    pub name: &'static str,
    /// All parameters, positional-only ones first, keyword-only ones last.
    pub params: &'static [&'static str],
    /// How many of them are positional-only.
    pub posonly: usize,
    /// How many of them may be given by position.
    pub positional: usize,
    /// How many of the positional ones must be given.
    pub required: usize,
}

impl<'a> Args<'a> {
    /// Positional arguments only.
    #[inline(always)]
    pub fn positional(pos: &'a [Obj]) -> Args<'a> {
        Args {
            pos,
            names: &[],
            values: &[],
        }
    }

    /// No arguments.
    pub const NONE: Args<'static> = Args {
        pos: &[],
        names: &[],
        values: &[],
    };

    /// Raises TypeError if there are keyword arguments.
    pub fn no_keywords(&self, ctx: &mut Ctx, name: &str) -> PyResult<()> {
        if self.names.is_empty() {
            Ok(())
        } else {
            Err(raise!(
                ctx,
                TypeError,
                "{name}() takes no keyword arguments"
            ))
        }
    }

    /// Raises TypeError if there are more than `most` arguments of both kinds.
    pub fn at_most(&self, ctx: &mut Ctx, name: &str, most: usize) -> PyResult<()> {
        let given = self.pos.len() + self.names.len();
        if given <= most {
            return Ok(());
        }
        let kind = if self.pos.is_empty() { "keyword " } else { "" };
        Err(raise!(
            ctx,
            TypeError,
            "{name}() takes at most {most} {kind}arguments ({given} given)"
        ))
    }

    /// Raises TypeError if there are keyword arguments for the built-in type `own`, made by its `__new__`: only the
    /// `__init__` of a class derived from it may take them.
    pub fn no_keywords_but_for_init(
        &self,
        ctx: &mut Ctx,
        name: &str,
        class: &Obj,
        own: u32,
    ) -> PyResult<()> {
        let class = class.expect::<PyType>();
        let init = |class: &Body<PyType>| class.slots(ctx).init.map(|f| f as usize);
        if self.names.is_empty() || init(class) != init(type_by_id(ctx, own)) {
            return Ok(());
        }
        self.no_keywords(ctx, name)
    }

    /// Raises TypeError if there are keyword arguments for `__init__` of the built-in type `own`: only the `__new__`
    /// of a class derived from it may take them.
    pub fn no_keywords_but_for_new(
        &self,
        ctx: &mut Ctx,
        name: &str,
        x: &Obj,
        own: u32,
    ) -> PyResult<()> {
        let class = type_of(ctx, x);
        let new = |class: &Body<PyType>| class.slots(ctx).new.map(|f| f as usize);
        if self.names.is_empty() || new(class) != new(type_by_id(ctx, own)) {
            return Ok(());
        }
        self.no_keywords(ctx, name)
    }

    /// Without the keyword arguments.
    pub fn without_keywords(self) -> Args<'a> {
        Args::positional(self.pos)
    }

    /// Checks the number of positional arguments of a function that takes no keywords.
    #[inline]
    pub fn check(&self, ctx: &mut Ctx, name: &str, min: usize, max: usize) -> PyResult<()> {
        let given = self.pos.len();
        if self.names.is_empty() && given >= min && given <= max {
            return Ok(());
        }
        self.refuse(ctx, name, min, max)
    }

    #[cold]
    fn refuse(&self, ctx: &mut Ctx, name: &str, min: usize, max: usize) -> PyResult<()> {
        self.no_keywords(ctx, name)?;
        let given = self.pos.len();
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        Err(if min == max && max == 0 {
            raise!(
                ctx,
                TypeError,
                "{name}() takes no arguments ({given} given)"
            )
        } else if min == max && max == 1 {
            raise!(
                ctx,
                TypeError,
                "{name}() takes exactly one argument ({given} given)"
            )
        } else if min == max {
            raise!(
                ctx,
                TypeError,
                "{name} expected {min} argument{}, got {given}",
                plural(min)
            )
        } else if given < min {
            raise!(
                ctx,
                TypeError,
                "{name} expected at least {min} argument{}, got {given}",
                plural(min)
            )
        } else {
            raise!(
                ctx,
                TypeError,
                "{name} expected at most {max} argument{}, got {given}",
                plural(max)
            )
        })
    }

    /// Binds the arguments to the parameters of `signature`; absent optional ones are `None`.
    pub fn bind<const N: usize>(
        &self,
        ctx: &mut Ctx,
        signature: &Signature,
    ) -> PyResult<[Option<&'a Obj>; N]> {
        debug_assert!(signature.params.len() == N);
        let name = signature.name;
        let mut bound = [None; N];
        let given = self.pos.len();
        let total = given + self.names.len();
        if total > N || given > signature.positional {
            return Err(too_many(ctx, signature, given, total));
        }
        for (slot, value) in bound.iter_mut().zip(self.pos) {
            *slot = Some(value);
        }
        // A missing argument is reported before one that comes twice, and both before one that is not known.
        let (mut twice, mut unexpected) = (None, None);
        for (key, value) in self.names.iter().zip(self.values) {
            let text = key.expect::<PyStr>().as_str_lossy();
            let Some(index) = signature
                .params
                .iter()
                .skip(signature.posonly)
                .position(|p| *p == text)
            else {
                unexpected.get_or_insert(key);
                continue;
            };
            let index = index + signature.posonly;
            if bound[index].is_some() {
                twice.get_or_insert(index);
                continue;
            }
            bound[index] = Some(value);
        }
        for (index, slot) in bound.iter().enumerate().take(signature.required) {
            if slot.is_none() {
                let missing = signature.params[index];
                return Err(if index < signature.posonly {
                    let plural = if signature.required == 1 { "" } else { "s" };
                    let least = if signature.required == signature.positional {
                        "exactly"
                    } else {
                        "at least"
                    };
                    raise!(
                        ctx,
                        TypeError,
                        "{name}() takes {least} {} positional argument{plural} ({given} given)",
                        signature.required
                    )
                } else {
                    raise!(
                        ctx,
                        TypeError,
                        "{name}() missing required argument '{missing}' (pos {})",
                        index + 1
                    )
                });
            }
        }
        if let Some(index) = twice {
            let text = signature.params[index];
            return Err(raise!(
                ctx,
                TypeError,
                "argument for {name}() given by name ('{text}') and position ({})",
                index + 1
            ));
        }
        if let Some(key) = unexpected {
            let key = key.expect::<PyStr>().as_str_lossy();
            let parameters = &signature.params[signature.posonly..];
            return Err(unexpected_keyword(ctx, name, &key, parameters));
        }
        Ok(bound)
    }
}

/// Stores the TypeError of a keyword argument that `function` does not take, naming the one of its
/// `parameters` that was probably meant.
#[cold]
pub fn unexpected_keyword(
    ctx: &mut Ctx,
    function: &str,
    name: &str,
    parameters: &[&str],
) -> Raised {
    let meant = crate::vm::report::suggest::for_keyword(parameters, name);
    raise!(
        ctx,
        TypeError,
        "{function}() got an unexpected keyword argument '{name}'{meant}"
    )
}

/// Stores the TypeError of a call with too many arguments, `given` of `total` by position.
#[cold]
fn too_many(ctx: &mut Ctx, signature: &Signature, given: usize, total: usize) -> Raised {
    let (name, all) = (signature.name, signature.params.len());
    // More than there are parameters at all, or only more than can be given by position.
    let (most, kind, given) = if total > all {
        (all, if given == 0 { " keyword" } else { "" }, total)
    } else if signature.positional == 0 {
        return raise!(ctx, TypeError, "{name}() takes no positional arguments");
    } else {
        (signature.positional, " positional", given)
    };
    let wording = if total > all || signature.required < most {
        "at most"
    } else {
        "exactly"
    };
    let plural = if most == 1 { "" } else { "s" };
    raise!(
        ctx,
        TypeError,
        "{name}() takes {wording} {most}{kind} argument{plural} ({given} given)"
    )
}
