//! Expressions, and the mistakes made in them.

use super::recognizer::{Fail, Id, Match, Recognizer, Shape};
use super::token::{Kind, Token};

impl Recognizer<'_> {
    /// `rule` with commas: a tuple if there is a comma.
    fn tuple_of(&mut self, rule: fn(&mut Self) -> Match<Id>) -> Match<Id> {
        let start = self.here()?;
        let first = rule(self)?;
        let mut items = vec![first];
        items.extend(self.many(|p| p.op(",").and_then(|_| rule(p)))?);
        let comma = self.opt(|p| p.op(","))?;
        if items.len() == 1 && comma.is_none() {
            return Ok(first);
        }
        Ok(self.node(Shape::Tuple, start, items))
    }

    pub fn expressions(&mut self) -> Match<Id> {
        self.tuple_of(|p| p.expression())
    }

    pub fn star_expressions(&mut self) -> Match<Id> {
        self.tuple_of(|p| p.star_expression())
    }

    fn starred_or(&mut self, other: fn(&mut Self) -> Match<Id>) -> Match<Id> {
        let starred = self.opt(|p| {
            let star = p.op("*")?;
            let value = p.bitwise_or()?;
            Ok(p.node(Shape::Starred, star.start, vec![value]))
        })?;
        match starred {
            Some(starred) => Ok(starred),
            None => other(self),
        }
    }

    fn star_expression(&mut self) -> Match<Id> {
        self.memo(|p| p.starred_or(|p| p.expression()))
    }

    pub fn star_named_expression(&mut self) -> Match<Id> {
        self.starred_or(|p| p.named_expression())
    }

    /// Elements with an optional last comma.
    pub fn star_named_expressions(&mut self) -> Match<Vec<Id>> {
        let items = self.commas(|p| p.star_named_expression())?;
        self.opt(|p| p.op(","))?;
        Ok(items)
    }

    pub fn yield_expression(&mut self) -> Match<Id> {
        let word = self.op("yield")?;
        let from = self.opt(|p| p.op("from").and_then(|_| p.expression()))?;
        if from.is_none() {
            self.opt(|p| p.star_expressions())?;
        }
        Ok(self.node(Shape::Yield, word.start, vec![]))
    }

    /// The right-hand side of an assignment.
    pub fn assigned(&mut self) -> Match<Id> {
        self.any(&[|p| p.yield_expression(), |p| p.star_expressions()])
    }

    pub fn expression(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.mistake(|p| p.invalid_expression())?;
            p.mistake(|p| p.legacy_statement())?;
            p.any(&[
                |p| {
                    let start = p.here()?;
                    p.disjunction()?;
                    p.op("if")?;
                    p.disjunction()?;
                    p.op("else")?;
                    p.expression()?;
                    Ok(p.node(Shape::Conditional, start, vec![]))
                },
                |p| p.disjunction(),
                |p| p.lambda(),
            ])
        })
    }

    fn expression_without_mistakes(&mut self) -> Match<Id> {
        let invalid = std::mem::replace(&mut self.invalid, false);
        let result = self.any(&[
            |p| {
                let start = p.here()?;
                p.disjunction()?;
                p.op("if")?;
                p.disjunction()?;
                p.op("else")?;
                p.expression()?;
                Ok(p.node(Shape::Conditional, start, vec![]))
            },
            |p| p.disjunction(),
            |p| p.lambda(),
        ]);
        self.invalid = invalid;
        result
    }

    fn invalid_expression(&mut self) -> Match<Id> {
        self.opt(|p| {
            p.kind(Kind::String)?;
            let between = p.some(|p| {
                p.not(|p| p.kind(Kind::String))?;
                p.expression_without_mistakes()
            })?;
            p.kind(Kind::String)?;
            let (first, last) = (between[0], between[between.len() - 1]);
            let message = "invalid syntax. Is this intended to be part of the string?";
            p.raise_nodes::<Id>(first, last, message)
        })?;
        self.opt(|p| {
            // `print x` and `match x` have messages of their own.
            p.not(|p| {
                p.any(&[
                    |p| p.name().and_then(|_| p.kind(Kind::String)).map(drop),
                    |p| {
                        let soft = |p: &Recognizer<'_>, token: Token| {
                            token.kind == Kind::Name
                                && matches!(p.token_text(token), "_" | "case" | "match" | "type")
                        };
                        p.take(soft).map(drop)
                    },
                ])
            })?;
            let a = p.disjunction()?;
            let b = p.expression_without_mistakes()?;
            if p.is_legacy_name(a) || p.tokens[p.mark - 1].level == 0 {
                return Err(Fail::No);
            }
            p.raise_nodes::<Id>(a, b, "invalid syntax. Perhaps you forgot a comma?")
        })?;
        self.opt(|p| {
            let a = p.disjunction()?;
            p.op("if")?;
            let b = p.disjunction()?;
            p.not(|p| p.one_of(&["else", ":"]))?;
            p.raise_nodes::<Id>(a, b, "expected 'else' after 'if' expression")
        })?;
        self.opt(|p| {
            p.disjunction()?;
            p.op("if")?;
            p.disjunction()?;
            p.op("else")?;
            p.not(|p| p.expression())?;
            let token = p.current()?;
            let message = "expected expression after 'else', but statement is given";
            p.raise_at_token::<Id>(token, message)
        })?;
        self.opt(|p| {
            let word = p.one_of(&["pass", "break", "continue"])?;
            p.op("if")?;
            p.disjunction()?;
            p.op("else")?;
            p.simple_statement()?;
            let message = "expected expression before 'if', but statement is given";
            p.raise_at_token::<Id>(word, message)
        })?;
        self.opt(|p| {
            let word = p.op("lambda")?;
            p.opt(|p| p.lambda_parameters())?;
            let colon = p.op(":")?;
            let next =
                p.look(|p| p.take(|_, token| matches!(token.kind, Kind::FMiddle | Kind::TMiddle)));
            next?;
            if !p.in_interpolation() {
                return Err(Fail::No);
            }
            let letter = p.interpolation_letter();
            p.raise_range::<Id>(
                word.start,
                colon.end,
                format!("{letter}-string: lambda expressions are not allowed without parentheses"),
            )
        })?;
        Err(Fail::No)
    }

    fn is_legacy_name(&self, id: Id) -> bool {
        let node = self.get(id);
        let text = &self.text[node.start as usize..node.end as usize];
        node.shape == Shape::Name && matches!(text, "print" | "exec")
    }

    fn legacy_statement(&mut self) -> Match<Id> {
        let a = self.name()?;
        self.not(|p| p.op("("))?;
        let b = self.star_expressions()?;
        if !self.is_legacy_name(a) {
            return Err(Fail::No);
        }
        let node = self.get(a);
        let name = &self.text[node.start as usize..node.end as usize];
        let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
        self.raise_nodes(a, b, message)
    }

    pub fn assignment_expression(&mut self) -> Match<Id> {
        // Behind the operator nothing else can follow, so the failure is kept by the caller.
        let start = self.here()?;
        self.name()?;
        self.op(":=")?;
        self.expression()?;
        Ok(self.node(Shape::NamedExpression, start, vec![]))
    }

    pub fn named_expression(&mut self) -> Match<Id> {
        if let Some(found) = self.opt(|p| p.assignment_expression())? {
            return Ok(found);
        }
        self.mistake(|p| p.memo(|p| p.invalid_named_expression()))?;
        let value = self.expression()?;
        self.not(|p| p.op(":="))?;
        Ok(value)
    }

    fn invalid_named_expression(&mut self) -> Match<Id> {
        self.opt(|p| {
            let a = p.expression()?;
            p.op(":=")?;
            p.expression()?;
            let message = format!("cannot use assignment expressions with {}", p.describe(a));
            p.raise_node::<Id>(a, message)
        })?;
        self.opt(|p| {
            let a = p.name()?;
            p.op("=")?;
            let b = p.bitwise_or()?;
            p.not(|p| p.one_of(&["=", ":="]))?;
            let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
            p.raise_nodes::<Id>(a, b, message)
        })?;
        self.opt(|p| {
            p.not(|p| {
                p.any(&[
                    |p| p.list(),
                    |p| p.tuple(),
                    |p| p.generator(),
                    |p| p.one_of(&["True", "None", "False"]).and_then(|_| p.done()),
                ])
            })?;
            let a = p.bitwise_or()?;
            p.op("=")?;
            p.bitwise_or()?;
            p.not(|p| p.one_of(&["=", ":="]))?;
            let message = format!(
                "cannot assign to {} here. Maybe you meant '==' instead of '='?",
                p.describe(a)
            );
            p.raise_node::<Id>(a, message)
        })?;
        Err(Fail::No)
    }

    // Operators, from loosest to tightest

    pub fn disjunction(&mut self) -> Match<Id> {
        self.memo(|p| p.logical("or", |p| p.conjunction()))
    }

    fn conjunction(&mut self) -> Match<Id> {
        self.memo(|p| p.logical("and", |p| p.inversion()))
    }

    fn logical(&mut self, operator: &str, operand: fn(&mut Self) -> Match<Id>) -> Match<Id> {
        let start = self.here()?;
        let first = operand(self)?;
        let rest = self.many(|p| p.op(operator).and_then(|_| operand(p)))?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(self.node(Shape::Operation, start, vec![]))
    }

    fn inversion(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| {
                    let not = p.op("not")?;
                    p.inversion()?;
                    Ok(p.node(Shape::Operation, not.start, vec![]))
                },
                |p| p.comparison(),
            ])
        })
    }

    fn comparison(&mut self) -> Match<Id> {
        let start = self.here()?;
        let first = self.bitwise_or()?;
        let operators = self.many(|p| {
            let operator = p.comparison_operator()?;
            p.bitwise_or()?;
            Ok(operator)
        })?;
        match operators.first() {
            None => Ok(first),
            Some(&"in") => Ok(self.node(Shape::Membership, start, vec![first])),
            Some(_) => Ok(self.node(Shape::Comparison, start, vec![first])),
        }
    }

    fn comparison_operator(&mut self) -> Match<&'static str> {
        self.any(&[
            |p| {
                let token = p.one_of(&["==", "!=", "<=", "<", ">=", ">"])?;
                let beside = |p: &Self, next: Token| {
                    (token.end, p.token_text(token), p.token_text(next)) == (next.start, "<", ">")
                };
                if p.invalid
                    && let Some(next) = p.opt(|p| p.take(beside))?
                {
                    let message = "invalid syntax.  Maybe you meant '!=' instead of '<>'?";
                    return p.raise_range(token.start, next.end, message);
                }
                Ok("==")
            },
            |p| p.op("not").and_then(|_| p.op("in")).map(|_| "not in"),
            |p| p.op("in").map(|_| "in"),
            |p| p.op("is").and_then(|_| p.op("not")).map(|_| "is not"),
            |p| p.op("is").map(|_| "is"),
        ])
    }

    pub fn bitwise_or(&mut self) -> Match<Id> {
        self.memo(|p| p.binary(&["|"], |p| p.bitwise_xor()))
    }

    fn bitwise_xor(&mut self) -> Match<Id> {
        self.memo(|p| p.binary(&["^"], |p| p.bitwise_and()))
    }

    fn bitwise_and(&mut self) -> Match<Id> {
        self.memo(|p| p.binary(&["&"], |p| p.shift()))
    }

    fn shift(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.binary(&["<<", ">>"], |p| {
                p.mistake(|p| p.not_behind_operator())?;
                p.sum()
            })
        })
    }

    fn not_behind_operator(&mut self) -> Match<Id> {
        self.sum()?;
        self.one_of(&["+", "-", "*", "/", "%", "//", "@"])?;
        let not = self.op("not")?;
        let operand = self.inversion()?;
        let end = self.get(operand).end;
        self.raise_range(not.start, end, NOT_BEHIND_OPERATOR)
    }

    fn sum(&mut self) -> Match<Id> {
        self.memo(|p| p.binary(&["+", "-"], |p| p.term()))
    }

    fn term(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.binary(&["*", "/", "//", "%", "@"], |p| {
                p.mistake(|p| {
                    p.one_of(&["+", "-", "~"])?;
                    let not = p.op("not")?;
                    let operand = p.factor()?;
                    let end = p.get(operand).end;
                    p.raise_range(not.start, end, NOT_BEHIND_OPERATOR)
                })?;
                p.factor()
            })
        })
    }

    /// Operands with left-associative operators between them.
    fn binary(&mut self, operators: &[&str], operand: fn(&mut Self) -> Match<Id>) -> Match<Id> {
        let start = self.here()?;
        let first = operand(self)?;
        let rest = self.many(|p| p.one_of(operators).and_then(|_| operand(p)))?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(self.node(Shape::Operation, start, vec![]))
    }

    fn factor(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| {
                    let sign = p.one_of(&["+", "-", "~"])?;
                    p.factor()?;
                    Ok(p.node(Shape::Operation, sign.start, vec![]))
                },
                |p| {
                    let start = p.here()?;
                    let base = p.await_primary()?;
                    if p.opt(|p| p.op("**").and_then(|_| p.factor()))?.is_none() {
                        return Ok(base);
                    }
                    Ok(p.node(Shape::Operation, start, vec![]))
                },
            ])
        })
    }

    fn await_primary(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.any(&[
                |p| {
                    let word = p.op("await")?;
                    p.primary()?;
                    Ok(p.node(Shape::Await, word.start, vec![]))
                },
                |p| p.primary(),
            ])
        })
    }

    fn primary(&mut self) -> Match<Id> {
        self.memo(|p| {
            let start = p.here()?;
            let mut found = p.atom()?;
            while let Some(shape) = p.opt(|p| p.trailer())? {
                found = p.node(shape, start, vec![]);
            }
            Ok(found)
        })
    }

    /// What may follow an operand; the shape it makes of the whole.
    fn trailer(&mut self) -> Match<Shape> {
        self.any(&[
            |p| {
                p.op(".")?;
                p.name()?;
                Ok(Shape::Attribute)
            },
            |p| {
                p.generator()?;
                Ok(Shape::Call)
            },
            |p| {
                p.op("(")?;
                p.opt(|p| p.arguments())?;
                p.op(")")?;
                Ok(Shape::Call)
            },
            |p| {
                p.op("[")?;
                p.slices()?;
                p.op("]")?;
                Ok(Shape::Subscript)
            },
        ])
    }

    pub fn slices(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                let slice = p.slice()?;
                p.not(|p| p.op(","))?;
                Ok(slice)
            },
            |p| {
                p.commas(|p| p.any(&[|p| p.slice(), |p| p.starred_expression()]))?;
                p.opt(|p| p.op(","))?;
                p.done()
            },
        ])
    }

    fn slice(&mut self) -> Match<Id> {
        self.any(&[
            |p| {
                p.opt(|p| p.expression())?;
                p.op(":")?;
                p.opt(|p| p.expression())?;
                p.opt(|p| p.op(":").and_then(|_| p.opt(|p| p.expression())))?;
                p.done()
            },
            |p| p.named_expression(),
        ])
    }

    pub fn atom(&mut self) -> Match<Id> {
        let token = self.current()?;
        let shape = match token.kind {
            Kind::Name => Shape::Name,
            Kind::Number => Shape::Literal,
            Kind::String | Kind::FStart | Kind::TStart => return self.memo(|p| p.strings()),
            Kind::Keyword | Kind::Op => match self.token_text(token) {
                "True" => Shape::True,
                "False" => Shape::False,
                "None" => Shape::None,
                "..." => Shape::Ellipsis,
                "(" => {
                    return self.any(&[|p| p.tuple(), |p| p.group(), |p| p.generator()]);
                }
                "[" => return self.any(&[|p| p.list(), |p| p.list_comprehension()]),
                "{" => {
                    return self.any(&[
                        |p| p.dict(),
                        |p| p.set(),
                        |p| p.dict_comprehension(),
                        |p| p.set_comprehension(),
                    ]);
                }
                _ => return Err(Fail::No),
            },
            _ => return Err(Fail::No),
        };
        self.mark += 1;
        Ok(self.leaf(shape, token))
    }

    // Displays and comprehensions

    fn tuple(&mut self) -> Match<Id> {
        let open = self.op("(")?;
        let items = self.opt(|p| {
            let mut items = vec![p.star_named_expression()?];
            p.op(",")?;
            items.extend(p.opt(|p| p.star_named_expressions())?.unwrap_or_default());
            Ok(items)
        })?;
        self.op(")")?;
        Ok(self.node(Shape::Tuple, open.start, items.unwrap_or_default()))
    }

    fn group(&mut self) -> Match<Id> {
        let found = self.opt(|p| {
            p.op("(")?;
            let value = p.any(&[|p| p.yield_expression(), |p| p.named_expression()])?;
            p.op(")")?;
            Ok(value)
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            p.op("(")?;
            let starred = p.starred_expression()?;
            p.op(")")?;
            p.raise_node(starred, "cannot use starred expression here")
        })?;
        self.mistake(|p| {
            p.op("(")?;
            let stars = p.op("**")?;
            p.expression()?;
            p.op(")")?;
            p.raise_at_token(stars, "cannot use double starred expression here")
        })?;
        Err(Fail::No)
    }

    fn list(&mut self) -> Match<Id> {
        let open = self.op("[")?;
        let items = self
            .opt(|p| p.star_named_expressions())?
            .unwrap_or_default();
        self.op("]")?;
        Ok(self.node(Shape::List, open.start, items))
    }

    fn set(&mut self) -> Match<Id> {
        let open = self.op("{")?;
        let items = self.star_named_expressions()?;
        self.op("}")?;
        Ok(self.node(Shape::Set, open.start, items))
    }

    fn dict(&mut self) -> Match<Id> {
        let found = self.opt(|p| {
            let open = p.op("{")?;
            p.opt(|p| {
                p.key_values()?;
                p.opt(|p| p.op(","))
            })?;
            p.op("}")?;
            Ok(p.node(Shape::Dict, open.start, vec![]))
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        // Python's grammar looks for these mistakes in either run.
        self.opt(|p| {
            p.op("{")?;
            p.invalid_key_values()
        })?;
        Err(Fail::No)
    }

    fn key_values(&mut self) -> Match<()> {
        self.commas(|p| p.key_value()).map(drop)
    }

    fn key_value(&mut self) -> Match<Id> {
        self.any(&[
            |p| p.op("**").and_then(|_| p.bitwise_or()),
            |p| {
                p.expression()?;
                p.op(":")?;
                p.expression()
            },
        ])
    }

    fn invalid_key_values(&mut self) -> Match<Id> {
        self.opt(|p| {
            p.key_values()?;
            p.op(",")?;
            // Behind the first item it is clear that this is no set.
            p.opt(|p| {
                let key = p.expression()?;
                p.not(|p| p.op(":"))?;
                let (start, end) = (p.get(key).start, p.get(key).end);
                p.raise_key(start, end)
            })?;
            p.invalid_value()
        })?;
        self.invalid_value()
    }

    /// A key without a value: the caret is below the last character of the key.
    fn raise_key(&mut self, start: u32, end: u32) -> Match<Id> {
        let line = self.position(start).0;
        let end = self.position(end);
        self.raised.get_or_insert(super::recognizer::Raised {
            kind: super::SyntaxErrorKind::Syntax,
            message: "':' expected after dictionary key".into(),
            start: (line, end.1 - 1),
            end: (end.0, 0),
        });
        Err(Fail::Stop)
    }

    fn invalid_value(&mut self) -> Match<Id> {
        self.opt(|p| {
            p.expression()?;
            p.op(":")?;
            let star = p.op("*")?;
            p.bitwise_or()?;
            let message = "cannot use a starred expression in a dictionary value";
            p.raise_from::<Id>(star.start, message)
        })?;
        self.expression()?;
        let colon = self.op(":")?;
        self.look(|p| p.one_of(&["}", ","]))?;
        self.raise_at_token(colon, "expression expected after dictionary key and ':'")
    }

    fn list_comprehension(&mut self) -> Match<Id> {
        self.comprehension("[", "]", Shape::ListComprehension, |p| p.named_expression())
    }

    fn set_comprehension(&mut self) -> Match<Id> {
        self.comprehension("{", "}", Shape::SetComprehension, |p| p.named_expression())
    }

    pub fn generator(&mut self) -> Match<Id> {
        self.comprehension("(", ")", Shape::GeneratorExpression, |p| p.argument_value())
    }

    /// `name := value`, or an expression that no `:=` follows.
    pub fn argument_value(&mut self) -> Match<Id> {
        if let Some(found) = self.opt(|p| p.assignment_expression())? {
            return Ok(found);
        }
        let value = self.expression()?;
        self.not(|p| p.op(":="))?;
        Ok(value)
    }

    fn comprehension(
        &mut self,
        open: &str,
        close: &str,
        shape: Shape,
        element: fn(&mut Self) -> Match<Id>,
    ) -> Match<Id> {
        let found = self.opt(|p| {
            let open = p.op(open)?;
            element(p)?;
            p.for_clauses()?;
            p.op(close)?;
            Ok(p.node(shape, open.start, vec![]))
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| p.invalid_comprehension())?;
        Err(Fail::No)
    }

    fn invalid_comprehension(&mut self) -> Match<Id> {
        const PARENTHESES: &str = "did you forget parentheses around the comprehension target?";
        self.opt(|p| {
            p.one_of(&["[", "(", "{"])?;
            let starred = p.starred_expression()?;
            p.for_clauses()?;
            let message = "iterable unpacking cannot be used in comprehension";
            p.raise_node::<Id>(starred, message)
        })?;
        self.opt(|p| {
            p.one_of(&["[", "{"])?;
            let a = p.star_named_expression()?;
            p.op(",")?;
            let rest = p.star_named_expressions()?;
            p.for_clauses()?;
            let last = rest.last().copied().unwrap_or(a);
            p.raise_nodes::<Id>(a, last, PARENTHESES)
        })?;
        self.opt(|p| {
            p.one_of(&["[", "{"])?;
            let a = p.star_named_expression()?;
            let comma = p.op(",")?;
            p.for_clauses()?;
            let start = p.start(a);
            p.raise_range::<Id>(start, comma.end, PARENTHESES)
        })?;
        Err(Fail::No)
    }

    fn dict_comprehension(&mut self) -> Match<Id> {
        let found = self.opt(|p| {
            let open = p.op("{")?;
            p.expression()?;
            p.op(":")?;
            p.expression()?;
            p.for_clauses()?;
            p.op("}")?;
            Ok(p.node(Shape::DictComprehension, open.start, vec![]))
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            p.op("{")?;
            let stars = p.op("**")?;
            p.bitwise_or()?;
            p.for_clauses()?;
            p.op("}")?;
            p.raise_at_token(stars, "dict unpacking cannot be used in dict comprehension")
        })?;
        Err(Fail::No)
    }

    /// The `for` clauses of a comprehension; the node ends where they end.
    pub fn for_clauses(&mut self) -> Match<Id> {
        let start = self.here()?;
        self.some(|p| p.for_clause())?;
        Ok(self.node(Shape::Other, start, vec![]))
    }

    fn for_clause(&mut self) -> Match<()> {
        // Behind `in` the clause is settled: a failure there is not a mistake in the target.
        let begun = self.opt(|p| {
            p.opt(|p| p.op("async"))?;
            p.op("for")?;
            p.star_targets()?;
            p.op("in")
        })?;
        if begun.is_some() {
            self.disjunction()?;
            self.many(|p| p.op("if").and_then(|_| p.disjunction()))?;
            return Ok(());
        }
        self.mistake(|p| {
            p.opt(|p| p.op("async"))?;
            p.op("for")?;
            p.commas(|p| p.bitwise_or())?;
            p.opt(|p| p.op(","))?;
            p.not(|p| p.op("in"))?;
            p.raise_syntax("'in' expected after for-loop variables")
        })?;
        self.mistake(|p| p.invalid_for_target())?;
        Err(Fail::No)
    }

    pub fn invalid_for_target(&mut self) -> Match<Id> {
        self.opt(|p| p.op("async"))?;
        self.op("for")?;
        let targets = self.star_expressions()?;
        self.check_target(targets, super::targets::Purpose::For)
    }

    fn lambda(&mut self) -> Match<Id> {
        let word = self.op("lambda")?;
        self.opt(|p| p.lambda_parameters())?;
        self.op(":")?;
        self.expression()?;
        Ok(self.node(Shape::Lambda, word.start, vec![]))
    }
}

const NOT_BEHIND_OPERATOR: &str = "'not' after an operator must be parenthesized";
