//! `sys.monitoring`: tools, the events they want to hear of, and what is called then.

use crate::error::{PyResult, raise};
use crate::host::lock;
use crate::object::args::Args;
use crate::object::code::PyCode;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::str_::PyStr;
use crate::object::{ids, module, namespace, object_, protocol, str_};
use crate::vm::monitor::USER_TOOLS;
use crate::vm::monitor::event::*;
use crate::vm::monitor::instrument::{self, state};
use kit_core::thread::Ctx;

/// `sys.monitoring`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "sys.monitoring",
    functions: &[
        method("use_tool_id", Native::FN(2, 2, use_tool_id)),
        method("clear_tool_id", Native::F1(clear_tool_id)),
        method("free_tool_id", Native::F1(free_tool_id)),
        method("get_tool", Native::F1(get_tool)),
        method("register_callback", Native::FN(3, 3, register_callback)),
        method("get_events", Native::F1(get_events)),
        method("set_events", Native::FN(2, 2, set_events)),
        method("get_local_events", Native::FN(2, 2, get_local_events)),
        method("set_local_events", Native::FN(3, 3, set_local_events)),
        method("restart_events", Native::FN(0, 0, restart_events)),
        method("_all_events", Native::FN(0, 0, all_events)),
    ],
    types: &[],
    populate,
    doc: "",
};

/// The events of which only both can be asked for, and with `CALL`.
const ENDS: u32 = 1 << C_RETURN | 1 << C_RAISE;
const BRANCHES: u32 = 1 << BRANCH_LEFT | 1 << BRANCH_RIGHT;

fn populate(ctx: &mut Ctx, monitoring: &Obj) -> PyResult<()> {
    let events = dict::new(ctx)?;
    for (number, name) in NAMES.iter().enumerate() {
        let name = str_::intern(ctx, name);
        events
            .expect::<PyDict>()
            .set_name(ctx, &name, Obj::small_int(1 << number))?;
    }
    let name = str_::intern(ctx, "NO_EVENTS");
    events
        .expect::<PyDict>()
        .set_name(ctx, &name, Obj::small_int(0))?;
    let events = namespace::from_dict(ctx, events)?;
    module::add(ctx, monitoring, "events", events)?;
    for (name, root) in [
        ("DISABLE", &state(ctx).disable),
        ("MISSING", &state(ctx).missing),
    ] {
        let object = crate::object::type_::type_object(ctx, ids::OBJECT);
        let value = object_::new(ctx, &object, Args::NONE)?;
        let _ = root.set(value.clone());
        module::add(ctx, monitoring, name, value)?;
    }
    for (name, number) in [
        ("DEBUGGER_ID", 0),
        ("COVERAGE_ID", 1),
        ("PROFILER_ID", 2),
        ("OPTIMIZER_ID", 5),
    ] {
        module::add(ctx, monitoring, name, Obj::small_int(number))?;
    }
    Ok(())
}

fn tool(ctx: &mut Ctx, value: &Obj) -> PyResult<usize> {
    let tool = protocol::c_int(ctx, value)?;
    match usize::try_from(tool) {
        Ok(tool) if tool < USER_TOOLS => Ok(tool),
        _ => Err(raise!(
            ctx,
            ValueError,
            "invalid tool {tool} (must be between 0 and 5)"
        )),
    }
}

/// A tool must be in use for what is to be done.
fn check_used(ctx: &mut Ctx, tool: usize) -> PyResult<()> {
    if state(ctx).tool(tool).name.is_some() {
        return Ok(());
    }
    Err(raise!(ctx, ValueError, "tool {tool} is not in use"))
}

fn use_tool_id(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let tool = tool(ctx, &args[0])?;
    let name = &args[1];
    if name.downcast::<PyStr>().is_none() {
        return Err(raise!(ctx, ValueError, "tool name must be a str"));
    }
    let is_free = {
        let mut tool = state(ctx).tool(tool);
        let is_free = tool.name.is_none();
        if is_free {
            tool.name = Some(name.clone());
        }
        is_free
    };
    if is_free {
        Ok(Obj::NONE)
    } else {
        Err(raise!(ctx, ValueError, "tool {tool} is already in use"))
    }
}

fn clear(ctx: &mut Ctx, tool: usize) {
    if state(ctx).tool(tool).name.is_none() {
        return;
    }
    let callbacks = std::mem::take(&mut state(ctx).tool(tool).callbacks);
    drop(callbacks);
    let changed = {
        let _changing = lock(&state(ctx).changing);
        state(ctx).events.set(tool, 0)
    };
    instrument::clear(ctx, tool, changed);
}

fn clear_tool_id(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let tool = tool(ctx, value)?;
    clear(ctx, tool);
    Ok(Obj::NONE)
}

