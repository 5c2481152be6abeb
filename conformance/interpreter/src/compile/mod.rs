//! The compiler: from a syntax tree to [`Code`].
//!
//! One pass over the tree emits instructions with symbolic jump targets, a unit (module, class body, function) at a time. Expressions are
//! compiled towards a *destination*: `x = a + b` is one instruction that writes `x`. Then `flow` tidies each
//! unit and `assemble` encodes it.
//!
//! Temporaries are a stack: `Unit::top` is the first free one. `expr_to(e, dst)` wants `dst` to be a local, or the temporary `top` itself, which
//! the caller claims afterwards; only the last instruction of an expression writes to a local destination, so
//! that an exception leaves the variable as it was.
//!
//! | file            | what                                                        |
//! |-----------------|-------------------------------------------------------------|
//! | `expr`          | expressions: names, operators, attributes, `await`, `yield`  |
//! | `condition`     | comparisons, and conditions that jump                       |
//! | `display`       | lists, tuples, sets and dicts as written                    |
//! | `call`          | calls, `super`                                              |
//! | `interpolated`  | f-strings and t-strings                                     |
//! | `stmt`          | statements: loops, branches, docstrings                     |
//! | `assign`        | assignment and deletion                                     |
//! | `leave`         | `return`, `break`, `continue`                               |
//! | `import`        | imports                                                     |
//! | `function`      | functions, lambdas, annotations, type parameters            |
//! | `class`         | class statements                                            |
//! | `comprehension` | comprehensions and generator expressions                    |
//! | `pattern`       | `match`                                                     |
//! | `try_`, `with`  | exceptions, context managers                                |
//! | `optimize`      | constants: which expressions are, and their values          |
//! | `flow`          | unreachable code, jumps to jumps, needless bound checks     |
//! | `assemble`      | from instructions to units                                  |

use std::collections::HashMap;
use std::sync::Arc;

use ruff_python_ast::{Mod, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::code::{Code, Const, Name, Position, flags, local};
use crate::op::{Op, special};
use crate::parse::{LineIndex, Mode, SyntaxError, SyntaxErrorKind};
use crate::scope::{
    self, CompileError, MAX_DEPTH, ScopeId, ScopeKind, Scopes, TOO_DEEP, mangle, usage,
};

mod assemble;
mod assign;
mod call;
mod class;
mod comprehension;
mod condition;
mod display;
mod expr;
mod flow;
mod function;
mod import;
mod interpolated;
mod leave;
mod optimize;
mod pattern;
mod stmt;
#[cfg(test)]
mod tests;
mod try_;
mod with;

/// How to compile.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What the tree is: a file, an expression, an interactive statement.
    pub mode: Mode,
    /// 0 keeps asserts and docstrings, 1 drops asserts, 2 docstrings too.
    pub optimize: u8,
    /// Inherit `from __future__ import annotations` from the code that calls `compile`.
    pub future_annotations: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            mode: Mode::Exec,
            optimize: 0,
            future_annotations: false,
        }
    }
}

/// Compiles a tree whose offsets refer to `lines`.
pub fn compile(
    tree: &Mod,
    lines: &LineIndex,
    filename: &str,
    options: Options,
) -> Result<Arc<Code>, CompileError> {
    let future = options.future_annotations | future_imports(tree)?;
    let scopes = scope::collect(tree, future)?;
    let mut compiler = Compiler {
        scopes: &scopes,
        lines,
        filename: Arc::from(filename),
        units: Vec::new(),
        mode: options.mode,
        optimize: options.optimize,
        depth: 0,
        parentheses: None,
        interactive: false,
    };
    compiler.module(tree)
}

/// The `SyntaxError` to raise for an error about a tree whose offsets refer to `lines`, with the line's text if `with_text` (the text
/// came from a file).
pub fn syntax_error(
    error: &CompileError,
    lines: &LineIndex,
    filename: &str,
    with_text: bool,
) -> SyntaxError {
    let start = lines.location(error.range.start());
    let end = lines.location(error.range.end());
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let mut raised = SyntaxError::new(SyntaxErrorKind::Syntax, error.message.as_str(), filename);
    raised.line = number(start.line);
    raised.column = number(start.char_column + 1);
    raised.end_line = number(end.line);
    raised.end_column = number(end.char_column + 1);
    raised.text = with_text.then(|| lines.line_with_newline(start.line).to_owned());
    raised
}

