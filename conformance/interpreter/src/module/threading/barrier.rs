//! `threading.Barrier`.
//!
//! | phase | meaning | next |
//! |---|---|---|
//! | Filling | threads arrive | Acting, Broken, Resetting |
//! | Acting | all are there; the last one runs the action | Draining, Broken |
//! | Draining | threads leave; who arrives waits outside | Filling |
//! | Resetting | the same, and those inside get an error | Filling |
//! | Broken | everybody gets an error | Resetting, Filling |

use super::condition::in_line;
use super::wait;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::type_::{PyType, full_name, type_of};
use crate::object::{exception, ids, int, protocol, str_};
use crate::vm::thread::{lot, rt};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use kit_std::sync::condition::{Condition, Place};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Phase {
    #[default]
    Filling,
    Acting,
    Draining,
    Resetting,
    Broken,
}

#[derive(Default)]
struct State {
    parties: usize,
    inside: usize,
    phase: Phase,
    /// Seconds.
    timeout: Option<f64>,
}

/// The body of a barrier.
pub struct PyBarrier {
    action: Slot,
    state: Mutex<State>,
    line: Condition,
}

// SAFETY: `trace` reports the slot.
unsafe impl Payload for PyBarrier {
    const ID: u32 = ids::BARRIER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "Barrier";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.action.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        drop(self.action.replace_locked(ctx, None));
    }
}

impl PyBarrier {
    /// Held for a moment only, and never across a safepoint.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `done` says something of the state. `None`: the deadline passed.
    fn wait_until<T>(
        &self,
        ctx: &mut Ctx,
        deadline: Option<u64>,
        mut done: impl FnMut(&mut State) -> Option<T>,
    ) -> PyResult<Option<T>> {
        loop {
            let place: Place = {
                let mut state = self.state();
                if let Some(result) = done(&mut state) {
                    return Ok(Some(result));
                }
                self.line.enqueue()
            };
            if !in_line(ctx, &self.line, &place, deadline)? {
                return Ok(done(&mut self.state()));
            }
        }
    }

    fn change(&self, ctx: &Ctx, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.line.notify(usize::MAX, lot(ctx));
    }

    fn leave(&self, ctx: &Ctx) {
        let last = {
            let mut state = self.state();
            state.inside -= 1;
            let draining = matches!(state.phase, Phase::Draining | Phase::Resetting);
            let last = state.inside == 0 && draining;
            if last {
                state.phase = Phase::Filling;
            }
            last
        };
        if last {
            self.line.notify(usize::MAX, lot(ctx));
        }
    }
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PyBarrier {
        action: Slot::empty(),
        state: Mutex::default(),
        line: Condition::new(),
    };
    payload::allocate(ctx, id, body)
}

static INIT: Signature = Signature {
    name: "Barrier",
    params: &["parties", "action", "timeout"],
    posonly: 0,
    positional: 3,
    required: 1,
};

fn seconds(ctx: &mut Ctx, timeout: Option<&Obj>) -> PyResult<Option<f64>> {
    match timeout {
        Some(timeout) if !timeout.is_none() => wait::seconds(ctx, timeout).map(Some),
        _ => Ok(None),
    }
}

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    let [parties, action, timeout] = args.bind(ctx, &INIT)?;
    let parties = protocol::index_i64(ctx, parties.unwrap_or(&Obj::NONE), None)?;
    if parties < 1 {
        return Err(raise!(ctx, ValueError, "parties must be >= 1"));
    }
    let timeout = seconds(ctx, timeout)?;
    let body = this.expect::<PyBarrier>();
    let action = action.filter(|action| !action.is_none()).cloned();
    body.action.set(ctx, &body.header, action);
    let mut state = body.state();
    state.parties = parties as usize;
    state.timeout = timeout;
    Ok(())
}

