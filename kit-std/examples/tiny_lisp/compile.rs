//! Data to code.

use super::*;

pub(super) struct Variable {
    pub(super) name: Arc<str>,
    pub(super) slot: usize,
    pub(super) boxed: bool,
}

/// One function while it is being compiled.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) code: Code,
    pub(super) locals: Vec<Variable>,
    pub(super) free: Vec<Arc<str>>,
    /// Values on the stack.
    pub(super) depth: usize,
}

pub(super) enum Place {
    Local(usize, bool),
    Free(usize),
    Global,
}

pub(super) struct Compiler<'l> {
    pub(super) lisp: &'l Lisp,
    pub(super) scopes: Vec<Scope>,
}

/// Whether a function inside of these forms mentions the name.
pub(super) fn is_captured(forms: &[Datum], name: &str, inside: bool) -> bool {
    forms.iter().any(|form| match form {
        Datum::List(items) => {
            let named_let = items.len() > 2
                && is_name(&items[0], "let")
                && matches!(items[1], Datum::Symbol(_));
            let function = items
                .first()
                .is_some_and(|first| is_name(first, "lambda") || is_name(first, "define"));
            is_captured(items, name, inside || function || named_let)
        }
        form => inside && is_name(form, name),
    })
}

impl Compiler<'_> {
    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("one is being compiled")
    }

    fn emit(&mut self, op: Op, operand: usize, effect: isize) -> Result<usize, String> {
        if operand >= 1 << 24 {
            return Err("the program is too large".into());
        }
        let scope = self.scope();
        scope.depth = scope.depth.wrapping_add_signed(effect);
        scope.code.units.push(op as u32 | (operand as u32) << 8);
        Ok(scope.code.units.len() - 1)
    }

    /// Makes a jump go to what is compiled next.
    fn land(&mut self, jump: usize) {
        let code = &mut self.scope().code;
        let here = code.units.len() as u32;
        code.units[jump] = code.units[jump] & 0xff | here << 8;
    }

    fn find(&mut self, name: &Arc<str>) -> Place {
        self.find_in(self.scopes.len() - 1, name)
    }

    fn find_in(&mut self, level: usize, name: &Arc<str>) -> Place {
        let scope = &self.scopes[level];
        if let Some(local) = scope.locals.iter().rev().find(|local| local.name == *name) {
            return Place::Local(local.slot, local.boxed);
        }
        if let Some(index) = scope.free.iter().position(|free| free == name) {
            return Place::Free(index);
        }
        if level == 0 || matches!(self.find_in(level - 1, name), Place::Global) {
            return Place::Global;
        }
        self.scopes[level].free.push(name.clone());
        Place::Free(self.scopes[level].free.len() - 1)
    }

    /// Compiles a form: its value is pushed, or returned if `tail`.
    fn form(&mut self, form: &Datum, tail: bool) -> Result<(), String> {
        match form {
            Datum::Int(value) if (0..1 << 24).contains(value) => {
                self.emit(Op::Int, *value as usize, 1).map(drop)?
            }
            Datum::Int(_) | Datum::Text(_) => self.constant(form)?,
            Datum::Symbol(name) => match (&**name, self.find(name)) {
                ("nil", Place::Global) => drop(self.emit(Op::Nil, 0, 1)?),
                ("t", Place::Global) => drop(self.emit(Op::True, 0, 1)?),
                (_, Place::Local(slot, false)) => drop(self.emit(Op::Local, slot, 1)?),
                (_, Place::Local(slot, true)) => drop(self.emit(Op::BoxLocal, slot, 1)?),
                (_, Place::Free(index)) => drop(self.emit(Op::Free, index, 1)?),
                (_, Place::Global) => drop(self.emit(Op::Global, self.lisp.number(name)?, 1)?),
            },
            Datum::List(items) if items.is_empty() => drop(self.emit(Op::Nil, 0, 1)?),
            Datum::List(items) => return self.list(items, tail),
        }
        self.finish(tail)
    }

    /// What was compiled has pushed its value.
    fn finish(&mut self, tail: bool) -> Result<(), String> {
        if tail {
            self.emit(Op::Return, 0, 0)?;
        }
        Ok(())
    }

    fn constant(&mut self, datum: &Datum) -> Result<(), String> {
        let constants = &mut self.scope().code.constants;
        constants.push(datum.clone());
        let index = constants.len() - 1;
        self.emit(Op::Constant, index, 1).map(drop)
    }

    fn body(&mut self, forms: &[Datum], tail: bool) -> Result<(), String> {
        let Some((last, before)) = forms.split_last() else {
            self.emit(Op::Nil, 0, 1)?;
            return self.finish(tail);
        };
        for form in before {
            self.form(form, false)?;
            self.emit(Op::Pop, 0, -1)?;
        }
        self.form(last, tail)
    }

    fn list(&mut self, items: &[Datum], tail: bool) -> Result<(), String> {
        let name = match &items[0] {
            Datum::Symbol(name) if matches!(self.find(name), Place::Global) => name.clone(),
            _ => return self.call(items, tail),
        };
        match (&*name, &items[1..]) {
            ("quote", [datum]) => self.constant(datum)?,
            ("if", [test, then, otherwise @ ..]) if otherwise.len() < 2 => {
                self.form(test, false)?;
                let no = self.emit(Op::JumpIfNil, 0, -1)?;
                self.form(then, tail)?;
                let end = self.emit(Op::Jump, 0, -1)?;
                self.land(no);
                self.body(otherwise, tail)?;
                self.land(end);
                return Ok(());
            }
            ("and" | "or", [form]) => return self.form(form, tail),
            ("and", [first, rest @ ..]) => {
                let rest = Datum::form("and", rest);
                return self.form(&Datum::form("if", &[first.clone(), rest]), tail);
            }
            ("or", [first, rest @ ..]) => {
                let (value, rest) = (Datum::Symbol(" ".into()), Datum::form("or", rest));
                let test = Datum::form("if", &[value.clone(), value.clone(), rest]);
                let binding = Datum::List([value, first.clone()].into());
                return self.bind(&[binding], &[test], tail);
            }
            ("begin", forms) => return self.body(forms, tail),
            ("define", [Datum::List(head), forms @ ..]) if !head.is_empty() => {
                self.lambda(&head[1..], forms)?;
                self.assign(&head[0], true)?;
            }
            ("define" | "set!", [target, value]) => {
                self.form(value, false)?;
                self.assign(target, *name == *"define")?;
            }
            ("lambda", [Datum::List(parameters), forms @ ..]) => self.lambda(parameters, forms)?,
            ("let", [Datum::List(bindings), forms @ ..]) => {
                return self.bind(bindings, forms, tail);
            }
            ("let", [Datum::Symbol(own), Datum::List(bindings), forms @ ..]) => {
                // (let ((own nil)) (set! own (lambda names forms...)) (own values...))
                let [names, values] =
                    [0, 1].map(|at| bindings.iter().map(move |b| Datum::part(b, at)));
                let (names, values): (Result<Vec<_>, _>, Result<Vec<_>, _>) =
                    (names.collect(), values.collect());
                let own = Datum::Symbol(own.clone());
                let function = [&[Datum::List(names?.into())], forms].concat();
                let set = Datum::form("set!", &[own.clone(), Datum::form("lambda", &function)]);
                let call = [vec![own.clone()], values?].concat();
                let binding = Datum::List([own, Datum::List([].into())].into());
                return self.bind(&[binding], &[set, Datum::List(call.into())], tail);
            }
            ("quote" | "if" | "define" | "set!" | "lambda" | "let", _) => {
                return Err(format!("`{name}` is written wrongly"));
            }
            (_, arguments) => match DIRECT
                .iter()
                .find(|(direct, count, _)| *direct == &*name && *count == arguments.len())
            {
                None => return self.call(items, tail),
                Some(&(_, count, op)) => {
                    arguments
                        .iter()
                        .try_for_each(|argument| self.form(argument, false))?;
                    self.emit(op, 0, 1 - count as isize)?;
                }
            },
        }
        self.finish(tail)
    }

    fn assign(&mut self, target: &Datum, define: bool) -> Result<(), String> {
        let Datum::Symbol(name) = target else {
            return Err("only a name can be given a value".into());
        };
        match self.find(name) {
            _ if define => drop(self.emit(Op::SetGlobal, self.lisp.number(name)?, 0)?),
            Place::Local(slot, false) => drop(self.emit(Op::SetLocal, slot, 0)?),
            Place::Local(slot, true) => drop(self.emit(Op::SetBoxLocal, slot, 0)?),
            Place::Free(index) => drop(self.emit(Op::SetFree, index, 0)?),
            Place::Global => drop(self.emit(Op::SetGlobal, self.lisp.number(name)?, 0)?),
        }
        Ok(())
    }

    fn bind(&mut self, bindings: &[Datum], forms: &[Datum], tail: bool) -> Result<(), String> {
        let from = self.scope().depth;
        let mut names = Vec::new();
        for binding in bindings {
            let Datum::Symbol(name) = Datum::part(binding, 0)? else {
                return Err("only a name can be bound".into());
            };
            self.form(&Datum::part(binding, 1)?, false)?;
            names.push(name);
        }
        let before = self.scope().locals.len();
        for (index, name) in names.into_iter().enumerate() {
            self.local(name, from + index, forms)?;
        }
        self.body(forms, tail)?;
        self.scope().locals.truncate(before);
        self.emit(Op::Slide, bindings.len(), -(bindings.len() as isize))
            .map(drop)
    }

    fn local(&mut self, name: Arc<str>, slot: usize, forms: &[Datum]) -> Result<(), String> {
        let boxed = is_captured(forms, &name, false);
        if boxed {
            self.emit(Op::Box, slot, 0)?;
        }
        self.scope().locals.push(Variable { name, slot, boxed });
        Ok(())
    }

    fn lambda(&mut self, parameters: &[Datum], forms: &[Datum]) -> Result<(), String> {
        self.scopes.push(Scope::default());
        let mut names = Vec::new();
        for parameter in parameters {
            match parameter {
                Datum::Symbol(name) if **name == *"." => self.scope().code.gathers = true,
                Datum::Symbol(name) => names.push(name.clone()),
                _ => return Err("a parameter is a name".into()),
            }
        }
        self.scope().code.parameters = names.len();
        self.scope().depth = names.len();
        for (slot, name) in names.into_iter().enumerate() {
            self.local(name, slot, forms)?;
        }
        self.body(forms, true)?;
        let scope = self.scopes.pop().expect("pushed above");
        for name in &scope.free {
            match self.find(name) {
                Place::Local(slot, _) => self.emit(Op::Local, slot, 1)?,
                Place::Free(index) => self.emit(Op::FreeCell, index, 1)?,
                Place::Global => return Err(format!("`{name}` is lost")),
            };
        }
        let count = scope.free.len();
        let inner = &mut self.scope().code.inner;
        inner.push((Arc::new(scope.code), count));
        let index = inner.len() - 1;
        self.emit(Op::Closure, index, 1 - count as isize).map(drop)
    }

    fn call(&mut self, items: &[Datum], tail: bool) -> Result<(), String> {
        let count = items.len() - 1;
        let global = match &items[0] {
            Datum::Symbol(name) if matches!(self.find(name), Place::Global) => {
                Some(self.lisp.number(name)?)
            }
            _ => None,
        };
        if let Some(number) = global.filter(|&number| number < 1 << 16 && count < 1 << 8) {
            items[1..]
                .iter()
                .try_for_each(|argument| self.form(argument, false))?;
            let op = if tail {
                Op::TailCallGlobal
            } else {
                Op::CallGlobal
            };
            return self
                .emit(op, number | count << 16, 1 - count as isize)
                .map(drop);
        }
        items.iter().try_for_each(|item| self.form(item, false))?;
        let op = if tail { Op::TailCall } else { Op::Call };
        self.emit(op, count, -(count as isize)).map(drop)
    }
}

impl Datum {
    fn form(name: &str, rest: &[Datum]) -> Datum {
        Datum::List([&[Datum::Symbol(name.into())], rest].concat().into())
    }

    fn part(binding: &Datum, at: usize) -> Result<Datum, String> {
        match binding {
            Datum::List(parts) if parts.len() == 2 => Ok(parts[at].clone()),
            _ => Err("a binding is a name and a value".into()),
        }
    }
}

pub(super) fn compile(lisp: &Lisp, form: &Datum) -> Result<Code, String> {
    let mut compiler = Compiler {
        lisp,
        scopes: vec![Scope::default()],
    };
    compiler.form(form, true)?;
    Ok(compiler.scopes.pop().expect("pushed above").code)
}
