//! Frames that somebody looks at: making their objects, reaching their registers, leaving them.
//!
//! The object of a frame is made by the first look ([`object_of`], [`of_generator`]) and found by the next ones: a frame on a
//! stack has its address in its header, under the flag `OBSERVED`; a generator keeps that of its frame. Where the
//! registers are is said by the object's [`Place`], and [`visit`] gets to them:
//!
//! | the frame is                   | reached                                                             |
//! |--------------------------------|---------------------------------------------------------------------|
//! | on the caller's own stack      | directly                                                            |
//! | put away in a generator        | alone, directly; with the world stopped otherwise                   |
//! | left, and the object's own     | under the object's lock                                             |
//! | on the stack of another thread | with the world stopped: nothing of a running frame is ever aliased  |
//!
//! A frame that is left gives its locals to its object if anybody still has that ([`leave`]), and the object then
//! remembers the caller's frame, whose object is made for the purpose: one call up, never the whole stack.
//!
//! Frames that are half made or half gone are not shown: a generator's before it is in the generator, and one that is being
//! left, whose locals are dropped while their finalizers run above it.

use super::frame::{self, Base, GENERATOR, INIT, LEAVING, OBSERVED};
use super::generate::generator_of;
use super::names;
use super::thread::{py, rt};
use crate::code::flags;
use crate::error::{PyResult, Raised, no_memory, raise};
use crate::object::code::PyCode;
use crate::object::frame::{self as frame_object, PyFrame};
use crate::object::generator::{PyGenerator, Saved};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::type_::type_id_of;
use crate::object::{coroutine, ids, str_, tuple};
use crate::op::Op;
use crate::prelude::*;
use kit_core::backend::world::Stopped;
use kit_core::frame::coroutine::State as Sleep;
use kit_core::frame::layout::{AUX, FUNC, META, OBJECT, PC, callers, pack_pointer, unpack_pointer};
use kit_core::frame::object::{Place, State, move_registers, put_stopped};
use kit_core::object::{Header, Word};
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::{Ctx, Thread};

// --- Finding frames --------------------------------------------------------------------------------------------

/// Whether a program may see the frame.
///
/// # Safety
/// - `base` is the base of a complete frame of the calling thread, or of one that is stopped.
pub unsafe fn is_visible(base: Base) -> bool {
    // SAFETY: as the caller says; the saved instruction pointer points at an instruction of the code.
    unsafe {
        let header = frame::flags(base);
        if header & LEAVING != 0 {
            return false;
        }
        let kinds = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        if header & GENERATOR == 0 && frame::code(base).code.flags & kinds != 0 {
            return false;
        }
        let pc: *const u32 = unpack_pointer(frame::header(base, PC));
        !matches!(Op::from_u8(*pc as u8), Some(Op::Return | Op::ReturnNone))
    }
}

/// The first frame a program may see, from the one at `base` on towards its callers.
///
/// # Safety
/// - As [`callers`].
unsafe fn first_visible(base: Base) -> Option<Base> {
    // SAFETY: as the caller says.
    unsafe { callers(base).find(|base| is_visible(*base)) }
}

/// The frame of the running code that a program may see, `depth` calls up.
pub fn nth(ctx: &mut Ctx, depth: usize) -> Option<Base> {
    // SAFETY: the frames of this thread are complete.
    unsafe {
        callers(py(ctx).base)
            .filter(|base| is_visible(*base))
            .nth(depth)
    }
}

/// The running frame's object, or that of a caller, `depth` calls up.
pub fn running(ctx: &mut Ctx, depth: usize) -> PyResult<Option<Obj>> {
    match nth(ctx, depth) {
        // SAFETY: a frame of this thread.
        Some(base) => unsafe { object_of(ctx, base) }.map(Some),
        None => Ok(None),
    }
}

