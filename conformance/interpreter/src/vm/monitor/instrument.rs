//! Writing `INSTRUMENTED` over the instructions that somebody watches, and taking it away again.
//!
//! | image                         | written by                                     | when                                   |
//! |-------------------------------|------------------------------------------------|----------------------------------------|
//! | a thread's own                | the thread                                     | at the next safepoint after a change   |
//! | a thread's own, just made     | the thread                                     | before it runs                         |
//! | shared by threads             | who changed the events, with the world stopped | at the change; or when the code is made |
//!
//! A change says at which version it was made ([`State::everywhere`], [`Watched::changed`]), so that a thread that is asked to look
//! need not write what did not change.

use super::event::{LINE, LOCAL};
use super::sites::{Site, Sites};
use super::{State, Watched};
use crate::object::code::PyCode;
use crate::object::payload::Body;
use crate::op::Op;
use crate::prelude::*;
use crate::vm::observe::with_stopped;
use crate::vm::thread::{py, rt};
use core::sync::atomic::Ordering::Relaxed;
use kit_core::code::Copies;
use kit_core::thread::core::ThreadCore;
use kit_core::thread::{Ctx, breaker};

/// The bit of the breaker word: the thread's images are to be instrumented anew.
pub const BIT: u32 = breaker::EMBEDDER << 2;

const INSTRUMENTED: u32 = Op::Instrumented as u32;

impl Watched {
    /// The sites of the code, which they are the code's.
    pub fn sites(&self, code: &Body<PyCode>) -> &Sites {
        self.sites.get_or_init(|| Sites::of(&code.code))
    }
}

/// The tools of a runtime.
pub fn state(ctx: &Ctx) -> &'static State {
    &rt(ctx).library.monitor
}

/// The tools that are to be told of an event in this code, somewhere.
pub fn tools(state: &State, code: &Body<PyCode>, event: usize) -> u8 {
    state.events.tools(event) | code.watched.events.tools(event)
}

/// The tools that are to be told of an event at this instruction.
pub fn tools_at(state: &State, code: &Body<PyCode>, site: &Site, event: usize) -> u8 {
    tools(state, code, event) & !site.disabled(event)
}

/// What was changed concerns all code: instruments the caller's, and asks all others to do so.
pub fn everywhere(ctx: &mut Ctx) {
    let state = state(ctx);
    let version = state.version.publish();
    // Relaxed, here and in `in_code`: the breaker's bit comes after it.
    state.everywhere.store(version, Relaxed);
    announce(ctx);
    if shares(ctx) {
        write_shared(ctx, None);
    }
}

/// Whether threads may run images together.
fn shares(ctx: &Ctx) -> bool {
    let options = rt(ctx).kit.code().options();
    !options.private || options.limit != usize::MAX
}

/// As [`everywhere`], of what concerns one code object.
pub fn in_code(ctx: &mut Ctx, code: &Body<PyCode>) {
    let version = state(ctx).version.publish();
    code.watched.changed.store(version, Relaxed);
    // The code has an image from now on, so that it is found when the tool is cleared.
    code.units(ctx);
    // SAFETY: the thread's own image.
    unsafe {
        if let Some(image) = code.copies.own(py(ctx).copy_index) {
            write(state(ctx), code, image);
        }
    }
    raise(ctx);
    if shares(ctx) {
        write_shared(ctx, Some(code));
    }
}

fn announce(ctx: &mut Ctx) {
    raise(ctx);
    safepoint(ctx);
}

/// Asks all threads to look at what changed.
fn raise(ctx: &mut Ctx) {
    rt(ctx)
        .kit
        .each_thread(&mut |thread: &ThreadCore| thread.breaker.raise(BIT));
}

/// A thread is at a safepoint, and its bit is up: instruments its images anew.
#[cold]
pub fn safepoint(ctx: &mut Ctx) {
    // Before the events are read: what changes from here on raises the bit again.
    ctx.thread().core.breaker.take(BIT);
    apply(ctx);
    if state(ctx).unwritten.swap(false, Relaxed) {
        write_shared(ctx, None);
    }
}

/// Code has been made, which nobody runs yet: where threads run its shared image, that is one that can be written, and instrumented if anybody watches.
pub fn made(ctx: &mut Ctx, code: &Body<PyCode>) {
    if rt(ctx).kit.code().options().private {
        return;
    }
    // SAFETY: an object stays where it is; nobody else knows it yet.
    unsafe {
        code.copies.enlist();
        // Made now, so that nobody runs the pristine image, which cannot be written.
        if let Some(image) = code.copies.make_shared()
            && state(ctx).version.current() != 0
        {
            write(state(ctx), code, image);
        }
    }
}

/// A thread starts: the images it takes over may have been instrumented for others than are there now.
pub fn start(ctx: &mut Ctx) {
    if state(ctx).version.current() != 0 {
        apply(ctx);
    }
}

fn apply(ctx: &mut Ctx) {
    let state = state(ctx);
    let index = py(ctx).copy_index;
    let now = state.version.current();
    let since = core::mem::replace(&mut py(ctx).monitor.applied, now);
    // Changes of the version itself too: it may have been read before they were noted.
    let all = state.everywhere.load(Relaxed) >= since;
    rt(ctx).kit.code().for_each(|copies| {
        // SAFETY: the copies of code objects; the image is the calling thread's.
        unsafe {
            let code = code_of(copies);
            if (all || code.watched.changed.load(Relaxed) >= since)
                && let Some(image) = copies.own(index)
            {
                write(state, code, image);
            }
        }
    });
}

