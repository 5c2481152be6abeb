//! `match` statements: subjects, cases and patterns.

use super::recognizer::{Fail, Id, Match, Recognizer, Shape};
use super::token::{Kind, Token};

impl Recognizer<'_> {
    pub fn match_statement(&mut self) -> Match<Id> {
        let found = self.opt(|p| {
            p.soft("match")?;
            p.subject()?;
            p.op(":")?;
            p.newline()?;
            p.kind(Kind::Indent)?;
            p.some(|p| p.case_block())?;
            p.kind(Kind::Dedent)?;
            p.done()
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            p.soft("match")?;
            p.subject()?;
            p.newline()?;
            p.raise_syntax("expected ':'")
        })?;
        self.mistake(|p| {
            let word = p.soft("match")?;
            p.subject()?;
            p.op(":")?;
            p.missing_block(word, "'match' statement")
        })?;
        Err(Fail::No)
    }

    fn subject(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                let first = p.star_named_expression()?;
                p.op(",")?;
                p.opt(|p| p.star_named_expressions())?;
                Ok(first)
            },
            |p| p.named_expression(),
        ])
    }

    fn case_block(&mut self) -> Match<Id> {
        self.mistake(|p| {
            p.soft("case")?;
            p.patterns()?;
            p.opt(|p| p.guard())?;
            p.newline()?;
            p.raise_syntax("expected ':'")
        })?;
        self.mistake(|p| {
            let word = p.soft("case")?;
            p.patterns()?;
            p.opt(|p| p.guard())?;
            p.op(":")?;
            p.missing_block(word, "'case' statement")
        })?;
        self.soft("case")?;
        self.patterns()?;
        self.opt(|p| p.guard())?;
        self.op(":")?;
        self.block()
    }

    fn guard(&mut self) -> Match<Id> {
        self.op("if")?;
        self.named_expression()
    }

    fn patterns(&mut self) -> Match<Id> {
        self.any(&[|p| p.open_sequence(), |p| p.pattern()])
    }

    fn open_sequence(&mut self) -> Match<Id> {
        self.maybe_star_pattern()?;
        self.op(",")?;
        self.opt(|p| p.sequence_items())?;
        self.done()
    }

    fn sequence_items(&mut self) -> Match<Id> {
        self.commas(|p| p.maybe_star_pattern())?;
        self.opt(|p| p.op(","))?;
        self.done()
    }

    fn maybe_star_pattern(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                p.op("*")?;
                p.any(&[|p| p.capture(), |p| p.soft("_").and_then(|_| p.done())])
            },
            |p| p.pattern(),
        ])
    }

    fn pattern(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| {
                    let start = p.here()?;
                    p.alternatives()?;
                    p.op("as")?;
                    p.capture()?;
                    Ok(p.node(Shape::Other, start, vec![]))
                },
                |p| {
                    p.mistake(|p| {
                        p.alternatives()?;
                        p.op("as")?;
                        let target = p.soft("_")?;
                        p.raise_at_token(target, "cannot use '_' as a target")
                    })?;
                    p.mistake(|p| {
                        p.alternatives()?;
                        p.op("as")?;
                        let target = p.expression()?;
                        let what = p.describe(target);
                        p.raise_node(target, format!("cannot use {what} as pattern target"))
                    })?;
                    Err(Fail::No)
                },
                |p| p.alternatives(),
            ])
        })
    }

    fn alternatives(&mut self) -> Match<Id> {
        let start = self.here()?;
        self.closed_pattern()?;
        self.many(|p| p.op("|").and_then(|_| p.closed_pattern()))?;
        Ok(self.node(Shape::Other, start, vec![]))
    }

    fn closed_pattern(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| p.literal_pattern(),
                |p| p.capture(),
                |p| p.soft("_").and_then(|_| p.done()),
                |p| {
                    p.dotted_value()?;
                    p.not(|p| p.one_of(&[".", "(", "="]))?;
                    p.done()
                },
                |p| {
                    p.op("(")?;
                    p.pattern()?;
                    p.op(")")?;
                    p.done()
                },
                |p| {
                    p.op("[")?;
                    p.opt(|p| p.sequence_items())?;
                    p.op("]")?;
                    p.done()
                },
                |p| {
                    p.op("(")?;
                    p.opt(|p| p.open_sequence())?;
                    p.op(")")?;
                    p.done()
                },
                |p| p.mapping_pattern(),
                |p| p.class_pattern(),
            ])
        })
    }

    fn literal_pattern(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                p.signed_number()?;
                p.not(|p| p.one_of(&["+", "-"]))?;
                p.done()
            },
            |p| {
                p.signed_number()?;
                p.one_of(&["+", "-"])?;
                let imaginary = p.kind(Kind::Number)?;
                if !p.token_text(imaginary).ends_with(['j', 'J']) {
                    let message = "imaginary number required in complex literal";
                    return p.raise_at_token(imaginary, message);
                }
                p.done()
            },
            |p| p.strings(),
            |p| p.one_of(&["None", "True", "False"]).and_then(|_| p.done()),
        ])
    }

    fn signed_number(&mut self) -> Match<Token> {
        self.opt(|p| p.op("-"))?;
        self.kind(Kind::Number)
    }

    fn capture(&mut self) -> Match<Id> {
        self.not(|p| p.soft("_"))?;
        let name = self.name()?;
        self.not(|p| p.one_of(&[".", "(", "="]))?;
        Ok(name)
    }

    /// A name with at least one attribute.
    fn dotted_value(&mut self) -> Match<Id> {
        self.name()?;
        self.some(|p| p.op(".").and_then(|_| p.name()))?;
        self.done()
    }

    fn mapping_pattern(&mut self) -> Match<Id> {
        self.op("{")?;
        let rest = self.opt(|p| p.mapping_rest())?;
        if rest.is_none() && self.opt(|p| p.commas(|p| p.mapping_item()))?.is_some() {
            self.opt(|p| p.op(",").and_then(|_| p.mapping_rest()))?;
        }
        self.opt(|p| p.op(","))?;
        self.op("}")?;
        self.done()
    }

    fn mapping_rest(&mut self) -> Match<Id> {
        self.op("**")?;
        self.capture()
    }

    fn mapping_item(&mut self) -> Match<Id> {
        self.any(&[|p| p.literal_pattern(), |p| p.dotted_value()])?;
        self.op(":")?;
        self.pattern()
    }

    fn class_pattern(&mut self) -> Match<Id> {
        let found = self.opt(|p| {
            p.class_name()?;
            p.op("(")?;
            if p.opt(|p| p.positional_patterns())?.is_some() {
                p.opt(|p| p.op(",").and_then(|_| p.keyword_patterns()))?;
                p.opt(|p| p.op(","))?;
            } else if p.opt(|p| p.keyword_patterns())?.is_some() {
                p.opt(|p| p.op(","))?;
            }
            p.op(")")?;
            p.done()
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            p.class_name()?;
            p.op("(")?;
            p.opt(|p| p.positional_patterns().and_then(|_| p.op(",")))?;
            p.keyword_patterns()?;
            p.op(",")?;
            let start = p.here()?;
            p.positional_patterns()?;
            let end = p.tokens[p.mark - 1].end;
            p.raise_range(start, end, "positional patterns follow keyword patterns")
        })?;
        Err(Fail::No)
    }

    fn class_name(&mut self) -> Match<Id> {
        self.name()?;
        self.many(|p| p.op(".").and_then(|_| p.name()))?;
        self.done()
    }

    fn positional_patterns(&mut self) -> Match<Vec<Id>> {
        self.commas(|p| p.pattern())
    }

    fn keyword_patterns(&mut self) -> Match<Vec<Id>> {
        self.commas(|p| {
            p.name()?;
            p.op("=")?;
            p.pattern()
        })
    }
}
