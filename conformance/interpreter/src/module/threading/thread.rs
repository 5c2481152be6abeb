//! `threading.Thread` and `threading.Timer`.
//!
//! ```text
//! start():  handle, entry in the table of threads ─ native thread
//! there:    attach ─ run() ─ excepthook ─ leave the table ─ drop references ─ detach, leave the runtime ─ done
//! join():   waits for `done`, so that the thread is counted out when it returns
//! ```

use super::state::{self, Handle};
use super::wait;
use crate::error::{PyResult, Raised, raise};
use crate::module::contextvars;
use crate::object::args::{Args, Signature};
use crate::object::define::{GetSet, Native, TypeDef, flag, getter, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_id_of, type_of};
use crate::object::{attribute, ids, int, protocol};
use crate::vm::start;
use crate::vm::thread::{PyRuntime, empty_tuple, lot, rt};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use kit_std::platform::native;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::{Arc, OnceLock};

/// The body of a thread object.
pub struct PyThreadObject {
    target: Slot,
    args: Slot,
    kwargs: Slot,
    name: Slot,
    /// Of a timer: interval, function, args, kwargs, finished.
    timer: [Slot; 5],
    /// Attributes of instances of `Thread` itself; classes derived from it have their own place.
    dict: Slot,
    initialized: AtomicBool,
    daemon: AtomicBool,
    /// Set when it starts.
    pub handle: OnceLock<Arc<Handle>>,
}

impl PyThreadObject {
    fn slots(&self) -> impl Iterator<Item = &Slot> {
        let own = [
            &self.target,
            &self.args,
            &self.kwargs,
            &self.name,
            &self.dict,
        ];
        own.into_iter().chain(&self.timer)
    }

    fn fresh() -> PyThreadObject {
        PyThreadObject {
            target: Slot::empty(),
            args: Slot::empty(),
            kwargs: Slot::empty(),
            name: Slot::empty(),
            timer: [const { Slot::empty() }; 5],
            dict: Slot::empty(),
            initialized: AtomicBool::new(false),
            daemon: AtomicBool::new(false),
            handle: OnceLock::new(),
        }
    }

    fn is_alive(&self) -> bool {
        self.handle
            .get()
            .is_some_and(|handle| !handle.done.is_set())
    }
}

// SAFETY: `trace` reports all slots.
unsafe impl Payload for PyThreadObject {
    const ID: u32 = ids::THREAD;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "Thread";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.slots().for_each(|slot| slot.trace(tracer));
    }

    fn clear(&self, ctx: &mut Ctx) {
        for slot in self.slots() {
            // The collector has the only way to the object.
            drop(slot.replace_locked(ctx, None));
        }
    }
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    payload::allocate(ctx, id, PyThreadObject::fresh())
}

/// The object of a thread that Python did not start: the main thread, or a stranger.
pub fn foreign(ctx: &mut Ctx, handle: Arc<Handle>, is_main: bool) -> PyResult {
    let (id, name) = if is_main {
        (ids::MAIN_THREAD, "MainThread".to_owned())
    } else {
        let number = rt(ctx).library.threads.counter.fetch_add(1, Relaxed) + 1;
        (ids::DUMMY_THREAD, format!("Dummy-{number}"))
    };
    let body = PyThreadObject::fresh();
    body.initialized.store(true, Relaxed);
    body.daemon.store(!is_main, Relaxed);
    let _ = body.handle.set(handle);
    let this = payload::allocate(ctx, id, body)?;
    let name = str_::new(ctx, &name)?;
    let body = this.expect::<PyThreadObject>();
    body.name.set(ctx, &body.header, Some(name));
    Ok(this)
}

static INIT: Signature = Signature {
    name: "Thread.__init__",
    params: &[
        "group", "target", "name", "args", "kwargs", "daemon", "context",
    ],
    posonly: 0,
    positional: 5,
    required: 0,
};

fn given(value: Option<&Obj>) -> Option<&Obj> {
    value.filter(|value| !value.is_none())
}

fn init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    let [group, target, name, args, kwargs, daemon, _] = args.bind(ctx, &INIT)?;
    if given(group).is_some() {
        return Err(raise!(
            ctx,
            AssertionError,
            "group argument must be None for now"
        ));
    }
    let target = given(target);
    let name = match given(name) {
        Some(name) => protocol::str(ctx, name)?,
        None => default_name(ctx, target)?,
    };
    let daemon = match given(daemon) {
        Some(daemon) => protocol::truth(ctx, daemon)?,
        None => state::handle().daemon.load(Relaxed),
    };
    let body = this.expect::<PyThreadObject>();
    let put = |ctx: &Ctx, slot: &Slot, value| slot.set(ctx, &body.header, value);
    put(ctx, &body.target, target.cloned());
    put(ctx, &body.args, args.cloned());
    put(ctx, &body.kwargs, given(kwargs).cloned());
    put(ctx, &body.name, Some(name));
    body.daemon.store(daemon, Relaxed);
    body.initialized.store(true, Release);
    Ok(())
}