/// Where the code at `base` is, and its callers, `depth` of them at most: file, line and name of each.
///
/// # Safety
/// - As [`callers`]; the frames are of the calling thread.
pub unsafe fn origin(ctx: &mut Ctx, base: Base, depth: usize) -> PyResult<Vec<Obj>> {
    // SAFETY: as the caller says; they stay where they are, for what follows runs no code.
    let frames = unsafe { callers(base).filter(|base| is_visible(*base)) };
    let mut origin = Vec::new();
    for base in frames.take(depth) {
        // SAFETY: as above.
        let (code, unit) = unsafe { (frame::code(base), unit(frame::code(base), base)) };
        let line = code.code.positions.at(unit).line;
        let filename = str_::new(ctx, &code.code.filename)?;
        let entry = vec![filename, Obj::small_int(line.into()), code.name.clone()];
        origin.push(tuple::from_vec(ctx, entry)?);
    }
    Ok(origin)
}

/// Calls `each` with file, line and name of the frames of the calling thread, the innermost first, `depth` of them at most. It
/// neither allocates nor locks.
///
/// # Safety
/// - The frames are complete; or the process ends, whatever becomes of this.
pub unsafe fn for_each_of_this_thread(depth: usize, mut each: impl FnMut(&str, u32, &str)) {
    let thread = kit_std::thread::current::thread();
    // SAFETY: the calling thread's record, if it has one; the rest as the caller says.
    unsafe {
        let Some(thread) = thread.as_ref() else {
            return;
        };
        let frames = callers(base_of(thread)).filter(|base| is_visible(*base));
        for base in frames.take(depth) {
            let code = frame::code(base);
            let line = code.code.positions.at(unit(code, base)).line;
            each(&code.code.filename, line, &code.code.name);
        }
    }
}

// --- Making objects --------------------------------------------------------------------------------------------

/// The object of a frame of the calling thread.
///
/// # Safety
/// - `base` is the base of a complete frame of this thread.
pub unsafe fn object_of(ctx: &mut Ctx, base: Base) -> PyResult {
    // SAFETY: as the caller says.
    match unsafe { link(ctx, base, ctx.slot()) } {
        Some(object) => Ok(object),
        None => Err(no_memory(ctx)),
    }
}

/// The object of a frame of the calling thread, if it has one already.
///
/// # Safety
/// - As [`object_of`].
pub unsafe fn known(base: Base) -> Option<Obj> {
    // SAFETY: as the caller says; the flag says that the header has an object, which the frame keeps.
    unsafe {
        let header = frame::flags(base);
        if header & GENERATOR != 0 {
            return generator_of(base).saved().frame.clone();
        }
        (header & OBSERVED != 0).then(|| {
            let object: *const Header = unpack_pointer(frame::header(base, OBJECT));
            Obj::copy_word(Word::object(object))
        })
    }
}

/// The object of a frame on the stack of the thread in `slot`, made now if there is none. `None`: no memory.
///
/// # Safety
/// - `base` is the base of a complete frame of the thread in `slot`, which is the calling one or is stopped.
unsafe fn link(ctx: &Ctx, base: Base, slot: u16) -> Option<Obj> {
    // SAFETY: as the caller says: nobody else uses the frame, or its generator's part, now.
    unsafe {
        if let Some(known) = known(base) {
            return Some(known);
        }
        let header = frame::flags(base);
        let (code, function) = (frame::code(base), frame::header(base, FUNC));
        if header & GENERATOR != 0 {
            let generator = generator_of(base);
            let place = Place::holder_of(&generator.header);
            place.enter(base, slot);
            let object = held(ctx, generator, place, function)?;
            let saved = generator.saved();
            saved.frame = Some(object.clone());
            saved.point = saved.point.any();
            return Some(object);
        }
        let namespace = match header & INIT {
            0 => names::namespace(base).cloned(),
            _ => None,
        };
        let place = Place::stack(base, slot);
        let object = frame_object::new(ctx, place, code, function, namespace)?;
        let address = object.clone().into_word().as_object();
        *base.offset(OBJECT) = StackRef::immediate(pack_pointer(address));
        set_flags(base, OBSERVED, 0);
        Some(object)
    }
}

/// A new object for the frame of a generator.
///
/// # Safety
/// - The caller has the generator to itself, and stores the object there. `function` is the frame's.
unsafe fn held(
    ctx: &Ctx,
    generator: &Body<PyGenerator>,
    place: Place,
    function: Word,
) -> Option<Obj> {
    // Who has the frame object finds the generator, unless it is dying.
    generator.header.publish();
    // SAFETY: as the caller says.
    unsafe { frame_object::new(ctx, place, generator.code(), function, None) }
}

