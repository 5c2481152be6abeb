//! Functions in Rust.

use super::*;

type Body = for<'a> fn(&mut Machine<'a>, &mut Ctx<'a>, &[Value<'a>]) -> Outcome<'a>;

/// A function in Rust: its name, how many arguments it takes, and what it does.
pub type NativeDef = (&'static str, RangeInclusive<usize>, Body);

fn items<'v, 'a>(value: &'v Value<'a>) -> Result<Place<'v, 'a, List>> {
    Ok(value.try_as::<Vector>()?.at(Vector::ITEMS))
}

fn entries<'v, 'a>(value: &'v Value<'a>) -> Result<Place<'v, 'a, Table<String>>> {
    Ok(value.try_as::<Hash>()?.at(Hash::ENTRIES))
}

fn index(value: &Value<'_>) -> Result<usize> {
    let index = value.as_int().and_then(|index| index.try_into().ok());
    index.ok_or_else(|| "an index is needed".into())
}

fn count<'a>(count: usize) -> Outcome<'a> {
    int(count.try_into().ok())
}

/// What identifies a value as a key: how it is written.
fn key<'a>(ctx: &Ctx<'a>, value: &Value<'a>) -> Result<String> {
    if value.as_int().is_none() && !value.is::<Symbol>() {
        value.try_as::<Text>()?;
    }
    Ok(show(ctx, value, 1))
}

const MANY: usize = usize::MAX;
const SHORT: &str = "the vector ends before";

pub static NATIVES: &[NativeDef] = &[
    ("list", 0..=MANY, |_, ctx, v| list(ctx, v.to_vec())),
    ("cons", 2..=2, |_, ctx, v| {
        pair(ctx, v[0].clone(), v[1].clone())
    }),
    ("car", 1..=1, |_, ctx, v| {
        Ok(v[0].try_as::<Pair>()?.at(Pair::FIRST).get(ctx))
    }),
    ("cdr", 1..=1, |_, ctx, v| {
        Ok(v[0].try_as::<Pair>()?.at(Pair::REST).get(ctx))
    }),
    ("set-cdr!", 2..=2, |_, ctx, v| {
        let rest = v[0].try_as::<Pair>()?.at(Pair::REST);
        Ok(rest.replace(ctx, v[1].clone()))
    }),
    ("pair?", 1..=1, |_, _, v| Ok(truth(v[0].is::<Pair>()))),
    ("not", 1..=1, |_, _, v| Ok(truth(is_nil(&v[0])))),
    ("=", 2..=2, |_, _, v| Ok(truth(v[0].same(&v[1])))),
    ("quotient", 2..=2, |_, _, v| {
        let both = v[0].as_int().zip(v[1].as_int());
        let (a, b) = both.ok_or("an integer is needed")?;
        int(a.checked_div(b))
    }),
    ("vector", 0..=MANY, |_, ctx, v| {
        let vector = ctx.make(Vector::default())?.put_all(Vector::ITEMS, v)?;
        Ok(vector.finish().into())
    }),
    ("vector-length", 1..=1, |_, ctx, v| {
        count(items(&v[0])?.len(ctx))
    }),
    ("vector-ref", 2..=2, |_, ctx, v| {
        let item = items(&v[0])?.get(ctx, index(&v[1])?);
        Ok(item.ok_or(SHORT)?)
    }),
    ("vector-set!", 3..=3, |_, ctx, v| {
        let old = items(&v[0])?.set(ctx, index(&v[1])?, v[2].clone());
        Ok(old.map_err(|_| SHORT)?)
    }),
    ("vector-push!", 2..=2, |_, ctx, v| {
        count(items(&v[0])?.push(ctx, v[1].clone())?)
    }),
    ("hash", 0..=0, |_, ctx, _| {
        Ok(new(ctx, Hash::default())?.into())
    }),
    ("hash-ref", 2..=2, |_, ctx, v| {
        let value = entries(&v[0])?.get(ctx, &key(ctx, &v[1])?);
        Ok(value.unwrap_or_else(nil))
    }),
    ("hash-set!", 3..=3, |_, ctx, v| {
        let old = entries(&v[0])?.insert(ctx, key(ctx, &v[1])?, v[2].clone())?;
        Ok(old.unwrap_or_else(nil))
    }),
    ("hash-count", 1..=1, |_, ctx, v| {
        count(entries(&v[0])?.len(ctx))
    }),
    ("print", 0..=MANY, |machine, ctx, v| {
        let words = v.iter().map(|value| match value.downcast_ref::<Text>() {
            Some(text) => text.text.to_string(),
            None => show(ctx, value, 10),
        });
        let line = words.collect::<Vec<_>>().join(" ");
        (machine.lisp.out)(&(line + "\n"));
        Ok(nil())
    }),
    ("disassemble", 1..=1, |machine, _, v| {
        for unit in &v[0].try_as::<Closure>()?.code.units {
            let info = Op::TABLE[usize::from(*unit as u8)];
            (machine.lisp.out)(&format!("{} {} ;{}\n", info.name, unit >> 8, info.doc));
        }
        Ok(nil())
    }),
    ("gc", 0..=0, |_, ctx, _| count(ctx.collect()?)),
    ("spawn", 1..=1, |machine, ctx, v| {
        let (function, lisp) = (v[0].share(ctx), machine.lisp.clone());
        let running = ctx.start(move |ctx| {
            let function = Rc::new(function.get(ctx)?);
            Machine::new(lisp).call(ctx, function, 0)
        });
        Ok(running?.into())
    }),
    ("join", 1..=1, |_, ctx, v| {
        v[0].try_as::<Running>()?.join(ctx)
    }),
];