fn broken(ctx: &mut Ctx) -> Raised {
    let class = rt(ctx).library.threads.broken_barrier.get().cloned();
    let Some(class) = class else {
        return raise!(ctx, RuntimeError, "");
    };
    match protocol::call(ctx, &class, &[]) {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}

static WAIT: Signature = Signature {
    name: "wait",
    params: &["timeout"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn wait(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [timeout] = args.bind(ctx, &WAIT)?;
    let body = this.expect::<PyBarrier>();
    let given = seconds(ctx, timeout)?;
    let entered = body.wait_until(ctx, None, |state| match state.phase {
        Phase::Filling => {
            state.inside += 1;
            let last = state.inside == state.parties;
            if last {
                state.phase = Phase::Acting;
            }
            Some(Ok((state.inside - 1, last, state.timeout)))
        }
        Phase::Broken => Some(Err(())),
        _ => None,
    })?;
    let Some(Ok((index, last, default))) = entered else {
        return Err(broken(ctx));
    };
    let result = if last {
        release(ctx, body)
    } else {
        let deadline = given.or(default).map(|s| wait::deadline_in(ctx, s));
        pass(ctx, body, deadline)
    };
    body.leave(ctx);
    result?;
    int::from_usize(ctx, index)
}

/// What the last thread to arrive does.
fn release(ctx: &mut Ctx, body: &Body<PyBarrier>) -> PyResult<()> {
    if let Some(action) = body.action.get(ctx, &body.header)
        && let Err(raised) = protocol::call(ctx, &action, &[])
    {
        body.change(ctx, |state| state.phase = Phase::Broken);
        return Err(raised);
    }
    body.change(ctx, |state| state.phase = Phase::Draining);
    Ok(())
}

/// What the others do.
fn pass(ctx: &mut Ctx, body: &Body<PyBarrier>, deadline: Option<u64>) -> PyResult<()> {
    let phase = body.wait_until(ctx, deadline, |state| {
        let waiting = matches!(state.phase, Phase::Filling | Phase::Acting);
        (!waiting).then_some(state.phase)
    });
    match phase {
        Ok(Some(Phase::Draining)) => Ok(()),
        Ok(Some(_)) => Err(broken(ctx)),
        Ok(None) => {
            body.change(ctx, |state| state.phase = Phase::Broken);
            Err(broken(ctx))
        }
        Err(raised) => {
            body.change(ctx, |state| state.phase = Phase::Broken);
            Err(raised)
        }
    }
}

fn reset(ctx: &mut Ctx, this: &Obj) -> PyResult {
    this.expect::<PyBarrier>().change(ctx, |state| {
        state.phase = match (state.inside, state.phase) {
            (0, _) => Phase::Filling,
            (_, Phase::Draining) => Phase::Draining,
            _ => Phase::Resetting,
        };
    });
    Ok(Obj::NONE)
}

fn abort(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyBarrier>();
    body.change(ctx, |state| state.phase = Phase::Broken);
    Ok(Obj::NONE)
}

fn waiting(state: &State) -> usize {
    if matches!(state.phase, Phase::Filling | Phase::Acting) {
        state.inside
    } else {
        0
    }
}

fn parties(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let parties = this.expect::<PyBarrier>().state().parties;
    int::from_usize(ctx, parties)
}

fn n_waiting(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let waiting = waiting(&this.expect::<PyBarrier>().state());
    int::from_usize(ctx, waiting)
}

fn is_broken(_: &mut Ctx, this: &Obj) -> PyResult {
    let phase = this.expect::<PyBarrier>().state().phase;
    Ok(Obj::bool(phase == Phase::Broken))
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let class = type_of(ctx, this).to_obj();
    let class = full_name(ctx, &class)?;
    let address = protocol::address(this);
    let text = {
        let state = this.expect::<PyBarrier>().state();
        if state.phase == Phase::Broken {
            format!("<{class} at {address:#x}: broken>")
        } else {
            let (waiting, parties) = (waiting(&state), state.parties);
            format!("<{class} at {address:#x}: waiters={waiting}/{parties}>")
        }
    };
    str_::new(ctx, &text)
}

/// `threading.Barrier`.
pub static BARRIER: TypeDef = TypeDef {
    id: ids::BARRIER,
    name: "Barrier",
    base: ids::OBJECT,
    layout: ids::BARRIER,
    kind: &Body::<PyBarrier>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        method("wait", Native::MA(wait)),
        method("reset", Native::M0(reset)),
        method("abort", Native::M0(abort)),
    ],
    getset: &[
        getter("parties", parties),
        getter("n_waiting", n_waiting),
        getter("broken", is_broken),
    ],
    doc: "Lets a number of threads wait for each other.",
};
