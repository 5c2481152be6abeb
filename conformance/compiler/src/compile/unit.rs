//! A unit while it is built: a module, class body or function, to become one code object.

use super::{Compiler, Reg, Result, assemble, flow};
use crate::code::{Code, Const, Name, Position, flags, local};
use crate::op::Op;
use crate::scope::{CompileError, ScopeId, ScopeKind, usage};
use ruff_python_ast::Stmt;
use ruff_text_size::TextRange;
use std::collections::HashMap;
use std::sync::Arc;

/// The most functions and classes in each other: their code is made and dropped one inside of the other, on any thread's stack.
const MOST_UNITS: usize = if cfg!(debug_assertions) { 200 } else { 500 };

/// A jump target: an index into `Unit::labels`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label(pub(super) usize);

/// An instruction whose jump is still symbolic.
#[derive(Clone, Debug)]
pub(super) struct Inst {
    pub(super) op: Op,
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) c: u32,
    /// Operand units other than the jump.
    pub(super) units: [u32; 2],
    pub(super) target: Option<Label>,
    pub(super) position: Position,
    pub(super) section: Section,
    /// Removed by `flow`.
    pub(super) dead: bool,
}

/// Where an instruction is placed in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Before everything: what a module does first but is known last.
    Early,
    Main,
    /// Rarely runs; placed after everything else.
    Cold,
}

/// A protected range of instructions, as indices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) handler: Label,
    pub(super) depth: Reg,
}

/// What surrounds the statement being compiled, as far as leaving it early goes.
pub(super) struct Block<'a> {
    pub(super) kind: BlockKind<'a>,
    /// Where the block's protected range began (again), its handler and depth.
    pub(super) region: Option<(usize, Label, Reg)>,
}

#[derive(Clone, Copy)]
pub(super) enum BlockKind<'a> {
    /// A loop; `iterator` is live in it.
    Loop {
        head: Label,
        end: Label,
        iterator: Option<Reg>,
    },
    /// The body of a `try` with `except`, or another protected range: nothing to do on leaving.
    Protected,
    /// The body of a `try` with `finally`.
    Finally { body: &'a [Stmt] },
    /// An `except` body: the exception is in `exception`, the saved one after it.
    Handler {
        exception: Reg,
        name: Option<&'a str>,
    },
    /// A `finally` body on the way of a `return`; the value is live.
    Value(Reg),
    /// An `except*` body, which may not be left early.
    GroupHandler,
    /// A `with` body; `exit` is live.
    With {
        exit: Reg,
        is_async: bool,
        position: Position,
    },
}

/// As many blocks may lie in each other.
const MAX_NESTING: u32 = 21;

/// A code object being built.
pub(super) struct Unit<'a> {
    pub(super) scope: ScopeId,
    pub(super) name: Name,
    pub(super) qualname: Name,
    pub(super) first_line: u32,
    pub(super) flags: u32,
    pub(super) argcount: u32,
    pub(super) posonlyargcount: u32,
    pub(super) kwonlyargcount: u32,
    pub(super) local_names: Vec<Name>,
    pub(super) local_kinds: Vec<u8>,
    /// Registers of the variables of the unit's scope and of the comprehensions inlined in it.
    pub(super) registers: HashMap<(ScopeId, Name), Reg>,
    pub(super) free_registers: HashMap<Name, Reg>,
    pub(super) first_free: u32,
    pub(super) nfree: u32,
    /// The first free temporary.
    pub(super) top: Reg,
    pub(super) insts: Vec<Inst>,
    /// Index of the next instruction, and its section; after `flow` has put the instructions in order, indices alone count.
    pub(super) labels: Vec<(usize, Section)>,
    pub(super) regions: Vec<Region>,
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) consts: Vec<Const>,
    pub(super) const_index: HashMap<Const, u32>,
    /// The constant that was asked for first, whether it is one of `consts` or part of an instruction.
    pub(super) first_constant: Option<Const>,
    pub(super) names: Vec<Name>,
    pub(super) name_index: HashMap<Name, u32>,
    pub(super) section: Section,
    /// The comprehension scope being compiled, or the unit's scope.
    pub(super) inner_scope: ScopeId,
    /// Simple annotations of a module or class body seen so far, and their index if conditional.
    pub(super) annotations: Vec<(Name, &'a ruff_python_ast::StmtAnnAssign, Option<i64>)>,
    pub(super) conditional_annotations: i64,
    /// Inside a block of a class or module body that may not run.
    pub(super) conditional: u32,
    /// Loops, `with` and `try` around: see [`Compiler::nested`].
    pub(super) nesting: u32,
}

