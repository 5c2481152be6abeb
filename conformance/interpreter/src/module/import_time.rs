//! `-X importtime` and `-v`: what is imported, how long that takes, and from where it comes.

use crate::error::PyResult;
use crate::module::sys;
use crate::object::obj::Obj;
use crate::object::{exception, protocol};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

thread_local! {
    /// How many imports the thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// What the imports inside of the one that runs have taken.
    static INSIDE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

static HEADER: AtomicBool = AtomicBool::new(false);

fn row(ctx: &mut Ctx, own: &str, all: &str, name: &str) {
    if !HEADER.swap(true, Relaxed) {
        let text = "import time: self [us] | cumulative | imported package\n";
        sys::write_stderr(ctx, text);
    }
    let indent = 2 * DEPTH.get();
    let row = format!("import time: {own} | {all} | {:indent$}{name}\n", "");
    sys::write_stderr(ctx, &row);
}

/// Loads a module, and says so if that is wanted.
pub fn timed(ctx: &mut Ctx, name: &str, load: impl FnOnce(&mut Ctx) -> PyResult) -> PyResult {
    let settings = &rt(ctx).library.settings;
    let timed = settings.import_time.load(Relaxed) > 0;
    let verbose = settings.verbose.load(Relaxed) > 0;
    if !timed && !verbose {
        return load(ctx);
    }
    let outside = INSIDE.replace(Duration::ZERO);
    DEPTH.set(DEPTH.get() + 1);
    let start = Instant::now();
    let result = load(ctx);
    let all = start.elapsed();
    DEPTH.set(DEPTH.get() - 1);
    let own = all.saturating_sub(INSIDE.get());
    INSIDE.set(outside + all);
    let Ok(module) = &result else { return result };
    if timed {
        let own = format!("{:9}", own.as_micros());
        row(ctx, &own, &format!("{:10}", all.as_micros()), name);
    }
    if verbose {
        let place = place(ctx, module);
        sys::write_stderr(ctx, &format!("import '{name}' # {place}\n"));
    }
    result
}

/// A module is asked for that is there already.
#[inline]
pub fn known(ctx: &mut Ctx, name: &str) {
    if rt(ctx).library.settings.import_time.load(Relaxed) > 1 {
        row(ctx, "cached   ", "cached    ", name);
    }
}

fn place(ctx: &mut Ctx, module: &Obj) -> String {
    let file = protocol::getattr_str(ctx, module, "__file__");
    match file.and_then(|file| protocol::str_string(ctx, &file)) {
        Ok(file) => file,
        Err(raised) => {
            drop(exception::take(ctx, raised));
            "built-in".to_owned()
        }
    }
}
