//! Annotations that are kept as text, under `from __future__ import annotations`.
//!
//! The text is not what was written: it is written anew from the tree, with as few parentheses and with the quotes that `repr` picks.
//! How a constant is written is known to who asks for the code ([`Options::repr`](super::Options::repr)).

use ruff_python_ast::{self as ast, CmpOp, ConversionFlag, Expr, Number, Operator, UnaryOp};
use ruff_python_ast::{InterpolatedStringElement, Parameter, Parameters};

use super::{Compiler, Result, interpolation_text, literal, without_comments};
use crate::code::Const;
use crate::scope::CompileError;
use ruff_text_size::{Ranged, TextRange};

/// A text that is longer is refused: each level of f-strings in each other doubles it.
const LONGEST: usize = 1 << 24;

/// How tightly what stands around an expression binds: parentheses keep one together that binds less.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binds {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Comparison,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Sign,
    Power,
    Await,
    Atom,
}

impl Binds {
    /// What binds one step tighter.
    fn tighter(self) -> Binds {
        use Binds::*;
        match self {
            Tuple => Test,
            Test => Or,
            Or => And,
            And => Not,
            Not => Comparison,
            Comparison => BitOr,
            BitOr => BitXor,
            BitXor => BitAnd,
            BitAnd => Shift,
            Shift => Sum,
            Sum => Product,
            Product => Sign,
            Sign => Power,
            Power => Await,
            Await | Atom => Atom,
        }
    }
}

impl Compiler<'_> {
    /// An annotation as text.
    pub(super) fn annotation_text(&self, annotation: &Expr) -> Result<Const> {
        let mut text = Text {
            compiler: self,
            out: String::new(),
        };
        text.expr(annotation, Binds::Test)?;
        Ok(Const::Str(text.out.into()))
    }
}

struct Text<'c, 'a> {
    compiler: &'c Compiler<'a>,
    out: String,
}