impl<'a> Compiler<'a> {
    /// Opens a unit.
    pub(super) fn begin(
        &mut self,
        scope: ScopeId,
        name: Name,
        qualname: Name,
        first_line: u32,
        extra_flags: u32,
    ) -> Result<()> {
        let info = &self.scopes.all[scope];
        let mut unit = Unit {
            scope,
            name,
            qualname,
            first_line,
            flags: extra_flags,
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            local_names: Vec::new(),
            local_kinds: Vec::new(),
            registers: HashMap::new(),
            free_registers: HashMap::new(),
            first_free: 0,
            nfree: 0,
            top: 0,
            insts: Vec::new(),
            labels: Vec::new(),
            regions: Vec::new(),
            blocks: Vec::new(),
            consts: Vec::new(),
            const_index: HashMap::new(),
            first_constant: None,
            names: Vec::new(),
            name_index: HashMap::new(),
            section: Section::Main,
            inner_scope: scope,
            annotations: Vec::new(),
            conditional_annotations: 0,
            conditional: 0,
            nesting: 0,
        };
        if info.is_function_like() {
            unit.flags |= flags::OPTIMIZED | flags::NEWLOCALS;
            for (name, used) in &info.symbols {
                let parameter = used & usage::PARAMETER != 0;
                let cell = info.cells.contains(name);
                // What is annotated and nothing else is local, but takes no place.
                let only_annotated = *used == usage::ANNOTATED;
                if !info.binds(name) || (cell && !parameter) || only_annotated {
                    continue;
                }
                let parameter = if parameter { local::PARAMETER } else { 0 };
                let cell = if cell { local::CELL } else { 0 };
                unit.add_local(scope, name.clone(), local::LOCAL | parameter | cell);
            }
            for name in &info.cells {
                if info.binds(name) && info.usage(name) & usage::PARAMETER == 0 {
                    unit.add_local(scope, name.clone(), local::CELL);
                }
            }
            let mut outer = info.parent;
            while let Some(id) = outer {
                if self.scopes.all[id].is_function_like() {
                    unit.flags |= flags::NESTED;
                }
                outer = self.scopes.all[id].parent;
            }
            if !info.kind.is_annotation()
                && info
                    .parent
                    .is_some_and(|id| self.scopes.all[id].kind == ScopeKind::Class)
            {
                unit.flags |= flags::METHOD;
            }
        } else {
            for name in &info.cells {
                unit.add_local(scope, name.clone(), local::CELL);
            }
        }
        unit.flags |= self.scopes.futures;
        unit.first_free = unit.local_names.len() as u32;
        for name in &info.frees {
            let register = unit.local_names.len() as u32;
            unit.local_names.push(name.clone());
            unit.local_kinds.push(local::FREE);
            unit.free_registers.insert(name.clone(), register);
        }
        unit.nfree = unit.local_names.len() as u32 - unit.first_free;
        self.hidden_locals(&mut unit, scope, &mut Vec::new());
        if info.is_function_like() {
            unit.show_hidden();
        }
        unit.top = unit.local_names.len() as u32;
        self.units.push(unit);
        if self.units.len() > MOST_UNITS {
            return Err(self.too_deep(TextRange::default()));
        }
        // What every entry does: fetch the closure, make the cells.
        let unit = self.unit();
        let position = Position {
            line: first_line,
            end_line: first_line,
            column: 0,
            end_column: 0,
            implicit: false,
        };
        let (first, count) = (unit.first_free, unit.nfree);
        let cells: Vec<Reg> = (0..first)
            .filter(|&at| unit.local_kinds[at as usize] & local::CELL != 0)
            .collect();
        if count > 0 {
            self.emit(Op::CopyFree, first, count, 0, position);
        }
        for cell in cells {
            self.emit(Op::MakeCell, cell, 0, 0, position);
        }
        self.anchor(position);
        Ok(())
    }

