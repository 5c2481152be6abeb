//! `total_ordering`: a class that defines one comparison gets the others.

use crate::error::{PyResult, raise};
use crate::module::support::descriptor_of;
use crate::object::attribute::{bound_special, lookup_in_mro};
use crate::object::define::{Method, Native, method};
use crate::object::obj::Obj;
use crate::object::slots::Comparison;
use crate::object::type_::{PyType, type_by_id};
use crate::object::{ids, protocol, str_};
use kit_core::thread::Ctx;

/// How a comparison follows from the one that is defined.
#[derive(Clone, Copy)]
enum Rule {
    /// Not that.
    Not,
    /// Not that, and not equal.
    NotAndDiffers,
    /// That, or equal.
    OrEqual,
    /// That, and not equal.
    AndDiffers,
    /// Not that, or equal.
    NotOrEqual,
}

fn derive(ctx: &mut Ctx, x: &Obj, other: &Obj, root: &'static str, rule: Rule) -> PyResult {
    let root = str_::intern(ctx, root);
    let result = match bound_special(ctx, x, &root)? {
        Some(method) => protocol::call(ctx, &method, std::slice::from_ref(other))?,
        None => Obj::NOT_IMPLEMENTED,
    };
    if result.is_not_implemented() {
        return Ok(result);
    }
    let truth = protocol::truth(ctx, &result)?;
    let (compared, short) = match rule {
        Rule::Not => return Ok(Obj::bool(!truth)),
        Rule::NotAndDiffers if truth => return Ok(Obj::FALSE),
        Rule::NotAndDiffers => (Comparison::Ne, false),
        Rule::OrEqual => (Comparison::Eq, truth),
        Rule::AndDiffers => (Comparison::Ne, !truth),
        Rule::NotOrEqual if !truth => return Ok(Obj::TRUE),
        Rule::NotOrEqual => (Comparison::Eq, false),
    };
    if short {
        return Ok(result);
    }
    protocol::compare(ctx, x, other, compared)
}

macro_rules! derived {
    ($($function:ident $name:literal $root:literal $rule:ident;)*) => {
        $(fn $function(ctx: &mut Ctx, x: &Obj, other: &Obj) -> PyResult {
            derive(ctx, x, other, $root, Rule::$rule)
        })*
        /// The comparison that is defined, and the methods that follow from it.
        static DERIVED: &[(&str, Method)] =
            &[$(($root, method($name, Native::M1($function))),)*];
    };
}

derived! {
    gt_from_lt "__gt__" "__lt__" NotAndDiffers;
    le_from_lt "__le__" "__lt__" OrEqual;
    ge_from_lt "__ge__" "__lt__" Not;
    ge_from_le "__ge__" "__le__" NotOrEqual;
    lt_from_le "__lt__" "__le__" AndDiffers;
    gt_from_le "__gt__" "__le__" Not;
    lt_from_gt "__lt__" "__gt__" NotAndDiffers;
    ge_from_gt "__ge__" "__gt__" OrEqual;
    le_from_gt "__le__" "__gt__" Not;
    le_from_ge "__le__" "__ge__" NotOrEqual;
    gt_from_ge "__gt__" "__ge__" AndDiffers;
    lt_from_ge "__lt__" "__ge__" Not;
}

/// `total_ordering(cls)`.
pub fn total_ordering(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let Some(body) = class.downcast::<PyType>() else {
        return Err(raise!(
            ctx,
            TypeError,
            "total_ordering() argument must be a class"
        ));
    };
    let mut roots = Vec::new();
    // In the order of preference.
    for name in ["__lt__", "__le__", "__gt__", "__ge__"] {
        let key = str_::intern(ctx, name);
        let found = lookup_in_mro(ctx, body, &key);
        let plain = lookup_in_mro(ctx, type_by_id(ctx, ids::OBJECT), &key);
        let defined = match (found, plain) {
            (Some(found), Some(plain)) => !found.is(&plain),
            (found, _) => found.is_some(),
        };
        if defined {
            roots.push(name);
        }
    }
    let Some(root) = roots.first() else {
        return Err(raise!(
            ctx,
            ValueError,
            "must define at least one ordering operation: < > <= >="
        ));
    };
    for (from, method) in DERIVED {
        if from == root && !roots.contains(&method.name) {
            let name = str_::intern(ctx, method.name);
            let descriptor = descriptor_of(ctx, method, ids::OBJECT)?;
            protocol::setattr(ctx, class, &name, Some(&descriptor))?;
        }
    }
    Ok(class.clone())
}