/// Whether the compiler makes up this captured name.
fn is_implicit(name: &str) -> bool {
    matches!(
        name,
        "__classdict__" | "__conditional_annotations__" | ".type_params"
    )
}

/// Checks the `from __future__` imports; whether `annotations` is among them.
fn future_imports(tree: &Mod) -> Result<bool, CompileError> {
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
                    return Err(CompileError::new(message, alias.range()));
                }
            }
        }
    }
    Ok(annotations)
}

type Result<T, E = CompileError> = std::result::Result<T, E>;

/// A register.
type Reg = u32;

/// A jump target: an index into `Unit::labels`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Label(usize);

/// An instruction whose jump is still symbolic.
#[derive(Clone, Debug)]
struct Inst {
    op: Op,
    a: u32,
    b: u32,
    c: u32,
    /// Operand units other than the jump.
    units: [u32; 2],
    target: Option<Label>,
    position: Position,
    section: Section,
    /// Removed by `flow`.
    dead: bool,
}

/// Where an instruction is placed in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    /// Before everything: what a module does first but is known last.
    Early,
    Main,
    /// Rarely runs; placed after everything else.
    Cold,
}

/// A protected range of instructions, as indices.
#[derive(Clone, Copy, Debug)]
struct Region {
    start: usize,
    end: usize,
    handler: Label,
    depth: Reg,
}

/// What surrounds the statement being compiled, as far as leaving it early goes.
struct Block<'a> {
    kind: BlockKind<'a>,
    /// Where the block's protected range began (again), its handler and depth.
    region: Option<(usize, Label, Reg)>,
}

#[derive(Clone, Copy)]
enum BlockKind<'a> {
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
        name: Option<(&'a str, Position)>,
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

/// Where a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
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

/// A code object being built.
struct Unit<'a> {
    scope: ScopeId,
    name: Name,
    qualname: Name,
    first_line: u32,
    flags: u32,
    argcount: u32,
    posonlyargcount: u32,
    kwonlyargcount: u32,
    local_names: Vec<Name>,
    local_kinds: Vec<u8>,
    /// Registers of the variables of the unit's scope and of the comprehensions inlined in it.
    registers: HashMap<(ScopeId, Name), Reg>,
    free_registers: HashMap<Name, Reg>,
    first_free: u32,
    nfree: u32,
    /// The first free temporary.
    top: Reg,
    insts: Vec<Inst>,
    /// Index of the next instruction, and its section; after `flow` has put the instructions in order, indices alone count.
    labels: Vec<(usize, Section)>,
    regions: Vec<Region>,
    blocks: Vec<Block<'a>>,
    consts: Vec<Const>,
    const_index: HashMap<Const, u32>,
    names: Vec<Name>,
    name_index: HashMap<Name, u32>,
    section: Section,
    /// The comprehension scope being compiled, or the unit's scope.
    inner_scope: ScopeId,
    /// Simple annotations of a module or class body seen so far, and their index if conditional.
    annotations: Vec<(Name, &'a ruff_python_ast::StmtAnnAssign, Option<i64>)>,
    conditional_annotations: i64,
    /// Inside a block of a class or module body that may not run.
    conditional: u32,
}

struct Compiler<'a> {
    scopes: &'a Scopes,
    lines: &'a LineIndex,
    filename: Name,
    units: Vec<Unit<'a>>,
    mode: Mode,
    optimize: u8,
    /// Nesting of expressions and statements.
    depth: u32,
    /// The parentheses of the call whose only argument is the generator expression compiled next.
    parentheses: Option<TextRange>,
    /// Compiling a statement of an interactive session, whose value is printed.
    interactive: bool,
}

