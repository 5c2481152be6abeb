//! Files, simple statements, and the mistakes made in them.

use super::SyntaxErrorKind;
use super::recognizer::{Fail, Id, Match, Recognizer, Shape};
use super::targets::Purpose;
use super::token::{Kind, Token};

const AUGMENTED: [&str; 13] = [
    "+=", "-=", "*=", "@=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//=",
];
const NO_NAMES: &str = "Expected one or more names after 'import'";

impl Recognizer<'_> {
    /// A module.
    pub fn file(&mut self) -> Match<Id> {
        self.statements()?;
        self.kind(Kind::End)?;
        self.done()
    }

    /// One interactive statement.
    pub fn interactive(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                let statement = p.compound_statement()?;
                p.newline()?;
                Ok(statement)
            },
            |p| p.simple_statements(),
            |p| p.newline().and_then(|_| p.done()),
        ])
    }

    /// An expression on its own.
    pub fn lone_expression(&mut self) -> Match<Id> {
        self.expressions()?;
        self.many(|p| p.newline())?;
        self.kind(Kind::End)?;
        self.done()
    }

    /// Statements, of which the last one's line is noted: not when one of them raises.
    pub fn statements(&mut self) -> Match<usize> {
        let found = self.many(|p| {
            let first = p.current()?;
            p.statement()?;
            Ok(p.line_of(first) as u32)
        })?;
        if let Some(&line) = found.last() {
            self.last_statement_line = line;
        }
        Ok(found.len())
    }

    fn statement(&mut self) -> Match<Id> {
        self.any(&[|p| p.compound_statement(), |p| p.simple_statements()])
    }

    pub fn simple_statements(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                let statement = p.simple_statement()?;
                p.not(|p| p.op(";"))?;
                p.newline()?;
                Ok(statement)
            },
            |p| {
                let statement = p.simple_statement()?;
                p.many(|p| p.op(";").and_then(|_| p.simple_statement()))?;
                p.opt(|p| p.op(";"))?;
                p.newline()?;
                Ok(statement)
            },
        ])
    }

    pub fn simple_statement(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| p.assignment(),
                |p| {
                    p.soft("type")?;
                    p.name()?;
                    p.opt(|p| p.type_parameters())?;
                    p.op("=")?;
                    p.expression()
                },
                |p| p.star_expressions(),
                |p| p.keyword_statement(),
            ])
        })
    }

    fn keyword_statement(&mut self) -> Match<Id> {
        let token = self.current()?;
        if token.kind != Kind::Keyword {
            return Err(Fail::No);
        }
        match self.token_text(token) {
            "return" => {
                self.mark += 1;
                self.opt(|p| p.star_expressions())?;
            }
            "import" | "from" => return self.import(),
            "raise" => return self.raise_statement(),
            "pass" | "break" | "continue" => self.mark += 1,
            "del" => return self.delete(),
            "yield" => return self.yield_expression(),
            "assert" => {
                self.mark += 1;
                self.expression()?;
                self.opt(|p| p.op(",").and_then(|_| p.expression()))?;
            }
            "global" | "nonlocal" => {
                self.mark += 1;
                self.commas(|p| p.name())?;
            }
            _ => return Err(Fail::No),
        }
        self.done()
    }

    // Assignments

    fn assignment(&mut self) -> Match<Id> {
        let found = self.opt(|p| {
            p.any(&[
                |p| {
                    p.name()?;
                    p.op(":")?;
                    p.expression()?;
                    p.opt(|p| p.op("=").and_then(|_| p.assigned()))?;
                    p.done()
                },
                |p| {
                    p.annotation_target()?;
                    p.op(":")?;
                    p.expression()?;
                    p.opt(|p| p.op("=").and_then(|_| p.assigned()))?;
                    p.done()
                },
                |p| {
                    p.some(|p| p.star_targets().and_then(|_| p.op("=")))?;
                    p.assigned()?;
                    p.not(|p| p.op("="))?;
                    p.done()
                },
            ])
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        // Behind the operator the statement is settled: no other reading is tried.
        let augmented = self.opt(|p| p.single_target().and_then(|_| p.one_of(&AUGMENTED)))?;
        if augmented.is_some() {
            return self.assigned();
        }
        self.mistake(|p| p.invalid_assignment())?;
        Err(Fail::No)
    }

    fn invalid_assignment(&mut self) -> Match<Id> {
        self.opt(|p| {
            let target = p.parenthesized_display()?;
            p.op(":")?;
            p.expression()?;
            let what = p.describe(target);
            let message = format!("only single target (not {what}) can be annotated");
            p.raise_node::<Id>(target, message)
        })?;
        self.opt(|p| {
            let first = p.star_named_expression()?;
            p.op(",")?;
            p.many(|p| p.star_named_expressions())?;
            p.op(":")?;
            p.expression()?;
            p.raise_node::<Id>(first, "only single target (not tuple) can be annotated")
        })?;
        self.opt(|p| {
            let target = p.expression()?;
            p.op(":")?;
            p.expression()?;
            p.raise_node::<Id>(target, "illegal target for annotation")
        })?;
        self.opt(|p| {
            p.many(|p| p.star_targets().and_then(|_| p.op("=")))?;
            let target = p.star_expressions()?;
            p.op("=")?;
            p.check_target(target, Purpose::Assign)
        })?;
        self.opt(|p| {
            p.many(|p| p.star_targets().and_then(|_| p.op("=")))?;
            let target = p.yield_expression()?;
            p.op("=")?;
            p.raise_node::<Id>(target, "assignment to yield expression not possible")
        })?;
        let target = self.star_expressions()?;
        self.one_of(&AUGMENTED)?;
        self.assigned()?;
        let what = self.describe(target);
        let message = format!("'{what}' is an illegal expression for augmented assignment");
        self.raise_node(target, message)
    }

    /// A list or a tuple, in any number of parentheses.
    fn parenthesized_display(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                p.look(|p| p.op("["))?;
                let list = p.atom()?;
                if p.shape(list) != Shape::List {
                    return Err(Fail::No);
                }
                Ok(list)
            },
            |p| {
                p.look(|p| p.op("("))?;
                let tuple = p.atom()?;
                if p.shape(tuple) != Shape::Tuple {
                    return Err(Fail::No);
                }
                Ok(tuple)
            },
            |p| {
                p.op("(")?;
                let inner = p.parenthesized_display()?;
                p.op(")")?;
                Ok(inner)
            },
        ])
    }

    // Other simple statements

    fn raise_statement(&mut self) -> Match<Id> {
        self.op("raise")?;
        if self.opt(|p| p.expression())?.is_some() {
            self.opt(|p| p.op("from").and_then(|_| p.expression()))?;
        }
        self.done()
    }

    fn delete(&mut self) -> Match<Id> {
        let found = self.opt(|p| {
            p.op("del")?;
            p.del_targets()?;
            p.look(|p| p.take(|p, token| token.kind == Kind::Newline || p.is(token, ";")))?;
            p.done()
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            p.op("del")?;
            let targets = p.star_expressions()?;
            p.check_target(targets, Purpose::Delete)
        })?;
        Err(Fail::No)
    }

    pub fn is(&self, token: Token, symbol: &str) -> bool {
        token.kind == Kind::Op && self.token_text(token) == symbol
    }

    // Imports

    fn import(&mut self) -> Match<Id> {
        self.mistake(|p| {
            let word = p.op("import")?;
            p.commas(|p| p.dotted_name())?;
            p.op("from")?;
            p.dotted_name()?;
            let message = "Did you mean to use 'from ... import ...' instead?";
            p.raise_from_token(word, message)
        })?;
        self.mistake(|p| {
            p.op("import")?;
            let token = p.newline()?;
            p.raise_from_token(token, NO_NAMES)
        })?;
        self.any(&[
            |p| {
                p.op("import")?;
                p.commas(|p| p.dotted_as_name())?;
                p.done()
            },
            |p| {
                p.op("from")?;
                let dots = p.many(|p| p.one_of(&[".", "..."]))?;
                let module = p.opt(|p| p.dotted_name())?;
                if dots.is_empty() && module.is_none() {
                    return Err(Fail::No);
                }
                p.op("import")?;
                p.imported_names()
            },
        ])
    }

    fn dotted_name(&mut self) -> Match<Id> {
        let start = self.here()?;
        self.name()?;
        self.many(|p| p.op(".").and_then(|_| p.name()))?;
        Ok(self.node(Shape::Name, start, vec![]))
    }

    fn dotted_as_name(&mut self) -> Match<Id> {
        self.mistake(|p| {
            p.dotted_name()?;
            p.invalid_alias()
        })?;
        let name = self.dotted_name()?;
        self.opt(|p| p.op("as").and_then(|_| p.name()))?;
        Ok(name)
    }

    /// `as` with something that is not a name.
    fn invalid_alias(&mut self) -> Match<Id> {
        self.op("as")?;
        self.not(|p| {
            p.name()?;
            p.take(|p, token| {
                token.kind == Kind::Newline
                    || p.is(token, ",")
                    || p.is(token, ")")
                    || p.is(token, ";")
            })
        })?;
        let alias = self.expression()?;
        let message = format!("cannot use {} as import target", self.describe(alias));
        self.raise_node(alias, message)
    }

    fn imported_names(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                p.op("(")?;
                p.imported_list()?;
                p.opt(|p| p.op(","))?;
                p.op(")")?;
                p.done()
            },
            |p| {
                p.imported_list()?;
                p.not(|p| p.op(","))?;
                p.done()
            },
            |p| p.op("*").and_then(|_| p.done()),
            |p| {
                p.mistake(|p| {
                    p.imported_list()?;
                    p.op(",")?;
                    p.newline()?;
                    let message = "trailing comma not allowed without surrounding parentheses";
                    p.raise_syntax(message)
                })?;
                p.mistake(|p| {
                    let token = p.newline()?;
                    p.raise_from_token(token, NO_NAMES)
                })?;
                Err(Fail::No)
            },
        ])
    }

    fn imported_list(&mut self) -> Match<Vec<Id>> {
        self.commas(|p| {
            p.mistake(|p| {
                p.name()?;
                p.invalid_alias()
            })?;
            let name = p.name()?;
            p.opt(|p| p.op("as").and_then(|_| p.name()))?;
            Ok(name)
        })
    }

    /// Raises the error for a colon without an indented block behind it.
    pub fn missing_block(&mut self, word: Token, after: &str) -> Match<Id> {
        self.newline()?;
        self.not(|p| p.kind(Kind::Indent))?;
        let line = self.line_of(word);
        self.raise_last(
            SyntaxErrorKind::Indentation,
            format!("expected an indented block after {after} on line {line}"),
        )
    }

    /// Raises the error for a header that ends without its colon.
    pub fn missing_colon(&mut self) -> Match<Id> {
        self.newline()?;
        self.raise_syntax("expected ':'")
    }
}
