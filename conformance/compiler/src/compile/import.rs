//! Imports.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{CompileError, Compiler, Result};
use crate::code::{Const, Position, flags};
use crate::op::Op;

impl<'a> Compiler<'a> {
    pub(super) fn import(&mut self, node: &'a ast::StmtImport, position: Position) -> Result<()> {
        for alias in &node.names {
            let module = self.top();
            self.load_const(module, Const::None, position);
            self.claim();
            let name = alias.name.as_str();
            let index = self.name_index(name);
            self.emit_units(Op::ImportName, [module, module, 0], [index, 0], position);
            match &alias.asname {
                None => {
                    let first = name.split('.').next().unwrap_or(name);
                    self.store_name(first, module, position);
                }
                Some(asname) => {
                    // `import a.b.c as d` binds the innermost module.
                    for part in name.split('.').skip(1) {
                        let inner = self.claim();
                        let index = self.name_index(part);
                        self.emit_units(Op::ImportFrom, [inner, module, 0], [index, 0], position);
                        self.emit(Op::Drop, module, 0, 0, position);
                        self.emit(Op::Move, module, inner, 0, position);
                        self.set_top(module + 1);
                    }
                    self.store_name(asname, module, position);
                }
            }
            self.set_top(module);
        }
        Ok(())
    }

    pub(super) fn import_from(
        &mut self,
        node: &'a ast::StmtImportFrom,
        position: Position,
    ) -> Result<()> {
        let module = self.top();
        let names: Vec<Const> = node
            .names
            .iter()
            .map(|alias| Const::Str(alias.name.as_str().into()))
            .collect();
        self.load_const(module, Const::Tuple(names.into()), position);
        self.claim();
        let index = self.name_index(node.module.as_deref().unwrap_or(""));
        self.emit_units(
            Op::ImportName,
            [module, module, 0],
            [index, node.level],
            position,
        );
        for alias in &node.names {
            if &*alias.name == "*" {
                if self.here().flags & flags::COROUTINE != 0 {
                    let message = "import * where 'await' is outside of functions";
                    return Err(CompileError::new(message, node.range()));
                }
                self.emit(Op::ImportStar, module, 0, 0, position);
                return Ok(());
            }
            let value = self.claim();
            let index = self.name_index(&alias.name);
            self.emit_units(Op::ImportFrom, [value, module, 0], [index, 0], position);
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            self.store_name(name, value, position);
            self.set_top(value);
        }
        self.emit(Op::Drop, module, 0, 0, position);
        Ok(())
    }
}