/// Changes the flags of a frame.
///
/// # Safety
/// - As [`link`].
unsafe fn set_flags(base: Base, set: u32, clear: u32) {
    // SAFETY: as the caller says.
    unsafe {
        let meta = frame::header(base, META).as_int() as u32;
        let meta = Word::int_unchecked(i64::from(meta & !clear | set));
        *base.offset(META) = StackRef::immediate(meta);
    }
}

/// The object of a generator's frame; `None` when the body is over.
pub fn of_generator(ctx: &mut Ctx, generator: &Obj) -> PyResult<Option<Obj>> {
    let body = generator.expect::<PyGenerator>();
    if body.coroutine.state() == Sleep::Cleared {
        return Ok(None);
    }
    // Does it run on this thread?
    // SAFETY: the frames of this thread are complete.
    let mine = unsafe { callers(py(ctx).base).find(|base| runs(*base, body)) };
    let found = match mine {
        // SAFETY: a frame of this thread.
        Some(base) => Some(unsafe { link(ctx, base, ctx.slot()) }),
        // SAFETY: there is no other thread.
        None if ctx.solo() => unsafe { sleeping(ctx, body) },
        None => with_stopped(ctx, |ctx, stopped| {
            if body.coroutine.state() == Sleep::Executing {
                return find_stopped(ctx, stopped, body);
            }
            // SAFETY: the world is stopped.
            unsafe { sleeping(ctx, body) }
        })
        .flatten(),
    };
    match found {
        Some(None) => Err(no_memory(ctx)),
        found => Ok(found.flatten()),
    }
}

/// The object of the frame of a generator that does not run; `None` when the body is over, `Some(None)` without memory.
///
/// # Safety
/// - There is no other thread, or the world is stopped.
unsafe fn sleeping(ctx: &Ctx, body: &Body<PyGenerator>) -> Option<Option<Obj>> {
    // SAFETY: as the caller says.
    unsafe {
        body.look(|saved| {
            if saved.frame.is_none() {
                let place = Place::holder_of(&body.header);
                // The first word is the function.
                saved.frame = held(ctx, body, place, saved.words[0]);
                saved.point = saved.point.any();
            }
            saved.frame.clone()
        })
        .or_else(|| lost(body))
    }
}

/// The object of the frame of a generator that neither sleeps nor runs: a fork has left its thread behind. There is one if
/// somebody had looked before.
///
/// # Safety
/// - As [`sleeping`], and no thread runs the generator.
unsafe fn lost(body: &Body<PyGenerator>) -> Option<Option<Obj>> {
    let is_lost = body.coroutine.state() == Sleep::Executing;
    // SAFETY: nobody else uses it.
    is_lost
        .then(|| unsafe { body.saved().frame.clone() })?
        .map(Some)
}

/// Whether the frame is that of this generator.
///
/// # Safety
/// - As [`is_visible`].
unsafe fn runs(base: Base, generator: &Body<PyGenerator>) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        frame::flags(base) & GENERATOR != 0
            && core::ptr::eq(
                frame::header(base, AUX).as_object(),
                &raw const generator.header,
            )
    }
}

/// The object of the frame of a generator that a stopped thread runs, or ran; `Some(None)`: no memory.
fn find_stopped(
    ctx: &Ctx,
    stopped: &Stopped<'_>,
    generator: &Body<PyGenerator>,
) -> Option<Option<Obj>> {
    let mut found = None;
    stopped.for_each_thread(|core| {
        // SAFETY: a core is the first field of its thread's record, and its host the interpreter's part; both
        // stay while the world is stopped, as do the frames.
        unsafe {
            let thread = &*core::ptr::from_ref(core).cast::<Thread>();
            let base = base_of(thread);
            if let Some(base) = callers(base).find(|base| runs(*base, generator)) {
                found = Some(link(ctx, base, thread.counter().slot()));
            }
        }
    });
    // SAFETY: the world is stopped.
    found.or_else(|| unsafe { lost(generator) })
}

