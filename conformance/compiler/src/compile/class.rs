//! Class statements.

use std::sync::Arc;

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::call::{check_keywords, is_plain};
use super::{Compiler, Reg, Result};
use crate::code::{Code, Const, Position};
use crate::op::{Intrinsic1, Op, WINDOW};
use crate::scope::Role;

impl<'a> Compiler<'a> {
    pub(super) fn class_def(&mut self, node: &'a ast::StmtClassDef) -> Result<()> {
        let position = self.definition_position(node.range(), &node.decorator_list);
        let first_line = self.position(node.range()).line;
        let windows = self.decorators(&node.decorator_list)?;
        let dst = self.definition_target(&node.name, windows.is_empty());
        match &node.type_params {
            None => self.class_object(node, None, dst, position, first_line)?,
            Some(parameters) => {
                let window = self.claim();
                let tuple =
                    self.begin_generic(node, &node.name, parameters, 0, position, first_line)?;
                self.store_name(".type_params", tuple, position);
                self.set_top(tuple);
                let base = self.top();
                self.load_name(".type_params", base, position);
                let kind = Intrinsic1::SubscriptGeneric as u32;
                self.emit(Op::Intrinsic1, base, base, kind, position);
                self.store_name(".generic_base", base, position);
                let class = self.top();
                self.class_object(node, Some(".generic_base"), class, position, first_line)?;
                self.emit(Op::Return, class, 0, 0, position);
                let code = self.finish()?;
                self.plain_function(code, window, position);
                self.emit(Op::Call, window, 0, dst, position);
                self.set_top(window);
            }
        }
        self.decorate(&node.decorator_list, &windows, &node.name, dst, position);
        Ok(())
    }

    /// Calls `__build_class__`, with the variable `extra` as the last base.
    fn class_object(
        &mut self,
        node: &'a ast::StmtClassDef,
        extra: Option<&str>,
        dst: Reg,
        position: Position,
        first_line: u32,
    ) -> Result<()> {
        let window = self.claim();
        self.emit(Op::LoadBuildClass, window, 0, 0, position);
        self.set_top(window + WINDOW);
        let first = self.top();
        let code = self.class_code(node, first_line)?;
        self.plain_function(code, first, position);
        self.claim();
        let name = self.claim();
        self.load_const(name, Const::Str(node.name.as_str().into()), position);
        let (args, keywords) = match &node.arguments {
            Some(arguments) => (&arguments.args[..], &arguments.keywords[..]),
            None => (&[][..], &[][..]),
        };
        check_keywords(keywords)?;
        let plain = node.arguments.as_deref().is_none_or(is_plain);
        if plain {
            self.push_all(args)?;
            let mut count = 2 + args.len() as u32;
            if let Some(extra) = extra {
                let base = self.top();
                self.load_name(extra, base, position);
                self.claim();
                count += 1;
            }
            let mut names = Vec::new();
            for keyword in keywords {
                self.push_expr(&keyword.value)?;
                if let Some(name) = &keyword.arg {
                    names.push(Const::Str(name.as_str().into()));
                }
            }
            count += names.len() as u32;
            if names.is_empty() {
                self.emit(Op::Call, window, count, dst, position);
            } else {
                let names = self.constant(Const::Tuple(names.into()));
                self.emit_units(Op::CallKw, [window, count, dst], [names, 0], position);
            }
        } else {
            self.emit(Op::BuildList, first, first, 2, position);
            self.set_top(first + 1);
            for arg in args {
                match arg {
                    ast::Expr::Starred(starred) => {
                        let value = self.operand(&starred.value)?;
                        self.emit(Op::ListExtend, first, value, 0, position);
                    }
                    arg => {
                        let value = self.operand(arg)?;
                        self.emit(Op::ListAppend, first, value, 0, position);
                    }
                }
                self.set_top(first + 1);
            }
            if let Some(extra) = extra {
                let base = self.top();
                self.load_name(extra, base, position);
                self.emit(Op::ListAppend, first, base, 0, position);
            }
            self.emit(Op::ListToTuple, first, first, 0, position);
            self.unpacked_keywords(window, keywords, position)?;
            self.emit(Op::CallEx, window, 0, dst, position);
        }
        self.set_top(window);
        Ok(())
    }

    fn class_code(&mut self, node: &'a ast::StmtClassDef, first_line: u32) -> Result<Arc<Code>> {
        let scope = self.scope_of(node, Role::Body)?;
        let qualname = self.qualify(&node.name);
        self.begin(
            scope,
            Arc::from(node.name.as_str()),
            qualname.clone(),
            first_line,
            0,
        )?;
        let start = Position {
            line: first_line,
            end_line: first_line,
            column: 0,
            end_column: 0,
            implicit: false,
        };
        let value = self.top();
        self.load_name("__name__", value, start);
        self.store_name("__module__", value, start);
        self.bind_const("__qualname__", Const::Str(qualname), start);
        self.bind_const("__firstlineno__", Const::Int(i64::from(first_line)), start);
        if node.type_params.is_some() {
            self.load_name(".type_params", value, start);
            self.store_name("__type_params__", value, start);
        }
        let class_dict = self
            .cell_of("__classdict__")
            .filter(|&cell| cell < self.here().first_free);
        if let Some(cell) = class_dict {
            self.emit(Op::LoadLocals, value, 0, 0, start);
            self.emit(Op::StoreCell, cell, value, 0, start);
        }
        self.body_start(&node.body, start, false)?;
        let body = self.without_docstring(&node.body);
        self.body(body)?;
        if let Some(function) = self.deferred_annotations(start)? {
            self.store_name("__annotate_func__", function, start);
            self.set_top(function);
        }
        let start = self.after(start);
        let attrs = self.scopes.all[scope]
            .instance_attrs
            .iter()
            .map(|name| Const::Str(name.clone()));
        self.bind_const(
            "__static_attributes__",
            Const::Tuple(attrs.collect()),
            start,
        );
        if let Some(cell) = class_dict {
            self.emit(Op::LoadClosure, value, cell, 0, start);
            self.store_name("__classdictcell__", value, start);
        }
        let class_cell = self
            .cell_of("__class__")
            .filter(|&cell| cell < self.here().first_free);
        match class_cell {
            Some(cell) => {
                self.emit(Op::LoadClosure, value, cell, 0, start);
                self.emit(Op::Copy, value + 1, value, 0, start);
                self.store_name("__classcell__", value + 1, start);
                self.emit(Op::Return, value, 0, 0, start);
            }
            None => self.emit(Op::ReturnNone, 0, 0, 0, start),
        }
        self.finish()
    }

    fn bind_const(&mut self, name: &str, value: Const, position: Position) {
        let register = self.top();
        self.load_const(register, value, position);
        self.store_name(name, register, position);
    }
}