fn default_name(ctx: &mut Ctx, target: Option<&Obj>) -> PyResult {
    let number = rt(ctx).library.threads.counter.fetch_add(1, Relaxed) + 1;
    let mut text = format!("Thread-{number}");
    if let Some(target) = target
        && let Some(name) = protocol::find_attr(ctx, target, &names(ctx).name)?
    {
        let name = protocol::str_string(ctx, &name)?;
        text = format!("{text} ({name})");
    }
    str_::new(ctx, &text)
}

fn check(ctx: &mut Ctx, this: &Obj, body: &PyThreadObject) -> PyResult<()> {
    let _ = this;
    if body.initialized.load(Acquire) {
        return Ok(());
    }
    Err(raise!(ctx, AssertionError, "Thread.__init__() not called"))
}

fn start(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    if !body.initialized.load(Acquire) {
        return Err(raise!(ctx, RuntimeError, "thread.__init__() not called"));
    }
    let handle = Arc::new(Handle::default());
    handle.daemon.store(body.daemon.load(Relaxed), Relaxed);
    if body.handle.set(handle.clone()).is_err() {
        return Err(raise!(
            ctx,
            RuntimeError,
            "threads can only be started once"
        ));
    }
    let started = launch(
        ctx,
        handle.clone(),
        Some(this.clone()),
        Job::Run(this.clone()),
    );
    if started {
        return Ok(Obj::NONE);
    }
    Err(raise!(ctx, RuntimeError, "can't start new thread"))
}

/// What a new thread does.
pub enum Job {
    /// `run()` of a thread object.
    Run(Obj),
    /// A call, for `_thread.start_new_thread`.
    Call(Obj, Obj, Option<Obj>),
}

/// Starts a native thread. False when there is none to be had.
pub fn launch(ctx: &mut Ctx, handle: Arc<Handle>, object: Option<Obj>, job: Job) -> bool {
    let runtime = rt(ctx);
    let Ok(context) = contextvars::inherited(ctx) else {
        return false;
    };
    // The current thread enters the table before the first one it starts.
    let threads = &runtime.library.threads;
    if threads.main.get().is_none() && state::current(ctx).is_err() {
        return false;
    }
    runtime.kit.expect_company(ctx);
    if let Some(object) = &object {
        threads.enter(object.clone(), &handle);
    }
    let mine = handle.clone();
    // Not by the standard library: the child of a fork must be able to.
    let spawned = native::start(runtime.stack_size + STACK_MARGIN, move || {
        handle.begin(runtime.lot);
        let body = (handle.clone(), object, job, context);
        // Whatever becomes of it: an error leaves what was to run behind, undone.
        let _ = start::attach(runtime, move |ctx| bootstrap(ctx, body));
        finish(runtime, &handle);
    });
    if spawned.is_err() {
        drop(threads.leave(&mine));
        finish(runtime, &mine);
        return false;
    }
    true
}

/// Native stack beyond what the interpreter uses.
const STACK_MARGIN: usize = 1 << 20;

fn finish(runtime: &PyRuntime, handle: &Arc<Handle>) {
    // A thread that could not be started will not begin either.
    handle.begun.set(runtime.lot);
    handle.done.set(runtime.lot);
    runtime.library.threads.forget(handle);
}

/// The life of a thread, attached.
fn bootstrap(
    ctx: &mut Ctx,
    (handle, object, job, context): (Arc<Handle>, Option<Obj>, Job, Option<Obj>),
) {
    contextvars::adopt(ctx, context);
    state::adopt(handle.clone(), object.clone());
    super::watch::begin(ctx);
    let result = match &job {
        Job::Run(this) => {
            let run = str_::intern(ctx, "run");
            protocol::call_method(ctx, this, &run, &[])
        }
        Job::Call(function, args, kwargs) => call(ctx, function, Some(args), kwargs.as_ref()),
    };
    match result {
        Ok(result) => drop(result),
        Err(raised) => super::hook::uncaught(ctx, raised, object.as_ref()),
    }
    drop((object, job));
    drop(rt(ctx).library.threads.leave(&handle));
    state::forget();
    ctx.drain();
}

