//! `from __future__` imports.

use super::Result;
use crate::code::flags;
use crate::scope::{CompileError, Futures};
use ruff_python_ast::{Mod, Stmt};
use ruff_text_size::Ranged;

/// What the imports from `__future__` at the beginning ask for.
///
/// # Errors
/// There is no such feature.
pub(super) fn future_imports(tree: &Mod) -> Result<Futures, CompileError> {
    let mut futures = Futures::default();
    let Mod::Module(module) = tree else {
        return Ok(futures);
    };
    for (index, statement) in module.body.iter().enumerate() {
        let import = match statement {
            Stmt::ImportFrom(import)
                if import.level == 0 && import.module.as_deref() == Some("__future__") =>
            {
                import
            }
            Stmt::Expr(node) if index == 0 && node.value.is_string_literal_expr() => continue,
            _ => break,
        };
        futures.end = import.end();
        for alias in &import.names {
            let name = alias.name.as_str();
            if name == "braces" {
                return Err(CompileError::of_names("not a chance", alias.range()));
            }
            let Some((_, bit)) = flags::FUTURES.iter().find(|(known, _)| *known == name) else {
                let message = format!("future feature {name} is not defined");
                return Err(CompileError::of_names(message, alias.range()));
            };
            futures.bits |= bit;
        }
    }
    Ok(futures)
}