/// The running frame of a thread; null for one that runs no code.
///
/// # Safety
/// - The thread is stopped, or the calling one.
unsafe fn base_of(thread: &Thread) -> Base {
    let host = thread.host.get().cast::<super::thread::PyThread>();
    // SAFETY: a thread's host is null or its `PyThread`, which nobody uses now.
    unsafe { host.as_ref() }.map_or(core::ptr::null_mut(), |host| host.base)
}

/// Calls `body` with the world stopped. `None`: the interpreter is shutting down.
///
/// `body` may make objects and take references, but runs no code, drops nothing and waits for nothing.
pub fn with_stopped<R>(ctx: &mut Ctx, body: impl FnOnce(&Ctx, &Stopped<'_>) -> R) -> Option<R> {
    let runtime = rt(ctx);
    let stopped = Stopped::stop(runtime.kit.world(), ctx).ok()?;
    Some(body(ctx, &stopped))
}

/// What each thread of the interpreter runs: its identity, the object of its innermost frame and the exception it handles.
pub struct Running {
    /// `threading.get_ident()`.
    pub ident: u64,
    /// The frame.
    pub frame: Obj,
    /// The exception.
    pub handled: Option<Obj>,
}

/// What the threads run at one moment; those that run no Python code, or have no identity, are left out.
pub fn all_threads(ctx: &mut Ctx) -> PyResult<Vec<Running>> {
    // The calling thread has an identity from now on.
    #[cfg(feature = "std")]
    crate::module::threading::state::ident();
    let mut complete = true;
    let mut found = Vec::new();
    with_stopped(ctx, |ctx, stopped| {
        stopped.for_each_thread(|core| {
            // SAFETY: as in `find_stopped`.
            unsafe {
                let thread = &*core::ptr::from_ref(core).cast::<Thread>();
                let host = thread.host.get().cast::<super::thread::PyThread>();
                let Some(host) = host.as_ref() else { return };
                let Some(base) = first_visible(host.base) else {
                    return;
                };
                if host.ident.get() == 0 {
                    return;
                }
                match link(ctx, base, thread.counter().slot()) {
                    Some(frame) => found.push(Running {
                        ident: host.ident.get(),
                        frame,
                        handled: host.handled.clone(),
                    }),
                    None => complete = false,
                }
            }
        });
    });
    if complete {
        Ok(found)
    } else {
        Err(no_memory(ctx))
    }
}

// --- Leaving ---------------------------------------------------------------------------------------------------

/// In the child of a fork, with the world still stopped: the frames of the threads that are gone are about to go with their stacks.
/// Objects that somebody has of them keep copies of the locals; the frames' own references are lost.
pub fn inherit(ctx: &Ctx, stopped: &Stopped<'_>) {
    stopped.for_each_thread(|core| {
        if core::ptr::eq(core, &ctx.thread().core) {
            return;
        }
        // SAFETY: as in `find_stopped`; nobody runs who could use the frames.
        unsafe {
            let thread = &*core::ptr::from_ref(core).cast::<Thread>();
            // From the innermost on: what is made for one as its caller's is found next.
            for base in callers(base_of(thread)) {
                let header = frame::flags(base);
                let object = if header & GENERATOR != 0 {
                    generator_of(base).saved().frame.as_ref().map(Obj::word)
                } else {
                    (header & OBSERVED != 0)
                        .then(|| Word::object(unpack_pointer(frame::header(base, OBJECT))))
                };
                if let Some(object) = object {
                    let body = &*object.as_object().cast::<Body<PyFrame>>();
                    outlive(ctx, base, body, thread.counter().slot());
                }
            }
        }
    });
}

/// Gives a frame object what it is to keep of a frame that nobody goes on to leave.
///
/// # Safety
/// - `base` is the frame of `object`, on the stack of the thread in `slot`, which is stopped and does not go on.
unsafe fn outlive(ctx: &Ctx, base: Base, object: &Body<PyFrame>, slot: u16) {
    // SAFETY: as the caller says; words are copied, never moved.
    unsafe {
        let unit = unit(object.code(), base);
        let copy = |word: Word| (!word.is_null()).then(|| Obj::copy_word(word));
        let overwritten = object.overwritten_stopped();
        for old in core::mem::take(&mut overwritten.lent) {
            overwritten.kept.extend(copy(old.word()));
        }
        let back = first_visible(frame::previous(base)).and_then(|back| link(ctx, back, slot));
        object.back.set(ctx, &object.header, back);
        for index in 0..object.code().nlocals as usize {
            if let Some(local) = copy((*base.add(index)).word()) {
                object.words().add(index).write(local.into_word());
            }
        }
        object.take_over(unit);
    }
}

/// The frame is about to be left: programs do not see it any more.
///
/// # Safety
/// - `base` is the base of the running frame.
pub unsafe fn hide(base: Base) {
    // SAFETY: as the caller says.
    unsafe { set_flags(base, LEAVING, 0) };
}

/// A frame with an object of its own, not a generator's, is being left: gives the object what it is to keep. What remains in the
/// frame is for the caller to drop.
///
/// # Safety
/// - `base` is the base of the running frame, flagged `OBSERVED`, and `previous` that of the frame below. No temporary
///   borrows of its locals.
#[cold]
pub unsafe fn leave(ctx: &Ctx, base: Base, previous: Base) {
    // SAFETY: as the caller says; the header owns a reference to the object, which moves out.
    unsafe {
        let object: *const Header = unpack_pointer(frame::header(base, OBJECT));
        set_flags(base, LEAVING, OBSERVED);
        depart(ctx, base, previous, Obj::from_word(Word::object(object)));
    }
}

/// As [`leave`], for a frame with the object `object`, whose header or generator does not have it any more.
///
/// # Safety
/// - As [`leave`], but for the flag; without `previous` there is no caller.
#[cold]
pub unsafe fn depart(ctx: &Ctx, base: Base, previous: Base, object: Obj) {
    let body = object.expect::<PyFrame>();
    let wanted = !body.header.is_unique(ctx.slot());
    // SAFETY: as the caller says: the frame is this thread's until the object owns it.
    unsafe {
        let unit = unit(body.code(), base);
        body.settle(ctx);
        if wanted {
            let back = first_visible(previous).and_then(|back| link(ctx, back, ctx.slot()));
            body.back.set(ctx, &body.header, back);
            let count = body.code().nlocals as usize;
            move_registers(ctx, base, count, body.words());
        }
        body.take_over(unit);
    }
}

/// The frame of a generator ends where it sleeps: gives its object what it is to keep, and leaves nulls. What remains is for the
/// caller to drop.
///
/// # Safety
/// - The caller has the generator's frame to itself; `object` is its frame object.
#[cold]
pub unsafe fn retire(ctx: &Ctx, saved: &mut Saved, object: Obj) {
    let body = object.expect::<PyFrame>();
    if !body.header.is_unique(ctx.slot()) {
        let count = body.code().nlocals as usize;
        for (index, word) in saved.words[1..].iter_mut().take(count).enumerate() {
            let word = core::mem::replace(word, Word::NULL);
            // SAFETY: the frame kept what its words refer to until now; a word is moved once. One that is counted by nobody
            // (a cell, which the function keeps) is counted from here on.
            unsafe {
                let safe = if word.is_deferred() && !(*word.as_object()).is_deferred() {
                    Obj::copy_word(word).into_word()
                } else {
                    word
                };
                body.words().add(index).write(safe);
            }
        }
    }
    body.take_over(saved.unit);
}

// --- Reaching registers ----------------------------------------------------------------------------------------

/// A frame, for a moment in which nobody else uses it.
pub struct View<'a> {
    frame: &'a Body<PyFrame>,
    registers: Registers<'a>,
}