/// `function(*args, **kwargs)`.
fn call(ctx: &mut Ctx, function: &Obj, args: Option<&Obj>, kwargs: Option<&Obj>) -> PyResult {
    let args = match args {
        Some(args) if args.downcast_exact::<PyTuple>().is_some() => args.clone(),
        Some(args) => {
            let args = protocol::collect(ctx, args)?;
            crate::object::tuple::from_vec(ctx, args)?
        }
        None => empty_tuple(ctx),
    };
    let mut keywords = Vec::new();
    let mut values = Vec::new();
    if let Some(kwargs) = kwargs.and_then(|kwargs| kwargs.downcast::<PyDict>()) {
        for (name, value) in kwargs.items(ctx) {
            if name.downcast::<PyStr>().is_none() {
                return Err(raise!(ctx, TypeError, "keywords must be strings"));
            }
            keywords.push(str_::intern_obj(ctx, &name)?);
            values.push(value);
        }
    }
    let args = Args {
        pos: args.expect::<PyTuple>().items(),
        names: &keywords,
        values: &values,
    };
    protocol::call_with(ctx, function, args)
}

fn run(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    if let Some(function) = body.target.get(ctx, &body.header) {
        let args = body.args.get(ctx, &body.header);
        let kwargs = body.kwargs.get(ctx, &body.header);
        let result = call(ctx, &function, args.as_ref(), kwargs.as_ref());
        // Arguments may refer to the thread.
        for slot in [&body.target, &body.args, &body.kwargs] {
            slot.set(ctx, &body.header, None);
        }
        drop(result?);
    }
    Ok(Obj::NONE)
}

static JOIN: Signature = Signature {
    name: "join",
    params: &["timeout"],
    posonly: 0,
    positional: 1,
    required: 0,
};

fn join(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    let [timeout] = args.bind(ctx, &JOIN)?;
    let body = this.expect::<PyThreadObject>();
    if !body.initialized.load(Acquire) {
        return Err(raise!(ctx, RuntimeError, "Thread.__init__() not called"));
    }
    let Some(handle) = body.handle.get() else {
        return Err(raise!(
            ctx,
            RuntimeError,
            "cannot join thread before it is started"
        ));
    };
    if handle.ident() == state::ident() {
        return Err(raise!(ctx, RuntimeError, "cannot join current thread"));
    }
    let deadline = wait::timeout(ctx, timeout)?;
    state::join(ctx, handle, deadline)?;
    Ok(Obj::NONE)
}

fn is_alive(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    check(ctx, this, body)?;
    Ok(Obj::bool(body.is_alive()))
}