fn free_tool_id(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let tool = tool(ctx, value)?;
    clear(ctx, tool);
    let name = state(ctx).tool(tool).name.take();
    drop(name);
    Ok(Obj::NONE)
}

fn get_tool(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let tool = tool(ctx, value)?;
    let name = state(ctx).tool(tool).name.clone();
    Ok(name.unwrap_or(Obj::NONE))
}

fn register_callback(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let tool = tool(ctx, &args[0])?;
    let event = protocol::c_int(ctx, &args[1])?;
    if event <= 0 || event & (event - 1) != 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "The callback can only be set for one event at a time"
        ));
    }
    let number = event.trailing_zeros() as usize;
    if number > BRANCH {
        return Err(raise!(ctx, ValueError, "invalid event {event}"));
    }
    super::audit::event(ctx, "sys.monitoring.register_callback", |_| {
        Ok(vec![args[2].clone()])
    })?;
    let callback = (!args[2].is_none()).then(|| args[2].clone());
    let (old, other) = {
        let tool = &mut *state(ctx).tool(tool);
        if [BRANCH, BRANCH_LEFT, BRANCH_RIGHT].contains(&number) {
            tool.both = number == BRANCH;
        }
        let callbacks = &mut tool.callbacks;
        if number == BRANCH {
            let old = std::mem::replace(&mut callbacks[BRANCH_LEFT], callback.clone());
            (
                old,
                std::mem::replace(&mut callbacks[BRANCH_RIGHT], callback),
            )
        } else {
            (std::mem::replace(&mut callbacks[number], callback), None)
        }
    };
    drop(other);
    Ok(old.unwrap_or(Obj::NONE))
}

fn get_events(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let tool = tool(ctx, value)?;
    Ok(Obj::small_int(i64::from(state(ctx).events.of(tool))))
}

fn check_ends(ctx: &mut Ctx, events: u32) -> PyResult<u32> {
    let all = ENDS | 1 << CALL;
    if events & ENDS != 0 && events & all != all {
        return Err(raise!(
            ctx,
            ValueError,
            "cannot set C_RETURN or C_RAISE events independently"
        ));
    }
    let mut events = events & !ENDS;
    if events >> BRANCH & 1 != 0 {
        events = events & !(1 << BRANCH) | BRANCHES;
    }
    Ok(events)
}

fn set_events(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let tool = tool(ctx, &args[0])?;
    let events = protocol::c_int(ctx, &args[1])?;
    let bits = events as u32;
    if events < 0 || bits >= 1 << NAMES.len() {
        return Err(raise!(ctx, ValueError, "invalid event set 0x{bits:x}"));
    }
    let events = check_ends(ctx, bits)?;
    check_used(ctx, tool)?;
    let changed = {
        let _changing = lock(&state(ctx).changing);
        state(ctx).events.set(tool, events)
    };
    if changed {
        instrument::everywhere(ctx);
    }
    Ok(Obj::NONE)
}

fn code<'a>(ctx: &mut Ctx, value: &'a Obj) -> PyResult<&'a Body<PyCode>> {
    match value.downcast::<PyCode>() {
        Some(code) => Ok(code),
        None => Err(raise!(ctx, TypeError, "code must be a code object")),
    }
}

fn get_local_events(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let tool = protocol::c_int(ctx, &args[0])?;
    let code = code(ctx, &args[1])?;
    let tool = self::tool(ctx, &Obj::small_int(i64::from(tool)))?;
    Ok(Obj::small_int(i64::from(code.watched.events.of(tool))))
}

fn set_local_events(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let tool = protocol::c_int(ctx, &args[0])?;
    let events = protocol::c_int(ctx, &args[2])?;
    let code = code(ctx, &args[1])?;
    let tool = self::tool(ctx, &Obj::small_int(i64::from(tool)))?;
    let events = check_ends(ctx, events as u32)?;
    if events >= 1 << LOCAL {
        return Err(raise!(
            ctx,
            ValueError,
            "invalid local event set 0x{events:x}"
        ));
    }
    check_used(ctx, tool)?;
    if code.watched.events.set(tool, events) {
        instrument::in_code(ctx, code);
    }
    Ok(Obj::NONE)
}

fn restart_events(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    instrument::restart(ctx, u8::MAX);
    Ok(Obj::NONE)
}

fn all_events(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let result = dict::new(ctx)?;
    for (event, name) in NAMES.iter().enumerate().take(GLOBAL) {
        let tools = state(ctx).events.tools(event);
        if tools != 0 {
            let name = str_::intern(ctx, name);
            let tools = Obj::small_int(i64::from(tools));
            result.expect::<PyDict>().set_name(ctx, &name, tools)?;
        }
    }
    Ok(result)
}
