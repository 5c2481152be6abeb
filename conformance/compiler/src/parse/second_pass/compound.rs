//! Compound statements, and the mistakes made in their headers and blocks.

use super::SyntaxErrorKind;
use super::recognizer::{Fail, Id, Match, Recognizer};
use super::targets::Purpose;
use super::token::{Kind, Token};

impl Recognizer<'_> {
    pub fn compound_statement(&mut self) -> Match<Id> {
        let token = self.current()?;
        match (token.kind, self.token_text(token)) {
            (Kind::Op, "@") => self.any(&[|p| p.function(), |p| p.class()]),
            (Kind::Keyword, "def") => self.function(),
            (Kind::Keyword, "async") => {
                self.any(&[|p| p.function(), |p| p.with(), |p| p.for_loop()])
            }
            (Kind::Keyword, "if") => self.if_statement("if"),
            (Kind::Keyword, "class") => self.class(),
            (Kind::Keyword, "with") => self.with(),
            (Kind::Keyword, "for") => self.for_loop(),
            (Kind::Keyword, "try") => self.try_statement(),
            (Kind::Keyword, "while") => self.while_loop(),
            _ => self.match_statement(),
        }
    }

    pub fn block(&mut self) -> Match<Id> {
        self.memo(|p| {
            let indented = p.opt(|p| {
                p.newline()?;
                p.kind(Kind::Indent)?;
                if p.statements()? == 0 {
                    return Err(Fail::No);
                }
                p.kind(Kind::Dedent)
            })?;
            if indented.is_some() {
                return p.done();
            }
            if let Some(found) = p.opt(|p| p.simple_statements())? {
                return Ok(found);
            }
            p.mistake(|p| {
                p.newline()?;
                p.not(|p| p.kind(Kind::Indent))?;
                p.raise_last(SyntaxErrorKind::Indentation, "expected an indented block")
            })?;
            Err(Fail::No)
        })
    }

    fn decorators(&mut self) -> Match<()> {
        self.many(|p| {
            p.op("@")?;
            p.named_expression()?;
            p.newline()
        })?;
        Ok(())
    }

    fn function(&mut self) -> Match<Id> {
        self.decorators()?;
        self.mistake(|p| {
            p.opt(|p| p.op("async"))?;
            let word = p.op("def")?;
            p.name()?;
            p.opt(|p| p.type_parameters())?;
            p.op("(")?;
            p.opt(|p| p.function_parameters())?;
            p.op(")")?;
            p.opt(|p| p.op("->").and_then(|_| p.expression()))?;
            p.op(":")?;
            p.missing_block(word, "function definition")
        })?;
        self.opt(|p| p.op("async"))?;
        self.op("def")?;
        self.name()?;
        self.opt(|p| p.type_parameters())?;
        self.must("(")?;
        self.opt(|p| p.function_parameters())?;
        self.op(")")?;
        self.opt(|p| p.op("->").and_then(|_| p.expression()))?;
        self.must(":")?;
        self.block()
    }

    fn class_header(&mut self) -> Match<Token> {
        let word = self.op("class")?;
        self.name()?;
        self.opt(|p| p.type_parameters())?;
        self.opt(|p| {
            p.op("(")?;
            p.opt(|p| p.arguments())?;
            p.op(")")
        })?;
        Ok(word)
    }

    fn class(&mut self) -> Match<Id> {
        self.decorators()?;
        self.mistake(|p| {
            p.class_header()?;
            p.missing_colon()
        })?;
        self.mistake(|p| {
            let word = p.class_header()?;
            p.op(":")?;
            p.missing_block(word, "class definition")
        })?;
        self.class_header()?;
        self.op(":")?;
        self.block()
    }

    /// `if` or `elif` and what follows.
    fn if_statement(&mut self, word: &str) -> Match<Id> {
        if self.invalid {
            self.opt(|p| {
                p.op(word)?;
                p.named_expression()?;
                p.missing_colon()
            })?;
            self.opt(|p| {
                let token = p.op(word)?;
                p.named_expression()?;
                p.op(":")?;
                p.missing_block(token, &format!("'{word}' statement"))
            })?;
        }
        self.op(word)?;
        self.named_expression()?;
        self.op(":")?;
        self.block()?;
        if self.opt(|p| p.if_statement("elif"))?.is_none() {
            self.opt(|p| p.else_block())?;
        }
        self.done()
    }

    fn else_block(&mut self) -> Match<Id> {
        self.mistake(|p| {
            let word = p.op("else")?;
            p.op(":")?;
            p.missing_block(word, "'else' statement")
        })?;
        self.mistake(|p| {
            p.op("else")?;
            p.op(":")?;
            p.block()?;
            p.op("elif")?;
            p.raise_syntax("'elif' block follows an 'else' block")
        })?;
        self.op("else")?;
        self.must(":")?;
        self.block()
    }

    fn while_loop(&mut self) -> Match<Id> {
        self.mistake(|p| {
            p.op("while")?;
            p.named_expression()?;
            p.missing_colon()
        })?;
        self.mistake(|p| {
            let word = p.op("while")?;
            p.named_expression()?;
            p.op(":")?;
            p.missing_block(word, "'while' statement")
        })?;
        self.op("while")?;
        self.named_expression()?;
        self.op(":")?;
        self.block()?;
        self.opt(|p| p.else_block())?;
        self.done()
    }

    fn for_header(&mut self) -> Match<Token> {
        self.opt(|p| p.op("async"))?;
        let word = self.op("for")?;
        self.star_targets()?;
        self.op("in")?;
        self.star_expressions()?;
        Ok(word)
    }

    fn for_loop(&mut self) -> Match<Id> {
        self.mistake(|p| {
            p.for_header()?;
            p.missing_colon()
        })?;
        self.mistake(|p| {
            let word = p.for_header()?;
            p.op(":")?;
            p.missing_block(word, "'for' statement")
        })?;
        // Behind `in` the loop is settled: a failure there is not a mistake in the target.
        let begun = self.opt(|p| {
            p.opt(|p| p.op("async"))?;
            p.op("for")?;
            p.star_targets()?;
            p.op("in")
        })?;
        if begun.is_some() {
            self.star_expressions()?;
            self.op(":")?;
            self.block()?;
            self.opt(|p| p.else_block())?;
            return self.done();
        }
        self.mistake(|p| p.invalid_for_target())?;
        Err(Fail::No)
    }

    fn with(&mut self) -> Match<Id> {
        self.mistake(|p| {
            p.opt(|p| p.op("async"))?;
            let word = p.op("with")?;
            let plain = p.opt(|p| p.loose_with_items(false).and_then(|_| p.op(":")))?;
            if plain.is_none() {
                p.loose_with_items(true)?;
                p.op(":")?;
            }
            p.missing_block(word, "'with' statement")
        })?;
        let found = self.opt(|p| {
            p.opt(|p| p.op("async"))?;
            p.op("with")?;
            let grouped = p.opt(|p| {
                p.op("(")?;
                p.commas(|p| p.with_item())?;
                p.opt(|p| p.op(","))?;
                p.op(")")?;
                p.op(":")?;
                p.block()
            })?;
            if let Some(grouped) = grouped {
                return Ok(grouped);
            }
            p.commas(|p| p.with_item())?;
            p.op(":")?;
            p.block()
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            p.opt(|p| p.op("async"))?;
            p.op("with")?;
            p.loose_with_items(false)?;
            p.missing_colon()
        })?;
        self.mistake(|p| {
            p.opt(|p| p.op("async"))?;
            p.op("with")?;
            p.loose_with_items(true)?;
            p.missing_colon()
        })?;
        Err(Fail::No)
    }

    fn with_item(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                let value = p.expression()?;
                p.op("as")?;
                p.star_target()?;
                p.look(|p| p.one_of(&[",", ")", ":"]))?;
                Ok(value)
            },
            |p| {
                p.mistake(|p| {
                    p.expression()?;
                    p.op("as")?;
                    let target = p.expression()?;
                    p.look(|p| p.one_of(&[",", ")", ":"]))?;
                    p.check_target(target, Purpose::Assign)
                })?;
                Err(Fail::No)
            },
            |p| p.expression(),
        ])
    }

    /// The items of a `with` statement, for the rules that look at its end.
    fn loose_with_items(&mut self, grouped: bool) -> Match<Id> {
        if grouped {
            self.op("(")?;
        }
        self.commas(|p| {
            if grouped {
                p.expressions()?;
            } else {
                p.expression()?;
            }
            p.opt(|p| p.op("as").and_then(|_| p.star_target()))
        })?;
        if grouped {
            self.opt(|p| p.op(","))?;
            self.op(")")?;
        }
        self.done()
    }

    fn try_statement(&mut self) -> Match<Id> {
        self.mistake(|p| p.invalid_try())?;
        self.any(&[
            |p| {
                p.op("try")?;
                p.must(":")?;
                p.block()?;
                p.finally_block()
            },
            |p| {
                p.op("try")?;
                p.must(":")?;
                p.block()?;
                p.some(|p| p.except_block())?;
                p.opt(|p| p.else_block())?;
                p.opt(|p| p.finally_block())?;
                p.done()
            },
            |p| {
                p.op("try")?;
                p.must(":")?;
                p.block()?;
                p.some(|p| p.except_star_block())?;
                p.opt(|p| p.else_block())?;
                p.opt(|p| p.finally_block())?;
                p.done()
            },
        ])
    }

    fn invalid_try(&mut self) -> Match<Id> {
        self.opt(|p| {
            let word = p.op("try")?;
            p.op(":")?;
            p.missing_block(word, "'try' statement")
        })?;
        self.opt(|p| {
            p.op("try")?;
            p.op(":")?;
            p.block()?;
            p.not(|p| p.one_of(&["except", "finally"]))?;
            p.raise_syntax::<Id>("expected 'except' or 'finally' block")
        })?;
        const BOTH: &str = "cannot have both 'except' and 'except*' on the same 'try'";
        self.opt(|p| {
            p.op("try")?;
            p.op(":")?;
            p.many(|p| p.block())?;
            p.some(|p| p.except_block())?;
            let word = p.op("except")?;
            let star = p.op("*")?;
            p.expression()?;
            p.opt(|p| p.op("as").and_then(|_| p.name()))?;
            p.op(":")?;
            p.raise_range::<Id>(word.start, star.end, BOTH)
        })?;
        self.op("try")?;
        self.op(":")?;
        self.many(|p| p.block())?;
        self.some(|p| p.except_star_block())?;
        let word = self.op("except")?;
        self.opt(|p| p.expression())?;
        self.opt(|p| p.op("as").and_then(|_| p.name()))?;
        self.op(":")?;
        self.raise_at_token(word, BOTH)
    }

    fn except_block(&mut self) -> Match<Id> {
        self.mistake(|p| {
            let word = p.op("except")?;
            p.opt(|p| {
                p.expression()?;
                p.opt(|p| p.op("as").and_then(|_| p.name()))
            })?;
            p.op(":")?;
            p.missing_block(word, "'except' statement")
        })?;
        let found = self.opt(|p| {
            p.any(&[
                |p| {
                    p.op("except")?;
                    p.expressions()?;
                    p.op(":")?;
                    p.block()
                },
                |p| {
                    p.op("except")?;
                    p.expression()?;
                    p.op("as")?;
                    p.name()?;
                    p.op(":")?;
                    p.block()
                },
                |p| {
                    p.op("except")?;
                    p.op(":")?;
                    p.block()
                },
            ])
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| p.invalid_except(false))?;
        Err(Fail::No)
    }

    fn except_star_block(&mut self) -> Match<Id> {
        self.mistake(|p| {
            let word = p.op("except")?;
            p.op("*")?;
            p.expression()?;
            p.opt(|p| p.op("as").and_then(|_| p.name()))?;
            p.op(":")?;
            p.missing_block(word, "'except*' statement")
        })?;
        let found = self.opt(|p| {
            p.any(&[
                |p| {
                    p.op("except")?;
                    p.op("*")?;
                    p.expressions()?;
                    p.op(":")?;
                    p.block()
                },
                |p| {
                    p.op("except")?;
                    p.op("*")?;
                    p.expression()?;
                    p.op("as")?;
                    p.name()?;
                    p.op(":")?;
                    p.block()
                },
            ])
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| p.invalid_except(true))?;
        Err(Fail::No)
    }

    /// Mistakes in a clause of plain `try`, or with `star` of the other kind: the words must be those of that kind.
    fn invalid_except(&mut self, star: bool) -> Match<Id> {
        let words = move |p: &mut Self| {
            p.op("except")?;
            if star { p.op("*").map(drop) } else { Ok(()) }
        };
        self.opt(|p| {
            words(p)?;
            let first = p.expression()?;
            p.op(",")?;
            p.expressions()?;
            p.op("as")?;
            p.name()?;
            p.op(":")?;
            let start = p.start(first);
            let message = "multiple exception types must be parenthesized when using 'as'";
            p.raise_from::<Id>(start, message)
        })?;
        self.opt(|p| {
            words(p)?;
            p.expression()?;
            p.opt(|p| p.op("as").and_then(|_| p.name()))?;
            p.missing_colon()
        })?;
        self.opt(|p| {
            words(p)?;
            if !star {
                return p.missing_colon();
            }
            p.take(|p, token| token.kind == Kind::Newline || p.is(token, ":"))?;
            p.raise_syntax::<Id>("expected one or more exception types")
        })?;
        words(self)?;
        self.expression()?;
        self.op("as")?;
        let target = self.expression()?;
        self.op(":")?;
        self.block()?;
        let word = if star { "except*" } else { "except" };
        let message = format!("cannot use {word} statement with {}", self.describe(target));
        self.raise_node(target, message)
    }

    fn finally_block(&mut self) -> Match<Id> {
        self.mistake(|p| {
            let word = p.op("finally")?;
            p.op(":")?;
            p.missing_block(word, "'finally' statement")
        })?;
        self.op("finally")?;
        self.must(":")?;
        self.block()
    }
}
