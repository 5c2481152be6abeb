//! A thread of the language as an object, which becomes what the thread came to.

use super::context::Ctx;
use super::language::Task;
use super::member::{Field, Member, Visitor};
use super::slot::ValueSlot;
use super::type_info::{Managed, TypeInfo};
use super::value::{Local, Value};
use crate::sync::guarded::Guarded;
use alloc::boxed::Box;
use core::error::Error;
use core::mem::{self, offset_of};
use kit_core::sync::native::{AtomicBool, Ordering::*};

/// Any error, from any thread.
pub type AnyError = Box<dyn Error + Send + Sync>;

/// A thread that was started by [`Ctx::start`], until somebody joins it; then what it came to.
#[derive(Default)]
pub struct Running {
    task: Guarded<Option<Task<Result<(), AnyError>>>>,
    result: ValueSlot,
    /// The result is there.
    done: AtomicBool,
}

static RUNNING: TypeInfo = TypeInfo::new::<Running>("Running", TypeInfo::no_finalizer(), &[]);

// SAFETY: the record is this type's alone; the one field that refers is visited once.
unsafe impl Managed for Running {
    const REFERS: bool = true;

    fn info() -> &'static TypeInfo {
        &RUNNING
    }

    fn visit(&self, visitor: &mut Visitor<'_>) {
        self.result.visit(visitor);
    }
}

// SAFETY: the field is there, and of this type.
const RESULT: Field<Running, ValueSlot> = unsafe { Field::new(offset_of!(Running, result)) };

impl Running {
    fn replace(
        &self,
        ctx: &Ctx<'_>,
        task: Option<Task<Result<(), AnyError>>>,
    ) -> Option<Task<Result<(), AnyError>>> {
        let mut own = self.task.lock(ctx.language().runtime().lot());
        mem::replace(&mut *own, task)
    }
}

impl<'a> Ctx<'a> {
    /// Starts a thread of the language, whose result is a value. What it is to work on it gets as [`Global`](super::Global)s.
    ///
    /// # Errors
    /// There is no memory for the object, or the host has no thread.
    pub fn start(
        &self,
        body: impl for<'b> FnOnce(&mut Ctx<'b>) -> Result<Value<'b>, AnyError> + Send + 'static,
    ) -> Result<Local<'a, Running>, AnyError> {
        let running = self.make(Running::default())?.finish();
        let shared = running.share(self);
        let task = self.language().spawn(move |ctx| {
            let value = body(ctx)?;
            let running = shared.get(ctx)?;
            let running = running.try_as::<Running>()?;
            running.at(RESULT).set(ctx, value);
            // Release, paired with `join`: the result is seen.
            running.done.store(true, Release);
            Ok(())
        })?;
        running.replace(self, Some(task));
        Ok(running)
    }
}

impl<'a> Local<'a, Running> {
    /// Waits for the thread, detached. What it came to is for whoever asks.
    ///
    /// # Errors
    /// It failed, or panicked; this is said once. Or another thread waits for it just now.
    pub fn join(&self, ctx: &mut Ctx<'a>) -> Result<Value<'a>, AnyError> {
        if let Some(task) = self.replace(ctx, None) {
            task.join(ctx)??;
        }
        // Acquire, paired with `start`.
        match self.done.load(Acquire) {
            true => Ok(self.at(RESULT).get(ctx)),
            false => Err("another thread joins it, or it has failed".into()),
        }
    }
}
