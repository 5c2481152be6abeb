//! Deciding where the names that a scope does not bind come from.

use super::{CompileError, ScopeId, ScopeKind, Scopes, usage};
use crate::code::Name;

/// Resolves every name of every scope: fills `cells` and `frees`.
pub(super) fn resolve(scopes: &mut Scopes) -> Result<(), CompileError> {
    for id in 0..scopes.all.len() {
        let open: Vec<Name> = scopes.all[id]
            .symbols
            .iter()
            .filter(|(_, used)| {
                let bound = used & usage::BOUND != 0 && used & usage::NONLOCAL == 0;
                !bound && used & usage::GLOBAL == 0
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in open {
            let found = resolve_name(scopes, id, &name);
            if !found && scopes.all[id].usage(&name) & usage::NONLOCAL != 0 {
                let declared = scopes.all[id]
                    .nonlocals
                    .iter()
                    .find(|(other, _)| *other == name);
                if let Some((_, range)) = declared {
                    let message = format!("no binding for nonlocal '{name}' found");
                    return Err(CompileError::of_names(message, *range));
                }
            }
        }
    }
    Ok(())
}

/// Looks outwards for the function that binds `name`; whether there is one.
fn resolve_name(scopes: &mut Scopes, from: ScopeId, name: &Name) -> bool {
    // Units between the use and the binding: each passes the cell on.
    let mut crossed = Vec::new();
    let mut at = from;
    loop {
        if !scopes.all[at].inlined {
            crossed.push(at);
        }
        let Some(parent) = scopes.all[at].parent else {
            return false;
        };
        let scope = &scopes.all[parent];
        let found = match scope.kind {
            ScopeKind::Module => return false,
            ScopeKind::Class => {
                !crossed.is_empty()
                    && matches!(
                        &**name,
                        "__class__" | "__classdict__" | "__conditional_annotations__"
                    )
            }
            _ if scope.usage(name) & usage::GLOBAL != 0 => return false,
            _ => scope.binds(name),
        };
        if found {
            if !crossed.is_empty() {
                scopes.all[parent].cells.insert(name.clone());
                for unit in crossed {
                    scopes.all[unit].frees.insert(name.clone());
                }
            }
            return true;
        }
        at = parent;
    }
}