fn name(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    check(ctx, this, body)?;
    Ok(body.name.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

/// The thread's name as text.
pub fn name_of(ctx: &Ctx, this: &Obj) -> String {
    let body = this.expect::<PyThreadObject>();
    body.name
        .get(ctx, &body.header)
        .and_then(|name| Some(name.downcast::<PyStr>()?.as_str_lossy().into_owned()))
        .unwrap_or_default()
}

fn set_name(ctx: &mut Ctx, this: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = this.expect::<PyThreadObject>();
    check(ctx, this, body)?;
    let Some(value) = value else {
        return Err(cannot_delete(ctx, "name"));
    };
    let name = protocol::str(ctx, value)?;
    body.name.set(ctx, &body.header, Some(name));
    Ok(())
}

fn cannot_delete(ctx: &mut Ctx, what: &str) -> Raised {
    raise!(
        ctx,
        AttributeError,
        "property '{what}' of 'Thread' object has no deleter"
    )
}

fn ident(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    check(ctx, this, body)?;
    match body.handle.get() {
        Some(handle) => int::from_i64(ctx, handle.ident() as i64),
        None => Ok(Obj::NONE),
    }
}

fn native_id(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    check(ctx, this, body)?;
    let Some(handle) = body.handle.get().cloned() else {
        return Ok(Obj::NONE);
    };
    // `start` does not wait for the new thread; who wants to know its number does.
    if handle.native_id.load(Acquire) == 0 && !handle.begun.is_set() {
        wait::blocking(ctx, None, |lot, until| {
            handle.begun.wait(lot, &mut Unattached, until) == Ok(true)
        })?;
    }
    match handle.native_id.load(Acquire) {
        0 => Ok(Obj::NONE),
        number => int::from_i64(ctx, number as i64),
    }
}

fn daemon(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    check(ctx, this, body)?;
    Ok(Obj::bool(body.daemon.load(Relaxed)))
}

fn set_daemon(ctx: &mut Ctx, this: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = this.expect::<PyThreadObject>();
    if !body.initialized.load(Acquire) {
        return Err(raise!(ctx, RuntimeError, "Thread.__init__() not called"));
    }
    if body.handle.get().is_some() {
        return Err(raise!(
            ctx,
            RuntimeError,
            "cannot set daemon status of active thread"
        ));
    }
    let Some(value) = value else {
        return Err(cannot_delete(ctx, "daemon"));
    };
    let daemon = protocol::truth(ctx, value)?;
    body.daemon.store(daemon, Relaxed);
    Ok(())
}

fn get_name(ctx: &mut Ctx, this: &Obj) -> PyResult {
    name(ctx, this)
}

fn put_name(ctx: &mut Ctx, this: &Obj, value: &Obj) -> PyResult {
    set_name(ctx, this, Some(value)).map(|()| Obj::NONE)
}

fn is_daemon(ctx: &mut Ctx, this: &Obj) -> PyResult {
    daemon(ctx, this)
}

fn put_daemon(ctx: &mut Ctx, this: &Obj, value: &Obj) -> PyResult {
    set_daemon(ctx, this, Some(value)).map(|()| Obj::NONE)
}

fn repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    if !body.initialized.load(Acquire) {
        return Err(raise!(
            ctx,
            AssertionError,
            "Thread.__init__() was not called"
        ));
    }
    let class = protocol::type_name(ctx, this);
    let name = name_of(ctx, this);
    let mut status = match body.handle.get() {
        None => "initial",
        Some(_) if body.is_alive() => "started",
        Some(_) => "stopped",
    }
    .to_owned();
    if body.daemon.load(Relaxed) {
        status.push_str(" daemon");
    }
    if let Some(handle) = body.handle.get() {
        status.push_str(&format!(" {}", handle.ident()));
    }
    str_::new(ctx, &format!("<{class}({name}, {status})>"))
}

/// Whether the object keeps its attributes in its body.
fn keeps_dict(this: &Obj) -> bool {
    type_id_of(this) < ids::FIRST_DYNAMIC
}

fn own_dict(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let body = this.expect::<PyThreadObject>();
    if let Some(dict) = body.dict.get(ctx, &body.header) {
        return Ok(dict);
    }
    let dict = dict::new(ctx)?;
    body.dict.set(ctx, &body.header, Some(dict.clone()));
    Ok(dict)
}

fn getattr(ctx: &mut Ctx, this: &Obj, name: &Obj) -> PyResult {
    if keeps_dict(this) {
        if name.is(&names(ctx).dict) {
            return own_dict(ctx, this);
        }
        let body = this.expect::<PyThreadObject>();
        if let Some(dict) = body.dict.get(ctx, &body.header)
            && let Some(value) = dict.expect::<PyDict>().get_name(ctx, name)
        {
            return Ok(value);
        }
    }
    attribute::generic_get(ctx, this, name)
}

fn setattr(ctx: &mut Ctx, this: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    if keeps_dict(this) {
        let found = attribute::lookup(ctx, type_id_of(this), name);
        let data = found.is_some_and(|d| type_of(ctx, &d).slots(ctx).descr_set.is_some());
        if !data {
            let dict = own_dict(ctx, this)?;
            let dict = dict.expect::<PyDict>();
            match value {
                Some(value) => return dict.set_name(ctx, name, value.clone()),
                None if dict.remove_name(ctx, name).is_some() => return Ok(()),
                None => {}
            }
        }
    }
    attribute::generic_set(ctx, this, name, value)
}

const THREAD_METHODS: &[crate::object::define::Method] = &[
    method("start", Native::M0(start)),
    method("run", Native::M0(run)),
    method("join", Native::MA(join)),
    method("is_alive", Native::M0(is_alive)),
    method("getName", Native::M0(get_name)),
    method("setName", Native::M1(put_name)),
    method("isDaemon", Native::M0(is_daemon)),
    method("setDaemon", Native::M1(put_daemon)),
];

const THREAD_SLOTS: Slots = Slots {
    new: Some(new),
    init: Some(init),
    repr: Some(repr),
    getattr: Some(getattr),
    setattr: Some(setattr),
    ..Slots::NONE
};

/// `threading.Thread`.
pub static THREAD: TypeDef = TypeDef {
    id: ids::THREAD,
    name: "Thread",
    base: ids::OBJECT,
    layout: ids::THREAD,
    kind: &Body::<PyThreadObject>::KIND,
    flags: flag::BASE,
    slots: THREAD_SLOTS,
    methods: THREAD_METHODS,
    getset: &[
        GetSet {
            name: "name",
            get: name,
            set: Some(set_name),
        },
        GetSet {
            name: "daemon",
            get: daemon,
            set: Some(set_daemon),
        },
        getter("ident", ident),
        getter("native_id", native_id),
    ],
    doc: "A thread of control.",
};

const fn special(id: u32, name: &'static str) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::THREAD,
        layout: ids::THREAD,
        kind: &Body::<PyThreadObject>::KIND,
        flags: flag::NO_NEW,
        slots: Slots::NONE,
        methods: &[],
        getset: &[],
        doc: "",
    }
}

