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
                let nonlocal = used & usage::NONLOCAL != 0;
                nonlocal || used & (usage::BOUND | usage::GLOBAL) == 0
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in open {
            let used = scopes.all[id].usage(&name);
            let nonlocal = used & usage::NONLOCAL != 0;
            if nonlocal && used & usage::GLOBAL != 0 {
                let message = format!("name '{name}' is nonlocal and global");
                return Err(at_declaration(scopes, id, &name, message));
            }
            if !nonlocal && scopes.all[id].sees_class && in_class(scopes, id, &name) {
                continue;
            }
            let found = resolve_name(scopes, id, &name);
            let message = match found {
                _ if !nonlocal => None,
                None if scopes.all[id].kind == ScopeKind::Module => {
                    Some("nonlocal declaration not allowed at module level".into())
                }
                None => Some(format!("no binding for nonlocal '{name}' found")),
                Some(at) if scopes.all[at].usage(&name) & usage::TYPE_PARAMETER != 0 => Some(
                    format!("nonlocal binding not allowed for type parameter '{name}'"),
                ),
                Some(_) => None,
            };
            if let Some(message) = message {
                return Err(at_declaration(scopes, id, &name, message));
            }
        }
    }
    Ok(())
}

/// An error where the scope first declares the name to be global or nonlocal.
fn at_declaration(scopes: &Scopes, id: ScopeId, name: &Name, message: String) -> CompileError {
    let mut declared = scopes.all[id].declared.iter();
    let first = declared.find(|(other, _)| other == name);
    CompileError::of_names(message, first.map(|(_, range)| *range).unwrap_or_default())
}

/// Whether the class that an annotation scope sees settles what `name` means there: the class binds it, so that it is looked up in
/// the class's namespace and among the globals, or declares it global.
fn in_class(scopes: &mut Scopes, from: ScopeId, name: &Name) -> bool {
    let mut at = from;
    while scopes.all[at].kind != ScopeKind::Class {
        let scope = &scopes.all[at];
        if (at != from && scope.binds(name)) || is_implicit(name) {
            return false;
        }
        let Some(parent) = scope.parent else {
            return false;
        };
        at = parent;
    }
    let used = scopes.all[at].usage(name);
    if used & usage::GLOBAL != 0 {
        scopes.all[from].add(name, usage::GLOBAL);
        return true;
    }
    scopes.all[at].binds(name)
}

/// Whether classes hand this name to the scopes in them.
fn is_implicit(name: &str) -> bool {
    matches!(
        name,
        "__class__" | "__classdict__" | "__conditional_annotations__"
    )
}

/// Looks outwards for the function that binds `name`, if there is one.
fn resolve_name(scopes: &mut Scopes, from: ScopeId, name: &Name) -> Option<ScopeId> {
    // Units between the use and the binding: each passes the cell on.
    let mut crossed = Vec::new();
    let mut at = from;
    loop {
        if !scopes.all[at].inlined {
            crossed.push(at);
        }
        let parent = scopes.all[at].parent?;
        let scope = &scopes.all[parent];
        let found = match scope.kind {
            ScopeKind::Module => return None,
            ScopeKind::Class => !crossed.is_empty() && is_implicit(name),
            _ if scope.usage(name) & usage::GLOBAL != 0 => return None,
            _ => scope.binds(name),
        };
        if found {
            if !crossed.is_empty() {
                scopes.all[parent].cells.insert(name.clone());
                for unit in crossed {
                    scopes.all[unit].frees.insert(name.clone());
                }
            }
            return Some(parent);
        }
        at = parent;
    }
}
