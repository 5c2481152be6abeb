//! Arguments of calls and class definitions, and the mistakes made in them.

use super::recognizer::{Fail, Id, Match, Recognizer, Shape};

const MAYBE_COMPARISON: &str = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
const GENERATOR: &str = "Generator expression must be parenthesized";

impl Recognizer<'_> {
    pub fn arguments(&mut self) -> Match<Id> {
        self.memo(|p| {
            let found = p.opt(|p| {
                let args = p.args()?;
                p.opt(|p| p.op(","))?;
                p.look(|p| p.op(")"))?;
                Ok(args)
            })?;
            if let Some(found) = found {
                return Ok(found);
            }
            p.mistake(|p| p.invalid_arguments())?;
            Err(Fail::No)
        })
    }

    /// The arguments; the node's children are keyword arguments where they are.
    fn args(&mut self) -> Match<Id> {
        let start = self.here()?;
        let positional = self.opt(|p| p.positional_arguments())?;
        let items = match positional {
            Some(mut items) => {
                let keywords = self.opt(|p| p.op(",").and_then(|_| p.keyword_arguments()))?;
                items.extend(keywords.unwrap_or_default());
                items
            }
            None => self.keyword_arguments()?,
        };
        Ok(self.node(Shape::Other, start, items))
    }

    fn positional_arguments(&mut self) -> Match<Vec<Id>> {
        self.commas(|p| {
            if let Some(starred) = p.opt(|p| p.starred_expression())? {
                return Ok(starred);
            }
            let value = p.argument_value()?;
            p.not(|p| p.op("="))?;
            Ok(value)
        })
    }

    fn keyword_arguments(&mut self) -> Match<Vec<Id>> {
        let named = |p: &mut Self| p.keyword_or(|p| p.starred_expression());
        let doubled = |p: &mut Self| {
            p.keyword_or(|p| {
                let stars = p.op("**")?;
                p.expression()?;
                Ok(p.node(Shape::DoubleStarred, stars.start, vec![]))
            })
        };
        let first = self.opt(|p| {
            let mut items = p.commas(named)?;
            p.op(",")?;
            items.extend(p.commas(doubled)?);
            Ok(items)
        })?;
        if let Some(items) = first {
            return Ok(items);
        }
        if let Some(items) = self.opt(|p| p.commas(named))? {
            return Ok(items);
        }
        self.commas(doubled)
    }

    fn keyword_or(&mut self, other: fn(&mut Self) -> Match<Id>) -> Match<Id> {
        self.mistake(|p| p.invalid_keyword())?;
        let keyword = self.opt(|p| {
            let start = p.here()?;
            p.name()?;
            p.op("=")?;
            p.expression()?;
            Ok(p.node(Shape::Keyword, start, vec![]))
        })?;
        match keyword {
            Some(keyword) => Ok(keyword),
            None => other(self),
        }
    }

    pub fn starred_expression(&mut self) -> Match<Id> {
        self.mistake(|p| {
            let star = p.op("*")?;
            p.expression()?;
            p.op("=")?;
            let value = p.expression()?;
            let end = p.get(value).end;
            let message = "cannot assign to iterable argument unpacking";
            p.raise_range(star.start, end, message)
        })?;
        let found = self.opt(|p| {
            let star = p.op("*")?;
            let value = p.expression()?;
            Ok(p.node(Shape::Starred, star.start, vec![value]))
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            p.op("*")?;
            p.raise_syntax("Invalid star expression")
        })?;
        Err(Fail::No)
    }

    fn invalid_keyword(&mut self) -> Match<Id> {
        self.opt(|p| {
            let word = p.one_of(&["True", "False", "None"])?;
            let equals = p.op("=")?;
            let message = format!("cannot assign to {}", p.token_text(word));
            p.raise_range::<Id>(word.start, equals.end, message)
        })?;
        self.opt(|p| p.named_comprehension())?;
        self.opt(|p| {
            let start = p.here()?;
            p.name()?;
            let equals = p.op("=")?;
            p.look(|p| p.one_of(&[",", ")"]))?;
            p.raise_range::<Id>(start, equals.end, "expected argument value expression")
        })?;
        self.opt(|p| {
            p.not(|p| p.name().and_then(|_| p.op("=")))?;
            let a = p.expression()?;
            let equals = p.op("=")?;
            let start = p.start(a);
            let message = "expression cannot contain assignment, perhaps you meant \"==\"?";
            p.raise_range::<Id>(start, equals.end, message)
        })?;
        let stars = self.op("**")?;
        self.expression()?;
        self.op("=")?;
        let value = self.expression()?;
        let end = self.get(value).end;
        let message = "cannot assign to keyword argument unpacking";
        self.raise_range(stars.start, end, message)
    }

    /// `name=value for …`
    fn named_comprehension(&mut self) -> Match<Id> {
        let start = self.here()?;
        self.name()?;
        let equals = self.op("=")?;
        self.expression()?;
        self.for_clauses()?;
        self.raise_range(start, equals.end, MAYBE_COMPARISON)
    }

    fn invalid_arguments(&mut self) -> Match<Id> {
        self.opt(|p| {
            let keywords = p.opt(|p| {
                p.positional_arguments()?;
                p.op(",")?;
                p.keyword_arguments()
            })?;
            if keywords.is_none() {
                p.keyword_arguments()?;
            }
            let comma = p.op(",")?;
            p.commas(|p| {
                p.starred_expression()?;
                p.not(|p| p.op("="))
            })?;
            let message = "iterable argument unpacking follows keyword argument unpacking";
            p.raise_from::<Id>(comma.start, message)
        })?;
        self.opt(|p| {
            let a = p.expression()?;
            let clauses = p.for_clauses()?;
            p.op(",")?;
            p.opt(|p| {
                p.any(&[
                    |p| p.args(),
                    |p| p.expression().and_then(|_| p.for_clauses()),
                ])
            })?;
            p.raise_nodes::<Id>(a, clauses, GENERATOR)
        })?;
        self.opt(|p| p.named_comprehension())?;
        self.opt(|p| {
            let args = p.args()?;
            let clauses = p.for_clauses()?;
            // One argument with clauses is a generator that needs no parentheses of its own.
            let items = p.get(args).children.clone();
            let keyword = |&id: &Id| matches!(p.shape(id), Shape::Keyword | Shape::DoubleStarred);
            let positional: Vec<Id> = items.iter().copied().filter(|id| !keyword(id)).collect();
            match positional.last() {
                Some(&last) if positional.len() > 1 => {
                    p.raise_nodes::<Id>(last, clauses, GENERATOR)
                }
                _ => Err(Fail::No),
            }
        })?;
        self.opt(|p| {
            p.args()?;
            p.op(",")?;
            let a = p.expression()?;
            let clauses = p.for_clauses()?;
            p.raise_nodes::<Id>(a, clauses, GENERATOR)
        })?;
        let args = self.args()?;
        self.op(",")?;
        self.args()?;
        let last = self.get(args).children.last().copied();
        let unpacking = last.is_some_and(|last| self.shape(last) == Shape::DoubleStarred);
        self.raise_syntax(if unpacking {
            "positional argument follows keyword argument unpacking"
        } else {
            "positional argument follows keyword argument"
        })
    }
}
