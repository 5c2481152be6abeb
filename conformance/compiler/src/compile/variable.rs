//! Where a variable is: which register, cell or namespace a name stands for.

use super::{Compiler, Reg};
use crate::code::{Name, flags};
use crate::scope::{ScopeKind, usage};

/// Whether the compiler makes up this captured name.
fn is_implicit(name: &str) -> bool {
    matches!(
        name,
        "__classdict__" | "__conditional_annotations__" | ".type_params"
    )
}

/// Where a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a register.
    Local(Reg),
    /// In a cell in a register.
    Cell(Reg),
    /// In globals or builtins.
    Global,
    /// In the frame's namespace, globals or builtins.
    Namespace,
    /// In a class's namespace, else in the cell.
    ClassOrCell(Reg),
    /// In the class namespace that the first cell holds, else in the second.
    ClassDictOrCell(Reg, Reg),
    /// In the class namespace that the cell holds, else a global.
    ClassDictOrGlobal(Reg),
}

impl<'a> Compiler<'a> {
    pub(super) fn mangled(&self, name: &str) -> Name {
        self.scope().mangle(name)
    }

    /// Where the variable `name` (already mangled) is.
    pub(super) fn lookup(&self, name: &str) -> Place {
        let unit = self.here();
        let mut at = unit.inner_scope;
        loop {
            let scope = &self.scopes.all[at];
            let used = scope.usage(name);
            if used & usage::GLOBAL != 0 {
                return Place::Global;
            }
            let is_unit = at == unit.scope;
            if scope.binds(name) && (!is_unit || scope.is_function_like()) {
                let key = (at, Name::from(name));
                if let Some(&register) = unit.registers.get(&key) {
                    let in_cell = scope.cells.contains(name);
                    return if in_cell {
                        Place::Cell(register)
                    } else {
                        Place::Local(register)
                    };
                }
            }
            if is_unit {
                return self.lookup_in_unit(name, at == unit.inner_scope);
            }
            match scope.parent {
                Some(parent) => at = parent,
                None => return Place::Global,
            }
        }
    }

    /// Where a name is that the unit has no register of its own for; `direct`: not used in a comprehension inlined in the unit.
    fn lookup_in_unit(&self, name: &str, direct: bool) -> Place {
        let unit = self.here();
        let scope = &self.scopes.all[unit.scope];
        let free = unit.free_registers.get(name).copied();
        match scope.kind {
            ScopeKind::Module if unit.flags & flags::COROUTINE != 0 => Place::Global,
            ScopeKind::Module => Place::Namespace,
            ScopeKind::Class => {
                let declared = scope.usage(name) & usage::NONLOCAL != 0;
                let cell = unit.registers.get(&(unit.scope, Name::from(name))).copied();
                match free {
                    Some(register) if declared || !direct => Place::Cell(register),
                    Some(register) if !scope.binds(name) => Place::ClassOrCell(register),
                    _ if direct => Place::Namespace,
                    _ => cell.map_or(Place::Global, Place::Cell),
                }
            }
            _ => {
                let class = if scope.sees_class && direct && name != "__classdict__" {
                    unit.free_registers.get("__classdict__").copied()
                } else {
                    None
                };
                match (free, class) {
                    // What the compiler itself captures is not looked up in the class.
                    (Some(cell), _) if is_implicit(name) => Place::Cell(cell),
                    (Some(cell), Some(class)) => Place::ClassDictOrCell(class, cell),
                    (Some(cell), None) => Place::Cell(cell),
                    (None, Some(class)) => Place::ClassDictOrGlobal(class),
                    (None, None) => Place::Global,
                }
            }
        }
    }

    /// The register of the current unit that holds the cell of `name`, to close over.
    pub(super) fn cell_of(&self, name: &str) -> Option<Reg> {
        let unit = self.here();
        let mut at = unit.inner_scope;
        loop {
            let scope = &self.scopes.all[at];
            if scope.cells.contains(name)
                && let Some(&register) = unit.registers.get(&(at, Name::from(name)))
            {
                return Some(register);
            }
            if at == unit.scope {
                return unit.free_registers.get(name).copied();
            }
            at = scope.parent?;
        }
    }
}