impl<'a> Compiler<'a> {
    fn module(&mut self, tree: &'a Mod) -> Result<Arc<Code>> {
        let name: Name = Arc::from("<module>");
        self.begin(0, name.clone(), name, 1, 0)?;
        match tree {
            Mod::Expression(expression) => {
                let value = self.operand(&expression.body)?;
                let position = self.position(expression.body.range());
                self.emit(Op::Return, value, 0, 0, position);
            }
            Mod::Module(module) => {
                let start = Position {
                    line: 1,
                    end_line: 1,
                    column: 0,
                    end_column: 0,
                };
                self.interactive = self.mode == Mode::Single;
                self.body_start(&module.body, start, true)?;
                let body = self.without_docstring(&module.body);
                self.body(body)?;
                self.interactive = false;
                self.module_annotations(start)?;
                let last = module
                    .body
                    .last()
                    .map_or(start, |last| self.position(last.range()));
                self.emit(Op::ReturnNone, 0, 0, 0, last);
            }
        }
        self.finish()
    }

    /// Opens a unit.
    fn begin(
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
            names: Vec::new(),
            name_index: HashMap::new(),
            section: Section::Main,
            inner_scope: scope,
            annotations: Vec::new(),
            conditional_annotations: 0,
            conditional: 0,
        };
        if info.is_function_like() {
            unit.flags |= flags::OPTIMIZED | flags::NEWLOCALS;
            for (name, used) in &info.symbols {
                let parameter = used & usage::PARAMETER != 0;
                let cell = info.cells.contains(name);
                if !info.binds(name) || (cell && !parameter) {
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
            if info
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
        if self.scopes.future_annotations {
            unit.flags |= flags::FUTURE_ANNOTATIONS;
        }
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
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(self.too_deep(TextRange::default()));
        }
        // What every entry does: fetch the closure, make the cells.
        let unit = self.unit();
        let position = Position {
            line: first_line,
            end_line: first_line,
            column: 0,
            end_column: 0,
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
    fn finish(&mut self) -> Result<Arc<Code>> {
        self.depth = self.depth.saturating_sub(1);
        let Some(mut unit) = self.units.pop() else {
            return Err(CompileError::new("no code to finish", TextRange::default()));
        };
        flow::tidy(&mut unit);
        let attrs = self.scopes.all[unit.scope].instance_attrs.clone();
        assemble::assemble(unit, self.filename.clone(), attrs).map(Arc::new)
    }

    fn unit(&mut self) -> &mut Unit<'a> {
        self.units
            .last_mut()
            .expect("a unit is open while code is compiled")
    }

    fn here(&self) -> &Unit<'a> {
        self.units
            .last()
            .expect("a unit is open while code is compiled")
    }

    fn scope(&self) -> &'a scope::Scope {
        &self.scopes.all[self.here().inner_scope]
    }

    fn top(&self) -> Reg {
        self.here().top
    }

    /// Claims the temporary at the top.
    fn claim(&mut self) -> Reg {
        let unit = self.unit();
        unit.top += 1;
        unit.top - 1
    }

    fn set_top(&mut self, top: Reg) {
        self.unit().top = top;
    }

    fn is_local(&self, register: Reg) -> bool {
        (register as usize) < self.here().local_names.len()
    }

    fn position(&self, range: TextRange) -> Position {
        let start = self.lines.location(range.start());
        let end = self.lines.location(range.end());
        Position {
            line: start.line,
            end_line: end.line,
            column: start.byte_column,
            end_column: end.byte_column,
        }
    }

    fn too_deep(&self, range: TextRange) -> CompileError {
        CompileError::new(TOO_DEEP, range)
    }

