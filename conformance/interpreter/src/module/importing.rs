//! Which modules are being imported by which thread: a body runs once, and who comes second waits for a
//! complete module.
//!
//! ```text
//!  running:  name of a module ──▶ Import { owner, done }      from before the search to after the body
//!  waiting:  thread ──▶ the Import it waits for
//! ```
//!
//! | a thread that wants a module which is      | does                                                 |
//! |---------------------------------------------|------------------------------------------------------|
//! | not in `running`                            | enters it there, loads, takes it out, wakes the rest |
//! | being imported by itself (a circle)         | goes on with the module as it is                     |
//! | being imported by a thread that waits, maybe through others, for this one | the same           |
//! | being imported by any other thread          | waits, then looks again: the import may have failed  |
//!
//! Whoever waits says so under the lock under which it has looked for a circle, so of the threads of a circle
//! the last to come sees it, and goes on.

use super::threading::{state, wait};
use crate::error::PyResult;
use crate::vm::thread::{lot, rt};
use kit_core::sync::event::Event;
use kit_core::sync::parking::Unattached;
use kit_core::thread::Ctx;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An import under way.
struct Import {
    /// The identity of the thread that does it.
    owner: u64,
    /// It has ended, well or not.
    done: Event,
}

#[derive(Default)]
struct Table {
    running: HashMap<String, Arc<Import>>,
    waiting: HashMap<u64, Arc<Import>>,
}

/// The imports under way in an interpreter.
#[derive(Default)]
pub struct Imports {
    /// How many there are, so that importing what has long been there needs no lock.
    count: AtomicUsize,
    table: Mutex<Table>,
}

impl Imports {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Imports {
    /// In the child of a fork: the imports of all threads but `me` have ended where they were.
    pub fn forget_others(&self, me: u64) {
        let mut table = self.lock();
        table.running.retain(|_, import| import.owner == me);
        table.waiting.clear();
        // Relaxed: there is one thread.
        self.count.store(table.running.len(), Relaxed);
    }
}

impl Table {
    /// Whether `import` cannot end before this thread goes on.
    fn is_circle(&self, import: &Arc<Import>, me: u64) -> bool {
        let mut next = Some(import);
        while let Some(import) = next {
            if import.owner == me {
                return true;
            }
            // Nobody waits in a circle, so this ends.
            next = self.waiting.get(&import.owner);
        }
        false
    }
}

/// What a thread that wants a module is to do.
pub enum Turn {
    /// Load it; the others wait until the guard is dropped.
    Load(Guard),
    /// Look again: another thread's import has ended.
    Again,
    /// Go on with what there is: to wait would be to wait for itself.
    Circle,
}

/// The import this thread does.
pub struct Guard {
    name: String,
}

impl Guard {
    /// The import has ended.
    pub fn finish(self, ctx: &Ctx) {
        let imports = &rt(ctx).library.imports;
        let import = imports.lock().running.remove(&self.name);
        // Relaxed: see `enter`.
        imports.count.fetch_sub(1, Relaxed);
        if let Some(import) = import {
            import.done.set(lot(ctx));
        }
    }
}

/// Asks for the turn to load the module `name`; waits while another thread does.
///
/// # Errors
/// A signal interrupted the wait.
pub fn enter(ctx: &mut Ctx, name: &str) -> PyResult<Turn> {
    let me = state::ident();
    let imports = &rt(ctx).library.imports;
    let import = {
        let mut table = imports.lock();
        match table.running.get(name).cloned() {
            None => {
                let import = Import {
                    owner: me,
                    done: Event::new(),
                };
                table.running.insert(name.to_owned(), Arc::new(import));
                // Relaxed: whoever finds the module in `sys.modules`, where it is put after this, sees
                // the count as well; for the others the table decides.
                imports.count.fetch_add(1, Relaxed);
                let name = name.to_owned();
                return Ok(Turn::Load(Guard { name }));
            }
            Some(import) if table.is_circle(&import, me) => return Ok(Turn::Circle),
            Some(import) => {
                table.waiting.insert(me, import.clone());
                import
            }
        }
    };
    let waited = wait::blocking(ctx, None, |lot, until| {
        import.done.wait(lot, &mut Unattached, until) == Ok(true)
    });
    rt(ctx).library.imports.lock().waiting.remove(&me);
    waited.map(|_| Turn::Again)
}

/// Waits until nobody else is importing the module `name`, which `sys.modules` has.
///
/// # Errors
/// A signal interrupted the wait.
pub fn settle(ctx: &mut Ctx, name: &str) -> PyResult<()> {
    loop {
        let imports = &rt(ctx).library.imports;
        // Relaxed: see `enter`.
        if imports.count.load(Relaxed) == 0 || !imports.lock().running.contains_key(name) {
            return Ok(());
        }
        match enter(ctx, name)? {
            Turn::Load(guard) => guard.finish(ctx),
            Turn::Again => {}
            Turn::Circle => return Ok(()),
        }
    }
}

/// Whether the body of the module `name` has not run to its end.
pub fn is_running(ctx: &Ctx, name: &str) -> bool {
    let imports = &rt(ctx).library.imports;
    imports.lock().running.contains_key(name)
}
