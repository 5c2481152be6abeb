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
//! | `suspend`       | whether a module awaits outside of its functions            |
//! | `leave`         | `return`, `break`, `continue`                               |
//! | `import`        | imports                                                     |
//! | `function`      | functions, lambdas, annotations, type parameters            |
//! | `annotation`    | annotations that are kept as text                           |
//! | `class`         | class statements                                            |
//! | `comprehension` | comprehensions and generator expressions                    |
//! | `pattern`       | `match`                                                     |
//! | `try_`, `with`  | exceptions, context managers                                |
//! | `optimize`      | constants: which expressions are, and their values          |
//! | `unit`          | the code object being built, its registers and blocks       |
//! | `emit`          | writing instructions, constants, labels                     |
//! | `variable`      | where a variable is                                         |
//! | `future`        | `from __future__` imports                                   |
//! | `doubt`         | what is warned of                                           |
//! | `flow`          | unreachable code, jumps to jumps, needless bound checks     |
//! | `assemble`      | from instructions to units                                  |

mod annotation;
mod assemble;
mod assign;
mod call;
mod class;
mod comprehension;
mod condition;
mod display;
mod doubt;
mod emit;
mod expr;
mod flow;
mod function;
mod future;
mod import;
mod interpolated;
mod leave;
mod optimize;
mod pattern;
mod stmt;
mod suspend;
#[cfg(test)]
mod tests;
mod try_;
mod unit;
mod variable;
mod with;

pub use function::after_blanks;
pub use interpolated::{interpolation_text, without_comments};
pub use optimize::{literal, number_of_pattern};

use future::future_imports;
use unit::{Block, BlockKind, Inst, Label, Region, Section, Unit};
use variable::Place;

use crate::code::{Code, Const, Name, Position, flags};
use crate::op::Op;
use crate::parse::{
    LineIndex, Location, Mode, Parsed, SyntaxError, SyntaxErrorKind, SyntaxWarning,
};
use crate::scope::{self, CompileError, DEEPEST, Scopes, TOO_DEEP};
use ruff_python_ast::{Mod, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::sync::Arc;

/// How to compile.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What the tree is: a file, an expression, an interactive statement.
    pub mode: Mode,
    /// 0 keeps asserts and docstrings, 1 drops asserts, 2 docstrings too.
    pub optimize: u8,
    /// The `from __future__` features of the code that calls `compile`
    /// ([`flags::FUTURES`]).
    pub futures: u32,
    /// `await` may stand outside of functions: a tree with one there is compiled to code that makes a coroutine, whose names are the
    /// globals.
    pub top_level_await: bool,
    /// How a constant is written in the text of an annotation: `repr` of a string, bytes, a number, `None`, a bool, `...`.
    pub repr: fn(&Const) -> String,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            mode: Mode::Exec,
            optimize: 0,
            futures: 0,
            top_level_await: false,
            repr: |value| format!("{value:?}"),
        }
    }
}

/// Compiles what was parsed.
pub fn compile(parsed: &Parsed, filename: &str, options: Options) -> Compiled {
    let compiled = parsed.with_room(|| compile_here(parsed, filename, options));
    let too_deep = || CompileError::new(TOO_DEEP, TextRange::default());
    compiled.unwrap_or_else(|| too_deep().into())
}

/// What became of a text.
#[derive(Debug)]
pub struct Compiled {
    /// The code, or why there is none.
    pub code: Result<Arc<Code>, CompileError>,
    /// What was warned of up to there, in Python's order.
    pub warned: Vec<SyntaxWarning>,
}

impl From<CompileError> for Compiled {
    fn from(error: CompileError) -> Compiled {
        Compiled {
            code: Err(error),
            warned: Vec::new(),
        }
    }
}

fn compile_here(parsed: &Parsed, filename: &str, options: Options) -> Compiled {
    let (tree, lines) = (&parsed.tree, &parsed.lines);
    let awaits = options.top_level_await && suspend::awaits(tree);
    let scopes = future_imports(tree).and_then(|mut futures| {
        futures.bits |= options.futures;
        scope::collect(tree, futures, awaits)
    });
    let scopes = match scopes {
        Ok(scopes) => scopes,
        Err(error) => return error.into(),
    };
    let mut compiler = Compiler {
        scopes: &scopes,
        lines,
        filename: Arc::from(filename),
        units: Vec::new(),
        mode: options.mode,
        optimize: options.optimize,
        repr: options.repr,
        depth: 0,
        parentheses: None,
        spec_depth: 0,
        interactive: false,
        warned: Vec::new(),
        quiet: 0,
    };
    Compiled {
        code: compiler.module(tree, awaits),
        warned: compiler.warned,
    }
}

