//! `from __future__` imports.

use super::Result;
use crate::scope::CompileError;
use ruff_python_ast::{Mod, Stmt};
use ruff_text_size::Ranged;

/// Checks the `from __future__` imports; whether `annotations` is among them.
pub(super) fn future_imports(tree: &Mod) -> Result<bool, CompileError> {
    let Mod::Module(module) = tree else {
        return Ok(false);
    };
    let mut annotations = false;
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
                "annotations" => annotations = true,
                "nested_scopes" | "generators" | "division" | "absolute_import"
                | "with_statement" | "print_function" | "unicode_literals" | "barry_as_FLUFL"
                | "generator_stop" => {}
                "braces" => return Err(CompileError::new("not a chance", alias.range())),
                other => {
                    let message = format!("future feature {other} is not defined");
                    return Err(CompileError::of_names(message, alias.range()));
                }
            }
        }
    }
    Ok(annotations)
}
