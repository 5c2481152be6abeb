//! Which variable a name means.
//!
//! Two passes over the tree, before any code is generated: `collect` finds the scopes and what each does with each name; `resolve`
//! decides, for the names a scope uses without binding them, where they come from, and so which variables must live
//! in cells.
//!
//! A list, set or dict comprehension is *inlined*: it is a scope, but its variables live in the registers of the function around it.
//! Every other scope is a *unit*, compiled to a code object of its own.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use ruff_text_size::TextRange;

use crate::code::{Name, flags};

mod collect;
mod resolve;

pub use collect::{Futures, annotations, collect};

/// Why source that parses does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// The text of the `SyntaxError`.
    pub message: String,
    /// The source it is about.
    pub range: TextRange,
    /// Whether the exception's `args` are the message alone: what is wrong with names is known by its attributes only.
    pub bare: bool,
}

impl CompileError {
    /// An error about `range`.
    pub fn new(message: impl Into<String>, range: TextRange) -> CompileError {
        CompileError {
            message: message.into(),
            range,
            bare: false,
        }
    }

    /// An error about the meaning of names in `range`.
    pub fn of_names(message: impl Into<String>, range: TextRange) -> CompileError {
        CompileError {
            bare: true,
            ..CompileError::new(message, range)
        }
    }
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CompileError {}

/// Deeper nesting of expressions and statements would need more native stack than a thread may have. Frames of unoptimised builds are larger.
pub const MAX_DEPTH: u32 = if cfg!(debug_assertions) { 400 } else { 1000 };
/// The deepest nesting that is compiled: what needs more than a thread may have gets a stack of its own.
pub const DEEPEST: u32 = 25_000;
/// What is said about more.
pub const TOO_DEEP: &str = "maximum recursion depth exceeded during compilation";

/// Index of a scope in [`Scopes`].
pub type ScopeId = usize;

/// What makes a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// The whole file.
    Module,
    /// A class body.
    Class,
    /// A function or lambda.
    Function,
    /// A comprehension or generator expression.
    Comprehension(Comprehension),
    /// An `__annotate__` function.
    Annotation,
    /// The function that evaluates the type parameters of a generic function, class or alias.
    TypeParams,
    /// The function that evaluates a bound, the constraints or the default of a type parameter.
    TypeVariable,
    /// The function that evaluates the value of a type alias.
    TypeAlias,
}

impl ScopeKind {
    /// Whether it belongs to an annotation, to type parameters or to an alias: names of what is defined in it do not show it.
    pub fn is_annotation(self) -> bool {
        matches!(
            self,
            ScopeKind::Annotation
                | ScopeKind::TypeParams
                | ScopeKind::TypeVariable
                | ScopeKind::TypeAlias
        )
    }
}

/// The kinds of comprehension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comprehension {
    /// `[x for ...]`
    List,
    /// `{x for ...}`
    Set,
    /// `{x: y for ...}`
    Dict,
    /// `(x for ...)`
    Generator,
}

/// What a node that makes several scopes makes this one for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Its body.
    Body,
    /// Its annotations.
    Annotate,
    /// Its type parameters.
    TypeParams,
    /// A type parameter's bound or constraints.
    Bound,
    /// A type parameter's default.
    Default,
}

/// What a scope does with a name; bits.
pub mod usage {
    /// Reads it.
    pub const USED: u16 = 1;
    /// Binds it.
    pub const ASSIGNED: u16 = 2;
    /// Has it as a parameter.
    pub const PARAMETER: u16 = 4;
    /// Declares it `global`.
    pub const GLOBAL: u16 = 8;
    /// Declares it `nonlocal`.
    pub const NONLOCAL: u16 = 16;
    /// Annotates it.
    pub const ANNOTATED: u16 = 32;
    /// Is a comprehension that iterates with it.
    pub const ITERATED: u16 = 64;
    /// Is a type parameter.
    pub const TYPE_PARAMETER: u16 = 128;
    /// Is bound around a comprehension, by an assignment expression in it.
    pub const NAMED: u16 = 256;
    /// Imports it, which binds it too, but may come before `global`.
    pub const IMPORTED: u16 = 512;
    /// Any of these makes the name local.
    pub const BOUND: u16 = ASSIGNED | PARAMETER | ANNOTATED | ITERATED | TYPE_PARAMETER | IMPORTED;
}

