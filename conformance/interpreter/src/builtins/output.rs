//! `print` and `input`.

use crate::error::{PyResult, raise};
use crate::module::io::{text, text_write};
use crate::module::sys;
use crate::object::args::{Args, Signature};
use crate::object::exception::{self, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::protocol;
use crate::object::str_::{self, PyStr};
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use kit_core::thread::Ctx;

/// `print(*values, sep, end, file, flush)`.
pub fn print(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [mut sep, mut end, mut file, mut flush] = [None; 4];
    for (name, value) in args.names.iter().zip(args.values) {
        let name = name.expect::<PyStr>().as_str_lossy();
        let place = match name.as_ref() {
            "sep" => &mut sep,
            "end" => &mut end,
            "file" => &mut file,
            "flush" => &mut flush,
            _ => {
                return Err(crate::object::args::unexpected_keyword(
                    ctx,
                    "print",
                    &name,
                    &["sep", "end", "file", "flush"],
                ));
            }
        };
        *place = (!value.is_none()).then_some(value);
    }
    let file = match file {
        Some(file) => file.clone(),
        None => match sys::attribute(ctx, "stdout") {
            None => return Err(raise!(ctx, RuntimeError, "lost sys.stdout")),
            Some(file) if file.is_none() => return Ok(Obj::NONE),
            Some(file) => file,
        },
    };
    for (name, value) in [("sep", sep), ("end", end)] {
        if let Some(value) = value
            && value.downcast::<PyStr>().is_none()
        {
            let class = protocol::type_name(ctx, value);
            return Err(raise!(
                ctx,
                TypeError,
                "{name} must be None or a string, not {class}"
            ));
        }
    }
    if text::is_exact(&file) {
        // One write of the whole line: threads do not interleave within it.
        let mut line = Wtf8Buf::default();
        for (index, value) in args.pos.iter().enumerate() {
            if index > 0 {
                push(&mut line, sep, " ");
            }
            match value.downcast_exact::<PyStr>() {
                Some(text) => line.push_wtf8(text.text()),
                None => {
                    let text = protocol::str(ctx, value)?;
                    line.push_wtf8(text.expect::<PyStr>().text());
                }
            }
        }
        push(&mut line, end, "\n");
        text_write::put_text(ctx, &file, &line)?;
    } else {
        let name = &names(ctx).write;
        let write = protocol::getattr(ctx, &file, name)?;
        let put = |ctx: &mut Ctx, text: Obj| protocol::call(ctx, &write, &[text]);
        for (index, value) in args.pos.iter().enumerate() {
            if index > 0 {
                let sep = separator(ctx, sep, " ")?;
                put(ctx, sep)?;
            }
            let text = protocol::str(ctx, value)?;
            put(ctx, text)?;
        }
        let end = separator(ctx, end, "\n")?;
        put(ctx, end)?;
    }
    if let Some(flush) = flush
        && protocol::truth(ctx, flush)?
    {
        protocol::call_method(ctx, &file, &names(ctx).flush, &[])?;
    }
    Ok(Obj::NONE)
}

fn push(line: &mut Wtf8Buf, given: Option<&Obj>, default: &str) {
    match given {
        Some(text) => line.push_wtf8(text.expect::<PyStr>().text()),
        None => line.push_str(default),
    }
}

fn separator(ctx: &mut Ctx, given: Option<&Obj>, default: &str) -> PyResult {
    match given {
        Some(text) => Ok(text.clone()),
        None => str_::new(ctx, default),
    }
}

/// `input(prompt)`.
pub fn input(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let signature = Signature {
        name: "input",
        params: &["prompt"],
        posonly: 1,
        positional: 1,
        required: 0,
    };
    if args.pos.len() > 1 {
        args.check(ctx, "input", 0, 1)?;
    }
    let [prompt] = args.bind::<1>(ctx, &signature)?;
    let lost = |ctx: &mut Ctx, name: &str| raise!(ctx, RuntimeError, "lost sys.{name}");
    let mut files = Vec::new();
    for name in ["stdin", "stdout", "stderr"] {
        match sys::attribute(ctx, name).filter(|file| !file.is_none()) {
            Some(file) => files.push(file),
            None => return Err(lost(ctx, name)),
        }
    }
    if let Some(prompt) = prompt {
        let text = protocol::str(ctx, prompt)?;
        protocol::call_method(ctx, &files[1], &names(ctx).write, &[text])?;
    }
    // What cannot be flushed need not be.
    if let Err(raised) = protocol::call_method(ctx, &files[1], &names(ctx).flush, &[]) {
        exception::take(ctx, raised);
    }
    let readline = str_::intern(ctx, "readline");
    let line = protocol::call_method(ctx, &files[0], &readline, &[])?;
    let Some(text) = line.downcast::<PyStr>() else {
        let class = protocol::type_name(ctx, &line);
        return Err(raise!(
            ctx,
            TypeError,
            "object.readline() returned non-string (type {class})"
        ));
    };
    let bytes = text.bytes();
    if bytes.is_empty() {
        return Err(exception::raise_message(
            ctx,
            class::EOFError,
            "EOF when reading a line",
        ));
    }
    let end = bytes.len() - usize::from(bytes.ends_with(b"\n"));
    let line = text.text().byte_slice(0, end).to_buf();
    str_::from_buf(ctx, line)
}
