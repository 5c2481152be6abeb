//! Functions in Rust.

use super::*;

pub(super) type NativeBody =
    for<'a> fn(&mut Machine<'a>, &mut Ctx<'a>, &[Value<'a>]) -> Outcome<'a>;

/// A function in Rust, and how many arguments it takes.
pub(super) struct NativeDef {
    pub(super) name: &'static str,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) body: NativeBody,
}

/// The object that an argument is.
pub(super) fn want<'v, 'a, T: kit_std::managed::Managed>(
    value: &'v Value<'a>,
) -> Result<&'v Local<'a, T>, String> {
    value
        .downcast_ref()
        .ok_or_else(|| format!("a {} is needed", T::info().name().to_lowercase()))
}

pub(super) fn index(value: &Value<'_>) -> Result<usize, String> {
    value
        .as_int()
        .and_then(|index| index.try_into().ok())
        .ok_or_else(|| "an index is needed".into())
}

pub(super) fn key(value: &Value<'_>) -> Result<Key, String> {
    if let Some(value) = value.as_int() {
        Ok(Key::Int(value))
    } else if let Some(symbol) = value.downcast_ref::<Symbol>() {
        Ok(Key::Symbol(symbol.number))
    } else {
        Ok(Key::Text(want::<Text>(value)?.text.clone()))
    }
}

pub(super) const fn native(
    name: &'static str,
    least: usize,
    most: usize,
    body: NativeBody,
) -> NativeDef {
    NativeDef {
        name,
        least,
        most,
        body,
    }
}

pub(super) const MANY: usize = usize::MAX;

pub(super) static NATIVES: &[NativeDef] = &[
    native("list", 0, MANY, |_, ctx, values| list(ctx, values.to_vec())),
    native("=", 2, 2, |_, _, values| {
        Ok(truth(values[0].same(&values[1])))
    }),
    native("not", 1, 1, |_, _, values| Ok(truth(is_nil(&values[0])))),
    native("pair?", 1, 1, |_, _, values| {
        Ok(truth(values[0].is::<Pair>()))
    }),
    native("quotient", 2, 2, |_, _, values| {
        match (values[0].as_int(), values[1].as_int()) {
            (Some(a), Some(b)) => int(a.checked_div(b)),
            _ => Err("an integer is needed".into()),
        }
    }),
    native("set-car!", 2, 2, |_, ctx, values| {
        Ok(want::<Pair>(&values[0])?
            .at(Pair::FIRST)
            .replace(ctx, values[1].clone()))
    }),
    native("set-cdr!", 2, 2, |_, ctx, values| {
        Ok(want::<Pair>(&values[0])?
            .at(Pair::REST)
            .replace(ctx, values[1].clone()))
    }),
    native("vector", 0, MANY, |_, ctx, values| {
        let vector = ctx.make(Vector::default()).map_err(memory)?.finish();
        for value in values {
            vector
                .at(Vector::ITEMS)
                .push(ctx, value.clone())
                .map_err(memory)?;
        }
        Ok(vector.into())
    }),
    native("vector-length", 1, 1, |_, ctx, values| {
        Ok(Value::int(
            want::<Vector>(&values[0])?.at(Vector::ITEMS).len(ctx) as i64,
        ))
    }),
    native("vector-ref", 2, 2, |_, ctx, values| {
        let found = want::<Vector>(&values[0])?
            .at(Vector::ITEMS)
            .get(ctx, index(&values[1])?);
        found.ok_or_else(|| "the vector ends before".into())
    }),
    native("vector-set!", 3, 3, |_, ctx, values| {
        let items = want::<Vector>(&values[0])?.at(Vector::ITEMS);
        items
            .set(ctx, index(&values[1])?, values[2].clone())
            .map_err(|_| "the vector ends before".into())
    }),
    native("vector-push!", 2, 2, |_, ctx, values| {
        let items = want::<Vector>(&values[0])?.at(Vector::ITEMS);
        Ok(Value::int(
            items.push(ctx, values[1].clone()).map_err(memory)? as i64,
        ))
    }),
    native("hash", 0, 0, |_, ctx, _| {
        Ok(ctx.make(Hash::default()).map_err(memory)?.finish().into())
    }),
    native("hash-ref", 2, 2, |_, ctx, values| {
        let found = want::<Hash>(&values[0])?
            .at(Hash::ENTRIES)
            .get(ctx, &key(&values[1])?);
        Ok(found.unwrap_or_else(nil))
    }),
    native("hash-set!", 3, 3, |_, ctx, values| {
        let entries = want::<Hash>(&values[0])?.at(Hash::ENTRIES);
        let old = entries
            .insert(ctx, key(&values[1])?, values[2].clone())
            .map_err(memory)?;
        Ok(old.unwrap_or_else(nil))
    }),
    native("hash-count", 1, 1, |_, ctx, values| {
        Ok(Value::int(
            want::<Hash>(&values[0])?.at(Hash::ENTRIES).len(ctx) as i64,
        ))
    }),
    native("print", 0, MANY, |machine, ctx, values| {
        let words: Vec<_> = values
            .iter()
            .map(|value| match value.downcast_ref::<Text>() {
                Some(text) => text.text.clone(),
                None => Machine::show(ctx, value, 10),
            })
            .collect();
        writeln!(locked(&machine.lisp.out), "{}", words.join(" "))
            .map_err(|error| error.to_string())?;
        Ok(nil())
    }),
    native("disassemble", 1, 1, |machine, _, values| {
        let mut lines = String::new();
        want::<Closure>(&values[0])?.code.list(&mut lines);
        write!(locked(&machine.lisp.out), "{lines}").map_err(|error| error.to_string())?;
        Ok(nil())
    }),
    native("gc", 0, 0, |_, ctx, _| match ctx.collect() {
        Ok(count) => Ok(Value::int(count as i64)),
        Err(error) => Err(error.to_string()),
    }),
    native("spawn", 1, 1, |machine, ctx, values| {
        let body = Running {
            task: Plain(Mutex::new(None)),
            result: ValueSlot::new(),
        };
        let running = ctx.make(body).map_err(memory)?.finish();
        let (lisp, function, result) = (
            machine.lisp.clone(),
            values[0].share(ctx),
            running.share(ctx),
        );
        let task = machine.lisp.language.spawn(move |ctx: &mut Ctx<'_>| {
            let function = function.get(ctx).map_err(|error| error.to_string())?;
            let value = Machine::new(&lisp, ctx)?.run(ctx, function)?;
            let running = result.get(ctx).map_err(|error| error.to_string())?;
            want::<Running>(&running)?
                .at(Running::RESULT)
                .set(ctx, value);
            Ok(())
        });
        *locked(&running.task) = Some(task.map_err(|error| error.to_string())?);
        Ok(running.into())
    }),
    native("join", 1, 1, |_, ctx, values| {
        let running = want::<Running>(&values[0])?;
        let task = locked(&running.task).take();
        if let Some(task) = task {
            task.join(ctx).map_err(|error| error.to_string())??;
        }
        let value = running.at(Running::RESULT).get(ctx);
        if value.is_nothing() {
            Err("another thread joins it".into())
        } else {
            Ok(value)
        }
    }),
];