/// Whether anybody watches code, or has: who enters code then is to be told of from the first instruction on, in an image of its own.
pub fn is_watching(ctx: &Ctx) -> bool {
    state(ctx).version.current() != 0
}

/// A thread has entered code for the first time, and will run this image. If it is not its own, what it runs until it enters again may have been
/// written for nobody.
///
/// # Safety
/// - `copies` is a code object's, and `image` what the calling thread runs.
pub unsafe fn fresh(ctx: &Ctx, copies: &Copies, image: *mut u32) {
    let state = state(ctx);
    if state.version.current() == 0 {
        return;
    }
    // SAFETY: as the caller says.
    unsafe {
        if copies.is_private(image) {
            write(state, code_of(copies), image);
        } else {
            // Relaxed: this thread looks at it, at the safepoint that the bit asks for.
            state.unwritten.store(true, Relaxed);
            ctx.thread().core.breaker.raise(BIT);
        }
    }
}

/// The code object that these are the copies of.
///
/// # Safety
/// - They are a code object's.
unsafe fn code_of<'a>(copies: &Copies) -> &'a Body<PyCode> {
    const OFFSET: usize =
        core::mem::offset_of!(Body<PyCode>, payload) + core::mem::offset_of!(PyCode, copies);
    // SAFETY: as the caller says; the object lies around the field.
    unsafe { &*core::ptr::from_ref(copies).byte_sub(OFFSET).cast() }
}

/// Instruments the shared images, of one code object or of all.
fn write_shared(ctx: &mut Ctx, only: Option<&Body<PyCode>>) {
    let state = state(ctx);
    let mut all: Vec<*const Body<PyCode>> = Vec::new();
    with_stopped(ctx, |ctx, _| {
        match only {
            Some(code) => all.push(code),
            None => rt(ctx).kit.code().for_each(|copies| {
                // SAFETY: the copies of code objects.
                all.push(unsafe { code_of(copies) });
            }),
        }
        for code in &all {
            // SAFETY: the world is stopped, so that no code object goes and nobody runs a shared image.
            unsafe {
                let code = &**code;
                if let Some(image) = code.copies.make_shared() {
                    write(state, code, image);
                }
            }
        }
    });
}

/// Instruments an image for those who watch the code now.
///
/// # Safety
/// - `image` is one of the code's, not the pristine one, and nobody else reads or writes it now.
unsafe fn write(state: &State, code: &Body<PyCode>, image: *mut u32) {
    let active = (0..LOCAL).fold(0u16, |set, event| {
        set | u16::from(tools(state, code, event) != 0) << event
    });
    if active == 0 && code.watched.sites.get().is_none() {
        return;
    }
    let sites = code.watched.sites(code);
    for (unit, site) in sites.units.iter().enumerate() {
        if site.events == 0 {
            continue;
        }
        let wanted = site.events & active != 0 && is_wanted(state, code, site)
            || site.hushes && active >> LINE & 1 != 0;
        // SAFETY: inside of the image, as long as the code's units.
        unsafe {
            let at = image.add(unit);
            let is = *at & 0xff == INSTRUMENTED;
            if wanted && !is {
                *at = *at & !0xff | INSTRUMENTED;
            } else if is && !wanted {
                *at = *at & !0xff | code.code.units[unit] & 0xff;
            }
        }
    }
}

/// Whether anybody is to be told of anything at this instruction.
fn is_wanted(state: &State, code: &Body<PyCode>, site: &Site) -> bool {
    let mut events = site.events;
    while events != 0 {
        let event = events.trailing_zeros() as usize;
        if tools_at(state, code, site, event) != 0 {
            return true;
        }
        events &= events - 1;
    }
    false
}

/// Takes the instrumentation away from the instruction at `unit`, which the calling thread has just executed, if nobody is to be told of
/// anything there any more.
///
/// # Safety
/// - `pc` is that instruction in an image that the calling thread runs.
pub unsafe fn settle(ctx: &Ctx, code: &Body<PyCode>, unit: u32, pc: *const u32) {
    let state = state(ctx);
    let site = &code.watched.sites(code).units[unit as usize];
    if is_wanted(state, code, site) || site.hushes && tools(state, code, LINE) != 0 {
        return;
    }
    // SAFETY: as the caller says; a private image is the thread's own.
    unsafe {
        if code.copies.is_private(pc) {
            let at = pc.cast_mut();
            *at = *at & !0xff | code.code.units[unit as usize] & 0xff;
        }
    }
}

/// A tool has lost its events; `changed` if it had any for all code. It loses those of single code objects too.
pub fn clear(ctx: &mut Ctx, tool: usize, mut changed: bool) {
    rt(ctx).kit.code().for_each(|copies| {
        // SAFETY: the copies of code objects.
        let code = unsafe { code_of(copies) };
        changed |= code.watched.events.set(tool, 0);
        if let Some(sites) = code.watched.sites.get() {
            sites.enable(1 << tool);
        }
    });
    if changed {
        everywhere(ctx);
    }
}

/// Tools that have disabled something hear of it again, in all code.
pub fn restart(ctx: &mut Ctx, tools: u8) {
    rt(ctx).kit.code().for_each(|copies| {
        // SAFETY: the copies of code objects.
        let code = unsafe { code_of(copies) };
        if let Some(sites) = code.watched.sites.get() {
            sites.enable(tools);
        }
    });
    everywhere(ctx);
}
