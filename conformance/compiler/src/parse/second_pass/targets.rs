//! Assignment targets: what may be assigned or deleted, and how the rest is called.

use super::recognizer::{Fail, Id, Match, Recognizer, Shape};

/// What a list of targets is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Assign,
    Delete,
    For,
}

impl Recognizer<'_> {
    pub fn star_targets(&mut self) -> Match<Id> {
        let start = self.here()?;
        let first = self.star_target()?;
        let rest = self.many(|p| p.op(",").and_then(|_| p.star_target()))?;
        let comma = self.opt(|p| p.op(","))?;
        if rest.is_empty() && comma.is_none() {
            return Ok(first);
        }
        Ok(self.node(Shape::Tuple, start, vec![first]))
    }

    pub fn star_target(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| {
                    let star = p.op("*")?;
                    p.not(|p| p.op("*"))?;
                    let target = p.star_target()?;
                    Ok(p.node(Shape::Starred, star.start, vec![target]))
                },
                |p| p.target_with_star_atom(),
            ])
        })
    }

    fn target_with_star_atom(&mut self) -> Match<Id> {
        self.memo(|p| p.any(&[|p| p.primary_target(), |p| p.star_atom()]))
    }

    /// An attribute or a subscript that ends the target.
    fn primary_target(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                let start = p.here()?;
                p.target_primary()?;
                p.op(".")?;
                p.name()?;
                p.not(|p| p.target_continues())?;
                Ok(p.node(Shape::Attribute, start, vec![]))
            },
            |p| {
                let start = p.here()?;
                p.target_primary()?;
                p.op("[")?;
                p.slices()?;
                p.op("]")?;
                p.not(|p| p.target_continues())?;
                Ok(p.node(Shape::Subscript, start, vec![]))
            },
        ])
    }

    fn target_continues(&mut self) -> Match<()> {
        self.one_of(&["(", "[", "."]).map(drop)
    }

    /// The part of a target before its last trailer.
    fn target_primary(&mut self) -> Match<Id> {
        self.memo(|p| {
            let start = p.here()?;
            p.atom()?;
            p.look(|p| p.target_continues())?;
            while p
                .opt(|p| {
                    p.any(&[
                        |p| p.op(".").and_then(|_| p.name()),
                        |p| {
                            p.op("[")?;
                            let slices = p.slices()?;
                            p.op("]")?;
                            Ok(slices)
                        },
                        |p| p.generator(),
                        |p| {
                            p.op("(")?;
                            p.opt(|p| p.arguments())?;
                            p.op(")")?;
                            p.done()
                        },
                    ])?;
                    p.look(|p| p.target_continues())
                })?
                .is_some()
            {}
            Ok(p.node(Shape::Call, start, vec![]))
        })
    }

    fn star_atom(&mut self) -> Match<Id> {
        self.any(&[
            |p| p.name(),
            |p| {
                p.op("(")?;
                let target = p.target_with_star_atom()?;
                p.op(")")?;
                Ok(target)
            },
            |p| {
                let open = p.op("(")?;
                p.opt(|p| {
                    p.any(&[
                        |p| {
                            p.star_target()?;
                            p.some(|p| p.op(",").and_then(|_| p.star_target()))?;
                            p.opt(|p| p.op(","))?;
                            Ok(())
                        },
                        |p| {
                            p.star_target()?;
                            p.op(",").map(drop)
                        },
                    ])
                })?;
                p.op(")")?;
                Ok(p.node(Shape::Tuple, open.start, vec![]))
            },
            |p| {
                let open = p.op("[")?;
                p.opt(|p| {
                    p.commas(|p| p.star_target())?;
                    p.opt(|p| p.op(","))
                })?;
                p.op("]")?;
                Ok(p.node(Shape::List, open.start, vec![]))
            },
        ])
    }

    pub fn single_target(&mut self) -> Match<Id> {
        self.any(&[
            |p| p.primary_target(),
            |p| p.name(),
            |p| {
                p.op("(")?;
                let target = p.single_target()?;
                p.op(")")?;
                Ok(target)
            },
        ])
    }

    /// An attribute, a subscript, or a target in parentheses: what an annotation takes besides names.
    pub fn annotation_target(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                p.op("(")?;
                let target = p.single_target()?;
                p.op(")")?;
                Ok(target)
            },
            |p| p.primary_target(),
        ])
    }

    pub fn del_targets(&mut self) -> Match<()> {
        self.commas(|p| p.del_target())?;
        self.opt(|p| p.op(","))?;
        Ok(())
    }

    fn del_target(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| p.primary_target(),
                |p| p.name(),
                |p| {
                    p.op("(")?;
                    let target = p.del_target()?;
                    p.op(")")?;
                    Ok(target)
                },
                |p| {
                    p.op("(")?;
                    p.opt(|p| p.del_targets())?;
                    p.op(")")?;
                    p.done()
                },
                |p| {
                    p.op("[")?;
                    p.opt(|p| p.del_targets())?;
                    p.op("]")?;
                    p.done()
                },
            ])
        })
    }

    /// Raises an error if `id` holds something that is no target.
    pub fn check_target(&mut self, id: Id, purpose: Purpose) -> Match<Id> {
        let Some(bad) = self.invalid_target(id, purpose) else {
            return Err(Fail::No);
        };
        let verb = match purpose {
            Purpose::Assign | Purpose::For => "assign to",
            Purpose::Delete => "delete",
        };
        let message = format!("cannot {verb} {}", self.describe(bad));
        self.raise_node(bad, message)
    }

    fn invalid_target(&self, id: Id, purpose: Purpose) -> Option<Id> {
        let node = self.get(id);
        match node.shape {
            Shape::Name | Shape::Attribute | Shape::Subscript => None,
            Shape::List | Shape::Tuple => {
                let mut children = node.children.iter();
                children.find_map(|&child| self.invalid_target(child, purpose))
            }
            Shape::Starred if purpose != Purpose::Delete => {
                self.invalid_target(node.children[0], purpose)
            }
            // `for x in y` reads as a comparison first.
            Shape::Membership if purpose == Purpose::For => {
                self.invalid_target(node.children[0], purpose)
            }
            Shape::Comparison if purpose == Purpose::For => None,
            _ => Some(id),
        }
    }

    /// What an expression is called in messages.
    pub fn describe(&self, id: Id) -> &'static str {
        match self.shape(id) {
            Shape::Name => "name",
            Shape::Attribute => "attribute",
            Shape::Subscript => "subscript",
            Shape::Starred => "starred",
            Shape::List => "list",
            Shape::Tuple => "tuple",
            Shape::Lambda => "lambda",
            Shape::Call => "function call",
            Shape::Operation => "expression",
            Shape::GeneratorExpression => "generator expression",
            Shape::Yield => "yield expression",
            Shape::Await => "await expression",
            Shape::ListComprehension => "list comprehension",
            Shape::SetComprehension => "set comprehension",
            Shape::DictComprehension => "dict comprehension",
            Shape::Dict => "dict literal",
            Shape::Set => "set display",
            Shape::FString => "f-string expression",
            Shape::TString => "t-string expression",
            Shape::True => "True",
            Shape::False => "False",
            Shape::None => "None",
            Shape::Ellipsis => "ellipsis",
            Shape::Literal => "literal",
            Shape::Comparison | Shape::Membership => "comparison",
            Shape::Conditional => "conditional expression",
            Shape::NamedExpression => "named expression",
            Shape::Keyword | Shape::DoubleStarred | Shape::Other => "expression",
        }
    }
}