impl Text<'_, '_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes with `f`, in parentheses if what stands around binds tighter than `own`.
    fn at(
        &mut self,
        around: Binds,
        own: Binds,
        f: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if around <= own {
            return f(self);
        }
        self.push("(");
        f(self)?;
        self.push(")");
        Ok(())
    }

    /// Writes `items`, with commas between them.
    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>) -> Result<()> {
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                self.push(", ");
            }
            self.expr(item, Binds::Test)?;
        }
        Ok(())
    }

    fn expr(&mut self, expr: &Expr, around: Binds) -> Result<()> {
        match expr {
            Expr::Named(node) => self.at(around, Binds::Tuple, |this| {
                this.expr(&node.target, Binds::Atom)?;
                this.push(" := ");
                this.expr(&node.value, Binds::Atom)
            }),
            Expr::Tuple(node) if node.elts.is_empty() => {
                self.push("()");
                Ok(())
            }
            Expr::Tuple(node) => self.at(around, Binds::Tuple, |this| {
                this.list(&node.elts)?;
                if node.elts.len() == 1 {
                    this.push(",");
                }
                Ok(())
            }),
            Expr::Lambda(node) => self.at(around, Binds::Test, |this| {
                this.push("lambda");
                if let Some(parameters) = node.parameters.as_deref() {
                    this.parameters(parameters)?;
                }
                this.push(": ");
                this.expr(&node.body, Binds::Test)
            }),
            Expr::If(node) => self.at(around, Binds::Test, |this| {
                this.expr(&node.body, Binds::Or)?;
                this.push(" if ");
                this.expr(&node.test, Binds::Or)?;
                this.push(" else ");
                this.expr(&node.orelse, Binds::Test)
            }),
            Expr::BoolOp(node) => {
                let (own, operator) = match node.op {
                    ast::BoolOp::Or => (Binds::Or, " or "),
                    ast::BoolOp::And => (Binds::And, " and "),
                };
                self.at(around, own, |this| {
                    for (number, value) in node.values.iter().enumerate() {
                        if number > 0 {
                            this.push(operator);
                        }
                        this.expr(value, own.tighter())?;
                    }
                    Ok(())
                })
            }
            Expr::UnaryOp(node) => {
                let (own, operator) = match node.op {
                    UnaryOp::Not => (Binds::Not, "not "),
                    UnaryOp::Invert => (Binds::Sign, "~"),
                    UnaryOp::UAdd => (Binds::Sign, "+"),
                    UnaryOp::USub => (Binds::Sign, "-"),
                };
                self.at(around, own, |this| {
                    this.push(operator);
                    this.expr(&node.operand, own)
                })
            }
            Expr::Compare(node) => self.at(around, Binds::Comparison, |this| {
                this.expr(&node.left, Binds::BitOr)?;
                for (operator, value) in node.ops.iter().zip(&node.comparators) {
                    this.push(comparison(*operator));
                    this.expr(value, Binds::BitOr)?;
                }
                Ok(())
            }),
            Expr::BinOp(node) => {
                let (own, operator) = operator(node.op);
                let (left, right) = match node.op {
                    Operator::Pow => (own.tighter(), own),
                    _ => (own, own.tighter()),
                };
                self.at(around, own, |this| {
                    this.expr(&node.left, left)?;
                    this.push(operator);
                    this.expr(&node.right, right)
                })
            }
            Expr::Await(node) => self.at(around, Binds::Await, |this| {
                this.push("await ");
                this.expr(&node.value, Binds::Atom)
            }),
            Expr::Yield(node) => {
                self.push("(yield");
                if let Some(value) = &node.value {
                    self.push(" ");
                    self.expr(value, Binds::Test)?;
                }
                self.push(")");
                Ok(())
            }
            Expr::YieldFrom(node) => {
                self.push("(yield from ");
                self.expr(&node.value, Binds::Test)?;
                self.push(")");
                Ok(())
            }
            Expr::Starred(node) => {
                self.push("*");
                self.expr(&node.value, Binds::BitOr)
            }
            Expr::List(node) => {
                self.push("[");
                self.list(&node.elts)?;
                self.push("]");
                Ok(())
            }
            Expr::Set(node) => {
                self.push("{");
                self.list(&node.elts)?;
                self.push("}");
                Ok(())
            }
            Expr::Dict(node) => self.dict(node),
            Expr::ListComp(node) => self.comprehension("[", &node.elt, &node.generators, "]"),
            Expr::SetComp(node) => self.comprehension("{", &node.elt, &node.generators, "}"),
            Expr::Generator(node) => self.comprehension("(", &node.elt, &node.generators, ")"),
            Expr::DictComp(node) => {
                self.push("{");
                if let Some(key) = &node.key {
                    self.expr(key, Binds::Test)?;
                    self.push(": ");
                }
                self.comprehension("", &node.value, &node.generators, "}")
            }
            Expr::Call(node) => {
                self.expr(&node.func, Binds::Atom)?;
                self.arguments(&node.arguments)
            }
            Expr::Attribute(node) => {
                self.expr(&node.value, Binds::Atom)?;
                // A point behind an integer would belong to it.
                let integer = matches!(&*node.value, Expr::NumberLiteral(number) if matches!(number.value, Number::Int(_)));
                self.push(if integer { " ." } else { "." });
                self.push(&node.attr);
                Ok(())
            }
            Expr::Subscript(node) => {
                self.expr(&node.value, Binds::Atom)?;
                self.push("[");
                self.expr(&node.slice, Binds::Tuple)?;
                self.push("]");
                Ok(())
            }
            Expr::Slice(node) => {
                if let Some(lower) = &node.lower {
                    self.expr(lower, Binds::Test)?;
                }
                self.push(":");
                if let Some(upper) = &node.upper {
                    self.expr(upper, Binds::Test)?;
                }
                if let Some(step) = &node.step {
                    self.push(":");
                    self.expr(step, Binds::Test)?;
                }
                Ok(())
            }
            Expr::Name(node) => {
                self.push(&node.id);
                Ok(())
            }
            Expr::FString(node) => self.quoted("f", node.range(), |this| {
                for part in node.value.as_slice() {
                    match part {
                        ast::FStringPart::Literal(literal) => this.braces_doubled(&literal.value),
                        ast::FStringPart::FString(part) => {
                            this.pieces(part.elements.iter(), false)?
                        }
                    }
                }
                Ok(())
            }),
            Expr::TString(node) => self.quoted("t", node.range(), |this| {
                for part in node.value.as_slice() {
                    this.pieces(part.elements.iter(), true)?;
                }
                Ok(())
            }),
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => {
                let lines = self.compiler.lines;
                // An upper-case prefix is none.
                if matches!(expr, Expr::StringLiteral(node) if node.value.is_unicode())
                    && lines.source()[expr.range().start().to_usize()..].starts_with('u')
                {
                    self.push("u");
                }
                let text = literal(expr, lines).map(|value| (self.compiler.repr)(&value));
                self.push(&text.unwrap_or_default());
                Ok(())
            }
            // Never part of Python.
            Expr::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn dict(&mut self, node: &ast::ExprDict) -> Result<()> {
        self.push("{");
        for (number, item) in node.items.iter().enumerate() {
            if number > 0 {
                self.push(", ");
            }
            match &item.key {
                Some(key) => {
                    self.expr(key, Binds::Test)?;
                    self.push(": ");
                    self.expr(&item.value, Binds::Test)?;
                }
                None => {
                    self.push("**");
                    self.expr(&item.value, Binds::BitOr)?;
                }
            }
        }
        self.push("}");
        Ok(())
    }

    fn comprehension(
        &mut self,
        open: &str,
        item: &Expr,
        generators: &[ast::Comprehension],
        close: &str,
    ) -> Result<()> {
        self.push(open);
        self.expr(item, Binds::Test)?;
        for generator in generators {
            self.push(if generator.is_async {
                " async for "
            } else {
                " for "
            });
            self.expr(&generator.target, Binds::Tuple)?;
            self.push(" in ");
            self.expr(&generator.iter, Binds::Or)?;
            for condition in &generator.ifs {
                self.push(" if ");
                self.expr(condition, Binds::Or)?;
            }
        }
        self.push(close);
        Ok(())
    }

    fn arguments(&mut self, arguments: &ast::Arguments) -> Result<()> {
        if let ([Expr::Generator(only)], []) = (&*arguments.args, &*arguments.keywords) {
            return self.comprehension("(", &only.elt, &only.generators, ")");
        }
        self.push("(");
        self.list(&arguments.args)?;
        for (number, keyword) in arguments.keywords.iter().enumerate() {
            if number > 0 || !arguments.args.is_empty() {
                self.push(", ");
            }
            match &keyword.arg {
                Some(name) => {
                    self.push(name);
                    self.push("=");
                }
                None => self.push("**"),
            }
            self.expr(&keyword.value, Binds::Test)?;
        }
        self.push(")");
        Ok(())
    }

    /// The parameters of a lambda, with what parts them from the word.
    fn parameters(&mut self, parameters: &Parameters) -> Result<()> {
        let positional = parameters.posonlyargs.len() + parameters.args.len();
        if positional > 0 {
            self.push(" ");
        }
        let mut first = true;
        for (number, parameter) in parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .enumerate()
        {
            self.comma(&mut first);
            self.parameter(&parameter.parameter, parameter.default())?;
            if number + 1 == parameters.posonlyargs.len() {
                self.push(", /");
            }
        }
        if parameters.vararg.is_some() || !parameters.kwonlyargs.is_empty() {
            self.comma(&mut first);
            self.push("*");
            if let Some(parameter) = &parameters.vararg {
                self.parameter(parameter, None)?;
            }
        }
        for parameter in &parameters.kwonlyargs {
            self.comma(&mut first);
            self.parameter(&parameter.parameter, parameter.default())?;
        }
        if let Some(parameter) = &parameters.kwarg {
            self.comma(&mut first);
            self.push("**");
            self.parameter(parameter, None)?;
        }
        Ok(())
    }

    fn comma(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.push(", ");
        }
    }

    fn parameter(&mut self, parameter: &Parameter, default: Option<&Expr>) -> Result<()> {
        self.push(&parameter.name);
        if let Some(default) = default {
            self.push("=");
            self.expr(default, Binds::Test)?;
        }
        Ok(())
    }

    /// Writes with `f`, and quotes what it wrote.
    fn quoted(
        &mut self,
        prefix: &str,
        range: TextRange,
        f: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let before = std::mem::take(&mut self.out);
        f(self)?;
        if self.out.len() > LONGEST {
            let message = "f-string: expressions nested too deeply";
            return Err(CompileError::new(message, range));
        }
        let body = std::mem::replace(&mut self.out, before);
        self.push(prefix);
        let text = (self.compiler.repr)(&Const::Str(body.into()));
        self.push(&text);
        Ok(())
    }

    /// Writes what stands between the quotes of an interpolated string.
    fn pieces<'e>(
        &mut self,
        pieces: impl Iterator<Item = &'e InterpolatedStringElement>,
        template: bool,
    ) -> Result<()> {
        for piece in pieces {
            match piece {
                InterpolatedStringElement::Literal(literal) => self.braces_doubled(&literal.value),
                InterpolatedStringElement::Interpolation(field) => self.field(field, template)?,
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &ast::InterpolatedElement, template: bool) -> Result<()> {
        if let Some(text) = &field.debug_text {
            self.braces_doubled(&without_comments(text.as_str()));
        }
        self.push("{");
        if template {
            self.push(&interpolation_text(self.compiler.lines, field));
        } else {
            let start = self.out.len();
            self.expr(&field.expression, Binds::Or)?;
            // Two braces would stand for one that is shown.
            if self.out[start..].starts_with('{') {
                self.out.insert(start, ' ');
            }
        }
        let shows = field.debug_text.is_some() && field.format_spec.is_none();
        match field.conversion {
            ConversionFlag::None if shows => self.push("!r"),
            ConversionFlag::None => {}
            ConversionFlag::Str => self.push("!s"),
            ConversionFlag::Repr => self.push("!r"),
            ConversionFlag::Ascii => self.push("!a"),
        }
        if let Some(spec) = &field.format_spec {
            self.push(":");
            self.pieces(spec.elements.iter(), false)?;
        }
        self.push("}");
        Ok(())
    }

    fn braces_doubled(&mut self, text: &str) {
        for character in text.chars() {
            self.out.push(character);
            if matches!(character, '{' | '}') {
                self.out.push(character);
            }
        }
    }
}

fn operator(operator: Operator) -> (Binds, &'static str) {
    match operator {
        Operator::Add => (Binds::Sum, " + "),
        Operator::Sub => (Binds::Sum, " - "),
        Operator::Mult => (Binds::Product, " * "),
        Operator::MatMult => (Binds::Product, " @ "),
        Operator::Div => (Binds::Product, " / "),
        Operator::Mod => (Binds::Product, " % "),
        Operator::FloorDiv => (Binds::Product, " // "),
        Operator::LShift => (Binds::Shift, " << "),
        Operator::RShift => (Binds::Shift, " >> "),
        Operator::BitOr => (Binds::BitOr, " | "),
        Operator::BitXor => (Binds::BitXor, " ^ "),
        Operator::BitAnd => (Binds::BitAnd, " & "),
        Operator::Pow => (Binds::Power, " ** "),
    }
}

fn comparison(operator: CmpOp) -> &'static str {
    match operator {
        CmpOp::Eq => " == ",
        CmpOp::NotEq => " != ",
        CmpOp::Lt => " < ",
        CmpOp::LtE => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::GtE => " >= ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
    }
}