/// The class of the main thread's object.
pub static MAIN_THREAD: TypeDef = special(ids::MAIN_THREAD, "threading._MainThread");
/// The class of the objects of threads that Python did not start.
pub static DUMMY_THREAD: TypeDef = special(ids::DUMMY_THREAD, "threading._DummyThread");

const INTERVAL: usize = 0;
const FUNCTION: usize = 1;
const ARGS: usize = 2;
const KWARGS: usize = 3;
const FINISHED: usize = 4;

static TIMER_INIT: Signature = Signature {
    name: "Timer.__init__",
    params: &["interval", "function", "args", "kwargs"],
    posonly: 0,
    positional: 4,
    required: 2,
};

fn timer_init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    let given = args.pos.len() + args.names.len();
    if given == 0 {
        return Err(raise!(
            ctx,
            TypeError,
            "Timer.__init__() missing 2 required positional arguments: 'interval' and 'function'"
        ));
    }
    let bound: [Option<&Obj>; 4] = args.bind(ctx, &TIMER_INIT)?;
    init(ctx, this, Args::NONE)?;
    let finished = super::event::create(ctx)?;
    let body = this.expect::<PyThreadObject>();
    for (slot, value) in body.timer.iter().zip(bound) {
        slot.set(ctx, &body.header, value.cloned());
    }
    body.timer[FINISHED].set(ctx, &body.header, Some(finished));
    Ok(())
}

fn timer_part(ctx: &Ctx, this: &Obj, part: usize) -> Obj {
    let body = this.expect::<PyThreadObject>();
    body.timer[part].get(ctx, &body.header).unwrap_or(Obj::NONE)
}

fn timer_run(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let finished = timer_part(ctx, this, FINISHED);
    let Some(event) = finished.downcast::<super::event::PyEvent>() else {
        return Ok(Obj::NONE);
    };
    let interval = timer_part(ctx, this, INTERVAL);
    let deadline = wait::timeout(ctx, Some(&interval))?;
    if !super::event::wait_until(ctx, event, deadline)? {
        let function = timer_part(ctx, this, FUNCTION);
        let (args, kwargs) = (timer_part(ctx, this, ARGS), timer_part(ctx, this, KWARGS));
        let args = Some(&args).filter(|args| !args.is_none());
        drop(call(ctx, &function, args, Some(&kwargs))?);
    }
    event.flag.set(lot(ctx));
    Ok(Obj::NONE)
}

fn timer_cancel(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let finished = timer_part(ctx, this, FINISHED);
    if let Some(event) = finished.downcast::<super::event::PyEvent>() {
        event.flag.set(lot(ctx));
    }
    Ok(Obj::NONE)
}

macro_rules! timer_parts {
    ($($name:ident: $part:expr;)*) => {$(
        fn $name(ctx: &mut Ctx, this: &Obj) -> PyResult {
            Ok(timer_part(ctx, this, $part))
        }
    )*};
}

timer_parts! {
    timer_interval: INTERVAL;
    timer_function: FUNCTION;
    timer_args: ARGS;
    timer_kwargs: KWARGS;
    timer_finished: FINISHED;
}

/// `threading.Timer`.
pub static TIMER: TypeDef = TypeDef {
    id: ids::TIMER,
    name: "Timer",
    base: ids::THREAD,
    layout: ids::THREAD,
    kind: &Body::<PyThreadObject>::KIND,
    flags: flag::BASE,
    slots: Slots {
        init: Some(timer_init),
        ..THREAD_SLOTS
    },
    methods: &[
        method("run", Native::M0(timer_run)),
        method("cancel", Native::M0(timer_cancel)),
    ],
    getset: &[
        getter("interval", timer_interval),
        getter("function", timer_function),
        getter("args", timer_args),
        getter("kwargs", timer_kwargs),
        getter("finished", timer_finished),
    ],
    doc: "Calls a function after a number of seconds.",
};

/// Whether a thread is to end silently with this exception.
pub fn is_exit(ctx: &Ctx, exception: &Obj) -> bool {
    exception::is_instance(ctx, exception, class::SystemExit)
}