/// One scope.
#[derive(Debug)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// The scopes directly in it.
    pub children: Vec<ScopeId>,
    /// Whether its variables live in the unit around it.
    pub inlined: bool,
    /// Names in order of appearance, and what is done with each ([`usage`]).
    pub symbols: Vec<(Name, u16)>,
    index: HashMap<Name, usize>,
    /// Variables of this scope that inner units use.
    pub cells: BTreeSet<Name>,
    /// Variables of outer scopes that this unit, or a unit in it, uses.
    pub frees: BTreeSet<Name>,
    /// The class whose private names are mangled here.
    pub private: Option<Name>,
    /// Where a class's type parameters are, and in what is evaluated there: only these names are mangled.
    pub mangled: Option<Rc<BTreeSet<Name>>>,
    /// Contains `yield`.
    pub is_generator: bool,
    /// Is `async def`, a module that may wait, or a comprehension that contains `await` or `async for`.
    pub is_coroutine: bool,
    /// Has an assignment expression.
    pub has_walrus: bool,
    /// An annotation scope directly in a class, which sees the class's names.
    pub sees_class: bool,
    /// The scope of the annotations of this module or class body.
    pub annotate: Option<ScopeId>,
    /// Some annotations of this module or class body are only reached on a condition.
    pub conditional_annotations: bool,
    /// Attributes that functions in this class body assign on `self`.
    pub instance_attrs: Vec<Name>,
    /// Names declared `global` or `nonlocal`, and where.
    declared: Vec<(Name, TextRange)>,
}

impl Scope {
    /// What this scope does with `name`.
    pub fn usage(&self, name: &str) -> u16 {
        self.index.get(name).map_or(0, |&at| self.symbols[at].1)
    }

    /// Whether the scope binds `name` as its own variable.
    pub fn binds(&self, name: &str) -> bool {
        let usage = self.usage(name);
        usage & usage::BOUND != 0 && usage & (usage::GLOBAL | usage::NONLOCAL) == 0
    }

    /// `name` as it is spelled here, where names may be private to a class.
    pub fn mangle(&self, name: &str) -> Name {
        match &self.mangled {
            Some(mangled) if !mangled.contains(name) => Arc::from(name),
            _ => mangle(self.private.as_ref(), name),
        }
    }

    /// Whether names live in registers here, not in a mapping.
    pub fn is_function_like(&self) -> bool {
        !matches!(self.kind, ScopeKind::Module | ScopeKind::Class)
    }

    fn add(&mut self, name: &Name, usage: u16) {
        match self.index.get(name) {
            Some(&at) => self.symbols[at].1 |= usage,
            None => {
                self.index.insert(name.clone(), self.symbols.len());
                self.symbols.push((name.clone(), usage));
            }
        }
    }
}

/// All scopes of a file. The first is the module.
#[derive(Debug, Default)]
pub struct Scopes {
    /// The scopes, outer before inner.
    pub all: Vec<Scope>,
    keys: HashMap<(usize, Role), ScopeId>,
    /// The `from __future__` features it is compiled under ([`flags::FUTURES`]).
    pub futures: u32,
}

impl Scopes {
    /// The scope that `node` makes for `role`.
    pub fn of<T>(&self, node: &T, role: Role) -> Option<ScopeId> {
        self.keys.get(&(address(node), role)).copied()
    }

    /// Whether annotations are kept as texts.
    pub fn future_annotations(&self) -> bool {
        self.futures & flags::FUTURE_ANNOTATIONS != 0
    }

    /// The unit that `scope` is compiled in.
    pub fn unit(&self, mut scope: ScopeId) -> ScopeId {
        while self.all[scope].inlined {
            match self.all[scope].parent {
                Some(parent) => scope = parent,
                None => break,
            }
        }
        scope
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}

/// `name` as the class `private` spells it: `__x` becomes `_Class__x`.
pub fn mangle(private: Option<&Name>, name: &str) -> Name {
    if let Some(class) = private
        && name.starts_with("__")
        && !name.ends_with("__")
        && !name.contains('.')
    {
        let class = class.trim_start_matches('_');
        if !class.is_empty() {
            return Arc::from(format!("_{class}{name}"));
        }
    }
    Arc::from(name)
}
