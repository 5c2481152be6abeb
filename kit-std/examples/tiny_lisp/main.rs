//! A small Lisp on the kit, without `unsafe` code: closures, tail calls, vectors and hash tables shared by threads.
//!
//! ```sh
//! cargo run --release -p kit-std --example tiny_lisp            # form by form
//! cargo run --release -p kit-std --example tiny_lisp -- FILE
//! ```
#![forbid(unsafe_code)]

mod lisp;

use kit_std::managed::{AnyError, Language};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::{fs::File, process::ExitCode};

fn main() -> Result<ExitCode, AnyError> {
    let file = std::env::args().nth(1);
    let prompts = file.is_none() && io::stdin().is_terminal();
    let input: Box<dyn BufRead> = match file {
        Some(file) => Box::new(BufReader::new(File::open(file)?)),
        None => Box::new(io::stdin().lock()),
    };
    let mut lines = input.lines();
    let mut source = std::iter::from_fn(|| {
        if prompts {
            print!("> ");
            io::stdout().flush().ok()?;
        }
        lines.next()?.ok()
    });
    let out = Box::new(|text: &str| print!("{text}"));
    let done = lisp::program(Language::builder(), &mut source, out, prompts);
    // What went wrong was written where it did.
    Ok(ExitCode::from(u8::from(done.is_err())))
}
