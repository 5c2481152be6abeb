//! What `str % args` and `bytes % args` share: the arguments and the numbers.

use super::dict::PyDict;
use super::obj::Obj;
use super::tuple::PyTuple;
use super::type_::type_of;
use super::{bytearray, bytes, float, ids, int, protocol, str_};
use crate::error::{OrRaise, PyResult, fault, raise};
use crate::object::exception::{self, class};
use crate::prelude::*;
use crate::text::percent::{Amount, Field, Resolved};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// The right operand of `%`.
pub struct Arguments<'a> {
    all: &'a Obj,
    /// The items of a tuple.
    items: Option<&'a [Obj]>,
    /// How many were fetched.
    used: usize,
    /// Whether keys may be looked up.
    is_mapping: bool,
}

impl<'a> Arguments<'a> {
    /// The arguments in `all`, for a template that is `text` or bytes.
    pub fn new(ctx: &Ctx, all: &'a Obj, text: bool) -> Arguments<'a> {
        let items = all.downcast::<PyTuple>().map(|tuple| tuple.payload.items());
        let is_text = all.downcast::<str_::PyStr>().is_some()
            || !text
                && (all.downcast::<bytes::PyBytes>().is_some()
                    || all.downcast::<bytearray::PyByteArray>().is_some());
        let is_mapping = all.downcast::<PyDict>().is_some()
            || items.is_none() && !is_text && type_of(ctx, all).slots(ctx).getitem.is_some();
        Arguments {
            all,
            items,
            used: 0,
            is_mapping,
        }
    }

    /// The next argument.
    pub fn next(&mut self, ctx: &mut Ctx) -> PyResult<&'a Obj> {
        let next = match self.items {
            Some(items) => items.get(self.used),
            None => (self.used == 0).then_some(self.all),
        };
        self.used += 1;
        match next {
            Some(value) => Ok(value),
            None => Err(raise!(
                ctx,
                TypeError,
                "not enough arguments for format string"
            )),
        }
    }

    /// The argument with this key; none is left over after that.
    pub fn lookup(&mut self, ctx: &mut Ctx, key: &Obj) -> PyResult {
        if !self.is_mapping {
            return Err(raise!(ctx, TypeError, "format requires a mapping"));
        }
        protocol::getitem(ctx, self.all, key)
    }

    /// Checks that every argument was used.
    pub fn finish(&self, ctx: &mut Ctx, what: &str) -> PyResult<()> {
        let total = self.items.map_or(1, <[Obj]>::len);
        if self.used >= total || self.is_mapping {
            return Ok(());
        }
        Err(raise!(
            ctx,
            TypeError,
            "not all arguments converted during {what} formatting"
        ))
    }

    /// The field with its `*` arguments fetched.
    pub fn resolve(&mut self, ctx: &mut Ctx, field: &Field<'_>) -> PyResult<Resolved> {
        let width = self.amount(ctx, field.width, "ssize_t")?;
        if width == Some(i64::MIN) {
            return Err(raise!(ctx, OverflowError, "width too big"));
        }
        let precision = self.amount(ctx, field.precision, "int")?;
        if precision.is_some_and(|precision| i32::try_from(precision).is_err()) {
            return Err(protocol::too_large(ctx, "int"));
        }
        let resolved = field.resolve(width, precision);
        // The precision of a text only cuts it.
        let digits = match char::from_u32(field.code) {
            Some('s' | 'r' | 'a' | 'b' | 'c') => 0,
            _ => resolved.precision.unwrap_or(0),
        };
        outside::room(ctx, resolved.width.max(digits).saturating_mul(2))?;
        Ok(resolved)
    }

    fn amount(
        &mut self,
        ctx: &mut Ctx,
        amount: Option<Amount>,
        kind: &str,
    ) -> PyResult<Option<i64>> {
        if amount != Some(Amount::Argument) {
            return Ok(None);
        }
        let value = self.next(ctx)?;
        match int::view(value) {
            None => Err(raise!(ctx, TypeError, "* wants int")),
            Some(value) => match value.to_i64() {
                Some(value) => Ok(Some(value)),
                None => Err(protocol::too_large(ctx, kind)),
            },
        }
    }
}

/// A number laid out as the field says; `None` when its letter asks for no number.
pub fn number(
    ctx: &mut Ctx,
    field: &Field<'_>,
    resolved: &Resolved,
    value: &Obj,
    text: bool,
) -> PyResult<Option<String>> {
    let code = char::from_u32(field.code).unwrap_or('\0');
    match code {
        'd' | 'i' | 'u' | 'o' | 'x' | 'X' => {
            let whole = integer(ctx, field, value, matches!(code, 'o' | 'x' | 'X'))?;
            let laid_out = match int::view(&whole) {
                Some(int::View::Small(value)) => resolved.format_small_int(value),
                Some(int::View::Big(value)) => resolved
                    .format_int(value, int::max_digits(ctx))
                    .or_raise(ctx)?,
                None => String::new(),
            };
            Ok(Some(laid_out))
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let wanted = match float::convert(ctx, value) {
                Ok(Some(value)) => return Ok(Some(resolved.format_float(value))),
                Err(raised) if text => return Err(raised),
                Ok(None) if text => "must be real number",
                // Bytes say the same whatever is wrong.
                Err(raised) => {
                    exception::take(ctx, raised);
                    "float argument required"
                }
                Ok(None) => "float argument required",
            };
            let class = protocol::type_name(ctx, value);
            Err(raise!(ctx, TypeError, "{wanted}, not {class}"))
        }
        _ => Ok(None),
    }
}

/// The int a field formats: exactly an index for `%x` and `%o`, else any number cut to one.
fn integer(ctx: &mut Ctx, field: &Field<'_>, value: &Obj, index_only: bool) -> PyResult {
    if int::view(value).is_some() {
        return Ok(value.clone());
    }
    let slots = type_of(ctx, value).slots(ctx);
    let (index, int) = (slots.index.is_some(), slots.int);
    let converted = if !index_only && let Some(int) = int {
        int(ctx, value)
    } else if index {
        protocol::index(ctx, value)
    } else {
        let class = protocol::type_name(ctx, value);
        return Err(fault(ctx, field.needs_number(&class)));
    };
    match converted {
        Ok(whole) if protocol::is_instance_of(ctx, &whole, ids::INT) => Ok(whole),
        Err(raised) if !exception::matches(ctx, &raised, class::TypeError) => Err(raised),
        other => {
            if let Err(raised) = other {
                let _ = exception::take(ctx, raised);
            }
            let class = protocol::type_name(ctx, value);
            Err(fault(ctx, field.needs_number(&class)))
        }
    }
}