enum Registers<'a> {
    /// On the calling thread's stack.
    Mine(Base),
    /// On the stack of a thread that is stopped.
    Stopped(Base),
    /// In a generator.
    Saved(&'a mut Saved),
    /// In the object.
    Own,
}

impl<'a> View<'a> {
    fn of(frame: &'a Body<PyFrame>, registers: Registers<'a>) -> View<'a> {
        View { frame, registers }
    }

    /// What a local register holds.
    pub fn local(&self, index: usize) -> Option<Obj> {
        debug_assert!(index < self.frame.code().nlocals as usize);
        // SAFETY: in range; whoever has the registers to itself sees what they keep.
        unsafe {
            let word = match &self.registers {
                Registers::Mine(base) | Registers::Stopped(base) => (*base.add(index)).word(),
                Registers::Saved(saved) => saved.words[1 + index],
                Registers::Own => *self.frame.words().add(index),
            };
            (!word.is_null()).then(|| Obj::copy_word(word))
        }
    }

    /// Writes a local register. What it held is kept by the frame object, as calls may have borrowed it; or returned, for the caller to
    /// keep there.
    fn put(&mut self, ctx: &Ctx, index: usize, value: Obj) -> Option<Obj> {
        debug_assert!(index < self.frame.code().nlocals as usize);
        // SAFETY: in range, and nobody else uses the registers; each word moves once.
        unsafe {
            match &mut self.registers {
                Registers::Mine(base) => {
                    let value = value.into_ref(ctx);
                    let old = (*base.add(index)).replace(value);
                    self.frame.overwritten(ctx).lent.push(old);
                    None
                }
                Registers::Stopped(base) => {
                    let old = put_stopped(base.add(index), value.into_word());
                    self.frame.overwritten_stopped().lent.push(old);
                    None
                }
                Registers::Saved(saved) => {
                    let register = &mut saved.words[1 + index];
                    Obj::from_nullable(core::mem::replace(register, value.into_word()))
                }
                Registers::Own => {
                    let register = self.frame.words().add(index);
                    Obj::from_nullable(register.replace(value.into_word()))
                }
            }
        }
    }

    /// The unit the frame is at.
    pub fn unit(&self) -> u32 {
        match &self.registers {
            // SAFETY: a complete frame of this thread, or of one that is stopped.
            Registers::Mine(base) | Registers::Stopped(base) => unsafe {
                unit(self.frame.code(), *base)
            },
            Registers::Saved(saved) => saved.unit,
            Registers::Own => self.frame.last_unit(),
        }
    }
}