    /// Runs `f` one level deeper.
    fn nested<T>(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.too_deep(range));
        }
        let result = f(self);
        self.depth -= 1;
        result
    }

    // --- Emitting ---

    fn emit(&mut self, op: Op, a: u32, b: u32, c: u32, position: Position) {
        self.push(op, [a, b, c], [0; 2], None, position);
    }

    /// Emits an instruction with operand units.
    fn emit_units(&mut self, op: Op, operands: [u32; 3], units: [u32; 2], position: Position) {
        self.push(op, operands, units, None, position);
    }

    fn emit_jump(&mut self, op: Op, operands: [u32; 3], target: Label, position: Position) {
        self.push(op, operands, [0; 2], Some(target), position);
    }

    fn jump(&mut self, target: Label, position: Position) {
        self.emit_jump(Op::Jump, [0; 3], target, position);
    }

    fn push(
        &mut self,
        op: Op,
        [a, b, c]: [u32; 3],
        units: [u32; 2],
        target: Option<Label>,
        position: Position,
    ) {
        let unit = self.unit();
        let section = unit.section;
        unit.insts.push(Inst {
            op,
            a,
            b,
            c,
            units,
            target,
            position,
            section,
            dead: false,
        });
    }

    fn label(&mut self) -> Label {
        let unit = self.unit();
        unit.labels.push((usize::MAX, Section::Main));
        Label(unit.labels.len() - 1)
    }

    /// The label stands for the next instruction.
    fn place(&mut self, label: Label) {
        let unit = self.unit();
        unit.labels[label.0] = (unit.insts.len(), unit.section);
    }

    /// Emits what runs rarely, away from the rest. It must end in a jump, return or raise.
    fn cold<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.in_section(Section::Cold, f)
    }

    fn in_section<T>(
        &mut self,
        section: Section,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let outer = std::mem::replace(&mut self.unit().section, section);
        let result = f(self);
        self.unit().section = outer;
        result
    }

    fn constant(&mut self, value: Const) -> u32 {
        let unit = self.unit();
        if let Some(&index) = unit.const_index.get(&value) {
            return index;
        }
        let index = unit.consts.len() as u32;
        unit.consts.push(value.clone());
        unit.const_index.insert(value, index);
        index
    }

    fn name_index(&mut self, name: &str) -> u32 {
        let unit = self.unit();
        if let Some(&index) = unit.name_index.get(name) {
            return index;
        }
        let name: Name = Arc::from(name);
        let index = unit.names.len() as u32;
        unit.names.push(name.clone());
        unit.name_index.insert(name, index);
        index
    }

    fn load_const(&mut self, dst: Reg, value: Const, position: Position) {
        let word = match value {
            Const::None => Some(special::NONE),
            Const::Bool(false) => Some(special::FALSE),
            Const::Bool(true) => Some(special::TRUE),
            Const::Ellipsis => Some(special::ELLIPSIS),
            _ => None,
        };
        if let Some(word) = word {
            return self.emit(Op::LoadSpecial, dst, word, 0, position);
        }
        if let Const::Int(number) = value
            && let Ok(small) = i16::try_from(number)
        {
            return self.emit(Op::LoadInt, dst, i32::from(small) as u32, 0, position);
        }
        let index = self.constant(value);
        self.emit(Op::LoadConst, dst, index, 0, position);
    }

    // --- Names ---

    fn mangled(&self, name: &str) -> Name {
        mangle(self.scope().private.as_ref(), name)
    }

    /// Where the variable `name` (already mangled) is.
    fn lookup(&self, name: &str) -> Place {
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
            ScopeKind::Module => {
                if direct {
                    Place::Namespace
                } else {
                    Place::Global
                }
            }
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
    fn cell_of(&self, name: &str) -> Option<Reg> {
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

    /// Says that an operand is read from the local `register`.
    fn check_bound(&mut self, register: Reg, position: Position) {
        self.emit(Op::CheckBound, register, 0, 0, position);
    }

    // --- Early exits ---

    fn push_block(&mut self, kind: BlockKind<'a>, handler: Option<(Label, Reg)>) {
        let unit = self.unit();
        let start = unit.insts.len();
        let region = handler.map(|(label, depth)| (start, label, depth));
        unit.blocks.push(Block { kind, region });
    }

    fn pop_block(&mut self) {
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
            if self.local_kinds[index] == local::HIDDEN && !(0..self.local_names.len()).any(listed)
            {
                self.local_kinds[index] |= local::LOCAL;
            }
        }
    }

    /// Ends the protected range of a block that is left.
    fn close_region(&mut self, block: &Block<'a>) {
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