/// The error to raise for an error about a tree whose offsets refer to `lines`, with the line's text if `with_text` (the text
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
    let kind = match error.message == TOO_DEEP {
        true => SyntaxErrorKind::Depth,
        false => SyntaxErrorKind::Syntax,
    };
    let mut raised = SyntaxError::new(kind, error.message.as_str(), filename);
    raised.line = number(start.line);
    // Columns are turned into those of characters with the line at hand only.
    let column = |place: &Location| match with_text {
        true => number(place.char_column + 1),
        false => number(place.byte_column + 1),
    };
    raised.column = column(&start);
    raised.end_line = number(end.line);
    raised.end_column = column(&end);
    raised.bare = error.bare;
    raised.text = with_text.then(|| lines.line_with_newline(start.line).to_owned());
    raised
}

type Result<T, E = CompileError> = std::result::Result<T, E>;

/// A register.
type Reg = u32;

struct Compiler<'a> {
    scopes: &'a Scopes,
    lines: &'a LineIndex,
    filename: Name,
    units: Vec<Unit<'a>>,
    mode: Mode,
    optimize: u8,
    repr: fn(&Const) -> String,
    /// Nesting of expressions and statements.
    depth: u32,
    /// The parentheses of the call whose only argument is the generator expression compiled next.
    parentheses: Option<TextRange>,
    /// Nesting of format specs.
    spec_depth: u32,
    /// Compiling a statement of an interactive session, whose value is printed.
    interactive: bool,
    /// What was warned of.
    warned: Vec<SyntaxWarning>,
    /// Nesting of what is compiled once more, and warned of no more.
    quiet: u32,
}

impl<'a> Compiler<'a> {
    /// `awaits`: what is compiled awaits outside of its functions.
    fn module(&mut self, tree: &'a Mod, awaits: bool) -> Result<Arc<Code>> {
        let name: Name = Arc::from("<module>");
        let start = Position {
            line: 1,
            end_line: 1,
            column: 0,
            end_column: 0,
            implicit: false,
        };
        if awaits {
            // A coroutine has no namespace but the globals.
            self.begin(
                0,
                name.clone(),
                name,
                1,
                flags::COROUTINE | flags::OPTIMIZED,
            )?;
            self.emit(Op::ReturnGenerator, 0, 0, 0, start);
            self.anchor(start);
        } else {
            self.begin(0, name.clone(), name, 1, 0)?;
        }
        match tree {
            Mod::Expression(expression) => {
                let value = self.operand(&expression.body)?;
                let position = self.position(expression.body.range());
                self.emit(Op::Return, value, 0, 0, position);
            }
            Mod::Module(module) => {
                self.interactive = self.mode == Mode::Single;
                self.body_start(&module.body, start, true)?;
                let body = self.without_docstring(&module.body);
                self.body(body)?;
                self.interactive = false;
                let first = match module.body.first() {
                    Some(Stmt::FunctionDef(node)) => {
                        self.definition_position(node.range, &node.decorator_list)
                    }
                    Some(Stmt::ClassDef(node)) => {
                        self.definition_position(node.range, &node.decorator_list)
                    }
                    Some(statement) => self.position(statement.range()),
                    None => start,
                };
                self.module_annotations(first)?;
                let last = match module.body.is_empty() {
                    true => Position::of_nothing(),
                    false => self.after(start),
                };
                self.emit(Op::ReturnNone, 0, 0, 0, last);
            }
        }
        self.finish()
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
            implicit: false,
        }
    }

    fn too_deep(&self, range: TextRange) -> CompileError {
        CompileError::new(TOO_DEEP, range)
    }

    /// Runs `f` one level deeper.
    fn nested<T>(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.too_deep(range));
        }
        let result = f(self);
        self.depth -= 1;
        result
    }
}
