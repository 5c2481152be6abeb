//! `from __future__` imports.

use super::Result;
use crate::code::flags;
use crate::scope::CompileError;
use ruff_python_ast::{Mod, Stmt};
use ruff_text_size::Ranged;

/// Checks the `from __future__` imports; the bits of what they ask for.
pub(super) fn future_imports(tree: &Mod) -> Result<u32, CompileError> {
    let Mod::Module(module) = tree else {
        return Ok(0);
    };
    let mut futures = 0;
    let mut opening = true;
    for (index, statement) in module.body.iter().enumerate() {
        let import = match statement {
            Stmt::ImportFrom(import) => import,
            Stmt::Expr(node) if index == 0 && node.value.is_string_literal_expr() => continue,
            _ => {
                opening = false;
                continue;
            }
        };
        if import.level != 0 || import.module.as_deref() != Some("__future__") {
            opening = false;
            continue;
        }
        if !opening {
            let message = "from __future__ imports must occur at the beginning of the file";
            return Err(CompileError::new(message, import.range()));
        }
        for alias in &import.names {
            match alias.name.as_str() {
                "braces" => return Err(CompileError::new("not a chance", alias.range())),
                other => {
                    if let Some((_, bit)) = flags::FUTURES.iter().find(|(name, _)| *name == other) {
                        futures |= bit;
                        continue;
                    }
                    let message = format!("future feature {other} is not defined");
                    return Err(CompileError::of_names(message, alias.range()));
                }
            }
        }
    }
    Ok(futures)
}
