//! Parameters of functions and lambdas, and type parameters.

use super::recognizer::{Fail, Id, Match, Recognizer, Shape};

/// Who the parameters belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Function,
    Lambda,
}

impl Owner {
    /// What ends the parameters.
    fn end(self) -> &'static str {
        match self {
            Self::Function => ")",
            Self::Lambda => ":",
        }
    }
}

impl Recognizer<'_> {
    pub fn function_parameters(&mut self) -> Match<Id> {
        self.mistake(|p| p.invalid_parameters(Owner::Function))?;
        self.parameters(Owner::Function)
    }

    pub fn lambda_parameters(&mut self) -> Match<Id> {
        self.mistake(|p| p.invalid_parameters(Owner::Lambda))?;
        self.parameters(Owner::Lambda)
    }

    fn parameters(&mut self, owner: Owner) -> Match<Id> {
        let leading = self.opt(|p| p.slash_no_default(owner))?;
        if leading.is_some() {
            self.many(|p| p.parameter_no_default(owner))?;
            self.many(|p| p.parameter_with_default(owner))?;
            self.opt(|p| p.star_parameters(owner))?;
            return self.done();
        }
        if self.opt(|p| p.slash_with_default(owner))?.is_some() {
            self.many(|p| p.parameter_with_default(owner))?;
            self.opt(|p| p.star_parameters(owner))?;
            return self.done();
        }
        let plain = self.many(|p| p.parameter_no_default(owner))?;
        let default = self.many(|p| p.parameter_with_default(owner))?;
        if plain.is_empty() && default.is_empty() {
            return self.star_parameters(owner);
        }
        self.opt(|p| p.star_parameters(owner))?;
        self.done()
    }

    fn slash_no_default(&mut self, owner: Owner) -> Match<Id> {
        self.some(|p| p.parameter_no_default(owner))?;
        self.op("/")?;
        self.parameter_end(owner)
    }

    fn slash_with_default(&mut self, owner: Owner) -> Match<Id> {
        self.many(|p| p.parameter_no_default(owner))?;
        self.some(|p| p.parameter_with_default(owner))?;
        self.op("/")?;
        self.parameter_end(owner)
    }

    /// A comma, or the end of the parameters.
    fn parameter_end(&mut self, owner: Owner) -> Match<Id> {
        if self.opt(|p| p.op(","))?.is_none() {
            self.look(|p| p.op(owner.end()))?;
        }
        self.done()
    }

    fn parameter(&mut self, owner: Owner) -> Match<Id> {
        let start = self.here()?;
        self.name()?;
        if owner == Owner::Function {
            self.opt(|p| p.op(":").and_then(|_| p.expression()))?;
        }
        Ok(self.node(Shape::Name, start, vec![]))
    }

    fn parameter_no_default(&mut self, owner: Owner) -> Match<Id> {
        let parameter = self.parameter(owner)?;
        self.parameter_end(owner)?;
        Ok(parameter)
    }

    fn parameter_with_default(&mut self, owner: Owner) -> Match<Id> {
        let parameter = self.parameter(owner)?;
        self.default()?;
        self.parameter_end(owner)?;
        Ok(parameter)
    }

    fn parameter_maybe_default(&mut self, owner: Owner) -> Match<Id> {
        let parameter = self.parameter(owner)?;
        self.opt(|p| p.default())?;
        self.parameter_end(owner)?;
        Ok(parameter)
    }

    fn default(&mut self) -> Match<Id> {
        let found = self.opt(|p| p.op("=").and_then(|_| p.expression()))?;
        if let Some(found) = found {
            return Ok(found);
        }
        self.mistake(|p| {
            let equals = p.op("=")?;
            p.look(|p| p.one_of(&[")", ","]))?;
            p.raise_at_token(equals, "expected default value expression")
        })?;
        Err(Fail::No)
    }

    fn star_parameters(&mut self, owner: Owner) -> Match<Id> {
        if self.invalid {
            self.opt(|p| p.invalid_star_parameters(owner))?;
        }
        let plain = self.opt(|p| {
            p.op("*")?;
            p.parameter_no_default(owner)?;
            p.many(|p| p.parameter_maybe_default(owner))?;
            p.opt(|p| p.keyword_parameters(owner))
        })?;
        if plain.is_some() {
            return self.done();
        }
        let annotated = self.opt(|p| {
            if owner == Owner::Lambda {
                return Err(Fail::No);
            }
            p.op("*")?;
            p.name()?;
            p.op(":")?;
            if p.opt(|p| p.op("*").and_then(|_| p.bitwise_or()))?.is_none() {
                p.expression()?;
            }
            p.parameter_end(owner)?;
            p.many(|p| p.parameter_maybe_default(owner))?;
            p.opt(|p| p.keyword_parameters(owner))
        })?;
        if annotated.is_some() {
            return self.done();
        }
        let bare = self.opt(|p| {
            p.op("*")?;
            p.op(",")?;
            p.some(|p| p.parameter_maybe_default(owner))?;
            p.opt(|p| p.keyword_parameters(owner))
        })?;
        if bare.is_some() {
            return self.done();
        }
        self.keyword_parameters(owner)
    }

    fn keyword_parameters(&mut self, owner: Owner) -> Match<Id> {
        if self.invalid {
            self.opt(|p| p.invalid_keyword_parameters(owner))?;
        }
        self.op("**")?;
        self.parameter_no_default(owner)
    }

    fn invalid_keyword_parameters(&mut self, owner: Owner) -> Match<Id> {
        self.op("**")?;
        self.parameter(owner)?;
        if let Some(equals) = self.opt(|p| p.op("="))? {
            let message = "var-keyword argument cannot have default value";
            return self.raise_at_token(equals, message);
        }
        self.op(",")?;
        let message = "arguments cannot follow var-keyword argument";
        if let Some(parameter) = self.opt(|p| p.parameter(owner))? {
            return self.raise_node(parameter, message);
        }
        let token = self.one_of(&["*", "**", "/"])?;
        self.raise_at_token(token, message)
    }

    fn invalid_star_parameters(&mut self, owner: Owner) -> Match<Id> {
        self.opt(|p| {
            let star = p.op("*")?;
            if p.opt(|p| p.op(owner.end()))?.is_none() {
                p.op(",")?;
                p.one_of(&[owner.end(), "**"])?;
            }
            let message = "named arguments must follow bare *";
            match owner {
                Owner::Function => p.raise_at_token::<Id>(star, message),
                Owner::Lambda => p.raise_syntax(message),
            }
        })?;
        self.opt(|p| {
            p.op("*")?;
            p.parameter(owner)?;
            let equals = p.op("=")?;
            let message = "var-positional argument cannot have default value";
            p.raise_at_token::<Id>(equals, message)
        })?;
        self.op("*")?;
        self.star_follower(owner)?;
        self.many(|p| p.parameter_maybe_default(owner))?;
        let star = self.op("*")?;
        self.star_follower(owner)?;
        self.raise_at_token(star, "* argument may appear only once")
    }

    fn star_follower(&mut self, owner: Owner) -> Match<()> {
        if self.opt(|p| p.parameter_no_default(owner))?.is_none() {
            self.op(",")?;
        }
        Ok(())
    }

    fn invalid_parameters(&mut self, owner: Owner) -> Match<Id> {
        self.opt(|p| {
            let slash = p.op("/")?;
            p.op(",")?;
            p.raise_at_token::<Id>(slash, "at least one argument must precede /")
        })?;
        self.opt(|p| {
            p.any_slash(owner)?;
            p.many(|p| p.parameter_maybe_default(owner))?;
            let slash = p.op("/")?;
            p.raise_at_token::<Id>(slash, "/ may appear only once")
        })?;
        self.opt(|p| {
            p.opt(|p| p.slash_no_default(owner))?;
            p.many(|p| p.parameter_no_default(owner))?;
            if p.opt(|p| p.slash_with_default(owner))?.is_none() {
                p.some(|p| p.parameter_with_default(owner))?;
            }
            let a = p.parameter_no_default(owner)?;
            let message = "parameter without a default follows parameter with a default";
            p.raise_node::<Id>(a, message)
        })?;
        self.opt(|p| {
            p.many(|p| p.parameter_no_default(owner))?;
            let open = p.op("(")?;
            match owner {
                Owner::Function => drop(p.some(|p| p.parameter_no_default(owner))?),
                Owner::Lambda => drop(p.commas(|p| p.parameter(owner))?),
            }
            p.opt(|p| p.op(","))?;
            let close = p.op(")")?;
            let message = match owner {
                Owner::Function => "Function parameters cannot be parenthesized",
                Owner::Lambda => "Lambda expression parameters cannot be parenthesized",
            };
            p.raise_range::<Id>(open.start, close.end, message)
        })?;
        self.opt(|p| {
            p.opt(|p| p.any_slash(owner))?;
            p.many(|p| p.parameter_maybe_default(owner))?;
            p.op("*")?;
            if p.opt(|p| p.op(","))?.is_none() {
                p.parameter_no_default(owner)?;
            }
            p.many(|p| p.parameter_maybe_default(owner))?;
            let slash = p.op("/")?;
            p.raise_at_token::<Id>(slash, "/ must be ahead of *")
        })?;
        self.some(|p| p.parameter_maybe_default(owner))?;
        self.op("/")?;
        let star = self.op("*")?;
        self.raise_at_token(star, "expected comma between / and *")
    }

    fn any_slash(&mut self, owner: Owner) -> Match<Id> {
        match self.opt(|p| p.slash_no_default(owner))? {
            Some(found) => Ok(found),
            None => self.slash_with_default(owner),
        }
    }

    pub fn type_parameters(&mut self) -> Match<Id> {
        self.mistake(|p| {
            p.op("[")?;
            let close = p.op("]")?;
            p.raise_from_token(close, "Type parameter list cannot be empty")
        })?;
        self.op("[")?;
        self.commas(|p| p.type_parameter())?;
        self.opt(|p| p.op(","))?;
        self.op("]")?;
        self.done()
    }

    fn type_parameter(&mut self) -> Match<Id> {
        self.memo(|p| {
            let plain = p.opt(|p| {
                p.name()?;
                p.opt(|p| p.op(":").and_then(|_| p.expression()))?;
                p.opt(|p| p.op("=").and_then(|_| p.expression()))
            })?;
            if plain.is_some() {
                return p.done();
            }
            p.mistake(|p| {
                let star = p.one_of(&["*", "**"])?;
                p.name()?;
                let colon = p.op(":")?;
                let bound = p.expression()?;
                let what = match p.shape(bound) {
                    Shape::Tuple => "constraints",
                    _ => "bound",
                };
                let owner = match p.token_text(star) {
                    "*" => "TypeVarTuple",
                    _ => "ParamSpec",
                };
                p.raise_from_token(colon, format!("cannot use {what} with {owner}"))
            })?;
            let star = p.one_of(&["*", "**"])?;
            p.name()?;
            let single = p.token_text(star) == "*";
            p.opt(|p| {
                p.op("=")?;
                if single && p.opt(|p| p.op("*").and_then(|_| p.bitwise_or()))?.is_some() {
                    return Ok(());
                }
                p.expression().map(drop)
            })?;
            p.done()
        })
    }
}