/// Where a frame is.
///
/// # Safety
/// - As [`is_visible`].
unsafe fn unit(code: &Body<PyCode>, base: Base) -> u32 {
    // SAFETY: as the caller says.
    code.copies
        .offset(unpack_pointer(unsafe { frame::header(base, PC) }))
}

/// Calls `look` with the frame of a frame object, wherever it is. `None`: the interpreter is shutting down.
///
/// `look` runs no code, drops no object and waits for nothing.
pub fn visit<R>(
    ctx: &mut Ctx,
    frame: &Obj,
    mut look: impl FnMut(&Ctx, &mut View<'_>) -> R,
) -> Option<R> {
    let body = frame.expect::<PyFrame>();
    if let Some(base) = body.place.base_of(ctx.slot()) {
        return Some(look(ctx, &mut View::of(body, Registers::Mine(base))));
    }
    if body.place.state() == State::Holder
        && let Some(generator) = holder(ctx, body)
    {
        let generator = generator.expect::<PyGenerator>();
        if ctx.solo() {
            // SAFETY: alone.
            let seen = unsafe {
                generator.look(|saved| look(ctx, &mut View::of(body, Registers::Saved(saved))))
            };
            if seen.is_some() {
                return seen;
            }
        }
    }
    if body.place.state() == State::Owned {
        let _lock = ctx.lock(&body.header);
        return Some(look(ctx, &mut View::of(body, Registers::Own)));
    }
    with_stopped(ctx, |ctx, _| {
        // It may have moved before the world stopped.
        if let Some((base, _)) = body.place.base() {
            return look(ctx, &mut View::of(body, Registers::Stopped(base)));
        }
        if body.place.state() == State::Holder {
            // SAFETY: the holder tells the object before it goes, and no thread runs that could.
            let seen = unsafe {
                let generator = &*body.place.holder().cast::<Body<PyGenerator>>();
                generator.look(|saved| look(ctx, &mut View::of(body, Registers::Saved(saved))))
            };
            if let Some(seen) = seen {
                return seen;
            }
        }
        look(ctx, &mut View::of(body, Registers::Own))
    })
}

/// Writes a local register of a frame.
pub fn put(ctx: &mut Ctx, frame: &Obj, index: usize, value: Obj) {
    let mut value = Some(value);
    let old = visit(ctx, frame, |ctx, view| {
        value.take().and_then(|value| view.put(ctx, index, value))
    });
    if let Some(old) = old.flatten() {
        let body = frame.expect::<PyFrame>();
        // SAFETY: no other guard of the frame object is alive here.
        unsafe { body.overwritten(ctx) }.kept.push(old);
    }
}

/// The generator that keeps the frame, unless it is dying.
pub fn holder(ctx: &Ctx, frame: &Body<PyFrame>) -> Option<Obj> {
    let holder = frame.place.holder();
    if holder.is_null() {
        return None;
    }
    // SAFETY: a header stays readable until the next safepoint. Taking a reference fails for what is dying, and
    // the second look says whether it still was the generator; if not, the reference is given back.
    unsafe {
        let header = &*holder;
        if !header.try_retain_own(ctx.counter()) && !header.try_retain(ctx.counter()) {
            return None;
        }
        let generator = Obj::from_word(Word::object(holder));
        core::ptr::eq(frame.place.holder(), holder).then_some(generator)
    }
}

/// The object of the frame that called this one.
pub fn back(ctx: &mut Ctx, frame: &Obj) -> PyResult<Option<Obj>> {
    let body = frame.expect::<PyFrame>();
    if let Some(base) = body.place.base_of(ctx.slot()) {
        // SAFETY: frames of this thread, complete.
        return unsafe {
            match first_visible(frame::previous(base)) {
                Some(back) => object_of(ctx, back).map(Some),
                None => Ok(None),
            }
        };
    }
    if body.place.state() == State::Owned {
        return Ok(body.back.get(ctx, &body.header));
    }
    let found = with_stopped(ctx, |ctx, _| {
        let Some((base, slot)) = body.place.base() else {
            return Ok(match body.place.state() {
                // SAFETY: not null, and kept by the slot, which nobody changes now.
                State::Owned if body.back.peek().is_object() => unsafe {
                    Some(Obj::copy_word(body.back.peek()))
                },
                _ => None,
            });
        };
        // SAFETY: the frames of a thread that is stopped.
        unsafe {
            match first_visible(frame::previous(base)) {
                Some(back) => link(ctx, back, slot).map(Some).ok_or(()),
                None => Ok(None),
            }
        }
    });
    match found.unwrap_or(Ok(None)) {
        Ok(back) => Ok(back),
        Err(()) => Err(no_memory(ctx)),
    }
}

/// Why a frame cannot be cleared.
pub enum Busy {
    /// It runs.
    Executing,
    /// Its generator has begun.
    Suspended,
}

/// `frame.clear()`: drops what a frame that was left keeps. A generator that has not begun is ended instead, which leaves its
/// locals to the frame object.
pub fn clear(ctx: &mut Ctx, frame: &Obj) -> Result<(), Busy> {
    let body = frame.expect::<PyFrame>();
    loop {
        match body.place.state() {
            State::Owned => {
                body.empty(ctx);
                ctx.drain();
                return Ok(());
            }
            State::Stack => return Err(Busy::Executing),
            State::Holder => {
                if body.place.base_of(ctx.slot()).is_some() {
                    return Err(Busy::Executing);
                }
                // One that is dying is about to give the frame up, by itself.
                let generator = holder(ctx, body).ok_or(Busy::Suspended)?;
                let state = generator.expect::<PyGenerator>().coroutine.state();
                if generator.expect::<PyGenerator>().cancel(ctx)? {
                    if state == Sleep::Created && type_id_of(&generator) == ids::COROUTINE {
                        coroutine::warn_coroutine(ctx, &generator);
                    }
                    ctx.drain();
                    return Ok(());
                }
            }
        }
    }
}

/// Raises the exception of a frame that cannot be cleared.
pub fn refuse(ctx: &mut Ctx, busy: Busy) -> Raised {
    let what = match busy {
        Busy::Executing => "an executing",
        Busy::Suspended => "a suspended",
    };
    raise!(ctx, RuntimeError, "cannot clear {what} frame")
}