    /// Gives registers to the variables of the comprehensions inlined in `scope`. Comprehensions that are not nested share.
    fn hidden_locals(&self, unit: &mut Unit<'a>, scope: ScopeId, taken: &mut Vec<Reg>) {
        for &child in &self.scopes.all[scope].children {
            let info = &self.scopes.all[child];
            if !info.inlined {
                continue;
            }
            let before = taken.len();
            for (name, _) in &info.symbols {
                if !info.binds(name) {
                    continue;
                }
                let cell = if info.cells.contains(name) {
                    local::CELL
                } else {
                    0
                };
                let kind = local::HIDDEN | cell;
                let free =
                    (unit.first_free + unit.nfree..unit.local_names.len() as u32).find(|&at| {
                        let index = at as usize;
                        unit.local_names[index] == *name
                            && unit.local_kinds[index] == kind
                            && !taken.contains(&at)
                    });
                let register = match free {
                    Some(register) => {
                        unit.registers.insert((child, name.clone()), register);
                        register
                    }
                    None => unit.add_local(child, name.clone(), kind),
                };
                taken.push(register);
            }
            self.hidden_locals(unit, child, taken);
            taken.truncate(before);
        }
    }

    /// Closes the unit.
    pub(super) fn finish(&mut self) -> Result<Arc<Code>> {
        let Some(mut unit) = self.units.pop() else {
            return Err(CompileError::new("no code to finish", TextRange::default()));
        };
        flow::tidy(&mut unit);
        let attrs = self.scopes.all[unit.scope].instance_attrs.clone();
        assemble::assemble(unit, self.filename.clone(), attrs).map(Arc::new)
    }

    /// Compiles what lies in `levels` more blocks of the statement at `range`. A limit is not only Python's rule: what is in `finally`
    /// is compiled twice, so each level may double the code.
    pub(super) fn in_blocks(
        &mut self,
        levels: u32,
        range: TextRange,
        inside: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let unit = self.unit();
        unit.nesting += levels;
        if unit.nesting > MAX_NESTING {
            return Err(CompileError::new(
                "too many statically nested blocks",
                range,
            ));
        }
        inside(self)?;
        self.unit().nesting -= levels;
        Ok(())
    }

    pub(super) fn push_block(&mut self, kind: BlockKind<'a>, handler: Option<(Label, Reg)>) {
        let unit = self.unit();
        let start = unit.insts.len();
        let region = handler.map(|(label, depth)| (start, label, depth));
        unit.blocks.push(Block { kind, region });
    }

    pub(super) fn pop_block(&mut self) {
        let unit = self.unit();
        if let Some(block) = unit.blocks.pop() {
            unit.close_region(&block);
        }
    }
}

impl<'a> Unit<'a> {
    fn add_local(&mut self, scope: ScopeId, name: Name, kind: u8) -> Reg {
        let register = self.local_names.len() as u32;
        self.local_names.push(name.clone());
        self.local_kinds.push(kind);
        self.registers.insert((scope, name), register);
        register
    }

    /// Lists the variables of inlined comprehensions among the locals, each name once.
    fn show_hidden(&mut self) {
        for index in 0..self.local_names.len() {
            let listed = |at: usize| {
                self.local_names[at] == self.local_names[index]
                    && self.local_kinds[at] & local::LOCAL != 0
            };
            if self.local_kinds[index] & local::HIDDEN != 0
                && !(0..self.local_names.len()).any(listed)
            {
                self.local_kinds[index] |= local::LOCAL;
            }
        }
    }

    /// Ends the protected range of a block that is left.
    pub(super) fn close_region(&mut self, block: &Block<'a>) {
        if let Some((start, handler, depth)) = block.region {
            let end = self.insts.len();
            if start < end {
                self.regions.push(Region {
                    start,
                    end,
                    handler,
                    depth,
                });
            }
        }
    }
}
