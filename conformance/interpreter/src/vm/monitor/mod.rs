//! Monitoring: telling tools what running code comes to, by code that was instrumented for it.
//!
//! Tools 0 to 5 are the program's (`sys.monitoring`), 6 and 7 what `sys.setprofile` and `sys.settrace` are made of. Which tools
//! want to hear of which events is in an [`Events`] for the whole program, and one for each code object.
//!
//! | file        | what                                                                        |
//! |-------------|-----------------------------------------------------------------------------|
//! | `event`     | the events and their numbers                                                |
//! | `sites`     | which events an instruction may be: derived from the table of operations    |
//! | `instrument`| writing `INSTRUMENTED` over instructions, each thread in its own images     |
//! | `step`      | executing an instruction that is instrumented                               |
//! | `unwind`    | events of exceptions, which come out of unwinding instead                   |
//! | `tell`      | calling tools                                                               |
//! | `trace`     | the tools that are `sys.settrace` and `sys.setprofile`                      |
//! | `jump`      | `frame.f_lineno = n`                                                        |
//!
//! An instruction at which somebody wants to hear of an event has `INSTRUMENTED` as its operation in the images of it that threads
//! run; its operands stay, and its own operation is in what the compiler made. Executing it tells the tools, and then
//! executes the instruction itself, alone ([`step`]). Code that nobody watches is as it always was: nothing is tested anywhere.
//!
//! A thread writes only images of its own. Who changes events raises a bit in every thread's breaker, and each
//! thread instruments its images at its next safepoint ([`instrument::safepoint`]); see [`kit_core::monitor`]. Images that several threads run
//! are written while the world is stopped.

pub mod event;
pub mod instrument;
pub mod jump;
pub mod sites;
pub mod step;
pub mod tell;
pub mod trace;
pub mod unwind;

use super::frame::Base;
use crate::host::{Mutex, MutexGuard, OnceLock, lock};
use crate::object::obj::Obj;
use crate::object::root::Root;
use core::sync::atomic::{AtomicBool, AtomicU32};
use event::{CALLBACKS, GLOBAL, LOCAL};
use kit_core::monitor::{Events, Version};
use sites::Sites;

/// How many tools programs may use.
pub const USER_TOOLS: usize = 6;
/// The tool that `sys.setprofile` is.
pub const PROFILE: usize = 6;
/// The tool that `sys.settrace` is.
pub const TRACE: usize = 7;

/// What a runtime knows of its tools.
#[derive(Default)]
pub struct State {
    /// What they want to hear of, wherever it happens.
    pub events: Events<GLOBAL>,
    /// The number of the last change.
    pub version: Version,
    /// The number of the last change that concerned all code.
    pub everywhere: AtomicU32,
    tools: [Mutex<Tool>; USER_TOOLS],
    /// Held by whoever changes what there is to hear of.
    pub changing: Mutex<Legacy>,
    /// Whether a thread has to run an image that nobody has written.
    pub unwritten: AtomicBool,
    /// Whether a frame has asked for `opcode` events.
    pub opcodes: AtomicBool,
    /// `sys.monitoring.DISABLE`.
    pub disable: Root,
    /// `sys.monitoring.MISSING`.
    pub missing: Root,
}

/// How many threads have functions.
#[derive(Default)]
pub struct Legacy {
    /// Of `sys.setprofile` and `sys.settrace`.
    pub threads: [u32; 2],
}

/// A tool of the program's.
#[derive(Default)]
pub struct Tool {
    /// The name it is in use under.
    pub name: Option<Obj>,
    /// Both branches are told to one callback, which says of both that it does not want to hear of them any more.
    pub both: bool,
    /// What is called, by event.
    pub callbacks: [Option<Obj>; CALLBACKS],
}

impl State {
    /// A tool, locked for a moment: nothing may be dropped meanwhile.
    pub fn tool(&self, number: usize) -> MutexGuard<'_, Tool> {
        lock(&self.tools[number])
    }

    /// The tools that are told of both branches as one event.
    pub fn told_both(&self) -> u8 {
        let tools = self.tools.iter().enumerate();
        tools.fold(0, |both, (number, tool)| {
            both | u8::from(lock(tool).both) << number
        })
    }

    /// Lets go of what tools have given, at the end.
    pub fn forget(&self) {
        for tool in &self.tools {
            let given = core::mem::take(&mut *lock(tool));
            drop(given);
        }
    }
}

/// What a code object knows of who watches it.
#[derive(Default)]
pub struct Watched {
    /// Who wants to hear of what happens in this code.
    pub events: Events<LOCAL>,
    /// The number of the last change of these.
    pub changed: AtomicU32,
    sites: OnceLock<Sites>,
}

/// What a thread knows of tools.
pub struct Local {
    /// A tool is being told: nobody is told of what it does.
    pub busy: bool,
    /// The number of the last change that the thread's images have.
    pub applied: u32,
    /// The instruction that the thread comes to next, if its line is not to be told: that of the one before.
    pub quiet: *const u32,
    /// The frame of which it is told that it begins or goes on, and where it does, its line and its offset: those of its `def`, of its
    /// `yield`.
    pub starting: (Base, u32, i64),
    /// The frame that an exception has last led to a handler of its own, and the unit that raised it.
    pub led: (Base, u32),
    /// The frame that was resumed at a `YIELD_FROM` which is to be told of it.
    pub resumed: Base,
    /// The call being executed is to make no frame for `__init__`.
    pub plain_call: bool,
    /// What is being told, as an event's number.
    pub telling: Option<usize>,
    /// The frame that it is told of.
    pub told: Base,
    /// The unit that the frame comes to next, if it is told of a jump that was made.
    pub landing: Option<u32>,
    /// The frame was moved to the line of its `def`: it begins again.
    pub again: bool,
    /// The functions of `sys.setprofile` and `sys.settrace`.
    pub functions: [Option<Obj>; 2],
}

impl Default for Local {
    fn default() -> Local {
        Local {
            busy: false,
            applied: 0,
            quiet: core::ptr::null(),
            starting: (core::ptr::null_mut(), 0, 0),
            led: (core::ptr::null_mut(), 0),
            resumed: core::ptr::null_mut(),
            plain_call: false,
            telling: None,
            told: core::ptr::null_mut(),
            landing: None,
            again: false,
            functions: [None, None],
        }
    }
}
